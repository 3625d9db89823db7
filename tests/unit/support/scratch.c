/* Scratch folders for tests. */
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { NOBODY = 65534 };

extern char **environ;

struct scratch_note {
	struct scratch_note *next;
	char *text;
};

static _Noreturn void die(const char *what, const char *path)
{
	fprintf(stderr, "scratch: cannot %s '%s': %s\n", what, path, strerror(errno));
	abort();
}

static const char *keep(struct scratch *s, char *text)
{
	struct scratch_note *note = malloc(sizeof(*note));

	if (!note || !text)
		die("keep", "a string");
	*note = (struct scratch_note){ .next = s->notes, .text = text };
	s->notes = note;
	return text;
}

static char *join(const char *folder, const char *rel)
{
	size_t size = strlen(folder) + strlen(rel) + 2;
	char *path = malloc(size);

	if (!path)
		die("name", rel);
	snprintf(path, size, "%s/%s", folder, rel);
	return path;
}

void scratch_make(struct scratch *s)
{
	const char *base = getenv("TMPDIR");
	char *path = join(base && *base ? base : "/tmp", "tally-test-XXXXXX");

	if (!mkdtemp(path))
		die("make", path);
	*s = (struct scratch){ .path = realpath(path, NULL) };
	if (!s->path)
		die("resolve", path);
	free(path);
}

int scratch_fd(const void *bytes, size_t size)
{
	FILE *file = tmpfile();
	int fd;

	if (!file || fwrite(bytes, 1, size, file) != size || fflush(file) != 0)
		die("make", "a file without a name");
	rewind(file);
	fd = dup(fileno(file));
	if (fd < 0)
		die("open", "a file without a name");
	fclose(file);
	return fd;
}

/* Runs "@program @option @argument @path" and waits for it. */
static void command(const char *program, const char *option, const char *argument, const char *path)
{
	pid_t pid;
	int status = 0;
	const char *words[] = { program, option, argument, path, NULL };
	char *argv[sizeof(words) / sizeof(*words)];

	memcpy(argv, words, sizeof(words)); /* posix_spawn wants them without const */
	errno = posix_spawnp(&pid, program, NULL, NULL, argv, environ);
	if (errno)
		die("run", program);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status != 0)
		die(program, path);
}

void scratch_remove(struct scratch *s)
{
	/* chmod and rm cope with any depth and never follow a link; no code here does it better */
	if (s->path) {
		command("chmod", "-R", "u+rwX", s->path);
		command("rm", "-rf", "--", s->path);
	}
	free(s->path);
	while (s->notes) {
		struct scratch_note *next = s->notes->next;

		free(s->notes->text);
		free(s->notes);
		s->notes = next;
	}
	*s = (struct scratch){ 0 };
}

const char *scratch_path(struct scratch *s, const char *rel)
{
	if (!*rel || strcmp(rel, ".") == 0)
		return s->path;
	return keep(s, join(s->path, rel));
}

/* Makes everything in front of each slash after the first @base bytes of @path. */
static void make_parents(char *path, size_t base)
{
	for (char *slash = strchr(path + base + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			die("make", path);
		*slash = '/';
	}
}

static const char *place(struct scratch *s, const char *rel)
{
	char *path = join(s->path, rel);

	make_parents(path, strlen(s->path));
	return keep(s, path);
}

const char *scratch_mkdirs(struct scratch *s, const char *rel)
{
	const char *path = place(s, rel);

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		die("make", path);
	return path;
}

static const char *write_with(struct scratch *s, const char *rel, const void *bytes, size_t size,
                              int flags)
{
	const char *path = place(s, rel);
	const char *at = bytes;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

	if (fd < 0)
		die("open", path);
	while (size > 0) {
		ssize_t n = write(fd, at, size);

		if (n < 0)
			die("write", path);
		at += n;
		size -= (size_t)n;
	}
	if (close(fd) < 0)
		die("close", path);
	return path;
}

const char *scratch_write(struct scratch *s, const char *rel, const void *bytes, size_t size)
{
	return write_with(s, rel, bytes, size, O_TRUNC);
}

const char *scratch_puts(struct scratch *s, const char *rel, const char *text)
{
	return write_with(s, rel, text, strlen(text), O_TRUNC);
}

const char *scratch_append(struct scratch *s, const char *rel, const char *text)
{
	return write_with(s, rel, text, strlen(text), O_APPEND);
}

void *scratch_slurp(const char *path, size_t *size)
{
	size_t have = 0;
	size_t room = 4096;
	char *bytes = malloc(room + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || !bytes)
		die("open", path);
	for (;;) {
		ssize_t n = read(fd, bytes + have, room - have);

		if (n < 0)
			die("read", path);
		if (n == 0)
			break;
		have += (size_t)n;
		if (have == room) {
			room *= 2;
			bytes = realloc(bytes, room + 1);
			if (!bytes)
				die("read", path);
		}
	}
	close(fd);
	bytes[have] = '\0';
	if (size)
		*size = have;
	return bytes;
}

const char *scratch_read(struct scratch *s, const char *rel, size_t *size)
{
	return keep(s, scratch_slurp(scratch_path(s, rel), size));
}

bool scratch_exists(struct scratch *s, const char *rel)
{
	struct stat st;

	return lstat(scratch_path(s, rel), &st) == 0;
}

const char *scratch_symlink(struct scratch *s, const char *target, const char *rel)
{
	const char *path = place(s, rel);

	if (symlink(target, path) < 0)
		die("link", path);
	return path;
}

const char *scratch_link(struct scratch *s, const char *old, const char *rel)
{
	const char *path = place(s, rel);

	if (link(scratch_path(s, old), path) < 0)
		die("link", path);
	return path;
}

const char *scratch_move(struct scratch *s, const char *from, const char *to)
{
	const char *path = place(s, to);

	if (rename(scratch_path(s, from), path) < 0)
		die("move", path);
	return path;
}

void scratch_unlink(struct scratch *s, const char *rel)
{
	const char *path = scratch_path(s, rel);

	if (remove(path) < 0)
		die("remove", path);
}

void scratch_chmod(struct scratch *s, const char *rel, mode_t mode)
{
	const char *path = scratch_path(s, rel);

	if (chmod(path, mode) < 0)
		die("change the mode of", path);
}

void scratch_touch(struct scratch *s, const char *rel, time_t seconds, long nanoseconds)
{
	const char *path = scratch_path(s, rel);
	struct timespec times[2] = {
		{ .tv_sec = seconds, .tv_nsec = nanoseconds },
		{ .tv_sec = seconds, .tv_nsec = nanoseconds },
	};

	if (utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0)
		die("touch", path);
}

void scratch_leave_root(struct scratch *s)
{
	if (geteuid() != 0)
		return;
	command("chown", "-hR", "65534:65534", s->path);
	if (setgid(NOBODY) < 0 || setuid(NOBODY) < 0)
		die("leave root, with", s->path);
#ifdef __linux__
	/* Giving up root makes a process untraceable, and the leak check has to trace itself. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
#endif
}
