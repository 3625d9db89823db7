/* Review rules about what files say besides their content: macros, hidden sheets, what a saving lost. Reads the receipt's JSON. */
#include "receipt/review.h"

#include <string.h>

#include "core/facts.h"
#include "receipt/json_util.h"
#include "receipt/words.h"

enum { KINDS_NAMED = 6 }; /* of what was lost, in one sentence */

/* A workbook, or a document */
struct owner {
	struct tally_reviewer *v;
	const json_t *json;
	struct tally_name path;
	size_t index; /* among the tables; SIZE_MAX: a document */
};

static void say_owner(const struct owner *o)
{
	tally_say_text(o->v, o->path.bytes);
}

static void found(const struct owner *o, enum tally_rule rule, enum tally_severity severity,
                  const char *where, uint64_t how_many)
{
	tally_found(o->v, rule, severity, &o->path, where, how_many, how_many);
}

static void harm(const struct owner *o, uint64_t n)
{
	struct tally_damage *d = &o->v->damage;

	tally_review_harm(o->v, &o->path, o->index == SIZE_MAX ? &d->beside_text : &d->beside, n);
}

/* ---- looking for changes ---- */

/* What stood on a sheet that was removed went with it, and that is told */
static bool went_with_sheet(const json_t *facts, const json_t *fact)
{
	const char *where = tally_json_string(fact, "where");

	if (!where || !tally_json_is(fact, "change", "removed"))
		return false;
	for (size_t i = 0; i < json_array_size(facts); i++) {
		const json_t *s = json_array_get(facts, i);
		const char *sheet = tally_json_string(s, "old");
		size_t n = sheet ? strlen(sheet) : 0;

		if (!tally_json_string(s, "kind"))
			break; /* what became of sheets comes first */
		if (sheet && tally_json_is(s, "kind", "sheet_removed") &&
		    !strncmp(where, sheet, n) && (!where[n] || where[n] == '!'))
			return true;
	}
	return false;
}

/* The change of a fact. Of a picture that was saved again, what became of it: "same", "near", "turned"; "bytes" where nobody knows. */
static bool is_outcome(const json_t *f, const char *change)
{
	static const char *const saved[] = { "same", "near", "turned" };
	const json_t *picture = json_object_get(f, "picture");
	const char *old = tally_json_string(f, "old");

	for (size_t i = 0; picture && i < sizeof saved / sizeof *saved; i++)
		if (tally_json_is(picture, "kind", saved[i]))
			return !strcmp(change, saved[i]);
	if (!picture && old && strstr(old, " bytes, sha256:") &&
	    tally_json_is(f, "fact", "image") && tally_json_is(f, "change", "changed"))
		return !strcmp(change, "bytes");
	return tally_json_is(f, "change", change);
}

/* How many facts of a name show this change. @first  the first of them; may be NULL */
static uint64_t count_of(const struct owner *o, const char *fact, const char *change,
                         const json_t **first)
{
	const json_t *list = json_object_get(o->json, "facts");
	uint64_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);

		if (!tally_json_is(f, "fact", fact) || !is_outcome(f, change) ||
		    went_with_sheet(list, f))
			continue;
		if (n++ == 0 && first && !*first)
			*first = f;
	}
	return n;
}

static const json_t *counts_of(const struct owner *o, const char *fact)
{
	const json_t *list = json_object_get(o->json, "fact_counts");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (tally_json_is(json_array_get(list, i), "fact", fact))
			return json_array_get(list, i);
	return NULL;
}

/* Behind the last " in ": the message that has an attachment, "offer.pdf in <1@example.org>" */
static const char *message_of(const char *where)
{
	const char *found = NULL;

	for (const char *at = where ? strstr(where, " in ") : NULL; at; at = strstr(at + 1, " in "))
		found = at + 4;
	return found;
}

static bool is_change(const json_t *f, const char *fact, const char *change)
{
	return tally_json_is(f, "fact", fact) && tally_json_is(f, "change", change);
}

static void add_to(json_t *set, const json_t *facts, const char *fact, const char *change,
                   const char *field)
{
	for (size_t i = 0; i < json_array_size(facts); i++) {
		const json_t *f = json_array_get(facts, i);
		const char *key = tally_json_string(f, field);

		if (key && is_change(f, fact, change))
			json_object_set_nocheck(set, key, json_object_get(f, "new"));
	}
}

/*
 * What messages had that are not in the mailbox any more. Where some of those stand in others, only the text is known to: what they
 * had has to have come there, too.
 */
