/**
 * What the stages of a comparison of tables share: sides, matched columns, paired rows, records of changed cells. Private to
 * diff/table_*.c.
 *
 *   sides ──► columns ──► equal rows ──► key ──► other rows ──► cells ──► moves, rewrites, invariants
 *
 * "Row" here is the number of a row without the header row and blank rows: rows of the preamble (what stands above the
 * header) first. Only what goes into the result is counted like the file's rows.
 */
#ifndef TALLY_DIFF_TABLE_WORK_H
#define TALLY_DIFF_TABLE_WORK_H

#include "diff/table_diff.h"
#include "diff/table_places.h"
#include "diff/table_value.h"

#define TALLY_NO_PAIR UINT32_MAX

enum {
	TALLY_REWRITE_LEAST = 21,         /* cells from which a rewrite stands for them */
	TALLY_KEY_MOST = 64,              /* columns of a given key */
	TALLY_WAYS_ORDERS = (1 << 9) - 1, /* see tally_cell_nature */
	TALLY_WAYS_NUMBERS = 1 << 12, /* the nature depends on the marks of the column's numbers */
	TALLY_WAYS_SHORT = 1 << 13,   /* a date's year has two digits less */
	TALLY_WAYS_EXCHANGED = 1 << 14, /* a date with day and month exchanged */
	TALLY_WAYS_PROVEN = 1 << 15,    /* a date in this pair can be read in one order only */
	TALLY_CHUNK = 1 << 14,          /* rows of one task */
};

struct tally_table_side {
	const struct tally_part *part; /* never NULL: an empty one stands in */
	bool header;
	uint32_t rows;      /* without the header row and blank rows */
	uint32_t preamble;  /* of them above the header */
	uint32_t blank;     /* rows with nothing in them */
	uint32_t *places;   /* by row: its number in the part; NULL where there are no blank rows */
	uint32_t base;      /* columns that the header, or most rows, have */
	uint32_t columns;   /* base and what longer rows have */
	uint32_t cap;       /* cells of a row that are looked at */
	const char **names; /* of all columns, extra ones included */
	uint64_t *hash;     /* of decoded rows; NULL: rows compare by their bytes */
	uint32_t *pair;     /* by row: its row on the other side, or TALLY_NO_PAIR */
	uint8_t *total;     /* by row: is it a total of others? NULL: none is */
};

/* A column of both sides, or one beyond the last header that only longer rows have. */
struct tally_column_pair {
	uint32_t before, after;
};

enum tally_folded {
	TALLY_FOLDED_NOT,
	TALLY_FOLDED_TOO,  /* a rewrite stands for it, and it is listed as well */
	TALLY_FOLDED_AWAY, /* a rewrite stands for it, and for so many others that none is listed */
};

struct tally_cell_record {
	uint32_t before, after; /* rows */
	uint32_t column;        /* index into pairs */
	uint32_t old, now;      /* hashes of the values */
	uint8_t nature;
	uint8_t folded; /* enum tally_folded */
	uint16_t ways;  /* what the column has to decide, see tally_cell_nature */
};

/* What adds up over a column, and can be taken away again; smallest and largest cannot. */
struct tally_sum {
	uint64_t count, empty;
	uint64_t missing;   /* formulas whose result is not known: the column has no sum */
	uint64_t too_large; /* numbers that do not fit: neither has it then */
	bool text;          /* numbers were not looked for */
	uint64_t proofs[TALLY_MARKS]; /* numbers that can only be written with these marks */
	uint64_t unsure;              /* numbers that are another one with the other marks */
	uint64_t zeros, plus, round;  /* 00501; +41791234567; 45000 */
	uint32_t digits;              /* of all whole numbers, as long as all have as many */
	bool uneven;                  /* they have not, or there are others */
	uint8_t currency;             /* of its numbers, as far as they have one; 0: none has */
	bool currencies;              /* there are several: nobody adds them up */
	struct tally_total {
		uint64_t numbers;
		tally_wide total;
		uint32_t fraction; /* digits behind the point of the number with most */
		bool unknown;      /* the sum does not fit */
		tally_wide least, most;
		uint32_t least_fraction, most_fraction;
	} as[TALLY_MARKS]; /* the cells read with each of the marks */
};

