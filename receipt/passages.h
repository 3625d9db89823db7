/**
 * Passages: paragraphs that are gone from one document and stand in another one.
 *
 * A passage is a paragraph of TALLY_PASSAGE_WORDS words or more, so that a greeting is no find. It is found where all its words
 * stand in the same order, one behind the other; blanks, line ends, soft hyphens and the kind of quotes and dashes do not count, so
 * that it is found in other formats as well, and inside of longer paragraphs. Shorter paragraphs count where they stand right
 * before or behind it in both documents.
 *
 * A worker sends words as keyed digests (tally_passage_put); texts never leave it for this.
 *
 *	record:  u8 gone, u8 area, u32 block, n, row, cell, words, then u64 for each word; all little-endian
 */
#ifndef TALLY_RECEIPT_PASSAGES_H
#define TALLY_RECEIPT_PASSAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/text.h"

enum { TALLY_PASSAGE_WORDS = 8 };

/**
 * A document of the caller. A passage is first looked for in its own document, then the one with the smallest number is named;
 * paragraphs of the same words share their place.
 */
typedef uint32_t tally_passage_source;

/** Where a paragraph stands. */
struct tally_passage_place {
	tally_passage_source source;
	uint32_t block;                   /**< its number in the document, from 1 */
	uint8_t area;                     /**< enum tally_area */
	uint32_t n, row, cell, paragraph; /**< as in struct tally_block */
};

/** A paragraph that is gone. */
struct tally_passage {
	struct tally_passage_place from;
	struct tally_passage_place to; /**< where it stands now, if found */
	bool found;
	bool whole; /**< that is a paragraph with no other words */
	bool alone; /**< long enough to be looked for by itself */
	bool near; /**< not found, but its first or last TALLY_PASSAGE_WORDS words stand in another document: it may be edited there */
	struct tally_passage_place at; /**< near: there */
};

/**
 * Append a paragraph to what a worker sends.
 * @block   its number, from 1
 * @gone    it is gone from its document; otherwise it stands there
 * @seed    from the secret of the comparison
 * @left    words that may still be sent, counted down
 * @return TALLY_OK; TALLY_END: there were too many words, it was left out; TALLY_FATAL no memory
 */
enum tally_status tally_passage_put(struct tally_buf *out, const struct tally_block *block,
                                    uint32_t number, bool gone, uint64_t seed, uint64_t *left,
                                    struct tally_err *err);

struct tally_passages;

/** @words  kept in memory at most, of all documents together */
enum tally_status tally_passages_new(struct tally_passages **out, uint64_t words,
                                     struct tally_err *err);
void tally_passages_free(struct tally_passages *p);

/**
 * Keep what a worker sent of a document. To be called in the order of sources, before the first search.
 * @return TALLY_OK; TALLY_SKIP: malformed (reader_failed), or more words than are kept (limit): nothing of it is kept
 */
enum tally_status tally_passages_add(struct tally_passages *p, tally_passage_source source,
                                     const unsigned char *bytes, size_t len, struct tally_err *err);

/** Is there a passage that was not found yet? */
bool tally_passages_wanted(const struct tally_passages *p);

/** Look for all passages in all documents that were kept. */
enum tally_status tally_passages_search_kept(struct tally_passages *p, struct tally_err *err);

/** The same in a document that is not kept. @return like tally_passages_add */
enum tally_status tally_passages_search(struct tally_passages *p, tally_passage_source source,
                                        const unsigned char *bytes, size_t len,
                                        struct tally_err *err);

/** All paragraphs that are gone, in the order in which they came. */
size_t tally_passages_count(const struct tally_passages *p);
const struct tally_passage *tally_passages_at(const struct tally_passages *p, size_t i);

/** Some were compared with so many others that the rest was left out: what was not found may still be there. */
bool tally_passages_cut(const struct tally_passages *p);

#endif
