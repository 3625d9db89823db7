/* Line one: was anything lost, and was everything verified? A receipt that could not see never says "unchanged". */
#include "receipt/review.h"

#include "receipt/json_util.h"

enum { NAME_MOST = 40 }; /* bytes of a table's name; a longer one would not leave line one a line */

struct doubts {
	uint64_t files;   /* of which not even the bytes are proven */
	uint64_t folders; /* that could not be listed */
	uint64_t altered; /* unread files and folders whose metadata differs */
	uint64_t meaning; /* files whose bytes are proven, and what they say is not compared */
	uint64_t unsure;  /* rows of tables that were not read with certainty */
	uint64_t looks;   /* files that differ in what is not looked into */
	uint64_t results; /* tables with formulas that no program has computed */
	uint64_t no_results; /* tables that had such formulas before, so that there is nothing to compare with */
	uint64_t formulas; /* old workbooks of which only values were read */
	uint64_t rows;     /* tables whose rows were not paired with certainty */
	uint64_t stat;     /* files believed for size and times */
	uint64_t unlisted; /* tables with more changes than are listed: nothing is unknown */
	uint64_t excluded;
};

static void count_content(struct doubts *d, const struct tally_unverified *u)
{
	d->altered += u->field_count > 0;
	if (u->folder)
		d->folders++;
	d->files += u->folder ? u->files : tally_unverified_files(u);
}

/* Several rows of one file stand one behind the other and are one file; those on its bytes come first. */
static struct doubts count_doubts(const struct tally_receipt *r)
{
	uint64_t before = r->before.stat, after = r->after.stat;
	struct doubts d = { .stat = after > before ? after : before };
	const struct tally_unverified *last = NULL, *last_old = NULL;

	for (size_t i = 0; i < r->unverified_count; i++) {
		const struct tally_unverified *u = &r->unverified[i];

		if (u->reason == TALLY_REASON_PATTERNS_NOT_APPLIED || tally_unverified_misnamed(u))
			continue; /* more was read than was wished, not less; read as what it is */
		if (tally_unverified_unlisted(u)) {
			d.unlisted++;
			continue;
		}
		if (tally_unverified_rows(u)) {
			d.unsure += tally_unverified_rows(u);
			continue;
		}
		if (u->reason == TALLY_REASON_STAT_ONLY) {
			d.stat = d.stat > u->files ? d.stat : u->files;
			d.altered += u->field_count > 0;
		} else if (u->reason == TALLY_REASON_ALIGNMENT_DOUBTFUL) {
			d.rows++;
		} else if (u->reason == TALLY_REASON_NOT_LOOKED_INTO) {
			d.looks++;
		} else if (u->reason == TALLY_REASON_NOT_COMPUTED) {
			d.results += u->side != TALLY_ON_BEFORE;
			d.no_results += u->side == TALLY_ON_BEFORE;
		} else if (u->reason == TALLY_REASON_FORMULAS_UNREAD) {
			d.formulas += !last_old || !tally_unverified_same(u, last_old);
			last_old = u;
		} else if (!last || !tally_unverified_same(u, last)) {
			last = u;
			if (u->level == TALLY_LEVEL_CONTENT)
				count_content(&d, u);
			else
				d.meaning += tally_unverified_files(u);
		}
	}
	for (size_t i = 0; i < r->excluded_count; i++)
		d.excluded += r->excluded[i].entries;
	return d;
}

static bool unread(const struct doubts *d)
{
	return d->files || d->folders;
}

static bool any(const struct doubts *d)
{
	return unread(d) || d->meaning || d->unsure || d->results || d->no_results || d->formulas ||
	       d->rows || d->stat || d->looks;
}

static void say_unread(struct tally_reviewer *v, const struct doubts *d)
{
	if (d->files)
		tally_say_plural(v, d->files, "file", "files");
	if (d->files && d->folders)
		tally_say(v, " and ");
	if (d->folders)
		tally_say_plural(v, d->folders, "folder", "folders");
}

