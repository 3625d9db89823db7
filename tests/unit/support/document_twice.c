/* See document_twice.h. */
#include "support/document_twice.h"

#include <string.h>

#include "core/limits.h"
#include "support/check.h"
#include "support/zip_maker.h"

struct seen {
	uint64_t blocks, text, facts,
		notes; /* how much of each there was; text: a sum over the letters and their places */
	enum tally_status status;
};

static enum tally_status on_block(void *payload, const struct tally_block *b, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(b->len && b->text && b->area < TALLY_AREA_COUNT);
	s->blocks++;
	s->text += b->kind + b->level + b->row + b->cell;
	for (uint32_t i = 0; i < b->len; i++)
		s->text += (unsigned char)b->text[i] * (i + 1u);
	return TALLY_OK;
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(fact->name && fact->value);
	CHECK(tally_fact_info(tally_fact_rank(fact->name)));
	s->facts += strlen(fact->value) + (fact->where ? strlen(fact->where) : 0);
	return TALLY_OK;
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(note->reason != TALLY_REASON_NONE);
	s->notes++;
	return TALLY_OK;
}

static struct seen read_once(const struct document_input *in, bool facts)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct document_input limited = *in;
	struct seen seen = { 0 };
	const struct tally_sink sink = {
		.payload = &seen, .block = on_block, .fact = facts ? on_fact : NULL, .note = on_note
	};

	limits.facts_bytes = 1 << 20;
	if (!limited.limits)
		limited.limits = &limits;
	seen.status = document_read(&limited, &sink, NULL);
	CHECK(seen.status == TALLY_OK || seen.status == TALLY_PARTIAL || seen.status == TALLY_SKIP);
	CHECK(seen.status == TALLY_SKIP || (seen.status == TALLY_PARTIAL) == (seen.notes > 0));
	return seen;
}

void document_twice_in(const struct document_input *in)
{
	struct seen a = read_once(in, true), b = read_once(in, true), c = read_once(in, false);

	CHECK(a.blocks == b.blocks && a.text == b.text && a.facts == b.facts);
	CHECK(a.notes == b.notes && a.status == b.status);
	CHECK(c.facts == 0 && c.blocks == a.blocks && c.text == a.text);
}

void document_twice(const char *format, const void *bytes, size_t len)
{
	document_twice_in(&(struct document_input){ .format = format, .bytes = bytes, .len = len });
}

void document_twice_packed(const char *format, struct zip_maker *zip)
{
	zip_finish(zip, &(struct zip_end){ 0 });
	document_twice(format, zip->bytes.bytes, zip->bytes.len);
	zip_release(zip);
}
