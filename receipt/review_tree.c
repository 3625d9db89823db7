/* Review rules about files and folders: what was lost, covered, hollowed out or changed its kind. */
#include "receipt/review.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

enum {
	MANY_HIGH_PERCENT = 50,
	MANY_HIGH_FILES = 10,
	MANY_PERCENT = 10, /* what backup users ask to be warned at */
	MANY_FILES = 20,   /* below that, one sees them one by one */
	MODE_WORLD_WRITE = 0002,
	MODE_SET_IDS = 06000,
	MODE_EXECUTE = 0111,
};

/* Changes by the sentence that tells them. */
enum bucket {
	LOST,
	LOST_KEPT_TEXT,
	UNPROVEN,
	EDITED_COPY,
	COVERED_LOST,
	COVERED_UNPROVEN,
	COVERED_ALIVE,
	HOLLOW,
	HOLLOW_TINY,
	HOLLOW_ALIVE,
	REPLACED,
	RENEWED,
	SILENT,
	TYPE_LOST,
	TYPE,
	LINK_OUT,
	MODE,
	MODE_RUN,
	BUCKETS
};

struct hits {
	size_t *items;
	size_t count, cap;
};

struct tree {
	struct tally_reviewer *v;
	struct hits hits[BUCKETS];
};

/* ---- which bucket ---- */

static unsigned long mode_of(const char *text)
{
	return text ? strtoul(text, NULL, 8) : 0;
}

/* The permission bits that were added. */
static unsigned long gained(const struct tally_receipt_change *c)
{
	for (size_t i = 0; i < c->field_count; i++)
		if (!strcmp(c->fields[i].name, "mode"))
			return mode_of(c->fields[i].now) & ~mode_of(c->fields[i].old);
	return 0;
}

static void put(struct tree *t, enum bucket b, size_t change)
{
	struct hits *h = &t->hits[b];

	if (t->v->status != TALLY_OK)
		return;
	if (!tally_grow(&h->items, &h->cap, h->count, sizeof *h->items)) {
		t->v->status = tally_err_nomem(t->v->err);
		return;
	}
	h->items[h->count++] = change;
}

static void sort_covered(struct tree *t, const struct tally_receipt_change *c, size_t i)
{
	enum tally_fate fate = c->overwrote->fate;

	put(t,
	    fate == TALLY_FATE_LOST       ? COVERED_LOST
	    : fate == TALLY_FATE_UNPROVEN ? COVERED_UNPROVEN
	                                  : COVERED_ALIVE,
	    i);
}

static void sort_hollowed(struct tree *t, const struct tally_receipt_change *c, size_t i)
{
	put(t,
	    c->survives_at.count      ? HOLLOW_ALIVE
	    : tally_review_damaged(c) ? HOLLOW
	                              : HOLLOW_TINY,
	    i);
	t->v->hollow += !c->survives_at.count;
}

static void sort_replaced(struct tree *t, const struct tally_receipt_change *c, size_t i)
{
	bool opaque = c->flags & TALLY_CHANGE_OPAQUE;

	put(t, opaque ? RENEWED : REPLACED, i);
	t->v->replaced += !opaque;
}

static void sort_mode(struct tree *t, const struct tally_receipt_change *c, size_t i)
{
	unsigned long more = gained(c);

	if (more & (MODE_WORLD_WRITE | MODE_SET_IDS))
		put(t, MODE, i);
	else if (more & MODE_EXECUTE && c->type == TALLY_TYPE_FILE)
		put(t, MODE_RUN, i);
}

