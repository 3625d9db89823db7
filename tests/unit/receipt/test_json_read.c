/* A receipt read back: the same again, and every kind of damage refused. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sample.h"
#include "support/faults.h"
#include "support/scratch.h"

static struct scratch scratch;
static struct sample s;

static void begin(void)
{
	scratch_make(&scratch);
}

static void end(void)
{
	scratch_remove(&scratch);
	sample_release(&s);
}

TestSuite(json_read, .init = begin, .fini = end);

static const char *written(const struct tally_receipt *r, const char *name, size_t *len)
{
	int fd = open(scratch_path(&scratch, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	cr_assert_eq(tally_receipt_write_json(r, fd, NULL), TALLY_OK);
	close(fd);
	return scratch_read(&scratch, name, len);
}

static void rich(void)
{
	static const char *const argv[] = { "sh", "-c", "mv *.pdf 2024/\n" };
	struct tally_receipt_command *c;

	sample_mixed(&s);
	c = tally_arena_zero(&s.r->arena, 1, sizeof *c);
	*c = (struct tally_receipt_command){ argv, 3, -1, 9, 1772619300000000001, 0.1, "sha256:00" };
	s.r->command = c;
	s.r->names[0] = sample_name(&s, "old \xFF");
	s.r->names[1] = sample_name(&s, "new");
	s.r->changes[3].ambiguous = s.r->changes[3].survives_at;
	sample_place(&s, &s.r->changes[3].ambiguous, "in\xFE-box", NULL);
	s.r->changes[3].group = 7;
	s.r->changes[4].cycle = 1;
	s.r->changes[5].elsewhere = tally_arena_zero(&s.r->arena, 1,
	                                             sizeof *s.r->changes[5].elsewhere);
	s.r->changes[5].elsewhere->paragraphs = 9;
	s.r->changes[5].elsewhere->found = 4;
	sample_place(&s, &s.r->changes[5].elsewhere->in, "all.docx", NULL);
	s.r->changes[4].flags |= TALLY_CHANGE_CASE_ONLY;
	s.r->folds[0].exceptions = &s.r->folds[1].changes[3];
	s.r->folds[0].exception_count = 2;
}

Test(json_read, writing_reading_writing_gives_the_same_bytes)
{
	struct tally_receipt *r = NULL;
	struct tally_err err;
	const char *first, *second;
	size_t len, again;

	rich();
	first = written(s.r, "first", &len);
	cr_assert_eq(tally_receipt_read_json(&r, first, len, &err), TALLY_OK, "%s", err.message);
	second = written(r, "second", &again);
	cr_assert_eq(len, again);
	cr_assert_str_eq(first, second);
	tally_receipt_free(r);
}

Test(json_read, what_was_written_is_there)
{
	const struct tally_receipt_change *c;
	struct tally_receipt *r = NULL;
	const char *text;
	size_t len;

	rich();
	text = written(s.r, "out", &len);
	cr_assert_eq(tally_receipt_read_json(&r, text, len, NULL), TALLY_OK);
	cr_assert_eq(r->change_count, s.r->change_count);
	for (size_t i = 0; i < r->change_count; i++) {
		c = &r->changes[i];
		cr_assert_eq(c->kind, s.r->changes[i].kind);
		cr_assert_eq(c->path.len, s.r->changes[i].path.len);
		cr_assert_arr_eq(c->path.bytes, s.r->changes[i].path.bytes, c->path.len);
		cr_assert_eq(c->flags, s.r->changes[i].flags);
		cr_assert_eq(c->fate, s.r->changes[i].fate);
		cr_assert_eq(c->bytes_after, s.r->changes[i].bytes_after);
		cr_assert_eq(c->similarity, s.r->changes[i].similarity);
	}
	cr_assert_eq(r->fold_count, 2);
	cr_assert_eq(r->folds[1].change_count, 30);
	cr_assert_eq(r->folds[1].changes[29], s.r->folds[1].changes[29]);
	cr_assert_eq(r->folds[0].exception_count, 2);
	cr_assert_eq(r->command->signal, 9);
	cr_assert_eq(r->command->exit_status, -1);
	cr_assert_str_eq(r->names[0].bytes, "old \xFF");
	cr_assert_eq(r->before.taken_at_ns, s.r->before.taken_at_ns);
	cr_assert_eq(r->unverified[3].files, 12);
	cr_assert(r->unverified[3].folder);
	cr_assert_eq(json_array_size(r->tables), 1);
	cr_assert_eq(tally_receipt_differs(r), true);
	tally_receipt_free(r);
}

/* The receipt's JSON with @from replaced by @to once */
static enum tally_status read_with(const char *from, const char *to, struct tally_err *err)
{
	struct tally_receipt *r = NULL;
	const char *text, *at;
	char *changed;
	size_t len;
	enum tally_status st;

