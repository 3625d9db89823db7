/* Contents written into addresses: only base64 is one, and only whole. */
#include <criterion/criterion.h>
#include <string.h>

#include "formats/data_url.h"

static void expect(const char *url, const char *bytes)
{
	struct tally_buf b;
	enum tally_status st;

	tally_buf_init(&b, 100);
	st = tally_data_url(&b, url);
	cr_expect_eq(st, bytes ? TALLY_OK : TALLY_END, "%s", url);
	if (bytes && st == TALLY_OK)
		cr_expect(b.len == strlen(bytes) && !memcmp(b.bytes, bytes, b.len), "%s", url);
	tally_buf_release(&b);
}

Test(data_url, base64_is_unpacked)
{
	expect("data:text/plain;base64,aGVsbG8=", "hello");
	expect("DATA:;BASE64,aGVsbG8", "hello");
	expect("data:text/plain;charset=utf-8;base64,aGVs\n bG8h", "hello!");
	expect("data:x;base64,+/9A", "\xfb\xff\x40");
}

Test(data_url, anything_else_is_not)
{
	expect("https://example.org/a.png", NULL);
	expect("data:text/plain,hello", NULL);
	expect("data:text/plain;base64", NULL);
	expect("data:,base64", NULL);
	expect("data:;base64,", NULL);
	expect("data:;base64,aGV*", NULL);
	expect("data:;base64,aGVs%3D", NULL);
}