static void sort_change(struct tree *t, const struct tally_receipt_change *c, size_t i)
{
	if (c->overwrote)
		sort_covered(t, c, i);
	if (c->flags & TALLY_CHANGE_LEAVES_ROOT)
		put(t, LINK_OUT, i);
	if (c->field_count)
		sort_mode(t, c, i);
	if (c->kind == TALLY_CHANGE_DELETED && c->fate == TALLY_FATE_LOST && !t->v->claimed[i])
		put(t, tally_change_text_kept(c) ? LOST_KEPT_TEXT : LOST, i);
	else if (c->kind == TALLY_CHANGE_DELETED && c->fate == TALLY_FATE_UNPROVEN)
		put(t, UNPROVEN, i);
	else if (c->kind == TALLY_CHANGE_DELETED && c->fate == TALLY_FATE_EDITED)
		put(t, EDITED_COPY, i);
	else if (c->kind == TALLY_CHANGE_TYPE_CHANGED && !(c->flags & TALLY_CHANGE_ROOT))
		put(t, c->fate == TALLY_FATE_LOST ? TYPE_LOST : TYPE, i);
	else if (tally_review_hollow(t->v->r, c))
		sort_hollowed(t, c, i);
	else if (c->flags & TALLY_CHANGE_REPLACED && !c->survives_at.count)
		sort_replaced(t, c, i);
	if (c->flags & TALLY_CHANGE_SILENT)
		put(t, SILENT, i);
}

/* ---- sentences ---- */

static void size_in_brackets(struct tally_reviewer *v, uint64_t bytes)
{
	if (bytes == TALLY_UNKNOWN)
		return;
	tally_say(v, " (");
	tally_say_size(v, bytes);
	tally_say(v, ")");
}

static void kept(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	if (!tally_change_unkept(c) && !(c->flags & TALLY_CHANGE_KEPT))
		return;
	tally_say(v, c->flags & TALLY_CHANGE_KEPT ? "; the before snapshot keeps a copy"
	                                          : "; no copy was kept");
}

/* What is nowhere in what was looked at may be in what was not. */
static void or_excluded(struct tally_reviewer *v)
{
	uint64_t entries = 0;

	for (size_t i = 0; i < v->r->excluded_count; i++)
		entries += v->r->excluded[i].entries;
	if (!entries)
		return;
	tally_say(v, entries == 1 ? "; it may be in the " : "; it may be among the ");
	tally_say_plural(v, entries, "entry that is excluded", "entries that are excluded");
}

/* " stand in ‘all.docx’ and 2 other documents" */
static void say_documents(struct tally_reviewer *v, const struct tally_text_elsewhere *e, bool one)
{
	tally_say(v, one ? " stands in " : " stand in ");
	if (e->in.count)
		tally_say_name(v, &e->in.items[0].path);
	else
		tally_say(v, "other documents");
	if (e->in.total < 2 || !e->in.count)
		return;
	tally_say(v, " and ");
	tally_say_plural(v, e->in.total - 1, "other document", "other documents");
}

/* "; 5 of its 6 paragraphs stand in ‘all.docx’, 1 of them edited" */
static void say_elsewhere(struct tally_reviewer *v, const struct tally_text_elsewhere *e)
{
	uint64_t found = e->compared ? e->all - e->missing : e->found;

	tally_say(v, "; ");
	if (e->compared && e->all == 1) {
		tally_say(v, "its only ");
		tally_say(v, tally_text_unit_name(e->unit));
		say_documents(v, e, true);
		tally_say(v, ", edited");
		return;
	}
	if (e->compared && !e->missing)
		tally_say(v, "all");
	else
		tally_say_count(v, found);
	tally_say(v, " of its ");
	if (e->compared)
		tally_say_plural(v, e->all, tally_text_unit_name(e->unit),
		                 tally_text_unit_names(e->unit));
	else
		tally_say_plural(v, e->paragraphs, "longer paragraph", "longer paragraphs");
	say_documents(v, e, found == 1);
	if (!e->edited)
		return;
	tally_say(v, ", ");
	tally_say_count(v, e->edited);
	tally_say(v, " of them edited");
}

static void say_lost(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say_name(v, &c->path);
	size_in_brackets(v, c->bytes_before);
	tally_say(v, " was deleted");
	if (c->elsewhere) {
		say_elsewhere(v, c->elsewhere);
	} else {
		tally_say(v, ", and its content is nowhere any more");
		or_excluded(v);
	}
	kept(v, c);
}

