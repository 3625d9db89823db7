/* Keeping contents: which, how often, and that they come back as they were. */
#include <fcntl.h>

#include "support/scratch.h"
#include "support/snaps.h"

#include "snap/keep.h"
#include "snap/store.h"

static struct scratch s;

static void begin(void)
{
	scratch_make(&s);
	scratch_mkdirs(&s, "root");
	scratch_mkdirs(&s, "out");
	snaps_limits = (struct tally_limits)TALLY_LIMITS_INIT;
}

static void end(void)
{
	scratch_remove(&s);
}

TestSuite(keep, .init = begin, .fini = end);

static struct tally_snapshot *take(const struct tally_snap_options *o)
{
	return snaps_take(scratch_path(&s, "root"), scratch_path(&s, "out/x"), o);
}

static void assert_content(const struct tally_snapshot *snap, const char *path, const void *bytes,
                           size_t size)
{
	struct tally_err err = { 0 };
	size_t n;
	char *got = snaps_content(snap, path, &n, &err);

	cr_assert(got, "%s: %s", path, err.message);
	cr_assert_eq(n, size);
	cr_assert_eq(memcmp(got, bytes, size), 0, "%s came back as something else", path);
	free(got);
}

static bool is_csv(const char *name, size_t len)
{
	return len > 4 && memcmp(name + len - 4, ".csv", 4) == 0;
}

static bool is_zeros(const char *name, size_t len)
{
	return len > 1 && name[0] == 'z';
}

Test(keep, contents_come_back)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	const size_t big = 5 << 20;
	char *noise = snaps_noise(big, 99), *text = malloc(big);
	struct tally_snapshot *snap;

	for (size_t i = 0; i < big; i++)
		text[i] = "tally keeps what it has seen\n"[i % 29];
	scratch_write(&s, "root/noise", noise, big);
	scratch_write(&s, "root/text", text, big);
	scratch_write(&s, "root/mib", noise, 1 << 20);
	scratch_write(&s, "root/mib1", noise, (1 << 20) + 1);
	scratch_write(&s, "root/mib-1", text, (1 << 20) - 1);
	scratch_puts(&s, "root/one", "1");
	scratch_puts(&s, "root/empty", "");
	snap = take(&o);
	assert_content(snap, "noise", noise, big);
	assert_content(snap, "text", text, big);
	assert_content(snap, "mib", noise, 1 << 20);
	assert_content(snap, "mib1", noise, (1 << 20) + 1);
	assert_content(snap, "mib-1", text, (1 << 20) - 1);
	assert_content(snap, "one", "1", 1);
	assert_content(snap, "empty", "", 0);
	cr_assert_eq(tally_store_find(snap, &snaps_entry(snap, "noise")->digest)->method,
	             TALLY_KEPT_RAW);
	cr_assert_eq(tally_store_find(snap, &snaps_entry(snap, "text")->digest)->method,
	             TALLY_KEPT_ZSTD);
	cr_assert_lt(tally_store_find(snap, &snaps_entry(snap, "text")->digest)->stored, big / 100);
	cr_assert_eq(tally_snapshot_verify(scratch_path(&s, "out/x"), NULL, NULL, NULL), TALLY_OK);
	tally_snapshot_close(snap);
	free(noise);
	free(text);
}

Test(keep, one_content_is_kept_once)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_AUTO);
	struct tally_snapshot *snap;

	scratch_puts(&s, "root/a", "the same words");
	scratch_puts(&s, "root/b/c", "the same words");
	scratch_link(&s, "root/a", "root/d");
	snap = take(&o);
	cr_assert_eq(snap->info.kept_files, 1);
	cr_assert_eq(snap->info.kept_bytes, 14);
	cr_assert(snaps_kept(snap, "a") && snaps_kept(snap, "b/c") && snaps_kept(snap, "d"));
	tally_snapshot_close(snap);
}

Test(keep, none_keeps_nothing_but_empty_files)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_NONE);
	struct tally_snapshot *snap;
	struct tally_err err = { 0 };
	size_t n;

	scratch_puts(&s, "root/a", "words");
	scratch_puts(&s, "root/empty", "");
	snap = take(&o);
	cr_assert_eq(snap->info.kept_files, 0);
	cr_assert_not(snaps_kept(snap, "a"));
	cr_assert_null(snaps_content(snap, "a", &n, &err));
	cr_assert_eq(err.reason, TALLY_REASON_NOT_KEPT);
	cr_assert(snaps_kept(snap, "empty"));
	assert_content(snap, "empty", "", 0);
	tally_snapshot_close(snap);
}

