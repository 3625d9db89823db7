#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/io.h"
#include "receipt/content.h"
#include "receipt/job.h"
#include "support/xlsx_maker.h"
#include "support/zip_maker.h"

/* What a worker packs comes out the same in the parent, and what is cut or altered does no harm there. */

static struct tally_limits limits = TALLY_LIMITS_INIT;
static struct tally_err err;
static struct tally_buf blob;
static json_t *answer;
static struct zip_maker z;

static void end(void)
{
	json_decref(answer);
	tally_buf_release(&blob);
	zip_release(&z);
}

TestSuite(job_members, .fini = end);

static enum tally_status ask(void)
{
	struct tally_key key;
	json_t *request;
	int fds[TALLY_WORKER_FDS] = { tally_scratch_fd(), -1, -1 };
	enum tally_status st;

	cr_assert_geq(fds[0], 0);
	cr_assert_eq(tally_io_write_all(fds[0], z.bytes.bytes, z.bytes.len), 0);
	tally_key_from_seed(&key, 1);
	request = tally_job_members("x.zip", &key, false);
	answer = json_object();
	tally_buf_init(&blob, (size_t)limits.worker_output);
	st = tally_job_handle(request, fds, &limits, answer, &blob, &err);
	json_decref(request);
	close(fds[0]);
	return st;
}

struct seen {
	size_t members, notes;
	char path[100], target[100];
	struct tally_member last;
	enum tally_note_about about;
};

static enum tally_status on_member(void *payload, const struct tally_member *m, struct tally_err *e)
{
	struct seen *s = payload;

	(void)e;
	s->members++;
	s->last = *m;
	cr_assert_eq(m->path[m->path_len], '\0');
	cr_assert_lt(m->type, TALLY_TYPE_COUNT);
	cr_assert_lt(m->reason, TALLY_REASON_COUNT);
	memcpy(s->path, m->path, m->path_len < 99 ? m->path_len + 1 : 99);
	strncpy(s->target, m->target ? m->target : "", 99);
	return TALLY_OK;
}

static enum tally_status on_note(void *payload, const struct tally_note *n, struct tally_err *e)
{
	struct seen *s = payload;

	(void)e;
	s->notes++;
	s->about = n->about;
	return TALLY_OK;
}

static enum tally_status take(const void *bytes, size_t len, struct seen *s)
{
	const struct tally_sink sink = { .payload = s, .member = on_member, .note = on_note };
	const struct tally_answer a = { .json = answer, .blob = bytes, .blob_len = len };

	*s = (struct seen){ 0 };
	return tally_job_members_answer(&a, &sink, &err);
}

static void make(void)
{
	zip_add(&z, &(struct zip_part){ .name = "dir/" });
	zip_add(&z, &(struct zip_part){ .name = "../a\0b", .name_len = 6, .content = "hello" });
	zip_add(&z, &(struct zip_part){ .name = "link",
	                                .content = "target",
	                                .made_by = 3 << 8,
	                                .attributes = 0120755U << 16 });
	zip_finish(&z, &(struct zip_end){ 0 });
}

Test(job_members, arrive_as_they_were_sent)
{
	struct seen s;

	make();
	cr_assert_eq(ask(), TALLY_PARTIAL);
	cr_assert_eq(take(blob.bytes, blob.len, &s), TALLY_OK);
	cr_assert_eq(s.members, 3);
	cr_assert_eq(s.notes, 1);
	cr_assert_eq(s.about, TALLY_NOTE_REMARK);
	cr_assert_str_eq(s.path, "link");
	cr_assert_str_eq(s.target, "target");
	cr_assert_eq(s.last.type, TALLY_TYPE_SYMLINK);
	cr_assert_eq(s.last.mode, 0755);
	cr_assert_eq(s.last.size, 6);
	cr_assert(tally_digest_known(&s.last.digest));
}

Test(job_members, cut_or_altered_are_refused_or_harmless)
{
	struct seen s;

	make();
	cr_assert_eq(ask(), TALLY_PARTIAL);
	for (size_t len = 0; len < blob.len; len++) {
		/* of its own, so that reading over its end is seen */
		char *copy = malloc(len ? len : 1);
		enum tally_status st;

		memcpy(copy, blob.bytes, len);
		st = take(copy, len, &s);
		cr_assert(st == TALLY_OK ||
		          (st == TALLY_SKIP && err.reason == TALLY_REASON_READER_FAILED));
		cr_assert_lt(s.members, 3);
		free(copy);
	}
	for (size_t i = 0; i < blob.len; i++) {
		char was = blob.bytes[i];

		blob.bytes[i] = (char)0xff;
		take(blob.bytes, blob.len, &s);
		blob.bytes[i] = was;
	}
}

Test(job_members, list_that_is_too_long_is_a_limit)
{
	limits.worker_output = 50;
	make();
	cr_assert_eq(ask(), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_LIMIT);
	cr_assert(strstr(err.message, "worker_output"));
}

Test(job_members, a_workbook_is_an_archive_of_its_parts)
{
	struct xlsx_maker x = { .sheet = "<row><c><v>1</v></c></row>" };
	struct seen s;

	xlsx_make(&x);
	z = x.zip;
	cr_assert_eq(ask(), TALLY_OK);
	cr_assert_str_eq(json_string_value(json_object_get(answer, "format")), "zip");
	cr_assert_eq(take(blob.bytes, blob.len, &s), TALLY_OK);
	cr_assert_eq(s.members, 5);
	cr_assert(tally_digest_known(&s.last.digest));
}
