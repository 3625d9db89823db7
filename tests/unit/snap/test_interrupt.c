/* Whatever goes wrong while a snapshot is taken: no half file under its name, and the earlier one stays what it was. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "support/faults.h"
#include "support/scratch.h"
#include "support/snaps.h"

#include "snap/store.h"

static struct scratch s;

static void begin(void)
{
	scratch_make(&s);
	scratch_mkdirs(&s, "out");
	scratch_puts(&s, "root/a.txt", "alpha");
	scratch_puts(&s, "root/sub/b.csv", "x,y\n1,2\n");
	scratch_puts(&s, "root/sub/empty", "");
}

static void end(void)
{
	scratch_remove(&s);
}

TestSuite(interrupt, .init = begin, .fini = end, .timeout = 300);

static unsigned names_in(const char *rel)
{
	DIR *dir = opendir(scratch_path(&s, rel));
	unsigned n = 0;

	cr_assert(dir);
	for (struct dirent *e; (e = readdir(dir));)
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return n;
}

static enum tally_status take(const char *path, enum tally_keep keep, struct tally_err *err)
{
	struct tally_snap_options o = snaps_options(keep);
	const char *roots[] = { scratch_path(&s, "root") };
	struct tally_snapshot *snap = NULL;
	enum tally_status st;

	o.readers = 1;
	st = tally_snapshot_take(&snap, roots, 1, path, &o, err);
	tally_snapshot_close(snap);
	return st;
}

/* After every fault: the earlier file or a whole new one, and nothing else in the folder. */
static void fault_loop(enum tally_fault_kind kind, enum tally_keep keep)
{
	const char *path = scratch_path(&s, "out/x");
	struct tally_err err = { 0 };
	char *before;
	size_t size;

	cr_assert_eq(take(path, keep, &err), TALLY_OK, "%s", err.message);
	before = scratch_slurp(path, &size);
	FAULTS_EACH(f, kind)
	{
		enum tally_status st = take(path, keep, &err);
		bool fired = faults_fired(&f);
		size_t now;
		char *after = scratch_slurp(path, &now);

		if (st < 0) {
			cr_assert(fired, "failed without a fault: %s", err.message);
			cr_assert_eq(st, TALLY_FATAL);
			cr_assert(err.message[0]);
			cr_assert(now == size && memcmp(before, after, size) == 0,
			          "fault %ld harmed the earlier one", f.nth);
		} else {
			/* SQLite and the walker can live without some allocations; what came out must be whole */
			cr_assert_eq(tally_snapshot_verify(path, NULL, NULL, &err), TALLY_OK,
			             "fault %ld: %s", f.nth, err.message);
			free(before);
			before = after;
			after = NULL;
			size = now;
		}
		free(after);
		cr_assert_eq(names_in("out"), 1, "fault %ld left something behind", f.nth);
	}
	free(before);
}

Test(interrupt, any_write_may_fail)
{
	fault_loop(TALLY_FAULT_WRITE, TALLY_KEEP_ALL);
}

Test(interrupt, any_allocation_may_fail)
{
	fault_loop(TALLY_FAULT_ALLOC, TALLY_KEEP_ALL);
}

Test(interrupt, any_read_may_fail)
{
	fault_loop(TALLY_FAULT_READ, TALLY_KEEP_ALL);
}

Test(interrupt, opening_fails_cleanly)
{
	const char *path = scratch_path(&s, "out/x");
	static const enum tally_fault_kind kinds[] = { TALLY_FAULT_ALLOC, TALLY_FAULT_READ };

	cr_assert_eq(take(path, TALLY_KEEP_ALL, NULL), TALLY_OK);
	for (size_t i = 0; i < 2; i++) {
		FAULTS_EACH(f, kinds[i])
		{
			struct tally_snapshot *snap = NULL;
			struct tally_err err = { 0 };
			enum tally_status st = tally_snapshot_open(&snap, path, &err);

			if (!faults_fired(&f))
				cr_assert_eq(st, TALLY_OK, "%s", err.message);
			if (st < 0)
				cr_assert(err.reason != TALLY_REASON_DAMAGED,
				          "fault %ld: a whole file is called '%s'", f.nth,
				          err.message);
			cr_assert_eq(snap != NULL, st == TALLY_OK);
			tally_snapshot_close(snap);
		}
	}
}

