/* Evidence for the tree diff: the members of archives, before files are compared for being alike (make_sketches.c). */
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
	bool explains; /* its members say where new files came from, as members of the before side */
	bool whole;    /* nothing is left out of its list so far */
	bool named; /* its name says that it is an archive, and no document in the shape of one */
	uint32_t entry;
	uint32_t entry_before; /* after side: the same archive on the before side, or none */
	const char *limit;     /* that ended the search, or NULL */
};

static enum tally_status ask(struct tally_making *m, struct asked *a, json_t *request,
                             tally_answer_fn *fn, int fd)
{
	struct tally_request q = { .json = request,
		                   .fds = { fd, -1 },
		                   .bytes = m->tree[a->side]->entries[a->entry].size };

	return tally_making_ask(m, &q, fn, a);
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

/* the archive on the before side whose members these are as well */
static uint32_t before_of(const struct asked *a)
{
	return a->side == TALLY_BEFORE ? a->entry : a->entry_before;
}

static enum tally_status on_member(void *payload, const struct tally_member *member,
                                   struct tally_err *err)
{
	struct asked *a = payload;
	enum tally_status st = TALLY_OK;

	if (a->side == TALLY_AFTER)
		st = tally_tree_diff_add_member(a->m->diff, TALLY_AFTER, a->entry, member, err);
	if (st >= 0 && a->explains)
		st = tally_tree_diff_add_member(a->m->diff, TALLY_BEFORE, before_of(a), member, err);
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
	struct tally_unverified row = { .side = TALLY_ON_AFTER,
		                        .reason = reason,
		                        .limit = a->limit,
		                        .detail = as_before ? "so what is missing may be in it; it is as "
		                                              "it was before, and may have held it all "
		                                              "along"
		                                            : "so what is missing may be in it",
		                        .level = TALLY_LEVEL_MODEL,
		                        .files = 1 };
	enum tally_status st;

	if (a->side != TALLY_AFTER)
		return TALLY_OK;
	st = tally_tree_diff_unsearched(a->m->diff, a->entry, reason, ratio, err);
	if (st < 0 || !tally_tree_diff_may_hide(a->m->diff, a->entry, ratio))
		return st;
	row.path = tally_making_path(a->m, a->side, a->entry);
	return row.path.bytes ? tally_making_gap(a->m, &row) : tally_err_nomem(err);
}

/* what a reader could not look into may hold what is missing */
static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct asked *a = payload;

	a->limit = tally_limit_named_in(note->detail);
	a->whole = a->whole && note->about != TALLY_NOTE_LIST;
	return note->about == TALLY_NOTE_REMARK ? TALLY_OK
	                                        : unsearched(payload, note->reason, true, err);
}

/* Not an archive, whatever its name says. One that begins like nothing known may be a damaged one, if it is new. */
static bool is_none(const struct asked *a, enum tally_reason reason)
{
	return reason == TALLY_REASON_FORMAT_UNKNOWN ||
	       (reason == TALLY_REASON_FORMAT_MISMATCH &&
	        (!a->named || a->entry_before != TALLY_NO_INDEX));
}

static enum tally_status on_members(void *payload, const struct tally_answer *answer,
                                    struct tally_err *err)
{
	struct asked *a = payload;
	const struct tally_sink sink = { .payload = a, .member = on_member, .note = on_note };
	enum tally_status st;

