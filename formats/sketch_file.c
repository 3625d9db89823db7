/*
 * The similarity sketch of a file: see sketch_file.h.
 *
 * In a document that comes as a zip most bytes say nothing about this document: styles, themes and settings are those of the
 * program or the house, and markup is the same everywhere. So of such documents the text of the main parts counts, stripped
 * of its tags, and pictures count by checksum and size with about the weight of a line of text: a letterhead shared by two
 * letters does not make them alike, and fifty pictures still make a slide show. Of other zips all members count.
 */
#include "formats/sketch_file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "formats/archive.h"
#include "formats/unzip.h"
#include "formats/zip_directory.h"

enum {
	BLOCK = 64 << 10,
	TAG_MOST = 160,  /* of a tag as much as its name and the attribute t="s" need */
	TOKEN_SIZE = 48, /* a member that counts by its checksum; as long as an average piece */
	TEXT_BLOCK = 4096,
};

/* how a member counts */
enum role {
	ROLE_NOTHING, /* boilerplate */
	ROLE_BYTES,
	ROLE_TEXT,  /* its text without tags */
	ROLE_TOKEN, /* its checksum and size */
};

/* ---- which part plays which role ---- */

/* Begins with, and then ends with; the first that fits decides. */
static const struct part {
	const char *begin, *end;
	enum role role;
} document_parts[] = {
	{ "word/document", ".xml", ROLE_TEXT },
	{ "word/footnotes", ".xml", ROLE_TEXT },
	{ "word/endnotes", ".xml", ROLE_TEXT },
	{ "word/comments", ".xml", ROLE_TEXT },
	{ "ppt/slides/slide", ".xml", ROLE_TEXT },
	{ "ppt/notesSlides/notesSlide", ".xml", ROLE_TEXT },
	{ "xl/sharedStrings", ".xml", ROLE_TEXT },
	{ "xl/worksheets/sheet", ".xml", ROLE_TEXT },
	{ "xl/comments", ".xml", ROLE_TEXT },
	{ "content.xml", "", ROLE_TEXT },
	{ "word/media/", "", ROLE_TOKEN },
	{ "word/embeddings/", "", ROLE_TOKEN },
	{ "ppt/media/", "", ROLE_TOKEN },
	{ "ppt/embeddings/", "", ROLE_TOKEN },
	{ "xl/media/", "", ROLE_TOKEN },
	{ "xl/embeddings/", "", ROLE_TOKEN },
	{ "Pictures/", "", ROLE_TOKEN },
};

static bool fits(const struct tally_zip_member *m, const struct part *part)
{
	size_t begin = strlen(part->begin), end = strlen(part->end);

	return m->name_len >= begin + end && memcmp(m->name, part->begin, begin) == 0 &&
	       memcmp(m->name + m->name_len - end, part->end, end) == 0;
}

static enum role document_role(const struct tally_zip_member *m)
{
	for (size_t i = 0; i < sizeof document_parts / sizeof *document_parts; i++)
		if (fits(m, &document_parts[i]))
			return document_parts[i].role;
	return ROLE_NOTHING;
}

/* a zip with a main part of a document is one, whatever else is in it */
static bool is_document(const struct tally_zip_directory *d)
{
	for (size_t i = 0; i < d->count; i++)
		if (document_role(&d->members[i]) == ROLE_TEXT)
			return true;
	return false;
}

/* ---- text out of XML ---- */

/*
 * TEXT ──'<'──► TAG ──'>'──► TEXT. Tags vanish; where a paragraph, a cell or a row ends, a line ends. Not an XML parser: what
 * it gets wrong (comments, sections of literal text) it gets wrong in the same way on both sides.
 */
struct strip {
	struct tally_sketcher *sketcher;
	bool in_tag;
	bool skip; /* the number of a shared string: it says nothing and looks alike in every workbook */
	size_t tag_len;
	size_t text_len;
	char tag[TAG_MOST];
	char text[TEXT_BLOCK];
};

static enum tally_status strip_flush(struct strip *s, struct tally_err *err)
{
	size_t len = s->text_len;

	s->text_len = 0;
	return tally_sketcher_add(s->sketcher, s->text, len, err);
}

static enum tally_status strip_text(struct strip *s, const char *bytes, size_t len,
                                    struct tally_err *err)
{
	while (len > 0) {
		size_t n = TEXT_BLOCK - s->text_len;

		if (n > len)
			n = len;
		memcpy(s->text + s->text_len, bytes, n);
		s->text_len += n;
		bytes += n;
		len -= n;
		if (s->text_len == TEXT_BLOCK) {
			enum tally_status st = strip_flush(s, err);

			if (st < 0)
				return st;
		}
	}
	return TALLY_OK;
}

