/*
 * Cutting any text as any other one is: two texts of lines with a line of "%%" between them; a line is a block. Within one format
 * no word may come or go.
 */
#include <stdint.h>
#include <string.h>

#include "diff/text_recut.h"
#include "support/text_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sum over all words, whatever their order, and how many there are. */
static uint64_t sum_of_words(const struct tally_text *text, size_t *count)
{
	uint64_t sum = 0;

	*count = 0;
	for (size_t i = 0; i < text->count; i++) {
		const char *at = text->blocks[i].text, *end = at + text->blocks[i].len;

		while (at < end) {
			uint64_t h = 14695981039346656037U;

			while (at < end && *at == ' ')
				at++;
			if (at == end)
				break;
			for (; at < end && *at != ' '; at++)
				h = (h ^ (unsigned char)*at) * 1099511628211U;
			sum += h;
			++*count;
		}
	}
	return sum;
}

static void recut(const struct tally_text *in, const struct tally_text *pattern, bool other_format)
{
	struct tally_text out;
	size_t words, kept;
	uint64_t sum = sum_of_words(in, &words);

	tally_text_init(&out, 0);
	LAW(tally_text_recut(&out, in, pattern, other_format, NULL) == TALLY_OK, "it failed");
	if (!other_format)
		LAW(sum_of_words(&out, &kept) == sum && kept == words, "words came or went");
	else
		LAW((sum_of_words(&out, &kept), kept <= words), "words came out of nowhere");
	for (size_t i = 0; i < out.count; i++)
		LAW(out.blocks[i].len > 0, "an empty paragraph");
	tally_text_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct tally_text raw[2], texts[2];
	size_t split = size, rest;

	if (size > 1 << 14)
		return 0;
	for (size_t i = 0; i + 3 <= size && split == size; i++)
		if (!memcmp(text + i, "%%\n", 3))
			split = i;
	rest = split == size ? size : split + 3;
	text_of_lines(&raw[0], text, split);
	text_of_lines(&raw[1], text + rest, size - rest);
	for (int i = 0; i < 2; i++) {
		tally_text_init(&texts[i], 0);
		LAW(tally_text_squeeze(&texts[i], &raw[i], size % 2 ? &raw[1 - i] : NULL, NULL) ==
		            TALLY_OK,
		    "squeezing failed");
	}
	recut(&texts[1], &texts[0], false);
	recut(&texts[0], &texts[1], true);
	for (int i = 0; i < 2; i++) {
		tally_text_release(&raw[i]);
		tally_text_release(&texts[i]);
	}
	return 0;
}
