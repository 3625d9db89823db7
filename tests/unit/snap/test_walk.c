/* The walker on everything that a folder can hold. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/mem.h"
#include "snap/extents.h"
#include "support/faults.h"
#include "support/walked.h"

TestSuite(walk, .init = walked_begin, .fini = walked_end, .timeout = 300);

static void check_reason(const char *path, enum tally_entry_type type, enum tally_reason reason)
{
	const struct tally_entry *e = at(path);

	cr_expect_eq(e->type, type, "'%s' is a %s", path, tally_type_name(e->type));
	cr_expect_eq(e->reason, reason, "'%s': %s", path, tally_reason_id(e->reason));
	if (reason) {
		cr_expect_eq(e->proof, TALLY_PROOF_NONE);
		cr_expect_not(tally_digest_known(&e->digest));
	}
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- ordinary folders ---- */

Test(walk, files_folders_and_links_with_their_metadata)
{
	struct stat st;

	scratch_puts(&s, "a/x.txt", "hello");
	scratch_puts(&s, "a-b/y", "");
	scratch_symlink(&s, "../up/dangling", "a/link");
	scratch_chmod(&s, "a/x.txt", 04751);
	scratch_touch(&s, "a/x.txt", 1234567890, 987654321);
	scratch_mkdirs(&s, "empty");
	walk();
	cr_assert_eq(walked->dir_count, 4);
	cr_assert_eq(walked->totals.files, 2);
	cr_assert_eq(walked->totals.folders, 3);
	cr_assert_eq(walked->totals.bytes, 5);
	cr_assert_str_eq(tree->dirs[0].path, "");
	cr_assert_str_eq(tree->dirs[1].path, "a");
	cr_assert_str_eq(tree->dirs[2].path, "a-b");
	check_content("a/x.txt", "hello", 5);
	check_content("a-b/y", "", 0);
	cr_assert_eq(stat(scratch_path(&s, "a/x.txt"), &st), 0);
	cr_assert_eq(at("a/x.txt")->mode, 04751);
	cr_assert_eq(at("a/x.txt")->mtime_ns, INT64_C(1234567890987654321));
	cr_assert_eq(at("a/x.txt")->inode, st.st_ino);
	cr_assert_eq(at("a/x.txt")->device, st.st_dev);
	cr_assert_eq(at("a/x.txt")->uid, st.st_uid);
	cr_assert_str_eq(at("a/link")->target, "../up/dangling");
	cr_assert_eq(at("a/link")->size, 14);
	cr_assert_eq(at("a/link")->type, TALLY_TYPE_SYMLINK);
	cr_assert_eq(at("a")->subdir, 1);
	cr_assert_eq(tree->dirs[0].mode, 0700);
	cr_assert_eq(tree->root_count, 1);
	cr_assert_str_eq(tree->roots[0].path, s.path);
	cr_assert_str_eq(tree->roots[0].label, "");
}

Test(walk, files_of_all_sizes_around_the_buffer)
{
	static const size_t sizes[] = { 1, 262143, 262144, 262145, 524288, 4194303, 4194304, 4194305 };
	unsigned char *bytes = malloc(5 << 20);
	char name[32];

	for (size_t i = 0; i < 5 << 20; i++)
		bytes[i] = (unsigned char)(i * 31 + i / 255);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		snprintf(name, sizeof name, "f%zu", sizes[i]);
		scratch_write(&s, name, bytes, sizes[i]);
	}
	walk();
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		snprintf(name, sizeof name, "f%zu", sizes[i]);
		check_content(name, bytes, sizes[i]);
	}
	free(bytes);
}

