/* What stands in a worksheet's own part beside its rows: hidden rows and columns, merges, validations, links, protection. */
#include "formats/xlsx_facts_work.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "formats/formula.h"

enum {
	RANGES_SHOWN = 40, /* of hidden rows or columns */
	COLUMNS_MOST = 16384,
	RULES_MOST = 256 << 10, /* bytes of the rules of one set of ranges */
};

void tally_sheet_reading_init(struct tally_sheet_reading *s)
{
	*s = (struct tally_sheet_reading){ .name = NULL };
	tally_fact_text_init(&s->rows.text);
	tally_fact_text_init(&s->columns.text);
	tally_fact_text_init(&s->ranges);
	tally_fact_text_init(&s->layout.text);
	for (size_t i = 0; i < TALLY_FACT_FORMULAS; i++)
		tally_fact_text_init(&s->rule.formulas[i]);
	tally_buf_init(&s->values, RULES_MOST);
}

void tally_sheet_reading_release(struct tally_sheet_reading *s)
{
	tally_fact_text_release(&s->rows.text);
	tally_fact_text_release(&s->columns.text);
	tally_fact_text_release(&s->ranges);
	tally_fact_text_release(&s->layout.text);
	for (size_t i = 0; i < TALLY_FACT_FORMULAS; i++)
		tally_fact_text_release(&s->rule.formulas[i]);
	tally_buf_release(&s->values);
	tally_fact_pairs_release(&s->links);
}

/* ---- hidden rows and columns ---- */

/* "C" for 3 */
static void put_column(struct tally_fact_text *t, uint64_t n)
{
	char text[24];
	size_t len = tally_cell_reference_text(text, 0, (uint32_t)(n - 1));

	tally_fact_text_add(t, text, len - 1);
}

static void end_range(struct tally_hidden *h, bool columns)
{
	void (*put)(struct tally_fact_text *, uint64_t) = columns ? put_column
	                                                          : tally_fact_text_number;
	uint64_t ends[2] = { h->first, h->last };

	if (!h->first)
		return;
	h->count += h->last - h->first + 1;
	h->hash = tally_hash64(ends, sizeof ends, h->hash);
	if (h->ranges++ < RANGES_SHOWN) {
		tally_fact_text_put(&h->text, h->ranges > 1 ? ", " : "");
		put(&h->text, h->first);
		if (h->last > h->first) {
			tally_fact_text_put(&h->text, ":");
			put(&h->text, h->last);
		}
	}
	h->first = h->last = 0;
}

/* Ranges come in order; what stands twice or out of order begins another one */
static void hide(struct tally_hidden *h, uint64_t first, uint64_t last, bool columns)
{
	if (h->first && first == h->last + 1) {
		h->last = last;
		return;
	}
	end_range(h, columns);
	h->first = first;
	h->last = last;
}

static enum tally_status push_hidden(struct tally_xlsx_facts *f, struct tally_hidden *h,
                                     bool columns, struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&f->office);
	enum tally_status st = TALLY_OK;
	char rest[80];

	end_range(h, columns);
	if (h->count) {
		tally_fact_text_join(t, &h->text);
		if (h->ranges > RANGES_SHOWN) {
			snprintf(rest, sizeof rest, " \u2026 (%" PRIu64 " in all, %016" PRIx64 ")",
			         h->count, h->hash);
			tally_fact_text_put(t, rest);
		}
		tally_xlsx_at(f, f->sheet.name, NULL, 0);
		st = tally_office_push(&f->office, columns ? "hidden_columns" : "hidden_rows", NULL,
		                       err);
	}
	tally_fact_text_clear(&h->text);
	h->first = h->last = h->count = h->ranges = h->hash = 0;
	return st;
}

/* Whoever reads the cells goes on: this is said once, when the sheet has come to its end. */
static enum tally_status note_limited(struct tally_xlsx_facts *f, struct tally_err *err)
{
	struct tally_err why = { 0 };

	tally_err_set(&why, TALLY_SKIP, TALLY_REASON_LIMIT,
	              "too many conditional formats of one range, not all were compared");
	return tally_office_note(&f->office, &why, f->sheet.name, err);
}

