/* Workbooks of Excel 5 to 2003 (.xls): which files are such, and from their stream to tables ([MS-XLS] 2.1.2). */
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/archive.h"
#include "formats/format.h"
#include "formats/ole.h"
#include "formats/sheet_header.h"
#include "formats/xls.h"

static const char *const suffixes[] = { ".xls", ".xlt", NULL };

static const char *const facts[] = {
	"hidden_sheet", "hidden_rows", "hidden_columns", "merged_cells", "comment", "macro", NULL
};

enum { BITS_BARE = 24 };

/* The first record of a workbook that is in no compound file (Excel 2 to 4, and some later): BOF, its length, its version (2.4.21). */
static bool begins_bare(const unsigned char *bytes, size_t len)
{
	if (len <= 8 || bytes[0] != 9 || bytes[3] != 0)
		return false;
	if (bytes[1] == 8)
		return (bytes[2] == 8 || bytes[2] == 16) && bytes[4] == 0 &&
		       (bytes[5] == 5 || bytes[5] == 6) && bytes[7] == 0;
	return (bytes[1] == 0 || bytes[1] == 2 || bytes[1] == 4) &&
	       (bytes[2] == 4 || bytes[2] == 6) && bytes[7] == 0 &&
	       (bytes[6] == 0x10 || bytes[6] == 0x20 || bytes[6] == 0x40);
}

static int xls_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	(void)name;
	if (tally_ole_begins(bytes, len))
		return TALLY_OLE_BITS;
	return begins_bare(bytes, len) ? BITS_BARE : 0;
}

/* One that is damaged counts as one by what is left of its table of contents, or by its name: the reader says what is wrong. */
static enum tally_status xls_confirm(struct tally_source *src, struct tally_err *err)
{
	static const struct tally_limits limits = TALLY_LIMITS_INIT;
	const unsigned char *bytes;
	struct tally_ole_file *file;
	size_t len;
	bool is;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	if (st < 0 || !tally_ole_begins(bytes, len))
		return st;
	if (tally_ole_open(&file, src, &limits, err) >= 0) {
		is = tally_ole_find(file, "Workbook") || tally_ole_find(file, "Book");
		tally_ole_close(file);
		return is ? TALLY_OK : TALLY_END;
	}
	if (tally_archive_named(tally_source_name(src), suffixes))
		return TALLY_OK;
	st = tally_ole_has(src, "Workbook", err);
	return st == TALLY_END ? tally_ole_has(src, "Book", err) : st;
}

/* ---- from records to tables ---- */

struct xls_reading {
	struct tally_xls x;
	const struct tally_read_options *options;
	struct tally_ole_file *file; /* NULL: the stream is the file */
	bool two;                    /* it holds a second workbook, for Excel 5 */
};

static enum tally_status push_note(struct xls_reading *r, const struct tally_note *note,
                                   struct tally_err *err)
{
	const struct tally_sink *sink = r->x.sink;

	return sink->note ? sink->note(sink->payload, note, err) : TALLY_OK;
}

/* What leaves doubt about the values of cells */
static enum tally_status note_doubts(struct xls_reading *r, const struct tally_part *part,
                                     struct tally_err *err)
{
	static const char *const doubtful[] = { "cell_twice", "row_twice", "string_missing",
		                                "bad_number", "bad_text" };
	enum { DOUBTS = sizeof doubtful / sizeof *doubtful };
	enum tally_status st = TALLY_OK;
	char where[160], detail[128];

	for (size_t i = 0; i < part->problem_count * DOUBTS && st >= 0; i++) {
		const struct tally_problem *p = &part->problems[i / DOUBTS];
		const struct tally_note note = { .reason = TALLY_REASON_MALFORMED,
			                         .detail = detail,
			                         .where = where };

		if (strcmp(p->what, doubtful[i % DOUBTS]) != 0)
			continue;
		snprintf(where, sizeof where, "sheet '%.100s', row %llu", part->name,
		         (unsigned long long)p->row);
		snprintf(detail, sizeof detail, "%s%s", p->detail,
		         p->count > 1 ? ", and others like it" : "");
		st = push_note(r, &note, err);
	}
	return st;
}

