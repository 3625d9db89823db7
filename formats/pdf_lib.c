/* The table of qpdf's functions: see pdf_lib.h. */
#include "formats/pdf_lib.h"

#include "core/library.h"

struct tally_pdf_calls tally_pdf_calls;

static const char *const names[] = {
#define TALLY_CALL(name) #name,
#include "formats/pdf_calls.def"
#undef TALLY_CALL
};

static struct tally_library_calls library = {
	.library = TALLY_LIBRARY_QPDF,
	.names = names,
	.count = sizeof names / sizeof *names,
	.table = &tally_pdf_calls,
};

enum tally_status tally_pdf_load(struct tally_err *err)
{
	return tally_library_fill(&library, err);
}
