/*
 * Workers: what a reader that goes wrong may cost. The handler below does on request what a hostile file could make a reader do;
 * each time the answer must be one reason, and the next request must be served as if nothing had happened.
 *
 *   crash, exit, hang, eat, flood, garble, open, exec, connect, fork, write     one request each
 *   library                                                                    needs one, honestly
 *   lack archive, lack nonsense                                                says so whatever it has
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/io.h"
#include "core/library.h"
#include "core/mem.h"
#include "receipt/sandbox.h"
#include "receipt/worker_proto.h"
#include "support/scratch.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* ---- the handler ---- */

static void crash(void)
{
	__builtin_trap(); /* signals cannot be sent from in there */
}

static void hang(void)
{
	for (;;)
		pause();
}

static enum tally_status eat(int times, struct tally_err *err)
{
	/* touched, so that it is real memory; bounded, so that a broken limit does not take the machine */
	for (int i = 0; i < times; i++) {
		char *p = tally_alloc(64 << 20);

		if (!p)
			return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NO_MEMORY,
			                     "out of memory");
		memset(p, 1, 64 << 20);
	}
	return TALLY_OK;
}

static void send_raw(const char *bytes, size_t len)
{
	for (int fd = 3; fd < 64; fd++) {
		struct stat st;

		if (fstat(fd, &st) == 0 && S_ISSOCK(st.st_mode))
			tally_io_write_all(fd, bytes, len);
	}
}

static void garble(void)
{
	static const char noise[64] = "this is no answer";

	send_raw(noise, sizeof noise);
}

/* what a reader that was taken over may say: that it lacks a library, which nobody tried to load */
static void claim_lack(const char *id)
{
	char bytes[64] = "TLYA";
	int len = snprintf(bytes + TALLY_WORKER_ANSWER_HEAD, 40, "{\"library\":\"%s\"}", id);

	bytes[4] = (char)len;
	bytes[16] = TALLY_WORKER_LACKS;
	send_raw(bytes, TALLY_WORKER_ANSWER_HEAD + (size_t)len);
	hang();
}

/* errno of something that the sandbox should forbid; 0: it went through */
static int forbidden(const char *what)
{
	int rc = -1;

	errno = 0;
	if (!strcmp(what, "open"))
		rc = open("/etc/passwd", O_RDONLY);
	else if (!strcmp(what, "exec"))
		rc = execl("/bin/true", "true", (char *)NULL);
	else if (!strcmp(what, "connect"))
		rc = socket(AF_INET, SOCK_STREAM, 0);
	else if (!strcmp(what, "kill"))
		rc = kill(getppid(), 0);
	else if (!strcmp(what, "fork")) {
		rc = fork();
		if (rc == 0)
			_exit(0);
	}
	return rc < 0 ? errno : 0;
}

/* Writes to descriptor @n, far from its beginning. @return errno, 0: it went through */
static int write_to(const int *fds, int n, uint64_t at)
{
	return tally_io_pwrite_all(fds[n], "x", 1, at) == 0 ? 0 : errno;
}

static enum tally_status handler(const json_t *request, const int *fds,
                                 const struct tally_limits *limits, json_t *answer,
                                 struct tally_buf *blob, struct tally_err *err)
{
	const char *what = json_string_value(json_object_get(request, "do"));
	char byte = 0;

	(void)limits;
	if (!strcmp(what, "crash"))
		crash();
	if (!strcmp(what, "exit"))
		_exit(7);
	if (!strcmp(what, "end of memory"))
		tally_mem_ended();
	if (!strcmp(what, "hang"))
		hang();
	if (!strcmp(what, "eat a little"))
		return eat(1, err);
	if (!strcmp(what, "eat"))
		return eat(64, err);
	if (!strcmp(what, "garble"))
		garble();
	if (!strncmp(what, "lack ", 5))
		claim_lack(what + 5);
	if (!strcmp(what, "library") && tally_library_load(TALLY_LIBRARY_ARCHIVE, err) < 0)
		return TALLY_SKIP;
	if (!strcmp(what, "flood"))
		while (tally_buf_add(blob, "0123456789abcdef", 16))
			;
	if (!strcmp(what, "skip"))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_ENCRYPTED, "it wants a password");
	if (!strcmp(what, "read") || !strcmp(what, "library"))
		json_object_set_new(answer, "read",
		                    json_integer(tally_io_pread(fds[0], &byte, 1, 0)));
	json_object_set_new(
		answer, "errno",
		json_integer(!strncmp(what, "write ", 6)
	                             ? write_to(fds, what[6] - '0', strtoull(what + 7, NULL, 10))
	                             : forbidden(what)));
	json_object_set_new(answer, "pid", json_integer(getpid()));
	json_object_set_new(answer, "byte", json_integer(byte));
	if (!strcmp(what, "blob"))
		tally_buf_add(blob, "four", 4);
	return TALLY_OK;
}

