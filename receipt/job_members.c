/* The request "members": what is in an archive, from the worker to the parent. See receipt/job.h and job_members.h. */
#include "receipt/job_members.h"

#include <string.h>

#include "core/bytes.h"
#include "formats/archive.h"
#include "formats/format.h"
#include "receipt/job.h"
#include "receipt/json_util.h"

/*
 * A member in the blob:
 *
 *   u8 type, u8 reason, u8 flags, varint depth, mode, size, zigzag mtime,
 *   16 bytes digest where there is one, varint length, path, NUL, the same for the target where there is one
 */
enum { HAS_DIGEST = 1, HAS_TARGET = 2 };

/* ---- worker ---- */

struct outlet {
	json_t *answer;
	struct tally_buf *blob;
};

static bool put_text(struct tally_buf *b, const char *text, size_t len)
{
	return tally_buf_varint(b, len) && tally_buf_add(b, text, len) && tally_buf_byte(b, '\0');
}

static enum tally_status member_out(void *payload, const struct tally_member *m, struct tally_err *err)
{
	struct tally_buf *b = ((struct outlet *)payload)->blob;
	bool digest = tally_digest_known(&m->digest);
	char head[3] = { (char)m->type, (char)m->reason,
		         (char)((digest ? HAS_DIGEST : 0) | (m->target ? HAS_TARGET : 0)) };
	size_t before = b->len;

	if (tally_buf_add(b, head, sizeof head) && tally_buf_varint(b, m->depth) &&
	    tally_buf_varint(b, m->mode) && tally_buf_varint(b, m->size) &&
	    tally_buf_zigzag(b, m->mtime_ns) &&
	    (!digest || tally_buf_add(b, m->digest.bytes, sizeof m->digest.bytes)) &&
	    put_text(b, m->path, m->path_len) &&
	    (!m->target || put_text(b, m->target, strlen(m->target))))
		return TALLY_OK;
	if (b->max - before > m->path_len + 128 + (m->target ? strlen(m->target) : 0))
		return tally_err_nomem(err);
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "worker_output: the list of its members is longer");
}

static enum tally_status note_out(void *payload, const struct tally_note *n, struct tally_err *err)
{
	json_t *list = json_object_get(((struct outlet *)payload)->answer, "notes");
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "reason", json_string_nocheck(tally_reason_id(n->reason)), &ok);
	tally_json_set(o, "detail",
	               n->detail ? tally_json_text(n->detail, strlen(n->detail)) : json_null(), &ok);
	tally_json_set(o, "part",
	               n->where ? tally_json_text(n->where, strlen(n->where)) : json_null(), &ok);
	tally_json_set(o, "level", json_string_nocheck(n->whole ? "model" : "part"), &ok);
	tally_json_set(o, "about", json_integer(n->about), &ok);
	tally_json_add(list, o, &ok);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

static const char *name_of(const json_t *request)
{
	const char *name = json_string_value(json_array_get(json_object_get(request, "names"), 0));

	return name ? name : "";
}

static bool is_text(const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!bytes[i] || (bytes[i] < ' ' && !strchr("\t\n\f\r\033", bytes[i])))
			return false;
	return true;
}

/* A document that comes as an archive has a reader of its own; here it is an archive like others. */
static enum tally_status find_container(const struct tally_format **out, struct tally_source *src,
                                        struct tally_err *err)
{
	const char *name = NULL;
	enum tally_status st = tally_archive_format(&name, src, err);

	*out = st >= 0 && name ? tally_format_by_name(name) : NULL;
	return st < 0 || *out ? st
	                      : tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
	                                      "not an archive");
}

/*
 * A name may say archive where there is none. But what begins like nothing known, and is no text either, may be an archive
 * whose beginning is damaged. The reader of tars finds out about one of zeros, which is empty.
 */
static enum tally_status find_format(const struct tally_format **out, struct tally_source *src,
                                     struct tally_err *err)
{
	const unsigned char *bytes;
	bool mismatch;
	size_t len;
	enum tally_status st = tally_format_find(out, &mismatch, src, err);

	if (st >= 0)
		st = tally_source_peek(src, &bytes, &len, err);
	if (st < 0 || (*out && (*out)->caps & TALLY_CAP_MEMBERS))
		return st;
	if (*out && (*out)->caps & TALLY_CAP_PLACES)
		return find_container(out, src, err);
	if (!mismatch || is_text(bytes, len))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN, "not an archive");
	*out = tally_format_by_name("tar");
	return tally_archive_named_tar(tally_source_name(src))
	               ? TALLY_OK
	               : tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_MISMATCH,
	                               "not the archive that its name says");
}

