#include <criterion/criterion.h>
#include <string.h>

#include "formats/crc32.h"

Test(crc32, the_check_value)
{
	cr_assert_eq(tally_crc32(0, "123456789", 9), 0xcbf43926);
	cr_assert_eq(tally_crc32(0, "", 0), 0);
}

Test(crc32, long_steps_and_short_ones_give_the_same)
{
	unsigned char bytes[1000];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)(i * i + 31 * i / 7);
	for (size_t from = 0; from < 20; from++) {
		uint32_t slow = 0;

		for (size_t to = from; to < sizeof bytes; to++) {
			cr_assert_eq(tally_crc32(0, bytes + from, to - from), slow, "%zu to %zu",
			             from, to);
			slow = tally_crc32(slow, bytes + to, 1);
		}
		cr_assert_eq(tally_crc32(tally_crc32(0, bytes + from, 333), bytes + from + 333, 500),
		             tally_crc32(0, bytes + from, 833));
	}
}
