/* Texts of workbooks: runs joined, phonetic guides left out, escaped characters put back (ECMA-376 part 1, 18.4, 22.9.2.19). */
#include "formats/xlsx.h"

#include <string.h>

#include "core/ascii.h"
#include "core/escape.h"

void tally_xlsx_rich_begin(struct tally_xlsx_rich *rich, uint32_t depth)
{
	tally_buf_clear(&rich->text);
	rich->depth = depth;
	rich->deep = 0;
	rich->in_run = rich->in_text = false;
}

/* <t> counts right below, and in a run <r>; the one in a phonetic run <rPh> does not */
void tally_xlsx_rich_start(struct tally_xlsx_rich *rich, const struct tally_xml_start *e)
{
	bool is_text = tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_t);

	rich->deep++;
	if (rich->deep == 1)
		rich->in_run = tally_xml_is_id(&e->name, TALLY_XML_SHEET, TALLY_XML_ID_r);
	if (rich->deep >= 3 && rich->in_run) /* what stands in <rPr> */
		rich->looks += tally_xlsx_look_sum(e, 1);
	rich->in_text = is_text && (rich->deep == 1 || (rich->deep == 2 && rich->in_run));
}

void tally_xlsx_rich_end(struct tally_xlsx_rich *rich)
{
	rich->deep--;
	rich->in_text = false;
}

enum tally_status tally_xlsx_text_failed(const struct tally_buf *text, size_t more,
                                         struct tally_err *err)
{
	if (text->max - text->len >= more)
		return tally_err_nomem(err);
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "xml_token_bytes: a cell with a text of more than %zu bytes", text->max);
}

/* "_x000D_": @return the number, or -1 */
static int32_t escape_at(const char *p, size_t left)
{
	int32_t value = 0;

	if (left < 7 || p[0] != '_' || p[1] != 'x' || p[6] != '_')
		return -1;
	for (int i = 2; i < 6; i++) {
		if (tally_hex_value(p[i]) < 0)
			return -1;
		value = value << 4 | tally_hex_value(p[i]);
	}
	return value;
}

/* One character from one or two escapes. @return the bytes that they take; 0: none that stands for one */
static size_t unescape_one(const char *p, size_t left, uint32_t *c)
{
	int32_t first = escape_at(p, left), second;

	if (first < 0)
		return 0;
	*c = (uint32_t)first;
	if (first < 0xd800 || first > 0xdfff)
		return 7;
	second = first < 0xdc00 ? escape_at(p + 7, left - 7) : -1;
	if (second < 0xdc00 || second > 0xdfff)
		return 0;
	*c = 0x10000 + ((uint32_t)(first - 0xd800) << 10) + (uint32_t)(second - 0xdc00);
	return 14;
}

size_t tally_xlsx_unescape(char *text, size_t len)
{
	char *at = len > 6 ? memchr(text, '_', len - 6) : NULL;
	char *end = text + len, *to = at;

	if (!at)
		return len;
	while (at < end) {
		uint32_t c;
		size_t n = *at == '_' ? unescape_one(at, (size_t)(end - at), &c) : 0;

		if (n)
			to += tally_utf8_put(to, c);
		else
			*to++ = *at++;
		at += n;
	}
	return (size_t)(to - text);
}
