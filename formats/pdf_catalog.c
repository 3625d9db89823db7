/* What the catalog of a PDF holds besides its pages: see formats/pdf_catalog.h. */
#include "formats/pdf_catalog.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/pdf_metadata.h"
#include "formats/pdf_parts.h"

/* Keys of the catalog: what of them is not looked into, or NULL where others tell all of it. Several may have one name. */
static const struct {
	const char *key, *what;
} keys[] = {
	{ "/AA", NULL },
	{ "/AcroForm", NULL },
	{ "/AF", "files that belong to it" },
	{ "/Collection", "portfolio of files" },
	{ "/DPartRoot", "parts of the document" },
	{ "/DSS", "certificates behind signatures" },
	{ "/Dests", "named places" },
	{ "/Extensions", NULL },
	{ "/Lang", NULL },
	{ "/Legal", "legal attestation" },
	{ "/MarkInfo", "structure for screen readers" },
	{ "/Metadata", NULL },
	{ "/Names", NULL },
	{ "/NeedsRendering", "settings of the form" },
	{ "/OCProperties", "layers" },
	{ "/OpenAction", NULL },
	{ "/Outlines", NULL },
	{ "/OutputIntents", "colours for print" },
	{ "/PageLabels", "labels of pages" },
	{ "/PageLayout", "settings for viewers" },
	{ "/PageMode", "settings for viewers" },
	{ "/Pages", NULL },
	{ "/Perms", "rights given by signatures" },
	{ "/PieceInfo", NULL },
	{ "/Requirements", "requirements for viewers" },
	{ "/StructTreeRoot", "structure for screen readers" },
	{ "/Threads", "threads of articles" },
	{ "/Type", NULL },
	{ "/URI", "beginning of all links" },
	{ "/Version", NULL },
	{ "/ViewerPreferences", "settings for viewers" },
};

enum { KEYS = sizeof keys / sizeof *keys };

/* ---- digests as facts ---- */

static void push(struct tally_pdf *p, const char *what, bool unknown, const struct tally_sha256 *sum)
{
	char text[TALLY_DIGEST_TEXT_MAX];

	tally_sha256_text(text, sum);
	tally_pdf_fact(p, "unread", text + strlen("sha256:"), unknown ? "unknown" : NULL, what);
}

/* What could not be walked through is the same as nothing. */
static void end_and_push(struct tally_pdf_walk *w, const char *what, bool unknown)
{
	struct tally_sha256 sum;
	bool any = tally_pdf_walk_end(w, &sum);

	if (w->failed)
		w->p->cut = true;
	else if (any)
		push(w->p, what, unknown, &sum);
	w->failed = false;
}

/* ---- layers ---- */

static bool has(struct tally_pdf *p, qpdf_oh list, uint64_t id)
{
	for (int i = 0; i < tally_pdf_items(p, list) && tally_pdf_go_on(p); i++)
		if (tally_pdf_id(p, tally_pdf_item(p, list, i)) == id)
			return true;
	return false;
}

/* Layers that are switched off: nobody sees what is on them, while its text is read. */
static void layers(struct tally_pdf *p, qpdf_oh properties)
{
	qpdf_oh list = tally_pdf_key(p, properties, "/OCGs"), d = tally_pdf_key(p, properties, "/D");
	const char *base = tally_pdf_name(p, tally_pdf_key(p, d, "/BaseState"));
	bool off = base && !strcmp(base, "/OFF");
	qpdf_oh others = tally_pdf_key(p, d, off ? "/ON" : "/OFF");
	char value[200];

	for (int i = 0; i < tally_pdf_items(p, list) && tally_pdf_go_on(p); i++) {
		qpdf_oh one = tally_pdf_item(p, list, i);
		const char *name;

		if (!PDF(qpdf_oh_is_dictionary)(p->q, one) ||
		    has(p, others, tally_pdf_id(p, one)) == off)
			continue;
		name = tally_pdf_text(p, tally_pdf_key(p, one, "/Name"));
		snprintf(value, sizeof value, "a layer that is switched off: %.120s",
		         name ? name : "without a name");
		tally_pdf_fact(p, "hidden_text", value, NULL, NULL);
	}
}

