/* See document_trace.h. */
#include "support/document_trace.h"

#include <stdlib.h>
#include <string.h>

#include "core/reason.h"

static const char *const kinds[] = { "p", "h", "li", "cell", "code", "p", "message" };

static void must(bool ok)
{
	if (!ok)
		abort();
}

static enum tally_status on_block(void *payload, const struct tally_block *b, struct tally_err *err)
{
	struct tally_buf *out = payload;

	(void)err;
	if (b->area != TALLY_AREA_BODY && b->area != TALLY_AREA_TABLE)
		must(tally_buf_printf(out, "%s %u ", tally_area_name((enum tally_area)b->area), b->n));
	must(tally_buf_text(out, kinds[b->kind]));
	if (b->level)
		must(tally_buf_printf(out, "%u", b->level));
	if (b->kind == TALLY_BLOCK_CELL)
		must(tally_buf_printf(out, " %u/%u/%u", b->n, b->row, b->cell));
	must(tally_buf_text(out, ": ") && tally_buf_add(out, b->text, b->len) &&
	     tally_buf_byte(out, '\n'));
	return TALLY_OK;
}

static bool is_sum(const struct tally_fact *f)
{
	return !strcmp(f->name, "unread") && strlen(f->value) == 16 && !strchr(f->value, ' ');
}

static enum tally_status on_fact(void *payload, const struct tally_fact *f, struct tally_err *err)
{
	struct tally_buf *out = payload;

	(void)err;
	if (is_sum(f))
		return TALLY_OK;
	must(tally_buf_printf(out, "fact %s=%s", f->name, f->value));
	if (f->where)
		must(tally_buf_printf(out, " @%s", f->where));
	if (f->by)
		must(tally_buf_printf(out, " by %s", f->by));
	must(tally_buf_byte(out, '\n'));
	return TALLY_OK;
}

static enum tally_status on_note(void *payload, const struct tally_note *n, struct tally_err *err)
{
	struct tally_buf *out = payload;

	(void)err;
	must(tally_buf_printf(out, "note %s: %s%s\n", tally_reason_id(n->reason),
	                      n->detail ? n->detail : "", n->whole ? " (whole)" : ""));
	return TALLY_OK;
}

struct tally_sink document_trace(struct tally_buf *out)
{
	tally_buf_init(out, 1 << 24);
	must(tally_buf_text(out, ""));
	return (struct tally_sink){
		.payload = out, .block = on_block, .fact = on_fact, .note = on_note
	};
}

static enum tally_status on_look(void *payload, const struct tally_block *b, struct tally_err *err)
{
	(void)err;
	must(tally_buf_printf(payload, "%016llx %016llx\n", (unsigned long long)b->look,
	                      (unsigned long long)b->rough_look));
	return TALLY_OK;
}

static enum tally_status on_sum(void *payload, const struct tally_fact *f, struct tally_err *err)
{
	(void)err;
	if (is_sum(f))
		must(tally_buf_printf(payload, "%s: %s\n", f->where, f->value));
	return TALLY_OK;
}

struct tally_sink document_looks(struct tally_buf *out)
{
	tally_buf_init(out, 1 << 24);
	must(tally_buf_text(out, ""));
	return (struct tally_sink){ .payload = out, .block = on_look, .fact = on_sum };
}

static enum tally_status take_block(void *payload, const struct tally_block *b, struct tally_err *err)
{
	(void)payload;
	(void)b;
	(void)err;
	return TALLY_OK;
}

static enum tally_status take_fact(void *payload, const struct tally_fact *f, struct tally_err *err)
{
	(void)payload;
	(void)f;
	(void)err;
	return TALLY_OK;
}

static enum tally_status take_note(void *payload, const struct tally_note *n, struct tally_err *err)
{
	(void)payload;
	(void)n;
	(void)err;
	return TALLY_OK;
}

struct tally_sink document_taker(void)
{
	return (struct tally_sink){ .block = take_block, .fact = take_fact, .note = take_note };
}

char *document_lines(const struct tally_buf *trace, const char *beginning)
{
	size_t n = strlen(beginning);
	char *lines = calloc(trace->len + 1, 1), *to = lines;

	must(lines != NULL);
	for (const char *at = trace->bytes, *end; at && *at; at = end + 1) {
		end = strchr(at, '\n');
		if (!end)
			break;
		if (!strncmp(at, beginning, n)) {
			memcpy(to, at, (size_t)(end + 1 - at));
			to += end + 1 - at;
		}
	}
	return lines;
}
