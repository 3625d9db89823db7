/* What stands behind the text of a WordprocessingML document: comments and settings. */
#include "formats/docx_facts.h"

#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "formats/looks.h"

static const struct tally_xml_attr *word_attr(const struct tally_xml_start *e, const char *name)
{
	return tally_xml_attr(e, TALLY_XML_WORD, name);
}

/* ---- comments ---- */

struct comments {
	struct tally_docx *doc;
	struct tally_office_facts *f;
	struct tally_fact_pairs done;   /* last paragraphs of threads that are resolved */
	struct tally_fact_pairs places; /* number of a comment → where it is tied to */
	struct tally_fact_text text, author;
	char id[24], para[24];
	bool open, in_text, later; /* later: not the first paragraph */
};

static void copy(char out[24], const struct tally_xml_attr *a)
{
	size_t n = a && a->len < 24 ? a->len : 0;

	if (n)
		memcpy(out, a->value, n);
	out[n] = '\0';
}

static void add_date(struct tally_docx *doc, const struct tally_xml_attr *date)
{
	if (date)
		doc->text.dates += tally_hash64(date->value, date->len, 1);
}

static enum tally_status comments_start(void *payload, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	struct comments *c = payload;

	(void)err;
	if (e->name.ns != TALLY_XML_WORD)
		return TALLY_OK;
	switch (e->name.id) {
	case TALLY_XML_ID_comment:
		c->open = true;
		c->later = false;
		c->para[0] = '\0';
		copy(c->id, word_attr(e, "id"));
		tally_fact_text_clear(&c->text);
		tally_fact_text_clear(&c->author);
		tally_fact_text_attr(&c->author, word_attr(e, "author"));
		add_date(c->doc, word_attr(e, "date"));
		break;
	case TALLY_XML_ID_p:
		copy(c->para, tally_xml_attr(e, TALLY_XML_WORD_2010, "paraId"));
		if (c->later)
			tally_fact_text_put(&c->text, "\n");
		c->later = true;
		break;
	case TALLY_XML_ID_br:
		tally_fact_text_put(&c->text, "\n");
		break;
	case TALLY_XML_ID_t:
		c->in_text = c->open;
		break;
	case TALLY_XML_ID_r:
		break;
	default:
		if (e->depth > 1)
			c->doc->remarks = tally_looks_sum(c->doc->remarks, e);
		break;
	}
	return TALLY_OK;
}

static enum tally_status comments_text(void *payload, const char *text, size_t len,
                                       struct tally_err *err)
{
	struct comments *c = payload;

	(void)err;
	if (c->in_text)
		tally_fact_text_add(&c->text, text, len);
	return TALLY_OK;
}

static enum tally_status push_comment(struct comments *c, struct tally_err *err)
{
	struct tally_office_facts *f = c->f;
	const char *where = tally_fact_pairs_find(&c->places, c->id, strlen(c->id));

	tally_fact_text_join(tally_office_begin(f), &c->text);
	if (c->para[0] && tally_fact_pairs_find(&c->done, c->para, strlen(c->para)))
		tally_fact_text_put(&f->value, " (resolved)");
	tally_fact_text_put(&f->where, where ? where : "");
	return tally_office_push(f, "comment", tally_fact_text_end(&c->author), err);
}

static enum tally_status comments_end(void *payload, const struct tally_xml_name *name,
                                      struct tally_err *err)
{
	struct comments *c = payload;

	c->in_text = false;
	if (!c->open || !tally_xml_is_id(name, TALLY_XML_WORD, TALLY_XML_ID_comment))
		return TALLY_OK;
	c->open = false;
	if (c->text.no_memory || c->author.no_memory)
		return tally_err_nomem(err);
	return push_comment(c, err);
}