static uint64_t went_with_message(const struct owner *o, const char *fact)
{
	const json_t *list = json_object_get(o->json, "facts");
	bool elsewhere = tally_json_count(o->json, "moved_out") > 0;
	json_t *gone = json_object(), *came = json_object();
	uint64_t n = 0;

	add_to(gone, list, "message", "removed", "where");
	for (size_t i = 0; elsewhere && i < json_array_size(o->v->r->documents); i++)
		add_to(came, json_object_get(json_array_get(o->v->r->documents, i), "facts"), fact,
		       "added", "new");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		const char *id = message_of(tally_json_string(f, "where"));
		const char *old = tally_json_string(f, "old");

		n += id && is_change(f, fact, "removed") && json_object_get(gone, id) &&
		     !json_object_get(f, "moved_to") &&
		     (!elsewhere || (old && json_object_get(came, old)));
	}
	json_decref(gone);
	json_decref(came);
	return n;
}

/* Those that are files of the folder now. @first  the first of them; may be NULL */
static uint64_t saved_of(const struct owner *o, const char *fact, const json_t **first)
{
	const json_t *list = json_object_get(o->json, "facts");
	uint64_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);

		if (!tally_json_is(f, "fact", fact) ||
		    !json_is_object(json_object_get(f, "moved_to")))
			continue;
		if (n++ == 0 && first)
			*first = f;
	}
	return n;
}

/* How many fewer there are, those on sheets that were removed left out */
static uint64_t lost_of(const struct owner *o, const char *fact)
{
	const json_t *list = json_object_get(o->json, "facts"), *c = counts_of(o, fact);
	uint64_t before = tally_json_count(c, "before"), after = tally_json_count(c, "after");
	uint64_t gone, saved;

	if (before <= after)
		return 0;
	gone = before - after;
	for (size_t i = 0; i < json_array_size(list) && gone > 0; i++) {
		const json_t *f = json_array_get(list, i);

		gone -= tally_json_is(f, "fact", fact) && went_with_sheet(list, f);
	}
	saved = saved_of(o, fact, NULL);
	gone -= saved < gone ? saved : gone;
	if (gone && tally_json_count(counts_of(o, "message"), "removed")) {
		uint64_t with = went_with_message(o, fact);

		gone -= with < gone ? with : gone;
	}
	return gone;
}

/* ", as ‘old’ → ‘new’ at ‘Sheet1!A5’", whatever of it there is */
static void say_example(const struct owner *o, const json_t *fact, uint64_t of)
{
	const char *old = tally_json_string(fact, "old"), *now = tally_json_string(fact, "new");
	const char *where = tally_json_string(fact, "where"), *by = tally_json_string(fact, "by");

	if (old || now) {
		tally_say(o->v, of > 1 ? ", as " : ": ");
		tally_say_text(o->v, old ? old : now);
		if (old && now && strcmp(old, now) != 0) {
			tally_say(o->v, " \u2192 ");
			tally_say_text(o->v, now);
		}
	}
	if (by) {
		tally_say(o->v, " by ");
		tally_say_text(o->v, by);
	}
	if (where) {
		tally_say(o->v, " at ");
		tally_say_text(o->v, where);
	}
}

/* ---- what was lost ---- */

static const struct {
	const char *fact;
	enum tally_severity severity;
} losable[] = {
	{ "macro", TALLY_SEVERITY_HIGH },
	{ "script", TALLY_SEVERITY_HIGH },
	{ "signature", TALLY_SEVERITY_HIGH },
	{ "protection", TALLY_SEVERITY_HIGH },
	{ "data_validation", TALLY_SEVERITY_HIGH },
	{ "chart", TALLY_SEVERITY_HIGH },
	{ "pivot_table", TALLY_SEVERITY_HIGH },
	{ "image", TALLY_SEVERITY_HIGH },
	{ "embedded_file", TALLY_SEVERITY_HIGH },
	{ "attachment", TALLY_SEVERITY_HIGH },
	{ "conditional_format", TALLY_SEVERITY_MEDIUM },
	{ "table", TALLY_SEVERITY_MEDIUM },
	{ "sparkline", TALLY_SEVERITY_MEDIUM },
	{ "shape", TALLY_SEVERITY_MEDIUM },
	{ "external_target", TALLY_SEVERITY_MEDIUM },
	{ "connection", TALLY_SEVERITY_MEDIUM },
	{ "defined_name", TALLY_SEVERITY_MEDIUM },
	{ "link", TALLY_SEVERITY_MEDIUM },
	{ "form_field", TALLY_SEVERITY_MEDIUM },
	{ "field_code", TALLY_SEVERITY_MEDIUM },
	{ "bookmark", TALLY_SEVERITY_MEDIUM },
	{ "page_bookmark", TALLY_SEVERITY_MEDIUM },
	{ "part", TALLY_SEVERITY_MEDIUM },
	{ "merged_cells", TALLY_SEVERITY_LOW },
	{ "pivot_cache", TALLY_SEVERITY_LOW },
};

enum { LOSABLE = sizeof losable / sizeof *losable };

enum { PARTS_NAMED = 3 };

