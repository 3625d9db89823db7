/**
 * Taking a process's powers away before it reads a hostile file. sandbox_linux.c uses seccomp and Landlock, sandbox_posix.c
 * what POSIX has.
 */
#ifndef TALLY_RECEIPT_SANDBOX_H
#define TALLY_RECEIPT_SANDBOX_H

#include <stdint.h>

/** How much was taken away. */
enum tally_sandbox {
	TALLY_SANDBOX_NONE,    /**< resource limits only */
	TALLY_SANDBOX_SECCOMP, /**< no opening, no starting, no network: system calls on a list only */
	TALLY_SANDBOX_FULL,    /**< the same, and Landlock says no to every path as well */
};

/** "none", "seccomp", "full". */
const char *tally_sandbox_name(enum tally_sandbox level);

/**
 * Enter the sandbox for good: closes every descriptor but 0-2 and @keep, forbids core files and (until tally_sandbox_files)
 * files that grow, bounds the memory. The process must have one thread; it may start more.
 * @keep    descriptor that stays open
 * @memory  bytes of address space at most
 * @files   bytes that tally_sandbox_files can allow at most
 * @return how strong it came out
 */
enum tally_sandbox tally_sandbox_enter(int keep, uint64_t memory, uint64_t files);

/**
 * The same for another program that is to be executed next: it may load its libraries and read what belongs to the system, but
 * no one's files where Landlock is there, write nowhere but to what is open, start nothing and reach no network.
 * @keep     highest descriptor that stays open
 * @seconds  of processor time
 */
void tally_sandbox_program(int keep, uint64_t memory, uint64_t files, uint64_t seconds);

/** Lower the address space for the next piece of work (never above the bound given at the start). */
void tally_sandbox_memory(uint64_t addresses, uint64_t memory);

/** How long files may become by the next piece of work (never above the bound given at the start); 0: none may grow. */
void tally_sandbox_files(uint64_t bytes);

#endif
