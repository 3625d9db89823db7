/*
 * PDF (ISO 32000-1): text page by page from pdftotext, which runs as a process of its own and whose output comes along
 * (options->text); everything else by qpdf.
 */
#include <stdio.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "formats/format.h"
#include "formats/pdf_facts.h"
#include "formats/pdf_paragraphs.h"

static const char *const suffixes[] = { ".pdf", NULL };

enum { HEADER_WITHIN = 1024 /* bytes in which programs look for the first line */ };

static int pdf_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	size_t most = len < HEADER_WITHIN ? len : HEADER_WITHIN;

	(void)size;
	(void)name;
	for (size_t i = 0; i + 5 <= most; i++)
		if (!memcmp(bytes + i, "%PDF-", 5))
			return i == 0 ? 40 : 20;
	return 0;
}

/* ---- pages that say nothing ---- */

/* What there is to read on a page. */
enum state {
	STATE_TEXT,
	STATE_BLANK,    /* nothing at all is drawn */
	STATE_NO_TEXT,  /* a picture, or a drawing */
	STATE_STRANGE,  /* letters that nobody can tell */
	STATE_LEFT_OUT, /* pdftotext did not say a word of it */
	STATES
};

static enum state state_of(const struct tally_pdf_document *doc, const struct tally_pdf_text *text,
                           uint32_t page)
{
	const struct tally_pdf_page *p = &text->pages[page];

	if (!p->told)
		return STATE_LEFT_OUT;
	if (p->strange > p->letters)
		return STATE_STRANGE;
	if (p->letters)
		return STATE_TEXT;
	return doc->blank[page] ? STATE_BLANK : STATE_NO_TEXT;
}

static const struct {
	enum tally_reason reason;
	const char *all, *some; /* behind "none of its 3 pages" and "2 of 12 pages" */
} telling[STATES] = {
	[STATE_NO_TEXT] = { TALLY_REASON_NO_TEXT_LAYER, "has text", "have no text" },
	[STATE_STRANGE] = { TALLY_REASON_LETTERS_UNKNOWN, "says which letters it shows",
	                    "do not say which letters they show" },
	[STATE_LEFT_OUT] = { TALLY_REASON_DAMAGED, "could be read", "could not be read" },
};

enum { PAGES_NAMED = 200 /* bytes of numbers of pages in a sentence */ };

/* "3, 7-9" */
static void name_pages(char *out, size_t room, const uint8_t *states, uint32_t pages, enum state state)
{
	size_t used = 0;

	out[0] = 0;
	for (uint32_t i = 0, end; i < pages; i = end) {
		int n;

		for (end = i + 1; states[i] == state && end < pages && states[end] == state;)
			end++;
		if (states[i] != state)
			continue;
		if (used + 40 > room) {
			snprintf(out + used, room - used, ", …");
			return;
		}
		n = snprintf(out + used, room - used, end == i + 1 ? "%s%u" : "%s%u-%u",
		             used ? ", " : "", i + 1, end);
		used += n > 0 ? (size_t)n : 0;
	}
}

static enum tally_status tell(const struct tally_sink *sink, const uint8_t *states, uint32_t pages,
                              uint32_t count, enum state state, struct tally_err *err)
{
	struct tally_note note = { .reason = telling[state].reason, .whole = count == pages };
	char detail[PAGES_NAMED + 120], which[PAGES_NAMED];

	name_pages(which, sizeof which, states, pages, state);
	if (note.whole && pages == 1)
		snprintf(detail, sizeof detail, "its only page %s",
		         state == STATE_NO_TEXT   ? "has no text"
		         : state == STATE_STRANGE ? "does not say which letters it shows"
		                                  : "could not be read");
	else if (note.whole)
		snprintf(detail, sizeof detail, "none of its %u pages %s", pages, telling[state].all);
	else if (count == 1)
		snprintf(detail, sizeof detail, "page %s of %u %s", which, pages,
		         state == STATE_NO_TEXT   ? "has no text"
		         : state == STATE_STRANGE ? "does not say which letters it shows"
		                                  : "could not be read");
	else
		snprintf(detail, sizeof detail, "%u of %u pages %s: %s", count, pages,
		         telling[state].some, which);
	note.detail = detail;
	return sink->note ? sink->note(sink->payload, &note, err) : TALLY_OK;
}

