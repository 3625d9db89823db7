/*
 * Any bytes as an OpenDocument spreadsheet: as the one file of it, as a package, and as rows inside a sound document. Whatever
 * comes out can be walked through; read again it is the same, with facts wanted or not.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/check.h"
#include "support/sheets_seen.h"
#include "support/zip_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sheets_seen read_bytes(const char *format, const void *bytes, size_t len, bool facts)
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
	limits.xml_token_bytes = 1 << 16;
	options.limits = &limits;
	CHECK(tally_source_memory(&src, bytes, len, NULL) == TALLY_OK);
	st = tally_format_by_name(format)->read(src, &options, &sink, NULL);
	CHECK(st == TALLY_OK || st == TALLY_PARTIAL || st == TALLY_SKIP);
	tally_source_free(src);
	return seen;
}

static void check(const char *format, const void *bytes, size_t len)
{
	struct sheets_seen with = read_bytes(format, bytes, len, true),
			   without = read_bytes(format, bytes, len, false);

	CHECK(with.rows == without.rows && with.cells == without.cells);
	CHECK(with.bytes == without.bytes && with.more == without.more);
	CHECK(with.hash == without.hash);
}

static void check_rows(const char *data, size_t size)
{
	static const char before[] =
		"<office:document xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
		"xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' "
		"xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' "
		"xmlns:number='urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0' "
		"xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0' "
		"xmlns:draw='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0' "
		"xmlns:dc='http://purl.org/dc/elements/1.1/' "
		"xmlns:calcext='urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0'>"
		"<office:body><office:spreadsheet><table:table table:name='S'>";
	static const char after[] = "</table:table></office:spreadsheet></office:body></office:document>";
	struct tally_buf all;

	tally_buf_init(&all, size + sizeof before + sizeof after);
	CHECK(tally_buf_text(&all, before) && tally_buf_add(&all, data, size) &&
	      tally_buf_text(&all, after));
	check("fods", all.bytes, all.len);
	tally_buf_release(&all);
}

static void check_package(const char *data, size_t size)
{
	struct zip_maker z = { 0 };

	zip_add(&z,
	        &(struct zip_part){ .name = "mimetype",
	                            .content = "application/vnd.oasis.opendocument.spreadsheet" });
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = { "content.xml", "styles.xml", "meta.xml" };

		zip_add(&z, &(struct zip_part){ .name = names[i], .content = data, .len = size });
	}
	zip_finish(&z, &(struct zip_end){ 0 });
	check("ods", z.bytes.bytes, z.bytes.len);
	zip_release(&z);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = size ? (const char *)data : "";

	CHECK(tally_format_by_name("ods")->probe(data, size, size, "x.ods") >= 0);
	CHECK(tally_format_by_name("fods")->probe(data, size, size, "") >= 0);
	check("ods", text, size);
	check("fods", text, size);
	check_rows(text, size);
	if (size && size < 60000) /* a part is one stored block */
		check_package(text, size);
	return 0;
}
