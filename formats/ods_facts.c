/* What an OpenDocument spreadsheet says besides its cells, as facts named like those of other workbooks. */
#include <string.h>

#include "core/hash.h"
#include "core/relative.h"
#include "formats/formula.h"
#include "formats/odf_file.h"
#include "formats/ods.h"

enum tally_status tally_ods_fact(struct tally_ods *o, const char *name, const char *value,
                                 const char *by, const char *where, struct tally_err *err)
{
	const struct tally_fact fact = { name, value, by, where };

	return o->sink->fact ? o->sink->fact(o->sink->payload, &fact, err) : TALLY_OK;
}

const char *tally_ods_place(struct tally_ods *o, uint64_t rows, uint64_t columns)
{
	char from[24], to[24];
	uint64_t last = o->column + columns - 1;

	(void)tally_cell_reference_text(from, o->row, (uint32_t)o->column);
	(void)tally_cell_reference_text(to, o->row + rows - 1,
	                                last < UINT32_MAX ? (uint32_t)last : UINT32_MAX);
	tally_buf_clear(&o->place);
	if (!tally_buf_printf(&o->place, "%s!%s", o->name.bytes, from))
		return NULL;
	if ((rows > 1 || columns > 1) && !tally_buf_printf(&o->place, ":%s", to))
		return NULL;
	return o->place.bytes;
}

/* ---- hidden rows and columns ---- */

static void put_end(char out[24], bool columns, uint64_t n)
{
	size_t len = tally_cell_reference_text(out, columns ? 0 : n, columns ? (uint32_t)n : 0);

	if (columns)
		out[len - 1] = '\0'; /* "AB1": the letters */
	else
		memmove(out, out + 1, len); /* "A12": the digits */
}

/* The range begun becomes text. @return false: no memory */
static bool end_range(struct tally_ods *o, struct tally_ods_hidden *h)
{
	bool columns = h == &o->hidden_columns;
	uint64_t most = columns ? o->limits->table_columns : o->limits->sheet_rows;
	char first[24], last[24];

	if (!h->end || h->first >= most)
		return true;
	put_end(first, columns, h->first);
	put_end(last, columns, (h->end < most ? h->end : most) - 1);
	h->end = 0;
	if (h->shown.len && !tally_buf_text(&h->shown, ", "))
		return false;
	return tally_buf_text(&h->shown, first) &&
	       (!strcmp(first, last) || tally_buf_printf(&h->shown, ":%s", last));
}

enum tally_status tally_ods_hidden_flush(struct tally_ods *o, struct tally_ods_hidden *h,
                                         struct tally_err *err)
{
	if (!end_range(o, h))
		return tally_err_nomem(err);
	if (!h->shown.len)
		return TALLY_OK;
	return tally_ods_fact(o, h == &o->hidden_columns ? "hidden_columns" : "hidden_rows",
	                      h->shown.bytes, NULL, o->name.bytes, err);
}

enum tally_status tally_ods_hide(struct tally_ods *o, struct tally_ods_hidden *h, uint64_t first,
                                 uint64_t count, struct tally_err *err)
{
	if (h->end && h->end == first) {
		h->end += count;
		return TALLY_OK;
	}
	if (!end_range(o, h))
		return tally_err_nomem(err);
	h->first = first;
	h->end = first + count;
	return TALLY_OK;
}

/* ---- addresses ---- */

bool tally_ods_expression(struct tally_ods *o, struct tally_buf *to, const char *text, size_t len)
{
	tally_buf_clear(&o->relative);
	return tally_formula_relative_odf(&o->relative, text, len, 0, 0) &&
	       tally_relative_a1(to, o->relative.len ? o->relative.bytes : "", o->relative.len, 0, 0);
}

/* "S.A1:S.B2" as "S!A1:B2". */
static bool put_address(struct tally_ods *o, struct tally_buf *to, const char *text, size_t len)
{
	tally_buf_clear(&o->scratch);
	return tally_buf_byte(&o->scratch, '[') && tally_buf_add(&o->scratch, text, len) &&
	       tally_buf_byte(&o->scratch, ']') &&
	       tally_ods_expression(o, to, o->scratch.bytes, o->scratch.len);
}

