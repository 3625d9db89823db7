/**
 * Small trees from arbitrary bytes, and what must hold for every comparison of two trees. A law that is broken ends the
 * program with its name, for unit tests and the fuzzer alike.
 */
#ifndef TALLY_TESTS_TREE_LAWS_H
#define TALLY_TESTS_TREE_LAWS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/path.h"
#include "core/tree.h"
#include "diff/tree_diff.h"
#include "support/check.h"

/* ---- trees from bytes ---- */

struct tree_bytes {
	const uint8_t *at, *end;
};

static inline uint8_t tree_bytes_next(struct tree_bytes *b)
{
	return b->at < b->end ? *b->at++ : 0;
}

enum { TREE_BYTES_CONTENTS = 12, TREE_BYTES_FOLDERS = 40, TREE_BYTES_DEPTH = 4 };

static inline void tree_bytes_file(struct tree_bytes *b, struct tally_entry *e)
{
	uint8_t what = tree_bytes_next(b);
	unsigned content = what % TREE_BYTES_CONTENTS;

	e->size = content * 10;
	e->digest.bytes[content % 16] = (unsigned char)(content + 1);
	e->proof = what & 128 ? TALLY_PROOF_STAT : TALLY_PROOF_HASHED;
	if (what % 23 == 22) {
		e->proof = TALLY_PROOF_NONE;
		e->reason = what & 64 ? TALLY_REASON_PERMISSION : TALLY_REASON_EXCLUDED;
	}
}

static inline void tree_bytes_entry(struct tree_bytes *b, struct tally_entry *e)
{
	static const uint8_t types[] = { TALLY_TYPE_FILE,    TALLY_TYPE_FILE, TALLY_TYPE_FILE,
		                         TALLY_TYPE_FILE,    TALLY_TYPE_DIR,  TALLY_TYPE_DIR,
		                         TALLY_TYPE_SYMLINK, TALLY_TYPE_FIFO, TALLY_TYPE_UNKNOWN };
	static const char *const targets[] = { "a", "../b", "/c", "../../.." };
	uint8_t look = tree_bytes_next(b);

	e->type = types[look % sizeof types];
	e->inode = look / 16;
	e->device = 1;
	e->nlink = 1;
	e->mtime_ns = tree_bytes_next(b) & 3;
	if (e->type == TALLY_TYPE_FILE)
		tree_bytes_file(b, e);
	if (e->type == TALLY_TYPE_SYMLINK)
		e->target = targets[look >> 6];
	if (e->type == TALLY_TYPE_UNKNOWN || (e->type == TALLY_TYPE_DIR && look > 240))
		e->reason = TALLY_REASON_READ_ERROR;
	if (e->type == TALLY_TYPE_DIR && look > 232 && look <= 240)
		e->reason = TALLY_REASON_EXCLUDED;
}

/* One folder: which of the names are there, and what they are. */
static inline void tree_bytes_dir(struct tree_bytes *b, struct tally_tree_builder *t,
                                  const char *path, unsigned depth, unsigned *folders)
{
	static const char *const names[] = { "A",         "B.txt", "a", "a-b", "b.txt",
		                             "e\xcc\x81", "f",     "g", "x~",  "\xc3\xa9" };
	uint8_t head = tree_bytes_next(b);
	struct tally_dir d = { .path = path, .path_len = (uint32_t)strlen(path) };
	bool enter[10] = { false };
	unsigned present = tree_bytes_next(b) | (unsigned)(head & 3) << 8;

	if (head > 250)
		d.reason = TALLY_REASON_READ_ERROR;
	CHECK(tally_tree_builder_dir(t, &d, NULL) == TALLY_OK);
	for (unsigned i = 0; i < 10; i++) {
		struct tally_entry e = { .name = names[i], .name_len = (uint16_t)strlen(names[i]) };

		if (!(present >> i & 1))
			continue;
		tree_bytes_entry(b, &e);
		CHECK(tally_tree_builder_entry(t, &e, NULL) == TALLY_OK);
		enter[i] = e.type == TALLY_TYPE_DIR && !e.reason;
	}
	for (unsigned i = 0; i < 10; i++) {
		char below[128];

		if (!enter[i] || depth == TREE_BYTES_DEPTH || *folders == TREE_BYTES_FOLDERS)
			continue;
		++*folders;
		snprintf(below, sizeof below, "%s%s%s", path, *path ? "/" : "", names[i]);
		tree_bytes_dir(b, t, below, depth + 1, folders);
	}
}

