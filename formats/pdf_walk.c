/* All that can be reached from some objects of a PDF, as one text: see formats/pdf_walk.h. */
#include "formats/pdf_walk.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"

enum { TEXT_MOST = 64 << 20 /* bytes of what is reached, written down */ };

void tally_pdf_walk_init(struct tally_pdf_walk *w, struct tally_pdf *p)
{
	*w = (struct tally_pdf_walk){ .p = p };
	tally_buf_init(&w->text, TEXT_MOST);
}

void tally_pdf_walk_release(struct tally_pdf_walk *w)
{
	tally_pdf_map_release(&w->met);
	tally_pdf_map_release(&w->streams);
	tally_buf_release(&w->text);
	tally_free(w->digests);
	tally_free(w->list);
}

void tally_pdf_walk_begin(struct tally_pdf_walk *w)
{
	tally_pdf_map_clear(&w->met);
	tally_buf_clear(&w->text);
	w->list_count = w->list_done = 0;
}

static void put(struct tally_pdf_walk *w, const void *bytes, size_t len)
{
	if (w->failed || tally_buf_add(&w->text, bytes, len))
		return;
	w->failed = true;
	if (w->text.len + len <= w->text.max)
		tally_pdf_no_memory(w->p);
}

void tally_pdf_walk_say(struct tally_pdf_walk *w, const char *text)
{
	put(w, text, strlen(text));
	put(w, "\n", 1);
}

static bool is_container(const struct tally_pdf *p, qpdf_oh o)
{
	enum qpdf_object_type_e type = PDF(qpdf_oh_get_type_code)(p->q, o);

	return type == ot_array || type == ot_dictionary || type == ot_stream;
}

static void say_number(struct tally_pdf_walk *w, const char *what, uint32_t number)
{
	char name[40];

	snprintf(name, sizeof name, "%s%u", what, number);
	tally_pdf_walk_say(w, name);
}

void tally_pdf_walk_add(struct tally_pdf_walk *w, qpdf_oh o)
{
	struct tally_pdf *p = w->p;
	uint64_t id = tally_pdf_id(p, o);
	uint32_t number = (uint32_t)w->list_count;

	if (!is_container(p, o)) {
		tally_pdf_walk_say(w, PDF(qpdf_oh_unparse_resolved)(p->q, o));
		return;
	}
	if (id && tally_pdf_map_get(&p->pages, id, &number)) {
		say_number(w, "page ", number);
		return;
	}
	if (id && tally_pdf_map_get(&w->met, id, &number)) {
		say_number(w, "@", number);
		return;
	}
	if (!tally_pdf_go_on(p)) {
		w->failed = true;
		return;
	}
	if ((id && !tally_pdf_map_set(&w->met, id, number)) ||
	    !tally_grow(&w->list, &w->list_cap, w->list_count, sizeof *w->list)) {
		tally_pdf_no_memory(p);
		w->failed = true;
		return;
	}
	w->list[w->list_count++] = o;
	say_number(w, "@", number);
}

