/* References in formulas: found where they are, and nowhere else; written as people write them. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/relative.h"

static void expect_a1(const char *relative, uint64_t row, uint32_t column, const char *a1)
{
	struct tally_buf out;

	tally_buf_init(&out, 1 << 12);
	cr_assert(tally_relative_a1(&out, relative, strlen(relative), row, column));
	cr_assert_str_eq(out.bytes, a1);
	tally_buf_release(&out);
}

Test(relative, formulas_are_written_for_their_cell)
{
	expect_a1("RC[-2]*RC[-1]", 4, 2, "A5*B5");
	expect_a1("SUM(R[-5]C:R[-1]C)", 6, 2, "SUM(C2:C6)");
	expect_a1("R1C1+R[-1]C3*R4C[1]", 9, 0, "$A$1+$C9*B$4");
	expect_a1("SUM(C:C)+SUM(C2:C[1])", 0, 3, "SUM(D:D)+SUM($B:E)");
	expect_a1("SUM(R:R[1])", 2, 0, "SUM(3:4)");
	expect_a1("RC[27]", 0, 0, "AB1");
	expect_a1("RC[-1]", 0, 0, "#REF!");
}

Test(relative, names_and_texts_are_no_references)
{
	expect_a1("LOG10(RC1)&\"RC[-1] R1C1\"", 0, 5, "LOG10($A1)&\"RC[-1] R1C1\"");
	expect_a1("ROW()+RC_1+RC.x+C+R+R2+XRC", 0, 0, "ROW()+RC_1+RC.x+C+R+R2+XRC");
	expect_a1("Table1[RC]+Table1[[#This Row],[R1C1]]*RC", 1, 1,
	          "Table1[RC]+Table1[[#This Row],[R1C1]]*B2");
	expect_a1("#REF!+RC(1)", 0, 0, "#REF!+RC(1)");
	expect_a1("SUM(RC#)+#REF!RC", 0, 0, "SUM(A1#)+#REF!A1");
	expect_a1("\"it\"\"s RC\"&RC", 0, 0, "\"it\"\"s RC\"&A1");
}

static void expect_sheets(const char *relative, const char *sheets)
{
	struct tally_relative r = { .text = relative,
		                    .at = relative,
		                    .end = relative + strlen(relative) };
	struct tally_relative_piece p;
	char found[200] = "", all[200] = "";

	while (tally_relative_next(&r, &p)) {
		strncat(all, p.text, p.len);
		if (!p.reference)
			continue;
		strncat(found, p.sheet ? p.sheet : "-", p.sheet ? p.sheet_len : 1);
		strcat(found, ";");
	}
	cr_assert_str_eq(all, relative);
	cr_assert_str_eq(found, sheets);
}

Test(relative, a_reference_knows_its_sheet)
{
	expect_sheets("Prices!RC+RC", "Prices;-;");
	expect_sheets("SUM('Price list'!RC:R[3]C)+RC", "'Price list';'Price list';-;");
	expect_sheets("'It''s'!RC*[1]Other!R1C1", "'It''s';[1]Other;");
	expect_sheets("IF(RC>0,Prices!R[1]C,RC)", "-;Prices;-;");
}

Test(relative, anything_is_taken_apart)
{
	static const char *const odd[] = { "'",     "\"",   "[",   "R[",   "R[-",
		                           "R[-]C", "R0C1", "RC!", ":RC:", "R99999999999C1",
		                           "!RC",   "[[[[", "]" };

	for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
		struct tally_buf out;

		tally_buf_init(&out, 100);
		cr_assert(tally_relative_a1(&out, odd[i], strlen(odd[i]), 0, 0));
		tally_buf_release(&out);
	}
}

Test(relative, addresses)
{
	char out[32];

	cr_assert_eq(tally_address(out, 0, 0), 2);
	cr_assert_str_eq(out, "A1");
	tally_address(out, 1048575, 16383);
	cr_assert_str_eq(out, "XFD1048576");
	tally_address(out, 16, 26);
	cr_assert_str_eq(out, "AA17");
}
