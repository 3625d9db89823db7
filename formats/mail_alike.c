/* A mail has a text for those who see no HTML: do both say the same. */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/filled_text.h"
#include "formats/mail_work.h"
#include "formats/text_file.h"

enum {
	SEARCH_BYTES = 1 << 28, /* of HTML that are searched for lines of the text; those behind it count as not found */
	WORDS_SHOWN = 12, /* of each form that the other one has not */
};

/* ---- words ---- */

/* Blanks, quotes, dashes and dots beyond ASCII: U+00A0, U+00AB … and all of U+2000 to U+206F. @return bytes, 0: a letter */
static size_t mark_len(const char *at, size_t left)
{
	const unsigned char *p = (const unsigned char *)at;

	if (left >= 3 && p[0] == 0xE2 && (p[1] == 0x80 || p[1] == 0x81))
		return 3;
	return left >= 2 && p[0] == 0xC2 && p[1] < 0xC0 ? 2 : 0;
}

static bool is_letter(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (unsigned char)c >= 0x80;
}

/* Where "https://…" or "mailto:…" begins in what stands between blanks, or NULL. */
static const char *scheme_in(const char *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (at[i] != ':')
			continue;
		if (i >= 6 && !memcmp(at + i - 6, "mailto", 6))
			return at + i - 6;
		if (len - i < 3 || memcmp(at + i, "://", 3) != 0)
			continue;
		while (i && is_letter(at[i - 1]))
			i--;
		return at + i;
	}
	return NULL;
}

/* An address of a page, as it stands between blanks: where it begins, or NULL. */
static const char *address_in(const char *at, size_t *len)
{
	const char *begin = scheme_in(at, *len), *end = at + *len;

	if (!begin)
		return NULL;
	for (const char *c = begin; c < end; c++)
		if (strchr("<>\"()[]", *c) && *c)
			end = c;
	while (end > begin && strchr(".,;:!?", end[-1]) && end[-1])
		end--;
	*len = (size_t)(end - begin);
	return begin;
}

/* Is it the target of a link in the HTML? */
static bool is_link(struct tally_mail_alike *a, const char *address, size_t len)
{
	const char *at = a->links.bytes, *end = at ? at + a->links.len : NULL, *stop;

	a->steps += a->links.len;
	if (a->steps > SEARCH_BYTES)
		return false;
	for (; at && at < end; at = stop + 1) {
		stop = memchr(at, '\n', (size_t)(end - at));
		if (!stop)
			break;
		if ((size_t)(stop - at) == len && !memcmp(at, address, len))
			return true;
		/* a page's own name may stand with a slash behind it, or without */
		if ((size_t)(stop - at) == len + 1 && stop[-1] == '/' && !memcmp(at, address, len))
			return true;
	}
	return false;
}

/* The words of what stands between two blanks. */
static bool add_token(struct tally_buf *out, const char *at, size_t len)
{
	bool open = false;

	for (size_t i = 0, mark; i < len; i += mark ? mark : 1) {
		mark = mark_len(at + i, len - i);
		if (mark || !is_letter(at[i])) {
			if (open && !tally_buf_byte(out, ' '))
				return false;
			open = false;
		} else {
			if (!tally_buf_byte(out, at[i]))
				return false;
			open = true;
		}
	}
	return !open || tally_buf_byte(out, ' ');
}

/* Words of a text behind those that are there. @links  addresses that may stand in it; NULL: none */
static bool add_words(struct tally_buf *out, const char *text, size_t len,
                      struct tally_mail_alike *links)
{
	if (!out->len && !tally_buf_byte(out, ' '))
		return false;
	for (size_t at = 0, n; at < len; at += n + 1) {
		size_t address_len;
		const char *address;

		for (n = 0; at + n < len && !strchr(" \t\r\n", text[at + n]);)
			n++;
		address_len = n;
		address = links ? address_in(text + at, &address_len) : NULL;
		if (address && is_link(links, address, address_len)) {
			if (!add_token(out, text + at, (size_t)(address - text) - at))
				return false;
			continue;
		}
		if (!add_token(out, text + at, n))
			return false;
	}
	return true;
}

/* ---- what the HTML says ---- */

static enum tally_status on_block(void *payload, const struct tally_block *block,
                                  struct tally_err *err)
{
	struct tally_mail *m = payload;

	if (m->alternative && !add_words(&m->alike.html, block->text, block->len, NULL))
		return tally_err_nomem(err);
	return m->sink->block ? m->sink->block(m->sink->payload, block, err) : TALLY_OK;
}

