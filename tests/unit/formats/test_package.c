#include <criterion/criterion.h>
#include <string.h>

#include "core/mem.h"
#include "formats/package.h"
#include "support/faults.h"
#include "support/zip_maker.h"

static struct tally_limits limits;
static struct tally_err err;
static struct zip_maker z;
static struct tally_source *src;
static struct tally_package *package;

static void begin(void)
{
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	err = (struct tally_err){ 0 };
}

static void end(void)
{
	tally_package_close(package);
	tally_source_free(src);
	zip_release(&z);
	package = NULL;
	src = NULL;
}

TestSuite(package, .init = begin, .fini = end);

#define TYPES_BEGIN "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>"
#define RELS_BEGIN \
	"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>"
#define TYPE_URI "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

static void add(const char *name, const char *content)
{
	zip_add(&z, &(struct zip_part){ .name = name, .content = content });
}

static enum tally_status open_package(void)
{
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(tally_source_memory(&src, z.bytes.bytes, z.bytes.len, &err), TALLY_OK);
	return tally_package_open(&package, src, &limits, &err);
}

static const struct tally_relation *relations(const char *part, size_t *count)
{
	const struct tally_relation *out;

	cr_assert_eq(tally_package_relations(package, part, &out, count, &err), TALLY_OK, "%s",
	             err.message);
	return out;
}

Test(package, types_by_part_and_by_ending)
{
	add("[Content_Types].xml",
	    TYPES_BEGIN "<Default Extension='XML' ContentType='application/xml'/>"
	                "<Override PartName='/xl/Workbook.xml' ContentType='main'/>"
	                "<Override PartName='/xl/workbook.xml' ContentType='second'/></Types>");
	add("xl/workbook.xml", "<a/>");
	cr_assert_eq(open_package(), TALLY_OK);
	cr_assert_str_eq(tally_package_content_type(package, "xl/workbook.xml"), "main");
	cr_assert_str_eq(tally_package_content_type(package, "XL/Other.Xml"), "application/xml");
	cr_assert_null(tally_package_content_type(package, "a.xml/b"));
	cr_assert_null(tally_package_content_type(package, "a.png"));
	cr_assert(tally_package_has(package, "xl/WORKBOOK.xml"));
	cr_assert_not(tally_package_has(package, "xl/workbook"));
}

Test(package, without_types_it_says_why)
{
	add("xl/workbook.xml", "<a/>");
	cr_assert_eq(open_package(), TALLY_OK);
	cr_assert_null(tally_package_content_type(package, "xl/workbook.xml"));
	cr_assert_eq(tally_package_types(package, &err), TALLY_SKIP);
	cr_assert_not_null(strstr(err.message, "[Content_Types].xml"));
}

Test(package, targets_are_resolved_from_their_part)
{
	const struct tally_relation *r;
	size_t count;

	add("xl/_rels/workbook.xml.rels", RELS_BEGIN
	    "<Relationship Id='a' Type='" TYPE_URI "worksheet' Target='worksheets/sheet1.xml'/>"
	    "<Relationship Id='b' Type='" TYPE_URI "styles' Target='/xl/styles.xml'/>"
	    "<Relationship Id='c' Type='" TYPE_URI "image' Target='../media/./a.png'/>"
	    "<Relationship Id='d' Type='" TYPE_URI "image' Target='..\\..\\..\\b.png#x'/>"
	    "<Relationship Id='e' Type='" TYPE_URI
	    "hyperlink' Target='http://x/../y' TargetMode='External'/>"
	    "<Relationship Id='f' Type='plain' Target='a%20b.xml'/>"
	    "<Relationship Id='g' Type='plain' Target='a%20c.xml'/>"
	    "<Relationship Id='h' Type='hyperlink' Target='#Sheet1!A1'/></Relationships>");
	add("xl/a b.xml", "");
	cr_assert_eq(open_package(), TALLY_OK);
	r = relations("xl/workbook.xml", &count);
	cr_assert_eq(count, 8);
	cr_assert_str_eq(r[0].target, "xl/worksheets/sheet1.xml");
	cr_assert_str_eq(r[0].type, "worksheet");
	cr_assert_str_eq(r[1].target, "xl/styles.xml");
	cr_assert_str_eq(r[2].target, "media/a.png");
	cr_assert_str_eq(r[3].target, "b.png");
	cr_assert_str_eq(r[4].target, "http://x/../y");
	cr_assert(r[4].external && !r[3].external);
	cr_assert_str_eq(r[5].target, "xl/a b.xml");
	cr_assert_str_eq(r[6].target, "xl/a%20c.xml");
	cr_assert_str_eq(r[7].target, "#Sheet1!A1");
	cr_assert_eq(tally_relation_of_type(r, count, "image"), &r[2]);
	cr_assert_eq(tally_relation_by_id(r, count, "g", 1), &r[6]);
	cr_assert_null(tally_relation_of_type(r, count, "chart"));
	cr_assert_eq(relations("xl/workbook.xml", &count), r, "read once");
}