/* "its sensitivity label, data in XML": parts that no reader knows from within, by their kinds; false: none is listed */
static bool say_parts(const struct owner *o)
{
	const json_t *list = json_object_get(o->json, "facts");
	uint64_t named = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		const char *kind = tally_json_string(f, "where");

		if (!tally_json_is(f, "fact", "part") || !tally_json_is(f, "change", "removed") ||
		    !kind)
			continue;
		if (named++ >= PARTS_NAMED)
			continue;
		tally_say(o->v, named == 1 ? "its " : ", ");
		if (strchr(kind, '/')) { /* a type in the words of programs */
			tally_say(o->v, "part of the type ");
			tally_say_text(o->v, kind);
		} else if (!tally_words_safe(&o->v->what, kind, strlen(kind))) {
			o->v->status = tally_err_nomem(o->v->err);
		}
	}
	if (named > PARTS_NAMED) {
		tally_say(o->v, " and ");
		tally_say_count(o->v, named - PARTS_NAMED);
		tally_say(o->v, " more");
	}
	return named;
}

/* "17 of 17 validations", "its macros" */
static void say_lost(const struct owner *o, size_t kind, uint64_t gone)
{
	const struct tally_fact_info *info = tally_fact_info(tally_fact_rank(losable[kind].fact));
	uint64_t before = tally_json_count(counts_of(o, losable[kind].fact), "before");

	if (!strcmp(losable[kind].fact, "part") && say_parts(o))
		return;
	if (before == 1) {
		tally_say(o->v, "its only ");
		tally_say(o->v, info->one);
		return;
	}
	tally_say_count(o->v, gone);
	tally_say(o->v, " of ");
	tally_say_plural(o->v, before, info->one, info->many);
}

/* Did anything change in the cells of this workbook? Its entry says which sheets have others */
static bool cells_changed(const struct owner *o)
{
	const json_t *sheets = json_object_get(o->json, "sheets");

	return !json_is_object(sheets) || tally_json_count(sheets, "edited") ||
	       tally_json_count(sheets, "removed") || tally_json_count(sheets, "added");
}

/* A file that was saved in another format: what is not there may only be told in another way. */
static bool is_other_format(const struct owner *o)
{
	const json_t *format = json_object_get(o->json, "format");

	return json_is_object(format) &&
	       !json_equal(json_object_get(format, "before"), json_object_get(format, "after"));
}

static void lost(const struct owner *o)
{
	bool other = is_other_format(o);
	enum tally_severity severity = TALLY_SEVERITY_LOW;
	uint64_t gone[LOSABLE], all = 0, heavy = 0;
	size_t kinds = 0, named = 0;

	for (size_t i = 0; i < LOSABLE; i++) {
		gone[i] = lost_of(o, losable[i].fact);
		kinds += gone[i] > 0;
		all += gone[i];
		heavy += losable[i].severity > TALLY_SEVERITY_LOW ? gone[i] : 0;
		if (gone[i] && losable[i].severity > severity)
			severity = losable[i].severity;
	}
	if (!all)
		return;
	say_owner(o);
	tally_say(o->v, other ? ", which is in another format now, does not show " : " lost ");
	for (size_t i = 0; i < LOSABLE && named < KINDS_NAMED; i++) {
		if (!gone[i])
			continue;
		tally_say(o->v, !named                                       ? ""
		                : named + 1 == kinds && kinds <= KINDS_NAMED ? " and "
		                                                             : ", ");
		say_lost(o, i, gone[i]);
		named++;
	}
	if (kinds > named)
		tally_say(o->v, " \u2026");
	tally_say(o->v, cells_changed(o) ? "" : "; its cells are as they were");
	if (other && severity > TALLY_SEVERITY_MEDIUM)
		severity = TALLY_SEVERITY_MEDIUM;
	found(o, TALLY_RULE_facts_lost, severity, NULL, all);
	if (other)
		tally_review_harm(o->v, &o->path, &o->v->damage.unshown, all);
	else if (heavy)
		harm(o, heavy);
}

/* "2 attachments of ‘offer.eml’ are files of the folder now, as ‘list.csv’" */
static void saved(const struct owner *o)
{
	for (size_t i = 0; i < LOSABLE; i++) {
		const json_t *first = NULL;
		uint64_t n = saved_of(o, losable[i].fact, &first);
		const struct tally_fact_info *info;

		if (!n)
			continue;
		info = tally_fact_info(tally_fact_rank(losable[i].fact));
		tally_say_plural(o->v, n, info->one, info->many);
		tally_say(o->v, " of ");
		say_owner(o);
		tally_say(o->v, n == 1 ? " is a file of the folder now: "
		                       : " are files of the folder now, first ");
		tally_say_text(o->v, tally_json_string(json_object_get(first, "moved_to"), "path"));
		found(o, TALLY_RULE_text_elsewhere, TALLY_SEVERITY_LOW, NULL, n);
	}
}

