/*
 * How a worksheet is laid out: heights of rows and widths of columns, page setup, filters; headers and footers with their text.
 * What nobody reads on a receipt is told as one number each, so that it can be said that it differs.
 */
#include "formats/xlsx_facts_work.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"

static const struct tally_xml_attr *plain(const struct tally_xml_start *e, const char *name)
{
	return tally_xml_attr(e, TALLY_XML_NONE, name);
}

static bool is_zero(const struct tally_xml_attr *a)
{
	if (!a || !a->len)
		return false;
	for (size_t i = 0; i < a->len; i++)
		if (a->value[i] != '0' && a->value[i] != '.')
			return false;
	return true;
}

/* ---- heights and widths: in any order, so that rows that were inserted change nothing ---- */

bool tally_sheet_row_laid_out(struct tally_sheet_layout *l, const struct tally_xml_start *e)
{
	const struct tally_xml_attr *height = tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_ht);

	if (!height)
		return false;
	/* others are what the text in them needs */
	if (tally_office_flag(e, "customHeight"))
		l->heights += tally_hash64(height->value, height->len, 1);
	return is_zero(height);
}

bool tally_sheet_columns_laid_out(struct tally_sheet_layout *l, const struct tally_xml_start *e,
                                  uint64_t columns)
{
	const struct tally_xml_attr *width = plain(e, "width");

	if (!width)
		return false;
	l->widths += tally_hash64(width->value, width->len, 1) * columns;
	return is_zero(width);
}

/* ---- page setup and filters ---- */

static uint64_t add_element(uint64_t hash, const struct tally_xml_start *e, const char *but)
{
	hash = tally_hash64(e->name.local, e->name.len, hash);
	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		/* relations have other numbers each time */
		if (a->name.ns != TALLY_XML_NONE || tally_xml_is(&a->name, TALLY_XML_NONE, but))
			continue;
		hash = tally_hash64(a->name.local, a->name.len, hash);
		hash = tally_hash64(a->value, a->len, hash);
	}
	return hash;
}

/* What is printed at the edges of pages; NULL: another element */
static const char *margin_of(const struct tally_xml_name *name)
{
	static const char *const margins[][2] = {
		{ "oddHeader", "header" },
		{ "oddFooter", "footer" },
		{ "evenHeader", "header of even pages" },
		{ "evenFooter", "footer of even pages" },
		{ "firstHeader", "header of the first page" },
		{ "firstFooter", "footer of the first page" },
	};

	for (size_t i = 0; i < sizeof margins / sizeof *margins; i++)
		if (tally_xml_is(name, TALLY_XML_SHEET, margins[i][0]))
			return margins[i][1];
	return NULL;
}

static bool is_one_of(const struct tally_xml_name *name, const char *const *list)
{
	for (; *list; list++)
		if (tally_xml_is(name, TALLY_XML_SHEET, *list))
			return true;
	return false;
}

/* Settings that nobody looks into; those of windows are left out, they change each time somebody looks at a sheet. */
static bool is_other(const struct tally_xml_start *e)
{
	static const char *const settings[] = { "ignoredErrors",
		                                "ignoredError",
		                                "scenarios",
		                                "scenario",
		                                "inputCells",
		                                "dataConsolidate",
		                                "dataRefs",
		                                "dataRef",
		                                "cellWatches",
		                                "cellWatch",
		                                "customProperties",
		                                "customPr",
		                                "sortState",
		                                "sortCondition",
		                                "webPublishItems",
		                                "webPublishItem",
		                                "smartTags",
		                                "ext",
		                                NULL };
	enum { IN_EXTENSION = 4 /* worksheet, extLst, ext, and what that holds */ };

	return (e->name.ns == TALLY_XML_OTHER && e->depth >= IN_EXTENSION &&
	        !tally_xml_is(&e->name, TALLY_XML_OTHER, "sqref") &&
	        !tally_xml_is(&e->name, TALLY_XML_OTHER, "f")) ||
	       is_one_of(&e->name, settings);
}

