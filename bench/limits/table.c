/* table: the least work that comparing two CSV files by their first column can do, without error handling.
 *
 *   table THREADS BEFORE AFTER   (1, or 2: one a file)
 *
 * Both files are read whole and split into rows (quotes respected, 64 bytes a step), rows and keys are hashed raw, rows are
 * joined by key, and fields are parsed only where the bytes of a row differ. Prints changed cells and rows, and rows added,
 * deleted and moved. What it leaves out: header, encodings, duplicate keys, ragged rows, the natures of changes, the output.
 */
#include <fcntl.h>
#include <immintrin.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { PADDING = 128 }; /* newlines behind the text, so that vector loads need no end check */

struct row {
	const char *p; /* the key is here, or one further inside quotes */
	uint32_t len, key_len;
	uint64_t hash, key_hash;
};

struct table {
	const char *path;
	char *text;
	size_t len;
	struct row *rows;
	size_t count, cap;
};

static void slurp(struct table *t)
{
	int fd = open(t->path, O_RDONLY);
	struct stat st;
	size_t at = 0;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st)) {
		perror(t->path);
		exit(2);
	}
	t->len = (size_t)st.st_size;
	t->text = malloc(t->len + PADDING);
	while (at < t->len && (n = read(fd, t->text + at, t->len - at)) > 0)
		at += (size_t)n;
	memset(t->text + t->len, '\n', PADDING);
	close(fd);
}

/* the next ',' or '\n' at or after p */
static inline const char *next_separator(const char *p)
{
#ifdef __AVX2__
	const __m256i comma = _mm256_set1_epi8(','), line = _mm256_set1_epi8('\n');

	for (;; p += 32) {
		__m256i v = _mm256_loadu_si256((const void *)p);
		uint32_t m = (uint32_t)_mm256_movemask_epi8(
			_mm256_or_si256(_mm256_cmpeq_epi8(v, comma), _mm256_cmpeq_epi8(v, line)));
		if (m)
			return p + __builtin_ctz(m);
	}
#else
	while (*p != ',' && *p != '\n')
		p++;
	return p;
#endif
}

/* one field at p: its end, and whether it is the row's last. @return the start of the next field */
static inline const char *field(const char *p, const char *e, const char **end, int *last)
{
	if (*p == '"') {
		const char *q = p + 1;

		for (;;) {
			q = memchr(q, '"', (size_t)(e - q));
			if (!q) {
				q = e;
				break;
			}
			if (q[1] != '"') {
				q++;
				break;
			}
			q += 2;
		}
		p = q;
	} else {
		p = next_separator(p);
	}
	if (p > e)
		p = e;
	*end = p;
	*last = p >= e || *p != ',';
	return p + 1;
}

static inline void add_row(struct table *t, const char *start, const char *end)
{
	int quoted = *start == '"', last;
	const char *key_end;

	if (t->count == t->cap)
		t->rows = realloc(t->rows, (t->cap *= 2) * sizeof *t->rows);
	if (quoted)
		field(start, end, &key_end, &last);
	else
		key_end = next_separator(start);
	size_t key_len = (size_t)(key_end - start) - 2 * (size_t)quoted;
	t->rows[t->count++] = (struct row){
		start,
		(uint32_t)(end - start),
		(uint32_t)key_len,
		XXH3_64bits(start, (size_t)(end - start)),
		XXH3_64bits(start + quoted, key_len),
	};
}

#if defined(__AVX2__) && defined(__PCLMUL__)
static inline uint64_t mask64(const char *p, char c)
{
	const __m256i v = _mm256_set1_epi8(c);
	__m256i a = _mm256_loadu_si256((const void *)p);
	__m256i b = _mm256_loadu_si256((const void *)(p + 32));
	uint32_t lo = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, v));
	uint32_t hi = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, v));

	return lo | (uint64_t)hi << 32;
}

/* a bit for every byte behind an odd number of quotes: a carry-less multiplication by all ones adds up the bits below */
static inline uint64_t quoted64(uint64_t quotes, uint64_t inside)
{
	__m128i sum = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)quotes),
	                                   _mm_set1_epi8((char)0xff), 0);

	return (uint64_t)_mm_cvtsi128_si64(sum) ^ inside;
}

static void split(struct table *t)
{
	const char *start = t->text, *e = t->text + t->len;
	uint64_t inside = 0;

	for (const char *b = start; b < e; b += 64) {
		uint64_t quoted = quoted64(mask64(b, '"'), inside);

		inside = (uint64_t)((int64_t)quoted >> 63);
		for (uint64_t l = mask64(b, '\n') & ~quoted; l; l &= l - 1) {
			const char *end = b + __builtin_ctzll(l);

			if (end > e || start >= e)
				break;
			add_row(t, start, end);
			start = end + 1;
		}
	}
}
#else
static void split(struct table *t)
{
	const char *start = t->text, *e = t->text + t->len;
	int inside = 0;

	for (const char *end = start; end <= e && start < e; end++) {
		if (*end == '"') {
			inside ^= 1;
		} else if (*end == '\n' && !inside) {
			add_row(t, start, end);
			start = end + 1;
		}
	}
}
#endif

