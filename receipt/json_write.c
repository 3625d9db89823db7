/* The receipt as JSON: the fields and words of docs/receipt.schema.json, one item of a list a line. */
#include "receipt/receipt.h"

#include <stdio.h>
#include <string.h>

#include "core/escape.h"
#include "receipt/json_out.h"

/* What writes go through: the JSON, and room for names that are not UTF-8. */
struct writer {
	struct tally_jout out;
	struct tally_buf scratch;
	const struct tally_receipt *r;
};

static void text(struct writer *w, const char *key, const char *value)
{
	tally_jout_key(&w->out, key);
	tally_jout_text(&w->out, value);
}

static void number(struct writer *w, const char *key, uint64_t value)
{
	tally_jout_key(&w->out, key);
	tally_jout_number(&w->out, value);
}

static void flag(struct writer *w, const char *key, bool set)
{
	if (set) {
		tally_jout_key(&w->out, key);
		tally_jout_bool(&w->out, true);
	}
}

static void open_field(struct writer *w, const char *key, char bracket, bool line)
{
	tally_jout_key(&w->out, key);
	tally_jout_open(&w->out, bracket, line);
}

/* ---- names ---- */

/* A name as text; @return whether it is UTF-8, so that the text is the whole truth */
static bool name_text(struct writer *w, const struct tally_name *name)
{
	if (tally_utf8_valid(name->bytes, name->len)) {
		tally_jout_bytes(&w->out, name->bytes, name->len);
		return true;
	}
	tally_buf_clear(&w->scratch);
	if (!tally_escape_add(&w->scratch, name->bytes, name->len) && w->out.status == TALLY_OK)
		w->out.status = tally_err_nomem(w->out.err);
	tally_jout_bytes(&w->out, w->scratch.bytes, w->scratch.len);
	return false;
}

/* @hex_key  the key of the bytes, written only where they are not UTF-8 */
static void name(struct writer *w, const char *key, const char *hex_key,
                 const struct tally_name *value)
{
	tally_jout_key(&w->out, key);
	if (!value->bytes) {
		tally_jout_null(&w->out);
	} else if (!name_text(w, value)) {
		tally_jout_key(&w->out, hex_key);
		tally_jout_hex(&w->out, value->bytes, value->len);
	}
}

/* A list of names as texts, and beside it, where one of them is not UTF-8, the bytes of those that are not */
static void name_list(struct writer *w, const char *key, const char *hex_key,
                      const struct tally_name *names, size_t count)
{
	bool all = true;

	open_field(w, key, '[', true);
	for (size_t i = 0; i < count; i++)
		all &= name_text(w, &names[i]);
	tally_jout_close(&w->out, ']');
	if (all)
		return;
	open_field(w, hex_key, '[', true);
	for (size_t i = 0; i < count; i++)
		if (tally_utf8_valid(names[i].bytes, names[i].len))
			tally_jout_null(&w->out);
		else
			tally_jout_hex(&w->out, names[i].bytes, names[i].len);
	tally_jout_close(&w->out, ']');
}

static void where_list(struct writer *w, const char *key, const char *total_key,
                       const struct tally_where_list *list)
{
	if (!list->count && !list->total)
		return;
	open_field(w, key, '[', false);
	for (size_t i = 0; i < list->count; i++) {
		tally_jout_open(&w->out, '{', true);
		name(w, "path", "path_hex", &list->items[i].path);
		if (list->items[i].member.bytes)
			name(w, "member", "member_hex", &list->items[i].member);
		tally_jout_close(&w->out, '}');
	}
	tally_jout_close(&w->out, ']');
	if (list->total > list->count)
		number(w, total_key, list->total);
}

/* ---- the head ---- */

static void session(struct writer *w)
{
	const struct tally_receipt *r = w->r;

	open_field(w, "session", '{', false);
	text(w, "id", r->session_id);
	name_list(w, "roots", "roots_hex", r->roots, r->root_count);
	if (r->names[0].bytes && r->names[1].bytes)
		name_list(w, "compared", "compared_hex", r->names, 2);
	tally_jout_close(&w->out, '}');
}

