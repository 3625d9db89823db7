/* Parts of tables, and the builder that packs cells pushed one by one: see core/table.h. */
#include "core/table.h"

#include <assert.h>
#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/spill.h"

void tally_part_free(struct tally_part *part)
{
	if (!part)
		return;
	if (part->ops && part->ops->release)
		part->ops->release(part);
	tally_free(part->rows);
	tally_free(part->properties);
	tally_free(part->problems);
	tally_arena_release(&part->arena);
	tally_free(part);
}

/* Room behind the last of @count elements. They are few, so each costs a call of realloc. */
static bool one_more(void *items, size_t count, size_t size)
{
	void **array = items;
	void *grown = tally_realloc(*array, count + 1, size);

	if (grown)
		*array = grown;
	return grown != NULL;
}

enum tally_status tally_part_property(struct tally_part *part, const char *name, const char *value,
                                      struct tally_err *err)
{
	const char *copy = tally_arena_dup(&part->arena, value, strlen(value));

	if (!copy)
		return tally_err_nomem(err);
	for (size_t i = 0; i < part->property_count; i++) {
		if (!strcmp(part->properties[i].name, name)) {
			part->properties[i].value = copy;
			return TALLY_OK;
		}
	}
	if (!one_more(&part->properties, part->property_count, sizeof *part->properties))
		return tally_err_nomem(err);
	part->properties[part->property_count++] = (struct tally_property){ name, copy };
	return TALLY_OK;
}

bool tally_problem_same(const struct tally_problem *a, const struct tally_problem *b)
{
	return !strcmp(a->what, b->what) && a->count == b->count &&
	       (a->places == b->places || a->contents == b->contents);
}

enum tally_status tally_part_problem(struct tally_part *part, const char *what, uint64_t row,
                                     const char *detail, struct tally_err *err)
{
	const char *copy = NULL;

	for (size_t i = 0; i < part->problem_count; i++) {
		if (!strcmp(part->problems[i].what, what)) {
			part->problems[i].count++;
			return TALLY_OK;
		}
	}
	if (detail) {
		copy = tally_arena_dup(&part->arena, detail, strlen(detail));
		if (!copy)
			return tally_err_nomem(err);
	}
	if (!one_more(&part->problems, part->problem_count, sizeof *part->problems))
		return tally_err_nomem(err);
	part->problems[part->problem_count++] = (struct tally_problem){
		.what = what, .row = row, .count = 1, .detail = copy
	};
	return TALLY_OK;
}

/*
 * A packed row:
 *
 *	varint  bytes that follow
 *	cells:  varint  flags (below); most fit one byte
 *		varint  length, value
 *		varint  length, formula   when FLAG_FORMULA
 *		varint  length, format    when FLAG_FORMAT
 *
 * What a row's hash covers starts behind its length. A repeated row is stored once: its struct tally_rows share the offset.
 */
enum {
	FLAG_KIND = 7, /* three bits */
	FLAG_FORMULA = 1 << 3,
	FLAG_FORMAT = 1 << 4,
	FLAG_CACHED_SHIFT = 5, /* two bits */
	FLAG_QUOTED = 1 << 7,
	FLAG_BAD_BYTES = 1 << 8,
};

struct tally_table_builder {
	struct tally_part *part;
	struct tally_scratch *scratch;
	struct tally_spill *packed; /* rows ended; NULL: none yet */
	struct tally_buf row;       /* cells of the row begun */
	size_t cells;               /* their number */
	size_t rows_cap;
	uint64_t max_bytes;
};

enum {
	PACKED_KEPT = 16 << 20, /* bytes of packed rows that stay in memory where there is a scratch file */
	LENGTH_MOST = 10, /* bytes of a varint */
};

/* self is the spill of packed rows */
static void packed_raw(const struct tally_part *part, size_t row, const char **bytes, size_t *len)
{
	const struct tally_spill *packed = part->self;
	uint64_t offset = part->rows[row].offset;
	struct tally_bytes b = tally_bytes_of(tally_spill_at(packed, offset, 1), LENGTH_MOST);

	*len = (size_t)tally_bytes_varint(&b);
	*bytes = (const char *)b.at;
	tally_spill_use(packed, offset, *len + LENGTH_MOST);
}

