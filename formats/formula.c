/* Formulas in relative form, from the notations of Excel and of OpenDocument: one pass from left to right, token by token. */
#include <string.h>

#include "core/ascii.h"
#include "formats/formula.h"

/* What Excel and LibreOffice allow; a word beyond it ("ABCD1", "A1048577") is a name, not a cell. */
enum { ROWS_MAX = 1048576, COLUMNS_MAX = 16384 };

#define ROW_SHOWN_MAX UINT64_C(999999999999999)

/* ---- Cell references ---- */

/* One half of a reference: "$AB" or "$12". */
struct axis {
	uint32_t n; /* from 0 */
	bool absolute;
};

static size_t read_dollar(const char *text, size_t len, struct axis *a)
{
	*a = (struct axis){ 0 };
	a->absolute = len && *text == '$';
	return a->absolute;
}

/* @return bytes taken, 0: none */
static size_t read_column(const char *text, size_t len, struct axis *a)
{
	size_t from = read_dollar(text, len, a), i;

	for (i = from; i < len && tally_is_letter(text[i]); i++) {
		a->n = a->n * 26 + (uint32_t)(tally_upper(text[i]) - 'A' + 1);
		if (a->n > COLUMNS_MAX)
			return 0;
	}
	a->n--;
	return i > from ? i : 0;
}

static size_t read_row(const char *text, size_t len, struct axis *a)
{
	size_t from = read_dollar(text, len, a), i;

	for (i = from; i < len && tally_is_digit(text[i]); i++) {
		a->n = a->n * 10 + (uint32_t)(text[i] - '0');
		if (!a->n || a->n > ROWS_MAX)
			return 0;
	}
	a->n--;
	return i > from ? i : 0;
}

static size_t read_cell(const char *text, size_t len, struct axis *row, struct axis *column)
{
	size_t n = read_column(text, len, column), m;

	if (!n)
		return 0;
	m = read_row(text + n, len - n, row);
	return m ? n + m : 0;
}

size_t tally_cell_reference(const char *text, size_t len, uint32_t *row, uint32_t *column)
{
	struct axis r = { 0 }, c = { 0 };
	size_t n = read_cell(text, len, &r, &c);

	if (n) {
		*row = r.n;
		*column = c.n;
	}
	return n;
}

static size_t put_number(char *out, uint64_t n)
{
	char digits[20];
	size_t count = 0;

	do {
		digits[count++] = (char)('0' + n % 10);
		n /= 10;
	} while (n);
	for (size_t i = 0; i < count; i++)
		out[i] = digits[count - 1 - i];
	return count;
}

size_t tally_cell_reference_text(char *out, uint64_t row, uint32_t column)
{
	char letters[8];
	size_t count = 0, len = 0;
	uint64_t n = (uint64_t)column + 1;

	for (; n; n = (n - 1) / 26)
		letters[count++] = (char)('A' + (n - 1) % 26);
	while (count)
		out[len++] = letters[--count];
	/* no table has more rows; seven letters, sixteen digits and a NUL fill the room */
	len += put_number(out + len, (row < ROW_SHOWN_MAX ? row : ROW_SHOWN_MAX) + 1);
	out[len] = '\0';
	return len;
}

/* ---- Writing ---- */

/* A formula on its way. */
struct pass {
	struct tally_buf *out;
	const char *at, *end;
	uint32_t row, column;
	bool odf; /* references in brackets, ';' between arguments */
	bool operand; /* the last token was one: a blank before the next one is the operator of intersection */
	bool blank; /* blanks were left out since */
	unsigned braces;
	bool failed;
};

static void put(struct pass *p, const char *text, size_t len)
{
	p->failed = p->failed || !tally_buf_add(p->out, text, len);
}

static void put_byte(struct pass *p, char c)
{
	put(p, &c, 1);
}

static void put_axis(struct pass *p, char letter, struct axis a, uint32_t here)
{
	char text[16];
	size_t len = 1;

	text[0] = letter;
	if (a.absolute) {
		len += put_number(text + len, (uint64_t)a.n + 1);
	} else if (a.n != here) {
		text[len++] = '[';
		if (a.n < here)
			text[len++] = '-';
		len += put_number(text + len, a.n < here ? here - a.n : a.n - here);
		text[len++] = ']';
	}
	put(p, text, len);
}

