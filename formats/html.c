/* HTML as blocks and facts: see html.h. */
#include "formats/html.h"

#include <gumbo.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/library.h"
#include "core/mem.h"
#include "formats/html_bounds.h"
#include "formats/html_work.h"

enum {
	LONGEST = 512 << 20,
	SHOWN = 200 /* bytes of a link's text that name its place */,
	CLOSED = 3 /* a mark */
};

/* What an element does to the text in it. */
enum effect {
	INLINE,
	BREAKS, /* a block of its own */
	HEADING,
	ITEM,
	CELL,
	ROW,
	TABLE,
	KEEPS, /* blanks and lines as they stand */
	LINE,  /* a line end */
	RULES, /* script, style …: no text */
};

/* ---- elements ---- */

/* All others stand in the line. */
static const unsigned char effects[GUMBO_TAG_LAST] = {
	[GUMBO_TAG_H1] = HEADING,     [GUMBO_TAG_H2] = HEADING,
	[GUMBO_TAG_H3] = HEADING,     [GUMBO_TAG_H4] = HEADING,
	[GUMBO_TAG_H5] = HEADING,     [GUMBO_TAG_H6] = HEADING,
	[GUMBO_TAG_LI] = ITEM,        [GUMBO_TAG_DT] = ITEM,
	[GUMBO_TAG_DD] = ITEM,        [GUMBO_TAG_TD] = CELL,
	[GUMBO_TAG_TH] = CELL,        [GUMBO_TAG_TR] = ROW,
	[GUMBO_TAG_TABLE] = TABLE,    [GUMBO_TAG_PRE] = KEEPS,
	[GUMBO_TAG_TEXTAREA] = KEEPS, [GUMBO_TAG_BR] = LINE,
	[GUMBO_TAG_TITLE] = RULES,    [GUMBO_TAG_P] = BREAKS,
	[GUMBO_TAG_DIV] = BREAKS,     [GUMBO_TAG_SECTION] = BREAKS,
	[GUMBO_TAG_ARTICLE] = BREAKS, [GUMBO_TAG_ASIDE] = BREAKS,
	[GUMBO_TAG_NAV] = BREAKS,     [GUMBO_TAG_HEADER] = BREAKS,
	[GUMBO_TAG_FOOTER] = BREAKS,  [GUMBO_TAG_MAIN] = BREAKS,
	[GUMBO_TAG_ADDRESS] = BREAKS, [GUMBO_TAG_BLOCKQUOTE] = BREAKS,
	[GUMBO_TAG_FIGURE] = BREAKS,  [GUMBO_TAG_FIGCAPTION] = BREAKS,
	[GUMBO_TAG_CAPTION] = BREAKS, [GUMBO_TAG_CENTER] = BREAKS,
	[GUMBO_TAG_FORM] = BREAKS,    [GUMBO_TAG_FIELDSET] = BREAKS,
	[GUMBO_TAG_LEGEND] = BREAKS,  [GUMBO_TAG_DETAILS] = BREAKS,
	[GUMBO_TAG_SUMMARY] = BREAKS, [GUMBO_TAG_UL] = BREAKS,
	[GUMBO_TAG_OL] = BREAKS,      [GUMBO_TAG_DL] = BREAKS,
	[GUMBO_TAG_HR] = BREAKS,      [GUMBO_TAG_BODY] = BREAKS,
	[GUMBO_TAG_OPTION] = BREAKS,
};

static enum effect effect_of(const GumboNode *n)
{
	const GumboElement *e = &n->v.element;

	/* these are rules in drawings as well */
	if (e->tag == GUMBO_TAG_SCRIPT || e->tag == GUMBO_TAG_STYLE)
		return RULES;
	if (e->tag_namespace != GUMBO_NAMESPACE_HTML)
		return tally_html_foreign(n, "text") || tally_html_foreign(n, "title") ||
		                       tally_html_foreign(n, "desc")
		               ? BREAKS
		               : INLINE;
	return e->tag < GUMBO_TAG_LAST ? (enum effect)effects[e->tag] : INLINE;
}

/* A declaration of a style, with any blanks in it. */
static bool style_says(const char *style, const char *what)
{
	for (const char *first = style; style && *style; style++) {
		const char *s = style, *w = what;

		if (style > first && !strchr("; \t\r\n", style[-1]))
			continue;
		while (*w && *s) {
			if (*s == ' ')
				s++;
			else if ((*s | (*s >= 'A' && *s <= 'Z' ? 0x20 : 0)) == *w) {
				s++;
				w++;
			} else {
				break;
			}
		}
		if (!*w || (!*s && !strcmp(w, ";")))
			return true;
	}
	return false;
}

static bool is_unshown(const GumboNode *n)
{
	const char *style = tally_html_attribute(n, "style");

	return n->v.element.tag == GUMBO_TAG_TEMPLATE || tally_html_attribute(n, "hidden") ||
	       style_says(style, "display:none") || style_says(style, "visibility:hidden");
}