	if (!s.r)
		rich();
	text = written(s.r, "out", &len);
	at = strstr(text, from);
	cr_assert(at, "'%s' is not in the receipt", from);
	changed = calloc(1, len + strlen(to) + 1);
	memcpy(changed, text, (size_t)(at - text));
	strcat(changed, to);
	strcat(changed, at + strlen(from));
	st = tally_receipt_read_json(&r, changed, strlen(changed), err);
	free(changed);
	tally_receipt_free(r);
	return st;
}

Test(json_read, damage_is_named)
{
	static const struct {
		const char *from, *to, *complaint;
	} rows[] = {
		{ "tally.receipt/1", "tally.receipt/10", "'schema'" },
		{ "tally.receipt/1", "other", "'schema'" },
		{ "\"taken_at\": \"2026", "\"taken_at\": \"20266", "'before.taken_at' is not a time" },
		{ "\"complete\": false", "\"complete\": 0", "verdict.complete" },
		{ "\"complete\": false", "\"complete\": true", "the books do not balance" },
		{ "\"lost\": 31", "\"lost\": 0", "the books do not balance" },
		{ "\"changes\": 87", "\"changes\": 86", "the books do not balance" },
		{ "\"unchanged\": 4711", "\"unchanged\": 4712", "the books do not balance" },
		{ "\"unchanged\": 4711", "\"unchanged\": -1", "balance.files.unchanged" },
		{ "\"unchanged\": 4711", "\"unchanged\": 4711.0", "balance.files.unchanged" },
		{ "\"rank\": 2", "\"rank\": 3", "review[1].rank" },
		{ "\"severity\": \"high\"", "\"severity\": \"huge\"", "review[0].severity" },
		{ "{\"kind\": \"added\"", "{\"kind\": \"unchanged\"", "changes[0].kind" },
		{ "{\"kind\": \"added\"", "{\"kind\": \"what\"", "changes[0].kind" },
		{ "{\"kind\": \"added\", \"path\": \"2024\"",
		  "{\"kind\": \"added\", \"pth\": \"2024\"", "changes[0].path" },
		{ "\"path\": \"2024\"", "\"path\": \"20\\u000024\"", "changes[0].path" },
		{ "\"type\": \"folder\"", "\"type\": \"directory\"", "changes[0].type" },
		{ "\"similarity\": 0.873", "\"similarity\": 873", "similarity" },
		{ "\"path_hex\": \"7a20626164", "\"path_hex\": \"7a20626165", "hex disagree" },
		{ "\"path_hex\": \"7a20626164", "\"path_hex\": \"7A20626164", "hex" },
		{ "\"path_hex\": \"7a20626164", "\"path_hex\": \"00\", \"x\": \"", "hex" },
		{ "\"path_hex\": \"7a2062616420ff206e616d652e62696e\"", "\"path_hex\": \"7a\"",
		  "needs none" },
		{ "\"changes\": [[1, 40]]", "\"changes\": [[1, 87]]", "folders[0].changes" },
		{ "\"changes\": [[1, 40]]", "\"changes\": [[40, 1]]", "folders[0].changes" },
		{ "\"kind\": \"folder_moved\"", "\"kind\": \"moved\"", "folders[0].kind" },
		{ "\"reason\": \"encrypted\"", "\"reason\": \"secret\"", "unverified[0].reason" },
		{ "\"level\": \"model\"", "\"level\": 1", "unverified[0].level" },
		{ "\"tables\": [", "\"tables\": [1, ", "tables" },
		{ "\"documents\": []", "\"documents\": {}", "documents" },
		{ "\"argv\": [\"sh\"", "\"argv\": [1", "argv" },
		{ "\"vantage\": [", "\"vantage\": [null, ", "vantage" },
		{ "\"task\": \"", "\"task\": \"\\u0000", "task" },
		{ "\"session\": {", "\"session\": {\"id\": \"x\", ", "not JSON" },
		{ "\"balance\": {", "\"balance\": [{", "not JSON" },
	};
	struct tally_err err;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		memset(&err, 0, sizeof err);
		cr_assert_eq(read_with(rows[i].from, rows[i].to, &err), TALLY_SKIP, "%s", rows[i].to);
		cr_assert_eq(err.status, TALLY_SKIP);
		cr_assert(strstr(err.message, rows[i].complaint), "'%s': %s", rows[i].to,
		          err.message);
	}
}

