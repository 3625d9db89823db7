/* Paragraphs of a story, and what is open in them: see story.h. */
#include "formats/story.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/hash.h"
#include "core/mem.h"

enum {
	CODE_BYTES = 4096,  /* of a field; more is left out, */
	VALUE_BYTES = 4096, /* of a fact's text likewise */
	WHERE_BYTES = 96,
	EMPTY_PARAGRAPH = 1, /* among what is seen besides text */
};

/* A tracked change that is open, or was just closed and may go on in the next run. */
struct change {
	struct tally_buf text; /* deleted letters */
	char *author, *date;
	size_t from; /* inserted letters: where in the paragraph they begin */
	enum tally_story_change kind;
	bool open;
	bool used;
};

struct link {
	char *target;
	size_t from;
};

struct field {
	struct tally_buf code;
	size_t from; /* where its result begins in the paragraph */
	uint32_t para; /* the paragraph it begins in: results that go on in another one are not gathered */
	bool result;
	bool counts; /* pages: what stands for its result was written */
};

/* Where blocks belong: pushed by text boxes and notes. */
struct place {
	enum tally_area area;
	uint32_t n;
	size_t tables; /* that were open before it */
};

struct table {
	uint32_t n, row, cell;
};

struct tally_story_para {
	struct tally_buf text;
	struct tally_buf seen_not[TALLY_STORY_SIGHTS]; /* hidden, white, tiny letters */
	int outline, list;
	struct {
		int outline, list;
		bool hidden;
	} style; /* what it says */
	struct change change;
	struct link *links;
	size_t link_count, link_cap;
	struct tally_looks looks;
	uint32_t number;   /* of all that were begun, from 1 */
	uint64_t left_out; /* letters that facts have no room for, as a sum */
};

struct tally_story {
	struct tally_story_doc *doc;
	struct tally_story_para *paras;
	size_t para_count, para_cap;
	struct place *places;
	size_t place_count, place_cap;
	struct table *tables;
	size_t table_count, table_cap;
	struct field *fields;
	size_t field_count, field_cap;
	size_t codes;   /* fields whose code is open: nobody sees it */
	uint32_t begun; /* paragraphs */
	enum tally_story_sight sight;
	struct tally_looks looks; /* of what stands between paragraphs */
	char where[WHERE_BYTES];
};

/* ---- making and unmaking ---- */

enum tally_status tally_story_new(struct tally_story **out, struct tally_story_doc *doc,
                                  enum tally_area area, uint32_t n, struct tally_err *err)
{
	struct tally_story *t = tally_alloc_zero(1, sizeof *t);

	*out = t;
	if (!t)
		return tally_err_nomem(err);
	t->doc = doc;
	return tally_story_area_begin(t, area, n, err);
}

static void forget_change(struct change *c)
{
	tally_free(c->author);
	tally_free(c->date);
	tally_buf_release(&c->text);
	*c = (struct change){ 0 };
	tally_buf_init(&c->text, VALUE_BYTES);
}

static void forget_para(struct tally_story_para *p)
{
	tally_buf_release(&p->text);
	for (int i = 0; i < TALLY_STORY_SIGHTS; i++)
		tally_buf_release(&p->seen_not[i]);
	forget_change(&p->change);
	for (size_t i = 0; i < p->link_count; i++)
		tally_free(p->links[i].target);
	tally_free(p->links);
}

void tally_story_free(struct tally_story *t)
{
	if (!t)
		return;
	while (t->para_count)
		forget_para(&t->paras[--t->para_count]);
	while (t->field_count)
		tally_buf_release(&t->fields[--t->field_count].code);
	tally_free(t->paras);
	tally_free(t->places);
	tally_free(t->tables);
	tally_free(t->fields);
	tally_free(t);
}

/* ---- places ---- */

enum tally_status tally_story_area_begin(struct tally_story *t, enum tally_area area, uint32_t n,
                                         struct tally_err *err)
{
	if (!tally_grow(&t->places, &t->place_cap, t->place_count, sizeof *t->places))
		return tally_err_nomem(err);
	t->places[t->place_count++] = (struct place){ area, n, t->table_count };
	return TALLY_OK;
}

