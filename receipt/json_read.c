/*
 * The receipt back from its JSON. It may have been altered: types, words, ranges and sums are checked, fields that nobody here
 * knows are passed over.
 */
#include "receipt/json_util.h"
#include "receipt/receipt.h"

#include <limits.h>
#include <string.h>

#include "core/escape.h"
#include "receipt/json_fields.h"
#include "receipt/words.h"

enum {
	FOLDED_TIMES = 16, /* how often the changes may stand in folders, all folders taken together */
};

/* ---- vocabularies ---- */

static const char *kind_name(unsigned n)
{
	return tally_change_name((enum tally_change_kind)n);
}

static const char *type_name(unsigned n)
{
	return tally_type_name((enum tally_entry_type)n);
}

static const char *fate_name(unsigned n)
{
	return n == TALLY_FATE_NONE ? "" : tally_fate_name((enum tally_fate)n);
}

static const char *evidence_name(unsigned n)
{
	return tally_evidence_name((enum tally_evidence)n);
}

static const char *fold_name(unsigned n)
{
	return tally_fold_name((enum tally_fold_kind)n);
}

static const char *severity_name(unsigned n)
{
	return tally_severity_name((enum tally_severity)n);
}

static const char *level_name(unsigned n)
{
	return tally_level_name((enum tally_level)n);
}

static const char *side_name(unsigned n)
{
	static const char *const names[] = { "", "before", "after", "both" };

	return names[n];
}

static enum tally_fate fate_in(struct tally_json_reader *d, const json_t *o)
{
	if (tally_field_absent(json_object_get(o, "fate")))
		return TALLY_FATE_NONE;
	return (enum tally_fate)tally_field_word(d, o, "fate", fate_name, TALLY_FATES);
}

static enum tally_entry_type type_in(struct tally_json_reader *d, const json_t *o, const char *field)
{
	return (enum tally_entry_type)tally_field_word(d, o, field, type_name, TALLY_TYPE_COUNT);
}

static struct tally_where_list places(struct tally_json_reader *d, const json_t *o,
                                      const char *field, const char *total)
{
	const json_t *list = json_object_get(o, field);
	struct tally_where_list out = { .count = 0 };

	if (tally_field_absent(list))
		return out;
	out.items = tally_field_array(d, json_array_size(list), sizeof *out.items);
	for (size_t i = 0; out.items && i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);

		out.items[i].path = tally_field_must_name(d, item, "path");
		out.items[i].member = tally_field_name(d, item, "member");
		out.count++;
	}
	out.total = tally_field_number_or(d, o, total, out.count);
	if (!json_is_array(list) || out.total < out.count)
		tally_field_wrong(d, field, "is not a list of places");
	return out;
}

/* ---- the head ---- */

static void read_session(struct tally_json_reader *d, const json_t *root)
{
	const json_t *o = tally_field_object(d, root, "session");
	struct tally_name *compared = NULL;

	tally_field_at(d, "session");
	d->r->session_id = tally_field_text(d, o, "id");
	d->r->root_count = tally_field_names(d, o, "roots", "roots_hex", &d->r->roots);
	if (tally_field_absent(json_object_get(o, "compared")))
		return;
	if (tally_field_names(d, o, "compared", "compared_hex", &compared) == 2) {
		d->r->names[0] = compared[0];
		d->r->names[1] = compared[1];
	} else {
		tally_field_wrong(d, "compared", "is not two names");
	}
}

static void read_command(struct tally_json_reader *d, const json_t *root)
{
	const json_t *o = json_object_get(root, "command"), *list;
	struct tally_receipt_command *c;
	const char **argv;

	if (tally_field_absent(o))
		return;
	o = tally_field_object(d, root, "command");
	tally_field_at(d, "command");
	list = tally_field_list(d, o, "argv");
	c = tally_field_array(d, 1, sizeof *c);
	argv = tally_field_array(d, json_array_size(list) + 1, sizeof *argv);
	if (!c || !argv)
		return;
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct tally_name n = tally_field_name_of(d, json_array_get(list, i), NULL, "argv");

		argv[c->argc++] = n.bytes ? n.bytes : "";
	}
	c->argv = argv;
	c->exit_status = (int)tally_field_small(d, o, "exit_status", INT_MAX, TALLY_UNKNOWN);
	c->signal = (int)tally_field_small(d, o, "signal", INT_MAX, 0);
	c->started_at_ns = tally_field_time(d, o, "started_at");
	c->seconds = tally_field_real(d, o, "seconds");
	c->output_sha256 = tally_field_text(d, o, "output_sha256");
	d->r->command = c;
}