enum tally_touched {
	TALLY_ROW_EQUAL, /* not paired, or equal to its row on the before side */
	TALLY_ROW_LOOK,  /* its cells have to be looked at */
	TALLY_ROW_UNSEEN, /* its cells are equal as far as they were looked at, and its bytes are not */
};

/* How alike two keys must be to be one. */
enum tally_key_form {
	TALLY_KEY_AS_IT_IS,
	TALLY_KEY_LOOSE, /* without white space, letter case and leading zeros */
	TALLY_KEY_MEANT, /* and however dates, numbers and gene names are written */
	TALLY_KEY_FORMS,
};

/* How dates of a column are written. */
struct tally_meaning {
	uint8_t order[2]; /* by side: enum tally_date_order, SURE where none has to be known or none is */
	bool month_days; /* months and days without a year on the before side */
	uint8_t marks[2]; /* by side: enum tally_marks of numbers that may be two, TALLY_MARKS where it is not known */
	bool telling; /* there are dates on both sides, or decimal commas */
};

struct tally_comparison {
	struct tally_table_diff *d;
	const struct tally_table_options *options;
	const struct tally_limits *limits;
	unsigned threads;
	struct tally_table_side side[2]; /* before, after */
	struct tally_column_pair *pairs; /* by the before side's order; extra ones last */
	uint32_t pair_count, base_pairs;
	bool by_bytes;    /* equal rows have equal bytes, and the other way round but for quoting */
	bool typed;       /* kinds of cells count */
	bool formulas;    /* and formulas */
	bool formats;     /* and number formats */
	bool mixed;       /* one side has types, the other only text */
	bool quotes_tell; /* "" and nothing are two values */
	uint8_t key_form; /* enum tally_key_form: how keys are being measured */
	struct tally_meaning *meanings; /* by column pair; NULL: not asked for yet */
	uint8_t *touched;               /* by after row: enum tally_touched */
	uint32_t key[TALLY_KEY_MOST];   /* index into pairs */
	uint32_t key_count;
	uint32_t left_out; /* index into pairs: not in the hashes of rows; TALLY_NO_PAIR: all are */
	bool key_named;    /* its names say that it is a key */
	struct tally_cell_record *cells;
	size_t cell_count;
	uint32_t *key_weights; /* by column pair: how telling it is for finding a row again, in 1/256 */
	struct tally_row_places places; /* while cells are compared and after */
	uint64_t not_computed,
		first_not_computed; /* formulas that lost their results; row of the after part */
	uint8_t (*marks)[2]; /* by column pair and side: enum tally_marks of its numbers; NULL: not known */
	struct tally_scope_work *scope; /* NULL: everything may change */
	struct tally_sum *totals; /* by column pair: the before side of a large table, when it was gone through anyway */
};

enum {
	TALLY_SIMILAR_BUT_KEY = 650
}; /* thousandths that rows which differ in nothing but their key have to share */

/** Is a column part of the key? @pair  index into pairs */
static inline bool tally_is_key(const struct tally_comparison *c, uint32_t pair)
{
	for (uint32_t k = 0; k < c->key_count; k++)
		if (c->key[k] == pair)
			return true;
	return false;
}

/* ---- rows and cells ---- */

/** Number of a row in its part. */
static inline size_t tally_side_row(const struct tally_table_side *s, uint32_t row)
{
	if (s->places)
		return s->places[row];
	return row + (size_t)(s->header && row >= s->preamble);
}

static inline uint64_t tally_side_hash(const struct tally_table_side *s, uint32_t row)
{
	return s->hash ? s->hash[row] : s->part->rows[tally_side_row(s, row)].hash;
}

/** Takes rows of a side apart, one after the other. */
struct tally_row_reader {
	const struct tally_table_side *side;
	struct tally_cell *cells; /* of the row last read; what it lacks is empty */
	struct tally_arena scratch;
	size_t filled; /* cells that were not empty before */
	bool beyond;   /* the row has more cells than are looked at */
};

enum tally_status tally_row_reader_init(struct tally_row_reader *r,
                                        const struct tally_table_side *side, struct tally_err *err);
void tally_row_reader_release(struct tally_row_reader *r);

/** Cells are valid until the next call. */
enum tally_status tally_row_read(struct tally_row_reader *r, uint32_t row, struct tally_err *err);

