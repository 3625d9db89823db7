/**
 * Archives for tests: made by libarchive, read by Tally, and everything that was pushed on the way, kept.
 *
 *	TestSuite(archive, .init = archives_begin, .fini = archives_forget);
 */
#ifndef TALLY_TESTS_ARCHIVES_H
#define TALLY_TESTS_ARCHIVES_H

#include <archive.h>
#include <archive_entry.h>
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/archive.h"

/* ---- what was pushed ---- */

struct got {
	struct tally_member members[64]; /* path and target are copies */
	size_t count;                    /* of all, also those that found no room */
	struct {
		enum tally_reason reason;
		char *detail, *where;
		enum tally_note_about about;
		bool whole;
	} notes[16];
	size_t note_count;
	size_t refuse_member, refuse_note; /* the n-th gets TALLY_SKIP */
};

static struct got got;
static struct tally_limits limits;
static struct tally_key key;
static struct tally_err err;

static inline enum tally_status take_member(void *payload, const struct tally_member *m,
                                            struct tally_err *e)
{
	struct got *g = payload;

	if (g->count + 1 == g->refuse_member)
		return tally_err_set(e, TALLY_SKIP, TALLY_REASON_STOPPED, "enough");
	if (g->count < 64) {
		struct tally_member *copy = &g->members[g->count];
		char *path = malloc(m->path_len + 1);

		memcpy(path, m->path, m->path_len);
		path[m->path_len] = '\0';
		*copy = *m;
		copy->path = path;
		copy->target = m->target ? strdup(m->target) : NULL;
	}
	g->count++;
	return TALLY_OK;
}

static inline enum tally_status take_note(void *payload, const struct tally_note *n,
                                          struct tally_err *e)
{
	struct got *g = payload;

	if (g->note_count + 1 == g->refuse_note)
		return tally_err_set(e, TALLY_SKIP, TALLY_REASON_STOPPED, "enough");
	cr_assert_lt(g->note_count, 16);
	g->notes[g->note_count].reason = n->reason;
	g->notes[g->note_count].detail = strdup(n->detail ? n->detail : "");
	g->notes[g->note_count].where = n->where ? strdup(n->where) : NULL;
	g->notes[g->note_count].whole = n->whole;
	g->notes[g->note_count].about = n->about;
	g->note_count++;
	return TALLY_OK;
}

static inline void archives_forget(void)
{
	for (size_t i = 0; i < got.count && i < 64; i++) {
		free((void *)(uintptr_t)got.members[i].path);
		free((void *)(uintptr_t)got.members[i].target);
	}
	for (size_t i = 0; i < got.note_count; i++) {
		free(got.notes[i].detail);
		free(got.notes[i].where);
	}
	got = (struct got){ 0 };
}

static inline void archives_begin(void)
{
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	tally_key_from_seed(&key, 1);
	err = (struct tally_err){ 0 };
}

static const struct tally_sink sink = { .payload = &got, .member = take_member, .note = take_note };

static inline enum tally_status read_source(struct tally_source *src)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;

	options.limits = &limits;
	options.key = &key;
	return tally_archive_read(src, &options, &sink, &err);
}

static inline enum tally_status read_named(const void *bytes, size_t len, const char *name)
{
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_memory(&src, bytes, len, &err);

	if (st == TALLY_OK) {
		tally_source_set_name(src, name);
		st = read_source(src);
	}
	tally_source_free(src);
	return st;
}

static inline enum tally_status read_bytes(const struct tally_buf *b)
{
	return read_named(b->bytes, b->len, "");
}

static inline const struct tally_member *find(const char *path)
{
	for (size_t i = 0; i < got.count && i < 64; i++)
		if (strcmp(got.members[i].path, path) == 0)
			return &got.members[i];
	cr_assert_fail("no member '%s'", path);
	return NULL;
}

