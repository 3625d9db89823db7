/* Compound files: chains of sectors, the directory, streams. See ole_file.h; sections are those of [MS-CFB]. */
#include "formats/ole_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/arena.h"
#include "core/bytes.h"
#include "core/mem.h"
#include "formats/encoding.h"
#include "formats/ole.h"

enum {
	/* the header: 2.2 */
	HEADER = 512,
	ORDER_AT = 28,
	SHIFT_AT = 30,
	SMALL_SHIFT_AT = 32,
	TABLES_AT = 44, /* how many sectors the table of chains has */
	DIRECTORY_AT = 48,
	CUTOFF_AT = 56,
	SMALL_TABLE_AT = 60,
	MORE_AT = 68, /* first sector with more places of the table */
	PLACES_AT = 76,
	PLACES = 109,
	SMALL_SHIFT = 6,
	CUTOFF = 4096, /* smaller streams lie in the one of small sectors */
	/* the directory: 2.6.1 */
	ENTRY = 128,
	NAME_MOST = 64, /* bytes of UTF-16, the end mark included */
	LENGTH_AT = 64,
	TYPE_AT = 66,
	LEFT_AT = 68,
	RIGHT_AT = 72,
	CHILD_AT = 76,
	START_AT = 116,
	SIZE_AT = 120,
	DEPTH_MOST = 32, /* storages in storages: programs make no more than a few */
};

enum type { TYPE_NONE = 0, TYPE_STORAGE = 1, TYPE_STREAM = 2, TYPE_ROOT = 5 };

#define SECTOR_MOST  UINT32_C(0xfffffffa) /* regular sectors are below: 2.1 */
#define END_OF_CHAIN UINT32_C(0xfffffffe)
#define NOTHING      UINT32_C(0xffffffff)

/* who a sector belongs to; streams follow */
enum owner {
	OWNER_NONE,
	OWNER_TABLES,
	OWNER_DIRECTORY,
	OWNER_SMALL_TABLE,
	OWNER_SMALL,
	OWNER_STREAMS
};

/* sectors, large or small, and the chains through them */
struct table {
	uint32_t *next, *owner;
	size_t count;
};

struct tally_ole_file {
	struct tally_source *src;
	struct tally_arena arena;
	unsigned char header[HEADER];
	size_t size; /* of a sector */
	bool wide;   /* sizes of streams have 64 bits */
	struct table large, small;
	uint32_t *small_at; /* large sectors in which the small ones are */
	size_t small_at_count;
	unsigned char *directory;
	size_t entries_there;
	struct tally_ole_entry *entries;
	size_t count, cap;
};

static uint32_t u32(const unsigned char *p)
{
	struct tally_bytes b = tally_bytes_of(p, 4);

	return tally_bytes_u32(&b);
}

static enum tally_status damaged(struct tally_err *err, const char *what)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED, "%s", what);
}

static enum tally_status ambiguous(struct tally_err *err, const char *what)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_AMBIGUOUS_CONTAINER, "%s", what);
}

static enum tally_status read_at(const struct tally_ole_file *f, void *to, size_t len, uint64_t at,
                                 struct tally_err *err)
{
	for (size_t got = 0; got < len;) {
		ssize_t n = tally_source_pread(f->src, (char *)to + got, len - got, at + got, err);

		if (n < 0)
			return TALLY_SKIP;
		if (!n)
			return damaged(err, "it ends before its last sector");
		got += (size_t)n;
	}
	return TALLY_OK;
}

static uint64_t place_of(const struct tally_ole_file *f, uint32_t sector)
{
	return ((uint64_t)sector + 1) * f->size;
}

static void release_table(struct table *t)
{
	tally_free(t->next);
	tally_free(t->owner);
}

static bool alloc_table(struct table *t, size_t count)
{
	t->next = tally_alloc_zero(count, sizeof *t->next);
	t->owner = tally_alloc_zero(count, sizeof *t->owner);
	t->count = count;
	return t->next && t->owner;
}

/* ---- chains ---- */

