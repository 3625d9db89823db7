/* The XML of a WordprocessingML story: see docx_story.h. What is in a paragraph is kept by story.c. */
#include "formats/docx_story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/story.h"

/* What text events are. */
enum letters { LETTERS_NONE, LETTERS_SHOWN, LETTERS_CODE };

struct story {
	struct tally_docx *doc;
	struct tally_story *text;
	const struct tally_relation *relations;
	size_t relation_count;
	uint32_t depth; /* of the element that was opened last */
	uint32_t skip;  /* depth of an element that is left out with all in it, 0: none */
	uint32_t run; /* depth of the properties of a run or of the end of a paragraph, 0: none are open */
	uint32_t letters_of; /* depth of a run, 0: none is open */
	uint32_t section;    /* depth of the set-up of pages, 0: none is open */
	bool skip_looks;     /* what is left out is seen */
	uint32_t boxes[16];  /* depths of text boxes that are open */
	uint32_t box_count;
	struct tally_office_choices choices;
	uint32_t notes; /* footnotes, endnotes, comments so far */
	bool separator; /* in a note that only separates notes */
	uint32_t box;   /* depth of a check box that is open, 0: none */
	bool checked;
	uint32_t noted[2]; /* numbers of the footnote and the endnote that were referred to last */
	uint32_t stray; /* number of the note of the reference at hand, where one behind it came before; 0 */
	enum letters letters;
	bool preserve; /* blanks at both ends of the letters that are open count */
	bool begun;    /* others than blanks came */
	uint32_t held; /* blanks behind them that count if more letters follow */
};

static bool is(const struct tally_xml_start *e, enum tally_xml_ns ns, enum tally_xml_id id)
{
	return tally_xml_is_id(&e->name, ns, id);
}

static const struct tally_xml_attr *word_attr(const struct tally_xml_start *e, enum tally_xml_id id)
{
	return tally_xml_attr_id(e, TALLY_XML_WORD, id);
}

static uint32_t number_of(const struct tally_xml_attr *a, uint32_t otherwise)
{
	uint32_t n = 0;

	if (!a || !a->len || a->len > 6)
		return otherwise;
	for (size_t i = 0; i < a->len; i++) {
		if (a->value[i] < '0' || a->value[i] > '9')
			return otherwise;
		n = n * 10 + (uint32_t)(a->value[i] - '0');
	}
	return n;
}

/* ---- what a story points to ---- */

static enum tally_status point_to(struct story *s, struct tally_office_pointers *list,
                                  enum tally_office_pointer_kind kind,
                                  const struct tally_xml_attr *id, struct tally_err *err)
{
	return tally_office_point_to(s->doc->facts, list, kind, id, tally_story_where(s->text), err);
}

static enum tally_status relation_pointer(struct story *s, const struct tally_xml_start *e,
                                          enum tally_xml_id attr,
                                          enum tally_office_pointer_kind kind, struct tally_err *err)
{
	return point_to(s, &s->doc->pointers, kind,
	                tally_xml_attr_id(e, TALLY_XML_RELATIONSHIP, attr), err);
}

static enum tally_status begin_link(struct story *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	const struct tally_xml_attr *id = tally_xml_attr_id(e, TALLY_XML_RELATIONSHIP,
	                                                    TALLY_XML_ID_id),
				    *anchor = word_attr(e, TALLY_XML_ID_anchor);
	const struct tally_relation *r = id ? tally_relation_by_id(s->relations, s->relation_count,
	                                                           id->value, id->len)
	                                    : NULL;
	struct tally_buf target;
	enum tally_status st = TALLY_OK;

	tally_buf_init(&target, 1 << 16);
	if ((r && !tally_buf_text(&target, r->target)) ||
	    (anchor &&
	     (!tally_buf_byte(&target, '#') || !tally_buf_add(&target, anchor->value, anchor->len))))
		st = tally_err_nomem(err);
	if (st >= 0)
		st = tally_story_link_begin(s->text, target.len ? target.bytes : "", err);
	tally_buf_release(&target);
	return st;
}

/* ---- notes and comments: each an area of its own ---- */

