/** What a WordprocessingML document says besides its text: see docx_facts.c. Private to the reader of DOCX. */
#ifndef TALLY_FORMATS_DOCX_FACTS_H
#define TALLY_FORMATS_DOCX_FACTS_H

#include "formats/docx_story.h"
#include "formats/office_facts.h"

/** Comments with their authors. @part  comments.xml; @more  commentsExtended.xml, NULL: there is none */
enum tally_status tally_docx_comments(struct tally_docx *doc, struct tally_office_facts *f,
                                      const char *part, const char *more, struct tally_err *err);

/** Protection, template, mail merge. @part  settings.xml */
enum tally_status tally_docx_settings(struct tally_office_facts *f, const char *part,
                                      struct tally_err *err);

#endif
