/* How the parts of a mail are put together, and what their headers say: see mail_work.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/mem.h"
#include "formats/mail_work.h"

/* ---- lines of headers ---- */

static int by_name(const void *left, const void *right)
{
	const struct tally_mail_line *a = left, *b = right;
	int c = strcasecmp(a->name, b->name);

	return c ? c : (a->at > b->at) - (a->at < b->at);
}

bool tally_mail_lines_add(struct tally_mail_lines *lines, const char *name, const char *value)
{
	if (!tally_grow(&lines->list, &lines->cap, lines->count, sizeof *lines->list))
		return false;
	lines->list[lines->count] = (struct tally_mail_line){ .name = name,
		                                              .value = value,
		                                              .at = lines->count };
	lines->count++;
	return true;
}

bool tally_mail_lines_end(struct tally_mail_lines *lines, struct tally_buf *out)
{
	bool ok = true;

	if (lines->count > 1)
		qsort(lines->list, lines->count, sizeof *lines->list, by_name);
	for (size_t i = 0; i < lines->count && ok; i++) {
		size_t at = out->len;

		ok = tally_buf_text(out, lines->list[i].name);
		for (; at < out->len; at++)
			out->bytes[at] = tally_lower(out->bytes[at]);
		ok = ok && tally_buf_text(out, ": ") &&
		     tally_mail_unfolded(out, lines->list[i].value) && tally_buf_byte(out, '\n');
	}
	tally_free(lines->list);
	*lines = (struct tally_mail_lines){ 0 };
	return ok;
}

/* ---- what the headers of a part say ---- */

static bool is_named(const char *name, const char *const *list)
{
	for (; *list; list++)
		if (!strcasecmp(name, *list))
			return true;
	return false;
}

/* Ways of packing that are known: they change nothing. */
static bool is_known_encoding(const char *value)
{
	static const char *const names[] = { "7bit",   "8bit",       "binary",   "quoted-printable",
		                             "base64", "x-uuencode", "uuencode", "x-uue",
		                             NULL };
	char word[24] = "";
	size_t n = strcspn(value + strspn(value, " \t\r\n"), " \t\r\n;");

	if (n >= sizeof word)
		return false;
	memcpy(word, value + strspn(value, " \t\r\n"), n);
	return !n || is_named(word, names);
}

/* Told elsewhere, or how it is packed. */
static bool is_told(GMimeObject *o, const char *name, const char *value)
{
	static const char *const packing[] = { "boundary", NULL };
	static const char *const letters[] = { "charset", "format", "delsp", NULL };
	static const char *const names[] = { "name", "filename", NULL };
	const char *file;

	if (is_named(name, packing))
		return true;
	if (!tally_mail_calls.g_type_check_instance_is_a((GTypeInstance *)o,
	                                                 tally_mail_calls.g_mime_part_get_type()))
		return false;
	if (tally_mail_is_text(o))
		return is_named(name, letters);
	file = tally_mail_calls.g_mime_part_get_filename((GMimePart *)o);
	return is_named(name, names) && file && !strcmp(file, value);
}

static bool add_parameters(struct tally_mail *m, GMimeObject *o, GMimeParamList *list,
                           struct tally_mail_lines *lines)
{
	int count = list ? tally_mail_calls.g_mime_param_list_length(list) : 0;

	for (int i = 0; i < count; i++) {
		GMimeParam *p = tally_mail_calls.g_mime_param_list_get_parameter_at(list, i);
		const char *name = tally_mail_calls.g_mime_param_get_name(p);
		const char *value = tally_mail_calls.g_mime_param_get_value(p);

		value = value ? value : "";
		if (!strcasecmp(name, "start"))
			value = tally_mail_part_called(m, value) ? m->ids.called : value;
		if (!is_told(o, name, value) && !tally_mail_lines_add(lines, name, value))
			return false;
	}
	return true;
}

