/* Text of a PDF that perhaps nobody sees, by what the page draws. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/pdf_unseen.h"

static enum tally_pdf_named named(void *payload, const char *kind, const char *name)
{
	(void)payload;
	if (!strcmp(name, "/Im"))
		return TALLY_PDF_NAMED_IMAGE;
	if (!strcmp(name, "/Glass") || !strcmp(name, "/Fm"))
		return TALLY_PDF_NAMED_UNKNOWN;
	return strcmp(kind, "/Font") != 0 ? TALLY_PDF_NAMED_NEITHER
	       : !strcmp(name, "/Own")    ? TALLY_PDF_NAMED_UNKNOWN
	                                  : TALLY_PDF_NAMED_FONT;
}

/* "invisible ground tiny outside covered" of a page of 600 × 800 points. */
static const char *lengths_of(const char *content)
{
	static const struct tally_pdf_sheet sheet = { .box = { 0, 0, 600, 800 }, .look_up = named };
	static char text[120];
	uint64_t n[TALLY_PDF_UNSEEN];

	cr_assert(tally_pdf_unseen(content, strlen(content), &sheet, n));
	snprintf(text, sizeof text, "%d %d %d %d %d", (int)n[TALLY_PDF_INVISIBLE],
	         (int)n[TALLY_PDF_GROUND], (int)n[TALLY_PDF_TINY], (int)n[TALLY_PDF_OUTSIDE],
	         (int)n[TALLY_PDF_COVERED]);
	return text;
}

#define AT(x, y, more) "BT /F 12 Tf " #x " " #y " Td " more " (a b c) Tj ET "
#define SEEN           "0 0 0 0 0"

Test(pdf_unseen, plain_text_is_seen)
{
	cr_expect_str_eq(lengths_of(AT(72, 700, "")), SEEN);
	cr_expect_str_eq(lengths_of("1 0 0 rg " AT(72, 700, "")), SEEN);
	cr_expect_str_eq(lengths_of("BT /F 1 Tf 12 0 0 12 72 700 Tm [(ab) -20 <6364>] TJ ET"), SEEN);
}

Test(pdf_unseen, invisible_letters)
{
	cr_expect_str_eq(lengths_of(AT(72, 700, "3 Tr")), "3 0 0 0 0");
	cr_expect_str_eq(lengths_of("q 3 Tr Q " AT(72, 700, "")), SEEN);
}

Test(pdf_unseen, letters_in_the_colour_of_the_ground)
{
	cr_expect_str_eq(lengths_of(AT(72, 700, "1 g")), "0 3 0 0 0");
	cr_expect_str_eq(lengths_of(AT(72, 700, "0.99 1 1 rg")), "0 3 0 0 0");
	cr_expect_str_eq(lengths_of(AT(72, 700, "0 0 0 0 k")), "0 3 0 0 0");
	cr_expect_str_eq(lengths_of(AT(72, 700, "/CS cs 1 scn")), SEEN);
	/* black on black, white on black */
	cr_expect_str_eq(lengths_of("0 g 50 650 200 100 re f " AT(72, 700, "")), "0 3 0 0 0");
	cr_expect_str_eq(lengths_of("0 g 50 650 200 100 re f " AT(72, 700, "1 g")), SEEN);
	/* over a picture or a form nobody knows */
	cr_expect_str_eq(lengths_of("q 99 0 0 99 50 650 cm /Im Do Q " AT(72, 700, "1 g")), SEEN);
	cr_expect_str_eq(lengths_of("/Fm Do " AT(72, 700, "1 g")), SEEN);
}

Test(pdf_unseen, tiny_letters)
{
	cr_expect_str_eq(lengths_of("BT /F 0.5 Tf 72 700 Td (abc) Tj ET"), "0 0 3 0 0");
	cr_expect_str_eq(lengths_of("BT /F 0.5 Tf 24 0 0 24 72 700 Tm (abc) Tj ET"), SEEN);
	cr_expect_str_eq(lengths_of("BT /Own 0.01 Tf 72 700 Td (abc) Tj ET"), SEEN);
}

Test(pdf_unseen, letters_outside_of_the_page)
{
	cr_expect_str_eq(lengths_of(AT(-300, 700, "")), "0 0 0 3 0");
	cr_expect_str_eq(lengths_of(AT(72, 900, "")), "0 0 0 3 0");
	cr_expect_str_eq(lengths_of(AT(-5, 700, "")), SEEN);
}

Test(pdf_unseen, letters_below_a_box)
{
	const char *box = AT(72, 700, "") "0 g 60 690 200 30 re f";

	cr_expect_str_eq(lengths_of(box), "0 0 0 0 3");
	/* something shines through; or it is a line below the words */
	cr_expect_str_eq(lengths_of(AT(72, 700, "") "/Glass gs 60 690 200 30 re f"), SEEN);
	cr_expect_str_eq(lengths_of(AT(72, 700, "") "60 690 200 1 re f"), SEEN);
	cr_expect_str_eq(lengths_of(AT(72, 700, "") "60 690 200 30 re S"), SEEN);
}

Test(pdf_unseen, words_below_a_scan_are_no_secret)
{
	cr_expect_str_eq(lengths_of("q 600 0 0 800 0 0 cm /Im Do Q " AT(72, 700, "3 Tr")), SEEN);
	/* in two strips, and a stamp that is seen */
	cr_expect_str_eq(lengths_of("q 600 0 0 400 0 0 cm /Im Do Q q 600 0 0 400 0 400 cm /Im Do Q "
	                            "3 Tr " AT(72, 700, "") "0 Tr " AT(72, 60, "")),
	                 SEEN);
	/* a small picture, and one that most of the words are drawn upon */
	cr_expect_str_eq(lengths_of("q 60 0 0 80 0 0 cm /Im Do Q " AT(72, 700, "3 Tr")), "3 0 0 0 0");
	cr_expect_str_eq(lengths_of("q 600 0 0 800 0 0 cm /Im Do Q " AT(72, 700, "")
	                                    AT(72, 600, "") "3 Tr " AT(72, 500, "")),
	                 "3 0 0 0 0");
}

Test(pdf_unseen, texts_without_number_take_no_memory_without_bound)
{
	static const char one[] = "1 0 Td(a)Tj ";
	enum { MANY = 300000 };
	char *content = malloc(MANY * strlen(one) + 32);
	size_t at = (size_t)sprintf(content, "1 g /F 9 Tf 1 700 Td ");

	for (size_t i = 0; i < MANY; i++, at += strlen(one))
		memcpy(content + at, one, sizeof one);
	/* those that are kept are outside of the page, but for the first ones */
	cr_expect_str_eq(lengths_of(content), "0 605 0 199395 0");
	free(content);
}

Test(pdf_unseen, broken_content_is_read_to_its_end)
{
	static const char *const contents[] = { "(",
		                                "BT (a\\",
		                                "<4",
		                                "q q Q Q Q Q 1 Tr",
		                                "BI ID ",
		                                "% a",
		                                "1 2 3 cm re f",
		                                "[ ( ) ] ) > } TJ",
		                                "/",
		                                "-.-1 Tr'",
		                                "99999999999999 0 Td (a) Tj" };

	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++)
		cr_expect(lengths_of(contents[i]) != NULL, "%s", contents[i]);
}
