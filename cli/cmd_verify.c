/* tally verify: are snapshots and receipts whole and unaltered? */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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
	     "Checks snapshots (closing record, entries, every kept content) and receipts (digest,\n"
	     "sums). Without operands: all sessions. Status: 0 all whole, 1 something is damaged or\n"
	     "was altered, 2 trouble.\n");
	cli_print_options(cmd_verify_options);
}

static void on_problem(void *payload, const char *message)
{
	(void)payload;
	cli_complain("%s", message);
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
		cli_complain("%s", err.message);
		printf("%s: NOT whole\n", label);
		return st == TALLY_FATAL ? CLI_TROUBLE : CLI_DIFFERS;
	}
	printf("%s: whole\n", label);
	return CLI_OK;
}

static int verify_part(const struct tally_session *s, const char *name)
{
	char label[128];
	char *path = tally_session_path(s, name);
	int status;

	if (!path) {
		cli_complain("out of memory");
		return CLI_TROUBLE;
	}
	snprintf(label, sizeof label, "session %s, %s", s->id, name);
	status = verify_snapshot(path, label);
	tally_free(path);
	return status;
}

/* the snapshot beside a receipt must be the one that the receipt was made from */
static int verify_tie(const struct tally_session *s, const char *name, const char *digest)
{
	struct tally_snapshot *snapshot = NULL;
	struct tally_err err = { 0 };
	char seen[TALLY_DIGEST_TEXT_MAX];
	char *path = tally_session_path(s, name);
	int status = CLI_OK;

	if (!path || tally_snapshot_open(&snapshot, path, &err) < 0) {
		tally_free(path);
		return CLI_DIFFERS; /* told already */
	}
	tally_sha256_text(seen, &tally_snapshot_info(snapshot)->digest);
	if (!digest || strcmp(seen, digest) != 0) {
		printf("session %s, %s: NOT the snapshot of its receipt\n", s->id, name);
		status = CLI_DIFFERS;
	}
	tally_snapshot_close(snapshot);
	tally_free(path);
	return status;
}

static int verify_session(const struct tally_session *s)
{
	struct tally_receipt *receipt = NULL;
	struct tally_err err = { 0 };
	int status = verify_part(s, "before.tally");

	if (!s->ended_at_ns)
		return status;
	status = worse(status, verify_part(s, "after.tally"));
	if (tally_session_load_receipt(s, &receipt, &err) < 0) {
		cli_complain("%s", err.message);
		printf("session %s, receipt: NOT whole\n", s->id);
		return worse(status, CLI_DIFFERS);
	}
	printf("session %s, receipt: whole, its books balance\n", s->id);
	status = worse(status, verify_tie(s, "before.tally", receipt->before.digest));
	status = worse(status, verify_tie(s, "after.tally", receipt->after.digest));
	tally_receipt_free(receipt);
	return status;
}

static void on_broken(void *payload, const char *id, const char *message)
{
	cli_complain("session %s: %s", id, message);
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
	if (count == 0)
		cli_remark("no sessions to check");
	for (size_t i = 0; i < count; i++)
		status = worse(status, verify_session(list[i]));
	tally_session_list_free(list, count);
	return status;
}

static int verify_one(const char *what)
{
	struct tally_session *s = NULL;
	struct tally_err err = { 0 };
	struct stat st;
	int status;

	if (stat(what, &st) == 0)
		return verify_snapshot(what, what);
	if (tally_session_open(&s, what, &err) < 0)
		return cli_trouble(&err);
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
