/* Turned pages in the bytes of a PDF. */
#include <criterion/criterion.h>
#include <string.h>

#include "formats/pdf_turn.h"

static struct tally_pdf_turns turns;

/* What becomes of these bytes. */
static const char *cleared(const char *bytes)
{
	static char copy[100];

	turns = (struct tally_pdf_turns){ 0 };
	strcpy(copy, bytes);
	tally_pdf_turns(copy, strlen(copy), strlen(copy), true, &turns);
	return copy;
}

Test(pdf_turn, number_of_a_turned_page_becomes_0)
{
	cr_expect_str_eq(cleared("<</Rotate 90/X 1>>"), "<</Rotate  0/X 1>>");
	cr_expect(turns.sum);
	cr_expect_str_eq(cleared("<</Rotate -180 /Rotate\n270>>"), "<</Rotate    0 /Rotate\n  0>>");
	cr_expect_str_eq(cleared("<</Rotate90>>"), "<</Rotate 0>>");
}

Test(pdf_turn, nothing_else_is_touched)
{
	static const char *const others[] = { "<</Rotate 0>>",    "<</Rotate 90 0 R>>",
		                              "<</Rotates 90>>",  "<</Rotate (90)>>",
		                              "<</Rotate",        "<</Rotate 9",
		                              "<</Rotate -/X 9>>" };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		cr_expect_str_eq(cleared(others[i]), others[i]);
		cr_expect_not(turns.sum, "%s", others[i]);
	}
}

Test(pdf_turn, packed_objects_are_seen)
{
	cleared("<</Type/ObjStm/N 4>>");
	cr_expect(turns.packed);
	cleared("<</Type/Page>>");
	cr_expect_not(turns.packed);
}

Test(pdf_turn, only_what_begins_in_the_part_is_looked_at)
{
	char bytes[] = "/Rotate 90>>/Rotate 90>>";

	turns = (struct tally_pdf_turns){ 0 };
	tally_pdf_turns(bytes, strlen(bytes), 12, true, &turns);
	cr_expect_str_eq(bytes, "/Rotate  0>>/Rotate 90>>");
}
