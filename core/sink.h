/**
 * What a format reader pushes: parts and rows, blocks of text, facts, members of a container, pictures, and a note for whatever
 * it left out. A callback that is NULL means that nobody wants those events.
 *
 * Every callback returns TALLY_OK to go on; a negative status ends the reading and is returned by the reader.
 */
#ifndef TALLY_CORE_SINK_H
#define TALLY_CORE_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/facts.h"
#include "core/hash.h"
#include "core/picture.h"
#include "core/table.h"
#include "core/text.h"
#include "core/tree.h"

/** A member of a container, as tally_sink.member gets it. Borrowed for the call. */
struct tally_member {
	const char *path; /**< inside the container; for nested ones "outer.zip/inner.txt" */
	size_t path_len;
	enum tally_entry_type type;
	enum tally_reason reason; /**< why its content was not read, or TALLY_REASON_NONE */
	uint64_t size;            /**< unpacked */
	int64_t mtime_ns;
	uint32_t mode;
	uint32_t crc32;             /**< as stored in a zip's directory; 0 elsewhere */
	uint32_t depth;             /**< 0: in the file itself, 1: in an archive in it … */
	const char *target;         /**< links */
	struct tally_digest digest; /**< of the unpacked content, all zero when it was not read */
};

/** What a note means for somebody who looks for a content in a container, or takes it for a list of members. */
enum tally_note_about {
	TALLY_NOTE_LIST,   /**< the list of members may be incomplete or another one */
	TALLY_NOTE_MEMBER, /**< the list is whole; what was not read are members, which say so themselves, or what is in them */
	TALLY_NOTE_REMARK, /**< nothing was left out */
};

/** Something that a reader left out or could not be sure of. Becomes a row under "unverified". */
struct tally_note {
	enum tally_reason reason;
	const char *detail; /**< half a sentence for people; may be NULL */
	const char *where;  /**< part, member or row; NULL: the whole file */
	const char *sheet; /**< the name of a sheet that is in the file but could not be read; NULL: none */
	enum tally_note_about about;
	bool whole; /**< nothing of the file's meaning could be read (level: model), otherwise one part (level: part) */
};

struct tally_sink {
	void *payload;
	/** A complete part of a table; it is yours now. */
	enum tally_status (*part)(void *payload, struct tally_part *part, struct tally_err *err);
	enum tally_status (*block)(void *payload, const struct tally_block *block,
	                           struct tally_err *err);
	enum tally_status (*fact)(void *payload, const struct tally_fact *fact,
	                          struct tally_err *err);
	enum tally_status (*member)(void *payload, const struct tally_member *member,
	                            struct tally_err *err);
	enum tally_status (*note)(void *payload, const struct tally_note *note,
	                          struct tally_err *err);
	/** The file is a picture, and this one. */
	enum tally_status (*picture)(void *payload, const struct tally_picture *picture,
	                             struct tally_err *err);
	/** What stands behind a fact of this value, by readers that hold pictures in memory (mails, web pages). Borrowed. */
	enum tally_status (*content)(void *payload, const char *value, const void *bytes,
	                             size_t len, struct tally_err *err);
};

#endif
