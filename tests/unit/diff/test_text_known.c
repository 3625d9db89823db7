/* Messages of a mailbox: one is what it was where its ID is the same, whatever it says. */
#include <criterion/criterion.h>
#include <string.h>

#include "support/text_laws.h"

struct message {
	uint64_t id; /* 0: it has none */
	const char *text;
};

static void fill(struct tally_text *text, const struct message *list)
{
	tally_text_init(text, 1 << 20);
	for (uint32_t n = 1; list->text; list++, n++) {
		struct tally_block b = { .kind = TALLY_BLOCK_MESSAGE,
			                 .area = TALLY_AREA_MAIL,
			                 .n = n,
			                 .name = list->id,
			                 .text = list->text,
			                 .len = (uint32_t)strlen(list->text) };

		cr_assert_eq(tally_text_add(text, &b, NULL), TALLY_OK);
	}
}

static void expect(const struct message *before, const struct message *after, size_t same,
                   size_t edited, size_t moved, size_t deleted, size_t added)
{
	struct tally_text a, b;
	struct tally_text_diff *d;

	fill(&a, before);
	fill(&b, after);
	d = text_laws(&a, &b);
	cr_expect(d->same == same && d->edited == edited && d->moved == moved &&
	                  d->deleted == deleted && d->added == added,
	          "same %zu, edited %zu, moved %zu, deleted %zu, added %zu", d->same, d->edited,
	          d->moved, d->deleted, d->added);
	tally_text_diff_free(d);
	tally_text_release(&a);
	tally_text_release(&b);
}

#define TERMS "The price is CHF 1,250.00, and it is due on the first of the month."
#define OTHER "The price is CHF 1,253.00, and it is due on the first of the month."
#define ROOF  "The roof of the house leaks since Monday."

TestSuite(text_known);

Test(text_known, texts_that_were_exchanged_are_two_edits)
{
	expect((struct message[]){ { 1, TERMS }, { 2, ROOF }, { 0, NULL } },
	       (struct message[]){ { 1, ROOF }, { 2, TERMS }, { 0, NULL } }, 0, 2, 0, 0, 0);
}

Test(text_known, another_id_is_another_message_however_alike)
{
	expect((struct message[]){ { 1, TERMS }, { 2, ROOF }, { 0, NULL } },
	       (struct message[]){ { 2, ROOF }, { 3, OTHER }, { 0, NULL } }, 1, 0, 0, 1, 1);
}

Test(text_known, an_equal_text_under_another_id_moved)
{
	expect((struct message[]){ { 1, TERMS }, { 2, ROOF }, { 0, NULL } },
	       (struct message[]){ { 2, ROOF }, { 3, TERMS }, { 0, NULL } }, 1, 0, 1, 0, 0);
}

Test(text_known, an_id_that_stands_twice_takes_equal_texts_first)
{
	expect((struct message[]){ { 1, TERMS }, { 1, ROOF }, { 0, NULL } },
	       (struct message[]){ { 1, OTHER }, { 1, TERMS }, { 1, ROOF }, { 0, NULL } }, 2, 0, 0,
	       0, 1);
}

Test(text_known, those_without_an_id_are_known_by_what_they_say)
{
	expect((struct message[]){ { 1, ROOF }, { 0, TERMS }, { 0, NULL } },
	       (struct message[]){ { 1, ROOF }, { 0, OTHER }, { 0, NULL } }, 1, 1, 0, 0, 0);
}
