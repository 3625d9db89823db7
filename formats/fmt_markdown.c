/*
 * Markdown (CommonMark with GitHub's tables, by md4c): blocks as they are shown, so that lines filled anew are no change; links
 * and front matter as facts.
 */
#include <inttypes.h>
#include <md4c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/hash.h"
#include "core/library.h"
#include "core/mem.h"
#include "formats/data_url.h"
#include "formats/format.h"
#include "formats/html.h"
#include "formats/looks.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".md", ".markdown", ".mkd", ".mdown", NULL };

enum {
	LINKS_OPEN = 8, /* links and pictures inside each other */
	FRONT_LINES = 1000,
	/* marks of looks */
	MARK_BLOCK = 100,
	MARK_CELL = 200,
	MARK_SPAN = 300,
	MARK_END = 400,
};

struct open_link {
	char *target;
	size_t from;
	bool picture;
};

struct markdown {
	const struct tally_sink *sink;
	struct tally_err *err;
	const struct tally_limits *limits;
	enum tally_status st;
	struct tally_buf text;   /* of the block that is open */
	struct tally_buf markup; /* the same as HTML */
	bool has_markup;         /* which says more */
	struct tally_looks looks;
	uint64_t rest; /* what is said by no block and no fact */
	struct tally_block block;
	bool open; /* a block is */
	const struct tally_text_file *file;
	size_t behind;  /* bytes of the file up to the end of the last words */
	size_t counted; /* bytes of which the lines are counted, */
	uint32_t line;  /* and the line behind them, from 1 */
	uint32_t lists, tables, row, cell;
	struct open_link links[LINKS_OPEN];
	uint32_t link_count, link_depth;
	uint64_t *targets; /* of links, by their hashes */
	size_t target_count, target_cap;
	uint32_t *shown; /* lines with words that were passed on, ascending */
	size_t shown_count, shown_cap;
};

static int md_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	/* a text in Markdown is a text like others: its name is what tells */
	return tally_text_suffix(name, suffixes) && tally_text_looks_plain(bytes, len, size) ? 12 : 0;
}

/*
 * ---- what is pushed ----
 *
 * The first negative status is kept, and md4c told to stop; it goes on in some places all the same, so every event asks first.
 */

static int keep(struct markdown *m, enum tally_status st)
{
	if (m->st >= 0)
		m->st = st;
	return m->st < 0;
}

static int no_memory(struct markdown *m)
{
	return keep(m, tally_err_nomem(m->err));
}

static int fact(struct markdown *m, const char *name, const char *value, const char *where)
{
	struct tally_fact f = { .name = name, .value = value, .where = where };

	return m->sink->fact ? keep(m, m->sink->fact(m->sink->payload, &f, m->err)) : 0;
}

static void begin(struct markdown *m, enum tally_block_kind kind, uint32_t level)
{
	m->block = (struct tally_block){ .kind = (uint8_t)kind,
		                         .level = (uint8_t)(level > 255 ? 255 : level) };
	m->open = true;
	m->has_markup = false;
	tally_buf_clear(&m->text);
	tally_buf_clear(&m->markup);
}

/* ---- HTML in it: a block is read as a page of its own ---- */

/* What is a paragraph there is the block that it stands in. */
static enum tally_status on_html_block(void *payload, const struct tally_block *block,
                                       struct tally_err *err)
{
	struct markdown *m = payload;
	struct tally_block b = *block;

	if (b.kind == TALLY_BLOCK_PARAGRAPH) {
		b.kind = m->block.kind;
		b.level = m->block.level;
	}
	if (m->block.kind == TALLY_BLOCK_CELL || b.kind != TALLY_BLOCK_CELL) {
		b.area = m->block.area;
		b.n = m->block.n;
		b.row = m->block.row;
		b.cell = m->block.cell;
	}
	tally_looks_mark(&m->looks, b.look);
	tally_looks_give(&m->looks, &b);
	return m->sink->block ? m->sink->block(m->sink->payload, &b, err) : TALLY_OK;
}

