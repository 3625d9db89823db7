/*
 * Reading a snapshot file. It may be half written, altered, or made to hurt: every value is checked for its type and size,
 * rows must be numbered without a gap (so that a damaged search tree cannot repeat or hide any), and nothing is handed out
 * before the closing record was found right.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/escape.h"
#include "core/io.h"
#include "core/mem.h"
#include "snap/store.h"

enum {
	HEADER_SIZE = 100,
	PACKED_MIN = 6, /* bytes that an entry takes at least (snap/pack.c): more entries than fit cannot be true */
	TEXT_MOST = 1 << 24,
};

static const unsigned char magic[16] = "SQLite format 3";

enum tally_status tally_store_damaged(const char *path, const char *what, struct tally_err *err)
{
	char shown[256];

	tally_escape_into(shown, sizeof shown, path, strlen(path));
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
	                     "'%s' is not a whole snapshot: %s", shown, what);
}

/* ---- the header, before SQLite sees the file ---- */

static uint32_t big32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool is_snapshot(const unsigned char *header)
{
	return memcmp(header, magic, sizeof magic) == 0 &&
	       big32(header + 68) == TALLY_STORE_APPLICATION;
}

static enum tally_status check_header(const unsigned char *header, uint64_t size, const char *path,
                                      struct tally_err *err)
{
	char shown[256];
	uint64_t page = (uint64_t)header[16] << 8 | header[17];

	if (memcmp(header, magic, sizeof magic) != 0)
		return tally_store_damaged(path, "it is another kind of file", err);
	if (big32(header + 68) != TALLY_STORE_APPLICATION)
		return tally_store_damaged(path, "it is a database of another program", err);
	if (big32(header + 60) > TALLY_STORE_VERSION) {
		tally_escape_into(shown, sizeof shown, path, strlen(path));
		return tally_err_set(
			err, TALLY_SKIP, TALLY_REASON_DAMAGED,
			"'%s' was made by a newer version of tally (format %u, this one reads %d)",
			shown, (unsigned)big32(header + 60), TALLY_STORE_VERSION);
	}
	if (big32(header + 60) != TALLY_STORE_VERSION)
		return tally_store_damaged(path, "its format has no valid number", err);
	if (page == 1)
		page = 65536;
	if (page == 0 || size != page * big32(header + 28))
		return tally_store_damaged(
			path,
			"it is shorter or longer than it says (cut off, or something was added)",
			err);
	return TALLY_OK;
}

static int read_header(const char *path, unsigned char *header, uint64_t *size, bool *regular)
{
	/* never wait for a pipe */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n;
	int sys;

	if (fd < 0)
		return -1;
	n = fstat(fd, &st);
	*regular = n == 0 && S_ISREG(st.st_mode);
	*size = n == 0 ? (uint64_t)st.st_size : 0;
	memset(header, 0, HEADER_SIZE);
	if (n == 0 && *regular)
		n = tally_io_pread(fd, header, HEADER_SIZE, 0);
	sys = errno;
	close(fd);
	errno = sys;
	return n < 0 ? -1 : 0;
}

bool tally_snapshot_is(const char *path)
{
	unsigned char header[HEADER_SIZE];
	uint64_t size;
	bool regular;

	return read_header(path, header, &size, &regular) == 0 && regular && is_snapshot(header);
}

static enum tally_status check_place(const struct tally_store_place *place, uint64_t *size,
                                     struct tally_err *err)
{
	unsigned char header[HEADER_SIZE] = { 0 };
	bool regular = true;

	*size = place->len;

	if (place->bytes)
		memcpy(header, place->bytes, place->len < HEADER_SIZE ? place->len : HEADER_SIZE);
	else if (read_header(place->path, header, size, &regular) < 0)
		return tally_err_sys(err, TALLY_SKIP, "opening", place->shown, errno);
	if (!regular)
		return tally_store_damaged(place->shown, "it is not a regular file", err);
	return check_header(header, *size, place->shown, err);
}

