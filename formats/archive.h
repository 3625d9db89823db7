/**
 * Archives: zip, tar, 7z, and single compressed files, read as members with their digests, nested ones included.
 *
 * Everything comes out of a byte source, nothing is written, no file is opened and no program is started. libarchive unpacks;
 * its formats and filters are chosen one by one, by what the bytes are and never by a name. Members that lie in an archive in
 * the archive come right behind it, with their path ("outer.zip/inner.txt") and depth; documents in the shape of a zip (docx,
 * odt …) are files there, not archives.
 *
 * What limits.archive_members, _bytes, _ratio, _depth and _memory leave out is noted with the limit's name.
 */
#ifndef TALLY_FORMATS_ARCHIVE_H
#define TALLY_FORMATS_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/sink.h"
#include "core/source.h"
#include "formats/format.h"

enum tally_archive_kind {
	TALLY_ARCHIVE_NONE,
	TALLY_ARCHIVE_ZIP,
	TALLY_ARCHIVE_7ZIP,
	TALLY_ARCHIVE_TAR,
	TALLY_ARCHIVE_GZIP, /**< this and the next: one compressed stream, of a tar or of a single file */
	TALLY_ARCHIVE_BZIP2,
	TALLY_ARCHIVE_XZ,
	TALLY_ARCHIVE_ZSTD,
};

/**
 * What kind of archive begins with these bytes?
 * @bits  how many bits of evidence there are; may be NULL
 */
enum tally_archive_kind tally_archive_probe(const unsigned char *bytes, size_t len, int *bits);

/**
 * Is the compressed stream that begins with these bytes one of a tar?
 * @return 1 yes, 0 no, -1 the bytes at hand are too few to say
 */
int tally_archive_holds_tar(enum tally_archive_kind kind, const unsigned char *bytes, size_t len);

/** Does the name end in one of these (lower case, NULL at the end)? */
bool tally_archive_named(const char *name, const char *const *suffixes);

/** ".tar", ".tgz", ".tar.zst" … */
extern const char *const tally_archive_tar_suffixes[];
bool tally_archive_named_tar(const char *name);

/**
 * Read an archive of whatever kind the bytes are; the read function of struct tally_format.
 *
 * TALLY_PARTIAL: notes say what is missing. A zip that can be read in two ways gives the note ambiguous_container for the
 * whole file and no members. TALLY_SKIP: no archive, or nothing of it could be read.
 */
enum tally_status tally_archive_read(struct tally_source *src,
                                     const struct tally_read_options *options,
                                     const struct tally_sink *sink, struct tally_err *err);

/**
 * Do what needs files (7z names are converted with the system's tables for UTF-8), so that reading needs none: to be called
 * before a process enters a sandbox. Otherwise names in a 7z that are not ASCII are not known there.
 */
void tally_archive_prepare(void);

#endif