enum tally_status tally_xlsx_sheet_close(struct tally_xlsx_facts *f, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (f->sheet.name) {
		st = push_hidden(f, &f->sheet.rows, false, err);
		if (st >= 0)
			st = push_hidden(f, &f->sheet.columns, true, err);
		if (st >= 0)
			st = tally_sheet_layout_close(f, err);
		if (st >= 0 && f->sheet.limited)
			st = note_limited(f, err);
	}
	f->sheet.limited = false;
	f->sheet.name = NULL;
	f->sheet.row = 0;
	f->sheet.rule.kind = TALLY_SHEET_RULE_NONE;
	f->sheet.rule.into = NULL;
	return st;
}

static void row(struct tally_sheet_reading *s, const struct tally_xml_start *e)
{
	const struct tally_xml_attr *hidden = tally_xml_attr_id(e, TALLY_XML_NONE,
	                                                        TALLY_XML_ID_hidden);

	s->row = tally_attr_number(tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_r), s->row + 1);
	if (tally_sheet_row_laid_out(&s->layout, e) ||
	    (hidden && !tally_attr_is(hidden, "0") && !tally_attr_is(hidden, "false")))
		hide(&s->rows, s->row, s->row, false);
}

/* Rows that the file does not list are hidden as well. */
static void hide_unlisted(struct tally_sheet_reading *s)
{
	s->rows.count++;
	s->rows.ranges++;
	tally_fact_text_put(&s->rows.text, "all that are not listed in the file");
}

static void column(struct tally_sheet_reading *s, const struct tally_xml_start *e)
{
	uint64_t first = tally_attr_number(tally_xml_attr(e, TALLY_XML_NONE, "min"), 0);
	uint64_t last = tally_attr_number(tally_xml_attr(e, TALLY_XML_NONE, "max"), first);

	if (last > COLUMNS_MOST)
		last = COLUMNS_MOST;
	if (!first || first > last)
		return;
	if (tally_sheet_columns_laid_out(&s->layout, e, last - first + 1) ||
	    tally_office_flag(e, "hidden"))
		hide(&s->columns, first, last, true);
}

/* ---- simple ones ---- */

static const struct tally_xml_attr *plain(const struct tally_xml_start *e, const char *name)
{
	return tally_xml_attr(e, TALLY_XML_NONE, name);
}

static void at_attr(struct tally_xlsx_facts *f, const struct tally_xml_attr *ref)
{
	tally_xlsx_at(f, f->sheet.name, ref ? ref->value : NULL, ref ? ref->len : 0);
}

/* "A1:B2 C3" of the file, "A1:B2, C3" for people */
static void at_ranges(struct tally_xlsx_facts *f)
{
	const struct tally_fact_text *r = &f->sheet.ranges;
	const char *text = r->buf.len ? r->buf.bytes : "";
	size_t len = r->buf.len;

	at_attr(f, NULL);
	for (size_t at = 0, n; at < len; at += n) {
		size_t blanks = strspn(text + at, " \t\r\n");

		at += blanks;
		n = strcspn(text + at, " \t\r\n");
		if (n)
			tally_fact_text_put(&f->office.where, at > blanks ? ", " : "!");
		tally_fact_text_reference(&f->office.where, text + at, n);
	}
	f->office.where.cut += r->cut;
	f->office.where.hash ^= r->hash;
}

/* The size does not change when rows are inserted above: then the range moved, and is the same */
static enum tally_status merged(struct tally_xlsx_facts *f, const struct tally_xml_start *e,
                                struct tally_err *err)
{
	const struct tally_xml_attr *ref = plain(e, "ref");
	struct tally_fact_text *t = tally_office_begin(&f->office);
	uint32_t r[2] = { 0, 0 }, c[2] = { 0, 0 };
	size_t n = ref ? tally_cell_reference(ref->value, ref->len, &r[0], &c[0]) : 0;