/** The same for a row of the part, header included. */
enum tally_status tally_row_read_raw(struct tally_row_reader *r, size_t row, struct tally_err *err);

/** An empty cell. */
extern const struct tally_cell tally_no_cell;

/** The cell of a column, an empty one beyond the row's end. */
static inline const struct tally_cell *tally_row_cell(const struct tally_row_reader *r,
                                                      uint32_t column)
{
	return column < r->filled ? &r->cells[column] : &tally_no_cell;
}

static inline struct tally_span tally_cell_span(const struct tally_cell *c)
{
	return (struct tally_span){ c->value, c->value_len };
}

/** A formula whose result is not known. */
static inline bool tally_cell_missing(const struct tally_cell *cell)
{
	return cell->formula && cell->cached == TALLY_CACHED_MISSING;
}

/** Nothing there; a quoted "" is something where quotes tell. */
static inline bool tally_cell_blank(const struct tally_comparison *c, const struct tally_cell *cell)
{
	/* where formulas are not compared, one with an empty text as its result says nothing */
	return !cell->value_len && !(cell->quoted && c->quotes_tell) &&
	       (!cell->formula || (!c->formulas && !tally_cell_missing(cell)));
}

/** Does a row say nothing at all? */
bool tally_row_blank(const struct tally_comparison *c, const struct tally_row_reader *r);

/** Rows of which bytes are compared lose their pair where they differ. */
enum tally_status tally_verify_pairs(struct tally_comparison *c, struct tally_err *err);

/** Have two rows the same bytes? */
bool tally_rows_same_bytes(const struct tally_comparison *c, uint32_t before, uint32_t after);

/**
 * Is an after row paired with one of the same bytes, which was verified? Then its cells are the same, column by column, and
 * what is known of that row need not be found out again.
 */
static inline bool tally_row_same(const struct tally_comparison *c, uint32_t after)
{
	return c->by_bytes && c->touched[after] == TALLY_ROW_EQUAL &&
	       c->side[1].pair[after] != TALLY_NO_PAIR;
}

/** Where a cell stands on both sides: rows of the parts, columns. */
struct tally_cell_place_pair {
	uint64_t row[2];
	uint32_t column[2];
};

bool tally_cells_equal(const struct tally_comparison *c, const struct tally_cell *a,
                       const struct tally_cell *b);

/**
 * Cells with equal values have equal hashes; a blank one has 0. Of formulas the value counts, and where that is missing what
 * they are but for the cells that they mean.
 */
uint64_t tally_cell_hash(const struct tally_comparison *c, const struct tally_cell *cell);

/** The same for telling which row is which: of formulas only what they are counts, since their results come and go. */
uint64_t tally_cell_row_hash(const struct tally_comparison *c, const struct tally_cell *cell);

/** With formula and format. */
uint64_t tally_cell_exact_hash(const struct tally_comparison *c, const struct tally_cell *cell);

/** Do two cells' number formats show the same? */
bool tally_same_format(const struct tally_cell *a, const struct tally_cell *b);

bool tally_same_formula(const struct tally_cell *a, const struct tally_cell *b);

/** A side's row with this number in its part, once blank rows are left out; false: a header, a blank row, or beyond the end. */
bool tally_side_find_row(const struct tally_table_side *s, uint64_t part_row, uint32_t *row);

/**
 * Do two formulas of paired cells mean the same cells, rows and columns having come and gone around them? For cells of the before
 * side that are deleted, or are in no row of the table, it is enough that the place moved along.
 */
bool tally_formula_same(const struct tally_comparison *c, const struct tally_cell_place_pair *at,
                        const struct tally_cell *old, const struct tally_cell *now);

/**
 * Does a formula that is written as before mean other cells, since those that it means by their address, or on another sheet, are
 * elsewhere now? Areas are not looked at: rows may be in another order in them.
 */
bool tally_formula_strayed(const struct tally_comparison *c, const struct tally_cell_place_pair *at,
                           const struct tally_cell *formula);

/** Hash of what stays of a value without its white space, letter case and the way its number is written; blank: 0. */
uint64_t tally_cell_loose_hash(const struct tally_cell *cell);

/** Find out how dates are written; before the next one. */
enum tally_status tally_learn_meanings(struct tally_comparison *c, struct tally_err *err);

/** The same without knowledge of the column: only for what can mean one thing. */
uint64_t tally_cell_sure_hash(const struct tally_cell *cell);

