/**
 * What all OpenDocument packages have: a type, a manifest, properties, parts by name (OpenDocument 1.3, parts 2 and 3). Private to
 * their readers.
 */
#ifndef TALLY_FORMATS_ODF_FILE_H
#define TALLY_FORMATS_ODF_FILE_H

#include "core/source.h"
#include "formats/package.h"
#include "formats/xml.h"

/**
 * Evidence that a file is such a package.
 * @type  how its type begins: "application/vnd.oasis.opendocument.text"; templates' types go on
 */
int tally_odf_probe(const unsigned char *bytes, size_t len, const char *name,
                    const char *const *suffixes, const char *type);

/** Is it one? @return TALLY_OK, also where it cannot be opened; TALLY_END: no; TALLY_FATAL */
enum tally_status tally_odf_confirm(struct tally_source *src, const char *type,
                                    struct tally_err *err);

/** Does the manifest say that parts are encrypted? @return TALLY_OK: no; TALLY_SKIP: encrypted, or it cannot be read */
enum tally_status tally_odf_check_manifest(struct tally_package *p, struct tally_err *err);

/** The fact that a property of the document is, or NULL. "property": the program that saved it */
const char *tally_odf_property(const struct tally_xml_name *name);

/** Take off its value, in place, what changes with each saving or says too much. */
void tally_odf_property_tidy(const char *fact, char *value);

/** The fact that a part of this name is, or NULL. */
const char *tally_odf_part_fact(const char *name);

/** What of a part is not looked into, or NULL; the part's own name where it is of no known kind. */
const char *tally_odf_part_unread(const char *name);

#endif