/* ---- asking ---- */

struct seen {
	unsigned calls;
	enum tally_status status;
	enum tally_reason reason;
	char message[TALLY_ERR_MESSAGE_MAX];
	long long errno_value, pid, byte;
	size_t blob_len;
};

static enum tally_status on_answer(void *payload, const struct tally_answer *answer,
                                   struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	s->calls++;
	s->status = answer->status;
	s->reason = answer->err->reason;
	snprintf(s->message, sizeof s->message, "%s", answer->err->message);
	s->errno_value = json_integer_value(json_object_get(answer->json, "errno"));
	s->pid = json_integer_value(json_object_get(answer->json, "pid"));
	s->byte = json_integer_value(json_object_get(answer->json, "byte"));
	s->blob_len = answer->blob_len;
	return TALLY_OK;
}

static struct tally_workers *new_pool(unsigned count, const struct tally_limits *limits)
{
	struct tally_workers *pool = NULL;

	cr_assert_eq(tally_workers_new(&pool, handler, count, limits, NULL), TALLY_OK);
	return pool;
}

static void ask_within(struct tally_workers *pool, const char *what, int fd, unsigned seconds,
                       uint64_t memory, struct seen *s)
{
	json_t *json = json_pack("{s:s}", "do", what);
	const struct tally_request q = {
		.json = json, .fds = { fd, -1 }, .seconds = seconds, .memory = memory
	};

	*s = (struct seen){ 0 };
	cr_assert_eq(tally_workers_run(pool, &q, on_answer, s, NULL), TALLY_OK);
	cr_assert_eq(tally_workers_wait(pool, NULL), TALLY_OK);
	cr_assert_eq(s->calls, 1, "%s: every request has one answer", what);
	json_decref(json);
}

static void ask_with(struct tally_workers *pool, const char *what, int fd, unsigned seconds,
                     struct seen *s)
{
	ask_within(pool, what, fd, seconds, 0, s);
}

static void ask(struct tally_workers *pool, const char *what, struct seen *s)
{
	ask_with(pool, what, -1, 0, s);
}

static void still_serves(struct tally_workers *pool)
{
	struct seen s;

	ask(pool, "blob", &s);
	cr_assert_eq(s.status, TALLY_OK);
	cr_assert_eq(s.blob_len, 4);
}

static void costs_one_request(const char *what, enum tally_reason reason,
                              const struct tally_limits *limits, unsigned seconds)
{
	struct tally_workers *pool = new_pool(1, limits);
	struct seen s;

	still_serves(pool);
	ask_with(pool, what, -1, seconds, &s);
	cr_expect_eq(s.status, TALLY_SKIP, "%s", what);
	cr_expect_eq(s.reason, reason, "%s: %s (%s)", what, tally_reason_id(s.reason), s.message);
	still_serves(pool);
	tally_workers_free(pool);
}

static const struct tally_limits defaults = TALLY_LIMITS_INIT;

Test(worker, crash_costs_one_request)
{
	costs_one_request("crash", TALLY_REASON_READER_FAILED, &defaults, 0);
}

Test(worker, early_exit_costs_one_request)
{
	costs_one_request("exit", TALLY_REASON_READER_FAILED, &defaults, 0);
}

Test(worker, library_that_finds_no_memory_costs_one_request)
{
	costs_one_request("end of memory", TALLY_REASON_NO_MEMORY, &defaults, 0);
}

Test(worker, bound_on_memory_of_one_request)
{
	struct tally_workers *pool;
	struct seen s;

	if (SANITIZED)
		cr_skip_test("the sanitizers need more memory than any limit allows");
	pool = new_pool(1, &defaults);
	/* 64 MiB are eaten */
	ask_within(pool, "eat a little", -1, 0, 200 << 20, &s);
	cr_expect_eq(s.status, TALLY_OK, "%s", s.message);
	ask_within(pool, "eat a little", -1, 0, 50 << 20, &s);
	cr_expect_eq(s.reason, TALLY_REASON_NO_MEMORY, "%s", s.message);
	still_serves(pool);
	tally_workers_free(pool);
}

Test(worker, hanging_ends_at_the_time_limit)
{
	struct timespec a, b;

	clock_gettime(CLOCK_MONOTONIC, &a);
	costs_one_request("hang", TALLY_REASON_TIMED_OUT, &defaults, 1);
	clock_gettime(CLOCK_MONOTONIC, &b);
	cr_expect_lt(b.tv_sec - a.tv_sec, 20);
}

