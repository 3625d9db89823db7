/* Tables of two files compared part by part: see receipt/job_tables.h. */
#include "formats/sheet_rows.h"
#include "receipt/job_tables.h"

#include <string.h>

#include "core/mem.h"
#include "diff/parts_pair.h"
#include "receipt/job_header.h"
#include "receipt/json_util.h"
#include "receipt/table_json.h"
#include "receipt/workbook_facts.h"
#include "receipt/workbook_json.h"

struct compared {
	struct tally_job_tables *job;
	const struct tally_parts_pairing *pairing;
	struct tally_workbook book;
	uint64_t *rows;                 /* by pair, for the book */
	struct tally_sheet_name *names; /* of sheets that were renamed */
	size_t name_count;
	struct tally_other_sheet *others; /* sheets compared before, whose rows moved */
	struct tally_other_sheet *certain; /* those of which it is certain where they went, for the book */
	struct tally_row_places **places; /* theirs, owned */
	size_t other_count;
	json_t **entries; /* by pair; NULL: nothing to say */
	bool key_found;   /* or none was given */
	struct tally_err key_missing;
};

static struct tally_part *part_at(const struct compared *x, int side, uint32_t part)
{
	return part == TALLY_NO_PART ? NULL : x->job->side[side].parts[part];
}

static bool same_problems(const struct tally_part *a, const struct tally_part *b)
{
	if (a->problem_count != b->problem_count)
		return false;
	for (size_t i = 0; i < a->problem_count; i++)
		if (strcmp(a->problems[i].what, b->problems[i].what) != 0 ||
		    a->problems[i].count != b->problems[i].count)
			return false;
	return true;
}

enum { PROBLEMS_MATCHED = 16 };

/* Does either side have the same as the other, in the same places? */
static bool problems_stayed(const struct tally_table_diff *d)
{
	if (d->problems_len > PROBLEMS_MATCHED)
		return false;
	for (size_t i = 0; i < d->problems_len; i++) {
		const struct tally_problem *p = &d->problems[i].problem;
		bool found = false;

		for (size_t k = 0; k < d->problems_len && !found; k++) {
			const struct tally_problem *other = &d->problems[k].problem;

			found = d->problems[k].after != d->problems[i].after &&
			        !strcmp(other->what, p->what) && other->row == p->row &&
			        other->count == p->count;
		}
		if (!found)
			return false;
	}
	return true;
}

static bool has_unknown_results(const struct tally_table_diff *d)
{
	return d->results_unknown[0] || d->results_unknown[1];
}

/* Is there anything to say of this sheet? Those of which nothing is said are counted. */
static bool worth_an_entry(const struct tally_table_diff *d)
{
	if (!(d->before ? d->before : d->after)->sheet || tally_table_diff_any(d) ||
	    d->invariants_len || d->total_rows_len || has_unknown_results(d))
		return true;
	return !problems_stayed(d) || !same_problems(d->before, d->after);
}

static bool are_related(const struct tally_table_diff *d)
{
	const struct tally_table_rows *r = &d->rows;

	return r->same || r->edited || r->moved;
}

/* A key that is given is looked for in each sheet; where it is not, one is found. */
static enum tally_status diff_parts(struct compared *x, const struct tally_part *before,
                                    const struct tally_part *after, struct tally_table_diff **d,
                                    struct tally_err *err)
{
	struct tally_table_options options = *x->job->options;
	enum tally_status st;
	bool several = x->pairing->count > 1;

	options.sheet_names = x->names;
	options.sheet_name_count = x->name_count;
	options.other_sheets = x->others;
	options.other_sheet_count = x->other_count;
	options.keep_places = before && after ? &x->places[x->other_count] : NULL;
	st = tally_table_diff(d, before, after, &options, err);
	if (st != TALLY_SKIP || !options.key_count || !several || err->reason) {
		x->key_found |= st >= 0 && before && after;
		return st;
	}
	if (!x->key_missing.status)
		x->key_missing = *err;
	*err = (struct tally_err){ 0 };
	options.key = NULL;
	options.key_count = 0;
	return tally_table_diff(d, before, after, &options, err);
}

enum {
	ELSEWHERE_CELLS = 64, /* of a row, */
	ELSEWHERE_ROWS = 200, /* in which formulas are looked for that mean other sheets */
};

/* Lines above the header that came or went are no rows. */
static bool has_other_titles(const struct tally_table_diff *d)
{
	for (size_t i = 0; i < d->problems_len; i++)
		if (!strncmp(d->problems[i].problem.what, "title_line", strlen("title_line")))
			return true;
	return false;
}

/* What formulas and facts of other sheets mean by addresses of this one */
static void add_other(struct compared *x, const char *name, bool doubtful)
{
	const struct tally_other_sheet other = { name, x->places[x->other_count] };

	x->others[x->other_count++] = other;
	if (!doubtful)
		x->certain[x->book.moved_sheet_count++] = other;
}

