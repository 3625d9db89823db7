/**
 * The members of an archive as a tree (core/tree.h), so that archives are compared like folders.
 *
 * Members come in any order; folders that are only implied get an entry. A path that no snapshot could hold ("../x", "/x") is
 * written so that it can and differs from all others: empty parts and "." go, ".." becomes "\..", the root of an absolute
 * path "\", a NUL "\0"; in a part that begins with a backslash all of them are doubled, and one more stands in front. A member named twice is counted, the last
 * one counts (as for programs that unpack).
 */
#ifndef TALLY_RECEIPT_MEMBER_TREE_H
#define TALLY_RECEIPT_MEMBER_TREE_H

#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/sink.h"
#include "core/tree.h"

struct tally_member_tree;

/** @limits  archive_memory: most bytes of names, and of the paths of folders; beyond it adding or finishing is TALLY_SKIP */
enum tally_status tally_member_tree_new(struct tally_member_tree **out,
                                        const struct tally_limits *limits, struct tally_err *err);
void tally_member_tree_free(struct tally_member_tree *m);

/** Take in a member (copied). Nested ones (depth > 0) are left out: their archive is a member itself. */
enum tally_status tally_member_tree_add(struct tally_member_tree *m,
                                        const struct tally_member *member, struct tally_err *err);

/** Hand the tree over (yours to tally_tree_free). */
enum tally_status tally_member_tree_finish(struct tally_member_tree *m, struct tally_tree **out,
                                           struct tally_err *err);

/** Members that had the path of an earlier one. */
uint64_t tally_member_tree_repeated(const struct tally_member_tree *m);

#endif
