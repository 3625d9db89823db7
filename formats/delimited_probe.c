/* Is it delimited text? From its first bytes and its name. */
#include "formats/delimited.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/mem.h"
#include "formats/csv_dialect.h"
#include "formats/encoding.h"

enum {
	PROBE_BYTES = 8192, /* a dialect is looked for in so many */
	PROBE_ROWS = 3,     /* fewer rows prove little */
	BITS_SUFFIX = 1,
	BITS_TEXT = 1,         /* text of one column below a fitting name */
	BITS_EVEN = 6,         /* splits evenly */
	BITS_NAMED = 4,        /* and its name says so */
	BITS_OWN_DELIMITER = 2 /* and the delimiter is the one the format is named for */
};

static bool has_suffix(const char *name, const char *const *suffixes)
{
	size_t len = strlen(name);

	for (; *suffixes; suffixes++) {
		size_t n = strlen(*suffixes);

		if (len > n && !strcasecmp(name + len - n, *suffixes))
			return true;
	}
	return false;
}

/*
 * Control characters that no text has; NUL is one, except in UTF-16, which never comes here. A few make no binary file of a
 * table, least of all of one whose name says that it is one: they are a problem that its reader names.
 */
static bool is_binary(const char *text, size_t len, bool named)
{
	const size_t few = named ? 2 : 0, share = named ? 20 : 200;
	size_t odd = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		odd += c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
	}
	return odd > few && odd * share > len;
}

/* beginnings of what is text but no table: markup, JSON, PDF, scripts */
static bool is_other_text(const char *text, size_t len)
{
	static const char *const begins[] = { "<", "{", "[", "%PDF", "%!PS", "#!", "{\\rtf", "---\n" };

	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++) {
		size_t n = strlen(begins[i]);

		if (len >= n && !memcmp(text, begins[i], n))
			return true;
	}
	return false;
}

static int score_text(const struct tally_delimited_kind *kind, const char *text, size_t len,
                      bool named)
{
	struct tally_csv_wish wish = { 0, 0, true };
	struct tally_csv_dialect d;
	int bits = named ? BITS_SUFFIX + BITS_TEXT : 0;

	if (is_binary(text, len, named) || (is_other_text(text, len) && !named))
		return 0;
	if (kind->delimiter != ',')
		wish.delimiter = kind->delimiter;
	tally_csv_dialect_find(&d, text, len, &wish);
	if (d.columns < 2 || d.hollow || d.evenness < 0.9 || d.score < 0.3 ||
	    (d.records < PROBE_ROWS && !named))
		return bits;
	if (d.form.delimiter != kind->delimiter && kind->delimiter != ',' && !named)
		return 0;
	bits += BITS_EVEN + (named ? BITS_NAMED : 0);
	return bits + (d.form.delimiter == kind->delimiter ? BITS_OWN_DELIMITER : 0);
}

/* the bytes up to the last line end, so that a cut line does not look ragged */
static size_t whole_lines(const char *text, size_t len)
{
	size_t at = len;

	while (at > 0 && text[at - 1] != '\n' && text[at - 1] != '\r')
		at--;
	return at ? at : len;
}

int tally_delimited_probe(const struct tally_delimited_kind *kind, const unsigned char *bytes,
                          size_t len, uint64_t size, const char *name)
{
	bool named = has_suffix(name, kind->suffixes);
	enum tally_encoding encoding;
	struct tally_err err;
	size_t bom, text_len;
	uint64_t bad;
	char *text;
	int bits;

	if (!size)
		return named ? BITS_SUFFIX : 0;
	/* no text, and the most frequent of documents: known at once */
	if (len >= 4 && !memcmp(bytes, "PK\3\4", 4))
		return 0;
	encoding = tally_encoding_sniff(bytes, len, &bom);
	bytes += bom;
	len -= bom;
	if (len > PROBE_BYTES)
		len = PROBE_BYTES;
	if (!tally_encoding_wide(encoding)) {
		if (len < size - bom)
			len = whole_lines((const char *)bytes, len);
		return score_text(kind, (const char *)bytes, len, named);
	}
	if (tally_utf16_to_utf8((const char *)bytes, len & ~(size_t)1,
	                        encoding == TALLY_ENCODING_UTF16BE, 0, &text, &text_len, &bad,
	                        &err) < 0)
		return 0;
	bits = score_text(kind, text, len < size - bom ? whole_lines(text, text_len) : text_len,
	                  named);
	tally_free(text);
	return bits;
}