/* ---- forms ---- */

static void field_rules(struct tally_pdf_walk *w, qpdf_oh field)
{
	static const char *const rules[] = { "/T",  "/FT", "/Ff", "/MaxLen", "/Opt", "/TU",
		                             "/DV", "/TM", "/I",  "/Lock",   "/SV",  NULL };
	static const char *const signing[] = { "/Contents",   "/ByteRange", "/Filter",
		                               "/SubFilter",  "/Reason",    "/Location",
		                               "/Prop_Build", "/M",         NULL };
	struct tally_pdf *p = w->p;
	const char *kind = tally_pdf_name(p, tally_pdf_key(p, field, "/FT"));
	bool signs = kind && !strcmp(kind, "/Sig"); /* the name lasts until the next one */
	qpdf_oh value = tally_pdf_key(p, field, "/V");

	tally_pdf_walk_add_only(w, field, rules);
	if (signs && PDF(qpdf_oh_is_dictionary)(p->q, value))
		tally_pdf_walk_add_only(w, value, signing);
	else if (PDF(qpdf_oh_is_stream)(p->q, value))
		tally_pdf_walk_add(w, value);
}

static void form(struct tally_pdf *p, struct tally_pdf_walk *w, qpdf_oh form)
{
	static const char *const told[] = { "/Fields", "/XFA", "/DR", "/CO", NULL };
	static const char *const other[] = { "/XFA", NULL };
	qpdf_oh order = tally_pdf_key(p, form, "/CO");

	if (!PDF(qpdf_oh_is_dictionary)(p->q, form))
		return;
	tally_pdf_walk_begin(w);
	tally_pdf_walk_add_but(w, form, told);
	for (int i = 0; i < tally_pdf_items(p, order) && tally_pdf_go_on(p); i++)
		tally_pdf_walk_add(w, tally_pdf_key(p, tally_pdf_item(p, order, i), "/T"));
	tally_pdf_each_field(p, form, w, field_rules);
	end_and_push(w, "settings of the form", false);
	tally_pdf_walk_begin(w);
	tally_pdf_walk_add_only(w, form, other);
	end_and_push(w, "form in XML (XFA)", false);
}

/* ---- what happens when it is opened ---- */

/* Scripts and links are told; the rest of an action is not: pages, settings, other kinds of it. */
static void opening(struct tally_pdf *p, struct tally_pdf_walk *w, qpdf_oh catalog)
{
	static const char *const told[] = { "/JS", "/URI", NULL };
	qpdf_oh action = tally_pdf_key(p, catalog, "/OpenAction"),
		list = tally_pdf_key(p, catalog, "/AA");
	const char *kind = tally_pdf_name(p, tally_pdf_key(p, action, "/S"));

	tally_pdf_walk_begin(w);
	if (PDF(qpdf_oh_is_dictionary)(p->q, action)) {
		/* one script, and nothing behind it */
		if (!kind || strcmp(kind, "/JavaScript") != 0 ||
		    PDF(qpdf_oh_has_key)(p->q, action, "/Next"))
			tally_pdf_walk_add_but(w, action, told);
	} else if (!PDF(qpdf_oh_is_null)(p->q, action)) {
		tally_pdf_walk_add(w, action);
	}
	if (!PDF(qpdf_oh_is_null)(p->q, list))
		tally_pdf_walk_add(w, list);
	end_and_push(w, "what happens on opening", false);
}

/* ---- all keys ---- */

static const char *called(const char *key, bool *unknown)
{
	*unknown = false;
	for (size_t i = 0; i < KEYS; i++)
		if (!strcmp(keys[i].key, key))
			return keys[i].what;
	*unknown = true;
	return key + (*key == '/');
}

