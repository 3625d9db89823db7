/* Splitting delimited text into records: a scanner that takes 64 bytes a step, an exact parser for what it cannot take. */
#include "formats/csv_records.h"

#include <pthread.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/mem.h"
#include "formats/mask64.h"

#if defined(__x86_64__) && defined(__GNUC__)
#define HAVE_AVX2 1
#include <immintrin.h>
#else
#define HAVE_AVX2 0
#endif

enum {
	CHUNK_DEFAULT = 4 << 20, /* below this a thread costs more than it saves */
	CHUNK_WINDOW = 1 << 20,  /* a chunk's first record is looked for in this many bytes */
	CHUNK_TRIES = 64,        /* line ends that are tried as the one before it */
	CHUNK_RECORDS = 8,       /* records that must look right behind it */
	ROWS_FIRST = 256,        /* room for rows at the start */
	THREADS_MOST = 64,
	PASSED_STEP = 16 << 20, /* bytes between two calls of options.passed */
};

/* A stretch of the text being split. It begins at the beginning of a record. */
struct scan {
	const char *text; /* all of it */
	size_t start;     /* of the record begun */
	size_t end;       /* of the stretch, or of the part of it that is being split */
	bool whole;       /* the text ends there too */
	size_t last;      /* end of the stretch */
	struct tally_csv_form form;
	size_t columns;
	size_t cap;   /* of out.rows */
	size_t began; /* where the stretch begins */
	uint64_t quoted;
	enum tally_csv_engine engine;
	bool nomem;
	void (*passed)(void *payload, size_t at, size_t len);
	size_t step;
	void *payload;
	struct tally_csv_records out;
};

enum scan_stop { SCAN_END, SCAN_STRAY, SCAN_NOMEM };

/* Room for as many records as may end in 64 bytes, and one. The estimate spares nearly all growing. */
static bool scan_grow(struct scan *scan)
{
	size_t done = scan->start - scan->began + 1;
	size_t left = scan->last - scan->start;
	double rate = (double)(scan->out.count + 1) / (double)done;
	size_t cap = scan->out.count + (size_t)((double)left * rate * 1.05) + ROWS_FIRST;
	struct tally_row *grown;

	if (!scan->out.count || cap < scan->cap + scan->cap / 2)
		cap = scan->cap + scan->cap / 2 + ROWS_FIRST;
	grown = tally_realloc(scan->out.rows, cap, sizeof *grown);
	if (!grown)
		return false;
	tally_mem_large(grown, cap * sizeof *grown);
	scan->out.rows = grown;
	scan->cap = cap;
	return true;
}

static inline bool scan_reserve(struct scan *scan)
{
	return scan->cap - scan->out.count > 65 || scan_grow(scan);
}

static void mark(struct tally_csv_marks *marks, size_t row, uint64_t fields)
{
	if (marks->count < TALLY_CSV_FIRST_MARKS) {
		marks->rows[marks->count] = row;
		marks->fields[marks->count] = fields;
	}
	marks->count++;
}

/* a record of @len bytes with the number of fields not expected */
static void mark_ragged(struct tally_csv_records *out, size_t len, uint64_t fields)
{
	mark(len ? &out->ragged : &out->blank, out->count, fields);
}

static inline void scan_add(struct scan *scan, size_t len, uint64_t fields)
{
	struct tally_csv_records *out = &scan->out;

	out->fields += fields;
	if (fields > out->widest)
		out->widest = fields;
	if (scan->columns && fields != scan->columns)
		mark_ragged(out, len, fields);
	out->rows[out->count++] = (struct tally_row){ XXH3_64bits(scan->text + scan->start, len),
		                                      scan->start };
}

/* The record begun ends with the line end whose last byte is at @at. */
static inline void scan_emit(struct scan *scan, size_t at, uint64_t fields)
{
	const char *last = scan->text + at;
	size_t len = at - scan->start;

	if (*last == '\r') {
		scan->out.cr++;
	} else if (len && last[-1] == '\r') {
		scan->out.crlf++;
		len--;
	} else {
		scan->out.lf++;
	}
	scan_add(scan, len, fields);
	scan->start = at + 1;
}

