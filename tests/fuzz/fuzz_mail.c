/* Any bytes as a mail and as a mailbox. Whatever comes out can be walked through; read again it is the same, with facts wanted or not. */
#include <stdint.h>

#include "core/limits.h"
#include "support/document_twice.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tally_limits limits = TALLY_LIMITS_INIT;
	struct document_input in = { .bytes = data, .len = size, .limits = &limits };

	limits.mail_nested = 50;
	limits.mail_bytes = 1 << 16;
	in.format = "eml";
	document_twice_in(&in);
	in.format = "mbox";
	document_twice_in(&in);
	return 0;
}
