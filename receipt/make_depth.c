/* Changed files compared in depth: growth of bytes here, meaning by workers; and SHA-256 of what the receipt names. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/cpu.h"
#include "core/io.h"
#include "core/mem.h"
#include "receipt/answer.h"
#include "receipt/making.h"

enum {
	STEP = 256 << 10,
	THREADS_FROM = 8 << 20, /* bytes of a pair: less is read by one thread where there are other pairs to read */
};

/* the comparison of one changed file */
struct depth {
	struct tally_making *m;
	size_t change; /* index into the receipt's changes */
	uint32_t before, after;
	bool live[2];
	bool others; /* enough others come behind it to keep all processors at work */
	bool answered;
	enum tally_status status;
	struct tally_err why;
	json_t *answer;          /* owned */
	unsigned char *passages; /* of texts; owned */
	size_t passages_len;
};

static const struct tally_change *tree_change(const struct tally_making *m, size_t change)
{
	static const struct tally_change root = { .kind = TALLY_CHANGE_UNVERIFIED,
		                                  .before = TALLY_NO_INDEX,
		                                  .after = TALLY_NO_INDEX };
	size_t count;

	if (m->change_of[change] == TALLY_NO_INDEX)
		return &root;
	return &tally_tree_diff_changes(m->diff, &count)[m->change_of[change]];
}

/* ---- growth: what the bytes tell without any reader ---- */

static bool all_zero(const unsigned char *p, size_t n)
{
	while (n > 0 && *p == 0) {
		p++;
		n--;
	}
	return n == 0;
}

/* is the shorter content the beginning of the longer one? */
static bool is_prefix(int a, int b, uint64_t len, unsigned char *buf)
{
	for (uint64_t at = 0; at < len;) {
		size_t step = len - at < STEP ? (size_t)(len - at) : STEP;
		ssize_t x = tally_io_pread(a, buf, step, at);
		ssize_t y = x > 0 ? tally_io_pread(b, buf + STEP, (size_t)x, at) : -1;

		if (y <= 0 || memcmp(buf, buf + STEP, (size_t)y) != 0)
			return false;
		at += (uint64_t)y;
	}
	return true;
}

/* does it end in zeros that were not there (a hole where text was)? */
static bool ends_in_new_zeros(int before, uint64_t before_size, int after, uint64_t after_size,
                              unsigned char *buf)
{
	enum { TAIL = 512 };
	size_t n = after_size < TAIL ? (size_t)after_size : TAIL;
	size_t k = before_size < TAIL ? (size_t)before_size : TAIL;

	if (after_size < 16 || tally_io_pread(after, buf, n, after_size - n) != (ssize_t)n)
		return false;
	if (!all_zero(buf + n - 16, 16))
		return false;
	return k < 16 || tally_io_pread(before, buf, k, before_size - k) != (ssize_t)k ||
	       !all_zero(buf + k - 16, 16);
}

static enum tally_status growth(struct tally_making *m, size_t change, const int fds[2])
{
	struct tally_receipt_change *c = &m->r->changes[change];
	uint64_t before = c->bytes_before, after = c->bytes_after;
	unsigned char *buf;

	if (c->kind != TALLY_CHANGE_MODIFIED)
		return TALLY_OK;
	buf = tally_alloc(2 * (size_t)STEP);
	if (!buf)
		return tally_err_nomem(m->err);
	if (after == 0)
		c->flags |= TALLY_CHANGE_EMPTIED;
	else if (ends_in_new_zeros(fds[0], before, fds[1], after, buf))
		c->flags |= TALLY_CHANGE_NUL_TAIL;
	else if (before > 0 && after > before && is_prefix(fds[0], fds[1], before, buf))
		c->flags |= TALLY_CHANGE_APPENDED;
	else if (after < before && is_prefix(fds[1], fds[0], after, buf))
		c->flags |= TALLY_CHANGE_TRUNCATED;
	tally_free(buf);
	return TALLY_OK;
}

/* ---- meaning: asked from workers ---- */

static enum tally_status gap(struct tally_making *m, size_t change, unsigned side,
                             enum tally_reason reason, const char *detail, enum tally_level level)
{
	const struct tally_unverified row = { .path = m->r->changes[change].path,
		                              .side = side,
		                              .reason = reason,
		                              .detail = detail,
		                              .level = level,
		                              .files = 1 };

	return tally_making_gap(m, &row);
}

static enum tally_status on_pair(void *payload, const struct tally_answer *answer,
                                 struct tally_err *err)
{
	struct depth *d = payload;

	d->answered = true;
	d->status = answer->status;
	d->why = *answer->err;
	d->answer = json_incref(answer->json);
	if (!answer->blob_len)
		return TALLY_OK;
	d->passages_len = answer->blob_len;
	d->passages = (unsigned char *)tally_dup((const char *)answer->blob, answer->blob_len);
	return d->passages ? TALLY_OK : tally_err_nomem(err);
}

