/*
 * Any bytes as texts, numbers and attachments of an item of Outlook, and as the file itself. Whatever comes out can be walked
 * through; read again it is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/format.h"
#include "support/check.h"
#include "support/ole_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	uint64_t blocks, facts, notes;
};

static enum tally_status on_block(void *payload, const struct tally_block *b, struct tally_err *err)
{
	struct seen *s = payload;

	(void)err;
	CHECK(b->len && b->text && b->area == TALLY_AREA_MAIL);
	s->blocks += b->len;
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

static struct seen read_bytes(const void *bytes, size_t len)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct seen seen = { 0 };
	struct tally_sink sink = {
		.payload = &seen, .block = on_block, .fact = on_fact, .note = on_note
	};
	struct tally_source *src;
	enum tally_status st;

	CHECK(tally_source_memory(&src, bytes, len, NULL) >= 0);
	st = tally_format_by_name("msg")->read(src, &options, &sink, NULL);
	CHECK(st == TALLY_OK || st == TALLY_PARTIAL || st == TALLY_SKIP);
	CHECK(st == TALLY_SKIP || (st == TALLY_PARTIAL) == (seen.notes > 0));
	tally_source_free(src);
	return seen;
}

static void twice(const void *bytes, size_t len)
{
	struct seen a = read_bytes(bytes, len), b = read_bytes(bytes, len);

	CHECK(a.blocks == b.blocks && a.facts == b.facts && a.notes == b.notes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t head = size ? data[0] % 64 : 0, n = size > 4000 ? 4000 : size;
	const uint8_t *rest = data + (head < n ? head : n);
	size_t len = n - (size_t)(rest - data);
	struct ole_part parts[] = {
		{ .name = "__properties_version1.0", .bytes = data, .len = n },
		{ .name = "__substg1.0_0037001E", .bytes = data, .len = n - len },
		{ .name = "__substg1.0_1000001F", .bytes = rest, .len = len },
		{ .name = "__substg1.0_10130102", .bytes = rest, .len = len },
		{ .name = "__recip_version1.0_#00000000", .storage = true },
		{ .name = "__substg1.0_3001001E", .bytes = data, .len = n - len, .inside = 5 },
		{ .name = "__properties_version1.0", .bytes = rest, .len = len, .inside = 5 },
		{ .name = "__attach_version1.0_#00000000", .storage = true },
		{ .name = "__properties_version1.0", .bytes = rest, .len = len, .inside = 8 },
		{ .name = "__substg1.0_3701000D", .storage = true, .inside = 8 },
		{ .name = "__properties_version1.0", .bytes = data, .len = n, .inside = 10 },
		{ .name = "__substg1.0_1000001E", .bytes = rest, .len = len, .inside = 10 },
	};
	struct tally_buf file;

	/* which of an item's storages there are */
	parts[9].name = size > 1 && data[1] & 1 ? "__substg1.0_37010102" : parts[9].name;
	file = ole_make(parts, sizeof parts / sizeof *parts);
	twice(file.bytes, file.len);
	tally_buf_release(&file);
	twice(data, size);
	return 0;
}
