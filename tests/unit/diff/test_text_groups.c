/* Comparing texts: a slide is the same slide and a row the same row, wherever it stands and whatever came or went in it. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/mem.h"
#include "support/faults.h"
#include "support/text_laws.h"

TestSuite(text_groups);

#define SEPARATOR "; "

/* What became of it, block by block: "moved Chair 1>3; added 12 >4" (slides, or rows, from and to) */
static const char *story_of(const char *before, const char *after)
{
	static const char *const kinds[] = { "added", "deleted", "edited", "moved", "moved+edited" };
	static char out[4096];
	struct tally_text x, y;
	struct tally_text_diff *d;
	size_t n = 0;

	text_of_lines(&x, before, strlen(before));
	text_of_lines(&y, after, strlen(after));
	d = text_laws(&x, &y);
	out[0] = '\0';
	for (size_t i = 0; i < d->edit_count; i++) {
		const struct tally_edit *e = &d->edits[i];
		const struct tally_block *b = e->before == TALLY_NO_BLOCK ? NULL
		                                                          : &x.blocks[e->before];
		const struct tally_block *a = e->after == TALLY_NO_BLOCK ? NULL : &y.blocks[e->after];
		const struct tally_block *shown = a ? a : b;

		n += (size_t)snprintf(out + n, sizeof out - n, "%s%s %.*s ", i ? SEPARATOR : "",
		                      kinds[e->kind], (int)shown->len, shown->text);
		if (b)
			n += (size_t)snprintf(out + n, sizeof out - n, "%u", b->row ? b->row : b->n);
		n += (size_t)snprintf(out + n, sizeof out - n, ">");
		if (a)
			n += (size_t)snprintf(out + n, sizeof out - n, "%u", a->row ? a->row : a->n);
	}
	tally_text_diff_free(d);
	tally_text_release(&x);
	tally_text_release(&y);
	return out;
}

static void expect(const char *before, const char *after, const char *story)
{
	const char *is = story_of(before, after);

	cr_expect_str_eq(is, story, "\n%s\nis told as %s", after, is);
}

#define GOALS   "> Global goals for all\n> Equity\n> A larger share of graduates\n> Jobs\n"
#define DRIVERS ">+ Drivers of the agenda\n"
#define BLOCKS  ">+ Building blocks\n> Academic support\n> Money\n"

Test(text_groups, a_text_that_went_to_the_next_slide_moved_though_all_texts_stand_in_order)
{
	static const char moved[] = "moved Global goals for all 1>2; moved Equity 1>2; "
				    "moved A larger share of graduates 1>2; moved Jobs 1>2";

	expect(DRIVERS GOALS ">+ Building blocks\n> Academic support\n",
	       DRIVERS ">+ Building blocks\n" GOALS "> Academic support\n", moved);
	/* and nothing else did, though more texts would stand in order without those of the second slide */
	expect(DRIVERS GOALS BLOCKS, DRIVERS BLOCKS GOALS, moved);
}

Test(text_groups, a_short_text_at_the_end_of_a_slide_that_is_now_the_first_of_the_next_one_moved)
{
	static const char lines[] = DRIVERS "> Equity\n" BLOCKS;
	struct tally_text x, y;
	struct tally_text_diff *d;

	text_of_lines(&x, lines, strlen(lines));
	text_of_lines(&y, lines, strlen(lines));
	y.blocks[1].n = 2;
	d = text_laws(&x, &y);
	cr_expect_eq(d->moved, 1u);
	cr_expect_eq(d->edit_count, 1u);
	tally_text_diff_free(d);
	tally_text_release(&x);
	tally_text_release(&y);
}

Test(text_groups, a_slide_that_moved_takes_its_short_texts_along)
{
	expect(DRIVERS "> 12\n> Yes\n" BLOCKS ">+ The end\n> Thanks\n",
	       BLOCKS ">+ The end\n> Thanks\n" DRIVERS "> 12\n> Yes\n",
	       "moved Drivers of the agenda 1>3; moved 12 1>3; moved Yes 1>3");
}

Test(text_groups, slides_behind_one_that_came_or_went_did_not_move)
{
	expect(DRIVERS GOALS BLOCKS, ">+ Hello\n" DRIVERS GOALS BLOCKS, "added Hello >1");
	expect(">+ Hello\n" DRIVERS GOALS BLOCKS, DRIVERS GOALS BLOCKS, "deleted Hello 1>");
	/* of equal ones the nearest is the same */
	expect(DRIVERS GOALS BLOCKS, DRIVERS GOALS DRIVERS GOALS BLOCKS,
	       "added Drivers of the agenda >2; added Global goals for all >2; added Equity >2; "
	       "added A larger share of graduates >2; added Jobs >2");
}

#define ROW_A "|+ Desk\n| 12\n| -\n| 31.7\n"
#define ROW_B "|+ Chair\n| 7\n| -\n| 31.9\n"
#define ROW_C "|+ Lamp\n| 12\n| -\n| 31.7\n"

Test(text_groups, a_row_that_moved_takes_its_numbers_along)
{
	expect(ROW_A ROW_B ROW_C, ROW_C ROW_A ROW_B,
	       "moved Lamp 3>1; moved 12 3>1; moved - 3>1; moved 31.7 3>1");
}

Test(text_groups, a_row_that_came_is_one_row_though_another_one_is_like_it)
{
	expect(ROW_A ROW_B, ROW_A "|+ Desk 2\n| 12\n| -\n| 31.7\n" ROW_B,
	       "added Desk 2 >2; added 12 >2; added - >2; added 31.7 >2");
}

Test(text_groups, a_column_that_went_moves_no_row)
{
	expect("|+ Year\n| Cases, old\n| Deaths\n|+ 1978\n| 100\n| 31\nText.\n|+ Year\n| Deaths\n|+ 1979\n| 32\n",
	       "|+ Year\n| Deaths\n|+ 1978\n| 31\nText.\n|+ Year\n| Deaths\n|+ 1979\n| 32\n",
	       "deleted Cases, old 1>; deleted 100 2>");
}

Test(text_groups, rows_that_were_numbered_anew_stay_what_they_say)
{
	expect("|+ 1.\n| The first thing\n|+ 2.\n| Another thing\n|+ 3.\n| The last one\n",
	       "|+ 1.\n| Another thing\n|+ 2.\n| The last one\n",
	       "deleted 1. 1>; deleted The first thing 1>; deleted 2. 2>; added 1. >1; edited 2. 3>2");
}

Test(text_groups, two_cells_of_a_row_that_changed_places_moved)
{
	expect(ROW_A ROW_B, ROW_A "|+ 7\n| Chair\n| -\n| 31.9\n", "moved 7 2>2; moved Chair 2>2");
}

Test(text_groups, no_memory_is_an_error)
{
	static const char before[] = DRIVERS GOALS BLOCKS ROW_A ROW_B,
			  after[] = DRIVERS BLOCKS GOALS ROW_B ROW_A;
	struct tally_text x, y;
	struct tally_text_diff *d = NULL;
	struct tally_err err;

	text_of_lines(&x, before, strlen(before));
	text_of_lines(&y, after, strlen(after));
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = tally_text_diff(&d, &x, &y, NULL, &err);

		if (faults_fired(&f))
			cr_assert_lt(st, 0, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_text_diff_free(d);
		d = NULL;
	}
	tally_text_release(&x);
	tally_text_release(&y);
}