static const char *picture(struct tally_mail *m, const char *id)
{
	const char *called = m->ids.known ? tally_mail_part_called(m, id) : "a picture in the mail";

	return called ? called : "a picture that is not in the mail";
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct tally_mail *m = payload;
	struct tally_fact mine = *fact;

	if ((!strcmp(fact->name, "image") || !strcmp(fact->name, "external_target")) &&
	    !strncmp(fact->value, "cid:", 4))
		mine.value = picture(m, fact->value + 4); /* by a number that every program makes anew */
	if (m->alternative && !strcmp(fact->name, "link") &&
	    (!tally_buf_text(&m->alike.links, fact->value) || !tally_buf_byte(&m->alike.links, '\n')))
		return tally_err_nomem(err);
	return m->sink->fact ? m->sink->fact(m->sink->payload, &mine, err) : TALLY_OK;
}

static enum tally_status on_content(void *payload, const char *value, const void *bytes, size_t len,
                                    struct tally_err *err)
{
	struct tally_mail *m = payload;

	return m->sink->content(m->sink->payload, value, bytes, len, err);
}

struct tally_sink tally_mail_alike_sink(struct tally_mail *m)
{
	return (struct tally_sink){ .payload = m,
		                    .block = on_block,
		                    .fact = on_fact,
		                    .content = m->sink->content ? on_content : NULL };
}

/* ---- words that only one has ---- */

struct word {
	const char *text;
	size_t len;
	size_t at; /* the how manieth */
	bool paired;
};

struct words {
	struct word *list;
	size_t count, cap;
};

static bool split(struct words *w, const struct tally_buf *from)
{
	const char *at = from->bytes, *end = at ? at + from->len : NULL, *stop;

	for (; at && at < end; at = stop + 1) {
		stop = memchr(at, ' ', (size_t)(end - at));
		if (!stop)
			break;
		if (stop == at)
			continue;
		if (!tally_grow(&w->list, &w->cap, w->count, sizeof *w->list))
			return false;
		w->list[w->count] = (struct word){ .text = at,
			                           .len = (size_t)(stop - at),
			                           .at = w->count };
		w->count++;
	}
	return true;
}

static int by_text(const void *left, const void *right)
{
	const struct word *a = left, *b = right;
	size_t n = a->len < b->len ? a->len : b->len;
	int c = memcmp(a->text, b->text, n);

	if (c)
		return c;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return (a->at > b->at) - (a->at < b->at);
}

static int by_place(const void *left, const void *right)
{
	const struct word *a = left, *b = right;

	return (a->at > b->at) - (a->at < b->at);
}

static void sort(struct words *w, int (*order)(const void *, const void *))
{
	if (w->count > 1)
		qsort(w->list, w->count, sizeof *w->list, order);
}

static void pair_words(struct words *a, struct words *b)
{
	sort(a, by_text);
	sort(b, by_text);
	for (size_t i = 0, k = 0; i < a->count && k < b->count;) {
		struct word *x = &a->list[i], *y = &b->list[k];
		size_t n = x->len < y->len ? x->len : y->len;
		int c = memcmp(x->text, y->text, n);

		c = c ? c : (x->len > y->len) - (x->len < y->len);
		if (!c)
			x->paired = y->paired = true;
		i += c <= 0;
		k += c >= 0;
	}
	sort(a, by_place);
	sort(b, by_place);
}

/* "only the HTML: 30". @rest  counts those that are not named */
static bool say_rest(struct tally_buf *out, struct tally_buf *all, const struct words *w,
                     const char *form, size_t *rest)
{
	size_t shown = 0;
	bool ok = true;

	for (size_t i = 0; i < w->count && ok; i++) {
		const struct word *x = &w->list[i];

		if (x->paired)
			continue;
		ok = tally_buf_add(all, x->text, x->len) && tally_buf_byte(all, ' ');
		if (shown++ >= WORDS_SHOWN || !ok)
			continue;
		if (shown == 1)
			ok = (!out->len || tally_buf_text(out, "; ")) && tally_buf_text(out, form);
		ok = ok && tally_buf_byte(out, ' ') &&
		     tally_buf_add(out, x->text, x->len < 60 ? x->len : 60);
	}
	if (ok && shown > WORDS_SHOWN) {
		*rest += shown - WORDS_SHOWN;
		ok = tally_buf_printf(out, " and %zu more", shown - WORDS_SHOWN);
	}
	return ok && tally_buf_byte(all, '\n');
}

/* Into m->value: the words that only one of them has; empty where there are none. @rest  words that are not named */
static enum tally_status say_words(struct tally_mail *m, const struct tally_buf *plain, size_t *rest)
{
	struct words text = { 0 }, html = { 0 };
	struct tally_buf all;
	enum tally_status st = TALLY_OK;

	tally_buf_init(&all, SIZE_MAX / 2);
	tally_buf_clear(&m->value);
	if (!split(&text, plain) || !split(&html, &m->alike.html)) {
		st = tally_err_nomem(m->err);
	} else if (text.count) {
		pair_words(&text, &html);
		if (!say_rest(&m->value, &all, &text, "only the plain text:", rest) ||
		    !say_rest(&m->value, &all, &html, "only the HTML:", rest))
			st = tally_err_nomem(m->err);
		else if (*rest)
			st = tally_mail_digest(m, all.bytes, all.len);
	}
	tally_free(text.list);
	tally_free(html.list);
	tally_buf_release(&all);
	return st;
}

