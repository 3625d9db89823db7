/* What a workbook's own part says: its sheets, names, protection, and the parts that belong to it. */
#include "formats/xlsx_facts_work.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"

static const struct tally_xml_attr *plain(const struct tally_xml_start *e, const char *name)
{
	return tally_xml_attr(e, TALLY_XML_NONE, name);
}

/* ---- the workbook's part ---- */

struct book {
	struct tally_xlsx_facts *f;
	struct tally_fact_pairs parts, types; /* of relations, by id */
	bool in_name, hidden;                 /* a defined name is open */
	struct tally_fact_text name;          /* what it stands for */
};

static enum tally_status take_sheet(struct book *b, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	struct tally_xlsx_facts *f = b->f;
	const struct tally_xml_attr *id = tally_xml_attr(e, TALLY_XML_RELATIONSHIP, "id");
	const struct tally_xml_attr *name = plain(e, "name"), *state = plain(e, "state");
	struct tally_xlsx_tab sheet = { .part = "", .type = "" };

	sheet.name = tally_arena_dup(&f->office.arena, name ? name->value : "", name ? name->len : 0);
	if (id && tally_fact_pairs_find(&b->parts, id->value, id->len)) {
		sheet.part = tally_fact_pairs_find(&b->parts, id->value, id->len);
		sheet.type = tally_fact_pairs_find(&b->types, id->value, id->len);
	}
	if (!sheet.name || !tally_grow(&f->sheets, &f->sheet_cap, f->sheet_count, sizeof sheet))
		return tally_err_nomem(err);
	f->sheets[f->sheet_count++] = sheet;
	if (!state || tally_attr_is(state, "visible"))
		return TALLY_OK;
	tally_fact_text_put(tally_office_begin(&f->office),
	                    tally_attr_is(state, "veryHidden") ? "very hidden" : "hidden");
	tally_xlsx_at(f, sheet.name, NULL, 0);
	return tally_office_push(&f->office, "hidden_sheet", NULL, err);
}

/* Names that programs make for themselves: what a filter covers, and what charts and functions take for granted */
static bool is_own_name(const struct tally_xml_attr *name)
{
	static const char *const begins[] = { "_xlnm._FilterDatabase", "_xlchart.", "_xlfn.",
		                              "_xlpm." };

	for (size_t i = 0; name && i < sizeof begins / sizeof *begins; i++)
		if (name->len >= strlen(begins[i]) &&
		    !memcmp(name->value, begins[i], strlen(begins[i])))
			return true;
	return false;
}

static void begin_name(struct book *b, const struct tally_xml_start *e)
{
	static const char built_in[] = "_xlnm.";
	struct tally_xlsx_facts *f = b->f;
	const struct tally_xml_attr *name = plain(e, "name");
	uint64_t sheet = tally_attr_number(plain(e, "localSheetId"), UINT64_MAX);
	size_t skip = name && name->len > sizeof built_in - 1 &&
	                              !memcmp(name->value, built_in, sizeof built_in - 1)
	                      ? sizeof built_in - 1
	                      : 0;

	b->in_name = name && !is_own_name(name);
	if (!b->in_name)
		return;
	b->hidden = tally_office_flag(e, "hidden");
	tally_fact_text_clear(&b->name);
	tally_office_begin(&f->office);
	if (sheet < f->sheet_count)
		tally_xlsx_at(f, f->sheets[sheet].name, name->value + skip, name->len - skip);
	else
		tally_fact_text_add(&f->office.where, name->value + skip, name->len - skip);
}

static enum tally_status push_name(struct book *b, struct tally_err *err)
{
	struct tally_xlsx_facts *f = b->f;

	b->in_name = false;
	tally_fact_text_clear(&f->office.value);
	tally_fact_text_formula(&f->office.value, tally_fact_text_so_far(&b->name), b->name.buf.len);
	tally_fact_text_cut(&f->office.value, &b->name);
	tally_fact_text_put(&f->office.value, b->hidden ? " (hidden)" : "");
	return tally_office_push(&f->office, "defined_name", NULL, err);
}

