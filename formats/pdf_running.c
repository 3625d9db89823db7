/*
 * Lines that come back on every page of a PDF: see formats/pdf_text.h. They are found among those at the edges of pages, by
 * what is left of them when numbers are taken away; what each number does from page to page says whether it counts pages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/pdf_text.h"

enum {
	NUMBERS = 4,       /* in a line; one with more is no running line */
	DIGITS = 6,        /* of a number that counts pages */
	LINE_MOST = 300,   /* bytes */
	OFTEN = 3,         /* pages it must be on, */
	OFTEN_OF_FEW = 2,  /* where there are */
	FEW = 4,           /* pages at most */
	USUAL_OFFSET = 20, /* a cover, contents: pages that are counted otherwise */
};

struct candidate {
	uint64_t hash; /* of the text without its numbers, and the edge */
	struct tally_pdf_line *line;
	uint32_t number[NUMBERS];
	uint8_t count;
	bool letters;
};

/* ---- numbers in a line ---- */

struct number_place {
	uint32_t at, len, value;
};

/* Runs of digits that may count pages. @return how many; NUMBERS + 1: too many */
static size_t find_numbers(struct number_place out[NUMBERS], const char *text, uint32_t len)
{
	size_t n = 0;

	for (uint32_t i = 0; i < len;) {
		uint32_t from = i, value = 0;

		while (i < len && tally_is_digit(text[i])) {
			if (i - from < DIGITS)
				value = value * 10 + (uint32_t)(text[i] - '0');
			i++;
		}
		if (i == from) {
			i++;
			continue;
		}
		/* "007" and "20240131" are something else, as is "1.5" */
		if (i - from > DIGITS || (text[from] == '0' && i - from > 1))
			continue;
		if (n == NUMBERS)
			return NUMBERS + 1;
		out[n++] = (struct number_place){ from, i - from, value };
	}
	return n;
}

/* ---- candidates ---- */

/* Dashes, dots and the like, ASCII or not (U+0080 to U+00BF, U+2000 to U+2FFF), are none. */
static bool has_letters(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (tally_is_letter(text[i]) || (c >= 0xC3 && c != 0xE2))
			return true;
	}
	return false;
}

static bool make_candidate(struct candidate *c, const struct tally_pdf_text *t,
                           struct tally_pdf_line *line)
{
	const char *text = t->bytes.bytes + line->at;
	struct number_place place[NUMBERS];
	char rest[LINE_MOST];
	size_t n = line->len <= LINE_MOST ? find_numbers(place, text, line->len) : NUMBERS + 1;
	size_t len = 0;
	uint32_t at = 0;

	if (n > NUMBERS)
		return false;
	*c = (struct candidate){ .line = line, .count = (uint8_t)n };
	for (size_t i = 0; i <= n; i++) {
		uint32_t end = i < n ? place[i].at : line->len;

		memcpy(rest + len, text + at, end - at);
		len += end - at;
		if (i == n)
			break;
		rest[len++] = '\x01';
		c->number[i] = place[i].value;
		at = end + place[i].len;
	}
	c->letters = has_letters(rest, len);
	c->hash = tally_hash64(rest, len, line->edge);
	return true;
}

