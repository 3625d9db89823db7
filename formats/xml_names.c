/* Names of XML: a table of those that were met, the namespaces in force, the elements that are open. See xml_inside.h. */
#include "formats/xml_inside.h"

#include "core/mem.h"

enum {
	FEW = 8, /* attributes that are compared each with each; more go through a table */
};

/* a place in the table of a tag's attributes; in use when the serial number is the tag's */
struct tally_xml_seen {
	uint64_t serial;
	size_t attr;
};

static const char xml_uri[] = "http://www.w3.org/XML/1998/namespace";
static const char xmlns_uri[] = "http://www.w3.org/2000/xmlns/";

static enum tally_status malformed(struct tally_err *err, const char *what, const char *name,
                                   size_t len)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_MALFORMED, "%s '%.*s'", what,
	                     (int)(len < 200 ? len : 200), name);
}

static enum tally_status over(struct tally_err *err, const char *what, const char *limit,
                              uint64_t value)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT, "%s: more than %llu (%s)", what,
	                     (unsigned long long)value, limit);
}

/* ---- names ---- */

static struct tally_xml_key key_of(const char *name, size_t len)
{
	struct tally_xml_key key = { { 0 } };

	if (len <= TALLY_XML_KEY) {
		memcpy(key.bytes, name, len);
	} else {
		memcpy(key.bytes, name, TALLY_XML_KEY / 2);
		memcpy(key.bytes + TALLY_XML_KEY / 2, name + len - TALLY_XML_KEY / 2,
		       TALLY_XML_KEY / 2);
	}
	return key;
}

static uint64_t hash_of(const char *name, size_t len)
{
	const struct tally_xml_key key = key_of(name, len);

	return tally_xml_hash(&key, len);
}

static uint16_t word_id(const char *local, size_t len)
{
	static const struct {
		const char *word;
		size_t len;
	} words[] = {
		{ "", 0 },
#define TALLY_XML_WORD(id, word) { word, sizeof(word) - 1 },
#include "formats/xml_words.def"
#undef TALLY_XML_WORD
	};

	for (uint16_t i = 1; i < TALLY_XML_ID_COUNT; i++)
		if (words[i].len == len && !memcmp(words[i].word, local, len))
			return i;
	return TALLY_XML_ID_OTHER;
}

/* what the characters of a name say, whatever is in force */
static void describe(struct tally_xml_known *k)
{
	const char *colon = memchr(k->raw, ':', k->len);
	const char *local = colon ? colon + 1 : k->raw;
	const size_t left = (size_t)(k->raw + k->len - local);

	k->prefix = colon ? (uint32_t)(colon - k->raw) : 0;
	k->ill = colon && (!k->prefix || !left || memchr(local, ':', left));
	k->name = (struct tally_xml_name){ local, (uint32_t)left, TALLY_XML_NONE,
		                           word_id(local, left) };
	k->local_hash = hash_of(local, left);
	k->declares = (k->len == 5 || k->prefix == 5) && !memcmp(k->raw, "xmlns", 5);
}

static struct tally_xml_known *new_name(struct tally_arena *arena, const char *raw, size_t len)
{
	struct tally_xml_known *k = tally_arena_zero(arena, 1, sizeof *k);

	if (!k)
		return NULL;
	k->raw = raw;
	k->len = (uint32_t)len;
	describe(k);
	return k;
}

static struct tally_xml_known *keep(struct tally_xml *x, struct tally_xml_known **slot,
                                    const struct tally_xml_key *key, const char *raw, size_t len)
{
	const char *copy = tally_arena_dup(&x->names, raw, len);
	struct tally_xml_known *k = copy ? new_name(&x->names, copy, len) : NULL;

	if (!k)
		return NULL;
	k->key = *key;
	k->after[0] = k->after[1] = &x->nothing;
	k->mask = len > TALLY_XML_KEY ? 0 : len == 32 ? UINT32_MAX : (UINT32_C(1) << len) - 1;
	x->known_count++;
	*slot = k;
	return k;
}

struct tally_xml_known *tally_xml_name_of(struct tally_xml *x, const char *raw, size_t len)
{
	const struct tally_xml_key key = key_of(raw, len);
	uint64_t at = tally_xml_hash(&key, len);
	struct tally_xml_known *k;

	for (int i = 0; i < TALLY_XML_PROBES && len <= TALLY_XML_KNOWN_LENGTH; i++, at++) {
		struct tally_xml_known **slot = &x->slots[at % TALLY_XML_SLOTS];

		if (!*slot && x->known_count == TALLY_XML_KNOWN_MAX)
			break;
		if (!*slot)
			return keep(x, slot, &key, raw, len);
		if ((*slot)->len == len && !memcmp((*slot)->raw, raw, len))
			return *slot;
	}
	k = new_name(&x->loose, raw, len);
	if (k)
		k->loose = true;
	return k;
}