static inline struct tally_tree *tree_from_bytes(struct tree_bytes *b)
{
	struct tally_tree_builder *t;
	struct tally_tree *tree;
	unsigned folders = 1;

	CHECK(tally_tree_builder_new(&t, NULL) == TALLY_OK);
	tree_bytes_dir(b, t, "", 0, &folders);
	CHECK(tally_tree_builder_finish(t, &tree, NULL) == TALLY_OK);
	tally_tree_builder_free(t);
	return tree;
}

/* ---- evidence ---- */

/* Contents next to each other have much in common. */
static inline void tree_laws_sketches(struct tally_tree_diff *d, const struct tally_tree *const t[2])
{
	for (int side = 0; side < 2; side++) {
		size_t count;
		const uint32_t *w = tally_tree_diff_wanted(d, (enum tally_side)side, &count);

		for (size_t i = 0; i < count; i++) {
			struct tally_piece pieces[8];
			struct tally_sketch s = { TALLY_SKETCH_BYTES, false, 8, 80, pieces };

			CHECK(w[i] < t[side]->entry_count && (i == 0 || w[i - 1] < w[i]));
			for (unsigned k = 0; k < 8; k++)
				pieces[k] = (struct tally_piece){
					(t[side]->entries[w[i]].size / 10 + k) << 50, 10
				};
			if (t[side]->entries[w[i]].size % 70)
				CHECK(tally_tree_diff_add_sketch(d, (enum tally_side)side, w[i], &s,
				                                 NULL) == TALLY_OK);
		}
	}
}

/* ---- laws ---- */

struct tree_laws {
	const struct tally_tree_diff *d;
	const struct tally_tree *t[2];
	const struct tally_change *c;
	size_t count;
};

static inline bool tree_laws_compared(const struct tally_entry *e)
{
	return e->type == TALLY_TYPE_FILE && e->reason != TALLY_REASON_EXCLUDED;
}

/* Every file before has one row that says what became of it, or none if it is unchanged. */
static inline void tree_laws_one_fate_each(const struct tree_laws *l)
{
	uint8_t *rows = calloc(l->t[0]->entry_count + 1, 1);
	uint64_t told = 0, files = 0;
	const struct tally_balance *b = tally_tree_diff_balance(l->d, false);

	for (size_t i = 0; i < l->count; i++) {
		const struct tally_change *c = &l->c[i];

		if (c->before != TALLY_NO_INDEX && c->kind != TALLY_CHANGE_COPIED &&
		    c->kind != TALLY_CHANGE_COPIED_EDITED &&
		    c->kind != TALLY_CHANGE_TYPE_CHANGED /* it may have moved as well */)
			rows[c->before]++;
		if (c->overwrote.before != TALLY_NO_INDEX)
			rows[c->overwrote.before]++;
	}
	for (uint32_t i = 0; i < l->t[0]->entry_count; i++) {
		bool file = tree_laws_compared(&l->t[0]->entries[i]);

		CHECK(rows[i] <= 1);
		files += file;
		told += file && rows[i];
	}
	CHECK(b->before <= files + l->t[0]->entry_count);
	CHECK(told + b->unchanged <= b->before + l->count);
	free(rows);
}

static inline void tree_laws_rows_ascend(const struct tree_laws *l)
{
	struct tally_buf last, path;

	tally_buf_init(&last, 1 << 20);
	tally_buf_init(&path, 1 << 20);
	for (size_t i = 0; i < l->count; i++) {
		const struct tally_change *c = &l->c[i];
		bool after = c->after != TALLY_NO_INDEX;
		int order;

		CHECK(tally_tree_path(l->t[after], after ? c->after : c->before, &path));
		order = i ? tally_path_compare(last.bytes, last.len, path.bytes, path.len) : -1;
		CHECK(order < 0 || (order == 0 && l->c[i - 1].kind == TALLY_CHANGE_TYPE_CHANGED));
		tally_buf_clear(&last);
		CHECK(tally_buf_add(&last, path.bytes, path.len));
	}
	tally_buf_release(&last);
	tally_buf_release(&path);
}

static inline bool tree_laws_same_content(const struct tally_entry *a, const struct tally_entry *b)
{
	return b->type == TALLY_TYPE_FILE && b->proof != TALLY_PROOF_NONE && a->size == b->size &&
	       tally_digest_equal(&a->digest, &b->digest);
}

