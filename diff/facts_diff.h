/**
 * Comparing two sets of facts (core/facts.h): what was there and is not any more, what came, what has another value, what
 * stands at another place. Multisets by name: order does not matter, repetition does.
 *
 * Addresses follow the rule for formulas: one that moved along with its cells is as it was.
 *
 * The way: equal facts go first; what has the same value at another place moved (facts whose `where` is a name cannot); then
 * those that are alike in another way (pictures with the same pixels), at the same place or another one; of what is left, the same name at the same place has another value; the rest was added or removed. Pure memory, O(n log n), the same
 * input gives the same changes.
 */
#ifndef TALLY_DIFF_FACTS_DIFF_H
#define TALLY_DIFF_FACTS_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/facts.h"
#include "diff/table_diff.h"

enum tally_fact_kind {
	TALLY_FACT_ADDED,
	TALLY_FACT_REMOVED,
	TALLY_FACT_CHANGED, /**< another value, or the same by somebody else */
	TALLY_FACT_MOVED,   /**< the same value at another place */
	TALLY_FACT_STRAYED, /**< written as before, of other cells now: those that it meant are elsewhere */
};

struct tally_fact_change {
	enum tally_fact_kind kind;
	const struct tally_fact *before, *after; /**< borrowed; NULL: it was, or is, not there */
	bool elsewhere;                          /**< CHANGED, and at another place as well */
};

/** How many there are of one name; before - removed + added = after. */
struct tally_fact_count {
	const char *name;
	uint64_t before, after;
	uint64_t added, removed, changed, moved; /**< those that strayed are changed */
};

/** A part of the file that has another name: `where` begins with it ("Sheet1", "Sheet1!C17"). */
struct tally_fact_rename {
	const char *old, *now;
};

struct tally_facts_options {
	int version;                             /**< TALLY_FACTS_OPTIONS_VERSION */
	const struct tally_fact_rename *renames; /**< borrowed for the call */
	size_t rename_count;
	bool other_format; /**< the sides are of two formats, which word things in ways of their own: but for what people wrote
	                        (comments, authors, titles …) only the number counts */
	/** Where rows and columns of sheets went, for addresses; borrowed. Of other sheets they have to be as they were. */
	const struct tally_other_sheet *sheets;
	size_t sheet_count;
	/**
	 * Where what stood at this place stands now, if it stayed with what is around it ("paragraph 12"); NULL: places stay.
	 * @return @where itself, or a text in the arena; NULL: no memory
	 */
	const char *(*place)(const void *places, const char *where, struct tally_arena *arena);
	const void *places;
	/**
	 * What a fact is known by besides its value: two that share it are one thing, saved in another way. NULL: nothing of the kind.
	 * @return a text that lives as long as the call; NULL: there is none
	 */
	const char *(*alike)(const void *alikes, const struct tally_fact *fact, bool after);
	const void *alikes;
};

enum { TALLY_FACTS_OPTIONS_VERSION = 1 };
#define TALLY_FACTS_OPTIONS_INIT                                                             \
	{                                                                                    \
		TALLY_FACTS_OPTIONS_VERSION, NULL, 0, false, NULL, 0, NULL, NULL, NULL, NULL \
	}

struct tally_facts_diff {
	struct tally_fact_change *changes; /**< by name (in the order of facts.def), then place, then value */
	size_t count;
	struct tally_fact_count *counts; /**< of all names that either side has, in the same order */
	size_t count_count;
};

/**
 * Compare.
 * @before, @after  borrowed as long as the diff; in any order
 * @options         NULL: none
 * @out             yours to tally_facts_diff_free
 * @return TALLY_OK; TALLY_FATAL no memory
 */
enum tally_status tally_facts_diff(struct tally_facts_diff **out, const struct tally_facts *before,
                                   const struct tally_facts *after,
                                   const struct tally_facts_options *options, struct tally_err *err);
void tally_facts_diff_free(struct tally_facts_diff *diff);

#endif
