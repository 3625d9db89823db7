/*
 * Any bytes as each part of a PresentationML document, and as the package itself. Whatever comes out can be walked through; read
 * again it is the same, with facts wanted or not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/document_twice.h"
#include "support/office_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct part frame[] = {
	{ "[Content_Types].xml", PPTX_TYPES },
	{ "_rels/.rels", RELS(REL("a", "officeDocument", "ppt/p.xml")) },
	{ "ppt/_rels/p.xml.rels",
	  RELS(REL("a", "slide", "s.xml") REL("b", "commentAuthors", "who.xml")) },
	{ "ppt/_rels/s.xml.rels",
	  RELS(REL("a", "notesSlide", "notes.xml") REL("b", "comments", "comments.xml")
	               REL("c", "chart", "notes.xml") REL("d", "diagramData", "notes.xml")
	                       REL("i", "image", "i.png") REL("l", "hyperlink", "s.xml")) },
	{ "ppt/i.png", "a picture" },
	{ NULL, NULL },
};

static const char *const parts[] = { "ppt/s.xml", "ppt/who.xml", "ppt/notes.xml", "ppt/comments.xml" };

static const char listed[] =
	"<p:presentation xmlns:p='http://schemas.openxmlformats.org/presentationml/"
	"2006/main' xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/"
	"relationships'><p:sldIdLst><p:sldId r:id='a'/></p:sldIdLst></p:presentation>";

/* @main  of the presentation */
static void read_parts(const char *main, const char *text)
{
	struct zip_maker zip = { 0 };

	add_parts(&zip, frame);
	add_part(&zip, "ppt/p.xml", main);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		add_part(&zip, parts[i], text);
	document_twice_packed("pptx", &zip);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = calloc(1, size + 1);

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	read_parts(listed, text);
	read_parts(text, listed);
	free(text);
	document_twice("pptx", data, size);
	return 0;
}
