/*
 * Workbooks of any parts: what is read keeps to the limits, the same bytes give the same cells, equal rows are those that
 * have equal bytes, and rows and cells stand within the part. The input is the parts' text, with a zero byte between them:
 * sheet, shared strings, styles, workbook; missing ones are honest.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "support/check.h"
#include "support/xlsx_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

extern const struct tally_format tally_format_xlsx;

/* small, so that each input is quick */
static struct tally_limits limits = TALLY_LIMITS_INIT;

enum { PARTS = 4, BYTES = 1 << 20, ROWS = 2000, COLUMNS = 300, CELLS = 400, EVENTS_DEPTH = 6 };

struct seen {
	uint64_t sum, parts, notes, facts;
	enum tally_status status;
	enum tally_reason reason;
};

static void mix(struct seen *s, const void *bytes, size_t len)
{
	s->sum = tally_hash64(bytes, len, s->sum + len);
}

static void mix_cell(struct seen *s, const struct tally_cell *c)
{
	CHECK(c->value && c->kind <= TALLY_CELL_ERROR && c->cached <= TALLY_CACHED_STALE);
	CHECK(!c->format_len || c->format);
	CHECK(!c->formula_len || c->formula);
	CHECK(c->kind != TALLY_CELL_EMPTY || !c->value_len);
	mix(s, c->value, c->value_len);
	if (c->formula)
		mix(s, c->formula, c->formula_len);
	if (c->format)
		mix(s, c->format, c->format_len);
	mix(s, &c->kind, 1);
}

static enum tally_status part(void *payload, struct tally_part *p, struct tally_err *err)
{
	struct tally_cell cells[CELLS];
	struct seen *s = payload;

	s->parts++;
	CHECK(p->sheet && p->row_count <= ROWS && p->columns <= COLUMNS);
	CHECK(p->header_row == TALLY_NO_HEADER || p->header_row < p->row_count);
	for (size_t row = 0; row < p->row_count; row++) {
		const char *raw;
		size_t len, count;

		p->ops->raw(p, row, &raw, &len);
		CHECK(p->rows[row].hash == tally_hash64(raw, len, 0));
		CHECK(p->ops->cells(p, row, NULL, cells, CELLS, &count, err) == TALLY_OK);
		CHECK(count <= p->columns);
		CHECK((count == 0) == (len == 0));
		for (size_t i = 0; i < count; i++)
			mix_cell(s, &cells[i]);
		/* what follows the last cell is no cell */
		CHECK(!count || cells[count - 1].value_len || cells[count - 1].formula);
	}
	CHECK(!p->row_count || p->columns);
	for (size_t i = 0; i < p->problem_count; i++) {
		CHECK(p->problems[i].count && p->problems[i].what);
		mix(s, p->problems[i].what, strlen(p->problems[i].what));
	}
	tally_part_free(p);
	return TALLY_OK;
}

static enum tally_status note(void *payload, const struct tally_note *n, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	s->notes++;
	CHECK(n->reason > TALLY_REASON_NONE && n->reason < TALLY_REASON_COUNT);
	return TALLY_OK;
}

static enum tally_status fact(void *payload, const struct tally_fact *f, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	s->facts++;
	CHECK(f->name && f->value);
	mix(s, f->name, strlen(f->name));
	mix(s, f->value, strlen(f->value));
	return TALLY_OK;
}

static struct seen read_book(const struct zip_maker *zip)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_err err = { 0 };
	struct seen s = { 0 };
	const struct tally_sink sink = { .payload = &s, .part = part, .note = note, .fact = fact };
	struct tally_source *src = NULL;
	enum tally_status st;

	options.limits = &limits;
	CHECK(tally_source_memory(&src, zip->bytes.bytes, zip->bytes.len, &err) == TALLY_OK);
	st = tally_format_xlsx.read(src, &options, &sink, &err);
	CHECK(st == TALLY_OK || st == TALLY_PARTIAL || st == TALLY_SKIP);
	CHECK(st != TALLY_PARTIAL || s.notes > 0);
	CHECK(st != TALLY_SKIP || err.reason != TALLY_REASON_NONE);
	tally_source_free(src);
	s.status = st;
	s.reason = st < 0 ? err.reason : TALLY_REASON_NONE;
	return s;
}

static bool same(const struct seen *a, const struct seen *b)
{
	return a->status == b->status && a->reason == b->reason && a->sum == b->sum &&
	       a->parts == b->parts && a->notes == b->notes && a->facts == b->facts;
}

/* As events only: where elements may not stand deep in each other, no cell is taken where it lies. */
static struct seen read_events(const struct zip_maker *zip)
{
	const uint64_t depth = limits.xml_depth;
	struct seen s;

	limits.xml_depth = EVENTS_DEPTH;
	s = read_book(zip);
	limits.xml_depth = depth;
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + PARTS);
	const char *parts[PARTS] = { NULL };
	struct xlsx_maker x = { 0 };
	struct seen once, twice, events;
	size_t at = 0;

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	memset(text + size, 0, PARTS);
	for (int i = 0; i < PARTS && at < size; i++) {
		parts[i] = text[at] ? text + at : NULL;
		at += strlen(text + at) + 1;
	}
	/* a whole sheet, or what stands in its rows */
	if (parts[0] && (!strncmp(parts[0], "<?", 2) || !strncmp(parts[0], "<w", 2)))
		x.sheet_part = parts[0];
	else
		x.sheet = parts[0];
	x.strings = parts[1];
	x.styles = parts[2];
	x.workbook = parts[3];
	limits.archive_bytes = BYTES;
	limits.table_bytes = BYTES;
	limits.sheet_rows = ROWS;
	limits.blank_rows = ROWS;
	limits.table_columns = COLUMNS;
	limits.shared_text = BYTES;
	xlsx_make(&x);
	once = read_book(&x.zip);
	twice = read_book(&x.zip);
	CHECK(same(&once, &twice));
	events = read_events(&x.zip);
	CHECK(events.reason == TALLY_REASON_LIMIT || same(&once, &events));
	zip_release(&x.zip);
	free(text);
	return 0;
}
