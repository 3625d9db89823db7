/**
 * Facts of an office file in the making: texts of bounded length, pushing, notes for what could not be read. Shared by the
 * readers of Office Open XML (workbooks, documents, presentations); private to them.
 */
#ifndef TALLY_FORMATS_OFFICE_FACTS_H
#define TALLY_FORMATS_OFFICE_FACTS_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/hash.h"
#include "core/limits.h"
#include "core/sink.h"
#include "formats/package.h"
#include "formats/xml.h"

enum {
	TALLY_FACT_VALUE_MOST = 32 << 10, /* bytes of one value; what is longer is told by length and hash */
};

/** A text that is longer than anybody reads: its beginning, and what tells two of them apart. */
struct tally_fact_text {
	struct tally_buf buf;
	uint64_t cut; /**< bytes that are not in it */
	uint64_t hash;
	bool no_memory;
};

/** A pair of texts, to be found by the first. */
struct tally_fact_pair {
	const char *key, *value;
};

struct tally_fact_pairs {
	struct tally_fact_pair *items;
	size_t count, cap;
};

struct tally_office_facts {
	struct tally_package *p;
	const struct tally_sink *sink;
	const struct tally_limits *limits;
	struct tally_arena arena; /**< names and texts that are needed until the end */
	struct tally_fact_text value, where;
	enum tally_status result; /**< TALLY_PARTIAL once there was a note */
	bool stopped;             /**< the sink wants no more */
	struct tally_sink guarded; /**< the same sink, for whoever pushes beside this: takes note of `stopped` */
};

/** @f must stay where it is. @p, @sink, @limits  borrowed until tally_office_facts_release */
void tally_office_facts_init(struct tally_office_facts *f, struct tally_package *p,
                             const struct tally_sink *sink, const struct tally_limits *limits);
void tally_office_facts_release(struct tally_office_facts *f);

/* ---- texts ---- */

void tally_fact_text_init(struct tally_fact_text *t);
void tally_fact_text_release(struct tally_fact_text *t);
void tally_fact_text_clear(struct tally_fact_text *t);
/** Append; what does not fit is counted. */
void tally_fact_text_add(struct tally_fact_text *t, const char *bytes, size_t len);
void tally_fact_text_put(struct tally_fact_text *t, const char *text);
void tally_fact_text_number(struct tally_fact_text *t, uint64_t n);
/** A reference or formula without its $ signs. */
void tally_fact_text_reference(struct tally_fact_text *t, const char *bytes, size_t len);
/** A formula that is whole, as every program's are written: formats/formula.h says how. At most TALLY_FACT_VALUE_MOST bytes. */
void tally_fact_text_formula(struct tally_fact_text *t, const char *bytes, size_t len);
/** A range on a sheet, like a formula; the sheet's name as it is called. */
void tally_fact_text_range(struct tally_fact_text *t, const char *sheet, size_t len,
                           const struct tally_xml_attr *ref);
/** What fits of it, as long as it is not ended. */
const char *tally_fact_text_so_far(const struct tally_fact_text *t);
/** What the other one had to leave out is missing here as well. */
void tally_fact_text_cut(struct tally_fact_text *t, const struct tally_fact_text *other);
/** Append another one, its cut included. */
void tally_fact_text_join(struct tally_fact_text *t, const struct tally_fact_text *other);
/** Append an attribute; nothing where it is NULL. */
void tally_fact_text_attr(struct tally_fact_text *t, const struct tally_xml_attr *a);
const char *tally_fact_text_end(struct tally_fact_text *t);

/* ---- pushing ---- */

/** f->value and f->where are empty again. */
struct tally_fact_text *tally_office_begin(struct tally_office_facts *f);

/** Push f->value at f->where (nowhere, when that is empty). @by NULL or "": nobody */
enum tally_status tally_office_push(struct tally_office_facts *f, const char *fact, const char *by,
                                    struct tally_err *err);

/** What is not looked into, as a number that is another one where it differs. Nothing where it is 0. @what  a kind of contents */
enum tally_status tally_office_unread(struct tally_office_facts *f, const char *what, uint64_t sum,
                                      struct tally_err *err);

/** Something was left out. @part NULL: of the whole file */
enum tally_status tally_office_note(struct tally_office_facts *f, const struct tally_err *why,
                                    const char *part, struct tally_err *err);

/* ---- parts ---- */

/** What went wrong with one part costs a note. @return negative only where nothing may go on */
enum tally_status tally_office_outcome(struct tally_office_facts *f, enum tally_status st,
                                       const struct tally_err *why, const char *part,
                                       struct tally_err *err);

/** Parse a part; one that cannot be read costs a note. @return negative only where nothing may go on */
enum tally_status tally_office_parse(struct tally_office_facts *f, const char *part,
                                     const struct tally_xml_handler *handler, struct tally_err *err);

/** Relations of a part; none, and a note, where they cannot be read. */
enum tally_status tally_office_relations(struct tally_office_facts *f, const char *part,
                                         const struct tally_relation **out, size_t *count,
                                         struct tally_err *err);

/** The SHA-256 and the number of bytes of a part; a part that cannot be read costs a note. @readable  whether it could be read */
enum tally_status tally_office_sha256(struct tally_office_facts *f, const char *part,
                                      struct tally_sha256 *out, uint64_t *bytes, bool *readable,
                                      struct tally_err *err);

/** "png, 1,234 bytes, sha256:0123456789abcdef" of a part behind f->value; @readable  whether it could be read. */
enum tally_status tally_office_digest(struct tally_office_facts *f, const char *part,
                                      bool *readable, struct tally_err *err);

/* ---- pairs ---- */

/** Both are copied into the arena. */
enum tally_status tally_office_pair(struct tally_office_facts *f, struct tally_fact_pairs *list,
                                    const char *key, size_t key_len, const char *value,
                                    size_t value_len, struct tally_err *err);
/** After the last one, before the first search. */
void tally_fact_pairs_sort(struct tally_fact_pairs *list);
/** @return the value, or NULL */
const char *tally_fact_pairs_find(const struct tally_fact_pairs *list, const char *key, size_t len);
void tally_fact_pairs_release(struct tally_fact_pairs *list);

/* ---- attributes ---- */

/** "1", "true", "on" */
bool tally_office_flag(const struct tally_xml_start *e, const char *name);
bool tally_attr_is(const struct tally_xml_attr *a, const char *value);
/** "0", "false", "off"; not so where there is none */
bool tally_attr_is_off(const struct tally_xml_attr *a);
/** A number; @otherwise where it is none */
uint64_t tally_attr_number(const struct tally_xml_attr *a, uint64_t otherwise);

/* ---- what all of them have ---- */

/**
 * Parts that no other fact stands for, and contents that are not looked into. Last of all, since it is told by who was read.
 */
enum tally_status tally_office_other_parts(struct tally_office_facts *f, struct tally_err *err);

/** Properties of the document: who made it, when, with what, and those that somebody added. */
enum tally_status tally_office_about(struct tally_office_facts *f, struct tally_err *err);

/** Macros by content. @part  of the VBA project */
enum tally_status tally_office_macros(struct tally_office_facts *f, const char *part,
                                      struct tally_err *err);

/** That the file is signed; not whether a signature holds. */
enum tally_status tally_office_signature(struct tally_office_facts *f, struct tally_err *err);

#endif
