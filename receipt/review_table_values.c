/* Review rules about values of tables: rewritten with a loss, shifted, sorted alone, stored as text. */
#include "receipt/review_table.h"

#include <string.h>
#include <strings.h>

#include "diff/table_value.h"
#include "receipt/json_util.h"
#include "receipt/words.h"

enum { SEEN_MOST = 64 /* columns and natures remembered for one table */ };

static enum tally_nature nature_of(const char *id)
{
	for (int n = 0; id && n < TALLY_NATURE_COUNT; n++)
		if (!strcmp(id, tally_nature_id((enum tally_nature)n)))
			return (enum tally_nature)n;
	return TALLY_NATURE_COUNT;
}

/* What stood where a text stands now that says something else: counted like natures, behind the last of them. */
enum { REPLACED = TALLY_NATURE_COUNT + 1 };

static const struct {
	const char *type;
	enum tally_nature stored; /* a text that still reads as one */
	const char *words;
} texts[] = { { "number", TALLY_NATURE_NUMBER_TO_TEXT, "number replaced by text" },
	      { "date", TALLY_NATURE_DATE_TO_TEXT, "date replaced by text" },
	      { "truth", TALLY_NATURE_TRUTH_TO_TEXT, "TRUE or FALSE replaced by text" } };

static bool reads_as(const json_t *value, enum tally_nature stored)
{
	const char *text = json_is_object(value) ? tally_json_string(value, "value")
	                                         : json_string_value(value);
	struct tally_span span = { text, text ? strlen(text) : 0 };
	struct tally_number number;
	struct tally_date dates[2];

	if (!text)
		return true; /* nothing is known of it */
	if (stored == TALLY_NATURE_NUMBER_TO_TEXT)
		return tally_number_parse(&number, span);
	if (stored == TALLY_NATURE_DATE_TO_TEXT)
		return tally_date_parse(dates, span, false) > 0;
	return !strcasecmp(text, "TRUE") || !strcasecmp(text, "FALSE");
}

