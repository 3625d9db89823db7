/* The main part of a workbook: its sheets in order, and where its days count from (ECMA-376 part 1, 18.2). */
#include "formats/xlsx.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

struct workbook_reading {
	struct tally_xlsx *x;
	const struct tally_relation *relations;
	size_t relation_count;
	uint32_t depth;
	bool in_sheets;
};

static bool says_true(const struct tally_xml_attr *a)
{
	return a && ((a->len == 1 && a->value[0] == '1') ||
	             (a->len == 4 && !memcmp(a->value, "true", 4)) ||
	             (a->len == 2 && !memcmp(a->value, "on", 2)));
}

/* Modules of old macros are listed as sheets, without a part. */
static enum tally_xlsx_sheet_kind kind_of(const struct tally_xml_attr *id,
                                          const struct tally_relation *r)
{
	if (!id || !id->len)
		return TALLY_XLSX_CHARTSHEET;
	if (!r || r->external)
		return TALLY_XLSX_MISSING;
	if (!strcmp(r->type, "chartsheet") || !strcmp(r->type, "dialogsheet"))
		return TALLY_XLSX_CHARTSHEET;
	return TALLY_XLSX_WORKSHEET;
}

static enum tally_status add_sheet(struct workbook_reading *w, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	struct tally_xlsx *x = w->x;
	const struct tally_xml_attr *name = tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_name);
	const struct tally_xml_attr *id = tally_xml_attr_id(e, TALLY_XML_RELATIONSHIP,
	                                                    TALLY_XML_ID_id);
	const struct tally_relation *r = id ? tally_relation_by_id(w->relations, w->relation_count,
	                                                           id->value, id->len)
	                                    : NULL;
	struct tally_xlsx_sheet sheet = { .kind = kind_of(id, r) };
	char *copy = tally_arena_dup(&x->arena, name ? name->value : "", name ? name->len : 0);

	if (!copy)
		return tally_err_nomem(err);
	copy[tally_xlsx_unescape(copy, name ? name->len : 0)] = '\0';
	sheet.name = copy;
	if (r && sheet.kind != TALLY_XLSX_MISSING)
		sheet.part = r->target;
	if (!tally_grow(&x->sheets, &x->sheet_cap, x->sheet_count, sizeof sheet))
		return tally_err_nomem(err);
	x->sheets[x->sheet_count++] = sheet;
	return TALLY_OK;
}

static enum tally_status workbook_start(void *payload, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	struct workbook_reading *w = payload;

	w->depth++;
	if (w->depth == 1 && !tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_workbook))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                     "a workbook of a kind that is not known");
	if (e->name.ns != TALLY_XML_SHEET)
		return TALLY_OK;
	if (w->depth == 2)
		w->in_sheets = e->name.id == TALLY_XML_ID_sheets;
	if (w->depth == 2 && e->name.id == TALLY_XML_ID_workbookPr)
		w->x->date1904 = says_true(
			tally_xml_attr_id(e, TALLY_XML_NONE, TALLY_XML_ID_date1904));
	if (w->depth == 3 && w->in_sheets && e->name.id == TALLY_XML_ID_sheet)
		return add_sheet(w, e, err);
	return TALLY_OK;
}

static enum tally_status workbook_end(void *payload, const struct tally_xml_name *name,
                                      struct tally_err *err)
{
	struct workbook_reading *w = payload;

	(void)name;
	(void)err;
	w->depth--;
	return TALLY_OK;
}

/* a part that two sheets name would be read again and again */
static int by_part(const void *a, const void *b)
{
	const struct tally_xlsx_sheet *const *x = a, *const *y = b;

	return strcmp((*x)->part, (*y)->part);
}

static enum tally_status check_parts(const struct tally_xlsx *x, struct tally_err *err)
{
	const struct tally_xlsx_sheet **list = tally_alloc_zero(x->sheet_count, sizeof *list);
	const struct tally_xlsx_sheet *twice = NULL;
	size_t count = 0;

	if (!list)
		return tally_err_nomem(err);
	for (size_t i = 0; i < x->sheet_count; i++)
		if (x->sheets[i].kind == TALLY_XLSX_WORKSHEET)
			list[count++] = &x->sheets[i];
	qsort(list, count, sizeof *list, by_part);
	for (size_t i = 1; i < count && !twice; i++)
		if (!strcmp(list[i - 1]->part, list[i]->part))
			twice = list[i];
	tally_free(list);
	if (!twice)
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
	                     "part '%.100s' is two of its sheets", twice->part);
}

enum tally_status tally_xlsx_read_workbook(struct tally_xlsx *x, struct tally_err *err)
{
	struct workbook_reading w = { .x = x };
	const struct tally_xml_handler handler = { .payload = &w,
		                                   .start = workbook_start,
		                                   .end = workbook_end };
	enum tally_status st = tally_package_relations(x->package, x->main, &w.relations,
	                                               &w.relation_count, err);

	if (st >= 0)
		st = tally_package_xml(x->package, x->main, &handler, err);
	if (st >= 0)
		st = check_parts(x, err);
	return st;
}

enum tally_status tally_xlsx_part_of_type(struct tally_xlsx *x, const char *type, const char **part,
                                          struct tally_err *err)
{
	const struct tally_relation *relations, *r;
	size_t count;
	enum tally_status st = tally_package_relations(x->package, x->main, &relations, &count, err);

	*part = NULL;
	if (st < 0)
		return st;
	r = tally_relation_of_type(relations, count, type);
	if (r && !r->external)
		*part = r->target;
	return TALLY_OK;
}