static inline bool holds(const struct tally_member *m, const void *bytes, size_t len)
{
	struct tally_digest d;

	tally_digest_of(&d, &key, bytes, len);
	return m->size == len && m->reason == TALLY_REASON_NONE && tally_digest_equal(&d, &m->digest);
}

#define has(path, text)                                                                       \
	cr_assert(holds(find(path), (text), strlen(text)), "'%s' does not hold '%s'", (path), \
	          (text))

/* The only note, with these words in it. */
#define noted(why, words)                                                                     \
	do {                                                                                  \
		cr_assert_eq(got.note_count, 1, "%zu notes", got.note_count);                 \
		cr_assert_eq(got.notes[0].reason, (why), "%s: %s",                            \
		             tally_reason_id(got.notes[0].reason), got.notes[0].detail);      \
		cr_assert(strstr(got.notes[0].detail, (words)), "'%s'", got.notes[0].detail); \
	} while (0)

/* ---- archives made by libarchive ---- */

enum { ROOM = 4 << 20 };

struct pack {
	struct archive *a;
	struct tally_buf bytes;
	size_t used;
	int (*format)(struct archive *);
	int (*filter)(struct archive *);
};

static inline void pack_open(struct pack *p, int (*format)(struct archive *),
                             int (*filter)(struct archive *))
{
	p->a = archive_write_new();
	p->format = format;
	cr_assert_eq(format(p->a), ARCHIVE_OK);
	if (filter)
		cr_assert_eq(filter(p->a), ARCHIVE_OK);
	archive_write_set_bytes_in_last_block(p->a, 1);
	p->bytes = (struct tally_buf){ .bytes = malloc(ROOM), .cap = ROOM, .max = ROOM };
	cr_assert_eq(archive_write_open_memory(p->a, p->bytes.bytes, ROOM, &p->used), ARCHIVE_OK);
}

static inline void pack_entry(struct pack *p, const char *name, mode_t type, const char *link,
                              const void *bytes, size_t len)
{
	struct archive_entry *e = archive_entry_new();

	archive_entry_copy_pathname(e, name);
	archive_entry_set_filetype(e, type);
	archive_entry_set_perm(e, 0640);
	archive_entry_set_mtime(e, 1000000000, 0);
	archive_entry_set_size(e, (la_int64_t)len);
	if (link && type == AE_IFLNK)
		archive_entry_copy_symlink(e, link);
	else if (link)
		archive_entry_copy_hardlink(e, link);
	cr_assert_geq(archive_write_header(p->a, e), ARCHIVE_WARN, "%s", archive_error_string(p->a));
	if (len)
		cr_assert_eq(archive_write_data(p->a, bytes, len), (la_ssize_t)len);
	archive_entry_free(e);
}

static inline void pack_text(struct pack *p, const char *name, const char *text)
{
	pack_entry(p, name, AE_IFREG, NULL, text, strlen(text));
}

static inline void pack_close(struct pack *p)
{
	cr_assert_eq(archive_write_close(p->a), ARCHIVE_OK);
	archive_write_free(p->a);
	p->a = NULL;
	p->bytes.len = p->used;
}

static inline void pack_release(struct pack *p)
{
	free(p->bytes.bytes);
	*p = (struct pack){ 0 };
}

static inline void pack_two(struct pack *p, int (*format)(struct archive *),
                            int (*filter)(struct archive *))
{
	pack_open(p, format, filter);
	pack_text(p, "a.txt", "hello");
	pack_text(p, "dir/b.txt", "world!");
	pack_close(p);
}

/* One archive in another, with a file beside it; @inner is released. */
static inline void nest(struct pack *outer, struct pack *inner, const char *name,
                        int (*format)(struct archive *), int (*filter)(struct archive *))
{
	pack_open(outer, format, filter);
	pack_text(outer, "beside.txt", "beside");
	pack_entry(outer, name, AE_IFREG, NULL, inner->bytes.bytes, inner->bytes.len);
	pack_close(outer);
	pack_release(inner);
}

#endif
