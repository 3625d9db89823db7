/* Review rules about tables: rows and columns that went, values that were rewritten with a loss. Reads the receipt's JSON. */
#include "receipt/json_util.h"
#include "receipt/review.h"

#include <string.h>

#include "diff/table_diff.h"
#include "receipt/words.h"

enum {
	DELETED_HIGH_PERCENT = 10, /* of the rows */
	DELETED_HIGH_ROWS = 1000,  /* or so many, however long the table is */
	EMPTIED_BEFORE = 2,        /* rows; a table of one row is hardly one */
	MANY_EDITED_ROWS = 20,
	MANY_EDITED_PERCENT = 50,
	SUMS_NAMED = 3,
	SEEN_MOST = 64, /* columns and natures remembered for one table */
};

struct table {
	struct tally_reviewer *v;
	const json_t *json;
	struct tally_name path;
	const char *part;
};

static void found(const struct table *t, enum tally_rule rule, enum tally_severity severity,
                  uint64_t how_many)
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
static void harm(const struct table *t, uint64_t *what, uint64_t n)
{
	tally_review_harm(t->v, &t->path, what, n);
}

/* ---- rows ---- */

/* Keys of the first deleted rows */
static void deleted_keys(const struct table *t, uint64_t deleted)
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

static uint64_t copies_among(const struct table *t, const char *kind)
{
	const json_t *list = json_object_get(t->json, "row_changes");
	uint64_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		n += tally_json_is(json_array_get(list, i), "kind", kind) &&
		     json_object_get(json_array_get(list, i), "equal_row");
	return n;
}

/* "2 of them equal a row that is", "it equals a row that is" */
static void say_copies(const struct table *t, const char *kind, uint64_t of)
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
static void doubled(const struct table *t, uint64_t added)
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
	found(t, TALLY_RULE_rows_doubled, TALLY_SEVERITY_LOW, n);
}

static void emptied(const struct table *t, const json_t *rows)
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
	found(t, TALLY_RULE_table_emptied, TALLY_SEVERITY_HIGH, tally_json_count(rows, "deleted"));
}

static void deleted(const struct table *t, const json_t *rows)
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
	found(t, TALLY_RULE_rows_deleted, high ? TALLY_SEVERITY_HIGH : TALLY_SEVERITY_MEDIUM, n);
}

static void rows(const struct table *t)
{
	const json_t *r = json_object_get(t->json, "rows");
	uint64_t gone = tally_json_count(r, "deleted"), edited = tally_json_count(r, "edited");
	uint64_t before = tally_json_count(r, "before"), after = tally_json_count(r, "after");

	if (gone)
		harm(t, &t->v->damage.rows, gone);
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
	found(t, TALLY_RULE_many_cells_changed, TALLY_SEVERITY_MEDIUM, edited);
}

static void alignment(const struct table *t)
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
	found(t, TALLY_RULE_alignment_doubtful, TALLY_SEVERITY_HIGH, 1);
}

/* ---- columns ---- */

/* "‘amount’", "number 4 (no name)" */
static void say_name(const struct table *t, const char *name, uint64_t number)
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
static void removed(const struct table *t, const json_t *c, const char *name)
{
	const json_t *filled = json_object_get(c, "filled");
	uint64_t count = tally_json_count(c, "filled");
	bool empty = json_is_integer(filled) && !count;

	tally_say(t->v, empty ? "The empty column " : "The column ");
	say_name(t, name, tally_json_count(c, "index_before"));
	if (count) {
		tally_say(t->v, ", ");
		tally_say_plural(t->v, count, "value", "values");
		tally_say(t->v, ",");
	}
	tally_say(t->v, " was removed from ");
	tally_say_table(t->v, t->path.bytes, t->part);
	if (empty) {
		found(t, TALLY_RULE_heading_changed, TALLY_SEVERITY_LOW, 1);
		return;
	}
	found(t, TALLY_RULE_column_removed, TALLY_SEVERITY_HIGH, 1);
	harm(t, &t->v->damage.columns, 1);
}

