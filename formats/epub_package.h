/**
 * The package file of an EPUB: what is in the book, in which order it is read, and what it says of itself (EPUB 3.3, 5). Private to
 * the reader of EPUB.
 */
#ifndef TALLY_FORMATS_EPUB_PACKAGE_H
#define TALLY_FORMATS_EPUB_PACKAGE_H

#include "formats/office_facts.h"

struct tally_epub_item {
	const char *id, *part, *type;
	bool contents; /**< the table of contents */
};

struct tally_epub {
	struct tally_office_facts *facts;
	const char *main;              /**< the package file */
	struct tally_epub_item *items; /**< by id */
	size_t item_count, item_cap;
	const struct tally_epub_item **by_part; /**< the same, by part */
	const char **spine;                     /**< ids of items, in the order of reading */
	size_t spine_count, spine_cap;
};

/**
 * Find the package file, read it, push what it says of the book. Strings live in epub->facts->arena.
 * @return TALLY_OK; TALLY_SKIP: encrypted, damaged, malformed, limit
 */
enum tally_status tally_epub_open(struct tally_epub *epub, struct tally_err *err);
void tally_epub_release(struct tally_epub *epub);

/** The item with this id, or this part; NULL: there is none. After tally_epub_open. */
const struct tally_epub_item *tally_epub_by_id(const struct tally_epub *epub, const char *id);
const struct tally_epub_item *tally_epub_by_part(const struct tally_epub *epub, const char *part);

#endif