Test(walk, sha256_on_request)
{
	struct tally_sha256 sha;
	char *big = calloc(1, 300000);

	scratch_puts(&s, "a", "abc");
	scratch_write(&s, "b", big, 300000);
	scratch_symlink(&s, "a", "l");
	options.sha256 = true;
	walk();
	tally_sha256_of(&sha, "abc", 3);
	cr_assert_not_null(at("a")->sha256);
	cr_assert_arr_eq(at("a")->sha256->bytes, sha.bytes, sizeof sha.bytes);
	cr_assert(at("a")->flags & TALLY_ENTRY_HAS_SHA256);
	tally_sha256_of(&sha, big, 300000);
	cr_assert_arr_eq(at("b")->sha256->bytes, sha.bytes, sizeof sha.bytes);
	cr_assert_null(at("l")->sha256);
	free(big);
}

Test(walk, names_are_bytes)
{
	static const char *const names[] = {
		"\xff\xfe", "new\nline", "tab\t", "\x1b[31mred", "\xe2\x80\xae.fdp", "'\"", " "
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		scratch_puts(&s, names[i], names[i]);
	walk();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		check_content(names[i], names[i], strlen(names[i]));
}

static void check_same_trees(const struct tally_walked *a, const struct tally_walked *b)
{
	cr_assert_eq(a->dir_count, b->dir_count);
	for (uint32_t i = 0; i < a->dir_count; i++) {
		cr_assert_str_eq(a->dirs[i].dir.path, b->dirs[i].dir.path);
		cr_assert_eq(a->dirs[i].packed_len, b->dirs[i].packed_len, "%s", a->dirs[i].dir.path);
		if (a->dirs[i].packed_len)
			cr_assert_arr_eq(a->dirs[i].packed, b->dirs[i].packed, a->dirs[i].packed_len);
	}
}

Test(walk, one_and_eight_readers_see_the_same)
{
	struct tally_walked *one;
	char name[64], text[64];

	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof name, "d%d/e%d/f%d", i % 7, i % 31, i);
		snprintf(text, sizeof text, "content %d", i % 100);
		scratch_puts(&s, name, text);
		if (i % 50 == 0) {
			snprintf(text, sizeof text, "d%d/hard%d", i % 5, i);
			scratch_link(&s, name, text);
		}
	}
	scratch_puts(&s, "d3/.tallyignore", "*7\n!f17\n");
	scratch_puts(&s, "d4/e1/.tallyignore", "*\n");
	options.readers = 1;
	walk();
	one = walked;
	walked = NULL;
	options.readers = 8;
	for (int i = 0; i < 5; i++) {
		walk();
		check_same_trees(one, walked);
		cr_assert_eq(one->pattern_count, walked->pattern_count);
		for (uint32_t k = 0; k < one->pattern_count; k++) {
			cr_assert_str_eq(one->patterns[k].origin, walked->patterns[k].origin);
			cr_assert_eq(one->patterns[k].entries, walked->patterns[k].entries);
		}
	}
	tally_walked_free(one);
}

/* ---- roots ---- */

Test(walk, several_roots_get_labels)
{
	const char *roots[4];

	scratch_puts(&s, "a/docs/x", "1");
	scratch_puts(&s, "b/docs/y/z", "2");
	scratch_puts(&s, "c/one.csv", "3");
	scratch_puts(&s, "c/two.csv", "4");
	scratch_puts(&s, "c/three.csv", "5");
	roots[0] = scratch_path(&s, "b/docs");
	roots[1] = scratch_path(&s, "c/two.csv");
	roots[2] = scratch_path(&s, "a/docs");
	roots[3] = scratch_path(&s, "c/one.csv");
	walked_roots(roots, 4);
	check_content("docs/y/z", "2", 1);
	check_content("docs (2)/x", "1", 1);
	check_content("c/one.csv", "3", 1);
	check_content("c/two.csv", "4", 1);
	cr_assert_eq(tally_tree_find(tree, "c/three.csv", 11), TALLY_NO_INDEX);
	cr_assert_eq(walked->dir_count, 4);
	cr_assert_eq(tree->root_count, 4);
	cr_assert_str_eq(tree->roots[0].label, "docs");
	cr_assert_str_eq(tree->roots[2].label, "docs (2)");
	cr_assert(tree->roots[3].is_file);
	cr_assert_str_eq(tree->roots[3].label, "c");
	cr_assert_str_eq(tree->roots[3].path, roots[3]);
}

