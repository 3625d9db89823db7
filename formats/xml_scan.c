/*
 * The fast way through XML: what office programs write, token after token, where it lies. Anything else goes to expat, from
 * the token on that the scanner does not take; so every error is expat's verdict.
 *
 * A portion is looked at in windows. Each is first checked for characters that XML does not allow, so that what follows can
 * step over bytes without asking. A token that is not whole waits for more of the window, then for the next portion (in
 * carry). What is longer than a token may be, goes to expat, too.
 */
#include "core/mem.h"
#include "formats/xml_bytes.h"
#include "formats/xml_inside.h"

enum {
	WINDOW = 16384,  /* bytes checked at a time: they stay in the nearest cache */
	TOP_UP = 256,    /* bytes given to a token that was cut, at first */
	PATIENT = 65536, /* a longer one is tried again only when it has grown by half */
	CDATA_MOST = 1 << 20, /* bytes of a section that is taken whole; text may be longer than a token */
	ENTITY_MOST = 12, /* bytes of one that is known, or of a number that is not padded */
	DECLARATION_MOST = 128,
};

struct tally_xml_scan {
	struct tally_buf carry;  /* the beginning of a token */
	size_t retry;            /* not to be tried before it is as long */
	struct tally_buf values; /* of attributes, where they do not stand in the file as they are */
	uint64_t offset;         /* in the document, of the bytes at hand */
	bool begun;              /* something was taken */
	bool root;               /* the outermost element was met */
	char declaration[DECLARATION_MOST]; /* for expat */
	size_t declaration_len;
};

/* why a step ends */
enum step {
	STEP_OK,
	STEP_MORE,   /* the token is not whole */
	STEP_ODD,    /* a case for expat */
	STEP_FAILED, /* cursor.status says how */
};

struct cursor {
	struct tally_xml *x;
	struct tally_xml_scan *s;
	struct tally_err *err;
	const char *at; /* the token */
	const char *ok; /* checked up to here */
	const char *end;
	struct tally_xml_known *last; /* name */
	bool bad;                     /* what stands at ok is no character */
	enum tally_status status;
};

static inline enum step told(struct cursor *c, enum tally_status st)
{
	c->status = st;
	return st < 0 ? STEP_FAILED : STEP_OK;
}

/* ---- text ---- */

static inline enum step tell_text(struct cursor *c, const char *from, const char *to)
{
	const struct tally_xml_handler *h = &c->x->handler;

	if (from == to || !h->text)
		return STEP_OK;
	return told(c, h->text(h->payload, from, (size_t)(to - from), c->err));
}

static enum step tell_line_feed(struct cursor *c)
{
	static const char feed[] = { '\n' };

	return tell_text(c, feed, feed + 1);
}

/* @p  behind `&#` */
static enum step number(const char **p, const char *semicolon, char *out, size_t *len)
{
	const bool hex = **p == 'x';
	const char *at = *p + hex;
	uint32_t value = 0;

	if (at == semicolon)
		return STEP_ODD;
	for (; at < semicolon; at++) {
		const char c = *at;

		if (c >= '0' && c <= '9')
			value = value * (hex ? 16 : 10) + (uint32_t)(c - '0');
		else if (hex && ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			value = value * 16 + (uint32_t)((c | 0x20) - 'a' + 10);
		else
			return STEP_ODD;
		if (value > 0x10ffff)
			return STEP_ODD;
	}
	*len = tally_xml_utf8(value, out);
	*p = semicolon + 1;
	return *len ? STEP_OK : STEP_ODD;
}

/* @p at `&`, moved behind the entity; @out has room for 4 bytes */
static enum step entity(const char **p, const char *ok, char *out, size_t *len)
{
	static const struct {
		const char *name;
		size_t len;
		char c;
	} five[] = { { "amp", 3, '&' },
		     { "lt", 2, '<' },
		     { "gt", 2, '>' },
		     { "quot", 4, '"' },
		     { "apos", 4, '\'' } };
	const char *at = *p + 1;
	const size_t most = (size_t)(ok - at) < ENTITY_MOST ? (size_t)(ok - at) : ENTITY_MOST;
	const char *semicolon = memchr(at, ';', most);

