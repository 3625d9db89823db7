/* Showing a receipt: see cli/output.h. */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/mem.h"

const char *const cli_format_words[] = { "text", "json", NULL };

static unsigned columns_of(int fd)
{
	const char *set = getenv("COLUMNS");
	unsigned long n = set ? strtoul(set, NULL, 10) : 0;

	if (n < 40 || n > 1000) {
		n = 80;
#ifdef TIOCGWINSZ
		struct winsize size;

		if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
			n = size.ws_col < 120 ? size.ws_col : 120;
#else
		(void)fd;
#endif
	}
	return (unsigned)n;
}

static bool wants_colour(int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(fd) && !(no && *no) && term && strcmp(term, "dumb") != 0;
}

static enum tally_status write_to(const struct tally_receipt *r, const struct cli_output *out,
                                  int fd, struct tally_err *err)
{
	struct tally_view_options view = TALLY_VIEW_OPTIONS_INIT;

	if (out->json || out->format == CLI_FORMAT_JSON)
		return tally_receipt_write_json(r, fd, err);
	view.columns = columns_of(fd);
	view.colour = wants_colour(fd);
	view.all = out->all;
	view.quiet = cli_quiet;
	return tally_receipt_write_text(r, &view, fd, err);
}

/* under its own name only when it is whole; a device or pipe is written to as it is */
static enum tally_status write_file(const struct tally_receipt *r, const struct cli_output *out,
                                    struct tally_err *err)
{
	struct stat st;
	char *temporary;
	enum tally_status status;
	int fd;

	if (stat(out->file, &st) == 0 && !S_ISREG(st.st_mode)) {
		fd = open(out->file, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		if (fd < 0)
			return tally_err_sys(err, TALLY_FATAL, "opening", out->file, errno);
		status = write_to(r, out, fd, err);
		close(fd);
		return status;
	}
	temporary = tally_alloc(strlen(out->file) + sizeof ".XXXXXX");
	if (!temporary)
		return tally_err_nomem(err);
	sprintf(temporary, "%s.XXXXXX", out->file);
	fd = mkstemp(temporary);
	status = fd < 0 ? tally_err_sys(err, TALLY_FATAL, "making", temporary, errno)
	                : write_to(r, out, fd, err);
	if (status >= 0 && fsync(fd) != 0)
		status = tally_err_sys(err, TALLY_FATAL, "writing", out->file, errno);
	if (fd >= 0 && close(fd) != 0 && status >= 0)
		status = tally_err_sys(err, TALLY_FATAL, "writing", out->file, errno);
	if (status >= 0 && rename(temporary, out->file) != 0)
		status = tally_err_sys(err, TALLY_FATAL, "writing", out->file, errno);
	if (status < 0 && fd >= 0)
		unlink(temporary);
	tally_free(temporary);
	return status;
}

int cli_show(const struct tally_receipt *r, const struct cli_output *out)
{
	struct tally_err err = { 0 };
	enum tally_status st = out->file ? write_file(r, out, &err)
	                                 : write_to(r, out, STDOUT_FILENO, &err);

	if (st < 0)
		return cli_trouble(&err);
	return out->exit_code && tally_receipt_differs(r) ? CLI_DIFFERS : CLI_OK;
}
