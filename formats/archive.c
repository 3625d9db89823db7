/* Archives: what kind the bytes are, zips by their directory, and the way in for the formats. See archive.h. */
#include "formats/archive.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/archive_level.h"
#include "formats/unzip.h"
#include "formats/zip_directory.h"

/* ---- zip ---- */

struct unzipping {
	struct tally_archive_level *level;
	struct tally_buf target; /* of a symbolic link */
	bool is_link;
	bool limit; /* a limit ended the unpacking */
};

/* ends the unpacking at a limit, for which any negative status will do */
static enum tally_status unzipped(void *payload, const void *bytes, size_t len, struct tally_err *err)
{
	struct unzipping *z = payload;
	enum tally_status st = tally_archive_bytes(z->level, bytes, len, err);

	if (st == TALLY_OK && z->is_link && !tally_buf_add(&z->target, bytes, len))
		return len > z->target.max - z->target.len ? TALLY_PARTIAL : tally_err_nomem(err);
	z->limit = st == TALLY_END;
	return z->limit ? TALLY_PARTIAL : st;
}

static enum tally_status zip_member(struct unzipping *z, struct tally_unzip *u,
                                    const struct tally_zip_member *from, struct tally_err *err)
{
	struct tally_archive_level *level = z->level;
	struct tally_member m = { .path = from->name,
		                  .path_len = from->name_len,
		                  .type = from->type,
		                  .size = from->size,
		                  .mtime_ns = from->mtime_ns,
		                  .mode = from->mode,
		                  .crc32 = from->crc32 };
	enum tally_reason wrong = TALLY_REASON_NONE;
	enum tally_status st = tally_archive_begin(level, &m, err);

	if (st != TALLY_OK)
		return st;
	z->is_link = m.type == TALLY_TYPE_SYMLINK;
	z->limit = false;
	tally_buf_clear(&z->target);
	if (m.type != TALLY_TYPE_DIR)
		st = tally_unzip_member(u, from, unzipped, z, &wrong, err);
	if (z->limit) /* what came until then is not its content */
		wrong = TALLY_REASON_LIMIT;
	else if (st == TALLY_PARTIAL) /* no system has links with such targets */
		wrong = TALLY_REASON_DAMAGED;
	else if (st < 0)
		return st;
	if (z->is_link && wrong == TALLY_REASON_NONE)
		level->member.target = z->target.len ? z->target.bytes : "";
	return tally_archive_end(level, wrong, err);
}

static enum tally_status zip_members(struct tally_archive_level *level,
                                     const struct tally_zip_directory *d, struct tally_err *err)
{
	struct unzipping z = { .level = level };
	struct tally_unzip *u = NULL;
	enum tally_status st = tally_unzip_new(&u, level->src, err);

	tally_buf_init(&z.target, (size_t)level->job->limits->link_target_bytes);
	for (size_t i = 0; i < d->count && st == TALLY_OK; i++)
		st = zip_member(&z, u, &d->members[i], err);
	tally_buf_release(&z.target);
	tally_unzip_free(u);
	return st;
}

/* bytes that belong to no member: harmless as a rule, but not compared */
static enum tally_status note_rest(struct tally_archive_level *level,
                                   const struct tally_zip_directory *d, struct tally_err *err)
{
	const struct {
		uint64_t bytes;
		const char *where;
	} rest[] = { { d->prefix, "in front of the archive" },
		     { d->gaps, "between its members" },
		     { d->suffix, "behind the archive" } };
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < 3 && st >= 0; i++) {
		char detail[96];

		if (rest[i].bytes == 0)
			continue;
		snprintf(detail, sizeof detail, "%" PRIu64 " bytes %s belong to no member",
		         rest[i].bytes, rest[i].where);
		st = tally_archive_note_about(level, TALLY_NOTE_REMARK, TALLY_REASON_MALFORMED,
		                              detail, err);
	}
	return st;
}

static enum tally_status note_doubt(struct tally_archive_level *level,
                                    const struct tally_zip_directory *d, struct tally_err *err)
{
	char detail[2 * TALLY_ZIP_DETAIL_MAX];
	int most = TALLY_ZIP_DETAIL_MAX - 8;

	if (d->where)
		snprintf(detail, sizeof detail, "%s: '%.*s'", d->detail,
		         d->where->name_len < most ? d->where->name_len : most, d->where->name);
	else
		snprintf(detail, sizeof detail, "%s", d->detail);
	return tally_archive_note(level, d->reason, detail, err);
}

static enum tally_status read_directory(struct tally_archive_level *level,
                                        const struct tally_zip_directory *d, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	/* two ways to read it: whatever we say about its members may be wrong for somebody */
	if (d->reason == TALLY_REASON_AMBIGUOUS_CONTAINER)
		return note_doubt(level, d, err);
	st = zip_members(level, d, err);
	if (st >= 0 && d->reason != TALLY_REASON_NONE) {
		enum tally_status noted = note_doubt(level, d, err);

		st = noted < 0 ? noted : st;
	}
	if (st >= 0) {
		enum tally_status noted = note_rest(level, d, err);

		st = noted < 0 ? noted : st;
	}
	return st;
}

