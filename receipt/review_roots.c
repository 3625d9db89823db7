/* Review rule about the watched folders themselves: gone, replaced, or on another disk. */
#include "core/path.h"
#include "receipt/review.h"

static bool of_root(const struct tally_unverified *u, enum tally_reason reason)
{
	return u->folder && u->reason == reason && u->side == TALLY_ON_AFTER &&
	       u->level == TALLY_LEVEL_CONTENT && u->detail;
}

bool tally_review_other_disk(const struct tally_unverified *u)
{
	return of_root(u, TALLY_REASON_OTHER_MOUNT);
}

bool tally_review_of_root(const struct tally_unverified *u)
{
	return of_root(u, TALLY_REASON_OTHER_MOUNT) || of_root(u, TALLY_REASON_NOT_REACHED);
}

static void watched(struct tally_reviewer *v, const struct tally_name *path)
{
	tally_say(v, "the watched folder ");
	if (path->len)
		tally_say_name(v, path);
	else
		tally_say(v, "itself");
}

void tally_review_say_root(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	watched(v, &c->path);
	if (c->kind == TALLY_CHANGE_DELETED)
		tally_say(v, " is gone");
	else if (c->type == TALLY_TYPE_SYMLINK)
		tally_say(v, " is a link now, which was not followed");
	else if (c->type == TALLY_TYPE_FILE)
		tally_say(v, " is a file now, which was not read");
	else
		tally_say(v, " is neither folder nor file any more");
}

void tally_review_say_other_disk(struct tally_reviewer *v, const struct tally_unverified *u)
{
	watched(v, &u->path);
	tally_say(v, " lies on another file system than before (was a disk unmounted?)");
}

static void capital(struct tally_reviewer *v)
{
	if (v->what.len && v->what.bytes[0] == 't')
		v->what.bytes[0] = 'T';
}

/* The item stands for what was lost below it: claimed, so that it is not told file by file. @return how many files went */
static uint64_t claim_below(struct tally_reviewer *v, const struct tally_name *root, uint64_t *lost,
                            uint64_t *bytes)
{
	uint64_t gone = 0;

	for (size_t i = 0; i < v->r->change_count; i++) {
		const struct tally_receipt_change *c = &v->r->changes[i];

		if (c->kind != TALLY_CHANGE_DELETED || c->type != TALLY_TYPE_FILE ||
		    !tally_path_below(c->path.bytes, c->path.len, root->bytes, root->len))
			continue;
		gone++;
		if (c->fate != TALLY_FATE_LOST)
			continue;
		v->claimed[i] = true;
		++*lost;
		*bytes += c->bytes_before == TALLY_UNKNOWN ? 0 : c->bytes_before;
	}
	return gone;
}

static void say_gone(struct tally_reviewer *v, const struct tally_name *root)
{
	uint64_t lost = 0, bytes = 0, gone = claim_below(v, root, &lost, &bytes);

	if (gone) {
		tally_say(v, "; ");
		tally_say_plural(v, gone, "file is", "files are");
		tally_say(v, " not there any more");
	}
	if (lost) {
		if (lost < gone) {
			tally_say(v, lost == 1 ? ", and the content of " : ", and the contents of ");
			tally_say_count(v, lost);
			tally_say(v, lost == 1 ? " of them is nowhere (" : " of them are nowhere (");
		} else {
			tally_say(v, lost == 1 ? ", and its content is nowhere ("
			                       : ", and their contents are nowhere (");
		}
		tally_say_size(v, bytes);
		tally_say(v, ")");
	}
	capital(v);
	tally_found(v, TALLY_RULE_root_gone, TALLY_SEVERITY_HIGH, root->len ? root : NULL, NULL,
	            gone ? gone : 1, bytes);
}

void tally_review_roots(struct tally_reviewer *v)
{
	for (size_t i = 0; i < v->r->change_count; i++) {
		const struct tally_receipt_change *c = &v->r->changes[i];

		if (!(c->flags & TALLY_CHANGE_ROOT))
			continue;
		tally_review_say_root(v, c);
		say_gone(v, &c->path);
	}
	for (size_t i = 0; i < v->r->unverified_count; i++) {
		const struct tally_unverified *u = &v->r->unverified[i];

		if (!tally_review_other_disk(u))
			continue;
		tally_review_say_other_disk(v, u);
		say_gone(v, &u->path);
	}
}
