/* The registry of formats: which ones there are, and which one reads a file. */
#include "formats/format.h"

#include <string.h>
#include <strings.h>

#include "formats/archive.h"
#include "formats/plain_text.h"

#define TALLY_FORMAT(name) extern const struct tally_format tally_format_##name;
#include "formats/formats.def"
#undef TALLY_FORMAT

const struct tally_format *const tally_formats[] = {
#define TALLY_FORMAT(name) &tally_format_##name,
#include "formats/formats.def"
#undef TALLY_FORMAT
	NULL
};

const struct tally_format *tally_format_by_name(const char *name)
{
	for (const struct tally_format *const *f = tally_formats; *f; f++)
		if (!strcmp((*f)->name, name))
			return *f;
	return NULL;
}

static bool has_suffix(const struct tally_format *format, const char *name, size_t len)
{
	for (const char *const *s = format->suffixes; *s; s++) {
		size_t n = strlen(*s);

		if (len > n && !strncasecmp(name + len - n, *s, n))
			return true;
	}
	return false;
}

/* what a probe of the first bytes does not see: an archive behind a program, or behind anything else */
static enum tally_status find_hidden(const struct tally_format **out, struct tally_source *src,
                                     struct tally_err *err)
{
	const char *name = NULL;
	enum tally_status st = tally_archive_format(&name, src, err);

	if (st == TALLY_OK && name)
		*out = tally_format_by_name(name);
	return st;
}

/* does the name belong to a format of tables? */
static bool says_table(const char *name)
{
	for (const struct tally_format *const *f = tally_formats; *f; f++)
		if (((*f)->caps & TALLY_CAP_ROWS) && has_suffix(*f, name, strlen(name)))
			return true;
	return false;
}

/* fewer bits are a guess: an archive that is found from the other end outweighs them */
enum { BITS_SURE = 20 };

enum tally_status tally_format_find(const struct tally_format **out, bool *mismatch,
                                    struct tally_source *src, struct tally_err *err)
{
	const char *name = tally_source_name(src);
	const unsigned char *bytes;
	size_t len;
	int most = 0;
	bool denied = false;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	*out = NULL;
	if (mismatch)
		*mismatch = false;
	if (st < 0)
		return st;
	for (const struct tally_format *const *f = tally_formats; *f; f++) {
		int bits = (*f)->probe(bytes, len, tally_source_size(src), name);

		if (bits > most) {
			most = bits;
			*out = *f;
		}
		denied |= bits == 0 && has_suffix(*f, name, strlen(name));
	}
	/* a name that says so is believed; any other text has to look like a table */
	if (*out && ((*out)->caps & TALLY_CAP_ROWS) && most < BITS_SURE && !says_table(name) &&
	    !tally_text_is_table(bytes, len, tally_source_size(src)))
		*out = NULL;
	if (most < BITS_SURE)
		st = find_hidden(out, src, err);
	if (st < 0)
		return st;
	if (mismatch)
		*mismatch = denied && !(*out && has_suffix(*out, name, strlen(name)));
	return TALLY_OK;
}

bool tally_format_worth_keeping(const char *name, size_t len)
{
	for (const struct tally_format *const *f = tally_formats; *f; f++)
		if (!((*f)->caps & TALLY_CAP_OPAQUE) && has_suffix(*f, name, len))
			return true;
	return false;
}
