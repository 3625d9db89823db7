/* The receipt for a terminal: the verdict, then the six points. The long sections stand in the other text_*.c files. */
#include "receipt/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "receipt/words.h"

enum {
	COLUMNS_DEFAULT = 80,
	COLUMNS_LEAST = 40,
	REVIEW_SHOWN = 7, /* more than seven things nobody looks at first */
	LINE_MOST = 1 << 24,
	OUT_MOST = 1 << 26,
};

/* ---- line one ---- */

static void verdict(struct tally_sheet *s)
{
	const struct tally_verdict *v = &s->r->verdict;

	tally_sheet_style(s, v->lost                         ? TALLY_STYLE_RED
	                     : v->unverified || !v->complete ? TALLY_STYLE_YELLOW
	                                                     : TALLY_STYLE_BOLD);
	tally_sheet_safe(s, v->text ? v->text : "There is no verdict.");
	tally_sheet_plain(s);
	tally_sheet_end(s, 0, 0);
}

static void place(struct tally_sheet *s)
{
	const struct tally_receipt *r = s->r;

	if (r->session_id) {
		tally_sheet_text(s, "Session ");
		tally_sheet_safe(s, r->session_id);
		tally_sheet_text(s, "  ");
	}
	if (r->names[0].bytes && r->names[1].bytes) {
		tally_sheet_name(s, &r->names[0]);
		tally_sheet_arrow(s);
		tally_sheet_name(s, &r->names[1]);
	} else {
		for (size_t i = 0; i < r->root_count; i++) {
			tally_sheet_text(s, i ? ", " : "");
			tally_sheet_name(s, &r->roots[i]);
		}
	}
	tally_sheet_end(s, 0, 2);
}

/* ---- 1 ---- */

/* A task of several lines keeps them. */
static void paragraph(struct tally_sheet *s, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");
		char *copy = n ? tally_arena_dup(&s->scratch, text, n) : NULL;

		if (copy) {
			tally_sheet_safe(s, copy);
			tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
		} else if (n) {
			s->status = tally_err_nomem(s->err);
			return;
		}
		text += n + (text[n] == '\n');
	}
}

static void command(struct tally_sheet *s, const struct tally_receipt_command *c)
{
	tally_sheet_label(s, "Command");
	for (size_t i = 0; i < c->argc; i++) {
		tally_sheet_text(s, i ? " " : "");
		tally_sheet_bytes(s, c->argv[i], strlen(c->argv[i]));
	}
	tally_sheet_labelled(s, TALLY_INDENT);
	tally_sheet_label(s, "");
	if (c->signal) {
		tally_sheet_style(s, TALLY_STYLE_YELLOW);
		tally_sheet_printf(s, "ended by signal %d", c->signal);
		tally_sheet_plain(s);
	} else if (c->exit_status > 0) {
		tally_sheet_style(s, TALLY_STYLE_YELLOW);
		tally_sheet_printf(s, "failed with exit status %d", c->exit_status);
		tally_sheet_plain(s);
	} else {
		tally_sheet_text(s, c->exit_status == 0 ? "exit status 0" : "exit status unknown");
	}
	tally_sheet_text(s, ", took ");
	tally_sheet_seconds(s, c->seconds);
	if (c->output_sha256) {
		tally_sheet_text(s, ", output ");
		tally_sheet_safe(s, c->output_sha256);
	}
	tally_sheet_labelled(s, TALLY_INDENT);
}

static void task(struct tally_sheet *s)
{
	const struct tally_receipt *r = s->r;

	tally_sheet_heading(s, 1, "Task");
	if (r->task && *r->task) {
		paragraph(s, r->task);
	} else {
		tally_sheet_text(s, "None was given.");
		tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
	}
	tally_text_scope(s);
	if (r->command)
		command(s, r->command);
}

/* ---- 3 ---- */

