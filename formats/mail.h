/**
 * One mail (RFC 5322, MIME): headers as facts, what is written in it as blocks, what is attached by name and content. How it
 * is packed (boundaries, transfer encodings, folding, charsets) makes no difference. Parsed by gmime.
 */
#ifndef TALLY_FORMATS_MAIL_H
#define TALLY_FORMATS_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/sink.h"

/** The place of a fact `part`: what a mail program noted about a message in its mailbox. */
#define TALLY_MAIL_MARKS "marks of mail programs (read, answered …)"

/** For a process that will be sandboxed: whatever gmime opens when it is first used. */
void tally_mail_prepare(void);

/**
 * Read a mail. Blocks are in the area "mail": 0 for the mail itself, 2 for the first one attached, and so on.
 * A fact mail_header is named by its header ("From"), that of an attached mail also by its number ("From (mail 2)").
 * @bytes   without a "From " line in front
 * @boxed   it is from a mailbox: a header in which mail programs note that it was read is a fact `part`, TALLY_MAIL_MARKS
 * @sink    block, fact, note
 * @return TALLY_OK; TALLY_PARTIAL: notes were pushed; TALLY_SKIP: limit, library_missing, damaged; what the sink returned
 */
enum tally_status tally_mail_read(const char *bytes, size_t len, const struct tally_limits *limits,
                                  bool boxed, const struct tally_sink *sink, struct tally_err *err);

/** Read a mail like a mailbox with nothing else in it: one block, a fact `message`. The rest as above. */
enum tally_status tally_mail_read_boxed(const char *bytes, size_t len,
                                        const struct tally_limits *limits,
                                        const struct tally_sink *sink, struct tally_err *err);

/** Do these bytes begin with headers that a mail has? @return how many were seen of those that no other file begins with; 0: no */
unsigned tally_mail_begins(const char *bytes, size_t len);

#endif
