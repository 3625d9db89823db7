/**
 * What a part of an Office Open XML document shows or leads to besides its own text: images, embedded files, charts, diagrams,
 * targets outside. Private to the readers of documents and presentations.
 */
#ifndef TALLY_FORMATS_OFFICE_SHOWN_H
#define TALLY_FORMATS_OFFICE_SHOWN_H

#include "core/text.h"
#include "formats/office_facts.h"

enum tally_office_pointer_kind {
	TALLY_POINTER_IMAGE,
	TALLY_POINTER_OBJECT,  /**< embedded file */
	TALLY_POINTER_CHUNK,   /**< another document that belongs in here: altChunk, subDoc */
	TALLY_POINTER_COMMENT, /**< where the comment with this number is tied to */
	TALLY_POINTER_HEADER,
	TALLY_POINTER_FOOTER,
};

enum { TALLY_CHOICES_OPEN = 32 };

/** Alternatives (mc:AlternateContent) that are open in a part: of each the first is taken, since newer programs show it. */
struct tally_office_choices {
	struct {
		uint32_t depth; /**< of the element around them */
		bool taken;
	} open[TALLY_CHOICES_OPEN];
	uint32_t count;
};

/** Is this an alternative behind the one that is taken? Asked for every element that is not in such a one. All are taken where too many are open. */
bool tally_office_other_choice(struct tally_office_choices *c, const struct tally_xml_start *e);

/** Something that a part points to by the id of a relation, or by a number. */
struct tally_office_pointer {
	const char *id;
	const char *where; /**< "paragraph 12" */
	enum tally_office_pointer_kind kind;
};

struct tally_office_pointers {
	struct tally_office_pointer *items;
	size_t count, cap;
};

/**
 * Add one; nothing where @id is NULL. Id and place are copied into f->arena.
 * @return TALLY_OK; TALLY_SKIP (limit): there are more than a million
 */
enum tally_status tally_office_point_to(struct tally_office_facts *f,
                                        struct tally_office_pointers *list,
                                        enum tally_office_pointer_kind kind,
                                        const struct tally_xml_attr *id, const char *where,
                                        struct tally_err *err);

/**
 * Push what @part shows; no part is being read.
 * @list   what was met in it; NULL: nothing
 * @place  area and number of the blocks that the words of diagrams become
 */
enum tally_status tally_office_shown(struct tally_office_facts *f, const char *part,
                                     const struct tally_office_pointers *list,
                                     const struct tally_block *place, struct tally_err *err);

#endif
