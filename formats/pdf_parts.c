/* Attachments, scripts, form fields and remarks of a PDF: see formats/pdf_parts.h. */
#include "formats/pdf_parts.h"

#include <stdio.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/pdf_map.h"

enum {
	SHA_SHOWN = 16,
	CHAIN_MOST = 100, /* actions behind each other */
};

static bool is_dict(const struct tally_pdf *p, qpdf_oh o)
{
	return PDF(qpdf_oh_is_dictionary)(p->q, o);
}

static bool name_is(const struct tally_pdf *p, qpdf_oh o, const char *name)
{
	const char *n = tally_pdf_name(p, o);

	return n && !strcmp(n, name);
}

/* "1,234 bytes, sha256:0123456789abcdef" */
static void describe(struct tally_pdf *p, qpdf_oh stream, char *out, size_t room)
{
	struct tally_sha256 sha;
	uint64_t bytes;
	bool unpacked;
	char name[TALLY_DIGEST_TEXT_MAX];

	if (!PDF(qpdf_oh_is_stream)(p->q, stream) ||
	    !tally_pdf_digest(p, stream, &sha, &bytes, &unpacked)) {
		snprintf(out, room, "not readable");
		return;
	}
	tally_sha256_text(name, &sha);
	snprintf(out, room, "%llu bytes%s, %.*s", (unsigned long long)bytes,
	         unpacked ? "" : " as packed", (int)strlen("sha256:") + SHA_SHOWN, name);
}

/* ---- trees of names and fields, without recursion: their nodes wait on a stack ---- */

struct stack {
	qpdf_oh *items;
	size_t count, cap;
	struct tally_pdf_map seen; /* objects that were on it: trees of hostile files lead back */
};

static bool is_new(struct stack *s, uint64_t id, bool *ok)
{
	uint32_t once;

	if (!id)
		return true;
	if (tally_pdf_map_get(&s->seen, id, &once))
		return false;
	*ok = tally_pdf_map_set(&s->seen, id, 1);
	return true;
}

static void push_all(struct tally_pdf *p, struct stack *s, qpdf_oh array)
{
	for (int i = tally_pdf_items(p, array); i-- > 0 && tally_pdf_go_on(p);) {
		qpdf_oh o = tally_pdf_item(p, array, i);
		bool ok = true;

		if (!is_new(s, tally_pdf_id(p, o), &ok))
			continue;
		if (!ok || !tally_grow(&s->items, &s->cap, s->count, sizeof *s->items)) {
			tally_pdf_no_memory(p);
			return;
		}
		s->items[s->count++] = o;
	}
}

static void stack_release(struct stack *s)
{
	tally_free(s->items);
	tally_pdf_map_release(&s->seen);
}

void tally_pdf_name_tree(struct tally_pdf *p, qpdf_oh root,
                         void (*each)(struct tally_pdf *, const char *, qpdf_oh))
{
	struct stack s = { 0 };
	qpdf_oh node = root;

	if (!is_dict(p, root))
		return;
	for (;;) {
		qpdf_oh names = tally_pdf_key(p, node, "/Names");

		for (int i = 0; i + 1 < tally_pdf_items(p, names) && tally_pdf_go_on(p); i += 2) {
			char *name = tally_pdf_text_copy(p, tally_pdf_item(p, names, i));

			each(p, name ? name : "?", tally_pdf_item(p, names, i + 1));
			tally_free(name);
		}
		push_all(p, &s, tally_pdf_key(p, node, "/Kids"));
		do {
			if (!s.count || !tally_pdf_go_on(p)) {
				stack_release(&s);
				return;
			}
			node = s.items[--s.count];
		} while (!is_dict(p, node));
	}
}

/* ---- attachments ---- */

