/* One number for all extended attributes: names sorted, each followed by its value, lengths in front of both. */
#include "snap/xattr.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/bytes.h"
#include "core/mem.h"

enum { TRIES = 4 }; /* the list may grow between asking for its length and reading it */

static bool none_here(int sys)
{
	return sys == ENOTSUP || sys == EOPNOTSUPP || sys == ENOSYS || sys == ENODATA;
}

static enum tally_status too_many(struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "more extended attributes than xattr_bytes");
}

/* The list of names into @buf, however long. */
static enum tally_status list_names(int fd, struct tally_buf *buf, struct tally_err *err)
{
	for (int i = 0; i < TRIES; i++) {
		ssize_t n = tally_xattr_list(fd, NULL, 0);

		if (n < 0)
			return tally_err_sys(err, TALLY_SKIP, "listing extended attributes", NULL,
			                     errno);
		if ((size_t)n > buf->max)
			return too_many(err);
		if (!tally_buf_reserve(buf, (size_t)n))
			return tally_err_nomem(err);
		n = tally_xattr_list(fd, buf->bytes, buf->cap - 1);
		if (n < 0 && errno == ERANGE)
			continue;
		if (n < 0)
			return tally_err_sys(err, TALLY_SKIP, "listing extended attributes", NULL,
			                     errno);
		buf->len = (size_t)n;
		buf->bytes[buf->len] = '\0';
		return TALLY_OK;
	}
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_CHANGED_WHILE_READING,
	                     "extended attributes keep changing");
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Pointers to the names in a list, sorted; yours to tally_free. */
static enum tally_status sort_names(const char *list, size_t len, const char ***out, size_t *count,
                                    struct tally_err *err)
{
	size_t n = 0;
	const char **names;

	for (size_t i = 0; i < len; i++)
		n += list[i] == '\0';
	names = tally_alloc(n * sizeof *names);
	if (!names)
		return tally_err_nomem(err);
	*count = n;
	for (n = 0; n < *count; n++) {
		names[n] = list;
		list += strlen(list) + 1;
	}
	qsort(names, *count, sizeof *names, compare_names);
	*out = names;
	return TALLY_OK;
}

static bool add_pair(struct tally_buf *all, const char *name, const void *value, size_t len)
{
	size_t name_len = strlen(name);

	return tally_buf_varint(all, name_len) && tally_buf_add(all, name, name_len) &&
	       tally_buf_varint(all, len) && (len == 0 || tally_buf_add(all, value, len));
}

/* One name with its value. A value that is gone since its name was listed counts as none. */
static enum tally_status add_value(int fd, const char *name, struct tally_buf *all,
                                   struct tally_buf *value, struct tally_err *err)
{
	for (int i = 0; i < TRIES; i++) {
		ssize_t n = tally_xattr_get(fd, name, NULL, 0);

		if (n >= 0 && (size_t)n > value->max)
			return too_many(err);
		if (n >= 0 && !tally_buf_reserve(value, (size_t)n))
			return tally_err_nomem(err);
		if (n > 0)
			n = tally_xattr_get(fd, name, value->bytes, value->cap - 1);
		if (n < 0 && errno == ERANGE)
			continue;
		if (n < 0 && none_here(errno))
			return TALLY_OK;
		if (n < 0)
			return tally_err_sys(err, TALLY_SKIP, "reading an extended attribute", NULL,
			                     errno);
		return add_pair(all, name, value->bytes, (size_t)n) ? TALLY_OK : too_many(err);
	}
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_CHANGED_WHILE_READING,
	                     "extended attributes keep changing");
}

static enum tally_status digest_names(int fd, const struct tally_buf *names, struct tally_buf *all,
                                      struct tally_buf *value, struct tally_err *err)
{
	const char **sorted = NULL;
	size_t count = 0;
	enum tally_status st = sort_names(names->bytes, names->len, &sorted, &count, err);

	for (size_t i = 0; st == TALLY_OK && i < count; i++)
		st = add_value(fd, sorted[i], all, value, err);
	tally_free(sorted);
	return st;
}

enum tally_status tally_xattr_digest(int fd, const struct tally_key *key, uint64_t limit,
                                     uint64_t *digest, struct tally_err *err)
{
	struct tally_buf names, all, value;
	struct tally_digest d;
	struct tally_bytes b;
	enum tally_status st;
	ssize_t n = tally_xattr_list(fd, NULL, 0);

	*digest = 0;
	if (n == 0 || (n < 0 && none_here(errno)))
		return TALLY_OK;
	if (limit > SIZE_MAX / 4)
		limit = SIZE_MAX / 4;
	tally_buf_init(&names, (size_t)limit);
	tally_buf_init(&all, (size_t)limit);
	tally_buf_init(&value, (size_t)limit);
	st = list_names(fd, &names, err);
	if (st == TALLY_OK && names.len > 0)
		st = digest_names(fd, &names, &all, &value, err);
	if (st == TALLY_OK && all.len > 0) {
		tally_digest_of(&d, key, all.bytes, all.len);
		b = tally_bytes_of(d.bytes, sizeof d.bytes);
		*digest = tally_bytes_u64(&b);
		*digest += *digest == 0;
	}
	tally_buf_release(&names);
	tally_buf_release(&all);
	tally_buf_release(&value);
	return st;
}
