/* Documents that are alike by their text, whatever the format. */
#include <criterion/criterion.h>
#include <string.h>

#include "formats/sketch_text.h"
#include "support/faults.h"
#include "support/zip_maker.h"

TestSuite(sketch_text);

static struct tally_limits limits = TALLY_LIMITS_INIT;

enum form { AS_DOCX, AS_ODT, AS_TEXT };

#define WORD "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define ODF  "urn:oasis:names:tc:opendocument:xmlns:"

struct document {
	const char *name;
	struct tally_buf bytes;
};

/* Paragraph i says other things than all others; those from @first to @end are there. */
static void add_paragraphs(struct tally_buf *b, const char *open, const char *close, int first,
                           int end)
{
	for (int i = first; i < end; i++)
		tally_buf_printf(b,
		                 "%sClause %d binds buyer %d. The price of item %d is due within %d "
		                 "days of notice %d%s",
		                 open, i, i * 7, i * 31 + 5, i * 3 + 2, i * i, close);
}

static void make_zip(struct document *d, enum form form, const struct tally_buf *body)
{
	struct zip_maker z = { 0 };

	if (form == AS_DOCX) {
		zip_add(&z, &(struct zip_part){
				    .name = "[Content_Types].xml",
				    .content = "<Types xmlns='http://schemas.openxmlformats.org/"
					       "package/2006/content-types'><Default "
					       "Extension='xml' ContentType='application/"
					       "vnd.openxmlformats-officedocument."
					       "wordprocessingml.document.main+xml'/></Types>" });
		zip_add(&z, &(struct zip_part){
				    .name = "_rels/.rels",
				    .content = "<Relationships xmlns='http://"
					       "schemas.openxmlformats.org/package/2006/"
					       "relationships'><Relationship Id='r1' "
					       "Type='http://schemas.openxmlformats.org/"
					       "officeDocument/2006/relationships/"
					       "officeDocument' "
					       "Target='word/document.xml'/></Relationships>" });
		zip_add(&z,
		        &(struct zip_part){ .name = "word/document.xml", .content = body->bytes });
	} else {
		zip_add(&z, &(struct zip_part){ .name = "mimetype",
		                                .content = "application/"
		                                           "vnd.oasis.opendocument.text",
		                                .method = 0 });
		zip_add(&z, &(struct zip_part){ .name = "content.xml", .content = body->bytes });
	}
	zip_finish(&z, &(struct zip_end){ 0 });
	tally_buf_add(&d->bytes, z.bytes.bytes, z.bytes.len);
	zip_release(&z);
}

static void make(struct document *d, enum form form, int first, int end)
{
	static const char *const names[] = { "a.docx", "a.odt", "a.txt" };
	struct tally_buf body;

	*d = (struct document){ .name = names[form] };
	tally_buf_init(&d->bytes, 1 << 24);
	tally_buf_init(&body, 1 << 24);
	if (form == AS_TEXT) {
		add_paragraphs(&d->bytes, "", "\n\n", first, end);
	} else if (form == AS_DOCX) {
		tally_buf_text(&body, "<w:document xmlns:w='" WORD "'><w:body>");
		add_paragraphs(&body, "<w:p><w:r><w:t>", "</w:t></w:r></w:p>", first, end);
		tally_buf_text(&body, "</w:body></w:document>");
		make_zip(d, form, &body);
	} else {
		tally_buf_text(&body, "<office:document-content xmlns:office='" ODF
		                      "office:1.0' xmlns:text='" ODF
		                      "text:1.0'><office:body><office:text>");
		add_paragraphs(&body, "<text:p>", "</text:p>", first, end);
		tally_buf_text(&body, "</office:text></office:body></office:document-content>");
		make_zip(d, form, &body);
	}
	tally_buf_release(&body);
}

static enum tally_status sketch(struct tally_sketch *out, const struct document *d, bool plain,
                                struct tally_err *err)
{
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_memory(&src, d->bytes.bytes, d->bytes.len, err);

	if (st == TALLY_OK) {
		tally_source_set_name(src, d->name);
		st = tally_sketch_text(out, src, NULL, plain, &limits, err);
	}
	tally_source_free(src);
	return st;
}

/* How alike the paragraphs 0 to 60 in one form are to others in another form. */
static unsigned alike(enum form a, enum form b, int first, int end)
{
	struct document x, y;
	struct tally_sketch s = { 0 }, t = { 0 };
	struct tally_err err = { 0 };
	unsigned similarity;

	make(&x, a, 0, 60);
	make(&y, b, first, end);
	cr_assert_eq(sketch(&s, &x, true, &err), TALLY_OK, "%s", err.message);
	cr_assert_eq(sketch(&t, &y, true, &err), TALLY_OK, "%s", err.message);
	cr_assert_eq(s.kind, TALLY_SKETCH_TEXT);
	similarity = tally_sketch_similarity(&s, &t);
	tally_sketch_release(&s);
	tally_sketch_release(&t);
	tally_buf_release(&x.bytes);
	tally_buf_release(&y.bytes);
	return similarity;
}

Test(sketch_text, one_text_is_alike_in_all_formats)
{
	cr_assert_eq(alike(AS_DOCX, AS_DOCX, 0, 60), 1000u);
	cr_assert_eq(alike(AS_DOCX, AS_ODT, 0, 60), 1000u);
	cr_assert_eq(alike(AS_ODT, AS_TEXT, 0, 60), 1000u);
}

Test(sketch_text, what_was_edited_is_less_alike_and_what_is_another_text_is_not)
{
	unsigned most = alike(AS_DOCX, AS_ODT, 6, 60);

	cr_assert(most > 850 && most < 950, "%u", most);
	/* turns of phrase are the same everywhere */
	most = alike(AS_DOCX, AS_TEXT, 100, 160);
	cr_assert(most < 450, "%u", most);
}

Test(sketch_text, a_plain_text_is_left_to_its_bytes_unless_documents_are_near)
{
	struct tally_sketch s = { 0 };
	struct tally_err err = { 0 };
	struct document d;

	make(&d, AS_TEXT, 0, 5);
	cr_assert_eq(sketch(&s, &d, false, &err), TALLY_END);
	cr_assert_eq(sketch(&s, &d, true, &err), TALLY_OK);
	tally_sketch_release(&s);
	tally_buf_release(&d.bytes);
}

Test(sketch_text, a_document_without_a_word_is_left_to_its_bytes)
{
	struct tally_sketch s = { 0 };
	struct tally_err err = { 0 };
	struct document d;

	make(&d, AS_DOCX, 0, 0);
	cr_assert_eq(sketch(&s, &d, true, &err), TALLY_END);
	tally_buf_release(&d.bytes);
}

Test(sketch_text, more_text_than_the_limit_is_said)
{
	struct tally_sketch s = { 0 };
	struct tally_err err = { 0 };
	struct document d;

	limits.sketch_bytes = 200;
	make(&d, AS_DOCX, 0, 60);
	cr_assert_eq(sketch(&s, &d, true, &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	cr_assert(strstr(err.message, "sketch_bytes"));
	tally_buf_release(&d.bytes);
}

Test(sketch_text, every_failed_allocation_is_survived)
{
	struct document d;

	make(&d, AS_DOCX, 0, 60);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_sketch s = { 0 };
		enum tally_status st = sketch(&s, &d, true, NULL);

		if (!faults_fired(&f))
			cr_assert_eq(st, TALLY_OK);
		tally_sketch_release(&s);
	}
	tally_buf_release(&d.bytes);
}