static bool add_headers(GMimeObject *o, struct tally_mail_lines *lines)
{
	static const char *const told[] = { "Content-Type",
		                            "Content-Disposition",
		                            "Content-ID",
		                            "Content-Length",
		                            "MIME-Version",
		                            "Lines",
		                            NULL };
	GMimeHeaderList *list = tally_mail_calls.g_mime_object_get_header_list(o);
	int count = tally_mail_calls.g_mime_header_list_get_count(list);

	for (int i = 0; i < count; i++) {
		GMimeHeader *h = tally_mail_calls.g_mime_header_list_get_header_at(list, i);
		const char *name = tally_mail_calls.g_mime_header_get_name(h);
		const char *value = tally_mail_calls.g_mime_header_get_value(h);

		value = value ? value : "";
		if (is_named(name, told) ||
		    (!strcasecmp(name, "Content-Transfer-Encoding") && is_known_encoding(value)))
			continue;
		if (!tally_mail_lines_add(lines, name, value))
			return false;
	}
	return true;
}

/* Shown where it stands is what a part is that says nothing. */
static bool add_disposition(struct tally_mail *m, GMimeObject *o, struct tally_mail_lines *lines)
{
	GMimeContentDisposition *d = tally_mail_calls.g_mime_object_get_content_disposition(o);
	const char *how;

	if (!d)
		return true;
	how = tally_mail_calls.g_mime_content_disposition_get_disposition(d);
	if (how && strcasecmp(how, "inline") != 0 && !tally_mail_lines_add(lines, "shown", how))
		return false;
	return add_parameters(m, o, tally_mail_calls.g_mime_content_disposition_get_parameters(d),
	                      lines);
}

static bool add_part(struct tally_mail *m, GMimeObject *o, size_t depth, struct tally_buf *out)
{
	GMimeContentType *type = tally_mail_calls.g_mime_object_get_content_type(o);
	const char *major = tally_mail_calls.g_mime_content_type_get_media_type(type);
	const char *minor = tally_mail_calls.g_mime_content_type_get_media_subtype(type);
	struct tally_mail_lines lines = { 0 };
	size_t at = out->len;
	bool ok = tally_buf_printf(out, "%zu %s/%s\n", depth, major ? major : "", minor ? minor : "");

	for (; at < out->len; at++)
		out->bytes[at] = tally_lower(out->bytes[at]);
	ok = ok &&
	     add_parameters(m, o, tally_mail_calls.g_mime_content_type_get_parameters(type), &lines);
	ok = ok && add_disposition(m, o, &lines) && add_headers(o, &lines);
	return tally_mail_lines_end(&lines, out) && ok;
}

/* ---- numbers that parts are called by ---- */

static int by_id(const void *left, const void *right)
{
	const struct tally_mail_id *a = left, *b = right;
	int c = strcmp(a->id, b->id);

	return c ? c : (a->n > b->n) - (a->n < b->n);
}

static bool add_id(struct tally_mail *m, GMimeObject *o)
{
	const char *id = tally_mail_calls.g_mime_object_get_content_id(o);
	struct tally_mail_ids *ids = &m->ids;

	if (!id)
		return true;
	if (!tally_grow(&ids->list, &ids->cap, ids->count, sizeof *ids->list))
		return false;
	ids->list[ids->count] = (struct tally_mail_id){ .id = id, .n = ids->count + 1 };
	ids->count++;
	return true;
}

static struct tally_mail_id *find_id(struct tally_mail *m, const char *id, size_t len)
{
	size_t low = 0, high = m->ids.count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		struct tally_mail_id *x = &m->ids.list[mid];
		int c = strncmp(x->id, id, len);

