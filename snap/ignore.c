/* Patterns in gitignore syntax: parsing as git's dir.c does, matching without recursion. */
#include "snap/ignore.h"

#include <assert.h>
#include <string.h>

#include "core/arena.h"
#include "core/mem.h"
#include "core/path.h"

struct tally_ignore {
	struct tally_ignore_pattern *patterns;
	size_t count, cap;
	uint32_t lines; /* seen so far */
	struct tally_arena arena;
};

/* ---- matching ---- */

/* A span of text or pattern. */
struct span {
	const unsigned char *at, *end;
};

enum verdict {
	NO,
	YES,
	NEVER /* malformed: no text can match */
};

static bool is_class_name(const unsigned char *name, size_t len, const char *what)
{
	return strlen(what) == len && memcmp(name, what, len) == 0;
}

/* Is @c in [:name:]? The C locale's classes, whatever the locale is. */
static enum verdict in_class(const unsigned char *name, size_t len, unsigned char c)
{
	bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
	bool graph = c > ' ' && c < 127, in;

	if (is_class_name(name, len, "alnum"))
		in = lower || upper || digit;
	else if (is_class_name(name, len, "alpha"))
		in = lower || upper;
	else if (is_class_name(name, len, "blank"))
		in = c == ' ' || c == '\t';
	else if (is_class_name(name, len, "cntrl"))
		in = c < ' ' || c == 127;
	else if (is_class_name(name, len, "digit"))
		in = digit;
	else if (is_class_name(name, len, "graph"))
		in = graph;
	else if (is_class_name(name, len, "lower"))
		in = lower;
	else if (is_class_name(name, len, "print"))
		in = graph || c == ' ';
	else if (is_class_name(name, len, "punct"))
		in = graph && !lower && !upper && !digit;
	else if (is_class_name(name, len, "space"))
		in = c == ' ' || (c >= '\t' && c <= '\r');
	else if (is_class_name(name, len, "upper"))
		in = upper;
	else if (is_class_name(name, len, "xdigit"))
		in = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
	else
		return NEVER;
	return in ? YES : NO;
}

/* The byte at @p, or 0 at the end (patterns hold no NUL). */
static unsigned char peek(const struct span *p, size_t ahead)
{
	return (size_t)(p->end - p->at) > ahead ? p->at[ahead] : 0;
}

/*
 * "[:name:]" with p->at on its '['. Moves to its last byte. When there is no ":]" it is a plain '[' and nothing moves.
 */
static enum verdict match_named(struct span *p, unsigned char c, bool *plain)
{
	const unsigned char *name = p->at + 2, *close = name;

	while (close < p->end && *close != ']')
		close++;
	if (close == p->end)
		return NEVER;
	*plain = close == name || close[-1] != ':';
	if (*plain)
		return c == '[' ? YES : NO;
	p->at = close;
	return in_class(name, (size_t)(close - 1 - name), c);
}

/* One member of a set; leaves p->at on its last byte. *before is the byte a range may begin with, 0 for none. */
static enum verdict match_member(struct span *p, unsigned char c, unsigned char *before)
{
	unsigned char m = peek(p, 0), low = *before;
	bool plain = true;
	enum verdict v;

	if (m == '-' && low && peek(p, 1) && peek(p, 1) != ']') {
		p->at++;
		m = peek(p, 0);
		if (m == '\\') {
			p->at++;
			m = peek(p, 0);
		}
		*before = 0;
		return !m ? NEVER : c >= low && c <= m ? YES : NO;
	}
	if (m == '[' && peek(p, 1) == ':') {
		v = match_named(p, c, &plain);
		*before = plain ? '[' : 0;
		return v;
	}
	if (m == '\\') {
		p->at++;
		m = peek(p, 0);
	}
	*before = m;
	return !m ? NEVER : c == m ? YES : NO;
}

/* A set with p->at behind its '['. Moves behind its ']'. */
static enum verdict match_set(struct span *p, unsigned char c)
{
	bool negated = peek(p, 0) == '!' || peek(p, 0) == '^', in = false;
	unsigned char before = 0;

	if (negated)
		p->at++;
	do { /* a ']' that comes first is a member */
		enum verdict v = match_member(p, c, &before);

		if (v == NEVER)
			return NEVER;
		in |= v == YES;
		p->at++;
	} while (peek(p, 0) && peek(p, 0) != ']');
	if (!peek(p, 0))
		return NEVER;
	p->at++;
	return in != negated && c != '/' ? YES : NO;
}

