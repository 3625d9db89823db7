/* Styles of OpenDocument spreadsheets: names to number formats, see ods_styles.h. */
#include "formats/ods.h"

#include <stdio.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/ascii.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/mem.h"

enum {
	PARENTS_MOST = 32, /* styles that inherit from one another; programs make two or three */
	CODE_MOST = 4096,  /* bytes of one code */
	DIGITS_MOST = 60,  /* places of a number */
};

enum kind { DATA, CELL, TABLE };

struct style {
	enum kind kind;
	const char *name;
	size_t len;
	const char *data; /* CELL: name of its data style, or NULL */
	size_t data_len;
	const char *parent; /* CELL */
	size_t parent_len;
	struct tally_ods_format format;                       /* DATA; CELL once it is known */
	uint64_t look;                                        /* CELL: sum over its properties */
	enum colour { UNSAID, WHITE, OTHER } letters, ground; /* CELL */
	bool known, hides;
};

struct tally_ods_styles {
	struct style *styles;
	size_t count, cap;
	uint32_t *slots; /* by hash of kind and name, number + 1 */
	size_t slot_count;
	struct tally_arena arena;
	/* the number style that is being read */
	struct tally_buf code;
	size_t number; /* of it, + 1; 0: none */
	bool elapsed;  /* hours go on beyond 24 */
	bool sized;    /* a number with a number of decimals */
	bool literal;  /* inside number:text */
	bool symbol;   /* inside number:currency-symbol */
	struct tally_buf text;
	size_t table; /* the table style that is being read, + 1 */
	size_t cell;  /* the cell style likewise */
};

static const struct tally_ods_format general = { .shown = TALLY_NUMBER_GENERAL };

struct tally_ods_styles *tally_ods_styles_new(void)
{
	struct tally_ods_styles *s = tally_alloc_zero(1, sizeof *s);

	if (!s)
		return NULL;
	/* all of their room at once: what does not fit later is beyond the ceiling */
	tally_buf_init(&s->code, CODE_MOST);
	tally_buf_init(&s->text, CODE_MOST / 4);
	if (tally_buf_reserve(&s->code, CODE_MOST) && tally_buf_reserve(&s->text, CODE_MOST / 4))
		return s;
	tally_ods_styles_free(s);
	return NULL;
}

void tally_ods_styles_free(struct tally_ods_styles *s)
{
	if (!s)
		return;
	tally_arena_release(&s->arena);
	tally_buf_release(&s->code);
	tally_buf_release(&s->text);
	tally_free(s->styles);
	tally_free(s->slots);
	tally_free(s);
}

/* ---- names ---- */

/* @return the slot of this name, or the empty one where it would stand */
static uint32_t *slot_of(const struct tally_ods_styles *s, enum kind kind, const char *name,
                         size_t len)
{
	size_t i = (size_t)tally_hash64(name, len, kind) & (s->slot_count - 1);

	for (; s->slots[i]; i = (i + 1) & (s->slot_count - 1)) {
		const struct style *style = &s->styles[s->slots[i] - 1];

		if (style->kind == kind && style->len == len && !memcmp(style->name, name, len))
			break;
	}
	return &s->slots[i];
}

static struct style *find(const struct tally_ods_styles *s, enum kind kind, const char *name,
                          size_t len)
{
	uint32_t *slot = name && s->slot_count ? slot_of(s, kind, name, len) : NULL;

	return slot && *slot ? &s->styles[*slot - 1] : NULL;
}

static bool more_slots(struct tally_ods_styles *s)
{
	size_t count = s->slot_count ? s->slot_count * 2 : 64;
	uint32_t *slots;

	if (s->count * 2 < s->slot_count)
		return true;
	slots = tally_alloc_zero(count, sizeof *slots);
	if (!slots)
		return false;
	tally_free(s->slots);
	s->slots = slots;
	s->slot_count = count;
	for (size_t i = 0; i < s->count; i++)
		*slot_of(s, s->styles[i].kind, s->styles[i].name, s->styles[i].len) = (uint32_t)i + 1;
	return true;
}

static const char *copy_of(struct tally_ods_styles *s, const struct tally_xml_attr *a, size_t *len)
{
	*len = a ? a->len : 0;
	return a ? tally_arena_dup(&s->arena, a->value, a->len) : NULL;
}

