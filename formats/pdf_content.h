/**
 * What a page of a PDF draws, as far as it tells which resources it uses and whether it draws anything. Private to the reader
 * of PDF.
 */
#ifndef TALLY_FORMATS_PDF_CONTENT_H
#define TALLY_FORMATS_PDF_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The names that stand in a content stream, by hash. */
struct tally_pdf_names {
	uint64_t *hashes; /**< ascending */
	size_t count, cap;
	bool escaped; /**< one is written with an escape: which ones there are is not known */
};

/** @return false: no memory */
bool tally_pdf_names_of(struct tally_pdf_names *out, const char *content, size_t len);
/** @name  with its "/" */
bool tally_pdf_names_has(const struct tally_pdf_names *names, const char *name);
void tally_pdf_names_release(struct tally_pdf_names *names);

/**
 * Make one blank of each run of blanks and ends of lines, none at the end, and small letters of digits: programs lay them out as
 * they like. What has pictures or remarks among what it draws stays as it is, since blanks count there.
 * @return how long it is now
 */
size_t tally_pdf_content_squeeze(char *content, size_t len);

/** Does it draw nothing at all? Said only of short ones. */
bool tally_pdf_content_blank(const char *content, size_t len);

#endif
