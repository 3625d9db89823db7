/*
 * Any bytes as a web page, as Markdown and as plain text: the first byte says which. Read again it is the same, with facts wanted or
 * not; blocks have text and are what they say they are.
 */
#include <stdlib.h>
#include <string.h>

#include "core/hash.h"
#include "formats/format.h"
#include "support/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t blocks, looks, facts, notes;
};

static enum tally_status on_block(void *payload, const struct tally_block *b, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(b->len && b->text && b->kind <= TALLY_BLOCK_LINE);
	CHECK(b->area == TALLY_AREA_BODY || b->area == TALLY_AREA_TABLE);
	CHECK(b->kind != TALLY_BLOCK_HEADING || (b->level >= 1 && b->level <= 6));
	s->blocks = tally_hash64(b->text, b->len, s->blocks + b->kind + b->n * 31 + 1);
	s->looks = tally_hash64(&b->look, sizeof b->look, s->looks ^ b->rough_look);
	return TALLY_OK;
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(fact->name && fact->value);
	CHECK(tally_fact_info(tally_fact_rank(fact->name)));
	s->facts = tally_hash64(fact->value, strlen(fact->value), s->facts + 1);
	if (fact->where)
		s->facts = tally_hash64(fact->where, strlen(fact->where), s->facts);
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
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct seen seen = { 0 };
	struct tally_sink sink = {
		.payload = &seen, .block = on_block, .fact = facts ? on_fact : NULL, .note = on_note
	};
	struct tally_source *src;
	enum tally_status st;

	CHECK(tally_source_memory(&src, bytes, len, NULL) >= 0);
	st = tally_format_by_name(format)->read(src, &options, &sink, NULL);
	CHECK(st == TALLY_OK || st == TALLY_PARTIAL || st == TALLY_SKIP);
	CHECK((st == TALLY_PARTIAL) == (seen.notes > 0) || st == TALLY_SKIP);
	tally_source_free(src);
	return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const formats[] = { "html", "markdown", "text" };
	const char *format = size ? formats[data[0] % 3] : "text";
	const void *bytes = size ? data + 1 : data;
	size_t len = size ? size - 1 : 0;
	struct seen a, b, c;

	if (size > 1 << 16)
		return 0;
	a = read_bytes(format, bytes, len, true);
	b = read_bytes(format, bytes, len, true);
	c = read_bytes(format, bytes, len, false);
	CHECK(a.blocks == b.blocks && a.looks == b.looks && a.facts == b.facts && a.notes == b.notes);
	CHECK(c.facts == 0 && c.blocks == a.blocks && c.looks == a.looks);
	return 0;
}