static enum tally_status push_part(struct xls_reading *r, struct tally_part *part,
                                   struct tally_err *err)
{
	const struct tally_sink *sink = r->x.sink;
	enum tally_status st;

	part->values_only = true;
	st = tally_sheet_header(part, r->options->header, err);
	if (st >= 0)
		st = tally_part_property(part, "date_system", r->x.date1904 ? "1904" : "1900", err);
	if (st >= 0)
		st = note_doubts(r, part, err);
	if (st >= 0 && sink->part)
		return sink->part(sink->payload, part, err);
	tally_part_free(part);
	return st;
}

static enum tally_status read_sheet(struct xls_reading *r, const struct tally_xls_sheet *sheet,
                                    struct tally_err *err)
{
	struct tally_part *part;
	enum tally_status st;

	if (!tally_xls_stretch(&r->x, sheet->at))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                     "sheet '%.100s' is not where it should be", sheet->name);
	if (tally_xls_stretch(&r->x, sheet->at) != TALLY_XLS_WORKSHEET)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_AMBIGUOUS_CONTAINER,
		                     "sheet '%.100s' is told to be of another kind than it is",
		                     sheet->name);
	st = tally_xls_read_sheet(&r->x, sheet, &part, err);
	return st < 0 ? st : push_part(r, part, err);
}

/* Is it only this sheet that cannot be read? */
static bool is_damage(const struct tally_err *why)
{
	return why->status == TALLY_SKIP && (why->reason == TALLY_REASON_DAMAGED ||
	                                     why->reason == TALLY_REASON_AMBIGUOUS_CONTAINER);
}

static enum tally_status note_sheet(struct xls_reading *r, const struct tally_xls_sheet *sheet,
                                    const struct tally_err *why, struct tally_err *err)
{
	char where[160];
	const struct tally_note note = { .reason = why->reason,
		                         .detail = why->message,
		                         .where = where,
		                         .sheet = sheet->name,
		                         .about = TALLY_NOTE_MEMBER };

	snprintf(where, sizeof where, "sheet '%.100s'", sheet->name);
	return push_note(r, &note, err);
}

enum { LOST_MOST = 64 }; /* sheets that may be left out; what lacks more is not worth comparing */

/* A sheet that cannot be read costs only itself, unless there is no other one. */
static enum tally_status read_sheets(struct xls_reading *r, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	struct tally_err why = { 0 };
	size_t lost = 0, any = 0;

	for (size_t i = 0; i < r->x.sheet_count && st >= 0; i++) {
		const struct tally_xls_sheet *sheet = &r->x.sheets[i];

		if (sheet->kind)
			continue;
		st = read_sheet(r, sheet, &why);
		any += st >= 0;
		if (st < 0 && is_damage(&why) && lost++ < LOST_MOST)
			st = note_sheet(r, sheet, &why, &why);
	}
	if (st >= 0 && !any)
		st = lost ? why.status
		          : tally_err_set(&why, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                          "a workbook without a sheet of cells");
	if (st < 0 && err)
		*err = why;
	return st;
}

/* ---- what is not read ---- */

static void name_sheets(const struct tally_xls *x, uint8_t kind, const char *what, char *to,
                        size_t room)
{
	size_t len = strlen(to), count = 0;

	for (size_t i = 0; i < x->sheet_count; i++) {
		if (x->sheets[i].kind != kind || len + 200 > room)
			continue;
		len += (size_t)snprintf(to + len, room - len, "%s'%.60s'", count++ ? ", " : what,
		                        x->sheets[i].name);
	}
}

