/* Pictures inside a document, looked into after it was read: see inner_pictures.h. */
#include "formats/inner_pictures.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/archive.h"
#include "formats/zip_file.h"

enum {
	FACTS_BYTES = 1 << 20, /* what one picture says of itself */
	DIGITS = 16,           /* of a digest, in a value */
};

struct looking {
	struct tally_inner_picture *list;
	size_t count;
	struct tally_limits limits; /* what is left of them */
	bool fewer;                 /* pixels are left than there were at first */
};

/* ---- which facts are of pictures ---- */

/* "png, 1049 bytes, sha256:0123456789abcdef" */
static bool parse(const char *value, uint64_t *bytes, const char **digest)
{
	const char *comma = strchr(value, ',');
	char unit[8];
	int end = 0;

	if (!comma || comma == value ||
	    sscanf(comma, ", %" SCNu64 " %6[bytes], sha256:%n", bytes, unit, &end) != 2 || !end)
		return false;
	*digest = comma + end;
	return strlen(*digest) == DIGITS;
}

bool tally_inner_picture_is(const struct tally_fact *fact)
{
	bool image = !strcmp(fact->name, "image");
	const char *digest;
	uint64_t bytes;

	if (!image && strcmp(fact->name, "attachment") != 0)
		return false;
	if (image && !strncmp(fact->value, "data:image/", strlen("data:image/")))
		return true;
	return (image || !strncmp(fact->value, "image/", strlen("image/"))) &&
	       parse(fact->value, &bytes, &digest);
}

/* ---- one picture ---- */

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct tally_inner_picture *p = payload;

	return tally_facts_add(&p->facts, fact, err);
}

static enum tally_status on_picture(void *payload, const struct tally_picture *picture,
                                    struct tally_err *err)
{
	struct tally_inner_picture *p = payload;

	if (p->picture)
		tally_picture_drop(p->picture);
	else
		p->picture = tally_alloc(sizeof *p->picture);
	return p->picture ? tally_picture_copy(p->picture, picture, err) : tally_err_nomem(err);
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct tally_inner_picture *p = payload;

	(void)err;
	if (!p->why.reason)
		tally_err_set(&p->why, TALLY_SKIP, note->reason, "%s",
		              note->detail ? note->detail : "");
	return TALLY_OK;
}

static void use_up(struct looking *l, const struct tally_picture *picture)
{
	uint64_t pixels = (uint64_t)picture->width * picture->height;

	l->limits.picture_pixels -= pixels < l->limits.picture_pixels ? pixels
	                                                              : l->limits.picture_pixels;
	l->fewer = true;
}

static enum tally_status look_into(struct looking *l, struct tally_inner_picture *p,
                                   const void *bytes, size_t len, struct tally_err *err)
{
	const struct tally_format *image = tally_format_by_name("image");
	const struct tally_sink sink = {
		.payload = p, .fact = on_fact, .note = on_note, .picture = on_picture
	};
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_source *src = NULL;
	enum tally_status st;

	p->why = (struct tally_err){ 0 };
	if (!image->probe(bytes, len, len, "")) {
		tally_err_set(&p->why, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		              "a picture of a kind that is not decoded");
		return TALLY_OK;
	}
	options.limits = &l->limits;
	tally_facts_release(&p->facts);
	st = tally_source_memory(&src, bytes, len, err);
	if (st >= 0)
		st = image->read(src, &options, &sink, err);
	tally_source_free(src);
	if (st < TALLY_PARTIAL && st != TALLY_FATAL) {
		p->why = *err;
		st = TALLY_OK;
	}
	if (p->picture)
		use_up(l, p->picture);
	else if (l->fewer && p->why.reason == TALLY_REASON_LIMIT)
		tally_err_set(&p->why, TALLY_SKIP, TALLY_REASON_LIMIT,
		              "its pixels were not compared: picture_pixels: those of all pictures "
		              "together are more");
	return st < TALLY_PARTIAL ? st : TALLY_OK;
}

/* ---- in a zip: its members of the right size and digest ---- */

struct wanted {
	uint64_t bytes;
	const char *digest;
	struct tally_inner_picture *picture;
};

static int by_bytes(const void *left, const void *right)
{
	const struct wanted *a = left, *b = right;

	return (a->bytes > b->bytes) - (a->bytes < b->bytes);
}

static enum tally_status look_at_member(struct looking *l, struct tally_zip *zip,
                                        const struct tally_zip_member *m, struct wanted *from,
                                        const struct wanted *end, struct tally_err *err)
{
	char text[TALLY_DIGEST_TEXT_MAX], *bytes = NULL;
	struct tally_err why = { 0 };
	struct tally_sha256 sum;
	size_t len;
	enum tally_status st = tally_zip_load(zip, m, l->limits.picture_bytes, 1, &bytes, &len, &why);

	if (st < 0) {
		if (st == TALLY_FATAL && err)
			*err = why;
		for (; from < end && from->bytes == m->size; from++)
			if (!from->picture->picture && st != TALLY_FATAL)
				from->picture->why = why;
		return st == TALLY_FATAL ? st : TALLY_OK;
	}
	tally_sha256_of(&sum, bytes, len);
	tally_sha256_text(text, &sum);
	for (; st >= 0 && from < end && from->bytes == m->size; from++)
		if (!from->picture->picture &&
		    !strncmp(text + strlen("sha256:"), from->digest, DIGITS))
			st = look_into(l, from->picture, bytes, len, err);
	tally_free(bytes);
	return st;
}

