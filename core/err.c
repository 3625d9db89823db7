/* Results and errors: see core/err.h. Nothing here allocates, so that running out of memory can be told. */
#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/escape.h"

static void err_fill(struct tally_err *err, enum tally_status status, enum tally_reason reason,
                     int sys)
{
	err->status = status;
	err->reason = reason;
	err->sys = sys;
}

enum tally_status tally_err_set(struct tally_err *err, enum tally_status status,
                                enum tally_reason reason, const char *format, ...)
{
	va_list args;

	if (!err)
		return status;
	err_fill(err, status, reason, 0);
	va_start(args, format);
	vsnprintf(err->message, sizeof err->message, format, args);
	va_end(args);
	return status;
}

enum tally_reason tally_reason_from_errno(int sys)
{
	switch (sys) {
	case EACCES:
	case EPERM:
		return TALLY_REASON_PERMISSION;
	case ENOENT:
	case ESTALE:
		return TALLY_REASON_VANISHED;
	case ENAMETOOLONG:
		return TALLY_REASON_NAME_TOO_LONG;
	case ELOOP:
	case ENOTDIR:
		return TALLY_REASON_CHANGED_WHILE_READING;
	case ENXIO:
	case ENODEV:
		return TALLY_REASON_SPECIAL_FILE;
	case EMFILE:
	case ENFILE:
		return TALLY_REASON_LIMIT;
	default:
		return TALLY_REASON_READ_ERROR;
	}
}

enum tally_status tally_err_sys(struct tally_err *err, enum tally_status status, const char *what,
                                const char *path, int sys)
{
	char shown[256] = "";
	char why[96];

	if (!err)
		return status;
	err_fill(err, status, tally_reason_from_errno(sys), sys);
	if (strerror_r(sys, why, sizeof why))
		snprintf(why, sizeof why, "error %d", sys);
	if (path)
		tally_escape_into(shown, sizeof shown, path, strlen(path));
	if (path)
		snprintf(err->message, sizeof err->message, "%s '%s': %s", what, shown, why);
	else
		snprintf(err->message, sizeof err->message, "%s: %s", what, why);
	return status;
}

enum tally_status tally_err_nomem(struct tally_err *err)
{
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NO_MEMORY, "out of memory");
}
