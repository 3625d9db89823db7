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

static const char *at_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += n)
		if ((p == text || !strchr("abcdefghijklmnopqrstuvwxyz_", p[-1])) && p[n] != '_')
			return p;
	return NULL;
}

const char *tally_limit_named_in(const char *text)
{
	const char *first = NULL, *name = NULL;

	for (size_t i = 0; text && i < sizeof rows / sizeof *rows; i++) {
		const char *at = at_word(text, rows[i].name);

		if (at && (!first || at < first)) {
			first = at;
			name = rows[i].name;
		}
	}
	return name;
}
