/* Facts of office files: how they are put together and pushed. See office_facts.h. */
#include "formats/office_facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/relative.h"
#include "formats/formula.h"

/* ---- texts ---- */

void tally_fact_text_init(struct tally_fact_text *t)
{
	*t = (struct tally_fact_text){ .cut = 0 };
	tally_buf_init(&t->buf, TALLY_FACT_VALUE_MOST + 128);
}

void tally_fact_text_release(struct tally_fact_text *t)
{
	tally_buf_release(&t->buf);
}

void tally_fact_text_clear(struct tally_fact_text *t)
{
	tally_buf_clear(&t->buf);
	t->cut = t->hash = 0; /* that there was no memory is not forgotten: the next push says it */
}

/* How many of these bytes fit, characters left whole */
static size_t fitting(const struct tally_fact_text *t, const char *bytes, size_t len)
{
	size_t room = t->cut || t->buf.len >= TALLY_FACT_VALUE_MOST
	                      ? 0
	                      : TALLY_FACT_VALUE_MOST - t->buf.len;

	if (len <= room)
		return len;
	while (room > 0 && ((unsigned char)bytes[room] & 0xC0) == 0x80)
		room--;
	return room;
}

void tally_fact_text_add(struct tally_fact_text *t, const char *bytes, size_t len)
{
	size_t n = fitting(t, bytes, len);

	if (n && !tally_buf_add(&t->buf, bytes, n))
		t->no_memory = true;
	if (n == len)
		return;
	t->cut += len - n;
	t->hash = tally_hash64(bytes + n, len - n, t->hash);
}

void tally_fact_text_put(struct tally_fact_text *t, const char *text)
{
	tally_fact_text_add(t, text, strlen(text));
}

void tally_fact_text_number(struct tally_fact_text *t, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRIu64, n);
	tally_fact_text_put(t, text);
}

void tally_fact_text_reference(struct tally_fact_text *t, const char *bytes, size_t len)
{
	for (size_t at = 0, n; at < len; at += n + 1) {
		const char *dollar = memchr(bytes + at, '$', len - at);

		n = dollar ? (size_t)(dollar - (bytes + at)) : len - at;
		tally_fact_text_add(t, bytes + at, n);
	}
}

enum {
	FORMULA_MOST = 16 * TALLY_FACT_VALUE_MOST
}; /* "A1" in relative form is longer, but not by so much */

void tally_fact_text_formula(struct tally_fact_text *t, const char *bytes, size_t len)
{
	struct tally_buf relative, a1;

	tally_buf_init(&relative, FORMULA_MOST);
	tally_buf_init(&a1, FORMULA_MOST);
	if (tally_formula_relative(&relative, bytes, len, 0, 0) &&
	    tally_relative_a1(&a1, relative.len ? relative.bytes : "", relative.len, 0, 0))
		tally_fact_text_add(t, a1.len ? a1.bytes : "", a1.len);
	else
		t->no_memory = true;
	tally_buf_release(&relative);
	tally_buf_release(&a1);
}

void tally_fact_text_range(struct tally_fact_text *t, const char *sheet, size_t len,
                           const struct tally_xml_attr *ref)
{
	struct tally_fact_text range;

	tally_fact_text_init(&range);
	tally_fact_text_put(&range, len ? "'" : "");
	for (size_t i = 0; i < len; i++) {
		tally_fact_text_add(&range, sheet + i, 1);
		tally_fact_text_put(&range, sheet[i] == '\'' ? "'" : "");
	}
	tally_fact_text_put(&range, len ? "'!" : "");
	tally_fact_text_attr(&range, ref);
	tally_fact_text_formula(t, tally_fact_text_so_far(&range), range.buf.len);
	tally_fact_text_cut(t, &range);
	tally_fact_text_release(&range);
}

void tally_fact_text_cut(struct tally_fact_text *t, const struct tally_fact_text *other)
{
	t->no_memory |= other->no_memory;
	if (!other->cut)
		return;
	t->cut += other->cut;
	t->hash ^= other->hash;
}

const char *tally_fact_text_so_far(const struct tally_fact_text *t)
{
	return t->buf.len ? t->buf.bytes : "";
}

void tally_fact_text_join(struct tally_fact_text *t, const struct tally_fact_text *other)
{
	if (other->buf.len)
		tally_fact_text_add(t, other->buf.bytes, other->buf.len);
	tally_fact_text_cut(t, other);
}

void tally_fact_text_attr(struct tally_fact_text *t, const struct tally_xml_attr *a)
{
	if (a)
		tally_fact_text_add(t, a->value, a->len);
}

const char *tally_fact_text_end(struct tally_fact_text *t)
{
	if (t->cut && !tally_buf_printf(&t->buf, " \u2026 (%" PRIu64 " more bytes, %016" PRIx64 ")",
	                                t->cut, t->hash))
		t->no_memory = true;
	t->cut = 0;
	return t->buf.len ? t->buf.bytes : "";
}

/* ---- making ---- */