/*
 * Rows at the end of a sheet that were cleared are there as long as their cells stand in the file, and none came away from
 * below them.
 */
static enum tally_status keep_cleared(const struct tally_part *before, struct tally_part *after,
                                      struct tally_err *err)
{
	if (!before || !after || !before->sheet || !after->sheet || !before->cell_rows ||
	    after->row_count >= before->row_count || after->cell_rows < before->cell_rows)
		return TALLY_OK;
	return tally_sheet_extend(after, before->row_count, err);
}

static enum tally_status compare_pair(struct compared *x, size_t at, struct tally_err *err)
{
	const struct tally_parts_pair *pair = &x->pairing->pairs[at];
	struct tally_part *before = part_at(x, 0, pair->before), *after = part_at(x, 1, pair->after);
	struct tally_table_diff *d = NULL;
	enum tally_status st = keep_cleared(before, after, err);
	bool differs;

	if (st == TALLY_OK)
		st = tally_settle_header(before, after, x->job->options->key_count, err);
	if (st == TALLY_OK)
		st = diff_parts(x, before, after, &d, err);
	if (st < 0)
		return st;
	differs = tally_table_diff_any(d) || has_other_titles(d);
	x->rows[at] = after ? d->rows.after : d->rows.before;
	x->book.same += before && after && !differs;
	x->book.unknown += before && after && !differs && has_unknown_results(d);
	x->job->related |= are_related(d) || (before && after && !differs && after->columns);
	if (x->places[x->other_count])
		add_other(x, before->name, d->aligned_by.doubtful);
	if (worth_an_entry(d)) {
		x->entries[at] = tally_table_json(d, x->job->limits);
		st = x->entries[at] ? st : tally_err_nomem(err);
	}
	tally_table_diff_free(d);
	return st;
}

/* Does the sheet take anything from others? Told from its first formulas; only the order of comparing depends on it. */
static bool looks_elsewhere(const struct tally_part *part)
{
	struct tally_cell cells[ELSEWHERE_CELLS];
	struct tally_arena scratch = TALLY_ARENA_INIT;
	bool found = false;

	for (size_t row = 0; !found && part && row < part->row_count && row < ELSEWHERE_ROWS; row++) {
		size_t n = 0;

		if (part->ops->cells(part, row, &scratch, cells, ELSEWHERE_CELLS, &n, NULL) <
		    TALLY_PARTIAL)
			break;
		for (size_t k = 0; !found && k < n && k < ELSEWHERE_CELLS; k++)
			found = cells[k].formula &&
			        memchr(cells[k].formula, '!', cells[k].formula_len);
	}
	tally_arena_release(&scratch);
	return found;
}

/* Sheets that take nothing from others come first: so it is known where their rows went when those that use them are compared. */
static enum tally_status compare_in_order(struct compared *x, struct tally_err *err)
{
	size_t count = x->pairing->count;
	bool *later = tally_alloc_zero(count, sizeof *later);
	enum tally_status st = later ? TALLY_OK : tally_err_nomem(err);

	for (size_t i = 0; st >= 0 && i < count; i++) {
		later[i] = count > 1 && looks_elsewhere(part_at(x, 1, x->pairing->pairs[i].after));
		if (!later[i])
			st = compare_pair(x, i, err);
	}
	for (size_t i = 0; st >= 0 && i < count; i++)
		if (later[i])
			st = compare_pair(x, i, err);
	tally_free(later);
	return st;
}

static enum tally_status find_names(struct compared *x, struct tally_err *err)
{
	x->names = tally_alloc((x->pairing->renamed + x->pairing->removed) * sizeof *x->names);
	if (!x->names)
		return tally_err_nomem(err);
	for (size_t i = 0; i < x->pairing->count; i++) {
		const struct tally_parts_pair *p = &x->pairing->pairs[i];

		if (p->after == TALLY_NO_PART)
			x->names[x->name_count++] = (struct tally_sheet_name){
				part_at(x, 0, p->before)->name, NULL
			};
		else if (p->renamed)
			x->names[x->name_count++] = (struct tally_sheet_name){
				part_at(x, 0, p->before)->name, part_at(x, 1, p->after)->name
			};
	}
	return TALLY_OK;
}

static bool is_workbook(const struct tally_reading *r)
{
	return r->part_count > 1 || (r->part_count == 1 && r->parts[0]->sheet);
}

/* What is not all known cannot be said to be gone. */
static enum tally_status compare_facts(struct compared *x, struct tally_err *err)
{
	struct tally_reading *side = x->job->side;

	if (side[0].facts_cut || side[1].facts_cut)
		return TALLY_OK;
	x->book.facts_unread[0] = side[0].facts_unread;
	x->book.facts_unread[1] = side[1].facts_unread;
	return tally_workbook_facts(&x->book, side, x->job->limits, err);
}