	if (!n)
		return TALLY_OK;
	if (n < ref->len && ref->value[n] == ':')
		n = tally_cell_reference(ref->value + n + 1, ref->len - n - 1, &r[1], &c[1]);
	else
		n = 0;
	tally_fact_text_number(t, n && r[1] >= r[0] ? r[1] - r[0] + UINT64_C(1) : 1);
	tally_fact_text_put(t, " by ");
	tally_fact_text_number(t, n && c[1] >= c[0] ? c[1] - c[0] + UINT64_C(1) : 1);
	tally_fact_text_put(t, " cells");
	at_attr(f, ref);
	return tally_office_push(&f->office, "merged_cells", NULL, err);
}

static enum tally_status link_to(struct tally_xlsx_facts *f, const struct tally_xml_start *e,
                                 struct tally_err *err)
{
	const struct tally_xml_attr *id = tally_xml_attr(e, TALLY_XML_RELATIONSHIP, "id");
	const struct tally_xml_attr *location = plain(e, "location");
	struct tally_fact_text *t = tally_office_begin(&f->office);
	const char *target = id ? tally_fact_pairs_find(&f->sheet.links, id->value, id->len) : NULL;

	tally_fact_text_put(t, target ? target : "");
	tally_fact_text_put(t, location && location->len ? "#" : "");
	if (location && !target)
		tally_fact_text_range(t, "", 0, location); /* in this workbook */
	else
		tally_fact_text_attr(t, location);
	at_attr(f, plain(e, "ref"));
	if (!t->buf.len && !t->no_memory)
		return TALLY_OK; /* it leads nowhere */
	return tally_office_push(&f->office, "link", NULL, err);
}

static bool has_password(const struct tally_xml_start *e)
{
	const struct tally_xml_attr *old = plain(e, "password"), *now = plain(e, "hashValue");

	return (old && old->len) || (now && now->len);
}

static enum tally_status protection(struct tally_xlsx_facts *f, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	if (!tally_office_flag(e, "sheet"))
		return TALLY_OK;
	tally_fact_text_put(tally_office_begin(&f->office),
	                    has_password(e) ? "sheet, with a password" : "sheet, without a password");
	at_attr(f, NULL);
	return tally_office_push(&f->office, "protection", NULL, err);
}

static enum tally_status open_range(struct tally_xlsx_facts *f, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&f->office);

	tally_fact_text_put(t, "may be edited: ");
	tally_fact_text_attr(t, plain(e, "name"));
	tally_fact_text_clear(&f->sheet.ranges);
	tally_fact_text_attr(&f->sheet.ranges, plain(e, "sqref"));
	at_ranges(f);
	return tally_office_push(&f->office, "protection", NULL, err);
}

/* ---- rules ---- */

static void keep(char *out, size_t room, const struct tally_xml_attr *a)
{
	size_t n = a && a->len < room ? a->len : 0;

	if (n)
		memcpy(out, a->value, n);
	out[n] = '\0';
}

static void begin_rule(struct tally_sheet_rule *r, int kind, bool later)
{
	r->kind = kind;
	r->later = later;
	r->type[0] = r->operation[0] = r->more[0] = '\0';
	r->formula_count = 0;
	r->into = NULL;
	for (size_t i = 0; i < TALLY_FACT_FORMULAS; i++)
		tally_fact_text_clear(&r->formulas[i]);
}

/* "top 10 percent", "contains ‘x’"; some programs write these attributes where they mean nothing */
static void keep_more(struct tally_sheet_rule *r, const struct tally_xml_start *e)
{
	bool top = !strcmp(r->type, "top10"), dates = !strcmp(r->type, "timePeriod");
	char text[80];

	keep(text, sizeof text, plain(e, top ? "rank" : dates ? "timePeriod" : "text"));
	if (top)
		snprintf(r->more, sizeof r->more, " %s%s%s", text,
		         tally_office_flag(e, "percent") ? " percent" : "",
		         tally_office_flag(e, "bottom") ? " from the bottom" : "");
	else if (text[0])
		snprintf(r->more, sizeof r->more, " \u2018%s\u2019", text);
}