/* what is not known of formulas */
static const char *say_formulas(struct tally_reviewer *v, const struct doubts *d, const char *between)
{
	if (d->results) {
		tally_say(v, between);
		tally_say(v, "formulas of ");
		tally_say_plural(v, d->results, "sheet have", "sheets have");
		tally_say(v, " no results");
		between = "; ";
	}
	if (d->no_results) {
		tally_say(v, between);
		tally_say(v, "formulas of ");
		tally_say_plural(v, d->no_results, "sheet", "sheets");
		tally_say(v, " had no results to compare with");
		between = "; ";
	}
	if (d->formulas) {
		tally_say(v, between);
		tally_say(v, "formulas of ");
		tally_say_plural(v, d->formulas, "old workbook were", "old workbooks were");
		tally_say(v, " not compared");
		between = "; ";
	}
	return between;
}

/* "3 files could not be verified, 1,200 files were believed …" */
static void say_doubts(struct tally_reviewer *v, const struct doubts *d)
{
	const char *between = "";

	if (unread(d)) {
		say_unread(v, d);
		tally_say(v, " could not be verified");
		between = ", ";
	}
	if (d->stat) {
		tally_say(v, between);
		tally_say_plural(v, d->stat, "file was", "files were");
		tally_say(v, " believed for size and times, not read");
		tally_say(v, v->r->session_id ? " ('tally after --again' reads them)"
		                              : " (a snapshot without --quick reads them)");
		between = ", ";
	}
	if (d->meaning) {
		tally_say(v, *between ? "; what " : "what ");
		tally_say_plural(v, d->meaning, "changed file says was", "changed files say was");
		tally_say(v, " not compared");
		between = "; ";
	}
	if (d->unsure) {
		tally_say(v, between);
		tally_say_plural(v, d->unsure, "row of a table", "rows of tables");
		tally_say(v, " could not be read with certainty");
		between = "; ";
	}
	between = say_formulas(v, d, between);
	if (d->rows) {
		tally_say(v, between);
		tally_say_plural(v, d->rows, "table's rows were", "tables' rows were");
		tally_say(v, " not paired with certainty");
		between = "; ";
	}
	if (d->looks) {
		tally_say(v, between);
		tally_say_plural(v, d->looks, "file also differs", "files also differ");
		tally_say(v, " in what is not looked into");
	}
}

static void say_excluded(struct tally_reviewer *v, const struct doubts *d)
{
	tally_say_plural(v, d->excluded, "entry was", "entries were");
	tally_say(v, " excluded and not looked at");
}

static void behind(struct tally_reviewer *v, const struct doubts *d)
{
	if (!d->excluded)
		return;
	tally_say(v, "; ");
	say_excluded(v, d);
}

/* ---- the watched folder itself ---- */

/* "The watched folder itself is gone; " */
static void roots(struct tally_reviewer *v)
{
	for (size_t i = 0; i < v->r->change_count; i++) {
		const struct tally_receipt_change *c = &v->r->changes[i];

		if (!(c->flags & TALLY_CHANGE_ROOT))
			continue;
		tally_review_say_root(v, c);
		tally_say(v, "; ");
	}
	for (size_t i = 0; i < v->r->unverified_count; i++) {
		const struct tally_unverified *u = &v->r->unverified[i];

		if (!tally_review_other_disk(u))
			continue;
		tally_review_say_other_disk(v, u);
		tally_say(v, "; ");
	}
}

/* ---- nothing changed ---- */

static bool same(const struct tally_receipt *r)
{
	return !r->change_count && !json_array_size(r->tables) && !json_array_size(r->documents) &&
	       !json_array_size(r->archives);
}

/* All there was is excluded: nothing was verified. */
static bool looked_at_nothing(const struct tally_receipt *r, const struct doubts *d)
{
	return same(r) && d->excluded && !r->files.before && !r->files.after;
}

static void read_and_same(struct tally_reviewer *v, const struct doubts *d)
{
	uint64_t n = v->r->files.before;

	if (looked_at_nothing(v->r, d)) {
		tally_say(v, "Nothing was looked at: ");
		tally_say_plural(v, d->excluded, "entry was", "entries were");
		tally_say(v, " excluded, and there was no other file");
		return;
	}
	tally_say(v, "Nothing changed: ");
	if (n == 0) {
		tally_say(v, "there was no file and there is none");
	} else if (n == 1) {
		tally_say(v, "the one file was read and is as it was");
	} else {
		tally_say(v, "all ");
		tally_say_plural(v, n, "file", "files");
		tally_say(v, " were read and are as they were");
	}
	behind(v, d);
}

