/* tally verify: are snapshots and receipts whole and unaltered? */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/find_session.h"
#include "core/mem.h"
#include "snap/snapshot.h"

const struct cli_option cmd_verify_options[] = {
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_verify_help(void)
{
	puts("usage: tally verify [SESSION|SNAPSHOT…]\n\n"
	     "Checks snapshots (closing record, entries, every kept content), receipts (digest, sums)\n"
	     "and sessions: task, folders and options are sealed in the snapshots; these, the verdict\n"
	     "and the times must be those of snapshots and receipt. What is sealed of a snapshot is\n"
	     "all that it says; bytes of the file that say nothing (free room of the database) are\n"
	     "not. Without operands: all sessions. -q prints what is wrong only.\n"
	     "Status: 0 all whole, 1 something is missing, damaged or was altered, 2 trouble, a file\n"
	     "that is no snapshot for example. Nothing is signed: who can write to the store can\n"
	     "replace a session as a whole.\n");
	cli_print_options(cmd_verify_options);
}

static void on_problem(void *payload, const char *message)
{
	(void)payload;
	cli_complain("%s", message);
}

/* With -q only what is wrong is printed, and that goes to standard error as well. */
__attribute__((format(printf, 1, 2))) static void good(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!cli_quiet)
		vprintf(format, args);
	va_end(args);
}

static int worse(int a, int b)
{
	return a > b ? a : b;
}

static int verify_snapshot(const char *path, const char *label)
{
	struct tally_err err = { 0 };
	enum tally_status st = tally_snapshot_verify(path, on_problem, NULL, &err);

	if (st < 0) {
		if (st == TALLY_FATAL) /* otherwise it was among the problems */
			cli_complain("%s", err.message);
		printf("%s: NOT whole\n", label);
		return st == TALLY_FATAL ? CLI_TROUBLE : CLI_DIFFERS;
	}
	good("%s: whole\n", label);
	return CLI_OK;
}

/* one snapshot of a session, and opened where it is whole; that it is missing is damage as well */
static int verify_part(const struct tally_session *s, const char *name, struct tally_snapshot **out)
{
	char label[128];
	char *path = tally_session_path(s, name);
	int status = CLI_OK;
	struct stat st;

	if (!path) {
		cli_complain("out of memory");
		return CLI_TROUBLE;
	}
	snprintf(label, sizeof label, "session %s, %s", s->id, name);
	if (stat(path, &st) != 0 && errno == ENOENT) {
		printf("%s: MISSING\n", label);
		status = CLI_DIFFERS;
	} else {
		status = verify_snapshot(path, label);
		if (status == CLI_OK && tally_snapshot_open(out, path, NULL) < 0)
			status = CLI_DIFFERS; /* altered since it was checked */
	}
	tally_free(path);
	return status;
}

static int verify_receipt(const struct tally_session *s, struct tally_receipt **out)
{
	struct tally_err err = { 0 };
	enum tally_status st = tally_session_load_receipt(s, out, &err);

	if (st >= 0) {
		good("session %s, receipt: whole, its books balance\n", s->id);
		return CLI_OK;
	}
	cli_complain("%s", err.message);
	printf("session %s, receipt: %s\n", s->id, err.sys == ENOENT ? "MISSING" : "NOT whole");
	return CLI_DIFFERS;
}

static int verify_session(const struct tally_session *s)
{
	struct tally_snapshot *before = NULL, *after = NULL;
	struct tally_receipt *receipt = NULL;
	int status = verify_part(s, "before.tally", &before);

	if (s->ended_at_ns) {
		status = worse(status, verify_part(s, "after.tally", &after));
		status = worse(status, verify_receipt(s, &receipt));
	}
	if (tally_session_compare(s, before, after, receipt, on_problem, NULL)) {
		printf("session %s, session.json: does NOT fit\n", s->id);
		status = worse(status, CLI_DIFFERS);
	} else {
		good("session %s, session.json: %s\n", s->id,
		     status == CLI_OK ? "fits" : "fits as far as that could be checked");
	}
	tally_receipt_free(receipt);
	tally_snapshot_close(after);
	tally_snapshot_close(before);
	return status;
}

static void on_broken(void *payload, const char *id, const char *message)
{
	cli_complain("session %s: %s", id, message);
	*(int *)payload = CLI_DIFFERS;
}

static void on_unfinished(void *payload, const struct tally_unfinished *what)
{
	if (what->alive || !what->holds)
		return; /* begun right now, or interrupted before there was anything to verify */
	printf("session %s, session.json: MISSING\n", what->id);
	*(int *)payload = CLI_DIFFERS;
}

static int verify_all(void)
{
	struct tally_session **list = NULL;
	struct tally_err err = { 0 };
	size_t count = 0;
	int status = CLI_OK;

	if (tally_session_list(&list, &count, on_broken, &status, &err) < 0)
		return cli_trouble(&err);
	if (tally_session_unfinished(false, on_unfinished, &status, &err) < 0)
		status = cli_trouble(&err);
	if (count == 0)
		cli_remark("no sessions to check");
	for (size_t i = 0; i < count; i++)
		status = worse(status, verify_session(list[i]));
	tally_session_list_free(list, count);
	return status;
}

/* a file that happens to have a session's id for its name does not hide the session */
static bool is_id(const char *what)
{
	return strlen(what) > 8 && strspn(what, "0123456789abcdef-") == strlen(what);
}

static int not_one(const char *what, const struct stat *st)
{
	if (S_ISREG(st->st_mode) && access(what, R_OK) != 0)
		cli_complain("'%s' cannot be read: %s", what, strerror(errno));
	else
		cli_complain("'%s' is %s: there is nothing to verify", what,
		             S_ISREG(st->st_mode) ? "no snapshot" : "no file");
	return CLI_TROUBLE;
}

static int verify_one(const char *what)
{
	struct tally_session *s = NULL;
	struct tally_err err = { 0 };
	struct stat st;
	int status;

	if (stat(what, &st) == 0 && tally_snapshot_is(what))
		return verify_snapshot(what, what);
	if (stat(what, &st) == 0 && !is_id(what))
		return not_one(what, &st);
	if (tally_session_open(&s, what, &err) < 0) {
		cli_trouble(&err);
		return err.reason == TALLY_REASON_DAMAGED || err.sys == ENOENT ? CLI_DIFFERS
		                                                               : CLI_TROUBLE;
	}
	status = verify_session(s);
	tally_session_free(s);
	return status;
}

int cmd_verify(const struct cli_list *operands)
{
	int status = CLI_OK;

	if (operands->count == 0)
		status = verify_all();
	for (size_t i = 0; i < operands->count; i++)
		status = worse(status, verify_one(operands->items[i]));
	return status;
}
