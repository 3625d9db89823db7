/**
 * Rows that are not paired yet, in groups with one hash (of the whole row, of its key …). Private to the comparison of
 * tables.
 */
#ifndef TALLY_DIFF_TABLE_GROUPS_H
#define TALLY_DIFF_TABLE_GROUPS_H

#include "diff/table_work.h"

enum { TALLY_GROUP_PARTS = 16 };

/** Some rows of both sides with a hash each, sorted into parts by the hash's highest bits, in row order inside a part. */
struct tally_group_rows {
	struct tally_group_list {
		uint32_t *rows;
		uint64_t *hashes;
		uint32_t count;
		uint32_t start[TALLY_GROUP_PARTS + 1];
	} side[2];
	unsigned parts; /* 1 where the rows are few; depends on nothing but their number */
};

/** What is done with a group: rows of both sides, ascending, at least one each. */
struct tally_group_found {
	const uint32_t *before, *after;
	uint32_t before_count, after_count;
};
typedef enum tally_status (*tally_group_fn)(void *payload, unsigned part,
                                            const struct tally_group_found *group,
                                            struct tally_err *err);

/**
 * Rows of a side and their hashes, ascending; those whose hash is 0 are left out. Borrowed for the call.
 * Where hashes is NULL they are those of the rows, and none is left out.
 */
struct tally_hashed_rows {
	const uint32_t *rows;
	const uint64_t *hashes;
	uint32_t count;
};

enum tally_status tally_group_rows_init(struct tally_group_rows *g, const struct tally_comparison *c,
                                        const struct tally_hashed_rows rows[2],
                                        struct tally_err *err);
void tally_group_rows_release(struct tally_group_rows *g);

/** Calls @fn for each group, parts in parallel, in a part by the first row of the after side. */
enum tally_status tally_groups_each(const struct tally_comparison *c,
                                    const struct tally_group_rows *g, tally_group_fn fn,
                                    void *payload, struct tally_err *err);

/**
 * The assignment of the least cost.
 * @cost  rows × columns
 * @to    by row: its column, or UINT32_MAX where there are more rows than columns
 * @work  room for tally_assignment_room(rows, columns) numbers
 */
void tally_assign(const int64_t *cost, uint32_t rows, uint32_t columns, uint32_t *to, int64_t *work);
size_t tally_assignment_room(uint32_t rows, uint32_t columns);

#endif
