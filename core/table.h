/**
 * The table model: parts (sheets), rows, cells.
 *
 * A part keeps its rows as bytes, one after the other, with a hash each; a row is taken apart into cells only where
 * somebody needs them, which for a before/after pair is nearly never: most rows are equal as bytes. How a row's bytes are
 * taken apart is the affair of whoever made the part (a CSV record and its dialect, or packed cells).
 *
 * Readers that meet cells one by one push them into a tally_table_builder, which packs them.
 */
#ifndef TALLY_CORE_TABLE_H
#define TALLY_CORE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/spill.h"

enum tally_cell_kind {
	TALLY_CELL_TEXT,   /**< text; in formats without types (CSV) everything */
	TALLY_CELL_EMPTY,  /**< nothing there */
	TALLY_CELL_NUMBER, /**< value is its shortest decimal text */
	TALLY_CELL_BOOL,   /**< "TRUE" or "FALSE" */
	TALLY_CELL_DATE,   /**< ISO 8601 text, made from a serial number and its format */
	TALLY_CELL_ERROR,  /**< "#REF!" … */
};

/** Is the value that a formula had when it was saved there and fresh? */
enum tally_cached {
	TALLY_CACHED_OK,
	TALLY_CACHED_MISSING,
	TALLY_CACHED_STALE,
};

/** One cell, borrowed from the row it was taken from. */
struct tally_cell {
	const char *value; /**< UTF-8, or the file's own bytes where they are not text (bad_bytes) */
	const char *formula; /**< relative form that does not change when rows are inserted (core/relative.h); NULL when there is none */
	const char *format;  /**< resolved number format; NULL when general or unknown */
	uint32_t value_len;
	uint32_t formula_len;
	uint32_t format_len;
	uint8_t kind;   /**< enum tally_cell_kind */
	uint8_t cached; /**< enum tally_cached */
	bool quoted;    /**< CSV: stood in quotes, so that "" is not nothing */
	bool bad_bytes; /**< the bytes are not valid in the part's encoding and are passed on as they are */
};

/** Where a row's bytes are and their hash. 16 bytes a row, so that millions fit. */
struct tally_row {
	uint64_t hash;   /**< XXH3-64 of its bytes, without line end; equal bytes, equal hash */
	uint64_t offset; /**< of its first byte in the part's bytes */
};

/** What is wrong with a part, row by row: malformed records, bad bytes, duplicate headers. */
struct tally_problem {
	const char *what; /**< id as in RECEIPT.md: "ragged_row", "unclosed_quote", … (static string) */
	uint64_t row; /**< first row it was seen in, counted from 1, the header row included; 0: the whole part */
	uint64_t count;     /**< how often */
	const char *detail; /**< one half sentence for people, in the part's arena; may be NULL */
	/** Which rows: sums of hashes, of their places and of what they say; 0 where that is not known. */
	uint64_t places, contents;
};

/** Is it as much of the same, in the same rows, as far as that is known? Rows are the same by their places or by their contents. */
bool tally_problem_same(const struct tally_problem *a, const struct tally_problem *b);

/** A property of the file as a table: what must not get lost but is no cell ("delimiter" → ";"). */
struct tally_property {
	const char *name; /**< encoding, bom, delimiter, quoting, line_endings, final_newline, header_row, date_system (static) */
	const char *value; /**< in the part's arena, or static */
};

struct tally_part;

/** How the maker of a part takes its rows apart. */
struct tally_part_ops {
	/**
	 * The bytes of a row, without line end.
	 * @bytes  borrowed, valid as long as the part
	 */
	void (*raw)(const struct tally_part *part, size_t row, const char **bytes, size_t *len);
	/**
	 * The cells of a row.
	 * @scratch  values that are not found in the row's bytes as they stand (doubled quotes, other encodings) go there
	 * @cells    array for at most @cap cells
	 * @count    number of cells of the row, which may be more than @cap: then only @cap were filled
	 * @return   TALLY_OK; TALLY_PARTIAL when the row is malformed (cells hold what could be read); TALLY_FATAL no memory
	 */
	enum tally_status (*cells)(const struct tally_part *part, size_t row,
	                           struct tally_arena *scratch, struct tally_cell *cells,
	                           size_t cap, size_t *count, struct tally_err *err);
	/** Free what the maker keeps behind part->self. */
	void (*release)(struct tally_part *part);
};

