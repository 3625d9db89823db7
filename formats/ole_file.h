/**
 * Compound files (OLE2): their directory and the bytes of their streams. Workbooks, documents and presentations of Office 95 to
 * 2003 are such files, and mails of Outlook. Format: [MS-CFB].
 *
 * A file that could be read in two ways is not read: sectors that belong to two streams, chains that are rings, two entries of one
 * name. What nobody asks for is not looked at: an entry out of the tree, sectors behind the end of a stream.
 */
#ifndef TALLY_FORMATS_OLE_FILE_H
#define TALLY_FORMATS_OLE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/source.h"

struct tally_ole_file;

struct tally_ole_entry {
	const char *path; /**< "Workbook", "_VBA_PROJECT_CUR/VBA/dir"; UTF-8 */
	bool stream;      /**< or else a storage: a folder */
	uint64_t size;    /**< of a stream */
	uint32_t start;   /**< its first sector */
	bool was_read;    /**< private */
};

/**
 * Read the tables and the directory.
 * @src     borrowed until it is closed; read here and there
 * @limits  archive_members: entries of the directory
 * @return TALLY_OK; TALLY_SKIP: damaged, ambiguous_container, limit, or the source cannot be read
 */
enum tally_status tally_ole_open(struct tally_ole_file **out, struct tally_source *src,
                                 const struct tally_limits *limits, struct tally_err *err);

/** NULL is fine. */
void tally_ole_close(struct tally_ole_file *f);

/** Entries in the order of their paths, case left aside; NULL behind the last one. Borrowed. */
const struct tally_ole_entry *tally_ole_entry(const struct tally_ole_file *f, size_t n);

/** The entry with this path, case left aside, or NULL. */
const struct tally_ole_entry *tally_ole_find(const struct tally_ole_file *f, const char *path);

/**
 * All of a stream.
 * @max    more bytes than these are TALLY_SKIP, too_large
 * @bytes  yours to tally_free
 */
enum tally_status tally_ole_stream(struct tally_ole_file *f, const struct tally_ole_entry *entry,
                                   uint64_t max, char **bytes, size_t *len, struct tally_err *err);

#endif