/* This sector is @who's, and nobody else's. @again  it was, as well, when the stream was read before */
static enum tally_status take(struct table *t, uint32_t sector, uint32_t who, bool again,
                              struct tally_err *err)
{
	if (sector >= t->count)
		return damaged(err, "a chain of sectors leads out of the file");
	if (again)
		return TALLY_OK;
	if (t->owner[sector] == who)
		return damaged(err, "a chain of sectors is a ring");
	if (t->owner[sector] != OWNER_NONE)
		return ambiguous(err, "two of its streams have a sector in common");
	t->owner[sector] = who;
	return TALLY_OK;
}

/*
 * The sectors of a chain, in order.
 * @most  as many as are needed; SIZE_MAX: up to the end of the chain
 * @out   yours to tally_free
 */
static enum tally_status chain(struct table *t, uint32_t start, size_t most, uint32_t who,
                               bool again, uint32_t **out, size_t *count, struct tally_err *err)
{
	uint32_t sector = start;
	size_t cap = 0, n = 0;
	enum tally_status st = TALLY_OK;

	*out = NULL;
	*count = 0;
	while (n < most && (sector != END_OF_CHAIN || most != SIZE_MAX)) {
		st = take(t, sector, who, again, err);
		if (st >= 0 && !tally_grow(out, &cap, n, sizeof **out))
			st = tally_err_nomem(err);
		if (st < 0)
			break;
		(*out)[n++] = sector;
		sector = t->next[sector];
	}
	*count = n;
	if (st < 0) {
		tally_free(*out);
		*out = NULL;
	}
	return st;
}

/* The bytes of these sectors, in one piece; runs of neighbours are read at once. */
static enum tally_status gather(const struct tally_ole_file *f, const uint32_t *sectors,
                                size_t count, char *to, uint64_t len, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0, run; i < count && st >= 0; i += run) {
		uint64_t done = (uint64_t)i * f->size, n;

		for (run = 1; i + run < count && sectors[i + run] == sectors[i] + run;)
			run++;
		n = (uint64_t)run * f->size;
		if (n > len - done)
			n = len - done;
		st = read_at(f, to + done, (size_t)n, place_of(f, sectors[i]), err);
	}
	return st;
}

static uint64_t sectors_for(uint64_t bytes, size_t size)
{
	return bytes / size + (bytes % size != 0);
}

/* ---- the table of chains ---- */

static enum tally_status read_header(struct tally_ole_file *f, struct tally_err *err)
{
	const unsigned char *h = f->header;
	uint64_t size = tally_source_size(f->src);
	enum tally_status st = read_at(f, f->header, HEADER, 0, err);

	if (st < 0)
		return st;
	if (!tally_ole_begins(h, HEADER))
		return damaged(err, "it is no compound file");
	if (h[ORDER_AT] != 0xfe || h[ORDER_AT + 1] != 0xff ||
	    (h[SHIFT_AT] != 9 && h[SHIFT_AT] != 12) || h[SHIFT_AT + 1] ||
	    h[SMALL_SHIFT_AT] != SMALL_SHIFT || h[SMALL_SHIFT_AT + 1] || u32(h + CUTOFF_AT) != CUTOFF)
		return damaged(err, "the head of the compound file is none");
	f->size = (size_t)1 << h[SHIFT_AT];
	f->wide = h[SHIFT_AT] == 12;
	size = size > f->size ? sectors_for(size - f->size, f->size) : 0;
	if (size >= SECTOR_MOST)
		return damaged(err, "it is larger than a compound file can be");
	return alloc_table(&f->large, (size_t)size) ? TALLY_OK : tally_err_nomem(err);
}

/* One sector of the table: what comes behind the sectors @first and up. */
static enum tally_status read_table(struct tally_ole_file *f, uint32_t sector, size_t first,
                                    unsigned char *bytes, struct tally_err *err)
{
	enum tally_status st = take(&f->large, sector, OWNER_TABLES, false, err);

	if (st >= 0)
		st = read_at(f, bytes, f->size, place_of(f, sector), err);
	for (size_t i = 0; st >= 0 && i < f->size / 4 && first + i < f->large.count; i++)
		f->large.next[first + i] = u32(bytes + 4 * i);
	return st;
}

/* Sectors that the table does not tell of are in no chain. */
static void forget_rest(struct tally_ole_file *f, size_t known)
{
	for (size_t i = known; i < f->large.count; i++)
		f->large.next[i] = NOTHING;
}

