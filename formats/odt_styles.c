/* Styles of OpenDocument texts: see odt_styles.h. */
#include "formats/odt_styles.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"

enum {
	PARENTS_MOST = 32, /* of a style, one above the other */
	NAME_MOST = 256,   /* bytes of a style's name and family; one that is longer is not found */
	OWN_DEPTH = 3,     /* of the text's own styles: document, automatic-styles */
	SAID = 3 + 16, /* letters in front of the parent's name: three of how it is seen, then its sum */
};

void tally_odt_styles_init(struct tally_odt_styles *s, struct tally_office_facts *facts)
{
	*s = (struct tally_odt_styles){ .facts = facts };
	tally_fact_text_init(&s->name);
	tally_fact_text_init(&s->parent);
	tally_fact_text_init(&s->list);
	tally_fact_text_init(&s->data);
}

void tally_odt_styles_release(struct tally_odt_styles *s)
{
	tally_fact_pairs_release(&s->common);
	tally_fact_pairs_release(&s->own);
	tally_fact_pairs_release(&s->fonts);
	tally_free(s->used);
	tally_fact_text_release(&s->name);
	tally_fact_text_release(&s->parent);
	tally_fact_text_release(&s->list);
	tally_fact_text_release(&s->data);
}

void tally_odt_styles_part(struct tally_odt_styles *s)
{
	s->own.count = s->fonts.count = 0;
	s->open = s->in_own = false;
}

void tally_odt_styles_ready(struct tally_odt_styles *s)
{
	tally_fact_pairs_sort(&s->own);
	tally_fact_pairs_sort(&s->common);
}

/* ---- gathering ---- */

/* "1pt" and less */
static bool is_tiny(const struct tally_xml_attr *size)
{
	if (!size || size->len < 3 || memcmp(size->value + size->len - 2, "pt", 2) != 0)
		return false;
	return size->value[0] == '0' || tally_attr_is(size, "1pt") || tally_attr_is(size, "1.0pt");
}

static uint8_t said(const struct tally_xml_attr *a, bool yes)
{
	if (!a)
		return TALLY_ODT_UNSAID;
	return yes ? TALLY_ODT_YES : TALLY_ODT_NO;
}

static void properties(struct tally_odt_styles *s, const struct tally_xml_start *e)
{
	const struct tally_xml_attr *display = tally_xml_attr(e, TALLY_XML_TEXT, "display"),
				    *color = tally_xml_attr(e, TALLY_XML_FO, "color"),
				    *size = tally_xml_attr(e, TALLY_XML_FO, "font-size"),
				    *slide = tally_xml_attr(e, TALLY_XML_PRESENTATION, "visibility");

	if (tally_xml_is(&e->name, TALLY_XML_STYLE, "drawing-page-properties")) {
		s->look.hidden = said(slide, tally_attr_is(slide, "hidden"));
	} else if (tally_xml_is(&e->name, TALLY_XML_STYLE, "text-properties")) {
		s->look.hidden = said(display, tally_attr_is(display, "none"));
		s->look.white = said(color, tally_attr_is(color, "#ffffff") ||
		                                    tally_attr_is(color, "#FFFFFF"));
		s->look.tiny = said(size, is_tiny(size));
	}
}

/* A style of the text's own: what it is called is no matter. @return its family, or NULL */
static const char *family_of_own(const struct tally_odt_styles *s, const struct tally_xml_start *e)
{
	if (!s->in_own || e->depth != OWN_DEPTH)
		return NULL;
	if (tally_xml_is(&e->name, TALLY_XML_TEXT, "list-style"))
		return "list";
	return e->name.ns == TALLY_XML_NUMBER ? "data" : NULL;
}

static void keep(struct tally_fact_text *t, const struct tally_xml_start *e, const char *local)
{
	tally_fact_text_clear(t);
	tally_fact_text_attr(t, tally_xml_attr(e, TALLY_XML_STYLE, local));
}

/* @family  NULL: it says so itself */
static void begin_style(struct tally_odt_styles *s, const struct tally_xml_start *e,
                        const char *family)
{
	s->open = true;
	s->inside = 0;
	s->sum = 1;
	s->look = (struct tally_odt_look){ 0 };
	keep(&s->name, e, "family");
	tally_fact_text_put(&s->name, family ? family : "");
	tally_fact_text_put(&s->name, " ");
	tally_fact_text_attr(&s->name, tally_xml_attr(e, TALLY_XML_STYLE, "name"));
	keep(&s->parent, e, "parent-style-name");
	keep(&s->list, e, "list-style-name");
	keep(&s->data, e, "data-style-name");
}

static bool is_rsid(const struct tally_xml_name *name)
{
	return name->len >= 4 && !memcmp(name->local + name->len - 4, "rsid", 4);
}

/* Where the default is written out; LibreOffice does so at every other save. */
static bool is_default_direction(const struct tally_xml_attr *a)
{
	return tally_xml_is(&a->name, TALLY_XML_STYLE, "writing-mode") && tally_attr_is(a, "lr-tb");
}

