/**
 * Patterns in gitignore syntax: which entries of a folder to leave out.
 *
 * A list holds the patterns of one place (the command line, one .tallyignore) and applies to what lies in and below one
 * folder. The last pattern of a list that matches decides. Of several lists the caller asks the command line first, then
 * the nearest folder, then its parents; what lies below an excluded folder is never asked for. Follows what git does
 * (gitignore(5), and where that is silent, its dir.c and wildmatch.c), in time that grows with the product of pattern and
 * path at most.
 */
#ifndef TALLY_SNAP_IGNORE_H
#define TALLY_SNAP_IGNORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/** One line that says something. */
struct tally_ignore_pattern {
	const char *text; /**< as written, NUL-terminated */
	uint32_t line;    /**< line in its file, from 1; on the command line its number */
	uint32_t start; /**< first byte that is matched: behind '!', and behind a leading '/' where a path is matched */
	uint32_t end;      /**< behind the last one that is matched: before a trailing '/' */
	uint32_t literal;  /**< bytes from start without a special meaning */
	bool negative;     /**< starts with '!': takes back what an earlier one left out */
	bool folders_only; /**< ends in '/' */
	bool name_only;    /**< holds no other '/': matches names at any depth, not paths */
};

struct tally_ignore;

enum tally_status tally_ignore_new(struct tally_ignore **out, struct tally_err *err);
void tally_ignore_free(struct tally_ignore *list);

/**
 * Add one pattern as it stands on the command line. Comments and blank lines are no patterns here either.
 */
enum tally_status tally_ignore_add(struct tally_ignore *list, const char *text, size_t len,
                                   struct tally_err *err);

/** Add all patterns of a file's content. */
enum tally_status tally_ignore_parse(struct tally_ignore *list, const char *bytes, size_t len,
                                     struct tally_err *err);

/** Number of patterns, and one of them. */
uint32_t tally_ignore_count(const struct tally_ignore *list);
const struct tally_ignore_pattern *tally_ignore_at(const struct tally_ignore *list, uint32_t index);

/**
 * Which pattern decides about an entry?
 * @path    relative to the folder that the list belongs to
 * @folder  is it a folder (a link to one is none)?
 * @index   filled when there is one; look at its `negative`
 * @return false when none of them matches
 */
bool tally_ignore_match(const struct tally_ignore *list, const char *path, size_t len, bool folder,
                        uint32_t *index);

/**
 * Does a pattern match a text, by the rules for paths: '*' and '?' stop at '/', "**" between slashes does not.
 */
bool tally_ignore_wild(const char *pattern, size_t pattern_len, const char *text, size_t text_len);

#endif
