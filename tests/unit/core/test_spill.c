/* Bytes in memory and in a scratch file: what was added is read again, failures are named. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/spill.h"
#include "support/faults.h"
#include "support/scratch.h"

enum { MIB = 1 << 20 };

static struct tally_scratch *scratch_on(int fd, uint64_t max)
{
	struct tally_scratch *scratch = NULL;

	cr_assert_eq(tally_scratch_new(&scratch, fd, max, NULL), TALLY_OK);
	return scratch;
}

static struct tally_spill *spill_on(struct tally_scratch *scratch, uint64_t keep, uint64_t max)
{
	struct tally_spill *s = NULL;

	cr_assert_eq(tally_spill_new(&s, scratch, keep, max, NULL), TALLY_OK);
	return s;
}

/* numbers of eight digits, so that each place says what must be there */
static enum tally_status add_numbers(struct tally_spill *s, unsigned from, unsigned to,
                                     struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (unsigned i = from; i < to && st == TALLY_OK; i++) {
		char text[12];

		snprintf(text, sizeof text, "%08u", i);
		st = tally_spill_add(s, text, 8, err);
	}
	return st;
}

static void expect_number(const struct tally_spill *s, unsigned i)
{
	char text[12];

	snprintf(text, sizeof text, "%08u", i);
	cr_assert_arr_eq(tally_spill_at(s, (uint64_t)i * 8, 8), text, 8, "at %u", i);
}

static void expect_zeros(const struct tally_spill *s)
{
	const char *end = tally_spill_view(s)->bytes + tally_spill_size(s);

	for (int i = 0; i < TALLY_SPILL_PAD; i++)
		cr_assert_eq(end[i], 0);
}

Test(spill, few_bytes_stay_in_memory)
{
	int fd = scratch_fd("", 0);
	struct tally_scratch *scratch = scratch_on(fd, 64 * MIB);
	struct tally_spill *s = spill_on(scratch, 1000, MIB);

	cr_assert_eq(add_numbers(s, 0, 100, NULL), TALLY_OK);
	cr_assert_eq(tally_spill_seal(s, NULL), TALLY_OK);
	cr_assert_not(tally_spill_on_disk(s));
	expect_number(s, 99);
	expect_zeros(s);
	cr_assert_eq(lseek(fd, 0, SEEK_END), 0);
	tally_spill_free(s);
	tally_scratch_free(scratch);
	close(fd);
}

Test(spill, many_bytes_come_back_from_the_scratch_file)
{
	const unsigned count = 3 * MIB; /* 24 MiB: more than it may have in memory */
	int fd = scratch_fd("", 0);
	struct tally_scratch *scratch = scratch_on(fd, 1024 * (uint64_t)MIB);
	struct tally_spill *s = spill_on(scratch, 1000, UINT64_C(1) << 40);

	cr_assert_eq(add_numbers(s, 0, count, NULL), TALLY_OK);
	cr_assert_eq(tally_spill_seal(s, NULL), TALLY_OK);
	cr_assert(tally_spill_on_disk(s));
	cr_assert_eq(tally_spill_size(s), count * (uint64_t)8);
	for (unsigned i = 0; i < count; i += 97)
		expect_number(s, i);
	for (unsigned i = 0; i < 100000; i++)
		expect_number(s, (unsigned)(i * UINT64_C(2654435761) % count));
	tally_spill_passed(s, 0, tally_spill_size(s));
	expect_number(s, count - 1);
	cr_assert_arr_eq(tally_spill_at(s, 0, tally_spill_size(s)), "0000000000000001", 16);
	expect_zeros(s);
	tally_spill_free(s);
	tally_scratch_free(scratch);
	close(fd);
}

Test(spill, spills_written_by_turns_do_not_mix)
{
	const unsigned count = 3 * MIB, step = MIB / 8;
	int fd = scratch_fd("", 0);
	struct tally_scratch *scratch = scratch_on(fd, 1024 * (uint64_t)MIB);
	struct tally_spill *a = spill_on(scratch, 0, 1024 * (uint64_t)MIB);
	struct tally_spill *b = spill_on(scratch, 0, 1024 * (uint64_t)MIB);

	for (unsigned i = 0; i < count; i += step) {
		cr_assert_eq(add_numbers(a, i, i + step, NULL), TALLY_OK);
		cr_assert_eq(add_numbers(b, i, i + step, NULL), TALLY_OK);
	}
	cr_assert_eq(tally_spill_seal(a, NULL), TALLY_OK);
	cr_assert_eq(tally_spill_seal(b, NULL), TALLY_OK);
	for (unsigned i = 0; i < count; i += 7) {
		expect_number(a, i);
		expect_number(b, i);
	}
	tally_spill_free(a);
	tally_spill_free(b);
	tally_scratch_free(scratch);
	close(fd);
}