static void read_side(struct tally_json_reader *d, const json_t *root, const char *field,
                      struct tally_receipt_side *s)
{
	const json_t *o = tally_field_object(d, root, field), *proof;

	tally_field_at(d, "%s", field);
	s->taken_at_ns = tally_field_time(d, o, "taken_at");
	s->seconds = tally_field_real(d, o, "seconds");
	s->host = tally_field_text(d, o, "host");
	s->user = tally_field_text(d, o, "user");
	s->filesystem = tally_field_text(d, o, "filesystem");
	s->entries = tally_field_number_or(d, o, "entries", TALLY_UNKNOWN);
	s->files = tally_field_number_or(d, o, "files", TALLY_UNKNOWN);
	s->folders = tally_field_number_or(d, o, "folders", TALLY_UNKNOWN);
	s->bytes = tally_field_number_or(d, o, "bytes", TALLY_UNKNOWN);
	proof = tally_field_object(d, o, "proof");
	s->hashed = tally_field_number(d, proof, "hashed");
	s->stat = tally_field_number(d, proof, "stat");
	s->unread = tally_field_number(d, proof, "unread");
	s->digest = tally_field_text(d, o, "digest");
	tally_field_at(d, "%s", "");
}

static void read_keep(struct tally_json_reader *d, const json_t *root)
{
	const json_t *o = json_object_get(json_object_get(root, "before"), "keep");
	struct tally_receipt_keep *k = &d->r->keep;

	k->budget = TALLY_UNKNOWN;
	if (tally_field_absent(o))
		return;
	tally_field_at(d, "before.keep");
	k->contents = tally_field_number(d, o, "contents");
	k->bytes = tally_field_number(d, o, "bytes");
	k->not_kept = tally_field_number(d, o, "not_kept");
	k->not_kept_bytes = tally_field_number(d, o, "not_kept_bytes");
	k->budget = tally_field_number_or(d, o, "budget", TALLY_UNKNOWN);
	tally_field_at(d, "%s", "");
}

static void read_verdict(struct tally_json_reader *d, const json_t *root)
{
	const json_t *o = tally_field_object(d, root, "verdict");
	struct tally_verdict *v = &d->r->verdict;

	tally_field_at(d, "verdict");
	v->text = tally_field_must_text(d, o, "text");
	v->changes = tally_field_number(d, o, "changes");
	v->lost = tally_field_number(d, o, "lost");
	v->review = tally_field_number(d, o, "review");
	v->unverified = tally_field_number(d, o, "unverified");
	v->complete = tally_field_flag(d, o, "complete");
	if (!json_is_boolean(json_object_get(o, "complete")))
		tally_field_wrong(d, "complete", "is missing");
	tally_field_at(d, "%s", "");
}

static void read_files(struct tally_json_reader *d, const json_t *root, const char *field,
                       struct tally_balance *b)
{
	const json_t *o = tally_field_object(d, root, field);

	tally_field_at(d, "balance.%s", field);
	b->before = tally_field_number(d, o, "before");
	b->unchanged = tally_field_number(d, o, "unchanged");
	b->metadata = tally_field_number(d, o, "metadata");
	b->modified = tally_field_number(d, o, "modified");
	b->moved = tally_field_number(d, o, "moved");
	b->moved_edited = tally_field_number(d, o, "moved_edited");
	b->deleted = tally_field_number(d, o, "deleted");
	b->duplicate_removed = tally_field_number(d, o, "duplicate_removed");
	b->overwritten = tally_field_number(d, o, "overwritten");
	b->type_changed = tally_field_number(d, o, "type_changed");
	b->unverified = tally_field_number(d, o, "unverified");
	b->added = tally_field_number(d, o, "added");
	b->copied = tally_field_number(d, o, "copied");
	b->unverified_after = tally_field_number(d, o, "unverified_after");
	b->grown = tally_field_integer_or(d, o, "grown", 0);
	b->after = tally_field_number(d, o, "after");
	b->unsized[TALLY_BEFORE] = tally_field_number_or(d, o, "unknown_before", 0);
	b->unsized[TALLY_AFTER] = tally_field_number_or(d, o, "unknown_after", 0);
	tally_field_at(d, "balance");
}

