/*
 * Comparing any two tables: the first byte chooses how, the rest is two texts with a line of "%%" between them.
 */
#include <stdint.h>
#include <string.h>

#include "support/table_laws.h"
#include "support/text_part.h"

/* Seven comparisons of a longer one take a tenth of a second here; large tables are the matter of unit.diff.table_laws. */
enum { INPUT_MOST = 1 << 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t find_split(const char *text, size_t len)
{
	for (size_t i = 0; i + 3 <= len; i++)
		if (!memcmp(text + i, "%%\n", 3))
			return i;
	return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	struct text_part_options how[2] = { { 0 }, { 0 } };
	const char *text = (const char *)data + 1, *key = "id";
	struct tally_part *before, *after;
	size_t split;

	if (size < 1 || size > INPUT_MOST)
		return 0;
	options.key = &key;
	options.key_count = data[0] & 1;
	options.no_key = (data[0] & 2) != 0;
	how[0].no_header = how[1].no_header = (data[0] & 4) != 0;
	how[0].quotes_tell = how[1].quotes_tell = (data[0] & 8) != 0;
	how[1].delimiter = data[0] & 16 ? ';' : ',';
	how[1].no_header ^= (data[0] & 32) != 0;
	how[0].header_row = data[0] & 64 ? 2 : 0;
	split = find_split(text, size - 1);
	before = text_part_of(text, split, &how[0]);
	after = text_part_of(text + split, size - 1 - split, &how[1]);
	if (split + 3 < size - 1) {
		tally_part_free(after);
		after = text_part_of(text + split + 3, size - 1 - split - 3, &how[1]);
	}
	/* quotes are bytes that empty cells of sheets have not */
	before->sheet = after->sheet = (data[0] & 128) != 0 && !memchr(data, '"', size);
	laws_all(before, after, options);
	tally_part_free(before);
	tally_part_free(after);
	return 0;
}
