/* pdftotext as a process of its own: see receipt/converter.h. */
#include "receipt/converter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/io.h"
#include "receipt/content.h"
#include "receipt/sandbox.h"

enum {
	HEADER_WITHIN = 1024,
	NOT_STARTED = 126, /* exit status, as of a shell */
	BYTES_A_SECOND = 1 << 20, /* of a file: each gives a second more; the slowest honest ones seen take one for 2 MB */
	PAGE_MS = 50,  /* what a page may take on and on; honest ones take 2 to 20 */
	LARGE = 1,     /* seconds at most that a large file gives more to all of its first page */
	LOOK_MS = 100, /* how often its processor time is looked at */
	MEMORY_A_BYTE = 2, /* some pictures and fonts are unpacked */
	WALL = 4,          /* times its processor time it may take where others work as well */
	STEP = 64 << 10,
	PIPE = 1 << 20, /* room in a pipe, so that it can go on while nobody takes its text */
};

bool tally_convertible(int fd)
{
	char bytes[HEADER_WITHIN];
	ssize_t n = tally_io_pread(fd, bytes, sizeof bytes, 0);

	for (ssize_t i = 0; i + 5 <= n; i++)
		if (!memcmp(bytes + i, "%PDF-", 5))
			return true;
	return false;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- beginning ---- */

/* In the child: only what may follow a fork. */
static _Noreturn void run(const struct tally_converter *program, int file, int out, int said,
                          uint64_t memory, uint64_t seconds)
{
	static const char *const environment[] = { "LC_ALL=C", "HOME=/nonexistent", NULL };

	/* out of the way of 0 to 2 first */
	file = fcntl(file, F_DUPFD, 10);
	out = fcntl(out, F_DUPFD, 10);
	said = fcntl(said, F_DUPFD, 10);
	if (file < 0 || out < 0 || said < 0 || lseek(file, 0, SEEK_SET) != 0 || dup2(file, 0) < 0 ||
	    dup2(out, 1) < 0 || dup2(said, 2) < 0)
		_exit(NOT_STARTED);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXCPU, SIG_DFL);
	tally_sandbox_program(2, memory, 0, seconds);
	execve(program->path, (char *const *)(uintptr_t)program->argv,
	       (char *const *)(uintptr_t)environment);
	_exit(NOT_STARTED);
}

static bool make_pipe(int ends[2])
{
	if (pipe(ends) != 0)
		return false;
	for (int i = 0; i < 2; i++)
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	tally_pipe_widen(ends[0], PIPE);
	return true;
}

static void not_begun(struct tally_conversion *r, int error)
{
	tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_READER_FAILED,
	              "%s could not be started: %s", r->name, strerror(error));
}

static void start(struct tally_conversion *r, const struct tally_converter *program, int fd,
                  const struct tally_limits *limits)
{
	int out[2] = { -1, -1 }, said[2] = { -1, -1 };
	struct stat st;
	uint64_t size = fstat(fd, &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
	uint64_t seconds = limits->convert_seconds + size / BYTES_A_SECOND;

	r->bytes_most = limits->convert_bytes;
	r->deadline_ms = now_ms() + (int64_t)seconds * WALL * 1000;
	r->cpu_least_ms = 1000 * (limits->convert_seconds +
	                          (size / BYTES_A_SECOND < LARGE ? size / BYTES_A_SECOND : LARGE));
	r->line_begins = true;
	r->text = tally_scratch_disk(NULL);
	if (r->text < 0) {
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_NO_SPACE, "for its text: %s",
		              strerror(errno));
		return;
	}
	if (make_pipe(out) && make_pipe(said))
		r->pid = fork();
	if (r->pid == 0 && said[1] >= 0)
		run(program, fd, out[1], said[1], limits->convert_memory + size * MEMORY_A_BYTE,
		    seconds);
	if (r->pid <= 0)
		not_begun(r, errno);
	close_one(&out[1]);
	close_one(&said[1]);
	r->out = out[0];
	r->said = said[0];
}

