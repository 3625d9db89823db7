/* The tree model: what the builder takes and refuses, and finding paths. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/mem.h"
#include "core/tree.h"
#include "support/faults.h"

static enum tally_status dir(struct tally_tree_builder *b, const char *path, enum tally_reason reason)
{
	struct tally_dir d = { .path = path,
		               .path_len = (uint32_t)strlen(path),
		               .reason = (uint8_t)reason };

	return tally_tree_builder_dir(b, &d, NULL);
}

static enum tally_status entry(struct tally_tree_builder *b, const char *name,
                               enum tally_entry_type type, enum tally_reason reason)
{
	struct tally_entry e = { .name = name,
		                 .name_len = (uint16_t)strlen(name),
		                 .type = (uint8_t)type,
		                 .reason = (uint8_t)reason };

	if (type == TALLY_TYPE_SYMLINK)
		e.target = "elsewhere";
	return tally_tree_builder_entry(b, &e, NULL);
}

/*
 *	a/       x, z (its list stops early: read error)
 *	a-b/     y
 *	gone.d   a file now
 *	locked/  no permission
 *	out/     excluded
 *	what     not even the type is known
 */
static enum tally_status fill(struct tally_tree_builder *b)
{
	struct tally_root root = { "/tmp/r", "", false };
	struct tally_pattern pattern = { .text = "out/", .origin = "--exclude", .entries = 1 };
	enum tally_status st = TALLY_OK;
	struct tally_sha256 sha = { { 7 } };
	struct tally_entry z = { .name = "z", .name_len = 1, .sha256 = &sha };

#define TRY(call)           \
	if (st == TALLY_OK) \
	st = (call)
	TRY(tally_tree_builder_root(b, &root, NULL));
	TRY(tally_tree_builder_pattern(b, &pattern, NULL));
	TRY(dir(b, "", TALLY_REASON_NONE));
	TRY(entry(b, "a", TALLY_TYPE_DIR, TALLY_REASON_NONE));
	TRY(entry(b, "a-b", TALLY_TYPE_DIR, TALLY_REASON_NONE));
	TRY(entry(b, "gone.d", TALLY_TYPE_FILE, TALLY_REASON_NONE));
	TRY(entry(b, "locked", TALLY_TYPE_DIR, TALLY_REASON_PERMISSION));
	TRY(entry(b, "out", TALLY_TYPE_DIR, TALLY_REASON_EXCLUDED));
	TRY(entry(b, "unread", TALLY_TYPE_DIR, TALLY_REASON_NONE));
	TRY(entry(b, "what", TALLY_TYPE_UNKNOWN, TALLY_REASON_READ_ERROR));
	TRY(dir(b, "a", TALLY_REASON_READ_ERROR));
	TRY(entry(b, "x", TALLY_TYPE_SYMLINK, TALLY_REASON_NONE));
	TRY(tally_tree_builder_entry(b, &z, NULL));
	TRY(dir(b, "a-b", TALLY_REASON_NONE));
	TRY(entry(b, "y", TALLY_TYPE_FILE, TALLY_REASON_NONE));
#undef TRY
	return st;
}

static struct tally_tree_builder *b;
static struct tally_tree *t;

static void begin(void)
{
	cr_assert_eq(tally_tree_builder_new(&b, NULL), TALLY_OK);
}

static void end(void)
{
	tally_tree_free(t);
	tally_tree_builder_free(b);
}

TestSuite(tree, .init = begin, .fini = end);

static void build(void)
{
	cr_assert_eq(fill(b), TALLY_OK);
	cr_assert_eq(tally_tree_builder_finish(b, &t, NULL), TALLY_OK);
}

static uint32_t find(const char *path)
{
	return tally_tree_find(t, path, strlen(path));
}

static enum tally_reason absence(const char *path)
{
	return tally_tree_absence(t, path, strlen(path));
}

Test(tree, folders_are_linked_with_their_entries)
{
	uint32_t a;

	build();
	cr_assert_eq(t->dir_count, 3u);
	cr_assert_eq(t->entry_count, 10u);
	cr_assert_eq(t->dirs[0].self, TALLY_NO_INDEX);
	a = find("a");
	cr_assert_eq(t->entries[a].subdir, 1u);
	cr_assert_eq(t->dirs[1].self, a);
	cr_assert_eq(t->entries[find("a-b")].subdir, 2u);
	cr_assert_eq(t->entries[find("a-b/y")].dir, 2u);
	cr_assert_eq(t->entries[find("locked")].subdir, TALLY_NO_INDEX);
	cr_assert_eq(t->root_count, 1u);
	cr_assert_str_eq(t->patterns[0].text, "out/");
}

Test(tree, strings_are_copied)
{
	struct tally_sha256 sha = { { 7 } };

	build();
	cr_assert_str_eq(t->entries[find("a/x")].target, "elsewhere");
	cr_assert_arr_eq(t->entries[find("a/z")].sha256, &sha, sizeof sha);
}

Test(tree, paths_are_found)
{
	struct tally_buf path;

	build();
	tally_buf_init(&path, 100);
	for (uint32_t i = 0; i < t->entry_count; i++) {
		cr_assert(tally_tree_path(t, i, &path));
		cr_assert_eq(tally_tree_find(t, path.bytes, path.len), i, "%s", path.bytes);
	}
	tally_buf_release(&path);
	cr_assert_eq(tally_tree_find_dir(t, "a-b", 3), 2u);
	cr_assert_eq(tally_tree_find_dir(t, "locked", 6), TALLY_NO_INDEX);
	cr_assert_eq(find(""), TALLY_NO_INDEX);
	cr_assert_eq(find("b"), TALLY_NO_INDEX);
	cr_assert_eq(find("/a"), TALLY_NO_INDEX);
	cr_assert_eq(find("a/"), TALLY_NO_INDEX);
	cr_assert_eq(find("a/x/y"), TALLY_NO_INDEX);
}