/* Where there was room to keep a copy, the budget is not to blame. */
static void not_kept(const struct tally_making *m, const struct tally_entry *e, struct tally_err *why)
{
	const struct tally_receipt_keep *k = &m->r->keep;

	if (why->reason == TALLY_REASON_NOT_KEPT && e->proof == TALLY_PROOF_HASHED && k->contents &&
	    k->budget != TALLY_UNKNOWN && k->budget >= k->bytes && k->budget - k->bytes >= e->size)
		tally_err_set(why, TALLY_SKIP, TALLY_REASON_CHANGED_WHILE_READING,
		              "after it was hashed, so that no copy could be kept");
}

static enum tally_status open_both(struct tally_making *m, struct depth *d, int fds[2])
{
	const uint32_t entries[2] = { d->before, d->after };
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++) {
		struct tally_err why = { 0 };

		fds[i] = -1;
		st = tally_content_open(&m->contents[i], entries[i], &fds[i], &d->live[i], &why);
		if (st == TALLY_SKIP && i == TALLY_BEFORE)
			not_kept(m, &m->tree[0]->entries[d->before], &why);
		if (st == TALLY_SKIP) {
			st = gap(m, d->change, i == 0 ? TALLY_ON_BEFORE : TALLY_ON_AFTER,
			         why.reason, why.message, TALLY_LEVEL_MODEL);
			st = st < 0 ? st : TALLY_END;
			break;
		}
		if (st < 0)
			*m->err = why;
	}
	if (st != TALLY_OK && fds[0] >= 0)
		close(fds[0]);
	return st;
}

static enum tally_status ask(struct tally_making *m, struct depth *d)
{
	const struct tally_entry *b = &m->tree[0]->entries[d->before],
				 *a = &m->tree[1]->entries[d->after];
	struct tally_request q = { .bytes = b->size + a->size, .scratch = true };
	struct tally_workers *pool;
	int texts[2] = { -1, -1 };
	bool ok = true;
	enum tally_status st = open_both(m, d, q.fds);

	if (st != TALLY_OK)
		return st;
	st = growth(m, d->change, q.fds);
	pool = st < 0 ? NULL : tally_making_workers(m);
	q.json = tally_job_pair(b->name, a->name, &m->options->tables,
	                        tally_snapshot_key(m->snap[0]));
	/* what a copy lacks is still in what it was made from */
	if (pool && q.json)
		ok = tally_job_pair_passages(q.json, m->r->changes[d->change].kind !=
		                                             TALLY_CHANGE_COPIED_EDITED) &&
		     (!d->others || q.bytes > THREADS_FROM || tally_job_pair_alone(q.json)) &&
		     tally_job_convert(&q, texts, m->options->limits);
	if (!pool || !q.json || !ok) {
		close(q.fds[0]);
		close(q.fds[1]);
		json_decref(q.json);
		return pool ? tally_err_nomem(m->err) : TALLY_FATAL;
	}
	st = tally_workers_run(pool, &q, on_pair, d, m->err);
	json_decref(q.json);
	return st;
}

static bool comparable(const struct tally_making *m, const struct tally_receipt_change *c,
                       const struct tally_change *t)
{
	const struct tally_entry *b, *a;

	if (c->kind != TALLY_CHANGE_MODIFIED && c->kind != TALLY_CHANGE_MOVED_EDITED &&
	    c->kind != TALLY_CHANGE_COPIED_EDITED)
		return false;
	b = &m->tree[0]->entries[t->before];
	a = &m->tree[1]->entries[t->after];
	return b->type == TALLY_TYPE_FILE && a->type == TALLY_TYPE_FILE &&
	       b->proof != TALLY_PROOF_NONE && a->proof != TALLY_PROOF_NONE;
}

/* ---- answers into the receipt, in the order of the changes ---- */

/* the bytes that the worker read must be the bytes that were hashed */
bool tally_making_digest_agrees(const struct tally_making *m, const json_t *answer,
                                enum tally_side side, uint32_t entry, bool live)
{
	const char *text = json_string_value(json_array_get(json_object_get(answer, "digests"), side));
	const struct tally_entry *e = &m->tree[side]->entries[entry];
	struct tally_digest seen;

	if (!live || !text || e->proof == TALLY_PROOF_EXTENT)
		return true;
	return tally_digest_parse(&seen, text) && tally_digest_equal(&seen, &e->digest);
}

static enum tally_status on_gap(void *payload, const struct tally_unverified *row,
                                struct tally_err *err)
{
	(void)err;
	return tally_making_gap(payload, row);
}

static enum tally_status take_document(struct depth *d, const struct tally_answer_into *into)
{
	size_t before = json_array_size(d->m->r->documents);
	enum tally_status st = tally_answer_take(d->answer, into, d->m->err);

	if (st < 0 || json_array_size(d->m->r->documents) == before)
		return st;
	return tally_make_passages_add(d->m, d->change, before, d->passages, d->passages_len,
	                               json_is_true(json_object_get(d->answer, "passages_cut")));
}

