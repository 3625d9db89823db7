/* Mount points and extended attributes, in a mount namespace of the test's own. Skipped where that is not allowed. */
#define _GNU_SOURCE
#include <criterion/criterion.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "support/walked.h"

TestSuite(mounts, .init = walked_begin, .fini = walked_end);
TestSuite(xattrs, .init = walked_begin, .fini = walked_end);

static void mount_or_skip(const char *from, const char *on, const char *type, unsigned long flags)
{
	if (mount(from, scratch_path(&s, on), type, flags, NULL) != 0)
		cr_skip("may not mount here");
}

static void own_namespace(void)
{
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		cr_skip("no mount namespace here");
}

Test(mounts, are_not_crossed_unless_wanted)
{
	own_namespace();
	scratch_mkdirs(&s, "tmp");
	scratch_mkdirs(&s, "same");
	scratch_puts(&s, "real/x", "1");
	mount_or_skip("tmpfs", "tmp", "tmpfs", 0);
	mount_or_skip(scratch_path(&s, "real"), "same", NULL, MS_BIND);
	scratch_puts(&s, "tmp/inside", "2");
	walk();
	cr_expect_eq(at("tmp")->reason, TALLY_REASON_OTHER_MOUNT);
	/* mounted from the same file system: the device number does not tell */
	cr_expect_eq(at("same")->reason, TALLY_REASON_OTHER_MOUNT);
	cr_expect_eq(at("real/x")->reason, TALLY_REASON_NONE);
	cr_expect_eq(tally_tree_absence(tree, "tmp/inside", 10), TALLY_REASON_OTHER_MOUNT);
	options.cross_mounts = true;
	walk();
	cr_expect_eq(at("tmp/inside")->proof, TALLY_PROOF_HASHED);
	cr_expect_eq(at("same/x")->proof, TALLY_PROOF_HASHED);
	umount(scratch_path(&s, "tmp"));
	umount(scratch_path(&s, "same"));
}

Test(mounts, a_file_mounted_over_another_is_told)
{
	own_namespace();
	scratch_mkdirs(&s, "tmp");
	scratch_puts(&s, "under", "1");
	mount_or_skip("tmpfs", "tmp", "tmpfs", 0);
	scratch_puts(&s, "tmp/over", "2");
	mount_or_skip(scratch_path(&s, "tmp/over"), "under", NULL, MS_BIND);
	walk();
	cr_expect_eq(at("under")->reason, TALLY_REASON_OTHER_MOUNT);
	cr_expect_not(tally_digest_known(&at("under")->digest));
	umount(scratch_path(&s, "under"));
	umount(scratch_path(&s, "tmp"));
}

static void set(const char *path, const char *name, const void *value, size_t size)
{
	if (setxattr(scratch_path(&s, path), name, value, size, 0) != 0)
		cr_skip("no extended attributes here");
}

Test(xattrs, are_one_number_whatever_their_order)
{
	static char large[3000];
	uint64_t first;

	memset(large, 'v', sizeof large);
	scratch_puts(&s, "none", "x");
	scratch_puts(&s, "a", "x");
	scratch_puts(&s, "b", "x");
	scratch_mkdirs(&s, "d");
	set("a", "user.one", "1", 1);
	set("a", "user.two", large, sizeof large);
	set("b", "user.two", large, sizeof large);
	set("b", "user.one", "1", 1);
	set("d", "user.one", "1", 1);
	walk();
	first = at("a")->xattr_digest;
	cr_assert_eq(at("none")->xattr_digest, 0);
	cr_assert_not(at("none")->flags & TALLY_ENTRY_XATTRS);
	cr_assert_neq(first, 0);
	cr_assert(at("a")->flags & TALLY_ENTRY_XATTRS);
	cr_assert_eq(at("b")->xattr_digest, first);
	cr_assert_neq(at("d")->xattr_digest, 0);
	cr_assert(at("d")->flags & TALLY_ENTRY_XATTRS);
	/* the border between name and value counts, and so does every byte */
	set("b", "user.one", "2", 1);
	walk();
	cr_assert_neq(at("b")->xattr_digest, first);
	set("b", "user.one", "", 0);
	set("b", "user.one1", "", 0);
	walk();
	cr_assert_neq(at("b")->xattr_digest, first);
}

Test(xattrs, more_than_the_limit_are_known_to_be_there)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	static char large[3000];

	limits.xattr_bytes = 100;
	options.limits = &limits;
	scratch_puts(&s, "a", "x");
	set("a", "user.two", large, sizeof large);
	walk();
	cr_assert_eq(at("a")->xattr_digest, 0);
	cr_assert(at("a")->flags & TALLY_ENTRY_XATTRS);
	cr_assert_eq(at("a")->proof, TALLY_PROOF_HASHED);
}
