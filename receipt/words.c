/* Numbers, sizes, names and times as the review list and the views show them: see receipt/words.h. */
#include "receipt/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/calendar.h"
#include "core/escape.h"
#include "core/look_alike.h"
#include "receipt/receipt.h"

const char *tally_words_count(char out[TALLY_COUNT_MAX], uint64_t n)
{
	char digits[TALLY_COUNT_MAX];
	int len = snprintf(digits, sizeof digits, "%" PRIu64, n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *tally_words_format(const char *name)
{
	static const char *const formats[][2] = {
		{ "csv", "a table (CSV)" },
		{ "tsv", "a table (TSV)" },
		{ "xlsx", "a workbook (XLSX)" },
		{ "xls", "a workbook (XLS)" },
		{ "ods", "a workbook (ODS)" },
		{ "fods", "a workbook (FODS)" },
		{ "docx", "a Word document (DOCX)" },
		{ "pptx", "a presentation (PPTX)" },
		{ "odt", "an OpenDocument text (ODT)" },
		{ "odp", "a presentation (ODP)" },
		{ "odg", "an OpenDocument drawing (ODG)" },
		{ "epub", "an e-book (EPUB)" },
		{ "pdf", "a PDF" },
		{ "html", "a web page (HTML)" },
		{ "markdown", "Markdown" },
		{ "text", "plain text" },
		{ "eml", "a mail" },
		{ "mbox", "a mailbox (mbox)" },
		{ "msg", "a mail of Outlook (MSG)" },
		{ "image", "an image" },
		{ "encrypted", "a document that opens with a password" },
		{ "letters", "text whose letters are not known" },
		{ "empty", "empty" },
		{ "unread", "of a kind that is not read" },
		{ "zip", "a zip archive" },
		{ "gzip", "a file compressed with gzip" },
		{ "other", "an archive that is not opened" },
	};

	for (size_t i = 0; name && i < sizeof formats / sizeof *formats; i++)
		if (!strcmp(formats[i][0], name))
			return formats[i][1];
	return name ? name : "of no kind that is known";
}

const char *tally_words_size(char out[TALLY_SIZE_MAX], uint64_t bytes)
{
	static const char *const units[] = { "KB", "MB", "GB", "TB", "PB", "EB" };
	uint64_t tenths, unit = 1;
	size_t u = 0;

	if (bytes == TALLY_UNKNOWN) {
		snprintf(out, TALLY_SIZE_MAX, "unknown size");
		return out;
	}
	if (bytes < 1000) {
		snprintf(out, TALLY_SIZE_MAX, "%u byte%s", (unsigned)bytes, bytes == 1 ? "" : "s");
		return out;
	}
	for (unit = 1000; bytes / unit >= 1000 && u + 1 < sizeof units / sizeof *units; u++)
		unit *= 1000;
	/* cut, not rounded: 999,999 bytes must not become 1000.0 KB; in two steps, since ten times a size may not fit */
	tenths = bytes / unit * 10 + bytes % unit / (unit / 10);
	if (tenths >= 1000)
		snprintf(out, TALLY_SIZE_MAX, "%u %s", (unsigned)(tenths / 10), units[u]);
	else
		snprintf(out, TALLY_SIZE_MAX, "%u.%u %s", (unsigned)(tenths / 10),
		         (unsigned)(tenths % 10), units[u]);
	return out;
}

bool tally_words_plural(struct tally_buf *out, uint64_t n, const char *one, const char *many)
{
	char count[TALLY_COUNT_MAX];

	return tally_buf_text(out, tally_words_count(count, n)) && tally_buf_byte(out, ' ') &&
	       tally_buf_text(out, n == 1 ? one : many);
}

/* Printable ASCII without the backslash: nothing that any kind of escaping would touch */
static bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x7F && c != '\\';
}

static size_t plain_run(const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && plain((unsigned char)bytes[n]))
		n++;
	return n;
}

bool tally_words_name(struct tally_buf *out, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t n = plain_run(bytes, len);

		if (n == 0) {
			while (n < len && !plain((unsigned char)bytes[n]))
				n++;
			if (!tally_escape_add(out, bytes, n))
				return false;
		} else if (!tally_buf_add(out, bytes, n)) {
			return false;
		}
		bytes += n;
		len -= n;
	}
	return true;
}