static enum tally_status take(struct depth *d)
{
	const unsigned grown = TALLY_CHANGE_EMPTIED | TALLY_CHANGE_TRUNCATED |
	                       TALLY_CHANGE_APPENDED | TALLY_CHANGE_NUL_TAIL;
	struct tally_receipt_change *c = &d->m->r->changes[d->change];
	const struct tally_answer_into into = { d->m->r, c->path, c->from, on_gap, d->m };

	if (!d->answered)
		return TALLY_OK;
	/* the only wish that can fail: the key named on the command line is for tables that have it */
	if (d->status < TALLY_PARTIAL)
		return gap(d->m, d->change, tally_answer_failed(d->answer),
		           d->why.reason ? d->why.reason : TALLY_REASON_KEY_MISSING, d->why.message,
		           TALLY_LEVEL_MODEL);
	for (size_t side = 0; side < 2; side++)
		if (!tally_making_digest_agrees(d->m, d->answer, (enum tally_side)side,
		                                side ? d->after : d->before, d->live[side]))
			return gap(d->m, d->change, side == 0 ? TALLY_ON_BEFORE : TALLY_ON_AFTER,
			           TALLY_REASON_CONTENT_ALTERED, NULL, TALLY_LEVEL_MODEL);
	if (c->kind == TALLY_CHANGE_MODIFIED && !(c->flags & grown))
		c->flags |= tally_answer_replaced(d->answer);
	return take_document(d, &into);
}

static enum tally_status compare_all(struct tally_making *m, struct depth *list, size_t count)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < count && st >= 0; i++) {
		list[i].others = count - i > tally_threads(0);
		st = ask(m, &list[i]);
		if (st >= 0)
			st = tally_making_step(m, "comparing in depth", i, count);
	}
	if (m->pool) {
		enum tally_status end = tally_workers_wait(m->pool, m->err);

		st = st < 0 ? st : end;
	}
	for (size_t i = 0; i < count; i++) {
		if (st >= 0)
			st = take(&list[i]);
		json_decref(list[i].answer);
		tally_free(list[i].passages);
	}
	return st;
}

/* ---- SHA-256 of what is named ---- */

static bool wants_sha256(const struct tally_receipt_change *c)
{
	/* a moved or touched file is the same content on both sides; its session digest says all there is to say */
	return c->type == TALLY_TYPE_FILE || c->old_type == TALLY_TYPE_FILE
	               ? c->kind != TALLY_CHANGE_MOVED && c->kind != TALLY_CHANGE_METADATA &&
	                         c->kind != TALLY_CHANGE_COPIED &&
	                         c->kind != TALLY_CHANGE_DUPLICATE_REMOVED
	               : false;
}

static enum tally_status name_by_sha256(struct tally_making *m, enum tally_side side,
                                        uint32_t entry, const char **digest)
{
	struct tally_sha256 sha;
	char text[TALLY_DIGEST_TEXT_MAX];
	struct tally_err why = { 0 };
	enum tally_status st;

	if (entry == TALLY_NO_INDEX || !*digest ||
	    m->tree[side]->entries[entry].type != TALLY_TYPE_FILE)
		return TALLY_OK;
	st = tally_content_sha256(&m->contents[side], entry, &sha, &why);
	if (st == TALLY_FATAL)
		*m->err = why;
	if (st < 0)
		return st == TALLY_FATAL ? st : TALLY_OK; /* its keyed digest stays on the receipt */
	tally_sha256_text(text, &sha);
	*digest = tally_arena_dup(&m->r->arena, text, strlen(text));
	return *digest ? TALLY_OK : tally_err_nomem(m->err);
}

static enum tally_status name_all_by_sha256(struct tally_making *m)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < m->r->change_count && st >= 0; i++) {
		struct tally_receipt_change *c = &m->r->changes[i];
		const struct tally_change *t = tree_change(m, i);

		if (!wants_sha256(c))
			continue;
		st = name_by_sha256(m, TALLY_BEFORE, t->before, &c->digest_before);
		if (st >= 0)
			st = name_by_sha256(m, TALLY_AFTER, t->after, &c->digest_after);
		if (st >= 0 && c->overwrote)
			st = name_by_sha256(m, TALLY_BEFORE, t->overwrote.before,
			                    &c->overwrote->digest);
		if (st >= 0)
			st = tally_making_step(m, "hashing what changed", i, m->r->change_count);
	}
	return st;
}

enum tally_status tally_make_depth(struct tally_making *m)
{
	struct depth *list = tally_alloc_zero(m->r->change_count, sizeof *list);
	enum tally_status st = TALLY_OK;
	size_t count = 0;

	if (!list)
		return tally_err_nomem(m->err);
	for (size_t i = 0; i < m->r->change_count && !m->options->shallow; i++) {
		const struct tally_change *t = tree_change(m, i);

		if (comparable(m, &m->r->changes[i], t))
			list[count++] = (struct depth){
				.m = m, .change = i, .before = t->before, .after = t->after
			};
	}
	st = compare_all(m, list, count);
	tally_free(list);
	if (st >= 0 && m->options->sha256)
		st = name_all_by_sha256(m);
	return st;
}
