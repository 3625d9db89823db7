/* xlsx: the least work that reading the first sheets of workbooks can do, without error handling.
 *
 *   xlsx FILE...
 *
 * Each file is read whole and its two parts are unpacked whole by libdeflate, the fastest way found; the shared strings
 * are hashed, then a scanner that knows rows, cells and values only goes over the sheet and hashes every row. Prints the
 * numbers of rows, cells and strings. What it leaves out: the join of the rows, entities, styles, dates, formulas, inline and
 * rich strings, addresses, other sheets, whatever is not written as Excel writes it, and a bound for memory.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <libdeflate.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

struct book {
	unsigned char *zip;
	size_t len;
	uint64_t *strings; /* their hashes */
	size_t string_count, string_cap;
	size_t rows, cells;
	uint64_t sum;
};

static uint32_t le16(const unsigned char *p)
{
	return (uint32_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const unsigned char *p)
{
	return le16(p) | le16(p + 2) << 16;
}

static void slurp(struct book *b, const char *path)
{
	int fd = open(path, O_RDONLY);
	struct stat st;
	size_t at = 0;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st)) {
		perror(path);
		exit(2);
	}
	b->len = (size_t)st.st_size;
	b->zip = malloc(b->len);
	while (at < b->len && (n = read(fd, b->zip + at, b->len - at)) > 0)
		at += (size_t)n;
	close(fd);
}

/* the entry of the directory with this name */
static const unsigned char *entry(const struct book *b, const char *name)
{
	const unsigned char *end = b->zip + b->len - 22, *e;
	const size_t len = strlen(name);

	while (le32(end) != 0x06054b50)
		end--;
	e = b->zip + le32(end + 16);
	for (uint32_t k = le16(end + 10); k--; e += 46 + le16(e + 28) + le16(e + 30) + le16(e + 32))
		if (le16(e + 28) == len && !memcmp(e + 46, name, len))
			return e;
	fprintf(stderr, "xlsx: no part '%s'\n", name);
	exit(2);
}

/* a part unpacked, with a zero behind it */
static char *part(const struct book *b, const char *name, size_t *len)
{
	const unsigned char *e = entry(b, name), *local = b->zip + le32(e + 42);
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	char *out;

	*len = le32(e + 24);
	out = malloc(*len + 1);
	if (libdeflate_deflate_decompress(d, local + 30 + le16(local + 26) + le16(local + 28),
	                                  le32(e + 20), out, *len, NULL))
		exit(2);
	libdeflate_free_decompressor(d);
	out[*len] = '\0';
	return out;
}

static void add_string(struct book *b, uint64_t hash)
{
	if (b->string_count == b->string_cap) {
		b->string_cap = b->string_cap ? 2 * b->string_cap : 4096;
		b->strings = realloc(b->strings, b->string_cap * sizeof *b->strings);
	}
	b->strings[b->string_count++] = hash;
}

static void read_strings(struct book *b)
{
	size_t len;
	char *text = part(b, "xl/sharedStrings.xml", &len), *end = text + len, *p = text;

	while ((p = memmem(p, (size_t)(end - p), "<si>", 4))) {
		const char *t = (char *)memchr(p + 4, '>', (size_t)(end - p - 4)) + 1;

		p = memchr(t, '<', (size_t)(end - t));
		add_string(b, XXH3_64bits(t, (size_t)(p - t)));
	}
	free(text);
}

/* the hash of the value at *p, which is left behind it */
static uint64_t value(const struct book *b, char **p, const char *end, char type)
{
	char *v = *p;
	size_t number = 0;

	if (type != 's') {
		*p = memchr(v, '<', (size_t)(end - v));
		return XXH3_64bits(v, (size_t)(*p - v));
	}
	for (; **p != '<'; ++*p)
		number = 10 * number + (size_t)(**p - '0');
	return b->strings[number];
}

static void read_sheet(struct book *b)
{
	size_t len;
	char *text = part(b, "xl/worksheets/sheet1.xml", &len), *end = text + len, *p = text;
	uint64_t row = 0;
	char type = 0;

	while ((p = memchr(p, '<', (size_t)(end - p)))) {
		p++;
		if (p[0] == 'c' && p[1] == ' ') {
			for (type = 0; *p != '>'; p++)
				if (p[0] == ' ' && p[1] == 't' && p[2] == '=')
					type = p[4];
			b->cells++;
		} else if (p[0] == 'v' && p[1] == '>') {
			p += 2;
			row = row * 0x9E3779B97F4A7C15u + value(b, &p, end, type);
		} else if (p[0] == '/' && p[1] == 'r') {
			b->rows++;
			b->sum ^= row;
			row = 0;
		}
	}
	free(text);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		struct book b = { 0 };

		slurp(&b, argv[i]);
		read_strings(&b);
		read_sheet(&b);
		printf("%zu rows, %zu cells, %zu strings, %016llx\n", b.rows, b.cells,
		       b.string_count, (unsigned long long)b.sum);
		free(b.strings);
		free(b.zip);
	}
	return 0;
}