static void changed(struct tally_sheet *s)
{
	bool any;

	tally_sheet_heading(s, 3, "Changed");
	any = tally_text_tree(s);
	any |= tally_text_tables(s);
	any |= tally_text_documents(s);
	if (!any) {
		tally_sheet_text(s, s->r->verdict.complete ? "Nothing."
		                                           : "Nothing, as far as could be seen.");
		tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
	}
}

/* ---- 4 ---- */

static void vantage_point(struct tally_sheet *s, const struct tally_receipt_side *side)
{
	if (side->user) {
		tally_sheet_text(s, ", ");
		tally_sheet_safe(s, side->user);
	}
	if (side->host) {
		tally_sheet_text(s, side->user ? " on " : ", on ");
		tally_sheet_safe(s, side->host);
	}
	if (side->filesystem) {
		tally_sheet_text(s, ", ");
		tally_sheet_safe(s, side->filesystem);
	}
}

static void proof(struct tally_sheet *s, const struct tally_receipt_side *side)
{
	if (!side->stat && !side->unread) {
		tally_sheet_text(s, side->files == 1 ? "read and hashed" : "all read and hashed");
		return;
	}
	tally_sheet_count(s, side->hashed);
	tally_sheet_text(s, " read and hashed");
	tally_sheet_style(s, TALLY_STYLE_YELLOW);
	if (side->stat) {
		tally_sheet_text(s, ", ");
		tally_sheet_count(s, side->stat);
		tally_sheet_text(s, " believed for size and times");
	}
	if (side->unread) {
		tally_sheet_text(s, ", ");
		tally_sheet_count(s, side->unread);
		tally_sheet_text(s, " not read");
	}
	tally_sheet_plain(s);
}

static void side(struct tally_sheet *s, const char *label, const struct tally_receipt_side *side)
{
	tally_sheet_label(s, label);
	tally_sheet_time(s, side->taken_at_ns);
	tally_sheet_text(s, ", took ");
	tally_sheet_seconds(s, side->seconds);
	vantage_point(s, side);
	tally_sheet_labelled(s, TALLY_INDENT);
	tally_sheet_label(s, "");
	tally_sheet_plural(s, side->files, "file", "files");
	tally_sheet_text(s, " (");
	tally_sheet_size(s, side->bytes);
	tally_sheet_text(s, ")");
	if (side->folders) {
		tally_sheet_text(s, " in ");
		tally_sheet_plural(s, side->folders, "folder", "folders");
	}
	tally_sheet_text(s, "; ");
	proof(s, side);
	tally_sheet_labelled(s, TALLY_INDENT);
	if (side->digest) {
		/* not below the others: it fits on a line of 80 columns then */
		tally_sheet_safe(s, side->digest);
		tally_sheet_end(s, TALLY_INDENT + 2, TALLY_INDENT + 2);
	}
}

static const char *sandbox_words(const char *sandbox)
{
	if (!strcmp(sandbox, "full"))
		return "Contents were read in processes that can open nothing (seccomp, Landlock).";
	if (!strcmp(sandbox, "seccomp"))
		return "Contents were read in processes that can open nothing (seccomp).";
	return "Contents were read in processes of their own; this system has no sandbox for them.";
}

/* Where no file was taken apart, how that would have been done is of no interest. */
static bool looked_inside(const struct tally_receipt *r)
{
	if (json_array_size(r->tables) || json_array_size(r->documents) ||
	    json_array_size(r->archives))
		return true;
	for (size_t i = 0; i < r->unverified_count; i++)
		if (r->unverified[i].level != TALLY_LEVEL_CONTENT)
			return true;
	return false;
}

