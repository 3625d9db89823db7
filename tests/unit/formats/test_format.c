/* The registry: formats by name and by content, names that lie, and the template that new ones are copied from. */
#include <criterion/criterion.h>
#include <string.h>

/* in no build of its own, kept compiling here */
#include "formats/fmt_template.c"

static const struct tally_format *find(const char *name, const char *bytes, size_t len, bool *mismatch)
{
	const struct tally_format *format;
	struct tally_source *src;

	cr_assert_eq(tally_source_memory(&src, bytes, len, NULL), TALLY_OK);
	tally_source_set_name(src, name);
	cr_assert_eq(tally_format_find(&format, mismatch, src, NULL), TALLY_OK);
	tally_source_free(src);
	return format;
}

Test(format, names_are_known)
{
	cr_assert_str_eq(tally_format_by_name("csv")->name, "csv");
	cr_assert_str_eq(tally_format_by_name("tsv")->name, "tsv");
	cr_assert_null(tally_format_by_name("template"));
}

Test(format, every_format_is_complete)
{
	for (const struct tally_format *const *f = tally_formats; *f; f++) {
		cr_assert_eq((*f)->version, TALLY_FORMAT_VERSION);
		cr_assert_not_null((*f)->suffixes[0]);
		cr_assert_neq((*f)->caps, 0u);
		cr_assert(tally_format_by_name((*f)->name) == *f, "%s twice", (*f)->name);
		cr_assert_leq((*f)->probe((const unsigned char *)"", 0, 0, ""), 0);
	}
}

Test(format, content_decides)
{
	bool mismatch;

	cr_assert_str_eq(find("x.csv", "a,b\n1,2\n", 8, &mismatch)->name, "csv");
	cr_assert_not(mismatch);
	cr_assert_str_eq(find("x.tsv", "a\tb\n1\t2\n", 8, NULL)->name, "tsv");
	cr_assert_null(find("x", "just some words", 15, &mismatch));
	cr_assert_not(mismatch);
}

Test(format, a_name_that_lies_is_a_mismatch)
{
	bool mismatch;

	cr_assert_null(find("x.csv", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16, &mismatch));
	cr_assert(mismatch);
}

Test(format, suffixes_tell_what_is_worth_keeping)
{
	cr_assert(tally_format_worth_keeping("a.csv", 5));
	cr_assert(tally_format_worth_keeping("A.CSV", 5));
	cr_assert_not(tally_format_worth_keeping(".csv", 4));
	cr_assert_not(tally_format_worth_keeping("a.csv", 3));
	cr_assert_not(tally_format_worth_keeping("photo.jpg", 9));
	cr_assert_not(tally_format_worth_keeping("", 0));
}

struct seen {
	char facts[128];
	int notes;
};

static enum tally_status take_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct seen *seen = payload;

	(void)err;
	strcat(strcat(strcat(strcat(seen->facts, fact->name), "="), fact->value), ";");
	return TALLY_OK;
}

static enum tally_status take_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct seen *seen = payload;

	(void)err;
	cr_assert_str_eq(note->where, "line 3");
	seen->notes++;
	return TALLY_OK;
}

Test(format, the_template_works)
{
	static const char text[] = "template 1\nauthor: Ann\nnonsense\ntitle:x\n";
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct seen seen = { "", 0 };
	struct tally_sink sink = { .payload = &seen, .fact = take_fact, .note = take_note };
	struct tally_source *src;

	cr_assert_gt(template_probe((const unsigned char *)text, sizeof text - 1, sizeof text - 1, ""),
	             64);
	cr_assert_eq(template_probe((const unsigned char *)"x", 1, 1, "x.template"), 0);
	cr_assert_eq(tally_source_memory(&src, text, sizeof text - 1, NULL), TALLY_OK);
	cr_assert_eq(tally_format_template.read(src, &options, &sink, NULL), TALLY_PARTIAL);
	cr_assert_str_eq(seen.facts, "author=Ann;title=x;");
	cr_assert_eq(seen.notes, 1);
	tally_source_free(src);
}
