/* Facts of workbooks: the way through all parts. See xlsx_facts.h. */
#include "formats/xlsx_facts_work.h"

#include <string.h>

#include "core/mem.h"

void tally_xlsx_at(struct tally_xlsx_facts *f, const char *sheet, const char *ref, size_t len)
{
	tally_fact_text_clear(&f->office.where);
	tally_fact_text_put(&f->office.where, sheet);
	if (!ref || !len)
		return;
	tally_fact_text_put(&f->office.where, "!");
	tally_fact_text_reference(&f->office.where, ref, len);
}

/* ---- the way through ---- */

enum tally_status tally_xlsx_facts_new(struct tally_xlsx_facts **out, struct tally_package *p,
                                       const struct tally_sink *sink,
                                       const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_xlsx_facts *f = tally_alloc_zero(1, sizeof *f);

	if (!f)
		return tally_err_nomem(err);
	tally_office_facts_init(&f->office, p, sink, limits);
	tally_sheet_reading_init(&f->sheet);
	f->sheet_handler = (struct tally_xml_handler){ .payload = f,
		                                       .start = tally_xlsx_sheet_start,
		                                       .end = tally_xlsx_sheet_end,
		                                       .text = tally_xlsx_sheet_text };
	*out = f;
	return TALLY_OK;
}

void tally_xlsx_facts_free(struct tally_xlsx_facts *f)
{
	if (!f)
		return;
	tally_sheet_reading_release(&f->sheet);
	tally_fact_pairs_release(&f->persons);
	tally_fact_pairs_release(&f->caches);
	tally_free(f->sheets);
	tally_office_facts_release(&f->office);
	tally_free(f);
}

/* Targets of a sheet's links, to be found by id */
static enum tally_status take_links(struct tally_xlsx_facts *f, const char *part,
                                    struct tally_err *err)
{
	struct tally_fact_pairs *links = &f->sheet.links;
	const struct tally_relation *list;
	size_t count;
	struct tally_err why = { 0 };
	enum tally_status st = tally_office_relations(&f->office, part, &list, &count, &why);

	links->count = 0;
	for (size_t i = 0; i < count && st >= 0; i++)
		if (!strcmp(list[i].type, "hyperlink"))
			st = tally_office_pair(&f->office, links, list[i].id, strlen(list[i].id),
			                       list[i].target, strlen(list[i].target), &why);
	tally_fact_pairs_sort(links);
	return tally_office_outcome(&f->office, st, &why, part, err);
}

static enum tally_status begin_sheet(struct tally_xlsx_facts *f, const char *part, const char *name,
                                     struct tally_err *err)
{
	enum tally_status st = tally_xlsx_sheet_close(f, err);

	if (st < 0)
		return st;
	f->sheet.name = tally_arena_dup(&f->office.arena, name, strlen(name));
	return f->sheet.name ? take_links(f, part, err) : tally_err_nomem(err);
}

const struct tally_xml_handler *tally_xlsx_facts_sheet(struct tally_xlsx_facts *f, const char *part,
                                                       const char *name)
{
	/* told by the next event, or by finish */
	if (f->late.status >= 0)
		f->late.status = begin_sheet(f, part, name, &f->late);
	return &f->sheet_handler;
}

static enum tally_status late(const struct tally_xlsx_facts *f, struct tally_err *err)
{
	if (f->late.status < 0 && err)
		*err = f->late;
	return f->late.status < 0 ? f->late.status : TALLY_OK;
}

static enum tally_status each_sheet(struct tally_xlsx_facts *f, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < f->sheet_count && st >= 0; i++) {
		st = tally_xlsx_notes(f, &f->sheets[i], err);
		if (st >= 0)
			st = tally_xlsx_drawings(f, &f->sheets[i], err);
	}
	return st;
}

enum tally_status tally_xlsx_facts_finish(struct tally_xlsx_facts *f, struct tally_err *err)
{
	enum tally_status st = late(f, err);

	if (st >= 0)
		st = tally_xlsx_sheet_close(f, err);
	if (st >= 0 && !f->book)
		st = tally_xlsx_book(f, err);
	if (st >= 0)
		st = tally_xlsx_persons(f, err);
	if (st >= 0)
		st = tally_xlsx_caches(f, err);
	if (st >= 0)
		st = each_sheet(f, err);
	if (st >= 0)
		st = tally_xlsx_book_parts(f, err);
	if (st >= 0)
		st = tally_office_about(&f->office, err);
	if (st >= 0)
		st = tally_office_other_parts(&f->office, err);
	if (st >= 0 && (f->office.value.no_memory || f->office.where.no_memory))
		st = tally_err_nomem(err);
	return st < 0 ? st : f->office.result;
}

enum tally_status tally_xlsx_facts(struct tally_package *p, const struct tally_sink *sink,
                                   const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_xlsx_facts *f = NULL;
	enum tally_status st = tally_xlsx_facts_new(&f, p, sink, limits, err);

	if (st >= 0)
		st = tally_xlsx_book(f, err);
	for (size_t i = 0; st >= 0 && i < f->sheet_count; i++)
		if (!strcmp(f->sheets[i].type, "worksheet"))
			st = tally_office_parse(
				&f->office, f->sheets[i].part,
				tally_xlsx_facts_sheet(f, f->sheets[i].part, f->sheets[i].name), err);
	if (st >= 0)
		st = tally_xlsx_facts_finish(f, err);
	tally_xlsx_facts_free(f);
	return st;
}