static bool has(const struct tally_xml_start *e, const char *name)
{
	const struct tally_xml_attr *a = plain(e, name);

	return a && a->len;
}

static enum tally_status protection(struct book *b, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&b->f->office);
	bool password = has(e, "workbookPassword") || has(e, "workbookHashValue");

	if (!tally_office_flag(e, "lockStructure") && !tally_office_flag(e, "lockWindows"))
		return TALLY_OK;
	tally_fact_text_put(t, tally_office_flag(e, "lockStructure") ? "its sheets" : "its windows");
	tally_fact_text_put(t, password ? ", with a password" : ", without a password");
	tally_fact_text_put(&b->f->office.where, "workbook");
	return tally_office_push(&b->f->office, "protection", NULL, err);
}

static enum tally_status sharing(struct book *b, const struct tally_xml_start *e,
                                 struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&b->f->office);

	if (has(e, "reservationPassword") || has(e, "hashValue"))
		tally_fact_text_put(t, "password needed to change it");
	else if (tally_office_flag(e, "readOnlyRecommended"))
		tally_fact_text_put(t, "to be opened read-only");
	else
		return TALLY_OK;
	tally_fact_text_put(&b->f->office.where, "file");
	return tally_office_push(&b->f->office, "protection", NULL, err);
}

static enum tally_status calculation(struct book *b, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	const struct tally_xml_attr *mode = plain(e, "calcMode"), *full = plain(e, "fullPrecision");
	struct tally_fact_text *t = tally_office_begin(&b->f->office);

	if (tally_attr_is(mode, "manual"))
		tally_fact_text_put(t, "by hand only, formulas may be out of date");
	else if (tally_attr_is(mode, "autoNoTable"))
		tally_fact_text_put(t, "data tables by hand only");
	if (tally_attr_is(full, "0") || tally_attr_is(full, "false")) {
		tally_fact_text_put(t, t->buf.len ? "; " : "");
		tally_fact_text_put(t, "with numbers as shown");
	}
	return t->buf.len ? tally_office_push(&b->f->office, "calculation", NULL, err) : TALLY_OK;
}

static enum tally_status book_start(void *payload, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	struct book *b = payload;

	if (e->name.ns != TALLY_XML_SHEET)
		return TALLY_OK;
	if (tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_sheet))
		return take_sheet(b, e, err);
	if (tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_definedName))
		begin_name(b, e);
	else if (tally_xml_is(&e->name, TALLY_XML_SHEET, "workbookProtection"))
		return protection(b, e, err);
	else if (tally_xml_is(&e->name, TALLY_XML_SHEET, "fileSharing"))
		return sharing(b, e, err);
	else if (tally_xml_is(&e->name, TALLY_XML_SHEET, "calcPr"))
		return calculation(b, e, err);
	return TALLY_OK;
}

static enum tally_status book_end(void *payload, const struct tally_xml_name *name,
                                  struct tally_err *err)
{
	struct book *b = payload;

	if (b->in_name && tally_xml_is_id(name, TALLY_XML_SHEET, TALLY_XML_ID_definedName))
		return push_name(b, err);
	return TALLY_OK;
}

static enum tally_status book_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct book *b = payload;

	(void)err;
	if (b->in_name)
		tally_fact_text_add(&b->name, text, len);
	return TALLY_OK;
}

/* Where the relations of the workbook lead, and of which type they are. */
static enum tally_status index_relations(struct book *b, struct tally_err *err)
{
	const struct tally_relation *list;
	struct tally_err why = { 0 };
	size_t count;
	enum tally_status st = tally_office_relations(&b->f->office, b->f->book, &list, &count, &why);

	for (size_t i = 0; i < count && st >= 0; i++) {
		const struct tally_relation *r = &list[i];

		if (r->external)
			continue;
		st = tally_office_pair(&b->f->office, &b->parts, r->id, strlen(r->id), r->target,
		                       strlen(r->target), &why);
		if (st >= 0)
			st = tally_office_pair(&b->f->office, &b->types, r->id, strlen(r->id),
			                       r->type, strlen(r->type), &why);
	}
	tally_fact_pairs_sort(&b->parts);
	tally_fact_pairs_sort(&b->types);
	return tally_office_outcome(&b->f->office, st, &why, b->f->book, err);
}

