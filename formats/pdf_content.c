/* Content streams of a PDF (ISO 32000-1, 7.8.2), looked at for names and for painting: see formats/pdf_content.h. */
#include "formats/pdf_content.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/mem.h"

enum { BLANK_MOST = 4096 /* bytes; what is longer draws something */ };

static bool ends_token(char c)
{
	return c == 0 || strchr(" \t\r\n\f()<>[]{}/%", c) != NULL;
}

static size_t token_end(const char *content, size_t len, size_t at)
{
	while (at < len && !ends_token(content[at]))
		at++;
	return at;
}

/* ---- names ---- */

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint64_t name_hash(const char *name, size_t len)
{
	return tally_hash64(name, len, 0);
}

bool tally_pdf_names_of(struct tally_pdf_names *out, const char *content, size_t len)
{
	size_t n = 0;

	for (size_t at = 0; at < len;) {
		const char *slash = memchr(content + at, '/', len - at);
		size_t from, end;

		if (!slash)
			break;
		from = (size_t)(slash - content);
		end = token_end(content, len, from + 1);
		/* "/A#42" is "/AB": too rare to be taken apart */
		if (memchr(slash, '#', end - from))
			out->escaped = true;
		if (!tally_grow(&out->hashes, &out->cap, out->count, sizeof *out->hashes))
			return false;
		out->hashes[out->count++] = name_hash(slash, end - from);
		at = end;
	}
	if (!out->count)
		return true;
	qsort(out->hashes, out->count, sizeof *out->hashes, by_value);
	for (size_t i = 0; i < out->count; i++)
		if (!n || out->hashes[i] != out->hashes[n - 1])
			out->hashes[n++] = out->hashes[i];
	out->count = n;
	return true;
}

bool tally_pdf_names_has(const struct tally_pdf_names *names, const char *name)
{
	uint64_t hash = name_hash(name, strlen(name));

	return names->count &&
	       bsearch(&hash, names->hashes, names->count, sizeof hash, by_value) != NULL;
}

void tally_pdf_names_release(struct tally_pdf_names *names)
{
	tally_free(names->hashes);
	*names = (struct tally_pdf_names){ 0 };
}

/* ---- painting ---- */

static bool paints(const char *token, size_t len)
{
	static const char *const words[] = { "f", "F",  "f*", "b",  "b*", "B",  "B*", "s",
		                             "S", "sh", "Do", "BI", "Tj", "TJ", "'",  "\"" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strlen(words[i]) == len && !memcmp(words[i], token, len))
			return true;
	return false;
}

/* Strings are passed over byte by byte: a word in one that looks like painting only makes a page that is drawn. */
bool tally_pdf_content_blank(const char *content, size_t len)
{
	if (len > BLANK_MOST)
		return false;
	for (size_t at = 0; at < len;) {
		size_t end = token_end(content, len, at);

		if (end == at) {
			at++;
			continue;
		}
		if ((at == 0 || content[at - 1] != '/') && paints(content + at, end - at))
			return false;
		at = end;
	}
	return true;
}

/* ---- blanks ---- */

static bool is_blank(char c)
{
	return c == 0 || c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

/* @at  where a string in parentheses begins. @return behind its end; len + 1: it has none */
static size_t string_end(const char *content, size_t len, size_t at)
{
	size_t depth = 0;

	for (; at < len; at++) {
		if (content[at] == '\\')
			at++;
		else if (content[at] == '(')
			depth++;
		else if (content[at] == ')' && --depth == 0)
			return at + 1;
	}
	return len + 1;
}

/* Nothing in it but words, numbers and strings that have an end. */
static bool is_plain(const char *content, size_t len)
{
	for (size_t at = 0; at < len;) {
		size_t end = token_end(content, len, at);

		if (end > at) {
			if (end - at == 2 && !memcmp(content + at, "BI", 2))
				return false;
			at = end;
			continue;
		}
		if (content[at] == '%')
			return false;
		at = content[at] == '(' ? string_end(content, len, at) : at + 1;
		if (at > len)
			return false;
	}
	return true;
}

/* Digits of a string in <>: without blanks, in small letters. @return as many as there are now */
static size_t squeeze_digits(char *out, const char *in, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len; i++)
		if (!is_blank(in[i]))
			out[n++] = tally_lower(in[i]);
	return n;
}

size_t tally_pdf_content_squeeze(char *content, size_t len)
{
	size_t n = 0;

	if (!is_plain(content, len))
		return len;
	for (size_t at = 0; at < len;) {
		size_t end = content[at] == '(' ? string_end(content, len, at) : at + 1;

		if (is_blank(content[at])) {
			while (end < len && is_blank(content[end]))
				end++;
			content[n++] = ' ';
		} else if (content[at] == '<' && end < len && content[end] == '<') {
			content[n++] = '<'; /* a dictionary */
			content[n++] = '<';
			end++;
		} else if (content[at] == '<') {
			while (end < len && content[end] != '>')
				end++;
			n += squeeze_digits(content + n, content + at, end - at);
		} else {
			end = end < len ? end : len;
			memmove(content + n, content + at, end - at);
			n += end - at;
		}
		at = end;
	}
	while (n && content[n - 1] == ' ')
		n--;
	return n;
}
