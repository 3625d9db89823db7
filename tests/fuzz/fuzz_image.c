/*
 * Any bytes as an image, and as the EXIF data of one. Whatever comes out can be walked through; read again it is the same, and a
 * picture is the same as itself.
 */
#include <stdlib.h>
#include <string.h>

#include "diff/picture_diff.h"
#include "formats/format.h"
#include "support/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t facts, notes, pictures;
	struct tally_picture picture;
	uint64_t light;
};

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(fact->name && *fact->value);
	s->facts = s->facts * 31 + strlen(fact->value) + (fact->where ? strlen(fact->where) : 0);
	return TALLY_OK;
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(note->reason && note->detail);
	s->notes++;
	return TALLY_OK;
}

static enum tally_status on_picture(void *payload, const struct tally_picture *picture,
                                    struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(picture->width && picture->height && picture->turn >= 1 &&
	      picture->turn <= TALLY_PICTURE_TURNS);
	s->picture = *picture;
	s->light = 0; /* of all squares; they go with the reader */
	for (size_t i = 0;
	     picture->squares.light && i < (size_t)picture->squares.width * picture->squares.height;
	     i++)
		s->light = s->light * 31 + picture->squares.light[i];
	s->picture.squares.light = NULL;
	s->pictures++;
	return TALLY_OK;
}

static enum tally_status read_bytes(struct seen *seen, const void *bytes, size_t len)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_sink sink = {
		.payload = seen, .fact = on_fact, .note = on_note, .picture = on_picture
	};
	struct tally_source *src;
	enum tally_status st;

	*seen = (struct seen){ 0 };
	limits.picture_pixels = 100000;
	options.limits = &limits;
	CHECK(tally_source_memory(&src, bytes, len, NULL) >= 0);
	st = tally_format_by_name("image")->read(src, &options, &sink, NULL);
	tally_source_free(src);
	CHECK(st != TALLY_FATAL && seen->pictures <= 1 &&
	      (st < 0) == (st == TALLY_SKIP || seen->notes));
	return st;
}

static void twice(const void *bytes, size_t len)
{
	static struct seen a, b;
	struct tally_picture_diff diff;

	CHECK(read_bytes(&a, bytes, len) == read_bytes(&b, bytes, len));
	CHECK(!memcmp(&a, &b, sizeof a));
	if (!a.pictures)
		return;
	tally_picture_compare(&diff, &a.picture, &b.picture);
	CHECK(diff.kin == TALLY_PICTURE_SAME && !diff.most && !diff.points && !diff.resized);
}

/* The smallest PNG around the data; its checksums are wrong, which is nothing to those who look at metadata. */
static void as_exif(const uint8_t *data, size_t size)
{
	static const char begin[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\0\0\0";
	size_t len = sizeof begin, room = sizeof begin + size + 12;
	unsigned char *png = calloc(1, room);

	CHECK(png);
	memcpy(png, begin, sizeof begin);
	for (int i = 0; i < 4; i++)
		png[len++] = (unsigned char)(size >> (24 - 8 * i));
	memcpy(png + len, "eXIf", 4);
	if (size)
		memcpy(png + len + 4, data, size);
	twice(png, room);
	free(png);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	twice(data, size);
	if (size <= 1 << 20)
		as_exif(data, size);
	return 0;
}