static enum tally_status find_book(struct tally_xlsx_facts *f, struct tally_err *err)
{
	const struct tally_relation *list, *found;
	struct tally_err why = { 0 };
	size_t count;
	enum tally_status st = tally_office_relations(&f->office, "", &list, &count, err);

	if (st < 0)
		return st;
	found = tally_relation_of_type(list, count, "officeDocument");
	f->book = found && !found->external ? found->target : "";
	if (*f->book)
		return TALLY_OK;
	tally_err_set(&why, TALLY_SKIP, TALLY_REASON_DAMAGED, "its workbook is not to be found");
	return tally_office_note(&f->office, &why, NULL, err);
}

enum tally_status tally_xlsx_book(struct tally_xlsx_facts *f, struct tally_err *err)
{
	struct book b = { .f = f };
	const struct tally_xml_handler handler = {
		.payload = &b, .start = book_start, .end = book_end, .text = book_text
	};
	enum tally_status st = find_book(f, err);

	tally_fact_text_init(&b.name);
	if (st >= 0 && *f->book)
		st = index_relations(&b, err);
	if (st >= 0 && *f->book)
		st = tally_office_parse(&f->office, f->book, &handler, err);
	tally_fact_text_release(&b.name);
	tally_fact_pairs_release(&b.parts);
	tally_fact_pairs_release(&b.types);
	return st;
}

/* ---- external links ---- */

/* Another program's data (DDE): no relation names the target */
static enum tally_status link_start(void *payload, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	struct tally_xlsx_facts *f = payload;
	struct tally_fact_text *t;

	if (!tally_xml_is(&e->name, TALLY_XML_SHEET, "ddeLink"))
		return TALLY_OK;
	t = tally_office_begin(&f->office);
	tally_fact_text_put(t, "data of a program: ");
	tally_fact_text_attr(t, plain(e, "ddeService"));
	tally_fact_text_put(t, " | ");
	tally_fact_text_attr(t, plain(e, "ddeTopic"));
	return tally_office_push(&f->office, "external_target", NULL, err);
}

static void put_target(struct tally_fact_text *t, const char *target)
{
	for (const char *at = target; *at;) {
		const char *blank = strstr(at, "%20");
		size_t n = blank ? (size_t)(blank - at) : strlen(at);

		tally_fact_text_add(t, at, n);
		at += n;
		if (blank) {
			tally_fact_text_put(t, " ");
			at += 3;
		}
	}
}

static enum tally_status external_link(struct tally_xlsx_facts *f, const char *part,
                                       struct tally_err *err)
{
	const struct tally_xml_handler handler = { .payload = f, .start = link_start };
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(&f->office, part, &list, &count, err);

	for (size_t i = 0; i < count && st >= 0; i++) {
		if (!list[i].external || !*list[i].target)
			continue;
		put_target(tally_office_begin(&f->office), list[i].target);
		st = tally_office_push(&f->office, "external_target", NULL, err);
	}
	return st < 0 ? st : tally_office_parse(&f->office, part, &handler, err);
}

/* ---- connections ---- */

struct connection {
	struct tally_xlsx_facts *f;
	bool open;
};

/* Pieces of "Provider=X;Password=Y;Data Source=Z" that nobody else should read on a receipt are left out. */
static void put_connection(struct tally_fact_text *t, const struct tally_xml_attr *a)
{
	static const char *const secrets[] = { "password", "pwd" };

	for (size_t at = 0, n; a && at < a->len; at += n + 1) {
		const char *piece = a->value + at, *end = memchr(piece, ';', a->len - at);
		bool secret = false;
		size_t blanks = 0;

		n = end ? (size_t)(end - piece) : a->len - at;
		while (blanks < n && piece[blanks] == ' ')
			blanks++;
		for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
			secret |= n - blanks > strlen(secrets[i]) &&
			          !strncasecmp(piece + blanks, secrets[i], strlen(secrets[i]));
		tally_fact_text_put(t, at ? ";" : "");
		if (secret)
			tally_fact_text_put(t, "(a password)");
		else
			tally_fact_text_add(t, piece, n);
	}
}

