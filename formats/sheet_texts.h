/**
 * Long texts of a workbook, each kept once and known by its SHA-256: private to sheet_rows.c.
 */
#ifndef TALLY_FORMATS_SHEET_TEXTS_H
#define TALLY_FORMATS_SHEET_TEXTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/hash.h"

struct tally_sheet_texts;

/** @return with one holder; NULL: no memory */
struct tally_sheet_texts *tally_sheet_texts_new(void);

/** One more holder. */
struct tally_sheet_texts *tally_sheet_texts_hold(struct tally_sheet_texts *t);

/** One holder less; the last one frees it. Not from two threads at a time. NULL is fine. */
void tally_sheet_texts_drop(struct tally_sheet_texts *t);

/**
 * @known  it was there before
 * @return its SHA-256, as long as the texts; NULL: no memory
 */
const unsigned char *tally_sheet_texts_add(struct tally_sheet_texts *t, const char *text,
                                           size_t len, bool *known);

/** The text that was added with this digest and length, or NULL. */
const char *tally_sheet_texts_find(const struct tally_sheet_texts *t, const unsigned char *sha256,
                                   size_t len);

#endif