/* Steps of csv_scan.inc that are the same for all engines. Masks: bit i stands for byte i of a block of 64. */

#define STEP static inline __attribute__((always_inline))

/* what is known of the record begun */
struct scan_record {
	uint64_t fields;
	uint64_t quoted;
};

/* what a block must know of the byte before it */
struct scan_carry {
	uint64_t inside; /* all ones: it is inside quotes */
	uint64_t ok;     /* 1: an opening quote may follow it */
	uint64_t quote;  /* 1: it is a quote */
	uint64_t closes; /* 1: one that closes */
};

/*
 * The 64 bytes at @at and one more. The last of a stretch are copied to @tail; what is made up behind the end is line ends, so
 * that whatever must be followed by one is.
 */
STEP const char *scan_at(const struct scan *scan, size_t at, char tail[65], uint64_t *valid)
{
	size_t left = scan->end - at;

	*valid = ~UINT64_C(0);
	if (left > 64)
		return scan->text + at;
	memset(tail, '\n', 65);
	memcpy(tail, scan->text + at, left);
	if (left < 64)
		*valid = (UINT64_C(1) << left) - 1;
	return tail;
}

/* CR before LF is a part of one line end */
STEP uint64_t scan_before_lf(uint64_t cr, uint64_t lf, const char *p)
{
	return cr & (lf >> 1 | (uint64_t)(p[64] == '\n') << 63);
}

/* CR that ends a record by itself. In the last block the LF behind the last byte is made up. */
STEP uint64_t scan_lone(uint64_t cr, uint64_t before_lf, bool last, uint64_t valid)
{
	uint64_t lone = cr & ~before_lf;

	return last ? (lone | (cr & ~(valid >> 1))) & valid : lone;
}

/* Quotes that open or close in the wrong place; for one that closes it is the byte behind it that is marked. */
STEP uint64_t scan_misplaced(const struct scan_carry *carry, uint64_t quotes, uint64_t in,
                             uint64_t sep, uint64_t may_follow)
{
	uint64_t opens = quotes & in & ~((sep | quotes) << 1 | carry->ok);
	uint64_t closes = ((quotes & ~in) << 1 | carry->closes) & ~(may_follow | quotes);

	return opens | closes;
}

STEP struct scan_carry scan_carry_on(uint64_t quotes, uint64_t in, uint64_t sep)
{
	return (struct scan_carry){
		.inside = (uint64_t)((int64_t)in >> 63),
		.ok = (sep | quotes) >> 63,
		.quote = quotes >> 63,
		.closes = (quotes & ~in) >> 63,
	};
}

/* Emit the records that end in a block. @opened: quotes that open a field */
STEP void scan_ends(struct scan *scan, struct scan_record *record, size_t at, uint64_t ends,
                    uint64_t delims, uint64_t opened)
{
	for (; ends; ends &= ends - 1) {
		const uint64_t below = ends ^ (ends - 1);

		record->fields += (uint64_t)__builtin_popcountll(delims & below);
		scan->quoted += record->quoted + (uint64_t)__builtin_popcountll(opened & below);
		delims &= ~below;
		opened &= ~below;
		scan_emit(scan, at + (size_t)__builtin_ctzll(ends), record->fields);
		*record = (struct scan_record){ 1, 0 };
	}
	record->fields += (uint64_t)__builtin_popcountll(delims);
	record->quoted += (uint64_t)__builtin_popcountll(opened);
}

/* Plain C. */

static inline void words_load(struct tally_words *b, const char *p, uint64_t *high, uint64_t *nul)
{
	for (int i = 0; i < 8; i++) {
		b->w[i] = tally_load_word(p + 8 * i);
		*high |= b->w[i] & UINT64_C(0x8080808080808080);
		*nul |= tally_zero_bytes(b->w[i]);
	}
}