static void column(const struct table *t, const json_t *c)
{
	const char *name = tally_json_string(c, "name");
	const char *before = tally_json_string(c, "name_before");

	if (tally_json_is(c, "kind", "removed")) {
		removed(t, c, before ? before : name);
	} else if (tally_json_is(c, "kind", "contents_swapped")) {
		tally_say(t->v, "In ");
		tally_say_table(t->v, t->path.bytes, t->part);
		tally_say(t->v, ", the values that stood under ");
		say_name(t, before, tally_json_count(c, "index_before"));
		tally_say(t->v, " stand under ");
		say_name(t, name, tally_json_count(c, "index"));
		tally_say(t->v, " now");
		found(t, TALLY_RULE_contents_swapped, TALLY_SEVERITY_HIGH, 1);
		harm(t, &t->v->damage.displaced, 1);
	}
}

static void pair_swapped(const struct table *t, const json_t *c)
{
	tally_say(t->v, "In ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, ", the values under ");
	say_name(t, tally_json_string(c, "name_before"), tally_json_count(c, "index_before"));
	tally_say(t->v, " and ");
	say_name(t, tally_json_string(c, "name"), tally_json_count(c, "index"));
	tally_say(t->v, " changed places");
	found(t, TALLY_RULE_contents_swapped, TALLY_SEVERITY_HIGH, 1);
	harm(t, &t->v->damage.swapped, 1);
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

static void columns(const struct table *t)
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

/* ---- values ---- */

static enum tally_nature nature_of(const char *id)
{
	for (int n = 0; id && n < TALLY_NATURE_COUNT; n++)
		if (!strcmp(id, tally_nature_id((enum tally_nature)n)))
			return (enum tally_nature)n;
	return TALLY_NATURE_COUNT;
}

/* The rule that a nature falls under; TALLY_RULE_COUNT: none */
static enum tally_rule rule_of(enum tally_nature nature)
{
	switch (nature) {
	case TALLY_NATURE_LEADING_ZEROS_LOST:
	case TALLY_NATURE_SCIENTIFIC_NOTATION:
	case TALLY_NATURE_PRECISION_LOST:
	case TALLY_NATURE_DECIMAL_MARK_LOST:
	case TALLY_NATURE_PLUS_SIGN_LOST:
	case TALLY_NATURE_CHARACTERS_LOST:
	case TALLY_NATURE_DAY_MONTH_EXCHANGED:
	case TALLY_NATURE_CENTURY_LOST:
	case TALLY_NATURE_TIME_LOST:
	case TALLY_NATURE_SPREADSHEET_AUTOFORMAT:
	case TALLY_NATURE_FORMULA_TO_CONSTANT:
	case TALLY_NATURE_BECAME_ERROR:
		return TALLY_RULE_lossy_rewrite;
	case TALLY_NATURE_MOJIBAKE:
	case TALLY_NATURE_SHIFTED:
		return TALLY_RULE_broken_values;
	case TALLY_NATURE_PERMUTED:
		return TALLY_RULE_column_sorted_alone;
	case TALLY_NATURE_SIGN_CHANGED:
		return TALLY_RULE_sign_changed;
	case TALLY_NATURE_SCALE_UNSURE:
		return TALLY_RULE_scale_unsure;
	case TALLY_NATURE_DATES_MOVED:
		return TALLY_RULE_dates_moved;
	case TALLY_NATURE_FORMULA_CHANGED:
		return TALLY_RULE_formula_changed;
	case TALLY_NATURE_NUMBER_TO_TEXT:
	case TALLY_NATURE_DATE_TO_TEXT:
	case TALLY_NATURE_TRUTH_TO_TEXT:
		return TALLY_RULE_stored_as_text;
	default:
		return TALLY_RULE_COUNT;
	}
}

/* The nature of a rewrite or cell; of one that has another value, too: that it is a text now */
static enum tally_nature nature_at(const json_t *o, const json_t *cell)
{
	static const struct {
		const char *type;
		enum tally_nature nature;
	} kinds[] = { { "number", TALLY_NATURE_NUMBER_TO_TEXT },
		      { "date", TALLY_NATURE_DATE_TO_TEXT },
		      { "truth", TALLY_NATURE_TRUTH_TO_TEXT } };
	enum tally_nature nature = nature_of(tally_json_string(o, "nature"));

	if (rule_of(nature) != TALLY_RULE_COUNT || nature == TALLY_NATURE_RECALCULATED ||
	    !tally_json_is(cell, "type", "text"))
		return nature;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (tally_json_is(cell, "type_before", kinds[i].type))
			return kinds[i].nature;
	return nature;
}

/* What there is to look at where nothing is known to be damaged. */
static bool is_medium(enum tally_rule rule)
{
	return rule == TALLY_RULE_sign_changed || rule == TALLY_RULE_scale_unsure ||
	       rule == TALLY_RULE_dates_moved || rule == TALLY_RULE_formula_changed ||
	       rule == TALLY_RULE_stored_as_text;
}

static void count_harm(const struct table *t, enum tally_nature nature, uint64_t count)
{
	if (rule_of(nature) == TALLY_RULE_column_sorted_alone) {
		harm(t, &t->v->damage.sorted, 1);
	} else if (!is_medium(rule_of(nature))) {
		harm(t, &t->v->damage.values, count);
		t->v->damage.by_nature[nature] += count;
	}
}

static const char *value_of(const json_t *value)
{
	const json_t *formula = json_object_get(value, "formula");

	if (json_is_string(formula))
		return json_string_value(formula);
	return json_string_value(json_is_object(value) ? json_object_get(value, "value") : value);
}

/* The first of @count cells; of one, it is the whole of it. */
static void example(const struct table *t, const json_t *cell, uint64_t count)
{
	const json_t *x = json_object_get(cell, "old"), *y = json_object_get(cell, "new");
	bool result = tally_json_is(cell, "nature", "became_error");
	const char *old = result && json_is_object(x) ? tally_json_string(x, "value") : value_of(x);
	const char *now = result && json_is_object(y) ? tally_json_string(y, "value") : value_of(y);
	const char *ref = tally_json_string(cell, "ref");
	uint64_t row = tally_json_count(cell, "row");

	if (!old || !now)
		return;
	tally_say(t->v, count == 1 ? ", " : ", as ");
	tally_say_value(t->v, old);
	if (strcmp(old, now) != 0) {
		tally_say(t->v, " \u2192 ");
		tally_say_value(t->v, now);
		if (!tally_words_look_alikes(&t->v->what, old, strlen(old), now, strlen(now)))
			t->v->status = tally_err_nomem(t->v->err);
	}
	if (ref) {
		tally_say(t->v, " in ");
		tally_say(t->v, ref);
	} else if (row) {
		tally_say(t->v, " in row ");
		tally_say_count(t->v, row);
	}
}

/* "‘amount’", "‘amount’ (number 2 of that name)" */
static void say_column(const struct table *t, const json_t *o)
{
	say_name(t, tally_json_string(o, "column"), tally_json_count(o, "column_index"));
	if (!tally_json_count(o, "column_nth"))
		return;
	tally_say(t->v, " (number ");
	tally_say_count(t->v, tally_json_count(o, "column_nth"));
	tally_say(t->v, " of that name)");
}

enum { SYSTEMS_APART = 1462 * 86400 /* seconds between the date systems of 1900 and 1904 */ };

static void say_nature(const struct table *t, enum tally_nature nature, const json_t *where)
{
	const json_t *by = json_object_get(where, "moved_by_seconds");

	if (!json_is_integer(by)) {
		tally_say(t->v, tally_nature_words(nature));
		return;
	}
	if (!tally_words_moved(&t->v->what, json_integer_value(by)))
		t->v->status = tally_err_nomem(t->v->err);
	if (json_integer_value(by) == SYSTEMS_APART || json_integer_value(by) == -SYSTEMS_APART)
		tally_say(t->v, ", by which the date systems of 1900 and 1904 differ");
}

/* What became of formulas, where the first of them tells more than the nature. */
static bool say_formula(const struct table *t, enum tally_nature nature, const json_t *cell)
{
	const char *old = tally_json_string(json_object_get(cell, "old"), "formula");
	const char *now = tally_json_string(json_object_get(cell, "new"), "formula");

	if (nature == TALLY_NATURE_FORMULA_CHANGED && old && now && !strcmp(old, now))
		tally_say(t->v, "formula written as before, which means other cells now");
	else if (nature == TALLY_NATURE_FORMULA_TO_CONSTANT &&
	         json_is_true(json_object_get(cell, "value_same")))
		tally_say(t->v, "formula replaced by its value");
	else
		return false;
	return true;
}

/* @where  the rewrite or cell that names the column */
static void values(const struct table *t, enum tally_nature nature, const json_t *where,
                   uint64_t count, const json_t *cell)
{
	enum tally_rule rule = rule_of(nature);

	if (rule == TALLY_RULE_COUNT)
		return;
	tally_say(t->v, "In ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, ", column ");
	say_column(t, where);
	tally_say(t->v, ", ");
	tally_say_plural(t->v, count, "cell", "cells");
	tally_say(t->v, ": ");
	if (!say_formula(t, nature, cell))
		say_nature(t, nature, where);
	example(t, cell, count);
	found(t, rule, is_medium(rule) ? TALLY_SEVERITY_MEDIUM : TALLY_SEVERITY_HIGH, count);
	count_harm(t, nature, count);
}

/* Columns and natures that were told already, or are being counted */
struct seen {
	struct {
		enum tally_nature nature;
		const char *column;
		uint64_t index; /* of the column */
		uint64_t count;
		const json_t *first;
	} rows[SEEN_MOST];
	size_t count;
};

static size_t look_up(struct seen *s, enum tally_nature nature, const json_t *where)
{
	const char *column = tally_json_string(where, "column");
	uint64_t index = tally_json_count(where, "column_index");
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->rows[i].nature == nature && s->rows[i].index == index &&
		    !strcmp(s->rows[i].column, column))
			return i;
	if (i < SEEN_MOST) {
		s->rows[i].nature = nature;
		s->rows[i].column = column;
		s->rows[i].index = index;
		s->rows[i].count = 0;
		s->rows[i].first = NULL;
		s->count++;
	}
	return i;
}

/* What a rewrite stands for may be listed among the cells as well: rewrites first, cells of other columns and natures then */
static void rewritten(const struct table *t)
{
	const json_t *list = json_object_get(t->json, "rewrites");
	const json_t *cells = json_object_get(t->json, "cells");
	struct seen seen = { .count = 0 };
	size_t told;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *r = json_array_get(list, i);
		const json_t *first = json_array_get(json_object_get(r, "examples"), 0);
		enum tally_nature nature = nature_at(r, first);
		const char *name = tally_json_string(r, "column");

		if (rule_of(nature) == TALLY_RULE_COUNT || !name)
			continue;
		look_up(&seen, nature, r);
		values(t, nature, r, tally_json_count(r, "count"), first);
	}
	told = seen.count;
	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *c = json_array_get(cells, i);
		enum tally_nature nature = nature_at(c, c);
		const char *name = tally_json_string(c, "column");
		size_t at;

		if (rule_of(nature) == TALLY_RULE_COUNT || !name)
			continue;
		at = look_up(&seen, nature, c);
		if (at < told || at == SEEN_MOST)
			continue;
		if (seen.rows[at].count++ == 0)
			seen.rows[at].first = c;
	}
	for (size_t i = told; i < seen.count; i++)
		values(t, seen.rows[i].nature, seen.rows[i].first, seen.rows[i].count,
		       seen.rows[i].first);
}

