/* Text on a page of a PDF that perhaps nobody sees: see formats/pdf_unseen.h. */
#include "formats/pdf_unseen.h"

#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"

enum {
	NUMBERS = 6, /* operands that are remembered, the last ones */
	NAME_MOST = 64,
	STATES = 64,           /* that are kept by q; deeper ones are one */
	BOXES_MOST = 4000,     /* painted ones of a page, and */
	CHECKS_MOST = 2000000, /* comparisons of text with them; what goes beyond is taken for seen */
	TEXTS_MOST = 200000, /* of a page, in places of their own; further ones are taken for seen */
	BOX_LEAST = 2,       /* points wide and high; smaller ones are lines */
};

#define TINY  1.0  /* points */
#define ALIKE 0.02 /* of a part of a colour */
#define FAR   1e9
#define SCAN  0.75 /* of a page: pictures that take up more of it are the page */

struct colour {
	bool known;
	double rgb[3];
};

struct state {
	double m[6];
	struct colour fill;
	double size;
	int mode;
	bool sized;       /* the font's letters are as large as is said */
	bool transparent; /* something may shine through what is painted */
	bool device;      /* colours are numbers of a known meaning */
};

/* A string with those that follow on its line. */
struct text {
	double from[2], to[2]; /* at most */
	double size;
	struct colour fill;
	uint64_t len;
	size_t boxes; /* painted before it */
};

struct box {
	double at[4];
	struct colour fill;
	bool exact, opaque;
};

struct page {
	const struct tally_pdf_sheet *sheet;
	uint64_t *out;
	struct state now, kept[STATES];
	size_t depth;
	double tm[6], line[6], leading;
	bool placed; /* the next string begins where it was said, not behind another one */
	struct text *texts;
	size_t text_count, text_cap;
	struct box *boxes;
	size_t box_count, box_cap;
	double pictures; /* how much of the page they take up together, at most */
	double path[4];
	unsigned rectangles;
	bool other_path;
	/* operands */
	double numbers[NUMBERS];
	size_t number_count;
	char name[NAME_MOST];
	uint64_t string_len;
	bool failed;
};

/* ---- places ---- */

static void multiply(double out[6], const double a[6], const double b[6])
{
	const double r[6] = { a[0] * b[0] + a[1] * b[2],        a[0] * b[1] + a[1] * b[3],
		              a[2] * b[0] + a[3] * b[2],        a[2] * b[1] + a[3] * b[3],
		              a[4] * b[0] + a[5] * b[2] + b[4], a[4] * b[1] + a[5] * b[3] + b[5] };

	memcpy(out, r, sizeof r);
}

static void place(double out[2], const double m[6], double x, double y)
{
	out[0] = x * m[0] + y * m[2] + m[4];
	out[1] = x * m[1] + y * m[3] + m[5];
}

static double larger(double a, double b)
{
	return a > b ? a : b;
}

static double size_of(double x)
{
	return x < 0 ? -x : x;
}

static void move_line(struct page *p, double x, double y)
{
	const double by[6] = { 1, 0, 0, 1, x, y };

	multiply(p->line, by, p->line);
	memcpy(p->tm, p->line, sizeof p->tm);
	p->placed = true;
}

/* ---- colours ---- */

static struct colour gray(double g)
{
	return (struct colour){ true, { g, g, g } };
}

static void set_colour(struct page *p, size_t n)
{
	const double *c = p->numbers + (p->number_count < n ? 0 : p->number_count - n);

	p->now.fill.known = p->number_count >= n && !p->name[0];
	for (size_t i = 0; i < 3 && p->now.fill.known; i++)
		p->now.fill.rgb[i] = n == 1 ? c[0] : n == 3 ? c[i] : larger(0, 1 - c[i] - c[3]);
}

static bool alike(const struct colour *a, const struct colour *b)
{
	for (size_t i = 0; i < 3; i++)
		if (size_of(a->rgb[i] - b->rgb[i]) > ALIKE)
			return false;
	return a->known && b->known;
}

/* ---- painting ---- */

