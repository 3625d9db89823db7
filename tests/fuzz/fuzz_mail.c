/* Any bytes as a mail and as a mailbox. Whatever comes out can be walked through; read again it is the same, with facts wanted or not. */
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t blocks, facts, bytes, notes;
};

static enum tally_status on_block(void *payload, const struct tally_block *b, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(b->len && b->text && b->area == TALLY_AREA_MAIL);
	s->blocks++;
	for (uint32_t i = 0; i < b->len; i++)
		s->bytes += (unsigned char)b->text[i] * (i + 1u);
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
	CHECK(note->detail && note->reason != TALLY_REASON_NONE);
	s->notes++;
	return TALLY_OK;
}

static struct seen read_bytes(const char *format, const void *bytes, size_t len, bool facts)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct seen seen = { 0 };
	struct tally_sink sink = {
		.payload = &seen, .block = on_block, .fact = facts ? on_fact : NULL, .note = on_note
	};
	struct tally_source *src;
	enum tally_status st;

	limits.mail_nested = 50;
	limits.mail_bytes = 1 << 16;
	options.limits = &limits;
	CHECK(tally_source_memory(&src, bytes, len, NULL) >= 0);
	st = tally_format_by_name(format)->read(src, &options, &sink, NULL);
	CHECK(st == TALLY_OK || st == TALLY_PARTIAL || st == TALLY_SKIP);
	CHECK((st == TALLY_PARTIAL) == (seen.notes > 0) || st == TALLY_SKIP);
	tally_source_free(src);
	return seen;
}

static void twice(const char *format, const void *bytes, size_t len)
{
	struct seen a = read_bytes(format, bytes, len, true),
		    b = read_bytes(format, bytes, len, true),
		    c = read_bytes(format, bytes, len, false);

	CHECK(a.blocks == b.blocks && a.bytes == b.bytes && a.facts == b.facts && a.notes == b.notes);
	CHECK(c.facts == 0 && c.bytes == a.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	twice("eml", data, size);
	twice("mbox", data, size);
	return 0;
}