static enum tally_status on_html_fact(void *payload, const struct tally_fact *f, struct tally_err *err)
{
	struct markdown *m = payload;

	return m->sink->fact ? m->sink->fact(m->sink->payload, f, err) : TALLY_OK;
}

static enum tally_status on_html_content(void *payload, const char *value, const void *bytes,
                                         size_t len, struct tally_err *err)
{
	struct markdown *m = payload;

	return m->sink->content(m->sink->payload, value, bytes, len, err);
}

static int read_markup(struct markdown *m)
{
	const struct tally_sink sink = { .payload = m,
		                         .block = on_html_block,
		                         .fact = on_html_fact,
		                         .content = m->sink->content ? on_html_content : NULL };
	const struct tally_html_place place = { .area = TALLY_AREA_BODY,
		                                .rest = &m->rest,
		                                .limits = m->limits };
	uint64_t before = m->rest;
	enum tally_status st;

	if (m->block.kind == TALLY_BLOCK_CODE)
		m->block.kind = TALLY_BLOCK_PARAGRAPH;
	m->rest = 0;
	st = tally_html_read(m->markup.bytes, m->markup.len, &place, &sink, m->err);
	m->rest = m->rest ? tally_hash64(&m->rest, sizeof m->rest, before) : before;
	return keep(m, st);
}

/* Letters of a block, in both forms. */
static int add(struct markdown *m, const char *text, size_t len)
{
	if (!tally_buf_add(&m->text, text, len))
		return no_memory(m);
	tally_looks_letters(&m->looks, len);
	for (size_t i = 0; i < len; i++) {
		bool ok = text[i] == '<'    ? tally_buf_text(&m->markup, "&lt;")
		          : text[i] == '&'  ? tally_buf_text(&m->markup, "&amp;")
		          : text[i] == '\n' ? tally_buf_text(&m->markup, "<br>")
		                            : tally_buf_byte(&m->markup, text[i]);

		if (!ok)
			return no_memory(m);
	}
	return 0;
}

static int add_markup(struct markdown *m, const char *text, size_t len)
{
	m->has_markup = true;
	return tally_buf_add(&m->markup, text, len) ? 0 : no_memory(m);
}

static int finish(struct markdown *m)
{
	struct tally_block *b = &m->block;

	if (!m->open)
		return 0;
	m->open = false;
	if (m->has_markup)
		return read_markup(m);
	b->text = m->text.bytes;
	b->len = (uint32_t)m->text.len;
	if (!b->len)
		return 0;
	tally_looks_give(&m->looks, b);
	if (!m->sink->block)
		return 0;
	return keep(m, m->sink->block(m->sink->payload, b, m->err));
}

/* ---- what is in the file and not shown ---- */

static int copied_fact(struct markdown *m, const char *name, const char *text, size_t len,
                       const char *where)
{
	char *copy = tally_dup(text, len);
	int stop = copy ? fact(m, name, copy, where) : no_memory(m);

	tally_free(copy);
	return stop;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       (unsigned char)c >= 0x80;
}

/* Cells of a row that the head of its table has not: behind the words of the last one. */
static int left_out(struct markdown *m)
{
	const char *at = m->file->bytes + m->behind, *end = m->file->bytes + m->file->len;
	const char *stop = memchr(at, '\n', (size_t)(end - at)), *first;

	stop = stop ? stop : end;
	first = memchr(at, '|', (size_t)(stop - at));
	for (const char *c = first; c && c < stop; c++)
		if (is_word(*c))
			return copied_fact(m, "hidden_text", first + 1, (size_t)(stop - first - 1),
			                   NULL);
	return 0;
}

static int target_known(struct markdown *m, const char *target)
{
	if (!tally_grow(&m->targets, &m->target_cap, m->target_count, sizeof *m->targets))
		return no_memory(m);
	m->targets[m->target_count++] = tally_hash64(target, strlen(target), 0);
	return 0;
}

static int by_number(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return (*a > *b) - (*a < *b);
}