static void put_cell(struct pass *p, struct axis row, struct axis column)
{
	put_axis(p, 'R', row, p->row);
	put_axis(p, 'C', column, p->column);
}

/* Before a token that is an operand: a blank between two of them means something. */
static void begin_operand(struct pass *p)
{
	if (p->operand && p->blank)
		put_byte(p, ' ');
	p->operand = true;
	p->blank = false;
}

static void put_operator(struct pass *p, char c)
{
	p->operand = false;
	p->blank = false;
	put_byte(p, c);
}

/* ---- Words ---- */

/* Letters of names: those of other scripts are bytes beyond ASCII. */
static bool is_word(char c)
{
	return tally_is_letter(c) || tally_is_digit(c) || c == '_' || c == '.' || c == '\\' ||
	       c == '?' || c == '$' || (unsigned char)c >= 0x80;
}

static size_t word_length(const char *at, const char *end)
{
	const char *p = at;

	while (p < end && is_word(*p))
		p++;
	return (size_t)(p - at);
}

static bool word_is(const char *at, size_t len, const char *word)
{
	if (len != strlen(word))
		return false;
	for (size_t i = 0; i < len; i++)
		if (tally_upper(at[i]) != word[i])
			return false;
	return true;
}

static bool begins(const char *at, size_t len, const char *word)
{
	return len >= strlen(word) && word_is(at, strlen(word), word);
}

/*
 * Where a function was added later or belongs to one program, files say so in front of its name; people never see it. The two
 * formats do it in different ways for one function.
 */
static size_t function_prefix(const char *at, size_t len)
{
	static const char *const prefixes[] = {
		"_XLFN.",          "_XLWS.",
		"_XLUDF.",         "COM.MICROSOFT.",
		"ORG.OPENOFFICE.", "ORG.LIBREOFFICE.",
		"LEGACY.",         "COM.SUN.STAR.SHEET.ADDIN.ANALYSIS.GET",
	};
	size_t skip = 0;

	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		if (begins(at + skip, len - skip, prefixes[i]) && len - skip > strlen(prefixes[i]))
			skip += strlen(prefixes[i]);
	return skip;
}

/* Can a sheet's name stand without quotes? */
static bool plain_sheet(const char *name, size_t len)
{
	struct axis row, column;

	if (!len || tally_is_digit(*name))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_word(name[i]) || name[i] == '$' || name[i] == '\\' || name[i] == '?')
			return false;
	return read_cell(name, len, &row, &column) != len;
}

/* A sheet's name, quoted where it has to be; @name has its quotes doubled if @quoted. */
static void put_sheet(struct pass *p, const char *name, size_t len, bool quoted)
{
	if (plain_sheet(name, len)) {
		put(p, name, len);
		return;
	}
	put_byte(p, '\'');
	for (size_t i = 0; i < len; i++) {
		put_byte(p, name[i]);
		if (name[i] == '\'' && !quoted)
			put_byte(p, '\'');
	}
	put_byte(p, '\'');
}

/* Behind the text in quotes that begins at @at ('' and "" stand for one); the end where it is not closed. */
static const char *behind_quotes(const char *at, const char *end)
{
	char quote = *at++;

	for (;; at += 2) {
		at = memchr(at, quote, (size_t)(end - at));
		if (!at)
			return end;
		if (at + 1 == end || at[1] != quote)
			return at + 1;
	}
}

/* Behind the brackets that begin at @at; an apostrophe takes the next character's meaning. The end where they stay open. */
static const char *behind_brackets(const char *at, const char *end)
{
	size_t depth = 0;

	for (; at < end; at++) {
		if (*at == '[')
			depth++;
		else if (*at == ']' && !--depth)
			return at + 1;
		else if (*at == '\'' && at + 1 < end)
			at++;
	}
	return end;
}

static void take_string(struct pass *p)
{
	const char *end = behind_quotes(p->at, p->end);

	begin_operand(p);
	put(p, p->at, (size_t)(end - p->at));
	p->at = end;
}

/* #REF!, #DIV/0!, #N/A, #NAME?; '#' alone behind a reference is an operator. */
static void take_hash(struct pass *p)
{
	const char *from = p->at++;

	while (p->at < p->end &&
	       (tally_is_letter(*p->at) || tally_is_digit(*p->at) || *p->at == '/' || *p->at == '_'))
		p->at++;
	if (p->at < p->end && (*p->at == '!' || *p->at == '?'))
		p->at++;
	if (p->at == from + 1) {
		put_byte(p, '#');
		return;
	}
	begin_operand(p);
	for (; from < p->at; from++)
		put_byte(p, tally_upper(*from));
}