static enum tally_status read_zip(struct tally_archive_level *level, struct tally_err *err)
{
	struct tally_zip_directory d;
	enum tally_status st = tally_zip_directory_read(&d, level->src, level->job->limits, err);

	if (st != TALLY_OK && st != TALLY_PARTIAL)
		return st;
	st = read_directory(level, &d, err);
	tally_zip_directory_release(&d);
	return st;
}

/* ---- all kinds ---- */

static enum tally_status read_other(struct tally_archive_level *level, const char *what,
                                    enum tally_reason reason, struct tally_err *err)
{
	char detail[96];

	snprintf(detail, sizeof detail, "%s, which is not opened", what);
	return tally_archive_note(level, reason, detail, err);
}

static enum tally_status read_place(struct tally_archive_level *level,
                                    const struct tally_archive_place *place, struct tally_err *err)
{
	level->base = place->at;
	switch (place->kind) {
	case TALLY_ARCHIVE_ZIP:
		return read_zip(level, err);
	case TALLY_ARCHIVE_7ZIP:
	case TALLY_ARCHIVE_ISO:
		return tally_archive_read_places(level, place->kind, err);
	case TALLY_ARCHIVE_OTHER:
		return read_other(level, place->other, place->reason, err);
	case TALLY_ARCHIVE_NONE:
		/* an empty tar is all zeros: only its name says what it is */
		if (!tally_archive_named_tar(tally_source_name(level->src)))
			return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
			                     "no archive");
		return tally_archive_read_stream(level, TALLY_ARCHIVE_TAR, err);
	default:
		return tally_archive_read_stream(level, place->kind, err);
	}
}

/* What cannot be read of a nested archive is a note on it: it still is a member with its digest. */
static enum tally_status read_nested(struct tally_archive_level *level,
                                     const struct tally_archive_place *place, struct tally_err *err)
{
	struct tally_err own = { 0 };
	enum tally_status st = read_place(level, place, &own);

	if (st == TALLY_SKIP && !level->job->refused)
		return tally_archive_note(level, own.reason, own.message, err);
	if (st < 0 && err)
		*err = own;
	return st;
}

enum tally_status tally_archive_level_read(struct tally_archive_level *level, struct tally_err *err)
{
	struct tally_archive_place place;
	enum tally_status noted, st = tally_archive_find(&place, level->src, err);

	if (st < 0)
		return st;
	/* most programs hold no archive */
	if (level->depth && place.kind == TALLY_ARCHIVE_NONE)
		return TALLY_OK;
	st = level->depth ? read_nested(level, &place, err) : read_place(level, &place, err);
	if (st == TALLY_FATAL || level->job->refused)
		return st;
	noted = tally_archive_note_troubles(level, err);
	return noted < 0 ? noted : st;
}

enum tally_status tally_archive_format(const char **name, struct tally_source *src,
                                       struct tally_err *err)
{
	static const char *const names[] = {
		[TALLY_ARCHIVE_ZIP] = "zip", [TALLY_ARCHIVE_7ZIP] = "7z",
		[TALLY_ARCHIVE_ISO] = "iso", [TALLY_ARCHIVE_OTHER] = "other",
		[TALLY_ARCHIVE_TAR] = "tar", [TALLY_ARCHIVE_CPIO] = "cpio",
		[TALLY_ARCHIVE_AR] = "ar",   [TALLY_ARCHIVE_NONE] = NULL,
	};
	struct tally_archive_place place;
	enum tally_status st = tally_archive_find(&place, src, err);

	if (st == TALLY_OK)
		*name = place.kind >= TALLY_ARCHIVE_GZIP ? "tar" : names[place.kind];
	return st;
}

enum tally_status tally_archive_read(struct tally_source *src,
                                     const struct tally_read_options *options,
                                     const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits standard = TALLY_LIMITS_INIT;
	struct tally_archive_job job = { .limits = options->limits ? options->limits : &standard,
		                         .key = options->key,
		                         .by_sha256 = options->by_sha256,
		                         .sink = sink,
		                         .packed = tally_source_size(src) };
	struct tally_archive_level level;
	enum tally_status st = TALLY_OK;

	assert(options->version == TALLY_READ_OPTIONS_VERSION);
	if (job.key)
		st = tally_hasher_new(&job.hasher, job.key, job.by_sha256, err);
	if (st < 0)
		return st;
	tally_archive_level_init(&level, &job, src, 0);
	st = tally_archive_level_read(&level, err);
	tally_archive_level_release(&level);
	tally_hasher_free(job.hasher);
	return st < 0 ? st : job.partial ? TALLY_PARTIAL : TALLY_OK;
}
