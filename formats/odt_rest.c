/* What of an OpenDocument text neither is text nor a fact, as sums: see odt_work.h. The rule is that whatever differs is said. */
#include <string.h>

#include "core/hash.h"
#include "formats/odt_looks.h"
#include "formats/odt_work.h"

static const char *const names[TALLY_ODT_RESTS] = {
	[TALLY_ODT_REST_NUMBERS] = "numbers of notes and lists",
	[TALLY_ODT_REST_FORMS] = "forms",
	[TALLY_ODT_REST_REMARKS] = "looks of comments and tracked changes",
	[TALLY_ODT_REST_ANIMATIONS] = "animations",
	[TALLY_ODT_REST_SCRIPTS] = "scripts",
	[TALLY_ODT_REST_PICTURES] = "pictures written in the text",
	[TALLY_ODT_REST_MASTERS] = "layouts of pages",
};

static void add(struct tally_odt_reading *r, enum tally_odt_rest rest, uint64_t sum)
{
	uint64_t *all = &r->doc->rests[rest];

	if (!sum)
		return;
	if (rest == TALLY_ODT_REST_LOOKS)
		tally_looks_mark(tally_story_looks(r->text), sum);
	else if (rest == TALLY_ODT_REST_DATES)
		r->doc->text.dates += sum; /* in any order */
	else
		*all = tally_hash64(&sum, sizeof sum, *all);
}

/* ---- where it belongs ---- */

static bool begins_animation(const struct tally_odt_reading *r, const struct tally_xml_start *e)
{
	return tally_xml_is(&e->name, TALLY_XML_PRESENTATION, "animations") ||
	       (e->name.ns == TALLY_XML_OTHER && r->count > 1 &&
	        r->frames[r->count - 2].act == TALLY_ACT_PAGE);
}

void tally_odt_rest_of(const struct tally_odt_reading *r, const struct tally_xml_start *e,
                       struct tally_odt_frame *f)
{
	static const struct {
		enum tally_xml_ns ns;
		const char *local;
		enum tally_odt_rest rest;
	} of[] = {
		{ TALLY_XML_TEXT, "number", TALLY_ODT_REST_NUMBERS },
		{ TALLY_XML_TEXT, "note-citation", TALLY_ODT_REST_NUMBERS },
		{ TALLY_XML_TEXT, "tracked-changes", TALLY_ODT_REST_REMARKS },
		{ TALLY_XML_TEXT, "script", TALLY_ODT_REST_SCRIPTS },
		{ TALLY_XML_OFFICE, "annotation", TALLY_ODT_REST_REMARKS },
		{ TALLY_XML_OFFICE, "forms", TALLY_ODT_REST_FORMS },
		{ TALLY_XML_OFFICE, "binary-data", TALLY_ODT_REST_PICTURES },
		{ TALLY_XML_OFFICE, "event-listeners", TALLY_ODT_REST_SCRIPTS },
		{ TALLY_XML_OFFICE, "scripts", TALLY_ODT_REST_SCRIPTS },
	};

	if (f->rest != TALLY_ODT_REST_LOOKS)
		return;
	for (size_t i = 0; i < sizeof of / sizeof *of; i++)
		if (tally_xml_is(&e->name, of[i].ns, of[i].local))
			f->rest = (uint8_t)of[i].rest;
	if (begins_animation(r, e))
		f->rest = TALLY_ODT_REST_ANIMATIONS;
	if (r->what == TALLY_ODT_STYLES && tally_xml_is(&e->name, TALLY_XML_OFFICE, "master-styles"))
		f->rest = TALLY_ODT_REST_MASTERS;
}

/* ---- elements ---- */

void tally_odt_rest_element(struct tally_odt_reading *r, const struct tally_xml_start *e)
{
	struct tally_odt_frame *f = &r->frames[r->count - 1];

	if (f->rest == TALLY_ODT_REST_LOOKS)
		tally_odt_look_at(&r->doc->styles, e, f->act == TALLY_ACT_FIELD,
		                  tally_story_looks(r->text), &f->run);
	else
		add(r, (enum tally_odt_rest)f->rest,
		    tally_odt_look_of(&r->doc->styles, e, f->rest == TALLY_ODT_REST_FORMS));
}

/* Styles by what they say: all of styles.xml but its headers and footers; of those of the text only what no name leads to. */
void tally_odt_rest_front(struct tally_odt_reading *r, const struct tally_xml_start *e)
{
	const struct tally_odt_frame *f = &r->frames[r->count - 1];
	struct tally_odt_styles *s = &r->doc->styles;
	bool whole = r->what == TALLY_ODT_STYLES;

	if (f->rest != TALLY_ODT_REST_LOOKS)
		add(r, (enum tally_odt_rest)f->rest, tally_odt_look_of(s, e, false));
	if (r->what == TALLY_ODT_MARGINS || e->name.ns == TALLY_XML_OFFICE ||
	    e->name.ns == TALLY_XML_SCRIPT || (whole && tally_odt_is_text(&e->name)) ||
	    (!whole && tally_odt_styles_looked_up(s, e)))
		return;
	s->all += whole ? tally_odt_whole_sum(s, e) : tally_odt_nameless_sum(e);
}

/* ---- letters ---- */

/* They come in portions: byte by byte they are the same. */
void tally_odt_rest_letters(struct tally_odt_reading *r, const char *text, size_t len)
{
	bool date = r->frames[r->count - 1].rest == TALLY_ODT_REST_DATES;

	for (size_t i = 0; i < len; i++) {
		if (text[i] && strchr(" \t\r\n", text[i]))
			continue;
		/* parts of a second that are none */
		if (date && text[i] == '.' && strspn(text + i + 1, "0") + i + 1 >= len)
			return;
		r->loose = ((r->loose ^ (unsigned char)text[i]) + 1) * 0x9E3779B97F4A7C15;
	}
}

void tally_odt_rest_settle(struct tally_odt_reading *r)
{
	const struct tally_odt_frame *f = r->count ? &r->frames[r->count - 1] : NULL;
	struct tally_odt_styles *s = &r->doc->styles;

	if (!f || !r->loose)
		return;
	if (r->body || f->rest != TALLY_ODT_REST_LOOKS) {
		add(r, (enum tally_odt_rest)f->rest, r->loose);
	} else if (r->what != TALLY_ODT_MARGINS) {
		s->sum += s->open ? r->loose : 0;
		s->all += r->loose;
	}
	r->loose = 0;
}

enum tally_status tally_odt_rests(struct tally_odt *doc, struct tally_err *err)
{
	enum tally_status st = tally_office_unread(
		doc->facts, "dates of comments and tracked changes", doc->text.dates, err);

	for (size_t i = 0; i < TALLY_ODT_RESTS && st >= 0; i++) {
		const char *name = names[i];

		if (!name || (i == TALLY_ODT_REST_MASTERS && !doc->pages))
			continue; /* of texts they are told: headers and footers */
		if (i == TALLY_ODT_REST_MASTERS && doc->page == TALLY_AREA_SLIDE)
			name = "layouts of slides";
		st = tally_office_unread(doc->facts, name, doc->rests[i], err);
	}
	return st;
}
