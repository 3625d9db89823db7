/** A law that is broken ends the program with a message: for checks that unit tests and fuzz targets share. */
#ifndef TALLY_TESTS_LAW_H
#define TALLY_TESTS_LAW_H

#include <stdio.h>
#include <stdlib.h>

/** @...  printf's arguments for the message */
#define LAW(holds, ...)                                              \
	do {                                                         \
		if (!(holds)) {                                      \
			fprintf(stderr, "broken law: %s\n", #holds); \
			fprintf(stderr, __VA_ARGS__);                \
			fputc('\n', stderr);                         \
			abort();                                     \
		}                                                    \
	} while (0)

#endif