static enum tally_status told(struct tally_office_facts *f, enum tally_status st)
{
	f->stopped |= st < 0;
	return st;
}

static enum tally_status on_block(void *payload, const struct tally_block *block,
                                  struct tally_err *err)
{
	struct tally_office_facts *f = payload;

	return told(f, f->sink->block(f->sink->payload, block, err));
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct tally_office_facts *f = payload;

	return told(f, f->sink->fact(f->sink->payload, fact, err));
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct tally_office_facts *f = payload;

	return told(f, f->sink->note(f->sink->payload, note, err));
}

void tally_office_facts_init(struct tally_office_facts *f, struct tally_package *p,
                             const struct tally_sink *sink, const struct tally_limits *limits)
{
	*f = (struct tally_office_facts){ .p = p, .sink = sink, .limits = limits };
	f->guarded = (struct tally_sink){ .payload = f,
		                          .block = sink->block ? on_block : NULL,
		                          .fact = sink->fact ? on_fact : NULL,
		                          .note = sink->note ? on_note : NULL };
	tally_arena_init(&f->arena, 0);
	tally_fact_text_init(&f->value);
	tally_fact_text_init(&f->where);
}

void tally_office_facts_release(struct tally_office_facts *f)
{
	tally_fact_text_release(&f->value);
	tally_fact_text_release(&f->where);
	tally_arena_release(&f->arena);
}

/* ---- pushing ---- */

struct tally_fact_text *tally_office_begin(struct tally_office_facts *f)
{
	tally_fact_text_clear(&f->value);
	tally_fact_text_clear(&f->where);
	return &f->value;
}

enum tally_status tally_office_push(struct tally_office_facts *f, const char *fact, const char *by,
                                    struct tally_err *err)
{
	struct tally_fact out = { .name = fact, .by = by && by[strspn(by, " ")] ? by : NULL };
	enum tally_status st;

	out.value = tally_fact_text_end(&f->value);
	out.where = f->where.buf.len ? tally_fact_text_end(&f->where) : NULL;
	if (f->value.no_memory || f->where.no_memory)
		return tally_err_nomem(err);
	if (!f->sink->fact)
		return TALLY_OK;
	st = f->sink->fact(f->sink->payload, &out, err);
	f->stopped |= st < 0;
	return st < 0 ? st : TALLY_OK;
}

enum tally_status tally_office_unread(struct tally_office_facts *f, const char *what, uint64_t sum,
                                      struct tally_err *err)
{
	char text[24];

	if (!sum || !f->sink->fact)
		return TALLY_OK;
	snprintf(text, sizeof text, "%016" PRIx64, sum);
	tally_fact_text_put(tally_office_begin(f), text);
	tally_fact_text_put(&f->where, what);
	return tally_office_push(f, "unread", NULL, err);
}

enum tally_status tally_office_note(struct tally_office_facts *f, const struct tally_err *why,
                                    const char *part, struct tally_err *err)
{
	const struct tally_note note = { .reason = why->reason ? why->reason : TALLY_REASON_MALFORMED,
		                         .detail = why->message,
		                         .where = part,
		                         .about = TALLY_NOTE_MEMBER };
	enum tally_status st = TALLY_OK;

	f->result = TALLY_PARTIAL;
	if (f->sink->note)
		st = f->sink->note(f->sink->payload, &note, err);
	f->stopped |= st < 0;
	return st < 0 ? st : TALLY_OK;
}

/* ---- parts ---- */

enum tally_status tally_office_outcome(struct tally_office_facts *f, enum tally_status st,
                                       const struct tally_err *why, const char *part,
                                       struct tally_err *err)
{
	if (st >= 0)
		return TALLY_OK;
	if (st != TALLY_FATAL && !f->stopped)
		return tally_office_note(f, why, part, err);
	if (err)
		*err = *why;
	return st;
}

enum tally_status tally_office_parse(struct tally_office_facts *f, const char *part,
                                     const struct tally_xml_handler *handler, struct tally_err *err)
{
	struct tally_err why = { 0 };
	enum tally_status st = tally_package_xml(f->p, part, handler, &why);

	return tally_office_outcome(f, st, &why, part, err);
}

enum tally_status tally_office_relations(struct tally_office_facts *f, const char *part,
                                         const struct tally_relation **out, size_t *count,
                                         struct tally_err *err)
{
	struct tally_err why = { 0 };
	enum tally_status st = tally_package_relations(f->p, part, out, count, &why);

	if (st < 0) {
		*out = NULL;
		*count = 0;
	}
	return tally_office_outcome(f, st, &why, part, err);
}

struct digesting {
	struct tally_hasher *hasher;
	uint64_t bytes;
};

static enum tally_status on_bytes(void *payload, const void *bytes, size_t len, struct tally_err *err)
{
	struct digesting *d = payload;

	(void)err;
	tally_hasher_add(d->hasher, bytes, len);
	d->bytes += len;
	return TALLY_OK;
}