Test(keep, budget_goes_to_comparable_files_and_then_to_small_ones)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_AUTO);
	char *noise = snaps_noise(4000, 3);
	struct tally_snapshot *snap;

	/*
	 *  size  name      kept with 2000 bytes
	 *   700  big.csv   yes, comparable
	 *  1200  huge.csv  yes, comparable
	 *    60  small     yes, 40 bytes are left after it
	 *    50  smaller   yes, before small
	 *    90  middle    no
	 */
	scratch_write(&s, "root/huge.csv", noise, 1200);
	scratch_write(&s, "root/big.csv", noise + 1, 700);
	scratch_write(&s, "root/middle", noise + 2, 90);
	scratch_write(&s, "root/small", noise + 3, 60);
	scratch_write(&s, "root/smaller", noise + 4, 40);
	snaps_limits.keep_budget = 2000;
	o.comparable = is_csv;
	snap = take(&o);
	cr_expect(snaps_kept(snap, "huge.csv"));
	cr_expect(snaps_kept(snap, "big.csv"));
	cr_expect(snaps_kept(snap, "smaller"));
	cr_expect(snaps_kept(snap, "small"));
	cr_expect_not(snaps_kept(snap, "middle"));
	cr_expect_eq(snap->info.kept_bytes, 2000);
	tally_snapshot_close(snap);

	o.keep = TALLY_KEEP_ALL;
	snap = take(&o);
	cr_expect_eq(snap->info.kept_files, 5, "all means all");
	tally_snapshot_close(snap);
	free(noise);
}

Test(keep, comparable_file_over_the_budget_makes_room_for_others)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_AUTO);
	struct tally_snapshot *snap;

	scratch_puts(&s, "root/long.csv", "more than there is room for");
	scratch_puts(&s, "root/short", "fits");
	snaps_limits.keep_budget = 10;
	o.comparable = is_csv;
	snap = take(&o);
	cr_assert_not(snaps_kept(snap, "long.csv"));
	cr_assert(snaps_kept(snap, "short"));
	tally_snapshot_close(snap);
}

Test(keep, what_the_earlier_snapshot_holds_is_not_kept_again)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	struct tally_snapshot *before, *after, *third;

	scratch_puts(&s, "root/old", "was there before");
	before = take(&o);
	scratch_puts(&s, "root/new", "came later");
	scratch_move(&s, "root/old", "root/moved");
	o.earlier = before;
	after = snaps_take(scratch_path(&s, "root"), scratch_path(&s, "out/after"), &o);
	cr_assert_eq(after->info.kept_files, 1);
	cr_assert(snaps_kept(after, "moved"), "the one before has it");
	cr_assert(snaps_kept(after, "new"));
	cr_assert_not(tally_snapshot_keeps(after, &snaps_entry(after, "moved")->digest));
	cr_assert(tally_snapshot_keeps(after, &snaps_entry(after, "new")->digest));

	/* a third one relies on nothing but the second: what that does not hold itself is kept again */
	o.earlier = after;
	third = snaps_take(scratch_path(&s, "root"), scratch_path(&s, "out/third"), &o);
	cr_assert(tally_snapshot_keeps(third, &snaps_entry(third, "moved")->digest));
	cr_assert_not(tally_snapshot_keeps(third, &snaps_entry(third, "new")->digest));
	tally_snapshot_close(before);
	tally_snapshot_close(after);
	tally_snapshot_close(third);
}

/* Look at the folder, change it, and only then keep. */
static struct tally_keep_result keep_late(void (*change)(void))
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	const char *roots[] = { scratch_path(&s, "root") };
	struct tally_keep_result result;
	struct tally_store_writer *w = NULL;
	struct tally_snapshot *live = NULL;
	struct tally_err err = { 0 };

	cr_assert_eq(tally_snapshot_look(&live, roots, 1, &o, &err), TALLY_OK, "%s", err.message);
	change();
	cr_assert_eq(tally_store_create(&w, scratch_path(&s, "out/late"), &snaps_key, &err),
	             TALLY_OK);
	cr_assert_eq(tally_keep(w, live->tree, &snaps_key, &o, &result, &err), TALLY_OK, "%s",
	             err.message);
	tally_store_writer_free(w);
	tally_snapshot_close(live);
	return result;
}

static void spoil(void)
{
	scratch_puts(&s, "root/a", "SAME LENGTH");
	scratch_puts(&s, "root/shorter", "1");
	scratch_unlink(&s, "root/gone");
	scratch_unlink(&s, "root/linked");
	scratch_symlink(&s, "fine", "root/linked");
}