/* Several, with blanks between them; names in quotes may have blanks too. */
static bool put_addresses(struct tally_ods *o, struct tally_buf *to, const char *text, size_t len)
{
	const char *end = text + len, *from = text;
	bool quoted = false, ok = true;

	for (const char *p = text; ok && p <= end; p++) {
		if (p < end && *p == '\'')
			quoted = !quoted;
		if (p < end && (*p != ' ' || quoted))
			continue;
		if (p > from) {
			ok = (!to->len || tally_buf_text(to, ", ")) &&
			     put_address(o, to, from, (size_t)(p - from));
		}
		from = p + 1;
	}
	return ok;
}

/* ---- elements whose attributes say it all ---- */

/* How an attribute is told. */
enum told {
	AS_IT_IS,
	EXPRESSION, /* in the notation of Excel */
	ADDRESSES,
	NAME, /* of a place */
};

/* An element that is a fact: its name, and the attributes that make value and place. */
struct row {
	enum tally_xml_ns ns;
	const char *local;
	const char *fact;
	enum tally_xml_ns value_ns;
	const char *value; /* attribute */
	enum told value_told;
	const char *where; /* attribute, or NULL: the sheet */
	enum told where_told;
};

static const struct row rows[] = {
	{ TALLY_XML_TABLE, "named-range", "defined_name", TALLY_XML_TABLE, "cell-range-address",
	  ADDRESSES, "name", NAME },
	{ TALLY_XML_TABLE, "named-expression", "defined_name", TALLY_XML_TABLE, "expression",
	  EXPRESSION, "name", NAME },
	{ TALLY_XML_TABLE, "data-pilot-table", "pivot_table", TALLY_XML_TABLE, "name", AS_IT_IS,
	  "target-range-address", ADDRESSES },
	{ TALLY_XML_TABLE, "table-source", "external_target", TALLY_XML_XLINK, "href", AS_IT_IS,
	  NULL, 0 },
	{ TALLY_XML_TABLE, "cell-range-source", "external_target", TALLY_XML_XLINK, "href",
	  AS_IT_IS, NULL, 0 },
	{ TALLY_XML_TEXT, "a", "link", TALLY_XML_XLINK, "href", AS_IT_IS, NULL, 0 },
	{ TALLY_XML_SCRIPT, "event-listener", "macro", TALLY_XML_XLINK, "href", AS_IT_IS, NULL, 0 },
	{ TALLY_XML_OTHER, "module", "macro", TALLY_XML_OTHER, "name", AS_IT_IS, NULL, 0 },
	{ TALLY_XML_DRAW, "object", "chart", TALLY_XML_DRAW, "notify-on-update-of-ranges",
	  ADDRESSES, NULL, 0 },
	{ TALLY_XML_DRAW, "object-ole", "embedded_file", TALLY_XML_XLINK, "href", AS_IT_IS, NULL, 0 },
};

static bool put_attr(struct tally_buf *to, const struct tally_xml_attr *a)
{
	return !a || tally_buf_add(to, a->value, a->len);
}

static bool put_told(struct tally_ods *o, struct tally_buf *to, const struct tally_xml_attr *a,
                     enum told told)
{
	if (told == EXPRESSION)
		return tally_ods_expression(o, to, a->value, a->len);
	if (told == ADDRESSES)
		return put_addresses(o, to, a->value, a->len);
	return tally_buf_add(to, a->value, a->len);
}

/* What a name is called: those of one sheet with its name, as in other workbooks, and print areas without their prefix. */
static bool put_name(struct tally_ods *o, const struct tally_xml_attr *name)
{
	static const char built_in[] = "_xlnm.";
	size_t skip = name->len > sizeof built_in - 1 &&
	                              !memcmp(name->value, built_in, sizeof built_in - 1)
	                      ? sizeof built_in - 1
	                      : 0;

	return (!o->sheet_at || tally_buf_printf(&o->place, "%s!", o->name.bytes)) &&
	       tally_buf_add(&o->place, name->value + skip, name->len - skip);
}

