/* Taking, looking, opening: a stored snapshot says what the live folder says, every time in the same bytes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "support/faults.h"
#include "support/scratch.h"
#include "support/snaps.h"

#include "snap/store.h"

static struct scratch s;

static void begin(void)
{
	scratch_make(&s);
	scratch_puts(&s, "root/a.txt", "alpha");
	scratch_puts(&s, "root/empty", "");
	scratch_puts(&s, "root/sub/b.csv", "x,y\n1,2\n");
	scratch_puts(&s, "root/sub/deep/c", "gamma");
	scratch_puts(&s, "root/sub/twin", "alpha");
	scratch_symlink(&s, "a.txt", "root/link");
	scratch_mkdirs(&s, "root/hollow");
	scratch_mkdirs(&s, "out");
}

static void end(void)
{
	scratch_remove(&s);
}

TestSuite(snapshot, .init = begin, .fini = end);

static const char *root(void)
{
	return scratch_path(&s, "root");
}

Test(snapshot, stored_and_live_agree)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_snapshot *stored = snaps_take(root(), scratch_path(&s, "out/x"), &o),
			      *live = NULL;
	const char *roots[] = { root() };

	cr_assert_eq(tally_snapshot_look(&live, roots, 1, &o, NULL), TALLY_OK);
	cr_assert(snaps_same_tree(tally_snapshot_tree(stored), tally_snapshot_tree(live)));
	cr_assert_arr_eq(tally_snapshot_info(stored)->digest.bytes,
	                 tally_snapshot_info(live)->digest.bytes, 32);
	cr_assert_arr_eq(tally_snapshot_key(stored), &snaps_key, sizeof snaps_key);
	tally_snapshot_close(stored);
	tally_snapshot_close(live);
}

Test(snapshot, earlier_snapshot_is_closed_when_it_has_served)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	struct tally_snapshot *earlier = snaps_take(root(), scratch_path(&s, "out/x"), &o), *taken;
	const char *roots[] = { root() };

	o.quick = true;
	o.earlier = earlier;
	o.earlier_to_close = &earlier;
	cr_assert_eq(tally_snapshot_take(NULL, roots, 1, scratch_path(&s, "none/y"), &o, NULL),
	             TALLY_FATAL);
	cr_assert_not_null(earlier, "what failed may be tried again");
	taken = snaps_take(root(), scratch_path(&s, "out/y"), &o);
	cr_assert_null(earlier);
	cr_assert(tally_snapshot_info(taken)->quick);
	cr_assert(snaps_kept(taken, "a.txt"));
	tally_snapshot_close(taken);
}

Test(snapshot, info_counts_what_is_there)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	struct tally_snapshot *snap = snaps_take(root(), scratch_path(&s, "out/x"), &o);
	const struct tally_snap_info *info = tally_snapshot_info(snap);

	cr_expect_eq(info->files, 5);
	cr_expect_eq(info->folders, 3);
	cr_expect_eq(info->entries, 9);
	cr_expect_eq(info->bytes, 5 + 8 + 5 + 5);
	cr_expect_eq(info->hashed, 5);
	cr_expect_eq(info->stat + info->unread, 0);
	cr_expect_eq(info->kept_files, 3, "alpha, the table, gamma");
	cr_expect_eq(info->kept_bytes, 5 + 8 + 5);
	cr_expect_gt(info->taken_at_ns, INT64_C(1600000000000000000));
	cr_expect(info->seconds > 0 && info->seconds < 60);
	cr_expect(info->host[0] && info->user[0] && info->filesystem[0]);
	cr_expect(!info->sha256 && !info->quick);
	tally_snapshot_close(snap);
}

Test(snapshot, digest_names_the_state_and_not_the_time)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_snapshot *a = snaps_take(root(), scratch_path(&s, "out/a"), &o), *b, *c;

	o.keep = TALLY_KEEP_ALL;
	b = snaps_take(root(), scratch_path(&s, "out/b"), &o);
	scratch_chmod(&s, "root/a.txt", 0600);
	c = snaps_take(root(), scratch_path(&s, "out/c"), &o);
	cr_assert_arr_eq(a->info.digest.bytes, b->info.digest.bytes, 32);
	cr_assert_arr_neq(a->info.digest.bytes, c->info.digest.bytes, 32);
	tally_snapshot_close(a);
	tally_snapshot_close(b);
	tally_snapshot_close(c);
}

/* The page that holds meta, from 1: times stand there. */
static long meta_page(const char *path)
{
	sqlite3 *db;
	sqlite3_stmt *stmt;
	long page;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_schema WHERE name='meta'",
	                                -1, &stmt, NULL),
	             SQLITE_OK);
	cr_assert_eq(sqlite3_step(stmt), SQLITE_ROW);
	page = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return page;
}

