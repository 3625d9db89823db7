/**
 * A text file as UTF-8, whatever its encoding, and what there is to say of the file besides its text. For readers of plain
 * text, Markdown and the like.
 */
#ifndef TALLY_FORMATS_TEXT_FILE_H
#define TALLY_FORMATS_TEXT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/sink.h"
#include "core/source.h"
#include "formats/encoding.h"
#include "formats/format.h"

struct tally_text_file {
	char *bytes; /**< UTF-8 without byte order mark, a NUL behind the end */
	size_t len;
	enum tally_encoding encoding;
	bool guessed; /**< the encoding: one byte a character, and nothing proves which */
	bool bom;
	uint64_t bad; /**< places that are no text in the encoding; they are passed on as they are */
};

/**
 * Read it whole: up to limits.text_bytes.
 * @out  its bytes are yours to tally_text_file_release
 * @return TALLY_OK; TALLY_SKIP: too large, not readable
 */
enum tally_status tally_text_file_load(struct tally_text_file *out, struct tally_source *src,
                                       const struct tally_read_options *options,
                                       struct tally_err *err);
void tally_text_file_release(struct tally_text_file *file);

/**
 * Encoding, byte order mark, line ends and last line end as facts; a note where bytes are no text.
 * @return TALLY_OK; TALLY_PARTIAL: there is such a note; what the sink returned
 */
enum tally_status tally_text_file_facts(const struct tally_text_file *file,
                                        const struct tally_sink *sink, struct tally_err *err);

/** Are these the first bytes of a text? No control characters but those of lines and tabs, in UTF-8, UTF-16 or one byte a character. */
bool tally_text_looks_plain(const unsigned char *bytes, size_t len, uint64_t size);

/** The next line: without its end (\n, \r\n, \r). @at  moved behind the line end. @return false at the end of the text */
bool tally_text_line(const char *bytes, size_t len, size_t *at, const char **line, size_t *line_len);

/** Does a name end in one of these (with dot, lower case, NULL at the end)? */
bool tally_text_suffix(const char *name, const char *const *suffixes);

#endif
