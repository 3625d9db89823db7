/* Comments of both kinds, tables and pivot tables of a sheet. */
#include "formats/xlsx_facts_work.h"

#include <string.h>

#include "core/mem.h"

static const struct tally_xml_attr *plain(const struct tally_xml_start *e, const char *name)
{
	return tally_xml_attr(e, TALLY_XML_NONE, name);
}

/* ---- comments as they always were ---- */

struct comments {
	struct tally_xlsx_facts *f;
	const char *sheet;
	bool threads; /* there are threaded ones, of which these hold copies for older programs */
	struct tally_fact_pairs authors; /* by their order; values only */
	bool in_author, in_text, skipping;
	struct tally_fact_text text;
	char ref[64];
	uint64_t author;
};

static void begin_comment(struct comments *c, const struct tally_xml_start *e)
{
	const struct tally_xml_attr *ref = plain(e, "ref");
	size_t n = ref && ref->len < sizeof c->ref ? ref->len : 0;

	if (n)
		memcpy(c->ref, ref->value, n);
	c->ref[n] = '\0';
	c->author = tally_attr_number(plain(e, "authorId"), UINT64_MAX);
	tally_fact_text_clear(&c->text);
}

static enum tally_status comment_start(void *payload, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	struct comments *c = payload;

	(void)err;
	if (e->name.ns != TALLY_XML_SHEET)
		return TALLY_OK;
	if (tally_xml_is(&e->name, TALLY_XML_SHEET, "comment"))
		begin_comment(c, e);
	else if (tally_xml_is(&e->name, TALLY_XML_SHEET, "author"))
		c->in_author = true;
	else if (tally_xml_is(&e->name, TALLY_XML_SHEET, "rPh"))
		c->skipping = true;
	else if (tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_t))
		c->in_text = !c->skipping;
	if (c->in_author)
		tally_fact_text_clear(&c->text);
	return TALLY_OK;
}

static enum tally_status on_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct comments *c = payload;

	(void)err;
	if (c->in_author || c->in_text)
		tally_fact_text_add(&c->text, text, len);
	return TALLY_OK;
}

/*
 * The copy of a threaded comment says so to older programs, and has the comment behind that. Where the thread itself is gone,
 * the copy is all there is.
 */
static const char *own_words(const char *text)
{
	static const char begins[] = "[Threaded comment]", comment[] = "Comment:\n";
	const char *words = strncmp(text, begins, sizeof begins - 1) ? NULL : strstr(text, comment);

	if (!words)
		return text;
	words += sizeof comment - 1;
	return words + strspn(words, " ");
}

static enum tally_status push_comment(struct comments *c, struct tally_err *err)
{
	const char *by = c->author < c->authors.count ? c->authors.items[c->author].value : NULL;
	bool copy = by && !strncmp(by, "tc=", 3);

	if (copy && c->threads)
		return TALLY_OK;
	tally_fact_text_put(tally_office_begin(&c->f->office),
	                    own_words(tally_fact_text_so_far(&c->text)));
	tally_fact_text_cut(&c->f->office.value, &c->text);
	tally_xlsx_at(c->f, c->sheet, c->ref, strlen(c->ref));
	return tally_office_push(&c->f->office, "comment", copy ? NULL : by, err);
}

static enum tally_status comment_end(void *payload, const struct tally_xml_name *name,
                                     struct tally_err *err)
{
	struct comments *c = payload;

	if (name->ns != TALLY_XML_SHEET)
		return TALLY_OK;
	c->in_text = false;
	if (tally_xml_is(name, TALLY_XML_SHEET, "rPh"))
		c->skipping = false;
	if (tally_xml_is(name, TALLY_XML_SHEET, "author")) {
		const char *text = tally_fact_text_end(&c->text);

		c->in_author = false;
		if (c->text.no_memory)
			return tally_err_nomem(err);
		return tally_office_pair(&c->f->office, &c->authors, "", 0, text, strlen(text), err);
	}
	return tally_xml_is(name, TALLY_XML_SHEET, "comment") ? push_comment(c, err) : TALLY_OK;
}

static enum tally_status comments(struct tally_xlsx_facts *f, const struct tally_xlsx_tab *sheet,
                                  const char *part, bool threads, struct tally_err *err)
{
	struct comments c = { .f = f, .sheet = sheet->name, .threads = threads };
	const struct tally_xml_handler handler = {
		.payload = &c, .start = comment_start, .end = comment_end, .text = on_text
	};
	enum tally_status st;

	tally_fact_text_init(&c.text);
	st = tally_office_parse(&f->office, part, &handler, err);
	tally_fact_text_release(&c.text);
	tally_fact_pairs_release(&c.authors);
	return st;
}

/* ---- threaded comments ---- */

static enum tally_status person_start(void *payload, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	struct tally_xlsx_facts *f = payload;
	const struct tally_xml_attr *id = plain(e, "id"), *name = plain(e, "displayName");

	if (!tally_xml_is(&e->name, TALLY_XML_SHEET_2018, "person") || !id || !name)
		return TALLY_OK;
	return tally_office_pair(&f->office, &f->persons, id->value, id->len, name->value,
	                         name->len, err);
}

