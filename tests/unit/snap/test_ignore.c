/* Patterns in gitignore syntax: one by one, and random ones against what git says. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "snap/ignore.h"
#include "snap/walk.h"
#include "support/faults.h"
#include "support/scratch.h"

static struct scratch s;

static void begin(void)
{
	scratch_make(&s);
}

static void end(void)
{
	scratch_remove(&s);
}

TestSuite(ignore, .init = begin, .fini = end);

static bool out(const char *patterns, const char *path, bool folder)
{
	struct tally_ignore *list;
	uint32_t index;
	bool hit;

	cr_assert_eq(tally_ignore_new(&list, NULL), TALLY_OK);
	cr_assert_eq(tally_ignore_parse(list, patterns, strlen(patterns), NULL), TALLY_OK);
	hit = tally_ignore_match(list, path, strlen(path), folder, &index) &&
	      !tally_ignore_at(list, index)->negative;
	tally_ignore_free(list);
	return hit;
}

/*
 *	pattern        path         folder  out
 */
static const struct {
	const char *patterns, *path;
	bool folder, out;
} table[] = {
	{ "*.o", "a.o", false, true },
	{ "*.o", "x/y/a.o", false, true },
	{ "*.o", "a.oo", false, false },
	{ "/*.o", "x/a.o", false, false },
	{ "/*.o", "a.o", false, true },
	{ "build/", "build", true, true },
	{ "build/", "build", false, false },
	{ "build/", "x/build", true, true },
	{ "/build", "x/build", true, false },
	{ "x/y", "x/y", false, true },
	{ "x/y", "z/x/y", false, false },
	{ "x/*", "x/y/z", false, false },
	{ "**/x", "x", false, true },
	{ "**/x", "a/b/x", false, true },
	{ "a/**", "a", true, false },
	{ "a/**", "a/b/c", false, true },
	{ "a/**/b", "a/b", false, true },
	{ "a/**/b", "a/x/y/b", false, true },
	{ "a/**/b", "ab", false, false },
	{ "a/**/b/**/c", "a/b/x/b/c", false, true },
	{ "a/**/*.txt", "a/x/y.b/z.txt", false, true },
	{ "*.txt\n!keep.txt", "keep.txt", false, false },
	{ "!keep.txt\n*.txt", "keep.txt", false, true },
	{ "# note", "# note", false, false },
	{ "\\# note", "# note", false, true },
	{ "\\!x", "!x", false, true },
	{ "x  ", "x", false, true },
	{ "x\\ ", "x ", false, true },
	{ "x\\ ", "x", false, false },
	{ "x\r\ny\r\n", "y", false, true },
	{ "x\r", "x", false, true },
	{ "\xEF\xBB\xBFx", "x", false, true },
	{ "x\\", "x", false, false },
	{ "[a-c]", "b", false, true },
	{ "[!a-c]", "b", false, false },
	{ "[^a-c]", "d", false, true },
	{ "[]]", "]", false, true },
	{ "[]-]", "-", false, true },
	{ "[a-]", "-", false, true },
	{ "[\\]]", "]", false, true },
	{ "[[:digit:]x]", "7", false, true },
	{ "[[:nonsense:]]", "n", false, false },
	{ "[a", "[a", false, false },
	{ "a[!x]b", "a/b", false, false },
	{ "x?y", "x/y", false, false },
	{ "/", "x", true, false },
	{ "", "x", false, false },
	{ "!", "x", false, false },
	{ "?", "\xff", false, true },
	{ "*a*b*c", "xxaxxbxxc", false, true },
	{ "*a*b*c", "xxaxxbxxcd", false, false },
};

Test(ignore, follows_the_manual)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		cr_expect_eq(out(table[i].patterns, table[i].path, table[i].folder), table[i].out,
		             "'%s' on '%s'", table[i].patterns, table[i].path);
}