/* ---- rows ---- */

/* What is being loaded. */
struct load {
	struct tally_snapshot *s;
	const char *path;
	struct tally_err *err;
	struct tally_tree_builder *builder;
	struct tally_seal entries, closing;
	struct tally_sha256 closing_found;
	bool has_closing;
	struct tally_buf pending; /* pieces of a record that was cut */
	uint64_t next_chunk;
	uint64_t file_size;
};

/* A value that is not what it should be; it may be so because SQLite had no memory for it. */
static enum tally_status damaged(struct load *l, const char *what)
{
	if (l->s->db && (sqlite3_errcode(l->s->db) & 0xff) == SQLITE_NOMEM)
		return tally_err_nomem(l->err);
	return tally_store_damaged(l->path, what, l->err);
}

static enum tally_status bad(struct load *l)
{
	return tally_sql_bad(l->err, l->s->db, l->path);
}

/* An error of a layer below gets the file's name in front. */
static enum tally_status explain(struct load *l, enum tally_status st)
{
	char what[TALLY_ERR_MESSAGE_MAX];

	if (!l->err || l->err->reason == TALLY_REASON_NO_MEMORY)
		return st;
	snprintf(what, sizeof what, "%s", l->err->message);
	return damaged(l, what);
}

/* Calls @row for each row of a query whose first column counts 1, 2, 3 … */
static enum tally_status each_row(struct load *l, const char *sql,
                                  enum tally_status (*row)(struct load *, sqlite3_stmt *))
{
	sqlite3_stmt *stmt = NULL;
	enum tally_status st = TALLY_OK;
	int64_t id = 0;
	int rc = SQLITE_ROW;

	l->s->guard.ticks = 0;
	if (sqlite3_prepare_v2(l->s->db, sql, -1, &stmt, NULL) != SQLITE_OK)
		return bad(l);
	while (st == TALLY_OK && (rc = tally_sql_step(stmt, &l->s->guard)) == SQLITE_ROW) {
		if (sqlite3_column_type(stmt, 0) != SQLITE_INTEGER ||
		    sqlite3_column_int64(stmt, 0) != ++id)
			st = damaged(l, "its rows are not numbered one by one");
		else
			st = row(l, stmt);
	}
	if (st == TALLY_OK && rc != SQLITE_DONE)
		st = bad(l);
	sqlite3_finalize(stmt);
	return st;
}

static bool is_blob(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_BLOB;
}

/* A blob as a string, yours to tally_free. */
static enum tally_status text_of(struct load *l, sqlite3_stmt *stmt, int column, char **out)
{
	const char *bytes = sqlite3_column_blob(stmt, column);
	int len = sqlite3_column_bytes(stmt, column);

	if (!is_blob(stmt, column) || len < 0 || len > TEXT_MOST)
		return damaged(l, "a path or a pattern is malformed");
	if (len > 0 && (!bytes || memchr(bytes, '\0', (size_t)len)))
		return damaged(l, "a path or a pattern is malformed");
	*out = tally_dup(bytes, (size_t)len);
	return *out ? TALLY_OK : tally_err_nomem(l->err);
}

/* Two texts and a number: the rows of roots and of patterns. */
struct pair {
	char *first, *second;
	int64_t number;
};

static enum tally_status take_pair(struct load *l, sqlite3_stmt *stmt, struct pair *pair)
{
	enum tally_status st = text_of(l, stmt, 1, &pair->first);

	if (st == TALLY_OK)
		st = text_of(l, stmt, 2, &pair->second);
	if (st == TALLY_OK && sqlite3_column_type(stmt, 3) != SQLITE_INTEGER)
		st = damaged(l, "a root or a pattern is malformed");
	pair->number = sqlite3_column_int64(stmt, 3);
	return st;
}

static void release_pair(struct pair *pair)
{
	tally_free(pair->first);
	tally_free(pair->second);
}