void tally_story_area_end(struct tally_story *t)
{
	if (t->place_count > 1)
		t->table_count = t->places[--t->place_count].tables;
}

enum tally_status tally_story_table_begin(struct tally_story *t, struct tally_err *err)
{
	if (!tally_grow(&t->tables, &t->table_cap, t->table_count, sizeof *t->tables))
		return tally_err_nomem(err);
	t->tables[t->table_count++] = (struct table){ ++t->doc->tables, 0, 0 };
	return TALLY_OK;
}

/* the table that is open in this place, or NULL */
static struct table *open_table(struct tally_story *t)
{
	return t->table_count > t->places[t->place_count - 1].tables ? &t->tables[t->table_count - 1]
	                                                             : NULL;
}

void tally_story_table_row(struct tally_story *t)
{
	struct table *table = open_table(t);

	if (table) {
		table->row++;
		table->cell = 0;
	}
}

void tally_story_table_cell(struct tally_story *t)
{
	struct table *table = open_table(t);

	if (table)
		table->cell++;
}

void tally_story_table_end(struct tally_story *t)
{
	if (open_table(t))
		t->table_count--;
}

/* A page that is drawn says more of a place than the number of a table. */
static bool is_page(const struct place *place)
{
	return place->area == TALLY_AREA_SLIDE || place->area == TALLY_AREA_NOTES ||
	       place->area == TALLY_AREA_PAGE;
}

const char *tally_story_where(struct tally_story *t)
{
	const struct place *place = &t->places[t->place_count - 1];
	const struct table *table = open_table(t);

	if (table && !is_page(place) && !table->cell)
		snprintf(t->where, sizeof t->where, "table %u, row %u", table->n, table->row);
	else if (table && !is_page(place))
		snprintf(t->where, sizeof t->where, "table %u, row %u, cell %u", table->n,
		         table->row, table->cell);
	else if (place->area == TALLY_AREA_BODY)
		snprintf(t->where, sizeof t->where, "paragraph %u", t->doc->paragraphs + 1);
	else
		snprintf(t->where, sizeof t->where, "%s %u",
		         place->area == TALLY_AREA_TEXT_BOX ? "text box"
		                                            : tally_area_name(place->area),
		         place->n);
	return t->where;
}

/* ---- facts ---- */

enum tally_status tally_story_fact(struct tally_story *t, const char *name, const char *value,
                                   const char *by, struct tally_err *err)
{
	const struct tally_sink *sink = t->doc->sink;
	struct tally_fact fact = { name, value, by, tally_story_where(t) };

	return sink->fact ? sink->fact(sink->payload, &fact, err) : TALLY_OK;
}

/* Whole characters only. */
static size_t cut(const char *text, size_t len, size_t most)
{
	if (len <= most)
		return len;
	while (most > 0 && ((unsigned char)text[most] & 0xC0) == 0x80)
		most--;
	return most;
}

static enum tally_status text_fact(struct tally_story *t, const char *name, const char *text,
                                   size_t len, const char *by, struct tally_err *err)
{
	char *value = tally_dup(text, cut(text, len, VALUE_BYTES));
	enum tally_status st;

	if (!value)
		return tally_err_nomem(err);
	st = tally_story_fact(t, name, value, by, err);
	tally_free(value);
	return st;
}

/* ---- paragraphs ---- */

static struct tally_story_para *open_para(struct tally_story *t)
{
	return t->para_count ? &t->paras[t->para_count - 1] : NULL;
}

enum tally_status tally_story_para_begin(struct tally_story *t, struct tally_err *err)
{
	struct tally_story_para *p;

