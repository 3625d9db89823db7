/* Section 3 of the terminal view, one path: what became of it, in a line. */
#include "receipt/text_tree.h"

#include <string.h>

#include "core/path.h"
#include "receipt/words.h"

/* "no copy was kept (over the budget of 2.0 GB)", behind a comma; nothing in a comparison without a session. */
static void put_unkept(struct tally_sheet *s, uint64_t bytes)
{
	const struct tally_receipt_keep *k = &s->r->keep;

	if (!s->r->session_id || bytes == TALLY_UNKNOWN)
		return;
	tally_sheet_text(s, ", no copy was kept");
	if (k->contents && k->budget != TALLY_UNKNOWN && k->bytes <= k->budget &&
	    k->budget - k->bytes < bytes) {
		tally_sheet_text(s, " (over the budget of ");
		tally_sheet_size(s, k->budget);
		tally_sheet_text(s, ")");
	}
}

static void path(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	if (c->flags & TALLY_CHANGE_ROOT) {
		tally_sheet_text(s, c->path.len ? "" : "It");
		if (c->path.len)
			tally_sheet_name(s, &c->path);
		return;
	}
	tally_sheet_name(s, &c->path);
	if (c->type == TALLY_TYPE_DIR)
		tally_sheet_text(s, "/");
}

static void remark(struct tally_sheet *s, const char *text)
{
	tally_sheet_text(s, ", ");
	tally_sheet_text(s, text);
}

static void size_before(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	if (c->bytes_before == TALLY_UNKNOWN)
		return;
	tally_sheet_text(s, "  ");
	tally_sheet_size(s, c->bytes_before);
}

static void somewhere(struct tally_sheet *s, const struct tally_where_list *list)
{
	const struct tally_where *first = list->items;

	if (!list->count)
		return;
	if (first->member.bytes) {
		tally_sheet_name(s, &first->member);
		tally_sheet_text(s, " inside ");
	}
	tally_sheet_name(s, &first->path);
	if (list->total > 1) {
		tally_sheet_text(s, " and at ");
		tally_sheet_plural(s, list->total - 1, "other place", "other places");
	}
}

static void believed(struct tally_sheet *s, const struct tally_where_list *list)
{
	tally_sheet_text(s, ", a copy is believed to be at ");
	somewhere(s, list);
	tally_sheet_text(s, ", which was not read");
}

static bool never_read(const struct tally_receipt_change *c)
{
	return c->fate == TALLY_FATE_UNPROVEN && c->type == TALLY_TYPE_FILE && !c->digest_before;
}

/* ", 4 of its 9 paragraphs stand in kept.md, 1 of them edited" */
static void elsewhere(struct tally_sheet *s, const struct tally_text_elsewhere *e)
{
	uint64_t found = e->compared ? e->all - e->missing : e->found;

	if (e->compared && !e->missing && !e->edited) {
		tally_sheet_text(s, e->unit == TALLY_UNIT_MESSAGE ? ", all that was in it stands in "
		                                                  : ", all of its text stands in ");
		somewhere(s, &e->in);
		return;
	}
	if (e->compared && e->all == 1) {
		tally_sheet_printf(s, ", its only %s stands in ", tally_text_unit_name(e->unit));
		somewhere(s, &e->in);
		tally_sheet_text(s, ", edited");
		return;
	}
	tally_sheet_text(s, ", ");
	if (e->compared && !e->missing)
		tally_sheet_text(s, "all");
	else
		tally_sheet_count(s, found);
	tally_sheet_text(s, " of its ");
	if (e->compared)
		tally_sheet_plural(s, e->all, tally_text_unit_name(e->unit),
		                   tally_text_unit_names(e->unit));
	else
		tally_sheet_plural(s, e->paragraphs, "longer paragraph", "longer paragraphs");
	tally_sheet_text(s, found == 1 ? " stands in " : " stand in ");
	somewhere(s, &e->in);
	if (!e->edited)
		return;
	tally_sheet_text(s, ", ");
	tally_sheet_count(s, e->edited);
	tally_sheet_text(s, " of them edited");
}

static void deleted_line(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	path(s, c);
	size_before(s, c);
	if (c->type == TALLY_TYPE_SYMLINK)
		remark(s, "a link");
	if (c->fate == TALLY_FATE_UNPACKED)
		remark(s, "all that was in it is out in the folder");
	if (tally_text_gone(c->fate) && c->flags & TALLY_CHANGE_KEPT)
		remark(s, "a copy is kept");
	else if (tally_text_gone(c->fate) && tally_change_unkept(c) && !never_read(c))
		put_unkept(s, c->bytes_before);
	if (never_read(c))
		remark(s, "its content was never read");
	if (c->elsewhere)
		elsewhere(s, c->elsewhere);
	if (c->fate == TALLY_FATE_EDITED)
		remark(s, "its content goes on under another name, edited");
	if (c->survives_at.count && c->fate == TALLY_FATE_UNPROVEN) {
		believed(s, &c->survives_at);
	} else if (c->survives_at.count) {
		tally_sheet_text(s, c->kind == TALLY_CHANGE_DUPLICATE_REMOVED ? ", same as "
		                                                              : ", still at ");
		somewhere(s, &c->survives_at);
	}
}