/* Not shown: sure where it is said so, possible where letters are too small or have no colour. */
static const char *hidden_how(const GumboNode *n)
{
	const char *style = tally_html_attribute(n, "style");

	if (is_unshown(n))
		return "hidden";
	if (style_says(style, "font-size:0") || style_says(style, "font-size:1px") ||
	    style_says(style, "opacity:0;") || style_says(style, "color:#fff;") ||
	    style_says(style, "color:#ffffff;") || style_says(style, "color:white;"))
		return "possibly hidden";
	return NULL;
}

/* ---- what is pushed ---- */

/* Lines that are kept are blocks each, as those of code are in Markdown. */
static enum tally_status push_kept(struct tally_html_page *p, struct tally_block b)
{
	const char *line = p->text.bytes, *end = line + p->text.len;
	enum tally_status st = TALLY_OK;

	for (; st >= 0 && line < end; line += b.len + 1) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));

		b.text = line;
		b.len = (uint32_t)((stop ? stop : end) - line);
		if (strspn(line, " \t\r") < b.len)
			st = p->sink->block(p->sink->payload, &b, p->err);
		b.look = b.rough_look = 0;
	}
	return st;
}

static enum tally_status finish_block(struct tally_html_page *p)
{
	struct tally_block b = { .area = (uint8_t)p->place->area, .n = p->place->n };
	const struct tally_html_level *l = p->depth ? &p->levels[p->depth - 1] : NULL;
	enum tally_status st = TALLY_OK;

	while (p->text.len &&
	       (p->text.bytes[p->text.len - 1] == ' ' || p->text.bytes[p->text.len - 1] == '\n'))
		p->text.len--;
	if (p->text.len && p->sink->block) {
		b = l ? l->marks : b;
		b.text = p->text.bytes;
		b.len = (uint32_t)p->text.len;
		tally_looks_give(&p->looks, &b);
		if (l && l->keeps && b.kind == TALLY_BLOCK_PARAGRAPH) {
			b.kind = TALLY_BLOCK_CODE;
			st = push_kept(p, b);
		} else {
			st = p->sink->block(p->sink->payload, &b, p->err);
		}
	}
	tally_buf_clear(&p->text);
	p->blank = false;
	p->serial++;
	return st;
}

static bool add_letters(struct tally_html_page *p, bool hidden, const char *text, bool keeps)
{
	struct tally_buf *out = hidden ? &p->hidden : &p->text;
	bool *due = hidden ? &p->hidden_blank : &p->blank;

	for (; *text; text++) {
		bool blank = *text == ' ' || *text == '\t' || *text == '\n' || *text == '\r' ||
		             *text == '\f';

		if (blank && !keeps) {
			*due = out->len > 0;
			continue;
		}
		if (*due && !tally_buf_byte(out, ' '))
			return false;
		*due = false;
		if (!tally_buf_byte(out, *text))
			return false;
	}
	return true;
}

static enum tally_status letters(struct tally_html_page *p, const char *text)
{
	const struct tally_html_level *l = &p->levels[p->depth - 1];
	size_t before = p->text.len;

	if (!add_letters(p, l->hidden, text, l->keeps))
		return tally_err_nomem(p->err);
	tally_looks_letters(&p->looks, p->text.len - before);
	return TALLY_OK;
}

/* ---- elements with text behind them ---- */

/* Where the text of an element begins in the block that is open. */
static size_t from_of(const struct tally_html_page *p, const struct tally_html_level *l)
{
	return l->serial == p->serial && l->from < p->text.len ? l->from : 0;
}

/* A link is known by what it shows. */
static enum tally_status link_fact(struct tally_html_page *p, const struct tally_html_level *l)
{
	const char *href = tally_html_attribute(l->node, "href");
	size_t from = from_of(p, l), len = p->text.len - from;
	char shown[SHOWN + 1];

	if (!href)
		return TALLY_OK;
	if (l->hidden)
		return tally_html_fact(p, "link", href, "(hidden)");
	if (len > SHOWN)
		for (len = SHOWN; len && ((unsigned char)p->text.bytes[from + len] & 0xC0) == 0x80;)
			len--;
	if (len)
		memcpy(shown, p->text.bytes + from, len);
	shown[len] = '\0';
	return tally_html_fact(p, "link", href, shown + strspn(shown, " "));
}

/* ---- the walk, without recursion: nobody's nesting ends it ---- */

/* What blocks in it are, from what it is and what it stands in. */
static void mark(struct tally_html_page *p, struct tally_html_level *mine,
                 struct tally_html_level *above, enum effect effect)
{
	struct tally_block *b = &mine->marks;

