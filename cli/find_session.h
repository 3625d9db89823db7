/**
 * Which session a verb means.
 */
#ifndef TALLY_CLI_FIND_SESSION_H
#define TALLY_CLI_FIND_SESSION_H

#include "core/err.h"
#include "receipt/session.h"

/** Open: the work is going on. Closed: it has its receipt. */
enum cli_session_state { CLI_SESSION_OPEN, CLI_SESSION_CLOSED };

/**
 * The session with this id, or without one (NULL) the newest in that state, of the folder one is in where there is such a one.
 * Remarks which one it is when there were several to choose from.
 */
enum tally_status cli_find_session(struct tally_session **out, const char *id,
                                   enum cli_session_state state, struct tally_err *err);

#endif
