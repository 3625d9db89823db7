/**
 * Receipts made by code, for the tests of the views: changes are added one by one, the balance follows from them.
 *
 *	struct sample s;
 *
 *	sample_begin(&s, 100);                          100 files that nothing happens to
 *	sample_add(&s, TALLY_CHANGE_DELETED, "a.txt")->fate = TALLY_FATE_LOST;
 *	sample_end(&s);                                 sums, review, verdict
 *	… s.r …
 *	sample_release(&s);
 */
#ifndef TALLY_TESTS_SAMPLE_H
#define TALLY_TESTS_SAMPLE_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/path.h"
#include "receipt/receipt.h"

enum { SAMPLE_SIZE = 34567 };

struct sample {
	struct tally_receipt *r;
	uint64_t unchanged;
	size_t cap;
};

static inline char *sample_text(struct sample *s, const char *text)
{
	return tally_arena_dup(&s->r->arena, text, strlen(text));
}

static inline struct tally_name sample_name(struct sample *s, const char *text)
{
	return (struct tally_name){ sample_text(s, text), strlen(text) };
}

static inline void sample_begin(struct sample *s, uint64_t unchanged)
{
	*s = (struct sample){ .unchanged = unchanged, .cap = 50000 };
	assert(tally_receipt_new(&s->r, NULL) == TALLY_OK);
	s->r->changes = tally_arena_zero(&s->r->arena, s->cap, sizeof *s->r->changes);
	s->r->folds = tally_arena_zero(&s->r->arena, s->cap, sizeof *s->r->folds);
	s->r->unverified = tally_arena_zero(&s->r->arena, s->cap, sizeof *s->r->unverified);
	s->r->excluded = tally_arena_zero(&s->r->arena, 16, sizeof *s->r->excluded);
	s->r->roots = tally_arena_zero(&s->r->arena, 2, sizeof *s->r->roots);
	s->r->roots[s->r->root_count++] = sample_name(s, "/home/ann/Documents");
	s->r->tool_version = "0.1.0";
	s->r->session_id = "20260304-101500-7f3a";
	s->r->sandbox = "full";
	s->r->before = (struct tally_receipt_side){
		.taken_at_ns = INT64_C(1772619300123456789),
		.seconds = 0.3412,
		.host = "box",
		.user = "ann",
		.filesystem = "ext4",
		.folders = 12,
		.digest = "sha256:"
			  "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730",
	};
	s->r->after = s->r->before;
	s->r->after.taken_at_ns += INT64_C(754321987654);
	s->r->after.digest = "sha256:bf07a7fbb825fc0aae7bf4a1177b2b31fcf8a3feeaf7092761e18c859ee52a9c";
}

static inline void sample_release(struct sample *s)
{
	tally_receipt_free(s->r);
}

/* Paths must be added in ascending order, as a tree diff gives them. */
static inline struct tally_receipt_change *sample_add(struct sample *s, enum tally_change_kind kind,
                                                      const char *path)
{
	struct tally_receipt_change *c = &s->r->changes[s->r->change_count++];
	bool before = kind != TALLY_CHANGE_ADDED,
	     after = kind != TALLY_CHANGE_DELETED && kind != TALLY_CHANGE_DUPLICATE_REMOVED;

	assert(s->r->change_count <= s->cap);
	c->kind = kind;
	c->path = sample_name(s, path);
	c->bytes_before = before ? SAMPLE_SIZE : TALLY_UNKNOWN;
	c->bytes_after = after ? SAMPLE_SIZE : TALLY_UNKNOWN;
	c->digest_before = before ? "xxh3k:00112233445566778899aabbccddeeff" : NULL;
	c->digest_after = after ? "xxh3k:ffeeddccbbaa99887766554433221100" : NULL;
	c->proof = "hashed";
	c->similarity = -1;
	return c;
}

static inline struct tally_receipt_change *sample_from(struct sample *s, enum tally_change_kind kind,
                                                       const char *from, const char *path)
{
	struct tally_receipt_change *c = sample_add(s, kind, path);

	c->from = sample_name(s, from);
	return c;
}

