/** A file that has a name for a moment: what both systems can do. */
#ifndef TALLY_RECEIPT_SCRATCH_NAMED_H
#define TALLY_RECEIPT_SCRATCH_NAMED_H

/** An empty file in a folder, mode 0600, unlinked at once; -1 with errno. */
int tally_scratch_named(const char *folder);

#endif
