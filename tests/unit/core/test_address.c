/* References as people write them: found where they are, and nowhere else; written as they were. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/address.h"

/* Each reference between brackets, with its sheet */
static void expect_found(const char *text, enum tally_address_what what, const char *marked)
{
	struct tally_address_walk w = { .at = text, .end = text + strlen(text), .what = what };
	struct tally_address_piece p;
	struct tally_buf out, whole;

	tally_buf_init(&out, 1 << 12);
	tally_buf_init(&whole, 1 << 12);
	while (tally_address_next(&w, &p)) {
		cr_assert(p.len > 0);
		if (p.reference)
			tally_buf_printf(&out, "<%.*s|", (int)p.sheet_len, p.sheet ? p.sheet : "");
		if (p.reference) {
			cr_assert(tally_address_put(&out, &p));
			tally_buf_text(&out, ">");
		} else {
			tally_buf_add(&out, p.text, p.len);
		}
		tally_buf_add(&whole, p.text, p.len);
	}
	cr_expect_str_eq(out.len ? out.bytes : "", marked);
	cr_expect_str_eq(whole.len ? whole.bytes : "", text);
	tally_buf_release(&out);
	tally_buf_release(&whole);
}

Test(address, cells_areas_and_whole_lines)
{
	expect_found("", TALLY_ADDRESS_CELLS, "");
	expect_found("Data!$F$2", TALLY_ADDRESS_CELLS, "Data!<Data|$F$2>");
	expect_found("D2:D21, C7", TALLY_ADDRESS_CELLS, "<|D2:D21>, <|C7>");
	expect_found("SUM(A1,$B2:C$9)*XFD1048576", TALLY_ADDRESS_CELLS,
	             "SUM(<|A1>,<|$B2:C$9>)*<|XFD1048576>");
	expect_found("Data!$A:$B,Data!$1:$2", TALLY_ADDRESS_CELLS,
	             "Data!<Data|$A:$B>,Data!<Data|$1:$2>");
	expect_found("3, 5:7", TALLY_ADDRESS_LINES, "<|3>, <|5:7>");
	expect_found("B, D:E, A1", TALLY_ADDRESS_LINES, "<|B>, <|D:E>, A1");
}

Test(address, sheets_with_quotes)
{
	expect_found("'It''s 1'!A1+B2", TALLY_ADDRESS_CELLS, "'It''s 1'!<'It''s 1'|A1>+<|B2>");
	expect_found("[1]Data!A1", TALLY_ADDRESS_CELLS, "[1]Data!<[1]Data|A1>");
	cr_expect(tally_address_sheet_is("'It''s'", 7, "It's"));
	cr_expect(tally_address_sheet_is("Data", 4, "Data"));
	cr_expect_not(tally_address_sheet_is("[1]Data", 7, "Data"));
	cr_expect_not(tally_address_sheet_is("Data2", 5, "Data"));
	cr_expect_not(tally_address_sheet_is("Dat", 3, "Data"));
}

Test(address, what_only_looks_like_one)
{
	expect_found("list \"A1,B2\"", TALLY_ADDRESS_CELLS, "list \"A1,B2\"");
	expect_found("chart \u2018Q1 of B2\u2019 of A1", TALLY_ADDRESS_CELLS,
	             "chart \u2018Q1 of B2\u2019 of <|A1>");
	expect_found("LOG10(A_1)+T[A1]+A1.x+ABCD1+A0+A1048577+\u00e4A1", TALLY_ADDRESS_CELLS,
	             "LOG10(A_1)+T[A1]+A1.x+ABCD1+A0+A1048577+\u00e4A1");
	expect_found("3 by 5 cells between 1 and 10", TALLY_ADDRESS_CELLS,
	             "3 by 5 cells between 1 and 10");
	expect_found("'open A1", TALLY_ADDRESS_CELLS, "'open A1");
	expect_found("Sheet1!#REF!", TALLY_ADDRESS_CELLS, "Sheet1!#REF!");
}
