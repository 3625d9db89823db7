/* The steps of making a receipt from two snapshots: see receipt/make.h and receipt/making.h. */
#include "receipt/make.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/parallel.h"
#include "receipt/making.h"
#include "receipt/passages.h"
#include "receipt/words.h"

struct tally_workers *tally_making_workers(struct tally_making *m)
{
	if (!m->pool &&
	    tally_workers_new(&m->pool, tally_job_handle, m->options->workers, m->options->limits,
	                      m->err) >= 0 &&
	    m->options->scratch &&
	    tally_workers_scratch_in(m->pool, m->options->scratch, m->err) < 0) {
		tally_workers_free(m->pool);
		m->pool = NULL;
	}
	return m->pool;
}

enum tally_status tally_making_ask(struct tally_making *m, struct tally_request *q,
                                   tally_answer_fn *fn, void *payload)
{
	struct tally_workers *pool = tally_making_workers(m);
	enum tally_status st;

	if (pool && q->json) {
		st = tally_workers_run(pool, q, fn, payload, m->err);
	} else {
		for (int i = 0; i < TALLY_REQUEST_FDS; i++) {
			if (q->fds[i] >= 0)
				close(q->fds[i]);
			if (q->texts && q->texts[i] >= 0)
				close(q->texts[i]);
		}
		st = pool ? tally_err_nomem(m->err) : TALLY_FATAL;
	}
	json_decref(q->json);
	return st;
}

struct tally_name tally_making_path(struct tally_making *m, enum tally_side side, uint32_t entry)
{
	struct tally_name name = { NULL, 0 };

	if (!tally_tree_path(m->tree[side], entry, &m->path))
		return name;
	name.bytes = tally_arena_dup(&m->r->arena, m->path.bytes, m->path.len);
	name.len = m->path.len;
	return name;
}

const char *tally_making_name(const struct tally_making *m, enum tally_side side, uint32_t entry)
{
	return m->tree[side]->entries[entry].name;
}

static const char *copy(struct tally_making *m, const char *text)
{
	return text ? tally_arena_dup(&m->r->arena, text, strlen(text)) : NULL;
}

enum tally_status tally_making_gap(struct tally_making *m, const struct tally_unverified *row)
{
	struct tally_receipt *r = m->r;
	struct tally_unverified *out;

	if (!tally_grow(&m->gaps, &m->gap_cap, r->unverified_count, sizeof *m->gaps))
		return tally_err_nomem(m->err);
	out = &m->gaps[r->unverified_count];
	*out = *row;
	out->path.bytes = tally_arena_dup(&r->arena, row->path.bytes, row->path.len);
	out->detail = copy(m, row->detail);
	out->part = copy(m, row->part);
	if (!out->path.bytes || (row->detail && !out->detail) || (row->part && !out->part))
		return tally_err_nomem(m->err);
	r->unverified_count++;
	return TALLY_OK;
}

enum tally_status tally_making_step(struct tally_making *m, const char *phase, uint64_t done,
                                    uint64_t total)
{
	const struct tally_make_progress progress = { phase, done, total };

	if (m->options->progress)
		m->options->progress(m->options->payload, &progress);
	if (m->options->stop && *m->options->stop)
		return tally_err_set(m->err, TALLY_FATAL, TALLY_REASON_STOPPED, "stopped");
	return TALLY_OK;
}

static uint64_t packed(void *payload, uint32_t before)
{
	const struct tally_making *m = payload;

	return tally_snapshot_packed(m->snap[TALLY_BEFORE],
	                             &m->tree[TALLY_BEFORE]->entries[before].digest);
}

/* What needs nothing but the trees goes side by side. */
struct first {
	struct tally_making *m;
	const struct tally_tree_diff_options *options;
};

static enum tally_status first_step(void *payload, size_t index, struct tally_err *err)
{
	const struct first *f = payload;

	if (index == 1)
		return tally_make_keep(f->m, err);
	return tally_tree_diff_new(&f->m->diff, f->m->tree[TALLY_BEFORE], f->m->tree[TALLY_AFTER],
	                           f->options, err);
}

static enum tally_status compare_trees(struct tally_making *m)
{
	struct tally_tree_diff_options options = TALLY_TREE_DIFF_OPTIONS_INIT;
	enum tally_status st;

