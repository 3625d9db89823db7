/**
 * Unpacking single members of a zip, in any order, as the directory describes them.
 *
 * Stored and deflated members, which nearly all are, need no more than formats/inflate.h. For all other methods libarchive gets to see a stream of our making: for each member a plain local header (a name of ours, the directory's
 * method, sizes and checksum) with the packed bytes behind it. So it believes the directory we have checked, meets no name
 * that it could convert, and what is broken in one member stays there.
 */
#ifndef TALLY_FORMATS_UNZIP_H
#define TALLY_FORMATS_UNZIP_H

#include "core/err.h"
#include "core/source.h"
#include "formats/zip_directory.h"

struct tally_unzip;

/** Gets the unpacked bytes in portions. @return negative to stop */
typedef enum tally_status tally_unzip_fn(void *payload, const void *bytes, size_t len,
                                         struct tally_err *err);

/** @src  borrowed until tally_unzip_free */
enum tally_status tally_unzip_new(struct tally_unzip **out, struct tally_source *src,
                                  struct tally_err *err);
void tally_unzip_free(struct tally_unzip *u);

/**
 * Unpack one member.
 * @wrong  TALLY_REASON_NONE when it came out whole and its checksum is right; encrypted, damaged, format_unknown (a method
 *         of packing without a reader): the bytes that came, if any, are not its content
 * @return TALLY_OK, also where @wrong is set; TALLY_SKIP: the source could not be read; what the callback returned
 */
enum tally_status tally_unzip_member(struct tally_unzip *u, const struct tally_zip_member *member,
                                     tally_unzip_fn *fn, void *payload, enum tally_reason *wrong,
                                     struct tally_err *err);

/**
 * The same portion by portion. A member may be left in the middle: the next begin forgets it.
 * @member  borrowed until its end
 * @return  TALLY_OK, also for what cannot be unpacked, which the first tally_unzip_next says; negative like tally_unzip_member
 */
enum tally_status tally_unzip_begin(struct tally_unzip *u, const struct tally_zip_member *member,
                                    struct tally_err *err);

/**
 * @bytes  filled on TALLY_OK; borrowed until the next call
 * @wrong  like tally_unzip_member; counts on TALLY_END
 * @return TALLY_OK with a portion, TALLY_END, or negative
 */
enum tally_status tally_unzip_next(struct tally_unzip *u, const void **bytes, size_t *len,
                                   enum tally_reason *wrong, struct tally_err *err);

/**
 * The limit that so many bytes unpacked from so many packed ones exceed: "archive_bytes", "archive_ratio", or NULL. All readers
 * of packed bytes ask here. What unpacks to 64 MiB or less is no bomb, whatever its ratio.
 */
const char *tally_unpack_limit(const struct tally_limits *limits, uint64_t unpacked, uint64_t packed);

#endif
