/* tally where: what became of one path, and where its content is now. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/find_session.h"
#include "cli/where.h"
#include "cli/where_path.h"
#include "core/mem.h"
#include "core/path.h"
#include "receipt/words.h"

static const char *session_id;
static bool nul;

const struct cli_option cmd_where_options[] = {
	{ 's', "session", CLI_TEXT, &session_id, "SESSION",
	  "of this session; the newest with a receipt otherwise", NULL },
	{ '0', "null", CLI_FLAG, &nul, NULL,
	  "print only where the content is for certain: paths, each with\na NUL behind it, byte for byte",
	  NULL },
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_where_help(void)
{
	puts("usage: tally where PATH [--session SESSION]\n\n"
	     "Says what became of a path between the two snapshots of a session, and where the\n"
	     "content that it had is now. PATH is as on the receipt (its escapes are understood), or\n"
	     "a path in the file system, which need not exist any more. Of a folder it says what\n"
	     "became of the files below it.\n"
	     "Status: 0 the content is there (of a folder: all contents), 1 it is not, or that is not\n"
	     "proven, 2 trouble.\n");
	cli_print_options(cmd_where_options);
}

/* ---- printing ---- */

/* what stands there now was taken for what it was, and not read */
static bool is_believed(const struct cli_where *w, const struct tally_name *path)
{
	const struct tally_tree *after = tally_snapshot_tree(w->after);
	uint32_t at = tally_tree_find(after, path->bytes, path->len);

	return at != TALLY_NO_INDEX && after->entries[at].type == TALLY_TYPE_FILE &&
	       after->entries[at].proof == TALLY_PROOF_STAT;
}

void cli_where_put_place(struct cli_where *w, const char *label, const struct tally_where *place)
{
	bool believed = is_believed(w, &place->path);

	w->places += !believed;
	if (w->nul) {
		if (!believed) {
			fwrite(place->path.bytes, 1, place->path.len, stdout);
			putchar('\0');
		}
		return;
	}
	printf("  %s ", label);
	cli_put_name(place->path.bytes, place->path.len);
	if (place->member.bytes) {
		fputs(" » ", stdout);
		cli_put_name(place->member.bytes, place->member.len);
	}
	puts(believed ? " (believed for its size and time, not read)" : "");
}

static void put_places(struct cli_where *w, const char *label, const struct tally_where_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		cli_where_put_place(w, label, &list->items[i]);
	if (list->total > list->count && !w->nul)
		printf("  … and %" PRIu64 " more\n", list->total - list->count);
}

static void put_path(struct cli_where *w, const char *label, struct tally_name path)
{
	const struct tally_where place = { .path = path };

	cli_where_put_place(w, label, &place);
}

static void say(const struct cli_where *w, const char *text)
{
	if (!w->nul)
		puts(text);
}

static struct tally_name own_path(const struct cli_where *w)
{
	return (struct tally_name){ w->path.bytes ? w->path.bytes : "", w->path.len };
}

static void put_verdict(const struct cli_where *w, const char *text)
{
	if (w->nul)
		return;
	cli_put_name(own_path(w).bytes, w->path.len);
	printf(": %s\n", text);
}

static void put_session(const struct cli_where *w)
{
	const struct tally_session *s = w->session;
	char began[TALLY_TIME_MAX];

	if (w->nul)
		return;
	tally_words_time(began, s->began_at_ns);
	printf("Session %s of %.10s %.5s UTC", s->id, began, began + 11);
	if (s->task) {
		fputs(": ", stdout);
		cli_put_name(s->task, strlen(s->task));
	}
	putchar('\n');
}

/* ---- what a side does not know ---- */

static bool parent_gap(struct cli_where_gap *out, const struct tally_tree *tree, const char *path,
                       size_t len)
{
	uint32_t dir = tally_tree_find_dir(tree, path, len);
	uint32_t at = tally_tree_find(tree, path, len);
	const struct tally_entry *e = at == TALLY_NO_INDEX ? NULL : &tree->entries[at];

	out->folder_len = len;
	out->below = true;
	if (dir != TALLY_NO_INDEX && tree->dirs[dir].reason)
		out->reason = (enum tally_reason)tree->dirs[dir].reason;
	if (!out->reason && e)
		out->reason = (enum tally_reason)e->reason;
	if (e && e->pattern)
		out->pattern = &tree->patterns[e->pattern - 1];
	return dir != TALLY_NO_INDEX || e;
}