/* A document that was merged into others: its text is there, the file is not. */
static void say_merged(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say_name(v, &c->path);
	size_in_brackets(v, c->bytes_before);
	tally_say(v, c->elsewhere->unit == TALLY_UNIT_MESSAGE ? " was deleted; all that was in it"
	                                                      : " was deleted; all of its text");
	say_documents(v, c->elsewhere, true);
	kept(v, c);
}

static void first_place(struct tally_reviewer *v, const struct tally_where_list *list)
{
	if (!list->count)
		return;
	tally_say(v, " at ");
	if (list->items[0].member.bytes) {
		tally_say_name(v, &list->items[0].member);
		tally_say(v, " inside ");
	}
	tally_say_name(v, &list->items[0].path);
}

/* What stands behind "was deleted" or "covered": where the content may be. */
static void say_doubt(struct tally_reviewer *v, const struct tally_where_list *believed)
{
	if (!believed->count) {
		tally_say(v, "whether its content is still somewhere could not be found out");
		return;
	}
	tally_say(v, "a copy of its content is believed to be");
	first_place(v, believed);
	tally_say(v, ", which was not read");
}

static void say_unproven(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say_name(v, &c->path);
	size_in_brackets(v, c->bytes_before);
	tally_say(v, " was deleted; ");
	if (c->type == TALLY_TYPE_FILE && !c->digest_before) {
		tally_say(v, "its content was never read, so nobody can say what is gone");
		return;
	}
	say_doubt(v, &c->survives_at);
	kept(v, c);
}

/* The change by which this content lives on edited. */
static const struct tally_receipt_change *edited_copy(const struct tally_receipt *r,
                                                      const struct tally_receipt_change *deleted)
{
	for (size_t i = 0; i < r->change_count; i++) {
		const struct tally_receipt_change *c = &r->changes[i];

		if ((c->kind == TALLY_CHANGE_MODIFIED || c->kind == TALLY_CHANGE_MOVED_EDITED) &&
		    c->digest_before && deleted->digest_before &&
		    !strcmp(c->digest_before, deleted->digest_before))
			return c;
	}
	return NULL;
}

static void say_edited_copy(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	const struct tally_receipt_change *other = edited_copy(v->r, c);

	tally_say_name(v, &c->path);
	size_in_brackets(v, c->bytes_before);
	tally_say(v, " was deleted, and its copy ");
	if (other) {
		tally_say_name(v, &other->path);
		tally_say(v, " ");
	}
	tally_say(v, "was edited: the content as it was is nowhere any more");
	or_excluded(v);
	kept(v, c);
}

static void say_covered(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	const struct tally_overwrote *o = c->overwrote;
	bool copy = c->kind == TALLY_CHANGE_COPIED || c->kind == TALLY_CHANGE_COPIED_EDITED;

	tally_say_name(v, &c->from);
	tally_say(v, copy ? " was copied over " : " was moved over ");
	tally_say_name(v, &c->path);
	size_in_brackets(v, o->bytes);
	if (o->fate == TALLY_FATE_LOST) {
		tally_say(v, ", whose content is nowhere any more");
		or_excluded(v);
	} else if (o->fate == TALLY_FATE_UNPROVEN) {
		if (o->survives_at.count) {
			tally_say(v, "; ");
			say_doubt(v, &o->survives_at);
		} else {
			tally_say(v, "; whether the content of that is still somewhere could not be "
			             "found out");
		}
	} else {
		tally_say(v, ", whose content is still there");
		first_place(v, &o->survives_at);
	}
}

static void say_sizes(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say(v, " (");
	tally_say_size(v, c->bytes_before);
	if (c->bytes_before != c->bytes_after) {
		tally_say(v, " \u2192 ");
		tally_say_size(v, c->bytes_after);
	}
	tally_say(v, ")");
}