static enum tally_status compare_pairs(struct compared *x, struct tally_err *err)
{
	const struct tally_reading *side = x->job->side;
	enum tally_status st = compare_in_order(x, err);
	bool ok = true;

	if (st < 0)
		return st;
	if (x->job->options->key_count && !x->key_found && x->key_missing.status) {
		*err = x->key_missing;
		return x->key_missing.status;
	}
	/* blank sheets say nothing of where they are from, unless there are no others */
	x->job->related |= x->pairing->count && x->book.same == x->pairing->count;
	if (is_workbook(&side[0]) || is_workbook(&side[1])) {
		st = compare_facts(x, err);
		if (st < 0)
			return st;
		tally_json_add(x->job->tables, tally_workbook_json(&x->book), &ok);
	}
	for (size_t i = 0; i < x->pairing->count; i++) {
		if (!x->entries[i])
			continue;
		tally_json_add(x->job->tables, x->entries[i], &ok);
		x->entries[i] = NULL;
	}
	return ok ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status begin(struct compared *x, struct tally_err *err)
{
	size_t count = x->pairing->count;

	x->book.rows = x->rows = tally_alloc_zero(count, sizeof *x->rows);
	x->others = tally_alloc_zero(count, sizeof *x->others);
	x->book.moved_sheets = x->certain = tally_alloc_zero(count, sizeof *x->certain);
	x->places = tally_alloc_zero(count + 1, sizeof *x->places);
	x->entries = tally_alloc_zero(count, sizeof *x->entries);
	if (!x->rows || !x->others || !x->certain || !x->places || !x->entries)
		return tally_err_nomem(err);
	return find_names(x, err);
}

static void end(struct compared *x)
{
	for (size_t i = 0; x->places && i <= x->pairing->count; i++)
		tally_row_places_free(x->places[i]);
	for (size_t i = 0; x->entries && i < x->pairing->count; i++)
		json_decref(x->entries[i]);
	json_decref(x->book.facts);
	json_decref(x->book.fact_counts);
	json_decref(x->book.unread);
	tally_free(x->places);
	tally_free(x->others);
	tally_free(x->certain);
	tally_free(x->entries);
	tally_free(x->names);
	tally_free(x->rows);
}

static enum tally_status pair_parts(struct tally_job_tables *job,
                                    struct tally_parts_pairing *pairing, struct tally_err *err)
{
	const struct tally_reading *a = &job->side[0], *b = &job->side[1];

	return tally_parts_pair(pairing, a->parts, a->part_count, b->parts, b->part_count, err);
}

/*
 * A sheet that could not be read, under a name that the other side does not have, may be any of those that seem to be gone, or new.
 * @doubts  set where there are such
 */
static enum tally_status doubt_alone(struct tally_job_tables *job,
                                     const struct tally_parts_pairing *pairing, bool *doubts,
                                     struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; st == TALLY_OK && i < pairing->count; i++) {
		const struct tally_parts_pair *p = &pairing->pairs[i];
		int there = p->after == TALLY_NO_PART ? 0 : 1;

		if ((p->before != TALLY_NO_PART && p->after != TALLY_NO_PART) ||
		    !job->side[1 - there].stranger)
			continue;
		st = tally_reading_doubt(&job->side[1 - there],
		                         job->side[there].parts[there ? p->after : p->before]->name,
		                         err);
		*doubts = true;
	}
	return st;
}

static enum tally_status pair_sheets(struct tally_job_tables *job,
                                     struct tally_parts_pairing *pairing, struct tally_err *err)
{
	enum tally_status st = pair_parts(job, pairing, err);
	bool doubts = false;

	if (st < 0 || (!job->side[0].stranger && !job->side[1].stranger))
		return st;
	st = doubt_alone(job, pairing, &doubts, err);
	if (st < 0 || !doubts)
		return st;
	tally_reading_leave_out(&job->side[0], &job->side[1]);
	tally_reading_leave_out(&job->side[1], &job->side[0]);
	tally_parts_pairing_release(pairing);
	return pair_parts(job, pairing, err);
}

enum tally_status tally_job_tables(struct tally_job_tables *job, struct tally_err *err)
{
	const struct tally_reading *a = &job->side[0], *b = &job->side[1];
	struct tally_parts_pairing pairing;
	struct compared x = { .job = job, .pairing = &pairing };
	enum tally_status st = pair_sheets(job, &pairing, err);

	x.book = (struct tally_workbook){ .pairing = &pairing,
		                          .parts = { a->parts, b->parts },
		                          .part_count = { a->part_count, b->part_count },
		                          .format = { a->format->name, b->format->name } };
	if (st == TALLY_OK)
		st = begin(&x, err);
	if (st == TALLY_OK)
		st = compare_pairs(&x, err);
	end(&x);
	tally_parts_pairing_release(&pairing);
	return st;
}
