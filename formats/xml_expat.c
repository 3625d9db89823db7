/* XML by expat, which is loaded when a document first needs it: for what the scanner does not take, and as its measure. */
#include <expat.h>

#include "core/library.h"
#include "core/mem.h"
#include "formats/xml_inside.h"

enum {
	SLICE = 1 << 20, /* bytes given at once: expat counts in int */
};

static struct calls {
#define TALLY_CALL(name) __typeof__(name) *name;
#include "formats/expat_calls.def"
#undef TALLY_CALL
} calls;

static const char *const names[] = {
#define TALLY_CALL(name) #name,
#include "formats/expat_calls.def"
#undef TALLY_CALL
};

static struct tally_library_calls library = {
	.library = TALLY_LIBRARY_EXPAT,
	.names = names,
	.count = sizeof names / sizeof *names,
	.table = &calls,
};

struct tally_xml_expat {
	XML_Parser parser;
	struct tally_xml *x;
	struct tally_err *err;    /* of the call that runs */
	enum tally_status status; /* negative: a handler ended the reading */
	uint64_t offset;          /* what came before the first byte that counts, may wrap */
	uint64_t fed;             /* bytes, those that do not count included */
	bool muted;               /* what is fed now was told already */
	bool doctype;             /* one was seen: entities may be unknown without being errors */
};

static void *plain_alloc(size_t size)
{
	return tally_alloc(size);
}

static void *plain_realloc(void *old, size_t size)
{
	return tally_realloc(old, size, 1);
}

/* ---- what it tells ---- */

static void stop(struct tally_xml_expat *e, enum tally_status st)
{
	e->status = st;
	calls.XML_StopParser(e->parser, XML_FALSE);
}

static enum tally_status too_long(const struct tally_xml *x, struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "a tag of more than %llu bytes (xml_token_bytes)",
	                     (unsigned long long)x->limits.xml_token_bytes);
}

/* is what was just read to be told? A token beyond the limit ends the reading */
static bool wanted(struct tally_xml_expat *e)
{
	const int bytes = calls.XML_GetCurrentByteCount(e->parser);

	if (e->status < 0 || e->muted)
		return false;
	if (bytes < 0 || (uint64_t)bytes <= e->x->limits.xml_token_bytes)
		return true;
	stop(e, too_long(e->x, e->err));
	return false;
}

static enum tally_status unknown_entity(struct tally_xml_expat *e)
{
	return tally_err_set(e->err, TALLY_SKIP, TALLY_REASON_MALFORMED,
	                     "an entity that only its document type declares is not read");
}

/* is it one of the five, or a number? */
static bool usual(const char *at, const char *end)
{
	static const char *const known[] = { "#", "amp;", "lt;", "gt;", "quot;", "apos;" };

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if ((size_t)(end - at) >= strlen(known[i]) && !memcmp(at, known[i], strlen(known[i])))
			return true;
	return false;
}

/*
 * Behind a document type that lies elsewhere, expat leaves entities that it does not know out of attributes and tells nobody
 * (XML_SetSkippedEntityHandler, last paragraph): so the tag is looked at as it stands. In UTF-16 an unlucky character is
 * taken for one, which costs a file that nobody writes.
 */
static bool attributes_complete(const struct tally_xml_expat *e)
{
	int offset, size;
	const char *at = calls.XML_GetInputContext(e->parser, &offset, &size);
	const char *end;

	if (!at)
		return false;
	at += offset;
	end = at + calls.XML_GetCurrentByteCount(e->parser);
	while ((at = memchr(at, '&', (size_t)(end - at))))
		if (!usual(++at, end))
			return false;
	return true;
}

static void XMLCALL on_start(void *data, const XML_Char *name, const XML_Char **atts)
{
	struct tally_xml_expat *e = data;
	struct tally_xml *x = e->x;
	enum tally_status st = TALLY_OK;
	struct tally_xml_known *known;

	if (!wanted(e))
		return;
	if (e->doctype && !attributes_complete(e))
		return stop(e, unknown_entity(e));
	tally_xml_tag(x);
	for (; *atts && st >= 0; atts += 2) {
		known = tally_xml_name_of(x, atts[0], strlen(atts[0]));
		st = known ? tally_xml_attr_add(x, known, atts[1], strlen(atts[1]), e->err)
		           : tally_err_nomem(e->err);
	}
	if (st >= 0) {
		known = tally_xml_name_of(x, name, strlen(name));
		st = known ? tally_xml_open(x, known, e->err) : tally_err_nomem(e->err);
	}
	if (st < 0)
		stop(e, st);
}

static void XMLCALL on_end(void *data, const XML_Char *name)
{
	struct tally_xml_expat *e = data;
	enum tally_status st;

	(void)name;
	if (!wanted(e))
		return;
	st = tally_xml_close(e->x, e->err);
	if (st < 0)
		stop(e, st);
}

static void XMLCALL on_text(void *data, const XML_Char *text, int len)
{
	struct tally_xml_expat *e = data;
	const struct tally_xml_handler *h = &e->x->handler;
	enum tally_status st;

	if (e->status < 0 || e->muted || !h->text)
		return;
	st = h->text(h->payload, text, (size_t)len, e->err);
	if (st < 0)
		stop(e, st);
}

/* comments and instructions: nothing to tell, but they have a limit as tags have */
static void XMLCALL on_comment(void *data, const XML_Char *text)
{
	(void)text;
	wanted(data);
}