	if (!tally_grow(&t->paras, &t->para_cap, t->para_count, sizeof *t->paras))
		return tally_err_nomem(err);
	p = &t->paras[t->para_count++];
	*p = (struct tally_story_para){ .outline = -1, .list = -1, .number = ++t->begun };
	p->style.outline = p->style.list = -1;
	tally_buf_init(&p->text, UINT32_MAX / 2);
	for (int i = 0; i < TALLY_STORY_SIGHTS; i++)
		tally_buf_init(&p->seen_not[i], VALUE_BYTES);
	tally_buf_init(&p->change.text, VALUE_BYTES);
	tally_looks_pass(&t->looks, &p->looks);
	t->sight = TALLY_STORY_SHOWN;
	return TALLY_OK;
}

struct tally_looks *tally_story_looks(struct tally_story *t)
{
	return open_para(t) ? &open_para(t)->looks : &t->looks;
}

void tally_story_para_outline(struct tally_story *t, int level)
{
	if (open_para(t))
		open_para(t)->outline = level;
}

void tally_story_para_list(struct tally_story *t, int level)
{
	if (open_para(t))
		open_para(t)->list = level;
}

void tally_story_para_style(struct tally_story *t, int outline, int list, bool hidden)
{
	struct tally_story_para *p = open_para(t);

	if (!p)
		return;
	p->style.outline = outline;
	p->style.list = list;
	p->style.hidden = hidden;
}

static bool only_blanks(const struct tally_buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		if (b->bytes[i] != ' ' && b->bytes[i] != '\t' && b->bytes[i] != '\n')
			return false;
	return true;
}

static enum tally_status push_block(struct tally_story *t, struct tally_story_para *p,
                                    struct tally_err *err)
{
	const struct tally_sink *sink = t->doc->sink;
	const struct place *place = &t->places[t->place_count - 1];
	const struct table *table = open_table(t);
	int outline = p->outline >= 0 ? p->outline : p->style.outline;
	int list = p->list >= 0 ? p->list : p->style.list;
	struct tally_block b = { .text = p->text.bytes,
		                 .len = (uint32_t)p->text.len,
		                 .area = (uint8_t)place->area,
		                 .n = place->n };

	if (outline >= 0 && outline < 9) {
		b.kind = TALLY_BLOCK_HEADING;
		b.level = (uint8_t)(outline + 1);
	} else if (list >= 0) {
		b.kind = TALLY_BLOCK_LIST_ITEM;
		b.level = (uint8_t)(list + 1);
	}
	if (table) {
		b.kind = TALLY_BLOCK_CELL;
		b.level = 0;
		b.area = place->area == TALLY_AREA_BODY ? TALLY_AREA_TABLE : b.area;
		b.n = is_page(place) ? place->n : table->n;
		b.row = table->row;
		b.cell = table->cell;
	}
	tally_looks_give(&p->looks, &b);
	return sink->block ? sink->block(sink->payload, &b, err) : TALLY_OK;
}

static enum tally_status finish_change(struct tally_story *t, struct tally_story_para *p,
                                       struct tally_err *err);

/* What nobody sees, and behind it why. */
static enum tally_status hidden_fact(struct tally_story *t, const struct tally_buf *text,
                                     const char *why, struct tally_err *err)
{
	size_t len = cut(text->bytes, text->len, VALUE_BYTES), n = strlen(why);
	char *value = tally_alloc_zero(len + n + 1, 1);
	enum tally_status st;

	if (!value)
		return tally_err_nomem(err);
	memcpy(value, text->bytes, len);
	memcpy(value + len, why, n);
	st = tally_story_fact(t, "hidden_text", value, NULL, err);
	tally_free(value);
	return st;
}

static enum tally_status hidden_facts(struct tally_story *t, const struct tally_story_para *p,
                                      struct tally_err *err)
{
	static const char *const notes[TALLY_STORY_SIGHTS] = {
		"", "", " (white letters, possibly hidden)", " (one point or less, possibly hidden)"
	};
	enum tally_status st = TALLY_OK;

	for (int i = TALLY_STORY_HIDDEN; i < TALLY_STORY_SIGHTS && st >= 0; i++)
		if (p->seen_not[i].len && !only_blanks(&p->seen_not[i]))
			st = hidden_fact(t, &p->seen_not[i], notes[i], err);
	return st;
}

