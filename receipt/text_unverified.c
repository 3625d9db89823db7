/* Section 5 of the terminal view: what was not read, not compared or is not certain, by reason, and what can be done. */
#include "receipt/text.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/path.h"

enum {
	ITEM = TALLY_INDENT + 2,
	GROUP_AT = 100,   /* more rows of one reason are told by folder */
	GROUP_LEAST = 10, /* a folder with fewer of them has a line for each */
	NAMES_A_LINE = 500,
};

/* Rows of one reason and level stand together; content first. */
static int by_reason(const void *a, const void *b)
{
	const struct tally_unverified *const *x = a, *const *y = b;

	if ((*x)->level != (*y)->level)
		return (*x)->level < (*y)->level ? -1 : 1;
	if ((*x)->reason != (*y)->reason)
		return (*x)->reason < (*y)->reason ? -1 : 1;
	if (tally_unverified_unlisted(*x) != tally_unverified_unlisted(*y))
		return tally_unverified_unlisted(*x) ? 1 : -1;
	if (!tally_unverified_rows(*x) != !tally_unverified_rows(*y))
		return tally_unverified_rows(*x) ? 1 : -1;
	return *x < *y ? -1 : *x > *y; /* as they came */
}

static const char *level_words(const struct tally_unverified *u)
{
	enum tally_level level = u->level;

	if (u->reason == TALLY_REASON_ALIGNMENT_DOUBTFUL)
		return "compared, but added, deleted and edited rows may be mixed up";
	if (u->reason == TALLY_REASON_NOT_COMPUTED && level == TALLY_LEVEL_PART)
		return "compared, but for results of formulas";
	if (u->reason == TALLY_REASON_FORMULAS_UNREAD)
		return "compared by values; not what is named below";
	if (tally_unverified_misnamed(u))
		return "compared as what it is";
	if (tally_unverified_unlisted(u))
		return "all of it compared, not all of it listed";
	if (tally_unverified_rows(u))
		return "compared, but for the rows named";
	if (u->reason == TALLY_REASON_PATTERNS_NOT_APPLIED)
		return "more was looked at than was wished";
	return level == TALLY_LEVEL_CONTENT ? "not verified at all"
	       : level == TALLY_LEVEL_MODEL ? "bytes verified, what they say was not compared"
	                                    : "one part each not compared";
}

/* A line begins with a capital letter. */
static void capital(struct tally_sheet *s, const char *words)
{
	char first[2] = { words[0], '\0' };

	if (tally_is_lower(first[0]))
		first[0] = (char)(first[0] - 'a' + 'A');
	tally_sheet_text(s, first);
	tally_sheet_text(s, *words ? words + 1 : "");
}

static bool named_before(const struct tally_unverified **rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i]->limit && !strcmp(rows[i]->limit, rows[n]->limit))
			return true;
	return false;
}

/* What to do about these rows: the reason's own advice, or the limits to raise, each once. */
static void advise(struct tally_sheet *s, const struct tally_unverified **rows, size_t n)
{
	const char *advice = tally_reason_advice(rows[0]->reason), *between = ": raise it with ";

	if (*advice) {
		tally_sheet_text(s, ": ");
		tally_sheet_text(s, advice);
	}
	for (size_t i = 0; i < n; i++) {
		if (!rows[i]->limit || (i && named_before(rows, i)))
			continue;
		tally_sheet_text(s, between);
		tally_sheet_text(s, "--limit ");
		tally_sheet_safe(s, rows[i]->limit);
		tally_sheet_text(s, "=VALUE");
		between = ", ";
	}
}

static void head(struct tally_sheet *s, const struct tally_unverified **rows, size_t n,
                 uint64_t files, uint64_t folders)
{
	const struct tally_unverified *u = rows[0];

	tally_sheet_style(s, TALLY_STYLE_YELLOW);
	capital(s, tally_reason_words(u->reason));
	tally_sheet_plain(s);
	tally_sheet_text(s, " (");
	if (files)
		tally_sheet_plural(s, files, "file", "files");
	if (folders) {
		tally_sheet_text(s, files ? " and " : "");
		tally_sheet_plural(s, folders, "folder", "folders");
	}
	tally_sheet_text(s, "; ");
	tally_sheet_text(s, level_words(u));
	tally_sheet_text(s, ")");
	advise(s, rows, n);
	tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
}

static void side_words(struct tally_sheet *s, const struct tally_unverified *u)
{
	if (u->side == TALLY_ON_BEFORE || u->side == TALLY_ON_AFTER)
		tally_sheet_text(s, u->side == TALLY_ON_BEFORE ? "  (before)" : "  (after)");
}

static bool same_name(const struct tally_name *a, const struct tally_name *b)
{
	return a->bytes && b->bytes && a->len == b->len && !memcmp(a->bytes, b->bytes, a->len);
}

/* Of two files that were compared, what is wrong with the old one is said of its name. */
static const struct tally_name *name_of(const struct tally_receipt *r,
                                        const struct tally_unverified *u)
{
	return u->side == TALLY_ON_BEFORE && same_name(&u->path, &r->names[1]) ? &r->names[0]
	                                                                       : &u->path;
}

static void row(struct tally_sheet *s, const struct tally_unverified *u)
{
	if (u->path.len || u->folder) {
		tally_sheet_name(s, name_of(s->r, u));
	} else {
		/* one row for files all over the folder */
		tally_sheet_plural(s, u->files, "file", "files");
		tally_sheet_text(s, " that an earlier snapshot had read");
	}
	if (u->folder) {
		tally_sheet_text(s, "/  a folder");
		if (u->files) {
			tally_sheet_text(s, " with ");
			tally_sheet_plural(s, u->files, "file", "files");
		}
	}
	if (u->part) {
		tally_sheet_text(s, ", ");
		tally_sheet_safe(s, u->part);
	}
	side_words(s, u);
	if (u->detail) {
		tally_sheet_text(s, ": ");
		tally_sheet_safe(s, u->detail);
	}
	if (u->field_count) {
		tally_sheet_text(s, u->detail ? "; " : "; unread, but not the same: ");
		tally_text_fields(s, u->fields, u->field_count);
	}
	tally_sheet_end(s, ITEM, ITEM + 2);
}

