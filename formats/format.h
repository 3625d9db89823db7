/**
 * Formats: how the bytes of one file become rows, blocks, facts and members.
 *
 * A format is one file, fmt_NAME.c, with one struct tally_format, and one line in formats/formats.def. A probe says how many
 * bits of evidence it found; the format with the most reads the file.
 */
#ifndef TALLY_FORMATS_FORMAT_H
#define TALLY_FORMATS_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/sink.h"
#include "core/source.h"

enum { TALLY_FORMAT_VERSION = 1 };

/** What a format can tell. */
enum {
	TALLY_CAP_ROWS = 1 << 0,   /**< parts of a table */
	TALLY_CAP_BLOCKS = 1 << 1, /**< blocks of text */
	TALLY_CAP_FACTS = 1 << 2,
	TALLY_CAP_MEMBERS = 1 << 3, /**< members of a container */
	TALLY_CAP_OPAQUE = 1 << 4, /**< a container that is known and not read: its reader only says so */
	TALLY_CAP_PLACES = 1 << 5, /**< reads its source here and there (parts of a zip), not from end to end */
	TALLY_CAP_PLAIN = 1 << 6, /**< its bytes are text, and most of them what it says (Markdown, web pages) */
	TALLY_CAP_PICTURE = 1 << 7, /**< it is a picture */
	TALLY_CAP_LAID = 1 << 8, /**< it tells lines and pages: where its paragraphs end is a guess (PDF, plain text) */
};

/** What a reader is told besides the bytes. */
struct tally_read_options {
	int version; /**< TALLY_READ_OPTIONS_VERSION */
	const struct tally_limits *limits;
	const struct tally_key *key; /**< members are hashed with it; NULL: they are not hashed */
	bool by_sha256; /**< digests of members stand for their SHA-256 (tally_digest_by_sha256) */
	const char *encoding; /**< tables: use this instead of finding one ("utf-8", "windows-1252" …), or NULL */
	char delimiter; /**< tables: use this instead of finding one, or 0 */
	char quote;     /**< tables: the quote of the other side, or 0 */
	bool prefer_encoding; /**< encoding and delimiter are the other side's: use them where they fit the bytes, and
	                                           say where they do not */
	int header; /**< tables: 1 the first row is a header, 0 there is none, -1 find out */
	struct tally_source *text; /**< its text, made by a program of its own (PDF); NULL: there is none */
	unsigned threads;          /**< at most; 0: as many as there are processors, at most 8 */
	const struct tally_err *no_text; /**< why there is no text though there should be; NULL: nobody tried */
	bool boxed; /**< a mail says what a mailbox with nothing else in it would say */
};

enum { TALLY_READ_OPTIONS_VERSION = 1 };
#define TALLY_READ_OPTIONS_INIT                                                                \
	{                                                                                      \
		TALLY_READ_OPTIONS_VERSION, NULL, NULL, false, NULL, 0, 0, false, -1, NULL, 0, \
			NULL, false                                                            \
	}

struct tally_format {
	int version;                 /**< TALLY_FORMAT_VERSION */
	const char *name;            /**< "csv" */
	const char *const *suffixes; /**< with dot, lower case, NULL at the end */
	unsigned caps;               /**< TALLY_CAP_… */
	/** Facts that it tells like other formats, so that they compare; NULL at the end. NULL: all */
	const char *const *facts;
	/**
	 * How much speaks for this format: the bits of evidence verified in the first bytes (a magic of 4 bytes: 32; plain text
	 * that splits evenly: a few; the suffix alone: 1); 0: not this one.
	 * @name  the file's name, for the suffix; may be ""
	 */
	int (*probe)(const unsigned char *bytes, size_t len, uint64_t size, const char *name);
	/**
	 * Where the first bytes only hint: look closer. Asked once the format has the most bits; NULL: its probe is enough.
	 * @return TALLY_OK: it is this one; TALLY_END: it is not, the next best takes it; TALLY_FATAL, or TALLY_SKIP: no reading at all
	 */
	enum tally_status (*confirm)(struct tally_source *src, struct tally_err *err);
	/**
	 * Read the source from its beginning and push what it says into the sink.
	 * @return TALLY_OK; TALLY_PARTIAL: notes were pushed for what is missing; TALLY_SKIP: not readable (err has the reason)
	 */
	enum tally_status (*read)(struct tally_source *src, const struct tally_read_options *options,
	                          const struct tally_sink *sink, struct tally_err *err);
};

/** All formats, in the order of formats.def, NULL at the end. */
extern const struct tally_format *const tally_formats[];

/** The format with this name, or NULL. */
const struct tally_format *tally_format_by_name(const char *name);

/**
 * Find the format of a source.
 * @out        NULL when no format claims it (format_unknown)
 * @mismatch   set when another format has the file's suffix but its probe denies the bytes; may be NULL
 */
enum tally_status tally_format_find(const struct tally_format **out, bool *mismatch,
                                    struct tally_source *src, struct tally_err *err);

/** Could this name belong to a file whose text can be read? By suffix only. @plain  plain texts (TALLY_CAP_PLAIN) count */
bool tally_format_named_text(const char *name, size_t len, bool plain);

/** … to a picture? */
bool tally_format_named_picture(const char *name, size_t len);

/** Could this name belong to a file that can be compared in depth? By suffix only, for choosing what to keep. */
bool tally_format_worth_keeping(const char *name, size_t len);

#endif
