/* Section 2 of the terminal view: how many, and whether the sum comes out. */
#include "receipt/text.h"

#include <stdio.h>

#include "receipt/words.h"

/* "5 moved", when there are any; @first tells whether a comma is needed */
static void part(struct tally_sheet *s, uint64_t n, const char *words, bool *first)
{
	if (!n)
		return;
	if (!*first)
		tally_sheet_text(s, ", ");
	*first = false;
	tally_sheet_count(s, n);
	tally_sheet_text(s, " ");
	tally_sheet_text(s, words);
}

/* before - gone + new = after */
static void equation(struct tally_sheet *s, const struct tally_balance *b)
{
	uint64_t gone = b->deleted + b->duplicate_removed + b->overwritten + b->type_changed;
	uint64_t came = b->added + b->copied;

	tally_sheet_label(s, "Files");
	tally_sheet_count(s, b->before);
	tally_sheet_text(s, " before");
	tally_sheet_term(s, "\u2212", gone, "gone");
	if (b->unverified)
		tally_sheet_term(s, "\u2212", b->unverified, "not verified");
	tally_sheet_term(s, "+", came, "new");
	if (b->unverified_after)
		tally_sheet_term(s, "+", b->unverified_after, "not verified");
	tally_sheet_term(s, "=", b->after, "after");
	tally_sheet_labelled(s, TALLY_INDENT);
}

static void where_they_went(struct tally_sheet *s, const struct tally_balance *b)
{
	bool first = true;

	if (b->before < 2)
		return; /* of one file the list below says all */
	tally_sheet_label(s, "");
	tally_sheet_text(s, "of the ");
	tally_sheet_count(s, b->before);
	tally_sheet_text(s, ": ");
	part(s, b->unchanged, "unchanged", &first);
	part(s, b->metadata, "with other metadata only", &first);
	part(s, b->modified, "modified", &first);
	part(s, b->moved, "moved", &first);
	part(s, b->moved_edited, "moved and edited", &first);
	part(s, b->deleted, "deleted", &first);
	part(s, b->duplicate_removed,
	     b->duplicate_removed == 1 ? "duplicate removed" : "duplicates removed", &first);
	part(s, b->overwritten, "overwritten", &first);
	part(s, b->type_changed, "turned into something else", &first);
	part(s, b->unverified, "not verified", &first);
	tally_sheet_labelled(s, TALLY_INDENT);
}

/* Added, and yet no new content. */
static uint64_t unpacked_files(const struct tally_receipt *r)
{
	uint64_t n = 0;

	for (size_t i = 0; i < r->change_count; i++)
		n += r->changes[i].kind == TALLY_CHANGE_ADDED && r->changes[i].from_member.bytes;
	return n < r->files.added ? n : r->files.added;
}

static void where_they_came_from(struct tally_sheet *s, const struct tally_balance *b)
{
	uint64_t unpacked = unpacked_files(s->r);
	bool first = true;

	if (!unpacked && (!b->added || !b->copied))
		return; /* the equation has said it */
	tally_sheet_label(s, "");
	tally_sheet_text(s, "of the ");
	tally_sheet_count(s, b->added + b->copied);
	tally_sheet_text(s, " new: ");
	part(s, b->added - unpacked, "with new content", &first);
	part(s, unpacked, "unpacked from archives that are gone", &first);
	part(s, b->copied, b->copied == 1 ? "copy" : "copies", &first);
	tally_sheet_labelled(s, TALLY_INDENT);
}

