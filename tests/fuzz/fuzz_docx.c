/*
 * Any bytes as each part of a WordprocessingML document, and as the package itself. Whatever comes out can be walked through; read
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
	{ "[Content_Types].xml", DOCX_TYPES },
	{ "_rels/.rels", RELS(REL("a", "officeDocument", "word/document.xml")
	                              REL("b", "core-properties", "word/core.xml")) },
	{ "word/_rels/document.xml.rels",
	  RELS(REL("a", "styles", "styles.xml") REL("b", "comments", "comments.xml") REL(
		  "c", "settings", "settings.xml") REL("h", "header", "header.xml")
	               REL("f", "footer", "header.xml") REL("n", "footnotes", "notes.xml") REL(
			       "e", "endnotes", "notes.xml") REL("g", "chart", "chart.xml")
	                       REL("d", "diagramData", "chart.xml") REL("i", "image", "i.png")) },
	{ "word/i.png", "a picture" },
	{ NULL, NULL },
};

static const char *const parts[] = { "word/document.xml", "word/styles.xml", "word/comments.xml",
	                             "word/settings.xml", "word/header.xml", "word/notes.xml",
	                             "word/chart.xml",    "word/core.xml" };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zip_maker zip = { 0 };
	char *text = calloc(1, size + 1);

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	add_parts(&zip, frame);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		add_part(&zip, parts[i], text);
	document_twice_packed("docx", &zip);
	free(text);
	document_twice("docx", data, size);
	return 0;
}