/* A thread is resolved by a mark at the last paragraph of its comments. */
static enum tally_status more_start(void *payload, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	struct comments *c = payload;
	const struct tally_xml_attr *para, *done;

	if (!tally_xml_is(&e->name, TALLY_XML_WORD_2012, "commentEx"))
		return TALLY_OK;
	para = tally_xml_attr(e, TALLY_XML_WORD_2012, "paraId");
	done = tally_xml_attr(e, TALLY_XML_WORD_2012, "done");
	if (!para || !(tally_attr_is(done, "1") || tally_attr_is(done, "true")))
		return TALLY_OK;
	return tally_office_pair(c->f, &c->done, para->value, para->len, "", 0, err);
}

static enum tally_status take_places(struct comments *c, struct tally_err *err)
{
	const struct tally_office_pointers *list = &c->doc->comments;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < list->count && st >= 0; i++)
		st = tally_office_pair(c->f, &c->places, list->items[i].id, strlen(list->items[i].id),
		                       list->items[i].where, strlen(list->items[i].where), err);
	tally_fact_pairs_sort(&c->places);
	return st;
}

enum tally_status tally_docx_comments(struct tally_docx *doc, struct tally_office_facts *f,
                                      const char *part, const char *more, struct tally_err *err)
{
	struct comments c = { .doc = doc, .f = f };
	const struct tally_xml_handler handler = { .payload = &c,
		                                   .start = comments_start,
		                                   .end = comments_end,
		                                   .text = comments_text },
				       threads = { .payload = &c, .start = more_start };
	enum tally_status st = take_places(&c, err);

	tally_fact_text_init(&c.text);
	tally_fact_text_init(&c.author);
	if (st >= 0 && more)
		st = tally_office_parse(f, more, &threads, err);
	tally_fact_pairs_sort(&c.done);
	if (st >= 0)
		st = tally_office_parse(f, part, &handler, err);
	tally_fact_text_release(&c.text);
	tally_fact_text_release(&c.author);
	tally_fact_pairs_release(&c.done);
	tally_fact_pairs_release(&c.places);
	return st;
}

/* ---- settings ---- */

static bool is_on(const struct tally_xml_attr *a)
{
	return a && !tally_attr_is_off(a);
}

static enum tally_status protection(struct tally_office_facts *f, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	static const char *const edits[][2] = {
		{ "comments", "only comments may be added" },
		{ "trackedChanges", "all changes are tracked" },
		{ "forms", "only forms may be filled in" },
		{ "readOnly", "read-only" },
	};
	const struct tally_xml_attr *edit = word_attr(e, "edit");
	bool password = word_attr(e, "hash") || word_attr(e, "hashValue");
	struct tally_fact_text *t = tally_office_begin(f);

	if (!is_on(word_attr(e, "enforcement")))
		return TALLY_OK;
	for (size_t i = 0; i < sizeof edits / sizeof *edits; i++)
		if (tally_attr_is(edit, edits[i][0]))
			tally_fact_text_put(t, edits[i][1]);
	tally_fact_text_put(t, t->buf.len ? "" : "its formatting");
	tally_fact_text_put(t, password ? ", with a password" : ", without a password");
	tally_fact_text_put(&f->where, "document");
	return tally_office_push(f, "protection", NULL, err);
}

static enum tally_status write_protection(struct tally_office_facts *f,
                                          const struct tally_xml_start *e, struct tally_err *err)
{
	bool password = word_attr(e, "hash") || word_attr(e, "hashValue");

	if (!password && !is_on(word_attr(e, "recommended")))
		return TALLY_OK;
	tally_fact_text_put(tally_office_begin(f),
	                    password ? "password needed to change it" : "to be opened read-only");
	tally_fact_text_put(&f->where, "file");
	return tally_office_push(f, "protection", NULL, err);
}

struct settings {
	struct tally_office_facts *f;
	uint64_t sum;
	uint32_t depth, skip; /* skip: of what programs write for themselves, 0: nothing is left out */
};

