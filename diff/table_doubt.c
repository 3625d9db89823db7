/* Whether rows may be paired wrongly: judged by the evidence for the pairing, not by how much was edited. */
#include "diff/table_words.h"
#include "diff/table_work.h"

enum {
	ROWS_LEAST = 3,       /* in a smaller table nothing is doubtful */
	EDITED_ROWS = 500,    /* thousandths of the paired rows that are edited when most are, */
	EDITED_CELLS = 400,   /* in so many of their cells */
	OVERLAP_LEAST = 300,  /* thousandths of the keys that both sides have */
	OVERLAP_PROVES = 900, /* of a unique key that needs no other proof */
	FOUND_LEAST = 100,    /* thousandths of the rows found again without a key */
	SENTENCE = 6, /* words from which a text that kept half of them is the same one, edited */
	SENTENCE_SHARED = 500,
	TELLING = 640, /* weight of a column in which half of the values are different ones */
};

static enum tally_status doubt(struct tally_comparison *c, const char *note, struct tally_err *err)
{
	struct tally_alignment *by = &c->d->aligned_by;

	by->doubtful = true;
	if (note && by->note && by->how == TALLY_ALIGNED_ROWS) /* and why there is no key */
		note = tally_arena_printf(&c->d->arena, "%s; %s", note, by->note);
	by->note = note;
	return note ? TALLY_OK : tally_err_nomem(err);
}

/* Rows and cells whose change nothing explains. */
struct edits {
	uint64_t rows, cells;
};

/* A value that is another one; the same one, written differently, speaks for the pairing. */
static bool is_new(uint8_t nature)
{
	return nature == TALLY_NATURE_VALUE || nature == TALLY_NATURE_DATE_VALUE_CHANGED ||
	       nature == TALLY_NATURE_EMPTIED || nature == TALLY_NATURE_FILLED ||
	       nature == TALLY_NATURE_FORMULA_CHANGED;
}

static bool counts(const struct tally_cell_record *cell)
{
	return !cell->folded && is_new(cell->nature);
}

static struct edits count_edits(const struct tally_comparison *c)
{
	struct edits e = { 0, 0 };
	uint64_t last = UINT64_MAX;

	for (size_t i = 0; i < c->cell_count; i++) {
		if (!counts(&c->cells[i]))
			continue;
		e.cells++;
		e.rows += c->cells[i].after != last;
		last = c->cells[i].after;
	}
	return e;
}

struct cells {
	const struct tally_cell *old, *now;
};

/* White space, letter case and notation, or some of them together, do not make another value. */
static bool same_loosely(struct cells pair)
{
	return tally_cell_loose_hash(pair.old) == tally_cell_loose_hash(pair.now);
}

static bool same_sentence(struct cells pair)
{
	struct tally_words old, now;

	tally_words_of(&old, tally_cell_span(pair.old));
	tally_words_of(&now, tally_cell_span(pair.now));
	return old.count >= SENTENCE && tally_words_shared(&old, &now) >= SENTENCE_SHARED;
}

/* The cells of one row, from @i on: left out when one of them is the same sentence. @return the next row's first */
static size_t count_row(const struct tally_comparison *c, size_t i,
                        const struct tally_row_reader r[2], struct edits *e)
{
	uint32_t row = c->cells[i].after, cells = 0;
	bool known = false;

	for (; i < c->cell_count && c->cells[i].after == row; i++) {
		uint32_t k = c->cells[i].column;
		const struct cells pair = { tally_row_cell(&r[0], c->pairs[k].before),
			                    tally_row_cell(&r[1], c->pairs[k].after) };

		if (!counts(&c->cells[i]) || same_loosely(pair))
			continue;
		cells++;
		known = known || (c->key_weights[k] >= TELLING && same_sentence(pair));
	}
	if (!known) {
		e->cells += cells;
		e->rows += cells > 0;
	}
	return i;
}

