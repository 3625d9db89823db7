/* What both sandboxes share: resource limits and names. */
#include "receipt/sandbox.h"

#include <sys/resource.h>

#include "receipt/sandbox_limits.h"

/* the sanitizers map terabytes of shadow memory, which no bound on the address space lets them have */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BOUND_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
	__has_feature(memory_sanitizer)
#define BOUND_MEMORY 0
#endif
#endif
#ifndef BOUND_MEMORY
#define BOUND_MEMORY 1
#endif

const char *tally_sandbox_name(enum tally_sandbox level)
{
	static const char *const names[] = { "none", "seccomp", "full" };

	return names[level];
}

void tally_sandbox_limits(uint64_t memory, uint64_t files)
{
	const struct rlimit none = { 0, 0 };
	struct rlimit no_file = none;
	const struct rlimit most = { (rlim_t)memory, (rlim_t)memory };

	/* who was given less cannot ask for more, and must still be held to nothing */
	if (getrlimit(RLIMIT_FSIZE, &no_file) == 0 && (rlim_t)files < no_file.rlim_max)
		no_file.rlim_max = (rlim_t)files;
	no_file.rlim_cur = 0;
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &no_file);
	if (BOUND_MEMORY)
		setrlimit(RLIMIT_AS, &most);
}

static void lower(int what, uint64_t most)
{
	struct rlimit now;

	if (!BOUND_MEMORY || getrlimit(what, &now) != 0)
		return;
	now.rlim_cur = (rlim_t)most < now.rlim_max ? (rlim_t)most : now.rlim_max;
	setrlimit(what, &now);
}

void tally_sandbox_memory(uint64_t addresses, uint64_t memory)
{
	lower(RLIMIT_AS, addresses);
	lower(RLIMIT_DATA, memory);
}

void tally_sandbox_files(uint64_t bytes)
{
	struct rlimit now;

	if (getrlimit(RLIMIT_FSIZE, &now) != 0)
		return;
	now.rlim_cur = (rlim_t)bytes < now.rlim_max ? (rlim_t)bytes : now.rlim_max;
	setrlimit(RLIMIT_FSIZE, &now);
}

void tally_sandbox_program_limits(uint64_t memory, uint64_t files, uint64_t seconds)
{
	const struct rlimit none = { 0, 0 };
	const struct rlimit time = { (rlim_t)seconds, (rlim_t)seconds + 1 };
	const struct rlimit most = { (rlim_t)memory, (rlim_t)memory };
	const struct rlimit file = { (rlim_t)files, (rlim_t)files };

	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_CPU, &time);
	setrlimit(RLIMIT_FSIZE, &file);
	/* no sanitizer in another program */
	setrlimit(RLIMIT_AS, &most);
}