static void say_hollow(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say_name(v, &c->path);
	tally_say(v, c->flags & TALLY_CHANGE_EMPTIED     ? " was emptied"
	             : c->flags & TALLY_CHANGE_NUL_TAIL  ? " ends in NUL bytes now"
	             : c->flags & TALLY_CHANGE_TRUNCATED ? " was cut short"
	                                                 : " was replaced by something tiny");
	say_sizes(v, c);
	if (c->survives_at.count) {
		tally_say(v, "; the old content is still there");
		first_place(v, &c->survives_at);
	} else {
		tally_say(v, c->flags & TALLY_CHANGE_KEPT ? "; the old content was kept"
		                                          : "; the old content was not kept");
	}
}

static void say_replaced(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say_name(v, &c->path);
	say_sizes(v, c);
	tally_say(v, c->flags & TALLY_CHANGE_OPAQUE
	                     ? " has none of its old bytes: it was saved anew, or is another file"
	                     : " was replaced: nothing of the old content is in it");
	kept(v, c);
}

static void say_silent(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say_name(v, &c->path);
	tally_say(v, " holds other content under the same size and times");
}

static void say_type(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say_name(v, &c->path);
	tally_say(v, " was a ");
	tally_say(v, tally_type_name(c->old_type));
	size_in_brackets(v, c->bytes_before);
	tally_say(v, " and is a ");
	tally_say(v, tally_type_name(c->type));
	tally_say(v, " now");
	if (c->fate == TALLY_FATE_LOST)
		tally_say(v, "; its content is nowhere any more");
	if (c->fate == TALLY_FATE_LOST)
		or_excluded(v);
}

static void say_link(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	tally_say(v, "The link ");
	tally_say_name(v, &c->path);
	tally_say(v, " leads out of the folder now");
	if (c->link_new.bytes) {
		tally_say(v, ", to ");
		tally_say_name(v, &c->link_new);
	}
	if (c->link_old.bytes) {
		tally_say(v, "; before, it led to ");
		tally_say_name(v, &c->link_old);
	}
}

static void say_mode(struct tally_reviewer *v, const struct tally_receipt_change *c)
{
	unsigned long more = gained(c);

	tally_say_name(v, &c->path);
	tally_say(v, more & MODE_SET_IDS       ? " now runs with the rights of its owner or group"
	             : more & MODE_WORLD_WRITE ? " can now be changed by everybody"
	                                       : " can now be run as a program");
	for (size_t i = 0; i < c->field_count; i++) {
		if (strcmp(c->fields[i].name, "mode") != 0)
			continue;
		tally_say(v, " (mode ");
		tally_say(v, c->fields[i].old ? c->fields[i].old : "?");
		tally_say(v, " \u2192 ");
		tally_say(v, c->fields[i].now ? c->fields[i].now : "?");
		tally_say(v, ")");
	}
}

