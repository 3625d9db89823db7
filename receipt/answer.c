/* Answers of workers into the receipt: see receipt/answer.h. */
#include "receipt/answer.h"

#include <stdio.h>
#include <string.h>

#include "receipt/document_json.h"
#include "receipt/facts_json.h"
#include "receipt/json_util.h"
#include "receipt/picture_json.h"
#include "receipt/scope.h"
#include "receipt/table_json.h"
#include "receipt/words.h"

enum {
	BOTH = TALLY_ON_BEFORE | TALLY_ON_AFTER,
	UNRELATED_BELOW = 50, /* thousandths: measured for unrelated prose 5 to 20, for an edited page 300 and more */
};

static unsigned side_bit(size_t side)
{
	return side == 0 ? TALLY_ON_BEFORE : TALLY_ON_AFTER;
}

enum tally_status tally_answer_gap(const struct tally_answer_into *into, unsigned side,
                                   enum tally_reason reason, const char *detail, const char *part,
                                   enum tally_level level, struct tally_err *err)
{
	const struct tally_unverified row = { .path = side == TALLY_ON_BEFORE && into->from.bytes
		                                              ? into->from
		                                              : into->path,
		                              .side = side,
		                              .reason = reason,
		                              .detail = detail,
		                              .part = part,
		                              .level = level,
		                              .files = 1 };

	return into->gap(into->payload, &row, err);
}

static enum tally_status malformed(const struct tally_answer_into *into, struct tally_err *err)
{
	return tally_answer_gap(into, BOTH, TALLY_REASON_READER_FAILED,
	                        "its reader sent something malformed", NULL, TALLY_LEVEL_MODEL, err);
}

/* ---- is it of the shape that it must be? ---- */

static bool all_objects(const json_t *list)
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		if (!json_is_object(o))
			return false;
	}
	return json_is_array(list);
}

static bool all_good(const json_t *list, bool (*good)(const json_t *))
{
	json_t *o;
	size_t i;

	json_array_foreach(list, i, o)
	{
		if (!good(o))
			return false;
	}
	return true;
}

/* The counts are there where facts were compared. */
static bool good_facts(const json_t *o)
{
	const json_t *counts = json_object_get(o, "fact_counts");

	return all_good(json_object_get(o, "facts"), tally_fact_good) &&
	       (!counts || (all_objects(counts) && all_good(counts, tally_fact_count_good)));
}

static bool good_rows(const json_t *rows)
{
	static const char *const fields[] = { "before",  "same",  "edited", "moved",
		                              "deleted", "added", "after" };

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (!json_is_integer(json_object_get(rows, fields[i])) ||
		    json_integer_value(json_object_get(rows, fields[i])) < 0)
			return false;
	return tally_json_count(rows, "before") - tally_json_count(rows, "deleted") +
	               tally_json_count(rows, "added") ==
	       tally_json_count(rows, "after");
}

/* Where a scope was set, each table says what changed outside of it; nothing else is taken for "nothing did". */
static bool good_scope(const json_t *o, const struct tally_receipt *r)
{
	if (!json_is_object(r->scope) || tally_scope_of_workbook(o))
		return true;
	return tally_scope_table_good(json_object_get(o, "scope"));
}

static bool good_document(const json_t *o)
{
	const json_t *edits = json_object_get(o, "edits"), *facts = json_object_get(o, "facts");

	const json_t *picture = json_object_get(o, "picture");

	return good_facts(o) && all_objects(facts) && all_objects(edits) &&
	       (!picture || tally_picture_good(picture)) && all_good(edits, tally_edit_good) &&
	       json_is_object(json_object_get(o, "format")) &&
	       good_rows(json_object_get(o, "blocks"));
}

