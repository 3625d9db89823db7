/* Review rules about what was not read or not compared, and about the run: command, task, patterns. */
#include "receipt/review.h"

#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/path.h"
#include "receipt/words.h"

/* Rows of `unverified` that one sentence tells: those of one class and reason. */
enum gap {
	GAP_NONE, /* told elsewhere */
	GAP_UNREADABLE,
	GAP_EXCLUDED_NOW,
	GAP_NEW,
	GAP_CONTENT,
	GAP_ARCHIVE,
	GAP_MEANING_BAD,
	GAP_MEANING,
	GAP_ROWS,
	GAP_FORMULAS,
	GAP_NAMED,
	GAPS
};

struct sum {
	uint64_t rows, files, folders;
	uint64_t before; /* rows about what was there before, of contents that were read */
	const struct tally_unverified *examples[TALLY_EXAMPLES];
	const struct tally_unverified *last;
};

static bool has_suffix(const struct tally_name *name, const char *suffix)
{
	size_t n = strlen(suffix);

	if (name->len <= n)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name->bytes[name->len - n + i];

		if (tally_lower(c) != suffix[i])
			return false;
	}
	return true;
}

static bool is_archive(const struct tally_name *name)
{
	static const char *const suffixes[] = { ".zip", ".tar", ".gz",  ".tgz", ".zst", ".7z",
		                                ".bz2", ".xz",  ".rar", ".cab", ".iso" };

	for (size_t i = 0; name->bytes && i < sizeof suffixes / sizeof *suffixes; i++)
		if (has_suffix(name, suffixes[i]))
			return true;
	return false;
}

/* Reasons that say something about the file rather than about our readers */
static bool suspicious(enum tally_reason reason)
{
	switch (reason) {
	case TALLY_REASON_ENCRYPTED:
	case TALLY_REASON_DAMAGED:
	case TALLY_REASON_AMBIGUOUS_CONTAINER:
	case TALLY_REASON_FORMAT_MISMATCH:
	case TALLY_REASON_READER_FAILED:
	case TALLY_REASON_TIMED_OUT:
	case TALLY_REASON_NO_MEMORY:
	case TALLY_REASON_CONTENT_ALTERED:
		return true;
	default:
		return false;
	}
}

/* What could be read before and cannot be read now; of an unread file that is new nobody knows whether it was readable. */
static enum gap content_gap(const struct tally_unverified *u)
{
	if (tally_review_of_root(u))
		return GAP_NONE;
	if (u->side != TALLY_ON_AFTER)
		return GAP_CONTENT;
	return u->reason == TALLY_REASON_EXCLUDED ? GAP_EXCLUDED_NOW
	       : u->is_new                        ? GAP_NEW
	                                          : GAP_UNREADABLE;
}

static enum gap gap_of(const struct tally_unverified *u)
{
	if (u->reason == TALLY_REASON_NOT_LOOKED_INTO || u->reason == TALLY_REASON_STAT_ONLY ||
	    u->reason == TALLY_REASON_ALIGNMENT_DOUBTFUL ||
	    (u->reason == TALLY_REASON_NOT_COMPUTED && u->level == TALLY_LEVEL_PART))
		return GAP_NONE; /* rules of their own */
	if (u->reason == TALLY_REASON_PATTERNS_NOT_APPLIED || tally_unverified_unlisted(u))
		return GAP_NONE; /* hides nothing */
	if (u->level == TALLY_LEVEL_CONTENT)
		return content_gap(u);
	if (tally_unverified_rows(u))
		return GAP_ROWS;
	if (u->reason == TALLY_REASON_FORMULAS_UNREAD)
		return GAP_FORMULAS;
	if (tally_unverified_misnamed(u))
		return GAP_NAMED;
	if (is_archive(&u->path))
		return GAP_ARCHIVE;
	return suspicious(u->reason) ? GAP_MEANING_BAD : GAP_MEANING;
}

static const struct {
	enum tally_rule rule;
	enum tally_severity severity;
	const char *one, *many; /* behind "‘path’ " and "12 files " */
} telling[GAPS] = {
	[GAP_UNREADABLE] = { TALLY_RULE_became_unreadable, TALLY_SEVERITY_HIGH,
	                     "cannot be read any more", "cannot be read any more" },
	[GAP_EXCLUDED_NOW] = { TALLY_RULE_became_unreadable, TALLY_SEVERITY_HIGH,
	                       "was read before and is kept out of the snapshot now",
	                       "were read before and are kept out of the snapshot now" },
	[GAP_NEW] = { TALLY_RULE_unverified_content, TALLY_SEVERITY_MEDIUM,
	              "is new at its place and could not be read",
	              "are new at their places and could not be read" },
	[GAP_CONTENT] = { TALLY_RULE_unverified_content, TALLY_SEVERITY_MEDIUM,
	                  "could not be verified", "could not be verified" },
	[GAP_ARCHIVE] = { TALLY_RULE_unverified_archive, TALLY_SEVERITY_MEDIUM,
	                  "could not be looked into", "could not be looked into" },
	[GAP_MEANING_BAD] = { TALLY_RULE_unread_meaning, TALLY_SEVERITY_MEDIUM,
	                      "differs in its bytes, and what it says could not be compared",
	                      "differ in their bytes, and what they say could not be compared" },
	[GAP_MEANING] = { TALLY_RULE_unread_meaning, TALLY_SEVERITY_LOW,
	                  "differs in its bytes, and what it says was not compared",
	                  "differ in their bytes, and what they say was not compared" },
	[GAP_ROWS] = { TALLY_RULE_unread_meaning, TALLY_SEVERITY_LOW,
	               "was compared, but has a row that could not be read with certainty",
	               "were compared, but have rows that could not be read with certainty" },
	[GAP_FORMULAS] = { TALLY_RULE_unread_meaning, TALLY_SEVERITY_LOW,
	                   "was compared by its values, not by its formulas",
	                   "were compared by their values, not by their formulas" },
	[GAP_NAMED] = { TALLY_RULE_name_misleads, TALLY_SEVERITY_LOW,
	                "was compared as what it is, which is not what its name says",
	                "were compared as what they are, which is not what their names say" },
};