/* By how it begins, or by a name that systems start. */
static bool is_program(const struct tally_pdf *p, const char *name)
{
	static const char *const names[] = { ".exe", ".com", ".scr", ".bat", ".cmd", ".pif", ".msi",
		                             ".vbs", ".vbe", ".js",  ".jse", ".wsf", ".ps1", ".hta",
		                             ".jar", ".lnk", ".dll", ".cpl", ".reg", ".sh",  ".app" };
	static const char *const heads[] = { ("\x7F"
		                              "ELF"),
		                             "#!", "MZ" };
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
		if (!memcmp(p->head, heads[i], strlen(heads[i])))
			return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t n = strlen(names[i]), k = 0;

		while (len > n && k < n && tally_lower(name[len - n + k]) == names[i][k])
			k++;
		if (k == n)
			return true;
	}
	return false;
}

static void attachment(struct tally_pdf *p, const char *name, qpdf_oh spec)
{
	qpdf_oh files = is_dict(p, spec) ? tally_pdf_key(p, spec, "/EF") : spec;
	char *called = is_dict(p, spec) ? tally_pdf_text_copy(p, tally_pdf_key(p, spec, "/UF"))
	                                : NULL;
	char value[160];

	if (!called && is_dict(p, spec))
		called = tally_pdf_text_copy(p, tally_pdf_key(p, spec, "/F"));
	if (is_dict(p, files)) {
		describe(p, tally_pdf_key(p, files, "/F"), value, sizeof value);
		tally_pdf_fact(p, "attachment", value, NULL, called ? called : name);
		if (is_program(p, called ? called : name))
			tally_pdf_fact(p, "program", called ? called : name, NULL, NULL);
	}
	tally_free(called);
}

/* ---- actions: scripts, and what leads out of the file ---- */

static void script(struct tally_pdf *p, qpdf_oh action, const char *where)
{
	qpdf_oh code = tally_pdf_key(p, action, "/JS");
	char value[160], *copy;

	if (PDF(qpdf_oh_is_stream)(p->q, code)) {
		describe(p, code, value, sizeof value);
		tally_pdf_fact(p, "script", value, NULL, where);
		return;
	}
	copy = tally_pdf_text_copy(p, code);
	tally_pdf_fact(p, "script", copy, NULL, where);
	tally_free(copy);
}

/* The file of an action, by name: also of those that only one system knows. */
static char *file_of(struct tally_pdf *p, qpdf_oh action)
{
	qpdf_oh file = tally_pdf_key(p, action, "/F"), win = tally_pdf_key(p, action, "/Win");

	if (PDF(qpdf_oh_is_null)(p->q, file) && is_dict(p, win))
		file = tally_pdf_key(p, win, "/F");
	if (is_dict(p, file))
		file = tally_pdf_key(p, file, PDF(qpdf_oh_has_key)(p->q, file, "/UF") ? "/UF" : "/F");
	return tally_pdf_text_copy(p, file);
}

/* "opens calc.exe" @name  NULL: nothing */
static void say(struct tally_pdf *p, const char *fact, const char *does, const char *name,
                const char *where)
{
	size_t room = name ? strlen(does) + strlen(name) + 1 : 0;
	char *value = name ? tally_alloc(room) : NULL;

	if (!name)
		return;
	if (value)
		snprintf(value, room, "%s%s", does, name);
	else
		tally_pdf_no_memory(p);
	tally_pdf_fact(p, fact, value, NULL, where);
	tally_free(value);
}

/* A file or an address that is opened, started or sent to. @automatic  without a click */
static void target(struct tally_pdf *p, qpdf_oh action, const char *where, bool automatic)
{
	qpdf_oh kind = tally_pdf_key(p, action, "/S");
	bool sends = name_is(p, kind, "/SubmitForm"), starts = name_is(p, kind, "/Launch");
	char *link = tally_pdf_text_copy(p, tally_pdf_key(p, action, "/URI"));
	char *name = file_of(p, action);
	const char *does = sends ? "sends the form to " : automatic ? "opens " : "";

	say(p, automatic ? "automatic" : "link", does, link, where);
	say(p, automatic ? "automatic" : starts ? "launch" : "external_target", does, name, where);
	tally_free(link);
	tally_free(name);
}

