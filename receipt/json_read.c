/*
 * The receipt back from its JSON. It may have been altered: types, words, ranges and sums are checked, fields that nobody here
 * knows are passed over. Errors stick to the reader, so that each step can go on and the first complaint is kept.
 */
#include "receipt/receipt.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/escape.h"
#include "receipt/words.h"

enum {
	FOLDED_TIMES = 16, /* how often the changes may stand in folders, all folders taken together */
	PLACE_MAX = 120,
};

struct reader {
	struct tally_receipt *r;
	enum tally_status status;
	struct tally_err *err;
	char place[PLACE_MAX]; /* "changes[17]": where a complaint is about */
};

/* ---- complaints ---- */

static void complain(struct reader *d, const char *field, const char *what)
{
	if (d->status == TALLY_OK)
		d->status = tally_err_set(d->err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                          "the receipt is damaged: '%s%s%s' %s", d->place,
		                          *d->place && *field ? "." : "", field, what);
}

static void no_memory(struct reader *d)
{
	if (d->status == TALLY_OK)
		d->status = tally_err_nomem(d->err);
}

static void at(struct reader *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void at(struct reader *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(d->place, sizeof d->place, format, args);
	va_end(args);
}

/* An array of the arena's; NULL only after an error (or for nothing) */
static void *array(struct reader *d, size_t count, size_t size)
{
	void *p = count && d->status == TALLY_OK ? tally_arena_zero(&d->r->arena, count, size) : NULL;

	if (!p && count)
		no_memory(d);
	return p;
}

/* ---- fields ---- */

static json_t *object_in(struct reader *d, const json_t *o, const char *field)
{
	json_t *value = json_object_get(o, field);

	if (!json_is_object(value))
		complain(d, field, "is not an object");
	return value;
}

static json_t *list_in(struct reader *d, const json_t *o, const char *field)
{
	json_t *value = json_object_get(o, field);

	if (!json_is_array(value))
		complain(d, field, "is not a list");
	return value;
}

static bool absent(const json_t *value)
{
	return !value || json_is_null(value);
}

/* Text without NUL, copied; NULL for null or nothing */
static const char *text(struct reader *d, const json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);
	const char *s = json_string_value(value);

	if (absent(value))
		return NULL;
	if (!s || strlen(s) != json_string_length(value)) {
		complain(d, field, "is not a text");
		return NULL;
	}
	s = tally_arena_dup(&d->r->arena, s, json_string_length(value));
	if (!s)
		no_memory(d);
	return s;
}

static const char *must_text(struct reader *d, const json_t *o, const char *field)
{
	const char *s = text(d, o, field);

	if (!s)
		complain(d, field, "is missing");
	return s ? s : "";
}

static uint64_t number_or(struct reader *d, const json_t *o, const char *field, uint64_t otherwise)
{
	const json_t *value = json_object_get(o, field);

	if (absent(value))
		return otherwise;
	if (!json_is_integer(value) || json_integer_value(value) < 0) {
		complain(d, field, "is not a whole number");
		return otherwise;
	}
	return (uint64_t)json_integer_value(value);
}

static uint64_t number(struct reader *d, const json_t *o, const char *field)
{
	if (absent(json_object_get(o, field)))
		complain(d, field, "is missing");
	return number_or(d, o, field, 0);
}

static int64_t integer_or(struct reader *d, const json_t *o, const char *field, int64_t otherwise)
{
	const json_t *value = json_object_get(o, field);

	if (absent(value))
		return otherwise;
	if (!json_is_integer(value))
		complain(d, field, "is not a whole number");
	return json_integer_value(value);
}

static uint64_t small(struct reader *d, const json_t *o, const char *field, uint64_t most,
                      uint64_t otherwise)
{
	uint64_t n = number_or(d, o, field, otherwise);

	if (n > most && n != otherwise)
		complain(d, field, "is out of range");
	return n;
}

static bool flag(struct reader *d, const json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);

	if (value && !json_is_boolean(value))
		complain(d, field, "is neither true nor false");
	return json_is_true(value);
}

static double real(struct reader *d, const json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);

	if (!absent(value) && !json_is_number(value))
		complain(d, field, "is not a number");
	return json_number_value(value);
}

