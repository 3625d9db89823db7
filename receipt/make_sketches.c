/*
 * Sketches of files that nothing explains yet, for the tree diff: see receipt/making.h. Documents are compared by their text;
 * that of a PDF is made by a program of its own before a worker gets it.
 */
#include <string.h>
#include <unistd.h>

#include "core/io.h"
#include "core/limits.h"
#include "core/mem.h"
#include "formats/archive.h"
#include "formats/format.h"
#include "receipt/converter.h"
#include "receipt/making.h"

/* one file of which a worker makes a sketch */
struct asked {
	struct tally_making *m;
	enum tally_side side;
	bool plain; /* compared with documents if it is a plain text */
	bool plain_only; /* the other side has no archive, so that this one was not moved and edited if it is one */
	bool picture;       /* compared by its pixels if it is one */
	const char *unread; /* a PDF whose text was not made, or a picture that was not decoded, for there are too many: the limit */
	uint32_t entry;
	int fd;
	struct tally_conversion text;
};

/* ---- what is worth a sketch ---- */

/* Whose sketches a side is asked for. */
struct wanted {
	const uint32_t *entries;
	size_t count;
	unsigned char *kinds; /* of each: enum kind */
	bool plain_only;      /* the other side has no archives */
	bool documents;       /* the other side may have texts */
	bool pictures;        /* … or pictures */
	bool plain;           /* either side has documents that plain texts may be like */
};

/* An archive is never an edited version of what is no archive, however much it has of its bytes. */
enum kind {
	KIND_PLAIN,
	KIND_ARCHIVE,
	KIND_DOCUMENT, /* named like one in the shape of a zip: it may be like either */
	KIND_ALONE,    /* the other side has none of its kind */
};

/* how a file begins, as far as it can be read at all */
static size_t head_of(struct tally_making *m, enum tally_side side, uint32_t entry,
                      unsigned char head[TALLY_ARCHIVE_HEAD])
{
	ssize_t n;
	bool live;
	int fd;

	if (tally_content_open(&m->contents[side], entry, &fd, &live, NULL) != TALLY_OK)
		return 0;
	n = tally_io_pread(fd, head, TALLY_ARCHIVE_HEAD, 0);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

static bool begins_like_archive(struct tally_making *m, enum tally_side side, uint32_t entry)
{
	unsigned char head[TALLY_ARCHIVE_HEAD];
	size_t n = head_of(m, side, entry, head);

	return n && tally_archive_probe(head, n, NULL) != TALLY_ARCHIVE_NONE;
}

/*
 * A later part of an archive in parts has no mark of its own, and yet is mostly what was packed: "a.z02" beside "a.zip",
 * "a.7z.002" beside an "a.7z.001" that begins like an archive.
 */
static bool is_later_part(struct tally_making *m, enum tally_side side, uint32_t entry)
{
	const struct tally_tree *tree = m->tree[side];
	const struct tally_entry *e = &tree->entries[entry];
	char name[256];
	size_t stem = tally_archive_part(e->name, e->name_len, name, sizeof name);
	uint32_t first;

	if (!stem)
		return false;
	first = tally_tree_find_in(tree, &tree->dirs[e->dir], name, strlen(name));
	return first != TALLY_NO_INDEX && first != entry &&
	       tree->entries[first].type == TALLY_TYPE_FILE &&
	       (tree->entries[first].name_len != e->name_len || begins_like_archive(m, side, first));
}

static bool find_side(struct tally_making *m, enum tally_side side, struct wanted *w, bool seen[2])
{
	w->kinds = tally_alloc_zero(w->count, sizeof *w->kinds);
	for (size_t i = 0; w->kinds && i < w->count; i++) {
		if (tally_archive_named_document(m->tree[side]->entries[w->entries[i]].name))
			w->kinds[i] = KIND_DOCUMENT;
		else if (begins_like_archive(m, side, w->entries[i]))
			w->kinds[i] = KIND_ARCHIVE;
		else if (is_later_part(m, side, w->entries[i]))
			w->kinds[i] = KIND_ALONE;
		seen[KIND_PLAIN] |= w->kinds[i] == KIND_PLAIN || w->kinds[i] == KIND_DOCUMENT;
		seen[KIND_ARCHIVE] |= w->kinds[i] == KIND_ARCHIVE || w->kinds[i] == KIND_DOCUMENT;
	}
	return w->kinds != NULL;
}

/* Before files are unpacked for a look at how they begin: worth it only where the after side has archives. */
static bool find_kinds(struct tally_making *m, struct wanted wanted[2])
{
	bool seen[2][2] = { { false } };

	if (!find_side(m, TALLY_AFTER, &wanted[TALLY_AFTER], seen[TALLY_AFTER]))
		return false;
	if (!seen[TALLY_AFTER][KIND_ARCHIVE]) {
		wanted[TALLY_BEFORE].plain_only = true;
		wanted[TALLY_BEFORE].kinds = tally_alloc_zero(wanted[TALLY_BEFORE].count, 1);
		return wanted[TALLY_BEFORE].kinds != NULL;
	}
	if (!find_side(m, TALLY_BEFORE, &wanted[TALLY_BEFORE], seen[TALLY_BEFORE]))
		return false;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < wanted[side].count; i++)
			if (wanted[side].kinds[i] < KIND_DOCUMENT &&
			    !seen[!side][wanted[side].kinds[i]])
				wanted[side].kinds[i] = KIND_ALONE;
	return true;
}