/** Hash of what a value means, its notation aside; blank: 0. @pair  its column */
uint64_t tally_cell_meant_hash(const struct tally_comparison *c, uint32_t pair, int side,
                               const struct tally_cell *cell);

/** Put the next one behind hashes already combined. */
static inline uint64_t tally_hash_mix(uint64_t h, uint64_t next)
{
	h = (h ^ next) * UINT64_C(0x9E3779B97F4A7C15);
	return h ^ h >> 32;
}

/** Decoded rows' hashes over the paired columns, for the row order of a side. */
enum tally_status tally_hash_rows(struct tally_comparison *c, struct tally_err *err);

/** The same for some rows of a side, whose numbers rise. */
enum tally_status tally_hash_some(const struct tally_comparison *c, int side, const uint32_t *rows,
                                  uint32_t count, uint64_t *out, struct tally_err *err);

/**
 * What a cell says without its column.
 * @ways  dates: bit 3 × order of old + order of now for each reading in which both are one day; and TALLY_WAYS_…
 */
enum tally_nature tally_cell_nature(const struct tally_cell *old, const struct tally_cell *now,
                                    unsigned types, uint16_t *ways);

/** A cell with a type and one that is only text: the same number, day or truth, however it is written? */
bool tally_mixed_equal(const struct tally_cell *a, const struct tally_cell *b);

/** What counts for tally_cell_nature besides the value. */
enum {
	TALLY_TYPES_KINDS = 1,
	TALLY_TYPES_FORMULAS = 2,
	TALLY_TYPES_FORMULA_SAME = 4,  /* both formulas mean the same, whatever their text */
	TALLY_TYPES_FORMULA_OTHER = 8, /* they are written alike, and mean other cells */
};

/**
 * What became of a number.
 * @marks    of its column before and after; TALLY_MARKS where they are not known
 * @depends  on the marks
 * @return TALLY_NATURE_COUNT: one of them is no number
 */
enum tally_nature tally_number_nature(struct tally_span old, struct tally_span now,
                                      const enum tally_marks marks[2], bool *depends);

/** The changed cells of one column, by after row. */
struct tally_column_cells {
	struct tally_comparison *c;
	uint32_t pair;
	const uint32_t *order; /* indices of records */
	size_t count;
};

static inline struct tally_cell_record *tally_column_record(const struct tally_column_cells *x,
                                                            size_t at)
{
	return &x->c->cells[x->order[at]];
}

/** What a column says of its cells together. */
struct tally_column_story {
	uint8_t whole;    /* nature of all its changed cells, or TALLY_NATURE_COUNT */
	int64_t moved_by; /* seconds, where that is dates_moved */
	bool progression; /* old values that rise by equal steps: where one slides, all do */
};

/** By how many rows the values of the changed cells slid down (up: negative); 0: they did not. */
int tally_column_shift(const struct tally_column_cells *x);

/** Does the cell show it: is there a value in it that stood where it came from? */
bool tally_shift_shows(const struct tally_column_cells *x, int step, size_t at);

/** Cells at the end of the shift whose old values are in none of them now. @return how many there are in @out */
uint32_t tally_shift_lost(const struct tally_column_cells *x, int step, uint32_t *out, uint32_t most);

/** Settle natures that a cell cannot tell alone. */
enum tally_status tally_settle_column(const struct tally_column_cells *x,
                                      struct tally_column_story *out, struct tally_err *err);

/** "150,000", for notes. */
struct tally_counted {
	char text[32];
};
struct tally_counted tally_counted(uint64_t n);

/* ---- stages, in order ---- */

/** A header in the first row that is a row of data is none: first of all stages. */
enum tally_status tally_check_headers(struct tally_comparison *c, struct tally_err *err);

/** Leave blank rows out of both sides. */
enum tally_status tally_leave_out_blank(struct tally_comparison *c, struct tally_err *err);

/** Finds out how many columns each side has, and what they are called. */
enum tally_status tally_measure_columns(struct tally_comparison *c, struct tally_err *err);

/** Makes the narrower side as wide as the other one: its last columns are there, and have nothing in them any more. */
enum tally_status tally_widen_columns(struct tally_comparison *c, struct tally_err *err);

/** Says what stands in the columns that only one side has. */
enum tally_status tally_find_alone(struct tally_comparison *c, struct tally_err *err);