/* Blanks between a function's name and its parenthesis mean nothing. */
static bool call_follows(const struct pass *p, const char *at)
{
	return at < p->end && *at == '(';
}

/* "()" behind a constant that one program writes as a function. */
static void skip_empty_call(struct pass *p)
{
	if (p->end - p->at >= 2 && !memcmp(p->at, "()", 2))
		p->at += 2;
}

static void take_function(struct pass *p, size_t len)
{
	size_t skip = function_prefix(p->at, len);

	begin_operand(p);
	for (size_t i = skip; i < len; i++)
		put_byte(p, tally_upper(p->at[i]));
	if (word_is(p->at, len, "TRUE") || word_is(p->at, len, "FALSE")) {
		p->at += len;
		skip_empty_call(p);
		return;
	}
	p->at += len;
	p->operand = false;
}

/* A number; its exponent may have a sign. */
static void take_number(struct pass *p)
{
	const char *from = p->at;

	while (p->at < p->end && (tally_is_digit(*p->at) || *p->at == '.'))
		p->at++;
	if (p->end - p->at > 1 && tally_upper(*p->at) == 'E') {
		const char *e = p->at + 1 + (p->at[1] == '+' || p->at[1] == '-');

		if (e < p->end && tally_is_digit(*e))
			for (p->at = e; p->at < p->end && tally_is_digit(*p->at);)
				p->at++;
	}
	begin_operand(p);
	for (; from < p->at; from++)
		put_byte(p, tally_upper(*from));
}

/* ---- References of Excel ---- */

/* "A:C" or "1:3", @len bytes of it before the colon. @return bytes taken, 0: it is no such range */
static size_t read_span(const struct pass *p, size_t len, struct axis ends[2],
                        size_t (*read)(const char *, size_t, struct axis *))
{
	const char *second = p->at + len + 1;
	size_t rest;

	if (second >= p->end || second[-1] != ':' || read(p->at, len, &ends[0]) != len)
		return 0;
	rest = word_length(second, p->end);
	if (!rest || read(second, rest, &ends[1]) != rest || call_follows(p, second + rest))
		return 0;
	return len + 1 + rest;
}

static bool take_span(struct pass *p, size_t len)
{
	struct axis ends[2];
	size_t n = read_span(p, len, ends, read_column);
	char letter = 'C';

	if (!n) {
		n = read_span(p, len, ends, read_row);
		letter = 'R';
	}
	if (!n)
		return false;
	begin_operand(p);
	for (int i = 0; i < 2; i++) {
		if (i)
			put_byte(p, ':');
		put_axis(p, letter, ends[i], letter == 'C' ? p->column : p->row);
	}
	p->at += n;
	return true;
}

/* "Sheet1!" or, over several sheets, "Sheet1:Sheet3!". @return bytes of the names, 0: no sheet */
static size_t sheet_length(const struct pass *p, size_t len)
{
	const char *at = p->at + len;

	if (at < p->end && *at == ':') {
		size_t second = word_length(at + 1, p->end);

		at += second ? second + 1 : 0;
	}
	return at < p->end && *at == '!' ? (size_t)(at - p->at) : 0;
}

static bool take_sheet(struct pass *p, size_t len)
{
	size_t n = sheet_length(p, len);

	if (!n)
		return false;
	begin_operand(p);
	put(p, p->at, n + 1);
	p->at += n + 1;
	p->operand = false;
	return true;
}

static void take_word(struct pass *p)
{
	size_t len = word_length(p->at, p->end);
	struct axis row, column;

	/* OpenDocument may mark a name that might be taken for a function or a reference: $$rate */
	if (p->odf && len >= 2 && !memcmp(p->at, "$$", 2)) {
		p->at += 2;
		len -= 2;
		if (!len)
			return;
	}
	if (!p->odf && take_sheet(p, len))
		return;
	if (call_follows(p, p->at + len)) {
		take_function(p, len);
		return;
	}
	if (!p->odf && take_span(p, len))
		return;
	if (tally_is_digit(*p->at) || (*p->at == '.' && len > 1 && tally_is_digit(p->at[1]))) {
		take_number(p);
		return;
	}
	if (word_is(p->at, len, "TRUE") || word_is(p->at, len, "FALSE")) {
		take_function(p, len);
		return;
	}
	begin_operand(p);
	if (!p->odf && read_cell(p->at, len, &row, &column) == len)
		put_cell(p, row, column);
	else
		put(p, p->at, len);
	p->at += len;
}

