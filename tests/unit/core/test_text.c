/* The text model: blocks are copied and hashed, the ceiling holds. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/text.h"
#include "support/faults.h"

static struct tally_block paragraph(const char *text)
{
	return (struct tally_block){ .text = text, .len = (uint32_t)strlen(text) };
}

Test(text, blocks_keep_order_and_place)
{
	struct tally_text text;
	char bytes[] = "first";
	struct tally_block block = paragraph(bytes);

	tally_text_init(&text, 0);
	block.area = TALLY_AREA_TABLE;
	block.row = 3;
	cr_assert_eq(tally_text_add(&text, &block, NULL), TALLY_OK);
	memset(bytes, 'x', 5);
	block = paragraph("second");
	cr_assert_eq(tally_text_add(&text, &block, NULL), TALLY_OK);
	cr_assert_eq(text.count, 2);
	cr_assert_str_eq(text.blocks[0].text, "first");
	cr_assert_eq(text.blocks[0].area, TALLY_AREA_TABLE);
	cr_assert_eq(text.blocks[0].row, 3);
	cr_assert_str_eq(text.blocks[1].text, "second");
	tally_text_release(&text);
}

Test(text, equal_texts_have_equal_hashes)
{
	struct tally_text text;
	struct tally_block a = paragraph("same"), b = paragraph("other");

	a.hash = 1;
	tally_text_init(&text, 0);
	cr_assert_eq(tally_text_add(&text, &a, NULL), TALLY_OK);
	a.hash = 2;
	cr_assert_eq(tally_text_add(&text, &a, NULL), TALLY_OK);
	cr_assert_eq(tally_text_add(&text, &b, NULL), TALLY_OK);
	cr_assert_eq(text.blocks[0].hash, text.blocks[1].hash);
	cr_assert_neq(text.blocks[0].hash, text.blocks[2].hash);
	tally_text_release(&text);
}

Test(text, ceiling_is_a_skip_and_changes_nothing)
{
	struct tally_text text;
	struct tally_block block = paragraph("0123456789");
	struct tally_err err = { 0 };

	tally_text_init(&text, 15);
	cr_assert_eq(tally_text_add(&text, &block, &err), TALLY_OK);
	cr_assert_eq(tally_text_add(&text, &block, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_TOO_LARGE);
	cr_assert_eq(text.count, 1);
	tally_text_release(&text);
}

Test(text, areas_have_the_receipts_words)
{
	cr_assert_str_eq(tally_area_name(TALLY_AREA_BODY), "body");
	cr_assert_str_eq(tally_area_name(TALLY_AREA_TEXT_BOX), "text_box");
	cr_assert_str_eq(tally_area_name(TALLY_AREA_MAIL), "mail");
}

Test(text, every_failed_allocation_is_reported)
{
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_text text;
		struct tally_block block = paragraph("some words");
		enum tally_status st = TALLY_OK;

		tally_text_init(&text, 0);
		for (int i = 0; st == TALLY_OK && i < 100; i++)
			st = tally_text_add(&text, &block, NULL);
		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		tally_text_release(&text);
	}
}