/* Messages that are in another mailbox now, by ID, sender, date and subject. */
static uint64_t in_others(const struct owner *o)
{
	const json_t *list = json_object_get(o->json, "facts");
	json_t *came = json_object();
	uint64_t n = 0;

	for (size_t i = 0; i < json_array_size(o->v->r->documents); i++)
		add_to(came, json_object_get(json_array_get(o->v->r->documents, i), "facts"),
		       "message", "added", "where");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		const char *id = tally_json_string(f, "where"), *old = tally_json_string(f, "old");
		const json_t *other = id ? json_object_get(came, id) : NULL;

		n += old && other && is_change(f, "message", "removed") && json_is_string(other) &&
		     !strcmp(json_string_value(other), old);
	}
	json_decref(came);
	return n;
}

/* Messages of one sender, date and subject that went and came in one mailbox while no text went: they got other IDs. */
static uint64_t renamed(const struct owner *o, uint64_t removed)
{
	const json_t *list = json_object_get(o->json, "facts");
	uint64_t gone = tally_json_count(json_object_get(o->json, "blocks"), "deleted"), n = 0;
	json_t *came = json_object();

	add_to(came, list, "message", "added", "new");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		const char *old = tally_json_string(f, "old");

		n += old && is_change(f, "message", "removed") && json_object_get(came, old);
	}
	json_decref(came);
	gone = removed > gone ? removed - gone : 0;
	return n < gone ? n : gone;
}

static void other_ids(const struct owner *o, uint64_t n)
{
	tally_say(o->v, n == 1 ? "The ID of " : "The IDs of ");
	tally_say_plural(o->v, n, "message is another one in ", "messages are others in ");
	say_owner(o);
	found(o, TALLY_RULE_mail_header_changed, TALLY_SEVERITY_MEDIUM, NULL, n);
}

static void messages(const struct owner *o)
{
	const json_t *first = NULL, *counts = counts_of(o, "message");
	uint64_t n = tally_json_count(counts, "removed"), others;
	uint64_t elsewhere = tally_json_count(o->json, "moved_out"); /* their texts, told as that */

	if (elsewhere && n) {
		uint64_t known = in_others(o);

		elsewhere = known < elsewhere ? known : elsewhere;
	}
	others = renamed(o, n);
	if (others)
		other_ids(o, others);
	n = n > elsewhere + others ? n - elsewhere - others : 0;
	if (!n)
		return;
	(void)count_of(o, "message", "removed", &first);
	tally_say_count(o->v, n);
	tally_say(o->v, " of ");
	tally_say_plural(o->v, tally_json_count(counts, "before"), "message", "messages");
	tally_say(o->v, n == 1 ? " is gone from " : " are gone from ");
	say_owner(o);
	if (!elsewhere && !others)
		say_example(o, first, n);
	found(o, TALLY_RULE_messages_lost, TALLY_SEVERITY_HIGH,
	      n == 1 && !elsewhere && !others ? tally_json_string(first, "where") : NULL, n);
	tally_review_harm(o->v, &o->path, &o->v->damage.messages, n);
}

static void comments(const struct owner *o)
{
	const json_t *first = NULL;
	uint64_t n = count_of(o, "comment", "removed", &first);
	uint64_t before = tally_json_count(counts_of(o, "comment"), "before");

	if (!n)
		return;
	if (n >= before) {
		tally_say(o->v, n == 1 ? "The only comment" : "All ");
		if (n > 1)
			tally_say_plural(o->v, n, "comment", "comments");
	} else {
		tally_say_count(o->v, n);
		tally_say(o->v, " of ");
		tally_say_plural(o->v, before, "comment", "comments");
	}
	tally_say(o->v, n == 1 ? " was removed from " : " were removed from ");
	say_owner(o);
	say_example(o, first, n);
	found(o, TALLY_RULE_comment_removed, TALLY_SEVERITY_MEDIUM,
	      tally_json_string(first, "where"), n);
	harm(o, n);
}

/* ---- what is there now ---- */

static void sheets(const struct owner *o)
{
	const json_t *list = json_object_get(o->json, "facts");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		const char *name = tally_json_string(f, "new");
		bool very = tally_json_is(f, "kind", "sheet_very_hidden");

		if (!name || (!very && !tally_json_is(f, "kind", "sheet_hidden")))
			continue;
		if (!very && json_is_true(json_object_get(f, "was_very_hidden")))
			continue; /* a menu shows it now */
		tally_say(o->v, "The sheet ");
		tally_say_text(o->v, name);
		tally_say(o->v, " of ");
		say_owner(o);
		tally_say(o->v,
		          tally_json_string(f, "old") ? " is hidden now" : " is new, and hidden");
		tally_say(o->v, very ? "; no menu shows it (very hidden)" : "");
		found(o, TALLY_RULE_sheet_hidden,
		      very ? TALLY_SEVERITY_HIGH : TALLY_SEVERITY_MEDIUM, name, 1);
	}
}

