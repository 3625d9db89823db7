/* walk: the least work that a snapshot of a folder can do, without error handling.
 *
 *   walk stat THREADS DIR   list with getdents64, statx every entry relative to its open folder
 *   walk hash THREADS DIR   and read every regular file, and hash it with XXH3-128
 *
 * The threads share one stack of folders. A file belongs to the thread that listed its folder, except that files of SPLIT
 * bytes and more go on the shared stack too.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SPLIT = 4 << 20, BUFFER = 256 << 10, LIST = 64 << 10, THREADS = 64 };

struct entry { /* what getdents64 gives */
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

struct item {
	char *path;
	int is_dir;
};

struct worker {
	char *buf, *list;
	uint64_t files, dirs, bytes, sum;
	XXH3_state_t *state;
};

static int hashing, threads;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;
static struct item *stack;
static size_t top, cap;
static int busy;
static struct worker total;

static void push(char *path, int is_dir)
{
	pthread_mutex_lock(&lock);
	if (top == cap)
		stack = realloc(stack, (cap = cap ? 2 * cap : 1024) * sizeof *stack);
	stack[top++] = (struct item){ path, is_dir };
	pthread_cond_signal(&wake);
	pthread_mutex_unlock(&lock);
}

static void hash_file(struct worker *w, int at, const char *name, uint64_t size)
{
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int started = 0;
	ssize_t n;

	if (fd < 0)
		return;
	while ((n = read(fd, w->buf, BUFFER)) > 0) {
		w->bytes += (uint64_t)n;
		if (!started && (uint64_t)n == size) { /* the whole file in one read */
			w->sum ^= XXH3_128bits(w->buf, (size_t)n).low64;
			break;
		}
		if (!started)
			XXH3_128bits_reset(w->state);
		started = 1;
		XXH3_128bits_update(w->state, w->buf, (size_t)n);
	}
	if (started)
		w->sum ^= XXH3_128bits_digest(w->state).low64;
	close(fd);
}

static void push_below(const char *path, size_t len, const struct entry *e)
{
	size_t name_len = strlen(e->name);
	char *below = malloc(len + name_len + 2);

	memcpy(below, path, len);
	below[len] = '/';
	memcpy(below + len + 1, e->name, name_len + 1);
	push(below, e->type == DT_DIR);
}

static int is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static void take(struct worker *w, int dir, const char *path, size_t len, const struct entry *e)
{
	struct statx st;

	if (is_dots(e->name) ||
	    statx(dir, e->name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
	          STATX_TYPE | STATX_MODE | STATX_SIZE | STATX_MTIME | STATX_INO, &st))
		return;
	if (e->type == DT_DIR ||
	    (e->type == DT_REG && hashing && threads > 1 && st.stx_size >= SPLIT)) {
		push_below(path, len, e);
	} else if (e->type == DT_REG) {
		w->files++;
		if (hashing)
			hash_file(w, dir, e->name, st.stx_size);
		else
			w->bytes += st.stx_size;
	}
}

static void list_dir(struct worker *w, const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	size_t len = strlen(path);
	long n;

	if (fd < 0)
		return;
	w->dirs++;
	while ((n = syscall(SYS_getdents64, fd, w->list, LIST)) > 0) {
		for (long i = 0; i < n;) {
			const struct entry *e = (const struct entry *)(w->list + i);

			take(w, fd, path, len, e);
			i += e->len;
		}
	}
	close(fd);
}

static void do_item(struct worker *w, struct item it)
{
	struct stat st;

	if (it.is_dir) {
		list_dir(w, it.path);
	} else if (!stat(it.path, &st)) {
		w->files++;
		hash_file(w, AT_FDCWD, it.path, (uint64_t)st.st_size);
	}
	free(it.path);
}

static void *work(void *arg)
{
	struct worker w = { malloc(BUFFER), malloc(LIST), 0, 0, 0, 0, XXH3_createState() };

	(void)arg;
	pthread_mutex_lock(&lock);
	for (;;) {
		while (!top && busy)
			pthread_cond_wait(&wake, &lock);
		if (!top)
			break;
		struct item it = stack[--top];
		busy++;
		pthread_mutex_unlock(&lock);
		do_item(&w, it);
		pthread_mutex_lock(&lock);
		if (!--busy && !top)
			pthread_cond_broadcast(&wake);
	}
	total.files += w.files;
	total.dirs += w.dirs;
	total.bytes += w.bytes;
	total.sum ^= w.sum;
	pthread_cond_broadcast(&wake);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t th[THREADS];

	if (argc != 4 || (threads = atoi(argv[2])) < 1 || threads > THREADS)
		return 2;
	hashing = !strcmp(argv[1], "hash");
	push(strdup(argv[3]), 1);
	for (int i = 0; i < threads; i++)
		pthread_create(&th[i], NULL, work, NULL);
	for (int i = 0; i < threads; i++)
		pthread_join(th[i], NULL);
	printf("%llu files, %llu folders, %llu bytes, %016llx\n", (unsigned long long)total.files,
	       (unsigned long long)total.dirs, (unsigned long long)total.bytes,
	       (unsigned long long)total.sum);
	return 0;
}
