/**
 * What `tally where` answers from, and how its answers are printed: a file in cmd_where.c, a folder in where_folder.c.
 */
#ifndef TALLY_CLI_WHERE_H
#define TALLY_CLI_WHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "receipt/receipt.h"
#include "receipt/session.h"
#include "snap/snapshot.h"

struct cli_where {
	struct tally_session *session;
	struct tally_receipt *receipt;
	struct tally_snapshot *before, *after;
	struct tally_buf path; /**< as in the snapshots */
	bool nul;              /**< print places only, byte for byte */
	uint64_t places;       /**< where the content is for certain: printed so far */
	uint64_t doubts;       /**< contents that are not there, or of which that is not proven */
};

/** Why a side says nothing about a path. */
struct cli_where_gap {
	enum tally_reason reason; /**< TALLY_REASON_NONE: the side knows whether it is there */
	const struct tally_pattern *pattern; /**< excluded: by which one */
	size_t folder_len; /**< not reached: the folder that could not be read, so many bytes of the path */
	bool below; /**< it is the folder, not the path itself */
};

/** What keeps a side from knowing this path. */
void cli_where_gap(struct cli_where_gap *out, const struct tally_tree *tree, const char *path,
                   size_t len);

/** "  LABEL PATH » MEMBER", or with -0 the path and a NUL. Counts it. */
void cli_where_put_place(struct cli_where *w, const char *label, const struct tally_where *place);

/** What became of all that was below the folder w->path on the before side. @return false: no memory, told */
bool cli_where_folder(struct cli_where *w);

#endif
