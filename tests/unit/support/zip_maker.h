/**
 * Zips made byte by byte, honest ones and others: every value of local header, descriptor, directory and end record can be
 * given by hand.
 *
 *	struct zip_maker z = { 0 };
 *	zip_add(&z, &(struct zip_part){ .name = "a.txt", .content = "hello" });
 *	zip_finish(&z, &(struct zip_end){ 0 });
 *	… z.bytes.bytes, z.bytes.len …
 *	zip_release(&z);
 */
#ifndef TALLY_TESTS_ZIP_MAKER_H
#define TALLY_TESTS_ZIP_MAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"

enum zip_sizes_later {
	ZIP_SIZES_FIRST,   /**< in the local header */
	ZIP_SIZES_LATER,   /**< in a descriptor with signature */
	ZIP_SIZES_BARE,    /**< in a descriptor without one */
	ZIP_SIZES_WIDE,    /**< in a descriptor with 64 bits */
	ZIP_SIZES_MISSING, /**< announced for later, and then not there */
};

/** Whatever is 0 or NULL is what an honest zip would have. */
struct zip_part {
	const char *name;
	size_t name_len; /**< 0: strlen(name) */
	const char *content;
	size_t len; /**< 0: strlen(content), if any */
	uint16_t method; /**< 0 or 8: packed as one stored block of deflate; others: stored under that number */
	uint16_t flags; /**< besides what sizes_later asks for; in both places */
	enum zip_sizes_later sizes_later;
	const char *local_name;                       /**< of the same length */
	int local_method;                             /**< + 1 */
	uint32_t local_crc, local_size, local_packed; /**< added to the right value */
	uint32_t crc_off, size_off;                   /**< added in both places */
	bool zip64;                                   /**< sizes in extra fields, in both places */
	const void *extra;                            /**< in both places */
	size_t extra_len;
	uint16_t made_by;
	uint32_t attributes;
	uint16_t time, date;
	bool unlisted; /**< in no directory */
	bool listed_twice;
	uint32_t offset_off; /**< added to its place in the directory */
	size_t gap;          /**< zero bytes in front of it */
};

struct zip_end {
	const char *comment;
	size_t comment_len;
	int count_off;      /**< added to the number of members */
	uint32_t size_off;  /**< added to the size of the directory */
	uint32_t place_off; /**< added to its place */
	bool zip64;         /**< with a zip64 end record */
	int count64_off;    /**< added to the number in that one; the other has the right one */
	size_t gap;         /**< zero bytes between directory and end record */
	const char *suffix;
};

struct zip_maker {
	struct tally_buf bytes;
	struct tally_buf directory;
	unsigned count;
	size_t base; /**< places count from here */
};

/** Bytes in front of all. */
void zip_prefix(struct zip_maker *z, const void *bytes, size_t len);

/** From now on places count from here, as if the zip were made alone. */
void zip_start_here(struct zip_maker *z);

void zip_add(struct zip_maker *z, const struct zip_part *part);
void zip_finish(struct zip_maker *z, const struct zip_end *end);
void zip_release(struct zip_maker *z);

uint32_t zip_crc32(const void *bytes, size_t len);

#endif