/* Cells that only look different are left out, and rows whose sentence is the same but for some words: asked where most rows are edited. */
static enum tally_status leave_out_known(const struct tally_comparison *c, struct edits *e,
                                         struct tally_err *err)
{
	struct tally_row_reader r[2];
	enum tally_status st = tally_row_reader_init(&r[0], &c->side[0], err);
	enum tally_status second = tally_row_reader_init(&r[1], &c->side[1], err);

	st = st < 0 ? st : second;
	*e = (struct edits){ 0, 0 };
	for (size_t i = 0; st == TALLY_OK && i < c->cell_count;) {
		st = tally_row_read(&r[0], c->cells[i].before, err);
		if (st == TALLY_OK)
			st = tally_row_read(&r[1], c->cells[i].after, err);
		if (st == TALLY_OK)
			i = count_row(c, i, r, e);
	}
	tally_row_reader_release(&r[0]);
	tally_row_reader_release(&r[1]);
	return st;
}

/* ---- by kind of pairing ---- */

static enum tally_status doubt_edits(struct tally_comparison *c, const struct edits *e,
                                     uint64_t paired, struct tally_err *err)
{
	return doubt(c,
	             tally_arena_printf(&c->d->arena, "%s of %s paired rows are edited, in %s cell%s",
	                                tally_counted(e->rows).text, tally_counted(paired).text,
	                                tally_counted(e->cells).text, e->cells == 1 ? "" : "s"),
	             err);
}

static enum tally_status judge_key(struct tally_comparison *c, const struct edits *e,
                                   uint64_t paired, bool most, struct tally_err *err)
{
	const struct tally_alignment *by = &c->d->aligned_by;
	bool proven = c->key_named || (by->unique && by->overlap >= OVERLAP_PROVES);

	if (by->overlap < OVERLAP_LEAST && c->d->rows.before >= ROWS_LEAST &&
	    c->d->rows.after >= ROWS_LEAST)
		return doubt(c,
		             tally_arena_printf(&c->d->arena,
		                                "only %u.%u %% of the keys are on both sides",
		                                by->overlap / 10U, by->overlap % 10U),
		             err);
	if (by->how == TALLY_ALIGNED_GIVEN || !most)
		return TALLY_OK;
	return proven ? TALLY_OK : doubt_edits(c, e, paired, err);
}

static bool most_edited(const struct tally_comparison *c, const struct edits *e, uint64_t paired)
{
	uint64_t compared = c->base_pairs - c->key_count;

	return paired >= ROWS_LEAST && e->rows * 1000 > paired * EDITED_ROWS &&
	       e->cells * 1000 >= e->rows * compared * EDITED_CELLS;
}

enum tally_status tally_find_doubts(struct tally_comparison *c, struct tally_err *err)
{
	const struct tally_table_rows *rows = &c->d->rows;
	uint64_t paired = rows->after - rows->added;
	uint64_t smaller = rows->before < rows->after ? rows->before : rows->after;
	struct edits e = count_edits(c);
	bool most = most_edited(c, &e, paired);

	if (!c->base_pairs) /* no row was paired, and none could be */
		return TALLY_OK;
	if (most && c->key_weights && c->d->aligned_by.how != TALLY_ALIGNED_GIVEN) {
		enum tally_status st = leave_out_known(c, &e, err);

		if (st < 0)
			return st;
		most = most_edited(c, &e, paired);
	}
	if (c->d->aligned_by.how != TALLY_ALIGNED_ROWS)
		return judge_key(c, &e, paired, most, err);
	if (most)
		return doubt_edits(c, &e, paired, err);
	if (smaller >= ROWS_LEAST && paired * 1000 < smaller * FOUND_LEAST)
		return doubt(c,
		             tally_arena_printf(&c->d->arena, "only %s of %s rows were found again",
		                                tally_counted(paired).text,
		                                tally_counted(rows->before).text),
		             err);
	return TALLY_OK;
}
