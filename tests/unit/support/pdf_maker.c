/* See pdf_maker.h. */
#include "support/pdf_maker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok)
{
	if (!ok)
		abort();
}

void pdf_begin(struct pdf_maker *m)
{
	m->count = 0;
	tally_buf_init(&m->out, 1 << 24);
	must(tally_buf_text(&m->out, "%PDF-1.7\n"));
}

static void begin_object(struct pdf_maker *m)
{
	must(m->count < PDF_OBJECTS);
	m->places[m->count++] = m->out.len;
	must(tally_buf_printf(&m->out, "%u 0 obj\n", m->count));
}

void pdf_object(struct pdf_maker *m, const char *text)
{
	begin_object(m);
	must(tally_buf_text(&m->out, text) && tally_buf_text(&m->out, "\nendobj\n"));
}

void pdf_stream(struct pdf_maker *m, const char *dict, const char *bytes)
{
	begin_object(m);
	must(tally_buf_printf(&m->out, "<<%s/Length %zu>>\nstream\n", dict, strlen(bytes)) &&
	     tally_buf_text(&m->out, bytes) && tally_buf_text(&m->out, "\nendstream\nendobj\n"));
}

void pdf_end(struct pdf_maker *m, const char *more)
{
	size_t at = m->out.len;

	must(tally_buf_printf(&m->out, "xref\n0 %u\n0000000000 65535 f \n", m->count + 1));
	for (unsigned i = 0; i < m->count; i++)
		must(tally_buf_printf(&m->out, "%010zu 00000 n \n", m->places[i]));
	must(tally_buf_printf(&m->out, "trailer\n<</Size %u/Root 1 0 R%s>>\nstartxref\n%zu\n%%%%EOF\n",
	                      m->count + 1, more, at));
}

void pdf_pages(struct pdf_maker *m, const char *more, const char *const *contents, unsigned count)
{
	struct tally_buf text;

	tally_buf_init(&text, 1 << 16);
	pdf_begin(m);
	must(tally_buf_printf(&text, "<</Type/Catalog/Pages 2 0 R%s>>", more));
	pdf_object(m, text.bytes);
	tally_buf_clear(&text);
	must(tally_buf_printf(&text, "<</Type/Pages/Count %u/Kids[", count));
	for (unsigned i = 0; i < count; i++)
		must(tally_buf_printf(&text, "%u 0 R ", 5 + 2 * i));
	must(tally_buf_text(&text, "]/MediaBox[0 0 600 1000]/Resources<</Font<</F1 3 0 R>>"
	                           "/XObject<</Im1 4 0 R>>>>>>"));
	pdf_object(m, text.bytes);
	pdf_object(m, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
	pdf_stream(m,
	           "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray"
	           "/BitsPerComponent 8",
	           "x");
	for (unsigned i = 0; i < count; i++) {
		tally_buf_clear(&text);
		must(tally_buf_printf(&text, "<</Type/Page/Parent 2 0 R/Contents %u 0 R>>",
		                      6 + 2 * i));
		pdf_object(m, text.bytes);
		pdf_stream(m, "", contents[i]);
	}
	tally_buf_release(&text);
}

void tsv_page(struct tally_buf *out, unsigned page)
{
	must(tally_buf_printf(
		out, "1\t%u\t0\t0\t0\t0\t0.0\t0.0\t600.000000\t1000.000000\t-1\t###PAGE###\n", page));
}

void tsv_line(struct tally_buf *out, unsigned page, unsigned block, unsigned top, const char *words)
{
	unsigned n = 0;

	must(tally_buf_printf(out, "4\t%u\t0\t%u\t%u\t0\t70.0\t%u.0\t400.0\t12.0\t-1\t###LINE###\n",
	                      page, block, top, top));
	while (*words) {
		int len = (int)strcspn(words, " ");

		must(tally_buf_printf(out,
		                      "5\t%u\t0\t%u\t%u\t%u\t70.00\t%u.00\t40.00\t12.00\t100\t%.*s\n",
		                      page, block, top, n++, top, len, words));
		words += len;
		words += *words == ' ';
	}
}
