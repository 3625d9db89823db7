/* Paths as bytes: see core/path.h. */
#include "core/path.h"

#include <string.h>

int tally_name_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	int c = memcmp(a, b, a_len < b_len ? a_len : b_len);

	if (c)
		return c;
	return (a_len > b_len) - (a_len < b_len);
}

int tally_path_compare(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t n = a_len < b_len ? a_len : b_len;
	size_t i = 0;

	while (i < n && a[i] == b[i])
		i++;
	if (i == n)
		return (a_len > b_len) - (a_len < b_len);
	/* the end of a part sorts before anything that goes on */
	if (a[i] == '/')
		return -1;
	if (b[i] == '/')
		return 1;
	return (unsigned char)a[i] < (unsigned char)b[i] ? -1 : 1;
}

bool tally_path_join(struct tally_buf *buf, const char *dir, size_t dir_len, const char *name,
                     size_t name_len)
{
	tally_buf_clear(buf);
	if (dir_len && (!tally_buf_add(buf, dir, dir_len) || !tally_buf_byte(buf, '/')))
		return false;
	return tally_buf_add(buf, name, name_len);
}

size_t tally_path_base(const char *path, size_t len)
{
	while (len > 0 && path[len - 1] != '/')
		len--;
	return len;
}

size_t tally_path_dir_len(const char *path, size_t len)
{
	size_t base = tally_path_base(path, len);

	return base ? base - 1 : 0;
}

bool tally_path_below(const char *path, size_t len, const char *dir, size_t dir_len)
{
	if (dir_len == 0)
		return true;
	if (len < dir_len || memcmp(path, dir, dir_len) != 0)
		return false;
	return len == dir_len || path[dir_len] == '/';
}

size_t tally_path_suffix(const char *path, size_t len, const char **suffix)
{
	size_t base = tally_path_base(path, len);

	for (size_t i = len; i > base + 1; i--) {
		if (path[i - 1] == '.') {
			*suffix = path + i - 1;
			return len - (i - 1);
		}
	}
	*suffix = path + len;
	return 0;
}

bool tally_path_valid(const char *path, size_t len)
{
	size_t start = 0;

	if (len == 0)
		return true;
	for (size_t i = 0; i <= len; i++) {
		size_t part;

		if (i < len && path[i] == '\0')
			return false;
		if (i < len && path[i] != '/')
			continue;
		part = i - start;
		if (part == 0 || (part == 1 && path[start] == '.') ||
		    (part == 2 && path[start] == '.' && path[start + 1] == '.'))
			return false;
		start = i + 1;
	}
	return true;
}