/* ---- the tables ---- */

static enum tally_status check_schema(struct load *l)
{
	sqlite3_stmt *stmt = NULL;
	enum tally_status st = TALLY_OK;
	size_t n = 0;
	int rc = SQLITE_ROW;

	l->s->guard.ticks = 0;
	if (sqlite3_prepare_v2(l->s->db, "SELECT sql FROM sqlite_schema ORDER BY rowid", -1, &stmt,
	                       NULL) != SQLITE_OK)
		return bad(l);
	while (st == TALLY_OK && (rc = tally_sql_step(stmt, &l->s->guard)) == SQLITE_ROW) {
		const unsigned char *sql = sqlite3_column_text(stmt, 0);

		if (!tally_store_schema[n] || !sql ||
		    strcmp((const char *)sql, tally_store_schema[n]) != 0)
			st = damaged(l, "its tables are not those of a snapshot");
		n++;
	}
	if (st == TALLY_OK && rc != SQLITE_DONE)
		st = bad(l);
	if (st == TALLY_OK && tally_store_schema[n])
		st = damaged(l, "tables are missing");
	sqlite3_finalize(stmt);
	return st;
}

static bool take_text(sqlite3_stmt *stmt, char *at, size_t size)
{
	const unsigned char *text = sqlite3_column_text(stmt, 1);
	int len = sqlite3_column_bytes(stmt, 1);

	if (!text || len < 0 || (size_t)len >= size || memchr(text, '\0', (size_t)len))
		return false;
	memcpy(at, text, (size_t)len);
	at[len] = '\0';
	return true;
}

static bool take_field(struct tally_store_meta *meta, const struct tally_store_field *field,
                       sqlite3_stmt *stmt)
{
	char *at = (char *)meta + field->offset;
	int64_t number;
	double real;

	if (sqlite3_column_type(stmt, 1) != field->type)
		return false;
	switch (field->type) {
	case SQLITE_INTEGER:
		number = sqlite3_column_int64(stmt, 1);
		memcpy(at, &number, sizeof number);
		return true;
	case SQLITE_FLOAT:
		real = sqlite3_column_double(stmt, 1);
		memcpy(at, &real, sizeof real);
		return isfinite(real) && real >= 0;
	case SQLITE_TEXT:
		return take_text(stmt, at, field->size);
	default:
		if (sqlite3_column_bytes(stmt, 1) != (int)field->size)
			return false;
		memcpy(at, sqlite3_column_blob(stmt, 1), field->size);
		return true;
	}
}

static bool take_closing(struct load *l, sqlite3_stmt *stmt)
{
	const struct tally_store_field field = { "closing", SQLITE_BLOB, 0, sizeof l->closing_found };
	const void *bytes = sqlite3_column_blob(stmt, 1);

	if (l->has_closing || !is_blob(stmt, 1) || sqlite3_column_bytes(stmt, 1) != (int)field.size)
		return false;
	memcpy(&l->closing_found, bytes, sizeof l->closing_found);
	l->has_closing = true;
	return true;
}

static bool meta_sensible(const struct tally_store_meta *meta)
{
	const struct tally_store_field *field;
	int64_t number;

	for (field = tally_store_fields; field->name; field++) {
		if (field->type != SQLITE_INTEGER || strcmp(field->name, "taken_at_ns") == 0)
			continue;
		memcpy(&number, (const char *)meta + field->offset, sizeof number);
		if (number < 0)
			return false;
	}
	return meta->quick <= 1 && meta->sha256 <= 1;
}

/* The rows of meta, in the order of their names, no more and no fewer. */
static enum tally_status load_meta(struct load *l)
{
	const struct tally_store_field *field = tally_store_fields;
	sqlite3_stmt *stmt = NULL;
	enum tally_status st = TALLY_OK;
	int rc = SQLITE_ROW;

