/* Formulas in relative form, from both notations. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "formats/formula.h"

static char shown[4096];

/* at B3, so that A1 is up and left */
static const char *relative(const char *text, bool odf)
{
	struct tally_buf out;
	bool fine;

	tally_buf_init(&out, sizeof shown - 1);
	fine = odf ? tally_formula_relative_odf(&out, text, strlen(text), 2, 1)
	           : tally_formula_relative(&out, text, strlen(text), 2, 1);
	cr_assert(fine);
	(void)strcpy(shown, out.bytes ? out.bytes : "");
	tally_buf_release(&out);
	return shown;
}

#define EXCEL(text, expected) \
	cr_expect_str_eq(relative(text, false), expected, "%s gives %s", text, shown)
#define ODF(text, expected) \
	cr_expect_str_eq(relative(text, true), expected, "%s gives %s", text, shown)

Test(formula, cell_addresses)
{
	uint32_t row = 9, column = 9;

	cr_expect_eq(tally_cell_reference("A1", 2, &row, &column), 2);
	cr_expect(row == 0 && column == 0);
	cr_expect_eq(tally_cell_reference("$aB$12x", 7, &row, &column), 6);
	cr_expect(row == 11 && column == 27);
	cr_expect_eq(tally_cell_reference("XFD1048576", 10, &row, &column), 10);
	cr_expect(row == 1048575 && column == 16383);
	cr_expect_eq(tally_cell_reference("XFE1", 4, &row, &column), 0);
	cr_expect_eq(tally_cell_reference("A1048577", 8, &row, &column), 0);
	cr_expect_eq(tally_cell_reference("A0", 2, &row, &column), 0);
	cr_expect_eq(tally_cell_reference("A99999999999999999999", 21, &row, &column), 0);
	cr_expect_eq(tally_cell_reference("AAAAAAAAAAAAAAAA1", 17, &row, &column), 0);
	cr_expect_eq(tally_cell_reference("A", 1, &row, &column), 0);
	cr_expect_eq(tally_cell_reference("12", 2, &row, &column), 0);
	cr_expect_eq(tally_cell_reference("", 0, &row, &column), 0);
	cr_expect_eq(tally_cell_reference("A1", 1, &row, &column), 0);
	cr_expect(row == 1048575 && column == 16383, "a failure changes nothing");
}

Test(formula, addresses_as_text)
{
	char text[24];

	cr_expect_eq(tally_cell_reference_text(text, 0, 0), 2);
	cr_expect_str_eq(text, "A1");
	(void)tally_cell_reference_text(text, 11, 27);
	cr_expect_str_eq(text, "AB12");
	(void)tally_cell_reference_text(text, 1048575, 16383);
	cr_expect_str_eq(text, "XFD1048576");
	(void)tally_cell_reference_text(text, 5, 25);
	cr_expect_str_eq(text, "Z6");
	(void)tally_cell_reference_text(text, 5, 701);
	cr_expect_str_eq(text, "ZZ6");
	cr_expect_leq(tally_cell_reference_text(text, UINT64_MAX - 1, UINT32_MAX - 1), 23);
	cr_expect_leq(tally_cell_reference_text(text, UINT64_MAX, UINT32_MAX), 23);
	for (uint32_t column = 0; column < 16384; column++) {
		uint32_t r, c;
		size_t len = tally_cell_reference_text(text, column, column);

		cr_assert_eq(tally_cell_reference(text, len, &r, &c), len);
		cr_assert(r == column && c == column);
	}
}

Test(formula, references_become_relative)
{
	EXCEL("A1", "R[-2]C[-1]");
	EXCEL("B3", "RC");
	EXCEL("$A$1", "R1C1");
	EXCEL("$A1+B$7", "R[-2]C1+R7C");
	EXCEL("=C4", "R[1]C[1]");
	EXCEL("SUM(A1:A3)", "SUM(R[-2]C[-1]:RC[-1])");
	EXCEL("sum(a1:a3)", "SUM(R[-2]C[-1]:RC[-1])");
	EXCEL("A:C", "C[-1]:C[1]");
	EXCEL("$A:$A", "C1:C1");
	EXCEL("1:$3", "R[-2]:R3");
	EXCEL("XFD1048576", "R[1048573]C[16382]");
}

