/**
 * Office files that are zip containers: their parts by name, unpacked in portions under limits, and for Office Open XML the
 * content types and relationships that say which part is what (ECMA-376 part 2).
 *
 * A container that programs could read in two ways is not read at all (ambiguous_container): see zip_directory.h. Parts are
 * unpacked one at a time: a callback must not read another part of the same package.
 */
#ifndef TALLY_FORMATS_PACKAGE_H
#define TALLY_FORMATS_PACKAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/source.h"
#include "formats/xml.h"
#include "formats/zip_file.h"

struct tally_package;

/**
 * @src  borrowed until tally_package_close
 * @return TALLY_OK; TALLY_SKIP: damaged, ambiguous_container, encrypted, limit
 */
enum tally_status tally_package_open(struct tally_package **out, struct tally_source *src,
                                     const struct tally_limits *limits, struct tally_err *err);
void tally_package_close(struct tally_package *p);

/** The zip below it (formats/zip_file.h), for those who count parts or read one in portions of their own. Borrowed. */
struct tally_zip *tally_package_zip(struct tally_package *p);

/** Is there such a part? Names have no leading slash; upper and lower case of ASCII letters are the same, as OPC says. */
bool tally_package_has(const struct tally_package *p, const char *part);

/** Bytes of a part. @return negative to stop */
typedef enum tally_status tally_part_bytes_fn(void *payload, const void *bytes, size_t len,
                                              struct tally_err *err);

/**
 * Unpack a part in portions; its checksum is right when this returns TALLY_OK.
 * Limits: part_ratio for the part, archive_ratio and archive_bytes for all parts read of this package.
 * @return TALLY_OK; TALLY_SKIP: no such part, damaged, encrypted, limit; what the callback returned
 */
enum tally_status tally_package_read(struct tally_package *p, const char *part,
                                     tally_part_bytes_fn *fn, void *payload, struct tally_err *err);

/** Unpack and parse. @return as tally_package_read and tally_xml_feed */
enum tally_status tally_package_xml(struct tally_package *p, const char *part,
                                    const struct tally_xml_handler *handler, struct tally_err *err);

/**
 * The name of the part that another part names: "../img/a.png" in "text/one.xhtml" is "img/a.png". What stands behind # is left
 * out, %20 is a blank where only such a part is there.
 * @part  that names it
 * @out   borrowed, valid as long as the package
 * @return TALLY_OK, whether there is such a part or not; TALLY_SKIP limit; TALLY_FATAL no memory
 */
enum tally_status tally_package_target(const char **out, struct tally_package *p, const char *part,
                                       const char *target, size_t len, struct tally_err *err);

/* ---- Office Open XML ---- */

/** Read [Content_Types].xml, unless it was. @return TALLY_OK; TALLY_SKIP: missing, malformed, limit; TALLY_FATAL no memory */
enum tally_status tally_package_types(struct tally_package *p, struct tally_err *err);

/** The content type of a part, or NULL: it has none, or tally_package_types has failed. */
const char *tally_package_content_type(struct tally_package *p, const char *part);

struct tally_relation {
	const char *id; /**< "rId3" */
	const char *type; /**< last step of the type's URI: "worksheet", "hyperlink", "officeDocument" … (strict and
	                         transitional differ before it only) */
	const char *target; /**< part name, resolved and without leading slash; the target as it stands where external */
	bool external;
	uint32_t nth; /**< the number of the one that stands here in the order of ids: for tally_relation_by_id */
};

/**
 * The relationships of a part, in the order of the file.
 * @part   "" for those of the package itself
 * @out    borrowed, valid as long as the package
 * @return TALLY_OK, also when there are none; TALLY_SKIP: unreadable
 */
enum tally_status tally_package_relations(struct tally_package *p, const char *part,
                                          const struct tally_relation **out, size_t *count,
                                          struct tally_err *err);

/** The first relation with this type; NULL when there is none. */
const struct tally_relation *tally_relation_of_type(const struct tally_relation *relations,
                                                    size_t count, const char *type);

/** The first relation with this id, which needs no NUL; NULL when there is none. All relations of a part, searched by halves. */
const struct tally_relation *tally_relation_by_id(const struct tally_relation *relations,
                                                  size_t count, const char *id, size_t len);

#endif
