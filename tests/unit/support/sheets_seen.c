/* See sheets_seen.h. */
#include "support/sheets_seen.h"

#include <string.h>

#include "support/check.h"

enum { LOOKED_AT = 64 /* cells of a row */ };

static enum tally_status on_part(void *payload, struct tally_part *part, struct tally_err *err)
{
	static struct tally_cell cells[LOOKED_AT];
	struct sheets_seen *s = payload;

	CHECK(part->sheet && part->sure_rows == part->row_count);
	CHECK(part->header_row == TALLY_NO_HEADER || part->header_row < part->row_count);
	for (size_t row = 0; row < part->row_count; row++) {
		size_t count;

		CHECK(part->ops->cells(part, row, NULL, cells, LOOKED_AT, &count, err) == TALLY_OK);
		CHECK(count <= part->columns);
		for (size_t i = 0; i < count && i < LOOKED_AT; i++) {
			CHECK(cells[i].kind <= TALLY_CELL_ERROR);
			s->bytes += cells[i].value_len;
			s->more += cells[i].formula_len + cells[i].format_len;
		}
		s->cells += count;
		s->hash = s->hash * 31 + part->rows[row].hash;
	}
	s->rows += part->row_count;
	s->more += !part->values_only;
	tally_part_free(part);
	return TALLY_OK;
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct sheets_seen *s = payload;

	(void)err;
	CHECK(fact->name && fact->value);
	s->facts += strlen(fact->value) + (fact->where ? strlen(fact->where) : 0);
	return TALLY_OK;
}

struct tally_sink sheets_seen(struct sheets_seen *seen, bool facts)
{
	return (struct tally_sink){ .payload = seen, .part = on_part, .fact = facts ? on_fact : NULL };
}
