/**
 * A scratch folder for one test: made empty, filled by short calls, removed with all that is in it.
 *
 *	static struct scratch s;
 *	static void begin(void) { scratch_make(&s); }
 *	static void end(void) { scratch_remove(&s); }
 *	TestSuite(walk, .init = begin, .fini = end);
 *
 * Paths are relative to the folder; missing parents are made. Strings that are returned belong to
 * the scratch folder and live until scratch_remove, unless said otherwise. Whatever goes wrong in
 * here ends the program with a message: a test cannot go on without its fixture.
 */
#ifndef TALLY_TESTS_SCRATCH_H
#define TALLY_TESTS_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

struct scratch_note;

struct scratch {
	char *path;                 /**< absolute, without symbolic links */
	struct scratch_note *notes; /**< strings to free at the end */
};

/** Make a fresh folder below $TMPDIR or /tmp. */
void scratch_make(struct scratch *s);

/** Remove it, whatever its permissions and depth. Fine to call twice, or on a zeroed struct. */
void scratch_remove(struct scratch *s);

/** The absolute path of @rel; "" or "." is the folder itself. */
const char *scratch_path(struct scratch *s, const char *rel);

/** Make the folder @rel and its parents. @return its absolute path */
const char *scratch_mkdirs(struct scratch *s, const char *rel);

/** Write a file, replacing what was there (the inode stays). @return its absolute path */
const char *scratch_write(struct scratch *s, const char *rel, const void *bytes, size_t size);

/** The same for text. */
const char *scratch_puts(struct scratch *s, const char *rel, const char *text);

/** Write at the end of a file. @return its absolute path */
const char *scratch_append(struct scratch *s, const char *rel, const char *text);

/** Read a whole file. @size may be NULL; a NUL follows the last byte in any case. */
const char *scratch_read(struct scratch *s, const char *rel, size_t *size);

/** Read any file by its path. @return bytes to free(), with a NUL after the last */
void *scratch_slurp(const char *path, size_t *size);

/** Is there something of that name? Links are not followed. */
bool scratch_exists(struct scratch *s, const char *rel);

/** Make @rel a symbolic link to @target, which is taken as it stands. @return its absolute path */
const char *scratch_symlink(struct scratch *s, const char *target, const char *rel);

/** Make @rel another name of the file @old. @return its absolute path */
const char *scratch_link(struct scratch *s, const char *old, const char *rel);

/** Move within the scratch folder; makes the target's parents. @return the new absolute path */
const char *scratch_move(struct scratch *s, const char *from, const char *to);

/** Remove one file, link or empty folder. */
void scratch_unlink(struct scratch *s, const char *rel);

/** Change the permissions. */
void scratch_chmod(struct scratch *s, const char *rel, mode_t mode);

/** Set the time of modification, of a link its own. */
void scratch_touch(struct scratch *s, const char *rel, time_t seconds, long nanoseconds);

/**
 * A file without a name that holds these bytes, open for reading and writing; it needs no scratch folder.
 * @return its descriptor; yours to close
 */
int scratch_fd(const void *bytes, size_t size);

/**
 * For tests about permissions, which root would pass by: hands the folder over to the user nobody and
 * becomes that user, for the rest of this process (Criterion gives each test its own). Does nothing
 * for other users.
 */
void scratch_leave_root(struct scratch *s);

#endif