static void actions(struct tally_pdf *p, qpdf_oh one, const char *where, bool automatic)
{
	for (int i = 0; i < CHAIN_MOST && is_dict(p, one) && tally_pdf_go_on(p); i++) {
		script(p, one, where);
		target(p, one, where, automatic);
		one = tally_pdf_key(p, one, "/Next");
		if (tally_pdf_items(p, one) == 1)
			one = tally_pdf_item(p, one, 0);
	}
}

void tally_pdf_action(struct tally_pdf *p, qpdf_oh one, const char *where)
{
	actions(p, one, where, false);
}

/* Actions that wait for something to happen: a key, a click, or only that a page is shown. */
static void waiting(struct tally_pdf *p, qpdf_oh owner, const char *where)
{
	static const struct {
		const char *event;
		bool automatic;
	} events[] = {
		{ "/E", true },   { "/X", true },   { "/D", false }, { "/U", false },
		{ "/Fo", false }, { "/Bl", false }, { "/PO", true }, { "/PC", true },
		{ "/PV", true },  { "/PI", true },  { "/O", true },  { "/C", true },
		{ "/K", false },  { "/F", false },  { "/V", false }, { "/WC", true },
		{ "/WS", true },  { "/DS", true },  { "/WP", true }, { "/DP", true },
	};
	qpdf_oh list = tally_pdf_key(p, owner, "/AA");

	for (size_t i = 0; is_dict(p, list) && i < sizeof events / sizeof *events; i++)
		actions(p, tally_pdf_key(p, list, events[i].event), where, events[i].automatic);
}

static void named_script(struct tally_pdf *p, const char *name, qpdf_oh one)
{
	if (is_dict(p, one))
		script(p, one, name);
}

/* ---- form fields ---- */

static void signature(struct tally_pdf *p, qpdf_oh value, const char *name)
{
	char *by = is_dict(p, value) ? tally_pdf_text_copy(p, tally_pdf_key(p, value, "/Name"))
	                             : NULL;

	if (is_dict(p, value))
		tally_pdf_fact(p, "signature", by && *by ? by : "not checked", NULL, name);
	tally_free(by);
}

static void field_value(struct tally_pdf *p, qpdf_oh value, const char *name)
{
	const char *shown = tally_pdf_text(p, value);
	char *copy = NULL;

	if (!shown && PDF(qpdf_oh_is_name)(p->q, value))
		shown = tally_pdf_name(p, value);
	if (!shown && tally_pdf_items(p, value) > 0) /* several chosen ones */
		shown = PDF(qpdf_oh_unparse_resolved)(p->q, value);
	if (shown)
		copy = tally_pdf_copy(p, shown);
	tally_pdf_fact(p, "form_field", copy && *copy ? copy : "empty", NULL, name);
	tally_free(copy);
}

static void field(struct tally_pdf *p, qpdf_oh node)
{
	char *name = tally_pdf_text_copy(p, tally_pdf_key(p, node, "/T"));
	qpdf_oh kind = tally_pdf_key(p, node, "/FT");

	if (name && name_is(p, kind, "/Sig"))
		signature(p, tally_pdf_key(p, node, "/V"), name);
	else if (name && (PDF(qpdf_oh_is_name)(p->q, kind) || PDF(qpdf_oh_has_key)(p->q, node, "/V")))
		field_value(p, tally_pdf_key(p, node, "/V"), name);
	waiting(p, node, name ? name : "a form field");
	tally_free(name);
}

void tally_pdf_each_field(struct tally_pdf *p, qpdf_oh form, struct tally_pdf_walk *walk,
                          void (*each)(struct tally_pdf_walk *walk, qpdf_oh field))
{
	struct stack s = { 0 };

	push_all(p, &s, tally_pdf_key(p, form, "/Fields"));
	while (s.count && tally_pdf_go_on(p)) {
		qpdf_oh node = s.items[--s.count];

		if (!is_dict(p, node))
			continue;
		if (each)
			each(walk, node);
		else
			field(p, node);
		push_all(p, &s, tally_pdf_key(p, node, "/Kids"));
	}
	stack_release(&s);
}

