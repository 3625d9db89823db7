/* Threads inside the comparison of tables: a pair that is large enough for all of them, for ThreadSanitizer. */
#include <stdio.h>

#include "core/buf.h"
#include "support/table_laws.h"
#include "support/text_part.h"

enum { ROWS = 70000 };

static struct tally_part *make(bool after, bool quoted)
{
	struct text_part_options options = { .quoting = quoted ? "all" : "minimal" };
	struct tally_buf text;
	struct tally_part *part;

	tally_buf_init(&text, 64 << 20);
	tally_buf_text(&text, "id,name,n\n");
	for (unsigned i = 0; i < ROWS; i++) {
		unsigned row = after && quoted ? (i * 48271U) % ROWS : i;

		if (after && row % 997 == 5)
			continue;
		tally_buf_printf(&text, quoted ? "\"%u\",\"name %u\",\"%u\"\n" : "%u,name %u,%u\n",
		                 row, row % 1000, after && row % 500 == 3 ? row + 1 : row);
	}
	part = text_part_of(text.bytes, text.len, &options);
	tally_buf_release(&text);
	return part;
}

static void compare(const struct tally_part *before, const struct tally_part *after,
                    const char *key, bool no_key)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	struct tally_table_diff *one, *many;

	options.key = &key;
	options.key_count = key != NULL;
	options.no_key = no_key;
	options.threads = 1;
	one = laws_diff(before, after, &options);
	options.threads = 8;
	many = laws_diff(before, after, &options);
	LAW(one && many, "no result");
	laws_balance(one);
	laws_same(one, many);
	LAW(one->rows.deleted == 70 || one->rows.deleted == 71, "%lu deleted",
	    (unsigned long)one->rows.deleted);
	tally_table_diff_free(one);
	tally_table_diff_free(many);
}

int main(void)
{
	struct tally_part *before = make(false, false), *after = make(true, false),
			  *shuffled = make(true, true);

	compare(before, after, "id", false);
	compare(before, after, NULL, false);
	compare(before, after, NULL, true);
	compare(before, shuffled, "id", false);
	tally_part_free(before);
	tally_part_free(after);
	tally_part_free(shuffled);
	puts("same result with 1 and 8 threads");
	return 0;
}
