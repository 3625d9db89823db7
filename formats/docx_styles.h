/** Styles of a WordprocessingML document: which are headings, which make list items. Private to the reader of DOCX. */
#ifndef TALLY_FORMATS_DOCX_STYLES_H
#define TALLY_FORMATS_DOCX_STYLES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "formats/package.h"

struct tally_docx_style {
	const char *id, *based_on;
	int8_t outline; /**< level from 0, -1: not said; 9: body text */
	int8_t list;    /**< level from 0, -1: not said */
	int8_t hidden;  /**< 1: letters of it are not shown, 0: they are, -1: not said */
};

struct tally_docx_styles {
	struct tally_docx_style *items; /**< sorted by id */
	size_t count, cap;
	struct tally_arena arena;
	uint64_t looks; /**< sum of all that they say of looks, in any order */
};

/** @part  styles.xml; NULL: there is none */
enum tally_status tally_docx_styles_read(struct tally_docx_styles *out, struct tally_package *p,
                                         const char *part, struct tally_err *err);
void tally_docx_styles_release(struct tally_docx_styles *styles);

/** What a style says, with what it is based on; all unsaid where there is no such style. @id  not NUL-terminated */
struct tally_docx_style tally_docx_style(const struct tally_docx_styles *styles, const char *id,
                                         size_t len);

#endif
