/* Is session.json what was written? Seals over its fields, and the fields against snapshots and receipt: see receipt/session.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/escape.h"
#include "core/mem.h"
#include "receipt/session_store.h"
#include "receipt/words.h"
#include "snap/seal.h"

/* ---- seals ---- */

static void seal_list(struct tally_seal *seal, char *const *items, size_t count)
{
	tally_seal_number(seal, count);
	for (size_t i = 0; i < count; i++)
		tally_seal_text(seal, items[i]);
}

/* absent and empty are two things */
static void seal_optional(struct tally_seal *seal, const char *text)
{
	tally_seal_number(seal, text != NULL);
	if (text)
		tally_seal_text(seal, text);
}

/* a session without a scope has the seal that it had before there were any */
static void seal_scope(struct tally_seal *seal, const struct tally_session *s)
{
	if (!s->allow_column_count && !s->allow_sheet_count && !s->allow_rows)
		return;
	seal_list(seal, s->allow_columns, s->allow_column_count);
	seal_optional(seal, s->allow_rows);
	seal_list(seal, s->allow_sheets, s->allow_sheet_count);
}

bool tally_session_seal(const struct tally_session *s, struct tally_sha256 *out)
{
	struct tally_seal seal;
	bool ok;

	tally_seal_init(&seal, "tally session 1");
	tally_seal_text(&seal, s->id);
	tally_seal_number(&seal, (uint64_t)s->began_at_ns);
	seal_optional(&seal, s->task);
	seal_list(&seal, s->roots, s->root_count);
	seal_list(&seal, s->excludes, s->exclude_count);
	tally_seal_number(&seal, s->sha256);
	tally_seal_number(&seal, s->cross_mounts);
	tally_seal_number(&seal, (uint64_t)s->keep);
	tally_seal_number(&seal, s->keep_budget);
	seal_scope(&seal, s);
	ok = tally_seal_finish(&seal, out);
	tally_seal_release(&seal);
	return ok;
}

char *tally_session_closing(const struct tally_session *s)
{
	char text[TALLY_DIGEST_TEXT_MAX];
	struct tally_sha256 opening, closing;
	struct tally_seal seal;
	bool ok = tally_session_seal(s, &opening);

	tally_seal_init(&seal, "tally session end 1");
	tally_seal_bytes(&seal, opening.bytes, sizeof opening.bytes);
	tally_seal_number(&seal, (uint64_t)s->ended_at_ns);
	seal_optional(&seal, s->receipt_sha256);
	seal_optional(&seal, s->verdict);
	ok = ok && tally_seal_finish(&seal, &closing);
	tally_seal_release(&seal);
	if (!ok)
		return NULL;
	tally_sha256_text(text, &closing);
	return tally_dup(text, strlen(text));
}

enum tally_status tally_session_sealed(const struct tally_session *s,
                                       const struct tally_snap_info *info, struct tally_err *err)
{
	struct tally_sha256 seal;

	if (!tally_session_seal(s, &seal))
		return tally_err_nomem(err);
	if (memcmp(&seal, &info->session, sizeof seal) == 0)
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
	                     "session %s: its task, folders or options are not those it was opened with: "
	                     "session.json or the snapshot was altered",
	                     s->id);
}

/* ---- field by field ---- */

struct compare {
	const struct tally_session *s;
	void (*problem)(void *payload, const char *message);
	void *payload;
	unsigned count;
};