/* 2.3, 2.5: the first 109 places are in the header, more in a chain of sectors of their own */
static enum tally_status read_tables(struct tally_ole_file *f, struct tally_err *err)
{
	size_t each = f->size / 4, want = u32(f->header + TABLES_AT), done = 0;
	unsigned char *bytes = tally_alloc(f->size), *more = tally_alloc(f->size);
	const unsigned char *places = f->header + PLACES_AT;
	size_t left = PLACES;
	uint32_t next = u32(f->header + MORE_AT);
	enum tally_status st = bytes && more ? TALLY_OK : tally_err_nomem(err);

	while (st >= 0 && done < want) {
		if (!left) {
			st = take(&f->large, next, OWNER_TABLES, false, err);
			if (st >= 0)
				st = read_at(f, more, f->size, place_of(f, next), err);
			if (st < 0)
				break;
			next = u32(more + f->size - 4);
			places = more;
			left = each - 1;
		}
		st = read_table(f, u32(places), done * each, bytes, err);
		places += 4;
		left--;
		done++;
	}
	/* a reader that does not count would go on: there must be nothing */
	if (st >= 0 && left && u32(places) != NOTHING && u32(places) < f->large.count)
		st = ambiguous(err, "its table of sectors has more parts than it says");
	if (st >= 0)
		forget_rest(f, done < f->large.count / each ? done * each : f->large.count);
	tally_free(bytes);
	tally_free(more);
	return st;
}

/* ---- the directory ---- */

static enum tally_status read_directory(struct tally_ole_file *f, const struct tally_limits *limits,
                                        struct tally_err *err)
{
	uint32_t *sectors;
	size_t count, len;
	enum tally_status st = chain(&f->large, u32(f->header + DIRECTORY_AT), SIZE_MAX,
	                             OWNER_DIRECTORY, false, &sectors, &count, err);

	if (st < 0)
		return st;
	f->entries_there = count * (f->size / ENTRY);
	len = count * f->size;
	if (!count)
		st = damaged(err, "a compound file without a directory");
	else if (f->entries_there > limits->archive_members)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                   "archive_members: the directory has more entries");
	if (st >= 0) {
		f->directory = tally_alloc(len);
		st = f->directory ? gather(f, sectors, count, (char *)f->directory, len, err)
		                  : tally_err_nomem(err);
	}
	tally_free(sectors);
	return st;
}

/* An entry that is still to be looked at */
struct visit {
	uint32_t entry;
	uint32_t depth;
	const char *folder; /* its path with a slash, "" at the top */
};

struct walk {
	struct tally_ole_file *f;
	unsigned char *seen;
	struct visit *todo;
	size_t count, cap;
};

static enum tally_status later(struct walk *w, uint32_t entry, const char *folder, uint32_t depth,
                               struct tally_err *err)
{
	if (entry == NOTHING)
		return TALLY_OK;
	if (entry >= w->f->entries_there)
		return damaged(err, "an entry of its directory is missing");
	if (w->seen[entry])
		return ambiguous(err, "an entry of its directory stands at two places");
	if (depth > DEPTH_MOST)
		return damaged(err, "its storages are nested too deep");
	w->seen[entry] = 1;
	if (!tally_grow(&w->todo, &w->cap, w->count, sizeof *w->todo))
		return tally_err_nomem(err);
	w->todo[w->count++] = (struct visit){ entry, depth, folder };
	return TALLY_OK;
}

static enum tally_status path_of(struct tally_ole_file *f, const unsigned char *e, const char *folder,
                                 const char *end, const char **out, struct tally_err *err)
{
	size_t bytes = e[LENGTH_AT] | (size_t)e[LENGTH_AT + 1] << 8, len;
	uint64_t bad;
	char *name;
	enum tally_status st;

	if (bytes < 4 || bytes > NAME_MOST || bytes % 2)
		return damaged(err, "an entry of its directory has no name");
	st = tally_utf16_to_utf8((const char *)e, bytes - 2, false, 0, &name, &len, &bad, err);
	if (st < 0)
		return st;
	if (bad || memchr(name, '\0', len) || memchr(name, '/', len))
		st = damaged(err, "an entry of its directory has a name that is none");
	else if (!(*out = tally_arena_printf(&f->arena, "%s%.*s%s", folder, (int)len, name, end)))
		st = tally_err_nomem(err);
	tally_free(name);
	return st;
}