static void assert_same_bytes(const char *a, const char *b)
{
	size_t na, nb, page = (size_t)meta_page(a) - 1;
	char *x = scratch_slurp(a, &na), *y = scratch_slurp(b, &nb);

	cr_assert_eq(na, nb);
	for (size_t i = 0; i < na; i++)
		cr_assert(x[i] == y[i] || i / 16384 == page, "byte %zu of %zu", i, na);
	free(x);
	free(y);
}

static void fill_for_keeping(void)
{
	char *noise = snaps_noise(3 << 20, 5), name[64];
	char *text = malloc(3 << 20);

	memset(text, 'x', 3 << 20);
	scratch_write(&s, "root/noise", noise, 3 << 20);
	scratch_write(&s, "root/sub/text", text, (3 << 20) - 17);
	for (int i = 0; i < 600; i++) {
		snprintf(name, sizeof name, "root/many/%d", i);
		scratch_write(&s, name, noise + i, (size_t)i * 13);
	}
	free(noise);
	free(text);
}

Test(snapshot, the_same_folder_gives_the_same_bytes)
{
	const char *a = scratch_path(&s, "out/a"), *b = scratch_path(&s, "out/b");
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);

	fill_for_keeping();
	o.readers = 1;
	tally_snapshot_close(snaps_take(root(), a, &o));
	o.readers = 8;
	tally_snapshot_close(snaps_take(root(), b, &o));
	assert_same_bytes(a, b);
}

Test(snapshot, path_may_hold_anything)
{
	const char *odd[] = { "out/100%", "out/a?mode=rw#x", "out/ü \"'\n", "out/%41" };
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);

	for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
		const char *path = scratch_path(&s, odd[i]);

		tally_snapshot_close(snaps_take(root(), path, &o));
		cr_expect(scratch_exists(&s, odd[i]), "%s", odd[i]);
		tally_snapshot_close(snaps_open(path));
	}
	cr_assert_eq(chdir(scratch_path(&s, "out")), 0);
	tally_snapshot_close(snaps_take(root(), "plain", &o));
	tally_snapshot_close(snaps_open("plain"));
	cr_assert_eq(chdir("/"), 0);
	char *twice = malloc(strlen(scratch_path(&s, "out/plain")) + 2);

	sprintf(twice, "/%s", scratch_path(&s, "out/plain"));
	tally_snapshot_close(snaps_open(twice));
	free(twice);
}

Test(snapshot, file_is_private_and_alone)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	struct stat st;

	tally_snapshot_close(snaps_take(root(), scratch_path(&s, "out/x"), &o));
	cr_assert_eq(stat(scratch_path(&s, "out/x"), &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	scratch_unlink(&s, "out/x");
	/* nothing else was there: the folder can go */
	cr_assert_eq(rmdir(scratch_path(&s, "out")), 0);
}

Test(snapshot, snapshot_inside_its_own_folder_is_no_entry)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	struct tally_snapshot *snap = snaps_take(root(), scratch_path(&s, "root/x.snap"), &o);

	cr_assert_eq(snap->info.entries, 9);
	tally_snapshot_close(snap);
}

Test(snapshot, what_a_dead_run_left_is_removed)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	pid_t child = fork();

	if (child == 0) {
		struct tally_store_writer *w;

		_exit(tally_store_create(&w, scratch_path(&s, "out/x"), &snaps_key, NULL) != TALLY_OK);
	}
	int status;

	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert_eq(status, 0);
	cr_assert_neq(rmdir(scratch_path(&s, "out")), 0, "the child left nothing");
	scratch_puts(&s, "out/.tally-00000000-1-0000000000000000.tmp", "another machine's");
	tally_snapshot_close(snaps_take(root(), scratch_path(&s, "out/x"), &o));
	scratch_unlink(&s, "out/x");
	scratch_unlink(&s, "out/.tally-00000000-1-0000000000000000.tmp");
	cr_assert_eq(rmdir(scratch_path(&s, "out")), 0, "it is still there");
}

