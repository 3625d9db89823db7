/* The sandbox where there is only POSIX: resource limits and closed descriptors. */
#include "receipt/sandbox.h"

#include <unistd.h>

#include "receipt/sandbox_limits.h"

void tally_sandbox_program(int keep, uint64_t memory, uint64_t files, uint64_t seconds)
{
	long most = sysconf(_SC_OPEN_MAX);

	for (int fd = keep + 1; fd < (most > 0 && most < 65536 ? (int)most : 65536); fd++)
		close(fd);
	tally_sandbox_program_limits(memory, files, seconds);
}

enum tally_sandbox tally_sandbox_enter(int keep, uint64_t memory, uint64_t files)
{
	long most = sysconf(_SC_OPEN_MAX);

	for (int fd = 3; fd < (most > 0 && most < 65536 ? (int)most : 65536); fd++)
		if (fd != keep)
			close(fd);
	tally_sandbox_limits(memory, files);
	return TALLY_SANDBOX_NONE;
}
