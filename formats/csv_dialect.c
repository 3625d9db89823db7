/* The dialect of delimited text, from samples of its beginning, middle and end: see formats/csv_dialect.h. */
#include "formats/csv_dialect.h"

#include <string.h>

#include "core/ascii.h"

enum {
	SPAN_HEAD = 32768,  /* bytes looked at: they take about a millisecond for all candidates */
	SPAN_OTHER = 16384, /* in the middle and at the end */
	RECORD_MOST = 1 << 19, /* bytes of one record, which may end far behind the span */
	RECORDS_SCORED = 300,  /* of each span */
	RECORDS_ENOUGH = 5,    /* even ones at the beginning: then the other spans are not asked */
	FIELDS_SCORED = 40,    /* of each record */
	WIDTHS = 32,           /* different numbers of fields that are told apart */
	QUOTES_FEWEST = 3,     /* fields in single quotes before these are believed to be quotes */
};

static const unsigned char delimiters[] = { ',', ';', '\t', '|' };

/*
 * What one column of text scores, before the lines with a delimiter in them are taken off. Two columns that split evenly score
 * 0.5, two that half of the lines have 0.125.
 */
static const double ONE_COLUMN = 0.12;

/* a wish fits when it scores at least this share of the best */
static const double WISH_SHARE = 0.5;

/* records that begin from at on and before end; the last of them may end behind it, but not behind the text */
struct span {
	const char *at, *end, *text_end;
};

struct sample {
	struct span spans[3];
	size_t count;
};

/* behind the first line end at or after @at; @end where there is none */
static const char *next_line(const char *at, const char *end)
{
	for (; at < end; at++) {
		if (*at == '\n')
			return at + 1;
		if (*at == '\r' && (at + 1 == end || at[1] != '\n'))
			return at + 1;
	}
	return end;
}

static struct sample take_sample(const char *text, size_t len)
{
	struct sample s = { .count = 1 };
	const char *end = text + len;
	const char *middle = text + len / 2;

	if (len <= SPAN_HEAD + 2 * SPAN_OTHER) {
		s.spans[0] = (struct span){ text, end, end };
		return s;
	}
	s.count = 3;
	s.spans[0] = (struct span){ text, text + SPAN_HEAD, end };
	s.spans[1] = (struct span){ next_line(middle, middle + SPAN_OTHER), middle + SPAN_OTHER, end };
	s.spans[2] = (struct span){ next_line(end - SPAN_OTHER, end), end, end };
	return s;
}

/* how often each number of fields was met */
struct widths {
	size_t fields[WIDTHS];
	size_t records[WIDTHS];
	size_t kinds;
	size_t total; /* records, those that found no place included */
};

static void count_width(struct widths *w, size_t fields)
{
	size_t i = 0;

	w->total++;
	while (i < w->kinds && w->fields[i] != fields)
		i++;
	if (i == WIDTHS)
		return;
	if (i == w->kinds) {
		w->fields[i] = fields;
		w->records[i] = 0;
		w->kinds++;
	}
	w->records[i]++;
}

/* the most frequent number of fields; of equally frequent ones the larger */
static size_t usual_width(const struct widths *w)
{
	size_t best = 0;

	for (size_t i = 1; i < w->kinds; i++)
		if (w->records[i] > w->records[best] ||
		    (w->records[i] == w->records[best] && w->fields[i] > w->fields[best]))
			best = i;
	return best;
}

/* Evenness and width together: n columns in all records give (n - 1) / n. */
static double width_score(const struct widths *w)
{
	double score = 0;

	for (size_t i = 0; i < w->kinds; i++) {
		double share = (double)w->records[i] / (double)w->total;

		score += share * share * (double)(w->fields[i] - 1) / (double)w->fields[i];
	}
	return score;
}

/* 1,234,567.8 or 12,5: a comma in it that delimits nothing */
static bool comma_number(const char *p, size_t len)
{
	size_t digits = 0;

	for (size_t i = 0; i < len; i++) {
		if (tally_is_digit(p[i]))
			digits++;
		else if (!memchr("+-.,% ", p[i], 6))
			return false;
	}
	return digits > 0;
}

