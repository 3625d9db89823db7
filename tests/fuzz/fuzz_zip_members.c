/*
 * Archives of any bytes: the directory of a zip is within the zip, members and notes keep to the limits, the same bytes give
 * the same members, and what is called whole unpacks to its size.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/archive.h"
#include "formats/sketch_file.h"
#include "formats/zip_directory.h"
#include "formats/zip_file.h"
#include "support/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* small, so that each input is quick */
static struct tally_limits limits = TALLY_LIMITS_INIT;

enum { MEMBERS = 200, BYTES = 1 << 20, MEMORY = 1 << 18 };

struct seen {
	uint64_t members, bytes, notes;
	uint64_t sum; /* over all that was pushed */
};

static void mix(struct seen *s, const void *bytes, size_t len)
{
	s->sum = tally_hash64(bytes, len, s->sum);
}

static enum tally_status member(void *payload, const struct tally_member *m, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	s->members++;
	CHECK(m->path && m->path[m->path_len] == '\0');
	CHECK(m->type < TALLY_TYPE_COUNT && m->reason < TALLY_REASON_COUNT);
	CHECK(m->depth <= limits.archive_depth);
	if (m->type == TALLY_TYPE_FILE && m->reason == TALLY_REASON_NONE) {
		CHECK(tally_digest_known(&m->digest));
		s->bytes += m->target ? 0 : m->size;
	}
	if (m->type == TALLY_TYPE_FILE && m->reason != TALLY_REASON_NONE)
		CHECK(!tally_digest_known(&m->digest));
	mix(s, m->path, m->path_len);
	mix(s, &m->digest, sizeof m->digest);
	mix(s, &m->size, sizeof m->size);
	return TALLY_OK;
}

static enum tally_status note(void *payload, const struct tally_note *n, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	s->notes++;
	CHECK(n->reason > TALLY_REASON_NONE && n->reason < TALLY_REASON_COUNT);
	CHECK(n->about <= TALLY_NOTE_REMARK);
	mix(s, n->detail, strlen(n->detail));
	return TALLY_OK;
}

static struct tally_source *source(const uint8_t *data, size_t size)
{
	struct tally_source *src = NULL;

	CHECK(tally_source_memory(&src, data, size, NULL) == TALLY_OK);
	return src;
}

static struct seen read_archive(const uint8_t *data, size_t size)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_source *src = source(data, size);
	struct tally_err err = { 0 };
	struct tally_key key;
	struct seen s = { 0 };
	struct tally_sink sink = { .payload = &s, .member = member, .note = note };
	enum tally_status st;

	tally_key_from_seed(&key, 1);
	options.limits = &limits;
	options.key = &key;
	st = tally_archive_read(src, &options, &sink, &err);
	CHECK(st == TALLY_OK || st == TALLY_PARTIAL || st == TALLY_SKIP);
	CHECK(st != TALLY_PARTIAL || s.notes > 0);
	CHECK(st != TALLY_OK || s.notes == 0);
	CHECK(st != TALLY_SKIP || err.reason != TALLY_REASON_NONE);
	CHECK(s.members <= MEMBERS);
	CHECK(s.bytes <= BYTES);
	tally_source_free(src);
	return s;
}

static void read_directory(const uint8_t *data, size_t size)
{
	struct tally_source *src = source(data, size);
	struct tally_zip_directory d;
	enum tally_status st = tally_zip_directory_read(&d, src, &limits, NULL);
	uint64_t names = 0;

	CHECK(st == TALLY_OK || st == TALLY_PARTIAL || st == TALLY_SKIP);
	if (st != TALLY_SKIP) {
		CHECK(d.count <= MEMBERS);
		CHECK((st == TALLY_OK) == (d.reason == TALLY_REASON_NONE));
		CHECK(d.prefix <= size && d.suffix <= size && d.gaps <= size);
		for (size_t i = 0; i < d.count; i++) {
			const struct tally_zip_member *m = &d.members[i];

			CHECK(m->cut || (m->data <= size && m->packed <= size - m->data));
			names += tally_hash64(m->name, m->name_len, 0); /* touches all of it */
			CHECK(d.reason || i == 0 || d.members[i - 1].data <= m->header);
		}
		CHECK(names != 1); /* so that it is not optimised away */
		tally_zip_directory_release(&d);
	}
	tally_source_free(src);
}

/* each member is found by its name, and all parts together keep to the limit */
static void read_parts(const uint8_t *data, size_t size)
{
	struct tally_source *src = source(data, size);
	struct tally_zip *zip = NULL;
	uint64_t bytes = 0;

	if (tally_zip_open(&zip, src, &limits, NULL) == TALLY_OK) {
		const struct tally_zip_directory *d = tally_zip_members(zip);

		for (size_t i = 0; i < d->count; i++) {
			const struct tally_zip_member *m = &d->members[i];
			enum tally_status st = tally_zip_begin(zip, m, NULL);
			uint64_t got = 0;
			const void *at;
			size_t len;

			while (st == TALLY_OK &&
			       (st = tally_zip_next(zip, &at, &len, NULL)) == TALLY_OK)
				got += len;
			CHECK(st == TALLY_END || st == TALLY_SKIP);
			CHECK(got <= m->size && (st != TALLY_END || got == m->size));
			bytes += got;
			if (!memchr(m->name, '\0', m->name_len)) {
				char name[65536];

				memcpy(name, m->name, m->name_len);
				name[m->name_len] = '\0';
				CHECK(tally_zip_directory_find(d, name) == m);
			}
		}
		CHECK(bytes <= BYTES);
	}
	tally_zip_free(zip);
	tally_source_free(src);
}

static void read_sketch(const uint8_t *data, size_t size)
{
	struct tally_source *src = source(data, size);
	struct tally_sketch s = { 0 };

	if (tally_sketch_file(&s, src, &limits, NULL) == TALLY_OK) {
		CHECK(s.total <= limits.sketch_bytes + 64 * MEMBERS);
		CHECK(s.total == 0 || tally_sketch_similarity(&s, &s) == 1000);
	}
	tally_sketch_release(&s);
	tally_source_free(src);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seen once, twice;

	limits.archive_members = MEMBERS;
	limits.archive_bytes = BYTES;
	limits.archive_memory = MEMORY;
	limits.sketch_bytes = BYTES;
	once = read_archive(data, size);
	twice = read_archive(data, size);
	CHECK(once.sum == twice.sum && once.members == twice.members);
	read_directory(data, size);
	read_parts(data, size);
	read_sketch(data, size);
	return 0;
}
