/* What stands behind the elements of a web page: see html_work.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/data_url.h"
#include "formats/digest_words.h"
#include "formats/html_work.h"

const char *tally_html_attribute(const GumboNode *n, const char *name)
{
	const GumboVector *all = &n->v.element.attributes;

	for (unsigned i = 0; i < all->length; i++) {
		const GumboAttribute *a = all->data[i];

		if (!strcasecmp(a->name, name))
			return a->value;
	}
	return NULL;
}

bool tally_html_foreign(const GumboNode *n, const char *name)
{
	const GumboStringPiece *tag = &n->v.element.original_tag;
	size_t len = strlen(name);

	return n->v.element.tag_namespace != GUMBO_NAMESPACE_HTML && tag->length > len + 1 &&
	       !strncasecmp(tag->data + 1, name, len) && strchr(" \t\r\n\f/>", tag->data[len + 1]);
}

enum tally_status tally_html_fact(struct tally_html_page *p, const char *name, const char *value,
                                  const char *where)
{
	struct tally_fact f = { .name = name, .value = value };

	f.where = where && *where ? where : p->place->where;
	return p->sink->fact ? p->sink->fact(p->sink->payload, &f, p->err) : TALLY_OK;
}

/* A value of any length. */
static enum tally_status long_fact(struct tally_html_page *p, const char *name, const char *value,
                                   const char *where)
{
	tally_buf_clear(&p->value);
	if (!tally_buf_text(&p->value, "") || !tally_short_words(&p->value, value, strlen(value)))
		return tally_err_nomem(p->err);
	return tally_html_fact(p, name, p->value.bytes, where);
}

static enum tally_status image_fact(struct tally_html_page *p, const char *src, const char *where)
{
	enum tally_status st = long_fact(p, "image", src, where);

	return st < 0 ? st : tally_data_url_show(p->sink, p->value.bytes, src, p->err);
}

/* ---- which attributes are told by facts ---- */

static bool is_script(const GumboAttribute *a)
{
	return !strncasecmp(a->name, "on", 2) || !strncasecmp(a->value + strspn(a->value, " \t\r\n"),
	                                                      "javascript:", strlen("javascript:"));
}

/* Attributes that say where something comes from, or is sent to; of any element that no case below knows. */
static bool is_target(const char *name)
{
	static const char *const names[] = { "src",        "data",       "poster", "background",
		                             "formaction", "xlink:href", "ping",   "manifest",
		                             "codebase",   "classid",    "archive" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcasecmp(names[i], name))
			return true;
	return false;
}

