/*
 * Any bytes as a chapter of an EPUB, as its package file, and as the book itself. Whatever comes out can be walked through; read
 * again it is the same, with facts wanted or not.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/check.h"
#include "support/zip_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

static struct seen read_bytes(const void *bytes, size_t len, bool facts)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct seen seen = { 0 };
	struct tally_sink sink = { .payload = &seen,
		                   .block = on_block,
		                   .fact = facts ? on_fact : NULL };
	struct tally_source *src;

	CHECK(tally_source_memory(&src, bytes, len, NULL) >= 0);
	(void)tally_format_by_name("epub")->read(src, &options, &sink, NULL);
	tally_source_free(src);
	return seen;
}

static void twice(const void *bytes, size_t len)
{
	struct seen a = read_bytes(bytes, len, true), b = read_bytes(bytes, len, true),
		    c = read_bytes(bytes, len, false);

	CHECK(a.blocks == b.blocks && a.bytes == b.bytes && a.facts == b.facts);
	CHECK(c.facts == 0 && c.blocks == a.blocks);
}

/* @opf  NULL: a plain one */
static void as_book(const char *opf, const char *chapter, size_t len)
{
	static const char plain[] = "<package><manifest><item id='a' href='a.xhtml' "
				    "media-type='application/xhtml+xml'/></manifest><spine><itemref "
				    "idref='a'/></spine></package>";
	struct zip_maker zip = { 0 };

	zip_add(&zip, &(struct zip_part){ .name = "mimetype", .content = "application/epub+zip" });
	zip_add(&zip, &(struct zip_part){
			      .name = "META-INF/container.xml",
			      .content = "<container><rootfile full-path='b.opf'/></container>" });
	zip_add(&zip, &(struct zip_part){ .name = "b.opf", .content = opf ? opf : plain });
	zip_add(&zip, &(struct zip_part){ .name = "a.xhtml", .content = chapter, .len = len });
	zip_finish(&zip, &(struct zip_end){ 0 });
	twice(zip.bytes.bytes, zip.bytes.len);
	zip_release(&zip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1);

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	as_book(NULL, text, size);
	as_book(text, "<html><body><p>x</p></body></html>", 0);
	free(text);
	twice(data, size);
	return 0;
}