static enum tally_status note_unread(struct xls_reading *r, struct tally_err *err)
{
	char detail[1024] = "formulas (their results were compared), number formats, styles, charts, "
			    "pictures and links are not read";
	const struct tally_note note = { .reason = TALLY_REASON_FORMULAS_UNREAD,
		                         .detail = detail,
		                         .about = TALLY_NOTE_REMARK };
	const struct tally_note texts = { .reason = TALLY_REASON_MALFORMED,
		                          .detail = "texts in a code page that is not known, which "
		                                    "were taken byte by byte" };
	enum tally_status st = TALLY_OK;

	name_sheets(&r->x, 2, "; charts that are sheets: ", detail, sizeof detail);
	name_sheets(&r->x, 1, "; sheets of macros: ", detail, sizeof detail);
	name_sheets(&r->x, 6, "; modules: ", detail, sizeof detail);
	if (r->two)
		strcat(detail, "; nor is its copy for Excel 5");
	if (r->x.strange_texts)
		st = push_note(r, &texts, err);
	return st < 0 ? st : push_note(r, &note, err);
}

/* ---- the file ---- */

static enum tally_status read_workbook(struct xls_reading *r, struct tally_scratch *scratch,
                                       struct tally_err *err)
{
	struct tally_xls *x = &r->x;
	enum tally_status st = tally_sheet_book_new(&x->book, x->limits, err);

	if (st >= 0)
		tally_sheet_book_scratch(x->book, scratch);
	if (st >= 0)
		st = tally_xls_globals(x, err);
	if (st >= 0)
		st = read_sheets(r, err);
	if (st >= 0 && x->sink->fact)
		st = tally_xls_facts_book(x, r->file, err);
	return st < 0 ? st : note_unread(r, err);
}

/* The stream of the workbook: of a compound file, or the file itself. */
static enum tally_status open_stream(struct xls_reading *r, struct tally_source *src, char **bytes,
                                     struct tally_err *err)
{
	const struct tally_ole_entry *entry, *old;
	const unsigned char *first;
	uint64_t max = r->x.limits->table_bytes;
	enum tally_status st = tally_source_peek(src, &first, &r->x.len, err);

	if (st < 0)
		return st;
	if (!tally_ole_begins(first, r->x.len))
		return tally_source_slurp(src, max, 1, bytes, &r->x.len, err);
	st = tally_ole_open(&r->file, src, r->x.limits, err);
	if (st < 0)
		return st;
	entry = tally_ole_find(r->file, "Workbook");
	old = tally_ole_find(r->file, "Book");
	r->two = entry && old;
	if (!entry)
		entry = old;
	if (!entry || !entry->stream)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                     "the stream of the workbook is missing");
	return tally_ole_stream(r->file, entry, max, bytes, &r->x.len, err);
}

static void release(struct tally_xls *x)
{
	tally_sheet_book_free(x->book);
	tally_office_facts_release(&x->office);
	tally_buf_release(&x->strings);
	tally_buf_release(&x->text);
	tally_free(x->sheets);
	tally_free(x->formats);
	tally_free(x->styles);
	tally_free(x->shown);
	tally_free(x->ends);
}

static enum tally_status xls_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct xls_reading r = { .options = options };
	struct tally_xls *x = &r.x;
	char *bytes = NULL;
	enum tally_status st;

	x->limits = options->limits ? options->limits : &defaults;
	x->sink = sink;
	tally_buf_init(&x->strings, (size_t)x->limits->table_bytes);
	tally_buf_init(&x->text, (size_t)x->limits->xml_token_bytes);
	tally_office_facts_init(&x->office, NULL, sink, x->limits);
	st = open_stream(&r, src, &bytes, err);
	x->bytes = (const unsigned char *)bytes;
	if (st >= 0)
		st = read_workbook(&r, tally_source_scratch(src), err);
	release(x);
	tally_ole_close(r.file);
	tally_free(bytes);
	return st < 0 ? st : TALLY_PARTIAL;
}

const struct tally_format tally_format_xls = {
	.version = TALLY_FORMAT_VERSION,
	.name = "xls",
	.suffixes = suffixes,
	.facts = facts,
	.caps = TALLY_CAP_ROWS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = xls_probe,
	.confirm = xls_confirm,
	.read = xls_read,
};
