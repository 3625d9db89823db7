/**
 * Private to the reader of zip directories (zip_*.c): records as they stand, and the steps from the end record to a checked
 * list of members.
 *
 *   zip_records.c    headers and extra fields at a place
 *   zip_end.c        the end record, the zip64 one, and where the directory is
 *   zip_directory.c  the directory, names, and all of it
 *   zip_places.c     directory against local headers
 *   zip_scan.c       local headers alone, where the directory is broken
 */
#ifndef TALLY_FORMATS_ZIP_PARTS_H
#define TALLY_FORMATS_ZIP_PARTS_H

#include "core/bytes.h"
#include "formats/zip_directory.h"

enum {
	TALLY_ZIP_LOCAL_SIZE = 30, /**< local header without name and extra field (APPNOTE 4.3.7) */
	TALLY_ZIP_END64_SIZE = 56, /**< zip64 end record (4.3.14) */
	TALLY_ZIP_LOCATOR_SIZE = 20, /**< where the zip64 end record stands (4.3.15) */
	TALLY_ZIP_WINDOW_CAP = TALLY_ZIP_LOCAL_SIZE +
	                       2 * 65535, /**< a header with the longest name and extra field */
	TALLY_ZIP_DESCRIPTOR_MAX = 24,    /**< signature, CRC-32, two sizes of 64 bits (4.3.9) */
	TALLY_ZIP_FLAG_DESCRIPTOR = 1 << 3,
	TALLY_ZIP_FLAG_UTF8 = 1 << 11,
};

#define TALLY_ZIP_SIG_LOCAL      UINT32_C(0x04034b50)
#define TALLY_ZIP_SIG_CENTRAL    UINT32_C(0x02014b50)
#define TALLY_ZIP_SIG_END        UINT32_C(0x06054b50)
#define TALLY_ZIP_SIG_END64      UINT32_C(0x06064b50)
#define TALLY_ZIP_SIG_LOCATOR    UINT32_C(0x07064b50)
#define TALLY_ZIP_SIG_DESCRIPTOR UINT32_C(0x08074b50)

#define AMBIGUOUS TALLY_REASON_AMBIGUOUS_CONTAINER

/** A stretch of the source in memory. */
struct tally_zip_window {
	struct tally_source *src;
	unsigned char *bytes;
	size_t len;
	uint64_t at;
};

/** Values of a header that an extra field may give in full. */
struct tally_zip_header {
	uint64_t size, packed, offset;
	bool size_max, packed_max, offset_max; /* the header itself has only a mark there */
	bool zip64;                            /* an extra field with 64-bit values is there */
	bool unicode_differs;                  /* another name for programs that look for one */
	int64_t mtime_ns;
};

/** A local header, and what stands behind it. */
struct tally_zip_local {
	struct tally_zip_header h;
	const unsigned char *name;
	uint16_t flags, method, name_len, extra_len, time, date;
	uint32_t crc32;
};

/** What the end record says. */
struct tally_zip_end {
	uint64_t at; /* where the end record begins */
	uint64_t top; /* where what belongs to the end begins: the zip64 end record, or the end record */
	uint64_t count;
	uint64_t size;    /* of the central directory */
	uint64_t offset;  /* of the central directory, as written */
	uint64_t central; /* of the central directory, really */
};

static inline uint32_t tally_zip_u32(const unsigned char *p)
{
	struct tally_bytes b = tally_bytes_of(p, 4);

	return tally_bytes_u32(&b);
}

static inline uint16_t tally_zip_u16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

/** @return TALLY_OK with all of @len bytes, TALLY_END when the source ends before, TALLY_SKIP */
enum tally_status tally_zip_read_exact(struct tally_source *src, void *bytes, size_t len,
                                       uint64_t at, struct tally_err *err);

/** @return TALLY_OK with @len bytes at @at in *p, TALLY_END when the source ends before, TALLY_SKIP */
enum tally_status tally_zip_window_get(struct tally_zip_window *w, uint64_t at, size_t len,
                                       const unsigned char **p, struct tally_err *err);

/** Something is wrong. What can be read in two ways weighs most, then damage; the first of its kind stays. */
__attribute__((format(printf, 4, 5))) void tally_zip_doubt(struct tally_zip_directory *d,
                                                           enum tally_reason reason,
                                                           const struct tally_zip_member *where,
                                                           const char *format, ...);

bool tally_zip_is_ascii(const unsigned char *name, size_t len);
bool tally_zip_is_encrypted(uint16_t flags, uint16_t method);

/** One more member, all zero; NULL: no memory. */
struct tally_zip_member *tally_zip_member_new(struct tally_zip_directory *d);

/** By mode or attributes, and by a name that ends in '/'. */
enum tally_entry_type tally_zip_type_of(const struct tally_zip_member *m, bool is_unix,
                                        uint32_t mode, uint32_t attributes);

/** Take one record of the directory. @return false when it is none or ends too early */
bool tally_zip_central_record(struct tally_zip_member *m, struct tally_bytes *b,
                              struct tally_zip_header *h);

/** @return TALLY_OK, TALLY_END when there is none at this place, TALLY_SKIP */
enum tally_status tally_zip_local_read(struct tally_zip_window *w, uint64_t at,
                                       struct tally_zip_local *l, struct tally_err *err);

/** Find the end record and the directory. @return TALLY_OK, TALLY_END when one is missing, or negative */
enum tally_status tally_zip_find_end(struct tally_zip_directory *d, struct tally_zip_window *w,
                                     struct tally_zip_end *end, struct tally_err *err);

/** The descriptor behind a member: adds its length to *end. */
enum tally_status tally_zip_skip_descriptor(struct tally_zip_directory *d, struct tally_zip_window *w,
                                            const struct tally_zip_member *m,
                                            const struct tally_zip_local *l, uint64_t *end,
                                            struct tally_err *err);

/** All members, in the order of their places: headers agree, nothing overlaps, no gap hides anything. */
enum tally_status tally_zip_check_places(struct tally_zip_directory *d, struct tally_zip_window *w,
                                         const struct tally_zip_end *end, struct tally_err *err);

/** Members by their local headers alone. @return TALLY_OK with a doubt about the missing directory, or negative */
enum tally_status tally_zip_scan(struct tally_zip_directory *d, struct tally_zip_window *w,
                                 const struct tally_limits *limits, struct tally_err *err);

#endif
