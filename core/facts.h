/**
 * The facts model: everything else a reader of the file should know, as name → values (author, comment, macro, link …).
 * A multiset: order does not matter, repetition does.
 */
#ifndef TALLY_CORE_FACTS_H
#define TALLY_CORE_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/arena.h"
#include "core/err.h"

struct tally_fact {
	const char *name;  /**< a row of core/facts.def ("author", "comment", …) */
	const char *value; /**< UTF-8 */
	const char *by; /**< who (author of a comment or tracked change); NULL where nobody is named */
	const char *where; /**< place in the file, for people; NULL where there is none */
};

/** Facts, sorted by tally_facts_sort; strings live in its arena. */
struct tally_facts {
	struct tally_fact *facts;
	size_t count;
	size_t cap;
	struct tally_arena arena;
};

void tally_facts_init(struct tally_facts *facts, size_t max_bytes);
void tally_facts_release(struct tally_facts *facts);

/** Append a copy. TALLY_SKIP (too_large) beyond the ceiling. */
enum tally_status tally_facts_add(struct tally_facts *facts, const struct tally_fact *fact,
                                  struct tally_err *err);

/** Sort by name, value, by, where (bytes), so that two sets can be merged. */
void tally_facts_sort(struct tally_facts *facts);

/** What is known of a name: a row of core/facts.def. */
struct tally_fact_info {
	const char *id;
	bool named; /**< `where` is what the thing is called, no place that it could move to */
	const char *one, *many; /**< words for people */
};

/** @return the row with this number, in the order of views; NULL behind the last one */
const struct tally_fact_info *tally_fact_info(size_t n);

/** Its number; that behind the last one for a name that is not known. */
size_t tally_fact_rank(const char *name);

#endif