static enum tally_status look_at_members(struct looking *l, struct tally_zip *zip,
                                         struct wanted *wanted, size_t count, struct tally_err *err)
{
	const struct tally_zip_directory *dir = tally_zip_members(zip);
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < dir->count && st >= 0; i++) {
		const struct wanted key = { .bytes = dir->members[i].size };
		struct wanted *found = bsearch(&key, wanted, count, sizeof *wanted, by_bytes);

		while (found && found > wanted && found[-1].bytes == key.bytes)
			found--;
		if (found)
			st = look_at_member(l, zip, &dir->members[i], found, wanted + count, err);
	}
	return st;
}

static enum tally_status look_in_zip(struct looking *l, struct tally_source *src,
                                     const struct tally_limits *limits, struct tally_err *err)
{
	struct wanted *wanted = tally_alloc_zero(l->count, sizeof *wanted);
	struct tally_zip *zip = NULL;
	enum tally_status st = wanted ? tally_zip_open(&zip, src, limits, err) : tally_err_nomem(err);
	size_t n = 0;

	for (size_t i = 0; i < l->count && st >= 0; i++)
		if (parse(l->list[i].value, &wanted[n].bytes, &wanted[n].digest))
			wanted[n++].picture = &l->list[i];
	if (n > 1)
		qsort(wanted, n, sizeof *wanted, by_bytes);
	if (st >= 0)
		st = look_at_members(l, zip, wanted, n, err);
	tally_zip_free(zip);
	tally_free(wanted);
	return st;
}

/* ---- elsewhere: it is read once more, for the contents ---- */

static int by_value(const void *key, const void *item)
{
	return strcmp(key, ((const struct tally_inner_picture *)item)->value);
}

const struct tally_inner_picture *tally_inner_picture_find(const struct tally_inner_picture *list,
                                                           size_t count, const char *value)
{
	return count ? bsearch(value, list, count, sizeof *list, by_value) : NULL;
}

static enum tally_status on_content(void *payload, const char *value, const void *bytes, size_t len,
                                    struct tally_err *err)
{
	struct looking *l = payload;
	struct tally_inner_picture *p = bsearch(value, l->list, l->count, sizeof *l->list, by_value);

	if (!p || p->picture)
		return TALLY_OK;
	return look_into(l, p, bytes, len, err);
}

static enum tally_status look_again(struct looking *l, struct tally_source *src,
                                    const struct tally_format *format,
                                    const struct tally_read_options *options, struct tally_err *err)
{
	const struct tally_sink sink = { .payload = l, .content = on_content };

	return format->read(src, options, &sink, err);
}

/* ---- all of them ---- */

static enum tally_status look_in(struct looking *l, struct tally_source *src,
                                 const struct tally_format *format,
                                 const struct tally_read_options *options, struct tally_err *err)
{
	const unsigned char *bytes;
	size_t len;
	int bits;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	if (st < 0)
		return st;
	return tally_archive_probe(bytes, len, &bits) == TALLY_ARCHIVE_ZIP
	               ? look_in_zip(l, src, options->limits, err)
	               : look_again(l, src, format, options, err);
}

enum tally_status tally_inner_pictures_look(struct tally_inner_picture *list, size_t count,
                                            struct tally_source *src,
                                            const struct tally_format *format,
                                            const struct tally_read_options *options,
                                            struct tally_err *err)
{
	struct looking l = { .list = list, .count = count, .limits = *options->limits };
	struct tally_err why = { 0 };
	enum tally_status st;

	for (size_t i = 0; i < count; i++) {
		tally_facts_init(&list[i].facts, FACTS_BYTES);
		tally_err_set(&list[i].why, TALLY_SKIP, TALLY_REASON_NOT_LOOKED_INTO,
		              "it could not be found again for its pixels");
	}
	st = look_in(&l, src, format, options, &why);
	if (st == TALLY_FATAL) {
		if (err)
			*err = why;
		return st;
	}
	for (size_t i = 0; i < count && st == TALLY_SKIP; i++)
		if (!list[i].picture && list[i].why.reason == TALLY_REASON_NOT_LOOKED_INTO)
			list[i].why = why;
	return TALLY_OK;
}

void tally_inner_pictures_release(struct tally_inner_picture *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].picture)
			tally_picture_drop(list[i].picture);
		tally_free(list[i].picture);
		tally_facts_release(&list[i].facts);
	}
}
