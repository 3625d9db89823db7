/**
 * The terminal view's own pieces, for its text*.c files: a sheet that lines are put on, and the sections.
 *
 * A line is put together from pieces, then ended: it is folded at blanks to the sheet's width. Blanks inside names do not
 * break; a name longer than a line is folded behind a '/' where it has one. Errors stick to the sheet.
 */
#ifndef TALLY_RECEIPT_TEXT_H
#define TALLY_RECEIPT_TEXT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/err.h"
#include "receipt/json_util.h"
#include "receipt/receipt.h"

enum tally_style { TALLY_STYLE_BOLD, TALLY_STYLE_RED, TALLY_STYLE_YELLOW, TALLY_STYLE_DIM };

struct tally_sheet {
	const struct tally_receipt *r;
	int fd;
	unsigned columns;
	bool colour;
	bool all;              /**< do not cut lists */
	struct tally_buf line; /**< the line being put together, with marks for styles and fixed blanks */
	struct tally_buf out;
	struct tally_arena scratch; /**< for a section's own use */
	enum tally_status status;
	struct tally_err *err;
};

enum {
	TALLY_INDENT = 3,      /**< of everything below a heading */
	TALLY_LABEL = 10,      /**< columns of a label ("Files", "Rows") */
	TALLY_LIST_MOST = 20,  /**< items of a list before it is cut */
	TALLY_CELLS_MOST = 12, /**< the same inside one table or document */
};

/** Trusted text. */
void tally_sheet_text(struct tally_sheet *s, const char *text);
/** The same; its blanks do not break. */
void tally_sheet_fixed(struct tally_sheet *s, const char *text);
/** " → ", which may be broken before the arrow only. */
void tally_sheet_arrow(struct tally_sheet *s);
void tally_sheet_printf(struct tally_sheet *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** "1,234" */
void tally_sheet_count(struct tally_sheet *s, uint64_t n);
/** "1 file", "1,234 files" */
void tally_sheet_plural(struct tally_sheet *s, uint64_t n, const char *one, const char *many);
/** " − 1,234 gone": a term of a sum; its sign and number stay together. */
void tally_sheet_term(struct tally_sheet *s, const char *sign, uint64_t n, const char *word);
/** "1.2 MB" */
void tally_sheet_size(struct tally_sheet *s, uint64_t bytes);
/** A name or value from outside, escaped; its blanks do not break. */
void tally_sheet_bytes(struct tally_sheet *s, const char *bytes, size_t len);
/** The same; in quotes where it begins or ends with a blank. */
void tally_sheet_name(struct tally_sheet *s, const struct tally_name *name);
/** A sentence from outside (or escaped before): what could fool a terminal is spelled out; its blanks break. NULL: nothing. */
void tally_sheet_safe(struct tally_sheet *s, const char *text);
/** The same of a string that ends; its blanks do not break. */
void tally_sheet_string(struct tally_sheet *s, const char *text);
/** A word of the receipt, as words: "duplicate_key" is "duplicate key". NULL: "?" */
void tally_sheet_id(struct tally_sheet *s, const char *id);
/** "2026-01-02 03:04:05 UTC" */
void tally_sheet_time(struct tally_sheet *s, int64_t ns);

/** "0.34 s" */
void tally_sheet_seconds(struct tally_sheet *s, double seconds);

/** Styles do not nest. */
void tally_sheet_style(struct tally_sheet *s, enum tally_style style);
void tally_sheet_plain(struct tally_sheet *s);

/** Write the line: @indent blanks before its first row, @hang before the others. */
void tally_sheet_end(struct tally_sheet *s, unsigned indent, unsigned hang);

/** Write to the descriptor what is buffered. */
void tally_sheet_flush(struct tally_sheet *s);

/** A heading: "2  Touched". */
void tally_sheet_heading(struct tally_sheet *s, unsigned number, const char *title);
/** Begin a line with a label, padded to TALLY_LABEL columns. */
void tally_sheet_label(struct tally_sheet *s, const char *label);
/** End a line that began with a label. */
void tally_sheet_labelled(struct tally_sheet *s, unsigned indent);
/** "… and 29,940 more (--all)", when there are more than were shown. */
void tally_sheet_more(struct tally_sheet *s, unsigned indent, uint64_t more);
/** How many of @count items to show: all of them, or @most (never all but one). */
size_t tally_sheet_cut(const struct tally_sheet *s, size_t count, size_t most);
/** A labelled list inside one table or document, cut: a line an item, the label before the first. */
void tally_sheet_list(struct tally_sheet *s, const char *label, const json_t *list, unsigned indent,
                      void (*item)(struct tally_sheet *s, const json_t *item));

/** Section 2: counts and the balance. Section 3's first part: folders and paths. @return false: nothing to show */
void tally_text_touched(struct tally_sheet *s);
bool tally_text_tree(struct tally_sheet *s);
/** Section 3's second part: what changed inside tables; inside documents and archives. */
bool tally_text_tables(struct tally_sheet *s);
bool tally_text_documents(struct tally_sheet *s);
/** What was allowed to change; and what changed outside of that in one table. */
void tally_text_scope(struct tally_sheet *s);
void tally_text_scope_table(struct tally_sheet *s, const json_t *table);
/** Fields of metadata: "mode 0644 → 0600; mtime …". */
void tally_text_fields(struct tally_sheet *s, const struct tally_field_change *fields, size_t count);
/** Section 5. */
void tally_text_unverified(struct tally_sheet *s);

#endif