static bool good_table(const json_t *o)
{
	static const char *const lists[] = { "columns",  "row_changes", "cells",
		                             "rewrites", "invariants",  "facts",
		                             "problems", "properties",  "total_rows" };

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (!all_objects(json_object_get(o, lists[i])))
			return false;
	return good_facts(o) && json_is_object(json_object_get(o, "aligned_by")) &&
	       json_is_object(json_object_get(o, "format")) && good_rows(json_object_get(o, "rows"));
}

/* ---- taking it in ---- */

static enum tally_status add(json_t *list, json_t *o, const struct tally_answer_into *into,
                             struct tally_err *err)
{
	bool ok = true;

	tally_json_set_bytes(o, "path", into->path.bytes, into->path.len, &ok);
	if (into->from.bytes)
		tally_json_set_bytes(o, "from", into->from.bytes, into->from.len, &ok);
	else
		tally_json_set(o, "from", json_null(), &ok);
	return ok && json_array_append(list, o) == 0 ? TALLY_OK : tally_err_nomem(err);
}

/* rows that may be paired wrongly are not certain, whatever was compared */
static enum tally_status note_doubts(const json_t *table, const struct tally_answer_into *into,
                                     struct tally_err *err)
{
	const json_t *by = json_object_get(table, "aligned_by");
	const char *part = tally_json_string(table, "part");

	if (!json_is_true(json_object_get(by, "doubtful")))
		return TALLY_OK;
	return tally_answer_gap(into, BOTH, TALLY_REASON_ALIGNMENT_DOUBTFUL,
	                        tally_json_string(by, "note"), part && *part ? part : NULL,
	                        TALLY_LEVEL_PART, err);
}

/* "3 changed cells", " and 1 row" */
static size_t say_unlisted(char *out, size_t room, bool first, uint64_t n, const char *one,
                           const char *many)
{
	char number[TALLY_COUNT_MAX];
	int len;

	if (!n)
		return 0;
	len = snprintf(out, room, "%s%s %s", first ? "" : " and ", tally_words_count(number, n),
	               n == 1 ? one : many);
	return len > 0 && (size_t)len < room ? (size_t)len : 0;
}

/* all changes were compared and counted, but not all are listed */
static enum tally_status note_unlisted(const json_t *table, const struct tally_answer_into *into,
                                       struct tally_err *err)
{
	static const struct {
		const char *field, *one, *many;
	} kinds[] = { { "cells", "changed cell", "changed cells" },
		      { "edits", "edited place", "edited places" },
		      { "rows", "row", "rows" },
		      { "facts", "other change", "other changes" } };
	const json_t *o = json_object_get(table, "not_listed");
	const char *part = tally_json_string(table, "part");
	char detail[200] = TALLY_UNLISTED ": ";
	size_t start = strlen(detail), len = start;
	uint64_t all = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		uint64_t n = tally_json_count(o, kinds[i].field);

		len += say_unlisted(detail + len, sizeof detail - len, len == start, n,
		                    kinds[i].one, kinds[i].many);
		all += n;
	}
	if (!all)
		return TALLY_OK;
	snprintf(detail + len, sizeof detail - len, " %s counted and not listed",
	         all == 1 ? "is" : "are");
	return tally_answer_gap(into, BOTH, TALLY_REASON_LIMIT, detail, part && *part ? part : NULL,
	                        TALLY_LEVEL_PART, err);
}

static enum tally_status note_results(const struct tally_answer_into *into, unsigned side,
                                      uint64_t count, const char *part, struct tally_err *err)
{
	char detail[80], number[TALLY_COUNT_MAX];

	if (!count)
		return TALLY_OK;
	snprintf(detail, sizeof detail, "the %s of %s %s", count == 1 ? "result" : "results",
	         tally_words_count(number, count), count == 1 ? "formula" : "formulas");
	return tally_answer_gap(into, side, TALLY_REASON_NOT_COMPUTED, detail,
	                        part && *part ? part : NULL, TALLY_LEVEL_PART, err);
}