static enum tally_status start_note(struct story *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	const struct tally_xml_attr *type = word_attr(e, TALLY_XML_ID_type);
	enum tally_area area = e->name.id == TALLY_XML_ID_footnote ? TALLY_AREA_FOOTNOTE
	                                                           : TALLY_AREA_ENDNOTE;

	s->separator = type && !tally_attr_is(type, "normal");
	s->notes += !s->separator;
	return tally_story_area_begin(s->text, area, s->notes, err);
}

/* ---- start tags ---- */

static void start_run_property(struct story *s, const struct tally_xml_start *e)
{
	const struct tally_xml_attr *val = word_attr(e, TALLY_XML_ID_val);

	switch (e->name.id) {
	case TALLY_XML_ID_vanish:
		if (!tally_attr_is_off(val))
			tally_story_run_sight(s->text, TALLY_STORY_HIDDEN);
		break;
	case TALLY_XML_ID_color:
		if (tally_attr_is(val, "FFFFFF") || tally_attr_is(val, "ffffff"))
			tally_story_run_sight(s->text, TALLY_STORY_WHITE);
		break;
	case TALLY_XML_ID_sz: /* in half points */
		if (number_of(val, 24) <= 2)
			tally_story_run_sight(s->text, TALLY_STORY_TINY);
		break;
	default:
		break;
	}
}

static enum tally_status start_para_style(struct story *s, const struct tally_xml_start *e,
                                          struct tally_err *err)
{
	const struct tally_xml_attr *val = word_attr(e, TALLY_XML_ID_val);
	const struct tally_docx_style style = tally_docx_style(
		&s->doc->styles, val ? val->value : "", val ? val->len : 0);

	(void)err;
	tally_story_para_style(s->text, style.outline, style.list, style.hidden == 1);
	return TALLY_OK;
}

static enum tally_status start_outline(struct story *s, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	(void)err;
	tally_story_para_outline(s->text, (int)number_of(word_attr(e, TALLY_XML_ID_val), 9));
	return TALLY_OK;
}

static enum tally_status start_list_level(struct story *s, const struct tally_xml_start *e,
                                          struct tally_err *err)
{
	(void)err;
	tally_story_para_list(s->text, (int)(number_of(word_attr(e, TALLY_XML_ID_val), 0) & 15));
	return TALLY_OK;
}

static enum tally_status start_field(struct story *s, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	const struct tally_xml_attr *type = word_attr(e, TALLY_XML_ID_fldCharType);

	if (tally_attr_is(type, "begin"))
		return tally_story_field_begin(s->text, err);
	if (tally_attr_is(type, "end"))
		return tally_story_field_end(s->text, err);
	return tally_attr_is(type, "separate") ? tally_story_field_result(s->text, err) : TALLY_OK;
}

static enum tally_status start_simple_field(struct story *s, const struct tally_xml_start *e,
                                            struct tally_err *err)
{
	const struct tally_xml_attr *instr = word_attr(e, TALLY_XML_ID_instr);
	enum tally_status st = tally_story_field_begin(s->text, err);

	if (st >= 0 && instr)
		st = tally_story_field_code(s->text, instr->value, instr->len, err);
	return st < 0 ? st : tally_story_field_result(s->text, err);
}

/* A character of a symbol font, by its number there. */
static enum tally_status start_symbol(struct story *s, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	const struct tally_xml_attr *code = word_attr(e, TALLY_XML_ID_char);
	uint32_t c = 0;
	char utf8[3];

	for (size_t i = 0; code && i < code->len && i < 4; i++) {
		char ch = code->value[i];

		c = c << 4 |
		    (uint32_t)(ch >= '0' && ch <= '9' ? ch - '0' : ((ch | 0x20) - 'a' + 10) & 15);
	}
	if (c < 0x800 || (c >= 0xD800 && c < 0xE000))
		c = 0xF000 | (c & 0xFF); /* where symbol fonts keep theirs */
	utf8[0] = (char)(0xE0 | c >> 12);
	utf8[1] = (char)(0x80 | (c >> 6 & 0x3F));
	utf8[2] = (char)(0x80 | (c & 0x3F));
	return tally_story_letters(s->text, utf8, 3, err);
}