/* One pattern element that is no star against one byte. Moves @p behind it. */
static enum verdict match_one(struct span *p, unsigned char c)
{
	unsigned char m = *p->at++;

	if (m == '?')
		return c != '/' ? YES : NO;
	if (m == '[')
		return match_set(p, c);
	if (m == '\\') {
		if (p->at == p->end)
			return NEVER;
		m = *p->at++;
	}
	return m == c ? YES : NO;
}

/* Where to go on when the text at hand does not fit. */
struct retry {
	const unsigned char *pattern; /* behind the star; NULL: there was none */
	const unsigned char *text;    /* the first byte that the star has not taken yet */
};

struct wild {
	struct span p, t;
	const unsigned char *start; /* of the pattern */
	struct retry star;          /* the last '*' of this part of the path */
	struct retry stars;         /* the last "**" that was followed by '/': takes whole parts */
};

/* Give the last star one byte more, or the last "**" one part more. @return false: nothing left to try */
static bool take_more(struct wild *w)
{
	if (w->star.pattern && w->star.text < w->t.end && *w->star.text != '/') {
		w->t.at = ++w->star.text;
		w->p.at = w->star.pattern;
		return true;
	}
	w->star.pattern = NULL;
	if (!w->stars.pattern)
		return false;
	while (w->stars.text < w->t.end && *w->stars.text != '/')
		w->stars.text++;
	if (w->stars.text == w->t.end)
		return false;
	w->t.at = ++w->stars.text;
	w->p.at = w->stars.pattern;
	return true;
}

/*
 * Stars with p.at on the first one. "**" counts double between slashes (or the ends) only; followed by '/' it takes
 * no part or whole ones. Anything earlier to go back to is forgotten: whatever a later star can do, it can do from the
 * first place where it was reached, and what stands before is settled.
 * @return false: it cannot match
 */
static bool take_stars(struct wild *w)
{
	const unsigned char *first = w->p.at;
	bool alone, escaped;

	while (peek(&w->p, 0) == '*')
		w->p.at++;
	alone = w->p.at - first > 1 && (first == w->start || first[-1] == '/');
	if (alone && w->p.at == w->p.end) {
		w->t.at = w->t.end;
		return true;
	}
	escaped = peek(&w->p, 0) == '\\' && peek(&w->p, 1) == '/';
	if (!alone || (peek(&w->p, 0) != '/' && !escaped)) {
		w->star = (struct retry){ w->p.at, w->t.at };
		return true;
	}
	w->p.at += escaped ? 2 : 1;
	w->star.pattern = NULL;
	w->stars = (struct retry){ w->p.at, w->t.at };
	/* git lets "**" take nothing together with its slash, but not with an escaped one */
	return !escaped || take_more(w);
}

bool tally_ignore_wild(const char *pattern, size_t pattern_len, const char *text, size_t text_len)
{
	const unsigned char *p = (const unsigned char *)pattern, *t = (const unsigned char *)text;
	struct wild w = { .p = { p, p + pattern_len }, .t = { t, t + text_len }, .start = p };

	for (;;) {
		enum verdict v = NO;

		if (w.p.at < w.p.end && *w.p.at == '*') {
			if (!take_stars(&w))
				return false;
			continue;
		}
		if (w.t.at == w.t.end && w.p.at == w.p.end)
			return true;
		if (w.p.at < w.p.end && w.t.at < w.t.end)
			v = match_one(&w.p, *w.t.at++);
		if (v == NEVER)
			return false;
		if (v == NO && !take_more(&w))
			return false;
	}
}

static bool match_name(const struct tally_ignore_pattern *p, const char *name, size_t len)
{
	size_t pattern_len = p->end - p->start;

	if (p->literal == pattern_len)
		return len == pattern_len && memcmp(p->text + p->start, name, len) == 0;
	return tally_ignore_wild(p->text + p->start, pattern_len, name, len);
}

/* As git does, the literal beginning is compared first, so that "a**\/b" is "a" and then "**\/b". */
static bool match_path(const struct tally_ignore_pattern *p, const char *path, size_t len)
{
	size_t literal = p->literal;

	if (literal > len || memcmp(p->text + p->start, path, literal) != 0)
		return false;
	return tally_ignore_wild(p->text + p->start + literal, p->end - p->start - literal,
	                         path + literal, len - literal);
}

