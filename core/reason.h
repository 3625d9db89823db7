/**
 * The closed list of reasons why something was not read, not compared or not certain.
 *
 * The rows stand in core/reasons.def; the receipt shows their words, its JSON their ids.
 */
#ifndef TALLY_CORE_REASON_H
#define TALLY_CORE_REASON_H

enum tally_reason {
	TALLY_REASON_NONE = 0,
#define TALLY_REASON(id, ID, words, advice) TALLY_REASON_##ID,
#include "core/reasons.def"
#undef TALLY_REASON
	TALLY_REASON_COUNT
};

/** The id as it stands in JSON ("permission"); "none" for TALLY_REASON_NONE and unknown values. */
const char *tally_reason_id(enum tally_reason reason);

/** One half sentence for people ("no permission to read it"). */
const char *tally_reason_words(enum tally_reason reason);

/** What a person can do about it, or "" where nothing can be done. */
const char *tally_reason_advice(enum tally_reason reason);

/** The reason with this id, or TALLY_REASON_NONE. */
enum tally_reason tally_reason_from_id(const char *id);

#endif
