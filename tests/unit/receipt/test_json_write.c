/* The receipt as JSON: shape, names that are not UTF-8, hidden characters, the words of the schema. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/facts.h"
#include "diff/table_diff.h"
#include "receipt/json_out.h"
#include "sample.h"
#include "support/faults.h"
#include "support/scratch.h"
#include "support/source_tree.h"

static struct scratch scratch;
static struct sample s;

static void begin(void)
{
	scratch_make(&scratch);
}

static void end(void)
{
	scratch_remove(&scratch);
}

TestSuite(json_write, .init = begin, .fini = end);

static int open_out(void)
{
	return open(scratch_path(&scratch, "out.json"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
}

static const char *written(const struct tally_receipt *r, size_t *len)
{
	int fd = open_out();

	cr_assert_eq(tally_receipt_write_json(r, fd, NULL), TALLY_OK);
	close(fd);
	return scratch_read(&scratch, "out.json", len);
}

static json_t *parsed(const struct tally_receipt *r)
{
	size_t len;
	const char *text = written(r, &len);
	json_error_t why;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);

	cr_assert(root, "line %d: %s", why.line, why.text);
	return root;
}

static const json_t *change_at(const json_t *root, size_t i)
{
	return json_array_get(json_object_get(root, "changes"), i);
}

static const char *word(const json_t *o, const char *field)
{
	return json_string_value(json_object_get(o, field));
}

Test(json_write, has_the_fields_of_the_contract_in_order)
{
	static const char *const fields[] = { "schema",   "tool",      "session",  "task",
		                              "command",  "before",    "after",    "verdict",
		                              "balance",  "review",    "changes",  "folders",
		                              "tables",   "documents", "archives", "unverified",
		                              "excluded", "trust" };
	const char *key;
	json_t *root, *value;
	size_t i = 0;

	sample_mixed(&s);
	root = parsed(s.r);
	json_object_foreach(root, key, value) cr_assert_str_eq(key, fields[i++]);
	cr_assert_eq(i, sizeof fields / sizeof *fields);
	json_decref(root);
	sample_release(&s);
}

Test(json_write, ends_in_one_newline_and_has_one_change_a_line)
{
	size_t len, lines = 0;
	const char *text;

	sample_big(&s, 100, 0);
	text = written(s.r, &len);
	cr_assert_eq(text[len - 1], '\n');
	cr_assert_eq(text[len - 2], '}');
	for (const char *p = text; (p = strstr(p, "\n    {\"kind\": \"moved\"")); p++)
		lines++;
	cr_assert_eq(lines, 100);
	sample_release(&s);
}

Test(json_write, names_that_are_not_utf8_have_hex_beside_them)
{
	json_t *root;

	sample_begin(&s, 1);
	sample_from(&s, TALLY_CHANGE_MOVED, "a\xFF", "b\\\xFE");
	sample_add(&s, TALLY_CHANGE_ADDED, "plain \\ name");
	s.r->names[0] = sample_name(&s, "x\x80");
	s.r->names[1] = sample_name(&s, "y");
	sample_end(&s);
	root = parsed(s.r);
	cr_assert_str_eq(word(change_at(root, 0), "path"), "b\\\\\\xFE");
	cr_assert_str_eq(word(change_at(root, 0), "path_hex"), "625cfe");
	cr_assert_str_eq(word(change_at(root, 0), "from_hex"), "61ff");
	cr_assert_str_eq(word(change_at(root, 1), "path"), "plain \\ name");
	cr_assert_null(json_object_get(change_at(root, 1), "path_hex"));
	cr_assert_str_eq(
		json_string_value(json_array_get(
			json_object_get(json_object_get(root, "session"), "compared_hex"), 0)),
		"7880");
	json_decref(root);
	sample_release(&s);
}

/* Whatever a name holds: no byte of the file can move the cursor, turn the text or hide a character. */
Test(json_write, raw_bytes_are_harmless_on_a_terminal)
{
	static const char name[] = "\x1b[31m\x7f\xC2\x9B \xE2\x80\xAE\xE2\x80\x8B\xF3\xA0\x80\xA1 日本";
	json_t *root;
	const char *text;
	size_t len;

	sample_begin(&s, 1);
	sample_add(&s, TALLY_CHANGE_ADDED, name);
	s.r->task = name;
	sample_end(&s);
	text = written(s.r, &len);
	for (size_t i = 0; i < len; i++)
		cr_assert(text[i] == '\n' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f));
	cr_assert_null(strstr(text, "\xC2\x9B"));
	cr_assert_null(strstr(text, "\xE2\x80\xAE"));
	cr_assert_null(strstr(text, "\xF3\xA0\x80\xA1"));
	cr_assert(strstr(text, "\\u202e\\u200b\\udb40\\udc21 日本"));
	root = parsed(s.r);
	cr_assert_str_eq(word(change_at(root, 0), "path"), name);
	json_decref(root);
	sample_release(&s);
}