/* ---- what stands above the rows ---- */

static void header_gone(const struct table *t)
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
		found(t, TALLY_RULE_heading_changed, TALLY_SEVERITY_MEDIUM, 1);
	}
}

/* Cells of title lines have no key, not even an empty one, and are known by their places. */
static bool is_title(const json_t *cell)
{
	const char *column = tally_json_string(cell, "column");

	return column && !json_object_get(cell, "key") && !strncmp(column, "cell ", strlen("cell "));
}

static void titles(const struct table *t)
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
		example(t, first, changed + lines);
	found(t, TALLY_RULE_heading_changed, TALLY_SEVERITY_LOW, changed + lines);
}

/* ---- problems ---- */

/* @first  of them; stays as it is where there is none */
static uint64_t problem_count(const struct table *t, const char *what, const char *side,
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
static void say_before(const struct table *t, uint64_t before, uint64_t after, const char *had)
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

static void duplicates(const struct table *t)
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
	found(t, TALLY_RULE_key_duplicates,
	      after >= before ? TALLY_SEVERITY_MEDIUM : TALLY_SEVERITY_LOW, after);
}

static void malformed(const struct table *t)
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
		found(t, TALLY_RULE_malformed_rows,
		      after > before ? TALLY_SEVERITY_MEDIUM : TALLY_SEVERITY_LOW, after);
	}
}

