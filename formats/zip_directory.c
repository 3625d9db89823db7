/* The directory of a zip, and whether all programs would see the same members: see zip_directory.h. */
#include "formats/zip_directory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/zip_parts.h"

/* ---- the central directory ---- */

/* Takes the directory apart. @return TALLY_OK, TALLY_END when it is damaged, TALLY_FATAL */
static enum tally_status central_parse(struct tally_zip_directory *d, const struct tally_zip_end *end,
                                       const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_bytes b = tally_bytes_of(d->bytes, (size_t)end->size);
	uint64_t shift = end->central - end->offset;
	uint64_t seen = 0;

	while (tally_bytes_left(&b) >= 4 && tally_zip_u32(b.at) == TALLY_ZIP_SIG_CENTRAL) {
		struct tally_zip_member *m;
		struct tally_zip_header h;

		if (seen++ >= limits->archive_members) {
			tally_zip_doubt(d, TALLY_REASON_LIMIT, NULL,
			                "archive_members: more than %" PRIu64 " members",
			                limits->archive_members);
			return TALLY_OK;
		}
		m = tally_zip_member_new(d);
		if (!m)
			return tally_err_nomem(err);
		if (!tally_zip_central_record(m, &b, &h)) {
			d->count--;
			return TALLY_END;
		}
		/* an archive moved behind something else: all places are off by the same */
		if (end->central >= end->offset)
			m->header += shift;
	}
	/* sixteen bits are too few for some writers' counts */
	if (seen != end->count && (end->count != (seen & UINT16_MAX) || end->top != end->at))
		tally_zip_doubt(d, AMBIGUOUS, NULL,
		                "%" PRIu64 " members announced, %" PRIu64 " listed", end->count,
		                seen);
	if (tally_bytes_left(&b) > 0)
		tally_zip_doubt(d, AMBIGUOUS, NULL, "its directory ends before it should");
	return TALLY_OK;
}

static enum tally_status central_read(struct tally_zip_directory *d, struct tally_source *src,
                                      const struct tally_zip_end *end,
                                      const struct tally_limits *limits, struct tally_err *err)
{
	enum tally_status st;

	if (end->size > limits->archive_memory)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "archive_memory: a directory of %" PRIu64 " bytes", end->size);
	d->bytes = tally_alloc((size_t)end->size);
	if (!d->bytes)
		return tally_err_nomem(err);
	st = tally_zip_read_exact(src, d->bytes, (size_t)end->size, end->central, err);
	return st == TALLY_OK ? central_parse(d, end, limits, err) : st;
}

/* ---- names ---- */

/* A name with its hash, letter case of ASCII aside, so that names of parts are found as the office formats compare them. */
struct tally_zip_name {
	uint64_t hash;
	const char *bytes;
	size_t len;
	const struct tally_zip_member *member;
};

/* some writers of documents take the other slash */
static unsigned char lower(char c)
{
	return (unsigned char)(tally_is_upper(c) ? c - 'A' + 'a' : c == '\\' ? '/' : c);
}

static struct tally_zip_name name_of(const char *bytes, size_t len,
                                     const struct tally_zip_member *member)
{
	struct tally_zip_name n = { 0, bytes, len, member };
	unsigned char block[64];

	for (size_t at = 0; at < len; at += sizeof block) {
		size_t step = len - at < sizeof block ? len - at : sizeof block;

		for (size_t i = 0; i < step; i++)
			block[i] = lower(bytes[at + i]);
		n.hash = tally_hash64(block, step, n.hash);
	}
	return n;
}

static int compare_lower(const struct tally_zip_name *a, const struct tally_zip_name *b)
{
	size_t n = a->len < b->len ? a->len : b->len;

	for (size_t i = 0; i < n; i++)
		if (lower(a->bytes[i]) != lower(b->bytes[i]))
			return lower(a->bytes[i]) - lower(b->bytes[i]);
	return (a->len > b->len) - (a->len < b->len);
}

/* hashes first, for speed; the names themselves decide, so that prepared collisions change nothing */
static int by_part(const void *a, const void *b)
{
	const struct tally_zip_name *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	return compare_lower(x, y);
}

static int by_name(const void *a, const void *b)
{
	const struct tally_zip_name *x = a, *y = b;
	int c = by_part(a, b);

	if (c)
		return c;
	return memcmp(x->bytes, y->bytes, x->len); /* which are of one length here */
}

/* members of one name in the order of their places */
static int by_name_and_place(const void *a, const void *b)
{
	const struct tally_zip_name *x = a, *y = b;
	int c = by_name(a, b);

	return c ? c : (x->member > y->member) - (x->member < y->member);
}

static enum tally_status index_names(struct tally_zip_directory *d, struct tally_err *err)
{
	size_t size;