static void nothing_known(struct tally_reviewer *v, const struct doubts *d)
{
	bool one = d->files + d->folders == 1;

	tally_say(v, d->altered ? "No change of content is known, but " : "No change, but ");
	say_unread(v, d);
	tally_say(v, " could not be read");
	if (!d->altered) {
		tally_say(v, one ? ", so nothing can be said about it"
		                 : ", so nothing can be said about them");
	} else if (one) {
		tally_say(v, ", and its size, times or rights changed");
	} else {
		tally_say(v, ", and the size, times or rights of ");
		tally_say_count(v, d->altered);
		tally_say(v, " of them changed");
	}
}

static void unchanged(struct tally_reviewer *v, const struct doubts *d)
{
	if (!any(d)) {
		read_and_same(v, d);
		return;
	}
	if (unread(d) && !d->stat) {
		nothing_known(v, d);
	} else {
		tally_say(v, "No change to be seen, but ");
		say_doubts(v, d);
	}
	behind(v, d);
}

/* ---- what went ---- */

struct part {
	uint64_t n;
	const char *one, *many;
};

enum {
	KINDS_NAMED = 2, /* of damaged values; more are only counted */
	VALUES = 6,      /* where they stand among what was lost in tables */
};

static const struct {
	enum tally_nature nature;
	const char *one, *many;
} harms[] = {
	{ TALLY_NATURE_LEADING_ZEROS_LOST, "value lost its leading zeros",
	  "values lost their leading zeros" },
	{ TALLY_NATURE_FORMULA_TO_CONSTANT, "formula became a constant", "formulas became constants" },
	{ TALLY_NATURE_BECAME_ERROR, "cell became an error", "cells became errors" },
	{ TALLY_NATURE_SPREADSHEET_AUTOFORMAT, "value became a date", "values became dates" },
	{ TALLY_NATURE_PRECISION_LOST, "number lost digits", "numbers lost digits" },
	{ TALLY_NATURE_SCIENTIFIC_NOTATION, "number turned into scientific notation",
	  "numbers turned into scientific notation" },
	{ TALLY_NATURE_DAY_MONTH_EXCHANGED, "date has its day and month exchanged",
	  "dates have day and month exchanged" },
	{ TALLY_NATURE_DECIMAL_MARK_LOST, "number lost its decimal mark",
	  "numbers lost their decimal marks" },
	{ TALLY_NATURE_CENTURY_LOST, "date lost its century", "dates lost their centuries" },
	{ TALLY_NATURE_TIME_LOST, "date lost its time of day", "dates lost their times of day" },
	{ TALLY_NATURE_PLUS_SIGN_LOST, "value lost its plus sign", "values lost their plus signs" },
	{ TALLY_NATURE_CHARACTERS_LOST, "text lost characters", "texts lost characters" },
	{ TALLY_NATURE_MOJIBAKE, "text has broken characters", "texts have broken characters" },
	{ TALLY_NATURE_SHIFTED, "value was shifted by a cell", "values were shifted by a cell" },
};

/* What became of the damaged values, where that is one thing or two */
static void damaged_values(const struct tally_damage *t, struct part *parts)
{
	uint64_t named = 0;
	size_t count = 0;

	for (size_t i = 0; i < sizeof harms / sizeof *harms && count <= KINDS_NAMED; i++) {
		uint64_t n = t->by_nature[harms[i].nature];

		named += n;
		if (n && count++ < KINDS_NAMED)
			parts[count - 1] = (struct part){ n, harms[i].one, harms[i].many };
	}
	if (count <= KINDS_NAMED && named == t->values)
		return;
	parts[0] = (struct part){ t->values, "value was damaged", "values were damaged" };
	parts[1].n = 0;
}

static void say_parts(struct tally_reviewer *v, const struct part *parts, size_t count)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		left += parts[i].n > 0;
	for (size_t i = 0; i < count; i++) {
		if (!parts[i].n)
			continue;
		tally_say_plural(v, parts[i].n, parts[i].one, parts[i].many);
		left--;
		tally_say(v, left > 1 ? ", " : left ? " and " : "");
	}
}

