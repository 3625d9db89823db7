/* See document_twice.h. */
#include "support/document_twice.h"

#include <string.h>

#include "formats/format.h"
#include "support/check.h"
#include "support/zip_maker.h"

struct seen {
	uint64_t blocks, facts, bytes;
};

static enum tally_status on_block(void *payload, const struct tally_block *b, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(b->len && b->text && b->area < TALLY_AREA_COUNT);
	s->blocks++;
	s->bytes += b->len + b->kind + b->level + b->row + b->cell;
	return TALLY_OK;
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(fact->name && fact->value);
	s->facts += strlen(fact->value) + (fact->where ? strlen(fact->where) : 0);
	return TALLY_OK;
}

struct input {
	const void *bytes, *text; /* text: NULL: there is none */
	size_t len, text_len;
};

static struct seen read_bytes(const char *format, const struct input *in, bool facts)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct seen seen = { 0 };
	struct tally_sink sink = { .payload = &seen,
		                   .block = on_block,
		                   .fact = facts ? on_fact : NULL };
	struct tally_source *src;

	limits.facts_bytes = 1 << 20;
	options.limits = &limits;
	CHECK(tally_source_memory(&src, in->bytes, in->len, NULL) >= 0);
	if (in->text)
		CHECK(tally_source_memory(&options.text, in->text, in->text_len, NULL) >= 0);
	(void)tally_format_by_name(format)->read(src, &options, &sink, NULL);
	tally_source_free(options.text);
	tally_source_free(src);
	return seen;
}

void document_twice_text(const char *format, const void *bytes, size_t len, const void *text,
                         size_t text_len)
{
	const struct input in = { bytes, text, len, text_len };
	struct seen a = read_bytes(format, &in, true), b = read_bytes(format, &in, true),
		    c = read_bytes(format, &in, false);

	CHECK(a.blocks == b.blocks && a.bytes == b.bytes && a.facts == b.facts);
	CHECK(c.facts == 0);
}

void document_twice(const char *format, const void *bytes, size_t len)
{
	document_twice_text(format, bytes, len, NULL, 0);
}

void document_twice_packed(const char *format, struct zip_maker *zip)
{
	zip_finish(zip, &(struct zip_end){ 0 });
	document_twice(format, zip->bytes.bytes, zip->bytes.len);
	zip_release(zip);
}