enum tally_status tally_story_para_end(struct tally_story *t, struct tally_err *err)
{
	struct tally_story_para *p = open_para(t);
	enum tally_status st;

	if (!p)
		return TALLY_OK;
	st = finish_change(t, p, err);
	if (st >= 0)
		st = hidden_facts(t, p, err);
	tally_looks_mark(&p->looks, p->left_out);
	if (st >= 0 && p->text.len && !only_blanks(&p->text)) {
		st = push_block(t, p, err);
		t->doc->paragraphs += t->places[t->place_count - 1].area == TALLY_AREA_BODY &&
		                      !open_table(t);
	} else if (st >= 0) {
		tally_looks_mark(&t->looks, EMPTY_PARAGRAPH);
	}
	tally_looks_pass(&p->looks, &t->looks);
	forget_para(p);
	t->para_count--;
	return st;
}

/* ---- letters ---- */

void tally_story_run_sight(struct tally_story *t, enum tally_story_sight sight)
{
	t->sight = sight;
}

/* A change that was closed ends where letters follow that are not part of it. */
static enum tally_status letters_go_on(struct tally_story *t, struct tally_story_para *p,
                                       struct tally_err *err)
{
	return p->change.used && !p->change.open ? finish_change(t, p, err) : TALLY_OK;
}

/* Letters come in portions: byte by byte they are the same. @p  NULL: none is open */
static bool add_some(struct tally_story_para *p, struct tally_buf *buf, const char *text, size_t len)
{
	size_t n = cut(text, len, buf->max - buf->len);

	for (size_t i = n; p && i < len; i++)
		p->left_out = ((p->left_out ^ (unsigned char)text[i]) + 1) * 0x9E3779B97F4A7C15;
	return !n || tally_buf_add(buf, text, n);
}

enum tally_status tally_story_letters(struct tally_story *t, const char *text, size_t len,
                                      struct tally_err *err)
{
	struct tally_story_para *p = open_para(t);
	enum tally_status st;

	if (!p || t->codes)
		return TALLY_OK;
	st = letters_go_on(t, p, err);
	if (st < 0)
		return st;
	if (p->change.open && p->change.kind == TALLY_STORY_DELETED)
		return add_some(p, &p->change.text, text, len) ? TALLY_OK : tally_err_nomem(err);
	if (t->sight == TALLY_STORY_HIDDEN || p->style.hidden)
		return add_some(p, &p->seen_not[TALLY_STORY_HIDDEN], text, len)
		               ? TALLY_OK
		               : tally_err_nomem(err);
	if (t->sight != TALLY_STORY_SHOWN && !add_some(p, &p->seen_not[t->sight], text, len))
		return tally_err_nomem(err);
	tally_looks_letters(&p->looks, len);
	return tally_buf_add(&p->text, text, len)
	               ? TALLY_OK
	               : tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
	                               "a paragraph of more than %zu bytes", p->text.max);
}

/* ---- tracked changes: neighbours of one author are one ---- */

static bool same_string(const char *a, const struct tally_xml_attr *b)
{
	size_t len = b ? b->len : 0;

	return strlen(a) == len && !memcmp(a, b ? b->value : "", len);
}

static enum tally_status finish_change(struct tally_story *t, struct tally_story_para *p,
                                       struct tally_err *err)
{
	struct change *c = &p->change;
	const char *text = c->text.bytes;
	size_t len = c->text.len;
	enum tally_status st = TALLY_OK;

	if (!c->used)
		return TALLY_OK;
	if (c->kind == TALLY_STORY_INSERTED) {
		len = p->text.len - c->from;
		text = len ? p->text.bytes + c->from : "";
	}
	if (len)
		st = text_fact(t,
		               c->kind == TALLY_STORY_INSERTED ? "tracked_insertion"
		                                               : "tracked_deletion",
		               text, len, c->author[0] ? c->author : NULL, err);
	forget_change(c);
	return st;
}

