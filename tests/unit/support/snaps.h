/**
 * Snapshots for tests: options with a fixed secret, taking and opening that must succeed, contents and trees compared.
 */
#ifndef TALLY_TESTS_SNAPS_H
#define TALLY_TESTS_SNAPS_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/limits.h"
#include "snap/snapshot.h"
#include "support/random.h"

static struct tally_key snaps_key;
static struct tally_limits snaps_limits = TALLY_LIMITS_INIT;

/** Options that give the same bytes every time. */
static inline struct tally_snap_options snaps_options(enum tally_keep keep)
{
	struct tally_snap_options o = TALLY_SNAP_OPTIONS_INIT;

	tally_key_from_seed(&snaps_key, 7);
	o.limits = &snaps_limits;
	o.key = &snaps_key;
	o.keep = keep;
	o.readers = 2;
	return o;
}

/** Take a snapshot of one root. */
static inline struct tally_snapshot *snaps_take(const char *root, const char *path,
                                                const struct tally_snap_options *o)
{
	const char *roots[] = { root };
	struct tally_snapshot *s = NULL;
	struct tally_err err = { 0 };
	enum tally_status st = tally_snapshot_take(&s, roots, 1, path, o, &err);

	cr_assert_eq(st, TALLY_OK, "taking '%s': %s", path, err.message);
	return s;
}

static inline struct tally_snapshot *snaps_open(const char *path)
{
	struct tally_snapshot *s = NULL;
	struct tally_err err = { 0 };
	enum tally_status st = tally_snapshot_open(&s, path, &err);

	cr_assert_eq(st, TALLY_OK, "opening '%s': %s", path, err.message);
	return s;
}

static inline const struct tally_entry *snaps_entry(const struct tally_snapshot *s, const char *path)
{
	const struct tally_tree *tree = tally_snapshot_tree(s);
	uint32_t i = tally_tree_find(tree, path, strlen(path));

	cr_assert_neq(i, (uint32_t)TALLY_NO_INDEX, "no entry '%s'", path);
	return &tree->entries[i];
}

static inline bool snaps_kept(const struct tally_snapshot *s, const char *path)
{
	return snaps_entry(s, path)->flags & TALLY_ENTRY_KEPT;
}

/** The kept content of an entry, or NULL with @err filled; to free(). */
static inline char *snaps_content(const struct tally_snapshot *s, const char *path, size_t *size,
                                  struct tally_err *err)
{
	const struct tally_entry *e = snaps_entry(s, path);
	struct tally_sha256 sha256, expected;
	FILE *file = tmpfile();
	char *bytes = malloc(e->size + 1);
	size_t n;

	cr_assert(file && bytes);
	if (tally_snapshot_content(s, &e->digest, fileno(file), &sha256, err) < 0) {
		fclose(file);
		free(bytes);
		return NULL;
	}
	rewind(file);
	n = fread(bytes, 1, e->size + 1, file);
	fclose(file);
	cr_assert_eq(n, e->size, "'%s' has another size", path);
	tally_sha256_of(&expected, bytes, n);
	cr_assert_arr_eq(sha256.bytes, expected.bytes, sizeof sha256.bytes);
	bytes[n] = '\0';
	*size = n;
	return bytes;
}

/** Bytes that do not shrink. To free(). */
static inline char *snaps_noise(size_t size, uint64_t seed)
{
	char *bytes = malloc(size + 8);

	cr_assert(bytes);
	for (size_t i = 0; i < size; i += 8) {
		random_next(&seed);
		memcpy(bytes + i, &seed, 8);
	}
	return bytes;
}

static inline bool snaps_same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static inline bool snaps_same_entry(const struct tally_entry *a, const struct tally_entry *b)
{
	const uint8_t flags = (uint8_t)~TALLY_ENTRY_KEPT;

	return strcmp(a->name, b->name) == 0 && a->name_len == b->name_len && a->type == b->type &&
	       a->proof == b->proof && a->reason == b->reason &&
	       (a->flags & flags) == (b->flags & flags) && a->pattern == b->pattern &&
	       a->dir == b->dir && a->subdir == b->subdir && a->mode == b->mode &&
	       a->uid == b->uid && a->gid == b->gid && a->nlink == b->nlink && a->size == b->size &&
	       a->inode == b->inode && a->device == b->device && a->mtime_ns == b->mtime_ns &&
	       a->ctime_ns == b->ctime_ns && tally_digest_equal(&a->digest, &b->digest) &&
	       a->xattr_digest == b->xattr_digest && snaps_same_text(a->target, b->target) &&
	       !a->sha256 == !b->sha256 &&
	       (!a->sha256 || memcmp(a->sha256, b->sha256, sizeof *a->sha256) == 0);
}

/** Do two trees hold the same, apart from what is kept? */
static inline bool snaps_same_tree(const struct tally_tree *a, const struct tally_tree *b)
{
	if (a->dir_count != b->dir_count || a->entry_count != b->entry_count ||
	    a->root_count != b->root_count || a->pattern_count != b->pattern_count)
		return false;
	for (uint32_t i = 0; i < a->dir_count; i++) {
		const struct tally_dir *x = &a->dirs[i], *y = &b->dirs[i];

		if (strcmp(x->path, y->path) != 0 || x->self != y->self || x->first != y->first ||
		    x->count != y->count || x->reason != y->reason || x->mode != y->mode ||
		    x->uid != y->uid || x->gid != y->gid || x->mtime_ns != y->mtime_ns)
			return false;
	}
	for (uint32_t i = 0; i < a->entry_count; i++)
		if (!snaps_same_entry(&a->entries[i], &b->entries[i]))
			return false;
	for (uint32_t i = 0; i < a->root_count; i++)
		if (strcmp(a->roots[i].path, b->roots[i].path) != 0 ||
		    strcmp(a->roots[i].label, b->roots[i].label) != 0)
			return false;
	return true;
}

#endif
