/* Events of XML as text. */
#include "support/xml_trace.h"

#include <stdlib.h>

#include "support/check.h"

static void name(struct tally_buf *out, const struct tally_xml_name *n)
{
	static const char *const ns[] = {
		"",
		"?:",
		"xml:",
#define TALLY_XML_NAMESPACE(ID) #ID ":",
#define TALLY_XML_URI(ID, uri)
#include "formats/xml_namespaces.def"
#undef TALLY_XML_NAMESPACE
#undef TALLY_XML_URI
	};
	static const char *const words[] = {
		NULL,
#define TALLY_XML_WORD(id, word) word,
#include "formats/xml_words.def"
#undef TALLY_XML_WORD
	};

	CHECK(n->ns < TALLY_XML_NS_COUNT && n->id < TALLY_XML_ID_COUNT && n->len > 0);
	for (size_t i = 1; i < TALLY_XML_ID_COUNT; i++)
		CHECK((n->id == i) ==
		      (strlen(words[i]) == n->len && !memcmp(words[i], n->local, n->len)));
	CHECK(tally_buf_text(out, ns[n->ns]) && tally_buf_add(out, n->local, n->len));
}

static void quoted(struct tally_buf *out, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)bytes[i] < 0x20)
			CHECK(tally_buf_printf(out, "\\x%02x", (unsigned char)bytes[i]));
		else
			CHECK(tally_buf_byte(out, bytes[i]));
}

static void end_text(struct xml_trace *t)
{
	if (t->in_text)
		CHECK(tally_buf_byte(&t->out, '\n'));
	t->in_text = false;
}

static enum tally_status on_start(void *payload, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	struct xml_trace *t = payload;

	(void)err;
	end_text(t);
	CHECK(tally_buf_byte(&t->out, '('));
	name(&t->out, &e->name);
	for (size_t i = 0; i < e->attr_count; i++) {
		CHECK(tally_buf_byte(&t->out, ' '));
		name(&t->out, &e->attrs[i].name);
		CHECK(tally_buf_byte(&t->out, '='));
		quoted(&t->out, e->attrs[i].value, e->attrs[i].len);
	}
	CHECK(tally_buf_byte(&t->out, '\n'));
	return TALLY_OK;
}

static enum tally_status on_end(void *payload, const struct tally_xml_name *n, struct tally_err *err)
{
	struct xml_trace *t = payload;

	(void)err;
	end_text(t);
	CHECK(tally_buf_byte(&t->out, ')'));
	name(&t->out, n);
	CHECK(tally_buf_byte(&t->out, '\n'));
	return TALLY_OK;
}

static enum tally_status on_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct xml_trace *t = payload;

	(void)err;
	CHECK(len > 0);
	CHECK(((unsigned char)text[0] & 0xc0) != 0x80); /* not cut inside a character */
	if (!t->in_text)
		CHECK(tally_buf_byte(&t->out, '-'));
	t->in_text = true;
	quoted(&t->out, text, len);
	return TALLY_OK;
}

static void note(struct xml_trace *t, enum tally_status st, const struct tally_err *err)
{
	t->status = st;
	if (st >= 0)
		return;
	CHECK(err->status == st);
	t->reason = err->reason;
	memcpy(t->message, err->message, sizeof t->message);
}

void xml_trace_begin(struct xml_trace *t, enum tally_xml_engine engine,
                     const struct tally_limits *limits)
{
	const struct tally_xml_handler handler = {
		.payload = t, .start = on_start, .end = on_end, .text = on_text
	};
	const struct tally_limits usual = TALLY_LIMITS_INIT;
	struct tally_err err = { 0 };

	memset(t, 0, sizeof *t);
	tally_buf_init(&t->out, SIZE_MAX / 4);
	CHECK(tally_buf_text(&t->out, ""));
	CHECK(tally_xml_new(&t->x, &handler, limits ? limits : &usual, engine, &err) == TALLY_OK);
}

void xml_trace_feed(struct xml_trace *t, const char *bytes, size_t len)
{
	/* a copy of the right size, so that a sanitizer sees what is read beyond it or later */
	char *copy = malloc(len ? len : 1);
	struct tally_err err = { 0 };

	CHECK(copy);
	if (len)
		memcpy(copy, bytes, len);
	note(t, tally_xml_feed(t->x, copy, len, &err), &err);
	free(copy);
}

void xml_trace_finish(struct xml_trace *t)
{
	struct tally_err err = { 0 };

	note(t, tally_xml_finish(t->x, &err), &err);
	end_text(t);
	tally_xml_free(t->x);
	t->x = NULL;
}

void xml_trace_run(struct xml_trace *t, enum tally_xml_engine engine, const char *bytes, size_t len,
                   size_t step)
{
	xml_trace_begin(t, engine, NULL);
	if (!step)
		step = len;
	for (size_t at = 0; at < len; at += step)
		xml_trace_feed(t, bytes + at, step < len - at ? step : len - at);
	xml_trace_finish(t);
}

void xml_trace_release(struct xml_trace *t)
{
	tally_xml_free(t->x);
	tally_buf_release(&t->out);
}