static int64_t moment(struct reader *d, const json_t *o, const char *field)
{
	const json_t *value = json_object_get(o, field);
	int64_t ns = 0;

	if (!absent(value) &&
	    (!json_is_string(value) || !tally_words_time_parse(&ns, json_string_value(value))))
		complain(d, field, "is not a time");
	return ns;
}

/* The number of a word in a vocabulary. @return @count when it is none (and a complaint) */
static unsigned word(struct reader *d, const json_t *o, const char *field,
                     const char *(*name)(unsigned), unsigned count)
{
	const char *s = json_string_value(json_object_get(o, field));

	for (unsigned i = 0; s && i < count; i++)
		if (!strcmp(s, name(i)))
			return i;
	complain(d, field, s ? "is a word that is not known" : "is missing");
	return count;
}

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

static enum tally_fate fate_in(struct reader *d, const json_t *o)
{
	if (absent(json_object_get(o, "fate")))
		return TALLY_FATE_NONE;
	return (enum tally_fate)word(d, o, "fate", fate_name, TALLY_FATES);
}

static enum tally_entry_type type_in(struct reader *d, const json_t *o, const char *field)
{
	return (enum tally_entry_type)word(d, o, field, type_name, TALLY_TYPE_COUNT);
}

/* ---- names ---- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes out of hex, without NUL. @return NULL: not that, or no memory (complained of) */
static char *unhex(struct reader *d, const json_t *value, const char *field, size_t *len)
{
	const char *s = json_string_value(value);
	size_t n = json_string_length(value) / 2;
	char *out;

	if (!s || json_string_length(value) % 2) {
		complain(d, field, "is not hex");
		return NULL;
	}
	out = array(d, n + 1, 1);
	for (size_t i = 0; out && i < n; i++) {
		int high = digit(s[2 * i]), low = digit(s[2 * i + 1]);

		if (high < 0 || low < 0 || (high | low) == 0) {
			complain(d, field, "is not hex of a name");
			return NULL;
		}
		out[i] = (char)(high << 4 | low);
	}
	*len = n;
	return out;
}

/* Does the text show these bytes? Otherwise a view of the JSON and a view of ours would name two files. */
static bool shows(struct reader *d, const json_t *value, const char *bytes, size_t len)
{
	struct tally_buf buf;
	bool same = false;

	tally_buf_init(&buf, SIZE_MAX / 2);
	if (!tally_escape_add(&buf, bytes, len))
		no_memory(d);
	else
		same = json_is_string(value) && json_string_length(value) == buf.len &&
		       !memcmp(json_string_value(value), buf.bytes, buf.len);
	tally_buf_release(&buf);
	return same;
}

/* A name from its text and, where it is not UTF-8, its hex */
static struct tally_name name_of(struct reader *d, const json_t *value, const json_t *hex,
                                 const char *field)
{
	struct tally_name name = { NULL, 0 };

	if (absent(hex)) {
		const char *s = json_string_value(value);

		if (!s || strlen(s) != json_string_length(value)) {
			complain(d, field, "is not a name");
			return name;
		}
		name.len = json_string_length(value);
		name.bytes = tally_arena_dup(&d->r->arena, s, name.len);
		if (!name.bytes)
			no_memory(d);
		return name;
	}
	name.bytes = unhex(d, hex, field, &name.len);
	if (name.bytes && tally_utf8_valid(name.bytes, name.len))
		complain(d, field, "has hex, and needs none");
	else if (name.bytes && !shows(d, value, name.bytes, name.len))
		complain(d, field, "and its hex disagree");
	return name;
}

static struct tally_name name(struct reader *d, const json_t *o, const char *field)
{
	char hex[32];

	if (absent(json_object_get(o, field)))
		return (struct tally_name){ NULL, 0 };
	snprintf(hex, sizeof hex, "%s_hex", field);
	return name_of(d, json_object_get(o, field), json_object_get(o, hex), field);
}

static struct tally_name must_name(struct reader *d, const json_t *o, const char *field)
{
	struct tally_name n = name(d, o, field);

	if (!n.bytes)
		complain(d, field, "is missing");
	return n;
}

static size_t name_list(struct reader *d, const json_t *o, const char *field, const char *hex_field,
                        struct tally_name **out)
{
	const json_t *list = list_in(d, o, field), *hex = json_object_get(o, hex_field);
	size_t count = json_array_size(list);