/* ---- sketches ---- */

/* What costs much, done so far. */
struct spent {
	uint64_t texts, pictures;
};

/* why two files could not be looked at for being one, edited */
/* Is there one whose name says that its text can be read? @plain  plain texts count */
static bool has_texts(struct tally_making *m, enum tally_side side, const struct wanted *w, bool plain)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct tally_entry *e = &m->tree[side]->entries[w->entries[i]];

		if (tally_format_named_text(e->name, e->name_len, plain))
			return true;
	}
	return false;
}

static bool has_pictures(struct tally_making *m, enum tally_side side, const struct wanted *w)
{
	for (size_t i = 0; i < w->count; i++) {
		const struct tally_entry *e = &m->tree[side]->entries[w->entries[i]];

		if (tally_format_named_picture(e->name, e->name_len))
			return true;
	}
	return false;
}

static enum tally_status unsketched(struct asked *a, const struct tally_err *why)
{
	struct tally_unverified row = {
		.side = a->side == TALLY_BEFORE ? TALLY_ON_BEFORE : TALLY_ON_AFTER,
		.reason = why->reason,
		.limit = tally_limit_named_in(why->message),
		.detail = a->unread ? "so only its bytes tell whether it was moved and edited"
		                    : "so it could not be seen whether it was moved and edited",
		.level = TALLY_LEVEL_MODEL,
		.files = 1
	};

	if (tally_tree_diff_extra(a->m->diff, a->side, a->entry) ||
	    (a->plain_only && begins_like_archive(a->m, a->side, a->entry)))
		return TALLY_OK;
	row.path = tally_making_path(a->m, a->side, a->entry);
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

/* Pictures are decoded where the other side may have some, and no more than so many. */
static void settle_picture(struct asked *a, const struct wanted *w, struct spent *spent)
{
	const char *name = tally_making_name(a->m, a->side, a->entry);

	if (!w->pictures || !tally_format_named_picture(name, strlen(name)))
		return;
	a->picture = spent->pictures < a->m->options->limits->similarity_pictures;
	if (a->picture)
		spent->pictures++;
	else
		a->unread = "similarity_pictures";
}

/*
 * The text of a PDF is made only where the other side may have a document, and of so many PDFs at most; of others their bytes
 * have to do, which is said.
 */
static void begin_text(struct asked *a, const struct wanted *w, struct spent *spent)
{
	const struct tally_limits *limits = a->m->options->limits;

	if (!w->documents || !tally_convertible(a->fd))
		return;
	if (spent->texts < limits->similarity_texts) {
		spent->texts++;
		tally_convert_begin(&a->text, a->fd, limits);
	} else {
		a->unread = "similarity_texts";
	}
}

static enum tally_status begin(struct asked *a, const struct wanted *w, struct spent *spent)
{
	struct tally_making *m = a->m;
	struct tally_err why = { 0 };
	enum tally_status st;
	bool live;

	st = tally_content_open(&m->contents[a->side], a->entry, &a->fd, &live, &why);
	if (st == TALLY_SKIP)
		return unsketched(a, &why);
	if (st < 0) {
		*m->err = why;
	} else {
		begin_text(a, w, spent);
		settle_picture(a, w, spent);
	}
	return st;
}

static enum tally_status unread(struct asked *a)
{
	struct tally_err why;

