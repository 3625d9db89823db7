/* The registry: formats by name and by content, names that lie, and the template that new ones are copied from. */
#include <criterion/criterion.h>
#include <string.h>

#include "support/zip_maker.h"

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

Test(format, nothing_is_empty_or_a_text_and_no_name_that_lies)
{
	bool mismatch;

	cr_assert_str_eq(find("x.txt", "", 0, &mismatch)->name, "text");
	cr_assert_not(mismatch);
	cr_assert_str_eq(find("x.jpg", "", 0, &mismatch)->name, "empty");
	cr_assert_not(mismatch);
}

Test(format, text_whose_letters_are_not_known_is_named_as_that)
{
	bool mismatch;

	cr_assert_str_eq(find("x.txt", "a\0b", 3, &mismatch)->name, "letters");
	cr_assert_not(mismatch);
	cr_assert_str_eq(find("x.md", "\x83\x65\x83\x58\x83\x67", 6, &mismatch)->name, "letters");
	cr_assert_not(mismatch);
	cr_assert_str_eq(find("x.txt", "a\v\bb", 4, NULL)->name, "text");
	cr_assert_null(find("x.bin", "a\0b", 3, NULL));
}

Test(format, every_format_is_complete)
{
	for (const struct tally_format *const *f = tally_formats; *f; f++) {
		cr_assert_eq((*f)->version, TALLY_FORMAT_VERSION);
		cr_assert_not_null((*f)->suffixes);
		cr_assert_neq((*f)->caps, 0u);
		cr_assert(tally_format_by_name((*f)->name) == *f, "%s twice", (*f)->name);
		cr_assert_eq((*f)->probe((const unsigned char *)"", 0, 0, ""),
		             !strcmp((*f)->name, "empty"));
	}
}

Test(format, content_decides)
{
	bool mismatch;

	cr_assert_str_eq(find("x.csv", "a,b\n1,2\n", 8, &mismatch)->name, "csv");
	cr_assert_not(mismatch);
	cr_assert_str_eq(find("x.tsv", "a\tb\n1\t2\n", 8, NULL)->name, "tsv");
	cr_assert_str_eq(find("x", "just some words", 15, &mismatch)->name, "text");
	cr_assert_not(mismatch);
}

static const char *name_of(const char *name, const char *text)
{
	const struct tally_format *f = find(name, text, strlen(text), NULL);

	return f ? f->name : "none";
}

Test(format, source_code_lists_and_prose_are_no_tables)
{
	static const char *const texts[][2] = {
		{ "filters.pyi", "from typing import Any, Union\n"
		                 "from . import Attribute, _FilterType\n"
		                 "def include(*what: Union[type, Attr]) -> Any: ...\n"
		                 "def exclude(*what: Union[type, Attr]) -> Any: ...\n" },
		{ "formats.def", "TALLY_FORMAT(csv, ROWS)\nTALLY_FORMAT(tsv, ROWS)\n"
		                 "TALLY_FORMAT(zip, MEMBERS)\nTALLY_FORMAT(tar, MEMBERS)\n" },
		{ "zerrors.go", "const (\n\tE2BIG\t= 0x7\n\tEACCES\t= 0xd\n\tEBADF\t= 0x9\n)\n" },
		{ "colours.css", ":root {\n    --a: rgb(1, 2);\n    --b: min(3, 4);\n}\n" },
		{ "letter.txt", "Dear Ann, thank you.\nYes, we will come.\n"
		                "On Friday, at last.\nSee you, Bob\n" },
		{ "api.txt", "pkg crypto/cipher, func New(Block, int)\n"
		             "pkg crypto/rsa, method (*PrivateKey) Size(int, int)\n"
		             "pkg crypto/tls, method (*State) Export(string, int)\n" },
		{ "start.S", "\tmov\tr0, r1\n\tadd\tr0, r2\n\tbx\tlr, r3\n\tnop\tr0, r0\n" },
		{ "x.h",
		  "#define A\t(1)\n#define LONG_NAME\t(A |\\\n\t\t2)\n\nint f(int a,\tint b);\n" },
		{ "list.py", "codes = {\n    'de': 'German',\n    'en': 'English',\n"
		             "    'fr': 'French',\n}\n" },
		{ "todo", "- milk, bread\n- eggs, butter\n\n- ask Ann, Bob\n- rest, at last\n" },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		cr_assert_str_eq(name_of(texts[i][0], texts[i][1]), "text", "%s: %s", texts[i][0],
		                 name_of(texts[i][0], texts[i][1]));
}

Test(format, tables_are_known_without_their_names)
{
	static const char sales[] = "id,name,amount\n1,Ann,12.50\n2,Bob,7.00\n3,Cyd,9.99\n";

	cr_assert_str_eq(name_of("sales.csv", sales), "csv");
	cr_assert_str_eq(name_of("sales", sales), "csv");
	cr_assert_str_eq(name_of("sales.txt", sales), "csv");
	cr_assert_str_eq(name_of("sales.bak", "city;people\nBonn;330000\nUlm;126000\nHof;45000\n"),
	                 "csv");
	cr_assert_str_eq(name_of("out.log", "a\t1\t2\nb\t3\t4\nc\t5\t6\n"), "tsv");
	cr_assert_str_eq(name_of("people",
	                         "first,last,city\nAnn,Lee,Bonn\nBob,Ray,Ulm\nCyd,Fox,Hof\n"),
	                 "csv");
	cr_assert_str_eq(name_of("x.psv", "a|b\n1|2\n"), "csv");
	/* a name that says so is believed */
	cr_assert_str_eq(name_of("x.csv", "Dear Ann, thank you.\nYes, we will come.\n"), "csv");
}

Test(format, text_in_utf32_is_named_and_not_read)
{
	static const char little[] = "\xff\xfe\0\0a\0\0\0,\0\0\0b\0\0\0\n\0\0\0";
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	const struct tally_format *f = find("x.csv", little, 20, NULL);
	struct tally_sink sink = { 0 };
	struct tally_source *src;
	struct tally_err err = { 0 };

	cr_assert_str_eq(f->name, "utf32");
	cr_assert_eq(tally_source_memory(&src, little, 20, NULL), TALLY_OK);
	cr_assert_eq(f->read(src, &options, &sink, &err), TALLY_SKIP);
	cr_assert(strstr(err.message, "UTF-32"));
	tally_source_free(src);
	cr_assert_str_eq(find("x", "\0\0\xfe\xff\0\0\0a", 8, NULL)->name, "utf32");
	/* UTF-16 that begins with a NUL character */
	cr_assert_neq(find("x.csv", "\xff\xfe\0\0a\0,\0b\0\n\0", 12, NULL), f);
}

Test(format, archive_behind_anything_is_found)
{
	struct zip_maker z = { 0 };
	bool mismatch;

	zip_prefix(&z, "MZ and whatever a program has in it", 35);
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "1" });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_str_eq(find("setup.exe", z.bytes.bytes, z.bytes.len, &mismatch)->name, "zip");
	cr_assert_not(mismatch);
	zip_release(&z);
	zip_prefix(&z, "a,b\n1,2\n3,4\n", 12);
	zip_add(&z, &(struct zip_part){ .name = "a", .content = "1" });
	zip_finish(&z, &(struct zip_end){ 0 });
	cr_assert_str_eq(find("table.txt", z.bytes.bytes, z.bytes.len, NULL)->name, "zip");
	zip_release(&z);
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