/* the name behind "</", without its prefix, is one of these */
static bool ends_line(const char *tag)
{
	static const char *const names[] = { "p", "h", "si", "c", "row", "br", NULL };
	const char *local = strrchr(tag, ':');

	local = local ? local + 1 : tag + 1;
	for (int i = 0; names[i]; i++)
		if (strcmp(local, names[i]) == 0)
			return true;
	return false;
}

static enum tally_status strip_tag(struct strip *s, struct tally_err *err)
{
	s->tag[s->tag_len] = '\0';
	s->in_tag = false;
	if (strncmp(s->tag, "c ", 2) == 0)
		s->skip = strstr(s->tag, " t=\"s\"") != NULL;
	if (s->tag[0] != '/')
		return TALLY_OK;
	if (s->skip && strcmp(s->tag, "/c") == 0) {
		s->skip = false;
		return TALLY_OK;
	}
	return ends_line(s->tag) ? strip_text(s, "\n", 1, err) : TALLY_OK;
}

static enum tally_status strip_bytes(struct strip *s, const char *at, size_t len,
                                     struct tally_err *err)
{
	const char *end = at + len;
	enum tally_status st = TALLY_OK;

	while (at < end && st >= 0) {
		const char *stop = memchr(at, s->in_tag ? '>' : '<', (size_t)(end - at));
		size_t n = (size_t)((stop ? stop : end) - at);

		if (s->in_tag) {
			size_t room = TAG_MOST - 1 - s->tag_len;

			memcpy(s->tag + s->tag_len, at, n < room ? n : room);
			s->tag_len += n < room ? n : room;
			if (stop)
				st = strip_tag(s, err);
		} else {
			if (!s->skip)
				st = strip_text(s, at, n, err);
			s->in_tag = stop != NULL;
			s->tag_len = 0;
		}
		at += n + (stop ? 1 : 0);
	}
	return st;
}

/* ---- members ---- */

struct job {
	struct tally_sketcher *sketcher;
	const struct tally_limits *limits;
	struct strip *strip; /* NULL: bytes as they are */
	uint64_t read;
};

static enum tally_status too_much(const struct tally_limits *limits, struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "sketch_bytes: more than %" PRIu64 " bytes to read",
	                     limits->sketch_bytes);
}

static enum tally_status unpacked(void *payload, const void *bytes, size_t len, struct tally_err *err)
{
	struct job *job = payload;

	job->read += len;
	if (job->read > job->limits->sketch_bytes)
		return too_much(job->limits, err);
	return job->strip ? strip_bytes(job->strip, bytes, len, err)
	                  : tally_sketcher_add(job->sketcher, bytes, len, err);
}

/* Stands for a member's content: as many bytes, made from checksum and size. */
static enum tally_status add_token(struct job *job, const struct tally_zip_member *m,
                                   struct tally_err *err)
{
	uint64_t seed = m->crc32 ^ m->size << 32;
	unsigned char token[TOKEN_SIZE];

	for (size_t i = 0; i < TOKEN_SIZE; i += 8) {
		uint64_t h = tally_hash64(&(unsigned char){ (unsigned char)i }, 1, seed);

		for (size_t k = 0; k < 8; k++)
			token[i + k] = (unsigned char)(h >> 8 * k);
	}
	return tally_sketcher_add(job->sketcher, token, sizeof token, err);
}

static enum tally_status add_member(struct job *job, struct tally_unzip *u,
                                    const struct tally_zip_member *m, enum role role,
                                    struct tally_err *err)
{
	struct strip strip;
	enum tally_reason wrong = TALLY_REASON_NONE;
	enum tally_status st;

	strip.sketcher = job->sketcher;
	strip.in_tag = strip.skip = false;
	strip.tag_len = strip.text_len = 0;
	job->strip = role == ROLE_TEXT ? &strip : NULL;
	if (role == ROLE_TOKEN || m->encrypted)
		st = add_token(job, m, err);
	else
		st = tally_unzip_member(u, m, unpacked, job, &wrong, err);
	if (st >= 0 && wrong == TALLY_REASON_FORMAT_UNKNOWN)
		st = add_token(job, m, err);
	else if (st >= 0 && wrong != TALLY_REASON_NONE)
		st = tally_err_set(err, TALLY_SKIP, wrong, "a member is damaged");
	if (st >= 0 && job->strip)
		st = strip_flush(&strip, err);
	return st < 0 ? st : tally_sketcher_cut(job->sketcher, err);
}

static int by_name(const void *a, const void *b)
{
	const struct tally_zip_member *const *x = a, *const *y = b;
	size_t n = (*x)->name_len < (*y)->name_len ? (*x)->name_len : (*y)->name_len;
	int c = memcmp((*x)->name, (*y)->name, n);

	return c ? c : (int)(*x)->name_len - (int)(*y)->name_len;
}