/* Outside of paragraphs it is a row of a table that was inserted or deleted. */
static enum tally_status row_change(struct tally_story *t, enum tally_story_change change,
                                    const struct tally_xml_attr *author, struct tally_err *err)
{
	char *by = author && author->len ? tally_dup(author->value, author->len) : NULL;
	enum tally_status st;

	if (author && author->len && !by)
		return tally_err_nomem(err);
	st = tally_story_fact(
		t, change == TALLY_STORY_INSERTED ? "tracked_insertion" : "tracked_deletion",
		"a row of a table", by, err);
	tally_free(by);
	return st;
}

enum tally_status tally_story_change_begin(struct tally_story *t, enum tally_story_change change,
                                           const struct tally_xml_attr *author,
                                           const struct tally_xml_attr *date, struct tally_err *err)
{
	struct tally_story_para *p = open_para(t);
	struct change *c;
	enum tally_status st;

	if (!p)
		return row_change(t, change, author, err);
	c = &p->change;
	if (c->used && !c->open && c->kind == change && same_string(c->author, author)) {
		c->open = true;
		return TALLY_OK;
	}
	st = finish_change(t, p, err);
	if (st < 0)
		return st;
	if (date)
		t->doc->dates += tally_hash64(date->value, date->len, 1);
	c->author = tally_dup(author ? author->value : "", author ? author->len : 0);
	c->date = tally_dup(date ? date->value : "", date ? date->len : 0);
	c->used = c->open = true;
	c->kind = change;
	c->from = p->text.len;
	return c->author && c->date ? TALLY_OK : tally_err_nomem(err);
}

void tally_story_change_end(struct tally_story *t)
{
	struct tally_story_para *p = open_para(t);

	if (p)
		p->change.open = false;
}

/* ---- links ---- */

enum tally_status tally_story_link_begin(struct tally_story *t, const char *target,
                                         struct tally_err *err)
{
	struct tally_story_para *p = open_para(t);
	char *copy;

	if (!p)
		return TALLY_OK;
	if (!tally_grow(&p->links, &p->link_cap, p->link_count, sizeof *p->links))
		return tally_err_nomem(err);
	copy = tally_dup(target, strlen(target));
	if (!copy)
		return tally_err_nomem(err);
	p->links[p->link_count++] = (struct link){ copy, p->text.len };
	return TALLY_OK;
}

/* A link is known by what it shows. */
static enum tally_status push_link(struct tally_story *t, const struct tally_story_para *p,
                                   size_t from, const char *target, struct tally_err *err)
{
	const struct tally_sink *sink = t->doc->sink;
	struct tally_fact fact = { .name = "link", .value = target };
	size_t len = p->text.len - from;
	char *shown;
	enum tally_status st;

	if (!sink->fact)
		return TALLY_OK;
	shown = tally_dup(len ? p->text.bytes + from : "",
	                  len ? cut(p->text.bytes + from, len, 200) : 0);
	if (!shown)
		return tally_err_nomem(err);
	fact.where = shown;
	st = sink->fact(sink->payload, &fact, err);
	tally_free(shown);
	return st;
}

enum tally_status tally_story_link_end(struct tally_story *t, struct tally_err *err)
{
	struct tally_story_para *p = open_para(t);
	enum tally_status st;

	if (!p || !p->link_count)
		return TALLY_OK;
	p->link_count--;
	st = push_link(t, p, p->links[p->link_count].from, p->links[p->link_count].target, err);
	tally_free(p->links[p->link_count].target);
	return st;
}

/* ---- fields ---- */

enum tally_status tally_story_field_begin(struct tally_story *t, struct tally_err *err)
{
	struct field *f;

	if (!tally_grow(&t->fields, &t->field_cap, t->field_count, sizeof *t->fields))
		return tally_err_nomem(err);
	f = &t->fields[t->field_count++];
	t->codes++;
	*f = (struct field){ 0 };
	tally_buf_init(&f->code, CODE_BYTES);
	return TALLY_OK;
}

