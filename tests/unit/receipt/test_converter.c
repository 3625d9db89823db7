/*
 * Programs that make text of a file: what one that goes wrong may cost, and what it can reach. The shell stands for it here;
 * the last tests run pdftotext where it is installed.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/io.h"
#include "receipt/content.h"
#include "receipt/converter.h"
#include "receipt/sandbox.h"
#include "support/pdf_maker.h"
#include "support/scratch.h"

TestSuite(converter, .timeout = 60);

static struct tally_converted made;
static char text[4096];

/* Its output, as far as it fits. */
static const char *text_of(const struct tally_converted *c)
{
	ssize_t n = c->text >= 0 ? tally_io_pread(c->text, text, sizeof text - 1, 0) : -1;

	text[n > 0 ? n : 0] = 0;
	if (c->text >= 0)
		close(c->text);
	return n >= 0 ? text : NULL;
}

static off_t larger; /* the file is this large, if not 0 */

static const char *run_shell(const char *script, struct tally_limits limits)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct tally_converter program = { "/bin/sh", "sh", argv };
	struct tally_conversion c = { 0 };
	int fd = scratch_fd("line one\n", 9);

	if (larger)
		cr_assert_eq(ftruncate(fd, larger), 0);
	tally_convert_begin_by(&c, &program, fd, &limits);
	close(fd);
	tally_convert_end(&c, &made);
	return text_of(&made);
}

static const char *run(const char *script)
{
	const struct tally_limits limits = TALLY_LIMITS_INIT;

	return run_shell(script, limits);
}

static void fails(enum tally_reason reason, const char *message)
{
	cr_expect_eq(made.text, -1);
	cr_expect_eq(made.why.reason, reason, "%s", tally_reason_id(made.why.reason));
	cr_expect_str_eq(made.why.message, message);
}

/* Nothing is left of it: no process, no descriptor. */
static void nothing_is_left(int descriptors)
{
	int next = open("/dev/null", O_RDONLY);

	cr_expect_eq(waitpid(-1, NULL, WNOHANG), -1);
	cr_expect_eq(next, descriptors);
	close(next);
}

static int next_descriptor(void)
{
	int next = open("/dev/null", O_RDONLY);

	close(next);
	return next;
}

Test(converter, output_is_the_text)
{
	int next = next_descriptor();
	const char *t = run("read a b; echo \"$b $a\"");

	cr_assert(t);
	cr_expect_str_eq(t, "one line\n");
	cr_expect_eq(made.why.reason, TALLY_REASON_NONE);
	nothing_is_left(next);
}

Test(converter, output_beyond_the_limit)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	int next = next_descriptor();

	limits.convert_bytes = 100000;
	cr_expect_null(run_shell("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done", limits));
	fails(TALLY_REASON_LIMIT, "convert_bytes: sh wrote more");
	nothing_is_left(next);
}

Test(converter, endless_work_is_stopped)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	int next = next_descriptor();

	limits.convert_seconds = 1;
	cr_expect_null(run_shell("while :; do :; done", limits));
	fails(TALLY_REASON_LIMIT, "convert_seconds: sh took longer");
	nothing_is_left(next);
}

Test(converter, large_file_gives_no_more_time_without_pages)
{
#ifdef __linux__
	struct tally_limits limits = TALLY_LIMITS_INIT;

	larger = 400 << 20;
	limits.convert_seconds = 0;
	cr_expect_null(run_shell("while :; do :; done", limits));
	fails(TALLY_REASON_LIMIT, "convert_seconds: sh took longer");
	/* 100 pages are worth five seconds */
	cr_expect_not_null(run_shell("i=0; while [ $i -lt 100 ]; do echo '1\t1'; i=$((i+1)); done; "
	                             "while [ $i -lt 700000 ]; do i=$((i+1)); done",
	                             limits));
#endif
}

Test(converter, endless_waiting_is_stopped)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	int next = next_descriptor();

	limits.convert_seconds = 0;
	cr_expect_null(run_shell("kill -STOP $$; echo never", limits));
	cr_expect_neq(made.why.reason, TALLY_REASON_NONE);
	limits.convert_seconds = 1;
	/* its pipes closed, it seems to have ended */
	cr_expect_null(run_shell("exec >&- 2>&-; while :; do :; done", limits));
	cr_expect_eq(made.why.reason, TALLY_REASON_LIMIT, "%s", made.why.message);
	nothing_is_left(next);
}

Test(converter, failure_is_told)
{
	int next = next_descriptor();

	cr_expect_null(run("echo half of it; exit 3"));
	fails(TALLY_REASON_DAMAGED, "sh could not read it");
	nothing_is_left(next);
}

Test(converter, want_of_memory_is_told)
{
	cr_expect_null(run("echo Out of memory >&2; exit 1"));
	fails(TALLY_REASON_LIMIT, "convert_memory: sh wanted more");
}