static void command(struct writer *w)
{
	const struct tally_receipt_command *c = w->r->command;

	tally_jout_key(&w->out, "command");
	if (!c) {
		tally_jout_null(&w->out);
		return;
	}
	tally_jout_open(&w->out, '{', false);
	open_field(w, "argv", '[', true);
	for (size_t i = 0; i < c->argc; i++)
		tally_jout_text(&w->out, c->argv[i]);
	tally_jout_close(&w->out, ']');
	number(w, "exit_status", c->exit_status < 0 ? TALLY_UNKNOWN : (uint64_t)c->exit_status);
	number(w, "signal", c->signal > 0 ? (uint64_t)c->signal : TALLY_UNKNOWN);
	tally_jout_key(&w->out, "started_at");
	tally_jout_time(&w->out, c->started_at_ns);
	tally_jout_key(&w->out, "seconds");
	tally_jout_real(&w->out, c->seconds);
	text(w, "output_sha256", c->output_sha256);
	tally_jout_close(&w->out, '}');
}

static void keep(struct writer *w, const struct tally_receipt_keep *k)
{
	open_field(w, "keep", '{', true);
	number(w, "contents", k->contents);
	number(w, "bytes", k->bytes);
	number(w, "not_kept", k->not_kept);
	number(w, "not_kept_bytes", k->not_kept_bytes);
	number(w, "budget", k->budget);
	tally_jout_close(&w->out, '}');
}

static void side(struct writer *w, const char *key, const struct tally_receipt_side *s)
{
	open_field(w, key, '{', false);
	tally_jout_key(&w->out, "taken_at");
	tally_jout_time(&w->out, s->taken_at_ns);
	tally_jout_key(&w->out, "seconds");
	tally_jout_real(&w->out, s->seconds);
	text(w, "host", s->host);
	text(w, "user", s->user);
	text(w, "filesystem", s->filesystem);
	number(w, "entries", s->entries);
	number(w, "files", s->files);
	number(w, "folders", s->folders);
	number(w, "bytes", s->bytes);
	open_field(w, "proof", '{', true);
	number(w, "hashed", s->hashed);
	number(w, "stat", s->stat);
	number(w, "unread", s->unread);
	tally_jout_close(&w->out, '}');
	if (s == &w->r->before)
		keep(w, &w->r->keep);
	text(w, "digest", s->digest);
	tally_jout_close(&w->out, '}');
}

static void verdict(struct writer *w)
{
	const struct tally_verdict *v = &w->r->verdict;

	open_field(w, "verdict", '{', false);
	text(w, "text", v->text);
	number(w, "changes", v->changes);
	number(w, "lost", v->lost);
	number(w, "review", v->review);
	number(w, "unverified", v->unverified);
	tally_jout_key(&w->out, "complete");
	tally_jout_bool(&w->out, v->complete);
	tally_jout_close(&w->out, '}');
}

static void balance(struct writer *w, const char *key, const struct tally_balance *b)
{
	open_field(w, key, '{', true);
	number(w, "before", b->before);
	number(w, "unchanged", b->unchanged);
	number(w, "metadata", b->metadata);
	number(w, "modified", b->modified);
	number(w, "moved", b->moved);
	number(w, "moved_edited", b->moved_edited);
	number(w, "deleted", b->deleted);
	number(w, "duplicate_removed", b->duplicate_removed);
	number(w, "overwritten", b->overwritten);
	number(w, "type_changed", b->type_changed);
	number(w, "unverified", b->unverified);
	number(w, "added", b->added);
	number(w, "copied", b->copied);
	number(w, "unverified_after", b->unverified_after);
	if (b == &w->r->bytes) {
		tally_jout_key(&w->out, "grown");
		tally_jout_integer(&w->out, b->grown);
	}
	number(w, "after", b->after);
	if (b->unsized[TALLY_BEFORE] || b->unsized[TALLY_AFTER]) {
		number(w, "unknown_before", b->unsized[TALLY_BEFORE]);
		number(w, "unknown_after", b->unsized[TALLY_AFTER]);
	}
	tally_jout_close(&w->out, '}');
}

