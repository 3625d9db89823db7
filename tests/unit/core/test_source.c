#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/source.h"
#include "support/faults.h"
#include "support/scratch.h"

/* A pinned source gives the bytes that were hashed, or none. */

enum { SIZE = 200000 };

static struct scratch s;
static struct tally_source *src;
static struct tally_hasher *hasher;
static struct tally_key key;
static struct tally_err err;
static unsigned char content[SIZE];
static int fd = -1;

static void begin(void)
{
	scratch_make(&s);
	for (size_t i = 0; i < SIZE; i++)
		content[i] = (unsigned char)(i * 7 + i / 251);
	fd = open(scratch_path(&s, "file"), O_RDWR | O_CREAT, 0600);
	cr_assert_eq(write(fd, content, SIZE), SIZE);
	tally_key_from_seed(&key, 1);
	cr_assert_eq(tally_hasher_new(&hasher, &key, false, &err), TALLY_OK);
	tally_hasher_start(hasher);
	cr_assert_eq(tally_source_fd(&src, fd, "file", &err), TALLY_OK);
}

static void end(void)
{
	tally_source_free(src);
	tally_hasher_free(hasher);
	close(fd);
	scratch_remove(&s);
}

TestSuite(source, .init = begin, .fini = end);

/* all bytes between two places are as they were */
static bool reads(size_t from, size_t to)
{
	static unsigned char got[SIZE];
	size_t at = from;

	while (at < to) {
		ssize_t n = tally_source_pread(src, got + at, to - at, at, &err);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return !memcmp(got + from, content + from, to - from);
}

Test(source, pinned_bytes_have_the_digest_of_all)
{
	struct tally_digest all, seen;

	cr_assert_eq(tally_source_pin(src, hasher, &key, &err), TALLY_OK);
	tally_hasher_finish(hasher, &seen, NULL);
	tally_digest_of(&all, &key, content, SIZE);
	cr_assert(tally_digest_equal(&all, &seen));
	cr_assert(reads(0, SIZE));
	cr_assert(reads(65530, 65540));
	cr_assert(reads(SIZE - 1, SIZE));
	cr_assert_eq(tally_source_pread(src, content, 1, SIZE, &err), 0);
}

Test(source, pinned_bytes_that_changed_are_not_read)
{
	cr_assert_eq(tally_source_pin(src, hasher, &key, &err), TALLY_OK);
	cr_assert_eq(pwrite(fd, "?", 1, 70000), 1);
	cr_assert(reads(0, 65536));
	cr_assert_not(reads(65536, 65537));
	cr_assert_eq(err.reason, TALLY_REASON_CHANGED_WHILE_READING);
	cr_assert(reads(131072, SIZE));
	cr_assert_eq(ftruncate(fd, 1000), 0);
	cr_assert_not(reads(0, SIZE));
	cr_assert_eq(err.reason, TALLY_REASON_CHANGED_WHILE_READING);
}

Test(source, pinning_without_memory)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_source *other = NULL;
		enum tally_status st = tally_source_memory(&other, content, SIZE, &err);

		if (st >= 0)
			st = tally_source_pin(other, hasher, &key, &err);
		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_source_free(other);
	}
}
