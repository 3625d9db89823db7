/* What old workbooks say besides cells: hidden and merged ones, comments, names, sheets, macros. Sections are those of [MS-XLS]. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "core/hash.h"
#include "core/mem.h"
#include "formats/formula.h"
#include "formats/xls.h"

enum { RANGES_SHOWN = 40 }; /* the same as in other workbooks, so that they compare */

/* A comment whose text may come later */
struct tally_xls_note {
	uint32_t row, column, object;
	const char *by;   /* or NULL */
	const char *text; /* BIFF5; NULL: the object has it */
};

static const char *text_of(const struct tally_xls *x)
{
	return x->text.len ? x->text.bytes : "";
}

static void put_cell(struct tally_fact_text *t, uint32_t row, uint32_t column)
{
	char text[24];

	tally_fact_text_add(t, text, tally_cell_reference_text(text, row, column));
}

/* Where a fact stands: the sheet, or a cell of it */
static void at_sheet(struct tally_xls *x, const char *sheet)
{
	tally_fact_text_clear(&x->office.where);
	tally_fact_text_put(&x->office.where, sheet);
}

static void at_cell(struct tally_xls *x, const char *sheet, uint32_t row, uint32_t column)
{
	at_sheet(x, sheet);
	tally_fact_text_put(&x->office.where, "!");
	put_cell(&x->office.where, row, column);
}

/* ---- hidden rows and columns ---- */

static void put_end(struct tally_fact_text *t, uint32_t n, bool column)
{
	char text[24];

	if (column)
		tally_fact_text_add(t, text, tally_cell_reference_text(text, 0, n - 1) - 1);
	else
		tally_fact_text_number(t, n);
}

static void end_range(struct tally_xls_hidden *h, bool columns)
{
	const uint64_t ends[2] = { h->first, h->last };

	if (!h->first)
		return;
	h->count += h->last - h->first + 1;
	h->hash = tally_hash64(ends, sizeof ends, h->hash);
	if (h->ranges++ < RANGES_SHOWN) {
		tally_fact_text_put(&h->text, h->ranges > 1 ? ", " : "");
		put_end(&h->text, h->first, columns);
		if (h->last > h->first) {
			tally_fact_text_put(&h->text, ":");
			put_end(&h->text, h->last, columns);
		}
	}
	h->first = h->last = 0;
}

static void hide(struct tally_xls_hidden *h, uint32_t first, uint32_t last, bool columns)
{
	if (last < first)
		return;
	if (h->first && first == h->last + 1) {
		h->last = last;
		return;
	}
	end_range(h, columns);
	h->first = first;
	h->last = last;
}

static enum tally_status push_hidden(struct tally_xls_facts *f, struct tally_xls_hidden *h,
                                     const char *name, struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(&f->x->office);
	char rest[80];

	end_range(h, h == &f->columns);
	if (!h->count)
		return TALLY_OK;
	tally_fact_text_join(t, &h->text);
	if (h->ranges > RANGES_SHOWN) {
		snprintf(rest, sizeof rest, " \u2026 (%" PRIu64 " in all, %016" PRIx64 ")",
		         h->count, h->hash);
		tally_fact_text_put(t, rest);
	}
	at_sheet(f->x, f->sheet);
	return tally_office_push(&f->x->office, name, NULL, err);
}

/* 2.4.221: a row of no height */
static void hidden_row(struct tally_xls_facts *f, struct tally_bytes *b)
{
	enum { NO_HEIGHT = 0x20 };
	uint32_t row = tally_bytes_u16(b);

	tally_bytes_take(b, 10);
	if (tally_bytes_u16(b) & NO_HEIGHT)
		hide(&f->rows, row + 1, row + 1, false);
}

/* 2.4.53 */
static void hidden_columns(struct tally_xls_facts *f, struct tally_bytes *b)
{
	enum { HIDDEN = 1, COLUMNS = 256 };
	uint32_t first = tally_bytes_u16(b), last = tally_bytes_u16(b);

	tally_bytes_take(b, 4);
	if (tally_bytes_u16(b) & HIDDEN)
		hide(&f->columns, first + 1, last < COLUMNS ? last + 1 : COLUMNS, true);
}

/* ---- merged cells: 2.4.168 ---- */