static void contents(struct writer *w, const char *key, const struct tally_contents *c)
{
	open_field(w, key, '{', true);
	number(w, "before", c->before);
	for (int f = TALLY_FATE_SAME_PLACE; f < TALLY_FATES; f++)
		if (f != TALLY_FATE_UNPACKED || c->by_fate[f])
			number(w, tally_fate_name((enum tally_fate)f), c->by_fate[f]);
	if (c->by_fate[TALLY_FATE_NONE])
		number(w, "none", c->by_fate[TALLY_FATE_NONE]);
	number(w, "new", c->new_contents);
	tally_jout_close(&w->out, '}');
}

static void balances(struct writer *w)
{
	open_field(w, "balance", '{', false);
	balance(w, "files", &w->r->files);
	balance(w, "bytes", &w->r->bytes);
	contents(w, "contents", &w->r->contents);
	contents(w, "content_bytes", &w->r->content_bytes);
	tally_jout_close(&w->out, '}');
}

static void review(struct writer *w)
{
	open_field(w, "review", '[', false);
	for (size_t i = 0; i < w->r->review_count; i++) {
		const struct tally_review_item *item = &w->r->review[i];

		tally_jout_open(&w->out, '{', true);
		number(w, "rank", i + 1);
		text(w, "severity", tally_severity_name(item->severity));
		text(w, "rule", item->rule);
		name(w, "path", "path_hex", &item->path);
		text(w, "where", item->where);
		text(w, "what", item->what);
		text(w, "why", item->why);
		number(w, "how_many", item->how_many);
		tally_jout_close(&w->out, '}');
	}
	tally_jout_close(&w->out, ']');
}

/* ---- changes ---- */

static void overwrote(struct writer *w, const struct tally_overwrote *o)
{
	open_field(w, "overwrote", '{', true);
	number(w, "bytes", o->bytes);
	text(w, "digest", o->digest);
	text(w, "fate", o->fate ? tally_fate_name(o->fate) : NULL);
	tally_jout_key(&w->out, "restorable");
	tally_jout_bool(&w->out, o->kept);
	where_list(w, "survives_at", "survives_total", &o->survives_at);
	tally_jout_close(&w->out, '}');
}

static void fields(struct writer *w, const struct tally_field_change *list, size_t count)
{
	open_field(w, "fields", '[', true);
	for (size_t i = 0; i < count; i++) {
		tally_jout_open(&w->out, '{', true);
		text(w, "name", list[i].name);
		text(w, "old", list[i].old);
		text(w, "new", list[i].now);
		tally_jout_close(&w->out, '}');
	}
	tally_jout_close(&w->out, ']');
}

static const char *growth(unsigned flags)
{
	return flags & TALLY_CHANGE_EMPTIED     ? "emptied"
	       : flags & TALLY_CHANGE_NUL_TAIL  ? "nul_tail"
	       : flags & TALLY_CHANGE_TRUNCATED ? "truncated"
	       : flags & TALLY_CHANGE_APPENDED  ? "appended"
	                                        : NULL;
}

static void elsewhere(struct writer *w, const struct tally_text_elsewhere *e)
{
	open_field(w, "text_elsewhere", '{', true);
	number(w, "paragraphs", e->paragraphs);
	number(w, "found", e->found);
	where_list(w, "in", "in_total", &e->in);
	if (e->compared) {
		text(w, "unit", tally_text_unit_name(e->unit));
		number(w, "all", e->all);
		number(w, "missing", e->missing);
		number(w, "edited", e->edited);
	}
	tally_jout_close(&w->out, '}');
}