static inline void sample_place(struct sample *s, struct tally_where_list *list, const char *path,
                                const char *member)
{
	struct tally_where *items = tally_arena_zero(&s->r->arena, list->count + 1, sizeof *items);

	if (list->count)
		memcpy(items, list->items, list->count * sizeof *items);
	items[list->count].path = sample_name(s, path);
	if (member)
		items[list->count].member = sample_name(s, member);
	list->items = items;
	list->total = ++list->count;
}

static inline void sample_field(struct sample *s, struct tally_receipt_change *c, const char *name,
                                const char *old, const char *now)
{
	struct tally_field_change *f = tally_arena_zero(&s->r->arena, c->field_count + 1, sizeof *f);

	if (c->field_count)
		memcpy(f, c->fields, c->field_count * sizeof *f);
	f[c->field_count] = (struct tally_field_change){ name, old, now };
	c->fields = f;
	c->field_count++;
}

static inline void sample_overwrote(struct sample *s, struct tally_receipt_change *c,
                                    enum tally_fate fate)
{
	c->overwrote = tally_arena_zero(&s->r->arena, 1, sizeof *c->overwrote);
	c->overwrote->bytes = 2 * SAMPLE_SIZE;
	c->overwrote->fate = fate;
}

/* A line for the changes first .. first + count - 1 */
static inline struct tally_receipt_fold *sample_fold(struct sample *s, enum tally_fold_kind kind,
                                                     const char *from, const char *path,
                                                     size_t first, size_t count)
{
	struct tally_receipt_fold *f = &s->r->folds[s->r->fold_count++];

	f->kind = kind;
	f->path = sample_name(s, path);
	if (from)
		f->from = sample_name(s, from);
	f->changes = tally_arena_zero(&s->r->arena, count, sizeof *f->changes);
	for (size_t i = 0; i < count; i++)
		f->changes[f->change_count++] = first + i;
	f->files = f->total = count;
	return f;
}

static inline struct tally_unverified *sample_gap(struct sample *s, const char *path, unsigned side,
                                                  enum tally_reason reason, enum tally_level level)
{
	struct tally_unverified *u = &s->r->unverified[s->r->unverified_count++];

	*u = (struct tally_unverified){
		.path = sample_name(s, path), .side = side, .reason = reason, .level = level, .files = 1
	};
	return u;
}

static inline void sample_table(struct sample *s, const char *json)
{
	json_error_t why;
	json_t *t = json_loads(json, 0, &why);

	if (!t)
		fprintf(stderr, "sample: %d: %s\n", why.line, why.text);
	assert(t);
	json_array_append_new(s->r->tables, t);
}

/* Where a change's file goes in the balance */
static inline void sample_count(struct tally_balance *b, const struct tally_receipt_change *c,
                                uint64_t n)
{
	switch (c->kind) {
	case TALLY_CHANGE_MODIFIED:
		b->modified += n;
		break;
	case TALLY_CHANGE_METADATA:
		b->metadata += n;
		break;
	case TALLY_CHANGE_MOVED:
		b->moved += n;
		break;
	case TALLY_CHANGE_MOVED_EDITED:
		b->moved_edited += n;
		break;
	case TALLY_CHANGE_DELETED:
		b->deleted += n;
		break;
	case TALLY_CHANGE_DUPLICATE_REMOVED:
		b->duplicate_removed += n;
		break;
	case TALLY_CHANGE_TYPE_CHANGED:
		b->type_changed += n;
		break;
	case TALLY_CHANGE_COPIED:
	case TALLY_CHANGE_COPIED_EDITED:
		b->copied += n;
		break;
	default:
		b->added += n;
	}
	if (c->overwrote)
		b->overwritten += n;
}

static inline uint64_t sample_before(const struct tally_balance *b)
{
	return b->unchanged + b->metadata + b->modified + b->moved + b->moved_edited + b->deleted +
	       b->duplicate_removed + b->overwritten + b->type_changed + b->unverified;
}

static inline uint64_t sample_after(const struct tally_balance *b)
{
	return b->unchanged + b->metadata + b->modified + b->moved + b->moved_edited + b->added +
	       b->copied + b->unverified_after;
}