Test(ignore, lines_keep_their_numbers)
{
	static const char text[] = "# first\n\n*.o\n!b.o\n";
	struct tally_ignore *list;
	uint32_t index = 99;

	cr_assert_eq(tally_ignore_new(&list, NULL), TALLY_OK);
	cr_assert_eq(tally_ignore_parse(list, text, sizeof text - 1, NULL), TALLY_OK);
	cr_assert_eq(tally_ignore_count(list), 2);
	cr_assert(tally_ignore_match(list, "x/b.o", 5, false, &index));
	cr_assert_eq(index, 1);
	cr_assert(tally_ignore_at(list, 1)->negative);
	cr_assert_eq(tally_ignore_at(list, 1)->line, 4);
	cr_assert_str_eq(tally_ignore_at(list, 1)->text, "!b.o");
	tally_ignore_free(list);
}

Test(ignore, hostile_patterns_end_quickly)
{
	enum { STARS = 2000, LETTERS = 20000 };
	static char pattern[4 * STARS + 2], path[2 * LETTERS + 1];
	clock_t start = clock();
	size_t len = 0;

	for (size_t i = 0; i < STARS; i++)
		len += (size_t)sprintf(pattern + len, i % 2 ? "*a" : "**/*");
	pattern[len++] = 'b';
	for (size_t i = 0; i < LETTERS; i++)
		memcpy(path + 2 * i, i % 300 ? "aa" : "a/", 2);
	cr_assert_not(tally_ignore_wild(pattern, len, path, 2 * LETTERS));
	cr_assert_lt((double)(clock() - start) / CLOCKS_PER_SEC, 5.0);
}

Test(ignore, no_memory_is_told)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_ignore *list = NULL;
		enum tally_status st = tally_ignore_new(&list, NULL);

		if (st == TALLY_OK)
			st = tally_ignore_parse(list, "a\nb\nc\n", 6, NULL);
		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		tally_ignore_free(list);
	}
}

/* ---- against git ---- */

static const char *const names[] = { "a",   "b", "ab", "abc", "a.o", "b.o", "x y",
	                             "[a]", "-", "**", "a ",  "!a",  "#a" };
enum { NAMES = sizeof names / sizeof *names };

static uint64_t seed;

static size_t below(size_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (size_t)((seed >> 33) % n);
}

static size_t random_patterns(char *text, size_t most)
{
	static const char *const pieces[] = {
		"a",   "b",   "c",    "ab",          ".o",          "*",     "?",     "**",   "/",
		"**/", "/**", "/**/", "[ab]",        "[!a]",        "[^b]",  "[a-c]", "\\a",  "\\*",
		"!",   "#",   " ",    "[[:alpha:]]", "[",           "]",     "-",     "[]a]", "[a-",
		"\\",  "x y", "*.o",  "***",         "[[:punct:]]", "[\\]]", "\\/",   "[!-b]"
	};
	size_t len = 0;

	for (size_t line = 0; line < 3 && len + 200 < most; line++) {
		size_t n = 1 + below(5);

		if (below(5) == 0)
			text[len++] = '!';
		for (size_t i = 0; i < n; i++)
			len += (size_t)sprintf(text + len, "%s",
			                       pieces[below(sizeof pieces / sizeof *pieces)]);
		if (below(5) == 0)
			text[len++] = '/';
		len += (size_t)sprintf(text + len, below(10) ? "\n" : "\r\n");
	}
	text[len] = '\0';
	return len;
}

static void write_patterns(const char *dir)
{
	char text[2000], path[100];
	size_t len = random_patterns(text, sizeof text);

	snprintf(path, sizeof path, "%s/.gitignore", dir);
	scratch_write(&s, path, text, len);
	snprintf(path, sizeof path, "%s/.tallyignore", dir);
	scratch_write(&s, path, text, len);
}

static bool is_out(const struct tally_tree *tree, const char *path)
{
	uint32_t i = tally_tree_find(tree, path, strlen(path));

	if (i != TALLY_NO_INDEX)
		return tree->entries[i].reason == TALLY_REASON_EXCLUDED;
	return tally_tree_absence(tree, path, strlen(path)) == TALLY_REASON_EXCLUDED;
}

