/**
 * Styles of OpenDocument texts and presentations, as far as they say whether something is seen. Private to their readers.
 */
#ifndef TALLY_FORMATS_ODT_STYLES_H
#define TALLY_FORMATS_ODT_STYLES_H

#include "formats/office_facts.h"
#include "formats/story.h"

/** What a style says of letters; where it says nothing, what is around it holds. */
enum tally_odt_said { TALLY_ODT_UNSAID, TALLY_ODT_NO, TALLY_ODT_YES };

struct tally_odt_look {
	uint8_t hidden, white, tiny; /**< enum tally_odt_said */
};

struct tally_odt_styles {
	struct tally_office_facts *facts; /**< names are kept there */
	struct tally_fact_pairs common,
		own; /**< "family name" → what it says, and those that it names */
	struct tally_fact_pairs fonts; /**< name → what it says; names are made anew at each saving */
	struct tally_fact_text name, parent, list, data; /**< of the style that is open */
	uint32_t inside;                                 /**< elements of it that are open */
	bool *used; /**< for each of the text\'s own: something looks so */
	size_t used_cap;
	struct tally_odt_look look;
	uint64_t sum;     /**< of all that the style that is open says */
	uint64_t all;     /**< of all elements of styles.xml beside texts, in any order */
	bool in_defaults; /**< inside of what holds where no style says otherwise */
	bool open, in_own;
};

void tally_odt_styles_init(struct tally_odt_styles *s, struct tally_office_facts *facts);
void tally_odt_styles_release(struct tally_odt_styles *s);

/** Another part begins: its own styles are others. */
void tally_odt_styles_part(struct tally_odt_styles *s);

/** Events of the elements in front of the text; others are passed over. */
enum tally_status tally_odt_styles_start(struct tally_odt_styles *s,
                                         const struct tally_xml_start *e, struct tally_err *err);
enum tally_status tally_odt_styles_end(struct tally_odt_styles *s,
                                       const struct tally_xml_name *name, struct tally_err *err);

/** Before the text, once a part: from here on styles are looked up. */
void tally_odt_styles_ready(struct tally_odt_styles *s);

/** What the style says, laid over @look. @family  "text", "paragraph", "drawing-page" …; @name NULL: nothing */
void tally_odt_styles_apply(const struct tally_odt_styles *s, const char *family,
                            const struct tally_xml_attr *name, struct tally_odt_look *look);

/** What the style says, as a number that is the same whatever the style is called; of common styles, what it is called. 0: none */
uint64_t tally_odt_styles_sum(const struct tally_odt_styles *s, const char *family,
                              const struct tally_xml_attr *name);

/** Of the text's own styles, what those say that nothing looks like, in any order. */
uint64_t tally_odt_styles_unused(const struct tally_odt_styles *s);

/** Is what this element of the text's own styles says found by name? */
bool tally_odt_styles_looked_up(const struct tally_odt_styles *s, const struct tally_xml_start *e);

/** What an element of styles says: with all names, */
uint64_t tally_odt_whole_sum(struct tally_odt_styles *s, const struct tally_xml_start *e);
/** or without those that are made anew at each saving. */
uint64_t tally_odt_nameless_sum(const struct tally_xml_start *e);

/** How letters that look so are seen. */
enum tally_story_sight tally_odt_sight(const struct tally_odt_look *look);

#endif