static inline void sample_contents(struct sample *s, struct tally_contents *c, uint64_t unit)
{
	c->by_fate[TALLY_FATE_SAME_PLACE] = s->unchanged * unit;
	for (size_t i = 0; i < s->r->change_count; i++) {
		const struct tally_receipt_change *x = &s->r->changes[i];

		if (x->type != TALLY_TYPE_FILE)
			continue;
		if (x->kind == TALLY_CHANGE_ADDED || x->kind == TALLY_CHANGE_COPIED)
			c->new_contents += x->kind == TALLY_CHANGE_ADDED ? unit : 0;
		else if (x->fate != TALLY_FATE_NONE)
			c->by_fate[x->fate] += unit;
		else if (x->kind == TALLY_CHANGE_MOVED)
			c->by_fate[TALLY_FATE_MOVED] += unit;
		else if (x->kind == TALLY_CHANGE_METADATA)
			c->by_fate[TALLY_FATE_SAME_PLACE] += unit;
		else if (x->kind != TALLY_CHANGE_DUPLICATE_REMOVED)
			c->by_fate[TALLY_FATE_EDITED] += unit;
		if (x->overwrote)
			c->by_fate[x->overwrote->fate] += unit;
	}
	for (int f = 0; f < TALLY_FATES; f++)
		c->before += c->by_fate[f];
}

static inline void sample_side(struct tally_receipt_side *side, uint64_t files, uint64_t bytes)
{
	side->files = files;
	side->bytes = bytes;
	side->entries = side->files + side->folders;
	side->hashed = side->files - side->stat - side->unread;
}

/* Sums, review and verdict */
static inline void sample_end(struct sample *s)
{
	struct tally_receipt *r = s->r;
	struct tally_err err = { .status = TALLY_OK };

	r->files.unchanged += s->unchanged;
	for (size_t i = 0; i < r->change_count; i++)
		if (r->changes[i].type == TALLY_TYPE_FILE)
			sample_count(&r->files, &r->changes[i], 1);
	for (size_t i = 0; i < r->unverified_count; i++)
		if (r->unverified[i].level == TALLY_LEVEL_CONTENT &&
		    r->unverified[i].reason != TALLY_REASON_STAT_ONLY) {
			r->files.unverified += r->unverified[i].files;
			if (r->unverified[i].side != TALLY_ON_BEFORE)
				r->files.unverified_after += r->unverified[i].files;
		}
	r->files.before = sample_before(&r->files);
	r->files.after = sample_after(&r->files);
	uint64_t *to = (uint64_t *)&r->bytes;
	const uint64_t *from = (const uint64_t *)&r->files;
	for (size_t i = 0; i < sizeof r->files / sizeof *from; i++)
		to[i] = from[i] * SAMPLE_SIZE;
	sample_contents(s, &r->contents, 1);
	sample_contents(s, &r->content_bytes, SAMPLE_SIZE);
	sample_side(&r->before, r->files.before, r->bytes.before);
	sample_side(&r->after, r->files.after, r->bytes.after);
	if (tally_receipt_review(r, &err) < 0 || tally_receipt_check(r, &err) < 0) {
		fprintf(stderr, "sample: %s\n", err.message);
		abort();
	}
}

/* ---- stories ---- */

static inline void sample_small(struct sample *s)
{
	sample_begin(s, 123);
	s->r->task = "Sort the invoices by year";
	sample_from(s, TALLY_CHANGE_MOVED, "invoices/2025-11-03 Miller.pdf",
	            "invoices/2025/2025-11-03 Miller.pdf");
	sample_from(s, TALLY_CHANGE_MOVED, "invoices/2026-01-12 Schulz & Söhne.pdf",
	            "invoices/2026/2026-01-12 Schulz & Söhne.pdf");
	sample_add(s, TALLY_CHANGE_ADDED, "invoices/README.txt")->bytes_after = 812;
	sample_end(s);
}

