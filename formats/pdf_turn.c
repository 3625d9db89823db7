/* Turned pages in the bytes of a PDF: see formats/pdf_turn.h. */
#include "formats/pdf_turn.h"

#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"

static bool is_blank(char c)
{
	return c == 0 || c == ' ' || (c >= '\t' && c <= '\r' && c != '\v');
}

static size_t behind_blanks(const char *bytes, size_t len, size_t at)
{
	while (at < len && is_blank(bytes[at]))
		at++;
	return at;
}

static size_t behind_digits(const char *bytes, size_t len, size_t at)
{
	while (at < len && tally_is_digit(bytes[at]))
		at++;
	return at;
}

/* "90 0 R": the number of an object that says it. @at  behind the first number */
static bool is_reference(const char *bytes, size_t len, size_t at)
{
	size_t second = behind_blanks(bytes, len, at), end = behind_digits(bytes, len, second);

	if (second == at || end == second)
		return false;
	at = behind_blanks(bytes, len, end);
	return at > end && at < len && bytes[at] == 'R';
}

/* @at  behind "/Rotate" */
static void take(char *bytes, size_t len, size_t at, bool clear, struct tally_pdf_turns *turns)
{
	size_t from = behind_blanks(bytes, len, at), digits = from, end;

	if (from < len && (bytes[from] == '-' || bytes[from] == '+'))
		digits++;
	end = behind_digits(bytes, len, digits);
	if (end == digits || end == len || is_reference(bytes, len, end) ||
	    strspn(bytes + digits, "0") >= end - digits)
		return;
	turns->sum = tally_hash64(bytes + from, end - from, turns->sum + 1);
	if (clear) {
		memset(bytes + from, ' ', end - from);
		bytes[end - 1] = '0';
	}
}

static bool begins(const char *bytes, size_t len, size_t at, const char *word)
{
	size_t n = strlen(word);

	return len - at >= n && !memcmp(bytes + at, word, n);
}

void tally_pdf_turns(char *bytes, size_t len, size_t done, bool clear, struct tally_pdf_turns *turns)
{
	static const char turn[] = "/Rotate", packed[] = "/ObjStm";

	for (size_t at = 0; at < done; at++) {
		const char *found = memchr(bytes + at, '/', done - at);

		if (!found)
			return;
		at = (size_t)(found - bytes);
		if (begins(bytes, len, at, turn))
			take(bytes, len, at + sizeof turn - 1, clear, turns);
		turns->packed = turns->packed || begins(bytes, len, at, packed);
	}
}