#define SCAN_NAME scan_portable
#define SCAN_TARGET
#define SCAN_BLOCK      struct tally_words
#define SCAN_SPLAT_TYPE uint64_t
#define SCAN_SPLAT(c)   tally_splat((unsigned char)(c))
#define SCAN_SEEN_TYPE  uint64_t seen_high, seen_nul
#define SCAN_SEEN_INIT  seen_high = seen_nul = 0
#define SCAN_SEEN_STORE(scan) \
	((scan)->out.has_high |= seen_high != 0, (scan)->out.has_nul |= seen_nul != 0)
#define SCAN_LOAD(block, p) words_load(&(block), p, &seen_high, &seen_nul)
#define SCAN_MASK(block, c) tally_words_mask(&(block), c)
#define SCAN_PREFIX_XOR(x)  tally_prefix_xor(x)
#include "formats/csv_scan.inc"
#undef SCAN_NAME
#undef SCAN_TARGET
#undef SCAN_BLOCK
#undef SCAN_SPLAT_TYPE
#undef SCAN_SPLAT
#undef SCAN_SEEN_TYPE
#undef SCAN_SEEN_INIT
#undef SCAN_SEEN_STORE
#undef SCAN_LOAD
#undef SCAN_MASK
#undef SCAN_PREFIX_XOR

#if HAVE_AVX2

#define AVX2 __attribute__((target("avx2,pclmul,popcnt,bmi")))

struct avx2_block {
	__m256i a, b;
};

AVX2 static inline uint64_t avx2_mask(const struct avx2_block *block, __m256i c)
{
	uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block->a, c));
	uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(block->b, c));

	return low | (uint64_t)high << 32;
}

/* the least of all bytes is 0 where there was a NUL; all bytes or-ed have the highest bit where one had it */
AVX2 static inline void avx2_load(struct avx2_block *block, const char *p, __m256i *ored,
                                  __m256i *least)
{
	block->a = _mm256_loadu_si256((const __m256i *)(const void *)p);
	block->b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
	*ored = _mm256_or_si256(*ored, _mm256_or_si256(block->a, block->b));
	*least = _mm256_min_epu8(*least, _mm256_min_epu8(block->a, block->b));
}

AVX2 static inline uint64_t avx2_prefix_xor(uint64_t x)
{
	__m128i ones = _mm_set1_epi8((char)0xff);

	return (uint64_t)_mm_cvtsi128_si64(
		_mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)x), ones, 0));
}

#define SCAN_NAME       scan_avx2
#define SCAN_TARGET     AVX2
#define SCAN_BLOCK      struct avx2_block
#define SCAN_SPLAT_TYPE __m256i
#define SCAN_SPLAT(c)   _mm256_set1_epi8((char)(c))
#define SCAN_SEEN_TYPE  __m256i ored, least
#define SCAN_SEEN_INIT  ored = _mm256_setzero_si256(), least = _mm256_set1_epi8(1)
#define SCAN_SEEN_STORE(scan)                                     \
	((scan)->out.has_high |= _mm256_movemask_epi8(ored) != 0, \
	 (scan)->out.has_nul |= _mm256_movemask_epi8(             \
					_mm256_cmpeq_epi8(least, _mm256_setzero_si256())) != 0)
#define SCAN_LOAD(block, p) avx2_load(&(block), p, &ored, &least)
#define SCAN_MASK(block, c) avx2_mask(&(block), c)
#define SCAN_PREFIX_XOR(x)  avx2_prefix_xor(x)
#include "formats/csv_scan.inc"

#endif

bool tally_csv_has(enum tally_csv_engine engine)
{
#if HAVE_AVX2
	if (engine == TALLY_CSV_AVX2)
		return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
		       __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi");
#endif
	return engine != TALLY_CSV_AVX2;
}

static enum scan_stop scan_fast(struct scan *scan)
{
#if HAVE_AVX2
	if (scan->engine == TALLY_CSV_AVX2)
		return scan_avx2(scan);
#endif
	return scan_portable(scan);
}

/* The exact parser. Like the scanner it never looks at what stands before the record. */

struct cursor {
	const char *at;
	const char *end;
	bool whole;
	struct tally_csv_form form;
};