/* How each bucket is told: one by one, or all of them in one sentence that begins with their number. */
static const struct {
	enum tally_rule rule;
	enum tally_severity severity;
	void (*one)(struct tally_reviewer *, const struct tally_receipt_change *);
	const char *many;
} telling[BUCKETS] = {
	[LOST] = { TALLY_RULE_content_lost, TALLY_SEVERITY_HIGH, say_lost,
	           "files were deleted, and their contents are nowhere any more" },
	[LOST_KEPT_TEXT] = { TALLY_RULE_content_lost, TALLY_SEVERITY_MEDIUM, say_merged,
	                     "files were deleted; all of their text stands in other documents" },
	[UNPROVEN] = { TALLY_RULE_deleted_unproven, TALLY_SEVERITY_MEDIUM, say_unproven,
	               "files were deleted; whether their contents are still somewhere could not be found out" },
	[EDITED_COPY] = { TALLY_RULE_copy_edited, TALLY_SEVERITY_MEDIUM, say_edited_copy,
	                  "files were deleted, and their copies were edited: the contents as they were are nowhere any more" },
	[COVERED_LOST] = { TALLY_RULE_overwritten, TALLY_SEVERITY_HIGH, say_covered,
	                   "files were covered by others moved or copied onto them, and their contents are nowhere any more" },
	[COVERED_UNPROVEN] = { TALLY_RULE_overwritten, TALLY_SEVERITY_MEDIUM, say_covered,
	                       "files were covered by others; whether their contents are still somewhere could not be found out" },
	[COVERED_ALIVE] = { TALLY_RULE_overwritten, TALLY_SEVERITY_LOW, say_covered,
	                    "files were covered by others, their contents are still there at other places" },
	[HOLLOW] = { TALLY_RULE_hollowed_file, TALLY_SEVERITY_HIGH, say_hollow,
	             "files were emptied, cut short or filled up with NUL bytes" },
	[HOLLOW_TINY] = { TALLY_RULE_hollowed_file, TALLY_SEVERITY_MEDIUM, say_hollow,
	                  "files were replaced by something tiny" },
	[HOLLOW_ALIVE] = { TALLY_RULE_hollowed_file, TALLY_SEVERITY_LOW, say_hollow,
	                   "files were emptied, cut short or replaced by something tiny, their old contents are still there at other places" },
	[REPLACED] = { TALLY_RULE_replaced_content, TALLY_SEVERITY_MEDIUM, say_replaced,
	               "files were replaced: nothing of their old contents is in them" },
	[RENEWED] = { TALLY_RULE_replaced_content, TALLY_SEVERITY_MEDIUM, say_replaced,
	              "files have none of their old bytes: they were saved anew, or are other files" },
	[SILENT] = { TALLY_RULE_silent_edit, TALLY_SEVERITY_HIGH, say_silent,
	             "files hold other content under the same size and times" },
	[TYPE_LOST] = { TALLY_RULE_type_changed, TALLY_SEVERITY_HIGH, say_type,
	                "files became something else, and their contents are nowhere any more" },
	[TYPE] = { TALLY_RULE_type_changed, TALLY_SEVERITY_MEDIUM, say_type,
	           "paths became something else (a file a link, a folder a file \u2026)" },
	[LINK_OUT] = { TALLY_RULE_link_leaves_root, TALLY_SEVERITY_MEDIUM, say_link,
	               "links lead out of the folder now" },
	[MODE] = { TALLY_RULE_mode_widened, TALLY_SEVERITY_MEDIUM, say_mode,
	           "paths can now be changed by everybody, or run with the rights of their owner" },
	[MODE_RUN] = { TALLY_RULE_mode_widened, TALLY_SEVERITY_LOW, say_mode,
	               "files can now be run as programs" },
};

static uint64_t weight(const struct tally_receipt_change *c)
{
	uint64_t bytes = c->overwrote ? c->overwrote->bytes : c->bytes_before;

	return bytes == TALLY_UNKNOWN ? 0 : bytes;
}

/* The three with the most at stake, in the order of their size */
static void examples(struct tally_reviewer *v, const struct hits *h)
{
	const struct tally_receipt_change *c = v->r->changes;
	size_t best[TALLY_EXAMPLES], n = 0;

	for (size_t i = 0; i < h->count; i++) {
		size_t at = n;

		while (at > 0 && weight(&c[h->items[i]]) > weight(&c[best[at - 1]]))
			at--;
		if (at == TALLY_EXAMPLES)
			continue;
		if (n < TALLY_EXAMPLES)
			n++;
		memmove(&best[at + 1], &best[at], (n - at - 1) * sizeof *best);
		best[at] = h->items[i];
	}
	for (size_t i = 0; i < n; i++) {
		tally_say(v, i ? ", " : ": ");
		tally_say_name(v, &c[best[i]].path);
	}
	tally_say(v, " and ");
	tally_say_count(v, h->count - n);
	tally_say(v, " more");
}

