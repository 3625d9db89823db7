/* Comparing texts: blocks find each other, edits say which words, and what nobody may overlook is pulled out. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "support/faults.h"
#include "support/text_laws.h"

TestSuite(text_diff);

/* Two texts of lines and how they compare. */
struct texts {
	struct tally_text before, after;
	struct tally_text_diff *d;
};

static struct texts compare(const char *before, const char *after)
{
	struct texts t;

	text_of_lines(&t.before, before, strlen(before));
	text_of_lines(&t.after, after, strlen(after));
	t.d = text_laws(&t.before, &t.after);
	return t;
}

static void done(struct texts *t)
{
	tally_text_diff_free(t->d);
	tally_text_release(&t->before);
	tally_text_release(&t->after);
}

/* An edit as text: "this [-old-]{+new+} that" */
static const char *shown(const struct tally_edit *e)
{
	static char out[4096];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < e->span_count; i++) {
		const struct tally_edit_span *s = &e->spans[i];
		const char *open = s->op == TALLY_SPAN_EQUAL    ? ""
		                   : s->op == TALLY_SPAN_DELETE ? "[-"
		                                                : "{+";
		const char *close = s->op == TALLY_SPAN_EQUAL    ? ""
		                    : s->op == TALLY_SPAN_DELETE ? "-]"
		                                                 : "+}";

		n += (size_t)snprintf(out + n, sizeof out - n, "%s%.*s%s", open, (int)s->len,
		                      s->text, close);
	}
	return out;
}

/* The pairs of an edit: "old>new;" */
static const char *pairs_of(const struct tally_edit *e)
{
	static char out[1024];
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < e->pair_count; i++)
		n += (size_t)snprintf(out + n, sizeof out - n, "%.*s>%.*s;", (int)e->pairs[i].old_len,
		                      e->pairs[i].old ? e->pairs[i].old : "",
		                      (int)e->pairs[i].new_len,
		                      e->pairs[i].new ? e->pairs[i].new : "");
	return out;
}

static void expect_edit(const char *before, const char *after, const char *spans, const char *pairs,
                        unsigned flags)
{
	struct texts t = compare(before, after);

	cr_assert_eq(t.d->edit_count, 1, "%zu edits: %s", t.d->edit_count, after);
	cr_assert_eq(t.d->edits[0].kind, TALLY_EDIT_EDITED, "%s", after);
	cr_expect_str_eq(shown(&t.d->edits[0]), spans, "%s", shown(&t.d->edits[0]));
	cr_expect_str_eq(pairs_of(&t.d->edits[0]), pairs, "%s: %s", after, pairs_of(&t.d->edits[0]));
	cr_expect_eq(t.d->edits[0].flags, flags, "%s: %x", after, t.d->edits[0].flags);
	done(&t);
}

static void expect_counts(const struct texts *t, size_t same, size_t edited, size_t moved,
                          size_t deleted, size_t added)
{
	const struct tally_text_diff *d = t->d;

	cr_expect(d->same == same && d->edited == edited && d->moved == moved &&
	                  d->deleted == deleted && d->added == added,
	          "same %zu, edited %zu, moved %zu, deleted %zu, added %zu", d->same, d->edited,
	          d->moved, d->deleted, d->added);
}

#define P1 "The supplier delivers the goods to the warehouse in Bremen."
#define P2 "Payment is due within thirty days of receipt of the invoice."
#define P3 "This agreement is governed by the laws of Ireland."
#define P4 "Notices are sent by registered mail to the address above."

Test(text_diff, equal_texts_have_no_edits)
{
	struct texts t = compare(P1 "\n" P2 "\n" P3 "\n", P1 "\n" P2 "\n" P3 "\n");

	expect_counts(&t, 3, 0, 0, 0, 0);
	done(&t);
}