bool tally_words_quote(struct tally_buf *out, const char *bytes, size_t len)
{
	return tally_buf_text(out, "\u2018") && tally_words_name(out, bytes, len) &&
	       tally_buf_text(out, "\u2019");
}

static bool holds(const char *bytes, size_t len, const char *part)
{
	size_t n = strlen(part);

	for (size_t i = 0; i + n <= len; i++)
		if (memcmp(bytes + i, part, n) == 0)
			return true;
	return false;
}

bool tally_words_misleading(const char *bytes, size_t len)
{
	return len && (bytes[0] == ' ' || bytes[len - 1] == ' ' || holds(bytes, len, "  ") ||
	               holds(bytes, len, "\u2192") || holds(bytes, len, "\u00bb"));
}

enum { POINTS_SHOWN = 4 };

/* @from  where the character begins in which the two differ */
static bool points(struct tally_buf *out, const char *s, size_t len, size_t from)
{
	const unsigned char *p = (const unsigned char *)s + from;
	size_t left = len - from;

	for (int i = 0; left > 0 && i < POINTS_SHOWN; i++) {
		uint32_t c = *p;
		size_t n = tally_utf8_next(p, left, &c);

		/* behind the first: only what is put onto it */
		if (i > 0 && (n == 0 || tally_codepoint_width(c) != 0))
			break;
		if (!tally_buf_printf(out, i ? " U+%04X" : "U+%04X", (unsigned)c))
			return false;
		n += n == 0;
		p += n;
		left -= n;
	}
	return left < len - from || tally_buf_text(out, "nothing");
}

bool tally_words_code_points(struct tally_buf *out, const char *a, size_t a_len, const char *b,
                             size_t b_len)
{
	size_t at = 0;

	while (at < a_len && at < b_len && a[at] == b[at])
		at++;
	while (at > 0 && at < a_len && ((unsigned char)a[at] & 0xC0) == 0x80)
		at--; /* to the beginning of the character */
	return points(out, a, a_len, at) && tally_buf_text(out, " in one, ") &&
	       points(out, b, b_len, at) && tally_buf_text(out, " in the other");
}

/* ---- characters that look like others ---- */

enum { LOOKS_MOST = 3, LOOKED_AT = 1024 /* bytes of a text */ };

struct looked_at {
	const char *bytes;
	size_t len, at;
};

static bool next_code_point(struct looked_at *t, uint32_t *c)
{
	size_t n;

	if (t->at >= t->len)
		return false;
	n = tally_utf8_next((const unsigned char *)t->bytes + t->at, t->len - t->at, c);
	if (!n)
		*c = (unsigned char)t->bytes[t->at];
	t->at += n ? n : 1;
	return true;
}

static bool has_code_point(struct looked_at t, uint32_t wanted)
{
	uint32_t c;

	while (next_code_point(&t, &c))
		if (c == wanted)
			return true;
	return false;
}

static bool has_latin(struct looked_at t)
{
	uint32_t c;

	while (next_code_point(&t, &c))
		if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
			return true;
	return false;
}

static bool look_the_same(struct looked_at a, struct looked_at b)
{
	uint32_t c, d;

	while (next_code_point(&a, &c)) {
		char x = tally_codepoint_looks_like(c), y;

		if (!next_code_point(&b, &d))
			return false;
		y = tally_codepoint_looks_like(d);
		if ((x ? (uint32_t)x : c) != (y ? (uint32_t)y : d))
			return false;
	}
	return b.at == b.len;
}

/* Characters of @of that @other does not have, and that are taken for one that it has; other spaces always are. */
static size_t find_look_alikes(uint32_t out[LOOKS_MOST], struct looked_at of, struct looked_at other)
{
	bool mixed = look_the_same(of, other) || has_latin(of);
	size_t count = 0;
	uint32_t c;

	for (struct looked_at t = of; count < LOOKS_MOST && next_code_point(&t, &c);) {
		char looks = tally_codepoint_looks_like(c);
		bool told = !looks || has_code_point(other, c) ||
		            (looks != ' ' && !(mixed && has_code_point(other, (unsigned char)looks)));

		for (size_t i = 0; i < count; i++)
			told |= out[i] == c;
		if (!told)
			out[count++] = c;
	}
	return count;
}

