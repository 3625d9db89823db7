/**
 * One slide of a PresentationML document, or the notes below it (ECMA-376 part 1, 19.3): paragraphs of its shapes and cells of
 * its tables as blocks, in the order of the file, which is that of reading. Private to the reader of PPTX.
 */
#ifndef TALLY_FORMATS_PPTX_SLIDE_H
#define TALLY_FORMATS_PPTX_SLIDE_H

#include "core/text.h"
#include "formats/office_shown.h"

struct tally_pptx {
	struct tally_office_facts *facts;
	struct tally_office_pointers pointers; /**< of the slide read last */
	uint32_t tables;                       /**< so far */
	uint64_t layout; /**< of the slide read last: sum of what stands beside its paragraphs */
	bool hidden;     /**< the slide read last is not shown */
};

/**
 * Read one part. What stands in a shape that is not shown is a fact, no block.
 * @area  TALLY_AREA_SLIDE or TALLY_AREA_NOTES; @n  number of the slide
 * @return TALLY_OK; TALLY_SKIP: unreadable; TALLY_FATAL; what the sink returned
 */
enum tally_status tally_pptx_slide(struct tally_pptx *doc, const char *part, enum tally_area area,
                                   uint32_t n, struct tally_err *err);

#endif
