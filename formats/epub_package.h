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
	struct tally_fact_pairs says; /**< where, and the id of the item that is said there */
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

/** Is this one of the words of the attribute? No, where there is none. */
bool tally_epub_has_word(const struct tally_xml_attr *a, const char *word);

/** What an element of the package file says of parts and of how they are shown (epub_says.c). */
enum tally_status tally_epub_says_start(struct tally_epub *epub, const struct tally_xml_start *e,
                                        struct tally_err *err);
/** Push what names items by their ids, and media types that are not those of the names; all items are known. */
enum tally_status tally_epub_says_end(struct tally_epub *epub, struct tally_err *err);

#endif