	if (!semicolon)
		return most < ENTITY_MOST ? STEP_MORE : STEP_ODD;
	if (*at == '#') {
		*p = at + 1;
		return number(p, semicolon, out, len);
	}
	for (size_t i = 0; i < sizeof five / sizeof *five; i++)
		if ((size_t)(semicolon - at) == five[i].len &&
		    !memcmp(at, five[i].name, five[i].len)) {
			out[0] = five[i].c;
			*len = 1;
			*p = semicolon + 1;
			return STEP_OK;
		}
	return STEP_ODD;
}

/* @p at a carriage return: a line end, alone or with the line feed behind it */
static enum step line_end(struct cursor *c, const char **p)
{
	if (*p + 1 == c->ok)
		return STEP_MORE;
	if (*++*p == '\n')
		return STEP_OK; /* the text goes on there */
	return tell_line_feed(c);
}

static enum step text_entity(struct cursor *c, const char **p)
{
	char out[4];
	size_t len;
	const enum step step = entity(p, c->ok, out, &len);

	return step ? step : tell_text(c, out, out + len);
}

/* @p at a bracket. STEP_OK: it is text like any other */
static inline enum step bracket(const struct cursor *c, const char *p)
{
	if (c->ok - p < 3)
		return c->ok - p == 2 && p[1] != ']' ? STEP_OK : STEP_MORE;
	return p[1] == ']' && p[2] == '>' ? STEP_ODD : STEP_OK;
}

/* up to the next tag; what stands in the way is told piece by piece, so that c->at never lies before what was told */
static enum step text(struct cursor *c)
{
	const char *p = c->at;
	enum step step = STEP_OK;

	while (!step) {
		const char *stop = tally_xml_text_stop(p, c->ok);

		while (stop < c->ok && *stop == ']' && !(step = bracket(c, stop)))
			stop = tally_xml_text_stop(stop + 1, c->ok);
		if (tell_text(c, c->at, stop))
			return STEP_FAILED;
		c->at = p = stop;
		if (step || stop == c->ok || *stop == '<')
			return step;
		step = *stop == '&' ? text_entity(c, &p) : line_end(c, &p);
		if (!step)
			c->at = p;
	}
	return step;
}

/* before and after the outermost element */
static enum step outside(struct cursor *c)
{
	while (c->at < c->ok && tally_xml_space(*c->at))
		c->at++;
	return c->at == c->ok || *c->at == '<' ? STEP_OK : STEP_ODD;
}

/* ---- comments, instructions, CDATA ---- */

/* do the bytes at hand begin so? STEP_MORE: as far as they go */
static enum step begins(const struct cursor *c, const char *with, size_t len)
{
	const size_t have = (size_t)(c->ok - c->at);

	if (memcmp(c->at, with, have < len ? have : len) != 0)
		return STEP_ODD;
	return have < len ? STEP_MORE : STEP_OK;
}

static enum step done(struct cursor *c, const char *behind)
{
	if ((uint64_t)(behind - c->at) > c->x->limits.xml_token_bytes)
		return STEP_ODD;
	c->at = behind;
	return STEP_OK;
}

static enum step comment(struct cursor *c)
{
	const char *p = c->at + 4;
	const enum step step = begins(c, "<!--", 4);

	if (step)
		return step;
	for (; (p = memchr(p, '-', (size_t)(c->ok - p))); p++) {
		if (c->ok - p < 3)
			return STEP_MORE;
		if (p[1] == '-')
			return p[2] == '>' ? done(c, p + 3) : STEP_ODD;
	}
	return STEP_MORE;
}

static enum step tell_lines(struct cursor *c, const char *p, const char *end)
{
	enum step step = STEP_OK;

	while (p < end && !step) {
		const char *stop = memchr(p, '\r', (size_t)(end - p));

		step = tell_text(c, p, stop ? stop : end);
		if (!stop)
			break;
		p = stop + 1;
		if (!step && (p == end || *p != '\n'))
			step = tell_line_feed(c);
	}
	return step;
}

static enum step cdata(struct cursor *c)
{
	const char *text = c->at + 9, *p = text;
	enum step step = begins(c, "<![CDATA[", 9);