	l->s->guard.ticks = 0;
	if (sqlite3_prepare_v2(l->s->db, "SELECT name,value FROM meta ORDER BY name", -1, &stmt,
	                       NULL) != SQLITE_OK)
		return bad(l);
	while (st == TALLY_OK && (rc = tally_sql_step(stmt, &l->s->guard)) == SQLITE_ROW) {
		const unsigned char *name = sqlite3_column_text(stmt, 0);
		bool ok = false;

		if (name && strcmp((const char *)name, "closing") == 0)
			ok = take_closing(l, stmt);
		else if (name && field->name && strcmp((const char *)name, field->name) == 0)
			ok = take_field(&l->s->meta, field++, stmt);
		if (!ok)
			st = damaged(l, "what it says about itself is malformed");
	}
	if (st == TALLY_OK && rc != SQLITE_DONE)
		st = bad(l);
	if (st == TALLY_OK && (!l->has_closing || field->name))
		st = damaged(l, "its closing record is missing");
	if (st == TALLY_OK && !meta_sensible(&l->s->meta))
		st = damaged(l, "its counts are impossible");
	sqlite3_finalize(stmt);
	return st;
}

/* Room for what the counts promise, as far as the file is large enough to hold it. */
static enum tally_status reserve(struct load *l)
{
	uint64_t entries = (uint64_t)l->s->meta.entries;

	if (entries > l->file_size / PACKED_MIN || entries >= TALLY_NO_INDEX)
		return damaged(l, "it is too small for what it should hold");
	return tally_tree_builder_reserve(l->builder, 0, (uint32_t)entries, l->err);
}

static enum tally_status root_row(struct load *l, sqlite3_stmt *stmt)
{
	struct pair pair = { NULL, NULL, 0 };
	enum tally_status st = take_pair(l, stmt, &pair);
	const struct tally_root root = { pair.first, pair.second, pair.number != 0 };

	if (st == TALLY_OK)
		st = tally_tree_builder_root(l->builder, &root, l->err);
	release_pair(&pair);
	return st;
}

static enum tally_status pattern_row(struct load *l, sqlite3_stmt *stmt)
{
	struct pair pair = { NULL, NULL, 0 };
	enum tally_status st = take_pair(l, stmt, &pair);
	int64_t reason = sqlite3_column_int64(stmt, 4);
	const struct tally_pattern pattern = { pair.first, pair.second, (uint64_t)pair.number,
		                               (uint8_t)reason };

	if (st == TALLY_OK && (sqlite3_column_type(stmt, 4) != SQLITE_INTEGER || reason < 0 ||
	                       reason >= TALLY_REASON_COUNT))
		st = damaged(l, "a pattern is malformed");
	if (st == TALLY_OK)
		st = tally_tree_builder_pattern(l->builder, &pattern, l->err);
	release_pair(&pair);
	return st;
}

/*
 * A row of records, or a piece of a cut one: gathers pieces, and sets @bytes once a whole is there.
 * @return TALLY_END when more pieces must come
 */
static enum tally_status gather(struct load *l, sqlite3_stmt *stmt, struct tally_seal *seal,
                                const void **bytes, size_t *len)
{
	const void *body = sqlite3_column_blob(stmt, 2);
	size_t size = (size_t)sqlite3_column_bytes(stmt, 2);

	if (sqlite3_errcode(sqlite3_db_handle(stmt)) == SQLITE_NOMEM)
		return tally_err_nomem(l->err);
	if (sqlite3_column_type(stmt, 1) != SQLITE_INTEGER || !is_blob(stmt, 2) || !body)
		return damaged(l, "a row is malformed");
	tally_seal_row(seal, body, size);
	if (!sqlite3_column_int(stmt, 1) && l->pending.len == 0) {
		*bytes = body;
		*len = size;
		return TALLY_OK;
	}
	if (!tally_buf_add(&l->pending, body, size))
		return tally_err_nomem(l->err);
	*bytes = l->pending.bytes;
	*len = l->pending.len;
	return sqlite3_column_int(stmt, 1) ? TALLY_END : TALLY_OK;
}