void tally_convert_begin_by(struct tally_conversion *c, const struct tally_converter *program,
                            int fd, const struct tally_limits *limits)
{
	*c = (struct tally_conversion){
		.name = program->name, .begun = true, .text = -1, .out = -1, .said = -1
	};
	if (program->path)
		start(c, program, fd, limits);
	else
		tally_err_set(&c->why, TALLY_SKIP, TALLY_REASON_LIBRARY_MISSING,
		              "%s, which reads its text", program->name);
}

/* where systems keep it; nothing in a search path is believed */
static const char *installed(void)
{
	static const char *const paths[] = { "/usr/bin/pdftotext", "/usr/local/bin/pdftotext",
		                             "/opt/homebrew/bin/pdftotext", NULL };

	for (const char *const *p = paths; *p; p++)
		if (access(*p, X_OK) == 0)
			return *p;
	return NULL;
}

void tally_convert_begin(struct tally_conversion *c, int fd, const struct tally_limits *limits)
{
	/*
	 * Words one by one: only so a hyphen at the end of a line is not taken away ("5-" and "10" would be 510). The file
	 * by its name: read as "-", of some files words are missing.
	 */
	static const char *const arguments[] = { "pdftotext", "-q",         "-tsv", "-enc",
		                                 "UTF-8",     "/dev/stdin", "-",    NULL };
	const struct tally_converter program = { installed(), "pdftotext", arguments };

	tally_convert_begin_by(c, &program, fd, limits);
}

/* ---- taking in what it writes ---- */

static void stop(struct tally_conversion *r)
{
	if (r->pid > 0)
		kill(r->pid, SIGKILL);
	close_one(&r->out);
	close_one(&r->said);
}

/* Rows of pages begin with a 1; no other row does, and a word has no end of a line in it. */
static void count_pages(struct tally_conversion *r, const char *bytes, size_t len)
{
	for (const char *at = bytes, *end = bytes + len; at < end;) {
		if (r->line_begins && *at == '1')
			r->pages++;
		at = memchr(at, '\n', (size_t)(end - at));
		r->line_begins = at != NULL;
		if (!at++)
			return;
	}
}

static void take_text(struct tally_conversion *r)
{
	char bytes[STEP];
	ssize_t n = tally_io_read(r->out, bytes, sizeof bytes);

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (n == 0) {
		close_one(&r->out);
		return;
	}
	if (n < 0) {
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_READ_ERROR, "reading from %s: %s",
		              r->name, strerror(errno));
		stop(r);
		return;
	}
	r->bytes += (uint64_t)n;
	count_pages(r, bytes, (size_t)n);
	if (r->bytes > r->bytes_most)
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_LIMIT,
		              "convert_bytes: %s wrote more", r->name);
	else if (tally_io_write_all(r->text, bytes, (size_t)n) != 0)
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_NO_SPACE, "for its text: %s",
		              strerror(errno));
	if (r->why.reason)
		stop(r);
}

static void take_complaint(struct tally_conversion *r)
{
	char bytes[1024];
	ssize_t n = tally_io_read(r->said, bytes, sizeof bytes);
	size_t room = sizeof r->complaint - 1 - r->complaint_len;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return;
	if (n <= 0) {
		close_one(&r->said);
		return;
	}
	room = (size_t)n < room ? (size_t)n : room;
	memcpy(r->complaint + r->complaint_len, bytes, room);
	r->complaint_len += room;
}

static bool is_open(const struct tally_conversion *c)
{
	return c->begun && (c->out >= 0 || c->said >= 0);
}

/* Processor time of another process, where the system tells it; otherwise 0. */
static uint64_t cpu_ms(pid_t pid)
{
#ifdef __linux__
	clockid_t clock;
	struct timespec t;

	if (pid > 0 && clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &t) == 0)
		return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
#else
	(void)pid;
#endif
	return 0;
}

/* A large file may take long, as long as there is a page after the other. */
static bool is_stuck(const struct tally_conversion *r)
{
	return cpu_ms(r->pid) > r->cpu_least_ms + r->pages * PAGE_MS;
}

static void check_time(struct tally_conversion *r, int64_t now)
{
	if (!is_open(r) || (now < r->deadline_ms && !is_stuck(r)))
		return;
	tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_LIMIT, "convert_seconds: %s took longer",
	              r->name);
	stop(r);
}

