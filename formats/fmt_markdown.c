/*
 * Markdown (CommonMark with GitHub's tables, by md4c): blocks as they are shown, so that lines filled anew are no change; links
 * and front matter as facts.
 */
#include <md4c.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/library.h"
#include "core/mem.h"
#include "formats/format.h"
#include "formats/text_file.h"

static const char *const suffixes[] = { ".md", ".markdown", ".mkd", ".mdown", NULL };

enum {
	LINKS_OPEN = 8, /* links and pictures inside each other */
	FRONT_LINES = 1000,
};

struct open_link {
	char *target;
	size_t from;
	bool picture;
};

struct markdown {
	const struct tally_sink *sink;
	struct tally_err *err;
	enum tally_status st;
	struct tally_buf text; /* of the block that is open */
	struct tally_block block;
	bool open; /* a block is */
	const struct tally_text_file *file;
	size_t counted; /* bytes of the file of which the lines are counted, */
	uint32_t line;  /* and the line behind them, from 1 */
	uint32_t lists, tables, row, cell;
	bool task, task_done;
	struct open_link links[LINKS_OPEN];
	uint32_t link_count, link_depth;
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
	tally_buf_clear(&m->text);
}

static int finish(struct markdown *m)
{
	struct tally_block *b = &m->block;

	if (!m->open)
		return 0;
	m->open = false;
	b->text = m->text.bytes;
	b->len = (uint32_t)m->text.len;
	if (!b->len || !m->sink->block)
		return 0;
	return keep(m, m->sink->block(m->sink->payload, b, m->err));
}

/* ---- md4c's events ---- */

static int enter_block(MD_BLOCKTYPE type, void *detail, void *payload)
{
	struct markdown *m = payload;

	if (m->st < 0)
		return 1;
	switch (type) {
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		/* the words of the item that it stands in come first */
		m->lists++;
		return finish(m);
	case MD_BLOCK_LI: {
		const MD_BLOCK_LI_DETAIL *li = detail;

		if (finish(m))
			return 1;
		begin(m, TALLY_BLOCK_LIST_ITEM, m->lists);
		if (li->is_task && !tally_buf_text(&m->text, li->task_mark == ' ' ? "[ ] " : "[x] "))
			return no_memory(m);
		return 0;
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
		begin(m, TALLY_BLOCK_CELL, 0);
		m->block.area = TALLY_AREA_TABLE;
		m->block.n = m->tables;
		m->block.row = m->row;
		m->block.cell = ++m->cell;
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
	return finish(m);
}

/* An attribute as text; entities in it stay as they are written. */
static char *attribute(const MD_ATTRIBUTE *a)
{
	return tally_dup(a->text ? a->text : "", a->text ? a->size : 0);
}

static int enter_span(MD_SPANTYPE type, void *detail, void *payload)
{
	struct markdown *m = payload;
	struct open_link *l;

	if (m->st < 0)
		return 1;
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

	(void)detail;
	if (m->st < 0)
		return 1;
	if ((type != MD_SPAN_A && type != MD_SPAN_IMG) || m->link_depth-- > LINKS_OPEN)
		return 0;
	l = &m->links[--m->link_count];
	shown = m->text.len > l->from ? tally_dup(m->text.bytes + l->from, m->text.len - l->from)
	                              : tally_dup("", 0);
	stop = shown ? fact(m, l->picture ? "image" : "link", l->target, shown) : no_memory(m);
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
	m->block = b;
	m->block.n = 0;
	m->open = true;
	tally_buf_clear(&m->text);
	return 0;
}

/* Texts come in order and point into the file, other than those that stand for entities and line ends. */
static void note_line(struct markdown *m, const char *text)
{
	uintptr_t first = (uintptr_t)m->file->bytes, at = (uintptr_t)text;

	if (m->block.n || at < first || at >= first + m->file->len)
		return;
	for (; m->counted < at - first; m->counted++)
		m->line += m->file->bytes[m->counted] == '\n';
	m->block.n = m->line;
}

static int on_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *payload)
{
	struct markdown *m = payload;

	if (m->st < 0)
		return 1;
	if (!m->open)
		return 0;
	note_line(m, text);
	switch (type) {
	case MD_TEXT_BR:
		return tally_buf_byte(&m->text, '\n') ? 0 : no_memory(m);
	case MD_TEXT_SOFTBR:
		return tally_buf_byte(&m->text, ' ') ? 0 : no_memory(m);
	case MD_TEXT_NULLCHAR:
		return tally_buf_text(&m->text, "\xef\xbf\xbd") ? 0 : no_memory(m);
	case MD_TEXT_CODE:
	case MD_TEXT_HTML:
		if (m->block.kind == TALLY_BLOCK_CODE && size == 1 && text[0] == '\n')
			return code_line(m);
		break;
	default:
		break;
	}
	return tally_buf_add(&m->text, text, size) ? 0 : no_memory(m);
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
		while (n && *line == ' ') {
			line++;
			n--;
		}
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

static enum tally_status md_read(struct tally_source *src, const struct tally_read_options *options,
                                 const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_text_file file;
	struct markdown m = { .sink = sink, .err = err, .file = &file, .line = 1 };
	enum tally_status st = tally_text_file_load(&file, src, options, err), end;
	size_t front;

	if (st < 0)
		return st;
	tally_buf_init(&m.text, UINT32_MAX / 2);
	front = front_matter(&file);
	if (front)
		push_front(&m, file.bytes, front);
	st = m.st < 0 ? m.st : parse(&m, file.bytes + front, file.len - front);
	end = st < 0 ? st : tally_text_file_facts(&file, sink, err);
	while (m.link_count)
		tally_free(m.links[--m.link_count].target);
	tally_buf_release(&m.text);
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