Test(tree, an_absence_has_its_reason)
{
	build();
	cr_assert_eq(absence("nowhere"), TALLY_REASON_NONE);
	cr_assert_eq(absence("a-b/other"), TALLY_REASON_NONE);
	cr_assert_eq(absence("a-b/deep/er"), TALLY_REASON_NONE);
	cr_assert_eq(absence("a/y"), TALLY_REASON_READ_ERROR, "the folder's list is not whole");
	cr_assert_eq(absence("a/sub/y"), TALLY_REASON_READ_ERROR);
	cr_assert_eq(absence("locked/x"), TALLY_REASON_PERMISSION);
	cr_assert_eq(absence("locked/sub/x"), TALLY_REASON_PERMISSION);
	cr_assert_eq(absence("out/x"), TALLY_REASON_EXCLUDED);
	cr_assert_eq(absence("out"), TALLY_REASON_EXCLUDED);
	cr_assert_eq(absence("unread/x"), TALLY_REASON_NOT_REACHED);
	cr_assert_eq(absence("what/x"), TALLY_REASON_READ_ERROR);
	cr_assert_eq(absence("gone.d/x"), TALLY_REASON_NONE);
	cr_assert_eq(absence("a/x"), TALLY_REASON_NONE);
}

Test(tree, several_roots_and_what_lies_outside)
{
	cr_assert_eq(dir(b, "docs", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(entry(b, "sub", TALLY_TYPE_DIR, TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(dir(b, "docs/sub", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(dir(b, "mail", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(tally_tree_builder_finish(b, &t, NULL), TALLY_OK);
	cr_assert_eq(t->dirs[0].self, TALLY_NO_INDEX);
	cr_assert_eq(t->dirs[1].self, 0u);
	cr_assert_eq(t->dirs[2].self, TALLY_NO_INDEX);
	cr_assert_eq(absence("docs/gone"), TALLY_REASON_NONE);
	cr_assert_eq(absence("other/gone"), TALLY_REASON_NOT_REACHED);
}

Test(tree, an_empty_tree_is_a_tree)
{
	cr_assert_eq(tally_tree_builder_finish(b, &t, NULL), TALLY_OK);
	cr_assert_eq(find("a"), TALLY_NO_INDEX);
	cr_assert_eq(absence("a"), TALLY_REASON_NOT_REACHED);
}

Test(tree, broken_order_is_refused)
{
	cr_assert_eq(entry(b, "early", TALLY_TYPE_FILE, TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(dir(b, "", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(entry(b, "m", TALLY_TYPE_FILE, TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(entry(b, "m", TALLY_TYPE_FILE, TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(entry(b, "l", TALLY_TYPE_FILE, TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(dir(b, "", TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(dir(b, "b", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(dir(b, "a", TALLY_REASON_NONE), TALLY_FATAL);
}

Test(tree, bad_names_are_refused)
{
	struct tally_entry nul = { .name = "a\0b", .name_len = 3 };
	struct tally_err err;

	cr_assert_eq(dir(b, "/abs", TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(dir(b, "a/../b", TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(dir(b, "", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(entry(b, "", TALLY_TYPE_FILE, TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(entry(b, "..", TALLY_TYPE_FILE, TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(entry(b, "a/b", TALLY_TYPE_FILE, TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(entry(b, "a", TALLY_TYPE_COUNT, TALLY_REASON_NONE), TALLY_FATAL);
	cr_assert_eq(entry(b, "a", TALLY_TYPE_FILE, TALLY_REASON_COUNT), TALLY_FATAL);
	cr_assert_eq(tally_tree_builder_entry(b, &nul, &err), TALLY_FATAL);
	cr_assert(strstr(err.message, "a\\x00b"), "%s", err.message);
}

Test(tree, a_folder_needs_its_entry_above)
{
	cr_assert_eq(dir(b, "", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(entry(b, "f", TALLY_TYPE_FILE, TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(dir(b, "f", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(tally_tree_builder_finish(b, &t, NULL), TALLY_FATAL, "a file holds nothing");
}

Test(tree, a_folder_needs_the_folder_above)
{
	cr_assert_eq(dir(b, "a", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(dir(b, "a/b/c", TALLY_REASON_NONE), TALLY_OK);
	cr_assert_eq(tally_tree_builder_finish(b, &t, NULL), TALLY_FATAL);
}

Test(tree, every_failed_allocation_is_survived)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_tree_builder *mine = NULL;
		struct tally_tree *tree = NULL;
		enum tally_status st = tally_tree_builder_new(&mine, NULL);

		if (st == TALLY_OK)
			st = tally_tree_builder_reserve(mine, 2, 4, NULL);
		if (st == TALLY_OK)
			st = fill(mine);
		if (st == TALLY_OK)
			st = tally_tree_builder_finish(mine, &tree, NULL);
		/* giving memory back is no must: that one may fail and the tree is whole */
		if (!faults_fired(&f))
			cr_assert_eq(st, TALLY_OK);
		else
			cr_assert(st == TALLY_FATAL || tree, "allocation %ld", f.nth);
		tally_tree_free(tree);
		tally_tree_builder_free(mine);
	}
}