void tally_sheet_layout_start(struct tally_sheet_layout *l, const struct tally_xml_start *e)
{
	static const char *const pages[] = { "pageMargins", "pageSetup", "printOptions",
		                             "rowBreaks",   "colBreaks", NULL };

	if (is_one_of(&e->name, pages))
		l->page = add_element(l->page, e, "");
	else if (tally_xml_is(&e->name, TALLY_XML_SHEET, "tabColor"))
		l->tab = add_element(l->tab, e, "");
	else if (tally_xml_is(&e->name, TALLY_XML_SHEET, "autoFilter"))
		l->filter_at = e->depth;
	else if (!l->filter_at && is_other(e))
		l->others = add_element(l->others, e, "");
	if (l->filter_at && e->depth > l->filter_at)
		l->filters = add_element(l->filters, e, "");
	l->margin = margin_of(&e->name);
	if (l->margin)
		tally_fact_text_clear(&l->text);
}

static enum tally_status push_margin(struct tally_xlsx_facts *f, struct tally_err *err)
{
	struct tally_sheet_layout *l = &f->sheet.layout;

	tally_fact_text_join(tally_office_begin(&f->office), &l->text);
	tally_xlsx_at(f, f->sheet.name, NULL, 0);
	tally_fact_text_put(&f->office.where, "!");
	tally_fact_text_put(&f->office.where, l->margin);
	l->margin = NULL;
	return l->text.buf.len || l->text.no_memory
	               ? tally_office_push(&f->office, "page_text", NULL, err)
	               : TALLY_OK;
}

enum tally_status tally_sheet_layout_end(struct tally_xlsx_facts *f,
                                         const struct tally_xml_name *name, struct tally_err *err)
{
	struct tally_sheet_layout *l = &f->sheet.layout;

	if (tally_xml_is(name, TALLY_XML_SHEET, "autoFilter"))
		l->filter_at = 0;
	return l->margin ? push_margin(f, err) : TALLY_OK;
}

/* ---- at the end of a sheet ---- */

static enum tally_status push(struct tally_xlsx_facts *f, const char *sheet, const char *what,
                              uint64_t sum, struct tally_err *err)
{
	char text[24];

	if (!sum)
		return TALLY_OK;
	snprintf(text, sizeof text, "%016" PRIx64, sum);
	tally_fact_text_put(tally_office_begin(&f->office), text);
	if (sheet) {
		tally_xlsx_at(f, sheet, NULL, 0);
		tally_fact_text_put(&f->office.where, "!");
	}
	tally_fact_text_put(&f->office.where, what);
	return tally_office_push(&f->office, "unread", NULL, err);
}

enum tally_status tally_sheet_layout_close(struct tally_xlsx_facts *f, struct tally_err *err)
{
	struct tally_sheet_layout *l = &f->sheet.layout;
	enum tally_status st = push(f, f->sheet.name, "heights of rows", l->heights, err);

	if (st >= 0)
		st = push(f, f->sheet.name, "widths of columns", l->widths, err);
	if (st >= 0)
		st = push(f, f->sheet.name, "page setup", l->page, err);
	if (st >= 0)
		st = push(f, f->sheet.name, "filters", l->filters, err);
	if (st >= 0)
		st = push(f, f->sheet.name, "colour of the tab", l->tab, err);
	if (st >= 0)
		st = push(f, f->sheet.name, "other settings", l->others, err);
	l->heights = l->widths = l->page = l->filters = l->tab = l->others = 0;
	l->filter_at = 0;
	l->margin = NULL;
	return st;
}

/* ---- looks of cells ---- */

static enum tally_status push_unseen(struct tally_xlsx_facts *f, const char *sheet, uint64_t cells,
                                     const char *why, struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&f->office);

	if (!cells)
		return TALLY_OK;
	tally_fact_text_number(t, cells);
	tally_fact_text_put(t, cells == 1 ? " cell " : " cells ");
	tally_fact_text_put(t, why);
	tally_xlsx_at(f, sheet, NULL, 0);
	return tally_office_push(&f->office, "hidden_text", NULL, err);
}

enum tally_status tally_xlsx_facts_looks(struct tally_xlsx_facts *f, const char *sheet, uint64_t sum,
                                         uint64_t blank, uint64_t white, struct tally_err *err)
{
	enum tally_status st = push(f, sheet, "looks of cells", sum, err);

	if (st >= 0)
		st = push_unseen(f, sheet, blank, "with a number format that shows nothing", err);
	return st < 0 ? st : push_unseen(f, sheet, white, "with white letters, possibly hidden", err);
}

enum tally_status tally_xlsx_facts_more_looks(struct tally_xlsx_facts *f, uint64_t rules,
                                              uint64_t runs, struct tally_err *err)
{
	enum tally_status st = push(f, NULL, "looks that conditional formats give", rules, err);

	return st < 0 ? st : push(f, NULL, "looks of letters inside texts", runs, err);
}