static void contents(struct tally_sheet *s, const struct tally_contents *c)
{
	uint64_t elsewhere = c->by_fate[TALLY_FATE_MOVED] + c->by_fate[TALLY_FATE_COPY_ELSEWHERE];
	bool first = true;

	if (!c->before && !c->new_contents)
		return;
	tally_sheet_label(s, "Contents");
	tally_sheet_count(s, c->before);
	tally_sheet_text(s, " different before: ");
	part(s, c->by_fate[TALLY_FATE_SAME_PLACE], "in place", &first);
	part(s, elsewhere, "at another place", &first);
	part(s, c->by_fate[TALLY_FATE_INSIDE_ARCHIVE], "inside an archive", &first);
	part(s, c->by_fate[TALLY_FATE_UNPACKED],
	     c->by_fate[TALLY_FATE_UNPACKED] == 1 ? "archive unpacked" : "archives unpacked", &first);
	part(s, c->by_fate[TALLY_FATE_EDITED], "edited", &first);
	part(s, c->by_fate[TALLY_FATE_UNPROVEN], "not proven", &first);
	if (c->by_fate[TALLY_FATE_LOST]) {
		tally_sheet_text(s, first ? "" : ", ");
		tally_sheet_style(s, TALLY_STYLE_RED);
		tally_sheet_count(s, c->by_fate[TALLY_FATE_LOST]);
		tally_sheet_text(s, " lost");
		tally_sheet_plain(s);
		first = false;
	} else {
		tally_sheet_text(s, first ? "" : ", ");
		tally_sheet_text(s, c->by_fate[TALLY_FATE_UNPROVEN] ? "none known to be lost"
		                                                    : "none lost");
	}
	if (c->new_contents) {
		tally_sheet_text(s, "; ");
		tally_sheet_count(s, c->new_contents);
		tally_sheet_text(s, " new");
	}
	tally_sheet_labelled(s, TALLY_INDENT);
}

static void exact_size(struct tally_sheet *s, uint64_t bytes)
{
	tally_sheet_size(s, bytes);
	if (bytes >= 1000 && bytes != TALLY_UNKNOWN) {
		tally_sheet_text(s, " (");
		tally_sheet_plural(s, bytes, "byte", "bytes");
		tally_sheet_text(s, ")");
	}
}

/* ", without 1 file (before) whose size is not known" */
static void unsized(struct tally_sheet *s, const struct tally_balance *b)
{
	static const char *const sides[] = { " (before)", " (after)" };
	const char *between = ", without ";

	for (int i = 0; i < 2; i++) {
		if (!b->unsized[i])
			continue;
		tally_sheet_text(s, between);
		tally_sheet_plural(s, b->unsized[i], "file", "files");
		tally_sheet_text(s, sides[i]);
		between = " and ";
	}
	if (b->unsized[0] || b->unsized[1])
		tally_sheet_text(s, b->unsized[0] + b->unsized[1] == 1
		                            ? " whose size is not known"
		                            : " whose sizes are not known");
}

static void bytes(struct tally_sheet *s, const struct tally_balance *b)
{
	tally_sheet_label(s, "Bytes");
	exact_size(s, b->before);
	tally_sheet_text(s, " before, ");
	if (b->after == b->before)
		tally_sheet_text(s, "the same");
	else
		exact_size(s, b->after);
	tally_sheet_text(s, " after");
	unsized(s, b);
	tally_sheet_labelled(s, TALLY_INDENT);
}

/* Folders, links and the rest are no files and not in the equation. */
static void others(struct tally_sheet *s)
{
	uint64_t added = 0, gone = 0, moved = 0, links = 0, rest = 0;
	bool first = true;

	for (size_t i = 0; i < s->r->change_count; i++) {
		const struct tally_receipt_change *c = &s->r->changes[i];

		if (c->type == TALLY_TYPE_FILE || c->kind == TALLY_CHANGE_TYPE_CHANGED)
			continue;
		if (c->type == TALLY_TYPE_SYMLINK)
			links++;
		else if (c->type != TALLY_TYPE_DIR || c->kind == TALLY_CHANGE_METADATA)
			rest++;
		else if (c->kind == TALLY_CHANGE_ADDED)
			added++;
		else if (c->kind == TALLY_CHANGE_DELETED)
			gone++;
		else if (c->kind == TALLY_CHANGE_MOVED)
			moved++;
		else
			rest++;
	}
	if (!(added + gone + moved + links + rest))
		return;
	tally_sheet_label(s, "Others");
	part(s, added, added == 1 ? "folder added" : "folders added", &first);
	part(s, gone, gone == 1 ? "folder removed" : "folders removed", &first);
	part(s, moved, moved == 1 ? "folder moved" : "folders moved", &first);
	part(s, links, links == 1 ? "link changed" : "links changed", &first);
	part(s, rest, rest == 1 ? "other entry changed" : "other entries changed", &first);
	tally_sheet_labelled(s, TALLY_INDENT);
}

void tally_text_touched(struct tally_sheet *s)
{
	const struct tally_receipt *r = s->r;

	tally_sheet_heading(s, 2, "Touched");
	equation(s, &r->files);
	where_they_went(s, &r->files);
	where_they_came_from(s, &r->files);
	others(s);
	contents(s, &r->contents);
	bytes(s, &r->bytes);
}