static void add_box(struct page *p, const double at[4], struct colour fill, bool exact)
{
	struct box *b;

	if (p->box_count == BOXES_MOST)
		return;
	if (!tally_grow(&p->boxes, &p->box_cap, p->box_count, sizeof *p->boxes)) {
		p->failed = true;
		return;
	}
	b = &p->boxes[p->box_count++];
	*b = (struct box){ .fill = fill, .exact = exact, .opaque = !p->now.transparent };
	memcpy(b->at, at, sizeof b->at);
}

/* Something is painted, nobody knows where. */
static void paint_anywhere(struct page *p)
{
	static const double all[4] = { -FAR, -FAR, FAR, FAR };

	add_box(p, all, (struct colour){ 0 }, false);
}

static void end_path(struct page *p)
{
	p->rectangles = 0;
	p->other_path = false;
}

static void add_point(struct page *p, double x, double y)
{
	bool first = !p->rectangles && !p->other_path;
	double at[2];

	place(at, p->now.m, x, y);
	for (size_t i = 0; i < 2; i++) {
		if (first || at[i] < p->path[i])
			p->path[i] = at[i];
		if (first || at[i] > p->path[2 + i])
			p->path[2 + i] = at[i];
	}
}

static void add_rectangle(struct page *p, const double n[4])
{
	bool upright = (p->now.m[1] == 0 && p->now.m[2] == 0) ||
	               (p->now.m[0] == 0 && p->now.m[3] == 0);

	add_point(p, n[0], n[1]);
	p->rectangles++;
	add_point(p, n[0] + n[2], n[1] + n[3]);
	add_point(p, n[0] + n[2], n[1]);
	add_point(p, n[0], n[1] + n[3]);
	p->other_path |= !upright;
}

static void fill_path(struct page *p)
{
	if ((p->rectangles || p->other_path) && p->path[2] - p->path[0] >= BOX_LEAST &&
	    p->path[3] - p->path[1] >= BOX_LEAST)
		add_box(p, p->path, p->now.fill, p->rectangles == 1 && !p->other_path);
	end_path(p);
}

static enum tally_pdf_named look_up(const struct page *p, const char *kind)
{
	const struct tally_pdf_sheet *s = p->sheet;

	return p->name[0] && s->look_up ? s->look_up(s->payload, kind, p->name)
	                                : TALLY_PDF_NAMED_UNKNOWN;
}

/* How much of the page a box takes up; nothing of a page whose size nobody knows. */
static double part_of_page(const struct page *p, const double at[4])
{
	const double *box = p->sheet->box;
	double part = 1;

	for (size_t i = 0; i < 2; i++) {
		double low = larger(at[i], box[i]);
		double high = at[2 + i] < box[2 + i] ? at[2 + i] : box[2 + i];

		part *= high > low ? (high - low) / (box[2 + i] - box[i]) : 0;
	}
	return part;
}

static void draw_named(struct page *p)
{
	double at[4];

	if (look_up(p, "/XObject") != TALLY_PDF_NAMED_IMAGE) {
		paint_anywhere(p);
		return;
	}
	end_path(p);
	add_rectangle(p, (const double[4]){ 0, 0, 1, 1 });
	memcpy(at, p->path, sizeof at);
	end_path(p);
	p->pictures += part_of_page(p, at);
	add_box(p, at, (struct colour){ 0 }, false);
}

/* ---- text ---- */

static void show(struct page *p)
{
	double m[6], size = p->now.size;
	struct text *t = p->text_count ? &p->texts[p->text_count - 1] : NULL;
	uint64_t len = p->string_len;

	if (!len)
		return;
	if (p->now.mode == 3) {
		p->out[TALLY_PDF_INVISIBLE] += len;
		return;
	}
	if (!p->placed && t && (alike(&t->fill, &p->now.fill) || !t->fill.known)) {
		t->len += len;
		return;
	}
	if (p->text_count == TEXTS_MOST)
		return;
	multiply(m, p->tm, p->now.m);
	if (!tally_grow(&p->texts, &p->text_cap, p->text_count, sizeof *p->texts)) {
		p->failed = true;
		return;
	}
	t = &p->texts[p->text_count++];
	*t = (struct text){ .fill = p->now.fill, .len = len, .boxes = p->box_count };
	if (p->now.mode != 0 && p->now.mode != 2)
		t->fill.known = false;
	t->size = size_of(size) * larger(larger(size_of(m[0]), size_of(m[1])),
	                                 larger(size_of(m[2]), size_of(m[3])));
	if (!p->now.sized)
		t->size = larger(t->size, TINY);
	/* a little inside of the first letter, and where the last one may end */
	place(t->from, m, size / 4, size / 4);
	place(t->to, m, size * (double)(len < 10000 ? len : 10000), size / 4);
	p->placed = false;
}