static void read_contents(struct tally_json_reader *d, const json_t *root, const char *field,
                          struct tally_contents *c)
{
	const json_t *o = tally_field_object(d, root, field);

	tally_field_at(d, "balance.%s", field);
	c->before = tally_field_number(d, o, "before");
	c->by_fate[TALLY_FATE_NONE] = tally_field_number_or(d, o, "none", 0);
	for (int f = TALLY_FATE_SAME_PLACE; f < TALLY_FATES; f++)
		c->by_fate[f] = f == TALLY_FATE_UNPACKED /* younger than the others */
		                        ? tally_field_number_or(d, o, "unpacked", 0)
		                        : tally_field_number(d, o,
		                                             tally_fate_name((enum tally_fate)f));
	c->new_contents = tally_field_number(d, o, "new");
	tally_field_at(d, "balance");
}

static void read_balance(struct tally_json_reader *d, const json_t *root)
{
	const json_t *o = tally_field_object(d, root, "balance");

	tally_field_at(d, "balance");
	read_files(d, o, "files", &d->r->files);
	read_files(d, o, "bytes", &d->r->bytes);
	read_contents(d, o, "contents", &d->r->contents);
	read_contents(d, o, "content_bytes", &d->r->content_bytes);
	tally_field_at(d, "%s", "");
}

static void read_review(struct tally_json_reader *d, const json_t *root)
{
	const json_t *list = tally_field_list(d, root, "review");
	size_t count = json_array_size(list);

	d->r->review = tally_field_array(d, count, sizeof *d->r->review);
	for (size_t i = 0; d->r->review && i < count && d->status == TALLY_OK; i++) {
		const json_t *o = json_array_get(list, i);
		struct tally_review_item *item = &d->r->review[d->r->review_count++];

		tally_field_at(d, "review[%zu]", i);
		if (tally_field_number(d, o, "rank") != i + 1)
			tally_field_wrong(d, "rank", "is not the place in the list");
		item->severity = (enum tally_severity)tally_field_word(
			d, o, "severity", severity_name, TALLY_SEVERITY_HIGH + 1);
		item->rule = tally_field_must_text(d, o, "rule");
		item->path = tally_field_name(d, o, "path");
		item->where = tally_field_text(d, o, "where");
		item->what = tally_field_must_text(d, o, "what");
		item->why = tally_field_text(d, o, "why");
		item->how_many = tally_field_number(d, o, "how_many");
	}
	tally_field_at(d, "%s", "");
}

/* ---- changes ---- */

static const char *proof_of(struct tally_json_reader *d, const json_t *o)
{
	static const char *const words[] = { "hashed", "extent", "stat", "none" };
	const json_t *value = json_object_get(o, "proof");

	if (tally_field_absent(value))
		return NULL;
	for (size_t i = 0; json_is_string(value) && i < sizeof words / sizeof *words; i++)
		if (!strcmp(json_string_value(value), words[i]))
			return words[i];
	tally_field_wrong(d, "proof", "is a word that is not known");
	return NULL;
}

static unsigned growth(struct tally_json_reader *d, const json_t *o)
{
	static const struct {
		const char *word;
		unsigned flag;
	} words[] = { { "emptied", TALLY_CHANGE_EMPTIED },
		      { "nul_tail", TALLY_CHANGE_NUL_TAIL },
		      { "truncated", TALLY_CHANGE_TRUNCATED },
		      { "appended", TALLY_CHANGE_APPENDED } };
	const json_t *value = json_object_get(o, "growth");

	if (tally_field_absent(value))
		return 0;
	for (size_t i = 0; json_is_string(value) && i < sizeof words / sizeof *words; i++)
		if (!strcmp(json_string_value(value), words[i].word))
			return words[i].flag;
	tally_field_wrong(d, "growth", "is a word that is not known");
	return 0;
}

static unsigned replaced(struct tally_json_reader *d, const json_t *o)
{
	const json_t *value = json_object_get(o, "replaced");

	if (tally_field_absent(value))
		return 0;
	if (json_is_string(value) && !strcmp(json_string_value(value), "content"))
		return TALLY_CHANGE_REPLACED;
	if (json_is_string(value) && !strcmp(json_string_value(value), "bytes"))
		return TALLY_CHANGE_REPLACED | TALLY_CHANGE_OPAQUE;
	tally_field_wrong(d, "replaced", "is a word that is not known");
	return 0;
}