/* ---- sums ---- */

static void totals(const struct table *t)
{
	const json_t *list = json_object_get(t->json, "total_rows");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *total = json_array_get(list, i);
		const json_t *after = json_object_get(total, "after");

		tally_say(t->v, "In ");
		tally_say_table(t->v, t->path.bytes, t->part);
		tally_say(t->v, ", row ");
		tally_say_count(t->v, tally_json_count(total, "row"));
		tally_say(t->v, " (");
		tally_say_text(t->v, tally_json_string(total, "label"));
		tally_say(t->v, ") shows ");
		tally_say_text(t->v, tally_json_string(after, "shown"));
		tally_say(t->v, " under ");
		say_column(t, total);
		tally_say(t->v, json_is_true(json_object_get(total, "below"))
		                        ? ", and the rows below it add up to "
		                        : ", and the rows above it add up to ");
		tally_say_text(t->v, tally_json_string(after, "sum"));
		tally_say(t->v, "; before, they agreed");
		found(t, TALLY_RULE_total_mismatch, TALLY_SEVERITY_MEDIUM, 1);
	}
}

static void say_decimals(const struct table *t, const char *number, const char *other)
{
	if (!tally_words_decimals(&t->v->what, number, other))
		t->v->status = tally_err_nomem(t->v->err);
}

