/* Paragraphs that are gone from one document and stand in another. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "receipt/passages.h"
#include "support/faults.h"

static struct tally_passages *p;
static struct tally_buf out;
static struct tally_err err;

static void begin(void)
{
	tally_buf_init(&out, 1 << 24);
	cr_assert_eq(tally_passages_new(&p, 100000, &err), TALLY_OK);
}

static void end(void)
{
	tally_passages_free(p);
	tally_buf_release(&out);
}

TestSuite(passages, .init = begin, .fini = end);

static void put(uint32_t number, bool gone, const char *text)
{
	const struct tally_block b = { .text = text, .len = (uint32_t)strlen(text) };
	uint64_t left = 1000;

	cr_assert_eq(tally_passage_put(&out, &b, number, gone, 7, &left, &err), TALLY_OK);
}

/* What was put so far is that of a document. */
static void add(uint32_t source)
{
	cr_assert_eq(tally_passages_add(p, source, (const unsigned char *)out.bytes, out.len, &err),
	             TALLY_OK);
	tally_buf_clear(&out);
}

static void search(void)
{
	cr_assert_eq(tally_passages_search_kept(p, &err), TALLY_OK);
}

/* "1/12 > 2/7" or "1/12 -" for each paragraph that is gone, source and block */
static void found(const char *should)
{
	char text[1000] = "";

	for (size_t i = 0; i < tally_passages_count(p); i++) {
		const struct tally_passage *x = tally_passages_at(p, i);
		size_t n = strlen(text);

		if (x->found)
			snprintf(text + n, sizeof text - n, "%u/%u > %u/%u\n", x->from.source,
			         x->from.block, x->to.source, x->to.block);
		else
			snprintf(text + n, sizeof text - n, "%u/%u -\n", x->from.source,
			         x->from.block);
	}
	cr_assert_str_eq(text, should);
}

#define CLAUSE "The seller shall deliver the goods within thirty days of notice"

Test(passages, a_passage_is_found_where_all_its_words_stand)
{
	put(12, true, CLAUSE);
	put(20, true, "The seller shall deliver the goods within ninety days of notice");
	put(21, true, "The seller shall deliver the goods within thirty days of notice, and so on");
	add(1);
	put(7, false, "A heading");
	put(8, false, "It was agreed: " CLAUSE " This holds for all.");
	add(2);
	search();
	found("1/12 > 2/8\n1/20 -\n1/21 -\n");
	cr_assert_not(tally_passages_at(p, 0)->whole, "it stands inside of another one");
	cr_assert(tally_passages_wanted(p));
}

Test(passages, blanks_line_ends_and_the_kind_of_quotes_and_dashes_do_not_count)
{
	put(1, true, "The \"seller's\" share - ten per cent - is due on the co\xC2\xADmpletion date");
	add(1);
	put(1, false,
	    "The \xE2\x80\x9Cseller\xE2\x80\x99s\xE2\x80\x9D share \xE2\x80\x93 ten\n  per\tcent "
	    "\xE2\x80\x94 is\xC2\xA0"
	    "due on the completion date");
	add(2);
	search();
	found("1/1 > 2/1\n");
	cr_assert(tally_passages_at(p, 0)->whole);
	cr_assert_not(tally_passages_wanted(p));
}

Test(passages, a_changed_number_is_another_passage)
{
	put(1, true, "The price of all the goods is 12,500.00 euros in total");
	add(1);
	put(1, false, "The price of all the goods is 12.500,00 euros in total");
	add(2);
	search();
	found("1/1 -\n");
}

Test(passages, a_passage_may_lie_across_paragraphs_but_not_across_gaps)
{
	put(1, true, CLAUSE);
	add(1);
	put(3, false, "The seller shall deliver the goods");
	put(5, false, "within thirty days of notice");
	add(2);
	put(3, false, "The seller shall deliver the goods");
	put(4, false, "within thirty days of notice");
	add(3);
	search();
	found("1/1 > 3/3\n");
}

Test(passages, a_greeting_is_no_find_unless_it_went_along)
{
	put(4, true, "Terms of delivery");
	put(5, true, CLAUSE);
	put(6, true, "Yours sincerely");
	put(9, true, "Yours sincerely");
	add(1);
	put(1, false, "Yours sincerely");
	put(10, false, "Terms of delivery");
	put(11, false, CLAUSE);
	put(12, false, "Yours sincerely");
	add(2);
	search();
	found("1/4 > 2/10\n1/5 > 2/11\n1/6 > 2/12\n1/9 -\n");
}

