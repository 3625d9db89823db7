/* Comparing snapshots with different secrets: SHA-256 takes the place of the keyed digests. See tally_snapshot_by_sha256. */
#include <string.h>

#include "core/mem.h"
#include "snap/store.h"

/* What stands for each kept content, by the files that have it; while their own digests are still there. */
static enum tally_status name_kept(struct tally_snapshot *s, struct tally_digest **out,
                                   const struct tally_key *key, struct tally_err *err)
{
	/* one more than there are, so that it is there where nothing is kept, too */
	*out = tally_alloc_zero(s->kept_count + 1, sizeof **out);
	if (!*out)
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < s->tree->entry_count; i++) {
		const struct tally_entry *e = &s->tree->entries[i];
		const struct tally_kept *kept = e->type == TALLY_TYPE_FILE && e->sha256
		                                        ? tally_store_find(s, &e->digest)
		                                        : NULL;

		if (kept)
			tally_digest_by_sha256(&(*out)[kept - s->kept], key, e->sha256);
	}
	return TALLY_OK;
}

static void rename_entry(struct tally_entry *e, const struct tally_key *key)
{
	e->xattr_digest = 0;
	if (e->type == TALLY_TYPE_SYMLINK && e->target) {
		tally_digest_of(&e->digest, key, e->target, strlen(e->target));
		return;
	}
	if (e->type != TALLY_TYPE_FILE || e->proof == TALLY_PROOF_NONE)
		return;
	if (e->sha256) {
		tally_digest_by_sha256(&e->digest, key, e->sha256);
		return;
	}
	memset(&e->digest, 0, sizeof e->digest);
	e->proof = TALLY_PROOF_NONE;
	e->reason = TALLY_REASON_NO_SHA256;
}

static enum tally_status rename_all(struct tally_snapshot *s, const struct tally_key *key,
                                    struct tally_err *err)
{
	struct tally_digest *names = NULL;
	enum tally_status st = name_kept(s, &names, key, err);

	if (st < 0)
		return st;
	for (uint32_t i = 0; i < s->tree->entry_count; i++)
		rename_entry(&s->tree->entries[i], key);
	s->kept_by = names;
	s->by_key = *key;
	st = tally_store_index(s, err);
	tally_snapshot_survey(s, &s->meta);
	tally_snapshot_settle(s);
	return st;
}

enum tally_status tally_snapshot_by_sha256(struct tally_snapshot *a, struct tally_snapshot *b,
                                           struct tally_err *err)
{
	const struct tally_key key = a->meta.key;
	enum tally_status st;

	if (!a->meta.sha256 || !b->meta.sha256)
		return tally_err_set(
			err, TALLY_FATAL, TALLY_REASON_NONE,
			"these snapshots cannot be compared: their digests were made with different secrets; take the "
			"second one with 'tally snap --like FIRST', or both with --sha256");
	st = rename_all(a, &key, err);
	return st < 0 ? st : rename_all(b, &key, err);
}