/* Did it only change, and nothing is gone? */
static bool only_other(const struct tally_damage *t)
{
	return !(t->sheets || t->columns || t->rows || t->messages || t->paragraphs || t->lines ||
	         t->beside || t->beside_text || t->unshown || t->swapped || t->displaced ||
	         t->sorted || t->values);
}

/* "in ‘prices.csv’ 1 column was removed and 12 rows were deleted" */
static void say_damage(struct tally_reviewer *v)
{
	const struct tally_damage *t = &v->damage;
	struct part parts[] = {
		{ t->sheets, "sheet was removed", "sheets were removed" },
		{ t->columns, "column was removed", "columns were removed" },
		{ t->rows, "row was deleted", "rows were deleted" },
		{ t->swapped, "pair of columns was swapped", "pairs of columns were swapped" },
		{ t->displaced, "column changed its place", "columns changed places" },
		{ t->sorted, "column was sorted alone", "columns were sorted alone" },
		[VALUES +
			KINDS_NAMED] = { t->beside,
		                         "thing besides the cells (a chart, a comment \u2026) was lost",
		                         "things besides the cells (charts, comments \u2026) were lost" },
		{ t->beside_text, "thing besides the text (a picture, a comment \u2026) was lost",
		  "things besides the text (pictures, comments \u2026) were lost" },
		{ t->messages, "message is gone", "messages are gone" },
		{ t->unshown,
		  "thing besides its content (a chart, a link \u2026) does not show in its new format",
		  "things besides its content (charts, links \u2026) do not show in its new format" },
		{ t->paragraphs, "paragraph is gone", "paragraphs are gone" },
		{ t->lines, "line is gone", "lines are gone" },
		{ t->negations, "negation changed", "negations changed" },
		{ t->numbers, "number changed", "numbers changed" },
		{ t->look_alikes, "look-alike came in", "look-alikes came in" },
	};

	damaged_values(t, parts + VALUES);
	if (!t->several && t->table.len && t->table.len <= NAME_MOST) {
		tally_say(v, "in ");
		tally_say_name(v, &t->table);
		tally_say(v, " ");
	} else {
		tally_say(v, t->beside_text || t->messages || t->paragraphs || t->lines ||
		                             t->negations || t->numbers || t->look_alikes
		                     ? (t->several ? "in several files " : "in a file ")
		             : t->several ? "in several tables "
		                          : "in a table ");
	}
	say_parts(v, parts, sizeof parts / sizeof *parts);
}

static void say_hollow(struct tally_reviewer *v)
{
	if (v->hollow) {
		tally_say_plural(v, v->hollow, "file was", "files were");
		tally_say(v, " emptied or cut down");
	}
	if (v->hollow && v->replaced)
		tally_say(v, ", ");
	if (v->replaced) {
		tally_say_plural(v, v->replaced, "file was", "files were");
		tally_say(v, v->replaced == 1
		                     ? " replaced (nothing of its old content is in it)"
		                     : " replaced (nothing of their old contents is in them)");
	}
}

/* "; the text of 2 of them stands in other documents" */
static void say_texts_kept(struct tally_reviewer *v, uint64_t lost)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v->r->change_count; i++)
		n += tally_change_text_kept(&v->r->changes[i]);
	if (!n)
		return;
	n = n < lost ? n : lost;
	tally_say(v, "; ");
	if (lost == 1) {
		tally_say(v, "its text stands in other documents");
		return;
	}
	tally_say(v, "the text of ");
	tally_say_count(v, n);
	tally_say(v, " of them stands in other documents");
}

