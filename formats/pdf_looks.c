/*
 * How the pages of a PDF look: see formats/pdf_looks.h. What a page uses is written down as one text, each object once, named by
 * the order in which it is met (formats/pdf_walk.h); the digest of that text is the page's look.
 */
#include "formats/pdf_looks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "formats/pdf_content.h"
#include "formats/pdf_map.h"
#include "formats/pdf_unseen.h"
#include "formats/pdf_walk.h"

enum {
	CONTENT_MOST = 64 << 20, /* bytes of what one page draws */
	TEXT_MOST = 16 << 20,    /* bytes of what a page uses, by name and digest */
	PARENTS_MOST = 64,       /* levels of pages that hand down what is theirs */
	SHA_SHOWN = 16,
};

struct tally_pdf_looks {
	struct tally_pdf *p;
	struct tally_pdf_map known;   /* object → its place in digests */
	struct tally_sha256 *digests; /* of fonts, pictures and so on that were met */
	size_t digest_count, digest_cap;
	struct tally_pdf_walk walk;
	struct tally_buf page; /* of the page */
	bool failed;           /* to look at all of it */
};

static void put(struct tally_pdf_looks *l, struct tally_buf *out, const char *text)
{
	l->failed |= !tally_buf_text(out, text) || !tally_buf_byte(out, '\n');
}

static void put_digest(struct tally_pdf_looks *l, struct tally_buf *out, const struct tally_sha256 *d)
{
	l->failed |= !tally_buf_add(out, d->bytes, sizeof d->bytes);
}

/* A walk that is done once for each object. */
static void look_of(struct tally_pdf_looks *l, qpdf_oh o, struct tally_sha256 *out)
{
	uint64_t id = tally_pdf_id(l->p, o);
	uint32_t at;

	if (id && tally_pdf_map_get(&l->known, id, &at)) {
		*out = l->digests[at];
		return;
	}
	tally_pdf_walk_begin(&l->walk);
	tally_pdf_walk_add(&l->walk, o);
	tally_pdf_walk_end(&l->walk, out);
	if (!id || l->walk.failed)
		return;
	at = (uint32_t)l->digest_count;
	if (!tally_grow(&l->digests, &l->digest_cap, l->digest_count, sizeof *l->digests) ||
	    !tally_pdf_map_set(&l->known, id, at)) {
		l->failed = true;
		return;
	}
	l->digests[l->digest_count++] = *out;
}

/* ---- pictures ---- */

static void image(struct tally_pdf_looks *l, qpdf_oh o, const struct tally_sha256 *look, uint32_t page)
{
	struct tally_pdf *p = l->p;
	qpdf_oh dict = PDF(qpdf_oh_get_dict)(p->q, o);
	char value[120], where[32], name[TALLY_DIGEST_TEXT_MAX];

	tally_sha256_text(name, look);
	snprintf(value, sizeof value, "%d × %d pixels, %.*s",
	         PDF(qpdf_oh_get_int_value_as_int)(p->q, tally_pdf_key(p, dict, "/Width")),
	         PDF(qpdf_oh_get_int_value_as_int)(p->q, tally_pdf_key(p, dict, "/Height")),
	         (int)strlen("sha256:") + SHA_SHOWN, name);
	snprintf(where, sizeof where, "page %u", page);
	tally_pdf_fact(p, "image", value, NULL, where);
}

static bool is_image(const struct tally_pdf *p, qpdf_oh o)
{
	const char *kind = PDF(qpdf_oh_is_stream)(p->q, o)
	                           ? tally_pdf_name(p,
	                                            tally_pdf_key(p, PDF(qpdf_oh_get_dict)(p->q, o),
	                                                          "/Subtype"))
	                           : NULL;

	return kind && !strcmp(kind, "/Image");
}

/* ---- pages ---- */

/* What a page has not of its own it has from those above it. */
static qpdf_oh inherited(const struct tally_pdf *p, qpdf_oh page, const char *name)
{
	qpdf_oh o = tally_pdf_key(p, page, name);

	for (int i = 0; i < PARENTS_MOST && PDF(qpdf_oh_is_null)(p->q, o); i++) {
		page = tally_pdf_key(p, page, "/Parent");
		if (!PDF(qpdf_oh_is_dictionary)(p->q, page))
			break;
		o = tally_pdf_key(p, page, name);
	}
	return o;
}