void cli_where_gap(struct cli_where_gap *out, const struct tally_tree *tree, const char *path,
                   size_t len)
{
	uint32_t at = tally_tree_find(tree, path, len);

	*out = (struct cli_where_gap){ .reason = TALLY_REASON_NONE };
	if (at != TALLY_NO_INDEX) {
		const struct tally_entry *e = &tree->entries[at];

		if (e->type == TALLY_TYPE_FILE || e->reason == TALLY_REASON_EXCLUDED)
			out->reason = (enum tally_reason)e->reason;
		if (e->pattern && e->pattern <= tree->pattern_count)
			out->pattern = &tree->patterns[e->pattern - 1];
		return;
	}
	while (len > 0) {
		len = tally_path_dir_len(path, len);
		if (parent_gap(out, tree, path, len))
			return;
	}
}

static void put_gap(const struct cli_where *w, const struct cli_where_gap *gap, const char *side)
{
	const struct tally_name path = own_path(w);

	fputs("  ", stdout);
	if (gap->reason == TALLY_REASON_EXCLUDED) {
		fputs("excluded, not looked at", stdout);
		if (gap->pattern) {
			fputs(" (pattern ", stdout);
			cli_put_name(gap->pattern->text, strlen(gap->pattern->text));
			fputs(" of ", stdout);
			cli_put_name(gap->pattern->origin, strlen(gap->pattern->origin));
			fputs(")", stdout);
		}
	} else if (gap->below) {
		fputs("not reached: ", stdout);
		cli_put_name(gap->folder_len ? path.bytes : ".",
		             gap->folder_len ? gap->folder_len : 1);
		printf(" could not be read (%s)", tally_reason_words(gap->reason));
	} else {
		printf("%s", tally_reason_words(gap->reason));
	}
	printf("%s\n", side);
}

static bool same_gap(const struct cli_where_gap *a, const struct cli_where_gap *b)
{
	return a->reason == b->reason && a->below == b->below && a->folder_len == b->folder_len &&
	       (!a->pattern || !b->pattern || !strcmp(a->pattern->text, b->pattern->text));
}

/* "excluded, not looked at (pattern …)", "not reached: … could not be read (…)", with the side where one of them knows. */
static void put_gaps(struct cli_where *w, const struct cli_where_gap gaps[2])
{
	w->doubts++;
	if (w->nul)
		return;
	if (gaps[0].reason && gaps[1].reason && same_gap(&gaps[0], &gaps[1])) {
		put_gap(w, &gaps[0], ", before and after");
		return;
	}
	if (gaps[0].reason)
		put_gap(w, &gaps[0], ", before");
	if (gaps[1].reason)
		put_gap(w, &gaps[1], ", after");
}

/* ---- one path ---- */

static bool same(struct tally_name n, const struct tally_buf *path)
{
	return n.bytes && n.len == path->len &&
	       memcmp(n.bytes, path->bytes ? path->bytes : "", n.len) == 0;
}

static bool is_move(const struct tally_receipt_change *c)
{
	return c->kind == TALLY_CHANGE_MOVED || c->kind == TALLY_CHANGE_MOVED_EDITED;
}

static bool is_new(const struct tally_receipt_change *c)
{
	return c->kind == TALLY_CHANGE_ADDED || c->kind == TALLY_CHANGE_COPIED ||
	       c->kind == TALLY_CHANGE_COPIED_EDITED;
}

/* The change in which a path of the before side ends. A move tells more than what stands at the old path now. */
static const struct tally_receipt_change *change_of(const struct cli_where *w)
{
	const struct tally_receipt *r = w->receipt;

	for (size_t i = 0; i < r->change_count; i++)
		if (is_move(&r->changes[i]) && same(r->changes[i].from, &w->path))
			return &r->changes[i];
	for (size_t i = 0; i < r->change_count; i++)
		if (!is_move(&r->changes[i]) && !is_new(&r->changes[i]) &&
		    same(r->changes[i].path, &w->path))
			return &r->changes[i];
	return NULL;
}

/* the change that put something at this path */
static const struct tally_receipt_change *change_at(const struct cli_where *w)
{
	for (size_t i = 0; i < w->receipt->change_count; i++)
		if (same(w->receipt->changes[i].path, &w->path))
			return &w->receipt->changes[i];
	return NULL;
}

static bool is_kept(const struct cli_where *w)
{
	const struct tally_tree *before = tally_snapshot_tree(w->before);
	uint32_t at = tally_tree_find(before, own_path(w).bytes, w->path.len);

	return at != TALLY_NO_INDEX && before->entries[at].flags & TALLY_ENTRY_KEPT;
}