	if (step)
		return step;
	if (!c->x->depth)
		return STEP_ODD;
	for (; (p = memchr(p, ']', (size_t)(c->ok - p))); p++) {
		if (c->ok - p < 3)
			break;
		if (p[1] != ']' || p[2] != '>')
			continue;
		step = tell_lines(c, text, p);
		c->at = p + 3;
		return step;
	}
	return c->ok - c->at > CDATA_MOST ? STEP_ODD : STEP_MORE;
}

/* @return behind the name at @p: @p itself when there is none, ok when it may go on */
static const char *name_end(const char *p, const char *ok)
{
	if (p < ok && !(tally_xml_classes[(unsigned char)*p] & TALLY_XML_FIRST))
		return p;
	while (p < ok && tally_xml_classes[(unsigned char)*p] & TALLY_XML_NAME)
		p++;
	return p;
}

static enum step instruction(struct cursor *c)
{
	const char *name = c->at + 2;
	const char *p = name_end(name, c->ok);

	if (p == c->ok)
		return STEP_MORE;
	if (p == name || (p - name == 3 && (name[0] | 0x20) == 'x' && (name[1] | 0x20) == 'm' &&
	                  (name[2] | 0x20) == 'l'))
		return STEP_ODD;
	if (*p != '?' && !tally_xml_space(*p))
		return STEP_ODD;
	if (*p == '?' && p + 1 < c->ok && p[1] != '>')
		return STEP_ODD;
	for (; (p = memchr(p, '?', (size_t)(c->ok - p))); p++) {
		if (p + 1 == c->ok)
			return STEP_MORE;
		if (p[1] == '>')
			return done(c, p + 2);
	}
	return STEP_MORE;
}

/* ---- tags ---- */

#if defined(__SSE2__)
/* bit i: byte i ends a name, as far as names that were met before go */
static inline unsigned name_enders(__m128i v)
{
	const __m128i blank = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x20)), v);
	const __m128i sign = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('=')),
	                                  _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('>')),
	                                               _mm_cmpeq_epi8(v, _mm_set1_epi8('/'))));

	return (unsigned)_mm_movemask_epi8(_mm_or_si128(blank, sign));
}

/* the first @len bytes, then zeros */
static inline __m128i first_bytes(__m128i v, unsigned len)
{
	static const unsigned char mask[32] = { 255, 255, 255, 255, 255, 255, 255, 255,
		                                255, 255, 255, 255, 255, 255, 255, 255 };

	return _mm_and_si128(v, _mm_loadu_si128((const __m128i *)(const void *)(mask + 16 - len)));
}

/* does it stand at @p, where the key's length is there? A loose name never does */
static inline bool stands(const char *p, const struct tally_xml_known *k)
{
	const __m128i *key = (const __m128i *)(const void *)k->key.bytes;
	const __m128i *at = (const __m128i *)(const void *)p;
	unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(at), key[0]));

	if (k->mask > 0xffff)
		same |= (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_loadu_si128(at + 1), key[1]))
		        << 16;
	return k->mask && !(k->mask & ~same);
}

static inline struct tally_xml_known *find(const struct tally_xml *x, __m128i a, __m128i b,
                                           unsigned len)
{
	struct tally_xml_key key;
	uint64_t hash;

	_mm_store_si128((__m128i *)(void *)key.bytes, a);
	_mm_store_si128((__m128i *)(void *)(key.bytes + 16), b);
	hash = tally_xml_hash(&key, len);
	for (int i = 0; i < TALLY_XML_PROBES; i++) {
		struct tally_xml_known *k = x->slots[(hash + (unsigned)i) % TALLY_XML_SLOTS];
		const __m128i *other;

		if (!k)
			break;
		other = (const __m128i *)(const void *)k->key.bytes;
		if (k->len == len &&
		    _mm_movemask_epi8(_mm_and_si128(_mm_cmpeq_epi8(a, other[0]),
		                                    _mm_cmpeq_epi8(b, other[1]))) == 0xffff)
			return k;
	}
	return NULL;
}

/* a name that was met before, of at most 32 bytes. @return NULL: look closer */
static struct tally_xml_known *look_up(const struct tally_xml *x, const char *p)
{
	__m128i a = _mm_loadu_si128((const __m128i *)(const void *)p), b;
	unsigned ends = name_enders(a), len;

