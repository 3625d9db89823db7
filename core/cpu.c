/* The number of processors, as POSIX tells it. */
#include "core/cpu.h"

#include <unistd.h>

unsigned tally_threads(unsigned wanted)
{
	long n = wanted ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return n > TALLY_THREADS_MOST ? TALLY_THREADS_MOST : (unsigned)n;
}
