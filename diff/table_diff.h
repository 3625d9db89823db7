/**
 * Comparing two parts of tables: columns first, then rows, then cells.
 *
 * Columns are matched by name (duplicate names by order, the rest by content); a key is given or inferred; equal rows are
 * matched by verified hash, the rest by key, then by similarity; cells of matched rows are compared and their differences
 * classed. Rows must balance: before - deleted + added = after.
 *
 * Pure memory; threads may be used inside, the result does not depend on their number.
 */
#ifndef TALLY_DIFF_TABLE_DIFF_H
#define TALLY_DIFF_TABLE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/limits.h"
#include "core/table.h"

/* TALLY_NATURE(id, ID, lossless, words): what kind of difference a cell shows; ids as in the receipt */
#define TALLY_NATURES(NATURE)                                                                     \
	NATURE(value, VALUE, false, "value changed")                                              \
	NATURE(emptied, EMPTIED, false, "emptied")                                                \
	NATURE(filled, FILLED, true, "filled")                                                    \
	NATURE(leading_zeros_lost, LEADING_ZEROS_LOST, false, "leading zeros lost")               \
	NATURE(date_reformatted, DATE_REFORMATTED, true, "date written in another way")           \
	NATURE(date_value_changed, DATE_VALUE_CHANGED, false, "date changed")                     \
	NATURE(scientific_notation, SCIENTIFIC_NOTATION, false,                                   \
	       "number turned into scientific notation")                                          \
	NATURE(precision_lost, PRECISION_LOST, false, "digits lost")                              \
	NATURE(float_noise, FLOAT_NOISE, false, "floating-point noise")                           \
	NATURE(number_same_value, NUMBER_SAME_VALUE, true, "same number, written in another way") \
	NATURE(thousands_separator, THOUSANDS_SEPARATOR, true, "thousands separator")             \
	NATURE(decimal_comma, DECIMAL_COMMA, true, "decimal comma")                               \
	NATURE(sign_changed, SIGN_CHANGED, false, "sign changed")                                 \
	NATURE(whitespace, WHITESPACE, true, "white space")                                       \
	NATURE(letter_case, LETTER_CASE, false, "letter case")                                    \
	NATURE(mojibake, MOJIBAKE, true, "broken characters, which can be repaired")              \
	NATURE(spreadsheet_autoformat, SPREADSHEET_AUTOFORMAT, false,                             \
	       "turned into a date by a spreadsheet program")                                     \
	NATURE(number_to_text, NUMBER_TO_TEXT, true, "number stored as text")                     \
	NATURE(text_to_number, TEXT_TO_NUMBER, true, "text stored as number")                     \
	NATURE(formula_to_constant, FORMULA_TO_CONSTANT, false, "formula replaced by a constant") \
	NATURE(constant_to_formula, CONSTANT_TO_FORMULA, true, "value replaced by a formula")     \
	NATURE(formula_changed, FORMULA_CHANGED, false, "formula changed")                        \
	NATURE(became_error, BECAME_ERROR, false, "became an error")                              \
	NATURE(format_only, FORMAT_ONLY, true, "only the format")                                 \
	NATURE(shifted, SHIFTED, false, "shifted by a cell")                                      \
	NATURE(permuted, PERMUTED, false, "same values, other rows")                              \
	NATURE(swapped, SWAPPED, false, "swapped with another column")                            \
	NATURE(decimal_mark_lost, DECIMAL_MARK_LOST, false, "decimal mark lost")                  \
	NATURE(scale_unsure, SCALE_UNSURE, false,                                                 \
	       "a mark for decimals or for thousands: may be 1,000 times as much")                \
	NATURE(plus_sign_lost, PLUS_SIGN_LOST, false, "plus sign lost")                           \
	NATURE(characters_lost, CHARACTERS_LOST, false, "characters lost")                        \
	NATURE(mojibake_repaired, MOJIBAKE_REPAIRED, true, "broken characters repaired")          \
	NATURE(day_month_exchanged, DAY_MONTH_EXCHANGED, false, "day and month exchanged")        \
	NATURE(dates_moved, DATES_MOVED, false, "all moved by the same time")                     \
	NATURE(century_lost, CENTURY_LOST, false, "century lost")                                 \
	NATURE(time_lost, TIME_LOST, false, "time of day lost")                                   \
	NATURE(numbered_anew, NUMBERED_ANEW, false, "numbered anew")                              \
	NATURE(unicode_form, UNICODE_FORM, true, "same letters, composed or decomposed")          \
	NATURE(quoted_empty, QUOTED_EMPTY, true, "quoted empty")                                  \
	NATURE(recalculated, RECALCULATED, true, "new result of the same formula")                \
	NATURE(date_to_text, DATE_TO_TEXT, true, "date stored as text")                           \
	NATURE(truth_to_text, TRUTH_TO_TEXT, true, "TRUE or FALSE stored as text")                \
	NATURE(text_to_date, TEXT_TO_DATE, true, "text stored as date")                           \
	NATURE(text_to_truth, TEXT_TO_TRUTH, true, "text stored as TRUE or FALSE")