/* @with  pages with text, @of all that have something on them */
static enum tally_status text_facts(const struct tally_pdf_text *text, uint32_t with, uint32_t of,
                                    const struct tally_sink *sink, struct tally_err *err)
{
	char value[64];
	struct tally_fact f = { .name = "text_layer", .value = value };
	enum tally_status st;

	if (!sink->fact)
		return TALLY_OK;
	snprintf(value, sizeof value, "on %u of %u pages", with, of);
	st = sink->fact(sink->payload, &f, err);
	if (st < 0)
		return st;
	f.name = "word_count";
	snprintf(value, sizeof value, "%llu", (unsigned long long)text->words);
	return sink->fact(sink->payload, &f, err);
}

static enum tally_status tell_states(const struct tally_pdf_document *doc,
                                     const struct tally_pdf_text *text,
                                     const struct tally_sink *sink, struct tally_err *err)
{
	uint32_t count[STATES] = { 0 };
	uint8_t *states = tally_alloc_zero((size_t)doc->pages + 1, sizeof *states);
	enum tally_status st = states ? TALLY_OK : tally_err_nomem(err);
	bool left_out = false;

	for (uint32_t i = 0; i < doc->pages && st >= 0; i++) {
		states[i] = (uint8_t)state_of(doc, text, i);
		count[states[i]]++;
	}
	if (st >= 0)
		st = text_facts(text, count[STATE_TEXT], doc->pages - count[STATE_BLANK], sink, err);
	for (enum state s = STATE_NO_TEXT; s < STATES && st >= 0; s++)
		if (count[s]) {
			left_out = true;
			st = tell(sink, states, doc->pages, count[s], s, err);
		}
	tally_free(states);
	return st >= 0 && left_out ? TALLY_PARTIAL : st;
}

/* ---- reading ---- */

static enum tally_status read_text(const struct tally_pdf_document *doc,
                                   const struct tally_read_options *options, uint64_t most,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	struct tally_pdf_text text;
	enum tally_status st;

	if (!options->text && options->no_text)
		return tally_err_set(err, TALLY_SKIP, options->no_text->reason, "%s",
		                     options->no_text->message);
	if (!options->text)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_NOT_REACHED,
		                     "its text was not asked for");
	st = tally_pdf_text_read(&text, options->text, doc->pages, most, err);
	if (st >= 0)
		st = tally_pdf_paragraphs(&text, sink, err);
	if (st >= 0)
		st = tell_states(doc, &text, sink, err);
	tally_pdf_text_release(&text);
	return st;
}

static enum tally_status pdf_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct tally_pdf_document doc = { 0 };
	char *bytes;
	size_t len;
	enum tally_status st = tally_source_slurp(src, limits->text_bytes, 1, &bytes, &len, err),
			  text;

	if (st < 0)
		return st;
	/* whoever makes one program work without end does so with the other */
	if (!options->text && options->no_text && options->no_text->reason == TALLY_REASON_LIMIT) {
		tally_free(bytes);
		return read_text(&doc, options, limits->text_bytes, sink, err);
	}
	st = tally_pdf_facts(bytes, len, &doc, sink, err);
	tally_free(bytes);
	text = st < TALLY_PARTIAL ? st : read_text(&doc, options, limits->text_bytes, sink, err);
	tally_pdf_document_release(&doc);
	return text < st ? text : st;
}

const struct tally_format tally_format_pdf = {
	.version = TALLY_FORMAT_VERSION,
	.name = "pdf",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_LAID,
	.probe = pdf_probe,
	.read = pdf_read,
};