Test(walk, a_single_file_is_a_folder_with_one_entry)
{
	const char *root = scratch_puts(&s, "a/x.csv", "1,2\n");
	const char *link = scratch_symlink(&s, "a/x.csv", "way");

	scratch_puts(&s, "a/y.csv", "");
	scratch_puts(&s, "a/.tallyignore", "*\n");
	walked_roots(&root, 1);
	cr_assert_eq(tree->entry_count, 1);
	check_content("x.csv", "1,2\n", 4);
	cr_assert(tree->roots[0].is_file);
	walked_roots(&link, 1);
	check_content("x.csv", "1,2\n", 4);
}

Test(walk, overlapping_roots_are_never_counted_twice)
{
	const char *roots[2];
	struct tally_err err;

	scratch_puts(&s, "a/b/x", "1");
	scratch_symlink(&s, "a", "again");
	roots[0] = scratch_path(&s, "a");
	roots[1] = scratch_path(&s, "again");
	walked_roots(roots, 2);
	cr_assert_eq(walked->totals.files, 1);
	cr_assert_eq(tree->root_count, 1);
	check_content("b/x", "1", 1);
	roots[1] = scratch_path(&s, "a/b");
	cr_assert_eq(walked_try(roots, 2, &err), TALLY_FATAL);
	cr_assert_not_null(strstr(err.message, "lies inside"));
	roots[1] = scratch_path(&s, "a/b/x");
	cr_assert_eq(walked_try(roots, 2, &err), TALLY_FATAL);
}

Test(walk, a_root_that_is_not_there)
{
	const char *roots[2];
	struct tally_err err;

	scratch_puts(&s, "a/x", "1");
	roots[0] = scratch_path(&s, "gone/./folder//");
	roots[1] = scratch_path(&s, "a");
	cr_assert_eq(walked_try(roots, 1, &err), TALLY_FATAL);
	cr_assert_not_null(strstr(err.message, "gone"));
	walked_roots(roots, 2);
	check_content("a/x", "1", 1);
	cr_assert_eq(tally_tree_absence(tree, "folder/y", 8), TALLY_REASON_VANISHED);
	cr_assert_str_eq(tree->roots[0].path, scratch_path(&s, "gone/folder"));
}

/* ---- what cannot be read ---- */

Test(walk, unreadable_files_and_folders_are_told)
{
	scratch_puts(&s, "secret.txt", "x");
	scratch_puts(&s, "locked/in/x", "x");
	scratch_puts(&s, "open/x", "x");
	scratch_chmod(&s, "secret.txt", 0);
	scratch_leave_root(&s);
	scratch_chmod(&s, "locked", 0);
	walk();
	check_reason("secret.txt", TALLY_TYPE_FILE, TALLY_REASON_PERMISSION);
	cr_assert_eq(at("secret.txt")->size, 1);
	check_reason("locked", TALLY_TYPE_DIR, TALLY_REASON_PERMISSION);
	cr_assert_eq(tally_tree_absence(tree, "locked/in/x", 11), TALLY_REASON_PERMISSION);
	cr_assert_eq(tally_tree_absence(tree, "open/y", 6), TALLY_REASON_NONE);
	check_content("open/x", "x", 1);
	cr_assert_eq(walked->totals.unread, 1);
	scratch_chmod(&s, "locked", 0700);
}

Test(walk, a_folder_that_lists_but_cannot_be_searched)
{
	scratch_puts(&s, "d/x", "x");
	scratch_mkdirs(&s, "d/e");
	scratch_leave_root(&s);
	scratch_chmod(&s, "d", 0400);
	walk();
	/* the folder may tell the types, or may not */
	check_reason("d/x", at("d/x")->type == TALLY_TYPE_FILE ? TALLY_TYPE_FILE : TALLY_TYPE_UNKNOWN,
	             TALLY_REASON_PERMISSION);
	check_reason("d/e", at("d/e")->type == TALLY_TYPE_DIR ? TALLY_TYPE_DIR : TALLY_TYPE_UNKNOWN,
	             TALLY_REASON_PERMISSION);
	cr_assert_eq(tally_tree_absence(tree, "d/e/f", 5), TALLY_REASON_PERMISSION);
	scratch_chmod(&s, "d", 0700);
}