__attribute__((format(printf, 2, 3))) static void misfit(struct compare *c, const char *format, ...)
{
	char message[TALLY_ERR_MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);
	c->count++;
	if (c->problem)
		c->problem(c->payload, message);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool has_root(const struct tally_session *s, const char *path, size_t len)
{
	for (size_t i = 0; i < s->root_count; i++)
		if (strlen(s->roots[i]) == len && memcmp(s->roots[i], path, len) == 0)
			return true;
	return false;
}

static void compare_snapshot(struct compare *c, const struct tally_snapshot *snapshot,
                             const char *name)
{
	const struct tally_tree *tree = tally_snapshot_tree(snapshot);
	struct tally_err err = { 0 };
	char shown[200];

	for (uint32_t i = 0; i < tree->root_count; i++) {
		const char *path = tree->roots[i].path;

		if (has_root(c->s, path, strlen(path)))
			continue;
		tally_escape_into(shown, sizeof shown, path, strlen(path));
		misfit(c, "%s is of '%s', which session.json does not name", name, shown);
	}
	if (tally_session_sealed(c->s, tally_snapshot_info(snapshot), &err) < 0)
		misfit(c,
		       "%s was taken with another task, other folders or other options than session.json says",
		       name);
}

static void compare_tie(struct compare *c, const struct tally_snapshot *snapshot,
                        const struct tally_receipt_side *side, const char *name)
{
	const struct tally_snap_info *info = tally_snapshot_info(snapshot);
	char digest[TALLY_DIGEST_TEXT_MAX];

	tally_sha256_text(digest, &info->digest);
	if (!side->digest || strcmp(digest, side->digest) != 0)
		misfit(c, "%s is NOT the snapshot of its receipt", name);
	else if (side->taken_at_ns != info->taken_at_ns)
		misfit(c, "%s was not taken when the receipt says", name);
}

static void compare_receipt(struct compare *c, const struct tally_receipt *r)
{
	const struct tally_session *s = c->s;

	if (!r->session_id || strcmp(r->session_id, s->id) != 0)
		misfit(c, "receipt.json is that of another session");
	/* bytes that are no UTF-8 stand on a receipt in another form; the seals have them */
	if (!same_text(r->task, s->task) && (!s->task || tally_utf8_valid(s->task, strlen(s->task))))
		misfit(c, "the task in session.json is not the one on the receipt");
	if (!same_text(r->verdict.text, s->verdict))
		misfit(c, "the verdict in session.json is not the one on the receipt");
	for (size_t i = 0; i < r->root_count; i++)
		if (!has_root(s, r->roots[i].bytes, r->roots[i].len))
			misfit(c, "the receipt is of a folder that session.json does not name");
	if (r->after.taken_at_ns > s->ended_at_ns)
		misfit(c,
		       "session.json says that the session ended before its after snapshot was taken");
}

/* Nobody else writes these two names: what is there must be known to session.json. */
static void compare_open(struct compare *c)
{
	char *path = tally_session_path(c->s, "receipt.json");

	if (path && access(path, F_OK) == 0)
		misfit(c, "receipt.json is there, but session.json says that the session is open: 'after' "
		          "was interrupted, or session.json was altered");
	tally_free(path);
}

static void compare_closing(struct compare *c)
{
	char *closing = tally_session_closing(c->s);

	if (closing && !same_text(closing, c->s->closing))
		misfit(c, "session.json was altered (its closing record does not fit)");
	tally_free(closing);
}

unsigned tally_session_compare(const struct tally_session *s, const struct tally_snapshot *before,
                               const struct tally_snapshot *after,
                               const struct tally_receipt *receipt,
                               void (*problem)(void *payload, const char *message), void *payload)
{
	struct compare c = { s, problem, payload, 0 };

	if (!tally_session_as_written(s))
		misfit(&c, "session.json is not as it was written: it holds other bytes, or fields that "
		           "nobody wrote");
	if (s->ended_at_ns || s->closing || s->receipt_sha256)
		compare_closing(&c);
	else
		compare_open(&c);
	if (before)
		compare_snapshot(&c, before, "before.tally");
	if (after)
		compare_snapshot(&c, after, "after.tally");
	if (receipt && before)
		compare_tie(&c, before, &receipt->before, "before.tally");
	if (receipt && after)
		compare_tie(&c, after, &receipt->after, "after.tally");
	if (receipt)
		compare_receipt(&c, receipt);
	return c.count;
}