static void evidence(struct tally_sheet *s)
{
	const struct tally_receipt *r = s->r;

	tally_sheet_heading(s, 4, "Evidence");
	side(s, "Before", &r->before);
	if (r->session_id && r->keep.not_kept) {
		tally_sheet_label(s, "");
		tally_sheet_plural(s, r->keep.not_kept, "content", "contents");
		tally_sheet_text(s, " (");
		tally_sheet_size(s, r->keep.not_kept_bytes);
		tally_sheet_text(s, r->keep.contents ? ") not kept: no copy can be given back"
		                                     : ") and none kept: no copy can be given back");
		tally_sheet_labelled(s, TALLY_INDENT);
	}
	side(s, "After", &r->after);
	if (r->sandbox && looked_inside(r)) {
		tally_sheet_label(s, "Reading");
		tally_sheet_text(s, sandbox_words(r->sandbox));
		tally_sheet_labelled(s, TALLY_INDENT);
	}
	for (size_t i = 0; i < r->vantage_count; i++) {
		tally_sheet_label(s, i ? "" : "Vantage");
		tally_sheet_safe(s, r->vantage[i]);
		tally_sheet_labelled(s, TALLY_INDENT);
	}
	tally_sheet_label(s, "Tool");
	tally_sheet_text(s, "tally ");
	tally_sheet_safe(s, r->tool_version);
	tally_sheet_labelled(s, TALLY_INDENT);
}

/* ---- 6 ---- */

static void review_item(struct tally_sheet *s, size_t n)
{
	static const enum tally_style styles[] = { TALLY_STYLE_DIM, TALLY_STYLE_YELLOW,
		                                   TALLY_STYLE_RED };
	const struct tally_review_item *item = &s->r->review[n];
	unsigned hang = TALLY_INDENT + 12;
	char start[32];

	snprintf(start, sizeof start, "%2zu. ", n + 1);
	tally_sheet_fixed(s, start);
	tally_sheet_style(s, styles[item->severity]);
	snprintf(start, sizeof start, "%-6s  ", tally_severity_name(item->severity));
	tally_sheet_fixed(s, start);
	tally_sheet_plain(s);
	tally_sheet_safe(s, item->what);
	tally_sheet_end(s, TALLY_INDENT, hang);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s->r->review[i].rule, item->rule))
			return; /* said already */
	if (!item->why || !*item->why)
		return;
	tally_sheet_style(s, TALLY_STYLE_DIM);
	tally_sheet_safe(s, item->why);
	tally_sheet_plain(s);
	tally_sheet_end(s, hang, hang);
}

static void review(struct tally_sheet *s)
{
	size_t shown = tally_sheet_cut(s, s->r->review_count, REVIEW_SHOWN);

	tally_sheet_heading(s, 6, "Review first");
	for (size_t i = 0; i < shown; i++)
		review_item(s, i);
	tally_sheet_more(s, TALLY_INDENT, s->r->review_count - shown);
	if (!s->r->review_count) {
		tally_sheet_text(s, "Nothing stands out.");
		tally_sheet_end(s, TALLY_INDENT, TALLY_INDENT);
	}
}

/* ---- all of it ---- */

static void points(struct tally_sheet *s)
{
	place(s);
	task(s);
	tally_text_touched(s);
	changed(s);
	evidence(s);
	tally_text_unverified(s);
	review(s);
}

enum tally_status tally_receipt_write_text(const struct tally_receipt *r,
                                           const struct tally_view_options *options, int fd,
                                           struct tally_err *err)
{
	static const struct tally_view_options defaults = TALLY_VIEW_OPTIONS_INIT;
	const struct tally_view_options *o = options ? options : &defaults;
	struct tally_sheet s = { .r = r, .fd = fd, .colour = o->colour, .all = o->all, .err = err };

	assert(o->version == TALLY_VIEW_OPTIONS_VERSION);
	s.columns = o->columns ? o->columns : COLUMNS_DEFAULT;
	if (s.columns < COLUMNS_LEAST)
		s.columns = COLUMNS_LEAST;
	tally_buf_init(&s.line, LINE_MOST);
	tally_buf_init(&s.out, OUT_MOST);
	tally_arena_init(&s.scratch, 0);
	verdict(&s);
	if (!o->quiet)
		points(&s);
	tally_sheet_flush(&s);
	tally_arena_release(&s.scratch);
	tally_buf_release(&s.line);
	tally_buf_release(&s.out);
	return s.status;
}
