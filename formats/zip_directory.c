/* The directory of a zip, and whether all programs would see the same members: see zip_directory.h. */
#include "formats/zip_directory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

struct named {
	uint64_t hash;
	const struct tally_zip_member *m;
};

/* hashes first, for speed; the names themselves decide, so that prepared collisions change nothing */
static int by_name(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	size_t n = x->m->name_len < y->m->name_len ? x->m->name_len : y->m->name_len;
	int c;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	c = memcmp(x->m->name, y->m->name, n);
	return c ? c : (int)x->m->name_len - (int)y->m->name_len;
}

static enum tally_status check_names(struct tally_zip_directory *d, struct tally_err *err)
{
	struct named *names;
	const struct tally_zip_member *twice = NULL;
	size_t size;

	if (d->count < 2)
		return TALLY_OK;
	names = tally_size_mul(d->count, sizeof *names, &size) ? tally_alloc(size) : NULL;
	if (!names)
		return tally_err_nomem(err);
	for (size_t i = 0; i < d->count; i++)
		names[i] = (struct named){
			tally_hash64(d->members[i].name, d->members[i].name_len, 0), &d->members[i]
		};
	qsort(names, d->count, sizeof *names, by_name);
	for (size_t i = 1; i < d->count; i++) {
		const struct tally_zip_member *later = names[i].m > names[i - 1].m ? names[i].m
		                                                                   : names[i - 1].m;

		if (by_name(&names[i - 1], &names[i]) == 0 && (!twice || later < twice))
			twice = later;
	}
	if (twice)
		tally_zip_doubt(d, AMBIGUOUS, twice, "two members of one name");
	tally_free(names);
	return TALLY_OK;
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
		st = tally_zip_scan(&d, &w, limits, err);
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
	*dir = (struct tally_zip_directory){ 0 };
}

const struct tally_zip_member *tally_zip_directory_find(const struct tally_zip_directory *dir,
                                                        const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < dir->count; i++)
		if (dir->members[i].name_len == len && memcmp(dir->members[i].name, name, len) == 0)
			return &dir->members[i];
	return NULL;
}

bool tally_zip_directory_is_document(const struct tally_zip_directory *dir)
{
	return tally_zip_directory_find(dir, "[Content_Types].xml") ||
	       tally_zip_directory_find(dir, "mimetype");
}