Test(keep, file_that_changed_is_counted_and_not_kept)
{
	struct tally_keep_result result;

	scratch_puts(&s, "root/a", "same length");
	scratch_puts(&s, "root/shorter", "four");
	scratch_puts(&s, "root/gone", "away");
	scratch_puts(&s, "root/linked", "behind a link");
	scratch_puts(&s, "root/fine", "as it was");
	result = keep_late(spoil);
	cr_assert_eq(result.contents, 1);
	cr_assert_eq(result.bytes, 9);
	cr_assert_eq(result.changed, 4);
}

static void spoil_first(void)
{
	scratch_puts(&s, "root/a", "SAME WORDS");
}

Test(keep, another_copy_serves_when_the_first_one_changed)
{
	struct tally_keep_result result;

	scratch_puts(&s, "root/a", "same words");
	scratch_puts(&s, "root/b", "same words");
	result = keep_late(spoil_first);
	cr_assert_eq(result.contents, 1);
	cr_assert_eq(result.changed, 0);
}

static void spoil_end(void)
{
	int fd = open(scratch_path(&s, "root/large"), O_WRONLY);

	cr_assert_eq(pwrite(fd, "!", 1, (3 << 20) - 1), 1);
	close(fd);
}

Test(keep, large_file_that_changed_at_its_end_takes_its_chunks_back)
{
	struct tally_keep_result result;
	char *noise = snaps_noise(3 << 20, 11);

	scratch_write(&s, "root/large", noise, 3 << 20);
	scratch_puts(&s, "root/next", "comes after it");
	result = keep_late(spoil_end);
	cr_assert_eq(result.contents, 1);
	cr_assert_eq(result.changed, 1);
	free(noise);
}

Test(keep, chunks_taken_back_leave_the_others_readable)
{
	struct tally_store_meta meta = { .key = snaps_key };
	struct tally_walked nothing = { 0 };
	struct tally_store_writer *w = NULL;
	struct tally_kept kept = { .size = 5, .stored = 5 };
	struct tally_snapshot *snap;
	FILE *file = tmpfile();

	snaps_options(TALLY_KEEP_ALL);
	meta.key = snaps_key;
	strcpy(meta.host, "h");
	strcpy(meta.user, "u");
	strcpy(meta.filesystem, "f");
	tally_digest_of(&kept.digest, &snaps_key, "after", 5);
	cr_assert_eq(tally_store_create(&w, scratch_path(&s, "out/x"), &snaps_key, NULL), TALLY_OK);
	cr_assert_eq(tally_store_entries(w, &nothing, NULL), TALLY_OK);
	cr_assert_eq(tally_store_chunk(w, "one", 3, NULL), TALLY_OK);
	cr_assert_eq(tally_store_chunk(w, "two", 3, NULL), TALLY_OK);
	cr_assert_eq(tally_store_drop(w, 2, NULL), TALLY_OK);
	cr_assert_eq(tally_store_chunk(w, "after", 5, NULL), TALLY_OK);
	cr_assert_eq(tally_store_kept(w, &kept, NULL), TALLY_OK);
	cr_assert_eq(tally_store_seal(w, &meta, NULL), TALLY_OK);
	cr_assert_eq(tally_store_place(w, true, NULL), TALLY_OK);
	tally_store_writer_free(w);
	snap = snaps_open(scratch_path(&s, "out/x"));
	cr_assert_eq(tally_snapshot_content(snap, &kept.digest, fileno(file), NULL, NULL), TALLY_OK);
	tally_snapshot_close(snap);
	fclose(file);
}

Test(keep, holes_are_kept_as_zeros)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	struct tally_snapshot *snap;
	char *zeros = calloc(1, 3 << 20);
	int fd;

	scratch_puts(&s, "root/zz", "");
	fd = open(scratch_path(&s, "root/zz"), O_WRONLY);
	cr_assert_eq(ftruncate(fd, 3 << 20), 0);
	close(fd);
	o.comparable = is_zeros;
	snap = take(&o);
	assert_content(snap, "zz", zeros, 3 << 20);
	tally_snapshot_close(snap);
	free(zeros);
}

static void count_call(void *payload, const struct tally_progress *p)
{
	struct tally_progress *last = payload;

	if (strcmp(p->phase, "keeping contents") == 0)
		*last = *p;
}

Test(keep, progress_ends_at_its_total)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	struct tally_progress last = { 0 };

	scratch_puts(&s, "root/a", "12345");
	scratch_puts(&s, "root/b", "123456789");
	o.progress = count_call;
	o.payload = &last;
	tally_snapshot_close(take(&o));
	cr_assert_eq(last.files, 2);
	cr_assert_eq(last.files_total, 2);
	cr_assert_eq(last.bytes, 14);
	cr_assert_eq(last.bytes_total, 14);
}
