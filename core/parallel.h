/**
 * Work in pieces: a fixed number of tasks, run by a few threads in any order. Tasks write to places of their own, so the
 * result is the same for any number of threads.
 */
#ifndef TALLY_CORE_PARALLEL_H
#define TALLY_CORE_PARALLEL_H

#include <stddef.h>

#include "core/err.h"

/**
 * One task.
 * @index  which one, from 0
 * @return negative: no further task is begun
 */
typedef enum tally_status (*tally_task)(void *payload, size_t index, struct tally_err *err);

/**
 * Run tasks 0 … @count-1 and wait for them. Where a thread cannot be started the caller does its work.
 * @threads  at most; with 1 everything runs in the caller
 * @return TALLY_OK, or the failure of the task with the lowest index among those that failed
 */
enum tally_status tally_parallel(unsigned threads, size_t count, tally_task run, void *payload,
                                 struct tally_err *err);

#endif