/** One part (sheet, CSV file) of a table. */
struct tally_part {
	const char *name;   /**< sheet name, or "" for formats with one part */
	const char *format; /**< name of the format ("csv"), static */
	size_t row_count;   /**< rows, the header row included */
	struct tally_row *rows;
	uint64_t near; /**< bytes of its rows that can be looked at by turns, in any order, at little cost; 0: all of them */
	size_t columns;    /**< cells of the widest row */
	size_t header_row; /**< number (from 0) of the row with the column names, or TALLY_NO_HEADER */
	size_t sure_rows; /**< rows that could be told apart with certainty; what follows is unverified (unclosed quote) */
	bool quotes_tell; /**< CSV: cells are quoted where needed only, so "" and nothing are two values */
	/**
	 * A sheet of a workbook, whose cells have addresses: row i of the part is row i + 1 of the sheet, and a row's cell k
	 * stands in its column k (A is 0). Blank rows above and blank columns on the left are rows and empty cells of the part.
	 * An empty cell without a formula has no format either.
	 */
	bool sheet;
	/** Rows up to the last one in which the file has a cell, an empty one too, where the reader tells; otherwise 0. */
	size_t cell_rows;
	bool values_only; /**< a sheet whose formulas and number formats are not read: that there are none says nothing */
	struct tally_property *properties;
	size_t property_count;
	struct tally_problem *problems;
	size_t problem_count;
	struct tally_arena arena; /**< strings of this part */
	const struct tally_part_ops *ops;
	void *self; /**< belongs to the maker */
};

#define TALLY_NO_HEADER SIZE_MAX

/** Release everything; NULL is fine. */
void tally_part_free(struct tally_part *part);

/** Remember a property or a problem of a part (strings are copied into its arena, ids must be static). */
enum tally_status tally_part_property(struct tally_part *part, const char *name, const char *value,
                                      struct tally_err *err);

/** Counts up when the same problem is known already; keeps the first row and detail. */
enum tally_status tally_part_problem(struct tally_part *part, const char *what, uint64_t row,
                                     const char *detail, struct tally_err *err);

/**
 * Collects cells row by row and makes a part of them. Cells are packed with their lengths in front, so that no two different
 * rows have the same bytes.
 */
struct tally_table_builder;

/**
 * @max_bytes  most bytes of packed cells; more is TALLY_SKIP, too_large
 * @format     static name of the format
 */
enum tally_status tally_table_builder_new(struct tally_table_builder **out, const char *name,
                                          const char *format, uint64_t max_bytes,
                                          struct tally_err *err);
void tally_table_builder_free(struct tally_table_builder *b);

/**
 * Packed rows that are many go into this scratch file, borrowed until the part is freed. Before the first row. NULL: none.
 * (A reader gets it from tally_source_scratch.)
 */
void tally_table_builder_scratch(struct tally_table_builder *b, struct tally_scratch *scratch);

/** Add a cell to the row begun. Strings are copied. */
enum tally_status tally_table_builder_cell(struct tally_table_builder *b,
                                           const struct tally_cell *cell, struct tally_err *err);

/** End the row; @times it stands in the table (repeated rows cost nothing but 16 bytes each). */
enum tally_status tally_table_builder_row(struct tally_table_builder *b, uint64_t times,
                                          struct tally_err *err);

/** Hand the part over (yours to tally_part_free). */
enum tally_status tally_table_builder_finish(struct tally_table_builder *b, struct tally_part **out,
                                             struct tally_err *err);

#endif
