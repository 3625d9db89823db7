/* Members sorted into folders: see receipt/member_tree.h. */
#include "receipt/member_tree.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/path.h"

struct item {
	const char *path;
	size_t len;
	size_t seq; /* order of arrival; the last of equal paths counts */
	size_t parent; /* once sorted: the item of the folder it stands in, or NOWHERE for the outermost */
	size_t next;  /* the next one of the same folder */
	size_t first; /* folders: the first one in it */
	struct tally_entry entry;
};

struct tally_member_tree {
	struct item *items;
	size_t count, cap;
	struct tally_arena arena;
	struct tally_buf path;
	uint64_t repeated;
};

enum {
	PATH_MOST = 1 << 20,
	NAME_MOST = UINT16_MAX / 2 - 1, /* of one part; it may become twice as long */
};

#define NOWHERE SIZE_MAX

enum tally_status tally_member_tree_new(struct tally_member_tree **out,
                                        const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_member_tree *m = tally_alloc_zero(1, sizeof *m);

	if (!m)
		return tally_err_nomem(err);
	tally_arena_init(&m->arena, (size_t)limits->archive_memory);
	tally_buf_init(&m->path, PATH_MOST);
	*out = m;
	return TALLY_OK;
}

void tally_member_tree_free(struct tally_member_tree *m)
{
	if (!m)
		return;
	tally_free(m->items);
	tally_arena_release(&m->arena);
	tally_buf_release(&m->path);
	tally_free(m);
}

uint64_t tally_member_tree_repeated(const struct tally_member_tree *m)
{
	return m->repeated;
}

/* names that take more than the limit, or no memory */
static enum tally_status no_room(const struct tally_member_tree *m, size_t len, struct tally_err *err)
{
	if (len < m->arena.max - m->arena.used)
		return tally_err_nomem(err);
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "archive_memory: more than %zu bytes of names", m->arena.max);
}

static bool is_parent(const char *part, size_t n)
{
	return n == 2 && part[0] == '.' && part[1] == '.';
}

/*
 * One part as a snapshot may hold it. What it may not hold, and what could be taken for such a form, begins with a backslash;
 * behind it, backslashes are doubled and NUL is "\0". So different names stay different.
 */
