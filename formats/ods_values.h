/** Dates, times and lengths as OpenDocument writes them. Private to formats/ods_*.c. */
#ifndef TALLY_FORMATS_ODS_VALUES_H
#define TALLY_FORMATS_ODS_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/number_format.h"

/**
 * A date as tally_serial_text writes it: "2024-02-29T00:00:00" is "2024-02-29", parts of a second are milliseconds.
 * @return its length; 0: it is not written like a date
 */
size_t tally_ods_date(char out[TALLY_SERIAL_TEXT_MAX], const char *text, size_t len);

/**
 * A time ("PT13H30M00S") as tally_serial_text writes it: of a day, or a duration.
 * @return its length; 0: it is not written like a time, or is negative, or too long
 */
size_t tally_ods_time(char out[TALLY_SERIAL_TEXT_MAX], const char *text, size_t len,
                      enum tally_number_class shown);

/** A number of repetitions or columns: @otherwise where it is none; at most 2^62. */
uint64_t tally_ods_count(const char *text, size_t len, uint64_t otherwise);

#endif
