/**
 * Programs that turn a file into text (pdftotext): each runs as a process of its own, behind limits, with nothing but the file
 * on its input and a pipe on its output. On Linux it can write nowhere else, read no one's files and reach no network.
 */
#ifndef TALLY_RECEIPT_CONVERTER_H
#define TALLY_RECEIPT_CONVERTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/err.h"
#include "core/limits.h"

/** What became of one file. */
struct tally_converted {
	int text; /**< a file, yours to close, its position unknown; -1: there is none */
	struct tally_err why; /**< why there is none; reason none: there was nothing to convert */
};

/** A program and its arguments; the file is on its standard input. */
struct tally_converter {
	const char *path; /**< NULL: it is not installed */
	const char *name; /**< for messages */
	const char *const *argv;
};

enum { TALLY_COMPLAINT_MOST = 200 };

/** A conversion that was begun. All zero: none. */
struct tally_conversion {
	const char *name;
	bool begun;
	pid_t pid;     /**< 0: it could not be started */
	int text;      /**< the file that it fills, or -1 */
	int out, said; /**< pipes from its output and its complaints; -1: ended */
	uint64_t bytes, bytes_most;
	int64_t deadline_ms;
	uint64_t cpu_least_ms; /* of processor time that it has in any case; each page gives some more */
	uint64_t pages;        /* that it has told */
	bool line_begins;      /* what comes next */
	char complaint[TALLY_COMPLAINT_MOST];
	size_t complaint_len;
	struct tally_err why; /**< why it was ended */
};

/** Is this a file that pdftotext can read? By its first bytes. */
bool tally_convertible(int fd);

/**
 * Begin with a file. It ends by itself or is ended: at limits.convert_seconds, convert_bytes or convert_memory.
 * @program  what it names must last until the end
 * @fd       borrowed for the call
 */
void tally_convert_begin_by(struct tally_conversion *c, const struct tally_converter *program,
                            int fd, const struct tally_limits *limits);

/** The same by pdftotext (words with their places, a line each) for a file that tally_convertible has said yes to. */
void tally_convert_begin(struct tally_conversion *c, int fd, const struct tally_limits *limits);

/** Wait for it. @out  always filled */
void tally_convert_end(struct tally_conversion *c, struct tally_converted *out);

/** Both sides of a pair at once. */
void tally_convert_end_both(struct tally_conversion c[2], struct tally_converted out[2]);

#endif