/* A NUL cannot stand in XML: texts end where their values do. */
static enum tally_status push_row(struct tally_ods *o, const struct row *row,
                                  const struct tally_xml_start *e, struct tally_err *err)
{
	const struct tally_xml_attr *value = tally_xml_attr(e, row->value_ns, row->value);
	const struct tally_xml_attr *where = row->where
	                                             ? tally_xml_attr(e, row->value_ns, row->where)
	                                             : NULL;
	const char *place = o->sheet_at ? o->name.bytes : NULL;
	bool ok;

	tally_buf_clear(&o->fact_text);
	tally_buf_clear(&o->place);
	if (!value)
		return TALLY_OK;
	ok = put_told(o, &o->fact_text, value, row->value_told) &&
	     (!where || (row->where_told == NAME ? put_name(o, where)
	                                         : put_told(o, &o->place, where, row->where_told)));
	if (ok && where && o->place.len)
		place = o->place.bytes;
	else if (ok && o->cell.open)
		place = tally_ods_place(o, 1, 1);
	return ok ? tally_ods_fact(o, row->fact, o->fact_text.len ? o->fact_text.bytes : "", NULL,
	                           place, err)
	          : tally_err_nomem(err);
}

/* ---- conditional formats ---- */

static enum tally_status condition(struct tally_ods *o, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	static const char *const kinds[] = { "condition", "color-scale", "data-bar", "icon-set",
		                             "date-is" };
	const struct tally_xml_attr *value = tally_xml_attr_id(e, TALLY_XML_CALCEXT,
	                                                       TALLY_XML_ID_value);

	if (tally_xml_is(&e->name, TALLY_XML_CALCEXT, "conditional-format")) {
		tally_buf_clear(&o->range);
		value = tally_xml_attr(e, TALLY_XML_CALCEXT, "target-range-address");
		return !value || put_addresses(o, &o->range, value->value, value->len)
		               ? TALLY_OK
		               : tally_err_nomem(err);
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!tally_xml_is(&e->name, TALLY_XML_CALCEXT, kinds[i]))
			continue;
		tally_buf_clear(&o->fact_text);
		if (!(value ? put_attr(&o->fact_text, value)
		            : tally_buf_text(&o->fact_text, kinds[i])))
			return tally_err_nomem(err);
		return tally_ods_fact(o, "conditional_format", o->fact_text.bytes, NULL,
		                      o->range.len ? o->range.bytes : NULL, err);
	}
	return TALLY_OK;
}

/* ---- properties of the document ---- */

static void property_begin(struct tally_ods *o, const struct tally_xml_start *e)
{
	o->meta = tally_odf_property(&e->name);
	if (!o->meta)
		return;
	o->meta_at = o->depth;
	tally_buf_clear(&o->fact_text);
}

enum tally_status tally_ods_facts_text(struct tally_ods *o, const char *text, size_t len,
                                       struct tally_err *err)
{
	if (tally_buf_add(&o->fact_text, text, len))
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "xml_token_bytes: a property of more than %zu bytes", o->fact_text.max);
}

enum tally_status tally_ods_facts_end(struct tally_ods *o, struct tally_err *err)
{
	bool saved_by;

	if (o->depth != o->meta_at)
		return TALLY_OK;
	o->meta_at = 0;
	if (!o->fact_text.len)
		return TALLY_OK;
	tally_odf_property_tidy(o->meta, o->fact_text.bytes);
	saved_by = !strcmp(o->meta, "property");
	return tally_ods_fact(o, o->meta, o->fact_text.bytes, NULL, saved_by ? "saved by" : NULL,
	                      err);
}

/* ---- all of them ---- */

enum tally_status tally_ods_facts_start(struct tally_ods *o, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	if (o->meta_root && o->depth > o->meta_root) {
		if (!o->meta_at)
			property_begin(o, e);
		return TALLY_OK;
	}
	o->meta_root = 0;
	if (e->name.ns == TALLY_XML_CALCEXT)
		return condition(o, e, err);
	if (tally_xml_is(&e->name, TALLY_XML_OFFICE, "meta")) {
		o->meta_root = o->depth;
		return TALLY_OK;
	}
	if (tally_xml_is_id(&e->name, TALLY_XML_OFFICE, TALLY_XML_ID_spreadsheet) &&
	    tally_xml_attr(e, TALLY_XML_TABLE, "structure-protected"))
		return tally_ods_fact(o, "protection", "its sheets", NULL, "workbook", err);
	if (tally_xml_is(&e->name, TALLY_XML_DRAW, "image"))
		return tally_ods_picture(o, e, err);
	if (tally_xml_is(&e->name, TALLY_XML_TABLE, "content-validation"))
		return tally_ods_validation(o, e, err);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (tally_xml_is(&e->name, rows[i].ns, rows[i].local))
			return push_row(o, &rows[i], e, err);
	return TALLY_OK;
}

