/**
 * Reads a table out of bytes and keeps what comes: for tests of formats that give parts.
 *
 *	struct table_sink t = table_read(&tally_format_csv, "a,b\n1,2\n", 8, NULL);
 *	cr_assert_str_eq(table_property(&t, "delimiter"), ",");
 *	table_release(&t);
 */
#ifndef TALLY_TESTS_TABLE_SINK_H
#define TALLY_TESTS_TABLE_SINK_H

#include <criterion/criterion.h>
#include <string.h>

#include "formats/format.h"

struct table_sink {
	enum tally_status status;
	struct tally_err err;
	struct tally_part *part; /**< the last one, or NULL */
	size_t parts, notes;
	enum tally_reason reason; /**< of the last note */
	char where[64], shown[256];
};

static inline enum tally_status table_take_part(void *payload, struct tally_part *part,
                                                struct tally_err *err)
{
	struct table_sink *t = payload;

	(void)err;
	tally_part_free(t->part);
	t->part = part;
	t->parts++;
	return TALLY_OK;
}

static inline enum tally_status table_take_note(void *payload, const struct tally_note *note,
                                                struct tally_err *err)
{
	struct table_sink *t = payload;

	(void)err;
	t->notes++;
	t->reason = note->reason;
	if (note->where)
		strncpy(t->where, note->where, sizeof t->where - 1);
	return TALLY_OK;
}

/** Read from any source. */
static inline struct table_sink table_read_source(const struct tally_format *format,
                                                  struct tally_source *src,
                                                  const struct tally_read_options *options)
{
	static const struct tally_read_options defaults = TALLY_READ_OPTIONS_INIT;
	struct table_sink t = { .status = TALLY_OK };
	struct tally_sink sink = { .payload = &t, .part = table_take_part, .note = table_take_note };

	t.status = format->read(src, options ? options : &defaults, &sink, &t.err);
	return t;
}

/** Read from memory. */
static inline struct table_sink table_read(const struct tally_format *format, const void *bytes,
                                           size_t len, const struct tally_read_options *options)
{
	struct tally_source *src;
	struct table_sink t;

	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	t = table_read_source(format, src, options);
	tally_source_free(src);
	return t;
}

static inline void table_release(struct table_sink *t)
{
	tally_part_free(t->part);
	t->part = NULL;
}

/** The value of a property, or NULL. */
static inline const char *table_property(const struct table_sink *t, const char *name)
{
	for (size_t i = 0; i < t->part->property_count; i++)
		if (!strcmp(t->part->properties[i].name, name))
			return t->part->properties[i].value;
	return NULL;
}

/** The problem of that kind, or NULL. */
static inline const struct tally_problem *table_problem(const struct table_sink *t, const char *what)
{
	for (size_t i = 0; i < t->part->problem_count; i++)
		if (!strcmp(t->part->problems[i].what, what))
			return &t->part->problems[i];
	return NULL;
}

/** A row as text: [plain] <quoted>, with ! behind bytes that are no text. Valid until the next call. */
static inline const char *table_row(struct table_sink *t, size_t row)
{
	struct tally_arena scratch = TALLY_ARENA_INIT;
	struct tally_cell cells[32];
	size_t count, len = 0;

	cr_assert_lt(row, t->part->row_count);
	cr_assert_gt(t->part->ops->cells(t->part, row, &scratch, cells, 32, &count, NULL),
	             TALLY_SKIP);
	cr_assert_leq(count, 32);
	for (size_t i = 0; i < count; i++) {
		const struct tally_cell *c = &cells[i];

		cr_assert_lt(len + c->value_len + 4, sizeof t->shown);
		t->shown[len++] = c->quoted ? '<' : '[';
		if (c->value_len)
			memcpy(t->shown + len, c->value, c->value_len);
		len += c->value_len;
		t->shown[len++] = c->quoted ? '>' : ']';
		if (c->bad_bytes)
			t->shown[len++] = '!';
	}
	t->shown[len] = '\0';
	tally_arena_release(&scratch);
	return t->shown;
}

#endif