static enum tally_status folder_row(struct load *l, sqlite3_stmt *stmt)
{
	const void *bytes;
	size_t len;
	enum tally_status st = gather(l, stmt, &l->entries, &bytes, &len);

	if (st != TALLY_OK)
		return st == TALLY_END ? TALLY_OK : st;
	st = tally_rows_read_folders(bytes, len, l->builder, l->err);
	tally_buf_clear(&l->pending);
	return st < 0 ? explain(l, st) : st;
}

static enum tally_status kept_row(struct load *l, sqlite3_stmt *stmt)
{
	struct tally_snapshot *s = l->s;
	struct tally_bytes in;
	struct tally_kept kept;
	const void *bytes;
	size_t len;
	enum tally_status st = gather(l, stmt, &l->closing, &bytes, &len);

	if (st != TALLY_OK)
		return st == TALLY_END ? TALLY_OK : st;
	in = tally_bytes_of(bytes, len);
	while (tally_rows_read_kept(&in, &kept)) {
		if (s->kept_count >= TALLY_NO_INDEX / 2 ||
		    !tally_grow(&s->kept, &s->kept_cap, s->kept_count, sizeof *s->kept))
			return tally_err_nomem(l->err);
		kept.chunk = l->next_chunk;
		if (kept.method != TALLY_KEPT_EARLIER)
			l->next_chunk += kept.size / TALLY_STORE_CHUNK +
			                 (kept.size % TALLY_STORE_CHUNK != 0);
		s->kept[s->kept_count++] = kept;
	}
	tally_buf_clear(&l->pending);
	return in.bad ? damaged(l, "its list of contents is malformed") : TALLY_OK;
}

/* The last chunk's number, from the far end of the table. */
static enum tally_status check_chunks(struct load *l)
{
	sqlite3_stmt *stmt = NULL;
	enum tally_status st = TALLY_OK;
	int64_t last = 0;
	int rc;

	l->s->guard.ticks = 0;
	if (sqlite3_prepare_v2(l->s->db, "SELECT id FROM chunk ORDER BY id DESC LIMIT 1", -1, &stmt,
	                       NULL) != SQLITE_OK)
		return bad(l);
	rc = tally_sql_step(stmt, &l->s->guard);
	if (rc == SQLITE_ROW)
		last = sqlite3_column_int64(stmt, 0);
	else if (rc != SQLITE_DONE)
		st = bad(l);
	if (st == TALLY_OK && (last != l->s->meta.chunks || (uint64_t)last != l->next_chunk - 1))
		st = damaged(l, "kept contents are missing");
	sqlite3_finalize(stmt);
	return st;
}

/* ---- the closing record ---- */

static bool counts_right(const struct tally_store_meta *a, const struct tally_store_meta *b)
{
	return a->entries == b->entries && a->files == b->files && a->folders == b->folders &&
	       a->bytes == b->bytes && a->hashed == b->hashed && a->stat == b->stat &&
	       a->unread == b->unread;
}

static bool kept_right(const struct tally_snapshot *s)
{
	uint64_t files = 0, bytes = 0;

	for (size_t i = 0; i < s->kept_count; i++) {
		if (s->kept[i].method == TALLY_KEPT_EARLIER)
			continue;
		files++;
		bytes += s->kept[i].size;
	}
	return s->kept_count == (uint64_t)s->meta.listed && files == (uint64_t)s->meta.kept_files &&
	       bytes == (uint64_t)s->meta.kept_bytes;
}

static enum tally_status check_closing(struct load *l)
{
	struct tally_snapshot *s = l->s;
	struct tally_store_meta counted = s->meta;
	struct tally_sha256 digest, closing;

