/**
 * The similarity sketch of a document: from its text as its reader gives it, whatever the format, so that a letter is found
 * again when it was saved anew, renamed and edited.
 */
#ifndef TALLY_FORMATS_SKETCH_TEXT_H
#define TALLY_FORMATS_SKETCH_TEXT_H

#include "core/limits.h"
#include "core/sketch.h"
#include "core/source.h"

/**
 * Pictures, attachments and embedded files count by their digests, each about as much as a line of text.
 * @text   its text, made by a program of its own (PDF), borrowed; NULL: there is none
 * @plain  those whose bytes are text as well (TALLY_CAP_PLAIN): they will be compared with documents
 * @out    its pieces are yours: tally_sketch_release
 * @return TALLY_OK; TALLY_END: no such document, or one without a word or not readable: its bytes have to do; TALLY_SKIP with the reason (a limit); TALLY_FATAL no memory
 */
enum tally_status tally_sketch_text(struct tally_sketch *out, struct tally_source *src,
                                    struct tally_source *text, bool plain,
                                    const struct tally_limits *limits, struct tally_err *err);

#endif