static void *load(void *arg)
{
	struct table *t = arg;

	slurp(t);
	t->cap = t->len / 64 + 16;
	t->rows = malloc(t->cap * sizeof *t->rows);
	split(t);
	return NULL;
}

static const char *key(const struct row *r)
{
	return r->p + (*r->p == '"');
}

/* outer quotes and the CR of a line end are not part of a value */
static size_t value(const char **p, const char *end)
{
	if (end[-1] == '\r')
		end--;
	if (**p == '"' && end > *p + 1) {
		(*p)++;
		end--;
	}
	return (size_t)(end - *p);
}

static size_t changed_cells(const struct table *a, const struct row *x, const struct table *b,
                            const struct row *y)
{
	const char *p = x->p, *q = y->p, *p_end, *q_end;
	size_t cells = 0;

	for (int last_p = 0, last_q = 0; !last_p && !last_q;) {
		const char *v = p, *w = q;

		p = field(p, a->text + a->len, &p_end, &last_p);
		q = field(q, b->text + b->len, &q_end, &last_q);
		size_t n = value(&v, p_end), m = value(&w, q_end);
		cells += n != m || memcmp(v, w, n) != 0;
	}
	return cells;
}

/* rows of the longest run that kept its order: the tops of patience piles */
static size_t longest_run(const uint32_t *match, size_t count)
{
	uint32_t *pile = malloc((count + 1) * sizeof *pile);
	size_t piles = 0;

	for (size_t j = 0; j < count; j++) {
		uint32_t m = match[j];
		size_t lo = 0, hi = piles;

		if (!m)
			continue;
		if (!piles || pile[piles - 1] < m) {
			pile[piles++] = m;
			continue;
		}
		while (lo < hi) {
			size_t mid = (lo + hi) / 2;

			if (pile[mid] < m)
				lo = mid + 1;
			else
				hi = mid;
		}
		pile[lo] = m;
	}
	free(pile);
	return piles;
}

struct index {
	uint32_t *at; /* number of a row, from 1 */
	size_t mask;
};

static struct index index_keys(const struct table *t)
{
	size_t slots = 1;

	while (slots < 2 * t->count)
		slots *= 2;
	struct index index = { calloc(slots, sizeof *index.at), slots - 1 };
	for (size_t i = 0; i < t->count; i++) {
		size_t k = t->rows[i].key_hash & index.mask;

		while (index.at[k])
			k = (k + 1) & index.mask;
		index.at[k] = (uint32_t)i + 1;
	}
	return index;
}

static uint32_t find(const struct index *index, const struct table *t, const struct row *y)
{
	for (size_t k = y->key_hash & index->mask; index->at[k]; k = (k + 1) & index->mask) {
		const struct row *x = &t->rows[index->at[k] - 1];

		if (x->key_hash == y->key_hash && x->key_len == y->key_len &&
		    !memcmp(key(x), key(y), y->key_len))
			return index->at[k];
	}
	return 0;
}

static void compare(const struct table *a, const struct table *b)
{
	struct index index = index_keys(a);
	uint32_t *match = malloc((b->count + 1) * sizeof *match);
	size_t cells = 0, rows = 0, same = 0;

	for (size_t j = 0; j < b->count; j++) {
		const struct row *y = &b->rows[j], *x;

		match[j] = find(&index, a, y);
		if (!match[j])
			continue;
		same++;
		x = &a->rows[match[j] - 1];
		if (x->hash == y->hash && x->len == y->len)
			continue;
		size_t n = changed_cells(a, x, b, y);
		cells += n;
		rows += n > 0;
	}
	printf("rows %zu -> %zu: %zu cells in %zu rows, %zu added, %zu deleted, %zu moved\n",
	       a->count, b->count, cells, rows, b->count - same, a->count - same,
	       same - longest_run(match, b->count));
}

int main(int argc, char **argv)
{
	struct table a = { 0 }, b = { 0 };
	pthread_t other;

	if (argc != 4)
		return 2;
	a.path = argv[2];
	b.path = argv[3];
	if (atoi(argv[1]) > 1) {
		pthread_create(&other, NULL, load, &a);
		load(&b);
		pthread_join(other, NULL);
	} else {
		load(&a);
		load(&b);
	}
	compare(&a, &b);
	return 0;
}
