/* XHTML in the form of HTML: see xhtml.h. */
#include "formats/xhtml.h"

#include <string.h>
#include <strings.h>

#include "core/ascii.h"

/* Elements that HTML closes by itself. */
static bool is_void(const char *name, size_t len)
{
	static const char *const names[] = { "area",  "base",   "br",    "col",  "embed",
		                             "hr",    "img",    "input", "link", "meta",
		                             "param", "source", "track", "wbr" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strlen(names[i]) == len && !strncasecmp(names[i], name, len))
			return true;
	return false;
}

/* Where something ends that begins here; the end of it all where it does not. */
static const char *behind(const char *p, const char *end, const char *mark)
{
	size_t n = strlen(mark);

	for (; (size_t)(end - p) >= n && (p = memchr(p, mark[0], (size_t)(end - p) - n + 1)); p++)
		if (!memcmp(p, mark, n))
			return p + n;
	return end;
}

/* Behind the `>` of a tag; quotes may hold others. */
static const char *behind_tag(const char *p, const char *end)
{
	char quote = 0;

	for (; p < end; p++) {
		if (quote)
			quote = *p == quote ? 0 : quote;
		else if (*p == '"' || *p == '\'')
			quote = *p;
		else if (*p == '>')
			return p + 1;
	}
	return end;
}

static bool begins(const char *p, const char *end, const char *with)
{
	size_t n = strlen(with);

	return (size_t)(end - p) >= n && !memcmp(p, with, n);
}

/* <a id="x"/> as <a id="x"></a> */
static bool add_tag(struct tally_buf *out, const char *p, const char *end)
{
	const char *name = p + 1;
	size_t len = 0;

	while (name + len < end && !strchr(" \t\r\n/>", name[len]))
		len++;
	if (end - p < 4 || end[-1] != '>' || end[-2] != '/' || is_void(name, len))
		return tally_buf_add(out, p, (size_t)(end - p));
	return tally_buf_add(out, p, (size_t)(end - p) - 2) && tally_buf_text(out, "></") &&
	       tally_buf_add(out, name, len) && tally_buf_byte(out, '>');
}

static bool add_plain(struct tally_buf *out, const char *p, const char *end)
{
	for (; p < end; p++) {
		bool ok = *p == '<'   ? tally_buf_text(out, "&lt;")
		          : *p == '&' ? tally_buf_text(out, "&amp;")
		                      : tally_buf_byte(out, *p);

		if (!ok)
			return false;
	}
	return true;
}

/* What begins with `<`. @p  moved behind it */
static bool add_markup(struct tally_buf *out, const char **at, const char *end)
{
	static const char plain[] = "<![CDATA[";
	const char *p = *at;

	if (begins(p, end, plain)) {
		size_t closed;

		*at = behind(p, end, "]]>");
		closed = begins(*at - 3, end, "]]>") ? 3 : 0;
		return add_plain(out, p + strlen(plain), *at - closed);
	}
	if (begins(p, end, "<!--"))
		*at = behind(p + 4, end, "-->");
	else if (begins(p, end, "<?"))
		*at = behind(p, end, "?>");
	else
		*at = behind_tag(p, end);
	if (p[1] == '?')
		return true;
	return tally_is_letter(p[1]) ? add_tag(out, p, *at)
	                             : tally_buf_add(out, p, (size_t)(*at - p));
}

bool tally_xhtml_as_html(struct tally_buf *out, const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len;

	while (p < end) {
		const char *tag = memchr(p, '<', (size_t)(end - p));
		size_t n = (size_t)((tag ? tag : end) - p);

		if (n && !tally_buf_add(out, p, n))
			return false;
		p += n;
		if (end - p == 1)
			return tally_buf_byte(out, *p);
		if (p < end && !add_markup(out, &p, end))
			return false;
	}
	return true;
}
