/* Line one: was anything lost, and was everything verified? A receipt that could not see never says "unchanged". */
#include "receipt/review.h"

#include <string.h>

struct doubts {
	uint64_t content; /* files of which not even the bytes are proven */
	uint64_t meaning; /* files whose bytes are proven, and what they say is not compared */
	uint64_t rows;    /* tables whose rows were not paired with certainty */
	uint64_t stat;    /* files believed for size and times */
	uint64_t excluded;
};

static bool same_path(const struct tally_unverified *a, const struct tally_unverified *b)
{
	return a->path.len == b->path.len && !memcmp(a->path.bytes, b->path.bytes, a->path.len);
}

/* Several rows of one file stand one behind the other and are one file. */
static struct doubts count_doubts(const struct tally_receipt *r)
{
	struct doubts d = { .stat = r->after.stat > r->before.stat ? r->after.stat : r->before.stat };

	for (size_t i = 0; i < r->unverified_count; i++) {
		const struct tally_unverified *u = &r->unverified[i];

		if (u->reason == TALLY_REASON_STAT_ONLY)
			d.stat = d.stat > u->files ? d.stat : u->files;
		else if (u->reason == TALLY_REASON_ALIGNMENT_DOUBTFUL)
			d.rows++;
		else if (i > 0 && same_path(u, u - 1) &&
		         (u->level == TALLY_LEVEL_CONTENT) == ((u - 1)->level == TALLY_LEVEL_CONTENT))
			continue;
		else if (u->level == TALLY_LEVEL_CONTENT)
			d.content += tally_unverified_files(u);
		else
			d.meaning += tally_unverified_files(u);
	}
	for (size_t i = 0; i < r->excluded_count; i++)
		d.excluded += r->excluded[i].entries;
	return d;
}

static bool any(const struct doubts *d)
{
	return d->content || d->meaning || d->rows || d->stat;
}

static void files(struct tally_reviewer *v, uint64_t n)
{
	tally_say_plural(v, n, "file", "files");
}

/* "3 files could not be verified, 1,200 files were believed …" */
static void say_doubts(struct tally_reviewer *v, const struct doubts *d)
{
	const char *between = "";

	if (d->content) {
		files(v, d->content);
		tally_say(v, " could not be verified");
		between = ", ";
	}
	if (d->stat) {
		tally_say(v, between);
		tally_say_plural(v, d->stat, "file was", "files were");
		tally_say(v, " believed for size and times, not read");
		between = ", ";
	}
	if (d->meaning) {
		tally_say(v, *between ? "; what " : "what ");
		tally_say_plural(v, d->meaning, "changed file says was", "changed files say was");
		tally_say(v, " not compared");
		between = "; ";
	}
	if (d->rows) {
		tally_say(v, between);
		tally_say_plural(v, d->rows, "table's rows were", "tables' rows were");
		tally_say(v, " not paired with certainty");
	}
}

static void unchanged(struct tally_reviewer *v, const struct doubts *d)
{
	uint64_t n = v->r->files.before;

	if (!any(d)) {
		tally_say(v, "Nothing changed: ");
		if (n == 0)
			tally_say(v, "there was no file and there is none");
		else if (n == 1)
			tally_say(v, "the one file was read and is as it was");
		else {
			tally_say(v, "all ");
			files(v, n);
			tally_say(v, " were read and are as they were");
		}
		return;
	}
	if (d->content) {
		tally_say(v, "No change, but ");
		files(v, d->content);
		tally_say(v, d->content == 1
		                     ? " could not be read, so nothing can be said about it"
		                     : " could not be read, so nothing can be said about them");
		return;
	}
	tally_say(v, "No change to be seen, but ");
	say_doubts(v, d);
}

/* @return whether the sentence so far says that something went */
static bool losses(struct tally_reviewer *v, const struct doubts *d)
{
	uint64_t lost = v->r->contents.by_fate[TALLY_FATE_LOST];
	uint64_t unproven = v->r->contents.by_fate[TALLY_FATE_UNPROVEN];

	if (lost) {
		tally_say_plural(v, lost, "content is", "contents are");
		tally_say(v, " lost (nowhere in the folder any more)");
		if (v->hollow) {
			tally_say(v, ", ");
			tally_say_plural(v, v->hollow, "file was", "files were");
			tally_say(v, " emptied or cut down");
		}
		return true;
	}
	if (v->hollow || v->rows_deleted) {
		tally_say(v, "No file is lost, but ");
		if (v->hollow) {
			tally_say_plural(v, v->hollow, "file was", "files were");
			tally_say(v, " emptied or cut down");
		}
		if (v->rows_deleted) {
			tally_say(v, v->hollow ? " and " : "");
			tally_say_plural(v, v->rows_deleted, "row was", "rows were");
			tally_say(v, " deleted from tables");
		}
		return true;
	}
	if (d->content || d->stat || unproven) {
		tally_say(v, "Nothing is known to be lost");
		return false;
	}
	tally_say(v, "Nothing was lost");
	return false;
}

static void changed(struct tally_reviewer *v, const struct doubts *d)
{
	bool went = losses(v, d);

	if (any(d)) {
		tally_say(v, !(d->content || d->stat) ? "; "
		             : !went                  ? ", but "
		             : v->hollow              ? ", and "
		                                      : " and ");
		say_doubts(v, d);
	} else {
		tally_say(v, went ? "; everything else was read and compared"
		                  : "; everything was read and compared");
	}
}

static void excluded(struct tally_reviewer *v, const struct doubts *d)
{
	if (!d->excluded)
		return;
	tally_say(v, " (");
	tally_say_plural(v, d->excluded, "entry", "entries");
	tally_say(v, " left out as asked)");
}

static bool same(const struct tally_receipt *r)
{
	return !r->change_count && !json_array_size(r->tables) && !json_array_size(r->documents) &&
	       !json_array_size(r->archives);
}

void tally_review_verdict(struct tally_reviewer *v)
{
	struct tally_receipt *r = v->r;
	struct doubts d = count_doubts(r);

	if (same(r))
		unchanged(v, &d);
	else
		changed(v, &d);
	excluded(v, &d);
	tally_say(v, ".");
	r->verdict = (struct tally_verdict){ .changes = r->change_count,
		                             .lost = r->contents.by_fate[TALLY_FATE_LOST],
		                             .review = r->review_count,
		                             .complete = !any(&d) && !r->unverified_count };
	for (size_t i = 0; i < r->unverified_count; i++)
		r->verdict.unverified += tally_unverified_files(&r->unverified[i]);
	if (v->status == TALLY_OK) {
		r->verdict.text = tally_arena_dup(&r->arena, v->what.bytes, v->what.len);
		if (!r->verdict.text)
			v->status = tally_err_nomem(v->err);
	}
	tally_buf_clear(&v->what);
}
