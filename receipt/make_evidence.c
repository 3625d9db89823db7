/* Evidence for the tree diff: sketches of files that nothing explains yet, and the members of archives. */
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "core/io.h"
#include "core/limits.h"
#include "core/mem.h"
#include "core/path.h"
#include "formats/archive.h"
#include "formats/format.h"
#include "receipt/making.h"

/* one file of which a worker makes something */
struct asked {
	struct tally_making *m;
	enum tally_side side;
	bool both; /* an unchanged archive stands for both sides */
	uint32_t entry;
	uint32_t entry_before; /* both: the same archive on the before side */
	const char *limit;     /* that ended the search, or NULL */
};

static enum tally_status ask(struct tally_making *m, struct asked *a, json_t *request,
                             tally_answer_fn *fn, int fd)
{
	struct tally_request q = { .json = request,
		                   .fds = { fd, -1 },
		                   .bytes = m->tree[a->side]->entries[a->entry].size };
	struct tally_workers *pool = tally_making_workers(m);
	enum tally_status st;

	if (!pool || !request) {
		close(fd);
		json_decref(request);
		return pool ? tally_err_nomem(m->err) : TALLY_FATAL;
	}
	st = tally_workers_run(pool, &q, fn, a, m->err);
	json_decref(request);
	return st;
}

/* ---- sketches ---- */

/* why two files could not be looked at for being one, edited */
static enum tally_status unsketched(struct asked *a, const struct tally_err *why)
{
	struct tally_unverified row = {
		.path = tally_making_path(a->m, a->side, a->entry),
		.side = a->side == TALLY_BEFORE ? TALLY_ON_BEFORE : TALLY_ON_AFTER,
		.reason = why->reason,
		.limit = tally_limit_named_in(why->message),
		.detail = "so it could not be seen whether it was moved and edited",
		.level = TALLY_LEVEL_MODEL,
		.files = 1
	};

	return row.path.bytes ? tally_making_gap(a->m, &row) : tally_err_nomem(a->m->err);
}

static enum tally_status on_sketch(void *payload, const struct tally_answer *answer,
                                   struct tally_err *err)
{
	struct asked *a = payload;
	struct tally_sketch sketch;
	struct tally_err why = { 0 };
	enum tally_status st;

	if (answer->status < TALLY_PARTIAL)
		return unsketched(a, answer->err);
	st = tally_job_sketch_answer(&sketch, answer, &why);
	if (st < 0)
		return st == TALLY_FATAL ? tally_err_nomem(err) : unsketched(a, &why);
	st = tally_tree_diff_add_sketch(a->m->diff, a->side, a->entry, &sketch, err);
	tally_sketch_release(&sketch);
	return st;
}

static enum tally_status sketch_side(struct tally_making *m, enum tally_side side,
                                     const uint32_t *entries, size_t count, struct asked *asked,
                                     uint64_t done, uint64_t total)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < count && st >= 0; i++) {
		struct tally_err why = { 0 };
		bool live;
		int fd;

		asked[i] = (struct asked){ .m = m, .side = side, .entry = entries[i] };
		st = tally_content_open(&m->contents[side], entries[i], &fd, &live, &why);
		if (st == TALLY_SKIP)
			st = unsketched(&asked[i], &why);
		else if (st >= 0)
			st = ask(m, &asked[i],
			         tally_job_sketch(tally_making_name(m, side, entries[i])),
			         on_sketch, fd);
		else
			*m->err = why;
		if (st >= 0)
			st = tally_making_step(m, "looking for moved and edited files", done + i,
			                       total);
	}
	return st;
}

static enum tally_status sketches(struct tally_making *m)
{
	size_t before, after;
	const uint32_t *b = tally_tree_diff_wanted(m->diff, TALLY_BEFORE, &before);
	const uint32_t *a = tally_tree_diff_wanted(m->diff, TALLY_AFTER, &after);
	struct asked *asked;
	enum tally_status st;

	if (before == 0 || after == 0)
		return TALLY_OK;
	asked = tally_alloc_zero(before + after, sizeof *asked);
	if (!asked)
		return tally_err_nomem(m->err);
	st = sketch_side(m, TALLY_BEFORE, b, before, asked, 0, before + after);
	if (st >= 0)
		st = sketch_side(m, TALLY_AFTER, a, after, asked + before, before, before + after);
	if (m->pool) {
		enum tally_status end = tally_workers_wait(m->pool, m->err);

		st = st < 0 ? st : end;
	}
	tally_free(asked);
	return st;
}