	options.limits = m->options->limits;
	if (m->options->similarity)
		options.similarity = m->options->similarity;
	options.same_disk = m->options->same_place;
	options.packed = packed;
	options.packed_payload = m;
	options.ignore_times = !m->options->same_place;
	options.ignore_owner = !m->options->same_place;
	st = tally_parallel(2, 2, first_step, &(struct first){ m, &options }, m->err);
	if (st >= 0)
		st = tally_make_evidence(m);
	return st < 0 ? st : tally_tree_diff_finish(m->diff, m->err);
}

/* ---- the head of the receipt ---- */

static enum tally_status describe_side(struct tally_making *m, struct tally_receipt_side *out,
                                       const struct tally_snapshot *s)
{
	const struct tally_snap_info *info = tally_snapshot_info(s);
	char digest[TALLY_DIGEST_TEXT_MAX];

	tally_sha256_text(digest, &info->digest);
	*out = (struct tally_receipt_side){ .taken_at_ns = info->taken_at_ns,
		                            .seconds = info->seconds,
		                            .host = copy(m, info->host),
		                            .user = copy(m, info->user),
		                            .filesystem = copy(m, info->filesystem),
		                            .entries = info->entries,
		                            .files = info->files,
		                            .folders = info->folders,
		                            .bytes = info->bytes,
		                            .hashed = info->hashed,
		                            .stat = info->stat,
		                            .unread = info->unread,
		                            .digest = copy(m, digest) };
	return out->digest ? TALLY_OK : tally_err_nomem(m->err);
}

static enum tally_status describe_roots(struct tally_making *m)
{
	struct tally_receipt *r = m->r;
	const struct tally_tree *tree = m->tree[TALLY_AFTER];

	r->roots = tally_arena_zero(&r->arena, tree->root_count, sizeof *r->roots);
	if (!r->roots)
		return tally_err_nomem(m->err);
	for (uint32_t i = 0; i < tree->root_count; i++) {
		struct tally_name *n = &r->roots[r->root_count++];

		n->len = strlen(tree->roots[i].path);
		n->bytes = copy(m, tree->roots[i].path);
		if (!n->bytes)
			return tally_err_nomem(m->err);
	}
	return TALLY_OK;
}

static enum tally_status describe_command(struct tally_making *m,
                                          const struct tally_receipt_command *c)
{
	struct tally_arena *arena = &m->r->arena;
	struct tally_receipt_command *out;
	const char **argv;

	if (!c)
		return TALLY_OK;
	out = tally_arena_zero(arena, 1, sizeof *out);
	argv = tally_arena_zero(arena, c->argc, sizeof *argv);
	if (!out || !argv)
		return tally_err_nomem(m->err);
	*out = *c;
	for (size_t i = 0; i < c->argc; i++) {
		argv[i] = copy(m, c->argv[i]);
		if (!argv[i])
			return tally_err_nomem(m->err);
	}
	out->argv = argv;
	out->output_sha256 = copy(m, c->output_sha256);
	m->r->command = out;
	return TALLY_OK;
}

static enum tally_status describe_words(struct tally_making *m)
{
	struct tally_receipt *r = m->r;
	const struct tally_make_options *o = m->options;

	r->task = copy(m, o->task);
	r->session_id = copy(m, o->session_id);
	if ((o->task && !r->task) || (o->session_id && !r->session_id))
		return tally_err_nomem(m->err);
	for (int i = 0; i < 2; i++) {
		if (!o->names[i])
			continue;
		r->names[i].len = strlen(o->names[i]);
		r->names[i].bytes = copy(m, o->names[i]);
		if (!r->names[i].bytes)
			return tally_err_nomem(m->err);
	}
	return describe_command(m, o->command);
}

static enum tally_status describe(struct tally_making *m)
{
	enum tally_status st = describe_words(m);

	if (st >= 0)
		st = describe_roots(m);
	if (st >= 0)
		st = describe_side(m, &m->r->before, m->snap[0]);
	return st < 0 ? st : describe_side(m, &m->r->after, m->snap[1]);
}

