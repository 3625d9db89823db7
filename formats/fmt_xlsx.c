/* Workbooks of Office Open XML: .xlsx, .xlsm and their templates (ECMA-376, strict and transitional). */
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/format.h"
#include "formats/office_file.h"
#include "formats/sheet_header.h"
#include "formats/xlsx.h"
#include "formats/xlsx_facts.h"

static const char *const suffixes[] = { ".xlsx", ".xlsm", ".xltx", ".xltm", ".xlam", ".xlsb", NULL };

static const char binary[] = "application/vnd.ms-excel.sheet.binary.macroEnabled.main";

static const char *const types[] = {
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
	"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
	"application/vnd.ms-excel.template.macroEnabled.main+xml",
	"application/vnd.ms-excel.addin.macroEnabled.main+xml",
	binary,
	NULL,
};

static int xlsx_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	return tally_office_probe(bytes, len, name, suffixes, "xl/");
}

static enum tally_status xlsx_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_office_confirm(src, types, suffixes, "xl/", err);
}

/* ---- from parts to tables ---- */

struct xlsx_reading {
	struct tally_xlsx x;
	const struct tally_read_options *options;
	const struct tally_sink *sink;
	struct tally_xlsx_facts *facts; /* NULL: nobody wants them */
	struct tally_scratch *scratch;
	bool partial;
};

static enum tally_status push_note(struct xlsx_reading *r, enum tally_reason reason,
                                   const char *detail, const char *where, struct tally_err *err)
{
	const struct tally_note note = { .reason = reason, .detail = detail, .where = where };

	r->partial = true;
	return r->sink->note ? r->sink->note(r->sink->payload, &note, err) : TALLY_OK;
}

/* ---- properties ---- */

/* what leaves doubt about cells' values or places */
static enum tally_status note_doubts(struct xlsx_reading *r, const struct tally_part *part,
                                     struct tally_err *err)
{
	static const char *const doubtful[] = { "cell_twice",     "row_twice",
		                                "string_missing", "formula_missing",
		                                "bad_reference",  "bad_number" };
	enum tally_status st = TALLY_OK;
	char where[200], more[32];

	for (size_t i = 0; i < part->problem_count && st >= 0; i++) {
		const struct tally_problem *p = &part->problems[i];

		for (size_t k = 0; k < sizeof doubtful / sizeof *doubtful && st >= 0; k++) {
			if (strcmp(p->what, doubtful[k]) != 0)
				continue;
			*more = '\0';
			if (p->count > 1)
				snprintf(more, sizeof more, " and %llu more",
				         (unsigned long long)p->count - 1);
			snprintf(where, sizeof where, "sheet '%.100s', row %llu%s", part->name,
			         (unsigned long long)p->row, more);
			st = push_note(r, TALLY_REASON_MALFORMED, p->detail, where, err);
		}
	}
	return st;
}

static enum tally_status push_part(struct xlsx_reading *r, struct tally_part *part,
                                   struct tally_err *err)
{
	enum tally_status st = tally_sheet_header(part, r->options->header, err);

	if (st >= 0)
		st = tally_part_property(part, "date_system", r->x.date1904 ? "1904" : "1900", err);
	if (st >= 0)
		st = note_doubts(r, part, err);
	if (st < 0 || !r->sink->part) {
		tally_part_free(part);
		return st;
	}
	return r->sink->part(r->sink->payload, part, err);
}

/* one default font for all cells is part of how each of them looks */
static enum tally_status push_looks(struct xlsx_reading *r, const char *sheet, struct tally_err *err)
{
	const struct tally_xlsx_looks *looks = &r->x.looks;

	return tally_xlsx_facts_looks(r->facts, sheet, looks->sum + r->x.first_look, looks->blank,
	                              looks->white, err);
}

static enum tally_status read_sheet(struct xlsx_reading *r, const struct tally_xlsx_sheet *sheet,
                                    struct tally_err *err)
{
	const struct tally_xml_handler *rest = r->facts ? tally_xlsx_facts_sheet(
								  r->facts, sheet->part, sheet->name)
	                                                : NULL;
	struct tally_part *part = NULL;
	enum tally_status st = tally_xlsx_read_sheet(&r->x, sheet, rest, &part, err);

	if (st >= 0 && part)
		st = push_part(r, part, err);
	return st >= 0 && r->facts ? push_looks(r, sheet->name, err) : st;
}

/* Is it only this sheet that cannot be read? */
static bool is_damage(const struct tally_err *why)
{
	return why->status == TALLY_SKIP &&
	       (why->reason == TALLY_REASON_DAMAGED || why->reason == TALLY_REASON_MALFORMED);
}

static enum tally_status read_or_say(struct xlsx_reading *r, const struct tally_xlsx_sheet *sheet,
                                     struct tally_err *why)
{
	if (sheet->kind == TALLY_XLSX_MISSING)
		return tally_err_set(why, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                     "the part of its sheet '%.100s' is missing", sheet->name);
	return read_sheet(r, sheet, why);
}

