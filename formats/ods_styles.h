/**
 * Styles of OpenDocument spreadsheets, as far as they say what a number is shown as: number styles become codes as Excel
 * writes them ("0.00", "yyyy-mm-dd"), so that formats compare across programs. Private to formats/ods_*.c.
 */
#ifndef TALLY_FORMATS_ODS_STYLES_H
#define TALLY_FORMATS_ODS_STYLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/number_format.h"
#include "formats/xml.h"

/** How a cell shows its number. */
struct tally_ods_format {
	const char *code; /**< NULL: general */
	size_t len;
	enum tally_number_class shown;
	bool white;    /**< white letters on white */
	uint64_t look; /**< sum over what its style says besides, 0: nothing */
};

struct tally_ods_styles;

/** @return NULL: no memory */
struct tally_ods_styles *tally_ods_styles_new(void);
void tally_ods_styles_free(struct tally_ods_styles *s);

/** Events of a style's own elements, between office:styles or office:automatic-styles and its end; others are passed over. */
enum tally_status tally_ods_styles_start(struct tally_ods_styles *s,
                                         const struct tally_xml_start *e, struct tally_err *err);
enum tally_status tally_ods_styles_text(struct tally_ods_styles *s, const char *text, size_t len,
                                        struct tally_err *err);
enum tally_status tally_ods_styles_end(struct tally_ods_styles *s,
                                       const struct tally_xml_name *name, struct tally_err *err);

/** What a cell style shows numbers as, its parents asked; never NULL. To be copied: only its code
 *  stays where it is as long as the styles. */
const struct tally_ods_format *tally_ods_styles_cell(struct tally_ods_styles *s, const char *name,
                                                     size_t len);

/** Is the style of a cell open? */
bool tally_ods_styles_in_cell(const struct tally_ods_styles *s);

/** Does this style hide a sheet? */
bool tally_ods_styles_hides(const struct tally_ods_styles *s, const char *name, size_t len);

#endif
