/**
 * One story of a WordprocessingML document: the body, a header, the footnotes … (ECMA-376 part 1, 17.2). Pushes blocks as a
 * reader sees them, and facts for what stands between the lines. Private to the reader of DOCX.
 *
 * Insertions that are tracked belong to the text, deletions do not; both are facts. Hidden text is a fact and no text.
 */
#ifndef TALLY_FORMATS_DOCX_STORY_H
#define TALLY_FORMATS_DOCX_STORY_H

#include "core/sink.h"
#include "formats/docx_styles.h"
#include "formats/office_shown.h"
#include "formats/story.h"

/** What stories of one document share. */
struct tally_docx {
	struct tally_package *package;
	struct tally_story_doc text;
	struct tally_office_facts *facts; /**< strings of pointers are kept there */
	struct tally_docx_styles styles;
	struct tally_office_pointers pointers; /**< of the story read last */
	struct tally_office_pointers comments; /**< of all stories */
	uint64_t pages;                        /**< sum of the set-up of pages */
	uint64_t rest;    /**< sum of what stands behind the last text of a story */
	uint64_t remarks; /**< sum of what comments say besides their text */
	struct tally_office_pointers margins; /**< headers and footers of the body, in the order of its sections */
};

/**
 * Read one part.
 * @area  of its blocks; footnotes, endnotes and comments are numbered in their order
 * @n     number of a header or footer
 * @return TALLY_OK; TALLY_SKIP: the part could not be read; TALLY_FATAL; what the sink returned
 */
enum tally_status tally_docx_story(struct tally_docx *doc, const char *part, enum tally_area area,
                                   uint32_t n, struct tally_err *err);

#endif
