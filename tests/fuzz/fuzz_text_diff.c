/*
 * Comparing any two texts: two texts of lines with a line of "%%" between them; a line is a block.
 */
#include <stdint.h>
#include <string.h>

#include "support/text_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct tally_text before, after;
	size_t split = size, rest;

	if (size > 1 << 14)
		return 0;
	for (size_t i = 0; i + 3 <= size && split == size; i++)
		if (!memcmp(text + i, "%%\n", 3))
			split = i;
	rest = split == size ? size : split + 3;
	text_of_lines(&before, text, split);
	text_of_lines(&after, text + rest, size - rest);
	tally_text_diff_free(text_laws(&before, &after));
	tally_text_release(&before);
	tally_text_release(&after);
	return 0;
}
