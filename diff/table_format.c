/* Number formats of cells: two codes that show the same, however each program quotes and escapes. */
#include <string.h>

#include "core/ascii.h"
#include "diff/table_work.h"

/* A code's next character. */
struct symbol {
	char c;
	bool literal; /* shown as it is */
};

struct codes {
	const char *at, *end;
	bool quoted;
	bool tag; /* [$ is open */
};

/* Characters that are shown as they are, with or without a backslash (ECMA-376 part 1, 18.8.31). */
static bool shows_itself(char c)
{
	return memchr("$-+/():!^&'~{}<>= ", c, 18) || (unsigned char)c >= 0x80;
}

/* A language, "-409" in [$-409], may have its calendar and digits before it, which are the usual ones where they are 0 or 1: -010409 */
static const char *behind_usual(const char *at, const char *end)
{
	enum { LANGUAGE = 4 };
	const char *to = at;

	while (to < end && tally_hex_value(*to) >= 0)
		to++;
	if (to == end || *to != ']')
		return at;
	for (; to - at > LANGUAGE; at++)
		if (*at != '0' && !(*at == '1' && (to - at) % 2))
			return at;
	while (to - at > 1 && *at == '0')
		at++;
	return at;
}

/* Quotes show what is in them, a backslash what is behind it. */
static bool next_symbol(struct codes *x, struct symbol *out)
{
	while (x->at < x->end && *x->at == '"') {
		x->quoted = !x->quoted;
		x->at++;
	}
	if (x->at >= x->end)
		return false;
	if (x->quoted) {
		*out = (struct symbol){ *x->at++, true };
	} else if (*x->at == '\\' && x->at + 1 < x->end) {
		*out = (struct symbol){ x->at[1], true };
		x->at += 2;
	} else {
		*out = (struct symbol){ tally_lower(*x->at), shows_itself(*x->at) };
		x->tag = *x->at == '[' ? x->at + 1 < x->end && x->at[1] == '$'
		                       : x->tag && *x->at != ']';
		x->at++;
		if (x->tag && out->c == '-')
			x->at = behind_usual(x->at, x->end);
	}
	return true;
}

static struct codes codes_of(const char *format, size_t len)
{
	/* the day in the order of the reader's language: programs write its number, 14, in two ways */
	static const char day[] = "mm-dd-yy", other[] = "m/d/yyyy", general[] = "general";

	if (!format || !len)
		return (struct codes){ general, general + sizeof general - 1, false, false };
	if (len == sizeof other - 1 && !memcmp(format, other, len))
		return (struct codes){ day, day + sizeof day - 1, false, false };
	return (struct codes){ format, format + len, false, false };
}

bool tally_same_format(const struct tally_cell *a, const struct tally_cell *b)
{
	struct codes x = codes_of(a->format, a->format ? a->format_len : 0);
	struct codes y = codes_of(b->format, b->format ? b->format_len : 0);
	struct symbol s, t;
	bool more, too;

	for (;;) {
		more = next_symbol(&x, &s);
		too = next_symbol(&y, &t);
		if (!more || !too)
			return more == too;
		if (s.c != t.c || s.literal != t.literal)
			return false;
	}
}