static inline void sample_prices(struct sample *s)
{
	sample_table(
		s,
		"{\"path\": \"prices.csv\", \"from\": \"prices.csv\", \"part\": \"\", \"part_before\": \"\","
		" \"format\": {\"before\": \"csv\", \"after\": \"csv\"},"
		" \"aligned_by\": {\"how\": \"inferred\", \"columns\": [\"sku\"], \"unique\": true,"
		"  \"overlap\": 0.998, \"duplicate_keys\": 0, \"doubtful\": false, \"note\": null},"
		" \"rows\": {\"before\": 1200, \"same\": 0, \"edited\": 1197, \"moved\": 12, \"deleted\": 3,"
		"  \"added\": 5, \"after\": 1202},"
		" \"columns\": [{\"kind\": \"added\", \"name\": \"discount\", \"name_before\": null,"
		"   \"index\": 5, \"index_before\": null, \"ambiguous\": false},"
		"  {\"kind\": \"removed\", \"name\": \"notes\", \"name_before\": null, \"index\": null,"
		"   \"index_before\": 4, \"ambiguous\": false},"
		"  {\"kind\": \"renamed\", \"name\": \"unit_price\", \"name_before\": \"price\", \"index\": 3,"
		"   \"index_before\": 3, \"similarity\": 0.971, \"ambiguous\": false}],"
		" \"row_changes\": [{\"kind\": \"reordered\", \"by\": [\"city\"], \"descending\": false,"
		"   \"moved\": 12},"
		"  {\"kind\": \"deleted\", \"row\": null, \"row_before\": 44, \"key\": [\"A-0043\"],"
		"   \"values\": [\"A-0043\", \"Hinge, brass\", \"4.20\", \"discontinued?\"]},"
		"  {\"kind\": \"deleted\", \"row\": null, \"row_before\": 45, \"key\": [\"A-0044\"],"
		"   \"values\": [\"A-0044\", \"Hinge, steel\", \"3.90\", \"\"]},"
		"  {\"kind\": \"added\", \"row\": 1200, \"row_before\": null, \"key\": [\"B-7781\"],"
		"   \"values\": [\"B-7781\", \"Screw M4\", \"0.07\", \"0\"]},"
		"  {\"kind\": \"moved\", \"row\": 7, \"row_before\": 901, \"count\": 12, \"key\": [\"A-0900\"]}],"
		" \"row_changes_total\": 9,"
		" \"cells\": [{\"row\": 17, \"row_before\": 17, \"column\": \"unit_price\", \"key\": [\"A-0016\"],"
		"   \"old\": \"12.50\", \"new\": \"13.00\", \"nature\": \"value\"},"
		"  {\"row\": 18, \"row_before\": 18, \"column\": \"unit_price\", \"key\": [\"A-0017\"],"
		"   \"old\": \"8.00\", \"new\": \"-8.00\", \"nature\": \"sign_changed\"},"
		"  {\"row\": 90, \"row_before\": 91, \"column\": \"description\", \"key\": [\"A-0089\"],"
		"   \"old\": \"A long text that begins in the same way on both sides and ends in oak\","
		"   \"new\": \"A long text that begins in the same way on both sides and ends in pine\","
		"   \"nature\": \"value\"},"
		"  {\"row\": 91, \"row_before\": 92, \"column\": \"city\", \"key\": [\"A-0090\"],"
		"   \"old\": \"Köln\", \"new\": \"\", \"nature\": \"emptied\"}],"
		" \"cells_total\": 1208,"
		" \"rewrites\": [{\"column\": \"zip\", \"nature\": \"leading_zeros_lost\", \"count\": 1197,"
		"   \"lossless\": false, \"examples\": [{\"row\": 2, \"row_before\": 2, \"column\": \"zip\","
		"   \"old\": \"01067\", \"new\": \"1067\", \"nature\": \"leading_zeros_lost\"}]}],"
		" \"invariants\": [{\"column\": \"unit_price\", \"count\": {\"before\": 1200, \"after\": 1202},"
		"   \"sum\": {\"before\": \"18230.55\", \"after\": \"18215.05\"},"
		"   \"min\": {\"before\": \"0.02\", \"after\": \"-8.00\"}}],"
		" \"properties\": [{\"property\": \"encoding\", \"old\": \"windows-1252\", \"new\": \"utf-8\"},"
		"   {\"property\": \"line_endings\", \"old\": \"crlf\", \"new\": \"lf\"}],"
		" \"facts\": [],"
		" \"problems\": [{\"what\": \"ragged_row\", \"side\": \"after\", \"row\": 601, \"count\": 2,"
		"   \"detail\": \"7 cells, the others have 6\"}]}");
}

