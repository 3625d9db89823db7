/**
 * Text whose lines were filled by hand or by a program, so that a paragraph is several lines: another width is no change of it.
 */
#ifndef TALLY_FORMATS_FILLED_TEXT_H
#define TALLY_FORMATS_FILLED_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/** Do the lines end where the next word would not have fitted? What a mail quotes ("> ") is filled like any other text. */
bool tally_text_is_filled(const char *bytes, size_t len);

/** @line  where it begins, from 1 */
typedef enum tally_status (*tally_paragraph_fn)(void *payload, const char *text, size_t len,
                                                uint32_t line, struct tally_err *err);

/** The paragraphs of filled text; headings, items, tables and indented lines keep theirs. @return what @fn returned; TALLY_FATAL: no memory */
enum tally_status tally_filled_paragraphs(const char *bytes, size_t len, tally_paragraph_fn fn,
                                          void *payload, struct tally_err *err);

#endif