Test(spill, large_pieces_and_an_empty_one)
{
	int fd = scratch_fd("", 0);
	struct tally_scratch *scratch = scratch_on(fd, 1024 * (uint64_t)MIB);
	struct tally_spill *s = spill_on(scratch, 0, 1024 * (uint64_t)MIB), *empty;
	char *piece = tally_alloc(3 * MIB);

	cr_assert(piece);
	memset(piece, 'x', 3 * MIB);
	cr_assert_eq(tally_spill_add(s, "begin", 5, NULL), TALLY_OK);
	for (int i = 0; i < 10; i++)
		cr_assert_eq(tally_spill_add(s, piece, 3 * MIB, NULL), TALLY_OK);
	cr_assert_eq(tally_spill_add(s, "end", 3, NULL), TALLY_OK);
	cr_assert_eq(tally_spill_seal(s, NULL), TALLY_OK);
	cr_assert_arr_eq(tally_spill_at(s, 0, 7), "beginxx", 7);
	cr_assert_arr_eq(tally_spill_at(s, 5 + 30 * MIB - 1, 4), "xend", 4);
	tally_spill_free(s);
	empty = spill_on(scratch, 0, MIB);
	cr_assert_eq(tally_spill_seal(empty, NULL), TALLY_OK);
	expect_zeros(empty);
	tally_spill_free(empty);
	tally_free(piece);
	tally_scratch_free(scratch);
	close(fd);
}

Test(spill, more_than_it_may_have_is_refused)
{
	int fd = scratch_fd("", 0);
	struct tally_scratch *scratch = scratch_on(fd, 32 * MIB);
	struct tally_spill *s = spill_on(scratch, 0, 1000), *big;
	struct tally_err err = { 0 };

	cr_assert_eq(add_numbers(s, 0, 126, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_TOO_LARGE);
	tally_spill_free(s);
	big = spill_on(scratch, 0, 1024 * (uint64_t)MIB);
	cr_assert_eq(add_numbers(big, 0, 5 * MIB, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_TOO_LARGE);
	cr_assert(strstr(err.message, "scratch_bytes"));
	tally_spill_free(big);
	tally_scratch_free(scratch);
	close(fd);
}

Test(spill, a_full_disk_has_a_reason_of_its_own)
{
	int fd = open("/dev/full", O_RDWR);
	struct tally_scratch *scratch = scratch_on(fd, 32 * MIB);
	struct tally_spill *s = spill_on(scratch, 100, MIB);
	struct tally_err err = { 0 };

	cr_assert(fd >= 0);
	cr_assert_eq(add_numbers(s, 0, 13, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_NO_SPACE);
	tally_spill_free(s);
	tally_scratch_free(scratch);
	close(fd);
}

static enum tally_status spill_something(int fd, struct tally_err *err)
{
	struct tally_scratch *scratch = NULL;
	struct tally_spill *s = NULL;
	enum tally_status st = tally_scratch_new(&scratch, fd, 64 * MIB, err);

	if (st == TALLY_OK)
		st = tally_spill_new(&s, scratch, 100, MIB, err);
	if (st == TALLY_OK)
		st = add_numbers(s, 0, 100, err);
	if (st == TALLY_OK)
		st = tally_spill_seal(s, err);
	if (st == TALLY_OK)
		expect_number(s, 99);
	tally_spill_free(s);
	tally_scratch_free(scratch);
	return st;
}

Test(spill, fails_clean_on_every_allocation)
{
	int fd = scratch_fd("", 0);
	struct tally_err err = { 0 };

	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = spill_something(fd, &err);

		if (faults_fired(&f))
			cr_assert_lt(st, 0, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
	}
	close(fd);
}

Test(spill, fails_clean_on_every_write)
{
	int fd = scratch_fd("", 0);
	struct tally_err err = { 0 };

	FAULTS_EACH(f, TALLY_FAULT_WRITE)
	{
		enum tally_status st = spill_something(fd, &err);

		if (faults_fired(&f))
			cr_assert_eq(err.reason, TALLY_REASON_NO_SPACE, "write %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
	}
	close(fd);
}
