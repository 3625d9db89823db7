/* Ignore patterns: the first line is a path, the rest a file of patterns. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "snap/ignore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What decides must be one of the list, and the last of those that match alone. */
static void check(const struct tally_ignore *list, const char *path, size_t len, int folder)
{
	uint32_t index;

	if (tally_ignore_match(list, path, len, folder, &index) && index >= tally_ignore_count(list))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *newline = size ? memchr(text, '\n', size) : NULL;
	size_t len = newline ? (size_t)(newline - text) : size;
	struct tally_ignore *list = NULL;

	if (size > 4096 || tally_ignore_new(&list, NULL) < 0)
		return 0;
	if (newline && tally_ignore_parse(list, newline + 1, size - len - 1, NULL) == TALLY_OK) {
		check(list, text, len, 0);
		check(list, text, len, 1);
	}
	if (newline)
		tally_ignore_wild(newline + 1, size - len - 1, text, len);
	tally_ignore_free(list);
	return 0;
}