	if (ends) {
		len = (unsigned)__builtin_ctz(ends);
		return find(x, first_bytes(a, len), _mm_setzero_si128(), len);
	}
	b = _mm_loadu_si128((const __m128i *)(const void *)(p + 16));
	ends = name_enders(b);
	if (!ends)
		return NULL;
	len = (unsigned)__builtin_ctz(ends);
	return find(x, a, first_bytes(b, len), len + 16);
}

/* files repeat themselves: most names are one of the two that came after the last one before */
static inline struct tally_xml_known *met(struct cursor *c, const char **at)
{
	struct tally_xml_known *last = c->last, *k = NULL;
	const char *p = *at;

	if (c->ok - p <= TALLY_XML_KEY)
		return NULL;
	for (int i = 0; i < 2; i++) {
		k = last->after[i];
		if (stands(p, k) && !(tally_xml_classes[(unsigned char)p[k->len]] & TALLY_XML_NAME))
			goto out;
	}
	k = look_up(c->x, p);
	if (!k)
		return NULL;
	last->after[1] = last->after[0];
	last->after[0] = k;
out:
	*at = p + k->len;
	c->last = k;
	return k;
}
#else
static inline struct tally_xml_known *met(struct cursor *c, const char **at)
{
	(void)c;
	(void)at;
	return NULL;
}
#endif

static enum step new_name(struct cursor *c, const char **at, struct tally_xml_known **name)
{
	const char *p = name_end(*at, c->ok);

	if (p == c->ok)
		return STEP_MORE;
	if (p == *at || p - *at > UINT16_MAX)
		return STEP_ODD;
	*name = tally_xml_name_of(c->x, *at, (size_t)(p - *at));
	*at = p;
	return *name ? STEP_OK : told(c, tally_err_nomem(c->err));
}

static inline enum step name_at(struct cursor *c, const char **at, struct tally_xml_known **name)
{
	*name = met(c, at);
	return *name ? STEP_OK : new_name(c, at, name);
}

/* A value with entities or white space beyond blanks (section 3.3.3), from @p to the quote. @behind: the quote */
static enum step decode(struct cursor *c, const char *p, char quote, const char **value,
                        size_t *len, const char **behind)
{
	struct tally_buf *out = &c->s->values;
	const size_t from = out->len;

	/* what is decoded is no longer than what stands there: pointers into the buffer stay right for this tag */
	if (!tally_buf_reserve(out, (size_t)(c->ok - p)))
		return told(c, tally_err_nomem(c->err));
	for (;;) {
		const char *stop = tally_xml_value_stop(p, c->ok, quote);
		char ch[4] = { ' ' };
		size_t n = 1;

		tally_buf_add(out, p, (size_t)(stop - p));
		if (stop == c->ok)
			return STEP_MORE;
		p = stop + 1;
		if (*stop == quote)
			break;
		if (*stop == '<')
			return STEP_ODD;
		if (*stop == '&') {
			const enum step step = entity(&stop, c->ok, ch, &n);

			if (step)
				return step;
			p = stop;
		} else if (*stop == '\r') {
			if (p == c->ok)
				return STEP_MORE;
			p += *p == '\n';
		}
		tally_buf_add(out, ch, n);
	}
	*value = out->bytes + from;
	*len = out->len - from;
	*behind = p;
	return STEP_OK;
}

static inline enum step value_at(struct cursor *c, const char **at, struct tally_xml_known *name)
{
	const char *p = *at, *value = p + 1, *stop;
	size_t len;

	if (p == c->ok)
		return STEP_MORE;
	if (*p != '"' && *p != '\'')
		return STEP_ODD;
	stop = tally_xml_value_stop(value, c->ok, *p);
	if (stop == c->ok)
		return STEP_MORE;
	len = (size_t)(stop - value);
	*at = stop + 1;
	if (*stop != *p) {
		const enum step step = decode(c, p + 1, *p, &value, &len, at);

		if (step)
			return step;
	}
	return told(c, tally_xml_attr_add(c->x, name, value, len, c->err));
}

