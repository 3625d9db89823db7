/*
 * Pictures inside documents, through the handler of a worker: ODT (parts of a zip), web pages and mails (read once more).
 *
 * A document is a line of letters: t a paragraph of text, A a picture, S the same one saved again without its author, B another
 * one, D another one again, G a GIF, H another GIF; n a paragraph that is new.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/io.h"
#include "core/mem.h"
#include "formats/data_url.h"
#include "receipt/content.h"
#include "receipt/facts_json.h"
#include "receipt/job.h"
#include "receipt/json_util.h"
#include "support/faults.h"
#include "support/small_pictures.h"
#include "support/zip_maker.h"

static struct tally_limits limits;
static struct tally_buf file, seen, notes;
static struct tally_key key;

static void start(void)
{
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	tally_buf_init(&file, 1 << 20);
	tally_buf_init(&seen, 1 << 20);
	tally_buf_init(&notes, 1 << 20);
	tally_key_from_seed(&key, 1);
}

static void stop(void)
{
	tally_buf_release(&file);
	tally_buf_release(&seen);
	tally_buf_release(&notes);
}

TestSuite(job_pictures, .init = start, .fini = stop);

/* ---- making ---- */

static const char *address_of(char picture)
{
	return picture == 'A'   ? SMALL_PICTURE
	       : picture == 'S' ? SMALL_PICTURE_SAVED
	       : picture == 'B' ? SMALL_PICTURE_OTHER
	       : picture == 'D' ? SMALL_PICTURE_THIRD
	       : picture == 'G' ? "data:image/gif;base64,R0lGODlhKAAeAAAAADs="
	                        : "data:image/gif;base64,R0lGODlhKAAeAAAAACw7";
}

static void make_page(const char *letters)
{
	tally_buf_clear(&file);
	tally_buf_text(&file, "<html><body>");
	for (unsigned n = 1; *letters; letters++, n++)
		if (*letters == 't')
			tally_buf_printf(&file, "<p>These are the words of paragraph %u.</p>", n);
		else
			tally_buf_printf(&file, "<img src=\"%s\">", address_of(*letters));
}

static void make_markdown(const char *letters)
{
	tally_buf_clear(&file);
	for (unsigned n = 1; *letters; letters++, n++)
		if (*letters == 't')
			tally_buf_printf(&file, "These are the words of paragraph %u.\n\n", n);
		else
			tally_buf_printf(&file, "![House](%s)\n\n", address_of(*letters));
	tally_buf_printf(&file, "<img alt=\"Below\" src=\"%s\">\n", address_of('A'));
}

static void make_mail(const char *letters)
{
	tally_buf_clear(&file);
	tally_buf_text(&file, "From: a@example.org\nSubject: Pictures\nMIME-Version: 1.0\n"
	                      "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nSee below.\n");
	for (unsigned n = 1; *letters; letters++, n++)
		tally_buf_printf(&file,
		                 "--x\nContent-Type: image/png; name=\"%u.png\"\n"
		                 "Content-Disposition: attachment; filename=\"%u.png\"\n"
		                 "Content-Transfer-Encoding: base64\n\n%s\n",
		                 n, n, strchr(address_of(*letters), ',') + 1);
	tally_buf_text(&file, "--x--\n");
}

static void make_mailbox(const char *letters)
{
	static const char line[] = "From a@example.org Mon Nov 23 10:00:00 2026\nMessage-ID: <1@x>\n";
	struct tally_buf mail;

	make_mail(letters);
	mail = file;
	tally_buf_init(&file, 1 << 20);
	tally_buf_text(&file, line);
	tally_buf_add(&file, mail.bytes, mail.len);
	tally_buf_release(&mail);
}

static void make_odt(const char *letters)
{
	struct zip_maker z = { 0 };
	struct tally_buf text, bytes;
	const char *p;
	unsigned n = 1;

	tally_buf_init(&text, 1 << 20);
	tally_buf_init(&bytes, 1 << 20);
	tally_buf_text(&text,
	               "<o:document-content xmlns:o='urn:oasis:names:tc:opendocument:xmlns:office:1.0' "
	               "xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' "
	               "xmlns:draw='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0' "
	               "xmlns:xlink='http://www.w3.org/1999/xlink'><o:body><o:text>");
	zip_add(&z, &(struct zip_part){ .name = "mimetype",
	                                .content = "application/vnd.oasis.opendocument.text" });
	for (p = letters; *p; p++, n += *p != 'n') {
		char name[] = "Pictures/?.png";

		if (*p == 'n')
			tally_buf_text(&text, "<text:p>Nobody has seen it before.");
		else
			tally_buf_printf(&text, "<text:p>These are the words of paragraph %u.", n);
		if (!strchr("ASBDGH", *p)) {
			tally_buf_text(&text, "</text:p>");
			continue;
		}
		name[9] = *p;
		tally_buf_printf(&text,
		                 "<draw:frame><draw:image xlink:href='%s'/></draw:frame></text:p>",
		                 name);
		if (strchr(letters, *p) != p)
			continue;
		tally_buf_clear(&bytes);
		cr_assert_eq(tally_data_url(&bytes, address_of(*p)), TALLY_OK);
		zip_add(&z,
		        &(struct zip_part){ .name = name, .content = bytes.bytes, .len = bytes.len });
	}
	tally_buf_text(&text, "</o:text></o:body></o:document-content>");
	zip_add(&z,
	        &(struct zip_part){ .name = "content.xml", .content = text.bytes, .len = text.len });
	zip_finish(&z, &(struct zip_end){ 0 });
	tally_buf_clear(&file);
	tally_buf_add(&file, z.bytes.bytes, z.bytes.len);
	zip_release(&z);
	tally_buf_release(&text);
	tally_buf_release(&bytes);
}