static bool add_part(struct tally_buf *out, const char *part, size_t n)
{
	if (out->len && !tally_buf_byte(out, '/'))
		return false;
	if (!is_parent(part, n) && part[0] != '\\' && !memchr(part, '\0', n))
		return tally_buf_add(out, part, n);
	if (!tally_buf_byte(out, '\\'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (part[i] == '\0' ? !tally_buf_add(out, "\\0", 2)
		                    : (part[i] == '\\' && !tally_buf_byte(out, '\\')) ||
		                              !tally_buf_byte(out, part[i]))
			return false;
	return true;
}

/* the path as a snapshot may hold it, into m->path; a lone backslash stands for the root of an absolute one */
static bool clean_path(struct tally_member_tree *m, const char *path, size_t len)
{
	size_t start = 0;

	tally_buf_clear(&m->path);
	if (len > 0 && path[0] == '/' && !tally_buf_byte(&m->path, '\\'))
		return false;
	for (size_t i = 0; i <= len; i++) {
		size_t n = i - start;
		const char *part = path + start;

		if (i < len && path[i] != '/')
			continue;
		start = i + 1;
		if (n == 0 || (n == 1 && part[0] == '.'))
			continue;
		if (!add_part(&m->path, part, n))
			return false;
	}
	return true;
}

static bool is_too_long(const char *path, size_t len)
{
	size_t part = 0;

	for (size_t i = 0; i < len && part <= NAME_MOST; i++)
		part = path[i] == '/' ? 0 : part + 1;
	return part > NAME_MOST || len > PATH_MOST / 3;
}

static enum tally_status append(struct tally_member_tree *m, const char *path, size_t len,
                                const struct tally_entry *entry, struct tally_err *err)
{
	if (!tally_grow(&m->items, &m->cap, m->count, sizeof *m->items))
		return tally_err_nomem(err);
	m->items[m->count] = (struct item){ .path = path,
		                            .len = len,
		                            .seq = m->count,
		                            .parent = NOWHERE,
		                            .next = NOWHERE,
		                            .first = NOWHERE,
		                            .entry = *entry };
	m->count++;
	return TALLY_OK;
}

enum tally_status tally_member_tree_add(struct tally_member_tree *m,
                                        const struct tally_member *member, struct tally_err *err)
{
	static const char nameless[] = "\\(no name)";
	struct tally_entry e = { .type = (uint8_t)member->type,
		                 .reason = (uint8_t)member->reason,
		                 .mode = member->mode & 07777,
		                 .nlink = 1,
		                 .size = member->size,
		                 .mtime_ns = member->mtime_ns,
		                 .digest = member->digest };
	const char *path;

	if (member->depth > 0)
		return TALLY_OK;
	if (is_too_long(member->path, member->path_len))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "a member's name is too long");
	if (!clean_path(m, member->path, member->path_len))
		return tally_err_nomem(err);
	/* "./" is the folder itself, but a file without a name is one */
	if (m->path.len == 0 && member->type == TALLY_TYPE_DIR)
		return TALLY_OK;
	if (m->path.len == 0 && !tally_buf_add(&m->path, nameless, sizeof nameless - 1))
		return tally_err_nomem(err);
	if (member->type == TALLY_TYPE_FILE && member->reason == TALLY_REASON_NONE)
		e.proof = TALLY_PROOF_HASHED;
	if (member->target) {
		e.target = tally_arena_dup(&m->arena, member->target, strlen(member->target));
		if (!e.target)
			return no_room(m, strlen(member->target) + 1, err);
	}
	path = tally_arena_dup(&m->arena, m->path.bytes, m->path.len);
	return path ? append(m, path, m->path.len, &e, err) : no_room(m, m->path.len + 1, err);
}

static int by_path(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int c = tally_path_compare(x->path, x->len, y->path, y->len);

	return c ? c : (x->seq > y->seq) - (x->seq < y->seq);
}

static bool same_path(const struct item *a, const struct item *b)
{
	return a->len == b->len && memcmp(a->path, b->path, a->len) == 0;
}

/* one of each path: of equal ones the last, but a folder that holds something stays a folder */
static void drop_repeated(struct tally_member_tree *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		if (n > 0 && same_path(&m->items[n - 1], &m->items[i])) {
			if (m->items[n - 1].entry.type != TALLY_TYPE_DIR ||
			    m->items[i].entry.type != TALLY_TYPE_DIR)
				m->repeated++;
			m->items[n - 1] = m->items[i];
			continue;
		}
		m->items[n++] = m->items[i];
	}
	m->count = n;
}

/* A file that has members below it (a hostile archive): the folder gets the name, and the file one that no other has. */
static enum tally_status settle_types(struct tally_member_tree *m, struct tally_err *err)
{
	static const char mark[] = "\\(file) ";

	for (size_t i = 0; i + 1 < m->count; i++) {
		struct item *it = &m->items[i];
		size_t base = tally_path_base(it->path, it->len);
		char *path;

		if (it->entry.type == TALLY_TYPE_DIR ||
		    !tally_path_below(it[1].path, it[1].len, it->path, it->len))
			continue;
		tally_buf_clear(&m->path);
		if (it->len - base > UINT16_MAX - sizeof mark ||
		    !tally_buf_add(&m->path, it->path, base) ||
		    !tally_buf_add(&m->path, mark, sizeof mark - 1) ||
		    !tally_buf_add(&m->path, it->path + base, it->len - base))
			return tally_err_nomem(err);
		path = tally_arena_dup(&m->arena, m->path.bytes, m->path.len);
		if (!path)
			return no_room(m, m->path.len, err);
		it->path = path;
		it->len = m->path.len;
	}
	return TALLY_OK;
}

/* an entry for every folder above a member that has none of its own; its path is the beginning of the member's */
static enum tally_status add_implied(struct tally_member_tree *m, struct tally_err *err)
{
	const struct tally_entry folder = { .type = TALLY_TYPE_DIR, .mode = 0755, .nlink = 1 };
	size_t given = m->count, bytes = 0;
	enum tally_status st;