Test(worker, eating_memory_ends_at_the_memory_limit)
{
	struct tally_limits small = TALLY_LIMITS_INIT;

	if (SANITIZED)
		cr_skip_test("the sanitizers need more address space than any limit allows");
	small.worker_memory = UINT64_C(400) << 20;
	costs_one_request("eat", TALLY_REASON_NO_MEMORY, &small, 0);
}

Test(worker, sending_without_end_meets_the_output_limit)
{
	struct tally_limits small = TALLY_LIMITS_INIT;
	struct tally_workers *pool;
	struct seen s;

	small.worker_output = 1 << 16;
	pool = new_pool(1, &small);
	ask(pool, "flood", &s);
	cr_expect_eq(s.status, TALLY_SKIP);
	cr_expect_eq(s.reason, TALLY_REASON_LIMIT, "%s (%s)", tally_reason_id(s.reason), s.message);
	still_serves(pool);
	tally_workers_free(pool);
}

Test(worker, garbage_on_the_socket_is_no_answer)
{
	costs_one_request("garble", TALLY_REASON_READER_FAILED, &defaults, 0);
}

Test(worker, a_skip_brings_its_reason_and_message)
{
	struct tally_workers *pool = new_pool(1, &defaults);
	struct seen s;

	ask(pool, "skip", &s);
	cr_expect_eq(s.status, TALLY_SKIP);
	cr_expect_eq(s.reason, TALLY_REASON_ENCRYPTED);
	cr_expect_str_eq(s.message, "it wants a password");
	tally_workers_free(pool);
}

Test(worker, reads_the_descriptor_it_was_given)
{
	struct tally_workers *pool = new_pool(1, &defaults);
	struct seen s;

	ask_with(pool, "read", scratch_fd("x", 1), 0, &s); /* the pool closes it */
	cr_expect_eq(s.byte, 'x');
	tally_workers_free(pool);
}

Test(worker, library_that_it_lacks_is_loaded_and_the_request_made_again)
{
	struct tally_workers *pool = new_pool(1, &defaults);
	struct seen before, s, after;

	ask(pool, "nothing", &before);
	cr_expect_not(tally_library_loaded(TALLY_LIBRARY_ARCHIVE));
	ask_with(pool, "library", scratch_fd("x", 1), 0, &s);
	cr_expect_eq(s.status, TALLY_OK, "%s", s.message);
	cr_expect_eq(s.byte, 'x', "its descriptor goes along once more");
	cr_expect_neq(s.pid, before.pid);
	ask_with(pool, "library", scratch_fd("y", 1), 0, &after);
	cr_expect_eq(after.byte, 'y');
	cr_expect_eq(after.pid, s.pid, "it has the library now");
	tally_workers_free(pool);
}

Test(worker, idle_ones_without_a_loaded_library_are_replaced)
{
	struct tally_workers *pool = new_pool(1, &defaults);
	struct seen before, s;

	ask(pool, "nothing", &before);
	cr_assert_eq(tally_library_load(TALLY_LIBRARY_ARCHIVE, NULL), TALLY_OK);
	ask(pool, "nothing", &s);
	cr_expect_neq(s.pid, before.pid);
	tally_workers_free(pool);
}

Test(worker, library_that_is_not_there_is_the_reason)
{
	struct tally_workers *pool = new_pool(1, &defaults);
	struct rlimit files, none;
	struct seen s;

	still_serves(pool); /* the worker is there */
	getrlimit(RLIMIT_NOFILE, &files);
	none = files;
	none.rlim_cur = 3; /* what is open stays, and poll wants some */
	setrlimit(RLIMIT_NOFILE, &none);
	ask(pool, "library", &s);
	setrlimit(RLIMIT_NOFILE, &files);
	for (int round = 0; round < 2; round++) { /* also for a worker that was forked after that */
		cr_expect_eq(s.status, TALLY_SKIP);
		cr_expect_eq(s.reason, TALLY_REASON_LIBRARY_MISSING, "%s (%s)",
		             tally_reason_id(s.reason), s.message);
		ask(pool, "library", &s);
	}
	still_serves(pool);
	tally_workers_free(pool);
}

Test(worker, asking_for_a_library_for_ever_costs_one_request)
{
	costs_one_request("lack archive", TALLY_REASON_READER_FAILED, &defaults, 0);
}

static void ask_scratch(struct tally_workers *pool, const char *what, uint64_t bytes, bool scratch,
                        struct seen *s)
{
	json_t *json = json_pack("{s:s}", "do", what);
	struct tally_request q = { .json = json, .bytes = bytes, .scratch = scratch };