static inline enum step attribute(struct cursor *c, const char **at)
{
	struct tally_xml *x = c->x;
	struct tally_xml_known *name;
	const enum step step = name_at(c, at, &name);
	const char *p = *at;

	if (step)
		return step;
	/* a loose name does not know whether it was there before; what is too much, or twice, is so for expat */
	if (name->loose || name->seen == x->serial || x->attr_count >= x->limits.xml_attributes)
		return STEP_ODD;
	name->seen = x->serial;
	if (p < c->ok && *p != '=')
		p = tally_xml_skip_space(p, c->ok);
	if (p == c->ok)
		return STEP_MORE;
	if (*p != '=')
		return STEP_ODD;
	p++;
	if (p < c->ok && tally_xml_space(*p))
		p = tally_xml_skip_space(p, c->ok);
	*at = p;
	return value_at(c, at, name);
}

/* from behind the name to behind the tag */
static inline enum step attributes(struct cursor *c, const char **at, bool *empty)
{
	const char *p = *at;

	for (;;) {
		enum step step;

		if (p == c->ok)
			return STEP_MORE;
		if (*p == '>')
			break;
		if (*p == '/') {
			if (p + 1 == c->ok)
				return STEP_MORE;
			if (p[1] != '>')
				return STEP_ODD;
			*empty = true;
			p++;
			break;
		}
		if (!tally_xml_space(*p))
			return STEP_ODD;
		p = tally_xml_skip_space(p + 1, c->ok);
		if (p == c->ok)
			return STEP_MORE;
		if (*p == '>' || *p == '/')
			continue;
		step = attribute(c, &p);
		if (step)
			return step;
	}
	*at = p + 1;
	return STEP_OK;
}

/* may the handler look for itself? */
static inline bool is_plain_place(const struct tally_xml *x)
{
	const struct tally_limits *limits = &x->limits;

	return x->handler.plain && x->depth && !x->levels[x->depth - 1].known->prefix &&
	       limits->xml_depth >= x->depth + TALLY_XML_PLAIN_DEPTH &&
	       limits->xml_attributes >= TALLY_XML_PLAIN_ATTRIBUTES &&
	       limits->xml_token_bytes >= TALLY_XML_PLAIN_TAG;
}

/* @taken  whether it took something */
static inline enum step offer(struct cursor *c, bool *taken)
{
	const struct tally_xml_handler *h = &c->x->handler;
	size_t n = 0;
	const enum tally_status st = h->plain(h->payload, c->at, (size_t)(c->ok - c->at), &n, c->err);

	c->at += n;
	*taken = n > 0;
	return told(c, st);
}

static enum step start_tag(struct cursor *c)
{
	struct tally_xml *x = c->x;
	struct tally_xml_known *name;
	const char *p = c->at + 1;
	bool empty = false, taken = false;
	enum step step = is_plain_place(x) ? offer(c, &taken) : STEP_OK;

	if (step || taken)
		return step;
	if (!x->depth && c->s->root)
		return STEP_ODD;
	tally_xml_tag(x);
	c->s->values.len = 0;
	step = name_at(c, &p, &name);
	if (!step)
		step = attributes(c, &p, &empty);
	if (!step)
		step = done(c, p);
	if (step)
		return step;
	c->s->root = true;
	step = told(c, tally_xml_open(x, name, c->err));
	if (!step && empty)
		step = told(c, tally_xml_close(x, c->err));
	return step;
}

/* does @k stand at @p? There are @have bytes */
static inline bool same_name(const char *p, size_t have, const struct tally_xml_known *k)
{
#if defined(__SSE2__)
	if (k->len <= 16 && have >= 16 && !k->loose) {
		const __m128i key = _mm_load_si128((const __m128i *)(const void *)k->key.bytes);
		const __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
		const unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(key, v));
		const unsigned all = (1U << k->len) - 1;

		return (same & all) == all;
	}
#endif
	return have >= k->len && !memcmp(p, k->raw, k->len);
}

static enum step end_tag(struct cursor *c)
{
	const char *p = c->at + 2;
	const struct tally_xml_known *k;
	enum step step;

	if (!c->x->depth)
		return STEP_ODD;
	k = c->x->levels[c->x->depth - 1].known;
	if ((size_t)(c->ok - p) <= k->len)
		return STEP_MORE;
	if (!same_name(p, (size_t)(c->ok - p), k))
		return STEP_ODD;
	p += k->len;
	if (*p != '>') {
		p = tally_xml_skip_space(p, c->ok);
		if (p == c->ok)
			return STEP_MORE;
		if (*p != '>')
			return STEP_ODD;
	}
	step = done(c, p + 1);
	return step ? step : told(c, tally_xml_close(c->x, c->err));
}

