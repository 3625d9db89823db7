/*
 * Any bytes as texts, numbers and attachments of an item of Outlook, and as the file itself. Whatever comes out can be walked
 * through; read again it is the same, with facts wanted or not.
 */
#include <stdint.h>

#include "support/document_twice.h"
#include "support/ole_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t head = size ? data[0] % 64 : 0, n = size > 4000 ? 4000 : size;
	const uint8_t *rest = data + (head < n ? head : n);
	size_t len = n - (size_t)(rest - data);
	struct ole_part parts[] = {
		{ .name = "__properties_version1.0", .bytes = data, .len = n },
		{ .name = "__substg1.0_0037001E", .bytes = data, .len = n - len },
		{ .name = "__substg1.0_1000001F", .bytes = rest, .len = len },
		{ .name = "__substg1.0_10130102", .bytes = rest, .len = len },
		{ .name = "__recip_version1.0_#00000000", .storage = true },
		{ .name = "__substg1.0_3001001E", .bytes = data, .len = n - len, .inside = 5 },
		{ .name = "__properties_version1.0", .bytes = rest, .len = len, .inside = 5 },
		{ .name = "__attach_version1.0_#00000000", .storage = true },
		{ .name = "__properties_version1.0", .bytes = rest, .len = len, .inside = 8 },
		{ .name = "__substg1.0_3701000D", .storage = true, .inside = 8 },
		{ .name = "__properties_version1.0", .bytes = data, .len = n, .inside = 10 },
		{ .name = "__substg1.0_1000001E", .bytes = rest, .len = len, .inside = 10 },
	};
	struct tally_buf file;

	/* which of an item's storages there are */
	parts[9].name = size > 1 && data[1] & 1 ? "__substg1.0_37010102" : parts[9].name;
	file = ole_make(parts, sizeof parts / sizeof *parts);
	document_twice("msg", file.bytes, file.len);
	tally_buf_release(&file);
	document_twice("msg", data, size);
	return 0;
}