/* 'A sheet'!, '[2]A sheet'!, 'One:Two'! */
static void take_quoted_sheet(struct pass *p)
{
	const char *end = behind_quotes(p->at, p->end);

	begin_operand(p);
	if (end < p->end && *end == '!') {
		put_sheet(p, p->at + 1, (size_t)(end - p->at) - 2, true);
		put_byte(p, '!');
		end++;
		p->operand = false;
	} else {
		put(p, p->at, (size_t)(end - p->at));
	}
	p->at = end;
}

/* [Column] of a table, [@Column], or the number of another workbook: [2]Sheet!A1. */
static void take_brackets(struct pass *p)
{
	const char *end = behind_brackets(p->at, p->end);

	if (p->blank || !p->operand)
		begin_operand(p);
	if (end - p->at == 3 && p->at[1] == '0' && end < p->end && *end == '!') {
		p->at = end + 1; /* [0]!name: a name of this workbook */
		p->operand = false;
		return;
	}
	put(p, p->at, (size_t)(end - p->at));
	p->at = end;
	p->operand = !(end < p->end && (is_word(*end) || *end == '!'));
}

/* ---- References of OpenDocument ---- */

/* One end of a reference in brackets: [$Sheet.$A1 … ]; sheet may be missing, quoted, or in another document. */
struct place {
	const char *document; /* 'file:///…' with its quotes, or NULL */
	size_t document_len;
	const char *sheet; /* NULL: the same */
	size_t sheet_len;
	bool quoted;
	const char *cell; /* what stands behind the point */
	size_t cell_len;
};

/* A name in front of '.' or '#'. @return behind it */
static const char *read_name(const char *at, const char *end, struct place *place)
{
	const char *from;

	if (at < end && *at == '$')
		at++;
	from = at;
	place->quoted = at < end && *at == '\'';
	if (place->quoted) {
		at = behind_quotes(at, end);
		place->sheet = from + 1;
		place->sheet_len = at - from > 1 ? (size_t)(at - from) - 2 : 0;
		return at;
	}
	while (at < end && *at != '.' && *at != '#' && *at != ':' && *at != ']')
		at++;
	place->sheet = at > from ? from : NULL;
	place->sheet_len = (size_t)(at - from);
	return at;
}

static const char *read_place(const char *at, const char *end, struct place *place)
{
	const char *from = at;

	*place = (struct place){ 0 };
	if (at < end && *at == '#') /* #REF!.A1: the sheet is gone */
		at++;
	at = read_name(at, end, place);
	if (from < end && *from == '#') {
		place->sheet = from;
		place->sheet_len = (size_t)(at - from);
	} else if (at < end && *at == '#') {
		place->document = place->quoted ? place->sheet - 1 : place->sheet;
		place->document_len = place->sheet_len + (place->quoted ? 2 : 0);
		at = read_name(at + 1, end, place);
	}
	if (!place->quoted && !place->document && (at == end || *at != '.')) {
		place->cell = from; /* no sheet: #REF!, or a cell without its point */
		place->cell_len = (size_t)(at - from);
		place->sheet = NULL;
		return at;
	}
	if (at < end && *at == '.')
		at++;
	from = at;
	while (at < end && *at != ':' && *at != ']')
		at++;
	place->cell = from;
	place->cell_len = (size_t)(at - from);
	return at;
}

static bool same_sheet(const struct place *a, const struct place *b)
{
	if (!b->sheet)
		return true;
	return a->sheet && a->sheet_len == b->sheet_len && !memcmp(a->sheet, b->sheet, a->sheet_len);
}

static void put_sheets(struct pass *p, const struct place *from, const struct place *to)
{
	if (from->document) {
		put(p, from->document, from->document_len);
		put_byte(p, '#');
	}
	if (!from->sheet)
		return;
	if (from->sheet_len && *from->sheet == '#') {
		put(p, "#REF!", 5);
		return;
	}
	put_sheet(p, from->sheet, from->sheet_len, from->quoted);
	if (to && !same_sheet(from, to)) {
		put_byte(p, ':');
		put_sheet(p, to->sheet, to->sheet_len, to->quoted);
	}
	put_byte(p, '!');
}

