/**
 * HTML as a reader sees it: blocks of text, and as facts what stands behind them (links, pictures, scripts, forms, hidden
 * elements). Parsed like browsers do, by gumbo. Standard: HTML, WHATWG.
 */
#ifndef TALLY_FORMATS_HTML_H
#define TALLY_FORMATS_HTML_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/sink.h"

/** How the blocks are marked. */
struct tally_html_place {
	enum tally_area area;
	uint32_t n;
	const char *where; /**< of the facts that have no place of their own; may be NULL */
	uint64_t *rest; /**< grows by what is said by no block and no fact; NULL: a fact `unread` says it */
	const struct tally_limits *limits; /**< NULL: the defaults */
};

enum {
	TALLY_HTML_CHARSET = 40, /**< room for the name of an encoding */
	TALLY_HTML_HEAD = 1024,  /**< bytes in which browsers look for it */
};

/** The encoding that a page names near its beginning ("charset=…"), or "". */
void tally_html_declared(char name[TALLY_HTML_CHARSET], const char *bytes, size_t len);

/**
 * Read HTML that is UTF-8 already.
 * @sink   block, fact
 * @return TALLY_OK; TALLY_SKIP: library_missing, too_large, limit; TALLY_FATAL; what the sink returned
 */
enum tally_status tally_html_read(const char *bytes, size_t len, const struct tally_html_place *place,
                                  const struct tally_sink *sink, struct tally_err *err);

#endif