Test(walk, an_unreadable_root_is_an_error)
{
	const char *root;
	struct tally_err err;

	scratch_mkdirs(&s, "d");
	scratch_leave_root(&s);
	scratch_chmod(&s, "d", 0);
	root = scratch_path(&s, "d");
	cr_assert_eq(walked_try(&root, 1, &err), TALLY_FATAL);
	cr_assert_eq(err.reason, TALLY_REASON_PERMISSION);
	scratch_chmod(&s, "d", 0700);
}

Test(walk, a_file_in_a_folder_that_may_only_be_searched)
{
	const char *root;

	if (!TALLY_LINUX)
		cr_skip("needs the right to list it here");
	root = scratch_puts(&s, "d/x", "x");
	scratch_leave_root(&s);
	scratch_chmod(&s, "d", 0100);
	walked_roots(&root, 1);
	check_content("x", "x", 1);
	scratch_chmod(&s, "d", 0700);
}

Test(walk, a_folder_with_more_entries_than_the_limit_says_so)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.folder_entries = 2;
	options.limits = &limits;
	scratch_puts(&s, "d/1", "");
	scratch_puts(&s, "d/2", "");
	scratch_puts(&s, "d/3", "");
	walk();
	check_reason("d", TALLY_TYPE_DIR, TALLY_REASON_LIMIT);
	cr_assert_eq(tree->entry_count, 3);
	cr_assert_eq(tally_tree_absence(tree, "d/4", 3), TALLY_REASON_LIMIT);
}

Test(walk, pipes_sockets_and_devices_are_never_opened)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	double start = seconds();

	cr_assert_eq(mkfifo(scratch_path(&s, "pipe"), 0600), 0);
	cr_assert_eq(chdir(s.path), 0);
	strcpy(address.sun_path, "sock");
	cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	if (mknod(scratch_path(&s, "tty"), S_IFCHR | 0600, 5 << 8) == 0) {
		walk();
		check_reason("tty", TALLY_TYPE_CHARDEV, TALLY_REASON_SPECIAL_FILE);
	}
	walk();
	check_reason("pipe", TALLY_TYPE_FIFO, TALLY_REASON_SPECIAL_FILE);
	check_reason("sock", TALLY_TYPE_SOCKET, TALLY_REASON_SPECIAL_FILE);
	cr_assert_eq(at("pipe")->mode, 0600);
	cr_assert_lt(seconds() - start, 5);
	close(fd);
}

Test(walk, links_are_links)
{
	scratch_mkdirs(&s, "d");
	scratch_symlink(&s, "..", "d/parent");
	scratch_symlink(&s, "self", "self");
	scratch_symlink(&s, "/etc", "outside");
	walk();
	cr_assert_eq(tree->entry_count, 4);
	cr_assert_str_eq(at("d/parent")->target, "..");
	cr_assert_str_eq(at("outside")->target, "/etc");
	cr_assert_eq(at("self")->type, TALLY_TYPE_SYMLINK);
	cr_assert_eq(at("self")->proof, TALLY_PROOF_HASHED);
}

Test(walk, long_link_targets)
{
	static char target[4096];

	for (size_t i = 0; i < sizeof target - 1; i++)
		target[i] = i % 2 ? 'x' : '/';
	scratch_symlink(&s, target, "long");
	walk();
	cr_assert_str_eq(at("long")->target, target);
}