static enum tally_status merged(struct tally_xls_facts *f, struct tally_bytes *b,
                                struct tally_err *err)
{
	struct tally_xls *x = f->x;
	uint32_t count = tally_bytes_u16(b);
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; i < count && tally_bytes_left(b) >= 8 && st >= 0; i++) {
		uint32_t top = tally_bytes_u16(b), bottom = tally_bytes_u16(b),
			 left = tally_bytes_u16(b), right = tally_bytes_u16(b);
		struct tally_fact_text *t = tally_office_begin(&x->office);

		if (bottom < top || right < left)
			continue;
		tally_fact_text_number(t, bottom - top + UINT64_C(1));
		tally_fact_text_put(t, " by ");
		tally_fact_text_number(t, right - left + UINT64_C(1));
		tally_fact_text_put(t, " cells");
		at_cell(x, f->sheet, top, left);
		tally_fact_text_put(&x->office.where, ":");
		put_cell(&x->office.where, bottom, right);
		st = tally_office_push(&x->office, "merged_cells", NULL, err);
	}
	return st;
}

/* ---- comments ---- */

/* 2.4.181: which object the text that follows belongs to */
static void object(struct tally_xls_facts *f, struct tally_bytes *b)
{
	enum { COMMON = 0x15, COMMENT = 0x19 };
	unsigned part = tally_bytes_u16(b);

	f->object = 0;
	tally_bytes_take(b, 2);
	if (part == COMMON && tally_bytes_u16(b) == COMMENT)
		f->object = tally_bytes_u16(b) + UINT32_C(1);
}

/* 2.4.329: its characters are in the CONTINUE behind it */
static enum tally_status object_text(struct tally_xls_facts *f,
                                     const struct tally_xls_record *record, struct tally_err *err)
{
	struct tally_xls *x = f->x;
	struct tally_bytes b = tally_bytes_of(record->bytes, record->len);
	const struct tally_xls_record behind = { .bytes = record->bytes, .next = record->next };
	struct tally_xls_pieces p = tally_xls_pieces(x, &behind);
	char key[16];
	enum tally_status st = TALLY_OK;
	size_t count;

	if (!f->object || !x->wide)
		return TALLY_OK;
	tally_bytes_take(&b, 10);
	count = tally_bytes_u16(&b);
	tally_buf_clear(&x->text);
	if (count)
		st = tally_xls_text(x, &p, count, err);
	if (st < 0)
		return st;
	snprintf(key, sizeof key, "%u", f->object - 1);
	f->object = 0;
	return tally_office_pair(&x->office, &f->texts, key, strlen(key), text_of(x), x->text.len,
	                         err);
}

static enum tally_status too_much(struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT, "facts_bytes: more comments");
}

static enum tally_status keep_note(struct tally_xls_facts *f, const struct tally_xls_note *note,
                                   struct tally_err *err)
{
	if (f->x->office.arena.used > f->x->limits->facts_bytes)
		return too_much(err);
	if (!tally_grow(&f->notes, &f->note_cap, f->note_count, sizeof *note))
		return tally_err_nomem(err);
	f->notes[f->note_count++] = *note;
	return TALLY_OK;
}

static const char *keep_text(struct tally_xls *x)
{
	return tally_arena_dup(&x->office.arena, text_of(x), x->text.len);
}

/* BIFF5: what does not fit in one record goes on in others with a row of 65535 */
static enum tally_status old_note(struct tally_xls_facts *f, const struct tally_xls_record *record,
                                  struct tally_err *err)
{
	enum { GOES_ON = 0xffff, PIECE = 2048 };
	struct tally_xls *x = f->x;
	struct tally_xls_pieces p = tally_xls_pieces(x, record);
	struct tally_xls_note note = { .row = tally_xls_number(&p, 2) },
			      *last = f->note_count ? &f->notes[f->note_count - 1] : NULL;
	size_t len;
	enum tally_status st;

	note.column = tally_xls_number(&p, 2);
	len = tally_xls_number(&p, 2);
	st = tally_xls_text(x, &p, len < PIECE ? len : PIECE, err);
	if (st < 0 || (note.row == GOES_ON && !last))
		return st;
	if (note.row == GOES_ON) {
		if (x->office.arena.used > x->limits->facts_bytes)
			return too_much(err);
		last->text = tally_arena_printf(&x->office.arena, "%s%s", last->text, text_of(x));
		return last->text ? TALLY_OK : tally_err_nomem(err);
	}
	note.text = keep_text(x);
	return note.text ? keep_note(f, &note, err) : tally_err_nomem(err);
}

