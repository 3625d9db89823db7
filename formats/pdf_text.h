/**
 * The text of a PDF as pdftotext tells it: words with their places, put together to lines, of which those that come back on
 * every page (running heads and feet, page numbers) are known. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_TEXT_H
#define TALLY_FORMATS_PDF_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/source.h"

/** Where on its page a line stands. */
enum tally_pdf_edge { TALLY_PDF_MIDDLE, TALLY_PDF_HEAD, TALLY_PDF_FOOT };

struct tally_pdf_line {
	size_t at; /**< in the text's bytes */
	uint32_t len;
	uint32_t page;   /**< from 1 */
	uint8_t edge;    /**< enum tally_pdf_edge */
	float top;       /**< its distance from the top of the page */
	bool begins;     /**< a paragraph */
	bool running;    /**< it comes back on other pages, but for numbers that count pages */
	bool first_run;  /**< the first one of those */
	uint8_t numbers; /**< what its first numbers are, two bits each: enum tally_pdf_number */
	int32_t offset;  /**< what its page numbers are ahead of the count of pages */
	bool seen_often; /**< on enough pages that a number which goes up with them is no chance */
};

/** What a number in a running line is. */
enum tally_pdf_number { TALLY_PDF_NUMBER, TALLY_PDF_PAGE, TALLY_PDF_PAGES };

struct tally_pdf_page {
	bool told;        /**< pdftotext said that there is such a page */
	uint64_t letters; /**< characters that people can read */
	uint64_t strange; /**< characters without meaning: the page's fonts do not say which letters they show */
};

struct tally_pdf_text {
	struct tally_buf bytes;
	struct tally_pdf_line *lines;
	size_t line_count, line_cap;
	struct tally_pdf_page *pages; /**< of page 1 and so on */
	uint32_t page_count;
	uint64_t words; /**< once they are put together to paragraphs */
};

/**
 * Read what `pdftotext -tsv` wrote.
 * @out    to tally_pdf_text_release in any case
 * @pages  how many the file has; pages beyond are passed over
 */
enum tally_status tally_pdf_text_read(struct tally_pdf_text *out, struct tally_source *src,
                                      uint32_t pages, uint64_t most, struct tally_err *err);
void tally_pdf_text_release(struct tally_pdf_text *text);

/** Find the running lines: sets `running` and `first_run`. @return TALLY_OK; TALLY_FATAL no memory */
enum tally_status tally_pdf_running(struct tally_pdf_text *text, struct tally_err *err);

/** A running line as it is on all its pages: "Page [page] of [pages]". @return false: no memory */
bool tally_pdf_running_text(struct tally_buf *out, const struct tally_pdf_text *text,
                            const struct tally_pdf_line *line);

#endif
