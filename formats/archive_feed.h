/**
 * Private to the archive readers: a source as libarchive wants it (client), and the blocks of a stream, unpacked where it is
 * compressed (feed).
 */
#ifndef TALLY_FORMATS_ARCHIVE_FEED_H
#define TALLY_FORMATS_ARCHIVE_FEED_H

#include "formats/archive_level.h"
#include "formats/archive_lib.h"

enum {
	TALLY_ARCHIVE_BLOCK = 128 << 10, /**< read from the source at once */
	TALLY_ARCHIVE_TAR_BLOCK = 512,
};

/** The source of an archive. */
struct tally_archive_client {
	struct tally_source *src;
	uint64_t base; /* where the archive begins */
	uint64_t at;
	enum tally_status status; /* negative once the source failed */
	struct tally_err *err;
	unsigned char block[TALLY_ARCHIVE_BLOCK];
};

/** A stream, block by block. */
struct tally_archive_feed {
	struct tally_archive_level *level;
	struct tally_err *err;
	struct tally_archive_client client;
	struct archive *filter; /* NULL: nothing is compressed */
	struct archive_entry *entry;
	const unsigned char *bytes; /* the block given last */
	size_t len;
	uint64_t given;           /* bytes of all blocks */
	size_t zeros;             /* how many zeros the last bytes given are, up to TAR_BLOCK */
	bool gzip;                /* nobody else looks at its sum */
	uint32_t sum;             /* of all blocks */
	bool again;               /* give the same block once more */
	bool ended;               /* the compressed stream is over */
	bool damaged;             /* the compressed stream is */
	bool limit;               /* a limit ended it */
	enum tally_status status; /* negative once something else failed */
};

/** Callbacks of libarchive over a client. */
la_ssize_t tally_archive_client_read(struct archive *a, void *payload, const void **bytes);
la_int64_t tally_archive_client_seek(struct archive *a, void *payload, la_int64_t offset, int whence);

/** A handle that takes off one layer of compression; NULL: no memory. */
struct archive *tally_archive_filter_new(enum tally_archive_kind kind);

enum tally_status tally_archive_feed_new(struct tally_archive_feed **out,
                                         struct tally_archive_level *level,
                                         enum tally_archive_kind kind, struct tally_err *err);
void tally_archive_feed_release(struct tally_archive_feed *f);

/** Begin unpacking; what fails is told by tally_archive_feed_next. */
void tally_archive_feed_open(struct tally_archive_feed *f);

/** The next block. @return false at the end, or when damaged, limit or status say why */
bool tally_archive_feed_next(struct tally_archive_feed *f);

/** @return negative, TALLY_END for a limit, TALLY_OK otherwise */
enum tally_status tally_archive_feed_result(const struct tally_archive_feed *f);

/** Callback of libarchive over a feed. */
la_ssize_t tally_archive_feed_read(struct archive *a, void *payload, const void **bytes);

#endif
