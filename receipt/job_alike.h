/**
 * Is anything of a content in the one that took its place? For files whose bytes alone can be compared.
 */
#ifndef TALLY_RECEIPT_JOB_ALIKE_H
#define TALLY_RECEIPT_JOB_ALIKE_H

#include <stdbool.h>

#include "core/err.h"

struct tally_alike {
	int share; /**< thousandths of the smaller content that are in the other one; -1: not known (too short, too large) */
	bool text; /**< one of them at least is plain text, so that a small edit would have left most of it as it was */
};

/** Blanks, line ends, NUL bytes (UTF-16) and the case of ASCII letters are left out. Descriptors are read from their start. */
enum tally_status tally_job_alike(struct tally_alike *out, const int fds[2], struct tally_err *err);

#endif
