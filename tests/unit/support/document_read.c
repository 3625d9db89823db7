/* See document_read.h. */
#include "support/document_read.h"

#include "formats/format.h"

enum tally_status document_read(const struct document_input *in, const struct tally_sink *sink,
                                struct tally_err *err)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_memory(&src, in->bytes, in->len, err);

	options.limits = in->limits;
	if (st >= 0 && in->text)
		st = tally_source_memory(&options.text, in->text, in->text_len, err);
	if (st >= 0)
		st = tally_format_by_name(in->format)->read(src, &options, sink, err);
	tally_source_free(options.text);
	tally_source_free(src);
	return st;
}