enum tally_status tally_xlsx_persons(struct tally_xlsx_facts *f, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .payload = f, .start = person_start };
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(&f->office, f->book, &list, &count, err);

	for (size_t i = 0; i < count && st >= 0; i++)
		if (!strcmp(list[i].type, "person") && !list[i].external)
			st = tally_office_parse(&f->office, list[i].target, &handler, err);
	tally_fact_pairs_sort(&f->persons);
	return st;
}

struct threads {
	struct comments c;
	const char *by;
	bool done;
};

static enum tally_status thread_start(void *payload, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	struct threads *t = payload;
	const struct tally_xml_attr *person = plain(e, "personId");

	(void)err;
	if (tally_xml_is(&e->name, TALLY_XML_SHEET_2018, "threadedComment")) {
		begin_comment(&t->c, e);
		t->by = person ? tally_fact_pairs_find(&t->c.f->persons, person->value, person->len)
		               : NULL;
		t->done = tally_office_flag(e, "done");
	}
	t->c.in_text = tally_xml_is(&e->name, TALLY_XML_SHEET_2018, "text");
	return TALLY_OK;
}

static enum tally_status thread_text(void *payload, const char *text, size_t len,
                                     struct tally_err *err)
{
	return on_text(&((struct threads *)payload)->c, text, len, err);
}

static enum tally_status thread_end(void *payload, const struct tally_xml_name *name,
                                    struct tally_err *err)
{
	struct threads *t = payload;
	struct tally_xlsx_facts *f = t->c.f;

	t->c.in_text = false;
	if (!tally_xml_is(name, TALLY_XML_SHEET_2018, "threadedComment"))
		return TALLY_OK;
	tally_fact_text_join(tally_office_begin(&f->office), &t->c.text);
	tally_fact_text_put(&f->office.value, t->done ? " (resolved)" : "");
	tally_xlsx_at(f, t->c.sheet, t->c.ref, strlen(t->c.ref));
	return tally_office_push(&f->office, "comment", t->by, err);
}

static enum tally_status threads(struct tally_xlsx_facts *f, const struct tally_xlsx_tab *sheet,
                                 const char *part, struct tally_err *err)
{
	struct threads t = { .c = { .f = f, .sheet = sheet->name } };
	const struct tally_xml_handler handler = {
		.payload = &t, .start = thread_start, .end = thread_end, .text = thread_text
	};
	enum tally_status st;

	tally_fact_text_init(&t.c.text);
	st = tally_office_parse(&f->office, part, &handler, err);
	tally_fact_text_release(&t.c.text);
	return st;
}

/* ---- tables ---- */

struct on_sheet {
	struct tally_xlsx_facts *f;
	const char *sheet;
	const char *source; /* of a pivot table */
};

static enum tally_status table_start(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	struct on_sheet *o = payload;
	const struct tally_xml_attr *ref = plain(e, "ref"), *name = plain(e, "displayName");
	struct tally_fact_text *t;

	if (e->depth != 1 || !tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_table))
		return TALLY_OK;
	t = tally_office_begin(&o->f->office);
	tally_fact_text_range(t, o->sheet, strlen(o->sheet), ref);
	tally_fact_text_put(
		t, tally_attr_number(plain(e, "totalsRowCount"), 0) ? ", with a row of totals" : "");
	tally_fact_text_attr(&o->f->office.where, name ? name : plain(e, "name"));
	return tally_office_push(&o->f->office, "table", NULL, err);
}

/* ---- pivot tables ---- */

struct cache {
	struct tally_xlsx_facts *f;
	struct tally_fact_text source;
	uint64_t records; /* UINT64_MAX: not said */
};

static enum tally_status cache_start(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	struct cache *c = payload;
	const struct tally_xml_attr *sheet = plain(e, "sheet"), *ref = plain(e, "ref");

	(void)err;
	if (tally_xml_is(&e->name, TALLY_XML_SHEET, "pivotCacheDefinition"))
		c->records = tally_attr_number(plain(e, "recordCount"), UINT64_MAX);
	if (tally_xml_is(&e->name, TALLY_XML_SHEET, "cacheSource") &&
	    tally_attr_is(plain(e, "type"), "external"))
		tally_fact_text_put(&c->source, "a connection");
	if (!tally_xml_is(&e->name, TALLY_XML_SHEET, "worksheetSource"))
		return TALLY_OK;
	if (sheet && ref)
		tally_fact_text_range(&c->source, sheet->value, sheet->len, ref);
	else
		tally_fact_text_attr(&c->source, ref ? ref : sheet ? sheet : plain(e, "name"));
	return TALLY_OK;
}

/* Records that stay in the file when the rows they came from are gone. */
static enum tally_status push_records(struct cache *c, const char *part, struct tally_err *err)
{
	struct tally_xlsx_facts *f = c->f;
	const struct tally_relation *list, *records;
	struct tally_fact_text *t;
	size_t count;
	enum tally_status st = tally_office_relations(&f->office, part, &list, &count, err);