	d->index = tally_size_mul(d->count ? d->count : 1, sizeof *d->index, &size)
	                   ? tally_alloc(size)
	                   : NULL;
	if (!d->index)
		return tally_err_nomem(err);
	for (size_t i = 0; i < d->count; i++)
		d->index[i] = name_of(d->members[i].name, d->members[i].name_len, &d->members[i]);
	if (d->count > 1)
		qsort(d->index, d->count, sizeof *d->index, by_name_and_place);
	return TALLY_OK;
}

static enum tally_status check_names(struct tally_zip_directory *d, struct tally_err *err)
{
	const struct tally_zip_member *twice = NULL;
	enum tally_status st = index_names(d, err);

	for (size_t i = 1; st == TALLY_OK && i < d->count; i++)
		if (by_name(&d->index[i - 1], &d->index[i]) == 0 &&
		    (!twice || d->index[i].member < twice))
			twice = d->index[i].member;
	if (twice)
		tally_zip_doubt(d, AMBIGUOUS, twice, "two members of one name");
	return st;
}

/* ---- all of it ---- */

static int by_place(const void *a, const void *b)
{
	const struct tally_zip_member *x = a, *y = b;

	if (x->header != y->header)
		return x->header < y->header ? -1 : 1;
	/* both at one place is an error, but its message must not depend on the sort */
	return (x->name > y->name) - (x->name < y->name);
}

static enum tally_status by_directory(struct tally_zip_directory *d, struct tally_zip_window *w,
                                      const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_zip_end end = { 0 };
	enum tally_status st = tally_zip_find_end(d, w, &end, err);

	if (st == TALLY_OK)
		st = central_read(d, w->src, &end, limits, err);
	if (st != TALLY_OK)
		return st;
	if (d->count > 1)
		qsort(d->members, d->count, sizeof *d->members, by_place);
	st = tally_zip_check_places(d, w, &end, err);
	return st == TALLY_OK ? check_names(d, err) : st;
}

/* its directory is of no use */
static enum tally_status by_headers(struct tally_zip_directory *d, struct tally_zip_window *w,
                                    const struct tally_limits *limits, struct tally_err *err)
{
	enum tally_status st = tally_zip_scan(d, w, limits, err);

	return st == TALLY_OK ? index_names(d, err) : st;
}

enum tally_status tally_zip_directory_read(struct tally_zip_directory *out, struct tally_source *src,
                                           const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_zip_directory d = { 0 };
	struct tally_zip_window w = { src, tally_alloc(TALLY_ZIP_WINDOW_CAP), 0, 0 };
	enum tally_status st;

	if (!w.bytes)
		return tally_err_nomem(err);
	st = by_directory(&d, &w, limits, err);
	if (st == TALLY_END)
		st = by_headers(&d, &w, limits, err);
	tally_free(w.bytes);
	if (st < 0) {
		tally_zip_directory_release(&d);
		return st;
	}
	*out = d;
	return d.reason == TALLY_REASON_NONE ? TALLY_OK : TALLY_PARTIAL;
}

void tally_zip_directory_release(struct tally_zip_directory *dir)
{
	tally_free(dir->members);
	tally_free(dir->bytes);
	tally_free(dir->names);
	tally_free(dir->index);
	*dir = (struct tally_zip_directory){ 0 };
}

/* the first in the index that is not before @want in the order @compare */
static size_t lower_bound(const struct tally_zip_directory *dir, const struct tally_zip_name *want,
                          int (*compare)(const void *, const void *))
{
	size_t low = 0, high = dir->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare(&dir->index[mid], want) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct tally_zip_member *tally_zip_directory_find(const struct tally_zip_directory *dir,
                                                        const char *name)
{
	struct tally_zip_name want = name_of(name, strlen(name), NULL);
	size_t at = lower_bound(dir, &want, by_name);

	return at < dir->count && by_name(&dir->index[at], &want) == 0 ? dir->index[at].member : NULL;
}

const struct tally_zip_member *tally_zip_directory_part(const struct tally_zip_directory *dir,
                                                        const char *name, bool *twice)
{
	struct tally_zip_name want = name_of(name, strlen(name), NULL);
	size_t at = lower_bound(dir, &want, by_part);
	bool found = at < dir->count && by_part(&dir->index[at], &want) == 0;

	*twice = found && at + 1 < dir->count && by_part(&dir->index[at + 1], &want) == 0;
	return found && !*twice ? dir->index[at].member : NULL;
}

bool tally_zip_directory_is_document(const struct tally_zip_directory *dir)
{
	return tally_zip_directory_find(dir, "[Content_Types].xml") ||
	       tally_zip_directory_find(dir, "mimetype");
}
