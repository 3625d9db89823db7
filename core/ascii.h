/**
 * Letters and digits of ASCII, whatever the locale says.
 */
#ifndef TALLY_CORE_ASCII_H
#define TALLY_CORE_ASCII_H

#include <stdbool.h>

static inline bool tally_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool tally_is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline bool tally_is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static inline bool tally_is_letter(char c)
{
	return tally_is_upper(c) || tally_is_lower(c);
}

static inline char tally_lower(char c)
{
	return tally_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static inline char tally_upper(char c)
{
	return tally_is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

/** The value of a hexadecimal digit in either case, or -1. */
static inline int tally_hex_value(char c)
{
	if (tally_is_digit(c))
		return c - '0';
	c = tally_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
