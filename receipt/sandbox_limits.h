/** The resource limits that both sandboxes set. */
#ifndef TALLY_RECEIPT_SANDBOX_LIMITS_H
#define TALLY_RECEIPT_SANDBOX_LIMITS_H

#include <stdint.h>

/** No core files, no file that grows (tally_sandbox_files may allow @files bytes), @memory bytes of address space at most. */
void tally_sandbox_limits(uint64_t memory, uint64_t files);

/** The same for a program that is to be executed, with @seconds of processor time. */
void tally_sandbox_program_limits(uint64_t memory, uint64_t files, uint64_t seconds);

#endif
