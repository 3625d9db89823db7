/* Workbooks of old Excel versions: known by what is inside, and said not to be read. */
#include <criterion/criterion.h>
#include <string.h>

#include "formats/format.h"
#include "support/table_sink.h"

extern const struct tally_format tally_format_xls;

static const char bare[] = "\x09\x02\x06\x00\x00\x00\x10\x00\x00\x00";

static const struct tally_format *find(const char *bytes, size_t len, const char *name, bool *mismatch)
{
	const struct tally_format *format;
	struct tally_source *src;

	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	tally_source_set_name(src, name);
	cr_assert_eq(tally_format_find(&format, mismatch, src, NULL), TALLY_OK);
	tally_source_free(src);
	return format;
}

Test(xls, known_by_its_first_record)
{
	bool mismatch;

	cr_expect_eq(find(bare, sizeof bare, "a.bin", &mismatch), &tally_format_xls);
	cr_expect_eq(find(bare, sizeof bare, "a.xls", &mismatch), &tally_format_xls);
	cr_expect_not(mismatch);
}

Test(xls, a_text_with_its_name_is_a_mismatch)
{
	const char *text = "a,b,c\n1,2,3\n4,5,6\n7,8,9\n10,11,12\n";
	bool mismatch;
	const struct tally_format *format = find(text, strlen(text), "a.xls", &mismatch);

	cr_expect(format && !strcmp(format->name, "csv"));
	cr_expect(mismatch);
}

Test(xls, says_that_it_is_not_read)
{
	struct table_sink t = table_read(&tally_format_xls, bare, sizeof bare, NULL);

	cr_expect_eq(t.status, TALLY_PARTIAL);
	cr_expect_eq(t.parts, 0);
	cr_expect_eq(t.reason, TALLY_REASON_FORMAT_UNKNOWN);
	table_release(&t);
}
