/* tally diff: compares two folders, snapshots, files or archives. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/output.h"
#include "cli/progress.h"
#include "cli/snap_args.h"
#include "cli/table_args.h"
#include "core/mem.h"
#include "receipt/archive_snapshot.h"
#include "receipt/make.h"

static struct cli_snap_args args = CLI_SNAP_ARGS_INIT;
static struct cli_table_args tables = CLI_TABLE_ARGS_INIT;
static struct cli_output output = { .exit_code = true };
static const char *task;
static bool shallow;
static struct cli_number similarity = { 50, 1, 100 };
static struct tally_table_wishes wishes;

const struct cli_option cmd_diff_options[] = {
	CLI_OUTPUT_OPTIONS(output),
	CLI_TABLE_OPTIONS(tables),
	CLI_SCOPE_OPTIONS(tables.allow),
	{ 0, "shallow", CLI_FLAG, &shallow, NULL, "compare bytes only, look into no file", NULL },
	{ 0, "similarity", CLI_NUMBER, &similarity, "PERCENT",
	  "how alike two contents must be to count as one, edited\n(1 to 100, default 50)", NULL },
	{ 't', "task", CLI_TEXT, &task, "TEXT", "what was done, in a sentence", NULL },
	CLI_SNAP_OPTIONS(args),
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_diff_help(void)
{
	puts("usage: tally diff A B [--key COLUMN,…] [--format text|json] [-o FILE]\n\n"
	     "Compares two folders, two files, two snapshots, or a snapshot or archive with a\n"
	     "folder. Of an archive that holds one folder and nothing else, what is in that folder\n"
	     "is compared. Status: 0 nothing differs and all was verified, 1 something differs or\n"
	     "could not be verified, 2 trouble.\n");
	cli_print_options(cmd_diff_options);
}

enum what { IS_FOLDER, IS_FILE, IS_SNAPSHOT };

static enum tally_status look_at(const char *path, enum what *what, struct tally_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return tally_err_sys(err, TALLY_FATAL, "looking at", path, errno);
	if (S_ISDIR(st.st_mode))
		*what = IS_FOLDER;
	else if (S_ISREG(st.st_mode))
		*what = tally_snapshot_is(path) ? IS_SNAPSHOT : IS_FILE;
	else
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_SPECIAL_FILE,
		                     "'%s' is neither a folder nor a regular file", path);
	return TALLY_OK;
}

/* one side as a snapshot; what is not one already is made with @key, or a new secret when that is NULL */
static enum tally_status open_side(struct tally_snapshot **out, const char *path, enum what what,
                                   const struct tally_key *key, struct tally_err *err)
{
	struct tally_snap_options snap;

	if (what == IS_SNAPSHOT)
		return tally_snapshot_open(out, path, err);
	if (what == IS_FILE) {
		enum tally_status st = tally_archive_snapshot(out, path, key, &args.limits, err);

		if (st < 0 && err->reason == TALLY_REASON_FORMAT_UNKNOWN)
			st = tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
			                   "'%s' is a file that is neither a snapshot nor an archive; it "
			                   "can only be compared with another file",
			                   path);
		return st;
	}
	cli_snap_options(&snap, &args);
	snap.key = key;
	return tally_snapshot_look(out, &path, 1, &snap, err);
}

/* a stored snapshot brings the secret, so it goes first */
static enum tally_status open_both(struct tally_snapshot *out[2], const char *const *paths,
                                   const enum what *what, struct tally_err *err)
{
	int first = what[1] == IS_SNAPSHOT && what[0] != IS_SNAPSHOT ? 1 : 0;
	enum tally_status st;

	if (what[0] == IS_SNAPSHOT && what[1] == IS_SNAPSHOT)
		return tally_snapshot_open_two(out, paths, err);
	st = open_side(&out[first], paths[first], what[first], NULL, err);
	if (st >= 0)
		st = open_side(&out[!first], paths[!first], what[!first],
		               tally_snapshot_key(out[first]), err);
	cli_progress_done();
	return st;
}

static bool same_place(const struct tally_snapshot *a, const struct tally_snapshot *b)
{
	const struct tally_tree *x = tally_snapshot_tree(a), *y = tally_snapshot_tree(b);

	if (x->root_count == 0 || x->root_count != y->root_count)
		return false;
	for (uint32_t i = 0; i < x->root_count; i++)
		if (strcmp(x->roots[i].path, y->roots[i].path) != 0)
			return false;
	return true;
}

static bool same_secret(const struct tally_snapshot *a, const struct tally_snapshot *b)
{
	return memcmp(tally_snapshot_key(a)->secret, tally_snapshot_key(b)->secret,
	              TALLY_SECRET_SIZE) == 0;
}

static enum tally_status compare(struct tally_receipt **receipt, const char *const *paths,
                                 struct tally_err *err)
{
	struct tally_make_options o = TALLY_MAKE_OPTIONS_INIT;
	struct tally_snapshot *sides[2] = { NULL, NULL };
	char *below[2] = { NULL, NULL };
	enum what what[2];
	enum tally_status st = look_at(paths[0], &what[0], err);

	if (st >= 0)
		st = look_at(paths[1], &what[1], err);
	if (st < 0)
		return st;
	o.tables = wishes;
	o.limits = &args.limits;
	o.task = task;
	o.names[0] = paths[0];
	o.names[1] = paths[1];
	o.sha256 = args.sha256;
	o.shallow = shallow;
	o.similarity = (unsigned)similarity.value * 10;
	o.progress = cli_progress_make;
	o.stop = &cli_stop;
	if (what[0] == IS_FILE && what[1] == IS_FILE)
		return tally_receipt_make_pair(receipt, paths, &o, err);
	st = open_both(sides, paths, what, err);
	if (st >= 0 && !same_secret(sides[0], sides[1]))
		st = tally_snapshot_by_sha256(sides[0], sides[1], err);
	for (int i = 0; i < 2 && st >= 0; i++) {
		o.archive[i] = what[i] == IS_FILE;
		if (o.archive[i])
			st = tally_archive_enter(&sides[i], sides[!i], &below[i], err);
		if (below[i])
			o.below[i] = (struct tally_name){ below[i], strlen(below[i]) };
	}
	if (st >= 0) {
		o.same_place = same_place(sides[0], sides[1]);
		o.live_before = what[0] == IS_FOLDER;
		o.live_after = what[1] == IS_FOLDER;
		st = tally_receipt_make(receipt, sides[0], sides[1], &o, err);
	}
	tally_snapshot_close(sides[0]);
	tally_snapshot_close(sides[1]);
	tally_free(below[0]);
	tally_free(below[1]);
	return st;
}

int cmd_diff(const struct cli_list *operands)
{
	struct tally_receipt *receipt = NULL;
	struct tally_err err = { 0 };
	enum tally_status st;
	int status = CLI_TROUBLE;

	if (operands->count != 2) {
		cli_complain("diff takes two paths: tally diff BEFORE AFTER");
		return CLI_TROUBLE;
	}
	if (!cli_table_wishes(&wishes, &tables))
		return CLI_TROUBLE;
	cli_signals();
	st = compare(&receipt, operands->items, &err);
	cli_progress_done();
	status = st < 0 ? cli_trouble(&err) : cli_show(receipt, &output);
	tally_receipt_free(receipt);
	cli_table_args_release(&tables);
	cli_snap_args_release(&args);
	return status;
}
