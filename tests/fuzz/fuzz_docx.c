/*
 * Any bytes as each part of a WordprocessingML document, and as the package itself. Whatever comes out can be walked through; read
 * again it is the same, with facts wanted or not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/document_twice.h"
#include "support/zip_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
#define REL(id, type, target) \
	"<Relationship Id='" id "' Type='" OFFICE type "' Target='" target "'/>"
#define RELS(content)                                                                                  \
	"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>" content \
	"</Relationships>"

static const struct zip_part frame[] = {
	{ .name = "[Content_Types].xml",
	  .content = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
	             "<Default Extension='xml' ContentType='application/vnd.openxmlformats-officedocument"
	             ".wordprocessingml.document.main+xml'/></Types>" },
	{ .name = "_rels/.rels",
	  .content = RELS(REL("a", "officeDocument", "word/document.xml")
	                          REL("b", "core-properties", "word/core.xml")) },
	{ .name = "word/_rels/document.xml.rels",
	  .content = RELS(
		  REL("a", "styles", "styles.xml") REL("b", "comments", "comments.xml") REL(
			  "c", "settings", "settings.xml") REL("h", "header", "header.xml")
			  REL("f", "footer", "header.xml") REL("n", "footnotes", "notes.xml") REL(
				  "e", "endnotes", "notes.xml") REL("g", "chart", "chart.xml")
				  REL("d", "diagramData", "chart.xml") REL("i", "image", "i.png")) },
	{ .name = "word/i.png", .content = "a picture" },
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
	for (size_t i = 0; i < sizeof frame / sizeof *frame; i++)
		zip_add(&zip, &frame[i]);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		zip_add(&zip, &(struct zip_part){ .name = parts[i], .content = text });
	document_twice_packed("docx", &zip);
	free(text);
	document_twice("docx", data, size);
	return 0;
}