static void validation(struct tally_sheet_reading *s, const struct tally_xml_start *e, bool later)
{
	begin_rule(&s->rule, TALLY_SHEET_RULE_VALIDATION, later);
	keep(s->rule.type, sizeof s->rule.type, plain(e, "type"));
	keep(s->rule.operation, sizeof s->rule.operation, plain(e, "operator"));
	tally_fact_text_clear(&s->ranges);
	tally_fact_text_attr(&s->ranges, plain(e, "sqref"));
}

static void format(struct tally_sheet_reading *s, const struct tally_xml_start *e, bool later)
{
	begin_rule(&s->rule, TALLY_SHEET_RULE_FORMAT, later);
	keep(s->rule.type, sizeof s->rule.type, plain(e, "type"));
	keep(s->rule.operation, sizeof s->rule.operation, plain(e, "operator"));
	keep_more(&s->rule, e);
}

static const char *words_of(const char *type)
{
	static const char *const words[][2] = {
		{ "", "any value" },
		{ "none", "any value" },
		{ "whole", "whole number" },
		{ "textLength", "length of text" },
		{ "custom", "formula" },
		{ "cellIs", "value" },
		{ "expression", "formula" },
		{ "containsText", "contains" },
		{ "notContainsText", "does not contain" },
		{ "beginsWith", "begins with" },
		{ "endsWith", "ends with" },
		{ "duplicateValues", "values that stand twice" },
		{ "uniqueValues", "values that stand once" },
		{ "colorScale", "scale of colours" },
		{ "dataBar", "bars" },
		{ "iconSet", "icons" },
		{ "timePeriod", "dates" },
		{ "aboveAverage", "above or below average" },
		{ "top10", "top" },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i][0], type))
			return words[i][1];
	return type;
}

static const char *sign_of(const char *operation)
{
	static const char *const signs[][2] = {
		{ "between", "between" }, { "notBetween", "not between" },
		{ "equal", "=" },         { "notEqual", "\u2260" },
		{ "lessThan", "<" },      { "lessThanOrEqual", "\u2264" },
		{ "greaterThan", ">" },   { "greaterThanOrEqual", "\u2265" },
	};

	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (!strcmp(signs[i][0], operation))
			return signs[i][1];
	return "";
}

/* Does this type compare with its formulas? The others say by themselves what they look for. */
static bool compares(const struct tally_sheet_rule *r)
{
	static const char *const types[] = { "whole", "decimal",    "date",
		                             "time",  "textLength", "cellIs" };

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (!strcmp(types[i], r->type))
			return true;
	return false;
}

static bool tells_formulas(const struct tally_sheet_rule *r)
{
	return compares(r) || !strcmp(r->type, "list") || !strcmp(r->type, "custom") ||
	       !strcmp(r->type, "expression");
}

/* Some programs write a second formula where there is nothing for it to say. */
static size_t formulas_of(const struct tally_sheet_rule *r)
{
	const char *o = r->operation;
	bool two = !o[0] || !strcmp(o, "between") || !strcmp(o, "notBetween");

	if (!tells_formulas(r))
		return 0;
	return compares(r) && two ? r->formula_count : r->formula_count > 0;
}

static void put_formula(struct tally_fact_text *t, const struct tally_fact_text *formula)
{
	tally_fact_text_formula(t, tally_fact_text_so_far(formula), formula->buf.len);
	tally_fact_text_cut(t, formula);
}

/* "whole number between 1 and 10", "list "Yes,No"" */
static void put_rule(struct tally_fact_text *t, const struct tally_sheet_rule *r)
{
	const char *sign = compares(r) ? sign_of(r->operation[0] ? r->operation : "between") : "";

	tally_fact_text_put(t, words_of(r->type));
	tally_fact_text_put(t, r->more);
	if (*sign) {
		tally_fact_text_put(t, " ");
		tally_fact_text_put(t, sign);
	}
	for (size_t i = 0; i < formulas_of(r); i++) {
		tally_fact_text_put(t, i ? " and " : " ");
		put_formula(t, &r->formulas[i]);
	}
}

static enum tally_status push_validation(struct tally_xlsx_facts *f, struct tally_err *err)
{
	put_rule(tally_office_begin(&f->office), &f->sheet.rule);
	at_ranges(f);
	return tally_office_push(&f->office, "data_validation", NULL, err);
}

