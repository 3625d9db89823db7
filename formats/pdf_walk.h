/**
 * All that can be reached from some objects of a PDF, written down as one text: each object once, named by the order in which it
 * is met, pages by their numbers. The digest of that text is the same whatever the numbers of objects and however they are packed.
 * No recursion: objects wait in a list. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_WALK_H
#define TALLY_FORMATS_PDF_WALK_H

#include "core/buf.h"
#include "formats/pdf_map.h"
#include "formats/pdf_object.h"

struct tally_pdf_walk {
	struct tally_pdf *p;
	struct tally_pdf_map met;     /* object → its number in one walk */
	struct tally_pdf_map streams; /* object → its place in digests, in all walks */
	struct tally_pdf_stream_digest {
		struct tally_sha256 sha;
		bool read, unpacked;
	} * digests;
	size_t digest_count, digest_cap;
	qpdf_oh *list; /* of one walk: those that are met */
	size_t list_count, list_cap, list_done;
	struct tally_buf text; /* of one walk */
	bool failed;           /* to look at all of it */
};

void tally_pdf_walk_init(struct tally_pdf_walk *w, struct tally_pdf *p);
void tally_pdf_walk_release(struct tally_pdf_walk *w);

/** Begin a walk. `failed` is left as it is. */
void tally_pdf_walk_begin(struct tally_pdf_walk *w);
/** A line of text between objects. */
void tally_pdf_walk_say(struct tally_pdf_walk *w, const char *text);
/** An object with all that can be reached from it. */
void tally_pdf_walk_add(struct tally_pdf_walk *w, qpdf_oh o);
/** What a dictionary has, but for some names. @but  NULL at the end */
void tally_pdf_walk_add_but(struct tally_pdf_walk *w, qpdf_oh dict, const char *const *but);
/** What a dictionary has under these names. @names  NULL at the end */
void tally_pdf_walk_add_only(struct tally_pdf_walk *w, qpdf_oh dict, const char *const *names);
/** Go to the end of it. @return was there anything? */
bool tally_pdf_walk_end(struct tally_pdf_walk *w, struct tally_sha256 *out);

#endif