/* ---- namespaces ---- */

static uint16_t known_uri(const char *uri, size_t len)
{
	static const struct {
		const char *uri;
		size_t len;
		uint16_t ns;
	} rows[] = {
#define TALLY_XML_NAMESPACE(ID)
#define TALLY_XML_URI(ID, uri) { uri, sizeof(uri) - 1, TALLY_XML_##ID },
#include "formats/xml_namespaces.def"
#undef TALLY_XML_NAMESPACE
#undef TALLY_XML_URI
	};

	if (!len)
		return TALLY_XML_NONE;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].len == len && !memcmp(rows[i].uri, uri, len))
			return rows[i].ns;
	return TALLY_XML_OTHER;
}

static bool is_text(const char *bytes, size_t len, const char *text)
{
	return strlen(text) == len && !memcmp(bytes, text, len);
}

static uint32_t find_binding(const struct tally_xml *x, const char *prefix, size_t len)
{
	uint32_t at = x->buckets[hash_of(prefix, len) % TALLY_XML_BUCKETS];

	for (; at; at = x->bindings[at - 1].outer) {
		const struct tally_xml_binding *b = &x->bindings[at - 1];

		if (b->prefix_len == len && !memcmp(x->uris.bytes + b->prefix_at, prefix, len))
			break;
	}
	return at;
}

static enum tally_status add_binding(struct tally_xml *x, const char *prefix, size_t prefix_len,
                                     const char *uri, size_t uri_len, uint16_t ns,
                                     struct tally_err *err)
{
	const uint16_t bucket = (uint16_t)(hash_of(prefix, prefix_len) % TALLY_XML_BUCKETS);
	struct tally_xml_binding *b;

	if (x->binding_count > x->limits.xml_attributes)
		return over(err, "namespaces declared at one place", "xml_attributes",
		            x->limits.xml_attributes);
	if (prefix_len + uri_len > x->uris.max - x->uris.len)
		return over(err, "bytes of namespaces declared at one place", "xml_token_bytes",
		            x->limits.xml_token_bytes);
	if ((x->binding_count == x->binding_cap &&
	     !tally_grow(&x->bindings, &x->binding_cap, x->binding_count, sizeof *b)) ||
	    !tally_buf_reserve(&x->uris, prefix_len + uri_len + 1))
		return tally_err_nomem(err);
	b = &x->bindings[x->binding_count++];
	*b = (struct tally_xml_binding){ .prefix_at = x->uris.len,
		                         .prefix_len = prefix_len,
		                         .uri_at = x->uris.len + prefix_len,
		                         .uri_len = uri_len,
		                         .uri_hash = hash_of(uri, uri_len),
		                         .depth = (uint32_t)x->depth,
		                         .outer = x->buckets[bucket],
		                         .bucket = bucket,
		                         .ns = ns };
	tally_buf_add(&x->uris, prefix, prefix_len);
	tally_buf_add(&x->uris, uri, uri_len);
	x->buckets[bucket] = (uint32_t)x->binding_count;
	x->generation++;
	return TALLY_OK;
}

static void drop_bindings(struct tally_xml *x, size_t count)
{
	while (x->binding_count > count) {
		const struct tally_xml_binding *b = &x->bindings[--x->binding_count];

		x->buckets[b->bucket] = b->outer;
		x->uris.len = b->prefix_at;
		x->generation++;
	}
}

/* what Namespaces in XML 1.0, section 3, reserves */
static enum tally_status declare(struct tally_xml *x, const struct tally_xml_known *k,
                                 const struct tally_xml_attr *a, struct tally_err *err)
{
	const char *prefix = k->prefix ? k->name.local : "";
	const size_t len = k->prefix ? k->name.len : 0;
	const bool is_xml = is_text(prefix, len, "xml");
	uint32_t old;

	if (k->ill || is_text(prefix, len, "xmlns") || (len && !a->len) ||
	    is_xml != is_text(a->value, a->len, xml_uri) || is_text(a->value, a->len, xmlns_uri))
		return malformed(err, "a namespace that cannot be declared:", k->raw, k->len);
	if (is_xml)
		return TALLY_OK;
	old = find_binding(x, prefix, len);
	if (old && x->bindings[old - 1].depth == x->depth)
		return malformed(err, "declared twice:", k->raw, k->len);
	return add_binding(x, prefix, len, a->value, a->len, known_uri(a->value, a->len), err);
}