/* ---- archives ---- */

enum { SUFFIXES_MOST = 128 };

enum { CODES = 32 };

/*
 * The endings of archives' names. Asked for every file there is, so their lengths are counted once, and the last three
 * characters (of letters the lower five bits, in either case) tell for nearly all names that they have none of them.
 */
struct endings {
	const char *text[SUFFIXES_MOST];
	size_t len[SUFFIXES_MOST], count;
	uint32_t before[CODES * CODES]; /* by the last two: the characters before them, a bit each */
};

static unsigned code(char c)
{
	return (unsigned char)c % CODES;
}

static unsigned last_two(const char *end)
{
	return code(end[-2]) * CODES + code(end[-1]);
}

/* Endings have two characters or more. */
static void add_ending(struct endings *e, const char *text)
{
	size_t n = strlen(text);

	e->text[e->count] = text;
	e->len[e->count++] = n;
	e->before[last_two(text + n)] |= n > 2 ? UINT32_C(1) << code(text[n - 3]) : UINT32_MAX;
}

static void endings_of_archives(struct endings *e)
{
	*e = (struct endings){ 0 };
	for (size_t i = 0; tally_formats[i]; i++) {
		const char *const *s = tally_formats[i]->suffixes;

		if (!(tally_formats[i]->caps & TALLY_CAP_MEMBERS))
			continue;
		for (; s && *s && e->count < SUFFIXES_MOST; s++)
			add_ending(e, *s);
	}
}

static bool ends_like_archive(const struct endings *endings, const struct tally_entry *e)
{
	const char *end = e->name + e->name_len;

	if (e->name_len < 3 || !(endings->before[last_two(end)] >> code(end[-3]) & 1))
		return false;
	for (size_t i = 0; i < endings->count; i++) {
		size_t n = endings->len[i];

		if (e->name_len > n && endings->text[i][0] == e->name[e->name_len - n] &&
		    strncasecmp(e->name + e->name_len - n, endings->text[i], n) == 0)
			return true;
	}
	return false;
}

static enum tally_status on_member(void *payload, const struct tally_member *member,
                                   struct tally_err *err)
{
	struct asked *a = payload;
	enum tally_status st = TALLY_OK;

	if (member->type != TALLY_TYPE_FILE || !tally_digest_known(&member->digest))
		return TALLY_OK;
	st = tally_tree_diff_add_member(a->m->diff, a->side, a->entry, member, err);
	if (st >= 0 && a->both)
		st = tally_tree_diff_add_member(a->m->diff, TALLY_BEFORE, a->entry_before, member,
		                                err);
	return st;
}

/*
 * The best that a packer makes of anything, by the archive's name. Deflate: 258 bytes in 2 bits. LZMA and what is built on it:
 * a match of 273 bytes in a third of a bit. zstd: a block of 128 KiB in 4 bytes. bzip2: 45 MB of one byte in some 40 bytes.
 * A zip may use other methods than deflate. What packs that well packs again, so that a nested archive counts squared.
 */
static uint64_t best_ratio(const struct tally_entry *e, bool nested)
{
	static const struct {
		const char *suffix;
		uint64_t ratio;
	} known[] = { { ".gz", 1032 },     { ".tgz", 1032 },    { ".zst", 33000 },
		      { ".tzst", 33000 },  { ".bz2", 1500000 }, { ".tbz", 1500000 },
		      { ".tbz2", 1500000 } };
	uint64_t ratio = 10000;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		size_t n = strlen(known[i].suffix);

		if (e->name_len > n && strncasecmp(e->name + e->name_len - n, known[i].suffix, n) == 0)
			ratio = known[i].ratio;
	}
	return nested ? ratio * ratio : ratio;
}

/* @nested  it is something inside the archive that could not be searched */
static enum tally_status unsearched(struct asked *a, enum tally_reason reason, bool nested,
                                    struct tally_err *err)
{
	bool as_before = a->entry_before != TALLY_NO_INDEX;
	uint64_t ratio = best_ratio(&a->m->tree[a->side]->entries[a->entry], nested);
	struct tally_unverified row = { .path = tally_making_path(a->m, a->side, a->entry),
		                        .side = TALLY_ON_AFTER,
		                        .reason = reason,
		                        .limit = a->limit,
		                        .detail = as_before ? "so what is missing may be in it; it is as "
		                                              "it was before, and may have held it all "
		                                              "along"
		                                            : "so what is missing may be in it",
		                        .level = TALLY_LEVEL_MODEL,
		                        .files = 1 };
	enum tally_status st;

