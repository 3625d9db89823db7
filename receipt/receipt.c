/* The life of a receipt, its sums and its small vocabularies. */
#include "receipt/receipt.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum tally_status tally_receipt_new(struct tally_receipt **out, struct tally_err *err)
{
	struct tally_receipt *r = tally_alloc_zero(1, sizeof *r);

	if (!r)
		return tally_err_nomem(err);
	tally_arena_init(&r->arena, 0);
	r->tool_version = TALLY_VERSION;
	r->tables = json_array();
	r->documents = json_array();
	r->archives = json_array();
	if (!r->tables || !r->documents || !r->archives) {
		tally_receipt_free(r);
		return tally_err_nomem(err);
	}
	*out = r;
	return TALLY_OK;
}

void tally_receipt_free(struct tally_receipt *r)
{
	if (!r)
		return;
	json_decref(r->scope);
	json_decref(r->tables);
	json_decref(r->documents);
	json_decref(r->archives);
	tally_arena_release(&r->arena);
	tally_free(r);
}

const char *tally_severity_name(enum tally_severity severity)
{
	static const char *const names[] = { "low", "medium", "high" };

	return names[severity];
}

const char *tally_level_name(enum tally_level level)
{
	static const char *const names[] = { "content", "model", "part" };

	return names[level];
}

const char *tally_text_unit_name(unsigned unit)
{
	static const char *const names[TALLY_UNITS] = { "paragraph", "line", "message" };

	return unit < TALLY_UNITS ? names[unit] : NULL;
}

const char *tally_text_unit_names(unsigned unit)
{
	static const char *const names[TALLY_UNITS] = { "paragraphs", "lines", "messages" };

	return unit < TALLY_UNITS ? names[unit] : NULL;
}

bool tally_change_text_kept(const struct tally_receipt_change *c)
{
	return c->kind == TALLY_CHANGE_DELETED && c->fate == TALLY_FATE_LOST && c->elsewhere &&
	       c->elsewhere->compared && !c->elsewhere->missing && !c->elsewhere->edited;
}

bool tally_change_unkept(const struct tally_receipt_change *c)
{
	enum tally_entry_type was = c->kind == TALLY_CHANGE_TYPE_CHANGED ? c->old_type : c->type;

	return !(c->flags & TALLY_CHANGE_KEPT) && was == TALLY_TYPE_FILE && c->bytes_before > 0 &&
	       c->bytes_before != TALLY_UNKNOWN &&
	       (c->kind == TALLY_CHANGE_DELETED || c->kind == TALLY_CHANGE_MODIFIED ||
	        c->kind == TALLY_CHANGE_MOVED_EDITED || c->kind == TALLY_CHANGE_TYPE_CHANGED);
}

uint64_t tally_unverified_files(const struct tally_unverified *u)
{
	return u->files ? u->files : 1;
}

/* "row 7 and 2 more", "sheet 'Prices', row 7": the text behind "row "; NULL: some other part */
static const char *rows_named(const char *part)
{
	static const char row[] = "row ", of_sheet[] = "', row ", sheet[] = "sheet '";
	const char *at = NULL;

	if (!strncmp(part, row, strlen(row)))
		return part + strlen(row);
	if (strncmp(part, sheet, strlen(sheet)) != 0)
		return NULL;
	for (const char *p = part; (p = strstr(p, of_sheet)); p += strlen(of_sheet))
		at = p + strlen(of_sheet);
	return at;
}

uint64_t tally_unverified_rows(const struct tally_unverified *u)
{
	static const char and[] = " and ";
	const char *rows, *more;

	if (u->reason != TALLY_REASON_MALFORMED || u->level != TALLY_LEVEL_PART || !u->part)
		return 0;
	rows = rows_named(u->part);
	if (!rows)
		return 0;
	more = strstr(rows, and);
	return 1 + (more ? strtoull(more + strlen(and), NULL, 10) : 0);
}

bool tally_unverified_unlisted(const struct tally_unverified *u)
{
	return u->reason == TALLY_REASON_LIMIT && u->level == TALLY_LEVEL_PART && u->detail &&
	       !strncmp(u->detail, TALLY_UNLISTED, strlen(TALLY_UNLISTED));
}

bool tally_unverified_misnamed(const struct tally_unverified *u)
{
	return u->reason == TALLY_REASON_FORMAT_MISMATCH && u->level == TALLY_LEVEL_PART;
}