Test(interrupt, unpacking_fails_cleanly)
{
	const char *path = scratch_path(&s, "out/x");

	cr_assert_eq(take(path, TALLY_KEEP_ALL, NULL), TALLY_OK);
	for (enum tally_fault_kind kind = 0; kind < TALLY_FAULT_KINDS; kind++) {
		struct tally_snapshot *snap = snaps_open(path);
		const struct tally_entry *e = snaps_entry(snap, "sub/b.csv");
		FILE *file = tmpfile();

		FAULTS_EACH(f, kind)
		{
			struct tally_err err = { 0 };
			enum tally_status st = tally_snapshot_content(snap, &e->digest,
			                                              fileno(file), NULL, &err);

			if (!faults_fired(&f))
				cr_assert_eq(st, TALLY_OK, "%s", err.message);
		}
		fclose(file);
		tally_snapshot_close(snap);
	}
}

/* ---- killed ---- */

static void make_work(void)
{
	char name[64], *noise = snaps_noise(200000, 8);

	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof name, "root/more/%d", i);
		scratch_write(&s, name, noise + i, 100000);
	}
	free(noise);
}

static void nap(long microseconds)
{
	struct timespec t = { 0, microseconds * 1000 };

	nanosleep(&t, NULL);
}

Test(interrupt, killed_at_any_moment_the_earlier_one_stays)
{
	const char *path = scratch_path(&s, "out/x");
	struct tally_err err = { 0 };
	unsigned seed = 12345, killed = 0;

	make_work();
	cr_assert_eq(take(path, TALLY_KEEP_ALL, &err), TALLY_OK, "%s", err.message);
	for (int i = 0; i < 40; i++) {
		int status;
		pid_t child = fork();

		if (child == 0)
			_exit(take(path, TALLY_KEEP_ALL, NULL) != TALLY_OK);
		seed = seed * 1103515245 + 12345;
		nap(500 + (long)(seed >> 8) % 120000);
		kill(child, SIGKILL);
		cr_assert_eq(waitpid(child, &status, 0), child);
		killed += WIFSIGNALED(status);
		cr_assert_eq(tally_snapshot_verify(path, NULL, NULL, &err), TALLY_OK,
		             "round %d: %s", i, err.message);
	}
	cr_assert_gt(killed, 10);
	cr_assert_eq(take(path, TALLY_KEEP_NONE, &err), TALLY_OK);
	cr_assert_eq(names_in("out"), 1, "what the dead left is gone");
}

/* ---- a full disk ---- */

static int shell(const char *before, const char *path)
{
	char command[600];

	snprintf(command, sizeof command, "%s '%s' 2>/dev/null", before, path);
	return system(command);
}

Test(interrupt, full_disk_leaves_the_earlier_one)
{
	struct tally_err err = { 0 };
	const char *path = scratch_path(&s, "small/x");
	size_t size, now;
	char *before, *after;

	scratch_mkdirs(&s, "small");
	if (geteuid() != 0 || shell("mount -t tmpfs -o size=2m tally", scratch_path(&s, "small")) != 0)
		cr_skip("no disk to fill");
	cr_assert_eq(take(path, TALLY_KEEP_ALL, &err), TALLY_OK, "%s", err.message);
	before = scratch_slurp(path, &size);
	make_work();
	cr_expect_eq(take(path, TALLY_KEEP_ALL, &err), TALLY_FATAL);
	cr_expect_eq(err.sys, ENOSPC);
	cr_expect(strstr(err.message, "full"), "%s", err.message);
	cr_expect_eq(names_in("small"), 1);
	after = scratch_slurp(path, &now);
	cr_expect(now == size && memcmp(before, after, size) == 0);
	shell("umount", scratch_path(&s, "small"));
	free(before);
	free(after);
}