/* What is told, and what is another one at each saving or on each machine. */
static bool is_own_affair(const struct tally_xml_name *name)
{
	static const char *const names[] = { "rsids",          "zoom",
		                             "proofState",     "view",
		                             "shapeDefaults",  "hdrShapeDefaults",
		                             "trackRevisions", "themeFontLang",
		                             "decimalSymbol",  "listSeparator",
		                             "docId",          "activeWritingStyle",
		                             "settings",       NULL };

	for (size_t i = 0; names[i]; i++)
		if (tally_xml_is_called(name, names[i]))
			return true;
	return false;
}

static void look_at(struct settings *s, const struct tally_xml_start *e)
{
	s->depth = e->depth;
	if (!s->skip && e->depth > 1 && is_own_affair(&e->name))
		s->skip = e->depth;
	if (!s->skip && e->depth > 1)
		s->sum = tally_looks_sum(s->sum, e);
}

static enum tally_status settings_end(void *payload, const struct tally_xml_name *name,
                                      struct tally_err *err)
{
	struct settings *s = payload;

	(void)name;
	(void)err;
	s->skip = s->skip == s->depth ? 0 : s->skip;
	s->depth--;
	return TALLY_OK;
}

static enum tally_status settings_start(void *payload, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	struct tally_office_facts *f = ((struct settings *)payload)->f;
	const struct tally_xml_attr *val = word_attr(e, "val");

	look_at(payload, e);
	if (tally_xml_is(&e->name, TALLY_XML_WORD, "documentProtection"))
		return protection(f, e, err);
	if (tally_xml_is(&e->name, TALLY_XML_WORD, "writeProtection"))
		return write_protection(f, e, err);
	if (tally_xml_is(&e->name, TALLY_XML_WORD, "query") && val) {
		tally_fact_text_attr(tally_office_begin(f), val);
		tally_fact_text_put(&f->where, "mail merge");
		return tally_office_push(f, "connection", NULL, err);
	}
	if (tally_xml_is(&e->name, TALLY_XML_WORD, "trackRevisions") && (!val || is_on(val))) {
		tally_fact_text_put(tally_office_begin(f), "on");
		tally_fact_text_put(&f->where, "tracking of changes");
		return tally_office_push(f, "property", NULL, err);
	}
	return TALLY_OK;
}

/* Does a template come from another machine? */
static bool is_remote(const char *target)
{
	return !strncmp(target, "\\\\", 2) || !strncmp(target, "file://\\\\", 9) ||
	       (strstr(target, "://") && strncmp(target, "file:///", 8) != 0);
}

static enum tally_status settings_relation(struct tally_office_facts *f,
                                           const struct tally_relation *r, struct tally_err *err)
{
	bool template = !strcmp(r->type, "attachedTemplate");
	enum tally_status st = TALLY_OK;

	if (!r->external)
		return TALLY_OK;
	if (template) {
		tally_fact_text_put(tally_office_begin(f), r->target);
		tally_fact_text_put(&f->where, "attached");
		st = tally_office_push(f, "template", NULL, err);
	}
	if (st < 0 || (template && !is_remote(r->target)))
		return st;
	tally_fact_text_put(tally_office_begin(f), r->target);
	return tally_office_push(f, "external_target", NULL, err);
}

enum tally_status tally_docx_settings(struct tally_office_facts *f, const char *part,
                                      struct tally_err *err)
{
	struct settings s = { .f = f };
	const struct tally_xml_handler handler = { .payload = &s,
		                                   .start = settings_start,
		                                   .end = settings_end };
	const struct tally_relation *list;
	size_t count;
	enum tally_status st = tally_office_relations(f, part, &list, &count, err);

	for (size_t i = 0; i < count && st >= 0; i++)
		st = settings_relation(f, &list[i], err);
	if (st >= 0)
		st = tally_office_parse(f, part, &handler, err);
	return st < 0 ? st : tally_office_unread(f, "settings", s.sum, err);
}