	*out = array(d, count, sizeof **out);
	for (size_t i = 0; *out && i < count; i++)
		(*out)[i] = name_of(d, json_array_get(list, i), json_array_get(hex, i), field);
	return *out ? count : 0;
}

static struct tally_where_list places(struct reader *d, const json_t *o, const char *field,
                                      const char *total)
{
	const json_t *list = json_object_get(o, field);
	struct tally_where_list out = { .count = 0 };

	if (absent(list))
		return out;
	out.items = array(d, json_array_size(list), sizeof *out.items);
	for (size_t i = 0; out.items && i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);

		out.items[i].path = must_name(d, item, "path");
		out.items[i].member = name(d, item, "member");
		out.count++;
	}
	out.total = number_or(d, o, total, out.count);
	if (!json_is_array(list) || out.total < out.count)
		complain(d, field, "is not a list of places");
	return out;
}

/* ---- the head ---- */

static void read_session(struct reader *d, const json_t *root)
{
	const json_t *o = object_in(d, root, "session");
	struct tally_name *compared = NULL;

	at(d, "session");
	d->r->session_id = text(d, o, "id");
	d->r->root_count = name_list(d, o, "roots", "roots_hex", &d->r->roots);
	if (absent(json_object_get(o, "compared")))
		return;
	if (name_list(d, o, "compared", "compared_hex", &compared) == 2) {
		d->r->names[0] = compared[0];
		d->r->names[1] = compared[1];
	} else {
		complain(d, "compared", "is not two names");
	}
}

static void read_command(struct reader *d, const json_t *root)
{
	const json_t *o = json_object_get(root, "command"), *list;
	struct tally_receipt_command *c;
	const char **argv;

	if (absent(o))
		return;
	o = object_in(d, root, "command");
	at(d, "command");
	list = list_in(d, o, "argv");
	c = array(d, 1, sizeof *c);
	argv = array(d, json_array_size(list) + 1, sizeof *argv);
	if (!c || !argv)
		return;
	for (size_t i = 0; i < json_array_size(list); i++) {
		struct tally_name n = name_of(d, json_array_get(list, i), NULL, "argv");

		argv[c->argc++] = n.bytes ? n.bytes : "";
	}
	c->argv = argv;
	c->exit_status = (int)small(d, o, "exit_status", INT_MAX, TALLY_UNKNOWN);
	c->signal = (int)small(d, o, "signal", INT_MAX, 0);
	c->started_at_ns = moment(d, o, "started_at");
	c->seconds = real(d, o, "seconds");
	c->output_sha256 = text(d, o, "output_sha256");
	d->r->command = c;
}

static void read_side(struct reader *d, const json_t *root, const char *field,
                      struct tally_receipt_side *s)
{
	const json_t *o = object_in(d, root, field), *proof;

	at(d, "%s", field);
	s->taken_at_ns = moment(d, o, "taken_at");
	s->seconds = real(d, o, "seconds");
	s->host = text(d, o, "host");
	s->user = text(d, o, "user");
	s->filesystem = text(d, o, "filesystem");
	s->entries = number_or(d, o, "entries", TALLY_UNKNOWN);
	s->files = number_or(d, o, "files", TALLY_UNKNOWN);
	s->folders = number_or(d, o, "folders", TALLY_UNKNOWN);
	s->bytes = number_or(d, o, "bytes", TALLY_UNKNOWN);
	proof = object_in(d, o, "proof");
	s->hashed = number(d, proof, "hashed");
	s->stat = number(d, proof, "stat");
	s->unread = number(d, proof, "unread");
	s->digest = text(d, o, "digest");
	at(d, "%s", "");
}

static void read_keep(struct reader *d, const json_t *root)
{
	const json_t *o = json_object_get(json_object_get(root, "before"), "keep");
	struct tally_receipt_keep *k = &d->r->keep;

	k->budget = TALLY_UNKNOWN;
	if (absent(o))
		return;
	at(d, "before.keep");
	k->contents = number(d, o, "contents");
	k->bytes = number(d, o, "bytes");
	k->not_kept = number(d, o, "not_kept");
	k->not_kept_bytes = number(d, o, "not_kept_bytes");
	k->budget = number_or(d, o, "budget", TALLY_UNKNOWN);
	at(d, "%s", "");
}

