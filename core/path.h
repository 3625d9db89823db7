/**
 * Paths as bytes. A path inside a snapshot is relative, its parts are separated by '/', and it never holds "." or "..".
 *
 * Order: part by part, each part in byte order. ("a/z" comes before "a-b": a folder's content follows the folder.)
 */
#ifndef TALLY_CORE_PATH_H
#define TALLY_CORE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/buf.h"

/** Order of two paths as described above: negative, 0, positive. */
int tally_path_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/** Order of two names (plain bytes, the shorter first when one begins the other). */
int tally_name_compare(const char *a, size_t a_len, const char *b, size_t b_len);

/** Set @buf to dir + '/' + name (just name where dir is empty). @return false: no memory */
bool tally_path_join(struct tally_buf *buf, const char *dir, size_t dir_len, const char *name,
                     size_t name_len);

/** Offset of the last part: behind the last '/', or 0. */
size_t tally_path_base(const char *path, size_t len);

/** Length of the folder part without its '/', or 0. */
size_t tally_path_dir_len(const char *path, size_t len);

/** Is @path equal to @dir or below it? Everything is below the empty path. */
bool tally_path_below(const char *path, size_t len, const char *dir, size_t dir_len);

/** The suffix with its dot (".gz" of "a.tar.gz"), lower case not applied; length 0 where there is none (".profile" has none). */
size_t tally_path_suffix(const char *path, size_t len, const char **suffix);

/** Is this a path that a snapshot may hold (relative, no empty part, no "." or "..", no NUL)? The empty path is. */
bool tally_path_valid(const char *path, size_t len);

#endif