static unsigned flags(struct tally_json_reader *d, const json_t *o)
{
	return growth(d, o) | replaced(d, o) |
	       (tally_field_flag(d, o, "silent") ? TALLY_CHANGE_SILENT : 0) |
	       (tally_field_flag(d, o, "form_only") ? TALLY_CHANGE_FORM_ONLY : 0) |
	       (tally_field_flag(d, o, "case_only") ? TALLY_CHANGE_CASE_ONLY : 0) |
	       (tally_field_flag(d, o, "leaves_root") ? TALLY_CHANGE_LEAVES_ROOT : 0) |
	       (tally_field_flag(d, o, "sole_copy") ? TALLY_CHANGE_SOLE_COPY : 0) |
	       (tally_field_flag(d, o, "unsought") ? TALLY_CHANGE_UNSOUGHT : 0) |
	       (tally_field_flag(d, o, "root") ? TALLY_CHANGE_ROOT : 0) |
	       (tally_field_flag(d, o, "restorable") ? TALLY_CHANGE_KEPT : 0);
}

static int similarity(struct tally_json_reader *d, const json_t *o)
{
	const json_t *value = json_object_get(o, "similarity");
	double s = json_number_value(value);

	if (tally_field_absent(value))
		return -1;
	if (!json_is_number(value) || !(s >= 0 && s <= 1)) {
		tally_field_wrong(d, "similarity", "is not between 0 and 1");
		return -1;
	}
	return (int)(s * 1000 + 0.5);
}

static struct tally_overwrote *overwrote(struct tally_json_reader *d, const json_t *change)
{
	const json_t *o = json_object_get(change, "overwrote");
	struct tally_overwrote *out;

	if (tally_field_absent(o))
		return NULL;
	out = tally_field_array(d, 1, sizeof *out);
	if (!json_is_object(o))
		tally_field_wrong(d, "overwrote", "is not an object");
	if (!out)
		return NULL;
	out->bytes = tally_field_number_or(d, o, "bytes", TALLY_UNKNOWN);
	out->digest = tally_field_text(d, o, "digest");
	out->fate = fate_in(d, o);
	out->kept = tally_field_flag(d, o, "restorable");
	out->survives_at = places(d, o, "survives_at", "survives_total");
	return out;
}

static struct tally_field_change *fields(struct tally_json_reader *d, const json_t *o, size_t *count)
{
	const json_t *list = json_object_get(o, "fields");
	struct tally_field_change *out;

	if (tally_field_absent(list))
		return NULL;
	if (!json_is_array(list))
		tally_field_wrong(d, "fields", "is not a list");
	out = tally_field_array(d, json_array_size(list), sizeof *out);
	for (size_t i = 0; out && i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);

		out[(*count)++] = (struct tally_field_change){ tally_field_must_text(d, f, "name"),
			                                       tally_field_text(d, f, "old"),
			                                       tally_field_text(d, f, "new") };
	}
	return out;
}

static struct tally_text_elsewhere *elsewhere(struct tally_json_reader *d, const json_t *change)
{
	const json_t *o = json_object_get(change, "text_elsewhere");
	struct tally_text_elsewhere *out;

	if (tally_field_absent(o))
		return NULL;
	if (!json_is_object(o))
		tally_field_wrong(d, "text_elsewhere", "is not an object");
	out = tally_field_array(d, 1, sizeof *out);
	if (!out)
		return NULL;
	out->paragraphs = tally_field_number_or(d, o, "paragraphs", 0);
	out->found = tally_field_number_or(d, o, "found", 0);
	out->in = places(d, o, "in", "in_total");
	out->compared = !tally_field_absent(json_object_get(o, "missing"));
	if (out->compared)
		out->unit = (enum tally_text_unit)tally_field_word(
			d, o, "unit", tally_text_unit_name, TALLY_UNITS);
	out->all = tally_field_number_or(d, o, "all", 0);
	out->missing = tally_field_number_or(d, o, "missing", 0);
	out->edited = tally_field_number_or(d, o, "edited", 0);
	if ((!out->found && !out->compared) || out->found > out->paragraphs ||
	    out->missing > out->all || out->edited > out->all - out->missing)
		tally_field_wrong(d, "text_elsewhere", "has more paragraphs than there are");
	return out;
}

