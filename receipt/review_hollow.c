/* Is a file hollow: is its name still there, while most of what it held is gone? What was compared is asked before its bytes are. */
#include "receipt/json_util.h"
#include "receipt/review.h"

#include <string.h>

enum {
	TINY_BEFORE = 1024, /* bytes; a smaller file may be rewritten from end to end for good reasons */
	TINY_SHARE = 20, /* a twentieth or less of a file is left */
};

bool tally_review_damaged(const struct tally_receipt_change *c)
{
	return c->flags & (TALLY_CHANGE_EMPTIED | TALLY_CHANGE_NUL_TAIL | TALLY_CHANGE_TRUNCATED);
}

static bool tiny(const struct tally_receipt_change *c)
{
	return c->bytes_before != TALLY_UNKNOWN && c->bytes_after != TALLY_UNKNOWN &&
	       c->bytes_before >= TINY_BEFORE && c->bytes_after <= c->bytes_before / TINY_SHARE;
}

/* Is half of it left, or more? */
static bool half_of_bytes(const struct tally_receipt_change *c)
{
	return c->bytes_before != TALLY_UNKNOWN && c->bytes_after != TALLY_UNKNOWN &&
	       c->bytes_after >= c->bytes_before - c->bytes_before / 2;
}

/* What was compared at this path; NULL: it is none of this list. */
static const json_t *compared(const json_t *list, const struct tally_name *path)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);
		const char *text = tally_json_string(o, "path");

		if (text && strlen(text) == path->len && !memcmp(text, path->bytes, path->len))
			return o;
	}
	return NULL;
}

/* Can it be read up to where it was cut? Of other formats a piece is damaged, whatever a reader makes of it. */
static bool of_lines(const json_t *o)
{
	static const char *const names[] = { "csv", "tsv", "text", "markdown", "html", "mbox", "eml" };
	const char *format = tally_json_string(json_object_get(o, "format"), "after");

	for (size_t i = 0; format && i < sizeof names / sizeof *names; i++)
		if (!strcmp(format, names[i]))
			return true;
	return false;
}

/* Paragraphs (or messages) that are still somewhere, as they were. */
static bool half_of_text(const json_t *document)
{
	const json_t *b = json_object_get(document, "blocks");
	uint64_t before = tally_json_count(b, "before");
	uint64_t left = tally_json_count(b, "same") + tally_json_count(b, "moved") +
	                tally_json_count(document, "moved_out");

	return left >= before - before / 2;
}

/* What went from the end of a text or a table is told as such, where that is less than half. */
static bool cut_down(const struct tally_receipt *r, const struct tally_receipt_change *c)
{
	const json_t *document = compared(r->documents, &c->path);
	const json_t *table = compared(r->tables, &c->path);

	if (!of_lines(document ? document : table))
		return true;
	return !half_of_bytes(c) &&
	       !(tally_json_count(document, "moved_out") && half_of_text(document));
}

bool tally_review_hollow(const struct tally_receipt *r, const struct tally_receipt_change *c)
{
	const json_t *document;

	if (c->kind != TALLY_CHANGE_MODIFIED || c->type != TALLY_TYPE_FILE)
		return false;
	if (c->flags & (TALLY_CHANGE_EMPTIED | TALLY_CHANGE_NUL_TAIL))
		return true;
	if (c->flags & TALLY_CHANGE_TRUNCATED)
		return cut_down(r, c);
	if (!tiny(c) || tally_review_has_table(r, &c->path))
		return false;
	document = compared(r->documents, &c->path);
	return !tally_json_count(json_object_get(document, "blocks"), "before") ||
	       !half_of_text(document);
}