/* ---- parts of a package ---- */

static enum tally_status add_bytes(void *payload, const void *bytes, size_t len, struct tally_err *err)
{
	(void)err;
	tally_hasher_add(payload, bytes, len);
	return TALLY_OK;
}

/* "png" of "Pictures/1.png" */
static const char *ending(const char *part)
{
	const char *point = strrchr(part, '.');

	return point && !strchr(point, '/') ? point + 1 : "picture";
}

enum { SHOWN = 7 + 16 /* of a digest: "sha256:" and enough to tell two contents apart */ };

/* Several parts of one kind are several facts of one name. */
static enum tally_status push_unread(struct tally_ods *o, const char *what, const char *part,
                                     char *digest, struct tally_err *err)
{
	digest[SHOWN] = '\0';
	return tally_ods_fact(o, "unread", digest, what == part ? "unknown" : NULL, what, err);
}

/* Parts are known by content; what cannot be unpacked says so. @fact  NULL: it is not looked into */
static enum tally_status push_part(struct tally_ods *o, struct tally_package *p,
                                   struct tally_hasher *hasher, const char *fact, const char *part,
                                   uint64_t size, struct tally_err *err)
{
	struct tally_digest unused;
	struct tally_sha256 sha256;
	char digest[TALLY_DIGEST_TEXT_MAX] = "unreadable";
	enum tally_status st;

	tally_hasher_start(hasher);
	st = tally_package_read(p, part, add_bytes, hasher, err);
	if (st == TALLY_FATAL)
		return st;
	tally_hasher_finish(hasher, &unused, &sha256);
	if (st >= 0)
		tally_sha256_text(digest, &sha256);
	if (!fact)
		return push_unread(o, tally_odf_part_unread(part), part, digest, err);
	if (strcmp(fact, "image") != 0)
		return tally_ods_fact(o, fact, digest, NULL, part, err);
	/* the names of pictures are made anew at each saving */
	tally_buf_clear(&o->fact_text);
	if (!tally_buf_printf(&o->fact_text, "%s, %llu bytes, %.23s", ending(part),
	                      (unsigned long long)size, digest))
		return tally_err_nomem(err);
	return tally_ods_pictures_push(o, part, o->fact_text.bytes, err);
}

enum tally_status tally_ods_facts_package(struct tally_ods *o, struct tally_package *p,
                                          struct tally_err *err)
{
	const struct tally_zip_directory *parts = tally_zip_members(tally_package_zip(p));
	struct tally_hasher *hasher = NULL;
	struct tally_key key;
	enum tally_status st;

	if (!o->sink->fact)
		return TALLY_OK;
	tally_key_from_seed(&key, 0);
	st = tally_ods_pictures_end(o, p, err);
	if (st >= 0)
		st = tally_hasher_new(&hasher, &key, true, err);
	for (size_t i = 0; i < parts->count && st >= 0; i++) {
		const struct tally_zip_member *m = &parts->members[i];
		const char *fact;

		tally_buf_clear(&o->range);
		if (!tally_buf_add(&o->range, m->name, m->name_len)) {
			st = tally_err_nomem(err);
			break;
		}
		fact = memchr(m->name, 0, m->name_len) ? NULL : tally_odf_part_fact(o->range.bytes);
		if (fact || (o->range.len == m->name_len && tally_odf_part_unread(o->range.bytes)))
			st = push_part(o, p, hasher, fact, o->range.bytes, m->size, err);
	}
	tally_hasher_free(hasher);
	return st < 0 ? st : tally_ods_looks_finish(o, err);
}
