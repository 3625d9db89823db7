/**
 * The inside of a reader of OpenDocument texts, while it reads a part. Private to it:
 *   odt_story.c    elements and letters, in reading order
 *   odt_changes.c  tracked changes, comments, fields of forms: letters that are gathered
 *   odt_rest.c     what neither is text nor a fact, as sums: whatever differs is said
 */
#ifndef TALLY_FORMATS_ODT_WORK_H
#define TALLY_FORMATS_ODT_WORK_H

#include "formats/odt_acts.h"
#include "formats/odt_story.h"

/** What letters are for. */
enum tally_odt_letters { TALLY_ODT_TEXT, TALLY_ODT_GATHERED, TALLY_ODT_WHO, TALLY_ODT_UNUSED };

/** An element that is open; what is not its own is that of the element around it. */
struct tally_odt_frame {
	uint8_t act; /**< its own */
	uint8_t letters;
	uint8_t list;
	uint8_t rest; /**< enum tally_odt_rest: where what is not told is summed up */
	bool skip, in_para, title;
	bool counter;        /**< its letters are the number of a page: not what anybody wrote */
	bool recorder;       /**< cell: what is in it stands there several times */
	uint32_t rows;       /**< row: how often it stands there again */
	bool used;           /**< list item: it has had its paragraph */
	bool endnote;        /**< note */
	bool blank, pending; /**< of the paragraph around it, while it is one itself */
	struct tally_odt_look look;
	uint64_t run; /**< how its letters look, as a number */
	size_t item;  /**< the list item around it, 0: none */
	uint32_t covered; /**< row: cells to come that the last one lies over; row, cell: how often it stands there */
};

struct tally_odt_reading {
	struct tally_odt *doc;
	struct tally_story *text;
	struct tally_odt_frame *frames;
	size_t count, cap;
	enum tally_odt_part what;
	bool body;  /**< we are behind the styles */
	bool blank; /**< white space that follows is none: the paragraph begins, or there was some */
	bool pending; /**< there was, and it counts if something follows */
	struct tally_fact_text gathered, who;
	struct tally_fact_pairs changes; /**< id → kind, author, NUL-free text behind \x1f */
	struct tally_fact_text change;   /**< id of the region that is open */
	char kind;                       /**< of it: i, d, f */
	bool resolved;
	char *inserted; /**< author of the insertion that is open, or NULL */
	uint64_t loose; /**< letters that nothing else was made of, since the last tag */
};

static inline const struct tally_xml_attr *tally_odt_attr(const struct tally_xml_start *e,
                                                          const char *local)
{
	return tally_xml_attr(e, TALLY_XML_TEXT, local);
}

/* ---- odt_story.c ---- */

/** A fact that stands here. @value  copied; NULL or empty: no fact */
enum tally_status tally_odt_fact(struct tally_odt_reading *r, const char *name, const char *value,
                                 size_t len, const char *by, struct tally_err *err);
/** A space that was met is one now: something follows, or another place begins. */
enum tally_status tally_odt_flush(struct tally_odt_reading *r, struct tally_err *err);
/** Letters as they are, white space and all. */
enum tally_status tally_odt_exactly(struct tally_odt_reading *r, const char *text, size_t len,
                                    struct tally_err *err);
/** <text:s> */
enum tally_status tally_odt_blanks(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                   struct tally_err *err);

/* ---- odt_changes.c ---- */

/** <text:tracked-changes>: its regions come. */
enum tally_status tally_odt_begin_changes(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                          const struct tally_xml_start *e, struct tally_err *err);
/** A region ended: its kind, author and text are kept until its place comes. */
enum tally_status tally_odt_keep_change(struct tally_odt_reading *r, struct tally_err *err);
/** <text:change>, <text:change-start>, <text:change-end>: its place. */
enum tally_status tally_odt_change(struct tally_odt_reading *r, const struct tally_xml_start *e,
                                   enum tally_odt_act act, struct tally_err *err);
/** An insertion that is open goes on in the paragraph that is open. */
enum tally_status tally_odt_go_on_inserted(struct tally_odt_reading *r, struct tally_err *err);
void tally_odt_begin_gathering(struct tally_odt_reading *r, struct tally_odt_frame *f);
/** An element where letters are gathered. */
enum tally_status tally_odt_gather(struct tally_odt_reading *r, struct tally_odt_frame *f,
                                   const struct tally_xml_start *e, struct tally_err *err);
enum tally_status tally_odt_end_comment(struct tally_odt_reading *r, struct tally_err *err);

/* ---- odt_rest.c ---- */

/** The element's own place for what is not told. @f  has that of the element around it */
void tally_odt_rest_of(const struct tally_odt_reading *r, const struct tally_xml_start *e,
                       struct tally_odt_frame *f);
/** What the element on top says and nobody tells. Its `act` is set. */
void tally_odt_rest_element(struct tally_odt_reading *r, const struct tally_xml_start *e);
void tally_odt_rest_letters(struct tally_odt_reading *r, const char *text, size_t len);
/** A tag follows: the letters before it are a sum now. */
void tally_odt_rest_settle(struct tally_odt_reading *r);
/** An element in front of the text. */
void tally_odt_rest_front(struct tally_odt_reading *r, const struct tally_xml_start *e);

#endif