/* ---- the end of both ---- */

/* Where these words stand from a place on, or NULL; @steps counts bytes that were looked at. */
static const char *find_words(const char *at, const char *end, const struct tally_buf *words,
                              uint64_t *steps)
{
	while ((size_t)(end - at) >= words->len && *steps < SEARCH_BYTES) {
		const char *next;
		size_t n = 0;

		while (n < words->len && at[n] == words->bytes[n])
			n++;
		if (n == words->len)
			return at;
		/* the next word; there is a blank behind the last one */
		at++;
		*steps += n + 1;
		next = memchr(at, ' ', (size_t)(end - at));
		if (!next)
			break;
		*steps += (uint64_t)(next - at);
		at = next;
	}
	return NULL;
}

/* Do the words of this line stand in the HTML, behind those of the lines before? */
static bool is_in_html(struct tally_mail_alike *a, const struct tally_buf *words)
{
	const char *found = !a->html.len ? NULL
	                                 : find_words(a->html.bytes + a->at,
	                                              a->html.bytes + a->html.len, words, &a->steps);

	if (found)
		a->at = (size_t)(found - a->html.bytes) + words->len - 1;
	return found;
}

/* A line's words behind all others; a line that is not in the HTML goes to @lines. */
static bool compare_line(struct tally_mail *m, struct tally_buf *all, struct tally_buf *lines,
                         const char *line, size_t len)
{
	struct tally_buf words;
	bool ok;

	tally_buf_init(&words, SIZE_MAX / 2);
	ok = add_words(&words, line, len, &m->alike) && tally_buf_add(all, words.bytes, words.len);
	if (ok && words.len > 1 && !is_in_html(&m->alike, &words))
		ok = tally_buf_add(lines, line, len) && tally_buf_byte(lines, '\n');
	tally_buf_release(&words);
	return ok;
}

static enum tally_status on_paragraph(void *payload, const char *text, size_t len, uint32_t line,
                                      struct tally_err *err)
{
	(void)line;
	(void)err;
	return tally_mail_line(payload, text, len);
}

static enum tally_status push_lines(struct tally_mail *m, const struct tally_buf *text)
{
	enum tally_status st = TALLY_OK;
	const char *line;
	size_t n;

	if (text->len && tally_text_is_filled(text->bytes, text->len))
		return tally_filled_paragraphs(text->bytes, text->len, on_paragraph, m, m->err);
	for (size_t at = 0; st >= 0 && tally_text_line(text->bytes, text->len, &at, &line, &n);)
		st = tally_mail_line(m, line, n);
	return st;
}

/* Where a few words are all that differs, naming them says it; otherwise the lines of the text are told, too. */
static enum tally_status say_disagreement(struct tally_mail *m, const struct tally_buf *all,
                                          const struct tally_buf *lines)
{
	size_t rest = 0;
	enum tally_status st = say_words(m, all, &rest);

	if (st < 0 || (!m->value.len && !lines->len))
		return st;
	if (!m->value.len) {
		rest = 1;
		if (!tally_buf_text(&m->value, "the same words in another order"))
			st = tally_err_nomem(m->err);
	}
	if (st >= 0 && !tally_mail_place(m, "text and HTML"))
		st = tally_err_nomem(m->err);
	if (st >= 0)
		st = tally_mail_fact(m, "parts_disagree", m->value.bytes, m->where.bytes);
	return st < 0 || !rest ? st : push_lines(m, lines);
}

static enum tally_status compare(struct tally_mail *m)
{
	struct tally_buf all, lines;
	enum tally_status st = TALLY_OK;
	const char *line;
	size_t n;

	tally_buf_init(&all, SIZE_MAX / 2);
	tally_buf_init(&lines, SIZE_MAX / 2);
	for (size_t at = 0; st >= 0 && tally_text_line(m->plain.bytes, m->plain.len, &at, &line, &n);)
		if (!compare_line(m, &all, &lines, line, n))
			st = tally_err_nomem(m->err);
	if (st >= 0 && m->plain.len)
		st = say_disagreement(m, &all, &lines);
	tally_buf_release(&all);
	tally_buf_release(&lines);
	return st;
}

enum tally_status tally_mail_alike_end(struct tally_mail *m)
{
	enum tally_status st = m->has_html ? compare(m) : push_lines(m, &m->plain);

	tally_buf_clear(&m->plain);
	tally_buf_clear(&m->alike.html);
	tally_buf_clear(&m->alike.links);
	m->alike.at = 0;
	m->has_html = false;
	return st;
}
