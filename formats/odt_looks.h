/** How an OpenDocument text looks, as numbers: names of styles, which are made anew at each saving, stand for what the styles say. */
#ifndef TALLY_FORMATS_ODT_LOOKS_H
#define TALLY_FORMATS_ODT_LOOKS_H

#include "formats/looks.h"
#include "formats/odt_styles.h"

/** Is it text, not how lists are numbered (<text:list-style>, <text:outline-style> …)? */
bool tally_odt_is_text(const struct tally_xml_name *name);

/**
 * An element of the text.
 * @told   a field: what it is made from is told
 * @looks  of the place where it stands; for a paragraph its own
 * @run    of the letters in it; on entry, of those around it
 */
void tally_odt_look_at(const struct tally_odt_styles *styles, const struct tally_xml_start *e,
                       bool told, struct tally_looks *looks, uint64_t *run);

/** What its attributes say, as a number; 0: nothing. @told  as above; also of a field of a form its name and value */
uint64_t tally_odt_look_of(const struct tally_odt_styles *styles, const struct tally_xml_start *e,
                           bool told);

#endif