static int by_hash_and_place(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

/* ---- groups ---- */

struct choice {
	int64_t value;
	size_t times;
	bool counts; /* the value is how much the number is ahead of its page */
};

static int64_t seen_as(const struct candidate *c, size_t position, bool counts)
{
	return (int64_t)c->number[position] - (counts ? (int64_t)c->line->page : 0);
}

/* The value that most of them have: the candidate for a majority, counted. */
static struct choice most_common(const struct candidate *list, size_t n, size_t position, bool counts)
{
	struct choice best = { .counts = counts };

	for (size_t i = 0; i < n; i++) {
		int64_t v = seen_as(&list[i], position, counts);

		if (!best.times)
			best.value = v;
		if (v == best.value)
			best.times++;
		else
			best.times--;
	}
	best.times = 0;
	for (size_t i = 0; i < n; i++)
		best.times += seen_as(&list[i], position, counts) == best.value;
	return best;
}

static bool conforms(const struct candidate *c, const struct choice *choices)
{
	for (size_t i = 0; i < c->count; i++)
		if (seen_as(c, i, choices[i].counts) != choices[i].value)
			return false;
	return true;
}

/* @often  the line is on enough pages to be sure of what its numbers do */
static void mark(const struct candidate *c, const struct choice *choices, uint32_t pages,
                 bool first, bool often)
{
	int64_t offset = 0;
	bool counts = false;

	for (size_t i = 0; i < c->count; i++)
		if (choices[i].counts) {
			offset = choices[i].value;
			counts = true;
		}
	c->line->running = true;
	c->line->seen_often = often;
	c->line->first_run = first;
	c->line->offset = (int32_t)offset;
	for (size_t i = 0; i < c->count; i++) {
		enum tally_pdf_number is = TALLY_PDF_NUMBER;

		if (choices[i].counts)
			is = TALLY_PDF_PAGE;
		else if (counts && /* alone it may be any number */
		         (c->number[i] == pages || c->number[i] == (int64_t)pages + offset))
			is = TALLY_PDF_PAGES;
		c->line->numbers |= (uint8_t)(is << 2 * i);
	}
}

/* "1", "- 1 -", "1 / 1", "Page 1 of 1": alone, and still no other number than those of pages */
static bool counts_pages(const struct candidate *c, uint32_t pages)
{
	bool page = false, of = false;

	for (size_t i = 0; i < c->count; i++) {
		if (c->number[i] == c->line->page && !page)
			page = true;
		else if (c->number[i] == pages && !of)
			of = true;
		else
			return false;
	}
	return page && (of || !c->letters);
}

static void take_alone(const struct candidate *c, uint32_t pages)
{
	struct choice choices[NUMBERS] = { { 0 } };
	bool page = false;

	for (size_t i = 0; i < c->count; i++) {
		bool counts = c->number[i] == c->line->page && !page;

		choices[i] = (struct choice){ seen_as(c, i, counts), 1, counts };
		page |= counts;
	}
	mark(c, choices, pages, true, false);
}

static void take_group(const struct candidate *list, size_t n, uint32_t pages)
{
	struct choice choices[NUMBERS] = { { 0 } };
	size_t running = 0, last_page = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct choice same = most_common(list, n, i, false);
		struct choice counts = most_common(list, n, i, true);

		choices[i] = counts.times > same.times ? counts : same;
	}
	for (size_t i = 0; i < n; i++)
		if (conforms(&list[i], choices) && list[i].line->page != last_page) {
			last_page = list[i].line->page;
			running++;
		}
	if (running >= OFTEN || (running >= OFTEN_OF_FEW && pages <= FEW)) {
		bool first = true;

		for (size_t i = 0; i < n; i++)
			if (conforms(&list[i], choices)) {
				mark(&list[i], choices, pages, first, running >= OFTEN);
				first = false;
			}
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (counts_pages(&list[i], pages))
			take_alone(&list[i], pages);
}

enum tally_status tally_pdf_running(struct tally_pdf_text *t, struct tally_err *err)
{
	struct candidate *list = tally_alloc_zero(t->line_count + 1, sizeof *list);
	size_t n = 0;

	if (!list)
		return tally_err_nomem(err);
	for (size_t i = 0; i < t->line_count; i++)
		if (t->lines[i].edge != TALLY_PDF_MIDDLE && make_candidate(&list[n], t, &t->lines[i]))
			n++;
	qsort(list, n, sizeof *list, by_hash_and_place);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1;
		     end < n && list[end].hash == list[i].hash && list[end].count == list[i].count;)
			end++;
		take_group(&list[i], end - i, t->page_count);
	}
	tally_free(list);
	return TALLY_OK;
}

/* ---- its text ---- */

/* "Page", "p.": does such a word stand in front of a number? @len  of what is in front */
static bool is_named_page(const char *text, uint32_t len)
{
	static const char *const words[] = { "page", "p",     "pg",     "pp",     "seite",
		                             "s",    "blatt", "sheet",  "pagina", "p\u00E1gina",
		                             "sida", "side",  "strana", "str",    "strona",
		                             "sivu", "oldal", "folio" };
	uint32_t end = len, at;

	while (end && !tally_is_letter(text[end - 1]) && (unsigned char)text[end - 1] < 0x80)
		end--;
	for (at = end; at && (tally_is_letter(text[at - 1]) || (unsigned char)text[at - 1] >= 0x80);)
		at--;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == end - at && !strncasecmp(words[i], text + at, end - at))
			return true;
	return false;
}

/*
 * A page number may be ahead of the count of pages, for a cover, and nobody wants to hear of it. But an invoice's number may go up
 * from page to page as well: what is told is whatever may be something else.
 */
static bool offset_is_usual(const struct tally_pdf_line *line, const char *text, uint32_t at)
{
	bool of_pages = false;

	for (unsigned i = 0; i < NUMBERS; i++)
		of_pages |= (line->numbers >> 2 * i & 3U) == TALLY_PDF_PAGES;
	if (!line->offset)
		return true;
	return line->seen_often && line->offset >= -USUAL_OFFSET && line->offset <= USUAL_OFFSET &&
	       (of_pages || !has_letters(text, line->len) || is_named_page(text, at));
}

static bool add_number(struct tally_buf *out, const struct tally_pdf_line *line, unsigned is,
                       const char *text, const struct number_place *place)
{
	if (is == TALLY_PDF_PAGES)
		return tally_buf_text(out, "[pages]");
	if (is != TALLY_PDF_PAGE)
		return tally_buf_add(out, text + place->at, place->len);
	if (offset_is_usual(line, text, place->at))
		return tally_buf_text(out, "[page]");
	return tally_buf_printf(out, "[page %+d]", (int)line->offset);
}

bool tally_pdf_running_text(struct tally_buf *out, const struct tally_pdf_text *text,
                            const struct tally_pdf_line *line)
{
	const char *bytes = text->bytes.bytes + line->at;
	struct number_place place[NUMBERS];
	size_t n = find_numbers(place, bytes, line->len);
	uint32_t at = 0;
	bool ok = true;

	for (size_t i = 0; i < n && n <= NUMBERS && ok; i++) {
		ok = tally_buf_add(out, bytes + at, place[i].at - at) &&
		     add_number(out, line, line->numbers >> 2 * i & 3U, bytes, &place[i]);
		at = place[i].at + place[i].len;
	}
	return ok && tally_buf_add(out, bytes + at, line->len - at);
}