/* 2.4.179 */
static enum tally_status add_note(struct tally_xls_facts *f, const struct tally_xls_record *record,
                                  struct tally_err *err)
{
	struct tally_xls *x = f->x;
	struct tally_xls_pieces p = tally_xls_pieces(x, record);
	struct tally_xls_note note = { .row = tally_xls_number(&p, 2) };
	enum tally_status st;

	if (!x->wide)
		return old_note(f, record, err);
	note.column = tally_xls_number(&p, 2);
	tally_xls_number(&p, 2);
	note.object = tally_xls_number(&p, 2);
	st = tally_xls_text(x, &p, tally_xls_number(&p, 2), err);
	if (st < 0)
		return st;
	note.by = keep_text(x);
	return note.by ? keep_note(f, &note, err) : tally_err_nomem(err);
}

static enum tally_status push_notes(struct tally_xls_facts *f, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	char key[16];

	tally_fact_pairs_sort(&f->texts);
	for (size_t i = 0; i < f->note_count && st >= 0; i++) {
		const struct tally_xls_note *note = &f->notes[i];
		const char *text = note->text;

		snprintf(key, sizeof key, "%u", note->object);
		if (!text)
			text = tally_fact_pairs_find(&f->texts, key, strlen(key));
		tally_fact_text_put(tally_office_begin(&f->x->office), text ? text : "");
		at_cell(f->x, f->sheet, note->row, note->column);
		st = tally_office_push(&f->x->office, "comment", note->by, err);
	}
	return st;
}

/* ---- a sheet ---- */

void tally_xls_facts_init(struct tally_xls_facts *f, struct tally_xls *x, const char *sheet)
{
	*f = (struct tally_xls_facts){ .x = x, .sheet = sheet };
	tally_fact_text_init(&f->rows.text);
	tally_fact_text_init(&f->columns.text);
}

void tally_xls_facts_release(struct tally_xls_facts *f)
{
	tally_fact_text_release(&f->rows.text);
	tally_fact_text_release(&f->columns.text);
	tally_fact_pairs_release(&f->texts);
	tally_free(f->notes);
}

enum tally_status tally_xls_facts_record(struct tally_xls_facts *f,
                                         const struct tally_xls_record *record, struct tally_err *err)
{
	struct tally_bytes b = tally_bytes_of(record->bytes, record->len);

	switch (record->type) {
	case TALLY_XLS_ROW:
		hidden_row(f, &b);
		return TALLY_OK;
	case TALLY_XLS_COLINFO:
		hidden_columns(f, &b);
		return TALLY_OK;
	case TALLY_XLS_MERGED:
		return merged(f, &b, err);
	case TALLY_XLS_OBJ:
		object(f, &b);
		return TALLY_OK;
	case TALLY_XLS_TXO:
		return object_text(f, record, err);
	case TALLY_XLS_NOTE:
		return add_note(f, record, err);
	default:
		return TALLY_OK;
	}
}

enum tally_status tally_xls_facts_finish(struct tally_xls_facts *f, struct tally_err *err)
{
	enum tally_status st = push_hidden(f, &f->rows, "hidden_rows", err);

	if (st >= 0)
		st = push_hidden(f, &f->columns, "hidden_columns", err);
	return st < 0 ? st : push_notes(f, err);
}

/* ---- the workbook ---- */

/* 2.4.150: programs' own names are no affair of people */
enum tally_status tally_xls_facts_name(struct tally_xls *x, const struct tally_xls_record *record,
                                       struct tally_err *err)
{
	enum { HIDDEN = 1, OWN = 0x20, NAME_AT = 14 };
	struct tally_xls_pieces p = tally_xls_pieces(x, record);
	uint32_t flags = tally_xls_number(&p, 2), len;
	enum tally_status st;

	if (!x->sink->fact || flags & OWN || record->len < NAME_AT)
		return TALLY_OK;
	len = record->bytes[3];
	p.in.at = record->bytes + NAME_AT;
	st = tally_xls_text(x, &p, len, err);
	if (st < 0)
		return st;
	tally_fact_text_put(tally_office_begin(&x->office),
	                    flags & HIDDEN ? "a name that is hidden" : "a name");
	tally_fact_text_add(&x->office.where, text_of(x), x->text.len);
	return tally_office_push(&x->office, "defined_name", NULL, err);
}

