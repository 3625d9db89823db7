/**
 * The options of every verb that takes a snapshot.
 */
#ifndef TALLY_CLI_SNAP_ARGS_H
#define TALLY_CLI_SNAP_ARGS_H

#include "cli/args.h"
#include "snap/snapshot.h"

/** More threads than this only cost memory. */
enum { CLI_READERS_MOST = 1024 };

/** Filled by the options of CLI_SNAP_OPTIONS. */
struct cli_snap_args {
	int keep; /**< enum tally_keep */
	bool sha256, quick, cross_mounts;
	struct cli_number readers;
	struct cli_list excludes;
	struct tally_limits limits;
};

#define CLI_SNAP_ARGS_INIT                                                      \
	{                                                                       \
		.keep = TALLY_KEEP_AUTO, .readers = { 0, 1, CLI_READERS_MOST }, \
		.limits = TALLY_LIMITS_INIT                                     \
	}

extern const char *const cli_keep_words[];

/* clang-format off */
#define CLI_KEEP_OPTIONS(args)                                                                                               \
	{ 0, "keep", CLI_CHOICE, &(args).keep, "auto|all|none", "which contents to keep: auto keeps tables, documents, text and\narchives first, then the rest, smallest first, within the budget", cli_keep_words }, \
	{ 0, "keep-budget", CLI_SIZE, &(args).limits.keep_budget, "SIZE", "bytes that --keep auto keeps (default 2G)", NULL }

#define CLI_SNAP_OPTIONS(args)                                                                                               \
	{ 0, "exclude", CLI_LIST, &(args).excludes, "PATTERN", "leave out what matches (gitignore syntax); may be repeated", NULL }, \
	{ 0, "sha256", CLI_FLAG, &(args).sha256, NULL, "SHA-256 for every file as well", NULL },                             \
	{ 0, "cross-mounts", CLI_FLAG, &(args).cross_mounts, NULL, "go into other file systems", NULL },                     \
	{ 0, "readers", CLI_NUMBER, &(args).readers, "N", "files read side by side (default 24)", NULL },                     \
	{ 0, "limit", CLI_LIMIT, &(args).limits, "NAME=VALUE", "raise a limit; 'tally help limits' lists them", NULL }
/* clang-format on */

/** Snapshot options from the arguments: borrowed pointers into @args. Progress and signals are set up. */
void cli_snap_options(struct tally_snap_options *options, const struct cli_snap_args *args);

/** Remark on what was asked for and could not be done: files of patterns that could not be used. */
void cli_snap_remarks(const struct tally_snapshot *snapshot);

/** cli_trouble for verbs that write a snapshot; where the disk is full with the @ways out. */
int cli_snap_trouble(const struct tally_err *err, const char *ways);

void cli_snap_args_release(struct cli_snap_args *args);

#endif
