/* The table of qpdf's functions: see pdf_lib.h. */
#include "formats/pdf_lib.h"

#include <pthread.h>

#include "core/library.h"

struct tally_pdf_calls tally_pdf_calls;

static const char *const names[] = {
#define TALLY_CALL(name) #name,
#include "formats/pdf_calls.def"
#undef TALLY_CALL
};

enum { CALLS = sizeof names / sizeof *names };

static enum tally_status fill(struct tally_err *err)
{
	tally_library_fn *found[CALLS];
	size_t i = 0;
	enum tally_status st = tally_library_find(TALLY_LIBRARY_QPDF, names, CALLS, found, err);

	if (st < 0)
		return st;
#define TALLY_CALL(name) tally_pdf_calls.name = (__typeof__(name) *)found[i++];
#include "formats/pdf_calls.def"
#undef TALLY_CALL
	return TALLY_OK;
}

enum tally_status tally_pdf_load(struct tally_err *err)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	enum tally_status st = TALLY_OK;

	pthread_mutex_lock(&lock);
	if (!tally_pdf_calls.qpdf_init)
		st = fill(err);
	pthread_mutex_unlock(&lock);
	return st;
}