static void XMLCALL on_instruction(void *data, const XML_Char *target, const XML_Char *text)
{
	(void)target;
	(void)text;
	wanted(data);
}

static void XMLCALL on_doctype(void *data, const XML_Char *name, const XML_Char *system,
                               const XML_Char *public, int internal)
{
	struct tally_xml_expat *e = data;

	(void)name;
	(void)system;
	(void)public;
	e->doctype = true;
	if (internal)
		stop(e, tally_err_set(e->err, TALLY_SKIP, TALLY_REASON_ENTITIES,
		                      "a document type with declarations of its own"));
}

static void XMLCALL on_skipped(void *data, const XML_Char *name, int is_parameter)
{
	struct tally_xml_expat *e = data;

	(void)name;
	(void)is_parameter;
	if (e->status >= 0)
		stop(e, unknown_entity(e));
}

/* ---- the engine ---- */

static enum tally_status refused(struct tally_xml_expat *e)
{
	const enum XML_Error code = calls.XML_GetErrorCode(e->parser);
	const XML_Index at = calls.XML_GetCurrentByteIndex(e->parser);

	if (e->status < 0)
		return e->status;
	if (code == XML_ERROR_NO_MEMORY)
		return tally_err_nomem(e->err);
	return tally_err_set(e->err, TALLY_SKIP, TALLY_REASON_MALFORMED,
	                     "XML that is not well-formed at byte %llu: %s",
	                     (unsigned long long)(e->offset + (uint64_t)at),
	                     calls.XML_ErrorString(code));
}

static enum tally_status parse(struct tally_xml_expat *e, const char *bytes, size_t len, bool last)
{
	const uint64_t limit = e->x->limits.xml_token_bytes;
	XML_Index at;

	if (calls.XML_Parse(e->parser, bytes, (int)len, last) != XML_STATUS_OK)
		return refused(e);
	e->fed += len;
	/* what it holds back is the beginning of a token; it may wait for twice as much before it tries again */
	at = calls.XML_GetCurrentByteIndex(e->parser);
	if (!last && limit < UINT64_MAX / 4 && at >= 0 && e->fed - (uint64_t)at > 2 * limit + SLICE)
		return too_long(e->x, e->err);
	return TALLY_OK;
}

enum tally_status tally_xml_expat_feed(struct tally_xml *x, const char *bytes, size_t len,
                                       bool last, struct tally_err *err)
{
	struct tally_xml_expat *e = x->expat;
	enum tally_status st = TALLY_OK;

	e->err = err;
	for (; len > SLICE && st >= 0; bytes += SLICE, len -= SLICE)
		st = parse(e, bytes, SLICE, false);
	if (st >= 0 && (len || last))
		st = parse(e, bytes, len, last);
	return st;
}

/* the elements that are open, as bare tags: expat is to know what has to end */
static bool write_open(const struct tally_xml *x, struct tally_buf *out)
{
	bool ok = true;

	if (!x->depth)
		return tally_buf_text(out, "<a/>");
	for (size_t i = 0; i < x->depth; i++)
		ok = ok && tally_buf_byte(out, '<') &&
		     tally_buf_add(out, x->levels[i].known->raw, x->levels[i].known->len) &&
		     tally_buf_byte(out, '>');
	return ok;
}

static enum tally_status resume(struct tally_xml *x, const struct tally_xml_resume *from,
                                struct tally_err *err)
{
	struct tally_xml_expat *e = x->expat;
	struct tally_buf told;
	enum tally_status st;

	tally_buf_init(&told, SIZE_MAX / 4);
	if (tally_buf_add(&told, from->before, from->before_len) &&
	    (!from->resume || write_open(x, &told))) {
		e->muted = true;
		st = tally_xml_expat_feed(x, told.bytes, told.len, false, err);
		e->muted = false;
	} else {
		st = tally_err_nomem(err);
	}
	e->offset = from->offset - e->fed;
	tally_buf_release(&told);
	return st;
}

static void listen(struct tally_xml_expat *e)
{
	calls.XML_SetUserData(e->parser, e);
	calls.XML_SetElementHandler(e->parser, on_start, on_end);
	calls.XML_SetCharacterDataHandler(e->parser, on_text);
	calls.XML_SetCommentHandler(e->parser, on_comment);
	calls.XML_SetProcessingInstructionHandler(e->parser, on_instruction);
	calls.XML_SetStartDoctypeDeclHandler(e->parser, on_doctype);
	calls.XML_SetSkippedEntityHandler(e->parser, on_skipped);
}

enum tally_status tally_xml_expat_new(struct tally_xml *x, const struct tally_xml_resume *from,
                                      struct tally_err *err)
{
	static const XML_Memory_Handling_Suite memory = { plain_alloc, plain_realloc, tally_free };
	enum tally_status st = tally_library_fill(&library, err);
	struct tally_xml_expat *e;

	if (st < 0)
		return st;
	e = tally_alloc_zero(1, sizeof *e);
	if (!e)
		return tally_err_nomem(err);
	x->expat = e;
	e->x = x;
	e->parser = calls.XML_ParserCreate_MM(NULL, &memory, NULL);
	if (!e->parser)
		return tally_err_nomem(err);
	listen(e);
	return resume(x, from, err);
}

void tally_xml_expat_free(struct tally_xml_expat *e)
{
	if (!e)
		return;
	if (e->parser)
		calls.XML_ParserFree(e->parser);
	tally_free(e);
}