void tally_pdf_parts(struct tally_pdf *p, qpdf_oh root)
{
	qpdf_oh names = tally_pdf_key(p, root, "/Names"), form = tally_pdf_key(p, root, "/AcroForm");

	if (is_dict(p, names)) {
		tally_pdf_name_tree(p, tally_pdf_key(p, names, "/EmbeddedFiles"), attachment);
		tally_pdf_name_tree(p, tally_pdf_key(p, names, "/JavaScript"), named_script);
	}
	actions(p, tally_pdf_key(p, root, "/OpenAction"), "opening", true);
	waiting(p, root, "document");
	if (is_dict(p, form)) {
		tally_pdf_each_field(p, form, NULL, NULL);
		if (!PDF(qpdf_oh_is_null)(p->q, tally_pdf_key(p, form, "/XFA")))
			tally_pdf_fact(p, "form_field", "another form in XML, not looked into",
			               NULL, "XFA");
	}
}

/* ---- on a page ---- */

/* "Highlight", "Ink": drawn by readers. Links, fields and windows are no remarks. */
static bool is_remark(const char *kind)
{
	static const char *const others[] = { "/Link", "/Widget", "/Popup", "/PrinterMark",
		                              "/TrapNet" };

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (!strcmp(kind, others[i]))
			return false;
	return true;
}

/* By its flags: viewers show it neither on the screen nor in print. */
static bool is_hidden(const struct tally_pdf *p, qpdf_oh annotation)
{
	enum { HIDDEN = 1 << 1, NO_VIEW = 1 << 5 };
	qpdf_oh flags = tally_pdf_key(p, annotation, "/F");

	return PDF(qpdf_oh_get_type_code)(p->q, flags) == ot_integer &&
	       (PDF(qpdf_oh_get_int_value_as_int)(p->q, flags) & (HIDDEN | NO_VIEW)) != 0;
}

/* "highlight: look here" */
static void remark(struct tally_pdf *p, qpdf_oh a, const char *kind, const char *where)
{
	char *text = tally_pdf_text_copy(p, tally_pdf_key(p, a, "/Contents"));
	char *by = tally_pdf_text_copy(p, tally_pdf_key(p, a, "/T"));
	bool plain = !strcmp(kind, "/Text") || !strcmp(kind, "/FreeText");
	const char *hidden = is_hidden(p, a) ? " (hidden)" : "";
	size_t room = strlen(kind) + (text ? strlen(text) : 0) + 8 + strlen(hidden);
	char *value = tally_alloc(room);

	if (value && plain)
		snprintf(value, room, "%s%s", text && *text ? text : "empty", hidden);
	else if (value)
		snprintf(value, room, "%c%s%s%s%s", tally_lower(kind[1]), kind[1] ? kind + 2 : "",
		         text && *text ? ": " : "", text ? text : "", hidden);
	else
		tally_pdf_no_memory(p);
	tally_pdf_fact(p, "comment", value, by, where);
	tally_free(value);
	tally_free(by);
	tally_free(text);
}

void tally_pdf_annotations(struct tally_pdf *p, qpdf_oh page, uint32_t number)
{
	qpdf_oh list = tally_pdf_key(p, page, "/Annots");
	char where[32];

	snprintf(where, sizeof where, "page %u", number);
	for (int i = 0; i < tally_pdf_items(p, list) && tally_pdf_go_on(p); i++) {
		qpdf_oh a = tally_pdf_item(p, list, i);
		const char *name;
		char kind[40] = "";

		if (!is_dict(p, a))
			continue;
		name = tally_pdf_name(p, tally_pdf_key(p, a, "/Subtype"));
		if (name)
			snprintf(kind, sizeof kind, "%s", name);
		if (kind[0] && is_remark(kind))
			remark(p, a, kind, where);
		if (!strcmp(kind, "/FileAttachment"))
			attachment(p, where, tally_pdf_key(p, a, "/FS"));
		tally_pdf_action(p, tally_pdf_key(p, a, "/A"), where);
		waiting(p, a, where);
	}
	waiting(p, page, where);
}