static void unpack_text(struct tally_bytes *b, const char **text, uint32_t *len)
{
	*len = (uint32_t)tally_bytes_varint(b);
	*text = (const char *)tally_bytes_take(b, *len);
}

static struct tally_cell unpack_cell(struct tally_bytes *b)
{
	uint64_t flags = tally_bytes_varint(b);
	struct tally_cell cell = {
		.kind = flags & FLAG_KIND,
		.cached = flags >> FLAG_CACHED_SHIFT & 3,
		.quoted = (flags & FLAG_QUOTED) != 0,
		.bad_bytes = (flags & FLAG_BAD_BYTES) != 0,
	};

	unpack_text(b, &cell.value, &cell.value_len);
	if (flags & FLAG_FORMULA)
		unpack_text(b, &cell.formula, &cell.formula_len);
	if (flags & FLAG_FORMAT)
		unpack_text(b, &cell.format, &cell.format_len);
	return cell;
}

static enum tally_status packed_cells(const struct tally_part *part, size_t row,
                                      struct tally_arena *scratch, struct tally_cell *cells,
                                      size_t cap, size_t *count, struct tally_err *err)
{
	struct tally_bytes b;
	const char *bytes;
	size_t len;

	(void)scratch;
	(void)err;
	packed_raw(part, row, &bytes, &len);
	b = tally_bytes_of(bytes, len);
	for (*count = 0; tally_bytes_left(&b) && !b.bad; (*count)++) {
		struct tally_cell cell = unpack_cell(&b);

		if (*count < cap)
			cells[*count] = cell;
	}
	return TALLY_OK;
}

static void packed_release(struct tally_part *part)
{
	tally_spill_free(part->self);
}

static const struct tally_part_ops packed_ops = { packed_raw, packed_cells, packed_release };

static enum tally_status too_large(const struct tally_table_builder *b, struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
	                     "table_bytes: a table of more than %llu bytes",
	                     (unsigned long long)b->max_bytes);
}

enum tally_status tally_table_builder_new(struct tally_table_builder **out, const char *name,
                                          const char *format, uint64_t max_bytes,
                                          struct tally_err *err)
{
	struct tally_table_builder *b = tally_alloc_zero(1, sizeof *b);

	if (!b)
		return tally_err_nomem(err);
	b->part = tally_alloc_zero(1, sizeof *b->part);
	b->max_bytes = max_bytes < SIZE_MAX / 2 ? max_bytes : SIZE_MAX / 2;
	tally_buf_init(&b->row, (size_t)b->max_bytes);
	if (!b->part)
		goto nomem;
	b->part->format = format;
	b->part->header_row = TALLY_NO_HEADER;
	b->part->quotes_tell = true;
	b->part->ops = &packed_ops;
	b->part->name = tally_arena_dup(&b->part->arena, name, strlen(name));
	if (!b->part->name)
		goto nomem;
	*out = b;
	return TALLY_OK;
nomem:
	tally_table_builder_free(b);
	return tally_err_nomem(err);
}

void tally_table_builder_free(struct tally_table_builder *b)
{
	if (!b)
		return;
	tally_part_free(b->part);
	tally_spill_free(b->packed);
	tally_buf_release(&b->row);
	tally_free(b);
}

/* what the part takes by now: packed bytes and 16 more for each row */
static uint64_t taken(const struct tally_table_builder *b)
{
	return (b->packed ? tally_spill_size(b->packed) : 0) +
	       (uint64_t)b->part->row_count * sizeof *b->part->rows;
}

static bool pack_text(struct tally_buf *row, const char *text, uint32_t len)
{
	return tally_buf_varint(row, len) && tally_buf_add(row, text, len);
}

static bool pack_cell(struct tally_buf *row, const struct tally_cell *cell)
{
	unsigned flags = (unsigned)(cell->kind & FLAG_KIND) | (unsigned)(cell->cached & 3)
	                                                              << FLAG_CACHED_SHIFT;

	flags |= cell->formula ? FLAG_FORMULA : 0;
	flags |= cell->format ? FLAG_FORMAT : 0;
	flags |= cell->quoted ? FLAG_QUOTED : 0;
	flags |= cell->bad_bytes ? FLAG_BAD_BYTES : 0;
	if (!tally_buf_varint(row, flags) || !pack_text(row, cell->value, cell->value_len))
		return false;
	if (cell->formula && !pack_text(row, cell->formula, cell->formula_len))
		return false;
	return !cell->format || pack_text(row, cell->format, cell->format_len);
}