/* ".JPEG" is "jpg", like the same image in a file that another program wrote */
static void put_kind(struct tally_fact_text *t, const char *part)
{
	const char *dot = strrchr(part, '.');
	char kind[16];
	size_t n = 0;

	if (dot && !strchr(dot, '/') && strlen(dot) <= sizeof kind)
		for (dot++; *dot; dot++)
			kind[n++] = tally_lower(*dot);
	if (n == 4 && !memcmp(kind, "jpeg", 4))
		memcpy(kind, "jpg", n = 3);
	if (n)
		tally_fact_text_add(t, kind, n);
	else
		tally_fact_text_put(t, "file");
}

static void put_digest(struct tally_fact_text *t, const char *part, uint64_t bytes,
                       const struct tally_sha256 *sha256)
{
	enum { SHOWN = 7 + 16 }; /* "sha256:" and enough to tell two contents apart */
	char text[TALLY_DIGEST_TEXT_MAX];

	put_kind(t, part);
	tally_fact_text_put(t, ", ");
	tally_fact_text_number(t, bytes);
	tally_fact_text_put(t, bytes == 1 ? " byte, " : " bytes, ");
	tally_sha256_text(text, sha256);
	tally_fact_text_add(t, text, SHOWN);
}

enum tally_status tally_office_sha256(struct tally_office_facts *f, const char *part,
                                      struct tally_sha256 *out, uint64_t *bytes, bool *readable,
                                      struct tally_err *err)
{
	struct digesting d = { NULL, 0 };
	struct tally_err why = { 0 };
	struct tally_key key;
	struct tally_digest unused;
	enum tally_status st;

	*readable = false;
	tally_key_from_seed(&key, 0);
	st = tally_hasher_new(&d.hasher, &key, true, err);
	if (st < 0)
		return st;
	tally_hasher_start(d.hasher);
	st = tally_package_read(f->p, part, on_bytes, &d, &why);
	tally_hasher_finish(d.hasher, &unused, out);
	tally_hasher_free(d.hasher);
	*readable = st >= 0;
	*bytes = d.bytes;
	return tally_office_outcome(f, st, &why, part, err);
}

enum tally_status tally_office_digest(struct tally_office_facts *f, const char *part,
                                      bool *readable, struct tally_err *err)
{
	struct tally_sha256 sha256;
	uint64_t bytes;
	enum tally_status st = tally_office_sha256(f, part, &sha256, &bytes, readable, err);

	if (st >= 0 && *readable)
		put_digest(&f->value, part, bytes, &sha256);
	return st;
}

/* ---- pairs ---- */

enum tally_status tally_office_pair(struct tally_office_facts *f, struct tally_fact_pairs *list,
                                    const char *key, size_t key_len, const char *value,
                                    size_t value_len, struct tally_err *err)
{
	struct tally_fact_pair pair;

	if (f->arena.used > f->limits->facts_bytes)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "facts_bytes: more names and targets");
	pair = (struct tally_fact_pair){ tally_arena_dup(&f->arena, key, key_len),
		                         tally_arena_dup(&f->arena, value, value_len) };
	if (!pair.key || !pair.value ||
	    !tally_grow(&list->items, &list->cap, list->count, sizeof pair))
		return tally_err_nomem(err);
	list->items[list->count++] = pair;
	return TALLY_OK;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct tally_fact_pair *)a)->key,
	              ((const struct tally_fact_pair *)b)->key);
}

void tally_fact_pairs_sort(struct tally_fact_pairs *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof *list->items, by_key);
}

const char *tally_fact_pairs_find(const struct tally_fact_pairs *list, const char *key, size_t len)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const char *k = list->items[mid].key;
		int c = strncmp(k, key, len);

		if (c == 0)
			c = k[len] != '\0';
		if (c == 0)
			return list->items[mid].value;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

void tally_fact_pairs_release(struct tally_fact_pairs *list)
{
	tally_free(list->items);
	*list = (struct tally_fact_pairs){ NULL, 0, 0 };
}

/* ---- attributes ---- */

bool tally_attr_is(const struct tally_xml_attr *a, const char *value)
{
	return a && a->len == strlen(value) && !memcmp(a->value, value, a->len);
}

bool tally_attr_is_off(const struct tally_xml_attr *a)
{
	return tally_attr_is(a, "0") || tally_attr_is(a, "false") || tally_attr_is(a, "off");
}

bool tally_office_flag(const struct tally_xml_start *e, const char *name)
{
	const struct tally_xml_attr *a = tally_xml_attr(e, TALLY_XML_NONE, name);

	return tally_attr_is(a, "1") || tally_attr_is(a, "true") || tally_attr_is(a, "on");
}

uint64_t tally_attr_number(const struct tally_xml_attr *a, uint64_t otherwise)
{
	uint64_t n = 0;

	if (!a || !a->len || a->len > 18)
		return otherwise;
	for (size_t i = 0; i < a->len; i++) {
		if (a->value[i] < '0' || a->value[i] > '9')
			return otherwise;
		n = n * 10 + (unsigned)(a->value[i] - '0');
	}
	return n;
}