/* The target in "[label]: target …". @return false: this line is none */
static bool definition(const char *line, size_t len, const char **target, size_t *target_len)
{
	const char *end = line + len, *close;

	while (line < end && (*line == ' ' || *line == '>' || *line == '\t'))
		line++;
	if (line == end || *line != '[')
		return false;
	close = memchr(line, ']', (size_t)(end - line));
	if (!close || end - close < 2 || close[1] != ':')
		return false;
	for (line = close + 2; line < end && (*line == ' ' || *line == '\t' || *line == '<');)
		line++;
	*target = line;
	while (line < end && *line != ' ' && *line != '\t' && *line != '>')
		line++;
	*target_len = (size_t)(line - *target);
	return true;
}

/* Definitions of links are not shown; those that no link took, and notes that look like them, are hidden. */
static int left_over(struct markdown *m, size_t front)
{
	const char *line, *target, *text = m->file->bytes, *counted = text;
	size_t n, target_len, shown = 0;
	uint32_t number = 1;
	int stop = 0;

	if (m->target_count > 1)
		qsort(m->targets, m->target_count, sizeof *m->targets, by_number);
	for (size_t at = front; !stop && tally_text_line(text, m->file->len, &at, &line, &n);) {
		uint64_t hash;

		for (; counted < line; counted++)
			number += *counted == '\n';
		while (shown < m->shown_count && m->shown[shown] < number)
			shown++;
		if (shown < m->shown_count && m->shown[shown] == number)
			continue;
		if (!definition(line, n, &target, &target_len))
			continue;
		hash = tally_hash64(target, target_len, 0);
		if (!m->target_count ||
		    !bsearch(&hash, m->targets, m->target_count, sizeof *m->targets, by_number))
			stop = copied_fact(m, "hidden_text", line, n, NULL);
	}
	return stop;
}

/* ---- md4c's events ---- */

static void mark_text(struct markdown *m, const MD_ATTRIBUTE *a)
{
	if (a->text && a->size)
		tally_looks_mark(&m->looks, tally_hash64(a->text, a->size, 1));
}

/* The words of the item that it stands in come first. @numbered  NULL: it is not */
static int begin_list(struct markdown *m, const MD_BLOCK_OL_DETAIL *numbered)
{
	m->lists++;
	if (finish(m))
		return 1;
	tally_looks_mark(&m->looks, numbered ? 2 + (uint64_t)numbered->start : 1);
	return 0;
}

static void begin_cell(struct markdown *m, const MD_BLOCK_TD_DETAIL *cell)
{
	begin(m, TALLY_BLOCK_CELL, 0);
	m->block.area = TALLY_AREA_TABLE;
	m->block.n = m->tables;
	m->block.row = m->row;
	m->block.cell = ++m->cell;
	tally_looks_mark(&m->looks, MARK_CELL + (uint64_t)cell->align);
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *payload)
{
	struct markdown *m = payload;

	if (m->st < 0)
		return 1;
	switch (type) {
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		return begin_list(m, type == MD_BLOCK_OL ? detail : NULL);
	case MD_BLOCK_QUOTE:
	case MD_BLOCK_HR:
		if (finish(m))
			return 1;
		tally_looks_mark(&m->looks, MARK_BLOCK + (uint64_t)type);
		return 0;
	case MD_BLOCK_LI: {
		const MD_BLOCK_LI_DETAIL *li = detail;

		if (finish(m))
			return 1;
		begin(m, TALLY_BLOCK_LIST_ITEM, m->lists);
		return li->is_task ? add(m, li->task_mark == ' ' ? "[ ] " : "[x] ", 4) : 0;
	}
	case MD_BLOCK_H:
		begin(m, TALLY_BLOCK_HEADING, ((MD_BLOCK_H_DETAIL *)detail)->level);
		return 0;
	case MD_BLOCK_P:
		/* the first paragraph of an item is the item */
		if (!m->open || m->block.kind != TALLY_BLOCK_LIST_ITEM || m->text.len > 4)
			begin(m, TALLY_BLOCK_PARAGRAPH, 0);
		return 0;
	case MD_BLOCK_CODE:
	case MD_BLOCK_HTML:
		if (finish(m))
			return 1;
		begin(m, TALLY_BLOCK_CODE, 0);
		if (type == MD_BLOCK_CODE)
			mark_text(m, &((MD_BLOCK_CODE_DETAIL *)detail)->info);
		return 0;
	case MD_BLOCK_TABLE:
		m->tables++;
		m->row = 0;
		return finish(m);
	case MD_BLOCK_TR:
		m->row++;
		m->cell = 0;
		return 0;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		begin_cell(m, detail);
		return 0;
	default:
		return 0;
	}
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *payload)
{
	struct markdown *m = payload;

	(void)detail;
	if (m->st < 0)
		return 1;
	if (type == MD_BLOCK_UL || type == MD_BLOCK_OL)
		m->lists--;
	if (finish(m))
		return 1;
	if (type == MD_BLOCK_QUOTE)
		tally_looks_mark(&m->looks, MARK_END);
	return type == MD_BLOCK_TR ? left_out(m) : 0;
}