enum tally_status tally_story_field_code(struct tally_story *t, const char *text, size_t len,
                                         struct tally_err *err)
{
	if (!t->field_count || t->fields[t->field_count - 1].result)
		return TALLY_OK;
	return add_some(open_para(t), &t->fields[t->field_count - 1].code, text, len)
	               ? TALLY_OK
	               : tally_err_nomem(err);
}

/* Numbers of pages are others wherever the pages are laid out anew, without anybody's doing. */
static const char *page_counter(const struct tally_buf *code)
{
	static const struct {
		const char *word, *shown;
	} counters[] = {
		{ "PAGE", TALLY_STORY_PAGE },
		{ "NUMPAGES", TALLY_STORY_PAGES },
		{ "SECTIONPAGES", TALLY_STORY_PAGES },
	};
	const char *at = code->len ? code->bytes : "", *end = at + code->len;
	size_t n = 0;

	while (at < end && *at == ' ')
		at++;
	while (at + n < end && at[n] != ' ')
		n++;
	for (size_t i = 0; i < sizeof counters / sizeof *counters; i++)
		if (n == strlen(counters[i].word) && !strncasecmp(at, counters[i].word, n))
			return counters[i].shown;
	return NULL;
}

enum tally_status tally_story_field_result(struct tally_story *t, struct tally_err *err)
{
	struct tally_story_para *p = open_para(t);
	enum tally_status st = TALLY_OK;
	const char *counter;
	struct field *f;

	if (!t->field_count || t->fields[t->field_count - 1].result)
		return TALLY_OK;
	f = &t->fields[t->field_count - 1];
	t->codes--;
	f->result = true;
	f->para = p ? p->number : 0;
	f->from = p ? p->text.len : 0;
	counter = page_counter(&f->code);
	if (counter) {
		st = tally_story_letters(t, counter, strlen(counter), err);
		f->counts = true;
		t->codes++; /* its letters are as little shown as its code */
	}
	return st;
}

/* Blanks at both ends away, several in a row to one. @return the length */
static size_t tidy(char *code, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		bool blank = code[i] == ' ' || code[i] == '\t' || code[i] == '\n';

		if (blank && (n == 0 || code[n - 1] == ' '))
			continue;
		code[n++] = blank ? ' ' : code[i];
	}
	n -= n > 0 && code[n - 1] == ' ';
	code[n] = '\0';
	return n;
}

/* HYPERLINK "target" \l "anchor": the target, in place; NULL: another field */
static char *link_target(char *code)
{
	char *open, *close;

	if (strncmp(code, "HYPERLINK ", 10) != 0)
		return NULL;
	open = strchr(code, '"');
	if (!open)
		return strchr(code + 10, '\\') ? NULL : code + 10;
	close = strchr(open + 1, '"');
	if (!close)
		return NULL;
	*close = '\0';
	return open + 1;
}

static enum tally_status push_field(struct tally_story *t, struct field *f, struct tally_err *err)
{
	struct tally_story_para *p = open_para(t);
	char *target;

	if (!f->code.len || !tidy(f->code.bytes, f->code.len))
		return TALLY_OK;
	target = link_target(f->code.bytes);
	if (target && p && f->result && f->para == p->number)
		return push_link(t, p, f->from, target, err);
	if (target)
		return tally_story_fact(t, "link", target, NULL, err);
	return tally_story_fact(t, "field_code", f->code.bytes, NULL, err);
}

enum tally_status tally_story_field_end(struct tally_story *t, struct tally_err *err)
{
	struct field *f;
	enum tally_status st = TALLY_OK;

	if (!t->field_count)
		return TALLY_OK;
	if (page_counter(&t->fields[t->field_count - 1].code)) /* it may have no result yet */
		st = tally_story_field_result(t, err);
	f = &t->fields[--t->field_count];
	t->codes -= !f->result || f->counts;
	if (st >= 0)
		st = push_field(t, f, err);
	tally_buf_release(&f->code);
	return st;
}
