/**
 * The bytes of a file as text in one piece: in memory, or in a spill where they are many. What was UTF-16 is UTF-8 then; other
 * encodings stay as they are, because nobody knows them before all was seen.
 */
#ifndef TALLY_FORMATS_CSV_TEXT_H
#define TALLY_FORMATS_CSV_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/source.h"
#include "core/spill.h"
#include "formats/encoding.h"
#include "formats/format.h"

/** Start zeroed. */
struct tally_csv_text {
	const char *bytes; /**< without the BOM; TALLY_SPILL_PAD bytes behind the end may be read */
	size_t len;
	enum tally_encoding encoding; /**< of the file: what its first bytes tell, or the options insist on */
	bool bom;                     /**< there was one */
	uint64_t bad; /**< UTF-16 only: halves of characters, and 1 for a byte left over */
	char *buffer; /**< owned */
	struct tally_spill *spill; /**< owned; NULL: the text is in memory. Readers of rows tell it by tally_spill_use */
	uint64_t from; /**< where the text begins in the spill */
};

/**
 * Read all of a source. One larger than limits->table_memory goes to the scratch file of the source, where there is one.
 */
enum tally_status tally_csv_text_read(struct tally_csv_text *out, struct tally_source *src,
                                      const struct tally_read_options *options,
                                      const struct tally_limits *limits, struct tally_err *err);

void tally_csv_text_release(struct tally_csv_text *text);

/** As tally_utf8_count. */
struct tally_utf8_found tally_csv_text_count(const struct tally_csv_text *text);

/** This stretch will hardly be looked at again: for tally_csv_split_options. @text  a struct tally_csv_text in a spill */
void tally_csv_text_passed(void *text, size_t at, size_t len);

#endif