static bool put_look_alike(struct tally_buf *out, uint32_t c)
{
	char looks = tally_codepoint_looks_like(c);

	return tally_buf_printf(out, "U+%04X looks like ", (unsigned)c) &&
	       (looks == ' ' ? tally_buf_text(out, "a space") : tally_buf_byte(out, looks));
}

bool tally_words_look_alikes(struct tally_buf *out, const char *old, size_t old_len,
                             const char *now, size_t now_len)
{
	static const char *const sides[] = { "in the old value: ", "in the new value: " };
	const struct looked_at texts[] = { { old, old_len < LOOKED_AT ? old_len : LOOKED_AT, 0 },
		                           { now, now_len < LOOKED_AT ? now_len : LOOKED_AT, 0 } };
	bool any = false, ok = true;

	for (int side = 0; side < 2; side++) {
		uint32_t found[LOOKS_MOST];
		size_t count = find_look_alikes(found, texts[side], texts[!side]);

		for (size_t i = 0; ok && i < count; i++) {
			ok = tally_buf_text(out, i     ? ", "
			                         : any ? "; "
			                               : " (") &&
			     (i || tally_buf_text(out, sides[side])) &&
			     put_look_alike(out, found[i]);
		}
		any |= count > 0;
	}
	return ok && (!any || tally_buf_byte(out, ')'));
}

bool tally_words_safe(struct tally_buf *out, const char *bytes, size_t len)
{
	while (len > 0) {
		const char *slash = memchr(bytes, '\\', len);
		size_t n = slash ? (size_t)(slash - bytes) : len;

		if (!tally_words_name(out, bytes, n) || (slash && !tally_buf_byte(out, '\\')))
			return false;
		n += slash != NULL;
		bytes += n;
		len -= n;
	}
	return true;
}

enum { DAY = 86400 };

const char *tally_words_time(char out[TALLY_TIME_MAX], int64_t ns)
{
	int64_t seconds = ns / 1000000000, rest = ns % 1000000000;
	struct tally_civil day;
	unsigned clock;

	if (rest < 0) {
		rest += 1000000000;
		seconds--;
	}
	clock = (unsigned)(((seconds % DAY) + DAY) % DAY);
	day = tally_civil_of((seconds - (int64_t)clock) / DAY);
	snprintf(out, TALLY_TIME_MAX, "%04d-%02d-%02dT%02u:%02u:%02u.%09uZ", (int)day.year,
	         day.month, day.day, clock / 3600, clock / 60 % 60, clock % 60, (unsigned)rest);
	return out;
}

/* @digits digits at *p as a number; moves on */
static bool take_digits(const char **p, int digits, unsigned *out)
{
	unsigned v = 0;

	for (int i = 0; i < digits; i++, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		v = v * 10 + (unsigned)(**p - '0');
	}
	*out = v;
	return true;
}

static bool take_char(const char **p, char c)
{
	return *(*p)++ == c;
}

static bool real_date(unsigned year, unsigned month, unsigned day)
{
	struct tally_civil d;

	if (month < 1 || month > 12 || day < 1 || day > 31)
		return false;
	d = tally_civil_of(tally_civil_days(year, (int)month, (int)day));
	return d.year == year && d.month == (int)month && d.day == (int)day;
}

bool tally_words_time_parse(int64_t *ns, const char *text)
{
	unsigned year, month, day, hour, minute, second, fraction = 0;
	const char *p = text;
	int64_t seconds, rest;

	if (!take_digits(&p, 4, &year) || !take_char(&p, '-') || !take_digits(&p, 2, &month) ||
	    !take_char(&p, '-') || !take_digits(&p, 2, &day) || !take_char(&p, 'T') ||
	    !take_digits(&p, 2, &hour) || !take_char(&p, ':') || !take_digits(&p, 2, &minute) ||
	    !take_char(&p, ':') || !take_digits(&p, 2, &second))
		return false;
	if (*p == '.') {
		p++;
		if (!take_digits(&p, 9, &fraction))
			return false;
	}
	if (!take_char(&p, 'Z') || *p || !real_date(year, month, day) || hour > 23 || minute > 59 ||
	    second > 59)
		return false;
	seconds = tally_civil_days(year, (int)month, (int)day) * DAY + hour * 3600 + minute * 60 +
	          second;
	rest = fraction;
	if (seconds < 0 && rest > 0) { /* towards zero, so that the earliest times fit */
		seconds++;
		rest -= 1000000000;
	}
	return !__builtin_mul_overflow(seconds, INT64_C(1000000000), ns) &&
	       !__builtin_add_overflow(*ns, rest, ns);
}