static enum tally_status note_sheet(struct xlsx_reading *r, const struct tally_xlsx_sheet *sheet,
                                    const struct tally_err *why, struct tally_err *err)
{
	char where[160];
	const struct tally_note note = { .reason = why->reason,
		                         .detail = why->message,
		                         .where = where,
		                         .sheet = sheet->name,
		                         .about = TALLY_NOTE_MEMBER };

	snprintf(where, sizeof where, "sheet '%.100s'", sheet->name);
	r->partial = true;
	return r->sink->note ? r->sink->note(r->sink->payload, &note, err) : TALLY_OK;
}

enum {
	LOST_MOST = 64
}; /* sheets of a workbook that may be left out; one that lacks more is not worth comparing */

/* A sheet that cannot be read costs only itself, unless there is no other one. */
static enum tally_status read_sheets(struct xlsx_reading *r, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	struct tally_err first = { 0 };
	size_t lost = 0;
	bool any = false;

	for (size_t i = 0; i < r->x.sheet_count && st >= 0; i++) {
		const struct tally_xlsx_sheet *sheet = &r->x.sheets[i];
		struct tally_err why = { 0 };
		enum tally_status read = TALLY_OK;

		if (sheet->kind != TALLY_XLSX_CHARTSHEET)
			read = read_or_say(r, sheet, &why);
		any |= read >= 0;
		if (read >= 0)
			continue;
		if (!first.status)
			first = why;
		st = read;
		if (is_damage(&why) && lost++ < LOST_MOST)
			st = note_sheet(r, sheet, &why, &why);
		if (st < 0 && err)
			*err = why;
	}
	if (st < 0 || any)
		return st;
	if (!first.status)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                     "a workbook without a sheet");
	if (err)
		*err = first;
	return first.status;
}

/* Facts of the sheets come with their cells, the others at the end. */
static enum tally_status read_sheets_and_facts(struct xlsx_reading *r, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (r->sink->fact)
		st = tally_xlsx_facts_new(&r->facts, r->x.package, r->sink, r->x.limits, err);
	if (st >= 0)
		st = read_sheets(r, err);
	if (st >= 0 && r->facts)
		st = tally_xlsx_facts_more_looks(r->facts, r->x.rule_looks, r->x.run_looks, err);
	if (st >= 0 && r->facts)
		st = tally_xlsx_facts_finish(r->facts, err);
	tally_xlsx_facts_free(r->facts);
	r->partial |= st == TALLY_PARTIAL;
	return st == TALLY_PARTIAL ? TALLY_OK : st;
}

static enum tally_status read_workbook(struct xlsx_reading *r, struct tally_err *err)
{
	struct tally_xlsx *x = &r->x;
	const char *type;
	enum tally_status st = tally_office_main(x->package, &x->main, &type, err);

	if (st >= 0 && type && !strcmp(type, binary))
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                   "a binary workbook (XLSB), which is not read");
	else if (st >= 0 && !tally_office_is_one_of(type, types))
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                   "a package that is no workbook");
	if (st >= 0)
		st = tally_sheet_book_new(&x->book, x->limits, err);
	if (st >= 0)
		tally_sheet_book_scratch(x->book, r->scratch);
	if (st >= 0)
		st = tally_xlsx_read_workbook(x, err);
	if (st >= 0)
		st = tally_xlsx_read_styles(x, err);
	if (st >= 0)
		st = tally_xlsx_read_strings(x, err);
	return st < 0 ? st : read_sheets_and_facts(r, err);
}

static void release(struct tally_xlsx *x)
{
	tally_package_close(x->package);
	tally_sheet_book_free(x->book);
	tally_arena_release(&x->arena);
	tally_buf_release(&x->strings);
	tally_free(x->sheets);
	tally_free(x->formats);
	tally_free(x->ends);
}

static enum tally_status xlsx_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct xlsx_reading r = { .options = options,
		                  .sink = sink,
		                  .scratch = tally_source_scratch(src) };
	enum tally_status st;

	r.x.limits = options->limits ? options->limits : &defaults;
	tally_buf_init(&r.x.strings, (size_t)r.x.limits->table_bytes);
	st = tally_package_open(&r.x.package, src, r.x.limits, err);
	if (st >= 0)
		st = read_workbook(&r, err);
	release(&r.x);
	return st == TALLY_OK && r.partial ? TALLY_PARTIAL : st;
}

const struct tally_format tally_format_xlsx = {
	.version = TALLY_FORMAT_VERSION,
	.name = "xlsx",
	.suffixes = suffixes,
	.caps = TALLY_CAP_ROWS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = xlsx_probe,
	.confirm = xlsx_confirm,
	.read = xlsx_read,
};
