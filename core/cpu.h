/**
 * How many processors this process may use.
 */
#ifndef TALLY_CORE_CPU_H
#define TALLY_CORE_CPU_H

enum {
	TALLY_THREADS_MOST = 8
}; /**< more threads on one file or comparison gain nothing: memory is the bound then */

/** @wanted  threads asked for; 0: as many as there are processors. @return 1 to TALLY_THREADS_MOST */
unsigned tally_threads(unsigned wanted);

#endif