Test(passages, one_that_begins_or_ends_like_it_elsewhere_may_be_it_edited)
{
	const struct tally_passage *x;

	put(1, true, CLAUSE);
	put(2, true, "Nothing of this stands in any of the other documents, nor anywhere else");
	add(1);
	put(5, false, "All sellers deliver the goods within thirty days of notice");
	put(9, false, "The seller shall deliver the goods within thirty weeks of notice");
	add(2);
	put(3, false, "The seller shall deliver the goods within thirty years of notice");
	add(3);
	search();
	found("1/1 -\n1/2 -\n");
	x = tally_passages_at(p, 0);
	cr_assert(x->near);
	cr_assert_eq(x->at.source, 2);
	cr_assert_eq(x->at.block, 5);
	cr_assert_not(tally_passages_at(p, 1)->near);
}

Test(passages, the_document_itself_comes_first_then_the_first_of_all)
{
	put(4, true, CLAUSE);
	put(8, false, "Also: " CLAUSE);
	add(3);
	put(5, true, CLAUSE);
	put(6, true, CLAUSE " that is given in writing");
	add(4);
	put(2, false, CLAUSE);
	put(4, false, CLAUSE " that is given in writing");
	add(2);
	put(1, false, CLAUSE " that is given in writing");
	add(5);
	search();
	found("3/4 > 3/8\n4/5 > 3/8\n4/6 > 2/4\n");
}

Test(passages, other_documents_are_searched_one_by_one)
{
	struct tally_buf other;
	uint64_t left = 1000;
	const struct tally_block b = {
		.text = CLAUSE, .len = sizeof CLAUSE - 1, .area = TALLY_AREA_PAGE, .n = 3
	};

	tally_buf_init(&other, 1 << 20);
	put(4, true, CLAUSE);
	add(1);
	cr_assert_eq(tally_passage_put(&other, &b, 9, false, 7, &left, &err), TALLY_OK);
	cr_assert_eq(tally_passages_search(p, 6, (unsigned char *)other.bytes, other.len, &err),
	             TALLY_OK);
	found("1/4 > 6/9\n");
	cr_assert_eq(tally_passages_at(p, 0)->to.area, TALLY_AREA_PAGE);
	cr_assert_eq(tally_passages_at(p, 0)->to.n, 3u);
	tally_buf_release(&other);
}

Test(passages, signs_that_need_no_blanks_are_words_of_their_own)
{
	put(1, true, "卖方应在收到通知后三十天内交货");
	add(1);
	put(1, false, "双方同意：卖方应在收到通知后三十天内交货。");
	add(2);
	search();
	found("1/1 > 2/1\n");
}

Test(passages, what_is_too_much_or_malformed_is_left_out)
{
	unsigned char bad[] = { 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	const struct tally_block b = { .text = CLAUSE, .len = sizeof CLAUSE - 1 };
	uint64_t left = 5;

	cr_assert_eq(tally_passage_put(&out, &b, 1, true, 7, &left, &err), TALLY_END);
	cr_assert_eq(out.len, 0u);
	cr_assert_eq(tally_passages_add(p, 1, bad, sizeof bad, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_READER_FAILED);
	bad[0] = 1;
	bad[18] = 1; /* one word, and none comes */
	cr_assert_eq(tally_passages_add(p, 1, bad, sizeof bad, &err), TALLY_SKIP);
	tally_passages_free(p);
	cr_assert_eq(tally_passages_new(&p, 10, &err), TALLY_OK);
	put(1, true, CLAUSE);
	cr_assert_eq(tally_passages_add(p, 1, (unsigned char *)out.bytes, out.len, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	cr_assert_eq(tally_passages_count(p), 0u);
}

Test(passages, many_lines_that_begin_alike_end)
{
	char line[100];

	tally_passages_free(p);
	cr_assert_eq(tally_passages_new(&p, 1 << 20, &err), TALLY_OK);
	for (int side = 0; side < 2; side++)
		for (uint32_t i = 0; i < 6000; i++) {
			snprintf(line, sizeof line, "a line that begins as all the others do %u",
			         i * 2 + (unsigned)side);
			put(i + 1, side == 0, line);
		}
	add(1);
	search();
	cr_assert(tally_passages_cut(p));
}

Test(passages, every_failed_allocation_is_survived)
{
	put(4, true, CLAUSE);
	put(8, false, "Also: " CLAUSE);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_passages *q = NULL;
		enum tally_status st = tally_passages_new(&q, 1000, NULL);

		if (st == TALLY_OK)
			st = tally_passages_add(q, 1, (unsigned char *)out.bytes, out.len, NULL);
		if (st == TALLY_OK)
			st = tally_passages_search_kept(q, NULL);
		if (!faults_fired(&f))
			cr_assert(st == TALLY_OK && tally_passages_at(q, 0)->found);
		tally_passages_free(q);
	}
}