		c = c ? c : x->id[len] != '\0';
		if (!c)
			return x;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const char *tally_mail_part_called(struct tally_mail *m, const char *id)
{
	size_t len = strlen(id);
	struct tally_mail_id *found;

	if (len > 1 && id[0] == '<' && id[len - 1] == '>') {
		id++;
		len -= 2;
	}
	found = find_id(m, id, len);
	if (!found)
		return NULL;
	found->used = true;
	snprintf(m->ids.called, sizeof m->ids.called, "picture %zu of the mail", found->n);
	return m->ids.called;
}

/* Nobody calls these parts by their numbers, which say something else then. */
static bool add_unused(struct tally_mail *m, struct tally_buf *out)
{
	for (size_t i = 0; i < m->ids.count; i++)
		if (!m->ids.list[i].used &&
		    !(tally_buf_printf(out, "%zu ", m->ids.list[i].n) &&
		      tally_buf_text(out, m->ids.list[i].id) && tally_buf_byte(out, '\n')))
			return false;
	return true;
}

/* ---- all parts ---- */

struct open {
	GMimeObject *object;
	int next;
};

/* What stands in it, one by one. @return NULL: nothing more */
static GMimeObject *next_inside(struct open *o)
{
	int next = o->next++;
	GMimeMessage *mail;

	if (tally_mail_calls.g_type_check_instance_is_a(
		    (GTypeInstance *)o->object, tally_mail_calls.g_mime_multipart_get_type())) {
		GMimeMultipart *parts = (GMimeMultipart *)o->object;

		return next < tally_mail_calls.g_mime_multipart_get_count(parts)
		               ? tally_mail_calls.g_mime_multipart_get_part(parts, next)
		               : NULL;
	}
	if (next ||
	    !tally_mail_calls.g_type_check_instance_is_a(
		    (GTypeInstance *)o->object, tally_mail_calls.g_mime_message_part_get_type()))
		return NULL;
	mail = tally_mail_calls.g_mime_message_part_get_message((GMimeMessagePart *)o->object);
	return mail ? tally_mail_calls.g_mime_message_get_mime_part(mail) : NULL;
}

/* @out  NULL: numbers alone */
static bool visit(struct tally_mail *m, GMimeObject *o, size_t depth, struct tally_buf *out)
{
	return out ? add_part(m, o, depth, out) : add_id(m, o);
}

static bool visit_all(struct tally_mail *m, GMimeMessage *mail, struct tally_buf *out)
{
	GMimeObject *o = tally_mail_calls.g_mime_message_get_mime_part(mail);
	struct open *open = NULL;
	size_t depth = 0, cap = 0;
	bool ok = !o || visit(m, o, 0, out);

	while (ok && (o || depth)) {
		if (o) {
			ok = tally_grow(&open, &cap, depth, sizeof *open);
			if (ok)
				open[depth++] = (struct open){ .object = o };
		}
		o = ok ? next_inside(&open[depth - 1]) : NULL;
		if (o)
			ok = visit(m, o, depth, out);
		else
			depth -= ok;
	}
	tally_free(open);
	return ok;
}

enum tally_status tally_mail_rest(struct tally_mail *m)
{
	char text[24];

	if (!m->rest)
		return TALLY_OK;
	snprintf(text, sizeof text, "%016" PRIx64, m->rest);
	return tally_mail_fact(m, "unread", text, "looks and layout");
}

enum tally_status tally_mail_parts_begin(struct tally_mail *m, GMimeMessage *mail)
{
	m->ids.known = true;
	if (!visit_all(m, mail, NULL))
		return tally_err_nomem(m->err);
	if (m->ids.count > 1)
		qsort(m->ids.list, m->ids.count, sizeof *m->ids.list, by_id);
	return TALLY_OK;
}

enum tally_status tally_mail_parts_end(struct tally_mail *m, GMimeMessage *mail)
{
	struct tally_buf out;
	char text[24];
	enum tally_status st = TALLY_OK;

	tally_buf_init(&out, SIZE_MAX / 2);
	if (!tally_buf_text(&out, "") || !visit_all(m, mail, &out) || !add_unused(m, &out) ||
	    (m->stray && !tally_buf_printf(&out, "stray %016" PRIx64 "\n", m->stray)))
		st = tally_err_nomem(m->err);
	if (st >= 0) {
		snprintf(text, sizeof text, "%016" PRIx64, tally_hash64(out.bytes, out.len, 0));
		st = tally_mail_fact(m, "unread", text, "headers of parts");
	}
	tally_buf_release(&out);
	return st < 0 ? st : tally_mail_rest(m);
}