/* Is there anything but files and folders? Where nothing is excluded, the counts tell. */
static bool has_links(const struct tally_making *m)
{
	for (int side = 0; side < 2; side++) {
		const struct tally_snap_info *info = tally_snapshot_info(m->snap[side]);

		if (info->files + info->folders == info->entries)
			continue;
		for (uint32_t i = 0; i < m->tree[side]->entry_count; i++)
			if (m->tree[side]->entries[i].type != TALLY_TYPE_FILE &&
			    m->tree[side]->entries[i].type != TALLY_TYPE_DIR)
				return true;
	}
	return false;
}

/* "‘backup.zip’ holds nothing but the folder ‘photos’, which was compared itself" */
static bool describe_below(struct tally_making *m, int side)
{
	const struct tally_name *below = &m->options->below[side];
	const char *name = m->options->names[side] ? m->options->names[side] : "";
	struct tally_buf text;
	const char *out = NULL;

	tally_buf_init(&text, SIZE_MAX / 2);
	if (tally_words_quote(&text, name, strlen(name)) &&
	    tally_buf_text(&text, " holds nothing but the folder ") &&
	    tally_words_quote(&text, below->bytes, below->len) &&
	    tally_buf_text(&text, ": what is in that was compared."))
		out = tally_arena_dup(&m->r->arena, text.bytes, text.len);
	tally_buf_release(&text);
	if (out)
		m->r->vantage[m->r->vantage_count++] = out;
	return out != NULL;
}

/* what this receipt can know, standing where it was made */
static enum tally_status describe_trust(struct tally_making *m)
{
	struct tally_receipt *r = m->r;

	r->vantage = tally_arena_zero(&r->arena, 6, sizeof *r->vantage);
	if (!r->vantage)
		return tally_err_nomem(m->err);
	for (int side = 0; side < 2; side++)
		if (m->options->below[side].bytes && !describe_below(m, side))
			return tally_err_nomem(m->err);
	if (m->options->session_id)
		r->vantage[r->vantage_count++] =
			"Only the folders named were watched; what happened elsewhere, or between the two "
			"snapshots and was undone, is not seen.";
	r->vantage[r->vantage_count++] =
		"The snapshots are not signed: who can write to the store can replace them.";
	if (has_links(m))
		r->vantage[r->vantage_count++] =
			"Extended attributes of links, pipes, sockets and devices are not read.";
	if (tally_snapshot_info(m->snap[0])->by_sha256)
		r->vantage[r->vantage_count++] =
			"The snapshots have different secrets: contents were compared by SHA-256, extended "
			"attributes were not compared.";
	r->sandbox = m->pool ? tally_workers_sandbox(m->pool) : NULL;
	return TALLY_OK;
}

/* "‘a’ and ‘A’ differ in letter case only" */
static bool say_collision(struct tally_buf *out, struct tally_name first, struct tally_name second,
                          enum tally_clash clash)
{
	static const char *const words[] = {
		[TALLY_CLASH_FORM] = " look the same and differ in Unicode form only",
		[TALLY_CLASH_CASE] = " differ in letter case only",
		[TALLY_CLASH_LETTERS] = " differ only in letters that some systems take for the same",
	};

	return tally_words_quote(out, first.bytes, first.len) && tally_buf_text(out, " and ") &&
	       tally_words_quote(out, second.bytes, second.len) &&
	       tally_buf_text(out, words[clash]) &&
	       (clash != TALLY_CLASH_FORM ||
	        (tally_buf_text(out, ": ") &&
	         tally_words_code_points(out, first.bytes, first.len, second.bytes, second.len)));
}

static enum tally_status add_collision(struct tally_making *m, struct tally_name first,
                                       struct tally_name second, enum tally_clash clash)
{
	struct tally_review_item item = { .severity = TALLY_SEVERITY_MEDIUM,
		                          .rule = "name_collision",
		                          .path = first,
		                          .how_many = 1 };
	struct tally_buf what, other;
	bool ok;