Test(walk, hard_links_are_read_once_and_say_the_same)
{
	char name[32];

	scratch_write(&s, "a", "shared", 6);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "d%d/l%d", i % 9, i);
		scratch_link(&s, "a", name);
	}
	walk();
	check_content("a", "shared", 6);
	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof name, "d%d/l%d", i % 9, i);
		check_content(name, "shared", 6);
		cr_assert_eq(at(name)->nlink, 201);
	}
	scratch_unlink(&s, "a");
	walk();
	check_content("d0/l0", "shared", 6);
}

Test(walk, linked_large_files_are_read_once)
{
	char *bytes = calloc(1, 5 << 20);
	char name[32];

	memset(bytes, 'x', 5 << 20);
	scratch_write(&s, "big", bytes, 5 << 20);
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "d%d/l%d", i % 9, i);
		scratch_link(&s, "big", name);
	}
	walk();
	for (int i = 0; i < 50; i++) {
		snprintf(name, sizeof name, "d%d/l%d", i % 9, i);
		check_content(name, bytes, 5 << 20);
	}
	free(bytes);
}

/* ---- sparse files ---- */

static void make_sparse(const char *name, off_t size, off_t data, const char *bytes)
{
	int fd = open(scratch_path(&s, name), O_WRONLY | O_CREAT | O_EXCL, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(ftruncate(fd, size), 0);
	if (bytes)
		cr_assert_eq(pwrite(fd, bytes, strlen(bytes), data), (ssize_t)strlen(bytes));
	close(fd);
}

Test(walk, holes_are_zeros)
{
	enum { SIZE = 24 << 20 };
	char *dense = calloc(1, SIZE);
	struct stat st;

	memcpy(dense + (9 << 20) + 5, "data", 4);
	make_sparse("sparse", SIZE, (9 << 20) + 5, "data");
	make_sparse("hollow", SIZE, 0, NULL);
	scratch_write(&s, "dense", dense, SIZE);
	stat(scratch_path(&s, "sparse"), &st);
	if (st.st_blocks * 512 >= SIZE)
		cr_skip("no sparse files here");
	walk();
	check_content("sparse", dense, SIZE);
	check_content("dense", dense, SIZE);
	if (tally_extents_known())
		cr_assert(at("sparse")->flags & TALLY_ENTRY_SPARSE);
	cr_assert_not(at("dense")->flags & TALLY_ENTRY_SPARSE);
	memset(dense, 0, SIZE);
	check_content("hollow", dense, SIZE);
	free(dense);
}

Test(walk, a_terabyte_of_holes_ends_quickly)
{
	double start;
	struct stat st;
	struct tally_digest first;

	make_sparse("huge", (off_t)1 << 40, (off_t)1 << 39, "data");
	stat(scratch_path(&s, "huge"), &st);
	if (st.st_blocks > 1 << 20)
		cr_skip("no sparse files here");
	start = seconds();
	walk();
	cr_assert_lt(seconds() - start, 2);
	if (!tally_extents_known()) {
		check_reason("huge", TALLY_TYPE_FILE, TALLY_REASON_TOO_LARGE);
		return;
	}
	cr_assert_eq(at("huge")->proof, TALLY_PROOF_EXTENT);
	cr_assert_eq(at("huge")->reason, TALLY_REASON_NONE);
	cr_assert_eq(at("huge")->size, UINT64_C(1) << 40);
	cr_assert(at("huge")->flags & TALLY_ENTRY_SPARSE);
	first = at("huge")->digest;
	/* the same data at another place, and a change of the size alone, are other contents */
	make_sparse("other", (off_t)1 << 40, ((off_t)1 << 39) + (1 << 20), "data");
	make_sparse("longer", ((off_t)1 << 40) + 1, (off_t)1 << 39, "data");
	make_sparse("twin", (off_t)1 << 40, (off_t)1 << 39, "data");
	walk();
	cr_assert(tally_digest_equal(&at("twin")->digest, &first));
	cr_assert_not(tally_digest_equal(&at("other")->digest, &first));
	cr_assert_not(tally_digest_equal(&at("longer")->digest, &first));
}

/* ---- size of things ---- */

/* Nested folders named by @name, made step by step, since the path gets longer than the system takes. */
static void make_nested(const char *name, int depth)
{
	int dir = open(s.path, O_RDONLY | O_DIRECTORY);

	for (int i = 0; i < depth; i++) {
		int next;

		cr_assert_eq(mkdirat(dir, name, 0700), 0);
		next = openat(dir, name, O_RDONLY | O_DIRECTORY);
		close(dir);
		dir = next;
	}
	close(openat(dir, "deepest", O_WRONLY | O_CREAT, 0600));
	close(dir);
}

Test(walk, six_hundred_nested_folders)
{
	make_nested("a folder with a name of fifty bytes, which is long", 600);
	walk();
	cr_assert_eq(walked->dir_count, 601);
	cr_assert_eq(tree->dirs[600].path_len, 600 * 51 - 1);
	cr_assert_eq(tree->entries[tree->dirs[600].first].proof, TALLY_PROOF_HASHED);
}

static void limit_descriptors(rlim_t n)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = n;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

Test(walk, six_hundred_nested_folders_with_few_descriptors)
{
	char name[64];

	make_nested("n", 600);
	for (int i = 0; i < 40 * 40; i++) {
		snprintf(name, sizeof name, "wide%d/w%d/f", i / 40, i % 40);
		scratch_puts(&s, name, name);
	}
	limit_descriptors(24);
	walk();
	limit_descriptors(1024);
	cr_assert_eq(walked->dir_count, 601 + 40 + 1600);
	cr_assert_eq(walked->totals.hashed, 1601);
}

Test(walk, folders_below_the_depth_limit_are_told)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.folder_depth = 3;
	options.limits = &limits;
	make_nested("n", 5);
	walk();
	cr_assert_eq(walked->dir_count, 4);
	check_reason("n/n/n/n", TALLY_TYPE_DIR, TALLY_REASON_LIMIT);
	cr_assert_eq(tally_tree_absence(tree, "n/n/n/n/n", 9), TALLY_REASON_LIMIT);
}

