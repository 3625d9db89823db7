#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/sketch_file.h"
#include "support/faults.h"
#include "support/scratch.h"
#include "support/zip_maker.h"

TestSuite(sketch_file);

static struct tally_limits limits = TALLY_LIMITS_INIT;

/* ---- made-up prose: the same seed gives the same text ---- */

static unsigned below(uint64_t *seed, unsigned n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (unsigned)(*seed >> 33) % n;
}

static void add_words(struct tally_buf *b, uint64_t *seed, int count)
{
	static const char *const words[] = {
		"the",     "agreement", "shall",  "of",     "party",  "within",  "thirty",
		"days",    "and",       "notice", "to",     "in",     "payment", "amount",
		"is",      "due",       "under",  "clause", "either", "may",     "terminate",
		"this",    "contract",  "by",     "law",    "with",   "a",       "written",
		"consent", "annual",    "report", "year",
	};

	for (int i = 0; i < count; i++) {
		tally_buf_text(b, words[below(seed, 32)]);
		tally_buf_text(b, i + 1 < count ? " " : "");
	}
}

/* @edit  paragraph with another phrase in front, or -1; @rsid  noise as a word processor leaves it */
static void add_document(struct tally_buf *b, uint64_t seed, int paragraphs, int edit, int rsid)
{
	tally_buf_text(b, "<?xml version=\"1.0\"?><w:document><w:body>");
	for (int i = 0; i < paragraphs; i++) {
		tally_buf_printf(b,
		                 "<w:p w:rsidR=\"%08X\"><w:pPr><w:pStyle w:val=\"Normal\"/></w:pPr><w:r>"
		                 "<w:t xml:space=\"preserve\">",
		                 0x10000U + (unsigned)(i * rsid));
		if (i == edit)
			tally_buf_text(b, "Notwithstanding anything said so far, ");
		add_words(b, &seed, 40);
		tally_buf_text(b, "</w:t></w:r></w:p>");
	}
	tally_buf_text(b, "</w:body></w:document>");
}

/* what many documents share: styles of 60 KB and a picture of 20 KB */
static void add_house(struct zip_maker *z)
{
	struct tally_buf styles = { .max = 1 << 20 };
	static char logo[20000];
	uint64_t seed = 99;

	for (int i = 0; i < 600; i++)
		tally_buf_printf(&styles,
		                 "<w:style w:styleId=\"S%d\"><w:name w:val=\"style %d\"/><w:rPr>"
		                 "<w:sz w:val=\"%d\"/></w:rPr></w:style>",
		                 i, i, i * 2);
	for (size_t i = 0; i < sizeof logo; i++)
		logo[i] = (char)below(&seed, 256);
	zip_add(z, &(struct zip_part){
			   .name = "word/styles.xml", .content = styles.bytes, .method = 8 });
	zip_add(z, &(struct zip_part){
			   .name = "word/media/logo.png", .content = logo, .len = sizeof logo });
	tally_buf_release(&styles);
}

static void make_docx(struct zip_maker *z, uint64_t seed, int paragraphs, int edit, int rsid)
{
	struct tally_buf doc = { .max = 1 << 22 };

	add_document(&doc, seed, paragraphs, edit, rsid);
	zip_add(z, &(struct zip_part){ .name = "[Content_Types].xml", .content = "<Types/>" });
	zip_add(z,
	        &(struct zip_part){ .name = "word/document.xml", .content = doc.bytes, .method = 8 });
	add_house(z);
	zip_finish(z, &(struct zip_end){ 0 });
	tally_buf_release(&doc);
}

static enum tally_status sketch(struct tally_sketch *out, const void *bytes, size_t len,
                                struct tally_err *err)
{
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_memory(&src, bytes, len, err);

	if (st == TALLY_OK)
		st = tally_sketch_file(out, src, &limits, err);
	tally_source_free(src);
	return st;
}

static unsigned alike_bytes(const void *a, size_t a_len, const void *b, size_t b_len)
{
	struct tally_sketch x = { 0 }, y = { 0 };
	struct tally_err err = { 0 };
	unsigned s;

	cr_assert_eq(sketch(&x, a, a_len, &err), TALLY_OK, "%s", err.message);
	cr_assert_eq(sketch(&y, b, b_len, &err), TALLY_OK, "%s", err.message);
	s = tally_sketch_similarity(&x, &y);
	tally_sketch_release(&x);
	tally_sketch_release(&y);
	return s;
}

static unsigned alike(struct zip_maker *a, struct zip_maker *b)
{
	unsigned s = alike_bytes(a->bytes.bytes, a->bytes.len, b->bytes.bytes, b->bytes.len);

	zip_release(a);
	zip_release(b);
	return s;
}

Test(sketch_file, document_with_a_phrase_put_in)
{
	struct zip_maker a = { 0 }, b = { 0 };

	make_docx(&a, 1, 40, -1, 0);
	make_docx(&b, 1, 40, 1, 0);
	cr_assert_geq(alike(&a, &b), 950);
}

