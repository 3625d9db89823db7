/* tally before: opens a session and takes the before snapshot. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/snap_args.h"
#include "cli/table_args.h"
#include "core/mem.h"
#include "receipt/session.h"
#include "receipt/words.h"

static struct cli_snap_args args = CLI_SNAP_ARGS_INIT;
static const char *task;
static bool print_id;
static struct cli_scope_args allow;

const struct cli_option cmd_before_options[] = {
	{ 't', "task", CLI_TEXT, &task, "TEXT", "what is going to be done, in a sentence", NULL },
	CLI_SCOPE_OPTIONS(allow),
	CLI_KEEP_OPTIONS(args),
	CLI_SNAP_OPTIONS(args),
	{ 0, "id", CLI_FLAG, &print_id, NULL,
	  "print nothing but the session's id on standard output", NULL },
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_before_help(void)
{
	puts("usage: tally before [DIR|FILE…] [--task TEXT]\n\n"
	     "Opens a session and takes a snapshot of the folders or files named (the folder you\n"
	     "are in when none is), before somebody works on them. 'tally after' takes the one\n"
	     "after it and prints the receipt. With -q the session's id is all that is printed.\n");
	cli_print_options(cmd_before_options);
}

static enum tally_status add_text(char ***list, size_t *count, const char *text, struct tally_err *err)
{
	char **grown = tally_realloc(*list, *count + 1, sizeof **list);

	if (!grown)
		return tally_err_nomem(err);
	*list = grown;
	grown[*count] = tally_dup(text, strlen(text));
	if (!grown[*count])
		return tally_err_nomem(err);
	(*count)++;
	return TALLY_OK;
}

/* what `after` needs to do the same again */
static enum tally_status remember(struct tally_session *s, const struct cli_list *roots,
                                  struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < roots->count && st >= 0; i++) {
		char *real = realpath(roots->items[i], NULL);

		st = add_text(&s->roots, &s->root_count, real ? real : roots->items[i], err);
		free(real);
	}
	for (size_t i = 0; i < args.excludes.count && st >= 0; i++)
		st = add_text(&s->excludes, &s->exclude_count, args.excludes.items[i], err);
	for (size_t i = 0; i < allow.columns.count && st >= 0; i++)
		st = add_text(&s->allow_columns, &s->allow_column_count, allow.columns.items[i], err);
	for (size_t i = 0; i < allow.sheets.count && st >= 0; i++)
		st = add_text(&s->allow_sheets, &s->allow_sheet_count, allow.sheets.items[i], err);
	if (allow.rows && st >= 0) {
		s->allow_rows = tally_dup(allow.rows, strlen(allow.rows));
		if (!s->allow_rows)
			st = tally_err_nomem(err);
	}
	if (task && st >= 0) {
		s->task = tally_dup(task, strlen(task));
		if (!s->task)
			st = tally_err_nomem(err);
	}
	s->sha256 = args.sha256;
	s->cross_mounts = args.cross_mounts;
	s->keep = args.keep;
	s->keep_budget = args.limits.keep_budget;
	return st;
}

static void report(const struct tally_session *s, const struct tally_snap_info *info)
{
	char bytes[TALLY_SIZE_MAX], kept[TALLY_SIZE_MAX], unread[TALLY_COUNT_MAX];
	struct tally_buf files, folders;

	if (print_id || cli_quiet) {
		puts(s->id);
		return;
	}
	tally_buf_init(&files, 128);
	tally_buf_init(&folders, 128);
	if (tally_words_plural(&files, info->files, "file", "files") &&
	    (!info->folders || (tally_buf_text(&folders, " in ") &&
	                        tally_words_plural(&folders, info->folders, "folder", "folders"))))
		printf("Session %s: %s%s, %s, read in %.1f s; %s kept.\n", s->id, files.bytes,
		       folders.bytes ? folders.bytes : "", tally_words_size(bytes, info->bytes),
		       info->seconds, tally_words_size(kept, info->kept_bytes));
	tally_buf_release(&files);
	tally_buf_release(&folders);
	if (info->unread)
		printf("%s of the files could not be read; the receipt will name them.\n",
		       tally_words_count(unread, info->unread));
	puts("Do the work now; then run 'tally after'.");
}

static enum tally_status take(struct tally_session *s, const struct cli_list *roots,
                              struct tally_err *err)
{
	struct tally_snap_options snap;
	struct tally_snapshot *before = NULL;
	struct tally_sha256 seal;
	char *path = tally_session_path(s, "before.tally");
	enum tally_status st = path ? TALLY_OK : tally_err_nomem(err);

	cli_snap_options(&snap, &args);
	snap.session = &seal;
	if (st >= 0)
		st = remember(s, roots, err);
	if (st >= 0 && !tally_session_seal(s, &seal))
		st = tally_err_nomem(err);
	if (st >= 0)
		st = tally_snapshot_take(&before, roots->items, roots->count, path, &snap, err);
	cli_progress_done();
	if (st >= 0)
		st = tally_session_save(s, err);
	if (st >= 0)
		cli_snap_remarks(before);
	if (st >= 0)
		report(s, tally_snapshot_info(before));
	tally_snapshot_close(before);
	tally_free(path);
	return st;
}

/* a root that is not there is a typing error now; at the end of the work it would be a loss */
static enum tally_status check_roots(const struct cli_list *roots, struct tally_err *err)
{
	struct stat st;

	for (size_t i = 0; i < roots->count; i++)
		if (stat(roots->items[i], &st) != 0)
			return tally_err_sys(err, TALLY_FATAL, "looking at", roots->items[i], errno);
	return TALLY_OK;
}

static void on_unfinished(void *payload, const struct tally_unfinished *what)
{
	(void)payload;
	if (what->removed)
		cli_remark("session %s was interrupted before it was whole; cleared away", what->id);
}

int cmd_before(const struct cli_list *operands)
{
	static const char *here[] = { "." };
	const struct cli_list this_folder = { here, 1, 0 };
	const struct cli_list *roots = operands->count ? operands : &this_folder;
	struct tally_scope_words words;
	struct tally_session *s = NULL;
	struct tally_err err = { 0 };
	enum tally_status st;

	if (!cli_scope_words(&words, &allow))
		return CLI_TROUBLE;
	cli_signals();
	st = check_roots(roots, &err);
	if (st >= 0)
		st = tally_store_outside(roots->items, roots->count, &err);
	if (st >= 0)
		st = tally_session_unfinished(true, on_unfinished, NULL, &err);
	if (st >= 0)
		st = tally_session_new(&s, &err);
	if (st >= 0) {
		st = take(s, roots, &err);
		if (st < 0)
			tally_session_discard(s);
	}
	tally_session_free(s);
	cli_snap_args_release(&args);
	cli_scope_args_release(&allow);
	return st < 0 ? cli_snap_trouble(&err,
	                                 "make room, let XDG_STATE_HOME name a folder on another disk, "
	                                 "or keep less: --keep none, --keep-budget SIZE")
	              : CLI_OK;
}
