/* Review rules about tables: rows and columns that went, values that were rewritten with a loss. Reads the receipt's JSON. */
#include "receipt/json_util.h"
#include "receipt/review_table.h"

#include <string.h>

#include "diff/table_diff.h"
#include "receipt/words.h"

enum {
	DELETED_HIGH_PERCENT = 10, /* of the rows */
	DELETED_HIGH_ROWS = 1000,  /* or so many, however long the table is */
	EMPTIED_BEFORE = 2,        /* rows; a table of one row is hardly one */
	MANY_EDITED_ROWS = 20,
	MANY_EDITED_PERCENT = 50,
};

void tally_reviewed_found(const struct tally_reviewed *t, enum tally_rule rule,
                          enum tally_severity severity, uint64_t how_many)
{
	tally_found(t->v, rule, severity, &t->path, t->part, how_many, how_many);
}

void tally_review_harm(struct tally_reviewer *v, const struct tally_name *table, uint64_t *what,
                       uint64_t n)
{
	struct tally_damage *d = &v->damage;

	*what += n;
	d->several |= d->any && (d->table.len != table->len ||
	                         memcmp(d->table.bytes, table->bytes, table->len) != 0);
	d->table = *table;
	d->any = true;
}

/* Line one counts it. @what  a field of the damage */
void tally_reviewed_harm(const struct tally_reviewed *t, uint64_t *what, uint64_t n)
{
	tally_review_harm(t->v, &t->path, what, n);
}

/* ---- rows ---- */

/* Keys of the first deleted rows */
static void deleted_keys(const struct tally_reviewed *t, uint64_t deleted)
{
	const json_t *list = json_object_get(t->json, "row_changes");
	unsigned named = 0;

	for (size_t i = 0; i < json_array_size(list) && named < TALLY_EXAMPLES; i++) {
		const json_t *c = json_array_get(list, i);
		const json_t *key = json_object_get(c, "key");

		if (!tally_json_is(c, "kind", "deleted"))
			continue;
		tally_say(t->v, named++ ? ", " : ": ");
		for (size_t k = 0; k < json_array_size(key); k++) {
			const char *value = json_string_value(json_array_get(key, k));

			tally_say(t->v, k ? " + " : "");
			tally_say_value(t->v, value ? value : "");
		}
		if (!json_array_size(key)) {
			tally_say(t->v, "row ");
			tally_say_count(t->v, tally_json_count(c, "row_before"));
		}
	}
	if (named && deleted > named)
		tally_say(t->v, " \u2026");
}

static uint64_t copies_among(const struct tally_reviewed *t, const char *kind)
{
	const json_t *list = json_object_get(t->json, "row_changes");
	uint64_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		n += tally_json_is(json_array_get(list, i), "kind", kind) &&
		     json_object_get(json_array_get(list, i), "equal_row");
	return n;
}

/* "2 of them equal a row that is", "it equals a row that is" */
static void say_copies(const struct tally_reviewed *t, const char *kind, uint64_t of)
{
	uint64_t n = copies_among(t, kind);

	if (of == 1) {
		tally_say(t->v, "it equals a row that is");
		return;
	}
	if (n == of) {
		tally_say(t->v, "each of them equals a row that is");
		return;
	}
	tally_say_count(t->v, n);
	tally_say(t->v, n == 1 ? " of them equals a row that is" : " of them equal a row that is");
}

/* Added rows that were there already */
static void doubled(const struct tally_reviewed *t, uint64_t added)
{
	uint64_t n = copies_among(t, "added");

	if (!n)
		return;
	tally_say_count(t->v, n);
	tally_say(t->v, " of ");
	tally_say_plural(t->v, added, "row", "rows");
	tally_say(t->v, " added to ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, n == 1 ? " equals a row that was there before"
	                       : " equal rows that were there before");
	tally_reviewed_found(t, TALLY_RULE_rows_doubled, TALLY_SEVERITY_LOW, n);
}

static void emptied(const struct tally_reviewed *t, const json_t *rows)
{
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, " had ");
	tally_say_plural(t->v, tally_json_count(rows, "before"), "row", "rows");
	tally_say(t->v, " and has ");
	if (tally_json_count(rows, "after"))
		tally_say_count(t->v, tally_json_count(rows, "after"));
	else
		tally_say(t->v, "none");
	tally_say(t->v, " now");
	tally_reviewed_found(t, TALLY_RULE_table_emptied, TALLY_SEVERITY_HIGH,
	                     tally_json_count(rows, "deleted"));
}