static void count_row(struct sum *s, const struct tally_unverified *u)
{
	if (s->last && tally_unverified_same(u, s->last))
		return; /* another part of the same file */
	s->last = u;
	if (s->rows < TALLY_EXAMPLES)
		s->examples[s->rows] = u;
	s->rows++;
	s->before += u->side == TALLY_ON_BEFORE && u->level == TALLY_LEVEL_MODEL;
	s->folders += u->folder;
	s->files += u->folder ? u->files : tally_unverified_files(u);
}

static void name_row(struct tally_reviewer *v, const struct tally_unverified *u)
{
	if (u->folder) {
		tally_say(v, "the folder ");
		tally_say_name(v, &u->path);
		if (u->files) {
			tally_say(v, " with ");
			tally_say_plural(v, u->files, "file", "files");
		}
	} else {
		tally_say_name(v, &u->path);
	}
}

/* A sentence begins with a capital letter. */
static void name_first(struct tally_reviewer *v, const struct tally_unverified *u)
{
	size_t at = v->what.len;

	name_row(v, u);
	if (v->what.len > at && v->what.bytes[at] == 't')
		v->what.bytes[at] = 'T';
}

static void say_sum(struct tally_reviewer *v, const struct sum *s)
{
	if (s->files)
		tally_say_plural(v, s->files, "file", "files");
	if (s->files && s->folders)
		tally_say(v, " and ");
	if (s->folders)
		tally_say_plural(v, s->folders, "folder", "folders");
	tally_say(v, " ");
}

static void tell(struct tally_reviewer *v, enum gap gap, enum tally_reason reason,
                 const struct sum *s)
{
	const struct tally_name *path = s->rows == 1 ? &s->examples[0]->path : NULL;

	if (s->rows == 1) {
		name_first(v, s->examples[0]);
		tally_say(v, " ");
		tally_say(v, telling[gap].one);
	} else {
		say_sum(v, s);
		tally_say(v, telling[gap].many);
	}
	tally_say(v, " (");
	tally_say(v, suspicious(reason) && s->rows == s->before ? "as it was before: " : "");
	tally_say(v, tally_reason_words(reason));
	tally_say(v, ")");
	for (uint64_t i = 0; s->rows > 1 && i < s->rows && i < TALLY_EXAMPLES; i++) {
		tally_say(v, i ? ", " : ": ");
		name_row(v, s->examples[i]);
	}
	if (s->rows > TALLY_EXAMPLES) {
		tally_say(v, " and ");
		tally_say_count(v, s->rows - TALLY_EXAMPLES);
		tally_say(v, " more");
	}
	tally_found(v, telling[gap].rule, telling[gap].severity, path, NULL,
	            s->files ? s->files : s->folders, s->files + s->folders);
}

static void unverified(struct tally_reviewer *v)
{
	struct sum sums[GAPS][TALLY_REASON_COUNT];

	memset(sums, 0, sizeof sums);
	for (size_t i = 0; i < v->r->unverified_count; i++) {
		const struct tally_unverified *u = &v->r->unverified[i];

		count_row(&sums[gap_of(u)][u->reason], u);
	}
	for (int c = GAP_NONE + 1; c < GAPS; c++)
		for (int reason = 0; reason < TALLY_REASON_COUNT; reason++)
			if (sums[c][reason].rows)
				tell(v, (enum gap)c, (enum tally_reason)reason, &sums[c][reason]);
}

/* ---- unread, but plainly not the same ---- */

static const struct tally_field_change *size_of(const struct tally_unverified *u)
{
	for (size_t i = 0; i < u->field_count; i++)
		if (!strcmp(u->fields[i].name, "size") && u->fields[i].old && u->fields[i].now)
			return &u->fields[i];
	return NULL;
}

