/* Facts of a PDF by qpdf: see formats/pdf_facts.h. */
#include "formats/pdf_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/pdf_bookmarks.h"
#include "formats/pdf_catalog.h"
#include "formats/pdf_looks.h"
#include "formats/pdf_object.h"
#include "formats/pdf_parts.h"

enum {
	PAGES_MOST = 20000,     /* that are looked at one by one */
	NODES_MOST = 200000,    /* objects of the document that are looked at, and of each page, */
	NODES_OF_ALL = 1000000, /* and of all pages: some two seconds */
};

#define UNPACK_MOST (UINT64_C(256) << 20) /* bytes of streams, about a second */

/* ---- about the document ---- */

/* "D:20240131093000+01'00'" as people write it; anything else as it is. */
static const char *date(char out[40], const char *text)
{
	const char *d = text && !strncmp(text, "D:", 2) ? text + 2 : text;
	size_t digits = 0;
	int n;

	while (d && tally_is_digit(d[digits]) && digits < 14)
		digits++;
	if (!d || digits < 8)
		return text;
	n = snprintf(out, 40, "%.4s-%.2s-%.2s", d, d + 4, d + 6);
	if (digits < 12 || n < 0)
		return out;
	n += snprintf(out + n, 40 - (size_t)n, " %.2s:%.2s:%.2s", d + 8, d + 10,
	              digits == 14 ? d + 12 : "00");
	if (d[digits] == 'Z')
		snprintf(out + n, 40 - (size_t)n, " UTC");
	else if ((d[digits] == '+' || d[digits] == '-') && tally_is_digit(d[digits + 1]) &&
	         tally_is_digit(d[digits + 2]))
		snprintf(out + n, 40 - (size_t)n, " %c%.2s:%.2s", d[digits], d + digits + 1,
		         d[digits + 3] == '\'' && tally_is_digit(d[digits + 4]) &&
		                         tally_is_digit(d[digits + 5])
		                 ? d + digits + 4
		                 : "00");
	return out;
}

static void about(struct tally_pdf *p)
{
	static const struct {
		const char *key, *fact, *where;
		bool date;
	} known[] = {
		{ "/Author", "author", NULL, false },
		{ "/Title", "title", NULL, false },
		{ "/CreationDate", "created", NULL, true },
		{ "/ModDate", "modified", NULL, true },
		{ "/Subject", "property", "subject", false },
		{ "/Keywords", "property", "keywords", false },
		{ "/Creator", "property", "made by", false },
		{ "/Producer", "property", "saved by", false },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		const char *value = tally_pdf_info(p, known[i].key);
		char text[40];

		tally_pdf_fact(p, known[i].fact, known[i].date ? date(text, value) : value, NULL,
		               known[i].where);
	}
}

/* What whoever encrypted it asks programs not to do. */
static void protection(struct tally_pdf *p)
{
	const struct {
		QPDF_BOOL allowed;
		const char *what;
	} rights[] = {
		{ PDF(qpdf_allow_print_low_res)(p->q), "print" },
		{ PDF(qpdf_allow_extract_all)(p->q), "copy" },
		{ PDF(qpdf_allow_modify_other)(p->q), "change" },
		{ PDF(qpdf_allow_modify_annotation)(p->q), "comment" },
		{ PDF(qpdf_allow_modify_form)(p->q), "fill in forms" },
	};
	char value[160] = "encrypted, opens without a password";
	const char *before = "; forbidden: ";

	if (!PDF(qpdf_is_encrypted)(p->q))
		return;
	for (size_t i = 0; i < sizeof rights / sizeof *rights; i++)
		if (!rights[i].allowed) {
			size_t used = strlen(value);

			snprintf(value + used, sizeof value - used, "%s%s", before, rights[i].what);
			before = ", ";
		}
	tally_pdf_fact(p, "protection", value, NULL, NULL);
}

