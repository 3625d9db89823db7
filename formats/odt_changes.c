/* Tracked changes, comments and fields of forms of an OpenDocument text: see odt_work.h. */
#include <string.h>

#include "core/mem.h"
#include "formats/odt_work.h"

/* ---- tracked changes ---- */

static struct tally_xml_attr as_attr(const char *text)
{
	return (struct tally_xml_attr){ .value = text, .len = strlen(text) };
}

enum tally_status tally_odt_go_on_inserted(struct tally_odt_reading *r, struct tally_err *err)
{
	struct tally_xml_attr author;

	if (!r->inserted)
		return TALLY_OK;
	author = as_attr(r->inserted);
	return tally_story_change_begin(r->text, TALLY_STORY_INSERTED, &author, NULL, err);
}

/* A region ended: its kind, author and text are kept until its place comes. */
enum tally_status tally_odt_keep_change(struct tally_odt_reading *r, struct tally_err *err)
{
	const char *id = tally_fact_text_end(&r->change), *text;
	enum tally_status st;
	struct tally_fact_text value;

	tally_fact_text_init(&value);
	tally_fact_text_add(&value, &r->kind, 1);
	tally_fact_text_join(&value, &r->who);
	tally_fact_text_put(&value, "\x1f");
	tally_fact_text_join(&value, &r->gathered);
	text = tally_fact_text_end(&value);
	st = value.no_memory || r->change.no_memory
	             ? tally_err_nomem(err)
	             : tally_office_pair(r->doc->facts, &r->changes, id, strlen(id), text,
	                                 strlen(text), err);
	tally_fact_text_release(&value);
	return st;
}

static enum tally_status deleted(struct tally_odt_reading *r, const char *who, const char *text,
                                 struct tally_err *err)
{
	const struct tally_xml_attr author = as_attr(who);
	enum tally_status st;

	if (!r->frames[r->count - 1].in_para)
		return tally_odt_fact(r, "tracked_deletion", text, strlen(text), *who ? who : NULL,
		                      err);
	st = tally_odt_flush(r, err);
	if (st >= 0)
		st = tally_story_change_begin(r->text, TALLY_STORY_DELETED, &author, NULL, err);
	if (st >= 0)
		st = tally_story_letters(r->text, text, strlen(text), err);
	tally_story_change_end(r->text);
	/* an insertion that it stands in goes on */
	return st < 0 ? st : tally_odt_go_on_inserted(r, err);
}

enum tally_status tally_odt_change(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                   enum tally_odt_act act, struct tally_err *err)
{
	const struct tally_xml_attr *id = tally_odt_attr(e, "change-id");
	const char *found = id ? tally_fact_pairs_find(&r->changes, id->value, id->len) : NULL;
	const char *split = found ? strchr(found, '\x1f') : NULL;
	char *who;
	enum tally_status st = TALLY_OK;

	if (!split)
		return TALLY_OK;
	if (act == TALLY_ACT_CHANGE_END) {
		st = *found == 'i' ? tally_odt_flush(r, err) : TALLY_OK;
		if (*found == 'i' && r->frames[r->count - 1].in_para)
			tally_story_change_end(r->text);
		if (*found == 'i') {
			tally_free(r->inserted);
			r->inserted = NULL;
		}
		return st;
	}
	who = tally_dup(found + 1, (size_t)(split - found) - 1);
	if (!who)
		return tally_err_nomem(err);
	if (act == TALLY_ACT_CHANGE && *found == 'd')
		st = deleted(r, who, split + 1, err);
	if (act != TALLY_ACT_CHANGE_START || *found != 'i') {
		tally_free(who);
		return st;
	}
	tally_free(r->inserted);
	r->inserted = who;
	st = tally_odt_flush(r, err);
	return st >= 0 && r->frames[r->count - 1].in_para ? tally_odt_go_on_inserted(r, err) : st;
}

enum tally_status tally_odt_begin_changes(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                          const struct tally_xml_start *e, struct tally_err *err)
{
	struct tally_office_facts *facts = r->doc->facts;

	r->changes.count = 0;
	f->letters = TALLY_ODT_UNUSED;
	if (tally_attr_is(tally_odt_attr(e, "track-changes"), "false") || !facts->sink->fact)
		return TALLY_OK;
	tally_fact_text_put(tally_office_begin(facts), "on");
	tally_fact_text_put(&facts->where, "tracking of changes");
	return tally_office_push(facts, "property", NULL, err);
}

