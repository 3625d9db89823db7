/* The table of core/limits.h by number and by name. */
#include "core/limits.h"

#include <stddef.h>
#include <string.h>

static const struct tally_limit_info rows[] = {
#define ROW(name, value, unit, why) { #name, value, unit, why },
	TALLY_LIMITS(ROW)
#undef ROW
};

static const size_t offsets[] = {
#define OFFSET(name, value, unit, why) offsetof(struct tally_limits, name),
	TALLY_LIMITS(OFFSET)
#undef OFFSET
};

const struct tally_limit_info *tally_limit_info(unsigned n)
{
	return n < sizeof rows / sizeof *rows ? &rows[n] : NULL;
}

uint64_t *tally_limit_field(struct tally_limits *limits, const char *name)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (!strcmp(rows[i].name, name))
			return (uint64_t *)(void *)((char *)limits + offsets[i]);
	return NULL;
}
