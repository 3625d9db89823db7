/* tally where: what became of one path, and where its content is now. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/find_session.h"
#include "core/escape.h"
#include "core/mem.h"
#include "core/path.h"
#include "receipt/words.h"
#include "snap/snapshot.h"

static const char *session_id;
static bool nul;

const struct cli_option cmd_where_options[] = {
	{ 's', "session", CLI_TEXT, &session_id, "SESSION",
	  "of this session; the newest with a receipt otherwise", NULL },
	{ '0', "null", CLI_FLAG, &nul, NULL,
	  "print only where the content is now: paths, each with a NUL\nbehind it, byte for byte",
	  NULL },
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_where_help(void)
{
	puts("usage: tally where PATH [--session SESSION]\n\n"
	     "Says what became of a path between the two snapshots of a session, and where the\n"
	     "content that it had is now. PATH is as on the receipt, or a path in the file system.\n"
	     "Status: 0 the content is there, 1 it is not (or nothing is proven), 2 trouble.\n");
	cli_print_options(cmd_where_options);
}

/* everything the answer is looked up in */
struct lookup {
	struct tally_session *session;
	struct tally_receipt *receipt;
	struct tally_snapshot *before, *after;
	struct tally_buf path; /* as in the snapshots */
	uint64_t places;       /* printed so far */
};

static void put_name(const char *bytes, size_t len)
{
	struct tally_buf shown;

	tally_buf_init(&shown, SIZE_MAX / 2);
	if (tally_escape_add(&shown, bytes, len))
		fputs(shown.bytes ? shown.bytes : "", stdout);
	tally_buf_release(&shown);
}

static void put_place(struct lookup *l, const char *label, struct tally_name path,
                      struct tally_name member)
{
	l->places++;
	if (nul) {
		fwrite(path.bytes, 1, path.len, stdout);
		putchar('\0');
		return;
	}
	printf("  %s ", label);
	put_name(path.bytes, path.len);
	if (member.bytes) {
		fputs(" » ", stdout);
		put_name(member.bytes, member.len);
	}
	putchar('\n');
}

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
static const struct tally_receipt_change *change_of(const struct lookup *l)
{
	const struct tally_receipt *r = l->receipt;

	for (size_t i = 0; i < r->change_count; i++)
		if (is_move(&r->changes[i]) && same(r->changes[i].from, &l->path))
			return &r->changes[i];
	for (size_t i = 0; i < r->change_count; i++)
		if (!is_move(&r->changes[i]) && !is_new(&r->changes[i]) &&
		    same(r->changes[i].path, &l->path))
			return &r->changes[i];
	return NULL;
}

static const struct tally_receipt_change *change_at(const struct lookup *l)
{
	for (size_t i = 0; i < l->receipt->change_count; i++)
		if (same(l->receipt->changes[i].path, &l->path))
			return &l->receipt->changes[i];
	return NULL;
}

static const struct tally_unverified *gap_at(const struct lookup *l)
{
	const struct tally_receipt *r = l->receipt;

	for (size_t i = 0; i < r->unverified_count; i++) {
		const struct tally_unverified *u = &r->unverified[i];

		if (u->level == TALLY_LEVEL_CONTENT && u->path.bytes && u->path.len &&
		    (same(u->path, &l->path) ||
		     (u->folder &&
		      tally_path_below(l->path.bytes, l->path.len, u->path.bytes, u->path.len))))
			return u;
	}
	return NULL;
}

static void put_places(struct lookup *l, const char *label, const struct tally_where_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		put_place(l, label, list->items[i].path, list->items[i].member);
	if (list->total > list->count && !nul)
		printf("  … and %llu more\n", (unsigned long long)(list->total - list->count));
}

static void say(const char *text)
{
	if (!nul)
		puts(text);
}

static void put_old_content(struct lookup *l, const struct tally_receipt_change *c)
{
	put_places(l, "what it held is still at", &c->survives_at);
	if (l->places == 0 && c->fate == TALLY_FATE_UNPROVEN)
		say("  whether what it held is still somewhere could not be found out");
	else if (l->places == 0 && c->fate != TALLY_FATE_NONE)
		say(c->flags & TALLY_CHANGE_KEPT
		            ? "  what it held is nowhere in the folder; the before snapshot keeps a copy"
		            : "  what it held is nowhere in the folder, and was not kept");
}

static void put_victim_of(struct lookup *l)
{
	const struct tally_receipt_change *at = change_at(l);

	if (!at || !at->overwrote)
		return;
	say("  another file was put over it");
	put_places(l, "what it held is still at", &at->overwrote->survives_at);
}

