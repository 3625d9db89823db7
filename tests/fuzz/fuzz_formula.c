/*
 * Any bytes as a formula of either notation: both have an end, keep the buffer's ceiling, and
 * are not much longer than they were.
 */
#include <string.h>

#include "formats/formula.h"
#include "support/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool relative_fn(struct tally_buf *, const char *, size_t, uint32_t, uint32_t);

static void check(relative_fn *relative, const char *text, size_t size)
{
	struct tally_buf first, again, small;

	/* "A:A" becomes "C[-16383]:C[-16383]", a quote becomes two between two */
	tally_buf_init(&first, 16 * size + 16);
	tally_buf_init(&again, 16 * size + 16);
	tally_buf_init(&small, size / 2);
	CHECK(relative(&first, text, size, 1048575, 16383));
	CHECK(relative(&again, text, size, 1048575, 16383));
	CHECK(first.len == again.len && (!first.len || !memcmp(first.bytes, again.bytes, first.len)));
	tally_buf_clear(&again);
	CHECK(relative(&again, text, size, 0, 0));
	(void)relative(&small, text, size, 7, 7);
	CHECK(small.len <= small.max);
	tally_buf_release(&first);
	tally_buf_release(&again);
	tally_buf_release(&small);
}

static void check_address(const char *text, size_t size)
{
	uint32_t row, column, row2, column2;
	size_t n = tally_cell_reference(text, size, &row, &column);
	char out[24];

	CHECK(n <= size);
	if (!n)
		return;
	n = tally_cell_reference_text(out, row, column);
	CHECK(n < sizeof out && tally_cell_reference(out, n, &row2, &column2) == n);
	CHECK(row == row2 && column == column2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check(tally_formula_relative, (const char *)data, size);
	check(tally_formula_relative_odf, (const char *)data, size);
	check_address((const char *)data, size);
	return 0;
}