/* The names of a dictionary one after the other, each with its end: walks go through others meanwhile. */
static void names_of(struct tally_pdf *p, qpdf_oh dict, struct tally_buf *out)
{
	bool ok = true;

	tally_buf_init(out, 1 << 20);
	if (!PDF(qpdf_oh_is_dictionary)(p->q, dict))
		return;
	PDF(qpdf_oh_begin_dict_key_iter)(p->q, dict);
	while (PDF(qpdf_oh_dict_more_keys)(p->q) && ok && tally_pdf_go_on(p)) {
		const char *name = PDF(qpdf_oh_dict_next_key)(p->q);

		ok = tally_buf_add(out, name, strlen(name) + 1);
		if (!ok && out->len + strlen(name) < out->max)
			tally_pdf_no_memory(p);
	}
	p->cut |= !ok;
}

/* Names of the document for all kinds of things. */
static void names(struct tally_pdf *p, struct tally_pdf_walk *w, qpdf_oh dict)
{
	static const struct {
		const char *key, *what;
	} known[] = {
		{ "/Dests", "named places" },         { "/AP", "looks of stamps" },
		{ "/Pages", "templates of pages" },   { "/Templates", "templates of pages" },
		{ "/URLS", "contents of web pages" }, { "/IDS", "contents of web pages" },
		{ "/Renditions", "sound and video" }, { "/AlternatePresentations", "slide shows" },
	};
	struct tally_buf list;

	names_of(p, dict, &list);
	for (size_t at = 0; at < list.len; at += strlen(list.bytes + at) + 1) {
		const char *key = list.bytes + at, *what = key + (*key == '/');
		bool unknown = true;

		if (!strcmp(key, "/EmbeddedFiles") || !strcmp(key, "/JavaScript"))
			continue;
		for (size_t i = 0; i < sizeof known / sizeof *known; i++)
			if (!strcmp(known[i].key, key)) {
				what = known[i].what;
				unknown = false;
			}
		tally_pdf_walk_begin(w);
		tally_pdf_walk_add(w, tally_pdf_key(p, dict, key));
		end_and_push(w, what, unknown);
	}
	tally_buf_release(&list);
}

static void others(struct tally_pdf *p, struct tally_pdf_walk *w, qpdf_oh catalog)
{
	struct tally_buf list;

	names_of(p, catalog, &list);
	for (size_t at = 0; at < list.len && p->st >= 0; at += strlen(list.bytes + at) + 1) {
		const char *key = list.bytes + at;
		bool unknown;
		const char *what = called(key, &unknown);

		if (!what)
			continue;
		tally_pdf_walk_begin(w);
		tally_pdf_walk_say(w, key);
		tally_pdf_walk_add(w, tally_pdf_key(p, catalog, key));
		end_and_push(w, what, unknown);
	}
	tally_buf_release(&list);
}

/* What programs say of the document in words of their own. */
static void info(struct tally_pdf *p)
{
	static const char *const told[] = { "/Author",  "/Title",    "/CreationDate",
		                            "/ModDate", "/Subject",  "/Keywords",
		                            "/Creator", "/Producer", "/SourceModified" };
	qpdf_oh dict = tally_pdf_key(p, PDF(qpdf_get_trailer)(p->q), "/Info");
	struct tally_buf list;

	names_of(p, dict, &list);
	for (size_t at = 0; at < list.len && p->st >= 0; at += strlen(list.bytes + at) + 1) {
		const char *key = list.bytes + at;
		qpdf_oh o = tally_pdf_key(p, dict, key);
		bool known = false;
		char *value;

		for (size_t i = 0; i < sizeof told / sizeof *told; i++)
			known |= !strcmp(told[i], key);
		if (known)
			continue;
		value = tally_pdf_text_copy(p, o);
		if (!value && tally_pdf_name(p, o))
			value = tally_pdf_copy(p, tally_pdf_name(p, o));
		tally_pdf_fact(p, "custom_property", value, NULL, key + 1);
		tally_free(value);
	}
	tally_buf_release(&list);
}