enum tally_status tally_job_members_do(const json_t *request, const int *fds,
                                       const struct tally_limits *limits, json_t *answer,
                                       struct tally_buf *blob, struct tally_err *err)
{
	struct tally_key key;
	struct outlet outlet = { answer, blob };
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	const struct tally_sink sink = { .payload = &outlet, .member = member_out, .note = note_out };
	const struct tally_format *format = NULL;
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_fd(&src, fds[0], name_of(request), err);
	bool ok = true;

	options.limits = limits;
	if (tally_json_unhex(json_object_get(request, "secret"), key.secret, sizeof key.secret))
		options.key = &key;
	options.by_sha256 = json_is_true(json_object_get(request, "by_sha256"));
	tally_json_set(answer, "notes", json_array(), &ok);
	if (st >= 0 && !ok)
		st = tally_err_nomem(err);
	if (st >= 0)
		st = find_format(&format, src, err);
	if (st >= 0)
		tally_json_set(answer, "format", json_string_nocheck(format->name), &ok);
	if (st >= 0)
		st = format->read(src, &options, &sink, err);
	tally_source_free(src);
	return ok ? st : tally_err_nomem(err);
}

/* ---- parent: checked like any input ---- */

static const char *take_text(struct tally_bytes *b, size_t *len)
{
	uint64_t n = tally_bytes_varint(b);
	const unsigned char *p;

	if (b->bad || n >= tally_bytes_left(b)) {
		b->bad = true;
		return NULL;
	}
	*len = (size_t)n;
	p = tally_bytes_take(b, *len + 1);
	b->bad = b->bad || p[n] != '\0';
	return (const char *)p;
}

static bool one_member(struct tally_member *m, struct tally_bytes *b)
{
	const unsigned char *digest;
	uint8_t type = tally_bytes_u8(b), reason = tally_bytes_u8(b), flags = tally_bytes_u8(b);
	uint64_t depth = tally_bytes_varint(b), mode = tally_bytes_varint(b);
	size_t target_len;

	*m = (struct tally_member){ .type = (enum tally_entry_type)type,
		                    .reason = (enum tally_reason)reason,
		                    .depth = (uint32_t)depth,
		                    .mode = (uint32_t)mode };
	m->size = tally_bytes_varint(b);
	m->mtime_ns = tally_bytes_zigzag(b);
	if (flags & HAS_DIGEST) {
		digest = tally_bytes_take(b, sizeof m->digest.bytes);
		if (digest)
			memcpy(m->digest.bytes, digest, sizeof m->digest.bytes);
	}
	m->path = take_text(b, &m->path_len);
	if (flags & HAS_TARGET)
		m->target = take_text(b, &target_len);
	return !b->bad && type < TALLY_TYPE_COUNT && reason < TALLY_REASON_COUNT &&
	       depth <= UINT32_MAX && mode <= UINT32_MAX;
}

static enum tally_status one_note(const json_t *o, const struct tally_sink *sink,
                                  struct tally_err *err)
{
	const char *reason = tally_json_string(o, "reason");
	const char *level = tally_json_string(o, "level");
	struct tally_note note = { .reason = reason ? tally_reason_from_id(reason) : TALLY_REASON_NONE,
		                   .detail = tally_json_string(o, "detail"),
		                   .where = tally_json_string(o, "part"),
		                   .about = (enum tally_note_about)tally_json_count(o, "about"),
		                   .whole = level && !strcmp(level, "model") };

	if (note.about > TALLY_NOTE_REMARK)
		note.about = TALLY_NOTE_LIST;
	if (note.reason == TALLY_REASON_NONE)
		note.reason = TALLY_REASON_READER_FAILED;
	return sink->note ? sink->note(sink->payload, &note, err) : TALLY_OK;
}

enum tally_status tally_job_members_answer(const struct tally_answer *answer,
                                           const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_bytes b = tally_bytes_of(answer->blob ? answer->blob : (const void *)"",
	                                      answer->blob_len);
	enum tally_status st = TALLY_OK;
	json_t *o;
	size_t i;

	while (st >= 0 && tally_bytes_left(&b) > 0) {
		struct tally_member m;

		if (!one_member(&m, &b))
			return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED,
			                     "its reader sent a malformed member");
		st = sink->member(sink->payload, &m, err);
	}
	json_array_foreach(json_object_get(answer->json, "notes"), i, o)
	{
		if (st >= 0)
			st = one_note(o, sink, err);
	}
	return st;
}
