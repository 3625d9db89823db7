/**
 * What the parts of receipt/session.h share: the folder of the sessions, and the seals.
 */
#ifndef TALLY_RECEIPT_SESSION_STORE_H
#define TALLY_RECEIPT_SESSION_STORE_H

#include "receipt/session.h"

/** The folder of all sessions, made where missing; yours to tally_free. NULL: @err says why. */
char *tally_session_store(struct tally_err *err);

/** An empty session; NULL: no memory. */
struct tally_session *tally_session_blank(void);

/** The ids of all session folders, sorted, whole or not; yours: tally_session_ids_free. */
enum tally_status tally_session_ids(const char *dir, char ***out, size_t *count,
                                    struct tally_err *err);
void tally_session_ids_free(char **ids, size_t count);

/** The whole id of which @given is an unambiguous beginning. */
enum tally_status tally_session_resolve(char id[TALLY_SESSION_ID_MAX], const char *dir,
                                        const char *given, struct tally_err *err);

/** Set the mark `unfinished`; tally_session_save takes it away. @return 0 or errno */
int tally_session_mark(const struct tally_session *s);
void tally_session_unmark(const struct tally_session *s);

/** session.json as it is written, with the newline at its end; yours to tally_free. NULL: no memory. */
char *tally_session_text(const struct tally_session *s);

/** Is the file session.json, byte for byte, what was written for this session? @return false also where it cannot be read */
bool tally_session_as_written(const struct tally_session *s);

/** The seal over a closed session: what it was opened with, its end, receipt and verdict. Yours to tally_free; NULL: no memory. */
char *tally_session_closing(const struct tally_session *s);

#endif
