/**
 * Trees from text and comparisons as text, so that a test shows both sides and the outcome at a glance.
 *
 *	a/x = some content          a file; missing folders are made
 *	a/e =                       an empty file
 *	d/                          a folder
 *	l -> target                 a link
 *	p |                         a pipe
 *	f ! permission              a file that could not be read; after a folder's '/' a folder
 *	d/ ? read_error             a folder whose list is not whole
 *
 * Attributes stand before the sign: "a/x inode=5 mtime=3 mode=600 size=9 xattrs=1 nlink=2 uid=7 kept=1 believed=1 = content".
 * Names have no blanks; '\xHH' stands for a byte. Nothing here gives errors back: a test cannot go on without its fixture.
 */
#ifndef TALLY_TESTS_TREE_TEXT_H
#define TALLY_TESTS_TREE_TEXT_H

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/path.h"
#include "core/tree.h"
#include "diff/tree_diff.h"

/** Seed of the secret under which contents are hashed. */
static uint64_t tree_text_seed = 1;

struct tree_text_line {
	char path[512];
	struct tally_entry e;
	enum tally_reason partial; /* the folder's list is not whole */
	char target[256];
};

static inline int tree_text_order(const void *a, const void *b)
{
	const struct tree_text_line *const *x = a, *const *y = b;

	return tally_path_compare((*x)->path, strlen((*x)->path), (*y)->path, strlen((*y)->path));
}

