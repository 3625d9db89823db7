/**
 * How letters and paragraphs look, as numbers: nobody reads fonts and spaces on a receipt, so these are compared only to say that
 * they differ. Runs that were cut in two look as before, and so do texts with other numbers of revisions. Private to readers of
 * documents.
 */
#ifndef TALLY_FORMATS_LOOKS_H
#define TALLY_FORMATS_LOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"
#include "formats/xml.h"

/** What was gathered for a block. Starts as all zeros. */
struct tally_looks {
	uint64_t exact, rough; /**< with the numbers of letters, and without */
	uint64_t run;          /**< of the letters that come */
	uint64_t last;         /**< of those that came last, */
	uint64_t letters;      /**< and how many bytes they have */
	bool some;             /**< letters came */
};

/** The sum with this element in it; numbers and names that programs give anew at each saving are left out. */
uint64_t tally_looks_sum(uint64_t sum, const struct tally_xml_start *e);

/** An element that stands at this place and is no text: properties of a paragraph, a cell, a picture. */
void tally_looks_add(struct tally_looks *l, const struct tally_xml_start *e);
/** Another number that stands for something at this place; nothing where it is 0. */
void tally_looks_mark(struct tally_looks *l, uint64_t mark);

/** A run of letters begins; then its properties. */
void tally_looks_run(struct tally_looks *l);
void tally_looks_run_add(struct tally_looks *l, const struct tally_xml_start *e);
/** @len  bytes of letters that the block gets */
void tally_looks_letters(struct tally_looks *l, size_t len);

/** All of it to the block; it starts anew. */
void tally_looks_give(struct tally_looks *l, struct tally_block *b);

/** All of it, as one number, to what comes: of a paragraph without text, which is no block. @l and @next differ */
void tally_looks_pass(struct tally_looks *l, struct tally_looks *next);

#endif
