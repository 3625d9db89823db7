/* Hard links: who reads, who waits, who is told. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/mem.h"
#include "snap/links.h"
#include "support/faults.h"

static struct tally_links *links;

static void begin(void)
{
	cr_assert_eq(tally_links_new(&links, NULL), TALLY_OK);
}

static void end(void)
{
	tally_links_free(links);
}

TestSuite(links, .init = begin, .fini = end);

static struct tally_filestat file(uint64_t inode, uint32_t nlink)
{
	return (struct tally_filestat){ .type = TALLY_TYPE_FILE,
		                        .inode = inode,
		                        .device = 1,
		                        .nlink = nlink,
		                        .size = 5,
		                        .mtime_ns = 7 };
}

static enum tally_links_answer ask(const struct tally_filestat *stat, uint32_t id,
                                   struct tally_entry *entry)
{
	struct tally_work work = { NULL, id, 1 };
	struct tally_entry none;
	enum tally_links_answer answer = TALLY_LINKS_ALONE;

	cr_assert_eq(tally_links_ask(links, stat, &work, entry ? entry : &none, NULL, &answer, NULL),
	             TALLY_OK);
	return answer;
}

static struct tally_entry outcome(enum tally_reason reason)
{
	return (struct tally_entry){ .size = 5,
		                     .mtime_ns = 7,
		                     .proof = reason ? TALLY_PROOF_NONE : TALLY_PROOF_HASHED,
		                     .reason = (uint8_t)reason,
		                     .digest = { { 42 } },
		                     .xattr_digest = 9 };
}

static size_t done(const struct tally_filestat *stat, enum tally_reason reason)
{
	struct tally_entry e = outcome(reason);
	struct tally_work *waiting;
	size_t count;

	tally_links_done(links, stat, &e, NULL, &waiting, &count);
	for (size_t i = 0; i < count; i++)
		cr_assert_eq(waiting[i].first, 10 + i);
	tally_free(waiting);
	return count;
}

Test(links, the_first_reads_the_others_wait_or_know)
{
	struct tally_filestat a = file(100, 4), b = file(200, 2);
	struct tally_entry e = { .size = 5 };

	cr_assert_eq(ask(&a, 1, NULL), TALLY_LINKS_READ);
	cr_assert_eq(ask(&b, 1, NULL), TALLY_LINKS_READ);
	cr_assert_eq(ask(&a, 10, NULL), TALLY_LINKS_WAIT);
	cr_assert_eq(ask(&a, 11, NULL), TALLY_LINKS_WAIT);
	cr_assert_eq(done(&a, TALLY_REASON_NONE), 2);
	cr_assert_eq(ask(&a, 10, &e), TALLY_LINKS_KNOWN);
	cr_assert_eq(e.digest.bytes[0], 42);
	cr_assert_eq(e.proof, TALLY_PROOF_HASHED);
	cr_assert_eq(e.xattr_digest, 9);
	cr_assert_eq(done(&b, TALLY_REASON_NONE), 0);
}

Test(links, a_content_that_changed_since_is_read_by_each)
{
	struct tally_filestat a = file(100, 3);

	cr_assert_eq(ask(&a, 1, NULL), TALLY_LINKS_READ);
	cr_assert_eq(done(&a, TALLY_REASON_NONE), 0);
	a.mtime_ns++;
	cr_assert_eq(ask(&a, 2, NULL), TALLY_LINKS_ALONE);
}

Test(links, trouble_with_one_name_is_not_the_others)
{
	struct tally_filestat a = file(100, 9);

	cr_assert_eq(ask(&a, 1, NULL), TALLY_LINKS_READ);
	cr_assert_eq(ask(&a, 10, NULL), TALLY_LINKS_WAIT);
	cr_assert_eq(done(&a, TALLY_REASON_VANISHED), 1);
	cr_assert_eq(ask(&a, 10, NULL), TALLY_LINKS_READ);
	cr_assert_eq(done(&a, TALLY_REASON_READ_ERROR), 0);
	cr_assert_eq(ask(&a, 2, NULL), TALLY_LINKS_KNOWN);
}

Test(links, are_forgotten_when_all_names_were_seen)
{
	struct tally_filestat a = file(100, 2);

	cr_assert_eq(ask(&a, 1, NULL), TALLY_LINKS_READ);
	cr_assert_eq(done(&a, TALLY_REASON_NONE), 0);
	cr_assert_eq(ask(&a, 2, NULL), TALLY_LINKS_KNOWN);
	/* a third name of two came into being meanwhile */
	cr_assert_eq(ask(&a, 3, NULL), TALLY_LINKS_READ);
	cr_assert_eq(done(&a, TALLY_REASON_NONE), 0);
}

Test(links, many_inodes_are_told_apart)
{
	for (uint64_t i = 0; i < 5000; i++) {
		struct tally_filestat a = file(i * 4096, 2);

		cr_assert_eq(ask(&a, 1, NULL), TALLY_LINKS_READ);
		cr_assert_eq(done(&a, TALLY_REASON_NONE), 0);
	}
	for (uint64_t i = 0; i < 5000; i++) {
		struct tally_filestat a = file(i * 4096, 2);

		cr_assert_eq(ask(&a, 1, NULL), TALLY_LINKS_KNOWN);
	}
}