Test(formula, filled_down_a_column_it_is_one_text)
{
	struct tally_buf a, b;

	tally_buf_init(&a, 100);
	tally_buf_init(&b, 100);
	cr_assert(tally_formula_relative(&a, "A1*$D$1", 7, 0, 1));
	cr_assert(tally_formula_relative(&b, "A900*$D$1", 9, 899, 1));
	cr_assert_str_eq(a.bytes, b.bytes);
	tally_buf_release(&a);
	tally_buf_release(&b);
}

Test(formula, what_only_looks_like_a_reference_stays)
{
	EXCEL("LOG10(A1)", "LOG10(R[-2]C[-1])");
	EXCEL("\"A1\"&A1", "\"A1\"&R[-2]C[-1]");
	EXCEL("\"say \"\"A1\"\"\"", "\"say \"\"A1\"\"\"");
	EXCEL("XFE1+A1048577+A0", "XFE1+A1048577+A0");
	EXCEL("tax_A1*rate.A1", "tax_A1*rate.A1");
	EXCEL("A1B", "A1B");
	EXCEL("Gr\xc3\xb6\xc3\x9f"
	      "e1",
	      "Gr\xc3\xb6\xc3\x9f"
	      "e1");
	EXCEL("1E5+1e+5+1.5E-3", "1E5+1E+5+1.5E-3");
	EXCEL("#REF!+#N/A+#DIV/0!+#NAME?", "#REF!+#N/A+#DIV/0!+#NAME?");
	EXCEL("A1#", "R[-2]C[-1]#");
	EXCEL("true", "TRUE");
	EXCEL("TRUE()", "TRUE");
	EXCEL("{1,2;\"A1\",TRUE}", "{1,2;\"A1\",TRUE}");
	EXCEL("-A1%^2<>B3", "-R[-2]C[-1]%^2<>RC");
}

Test(formula, sheets_and_workbooks_are_kept)
{
	EXCEL("Sheet2!A1", "Sheet2!R[-2]C[-1]");
	EXCEL("'My sheet'!$A$1", "'My sheet'!R1C1");
	EXCEL("'It''s A1'!A1:A3", "'It''s A1'!R[-2]C[-1]:RC[-1]");
	EXCEL("'Sheet2'!A1", "Sheet2!R[-2]C[-1]");
	EXCEL("'A1'!A1", "'A1'!R[-2]C[-1]");
	EXCEL("'2024'!A1", "'2024'!R[-2]C[-1]");
	EXCEL("Sheet1:Sheet3!A1", "Sheet1:Sheet3!R[-2]C[-1]");
	EXCEL("[1]Sheet1!A1", "[1]Sheet1!R[-2]C[-1]");
	EXCEL("'[1]My sheet'!A1", "'[1]My sheet'!R[-2]C[-1]");
	EXCEL("[2]!name", "[2]!name");
	EXCEL("[0]!name+T[0]", "name+T[0]");
	EXCEL("Sheet2!name", "Sheet2!name");
	EXCEL("Sheet2!A:A", "Sheet2!C[-1]:C[-1]");
}

Test(formula, columns_of_tables_are_kept)
{
	EXCEL("SUM(Table1[Price A1])", "SUM(Table1[Price A1])");
	EXCEL("Table1[[#This Row],[Net A1]]*A1", "Table1[[#This Row],[Net A1]]*R[-2]C[-1]");
	EXCEL("[@Price]*2", "[@Price]*2");
	EXCEL("T[a']b]+A1", "T[a']b]+R[-2]C[-1]");
}

Test(formula, blanks_that_mean_nothing_are_left_out)
{
	EXCEL(" SUM( A1 ,\n A3 ) ", "SUM(R[-2]C[-1],RC[-1])");
	EXCEL("A1:A3 A2:C2", "R[-2]C[-1]:RC[-1] R[-1]C[-1]:R[-1]C[1]");
	EXCEL("Europe Sales", "Europe Sales");
	EXCEL("IF(A1 > 1, \"a b\", 2)", "IF(R[-2]C[-1]>1,\"a b\",2)");
	EXCEL("- A1 + B3", "-R[-2]C[-1]+RC");
}