	tally_seal_roots(&l->entries, s->tree->roots, s->tree->root_count);
	tally_seal_patterns(&l->entries, s->tree->patterns, s->tree->pattern_count);
	for (const struct tally_store_field *field = tally_store_fields; field->name; field++)
		tally_store_seal_field(&l->closing, field, &s->meta);
	if (!tally_seal_finish(&l->entries, &digest) || !tally_seal_finish(&l->closing, &closing))
		return tally_err_nomem(l->err);
	if (memcmp(&digest, &s->meta.digest, sizeof digest) != 0)
		return damaged(l, "its entries were altered (their digest is another)");
	if (memcmp(&closing, &l->closing_found, sizeof closing) != 0)
		return damaged(l, "it was altered (its closing record does not fit)");
	tally_snapshot_survey(s, &counted);
	if (!counts_right(&counted, &s->meta) || !kept_right(s))
		return damaged(l, "its counts do not fit what it holds");
	return TALLY_OK;
}

/* ---- the index of kept contents ---- */

static const struct tally_digest *kept_digest(const struct tally_snapshot *s, size_t kept)
{
	return s->kept_by ? &s->kept_by[kept] : &s->kept[kept].digest;
}

static size_t slot_of(const struct tally_snapshot *s, const struct tally_digest *digest)
{
	size_t slot = (size_t)tally_digest_low(digest) & s->slot_mask;

	while (s->slots[slot] && !tally_digest_equal(kept_digest(s, s->slots[slot] - 1), digest))
		slot = (slot + 1) & s->slot_mask;
	return slot;
}

enum tally_status tally_store_index(struct tally_snapshot *s, struct tally_err *err)
{
	size_t size = 16;

	while (size < 2 * s->kept_count)
		size *= 2;
	tally_free(s->slots);
	s->slots = tally_alloc_zero(size, sizeof *s->slots);
	if (!s->slots)
		return tally_err_nomem(err);
	s->slot_mask = size - 1;
	for (size_t i = 0; i < s->kept_count; i++) {
		size_t slot = slot_of(s, kept_digest(s, i));

		if (s->kept_by && !tally_digest_known(&s->kept_by[i]))
			continue; /* no file has it any more, nobody will ask for it */
		if (s->slots[slot])
			return tally_store_damaged(s->path, "a content is listed twice", err);
		s->slots[slot] = (uint32_t)i + 1;
	}
	return TALLY_OK;
}

const struct tally_kept *tally_store_find(const struct tally_snapshot *s,
                                          const struct tally_digest *digest)
{
	uint32_t index = s->slots ? s->slots[slot_of(s, digest)] : 0;

	return index ? &s->kept[index - 1] : NULL;
}

/* ---- all of it ---- */

static enum tally_status open_db(struct tally_snapshot *s, const struct tally_store_place *place,
                                 struct tally_err *err)
{
	if (place->bytes)
		return tally_sql_memory(&s->db, place->bytes, place->len, place->shown, &s->guard,
		                        err);
	return tally_sql_open(&s->db, place->path, place->shown, &s->guard, err);
}

static enum tally_status load_tables(struct load *l)
{
	enum tally_status st = each_row(l, "SELECT id,more,body FROM folder ORDER BY id", folder_row);

	if (st == TALLY_OK && l->pending.len)
		st = damaged(l, "a folder is cut off");
	if (st == TALLY_OK)
		st = each_row(l, "SELECT id,path,label,is_file FROM root ORDER BY id", root_row);
	if (st == TALLY_OK)
		st = each_row(l, "SELECT id,text,origin,entries,reason FROM pattern ORDER BY id",
		              pattern_row);
	if (st == TALLY_OK)
		st = each_row(l, "SELECT id,more,body FROM content ORDER BY id", kept_row);
	if (st == TALLY_OK && l->pending.len)
		st = damaged(l, "its list of contents is cut off");
	if (st == TALLY_OK)
		st = check_chunks(l);
	return st;
}

static enum tally_status build(struct load *l)
{
	enum tally_status st = tally_tree_builder_new(&l->builder, l->err);