static void answer_change(struct lookup *l, const struct tally_receipt_change *c)
{
	const struct tally_name none = { NULL, 0 };

	switch (c->kind) {
	case TALLY_CHANGE_MOVED:
		say(c->group ? "moved (one of several equal files)" : "moved");
		put_place(l, "now at", c->path, none);
		break;
	case TALLY_CHANGE_MOVED_EDITED:
		say("moved and edited");
		put_place(l, "now at", c->path, none);
		break;
	case TALLY_CHANGE_METADATA:
		say("still there; only its metadata changed");
		put_place(l, "at", c->path, none);
		break;
	case TALLY_CHANGE_DUPLICATE_REMOVED:
		say("removed; the same content is still elsewhere");
		put_places(l, "also at", &c->survives_at);
		break;
	default:
		if (!nul)
			printf("%s\n", tally_change_name(c->kind));
		put_old_content(l, c);
	}
}

/* not among the changes: unchanged, unverified, covered by another file, or never there */
static bool answer_other(struct lookup *l)
{
	const struct tally_tree *before = tally_snapshot_tree(l->before),
				*after = tally_snapshot_tree(l->after);
	const char *path = l->path.bytes ? l->path.bytes : "";
	uint32_t b = tally_tree_find(before, path, l->path.len),
		 a = tally_tree_find(after, path, l->path.len);
	const struct tally_unverified *gap = gap_at(l);
	const struct tally_name name = { path, l->path.len }, none = { NULL, 0 };

	if (b == TALLY_NO_INDEX && a == TALLY_NO_INDEX)
		return false;
	if (gap) {
		if (!nul)
			printf("not verified: %s\n", tally_reason_words(gap->reason));
	} else if (b == TALLY_NO_INDEX) {
		say("it was not there before");
	} else if (change_at(l) && change_at(l)->overwrote) {
		say("overwritten");
		put_victim_of(l);
	} else if (a != TALLY_NO_INDEX) {
		say("unchanged");
		put_place(l, "at", name, none);
	} else {
		say("not among the changes");
	}
	return true;
}

/* a path of the file system becomes one of the snapshot: below a root, with the root's label in front */
static bool to_snapshot_path(struct lookup *l, const char *given)
{
	const struct tally_tree *tree = tally_snapshot_tree(l->before);
	struct tally_buf full;
	bool found = false;
	char *here = realpath(".", NULL);

	tally_buf_init(&full, SIZE_MAX / 2);
	if (given[0] != '/' && here)
		tally_buf_printf(&full, "%s/", here);
	tally_buf_text(&full, given);
	free(here);
	for (uint32_t i = 0; i < tree->root_count && !found && full.bytes; i++) {
		const struct tally_root *root = &tree->roots[i];
		size_t n = strlen(root->path);
		const char *rest = full.bytes + n;

		if (root->is_file || !tally_path_below(full.bytes, full.len, root->path, n))
			continue;
		while (*rest == '/')
			rest++;
		found = tally_path_join(&l->path, root->label, strlen(root->label), rest,
		                        strlen(rest));
	}
	tally_buf_release(&full);
	return found;
}

static enum tally_status open_all(struct lookup *l, struct tally_err *err)
{
	char *first, *second;
	enum tally_status st = cli_find_session(&l->session, session_id, CLI_SESSION_CLOSED, err);

	if (st >= 0)
		st = tally_session_load_receipt(l->session, &l->receipt, err);
	if (st < 0)
		return st;
	first = tally_session_path(l->session, "before.tally");
	second = tally_session_path(l->session, "after.tally");
	st = first && second ? tally_snapshot_open(&l->before, first, err) : tally_err_nomem(err);
	if (st >= 0)
		st = tally_snapshot_open(&l->after, second, err);
	tally_free(first);
	tally_free(second);
	return st;
}

static bool answer(struct lookup *l)
{
	const struct tally_receipt_change *c = change_of(l);

	if (!c)
		return answer_other(l);
	answer_change(l, c);
	return true;
}

static int look_up(struct lookup *l, const char *given)
{
	/* first as on the receipt, then as a path of the file system */
	size_t len = strlen(given);

	while (len > 1 && given[len - 1] == '/')
		len--;
	if (tally_path_valid(given, len) && tally_buf_add(&l->path, given, len) && answer(l))
		return l->places ? CLI_OK : CLI_DIFFERS;
	if (to_snapshot_path(l, given) && answer(l))
		return l->places ? CLI_OK : CLI_DIFFERS;
	cli_complain("the session knows no path '%s'", given);
	return CLI_TROUBLE;
}

int cmd_where(const struct cli_list *operands)
{
	struct lookup l = { 0 };
	struct tally_err err = { 0 };
	int status;

	if (operands->count != 1) {
		cli_complain("where takes one path: tally where PATH");
		return CLI_TROUBLE;
	}
	tally_buf_init(&l.path, SIZE_MAX / 2);
	status = open_all(&l, &err) < 0 ? cli_trouble(&err) : look_up(&l, operands->items[0]);
	tally_snapshot_close(l.after);
	tally_snapshot_close(l.before);
	tally_receipt_free(l.receipt);
	tally_session_free(l.session);
	tally_buf_release(&l.path);
	return status;
}