static bool ends_in_name(const struct tally_xml_name *name)
{
	return name->len >= 4 && !memcmp(name->local + name->len - 4, "name", 4);
}

static uint64_t sum_of(const struct tally_xml_start *e, bool names, bool defaults)
{
	uint64_t sum = tally_hash64(e->name.local, e->name.len, e->name.ns + UINT64_C(1));

	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		if (!is_rsid(&a->name) && !(defaults && is_default_direction(a)) &&
		    (names || !ends_in_name(&a->name)))
			sum += tally_hash64(a->value, a->len,
			                    tally_hash64(a->name.local, a->name.len, 1));
	}
	return sum;
}

uint64_t tally_odt_whole_sum(struct tally_odt_styles *s, const struct tally_xml_start *e)
{
	if (tally_xml_is(&e->name, TALLY_XML_STYLE, "default-style"))
		s->in_defaults = true;
	else if (tally_xml_is(&e->name, TALLY_XML_STYLE, "style"))
		s->in_defaults = false;
	return sum_of(e, true, s->in_defaults);
}

uint64_t tally_odt_nameless_sum(const struct tally_xml_start *e)
{
	return sum_of(e, false, false);
}

/* Names of fonts stand for what they say; those of other styles are common ones, or kept with the style. */
static uint64_t names_in(const struct tally_odt_styles *s, const struct tally_xml_start *e)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < e->attr_count && s->inside; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];
		bool font = a->name.len >= 9 && !memcmp(a->name.local, "font-name", 9);
		const char *said = font ? tally_fact_pairs_find(&s->fonts, a->value, a->len) : NULL;
		uint64_t name = tally_hash64(a->name.local, a->name.len, 3);

		/* "font-name-asian"; formats by condition are numbered */
		if ((!font && !ends_in_name(&a->name)) ||
		    tally_xml_is(&a->name, TALLY_XML_STYLE, "apply-style-name"))
			continue;
		sum += said ? tally_hash64(said, strlen(said), name)
		            : tally_hash64(a->value, a->len, name);
	}
	return sum;
}

/* Without "font-name-asian" and the like, which names_in has. */
static uint64_t said_in(const struct tally_xml_start *e)
{
	uint64_t sum = tally_odt_nameless_sum(e);

	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		if (a->name.len > 9 && !memcmp(a->name.local, "font-name", 9))
			sum -= tally_hash64(a->value, a->len,
			                    tally_hash64(a->name.local, a->name.len, 1));
	}
	return sum;
}

static enum tally_status keep_font(struct tally_odt_styles *s, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	const struct tally_xml_attr *name = tally_xml_attr(e, TALLY_XML_STYLE, "name");
	char sum[SAID + 8];

	if (!name)
		return TALLY_OK;
	snprintf(sum, sizeof sum, "%016" PRIx64, tally_odt_nameless_sum(e));
	return tally_office_pair(s->facts, &s->fonts, name->value, name->len, sum, strlen(sum), err);
}

enum tally_status tally_odt_styles_start(struct tally_odt_styles *s,
                                         const struct tally_xml_start *e, struct tally_err *err)
{
	const char *family = s->open ? NULL : family_of_own(s, e);

	if (tally_xml_is(&e->name, TALLY_XML_OFFICE, "automatic-styles") ||
	    tally_xml_is(&e->name, TALLY_XML_OFFICE, "styles")) {
		s->in_own = e->name.len != strlen("styles");
		tally_fact_pairs_sort(&s->fonts);
	} else if (!s->open && (family || tally_xml_is(&e->name, TALLY_XML_STYLE, "style"))) {
		begin_style(s, e, family);
	} else if (s->open) {
		properties(s, e);
	} else if (tally_xml_is(&e->name, TALLY_XML_STYLE, "font-face")) {
		return keep_font(s, e, err);
	}
	if (s->open) {
		s->sum = s->sum * 31 + said_in(e) + names_in(s, e);
		s->inside++;
	}
	return TALLY_OK;
}

bool tally_odt_styles_looked_up(const struct tally_odt_styles *s, const struct tally_xml_start *e)
{
	return s->open || family_of_own(s, e) || tally_xml_is(&e->name, TALLY_XML_STYLE, "style");
}

enum tally_status tally_odt_styles_end(struct tally_odt_styles *s,
                                       const struct tally_xml_name *name, struct tally_err *err)
{
	struct tally_fact_text value;
	char sum[SAID + 8]; /* one digit each, for all that compilers know three */
	const char *key, *text;
	enum tally_status st;

	(void)name;
	if (!s->open || --s->inside)
		return TALLY_OK;
	s->open = false;
	tally_fact_text_init(&value);
	snprintf(sum, sizeof sum, "%d%d%d%016" PRIx64, s->look.hidden, s->look.white, s->look.tiny,
	         s->sum);
	tally_fact_text_put(&value, sum);
	tally_fact_text_join(&value, &s->parent);
	tally_fact_text_put(&value, "\x1f");
	tally_fact_text_join(&value, &s->list);
	tally_fact_text_put(&value, "\x1f");
	tally_fact_text_join(&value, &s->data);
	snprintf(sum, sizeof sum, "\x1f%zu", s->own.count);
	tally_fact_text_put(&value, sum);
	if (!tally_grow(&s->used, &s->used_cap, s->own.count, sizeof *s->used))
		value.no_memory = true;
	else
		s->used[s->own.count] = false;
	key = tally_fact_text_end(&s->name);
	text = tally_fact_text_end(&value);
	st = s->name.no_memory || s->parent.no_memory || s->list.no_memory || s->data.no_memory ||
	                     value.no_memory
	             ? tally_err_nomem(err)
	             : tally_office_pair(s->facts, s->in_own ? &s->own : &s->common, key,
	                                 strlen(key), text, strlen(text), err);
	tally_fact_text_release(&value);
	return st;
}

