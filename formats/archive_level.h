/**
 * Private to the archive readers: one archive being read (a level; nested ones are further levels), and what all of them
 * share (the job: sink, limits, hasher).
 *
 *   begin ── bytes, zeros … ── end ──► digest, member event, then the archive in it, if it is one
 */
#ifndef TALLY_FORMATS_ARCHIVE_LEVEL_H
#define TALLY_FORMATS_ARCHIVE_LEVEL_H

#include "core/buf.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/sink.h"
#include "core/source.h"
#include "formats/archive.h"

/** Shared by an archive and all that is nested in it. */
struct tally_archive_job {
	const struct tally_limits *limits;
	const struct tally_key *key;
	const struct tally_sink *sink;
	struct tally_hasher *hasher; /**< NULL: nobody wants digests */
	bool by_sha256;              /**< digests stand for SHA-256 */
	uint64_t packed;             /**< size of the outermost file */
	uint64_t members;            /**< pushed so far */
	uint64_t unpacked;           /**< bytes of members */
	uint64_t streamed; /**< bytes that came out of compressed streams, tar headers included */
	bool stopped;      /**< a limit ended it; the note was pushed */
	bool partial;      /**< a note was pushed */
	bool refused;      /**< the sink wants no more; its status is on the way up */
};

/** What is counted, and noted once at the end of an archive. */
enum tally_archive_trouble {
	TALLY_TROUBLE_ENCRYPTED,
	TALLY_TROUBLE_DAMAGED,
	TALLY_TROUBLE_METHOD,   /**< packed in a way that has no reader */
	TALLY_TROUBLE_TWICE,    /**< of one name, with different contents */
	TALLY_TROUBLE_DEEP,     /**< an archive below limits.archive_depth */
	TALLY_TROUBLE_OTHER,    /**< an archive of a kind that is known and not read */
	TALLY_TROUBLE_LARGE,    /**< an archive larger than limits.archive_memory */
	TALLY_TROUBLE_NAMELESS, /**< its name could not be converted */
	TALLY_TROUBLE_ASTRAY,   /**< a hard link to nothing in the archive */
	TALLY_TROUBLE_ODD,      /**< its header is malformed in part */
	TALLY_TROUBLE_LEAVES,   /**< its name leads out of the folder where it is unpacked */
	TALLY_TROUBLES
};

struct tally_archive_count {
	uint64_t members;
	char *first; /**< path of the first one */
};

/** The names seen, with their contents: for hard links, and for names that come twice. */
struct tally_archive_name {
	uint64_t hash; /**< 0: free */
	uint64_t size;
	struct tally_digest digest;
	uint8_t type;
	uint8_t reason;
};

/** An archive in a file, not always at its beginning. */
struct tally_archive_place {
	enum tally_archive_kind kind;
	const char *other;        /**< TALLY_ARCHIVE_OTHER: what it is */
	enum tally_reason reason; /**< and why it is not read */
	uint64_t at;              /**< where it begins; 0 for a zip, which is found from its end */
};

struct tally_archive_level {
	struct tally_archive_job *job;
	struct tally_source *src;
	uint64_t base; /**< where in it the archive begins, behind a program that unpacks it */
	bool flat; /**< no folders (ar): a '/' in a name is nothing special, and the index is called so */
	uint32_t depth;
	struct tally_buf path; /**< of this archive with a '/' behind it ("" outermost), then the member's */
	size_t prefix; /**< length of the former */
	struct tally_archive_count counts[TALLY_TROUBLES];
	struct tally_archive_name *names;
	size_t name_count, name_cap;
	/* the member being read */
	struct tally_member member;
	uint64_t got;           /**< bytes of it so far */
	bool followed;          /**< a hard link: size and digest are those of its target */
	struct tally_buf bytes; /**< its content, as long as it may be an archive */
	bool maybe_archive;
};

/** Read the archive in @level->src. @return TALLY_OK, TALLY_END (a limit), or negative */
enum tally_status tally_archive_level_read(struct tally_archive_level *level, struct tally_err *err);

/** Without an address of its own: outermost @path is "". */
void tally_archive_level_init(struct tally_archive_level *level, struct tally_archive_job *job,
                              struct tally_source *src, uint32_t depth);
void tally_archive_level_release(struct tally_archive_level *level);

/**
 * Begin a member. @member's path is its name alone; target and times are taken over.
 * @return TALLY_OK, TALLY_END when limits.archive_members is reached, or negative
 */
enum tally_status tally_archive_begin(struct tally_archive_level *level,
                                      const struct tally_member *member, struct tally_err *err);

/** More of its content. @return TALLY_OK, TALLY_END when a limit is reached, or negative */
enum tally_status tally_archive_bytes(struct tally_archive_level *level, const void *bytes,
                                      size_t len, struct tally_err *err);
enum tally_status tally_archive_zeros(struct tally_archive_level *level, uint64_t len,
                                      struct tally_err *err);

/**
 * The member is over: pushes it, and what is in it.
 * @reason  why its content is not known, or TALLY_REASON_NONE
 */
enum tally_status tally_archive_end(struct tally_archive_level *level, enum tally_reason reason,
                                    struct tally_err *err);

/** A hard link: it gets size and digest of the member @target that came before. */
void tally_archive_follow(struct tally_archive_level *level, const char *target, size_t len);

/** Count a trouble of the present member. */
enum tally_status tally_archive_trouble(struct tally_archive_level *level,
                                        enum tally_archive_trouble what, struct tally_err *err);

/** Push a note on this archive as a whole, or on a member (@where). @detail NULL: none */
enum tally_status tally_archive_note(struct tally_archive_level *level, enum tally_reason reason,
                                     const char *detail, struct tally_err *err);

/** The same for a note that does not put the list of members in doubt. */
enum tally_status tally_archive_note_about(struct tally_archive_level *level,
                                           enum tally_note_about about, enum tally_reason reason,
                                           const char *detail, struct tally_err *err);

/** Push the notes for what was counted. */
enum tally_status tally_archive_note_troubles(struct tally_archive_level *level,
                                              struct tally_err *err);

/** Bytes that came out of a compressed stream. @return TALLY_OK, TALLY_END when a limit is reached, or negative */
enum tally_status tally_archive_streamed(struct tally_archive_level *level, size_t len,
                                         struct tally_err *err);

/** 7z and ISO images; tar, cpio, ar and compressed streams: through libarchive (archive_stream.c). */
enum tally_status tally_archive_read_places(struct tally_archive_level *level,
                                            enum tally_archive_kind kind, struct tally_err *err);
enum tally_status tally_archive_read_stream(struct tally_archive_level *level,
                                            enum tally_archive_kind kind, struct tally_err *err);

/**
 * Find the archive in a source: at its beginning, or behind a program or script that unpacks it.
 * @return TALLY_OK, place->kind TALLY_ARCHIVE_NONE where there is none; or negative
 */
enum tally_status tally_archive_find(struct tally_archive_place *place, struct tally_source *src,
                                     struct tally_err *err);

/** Is this block of 512 bytes the header of a tar member? @return bits of evidence, 0: no */
int tally_archive_tar_bits(const unsigned char *block, size_t len);

#endif