static void altered(struct tally_reviewer *v)
{
	for (size_t i = 0; i < v->r->unverified_count; i++) {
		const struct tally_unverified *u = &v->r->unverified[i];
		const struct tally_field_change *size = size_of(u);

		if (!size)
			continue;
		tally_say_name(v, &u->path);
		tally_say(v, ": its content could not be read (");
		tally_say(v, tally_reason_words(u->reason));
		tally_say(v, "), but its size changed from ");
		tally_say_count(v, strtoull(size->old, NULL, 10));
		tally_say(v, " to ");
		tally_say_plural(v, strtoull(size->now, NULL, 10), "byte", "bytes");
		tally_found(v, TALLY_RULE_unread_but_changed, TALLY_SEVERITY_HIGH, &u->path, NULL,
		            1, 1);
	}
}

/* Told with the table where that says so itself. */
static void alignment(struct tally_reviewer *v)
{
	const struct tally_receipt *r = v->r;

	for (size_t i = 0; i < json_array_size(r->tables); i++)
		if (json_is_true(json_object_get(
			    json_object_get(json_array_get(r->tables, i), "aligned_by"), "doubtful")))
			return;
	for (size_t i = 0; i < r->unverified_count; i++) {
		const struct tally_unverified *u = &r->unverified[i];

		if (u->reason != TALLY_REASON_ALIGNMENT_DOUBTFUL)
			continue;
		tally_say(v, "The rows of ");
		tally_say_name(v, &u->path);
		tally_say(v, " could not be paired with certainty; name a key with --key");
		tally_found(v, TALLY_RULE_alignment_doubtful, TALLY_SEVERITY_MEDIUM, &u->path,
		            u->part, 1, 1);
	}
}

static void stat_only(struct tally_reviewer *v)
{
	const struct tally_receipt *r = v->r;
	uint64_t files = r->after.stat > r->before.stat ? r->after.stat : r->before.stat;

	if (!files)
		return;
	tally_say_plural(v, files, "file was", "files were");
	tally_say(v, " believed for size and times, not read");
	if (r->session_id)
		tally_say(v, "; 'tally after --again' reads them");
	tally_found(v, TALLY_RULE_stat_only, TALLY_SEVERITY_MEDIUM, NULL, NULL, files, files);
}

/* ---- patterns ---- */

/* Changes are in the order of their paths. */
static bool is_changed(const struct tally_receipt *r, const char *path)
{
	size_t low = 0, high = r->change_count, len = strlen(path);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct tally_name *at = &r->changes[mid].path;
		int c = tally_path_compare(at->bytes, at->len, path, len);

		if (c == 0)
			return true;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static void excluded(struct tally_reviewer *v)
{
	const struct tally_receipt *r = v->r;
	uint64_t entries = 0, patterns = 0;
	const char *changed = NULL;

	for (size_t i = 0; i < r->excluded_count; i++) {
		const struct tally_excluded *e = &r->excluded[i];

		if (!e->entries)
			continue;
		entries += e->entries;
		patterns++;
		if (!changed && e->origin && is_changed(r, e->origin))
			changed = e->origin;
	}
	if (!entries)
		return;
	tally_say_plural(v, entries, "entry is", "entries are");
	tally_say(v, " left out by ");
	tally_say_plural(v, patterns, "pattern", "patterns");
	tally_say(v, ", with all that is below");
	if (changed) {
		tally_say(v, "; the patterns in ");
		tally_say_text(v, changed);
		tally_say(v, " were themselves changed meanwhile");
	}
	tally_found(v, TALLY_RULE_excluded_entries,
	            changed ? TALLY_SEVERITY_MEDIUM : TALLY_SEVERITY_LOW, NULL, NULL, entries,
	            entries);
}

void tally_review_gaps(struct tally_reviewer *v)
{
	unverified(v);
	altered(v);
	alignment(v);
	stat_only(v);
	excluded(v);
}

/* ---- the run ---- */

static void command(struct tally_reviewer *v)
{
	const struct tally_receipt_command *c = v->r->command;

	if (!c || (c->exit_status == 0 && !c->signal))
		return;
	tally_say(v, "The command ");
	tally_say_text(v, c->argc ? c->argv[0] : NULL);
	tally_say(v, c->signal ? " was ended by signal " : " failed with exit status ");
	tally_say_count(v, (uint64_t)(c->signal            ? c->signal
	                              : c->exit_status < 0 ? 0
	                                                   : c->exit_status));
	tally_found(v, TALLY_RULE_command_failed, TALLY_SEVERITY_MEDIUM, NULL, NULL, 1, 1);
}

static void nothing_changed(struct tally_reviewer *v)
{
	const struct tally_receipt *r = v->r;

	if ((!r->task && !r->command) || r->change_count)
		return;
	if (r->task) {
		tally_say(v, "The task was ");
		tally_say_text(v, r->task);
	} else {
		tally_say(v, "A command was run");
	}
	tally_say(v, r->unverified_count ? ", but no change is to be seen" : ", but nothing changed");
	tally_found(v, TALLY_RULE_nothing_changed, TALLY_SEVERITY_MEDIUM, NULL, NULL, 1, 1);
}

void tally_review_run(struct tally_reviewer *v)
{
	command(v);
	nothing_changed(v);
}