/** Columns beyond the last header or the usual row, of the side that has more of them. */
static inline uint32_t tally_extra_columns(const struct tally_comparison *c)
{
	uint32_t a = c->side[0].columns - c->side[0].base, b = c->side[1].columns - c->side[1].base;

	return a > b ? a : b;
}

enum tally_status tally_compare_columns(struct tally_comparison *c, struct tally_err *err);

/** Pairs equal rows, in order where possible; sets c->touched where cells have to be looked at. */
enum tally_status tally_pair_equal(struct tally_comparison *c, struct tally_err *err);

/** Then those that differ in results of formulas, in where the cells that these mean are now, or in formats only. */
enum tally_status tally_pair_but_results(struct tally_comparison *c, struct tally_err *err);

/** The same through the aligner: for tables without a key. */
enum tally_status tally_pair_aligned(struct tally_comparison *c, struct tally_err *err);

/**
 * Pairs all rows with those in their old places where nearly all of them agree by half of their cells: for tables without a
 * key, as long as they are, of which hardly a row is equal. Otherwise nothing is done.
 */
enum tally_status tally_pair_in_place(struct tally_comparison *c, struct tally_err *err);

/**
 * Pairs rows by their places, between others that kept their distance, unless they are explained with fewer changed cells as
 * they are paired: after all other ways of pairing.
 */
enum tally_status tally_pair_in_old_places(struct tally_comparison *c, struct tally_err *err);

/** Pairs rows of sheets of which every cell was cleared with the blank rows that stand in their places. */
enum tally_status tally_pair_cleared(struct tally_comparison *c, struct tally_err *err);

/** Looks up the given key, or infers one; fills d->aligned_by. */
enum tally_status tally_find_key(struct tally_comparison *c, struct tally_err *err);

/** Pairs the rest by key. */
enum tally_status tally_pair_by_key(struct tally_comparison *c, struct tally_err *err);

/** Undoes an inferred key that was sorted alone or given out anew: the rest of the rows stands under other keys. */
enum tally_status tally_pair_by_rest(struct tally_comparison *c, struct tally_err *err);

/** Undoes an inferred key that only counts the rows (1, 2, 3 …) where pairing without it leaves far fewer edits. */
enum tally_status tally_pair_without_number(struct tally_comparison *c, struct tally_err *err);

/**
 * Pairs what is left by similarity inside gaps between paired rows, then across them.
 * @least     thousandths from which two rows are one
 * @in_place  rows that stayed where they are need less: half of their cells
 */
enum tally_status tally_pair_similar(struct tally_comparison *c, unsigned least, bool in_place,
                                     struct tally_err *err);

/** Pair two rows. */
static inline void tally_pair_rows(struct tally_comparison *c, uint32_t before, uint32_t after,
                                   bool look)
{
	c->side[0].pair[before] = after;
	c->side[1].pair[after] = before;
	c->touched[after] = look;
}

enum tally_status tally_compare_cells(struct tally_comparison *c, struct tally_err *err);

/** Shifted, permuted, dates by column; then folds cells into rewrites and lists the others. */
enum tally_status tally_explain_cells(struct tally_comparison *c, struct tally_err *err);

/** Counts what changed outside of the scope that was set; before rows and cells are listed. */
enum tally_status tally_find_outside(struct tally_comparison *c, struct tally_err *err);

/** Hands the counts over; after the last one. */
enum tally_status tally_scope_finish(struct tally_comparison *c, struct tally_err *err);
void tally_scope_work_free(struct tally_scope_work *w);

bool tally_scope_cell_outside(const struct tally_comparison *c, const struct tally_cell_record *r);

/**
 * Why a row may not come, go or move: TALLY_OUTSIDE_OF_…; without a scope nothing speaks against it.
 * @order  it moved
 */
enum tally_status tally_scope_row_reason(struct tally_comparison *c, int side, uint32_t row,
                                         bool order, int *reason, struct tally_err *err);
void tally_scope_count_row(struct tally_comparison *c, int kind, int reason, uint64_t row,
                           uint64_t row_before);

/** Lists deleted, added and moved rows, or says that all were put in another order. */
enum tally_status tally_find_moves(struct tally_comparison *c, struct tally_err *err);