/* Something of everything. */
static inline void sample_mixed(struct sample *s)
{
	struct tally_receipt_change *c;
	size_t first;

	sample_begin(s, 4711);
	s->r->task = "Tidy up the project folder: file everything by year, remove what is double, and bring the "
		     "price list up to date.";
	sample_add(s, TALLY_CHANGE_ADDED, "2024")->type = TALLY_TYPE_DIR;
	first = s->r->change_count;
	for (int i = 0; i < 40; i++) {
		char from[64], to[64];

		snprintf(from, sizeof from, "inbox/scan %03d.pdf", i);
		snprintf(to, sizeof to, "2024/scan %03d.pdf", i);
		sample_from(s, TALLY_CHANGE_MOVED, from, to);
	}
	sample_fold(s, TALLY_FOLD_MOVED, "inbox", "2024", first, 40);
	c = sample_from(s, TALLY_CHANGE_MOVED, "drafts/offer v2.docx", "contracts/offer.docx");
	sample_overwrote(s, c, TALLY_FATE_LOST);
	c = sample_from(s, TALLY_CHANGE_MOVED_EDITED, "drafts/report draft.docx",
	                "contracts/report final.docx");
	c->similarity = 873;
	c->evidence = TALLY_EVIDENCE_MEMBERS;
	c->bytes_after = 41000;
	c = sample_add(s, TALLY_CHANGE_MODIFIED, "ledger.db");
	c->flags = TALLY_CHANGE_SILENT | TALLY_CHANGE_KEPT;
	c = sample_add(s, TALLY_CHANGE_LINK_RETARGETED, "latest");
	c->type = TALLY_TYPE_SYMLINK;
	c->bytes_before = c->bytes_after = TALLY_UNKNOWN;
	c->link_old = sample_name(s, "2023");
	c->link_new = sample_name(s, "/mnt/share/2024");
	c->flags = TALLY_CHANGE_LEAVES_ROOT;
	c = sample_add(s, TALLY_CHANGE_MODIFIED, "minutes.txt");
	c->flags = TALLY_CHANGE_EMPTIED;
	c->bytes_after = 0;
	c = sample_add(s, TALLY_CHANGE_DELETED,
	               "notes/passwords \xE2\x80\xAE"
	               "fdp.txt");
	c->fate = TALLY_FATE_LOST;
	c->bytes_before = 1234567;
	c = sample_add(s, TALLY_CHANGE_DELETED, "notes/todo.txt");
	c->fate = TALLY_FATE_LOST;
	c->flags = TALLY_CHANGE_KEPT | TALLY_CHANGE_SOLE_COPY;
	c = sample_add(s, TALLY_CHANGE_DUPLICATE_REMOVED, "offer (1).docx");
	sample_place(s, &c->survives_at, "contracts/offer 2023.docx", NULL);
	sample_place(s, &c->survives_at, "archive/offer.docx", NULL);
	c = sample_add(s, TALLY_CHANGE_DELETED, "old.txt");
	c->fate = TALLY_FATE_INSIDE_ARCHIVE;
	sample_place(s, &c->survives_at, "backup.zip", "files/old.txt");
	first = s->r->change_count;
	for (int i = 0; i < 30; i++) {
		char path[64];

		snprintf(path, sizeof path, "photos/raw/IMG_%04d.CR2", i);
		sample_add(s, TALLY_CHANGE_DELETED, path)->fate = i < 28 ? TALLY_FATE_LOST
		                                                         : TALLY_FATE_COPY_ELSEWHERE;
	}
	sample_fold(s, TALLY_FOLD_DELETED, NULL, "photos/raw", first, 30);
	c = sample_add(s, TALLY_CHANGE_MODIFIED, "prices.csv");
	c->bytes_after = 34890;
	c->flags = TALLY_CHANGE_KEPT;
	c = sample_add(s, TALLY_CHANGE_TYPE_CHANGED, "reports");
	c->old_type = TALLY_TYPE_DIR;
	c->type = TALLY_TYPE_SYMLINK;
	c->bytes_before = c->bytes_after = TALLY_UNKNOWN;
	c = sample_add(s, TALLY_CHANGE_METADATA, "run.sh");
	sample_field(s, c, "mode", "0644", "0777");
	sample_field(s, c, "mtime", "2026-01-02T03:04:05.123456789Z",
	             "2026-03-04T10:16:00.000000000Z");
	c = sample_add(s, TALLY_CHANGE_METADATA, "touched.txt");
	sample_field(s, c, "mtime", "2026-01-02T03:04:05.123456789Z",
	             "2026-03-04T10:16:00.000000000Z");
	c = sample_from(s, TALLY_CHANGE_COPIED, "templates/letter.odt", "z letters/2026 letter.odt");
	c = sample_add(s, TALLY_CHANGE_ADDED, "z bad \xFF name.bin");
	sample_gap(s, "backup.7z", TALLY_ON_BEFORE | TALLY_ON_AFTER, TALLY_REASON_ENCRYPTED,
	           TALLY_LEVEL_MODEL);
	c = sample_add(
		s, TALLY_CHANGE_ADDED,
		"zz/a very long folder name that goes on for quite a while/another one below it/and the file at the end of it all.txt");
	sample_gap(s, "contracts/report final.docx", TALLY_ON_AFTER, TALLY_REASON_FORMAT_UNKNOWN,
	           TALLY_LEVEL_MODEL);
	sample_gap(s, "mail/inbox.mbox", TALLY_ON_AFTER, TALLY_REASON_CHANGED_WHILE_READING,
	           TALLY_LEVEL_CONTENT);
	*sample_gap(s, "private", TALLY_ON_BEFORE | TALLY_ON_AFTER, TALLY_REASON_PERMISSION,
	            TALLY_LEVEL_CONTENT) = (struct tally_unverified){ .path = { "private", 7 },
		                                                      .side = 3,
		                                                      .reason = TALLY_REASON_PERMISSION,
		                                                      .level = TALLY_LEVEL_CONTENT,
		                                                      .folder = true,
		                                                      .files = 12 };
	s->r->excluded[s->r->excluded_count++] = (struct tally_excluded){ "node_modules/",
		                                                          "web/.tallyignore", 214 };
	s->r->vantage = tally_arena_zero(&s->r->arena, 2, sizeof *s->r->vantage);
	s->r->vantage[s->r->vantage_count++] =
		"Only the folders named were watched; what happened elsewhere, or between the two snapshots and was "
		"undone, is not seen.";
	s->r->vantage[s->r->vantage_count++] =
		"The snapshots are not signed: who can write to the store can replace them.";
	sample_prices(s);
	sample_end(s);
}