	for (size_t i = 0; i < given; i++) {
		const char *path = m->items[i].path;
		size_t len = m->items[i].len;

		while ((len = tally_path_dir_len(path, len)) > 0) {
			/* sorted: the same folder was handled when the path before is below it, too */
			if (i > 0 &&
			    tally_path_below(m->items[i - 1].path, m->items[i - 1].len, path, len))
				break;
			/* each folder has its whole path: a single long name may stand for thousands */
			bytes += len;
			if (bytes > m->arena.max)
				return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
				                     "archive_memory: more than %zu bytes of "
				                     "folders' paths",
				                     m->arena.max);
			st = append(m, path, len, &folder, err);
			if (st < 0)
				return st;
		}
	}
	return TALLY_OK;
}

/*
 * Who stands in which folder. In the order of paths a folder comes before what is in it, so that the folder of an item is its
 * predecessor or one of the folders around that. @return the first item that stands in none
 */
static size_t link_up(struct tally_member_tree *m)
{
	size_t around = NOWHERE, outermost = NOWHERE;

	for (size_t i = 0; i < m->count; i++) {
		struct item *it = &m->items[i];

		while (around != NOWHERE &&
		       (m->items[around].len >= it->len ||
		        !tally_path_below(it->path, it->len, m->items[around].path,
		                          m->items[around].len)))
			around = m->items[around].parent;
		it->parent = around;
		if (it->entry.type == TALLY_TYPE_DIR)
			around = i;
	}
	for (size_t i = m->count; i-- > 0;) {
		size_t *head = m->items[i].parent == NOWHERE ? &outermost
		                                             : &m->items[m->items[i].parent].first;

		m->items[i].next = *head;
		*head = i;
	}
	return outermost;
}

/* the entries that lie in one folder, in order */
static enum tally_status add_entries(struct tally_member_tree *m, struct tally_tree_builder *b,
                                     size_t first, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = first; i != NOWHERE && st >= 0; i = m->items[i].next) {
		struct item *it = &m->items[i];
		size_t base = tally_path_base(it->path, it->len);

		it->entry.name = it->path + base;
		it->entry.name_len = (uint16_t)(it->len - base);
		st = tally_tree_builder_entry(b, &it->entry, err);
	}
	return st;
}

static enum tally_status build(struct tally_member_tree *m, struct tally_tree_builder *b,
                               size_t first, struct tally_err *err)
{
	const struct tally_dir root = { .path = "", .mode = 0755 };
	enum tally_status st = tally_tree_builder_dir(b, &root, err);

	if (st >= 0)
		st = add_entries(m, b, first, err);
	for (size_t i = 0; i < m->count && st >= 0; i++) {
		const struct item *it = &m->items[i];
		struct tally_dir dir = { .path = it->path, .path_len = (uint32_t)it->len };

		if (it->entry.type != TALLY_TYPE_DIR)
			continue;
		st = tally_tree_builder_dir(b, &dir, err);
		if (st >= 0)
			st = add_entries(m, b, it->first, err);
	}
	return st;
}

static void sort(struct tally_member_tree *m)
{
	if (m->count > 1)
		qsort(m->items, m->count, sizeof *m->items, by_path);
}

enum tally_status tally_member_tree_finish(struct tally_member_tree *m, struct tally_tree **out,
                                           struct tally_err *err)
{
	struct tally_tree_builder *b = NULL;
	enum tally_status st;
	uint64_t repeated;

	sort(m);
	drop_repeated(m);
	repeated = m->repeated;
	st = settle_types(m, err);
	if (st < 0)
		return st;
	sort(m);
	st = add_implied(m, err);
	if (st < 0)
		return st;
	sort(m);
	drop_repeated(m);
	m->repeated = repeated;
	st = tally_tree_builder_new(&b, err);
	if (st >= 0)
		st = build(m, b, link_up(m), err);
	if (st >= 0)
		st = tally_tree_builder_finish(b, out, err);
	tally_tree_builder_free(b);
	return st;
}