/* take the declarations out of the attributes */
static enum tally_status declare_all(struct tally_xml *x, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	size_t kept = 0;

	for (size_t i = 0; i < x->attr_count && st >= 0; i++) {
		if (x->attr_names[i]->declares) {
			st = declare(x, x->attr_names[i], &x->attrs[i], err);
		} else {
			x->attr_names[kept] = x->attr_names[i];
			x->attrs[kept++] = x->attrs[i];
		}
	}
	x->attr_count = kept;
	return st;
}

static enum tally_status resolve_now(struct tally_xml *x, struct tally_xml_known *k,
                                     struct tally_err *err)
{
	if (k->ill)
		return malformed(err, "no name:", k->raw, k->len);
	k->binding = find_binding(x, k->raw, k->prefix);
	if (!k->binding && k->prefix)
		return malformed(err, "a prefix that is not declared:", k->raw, k->len);
	k->name.ns = k->binding ? x->bindings[k->binding - 1].ns : TALLY_XML_NONE;
	k->generation = x->generation;
	return TALLY_OK;
}

static inline enum tally_status resolve(struct tally_xml *x, struct tally_xml_known *k,
                                        struct tally_err *err)
{
	return k->generation == x->generation ? TALLY_OK : resolve_now(x, k, err);
}

/* ---- attributes ---- */

enum tally_status tally_xml_attr_room(struct tally_xml *x, struct tally_err *err)
{
	if (x->attr_count >= x->limits.xml_attributes)
		return over(err, "attributes of one element", "xml_attributes",
		            x->limits.xml_attributes);
	if ((x->attr_count == x->attr_cap &&
	     !tally_grow(&x->attrs, &x->attr_cap, x->attr_count, sizeof *x->attrs)) ||
	    (x->attr_count == x->attr_names_cap &&
	     !tally_grow(&x->attr_names, &x->attr_names_cap, x->attr_count, sizeof *x->attr_names)))
		return tally_err_nomem(err);
	x->attr_most = x->attr_cap < x->attr_names_cap ? x->attr_cap : x->attr_names_cap;
	if (x->attr_most > x->limits.xml_attributes)
		x->attr_most = (size_t)x->limits.xml_attributes;
	return TALLY_OK;
}

/* are two attributes one, once their prefixes are resolved? */
static bool same_attr(const struct tally_xml *x, size_t a, size_t b)
{
	const struct tally_xml_name *m = &x->attrs[a].name, *n = &x->attrs[b].name;
	const struct tally_xml_binding *p, *q;

	if (m->ns != n->ns || m->len != n->len || memcmp(m->local, n->local, m->len) != 0)
		return false;
	if (m->ns == TALLY_XML_NONE)
		return true;
	p = &x->bindings[x->attr_names[a]->binding - 1];
	q = &x->bindings[x->attr_names[b]->binding - 1];
	return p->uri_len == q->uri_len &&
	       !memcmp(x->uris.bytes + p->uri_at, x->uris.bytes + q->uri_at, p->uri_len);
}

static enum tally_status twice(const struct tally_xml *x, size_t attr, struct tally_err *err)
{
	return malformed(err, "an attribute that is there twice:", x->attr_names[attr]->raw,
	                 x->attr_names[attr]->len);
}

static uint64_t attr_hash(const struct tally_xml *x, size_t attr)
{
	const struct tally_xml_known *k = x->attr_names[attr];
	uint64_t uri = k->prefix ? x->bindings[k->binding - 1].uri_hash : 0;

	return (k->local_hash ^ uri * UINT64_C(0x9e3779b97f4a7c15)) >> 7;
}

static enum tally_status check_many(struct tally_xml *x, struct tally_err *err)
{
	size_t cap = 4 * FEW;

	while (cap < 2 * x->attr_count)
		cap *= 2;
	if (cap > x->seen_cap) {
		tally_free(x->seen);
		x->seen_cap = 0;
		x->seen = tally_alloc_zero(cap, sizeof *x->seen);
		if (!x->seen)
			return tally_err_nomem(err);
		x->seen_cap = cap;
	}
	for (size_t i = 0; i < x->attr_count; i++) {
		size_t at = attr_hash(x, i) & (x->seen_cap - 1);

		for (; x->seen[at].serial == x->serial; at = (at + 1) & (x->seen_cap - 1))
			if (same_attr(x, x->seen[at].attr, i))
				return twice(x, i, err);
		x->seen[at] = (struct tally_xml_seen){ x->serial, i };
	}
	return TALLY_OK;
}

