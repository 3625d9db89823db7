/**
 * Which zip containers are office files of Office Open XML, and what their main part is (ECMA-376 part 2). Private to the
 * readers of workbooks, documents and presentations.
 */
#ifndef TALLY_FORMATS_OFFICE_FILE_H
#define TALLY_FORMATS_OFFICE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/err.h"
#include "core/source.h"
#include "formats/package.h"

/**
 * How much speaks for such a file of this kind.
 * @suffixes  of its names; NULL at the end
 * @folder    where its parts are: "xl/", "word/"
 * @return bits of evidence, 0: it is none. What the main part is has to be looked up: see tally_office_main
 */
int tally_office_probe(const unsigned char *bytes, size_t len, const char *name,
                       const char *const *suffixes, const char *folder);

/**
 * Find the main part.
 * @main  its name; @type  its content type, NULL: it has none; both borrowed from the package. NULL: there is no main part
 * @return TALLY_OK; TALLY_SKIP: unreadable
 */
enum tally_status tally_office_main(struct tally_package *p, const char **main, const char **type,
                                    struct tally_err *err);

/**
 * Is the main part of this package of one of these types? One that cannot be opened, but is called such a file or has parts in
 * that folder, counts as one: its reader will say why it cannot be read.
 * @types  NULL at the end
 * @return TALLY_OK; TALLY_END: it is another one; TALLY_FATAL
 */
enum tally_status tally_office_confirm(struct tally_source *src, const char *const *types,
                                       const char *const *suffixes, const char *folder,
                                       struct tally_err *err);

/** Is this text one of the list? NULL is none. */
bool tally_office_is_one_of(const char *text, const char *const *list);

#endif
