/** What the tests of the review list share: a receipt made by code (sample.h), and whether a rule fired on it. */
#ifndef TALLY_TESTS_REVIEW_CHECKS_H
#define TALLY_TESTS_REVIEW_CHECKS_H

#include <criterion/criterion.h>
#include <string.h>

#include "receipt/review.h"
#include "sample.h"

static struct sample s;

static inline void begin(void)
{
	sample_begin(&s, 100);
}

static inline void end(void)
{
	sample_release(&s);
}

static inline const struct tally_review_item *item(const char *rule)
{
	for (size_t i = 0; i < s.r->review_count; i++)
		if (!strcmp(s.r->review[i].rule, rule))
			return &s.r->review[i];
	return NULL;
}

static inline size_t items(const char *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < s.r->review_count; i++)
		n += !strcmp(s.r->review[i].rule, rule);
	return n;
}

#define FIRES(rule, level, words)                                                     \
	do {                                                                          \
		const struct tally_review_item *found = item(rule);                   \
                                                                                      \
		cr_assert(found, "%s does not fire", rule);                           \
		cr_assert_eq(found->severity, TALLY_SEVERITY_##level, "%s: %s", rule, \
		             tally_severity_name(found->severity));                   \
		cr_assert_str_eq(found->what, words);                                 \
		cr_assert_str_neq(found->why, "");                                    \
	} while (0)

#define SILENT(rule) cr_assert_not(item(rule), "%s fires: %s", rule, item(rule)->what)

#define TABLE(fields) sample_table(&s, "{\"path\": \"t.csv\", " fields "}")

#endif