Test(package, relations_are_found_by_id)
{
	const struct tally_relation *r;
	size_t count;

	add("a/_rels/b.xml.rels", RELS_BEGIN
	    "<Relationship Id='rId10' Type='x' Target='1'/><Relationship Id='rId1' Type='x' Target='2'/>"
	    "<Relationship Id='rId2' Type='x' Target='3'/><Relationship Id='rId1' Type='x' Target='4'/>"
	    "<Relationship Id='' Type='x' Target='5'/></Relationships>");
	cr_assert_eq(open_package(), TALLY_OK);
	r = relations("a/b.xml", &count);
	cr_expect_eq(tally_relation_by_id(r, count, "rId1", 4), &r[1], "the first of two");
	cr_expect_eq(tally_relation_by_id(r, count, "rId10", 5), &r[0]);
	cr_expect_eq(tally_relation_by_id(r, count, "rId2x", 4), &r[2], "as long as was said");
	cr_expect_eq(tally_relation_by_id(r, count, "", 0), &r[4]);
	cr_expect_null(tally_relation_by_id(r, count, "rId", 3));
	cr_expect_null(tally_relation_by_id(r, count, "rId3", 4));
	cr_expect_null(tally_relation_by_id(r, 0, "rId3", 4));
}

Test(package, relations_of_the_package_and_none)
{
	const struct tally_relation *r;
	size_t count;

	add("_rels/.rels", RELS_BEGIN
	    "<Relationship Id='a' Type='officeDocument' Target='xl/workbook.xml'/></Relationships>");
	cr_assert_eq(open_package(), TALLY_OK);
	r = relations("", &count);
	cr_assert_eq(count, 1);
	cr_assert_str_eq(r->target, "xl/workbook.xml");
	relations("xl/workbook.xml", &count);
	cr_assert_eq(count, 0);
}

Test(package, malformed_relations_say_where)
{
	const struct tally_relation *r;
	size_t count;

	add("_rels/.rels", RELS_BEGIN "<a></b></Relationships>");
	cr_assert_eq(open_package(), TALLY_OK);
	for (int i = 0; i < 2; i++) {
		err = (struct tally_err){ 0 };
		cr_assert_eq(tally_package_relations(package, "", &r, &count, &err), TALLY_SKIP);
		cr_assert_not_null(strstr(err.message, "_rels/.rels"), "%s", err.message);
		cr_assert_eq(count, 0);
	}
}

static enum tally_status gather(void *payload, const void *bytes, size_t len, struct tally_err *e)
{
	(void)e;
	return tally_buf_add(payload, bytes, len) ? TALLY_OK : TALLY_FATAL;
}

Test(package, parts_come_out_as_they_are)
{
	struct tally_buf buf;

	tally_buf_init(&buf, 100);
	add("a.txt", "hello");
	zip_add(&z, &(struct zip_part){ .name = "b.txt", .content = "hello", .crc_off = 1 });
	cr_assert_eq(open_package(), TALLY_OK);
	cr_assert_eq(tally_package_read(package, "A.TXT", gather, &buf, &err), TALLY_OK);
	cr_assert_str_eq(buf.bytes, "hello");
	cr_assert_eq(tally_package_read(package, "b.txt", gather, &buf, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(tally_package_read(package, "c.txt", gather, &buf, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
	tally_buf_release(&buf);
}

Test(package, a_bomb_is_refused_for_the_size_it_says)
{
	static char content[65535]; /* as much as one block of deflate may hold, and 64 MiB of it */

	zip_add(&z, &(struct zip_part){ .name = "a.txt",
	                                .content = content,
	                                .len = sizeof content,
	                                .method = 8,
	                                .size_off = (64 << 20) - 65000 });
	cr_assert_eq(open_package(), TALLY_OK, "%s", err.message);
	cr_assert_eq(tally_package_read(package, "a.txt", gather, NULL, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	cr_assert_not_null(strstr(err.message, "part_ratio"));
}

Test(package, names_with_the_other_slash_are_found)
{
	struct tally_buf buf;

	tally_buf_init(&buf, 100);
	add("xl\\a.txt", "hello");
	add("xl/b.txt", "one");
	add("xl\\b.txt", "two");
	cr_assert_eq(open_package(), TALLY_OK);
	cr_assert_eq(tally_package_read(package, "xl/a.txt", gather, &buf, &err), TALLY_OK);
	cr_assert_str_eq(buf.bytes, "hello");
	cr_assert_eq(tally_package_read(package, "xl/b.txt", gather, &buf, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_AMBIGUOUS_CONTAINER);
	tally_buf_release(&buf);
}

Test(package, what_can_be_read_in_two_ways_is_not)
{
	add("a.txt", "one");
	add("a.txt", "two");
	cr_assert_eq(open_package(), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_AMBIGUOUS_CONTAINER);
}

Test(package, no_memory)
{
	add("[Content_Types].xml",
	    TYPES_BEGIN "<Default Extension='xml' ContentType='application/xml'/></Types>");
	add("_rels/.rels",
	    RELS_BEGIN "<Relationship Id='a' Type='t' Target='a.xml'/></Relationships>");
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(tally_source_memory(&src, z.bytes.bytes, z.bytes.len, &err), TALLY_OK);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		const struct tally_relation *r;
		size_t count;
		enum tally_status st = tally_package_open(&package, src, &limits, &err);

		if (st >= 0)
			st = tally_package_types(package, &err);
		if (st >= 0)
			st = tally_package_relations(package, "", &r, &count, &err);
		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK, "%s", err.message);
		tally_package_close(package);
		package = NULL;
	}
}