static void read_verdict(struct reader *d, const json_t *root)
{
	const json_t *o = object_in(d, root, "verdict");
	struct tally_verdict *v = &d->r->verdict;

	at(d, "verdict");
	v->text = must_text(d, o, "text");
	v->changes = number(d, o, "changes");
	v->lost = number(d, o, "lost");
	v->review = number(d, o, "review");
	v->unverified = number(d, o, "unverified");
	v->complete = flag(d, o, "complete");
	if (!json_is_boolean(json_object_get(o, "complete")))
		complain(d, "complete", "is missing");
	at(d, "%s", "");
}

static void read_files(struct reader *d, const json_t *root, const char *field,
                       struct tally_balance *b)
{
	const json_t *o = object_in(d, root, field);

	at(d, "balance.%s", field);
	b->before = number(d, o, "before");
	b->unchanged = number(d, o, "unchanged");
	b->metadata = number(d, o, "metadata");
	b->modified = number(d, o, "modified");
	b->moved = number(d, o, "moved");
	b->moved_edited = number(d, o, "moved_edited");
	b->deleted = number(d, o, "deleted");
	b->duplicate_removed = number(d, o, "duplicate_removed");
	b->overwritten = number(d, o, "overwritten");
	b->type_changed = number(d, o, "type_changed");
	b->unverified = number(d, o, "unverified");
	b->added = number(d, o, "added");
	b->copied = number(d, o, "copied");
	b->unverified_after = number(d, o, "unverified_after");
	b->grown = integer_or(d, o, "grown", 0);
	b->after = number(d, o, "after");
	at(d, "balance");
}

static void read_contents(struct reader *d, const json_t *root, const char *field,
                          struct tally_contents *c)
{
	const json_t *o = object_in(d, root, field);

	at(d, "balance.%s", field);
	c->before = number(d, o, "before");
	c->by_fate[TALLY_FATE_NONE] = number_or(d, o, "none", 0);
	for (int f = TALLY_FATE_SAME_PLACE; f < TALLY_FATES; f++)
		c->by_fate[f] = number(d, o, tally_fate_name((enum tally_fate)f));
	c->new_contents = number(d, o, "new");
	at(d, "balance");
}

static void read_balance(struct reader *d, const json_t *root)
{
	const json_t *o = object_in(d, root, "balance");

	at(d, "balance");
	read_files(d, o, "files", &d->r->files);
	read_files(d, o, "bytes", &d->r->bytes);
	read_contents(d, o, "contents", &d->r->contents);
	read_contents(d, o, "content_bytes", &d->r->content_bytes);
	at(d, "%s", "");
}

static void read_review(struct reader *d, const json_t *root)
{
	const json_t *list = list_in(d, root, "review");
	size_t count = json_array_size(list);

	d->r->review = array(d, count, sizeof *d->r->review);
	for (size_t i = 0; d->r->review && i < count && d->status == TALLY_OK; i++) {
		const json_t *o = json_array_get(list, i);
		struct tally_review_item *item = &d->r->review[d->r->review_count++];

		at(d, "review[%zu]", i);
		if (number(d, o, "rank") != i + 1)
			complain(d, "rank", "is not the place in the list");
		item->severity = (enum tally_severity)word(d, o, "severity", severity_name,
		                                           TALLY_SEVERITY_HIGH + 1);
		item->rule = must_text(d, o, "rule");
		item->path = name(d, o, "path");
		item->where = text(d, o, "where");
		item->what = must_text(d, o, "what");
		item->why = text(d, o, "why");
		item->how_many = number(d, o, "how_many");
	}
	at(d, "%s", "");
}

/* ---- changes ---- */

static const char *proof_of(struct reader *d, const json_t *o)
{
	static const char *const words[] = { "hashed", "extent", "stat", "none" };
	const json_t *value = json_object_get(o, "proof");

	if (absent(value))
		return NULL;
	for (size_t i = 0; json_is_string(value) && i < sizeof words / sizeof *words; i++)
		if (!strcmp(json_string_value(value), words[i]))
			return words[i];
	complain(d, "proof", "is a word that is not known");
	return NULL;
}

