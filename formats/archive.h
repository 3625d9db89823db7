/**
 * Archives: zip, tar, 7z, cpio, ar, ISO images and single compressed files, read as members with their digests, nested ones
 * included.
 *
 * Everything comes out of a byte source, nothing is written, no file is opened and no program is started. libarchive unpacks;
 * its formats and filters are chosen one by one, by what the bytes are and never by a name. Members that lie in an archive in
 * the archive come right behind it, with their path ("outer.zip/inner.txt") and depth; documents in the shape of a zip (docx,
 * odt …) are archives like others. An archive behind a program that unpacks it is found as well.
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
	TALLY_ARCHIVE_ISO,   /**< an image of a CD or DVD */
	TALLY_ARCHIVE_OTHER, /**< a container that is known and not read: see tally_archive_other */
	TALLY_ARCHIVE_TAR,
	TALLY_ARCHIVE_CPIO,
	TALLY_ARCHIVE_AR, /**< also a Debian package, whose members are compressed tars */
	TALLY_ARCHIVE_GZIP, /**< this and the next: one compressed stream, of an archive or of a single file */
	TALLY_ARCHIVE_BZIP2,
	TALLY_ARCHIVE_XZ,
	TALLY_ARCHIVE_ZSTD,
	TALLY_ARCHIVE_LZMA,
	TALLY_ARCHIVE_LZIP,
	TALLY_ARCHIVE_LZ4,
	TALLY_ARCHIVE_COMPRESS, /**< .Z */
};

/**
 * What kind of archive begins with these bytes?
 * @bits  how many bits of evidence there are; may be NULL
 */
enum tally_archive_kind tally_archive_probe(const unsigned char *bytes, size_t len, int *bits);

/**
 * The container that begins with these bytes and that nobody here reads (RAR, CAB …, what is encrypted as a whole). What is
 * missing may be in it.
 * @bits    how many bits of evidence there are
 * @reason  why it is not read: format_unknown or encrypted
 * @return  words for people ("a RAR archive"), or NULL
 */
const char *tally_archive_other(const unsigned char *bytes, size_t len, int *bits,
                                enum tally_reason *reason);

/**
 * Is the compressed stream that begins with these bytes one of a tar?
 * @return 1 yes, 0 no, -1 the bytes at hand are too few to say
 */
int tally_archive_holds_tar(enum tally_archive_kind kind, const unsigned char *bytes, size_t len);

enum {
	TALLY_ARCHIVE_HEAD = 512,
	TALLY_ARCHIVE_TAIL = 1024,
};

/**
 * Is it worth asking whether a file is an archive, by its first and last bytes (TALLY_ARCHIVE_HEAD and _TAIL of them)? Compares
 * bytes and takes nothing apart, so that it may be asked outside of the sandbox. True for programs, behind which there may be one.
 */
bool tally_archive_likely(const unsigned char *head, size_t head_len, const unsigned char *tail,
                          size_t tail_len);

/**
 * The name of the format (struct tally_format) that reads the archive in this source, which need not begin at its first byte:
 * programs that unpack themselves, and zips behind anything.
 * @name  NULL where there is none
 */
enum tally_status tally_archive_format(const char **name, struct tally_source *src,
                                       struct tally_err *err);

/** Does the name end in one of these (lower case, NULL at the end)? */
bool tally_archive_named(const char *name, const char *const *suffixes);

/**
 * Is this by its name a part of an archive in parts, and not the first one: "a.z02", "a.zip.002"?
 * @first  the name of the part that tells what it is: "a.zip", "a.zip.001"
 * @return how long the name is without its number; 0: it is none, or @first is too small
 */
size_t tally_archive_part(const char *name, size_t len, char *first, size_t size);

/** A document in the shape of a zip (docx, xlsx, odt …). */
bool tally_archive_named_document(const char *name);

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