/* Changes that were appended to the file, with all that was before still in it. */
static void updates(struct tally_pdf *p, const char *bytes, size_t len)
{
	static const char mark[] = "startxref";
	const char *at = bytes, *end = bytes + len;
	unsigned count = 0;
	char value[32];

	while ((size_t)(end - at) > sizeof mark &&
	       (at = memchr(at, mark[0], (size_t)(end - at) - sizeof mark)) != NULL) {
		if (!memcmp(at, mark, sizeof mark - 1))
			/* the first part of a file made for the web says 0 */
			count += strtoul(at + sizeof mark - 1, NULL, 10) != 0;
		at++;
	}
	if (count < 2)
		return;
	snprintf(value, sizeof value, "%u", count - 1);
	tally_pdf_fact(p, "property", value, NULL, "updates appended");
}

/* ---- pages ---- */

static enum tally_status note(struct tally_pdf *p, enum tally_reason reason, const char *detail)
{
	const struct tally_note n = { .reason = reason, .detail = detail };
	enum tally_status st = p->sink->note ? p->sink->note(p->sink->payload, &n, p->err) : TALLY_OK;

	return st < 0 ? st : TALLY_PARTIAL;
}

static void number_pages(struct tally_pdf *p, uint32_t count)
{
	for (uint32_t i = 0; i < count && i < PAGES_MOST; i++) {
		uint64_t id = tally_pdf_id(p, PDF(qpdf_get_page_n)(p->q, i));

		if (id && !tally_pdf_map_set(&p->pages, id, i + 1)) {
			tally_pdf_no_memory(p);
			return;
		}
	}
	PDF(qpdf_oh_release_all)(p->q);
}

static enum tally_status starved(struct tally_pdf *p)
{
	return tally_err_set(p->err, TALLY_SKIP, TALLY_REASON_NO_MEMORY,
	                     "its objects take more memory than a reader may have");
}

/* What of the document could not be looked at. @unseen  pages */
static enum tally_status tell_unseen(struct tally_pdf *p, uint32_t unseen, uint32_t pages)
{
	char detail[80];

	/* what came after the memory ended looks as if it were not there */
	if (p->starved)
		return starved(p);
	if (p->cut)
		return note(p, TALLY_REASON_LIMIT,
		            "it has more links, fields, attachments or other objects than are "
		            "looked at");
	if (!unseen)
		return TALLY_OK;
	snprintf(detail, sizeof detail, "how %u of %u pages look was not compared", unseen, pages);
	return note(p, TALLY_REASON_LIMIT, detail);
}

/* @return how many could not be looked at */
static uint32_t pages(struct tally_pdf *p, struct tally_pdf_walk *walk, struct tally_pdf_document *doc)
{
	struct tally_pdf_looks *looks = tally_pdf_looks_new(p);
	struct tally_pdf_rests rests = { 0 };
	uint32_t unseen = 0;

	if (!looks) {
		tally_pdf_no_memory(p);
		return 0;
	}
	for (uint32_t i = 0; i < doc->pages && i < PAGES_MOST && p->st >= 0; i++) {
		qpdf_oh page = PDF(qpdf_get_page_n)(p->q, i);

		p->nodes = NODES_MOST;
		tally_pdf_annotations(p, page, i + 1);
		unseen += !tally_pdf_look(looks, page, i + 1, &doc->blank[i]);
		tally_pdf_rests_add(&rests, walk, page);
		PDF(qpdf_oh_release_all)(p->q);
	}
	tally_pdf_looks_free(looks);
	tally_pdf_rests_push(&rests, p);
	if (doc->pages > PAGES_MOST)
		unseen += doc->pages - PAGES_MOST;
	return unseen;
}

/* ---- the document ---- */

static enum tally_status refused(struct tally_pdf *p)
{
	qpdf_error e = PDF(qpdf_get_error)(p->q);
	const char *why = e ? PDF(qpdf_get_error_message_detail)(p->q, e) : "no PDF";

	if (e && PDF(qpdf_get_error_code)(p->q, e) == qpdf_e_password)
		return tally_err_set(p->err, TALLY_SKIP, TALLY_REASON_ENCRYPTED,
		                     "it needs a password");
	if (strstr(why, "bad_alloc"))
		return starved(p);
	return tally_err_set(p->err, TALLY_SKIP, TALLY_REASON_DAMAGED, "%s", why);
}