static enum tally_status start_change(struct story *s, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	bool inserted = e->name.id == TALLY_XML_ID_ins || e->name.id == TALLY_XML_ID_moveTo;

	return tally_story_change_begin(s->text,
	                                inserted ? TALLY_STORY_INSERTED : TALLY_STORY_DELETED,
	                                word_attr(e, TALLY_XML_ID_author),
	                                word_attr(e, TALLY_XML_ID_date), err);
}

static enum tally_status start_box(struct story *s, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	(void)e;
	if (s->box_count == sizeof s->boxes / sizeof *s->boxes)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
		                     "text boxes in text boxes, more than %zu deep",
		                     sizeof s->boxes / sizeof *s->boxes);
	s->boxes[s->box_count++] = s->depth;
	return tally_story_area_begin(s->text, TALLY_AREA_TEXT_BOX, ++s->doc->text.text_boxes, err);
}

static enum tally_status bookmark(struct story *s, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	const struct tally_xml_attr *name = word_attr(e, TALLY_XML_ID_name);
	const struct tally_sink *sink = s->doc->text.sink;
	struct tally_fact fact = { .name = "bookmark" };
	char *copy;
	enum tally_status st;

	/* those that programs make for themselves begin with a line */
	if (!name || !name->len || name->value[0] == '_' || !sink->fact)
		return TALLY_OK;
	copy = tally_dup(name->value, name->len);
	if (!copy)
		return tally_err_nomem(err);
	fact.value = fact.where = copy;
	st = sink->fact(sink->payload, &fact, err);
	tally_free(copy);
	return st;
}

static void begin_letters(struct story *s, const struct tally_xml_start *e, enum letters letters)
{
	s->letters = letters;
	s->preserve = letters == LETTERS_CODE ||
	              tally_attr_is(tally_xml_attr(e, TALLY_XML_XML, "space"), "preserve");
	s->begun = false;
	s->held = 0;
}

static enum tally_status start_para(struct story *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	(void)e;
	return tally_story_para_begin(s->text, err);
}

static enum tally_status start_run(struct story *s, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	(void)e;
	(void)err;
	tally_story_run_sight(s->text, TALLY_STORY_SHOWN);
	return TALLY_OK;
}

static enum tally_status start_run_properties(struct story *s, const struct tally_xml_start *e,
                                              struct tally_err *err)
{
	(void)e;
	(void)err;
	s->run = s->depth;
	return TALLY_OK;
}

static enum tally_status start_text(struct story *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	(void)err;
	begin_letters(s, e, LETTERS_SHOWN);
	return TALLY_OK;
}

static enum tally_status start_code(struct story *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	(void)err;
	begin_letters(s, e, LETTERS_CODE);
	return TALLY_OK;
}

/* One with a value is set for the paragraph. */
static enum tally_status start_tab(struct story *s, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	return word_attr(e, TALLY_XML_ID_val) ? TALLY_OK : tally_story_letters(s->text, "\t", 1, err);
}

static enum tally_status start_break(struct story *s, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	(void)e;
	return tally_story_letters(s->text, "\n", 1, err);
}

static enum tally_status start_hyphen(struct story *s, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	(void)e;
	return tally_story_letters(s->text, "\xe2\x80\x91", 3, err);
}

static enum tally_status start_table(struct story *s, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	(void)e;
	return tally_story_table_begin(s->text, err);
}

static enum tally_status start_row(struct story *s, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	(void)e;
	(void)err;
	tally_story_table_row(s->text);
	return TALLY_OK;
}

static enum tally_status start_cell(struct story *s, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	(void)e;
	(void)err;
	tally_story_table_cell(s->text);
	return TALLY_OK;
}

static enum tally_status start_comment_mark(struct story *s, const struct tally_xml_start *e,
                                            struct tally_err *err)
{
	return point_to(s, &s->doc->comments, TALLY_POINTER_COMMENT, word_attr(e, TALLY_XML_ID_id),
	                err);
}

