/**
 * One story of a document while it is read (the body, a header, a note …): paragraphs with what is open in them (tracked
 * changes, links, fields), tables and text boxes around them. Shared by the readers of DOCX and OpenDocument texts; pushes
 * blocks as a person sees them, and facts for what stands between the lines.
 */
#ifndef TALLY_FORMATS_STORY_H
#define TALLY_FORMATS_STORY_H

#include "core/buf.h"
#include "core/sink.h"
#include "formats/looks.h"
#include "formats/xml.h"

enum tally_story_change { TALLY_STORY_INSERTED, TALLY_STORY_DELETED };

/** How the letters of a run are shown. */
enum tally_story_sight {
	TALLY_STORY_SHOWN,
	TALLY_STORY_HIDDEN, /**< vanish: not on paper */
	TALLY_STORY_WHITE,  /**< white letters, perhaps on a dark ground */
	TALLY_STORY_TINY,   /**< one point or less */
	TALLY_STORY_SIGHTS
};

struct tally_story;

/** What the stories of one document share. */
struct tally_story_doc {
	const struct tally_sink *sink;
	uint32_t tables, paragraphs; /**< so far; paragraphs of the body with text */
	uint32_t text_boxes;
	uint64_t dates; /**< sum of when tracked changes and comments were made */
};

enum tally_status tally_story_new(struct tally_story **out, struct tally_story_doc *doc,
                                  enum tally_area area, uint32_t n, struct tally_err *err);
void tally_story_free(struct tally_story *t);

/** Another area until tally_story_area_end: a text box, a note, a comment. */
enum tally_status tally_story_area_begin(struct tally_story *t, enum tally_area area, uint32_t n,
                                         struct tally_err *err);
void tally_story_area_end(struct tally_story *t);

enum tally_status tally_story_table_begin(struct tally_story *t, struct tally_err *err);
void tally_story_table_row(struct tally_story *t);
void tally_story_table_cell(struct tally_story *t);
void tally_story_table_end(struct tally_story *t);

enum tally_status tally_story_para_begin(struct tally_story *t, struct tally_err *err);
/** What its properties say: -1 where they say nothing. */
void tally_story_para_outline(struct tally_story *t, int level);
void tally_story_para_list(struct tally_story *t, int level);
/** What its style says for where it says nothing itself. @hidden  its letters are not shown */
void tally_story_para_style(struct tally_story *t, int outline, int list, bool hidden);
/** Push the block and the facts in it. */
enum tally_status tally_story_para_end(struct tally_story *t, struct tally_err *err);

/** Where we are, for people: "paragraph 12"; valid until the next call. */
const char *tally_story_where(struct tally_story *t);

/** How the paragraph that is open looks; between paragraphs, for the next one. Never NULL. */
struct tally_looks *tally_story_looks(struct tally_story *t);

void tally_story_run_sight(struct tally_story *t, enum tally_story_sight sight);

/** Letters of a run, as the reader of the document sees them. */
enum tally_status tally_story_letters(struct tally_story *t, const char *text, size_t len,
                                      struct tally_err *err);

/** @author, @date  may be NULL */
enum tally_status tally_story_change_begin(struct tally_story *t, enum tally_story_change change,
                                           const struct tally_xml_attr *author,
                                           const struct tally_xml_attr *date, struct tally_err *err);
void tally_story_change_end(struct tally_story *t);

/** A link from here to its end. @target  "" : unknown */
enum tally_status tally_story_link_begin(struct tally_story *t, const char *target,
                                         struct tally_err *err);
enum tally_status tally_story_link_end(struct tally_story *t, struct tally_err *err);

/** What the text says where a field tells the number of the page, or how many there are. */
#define TALLY_STORY_PAGE  "[page]"
#define TALLY_STORY_PAGES "[pages]"

/** A field: its code, then what it shows. Of one that counts pages the letters are left out, for the words above. */
enum tally_status tally_story_field_begin(struct tally_story *t, struct tally_err *err);
enum tally_status tally_story_field_code(struct tally_story *t, const char *text, size_t len,
                                         struct tally_err *err);
enum tally_status tally_story_field_result(struct tally_story *t, struct tally_err *err);
enum tally_status tally_story_field_end(struct tally_story *t, struct tally_err *err);

/** A fact that stands at this place. @value  NUL-terminated; @by may be NULL */
enum tally_status tally_story_fact(struct tally_story *t, const char *name, const char *value,
                                   const char *by, struct tally_err *err);

#endif
