/**
 * The XML of office files, in portions: start tags, end tags and text, with names resolved to the namespaces that are known.
 *
 * Two engines, one interface. A scanner of our own takes what office programs write; where it meets anything beyond that (a
 * DOCTYPE, an entity that is neither one of the five nor a number, an encoding other than UTF-8), expat takes over, in the
 * middle of a document if need be. Both push the same events, which a fuzz target compares. Entities are never expanded
 * beyond the five and numbers: a DOCTYPE with declarations of its own ends the reading (entities), what one that lies
 * elsewhere would declare is not looked for.
 *
 * Strict and transitional Office Open XML, and the prefixes that a program chose, look the same to the caller: elements are
 * known by enum tally_xml_ns and local name. Standards: XML 1.0 (5th edition), Namespaces in XML 1.0.
 */
#ifndef TALLY_FORMATS_XML_H
#define TALLY_FORMATS_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/err.h"
#include "core/limits.h"

/** The namespaces that are known, by the rows of formats/xml_namespaces.def. */
enum tally_xml_ns {
	TALLY_XML_NONE,  /**< no namespace (attributes without a prefix) */
	TALLY_XML_OTHER, /**< one that nobody here knows */
	TALLY_XML_XML,   /**< the prefix xml: (xml:space, xml:lang) */
#define TALLY_XML_NAMESPACE(ID) TALLY_XML_##ID,
#define TALLY_XML_URI(ID, uri)
#include "formats/xml_namespaces.def"
#undef TALLY_XML_NAMESPACE
#undef TALLY_XML_URI
	TALLY_XML_NS_COUNT
};

/** Local names that readers ask for again and again, by the rows of formats/xml_words.def: TALLY_XML_ID_sheetData. */
enum tally_xml_id {
	TALLY_XML_ID_OTHER, /**< none of the rows */
#define TALLY_XML_WORD(id, word) TALLY_XML_ID_##id,
#include "formats/xml_words.def"
#undef TALLY_XML_WORD
	TALLY_XML_ID_COUNT
};

/** A name, borrowed for the call. */
struct tally_xml_name {
	const char *local; /**< not NUL-terminated */
	uint32_t len;
	uint16_t ns; /**< enum tally_xml_ns */
	uint16_t id; /**< enum tally_xml_id of the local name, whatever the namespace */
};

/** An attribute; its value has its entities resolved and its white space normalised as XML says. Not NUL-terminated. */
struct tally_xml_attr {
	struct tally_xml_name name;
	const char *value;
	size_t len;
};

/** A start tag, borrowed for the call. An empty element (<a/>) gives a start and an end. Declarations of namespaces are not among the attributes. */
struct tally_xml_start {
	struct tally_xml_name name;
	const struct tally_xml_attr *attrs;
	size_t attr_count;
	uint32_t depth; /**< of this element: 1 for the outermost */
};

/** Whatever is NULL is not told. A negative status ends the reading and is returned by feed. */
struct tally_xml_handler {
	void *payload;
	enum tally_status (*start)(void *payload, const struct tally_xml_start *e,
	                           struct tally_err *err);
	enum tally_status (*end)(void *payload, const struct tally_xml_name *name,
	                         struct tally_err *err);
	/** In any number of portions, entities and CDATA resolved, line ends as \n, never cut inside a character. */
	enum tally_status (*text)(void *payload, const char *text, size_t len, struct tally_err *err);
	/**
	 * What lies in front of the scanner, at a `<` inside an element whose name has no prefix: names without one stand in its
	 * namespace. Who knows what stands there to the last byte may take whole elements, from `<` to behind their end tags, and
	 * has to do what their events would have done. They must be well-formed, without declarations of namespaces, and no
	 * larger than the TALLY_XML_PLAIN_…; where the limits are narrower than these, nothing is offered. All bytes are characters
	 * that XML allows.
	 * @taken  0 at the call: how many bytes were taken
	 */
	enum tally_status (*plain)(void *payload, const char *bytes, size_t len, size_t *taken,
	                           struct tally_err *err);
};

/** What a handler may take as plain. */
enum {
	TALLY_XML_PLAIN_DEPTH = 4,      /**< levels */
	TALLY_XML_PLAIN_ATTRIBUTES = 4, /**< of one element */
	TALLY_XML_PLAIN_TAG = 256,      /**< bytes of one tag */
};

/** Which engine. All give the same events. */
enum tally_xml_engine { TALLY_XML_AUTO, TALLY_XML_EXPAT };

struct tally_xml;

/**
 * @handler  borrowed until tally_xml_free
 * @limits   xml_depth, xml_attributes, xml_token_bytes; a document beyond them is TALLY_SKIP with reason limit
 */
enum tally_status tally_xml_new(struct tally_xml **out, const struct tally_xml_handler *handler,
                                const struct tally_limits *limits, enum tally_xml_engine engine,
                                struct tally_err *err);

/**
 * The next bytes, in portions of any size.
 * @return TALLY_OK; TALLY_SKIP (malformed, limit, entities, library_missing); what a handler returned. A negative answer stays
 *         the answer.
 */
enum tally_status tally_xml_feed(struct tally_xml *x, const char *bytes, size_t len,
                                 struct tally_err *err);

/** There is no more. @return TALLY_OK; TALLY_SKIP when the document is not complete */
enum tally_status tally_xml_finish(struct tally_xml *x, struct tally_err *err);

void tally_xml_free(struct tally_xml *x);

/** Is it this element? @local  NUL-terminated */
static inline bool tally_xml_is(const struct tally_xml_name *name, enum tally_xml_ns ns,
                                const char *local)
{
	return name->ns == ns && strlen(local) == name->len && !memcmp(name->local, local, name->len);
}

/** Is it called so, whatever its namespace? @local  NUL-terminated */
static inline bool tally_xml_is_called(const struct tally_xml_name *name, const char *local)
{
	return strlen(local) == name->len && !memcmp(name->local, local, name->len);
}

/** The attribute, or NULL. */
static inline const struct tally_xml_attr *tally_xml_attr(const struct tally_xml_start *e,
                                                          enum tally_xml_ns ns, const char *local)
{
	for (size_t i = 0; i < e->attr_count; i++)
		if (tally_xml_is(&e->attrs[i].name, ns, local))
			return &e->attrs[i];
	return NULL;
}

/** The same by id, one comparison each. */
static inline bool tally_xml_is_id(const struct tally_xml_name *name, enum tally_xml_ns ns,
                                   enum tally_xml_id id)
{
	return name->ns == ns && name->id == id;
}

static inline const struct tally_xml_attr *tally_xml_attr_id(const struct tally_xml_start *e,
                                                             enum tally_xml_ns ns,
                                                             enum tally_xml_id id)
{
	for (size_t i = 0; i < e->attr_count; i++)
		if (tally_xml_is_id(&e->attrs[i].name, ns, id))
			return &e->attrs[i];
	return NULL;
}

#endif
