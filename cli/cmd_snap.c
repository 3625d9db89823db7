/* tally snap: a snapshot as a file of its own. */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/snap_args.h"
#include "receipt/words.h"

static struct cli_snap_args args = CLI_SNAP_ARGS_INIT;
static const char *file, *like;

const struct cli_option cmd_snap_options[] = {
	{ 'o', "output", CLI_TEXT, &file, "FILE", "the snapshot to make", NULL },
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
	puts("usage: tally snap DIR… -o FILE [--like SNAPSHOT]\n\n"
	     "Takes a snapshot into a file of its own, outside of any session. Snapshots are compared\n"
	     "with 'tally diff'; the second one must be taken with --like the first.\n");
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
	if (like)
		st = tally_snapshot_open(&earlier, like, &err);
	cli_snap_options(&snap, &args);
	snap.earlier = earlier;
	if (st >= 0)
		st = tally_snapshot_take(&taken, operands->items, operands->count, file, &snap, &err);
	cli_progress_done();
	if (st >= 0)
		report(tally_snapshot_info(taken));
	tally_snapshot_close(taken);
	tally_snapshot_close(earlier);
	cli_snap_args_release(&args);
	return st < 0 ? cli_trouble(&err) : CLI_OK;
}