Test(formula, prefixes_of_functions_are_no_part_of_them)
{
	EXCEL("_xlfn.CONCAT(A1)", "CONCAT(R[-2]C[-1])");
	EXCEL("_xlfn._xlws.SORT(A1)", "SORT(R[-2]C[-1])");
	ODF("of:=COM.MICROSOFT.CONCAT([.A1])", "CONCAT(R[-2]C[-1])");
	ODF("of:=LEGACY.NORMSDIST([.A1])", "NORMSDIST(R[-2]C[-1])");
}

Test(formula, open_document_gives_the_same_text)
{
	ODF("of:=SUM([.A1:.A3])", "SUM(R[-2]C[-1]:RC[-1])");
	ODF("oooc:=SUM([.A1:.A3];[.$A$1])", "SUM(R[-2]C[-1]:RC[-1],R1C1)");
	ODF("msoxl:=SUM(A1:A3,2)", "SUM(R[-2]C[-1]:RC[-1],2)");
	ODF("=[.A1]", "R[-2]C[-1]");
	ODF("[.A1]", "R[-2]C[-1]");
	ODF("of:=[Sheet2.A1]", "Sheet2!R[-2]C[-1]");
	ODF("of:=[$Sheet2.$A$1]", "Sheet2!R1C1");
	ODF("of:=[$'It''s A1'.A1]", "'It''s A1'!R[-2]C[-1]");
	ODF("of:=['2024'.A1:.A3]", "'2024'!R[-2]C[-1]:RC[-1]");
	ODF("of:=[Sheet1.A1:Sheet1.A3]", "Sheet1!R[-2]C[-1]:RC[-1]");
	ODF("of:=[$Sheet1.A1:$Sheet3.A3]", "Sheet1:Sheet3!R[-2]C[-1]:RC[-1]");
	ODF("of:=[.A:.C]", "C[-1]:C[1]");
	ODF("of:=[.1:.3]", "R[-2]:R");
	ODF("of:=[.#REF!]+[#REF!.A1]", "#REF!+#REF!R[-2]C[-1]");
	ODF("of:=['file:///a b.ods'#$Sheet1.A1]", "'file:///a b.ods'#Sheet1!R[-2]C[-1]");
	ODF("gone!#ref!", "gone!#REF!");
	ODF("of:={1;2|3;4}", "{1,2;3,4}");
	ODF("of:=([.A1]~[.B3])", "(R[-2]C[-1],RC)");
	ODF("of:=[.A1:.A3]![.A2:.C2]", "R[-2]C[-1]:RC[-1] R[-1]C[-1]:R[-1]C[1]");
	ODF("of:=IF([.A1];\"a;b|c\";TRUE())", "IF(R[-2]C[-1],\"a;b|c\",TRUE)");
	ODF("of:=A1*rate", "A1*rate");
	ODF("of:=[.B1]+$$OneRange*$$'a b'", "R[-2]C+OneRange*'a b'");
	ODF("of:=$$", "");
	ODF("of:=SUM([$Sheet1.A1:$Sheet3.A1])", "SUM(Sheet1:Sheet3!R[-2]C[-1])");
	ODF("of:=[Sheet1.]", "Sheet1!");
	ODF("of:=[]", "");
}

Test(formula, broken_ones_are_read_to_their_end)
{
	const char *text = "SUM('a b'!$A$1:Sheet1:x!A1,[1]Z!B2,T[[a],[b']]],\"x\"\"y\",#REF!,1E+5,{1;2|3}) of:=[$'s'.A1:.$B2]['f'#$S.A1]";

	for (size_t len = 0; len <= strlen(text); len++) {
		char *cut = malloc(len + 1);
		struct tally_buf out;

		memcpy(cut, text, len);
		tally_buf_init(&out, 10000);
		cr_assert(tally_formula_relative(&out, cut, len, 5, 5));
		cr_assert(tally_formula_relative_odf(&out, cut, len, 5, 5));
		tally_buf_release(&out);
		free(cut);
	}
}

Test(formula, a_ceiling_is_kept)
{
	struct tally_buf out;

	tally_buf_init(&out, 8);
	cr_assert_not(tally_formula_relative(&out, "SUM(A1:A3)", 10, 0, 0));
	cr_assert_leq(out.len, 8);
	tally_buf_release(&out);
}
