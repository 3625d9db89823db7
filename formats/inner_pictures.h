/**
 * Pictures inside a document, looked into after it was read: found again by the values of their facts ("png, 1049 bytes,
 * sha256:0123456789abcdef"), decoded, and read for what they say of themselves, as a picture that is a file of its own.
 *
 * Only pictures whose bytes differ between two documents are worth it: decoding one costs more than reading all the rest.
 */
#ifndef TALLY_FORMATS_INNER_PICTURES_H
#define TALLY_FORMATS_INNER_PICTURES_H

#include "core/picture.h"
#include "formats/format.h"

struct tally_inner_picture {
	const char *value;             /**< of its fact, borrowed; the rest zero at the start */
	struct tally_picture *picture; /**< NULL: it was not decoded */
	struct tally_facts facts;      /**< what it says of itself */
	struct tally_err why; /**< what of it was not looked into, and why; its reason is 0 where there is nothing */
};

/** Could a fact with this name and value be of a picture that can be found again? */
bool tally_inner_picture_is(const struct tally_fact *fact);

/**
 * Look into pictures of a document. All of them together have at most limits.picture_pixels.
 * @list    by value, each once
 * @src     the document, at its beginning
 * @format  that reads it
 * @return  TALLY_OK, also when none could be decoded; TALLY_FATAL no memory; TALLY_SKIP: a library is to be loaded first
 */
enum tally_status tally_inner_pictures_look(struct tally_inner_picture *list, size_t count,
                                            struct tally_source *src,
                                            const struct tally_format *format,
                                            const struct tally_read_options *options,
                                            struct tally_err *err);

/** The one with this value, or NULL. @list  by value */
const struct tally_inner_picture *tally_inner_picture_find(const struct tally_inner_picture *list,
                                                           size_t count, const char *value);

void tally_inner_pictures_release(struct tally_inner_picture *list, size_t count);

#endif