Test(walk, a_hundred_thousand_files_in_one_folder)
{
	int dir = open(s.path, O_RDONLY | O_DIRECTORY);
	char name[16];

	for (int i = 0; i < 100000; i++) {
		int fd;

		snprintf(name, sizeof name, "%d", i);
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
		cr_assert_geq(fd, 0);
		if (i % 1000 == 0)
			cr_assert_eq(write(fd, name, strlen(name)), (ssize_t)strlen(name));
		close(fd);
	}
	close(dir);
	walk();
	cr_assert_eq(walked->totals.hashed, 100000);
	check_content("77000", "77000", 5);
	check_content("77001", "", 0);
}

/* ---- files that change ---- */

struct changer {
	const char *path;
	atomic_bool stop;
	bool truncate;
};

static void *change(void *payload)
{
	struct changer *c = payload;
	int fd = open(c->path, O_WRONLY | O_APPEND);

	while (!atomic_load(&c->stop)) {
		if (write(fd, "more", 4) != 4)
			break;
		if (c->truncate && ftruncate(fd, 100))
			break;
	}
	close(fd);
	return NULL;
}

static void walk_while_changing(const char *name, bool truncate_too)
{
	struct changer c = { .path = scratch_path(&s, name), .truncate = truncate_too };
	pthread_t thread;

	pthread_create(&thread, NULL, change, &c);
	walk();
	atomic_store(&c.stop, true);
	pthread_join(thread, NULL);
}

/* Either it came out whole in the end, or it is said not to be known. Never anything in between. */
static void check_honest(const char *name)
{
	const struct tally_entry *e = at(name);

	if (e->proof == TALLY_PROOF_NONE)
		check_reason(name, TALLY_TYPE_FILE, TALLY_REASON_CHANGED_WHILE_READING);
	else
		cr_assert(tally_digest_known(&e->digest));
}

