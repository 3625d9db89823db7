/* libarchive loaded late: the table of its functions, and the ways to objects. See archive_lib.h. */
#define TALLY_ARCHIVE_OWN_NAMES
#include "formats/archive_lib.h"

#include "core/library.h"

struct tally_archive_calls tally_archive_calls;

static const char *const names[] = {
#define TALLY_CALL(name) #name,
#include "formats/archive_calls.def"
#undef TALLY_CALL
};

static struct tally_library_calls library = {
	.library = TALLY_LIBRARY_ARCHIVE,
	.names = names,
	.count = sizeof names / sizeof *names,
	.table = &tally_archive_calls,
};

static bool filled(void)
{
	return tally_library_fill(&library, NULL) == TALLY_OK;
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