	tally_buf_init(&what, SIZE_MAX / 2);
	tally_buf_init(&other, SIZE_MAX / 2);
	ok = say_collision(&what, first, second, clash) &&
	     tally_words_name(&other, second.bytes, second.len) && tally_buf_byte(&other, '\0');
	item.what = ok ? tally_arena_dup(&m->r->arena, what.bytes, what.len) : NULL;
	item.where = ok ? tally_arena_dup(&m->r->arena, other.bytes, other.len) : NULL;
	tally_buf_release(&what);
	tally_buf_release(&other);
	return item.what && item.where ? tally_review_add(m->r, &item, m->err)
	                               : tally_err_nomem(m->err);
}

static enum tally_status add_hazards(struct tally_making *m)
{
	size_t count;
	const struct tally_hazard *hazards = tally_tree_diff_hazards(m->diff, &count);
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < count && st >= 0; i++) {
		struct tally_name first = tally_making_path(m, TALLY_AFTER, hazards[i].first);
		struct tally_name second = tally_making_path(m, TALLY_AFTER, hazards[i].second);

		if (!first.bytes || !second.bytes)
			return tally_err_nomem(m->err);
		st = add_collision(m, first, second, hazards[i].clash);
	}
	return st;
}

static enum tally_status check_comparable(struct tally_making *m)
{
	const struct tally_key *a = tally_snapshot_key(m->snap[0]),
			       *b = tally_snapshot_key(m->snap[1]);

	if (memcmp(a->secret, b->secret, sizeof a->secret) == 0)
		return TALLY_OK;
	return tally_err_set(
		m->err, TALLY_FATAL, TALLY_REASON_NONE,
		"these snapshots cannot be compared: their digests were made with different secrets; take the second one "
		"with 'tally snap --like FIRST', or both with --sha256");
}

static enum tally_status make_steps(struct tally_making *m)
{
	enum tally_status st = check_comparable(m);

	if (st >= 0)
		st = describe(m);
	if (st >= 0)
		st = compare_trees(m);
	if (st >= 0)
		st = tally_make_changes(m);
	if (st >= 0)
		st = tally_make_depth(m);
	if (st >= 0)
		st = tally_make_messages(m);
	if (st >= 0)
		st = tally_make_passages(m);
	if (st >= 0)
		st = tally_make_merged(m);
	if (st >= 0)
		st = tally_make_moved(m);
	if (st >= 0)
		st = tally_make_saved(m);
	if (st >= 0)
		st = tally_make_gaps(m);
	if (st >= 0)
		st = tally_making_gaps_done(m->r, m->gaps, m->err);
	if (st >= 0)
		st = describe_trust(m);
	if (st >= 0)
		st = add_hazards(m);
	if (st >= 0)
		st = tally_receipt_review(m->r, m->err);
	return st < 0 ? st : tally_receipt_check(m->r, m->err);
}

enum tally_status tally_receipt_make(struct tally_receipt **out, const struct tally_snapshot *before,
                                     const struct tally_snapshot *after,
                                     const struct tally_make_options *options, struct tally_err *err)
{
	struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct tally_make_options with_limits = *options;
	struct tally_err own = { 0 };
	struct tally_making m = { .options = &with_limits,
		                  .snap = { before, after },
		                  .err = err ? err : &own };
	enum tally_status st;

	assert(options->version == TALLY_MAKE_OPTIONS_VERSION);
	if (!with_limits.limits)
		with_limits.limits = &defaults;
	m.tree[0] = tally_snapshot_tree(before);
	m.tree[1] = tally_snapshot_tree(after);
	m.contents[0] = (struct tally_contents_of){ before, NULL, options->archive[0],
		                                    options->live_before, options->scratch };
	m.contents[1] = (struct tally_contents_of){ after, before, options->archive[1],
		                                    options->live_after, options->scratch };
	tally_buf_init(&m.path, SIZE_MAX / 2);
	st = tally_receipt_new(&m.r, m.err);
	if (st >= 0)
		st = tally_making_scope(m.r, &options->tables.allow, m.err);
	if (st >= 0)
		st = make_steps(&m);
	tally_workers_free(m.pool);
	tally_tree_diff_free(m.diff);
	tally_free(m.change_of);
	tally_passages_free(m.passages);
	tally_free(m.document_of);
	tally_free(m.by_id);
	tally_free(m.gaps);
	tally_buf_release(&m.path);
	if (st < 0) {
		tally_receipt_free(m.r);
		return st;
	}
	*out = m.r;
	return st;
}
