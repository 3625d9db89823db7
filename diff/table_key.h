/**
 * How well some columns tell the rows of both sides apart. Private to the comparison of tables.
 */
#ifndef TALLY_DIFF_TABLE_KEY_H
#define TALLY_DIFF_TABLE_KEY_H

#include "diff/table_work.h"

enum { TALLY_KEY_OVERLAP = 500 /* thousandths; below this a unique column is no key */ };

struct tally_key_evidence {
	uint64_t distinct[2], shared;
	uint64_t duplicates[2]; /* rows in groups with one key */
	uint64_t repeated[2];   /* which keys those are: a sum of hashes */
	uint32_t second[2]; /* the first row whose key was there before, TALLY_NO_PAIR where there is none */
	enum tally_key_form form; /* how alike keys had to be to be counted as one */
};

/** @key  indices into the column pairs */
enum tally_status tally_key_measure(struct tally_comparison *c, const uint32_t *key, uint32_t count,
                                    struct tally_key_evidence *out, struct tally_err *err);

/** Keys of the smaller side that the other side has, in thousandths. */
unsigned tally_key_overlap(const struct tally_key_evidence *e);

/** Does no key come twice? */
bool tally_key_unique(const struct tally_key_evidence *e);

/*
 * What words of a column's name say, in the languages that tables are written in (table_key_names.c): that its values tell rows
 * apart; that they are measured, which no key is; that its numbers name something (zip, id, phone), are years, or are labels,
 * so that 1.10 is no amount.
 */
bool tally_names_a_key(const char *name);
bool tally_names_a_measure(const char *name);
bool tally_names_a_code(const char *name);
bool tally_names_a_year(const char *name);
bool tally_names_a_label(const char *name);

#endif