static bool too_large(const json_t *invariant, const char *side)
{
	return tally_json_count(json_object_get(invariant, "too_large"), side) > 0;
}

static void say_sum(const struct table *t, const char *sum, const char *other)
{
	if (sum)
		say_decimals(t, sum, other ? other : sum);
	else
		tally_say(t->v, "not known, since a number is too large");
}

/* Columns whose sum is another one; a table where nothing else happened but that is unusual enough to be named */
static void sums(const struct table *t)
{
	const json_t *list = json_object_get(t->json, "invariants");
	uint64_t named = 0, all = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *v = json_array_get(list, i), *sum = json_object_get(v, "sum");
		const char *old = tally_json_string(sum, "before"),
			   *now = tally_json_string(sum, "after");

		if ((!old && !too_large(v, "before")) || (!now && !too_large(v, "after")))
			continue;
		if (all++ >= SUMS_NAMED)
			continue;
		if (named++ == 0) {
			tally_say(t->v, "Sums of ");
			tally_say_table(t->v, t->path.bytes, t->part);
		}
		tally_say(t->v, named > 1 ? "; " : ": ");
		say_column(t, v);
		tally_say(t->v, " ");
		say_sum(t, old, now);
		tally_say(t->v, " \u2192 ");
		say_sum(t, now, old);
	}
	if (!named)
		return;
	if (all > named) {
		tally_say(t->v, " and ");
		tally_say_count(t->v, all - named);
		tally_say(t->v, " more");
	}
	found(t, TALLY_RULE_sum_changed, TALLY_SEVERITY_LOW, all);
}

void tally_review_tables(struct tally_reviewer *v)
{
	for (size_t i = 0; i < json_array_size(v->r->tables) && v->status == TALLY_OK; i++) {
		struct table t = { .v = v, .json = json_array_get(v->r->tables, i) };
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
		rewritten(&t);
		duplicates(&t);
		malformed(&t);
		tally_review_sheet(v, t.json, &t.path);
		totals(&t);
		sums(&t);
	}
}