	if (!row.path.bytes)
		return tally_err_nomem(err);
	if (a->side != TALLY_AFTER || !tally_tree_diff_may_hide(a->m->diff, a->entry, ratio))
		return TALLY_OK;
	st = tally_making_gap(a->m, &row);
	return st < 0 ? st : tally_tree_diff_unsearched(a->m->diff, a->entry, reason, ratio, err);
}

/* what a reader could not look into may hold what is missing */
static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	((struct asked *)payload)->limit = tally_limit_named_in(note->detail);
	return note->about == TALLY_NOTE_REMARK ? TALLY_OK
	                                        : unsearched(payload, note->reason, true, err);
}

static enum tally_status on_members(void *payload, const struct tally_answer *answer,
                                    struct tally_err *err)
{
	struct asked *a = payload;
	const struct tally_sink sink = { .payload = a, .member = on_member, .note = on_note };

	if (answer->status < TALLY_PARTIAL && answer->err->reason == TALLY_REASON_FORMAT_UNKNOWN)
		return TALLY_OK; /* its name lied: it is no archive */
	a->limit = tally_limit_named_in(answer->err->message);
	if (answer->status < TALLY_PARTIAL)
		return unsearched(a, answer->err->reason, false, err);
	return tally_job_members_answer(answer, &sink, err);
}

static enum tally_status search(struct tally_making *m, struct asked *a)
{
	const struct tally_entry *e = &m->tree[a->side]->entries[a->entry];
	struct tally_err why = { 0 };
	enum tally_status st;
	bool live;
	int fd;

	a->limit = e->size > m->options->limits->archive_search_bytes ? "archive_search_bytes" : NULL;
	if (a->limit)
		return unsearched(a, TALLY_REASON_TOO_LARGE, false, m->err);
	if (e->proof == TALLY_PROOF_NONE)
		return unsearched(a,
		                  e->reason ? (enum tally_reason)e->reason : TALLY_REASON_NOT_REACHED,
		                  false, m->err);
	st = tally_content_open(&m->contents[a->side], a->entry, &fd, &live, &why);
	if (st == TALLY_SKIP)
		return unsearched(a, why.reason, false, m->err);
	if (st < 0) {
		*m->err = why;
		return st;
	}
	return ask(m, a,
	           tally_job_members(tally_making_name(m, a->side, a->entry),
	                             tally_snapshot_key(m->snap[0]),
	                             tally_snapshot_info(m->snap[0])->by_sha256),
	           on_members, fd);
}

static bool is_archive_candidate(const struct endings *endings, const struct tally_entry *e)
{
	return e->type == TALLY_TYPE_FILE && e->size > 0 && e->reason != TALLY_REASON_EXCLUDED &&
	       ends_like_archive(endings, e);
}

/*
 * Archives come under any name. What is new or changed is looked at: does it begin or end like an archive, or is it a program
 * that may hold one? The worker finds out.
 */
static bool looks_like_archive(struct tally_making *m, enum tally_side side, uint32_t entry)
{
	const struct tally_entry *e = &m->tree[side]->entries[entry];
	unsigned char head[TALLY_ARCHIVE_HEAD], tail[TALLY_ARCHIVE_TAIL];
	size_t tail_len = e->size < sizeof tail ? (size_t)e->size : sizeof tail;
	ssize_t h, t;
	bool live;
	int fd;

	if (e->type != TALLY_TYPE_FILE || e->size == 0 || e->proof == TALLY_PROOF_NONE ||
	    e->size > m->options->limits->archive_search_bytes ||
	    tally_content_open(&m->contents[side], entry, &fd, &live, NULL) != TALLY_OK)
		return false;
	h = tally_io_pread(fd, head, sizeof head, 0);
	t = tally_io_pread(fd, tail, tail_len, e->size - tail_len);
	close(fd);
	return h > 0 && t > 0 && tally_archive_likely(head, (size_t)h, tail, (size_t)t);
}

