/* Facts of two workbooks compared: see receipt/workbook_facts.h. */
#include "receipt/workbook_facts.h"

#include <string.h>

#include "core/facts.h"
#include "core/mem.h"
#include "diff/facts_diff.h"
#include "receipt/facts_json.h"
#include "receipt/job_pictures.h"
#include "receipt/json_util.h"
#include "receipt/unread_json.h"

/* @return sheets with another name; NULL: no memory */
static struct tally_fact_rename *renames_of(const struct tally_workbook *book, size_t *count)
{
	const struct tally_parts_pairing *p = book->pairing;
	struct tally_fact_rename *list = tally_alloc_zero(p->count, sizeof *list);

	*count = 0;
	for (size_t i = 0; list && i < p->count; i++) {
		const struct tally_parts_pair *x = &p->pairs[i];

		if (x->renamed && x->before != TALLY_NO_PART && x->after != TALLY_NO_PART)
			list[(*count)++] = (struct tally_fact_rename){
				book->parts[0][x->before]->name, book->parts[1][x->after]->name
			};
	}
	return list;
}

/* ---- sheets that were hidden or shown ---- */

/* The pair that has this name on the after side, or on the before side where the sheet is gone; NULL: no sheet with rows */
static const struct tally_parts_pair *pair_named(const struct tally_workbook *book, int side,
                                                 const char *name)
{
	const struct tally_parts_pairing *p = book->pairing;

	for (size_t i = 0; i < p->count; i++) {
		uint32_t part = side ? p->pairs[i].after : p->pairs[i].before;

		if (part != TALLY_NO_PART && !strcmp(book->parts[side][part]->name, name))
			return &p->pairs[i];
	}
	return NULL;
}

static json_t *name_json(const struct tally_workbook *book, int side, uint32_t part)
{
	const char *name = part == TALLY_NO_PART ? NULL : book->parts[side][part]->name;

	return name ? tally_json_text(name, strlen(name)) : json_null();
}

/* How a sheet is to be seen now, as one of what became of the sheets. */
static void add_sheet(json_t *facts, const struct tally_workbook *book,
                      const struct tally_fact_change *c, bool *ok)
{
	const struct tally_fact *now = c->after ? c->after : c->before;
	const struct tally_parts_pair *x = pair_named(book, c->after ? 1 : 0, now->where);
	const char *kind = !c->after                                ? "sheet_shown"
	                   : strcmp(c->after->value, "very hidden") ? "sheet_hidden"
	                                                            : "sheet_very_hidden";
	json_t *name, *o;

	if (x && x->after == TALLY_NO_PART)
		return; /* it is gone, and said to be */
	o = json_object();
	name = tally_json_text(now->where, strlen(now->where));
	tally_json_set(o, "kind", json_string_nocheck(kind), ok);
	tally_json_set(o, "old", x ? name_json(book, 0, x->before) : json_incref(name), ok);
	tally_json_set(o, "new", x ? name_json(book, 1, x->after) : json_incref(name), ok);
	json_decref(name);
	if (c->before && c->after && !strcmp(c->before->value, "very hidden"))
		tally_json_set(o, "was_very_hidden", json_true(), ok);
	tally_json_add(facts, o, ok);
}

/* ---- what differs and is not looked into ---- */

/* A sheet that came or went took its layout with it. */
static bool went_with_sheet(const struct tally_workbook *book, const struct tally_fact_change *c,
                            const char *sheet)
{
	const struct tally_parts_pair *x = pair_named(book, c->after ? 1 : 0, sheet);

	return x && (x->before == TALLY_NO_PART || x->after == TALLY_NO_PART);
}

/* `where` is "Sheet!widths of columns", or a kind of parts, or the name of a part */
static enum tally_status add_unread(struct tally_workbook *book, const struct tally_fact_change *c,
                                    struct tally_err *err)
{
	const struct tally_fact *now = c->after ? c->after : c->before;
	const char *mark = now->where ? strrchr(now->where, '!') : NULL;
	const char *what = mark ? mark + 1 : now->where;
	char *sheet = mark ? tally_dup(now->where, (size_t)(mark - now->where)) : NULL;
	bool ok = !mark || sheet;
	json_t *o;

	if (what && tally_unread_is_told(c, what))
		what = NULL;
	if (what && !(sheet && went_with_sheet(book, c, sheet))) {
		o = tally_unread_entry(book->unread, what, strlen(what), c, "sheets", &ok);
		if (o && sheet)
			tally_json_add(json_object_get(o, "sheets"),
			               tally_json_text(sheet, strlen(sheet)), &ok);
	}
	tally_free(sheet);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

static bool has_looks(const char *format)
{
	return !strcmp(format, "xlsx") || !strcmp(format, "ods") || !strcmp(format, "fods");
}

/* In two formats nothing of it is written alike; of others it is said that values alone are compared. */
static enum tally_status of_two_formats(struct tally_workbook *book, struct tally_err *err)
{
	static const char what[] = "looks and layout, which each format has in its own way";
	static const struct tally_fact none = { .name = "unread" };
	static const struct tally_fact_change change = { TALLY_FACT_CHANGED, &none, &none, false };
	bool ok = true;

