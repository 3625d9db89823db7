/* The words of core/reasons.def, by number and by id. */
#include "core/reason.h"

#include <string.h>

static const struct {
	const char *id;
	const char *words;
	const char *advice;
} rows[TALLY_REASON_COUNT] = {
	[TALLY_REASON_NONE] = { "none", "", "" },
#define TALLY_REASON(id, ID, words, advice) [TALLY_REASON_##ID] = { #id, words, advice },
#include "core/reasons.def"
#undef TALLY_REASON
};

static unsigned known(enum tally_reason reason)
{
	unsigned at = (unsigned)reason;

	return at < TALLY_REASON_COUNT ? at : TALLY_REASON_NONE;
}

const char *tally_reason_id(enum tally_reason reason)
{
	return rows[known(reason)].id;
}

const char *tally_reason_words(enum tally_reason reason)
{
	return rows[known(reason)].words;
}

const char *tally_reason_advice(enum tally_reason reason)
{
	return rows[known(reason)].advice;
}

enum tally_reason tally_reason_from_id(const char *id)
{
	for (unsigned i = 0; i < TALLY_REASON_COUNT; i++)
		if (!strcmp(rows[i].id, id))
			return (enum tally_reason)i;
	return TALLY_REASON_NONE;
}