static void damage(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	const char *words = c->flags & TALLY_CHANGE_EMPTIED     ? ", emptied"
	                    : c->flags & TALLY_CHANGE_NUL_TAIL  ? ", ends in NUL bytes now"
	                    : c->flags & TALLY_CHANGE_TRUNCATED ? ", cut short"
	                    : c->flags & TALLY_CHANGE_SILENT    ? ", same size and times as before"
	                                                        : NULL;

	if (words) {
		tally_sheet_style(s, TALLY_STYLE_RED);
		tally_sheet_text(s, words);
		tally_sheet_plain(s);
	}
}

static void sizes(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	char before[TALLY_SIZE_MAX], after[TALLY_SIZE_MAX];

	if (c->bytes_before == TALLY_UNKNOWN || c->bytes_after == TALLY_UNKNOWN)
		return;
	tally_words_size(before, c->bytes_before);
	tally_words_size(after, c->bytes_after);
	tally_sheet_text(s, "  ");
	if (c->bytes_before != c->bytes_after && strcmp(before, after) == 0) {
		/* too close for the short form */
		tally_sheet_count(s, c->bytes_before);
		tally_sheet_fixed(s, " \u2192 ");
		tally_sheet_count(s, c->bytes_after);
		tally_sheet_fixed(s, " bytes");
		return;
	}
	tally_sheet_fixed(s, before);
	if (c->bytes_before == c->bytes_after)
		return;
	tally_sheet_fixed(s, " \u2192 ");
	tally_sheet_fixed(s, after);
}

static void modified_line(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	path(s, c);
	sizes(s, c);
	damage(s, c);
	if (tally_change_unkept(c) && !c->survives_at.count && s->r->keep.contents)
		put_unkept(s, c->bytes_before); /* where nothing was kept that is said once */
	if (c->flags & TALLY_CHANGE_APPENDED)
		remark(s, "only added to at the end");
	if (c->flags & TALLY_CHANGE_REPLACED)
		remark(s, c->flags & TALLY_CHANGE_OPAQUE ? "none of the old bytes are in it"
		                                         : "nothing of the old content is in it");
	if (c->survives_at.count && c->fate == TALLY_FATE_UNPROVEN) {
		believed(s, &c->survives_at);
	} else if (c->survives_at.count) {
		tally_sheet_text(s, ", old content at ");
		somewhere(s, &c->survives_at);
	}
}

static void alike(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	static const char *const words[] = { "",
		                             "the same inode",
		                             "by its members",
		                             "by its text",
		                             "by its bytes",
		                             "by its pixels" };

	if (c->similarity >= 0)
		tally_sheet_printf(s, ", %d %% alike", c->similarity / 10);
	if (c->evidence == TALLY_EVIDENCE_INODE)
		remark(s, words[c->evidence]);
	else if (c->evidence != TALLY_EVIDENCE_NONE)
		tally_sheet_printf(s, " %s", words[c->evidence]);
}

static void covered(struct tally_sheet *s, const struct tally_overwrote *o)
{
	tally_sheet_text(s, ", covered a file of ");
	tally_sheet_size(s, o->bytes);
	if (o->survives_at.count && o->fate == TALLY_FATE_UNPROVEN) {
		believed(s, &o->survives_at);
	} else if (o->survives_at.count) {
		tally_sheet_text(s, ", still at ");
		somewhere(s, &o->survives_at);
	}
	if (tally_text_gone(o->fate) && !o->kept && o->bytes)
		put_unkept(s, o->bytes);
	if (o->survives_at.count)
		return;
	if (o->fate == TALLY_FATE_UNPROVEN) {
		remark(s, "which may survive somewhere");
	} else if (o->fate == TALLY_FATE_EDITED) {
		remark(s, "which lives on edited");
	}
}

/* ", unpacked from old.zip", with the place in it where that has another name */
static void unpacked(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	const struct tally_name *m = &c->from_member, *p = &c->path;
	size_t x, y;

	if (!m->bytes)
		return;
	x = tally_path_base(m->bytes, m->len);
	y = tally_path_base(p->bytes, p->len);
	tally_sheet_text(s, ", unpacked from ");
	if (m->len - x != p->len - y || memcmp(m->bytes + x, p->bytes + y, m->len - x) != 0) {
		tally_sheet_name(s, m);
		tally_sheet_text(s, " inside ");
	}
	tally_sheet_name(s, &c->from);
}

static void added_line(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	path(s, c);
	if (c->bytes_after != TALLY_UNKNOWN && c->type == TALLY_TYPE_FILE) {
		tally_sheet_text(s, "  ");
		tally_sheet_size(s, c->bytes_after);
	} else if (c->type != TALLY_TYPE_DIR) {
		tally_sheet_printf(s, ", a %s", tally_type_name(c->type));
	}
	if (c->link_new.bytes) {
		tally_sheet_text(s, " to ");
		tally_sheet_name(s, &c->link_new);
	}
	unpacked(s, c);
}

