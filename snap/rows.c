/* Rows of folders and of kept contents, written and read: see snap/rows.h for the layout. */
#include "snap/rows.h"

#include <string.h>

#include "core/mem.h"
#include "snap/pack.h"

enum {
	DIR_META = 1,
	DIR_PLACE = 2
}; /* what is told of a root: its metadata; its device and what stands there */

enum { PATH_MOST = 1 << 30 }; /* a ceiling only: paths are as deep as the disk has them */

static const size_t body_most = SIZE_MAX / 2; /* one folder can have any number of entries */

void tally_rows_init(struct tally_rows *rows, struct tally_seal *seal, tally_row_put put,
                     void *payload)
{
	tally_buf_init(&rows->body, body_most);
	tally_buf_init(&rows->path, PATH_MOST);
	rows->seal = seal;
	rows->put = put;
	rows->payload = payload;
}

void tally_rows_release(struct tally_rows *rows)
{
	tally_buf_release(&rows->body);
	tally_buf_release(&rows->path);
}

static enum tally_status put_row(struct tally_rows *rows, const void *bytes, size_t len, bool more,
                                 struct tally_err *err)
{
	tally_seal_row(rows->seal, bytes, len);
	return rows->put ? rows->put(rows->payload, bytes, len, more, err) : TALLY_OK;
}

enum tally_status tally_rows_finish(struct tally_rows *rows, struct tally_err *err)
{
	const char *at = rows->body.bytes;
	size_t left = rows->body.len;
	enum tally_status st = TALLY_OK;

	while (left > 0 && st == TALLY_OK) {
		size_t n = left < TALLY_ROW_MOST ? left : TALLY_ROW_MOST;

		st = put_row(rows, at, n, n < left, err);
		at += n;
		left -= n;
	}
	tally_buf_clear(&rows->body);
	tally_buf_clear(&rows->path);
	return st;
}

/* Called with a record about to be added: is there room in this row? */
static enum tally_status make_room(struct tally_rows *rows, size_t record, struct tally_err *err)
{
	if (rows->body.len == 0 || (rows->body.len < TALLY_ROW_TARGET && record < TALLY_ROW_TARGET))
		return TALLY_OK;
	return tally_rows_finish(rows, err);
}

/* ---- folders ---- */

static size_t common(const struct tally_buf *before, const struct tally_dir *dir)
{
	size_t most = before->len < dir->path_len ? before->len : dir->path_len;
	size_t n = 0;

	while (n < most && before->bytes[n] == dir->path[n])
		n++;
	return n;
}

static bool add_path(struct tally_rows *rows, const struct tally_dir *dir)
{
	size_t shared = common(&rows->path, dir);
	size_t rest = dir->path_len - shared;

	if (!tally_buf_varint(&rows->body, shared) || !tally_buf_varint(&rows->body, rest) ||
	    !tally_buf_add(&rows->body, dir->path + shared, rest))
		return false;
	rows->path.len = shared;
	return tally_buf_add(&rows->path, dir->path + shared, rest);
}

static bool add_dir_meta(struct tally_buf *out, const struct tally_dir *dir)
{
	bool meta = dir->mode || dir->uid || dir->gid || dir->mtime_ns;
	bool place = dir->device || dir->state;

	if (!tally_buf_byte(out, (char)((meta ? DIR_META : 0) | (place ? DIR_PLACE : 0))))
		return false;
	if (meta && !(tally_buf_varint(out, dir->mode) && tally_buf_varint(out, dir->uid) &&
	              tally_buf_varint(out, dir->gid) && tally_buf_zigzag(out, dir->mtime_ns)))
		return false;
	return !place ||
	       (tally_buf_varint(out, dir->device) && tally_buf_byte(out, (char)dir->state));
}

enum tally_status tally_rows_folder(struct tally_rows *rows, const struct tally_walked_dir *walked,
                                    struct tally_err *err)
{
	const struct tally_dir *dir = &walked->dir;
	enum tally_status st = make_room(rows, walked->packed_len, err);

	if (st < 0)
		return st;
	if (!add_path(rows, dir) || !tally_buf_byte(&rows->body, (char)dir->reason) ||
	    !tally_buf_varint(&rows->body, dir->count) || !add_dir_meta(&rows->body, dir) ||
	    !tally_buf_varint(&rows->body, walked->packed_len) ||
	    !tally_buf_add(&rows->body, walked->packed, walked->packed_len))
		return tally_err_nomem(err);
	/* a record of its own rows stands alone, or its pieces could not be told from what follows */
	return rows->body.len > TALLY_ROW_MOST ? tally_rows_finish(rows, err) : TALLY_OK;
}

static enum tally_status malformed(struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "malformed list of folders");
}

/* @path holds the path before and gets this one. */
static bool read_dir(struct tally_bytes *in, struct tally_buf *path, struct tally_dir *dir)
{
	uint64_t shared = tally_bytes_varint(in), rest = tally_bytes_varint(in), count;
	const unsigned char *tail = NULL;
	unsigned told;

	if (shared > path->len || rest > tally_bytes_left(in))
		return false;
	tail = tally_bytes_take(in, (size_t)rest);
	path->len = (size_t)shared;
	if (!tail || !tally_buf_add(path, tail, (size_t)rest))
		return false;
	*dir = (struct tally_dir){ .path = path->bytes,
		                   .path_len = (uint32_t)path->len,
		                   .self = TALLY_NO_INDEX };
	dir->reason = tally_bytes_u8(in);
	count = tally_bytes_varint(in);
	told = tally_bytes_u8(in);
	if (told & DIR_META) {
		dir->mode = (uint32_t)tally_bytes_varint(in);
		dir->uid = (uint32_t)tally_bytes_varint(in);
		dir->gid = (uint32_t)tally_bytes_varint(in);
		dir->mtime_ns = tally_bytes_zigzag(in);
	}
	if (told & DIR_PLACE) {
		dir->device = tally_bytes_varint(in);
		dir->state = tally_bytes_u8(in);
	}
	dir->count = (uint32_t)count;
	return !in->bad && told <= (DIR_META | DIR_PLACE) && dir->state < TALLY_ROOT_STATES &&
	       count < TALLY_NO_INDEX;
}

