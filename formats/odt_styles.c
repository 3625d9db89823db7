/* Styles of OpenDocument texts: see odt_styles.h. */
#include "formats/odt_styles.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "formats/ods.h"

enum {
	PARENTS_MOST = 32, /* of a style, one above the other */
	NAME_MOST = 256,   /* bytes of a style's name and family; one that is longer is not found */
	SAID = 3 + 16, /* letters in front of the parent's name: three of how it is seen, then its sum */
};

void tally_odt_styles_init(struct tally_odt_styles *s, struct tally_office_facts *facts)
{
	*s = (struct tally_odt_styles){ .facts = facts };
	tally_fact_text_init(&s->name);
	tally_fact_text_init(&s->parent);
}

void tally_odt_styles_release(struct tally_odt_styles *s)
{
	tally_fact_pairs_release(&s->common);
	tally_fact_pairs_release(&s->own);
	tally_fact_text_release(&s->name);
	tally_fact_text_release(&s->parent);
}

void tally_odt_styles_part(struct tally_odt_styles *s)
{
	s->own.count = 0;
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

static void begin_style(struct tally_odt_styles *s, const struct tally_xml_start *e)
{
	s->open = true;
	s->sum = 1;
	s->look = (struct tally_odt_look){ 0 };
	tally_fact_text_clear(&s->name);
	tally_fact_text_clear(&s->parent);
	tally_fact_text_attr(&s->name, tally_xml_attr(e, TALLY_XML_STYLE, "family"));
	tally_fact_text_put(&s->name, " ");
	tally_fact_text_attr(&s->name, tally_xml_attr(e, TALLY_XML_STYLE, "name"));
	tally_fact_text_attr(&s->parent, tally_xml_attr(e, TALLY_XML_STYLE, "parent-style-name"));
}

enum tally_status tally_odt_styles_start(struct tally_odt_styles *s,
                                         const struct tally_xml_start *e, struct tally_err *err)
{
	(void)err;
	if (tally_xml_is(&e->name, TALLY_XML_OFFICE, "automatic-styles"))
		s->in_own = true;
	else if (tally_xml_is(&e->name, TALLY_XML_OFFICE, "styles"))
		s->in_own = false;
	else if (tally_xml_is(&e->name, TALLY_XML_STYLE, "style"))
		begin_style(s, e);
	else if (s->open)
		properties(s, e);
	if (s->open)
		s->sum = s->sum * 31 + tally_ods_look_sum(e);
	return TALLY_OK;
}

enum tally_status tally_odt_styles_end(struct tally_odt_styles *s,
                                       const struct tally_xml_name *name, struct tally_err *err)
{
	struct tally_fact_text value;
	char sum[SAID + 8]; /* one digit each, for all that compilers know three */
	const char *key, *text;
	enum tally_status st;

	if (!s->open || !tally_xml_is(name, TALLY_XML_STYLE, "style"))
		return TALLY_OK;
	s->open = false;
	tally_fact_text_init(&value);
	snprintf(sum, sizeof sum, "%d%d%d%016" PRIx64, s->look.hidden, s->look.white, s->look.tiny,
	         s->sum);
	tally_fact_text_put(&value, sum);
	tally_fact_text_put(&value, tally_fact_text_end(&s->parent));
	key = tally_fact_text_end(&s->name);
	text = tally_fact_text_end(&value);
	st = s->name.no_memory || s->parent.no_memory || value.no_memory
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
		found = find(s, family, found + SAID, strlen(found + SAID));
	}
	look->hidden = own.hidden ? own.hidden : look->hidden;
	look->white = own.white ? own.white : look->white;
	look->tiny = own.tiny ? own.tiny : look->tiny;
}

uint64_t tally_odt_styles_sum(const struct tally_odt_styles *s, const char *family,
                              const struct tally_xml_attr *name)
{
	const char *own = name ? find_in(&s->own, family, name->value, name->len) : NULL;

	if (!name || !name->len)
		return 0;
	/* styles of one's own go by what they say and what they are based on, common ones by their name */
	return own ? tally_hash64(own, strlen(own), 1) : tally_hash64(name->value, name->len, 2);
}

enum tally_story_sight tally_odt_sight(const struct tally_odt_look *look)
{
	if (look->hidden == TALLY_ODT_YES)
		return TALLY_STORY_HIDDEN;
	if (look->white == TALLY_ODT_YES)
		return TALLY_STORY_WHITE;
	return look->tiny == TALLY_ODT_YES ? TALLY_STORY_TINY : TALLY_STORY_SHOWN;
}