/* where the content is that a path had before; @gone: what to say where it is not */
static void put_old_content(struct cli_where *w, enum tally_fate fate,
                            const struct tally_where_list *at, bool unsought)
{
	const char *gone = fate == TALLY_FATE_UNPROVEN
	                           ? "whether what it held is still somewhere could not be found out"
	                   : fate == TALLY_FATE_LOST ? "what it held is nowhere in what was looked at"
	                   : fate == TALLY_FATE_UNPACKED
	                           ? "it is gone itself; all files that were in it are out in the folder"
	                   : unsought
	                           ? "what it held is in no other file; not all archives were searched for it"
	                           : "what it held was found nowhere else";

	put_places(w, "what it held is still at", at);
	if (fate == TALLY_FATE_UNPROVEN && at->count)
		say(w, "  that is not proven");
	w->doubts += at->count == 0 || fate == TALLY_FATE_UNPROVEN;
	if (at->count == 0 && !w->nul)
		printf("  %s; %s\n", gone,
		       is_kept(w) ? "the before snapshot keeps a copy" : "no copy was kept");
}

static void put_believed(struct cli_where *w)
{
	put_verdict(w, "believed to be unchanged for its size and time, not read");
	say(w, "  'tally after --again' without --quick reads it");
	w->doubts++;
}

static void answer_change(struct cli_where *w, const struct tally_receipt_change *c)
{
	switch (c->kind) {
	case TALLY_CHANGE_MOVED:
		put_verdict(w, c->group ? "moved (one of several equal files)" : "moved");
		put_path(w, "now at", c->path);
		break;
	case TALLY_CHANGE_MOVED_EDITED:
		put_verdict(w, "moved and edited");
		if (!w->nul) {
			printf("  the edited file is ");
			cli_put_name(c->path.bytes, c->path.len);
			putchar('\n');
		}
		put_old_content(w, c->fate, &c->survives_at, c->flags & TALLY_CHANGE_UNSOUGHT);
		break;
	case TALLY_CHANGE_METADATA:
		if (is_believed(w, &c->path)) {
			put_believed(w);
			break;
		}
		put_verdict(w, "still there; only its metadata changed");
		put_path(w, "at", c->path);
		break;
	case TALLY_CHANGE_DUPLICATE_REMOVED:
		put_verdict(w, "removed; the same content is still elsewhere");
		put_places(w, "also at", &c->survives_at);
		break;
	case TALLY_CHANGE_LINK_RETARGETED:
		put_verdict(w, "a link that points elsewhere now");
		w->doubts++;
		break;
	default:
		put_verdict(w, tally_change_name(c->kind));
		if (c->old_type == TALLY_TYPE_FILE)
			put_old_content(w, c->fate, &c->survives_at,
			                c->flags & TALLY_CHANGE_UNSOUGHT);
		else
			w->doubts++;
	}
}

static const char *how_it_came(const struct tally_receipt_change *c)
{
	if (c->from_member.bytes)
		return "it was unpacked from ";
	switch (c->kind) {
	case TALLY_CHANGE_COPIED:
		return "a copy of ";
	case TALLY_CHANGE_COPIED_EDITED:
		return "an edited copy of ";
	case TALLY_CHANGE_MOVED:
		return "it was moved here from ";
	case TALLY_CHANGE_MOVED_EDITED:
		return "it was moved here and edited, from ";
	default:
		return "it was added";
	}
}

static void answer_new(struct cli_where *w)
{
	const struct tally_receipt_change *c = change_at(w);

	put_verdict(w, "it was not there before");
	w->doubts++;
	if (!c || w->nul)
		return;
	printf("  %s", how_it_came(c));
	if (c->from.bytes)
		cli_put_name(c->from.bytes, c->from.len);
	if (c->from_member.bytes) {
		fputs(" » ", stdout);
		cli_put_name(c->from_member.bytes, c->from_member.len);
	}
	putchar('\n');
}

static void answer_unread(struct cli_where *w, const struct cli_where_gap gaps[2])
{
	bool unseen = gaps[0].reason == TALLY_REASON_EXCLUDED || gaps[0].below ||
	              gaps[1].reason == TALLY_REASON_EXCLUDED || gaps[1].below;

	put_verdict(w, !unseen          ? "not verified"
	               : gaps[0].reason ? "nothing is known about it"
	                                : "what became of it is not known");
	put_gaps(w, gaps);
}

static bool is_unread(const struct tally_tree *tree, uint32_t at)
{
	return at != TALLY_NO_INDEX && tree->entries[at].type == TALLY_TYPE_FILE &&
	       tree->entries[at].proof == TALLY_PROOF_NONE;
}

static bool was_stat(const struct tally_tree *tree, uint32_t at)
{
	return tree->entries[at].type == TALLY_TYPE_FILE &&
	       tree->entries[at].proof == TALLY_PROOF_STAT;
}

