/* Comparisons of texts as JSON: what is written of an edit, and what is believed of a worker's answer. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "receipt/document_json.h"

TestSuite(document_json);

enum { WORDS = 3000 };

static struct tally_limits limits = TALLY_LIMITS_INIT;

/* One paragraph of as many words, every second of them a number; @add to each number. */
static void book(struct tally_text *text, unsigned add)
{
	static char bytes[WORDS * 24];
	struct tally_block b = { .text = bytes, .kind = TALLY_BLOCK_PARAGRAPH };
	struct tally_err err = { 0 };
	size_t n = 0;

	for (unsigned i = 0; i < WORDS; i += 2)
		n += (size_t)snprintf(bytes + n, sizeof bytes - n, "w%c%c %u ", 'a' + i / 2 % 26,
		                      'a' + i / 52 % 26, 5000 + i * 7 + add);
	b.len = (uint32_t)n;
	tally_text_init(text, 0);
	cr_assert_eq(tally_text_add(text, &b, &err), TALLY_OK);
}

/* The only edit between two paragraphs. */
static json_t *edit_of(struct tally_text *before, struct tally_text *after)
{
	struct tally_text_options options = TALLY_TEXT_OPTIONS_INIT;
	struct tally_text_diff *d = NULL;
	struct tally_err err = { 0 };
	uint64_t unlisted;
	json_t *list, *edit;

	options.limits = &limits;
	cr_assert_eq(tally_text_diff(&d, before, after, &options, &err), TALLY_OK);
	cr_assert_eq(d->edit_count, 1);
	list = tally_edits_json(d, &limits, &unlisted);
	cr_assert_eq(json_array_size(list), 1);
	edit = json_incref(json_array_get(list, 0));
	json_decref(list);
	tally_text_diff_free(d);
	tally_text_release(before);
	tally_text_release(after);
	return edit;
}

Test(document_json, numbers_of_a_book_are_counted_where_they_are_not_listed)
{
	struct tally_text before, after;
	json_t *edit;
	size_t listed;

	book(&before, 0);
	book(&after, 1);
	edit = edit_of(&before, &after);
	listed = json_array_size(json_object_get(edit, "numbers"));
	cr_expect(listed > 100 && listed < WORDS / 2, "%zu", listed);
	cr_expect_eq(json_integer_value(
			     json_object_get(json_object_get(edit, "numbers_left_out"), "number")),
	             (json_int_t)(WORDS / 2 - listed));
	cr_expect(tally_edit_good(edit));
	json_object_set_new(json_object_get(edit, "numbers_left_out"), "number", json_integer(-1));
	cr_expect(!tally_edit_good(edit));
	json_decref(edit);
}

Test(document_json, long_names_are_cut)
{
	static char text[2][7000];
	struct tally_text sides[2];
	struct tally_err err = { 0 };
	json_t *edit, *pair;

	for (int i = 0; i < 2; i++) {
		struct tally_block b = { .text = text[i], .kind = TALLY_BLOCK_PARAGRAPH };
		size_t n = (size_t)snprintf(text[i], sizeof text[i], "It is signed by ");

		for (int k = 0; k < 1500; k++)
			n += (size_t)snprintf(text[i] + n, sizeof text[i] - n, "Q%c%c%s ",
			                      'A' + k % 26, 'A' + k / 26 % 26,
			                      k == 500 && i ? "X" : "");
		b.len = (uint32_t)n;
		tally_text_init(&sides[i], 0);
		cr_assert_eq(tally_text_add(&sides[i], &b, &err), TALLY_OK);
	}
	edit = edit_of(&sides[0], &sides[1]);
	pair = json_array_get(json_object_get(edit, "numbers"), 0);
	cr_expect_eq(json_string_length(json_object_get(pair, "old")), limits.cell_shown);
	cr_expect_eq(json_integer_value(json_object_get(pair, "old_bytes")), 1500 * 4 - 1);
	cr_expect(tally_edit_good(edit));
	json_decref(edit);
}