static enum tally_status try_take(const char *path, const struct tally_snap_options *o,
                                  struct tally_err *err)
{
	const char *roots[] = { root() };
	struct tally_snapshot *snap = NULL;
	enum tally_status st = tally_snapshot_take(&snap, roots, 1, path, o, err);

	cr_assert_eq(snap != NULL, st == TALLY_OK);
	tally_snapshot_close(snap);
	return st;
}

Test(snapshot, stopped_run_leaves_the_earlier_one)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	struct tally_err err = { 0 };
	size_t before, after;
	char *a, *b;
	int stop = 1;

	cr_assert_eq(try_take(scratch_path(&s, "out/x"), &o, &err), TALLY_OK);
	a = scratch_slurp(scratch_path(&s, "out/x"), &before);
	o.stop = &stop;
	cr_assert_eq(try_take(scratch_path(&s, "out/x"), &o, &err), TALLY_FATAL);
	cr_assert_eq(err.reason, TALLY_REASON_STOPPED);
	b = scratch_slurp(scratch_path(&s, "out/x"), &after);
	cr_assert(before == after && memcmp(a, b, after) == 0);
	free(a);
	free(b);
	scratch_unlink(&s, "out/x");
	cr_assert_eq(rmdir(scratch_path(&s, "out")), 0);
}

Test(snapshot, place_that_cannot_be_written_is_told_before_anything_is_read)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_err err = { 0 };

	cr_assert_eq(try_take(scratch_path(&s, "out"), &o, &err), TALLY_FATAL);
	cr_assert(strstr(err.message, "out'"), "%s", err.message);
	cr_assert_eq(try_take(scratch_path(&s, "none/x"), &o, &err), TALLY_FATAL);
	cr_assert(strstr(err.message, "none/x"), "%s", err.message);
}

Test(snapshot, is_tells_snapshots_from_other_files)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);

	tally_snapshot_close(snaps_take(root(), scratch_path(&s, "out/x"), &o));
	cr_assert(tally_snapshot_is(scratch_path(&s, "out/x")));
	cr_assert_not(tally_snapshot_is(scratch_path(&s, "root/a.txt")));
	cr_assert_not(tally_snapshot_is(scratch_path(&s, "root")));
	cr_assert_not(tally_snapshot_is(scratch_path(&s, "none")));
	cr_assert_eq(mkfifo(scratch_path(&s, "out/pipe"), 0600), 0);
	cr_assert_not(tally_snapshot_is(scratch_path(&s, "out/pipe")));
}

Test(snapshot, secret_of_the_earlier_one_is_used)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_snapshot *a, *b, *c;

	o.key = NULL;
	a = snaps_take(root(), scratch_path(&s, "out/a"), &o);
	b = snaps_take(root(), scratch_path(&s, "out/b"), &o);
	o.earlier = a;
	c = snaps_take(root(), scratch_path(&s, "out/c"), &o);
	cr_assert_neq(memcmp(tally_snapshot_key(a), tally_snapshot_key(b), sizeof snaps_key), 0);
	cr_assert_eq(memcmp(tally_snapshot_key(a), tally_snapshot_key(c), sizeof snaps_key), 0);
	tally_snapshot_close(a);
	tally_snapshot_close(b);
	tally_snapshot_close(c);
}

/* ---- live files ---- */

static enum tally_status open_live(const struct tally_snapshot *snap, const char *path, int *fd,
                                   struct tally_err *err)
{
	const struct tally_tree *tree = tally_snapshot_tree(snap);

	return tally_snapshot_open_live(snap, tally_tree_find(tree, path, strlen(path)), fd, err);
}

Test(snapshot, live_file_opens)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_snapshot *snap = snaps_take(root(), scratch_path(&s, "out/x"), &o);
	struct tally_err err = { 0 };
	char bytes[8] = "";
	int fd = -1;

	cr_assert_eq(open_live(snap, "sub/deep/c", &fd, &err), TALLY_OK, "%s", err.message);
	cr_assert_eq(read(fd, bytes, sizeof bytes), 5);
	cr_assert_str_eq(bytes, "gamma");
	close(fd);
	cr_assert_eq(open_live(snap, "link", &fd, &err), TALLY_SKIP);
	tally_snapshot_close(snap);
}

