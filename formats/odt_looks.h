/** How an OpenDocument text looks, as numbers: names of styles, which are made anew at each saving, stand for what the styles say. */
#ifndef TALLY_FORMATS_ODT_LOOKS_H
#define TALLY_FORMATS_ODT_LOOKS_H

#include "formats/looks.h"
#include "formats/odt_styles.h"

/** Is it about how lists are numbered? <text:list-style>, <text:list-level-style-bullet>, <text:outline-style> … */
bool tally_odt_is_list_style(const struct tally_xml_name *name);

/**
 * An element of the text.
 * @looks  of the place where it stands; for a paragraph its own
 * @run    of the letters in it; on entry, of those around it
 */
void tally_odt_look_at(const struct tally_odt_styles *styles, const struct tally_xml_start *e,
                       struct tally_looks *looks, uint64_t *run);

#endif