/* The rule that a kind falls under; TALLY_RULE_COUNT: none */
static enum tally_rule rule_of(unsigned kind)
{
	if (kind >= REPLACED)
		return TALLY_RULE_replaced_by_text;
	switch ((enum tally_nature)kind) {
	case TALLY_NATURE_LEADING_ZEROS_LOST:
	case TALLY_NATURE_SCIENTIFIC_NOTATION:
	case TALLY_NATURE_PRECISION_LOST:
	case TALLY_NATURE_DECIMAL_MARK_LOST:
	case TALLY_NATURE_PLUS_SIGN_LOST:
	case TALLY_NATURE_CHARACTERS_LOST:
	case TALLY_NATURE_CENTURY_LOST:
	case TALLY_NATURE_TIME_LOST:
	case TALLY_NATURE_SPREADSHEET_AUTOFORMAT:
	case TALLY_NATURE_FORMULA_TO_CONSTANT:
	case TALLY_NATURE_BECAME_ERROR:
		return TALLY_RULE_lossy_rewrite;
	case TALLY_NATURE_MOJIBAKE:
	case TALLY_NATURE_SHIFTED:
	case TALLY_NATURE_DAY_MONTH_EXCHANGED:
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

/* The nature of a rewrite or cell, or REPLACED + what was replaced */
static unsigned kind_at(const json_t *o, const json_t *cell)
{
	enum tally_nature nature = nature_of(tally_json_string(o, "nature"));

	if (rule_of(nature) != TALLY_RULE_COUNT || nature == TALLY_NATURE_RECALCULATED ||
	    !tally_json_is(cell, "type", "text"))
		return nature;
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++)
		if (tally_json_is(cell, "type_before", texts[i].type))
			return reads_as(json_object_get(cell, "new"), texts[i].stored)
			               ? texts[i].stored
			               : REPLACED + i;
	return nature;
}

/* What there is to look at where nothing is known to be damaged. */
static bool is_medium(enum tally_rule rule)
{
	return rule == TALLY_RULE_sign_changed || rule == TALLY_RULE_scale_unsure ||
	       rule == TALLY_RULE_dates_moved || rule == TALLY_RULE_formula_changed ||
	       rule == TALLY_RULE_stored_as_text || rule == TALLY_RULE_replaced_by_text;
}

static void count_harm(const struct tally_reviewed *t, unsigned kind, uint64_t count)
{
	if (rule_of(kind) == TALLY_RULE_column_sorted_alone) {
		tally_reviewed_harm(t, &t->v->damage.sorted, 1);
	} else if (!is_medium(rule_of(kind))) {
		tally_reviewed_harm(t, &t->v->damage.values, count);
		t->v->damage.by_nature[kind] += count;
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
void tally_reviewed_example(const struct tally_reviewed *t, const json_t *cell, uint64_t count)
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
void tally_reviewed_say_column(const struct tally_reviewed *t, const json_t *o)
{
	tally_reviewed_say_name(t, tally_json_string(o, "column"),
	                        tally_json_count(o, "column_index"));
	if (!tally_json_count(o, "column_nth"))
		return;
	tally_say(t->v, " (number ");
	tally_say_count(t->v, tally_json_count(o, "column_nth"));
	tally_say(t->v, " of that name)");
}

enum { SYSTEMS_APART = 1462 * 86400 /* seconds between the date systems of 1900 and 1904 */ };

static void say_kind(const struct tally_reviewed *t, unsigned kind, const json_t *where)
{
	const json_t *by = json_object_get(where, "moved_by_seconds");
	const json_t *shift = json_object_get(where, "shifted_by");

	if (kind >= REPLACED) {
		tally_say(t->v, texts[kind - REPLACED].words);
		return;
	}
	if (json_is_integer(shift)) {
		if (!tally_words_shifted(&t->v->what, json_integer_value(shift)))
			t->v->status = tally_err_nomem(t->v->err);
		return;
	}
	if (!json_is_integer(by)) {
		tally_say(t->v, tally_nature_words((enum tally_nature)kind));
		return;
	}
	if (!tally_words_moved(&t->v->what, json_integer_value(by)))
		t->v->status = tally_err_nomem(t->v->err);
	if (json_integer_value(by) == SYSTEMS_APART || json_integer_value(by) == -SYSTEMS_APART)
		tally_say(t->v, ", by which the date systems of 1900 and 1904 differ");
}

/* What became of formulas, where the first of them tells more than the nature. */
static bool say_formula(const struct tally_reviewed *t, unsigned kind, const json_t *cell)
{
	const char *old = tally_json_string(json_object_get(cell, "old"), "formula");
	const char *now = tally_json_string(json_object_get(cell, "new"), "formula");

	if (kind == TALLY_NATURE_FORMULA_CHANGED && old && now && !strcmp(old, now))
		tally_say(t->v, "formula written as before, which means other cells now");
	else if (kind == TALLY_NATURE_FORMULA_TO_CONSTANT &&
	         json_is_true(json_object_get(cell, "value_same")))
		tally_say(t->v, "formula replaced by its value");
	else
		return false;
	return true;
}

/* "; ‘50’ is gone" */
static void shifted_off(const struct tally_reviewed *t, const json_t *where)
{
	const json_t *list = json_object_get(where, "shifted_off");
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		const char *old = value_of(json_object_get(json_array_get(list, i), "old"));

		tally_say(t->v, i ? ", " : "; ");
		tally_say_value(t->v, old ? old : "");
	}
	if (n)
		tally_say(t->v, n == 1 ? " is gone" : " are gone");
}

/* @where  the rewrite or cell that names the column */
static void values(const struct tally_reviewed *t, unsigned kind, const json_t *where,
                   uint64_t count, const json_t *cell)
{
	enum tally_rule rule = rule_of(kind);

	if (rule == TALLY_RULE_COUNT)
		return;
	tally_say(t->v, "In ");
	tally_say_table(t->v, t->path.bytes, t->part);
	tally_say(t->v, ", column ");
	tally_reviewed_say_column(t, where);
	tally_say(t->v, ", ");
	tally_say_plural(t->v, count, "cell", "cells");
	tally_say(t->v, ": ");
	if (!say_formula(t, kind, cell))
		say_kind(t, kind, where);
	tally_reviewed_example(t, cell, count);
	shifted_off(t, where);
	tally_reviewed_found(t, rule, is_medium(rule) ? TALLY_SEVERITY_MEDIUM : TALLY_SEVERITY_HIGH,
	                     count);
	count_harm(t, kind, count);
}

/* Columns and kinds that were told already, or are being counted */
struct seen {
	struct {
		unsigned kind;
		const char *column;
		uint64_t index; /* of the column */
		uint64_t count;
		const json_t *first;
	} rows[SEEN_MOST];
	size_t count;
};

static size_t look_up(struct seen *s, unsigned kind, const json_t *where)
{
	const char *column = tally_json_string(where, "column");
	uint64_t index = tally_json_count(where, "column_index");
	size_t i;

	for (i = 0; i < s->count; i++)
		if (s->rows[i].kind == kind && s->rows[i].index == index &&
		    !strcmp(s->rows[i].column, column))
			return i;
	if (i < SEEN_MOST) {
		s->rows[i].kind = kind;
		s->rows[i].column = column;
		s->rows[i].index = index;
		s->rows[i].count = 0;
		s->rows[i].first = NULL;
		s->count++;
	}
	return i;
}

/* What a rewrite stands for may be listed among the cells as well: rewrites first, cells of other columns and natures then */
void tally_review_values(const struct tally_reviewed *t)
{
	const json_t *list = json_object_get(t->json, "rewrites");
	const json_t *cells = json_object_get(t->json, "cells");
	struct seen seen = { .count = 0 };
	size_t told;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *r = json_array_get(list, i);
		const json_t *first = json_array_get(json_object_get(r, "examples"), 0);
		unsigned kind = kind_at(r, first);
		const char *name = tally_json_string(r, "column");

		if (rule_of(kind) == TALLY_RULE_COUNT || !name)
			continue;
		look_up(&seen, kind, r);
		values(t, kind, r, tally_json_count(r, "count"), first);
	}
	told = seen.count;
	for (size_t i = 0; i < json_array_size(cells); i++) {
		const json_t *c = json_array_get(cells, i);
		unsigned kind = kind_at(c, c);
		const char *name = tally_json_string(c, "column");
		size_t at;

		if (rule_of(kind) == TALLY_RULE_COUNT || !name)
			continue;
		at = look_up(&seen, kind, c);
		if (at < told || at == SEEN_MOST)
			continue;
		if (seen.rows[at].count++ == 0)
			seen.rows[at].first = c;
	}
	for (size_t i = told; i < seen.count; i++)
		values(t, seen.rows[i].kind, seen.rows[i].first, seen.rows[i].count,
		       seen.rows[i].first);
}
