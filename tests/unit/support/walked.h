/**
 * A scratch folder and what the walker makes of it, for suites with begin and end of their own:
 *
 *	TestSuite(walk, .init = walked_begin, .fini = walked_end);
 */
#ifndef TALLY_TESTS_WALKED_H
#define TALLY_TESTS_WALKED_H

#include <criterion/criterion.h>
#include <string.h>

#include "snap/walk.h"
#include "support/scratch.h"

static struct scratch s;
static struct tally_key key;
static struct tally_snap_options options;
static struct tally_walked *walked;
static struct tally_tree *tree;

static inline void walked_begin(void)
{
	scratch_make(&s);
	tally_key_from_seed(&key, 1);
	options = (struct tally_snap_options)TALLY_SNAP_OPTIONS_INIT;
}

/** Before the next walk. */
static inline void walked_forget(void)
{
	tally_walked_free(walked);
	tally_tree_free(tree);
	walked = NULL;
	tree = NULL;
}

static inline void walked_end(void)
{
	walked_forget();
	scratch_remove(&s);
}

/** The walk alone, which may fail. */
static inline enum tally_status walked_try(const char *const *roots, size_t count,
                                           struct tally_err *err)
{
	walked_forget();
	return tally_walk(roots, count, &options, &key, NULL, &walked, err);
}

/** Walk and unpack, which must succeed. */
static inline void walked_roots(const char *const *roots, size_t count)
{
	struct tally_err err = { .status = TALLY_OK };

	cr_assert_eq(walked_try(roots, count, &err), TALLY_OK, "%s", err.message);
	cr_assert_eq(tally_walked_tree(walked, &tree, &err), TALLY_OK, "%s", err.message);
	cr_assert_eq(tree->entry_count, walked->totals.entries);
	cr_assert_eq(walked->totals.files,
	             walked->totals.hashed + walked->totals.stat + walked->totals.unread);
}

/** The scratch folder itself. */
static inline void walk(void)
{
	const char *root = s.path;

	walked_roots(&root, 1);
}

static inline const struct tally_entry *at(const char *path)
{
	uint32_t i = tally_tree_find(tree, path, strlen(path));

	cr_assert_neq(i, TALLY_NO_INDEX, "no '%s'", path);
	return &tree->entries[i];
}

static inline struct tally_digest digest_of(const void *bytes, size_t len)
{
	struct tally_digest d;

	tally_digest_of(&d, &key, bytes, len);
	return d;
}

/** A file that was read and holds these bytes. */
static inline void check_content(const char *path, const void *bytes, size_t len)
{
	const struct tally_entry *e = at(path);
	struct tally_digest d = digest_of(bytes, len);

	cr_expect_eq(e->type, TALLY_TYPE_FILE);
	cr_expect_eq(e->proof, TALLY_PROOF_HASHED);
	cr_expect_eq(e->reason, TALLY_REASON_NONE, "'%s': %s", path, tally_reason_id(e->reason));
	cr_expect_eq(e->size, len);
	cr_expect(tally_digest_equal(&e->digest, &d), "'%s' has another digest", path);
}

#endif