bool tally_ignore_match(const struct tally_ignore *list, const char *path, size_t len, bool folder,
                        uint32_t *index)
{
	size_t base = tally_path_base(path, len);

	for (size_t i = list->count; i-- > 0;) {
		const struct tally_ignore_pattern *p = &list->patterns[i];

		if (p->folders_only && !folder)
			continue;
		if (p->name_only ? match_name(p, path + base, len - base) : match_path(p, path, len)) {
			*index = (uint32_t)i;
			return true;
		}
	}
	return false;
}

/* ---- parsing ---- */

enum tally_status tally_ignore_new(struct tally_ignore **out, struct tally_err *err)
{
	struct tally_ignore *list = tally_alloc_zero(1, sizeof *list);

	if (!list)
		return tally_err_nomem(err);
	tally_arena_init(&list->arena, 0);
	*out = list;
	return TALLY_OK;
}

void tally_ignore_free(struct tally_ignore *list)
{
	if (!list)
		return;
	tally_free(list->patterns);
	tally_arena_release(&list->arena);
	tally_free(list);
}

uint32_t tally_ignore_count(const struct tally_ignore *list)
{
	return (uint32_t)list->count;
}

const struct tally_ignore_pattern *tally_ignore_at(const struct tally_ignore *list, uint32_t index)
{
	assert(index < list->count);
	return &list->patterns[index];
}

/* Length without the spaces at the end; one behind a backslash stays. */
static size_t trimmed(const char *text, size_t len)
{
	size_t end = 0;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\' && i + 1 < len)
			i++;
		else if (text[i] == '\\')
			return len;
		else if (text[i] == ' ')
			continue;
		end = i + 1;
	}
	return end;
}

static uint32_t literal_length(const char *text, uint32_t len)
{
	uint32_t i = 0;

	while (i < len && !strchr("*?[\\", text[i]))
		i++;
	return i;
}

/* Take the line apart. Never-matching ones (nothing left, "/") stay: they are somebody's lines. */
static void understand(struct tally_ignore_pattern *p, uint32_t len)
{
	p->negative = len > 0 && p->text[0] == '!';
	p->start = p->negative ? 1 : 0;
	p->end = len;
	p->folders_only = p->end > p->start && p->text[p->end - 1] == '/';
	if (p->folders_only)
		p->end--;
	p->name_only = !memchr(p->text + p->start, '/', p->end - p->start);
	if (!p->name_only && p->text[p->start] == '/')
		p->start++;
	p->literal = literal_length(p->text + p->start, p->end - p->start);
}

static enum tally_status add_line(struct tally_ignore *list, const char *text, size_t len,
                                  struct tally_err *err)
{
	struct tally_ignore_pattern p = { .line = ++list->lines };
	const char *nul = memchr(text, '\0', len);

	if (nul)
		len = (size_t)(nul - text);
	if (len == 0 || text[0] == '#')
		return TALLY_OK;
	len = trimmed(text, len);
	if (len > UINT32_MAX / 2 || list->count >= UINT32_MAX / 2)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_LIMIT, "a pattern is too long");
	if (!tally_grow(&list->patterns, &list->cap, list->count, sizeof *list->patterns))
		return tally_err_nomem(err);
	p.text = tally_arena_dup(&list->arena, text, len);
	if (!p.text)
		return tally_err_nomem(err);
	understand(&p, (uint32_t)len);
	list->patterns[list->count++] = p;
	return TALLY_OK;
}

enum tally_status tally_ignore_add(struct tally_ignore *list, const char *text, size_t len,
                                   struct tally_err *err)
{
	return add_line(list, text, len, err);
}

enum tally_status tally_ignore_parse(struct tally_ignore *list, const char *bytes, size_t len,
                                     struct tally_err *err)
{
	static const char bom[] = "\xEF\xBB\xBF";
	size_t at = len >= 3 && memcmp(bytes, bom, 3) == 0 ? 3 : 0;

	while (at < len) {
		const char *line = bytes + at;
		const char *newline = memchr(line, '\n', len - at);
		size_t n = newline ? (size_t)(newline - line) : len - at;
		size_t shown = n > 0 && line[n - 1] == '\r' ? n - 1 : n;
		enum tally_status st = add_line(list, line, shown, err);

		if (st < 0)
			return st;
		at += n + 1;
	}
	return TALLY_OK;
}