static inline void tree_text_unescape(char *s)
{
	char *to = s;

	while (*s) {
		unsigned byte;

		if (s[0] == '\\' && s[1] == 'x' && sscanf(s + 2, "%2x", &byte) == 1) {
			*to++ = (char)byte;
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

static inline void tree_text_attribute(struct tree_text_line *l, const char *word)
{
	const char *value = strchr(word, '=') + 1;
	unsigned long n = strtoul(value, NULL, word[0] == 'm' && word[1] == 'o' ? 8 : 10);

	switch (word[0] == 'm' ? word[1] : word[0]) {
	case 'i':
		l->e.inode = n;
		break;
	case 't':
		l->e.mtime_ns = (int64_t)n;
		break;
	case 'o':
		l->e.mode = (uint32_t)n;
		break;
	case 's':
		l->e.size = n;
		break;
	case 'x':
		l->e.xattr_digest = n;
		break;
	case 'n':
		l->e.nlink = (uint32_t)n;
		break;
	case 'u':
		l->e.uid = (uint32_t)n;
		break;
	case 'k':
		l->e.flags |= TALLY_ENTRY_KEPT;
		break;
	case 'b':
		l->e.proof = TALLY_PROOF_STAT;
		break;
	default:
		abort();
	}
}

static inline void tree_text_content(struct tree_text_line *l, const char *content)
{
	struct tally_key key;

	tally_key_from_seed(&key, tree_text_seed);
	tally_digest_of(&l->e.digest, &key, content, strlen(content));
	if (l->e.proof != TALLY_PROOF_STAT)
		l->e.proof = TALLY_PROOF_HASHED;
	if (!l->e.size)
		l->e.size = strlen(content);
}

static inline void tree_text_value(struct tree_text_line *l, char sign, const char *value)
{
	switch (sign) {
	case '=':
		tree_text_content(l, value);
		break;
	case '-':
		l->e.type = TALLY_TYPE_SYMLINK;
		snprintf(l->target, sizeof l->target, "%s", value);
		l->e.target = l->target;
		break;
	case '|':
		l->e.type = TALLY_TYPE_FIFO;
		l->e.reason = TALLY_REASON_SPECIAL_FILE;
		break;
	case '!':
		l->e.reason = (uint8_t)tally_reason_from_id(value);
		break;
	case '?':
		l->partial = tally_reason_from_id(value);
		break;
	default:
		break;
	}
}

static inline struct tree_text_line *tree_text_parse(const char *text, size_t len)
{
	struct tree_text_line *l = calloc(1, sizeof *l);
	char *line = calloc(1, len + 1), *at = line;
	size_t n;

	memcpy(line, text, len);
	l->e.device = 1;
	l->e.nlink = 1;
	l->e.mode = 0644;
	n = strcspn(at, " ");
	snprintf(l->path, sizeof l->path, "%.*s", (int)n, at);
	if (n && l->path[n - 1] == '/') {
		l->path[n - 1] = '\0';
		l->e.type = TALLY_TYPE_DIR;
		l->e.mode = 0755;
	}
	tree_text_unescape(l->path);
	for (at += n + (at[n] == ' '); isalpha((unsigned char)*at); at += n + (at[n] == ' ')) {
		n = strcspn(at, " ");
		tree_text_attribute(l, at);
	}
	if (*at) {
		char sign = *at;

		at += sign == '-' ? 2 : 1;
		tree_text_value(l, sign, at + (*at == ' '));
	}
	free(line);
	return l;
}

struct tree_text {
	struct tree_text_line **at;
	size_t count;
};

static inline void tree_text_add(struct tree_text *t, struct tree_text_line *l)
{
	char up[512];
	size_t n = tally_path_dir_len(l->path, strlen(l->path));

	for (size_t i = 0; i < t->count; i++)
		if (!strcmp(t->at[i]->path, l->path)) {
			free(t->at[i]);
			t->at[i] = l;
			return;
		}
	t->at = realloc(t->at, (t->count + 1) * sizeof *t->at);
	t->at[t->count++] = l;
	if (!n)
		return;
	memcpy(up, l->path, n);
	memcpy(up + n, "/", 2);
	for (size_t i = 0; i < t->count; i++)
		if (strlen(t->at[i]->path) == n && !memcmp(t->at[i]->path, up, n))
			return;
	l = tree_text_parse(up, n + 1);
	tree_text_add(t, l);
}

static inline void tree_text_fill(struct tally_tree_builder *b, const struct tree_text *t,
                                  const char *dir, enum tally_reason partial)
{
	struct tally_dir d = { .path = dir,
		               .path_len = (uint32_t)strlen(dir),
		               .reason = (uint8_t)partial };

	if (tally_tree_builder_dir(b, &d, NULL) != TALLY_OK)
		abort();
	for (size_t i = 0; i < t->count; i++) {
		struct tree_text_line *l = t->at[i];
		size_t n = strlen(l->path), up = tally_path_dir_len(l->path, n);

		if (up != strlen(dir) || memcmp(l->path, dir, up) != 0)
			continue;
		l->e.name = l->path + tally_path_base(l->path, n);
		l->e.name_len = (uint16_t)strlen(l->e.name);
		if (tally_tree_builder_entry(b, &l->e, NULL) != TALLY_OK)
			abort();
	}
}

/** The tree that a text describes; lines in any order. Yours to tally_tree_free. */
static inline struct tally_tree *tree_from_text(const char *text)
{
	struct tree_text t = { 0 };
	struct tally_tree_builder *b;
	struct tally_tree *tree;

	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n)
			tree_text_add(&t, tree_text_parse(text, n));
		text += n + (text[n] == '\n');
	}
	if (t.count)
		qsort(t.at, t.count, sizeof *t.at, tree_text_order);
	if (tally_tree_builder_new(&b, NULL) != TALLY_OK)
		abort();
	tree_text_fill(b, &t, "", TALLY_REASON_NONE);
	for (size_t i = 0; i < t.count; i++)
		if (t.at[i]->e.type == TALLY_TYPE_DIR && !t.at[i]->e.reason)
			tree_text_fill(b, &t, t.at[i]->path, t.at[i]->partial);
	if (tally_tree_builder_finish(b, &tree, NULL) != TALLY_OK)
		abort();
	tally_tree_builder_free(b);
	for (size_t i = 0; i < t.count; i++)
		free(t.at[i]);
	free(t.at);
	return tree;
}

/* ---- comparisons as text ---- */

static inline void diff_text_path(struct tally_buf *out, const struct tally_tree *t, uint32_t entry)
{
	struct tally_buf path;

	tally_buf_init(&path, 1 << 20);
	tally_tree_path(t, entry, &path);
	tally_buf_add(out, path.bytes, path.len);
	tally_buf_release(&path);
}

static inline void diff_text_places(struct tally_buf *out, const struct tally_tree *after,
                                    const struct tally_places *places)
{
	for (uint32_t i = 0; i < places->count; i++) {
		tally_buf_text(out, i ? "," : " at ");
		diff_text_path(out, after, places->places[i].entry);
		if (places->places[i].member)
			tally_buf_printf(out, ":%s", places->places[i].member);
	}
	if (places->total > places->count)
		tally_buf_printf(out, ",(%u)", places->total);
}

static inline void diff_text_flags(struct tally_buf *out, const struct tally_change *c)
{
	static const char *const flags[] = { "silent",   "case_only", "leaves_root",
		                             "emptied",  "truncated", "appended",
		                             "nul_tail", "kept",      "sole" };
	static const char *const fields[] = { "mode", "owner", "group", "mtime", "xattrs", "nlink" };

	for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++)
		if (c->flags >> i & 1)
			tally_buf_printf(out, " %s", flags[i]);
	for (unsigned i = 0; i < sizeof fields / sizeof *fields; i++)
		if (c->fields >> i & 1)
			tally_buf_printf(out, " +%s", fields[i]);
}

