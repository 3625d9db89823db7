/** Files of the source tree, for tests that hold the program against its documents. */
#ifndef TALLY_TESTS_SOURCE_TREE_H
#define TALLY_TESTS_SOURCE_TREE_H

/** The path of the file @rel. @return static memory, valid until the next call */
const char *source_tree(const char *rel);

#endif