/* A style by this name; one that was there is another from now on. @return its number + 1, 0: no memory */
static size_t add(struct tally_ods_styles *s, enum kind kind, const struct tally_xml_attr *name)
{
	struct style style = { .kind = kind };
	uint32_t *slot;

	if (!more_slots(s))
		return 0;
	style.name = copy_of(s, name, &style.len);
	if (!style.name)
		return 0;
	slot = slot_of(s, kind, style.name, style.len);
	if (!*slot) {
		if (!tally_grow(&s->styles, &s->cap, s->count, sizeof *s->styles))
			return 0;
		*slot = (uint32_t)++s->count;
	}
	s->styles[*slot - 1] = style;
	return *slot;
}

/* ---- codes of number styles ---- */

static unsigned attr_number(const struct tally_xml_start *e, const char *local, unsigned otherwise)
{
	const struct tally_xml_attr *a = tally_xml_attr(e, TALLY_XML_NUMBER, local);
	unsigned n = 0;

	if (!a)
		return otherwise;
	for (size_t i = 0; i < a->len && tally_is_digit(a->value[i]) && n < DIGITS_MOST; i++)
		n = n * 10 + (unsigned)(a->value[i] - '0');
	return n < DIGITS_MOST ? n : DIGITS_MOST;
}

static bool attr_is(const struct tally_xml_start *e, const char *local, const char *value)
{
	const struct tally_xml_attr *a = tally_xml_attr(e, TALLY_XML_NUMBER, local);

	return a && a->len == strlen(value) && !memcmp(a->value, value, a->len);
}

/* A code beyond its ceiling is cut: it still says what it is. */
static void put(struct tally_ods_styles *s, const char *text)
{
	(void)tally_buf_text(&s->code, text);
}

static void put_many(struct tally_ods_styles *s, char c, unsigned count)
{
	while (count--)
		(void)tally_buf_byte(&s->code, c);
}

static void put_decimals(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	unsigned decimals = attr_number(e, "decimal-places", 0);
	unsigned least = attr_number(e, "min-decimal-places", decimals);

	if (!decimals)
		return;
	put(s, ".");
	put_many(s, '0', least < decimals ? least : decimals);
	put_many(s, '#', least < decimals ? decimals - least : 0);
}

static void put_integer(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	unsigned digits = attr_number(e, "min-integer-digits", 1);

	if (!attr_is(e, "grouping", "true")) {
		put_many(s, digits ? '0' : '#', digits ? digits : 1);
		return;
	}
	for (unsigned i = digits < 4 ? 4 : digits; i > 0; i--) {
		put(s, i <= digits ? "0" : "#");
		if (i > 1 && i % 3 == 1)
			put(s, ",");
	}
}

static void take_number(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	s->sized |= tally_xml_attr(e, TALLY_XML_NUMBER, "decimal-places") != NULL ||
	            attr_is(e, "grouping", "true");
	put_integer(s, e);
	put_decimals(s, e);
}

static void take_scientific(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	take_number(s, e);
	s->sized = true;
	put(s, "E+");
	put_many(s, '0', attr_number(e, "min-exponent-digits", 2));
}

static void take_fraction(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	s->sized = true;
	put(s, tally_xml_attr(e, TALLY_XML_NUMBER, "min-integer-digits") ? "# " : "");
	put_many(s, '?', attr_number(e, "min-numerator-digits", 1));
	put(s, "/");
	put_many(s, '?', attr_number(e, "min-denominator-digits", 1));
}

static void take_seconds(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	unsigned decimals = attr_number(e, "decimal-places", 0);

	put(s, attr_is(e, "style", "long") ? "ss" : "s");
	put(s, decimals ? "." : "");
	put_many(s, '0', decimals);
}

static void take_month(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	bool wide = attr_is(e, "style", "long");

	if (attr_is(e, "textual", "true"))
		put(s, wide ? "mmmm" : "mmm");
	else
		put(s, wide ? "mm" : "m");
}

static void take_hours(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	bool wide = attr_is(e, "style", "long");

	if (s->elapsed)
		put(s, wide ? "[hh]" : "[h]");
	else
		put(s, wide ? "hh" : "h");
}

/* Parts of dates that are the same word for each length. */
static const struct {
	const char *local, *narrow, *wide;
} parts[] = {
	{ "year", "yy", "yyyy" }, { "day", "d", "dd" },           { "day-of-week", "ddd", "dddd" },
	{ "minutes", "m", "mm" }, { "era", "g", "ggg" },          { "am-pm", "AM/PM", "AM/PM" },
	{ "quarter", "Q", "QQ" }, { "week-of-year", "WW", "WW" }, { "text-content", "@", "@" },
};