/* Two names that look alike: "U+00E9 in one, U+0065 U+0301 in the other". */
static void composed(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	struct tally_buf text;

	remark(s, "the same letters, composed in another way");
	tally_buf_init(&text, SIZE_MAX / 2);
	if (tally_words_code_points(&text, c->from.bytes, c->from.len, c->path.bytes, c->path.len) &&
	    tally_buf_byte(&text, '\0')) {
		tally_sheet_text(s, " (");
		tally_sheet_safe(s, text.bytes);
		tally_sheet_text(s, ")");
	} else {
		s->status = tally_err_nomem(s->err);
	}
	tally_buf_release(&text);
}

static void moved_line(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	if (c->from_member.bytes) {
		added_line(s, c);
		return;
	}
	tally_sheet_name(s, &c->from);
	tally_sheet_text(s, c->type == TALLY_TYPE_DIR ? "/" : "");
	tally_sheet_arrow(s);
	path(s, c);
	if (c->kind == TALLY_CHANGE_MOVED_EDITED || c->kind == TALLY_CHANGE_COPIED_EDITED)
		alike(s, c);
	if (c->flags & TALLY_CHANGE_FORM_ONLY)
		composed(s, c);
	else if (c->flags & TALLY_CHANGE_CASE_ONLY)
		remark(s, "only the letter case");
	if (c->cycle)
		remark(s, "part of a swap");
	if (c->ambiguous.total || c->group)
		remark(s, "one of several equal files");
	if (c->overwrote)
		covered(s, c->overwrote);
}

static void type_line(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	path(s, c);
	tally_sheet_printf(s, ", was a %s, is a %s now", tally_type_name(c->old_type),
	                   tally_type_name(c->type));
	if (c->fate == TALLY_FATE_LOST) {
		tally_sheet_style(s, TALLY_STYLE_RED);
		remark(s, "its content is lost");
		tally_sheet_plain(s);
	}
}

static void link_line(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	path(s, c);
	tally_sheet_text(s, ": ");
	tally_sheet_name(s, &c->link_old);
	tally_sheet_arrow(s);
	tally_sheet_name(s, &c->link_new);
	if (c->flags & TALLY_CHANGE_LEAVES_ROOT) {
		tally_sheet_style(s, TALLY_STYLE_YELLOW);
		remark(s, "outside of the folder");
		tally_sheet_plain(s);
	}
}

/* "2026-01-02T03:04:05.123456789Z" is more than anybody reads; where seconds tell two times apart, they are enough */
static void field_value(struct tally_sheet *s, const char *value, const char *other)
{
	int64_t ns, more;

	if (!value)
		tally_sheet_text(s, "(unknown)");
	else if (other && tally_words_time_parse(&ns, value) &&
	         tally_words_time_parse(&more, other) && ns / 1000000000 != more / 1000000000)
		tally_sheet_printf(s, "%.10s %.8s", value, value + 11);
	else
		tally_sheet_safe(s, value);
}

void tally_text_fields(struct tally_sheet *s, const struct tally_field_change *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct tally_field_change *f = &fields[i];

		tally_sheet_text(s, i ? "; " : "");
		tally_sheet_safe(s, f->name);
		tally_sheet_text(s, " ");
		field_value(s, f->old, f->now);
		tally_sheet_arrow(s);
		field_value(s, f->now, f->old);
	}
}

static void metadata_line(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	path(s, c);
	tally_sheet_text(s, "  ");
	tally_text_fields(s, c->fields, c->field_count);
}

static void root_line(struct tally_sheet *s, const struct tally_receipt_change *c)
{
	path(s, c);
	if (c->kind == TALLY_CHANGE_DELETED)
		tally_sheet_text(s, " is gone");
	else
		tally_sheet_printf(s, " was a folder and is a %s now", tally_type_name(c->type));
}

static void (*const lines[TALLY_LISTS])(struct tally_sheet *, const struct tally_receipt_change *) = {
	[TALLY_LIST_ROOT] = root_line,          [TALLY_LIST_LOST] = deleted_line,
	[TALLY_LIST_UNPROVEN] = deleted_line,   [TALLY_LIST_COVERED] = moved_line,
	[TALLY_LIST_TYPE] = type_line,          [TALLY_LIST_DELETED] = deleted_line,
	[TALLY_LIST_DUPLICATES] = deleted_line, [TALLY_LIST_MODIFIED] = modified_line,
	[TALLY_LIST_MOVED_EDITED] = moved_line, [TALLY_LIST_MOVED] = moved_line,
	[TALLY_LIST_COPIED] = moved_line,       [TALLY_LIST_ADDED] = added_line,
	[TALLY_LIST_LINKS] = link_line,         [TALLY_LIST_METADATA] = metadata_line,
	[TALLY_LIST_TOUCHED] = metadata_line,
};

void tally_text_change(struct tally_sheet *s, enum tally_text_list list,
                       const struct tally_receipt_change *c)
{
	lines[list](s, c);
}