/* What hardly any change has */
static void change_details(struct writer *w, const struct tally_receipt_change *c)
{
	bool here = c->kind == TALLY_CHANGE_MODIFIED;

	if (c->similarity >= 0) {
		tally_jout_key(&w->out, "similarity");
		tally_jout_real(&w->out, c->similarity / 1000.0);
	}
	if (c->evidence != TALLY_EVIDENCE_NONE)
		text(w, "evidence", tally_evidence_name(c->evidence));
	if (growth(c->flags))
		text(w, "growth", growth(c->flags));
	if (c->flags & TALLY_CHANGE_REPLACED)
		text(w, "replaced", c->flags & TALLY_CHANGE_OPAQUE ? "bytes" : "content");
	flag(w, "silent", c->flags & TALLY_CHANGE_SILENT);
	flag(w, "form_only", c->flags & TALLY_CHANGE_FORM_ONLY);
	flag(w, "case_only", c->flags & TALLY_CHANGE_CASE_ONLY);
	flag(w, "sole_copy", c->flags & TALLY_CHANGE_SOLE_COPY);
	if (c->flags & TALLY_CHANGE_KEPT || tally_change_unkept(c)) {
		tally_jout_key(&w->out, "restorable");
		tally_jout_bool(&w->out, c->flags & TALLY_CHANGE_KEPT);
	}
	flag(w, "unsought", c->flags & TALLY_CHANGE_UNSOUGHT);
	flag(w, "root", c->flags & TALLY_CHANGE_ROOT);
	where_list(w, here ? "old_content_at" : "survives_at",
	           here ? "old_content_total" : "survives_total", &c->survives_at);
	where_list(w, "ambiguous", "ambiguous_total", &c->ambiguous);
	if (c->elsewhere)
		elsewhere(w, c->elsewhere);
	if (c->overwrote)
		overwrote(w, c->overwrote);
	if (c->field_count)
		fields(w, c->fields, c->field_count);
	if (c->cycle)
		number(w, "cycle", c->cycle);
	if (c->group)
		number(w, "group", c->group);
}

static void change(struct writer *w, const struct tally_receipt_change *c)
{
	tally_jout_open(&w->out, '{', true);
	text(w, "kind", tally_change_name(c->kind));
	name(w, "path", "path_hex", &c->path);
	if (c->from.bytes)
		name(w, "from", "from_hex", &c->from);
	if (c->from_member.bytes)
		name(w, "from_member", "from_member_hex", &c->from_member);
	text(w, "type", tally_type_name(c->type));
	if (c->kind == TALLY_CHANGE_TYPE_CHANGED) {
		text(w, "old_type", tally_type_name(c->old_type));
		text(w, "new_type", tally_type_name(c->type));
	}
	number(w, "bytes_before", c->bytes_before);
	number(w, "bytes_after", c->bytes_after);
	text(w, "digest_before", c->digest_before);
	text(w, "digest_after", c->digest_after);
	text(w, "proof", c->proof);
	if (c->fate != TALLY_FATE_NONE)
		text(w, "fate", tally_fate_name(c->fate));
	if (c->link_old.bytes || c->link_new.bytes) {
		name(w, "old", "old_hex", &c->link_old);
		name(w, "new", "new_hex", &c->link_new);
	}
	flag(w, "leaves_root", c->flags & TALLY_CHANGE_LEAVES_ROOT);
	change_details(w, c);
	tally_jout_close(&w->out, '}');
}

static void changes(struct writer *w)
{
	open_field(w, "changes", '[', false);
	for (size_t i = 0; i < w->r->change_count && w->out.status == TALLY_OK; i++)
		change(w, &w->r->changes[i]);
	tally_jout_close(&w->out, ']');
}

/* ---- folders ---- */

/* Indices as runs [first, last]: a folder's changes stand one behind the other. */
static void runs(struct writer *w, const char *key, const size_t *indices, size_t count)
{
	open_field(w, key, '[', true);
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && indices[i + n] == indices[i] + n; n++)
			;
		tally_jout_open(&w->out, '[', true);
		tally_jout_number(&w->out, indices[i]);
		tally_jout_number(&w->out, indices[i] + n - 1);
		tally_jout_close(&w->out, ']');
	}
	tally_jout_close(&w->out, ']');
}

static void exceptions(struct writer *w, const struct tally_receipt_fold *f)
{
	open_field(w, "exceptions", '[', false);
	for (size_t i = 0; i < f->exception_count; i++) {
		size_t n = f->exceptions[i];

		tally_jout_open(&w->out, '{', true);
		text(w, "kind", tally_change_name(w->r->changes[n].kind));
		name(w, "path", "path_hex", &w->r->changes[n].path);
		number(w, "change", n);
		tally_jout_close(&w->out, '}');
	}
	tally_jout_close(&w->out, ']');
}