static void change_details(struct tally_json_reader *d, const json_t *o,
                           struct tally_receipt_change *c)
{
	bool here = c->kind == TALLY_CHANGE_MODIFIED;

	c->flags = flags(d, o);
	c->similarity = similarity(d, o);
	if (!tally_field_absent(json_object_get(o, "evidence")))
		c->evidence = (enum tally_evidence)tally_field_word(d, o, "evidence", evidence_name,
		                                                    TALLY_EVIDENCE_PIXELS + 1);
	c->survives_at = places(d, o, here ? "old_content_at" : "survives_at",
	                        here ? "old_content_total" : "survives_total");
	c->ambiguous = places(d, o, "ambiguous", "ambiguous_total");
	c->elsewhere = elsewhere(d, o);
	c->overwrote = overwrote(d, o);
	c->cycle = (uint32_t)tally_field_small(d, o, "cycle", UINT32_MAX, 0);
	c->group = (uint32_t)tally_field_small(d, o, "group", UINT32_MAX, 0);
	c->fields = fields(d, o, &c->field_count);
}

static void read_change(struct tally_json_reader *d, const json_t *o, struct tally_receipt_change *c)
{
	c->kind = (enum tally_change_kind)tally_field_word(d, o, "kind", kind_name,
	                                                   TALLY_CHANGE_KINDS);
	if (c->kind == TALLY_CHANGE_UNCHANGED || c->kind == TALLY_CHANGE_OVERWRITTEN ||
	    c->kind == TALLY_CHANGE_UNVERIFIED)
		tally_field_wrong(d, "kind", "does not belong among the changes");
	c->path = tally_field_must_name(d, o, "path");
	c->from = tally_field_name(d, o, "from");
	c->from_member = tally_field_name(d, o, "from_member");
	c->type = type_in(d, o, "type");
	c->old_type = c->kind == TALLY_CHANGE_TYPE_CHANGED ? type_in(d, o, "old_type") : c->type;
	c->bytes_before = tally_field_number_or(d, o, "bytes_before", TALLY_UNKNOWN);
	c->bytes_after = tally_field_number_or(d, o, "bytes_after", TALLY_UNKNOWN);
	c->digest_before = tally_field_text(d, o, "digest_before");
	c->digest_after = tally_field_text(d, o, "digest_after");
	c->proof = proof_of(d, o);
	c->fate = fate_in(d, o);
	c->link_old = tally_field_name(d, o, "old");
	c->link_new = tally_field_name(d, o, "new");
	change_details(d, o, c);
}

static void read_changes(struct tally_json_reader *d, const json_t *root)
{
	const json_t *list = tally_field_list(d, root, "changes");
	size_t count = json_array_size(list);

	d->r->changes = tally_field_array(d, count, sizeof *d->r->changes);
	for (size_t i = 0; d->r->changes && i < count && d->status == TALLY_OK; i++) {
		tally_field_at(d, "changes[%zu]", i);
		read_change(d, json_array_get(list, i), &d->r->changes[d->r->change_count++]);
	}
	tally_field_at(d, "%s", "");
}

/* ---- folders ---- */

/* The two ends of a run, each an index into the changes. @return how many it stands for, 0 when it is none */
static size_t run_of(struct tally_json_reader *d, const json_t *run, size_t *first)
{
	json_int_t from = json_integer_value(json_array_get(run, 0));
	json_int_t to = json_integer_value(json_array_get(run, 1));

	if (!json_is_integer(json_array_get(run, 0)) || !json_is_integer(json_array_get(run, 1)) ||
	    from < 0 || to < from || (uint64_t)to >= d->r->change_count) {
		tally_field_wrong(d, "changes", "is not a run of changes");
		return 0;
	}
	*first = (size_t)from;
	return (size_t)(to - from) + 1;
}

/* @budget  how many changes all folders may still name: runs are short, what they stand for is not */
static void runs(struct tally_json_reader *d, const json_t *o, struct tally_receipt_fold *f,
                 size_t *budget)
{
	const json_t *list = json_object_get(o, "changes");
	size_t total = 0, first = 0;

	for (size_t i = 0; i < json_array_size(list) && d->status == TALLY_OK; i++) {
		size_t n = run_of(d, json_array_get(list, i), &first);

		if (n > *budget) {
			tally_field_wrong(d, "changes", "names too many changes");
			return;
		}
		*budget -= n;
		total += n;
	}
	f->changes = tally_field_array(d, total, sizeof *f->changes);
	for (size_t i = 0; f->changes && i < json_array_size(list); i++) {
		size_t n = run_of(d, json_array_get(list, i), &first);

		for (size_t k = 0; k < n; k++)
			f->changes[f->change_count++] = first + k;
	}
}

