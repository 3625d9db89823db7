/**
 * A web page while it is read; private to formats/html*.c.
 *
 *   html.c        the walk: blocks
 *   html_facts.c  what stands behind single elements: facts, and marks of what is not told otherwise
 */
#ifndef TALLY_FORMATS_HTML_WORK_H
#define TALLY_FORMATS_HTML_WORK_H

#include <gumbo.h>

#include "core/buf.h"
#include "formats/html.h"
#include "formats/looks.h"

/* An element that is open. */
struct tally_html_level {
	const GumboNode *node;
	unsigned next;   /* child */
	uint64_t serial; /* of the block that was open when it began, */
	size_t from;     /* and where in that */
	bool hidden, keeps;
	struct tally_block marks; /* of blocks in it */
	uint32_t table_row, cell; /* a table's rows, a row's cells so far */
};

struct tally_html_page {
	const struct tally_html_place *place;
	const struct tally_sink *sink;
	struct tally_err *err;
	struct tally_html_level *levels;
	size_t depth, cap;
	struct tally_buf text;    /* of the block */
	struct tally_buf hidden;  /* of the hidden element that is open */
	struct tally_buf value;   /* of a fact */
	struct tally_looks looks; /* of the block: elements, and attributes that no fact tells */
	bool unshown;             /* the element at hand, so that it looks like nothing */
	uint64_t serial;          /* blocks so far */
	uint32_t tables;
	bool blank, hidden_blank; /* one is due before the next letter */
};

const char *tally_html_attribute(const GumboNode *n, const char *name);

/* Is it an element of this name in a drawing or formula? */
bool tally_html_foreign(const GumboNode *n, const char *name);

/* @where  NULL or "": the place of the page */
enum tally_status tally_html_fact(struct tally_html_page *p, const char *name, const char *value,
                                  const char *where);

/* Is it told by its facts, or there whether somebody wrote it or not? */
bool tally_html_looks_like_nothing(const GumboNode *n);

/* Facts of an element that opens; whatever else it says is a mark in p->looks. */
enum tally_status tally_html_element(struct tally_html_page *p, const GumboNode *n);

/* What is hidden from readers by its own nature: what a style or script says, a comment. */
enum tally_status tally_html_code(struct tally_html_page *p, const GumboNode *n);
enum tally_status tally_html_comment(struct tally_html_page *p, const char *text);

/* The kind of page, into p->looks. */
void tally_html_doctype(struct tally_html_page *p, const GumboNode *document);

#endif