/* ---- comparing ---- */

static int made(void (*make)(const char *letters), const char *letters)
{
	int fd = tally_scratch_fd();

	make(letters);
	cr_assert_geq(fd, 0);
	cr_assert_eq(tally_io_write_all(fd, file.bytes, file.len), 0);
	return fd;
}

static void put_fact(const json_t *f)
{
	const char *kind = tally_json_string(json_object_get(f, "picture"), "kind");
	const char *where = tally_json_string(f, "where");
	bool moved = json_is_true(json_object_get(f, "moved")) || tally_json_is(f, "change", "moved");

	cr_expect(tally_fact_good(f));
	tally_buf_printf(&seen, "%s%s %s%s%s", seen.len ? "; " : "", tally_json_string(f, "fact"),
	                 tally_json_string(f, "change"), kind ? " " : "", kind ? kind : "");
	if (moved)
		tally_buf_printf(&seen, " %s >", tally_json_string(f, "where_before"));
	tally_buf_printf(&seen, " %s", where ? where : "-");
}

static void put_answer(const json_t *answer)
{
	const json_t *facts = json_object_get(json_object_get(answer, "document"), "facts");
	const json_t *list = json_object_get(json_object_get(answer, "document"), "unread");

	for (size_t i = 0; i < json_array_size(facts); i++)
		put_fact(json_array_get(facts, i));
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *u = json_array_get(list, i), *at = json_object_get(u, "places");

		if (strstr(tally_json_string(u, "what"), "pixels"))
			tally_buf_printf(&notes, "%s%s: %s, %zu", notes.len ? "; " : "",
			                 tally_json_string(u, "what"),
			                 json_string_value(json_array_get(at, 0)),
			                 json_array_size(at));
	}
}

/* @f  NULL, or faults that end with the work */
static enum tally_status compare(const char *name, int *fds, struct faults *f)
{
	json_t *request = tally_job_pair(name, name, NULL, &key), *answer = json_object();
	struct tally_buf blob;
	struct tally_err err = { 0 };
	enum tally_status st = TALLY_FATAL;

	tally_buf_init(&blob, (size_t)limits.worker_output);
	tally_buf_clear(&seen);
	tally_buf_clear(&notes);
	tally_buf_text(&seen, "");
	tally_buf_text(&notes, "");
	if (request && answer)
		st = tally_job_handle(request, fds, &limits, answer, &blob, &err);
	if (f)
		(void)faults_fired(f);
	if (st >= TALLY_PARTIAL)
		put_answer(answer);
	else
		tally_buf_text(&seen, err.message);
	tally_buf_release(&blob);
	json_decref(request);
	json_decref(answer);
	return st;
}

static void pair(void (*make)(const char *letters), const char *name, const char *before,
                 const char *after)
{
	int fds[TALLY_WORKER_FDS] = { made(make, before), made(make, after), -1, -1, -1, -1 };

	cr_assert_geq(compare(name, fds, NULL), TALLY_PARTIAL);
	close(fds[0]);
	close(fds[1]);
}

static void expect(const char *before, const char *after, const char *facts, const char *left_out)
{
	pair(make_odt, "a.odt", before, after);
	cr_expect_str_eq(seen.bytes, facts, "%s > %s: %s", before, after, seen.bytes);
	cr_expect_str_eq(notes.bytes, left_out, "%s > %s: %s", before, after, notes.bytes);
}

Test(job_pictures, saved_again_is_the_same_picture_without_what_it_said)
{
	expect("tAt", "tSt",
	       "image changed same paragraph 2; author removed picture at paragraph 2", "");
	expect("tSt", "tAt", "image changed same paragraph 2; author added picture at paragraph 2",
	       "");
}

Test(job_pictures, the_author_of_the_document_is_not_that_of_a_picture)
{
	expect("tAAt", "tSSt",
	       "image changed same paragraph 2; image changed same paragraph 3; "
	       "author removed picture at paragraph 2; author removed picture at paragraph 3",
	       "");
}