static enum tally_status start_margin(struct story *s, const struct tally_xml_start *e,
                                      struct tally_err *err)
{
	return point_to(s, &s->doc->margins,
	                e->name.id == TALLY_XML_ID_headerReference ? TALLY_POINTER_HEADER
	                                                           : TALLY_POINTER_FOOTER,
	                tally_xml_attr_id(e, TALLY_XML_RELATIONSHIP, TALLY_XML_ID_id), err);
}

/* Two statements that exchanged their notes have other sources; programs number notes as they come. */
static enum tally_status start_reference(struct story *s, const struct tally_xml_start *e,
                                         struct tally_err *err)
{
	bool foot = e->name.id == TALLY_XML_ID_footnoteReference;
	char value[48];

	if (!s->stray)
		return TALLY_OK;
	snprintf(value, sizeof value, "%s %u, out of turn", foot ? "footnote" : "endnote",
	         (unsigned)s->stray);
	return tally_story_fact(s->text, "note_reference", value, NULL, err);
}

static enum tally_status start_check_box(struct story *s, const struct tally_xml_start *e,
                                         struct tally_err *err)
{
	(void)e;
	(void)err;
	s->box = s->depth;
	s->checked = false;
	return TALLY_OK;
}

static enum tally_status start_checked(struct story *s, const struct tally_xml_start *e,
                                       struct tally_err *err)
{
	(void)err;
	if (s->box)
		s->checked = !tally_attr_is_off(word_attr(e, TALLY_XML_ID_val));
	return TALLY_OK;
}

static enum tally_status start_chunk(struct story *s, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	return relation_pointer(s, e, TALLY_XML_ID_id, TALLY_POINTER_CHUNK, err);
}

/* What an element of the story begins; NULL: nothing. */
static enum tally_status (*const starts[TALLY_XML_ID_COUNT])(struct story *s,
                                                             const struct tally_xml_start *e,
                                                             struct tally_err *err) = {
	[TALLY_XML_ID_p] = start_para,
	[TALLY_XML_ID_pStyle] = start_para_style,
	[TALLY_XML_ID_outlineLvl] = start_outline,
	[TALLY_XML_ID_ilvl] = start_list_level,
	[TALLY_XML_ID_r] = start_run,
	[TALLY_XML_ID_rPr] = start_run_properties,
	[TALLY_XML_ID_t] = start_text,
	[TALLY_XML_ID_delText] = start_text,
	[TALLY_XML_ID_instrText] = start_code,
	[TALLY_XML_ID_tab] = start_tab,
	[TALLY_XML_ID_ptab] = start_tab,
	[TALLY_XML_ID_br] = start_break,
	[TALLY_XML_ID_cr] = start_break,
	[TALLY_XML_ID_noBreakHyphen] = start_hyphen,
	[TALLY_XML_ID_sym] = start_symbol,
	[TALLY_XML_ID_ins] = start_change,
	[TALLY_XML_ID_moveTo] = start_change,
	[TALLY_XML_ID_del] = start_change,
	[TALLY_XML_ID_moveFrom] = start_change,
	[TALLY_XML_ID_hyperlink] = begin_link,
	[TALLY_XML_ID_fldChar] = start_field,
	[TALLY_XML_ID_fldSimple] = start_simple_field,
	[TALLY_XML_ID_tbl] = start_table,
	[TALLY_XML_ID_tr] = start_row,
	[TALLY_XML_ID_tc] = start_cell,
	[TALLY_XML_ID_txbxContent] = start_box,
	[TALLY_XML_ID_footnote] = start_note,
	[TALLY_XML_ID_endnote] = start_note,
	[TALLY_XML_ID_commentReference] = start_comment_mark,
	[TALLY_XML_ID_headerReference] = start_margin,
	[TALLY_XML_ID_footerReference] = start_margin,
	[TALLY_XML_ID_checkBox] = start_check_box,
	[TALLY_XML_ID_footnoteReference] = start_reference,
	[TALLY_XML_ID_endnoteReference] = start_reference,
	[TALLY_XML_ID_checked] = start_checked,
	[TALLY_XML_ID_default_] = start_checked,
	[TALLY_XML_ID_altChunk] = start_chunk,
	[TALLY_XML_ID_subDoc] = start_chunk,
	[TALLY_XML_ID_bookmarkStart] = bookmark,
};