static bool holds(const double box[4], const double at[2])
{
	return at[0] >= box[0] && at[0] <= box[2] && at[1] >= box[1] && at[1] <= box[3];
}

static bool is_outside(const struct text *t, const double box[4])
{
	for (size_t i = 0; i < 2; i++)
		if ((t->from[i] + t->size < box[i] && t->to[i] + t->size < box[i]) ||
		    (t->from[i] - t->size > box[2 + i] && t->to[i] - t->size > box[2 + i]))
			return true;
	return false;
}

/* Is it in the colour of the last thing that was painted there? */
static bool is_ground(const struct page *p, const struct text *t)
{
	static const struct colour white = { true, { 1, 1, 1 } };

	for (size_t i = t->boxes; i-- > 0;) {
		const struct box *b = &p->boxes[i];

		if (holds(b->at, t->from))
			return b->exact && b->opaque && alike(&b->fill, &t->fill);
	}
	return p->box_count < BOXES_MOST && alike(&white, &t->fill);
}

/* Does it lie over a letter or more? Of what is written across, surely as long as some two fifths of its letters' heights. */
static bool lies_over(const double box[4], const struct text *t)
{
	double length = (t->to[0] - t->from[0]) * 2 / 5, left, right;

	if (length < t->size || t->to[1] != t->from[1])
		return holds(box, t->from);
	left = larger(box[0], t->from[0]);
	right = box[2] < t->from[0] + length ? box[2] : t->from[0] + length;
	return t->from[1] >= box[1] && t->from[1] <= box[3] && right - left >= t->size;
}

static bool is_covered(const struct page *p, const struct text *t)
{
	for (size_t i = t->boxes; i < p->box_count; i++) {
		const struct box *b = &p->boxes[i];

		if (b->exact && b->opaque && b->fill.known && lies_over(b->at, t))
			return true;
	}
	return false;
}

/* Scans have their words below the picture, invisible, for people who search: most of what such a page says is there. */
static bool is_scan(const struct page *p)
{
	uint64_t drawn = 0;

	for (size_t i = 0; i < p->text_count; i++)
		drawn += p->texts[i].len;
	return p->pictures >= SCAN && drawn <= p->out[TALLY_PDF_INVISIBLE];
}

static void judge(struct page *p)
{
	size_t checks = 0;

	if (is_scan(p))
		p->out[TALLY_PDF_INVISIBLE] = 0;

	for (size_t i = 0; i < p->text_count; i++) {
		const struct text *t = &p->texts[i];

		checks += p->box_count;
		if (t->size < TINY)
			p->out[TALLY_PDF_TINY] += t->len;
		else if (is_outside(t, p->sheet->box))
			p->out[TALLY_PDF_OUTSIDE] += t->len;
		else if (checks < CHECKS_MOST && is_covered(p, t))
			p->out[TALLY_PDF_COVERED] += t->len;
		else if (checks < CHECKS_MOST && t->fill.known && is_ground(p, t))
			p->out[TALLY_PDF_GROUND] += t->len;
	}
}

/* ---- operators ---- */

enum op {
	OP_NONE,
	OP_q,
	OP_Q,
	OP_cm,
	OP_BT,
	OP_Td,
	OP_TD,
	OP_Tm,
	OP_NEXT,
	OP_Tf,
	OP_TL,
	OP_Tr,
	OP_SHOW,
	OP_NEXT_SHOW,
	OP_g,
	OP_rg,
	OP_k,
	OP_cs,
	OP_sc,
	OP_re,
	OP_m,
	OP_c,
	OP_FILL,
	OP_n,
	OP_sh,
	OP_Do,
	OP_gs,
};