/* @return bytes of the line end at @at, 0 where there is none */
static size_t line_end(const struct cursor *c, const char *at)
{
	if (*at == '\n')
		return 1;
	if (*at != '\r')
		return 0;
	if (c->end - at > 1)
		return at[1] == '\n' ? 2 : c->form.cr_ends;
	return c->form.cr_ends || c->whole;
}

/* The quote that closes the field opened at @at, or NULL. @multi: whether a record could end on the way there */
static const char *closing_quote(const struct cursor *c, const char *at, bool *multi)
{
	*multi = false;
	for (at++; at < c->end; at++) {
		if (*at == (char)c->form.quote) {
			if (c->end - at < 2 || at[1] != (char)c->form.quote)
				return at;
			at++;
		} else if (*at == '\n' || (*at == '\r' && c->form.cr_ends)) {
			*multi = true;
		}
	}
	return NULL;
}

static bool is_delimiter(const struct tally_csv_form *form, char c)
{
	return form->delimiter && (unsigned char)c == form->delimiter;
}

/* Skip to the delimiter or line end that ends a field without quotes. */
static void skip_plain(struct cursor *c, struct tally_csv_one *one)
{
	for (; c->at < c->end; c->at++) {
		if (is_delimiter(&c->form, *c->at) || line_end(c, c->at))
			return;
		if (c->form.quote && *c->at == (char)c->form.quote && !one->unclosed)
			one->stray = true;
	}
}

/* Skip a field that begins with a quote. @return false: it does not end here */
static bool skip_quoted(struct cursor *c, struct tally_csv_one *one)
{
	bool multi;
	const char *close = closing_quote(c, c->at, &multi);

	if (close ? close + 1 == c->end && !c->whole : !c->whole)
		return false;
	if (close &&
	    (close + 1 == c->end || is_delimiter(&c->form, close[1]) || line_end(c, close + 1))) {
		one->quoted++;
		c->at = close + 1;
		return true;
	}
	if (close && !multi) {
		one->stray = true;
		c->at = close + 1;
	} else {
		one->unclosed = true;
		c->at++;
	}
	skip_plain(c, one);
	return true;
}

bool tally_csv_one_record(struct tally_csv_one *one, const char *text, const char *end, bool whole,
                          const struct tally_csv_form *form)
{
	struct cursor c = { text, end, whole, *form };

	*one = (struct tally_csv_one){ .fields = 1 };
	for (;;) {
		if (c.at < end && form->quote && *c.at == (char)form->quote) {
			if (!skip_quoted(&c, one))
				return false;
		} else {
			skip_plain(&c, one);
		}
		if (c.at >= end || !is_delimiter(form, *c.at))
			break;
		c.at++;
		one->fields++;
	}
	one->ended = c.at < end;
	one->next = c.at + (one->ended ? line_end(&c, c.at) : 0);
	return one->ended || whole;
}

static void note_bytes(struct tally_csv_records *out, const char *from, const char *to)
{
	for (; from < to; from++) {
		out->has_high |= (*from & 0x80) != 0;
		out->has_nul |= !*from;
	}
}

/* One record the slow way. @return false: it does not end in this stretch */
static bool scan_slow(struct scan *scan)
{
	const char *start = scan->text + scan->start;
	struct tally_csv_one one;

	if (!tally_csv_one_record(&one, start, scan->text + scan->end, scan->whole, &scan->form))
		return false;
	note_bytes(&scan->out, start, one.next);
	if (one.stray)
		mark(&scan->out.stray, scan->out.count, one.fields);
	if (one.unclosed)
		mark(&scan->out.unclosed, scan->out.count, one.fields);
	scan->quoted += one.quoted;
	scan->out.final_newline = one.ended;
	if (one.ended) {
		scan_emit(scan, (size_t)(one.next - scan->text) - 1, one.fields);
	} else {
		scan_add(scan, (size_t)(one.next - start), one.fields);
		scan->start = scan->end;
	}
	return true;
}

