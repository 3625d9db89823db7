/* Where the source tree lies: CMake says so, since a compiler may be given names relative to anything. */
#include "support/source_tree.h"

#include <stdio.h>

const char *source_tree(const char *rel)
{
	static char path[4096];

	snprintf(path, sizeof path, "%s/%s", TALLY_SOURCE_DIR, rel);
	return path;
}