static enum tally_status read_folder(struct tally_bytes *in, struct tally_buf *path,
                                     struct tally_tree_builder *builder, struct tally_err *err)
{
	struct tally_dir dir;
	const unsigned char *packed;
	enum tally_status st;
	uint64_t len;

	if (!read_dir(in, path, &dir))
		return malformed(err);
	len = tally_bytes_varint(in);
	packed = len <= tally_bytes_left(in) ? tally_bytes_take(in, (size_t)len) : NULL;
	if (!packed || in->bad)
		return malformed(err);
	st = tally_tree_builder_dir(builder, &dir, err);
	if (st < 0 || (len == 0 && dir.count == 0))
		return st;
	return tally_pack_decode(packed, (size_t)len, dir.count, builder, err);
}

enum tally_status tally_rows_read_folders(const void *bytes, size_t len,
                                          struct tally_tree_builder *builder, struct tally_err *err)
{
	struct tally_bytes in = tally_bytes_of(bytes, len);
	struct tally_buf path;
	enum tally_status st = TALLY_OK;

	tally_buf_init(&path, PATH_MOST);
	/* an empty path needs bytes too */
	if (!tally_buf_add(&path, "", 0))
		st = tally_err_nomem(err);
	while (st >= 0 && tally_bytes_left(&in) > 0)
		st = read_folder(&in, &path, builder, err);
	tally_buf_release(&path);
	return st;
}

/* ---- kept contents ---- */

enum tally_status tally_rows_kept(struct tally_rows *rows, const struct tally_kept *kept,
                                  struct tally_err *err)
{
	enum tally_status st = make_room(rows, 0, err);

	if (st < 0)
		return st;
	if (!tally_buf_add(&rows->body, kept->digest.bytes, sizeof kept->digest.bytes) ||
	    !tally_buf_byte(&rows->body, (char)kept->method) ||
	    !tally_buf_varint(&rows->body, kept->size) ||
	    !tally_buf_varint(&rows->body, kept->stored))
		return tally_err_nomem(err);
	return TALLY_OK;
}

bool tally_rows_read_kept(struct tally_bytes *in, struct tally_kept *kept)
{
	const unsigned char *digest;

	if (in->bad || tally_bytes_left(in) == 0)
		return false;
	digest = tally_bytes_take(in, sizeof kept->digest.bytes);
	if (!digest)
		return false;
	memcpy(kept->digest.bytes, digest, sizeof kept->digest.bytes);
	kept->method = tally_bytes_u8(in);
	kept->size = tally_bytes_varint(in);
	kept->stored = tally_bytes_varint(in);
	kept->chunk = 0;
	if (kept->method >= TALLY_KEPT_METHODS || kept->stored > kept->size)
		in->bad = true;
	return !in->bad;
}

/* ---- seals ---- */

void tally_seal_key(struct tally_seal *seal, const struct tally_key *key)
{
	tally_seal_bytes(seal, key->secret, sizeof key->secret);
}

void tally_seal_roots(struct tally_seal *seal, const struct tally_root *roots, uint32_t count)
{
	tally_seal_number(seal, count);
	for (uint32_t i = 0; i < count; i++) {
		tally_seal_text(seal, roots[i].path);
		tally_seal_text(seal, roots[i].label);
		tally_seal_number(seal, roots[i].is_file);
	}
}

void tally_seal_patterns(struct tally_seal *seal, const struct tally_pattern *patterns, uint32_t count)
{
	tally_seal_number(seal, count);
	for (uint32_t i = 0; i < count; i++) {
		tally_seal_text(seal, patterns[i].text);
		tally_seal_text(seal, patterns[i].origin);
		tally_seal_number(seal, patterns[i].entries);
		tally_seal_number(seal, patterns[i].reason);
	}
}

enum tally_status tally_rows_digest(const struct tally_walked *walked, const struct tally_key *key,
                                    struct tally_sha256 *out, struct tally_err *err)
{
	struct tally_seal seal;
	struct tally_rows rows;
	enum tally_status st = TALLY_OK;

	tally_seal_init(&seal, "tally entries 1");
	tally_seal_key(&seal, key);
	tally_rows_init(&rows, &seal, NULL, NULL);
	for (uint32_t i = 0; i < walked->dir_count && st == TALLY_OK; i++)
		st = tally_rows_folder(&rows, &walked->dirs[i], err);
	if (st == TALLY_OK)
		st = tally_rows_finish(&rows, err);
	tally_seal_roots(&seal, walked->roots, walked->root_count);
	tally_seal_patterns(&seal, walked->patterns, walked->pattern_count);
	if (st == TALLY_OK && !tally_seal_finish(&seal, out))
		st = tally_err_nomem(err);
	tally_rows_release(&rows);
	tally_seal_release(&seal);
	return st;
}