/* An attribute as text; entities in it stay as they are written. */
static char *attribute(const MD_ATTRIBUTE *a)
{
	return tally_dup(a->text ? a->text : "", a->text ? a->size : 0);
}

/* What a link or a picture shows beside the pointer. */
static int beside(struct markdown *m, const MD_ATTRIBUTE *title)
{
	return title->text && title->size ? copied_fact(m, "property", title->text, title->size,
	                                                "text beside the pointer")
	                                  : 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *payload)
{
	struct markdown *m = payload;
	struct open_link *l;

	if (m->st < 0)
		return 1;
	tally_looks_mark(&m->looks, MARK_SPAN + (uint64_t)type);
	if (type != MD_SPAN_A && type != MD_SPAN_IMG)
		return 0;
	if (m->link_depth++ >= LINKS_OPEN)
		return 0;
	l = &m->links[m->link_count++];
	l->picture = type == MD_SPAN_IMG;
	l->from = m->text.len;
	l->target = attribute(l->picture ? &((MD_SPAN_IMG_DETAIL *)detail)->src
	                                 : &((MD_SPAN_A_DETAIL *)detail)->href);
	return l->target ? 0 : no_memory(m);
}

static int leave_span(MD_SPANTYPE type, void *detail, void *payload)
{
	struct markdown *m = payload;
	struct open_link *l;
	char *shown;
	int stop;

	if (m->st < 0)
		return 1;
	tally_looks_mark(&m->looks, MARK_END);
	if ((type != MD_SPAN_A && type != MD_SPAN_IMG) || !m->link_depth)
		return 0; /* md4c ends pictures that it has not begun, in some nestings */
	if (m->link_depth-- > LINKS_OPEN)
		return 0;
	l = &m->links[--m->link_count];
	shown = m->text.len > l->from ? tally_dup(m->text.bytes + l->from, m->text.len - l->from)
	                              : tally_dup("", 0);
	stop = shown ? fact(m, l->picture ? "image" : "link", l->target, shown) : no_memory(m);
	if (!stop && l->picture)
		stop = keep(m, tally_data_url_show(m->sink, l->target, l->target, m->err));
	if (!stop)
		stop = target_known(m, l->target) ||
		       beside(m, l->picture ? &((MD_SPAN_IMG_DETAIL *)detail)->title
		                            : &((MD_SPAN_A_DETAIL *)detail)->title);
	tally_free(shown);
	tally_free(l->target);
	return stop;
}

/* A line of code is a block, so that a change in it is a small one. */
static int code_line(struct markdown *m)
{
	struct tally_block b = m->block;

	if (finish(m))
		return 1;
	begin(m, b.kind, 0);
	return 0;
}