/* a row without a path that is no folder stands for files all over the place */
bool tally_unverified_same(const struct tally_unverified *a, const struct tally_unverified *b)
{
	return a->path.len == b->path.len && a->folder == b->folder && (a->path.len || a->folder) &&
	       !memcmp(a->path.bytes, b->path.bytes, a->path.len);
}

/*
 * Sums are taken modulo 2^64: sparse files may claim more bytes than that, and the books still balance then. What was read back
 * from JSON is cut at INT64_MAX; a sum with such a number in it cannot be checked.
 */
struct sum {
	uint64_t value;
	bool cut;
};

static void add(struct sum *s, uint64_t n)
{
	s->value += n;
	s->cut |= n == INT64_MAX;
}

static enum tally_status compare(const char *what, struct sum parts, uint64_t whole,
                                 struct tally_err *err)
{
	if (parts.cut || whole == INT64_MAX || parts.value == whole)
		return TALLY_OK;
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
	                     "the books do not balance: %s add up to %" PRIu64 ", not %" PRIu64,
	                     what, parts.value, whole);
}

static struct sum before_parts(const struct tally_balance *b)
{
	const uint64_t parts[] = { b->unchanged,         b->metadata,
		                   b->modified,          b->moved,
		                   b->moved_edited,      b->deleted,
		                   b->duplicate_removed, b->overwritten,
		                   b->type_changed,      b->unverified };
	struct sum s = { 0, false };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		add(&s, parts[i]);
	return s;
}

static struct sum after_parts(const struct tally_balance *b)
{
	const uint64_t parts[] = { b->unchanged,    b->metadata, b->modified, b->moved,
		                   b->moved_edited, b->added,    b->copied,   b->unverified_after };
	struct sum s = { 0, false };

	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		add(&s, parts[i]);
	s.value += (uint64_t)b->grown; /* of bytes: what the files that are on both sides gained */
	return s;
}

static struct sum fates(const struct tally_contents *c)
{
	struct sum s = { 0, false };

	for (size_t i = 0; i < TALLY_FATES; i++)
		add(&s, c->by_fate[i]);
	return s;
}

static struct sum unverified(const struct tally_receipt *r)
{
	struct sum s = { 0, false };

	for (size_t i = 0; i < r->unverified_count; i++)
		if (i == 0 || !tally_unverified_same(&r->unverified[i], &r->unverified[i - 1]))
			add(&s, tally_unverified_files(&r->unverified[i]));
	return s;
}

uint64_t tally_receipt_unverified(const struct tally_receipt *r)
{
	return unverified(r).value;
}

static enum tally_status check_verdict(const struct tally_receipt *r, struct tally_err *err)
{
	enum tally_status st = compare("the unverified files", unverified(r), r->verdict.unverified,
	                               err);

	if (st == TALLY_OK)
		st = compare("the changes", (struct sum){ r->change_count, false },
		             r->verdict.changes, err);
	if (st == TALLY_OK)
		st = compare("the review items", (struct sum){ r->review_count, false },
		             r->verdict.review, err);
	if (st == TALLY_OK)
		st = compare("the lost contents",
		             (struct sum){ r->contents.by_fate[TALLY_FATE_LOST], false },
		             r->verdict.lost, err);
	if (st == TALLY_OK && r->verdict.complete && r->unverified_count)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		                     "the books do not balance: complete, yet %zu rows are unverified",
		                     r->unverified_count);
	return st;
}

enum tally_status tally_receipt_check(const struct tally_receipt *r, struct tally_err *err)
{
	enum tally_status st;

	st = compare("the before-files", before_parts(&r->files), r->files.before, err);
	if (st == TALLY_OK)
		st = compare("the after-files", after_parts(&r->files), r->files.after, err);
	if (st == TALLY_OK)
		st = compare("the bytes before", before_parts(&r->bytes), r->bytes.before, err);
	if (st == TALLY_OK)
		st = compare("the bytes after", after_parts(&r->bytes), r->bytes.after, err);
	if (st == TALLY_OK)
		st = compare("the contents", fates(&r->contents), r->contents.before, err);
	if (st == TALLY_OK)
		st = compare("the bytes of the contents", fates(&r->content_bytes),
		             r->content_bytes.before, err);
	if (st == TALLY_OK)
		st = check_verdict(r, err);
	return st;
}

bool tally_receipt_differs(const struct tally_receipt *r)
{
	return r->change_count || r->unverified_count || !r->verdict.complete ||
	       json_array_size(r->tables) || json_array_size(r->documents) ||
	       json_array_size(r->archives);
}