static void folders(struct writer *w)
{
	open_field(w, "folders", '[', false);
	for (size_t i = 0; i < w->r->fold_count; i++) {
		const struct tally_receipt_fold *f = &w->r->folds[i];

		tally_jout_open(&w->out, '{', f->exception_count == 0);
		text(w, "kind", tally_fold_name(f->kind));
		name(w, "path", "path_hex", &f->path);
		if (f->from.bytes)
			name(w, "from", "from_hex", &f->from);
		number(w, "files", f->files);
		number(w, "total", f->total);
		runs(w, "changes", f->changes, f->change_count);
		exceptions(w, f);
		tally_jout_close(&w->out, '}');
	}
	tally_jout_close(&w->out, ']');
}

/* ---- the tail ---- */

static const char *side_word(unsigned s)
{
	return s == TALLY_ON_BEFORE ? "before" : s == TALLY_ON_AFTER ? "after" : "both";
}

static void unverified(struct writer *w)
{
	open_field(w, "unverified", '[', false);
	for (size_t i = 0; i < w->r->unverified_count; i++) {
		const struct tally_unverified *u = &w->r->unverified[i];

		tally_jout_open(&w->out, '{', true);
		name(w, "path", "path_hex", &u->path);
		text(w, "side", side_word(u->side));
		text(w, "reason", tally_reason_id(u->reason));
		text(w, "detail", u->detail);
		if (u->limit)
			text(w, "limit", u->limit);
		text(w, "level", tally_level_name(u->level));
		if (u->part)
			text(w, "part", u->part);
		flag(w, "new", u->is_new);
		flag(w, "folder", u->folder);
		number(w, "files", u->files);
		if (u->field_count)
			fields(w, u->fields, u->field_count);
		tally_jout_close(&w->out, '}');
	}
	tally_jout_close(&w->out, ']');
}

static void excluded(struct writer *w)
{
	open_field(w, "excluded", '[', false);
	for (size_t i = 0; i < w->r->excluded_count; i++) {
		tally_jout_open(&w->out, '{', true);
		text(w, "pattern", w->r->excluded[i].pattern);
		text(w, "origin", w->r->excluded[i].origin);
		number(w, "entries", w->r->excluded[i].entries);
		tally_jout_close(&w->out, '}');
	}
	tally_jout_close(&w->out, ']');
}

static void trust(struct writer *w)
{
	open_field(w, "trust", '{', false);
	open_field(w, "vantage", '[', false);
	for (size_t i = 0; i < w->r->vantage_count; i++)
		tally_jout_text(&w->out, w->r->vantage[i]);
	tally_jout_close(&w->out, ']');
	text(w, "sandbox", w->r->sandbox);
	tally_jout_close(&w->out, '}');
}

static void value(struct writer *w, const char *key, json_t *json)
{
	tally_jout_key(&w->out, key);
	tally_jout_value(&w->out, json);
}

static void receipt(struct writer *w)
{
	const struct tally_receipt *r = w->r;

	tally_jout_open(&w->out, '{', false);
	text(w, "schema", TALLY_RECEIPT_SCHEMA);
	open_field(w, "tool", '{', true);
	text(w, "name", "tally");
	text(w, "version", r->tool_version);
	tally_jout_close(&w->out, '}');
	session(w);
	text(w, "task", r->task);
	if (r->scope)
		value(w, "scope", r->scope);
	command(w);
	side(w, "before", &r->before);
	side(w, "after", &r->after);
	verdict(w);
	balances(w);
	review(w);
	changes(w);
	folders(w);
	value(w, "tables", r->tables);
	value(w, "documents", r->documents);
	value(w, "archives", r->archives);
	unverified(w);
	excluded(w);
	trust(w);
	tally_jout_close(&w->out, '}');
}

enum tally_status tally_receipt_write_json(const struct tally_receipt *r, int fd,
                                           struct tally_err *err)
{
	struct writer w = { .r = r };

	tally_jout_init(&w.out, fd, err);
	tally_buf_init(&w.scratch, SIZE_MAX / 2);
	if (w.out.status == TALLY_OK)
		receipt(&w);
	tally_buf_release(&w.scratch);
	return tally_jout_finish(&w.out);
}