static enum tally_status read_all(struct tally_pdf *p, const char *bytes, size_t len,
                                  struct tally_pdf_document *doc)
{
	struct tally_pdf_walk walk;
	uint32_t unseen;
	qpdf_oh root;
	int count;
	char value[32];

	if (PDF(qpdf_read_memory)(p->q, "PDF", bytes, len, NULL) >= QPDF_ERRORS)
		return refused(p);
	count = PDF(qpdf_get_num_pages)(p->q);
	if (count < 0 || PDF(qpdf_has_error)(p->q))
		return refused(p);
	doc->pages = (uint32_t)count;
	doc->blank = tally_alloc_zero((size_t)count + 1, sizeof *doc->blank);
	if (!doc->blank)
		return tally_err_nomem(p->err);
	snprintf(value, sizeof value, "%d", count);
	tally_pdf_fact(p, "page_count", value, NULL, NULL);
	about(p);
	protection(p);
	updates(p, bytes, len);
	number_pages(p, doc->pages);
	tally_pdf_walk_init(&walk, p);
	root = PDF(qpdf_get_root)(p->q);
	tally_pdf_parts(p, root);
	p->nodes = NODES_MOST;
	tally_pdf_bookmarks(p, &walk, root);
	PDF(qpdf_oh_release_all)(p->q);
	unseen = p->st < 0 ? 0 : pages(p, &walk, doc);
	/* last, since a structure for screen readers may be more than all pages */
	p->nodes = NODES_MOST;
	if (p->st >= 0)
		tally_pdf_catalog(p, &walk, PDF(qpdf_get_root)(p->q));
	tally_pdf_check_memory(p);
	tally_pdf_walk_release(&walk);
	return p->st < 0 ? p->st : tell_unseen(p, unseen, doc->pages);
}

static enum tally_status prepare(struct tally_pdf *p)
{
	enum tally_status st = tally_pdf_load(p->err);

	if (st >= 0)
		st = tally_inflate_new(&p->inflate, p->err);
	tally_key_from_seed(&p->key, 0);
	return st < 0 ? st : tally_hasher_new(&p->hasher, &p->key, true, p->err);
}

/* Asked before qpdf gives back all that it had. */
static void memory_ended(void)
{
	PDF(_ZSt15set_new_handlerPFvvE)(NULL);
	tally_mem_ended();
}

/*
 * Where memory ends in a thread whose libraries have thrown nothing before, the room that throwing takes cannot be had either, and
 * the C library ends the process. There is no root yet, and that is thrown.
 */
static void learn_to_fail(struct tally_pdf *p)
{
	PDF(_ZSt15set_new_handlerPFvvE)(memory_ended);
	PDF(qpdf_get_root)(p->q);
	if (PDF(qpdf_has_error)(p->q))
		PDF(qpdf_get_error)(p->q);
}

enum tally_status tally_pdf_facts(const char *bytes, size_t len, struct tally_pdf_document *out,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_pdf p = { .sink = sink,
		               .err = err,
		               .nodes = NODES_MOST,
		               .all_nodes = NODES_OF_ALL,
		               .unpack = UNPACK_MOST };
	enum tally_status st = prepare(&p);

	*out = (struct tally_pdf_document){ 0 };
	if (st >= 0) {
		p.q = PDF(qpdf_init)();
		PDF(qpdf_silence_errors)(p.q);
		PDF(qpdf_set_suppress_warnings)(p.q, QPDF_TRUE);
		learn_to_fail(&p);
		st = read_all(&p, bytes, len, out);
		/* a stream that could not be unpacked was told; qpdf would complain to the terminal */
		if (PDF(qpdf_has_error)(p.q))
			PDF(qpdf_get_error)(p.q);
		PDF(qpdf_cleanup)(&p.q);
	}
	tally_pdf_map_release(&p.pages);
	tally_pdf_map_release(&p.places);
	tally_hasher_free(p.hasher);
	tally_inflate_free(p.inflate);
	return st;
}

void tally_pdf_document_release(struct tally_pdf_document *doc)
{
	tally_free(doc->blank);
	*doc = (struct tally_pdf_document){ 0 };
}
