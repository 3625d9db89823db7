/* Snapshot options from the command line: see cli/snap_args.h. */
#include "cli/snap_args.h"

#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/progress.h"
#include "core/escape.h"
#include "receipt/content.h"

const char *const cli_keep_words[] = { "auto", "all", "none", NULL };

void cli_snap_options(struct tally_snap_options *options, const struct cli_snap_args *args)
{
	*options = (struct tally_snap_options)TALLY_SNAP_OPTIONS_INIT;
	options->limits = &args->limits;
	options->keep = (enum tally_keep)args->keep;
	options->sha256 = args->sha256;
	options->quick = args->quick;
	options->cross_mounts = args->cross_mounts;
	options->excludes = args->excludes.items;
	options->exclude_count = args->excludes.count;
	options->readers = (unsigned)args->readers.value;
	options->comparable = tally_content_comparable;
	options->progress = cli_progress_snap;
	options->stop = &cli_stop;
}

void cli_snap_remarks(const struct tally_snapshot *snapshot)
{
	const struct tally_tree *tree = tally_snapshot_tree(snapshot);

	for (uint32_t i = 0; i < tree->pattern_count; i++) {
		const struct tally_pattern *p = &tree->patterns[i];
		char shown[256];

		if (!p->reason)
			continue;
		tally_escape_into(shown, sizeof shown, p->origin, strlen(p->origin));
		cli_remark("the patterns in '%s' were not applied: %s", shown,
		           tally_reason_words((enum tally_reason)p->reason));
	}
}

int cli_snap_trouble(const struct tally_err *err, const char *ways)
{
	cli_trouble(err);
	if (err->sys == ENOSPC || err->sys == EDQUOT || err->sys == EFBIG)
		cli_complain("%s", ways);
	return CLI_TROUBLE;
}

void cli_snap_args_release(struct cli_snap_args *args)
{
	cli_list_release(&args->excludes);
}
