/* libarchive loaded late: the table of its functions, and the ways to objects. See archive_lib.h. */
#define TALLY_ARCHIVE_OWN_NAMES
#include "formats/archive_lib.h"

#include <pthread.h>

#include "core/library.h"

struct tally_archive_calls tally_archive_calls;

static const char *const names[] = {
#define TALLY_CALL(name) #name,
#include "formats/archive_calls.def"
#undef TALLY_CALL
};

enum { CALLS = sizeof names / sizeof *names };

static bool fill(void)
{
	tally_library_fn *found[CALLS];
	size_t i = 0;

	if (tally_library_find(TALLY_LIBRARY_ARCHIVE, names, CALLS, found, NULL) < 0)
		return false;
#define TALLY_CALL(name) tally_archive_calls.name = (__typeof__(name) *)found[i++];
#include "formats/archive_calls.def"
#undef TALLY_CALL
	return true;
}

static bool filled(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static bool done;
	bool ok;

	pthread_mutex_lock(&lock);
	done = ok = done || fill();
	pthread_mutex_unlock(&lock);
	return ok;
}

struct archive *tally_archive_read_new(void)
{
	return filled() ? tally_archive_calls.archive_read_new() : NULL;
}

struct archive_entry *tally_archive_entry_new(void)
{
	return filled() ? tally_archive_calls.archive_entry_new() : NULL;
}

int tally_archive_read_free(struct archive *a)
{
	return a ? tally_archive_calls.archive_read_free(a) : ARCHIVE_OK;
}

void tally_archive_entry_free(struct archive_entry *entry)
{
	if (entry)
		tally_archive_calls.archive_entry_free(entry);
}
