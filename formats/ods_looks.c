/*
 * How an OpenDocument spreadsheet looks: cell by cell as a sum for each sheet, the layout as one, headers and footers of pages
 * with their text. What nobody reads on a receipt is told as a number, so that it can be said that it differs.
 */
#include "formats/ods.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"

/* Names of styles are made anew at each saving. */
static bool is_name(const struct tally_xml_name *name)
{
	static const char end[] = "name";

	return name->len >= sizeof end - 1 &&
	       !memcmp(name->local + name->len - (sizeof end - 1), end, sizeof end - 1);
}

uint64_t tally_ods_look_sum(const struct tally_xml_start *e)
{
	uint64_t sum = tally_hash64(e->name.local, e->name.len, e->name.ns + UINT64_C(1));

	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		if (!is_name(&a->name))
			sum += tally_hash64(a->value, a->len,
			                    tally_hash64(a->name.local, a->name.len, 1));
	}
	return sum;
}

/* ---- headers and footers ---- */

static const char *margin_of(const struct tally_xml_name *name)
{
	static const char *const margins[][2] = {
		{ "header", "header" },
		{ "footer", "footer" },
		{ "header-left", "header of left pages" },
		{ "footer-left", "footer of left pages" },
		{ "header-first", "header of the first page" },
		{ "footer-first", "footer of the first page" },
	};

	for (size_t i = 0; i < sizeof margins / sizeof *margins; i++)
		if (tally_xml_is(name, TALLY_XML_STYLE, margins[i][0]))
			return margins[i][1];
	return NULL;
}

static enum tally_status begin_margin(struct tally_ods *o, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	const struct tally_xml_attr *display = tally_xml_attr(e, TALLY_XML_STYLE, "display");

	if (display && display->len == 5 && !memcmp(display->value, "false", 5))
		return TALLY_OK;
	o->margin_at = o->depth;
	tally_buf_clear(&o->margin);
	tally_buf_clear(&o->place);
	return tally_buf_add(&o->place, o->scratch.bytes ? o->scratch.bytes : "", o->scratch.len) &&
	                       tally_buf_text(&o->place, o->scratch.len ? "!" : "") &&
	                       tally_buf_text(&o->place, margin_of(&e->name))
	               ? TALLY_OK
	               : tally_err_nomem(err);
}

/* Fields stand in them with the value that they had: the number of the page */
static enum tally_status in_margin(struct tally_ods *o, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	bool line = tally_xml_is_id(&e->name, TALLY_XML_TEXT, TALLY_XML_ID_p) && o->margin.len;

	return !line || tally_buf_byte(&o->margin, '\n') ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status begin_page(struct tally_ods *o, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	const struct tally_xml_attr *name = tally_xml_attr(e, TALLY_XML_STYLE, "name");

	tally_buf_clear(&o->scratch);
	return !name || tally_buf_add(&o->scratch, name->value, name->len) ? TALLY_OK
	                                                                   : tally_err_nomem(err);
}

/* ---- events outside of the sheets ---- */

enum tally_status tally_ods_looks_start(struct tally_ods *o, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	if (o->margin_at)
		return in_margin(o, e, err);
	if (tally_xml_is(&e->name, TALLY_XML_STYLE, "master-page"))
		return begin_page(o, e, err);
	if (margin_of(&e->name))
		return begin_margin(o, e, err);
	/* cells' own looks are told with the cells, and number formats too */
	if (e->name.ns != TALLY_XML_OFFICE && e->name.ns != TALLY_XML_NUMBER &&
	    !tally_ods_styles_in_cell(o->styles))
		o->layout += tally_ods_look_sum(e);
	return TALLY_OK;
}

enum tally_status tally_ods_looks_text(struct tally_ods *o, const char *text, size_t len,
                                       struct tally_err *err)
{
	if (tally_buf_add(&o->margin, text, len))
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "xml_token_bytes: a header or footer of more than %zu bytes",
	                     o->margin.max);
}

enum tally_status tally_ods_looks_end(struct tally_ods *o, struct tally_err *err)
{
	if (o->depth != o->margin_at)
		return TALLY_OK;
	o->margin_at = 0;
	return o->margin.len && o->sink->fact
	               ? tally_ods_fact(o, "page_text", o->margin.bytes, NULL, o->place.bytes, err)
	               : TALLY_OK;
}

/* ---- sums ---- */

static enum tally_status push(struct tally_ods *o, const char *sheet, const char *what,
                              uint64_t sum, struct tally_err *err)
{
	char text[24];

	if (!sum || !o->sink->fact)
		return TALLY_OK;
	snprintf(text, sizeof text, "%016" PRIx64, sum);
	tally_buf_clear(&o->place);
	if (!tally_buf_text(&o->place, sheet) || !tally_buf_text(&o->place, *sheet ? "!" : "") ||
	    !tally_buf_text(&o->place, what))
		return tally_err_nomem(err);
	return tally_ods_fact(o, "unread", text, NULL, o->place.bytes, err);
}

enum tally_status tally_ods_looks_sheet(struct tally_ods *o, struct tally_err *err)
{
	enum tally_status st = push(o, o->name.bytes, "looks of cells", o->looks, err);
	char text[80];

	snprintf(text, sizeof text, "%llu %s with white letters, possibly hidden",
	         (unsigned long long)o->white, o->white == 1 ? "cell" : "cells");
	if (st >= 0 && o->white && o->sink->fact)
		st = tally_ods_fact(o, "hidden_text", text, NULL, o->name.bytes, err);
	o->looks = o->white = 0;
	return st;
}

enum tally_status tally_ods_looks_finish(struct tally_ods *o, struct tally_err *err)
{
	return push(o, "", "layout (heights, widths, pages)", o->layout, err);
}