/* Kept until their ranges are known. Bars have their colours among the extensions a second time. */
static enum tally_status keep_format(struct tally_xlsx_facts *f, struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&f->office);
	const struct tally_sheet_rule *r = &f->sheet.rule;
	const char *text;

	if (r->later && !strcmp(r->type, "dataBar"))
		return TALLY_OK;
	put_rule(t, r);
	text = tally_fact_text_end(t);
	if (t->no_memory)
		return tally_err_nomem(err);
	if (tally_buf_add(&f->sheet.values, text, strlen(text) + 1))
		return TALLY_OK;
	if (f->sheet.values.len + strlen(text) + 1 < f->sheet.values.max)
		return tally_err_nomem(err);
	f->sheet.limited = true;
	return TALLY_OK;
}

static enum tally_status push_formats(struct tally_xlsx_facts *f, struct tally_err *err)
{
	struct tally_buf *values = &f->sheet.values;
	enum tally_status st = TALLY_OK;

	for (size_t at = 0; at < values->len && st >= 0; at += strlen(values->bytes + at) + 1) {
		tally_fact_text_put(tally_office_begin(&f->office), values->bytes + at);
		at_ranges(f);
		st = tally_office_push(&f->office, "conditional_format", NULL, err);
	}
	tally_buf_clear(values);
	tally_fact_text_clear(&f->sheet.ranges);
	return st;
}

static enum tally_status push_sparkline(struct tally_xlsx_facts *f, struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&f->office);

	tally_fact_text_put(t, "of ");
	put_formula(t, &f->sheet.rule.formulas[0]);
	at_ranges(f);
	return tally_office_push(&f->office, "sparkline", NULL, err);
}

/* An element whose text is a formula, or ranges. */
static void begin_text(struct tally_sheet_reading *s, const struct tally_xml_name *name)
{
	struct tally_sheet_rule *r = &s->rule;
	bool sheet = name->ns == TALLY_XML_SHEET || name->ns == TALLY_XML_SHEET_2009;

	if (sheet &&
	    (tally_xml_is(name, name->ns, "formula1") || tally_xml_is(name, name->ns, "formula2")))
		r->formula_count = name->local[name->len - 1] - '0' - 1u;
	if (tally_xml_is(name, TALLY_XML_OTHER, "sqref")) {
		tally_fact_text_clear(&s->ranges);
		r->into = &s->ranges;
	} else if (tally_xml_is(name, TALLY_XML_OTHER, "f") ||
	           tally_xml_is(name, TALLY_XML_SHEET, "formula") ||
	           tally_xml_is(name, TALLY_XML_SHEET, "formula1") ||
	           tally_xml_is(name, TALLY_XML_SHEET, "formula2")) {
		if (r->formula_count < TALLY_FACT_FORMULAS)
			r->into = &r->formulas[r->formula_count++];
	}
}

/* ---- events ---- */

/* Elements that begin a rule, of the format and of its extensions */
static bool start_rule(struct tally_sheet_reading *s, const struct tally_xml_start *e)
{
	const struct tally_xml_name *n = &e->name;
	bool later = n->ns == TALLY_XML_SHEET_2009;

	if (n->ns != TALLY_XML_SHEET && !later)
		return false;
	if (tally_xml_is(n, n->ns, "dataValidation")) {
		validation(s, e, later);
	} else if (tally_xml_is(n, n->ns, "conditionalFormatting")) {
		tally_buf_clear(&s->values);
		tally_fact_text_clear(&s->ranges);
		tally_fact_text_attr(&s->ranges, plain(e, "sqref"));
	} else if (tally_xml_is(n, n->ns, "cfRule")) {
		format(s, e, later);
	} else if (later && tally_xml_is(n, n->ns, "sparkline")) {
		begin_rule(&s->rule, TALLY_SHEET_RULE_SPARKLINE, true);
	} else {
		return false;
	}
	return true;
}

enum tally_status tally_xlsx_sheet_start(void *payload, const struct tally_xml_start *e,
                                         struct tally_err *err)
{
	struct tally_xlsx_facts *f = payload;
	struct tally_sheet_reading *s = &f->sheet;
	const struct tally_xml_name *n = &e->name;

