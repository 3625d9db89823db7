/**
 * Which row of a table holds the names of its columns: the first one that is filled from side to side and whose cells look
 * like names of what stands below them. Title lines above it are passed over.
 */
#ifndef TALLY_FORMATS_HEADER_H
#define TALLY_FORMATS_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/table.h"

/**
 * @columns  cells that most rows have
 * @out      number of the row, from 0, or TALLY_NO_HEADER
 * @guessed  a header was found, and no column speaks for it by more than looking like a name
 * @return   TALLY_OK or TALLY_FATAL (no memory)
 */
enum tally_status tally_find_header(const struct tally_part *part, size_t columns, size_t *out,
                                    bool *guessed, struct tally_err *err);

#endif
