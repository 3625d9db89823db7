/* Comparing a file of the before side with another one of the after side, beside the pairs of the tree: see receipt/making.h. */
#include <unistd.h>

#include "receipt/answer.h"
#include "receipt/making.h"

static enum tally_status on_answer(void *payload, const struct tally_answer *answer,
                                   struct tally_err *err)
{
	struct tally_compared *c = payload;

	(void)err;
	if (answer->status >= TALLY_PARTIAL)
		c->answer = json_incref(answer->json);
	return TALLY_OK;
}

uint32_t tally_making_entry(const struct tally_making *m, size_t change, enum tally_side side)
{
	size_t count;
	const struct tally_change *changes = tally_tree_diff_changes(m->diff, &count);
	const struct tally_change *c = &changes[m->change_of[change]];

	return side == TALLY_BEFORE ? c->before : c->after;
}

/* @return TALLY_END: one of them cannot be read */
static enum tally_status open_both(struct tally_compared *c, struct tally_request *q)
{
	struct tally_making *m = c->m;

	for (int i = 0; i < 2; i++) {
		struct tally_err why = { 0 };
		enum tally_status st = tally_content_open(&m->contents[i], c->entries[i],
		                                          &q->fds[i], &c->live[i], &why);

		if (st == TALLY_OK) {
			q->bytes += m->tree[i]->entries[c->entries[i]].size;
			continue;
		}
		if (i)
			close(q->fds[0]);
		if (st == TALLY_SKIP)
			return TALLY_END;
		*m->err = why;
		return st;
	}
	return TALLY_OK;
}

enum tally_status tally_making_compare(struct tally_compared *c, size_t from, size_t to, bool boxed)
{
	struct tally_making *m = c->m;
	int texts[TALLY_REQUEST_FDS] = { -1, -1 };
	struct tally_request q = { .fds = { -1, -1 }, .scratch = true };
	enum tally_status st;

	c->entries[0] = tally_making_entry(m, from, TALLY_BEFORE);
	c->entries[1] = tally_making_entry(m, to, TALLY_AFTER);
	st = open_both(c, &q);
	if (st != TALLY_OK)
		return st < 0 ? st : TALLY_OK;
	q.json = tally_job_pair(tally_making_name(m, TALLY_BEFORE, c->entries[0]),
	                        tally_making_name(m, TALLY_AFTER, c->entries[1]),
	                        &m->options->tables, tally_snapshot_key(m->snap[0]));
	if (q.json && ((boxed && !tally_job_pair_boxed(q.json)) ||
	               !tally_job_convert(&q, texts, m->options->limits))) {
		json_decref(q.json);
		q.json = NULL;
	}
	return tally_making_ask(m, &q, on_answer, c);
}

const json_t *tally_compared_document(const struct tally_compared *c)
{
	if (!c->answer)
		return NULL;
	for (int i = 0; i < 2; i++)
		if (!tally_making_digest_agrees(c->m, c->answer, (enum tally_side)i, c->entries[i],
		                                c->live[i]))
			return NULL;
	return tally_answer_document(c->answer);
}