static inline void sample_nothing(struct sample *s, uint64_t unreadable)
{
	sample_begin(s, 128);
	s->r->task = "Fix the totals in the budget";
	for (uint64_t i = 0; i < unreadable; i++) {
		char path[64];

		snprintf(path, sizeof path, "locked/file %02d.txt", (int)i);
		sample_gap(s, path, 3, TALLY_REASON_PERMISSION, TALLY_LEVEL_CONTENT);
	}
	sample_end(s);
}

/* @moves moved files in few folders, @losses deleted ones; every hundredth has a fold */
static inline void sample_big(struct sample *s, size_t moves, size_t losses)
{
	char from[128], to[128];

	sample_begin(s, 60000);
	s->r->task = "Sort the photos by year and month";
	for (size_t i = 0; i < losses; i++) {
		snprintf(to, sizeof to, "a/camera %02zu/DSC_%05zu.NEF", i / 1500, i);
		sample_add(s, TALLY_CHANGE_DELETED, to)->fate = TALLY_FATE_LOST;
	}
	for (size_t i = 0; i < moves; i++) {
		snprintf(from, sizeof from, "inbox/card/%05zu.jpg", i);
		snprintf(to, sizeof to, "photos/%04zu/%02zu/IMG %05zu.jpg", 2000 + i / 1200,
		         i / 100 % 12, i);
		sample_from(s, TALLY_CHANGE_MOVED, from, to);
	}
	sample_end(s);
}

#endif
