/* Bytes of a file to text: see formats/csv_text.h. */
#include "formats/csv_text.h"

#include "core/mem.h"

enum {
	PAD = TALLY_SPILL_PAD,
	STEP = 4 << 20,     /* bytes of a text on disk that are gone through at once; even */
	CONTINUED_MOST = 3, /* bytes of a character behind its first */
};

/* A large file is copied to a file of our own, where nobody can change it and which can be mapped. */
static enum tally_status take_in(struct tally_csv_text *t, struct tally_source *src,
                                 const struct tally_limits *limits, struct tally_err *err)
{
	enum tally_status st;

	if (!tally_source_scratch(src) || tally_source_size(src) <= limits->table_memory) {
		st = tally_source_slurp(src, limits->table_bytes, PAD, &t->buffer, &t->len, err);
		t->bytes = t->buffer;
		return st;
	}
	st = tally_source_spill(src, limits->table_bytes, &t->spill, err);
	if (st < 0)
		return st;
	t->bytes = tally_spill_view(t->spill)->bytes;
	t->len = (size_t)tally_spill_size(t->spill);
	return TALLY_OK;
}

static enum tally_status from_utf16(struct tally_csv_text *t, size_t bom, struct tally_err *err)
{
	char *text;
	size_t len;
	enum tally_status st = tally_utf16_to_utf8(t->bytes + bom, t->len - bom,
	                                           t->encoding == TALLY_ENCODING_UTF16BE, PAD,
	                                           &text, &len, &t->bad, err);

	if (st < 0)
		return st;
	tally_free(t->buffer);
	t->buffer = text;
	t->bytes = text;
	t->len = len;
	return TALLY_OK;
}

/* Bytes of a step that does not end between two halves of a character. */
static size_t utf16_step(const char *bytes, size_t left, bool big_endian)
{
	unsigned char last;

	if (left <= STEP)
		return left;
	last = (unsigned char)bytes[STEP - (big_endian ? 2 : 1)];
	return last >= 0xd8 && last < 0xdc ? STEP - 2 : STEP;
}

static enum tally_status add_utf16(struct tally_csv_text *t, struct tally_spill *to, size_t from,
                                   struct tally_err *err)
{
	bool big_endian = t->encoding == TALLY_ENCODING_UTF16BE;
	enum tally_status st = TALLY_OK;
	size_t step, len;

	for (size_t at = from; st == TALLY_OK && at < t->len; at += step) {
		uint64_t bad;
		char *text;

		step = utf16_step(t->bytes + at, t->len - at, big_endian);
		st = tally_utf16_to_utf8(t->bytes + at, step, big_endian, 0, &text, &len, &bad, err);
		if (st < 0)
			break;
		t->bad += bad;
		st = tally_spill_add(to, text, len, err);
		tally_free(text);
		tally_spill_passed(t->spill, at, step);
	}
	return st == TALLY_OK ? tally_spill_seal(to, err) : st;
}

static enum tally_status spilled_utf16(struct tally_csv_text *t, struct tally_scratch *scratch,
                                       size_t bom, uint64_t max, struct tally_err *err)
{
	struct tally_spill *spill = NULL;
	/* two bytes become three at most */
	enum tally_status st = tally_spill_new(&spill, scratch, 0, max + max / 2, err);

	if (st == TALLY_OK)
		st = add_utf16(t, spill, bom, err);
	if (st < 0) {
		tally_spill_free(spill);
		return st;
	}
	tally_spill_free(t->spill);
	t->spill = spill;
	t->bytes = tally_spill_view(spill)->bytes;
	t->len = (size_t)tally_spill_size(spill);
	return TALLY_OK;
}

enum tally_status tally_csv_text_read(struct tally_csv_text *t, struct tally_source *src,
                                      const struct tally_read_options *o,
                                      const struct tally_limits *limits, struct tally_err *err)
{
	enum tally_status st = take_in(t, src, limits, err);
	size_t bom;

	if (st < 0)
		return st;
	t->encoding = tally_encoding_sniff((const unsigned char *)t->bytes, t->len, &bom);
	t->bom = bom > 0;
	if (o->encoding && !o->prefer_encoding && !tally_encoding_by_name(&t->encoding, o->encoding))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                     "no encoding of the name '%s'", o->encoding);
	if (tally_encoding_wide(t->encoding)) {
		bom = bom == 2 ? bom : 0;
		return t->spill ? spilled_utf16(t, tally_source_scratch(src), bom,
		                                limits->table_bytes, err)
		                : from_utf16(t, bom, err);
	}
	t->from = bom == 3 ? bom : 0;
	t->bytes += t->from;
	t->len -= (size_t)t->from;
	return TALLY_OK;
}

void tally_csv_text_release(struct tally_csv_text *t)
{
	tally_free(t->buffer);
	tally_spill_free(t->spill);
	*t = (struct tally_csv_text){ 0 };
}

void tally_csv_text_passed(void *text, size_t at, size_t len)
{
	const struct tally_csv_text *t = text;

	tally_spill_passed(t->spill, t->from + at, len);
}

/*
 * Where a step may end: before a byte that begins a character. Behind more bytes that go on with one than a character has,
 * any place will do.
 */
static size_t utf8_step(const char *bytes, size_t left)
{
	if (left <= STEP)
		return left;
	for (size_t back = 0; back <= CONTINUED_MOST; back++)
		if (((unsigned char)bytes[STEP - back] & 0xc0) != 0x80)
			return STEP - back;
	return STEP;
}

/* @exact  good characters are counted where another step has bad bytes */
static struct tally_utf8_found count_steps(const struct tally_csv_text *t, bool exact)
{
	struct tally_utf8_found all = { 0, 0 };
	size_t step;

	for (size_t at = 0; at < t->len; at += step) {
		struct tally_utf8_found one;

		step = utf8_step(t->bytes + at, t->len - at);
		one = exact ? tally_utf8_count_all(t->bytes + at, step)
		            : tally_utf8_count(t->bytes + at, step);
		all.good += one.good;
		all.bad += one.bad;
		tally_spill_passed(t->spill, t->from + at, step);
		if (!exact && one.bad)
			break;
	}
	return all;
}

struct tally_utf8_found tally_csv_text_count(const struct tally_csv_text *t)
{
	struct tally_utf8_found found;

	if (!t->spill)
		return tally_utf8_count(t->bytes, t->len);
	found = count_steps(t, false);
	if (found.bad)
		return count_steps(t, true);
	found.good = found.good > 0;
	return found;
}
