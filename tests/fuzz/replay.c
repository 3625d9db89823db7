/*
 * Runs a fuzz target without a fuzzer: over every file of a corpus folder and over small damages of
 * each, the same ones every time. Finds that were once added to the corpus stay found.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	DAMAGES = 64,         /* of each kind, for each file: some milliseconds */
	DAMAGE_MAX = 1 << 16, /* larger files are replayed whole and not damaged, to stay quick */
};

static uint64_t seed = 0x9e3779b97f4a7c15;

/* xorshift64*: small, and the same on every system */
static size_t below(size_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * 0x2545f4914f6cdd1d >> 32) % n);
}

/* A copy of exactly the right size, so that a sanitizer sees the first byte read past the end. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_cut(const uint8_t *data, size_t size)
{
	size_t from = below(size);
	size_t to = from + below(size - from);

	run(data, from);
	run(data + from, size - from);
	run(data + from, to - from);
}

static void run_flipped(const uint8_t *data, size_t size)
{
	static const uint8_t telling[] = { 0, 0xff, 0x80, '"', ',', '\n', '\r', '/', 0xef, 0x7f };
	uint8_t *copy = malloc(size);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	for (size_t i = 0, n = 1 + below(4); i < n; i++) {
		if (below(2))
			copy[below(size)] ^= (uint8_t)(1U << below(8));
		else
			copy[below(size)] = telling[below(sizeof(telling))];
	}
	run(copy, size);
	free(copy);
}

/* Repeats a stretch of the file within it: lengths and counts stop agreeing. */
static void run_repeated(const uint8_t *data, size_t size)
{
	size_t from = below(size);
	size_t length = 1 + below(size - from);
	uint8_t *copy = malloc(size + length);

	if (!copy)
		abort();
	memcpy(copy, data, from + length);
	memcpy(copy + from + length, data + from, size - from);
	run(copy, size + length);
	free(copy);
}

static void replay(const uint8_t *data, size_t size)
{
	run(data, size);
	if (size == 0 || size > DAMAGE_MAX)
		return;
	for (int i = 0; i < DAMAGES; i++) {
		run_cut(data, size);
		run_flipped(data, size);
		run_repeated(data, size);
	}
}

static int replay_folder(const char *path)
{
	int files = 0;
	struct dirent **names = NULL;
	int count = scandir(path, &names, NULL, alphasort);

	if (count < 0 && errno == ENOENT)
		return 0;
	if (count < 0) {
		perror(path);
		exit(2);
	}
	for (int i = 0; i < count; i++) {
		char file[4096];
		size_t size;

		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.') {
			uint8_t *data = scratch_slurp(file, &size);

			replay(data, size);
			free(data);
			files++;
		}
		free(names[i]);
	}
	free(names);
	return files;
}

int main(int argc, char **argv)
{
	int files = 0;
	static const uint8_t plain[] = "a,\"b\"\"c\"\r\n\0\xef\xbb\xbf\xff/../*!x[a-z]\n";

	replay(plain, 0);
	replay(plain, sizeof(plain) - 1);
	for (int i = 1; i < argc; i++)
		files += replay_folder(argv[i]);
	printf("%d corpus files, damaged in %d ways each\n", files, DAMAGES * 5);
	return 0;
}