/* @return whether the sentence so far says that something went */
static bool losses(struct tally_reviewer *v, const struct doubts *d)
{
	uint64_t lost = v->r->contents.by_fate[TALLY_FATE_LOST];
	uint64_t unproven = v->r->contents.by_fate[TALLY_FATE_UNPROVEN];

	if (lost) {
		tally_say_plural(v, lost, "content is", "contents are");
		tally_say(v, d->excluded ? " lost (nowhere in what was looked at"
		                         : " lost (nowhere in the folder any more");
		say_texts_kept(v, lost);
		tally_say(v, ")");
	} else if (v->hollow || v->replaced || (v->damage.any && !only_other(&v->damage))) {
		tally_say(v, "No file is lost, but ");
	} else {
		tally_say(v, unread(d) || d->stat || d->meaning || d->looks || unproven
		                     ? "Nothing is known to be lost"
		                     : "Nothing was lost");
		if (!v->damage.any)
			return false;
		tally_say(v, ", but ");
	}
	if (v->hollow || v->replaced) {
		tally_say(v, lost ? ", " : "");
		say_hollow(v);
	}
	if (v->damage.any) {
		tally_say(v, lost || v->hollow || v->replaced ? ", and " : "");
		say_damage(v);
	}
	return true;
}

static void unlisted(struct tally_reviewer *v, const struct doubts *d)
{
	if (!d->unlisted)
		return;
	tally_say(v, ", but not all changes of ");
	tally_say_plural(v, d->unlisted, "table are listed", "tables are listed");
}

static void changed(struct tally_reviewer *v, const struct doubts *d)
{
	bool went = losses(v, d);

	if (any(d)) {
		tally_say(v, !(unread(d) || d->stat)    ? "; "
		             : !went                    ? ", but "
		             : v->hollow || v->replaced ? ", and "
		                                        : " and ");
		say_doubts(v, d);
		behind(v, d);
		unlisted(v, d);
		return;
	}
	tally_say(v, "; ");
	if (d->excluded) {
		say_excluded(v, d);
		tally_say(v, ", ");
	}
	went = went && (v->r->contents.by_fate[TALLY_FATE_LOST] || v->hollow || v->replaced ||
	                !only_other(&v->damage));
	tally_say(v, went || d->excluded ? "everything else was read and compared"
	                                 : "everything was read and compared");
	unlisted(v, d);
}

/* ---- the scope that was set ---- */

/* "14 changes are outside the allowed scope; " */
static void outside(struct tally_reviewer *v)
{
	const json_t *scope = v->r->scope;
	uint64_t n = tally_json_count(scope, "outside");

	if (json_array_size(json_object_get(scope, "unknown")))
		tally_say(v, "the allowed scope names what is not there; ");
	if (!n)
		return;
	tally_say_plural(v, n, "change is", "changes are");
	tally_say(v, " outside the allowed scope; ");
}

static void within(struct tally_reviewer *v, const struct doubts *d)
{
	if (!json_is_object(v->r->scope) || tally_json_count(v->r->scope, "outside"))
		return;
	tally_say(v, any(d) || d->excluded || json_array_size(json_object_get(v->r->scope, "unknown"))
	                     ? "; no change outside the allowed scope was found"
	                     : "; no change is outside the allowed scope");
}

/* One sentence, whatever it begins with. */
static void tidy(struct tally_buf *what, size_t prefix)
{
	if (what->len && what->bytes[0] == 't')
		what->bytes[0] = 'T';
	if (prefix && prefix < what->len && what->bytes[prefix] == 'N')
		what->bytes[prefix] = 'n';
}

void tally_review_verdict(struct tally_reviewer *v)
{
	struct tally_receipt *r = v->r;
	struct doubts d = count_doubts(r);
	size_t prefix;

	roots(v);
	outside(v);
	prefix = v->what.len;
	if (same(r) && !prefix)
		unchanged(v, &d);
	else
		changed(v, &d);
	within(v, &d);
	tally_say(v, ".");
	tidy(&v->what, prefix);
	r->verdict = (struct tally_verdict){ .changes = r->change_count,
		                             .lost = r->contents.by_fate[TALLY_FATE_LOST],
		                             .review = r->review_count,
		                             .complete = !any(&d) && !r->unverified_count &&
		                                         !looked_at_nothing(r, &d) };
	r->verdict.unverified = tally_receipt_unverified(r);
	if (v->status == TALLY_OK) {
		r->verdict.text = tally_arena_dup(&r->arena, v->what.bytes, v->what.len);
		if (!r->verdict.text)
			v->status = tally_err_nomem(v->err);
	}
	tally_buf_clear(&v->what);
}
