/* tally forget: removes sessions from the store. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "core/mem.h"
#include "receipt/session.h"
#include "receipt/words.h"

static bool force;

const struct cli_option cmd_forget_options[] = {
	{ 'f', "force", CLI_FLAG, &force, NULL,
	  "also a session that is open, or whose session.json is damaged\nor missing", NULL },
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_forget_help(void)
{
	puts("usage: tally forget SESSION… [--force]\n\n"
	     "Removes sessions from the store, with their snapshots, kept contents and receipts, and\n"
	     "says what goes. The watched folders are not touched. Nothing is removed where one of\n"
	     "the sessions is not to be found, is open (unless --force), or is being worked on.\n"
	     "Status: 0 removed, 2 trouble.\n");
	cli_print_options(cmd_forget_options);
}

/* the contents that the snapshots keep may be the only copies of what was lost */
static void put_kept(const struct tally_session *s)
{
	static const char *const names[] = { "before.tally", "after.tally" };
	char size[TALLY_SIZE_MAX];

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *path = tally_session_path(s, names[i]);
		struct tally_snapshot *snapshot = NULL;
		const struct tally_snap_info *info;
		struct tally_buf contents;

		if (path && tally_snapshot_open(&snapshot, path, NULL) >= 0) {
			info = tally_snapshot_info(snapshot);
			tally_buf_init(&contents, 128);
			if (tally_words_plural(&contents, info->kept_files, "kept content",
			                       "kept contents"))
				printf("  goes     %s, with %s (%s)\n", names[i], contents.bytes,
				       tally_words_size(size, info->kept_bytes));
			tally_buf_release(&contents);
		}
		tally_snapshot_close(snapshot);
		tally_free(path);
	}
}

static void name(const struct tally_session *s)
{
	char began[TALLY_TIME_MAX];

	if (cli_quiet)
		return;
	tally_words_time(began, s->began_at_ns);
	if (s->began_at_ns)
		printf("Session %s of %.10s %.5s UTC%s\n", s->id, began, began + 11,
		       s->ended_at_ns ? "" : ", which is open");
	else
		printf("Session %s, whose session.json is damaged or missing\n", s->id);
	if (s->task)
		cli_put_field("task", s->task);
	for (size_t i = 0; i < s->root_count; i++)
		cli_put_field("folder", s->roots[i]);
	if (s->verdict)
		cli_put_field("receipt", s->verdict);
	put_kept(s);
}

/* a session that may go, locked */
static enum tally_status claim(struct tally_session **out, const char *id, struct tally_err *err)
{
	enum tally_status st = tally_session_open(out, id, err);

	if (st < 0 && force && (err->reason == TALLY_REASON_DAMAGED || err->sys == ENOENT))
		return tally_session_remains(out, id, err);
	if (st >= 0 && !(*out)->ended_at_ns && !force)
		return tally_err_set(
			err, TALLY_FATAL, TALLY_REASON_NONE,
			"session %s is open ('tally after %s' ends it); --force removes it all the same",
			(*out)->id, (*out)->id);
	return st < 0 ? st : tally_session_lock(*out, err);
}

static enum tally_status claim_all(struct tally_session **list, const struct cli_list *operands,
                                   struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < operands->count && st >= 0; i++) {
		st = claim(&list[i], operands->items[i], err);
		for (size_t k = 0; k < i && st >= 0; k++)
			if (!strcmp(list[k]->id, list[i]->id))
				st = tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
				                   "session %s is named twice", list[i]->id);
	}
	return st;
}

int cmd_forget(const struct cli_list *operands)
{
	struct tally_session **list = tally_alloc_zero(operands->count, sizeof(void *));
	struct tally_err err = { 0 };
	enum tally_status st = list ? TALLY_OK : tally_err_nomem(&err);

	if (operands->count == 0) {
		cli_complain("forget takes sessions: tally forget SESSION…; 'tally log' lists them");
		tally_free(list);
		return CLI_TROUBLE;
	}
	if (st >= 0)
		st = claim_all(list, operands, &err);
	for (size_t i = 0; i < operands->count && st >= 0; i++) {
		name(list[i]);
		st = tally_session_forget(list[i], &err);
	}
	for (size_t i = 0; list && i < operands->count; i++)
		tally_session_free(list[i]);
	tally_free(list);
	return st < 0 ? cli_trouble(&err) : CLI_OK;
}
