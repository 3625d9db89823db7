/* Threads of a snapshot: keeping with several workers, two files opened at once, contents asked for from several threads. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/scratch.h"

#include "core/limits.h"
#include "snap/snapshot.h"

enum { FILES = 400, THREADS = 4 };

static struct scratch s;
static const char *path;
static struct tally_snapshot *shared;

static void need(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "stress: %s\n", what);
	exit(1);
}

static void make_folder(void)
{
	static char bytes[3 << 20];
	char name[64];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * i >> 3);
	for (int i = 0; i < FILES; i++) {
		snprintf(name, sizeof name, "root/%d/%d", i % 9, i);
		scratch_write(&s, name, bytes + i, (size_t)i * 100);
	}
	scratch_write(&s, "root/large", bytes, sizeof bytes);
	scratch_write(&s, "root/large too", bytes + 1, sizeof bytes - 1);
	scratch_mkdirs(&s, "out");
	path = scratch_path(&s, "out/x");
}

static void take(unsigned readers)
{
	static const struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_snap_options o = TALLY_SNAP_OPTIONS_INIT;
	const char *roots[] = { scratch_path(&s, "root") };
	struct tally_err err = { 0 };

	o.limits = &limits;
	o.keep = TALLY_KEEP_ALL;
	o.readers = readers;
	need(tally_snapshot_take(NULL, roots, 1, path, &o, &err) == TALLY_OK, err.message);
}

static void *open_one(void *payload)
{
	struct tally_snapshot *snap = NULL;

	(void)payload;
	need(tally_snapshot_open(&snap, path, NULL) == TALLY_OK, "opening");
	need(tally_snapshot_info(snap)->kept_files == FILES + 1, "another number of contents");
	tally_snapshot_close(snap);
	return NULL;
}

static void *read_all(void *payload)
{
	const struct tally_tree *tree = tally_snapshot_tree(shared);
	FILE *file = tmpfile();

	(void)payload;
	for (uint32_t i = 0; i < tree->entry_count; i++) {
		const struct tally_entry *e = &tree->entries[i];

		if (e->type == TALLY_TYPE_FILE)
			need(tally_snapshot_content(shared, &e->digest, fileno(file), NULL, NULL) ==
			             TALLY_OK,
			     "unpacking");
	}
	fclose(file);
	return NULL;
}

static void in_threads(void *(*work)(void *))
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, work, NULL) == 0, "starting a thread");
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	scratch_make(&s);
	make_folder();
	take(1);
	take(8);
	in_threads(open_one);
	need(tally_snapshot_open(&shared, path, NULL) == TALLY_OK, "opening");
	in_threads(read_all);
	tally_snapshot_close(shared);
	scratch_remove(&s);
	return 0;
}
