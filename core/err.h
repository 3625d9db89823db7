/**
 * Results and errors: one ladder of statuses, and the details that go with the negative ones.
 *
 * Every function that can fail returns an enum tally_status. TALLY_OK and TALLY_END are good ends, every negative value
 * is a degree of failure. The details go into the struct tally_err of the caller, who may pass NULL.
 */
#ifndef TALLY_CORE_ERR_H
#define TALLY_CORE_ERR_H

#include "core/reason.h"

enum tally_status {
	TALLY_FATAL = -3,   /**< the run must stop: no memory, a store that cannot be written */
	TALLY_SKIP = -2,    /**< this item was not read; the reason says why */
	TALLY_PARTIAL = -1, /**< this item was read, but a part of it is not proven */
	TALLY_OK = 0,       /**< done */
	TALLY_END = 1,      /**< nothing more to come (cursors) */
};

enum { TALLY_ERR_MESSAGE_MAX = 512 };

/** What went wrong, in the words a user can act on. All zero means: nothing. */
struct tally_err {
	enum tally_status status; /**< as returned */
	enum tally_reason reason; /**< the row of core/reasons.def, or TALLY_REASON_NONE */
	int sys;                  /**< errno at the time, or 0 */
	char message[TALLY_ERR_MESSAGE_MAX]; /**< lower case, what failed first, subject in single quotes, no full stop */
};

/**
 * Fill an error and return its status, so that `return tally_err_set(…)` reads well.
 * @err     may be NULL
 * @status  negative
 * @reason  TALLY_REASON_NONE when no reason of the receipt applies
 * @format  printf format; names from outside may stand in it as they are: whoever shows the message escapes it
 */
enum tally_status tally_err_set(struct tally_err *err, enum tally_status status,
                                enum tally_reason reason, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * The same for a failed system call: "WHAT 'PATH': strerror". Maps errno to a reason (EACCES: permission …).
 * @path  bytes of a file name, escaped for display; may be NULL
 * @sys   the errno
 */
enum tally_status tally_err_sys(struct tally_err *err, enum tally_status status, const char *what,
                                const char *path, int sys);

/** Out of memory: TALLY_FATAL with a fixed message; never allocates. */
enum tally_status tally_err_nomem(struct tally_err *err);

/** The reason that the receipt gives for an errno: EACCES and EPERM are `permission`, EIO is `read_error` … */
enum tally_reason tally_reason_from_errno(int sys);

#endif