Test(walk, a_file_that_grows_all_the_time_is_unproven)
{
	char *bytes = calloc(1, 32 << 20);
	int unproven = 0;

	scratch_write(&s, "log", bytes, 32 << 20);
	free(bytes);
	/* on a busy machine the writer may not get its turn while the file is read */
	for (int i = 0; i < 5 || (!unproven && i < 200); i++) {
		walk_while_changing("log", false);
		check_honest("log");
		unproven += at("log")->reason == TALLY_REASON_CHANGED_WHILE_READING;
	}
	cr_assert_gt(unproven, 0);
}

Test(walk, a_file_that_shrinks_while_it_is_read_does_no_harm)
{
	char *bytes = calloc(1, 8 << 20);

	memset(bytes, 1, 8 << 20);
	for (int i = 0; i < 5; i++) {
		scratch_write(&s, "f", bytes, 8 << 20);
		walk_while_changing("f", true);
		check_honest("f");
	}
	free(bytes);
}

/* ---- stopping, progress ---- */

static volatile int stop;

static void stop_now(void *payload, const struct tally_progress *p)
{
	struct tally_progress *last = payload;

	*last = *p;
	stop = 1;
}

Test(walk, stops_soon_when_told)
{
	struct tally_err err;
	struct tally_progress last = { .phase = NULL };
	const char *root = s.path;
	double start = seconds();

	/* 60 GiB of zeros take seconds to hash */
	make_sparse("large", (off_t)60 << 30, 0, NULL);
	stop = 0;
	options.stop = &stop;
	options.progress = stop_now;
	options.payload = &last;
	cr_assert_eq(walked_try(&root, 1, &err), TALLY_FATAL);
	cr_assert_eq(err.reason, TALLY_REASON_STOPPED);
	cr_assert_null(walked);
	cr_assert_lt(seconds() - start, 2);
	cr_assert_str_eq(last.phase, "listing and hashing");
	/* set before it begins */
	options.progress = NULL;
	cr_assert_eq(walked_try(&root, 1, &err), TALLY_FATAL);
	cr_assert_eq(err.reason, TALLY_REASON_STOPPED);
}

/* ---- excludes ---- */

Test(walk, excluded_entries_are_written_and_folders_not_entered)
{
	static const char *const excludes[] = { "# nothing", "*.tmp", "never", "!b.tmp" };

	scratch_puts(&s, "a.tmp", "x");
	scratch_puts(&s, "b.tmp", "x");
	scratch_puts(&s, "node_modules/deep/x", "x");
	scratch_puts(&s, "sub/.tallyignore", "/node_modules/\nb.tmp\nunused\n*.txt\n");
	scratch_puts(&s, "sub/node_modules/y", "x");
	scratch_puts(&s, "sub/deep/node_modules/y", "x");
	scratch_puts(&s, "sub/deep/b.tmp", "x");
	scratch_puts(&s, "sub/deep/c.txt", "x");
	scratch_puts(&s, "sub/deep/d.txt", "x");
	options.excludes = excludes;
	options.exclude_count = 4;
	walk();
	check_reason("a.tmp", TALLY_TYPE_FILE, TALLY_REASON_EXCLUDED);
	check_content("b.tmp", "x", 1);
	check_content("node_modules/deep/x", "x", 1);
	check_reason("sub/node_modules", TALLY_TYPE_DIR, TALLY_REASON_EXCLUDED);
	cr_assert_eq(at("sub/node_modules")->subdir, TALLY_NO_INDEX);
	cr_assert_eq(tally_tree_absence(tree, "sub/node_modules/y", 18), TALLY_REASON_EXCLUDED);
	check_content("sub/deep/node_modules/y", "x", 1);
	/* the command line is stronger than any file */
	check_content("sub/deep/b.tmp", "x", 1);
	cr_assert_eq(tree->pattern_count, 5);
	cr_assert_str_eq(tree->patterns[0].text, "*.tmp");
	cr_assert_str_eq(tree->patterns[0].origin, "--exclude");
	cr_assert_eq(tree->patterns[0].entries, 1);
	cr_assert_eq(tree->patterns[1].entries, 0);
	cr_assert_eq(at("a.tmp")->pattern, 1);
	cr_assert_str_eq(tree->patterns[3].text, "/node_modules/");
	cr_assert_str_eq(tree->patterns[3].origin, "sub/.tallyignore");
	cr_assert_str_eq(tree->patterns[4].text, "*.txt");
	cr_assert_eq(tree->patterns[4].entries, 2);
	cr_assert_eq(at("sub/deep/c.txt")->pattern, 5);
	cr_assert_eq(walked->totals.excluded, 4);
}