/* the same archive at the same place on the other side, or TALLY_NO_INDEX */
static uint32_t twin_of(const struct tally_making *m, enum tally_side side, uint32_t entry)
{
	enum tally_side other = side == TALLY_AFTER ? TALLY_BEFORE : TALLY_AFTER;
	uint32_t twin = tally_tree_diff_opposite(m->diff, side, entry);

	if (twin == TALLY_NO_INDEX || m->tree[side]->entries[entry].proof == TALLY_PROOF_NONE ||
	    m->tree[other]->entries[twin].proof == TALLY_PROOF_NONE ||
	    !tally_digest_equal(&m->tree[other]->entries[twin].digest,
	                        &m->tree[side]->entries[entry].digest))
		return TALLY_NO_INDEX;
	return twin;
}

static bool is_as_before(const struct tally_making *m, uint32_t after)
{
	uint32_t before = tally_tree_diff_opposite(m->diff, TALLY_AFTER, after);

	return before != TALLY_NO_INDEX &&
	       tally_digest_equal(&m->tree[TALLY_AFTER]->entries[after].digest,
	                          &m->tree[TALLY_BEFORE]->entries[before].digest);
}

/* Files of the after side that are new or changed and whose names say nothing. */
static enum tally_status collect_unnamed(struct tally_making *m, const struct endings *endings,
                                         struct asked **out, size_t *count, size_t *cap)
{
	const struct tally_tree *after = m->tree[TALLY_AFTER];

	for (uint32_t i = 0; i < after->entry_count; i++) {
		if (!tally_tree_diff_differs(m->diff, TALLY_AFTER, i) || is_as_before(m, i) ||
		    ends_like_archive(endings, &after->entries[i]) ||
		    !looks_like_archive(m, TALLY_AFTER, i))
			continue;
		if (!tally_grow(out, cap, *count, sizeof **out))
			return tally_err_nomem(m->err);
		(*out)[(*count)++] = (struct asked){
			.m = m, .side = TALLY_AFTER, .entry = i, .entry_before = TALLY_NO_INDEX
		};
	}
	return TALLY_OK;
}

/*
 * Archives of the after side may hold what is missing; archives of the before side may explain what is new. One that stands
 * unchanged on both sides is read once.
 */
static enum tally_status collect_archives(struct tally_making *m, bool missing, bool unexplained,
                                          struct asked **out, size_t *count)
{
	struct endings endings;
	size_t cap = 0;

	endings_of_archives(&endings);
	for (int side = TALLY_AFTER; side >= TALLY_BEFORE; side--) {
		const struct tally_tree *tree = m->tree[side];

		for (uint32_t i = 0; i < tree->entry_count; i++) {
			struct asked a = { .m = m, .side = (enum tally_side)side, .entry = i };
			uint32_t twin;

			if (!is_archive_candidate(&endings, &tree->entries[i]))
				continue;
			twin = twin_of(m, a.side, i);
			if (side == TALLY_BEFORE && (!unexplained || twin != TALLY_NO_INDEX ||
			                             tree->entries[i].proof == TALLY_PROOF_NONE))
				continue;
			if (side == TALLY_AFTER && !missing && twin == TALLY_NO_INDEX)
				continue;
			a.both = twin != TALLY_NO_INDEX && unexplained;
			a.entry_before = twin;
			if (!tally_grow(out, &cap, *count, sizeof **out))
				return tally_err_nomem(m->err);
			(*out)[(*count)++] = a;
		}
	}
	return missing ? collect_unnamed(m, &endings, out, count, &cap) : TALLY_OK;
}

static enum tally_status archives(struct tally_making *m)
{
	bool missing = tally_tree_diff_has_missing(m->diff);
	struct asked *list = NULL;
	size_t count = 0, unexplained;
	enum tally_status st;

	tally_tree_diff_wanted(m->diff, TALLY_AFTER, &unexplained);
	if (!missing && unexplained == 0)
		return TALLY_OK;
	st = collect_archives(m, missing, unexplained > 0, &list, &count);
	for (size_t i = 0; i < count && st >= 0; i++) {
		st = search(m, &list[i]);
		if (st >= 0)
			st = tally_making_step(m, "searching archives", i, count);
	}
	if (m->pool) {
		enum tally_status end = tally_workers_wait(m->pool, m->err);

		st = st < 0 ? st : end;
	}
	tally_free(list);
	return st;
}

enum tally_status tally_make_evidence(struct tally_making *m)
{
	enum tally_status st = archives(m);

	return st < 0 ? st : sketches(m);
}
