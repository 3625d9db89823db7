/* The table of verbs, and messages. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/progress.h"
#include "core/escape.h"
#include "receipt/words.h"

static bool incomplete; /* something could not be printed for lack of memory */

/* clang-format off */
const struct cli_verb cli_verbs[] = {
	{ "before",  "take a snapshot before somebody works on folders", cmd_before_options, cmd_before, cmd_before_help },
	{ "after",   "take the snapshot after it, and print the receipt", cmd_after_options, cmd_after, cmd_after_help },
	{ "diff",    "compare two folders, files, archives or snapshots", cmd_diff_options, cmd_diff, cmd_diff_help },
	{ "show",    "print a receipt again", cmd_show_options, cmd_show, cmd_show_help },
	{ "log",     "list the sessions", cmd_log_options, cmd_log, cmd_log_help },
	{ "where",   "what became of a path, and where its content is now", cmd_where_options, cmd_where, cmd_where_help },
	{ "snap",    "take a snapshot into a file of its own", cmd_snap_options, cmd_snap, cmd_snap_help },
	{ "list",    "list the entries of a snapshot", cmd_list_options, cmd_list, cmd_list_help },
	{ "verify",  "check that snapshots and receipts are whole and unaltered", cmd_verify_options, cmd_verify, cmd_verify_help },
	{ "forget",  "remove sessions from the store", cmd_forget_options, cmd_forget, cmd_forget_help },
	{ "version", "print the version", cmd_version_options, cmd_version, cmd_version_help },
	{ "help",    "help on a verb", cmd_help_options, cmd_help, cmd_help_help },
	{ NULL, NULL, NULL, NULL, NULL },
};
/* clang-format on */

const struct cli_verb *cli_verb_find(const char *name)
{
	for (const struct cli_verb *v = cli_verbs; v->name; v++)
		if (!strcmp(v->name, name))
			return v;
	return NULL;
}

__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args)
{
	char text[2048];
	struct tally_buf safe;

	/* what was typed, or read from a file, may be in it */
	vsnprintf(text, sizeof text, format, args);
	tally_buf_init(&safe, sizeof text * 8);
	cli_progress_done();
	if (tally_words_safe(&safe, text, strlen(text)))
		fprintf(stderr, "tally: %s\n", safe.bytes ? safe.bytes : "");
	tally_buf_release(&safe);
}

void cli_complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args);
	va_end(args);
}

void cli_remark(const char *format, ...)
{
	va_list args;

	if (cli_quiet)
		return;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

int cli_trouble(const struct tally_err *err)
{
	cli_complain("%s", err->message[0] ? err->message : "failed");
	return CLI_TROUBLE;
}

void cli_put_name(const char *bytes, size_t len)
{
	struct tally_buf shown;

	tally_buf_init(&shown, SIZE_MAX / 2);
	if (tally_escape_add(&shown, bytes, len))
		fputs(shown.bytes ? shown.bytes : "", stdout);
	else
		incomplete = true;
	tally_buf_release(&shown);
}

void cli_put_field(const char *label, const char *text)
{
	printf("  %-8s ", label);
	cli_put_name(text, strlen(text));
	putchar('\n');
}

int cli_finish(int status)
{
	if (fflush(stdout) != 0)
		cli_complain("writing to standard output failed: %s", strerror(errno));
	else if (ferror(stdout))
		cli_complain("writing to standard output failed");
	else if (incomplete)
		cli_complain("out of memory: not all was printed");
	else
		return status;
	return CLI_TROUBLE;
}