	records = tally_relation_of_type(list, count, "pivotCacheRecords");
	if (st < 0 || !records || !tally_package_has(f->office.p, records->target) || !c->records)
		return st;
	t = tally_office_begin(&f->office);
	if (c->records != UINT64_MAX)
		tally_fact_text_number(t, c->records);
	tally_fact_text_put(t, c->records == UINT64_MAX ? "records"
	                       : c->records == 1        ? " record"
	                                                : " records");
	tally_fact_text_put(t, c->source.buf.len ? " of " : "");
	tally_fact_text_join(t, &c->source);
	return tally_office_push(&f->office, "pivot_cache", NULL, err);
}

static enum tally_status cache(struct tally_xlsx_facts *f, const char *part, struct tally_err *err)
{
	struct cache c = { .f = f, .records = UINT64_MAX };
	const struct tally_xml_handler handler = { .payload = &c, .start = cache_start };
	struct tally_err why = { 0 };
	enum tally_status st;

	tally_fact_text_init(&c.source);
	st = tally_office_parse(&f->office, part, &handler, err);
	if (st >= 0) {
		tally_fact_text_end(&c.source);
		if (c.source.no_memory)
			st = tally_err_nomem(err);
	}
	if (st >= 0) {
		const char *source = tally_fact_text_so_far(&c.source);

		st = tally_office_pair(&f->office, &f->caches, part, strlen(part), source,
		                       strlen(source), &why);
		st = tally_office_outcome(&f->office, st, &why, part, err);
	}
	if (st >= 0)
		st = push_records(&c, part, err);
	tally_fact_text_release(&c.source);
	return st;
}

enum tally_status tally_xlsx_caches(struct tally_xlsx_facts *f, struct tally_err *err)
{
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(&f->office, f->book, &list, &count, err);

	for (size_t i = 0; i < count && st >= 0; i++)
		if (!strcmp(list[i].type, "pivotCacheDefinition") && !list[i].external)
			st = cache(f, list[i].target, err);
	tally_fact_pairs_sort(&f->caches);
	return st;
}

static enum tally_status pivot_start(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	struct on_sheet *o = payload;
	const struct tally_xml_attr *ref = plain(e, "ref");

	if (tally_xml_is(&e->name, TALLY_XML_SHEET, "pivotTableDefinition")) {
		struct tally_fact_text *t = tally_office_begin(&o->f->office);

		tally_fact_text_attr(t, plain(e, "name"));
		tally_fact_text_put(t, o->source && *o->source ? " of " : "");
		tally_fact_text_put(t, o->source ? o->source : "");
	}
	if (!tally_xml_is(&e->name, TALLY_XML_SHEET, "location"))
		return TALLY_OK;
	tally_xlsx_at(o->f, o->sheet, ref ? ref->value : NULL, ref ? ref->len : 0);
	return tally_office_push(&o->f->office, "pivot_table", NULL, err);
}

static enum tally_status pivot(struct tally_xlsx_facts *f, const struct tally_xlsx_tab *sheet,
                               const char *part, struct tally_err *err)
{
	struct on_sheet o = { f, sheet->name, NULL };
	const struct tally_xml_handler handler = { .payload = &o, .start = pivot_start };
	const struct tally_relation *list, *cached;
	size_t count;
	enum tally_status st = tally_office_relations(&f->office, part, &list, &count, err);

	cached = tally_relation_of_type(list, count, "pivotCacheDefinition");
	if (cached)
		o.source = tally_fact_pairs_find(&f->caches, cached->target, strlen(cached->target));
	return st < 0 ? st : tally_office_parse(&f->office, part, &handler, err);
}

/* ---- all of a sheet ---- */

enum tally_status tally_xlsx_notes(struct tally_xlsx_facts *f, const struct tally_xlsx_tab *sheet,
                                   struct tally_err *err)
{
	struct on_sheet o = { f, sheet->name, NULL };
	const struct tally_xml_handler handler = { .payload = &o, .start = table_start };
	const struct tally_relation *list;
	bool threaded;
	size_t count;
	enum tally_status st = tally_office_relations(&f->office, sheet->part, &list, &count, err);

	threaded = tally_relation_of_type(list, count, "threadedComment") != NULL;
	for (size_t i = 0; i < count && st >= 0; i++) {
		const struct tally_relation *r = &list[i];

		if (r->external)
			continue;
		if (!strcmp(r->type, "comments"))
			st = comments(f, sheet, r->target, threaded, err);
		else if (!strcmp(r->type, "threadedComment"))
			st = threads(f, sheet, r->target, err);
		else if (!strcmp(r->type, "table"))
			st = tally_office_parse(&f->office, r->target, &handler, err);
		else if (!strcmp(r->type, "pivotTable"))
			st = pivot(f, sheet, r->target, err);
	}
	return st;
}
