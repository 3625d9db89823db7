/**
 * Texts in any charset that mails are written in, as UTF-8. Those that formats/encoding.h does not know are read by iconv, from a
 * list: what somebody else may write there is not passed on to it.
 */
#ifndef TALLY_FORMATS_LETTERS_H
#define TALLY_FORMATS_LETTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"

/**
 * The C library keeps most charsets in files of their own, which a sandboxed process cannot open: have it do so now. For
 * processes that will read mails.
 */
void tally_letters_prepare(void);

/** Can texts in it be read? Case, and how the name is parted, do not matter. NULL: none is named, which is fine. */
bool tally_letters_known(const char *charset, size_t len);

/**
 * Append a text as UTF-8. Bytes that are no letters in the charset follow a byte 0xff, which UTF-8 never has, so that different
 * ones stay different.
 * @charset  a known one; NULL or "": UTF-8 where it is that, otherwise windows-1252
 * @bad      how many such bytes there were; those of a text that says it is UTF-8 are passed on as they are, and counted
 * @return TALLY_OK; TALLY_SKIP: format_unknown, the charset is not known, or not on this machine; TALLY_FATAL no memory
 */
enum tally_status tally_letters_add(struct tally_buf *out, const char *charset, const char *bytes,
                                    size_t len, uint64_t *bad, struct tally_err *err);

#endif
