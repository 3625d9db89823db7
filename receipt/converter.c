/* pdftotext as a process of its own: see receipt/converter.h. */
#include "receipt/converter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/io.h"
#include "receipt/content.h"
#include "receipt/sandbox.h"

enum {
	HEADER_WITHIN = 1024,
	NOT_STARTED = 126, /* exit status, as of a shell */
	DONE_FD = 3,       /* of the pipe, in the child */
};

/* where systems keep it; nothing in a search path is believed */
static const char *const programs[] = { "/usr/bin/pdftotext", "/usr/local/bin/pdftotext",
	                                "/opt/homebrew/bin/pdftotext", NULL };

static const char *program(void)
{
	for (const char *const *p = programs; *p; p++)
		if (access(*p, X_OK) == 0)
			return *p;
	return NULL;
}

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

/* In the child: only what may follow a fork. */
static _Noreturn void run(const char *path, int pdf, int text, int done,
                          const struct tally_limits *limits)
{
	static const char *const environment[] = { "LC_ALL=C", "HOME=/nonexistent", NULL };
	static const char *const arguments[] = { "pdftotext", "-q", "-enc", "UTF-8", "-eol",
		                                 "unix",      "-",  "-",    NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* out of the way of 0 to 3 first */
	pdf = fcntl(pdf, F_DUPFD, 10);
	text = fcntl(text, F_DUPFD, 10);
	done = fcntl(done, F_DUPFD, 10);
	if (null < 0 || pdf < 0 || text < 0 || done < 0 || lseek(pdf, 0, SEEK_SET) != 0 ||
	    dup2(pdf, 0) < 0 || dup2(text, 1) < 0 || dup2(null, 2) < 0 || dup2(done, DONE_FD) < 0)
		_exit(NOT_STARTED);
	tally_sandbox_program(DONE_FD, limits->worker_memory, limits->text_bytes,
	                      limits->worker_seconds);
	execve(path, (char *const *)(uintptr_t)arguments, (char *const *)(uintptr_t)environment);
	_exit(NOT_STARTED);
}

static void close_one(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

bool tally_convert_begin(struct tally_conversion *c, int fd, const struct tally_limits *limits)
{
	const char *path = program();
	int done[2] = { -1, -1 };

	*c = (struct tally_conversion){ .text = -1, .done = -1 };
	if (!path)
		return false;
	c->text = tally_scratch_disk(NULL);
	if (c->text < 0 || pipe(done) != 0) {
		close_one(&c->text);
		return false;
	}
	fcntl(done[0], F_SETFD, FD_CLOEXEC);
	c->deadline_ms = now_ms() + (int64_t)limits->worker_seconds * 1000;
	c->done = done[0];
	c->pid = fork();
	if (c->pid == 0)
		run(path, fd, c->text, done[1], limits);
	close(done[1]);
	if (c->pid > 0)
		return true;
	c->pid = 0;
	close_one(&c->text);
	close_one(&c->done);
	return false;
}

/* The pipe ends when the last process that holds it has ended. */
static bool wait_for(const struct tally_conversion *c)
{
	for (;;) {
		struct pollfd p = { .fd = c->done, .events = POLLIN };
		int64_t left = c->deadline_ms - now_ms();
		int n;

		if (left <= 0)
			return false;
		n = poll(&p, 1, (int)(left < 1000000 ? left : 1000000));
		if (n > 0)
			return true;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

int tally_convert_end(struct tally_conversion *c)
{
	int status = 0, text = c->text;
	pid_t pid;

	if (!c->pid)
		return -1;
	if (!wait_for(c))
		kill(c->pid, SIGKILL);
	do {
		pid = waitpid(c->pid, &status, 0);
	} while (pid < 0 && errno == EINTR);
	c->pid = 0;
	c->text = -1;
	close_one(&c->done);
	if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return text;
	close(text);
	return -1;
}

bool tally_convert_both(int texts[2], const int fds[2], const struct tally_limits *limits)
{
	struct tally_conversion c[2] = { { .text = -1, .done = -1 }, { .text = -1, .done = -1 } };

	for (int i = 0; i < 2; i++)
		if (fds[i] >= 0 && tally_convertible(fds[i]))
			tally_convert_begin(&c[i], fds[i], limits);
	for (int i = 0; i < 2; i++)
		texts[i] = tally_convert_end(&c[i]);
	return texts[0] >= 0 || texts[1] >= 0;
}

void tally_convert_close(int texts[2])
{
	close_one(&texts[0]);
	close_one(&texts[1]);
}
