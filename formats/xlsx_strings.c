/* The table of shared strings, each packed once for all of its cells (ECMA-376 part 1, 18.4.9). */
#include "formats/xlsx.h"

#include <string.h>

#include "core/mem.h"
#include "formats/xlsx_plain.h"

struct strings_reading {
	struct tally_xlsx *x;
	struct tally_xlsx_rich rich;
	uint32_t depth;
	bool is_table; /* its outermost element is of the namespace of sheets */
	bool in_item;
};

static enum tally_status strings_start(void *payload, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	struct strings_reading *s = payload;

	(void)err;
	s->depth++;
	if (s->depth == 1)
		s->is_table = e->name.ns == TALLY_XML_SHEET;
	if (s->in_item) {
		tally_xlsx_rich_start(&s->rich, e);
	} else if (s->depth == 2 && tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_si)) {
		s->in_item = true;
		tally_xlsx_rich_begin(&s->rich, s->depth);
	}
	return TALLY_OK;
}

static enum tally_status add_string(struct tally_xlsx *x, const char *text, size_t len,
                                    struct tally_err *err)
{
	enum tally_status st;

	if (!tally_grow(&x->ends, &x->ends_cap, x->string_count, sizeof *x->ends))
		return tally_err_nomem(err);
	st = tally_sheet_pack(x->book, &x->strings, text, len, err);
	if (st >= 0 && x->strings.len > UINT32_MAX)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_TOO_LARGE,
		                   "table_bytes: shared strings of more than 4 GiB");
	if (st >= 0)
		x->ends[x->string_count++] = (uint32_t)x->strings.len;
	return st;
}

static enum tally_status add_gathered(const struct strings_reading *s, struct tally_err *err)
{
	const struct tally_buf *text = &s->rich.text;

	return text->len ? add_string(s->x, text->bytes,
	                              tally_xlsx_unescape(text->bytes, text->len), err)
	                 : add_string(s->x, "", 0, err);
}

static enum tally_status strings_end(void *payload, const struct tally_xml_name *name,
                                     struct tally_err *err)
{
	struct strings_reading *s = payload;
	bool item = s->in_item && s->depth == 2;

	(void)name;
	s->depth--;
	if (item) {
		s->in_item = false;
		return add_gathered(s, err);
	}
	if (s->in_item)
		tally_xlsx_rich_end(&s->rich);
	return TALLY_OK;
}

static enum tally_status strings_text(void *payload, const char *text, size_t len,
                                      struct tally_err *err)
{
	struct strings_reading *s = payload;

	if (!s->rich.in_text || tally_buf_add(&s->rich.text, text, len))
		return TALLY_OK;
	return tally_xlsx_text_failed(&s->rich.text, len, err);
}

static enum tally_status strings_plain(void *payload, const char *bytes, size_t len, size_t *taken,
                                       struct tally_err *err)
{
	struct strings_reading *s = payload;
	enum tally_status st = TALLY_OK;

	while (s->depth == 1 && s->is_table && st >= 0) {
		struct tally_xlsx_plain_text text;
		size_t n = tally_xlsx_plain_string(&text, bytes + *taken, len - *taken);

		/* what may be escaped takes the long way */
		if (!n || text.len > s->rich.text.max || memchr(text.bytes, '_', text.len))
			break;
		*taken += n;
		st = add_string(s->x, text.bytes, text.len, err);
	}
	return st;
}

enum tally_status tally_xlsx_read_strings(struct tally_xlsx *x, struct tally_err *err)
{
	struct strings_reading s = { .x = x };
	const struct tally_xml_handler handler = { .payload = &s,
		                                   .start = strings_start,
		                                   .end = strings_end,
		                                   .text = strings_text,
		                                   .plain = strings_plain };
	const char *part;
	enum tally_status st = tally_xlsx_part_of_type(x, "sharedStrings", &part, err);

	if (st < 0 || !part)
		return st;
	tally_buf_init(&s.rich.text, (size_t)x->limits->xml_token_bytes);
	st = tally_package_xml(x->package, part, &handler, err);
	x->run_looks += s.rich.looks;
	tally_buf_release(&s.rich.text);
	return st;
}