static void deleted(const struct tally_reviewed *t, const json_t *rows)
{
	uint64_t n = tally_json_count(rows, "deleted"), before = tally_json_count(rows, "before");
	uint64_t lost = n - copies_among(t, "deleted");
	bool high = lost >= DELETED_HIGH_ROWS ||
	            (lost && lost * 100 >= before * DELETED_HIGH_PERCENT);

	tally_say_count(t->v, n);
	tally_say(t->v, " of ");
	tally_say_plural(t->v, before, "row", "rows");
	tally_say(t->v, n == 1 ? " was deleted from " : " were deleted from ");
	tally_say_table(t->v, t->path.bytes, t->part);
	deleted_keys(t, n);
	if (copies_among(t, "deleted")) {
		tally_say(t->v, "; ");
		say_copies(t, "deleted", n);
		tally_say(t->v, " still there");
	}
	tally_reviewed_found(t, TALLY_RULE_rows_deleted,
	                     high ? TALLY_SEVERITY_HIGH : TALLY_SEVERITY_MEDIUM, n);
}

static void rows(const struct tally_reviewed *t)
{
	const json_t *r = json_object_get(t->json, "rows");
	uint64_t gone = tally_json_count(r, "deleted"), edited = tally_json_count(r, "edited");
	uint64_t before = tally_json_count(r, "before"), after = tally_json_count(r, "after");

	if (gone)
		tally_reviewed_harm(t, &t->v->damage.rows, gone);
	if (gone && before >= EMPTIED_BEFORE && (after == 0 || (after == 1 && before > 4)))
		emptied(t, r);
	else if (gone)
		deleted(t, r);
	doubled(t, tally_json_count(r, "added"));
	/* the same values, written in another way, are no edits to look at */
	edited -= tally_json_count(r, "notation") < edited ? tally_json_count(r, "notation") : edited;
	edited -= tally_json_count(r, "recalculated") < edited ? tally_json_count(r, "recalculated")
	                                                       : edited;
	if (edited < MANY_EDITED_ROWS || edited * 100 < before * MANY_EDITED_PERCENT)
		return;
	tally_say_count(t->v, edited);
	tally_say(t->v, " of ");
	tally_say_plural(t->v, before, "row", "rows");
	tally_say(t->v, edited == 1 ? " was edited in " : " were edited in ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_reviewed_found(t, TALLY_RULE_many_cells_changed, TALLY_SEVERITY_MEDIUM, edited);
}

static void alignment(const struct tally_reviewed *t)
{
	const json_t *a = json_object_get(t->json, "aligned_by");
	const char *note = tally_json_string(a, "note");

	if (!json_is_true(json_object_get(a, "doubtful")))
		return;
	tally_say(t->v, "The rows of ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, tally_json_is(a, "how", "given")
	                        ? " could not be paired with certainty by the key given"
	                        : " could not be paired with certainty");
	if (note) {
		tally_say(t->v, ": ");
		tally_say(t->v, note);
	}
	tally_say(t->v, tally_json_is(a, "how", "given") ? "" : "; name a key with --key");
	tally_reviewed_found(t, TALLY_RULE_alignment_doubtful, TALLY_SEVERITY_HIGH, 1);
}

/* ---- columns ---- */

/* "‘amount’", "number 4 (no name)" */
void tally_reviewed_say_name(const struct tally_reviewed *t, const char *name, uint64_t number)
{
	if (!name || *name || !number) {
		tally_say_text(t->v, name);
		return;
	}
	tally_say(t->v, "number ");
	tally_say_count(t->v, number);
	tally_say(t->v, " (no name)");
}

/* A column without values takes none along. */
static void removed(const struct tally_reviewed *t, const json_t *c, const char *name)
{
	const json_t *filled = json_object_get(c, "filled");
	uint64_t count = tally_json_count(c, "filled");
	bool empty = json_is_integer(filled) && !count;

	tally_say(t->v, empty ? "The empty column " : "The column ");
	tally_reviewed_say_name(t, name, tally_json_count(c, "index_before"));
	if (count) {
		tally_say(t->v, ", ");
		tally_say_plural(t->v, count, "value", "values");
		tally_say(t->v, ",");
	}
	tally_say(t->v, " was removed from ");
	tally_say_table(t->v, t->path.bytes, t->part);
	if (empty) {
		tally_reviewed_found(t, TALLY_RULE_heading_changed, TALLY_SEVERITY_LOW, 1);
		return;
	}
	tally_reviewed_found(t, TALLY_RULE_column_removed, TALLY_SEVERITY_HIGH, 1);
	tally_reviewed_harm(t, &t->v->damage.columns, 1);
}

static void column(const struct tally_reviewed *t, const json_t *c)
{
	const char *name = tally_json_string(c, "name");
	const char *before = tally_json_string(c, "name_before");

	if (tally_json_is(c, "kind", "removed")) {
		removed(t, c, before ? before : name);
	} else if (tally_json_is(c, "kind", "contents_swapped")) {
		tally_say(t->v, "In ");
		tally_say_table(t->v, t->path.bytes, t->part);
		tally_say(t->v, ", the values that stood under ");
		tally_reviewed_say_name(t, before, tally_json_count(c, "index_before"));
		tally_say(t->v, " stand under ");
		tally_reviewed_say_name(t, name, tally_json_count(c, "index"));
		tally_say(t->v, " now");
		tally_reviewed_found(t, TALLY_RULE_contents_swapped, TALLY_SEVERITY_HIGH, 1);
		tally_reviewed_harm(t, &t->v->damage.displaced, 1);
	}
}

static void pair_swapped(const struct tally_reviewed *t, const json_t *c)
{
	tally_say(t->v, "In ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, ", the values under ");
	tally_reviewed_say_name(t, tally_json_string(c, "name_before"),
	                        tally_json_count(c, "index_before"));
	tally_say(t->v, " and ");
	tally_reviewed_say_name(t, tally_json_string(c, "name"), tally_json_count(c, "index"));
	tally_say(t->v, " changed places");
	tally_reviewed_found(t, TALLY_RULE_contents_swapped, TALLY_SEVERITY_HIGH, 1);
	tally_reviewed_harm(t, &t->v->damage.swapped, 1);
}

/* The column whose values took this one's place, and the other way round; list's size: none */
static size_t other_of_pair(const json_t *list, size_t at)
{
	const json_t *c = json_array_get(list, at);
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		const json_t *o = json_array_get(list, i);

		if (i != at && tally_json_is(o, "kind", "contents_swapped") &&
		    json_equal(json_object_get(o, "index"), json_object_get(c, "index_before")) &&
		    json_equal(json_object_get(o, "index_before"), json_object_get(c, "index")))
			break;
	}
	return i;
}

static void columns(const struct tally_reviewed *t)
{
	const json_t *list = json_object_get(t->json, "columns");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *c = json_array_get(list, i);
		size_t other = json_array_size(list);

		if (tally_json_is(c, "kind", "contents_swapped"))
			other = other_of_pair(list, i);
		if (other == json_array_size(list))
			column(t, c);
		else if (i < other)
			pair_swapped(t, c);
	}
}