/* ---- comments and regions of changes: their letters are gathered ---- */

void tally_odt_begin_gathering(struct tally_odt_reading *r, struct tally_odt_frame *f)
{
	tally_fact_text_clear(&r->gathered);
	tally_fact_text_clear(&r->who);
	f->letters = TALLY_ODT_GATHERED;
	f->in_para = false;
}

/* A field of a form by its name, with what is in it. */
static enum tally_status form_field(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	static const char *const values[] = { "current-value", "value", "current-state", "label" };
	const struct tally_xml_attr *name = tally_xml_attr(e, TALLY_XML_FORM, "name"), *value = NULL;
	struct tally_office_facts *f = r->doc->facts;

	for (size_t i = 0; i < sizeof values / sizeof *values && !value; i++)
		value = tally_xml_attr(e, TALLY_XML_FORM, values[i]);
	if (!name || !f->sink->fact || tally_xml_is(&e->name, TALLY_XML_FORM, "form"))
		return TALLY_OK;
	tally_office_begin(f);
	if (value)
		tally_fact_text_attr(&f->value, value);
	else
		tally_fact_text_put(&f->value, "empty");
	tally_fact_text_attr(&f->where, name);
	return tally_office_push(f, "form_field", NULL, err);
}

enum tally_status tally_odt_gather(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                   const struct tally_xml_start *e, struct tally_err *err)
{
	enum tally_odt_act act = tally_odt_act_of(&e->name);

	if (e->name.ns == TALLY_XML_FORM) {
		return form_field(r, e, err);
	} else if (tally_xml_is(&e->name, TALLY_XML_TEXT, "changed-region")) {
		tally_odt_begin_gathering(r, f);
		tally_fact_text_clear(&r->change);
		tally_fact_text_attr(&r->change, tally_odt_attr(e, "id")
		                                         ? tally_odt_attr(e, "id")
		                                         : tally_xml_attr(e, TALLY_XML_XML, "id"));
		r->kind = 'f';
	} else if (tally_xml_is(&e->name, TALLY_XML_TEXT, "insertion")) {
		r->kind = 'i';
	} else if (tally_xml_is(&e->name, TALLY_XML_TEXT, "deletion")) {
		r->kind = 'd';
	} else if (tally_xml_is(&e->name, TALLY_XML_OFFICE, "change-info")) {
		f->letters = TALLY_ODT_UNUSED;
	} else if (tally_xml_is(&e->name, TALLY_XML_DC, "creator")) {
		f->letters = TALLY_ODT_WHO;
	} else if (tally_xml_is(&e->name, TALLY_XML_DC, "date")) {
		f->letters = TALLY_ODT_UNUSED;
		f->rest = TALLY_ODT_REST_DATES;
	} else if (act == TALLY_ACT_PARA || act == TALLY_ACT_HEADING) {
		if (r->gathered.buf.len && f->letters == TALLY_ODT_GATHERED)
			tally_fact_text_put(&r->gathered, "\n");
		f->in_para = true;
	} else if (act == TALLY_ACT_COMMENT || act == TALLY_ACT_SKIP || act == TALLY_ACT_NOTE_BODY) {
		f->skip = true;
	} else if (act == TALLY_ACT_BLANKS) {
		return tally_odt_blanks(r, e, err);
	} else if (act == TALLY_ACT_TAB || act == TALLY_ACT_BREAK) {
		return tally_odt_exactly(r, act == TALLY_ACT_TAB ? "\t" : "\n", 1, err);
	}
	return TALLY_OK;
}

enum tally_status tally_odt_end_comment(struct tally_odt_reading *r, struct tally_err *err)
{
	struct tally_office_facts *f = r->doc->facts;

	if (r->gathered.no_memory || r->who.no_memory)
		return tally_err_nomem(err);
	if (!f->sink->fact)
		return TALLY_OK;
	tally_fact_text_join(tally_office_begin(f), &r->gathered);
	if (r->resolved)
		tally_fact_text_put(&f->value, " (resolved)");
	tally_fact_text_put(&f->where, tally_story_where(r->text));
	return tally_office_push(f, "comment", tally_fact_text_end(&r->who), err);
}
