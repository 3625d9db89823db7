/**
 * An image file while it is read: what kind it is, how large, and what it says besides its pixels. Private to the readers of images.
 */
#ifndef TALLY_FORMATS_IMAGE_H
#define TALLY_FORMATS_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/hash.h"
#include "core/limits.h"
#include "core/sink.h"

enum { TALLY_IMAGE_PIECES = 1000 /* blocks of metadata of one file that are told one by one */ };

struct tally_image {
	const struct tally_sink *sink;
	const struct tally_limits *limits;
	const unsigned char *bytes;
	size_t len;
	uint32_t width, height;   /**< as stored; 0: not known */
	uint8_t turn;             /**< EXIF orientation, 1: none */
	unsigned pieces;          /**< told so far */
	enum tally_status status; /**< negative: the sink ended the reading, or there is no memory */
	bool partial;             /**< there was a note */
	struct tally_err *err;
};

/* ---- pushing; errors stick in image->status ---- */

/** @value  UTF-8, or else bytes of Latin-1, without what only fills at their ends; nothing where that is empty. @where  may be NULL */
void tally_image_fact(struct tally_image *m, const char *name, const void *value, size_t len,
                      const char *where);

/** The same, of a C string. */
void tally_image_text(struct tally_image *m, const char *name, const char *value, const char *where);

/** A property told by the number of its bytes and their digest. */
void tally_image_bytes(struct tally_image *m, const char *where, const void *bytes, size_t len);

/** The same, of a digest that is known. */
void tally_image_digest(struct tally_image *m, const char *where, size_t bytes,
                        const struct tally_sha256 *sha);

void tally_image_note(struct tally_image *m, enum tally_reason reason, const char *detail);

/** One more block of metadata: may it be told? There is a note when it is the first one that may not. */
bool tally_image_piece(struct tally_image *m);

/* ---- kinds: facts pushed, width and height set where they are known ---- */

void tally_image_png(struct tally_image *m);
void tally_image_jpeg(struct tally_image *m);
void tally_image_gif(struct tally_image *m);
void tally_image_webp(struct tally_image *m);
void tally_image_bmp(struct tally_image *m);
void tally_image_tiff(struct tally_image *m);
/** HEIC and AVIF: only that it is one. */
void tally_image_heif(struct tally_image *m);

/**
 * EXIF data, or a TIFF file, which has the same form (TIFF 6.0, CIPA DC-008).
 * @tiff  it is the file: width, height and pages are in it, and the pixels
 */
void tally_image_exif(struct tally_image *m, const unsigned char *bytes, size_t len, bool tiff);

#endif
