/*
 * Walks with many readers while the folder changes under them, for ThreadSanitizer and AddressSanitizer: files and folders come,
 * go and are swapped for other types. What comes out must be a sound tree; which one, nobody can say.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "snap/walk.h"
#include "support/scratch.h"

enum { FOLDERS = 12, FILES = 150, WALKS = 12, CHANGERS = 2 };

static struct scratch s;
static atomic_bool over;

static void place(char *out, size_t size, unsigned folder, unsigned file)
{
	snprintf(out, size, "%s/d%u/e%u/f%u", s.path, folder % FOLDERS, folder % 3, file % FILES);
}

static void make_all(void)
{
	char rel[64], old[64];

	for (unsigned d = 0; d < FOLDERS; d++) {
		for (unsigned f = 0; f < FILES; f++) {
			snprintf(rel, sizeof rel, "d%u/e%u/f%u", d, d % 3, f);
			scratch_puts(&s, rel, rel);
		}
		snprintf(old, sizeof old, "d%u/e%u/f0", d, d % 3);
		snprintf(rel, sizeof rel, "d%u/link", (d + 1) % FOLDERS);
		scratch_link(&s, old, rel);
		snprintf(rel, sizeof rel, "d%u/.tallyignore", d);
		if (d % 4 == 0)
			scratch_puts(&s, rel, "*9\n");
	}
}

static void swap_one(unsigned n)
{
	char path[4200], other[4200];
	int fd;

	place(path, sizeof path, n, n * 7);
	place(other, sizeof other, n + 1, n * 5);
	remove(path);
	switch (n % 5) {
	case 0:
		(void)!symlink("/etc/passwd", path);
		break;
	case 1:
		mkdir(path, 0700);
		break;
	case 2:
		mkfifo(path, 0600);
		break;
	case 3:
		(void)!link(other, path);
		break;
	default:
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0600);
		if (fd >= 0)
			(void)!write(fd, path, n % 30);
		if (fd >= 0)
			close(fd);
	}
	if (n % 50 == 0) {
		snprintf(other, sizeof other, "%s/moved%u", s.path, n % 3);
		snprintf(path, sizeof path, "%s/d%u", s.path, n % FOLDERS);
		if (rename(path, other) == 0)
			(void)!rename(other, path);
	}
}

static void *change(void *payload)
{
	unsigned n = *(unsigned *)payload;

	while (!atomic_load(&over))
		swap_one(n += 3);
	return NULL;
}

static void progress(void *payload, const struct tally_progress *p)
{
	(void)payload;
	(void)p;
}

static int check(const struct tally_walked *w)
{
	const struct tally_walk_totals *t = &w->totals;
	struct tally_tree *tree = NULL;
	struct tally_err err;
	int bad = 0;

	if (tally_walked_tree(w, &tree, &err) < 0) {
		printf("no sound tree: %s\n", err.message);
		return 1;
	}
	if (t->entries != tree->entry_count || t->files != t->hashed + t->stat + t->unread)
		bad = 1;
	tally_tree_free(tree);
	return bad;
}

int main(void)
{
	struct tally_snap_options o = TALLY_SNAP_OPTIONS_INIT;
	unsigned starts[CHANGERS] = { 0, 1 };
	pthread_t threads[CHANGERS];
	struct tally_key key;
	int bad = 0;

	scratch_make(&s);
	make_all();
	tally_key_from_seed(&key, 1);
	for (int i = 0; i < CHANGERS; i++)
		pthread_create(&threads[i], NULL, change, &starts[i]);
	o.progress = progress;
	for (int i = 0; !bad && i < WALKS; i++) {
		struct tally_walked *w = NULL;
		struct tally_err err = { .status = TALLY_OK };
		const char *root = s.path;

		o.readers = (unsigned)(1 + i * 3);
		if (tally_walk(&root, 1, &o, &key, NULL, &w, &err) < 0) {
			printf("walk failed: %s\n", err.message);
			bad = 1;
			break;
		}
		bad = check(w);
		tally_walked_free(w);
	}
	atomic_store(&over, true);
	for (int i = 0; i < CHANGERS; i++)
		pthread_join(threads[i], NULL);
	scratch_remove(&s);
	puts(bad ? "bad" : "good");
	return bad;
}
