/* Splitting by several threads, again and again: for ThreadSanitizer, and the same rows each time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv_records.h"

enum { TEXT_BYTES = 1 << 20, ROUNDS = 40 };

static void fill(char *text)
{
	static const char *const rows[] = { "1,plain,2\n", "2,\"two\nlines, \"\"quoted\"\"\",3\n",
		                            "3,5\" pipe,4\r\n", "4,\"a\"b,5\n", "\n" };
	size_t at = 0;

	for (size_t i = 0; at + 64 < TEXT_BYTES; i++) {
		const char *row = rows[i * 7 % 11 % 5];

		memcpy(text + at, row, strlen(row));
		at += strlen(row);
	}
	memset(text + at, 'x', TEXT_BYTES - at);
}

static struct tally_csv_records split(const char *text, unsigned threads)
{
	struct tally_csv_split_options options = {
		.form = { ',', '"', false }, .columns = 3, .threads = threads, .chunk = 10000
	};
	struct tally_csv_records r;

	if (tally_csv_split(&r, text, TEXT_BYTES, &options, NULL) != TALLY_OK)
		abort();
	return r;
}

int main(void)
{
	char *text = malloc(TEXT_BYTES);
	struct tally_csv_records one;

	if (!text)
		return 2;
	fill(text);
	one = split(text, 1);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct tally_csv_records many = split(text, 2 + i % 15);

		if (many.count != one.count || many.stray.count != one.stray.count ||
		    memcmp(many.rows, one.rows, one.count * sizeof *one.rows) != 0) {
			fprintf(stderr, "round %u differs\n", i);
			return 1;
		}
		tally_csv_records_release(&many);
	}
	tally_csv_records_release(&one);
	free(text);
	return 0;
}