/* @c->at is `<` */
static inline enum step markup(struct cursor *c)
{
	if (c->ok - c->at < 2)
		return STEP_MORE;
	switch (c->at[1]) {
	case '/':
		return end_tag(c);
	case '?':
		return instruction(c);
	case '!':
		if (c->ok - c->at < 3)
			return STEP_MORE;
		return c->at[2] == '-' ? comment(c) : cdata(c);
	default:
		return start_tag(c);
	}
}

/* ---- the beginning ---- */

static enum step declaration(struct cursor *c, const char *p)
{
	const size_t have = (size_t)(c->ok - p);
	const char *end = p + 5;

	if (memcmp(p, "<?xml ", have < 6 ? have : 6) != 0)
		return have >= 6 && !memcmp(p, "<?xml", 5) &&
		                       !(tally_xml_classes[(unsigned char)p[5]] & TALLY_XML_NAME)
		               ? STEP_ODD
		               : STEP_OK; /* there is none */
	if (have < 6)
		return STEP_MORE;
	while ((end = memchr(end, '?', (size_t)(c->ok - end))) && end + 1 < c->ok && end[1] != '>')
		end++;
	if (!end || end + 1 == c->ok)
		return have < DECLARATION_MOST ? STEP_MORE : STEP_ODD;
	if (end + 2 - p > DECLARATION_MOST || !tally_xml_declaration(p + 5, end))
		return STEP_ODD;
	c->s->declaration_len = (size_t)(end + 2 - p);
	memcpy(c->s->declaration, p, c->s->declaration_len);
	c->at = end + 2;
	return STEP_OK;
}

/* a mark of the byte order, and a declaration: both may be missing, the document may not */
static enum step beginning(struct cursor *c)
{
	const char *p = c->at;
	enum step step;

	if (c->ok - p >= 3 && !memcmp(p, "\xef\xbb\xbf", 3))
		p += 3;
	if (p == c->ok)
		return STEP_MORE;
	step = declaration(c, p);
	if (step)
		return step;
	if (!c->s->declaration_len)
		c->at = p;
	c->s->begun = true;
	return STEP_OK;
}

/* ---- the engine ---- */

/* tokens, as long as they are whole */
static enum step window(struct cursor *c)
{
	enum step step = c->s->begun || c->at == c->ok ? STEP_OK : beginning(c);

	while (!step && c->at < c->ok)
		step = *c->at == '<' ? markup(c) : c->x->depth ? text(c) : outside(c);
	return step ? step : STEP_MORE;
}

/* @return false: there is nothing behind it */
static bool widen(struct cursor *c)
{
	const size_t left = (size_t)(c->end - c->ok);
	const size_t waiting = (size_t)(c->ok - c->at);
	size_t n = waiting > WINDOW ? waiting : WINDOW;

	if (c->bad || !left)
		return false;
	n = tally_xml_chars(c->ok, n < left ? n : left, &c->bad);
	c->ok += n;
	return n > 0;
}

/* what was told so far, then the rest */
static enum tally_status hand_over(struct cursor *c)
{
	struct tally_xml *x = c->x;
	struct tally_xml_scan *s = c->s;
	const struct tally_xml_resume from = {
		.before = s->declaration_len ? s->declaration : " ",
		.before_len = s->declaration_len ? s->declaration_len : s->begun,
		.resume = s->root,
		.offset = s->offset,
	};
	enum tally_status st = tally_xml_expat_new(x, &from, c->err);

	if (st >= 0)
		st = tally_xml_expat_feed(x, c->at, (size_t)(c->end - c->at), false, c->err);
	return st;
}

/* @used: how many of the bytes are done with; all of them where expat has taken over (x->scan is NULL) */
static enum tally_status scan(struct tally_xml *x, const char *bytes, size_t len, size_t *used,
                              struct tally_err *err)
{
	struct cursor c = { x, x->scan, err, bytes, bytes, bytes + len, &x->nothing, false, TALLY_OK };
	enum step step = STEP_MORE;

	while (step == STEP_MORE && widen(&c))
		step = window(&c);
	*used = (size_t)(c.at - bytes);
	c.s->offset += *used;
	if (step == STEP_FAILED)
		return c.status;
	if (step != STEP_ODD && !c.bad && (uint64_t)(c.end - c.at) <= x->limits.xml_token_bytes)
		return TALLY_OK;
	x->scan = NULL;
	c.status = hand_over(&c);
	*used = len;
	return c.status;
}