/* What an element of HTML tells in a fact of its own. */
static bool has_own_fact(const GumboNode *n, const char *name)
{
	static const struct {
		GumboTag tag;
		const char *names[5];
	} own[] = {
		{ GUMBO_TAG_A, { "href" } },
		{ GUMBO_TAG_AREA, { "href" } },
		{ GUMBO_TAG_IMG, { "src", "alt" } },
		{ GUMBO_TAG_SCRIPT, { "src" } },
		{ GUMBO_TAG_FORM, { "action" } },
		{ GUMBO_TAG_BASE, { "href" } },
		{ GUMBO_TAG_META, { "content", "charset", "name", "http-equiv", "property" } },
		{ GUMBO_TAG_INPUT, { "type", "name", "value", "checked" } },
		{ GUMBO_TAG_BUTTON, { "type", "name", "value" } },
		{ GUMBO_TAG_OPTION, { "value", "selected" } },
		{ GUMBO_TAG_IFRAME, { "srcdoc" } },
	};

	if (n->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return false;
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		for (size_t k = 0; own[i].tag == n->v.element.tag && k < 5 && own[i].names[k]; k++)
			if (!strcasecmp(own[i].names[k], name))
				return true;
	return false;
}

/* ---- marks ---- */

static uint64_t hash_of_attribute(const GumboAttribute *a)
{
	return tally_hash64(a->value, strlen(a->value), tally_hash64(a->name, strlen(a->name), 1));
}

bool tally_html_looks_like_nothing(const GumboNode *n)
{
	static const GumboTag tags[] = { GUMBO_TAG_SCRIPT, GUMBO_TAG_META, GUMBO_TAG_TITLE,
		                         GUMBO_TAG_BASE,   GUMBO_TAG_HTML, GUMBO_TAG_HEAD,
		                         GUMBO_TAG_BODY,   GUMBO_TAG_TBODY };

	if (n->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return false;
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (n->v.element.tag == tags[i])
			return true;
	return false;
}

/* The element with what no fact tells, its attributes in any order. */
static void mark(struct tally_html_page *p, const GumboNode *n)
{
	const GumboVector *all = &n->v.element.attributes;
	const char *name = n->v.element.original_tag.data;
	size_t len = n->v.element.original_tag.length, k = 0; /* none where nobody wrote it */
	char tag[32];
	uint64_t values = 0;

	for (unsigned i = 0; i < all->length; i++) {
		const GumboAttribute *a = all->data[i];

		if (!is_script(a) && !is_target(a->name) && strcasecmp(a->name, "title") != 0 &&
		    !has_own_fact(n, a->name))
			values += hash_of_attribute(a);
	}
	if (n->v.element.tag == GUMBO_TAG_UNKNOWN) {
		for (; k + 1 < len && k < sizeof tag && !strchr(" \t\r\n\f/>", name[k + 1]); k++)
			tag[k] = tally_lower(name[k + 1]);
		values = tally_hash64(tag, k, values);
	}
	if (p->unshown || (!values && tally_html_looks_like_nothing(n)))
		return;
	tally_looks_mark(&p->looks, values + (uint64_t)n->v.element.tag * 31 + 1);
}

void tally_html_doctype(struct tally_html_page *p, const GumboNode *document)
{
	const GumboDocument *d = &document->v.document;
	const char *const parts[] = { d->name, d->public_identifier, d->system_identifier };
	uint64_t sum = 1;

	if (!d->has_doctype)
		return;
	for (size_t i = 0; i < 3; i++)
		if (parts[i])
			sum = tally_hash64(parts[i], strlen(parts[i]), sum);
	tally_looks_mark(&p->looks, sum + 1);
}

/* ---- facts of single elements ---- */

enum tally_status tally_html_comment(struct tally_html_page *p, const char *text)
{
	size_t len = strlen(text);

	/* a declaration of XML, which tells the encoding */
	if (!strncmp(text, "?xml ", 5))
		return TALLY_OK;
	while (len && strchr(" \t\r\n", *text)) {
		text++;
		len--;
	}
	while (len && strchr(" \t\r\n", text[len - 1]))
		len--;
	tally_buf_clear(&p->value);
	if (!len)
		return TALLY_OK;
	if (!tally_short_words(&p->value, text, len))
		return tally_err_nomem(p->err);
	return tally_html_fact(p, "comment", p->value.bytes, NULL);
}

static const char *first_text(const GumboNode *n)
{
	const GumboNode *child = n->v.element.children.length ? n->v.element.children.data[0] : NULL;

	return child && (child->type == GUMBO_NODE_TEXT || child->type == GUMBO_NODE_CDATA ||
	                 child->type == GUMBO_NODE_WHITESPACE)
	               ? child->v.text.text
	               : NULL;
}

/* Blanks around a script say nothing. */
static enum tally_status trimmed_fact(struct tally_html_page *p, const char *fact, const char *text)
{
	size_t from = strspn(text, " \t\r\n\f"), len = strlen(text);
	char *copy;
	enum tally_status st;

	while (len > from && strchr(" \t\r\n\f", text[len - 1]))
		len--;
	if (len == from)
		return TALLY_OK;
	copy = tally_dup(text + from, len - from);
	st = copy ? long_fact(p, fact, copy, NULL) : tally_err_nomem(p->err);
	tally_free(copy);
	return st;
}

enum tally_status tally_html_code(struct tally_html_page *p, const GumboNode *n)
{
	const char *text = first_text(n);
	enum tally_status st = tally_html_element(p, n);

	if (st < 0 || !text)
		return st;
	if (n->v.element.tag == GUMBO_TAG_STYLE) {
		tally_looks_mark(&p->looks, tally_hash64(text, strlen(text), 2));
		return TALLY_OK;
	}
	return trimmed_fact(p, n->v.element.tag == GUMBO_TAG_TITLE ? "title" : "script", text);
}

static enum tally_status script_facts(struct tally_html_page *p, const GumboNode *n)
{
	const GumboVector *all = &n->v.element.attributes;
	const char *src = tally_html_attribute(n, "src");
	enum tally_status st = TALLY_OK;

	if (n->v.element.tag == GUMBO_TAG_SCRIPT && src)
		st = long_fact(p, "script", src, NULL);
	for (unsigned i = 0; st >= 0 && i < all->length; i++) {
		const GumboAttribute *a = all->data[i];

		if (is_script(a))
			st = long_fact(p, "script", a->value, a->name);
	}
	return st;
}

static enum tally_status meta_fact(struct tally_html_page *p, const GumboNode *n)
{
	const char *name = tally_html_attribute(n, "name"),
		   *content = tally_html_attribute(n, "content");

	name = name ? name : tally_html_attribute(n, "http-equiv");
	name = name ? name : tally_html_attribute(n, "property");
	if (!content)
		return TALLY_OK;
	return name && !strcasecmp(name, "author") ? long_fact(p, "author", content, NULL)
	                                           : long_fact(p, "property", content, name);
}

/* "text: 5, checked" */
static enum tally_status form_fact(struct tally_html_page *p, const GumboNode *n, const char *kind)
{
	const char *name = tally_html_attribute(n, "name"), *type = tally_html_attribute(n, "type"),
		   *value = tally_html_attribute(n, "value");

	tally_buf_clear(&p->value);
	if (!tally_buf_text(&p->value, type ? type : kind) ||
	    (value && (!tally_buf_text(&p->value, ": ") ||
	               !tally_short_words(&p->value, value, strlen(value)))) ||
	    (tally_html_attribute(n, "checked") && !tally_buf_text(&p->value, ", checked")) ||
	    (tally_html_attribute(n, "selected") && !tally_buf_text(&p->value, ", selected")))
		return tally_err_nomem(p->err);
	return tally_html_fact(p, "form_field", p->value.bytes, name);
}

/* A page that stands in an attribute of this one. */
static enum tally_status inner_page(struct tally_html_page *p, const char *text)
{
	tally_buf_clear(&p->value);
	if (!tally_buf_text(&p->value, "a page inside this page") ||
	    !tally_digest_words(&p->value, text, strlen(text)))
		return tally_err_nomem(p->err);
	return tally_html_fact(p, "embedded_file", p->value.bytes, NULL);
}

static enum tally_status own_facts(struct tally_html_page *p, const GumboNode *n)
{
	const char *src = tally_html_attribute(n, "src");
	const char *href = tally_html_attribute(n, "href");

	if (n->v.element.tag_namespace != GUMBO_NAMESPACE_HTML)
		return TALLY_OK;
	switch (n->v.element.tag) {
	case GUMBO_TAG_IMG:
		return src ? image_fact(p, src, tally_html_attribute(n, "alt")) : TALLY_OK;
	case GUMBO_TAG_IFRAME:
		return tally_html_attribute(n, "srcdoc")
		               ? inner_page(p, tally_html_attribute(n, "srcdoc"))
		               : TALLY_OK;
	case GUMBO_TAG_INPUT:
		return form_fact(p, n, "text");
	case GUMBO_TAG_BUTTON:
		return form_fact(p, n, "button");
	case GUMBO_TAG_OPTION:
		return tally_html_attribute(n, "value") || tally_html_attribute(n, "selected")
		               ? form_fact(p, n, "option")
		               : TALLY_OK;
	case GUMBO_TAG_META:
		return meta_fact(p, n);
	case GUMBO_TAG_BASE:
		return href ? long_fact(p, "external_target", href, "base of links") : TALLY_OK;
	case GUMBO_TAG_AREA:
		return href ? long_fact(p, "link", href, tally_html_attribute(n, "alt")) : TALLY_OK;
	case GUMBO_TAG_FORM:
		return tally_html_attribute(n, "action")
		               ? long_fact(p, "external_target", tally_html_attribute(n, "action"),
		                           "form")
		               : TALLY_OK;
	default:
		return TALLY_OK;
	}
}

/* Where things come from or are sent to, and what is shown beside an element. */
static enum tally_status other_facts(struct tally_html_page *p, const GumboNode *n)
{
	const GumboVector *all = &n->v.element.attributes;
	enum tally_status st = TALLY_OK;

	for (unsigned i = 0; st >= 0 && i < all->length; i++) {
		const GumboAttribute *a = all->data[i];
		bool link = !strcasecmp(a->name, "xlink:href") && !tally_html_foreign(n, "image") &&
		            !tally_html_foreign(n, "use");

		if (is_script(a) || has_own_fact(n, a->name))
			continue;
		if (!strcasecmp(a->name, "title"))
			st = long_fact(p, "property", a->value, "text beside the pointer");
		else if (is_target(a->name))
			st = long_fact(p, link ? "link" : "external_target", a->value, NULL);
	}
	return st;
}

enum tally_status tally_html_element(struct tally_html_page *p, const GumboNode *n)
{
	enum tally_status st = script_facts(p, n);

	mark(p, n);
	if (st >= 0)
		st = own_facts(p, n);
	return st < 0 ? st : other_facts(p, n);
}