/* What was before a change of format, and what stands above letters to say how they are read, is no text. */
static bool is_left_out(const struct tally_xml_start *e)
{
	if (e->name.ns != TALLY_XML_WORD)
		return false;
	switch (e->name.id) {
	case TALLY_XML_ID_pPrChange:
	case TALLY_XML_ID_rPrChange:
	case TALLY_XML_ID_sectPrChange:
	case TALLY_XML_ID_tblPrChange:
	case TALLY_XML_ID_tblPrExChange:
	case TALLY_XML_ID_tblGridChange:
	case TALLY_XML_ID_tcPrChange:
	case TALLY_XML_ID_trPrChange:
	case TALLY_XML_ID_numberingChange:
	case TALLY_XML_ID_rt:
		return true;
	default:
		return false;
	}
}

/* ---- how it looks ---- */

/* Elements that are text or lead to it, whose content is told, or that come and go with each saving. */
static const bool text_words[TALLY_XML_ID_COUNT] = {
	[TALLY_XML_ID_document] = true,
	[TALLY_XML_ID_body] = true,
	[TALLY_XML_ID_hdr] = true,
	[TALLY_XML_ID_ftr] = true,
	[TALLY_XML_ID_footnotes] = true,
	[TALLY_XML_ID_endnotes] = true,
	[TALLY_XML_ID_footnote] = true,
	[TALLY_XML_ID_endnote] = true,
	[TALLY_XML_ID_comment] = true,
	[TALLY_XML_ID_sdt] = true,
	[TALLY_XML_ID_sdtContent] = true,
	[TALLY_XML_ID_txbxContent] = true,
	[TALLY_XML_ID_altChunk] = true,
	[TALLY_XML_ID_subDoc] = true,
	[TALLY_XML_ID_tbl] = true,
	[TALLY_XML_ID_tr] = true,
	[TALLY_XML_ID_tc] = true,
	[TALLY_XML_ID_p] = true,
	[TALLY_XML_ID_pPr] = true,
	[TALLY_XML_ID_r] = true,
	[TALLY_XML_ID_rPr] = true,
	[TALLY_XML_ID_t] = true,
	[TALLY_XML_ID_delText] = true,
	[TALLY_XML_ID_instrText] = true,
	[TALLY_XML_ID_delInstrText] = true,
	[TALLY_XML_ID_br] = true,
	[TALLY_XML_ID_cr] = true,
	[TALLY_XML_ID_noBreakHyphen] = true,
	[TALLY_XML_ID_sym] = true,
	[TALLY_XML_ID_hyperlink] = true,
	[TALLY_XML_ID_fldChar] = true,
	[TALLY_XML_ID_fldSimple] = true,
	[TALLY_XML_ID_smartTag] = true,
	[TALLY_XML_ID_checkBox] = true,
	[TALLY_XML_ID_checked] = true,
	[TALLY_XML_ID_ins] = true,
	[TALLY_XML_ID_del] = true,
	[TALLY_XML_ID_moveTo] = true,
	[TALLY_XML_ID_moveFrom] = true,
	[TALLY_XML_ID_moveFromRangeStart] = true,
	[TALLY_XML_ID_moveFromRangeEnd] = true,
	[TALLY_XML_ID_moveToRangeStart] = true,
	[TALLY_XML_ID_moveToRangeEnd] = true,
	[TALLY_XML_ID_commentReference] = true,
	[TALLY_XML_ID_commentRangeStart] = true,
	[TALLY_XML_ID_commentRangeEnd] = true,
	[TALLY_XML_ID_bookmarkStart] = true,
	[TALLY_XML_ID_bookmarkEnd] = true,
	[TALLY_XML_ID_proofErr] = true,
	[TALLY_XML_ID_lastRenderedPageBreak] = true,
};

static bool is_text(const struct tally_xml_name *name)
{
	return name->ns == TALLY_XML_COMPATIBILITY ||
	       (name->ns == TALLY_XML_WORD && text_words[name->id]);
}