/* ---- what stands above the rows ---- */

static void header_gone(const struct tally_reviewed *t)
{
	const json_t *list = json_object_get(t->json, "properties");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = json_array_get(list, i);
		const char *old = tally_json_string(p, "old");

		if (!tally_json_is(p, "property", "header_row") || !old ||
		    !tally_json_is(p, "new", "none"))
			continue;
		tally_say_table(t->v, t->path.bytes, t->part);
		tally_say(t->v, " has no row with the names of its columns any more; it was row ");
		tally_say(t->v, old);
		tally_reviewed_found(t, TALLY_RULE_heading_changed, TALLY_SEVERITY_MEDIUM, 1);
	}
}

/* Cells of title lines have no key, not even an empty one, and are known by their places. */
static bool is_title(const json_t *cell)
{
	const char *column = tally_json_string(cell, "column");

	return column && !json_object_get(cell, "key") && !strncmp(column, "cell ", strlen("cell "));
}

static void titles(const struct tally_reviewed *t)
{
	const json_t *cells = json_object_get(t->json, "cells");
	const json_t *problems = json_object_get(t->json, "problems"), *first = NULL;
	uint64_t changed = 0, lines = 0;

	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *c = json_array_get(cells, i);

		if (!is_title(c))
			continue;
		first = changed++ ? first : c;
	}
	for (size_t i = 0; i < json_array_size(problems); i++)
		lines += tally_json_is(json_array_get(problems, i), "what", "title_line_added") ||
		         tally_json_is(json_array_get(problems, i), "what", "title_line_removed");
	if (!changed && !lines)
		return;
	tally_say(t->v, "What stands above the rows of ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, " changed");
	if (first)
		tally_reviewed_example(t, first, changed + lines);
	tally_reviewed_found(t, TALLY_RULE_heading_changed, TALLY_SEVERITY_LOW, changed + lines);
}

/* ---- problems ---- */

/* @first  of them; stays as it is where there is none */
static uint64_t problem_count(const struct tally_reviewed *t, const char *what, const char *side,
                              const json_t **first)
{
	const json_t *list = json_object_get(t->json, "problems");
	uint64_t count = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = json_array_get(list, i);

		if (!tally_json_is(p, "what", what) || !tally_json_is(p, "side", side))
			continue;
		if (!count && first)
			*first = p;
		count += tally_json_count(p, "count") ? tally_json_count(p, "count") : 1;
	}
	return count;
}

/* As many as before, and not known to be others: no news. */
static bool as_before(uint64_t before, uint64_t after, const json_t *first)
{
	return before == after && !json_is_true(json_object_get(first, "others"));
}

