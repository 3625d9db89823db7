/* How deep elements may stand in each other, and how many attributes they have: see html_bounds.h. */
#include "formats/html_bounds.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "core/ascii.h"

struct scan {
	const char *at, *end;
	uint64_t open,
		deepest; /* elements that are open, at most: not all of them need a tag that ends them */
	uint64_t attributes; /* of one element, at most */
};

static bool is_name(const char *name, size_t len, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == len && !strncasecmp(*list, name, len))
			return true;
	return false;
}

/* They hold nothing, or end where the next one begins. */
static bool ends_itself(const char *name, size_t len)
{
	static const char *const names[] = {
		"area",   "base", "br",    "col",      "dd",       "dt",    "embed", "hr",    "img",
		"input",  "li",   "link",  "meta",     "option",   "p",     "param", "rp",    "rt",
		"source", "td",   "tbody", "tfoot",    "th",       "thead", "tr",    "track", "wbr",
		"html",   "head", "body",  "colgroup", "optgroup", NULL,
	};

	return is_name(name, len, names);
}

/* Behind the next @what, in any case, or at the end. */
static void pass(struct scan *s, const char *what)
{
	size_t n = strlen(what);

	while (s->at < s->end && ((size_t)(s->end - s->at) < n || strncasecmp(s->at, what, n) != 0)) {
		const char *next = memchr(s->at + 1, what[0], (size_t)(s->end - s->at - 1));

		s->at = next ? next : s->end;
	}
}

/* Up to behind its '>'; words in it are attributes, quoted values are none. */
static uint64_t count_attributes(struct scan *s)
{
	uint64_t n = 0;
	bool word = true;

	for (; s->at < s->end && *s->at != '>'; s->at++) {
		char c = *s->at;

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '/') {
			word = false;
		} else if (c == '"' || c == '\'') {
			const char *close = memchr(s->at + 1, c, (size_t)(s->end - s->at - 1));

			s->at = close ? close : s->end - 1;
			word = false;
		} else if (!word && c != '=') {
			n++;
			word = true;
		}
	}
	return n;
}

static void element(struct scan *s)
{
	bool closes = s->at < s->end && *s->at == '/';
	const char *name = s->at + closes;
	uint64_t n;
	size_t len = 0;

	while (name + len < s->end && (tally_is_letter(name[len]) || tally_is_digit(name[len])))
		len++;
	s->at = name + len;
	n = count_attributes(s);
	s->attributes = n > s->attributes ? n : s->attributes;
	if (!len || ends_itself(name, len))
		return;
	if (closes) {
		s->open -= s->open > 0;
		return;
	}
	if (len == strlen("script") && !strncasecmp(name, "script", len))
		pass(s, "</script");
	else if (len == strlen("style") && !strncasecmp(name, "style", len))
		pass(s, "</style");
	else
		s->open++;
	s->deepest = s->open > s->deepest ? s->open : s->deepest;
}

static void scan_all(struct scan *s)
{
	while (s->at < s->end && (s->at = memchr(s->at, '<', (size_t)(s->end - s->at))) != NULL) {
		s->at++;
		if (s->end - s->at >= 3 && !memcmp(s->at, "!--", 3))
			pass(s, "-->");
		else if (s->at < s->end && (*s->at == '/' || tally_is_letter(*s->at)))
			element(s);
	}
}

enum tally_status tally_html_bounds(const char *bytes, size_t len,
                                    const struct tally_limits *limits, struct tally_err *err)
{
	struct scan s = { .at = bytes, .end = bytes + len };

	if (len)
		scan_all(&s);
	if (s.attributes > limits->html_attributes)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "html_attributes: an element has %" PRIu64, s.attributes);
	if (s.deepest > limits->html_depth)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "html_depth: %" PRIu64 " elements stand in each other",
		                     s.deepest);
	return TALLY_OK;
}