static bool other_delimiter(const struct tally_csv_field *f, unsigned char mine)
{
	for (size_t i = 0; i < sizeof delimiters; i++)
		if (delimiters[i] != mine && memchr(f->bytes, delimiters[i], f->len))
			return true;
	return false;
}

struct cells {
	double known;      /* cells that look like cells */
	size_t filled;     /* cells with something in them */
	bool behind_first; /* one of them behind the first column */
};

static void count_cell(struct cells *cells, const struct tally_csv_field *f, size_t column,
                       unsigned char delimiter)
{
	if (!f->len && !f->quoted)
		return;
	cells->filled++;
	cells->behind_first |= column > 0;
	if (f->stray)
		return;
	if (f->quoted || !other_delimiter(f, delimiter) ||
	    (delimiter != ',' && comma_number(f->bytes, f->len)))
		cells->known += 1;
	else if (!memchr(f->bytes, ';', f->len) && !memchr(f->bytes, '\t', f->len) &&
	         memchr(f->bytes, ' ', f->len))
		cells->known += 0.5; /* "Smith, John": a comma of language, perhaps */
}

static void count_cells(struct cells *cells, const char *raw, size_t len,
                        const struct tally_csv_form *form)
{
	struct tally_csv_fields fields;
	struct tally_csv_field field;

	tally_csv_fields_init(&fields, raw, len, form);
	for (size_t i = 0; i < FIELDS_SCORED && tally_csv_fields_next(&fields, &field); i++)
		count_cell(cells, &field, i, form->delimiter);
}

/* a record without its line end */
static size_t raw_length(const char *at, const struct tally_csv_one *one)
{
	const char *end = one->next;

	if (one->ended && end[-1] == '\n')
		end -= end - at > 1 && end[-2] == '\r' ? 2 : 1;
	else if (one->ended)
		end--;
	return (size_t)(end - at);
}

/* one record that begins in a span. @return false: it is too long */
static bool one_record(struct tally_csv_one *one, const char *at, const struct span *span,
                       const struct tally_csv_form *form)
{
	bool whole = span->text_end - at <= RECORD_MOST;

	return tally_csv_one_record(one, at, whole ? span->text_end : at + RECORD_MOST, whole, form);
}

static void score_span(const struct span *span, const struct tally_csv_form *form, struct widths *w,
                       struct cells *cells)
{
	const char *at = span->at;

	for (size_t i = 0; i < RECORDS_SCORED; i++) {
		struct tally_csv_one one;
		size_t len;

		/* enormous records: a few of them, though they begin behind the span */
		if (at >= (w->total < RECORDS_ENOUGH ? span->text_end : span->end))
			return;
		if (!one_record(&one, at, span, form)) {
			w->total++;
			at = at < span->end ? next_line(at, span->end) : span->end;
			if (at == span->end)
				return;
			continue;
		}
		len = raw_length(at, &one);
		if (len) {
			count_width(w, (size_t)one.fields);
			count_cells(cells, at, len, form);
		}
		at = one.next;
	}
}

/*
 * The beginning is read from a place where a record surely begins. The other spans may begin inside a long quoted cell, so they
 * are asked only where the beginning leaves doubts: title lines, comments, one column.
 */
static bool is_convincing(const struct widths *w)
{
	size_t usual = usual_width(w);

	return w->total >= RECORDS_ENOUGH && w->fields[usual] > 1 &&
	       w->records[usual] * 5 >= w->total * 4;
}

static struct tally_csv_dialect try_form(const struct sample *sample, struct tally_csv_form form)
{
	struct tally_csv_dialect d = { .form = form };
	struct widths w = { .kinds = 0 };
	struct cells cells = { 0, 0, false };
	double known;
	size_t usual;

	for (size_t i = 0; i < sample->count && !(i && w.kinds && is_convincing(&w)); i++)
		score_span(&sample->spans[i], &form, &w, &cells);
	if (!w.kinds)
		return d;
	usual = usual_width(&w);
	d.columns = w.fields[usual];
	d.records = w.total;
	d.evenness = (double)w.records[usual] / (double)w.total;
	d.hollow = d.columns > 1 && !cells.behind_first;
	known = cells.filled ? cells.known / (double)cells.filled : 1;
	d.score = (form.delimiter ? width_score(&w) : ONE_COLUMN) * known * known;
	return d;
}

