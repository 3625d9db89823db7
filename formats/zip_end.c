/* The end of a zip: its end record, the zip64 one, and where they say that the directory is. */
#include "formats/zip_parts.h"

#include "core/mem.h"

enum {
	END_SIZE = 22, /* end record without its comment (APPNOTE 4.3.16) */
	END64_SIZE = TALLY_ZIP_END64_SIZE,
	LOCATOR_SIZE = TALLY_ZIP_LOCATOR_SIZE,
	COMMENT_MAX = 65535,
};

/* ---- the end record ---- */

static bool end_plausible(const unsigned char *p, uint64_t at)
{
	uint32_t size = tally_zip_u32(p + 12);

	return tally_zip_u32(p) == TALLY_ZIP_SIG_END && (size == UINT32_MAX || size <= at);
}

/* where the comment of the end record at @p is over */
static size_t end_over(const unsigned char *tail, size_t at)
{
	return at + END_SIZE + tally_zip_u16(tail + at + 20);
}

/*
 * The end record among the last bytes of the source, which begin at @base: the last whose comment ends with the source;
 * failing that, the last that could be one. @return its place in @tail, or SIZE_MAX
 */
static size_t pick_end(const unsigned char *tail, size_t len, uint64_t base)
{
	size_t loose = SIZE_MAX;

	for (size_t i = len < END_SIZE ? 0 : len - END_SIZE + 1; i-- > 0;) {
		if (!end_plausible(tail + i, base + i))
			continue;
		if (end_over(tail, i) == len)
			return i;
		if (loose == SIZE_MAX)
			loose = i;
	}
	return loose;
}

/* A second signature behind the end record makes it ambiguous: many programs take the last one they find. */
static void check_end(struct tally_zip_directory *d, const unsigned char *tail, size_t len, size_t at)
{
	const unsigned char *p = tail + at;

	if (end_over(tail, at) < len)
		d->suffix = len - end_over(tail, at);
	else if (end_over(tail, at) > len)
		tally_zip_doubt(d, TALLY_REASON_DAMAGED, NULL, "its comment is cut off");
	if (tally_zip_u16(p + 4) != 0 || tally_zip_u16(p + 6) != 0 ||
	    tally_zip_u16(p + 8) != tally_zip_u16(p + 10))
		tally_zip_doubt(d, TALLY_REASON_DAMAGED, NULL, "one volume of several");
	for (size_t i = at + 4; i + 4 <= len; i++)
		if (tally_zip_u32(tail + i) == TALLY_ZIP_SIG_END)
			tally_zip_doubt(d, AMBIGUOUS, NULL, "two end records");
}

/* @return TALLY_OK, TALLY_END when there is none, TALLY_SKIP, TALLY_FATAL */
static enum tally_status find_end(struct tally_zip_directory *d, struct tally_source *src,
                                  struct tally_zip_end *end, struct tally_err *err)
{
	uint64_t size = tally_source_size(src);
	size_t len = size < END_SIZE + COMMENT_MAX ? (size_t)size : END_SIZE + COMMENT_MAX;
	unsigned char *tail = tally_alloc(len);
	enum tally_status st;
	size_t at;

	if (!tail)
		return tally_err_nomem(err);
	st = tally_zip_read_exact(src, tail, len, size - len, err);
	if (st != TALLY_OK)
		goto out;
	at = pick_end(tail, len, size - len);
	if (at == SIZE_MAX) {
		st = TALLY_END;
		goto out;
	}
	*end = (struct tally_zip_end){ .at = size - len + at,
		                       .top = size - len + at,
		                       .count = tally_zip_u16(tail + at + 10),
		                       .size = tally_zip_u32(tail + at + 12),
		                       .offset = tally_zip_u32(tail + at + 16) };
	check_end(d, tail, len, at);
out:
	tally_free(tail);
	return st;
}