/* Rules that look for facts that came or changed: a sentence before the file's name, one behind it. */
static const struct {
	enum tally_rule rule;
	enum tally_severity severity;
	const char *fact;
	const char *change;
	const char *one, *many; /* the second behind a number */
} simple[] = {
	{ TALLY_RULE_macro_added, TALLY_SEVERITY_HIGH, "macro", "added",
	  "A set of macros was added to", "sets of macros were added to" },
	{ TALLY_RULE_macro_added, TALLY_SEVERITY_HIGH, "script", "added", "A script was added to",
	  "scripts were added to" },
	{ TALLY_RULE_macro_added, TALLY_SEVERITY_HIGH, "macro", "changed",
	  "The macros are others in", "sets of macros are others in" },
	{ TALLY_RULE_macro_added, TALLY_SEVERITY_HIGH, "script", "changed",
	  "A script is another one in", "scripts are others in" },
	{ TALLY_RULE_starts_added, TALLY_SEVERITY_HIGH, "automatic", "added",
	  "Something that is done without a click was added to",
	  "things that are done without a click were added to" },
	{ TALLY_RULE_starts_added, TALLY_SEVERITY_HIGH, "automatic", "changed",
	  "Something else is done without a click in", "other things are done without a click in" },
	{ TALLY_RULE_starts_added, TALLY_SEVERITY_HIGH, "launch", "added",
	  "A link that starts a program or opens a file was added to",
	  "links that start programs or open files were added to" },
	{ TALLY_RULE_starts_added, TALLY_SEVERITY_HIGH, "launch", "changed",
	  "A link starts another program, or opens another file, in",
	  "links start other programs, or open other files, in" },
	{ TALLY_RULE_starts_added, TALLY_SEVERITY_HIGH, "program", "added",
	  "A program was attached to", "programs were attached to" },
	{ TALLY_RULE_note_exchanged, TALLY_SEVERITY_MEDIUM, "note_reference", "added",
	  "A reference to a note is out of turn, and was not before, in",
	  "references to notes are out of turn, and were not before, in" },
	{ TALLY_RULE_note_exchanged, TALLY_SEVERITY_MEDIUM, "note_reference", "changed",
	  "A reference shows another note in", "references show other notes in" },
	{ TALLY_RULE_external_added, TALLY_SEVERITY_MEDIUM, "external_target", "added",
	  "A link to another file was added to", "links to other files were added to" },
	{ TALLY_RULE_external_added, TALLY_SEVERITY_MEDIUM, "external_target", "changed",
	  "A link to another file leads elsewhere in", "links to other files lead elsewhere in" },
	{ TALLY_RULE_external_added, TALLY_SEVERITY_MEDIUM, "connection", "added",
	  "A connection to a source of data was added to",
	  "connections to sources of data were added to" },
	{ TALLY_RULE_external_added, TALLY_SEVERITY_MEDIUM, "connection", "changed",
	  "A connection to a source of data is another one in",
	  "connections to sources of data are others in" },
	{ TALLY_RULE_form_changed, TALLY_SEVERITY_MEDIUM, "form_field", "changed",
	  "A form field is filled in otherwise in", "form fields are filled in otherwise in" },
	{ TALLY_RULE_external_added, TALLY_SEVERITY_MEDIUM, "template", "changed",
	  "The template is another one in", "templates are others in" },
	{ TALLY_RULE_mail_parts_disagree, TALLY_SEVERITY_MEDIUM, "parts_disagree", "added",
	  "The text and the HTML of a mail say different things in",
	  "mails have a text and an HTML that say different things in" },
	{ TALLY_RULE_mail_parts_disagree, TALLY_SEVERITY_MEDIUM, "parts_disagree", "changed",
	  "The text and the HTML of a mail say other different things in",
	  "mails have a text and an HTML that say other different things in" },
	{ TALLY_RULE_mail_header_changed, TALLY_SEVERITY_MEDIUM, "mail_header", "changed",
	  "A header is another one in", "headers are others in" },
	{ TALLY_RULE_mail_header_changed, TALLY_SEVERITY_MEDIUM, "mail_header", "removed",
	  "A header is gone from", "headers are gone from" },
	{ TALLY_RULE_mail_header_changed, TALLY_SEVERITY_MEDIUM, "mail_header", "added",
	  "A header was added to", "headers were added to" },
	{ TALLY_RULE_mail_header_changed, TALLY_SEVERITY_MEDIUM, "message", "changed",
	  "A message has another sender, date or subject in",
	  "messages have other senders, dates or subjects in" },
	{ TALLY_RULE_attachment_changed, TALLY_SEVERITY_MEDIUM, "attachment", "changed",
	  "An attachment is another one in", "attachments are others in" },
	{ TALLY_RULE_link_changed, TALLY_SEVERITY_MEDIUM, "link", "changed",
	  "A link leads elsewhere in", "links lead elsewhere in" },
	{ TALLY_RULE_protection_changed, TALLY_SEVERITY_MEDIUM, "protection", "changed",
	  "A protection is another one in", "protections are others in" },
	{ TALLY_RULE_rows_hidden, TALLY_SEVERITY_MEDIUM, "hidden_rows", "added",
	  "Rows of a sheet are hidden now in", "sheets have hidden rows now in" },
	{ TALLY_RULE_rows_hidden, TALLY_SEVERITY_MEDIUM, "hidden_rows", "changed",
	  "Other rows of a sheet are hidden now in", "sheets have other hidden rows in" },
	{ TALLY_RULE_rows_hidden, TALLY_SEVERITY_MEDIUM, "hidden_rows", "strayed",
	  "Other rows of a sheet are hidden now in", "sheets have other hidden rows in" },
	{ TALLY_RULE_rows_hidden, TALLY_SEVERITY_MEDIUM, "hidden_columns", "added",
	  "Columns of a sheet are hidden now in", "sheets have hidden columns now in" },
	{ TALLY_RULE_rows_hidden, TALLY_SEVERITY_MEDIUM, "hidden_columns", "changed",
	  "Other columns of a sheet are hidden now in", "sheets have other hidden columns in" },
	{ TALLY_RULE_rows_hidden, TALLY_SEVERITY_MEDIUM, "hidden_columns", "strayed",
	  "Other columns of a sheet are hidden now in", "sheets have other hidden columns in" },
	{ TALLY_RULE_slide_hidden, TALLY_SEVERITY_MEDIUM, "hidden_slide", "added",
	  "A slide is not shown now in", "slides are not shown now in" },
	{ TALLY_RULE_picture_replaced, TALLY_SEVERITY_LOW, "image", "changed",
	  "A picture is another one in", "pictures are others in" },
	{ TALLY_RULE_picture_replaced, TALLY_SEVERITY_LOW, "image", "bytes",
	  "A picture has other bytes, and its pixels were not compared, in",
	  "pictures have other bytes, and their pixels were not compared, in" },
	{ TALLY_RULE_picture_resaved, TALLY_SEVERITY_LOW, "image", "near",
	  "A picture was saved again with other pixels, and looks the same, in",
	  "pictures were saved again with other pixels, and look the same, in" },
	{ TALLY_RULE_picture_resaved, TALLY_SEVERITY_LOW, "image", "turned",
	  "A picture is shown another way round in", "pictures are shown another way round in" },
	{ TALLY_RULE_picture_resaved, TALLY_SEVERITY_LOW, "attachment", "near",
	  "An attached picture was saved again with other pixels, and looks the same, in",
	  "attached pictures were saved again with other pixels, and look the same, in" },
	{ TALLY_RULE_picture_resaved, TALLY_SEVERITY_LOW, "attachment", "turned",
	  "An attached picture is shown another way round in",
	  "attached pictures are shown another way round in" },
	{ TALLY_RULE_cells_unseen, TALLY_SEVERITY_MEDIUM, "hidden_text", "added",
	  "Something that nobody sees is in", "things that nobody sees are in" },
	{ TALLY_RULE_cells_unseen, TALLY_SEVERITY_MEDIUM, "hidden_text", "changed",
	  "Something else that nobody sees is in", "other things that nobody sees are in" },
	{ TALLY_RULE_cells_unseen, TALLY_SEVERITY_MEDIUM, "perhaps_unseen", "added",
	  "Text that perhaps nobody sees is in", "texts that perhaps nobody sees are in" },
	{ TALLY_RULE_cells_unseen, TALLY_SEVERITY_MEDIUM, "perhaps_unseen", "changed",
	  "Other text that perhaps nobody sees is in", "other texts that perhaps nobody sees are in" },
	{ TALLY_RULE_calculation_changed, TALLY_SEVERITY_MEDIUM, "calculation", "added",
	  "Another way of calculating is set in", "other ways of calculating are set in" },
	{ TALLY_RULE_calculation_changed, TALLY_SEVERITY_MEDIUM, "calculation", "changed",
	  "Another way of calculating is set in", "other ways of calculating are set in" },
	{ TALLY_RULE_author_changed, TALLY_SEVERITY_LOW, "author", "changed",
	  "The author is another one in", "authors are others in" },
	{ TALLY_RULE_author_changed, TALLY_SEVERITY_LOW, "author", "removed",
	  "The author is no longer named in", "authors are no longer named in" },
	{ TALLY_RULE_picture_facts, TALLY_SEVERITY_MEDIUM, "exif_place", "changed",
	  "Another place where it was taken is told in", "places are others in" },
	{ TALLY_RULE_picture_facts, TALLY_SEVERITY_MEDIUM, "exif_date", "changed",
	  "Another time when it was taken is told in", "times are others in" },
	{ TALLY_RULE_picture_facts, TALLY_SEVERITY_LOW, "exif_place", "removed",
	  "The place where it was taken is no longer told in", "places are no longer told in" },
	{ TALLY_RULE_picture_facts, TALLY_SEVERITY_LOW, "exif_date", "removed",
	  "The time when it was taken is no longer told in", "times are no longer told in" },
	{ TALLY_RULE_picture_facts, TALLY_SEVERITY_LOW, "exif_place", "added",
	  "A place where it was taken is told now in", "places are told now in" },
};