/* What the page's streams draw, one after the other. @return false: it is not all known */
static bool content_of(struct tally_pdf *p, qpdf_oh page, struct tally_buf *out)
{
	qpdf_oh contents = tally_pdf_key(p, page, "/Contents");
	int n = PDF(qpdf_oh_is_array)(p->q, contents) ? tally_pdf_items(p, contents) : 1;
	bool known = true;

	for (int i = 0; i < n && tally_pdf_go_on(p); i++) {
		qpdf_oh one = PDF(qpdf_oh_is_array)(p->q, contents) ? tally_pdf_item(p, contents, i)
		                                                    : contents;
		struct tally_pdf_bytes b;

		if (!PDF(qpdf_oh_is_stream)(p->q, one))
			continue;
		if (!tally_pdf_stream(p, one, CONTENT_MOST - out->len, &b)) {
			known = false;
			continue;
		}
		known = known && b.unpacked && tally_buf_add(out, b.bytes, b.len) &&
		        tally_buf_byte(out, '\n');
		tally_pdf_bytes_release(&b);
	}
	return known;
}

/* One kind of what a page may use: its fonts, its pictures … */
static void put_kind(struct tally_pdf_looks *l, qpdf_oh kind, const struct tally_pdf_names *used,
                     uint32_t page)
{
	struct tally_pdf *p = l->p;
	struct tally_buf names;
	const char *name;

	/* walks go through other dictionaries meanwhile */
	tally_buf_init(&names, TEXT_MOST);
	PDF(qpdf_oh_begin_dict_key_iter)(p->q, kind);
	while (PDF(qpdf_oh_dict_more_keys)(p->q) && tally_pdf_go_on(p)) {
		name = PDF(qpdf_oh_dict_next_key)(p->q);
		if (!used || tally_pdf_names_has(used, name))
			l->failed |= !tally_buf_add(&names, name, strlen(name) + 1);
	}
	for (size_t at = 0; at < names.len && !l->failed; at += strlen(names.bytes + at) + 1) {
		qpdf_oh o = tally_pdf_key(p, kind, names.bytes + at);
		struct tally_sha256 look;

		look_of(l, o, &look);
		l->failed |= l->walk.failed;
		put(l, &l->page, names.bytes + at);
		put_digest(l, &l->page, &look);
		if (!l->failed && is_image(p, o))
			image(l, o, &look, page);
	}
	tally_buf_release(&names);
}

/* Words that changed on a page are told before its look, so that this is told by itself. */
static void turned(struct tally_pdf *p, qpdf_oh page, uint32_t number)
{
	qpdf_oh rotate = inherited(p, page, "/Rotate");
	char value[32], where[32];
	int degrees = 0;

	if (PDF(qpdf_oh_get_type_code)(p->q, rotate) == ot_integer)
		degrees = (PDF(qpdf_oh_get_int_value_as_int)(p->q, rotate) % 360 + 360) % 360;
	if (!degrees)
		return;
	snprintf(value, sizeof value, "turned by %d degrees", degrees);
	snprintf(where, sizeof where, "page %u", number);
	tally_pdf_fact(p, "property", value, NULL, where);
}

/* ---- text that nobody sees ---- */

enum { NAMES_KEPT = 16 /* that were looked up last: pages name the same few over and over */ };

struct names_of_page {
	struct tally_pdf *p;
	qpdf_oh resources;
	struct {
		char name[72]; /* with the first letter of its kind before it */
		enum tally_pdf_named is;
	} kept[NAMES_KEPT];
	size_t next;
};

/* May something shine through what is painted in this state? */
static enum tally_pdf_named opaque(const struct tally_pdf *p, qpdf_oh state)
{
	qpdf_oh alpha = tally_pdf_key(p, state, "/ca");
	const char *name = tally_pdf_name(p, tally_pdf_key(p, state, "/SMask"));
	bool plain = PDF(qpdf_oh_is_null)(p->q, tally_pdf_key(p, state, "/SMask")) ||
	             (name && !strcmp(name, "/None"));

	name = tally_pdf_name(p, tally_pdf_key(p, state, "/BM"));
	if (!plain || (name && strcmp(name, "/Normal") != 0 && strcmp(name, "/Compatible") != 0))
		return TALLY_PDF_NAMED_UNKNOWN;
	if (!PDF(qpdf_oh_is_number)(p->q, alpha))
		return TALLY_PDF_NAMED_NEITHER;
	return PDF(qpdf_oh_get_numeric_value)(p->q, alpha) > 0.99 ? TALLY_PDF_NAMED_OPAQUE
	                                                          : TALLY_PDF_NAMED_UNKNOWN;
}

