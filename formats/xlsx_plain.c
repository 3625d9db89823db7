/* Cells and strings where they lie: see xlsx_plain.h. */
#include "formats/xlsx_plain.h"

#include <stdbool.h>
#include <string.h>

#include "formats/xml.h"
#include "formats/xml_bytes.h"

enum { WORD_MOST = TALLY_XML_PLAIN_TAG / 8 }; /* so that no tag is longer than it may be */

struct at {
	const char *p, *end;
};

/* steps over these bytes, where they stand here */
#define TAKE(at, what) take((at), (what), sizeof(what) - 1)

static inline bool take(struct at *at, const char *what, size_t len)
{
	if ((size_t)(at->end - at->p) < len || memcmp(at->p, what, len) != 0)
		return false;
	at->p += len;
	return true;
}

/* letters, digits and the like, up to the quote, which is stepped over */
static inline bool take_word(struct at *at, struct tally_xlsx_plain_text *word)
{
	const char *p = at->p;

	while (p < at->end && tally_xml_classes[(unsigned char)*p] & TALLY_XML_NAME)
		p++;
	*word = (struct tally_xlsx_plain_text){ at->p, (size_t)(p - at->p) };
	at->p = p + 1;
	return p < at->end && *p == '"' && word->len <= WORD_MOST;
}

/* up to the next tag, when that is what comes next */
static inline bool take_text(struct at *at, struct tally_xlsx_plain_text *text)
{
	const char *stop = tally_xml_text_stop(at->p, at->end);

	*text = (struct tally_xlsx_plain_text){ at->p, (size_t)(stop - at->p) };
	at->p = stop;
	return stop < at->end && *stop == '<';
}

static inline bool take_formula(struct at *at, struct tally_xlsx_plain_cell *cell)
{
	if (TAKE(at, "<f>"))
		return take_text(at, &cell->formula) && TAKE(at, "</f>");
	return TAKE(at, "<f t=\"shared\" si=\"") && take_word(at, &cell->shared) && TAKE(at, "/>");
}

size_t tally_xlsx_plain_cell(struct tally_xlsx_plain_cell *cell, const char *bytes, size_t len)
{
	struct at at = { bytes, bytes + len };

	*cell = (struct tally_xlsx_plain_cell){ 0 };
	if (!TAKE(&at, "<c r=\"") || !take_word(&at, &cell->address) ||
	    (TAKE(&at, " s=\"") && !take_word(&at, &cell->style)) ||
	    (TAKE(&at, " t=\"") && !take_word(&at, &cell->type)))
		return 0;
	if (TAKE(&at, "/>"))
		return (size_t)(at.p - bytes);
	if (!TAKE(&at, "><v>") && (!TAKE(&at, ">") || !take_formula(&at, cell) || !TAKE(&at, "<v>")))
		return 0;
	return take_text(&at, &cell->value) && TAKE(&at, "</v></c>") ? (size_t)(at.p - bytes) : 0;
}

size_t tally_xlsx_plain_string(struct tally_xlsx_plain_text *text, const char *bytes, size_t len)
{
	struct at at = { bytes, bytes + len };

	if (!TAKE(&at, "<si><t>") && !TAKE(&at, "<si><t xml:space=\"preserve\">"))
		return 0;
	return take_text(&at, text) && TAKE(&at, "</t></si>") ? (size_t)(at.p - bytes) : 0;
}