	switch (effect) {
	case HEADING:
		b->kind = TALLY_BLOCK_HEADING;
		b->level = (uint8_t)(mine->node->v.element.tag - GUMBO_TAG_H1 + 1);
		break;
	case ITEM:
		b->kind = TALLY_BLOCK_LIST_ITEM;
		b->level = (uint8_t)(b->level < 255 ? b->level + 1 : 255);
		break;
	case TABLE:
		b->row = 0;
		if (p->place->area != TALLY_AREA_BODY)
			break;
		b->area = TALLY_AREA_TABLE;
		b->n = ++p->tables;
		break;
	case ROW: /* rows are counted by whatever stands between them and their table, too */
		b->row = above ? ++above->table_row : 1;
		break;
	case CELL:
		b->kind = TALLY_BLOCK_CELL;
		b->level = 0;
		b->cell = above ? ++above->cell : 1;
		break;
	default:
		break;
	}
}

static enum tally_status push_level(struct tally_html_page *p, const GumboNode *n,
                                    enum effect effect, const char *how)
{
	struct tally_html_level *above, *mine;

	if (!tally_grow(&p->levels, &p->cap, p->depth, sizeof *p->levels))
		return tally_err_nomem(p->err);
	above = p->depth ? &p->levels[p->depth - 1] : NULL;
	mine = &p->levels[p->depth++];
	*mine = (struct tally_html_level){ .node = n,
		                           .serial = p->serial,
		                           .from = p->text.len,
		                           .hidden = above && above->hidden,
		                           .keeps = (above && above->keeps) || effect == KEEPS };
	if (above && effect != TABLE)
		mine->table_row = above->table_row;
	if (above)
		mine->marks = above->marks;
	else
		mine->marks.area = (uint8_t)p->place->area;
	if (!above)
		mine->marks.n = p->place->n;
	mark(p, mine, above, effect);
	if (how && !strcmp(how, "hidden") && !mine->hidden) {
		mine->hidden = true;
		tally_buf_clear(&p->hidden);
		p->hidden_blank = false;
	}
	return TALLY_OK;
}

static bool breaks(enum effect effect)
{
	return effect != INLINE && effect != LINE;
}

static enum tally_status open_element(struct tally_html_page *p, const GumboNode *n)
{
	enum effect effect = effect_of(n);
	bool hidden = p->depth && p->levels[p->depth - 1].hidden;
	enum tally_status st;

	p->unshown = hidden || is_unshown(n);
	if (effect == RULES)
		return tally_html_code(p, n);
	st = breaks(effect) && !hidden ? finish_block(p) : TALLY_OK;
	if (st >= 0)
		st = tally_html_element(p, n);
	if (st >= 0 && effect == LINE && !hidden && p->text.len && !tally_buf_byte(&p->text, '\n'))
		st = tally_err_nomem(p->err);
	p->hidden_blank |= hidden && breaks(effect) && p->hidden.len;
	return st < 0 ? st : push_level(p, n, effect, hidden_how(n));
}

static enum tally_status close_element(struct tally_html_page *p)
{
	struct tally_html_level l = p->levels[p->depth - 1];
	const struct tally_html_level *above = p->depth > 1 ? &p->levels[p->depth - 2] : NULL;
	enum effect effect = effect_of(l.node);
	const char *how = hidden_how(l.node);
	enum tally_status st = TALLY_OK;

	if (l.node->v.element.tag == GUMBO_TAG_A)
		st = link_fact(p, &l);
	if (st >= 0 && l.hidden && !(above && above->hidden)) {
		if (p->hidden.len)
			st = tally_html_fact(p, "hidden_text", p->hidden.bytes, NULL);
	} else if (st >= 0 && how && !l.hidden && p->text.len > from_of(p, &l)) {
		st = tally_html_fact(p, "hidden_text", p->text.bytes + from_of(p, &l), "possibly");
	}
	if (st >= 0 && breaks(effect) && !l.hidden)
		st = finish_block(p);
	/* how far it goes; of paragraphs, items and cells that is told by their text */
	if (!l.hidden && !tally_html_looks_like_nothing(l.node) &&
	    (effect == INLINE || (effect == BREAKS && l.node->v.element.tag != GUMBO_TAG_P &&
	                          l.node->v.element.attributes.length)))
		tally_looks_mark(&p->looks, CLOSED);
	/* rows below a body of a table are rows of the table */
	if (above && l.node->v.element.tag != GUMBO_TAG_TABLE && effect != ROW)
		p->levels[p->depth - 2].table_row = l.table_row > above->table_row
		                                            ? l.table_row
		                                            : above->table_row;
	p->depth--;
	return st;
}

static enum tally_status step(struct tally_html_page *p)
{
	struct tally_html_level *l = &p->levels[p->depth - 1];
	const GumboNode *n;