static enum tally_pdf_named look_up(const struct tally_pdf *p, qpdf_oh resources, const char *kind,
                                    const char *name)
{
	qpdf_oh o = tally_pdf_key(p, tally_pdf_key(p, resources, kind), name);
	const char *subtype;

	if (!strcmp(kind, "/XObject"))
		return is_image(p, o) ? TALLY_PDF_NAMED_IMAGE : TALLY_PDF_NAMED_UNKNOWN;
	if (!PDF(qpdf_oh_is_dictionary)(p->q, o))
		return TALLY_PDF_NAMED_UNKNOWN;
	if (!strcmp(kind, "/ExtGState"))
		return opaque(p, o);
	/* letters of this kind have a size of their own */
	subtype = tally_pdf_name(p, tally_pdf_key(p, o, "/Subtype"));
	return subtype && strcmp(subtype, "/Type3") != 0 ? TALLY_PDF_NAMED_FONT
	                                                 : TALLY_PDF_NAMED_UNKNOWN;
}

static enum tally_pdf_named look_up_kept(void *payload, const char *kind, const char *name)
{
	struct names_of_page *n = payload;
	char key[sizeof n->kept->name];

	snprintf(key, sizeof key, "%c%s", kind[1], name);
	for (size_t i = 0; i < NAMES_KEPT; i++)
		if (!strcmp(n->kept[i].name, key))
			return n->kept[i].is;
	memcpy(n->kept[n->next].name, key, sizeof key);
	n->kept[n->next].is = look_up(n->p, n->resources, kind, name);
	n->next = (n->next + 1) % NAMES_KEPT;
	return n->kept[(n->next + NAMES_KEPT - 1) % NAMES_KEPT].is;
}

/* What both of these boxes show; nothing where one is none. */
static void cut_box(const struct tally_pdf *p, qpdf_oh array, double box[4])
{
	double at[4];

	if (tally_pdf_items(p, array) != 4)
		return;
	for (int i = 0; i < 4; i++)
		at[i] = PDF(qpdf_oh_get_numeric_value)(p->q, tally_pdf_item(p, array, i));
	for (int i = 0; i < 2; i++) {
		double low = at[i] < at[i + 2] ? at[i] : at[i + 2];
		double high = at[i] < at[i + 2] ? at[i + 2] : at[i];

		box[i] = low > box[i] ? low : box[i];
		box[i + 2] = high < box[i + 2] ? high : box[i + 2];
	}
}

static void unseen(struct tally_pdf *p, qpdf_oh page, uint32_t number, const struct tally_buf *content)
{
	static const char *const ways[TALLY_PDF_UNSEEN] = {
		[TALLY_PDF_INVISIBLE] = "drawn invisibly, as below a scan",
		[TALLY_PDF_GROUND] = "in the colour of its ground",
		[TALLY_PDF_TINY] = "smaller than a point",
		[TALLY_PDF_OUTSIDE] = "outside of the page",
		[TALLY_PDF_COVERED] = "below a filled box",
	};
	struct names_of_page names = { .p = p, .resources = inherited(p, page, "/Resources") };
	struct tally_pdf_sheet sheet = { .box = { -1e6, -1e6, 1e6, 1e6 },
		                         .look_up = look_up_kept,
		                         .payload = &names };
	uint64_t lengths[TALLY_PDF_UNSEEN];
	char value[80], where[32];

	cut_box(p, inherited(p, page, "/MediaBox"), sheet.box);
	cut_box(p, inherited(p, page, "/CropBox"), sheet.box);
	if (!tally_pdf_unseen(content->bytes, content->len, &sheet, lengths)) {
		tally_pdf_no_memory(p);
		return;
	}
	snprintf(where, sizeof where, "page %u", number);
	for (size_t i = 0; i < TALLY_PDF_UNSEEN; i++) {
		if (!lengths[i])
			continue;
		snprintf(value, sizeof value, "%s (length %llu)", ways[i],
		         (unsigned long long)lengths[i]);
		tally_pdf_fact(p, "perhaps_unseen", value, NULL, where);
	}
}

