/**
 * Private to package*.c: an open package, and what was read of it already.
 *
 *   package.c         opening, unpacking, parsing
 *   package_office.c  content types and relationships of Office Open XML
 */
#ifndef TALLY_FORMATS_PACKAGE_PARTS_H
#define TALLY_FORMATS_PACKAGE_PARTS_H

#include "core/arena.h"
#include "formats/package.h"

/** A type by the name of a part, or by the ending of names. */
struct tally_package_type {
	const char *name; /* lower case, without leading slash or dot */
	const char *type;
	size_t order; /* as in the file: the first of two counts */
};

struct tally_package_types {
	struct tally_package_type *items;
	size_t count, cap;
};

/** The relationships of a part. */
struct tally_package_relations {
	struct tally_relation *items;
	size_t count, cap;
	bool read;
	struct tally_err err; /* of a part that could not be read; asking again gives the same */
};

struct tally_package {
	struct tally_zip *zip;
	const struct tally_limits *limits;
	struct tally_arena arena; /* strings of types and relationships */
	bool types_read;
	struct tally_err types_err;
	struct tally_package_types overrides, defaults;
	/* by the number of the .rels part among the members; each is made when it is first asked for */
	struct tally_package_relations **relations;
};

/** Free what package_office.c remembers. */
void tally_package_forget(struct tally_package *p);

#endif