static void put_place(struct pass *p, const struct place *place, bool range)
{
	struct axis row, column;

	if (!place->cell_len)
		return;
	if (read_cell(place->cell, place->cell_len, &row, &column) == place->cell_len)
		put_cell(p, row, column);
	else if (range && read_column(place->cell, place->cell_len, &column) == place->cell_len)
		put_axis(p, 'C', column, p->column);
	else if (range && read_row(place->cell, place->cell_len, &row) == place->cell_len)
		put_axis(p, 'R', row, p->row);
	else
		put(p, place->cell, place->cell_len);
}

static void take_reference(struct pass *p)
{
	struct place from, to;
	const char *at;
	bool range;

	begin_operand(p);
	at = read_place(p->at + 1, p->end, &from);
	range = at < p->end && *at == ':';
	if (range)
		at = read_place(at + 1, p->end, &to);
	put_sheets(p, &from, range ? &to : NULL);
	put_place(p, &from, range);
	/* one cell over several sheets */
	if (range && (same_sheet(&from, &to) || from.cell_len != to.cell_len ||
	              memcmp(from.cell, to.cell, to.cell_len) != 0)) {
		put_byte(p, ':');
		put_place(p, &to, true);
	}
	while (at < p->end && *at != ']') /* a third part, which means nothing */
		put_byte(p, *at++);
	p->at = at < p->end ? at + 1 : at;
}

/* ---- The rest ---- */

/* Signs that OpenDocument writes in another way. */
static char operator_of(const struct pass *p, char c)
{
	if (!p->odf)
		return c;
	switch (c) {
	case ';':
		return ',';
	case '|':
		return p->braces ? ';' : c;
	case '~':
		return ',';
	case '!': /* some write sheet!#REF! for what is gone */
		return p->at < p->end && *p->at == '#' ? c : ' ';
	default:
		return c;
	}
}

static void take_sign(struct pass *p)
{
	char c = *p->at++;

	if (c == '(') {
		begin_operand(p);
		p->operand = false;
		put_byte(p, c);
		return;
	}
	if (c == '{')
		p->braces++;
	else if (c == '}' && p->braces)
		p->braces--;
	put_operator(p, operator_of(p, c));
	p->operand = c == ')' || c == '}' || c == '%';
}

static void take(struct pass *p)
{
	switch (*p->at) {
	case ' ':
	case '\t':
	case '\n':
	case '\r':
		p->blank = true;
		p->at++;
		break;
	case '"':
		take_string(p);
		break;
	case '\'':
		take_quoted_sheet(p);
		break;
	case '[':
		if (p->odf)
			take_reference(p);
		else
			take_brackets(p);
		break;
	case '#':
		take_hash(p);
		break;
	default:
		if (is_word(*p->at))
			take_word(p);
		else
			take_sign(p);
	}
}

static bool run(struct pass *p)
{
	if (p->at < p->end && *p->at == '=')
		p->at++;
	while (p->at < p->end && !p->failed)
		take(p);
	return !p->failed;
}

bool tally_formula_relative(struct tally_buf *out, const char *text, size_t len, uint32_t row,
                            uint32_t column)
{
	struct pass p = { out, text, text + len, row, column, .odf = false };

	return run(&p);
}

/* Behind "of:" and its like. @excel  set when what follows is in Excel's notation */
static const char *behind_namespace(const char *text, size_t len, bool *excel)
{
	const char *colon = memchr(text, ':', len < 16 ? len : 16);

	*excel = false;
	if (!colon || colon == text)
		return text;
	for (const char *p = text; p < colon; p++)
		if (!tally_is_letter(*p) && !tally_is_digit(*p))
			return text;
	/* "A1:A3" without a sign in front is no prefix */
	if (colon + 1 < text + len && colon[1] != '=' && !begins(text, (size_t)(colon - text), "OF") &&
	    !begins(text, (size_t)(colon - text), "OOOC"))
		return text;
	*excel = word_is(text, (size_t)(colon - text), "MSOXL");
	return colon + 1;
}

bool tally_formula_relative_odf(struct tally_buf *out, const char *text, size_t len, uint32_t row,
                                uint32_t column)
{
	bool excel;
	const char *at = behind_namespace(text, len, &excel);
	struct pass p = { out, at, text + len, row, column, .odf = !excel };

	return run(&p);
}
