/* Facts of a PDF by qpdf: see pdf_facts.h. */
#include "formats/pdf_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "formats/pdf_lib.h"

enum {
	PAGES_MOST = 20000,  /* whose links are looked for */
	NODES_MOST = 100000, /* of a tree of names or fields */
	SHA_SHOWN = 16,
};

struct pdf {
	qpdf_data q;
	const struct tally_sink *sink;
	struct tally_err *err;
	enum tally_status st;
	uint32_t nodes; /* left to be looked at */
	bool cut;
};

/* ---- pushing; errors stick ---- */

static void fact(struct pdf *p, const char *name, const char *value, const char *where)
{
	struct tally_fact f = { .name = name, .value = value, .where = where };

	if (p->st >= 0 && p->sink->fact && value && *value)
		p->st = p->sink->fact(p->sink->payload, &f, p->err);
}

static bool go_on(struct pdf *p)
{
	if (p->nodes)
		p->nodes--;
	else
		p->cut = true;
	return p->nodes && p->st >= 0;
}

/* ---- objects: numbers that mean nothing where something is missing ---- */

static qpdf_oh key(const struct pdf *p, qpdf_oh dict, const char *name)
{
	return PDF(qpdf_oh_get_key)(p->q, dict, name);
}

static const char *text(const struct pdf *p, qpdf_oh o)
{
	return PDF(qpdf_oh_is_string)(p->q, o) ? PDF(qpdf_oh_get_utf8_value)(p->q, o) : NULL;
}

static char *text_copy(const struct pdf *p, qpdf_oh o)
{
	const char *t = text(p, o);

	return t ? tally_dup(t, strlen(t)) : NULL;
}

/* Items of an array; 0 for anything else, which qpdf would warn of. */
static int items(const struct pdf *p, qpdf_oh array)
{
	return PDF(qpdf_oh_is_array)(p->q, array) ? PDF(qpdf_oh_get_array_n_items)(p->q, array) : 0;
}

/* ---- contents of streams, by digest ---- */

static bool describe(const struct pdf *p, qpdf_oh stream, char *out, size_t room)
{
	unsigned char *bytes = NULL;
	size_t len = 0;
	QPDF_BOOL filtered;
	struct tally_sha256 sha;
	char name[TALLY_DIGEST_TEXT_MAX];

	if (!PDF(qpdf_oh_is_stream)(p->q, stream) ||
	    PDF(qpdf_oh_get_stream_data)(p->q, stream, qpdf_dl_generalized, &filtered, &bytes,
	                                 &len) >= QPDF_ERRORS) {
		snprintf(out, room, "not readable");
		return false;
	}
	tally_sha256_of(&sha, bytes, len);
	tally_sha256_text(name, &sha);
	free(bytes); /* qpdf's, by its malloc */
	snprintf(out, room, "%zu bytes, %.*s", len, (int)strlen("sha256:") + SHA_SHOWN, name);
	return true;
}

/* ---- attachments and scripts: trees of names ---- */

static void attachment(struct pdf *p, const char *name, qpdf_oh spec)
{
	qpdf_oh file = key(p, key(p, spec, "/EF"), "/F");
	char value[160];

	describe(p, file, value, sizeof value);
	fact(p, "attachment", value, name);
}

static void script(struct pdf *p, const char *where, qpdf_oh action)
{
	qpdf_oh code = key(p, action, "/JS");
	char value[160];
	char *copy;

	if (PDF(qpdf_oh_is_stream)(p->q, code)) {
		describe(p, code, value, sizeof value);
		fact(p, "script", value, where);
		return;
	}
	copy = text_copy(p, code);
	fact(p, "script", copy, where);
	tally_free(copy);
}