	if (answer->status < TALLY_PARTIAL && is_none(a, answer->err->reason))
		return TALLY_OK; /* its name lied: it is no archive */
	a->limit = tally_limit_named_in(answer->err->message);
	if (answer->status < TALLY_PARTIAL)
		return unsearched(a, answer->err->reason, false, err);
	a->whole = true;
	st = tally_job_members_answer(answer, &sink, err);
	if (st >= 0 && a->side == TALLY_BEFORE)
		st = tally_tree_diff_listed(a->m->diff, a->entry, a->whole, err);
	return st;
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

/* Which archives are read, and what for. */
struct collection {
	struct tally_making *m;
	struct endings endings;
	bool missing; /* contents are nowhere to be seen: any archive of the after side may hold them */
	bool wanted;  /* others came from nowhere or were replaced, which archives may explain */
	bool explain; /* and these archives are not too much to read for it */
	struct asked *at;
	size_t count, cap;
};

static bool collect(struct collection *c, struct asked a)
{
	a.m = c->m;
	if (!tally_grow(&c->at, &c->cap, c->count, sizeof *c->at))
		return false;
	c->at[c->count++] = a;
	return true;
}

/* Documents in the shape of a zip are searched for what is missing; nobody packs a folder into one. */
static bool explains(const struct tally_entry *e)
{
	return !tally_archive_named_document(e->name);
}

enum {
	LOOK_COST = 128 << 10
}; /* bytes that could be read in the time that opening one archive takes */

static bool is_seen_before(const struct collection *c, uint32_t entry)
{
	return twin_of(c->m, TALLY_BEFORE, entry) != TALLY_NO_INDEX;
}

/* Are all archives together few enough to be read for more than what is missing? */
static bool is_affordable(const struct collection *c)
{
	uint64_t most = c->m->options->limits->archive_look_bytes, sum = 0;

	for (int side = TALLY_AFTER; side >= TALLY_BEFORE; side--) {
		const struct tally_tree *tree = c->m->tree[side];

		for (uint32_t i = 0; i < tree->entry_count; i++) {
			const struct tally_entry *e = &tree->entries[i];

			if (!is_archive_candidate(&c->endings, e) || !explains(e) ||
			    (side == TALLY_BEFORE && is_seen_before(c, i)))
				continue;
			if (e->size > most || most - e->size < sum + LOOK_COST)
				return false;
			sum += e->size + LOOK_COST;
		}
	}
	return true;
}

/* Files of the after side that are new or changed and whose names say nothing. */
static bool collect_unnamed(struct collection *c)
{
	struct tally_making *m = c->m;
	const struct tally_tree *after = m->tree[TALLY_AFTER];

	for (uint32_t i = 0; i < after->entry_count; i++) {
		if (!tally_tree_diff_differs(m->diff, TALLY_AFTER, i) || is_as_before(m, i) ||
		    ends_like_archive(&c->endings, &after->entries[i]) ||
		    !looks_like_archive(m, TALLY_AFTER, i))
			continue;
		if (!collect(c, (struct asked){ .side = TALLY_AFTER,
		                                .entry = i,
		                                .entry_before = TALLY_NO_INDEX }))
			return false;
	}
	return true;
}

/* Archives of the after side may hold what is missing. One that stands unchanged on both sides is read once. */
static bool collect_after(struct collection *c)
{
	const struct tally_tree *tree = c->m->tree[TALLY_AFTER];

	for (uint32_t i = 0; i < tree->entry_count; i++) {
		const struct tally_entry *e = &tree->entries[i];
		bool explain = c->explain && is_archive_candidate(&c->endings, e) && explains(e);
		uint32_t twin;

		if (!(c->missing || explain) || !is_archive_candidate(&c->endings, e))
			continue;
		twin = twin_of(c->m, TALLY_AFTER, i);
		if (!collect(c, (struct asked){ .side = TALLY_AFTER,
		                                .entry = i,
		                                .entry_before = twin,
		                                .named = explains(e),
		                                .explains = explain && twin != TALLY_NO_INDEX }))
			return false;
	}
	return true;
}

/* Those of the before side may explain what is new; of one that is gone it counts whether all that it held is out. */
static bool collect_before(struct collection *c)
{
	const struct tally_tree *tree = c->m->tree[TALLY_BEFORE];

	for (uint32_t i = 0; i < tree->entry_count; i++) {
		const struct tally_entry *e = &tree->entries[i];

		if (!is_archive_candidate(&c->endings, e) || !explains(e) ||
		    e->proof == TALLY_PROOF_NONE || is_seen_before(c, i) ||
		    !(c->explain || tally_tree_diff_is_gone(c->m->diff, i)))
			continue;
		if (!collect(c, (struct asked){ .side = TALLY_BEFORE,
		                                .entry = i,
		                                .entry_before = TALLY_NO_INDEX,
		                                .explains = true }))
			return false;
	}
	return true;
}

static enum tally_status search_all(struct collection *c)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < c->count && st >= 0; i++) {
		st = search(c->m, &c->at[i]);
		if (st >= 0)
			st = tally_making_step(c->m, "searching archives", i, c->count);
	}
	if (c->m->pool) {
		enum tally_status end = tally_workers_wait(c->m->pool, c->m->err);

		st = st < 0 ? st : end;
	}
	return st;
}

static enum tally_status archives(struct tally_making *m)
{
	struct collection c = { .m = m,
		                .missing = tally_tree_diff_has_missing(m->diff),
		                .wanted = tally_tree_diff_has_new(m->diff) };
	enum tally_status st = TALLY_OK;

	if (!c.missing && !c.wanted)
		return TALLY_OK;
	endings_of_archives(&c.endings);
	c.explain = c.wanted && is_affordable(&c);
	m->unsought = c.wanted && !c.explain;
	if (!collect_after(&c) || !collect_before(&c) || !collect_unnamed(&c))
		st = tally_err_nomem(m->err);
	if (st >= 0)
		st = search_all(&c);
	tally_free(c.at);
	return st < 0 ? st : tally_tree_diff_members_done(m->diff, m->err);
}

enum tally_status tally_make_evidence(struct tally_making *m)
{
	enum tally_status st = archives(m);

	return st < 0 ? st : tally_make_sketches(m);
}