Test(sketch_file, marks_of_a_word_processor_do_not_count)
{
	struct zip_maker a = { 0 }, b = { 0 };

	make_docx(&a, 1, 40, -1, 1);
	make_docx(&b, 1, 40, -1, 7);
	cr_assert_eq(alike(&a, &b), 1000);
}

Test(sketch_file, documents_of_one_house_are_not_alike)
{
	struct zip_maker a = { 0 }, b = { 0 };

	make_docx(&a, 1, 40, -1, 0);
	make_docx(&b, 2, 40, -1, 0);
	cr_assert_lt(alike(&a, &b), 100);
	/* not even short ones */
	make_docx(&a, 1, 6, -1, 0);
	make_docx(&b, 2, 6, -1, 0);
	cr_assert_lt(alike(&a, &b), 300);
}

static void make_slides(struct zip_maker *z, uint64_t seed, int pictures, int edit)
{
	zip_add(z, &(struct zip_part){ .name = "ppt/slides/slide1.xml", .content = "<a:t/>" });
	for (int i = 0; i < pictures; i++) {
		char name[40], content[100];

		snprintf(name, sizeof name, "ppt/media/image%d.png", i);
		snprintf(content, sizeof content, "picture %u", below(&seed, 1000000000));
		if (i == edit)
			content[0] = 'P';
		zip_add(z, &(struct zip_part){ .name = name, .content = content });
	}
	zip_finish(z, &(struct zip_end){ 0 });
}

Test(sketch_file, documents_of_pictures_go_by_them)
{
	struct zip_maker a = { 0 }, b = { 0 };

	make_slides(&a, 1, 50, -1);
	make_slides(&b, 1, 50, 7);
	cr_assert_geq(alike(&a, &b), 950);
	make_slides(&a, 1, 50, -1);
	make_slides(&b, 2, 50, -1);
	cr_assert_lt(alike(&a, &b), 100);
}

static void make_book(struct zip_maker *z, uint64_t seed, int edit)
{
	struct tally_buf strings = { .max = 1 << 20 }, sheet = { .max = 1 << 20 };

	for (int i = 0; i < 500; i++) {
		tally_buf_text(&strings, "<si><t>");
		add_words(&strings, &seed, 4);
		tally_buf_printf(&strings, "%u</t></si>", below(&seed, 1000000));
		tally_buf_printf(&sheet,
		                 "<row r=\"%d\"><c r=\"A%d\" t=\"s\"><v>%d</v></c><c r=\"B%d\"><v>%u"
		                 "</v></c></row>",
		                 i, i, i, i, i == edit ? 1 : below(&seed, 1000000));
	}
	zip_add(z, &(struct zip_part){ .name = "xl/sharedStrings.xml", .content = strings.bytes });
	zip_add(z, &(struct zip_part){
			   .name = "xl/worksheets/sheet1.xml", .content = sheet.bytes, .method = 8 });
	zip_finish(z, &(struct zip_end){ 0 });
	tally_buf_release(&strings);
	tally_buf_release(&sheet);
}

Test(sketch_file, workbooks_go_by_their_cells)
{
	struct zip_maker a = { 0 }, b = { 0 };

	make_book(&a, 1, -1);
	make_book(&b, 1, 499); /* the last: the edit takes one number from the generator */
	cr_assert_geq(alike(&a, &b), 950);
	/* the numbers of shared strings count up in every workbook */
	make_book(&a, 1, -1);
	make_book(&b, 2, -1);
	cr_assert_lt(alike(&a, &b), 100);
}

Test(sketch_file, members_of_other_zips_count_as_they_are)
{
	struct tally_buf x = { .max = 1 << 20 }, y = { .max = 1 << 20 };
	struct zip_maker a = { 0 }, b = { 0 };
	uint64_t seed = 1, other = 2;

	add_words(&x, &seed, 2000);
	add_words(&y, &other, 200);
	zip_add(&a, &(struct zip_part){ .name = "x.txt", .content = x.bytes, .method = 8 });
	zip_add(&a, &(struct zip_part){ .name = "y.txt", .content = y.bytes, .method = 8 });
	zip_finish(&a, &(struct zip_end){ 0 });
	/* another order, another way of packing, one member gone */
	zip_add(&b, &(struct zip_part){ .name = "x.txt", .content = x.bytes });
	zip_finish(&b, &(struct zip_end){ 0 });
	cr_assert_geq(alike(&a, &b), 800);
	tally_buf_release(&x);
	tally_buf_release(&y);
}

Test(sketch_file, order_of_members_does_not_matter)
{
	struct zip_maker a = { 0 }, b = { 0 };

	zip_add(&a, &(struct zip_part){ .name = "x", .content = "one, and some more to it" });
	zip_add(&a, &(struct zip_part){ .name = "y", .content = "two, which is longer than one" });
	zip_finish(&a, &(struct zip_end){ 0 });
	zip_add(&b, &(struct zip_part){ .name = "y", .content = "two, which is longer than one" });
	zip_add(&b, &(struct zip_part){ .name = "x", .content = "one, and some more to it" });
	zip_finish(&b, &(struct zip_end){ 0 });
	cr_assert_eq(alike(&a, &b), 1000);
}

