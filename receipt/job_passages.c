/* Words of texts for finding passages in other documents: see receipt/job_passages.h. */
#include "receipt/job_passages.h"

#include "receipt/job_read.h"
#include "receipt/json_util.h"
#include "receipt/passages.h"
#include "receipt/worker.h"

struct sending {
	struct tally_buf *blob;
	uint64_t seed, left;
	bool cut;
};

static struct sending sending_to(struct tally_buf *blob, const struct tally_key *key,
                                 const struct tally_limits *limits)
{
	return (struct sending){ .blob = blob,
		                 .seed = tally_hash64(key->secret, sizeof key->secret, 0),
		                 .left = limits->passage_words };
}

static enum tally_status send_block(struct sending *s, const struct tally_text *text, size_t block,
                                    bool gone, struct tally_err *err)
{
	enum tally_status st;

	if (s->cut)
		return TALLY_OK;
	st = tally_passage_put(s->blob, &text->blocks[block], (uint32_t)(block + 1), gone, s->seed,
	                       &s->left, err);
	s->cut = st == TALLY_END;
	return s->cut ? TALLY_OK : st;
}

static enum tally_status say_cut(const struct sending *s, json_t *answer, struct tally_err *err)
{
	bool ok = true;

	if (s->cut)
		tally_json_set(answer, "passages_cut", json_true(), &ok);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

enum tally_status tally_job_passages(const struct tally_text_diff *diff, bool gone,
                                     const struct tally_key *key, const struct tally_limits *limits,
                                     json_t *answer, struct tally_buf *blob, struct tally_err *err)
{
	struct sending s = sending_to(blob, key, limits);
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < diff->edit_count && gone && st >= 0; i++)
		if (diff->edits[i].kind == TALLY_EDIT_DELETED &&
		    !(diff->edits[i].flags &
		      (TALLY_EDIT_PART | TALLY_EDIT_HIDDEN | TALLY_EDIT_PROPOSED)))
			st = send_block(&s, diff->before, diff->edits[i].before, true, err);
	for (size_t i = 0; i < diff->edit_count && st >= 0; i++) {
		const struct tally_edit *e = &diff->edits[i];

		if (e->kind == TALLY_EDIT_ADDED || e->kind == TALLY_EDIT_EDITED ||
		    e->kind == TALLY_EDIT_MOVED_EDITED)
			st = send_block(&s, diff->after, e->after, false, err);
	}
	return st < 0 ? st : say_cut(&s, answer, err);
}

static enum tally_status send_all(const struct tally_reading *r, bool gone,
                                  const struct tally_key *key, const struct tally_limits *limits,
                                  json_t *answer, struct tally_buf *blob, struct tally_err *err)
{
	struct sending s = sending_to(blob, key, limits);
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < r->blocks.count && st >= 0; i++)
		st = send_block(&s, &r->blocks, i, gone, err);
	return st < 0 ? st : say_cut(&s, answer, err);
}

/* Why some of its text is not known: what is looked for may be there. NULL: all of it is */
static const char *unread_reason(const struct tally_reading *r)
{
	static const enum tally_reason reasons[] = { TALLY_REASON_NO_TEXT_LAYER,
		                                     TALLY_REASON_ENCRYPTED, TALLY_REASON_DAMAGED,
		                                     TALLY_REASON_LIMIT, TALLY_REASON_MALFORMED };

	for (size_t i = 0; i < json_array_size(r->notes); i++) {
		const char *id = tally_json_string(json_array_get(r->notes, i), "reason");
		enum tally_reason reason = id ? tally_reason_from_id(id) : TALLY_REASON_NONE;

		for (size_t k = 0; k < sizeof reasons / sizeof *reasons; k++)
			if (reason == reasons[k])
				return tally_reason_id(reason);
	}
	return NULL;
}

enum tally_status tally_job_words_do(const json_t *request, const int *fds,
                                     const struct tally_limits *limits, json_t *answer,
                                     struct tally_buf *blob, struct tally_err *err)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_reading r = { .fd = fds[0], .options = &options };
	bool gone = json_is_true(json_object_get(request, "gone"));
	struct tally_err why = { 0 };
	struct tally_key key;
	enum tally_status st;
	bool ok = true;

	r.name = json_string_value(json_array_get(json_object_get(request, "names"), 0));
	r.name = r.name ? r.name : "";
	r.text_fd = fds[TALLY_WORKER_TEXTS];
	r.no_text = tally_reading_no_text(&why, request, 0);
	options.limits = limits;
	options.threads = 1;
	if (!tally_json_unhex(json_object_get(request, "secret"), key.secret, sizeof key.secret))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED, "no secret");
	tally_reading_run(&r);
	st = r.status;
	if (st < TALLY_PARTIAL)
		*err = r.err;
	else if (r.format)
		st = send_all(&r, gone, &key, limits, answer, blob, err);
	if (st >= TALLY_PARTIAL && unread_reason(&r))
		tally_json_set(answer, "unread", json_string_nocheck(unread_reason(&r)), &ok);
	tally_reading_reset(&r);
	return ok ? st : tally_err_nomem(err);
}