/*
 * Results that no program has computed are not known. Of those before, the ones that were compared with something count; of those
 * after, all that the file did not lack before.
 */
static enum tally_status note_not_computed(const json_t *table, const struct tally_answer_into *into,
                                           struct tally_err *err)
{
	const json_t *unknown = json_object_get(table, "results_unknown");
	const char *part = tally_json_string(table, "part");
	uint64_t before = tally_table_problems(table, "not_computed", "before");
	uint64_t after = tally_table_problems(table, "not_computed", "after");
	uint64_t least = tally_json_count(unknown, "after");
	enum tally_status st;

	after = after > before ? after - before : 0;
	st = note_results(into, TALLY_ON_BEFORE, tally_json_count(unknown, "before"), part, err);
	return st < 0 ? st
	              : note_results(into, TALLY_ON_AFTER, after > least ? after : least, part, err);
}

enum {
	SHEETS_NAMED = 2, /* of those with another layout */
	UNREAD_NAMED = 12,
};

/* " (Prices, Rates and 3 more)", " (new)" */
static bool say_unread_where(struct tally_buf *out, const json_t *o)
{
	const json_t *of_document = json_object_get(o, "places");
	const json_t *sheets = of_document ? of_document : json_object_get(o, "sheets");
	const char *change = json_string_value(json_object_get(o, "change"));
	size_t n = json_array_size(sheets);
	bool ok = true;

	if (!n && change && strcmp(change, "changed") != 0)
		return tally_buf_text(out, strcmp(change, "added") ? " (gone)" : " (new)");
	for (size_t i = 0; i < n && i < SHEETS_NAMED && ok; i++) {
		const char *name = json_string_value(json_array_get(sheets, i));

		ok = tally_buf_text(out, !i            ? " ("
		                         : of_document ? "; "
		                                       : ", ") &&
		     tally_buf_text(out, name ? name : "");
	}
	if (n > SHEETS_NAMED)
		ok = ok && tally_buf_printf(out, " and %zu more", n - SHEETS_NAMED);
	return ok && (!n || tally_buf_text(out, ")"));
}

/* "widths of columns (Prices), theme": what differs in a workbook or document and nobody looked into */
static enum tally_status note_unread(const json_t *table, const struct tally_answer_into *into,
                                     struct tally_err *err)
{
	const json_t *list = json_object_get(table, "unread");
	size_t n = json_array_size(list);
	struct tally_buf detail;
	enum tally_status st;
	bool ok = true;

	if (!n)
		return TALLY_OK;
	tally_buf_init(&detail, SIZE_MAX / 2);
	for (size_t i = 0; i < n && i < UNREAD_NAMED && ok; i++) {
		const json_t *o = json_array_get(list, i);
		const char *what = json_string_value(json_object_get(o, "what"));

		ok = tally_buf_text(&detail, i ? ", " : "") &&
		     tally_buf_text(&detail, what ? what : "") && say_unread_where(&detail, o);
	}
	if (n > UNREAD_NAMED)
		ok = ok && tally_buf_printf(&detail, " and %zu more", n - UNREAD_NAMED);
	st = ok ? tally_answer_gap(into, BOTH, TALLY_REASON_NOT_LOOKED_INTO, detail.bytes, NULL,
	                           TALLY_LEVEL_PART, err)
	        : tally_err_nomem(err);
	tally_buf_release(&detail);
	return st;
}

static enum tally_status take_tables(const json_t *answer, const struct tally_answer_into *into,
                                     struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	json_t *o;
	size_t i;

	json_array_foreach(json_object_get(answer, "tables"), i, o)
	{
		st = good_table(o) && good_scope(o, into->r) ? add(into->r->tables, o, into, err)
		                                             : malformed(into, err);
		if (st >= 0 && good_table(o))
			st = note_doubts(o, into, err);
		if (st >= 0 && good_table(o))
			st = note_unlisted(o, into, err);
		if (st >= 0 && good_table(o))
			st = note_not_computed(o, into, err);
		if (st >= 0 && good_table(o))
			st = note_unread(o, into, err);
		if (st < 0)
			return st;
	}
	return st;
}

