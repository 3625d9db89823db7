/**
 * Text on a page of a PDF that perhaps nobody sees, by what the page draws: invisible letters, letters in the colour of what lies
 * below them, tiny ones, outside of the page, below a filled box. What forms and patterns draw, clipping, and pictures that lie over
 * text are not looked at. Invisible words of a scan are no such text: they say what its picture shows. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_UNSEEN_H
#define TALLY_FORMATS_PDF_UNSEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tally_pdf_unseen {
	TALLY_PDF_INVISIBLE,
	TALLY_PDF_GROUND, /**< in the colour of what is below */
	TALLY_PDF_TINY,
	TALLY_PDF_OUTSIDE,
	TALLY_PDF_COVERED,
	TALLY_PDF_UNSEEN
};

/** What a name in the content stands for. */
enum tally_pdf_named {
	TALLY_PDF_NAMED_UNKNOWN,
	TALLY_PDF_NAMED_IMAGE,
	TALLY_PDF_NAMED_FONT,   /**< whose letters are as large as is said */
	TALLY_PDF_NAMED_OPAQUE, /**< a state in which nothing shines through */
	TALLY_PDF_NAMED_NEITHER /**< a state that says nothing of it */
};

/** What is known of the page. */
struct tally_pdf_sheet {
	double box[4]; /**< left, bottom, right, top of what is shown */
	/** @kind  "/XObject", "/Font", "/ExtGState". @name  with its "/" */
	enum tally_pdf_named (*look_up)(void *payload, const char *kind, const char *name);
	void *payload;
};

/**
 * @out  the length of such text, in bytes of its font
 * @return false: no memory
 */
bool tally_pdf_unseen(const char *content, size_t len, const struct tally_pdf_sheet *sheet,
                      uint64_t out[TALLY_PDF_UNSEEN]);

#endif
