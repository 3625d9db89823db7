/* tally snap: a snapshot as a file of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/snap_args.h"
#include "core/mem.h"
#include "core/path.h"
#include "receipt/words.h"

static struct cli_snap_args args = CLI_SNAP_ARGS_INIT;
static const char *file, *like;
static bool force;

const struct cli_option cmd_snap_options[] = {
	{ 'o', "output", CLI_TEXT, &file, "FILE", "the snapshot to make", NULL },
	{ 'f', "force", CLI_FLAG, &force, NULL, "replace FILE if it is there already", NULL },
	{ 0, "like", CLI_TEXT, &like, "SNAPSHOT",
	  "use the secret of an earlier snapshot, so that the two can be\ncompared, and keep only contents that it does not keep",
	  NULL },
	{ 0, "quick", CLI_FLAG, &args.quick, NULL,
	  "with --like: believe size, times and inode instead of reading", NULL },
	CLI_KEEP_OPTIONS(args),
	CLI_SNAP_OPTIONS(args),
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_snap_help(void)
{
	puts("usage: tally snap DIR… -o FILE [--like SNAPSHOT] [--force]\n\n"
	     "Takes a snapshot into a file of its own, outside of any session and of the folders that\n"
	     "it is of. A FILE that is there already is replaced with --force only, and then in one\n"
	     "step. Snapshots are compared with 'tally diff'; the second one must be taken with --like\n"
	     "the first, or both with --sha256.\n");
	cli_print_options(cmd_snap_options);
}

static void report(const struct tally_snap_info *info)
{
	char files[TALLY_COUNT_MAX], bytes[TALLY_SIZE_MAX], unread[TALLY_COUNT_MAX];

	cli_remark("%s files, %s, %.1f s%s%s%s", tally_words_count(files, info->files),
	           tally_words_size(bytes, info->bytes), info->seconds,
	           info->unread ? "; not read: " : "",
	           info->unread ? tally_words_count(unread, info->unread) : "",
	           info->unread ? " (see 'tally list')" : "");
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Does a folder, or one above it, have this place? By its number: names can be spelled in many ways. */
static bool lies_below(const char *folder, const struct stat *root)
{
	char *path = realpath(folder, NULL);
	struct stat st;
	bool below = false;

	while (path && !below) {
		char *slash = strrchr(path, '/');

		below = stat(path, &st) == 0 && same_file(&st, root);
		if (!slash || !slash[1])
			break;
		slash[slash == path] = '\0';
	}
	free(path);
	return below;
}

/* What is written into a watched folder would be a change of it. */
static enum tally_status check_place(const struct cli_list *roots, struct tally_err *err)
{
	size_t len = tally_path_dir_len(file, strlen(file));
	char *folder = len ? tally_dup(file, len) : tally_dup(file[0] == '/' ? "/" : ".", 1);
	enum tally_status st = folder ? TALLY_OK : tally_err_nomem(err);
	struct stat there, root;
	bool exists = stat(file, &there) == 0;

	for (size_t i = 0; i < roots->count && st >= 0; i++) {
		if (stat(roots->items[i], &root) != 0)
			continue; /* taking the snapshot will tell */
		if ((exists && same_file(&there, &root)) ||
		    (S_ISDIR(root.st_mode) && lies_below(folder, &root)))
			st = tally_err_set(
				err, TALLY_FATAL, TALLY_REASON_NONE,
				"'%s' lies inside '%s', which the snapshot is of: write it to another place",
				file, roots->items[i]);
	}
	if (st >= 0 && lstat(file, &there) == 0 && !force)
		st = tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		                   "'%s' is there already; --force replaces it", file);
	tally_free(folder);
	return st;
}

int cmd_snap(const struct cli_list *operands)
{
	struct tally_snapshot *earlier = NULL, *taken = NULL;
	struct tally_snap_options snap;
	struct tally_err err = { 0 };
	enum tally_status st = TALLY_OK;

	if (operands->count == 0 || !file) {
		cli_complain("snap takes folders and a file to write to: tally snap DIR… -o FILE");
		return CLI_TROUBLE;
	}
	if (args.quick && !like) {
		cli_complain("--quick wants an earlier snapshot to believe: add --like SNAPSHOT");
		return CLI_TROUBLE;
	}
	cli_signals();
	st = check_place(operands, &err);
	if (st >= 0 && like)
		st = tally_snapshot_open(&earlier, like, &err);
	cli_snap_options(&snap, &args);
	snap.earlier = earlier;
	snap.earlier_to_close = &earlier;
	snap.keep_existing = !force;
	if (st >= 0)
		st = tally_snapshot_take(&taken, operands->items, operands->count, file, &snap, &err);
	cli_progress_done();
	if (st >= 0)
		cli_snap_remarks(taken);
	if (st >= 0)
		report(tally_snapshot_info(taken));
	tally_snapshot_close(taken);
	tally_snapshot_close(earlier);
	cli_snap_args_release(&args);
	return st < 0 ? cli_snap_trouble(&err,
	                                 "make room, write to another disk, or keep less: --keep none, "
	                                 "--keep-budget SIZE")
	              : CLI_OK;
}
