/* sqlsnap: the least work that comparing two stored snapshots can do, without error handling.
 *
 *   sqlsnap make DIR N            seeded lists of N files, DIR/before.db and DIR/after.db: one packed blob a folder in SQLite,
 *                                 1 % changed, 1 % deleted, 1 % added, 1 % moved
 *   sqlsnap diff BEFORE AFTER     read both back (a thread each), merge by path, pair the rest by hash, print the counts
 *
 * Mean path 60 bytes, N / 20 folders. What it leaves out: everything but size, mtime and hash, ambiguous pairs, the output.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HASH = 16, BLOCK = 1 << 20, PATH = 4096 };

struct file {
	char *path;
	uint32_t slash, len; /* where the name begins, where it ends */
	int64_t size, mtime;
	unsigned char hash[HASH];
};

struct list {
	const char *db;
	struct file *f;
	size_t n, cap;
	char *free, *end; /* room for paths */
};

/* ---- making ---- */

static const char *const word[] = { "invoice", "report", "budget",  "meeting", "contract",
	                            "draft",   "client", "summary", "photo",   "letter" };
static const char *const ext[] = { "pdf", "docx", "xlsx", "jpg", "txt", "eml" };
static uint64_t seed = 88172645463325252u;
static size_t folders;

static uint64_t rnd(void) /* xorshift64 */
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

static void name_it(struct file *f, size_t id)
{
	char b[200];
	size_t d = rnd() % folders;
	int k = snprintf(b, sizeof b, "%s %zu/%s %zu/%s %zu", word[d % 10], d % 40,
	                 word[d / 40 % 10], d % 1500, word[d / 7 % 10], d);

	f->slash = (uint32_t)k;
	k += snprintf(b + k, sizeof b - (size_t)k, "/%s %s %zu.%s", word[rnd() % 10],
	              word[rnd() % 10], id, ext[rnd() % 6]);
	f->len = (uint32_t)k;
	f->path = strdup(b);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static void make_lists(struct list *a, struct list *b, size_t n)
{
	folders = n / 20 + 1;
	a->f = calloc(n, sizeof *a->f);
	b->f = calloc(2 * n, sizeof *b->f);
	for (size_t i = 0; i < n; i++) {
		struct file *f = &a->f[a->n++], *g;
		unsigned fate = rnd() % 100;

		name_it(f, i);
		f->size = (int64_t)(rnd() % 200000);
		f->mtime = 1700000000000000000 - (int64_t)(rnd() % 100000000) * 1000000000;
		for (int k = 0; k < HASH; k++)
			f->hash[k] = (unsigned char)(rnd() >> 20);
		if (fate == 0) /* deleted */
			continue;
		g = &b->f[b->n++];
		*g = *f;
		if (fate == 1) /* changed */
			g->hash[0] ^= 1;
		if (fate == 2) /* moved */
			name_it(g, i);
		if (fate == 3) { /* another one added */
			g = &b->f[b->n++];
			*g = *f;
			g->hash[3] ^= 255;
			name_it(g, n + i);
		}
	}
	qsort(a->f, a->n, sizeof *a->f, by_path);
	qsort(b->f, b->n, sizeof *b->f, by_path);
}

/* ---- storing ---- */

static void check(int bad, sqlite3 *db)
{
	if (bad) {
		fprintf(stderr, "sqlsnap: %s\n", sqlite3_errmsg(db));
		exit(2);
	}
}

static size_t put(unsigned char *o, uint64_t v)
{
	size_t n = 0;

	for (; v > 127; v >>= 7)
		o[n++] = (unsigned char)(v | 128);
	o[n++] = (unsigned char)v;
	return n;
}

static uint64_t get(const unsigned char **p)
{
	uint64_t v = 0;
	int shift = 0;

	for (; **p & 128; shift += 7)
		v |= (uint64_t)(*(*p)++ & 127) << shift;
	return v | (uint64_t) * (*p)++ << shift;
}

static size_t pack(unsigned char *o, const struct file *f)
{
	size_t len = f->len - f->slash - 1, n = put(o, len);

	memcpy(o + n, f->path + f->slash + 1, len);
	n += len;
	n += put(o + n, (uint64_t)f->size);
	memcpy(o + n, &f->mtime, 8);
	memcpy(o + n + 8, f->hash, HASH);
	return n + 8 + HASH;
}

static int same_folder(const struct file *a, const struct file *b)
{
	return a->slash == b->slash && !memcmp(a->path, b->path, a->slash);
}

static void store(const char *path, const struct list *l)
{
	unsigned char *blob = malloc(64u << 20);
	sqlite3_stmt *ins;
	sqlite3 *db;

	unlink(path);
	check(sqlite3_open(path, &db), db);
	check(sqlite3_exec(db,
	                   "begin;"
	                   "create table folder(id integer primary key, path text, n int, body blob)",
	                   NULL, NULL, NULL),
	      db);
	check(sqlite3_prepare_v2(db, "insert into folder values(null,?1,?2,?3)", -1, &ins, NULL), db);
	for (size_t i = 0; i < l->n;) {
		const struct file *first = &l->f[i];
		size_t len = 0, n = 0;

		for (; i < l->n && same_folder(first, &l->f[i]); i++, n++)
			len += pack(blob + len, &l->f[i]);
		sqlite3_bind_text(ins, 1, first->path, (int)first->slash, SQLITE_STATIC);
		sqlite3_bind_int64(ins, 2, (sqlite3_int64)n);
		sqlite3_bind_blob(ins, 3, blob, (int)len, SQLITE_STATIC);
		check(sqlite3_step(ins) != SQLITE_DONE, db);
		sqlite3_reset(ins);
	}
	sqlite3_finalize(ins);
	check(sqlite3_exec(db, "commit", NULL, NULL, NULL), db);
	sqlite3_close(db);
	free(blob);
}

/* ---- comparing ---- */

static void unpack(struct list *l, const unsigned char **p, const char *dir, size_t dir_len)
{
	struct file *f;
	size_t len = get(p);

	if (l->n == l->cap)
		l->f = realloc(l->f, (l->cap = l->cap ? 2 * l->cap : 1 << 16) * sizeof *l->f);
	if (l->end - l->free < PATH)
		l->end = (l->free = malloc(BLOCK)) + BLOCK;
	f = &l->f[l->n++];
	f->path = l->free;
	f->slash = (uint32_t)dir_len;
	f->len = (uint32_t)(dir_len + 1 + len);
	memcpy(f->path, dir, dir_len);
	f->path[dir_len] = '/';
	memcpy(f->path + dir_len + 1, *p, len);
	f->path[f->len] = 0;
	l->free += f->len + 1;
	*p += len;
	f->size = (int64_t)get(p);
	memcpy(&f->mtime, *p, 8);
	memcpy(f->hash, *p + 8, HASH);
	*p += 8 + HASH;
}

static void *fetch(void *arg)
{
	struct list *l = arg;
	sqlite3_stmt *s;
	sqlite3 *db;

	check(sqlite3_open(l->db, &db), db);
	check(sqlite3_prepare_v2(db, "select path, n, body from folder order by id", -1, &s, NULL),
	      db);
	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *dir = (const char *)sqlite3_column_text(s, 0);
		size_t dir_len = (size_t)sqlite3_column_bytes(s, 0);
		const unsigned char *p = sqlite3_column_blob(s, 2);

		for (int k = sqlite3_column_int(s, 1); k--;)
			unpack(l, &p, dir, dir_len);
	}
	sqlite3_finalize(s);
	sqlite3_close(db);
	return NULL;
}