/* As many pictures as before, but one is not there any more, and another one stands elsewhere. */
static void pictures_swapped(const struct owner *o)
{
	const json_t *first = NULL;
	uint64_t removed = count_of(o, "image", "removed", &first), net = lost_of(o, "image"),
		 n = removed > net ? removed - net : 0;

	if (!n || is_other_format(o))
		return;
	if (n == 1) {
		tally_say(o->v, "A picture is gone, and another one stands elsewhere in ");
	} else {
		tally_say_count(o->v, n);
		tally_say(o->v, " pictures are gone, and others stand elsewhere in ");
	}
	say_owner(o);
	say_example(o, first, n);
	found(o, TALLY_RULE_picture_replaced, TALLY_SEVERITY_LOW,
	      n == 1 ? tally_json_string(first, "where") : NULL, n);
}

static void simple_ones(const struct owner *o)
{
	for (size_t i = 0; i < sizeof simple / sizeof *simple; i++) {
		const json_t *first = NULL;
		uint64_t n = count_of(o, simple[i].fact, simple[i].change, &first);

		if (!n)
			continue;
		if (n > 1) {
			tally_say_count(o->v, n);
			tally_say(o->v, " ");
		}
		tally_say(o->v, n > 1 ? simple[i].many : simple[i].one);
		tally_say(o->v, " ");
		say_owner(o);
		say_example(o, first, n);
		found(o, simple[i].rule, simple[i].severity,
		      n == 1 ? tally_json_string(first, "where") : NULL, n);
	}
}

