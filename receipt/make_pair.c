/* A receipt for two single files: one worker reads both, no snapshot is taken. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/io.h"
#include "core/mem.h"
#include "receipt/answer.h"
#include "receipt/converter.h"
#include "receipt/making.h"

enum { STEP = 256 << 10 };

struct pair_side {
	int fd;
	struct stat stat;
	struct tally_digest digest;
	struct tally_sha256 sha256;
	bool has_digest, has_sha256;
};

struct making_pair {
	struct tally_receipt *r;
	const struct tally_make_options *options;
	const char *const *paths;
	struct pair_side side[2];
	struct tally_key key;
	enum tally_status status; /* of the worker's answer */
	struct tally_err why;
	json_t *answer;
	bool equal;
	struct tally_unverified *gaps; /* r->unverified while it grows */
	size_t gap_cap;
	struct tally_err *err;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static const char *copy(struct making_pair *m, const char *text)
{
	return tally_arena_dup(&m->r->arena, text, strlen(text));
}

/* named on the command line, so links are followed; still nothing but a regular file is read */
static enum tally_status open_side(struct making_pair *m, int i)
{
	struct pair_side *s = &m->side[i];

	s->fd = open(m->paths[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (s->fd < 0)
		return tally_err_sys(m->err, TALLY_FATAL, "opening", m->paths[i], errno);
	if (fstat(s->fd, &s->stat) != 0)
		return tally_err_sys(m->err, TALLY_FATAL, "looking at", m->paths[i], errno);
	if (!S_ISREG(s->stat.st_mode))
		return tally_err_set(m->err, TALLY_FATAL, TALLY_REASON_SPECIAL_FILE,
		                     "'%s' is not a regular file", m->paths[i]);
	return TALLY_OK;
}

static enum tally_status hash_side(struct making_pair *m, int i, bool sha256)
{
	struct pair_side *s = &m->side[i];
	struct tally_hasher *h = NULL;
	char *buf = tally_alloc(STEP);
	enum tally_status st = buf ? tally_hasher_new(&h, &m->key, sha256, m->err)
	                           : tally_err_nomem(m->err);
	uint64_t at = 0;
	ssize_t n = 0;

	while (st >= 0 && (n = tally_io_pread(s->fd, buf, STEP, at)) > 0) {
		tally_hasher_add(h, buf, (size_t)n);
		at += (uint64_t)n;
	}
	if (n < 0)
		st = tally_err_sys(m->err, TALLY_FATAL, "reading", m->paths[i], errno);
	if (st >= 0) {
		tally_hasher_finish(h, &s->digest, &s->sha256);
		s->has_digest = true;
		s->has_sha256 = sha256;
	}
	tally_hasher_free(h);
	tally_free(buf);
	return st;
}

/* ---- the worker ---- */

static enum tally_status on_answer(void *payload, const struct tally_answer *answer,
                                   struct tally_err *err)
{
	struct making_pair *m = payload;

	(void)err;
	m->status = answer->status;
	m->why = *answer->err;
	m->answer = json_incref(answer->json);
	return TALLY_OK;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * Another program would have to read them as well, for some time: equal contents are not read at all then. Of others the
 * reader's digests tell.
 */
static bool need_not_ask(const struct making_pair *m)
{
	const struct pair_side *a = &m->side[0], *b = &m->side[1];
	char bytes[2][16 << 10];
	ssize_t n = 1;

	if (a->stat.st_size != b->stat.st_size || !tally_convertible(a->fd))
		return false;
	for (uint64_t at = 0; n > 0; at += (uint64_t)n) {
		n = tally_io_pread(a->fd, bytes[0], sizeof bytes[0], at);
		if (n < 0 || tally_io_pread(b->fd, bytes[1], sizeof bytes[1], at) != n ||
		    memcmp(bytes[0], bytes[1], (size_t)n) != 0)
			return false;
	}
	return true;
}

static enum tally_status ask(struct making_pair *m)
{
	struct tally_request q = { .fds = { dup(m->side[0].fd), dup(m->side[1].fd) } };
	struct tally_workers *pool = NULL;
	int texts[2] = { -1, -1 };
	enum tally_status st;

	q.scratch = true;
	q.bytes = (uint64_t)m->side[0].stat.st_size + (uint64_t)m->side[1].stat.st_size;
	q.json = tally_job_pair(base_name(m->paths[0]), base_name(m->paths[1]), &m->options->tables,
	                        &m->key);
	st = q.json ? tally_workers_new(&pool, tally_job_handle, 1, m->options->limits, m->err)
	            : tally_err_nomem(m->err);
	if (st >= 0 && !tally_job_convert(&q, texts, m->options->limits))
		st = tally_err_nomem(m->err);
	if (st >= 0)
		st = tally_workers_run(pool, &q, on_answer, m, m->err);
	if (st >= 0)
		st = tally_workers_wait(pool, m->err);
	m->r->sandbox = pool ? tally_workers_sandbox(pool) : NULL;
	json_decref(q.json);
	tally_workers_free(pool);
	return st;
}

/* the digests of what the worker read; hashed here where its reader did not take in the whole file */
static enum tally_status settle_digests(struct making_pair *m)
{
	const json_t *digests = json_object_get(m->answer, "digests");
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++) {
		const char *text = json_string_value(json_array_get(digests, (size_t)i));

		if (!m->options->sha256 && text && tally_digest_parse(&m->side[i].digest, text))
			m->side[i].has_digest = true;
		else
			st = hash_side(m, i, m->options->sha256);
	}
	m->equal = tally_digest_equal(&m->side[0].digest, &m->side[1].digest) &&
	           m->side[0].stat.st_size == m->side[1].stat.st_size;
	return st;
}

/* ---- the receipt ---- */

static const char *digest_text(struct making_pair *m, int i)
{
	char text[TALLY_DIGEST_TEXT_MAX];

	if (m->side[i].has_sha256)
		tally_sha256_text(text, &m->side[i].sha256);
	else
		tally_digest_text(text, &m->side[i].digest);
	return copy(m, text);
}

static void describe_side(struct making_pair *m, int i, struct tally_receipt_side *out, int64_t began)
{
	uint64_t bytes = (uint64_t)m->side[i].stat.st_size;

	*out = (struct tally_receipt_side){
		.taken_at_ns = began, .entries = 1, .files = 1, .bytes = bytes, .hashed = 1
	};
	out->seconds = (double)(now_ns() - began) / 1e9;
}

static void balance(struct making_pair *m)
{
	struct tally_receipt *r = m->r;
	uint64_t before = (uint64_t)m->side[0].stat.st_size,
		 after = (uint64_t)m->side[1].stat.st_size;
	enum tally_fate fate = m->equal ? TALLY_FATE_SAME_PLACE : TALLY_FATE_EDITED;

	r->files = (struct tally_balance){
		.before = 1, .after = 1, .unchanged = m->equal, .modified = !m->equal
	};
	r->bytes = (struct tally_balance){ .before = before, .after = after };
	if (m->equal)
		r->bytes.unchanged = before;
	else
		r->bytes.modified = before;
	r->bytes.grown = (int64_t)(after - before);
	/* an empty file has no content that could be lost */
	r->contents = (struct tally_contents){ .before = before > 0,
		                               .new_contents = !m->equal && after > 0 };
	r->content_bytes = (struct tally_contents){ .before = before,
		                                    .new_contents = m->equal ? 0 : after };
	r->contents.by_fate[fate] = before > 0;
	r->content_bytes.by_fate[fate] = before;
}

static enum tally_status add_change(struct making_pair *m)
{
	struct tally_receipt *r = m->r;
	struct tally_receipt_change *c = tally_arena_zero(&r->arena, 1, sizeof *c);

	if (!c)
		return tally_err_nomem(m->err);
	*c = (struct tally_receipt_change){ .kind = TALLY_CHANGE_MODIFIED,
		                            .path = { copy(m, m->paths[1]), strlen(m->paths[1]) },
		                            .type = TALLY_TYPE_FILE,
		                            .old_type = TALLY_TYPE_FILE,
		                            .bytes_before = (uint64_t)m->side[0].stat.st_size,
		                            .bytes_after = (uint64_t)m->side[1].stat.st_size,
		                            .digest_before = digest_text(m, 0),
		                            .digest_after = digest_text(m, 1),
		                            .proof = "hashed",
		                            .fate = TALLY_FATE_EDITED,
		                            .similarity = -1 };
	if (!c->path.bytes || !c->digest_before || !c->digest_after)
		return tally_err_nomem(m->err);
	if (c->bytes_after == 0)
		c->flags |= TALLY_CHANGE_EMPTIED;
	c->flags |= tally_answer_replaced(m->answer);
	r->changes = c;
	r->change_count = 1;
	return TALLY_OK;
}

static enum tally_status on_gap(void *payload, const struct tally_unverified *row,
                                struct tally_err *err)
{
	struct making_pair *m = payload;
	struct tally_unverified *out;

	if (!tally_grow(&m->gaps, &m->gap_cap, m->r->unverified_count, sizeof *m->gaps))
		return tally_err_nomem(err);
	out = &m->gaps[m->r->unverified_count];
	*out = *row;
	/* one file on both sides, whatever its name was before */
	out->path = (struct tally_name){ copy(m, m->paths[1]), strlen(m->paths[1]) };
	out->detail = row->detail ? copy(m, row->detail) : NULL;
	out->part = row->part ? copy(m, row->part) : NULL;
	if (!out->path.bytes || (row->detail && !out->detail) || (row->part && !out->part))
		return tally_err_nomem(err);
	m->r->unverified_count++;
	return TALLY_OK;
}

static enum tally_status take_answer(struct making_pair *m)
{
	struct tally_answer_into into = { .r = m->r, .gap = on_gap, .payload = m };

	into.path = (struct tally_name){ m->paths[1], strlen(m->paths[1]) };
	if (strcmp(m->paths[0], m->paths[1]) != 0)
		into.from = (struct tally_name){ m->paths[0], strlen(m->paths[0]) };
	if (m->status < TALLY_PARTIAL)
		return tally_answer_gap(&into, tally_answer_failed(m->answer), m->why.reason,
		                        m->why.message, NULL, TALLY_LEVEL_MODEL, m->err);
	return tally_answer_take(m->answer, &into, m->err);
}

static enum tally_status fill(struct making_pair *m, int64_t began)
{
	enum tally_status st = TALLY_OK;

	balance(m);
	describe_side(m, 0, &m->r->before, began);
	describe_side(m, 1, &m->r->after, began);
	for (int i = 0; i < 2; i++) {
		m->r->names[i] = (struct tally_name){ copy(m, m->paths[i]), strlen(m->paths[i]) };
		if (!m->r->names[i].bytes)
			return tally_err_nomem(m->err);
	}
	if (m->equal)
		return TALLY_OK;
	st = add_change(m);
	if (st >= 0)
		st = take_answer(m);
	return st < 0 ? st : tally_making_gaps_done(m->r, m->gaps, m->err);
}

/* a file that somebody writes to while we read proves nothing */
static enum tally_status check_still(struct making_pair *m)
{
	for (int i = 0; i < 2; i++) {
		struct stat now;

		if (fstat(m->side[i].fd, &now) != 0)
			return tally_err_sys(m->err, TALLY_FATAL, "looking at", m->paths[i], errno);
		if (now.st_size != m->side[i].stat.st_size ||
		    now.st_mtim.tv_sec != m->side[i].stat.st_mtim.tv_sec ||
		    now.st_mtim.tv_nsec != m->side[i].stat.st_mtim.tv_nsec)
			return tally_err_set(
				m->err, TALLY_FATAL, TALLY_REASON_CHANGED_WHILE_READING,
				"'%s' changed while it was read; run it again when nobody writes to it",
				m->paths[i]);
	}
	return TALLY_OK;
}

static enum tally_status make_steps(struct making_pair *m)
{
	int64_t began = now_ns();
	enum tally_status st = tally_key_random(&m->key, m->err);

	for (int i = 0; i < 2 && st >= 0; i++)
		st = open_side(m, i);
	if (st >= 0 && !need_not_ask(m))
		st = ask(m);
	/* a wish that cannot be granted (a key column that is not there) is the user's to hear, no row of the receipt */
	if (st >= 0 && m->status < TALLY_PARTIAL && m->why.reason == TALLY_REASON_NONE)
		st = tally_err_set(m->err, TALLY_FATAL, TALLY_REASON_NONE, "%s", m->why.message);
	if (st >= 0)
		st = settle_digests(m);
	if (st >= 0)
		st = check_still(m);
	if (st >= 0)
		st = fill(m, began);
	if (st >= 0)
		st = tally_receipt_review(m->r, m->err);
	return st < 0 ? st : tally_receipt_check(m->r, m->err);
}

enum tally_status tally_receipt_make_pair(struct tally_receipt **out, const char *const paths[2],
                                          const struct tally_make_options *options,
                                          struct tally_err *err)
{
	struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct tally_make_options with_limits = *options;
	struct tally_err own = { 0 };
	struct making_pair m = { .options = &with_limits,
		                 .paths = paths,
		                 .side = { { .fd = -1 }, { .fd = -1 } },
		                 .err = err ? err : &own };
	enum tally_status st;

	assert(options->version == TALLY_MAKE_OPTIONS_VERSION);
	if (!with_limits.limits)
		with_limits.limits = &defaults;
	st = tally_receipt_new(&m.r, m.err);
	if (st >= 0)
		st = tally_making_scope(m.r, &options->tables.allow, m.err);
	if (st >= 0)
		st = make_steps(&m);
	json_decref(m.answer);
	tally_free(m.gaps);
	for (int i = 0; i < 2; i++)
		if (m.side[i].fd >= 0)
			close(m.side[i].fd);
	if (st < 0) {
		tally_receipt_free(m.r);
		return st;
	}
	*out = m.r;
	return st;
}