/* "; before, it had 3" */
static void say_before(const struct tally_reviewed *t, uint64_t before, uint64_t after,
                       const char *had)
{
	tally_say(t->v, "; before, ");
	tally_say(t->v, had);
	if (!before) {
		tally_say(t->v, "none");
		return;
	}
	if (before == after)
		tally_say(t->v, "as many, but not the same");
	else
		tally_say_count(t->v, before);
}

static void duplicates(const struct tally_reviewed *t)
{
	const json_t *first = NULL;
	uint64_t after = problem_count(t, "duplicate_key", "after", &first);
	uint64_t before = problem_count(t, "duplicate_key", "before", NULL);
	const char *detail = tally_json_string(first, "detail");

	if (!after || as_before(before, after, first))
		return;
	tally_say(t->v, "The key of ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, " stands in several rows");
	if (detail) {
		tally_say(t->v, ": ");
		tally_say_text(t->v, detail);
		tally_say(t->v, " for one");
	}
	tally_say(t->v, " (");
	tally_say_plural(t->v, after, "row", "rows");
	say_before(t, before, after, "");
	tally_say(t->v, ")");
	tally_reviewed_found(t, TALLY_RULE_key_duplicates,
	                     after >= before ? TALLY_SEVERITY_MEDIUM : TALLY_SEVERITY_LOW, after);
}

/* Columns of numbers and codes in which no value stood twice, whether they are the key or not */
static void twins(const struct tally_reviewed *t)
{
	const json_t *list = json_object_get(t->json, "problems");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *p = json_array_get(list, i);
		const char *detail = tally_json_string(p, "detail");
		uint64_t n = tally_json_count(p, "count");

		if (!tally_json_is(p, "what", "no_longer_unique") || !detail)
			continue;
		tally_say(t->v, "In ");
		tally_say_table(t->v, t->path.bytes, t->part);
		tally_say(t->v, ", values that were all different are not any more: ");
		tally_say_text(t->v, detail);
		if (n > 1) {
			tally_say(t->v, " and ");
			tally_say_count(t->v, n - 1);
			tally_say(t->v, " more");
		}
		tally_reviewed_found(t, TALLY_RULE_key_duplicates, TALLY_SEVERITY_MEDIUM, n);
	}
}

static void malformed(const struct tally_reviewed *t)
{
	static const struct {
		const char *id, *one, *many;
	} kinds[] = {
		{ "unclosed_quote", "quote that is never closed", "quotes that are never closed" },
		{ "ragged_row", "row with too many or too few cells",
		  "rows with too many or too few cells" },
		{ "header_repeated", "row that repeats the header", "rows that repeat the header" },
		{ "stray_quote", "row with a stray quote", "rows with a stray quote" },
		{ "invalid_utf8", "row with broken characters", "rows with broken characters" },
		{ "nul", "row with NUL bytes", "rows with NUL bytes" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const json_t *first = NULL;
		uint64_t after = problem_count(t, kinds[i].id, "after", &first);
		uint64_t before = problem_count(t, kinds[i].id, "before", NULL);

		if (!after || as_before(before, after, first))
			continue;
		tally_say_table(t->v, t->path.bytes, t->part);
		tally_say(t->v, " has ");
		tally_say_plural(t->v, after, kinds[i].one, kinds[i].many);
		if (tally_json_count(first, "row")) {
			tally_say(t->v, after == 1 ? ", row " : ", first in row ");
			tally_say_count(t->v, tally_json_count(first, "row"));
		}
		say_before(t, before, after, "it had ");
		tally_reviewed_found(t, TALLY_RULE_malformed_rows,
		                     after > before ? TALLY_SEVERITY_MEDIUM : TALLY_SEVERITY_LOW,
		                     after);
	}
}

void tally_review_tables(struct tally_reviewer *v)
{
	for (size_t i = 0; i < json_array_size(v->r->tables) && v->status == TALLY_OK; i++) {
		struct tally_reviewed t = { .v = v, .json = json_array_get(v->r->tables, i) };
		const char *path = tally_json_string(t.json, "path");

		/* the JSON is the receipt's own and lives as long */
		t.path = (struct tally_name){ path ? path : "", path ? strlen(path) : 0 };
		t.part = tally_json_string(t.json, "part");
		if (json_is_object(json_object_get(t.json, "sheets"))) {
			tally_review_workbook(v, t.json, &t.path);
			continue;
		}
		if (json_is_null(json_object_get(t.json, "part")) !=
		    json_is_null(json_object_get(t.json, "part_before")))
			continue; /* a sheet as a whole: told of the workbook */
		rows(&t);
		alignment(&t);
		columns(&t);
		header_gone(&t);
		titles(&t);
		tally_review_values(&t);
		duplicates(&t);
		twins(&t);
		malformed(&t);
		tally_review_sheet(v, t.json, &t.path);
		tally_review_sums(&t);
	}
}
