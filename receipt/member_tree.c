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
	struct tally_entry entry;
};

struct tally_member_tree {
	struct item *items;
	size_t count, cap;
	struct tally_arena arena;
	struct tally_buf path;
	uint64_t repeated;
};

enum { PATH_MOST = 1 << 20 };

enum tally_status tally_member_tree_new(struct tally_member_tree **out, struct tally_err *err)
{
	struct tally_member_tree *m = tally_alloc_zero(1, sizeof *m);

	if (!m)
		return tally_err_nomem(err);
	tally_arena_init(&m->arena, 0);
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

/* the path as a snapshot may hold it, into m->path */
static bool clean_path(struct tally_member_tree *m, const char *path, size_t len)
{
	size_t start = 0;

	tally_buf_clear(&m->path);
	for (size_t i = 0; i <= len; i++) {
		size_t n = i - start;
		const char *part = path + start;

		if (i < len && path[i] != '/')
			continue;
		start = i + 1;
		if (n == 0 || (n == 1 && part[0] == '.'))
			continue;
		if (m->path.len && !tally_buf_byte(&m->path, '/'))
			return false;
		if (n == 2 && part[0] == '.' && part[1] == '.' && !tally_buf_byte(&m->path, '\\'))
			return false;
		if (n > UINT16_MAX || !tally_buf_add(&m->path, part, n))
			return false;
	}
	return true;
}

static enum tally_status append(struct tally_member_tree *m, const char *path, size_t len,
                                const struct tally_entry *entry, struct tally_err *err)
{
	struct item *it;
	char *copy;

	if (!tally_grow(&m->items, &m->cap, m->count, sizeof *m->items))
		return tally_err_nomem(err);
	copy = tally_arena_dup(&m->arena, path, len);
	if (!copy)
		return tally_err_nomem(err);
	it = &m->items[m->count];
	*it = (struct item){ copy, len, m->count, *entry };
	m->count++;
	return TALLY_OK;
}

enum tally_status tally_member_tree_add(struct tally_member_tree *m,
                                        const struct tally_member *member, struct tally_err *err)
{
	struct tally_entry e = { .type = (uint8_t)member->type,
		                 .reason = (uint8_t)member->reason,
		                 .mode = member->mode & 07777,
		                 .nlink = 1,
		                 .size = member->size,
		                 .mtime_ns = member->mtime_ns,
		                 .digest = member->digest };

	if (member->depth > 0)
		return TALLY_OK;
	if (!clean_path(m, member->path, member->path_len))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "a member's name is too long");
	if (m->path.len == 0)
		return TALLY_OK;
	if (member->type == TALLY_TYPE_FILE && member->reason == TALLY_REASON_NONE)
		e.proof = TALLY_PROOF_HASHED;
	if (member->target) {
		e.target = tally_arena_dup(&m->arena, member->target, strlen(member->target));
		if (!e.target)
			return tally_err_nomem(err);
	}
	return append(m, m->path.bytes, m->path.len, &e, err);
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

/* an entry for every folder above a member that has none of its own */
static enum tally_status add_implied(struct tally_member_tree *m, struct tally_err *err)
{
	const struct tally_entry folder = { .type = TALLY_TYPE_DIR, .mode = 0755, .nlink = 1 };
	size_t given = m->count;

	for (size_t i = 0; i < given; i++) {
		const char *path = m->items[i].path;
		size_t len = m->items[i].len;

		while ((len = tally_path_dir_len(path, len)) > 0) {
			/* sorted: the same folder was handled when the path before is below it, too */
			if (i > 0 &&
			    tally_path_below(m->items[i - 1].path, m->items[i - 1].len, path, len))
				break;
			enum tally_status st = append(m, path, len, &folder, err);

			if (st < 0)
				return st;
		}
	}
	return TALLY_OK;
}

/* a file that has members below it (a hostile archive) is a folder for us */
static void settle_types(struct tally_member_tree *m)
{
	for (size_t i = 0; i + 1 < m->count; i++)
		if (m->items[i].entry.type != TALLY_TYPE_DIR &&
		    m->items[i + 1].len > m->items[i].len &&
		    tally_path_below(m->items[i + 1].path, m->items[i + 1].len, m->items[i].path,
		                     m->items[i].len))
			m->items[i].entry = (struct tally_entry){ .type = TALLY_TYPE_DIR,
				                                  .mode = 0755,
				                                  .nlink = 1 };
}

/* the entries that lie in this very folder, in order */
static enum tally_status add_entries(struct tally_member_tree *m, struct tally_tree_builder *b,
                                     const char *dir, size_t len, size_t from, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = from; i < m->count && st >= 0; i++) {
		const struct item *it = &m->items[i];
		struct tally_entry e = it->entry;
		size_t base = tally_path_base(it->path, it->len);

		if (!tally_path_below(it->path, it->len, dir, len))
			break;
		if ((base ? base - 1 : 0) != len || (len && base == 0) || (len == 0 && base != 0))
			continue;
		e.name = it->path + base;
		e.name_len = (uint16_t)(it->len - base);
		st = tally_tree_builder_entry(b, &e, err);
	}
	return st;
}

enum tally_status tally_member_tree_finish(struct tally_member_tree *m, struct tally_tree **out,
                                           struct tally_err *err)
{
	struct tally_tree_builder *b = NULL;
	const struct tally_dir root = { .path = "", .mode = 0755 };
	enum tally_status st;

	qsort(m->items, m->count, sizeof *m->items, by_path);
	drop_repeated(m);
	st = add_implied(m, err);
	if (st < 0)
		return st;
	qsort(m->items, m->count, sizeof *m->items, by_path);
	{
		uint64_t repeated = m->repeated;

		drop_repeated(m);
		m->repeated = repeated;
	}
	settle_types(m);
	st = tally_tree_builder_new(&b, err);
	if (st >= 0)
		st = tally_tree_builder_dir(b, &root, err);
	if (st >= 0)
		st = add_entries(m, b, "", 0, 0, err);
	for (size_t i = 0; i < m->count && st >= 0; i++) {
		const struct item *it = &m->items[i];
		struct tally_dir dir = { .path = it->path, .path_len = (uint32_t)it->len };

		if (it->entry.type != TALLY_TYPE_DIR)
			continue;
		st = tally_tree_builder_dir(b, &dir, err);
		if (st >= 0)
			st = add_entries(m, b, it->path, it->len, i + 1, err);
	}
	if (st >= 0)
		st = tally_tree_builder_finish(b, out, err);
	tally_tree_builder_free(b);
	return st;
}