enum tally_nature {
#define TALLY_NATURE_ID(id, ID, lossless, words) TALLY_NATURE_##ID,
	TALLY_NATURES(TALLY_NATURE_ID)
#undef TALLY_NATURE_ID
		TALLY_NATURE_COUNT
};

const char *tally_nature_id(enum tally_nature nature);
const char *tally_nature_words(enum tally_nature nature);
bool tally_nature_lossless(enum tally_nature nature);
/** Does it name the types of both values, or the new one's? */
bool tally_nature_says_type(enum tally_nature nature);
/** The same value, written in another way. */
bool tally_nature_is_notation(enum tally_nature nature);

enum { TALLY_NO_COLUMN = UINT32_MAX };
#define TALLY_NO_ROW UINT64_MAX

enum { TALLY_COLUMN_FIRST = 3 /* values of a column that came or went which are shown */ };

/** A column change. Columns that kept name and relative order are not listed. */
struct tally_column_change {
	enum {
		TALLY_COLUMN_ADDED,
		TALLY_COLUMN_REMOVED,
		TALLY_COLUMN_RENAMED,
		TALLY_COLUMN_MOVED,
		TALLY_COLUMN_SWAPPED
	} kind;
	const char *name; /**< after (added, renamed, moved); before (removed) */
	const char *name_before;
	uint32_t index, index_before; /**< from 0; TALLY_NO_COLUMN where there is none */
	uint16_t similarity;          /**< renamed: thousandths */
	bool ambiguous;               /**< another column would fit nearly as well */
	bool outside;                 /**< of the scope that was set */
	/** Added, removed: cells that are not empty; UINT64_MAX: not counted, the table is large. */
	uint64_t filled;
	uint64_t first_rows[TALLY_COLUMN_FIRST]; /**< rows of the part with the first of them, from 0 */
	size_t first_count;
};

struct tally_row_change {
	enum { TALLY_ROW_ADDED, TALLY_ROW_DELETED, TALLY_ROW_MOVED } kind;
	uint64_t row, row_before; /**< from 0, header row counted; TALLY_NO_ROW where there is none */
	uint64_t count;           /**< moved: rows of the block that moved together (1 otherwise) */
	/** Deleted: a row of the after side that says the same and is still there. Added: one that was there before. */
	uint64_t equal_row;
	bool outside; /**< of the scope that was set; moved: a row of the block is */
};

/** All rows or most of them in another order. */
struct tally_reordering {
	bool found;
	bool sorted; /**< by the column below; otherwise shuffled */
	bool descending;
	uint32_t column; /**< of the after side */
	uint64_t moved;  /**< rows outside the longest run that kept its order */
};

struct tally_cell_change {
	uint64_t row, row_before;
	uint32_t column, column_before;
	uint8_t nature;  /**< enum tally_nature */
	bool in_rewrite; /**< stands for itself in no list: its rewrite has more than 20 cells */
	bool outside;    /**< of the scope that was set */
	struct tally_cell old, now; /**< strings in the diff's arena, cut at limits.cell_shown */
	uint32_t old_len, now_len;  /**< full lengths of the values */
	/** Where the values differ when that is not within what is shown of them. */
	struct tally_cell_place {
		uint32_t character; /**< of the first difference, from 1; 0: it is within what is shown */
		uint32_t old_of, now_of; /**< characters of each value */
		const char *old, *now;   /**< the values around it */
		uint32_t old_len, now_len;
	} differs;
};