	if (st == TALLY_OK)
		st = reserve(l);
	if (st == TALLY_OK)
		st = load_tables(l);
	if (st < 0)
		return st;
	st = tally_tree_builder_finish(l->builder, &l->s->tree, l->err);
	return st < 0 ? explain(l, st) : st;
}

static enum tally_status load_all(struct load *l, const struct tally_store_place *place)
{
	enum tally_status st = check_place(place, &l->file_size, l->err);

	if (st == TALLY_OK)
		st = open_db(l->s, place, l->err);
	if (st == TALLY_OK)
		st = check_schema(l);
	if (st == TALLY_OK)
		st = load_meta(l);
	tally_seal_key(&l->entries, &l->s->meta.key);
	if (st == TALLY_OK)
		st = build(l);
	if (st == TALLY_OK)
		st = tally_store_index(l->s, l->err);
	if (st == TALLY_OK)
		st = check_closing(l);
	return st;
}

enum tally_status tally_store_load(struct tally_snapshot **out,
                                   const struct tally_store_place *place, struct tally_err *err)
{
	struct tally_err own = { 0 };
	struct load l = { .s = tally_snapshot_blank(),
		          .path = place->shown,
		          .err = err ? err : &own,
		          .next_chunk = 1 };
	enum tally_status st;

	if (!l.s)
		return tally_err_nomem(err);
	tally_seal_init(&l.entries, "tally entries 1");
	tally_seal_init(&l.closing, "tally closing 1");
	tally_buf_init(&l.pending, SIZE_MAX / 2);
	l.s->path = tally_dup(place->shown, strlen(place->shown));
	st = l.s->path ? load_all(&l, place) : tally_err_nomem(l.err);
	tally_tree_builder_free(l.builder);
	tally_seal_release(&l.entries);
	tally_seal_release(&l.closing);
	tally_buf_release(&l.pending);
	if (st < 0) {
		tally_snapshot_close(l.s);
		return st;
	}
	tally_snapshot_settle(l.s);
	*out = l.s;
	return TALLY_OK;
}

/* ---- chunks ---- */

/* Step to a chunk and copy it, so that the lock is held no longer than that. */
static enum tally_status fetch(struct tally_snapshot *s, uint64_t number, struct tally_buf *out,
                               struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	int rc = SQLITE_OK;

	if (!s->chunk)
		rc = sqlite3_prepare_v2(s->db, "SELECT body FROM chunk WHERE id=?1", -1, &s->chunk,
		                        NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_int64(s->chunk, 1, (int64_t)number);
	if (rc == SQLITE_OK)
		rc = tally_sql_step(s->chunk, &s->guard);
	tally_buf_clear(out);
	if (rc == SQLITE_ROW && is_blob(s->chunk, 0)) {
		const void *bytes = sqlite3_column_blob(s->chunk, 0);
		size_t len = (size_t)sqlite3_column_bytes(s->chunk, 0);

		if (!bytes || !tally_buf_add(out, bytes, len))
			st = bytes || len ? tally_err_nomem(err)
			                  : tally_store_damaged(s->path, "an empty chunk", err);
	} else if (rc == SQLITE_ROW || rc == SQLITE_DONE) {
		st = tally_store_damaged(s->path, "a kept content is missing", err);
	} else {
		st = tally_sql_bad(err, s->db, s->path);
	}
	sqlite3_reset(s->chunk);
	return st;
}

enum tally_status tally_store_read_chunk(const struct tally_snapshot *s, uint64_t number,
                                         struct tally_buf *out, struct tally_err *err)
{
	struct tally_snapshot *mine;
	enum tally_status st;

	/* reading moves a cursor; for the caller the snapshot stays what it was */
	memcpy(&mine, &s, sizeof mine);
	pthread_mutex_lock(&mine->lock);
	st = fetch(mine, number, out, err);
	pthread_mutex_unlock(&mine->lock);
	return st;
}