static unsigned growth(struct reader *d, const json_t *o)
{
	static const struct {
		const char *word;
		unsigned flag;
	} words[] = { { "emptied", TALLY_CHANGE_EMPTIED },
		      { "nul_tail", TALLY_CHANGE_NUL_TAIL },
		      { "truncated", TALLY_CHANGE_TRUNCATED },
		      { "appended", TALLY_CHANGE_APPENDED } };
	const json_t *value = json_object_get(o, "growth");

	if (absent(value))
		return 0;
	for (size_t i = 0; json_is_string(value) && i < sizeof words / sizeof *words; i++)
		if (!strcmp(json_string_value(value), words[i].word))
			return words[i].flag;
	complain(d, "growth", "is a word that is not known");
	return 0;
}

static unsigned flags(struct reader *d, const json_t *o)
{
	return growth(d, o) | (flag(d, o, "silent") ? TALLY_CHANGE_SILENT : 0) |
	       (flag(d, o, "case_only") ? TALLY_CHANGE_CASE_ONLY : 0) |
	       (flag(d, o, "leaves_root") ? TALLY_CHANGE_LEAVES_ROOT : 0) |
	       (flag(d, o, "sole_copy") ? TALLY_CHANGE_SOLE_COPY : 0) |
	       (flag(d, o, "root") ? TALLY_CHANGE_ROOT : 0) |
	       (flag(d, o, "restorable") ? TALLY_CHANGE_KEPT : 0);
}

static int similarity(struct reader *d, const json_t *o)
{
	const json_t *value = json_object_get(o, "similarity");
	double s = json_number_value(value);

	if (absent(value))
		return -1;
	if (!json_is_number(value) || !(s >= 0 && s <= 1)) {
		complain(d, "similarity", "is not between 0 and 1");
		return -1;
	}
	return (int)(s * 1000 + 0.5);
}

static struct tally_overwrote *overwrote(struct reader *d, const json_t *change)
{
	const json_t *o = json_object_get(change, "overwrote");
	struct tally_overwrote *out;

	if (absent(o))
		return NULL;
	out = array(d, 1, sizeof *out);
	if (!json_is_object(o))
		complain(d, "overwrote", "is not an object");
	if (!out)
		return NULL;
	out->bytes = number_or(d, o, "bytes", TALLY_UNKNOWN);
	out->digest = text(d, o, "digest");
	out->fate = fate_in(d, o);
	out->kept = flag(d, o, "restorable");
	out->survives_at = places(d, o, "survives_at", "survives_total");
	return out;
}

static struct tally_field_change *fields(struct reader *d, const json_t *o, size_t *count)
{
	const json_t *list = json_object_get(o, "fields");
	struct tally_field_change *out;

	if (absent(list))
		return NULL;
	if (!json_is_array(list))
		complain(d, "fields", "is not a list");
	out = array(d, json_array_size(list), sizeof *out);
	for (size_t i = 0; out && i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);

		out[(*count)++] = (struct tally_field_change){ must_text(d, f, "name"),
			                                       text(d, f, "old"), text(d, f, "new") };
	}
	return out;
}

static void change_details(struct reader *d, const json_t *o, struct tally_receipt_change *c)
{
	bool here = c->kind == TALLY_CHANGE_MODIFIED;

	c->flags = flags(d, o);
	c->similarity = similarity(d, o);
	if (!absent(json_object_get(o, "evidence")))
		c->evidence = (enum tally_evidence)word(d, o, "evidence", evidence_name,
		                                        TALLY_EVIDENCE_BYTES + 1);
	c->survives_at = places(d, o, here ? "old_content_at" : "survives_at",
	                        here ? "old_content_total" : "survives_total");
	c->ambiguous = places(d, o, "ambiguous", "ambiguous_total");
	c->overwrote = overwrote(d, o);
	c->cycle = (uint32_t)small(d, o, "cycle", UINT32_MAX, 0);
	c->group = (uint32_t)small(d, o, "group", UINT32_MAX, 0);
	c->fields = fields(d, o, &c->field_count);
}

