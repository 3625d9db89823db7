/* The registry of formats: which ones there are, and which one reads a file. */
#include "formats/format.h"

#include <assert.h>
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

enum { FORMATS_MOST = 64 };

/* How much speaks for each format; 0 also for those that were looked at more closely and are not it. */
struct scores {
	int bits[FORMATS_MOST];
	bool named[FORMATS_MOST]; /* has the file's suffix */
};

static void probe_all(struct scores *s, struct tally_source *src, const unsigned char *bytes,
                      size_t len)
{
	const char *name = tally_source_name(src);

	assert(sizeof tally_formats / sizeof *tally_formats <= FORMATS_MOST);
	for (size_t i = 0; tally_formats[i]; i++) {
		s->bits[i] = tally_formats[i]->probe(bytes, len, tally_source_size(src), name);
		s->named[i] = has_suffix(tally_formats[i], name, strlen(name));
	}
}

/* @return the number of the best one, or that of the NULL behind them all */
static size_t best_of(const struct scores *s)
{
	size_t best = 0, i;

	for (i = 0; tally_formats[i]; i++)
		if (s->bits[i] > s->bits[best])
			best = i;
	return s->bits[best] > 0 ? best : i;
}

static enum tally_status find_best(const struct tally_format **out, struct scores *s,
                                   struct tally_source *src, struct tally_err *err)
{
	for (;;) {
		size_t best = best_of(s);
		enum tally_status st = TALLY_OK;

		*out = tally_formats[best];
		if (*out && (*out)->confirm)
			st = (*out)->confirm(src, err);
		if (st != TALLY_END)
			return st;
		s->bits[best] = 0;
	}
}

/* Does a format deny the bytes whose suffix the file has? One that looks closely counts, whoever else has the suffix. */
static bool is_mismatch(const struct scores *s, const struct tally_format *found)
{
	bool denied = false, closely = false, fits = false;

	for (size_t i = 0; tally_formats[i]; i++) {
		const struct tally_format *f = tally_formats[i];

		denied |= s->named[i] && !s->bits[i];
		closely |= s->named[i] && !s->bits[i] && f->confirm && !(f->caps & TALLY_CAP_OPAQUE);
		if (s->named[i] && f == found && f->confirm)
			return false;
		fits |= s->named[i] && f == found;
	}
	return closely || (denied && !fits);
}

static bool is_guessed_table(const struct scores *s, const struct tally_format *found)
{
	return found && (found->caps & TALLY_CAP_ROWS) && s->bits[best_of(s)] < BITS_SURE;
}

static void deny_guessed_tables(struct scores *s)
{
	for (size_t i = 0; tally_formats[i]; i++)
		if ((tally_formats[i]->caps & TALLY_CAP_ROWS) && s->bits[i] < BITS_SURE)
			s->bits[i] = 0;
}

enum tally_status tally_format_find(const struct tally_format **out, bool *mismatch,
                                    struct tally_source *src, struct tally_err *err)
{
	const char *name = tally_source_name(src);
	const unsigned char *bytes;
	struct scores scores = { 0 };
	size_t len, best;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);
	int most;

	*out = NULL;
	if (mismatch)
		*mismatch = false;
	if (st < 0)
		return st;
	probe_all(&scores, src, bytes, len);
	st = find_best(out, &scores, src, err);
	/* a name that says so is believed; any other text has to look like a table */
	if (st >= 0 && is_guessed_table(&scores, *out) && !says_table(name) &&
	    !tally_text_is_table(bytes, len, tally_source_size(src))) {
		deny_guessed_tables(&scores);
		st = find_best(out, &scores, src, err);
	}
	if (st < 0)
		return st;
	best = best_of(&scores);
	most = tally_formats[best] ? scores.bits[best] : 0;
	if (most < BITS_SURE)
		st = find_hidden(out, src, err);
	if (st < 0)
		return st;
	if (mismatch)
		*mismatch = tally_source_size(src) > 0 && is_mismatch(&scores, *out);
	return TALLY_OK;
}

bool tally_format_named_text(const char *name, size_t len, bool plain)
{
	for (const struct tally_format *const *f = tally_formats; *f; f++)
		if (((*f)->caps & TALLY_CAP_BLOCKS) && !((*f)->caps & TALLY_CAP_PICTURE) &&
		    (plain || !((*f)->caps & TALLY_CAP_PLAIN)) && has_suffix(*f, name, len))
			return true;
	return false;
}

bool tally_format_named_picture(const char *name, size_t len)
{
	for (const struct tally_format *const *f = tally_formats; *f; f++)
		if ((*f)->caps & TALLY_CAP_PICTURE && has_suffix(*f, name, len))
			return true;
	return false;
}

bool tally_format_worth_keeping(const char *name, size_t len)
{
	for (const struct tally_format *const *f = tally_formats; *f; f++)
		/* pictures are many and large: they are kept where there is room left */
		if (!((*f)->caps & (TALLY_CAP_OPAQUE | TALLY_CAP_PICTURE)) &&
		    has_suffix(*f, name, len))
			return true;
	return false;
}
