/**
 * Programs that turn a file into text (pdftotext): each runs as a process of its own, behind limits, with nothing but the file
 * on its input and an empty file on its output. On Linux it can write nowhere else, read no one's files and reach no network.
 */
#ifndef TALLY_RECEIPT_CONVERTER_H
#define TALLY_RECEIPT_CONVERTER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/limits.h"

/** A conversion that was begun. */
struct tally_conversion {
	pid_t pid; /**< 0: none is running */
	int text;  /**< the file that it fills, or -1 */
	int done;  /**< pipe that ends with it, or -1 */
	int64_t deadline_ms;
};

/** Is this a file that such a program can read? By its first bytes. */
bool tally_convertible(int fd);

/**
 * Begin. Call it while the process has one thread.
 * @fd  a file that tally_convertible has said yes to; borrowed
 * @return false: there is no such program here, or it cannot be started; the conversion then is one that has ended
 */
bool tally_convert_begin(struct tally_conversion *c, int fd, const struct tally_limits *limits);

/**
 * Wait for it, until its time is over.
 * @return the text, yours to close, its position unknown; -1: there is none: no program, a file that it refuses, a limit
 */
int tally_convert_end(struct tally_conversion *c);

/**
 * Both sides of a pair at once, each if it is convertible.
 * @texts  yours to close, -1 where there is none
 * @return whether there is any
 */
bool tally_convert_both(int texts[2], const int fds[2], const struct tally_limits *limits);
void tally_convert_close(int texts[2]);

#endif