/* Split what lies before scan->end. What is left there, from scan->start on, does not end in it. */
static void scan_part(struct scan *scan)
{
	while (scan->start < scan->end && !scan->nomem) {
		enum scan_stop stop = scan_fast(scan);

		if (stop == SCAN_NOMEM || !scan_reserve(scan))
			scan->nomem = true;
		else if (scan->start < scan->end && (stop == SCAN_STRAY || scan->whole) &&
		         !scan_slow(scan))
			return;
		else if (stop == SCAN_END && !scan->whole)
			return;
	}
}

/*
 * Split a stretch, part by part where somebody wants to know how far it is. A record that does not end in its part is begun
 * again with the next one, which is therefore longer each time.
 */
static void scan_run(struct scan *scan)
{
	const bool whole = scan->whole;
	size_t step = scan->step;

	scan->began = scan->start;
	scan->last = scan->end;
	scan->out.final_newline = true;
	while (scan->passed && scan->last - scan->start > step && !scan->nomem) {
		size_t from = scan->start;

		scan->end = from + step;
		while (scan->end < scan->last && scan->text[scan->end - 1] == '\r')
			scan->end++; /* not behind half a line end */
		scan->whole = false;
		scan_part(scan);
		if (scan->start == from)
			step *= 2;
		else
			scan->passed(scan->payload, from, scan->start - from);
	}
	scan->end = scan->last;
	scan->whole = whole;
	if (!scan->nomem)
		scan_part(scan);
}

static void *scan_thread(void *payload)
{
	scan_run(payload);
	return NULL;
}

/* Does every record from here on have the number of fields expected, and all quotes in place? */
static bool looks_right(const struct scan *scan, const char *at, const char *end)
{
	for (int i = 0; i < CHUNK_RECORDS && at < end; i++) {
		struct tally_csv_one one;

		if (!tally_csv_one_record(&one, at, end, false, &scan->form))
			return i > 0;
		if (one.stray || one.unclosed || (scan->columns && one.fields != scan->columns))
			return false;
		at = one.next;
	}
	return true;
}

/*
 * A guess where a record begins, at or behind @from; @end where none is found. A line end inside quotes is told from one
 * outside by what follows. A wrong guess costs time, never correctness.
 */
static size_t guess_start(const struct scan *scan, size_t from, size_t end)
{
	size_t window = end - from < CHUNK_WINDOW ? end : from + CHUNK_WINDOW;
	size_t first = end;
	int tries = 0;

	for (size_t at = from; at < window && tries < CHUNK_TRIES; at++) {
		char c = scan->text[at];

		if (c != '\n' &&
		    !(c == '\r' && scan->form.cr_ends && at + 1 < end && scan->text[at + 1] != '\n'))
			continue;
		if (first == end)
			first = at + 1;
		if (looks_right(scan, scan->text + at + 1, scan->text + window))
			return at + 1;
		tries++;
	}
	return first;
}

static void add_marks(struct tally_csv_marks *to, const struct tally_csv_marks *from, size_t base)
{
	for (uint64_t i = 0; i < from->count && i < TALLY_CSV_FIRST_MARKS; i++) {
		uint64_t at = to->count + i;

		if (at >= TALLY_CSV_FIRST_MARKS)
			break;
		to->rows[at] = from->rows[i] + base;
		to->fields[at] = from->fields[i];
	}
	to->count += from->count;
}

static void add_counts(struct tally_csv_records *to, const struct tally_csv_records *from)
{
	size_t base = to->count;

	to->fields += from->fields;
	if (from->widest > to->widest)
		to->widest = from->widest;
	to->quoted += from->quoted;
	to->lf += from->lf;
	to->crlf += from->crlf;
	to->cr += from->cr;
	to->final_newline = from->final_newline;
	to->has_nul |= from->has_nul;
	to->has_high |= from->has_high;
	add_marks(&to->ragged, &from->ragged, base);
	add_marks(&to->blank, &from->blank, base);
	add_marks(&to->stray, &from->stray, base);
	add_marks(&to->unclosed, &from->unclosed, base);
}