static void tell(struct tree *t, enum bucket b)
{
	const struct hits *h = &t->hits[b];
	struct tally_reviewer *v = t->v;
	uint64_t bytes = 0;

	for (size_t i = 0; i < h->count; i++) {
		const struct tally_receipt_change *c = &v->r->changes[h->items[i]];

		bytes += weight(c);
		if (h->count > TALLY_EXAMPLES)
			continue;
		telling[b].one(v, c);
		tally_found(v, telling[b].rule, telling[b].severity, &c->path, NULL, 1, weight(c));
	}
	if (h->count <= TALLY_EXAMPLES)
		return;
	tally_say_count(v, h->count);
	tally_say(v, " ");
	tally_say(v, telling[b].many);
	if (bytes) {
		tally_say(v, " (");
		tally_say_size(v, bytes);
		tally_say(v, ")");
	}
	examples(v, h);
	if (b == LOST || b == LOST_KEPT_TEXT || b == COVERED_LOST || b == TYPE_LOST ||
	    b == EDITED_COPY)
		or_excluded(v);
	tally_found(v, telling[b].rule, telling[b].severity, NULL, NULL, h->count, bytes);
}

/* ---- folders ---- */

static bool is_lost(const struct tally_receipt_change *c)
{
	return c->kind == TALLY_CHANGE_DELETED && c->fate == TALLY_FATE_LOST;
}

/* Lost files among some changes; each is claimed once only */
static uint64_t claim_lost(struct tally_reviewer *v, const size_t *items, size_t count,
                           uint64_t *bytes, const struct tally_receipt_change **first)
{
	uint64_t lost = 0;

	for (size_t i = 0; i < count; i++) {
		const struct tally_receipt_change *c = &v->r->changes[items[i]];

		if (!is_lost(c) || v->claimed[items[i]])
			continue;
		if (lost++ == 0)
			*first = c;
		v->claimed[items[i]] = true;
		*bytes += weight(c);
	}
	return lost;
}

static void deleted_folder(struct tally_reviewer *v, const struct tally_receipt_fold *f)
{
	const struct tally_receipt_change *first = NULL;
	uint64_t bytes = 0;
	uint64_t lost = claim_lost(v, f->changes, f->change_count, &bytes, &first);

	if (!lost)
		return;
	tally_say(v, "The folder ");
	tally_say_name(v, &f->path);
	tally_say(v, " was deleted with ");
	tally_say_plural(v, f->files, "file", "files");
	if (lost == f->files) {
		tally_say(v, lost == 1 ? "; its content is nowhere any more"
		                       : "; the contents of all of them are nowhere any more");
	} else {
		tally_say(v, "; the contents of ");
		tally_say_count(v, lost);
		tally_say(v, " of them are nowhere any more");
	}
	size_in_brackets(v, bytes);
	or_excluded(v);
	tally_found(v, TALLY_RULE_folder_lost, TALLY_SEVERITY_HIGH, &f->path, NULL, lost, bytes);
}

/* Where a lost file of a moved folder should have arrived: what came there instead (a clash of names), or NULL. */
static const struct tally_receipt_change *taken_by(const struct tally_reviewer *v,
                                                   const struct tally_receipt_fold *f,
                                                   const struct tally_receipt_change *lost)
{
	size_t from = f->from.len, to = f->path.len, rest;

	if (!f->from.bytes || lost->path.len <= from)
		return NULL;
	rest = lost->path.len - from; /* with its '/' where the folder is not the root */
	for (size_t i = 0; i < v->r->change_count; i++) {
		const struct tally_receipt_change *c = &v->r->changes[i];

		if (c->from.bytes && c->path.len == to + rest &&
		    memcmp(c->path.bytes, f->path.bytes, to) == 0 &&
		    memcmp(c->path.bytes + to, lost->path.bytes + from, rest) == 0)
			return c;
	}
	return NULL;
}