void tally_pdf_catalog(struct tally_pdf *p, struct tally_pdf_walk *w, qpdf_oh catalog)
{
	char *language = tally_pdf_text_copy(p, tally_pdf_key(p, catalog, "/Lang"));

	tally_pdf_fact(p, "property", language, NULL, "language");
	tally_free(language);
	info(p);
	layers(p, tally_pdf_key(p, catalog, "/OCProperties"));
	form(p, w, tally_pdf_key(p, catalog, "/AcroForm"));
	opening(p, w, catalog);
	names(p, w, tally_pdf_key(p, catalog, "/Names"));
	others(p, w, catalog);
	tally_pdf_metadata(p, tally_pdf_key(p, catalog, "/Metadata"));
}

/* ---- rests of pages ---- */

static void add(struct tally_pdf_rest *rest, struct tally_pdf_walk *w)
{
	struct tally_sha256 both[2] = { rest->sum };

	if (!tally_pdf_walk_end(w, &both[1]))
		return;
	if (w->failed)
		w->p->cut = true;
	w->failed = false;
	tally_sha256_of(&rest->sum, both, sizeof both);
	rest->any = true;
}

/* All of this action is told elsewhere: a link to a web page, a script, a file that is started by its name. */
static bool is_told(const struct tally_pdf *p, qpdf_oh action)
{
	const char *kind = tally_pdf_name(p, tally_pdf_key(p, action, "/S"));
	bool starts = kind && !strcmp(kind, "/Launch");

	if (!kind || PDF(qpdf_oh_has_key)(p->q, action, "/Next") ||
	    (!starts && strcmp(kind, "/URI") != 0 && strcmp(kind, "/JavaScript") != 0))
		return false;
	return !starts || PDF(qpdf_oh_is_string)(p->q, tally_pdf_key(p, action, "/F"));
}

/* Actions that wait for something to happen, those that are told left out. */
static void add_waiting(struct tally_pdf_walk *w, qpdf_oh owner)
{
	struct tally_pdf *p = w->p;
	qpdf_oh list = tally_pdf_key(p, owner, "/AA");
	struct tally_buf names;

	names_of(p, list, &names);
	for (size_t at = 0; at < names.len && !w->failed; at += strlen(names.bytes + at) + 1) {
		qpdf_oh action = tally_pdf_key(p, list, names.bytes + at);

		if (is_told(p, action))
			continue;
		tally_pdf_walk_say(w, names.bytes + at);
		tally_pdf_walk_add(w, action);
	}
	tally_buf_release(&names);
}

static void leads(struct tally_pdf_walk *w, qpdf_oh page)
{
	static const char *const all[] = { "/A", "/Dest", NULL };
	static const char *const but_action[] = { "/Dest", NULL };
	struct tally_pdf *p = w->p;
	qpdf_oh list = tally_pdf_key(p, page, "/Annots");

	tally_pdf_walk_begin(w);
	tally_pdf_walk_add_only(w, page, but_action);
	add_waiting(w, page);
	for (int i = 0; i < tally_pdf_items(p, list) && tally_pdf_go_on(p); i++) {
		qpdf_oh a = tally_pdf_item(p, list, i);

		if (!PDF(qpdf_oh_is_dictionary)(p->q, a))
			continue;
		tally_pdf_walk_add_only(w, a,
		                        is_told(p, tally_pdf_key(p, a, "/A")) ? but_action : all);
		add_waiting(w, a);
	}
}

void tally_pdf_rests_add(struct tally_pdf_rests *rests, struct tally_pdf_walk *w, qpdf_oh page)
{
	static const char *const data[] = { "/PieceInfo", NULL };

	leads(w, page);
	add(&rests->leads, w);
	tally_pdf_walk_begin(w);
	tally_pdf_walk_add_only(w, page, data);
	add(&rests->data, w);
	if (tally_pdf_metadata_sum(w->p, tally_pdf_key(w->p, page, "/Metadata"), &rests->metadata.sum))
		rests->metadata.any = true;
}

void tally_pdf_rests_push(const struct tally_pdf_rests *rests, struct tally_pdf *p)
{
	if (rests->leads.any)
		push(p, "where links in the document lead, and what they do", false,
		     &rests->leads.sum);
	if (rests->data.any)
		push(p, "data of programs", false, &rests->data.sum);
	if (rests->metadata.any)
		push(p, "metadata of pages", false, &rests->metadata.sum);
}