/* all members that play a role, in the order of their names */
static enum tally_status add_members(struct job *job, struct tally_source *src,
                                     const struct tally_zip_directory *d, bool document,
                                     struct tally_err *err)
{
	const struct tally_zip_member **order;
	struct tally_unzip *u = NULL;
	enum tally_status st;
	size_t size;

	order = tally_size_mul(d->count, sizeof *order, &size) ? tally_alloc(size) : NULL;
	if (!order)
		return tally_err_nomem(err);
	for (size_t i = 0; i < d->count; i++)
		order[i] = &d->members[i];
	if (d->count > 1)
		qsort(order, d->count, sizeof *order, by_name);
	st = tally_unzip_new(&u, src, err);
	for (size_t i = 0; i < d->count && st >= 0; i++) {
		enum role role = document ? document_role(order[i]) : ROLE_BYTES;

		if (role != ROLE_NOTHING && order[i]->type != TALLY_TYPE_DIR)
			st = add_member(job, u, order[i], role, err);
	}
	tally_unzip_free(u);
	tally_free(order);
	return st;
}

/* what the directory announces, so that a large archive is not unpacked in vain */
static uint64_t announced(const struct tally_zip_directory *d, bool document)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < d->count; i++) {
		enum role role = document ? document_role(&d->members[i]) : ROLE_BYTES;

		if ((role == ROLE_BYTES || role == ROLE_TEXT) &&
		    __builtin_add_overflow(sum, d->members[i].size, &sum))
			return UINT64_MAX;
	}
	return sum;
}

static enum tally_status sketch_zip(struct job *job, struct tally_source *src,
                                    struct tally_sketch *out, struct tally_err *err)
{
	struct tally_zip_directory d;
	enum tally_status st = tally_zip_directory_read(&d, src, job->limits, err);
	bool document;

	if (st == TALLY_PARTIAL) {
		st = tally_err_set(err, TALLY_SKIP, d.reason, "%s", d.detail);
		tally_zip_directory_release(&d);
	}
	if (st < 0)
		return st;
	document = is_document(&d);
	st = announced(&d, document) > job->limits->sketch_bytes
	             ? too_much(job->limits, err)
	             : add_members(job, src, &d, document, err);
	if (st >= 0)
		st = tally_sketcher_finish(job->sketcher, out, err);
	/* a document without a word: then its parts as they are have to do */
	if (st >= 0 && document && out->total == 0) {
		tally_sketch_release(out);
		st = add_members(job, src, &d, false, err);
		if (st >= 0)
			st = tally_sketcher_finish(job->sketcher, out, err);
	}
	tally_zip_directory_release(&d);
	return st;
}

/* ---- bytes ---- */

static enum tally_status sketch_bytes(struct job *job, struct tally_source *src,
                                      struct tally_sketch *out, struct tally_err *err)
{
	unsigned char *block;
	enum tally_status st = TALLY_OK;
	uint64_t at = 0;
	ssize_t n = 0;

	if (tally_source_size(src) > job->limits->sketch_bytes)
		return too_much(job->limits, err);
	block = tally_alloc(BLOCK);
	if (!block)
		return tally_err_nomem(err);
	while (st >= 0 && (n = tally_source_pread(src, block, BLOCK, at, err)) > 0) {
		st = tally_sketcher_add(job->sketcher, block, (size_t)n, err);
		at += (uint64_t)n;
	}
	if (n < 0)
		st = TALLY_SKIP;
	tally_free(block);
	return st < 0 ? st : tally_sketcher_finish(job->sketcher, out, err);
}

static bool is_zip(const unsigned char *bytes, size_t len)
{
	return len >= 4 &&
	       (memcmp(bytes, "PK\003\004", 4) == 0 || memcmp(bytes, "PK\005\006", 4) == 0);
}

static enum tally_sketch_kind kind_of(const unsigned char *bytes, size_t len)
{
	if (is_zip(bytes, len))
		return TALLY_SKETCH_MEMBERS;
	return tally_archive_probe(bytes, len, NULL) == TALLY_ARCHIVE_NONE ? TALLY_SKETCH_BYTES
	                                                                   : TALLY_SKETCH_ARCHIVE;
}

enum tally_status tally_sketch_file(struct tally_sketch *out, struct tally_source *src,
                                    const struct tally_limits *limits, struct tally_err *err)
{
	struct job job = { .limits = limits };
	const unsigned char *bytes;
	size_t len;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);
	bool zip;

	if (st < 0)
		return st;
	zip = is_zip(bytes, len);
	st = tally_sketcher_new(&job.sketcher, kind_of(bytes, len), err);
	if (st >= 0)
		st = zip ? sketch_zip(&job, src, out, err) : sketch_bytes(&job, src, out, err);
	tally_sketcher_free(job.sketcher);
	return st;
}
