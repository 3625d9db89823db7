/* Libraries loaded late: found, not found, and not allowed. */
#include <criterion/criterion.h>
#include <string.h>
#include <sys/resource.h>

#include "core/library.h"

typedef const char *version_fn(void);

static struct rlimit files;

/* one function, and one that there is or not */
static struct {
	version_fn *version;
	void (*other)(void);
} calls;

static struct tally_library_calls version = {
	.library = TALLY_LIBRARY_ARCHIVE,
	.names = (const char *const[]){ "archive_version_string" },
	.count = 1,
	.table = &calls,
};

/* no file can be opened until files_back; Criterion opens some itself */
static void files_away(void)
{
	struct rlimit none;

	getrlimit(RLIMIT_NOFILE, &files);
	none = files;
	none.rlim_cur = 0;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
}

static void files_back(void)
{
	setrlimit(RLIMIT_NOFILE, &files);
}

Test(library, all_of_the_table_can_be_loaded)
{
	for (int i = 0; i < TALLY_LIBRARIES; i++) {
		enum tally_library library = (enum tally_library)i;
		struct tally_err err = { 0 };

		cr_expect_not(tally_library_loaded(library));
		cr_expect_eq(tally_library_load(library, &err), TALLY_OK, "%s", err.message);
		cr_expect(tally_library_loaded(library));
	}
}

Test(library, ids_lead_to_their_library_and_others_to_none)
{
	for (int i = 0; i < TALLY_LIBRARIES; i++) {
		const enum tally_library library = (enum tally_library)i;

		cr_expect_eq(tally_library_from_id(tally_library_id(library)), library);
	}
	cr_expect_eq(tally_library_from_id("libarchive.so.13"), TALLY_LIBRARIES);
	cr_expect_eq(tally_library_from_id("../archive"), TALLY_LIBRARIES);
	cr_expect_eq(tally_library_from_id(""), TALLY_LIBRARIES);
	cr_expect_eq(tally_library_from_id(NULL), TALLY_LIBRARIES);
}

Test(library, functions_are_found_and_can_be_called)
{
	for (int round = 0; round < 2; round++) {
		cr_assert_eq(tally_library_fill(&version, NULL), TALLY_OK);
		cr_expect(strncmp(calls.version(), "libarchive 3.", 13) == 0);
		cr_expect_null(calls.other);
	}
}

Test(library, a_missing_function_is_named_and_nothing_filled)
{
	struct tally_library_calls none = version;
	struct tally_err err = { 0 };

	none.names = (const char *const[]){ "archive_version_string", "archive_no_such_call" };
	none.count = 2;
	cr_expect_eq(tally_library_fill(&none, &err), TALLY_SKIP);
	cr_expect_not(none.filled);
	cr_expect_eq(err.reason, TALLY_REASON_LIBRARY_MISSING);
	cr_expect(strstr(err.message, "archive_no_such_call"), "%s", err.message);
	cr_expect_null(calls.version);
}

Test(library, a_missing_library_is_a_skip_with_its_file_name)
{
	struct tally_err err = { 0 };
	enum tally_status st;

	files_away();
	st = tally_library_load(TALLY_LIBRARY_ARCHIVE, &err);
	files_back();
	for (int round = 0; round < 2; round++) { /* and it stays so */
		cr_expect_eq(st, TALLY_SKIP);
		cr_expect_eq(err.reason, TALLY_REASON_LIBRARY_MISSING);
		cr_expect(strstr(err.message, "libarchive"), "%s", err.message);
		st = tally_library_load(TALLY_LIBRARY_ARCHIVE, &err);
	}
	cr_expect_not(tally_library_loaded(TALLY_LIBRARY_ARCHIVE));
	cr_expect_eq(tally_library_wanted(), TALLY_LIBRARIES);
}

Test(library, behind_the_seal_what_is_wanted_is_remembered)
{
	tally_library_seal();
	cr_expect_eq(tally_library_wanted(), TALLY_LIBRARIES);
	cr_expect_eq(tally_library_load(TALLY_LIBRARY_ARCHIVE, NULL), TALLY_SKIP);
	cr_expect_eq(tally_library_wanted(), TALLY_LIBRARY_ARCHIVE);
	cr_expect_not(tally_library_loaded(TALLY_LIBRARY_ARCHIVE));
}

Test(library, behind_the_seal_what_is_loaded_can_be_used)
{
	enum tally_status st;

	cr_assert_eq(tally_library_load(TALLY_LIBRARY_ARCHIVE, NULL), TALLY_OK);
	tally_library_seal();
	files_away();
	st = tally_library_fill(&version, NULL);
	files_back();
	cr_expect_eq(st, TALLY_OK);
	cr_expect_eq(tally_library_wanted(), TALLY_LIBRARIES);
}