Test(text_diff, a_changed_number_is_one_edit_and_pulled_out)
{
	expect_edit(P1 "\nNotice is given 30 days before.\n" P3 "\n",
	            P1 "\nNotice is given 90 days before.\n" P3 "\n",
	            "Notice is given [-30-]{+90+} days before.", "30 days>90 days;",
	            TALLY_EDIT_NUMBER);
}

Test(text_diff, amounts_per_cents_and_dates)
{
	expect_edit("The price is EUR 12,500.00 per unit.\n",
	            "The price is EUR 99,500.00 per unit.\n",
	            "The price is EUR [-12,500.00-]{+99,500.00+} per unit.",
	            "EUR 12,500.00>EUR 99,500.00;", TALLY_EDIT_AMOUNT);
	expect_edit("A fee of $5 applies here.\n", "A fee of $6 applies here.\n",
	            "A fee of $[-5-]{+6+} applies here.", "$5>$6;", TALLY_EDIT_AMOUNT);
	expect_edit("Interest is 5 % a year from then.\n", "Interest is 8 % a year from then.\n",
	            "Interest is [-5-]{+8+} % a year from then.", "5 %>8 %;", TALLY_EDIT_AMOUNT);
	expect_edit("It ends on 3 May 2024 at noon.\n", "It ends on 4 May 2025 at noon.\n",
	            "It ends on [-3-]{+4+} May [-2024-]{+2025+} at noon.", "3 May 2024>4 May 2025;",
	            TALLY_EDIT_DATE);
	expect_edit("It ends on 2024-05-03 at noon.\n", "It ends on 2024-06-03 at noon.\n",
	            "It ends on 2024-[-05-]{+06+}-03 at noon.", "2024-05-03>2024-06-03;",
	            TALLY_EDIT_DATE);
}

Test(text_diff, the_same_number_in_other_writing_is_no_number_changed)
{
	expect_edit("We ordered 1,000 pieces of it.\n", "We ordered 1000 pieces of it.\n",
	            "We ordered [-1,000-]{+1000+} pieces of it.", "", 0);
}

/* What stands out of one line that was edited. */
static void expect_pairs(const char *before, const char *after, const char *pairs)
{
	struct texts t = compare(before, after);

	cr_assert_eq(t.d->edit_count, 1, "%zu edits: %s", t.d->edit_count, after);
	cr_expect_str_eq(pairs_of(&t.d->edits[0]), pairs, "%s: %s", after, pairs_of(&t.d->edits[0]));
	done(&t);
}

Test(text_diff, a_number_takes_its_unit_and_its_comparison_along)
{
	expect_pairs("Add 5 mg of the salt to it.\n", "Add 5 g of the salt to it.\n", "5 mg>5 g;");
	expect_pairs("Keep it below 30 °C all day.\n", "Keep it below 30 °F all day.\n",
	             "30 °C>30 °F;");
	expect_pairs("Flats of 60 m² are let here.\n", "Flats of 60 m³ are let here.\n",
	             "60 m²>60 m³;");
	expect_pairs("Orders of < 10 pieces are free.\n", "Orders of > 10 pieces are free.\n",
	             "< 10>> 10;");
	expect_pairs("We meet at 5 am at the gate.\n", "We meet at 5 pm at the gate.\n",
	             "5 am>5 pm;");
	expect_pairs("We meet at 10:30 at the gate.\n", "We meet at 10:00 at the gate.\n",
	             "10:30>10:00;");
	expect_pairs("There are 10² ways to do it.\n", "There are 10³ ways to do it.\n", "10²>10³;");
	expect_pairs("Take ½ of the cup with you.\n", "Take ¼ of the cup with you.\n", "½>¼;");
	expect_pairs("They are kept for ten years in it.\n", "They are kept for two years in it.\n",
	             "ten years>two years;");
	expect_pairs("Notice is given 30 days before.\n", "Notice is given 30 months before.\n",
	             "30 days>30 months;");
}