Test(sketch_file, document_without_a_word_goes_by_its_parts)
{
	struct zip_maker a = { 0 };
	struct tally_sketch s = { 0 };

	zip_add(&a, &(struct zip_part){ .name = "word/document.xml", .content = "<w:p/>" });
	zip_finish(&a, &(struct zip_end){ 0 });
	cr_assert_eq(sketch(&s, a.bytes.bytes, a.bytes.len, NULL), TALLY_OK);
	cr_assert_eq(s.kind, TALLY_SKETCH_MEMBERS);
	cr_assert_eq(s.total, 6);
	tally_sketch_release(&s);
	zip_release(&a);
}

Test(sketch_file, text_with_five_words_edited)
{
	struct tally_buf a = { .max = 1 << 20 }, b = { .max = 1 << 20 };
	uint64_t seed = 1, same = 1, other = 2;

	add_words(&a, &seed, 3000);
	add_words(&b, &same, 3000);
	for (size_t i = 0; i < 5; i++)
		memcpy(b.bytes + 1000 + i * 3000, "EDITED", 6);
	cr_assert_gt(alike_bytes(a.bytes, a.len, b.bytes, b.len), 900);
	tally_buf_clear(&b);
	add_words(&b, &other, 3000);
	cr_assert_lt(alike_bytes(a.bytes, a.len, b.bytes, b.len), 300);
	tally_buf_release(&a);
	tally_buf_release(&b);
}

Test(sketch_file, limits_and_damage_are_named)
{
	struct tally_sketch s = { 0 };
	struct tally_err err = { 0 };
	struct zip_maker z = { 0 };
	char text[101];

	memset(text, 'x', sizeof text);
	limits.sketch_bytes = 100;
	make_docx(&z, 1, 4, -1, 0);
	cr_assert_eq(sketch(&s, z.bytes.bytes, z.bytes.len, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	cr_assert(strstr(err.message, "sketch_bytes"));
	cr_assert_eq(sketch(&s, text, sizeof text, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	limits.sketch_bytes = 1 << 20;
	zip_release(&z);
	/* a zip that says it is small and is not */
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "x", .crc_off = 1 });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(sketch(&s, z.bytes.bytes, z.bytes.len, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
	cr_assert_eq(sketch(&s, z.bytes.bytes, z.bytes.len - 4, &err), TALLY_SKIP);
	zip_release(&z);
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "x", .listed_twice = true });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_eq(sketch(&s, z.bytes.bytes, z.bytes.len, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_AMBIGUOUS_CONTAINER);
	zip_release(&z);
}

Test(sketch_file, encrypted_members_go_by_checksum)
{
	struct zip_maker a = { 0 }, b = { 0 };

	zip_add(&a, &(struct zip_part){ .name = "a", .content = "secret", .flags = 1 });
	zip_finish(&a, &(struct zip_end){ 0 });
	zip_add(&b, &(struct zip_part){ .name = "b", .content = "secret", .flags = 1 });
	zip_finish(&b, &(struct zip_end){ 0 });
	cr_assert_eq(alike(&a, &b), 1000);
}

Test(sketch_file, says_when_memory_is_short)
{
	struct zip_maker z = { 0 };

	make_docx(&z, 1, 10, -1, 0);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_sketch s = { 0 };
		enum tally_status st = sketch(&s, z.bytes.bytes, z.bytes.len, NULL);

		/* making a sketch smaller may fail without harm */
		if (!faults_fired(&f))
			cr_assert_eq(st, TALLY_OK);
		else
			cr_assert(st == TALLY_FATAL || st == TALLY_OK, "allocation %ld: %d", f.nth,
			          st);
		tally_sketch_release(&s);
	}
	zip_release(&z);
}

Test(sketch_file, says_when_the_disk_fails)
{
	struct scratch s = { 0 };
	struct zip_maker z = { 0 };
	const char *path;
	int fd;

	scratch_make(&s);
	make_docx(&z, 1, 10, -1, 0);
	path = scratch_write(&s, "a.docx", z.bytes.bytes, z.bytes.len);
	fd = open(path, O_RDONLY);
	FAULTS_EACH(f, TALLY_FAULT_READ)
	{
		struct tally_sketch out = { 0 };
		struct tally_source *src = NULL;
		enum tally_status st;

		tally_source_fd(&src, fd, path, NULL);
		st = tally_sketch_file(&out, src, &limits, NULL);
		cr_assert_eq(st, faults_fired(&f) ? TALLY_SKIP : TALLY_OK, "read %ld", f.nth);
		tally_sketch_release(&out);
		tally_source_free(src);
	}
	close(fd);
	zip_release(&z);
	scratch_remove(&s);
}
