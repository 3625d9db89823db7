/* What the before snapshot keeps, and what it does not: each distinct content once. */
#include "core/mem.h"
#include "receipt/making.h"

/* Distinct contents, in a table with open addressing: the entry that has one first stands for it. */
struct distinct {
	const struct tally_tree *tree;
	struct slot {
		uint32_t entry; /* its number + 1, 0 is free */
		uint32_t tag; /* half of the digest's low bytes: hardly ever is another entry looked at */
	} * slots;
	size_t mask;
};

static bool make_slots(struct distinct *x)
{
	size_t size = 16;

	while (size < (size_t)x->tree->entry_count + x->tree->entry_count / 2)
		size *= 2;
	x->slots = tally_alloc_zero(size, sizeof *x->slots);
	x->mask = size - 1;
	if (x->slots)
		tally_mem_large(x->slots, size * sizeof *x->slots);
	return x->slots != NULL;
}

enum { AHEAD = 12 }; /* entries whose slots are on their way from memory */

static struct slot *slot_of(const struct distinct *x, uint32_t entry)
{
	return &x->slots[(size_t)tally_digest_low(&x->tree->entries[entry].digest) & x->mask];
}

/* @return false: another entry had it already */
static bool is_new(struct distinct *x, uint32_t entry)
{
	const struct tally_digest *digest = &x->tree->entries[entry].digest;
	uint32_t tag = (uint32_t)(tally_digest_low(digest) >> 32);
	size_t at = (size_t)(slot_of(x, entry) - x->slots);

	for (; x->slots[at].entry; at = (at + 1) & x->mask)
		if (x->slots[at].tag == tag &&
		    tally_digest_equal(&x->tree->entries[x->slots[at].entry - 1].digest, digest))
			return false;
	x->slots[at] = (struct slot){ entry + 1, tag };
	return true;
}

enum tally_status tally_make_keep(struct tally_making *m, struct tally_err *err)
{
	const struct tally_snapshot *before = m->snap[TALLY_BEFORE];
	const struct tally_snap_info *info = tally_snapshot_info(before);
	struct distinct x = { .tree = m->tree[TALLY_BEFORE] };
	struct tally_receipt_keep *k = &m->r->keep;

	*k = (struct tally_receipt_keep){ .contents = info->kept_files,
		                          .bytes = info->kept_bytes,
		                          .budget = m->options->session_id
		                                            ? m->options->limits->keep_budget
		                                            : TALLY_UNKNOWN };
	if (!make_slots(&x))
		return tally_err_nomem(err);
	for (uint32_t i = 0; i < x.tree->entry_count; i++) {
		const struct tally_entry *e = &x.tree->entries[i];

		if (i + AHEAD < x.tree->entry_count)
			__builtin_prefetch(slot_of(&x, i + AHEAD));
		if (e->type != TALLY_TYPE_FILE || !e->size || e->proof == TALLY_PROOF_NONE ||
		    ((e->flags & TALLY_ENTRY_KEPT) && tally_snapshot_keeps(before, &e->digest)) ||
		    !is_new(&x, i))
			continue;
		k->not_kept++;
		k->not_kept_bytes += e->size;
	}
	tally_free(x.slots);
	return TALLY_OK;
}