bool tally_words_seconds(struct tally_buf *out, double seconds)
{
	if (!(seconds >= 0 && seconds < 1e9))
		return tally_buf_text(out, "an unknown time");
	if (seconds < 0.001)
		return tally_buf_text(out, "less than 1 ms");
	if (seconds < 0.01)
		return tally_buf_printf(out, "%.0f ms", seconds * 1000);
	if (seconds < 1)
		return tally_buf_printf(out, "%.2f s", seconds);
	if (seconds < 60)
		return tally_buf_printf(out, "%.1f s", seconds);
	if (seconds < 3600)
		return tally_buf_printf(out, "%d min %d s", (int)seconds / 60, (int)seconds % 60);
	return tally_buf_printf(out, "%d h %d min", (int)(seconds / 3600), (int)(seconds / 60) % 60);
}

size_t tally_words_width(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t width = 0;

	while (len > 0) {
		uint32_t c = *p;
		size_t n = c < 0x80 ? 1 : tally_utf8_next(p, len, &c);

		width += c >= 0x20 && c < 0x7F ? 1 : n ? (size_t)tally_codepoint_width(c) : 1;
		n += n == 0;
		p += n;
		len -= n;
	}
	return width;
}

bool tally_words_moved(struct tally_buf *out, int64_t seconds)
{
	static const struct {
		uint64_t seconds;
		const char *one, *many;
	} units[] = {
		{ 86400, "day", "days" },
		{ 3600, "hour", "hours" },
		{ 60, "minute", "minutes" },
		{ 1, "second", "seconds" },
	};
	uint64_t by = seconds < 0 ? -(uint64_t)seconds : (uint64_t)seconds;
	const char *way = seconds < 0 ? " earlier" : " later";
	size_t i = 0;

	while (by % units[i].seconds)
		i++;
	return tally_words_plural(out, by / units[i].seconds, units[i].one, units[i].many) &&
	       tally_buf_add(out, way, strlen(way));
}

bool tally_words_shifted(struct tally_buf *out, int64_t rows)
{
	uint64_t by = rows < 0 ? -(uint64_t)rows : (uint64_t)rows;

	if (!tally_buf_text(out, rows < 0 ? "shifted up by " : "shifted down by "))
		return false;
	return by == 1 ? tally_buf_text(out, "a cell") : tally_words_plural(out, by, "cell", "cells");
}

enum { DECIMALS = 6 };

static bool put_decimals(struct tally_buf *out, const char *number)
{
	size_t len = strlen(number), digits = 0, keep;

	while (digits < len && number[len - digits - 1] >= '0' && number[len - digits - 1] <= '9')
		digits++;
	/* groups of thousands are shorter than that */
	if (digits == len || digits <= DECIMALS)
		return tally_buf_add(out, number, len);
	keep = len;
	while (keep > len - digits && number[keep - 1] == '0')
		keep--;
	if (keep <= len - digits + DECIMALS)
		return tally_buf_add(out, number, keep == len - digits ? keep - 1 : keep);
	return tally_buf_add(out, number, len - digits + DECIMALS) && tally_buf_text(out, "\u2026");
}

bool tally_words_decimals(struct tally_buf *out, const char *number, const char *other)
{
	size_t from = out->len, len;
	bool same, ok;

	if (!other)
		return put_decimals(out, number);
	if (!put_decimals(out, other))
		return false;
	len = out->len;
	ok = put_decimals(out, number);
	same = ok && out->len - len == len - from &&
	       !memcmp(out->bytes + from, out->bytes + len, len - from);
	out->len = from;
	return ok && (same ? tally_buf_text(out, number) : put_decimals(out, number));
}
