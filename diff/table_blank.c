/* Rows with nothing in them are no data: they are left out of the comparison, and only their number is told. */
#include "core/ascii.h"
#include "core/mem.h"
#include "core/parallel.h"
#include "diff/table_work.h"

struct blank_job {
	const struct tally_comparison *c;
	const struct tally_table_side *side; /* as it is before rows are left out */
	uint8_t *blank;                      /* by row of the part */
};

enum {
	BLANK_CELL = 3,  /* bytes that an empty cell may have, */
	BLANK_ROW = 16,  /* a row's end, */
	PACKED_CELL = 2, /* and an empty cell of a sheet */
};

/* Most rows are known by their length or their first byte. */
static bool may_be_blank(const struct tally_comparison *compared, const struct tally_part *part,
                         size_t row)
{
	const char *bytes;
	size_t len;
	char c;

	/* rows of sheets may share their bytes, so that places say nothing of lengths */
	if (!part->sheet && row + 1 < part->row_count &&
	    part->rows[row + 1].offset > part->rows[row].offset &&
	    part->rows[row + 1].offset - part->rows[row].offset >
	            part->columns * BLANK_CELL + BLANK_ROW)
		return false;
	part->ops->raw(part, row, &bytes, &len);
	/* formulas that show nothing say nothing where they are not compared, and are long */
	if (part->sheet)
		return (compared->d->values_only && !part->values_only) ||
		       len <= part->columns * PACKED_CELL;
	c = len ? bytes[0] : '\0';
	return !tally_is_digit(c) && !tally_is_letter(c) && !((unsigned char)c & 0x80);
}

static enum tally_status look_at_chunk(void *payload, size_t index, struct tally_err *err)
{
	const struct blank_job *job = payload;
	const struct tally_part *part = job->side->part;
	size_t row = index * TALLY_CHUNK,
	       end = part->row_count - row > TALLY_CHUNK ? row + TALLY_CHUNK : part->row_count;
	struct tally_row_reader r;
	enum tally_status st = tally_row_reader_init(&r, job->side, err);

	for (; st == TALLY_OK && row < end; row++) {
		if (row == part->header_row || !may_be_blank(job->c, part, row))
			continue;
		st = tally_row_read_raw(&r, row, err);
		job->blank[row] = st == TALLY_OK && tally_row_blank(job->c, &r);
	}
	tally_row_reader_release(&r);
	return st;
}

static enum tally_status place_rows(struct tally_table_side *s, const uint8_t *blank,
                                    struct tally_err *err)
{
	size_t count = s->part->row_count;
	uint32_t rows = 0;

	s->places = tally_alloc((s->rows - s->blank + (size_t)1) * sizeof *s->places);
	if (!s->places)
		return tally_err_nomem(err);
	for (size_t row = 0; row < count; row++) {
		if (s->header && row == s->part->header_row)
			s->preamble = rows;
		else if (!blank[row])
			s->places[rows++] = (uint32_t)row;
	}
	s->rows = rows;
	return TALLY_OK;
}

static enum tally_status leave_out(const struct tally_comparison *c, struct tally_table_side *s,
                                   struct tally_err *err)
{
	struct tally_table_side all = *s;
	struct blank_job job = { .c = c, .side = &all };
	size_t count = s->part->row_count;
	enum tally_status st;

	all.cap = s->part->columns < c->limits->table_columns ? (uint32_t)s->part->columns
	                                                      : (uint32_t)c->limits->table_columns;
	job.blank = tally_alloc_zero(count, 1);
	if (!job.blank)
		return tally_err_nomem(err);
	st = tally_parallel(c->threads, (count + TALLY_CHUNK - 1) / TALLY_CHUNK, look_at_chunk,
	                    &job, err);
	for (size_t row = 0; st == TALLY_OK && row < count; row++)
		s->blank += job.blank[row];
	if (st == TALLY_OK && s->blank)
		st = place_rows(s, job.blank, err);
	tally_free(job.blank);
	return st;
}

enum tally_status tally_leave_out_blank(struct tally_comparison *c, struct tally_err *err)
{
	enum tally_status st = leave_out(c, &c->side[0], err);

	return st == TALLY_OK ? leave_out(c, &c->side[1], err) : st;
}