Test(json_write, unknown_numbers_and_times_are_null)
{
	json_t *root;

	sample_begin(&s, 1);
	sample_add(&s, TALLY_CHANGE_ADDED, "x");
	s.r->after.taken_at_ns = 0;
	sample_end(&s);
	root = parsed(s.r);
	cr_assert(json_is_null(json_object_get(change_at(root, 0), "bytes_before")));
	cr_assert(json_is_null(json_object_get(json_object_get(root, "after"), "taken_at")));
	cr_assert_str_eq(word(json_object_get(root, "before"), "taken_at"),
	                 "2026-03-04T10:15:00.123456789Z");
	json_decref(root);
	sample_release(&s);
}

Test(json_write, a_cut_list_of_places_says_how_many_there_are)
{
	struct tally_receipt_change *c;
	json_t *root;

	sample_begin(&s, 1);
	c = sample_add(&s, TALLY_CHANGE_DUPLICATE_REMOVED, "x");
	sample_place(&s, &c->survives_at, "y", "inner/z");
	c->survives_at.total = 900;
	c = sample_add(&s, TALLY_CHANGE_MODIFIED, "z");
	sample_place(&s, &c->survives_at, "y", NULL);
	sample_end(&s);
	root = parsed(s.r);
	cr_assert_eq(json_integer_value(json_object_get(change_at(root, 0), "survives_total")), 900);
	cr_assert_str_eq(word(json_array_get(json_object_get(change_at(root, 0), "survives_at"), 0),
	                      "member"),
	                 "inner/z");
	cr_assert(json_is_array(json_object_get(change_at(root, 1), "old_content_at")));
	cr_assert_null(json_object_get(change_at(root, 1), "survives_at"));
	json_decref(root);
	sample_release(&s);
}

/* ---- the schema ---- */

static json_t *schema(void)
{
	json_t *root = json_load_file(source_tree("docs/receipt.schema.json"), 0, NULL);

	cr_assert(root, "docs/receipt.schema.json");
	return root;
}

static const json_t *words_of(const json_t *root, const char *def)
{
	const json_t *list = json_object_get(json_object_get(json_object_get(root, "$defs"), def),
	                                     "enum");

	cr_assert(json_is_array(list), "%s", def);
	return list;
}

static bool lists(const json_t *list, const char *id)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcmp(json_string_value(json_array_get(list, i)), id))
			return true;
	return false;
}

Test(json_write, schema_knows_every_reason)
{
	json_t *root = schema();
	const json_t *list = words_of(root, "reason");

	for (int i = 1; i < TALLY_REASON_COUNT; i++)
		cr_assert(lists(list, tally_reason_id(i)), "%s", tally_reason_id(i));
	cr_assert_eq(json_array_size(list), TALLY_REASON_COUNT - 1);
	json_decref(root);
}

Test(json_write, schema_knows_every_nature)
{
	json_t *root = schema();
	const json_t *list = words_of(root, "nature");

	for (int i = 0; i < TALLY_NATURE_COUNT; i++)
		cr_assert(lists(list, tally_nature_id(i)), "%s", tally_nature_id(i));
	cr_assert_eq(json_array_size(list), TALLY_NATURE_COUNT);
	json_decref(root);
}

Test(json_write, schema_knows_every_fact)
{
	json_t *root = schema();
	const json_t *list = words_of(root, "fact_name");
	size_t n = 0;

	for (size_t i = 0; tally_fact_info(i); i++) {
		if (!strcmp(tally_fact_info(i)->id, "unread") ||
		    !strcmp(tally_fact_info(i)->id, "page_look"))
			continue; /* never among the facts: there is a list of what is not looked into */
		cr_assert(lists(list, tally_fact_info(i)->id), "%s", tally_fact_info(i)->id);
		n++;
	}
	cr_assert_eq(json_array_size(list), n);
	json_decref(root);
}

Test(json_write, schema_knows_every_kind_fate_and_type)
{
	json_t *root = schema();
	size_t kinds = 0;

	for (int i = 0; i < TALLY_CHANGE_KINDS; i++) {
		if (i == TALLY_CHANGE_UNCHANGED || i == TALLY_CHANGE_UNVERIFIED ||
		    i == TALLY_CHANGE_OVERWRITTEN)
			continue;
		cr_assert(lists(words_of(root, "change_kind"), tally_change_name(i)));
		kinds++;
	}
	cr_assert_eq(json_array_size(words_of(root, "change_kind")), kinds);
	for (int i = 1; i < TALLY_FATES; i++)
		cr_assert(lists(words_of(root, "fate"), tally_fate_name(i)));
	cr_assert_eq(json_array_size(words_of(root, "fate")), TALLY_FATES - 1);
	for (int i = 0; i < TALLY_TYPE_COUNT; i++)
		cr_assert(lists(words_of(root, "type"), tally_type_name(i)));
	json_decref(root);
}

