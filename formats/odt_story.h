/**
 * The text of an OpenDocument text, presentation or drawing (OpenDocument 1.3, part 3): blocks as a reader sees them, and facts for
 * what stands between the lines. Private to their readers.
 *
 * Insertions that are tracked belong to the text, deletions do not; both are facts. Hidden text is a fact and no text.
 */
#ifndef TALLY_FORMATS_ODT_STORY_H
#define TALLY_FORMATS_ODT_STORY_H

#include "formats/odt_styles.h"
#include "formats/office_shown.h"
#include "formats/story.h"

/** Where what neither is text nor a fact is summed up. */
enum tally_odt_rest {
	TALLY_ODT_REST_LOOKS, /**< with what stands around it */
	TALLY_ODT_REST_DATES, /**< of comments and tracked changes */
	TALLY_ODT_REST_NUMBERS,
	TALLY_ODT_REST_FORMS,
	TALLY_ODT_REST_REMARKS, /**< comments and tracked changes */
	TALLY_ODT_REST_ANIMATIONS,
	TALLY_ODT_REST_SCRIPTS,
	TALLY_ODT_REST_PICTURES,
	TALLY_ODT_REST_MASTERS, /**< pages behind pages */
	TALLY_ODT_RESTS
};

struct tally_odt {
	struct tally_office_facts *facts; /**< strings of pointers are kept there */
	struct tally_story_doc text;
	struct tally_odt_styles styles;
	struct tally_office_pointers pointers; /**< images and objects, by where they lie */
	uint32_t footnotes, endnotes, pages;   /**< so far */
	uint32_t headers, footers;
	enum tally_area page; /**< what a page of a drawing is: TALLY_AREA_SLIDE, TALLY_AREA_PAGE */
	bool seen;            /**< there was a body */
	bool recording; /**< blocks that are pushed are kept in `repeated` too: their cell stands there several times */
	struct tally_text repeated;
	uint64_t repeated_bytes; /**< pushed so far */
	uint64_t rest;           /**< how what stands behind the last text of a part looks */
	uint64_t rests[TALLY_ODT_RESTS]; /**< as sums, 0: nothing */
};

enum tally_odt_part {
	TALLY_ODT_STYLES,  /**< styles.xml, for its styles */
	TALLY_ODT_CONTENT, /**< content.xml */
	TALLY_ODT_MARGINS, /**< styles.xml, for its headers and footers */
};

/** @return TALLY_OK; TALLY_SKIP: the part could not be read; TALLY_FATAL; what the sink returned */
enum tally_status tally_odt_story(struct tally_odt *doc, const char *part, enum tally_odt_part what,
                                  struct tally_err *err);

/** Push what neither became text nor a fact, as sums. After all stories. */
enum tally_status tally_odt_rests(struct tally_odt *doc, struct tally_err *err);

#endif
