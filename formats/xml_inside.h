/**
 * What the engines of formats/xml.h share: names and the namespaces they stand in, the elements that are open, the tag that
 * is being read. For formats/xml*.c only.
 *
 * An engine reads a tag in four steps: tally_xml_tag, tally_xml_name_of and tally_xml_attr_add for each attribute,
 * tally_xml_open. It has checked by then that the tag is well-formed; what namespaces ask for is checked here.
 */
#ifndef TALLY_FORMATS_XML_INSIDE_H
#define TALLY_FORMATS_XML_INSIDE_H

#include <stdalign.h>

#include "core/arena.h"
#include "core/buf.h"
#include "formats/xml.h"

enum {
	TALLY_XML_KEY = 32,          /**< names up to this long are compared as one block */
	TALLY_XML_SLOTS = 1024,      /**< of the table of names; a power of two */
	TALLY_XML_KNOWN_MAX = 512,   /**< names kept in it, real files have some dozens */
	TALLY_XML_KNOWN_LENGTH = 64, /**< longer ones are not kept */
	TALLY_XML_PROBES = 8,        /**< places looked at for one name, whatever a file does */
	TALLY_XML_BUCKETS = 64,      /**< of prefixes */
};

/** The first bytes of a raw name with zeros behind them; of a long one its first and its last 16 bytes. */
struct tally_xml_key {
	alignas(16) unsigned char bytes[TALLY_XML_KEY];
};

/** A raw name (`table:table-cell`) that was met, and what it means now. */
struct tally_xml_known {
	struct tally_xml_key key;
	const char *raw; /**< lives as long as this */
	uint32_t len;
	uint32_t prefix; /**< its length, 0: none */
	uint32_t mask; /**< bit i: byte i of the key belongs to the name; 0: it is longer than the key */
	struct tally_xml_known *after[2]; /**< what came after it the last times */
	struct tally_xml_name name; /**< as an element; right while @generation is that of the reader */
	uint64_t generation;
	uint64_t seen;       /**< serial number of the last tag with an attribute of this name */
	uint64_t local_hash; /**< of the local name */
	uint32_t binding; /**< what the prefix is bound to: index + 1, or 0; goes with @generation */
	bool declares;    /**< `xmlns`, `xmlns:…` */
	bool ill;         /**< its colons make no sense */
	bool loose;       /**< not in the table: lives until the next tag */
};

/** A prefix and the namespace that it stands for, while the element that says so is open. */
struct tally_xml_binding {
	size_t prefix_at, uri_at; /**< in tally_xml.uris */
	size_t prefix_len, uri_len;
	uint64_t uri_hash;
	uint32_t depth; /**< of the element */
	uint32_t outer; /**< the next one in the same bucket: index + 1, or 0 */
	uint16_t bucket;
	uint16_t ns;
};

/** An element that is open. */
struct tally_xml_level {
	struct tally_xml_known *known;
	struct tally_xml_name name;
	size_t bindings; /**< in force before it */
};

struct tally_xml_scan;
struct tally_xml_expat;

struct tally_xml {
	struct tally_xml_handler handler;
	struct tally_limits limits;
	struct tally_xml_scan *scan;   /**< NULL: not this engine, or no longer */
	struct tally_xml_expat *expat; /**< NULL: not yet */
	enum tally_status status;      /**< negative: the reading has ended */
	struct tally_err failure;

	struct tally_xml_known *slots[TALLY_XML_SLOTS];
	size_t known_count;
	struct tally_xml_known nothing; /**< stands for a name that is not known: no name stands there */
	struct tally_arena names;

	uint64_t generation; /**< changes with every declaration that begins or ends */
	struct tally_xml_binding *bindings;
	size_t binding_count, binding_cap;
	uint32_t buckets[TALLY_XML_BUCKETS]; /**< innermost binding: index + 1, or 0 */
	struct tally_buf uris;

	struct tally_xml_level *levels;
	size_t depth, level_cap;

