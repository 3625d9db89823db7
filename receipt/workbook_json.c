/* What became of a workbook's sheets, as an entry of `tables`: see receipt/workbook_json.h. */
#include "receipt/workbook_json.h"

#include <string.h>

#include "receipt/json_util.h"

static json_t *count_json(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static const struct tally_part *part_of(const struct tally_workbook *book, int side, uint32_t part)
{
	return part == TALLY_NO_PART ? NULL : book->parts[side][part];
}

static json_t *name_json(const struct tally_part *part)
{
	return part ? tally_json_text(part->name, strlen(part->name)) : json_null();
}

static json_t *index_json(uint32_t part)
{
	return part == TALLY_NO_PART ? json_null() : count_json((uint64_t)part + 1);
}

/* One line about a sheet. */
static void add_fact(json_t *facts, const struct tally_workbook *book, const char *kind,
                     size_t pair, bool *ok)
{
	const struct tally_parts_pair *x = &book->pairing->pairs[pair];
	const struct tally_part *before = part_of(book, 0, x->before),
				*after = part_of(book, 1, x->after);
	json_t *o = json_object();

	tally_json_set(o, "kind", json_string_nocheck(kind), ok);
	tally_json_set(o, "old", name_json(before), ok);
	tally_json_set(o, "new", name_json(after), ok);
	tally_json_set(o, "index_before", index_json(x->before), ok);
	tally_json_set(o, "index", index_json(x->after), ok);
	if (!before || !after)
		tally_json_set(o, "rows", count_json(book->rows[pair]), ok);
	if (x->renamed && before && after) {
		tally_json_set(o, "similarity", json_real(x->similarity / 1000.0), ok);
		tally_json_set(o, "ambiguous", json_boolean(x->ambiguous), ok);
	}
	tally_json_add(facts, o, ok);
}

static json_t *sheet_facts(const struct tally_workbook *book, bool *ok)
{
	json_t *facts = json_array();

	for (size_t i = 0; i < book->pairing->count && *ok; i++) {
		const struct tally_parts_pair *x = &book->pairing->pairs[i];

		if (x->before == TALLY_NO_PART)
			add_fact(facts, book, "sheet_added", i, ok);
		else if (x->after == TALLY_NO_PART)
			add_fact(facts, book, "sheet_removed", i, ok);
		if (x->renamed)
			add_fact(facts, book, "sheet_renamed", i, ok);
		if (x->moved)
			add_fact(facts, book, "sheet_moved", i, ok);
	}
	if (book->facts && json_array_extend(facts, book->facts) != 0)
		*ok = false;
	return facts;
}

/* before − removed + added = after; same and edited are the pairs */
static json_t *sheets_json(const struct tally_workbook *book, bool *ok)
{
	uint64_t before = book->part_count[0], removed = book->pairing->removed;
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "before", (json_int_t)before,
	                      "same", (json_int_t)book->same, "edited",
	                      (json_int_t)(before - removed - book->same), "removed",
	                      (json_int_t)removed, "added", (json_int_t)book->pairing->added,
	                      "after", (json_int_t)book->part_count[1]);

	if (o && book->unknown)
		tally_json_set(o, "unknown", count_json(book->unknown), ok);
	return o;
}

static json_t *no_rows(void)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "before", 0, "same", 0, "edited",
	                 0, "notation", 0, "moved", 0, "deleted", 0, "added", 0, "after", 0);
}

/* Sheets were compared with their neighbours only: which is renamed and which is new is not certain. */
static json_t *alignment(const struct tally_workbook *book)
{
	return json_pack("{s:s, s:[], s:n, s:n, s:i, s:b, s:s?}", "how", "rows", "columns",
	                 "unique", "overlap", "duplicate_keys", 0, "doubtful",
	                 (int)book->pairing->limited, "note",
	                 book->pairing->limited ? "too many sheets have other names: each was "
	                                          "looked for near its old place only"
	                                        : NULL);
}

json_t *tally_workbook_json(const struct tally_workbook *book)
{
	static const char *const lists[] = { "columns",    "row_changes", "cells",   "rewrites",
		                             "invariants", "total_rows",  "problems" };
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "part", json_null(), &ok);
	tally_json_set(o, "part_before", json_null(), &ok);
	tally_json_set(o, "format",
	               json_pack("{s:s, s:s}", "before", book->format[0], "after", book->format[1]),
	               &ok);
	tally_json_set(o, "sheets", sheets_json(book, &ok), &ok);
	tally_json_set(o, "aligned_by", alignment(book), &ok);
	tally_json_set(o, "rows", no_rows(), &ok);
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		tally_json_set(o, lists[i], json_array(), &ok);
	tally_json_set(o, "row_changes_total", json_integer(0), &ok);
	tally_json_set(o, "cells_total", json_integer(0), &ok);
	tally_json_set(o, "properties", json_array(), &ok);
	tally_json_set(o, "facts", sheet_facts(book, &ok), &ok);
	if (book->fact_counts)
		tally_json_set(o, "fact_counts", json_incref(book->fact_counts), &ok);
	if (json_array_size(book->unread))
		tally_json_set(o, "unread", json_incref(book->unread), &ok);
	if (book->facts_unlisted)
		tally_json_set(o, "not_listed",
		               json_pack("{s:i, s:i, s:I}", "cells", 0, "rows", 0, "facts",
		                         (json_int_t)book->facts_unlisted),
		               &ok);
	if (ok)
		return o;
	json_decref(o);
	return NULL;
}
