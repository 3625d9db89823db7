/** Parts of Office Open XML packages, written by hand: how relations are written, and lists of parts. */
#ifndef TALLY_TESTS_OFFICE_PARTS_H
#define TALLY_TESTS_OFFICE_PARTS_H

#include <string.h>

#include "support/zip_maker.h"

#define OFFICE "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define RELS(content)                                                                                  \
	"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'>" content \
	"</Relationships>"
#define REL(id, type, target) \
	"<Relationship Id='" id "' Type='" OFFICE "/" type "' Target='" target "'/>"
#define OUTSIDE(id, type, target)                                              \
	"<Relationship Id='" id "' Type='" OFFICE "/" type "' Target='" target \
	"' TargetMode='External'/>"
/** [Content_Types].xml of a package whose parts are all of one type, but for those that are known by their names. */
#define TYPES(type)                                                                    \
	"<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'>" \
	"<Default Extension='xml' ContentType='application/" type "+xml'/></Types>"
#define DOCX_TYPES TYPES("vnd.openxmlformats-officedocument.wordprocessingml.document.main")
#define PPTX_TYPES TYPES("vnd.openxmlformats-officedocument.presentationml.presentation.main")

/** A list ends with one that has no name. */
struct part {
	const char *name, *content;
};

static inline void add_part(struct zip_maker *zip, const char *name, const char *content)
{
	zip_add(zip, &(struct zip_part){ .name = name, .content = content });
}

static inline void add_parts(struct zip_maker *zip, const struct part *parts)
{
	for (; parts->name; parts++)
		add_part(zip, parts->name, parts->content);
}

static inline const struct part *find_part(const struct part *parts, const char *name)
{
	for (; parts->name; parts++)
		if (!strcmp(parts->name, name))
			return parts;
	return NULL;
}

#endif