	if (l->next == l->node->v.element.children.length)
		return close_element(p);
	n = l->node->v.element.children.data[l->next++];
	switch (n->type) {
	case GUMBO_NODE_ELEMENT:
	case GUMBO_NODE_TEMPLATE:
		return open_element(p, n);
	case GUMBO_NODE_TEXT:
	case GUMBO_NODE_CDATA:
	case GUMBO_NODE_WHITESPACE:
		return letters(p, n->v.text.text);
	case GUMBO_NODE_COMMENT:
		return tally_html_comment(p, n->v.text.text);
	default:
		return TALLY_OK;
	}
}

/* ---- parsing: all nodes go into an arena, so that no nesting makes freeing them deep ---- */

static void *take(void *arena, size_t size)
{
	return tally_arena_alloc(arena, size);
}

static void leave(void *arena, void *block)
{
	(void)arena;
	(void)block;
}

static struct calls {
	__typeof__(gumbo_parse_with_options) *parse;
} calls;

static enum tally_status load(struct tally_err *err)
{
	static const char *const names[] = { "gumbo_parse_with_options" };
	static struct tally_library_calls library = {
		.library = TALLY_LIBRARY_GUMBO, .names = names, .count = 1, .table = &calls
	};

	return tally_library_fill(&library, err);
}

static enum tally_status parse(GumboOutput **out, struct tally_arena *arena, const char *bytes,
                               size_t len, struct tally_err *err)
{
	GumboOptions options = { .allocator = take,
		                 .deallocator = leave,
		                 .userdata = arena,
		                 .tab_stop = 8,
		                 .fragment_context = GUMBO_TAG_LAST };
	enum tally_status st = load(err);

	if (st < 0)
		return st;
	if (len > LONGEST)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE, "HTML of %zu bytes",
		                     len);
	*out = calls.parse(&options, bytes, len);
	return *out ? TALLY_OK : tally_err_nomem(err);
}

void tally_html_declared(char name[TALLY_HTML_CHARSET], const char *bytes, size_t len)
{
	static const char charset[] = "charset=";
	const size_t sign = sizeof charset - 1;
	const char *p = bytes, *end = p + (len < TALLY_HTML_HEAD ? len : TALLY_HTML_HEAD);
	size_t n = 0;

	while ((size_t)(end - p) >= sign && strncasecmp(p, charset, sign) != 0)
		p++;
	p = (size_t)(end - p) >= sign ? p + sign : end;
	while (p < end && (*p == '"' || *p == '\''))
		p++;
	while (p < end && n + 1 < TALLY_HTML_CHARSET && !strchr("\"'>; /\t\r\n", *p))
		name[n++] = *p++;
	name[n] = '\0';
}

/* Whatever stands in front of the page's own element, and behind it. */
static enum tally_status walk(struct tally_html_page *p, const GumboOutput *tree)
{
	const GumboVector *all = &tree->document->v.document.children;
	enum tally_status st = TALLY_OK;

	tally_html_doctype(p, tree->document);
	for (unsigned i = 0; i < all->length && st >= 0; i++) {
		const GumboNode *n = all->data[i];

		if (n->type == GUMBO_NODE_COMMENT)
			st = tally_html_comment(p, n->v.text.text);
		if (n != tree->root)
			continue;
		st = open_element(p, n);
		while (st >= 0 && p->depth)
			st = step(p);
	}
	return st;
}

/* Marks behind the last block. */
static enum tally_status push_rest(struct tally_html_page *p)
{
	struct tally_block none = { 0 };
	char text[24];

	tally_looks_give(&p->looks, &none);
	if (p->place->rest) {
		*p->place->rest += none.look ? tally_hash64(&none.look, sizeof none.look, 0) : 0;
		return TALLY_OK;
	}
	snprintf(text, sizeof text, "%016" PRIx64, none.look);
	return tally_html_fact(p, "unread", text, "looks and layout");
}

enum tally_status tally_html_read(const char *bytes, size_t len, const struct tally_html_place *place,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_arena arena = TALLY_ARENA_INIT;
	struct tally_html_page p = { .place = place, .sink = sink, .err = err };
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	GumboOutput *tree = NULL;
	enum tally_status st = tally_html_bounds(bytes, len,
	                                         place->limits ? place->limits : &defaults, err);

	if (st >= 0)
		st = parse(&tree, &arena, bytes, len, err);

	tally_buf_init(&p.text, UINT32_MAX / 2);
	tally_buf_init(&p.hidden, UINT32_MAX / 2);
	tally_buf_init(&p.value, UINT32_MAX / 2);
	if (st >= 0)
		st = walk(&p, tree);
	if (st >= 0)
		st = push_rest(&p);
	tally_free(p.levels);
	tally_buf_release(&p.text);
	tally_buf_release(&p.hidden);
	tally_buf_release(&p.value);
	tally_arena_release(&arena);
	return st;
}