static enum tally_status take_document(json_t *o, const struct tally_answer_into *into,
                                       struct tally_err *err)
{
	enum tally_status st;

	if (!o)
		return TALLY_OK;
	if (!good_document(o))
		return malformed(into, err);
	st = add(into->r->documents, o, into, err);
	if (st >= 0 && json_is_true(json_object_get(o, "doubtful")))
		st = tally_answer_gap(into, BOTH, TALLY_REASON_ALIGNMENT_DOUBTFUL, NULL, NULL,
		                      TALLY_LEVEL_PART, err);
	if (st >= 0)
		st = note_unread(o, into, err);
	return st < 0 ? st : note_unlisted(o, into, err);
}

const json_t *tally_answer_document(const json_t *answer)
{
	const json_t *o = json_object_get(answer, "document");

	return o && good_document(o) ? o : NULL;
}

/* members that differ: their bytes were compared, what they say was not */
static enum tally_status note_members(const json_t *members, const struct tally_answer_into *into,
                                      struct tally_err *err)
{
	size_t i, edited = 0;
	char detail[80];
	json_t *o;

	json_array_foreach(members, i, o)
	{
		const char *kind = tally_json_string(o, "kind");

		edited += kind && (!strcmp(kind, "modified") || !strcmp(kind, "moved_edited"));
	}
	if (edited == 0)
		return TALLY_OK;
	snprintf(detail, sizeof detail, "%zu %s compared by %s bytes only", edited,
	         edited == 1 ? "member was" : "members were", edited == 1 ? "its" : "their");
	return tally_answer_gap(into, BOTH, TALLY_REASON_FORMAT_UNKNOWN, detail, NULL,
	                        TALLY_LEVEL_PART, err);
}

static enum tally_status take_archive(json_t *o, const struct tally_answer_into *into,
                                      struct tally_err *err)
{
	const json_t *members = json_object_get(o, "members");
	enum tally_status st;

	if (!json_is_object(o))
		return TALLY_OK;
	if (!all_objects(members))
		return malformed(into, err);
	st = add(into->r->archives, o, into, err);
	return st < 0 ? st : note_members(members, into, err);
}

static enum tally_status take_note(const json_t *o, unsigned side,
                                   const struct tally_answer_into *into, struct tally_err *err)
{
	const char *reason = tally_json_string(o, "reason");
	const char *level = tally_json_string(o, "level");
	enum tally_reason id = reason ? tally_reason_from_id(reason) : TALLY_REASON_NONE;

	return tally_answer_gap(
		into, side, id ? id : TALLY_REASON_READER_FAILED, tally_json_string(o, "detail"),
		tally_json_string(o, "part"),
		level && !strcmp(level, "model") ? TALLY_LEVEL_MODEL : TALLY_LEVEL_PART, err);
}

static enum tally_status take_notes(const json_t *answer, const struct tally_answer_into *into,
                                    struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t side = 0; side < 2; side++) {
		json_t *o;
		size_t i;

		json_array_foreach(json_array_get(json_object_get(answer, "notes"), side), i, o)
		{
			st = take_note(o, side_bit(side), into, err);
			if (st < 0)
				return st;
		}
	}
	return st;
}

/* a reader that could make nothing of the file has said so */
static bool said_why(const json_t *answer)
{
	for (size_t side = 0; side < 2; side++) {
		json_t *o;
		size_t i;

		json_array_foreach(json_array_get(json_object_get(answer, "notes"), side), i, o)
		{
			const char *level = tally_json_string(o, "level");

			if (level && !strcmp(level, "model"))
				return true;
		}
	}
	return false;
}

