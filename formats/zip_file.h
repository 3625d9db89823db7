/**
 * A zip opened for its parts, as readers of documents (XLSX, ODS, DOCX …) want it.
 *
 *	st = tally_zip_open(&zip, src, limits, err);         // one way to read it, or no way
 *	st = tally_zip_part(&part, zip, "xl/workbook.xml", err);   // TALLY_END: there is none
 *	st = tally_zip_begin(zip, part, err);
 *	while ((st = tally_zip_next(zip, &bytes, &len, err)) == TALLY_OK)
 *		…                                            // TALLY_END: whole, and its checksum is right
 *
 * Works on any byte source, needs no file, and keeps to limits.archive_bytes and archive_ratio over all parts together. Bytes
 * come before their checksum is known: whoever keeps what was made of them waits for TALLY_END.
 */
#ifndef TALLY_FORMATS_ZIP_FILE_H
#define TALLY_FORMATS_ZIP_FILE_H

#include "core/err.h"
#include "core/limits.h"
#include "core/source.h"
#include "formats/zip_directory.h"

struct tally_zip;

/**
 * @src     borrowed until tally_zip_free
 * @limits  borrowed likewise
 * @return  TALLY_OK; TALLY_SKIP: no zip, or ambiguous_container, damaged, limit
 */
enum tally_status tally_zip_open(struct tally_zip **out, struct tally_source *src,
                                 const struct tally_limits *limits, struct tally_err *err);
void tally_zip_free(struct tally_zip *zip);

/** Its members, and the bytes that belong to none; borrowed. */
const struct tally_zip_directory *tally_zip_members(const struct tally_zip *zip);

/**
 * Find a part by name, letter case of ASCII aside, in time that grows with the logarithm of their number.
 * @out    borrowed
 * @return TALLY_OK; TALLY_END: there is none; TALLY_SKIP: there are several (ambiguous_container)
 */
enum tally_status tally_zip_part(const struct tally_zip_member **out, const struct tally_zip *zip,
                                 const char *name, struct tally_err *err);

/** Begin to unpack a part. One at a time; the one before may be left in the middle. */
enum tally_status tally_zip_begin(struct tally_zip *zip, const struct tally_zip_member *part,
                                  struct tally_err *err);

/**
 * The next portion of the part begun last.
 * @bytes  filled on TALLY_OK; borrowed until the next call
 * @return TALLY_OK; TALLY_END: it came out whole, with the right size and checksum; TALLY_SKIP: encrypted, damaged,
 *         format_unknown (a method of packing without a reader), limit
 */
enum tally_status tally_zip_next(struct tally_zip *zip, const void **bytes, size_t *len,
                                 struct tally_err *err);

/**
 * A whole part in memory, with @pad zero bytes behind it.
 * @max    more bytes than this are TALLY_SKIP, limit; a part that announces more is not even begun
 * @bytes  yours to tally_free
 */
enum tally_status tally_zip_load(struct tally_zip *zip, const struct tally_zip_member *part,
                                 uint64_t max, size_t pad, char **bytes, size_t *len,
                                 struct tally_err *err);

#endif
