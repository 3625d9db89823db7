/* A zip opened for its parts: see zip_file.h. */
#include "formats/zip_file.h"

#include <inttypes.h>
#include <string.h>

#include "core/mem.h"
#include "formats/unzip.h"

struct tally_zip {
	struct tally_zip_directory dir;
	struct tally_unzip *unzip;
	const struct tally_limits *limits;
	const struct tally_zip_member *part; /* begun last */
	uint64_t packed;                     /* size of the file */
	uint64_t unpacked;                   /* bytes of all parts that were asked for */
};

static enum tally_status open_zip(struct tally_zip *zip, struct tally_source *src,
                                  struct tally_err *err)
{
	enum tally_status st = tally_zip_directory_read(&zip->dir, src, zip->limits, err);

	if (st == TALLY_PARTIAL)
		return tally_err_set(err, TALLY_SKIP, zip->dir.reason, "%s", zip->dir.detail);
	return st < 0 ? st : tally_unzip_new(&zip->unzip, src, err);
}

enum tally_status tally_zip_open(struct tally_zip **out, struct tally_source *src,
                                 const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_zip *zip = tally_alloc_zero(1, sizeof *zip);
	enum tally_status st;

	if (!zip)
		return tally_err_nomem(err);
	zip->limits = limits;
	zip->packed = tally_source_size(src);
	st = open_zip(zip, src, err);
	if (st < 0) {
		tally_zip_free(zip);
		return st;
	}
	*out = zip;
	return TALLY_OK;
}

void tally_zip_free(struct tally_zip *zip)
{
	if (!zip)
		return;
	tally_unzip_free(zip->unzip);
	tally_zip_directory_release(&zip->dir);
	tally_free(zip);
}

const struct tally_zip_directory *tally_zip_members(const struct tally_zip *zip)
{
	return &zip->dir;
}

enum tally_status tally_zip_part(const struct tally_zip_member **out, const struct tally_zip *zip,
                                 const char *name, struct tally_err *err)
{
	bool twice;

	*out = tally_zip_directory_part(&zip->dir, name, &twice);
	if (twice)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_AMBIGUOUS_CONTAINER,
		                     "two parts of the name '%s'", name);
	return *out ? TALLY_OK : TALLY_END;
}

enum tally_status tally_zip_begin(struct tally_zip *zip, const struct tally_zip_member *part,
                                  struct tally_err *err)
{
	zip->part = part;
	zip->dir.members[part - zip->dir.members].begun = true;
	return tally_unzip_begin(zip->unzip, part, err);
}

static int shown(const struct tally_zip_member *part)
{
	return part->name_len < TALLY_ZIP_DETAIL_MAX ? part->name_len : TALLY_ZIP_DETAIL_MAX;
}

enum tally_status tally_zip_next(struct tally_zip *zip, const void **bytes, size_t *len,
                                 struct tally_err *err)
{
	const struct tally_zip_member *part = zip->part;
	enum tally_reason wrong;
	const char *limit;
	enum tally_status st = tally_unzip_next(zip->unzip, bytes, len, &wrong, err);

	if (st == TALLY_END && wrong != TALLY_REASON_NONE)
		return tally_err_set(err, TALLY_SKIP, wrong, "part '%.*s'", shown(part), part->name);
	if (st != TALLY_OK)
		return st;
	zip->unpacked += *len;
	limit = tally_unpack_limit(zip->limits, zip->unpacked, zip->packed);
	if (limit)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "%s: its parts unpack to more", limit);
	return TALLY_OK;
}

static enum tally_status load(struct tally_zip *zip, struct tally_buf *buf, struct tally_err *err)
{
	const void *bytes;
	size_t len;
	enum tally_status st;

	while ((st = tally_zip_next(zip, &bytes, &len, err)) == TALLY_OK)
		if (!tally_buf_add(buf, bytes, len))
			return tally_err_nomem(err);
	return st == TALLY_END ? TALLY_OK : st;
}

enum tally_status tally_zip_load(struct tally_zip *zip, const struct tally_zip_member *part,
                                 uint64_t max, size_t pad, char **bytes, size_t *len,
                                 struct tally_err *err)
{
	struct tally_buf buf;
	enum tally_status st;

	if (part->size > max || part->size > SIZE_MAX / 2 - pad)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "part '%.*s' has %" PRIu64 " bytes, at most %" PRIu64
		                     " are read",
		                     shown(part), part->name, part->size, max);
	tally_buf_init(&buf, (size_t)part->size + pad + 1);
	st = tally_zip_begin(zip, part, err);
	if (st == TALLY_OK)
		st = load(zip, &buf, err);
	*len = buf.len;
	for (size_t i = 0; i <= pad && st == TALLY_OK; i++)
		if (!tally_buf_byte(&buf, '\0'))
			st = tally_err_nomem(err);
	*bytes = st == TALLY_OK ? tally_buf_take(&buf, NULL) : NULL;
	tally_buf_release(&buf);
	return st;
}
