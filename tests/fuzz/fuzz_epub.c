/*
 * Any bytes as a chapter of an EPUB, as its package file, and as the book itself. Whatever comes out can be walked through; read
 * again it is the same, with facts wanted or not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/document_twice.h"
#include "support/zip_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
	document_twice_packed("epub", &zip);
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
	document_twice("epub", data, size);
	return 0;
}