static struct tally_tree *walk(const char *root)
{
	struct tally_snap_options o = TALLY_SNAP_OPTIONS_INIT;
	struct tally_walked *w = NULL;
	struct tally_tree *tree = NULL;
	struct tally_key key;

	tally_key_from_seed(&key, 1);
	o.readers = 2;
	cr_assert_eq(tally_walk(&root, 1, &o, &key, NULL, &w, NULL), TALLY_OK);
	cr_assert_eq(tally_walked_tree(w, &tree, NULL), TALLY_OK);
	tally_walked_free(w);
	return tree;
}

/* Every path there is into a list for git. */
static void list_paths(FILE *f)
{
	for (size_t i = 0; i < NAMES; i++) {
		fprintf(f, "%s%c", names[i], 0);
		for (size_t j = 0; i < 3 && j < NAMES; j++) {
			fprintf(f, "%s/%s%c", names[i], names[j], 0);
			for (size_t k = 0; j < 3 && k < NAMES; k++)
				fprintf(f, "%s/%s/%s%c", names[i], names[j], names[k], 0);
		}
	}
}

/* Folders a, b, ab in two levels, with all names as files where they are no folders. */
static void make_tree(void)
{
	char path[100];

	for (size_t i = 0; i < NAMES; i++) {
		for (size_t j = 0; i < 3 && j < NAMES; j++) {
			for (size_t k = 0; j < 3 && k < NAMES; k++) {
				snprintf(path, sizeof path, "t/%s/%s/%s", names[i], names[j],
				         names[k]);
				scratch_puts(&s, path, "");
			}
			snprintf(path, sizeof path, "t/%s/%s", names[i], names[j]);
			if (j >= 3)
				scratch_puts(&s, path, "");
		}
		snprintf(path, sizeof path, "t/%s", names[i]);
		if (i >= 3)
			scratch_puts(&s, path, "");
	}
}

/* @return how many paths are out */
static size_t compare_with_git(const char *paths, size_t paths_size, unsigned round)
{
	char command[400];
	struct tally_tree *tree = walk(scratch_path(&s, "t"));
	const char *said;
	size_t said_size, at = 0, count = 0;

	snprintf(command, sizeof command,
	         "cd '%s/t' && git check-ignore --no-index -z --stdin <../paths >../said", s.path);
	cr_assert_neq(system(command), -1);
	said = scratch_read(&s, "said", &said_size);
	/* git names the ones that are out, in the order asked */
	for (size_t i = 0; i < paths_size; i += strlen(paths + i) + 1) {
		bool git = at < said_size && strcmp(said + at, paths + i) == 0;

		cr_assert_eq(is_out(tree, paths + i), git, "round %u: '%s' with\n%s--- in a:\n%s",
		             round, paths + i, scratch_read(&s, "t/.gitignore", NULL),
		             scratch_read(&s, "t/a/.gitignore", NULL));
		if (git)
			at += strlen(said + at) + 1;
		count += git;
	}
	cr_assert_eq(at, said_size);
	tally_tree_free(tree);
	return count;
}

Test(ignore, random_patterns_do_what_git_does)
{
	const char *rounds = getenv("TALLY_IGNORE_ROUNDS");
	unsigned count = rounds ? (unsigned)atoi(rounds) : 60;
	const char *paths;
	size_t paths_size, total = 0;
	FILE *f;

	make_tree();
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("HOME", s.path, 1);
	if (system("git --version >/dev/null 2>&1") != 0)
		cr_skip("no git here");
	cr_assert_eq(chdir(scratch_path(&s, "t")), 0);
	cr_assert_eq(system("git -c init.defaultBranch=main init -q ."), 0);
	f = fopen(scratch_path(&s, "paths"), "wb");
	list_paths(f);
	fclose(f);
	paths = scratch_read(&s, "paths", &paths_size);
	for (unsigned round = 0; round < count; round++) {
		seed = round * UINT64_C(0x9E3779B97F4A7C15) + 7;
		write_patterns("t");
		write_patterns("t/a");
		total += compare_with_git(paths, paths_size, round);
	}
	cr_assert_gt(total, count, "hardly anything was excluded");
}
