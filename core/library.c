/* Libraries loaded late: each one opened once, its functions found by name. */
#include "core/library.h"

#include <assert.h>
#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#ifdef __APPLE__
#define FILE_NAME(stem, version) stem "." version ".dylib"
#else
#define FILE_NAME(stem, version) stem ".so." version
#endif

static const struct row {
	const char *id, *file;
} rows[] = {
#define TALLY_LIBRARY(id, ID, stem, version) { #id, FILE_NAME(stem, version) },
#include "core/libraries.def"
#undef TALLY_LIBRARY
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all that follows */
static void *handles[TALLY_LIBRARIES];
static bool failed[TALLY_LIBRARIES];
static bool sealed;
static enum tally_library wanted = TALLY_LIBRARIES;

const char *tally_library_id(enum tally_library library)
{
	return rows[library].id;
}

enum tally_library tally_library_from_id(const char *id)
{
	int i = 0;

	while (i < TALLY_LIBRARIES && !(id && strcmp(rows[i].id, id) == 0))
		i++;
	return (enum tally_library)i;
}

static enum tally_status missing(enum tally_library library, const char *what, struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIBRARY_MISSING, "%s '%s'", what,
	                     rows[library].file);
}

/* with the lock held; @return NULL: not loaded */
static void *load(enum tally_library library)
{
	if (handles[library])
		return handles[library];
	if (sealed) { /* also where its parent failed: that one knows the reason */
		wanted = library;
		return NULL;
	}
	if (failed[library])
		return NULL;
	/* all symbols bound at once: nothing is looked up later, in the sandbox */
	handles[library] = dlopen(rows[library].file, RTLD_NOW | RTLD_LOCAL);
	failed[library] = !handles[library];
	return handles[library];
}

static void *load_locked(enum tally_library library)
{
	void *handle;

	pthread_mutex_lock(&lock);
	handle = load(library);
	pthread_mutex_unlock(&lock);
	return handle;
}

bool tally_library_loaded(enum tally_library library)
{
	bool loaded;

	pthread_mutex_lock(&lock);
	loaded = handles[library] != NULL;
	pthread_mutex_unlock(&lock);
	return loaded;
}

enum tally_status tally_library_load(enum tally_library library, struct tally_err *err)
{
	if (load_locked(library))
		return TALLY_OK;
	return missing(library, "loading the library", err);
}

/* with the lock held */
static enum tally_status fill(const struct tally_library_calls *calls, struct tally_err *err)
{
	typedef void any_fn(void);
	void *handle = load(calls->library), *found;
	char *out = calls->table;

	/* C knows no way from objects to functions; POSIX says that they look alike */
	static_assert(sizeof(any_fn *) == sizeof found,
	              "functions and objects have addresses of one size");
	if (!handle)
		return missing(calls->library, "loading the library", err);
	for (size_t i = 0; i < calls->count; i++)
		if (!dlsym(handle, calls->names[i]))
			return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIBRARY_MISSING,
			                     "the library '%s' has no '%s'",
			                     rows[calls->library].file, calls->names[i]);
	for (size_t i = 0; i < calls->count; i++, out += sizeof found) {
		found = dlsym(handle, calls->names[i]);
		memcpy(out, &found, sizeof found);
	}
	return TALLY_OK;
}

enum tally_status tally_library_fill(struct tally_library_calls *calls, struct tally_err *err)
{
	enum tally_status st;

	pthread_mutex_lock(&lock);
	st = calls->filled ? TALLY_OK : fill(calls, err);
	calls->filled = st == TALLY_OK;
	pthread_mutex_unlock(&lock);
	return st;
}

void tally_library_seal(void)
{
	pthread_mutex_lock(&lock);
	sealed = true;
	pthread_mutex_unlock(&lock);
}

enum tally_library tally_library_wanted(void)
{
	enum tally_library library;

	pthread_mutex_lock(&lock);
	library = wanted;
	pthread_mutex_unlock(&lock);
	return library;
}
