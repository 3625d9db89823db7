/*
 * Any bytes as a PDF, with a text of its pages; and as the text that pdftotext makes, of a PDF that is sound. Whatever comes out
 * can be walked through; read again it is the same, with facts wanted or not.
 */
#include <stdint.h>
#include <string.h>

#include "support/document_twice.h"
#include "support/pdf_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PAGES = 6 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const contents[PAGES] = { "(a) Tj", "/Im1 Do", "q Q",
		                                     "",       "(b) Tj",  "(c) Tj" };
	struct tally_buf text;
	struct pdf_maker pdf;

	tally_buf_init(&text, 1 << 16);
	for (unsigned i = 1; i <= 2; i++) {
		tsv_page(&text, i);
		tsv_line(&text, i, 0, 300, "The well-");
		tsv_line(&text, i, 0, 320, "known terms");
	}
	document_twice_in(&(struct document_input){
		.format = "pdf", .bytes = data, .len = size, .text = text.bytes, .text_len = text.len });
	tally_buf_release(&text);
	/* not every input is a text */
	if (size && data[0] != '1')
		return 0;
	pdf_pages(&pdf, "", contents, PAGES);
	pdf_end(&pdf, "");
	document_twice_in(&(struct document_input){ .format = "pdf",
	                                            .bytes = pdf.out.bytes,
	                                            .len = pdf.out.len,
	                                            .text = size ? (const void *)data : "",
	                                            .text_len = size });
	tally_buf_release(&pdf.out);
	return 0;
}