static void read_change(struct reader *d, const json_t *o, struct tally_receipt_change *c)
{
	c->kind = (enum tally_change_kind)word(d, o, "kind", kind_name, TALLY_CHANGE_KINDS);
	if (c->kind == TALLY_CHANGE_UNCHANGED || c->kind == TALLY_CHANGE_OVERWRITTEN ||
	    c->kind == TALLY_CHANGE_UNVERIFIED)
		complain(d, "kind", "does not belong among the changes");
	c->path = must_name(d, o, "path");
	c->from = name(d, o, "from");
	c->type = type_in(d, o, "type");
	c->old_type = c->kind == TALLY_CHANGE_TYPE_CHANGED ? type_in(d, o, "old_type") : c->type;
	c->bytes_before = number_or(d, o, "bytes_before", TALLY_UNKNOWN);
	c->bytes_after = number_or(d, o, "bytes_after", TALLY_UNKNOWN);
	c->digest_before = text(d, o, "digest_before");
	c->digest_after = text(d, o, "digest_after");
	c->proof = proof_of(d, o);
	c->fate = fate_in(d, o);
	c->link_old = name(d, o, "old");
	c->link_new = name(d, o, "new");
	change_details(d, o, c);
}

static void read_changes(struct reader *d, const json_t *root)
{
	const json_t *list = list_in(d, root, "changes");
	size_t count = json_array_size(list);

	d->r->changes = array(d, count, sizeof *d->r->changes);
	for (size_t i = 0; d->r->changes && i < count && d->status == TALLY_OK; i++) {
		at(d, "changes[%zu]", i);
		read_change(d, json_array_get(list, i), &d->r->changes[d->r->change_count++]);
	}
	at(d, "%s", "");
}

/* ---- folders ---- */

/* The two ends of a run, each an index into the changes. @return how many it stands for, 0 when it is none */
static size_t run_of(struct reader *d, const json_t *run, size_t *first)
{
	json_int_t from = json_integer_value(json_array_get(run, 0));
	json_int_t to = json_integer_value(json_array_get(run, 1));

	if (!json_is_integer(json_array_get(run, 0)) || !json_is_integer(json_array_get(run, 1)) ||
	    from < 0 || to < from || (uint64_t)to >= d->r->change_count) {
		complain(d, "changes", "is not a run of changes");
		return 0;
	}
	*first = (size_t)from;
	return (size_t)(to - from) + 1;
}

/* @budget  how many changes all folders may still name: runs are short, what they stand for is not */
static void runs(struct reader *d, const json_t *o, struct tally_receipt_fold *f, size_t *budget)
{
	const json_t *list = json_object_get(o, "changes");
	size_t total = 0, first = 0;

	for (size_t i = 0; i < json_array_size(list) && d->status == TALLY_OK; i++) {
		size_t n = run_of(d, json_array_get(list, i), &first);

		if (n > *budget) {
			complain(d, "changes", "names too many changes");
			return;
		}
		*budget -= n;
		total += n;
	}
	f->changes = array(d, total, sizeof *f->changes);
	for (size_t i = 0; f->changes && i < json_array_size(list); i++) {
		size_t n = run_of(d, json_array_get(list, i), &first);

		for (size_t k = 0; k < n; k++)
			f->changes[f->change_count++] = first + k;
	}
}

static void fold_exceptions(struct reader *d, const json_t *o, struct tally_receipt_fold *f)
{
	const json_t *list = list_in(d, o, "exceptions");

	f->exceptions = array(d, json_array_size(list), sizeof *f->exceptions);
	for (size_t i = 0; f->exceptions && i < json_array_size(list); i++) {
		uint64_t n = number(d, json_array_get(list, i), "change");

		if (n >= d->r->change_count) {
			complain(d, "exceptions", "names a change that is not there");
			return;
		}
		f->exceptions[f->exception_count++] = (size_t)n;
	}
}

static void read_folders(struct reader *d, const json_t *root)
{
	const json_t *list = list_in(d, root, "folders");
	size_t count = json_array_size(list);
	size_t budget = d->r->change_count * FOLDED_TIMES;

	d->r->folds = array(d, count, sizeof *d->r->folds);
	for (size_t i = 0; d->r->folds && i < count && d->status == TALLY_OK; i++) {
		const json_t *o = json_array_get(list, i);
		struct tally_receipt_fold *f = &d->r->folds[d->r->fold_count++];

		at(d, "folders[%zu]", i);
		f->kind = (enum tally_fold_kind)word(d, o, "kind", fold_name, TALLY_FOLD_DELETED + 1);
		f->path = must_name(d, o, "path");
		f->from = name(d, o, "from");
		f->files = number(d, o, "files");
		f->total = number_or(d, o, "total", f->files);
		runs(d, o, f, &budget);
		fold_exceptions(d, o, f);
	}
	at(d, "%s", "");
}