Test(converter, death_is_told)
{
	cr_expect_null(run("ulimit -t 1; while :; do :; done"));
	cr_expect_neq(made.why.reason, TALLY_REASON_NONE);
}

Test(converter, many_complaints_block_nothing)
{
	const char *t = run(
		"i=0; while [ $i -lt 3000 ]; do i=$((i+1)); "
		"echo this is a long complaint about nothing at all, really >&2; done; echo done");

	cr_assert(t);
	cr_expect_str_eq(t, "done\n");
}

Test(converter, program_that_is_not_there)
{
	const struct tally_converter none = { NULL, "pdftotext", NULL };
	const struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_conversion c = { 0 };

	tally_convert_begin_by(&c, &none, 0, &limits);
	tally_convert_end(&c, &made);
	fails(TALLY_REASON_LIBRARY_MISSING, "pdftotext, which reads its text");
}

Test(converter, program_that_cannot_be_started)
{
	const char *const argv[] = { "x", NULL };
	const struct tally_converter program = { "/usr/share", "x", argv };
	const struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_conversion c = { 0 };

	tally_convert_begin_by(&c, &program, 0, &limits);
	tally_convert_end(&c, &made);
	fails(TALLY_REASON_READER_FAILED, "x could not be started");
}

Test(converter, none_was_begun)
{
	struct tally_conversion c[2] = { { 0 }, { 0 } };
	struct tally_converted both[2];

	tally_convert_end_both(c, both);
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(both[i].text, -1);
		cr_expect_eq(both[i].why.reason, TALLY_REASON_NONE);
	}
}

/* ---- the sandbox ---- */

#if TALLY_LINUX

Test(converter, writes_no_file)
{
	struct scratch s = { 0 };
	struct tally_buf script;

	scratch_make(&s);
	tally_buf_init(&script, 1 << 16);
	cr_assert(tally_buf_printf(&script, "echo x > '%s/made'; echo $?", s.path));
	run(script.bytes);
	cr_expect(!scratch_exists(&s, "made"));
	tally_buf_release(&script);
	scratch_remove(&s);
}

Test(converter, starts_no_other_program)
{
	const char *t = run("(echo from another process) 2>/dev/null; echo end");

	cr_expect(!t || !strstr(t, "another"), "%s", t);
}

static bool landlock(void)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(tally_sandbox_enter(2, UINT64_C(1) << 40, 0) == TALLY_SANDBOX_FULL ? 0 : 1);
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

Test(converter, reads_no_ones_files)
{
	const char *t;

	if (!landlock())
		cr_skip("this system has no Landlock");
	t = run("read a < /etc/passwd; echo \"got $a\"");
	cr_expect(!t || !strstr(t, "root"), "%s", t);
}

Test(converter, reaches_no_network)
{
	static const char *const argv[] = { "bash", "-c",
		                            "echo x > /dev/udp/127.0.0.1/9 && echo sent", NULL };
	const struct tally_converter program = { "/bin/bash", "bash", argv };
	const struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_conversion c = { 0 };
	int fd = scratch_fd("", 0);
	const char *t;

	if (access(program.path, X_OK) != 0)
		cr_skip("no bash here");
	tally_convert_begin_by(&c, &program, fd, &limits);
	close(fd);
	tally_convert_end(&c, &made);
	t = text_of(&made);
	cr_expect(!t || !strstr(t, "sent"), "%s", t);
}

#endif

/* ---- pdftotext ---- */

static void convert(const char *bytes, size_t len)
{
	const struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_conversion c = { 0 };
	int fd = scratch_fd(bytes, len);

	if (access("/usr/bin/pdftotext", X_OK) != 0 && access("/usr/local/bin/pdftotext", X_OK) != 0)
		cr_skip("pdftotext is not installed (package poppler-utils)");
	cr_assert(tally_convertible(fd));
	tally_convert_begin(&c, fd, &limits);
	close(fd);
	tally_convert_end(&c, &made);
}

Test(converter, pdftotext_tells_words_with_hyphens)
{
	static const char *const contents[] = {
		"BT /F1 12 Tf 14 TL 72 720 Td (from 5-) Tj T* (10 EUR) Tj ET"
	};
	struct pdf_maker pdf;
	const char *t;

	pdf_pages(&pdf, "", contents, 1);
	pdf_end(&pdf, "");
	convert(pdf.out.bytes, pdf.out.len);
	t = text_of(&made);
	cr_assert(t, "%s", made.why.message);
	cr_expect(strstr(t, "\t5-\n") && strstr(t, "\t10\n") && strstr(t, "###PAGE###"), "%s", t);
	tally_buf_release(&pdf.out);
}

Test(converter, rubbish_is_damaged)
{
	convert("%PDF-1.4\nrubbish", 16);
	fails(TALLY_REASON_DAMAGED, "pdftotext could not read it");
}

Test(converter, only_what_begins_like_one_is_converted)
{
	int fd = scratch_fd("no such thing", 13);

	cr_expect_not(tally_convertible(fd));
	close(fd);
}