static void fold_exceptions(struct tally_json_reader *d, const json_t *o,
                            struct tally_receipt_fold *f)
{
	const json_t *list = tally_field_list(d, o, "exceptions");

	f->exceptions = tally_field_array(d, json_array_size(list), sizeof *f->exceptions);
	for (size_t i = 0; f->exceptions && i < json_array_size(list); i++) {
		uint64_t n = tally_field_number(d, json_array_get(list, i), "change");

		if (n >= d->r->change_count) {
			tally_field_wrong(d, "exceptions", "names a change that is not there");
			return;
		}
		f->exceptions[f->exception_count++] = (size_t)n;
	}
}

static void read_folders(struct tally_json_reader *d, const json_t *root)
{
	const json_t *list = tally_field_list(d, root, "folders");
	size_t count = json_array_size(list);
	size_t budget = d->r->change_count * FOLDED_TIMES;

	d->r->folds = tally_field_array(d, count, sizeof *d->r->folds);
	for (size_t i = 0; d->r->folds && i < count && d->status == TALLY_OK; i++) {
		const json_t *o = json_array_get(list, i);
		struct tally_receipt_fold *f = &d->r->folds[d->r->fold_count++];

		tally_field_at(d, "folders[%zu]", i);
		f->kind = (enum tally_fold_kind)tally_field_word(d, o, "kind", fold_name,
		                                                 TALLY_FOLD_DELETED + 1);
		f->path = tally_field_must_name(d, o, "path");
		f->from = tally_field_name(d, o, "from");
		f->files = tally_field_number(d, o, "files");
		f->total = tally_field_number_or(d, o, "total", f->files);
		runs(d, o, f, &budget);
		fold_exceptions(d, o, f);
	}
	tally_field_at(d, "%s", "");
}

/* ---- the tail ---- */

static void read_unverified(struct tally_json_reader *d, const json_t *root)
{
	const json_t *list = tally_field_list(d, root, "unverified");
	size_t count = json_array_size(list);

	d->r->unverified = tally_field_array(d, count, sizeof *d->r->unverified);
	for (size_t i = 0; d->r->unverified && i < count && d->status == TALLY_OK; i++) {
		const json_t *o = json_array_get(list, i);
		struct tally_unverified *u = &d->r->unverified[d->r->unverified_count++];
		const char *reason = tally_json_string(o, "reason");

		tally_field_at(d, "unverified[%zu]", i);
		u->path = tally_field_must_name(d, o, "path");
		u->side = tally_field_word(d, o, "side", side_name, 4);
		u->reason = tally_reason_from_id(reason ? reason : "");
		if (u->reason == TALLY_REASON_NONE)
			tally_field_wrong(d, "reason", "is not in the list of reasons");
		u->detail = tally_field_text(d, o, "detail");
		u->level = (enum tally_level)tally_field_word(d, o, "level", level_name,
		                                              TALLY_LEVEL_PART + 1);
		u->limit = tally_field_text(d, o, "limit");
		u->part = tally_field_text(d, o, "part");
		u->is_new = tally_field_flag(d, o, "new");
		u->folder = tally_field_flag(d, o, "folder");
		u->files = tally_field_number_or(d, o, "files", 1);
		u->fields = fields(d, o, &u->field_count);
	}
	tally_field_at(d, "%s", "");
}

static void read_excluded(struct tally_json_reader *d, const json_t *root)
{
	const json_t *list = tally_field_list(d, root, "excluded");
	size_t count = json_array_size(list);

	d->r->excluded = tally_field_array(d, count, sizeof *d->r->excluded);
	for (size_t i = 0; d->r->excluded && i < count && d->status == TALLY_OK; i++) {
		const json_t *o = json_array_get(list, i);

		tally_field_at(d, "excluded[%zu]", i);
		d->r->excluded[d->r->excluded_count++] = (struct tally_excluded){
			tally_field_must_text(d, o, "pattern"), tally_field_text(d, o, "origin"),
			tally_field_number(d, o, "entries")
		};
	}
	tally_field_at(d, "%s", "");
}

