/**
 * Pictures inside documents, inside the worker: those whose bytes are not on the other side are decoded, so that a picture that
 * was only saved again is told from another one, wherever it stands.
 *
 *	st = tally_job_pictures_new(&pictures, side, err);            // NULL: none differ on both sides, and nothing was decoded
 *	st = tally_job_pictures_diff(&diff, pictures, &options, err); // tally_facts_diff, with what is known of them
 *	… tally_job_pictures_json(pictures, &diff->changes[i]) …
 */
#ifndef TALLY_RECEIPT_JOB_PICTURES_H
#define TALLY_RECEIPT_JOB_PICTURES_H

#include "diff/facts_diff.h"
#include "receipt/job_read.h"

struct tally_job_pictures;

/**
 * @side  two readings of one format, borrowed until tally_job_pictures_free
 * @out   NULL where there is nothing to decode
 * @return TALLY_OK; TALLY_FATAL no memory
 */
enum tally_status tally_job_pictures_new(struct tally_job_pictures **out,
                                         struct tally_reading side[2], struct tally_err *err);
void tally_job_pictures_free(struct tally_job_pictures *p);

/**
 * Compare the facts of both sides. What a picture said of itself before it was saved again, and says no more, becomes facts of the
 * document.
 * @options  their `alike` is set here
 */
enum tally_status tally_job_pictures_diff(struct tally_facts_diff **out,
                                          const struct tally_job_pictures *p,
                                          struct tally_facts_options *options, struct tally_err *err);

/** A picture that changed, as `picture` of its fact (receipt/picture_json.h), if both were decoded. @p may be NULL. @return yours; NULL: nothing */
json_t *tally_job_pictures_json(const struct tally_job_pictures *p,
                                const struct tally_fact_change *change);

/** Those that were compared by their bytes only, as entries of `unread`. @p may be NULL. @places  "places", or "sheets" */
void tally_job_pictures_unread(const struct tally_job_pictures *p,
                               const struct tally_facts_diff *diff, json_t *list,
                               const char *places, bool *ok);

#endif