	if (f->late.status < 0) {
		if (err)
			*err = f->late;
		f->office.stopped = true;
		return f->late.status;
	}
	if (tally_xml_is_id(n, TALLY_XML_SHEET, TALLY_XML_ID_row)) {
		row(s, e);
		return TALLY_OK;
	}
	if (start_rule(s, e))
		return TALLY_OK;
	if (s->rule.kind) {
		begin_text(s, n);
		return TALLY_OK;
	}
	if (tally_xml_is(n, TALLY_XML_OTHER, "sqref"))
		begin_text(s, n); /* behind the rules, among the extensions */
	if (n->ns != TALLY_XML_SHEET) {
		tally_sheet_layout_start(&s->layout, e);
		return TALLY_OK;
	}
	if (tally_xml_is_id(n, TALLY_XML_SHEET, TALLY_XML_ID_col))
		column(s, e);
	else if (tally_xml_is_id(n, TALLY_XML_SHEET, TALLY_XML_ID_mergeCell))
		return merged(f, e, err);
	else if (tally_xml_is_id(n, TALLY_XML_SHEET, TALLY_XML_ID_hyperlink))
		return link_to(f, e, err);
	else if (tally_xml_is(n, TALLY_XML_SHEET, "sheetProtection"))
		return protection(f, e, err);
	else if (tally_xml_is(n, TALLY_XML_SHEET, "protectedRange"))
		return open_range(f, e, err);
	else if (tally_xml_is(n, TALLY_XML_SHEET, "sheetFormatPr") &&
	         tally_office_flag(e, "zeroHeight"))
		hide_unlisted(s);
	else
		tally_sheet_layout_start(&s->layout, e);
	return TALLY_OK;
}

static enum tally_status end_rule(struct tally_xlsx_facts *f, const struct tally_xml_name *n,
                                  struct tally_err *err)
{
	int kind = f->sheet.rule.kind;

	if (n->ns != TALLY_XML_SHEET && n->ns != TALLY_XML_SHEET_2009)
		return TALLY_OK;
	if (tally_xml_is(n, n->ns, "conditionalFormatting"))
		return push_formats(f, err);
	if (kind == TALLY_SHEET_RULE_NONE)
		return TALLY_OK;
	if (kind == TALLY_SHEET_RULE_VALIDATION && tally_xml_is(n, n->ns, "dataValidation")) {
		f->sheet.rule.kind = TALLY_SHEET_RULE_NONE;
		return push_validation(f, err);
	}
	if (kind == TALLY_SHEET_RULE_FORMAT && tally_xml_is(n, n->ns, "cfRule")) {
		f->sheet.rule.kind = TALLY_SHEET_RULE_NONE;
		return keep_format(f, err);
	}
	if (kind == TALLY_SHEET_RULE_SPARKLINE && tally_xml_is(n, n->ns, "sparkline")) {
		f->sheet.rule.kind = TALLY_SHEET_RULE_NONE;
		return push_sparkline(f, err);
	}
	return TALLY_OK;
}

enum tally_status tally_xlsx_sheet_end(void *payload, const struct tally_xml_name *name,
                                       struct tally_err *err)
{
	struct tally_xlsx_facts *f = payload;

	if (tally_xml_is_id(name, TALLY_XML_SHEET, TALLY_XML_ID_row))
		return TALLY_OK;
	f->sheet.rule.into = NULL;
	if (f->sheet.layout.margin || f->sheet.layout.filter_at)
		return tally_sheet_layout_end(f, name, err);
	return end_rule(f, name, err);
}

enum tally_status tally_xlsx_sheet_text(void *payload, const char *text, size_t len,
                                        struct tally_err *err)
{
	struct tally_xlsx_facts *f = payload;
	struct tally_fact_text *into = f->sheet.layout.margin ? &f->sheet.layout.text
	                                                      : f->sheet.rule.into;

	if (!into)
		return TALLY_OK;
	tally_fact_text_add(into, text, len);
	return into->no_memory ? tally_err_nomem(err) : TALLY_OK;
}