	tally_err_set(&why, TALLY_SKIP, TALLY_REASON_LIMIT, "%s", a->unread);
	return unsketched(a, &why);
}

static enum tally_status finish(struct asked *a)
{
	struct tally_making *m = a->m;
	int texts[TALLY_REQUEST_FDS] = { -1, -1 };
	struct tally_request q = { .fds = { a->fd, -1 }, .texts = texts };
	struct tally_converted made;
	enum tally_status st;

	if (a->fd < 0)
		return TALLY_OK;
	a->fd = -1;
	tally_convert_end(&a->text, &made);
	texts[0] = made.text;
	q.bytes = m->tree[a->side]->entries[a->entry].size;
	q.json = tally_job_sketch(tally_making_name(m, a->side, a->entry), a->plain, a->picture);
	st = tally_making_ask(m, &q, on_sketch, a);
	return st >= 0 && a->unread ? unread(a) : st;
}

static void drop(struct asked *a)
{
	struct tally_converted made;

	tally_convert_end(&a->text, &made);
	if (made.text >= 0)
		close(made.text);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

enum { AHEAD = 2 }; /* files whose texts are being made while workers read others */

static enum tally_status sketch_side(struct tally_making *m, enum tally_side side,
                                     const struct wanted *w, struct asked *asked, uint64_t *done,
                                     uint64_t total)
{
	enum tally_status st = TALLY_OK;
	struct spent spent = { 0 };

	for (size_t i = 0; i < w->count + AHEAD && st >= 0; i++) {
		if (i < w->count) {
			asked[i] = (struct asked){ .m = m,
				                   .side = side,
				                   .entry = w->entries[i],
				                   .plain = w->plain,
				                   .plain_only = w->plain_only,
				                   .fd = -1 };
			if (w->kinds[i] == KIND_ALONE)
				tally_tree_diff_unlike(m->diff, side, w->entries[i]);
			else
				st = begin(&asked[i], w, &spent);
		}
		if (i >= AHEAD && st >= 0)
			st = finish(&asked[i - AHEAD]);
		if (i >= AHEAD && st >= 0)
			st = tally_making_step(m, "looking for moved and edited files", ++*done,
			                       total);
	}
	for (size_t i = 0; i < w->count && st < 0 && asked[i].m; i++)
		drop(&asked[i]);
	return st;
}

static enum tally_status sketch_both(struct tally_making *m, const struct wanted wanted[2])
{
	size_t before = wanted[TALLY_BEFORE].count, total = before + wanted[TALLY_AFTER].count;
	struct asked *asked = tally_alloc_zero(total, sizeof *asked);
	enum tally_status st;
	uint64_t done = 0;

	if (!asked)
		return tally_err_nomem(m->err);
	st = sketch_side(m, TALLY_BEFORE, &wanted[TALLY_BEFORE], asked, &done, total);
	if (st >= 0)
		st = sketch_side(m, TALLY_AFTER, &wanted[TALLY_AFTER], asked + before, &done, total);
	if (m->pool) {
		enum tally_status end = tally_workers_wait(m->pool, m->err);

		st = st < 0 ? st : end;
	}
	tally_free(asked);
	return st;
}

enum tally_status tally_make_sketches(struct tally_making *m)
{
	struct wanted wanted[2] = { { 0 }, { 0 } };
	enum tally_status st = TALLY_OK;
	bool plain = false;

	for (int side = 0; side < 2; side++)
		wanted[side].entries = tally_tree_diff_wanted(m->diff, (enum tally_side)side,
		                                              &wanted[side].count);
	if (!wanted[0].count || !wanted[1].count)
		return TALLY_OK;
	for (int side = 0; side < 2; side++) {
		wanted[!side].documents = has_texts(m, (enum tally_side)side, &wanted[side], true);
		plain |= has_texts(m, (enum tally_side)side, &wanted[side], false);
		wanted[!side].pictures = has_pictures(m, (enum tally_side)side, &wanted[side]);
	}
	wanted[0].plain = wanted[1].plain = plain;
	if (!find_kinds(m, wanted))
		st = tally_err_nomem(m->err);
	if (st >= 0)
		st = sketch_both(m, wanted);
	tally_free(wanted[0].kinds);
	tally_free(wanted[1].kinds);
	return st;
}