/** Finds rows that stand elsewhere as well, and the header's among the others; after the moves. */
enum tally_status tally_find_copies(struct tally_comparison *c, struct tally_err *err);

/** Rows that look like totals and no longer agree; in tables of up to TALLY_LARGE_ROWS rows. Marks totals, which are not in any sum. */
enum tally_status tally_compare_totals(struct tally_comparison *c, struct tally_err *err);

enum tally_status tally_compare_invariants(struct tally_comparison *c, struct tally_err *err);

/** Keys of rows as hashes. After rows that are paired have the key of their row on the before side. */
struct tally_keys {
	uint64_t *before;      /* by row */
	uint32_t *free_rows;   /* after rows without a pair */
	uint64_t *free_hashes; /* and their keys */
	uint32_t free_count;
	bool rising; /* each key of the before side is larger than the one before it: they are unique */
};

enum tally_status tally_keys_init(struct tally_keys *keys, struct tally_comparison *c,
                                  const uint32_t *key, uint32_t key_count, struct tally_err *err);
void tally_keys_release(struct tally_keys *keys);

/** Tables of more rows than this are gone through once at most for their sums. */
enum { TALLY_LARGE_ROWS = 200000 };

enum {
	TALLY_SUM_GLANCE = 1, /* numbers are no longer looked for when the first cells of this sum had none */
	TALLY_SUM_TYPED = 2, /* cells have types, and numbers that are texts are no numbers */
};

/** Add a cell. @how  TALLY_SUM_… */
void tally_sum_cell(struct tally_sum *sum, const struct tally_cell *cell, unsigned how);
/** Take a cell away again; smallest, largest and the fraction cannot be. */
void tally_sum_remove(struct tally_sum *sum, const struct tally_cell *cell, unsigned how);

/** How the cells of a comparison are added up. */
static inline unsigned tally_sum_how(const struct tally_comparison *c)
{
	return c->typed ? TALLY_SUM_TYPED : 0;
}

void tally_sum_join(struct tally_sum *to, const struct tally_sum *sum);

/** Are its numbers names of something, which nobody adds up? */
bool tally_sum_is_identifier(const struct tally_sum *sum);

/** The marks that a column's numbers are written with; TALLY_MARKS where they do not tell. */
enum tally_marks tally_sum_marks(const struct tally_sum *sum);

/** Hashes of texts beyond ASCII that do not say "total": folding their letters costs much, and most texts repeat. */
enum { TALLY_TOTAL_OTHERS = 4096 };

/** Words that say "total": more than there are. */
enum { TALLY_TOTAL_WORDS = 96 };

/**
 * Does a cell say "total"?
 * @others  TALLY_TOTAL_OTHERS hashes, all 0 at first
 * @return number of the word that says so, below TALLY_TOTAL_WORDS; -1: none does
 */
int tally_total_word(const struct tally_cell *cell, uint64_t *others);

/** A cell as a number. Where cells have types, only a number's own notation counts. */
bool tally_cell_number(struct tally_number *out, const struct tally_cell *cell);

/** By after row: is it paired and in the longest run that kept its order? @kept  room for all after rows */
enum tally_status tally_mark_kept(const struct tally_comparison *c, uint8_t *kept,
                                  struct tally_err *err);

/** Rows of a side without a pair, ascending; yours to tally_free, NULL without memory. */
uint32_t *tally_free_rows(const struct tally_table_side *side, uint32_t *count);

/** Finds sums that leave out a row of their block, which they had or which is new. */
enum tally_status tally_find_short_sums(struct tally_comparison *c, struct tally_err *err);

/** Says where values that told rows apart do so no more, though their column is no key; after the totals. */
enum tally_status tally_find_no_longer_unique(struct tally_comparison *c, struct tally_err *err);

/** Says of how many formulas the result is not known on the after side only. */
enum tally_status tally_find_not_computed(struct tally_comparison *c, struct tally_err *err);

/** Says where rows may be paired wrongly: last stage, fills d->aligned_by. */
enum tally_status tally_find_doubts(struct tally_comparison *c, struct tally_err *err);

/** Remember a problem of the comparison itself; strings go into the diff's arena. */
enum tally_status tally_table_problem(struct tally_comparison *c, bool after, const char *what,
                                      uint64_t row, uint64_t count, const char *detail,
                                      struct tally_err *err);

#endif