struct bytes_seen {
	bool delimiter[sizeof delimiters];
	size_t lf, lone_cr;
	size_t single_opens, single_closes, double_opens; /* quotes beside a delimiter or line end */
	size_t borders;                                   /* delimiters and line ends */
};

static bool is_border(char c)
{
	return c == '\n' || c == '\r' || memchr(delimiters, c, sizeof delimiters);
}

static void look_at_byte(struct bytes_seen *seen, const char *p, const struct span *span)
{
	bool before = p == span->at || is_border(p[-1]);
	bool behind = p + 1 == span->end || is_border(p[1]);

	switch (*p) {
	case '\n':
		seen->lf++;
		break;
	case '\r':
		seen->lone_cr += p + 1 < span->end ? p[1] != '\n' : p + 1 == span->text_end;
		break;
	case '"':
		seen->double_opens += before;
		break;
	case '\'':
		seen->single_opens += before;
		seen->single_closes += behind;
		break;
	default:
		break;
	}
	for (size_t i = 0; i < sizeof delimiters; i++)
		seen->delimiter[i] |= (unsigned char)*p == delimiters[i];
	seen->borders += is_border(*p);
}

static struct bytes_seen look(const struct sample *sample)
{
	struct bytes_seen seen = { .lf = 0 };

	for (size_t i = 0; i < sample->count; i++)
		for (const char *p = sample->spans[i].at; p < sample->spans[i].end; p++)
			look_at_byte(&seen, p, &sample->spans[i]);
	return seen;
}

/* Single quotes are mostly apostrophes. They are quotes where nothing else is, and they come in pairs around cells. */
static unsigned char pick_quote(const struct bytes_seen *seen, const struct tally_csv_wish *wish)
{
	size_t opens = seen->single_opens, closes = seen->single_closes;
	size_t apart = opens > closes ? opens - closes : closes - opens;

	if (wish->quote && !wish->prefer)
		return wish->quote;
	if (seen->double_opens || !opens || apart * 20 > opens)
		return '"';
	if (wish->quote == '\'')
		return '\'';
	return opens >= QUOTES_FEWEST && opens * 5 >= seen->borders ? '\'' : '"';
}

static struct tally_csv_dialect best_of(const struct sample *sample, const struct bytes_seen *seen,
                                        const struct tally_csv_wish *wish, struct tally_csv_form form)
{
	struct tally_csv_dialect best, wished = { .score = 0 };

	form.delimiter = wish->delimiter;
	if (wish->delimiter)
		wished = try_form(sample, form);
	if (wish->delimiter && !wish->prefer)
		return wished;
	form.delimiter = 0;
	best = try_form(sample, form);
	for (size_t i = 0; i < sizeof delimiters; i++) {
		struct tally_csv_dialect d;

		form.delimiter = delimiters[i];
		if (!seen->delimiter[i])
			continue;
		d = try_form(sample, form);
		if (d.columns > 1 && d.score > best.score)
			best = d;
	}
	/* where there is but one column, any delimiter that occurs nowhere is as good as none */
	if (wish->delimiter && ((wished.columns > 1 && wished.score >= best.score * WISH_SHARE) ||
	                        (!best.form.delimiter && wished.columns <= 1 && wished.evenness >= 1)))
		return wished;
	return best;
}

void tally_csv_dialect_find(struct tally_csv_dialect *out, const char *text, size_t len,
                            const struct tally_csv_wish *wish)
{
	static const struct tally_csv_wish none = { 0, 0, false };
	struct sample sample = take_sample(text, len);
	struct bytes_seen seen = look(&sample);
	struct tally_csv_form form = { 0, '"', !seen.lf && seen.lone_cr };

	if (!wish)
		wish = &none;
	form.quote = pick_quote(&seen, wish);
	*out = best_of(&sample, &seen, wish, form);
	if (seen.lf && seen.lone_cr) {
		struct tally_csv_dialect d;

		form.cr_ends = true;
		d = best_of(&sample, &seen, wish, form);
		if (d.score > out->score)
			*out = d;
	}
}
