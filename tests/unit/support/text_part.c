/* A part over a text: lines and delimiters. */
#include "support/text_part.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

#include "core/hash.h"
#include "core/mem.h"

struct text_self {
	char *text;
	size_t len;
	char delimiter;
};

static void text_raw(const struct tally_part *part, size_t row, const char **bytes, size_t *len)
{
	const struct text_self *self = part->self;
	size_t from = part->rows[row].offset;
	const char *end = memchr(self->text + from, '\n', self->len - from);

	*bytes = self->text + from;
	*len = end ? (size_t)(end - *bytes) : self->len - from;
}

static const char *quoted_end(const char *at, const char *end)
{
	while (at < end && !(*at == '"' && (at + 1 == end || at[1] != '"')))
		at += *at == '"' ? 2 : 1;
	return at < end ? at : end;
}

static void unquote(struct tally_cell *cell, const char *at, const char *end,
                    struct tally_arena *scratch)
{
	char *to = tally_arena_alloc(scratch, (size_t)(end - at) + 1);

	cell->value = to ? to : "";
	while (to && at < end) {
		at += *at == '"' && at + 1 < end;
		*to++ = *at++;
	}
	cell->value_len = to ? (uint32_t)(to - cell->value) : 0;
}

static enum tally_status text_cells(const struct tally_part *part, size_t row,
                                    struct tally_arena *scratch, struct tally_cell *cells,
                                    size_t cap, size_t *count, struct tally_err *err)
{
	const struct text_self *self = part->self;
	const char *at, *end;
	size_t len;

	(void)err;
	text_raw(part, row, &at, &len);
	end = at + len;
	for (*count = 0;; at++) {
		struct tally_cell cell = { .quoted = at < end && *at == '"' };

		if (cell.quoted) {
			const char *close = quoted_end(at + 1, end);

			unquote(&cell, at + 1, close, scratch);
			at = close < end ? close + 1 : end;
		} else {
			cell.value = at;
			while (at < end && *at != self->delimiter)
				at++;
			cell.value_len = (uint32_t)(at - cell.value);
		}
		cell.bad_bytes = u8_check((const uint8_t *)cell.value, cell.value_len) != NULL;
		if (*count < cap)
			cells[*count] = cell;
		++*count;
		if (at >= end || *at != self->delimiter)
			return TALLY_OK;
	}
}

static void text_release(struct tally_part *part)
{
	struct text_self *self = part->self;

	if (self)
		free(self->text);
	free(self);
}

static const struct tally_part_ops text_ops = { text_raw, text_cells, text_release };

static bool fill(struct tally_part *part, const char *text, size_t len,
                 const struct text_part_options *o)
{
	struct text_self *self = calloc(1, sizeof *self);
	size_t cells, cap = 0;

	part->ops = &text_ops;
	part->self = self;
	self->text = malloc(len + 1);
	memcpy(self->text, text, len);
	self->text[len] = '\n';
	self->len = len;
	self->delimiter = o->delimiter ? o->delimiter : ',';
	for (size_t at = 0; at < len;) {
		const char *bytes;
		size_t n;

		if (!tally_grow(&part->rows, &cap, part->row_count, sizeof *part->rows))
			return false;
		part->rows[part->row_count].offset = at;
		text_raw(part, part->row_count, &bytes, &n);
		part->rows[part->row_count++].hash = tally_hash64(bytes, n, 0);
		at += n + 1;
		text_cells(part, part->row_count - 1, &part->arena, NULL, 0, &cells, NULL);
		part->columns = cells > part->columns ? cells : part->columns;
	}
	part->header_row = o->no_header || part->row_count <= o->header_row ? TALLY_NO_HEADER
	                                                                    : o->header_row;
	part->sure_rows = part->row_count;
	part->quotes_tell = o->quotes_tell;
	if (o->header_property &&
	    tally_part_property(part, "header_row",
	                        part->header_row == TALLY_NO_HEADER ? "none" : "1", NULL) != TALLY_OK)
		return false;
	return (!o->quoting || tally_part_property(part, "quoting", o->quoting, NULL) == TALLY_OK) &&
	       tally_part_property(part, "delimiter", (char[]){ self->delimiter, '\0' }, NULL) ==
	               TALLY_OK;
}

struct tally_part *text_part_of(const char *text, size_t len, const struct text_part_options *options)
{
	static const struct text_part_options usual;
	struct tally_part *part = tally_alloc_zero(1, sizeof *part);

	if (!part)
		return NULL;
	part->name = "";
	part->format = "text";
	if (fill(part, text, len, options ? options : &usual))
		return part;
	tally_part_free(part);
	return NULL;
}

struct tally_part *text_part(const char *text)
{
	return text_part_of(text, strlen(text), NULL);
}