static inline void diff_text_change(struct tally_buf *out, const struct tally_tree *before,
                                    const struct tally_tree *after, const struct tally_change *c)
{
	bool pair = c->before != TALLY_NO_INDEX && c->after != TALLY_NO_INDEX;

	tally_buf_printf(out, "%s ", tally_change_name((enum tally_change_kind)c->kind));
	if (c->after != TALLY_NO_INDEX)
		diff_text_path(out, after, c->after);
	else
		diff_text_path(out, before, c->before);
	if (pair && c->kind != TALLY_CHANGE_MODIFIED && c->kind != TALLY_CHANGE_METADATA &&
	    c->kind != TALLY_CHANGE_TYPE_CHANGED && c->kind != TALLY_CHANGE_UNVERIFIED &&
	    c->kind != TALLY_CHANGE_LINK_RETARGETED) {
		tally_buf_text(out, " from ");
		diff_text_path(out, before, c->before);
	} else if (c->from_member) {
		tally_buf_text(out, " from ");
		diff_text_path(out, before, c->archive);
	}
	if (c->from_member)
		tally_buf_printf(out, ":%s", c->from_member);
	if (c->fate && c->fate != TALLY_FATE_MOVED)
		tally_buf_printf(out, " %s", tally_fate_name((enum tally_fate)c->fate));
	diff_text_places(out, after, &c->survives_at);
	if (c->evidence)
		tally_buf_printf(out, " by %s",
		                 tally_evidence_name((enum tally_evidence)c->evidence));
	if (c->overwrote.before != TALLY_NO_INDEX) {
		tally_buf_text(out, " over ");
		diff_text_path(out, before, c->overwrote.before);
		tally_buf_printf(out, " %s", tally_fate_name(c->overwrote.fate));
		diff_text_places(out, after, &c->overwrote.survives_at);
	}
	if (c->reason)
		tally_buf_printf(out, " because %s", tally_reason_id((enum tally_reason)c->reason));
	if (c->side)
		tally_buf_printf(out, " side %u", c->side);
	if (c->group)
		tally_buf_printf(out, " group %u", c->group);
	if (c->cycle)
		tally_buf_printf(out, " cycle %u", c->cycle);
	diff_text_flags(out, c);
	tally_buf_byte(out, '\n');
}

static inline void diff_text_changes(struct tally_buf *out, const struct tally_tree_diff *d,
                                     const struct tally_tree *before, const struct tally_tree *after)
{
	size_t count;
	const struct tally_change *c = tally_tree_diff_changes(d, &count);

	for (size_t i = 0; i < count; i++)
		diff_text_change(out, before, after, &c[i]);
}

static inline void diff_text_dir(struct tally_buf *out, const struct tally_tree *t, uint32_t dir)
{
	tally_buf_text(out, dir == TALLY_NO_INDEX   ? "-"
	                    : t->dirs[dir].path_len ? t->dirs[dir].path
	                                            : ".");
}

static inline void diff_text_folds(struct tally_buf *out, const struct tally_tree_diff *d,
                                   const struct tally_tree *before, const struct tally_tree *after)
{
	size_t count;
	const struct tally_fold *f = tally_tree_diff_folds(d, &count);

	for (size_t i = 0; i < count; i++) {
		tally_buf_printf(out, "%s ", tally_fold_name((enum tally_fold_kind)f[i].kind));
		diff_text_dir(out, before, f[i].before);
		tally_buf_text(out, " to ");
		diff_text_dir(out, after, f[i].after);
		tally_buf_printf(out, ": %u of %u files, %u left, %u changes, %u exceptions\n",
		                 f[i].files, f[i].of, f[i].left, f[i].change_count,
		                 f[i].exception_count);
	}
}

#endif
