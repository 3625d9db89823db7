/* tally after: takes the after snapshot, makes the receipt, stores and prints it. */
#include <stdio.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/find_session.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/snap_args.h"
#include "cli/table_args.h"
#include "core/mem.h"
#include "receipt/make.h"
#include "receipt/session.h"

static struct cli_snap_args args = CLI_SNAP_ARGS_INIT;
static struct cli_table_args tables = CLI_TABLE_ARGS_INIT;
static struct cli_output output;
static struct tally_table_wishes wishes;
static bool again;

const struct cli_option cmd_after_options[] = {
	CLI_OUTPUT_OPTIONS(output),
	{ 0, "exit-code", CLI_FLAG, &output.exit_code, NULL,
	  "status 1 when something differs or could not be verified", NULL },
	{ 0, "quick", CLI_FLAG, &args.quick, NULL,
	  "believe size, times and inode of the before snapshot instead of\nreading every file; the receipt counts such files as not verified",
	  NULL },
	{ 0, "again", CLI_FLAG, &again, NULL,
	  "take the after snapshot and make the receipt anew for a session\nthat has one", NULL },
	CLI_TABLE_OPTIONS(tables),
	CLI_SCOPE_OPTIONS(tables.allow),
	{ 0, "readers", CLI_NUMBER, &args.readers, "N", "files read side by side (default 24)", NULL },
	{ 0, "limit", CLI_LIMIT, &args.limits, "NAME=VALUE",
	  "raise a limit; 'tally help limits' lists them", NULL },
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_after_help(void)
{
	puts("usage: tally after [SESSION] [--format text|json] [-o FILE]\n\n"
	     "Takes the snapshot after the work and prints the receipt: what became of every file\n"
	     "and row, what could not be verified, and what to look at first. Without SESSION it is\n"
	     "the open session of the folder you are in, otherwise the newest open one; with --again\n"
	     "the newest one that has a receipt.\n");
	cli_print_options(cmd_after_options);
}

/* ---- which session ---- */

static enum tally_status find_session(struct tally_session **out, const struct cli_list *operands,
                                      struct tally_err *err)
{
	const char *id = operands->count ? operands->items[0] : NULL;
	enum tally_status st;

	if (operands->count > 1)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE, "one session at most");
	st = cli_find_session(out, id, again ? CLI_SESSION_CLOSED : CLI_SESSION_OPEN, err);
	if (st >= 0 && (*out)->ended_at_ns && !again)
		st = tally_err_set(
			err, TALLY_FATAL, TALLY_REASON_NONE,
			"session %s has its receipt ('tally show %s'); --again makes it anew",
			(*out)->id, (*out)->id);
	return st < 0 ? st : tally_session_lock(*out, err);
}

/*
 * What `before` said may change holds: `after` may say more of it and so make it narrower, but not say it anew, once it is known
 * what was done.
 */
static enum tally_status join_scope(const struct tally_session *s, struct tally_err *err)
{
	struct tally_scope_words *now = &wishes.allow;

	if ((s->allow_column_count && now->column_count) || (s->allow_rows && now->rows) ||
	    (s->allow_sheet_count && now->sheet_count))
		return tally_err_set(
			err, TALLY_FATAL, TALLY_REASON_NONE,
			"%s was given to 'tally before' and holds for session %s; 'tally diff' "
			"compares with another one",
			s->allow_column_count && now->column_count ? "--allow-columns"
			: s->allow_rows && now->rows               ? "--allow-rows"
								   : "--allow-sheets",
			s->id);
	if (s->allow_column_count) {
		now->columns = (const char *const *)s->allow_columns;
		now->column_count = s->allow_column_count;
	}
	if (s->allow_sheet_count) {
		now->sheets = (const char *const *)s->allow_sheets;
		now->sheet_count = s->allow_sheet_count;
	}
	if (s->allow_rows)
		now->rows = s->allow_rows;
	return TALLY_OK;
}

/* ---- the snapshot and the receipt ---- */

static enum tally_status take(struct tally_session *s, struct tally_snapshot **before,
                              struct tally_snapshot **after, struct tally_err *err)
{
	char *first = tally_session_path(s, "before.tally"),
	     *second = tally_session_path(s, "after.tally");
	struct tally_snap_options snap;
	enum tally_status st = first && second ? tally_snapshot_open(before, first, err)
	                                       : tally_err_nomem(err);

	if (st >= 0)
		st = tally_session_sealed(s, tally_snapshot_info(*before), err);
	cli_snap_options(&snap, &args);
	if (st >= 0)
		snap.session = &tally_snapshot_info(*before)->session;
	snap.earlier = *before;
	snap.roots_may_be_gone = true;
	snap.excludes = (const char *const *)s->excludes;
	snap.exclude_count = s->exclude_count;
	snap.sha256 = s->sha256;
	snap.cross_mounts = s->cross_mounts;
	snap.keep = (enum tally_keep)s->keep;
	args.limits.keep_budget = s->keep_budget;
	if (st >= 0)
		st = tally_snapshot_take(after, (const char *const *)s->roots, s->root_count,
		                         second, &snap, err);
	cli_progress_done();
	tally_free(first);
	tally_free(second);
	return st;
}

static enum tally_status make(struct tally_session *s, const struct tally_snapshot *before,
                              const struct tally_snapshot *after, struct tally_receipt **receipt,
                              struct tally_err *err)
{
	struct tally_make_options o = TALLY_MAKE_OPTIONS_INIT;
	enum tally_status st;

	o.limits = &args.limits;
	o.task = s->task;
	o.session_id = s->id;
	o.tables = wishes;
	o.live_after = true;
	o.sha256 = true;
	o.scratch = s->dir;
	o.progress = cli_progress_make;
	o.stop = &cli_stop;
	st = tally_receipt_make(receipt, before, after, &o, err);
	cli_progress_done();
	return st;
}

int cmd_after(const struct cli_list *operands)
{
	struct tally_snapshot *before = NULL, *after = NULL;
	struct tally_session *s = NULL;
	struct tally_receipt *receipt = NULL;
	struct tally_err err = { 0 };
	enum tally_status st;
	int status;

	if (!cli_table_wishes(&wishes, &tables))
		return CLI_TROUBLE;
	cli_signals();
	st = find_session(&s, operands, &err);
	if (st >= 0)
		st = join_scope(s, &err);
	if (st >= 0)
		st = take(s, &before, &after, &err);
	if (st >= 0)
		st = make(s, before, after, &receipt, &err);
	if (st >= 0)
		st = tally_session_store_receipt(s, receipt, &err);
	status = st < 0 ? cli_snap_trouble(&err, "make room, or move the store to another disk and let "
	                                         "XDG_STATE_HOME name its new place; how much a "
	                                         "session keeps is settled by 'tally before' "
	                                         "(--keep none, --keep-budget SIZE)")
	                : cli_show(receipt, &output);
	tally_receipt_free(receipt);
	tally_snapshot_close(after);
	tally_snapshot_close(before);
	tally_session_free(s);
	cli_table_args_release(&tables);
	cli_snap_args_release(&args);
	return status;
}