	q.fds[0] = scratch_fd("one", 3);
	q.fds[1] = scratch_fd("two", 3);
	*s = (struct seen){ 0 };
	cr_assert_eq(tally_workers_run(pool, &q, on_answer, s, NULL), TALLY_OK);
	cr_assert_eq(tally_workers_wait(pool, NULL), TALLY_OK);
	json_decref(json);
}

Test(worker, writes_to_scratch_files_and_nothing_else)
{
	struct tally_limits limits = defaults;
	struct tally_workers *pool;
	struct scratch folder;
	struct seen s;

	limits.scratch_bytes = 1 << 20;
	scratch_make(&folder);
	pool = new_pool(1, &limits);
	cr_assert_eq(tally_workers_scratch_in(pool, folder.path, NULL), TALLY_OK);
	for (int round = 0; round < 2; round++) {
		ask_scratch(pool, "write 2 1000", 100 << 20, true, &s);
		cr_expect_eq(s.errno_value, 0);
		ask_scratch(pool, "write 3 1000", 100 << 20, true, &s);
		cr_expect_eq(s.errno_value, 0);
		/* no longer than the limit, and only where there is much to be read */
		ask_scratch(pool, "write 2 1048576", 100 << 20, true, &s);
		cr_expect_eq(s.errno_value, EFBIG);
		ask_scratch(pool, "write 2 0", 1000, true, &s);
		cr_expect_eq(s.errno_value, EBADF);
		/* a request without one cannot let any file grow */
		ask_scratch(pool, "write 0 1000", 100 << 20, false, &s);
		cr_expect_eq(s.errno_value, EFBIG);
	}
	tally_workers_free(pool);
	scratch_remove(&folder);
}

Test(worker, asking_for_what_is_no_library_costs_one_request)
{
	costs_one_request("lack nonsense", TALLY_REASON_READER_FAILED, &defaults, 0);
	costs_one_request("lack ../archive", TALLY_REASON_READER_FAILED, &defaults, 0);
}

/* Where no reader got to run, nobody knows of a sandbox, nor that there is none. */
Test(worker, the_sandbox_is_not_known_before_an_answer)
{
	struct tally_workers *pool = new_pool(1, &defaults);

	cr_assert_null(tally_workers_sandbox(pool));
	still_serves(pool);
	cr_assert_not_null(tally_workers_sandbox(pool));
	tally_workers_free(pool);
}

Test(worker, can_open_nothing_and_start_nothing)
{
	static const char *const acts[] = { "open", "exec", "connect", "fork", "kill" };
	struct tally_workers *pool = new_pool(1, &defaults);
	struct seen s;

	still_serves(pool);
	if (!strcmp(tally_workers_sandbox(pool), "none")) {
		tally_workers_free(pool);
		cr_skip_test("this build has no sandbox");
	}
	for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
		ask(pool, acts[i], &s);
		cr_expect_eq(s.status, TALLY_OK, "%s", acts[i]);
		cr_expect(s.errno_value == EPERM || s.errno_value == EACCES, "%s: errno %lld",
		          acts[i], s.errno_value);
	}
	tally_workers_free(pool);
}

Test(worker, is_replaced_after_its_number_of_requests)
{
	struct tally_limits few = TALLY_LIMITS_INIT;
	struct tally_workers *pool;
	struct seen first, second, third;

	few.worker_jobs = 2;
	pool = new_pool(1, &few);
	ask(pool, "nothing", &first);
	ask(pool, "nothing", &second);
	ask(pool, "nothing", &third);
	cr_expect_eq(first.pid, second.pid);
	cr_expect_neq(second.pid, third.pid);
	tally_workers_free(pool);
}

Test(worker, two_work_beside_each_other)
{
	enum { MANY = 200 };
	struct tally_workers *pool = new_pool(2, &defaults);
	static struct seen s[MANY];
	json_t *json = json_pack("{s:s}", "do", "nothing");
	const struct tally_request q = { .json = json, .fds = { -1, -1 } };
	bool other = false;

	for (size_t i = 0; i < MANY; i++)
		cr_assert_eq(tally_workers_run(pool, &q, on_answer, &s[i], NULL), TALLY_OK);
	cr_assert_eq(tally_workers_wait(pool, NULL), TALLY_OK);
	for (size_t i = 0; i < MANY; i++) {
		cr_expect_eq(s[i].calls, 1);
		other |= s[i].pid != s[0].pid;
	}
	cr_expect(other);
	json_decref(json);
	tally_workers_free(pool);
}

Test(worker, ends_with_its_pool)
{
	struct tally_workers *pool = new_pool(1, &defaults);
	struct seen s;

	ask(pool, "nothing", &s);
	tally_workers_free(pool);
	cr_expect_eq(kill((pid_t)s.pid, 0), -1);
	cr_expect_eq(errno, ESRCH);
}