/* ---- looking up ---- */

static const char *find_in(const struct tally_fact_pairs *list, const char *family,
                           const char *name, size_t len)
{
	char key[NAME_MOST];
	size_t before = strlen(family);

	if (!len || before + 1 + len > sizeof key)
		return NULL;
	memcpy(key, family, before);
	key[before] = ' ';
	memcpy(key + before + 1, name, len);
	return tally_fact_pairs_find(list, key, before + 1 + len);
}

static const char *find(const struct tally_odt_styles *s, const char *family, const char *name,
                        size_t len)
{
	const char *found = find_in(&s->own, family, name, len);

	return found ? found : find_in(&s->common, family, name, len);
}

static void lay(uint8_t *said_of, char letter)
{
	if (*said_of == TALLY_ODT_UNSAID)
		*said_of = (uint8_t)(letter - '0');
}

void tally_odt_styles_apply(const struct tally_odt_styles *s, const char *family,
                            const struct tally_xml_attr *name, struct tally_odt_look *look)
{
	struct tally_odt_look own = { 0 };
	const char *found = name ? find(s, family, name->value, name->len) : NULL;

	for (int i = 0; found && i < PARENTS_MOST; i++) {
		lay(&own.hidden, found[0]);
		lay(&own.white, found[1]);
		lay(&own.tiny, found[2]);
		found = find(s, family, found + SAID, strcspn(found + SAID, "\x1f"));
	}
	look->hidden = own.hidden ? own.hidden : look->hidden;
	look->white = own.white ? own.white : look->white;
	look->tiny = own.tiny ? own.tiny : look->tiny;
}

/* "…\x1flist\x1fdata\x1fnumber": what a style of the text's own names, and which one it is */
struct names {
	const char *list, *data, *number;
};

static struct names names_of(const char *own)
{
	struct names n;

	n.list = strchr(own, '\x1f');
	n.data = n.list ? strchr(n.list + 1, '\x1f') : NULL;
	n.number = n.data ? strchr(n.data + 1, '\x1f') : NULL;
	return n;
}

static void use(const struct tally_odt_styles *s, const char *own)
{
	struct names n = names_of(own);
	unsigned long long number = n.number ? strtoull(n.number + 1, NULL, 10) : ULLONG_MAX;

	if (number < s->own.count)
		s->used[number] = true;
}

/* What it says, and what it is based on. */
static uint64_t sum_of_own(const char *own)
{
	return tally_hash64(own, strcspn(own, "\x1f"), 1);
}

/* styles of one's own go by what they say, common ones by their name */
static uint64_t sum_by_name(const struct tally_odt_styles *s, const char *family, const char *name,
                            size_t len)
{
	const char *own = len ? find_in(&s->own, family, name, len) : NULL;

	if (!own)
		return len ? tally_hash64(name, len, 2) : 0;
	use(s, own);
	return sum_of_own(own);
}

uint64_t tally_odt_styles_sum(const struct tally_odt_styles *s, const char *family,
                              const struct tally_xml_attr *name)
{
	const char *own = name ? find_in(&s->own, family, name->value, name->len) : NULL;
	struct names n = own ? names_of(own) : (struct names){ NULL, NULL, NULL };

	if (!name || !n.number)
		return name ? sum_by_name(s, family, name->value, name->len) : 0;
	use(s, own);
	return sum_of_own(own) +
	       3 * sum_by_name(s, "list", n.list + 1, (size_t)(n.data - n.list - 1)) +
	       5 * sum_by_name(s, "data", n.data + 1, (size_t)(n.number - n.data - 1));
}

uint64_t tally_odt_styles_unused(const struct tally_odt_styles *s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < s->own.count; i++) {
		const char *own = s->own.items[i].value;
		const char *number = names_of(own).number;

		if (number && !s->used[strtoull(number + 1, NULL, 10) % s->own.count])
			sum += sum_of_own(own);
	}
	return sum;
}

enum tally_story_sight tally_odt_sight(const struct tally_odt_look *look)
{
	if (look->hidden == TALLY_ODT_YES)
		return TALLY_STORY_HIDDEN;
	if (look->white == TALLY_ODT_YES)
		return TALLY_STORY_WHITE;
	return look->tiny == TALLY_ODT_YES ? TALLY_STORY_TINY : TALLY_STORY_SHOWN;
}