/* Append the records of a stretch; its rows are taken over where they are the first. */
static bool append(struct tally_csv_records *to, struct scan *scan, size_t all_rows)
{
	struct tally_csv_records *from = &scan->out;
	struct tally_row *grown;

	from->quoted = scan->quoted;
	add_counts(to, from);
	if (!to->rows) {
		to->rows = from->rows;
		from->rows = NULL;
	}
	if (from->rows || to->count + from->count < all_rows) {
		size_t want = to->count + from->count > all_rows ? to->count + from->count : all_rows;

		grown = tally_realloc(to->rows, want, sizeof *grown);
		if (!grown)
			return false;
		tally_mem_large(grown, want * sizeof *grown);
		to->rows = grown;
	}
	if (from->rows && from->count)
		memcpy(to->rows + to->count, from->rows, from->count * sizeof *to->rows);
	to->count += from->count;
	tally_free(from->rows);
	from->rows = NULL;
	return true;
}

static void reset(struct scan *scan, size_t start)
{
	tally_free(scan->out.rows);
	scan->out = (struct tally_csv_records){ 0 };
	scan->cap = 0;
	scan->quoted = 0;
	scan->start = start;
}

/*
 * Put the stretches together. One whose guess was right begins where the one before it stopped; another is split again from
 * there, which is the answer whatever was guessed, since a record does not depend on what stands before it.
 */
static bool join(struct tally_csv_records *out, struct scan *scans, const size_t *starts, size_t n)
{
	size_t at = starts[0];
	size_t all = 0;

	for (size_t i = 0; i < n; i++)
		all += scans[i].out.count;
	for (size_t i = 0; i < n; i++) {
		if (starts[i] != at) {
			reset(&scans[i], at);
			scan_run(&scans[i]);
		}
		at = scans[i].start;
		if (scans[i].nomem || !append(out, &scans[i], all))
			return false;
	}
	return true;
}

static size_t cut(struct scan *scans, size_t *starts, size_t n, size_t len)
{
	size_t used = 1;

	starts[0] = 0;
	for (size_t i = 1; i < n; i++) {
		size_t start = guess_start(&scans[0], len / n * i, len);

		if (start > starts[used - 1] && start < len)
			starts[used++] = start;
	}
	for (size_t i = 0; i < used; i++) {
		scans[i] = scans[0];
		scans[i].start = starts[i];
		scans[i].end = i + 1 < used ? starts[i + 1] : len;
		scans[i].whole = i + 1 == used;
	}
	return used;
}

static void run_all(struct scan *scans, size_t n)
{
	pthread_t threads[THREADS_MOST];
	bool started[THREADS_MOST] = { false };

	for (size_t i = 1; i < n; i++)
		started[i] = pthread_create(&threads[i], NULL, scan_thread, &scans[i]) == 0;
	for (size_t i = 0; i < n; i++)
		if (!started[i])
			scan_run(&scans[i]);
	for (size_t i = 1; i < n; i++)
		if (started[i])
			pthread_join(threads[i], NULL);
}

static size_t count_chunks(size_t len, const struct tally_csv_split_options *options)
{
	size_t chunk = options->chunk ? options->chunk : CHUNK_DEFAULT;
	size_t n = options->threads > 1 ? len / chunk : 1;

	if (n > options->threads)
		n = options->threads;
	if (n > THREADS_MOST)
		n = THREADS_MOST;
	return n ? n : 1;
}

static enum tally_csv_engine pick(enum tally_csv_engine engine)
{
	if (engine != TALLY_CSV_PORTABLE && tally_csv_has(TALLY_CSV_AVX2))
		return TALLY_CSV_AVX2;
	return TALLY_CSV_PORTABLE;
}

enum tally_status tally_csv_split(struct tally_csv_records *out, const char *text, size_t len,
                                  const struct tally_csv_split_options *options,
                                  struct tally_err *err)
{
	size_t n = count_chunks(len, options);
	struct scan *scans = tally_alloc_zero(n, sizeof *scans);
	size_t starts[THREADS_MOST];
	bool done;