/* Texts come in order and point into the file, other than those that stand for entities and line ends. */
static int note_line(struct markdown *m, const char *text, size_t size)
{
	uintptr_t first = (uintptr_t)m->file->bytes, at = (uintptr_t)text;

	if (at < first || at >= first + m->file->len)
		return 0;
	for (; m->counted < at - first; m->counted++)
		m->line += m->file->bytes[m->counted] == '\n';
	if (!m->block.n)
		m->block.n = m->line;
	if (at - first + size > m->behind)
		m->behind = at - first + size;
	if (m->shown_count && m->shown[m->shown_count - 1] >= m->line)
		return 0;
	if (!tally_grow(&m->shown, &m->shown_cap, m->shown_count, sizeof *m->shown))
		return no_memory(m);
	m->shown[m->shown_count++] = m->line;
	return 0;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *payload)
{
	struct markdown *m = payload;

	if (m->st < 0)
		return 1;
	if (!m->open)
		return 0;
	if (note_line(m, text, size))
		return 1;
	switch (type) {
	case MD_TEXT_BR:
		return add(m, "\n", 1);
	case MD_TEXT_SOFTBR:
		return add(m, " ", 1);
	case MD_TEXT_NULLCHAR:
		return add(m, "\xef\xbf\xbd", 3);
	case MD_TEXT_HTML:
		return add_markup(m, text, size);
	case MD_TEXT_CODE:
		if (m->block.kind == TALLY_BLOCK_CODE && size == 1 && text[0] == '\n')
			return code_line(m);
		break;
	default:
		break;
	}
	return add(m, text, size);
}

/* ---- front matter: "---", lines of "name: value", "---" ---- */

/* @return bytes of it with both its marks, 0: there is none */
static size_t front_matter(const struct tally_text_file *f)
{
	const char *line;
	size_t n, at = 0;
	char mark;

	if (!tally_text_line(f->bytes, f->len, &at, &line, &n) || n != 3 ||
	    (memcmp(line, "---", 3) != 0 && memcmp(line, "+++", 3) != 0))
		return 0;
	mark = line[0];
	for (int i = 0; i < FRONT_LINES && tally_text_line(f->bytes, f->len, &at, &line, &n); i++)
		if (n == 3 && line[0] == mark && line[1] == mark && line[2] == mark)
			return at;
	return 0;
}

/* Values that go over several lines belong to the name above them. */
static int push_front(struct markdown *m, const char *text, size_t len)
{
	const char *line, *name = NULL;
	size_t n, at = 0, name_len = 0;
	struct tally_buf value;
	char *where;
	int stop = 0;

	tally_buf_init(&value, len + 1);
	tally_text_line(text, len, &at, &line, &n);
	while (!stop && tally_text_line(text, len, &at, &line, &n)) {
		const char *colon = memchr(line, text[0] == '+' ? '=' : ':', n);
		bool begins = colon && colon > line && line[0] != ' ' && line[0] != '-' &&
		              line[0] != '#';
		size_t indent = 0; /* says what belongs to what */

		if ((begins || at == len) && name) {
			where = tally_dup(name, name_len);
			stop = !where || !tally_buf_text(&value, "")
			               ? no_memory(m)
			               : fact(m, "custom_property", value.bytes, where);
			tally_free(where);
			name = NULL;
		}
		if (begins) {
			name = line;
			name_len = (size_t)(colon - line);
			while (name_len && line[name_len - 1] == ' ')
				name_len--;
			n -= (size_t)(colon + 1 - line);
			line = colon + 1;
			tally_buf_clear(&value);
		}
		for (; n && *line == ' '; line++, n--)
			indent++;
		if (!begins && indent) /* what is nested in what */
			m->rest = tally_hash64(&indent, sizeof indent, m->rest);
		if (!stop && !name && n && at < len)
			stop = copied_fact(m, "custom_property", line, n, "front matter");
		if (!stop && name && n &&
		    ((value.len && !tally_buf_byte(&value, ' ')) || !tally_buf_add(&value, line, n)))
			stop = no_memory(m);
	}
	tally_buf_release(&value);
	return stop;
}

/* ---- reading ---- */

static struct calls {
	__typeof__(md_parse) *parse;
} calls;

static enum tally_status load(struct tally_err *err)
{
	static const char *const names[] = { "md_parse" };
	static struct tally_library_calls library = {
		.library = TALLY_LIBRARY_MD4C, .names = names, .count = 1, .table = &calls
	};

	return tally_library_fill(&library, err);
}