Test(job_pictures, another_one_is_another_one)
{
	expect("tAt", "tBt", "image changed other paragraph 2", "");
}

Test(job_pictures, in_another_place_it_moved)
{
	expect("tttA", "Attt", "image moved paragraph 4 > paragraph 1", "");
	expect("tttA", "Sttt",
	       "image changed same paragraph 4 > paragraph 1; author removed picture at paragraph 1",
	       "");
	expect("ABtt", "BAtt",
	       "image moved paragraph 2 > paragraph 1; "
	       "image moved paragraph 1 > paragraph 2",
	       "");
}

Test(job_pictures, behind_paragraphs_that_came_it_stayed)
{
	expect("ttA", "tntS",
	       "image changed same paragraph 4; author removed picture at paragraph 4", "");
}

Test(job_pictures, that_came_or_went_nothing_is_decoded)
{
	expect("tA", "tt", "image removed paragraph 2", "");
	expect("tAt", "tAS", "image added paragraph 3", "");
	expect("tAG", "tAt", "image removed paragraph 3", "");
}

Test(job_pictures, what_is_not_decoded_is_said)
{
	static const char gif[] = "pixels of pictures that are no PNG or JPEG";
	char want[100], one[100];

	snprintf(one, sizeof one, "%s: paragraph 2, 1", gif);
	expect("tGt", "tHt", "image changed paragraph 2", one);
	snprintf(want, sizeof want, "%s: paragraph 2, 2", gif);
	expect("tGAGt", "tHAHt", "image changed paragraph 2; image changed paragraph 4", want);
	expect("tGtt", "ttHt", "image removed paragraph 2; image added paragraph 3", want);
	expect("tGtt", "ttAt", "image removed paragraph 2; image added paragraph 3", one);
}

Test(job_pictures, limits_hold_for_one_and_for_all)
{
	limits.picture_pixels = 63;
	expect("tAt", "tSt", "image changed paragraph 2",
	       "pixels of pictures beyond a limit (picture_pixels, picture_bytes): paragraph 2, 1");
	limits.picture_pixels = 64;
	expect("tAt", "tSt",
	       "image changed same paragraph 2; author removed picture at paragraph 2", "");
	expect("tAt", "tBt", "image changed other paragraph 2", "");
	limits.picture_pixels = 127;
	expect("tABt", "tSDt",
	       "image changed same paragraph 2; image changed paragraph 3; "
	       "author removed picture at paragraph 2",
	       "pixels of pictures beyond a limit (picture_pixels, picture_bytes): paragraph 3, 1");
	limits = (struct tally_limits)TALLY_LIMITS_INIT;
	limits.picture_bytes = 230;
	expect("tAt", "tSt", "image changed paragraph 2",
	       "pixels of pictures beyond a limit (picture_pixels, picture_bytes): paragraph 2, 1");
}

Test(job_pictures, in_web_pages)
{
	pair(make_page, "a.html", "tAt", "tSt");
	cr_expect_str_eq(seen.bytes, "image changed same -; author removed picture");
	pair(make_page, "a.html", "tAt", "tBt");
	cr_expect_str_eq(seen.bytes, "image changed other -");
	cr_expect_str_eq(notes.bytes, "");
}

Test(job_pictures, in_markdown)
{
	pair(make_markdown, "a.md", "tBt", "tAt");
	cr_expect_str_eq(seen.bytes, "image changed other House");
	pair(make_markdown, "a.md", "tAt", "tSt");
	cr_expect_str_eq(seen.bytes, "image changed same House; author removed picture at House");
	cr_expect_str_eq(notes.bytes, "");
}

Test(job_pictures, in_mails)
{
	pair(make_mail, "a.eml", "AB", "SB");
	cr_expect_str_eq(seen.bytes,
	                 "attachment changed same 1.png; author removed picture at 1.png");
	pair(make_mail, "a.eml", "AB", "AA");
	cr_expect_str_eq(seen.bytes, "attachment changed other 2.png");
	cr_expect_str_eq(notes.bytes, "");
}

Test(job_pictures, in_mailboxes)
{
	pair(make_mailbox, "a.mbox", "AB", "SB");
	cr_expect_str_eq(seen.bytes, "attachment changed same 1.png in <1@x>; "
	                             "author removed picture at 1.png in <1@x>");
	cr_expect_str_eq(notes.bytes, "");
}

Test(job_pictures, every_failed_allocation_is_reported_or_said)
{
	int fds[TALLY_WORKER_FDS] = { made(make_odt, "tAB"), made(make_odt, "BtS"), -1, -1, -1, -1 };

	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		enum tally_status st = compare("a.odt", fds, &f);

		/* or it is said that the picture was not looked into */
		cr_expect(st < TALLY_PARTIAL || !f.fired || notes.len, "%ld: %s", f.nth, seen.bytes);
	}
	close(fds[0]);
	close(fds[1]);
}