/* All pairs of a tree of names, without recursion: its nodes wait on a stack. */
static void name_tree(struct pdf *p, qpdf_oh root, void (*each)(struct pdf *, const char *, qpdf_oh))
{
	qpdf_oh *stack = NULL;
	size_t cap = 0, count = 0;

	if (!tally_grow(&stack, &cap, count, sizeof *stack))
		return;
	stack[count++] = root;
	while (count && go_on(p)) {
		qpdf_oh node = stack[--count], names = key(p, node, "/Names"),
			kids = key(p, node, "/Kids");

		for (int i = 0; i + 1 < items(p, names) && go_on(p); i += 2) {
			char *name = text_copy(p, PDF(qpdf_oh_get_array_item)(p->q, names, i));

			each(p, name ? name : "?", PDF(qpdf_oh_get_array_item)(p->q, names, i + 1));
			tally_free(name);
		}
		for (int i = items(p, kids); i-- > 0 && go_on(p);) {
			if (!tally_grow(&stack, &cap, count, sizeof *stack))
				break;
			stack[count++] = PDF(qpdf_oh_get_array_item)(p->q, kids, i);
		}
	}
	tally_free(stack);
}

static void name_trees(struct pdf *p, qpdf_oh root)
{
	qpdf_oh names = key(p, root, "/Names"), open = key(p, root, "/OpenAction");

	name_tree(p, key(p, names, "/EmbeddedFiles"), attachment);
	name_tree(p, key(p, names, "/JavaScript"), script);
	if (PDF(qpdf_oh_is_dictionary)(p->q, open))
		script(p, "when it is opened", open);
}

/* ---- form fields ---- */

static const char *name_of(const struct pdf *p, qpdf_oh o)
{
	const char *t = PDF(qpdf_oh_get_name)(p->q, o);

	return t && *t ? t : NULL;
}

static void field(struct pdf *p, qpdf_oh node)
{
	qpdf_oh value = key(p, node, "/V");
	const char *type = name_of(p, key(p, node, "/FT"));
	char *name = text_copy(p, key(p, node, "/T"));
	bool signature = type && !strcmp(type, "/Sig");
	const char *shown;

	if (!name) {
		return;
	}
	if (signature) {
		char *by = PDF(qpdf_oh_is_dictionary)(p->q, value)
		                   ? text_copy(p, key(p, value, "/Name"))
		                   : NULL;

		if (PDF(qpdf_oh_is_dictionary)(p->q, value))
			fact(p, "signature", by ? by : "not checked", name);
		tally_free(by);
	} else {
		shown = text(p, value);
		shown = shown ? shown : name_of(p, value);
		fact(p, "form_field", shown ? shown : "empty", name);
	}
	tally_free(name);
}

static void fields(struct pdf *p, qpdf_oh root)
{
	qpdf_oh list = key(p, key(p, root, "/AcroForm"), "/Fields");
	qpdf_oh *stack = NULL;
	size_t cap = 0, count = 0;

	for (int i = items(p, list); i-- > 0 && go_on(p);) {
		if (!tally_grow(&stack, &cap, count, sizeof *stack))
			break;
		stack[count++] = PDF(qpdf_oh_get_array_item)(p->q, list, i);
	}
	while (count && go_on(p)) {
		qpdf_oh node = stack[--count], kids = key(p, node, "/Kids");

		if (!PDF(qpdf_oh_is_dictionary)(p->q, node))
			continue;
		field(p, node);
		for (int i = items(p, kids); i-- > 0 && go_on(p);) {
			if (!tally_grow(&stack, &cap, count, sizeof *stack))
				break;
			stack[count++] = PDF(qpdf_oh_get_array_item)(p->q, kids, i);
		}
	}
	tally_free(stack);
}

/* ---- pages: links ---- */

static void annotations(struct pdf *p, uint32_t page)
{
	qpdf_oh list = key(p, PDF(qpdf_get_page_n)(p->q, page), "/Annots");
	char where[32];

	snprintf(where, sizeof where, "page %u", page + 1);
	for (int i = 0; i < items(p, list) && go_on(p); i++) {
		qpdf_oh a = PDF(qpdf_oh_get_array_item)(p->q, list, i);
		qpdf_oh action = key(p, a, "/A");
		const char *kind;
		char *value;

		if (!PDF(qpdf_oh_is_dictionary)(p->q, a))
			continue;
		kind = name_of(p, key(p, a, "/Subtype"));
		if (kind && (!strcmp(kind, "/Text") || !strcmp(kind, "/FreeText"))) {
			value = text_copy(p, key(p, a, "/Contents"));
			fact(p, "comment", value, where);
			tally_free(value);
		}
		if (!PDF(qpdf_oh_is_dictionary)(p->q, action))
			continue;
		value = text_copy(p, key(p, action, "/URI"));
		fact(p, "link", value, where);
		tally_free(value);
		script(p, where, action);
	}
	PDF(qpdf_oh_release_all)(p->q);
}

