/* A sheet over a text: lines and bars. */
#include "support/sheet_part.h"

#include <string.h>

static uint8_t kind_of(const char *value, size_t len)
{
	if (len == 0)
		return TALLY_CELL_EMPTY;
	if (*value == '#')
		return TALLY_CELL_ERROR;
	if ((len == 4 && !memcmp(value, "TRUE", 4)) || (len == 5 && !memcmp(value, "FALSE", 5)))
		return TALLY_CELL_BOOL;
	if (len >= 10 && value[4] == '-' && value[7] == '-' && *value >= '0' && *value <= '9')
		return TALLY_CELL_DATE;
	return strspn(value, "0123456789.-+eE") >= len ? TALLY_CELL_NUMBER : TALLY_CELL_TEXT;
}

static struct tally_cell cell_of(const char *at, size_t len)
{
	struct tally_cell cell = { .value = at, .value_len = (uint32_t)len };
	const char *mark;

	if (len && *at == '\'') {
		cell.value++;
		cell.value_len--;
		return cell;
	}
	if (len && *at == '=') {
		mark = memchr(at, '#', len);
		cell.formula = at + 1;
		cell.formula_len = (uint32_t)((mark ? mark : at + len) - at - 1);
		cell.value = mark ? mark + 1 : "";
		cell.value_len = mark ? (uint32_t)(at + len - mark - 1) : 0;
		cell.cached = cell.value_len ? TALLY_CACHED_OK : TALLY_CACHED_MISSING;
		if (cell.value_len == 1 && *cell.value == '\'') {
			cell.value_len = 0;
			return cell;
		}
	}
	mark = memchr(cell.value, '~', cell.value_len);
	if (mark) {
		if (mark > cell.value || cell.formula) {
			cell.format = mark + 1;
			cell.format_len = (uint32_t)(cell.value + cell.value_len - mark - 1);
		}
		cell.value_len = (uint32_t)(mark - cell.value);
	}
	cell.kind = kind_of(cell.value, cell.value_len);
	return cell;
}

static bool add_row(struct tally_table_builder *b, const char *at, const char *end)
{
	while (at < end) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		const char *to = bar ? bar : end;
		struct tally_cell cell = cell_of(at, (size_t)(to - at));

		if (tally_table_builder_cell(b, &cell, NULL) != TALLY_OK)
			return false;
		at = bar ? bar + 1 : end;
	}
	return tally_table_builder_row(b, 1, NULL) == TALLY_OK;
}

struct tally_part *sheet_part_of(const char *format, const char *name, const char *text, bool header)
{
	struct tally_table_builder *b = NULL;
	struct tally_part *part = NULL;
	bool named = header && *text && *text != '\n'; /* a row without cells names nothing */
	bool ok = tally_table_builder_new(&b, name, format, UINT64_C(1) << 30, NULL) == TALLY_OK;

	while (ok && *text) {
		const char *end = strchr(text, '\n');

		end = end ? end : text + strlen(text);
		ok = add_row(b, text, end);
		text = *end ? end + 1 : end;
	}
	if (ok)
		ok = tally_table_builder_finish(b, &part, NULL) == TALLY_OK;
	tally_table_builder_free(b);
	if (!ok)
		return NULL;
	part->sheet = true;
	part->header_row = named && part->row_count ? 0 : TALLY_NO_HEADER;
	return part;
}

struct tally_part *sheet_part(const char *name, const char *text, bool header)
{
	return sheet_part_of("xlsx", name, text, header);
}