static void take_part(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (tally_xml_is(&e->name, TALLY_XML_NUMBER, parts[i].local))
			put(s, attr_is(e, "style", "long") ? parts[i].wide : parts[i].narrow);
}

static void take_element(struct tally_ods_styles *s, const struct tally_xml_start *e)
{
	static const struct {
		const char *local;
		void (*take)(struct tally_ods_styles *, const struct tally_xml_start *);
	} elements[] = {
		{ "number", take_number },     { "scientific-number", take_scientific },
		{ "fraction", take_fraction }, { "seconds", take_seconds },
		{ "month", take_month },       { "hours", take_hours },
	};

	for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
		if (tally_xml_is(&e->name, TALLY_XML_NUMBER, elements[i].local)) {
			elements[i].take(s, e);
			return;
		}
	s->literal = tally_xml_is(&e->name, TALLY_XML_NUMBER, "text");
	s->symbol = tally_xml_is(&e->name, TALLY_XML_NUMBER, "currency-symbol");
	tally_buf_clear(&s->text);
	if (!s->literal && !s->symbol)
		take_part(s, e);
}

static void end_text(struct tally_ods_styles *s)
{
	bool plain = s->text.len > 0;

	for (size_t i = 0; i < s->text.len; i++) {
		if (s->text.bytes[i] == '"')
			s->text.bytes[i] = '\'';
		plain &= strchr("-/ :.,()+$%", s->text.bytes[i]) != NULL;
	}
	if (s->text.len) {
		put(s, s->symbol ? "[$" : plain ? "" : "\"");
		(void)tally_buf_add(&s->code, s->text.bytes, s->text.len);
		put(s, s->symbol ? "]" : plain ? "" : "\"");
	}
	s->literal = s->symbol = false;
}

/* ---- elements ---- */

static bool is_number_style(const struct tally_xml_name *name)
{
	static const char *const styles[] = { "number-style", "currency-style", "percentage-style",
		                              "date-style",   "time-style",     "boolean-style",
		                              "text-style" };

	if (name->ns != TALLY_XML_NUMBER)
		return false;
	for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
		if (tally_xml_is(name, TALLY_XML_NUMBER, styles[i]))
			return true;
	return false;
}

static enum tally_status begin_number(struct tally_ods_styles *s, const struct tally_xml_start *e,
                                      const struct tally_xml_attr *name, struct tally_err *err)
{
	s->number = add(s, DATA, name);
	if (!s->number)
		return tally_err_nomem(err);
	tally_buf_clear(&s->code);
	s->elapsed = attr_is(e, "truncate-on-overflow", "false");
	s->sized = !tally_xml_is(&e->name, TALLY_XML_NUMBER, "number-style");
	s->literal = s->symbol = false;
	return TALLY_OK;
}

static enum tally_status end_number(struct tally_ods_styles *s, struct tally_err *err)
{
	struct style *style = &s->styles[s->number - 1];

	s->number = 0;
	style->known = true;
	style->format = general;
	if (!s->code.len || (!s->sized && !strcmp(s->code.bytes, "0")))
		return TALLY_OK;
	style->format.code = tally_arena_dup(&s->arena, s->code.bytes, s->code.len);
	style->format.len = s->code.len;
	style->format.shown = tally_number_format_class(s->code.bytes, s->code.len);
	return style->format.code ? TALLY_OK : tally_err_nomem(err);
}

static bool family_is(const struct tally_xml_start *e, const char *family)
{
	const struct tally_xml_attr *a = tally_xml_attr(e, TALLY_XML_STYLE, "family");

	return a && a->len == strlen(family) && !memcmp(a->value, family, a->len);
}

static enum tally_status begin_cell(struct tally_ods_styles *s, const struct tally_xml_start *e,
                                    const struct tally_xml_attr *name, struct tally_err *err)
{
	const struct tally_xml_attr *data = tally_xml_attr(e, TALLY_XML_STYLE, "data-style-name");
	const struct tally_xml_attr *parent = tally_xml_attr(e, TALLY_XML_STYLE, "parent-style-name");
	size_t number = add(s, CELL, name);
	struct style *style;

	if (!number)
		return tally_err_nomem(err);
	s->cell = number;
	style = &s->styles[number - 1];
	style->data = copy_of(s, data, &style->data_len);
	style->parent = copy_of(s, parent, &style->parent_len);
	return (data && !style->data) || (parent && !style->parent) ? tally_err_nomem(err) : TALLY_OK;
}