/** Equal rewrites of one column, as one line. */
struct tally_rewrite {
	uint32_t column;
	uint8_t nature;
	bool lossless;
	uint64_t count;
	uint64_t outside; /**< of them outside of the scope that was set */
	bool cells_listed; /**< its cells stand among the diff's cells as well: they are 20 at most */
	int64_t moved_by;                         /**< dates_moved: seconds; negative: earlier */
	const struct tally_cell_change *examples; /**< up to three */
	size_t example_count;
	int shifted_by; /**< shifted, all together: rows down; negative: up; 0: not known, or to the side */
	const struct tally_cell_change *lost; /**< cells whose old values the shift left nowhere, up to three */
	size_t lost_count;
};

/** A column's sums before and after, where they differ. Numbers as decimal text ("" where there are none). */
struct tally_invariant {
	uint32_t column, column_before;
	uint64_t count_before, count; /**< cells that are not empty */
	uint64_t empty_before, empty;
	uint64_t distinct_before, distinct; /**< UINT64_MAX: not counted */
	uint64_t too_large_before,
		too_large; /**< numbers that do not fit into a sum: there is none then */
	const char *sum_before, *sum;
	const char *min_before, *min;
	const char *max_before, *max;
};

/** A row that looks like a total, agreed with the rows above it (or below), and does not any more. */
struct tally_total_row {
	bool below; /**< it stands above its rows */
	uint64_t row, row_before;
	uint32_t column, column_before;
	const char *label;                /**< what says that it is a total */
	const char *shown_before, *shown; /**< as written */
	const char *sum_before,
		*sum; /**< of the rows above it, written with the column's decimal mark */
};

struct tally_property_change {
	const char *name;
	const char *old, *now;
};

enum tally_aligned_how { TALLY_ALIGNED_GIVEN, TALLY_ALIGNED_INFERRED, TALLY_ALIGNED_ROWS };

/** How rows were paired, with the evidence. */
struct tally_alignment {
	enum tally_aligned_how how;
	const uint32_t *columns;       /**< the key's columns on the before side */
	const uint32_t *columns_after; /**< and on the after side */
	size_t column_count;
	bool unique;      /**< the key is unique on both sides */
	uint16_t overlap; /**< keys of the smaller side that the other side has, thousandths */
	uint64_t similar; /**< rows that were paired for being alike */
	uint16_t similar_least; /**< how alike they have to be, thousandths of what their cells tell; 0: none were */
	uint64_t duplicate_keys; /**< rows in groups with the same key, both sides */
	bool doubtful;           /**< most rows seem changed: say so first */
	const char *note;        /**< half a sentence; may be NULL */
};

struct tally_table_rows {
	uint64_t before, same, edited, moved, deleted, added,
		after;     /**< moved rows are counted in same or edited as well */
	uint64_t notation; /**< edited rows whose values are written in another way, and say the same */
	uint64_t recalculated; /**< edited rows of which only formulas have other results, or notations changed */
};

/** What changed outside of the scope that was set: each kind of change with its reason, counted. */
struct tally_outside_group {
	enum {
		TALLY_OUTSIDE_CELLS, /**< of one column */
		TALLY_OUTSIDE_ROWS_DELETED,
		TALLY_OUTSIDE_ROWS_ADDED,
		TALLY_OUTSIDE_ROWS_MOVED,
		TALLY_OUTSIDE_ROWS_UNSEEN, /**< they differ where no cell was looked at */
		TALLY_OUTSIDE_COLUMN, /**< a column added, removed, renamed, moved, or its values exchanged */
		TALLY_OUTSIDE_TITLES, /**< cells and lines above the header */
		TALLY_OUTSIDE_HEADER  /**< the row of names came or went */
	} kind;
	enum {
		TALLY_OUTSIDE_OF_NOTHING, /**< it is within */
		TALLY_OUTSIDE_OF_SHEETS,
		TALLY_OUTSIDE_OF_COLUMNS,
		TALLY_OUTSIDE_OF_ROWS,
		TALLY_OUTSIDE_OF_KEY /**< the row fitted, and what says which row it is was changed */
	} reason;
	uint32_t column, column_before; /**< cells, a column; TALLY_NO_COLUMN where there is none */
	const struct tally_column_change *change; /**< a column */
	uint64_t count;
	struct {
		uint64_t row, row_before;
	} examples[3];
	size_t example_count;
};