/* ---- the document ---- */

static void about(struct pdf *p)
{
	static const struct {
		const char *key, *fact, *where;
	} known[] = {
		{ "/Author", "author", NULL },         { "/Title", "title", NULL },
		{ "/CreationDate", "created", NULL },  { "/ModDate", "modified", NULL },
		{ "/Subject", "property", "subject" }, { "/Keywords", "property", "keywords" },
		{ "/Creator", "property", "made by" }, { "/Producer", "property", "saved by" },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		fact(p, known[i].fact, PDF(qpdf_get_info_key)(p->q, known[i].key), known[i].where);
}

/* Changes that were appended to the file, with all that was before still in it. */
static void updates(struct pdf *p, const char *bytes, size_t len)
{
	static const char mark[] = "startxref";
	const char *at = bytes, *end = bytes + len;
	unsigned count = 0;
	char value[32];

	while ((size_t)(end - at) > sizeof mark &&
	       (at = memchr(at, mark[0], (size_t)(end - at) - sizeof mark)) != NULL) {
		count += !memcmp(at, mark, sizeof mark - 1);
		at++;
	}
	if (count < 2)
		return;
	snprintf(value, sizeof value, "%u", count - 1);
	fact(p, "property", value, "updates appended");
}

static enum tally_status refused(struct pdf *p)
{
	qpdf_error e = PDF(qpdf_get_error)(p->q);
	bool password = e && PDF(qpdf_get_error_code)(p->q, e) == qpdf_e_password;

	if (password)
		return tally_err_set(p->err, TALLY_SKIP, TALLY_REASON_ENCRYPTED,
		                     "it needs a password");
	return tally_err_set(p->err, TALLY_SKIP, TALLY_REASON_DAMAGED, "%s",
	                     e ? PDF(qpdf_get_error_message_detail)(p->q, e) : "no PDF");
}

static enum tally_status read_all(struct pdf *p, const char *bytes, size_t len, uint32_t *pages)
{
	qpdf_oh root;
	int count;
	char value[32];

	if (PDF(qpdf_read_memory)(p->q, "PDF", bytes, len, NULL) >= QPDF_ERRORS)
		return refused(p);
	count = PDF(qpdf_get_num_pages)(p->q);
	if (count < 0 || PDF(qpdf_has_error)(p->q))
		return refused(p);
	*pages = (uint32_t)count;
	snprintf(value, sizeof value, "%d", count);
	fact(p, "page_count", value, NULL);
	about(p);
	if (PDF(qpdf_is_encrypted)(p->q))
		fact(p, "protection", "encrypted, opens without a password", NULL);
	updates(p, bytes, len);
	root = PDF(qpdf_get_root)(p->q);
	name_trees(p, root);
	fields(p, root);
	for (uint32_t i = 0; i < *pages && i < PAGES_MOST && p->st >= 0; i++)
		annotations(p, i);
	p->cut |= *pages > PAGES_MOST;
	return p->st;
}

enum tally_status tally_pdf_facts(const char *bytes, size_t len, uint32_t *pages,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	struct pdf p = { .sink = sink, .err = err, .nodes = NODES_MOST };
	const struct tally_note note = { .reason = TALLY_REASON_LIMIT,
		                         .detail = "links, fields or attachments beyond the first "
		                                   "100,000 were not looked at" };
	enum tally_status st = tally_pdf_load(err);

	*pages = 0;
	if (st < 0)
		return st;
	p.q = PDF(qpdf_init)();
	PDF(qpdf_silence_errors)(p.q);
	PDF(qpdf_set_suppress_warnings)(p.q, QPDF_TRUE);
	st = read_all(&p, bytes, len, pages);
	PDF(qpdf_cleanup)(&p.q);
	if (st < 0 || !p.cut)
		return st;
	st = sink->note ? sink->note(sink->payload, &note, err) : TALLY_OK;
	return st < 0 ? st : TALLY_PARTIAL;
}
