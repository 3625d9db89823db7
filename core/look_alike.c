/* What code points look like: the ones that turn up in spreadsheets and texts, by code point. */
#include "core/look_alike.h"

#include <stdbool.h>
#include <stddef.h>

static const struct {
	uint16_t code_point;
	char ascii;
} looks[] = {
	{ 0x0391, 'A' }, { 0x0392, 'B' }, { 0x0395, 'E' }, { 0x0396, 'Z' }, { 0x0397, 'H' },
	{ 0x0399, 'I' }, { 0x039A, 'K' }, { 0x039C, 'M' }, { 0x039D, 'N' }, { 0x039F, 'O' },
	{ 0x03A1, 'P' }, { 0x03A4, 'T' }, { 0x03A5, 'Y' }, { 0x03A7, 'X' }, { 0x03BD, 'v' },
	{ 0x03BF, 'o' }, { 0x0405, 'S' }, { 0x0406, 'I' }, { 0x0408, 'J' }, { 0x0410, 'A' },
	{ 0x0412, 'B' }, { 0x0415, 'E' }, { 0x041A, 'K' }, { 0x041C, 'M' }, { 0x041D, 'H' },
	{ 0x041E, 'O' }, { 0x0420, 'P' }, { 0x0421, 'C' }, { 0x0422, 'T' }, { 0x0423, 'Y' },
	{ 0x0425, 'X' }, { 0x0430, 'a' }, { 0x0435, 'e' }, { 0x043E, 'o' }, { 0x0440, 'p' },
	{ 0x0441, 'c' }, { 0x0443, 'y' }, { 0x0445, 'x' }, { 0x0455, 's' }, { 0x0456, 'i' },
	{ 0x0458, 'j' }, { 0x04BB, 'h' }, { 0x0501, 'd' }, { 0x051B, 'q' }, { 0x051D, 'w' },
	{ 0x057D, 'u' }, { 0x0585, 'o' }, { 0x2010, '-' }, { 0x2011, '-' }, { 0x2212, '-' },
};

static bool is_space(uint32_t c)
{
	return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
	       c == 0x205F || c == 0x3000;
}

char tally_codepoint_looks_like(uint32_t c)
{
	size_t low = 0, high = sizeof looks / sizeof *looks;

	if (is_space(c))
		return ' ';
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (looks[mid].code_point == c)
			return looks[mid].ascii;
		if (looks[mid].code_point < c)
			low = mid + 1;
		else
			high = mid;
	}
	return 0;
}