static bool is_among(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

/* What says nothing of its own, or leads back to the whole document. @packed  a stream's own way of packing counts */
static bool passed_over(const struct tally_pdf *p, const char *name, qpdf_oh value, bool packed)
{
	static const char *const names[] = { "/Parent",       "/Length",     "/Metadata",
		                             "/PieceInfo",    "/ParentTree", "/LastModified",
		                             "/StructParent", "/Annots",     "/StructParents",
		                             "/Obj",          "/ID",         NULL };
	static const char *const packing[] = { "/Filter", "/DecodeParms", NULL };

	/* the page or element above; of a layer, how others decide on it */
	if (!strcmp(name, "/P"))
		return is_container(p, value);
	return is_among(names, name) || (!packed && is_among(packing, name));
}

static void put_dict(struct tally_pdf_walk *w, qpdf_oh dict, bool packed, const char *const *but)
{
	struct tally_pdf *p = w->p;

	PDF(qpdf_oh_begin_dict_key_iter)(p->q, dict);
	while (PDF(qpdf_oh_dict_more_keys)(p->q) && !w->failed) {
		const char *name = PDF(qpdf_oh_dict_next_key)(p->q);
		qpdf_oh value;

		if (is_among(but, name))
			continue;
		value = tally_pdf_key(p, dict, name);
		if (passed_over(p, name, value, packed))
			continue;
		tally_pdf_walk_say(w, name);
		tally_pdf_walk_add(w, value);
	}
	tally_pdf_walk_say(w, ">>");
}

void tally_pdf_walk_add_but(struct tally_pdf_walk *w, qpdf_oh dict, const char *const *but)
{
	put_dict(w, dict, true, but);
}

void tally_pdf_walk_add_only(struct tally_pdf_walk *w, qpdf_oh dict, const char *const *names)
{
	for (; *names && !w->failed; names++)
		if (PDF(qpdf_oh_has_key)(w->p->q, dict, *names)) {
			tally_pdf_walk_say(w, *names);
			tally_pdf_walk_add(w, tally_pdf_key(w->p, dict, *names));
		}
}

/* An array of plain values is written at one go: tables of widths are long. */
static void put_array(struct tally_pdf_walk *w, qpdf_oh array)
{
	struct tally_pdf *p = w->p;
	const char *text = PDF(qpdf_oh_unparse_resolved)(p->q, array);
	int n = tally_pdf_items(p, array);

	if (!strstr(text, " R") && !strstr(text, "<<")) {
		tally_pdf_walk_say(w, text);
		return;
	}
	tally_pdf_walk_say(w, "[");
	for (int i = 0; i < n && !w->failed && tally_pdf_go_on(p); i++)
		tally_pdf_walk_add(w, tally_pdf_item(p, array, i));
	tally_pdf_walk_say(w, "]");
}

/* Many walks come to the same fonts and pictures. */
static struct tally_pdf_stream_digest digest_of(struct tally_pdf_walk *w, qpdf_oh stream)
{
	struct tally_pdf_stream_digest d = { .read = false };
	uint64_t id = tally_pdf_id(w->p, stream), bytes;
	uint32_t at;

	if (id && tally_pdf_map_get(&w->streams, id, &at))
		return w->digests[at];
	d.read = tally_pdf_digest(w->p, stream, &d.sha, &bytes, &d.unpacked);
	at = (uint32_t)w->digest_count;
	if (!id)
		return d;
	if (!tally_grow(&w->digests, &w->digest_cap, w->digest_count, sizeof *w->digests) ||
	    !tally_pdf_map_set(&w->streams, id, at))
		tally_pdf_no_memory(w->p);
	else
		w->digests[w->digest_count++] = d;
	return d;
}

static void put_stream(struct tally_pdf_walk *w, qpdf_oh stream)
{
	struct tally_pdf_stream_digest d = digest_of(w, stream);

	if (!d.read) {
		tally_pdf_walk_say(w, "not readable");
		return;
	}
	put_dict(w, PDF(qpdf_oh_get_dict)(w->p->q, stream), !d.unpacked, NULL);
	put(w, d.sha.bytes, sizeof d.sha.bytes);
}

bool tally_pdf_walk_end(struct tally_pdf_walk *w, struct tally_sha256 *out)
{
	for (; w->list_done < w->list_count && !w->failed; w->list_done++) {
		qpdf_oh o = w->list[w->list_done];

		switch (PDF(qpdf_oh_get_type_code)(w->p->q, o)) {
		case ot_array:
			put_array(w, o);
			break;
		case ot_stream:
			put_stream(w, o);
			break;
		default:
			put_dict(w, o, true, NULL);
		}
	}
	tally_sha256_of(out, w->text.bytes ? w->text.bytes : "", w->text.len);
	return w->text.len > 0;
}