Test(text_diff, codes_are_numbers_letter_by_letter)
{
	expect_pairs("Order 2024-00017 was paid last week.\n",
	             "Order 2024-17 was paid last week.\n", "2024-00017>2024-17;");
	expect_pairs("Please use the version v2 of it.\n", "Please use the version v3 of it.\n",
	             "v2>v3;");
	expect_pairs("The part B-204 goes to the left.\n", "The part B-240 goes to the left.\n",
	             "B-204>B-240;");
	expect_pairs("The part B-204 goes to the left.\n",
	             "The part B\u2011204 goes to the left now.\n", "");
	expect_pairs("It went down to -5 last night.\n", "It went down to 5 last night.\n", "-5>5;");
	expect_pairs("Send it to anna@example.com this week.\n",
	             "Send it to anna@examp1e.com this week.\n",
	             "anna@example.com>anna@examp1e.com;");
}

Test(text_diff, the_same_amount_or_date_in_other_writing_is_none_that_changed)
{
	expect_pairs("Interest is 5% a year from then.\n", "Interest is 5 % a year from then on.\n",
	             "");
	expect_pairs("The price is CHF 12,450.00 a unit.\n", "The price is CHF 12.450,00 a unit.\n",
	             "");
	expect_pairs("The price is CHF 1,250 a unit.\n", "The price is CHF 1250 a unit.\n", "");
	expect_pairs("It ends on March 3, 2025 at noon.\n", "It ends on 3 March 2025 at noon.\n", "");
}

Test(text_diff, letters_in_another_encoding_hold_no_numbers)
{
	expect_pairs("We met in Zürich with all of them.\n",
	             "We met in ZÃ¼rich with all of them.\n", "Zürich>ZÃ;");
}

Test(text_diff, a_negation_in_other_writing_is_none_that_changed)
{
	expect_pairs("They cannot sublet the flat here.\n", "They can not sublet the flat here.\n",
	             "");
	expect_pairs("It isn't due before next week.\n", "It is not due before next week.\n", "");
	expect_pairs("It isn't due before next week.\n", "It ISN\u2019T due before this week.\n", "");
	expect_pairs("Look at no. 5 of the list.\n", "Look at No. 6 of the list.\n", "5>6;");
}

Test(text_diff, names_in_a_list_and_letters_in_other_case)
{
	expect_pairs("We invited Anna, Peter, Maria and Tom.\n",
	             "We invited Anna, Maria and Tom.\n", "Peter>;");
	expect_pairs("Then The Buyer pays for it.\n", "Then the buyer pays for it.\n", "");
}

Test(text_diff, words_that_gave_way_to_their_opposite)
{
	expect_pairs("The buyer and the seller sign it.\n", "The buyer or the seller sign it.\n",
	             "and>or;");
	expect_pairs("He pays before the goods are sent.\n", "He pays after the goods are sent.\n",
	             "before>after;");
	expect_pairs("It takes at least a week to do.\n", "It takes at most a week to do.\n",
	             "least>most;");
	expect_pairs("The buyer signs it in the end.\n",
	             "The buyer reads and signs it in the end.\n", "");
}

Test(text_diff, negations_of_other_languages)
{
	expect_pairs("O inquilino não pode sublocar o imóvel.\n",
	             "O inquilino pode sublocar o imóvel.\n", "não>;");
	expect_pairs("De huurder mag niet onderverhuren aan anderen.\n",
	             "De huurder mag onderverhuren aan anderen.\n", "niet>;");
	expect_pairs("Арендатор не может сдавать квартиру.\n",
	             "Арендатор может сдавать квартиру.\n", "не>;");
	expect_pairs("لا يجوز للمستأجر تأجير الشقة\n", "يجوز للمستأجر تأجير الشقة\n", "لا>;");
	expect_pairs("承租人不得转租本合同的房屋。\n", "承租人得转租本合同的房屋。\n", "不>;");
	expect_pairs("借主はこの部屋を貸すことができない。\n",
	             "借主はこの部屋を貸すことができる。\n", "ない>;");
	expect_pairs("임차인은 전대할 수 없다 그렇다.\n", "임차인은 전대할 수 있다 그렇다.\n",
	             "없다>;");
	expect_pairs("本合同价款为三万元整，按月支付。\n", "本合同价款为五万元整，按月支付。\n",
	             "三万元>五万元;");
}