enum { TALLY_OUTSIDE_EXAMPLES = 3 };

struct tally_outside {
	uint64_t total;
	struct tally_outside_group *groups;
	size_t group_count;
	const char **unknown; /**< columns that were named and that neither side has */
	size_t unknown_count;
	bool row_column_unknown; /**< so is the column of the expression that says which rows may change */
};

struct tally_scope;
struct tally_row_places;

void tally_row_places_free(struct tally_row_places *places);

struct tally_table_options {
	int version; /**< TALLY_TABLE_OPTIONS_VERSION */
	const struct tally_limits *limits;
	const char *const *key; /**< names of the key's columns, or NULL: infer one */
	size_t key_count;
	bool no_key;                     /**< align by rows, do not look for a key */
	unsigned threads;                /**< 0: as many as there are processors, at most 8 */
	const struct tally_scope *scope; /**< what may change (diff/scope.h); NULL: everything */
	/** Sheets with another name on the after side, or that are gone, for what formulas mean; borrowed. */
	const struct tally_sheet_name {
		const char *before, *after; /**< after NULL: the sheet is gone */
	} * sheet_names;
	size_t sheet_name_count;
	/** Where rows of other sheets went, as far as these were compared before; borrowed. */
	const struct tally_other_sheet {
		const char *name; /**< before */
		const struct tally_row_places *places;
	} * other_sheets;
	size_t other_sheet_count;
	/** NULL: not wanted. Gets where this sheet's rows went, NULL where all are in their places; yours to tally_row_places_free. */
	struct tally_row_places **keep_places;
};

enum { TALLY_TABLE_OPTIONS_VERSION = 1 };
#define TALLY_TABLE_OPTIONS_INIT                                                                   \
	{                                                                                          \
		TALLY_TABLE_OPTIONS_VERSION, NULL, NULL, 0, false, 0, NULL, NULL, 0, NULL, 0, NULL \
	}

/** The comparison of two parts; all of it in one arena. */
struct tally_table_diff {
	const struct tally_part *before, *after; /**< borrowed */
	struct tally_arena arena;
	struct tally_alignment aligned_by;
	struct tally_table_rows rows;
	const char *const *names; /**< column names of the after side ("column 3" where there is no header) */
	const char *const *names_before;
	size_t column_count, column_count_before;
	bool typed; /**< kinds of cells were compared */
	bool values_only; /**< one side has no types, or no formulas that could be read: only values were compared */
	/** Pairs of cells that were taken for equal, though no program computed the result of this side only: nothing is known. */
	uint64_t results_unknown[2];
	struct tally_column_change *columns;
	size_t columns_len;
	struct tally_row_change *row_changes;
	size_t row_changes_len;
	uint64_t row_changes_total; /**< more than row_changes_len when limits.table_details was met */
	struct tally_reordering reordering;
	struct tally_cell_change *cells; /**< by row, then column; those of large rewrites are counted, not listed */
	size_t cells_len;
	uint64_t cells_total;
	uint64_t cells_unlisted; /**< neither listed nor in a large rewrite: limits.table_details was met */
	struct tally_rewrite *rewrites;
	size_t rewrites_len;
	struct tally_invariant *invariants;
	size_t invariants_len;
	struct tally_total_row *total_rows; /**< by row, then column */
	size_t total_rows_len;
	struct tally_property_change *properties;
	size_t properties_len;
	/** Problems of both sides stand in the parts; these are the comparison's own (duplicate_key …) with their side. */
	struct {
		struct tally_problem problem;
		bool after;
	} * problems;
	size_t problems_len;
	struct tally_outside *outside; /**< NULL: everything may change */
};

/** Does anything differ, properties included? */
bool tally_table_diff_any(const struct tally_table_diff *d);

/**
 * Compare two parts. Either may be NULL: everything was added or deleted.
 * @out  yours to tally_table_diff_free; borrows the parts
 * @return TALLY_OK; TALLY_SKIP when a given key column does not exist (message names it); TALLY_FATAL no memory, or the rows
 *         do not balance
 */
enum tally_status tally_table_diff(struct tally_table_diff **out, const struct tally_part *before,
                                   const struct tally_part *after,
                                   const struct tally_table_options *options, struct tally_err *err);
void tally_table_diff_free(struct tally_table_diff *d);

#endif