/* OPERATOR(first, second, third character, what it is, numbers that it takes) */
#define OPERATORS(OPERATOR)                   \
	OPERATOR('q', 0, 0, OP_q, 0)          \
	OPERATOR('Q', 0, 0, OP_Q, 0)          \
	OPERATOR('c', 'm', 0, OP_cm, 6)       \
	OPERATOR('B', 'T', 0, OP_BT, 0)       \
	OPERATOR('T', 'd', 0, OP_Td, 2)       \
	OPERATOR('T', 'D', 0, OP_TD, 2)       \
	OPERATOR('T', 'm', 0, OP_Tm, 6)       \
	OPERATOR('T', '*', 0, OP_NEXT, 0)     \
	OPERATOR('T', 'f', 0, OP_Tf, 1)       \
	OPERATOR('T', 'L', 0, OP_TL, 1)       \
	OPERATOR('T', 'r', 0, OP_Tr, 1)       \
	OPERATOR('T', 'j', 0, OP_SHOW, 0)     \
	OPERATOR('T', 'J', 0, OP_SHOW, 0)     \
	OPERATOR('\'', 0, 0, OP_NEXT_SHOW, 0) \
	OPERATOR('"', 0, 0, OP_NEXT_SHOW, 0)  \
	OPERATOR('g', 0, 0, OP_g, 1)          \
	OPERATOR('r', 'g', 0, OP_rg, 3)       \
	OPERATOR('k', 0, 0, OP_k, 4)          \
	OPERATOR('c', 's', 0, OP_cs, 0)       \
	OPERATOR('s', 'c', 0, OP_sc, 0)       \
	OPERATOR('s', 'c', 'n', OP_sc, 0)     \
	OPERATOR('r', 'e', 0, OP_re, 4)       \
	OPERATOR('m', 0, 0, OP_m, 2)          \
	OPERATOR('l', 0, 0, OP_m, 2)          \
	OPERATOR('c', 0, 0, OP_c, 6)          \
	OPERATOR('v', 0, 0, OP_c, 4)          \
	OPERATOR('y', 0, 0, OP_c, 4)          \
	OPERATOR('f', 0, 0, OP_FILL, 0)       \
	OPERATOR('F', 0, 0, OP_FILL, 0)       \
	OPERATOR('f', '*', 0, OP_FILL, 0)     \
	OPERATOR('b', 0, 0, OP_FILL, 0)       \
	OPERATOR('b', '*', 0, OP_FILL, 0)     \
	OPERATOR('B', 0, 0, OP_FILL, 0)       \
	OPERATOR('B', '*', 0, OP_FILL, 0)     \
	OPERATOR('n', 0, 0, OP_n, 0)          \
	OPERATOR('s', 0, 0, OP_n, 0)          \
	OPERATOR('S', 0, 0, OP_n, 0)          \
	OPERATOR('s', 'h', 0, OP_sh, 0)       \
	OPERATOR('D', 'o', 0, OP_Do, 0)       \
	OPERATOR('g', 's', 0, OP_gs, 0)

/* @takes  how many numbers */
static enum op operator_of(const char *word, size_t len, size_t *takes)
{
	uint32_t key = 0;

