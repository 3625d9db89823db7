/**
 * The progress line: phase, files, bytes, rate and time left, on standard error, only when that is a terminal and -q was not
 * given. And the signals that end a run.
 */
#ifndef TALLY_CLI_PROGRESS_H
#define TALLY_CLI_PROGRESS_H

#include <stdint.h>

#include "receipt/make.h"
#include "snap/snapshot.h"

/** For tally_snap_options.progress and tally_make_options.progress; the payload is not used. */
void cli_progress_snap(void *payload, const struct tally_progress *progress);
void cli_progress_make(void *payload, const struct tally_make_progress *progress);

/** Take the line off the terminal. */
void cli_progress_done(void);

/** Set by SIGINT, SIGTERM, SIGHUP once cli_signals was called. */
extern volatile int cli_stop;

/** From now on these signals set cli_stop instead of ending the process; a second one ends it. */
void cli_signals(void);

#endif
