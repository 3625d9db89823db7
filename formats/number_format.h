/**
 * Number formats of spreadsheets: is a number shown as a date, and which day is it.
 *
 * Codes as in ECMA-376 part 1, 18.8.30 and 18.8.31; the built-in ones by number. OpenDocument styles are mapped to the same
 * classes by their reader.
 */
#ifndef TALLY_FORMATS_NUMBER_FORMAT_H
#define TALLY_FORMATS_NUMBER_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

enum tally_number_class {
	TALLY_NUMBER_GENERAL,
	TALLY_NUMBER_PLAIN,    /**< decimals, currency, per cent, scientific, fractions */
	TALLY_NUMBER_DATE,     /**< a day */
	TALLY_NUMBER_TIME,     /**< a time of day */
	TALLY_NUMBER_DATETIME, /**< both */
	TALLY_NUMBER_DURATION, /**< [h]:mm:ss: hours beyond 24 */
	TALLY_NUMBER_TEXT,     /**< @ */
};

/** The code of a built-in format, or NULL where it has none (or one that depends on the language: 27-36, 50-58 are dates). */
const char *tally_number_format_builtin(unsigned id);

/** Is this built-in format a date whose code depends on the language of the program? */
bool tally_number_format_is_local_date(unsigned id);

/** What a code shows. Literals, colours, conditions and escapes are skipped; the first section decides. */
enum tally_number_class tally_number_format_class(const char *code, size_t len);

enum { TALLY_SERIAL_TEXT_MAX = 40 };

/**
 * The day and time that a serial number stands for, as ISO 8601: "2024-02-29", "2024-02-29T13:30:00", "13:30:00",
 * "PT30H15M0S". Rounded to milliseconds, which stand only where they are not zero. 1900-02-29, which spreadsheets believe in
 * (serial 60), is written as they show it.
 * @epoch1904  the workbook counts from 1904-01-01
 * @return false: out of range (negative, or beyond the year 9999): it is a number
 */
bool tally_serial_text(char out[TALLY_SERIAL_TEXT_MAX], double serial,
                       enum tally_number_class shown, bool epoch1904);

enum { TALLY_NUMBER_TEXT_MAX = 32 };

/**
 * The shortest decimal text with the same value as a double: "0.1" for 0.10000000000000001. Plain digits between 1e-7 and
 * 1e21, otherwise with an exponent.
 * @text  a number as it stands in a file, not NUL-terminated
 * @return its length; 0 when it is no number
 */
size_t tally_number_text(char out[TALLY_NUMBER_TEXT_MAX], const char *text, size_t len);

#endif