Test(walk, excludes_are_relative_to_each_root)
{
	static const char *const excludes[] = { "/x/y" };
	const char *roots[2];

	scratch_puts(&s, "one/x/y", "");
	scratch_puts(&s, "two/x/y", "");
	scratch_puts(&s, "two/z/x/y", "");
	roots[0] = scratch_path(&s, "one");
	roots[1] = scratch_path(&s, "two");
	options.excludes = excludes;
	options.exclude_count = 1;
	walked_roots(roots, 2);
	check_reason("one/x/y", TALLY_TYPE_FILE, TALLY_REASON_EXCLUDED);
	check_reason("two/x/y", TALLY_TYPE_FILE, TALLY_REASON_EXCLUDED);
	check_content("two/z/x/y", "", 0);
}

Test(walk, an_ignore_file_that_is_a_link_or_too_large_excludes_nothing)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.ignore_file_bytes = 10;
	options.limits = &limits;
	scratch_puts(&s, "patterns", "*\n");
	scratch_symlink(&s, "../patterns", "a/.tallyignore");
	scratch_puts(&s, "a/x", "x");
	scratch_puts(&s, "b/.tallyignore", "*\n# far too long\n");
	scratch_puts(&s, "b/x", "x");
	walk();
	check_content("a/x", "x", 1);
	check_content("b/x", "x", 1);
}

/* ---- trouble ---- */

static void make_some(void)
{
	scratch_puts(&s, "a/x", "1");
	scratch_puts(&s, "a/.tallyignore", "z*\n");
	scratch_puts(&s, "a/zz", "1");
	scratch_puts(&s, "b/c/y", "2");
	scratch_symlink(&s, "x", "b/l");
	scratch_link(&s, "a/x", "b/h");
	make_sparse("sparse", 2 << 20, 1 << 20, "data");
}

Test(walk, no_memory_at_any_point_is_told)
{
	static const char *const excludes[] = { "q" };
	const char *root = s.path;

	make_some();
	options.readers = 1;
	options.excludes = excludes;
	options.exclude_count = 1;
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_err err = { .status = TALLY_OK };
		enum tally_status st = walked_try(&root, 1, &err);

		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK, "allocation %ld: %s",
		             f.nth, err.message);
	}
}

/* A read that fails is never fatal and never silent: the entry or the folder says so, or it was read again. */
Test(walk, a_read_error_at_any_point_is_told)
{
	uint32_t whole;

	make_some();
	options.readers = 1;
	walk();
	whole = tree->entry_count;
	FAULTS_EACH(f, TALLY_FAULT_READ)
	{
		unsigned told = 0;
		bool fired;

		walk();
		fired = faults_fired(&f);
		for (uint32_t i = 0; i < tree->entry_count; i++)
			told += tree->entries[i].reason == TALLY_REASON_READ_ERROR;
		for (uint32_t i = 0; i < tree->dir_count; i++)
			told += tree->dirs[i].reason == TALLY_REASON_READ_ERROR;
		/* without its patterns a folder is read more, not less */
		if (fired && tree->entry_count == whole && walked->totals.excluded)
			cr_assert_gt(told, 0, "read %ld", f.nth);
		if (!fired)
			cr_assert_eq(told, 0);
	}
}