static enum tally_status sheets(struct tally_xls *x, struct tally_err *err)
{
	enum { MACROS = 1, MODULE = 6, VERY = 2 };
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < x->sheet_count && st >= 0; i++) {
		const struct tally_xls_sheet *s = &x->sheets[i];

		if (s->hidden) {
			tally_fact_text_put(tally_office_begin(&x->office),
			                    s->hidden == VERY ? "very hidden" : "hidden");
			at_sheet(x, s->name);
			st = tally_office_push(&x->office, "hidden_sheet", NULL, err);
		}
		if (st >= 0 && (s->kind == MACROS || s->kind == MODULE)) {
			tally_fact_text_put(tally_office_begin(&x->office),
			                    s->kind == MACROS ? "a sheet of Excel 4 macros"
			                                      : "a module of macros");
			at_sheet(x, s->name);
			st = tally_office_push(&x->office, "macro", NULL, err);
		}
	}
	return st;
}

/* Adds a stream of the macros; a path is part of what is told apart. */
static enum tally_status add_stream(struct tally_xls *x, struct tally_ole_file *file,
                                    const struct tally_ole_entry *entry,
                                    struct tally_hasher *hasher, struct tally_err *err)
{
	char *bytes;
	size_t len;
	enum tally_status st = tally_ole_stream(file, entry, x->limits->archive_memory, &bytes,
	                                        &len, err);

	if (st < 0)
		return st;
	tally_hasher_add(hasher, entry->path, strlen(entry->path) + 1);
	tally_hasher_add(hasher, bytes, len);
	tally_free(bytes);
	return TALLY_OK;
}

static bool is_macro(const struct tally_ole_entry *entry)
{
	return entry->stream && (!strncasecmp(entry->path, "_VBA_PROJECT_CUR/", 17) ||
	                         !strncasecmp(entry->path, "_VBA_PROJECT/", 13));
}

/* The project with its macros: [MS-OVBA] 2.2.1 */
static enum tally_status hash_project(struct tally_xls *x, struct tally_ole_file *file,
                                      struct tally_hasher *hasher, uint64_t *bytes,
                                      struct tally_err *err)
{
	const struct tally_ole_entry *entry;
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; (entry = tally_ole_entry(file, i)) && st >= 0; i++) {
		if (!is_macro(entry))
			continue;
		*bytes += entry->size;
		st = add_stream(x, file, entry, hasher, err);
	}
	return st;
}

static enum tally_status project(struct tally_xls *x, struct tally_ole_file *file,
                                 struct tally_err *err)
{
	enum { SHOWN = 7 + 16 }; /* "sha256:" and enough to tell two contents apart */
	char text[TALLY_DIGEST_TEXT_MAX];
	struct tally_hasher *hasher = NULL;
	struct tally_sha256 sha256;
	struct tally_digest unused;
	struct tally_err why = { 0 };
	struct tally_key key;
	uint64_t bytes = 0;
	enum tally_status st;

	tally_key_from_seed(&key, 0);
	st = tally_hasher_new(&hasher, &key, true, err);
	if (st < 0)
		return st;
	tally_hasher_start(hasher);
	st = hash_project(x, file, hasher, &bytes, &why);
	tally_hasher_finish(hasher, &unused, &sha256);
	tally_hasher_free(hasher);
	if (st < 0)
		return tally_office_outcome(&x->office, st, &why, "VBA project", err);
	if (!bytes)
		return TALLY_OK;
	tally_fact_text_put(tally_office_begin(&x->office), "VBA project: ");
	tally_fact_text_number(&x->office.value, bytes);
	tally_fact_text_put(&x->office.value, " bytes, ");
	tally_sha256_text(text, &sha256);
	tally_fact_text_add(&x->office.value, text, SHOWN);
	return tally_office_push(&x->office, "macro", NULL, err);
}

enum tally_status tally_xls_facts_book(struct tally_xls *x, struct tally_ole_file *file,
                                       struct tally_err *err)
{
	enum tally_status st = sheets(x, err);

	return st < 0 || !file ? st : project(x, file, err);
}
