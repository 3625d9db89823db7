/* Texts that are laid out in lines and pages, cut as another one is. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "diff/text_recut.h"
#include "support/faults.h"

static struct tally_text pattern, laid, out;
static struct tally_err err;

static void begin(void)
{
	tally_text_init(&pattern, 1 << 24);
	tally_text_init(&laid, 1 << 24);
	tally_text_init(&out, 1 << 24);
}

static void end(void)
{
	tally_text_release(&pattern);
	tally_text_release(&laid);
	tally_text_release(&out);
}

TestSuite(text_recut, .init = begin, .fini = end);

static void add(struct tally_text *t, enum tally_area area, unsigned n, enum tally_block_kind kind,
                const char *text)
{
	const struct tally_block b = { .text = text,
		                       .len = (uint32_t)strlen(text),
		                       .kind = (uint8_t)kind,
		                       .area = (uint8_t)area,
		                       .n = n };

	cr_assert_eq(tally_text_add(t, &b, &err), TALLY_OK);
}

static void para(const char *text)
{
	add(&pattern, TALLY_AREA_BODY, 0, TALLY_BLOCK_PARAGRAPH, text);
}

static void page(unsigned n, const char *text)
{
	add(&laid, TALLY_AREA_PAGE, n, TALLY_BLOCK_PARAGRAPH, text);
}

static void same(const char *should)
{
	struct tally_buf b;

	tally_buf_init(&b, 1 << 20);
	for (size_t i = 0; i < out.count; i++)
		tally_buf_printf(&b, "%u: %.*s\n", out.blocks[i].n, (int)out.blocks[i].len,
		                 out.blocks[i].text);
	cr_assert_str_eq(b.bytes ? b.bytes : "", should);
	tally_buf_release(&b);
}

static void recut(bool other_format)
{
	cr_assert_eq(tally_text_recut(&out, &laid, &pattern, other_format, &err), TALLY_OK);
}

Test(text_recut, lines_and_pages_become_paragraphs_again)
{
	para("The seller shall deliver the goods within thirty days.");
	para("The buyer pays on delivery.");
	para("A third one stands here.");
	page(1, "The seller shall deliver");
	page(2, "the goods within thirty days. The buyer");
	page(2, "pays on delivery. A third one stands here.");
	recut(true);
	same("1: The seller shall deliver the goods within thirty days.\n"
	     "2: The buyer pays on delivery.\n"
	     "2: A third one stands here.\n");
}

Test(text_recut, words_that_changed_stay_in_their_paragraph)
{
	para("The seller shall deliver the goods within thirty days.");
	para("The buyer pays on delivery of all goods.");
	page(1, "The seller shall not deliver the goods within ninety");
	page(1, "days. The buyer pays soon on delivery of all goods. Or never.");
	recut(true);
	same("1: The seller shall not deliver the goods within ninety days.\n"
	     "1: The buyer pays soon on delivery of all goods. Or never.\n");
}

Test(text_recut, a_paragraph_of_its_own_stays_one)
{
	para("The seller shall deliver the goods within thirty days.");
	para("The buyer pays on delivery of all goods.");
	page(1, "The seller shall deliver the goods");
	page(1, "Draft, not for the public");
	page(2, "within thirty days.");
	page(2, "Something new came in here.");
	page(2, "The buyer pays on delivery of all goods.");
	recut(true);
	same("1: The seller shall deliver the goods within thirty days.\n"
	     "1: Draft, not for the public\n"
	     "2: Something new came in here.\n"
	     "2: The buyer pays on delivery of all goods.\n");
}

Test(text_recut, another_text_is_left_as_it_is)
{
	para("The seller shall deliver the goods within thirty days of the order.");
	page(1, "Nothing of the kind is said here, nor on the next page of the book.");
	page(2, "It ends.");
	recut(true);
	same("1: Nothing of the kind is said here, nor on the next page of the book.\n2: It ends.\n");
}

Test(text_recut, what_pages_repeat_counts_once_between_two_formats)
{
	add(&pattern, TALLY_AREA_HEADER, 1, TALLY_BLOCK_PARAGRAPH, "Northwind, secret");
	add(&pattern, TALLY_AREA_BODY, 0, TALLY_BLOCK_LIST_ITEM, "The first point of all.");
	add(&pattern, TALLY_AREA_BODY, 0, TALLY_BLOCK_LIST_ITEM, "The second point of all.");
	page(1, "Northwind, secret");
	page(1, "1. The first point of all.");
	page(1, "1");
	page(2, "Northwind, secret");
	page(2, "\xE2\x80\xA2 The second point of all.");
	page(2, "-----");
	page(2, "2");
	page(2, "3");
	recut(true);
	same("1: Northwind, secret\n1: The first point of all.\n2: The second point of all.\n2: 3\n");
}

Test(text_recut, cells_are_found_in_another_order)
{
	static const char *const cells[] = { "Item", "Count", "Chair", "12", "Desk lamp", "3" };

	for (size_t i = 0; i < 6; i++)
		add(&pattern, TALLY_AREA_TABLE, 1, TALLY_BLOCK_CELL, cells[i]);
	para("The table ends here.");
	page(1, "Item Chair");
	page(1, "Desk lamp");
	page(1, "Count 12 3 The table ends here.");
	recut(true);
	same("1: Item\n1: Chair\n1: Desk lamp\n1: Count\n1: 12\n1: 3\n1: The table ends here.\n");
}

Test(text_recut, nothing_is_left_out_within_one_format)
{
	page(1, "1. The first point of all.");
	page(1, "-----");
	page(1, "1");
	add(&pattern, TALLY_AREA_PAGE, 1, TALLY_BLOCK_LIST_ITEM, "The first point of all.");
	recut(false);
	same("1: 1. The first point of all.\n1: -----\n1: 1\n");
}

Test(text_recut, squeezing_takes_blanks_and_marks_of_notes)
{
	para("  Two\t\twords\xC2\xA0 here ");
	para(" \n ");
	para("As said[1], and again[^12]. See [2000] and [a].");
	cr_assert_eq(tally_text_squeeze(&out, &pattern, NULL, &err), TALLY_OK);
	same("0: Two words here\n0: As said[1], and again[^12]. See [2000] and [a].\n");
	tally_text_release(&out);
	add(&laid, TALLY_AREA_FOOTNOTE, 1, TALLY_BLOCK_PARAGRAPH, "A note");
	cr_assert_eq(tally_text_squeeze(&out, &pattern, &laid, &err), TALLY_OK);
	same("0: Two words here\n0: As said, and again. See [2000] and [a].\n");
}

Test(text_recut, every_failed_allocation_is_survived)
{
	para("The seller shall deliver the goods within thirty days.");
	page(1, "The seller shall deliver");
	page(2, "the goods within thirty days. 1");
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st;

		tally_text_release(&out);
		st = tally_text_recut(&out, &laid, &pattern, true, NULL);
		if (!faults_fired(&f))
			cr_assert_eq(st, TALLY_OK);
	}
}