	if (has_looks(book->format[0]) && has_looks(book->format[1]))
		tally_unread_entry(book->unread, what, sizeof what - 1, &change, "sheets", &ok);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status list_unread(struct tally_workbook *book, const struct tally_facts_diff *d,
                                     const struct tally_job_pictures *pictures,
                                     const struct tally_limits *limits, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	bool ok = true;

	book->unread = json_array();
	if (!book->unread)
		return tally_err_nomem(err);
	if (strcmp(book->format[0], book->format[1]) != 0)
		return of_two_formats(book, err);
	for (size_t i = 0, n = 0; i < d->count && st >= 0 && n < limits->table_details; i++)
		if (tally_is_unread(&d->changes[i])) {
			st = add_unread(book, &d->changes[i], err);
			n++;
		}
	if (st >= 0)
		tally_job_pictures_unread(pictures, d, book->unread, "sheets", &ok);
	return ok ? st : tally_err_nomem(err);
}

/* ---- all facts ---- */

static bool is_hidden_sheet(const struct tally_fact_change *c)
{
	const struct tally_fact *now = c->after ? c->after : c->before;

	return now->where && !strcmp(now->name, "hidden_sheet");
}

static void list_changes(struct tally_workbook *book, const struct tally_facts_diff *d,
                         const struct tally_job_pictures *pictures,
                         const struct tally_limits *limits, bool *ok)
{
	for (size_t i = 0; i < d->count && *ok; i++)
		if (is_hidden_sheet(&d->changes[i]))
			add_sheet(book->facts, book, &d->changes[i], ok);
	for (size_t i = 0, listed = 0; i < d->count && *ok; i++) {
		if (is_hidden_sheet(&d->changes[i]) || tally_is_unread(&d->changes[i]))
			continue;
		if (listed++ < limits->table_details)
			tally_json_add(
				book->facts,
				tally_fact_json(&d->changes[i],
			                        tally_job_pictures_json(pictures, &d->changes[i]),
			                        limits),
				ok);
		else
			book->facts_unlisted++;
	}
}

/* ---- what may stand in a part that could not be read ---- */

/* Is it gone, or new, only as far as one side could be read? */
static bool is_unknown(const struct tally_workbook *book, const struct tally_fact_change *c)
{
	const char *name = (c->after ? c->after : c->before)->name;
	int lacking = c->kind == TALLY_FACT_REMOVED ? 1 : 0;

	return (c->kind == TALLY_FACT_REMOVED || c->kind == TALLY_FACT_ADDED) &&
	       book->facts_unread[lacking] >> tally_fact_rank(name) & 1;
}

static void count_known(struct tally_facts_diff *d, const struct tally_fact_change *c)
{
	const char *name = (c->after ? c->after : c->before)->name;

	for (size_t i = 0; i < d->count_count; i++) {
		struct tally_fact_count *n = &d->counts[i];

		if (strcmp(n->name, name) != 0)
			continue;
		n->before -= c->kind == TALLY_FACT_REMOVED;
		n->removed -= c->kind == TALLY_FACT_REMOVED;
		n->after -= c->kind == TALLY_FACT_ADDED;
		n->added -= c->kind == TALLY_FACT_ADDED;
	}
}

/* It is not told of them that they are gone, or new, nor are they counted: that a part was not read says why. */
static void leave_out_unknown(const struct tally_workbook *book, struct tally_facts_diff *d)
{
	size_t n = 0;

	for (size_t i = 0; i < d->count; i++) {
		if (is_unknown(book, &d->changes[i]))
			count_known(d, &d->changes[i]);
		else
			d->changes[n++] = d->changes[i];
	}
	d->count = n;
}

enum tally_status tally_workbook_facts(struct tally_workbook *book, struct tally_reading side[2],
                                       const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_facts_options options = TALLY_FACTS_OPTIONS_INIT;
	struct tally_fact_rename *renames = renames_of(book, &options.rename_count);
	struct tally_facts_diff *d = NULL;
	struct tally_job_pictures *pictures = NULL;
	enum tally_status st = renames ? TALLY_OK : tally_err_nomem(err);
	bool ok = true;

	options.renames = renames;
	options.sheets = book->moved_sheets;
	options.sheet_count = book->moved_sheet_count;
	options.other_format = strcmp(book->format[0], book->format[1]) != 0;
	if (st == TALLY_OK && !options.other_format)
		st = tally_job_pictures_new(&pictures, side, err);
	if (st == TALLY_OK)
		st = pictures ? tally_job_pictures_diff(&d, pictures, &options, err)
		              : tally_facts_diff(&d, &side[0].facts, &side[1].facts, &options, err);
	if (st == TALLY_OK) {
		leave_out_unknown(book, d);
		book->facts = json_array();
		book->fact_counts = tally_fact_counts_json(d);
		if (book->facts)
			list_changes(book, d, pictures, limits, &ok);
		st = !ok || !book->facts || !book->fact_counts
		             ? tally_err_nomem(err)
		             : list_unread(book, d, pictures, limits, err);
	}
	tally_facts_diff_free(d);
	tally_job_pictures_free(pictures);
	tally_free(renames);
	return st;
}