	for (size_t i = 0; i < len && len < 4; i++)
		key |= (uint32_t)(unsigned char)word[i] << 8 * i;
	switch (key) {
#define OPERATOR(a, b, c, what, numbers)                               \
	case (uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16: \
		*takes = numbers;                                      \
		return what;
		OPERATORS(OPERATOR)
#undef OPERATOR
	default:
		*takes = 0;
		return OP_NONE;
	}
}

static void space(struct page *p)
{
	p->now.fill = gray(0);
	p->now.device = !strcmp(p->name, "/DeviceGray") || !strcmp(p->name, "/DeviceRGB") ||
	                !strcmp(p->name, "/DeviceCMYK");
	p->now.fill.known = p->now.device;
}

/* Three numbers are nearly always red, green and blue; one alone may be of any ink. */
static void special_colour(struct page *p)
{
	size_t n = p->number_count;

	if (n == 3 || ((n == 1 || n == 4) && p->now.device))
		set_colour(p, n);
	else
		p->now.fill.known = false;
}

static void graphics(struct page *p)
{
	switch (look_up(p, "/ExtGState")) {
	case TALLY_PDF_NAMED_OPAQUE:
		p->now.transparent = false;
		break;
	case TALLY_PDF_NAMED_NEITHER:
		break;
	default:
		p->now.transparent = true;
	}
}

static void run_state(struct page *p, enum op op, const double *n)
{
	switch (op) {
	case OP_q:
		if (p->depth < STATES)
			p->kept[p->depth] = p->now;
		p->depth++;
		break;
	case OP_Q:
		if (p->depth && --p->depth < STATES)
			p->now = p->kept[p->depth];
		break;
	case OP_cm:
		multiply(p->now.m, n, p->now.m);
		break;
	case OP_g:
	case OP_rg:
	case OP_k:
		p->name[0] = 0;
		set_colour(p, op == OP_g ? 1 : op == OP_rg ? 3 : 4);
		break;
	case OP_cs:
		space(p);
		break;
	case OP_sc:
		special_colour(p);
		break;
	case OP_gs:
		graphics(p);
		break;
	default:
		break;
	}
}

static void run_text(struct page *p, enum op op, const double *n)
{
	static const double unmoved[6] = { 1, 0, 0, 1, 0, 0 };

	switch (op) {
	case OP_BT:
	case OP_Tm:
		memcpy(p->line, op == OP_BT ? unmoved : n, sizeof p->line);
		memcpy(p->tm, p->line, sizeof p->tm);
		p->placed = true;
		break;
	case OP_TD:
		p->leading = -n[1];
		move_line(p, n[0], n[1]);
		break;
	case OP_Td:
		move_line(p, n[0], n[1]);
		break;
	case OP_NEXT:
	case OP_NEXT_SHOW:
		move_line(p, 0, -p->leading);
		if (op == OP_NEXT_SHOW)
			show(p);
		break;
	case OP_Tf:
		p->now.size = n[0];
		p->now.sized = look_up(p, "/Font") == TALLY_PDF_NAMED_FONT;
		break;
	case OP_TL:
		p->leading = n[0];
		break;
	case OP_Tr:
		p->now.mode = n[0] >= 0 && n[0] < 8 ? (int)n[0] : 0;
		break;
	case OP_SHOW:
		show(p);
		break;
	default:
		break;
	}
}

static void run_paint(struct page *p, enum op op, const double *n)
{
	switch (op) {
	case OP_re:
		add_rectangle(p, n);
		break;
	case OP_m:
		add_point(p, n[0], n[1]);
		p->other_path = true;
		break;
	case OP_c:
		for (size_t i = 0; i + 1 < p->number_count; i += 2)
			add_point(p, p->numbers[i], p->numbers[i + 1]);
		p->other_path = true;
		break;
	case OP_FILL:
		fill_path(p);
		break;
	case OP_n:
		end_path(p);
		break;
	case OP_sh:
		paint_anywhere(p);
		break;
	case OP_Do:
		draw_named(p);
		break;
	default:
		break;
	}
}

static void run(struct page *p, const char *word, size_t len)
{
	size_t takes;
	enum op op = operator_of(word, len, &takes);

	if (takes <= p->number_count) {
		const double *n = p->numbers + p->number_count - takes;

		run_state(p, op, n);
		run_text(p, op, n);
		run_paint(p, op, n);
	}
	p->number_count = 0;
	p->name[0] = 0;
	p->string_len = 0;
}

/* ---- tokens ---- */

static bool is_blank(char c)
{
	return c == 0 || c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

static bool is_mark(char c)
{
	return strchr("()<>[]{}/%", c) != NULL;
}

static double number_of(const char *s, size_t len)
{
	double value = 0, scale = 1;
	bool minus = len && *s == '-', point = false;

	for (size_t i = 0; i < len; i++) {
		point |= s[i] == '.';
		if (!tally_is_digit(s[i]))
			continue;
		value = value * 10 + (s[i] - '0');
		scale *= point ? 10 : 1;
	}
	value /= scale;
	return value > FAR ? FAR : minus ? -value : value;
}

static void add_number(struct page *p, double value)
{
	if (p->number_count == NUMBERS) {
		memmove(p->numbers, p->numbers + 1, sizeof p->numbers - sizeof *p->numbers);
		p->number_count--;
	}
	p->numbers[p->number_count++] = value;
}

/* @return behind the string; its blanks do not count */
static size_t literal(struct page *p, const char *c, size_t len, size_t at)
{
	size_t depth = 0;

	for (; at < len; at++) {
		if (c[at] == '\\') {
			at++;
			p->string_len++;
		} else if (c[at] == '(') {
			p->string_len += depth++ > 0;
		} else if (c[at] == ')') {
			if (!--depth)
				return at + 1;
			p->string_len++;
		} else {
			p->string_len += !is_blank(c[at]);
		}
	}
	return len;
}

static size_t digits(struct page *p, const char *c, size_t len, size_t at)
{
	size_t n = 0;

	for (at++; at < len && c[at] != '>'; at++)
		n += !is_blank(c[at]);
	p->string_len += n / 2;
	return at + 1;
}

/* An image in the midst of it. @return behind its "EI" */
static size_t inline_image(struct page *p, const char *c, size_t len, size_t at)
{
	for (; at + 2 < len; at++)
		if (is_blank(c[at]) && c[at + 1] == 'E' && c[at + 2] == 'I' &&
		    (at + 3 == len || is_blank(c[at + 3])))
			break;
	paint_anywhere(p);
	return at + 3;
}

static size_t word(struct page *p, const char *c, size_t len, size_t at)
{
	size_t end = at + 1;

	while (end < len && !is_blank(c[end]) && !is_mark(c[end]))
		end++;
	if (tally_is_digit(c[at]) || strchr("+-.", c[at])) {
		add_number(p, number_of(c + at, end - at));
	} else if (c[at] == '/') {
		size_t n = end - at < NAME_MOST ? end - at : 0;

		memcpy(p->name, c + at, n);
		p->name[n] = 0;
	} else if (end - at == 2 && !memcmp(c + at, "BI", 2)) {
		return inline_image(p, c, len, end);
	} else {
		run(p, c + at, end - at);
	}
	return end;
}

static size_t token(struct page *p, const char *c, size_t len, size_t at)
{
	switch (c[at]) {
	case '(':
		return literal(p, c, len, at);
	case '<':
		return at + 1 < len && c[at + 1] == '<' ? at + 2 : digits(p, c, len, at);
	case '%':
		while (at < len && c[at] != '\n' && c[at] != '\r')
			at++;
		return at;
	case ')':
	case '>':
	case ']':
	case '{':
	case '}':
		return at + 1;
	case '[':
		p->number_count = 0;
		return at + 1;
	default:
		return is_blank(c[at]) ? at + 1 : word(p, c, len, at);
	}
}

bool tally_pdf_unseen(const char *content, size_t len, const struct tally_pdf_sheet *sheet,
                      uint64_t out[TALLY_PDF_UNSEEN])
{
	static const double unmoved[6] = { 1, 0, 0, 1, 0, 0 };
	struct page *p = tally_alloc_zero(1, sizeof *p);
	bool ok;

	memset(out, 0, TALLY_PDF_UNSEEN * sizeof *out);
	if (!p)
		return false;
	p->sheet = sheet;
	p->out = out;
	p->now.fill = gray(0);
	memcpy(p->now.m, unmoved, sizeof unmoved);
	memcpy(p->tm, unmoved, sizeof unmoved);
	memcpy(p->line, unmoved, sizeof unmoved);
	for (size_t at = 0; at < len && !p->failed;)
		at = token(p, content, len, at);
	judge(p);
	ok = !p->failed;
	tally_free(p->texts);
	tally_free(p->boxes);
	tally_free(p);
	return ok;
}
