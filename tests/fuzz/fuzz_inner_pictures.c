/*
 * Any bytes as a picture in a document, as the address of one, and as the document itself. What is found is decoded or says why
 * not; looked for again it is the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/data_url.h"
#include "formats/digest_words.h"
#include "formats/inner_pictures.h"
#include "support/check.h"
#include "support/zip_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WANTED = 4 };

/* @return a sum of what came out */
static uint64_t look(struct tally_inner_picture *list, size_t count, const char *format,
                     const void *bytes, size_t len)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_source *src;
	uint64_t sum = 0;

	limits.picture_pixels = 100000;
	limits.archive_bytes = 1 << 24;
	options.limits = &limits;
	CHECK(tally_source_memory(&src, bytes, len, NULL) >= 0);
	CHECK(tally_inner_pictures_look(list, count, src, tally_format_by_name(format), &options,
	                                NULL) == TALLY_OK);
	tally_source_free(src);
	for (size_t i = 0; i < count; i++) {
		const struct tally_inner_picture *p = &list[i];

		CHECK(p->picture || p->why.reason);
		CHECK(tally_inner_picture_find(list, count, p->value) == p);
		sum = sum * 31 + p->facts.count + (p->picture ? p->picture->pixels.bytes[0] : 7u) +
		      (unsigned)p->why.reason;
	}
	tally_inner_pictures_release(list, count);
	return sum;
}

static void twice(const char *const values[], size_t count, const char *format, const void *bytes,
                  size_t len)
{
	struct tally_inner_picture a[WANTED] = { 0 }, b[WANTED] = { 0 };

	for (size_t i = 0; i < count; i++)
		a[i].value = b[i].value = values[i];
	CHECK(look(a, count, format, bytes, len) == look(b, count, format, bytes, len));
}

static void in_zip(const char *data, size_t size)
{
	struct zip_maker zip = { 0 };
	struct tally_buf value;

	tally_buf_init(&value, 1000);
	CHECK(tally_buf_text(&value, "png") && tally_digest_words(&value, data, size));
	zip_add(&zip, &(struct zip_part){ .name = "Pictures/1.png", .content = data, .len = size });
	zip_finish(&zip, &(struct zip_end){ 0 });
	twice((const char *const[]){ value.bytes }, 1, "odt", zip.bytes.bytes, zip.bytes.len);
	zip_release(&zip);
	tally_buf_release(&value);
}

/* Names of what may stand in it: nothing has such a digest. */
static void as_zip(const void *data, size_t size)
{
	static const char *const values[WANTED] = { "png, 0 bytes, sha256:e3b0c44298fc1c14",
		                                    "png, 1 byte, sha256:0000000000000000",
		                                    "png, 8 bytes, sha256:0000000000000000",
		                                    "png, 9 bytes" };

	twice(values, WANTED, "odt", data, size);
}

static void as_address(const char *data, size_t size)
{
	struct tally_buf bytes;
	enum tally_status st;

	tally_buf_init(&bytes, size + 1);
	st = tally_data_url(&bytes, data);
	CHECK(st == TALLY_OK || st == TALLY_END);
	CHECK(st != TALLY_OK || (bytes.len && bytes.len < size));
	tally_buf_release(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1);

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	as_address(text, size);
	if (size && size <= 1 << 20)
		in_zip(text, size);
	as_zip(data, size);
	free(text);
	return 0;
}