static enum tally_status put_aside(struct tally_xml_scan *s, const char *bytes, size_t len,
                                   struct tally_err *err)
{
	return tally_buf_add(&s->carry, bytes, len) ? TALLY_OK : tally_err_nomem(err);
}

/* drop what is done with from the front */
static void move_up(struct tally_buf *carry, size_t used)
{
	carry->len -= used;
	memmove(carry->bytes, carry->bytes + used, carry->len);
}

/*
 * A token was cut: it gets more of the portion, until it is done with. What was added beyond it is looked at again where it
 * lies. @return what is left of the portion in @bytes and @len
 */
static enum tally_status go_on(struct tally_xml *x, const char **bytes, size_t *len,
                               struct tally_err *err)
{
	struct tally_xml_scan *s = x->scan;
	const size_t old = s->carry.len;
	size_t take = old < TOP_UP ? TOP_UP : old, used;
	enum tally_status st;

	take = take < *len ? take : *len;
	st = put_aside(s, *bytes, take, err);
	if (st >= 0 && s->carry.len < s->retry) {
		*bytes += take;
		*len -= take;
		return TALLY_OK;
	}
	if (st >= 0)
		st = scan(x, s->carry.bytes, s->carry.len, &used, err);
	if (st < 0)
		return st;
	if (used >= old && x->scan) {
		take = used - old;
		s->carry.len = 0;
	} else if (x->scan) {
		move_up(&s->carry, used);
	}
	s->retry = s->carry.len > PATIENT ? s->carry.len + s->carry.len / 2 : 0;
	*bytes += take;
	*len -= take;
	return TALLY_OK;
}

/* Expat has taken over: the scanner goes once nothing of it is in use */
static enum tally_status feed_expat(struct tally_xml *x, struct tally_xml_scan *s,
                                    const char *bytes, size_t len, struct tally_err *err)
{
	tally_xml_scan_free(s);
	return tally_xml_expat_feed(x, bytes, len, false, err);
}

enum tally_status tally_xml_scan_feed(struct tally_xml *x, const char *bytes, size_t len,
                                      struct tally_err *err)
{
	struct tally_xml_scan *s = x->scan;
	enum tally_status st = TALLY_OK;
	size_t used = 0;

	while (st >= 0 && len && x->scan && s->carry.len)
		st = go_on(x, &bytes, &len, err);
	if (st >= 0 && len && x->scan) {
		st = scan(x, bytes, len, &used, err);
		if (st >= 0 && x->scan)
			return put_aside(s, bytes + used, len - used, err);
	}
	if (x->scan)
		return st;
	if (st >= 0)
		return feed_expat(x, s, bytes + used, len - used, err);
	tally_xml_scan_free(s);
	return st;
}

enum tally_status tally_xml_scan_finish(struct tally_xml *x, struct tally_err *err)
{
	struct tally_xml_scan *s = x->scan;
	struct cursor c = { x, s, err, s->carry.bytes, NULL, NULL, NULL, false, TALLY_OK };
	enum tally_status st = TALLY_OK;

	if (s->root && !x->depth && !s->carry.len)
		return TALLY_OK;
	/* what is missing is for expat to say */
	c.end = s->carry.len ? c.at + s->carry.len : c.at;
	x->scan = NULL;
	st = hand_over(&c);
	tally_xml_scan_free(s);
	return st < 0 ? st : tally_xml_expat_feed(x, "", 0, true, err);
}

enum tally_status tally_xml_scan_new(struct tally_xml *x, struct tally_err *err)
{
	struct tally_xml_scan *s = tally_alloc_zero(1, sizeof *s);

	if (!s)
		return tally_err_nomem(err);
	tally_buf_init(&s->carry, SIZE_MAX / 4);
	tally_buf_init(&s->values, SIZE_MAX / 4);
	x->scan = s;
	return TALLY_OK;
}

void tally_xml_scan_free(struct tally_xml_scan *s)
{
	if (!s)
		return;
	tally_buf_release(&s->carry);
	tally_buf_release(&s->values);
	tally_free(s);
}
