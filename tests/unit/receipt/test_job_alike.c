/* Is anything of a content in the one that took its place: edited, encoded anew, replaced, too short to say. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receipt/job_alike.h"
#include "support/scratch.h"

static struct tally_alike alike(const char *a, size_t a_len, const char *b, size_t b_len)
{
	const int fds[2] = { scratch_fd(a, a_len), scratch_fd(b, b_len) };
	struct tally_alike out;

	cr_assert_eq(tally_job_alike(&out, fds, NULL), TALLY_OK);
	return out;
}

static struct tally_alike texts(const char *a, const char *b)
{
	return alike(a, strlen(a), b, strlen(b));
}

static const char english[] =
	"The committee met on Tuesday in the large hall. It was agreed that the roof is to be "
	"mended before winter, that two offers are to be asked for, and that the caretaker "
	"keeps the keys until then.";
static const char german[] =
	"Liebe Kundin, lieber Kunde, vielen Dank für Ihre Bestellung vom vergangenen Freitag. Wir "
	"liefern die Ware in den nächsten Tagen an die angegebene Adresse; bitte prüfen Sie, ob "
	"alles vollständig ist.";

Test(job_alike, unrelated_texts_share_next_to_nothing)
{
	struct tally_alike a = texts(english, german);

	cr_assert_lt(a.share, 50);
	cr_assert_geq(a.share, 0);
	cr_assert(a.text);
}

Test(job_alike, blanks_case_and_utf16_do_not_count)
{
	char upper[sizeof english], wide[2 * sizeof english];

	for (size_t i = 0; i < sizeof english; i++) {
		upper[i] = english[i] >= 'a' && english[i] <= 'z' ? (char)(english[i] - 32)
		           : english[i] == ' '                    ? '\n'
		                                                  : english[i];
		wide[2 * i] = english[i];
		wide[2 * i + 1] = '\0';
	}
	cr_assert_eq(texts(english, upper).share, 1000);
	cr_assert_eq(alike(english, sizeof english - 1, wide, 2 * (sizeof english - 1)).share, 1000);
}

Test(job_alike, what_was_taken_in_is_found_in_the_longer_one)
{
	char both[1000];

	snprintf(both, sizeof both, "%s\n%s", german, english);
	cr_assert_eq(texts(english, both).share, 1000);
	cr_assert_eq(texts(both, english).share, 1000);
}

Test(job_alike, of_little_nothing_is_said)
{
	cr_assert_eq(texts("Total: 100\nTax: 20\n", "Total: 300\nTax: 60\n").share, -1);
	cr_assert_eq(texts("", german).share, -1);
}

static char *noise(unsigned seed, size_t len)
{
	char *p = malloc(len);

	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525U + 1013904223U;
		p[i] = (char)(seed >> 24);
	}
	return p;
}

Test(job_alike, long_contents_are_sketched)
{
	enum { LEN = 1 << 20 };
	char *a = noise(1, LEN), *b = noise(2, LEN);

	cr_assert_lt(alike(a, LEN, b, LEN).share, 50);
	cr_assert_not(alike(a, LEN, b, LEN).text);
	memcpy(b, a, LEN / 2);
	cr_assert_gt(alike(a, LEN, b, LEN).share, 300);
	free(a);
	free(b);
}