/* "it is a PDF": what a file is whose name says something else */
static enum tally_status note_name(const json_t *answer, size_t side, bool compared,
                                   const struct tally_answer_into *into, struct tally_err *err)
{
	const json_t *formats = json_object_get(answer, "formats");
	const char *format = json_string_value(json_array_get(formats, side));
	char detail[2 * TALLY_FORMAT_WORDS_MAX];

	if (!json_is_true(json_array_get(json_object_get(answer, "mismatch"), side)))
		return TALLY_OK;
	snprintf(detail, sizeof detail, "it is %.*s", TALLY_FORMAT_WORDS_MAX,
	         tally_words_format(format));
	return tally_answer_gap(into, side_bit(side), TALLY_REASON_FORMAT_MISMATCH,
	                        format && strcmp(format, "unread") != 0 ? detail : NULL, NULL,
	                        compared ? TALLY_LEVEL_PART : TALLY_LEVEL_MODEL, err);
}

/* what no reader knows, and names that lie */
static enum tally_status take_formats(const json_t *answer, const struct tally_answer_into *into,
                                      struct tally_err *err)
{
	const json_t *formats = json_object_get(answer, "formats");
	const char *before = json_string_value(json_array_get(formats, 0));
	const char *after = json_string_value(json_array_get(formats, 1));
	bool compared = json_array_size(json_object_get(answer, "tables")) > 0 ||
	                json_is_object(json_object_get(answer, "document")) ||
	                json_is_object(json_object_get(answer, "archive"));
	char detail[3 * TALLY_FORMAT_WORDS_MAX];
	enum tally_status st = TALLY_OK;

	for (size_t side = 0; side < 2 && st >= 0; side++)
		st = note_name(answer, side, compared, into, err);
	if (st < 0 || compared || said_why(answer))
		return st;
	if (!before && !after)
		return tally_answer_gap(into, BOTH, TALLY_REASON_FORMAT_UNKNOWN, NULL, NULL,
		                        TALLY_LEVEL_MODEL, err);
	snprintf(detail, sizeof detail, "before it was %.*s, after it is %.*s",
	         TALLY_FORMAT_WORDS_MAX, tally_words_format(before), TALLY_FORMAT_WORDS_MAX,
	         tally_words_format(after));
	return tally_answer_gap(into, BOTH, TALLY_REASON_FORMAT_MISMATCH, detail, NULL,
	                        TALLY_LEVEL_MODEL, err);
}

unsigned tally_answer_failed(const json_t *answer)
{
	json_int_t sides = json_integer_value(json_object_get(answer, "failed_sides"));

	return (sides & 1 ? TALLY_ON_BEFORE : 0) | (sides & 2 ? TALLY_ON_AFTER : 0) |
	       (sides & 3 ? 0 : BOTH);
}

unsigned tally_answer_replaced(const json_t *answer)
{
	const json_t *alike = json_object_get(answer, "alike");

	if (!json_is_integer(alike) || json_integer_value(alike) < 0 ||
	    json_integer_value(alike) >= UNRELATED_BELOW)
		return 0;
	return TALLY_CHANGE_REPLACED |
	       (json_is_true(json_object_get(answer, "text")) ? 0 : TALLY_CHANGE_OPAQUE);
}

enum tally_status tally_answer_take(const json_t *answer, const struct tally_answer_into *into,
                                    struct tally_err *err)
{
	enum tally_status st = take_tables(answer, into, err);

	if (st >= 0 && json_array_size(json_object_get(answer, "tables")) &&
	    !tally_scope_miss(into->r->scope, json_object_get(answer, "sheets_missing")))
		st = tally_err_nomem(err);
	if (st >= 0)
		st = take_document(json_object_get(answer, "document"), into, err);
	if (st >= 0)
		st = take_archive(json_object_get(answer, "archive"), into, err);
	if (st >= 0)
		st = take_notes(answer, into, err);
	return st < 0 ? st : take_formats(answer, into, err);
}