static enum tally_status connection_start(void *payload, const struct tally_xml_start *e,
                                          struct tally_err *err)
{
	struct connection *c = payload;
	struct tally_xlsx_facts *f = c->f;

	(void)err;
	if (e->name.ns != TALLY_XML_SHEET)
		return TALLY_OK;
	if (tally_xml_is(&e->name, TALLY_XML_SHEET, "connection")) {
		tally_office_begin(&f->office);
		tally_fact_text_attr(&f->office.where, plain(e, "name"));
		c->open = true;
	} else if (c->open && tally_xml_is(&e->name, TALLY_XML_SHEET, "dbPr")) {
		tally_fact_text_put(&f->office.value, "database: ");
		put_connection(&f->office.value, plain(e, "connection"));
		tally_fact_text_put(&f->office.value, has(e, "command") ? "; " : "");
		tally_fact_text_attr(&f->office.value, plain(e, "command"));
	} else if (c->open && tally_xml_is(&e->name, TALLY_XML_SHEET, "webPr")) {
		tally_fact_text_put(&f->office.value, "web page: ");
		tally_fact_text_attr(&f->office.value, plain(e, "url"));
	} else if (c->open && tally_xml_is(&e->name, TALLY_XML_SHEET, "textPr")) {
		tally_fact_text_put(&f->office.value, "text file: ");
		tally_fact_text_attr(&f->office.value, plain(e, "sourceFile"));
	}
	return TALLY_OK;
}

static enum tally_status connection_end(void *payload, const struct tally_xml_name *name,
                                        struct tally_err *err)
{
	struct connection *c = payload;

	if (!c->open || !tally_xml_is(name, TALLY_XML_SHEET, "connection"))
		return TALLY_OK;
	c->open = false;
	return tally_office_push(&c->f->office, "connection", NULL, err);
}

static enum tally_status connections(struct tally_xlsx_facts *f, const char *part,
                                     struct tally_err *err)
{
	struct connection c = { .f = f };
	const struct tally_xml_handler handler = { .payload = &c,
		                                   .start = connection_start,
		                                   .end = connection_end };

	return tally_office_parse(&f->office, part, &handler, err);
}

/* ---- macros ---- */

static enum tally_status macros(struct tally_xlsx_facts *f, const char *part, struct tally_err *err)
{
	return tally_office_macros(&f->office, part, err);
}

static enum tally_status macro_sheets(struct tally_xlsx_facts *f, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < f->sheet_count && st >= 0; i++) {
		const struct tally_xlsx_tab *s = &f->sheets[i];

		if (strcmp(s->type, "xlMacrosheet") != 0 && strcmp(s->type, "xlIntlMacrosheet") != 0)
			continue;
		tally_fact_text_put(tally_office_begin(&f->office), "a sheet of Excel 4 macros");
		tally_xlsx_at(f, s->name, NULL, 0);
		st = tally_office_push(&f->office, "macro", NULL, err);
	}
	return st;
}

enum tally_status tally_xlsx_book_parts(struct tally_xlsx_facts *f, struct tally_err *err)
{
	static const struct {
		const char *type;
		enum tally_status (*read)(struct tally_xlsx_facts *, const char *,
		                          struct tally_err *);
	} kinds_read[] = {
		{ "externalLink", external_link },
		{ "connections", connections },
		{ "vbaProject", macros },
	};
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = *f->book ? tally_office_relations(&f->office, f->book, &list, &count,
	                                                         err)
	                                : TALLY_OK;

	if (st < 0 || !*f->book)
		return st;
	for (size_t i = 0; i < count && st >= 0; i++)
		for (size_t k = 0; k < sizeof kinds_read / sizeof *kinds_read && st >= 0; k++)
			if (!list[i].external && !strcmp(list[i].type, kinds_read[k].type))
				st = kinds_read[k].read(f, list[i].target, err);
	if (st >= 0)
		st = macro_sheets(f, err);
	return st < 0 ? st : tally_office_signature(&f->office, err);
}
