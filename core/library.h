/**
 * Libraries that are loaded when they are first needed, because most runs need none of them and each makes every start slower.
 *
 * The libraries stand in core/libraries.def; no other can be loaded. A folder that uses one keeps a table of its functions,
 * filled by tally_library_fill (formats/inflate.c shows how). A library that was loaded stays until the process ends.
 *
 * A sandboxed process can load nothing. It says so with tally_library_seal before it enters the sandbox; what it fails to
 * open from then on is remembered, so that its parent can load it and ask a new process. All functions may be called from
 * any thread.
 */
#ifndef TALLY_CORE_LIBRARY_H
#define TALLY_CORE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"

enum tally_library {
#define TALLY_LIBRARY(id, ID, stem, version) TALLY_LIBRARY_##ID,
#include "core/libraries.def"
#undef TALLY_LIBRARY
	TALLY_LIBRARIES /**< how many there are; also: none */
};

/** The id of a row ("archive"). */
const char *tally_library_id(enum tally_library library);

/** The library with this id, or TALLY_LIBRARIES; NULL is fine. */
enum tally_library tally_library_from_id(const char *id);

/** Is it loaded? */
bool tally_library_loaded(enum tally_library library);

/**
 * Load it, unless it is. A failure is kept: it fails the same way from then on.
 * @return TALLY_OK, or TALLY_SKIP with reason library_missing
 */
enum tally_status tally_library_load(enum tally_library library, struct tally_err *err);

/** Functions of a library, to be called once they are there. Static: one for each table. */
struct tally_library_calls {
	enum tally_library library;
	const char *const *names;
	size_t count;
	void *table; /**< a struct of nothing but pointers to functions, one for each name, in this order */
	bool filled;
};

/**
 * Load the library and fill the table, unless it is.
 * @calls  its table is complete on TALLY_OK, otherwise untouched
 * @return TALLY_OK, or TALLY_SKIP with reason library_missing, which names the function that is not there
 */
enum tally_status tally_library_fill(struct tally_library_calls *calls, struct tally_err *err);

/** From now on nothing more can be loaded in this process; what is loaded can be used. */
void tally_library_seal(void);

/** The library that could not be loaded because of the seal, or TALLY_LIBRARIES. */
enum tally_library tally_library_wanted(void);

#endif