/* A tabulator among letters, not one of those that are set; the end of a paragraph that is tracked is no text. */
static bool is_text_here(const struct story *s, const struct tally_xml_name *name)
{
	if (tally_xml_is_id(name, TALLY_XML_WORD, TALLY_XML_ID_tab))
		return s->letters_of && !s->run;
	return is_text(name) &&
	       !(s->run && (name->id == TALLY_XML_ID_ins || name->id == TALLY_XML_ID_del));
}

/* Notes are numbered as they come; a reference to another one than the next is seen. */
static void look_at_note(struct story *s, const struct tally_xml_start *e)
{
	uint32_t *last = &s->noted[e->name.id == TALLY_XML_ID_endnoteReference];
	uint32_t n = number_of(word_attr(e, TALLY_XML_ID_id), 0);

	s->stray = n <= *last ? n : 0;
	if (n != *last + 1)
		tally_looks_mark(tally_story_looks(s->text),
		                 (uint64_t)n - *last + (UINT64_C(1) << 32));
	*last = n;
}

static void look_at(struct story *s, const struct tally_xml_start *e)
{
	struct tally_looks *looks = tally_story_looks(s->text);

	if (!s->section && is(e, TALLY_XML_WORD, TALLY_XML_ID_sectPr))
		s->section = s->depth;
	if (s->section)
		s->doc->pages = tally_looks_sum(s->doc->pages, e);
	else if (is(e, TALLY_XML_WORD, TALLY_XML_ID_r))
		tally_looks_run(looks);
	else if (s->run && s->letters_of)
		tally_looks_run_add(looks, e);
	else if (!is_text_here(s, &e->name))
		tally_looks_add(looks, e);
	if (is(e, TALLY_XML_WORD, TALLY_XML_ID_footnoteReference) ||
	    is(e, TALLY_XML_WORD, TALLY_XML_ID_endnoteReference))
		look_at_note(s, e);
	if (is(e, TALLY_XML_WORD, TALLY_XML_ID_r))
		s->letters_of = s->depth;
}

static enum tally_status on_start(void *payload, const struct tally_xml_start *e,
                                  struct tally_err *err)
{
	struct story *s = payload;

	s->depth = e->depth;
	if (!s->skip) {
		s->skip_looks = is_left_out(e);
		s->skip = s->skip_looks || tally_office_other_choice(&s->choices, e) ? s->depth : 0;
	}
	if (!s->skip || s->skip_looks)
		look_at(s, e);
	else /* what another program would show */
		s->doc->rest = tally_looks_sum(s->doc->rest, e);
	if (s->skip || s->separator)
		return TALLY_OK;
	if (s->run) {
		if (e->name.ns == TALLY_XML_WORD && s->depth == s->run + 1)
			start_run_property(s, e);
		return TALLY_OK;
	}
	switch (e->name.ns) {
	case TALLY_XML_WORD:
		return starts[e->name.id] ? starts[e->name.id](s, e, err) : TALLY_OK;
	case TALLY_XML_MATH:
		if (e->name.id == TALLY_XML_ID_t)
			begin_letters(s, e, LETTERS_SHOWN);
		return TALLY_OK;
	case TALLY_XML_DRAWING:
		if (!is(e, TALLY_XML_DRAWING, TALLY_XML_ID_blip))
			return TALLY_OK;
		return relation_pointer(s, e, TALLY_XML_ID_embed, TALLY_POINTER_IMAGE, err);
	case TALLY_XML_VML:
		return is(e, TALLY_XML_VML, TALLY_XML_ID_imagedata)
		               ? relation_pointer(s, e, TALLY_XML_ID_id, TALLY_POINTER_IMAGE, err)
		               : TALLY_OK;
	case TALLY_XML_VML_OFFICE:
		return is(e, TALLY_XML_VML_OFFICE, TALLY_XML_ID_OLEObject)
		               ? relation_pointer(s, e, TALLY_XML_ID_id, TALLY_POINTER_OBJECT, err)
		               : TALLY_OK;
	default:
		return TALLY_OK;
	}
}

/* ---- end tags, letters ---- */

