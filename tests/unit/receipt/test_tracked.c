/* Tracked changes that are pending no more: what the texts prove of them, and no more than that. */
#include <criterion/criterion.h>
#include <string.h>

#include "receipt/tracked.h"
#include "support/faults.h"
#include "support/text_laws.h"

TestSuite(tracked);

struct change {
	const char *fact, *value, *where;
};

#define INSERTED(value, where)                    \
	{                                         \
		"tracked_insertion", value, where \
	}
#define DELETED(value, where)                    \
	{                                        \
		"tracked_deletion", value, where \
	}

struct documents {
	struct tally_text text[2];
	struct tally_facts facts[2];
	struct tally_text_diff *texts;
	struct tally_facts_diff *changes;
	struct tally_document_places *places;
};

static void compare(struct documents *d, const char *before, const char *after,
                    const struct change *changes)
{
	struct tally_text_options options = TALLY_TEXT_OPTIONS_INIT;
	struct tally_facts_options facts = TALLY_FACTS_OPTIONS_INIT;
	struct tally_err err;

	text_of_lines(&d->text[0], before, strlen(before));
	text_of_lines(&d->text[1], after, strlen(after));
	for (int i = 0; i < 2; i++)
		tally_facts_init(&d->facts[i], 0);
	for (const struct change *c = changes; c->fact; c++)
		cr_assert_eq(tally_facts_add(&d->facts[0],
		                             &(struct tally_fact){ c->fact, c->value, "Ann", c->where },
		                             &err),
		             TALLY_OK);
	cr_assert_eq(tally_text_diff(&d->texts, &d->text[0], &d->text[1], &options, &err), TALLY_OK);
	cr_assert_eq(tally_facts_diff(&d->changes, &d->facts[0], &d->facts[1], &facts, &err),
	             TALLY_OK);
	d->places = tally_document_places_new(d->texts);
	cr_assert(d->places);
}

static void done(struct documents *d)
{
	tally_document_places_free(d->places);
	tally_facts_diff_free(d->changes);
	tally_text_diff_free(d->texts);
	for (int i = 0; i < 2; i++) {
		tally_facts_release(&d->facts[i]);
		tally_text_release(&d->text[i]);
	}
}

/* @outcome  of all of them; NULL: not known */
static void expect(const char *before, const char *after, const struct change *changes,
                   const char *outcome)
{
	struct documents d;
	struct tally_tracked *t;

	compare(&d, before, after, changes);
	t = tally_tracked_new(d.texts, d.changes, d.places);
	cr_assert(t);
	for (size_t i = 0; i < d.changes->count; i++) {
		const struct tally_fact_change *c = &d.changes->changes[i];
		const char *is = tally_tracked_outcome(t, c);

		cr_expect(is && outcome ? !strcmp(is, outcome) : is == outcome,
		          "%s ‘%s’ in %s: %s, not %s", c->before->name, c->before->value, after,
		          is ? is : "not known", outcome ? outcome : "not known");
	}
	tally_tracked_free(t);
	done(&d);
}

#define PENDING "First a) thing.\nThe fee is a) due each year in advance.\n"

static const struct change fee[] = { INSERTED("due each year ", "paragraph 2"),
	                             INSERTED("a)", "paragraph 2"),
	                             DELETED("paid monthly ", "paragraph 2"),
	                             DELETED("b)", "paragraph 2"),
	                             { NULL, NULL, NULL } };

Test(tracked, what_stayed_was_accepted)
{
	expect(PENDING, PENDING, fee, "accepted");
}

/* Though a) stands in the first paragraph as well. */
Test(tracked, what_went_and_what_came_back_was_rejected)
{
	expect(PENDING, "First a) thing.\nThe fee is b) paid monthly in advance.\n", fee, "rejected");
}

Test(tracked, words_of_which_some_stayed_are_not_known)
{
	static const struct change one[] = { INSERTED("due each year ", "paragraph 1"),
		                             { NULL, NULL, NULL } };

	expect("The fee is due each year in advance.\n", "The fee is due every year in advance.\n",
	       one, NULL);
}

Test(tracked, a_deletion_that_came_back_in_part_is_not_known)
{
	static const struct change one[] = { DELETED("paid monthly ", "paragraph 1"),
		                             { NULL, NULL, NULL } };

	expect("The fee is in advance.\n", "The fee is monthly and in advance.\n", one, NULL);
	expect("The fee is in advance.\n", "The fee is always in advance.\n", one, "accepted");
}

Test(tracked, a_paragraph_that_came_back)
{
	static const struct change one[] = { DELETED("Nothing is owed.", "paragraph 2"),
		                             { NULL, NULL, NULL } };

	expect("One thing.\nAnother one.\n", "One thing.\nNothing is owed.\nAnother one.\n", one,
	       "rejected");
	expect("One thing.\nAnother one.\n", "One thing.\nAnother one.\n", one, "accepted");
}

Test(tracked, rows_go_with_what_is_in_them)
{
	static const struct change inserted[] = { INSERTED("a row of a table", "table 1, row 2"),
		                                  { NULL, NULL, NULL } };
	static const struct change deleted[] = { DELETED("a row of a table", "table 1, row 2"),
		                                 DELETED("Chairs", "table 1, row 2, cell 1"),
		                                 { NULL, NULL, NULL } };

	expect("|+ Desks\n|+ Chairs\n", "|+ Desks\n|+ Chairs\n", inserted, "accepted");
	expect("|+ Desks\n|+ Chairs\n", "|+ Desks\n", inserted, "rejected");
	expect("|+ Desks\n", "|+ Desks\n", deleted, "accepted");
	expect("|+ Desks\n", "|+ Desks\n|+ Chairs\n", deleted, "rejected");
}

/* Of two paragraphs that changed places it is not told which one did: what counts is the order. */
Test(tracked, both_halves_of_a_move_have_one_verdict)
{
	static const struct change moved[] = { DELETED("When you click the video.", "paragraph 2"),
		                               INSERTED("When you click the video.", "paragraph 3"),
		                               { NULL, NULL, NULL } };
	static const char before[] = "It is a way.\nYou can type a keyword as well.\n"
				     "When you click the video.\nThe end.\n";

	expect(before, before, moved, "accepted");
	expect(before,
	       "It is a way.\nWhen you click the video.\nYou can type a keyword as well.\nThe end.\n",
	       moved, "rejected");
}

Test(tracked, no_memory_is_an_error)
{
	struct documents d;

	compare(&d, PENDING, PENDING, fee);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_tracked *t = tally_tracked_new(d.texts, d.changes, d.places);

		cr_assert_eq(t == NULL, faults_fired(&f));
		tally_tracked_free(t);
	}
	done(&d);
}
