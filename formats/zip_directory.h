/**
 * The directory of a zip archive, read by ourselves: what its members are called, how large they are, where they stand,
 * and whether every program would read the archive in the same way.
 *
 *   [prefix] local header, packed bytes, [descriptor] … central directory, [zip64 end] end record, comment [suffix]
 *
 * A zip says everything twice, and programs differ in which of the two they believe. So the central directory is checked
 * against the local headers: names, methods, sizes and checksums agree, nothing is listed twice, nothing overlaps, nothing
 * that looks like a member stands in a gap, and there is one end record only. Format: PKWARE APPNOTE.TXT 6.3.
 */
#ifndef TALLY_FORMATS_ZIP_DIRECTORY_H
#define TALLY_FORMATS_ZIP_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/source.h"
#include "core/tree.h"

/** Methods of packing that have a name here. */
enum tally_zip_method {
	TALLY_ZIP_STORED = 0,
	TALLY_ZIP_DEFLATED = 8,
};

struct tally_zip_member {
	const char *name; /**< bytes as they stand, UTF-8 or not, not NUL-terminated */
	uint16_t name_len;
	uint16_t method; /**< enum tally_zip_method, or another number of APPNOTE 4.4.5 */
	uint8_t type; /**< enum tally_entry_type: file, folder or link (its content is the target) */
	bool utf8;    /**< the archive says that the name is UTF-8 */
	bool encrypted;
	bool cut;         /**< its packed bytes, or the word on how many they are, are not there */
	bool second_name; /**< an extra field gives it another one */
	bool begun;       /**< somebody asked for its bytes: tally_zip_begin */
	uint32_t crc32;   /**< of the unpacked content */
	uint32_t mode;    /**< permission bits, 0 where the archive has none */
	uint64_t size;    /**< unpacked, as the archive says */
	uint64_t packed;
	uint64_t header; /**< where its local header begins, counted from the first byte of the source */
	uint64_t data;    /**< where its packed bytes begin */
	int64_t mtime_ns; /**< a time without a zone is taken for UTC */
};

enum { TALLY_ZIP_DETAIL_MAX = 160 };

struct tally_zip_name;

struct tally_zip_directory {
	struct tally_zip_member *members; /**< in the order of their places */
	size_t count;
	size_t cap;
	/**
	 * ambiguous_container: programs could read it in two ways; damaged: the list comes from the local headers, up to the
	 * damage; limit: there are more members than limits.archive_members; none: whole and clear.
	 */
	enum tally_reason reason;
	char detail[TALLY_ZIP_DETAIL_MAX]; /**< half a sentence on the reason, "" where there is none */
	const struct tally_zip_member *where; /**< the member that it is about, or NULL */
	uint64_t prefix; /**< bytes in front of the first member (a program that unpacks itself) */
	uint64_t suffix; /**< bytes behind the end record and its comment */
	uint64_t gaps;   /**< bytes between members and directory that belong to nothing */
	char *bytes;     /**< the central directory, which the names point into */
	char *names;     /**< names that were found without one */
	struct tally_zip_name *index; /**< the members by name; private */
};

/**
 * @out  filled on TALLY_OK and TALLY_PARTIAL, then yours: tally_zip_directory_release
 * @return TALLY_OK; TALLY_PARTIAL: out->reason says what is wrong; TALLY_SKIP: no zip archive at all, or unreadable
 */
enum tally_status tally_zip_directory_read(struct tally_zip_directory *out, struct tally_source *src,
                                           const struct tally_limits *limits, struct tally_err *err);

void tally_zip_directory_release(struct tally_zip_directory *dir);

/** The member with this very name, or NULL; of several the first. Takes time that grows with the logarithm of their number. */
const struct tally_zip_member *tally_zip_directory_find(const struct tally_zip_directory *dir,
                                                        const char *name);

/**
 * The part of a document with this name, letter case of ASCII aside, as the office formats compare names ("xl/Workbook.xml" is
 * "xl/workbook.xml"), and whichever slash its writer took. As fast as tally_zip_directory_find.
 * @twice  set when there are several: programs may take different ones, so NULL is returned
 */
const struct tally_zip_member *tally_zip_directory_part(const struct tally_zip_directory *dir,
                                                        const char *name, bool *twice);

/** Is it a document in the shape of a zip (Office Open XML, OpenDocument, EPUB) rather than an archive of files? */
bool tally_zip_directory_is_document(const struct tally_zip_directory *dir);

#endif