static inline void tree_laws_fate(const struct tree_laws *l, uint32_t before, enum tally_fate fate,
                                  const struct tally_places *places)
{
	const struct tally_entry *b = &l->t[0]->entries[before];

	for (uint32_t i = 0; i < places->count; i++)
		CHECK(tree_laws_same_content(b, &l->t[1]->entries[places->places[i].entry]));
	CHECK((fate == TALLY_FATE_COPY_ELSEWHERE) <= (places->total > 0));
	for (uint32_t i = 0; fate == TALLY_FATE_LOST && i < l->t[1]->entry_count; i++)
		CHECK(!tree_laws_same_content(b, &l->t[1]->entries[i]));
}

static inline void tree_laws_change(const struct tree_laws *l, const struct tally_change *c)
{
	CHECK(c->kind > TALLY_CHANGE_UNCHANGED && c->kind < TALLY_CHANGE_KINDS);
	CHECK(c->kind != TALLY_CHANGE_OVERWRITTEN);
	CHECK(c->before == TALLY_NO_INDEX || c->before < l->t[0]->entry_count);
	CHECK(c->after == TALLY_NO_INDEX || c->after < l->t[1]->entry_count);
	CHECK((c->kind == TALLY_CHANGE_UNVERIFIED) <= (c->side && c->reason));
	if (c->kind == TALLY_CHANGE_MOVED && l->t[1]->entries[c->after].type == TALLY_TYPE_FILE)
		CHECK(tree_laws_same_content(&l->t[0]->entries[c->before],
		                             &l->t[1]->entries[c->after]));
	if (c->kind == TALLY_CHANGE_DELETED || c->kind == TALLY_CHANGE_DUPLICATE_REMOVED ||
	    c->kind == TALLY_CHANGE_MODIFIED)
		tree_laws_fate(l, c->before, (enum tally_fate)c->fate, &c->survives_at);
	if (c->overwrote.before != TALLY_NO_INDEX)
		tree_laws_fate(l, c->overwrote.before, c->overwrote.fate, &c->overwrote.survives_at);
}

static inline void tree_laws_folds(const struct tree_laws *l)
{
	size_t count;
	const struct tally_fold *f = tally_tree_diff_folds(l->d, &count);
	uint8_t *rows = calloc(l->count + 1, 1);

	for (size_t i = 0; i < count; i++) {
		CHECK(f[i].change_count > 1 && f[i].files <= f[i].change_count);
		CHECK(f[i].before == TALLY_NO_INDEX || f[i].before < l->t[0]->dir_count);
		CHECK(f[i].after == TALLY_NO_INDEX || f[i].after < l->t[1]->dir_count);
		for (uint32_t k = 0; k < f[i].change_count; k++)
			CHECK(f[i].changes[k] < l->count && rows[f[i].changes[k]]++ == 0);
		for (uint32_t k = 0; k < f[i].exception_count; k++)
			CHECK(f[i].exceptions[k] < l->count);
	}
	free(rows);
}

/** Check a finished comparison. */
static inline void tree_laws_check(const struct tally_tree_diff *d, const struct tally_tree *before,
                                   const struct tally_tree *after)
{
	struct tree_laws l = { .d = d, .t = { before, after } };

	l.c = tally_tree_diff_changes(d, &l.count);
	for (size_t i = 0; i < l.count; i++)
		tree_laws_change(&l, &l.c[i]);
	tree_laws_one_fate_each(&l);
	tree_laws_rows_ascend(&l);
	tree_laws_folds(&l);
}

/** Compare and check; the caller frees the result. */
static inline struct tally_tree_diff *tree_laws_compare(const struct tally_tree *before,
                                                        const struct tally_tree *after, bool sketches)
{
	struct tally_tree_diff_options options = TALLY_TREE_DIFF_OPTIONS_INIT;
	const struct tally_tree *const t[2] = { before, after };
	struct tally_tree_diff *d;
	struct tally_err err = { 0 };
	enum tally_status st;

	CHECK(tally_tree_diff_new(&d, before, after, &options, NULL) == TALLY_OK);
	if (sketches)
		tree_laws_sketches(d, t);
	st = tally_tree_diff_finish(d, &err);
	if (st != TALLY_OK)
		fprintf(stderr, "%s\n", err.message);
	CHECK(st == TALLY_OK);
	tree_laws_check(d, before, after);
	return d;
}

/** A tree against itself has nothing but what was not read. */
static inline void tree_laws_self(const struct tally_tree *t)
{
	struct tally_tree_diff *d = tree_laws_compare(t, t, true);
	size_t count;
	const struct tally_change *c = tally_tree_diff_changes(d, &count);

	for (size_t i = 0; i < count; i++)
		CHECK(c[i].kind == TALLY_CHANGE_UNVERIFIED);
	tally_tree_diff_free(d);
}

#endif