Test(text_diff, a_not_that_came_or_went)
{
	expect_edit("The tenant may sublet the flat.\n", "The tenant may not sublet the flat.\n",
	            "The tenant may {+not +}sublet the flat.", ">not;", TALLY_EDIT_NEGATION);
	expect_edit("The party shall pay all costs.\n", "The party may pay all costs.\n",
	            "The party [-shall-]{+may+} pay all costs.", "shall>may;", TALLY_EDIT_NEGATION);
	expect_edit("Such use is lawful in the country.\n", "Such use is unlawful in the country.\n",
	            "Such use is [-lawful-]{+unlawful+} in the country.", "lawful>unlawful;",
	            TALLY_EDIT_NEGATION);
	expect_edit("Das ist zu den Kosten nicht gerechnet.\n", "Das ist zu den Kosten gerechnet.\n",
	            "Das ist zu den Kosten [-nicht -]gerechnet.", "nicht>;", TALLY_EDIT_NEGATION);
}

Test(text_diff, names_inside_a_sentence)
{
	expect_edit("We asked Maria Lopez about it again.\n", "We asked Jonas Berg about it again.\n",
	            "We asked [-Maria Lopez-]{+Jonas Berg+} about it again.",
	            "Maria Lopez>Jonas Berg;", TALLY_EDIT_NAME);
}

Test(text_diff, quotes_dashes_and_blanks_are_typography)
{
	expect_edit("He said \"yes\" - and left...\n", "He said “yes” – and left…\n",
	            "He said [-\"-]{+“+}yes[-\" --]{+” –+} and left[-...-]{+…+}", "",
	            TALLY_EDIT_TYPOGRAPHY);
}

Test(text_diff, a_letter_that_looks_like_another_and_one_that_nobody_sees)
{
	expect_edit("Pay to ACME Limited today.\n",
	            "Pay to \xd0\x90"
	            "CME Limited today.\n",
	            "Pay to [-ACME-]{+\xd0\x90"
	            "CME+} Limited today.",
	            "ACME>\xd0\x90"
	            "CME;",
	            TALLY_EDIT_LOOK_ALIKE);
	expect_edit("Pay to ACME Limited today.\n", "Pay to AC\xe2\x80\x8bME Limited today.\n",
	            "Pay to [-ACME-]{+AC\xe2\x80\x8bME+} Limited today.", "ACME>AC\xe2\x80\x8bME;",
	            TALLY_EDIT_LOOK_ALIKE);
}

Test(text_diff, a_clause_that_moved_is_one_move)
{
	struct texts t = compare(P1 "\n" P2 "\n" P3 "\n" P4 "\n", P4 "\n" P1 "\n" P2 "\n" P3 "\n");

	expect_counts(&t, 3, 0, 1, 0, 0);
	cr_expect_eq(t.d->edits[0].kind, TALLY_EDIT_MOVED);
	done(&t);
}

Test(text_diff, a_clause_that_moved_and_was_edited_is_one_move_with_its_words)
{
	struct texts t = compare(P1 "\n" P2 "\n" P3 "\n" P4 "\n",
	                         "Notices are sent by ordinary mail to the address above.\n" P1
	                         "\n" P2 "\n" P3 "\n");

	expect_counts(&t, 3, 0, 1, 0, 0);
	cr_expect_eq(t.d->edits[0].kind, TALLY_EDIT_MOVED_EDITED);
	cr_expect_str_eq(shown(&t.d->edits[0]),
	                 "Notices are sent by [-registered-]{+ordinary+} mail to the address above.");
	done(&t);
}