static enum tally_status parse(struct markdown *m, const char *text, size_t len)
{
	static const MD_PARSER parser = { 0,          MD_DIALECT_GITHUB, enter_block, leave_block,
		                          enter_span, leave_span,        on_text,     NULL,
		                          NULL };
	enum tally_status st = load(m->err);

	if (st < 0)
		return st;
	if (len > UINT32_MAX / 2)
		return tally_err_set(m->err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                     "Markdown of more than 2 GiB");
	if (calls.parse(text, (MD_SIZE)len, &parser, m) && m->st >= 0)
		return tally_err_nomem(m->err);
	return m->st;
}

static int push_rest(struct markdown *m)
{
	struct tally_block none = { 0 };
	char text[24];

	tally_looks_give(&m->looks, &none);
	snprintf(text, sizeof text, "%016" PRIx64, none.look ^ m->rest);
	return fact(m, "unread", text, "looks and layout");
}

/* ---- footnotes: "[^1]: words", which without an extension of Markdown is a link, and not shown ---- */

static bool is_footnote(const char *line, size_t len)
{
	const char *close;
	size_t at = 0;

	while (at < len && at < 3 && line[at] == ' ')
		at++;
	close = len - at > 4 && line[at] == '[' && line[at + 1] == '^'
	                ? memchr(line + at, ']', len - at)
	                : NULL;
	return close && close + 1 < line + len && close[1] == ':';
}

static bool is_fence(const char *line, size_t len)
{
	while (len && *line == ' ') {
		line++;
		len--;
	}
	return len >= 3 && (!memcmp(line, "```", 3) || !memcmp(line, "~~~", 3));
}

/* A '\\' in front of each makes it words. @return false: no memory */
static bool show_footnotes(struct tally_text_file *file)
{
	struct tally_buf out;
	const char *line;
	bool code = false, ok = true, any = false;
	size_t n, from = 0;

	tally_buf_init(&out, UINT32_MAX / 2);
	for (size_t at = 0; ok && tally_text_line(file->bytes, file->len, &at, &line, &n);) {
		code ^= is_fence(line, n);
		if (code || !is_footnote(line, n))
			continue;
		any = true;
		n = (size_t)(line - file->bytes) + strspn(line, " ");
		ok = tally_buf_add(&out, file->bytes + from, n - from) && tally_buf_byte(&out, '\\');
		from = n;
	}
	if (ok && any) {
		ok = tally_buf_add(&out, file->bytes + from, file->len - from + 1);
		if (ok) {
			tally_free(file->bytes);
			file->bytes = tally_buf_take(&out, &file->len);
			file->len--;
		}
	}
	tally_buf_release(&out);
	return ok;
}

static enum tally_status md_read(struct tally_source *src, const struct tally_read_options *options,
                                 const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_text_file file;
	struct markdown m = {
		.sink = sink, .limits = options->limits, .err = err, .file = &file, .line = 1
	};
	enum tally_status st = tally_text_file_load(&file, src, options, err), end;
	size_t front;

	if (st < 0)
		return st;
	if (!show_footnotes(&file)) {
		tally_text_file_release(&file);
		return tally_err_nomem(err);
	}
	tally_buf_init(&m.text, UINT32_MAX / 2);
	tally_buf_init(&m.markup, UINT32_MAX / 2);
	front = front_matter(&file);
	if (front)
		push_front(&m, file.bytes, front);
	m.behind = front;
	st = m.st < 0 ? m.st : parse(&m, file.bytes + front, file.len - front);
	if (st >= 0 && (left_over(&m, front) || push_rest(&m)))
		st = m.st;
	end = st < 0 ? st : tally_text_file_facts(&file, sink, err);
	while (m.link_count)
		tally_free(m.links[--m.link_count].target);
	tally_buf_release(&m.text);
	tally_buf_release(&m.markup);
	tally_free(m.targets);
	tally_free(m.shown);
	tally_text_file_release(&file);
	return end;
}

const struct tally_format tally_format_markdown = {
	.version = TALLY_FORMAT_VERSION,
	.name = "markdown",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLAIN,
	.probe = md_probe,
	.read = md_read,
};
