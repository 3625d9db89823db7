/**
 * The text of a WordprocessingML story while it is read: paragraphs with what is open in them (tracked changes, links, fields).
 * Private to the reader of DOCX.
 */
#ifndef TALLY_FORMATS_DOCX_TEXT_H
#define TALLY_FORMATS_DOCX_TEXT_H

#include "core/buf.h"
#include "formats/docx_story.h"

enum tally_docx_change { TALLY_DOCX_INSERTED, TALLY_DOCX_DELETED };

/** How the letters of a run are shown. */
enum tally_docx_sight {
	TALLY_DOCX_SHOWN,
	TALLY_DOCX_HIDDEN, /**< vanish: not on paper */
	TALLY_DOCX_WHITE,  /**< white letters, perhaps on a dark ground */
	TALLY_DOCX_TINY,   /**< one point or less */
	TALLY_DOCX_SIGHTS
};

struct tally_docx_para;
struct tally_docx_text;

enum tally_status tally_docx_text_new(struct tally_docx_text **out, struct tally_docx *doc,
                                      enum tally_area area, uint32_t n, struct tally_err *err);
void tally_docx_text_free(struct tally_docx_text *t);

/** Another area until tally_docx_area_end: a text box, a note, a comment. */
enum tally_status tally_docx_area_begin(struct tally_docx_text *t, enum tally_area area, uint32_t n,
                                        struct tally_err *err);
void tally_docx_area_end(struct tally_docx_text *t);

enum tally_status tally_docx_table_begin(struct tally_docx_text *t, struct tally_err *err);
void tally_docx_table_row(struct tally_docx_text *t);
void tally_docx_table_cell(struct tally_docx_text *t);
void tally_docx_table_end(struct tally_docx_text *t);

enum tally_status tally_docx_para_begin(struct tally_docx_text *t, struct tally_err *err);
/** What its properties say: -1 where they say nothing. */
void tally_docx_para_outline(struct tally_docx_text *t, int level);
void tally_docx_para_list(struct tally_docx_text *t, int level);
void tally_docx_para_style(struct tally_docx_text *t, const struct tally_docx_style *style);
/** Push the block and the facts in it. */
enum tally_status tally_docx_para_end(struct tally_docx_text *t, struct tally_err *err);

/** Where we are, for people: "paragraph 12"; valid until the next call. */
const char *tally_docx_where(struct tally_docx_text *t);

void tally_docx_run_sight(struct tally_docx_text *t, enum tally_docx_sight sight);

/** Letters of a run, as the reader of the document sees them. */
enum tally_status tally_docx_letters(struct tally_docx_text *t, const char *text, size_t len,
                                     struct tally_err *err);

/** @author, @date  may be NULL */
enum tally_status tally_docx_change_begin(struct tally_docx_text *t, enum tally_docx_change change,
                                          const struct tally_xml_attr *author,
                                          const struct tally_xml_attr *date, struct tally_err *err);
void tally_docx_change_end(struct tally_docx_text *t);

/** A link from here to its end. @target  "" : unknown */
enum tally_status tally_docx_link_begin(struct tally_docx_text *t, const char *target,
                                        struct tally_err *err);
enum tally_status tally_docx_link_end(struct tally_docx_text *t, struct tally_err *err);

/** A field: its code, then what it shows. */
enum tally_status tally_docx_field_begin(struct tally_docx_text *t, struct tally_err *err);
enum tally_status tally_docx_field_code(struct tally_docx_text *t, const char *text, size_t len,
                                        struct tally_err *err);
void tally_docx_field_result(struct tally_docx_text *t);
enum tally_status tally_docx_field_end(struct tally_docx_text *t, struct tally_err *err);

/** A fact that stands at this place. @value  NUL-terminated; @by may be NULL */
enum tally_status tally_docx_fact(struct tally_docx_text *t, const char *name, const char *value,
                                  const char *by, struct tally_err *err);

#endif