/* The one edit that is no part of another one. */
static const struct tally_edit *only_edit(const struct texts *t)
{
	const struct tally_edit *only = NULL;

	for (size_t i = 0; i < t->d->edit_count; i++) {
		if (t->d->edits[i].flags & TALLY_EDIT_PART)
			continue;
		cr_assert_null(only, "there are several");
		only = &t->d->edits[i];
	}
	cr_assert(only);
	return only;
}

#define FIRST  "The buyer pays within 30 days of the invoice."
#define SECOND "The seller does not deliver before the price of 500 EUR is paid."
#define THIRD  "Either party may end this contract with a notice of three weeks."

Test(text_diff, a_paragraph_that_was_split_is_one_edit_that_lost_nothing)
{
	struct texts t = compare("Terms.\n" FIRST " " SECOND " " THIRD "\nEnd.\n",
	                         "Terms.\n" FIRST "\n" SECOND "\n" THIRD "\nEnd.\n");
	const struct tally_edit *e = only_edit(&t);

	cr_expect_eq(e->kind, TALLY_EDIT_EDITED);
	cr_expect(e->flags & TALLY_EDIT_SPLIT);
	cr_expect_eq(e->before, 1u);
	cr_expect_eq(e->after, 1u);
	cr_expect_eq(e->parts[0], 1u);
	cr_expect_eq(e->parts[1], 3u);
	cr_expect_eq(e->pair_count, 0u, "no number came or went");
	cr_expect_str_eq(shown(e), FIRST "[- -]{+\n+}" SECOND "[- -]{+\n+}" THIRD);
	cr_expect_eq(t.d->split, 1u);
	cr_expect_eq(t.d->parts[1], 2u);
	done(&t);
}

Test(text_diff, paragraphs_that_were_joined_and_edited_are_one_edit)
{
	struct texts t = compare("Terms.\n" FIRST "\n" SECOND "\nEnd.\n",
	                         "Terms.\nThe buyer pays within 90 days of the invoice. " SECOND
	                         "\nEnd.\n");
	const struct tally_edit *e = only_edit(&t);

	cr_expect(e->flags & TALLY_EDIT_JOINED);
	cr_expect_eq(e->parts[0], 2u);
	cr_expect_str_eq(pairs_of(e), "30 days>90 days;");
	cr_expect_eq(t.d->joined, 1u);
	cr_expect_eq(t.d->parts[0], 1u);
	done(&t);
}

Test(text_diff, a_paragraph_beside_an_edited_one_is_no_part_of_it)
{
	struct texts t = compare("Terms.\n" FIRST "\nEnd.\n",
	                         "Terms.\nThe buyer pays within 90 days of the invoice.\n" SECOND
	                         "\nEnd.\n");

	cr_expect_eq(t.d->edited, 1u);
	cr_expect_eq(t.d->added, 1u);
	cr_expect_eq(t.d->split, 0u);
	cr_expect_eq(t.d->parts[1], 0u);
	done(&t);
}

Test(text_diff, rows_that_changed_places_moved_with_their_cells)
{
	struct texts t = compare("| Desk\n| 12\n| Chair\n| 7\nEnd.\n",
	                         "| Chair\n| 7\n| Desk\n| 12\nEnd.\n");

	cr_expect_eq(t.d->moved, 2u);
	cr_expect_eq(t.d->deleted + t.d->added + t.d->edited, 0u);
	done(&t);
}

static void set_cells(struct tally_text *text, const uint32_t *columns)
{
	for (size_t i = 0; i < text->count; i++) {
		text->blocks[i].n = 1;
		text->blocks[i].row = (uint32_t)i / 2 + 1;
		text->blocks[i].cell = columns[i];
	}
}

