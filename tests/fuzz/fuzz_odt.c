/*
 * Any bytes as the content and the styles of an OpenDocument text, and of a presentation, and as the package itself. Whatever comes
 * out can be walked through; read again it is the same, with facts wanted or not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/document_twice.h"
#include "support/zip_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct zip_maker zip = { 0 };
	char *text = calloc(1, size + 1);

	CHECK(text);
	if (size)
		memcpy(text, data, size);
	zip_add(&zip, &(struct zip_part){ .name = "content.xml", .content = text });
	zip_add(&zip, &(struct zip_part){ .name = "styles.xml", .content = text });
	zip_add(&zip, &(struct zip_part){ .name = "meta.xml", .content = text });
	zip_finish(&zip, &(struct zip_end){ 0 });
	document_twice("odt", zip.bytes.bytes, zip.bytes.len);
	document_twice("odp", zip.bytes.bytes, zip.bytes.len);
	zip_release(&zip);
	free(text);
	document_twice("odt", data, size);
	return 0;
}