static bool same_words(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_folder(const struct tally_unverified *a, const struct tally_unverified *b)
{
	size_t n = tally_path_dir_len(a->path.bytes, a->path.len);

	return !a->folder && !b->folder && !a->part && !b->part && !a->field_count &&
	       !b->field_count && a->side == b->side && same_words(a->detail, b->detail) &&
	       n == tally_path_dir_len(b->path.bytes, b->path.len) &&
	       !memcmp(a->path.bytes, b->path.bytes, n);
}

/* Many files of one folder with nothing but their names: a line for the folder, then the names in running lines. */
static void folder_rows(struct tally_sheet *s, const struct tally_unverified **rows, size_t n)
{
	const struct tally_name *first = &rows[0]->path;
	size_t dir = tally_path_dir_len(first->bytes, first->len);

	tally_sheet_bytes(s, first->bytes, dir);
	tally_sheet_text(s, dir ? "/  " : "./  ");
	tally_sheet_plural(s, n, "file", "files");
	side_words(s, rows[0]);
	if (rows[0]->detail) {
		tally_sheet_text(s, ", ");
		tally_sheet_safe(s, rows[0]->detail);
	}
	tally_sheet_text(s, ":");
	tally_sheet_end(s, ITEM, ITEM + 2);
	for (size_t i = 0; i < n; i++) {
		const struct tally_name *p = &rows[i]->path;
		size_t base = tally_path_base(p->bytes, p->len);

		tally_sheet_name(s, &(struct tally_name){ p->bytes + base, p->len - base });
		tally_sheet_text(s, i + 1 < n ? "," : "");
		if (i + 1 == n || (i + 1) % NAMES_A_LINE == 0)
			tally_sheet_end(s, ITEM + 2, ITEM + 2);
		else
			tally_sheet_text(s, " ");
	}
}

/* Of a long list, folders with many files are told in one line; nothing is left out. */
static void rows_of(struct tally_sheet *s, const struct tally_unverified **rows, size_t count)
{
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && same_folder(rows[i], rows[i + n]); n++)
			;
		if (count > GROUP_AT && n >= GROUP_LEAST && !s->all) {
			folder_rows(s, rows + i, n);
			continue;
		}
		for (size_t k = 0; k < n; k++)
			row(s, rows[i + k]);
	}
}

static bool one_group(const struct tally_unverified *a, const struct tally_unverified *b)
{
	return a->reason == b->reason && a->level == b->level &&
	       tally_unverified_unlisted(a) == tally_unverified_unlisted(b) &&
	       !tally_unverified_rows(a) == !tally_unverified_rows(b);
}

static void groups(struct tally_sheet *s, const struct tally_unverified **rows, size_t count)
{
	for (size_t i = 0, n; i < count; i += n) {
		uint64_t files = 0, folders = 0;

		for (n = 0; i + n < count && one_group(rows[i + n], rows[i]); n++) {
			if (n && tally_unverified_same(rows[i + n], rows[i + n - 1]))
				continue;
			folders += rows[i + n]->folder;
			files += rows[i + n]->folder ? rows[i + n]->files
			                             : tally_unverified_files(rows[i + n]);
		}
		head(s, rows + i, n, files, folders);
		rows_of(s, rows + i, n);
	}
}

static void excluded(struct tally_sheet *s)
{
	const struct tally_receipt *r = s->r;

	for (size_t i = 0; i < r->excluded_count; i++) {
		const struct tally_excluded *e = &r->excluded[i];

		if (!e->entries)
			continue;
		tally_sheet_text(s, "Excluded and not looked at: ");
		tally_sheet_plural(s, e->entries, "entry", "entries");
		tally_sheet_text(s, " by ");
		tally_sheet_bytes(s, e->pattern, strlen(e->pattern));
		if (e->origin) {
			tally_sheet_text(s, " (");
			tally_sheet_bytes(s, e->origin, strlen(e->origin));
			tally_sheet_text(s, ")");
		}
		tally_sheet_end(s, TALLY_INDENT, ITEM);
	}
}

static bool excludes(const struct tally_receipt *r)
{
	for (size_t i = 0; i < r->excluded_count; i++)
		if (r->excluded[i].entries)
			return true;
	return false;
}

void tally_text_unverified(struct tally_sheet *s)
{
	const struct tally_receipt *r = s->r;
	size_t count = r->unverified_count;
	const struct tally_unverified **rows = tally_arena_zero(&s->scratch, count + 1, sizeof *rows);

	if (!rows) {
		s->status = tally_err_nomem(s->err);
		return;
	}
	tally_sheet_heading(s, 5, "Not verified");
	for (size_t i = 0; i < count; i++)
		rows[i] = &r->unverified[i];
	qsort(rows, count, sizeof *rows, by_reason);
	groups(s, rows, count);
	if (!count) {
		tally_sheet_text(
			s, r->verdict.complete
				   ? excludes(r) ? "Nothing else: all that was not excluded was read "
		                                   "and compared."
		                                 : "Nothing: everything was read and compared."
			   : r->before.stat || r->after.stat
				   ? "See the files that were believed, under 4."
				   : "Nothing was looked at: all there was is excluded.");
		tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
	}
	excluded(s);
}