static enum tally_status check_twice(struct tally_xml *x, struct tally_err *err)
{
	if (x->attr_count > FEW)
		return check_many(x, err);
	for (size_t i = 1; i < x->attr_count; i++)
		for (size_t j = 0; j < i; j++)
			if (same_attr(x, j, i))
				return twice(x, i, err);
	return TALLY_OK;
}

static enum tally_status resolve_attrs(struct tally_xml *x, struct tally_err *err)
{
	unsigned prefixed = 0;

	for (size_t i = 0; i < x->attr_count; i++) {
		struct tally_xml_known *k = x->attr_names[i];
		const enum tally_status st = resolve(x, k, err);

		if (st < 0)
			return st;
		x->attrs[i].name = k->name;
		if (!k->prefix)
			x->attrs[i].name.ns = TALLY_XML_NONE;
		prefixed += k->prefix || k->loose;
	}
	return prefixed > 1 ? check_twice(x, err) : TALLY_OK;
}

/* ---- elements ---- */

/* a loose name has to outlive its tag */
static struct tally_xml_known *own_copy(const struct tally_xml_known *name)
{
	struct tally_xml_known *k = tally_alloc(sizeof *k + name->len);
	char *raw = (char *)(k + 1);

	if (!k)
		return NULL;
	memcpy(raw, name->raw, name->len);
	*k = *name;
	k->raw = raw;
	k->name.local = raw + (name->name.local - name->raw);
	return k;
}

static enum tally_status push(struct tally_xml *x, struct tally_xml_known *name, size_t bindings,
                              struct tally_err *err)
{
	struct tally_xml_level *level = &x->levels[x->depth - 1];

	if (name->loose) {
		name = own_copy(name);
		if (!name)
			return tally_err_nomem(err);
	}
	level->known = name;
	level->name = name->name;
	level->bindings = bindings;
	return TALLY_OK;
}

static enum tally_status tell_start(const struct tally_xml *x, struct tally_err *err)
{
	const struct tally_xml_start e = { x->levels[x->depth - 1].name, x->attrs, x->attr_count,
		                           (uint32_t)x->depth };

	return x->handler.start(x->handler.payload, &e, err);
}

enum tally_status tally_xml_open(struct tally_xml *x, struct tally_xml_known *name,
                                 struct tally_err *err)
{
	const size_t bindings = x->binding_count;
	enum tally_status st = TALLY_OK;

	if (x->depth >= x->limits.xml_depth)
		return over(err, "elements inside elements", "xml_depth", x->limits.xml_depth);
	if (x->depth == x->level_cap &&
	    !tally_grow(&x->levels, &x->level_cap, x->depth, sizeof *x->levels))
		return tally_err_nomem(err);
	x->levels[x->depth++].known = NULL;
	if (x->declares)
		st = declare_all(x, err);
	if (st >= 0)
		st = resolve(x, name, err);
	if (st >= 0 && x->attr_count)
		st = resolve_attrs(x, err);
	if (st >= 0)
		st = push(x, name, bindings, err);
	if (st >= 0 && x->handler.start)
		st = tell_start(x, err);
	return st;
}

static void free_level(struct tally_xml_level *level)
{
	if (level->known && level->known->loose)
		tally_free(level->known);
}

enum tally_status tally_xml_close(struct tally_xml *x, struct tally_err *err)
{
	struct tally_xml_level *level = &x->levels[x->depth - 1];
	enum tally_status st = TALLY_OK;

	if (x->handler.end)
		st = x->handler.end(x->handler.payload, &level->name, err);
	if (level->bindings < x->binding_count)
		drop_bindings(x, level->bindings);
	free_level(level);
	x->depth--;
	return st;
}

enum tally_status tally_xml_names_init(struct tally_xml *x, struct tally_err *err)
{
	tally_buf_init(&x->uris, x->limits.xml_token_bytes < SIZE_MAX / 4
	                                 ? (size_t)x->limits.xml_token_bytes + 64
	                                 : SIZE_MAX / 4);
	x->nothing.after[0] = x->nothing.after[1] = &x->nothing;
	return add_binding(x, "xml", 3, xml_uri, sizeof xml_uri - 1, TALLY_XML_XML, err);
}

void tally_xml_names_release(struct tally_xml *x)
{
	while (x->depth)
		free_level(&x->levels[--x->depth]);
	tally_free(x->levels);
	tally_free(x->bindings);
	tally_free(x->attrs);
	tally_free(x->attr_names);
	tally_free(x->seen);
	tally_buf_release(&x->uris);
	tally_arena_release(&x->names);
	tally_arena_release(&x->loose);
}