	*out = (struct tally_csv_records){ .final_newline = true };
	if (!scans)
		return tally_err_nomem(err);
	scans[0].text = text;
	scans[0].form = options->form;
	scans[0].columns = options->columns;
	scans[0].engine = pick(options->engine);
	scans[0].passed = options->passed;
	scans[0].step = options->step ? options->step : PASSED_STEP;
	scans[0].payload = options->payload;
	n = cut(scans, starts, n, len);
	run_all(scans, n);
	done = join(out, scans, starts, n);
	for (size_t i = 0; i < n; i++)
		tally_free(scans[i].out.rows);
	tally_free(scans);
	if (!done) {
		tally_csv_records_release(out);
		return tally_err_nomem(err);
	}
	out->sure = out->unclosed.count ? out->unclosed.rows[0] : out->count;
	return TALLY_OK;
}

void tally_csv_records_release(struct tally_csv_records *records)
{
	tally_free(records->rows);
	*records = (struct tally_csv_records){ 0 };
}

void tally_csv_raw(const struct tally_row *rows, size_t count, size_t row, const char *text,
                   size_t len, const char **bytes, size_t *bytes_len)
{
	size_t start = (size_t)rows[row].offset;
	size_t end = row + 1 < count ? (size_t)rows[row + 1].offset : len;

	/* A record that has no line end is the last one; it ends in no CR or LF, because a CR there is a line end. */
	if (end > start && text[end - 1] == '\n') {
		end--;
		if (end > start && text[end - 1] == '\r')
			end--;
	} else if (end > start && text[end - 1] == '\r') {
		end--;
	}
	*bytes = text + start;
	*bytes_len = end - start;
}

void tally_csv_fields_init(struct tally_csv_fields *fields, const char *bytes, size_t len,
                           const struct tally_csv_form *form)
{
	*fields = (struct tally_csv_fields){ bytes, bytes + len, *form, false };
}

static const char *next_delimiter(const struct tally_csv_fields *f, const char *at)
{
	const char *found = f->form.delimiter && at < f->end
	                            ? memchr(at, f->form.delimiter, (size_t)(f->end - at))
	                            : NULL;

	return found ? found : f->end;
}

/* The field begun with a quote at f->at, without what is behind it. @return its end, NULL where the quote is a stray one */
static const char *quoted_field(const struct tally_csv_fields *f, struct tally_csv_field *field)
{
	const char *at = f->at + 1;

	field->doubled = false;
	while ((at = at < f->end ? memchr(at, f->form.quote, (size_t)(f->end - at)) : NULL)) {
		if (f->end - at < 2 || (unsigned char)at[1] != f->form.quote)
			break;
		field->doubled = true;
		at += 2;
	}
	if (at && (at + 1 == f->end || is_delimiter(&f->form, at[1]))) {
		*field = (struct tally_csv_field){ f->at + 1, (size_t)(at - f->at) - 1, true,
			                           field->doubled, false };
		return at + 1;
	}
	field->doubled = false;
	at = next_delimiter(f, at ? at + 1 : f->at + 1);
	*field = (struct tally_csv_field){ f->at, (size_t)(at - f->at), false, false, true };
	return at;
}

bool tally_csv_fields_next(struct tally_csv_fields *f, struct tally_csv_field *field)
{
	const char *end;

	if (f->done)
		return false;
	if (f->form.quote && f->at < f->end && (unsigned char)*f->at == f->form.quote) {
		end = quoted_field(f, field);
	} else {
		end = next_delimiter(f, f->at);
		*field = (struct tally_csv_field){ f->at, (size_t)(end - f->at), false, false, false };
		field->stray = f->form.quote && field->len &&
		               memchr(field->bytes, f->form.quote, field->len);
	}
	f->done = end == f->end;
	f->at = end + !f->done;
	return true;
}

size_t tally_csv_unquote(char *out, const struct tally_csv_field *field, unsigned char quote)
{
	size_t n = 0;

	for (size_t i = 0; i < field->len; i++) {
		out[n++] = field->bytes[i];
		if (quote && (unsigned char)field->bytes[i] == quote)
			i++;
	}
	return n;
}