static void read_trust(struct tally_json_reader *d, const json_t *root)
{
	const json_t *o = tally_field_object(d, root, "trust");
	const json_t *list = tally_field_list(d, o, "vantage");
	struct tally_receipt *r = d->r;

	tally_field_at(d, "trust");
	r->sandbox = tally_field_text(d, o, "sandbox");
	r->vantage = tally_field_array(d, json_array_size(list), sizeof *r->vantage);
	for (size_t i = 0; r->vantage && i < json_array_size(list); i++) {
		struct tally_name n = tally_field_name_of(d, json_array_get(list, i), NULL,
		                                          "vantage");

		r->vantage[r->vantage_count++] = n.bytes ? n.bytes : "";
	}
	tally_field_at(d, "%s", "");
}

/* Tables, documents and archives stay JSON; the views take nothing in them for granted. */
static json_t *details(struct tally_json_reader *d, const json_t *root, const char *field)
{
	json_t *list = tally_field_list(d, root, field);

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!json_is_object(json_array_get(list, i)))
			tally_field_wrong(d, field, "is not a list of objects");
	return json_is_array(list) ? json_incref(list) : NULL;
}

static void replace(json_t **old, json_t *value)
{
	if (value) {
		json_decref(*old);
		*old = value;
	}
}

static void read_details(struct tally_json_reader *d, const json_t *root)
{
	if (json_is_object(json_object_get(root, "scope")))
		d->r->scope = json_incref(json_object_get(root, "scope"));
	replace(&d->r->tables, details(d, root, "tables"));
	replace(&d->r->documents, details(d, root, "documents"));
	replace(&d->r->archives, details(d, root, "archives"));
}

static bool right_schema(const json_t *root)
{
	const char *schema = tally_json_string(root, "schema");
	size_t n = strlen(TALLY_RECEIPT_SCHEMA);

	/* "tally.receipt/1" or "tally.receipt/1.2", not "tally.receipt/10" */
	return schema && !strncmp(schema, TALLY_RECEIPT_SCHEMA, n) &&
	       (schema[n] < '0' || schema[n] > '9');
}

static void read_receipt(struct tally_json_reader *d, const json_t *root)
{
	if (!right_schema(root)) {
		tally_field_wrong(d, "schema", "is not " TALLY_RECEIPT_SCHEMA);
		return;
	}
	d->r->tool_version = tally_field_must_text(d, tally_field_object(d, root, "tool"), "version");
	read_session(d, root);
	tally_field_at(d, "%s", "");
	d->r->task = tally_field_text(d, root, "task");
	read_command(d, root);
	tally_field_at(d, "%s", "");
	read_side(d, root, "before", &d->r->before);
	read_side(d, root, "after", &d->r->after);
	read_keep(d, root);
	read_verdict(d, root);
	read_balance(d, root);
	read_review(d, root);
	read_changes(d, root);
	read_folders(d, root);
	read_details(d, root);
	read_unverified(d, root);
	read_excluded(d, root);
	read_trust(d, root);
}

static json_t *load(const char *json, size_t len, struct tally_err *err)
{
	json_error_t why;
	json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	char text[JSON_ERROR_TEXT_LENGTH];

	if (root)
		return root;
	tally_escape_into(text, sizeof text, why.text, strlen(why.text)); /* it quotes the input */
	if (json_error_code(&why) == json_error_out_of_memory)
		tally_err_nomem(err);
	else
		tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		              "the receipt is not JSON: line %d: %s", why.line, text);
	return NULL;
}

enum tally_status tally_receipt_read_json(struct tally_receipt **out, const char *json, size_t len,
                                          struct tally_err *err)
{
	struct tally_err own = { .status = TALLY_OK };
	struct tally_json_reader d = { .err = err ? err : &own };
	json_t *root = load(json, len, d.err);

	if (!root)
		return d.err->status;
	d.status = tally_receipt_new(&d.r, d.err);
	if (d.status == TALLY_OK)
		read_receipt(&d, root);
	if (d.status == TALLY_OK && tally_receipt_check(d.r, d.err) < 0)
		d.status = d.err->status = TALLY_SKIP;
	json_decref(root);
	if (d.status == TALLY_OK)
		*out = d.r;
	else
		tally_receipt_free(d.r);
	return d.status;
}