static void take(struct tally_conversion *c, const struct pollfd fds[2])
{
	if (fds[0].revents && c->out >= 0)
		take_text(c);
	if (fds[1].revents && c->said >= 0)
		take_complaint(c);
}

/* Until all of them (at most two) have closed their pipes, or their time is over. */
static void pump(struct tally_conversion *c, size_t count)
{
	struct pollfd fds[4];

	for (;;) {
		int64_t now = now_ms(), next = now + LOOK_MS;
		bool open = false;

		for (size_t i = 0; i < count; i++) {
			check_time(&c[i], now);
			if (is_open(&c[i]) && c[i].deadline_ms < next)
				next = c[i].deadline_ms;
			open |= is_open(&c[i]);
			/* poll passes over descriptors below 0 */
			fds[2 * i] = (struct pollfd){ .fd = c[i].begun ? c[i].out : -1,
				                      .events = POLLIN };
			fds[2 * i + 1] = (struct pollfd){ .fd = c[i].begun ? c[i].said : -1,
				                          .events = POLLIN };
		}
		if (!open)
			return;
		if (poll(fds, (nfds_t)(2 * count), (int)(next - now) + 1) < 0 && errno != EINTR) {
			for (size_t i = 0; i < count; i++)
				if (is_open(&c[i]))
					stop(&c[i]);
			return;
		}
		for (size_t i = 0; i < count; i++)
			take(&c[i], &fds[2 * i]);
	}
}

/* ---- the end ---- */

static bool wanted_memory(const struct tally_conversion *r)
{
	return strstr(r->complaint, "Out of memory") || strstr(r->complaint, "bad_alloc") ||
	       strstr(r->complaint, "annot allocate memory");
}

static void judge(struct tally_conversion *r, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_LIMIT,
		              "convert_seconds: %s took longer", r->name);
	else if (wanted_memory(r))
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_LIMIT,
		              "convert_memory: %s wanted more", r->name);
	else if (WIFSIGNALED(status))
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_READER_FAILED,
		              "%s was ended by signal %d", r->name, WTERMSIG(status));
	else if (WEXITSTATUS(status) == NOT_STARTED)
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_READER_FAILED,
		              "%s could not be started", r->name);
	else
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_DAMAGED, "%s could not read it",
		              r->name);
}

/* Its pipes are closed: it has ended, all but its last step, or pretends to. @return as waitpid */
static pid_t wait_for(struct tally_conversion *r, int *status)
{
	struct timespec pause = { .tv_nsec = 50000 };
	pid_t pid;

	for (;;) {
		bool late = now_ms() >= r->deadline_ms;

		if (late)
			kill(r->pid, SIGKILL);
		pid = waitpid(r->pid, status, late ? 0 : WNOHANG);
		if (pid > 0 || (pid < 0 && errno != EINTR))
			return pid;
		nanosleep(&pause, NULL);
		pause.tv_nsec *= pause.tv_nsec < 10000000 ? 2 : 1;
	}
}

static void finish(struct tally_conversion *r, struct tally_converted *out)
{
	int status = 0;
	pid_t pid;

	*out = (struct tally_converted){ .text = -1 };
	if (!r->begun)
		return;
	pid = r->pid > 0 ? wait_for(r, &status) : 0;
	if (pid < 0 && !r->why.reason)
		tally_err_set(&r->why, TALLY_SKIP, TALLY_REASON_READER_FAILED,
		              "%s ended in an unknown way", r->name);
	if (pid > 0 && !r->why.reason)
		judge(r, status);
	close_one(&r->out);
	close_one(&r->said);
	if (r->why.reason)
		close_one(&r->text);
	out->text = r->text;
	out->why = r->why;
	*r = (struct tally_conversion){ 0 };
}

void tally_convert_end(struct tally_conversion *c, struct tally_converted *out)
{
	pump(c, 1);
	finish(c, out);
}

void tally_convert_end_both(struct tally_conversion c[2], struct tally_converted out[2])
{
	pump(c, 2);
	finish(&c[0], &out[0]);
	finish(&c[1], &out[1]);
}