/* ---- tracked changes that nobody is asked about any more, and those that somebody is ---- */

/* Of both kinds of tracked changes. @first  the first of them */
static uint64_t of_both_kinds(const struct owner *o, const char *how, const json_t **first)
{
	uint64_t n = count_of(o, "tracked_insertion", how, first);

	return n + count_of(o, "tracked_deletion", how, first);
}

static void tracked(const struct owner *o)
{
	static const char *const ways[][2] = { { "accepted", "accepted" },
		                               { "rejected", "rejected" },
		                               { "removed", "in a way that is not known" } };
	const json_t *first = NULL;
	uint64_t n[3], all = 0, said = 0;

	for (size_t i = 0; i < 3; i++)
		all += n[i] = of_both_kinds(o, ways[i][0], &first);
	if (!all)
		return;
	tally_say_plural(o->v, all, "tracked change", "tracked changes");
	tally_say(o->v, all == 1 ? " is settled in " : " are settled in ");
	say_owner(o);
	tally_say(o->v, " (");
	for (size_t i = 0; i < 3; i++) {
		if (!n[i])
			continue;
		tally_say(o->v, said++ ? ", " : "");
		tally_say_count(o->v, n[i]);
		tally_say(o->v, " ");
		tally_say(o->v, ways[i][1]);
	}
	tally_say(o->v, ")");
	say_example(o, first, all);
	found(o, TALLY_RULE_tracked_settled, TALLY_SEVERITY_MEDIUM,
	      all == 1 ? tally_json_string(first, "where") : NULL, all);
}

static void proposed(const struct owner *o)
{
	const json_t *first = NULL;
	uint64_t n = of_both_kinds(o, "added", &first);

	if (!n)
		return;
	tally_say_plural(o->v, n, "tracked change", "tracked changes");
	tally_say(o->v, n == 1 ? " waits for a yes or no in " : " wait for a yes or no in ");
	say_owner(o);
	say_example(o, first, n);
	found(o, TALLY_RULE_tracked_proposed, TALLY_SEVERITY_LOW,
	      n == 1 ? tally_json_string(first, "where") : NULL, n);
}

/* ---- parts of unknown kinds ---- */

static void unknown_parts(const struct owner *o)
{
	const json_t *list = json_object_get(o->json, "unread");
	const char *first = NULL;
	uint64_t n = 0;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *u = json_array_get(list, i);

		if (!json_is_true(json_object_get(u, "unknown")) ||
		    tally_json_is(u, "change", "removed"))
			continue;
		if (!n++)
			first = tally_json_string(u, "what");
	}
	if (!n || !first)
		return;
	say_owner(o);
	tally_say(o->v, n == 1 ? " has a part of an unknown kind, new or changed: "
	                       : " has parts of unknown kinds, new or changed, as ");
	tally_say_text(o->v, first);
	found(o, TALLY_RULE_unknown_part, TALLY_SEVERITY_MEDIUM, first, n);
}

/* ---- what stayed where its cells are no more ---- */

