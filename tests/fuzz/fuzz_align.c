/*
 * Comparing any two sheets: applying the difference to the one before gives the one after. The first byte chooses how, the rest is
 * two sheets as support/sheet_part.h reads them, with a line of "%%" between them.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/sheet_part.h"
#include "support/table_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *text_of(const char *from, size_t len)
{
	char *text = malloc(len + 1);

	for (size_t i = 0; i < len; i++)
		text[i] = from[i] ? from[i] : ' ';
	text[len] = '\0';
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct tally_sheet_name names[] = { { "A", "B" } };
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	struct tally_part *before, *after;
	char *text, *split;

	if (size < 1 || size > 1 << 13)
		return 0;
	text = text_of((const char *)data + 1, size - 1);
	split = strstr(text, "%%\n");
	if (split)
		*split = '\0';
	options.no_key = (data[0] & 1) != 0;
	options.sheet_names = names;
	options.sheet_name_count = data[0] & 2 ? 1 : 0;
	before = sheet_part("A", text, (data[0] & 4) != 0);
	after = sheet_part_of(data[0] & 8 ? "ods" : "xlsx", "B", split ? split + 3 : text,
	                      (data[0] & 16) != 0);
	if (before && after)
		laws_all(before, after, options);
	tally_part_free(before);
	tally_part_free(after);
	free(text);
	return 0;
}
