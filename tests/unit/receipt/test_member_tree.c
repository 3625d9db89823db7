#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "receipt/member_tree.h"
#include "support/faults.h"

/* Members with the type that their name says: 'folder/' or file. The tree as "path|path|…", folders with a slash. */

static struct tally_limits limits;
static struct tally_err err;

static void begin(void)
{
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	err = (struct tally_err){ 0 };
}

TestSuite(member_tree, .init = begin);

static enum tally_status add(struct tally_member_tree *m, const char *path, size_t len)
{
	struct tally_member member = { .path = path, .path_len = len, .type = TALLY_TYPE_FILE };

	if (len > 0 && path[len - 1] == '/')
		member.type = TALLY_TYPE_DIR;
	return tally_member_tree_add(m, &member, &err);
}

static void list(const struct tally_tree *tree, char *out, size_t room)
{
	struct tally_buf path = { .max = SIZE_MAX / 2 };

	*out = '\0';
	for (uint32_t i = 0; i < tree->entry_count; i++) {
		size_t at = strlen(out);

		cr_assert(tally_tree_path(tree, i, &path));
		snprintf(out + at, room - at, "%s%.*s%s", at ? "|" : "", (int)path.len, path.bytes,
		         tree->entries[i].type == TALLY_TYPE_DIR ? "/" : "");
	}
	tally_buf_release(&path);
}

/* the tree of members that are separated by '|' */
static void expect(const char *members, const char *want)
{
	struct tally_member_tree *m = NULL;
	struct tally_tree *tree = NULL;
	char got[1000];

	cr_assert_eq(tally_member_tree_new(&m, &limits, &err), TALLY_OK);
	for (const char *p = members;; p++) {
		size_t len = strcspn(p, "|");

		cr_assert_eq(add(m, p, len), TALLY_OK, "%s", err.message);
		p += len;
		if (!*p)
			break;
	}
	cr_assert_eq(tally_member_tree_finish(m, &tree, &err), TALLY_OK, "%s", err.message);
	list(tree, got, sizeof got);
	cr_assert_str_eq(got, want);
	tally_tree_free(tree);
	tally_member_tree_free(m);
}

Test(member_tree, folders_that_are_implied_get_an_entry)
{
	expect("b/c/x|a|b/y", "a|b/|b/c/|b/y|b/c/x");
	expect("b/|b/x|./z|b//w", "b/|z|b/w|b/x");
	expect("a-b|a/z|a.b/y", "a/|a-b|a.b/|a/z|a.b/y");
}

Test(member_tree, names_that_no_snapshot_could_hold_stay_different)
{
	expect("a|/a|../a|./a", "\\/|\\../|a|\\/a|\\../a");
	expect("..|\\..", "\\..|\\\\\\..");
	expect("\\a|\\\\a|a\\b", "\\\\\\\\\\a|\\\\\\a|a\\b");
	expect("C:\\x|C:/x", "C:/|C:\\x|C:/x");
	expect("|x", "\\(no name)|x");
	expect("/|./|x", "\\/|x");
}

Test(member_tree, nul_in_a_name_is_written_out)
{
	struct tally_member_tree *m = NULL;
	struct tally_tree *tree = NULL;
	char got[100];

	cr_assert_eq(tally_member_tree_new(&m, &limits, &err), TALLY_OK);
	cr_assert_eq(add(m, "a\0b", 3), TALLY_OK);
	cr_assert_eq(add(m, "a\\0b", 4), TALLY_OK);
	cr_assert_eq(tally_member_tree_finish(m, &tree, &err), TALLY_OK, "%s", err.message);
	list(tree, got, sizeof got);
	cr_assert_str_eq(got, "\\a\\0b|a\\0b");
	tally_tree_free(tree);
	tally_member_tree_free(m);
}

Test(member_tree, file_with_members_below_it_keeps_its_content)
{
	expect("d|d/x|d/y", "\\(file) d|d/|d/x|d/y");
	expect("a/d|a/d/x/y|a/d/x", "a/|a/\\(file) d|a/d/|a/d/\\(file) x|a/d/x/|a/d/x/y");
}

/* one name of 64 KiB may stand for 32,000 folders, each with its path */
Test(member_tree, paths_of_folders_are_limited)
{
	struct tally_member_tree *m = NULL;
	struct tally_tree *tree = NULL;
	char *deep = malloc(60001);

	for (int i = 0; i < 60000; i++)
		deep[i] = i % 2 ? '/' : 'a';
	deep[60000] = 'x';
	cr_assert_eq(tally_member_tree_new(&m, &limits, &err), TALLY_OK);
	cr_assert_eq(add(m, deep, 60001), TALLY_OK);
	cr_assert_eq(tally_member_tree_finish(m, &tree, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	cr_assert(strstr(err.message, "archive_memory"));
	tally_member_tree_free(m);
	limits.archive_memory = 100000;
	cr_assert_eq(tally_member_tree_new(&m, &limits, &err), TALLY_OK);
	cr_assert_eq(add(m, deep, 60001), TALLY_OK);
	cr_assert_eq(add(m, deep, 60000), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	tally_member_tree_free(m);
	free(deep);
}

/* quadratic work on any of these would take minutes */
Test(member_tree, many_members_take_no_longer_each, .timeout = 20)
{
	static const char *const shapes[][2] = {
		{ "d", "/" }, { "", ".txt" }, { "a/b/c/d/e/f/g/h/", "/x" }, { "d/", "/e" }
	};
	enum { MEMBERS = 100000 };

	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
		struct tally_member_tree *m = NULL;
		struct tally_tree *tree = NULL;
		char name[100];

		cr_assert_eq(tally_member_tree_new(&m, &limits, &err), TALLY_OK);
		for (int i = 0; i < MEMBERS; i++) {
			snprintf(name, sizeof name, "%s%d%s", shapes[s][0], i, shapes[s][1]);
			cr_assert_eq(add(m, name, strlen(name)), TALLY_OK);
		}
		cr_assert_eq(tally_member_tree_finish(m, &tree, &err), TALLY_OK);
		cr_assert_geq(tree->entry_count, MEMBERS);
		tally_tree_free(tree);
		tally_member_tree_free(m);
	}
}

Test(member_tree, says_when_memory_is_short)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_member_tree *m = NULL;
		struct tally_tree *tree = NULL;
		enum tally_status st = tally_member_tree_new(&m, &limits, &err);

		if (st == TALLY_OK)
			st = add(m, "a/b/c", 5);
		if (st == TALLY_OK)
			st = add(m, "a/b", 3);
		if (st == TALLY_OK)
			st = tally_member_tree_finish(m, &tree, &err);
		if (faults_fired(&f))
			/* giving memory back may fail unseen */
			cr_assert(st == TALLY_FATAL || (st == TALLY_OK && tree->entry_count == 4),
			          "allocation %ld: %d", f.nth, st);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_tree_free(tree);
		tally_member_tree_free(m);
	}
}
