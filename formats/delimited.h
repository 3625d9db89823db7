/**
 * Delimited text as a table of one part: what the formats csv and tsv have in common.
 *
 * The part says by its properties how the file is written: encoding ("utf-8", "utf-16le", "windows-1252 (guessed)" …), bom
 * (yes, no), delimiter ("," ";" "tab" "|" "none"), quoting (none, minimal, all), line_endings (LF, CRLF, CR, mixed, none),
 * final_newline (yes, no), header_row (number from 1, or none). Its problems are ragged_row, blank_line, stray_quote,
 * unclosed_quote, invalid_utf8, invalid_utf16, nul, duplicate_header.
 */
#ifndef TALLY_FORMATS_DELIMITED_H
#define TALLY_FORMATS_DELIMITED_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/sink.h"
#include "core/source.h"
#include "formats/format.h"

/** One of the formats made of it. */
struct tally_delimited_kind {
	const char *format;          /**< "csv" */
	const char *const *suffixes; /**< as in struct tally_format */
	unsigned char delimiter;     /**< the one that the format is named for */
};

/** As tally_format.probe. Binary files and prose give 0. */
int tally_delimited_probe(const struct tally_delimited_kind *kind, const unsigned char *bytes,
                          size_t len, uint64_t size, const char *name);

/** As tally_format.read. */
enum tally_status tally_delimited_read(const struct tally_delimited_kind *kind,
                                       struct tally_source *src,
                                       const struct tally_read_options *options,
                                       const struct tally_sink *sink, struct tally_err *err);

#endif