Test(snapshot, live_file_that_changed_is_not_opened)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_snapshot *snap = snaps_take(root(), scratch_path(&s, "out/x"), &o);
	struct tally_err err = { 0 };
	int fd = -1;

	scratch_puts(&s, "root/sub/deep/c", "GAMMA");
	cr_assert_eq(open_live(snap, "sub/deep/c", &fd, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_CONTENT_ALTERED, "%s", err.message);
	scratch_unlink(&s, "root/a.txt");
	cr_assert_eq(open_live(snap, "a.txt", &fd, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_VANISHED);
	cr_assert_eq(mkfifo(scratch_path(&s, "root/a.txt"), 0600), 0);
	cr_assert_eq(open_live(snap, "a.txt", &fd, &err), TALLY_SKIP, "a pipe, and nobody waited");
	tally_snapshot_close(snap);
}

Test(snapshot, live_file_is_not_reached_through_a_link)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_snapshot *snap = snaps_take(root(), scratch_path(&s, "out/x"), &o);
	struct tally_err err = { 0 };
	int fd = -1;

	/* the very same file, but the folder above it is now a link */
	scratch_move(&s, "root/sub", "elsewhere");
	scratch_symlink(&s, "../elsewhere", "root/sub");
	cr_assert_eq(open_live(snap, "sub/deep/c", &fd, &err), TALLY_SKIP);
	cr_assert_eq(fd, -1);
	tally_snapshot_close(snap);
}

Test(snapshot, live_files_of_several_roots_open)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	const char *roots[] = { scratch_path(&s, "root/sub/deep"), scratch_path(&s, "root/hollow"),
		                scratch_path(&s, "root/a.txt") };
	struct tally_snapshot *snap = NULL;
	struct tally_err err = { 0 };
	int seen = 0;

	cr_assert_eq(tally_snapshot_take(&snap, roots, 3, scratch_path(&s, "out/x"), &o, &err),
	             TALLY_OK, "%s", err.message);
	for (uint32_t i = 0; i < snap->tree->entry_count; i++) {
		int fd = -1;

		cr_assert_eq(tally_snapshot_open_live(snap, i, &fd, &err), TALLY_OK, "%s",
		             err.message);
		close(fd);
		seen++;
		cr_assert(snap->tree->entries[i].flags & TALLY_ENTRY_KEPT);
	}
	cr_assert_eq(seen, 2);
	tally_snapshot_close(snap);
}

Test(snapshot, existing_file_is_kept_where_wished)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_err err = { 0 };
	const char *roots[] = { root() };

	o.keep_existing = true;
	tally_snapshot_close(snaps_take(root(), scratch_path(&s, "out/x"), &o));
	scratch_puts(&s, "out/y", "mine");
	cr_assert_eq(tally_snapshot_take(NULL, roots, 1, scratch_path(&s, "out/y"), &o, &err),
	             TALLY_FATAL);
	cr_assert_eq(err.sys, EEXIST);
	cr_assert_not(tally_snapshot_is(scratch_path(&s, "out/y")));
}

Test(snapshot, full_disk_is_named)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	const char *roots[] = { root() };

	FAULTS_EACH(f, TALLY_FAULT_WRITE)
	{
		struct tally_err err = { 0 };
		enum tally_status st;

		faults_arm(&f);
		st = tally_snapshot_take(NULL, roots, 1, scratch_path(&s, "out/x"), &o, &err);
		if (!faults_fired(&f) || st >= 0)
			continue;
		cr_assert_eq(err.sys, ENOSPC, "%s", err.message);
		cr_assert(strstr(err.message, "out'") && strstr(err.message, "full"), "%s",
		          err.message);
	}
}

Test(snapshot, seal_of_the_session_is_kept)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_sha256 seal;
	struct tally_snapshot *snap;

	tally_sha256_of(&seal, "task", 4);
	o.session = &seal;
	tally_snapshot_close(snaps_take(root(), scratch_path(&s, "out/x"), &o));
	snap = snaps_open(scratch_path(&s, "out/x"));
	cr_assert_arr_eq(tally_snapshot_info(snap)->session.bytes, seal.bytes, sizeof seal.bytes);
	tally_snapshot_close(snap);
}