/* not among the changes: unchanged, not verified, covered by another file, or new */
static void answer_other(struct cli_where *w)
{
	const struct tally_tree *before = tally_snapshot_tree(w->before),
				*after = tally_snapshot_tree(w->after);
	const struct tally_name path = own_path(w);
	uint32_t b = tally_tree_find(before, path.bytes, path.len),
		 a = tally_tree_find(after, path.bytes, path.len);
	const struct tally_receipt_change *at = change_at(w);
	struct cli_where_gap gaps[2];

	cli_where_gap(&gaps[0], before, path.bytes, path.len);
	cli_where_gap(&gaps[1], after, path.bytes, path.len);
	if (at && at->overwrote) {
		put_verdict(w, "overwritten: another file was put over it");
		put_old_content(w, at->overwrote->fate, &at->overwrote->survives_at, false);
	} else if (gaps[0].reason || gaps[1].reason || is_unread(before, b) || is_unread(after, a)) {
		answer_unread(w, gaps);
	} else if (b == TALLY_NO_INDEX) {
		answer_new(w);
	} else if (a == TALLY_NO_INDEX) {
		put_verdict(w, "gone; the receipt has no line for it");
		w->doubts++;
	} else if (was_stat(before, b) || was_stat(after, a)) {
		put_believed(w);
	} else {
		put_verdict(w, "unchanged");
		put_path(w, "at", path);
	}
}

/* ---- all of it ---- */

static bool in_tree(const struct tally_tree *tree, const char *path, size_t len)
{
	return tally_tree_find(tree, path, len) != TALLY_NO_INDEX ||
	       tally_tree_find_dir(tree, path, len) != TALLY_NO_INDEX;
}

static bool is_known(const void *payload, const char *path, size_t len)
{
	const struct cli_where *w = payload;

	return in_tree(tally_snapshot_tree(w->before), path, len) ||
	       in_tree(tally_snapshot_tree(w->after), path, len);
}

/* it may have been there: what is below an excluded or unreadable folder was not seen */
static bool is_unseen(const void *payload, const char *path, size_t len)
{
	const struct cli_where *w = payload;
	struct cli_where_gap before, after;

	cli_where_gap(&before, tally_snapshot_tree(w->before), path, len);
	cli_where_gap(&after, tally_snapshot_tree(w->after), path, len);
	return before.reason || after.reason;
}

static bool was_folder(const struct cli_where *w)
{
	const struct tally_tree *before = tally_snapshot_tree(w->before);
	const struct tally_name path = own_path(w);
	uint32_t at = tally_tree_find(before, path.bytes, path.len);

	return tally_tree_find_dir(before, path.bytes, path.len) != TALLY_NO_INDEX &&
	       (at == TALLY_NO_INDEX || before->entries[at].reason != TALLY_REASON_EXCLUDED);
}

static int answer(struct cli_where *w)
{
	const struct tally_receipt_change *c = change_of(w);
	bool folder = was_folder(w);

	put_session(w);
	if (folder) {
		if (!cli_where_folder(w))
			return CLI_TROUBLE;
	} else if (c) {
		answer_change(w, c);
	} else {
		answer_other(w);
	}
	return (w->places || folder) && !w->doubts ? CLI_OK : CLI_DIFFERS;
}

static enum tally_status open_all(struct cli_where *w, struct tally_err *err)
{
	char *first, *second;
	enum tally_status st = cli_find_session(&w->session, session_id, CLI_SESSION_CLOSED, err);

	if (st >= 0)
		st = tally_session_load_receipt(w->session, &w->receipt, err);
	if (st < 0)
		return st;
	first = tally_session_path(w->session, "before.tally");
	second = tally_session_path(w->session, "after.tally");
	st = first && second ? tally_snapshot_open(&w->before, first, err) : tally_err_nomem(err);
	if (st >= 0)
		st = tally_snapshot_open(&w->after, second, err);
	tally_free(first);
	tally_free(second);
	return st;
}

static int look_up(struct cli_where *w, const char *given)
{
	const struct tally_tree *roots = tally_snapshot_tree(w->before);
	struct tally_err err = { 0 };
	enum tally_status st = cli_where_path(&w->path, given, roots, is_known, w, &err);

	if (st == TALLY_END)
		st = cli_where_path(&w->path, given, roots, is_unseen, w, &err);
	if (st < 0)
		return cli_trouble(&err);
	if (st == TALLY_OK)
		return answer(w);
	cli_complain("session %s knows no path '%s'", w->session->id, given);
	return CLI_TROUBLE;
}

int cmd_where(const struct cli_list *operands)
{
	struct cli_where w = { .nul = nul };
	struct tally_err err = { 0 };
	int status;

	if (operands->count != 1 || !operands->items[0][0]) {
		cli_complain("where takes one path: tally where PATH");
		return CLI_TROUBLE;
	}
	tally_buf_init(&w.path, SIZE_MAX / 2);
	status = open_all(&w, &err) < 0 ? cli_trouble(&err) : look_up(&w, operands->items[0]);
	tally_snapshot_close(w.after);
	tally_snapshot_close(w.before);
	tally_receipt_free(w.receipt);
	tally_session_free(w.session);
	tally_buf_release(&w.path);
	return status;
}