static void moved_folder(struct tally_reviewer *v, const struct tally_receipt_fold *f)
{
	const struct tally_receipt_change *first = NULL, *clash;
	uint64_t bytes = 0;
	uint64_t lost = claim_lost(v, f->exceptions, f->exception_count, &bytes, &first);
	const struct tally_name *old = f->from.bytes ? &f->from : &f->path;

	if (!lost)
		return;
	tally_say(v, "The files of ");
	tally_say_name(v, old);
	tally_say(v, " went to ");
	if (f->kind == TALLY_FOLD_SPLIT)
		tally_say(v, "several folders");
	else
		tally_say_name(v, &f->path);
	tally_say(v, ", but ");
	tally_say_count(v, lost);
	tally_say(v, " of them did not arrive and ");
	tally_say(v, lost == 1 ? "is" : "are");
	tally_say(v, " nowhere any more: ");
	tally_say_name(v, &first->path);
	if (lost > 1) {
		tally_say(v, " and ");
		tally_say_count(v, lost - 1);
		tally_say(v, " more");
	}
	clash = taken_by(v, f, first);
	if (clash) {
		tally_say(v, "; its place at ");
		tally_say_name(v, &clash->path);
		tally_say(v, " was taken by ");
		tally_say_name(v, &clash->from);
	}
	or_excluded(v);
	tally_found(v, TALLY_RULE_moved_then_lost, TALLY_SEVERITY_HIGH, old, NULL, lost, bytes);
}

static void folders(struct tally_reviewer *v)
{
	for (size_t i = 0; i < v->r->fold_count; i++) {
		const struct tally_receipt_fold *f = &v->r->folds[i];

		if (f->kind == TALLY_FOLD_DELETED)
			deleted_folder(v, f);
		else if (f->kind != TALLY_FOLD_ADDED)
			moved_folder(v, f);
	}
}

/* ---- the whole ---- */

static void many_deletions(struct tally_reviewer *v)
{
	const struct tally_balance *b = &v->r->files;
	uint64_t gone = b->deleted + b->duplicate_removed;
	uint64_t percent = b->before ? gone * 100 / b->before : 0;
	bool high = percent >= MANY_HIGH_PERCENT && gone >= MANY_HIGH_FILES;

	if (!high && (percent < MANY_PERCENT || gone < MANY_FILES))
		return;
	tally_say_count(v, gone);
	tally_say(v, " of ");
	tally_say_plural(v, b->before, "file", "files");
	tally_say(v, " (");
	tally_say_count(v, percent);
	tally_say(v, " %) were deleted");
	if (b->duplicate_removed) {
		tally_say(v, ", ");
		tally_say_count(v, b->duplicate_removed);
		tally_say(v, " of them duplicates of files that are still there");
	}
	tally_found(v, TALLY_RULE_many_deletions,
	            high ? TALLY_SEVERITY_HIGH : TALLY_SEVERITY_MEDIUM, NULL, NULL, gone, gone);
}

/* Equal contents that changed places: told once for all groups. */
static void ambiguous(struct tally_reviewer *v)
{
	const struct tally_receipt_change *first = NULL;
	uint64_t files = 0;

	for (size_t i = 0; i < v->r->change_count; i++) {
		const struct tally_receipt_change *c = &v->r->changes[i];

		if (c->kind != TALLY_CHANGE_MOVED || (!c->group && !c->ambiguous.total))
			continue;
		if (!first)
			first = c;
		files++;
	}
	if (!files)
		return;
	tally_say_plural(v, files, "file was moved whose content stood",
	                 "files were moved whose contents stood");
	tally_say(v, " at several places, so that which of them went where is a guess: ");
	tally_say_name(v, &first->path);
	if (files > 1)
		tally_say(v, " \u2026");
	tally_found(v, TALLY_RULE_ambiguous_moves, TALLY_SEVERITY_LOW,
	            files == 1 ? &first->path : NULL, NULL, files, files);
}

void tally_review_tree(struct tally_reviewer *v)
{
	struct tree t = { .v = v };

	folders(v);
	for (size_t i = 0; i < v->r->change_count && v->status == TALLY_OK; i++)
		sort_change(&t, &v->r->changes[i], i);
	for (int b = 0; b < BUCKETS && v->status == TALLY_OK; b++)
		tell(&t, (enum bucket)b);
	many_deletions(v);
	ambiguous(v);
	for (int b = 0; b < BUCKETS; b++)
		tally_free(t.hits[b].items);
}