static const struct {
	const char *fact;
	enum tally_severity severity;
} strayable[] = {
	{ "defined_name", TALLY_SEVERITY_MEDIUM },    { "chart", TALLY_SEVERITY_MEDIUM },
	{ "data_validation", TALLY_SEVERITY_MEDIUM }, { "table", TALLY_SEVERITY_MEDIUM },
	{ "conditional_format", TALLY_SEVERITY_LOW }, { "link", TALLY_SEVERITY_LOW },
	{ "merged_cells", TALLY_SEVERITY_LOW },       { "comment", TALLY_SEVERITY_LOW },
	{ "sparkline", TALLY_SEVERITY_LOW },          { "pivot_table", TALLY_SEVERITY_LOW },
	{ "pivot_cache", TALLY_SEVERITY_LOW },        { "protection", TALLY_SEVERITY_LOW },
};

enum { STRAYABLE = sizeof strayable / sizeof *strayable };

/* "2 defined names and 1 chart" */
static void say_strayed(const struct owner *o, const uint64_t n[STRAYABLE], size_t kinds)
{
	for (size_t i = 0, named = 0; i < STRAYABLE; i++) {
		const struct tally_fact_info *info;

		if (!n[i])
			continue;
		tally_say(o->v, !named ? "" : named + 1 == kinds ? " and " : ", ");
		info = tally_fact_info(tally_fact_rank(strayable[i].fact));
		tally_say_plural(o->v, n[i], info->one, info->many);
		named++;
	}
}

/* "… of ‘b.xlsx’ are written as before, which means other cells now, as ‘Data!$F$2’ at ‘rate’" */
static void strayed(const struct owner *o)
{
	enum tally_severity severity = TALLY_SEVERITY_LOW;
	const json_t *first = NULL;
	uint64_t n[STRAYABLE], all = 0;
	size_t kinds = 0;

	for (size_t i = 0; i < STRAYABLE; i++) {
		n[i] = count_of(o, strayable[i].fact, "strayed", &first);
		kinds += n[i] > 0;
		all += n[i];
		if (n[i] && strayable[i].severity > severity)
			severity = strayable[i].severity;
	}
	if (!all)
		return;
	say_strayed(o, n, kinds);
	tally_say(o->v, " of ");
	say_owner(o);
	tally_say(o->v, all == 1 ? " is" : " are");
	tally_say(o->v, " written as before, which means other cells now");
	say_example(o, first, all);
	found(o, TALLY_RULE_addresses_strayed, severity,
	      all == 1 ? tally_json_string(first, "where") : NULL, all);
}

/* ---- what may still be in it ---- */

/* Entries of one workbook stand together, its own first */
static bool cells_went(const struct owner *o)
{
	const json_t *tables = o->v->r->tables;

	if (tally_json_count(json_object_get(o->json, "sheets"), "removed"))
		return true;
	for (size_t i = o->index + 1; i < json_array_size(tables); i++) {
		const json_t *t = json_array_get(tables, i), *columns = json_object_get(t, "columns");

		if (!tally_json_is(t, "path", o->path.bytes))
			break;
		if (tally_json_count(json_object_get(t, "rows"), "deleted"))
			return true;
		for (size_t k = 0; k < json_array_size(columns); k++)
			if (tally_json_is(json_array_get(columns, k), "kind", "removed"))
				return true;
	}
	return false;
}

static void caches(const struct owner *o)
{
	uint64_t n = tally_json_count(counts_of(o, "pivot_cache"), "after");

	if (!n || o->index == SIZE_MAX || !cells_went(o))
		return;
	tally_say(o->v, "What was deleted from ");
	say_owner(o);
	tally_say(o->v, " may still be in it: ");
	tally_say_plural(o->v, n, "pivot table keeps its records", "pivot tables keep their records");
	found(o, TALLY_RULE_pivot_cache_keeps, TALLY_SEVERITY_MEDIUM, NULL, n);
}

static void review(struct tally_reviewer *v, const json_t *json, size_t index)
{
	const char *path = tally_json_string(json,
	                                     tally_json_count(json, "merged") ? "from" : "path");
	const struct owner o = { v, json, { path ? path : "", path ? strlen(path) : 0 }, index };

	unknown_parts(&o);
	if (!json_array_size(json_object_get(json, "facts")) &&
	    !json_array_size(json_object_get(json, "fact_counts")))
		return;
	sheets(&o);
	simple_ones(&o);
	pictures_swapped(&o);
	messages(&o);
	lost(&o);
	saved(&o);
	strayed(&o);
	comments(&o);
	tracked(&o);
	proposed(&o);
	caches(&o);
}

void tally_review_facts(struct tally_reviewer *v)
{
	for (size_t i = 0; i < json_array_size(v->r->tables) && v->status == TALLY_OK; i++)
		review(v, json_array_get(v->r->tables, i), i);
	for (size_t i = 0; i < json_array_size(v->r->documents) && v->status == TALLY_OK; i++)
		review(v, json_array_get(v->r->documents, i), SIZE_MAX);
}
