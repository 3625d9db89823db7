/**
 * Makes compound files and the records of old workbooks, byte by byte: for tests and fuzzing.
 *
 *	struct ole_part parts[] = { { .name = "Workbook", .bytes = stream, .len = len } };
 *	struct tally_buf file = ole_make(parts, 1);
 */
#ifndef TALLY_TESTS_OLE_MAKER_H
#define TALLY_TESTS_OLE_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

struct ole_part {
	const char *name; /**< ASCII */
	const void *bytes;
	size_t len;
	bool storage;
	unsigned inside; /**< the storage that it is in: its number in the list + 1; 0: at the top */
};

enum {
	OLE_SECTOR = 512,
	OLE_TABLE = OLE_SECTOR, /**< where the table of chains begins, in a file of at most 128 sectors */
};

/** @return the file; give it back with tally_buf_release */
struct tally_buf ole_make(const struct ole_part *parts, size_t count);

/** Where the directory's entry of this part stands in the file. 0 is the root, the parts follow. */
size_t ole_entry_at(const struct tally_buf *file, size_t n);

/** Little-endian numbers: behind the rest, or at a place. */
void ole_u16(struct tally_buf *b, unsigned n);
void ole_u32(struct tally_buf *b, uint32_t n);
void ole_set_u32(struct tally_buf *b, size_t at, uint32_t n);

/* ---- records of workbooks ---- */

void xls_record(struct tally_buf *b, unsigned type, const void *bytes, size_t len);

/** BOF. @version 5 or 6 (BIFF8) */
void xls_begin(struct tally_buf *b, unsigned version, unsigned kind);

/** BOUNDSHEET. @return the place of its offset, for xls_here */
size_t xls_bound(struct tally_buf *b, bool wide, const char *name, unsigned hidden, unsigned kind);

/** The sheet announced there begins here. */
void xls_here(struct tally_buf *b, size_t place);

/** A cell: its place, and the bytes behind it. */
void xls_cell(struct tally_buf *b, unsigned type, unsigned row, unsigned column, unsigned style,
              const void *bytes, size_t len);

/** NUMBER, and LABEL (BIFF8, ASCII). */
void xls_number(struct tally_buf *b, unsigned row, unsigned column, unsigned style, double value);
void xls_label(struct tally_buf *b, unsigned row, unsigned column, const char *text);

#endif