static uint64_t low(const struct file *f)
{
	uint64_t v;

	memcpy(&v, f->hash, 8);
	return v;
}

static size_t count_moved(const struct list *a, const uint32_t *gone, size_t n_gone,
                          const struct list *b, const uint32_t *new, size_t n_new)
{
	size_t slots = 2, moved = 0;

	while (slots < 2 * n_gone)
		slots *= 2;
	uint32_t *at = calloc(slots, sizeof *at);
	for (size_t k = 0; k < n_gone; k++) {
		size_t s = low(&a->f[gone[k]]) & (slots - 1);

		while (at[s])
			s = (s + 1) & (slots - 1);
		at[s] = gone[k] + 1;
	}
	for (size_t k = 0; k < n_new; k++) {
		const struct file *g = &b->f[new[k]];
		size_t s = low(g) & (slots - 1);

		while (at[s] && memcmp(a->f[at[s] - 1].hash, g->hash, HASH))
			s = (s + 1) & (slots - 1);
		moved += at[s] != 0;
	}
	free(at);
	return moved;
}

static void compare(const struct list *a, const struct list *b)
{
	uint32_t *gone = malloc((a->n + 1) * sizeof *gone), *new = malloc((b->n + 1) * sizeof *new);
	size_t i = 0, j = 0, n_gone = 0, n_new = 0, changed = 0;

	while (i < a->n || j < b->n) {
		const struct file *x = &a->f[i], *y = &b->f[j];
		int order = i == a->n ? 1 : j == b->n ? -1 : strcmp(x->path, y->path);

		if (order < 0) {
			gone[n_gone++] = (uint32_t)i++;
		} else if (order > 0) {
			new[n_new++] = (uint32_t)j++;
		} else {
			changed += x->size != y->size || memcmp(x->hash, y->hash, HASH) != 0;
			i++;
			j++;
		}
	}
	size_t moved = count_moved(a, gone, n_gone, b, new, n_new);
	printf("%zu -> %zu files: %zu changed, %zu moved, %zu deleted, %zu added\n", a->n, b->n,
	       changed, moved, n_gone - moved, n_new - moved);
}

int main(int argc, char **argv)
{
	struct list a = { 0 }, b = { 0 };
	char path[PATH];
	pthread_t other;

	if (argc != 4)
		return 2;
	if (!strcmp(argv[1], "make")) {
		make_lists(&a, &b, (size_t)atol(argv[3]));
		snprintf(path, sizeof path, "%s/before.db", argv[2]);
		store(path, &a);
		snprintf(path, sizeof path, "%s/after.db", argv[2]);
		store(path, &b);
		return 0;
	}
	a.db = argv[2];
	b.db = argv[3];
	pthread_create(&other, NULL, fetch, &a);
	fetch(&b);
	pthread_join(other, NULL);
	compare(&a, &b);
	return 0;
}
