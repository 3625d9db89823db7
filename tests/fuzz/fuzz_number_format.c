/*
 * Any bytes as a number, as a format's code and as a serial number: a number's text is the same double, the shortest text of
 * itself, and no longer than its room.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/number_format.h"
#include "support/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_number(const char *text, size_t len)
{
	char out[TALLY_NUMBER_TEXT_MAX], again[TALLY_NUMBER_TEXT_MAX];
	size_t got = tally_number_text(out, text, len);
	char *copy;

	CHECK(got < sizeof out && strlen(out) == got);
	if (!got)
		return;
	copy = calloc(len + 1, 1);
	CHECK(copy);
	memcpy(copy, text, len);
	CHECK(strtod(out, NULL) == strtod(copy, NULL));
	CHECK(tally_number_text(again, out, got) == got && !memcmp(out, again, got));
	free(copy);
}

static void check_serial(const uint8_t *data, size_t size, enum tally_number_class shown)
{
	char out[TALLY_SERIAL_TEXT_MAX];
	double serial = 0;

	if (size < sizeof serial)
		return;
	memcpy(&serial, data, sizeof serial);
	for (int epoch = 0; epoch < 2; epoch++) {
		bool day = tally_serial_text(out, serial, shown, epoch);

		CHECK(strlen(out) < sizeof out && day == (out[0] != '\0'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum tally_number_class shown = tally_number_format_class((const char *)data, size);

	CHECK(shown <= TALLY_NUMBER_TEXT);
	check_number((const char *)data, size);
	check_serial(data, size, shown);
	return 0;
}