static enum tally_status begin_style(struct tally_ods_styles *s, const struct tally_xml_start *e,
                                     const struct tally_xml_attr *name, struct tally_err *err)
{
	if (family_is(e, "table-cell"))
		return begin_cell(s, e, name, err);
	if (!family_is(e, "table"))
		return TALLY_OK;
	s->table = add(s, TABLE, name);
	return s->table ? TALLY_OK : tally_err_nomem(err);
}

static enum colour colour_of(const struct tally_xml_attr *a, enum colour otherwise)
{
	static const char white[] = "#ffffff", none[] = "transparent";

	if (!a)
		return otherwise;
	if (a->len == sizeof none - 1 && !memcmp(a->value, none, a->len))
		return WHITE; /* the sheet's own */
	return a->len == sizeof white - 1 && !strncasecmp(a->value, white, a->len) ? WHITE : OTHER;
}

static void take_colours(struct style *style, const struct tally_xml_start *e)
{
	style->letters = colour_of(tally_xml_attr(e, TALLY_XML_FO, "color"), style->letters);
	style->ground = colour_of(tally_xml_attr(e, TALLY_XML_FO, "background-color"), style->ground);
}

enum tally_status tally_ods_styles_start(struct tally_ods_styles *s,
                                         const struct tally_xml_start *e, struct tally_err *err)
{
	const struct tally_xml_attr *a;

	if (s->number) {
		if (e->name.ns == TALLY_XML_NUMBER)
			take_element(s, e);
		return TALLY_OK;
	}
	if (s->table && tally_xml_is(&e->name, TALLY_XML_STYLE, "table-properties")) {
		a = tally_xml_attr(e, TALLY_XML_TABLE, "display");
		s->styles[s->table - 1].hides = a && a->len == 5 && !memcmp(a->value, "false", 5);
		return TALLY_OK;
	}
	if (s->cell) {
		s->styles[s->cell - 1].look += tally_ods_look_sum(e);
		take_colours(&s->styles[s->cell - 1], e);
		return TALLY_OK;
	}
	a = tally_xml_attr(e, TALLY_XML_STYLE, "name");
	if (a && is_number_style(&e->name))
		return begin_number(s, e, a, err);
	if (a && tally_xml_is(&e->name, TALLY_XML_STYLE, "style"))
		return begin_style(s, e, a, err);
	return TALLY_OK;
}

enum tally_status tally_ods_styles_text(struct tally_ods_styles *s, const char *text, size_t len,
                                        struct tally_err *err)
{
	(void)err;
	if (s->number && (s->literal || s->symbol))
		(void)tally_buf_add(&s->text, text, len);
	return TALLY_OK;
}

enum tally_status tally_ods_styles_end(struct tally_ods_styles *s,
                                       const struct tally_xml_name *name, struct tally_err *err)
{
	if (s->number && is_number_style(name))
		return end_number(s, err);
	if (s->number && (s->literal || s->symbol) && name->ns == TALLY_XML_NUMBER)
		end_text(s);
	if (s->table && tally_xml_is(name, TALLY_XML_STYLE, "style"))
		s->table = 0;
	if (s->cell && tally_xml_is(name, TALLY_XML_STYLE, "style"))
		s->cell = 0;
	return TALLY_OK;
}

/* ---- answers ---- */

const struct tally_ods_format *tally_ods_styles_cell(struct tally_ods_styles *s, const char *name,
                                                     size_t len)
{
	struct style *first = find(s, CELL, name, len), *style = first;
	enum colour letters = UNSAID, ground = UNSAID;
	uint64_t look = 0;
	bool found = false;

	if (!first)
		return &general;
	if (first->known)
		return &first->format;
	first->known = true;
	first->format = general;
	for (int i = 0; style && i < PARENTS_MOST; i++) {
		const struct style *data = find(s, DATA, style->data, style->data_len);

		look += style->look;
		letters = letters ? letters : style->letters;
		ground = ground ? ground : style->ground;
		if (data && !found)
			first->format = data->format;
		found |= data != NULL;
		style = find(s, CELL, style->parent, style->parent_len);
	}
	first->format.look = look;
	first->format.white = letters == WHITE && ground != OTHER;
	return &first->format;
}

bool tally_ods_styles_in_cell(const struct tally_ods_styles *s)
{
	return s->cell != 0;
}

bool tally_ods_styles_hides(const struct tally_ods_styles *s, const char *name, size_t len)
{
	const struct style *style = find(s, TABLE, name, len);

	return style && style->hides;
}