	uint64_t serial;          /**< of the tag */
	struct tally_arena loose; /**< names of this tag that are not in the table */
	struct tally_xml_attr *attrs;
	struct tally_xml_known **attr_names;
	size_t attr_count, attr_cap, attr_names_cap;
	size_t attr_most;            /**< that fit now */
	bool declares;               /**< some of them declare namespaces */
	struct tally_xml_seen *seen; /**< a table for many attributes */
	size_t seen_cap;
};

static inline uint64_t tally_xml_hash(const struct tally_xml_key *key, size_t len)
{
	uint64_t w[4], h;

	memcpy(w, key->bytes, sizeof w);
	h = (w[0] ^ len) * UINT64_C(0x9e3779b97f4a7c15) + w[1] * UINT64_C(0xbf58476d1ce4e5b9) +
	    w[2] * UINT64_C(0x94d049bb133111eb) + w[3] * UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

/** What a zeroed reader with its limits needs, and giving it back. */
enum tally_status tally_xml_names_init(struct tally_xml *x, struct tally_err *err);
void tally_xml_names_release(struct tally_xml *x);

/** A new tag begins: no attributes so far. */
static inline void tally_xml_tag(struct tally_xml *x)
{
	x->serial++;
	x->attr_count = 0;
	x->declares = false;
	if (x->loose.blocks)
		tally_arena_release(&x->loose);
}

/** The name in the table, or a loose one. @return NULL: no memory */
struct tally_xml_known *tally_xml_name_of(struct tally_xml *x, const char *raw, size_t len);

/** Make room for one more. @return TALLY_OK; TALLY_SKIP: limit */
enum tally_status tally_xml_attr_room(struct tally_xml *x, struct tally_err *err);

/** @value  borrowed until tally_xml_open has returned */
static inline enum tally_status tally_xml_attr_add(struct tally_xml *x,
                                                   struct tally_xml_known *name, const char *value,
                                                   size_t len, struct tally_err *err)
{
	const enum tally_status st = x->attr_count < x->attr_most ? TALLY_OK
	                                                          : tally_xml_attr_room(x, err);

	if (st < 0)
		return st;
	x->attr_names[x->attr_count] = name;
	x->attrs[x->attr_count].value = value;
	x->attrs[x->attr_count++].len = len;
	x->declares |= name->declares;
	return TALLY_OK;
}

/** The tag is complete: an element opens. @return TALLY_OK; TALLY_SKIP: malformed, limit; what the handler returned */
enum tally_status tally_xml_open(struct tally_xml *x, struct tally_xml_known *name,
                                 struct tally_err *err);

/** The innermost element ends. */
enum tally_status tally_xml_close(struct tally_xml *x, struct tally_err *err);

/* ---- the scanner (xml_scan.c) ---- */

enum tally_status tally_xml_scan_new(struct tally_xml *x, struct tally_err *err);

/** Where the scanner gives up, it hands what is left to expat: x->scan is NULL then. */
enum tally_status tally_xml_scan_feed(struct tally_xml *x, const char *bytes, size_t len,
                                      struct tally_err *err);
enum tally_status tally_xml_scan_finish(struct tally_xml *x, struct tally_err *err);
void tally_xml_scan_free(struct tally_xml_scan *s);

/* ---- the engine with expat (xml_expat.c) ---- */

/**
 * @before  what the document begins with, not told to the handler: a declaration, white space or ""
 * @resume  the elements that are open are opened in it as well; with none, one has come and gone
 * @offset  how many bytes of the document came before
 */
struct tally_xml_resume {
	const char *before;
	size_t before_len;
	bool resume;
	uint64_t offset;
};

enum tally_status tally_xml_expat_new(struct tally_xml *x, const struct tally_xml_resume *from,
                                      struct tally_err *err);
enum tally_status tally_xml_expat_feed(struct tally_xml *x, const char *bytes, size_t len,
                                       bool last, struct tally_err *err);
void tally_xml_expat_free(struct tally_xml_expat *e);

#endif
