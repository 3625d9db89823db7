/* The ledger: what there was, less what went, plus what came, must be what there is; in files, in bytes and in contents. */
#include <inttypes.h>

#include "diff/tree_state.h"

/* The field that counts before files of a kind. */
static uint64_t *before_field(struct tally_balance *b, enum tally_change_kind kind)
{
	switch (kind) {
	case TALLY_CHANGE_MODIFIED:
		return &b->modified;
	case TALLY_CHANGE_MOVED:
		return &b->moved;
	case TALLY_CHANGE_MOVED_EDITED:
		return &b->moved_edited;
	case TALLY_CHANGE_DELETED:
		return &b->deleted;
	case TALLY_CHANGE_DUPLICATE_REMOVED:
		return &b->duplicate_removed;
	case TALLY_CHANGE_OVERWRITTEN:
		return &b->overwritten;
	case TALLY_CHANGE_TYPE_CHANGED:
		return &b->type_changed;
	case TALLY_CHANGE_UNVERIFIED:
		return &b->unverified;
	default:
		return NULL;
	}
}

/* The field that counts after files of a kind; those that have a partner before are counted there. */
static uint64_t *after_field(struct tally_balance *b, enum tally_change_kind kind)
{
	switch (kind) {
	case TALLY_CHANGE_ADDED:
	case TALLY_CHANGE_TYPE_CHANGED:
		return &b->added;
	case TALLY_CHANGE_COPIED:
	case TALLY_CHANGE_COPIED_EDITED:
		return &b->copied;
	case TALLY_CHANGE_UNVERIFIED:
		return &b->unverified_after;
	default:
		return NULL;
	}
}

static bool partnered(enum tally_change_kind kind)
{
	return kind == TALLY_CHANGE_MODIFIED || kind == TALLY_CHANGE_MOVED ||
	       kind == TALLY_CHANGE_MOVED_EDITED;
}

static bool count_before(struct tally_tree_diff *d)
{
	for (size_t i = 0; i < d->items[TALLY_BEFORE].count; i++) {
		const struct tree_item *item = &d->items[TALLY_BEFORE].at[i];
		const struct tally_entry *e = tree_entry(d, TALLY_BEFORE, item->entry);
		enum tally_change_kind kind = (enum tally_change_kind)item->kind;

		if (e->type != TALLY_TYPE_FILE)
			continue;
		if (!before_field(&d->balance[0], kind))
			return false;
		++*before_field(&d->balance[0], kind);
		*before_field(&d->balance[1], kind) += e->size;
	}
	return true;
}

/* @pairs gets the after files that count with their before partner. */
static bool count_after(struct tally_tree_diff *d, uint64_t *pairs)
{
	for (size_t i = 0; i < d->items[TALLY_AFTER].count; i++) {
		const struct tree_item *item = &d->items[TALLY_AFTER].at[i];
		const struct tally_entry *e = tree_entry(d, TALLY_AFTER, item->entry);
		enum tally_change_kind kind = (enum tally_change_kind)item->kind;
		uint32_t mate = kind == TALLY_CHANGE_MODIFIED ? item->other : item->mate;

		if (e->type != TALLY_TYPE_FILE)
			continue;
		if (partnered(kind) && mate != TALLY_NO_INDEX) {
			++*pairs;
			d->balance[1].grown += (int64_t)(e->size -
			                                 tree_entry(d, TALLY_BEFORE, mate)->size);
			continue;
		}
		if (!after_field(&d->balance[0], kind))
			return false;
		++*after_field(&d->balance[0], kind);
		*after_field(&d->balance[1], kind) += e->size;
	}
	return true;
}

static enum tally_status unbalanced(struct tally_err *err, const char *what, uint64_t is,
                                    uint64_t should)
{
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
	                     "the books do not balance: %s add up to %" PRIu64 ", not %" PRIu64,
	                     what, is, should);
}

static enum tally_status check(const struct tally_balance *b, const char *before, const char *after,
                               struct tally_err *err)
{
	uint64_t kept = b->unchanged + b->metadata + b->modified + b->moved + b->moved_edited;
	uint64_t was = kept + b->deleted + b->duplicate_removed + b->overwritten + b->type_changed +
	               b->unverified;
	uint64_t is = kept + b->added + b->copied + b->unverified_after + (uint64_t)b->grown;

	if (was != b->before)
		return unbalanced(err, before, was, b->before);
	if (is != b->after)
		return unbalanced(err, after, is, b->after);
	return TALLY_OK;
}

static enum tally_status check_contents(const struct tally_contents *c, const char *what,
                                        struct tally_err *err)
{
	uint64_t sum = 0;

	for (int i = 0; i < TALLY_FATES; i++)
		sum += c->by_fate[i];
	return sum == c->before ? TALLY_OK : unbalanced(err, what, sum, c->before);
}

enum tally_status tree_balance(struct tally_tree_diff *d, struct tally_err *err)
{
	const struct tally_balance *files = &d->balance[0];
	uint64_t pairs = 0, partners;
	enum tally_status st;

	if (!count_before(d) || !count_after(d, &pairs))
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		                     "the books do not balance: a file without a fate");
	partners = files->modified + files->moved + files->moved_edited;
	if (pairs != partners)
		return unbalanced(err, "files with a partner", pairs, partners);
	st = check(files, "files before", "files after", err);
	if (st == TALLY_OK)
		st = check(&d->balance[1], "bytes before", "bytes after", err);
	if (st == TALLY_OK)
		st = check_contents(&d->contents_by_fate[0], "contents", err);
	if (st == TALLY_OK)
		st = check_contents(&d->contents_by_fate[1], "bytes of contents", err);
	return st;
}