static void put_page(struct tally_pdf_looks *l, qpdf_oh page, const struct tally_pdf_names *used,
                     uint32_t number)
{
	static const char *const boxes[] = { "/MediaBox", "/CropBox", "/Rotate", "/UserUnit" };
	static const char *const kinds[] = { "/ColorSpace", "/ExtGState",  "/Font",   "/Pattern",
		                             "/Shading",    "/Properties", "/XObject" };
	struct tally_pdf *p = l->p;
	qpdf_oh resources = inherited(p, page, "/Resources");

	for (size_t i = 0; i < sizeof boxes / sizeof *boxes; i++) {
		put(l, &l->page, boxes[i]);
		put(l, &l->page, PDF(qpdf_oh_unparse_resolved)(p->q, inherited(p, page, boxes[i])));
	}
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		qpdf_oh kind = tally_pdf_key(p, resources, kinds[i]);

		put(l, &l->page, kinds[i]);
		if (PDF(qpdf_oh_is_dictionary)(p->q, kind))
			put_kind(l, kind, used, number);
	}
}

/*
 * What else a page says of itself, and how the remarks, links and fields on it look; what these say is told by others.
 * @return is there anything on it?
 */
static bool put_rest(struct tally_pdf_looks *l, qpdf_oh page)
{
	static const char *const told[] = { "/Type",    "/Resources", "/Contents", "/MediaBox",
		                            "/CropBox", "/Rotate",    "/UserUnit", "/Tabs",
		                            "/Thumb",   "/AA",        "/B",        NULL };
	static const char *const told_of_annotations[] = { "/A",  "/AA", "/Dest",  "/Contents",
		                                           "/RC", "/T",  "/M",     "/NM",
		                                           "/V",  "/DV", "/Popup", "/CreationDate",
		                                           "/FS", NULL };
	struct tally_pdf *p = l->p;
	qpdf_oh list = tally_pdf_key(p, page, "/Annots");
	struct tally_sha256 look;
	int n = tally_pdf_items(p, list);

	tally_pdf_walk_begin(&l->walk);
	tally_pdf_walk_add_but(&l->walk, page, told);
	for (int i = 0; i < n && tally_pdf_go_on(p); i++) {
		qpdf_oh a = tally_pdf_item(p, list, i);

		if (PDF(qpdf_oh_is_dictionary)(p->q, a))
			tally_pdf_walk_add_but(&l->walk, a, told_of_annotations);
	}
	tally_pdf_walk_end(&l->walk, &look);
	put_digest(l, &l->page, &look);
	return n > 0;
}

bool tally_pdf_look(struct tally_pdf_looks *l, qpdf_oh page, uint32_t number, bool *blank)
{
	struct tally_pdf_names used = { 0 };
	struct tally_buf content;
	struct tally_sha256 look;
	char where[32], value[TALLY_DIGEST_TEXT_MAX];
	bool known, drawn_over;

	tally_buf_init(&content, CONTENT_MOST);
	known = content_of(l->p, page, &content);
	*blank = known && tally_pdf_content_blank(content.bytes, content.len);
	l->walk.failed = false;
	l->failed = known && !tally_pdf_names_of(&used, content.bytes, content.len);
	tally_buf_clear(&l->page);
	put_page(l, page, known && !used.escaped ? &used : NULL, number);
	turned(l->p, page, number);
	drawn_over = put_rest(l, page);
	l->failed |= l->walk.failed;
	if (content.len && known)
		unseen(l->p, page, number, &content);
	if (content.len)
		content.len = tally_pdf_content_squeeze(content.bytes, content.len);
	tally_sha256_of(&look, content.bytes ? content.bytes : "", content.len);
	put_digest(l, &l->page, &look);
	if (known && !l->failed) {
		tally_sha256_of(&look, l->page.bytes, l->page.len);
		tally_sha256_text(value, &look);
		snprintf(where, sizeof where, "page %u", number);
		tally_pdf_fact(l->p, "page_look", *blank && !drawn_over ? "blank" : value, NULL,
		               where);
	}
	tally_pdf_names_release(&used);
	tally_buf_release(&content);
	return known && !l->failed;
}

struct tally_pdf_looks *tally_pdf_looks_new(struct tally_pdf *p)
{
	struct tally_pdf_looks *l = tally_alloc_zero(1, sizeof *l);

	if (!l)
		return NULL;
	l->p = p;
	tally_pdf_walk_init(&l->walk, p);
	tally_buf_init(&l->page, TEXT_MOST);
	return l;
}

void tally_pdf_looks_free(struct tally_pdf_looks *l)
{
	if (!l)
		return;
	tally_pdf_map_release(&l->known);
	tally_pdf_walk_release(&l->walk);
	tally_buf_release(&l->page);
	tally_free(l->digests);
	tally_free(l);
}
