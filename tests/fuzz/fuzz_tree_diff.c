/* Two small trees out of any bytes: their comparison, with the sides swapped and against themselves, keeps the laws. */
#include "support/tree_laws.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t half = size / 2;
	struct tree_bytes first = { data, data + half }, second = { data + half, data + size };
	struct tally_tree *a = tree_from_bytes(&first), *b = tree_from_bytes(&second);

	tally_tree_diff_free(tree_laws_compare(a, b, true));
	tally_tree_diff_free(tree_laws_compare(b, a, false));
	tree_laws_self(a);
	tally_tree_free(a);
	tally_tree_free(b);
	return 0;
}