static enum tally_status end_word(struct story *s, const struct tally_xml_name *name,
                                  struct tally_err *err)
{
	switch (name->id) {
	case TALLY_XML_ID_p:
		return tally_story_para_end(s->text, err);
	case TALLY_XML_ID_ins:
	case TALLY_XML_ID_del:
	case TALLY_XML_ID_moveFrom:
	case TALLY_XML_ID_moveTo:
		tally_story_change_end(s->text);
		return TALLY_OK;
	case TALLY_XML_ID_hyperlink:
		return tally_story_link_end(s->text, err);
	case TALLY_XML_ID_fldSimple:
		return tally_story_field_end(s->text, err);
	case TALLY_XML_ID_checkBox:
		s->box = 0;
		return tally_story_fact(s->text, "form_field",
		                        s->checked ? "a box, checked" : "a box, not checked", NULL,
		                        err);
	case TALLY_XML_ID_tbl:
		tally_story_table_end(s->text);
		return TALLY_OK;
	case TALLY_XML_ID_footnote:
	case TALLY_XML_ID_endnote:
		s->separator = false;
		tally_story_area_end(s->text);
		return TALLY_OK;
	default:
		return TALLY_OK;
	}
}

static enum tally_status on_end(void *payload, const struct tally_xml_name *name,
                                struct tally_err *err)
{
	struct story *s = payload;
	uint32_t depth = s->depth--;

	s->letters = LETTERS_NONE;
	s->section = s->section == depth ? 0 : s->section;
	s->letters_of = s->letters_of == depth ? 0 : s->letters_of;
	if (s->skip) {
		s->skip = s->skip == depth ? 0 : s->skip;
		return TALLY_OK;
	}
	if (s->run) {
		s->run = s->run == depth ? 0 : s->run;
		return TALLY_OK;
	}
	if (s->box_count && s->boxes[s->box_count - 1] == depth) {
		s->box_count--;
		tally_story_area_end(s->text);
		return TALLY_OK;
	}
	if (name->ns != TALLY_XML_WORD)
		return TALLY_OK;
	if (s->separator && name->id != TALLY_XML_ID_footnote && name->id != TALLY_XML_ID_endnote)
		return TALLY_OK;
	return end_word(s, name, err);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Without xml:space="preserve" blanks at both ends of a text are those of the file, not of the document. */
static enum tally_status trimmed_letters(struct story *s, const char *text, size_t len,
                                         struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	size_t from = 0, end = len;

	while (!s->begun && from < len && is_blank(text[from]))
		from++;
	while (end > from && is_blank(text[end - 1]))
		end--;
	if (end > from) {
		for (; s->held > 0 && st >= 0; s->held--)
			st = tally_story_letters(s->text, " ", 1, err);
		s->begun = true;
		if (st >= 0)
			st = tally_story_letters(s->text, text + from, end - from, err);
	}
	s->held += s->begun ? (uint32_t)(len - end) : 0;
	return st;
}

static enum tally_status on_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct story *s = payload;

	if (s->skip || s->separator || s->letters == LETTERS_NONE)
		return TALLY_OK;
	if (s->letters == LETTERS_CODE)
		return tally_story_field_code(s->text, text, len, err);
	return s->preserve ? tally_story_letters(s->text, text, len, err)
	                   : trimmed_letters(s, text, len, err);
}

enum tally_status tally_docx_story(struct tally_docx *doc, const char *part, enum tally_area area,
                                   uint32_t n, struct tally_err *err)
{
	struct story s = { .doc = doc };
	const struct tally_xml_handler handler = {
		.payload = &s, .start = on_start, .end = on_end, .text = on_text
	};
	enum tally_status st;

	doc->pointers.count = 0;
	st = tally_package_relations(doc->package, part, &s.relations, &s.relation_count, err);
	if (st >= 0)
		st = tally_story_new(&s.text, &doc->text, area, n, err);
	if (st >= 0)
		st = tally_package_xml(doc->package, part, &handler, err);
	if (s.text)
		doc->rest += tally_story_looks(s.text)->exact;
	tally_story_free(s.text);
	return st;
}