/* Empty cells are no blocks. */
Test(text_diff, a_value_in_the_next_column_moved_though_the_texts_stand_in_order)
{
	static const char rows[] = "| May\n| 500.00\n| June\n| 20.00\n";
	static const uint32_t was[] = { 1, 2, 1, 3 }, is[] = { 1, 3, 1, 3 },
			      shifted[] = { 2, 3, 2, 4 };
	struct texts t = compare(rows, rows);

	for (int turn = 0; turn < 2; turn++) {
		tally_text_diff_free(t.d);
		set_cells(&t.before, was);
		set_cells(&t.after, turn ? shifted : is);
		t.d = text_laws(&t.before, &t.after);
		cr_expect_eq(t.d->moved, turn ? 0u : 1u);
		cr_expect_eq(t.d->same, turn ? 4u : 3u);
	}
	done(&t);
}

Test(text_diff, a_short_heading_elsewhere_moved_and_a_lone_number_did_not)
{
	struct texts t = compare("# Terms\nA sentence that stays here.\n12\nEnd of it.\n",
	                         "A sentence that stays here.\nEnd of it.\n# Terms\n");

	cr_expect_eq(t.d->moved, 1u);
	cr_expect_eq(t.d->deleted, 1u);
	done(&t);
	t = compare("A sentence that stays.\nAnother one here.\n12\nEnd of it.\n",
	            "12\nA sentence that stays.\nAnother one here.\nEnd of it.\n");
	cr_expect_eq(t.d->moved, 0u);
	done(&t);
}

Test(text_diff, a_paragraph_that_was_replaced_is_no_edit)
{
	struct texts t = compare(P1 "\n" P2 "\n" P3 "\n", P1 "\n" P4 "\n" P3 "\n");

	expect_counts(&t, 2, 0, 0, 1, 1);
	cr_expect_eq(t.d->edits[0].kind, TALLY_EDIT_DELETED, "what went stands first");
	done(&t);
}

Test(text_diff, cells_between_equal_neighbours_are_the_same_cells)
{
	struct texts t = compare("| Price\n| 12\n| Stock\n| 7\n", "| Price\n| 15\n| Stock\n| 7\n");

	expect_counts(&t, 3, 1, 0, 0, 0);
	cr_expect_str_eq(pairs_of(&t.d->edits[0]), "12>15;");
	done(&t);
}

Test(text_diff, a_paragraph_that_became_a_heading)
{
	struct texts t = compare("Deliveries\n" P1 "\n", "# Deliveries\n" P1 "\n");

	expect_counts(&t, 1, 1, 0, 0, 0);
	cr_expect_eq(t.d->edits[0].flags, TALLY_EDIT_KIND);
	done(&t);
}

Test(text_diff, one_side_empty)
{
	struct texts t = compare("", P1 "\n" P2 "\n");

	expect_counts(&t, 0, 0, 0, 0, 2);
	done(&t);
	t = compare(P1 "\n", "");
	expect_counts(&t, 0, 0, 0, 1, 0);
	done(&t);
}

Test(text_diff, what_is_no_utf_8_is_compared_all_the_same)
{
	expect_edit("The caf\xe9 on the corner is open.\n", "The caf\xe8 on the corner is open.\n",
	            "The [-caf\xe9-]{+caf\xe8+} on the corner is open.", "", 0);
}

/* many paragraphs that share all but a number: none is lost in the crowd */
Test(text_diff, paragraphs_of_common_words_find_their_neighbours)
{
	struct tally_text texts[2];
	struct tally_text_diff *d;
	struct tally_err err;

	for (int side = 0; side < 2; side++) {
		tally_text_init(&texts[side], 0);
		for (int i = 0; i < 3000; i++) {
			char line[64];
			struct tally_block b = { .text = line };

			b.len = (uint32_t)snprintf(line, sizeof line, "Item %d costs EUR %d a piece",
			                           i, side && i % 3 == 0 ? i + 5000 : i);
			cr_assert_eq(tally_text_add(&texts[side], &b, &err), TALLY_OK);
		}
	}
	d = text_laws(&texts[0], &texts[1]);
	cr_expect_eq(d->edited, 1000, "%zu", d->edited);
	cr_expect_eq(d->same, 2000);
	tally_text_diff_free(d);
	tally_text_release(&texts[0]);
	tally_text_release(&texts[1]);
}