/* ---- the tail ---- */

static void read_unverified(struct reader *d, const json_t *root)
{
	const json_t *list = list_in(d, root, "unverified");
	size_t count = json_array_size(list);

	d->r->unverified = array(d, count, sizeof *d->r->unverified);
	for (size_t i = 0; d->r->unverified && i < count && d->status == TALLY_OK; i++) {
		const json_t *o = json_array_get(list, i);
		struct tally_unverified *u = &d->r->unverified[d->r->unverified_count++];
		const char *reason = json_string_value(json_object_get(o, "reason"));

		at(d, "unverified[%zu]", i);
		u->path = must_name(d, o, "path");
		u->side = word(d, o, "side", side_name, 4);
		u->reason = tally_reason_from_id(reason ? reason : "");
		if (u->reason == TALLY_REASON_NONE)
			complain(d, "reason", "is not in the list of reasons");
		u->detail = text(d, o, "detail");
		u->level = (enum tally_level)word(d, o, "level", level_name, TALLY_LEVEL_PART + 1);
		u->part = text(d, o, "part");
		u->folder = flag(d, o, "folder");
		u->files = number_or(d, o, "files", 1);
		u->fields = fields(d, o, &u->field_count);
	}
	at(d, "%s", "");
}

static void read_excluded(struct reader *d, const json_t *root)
{
	const json_t *list = list_in(d, root, "excluded");
	size_t count = json_array_size(list);

	d->r->excluded = array(d, count, sizeof *d->r->excluded);
	for (size_t i = 0; d->r->excluded && i < count && d->status == TALLY_OK; i++) {
		const json_t *o = json_array_get(list, i);

		at(d, "excluded[%zu]", i);
		d->r->excluded[d->r->excluded_count++] = (struct tally_excluded){
			must_text(d, o, "pattern"), text(d, o, "origin"), number(d, o, "entries")
		};
	}
	at(d, "%s", "");
}

static void read_trust(struct reader *d, const json_t *root)
{
	const json_t *o = object_in(d, root, "trust");
	const json_t *list = list_in(d, o, "vantage");
	struct tally_receipt *r = d->r;

	at(d, "trust");
	r->sandbox = text(d, o, "sandbox");
	r->vantage = array(d, json_array_size(list), sizeof *r->vantage);
	for (size_t i = 0; r->vantage && i < json_array_size(list); i++) {
		struct tally_name n = name_of(d, json_array_get(list, i), NULL, "vantage");

		r->vantage[r->vantage_count++] = n.bytes ? n.bytes : "";
	}
	at(d, "%s", "");
}

/* Tables, documents and archives stay JSON; the views take nothing in them for granted. */
static json_t *details(struct reader *d, const json_t *root, const char *field)
{
	json_t *list = list_in(d, root, field);

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!json_is_object(json_array_get(list, i)))
			complain(d, field, "is not a list of objects");
	return json_is_array(list) ? json_incref(list) : NULL;
}

static void replace(json_t **old, json_t *value)
{
	if (value) {
		json_decref(*old);
		*old = value;
	}
}

static void read_details(struct reader *d, const json_t *root)
{
	replace(&d->r->tables, details(d, root, "tables"));
	replace(&d->r->documents, details(d, root, "documents"));
	replace(&d->r->archives, details(d, root, "archives"));
}

static bool right_schema(const json_t *root)
{
	const char *schema = json_string_value(json_object_get(root, "schema"));
	size_t n = strlen(TALLY_RECEIPT_SCHEMA);

	/* "tally.receipt/1" or "tally.receipt/1.2", not "tally.receipt/10" */
	return schema && !strncmp(schema, TALLY_RECEIPT_SCHEMA, n) &&
	       (schema[n] < '0' || schema[n] > '9');
}

static void read_receipt(struct reader *d, const json_t *root)
{
	if (!right_schema(root)) {
		complain(d, "schema", "is not " TALLY_RECEIPT_SCHEMA);
		return;
	}
	d->r->tool_version = must_text(d, object_in(d, root, "tool"), "version");
	read_session(d, root);
	at(d, "%s", "");
	d->r->task = text(d, root, "task");
	read_command(d, root);
	at(d, "%s", "");
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
	struct reader d = { .err = err ? err : &own };
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