/* ---- the writer below ---- */

static const char *piece(void (*write)(struct tally_jout *o))
{
	struct tally_jout o;
	int fd = open_out();

	tally_jout_init(&o, fd, NULL);
	write(&o);
	cr_assert_eq(tally_jout_finish(&o), TALLY_OK);
	close(fd);
	return scratch_read(&scratch, "out.json", NULL);
}

static void write_numbers(struct tally_jout *o)
{
	tally_jout_open(o, '[', true);
	tally_jout_number(o, 0);
	tally_jout_number(o, INT64_MAX);
	tally_jout_number(o, UINT64_MAX - 1);
	tally_jout_number(o, UINT64_MAX);
	tally_jout_integer(o, INT64_MIN);
	tally_jout_real(o, 0.1);
	tally_jout_real(o, 3);
	tally_jout_real(o, 1e300);
	tally_jout_real(o, 1.0 / 3);
	tally_jout_real(o, 1.0 / 0.0);
	tally_jout_close(o, ']');
}

Test(json_write, numbers_are_written_so_that_they_read_back)
{
	cr_assert_str_eq(piece(write_numbers),
	                 "[0, 9223372036854775807, 9223372036854775807, null, -9223372036854775808, "
	                 "0.1, 3.0, 1e+300, 0.33333333333333331, null]\n");
}

static void write_layout(struct tally_jout *o)
{
	tally_jout_open(o, '{', false);
	tally_jout_key(o, "a");
	tally_jout_open(o, '[', false);
	tally_jout_close(o, ']');
	tally_jout_key(o, "b");
	tally_jout_open(o, '[', false);
	tally_jout_open(o, '{', true);
	tally_jout_key(o, "x");
	tally_jout_open(o, '[', false);
	tally_jout_bool(o, true);
	tally_jout_null(o);
	tally_jout_close(o, ']');
	tally_jout_close(o, '}');
	tally_jout_text(o, "\"\\");
	tally_jout_close(o, ']');
	tally_jout_close(o, '}');
}

Test(json_write, layout_is_two_blanks_and_lines_where_asked)
{
	cr_assert_str_eq(
		piece(write_layout),
		"{\n  \"a\": [],\n  \"b\": [\n    {\"x\": [true, null]},\n    \"\\\"\\\\\"\n  ]\n}\n");
}

Test(json_write, embedded_values_stay_what_they_are)
{
	static const char text[] = "{\"tables\": [{\"n\": 1, \"s\": \"a\\u0000b\", \"r\": 0.998, \"l\": "
				   "[{\"x\": [1, 2]}, {}], \"e\": []}]}";
	json_t *in = json_loads(text, JSON_ALLOW_NUL, NULL), *out;
	struct tally_jout o;
	const char *read;
	size_t len;
	int fd = open_out();

	tally_jout_init(&o, fd, NULL);
	tally_jout_value(&o, in);
	cr_assert_eq(tally_jout_finish(&o), TALLY_OK);
	close(fd);
	read = scratch_read(&scratch, "out.json", &len);
	out = json_loadb(read, len, JSON_ALLOW_NUL, NULL);
	cr_assert(json_equal(in, out));
	json_decref(in);
	json_decref(out);
}

/* ---- trouble ---- */

Test(json_write, a_full_disk_is_an_error)
{
	struct tally_err err;
	int fd = open("/dev/full", O_WRONLY);

	if (fd < 0)
		cr_skip("no /dev/full");
	sample_big(&s, 1000, 0);
	cr_assert_eq(tally_receipt_write_json(s.r, fd, &err), TALLY_FATAL);
	cr_assert(strstr(err.message, "cannot write the receipt"), "%s", err.message);
	close(fd);
	sample_release(&s);
}

Test(json_write, survives_any_failed_allocation_and_write)
{
	static const enum tally_fault_kind kinds[] = { TALLY_FAULT_ALLOC, TALLY_FAULT_WRITE };

	sample_mixed(&s);
	for (int k = 0; k < 2; k++) {
		FAULTS_EACH(f, kinds[k])
		{
			int fd = open_out();
			enum tally_status st;

			faults_arm(&f);
			st = tally_receipt_write_json(s.r, fd, NULL);
			cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK, "%ld", f.nth);
			close(fd);
		}
	}
	sample_release(&s);
}

/* 40,000 changes take some 20 ms in a release; a list that is walked once too often would take seconds. */
Test(json_write, forty_thousand_changes_are_quick)
{
	struct timespec from, to;
	int fd = open("/dev/null", O_WRONLY);

	sample_big(&s, 40000, 0);
	clock_gettime(CLOCK_MONOTONIC, &from);
	cr_assert_eq(tally_receipt_write_json(s.r, fd, NULL), TALLY_OK);
	clock_gettime(CLOCK_MONOTONIC, &to);
	cr_assert_lt(to.tv_sec - from.tv_sec, 2);
	close(fd);
	sample_release(&s);
}
