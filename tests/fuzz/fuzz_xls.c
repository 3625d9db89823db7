/*
 * Any bytes as an old workbook: as a file, as a stream in a sound compound file, as records of a sheet in a sound stream of either
 * version. Whatever comes out can be walked through; read again it is the same, with facts wanted or not.
 */
#include <string.h>

#include "formats/format.h"
#include "support/check.h"
#include "support/ole_maker.h"
#include "support/sheets_seen.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sheets_seen read_bytes(const void *bytes, size_t len, bool facts)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct sheets_seen seen = { 0 };
	const struct tally_sink sink = sheets_seen(&seen, facts);
	struct tally_source *src;
	enum tally_status st;

	limits.table_bytes = 1 << 20;
	limits.sheet_rows = 3000;
	limits.table_columns = 500;
	limits.facts_bytes = 1 << 20;
	options.limits = &limits;
	CHECK(tally_source_memory(&src, bytes, len, NULL) == TALLY_OK);
	st = tally_format_by_name("xls")->read(src, &options, &sink, NULL);
	CHECK(st == TALLY_PARTIAL || st == TALLY_SKIP);
	CHECK(!seen.more);
	tally_source_free(src);
	return seen;
}

/* A fact that is too long for the limits may cost the sheet it is in, so rows are compared where both have them. */
static void check(const void *bytes, size_t len)
{
	struct sheets_seen with = read_bytes(bytes, len, true), again = read_bytes(bytes, len, true),
			   without = read_bytes(bytes, len, false);

	CHECK(with.hash == again.hash && with.facts == again.facts && with.rows == again.rows);
	CHECK(with.rows != without.rows || with.bytes == without.bytes);
}

static void check_stream(const void *bytes, size_t len)
{
	const struct ole_part parts[] = {
		{ .name = "Workbook", .bytes = bytes, .len = len },
		{ .name = "_VBA_PROJECT_CUR", .storage = true },
		{ .name = "dir", .bytes = bytes, .len = len < 100 ? len : 100, .inside = 2 },
	};
	struct tally_buf file = ole_make(parts, 3);

	check(file.bytes, file.len);
	tally_buf_release(&file);
}

static void check_records(const void *bytes, size_t len, unsigned version)
{
	struct tally_buf b;
	size_t place;

	tally_buf_init(&b, 2 * len + 4096);
	xls_begin(&b, version, 5);
	place = xls_bound(&b, version == 6, "One", 0, 0);
	CHECK(tally_buf_add(&b, bytes, len));
	xls_record(&b, 0x0a, "", 0);
	xls_here(&b, place);
	xls_begin(&b, version, 0x10);
	CHECK(tally_buf_add(&b, bytes, len));
	xls_record(&b, 0x0a, "", 0);
	check(b.bytes, b.len);
	tally_buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = size ? (const char *)data : "";

	CHECK(tally_format_by_name("xls")->probe(data, size, size, "x.xls") >= 0);
	check(bytes, size);
	if (size > 40000)
		return 0;
	check_stream(bytes, size);
	check_records(bytes, size, 5);
	check_records(bytes, size, 6);
	return 0;
}