static enum tally_status add_entry(struct tally_ole_file *f, const unsigned char *e,
                                   const char *folder, struct tally_err *err)
{
	struct tally_ole_entry entry = { .stream = e[TYPE_AT] == TYPE_STREAM,
		                         .start = u32(e + START_AT),
		                         .size = u32(e + SIZE_AT) };
	enum tally_status st = path_of(f, e, folder, "", &entry.path, err);

	if (st < 0)
		return st;
	if (f->wide) /* the upper half means nothing in files of small sectors */
		entry.size |= (uint64_t)u32(e + SIZE_AT + 4) << 32;
	if (!tally_grow(&f->entries, &f->cap, f->count, sizeof entry))
		return tally_err_nomem(err);
	f->entries[f->count++] = entry;
	return TALLY_OK;
}

/* Looks at an entry: its neighbours and what is in it come later. */
static enum tally_status look_at(struct walk *w, const struct visit *v, struct tally_err *err)
{
	const unsigned char *e = w->f->directory + (size_t)v->entry * ENTRY;
	const char *inside = "";
	enum tally_status st = TALLY_OK;

	if (v->entry) {
		if (e[TYPE_AT] != TYPE_STORAGE && e[TYPE_AT] != TYPE_STREAM)
			return damaged(err,
			               "an entry of its directory is neither stream nor storage");
		st = add_entry(w->f, e, v->folder, err);
		if (st >= 0)
			st = later(w, u32(e + LEFT_AT), v->folder, v->depth, err);
		if (st >= 0)
			st = later(w, u32(e + RIGHT_AT), v->folder, v->depth, err);
		if (st >= 0 && e[TYPE_AT] == TYPE_STORAGE)
			st = path_of(w->f, e, v->folder, "/", &inside, err);
	}
	if (st < 0 || e[TYPE_AT] == TYPE_STREAM)
		return st;
	return later(w, u32(e + CHILD_AT), inside, v->depth + 1, err);
}

static int by_path(const void *a, const void *b)
{
	const struct tally_ole_entry *x = a, *y = b;

	return strcasecmp(x->path, y->path);
}

static enum tally_status walk_directory(struct tally_ole_file *f, struct tally_err *err)
{
	struct walk w = { .f = f, .seen = tally_alloc_zero(f->entries_there, 1) };
	enum tally_status st = w.seen ? later(&w, 0, "", 0, err) : tally_err_nomem(err);

	if (st >= 0 && f->directory[TYPE_AT] != TYPE_ROOT)
		st = damaged(err, "its directory has no root");
	while (st >= 0 && w.count) {
		struct visit v = w.todo[--w.count];

		st = look_at(&w, &v, err);
	}
	if (f->count > 1)
		qsort(f->entries, f->count, sizeof *f->entries, by_path);
	for (size_t i = 1; i < f->count && st >= 0; i++)
		if (!by_path(&f->entries[i - 1], &f->entries[i]))
			st = ambiguous(err, "two entries of its directory have one name");
	tally_free(w.seen);
	tally_free(w.todo);
	return st;
}

/* ---- small sectors ---- */

/* 2.4: the root's own stream has the small sectors, a chain of large ones their table */
static enum tally_status read_small(struct tally_ole_file *f, struct tally_err *err)
{
	uint64_t bytes = u32(f->directory + SIZE_AT);
	uint32_t *sectors = NULL;
	unsigned char *table = NULL;
	size_t count = 0, all = (size_t)(bytes >> SMALL_SHIFT);
	enum tally_status st;