enum tally_status tally_table_builder_cell(struct tally_table_builder *b,
                                           const struct tally_cell *cell, struct tally_err *err)
{
	/* three lengths and the flags take at most 17 bytes */
	uint64_t need = (uint64_t)cell->value_len + 17;

	need += cell->formula ? cell->formula_len : 0;
	need += cell->format ? cell->format_len : 0;
	if (need > b->max_bytes || taken(b) + b->row.len > b->max_bytes - need)
		return too_large(b, err);
	if (!pack_cell(&b->row, cell))
		return tally_err_nomem(err);
	b->cells++;
	return TALLY_OK;
}

static enum tally_status grow_rows(struct tally_table_builder *b, size_t need, struct tally_err *err)
{
	size_t cap = b->rows_cap + b->rows_cap / 2;
	struct tally_row *grown;

	if (need <= b->rows_cap)
		return TALLY_OK;
	if (cap < need)
		cap = need;
	if (cap < 64)
		cap = 64;
	grown = tally_realloc(b->part->rows, cap, sizeof *grown);
	if (!grown)
		return tally_err_nomem(err);
	b->part->rows = grown;
	b->rows_cap = cap;
	return TALLY_OK;
}

void tally_table_builder_scratch(struct tally_table_builder *b, struct tally_scratch *scratch)
{
	assert(!b->packed);
	b->scratch = scratch;
}

static enum tally_status open_packed(struct tally_table_builder *b, struct tally_err *err)
{
	if (b->packed)
		return TALLY_OK;
	return tally_spill_new(&b->packed, b->scratch, PACKED_KEPT, b->max_bytes, err);
}

static enum tally_status add_packed(struct tally_table_builder *b, struct tally_err *err)
{
	unsigned char length[LENGTH_MOST];
	size_t n = 0;
	enum tally_status st = open_packed(b, err);

	for (size_t left = b->row.len; n == 0 || left; left >>= 7)
		length[n++] = (unsigned char)((left & 127) | (left > 127 ? 128 : 0));
	if (st == TALLY_OK)
		st = tally_spill_add(b->packed, length, n, err);
	return st == TALLY_OK ? tally_spill_add(b->packed, b->row.bytes, b->row.len, err) : st;
}

enum tally_status tally_table_builder_row(struct tally_table_builder *b, uint64_t times,
                                          struct tally_err *err)
{
	struct tally_part *part = b->part;
	struct tally_row row = { tally_hash64(b->row.bytes, b->row.len, 0),
		                 b->packed ? tally_spill_size(b->packed) : 0 };
	uint64_t free_bytes = b->max_bytes - taken(b);
	enum tally_status st;

	if (b->row.len + 10 > free_bytes || times > (free_bytes - b->row.len - 10) / sizeof row)
		return too_large(b, err);
	st = grow_rows(b, part->row_count + (size_t)times, err);
	if (st < 0)
		return st;
	st = times ? add_packed(b, err) : TALLY_OK;
	if (st < 0)
		return st;
	for (uint64_t i = 0; i < times; i++)
		part->rows[part->row_count++] = row;
	if (times && b->cells > part->columns)
		part->columns = b->cells;
	tally_buf_clear(&b->row);
	b->cells = 0;
	return TALLY_OK;
}

enum tally_status tally_table_builder_finish(struct tally_table_builder *b, struct tally_part **out,
                                             struct tally_err *err)
{
	struct tally_part *part = b->part;
	enum tally_status st = open_packed(b, err);

	/* packed_raw reads a length of up to ten bytes at a row's beginning, which is what the pad is for */
	if (st == TALLY_OK)
		st = tally_spill_seal(b->packed, err);
	if (st < 0)
		return st;
	part->self = b->packed;
	part->near = tally_spill_near(b->packed);
	b->packed = NULL;
	part->sure_rows = part->row_count;
	b->part = NULL;
	*out = part;
	return TALLY_OK;
}