/* one value of the end record: the zip64 one counts where the short one is full; otherwise they have to agree */
static void end64_value(struct tally_zip_directory *d, uint64_t *value, uint64_t full, uint64_t wide)
{
	if (*value != full && *value != wide)
		tally_zip_doubt(d, AMBIGUOUS, NULL, "two end records that disagree");
	*value = wide;
}

/* the zip64 end record, where there is one */
static enum tally_status find_end64(struct tally_zip_directory *d, struct tally_zip_window *w,
                                    struct tally_zip_end *end, struct tally_err *err)
{
	const unsigned char *p;
	enum tally_status st;
	uint64_t at;

	if (end->at < LOCATOR_SIZE + END64_SIZE)
		return TALLY_OK;
	st = tally_zip_window_get(w, end->at - LOCATOR_SIZE, LOCATOR_SIZE, &p, err);
	if (st != TALLY_OK || tally_zip_u32(p) != TALLY_ZIP_SIG_LOCATOR)
		return st;
	at = tally_zip_u32(p + 8) | (uint64_t)tally_zip_u32(p + 12) << 32;
	/* with something in front of the archive its own idea of the place is wrong: it stands right before the locator */
	if (at > end->at - LOCATOR_SIZE - END64_SIZE)
		return TALLY_OK;
	st = tally_zip_window_get(w, at, END64_SIZE, &p, err);
	if (st != TALLY_OK)
		return st;
	if (tally_zip_u32(p) != TALLY_ZIP_SIG_END64) {
		at = end->at - LOCATOR_SIZE - END64_SIZE;
		st = tally_zip_window_get(w, at, END64_SIZE, &p, err);
		if (st != TALLY_OK || tally_zip_u32(p) != TALLY_ZIP_SIG_END64)
			return st;
	}
	end64_value(d, &end->count, UINT16_MAX,
	            tally_zip_u32(p + 32) | (uint64_t)tally_zip_u32(p + 36) << 32);
	end64_value(d, &end->size, UINT32_MAX,
	            tally_zip_u32(p + 40) | (uint64_t)tally_zip_u32(p + 44) << 32);
	end64_value(d, &end->offset, UINT32_MAX,
	            tally_zip_u32(p + 48) | (uint64_t)tally_zip_u32(p + 52) << 32);
	end->top = at;
	return TALLY_OK;
}

/* Is there a record of a central directory at this place? */
static enum tally_status is_central(struct tally_zip_window *w, uint64_t at, bool *yes,
                                    struct tally_err *err)
{
	const unsigned char *p;
	enum tally_status st = tally_zip_window_get(w, at, 4, &p, err);

	*yes = st == TALLY_OK && tally_zip_u32(p) == TALLY_ZIP_SIG_CENTRAL;
	return st < 0 ? st : TALLY_OK;
}

/*
 * Where the central directory begins: right before the end, which is also where the end record says it is unless something
 * was put in front of the archive.
 * @return TALLY_OK, TALLY_END when it is not to be found
 */
static enum tally_status find_central(struct tally_zip_directory *d, struct tally_zip_window *w,
                                      struct tally_zip_end *end, struct tally_err *err)
{
	bool here, there;
	enum tally_status st;

	if (end->size > end->top)
		return TALLY_END;
	end->central = end->top - end->size;
	if (end->count == 0 && end->size == 0)
		return TALLY_OK;
	st = is_central(w, end->central, &here, err);
	if (st == TALLY_OK && end->offset != end->central) {
		st = is_central(w, end->offset, &there, err);
		if (there)
			tally_zip_doubt(d, AMBIGUOUS, NULL, "two places for its directory");
		if (there && !here)
			end->central = end->offset;
		here |= there;
	}
	if (st < 0)
		return st;
	return here ? TALLY_OK : TALLY_END;
}

enum tally_status tally_zip_find_end(struct tally_zip_directory *d, struct tally_zip_window *w,
                                     struct tally_zip_end *end, struct tally_err *err)
{
	enum tally_status st = find_end(d, w->src, end, err);

	if (st == TALLY_OK)
		st = find_end64(d, w, end, err);
	return st == TALLY_OK ? find_central(d, w, end, err) : st;
}