Test(text_diff, no_memory_is_an_error)
{
	struct tally_text before, after;
	struct tally_err err;
	const char *a = P1 "\n" P2 "\n" P3 "\n", *b = P3 "\n" P1 "\nPayment is due within 60 days.\n";

	text_of_lines(&before, a, strlen(a));
	text_of_lines(&after, b, strlen(b));
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_text_options options = TALLY_TEXT_OPTIONS_INIT;
		struct tally_text_diff *d = NULL;
		enum tally_status st = tally_text_diff(&d, &before, &after, &options, &err);

		if (faults_fired(&f))
			cr_assert_lt(st, 0, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_text_diff_free(d);
	}
	tally_text_release(&before);
	tally_text_release(&after);
}

Test(text_diff, a_month_is_a_date_and_no_permission)
{
	expect_edit("The next meeting is in March.", "The next meeting is in May.",
	            "The next meeting is in [-March-]{+May+}.", "March>May;", TALLY_EDIT_DATE);
	expect_edit("They may go.", "They must go.", "They [-may-]{+must+} go.", "may>must;",
	            TALLY_EDIT_NEGATION);
}

Test(text_diff, lone_numbers_are_paired_at_the_same_place_only)
{
	struct texts t;

	expect_edit("102", "7", "[-102-]{+7+}", "102>7;", TALLY_EDIT_NUMBER);
	t = compare("102\n103\n104\n105", "1\n2");
	expect_counts(&t, 0, 0, 0, 4, 2);
	done(&t);
}

Test(text_diff, between_two_formats_areas_and_kinds_do_not_count)
{
	struct tally_text_options options = TALLY_TEXT_OPTIONS_INIT;
	struct tally_text before, after;
	struct tally_text_diff *d;
	const char *x = "# Terms\nA paragraph of the text that stays.\n| 12\n| Chair\n";
	const char *y = "Terms\nA paragraph of the text that stays.\nChair\n12\n";

	text_of_lines(&before, x, strlen(x));
	text_of_lines(&after, y, strlen(y));
	options.other_format = true;
	cr_assert_eq(tally_text_diff(&d, &before, &after, &options, NULL), TALLY_OK);
	cr_assert_eq(d->same, 3u);
	cr_assert_eq(d->edited + d->deleted + d->added, 2u, "a cell that is elsewhere is told");
	tally_text_diff_free(d);
	tally_text_release(&before);
	tally_text_release(&after);
}

/* Lines of twelve of 64 words, so that none of them leads to any line. */
static char *lines_of_few_words(unsigned count, unsigned seed)
{
	size_t room = count * 12 * 8 + 1, n = 0;
	char *text = malloc(room);

	cr_assert(text);
	for (unsigned i = 0; i < count * 12; i++) {
		seed = seed * 1103515245U + 12345U;
		n += (size_t)snprintf(text + n, room - n, "word%c%c%c", 'a' + (seed >> 16) % 8,
		                      'a' + (seed >> 20) % 8, i % 12 == 11 ? '\n' : ' ');
	}
	return text;
}

Test(text_diff, lines_of_which_no_word_is_rare_make_it_doubtful)
{
	for (unsigned count = 8; count <= 400; count += 392) {
		char *before = lines_of_few_words(count, 1), *after = lines_of_few_words(count, 2);
		struct texts t = compare(before, after);

		cr_expect_gt(t.d->added, 0);
		cr_expect_eq(t.d->approximate, count > 100, "%u lines", count);
		done(&t);
		free(before);
		free(after);
	}
}
