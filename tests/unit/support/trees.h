/**
 * Two trees written as text, compared: the result as text again.
 *
 *	TestSuite(tree_diff, .init = trees_begin, .fini = trees_end);
 */
#ifndef TALLY_TESTS_TREES_H
#define TALLY_TESTS_TREES_H

#include <criterion/criterion.h>

#include "support/tree_laws.h"
#include "support/tree_text.h"

static struct tally_tree *before, *after;
static struct tally_tree_diff *d;
static struct tally_buf out;
static struct tally_tree_diff_options options;

static inline void trees_begin(void)
{
	options = (struct tally_tree_diff_options)TALLY_TREE_DIFF_OPTIONS_INIT;
	tally_buf_init(&out, 1 << 24);
}

static inline void trees_end(void)
{
	tally_tree_diff_free(d);
	tally_tree_free(before);
	tally_tree_free(after);
	tally_buf_release(&out);
	d = NULL;
	before = after = NULL;
}

static inline void start(const char *b, const char *a)
{
	struct tally_err err;

	trees_end();
	before = tree_from_text(b);
	after = tree_from_text(a);
	cr_assert_eq(tally_tree_diff_new(&d, before, after, &options, &err), TALLY_OK);
}

static inline void finish(void)
{
	struct tally_err err;

	cr_assert_eq(tally_tree_diff_finish(d, &err), TALLY_OK, "%s", err.message);
}

static inline void same_text(const char *is, const char *should)
{
	cr_assert_str_eq(is ? is : "", should, "is:\n%s\nshould be:\n%s", is ? is : "", should);
}

static inline void changes(const char *should)
{
	tally_buf_clear(&out);
	diff_text_changes(&out, d, before, after);
	same_text(out.bytes, should);
}

static inline void folds(const char *should)
{
	tally_buf_clear(&out);
	diff_text_folds(&out, d, before, after);
	same_text(out.bytes, should);
}

static inline void compare(const char *b, const char *a, const char *should)
{
	start(b, a);
	finish();
	changes(should);
}

static inline uint64_t fate(enum tally_fate f)
{
	return tally_tree_diff_contents(d, false)->by_fate[f];
}

static inline struct tally_sketch sketch_of(uint64_t first, uint32_t count)
{
	static struct tally_piece pieces[4][1000];
	static int turn;
	struct tally_piece *p = pieces[turn++ & 3];

	for (uint32_t i = 0; i < count; i++)
		p[i] = (struct tally_piece){ (first + i) << 40, 10 };
	return (struct tally_sketch){ TALLY_SKETCH_BYTES, false, count, count * 10, p };
}

static inline void sketch(enum tally_side side, const char *path, uint64_t first, uint32_t count)
{
	const struct tally_tree *t = side == TALLY_BEFORE ? before : after;
	struct tally_sketch s = sketch_of(first, count);

	cr_assert_eq(tally_tree_diff_add_sketch(d, side, tally_tree_find(t, path, strlen(path)), &s,
	                                        NULL),
	             TALLY_OK);
}

static inline void member(enum tally_side side, const char *archive, const char *path,
                          const char *content)
{
	const struct tally_tree *t = side == TALLY_BEFORE ? before : after;
	struct tally_member m = { .path = path, .path_len = strlen(path), .size = strlen(content) };
	struct tally_key key;

	tally_key_from_seed(&key, tree_text_seed);
	tally_digest_of(&m.digest, &key, content, strlen(content));
	cr_assert_eq(tally_tree_diff_add_member(
			     d, side, tally_tree_find(t, archive, strlen(archive)), &m, NULL),
	             TALLY_OK);
}

#endif