Test(json_read, fields_that_are_not_known_are_passed_over)
{
	cr_assert_eq(read_with("\"task\": ", "\"mood\": [{\"x\": null}], \"task\": ", NULL),
	             TALLY_OK);
	cr_assert_eq(read_with("{\"kind\": \"added\"", "{\"new_field\": {}, \"kind\": \"added\"",
	                       NULL),
	             TALLY_OK);
	cr_assert_eq(read_with("tally.receipt/1", "tally.receipt/1.3", NULL), TALLY_OK);
}

/* A few bytes that stand for many changes must not make the reader eat the memory. */
Test(json_read, runs_cannot_stand_for_endless_changes)
{
	char many[8192] = "\"changes\": [[1, 40]";
	struct tally_err err;

	for (int i = 0; i < 400; i++)
		strcat(many, ", [0, 86]");
	strcat(many, "]");
	cr_assert_eq(read_with("\"changes\": [[1, 40]]", many, &err), TALLY_SKIP);
	cr_assert(strstr(err.message, "too many changes"), "%s", err.message);
}

Test(json_read, messages_quote_nothing_that_moves_the_cursor)
{
	static const char text[] = "{\"schema\": \x1b[31m}";
	struct tally_receipt *r = NULL;
	struct tally_err err;

	sample_small(&s);
	cr_assert_eq(tally_receipt_read_json(&r, text, sizeof text - 1, &err), TALLY_SKIP);
	for (const char *p = err.message; *p; p++)
		cr_assert((unsigned char)*p >= 0x20);
}

Test(json_read, cut_text_is_refused_everywhere)
{
	struct tally_receipt *r = NULL;
	const char *text;
	size_t len;

	sample_small(&s);
	text = written(s.r, "out", &len);
	for (size_t n = 0; n + 2 < len; n += 7)
		cr_assert_eq(tally_receipt_read_json(&r, text, n, NULL), TALLY_SKIP, "%zu", n);
}

Test(json_read, numbers_beyond_the_largest_are_cut_and_read_back)
{
	struct tally_receipt *r = NULL;
	const char *text;
	size_t len;

	sample_small(&s);
	/* sparse files may claim more than anything holds; the sums wrap, and balance */
	s.r->bytes.unchanged += (uint64_t)INT64_MAX + 5;
	s.r->bytes.before += (uint64_t)INT64_MAX + 5;
	s.r->bytes.after += (uint64_t)INT64_MAX + 5;
	cr_assert_eq(tally_receipt_check(s.r, NULL), TALLY_OK);
	text = written(s.r, "out", &len);
	cr_assert_eq(tally_receipt_read_json(&r, text, len, NULL), TALLY_OK);
	cr_assert_eq(r->bytes.unchanged, INT64_MAX);
	tally_receipt_free(r);
}

Test(json_read, survives_any_failed_allocation)
{
	const char *text;
	size_t len;

	rich();
	text = written(s.r, "out", &len);
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_receipt *r = NULL;
		enum tally_status st = tally_receipt_read_json(&r, text, len, NULL);

		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK, "%ld", f.nth);
		tally_receipt_free(r);
	}
}