	if (!bytes || u32(f->header + SMALL_TABLE_AT) == END_OF_CHAIN)
		return TALLY_OK;
	st = chain(&f->large, u32(f->directory + START_AT), (size_t)sectors_for(bytes, f->size),
	           OWNER_SMALL, false, &f->small_at, &f->small_at_count, err);
	if (st >= 0)
		st = chain(&f->large, u32(f->header + SMALL_TABLE_AT), SIZE_MAX, OWNER_SMALL_TABLE,
		           false, &sectors, &count, err);
	if (st >= 0 && all > count * (f->size / 4))
		all = count * (f->size / 4);
	if (st >= 0) {
		table = tally_alloc(count * f->size);
		st = table && alloc_table(&f->small, all) ? gather(f, sectors, count, (char *)table,
		                                                   (uint64_t)count * f->size, err)
		                                          : tally_err_nomem(err);
	}
	for (size_t i = 0; st >= 0 && i < all; i++)
		f->small.next[i] = u32(table + 4 * i);
	tally_free(sectors);
	tally_free(table);
	return st;
}

static enum tally_status gather_small(const struct tally_ole_file *f, const uint32_t *sectors,
                                      size_t count, char *to, size_t len, struct tally_err *err)
{
	enum { SMALL = 1 << SMALL_SHIFT };
	size_t each = f->size >> SMALL_SHIFT;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < count && st >= 0; i++) {
		size_t large = sectors[i] / each, n = len - i * SMALL;

		if (large >= f->small_at_count)
			return damaged(err, "a chain of sectors leads out of the file");
		st = read_at(f, to + i * SMALL, n < SMALL ? n : SMALL,
		             place_of(f, f->small_at[large]) + sectors[i] % each * SMALL, err);
	}
	return st;
}

/* ---- the file ---- */

void tally_ole_close(struct tally_ole_file *f)
{
	if (!f)
		return;
	release_table(&f->large);
	release_table(&f->small);
	tally_free(f->small_at);
	tally_free(f->directory);
	tally_free(f->entries);
	tally_arena_release(&f->arena);
	tally_free(f);
}

enum tally_status tally_ole_open(struct tally_ole_file **out, struct tally_source *src,
                                 const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_ole_file *f = tally_alloc_zero(1, sizeof *f);
	enum tally_status st;

	*out = NULL;
	if (!f)
		return tally_err_nomem(err);
	f->src = src;
	tally_arena_init(&f->arena, 0);
	st = read_header(f, err);
	if (st >= 0)
		st = read_tables(f, err);
	if (st >= 0)
		st = read_directory(f, limits, err);
	if (st >= 0)
		st = walk_directory(f, err);
	if (st >= 0)
		st = read_small(f, err);
	if (st < 0)
		tally_ole_close(f);
	else
		*out = f;
	return st;
}

const struct tally_ole_entry *tally_ole_entry(const struct tally_ole_file *f, size_t n)
{
	return n < f->count ? &f->entries[n] : NULL;
}

const struct tally_ole_entry *tally_ole_find(const struct tally_ole_file *f, const char *path)
{
	const struct tally_ole_entry key = { .path = path };

	return f->count ? bsearch(&key, f->entries, f->count, sizeof key, by_path) : NULL;
}

enum tally_status tally_ole_stream(struct tally_ole_file *f, const struct tally_ole_entry *entry,
                                   uint64_t max, char **bytes, size_t *len, struct tally_err *err)
{
	size_t n = (size_t)(entry - f->entries), count = 0;
	bool small = entry->size < CUTOFF;
	struct table *table = small ? &f->small : &f->large;
	uint32_t *sectors = NULL;
	enum tally_status st;

	*bytes = NULL;
	*len = 0;
	if (entry->size > tally_source_size(f->src))
		return damaged(err, "a stream is larger than the file");
	if (entry->size > max)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                     "'%.100s' has %llu bytes", entry->path,
		                     (unsigned long long)entry->size);
	*bytes = tally_alloc((size_t)entry->size);
	if (!*bytes)
		return tally_err_nomem(err);
	*len = (size_t)entry->size;
	st = chain(table, entry->start,
	           (size_t)sectors_for(entry->size, small ? (size_t)1 << SMALL_SHIFT : f->size),
	           (uint32_t)(OWNER_STREAMS + n), entry->was_read, &sectors, &count, err);
	f->entries[n].was_read |= st >= 0;
	if (st >= 0)
		st = small ? gather_small(f, sectors, count, *bytes, *len, err)
		           : gather(f, sectors, count, *bytes, *len, err);
	tally_free(sectors);
	if (st < 0) {
		tally_free(*bytes);
		*bytes = NULL;
	}
	return st;
}
