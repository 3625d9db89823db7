/* Contents by entry: see receipt/content.h. Kept copies first, for they cannot have changed. */
#include "receipt/content.h"

#include <errno.h>
#include <unistd.h>

#include "core/io.h"
#include "core/mem.h"
#include "formats/format.h"

enum {
	COPY_STEP = 256 << 10,
	IN_MEMORY_MOST = 32 << 20, /* bytes of an unpacked copy */
};

static const struct tally_snapshot *keeper_of(const struct tally_contents_of *side,
                                              const struct tally_digest *digest)
{
	if (tally_snapshot_keeps(side->snapshot, digest))
		return side->snapshot;
	if (side->other && tally_snapshot_keeps(side->other, digest))
		return side->other;
	return NULL;
}

static enum tally_status check_entry(const struct tally_entry *e, struct tally_err *err)
{
	if (e->type != TALLY_TYPE_FILE)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_SPECIAL_FILE,
		                     "not a regular file");
	if (e->proof == TALLY_PROOF_NONE)
		return tally_err_set(err, TALLY_SKIP, (enum tally_reason)e->reason,
		                     "its content was not read");
	return TALLY_OK;
}

/* What is large does not go into memory, where a scratch file may be. */
static int scratch_for(const struct tally_contents_of *side, uint64_t size)
{
	int fd = size > IN_MEMORY_MOST ? tally_scratch_disk(side->scratch) : -1;

	return fd < 0 ? tally_scratch_fd() : fd;
}

static enum tally_status unpack(const struct tally_contents_of *side,
                                const struct tally_snapshot *keeper, const struct tally_entry *e,
                                int *out, struct tally_err *err)
{
	struct tally_err why = { 0 };
	int fd = scratch_for(side, e->size);
	enum tally_status st;

	if (fd < 0)
		return tally_err_sys(err, TALLY_SKIP, "making a scratch file", NULL, errno);
	st = tally_snapshot_content(keeper, &e->digest, fd, NULL, &why);
	if (st >= 0 && lseek(fd, 0, SEEK_SET) != 0)
		st = tally_err_sys(&why, TALLY_SKIP, "rewinding a scratch file", NULL, errno);
	if (st < 0) {
		close(fd);
		if (why.sys == ENOSPC)
			why.reason = TALLY_REASON_NO_SPACE;
		if (err)
			*err = why;
		return st;
	}
	*out = fd;
	return TALLY_OK;
}

enum tally_status tally_content_open(const struct tally_contents_of *side, uint32_t entry, int *fd,
                                     bool *live, struct tally_err *err)
{
	const struct tally_entry *e = &tally_snapshot_tree(side->snapshot)->entries[entry];
	const struct tally_snapshot *keeper;
	enum tally_status st = check_entry(e, err);

	if (st < 0)
		return st;
	*live = false;
	keeper = keeper_of(side, &e->digest);
	if (keeper)
		return unpack(side, keeper, e, fd, err);
	if (side->archive)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_PACKED,
		                     "its content was not compared");
	if (!side->live)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NOT_KEPT,
		                     "its content was not kept");
	*live = true;
	return tally_snapshot_open_live(side->snapshot, entry, fd, err);
}

/* hash a live file with the session's key and SHA-256 in one pass */
static enum tally_status hash_live(int fd, const struct tally_key *key,
                                   const struct tally_digest *expected, struct tally_sha256 *out,
                                   struct tally_err *err)
{
	struct tally_hasher *h = NULL;
	struct tally_digest seen;
	char *buf = tally_alloc(COPY_STEP);
	enum tally_status st = buf ? tally_hasher_new(&h, key, true, err) : tally_err_nomem(err);
	ssize_t n;

	if (st < 0)
		goto out;
	while ((n = tally_io_read(fd, buf, COPY_STEP)) > 0)
		tally_hasher_add(h, buf, (size_t)n);
	if (n < 0) {
		st = tally_err_sys(err, TALLY_SKIP, "reading", NULL, errno);
		goto out;
	}
	tally_hasher_finish(h, &seen, out);
	if (!tally_digest_equal(&seen, expected))
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_CONTENT_ALTERED,
		                   "its content changed after the snapshot");
out:
	tally_hasher_free(h);
	tally_free(buf);
	return st;
}

enum tally_status tally_content_sha256(const struct tally_contents_of *side, uint32_t entry,
                                       struct tally_sha256 *out, struct tally_err *err)
{
	const struct tally_entry *e = &tally_snapshot_tree(side->snapshot)->entries[entry];
	const struct tally_snapshot *keeper;
	enum tally_status st = check_entry(e, err);
	int fd;

	if (st < 0)
		return st;
	if (e->sha256) {
		*out = *e->sha256;
		return TALLY_OK;
	}
	keeper = keeper_of(side, &e->digest);
	if (keeper)
		return tally_snapshot_content(keeper, &e->digest, -1, out, err);
	if (!side->live || e->proof != TALLY_PROOF_HASHED)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NOT_KEPT,
		                     "its content was not kept");
	st = tally_snapshot_open_live(side->snapshot, entry, &fd, err);
	if (st < 0)
		return st;
	st = hash_live(fd, tally_snapshot_key(side->snapshot), &e->digest, out, err);
	close(fd);
	return st;
}

bool tally_content_comparable(const char *name, size_t len)
{
	return tally_format_worth_keeping(name, len);
}
