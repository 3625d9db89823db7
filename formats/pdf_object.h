/**
 * Objects of a PDF through qpdf, for those who look for facts in it: names, texts, numbers that mean nothing where something is
 * missing; facts pushed with errors that stick. Private to the reader of PDF.
 */
#ifndef TALLY_FORMATS_PDF_OBJECT_H
#define TALLY_FORMATS_PDF_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/hash.h"
#include "core/sink.h"
#include "formats/inflate.h"
#include "formats/pdf_map.h"
#include "formats/pdf_lib.h"

struct tally_pdf {
	qpdf_data q;
	const struct tally_sink *sink;
	struct tally_err *err;
	enum tally_status st; /**< negative: nothing may go on */
	uint32_t nodes;       /**< left to be looked at for now: of the document, of one page */
	uint64_t all_nodes;   /**< left to be looked at */
	uint64_t unpack;      /**< bytes of streams left to be unpacked */
	bool cut;             /**< there were more nodes */
	bool starved; /**< qpdf had no memory for all of them: what it told since means nothing */
	struct tally_inflate *inflate;
	struct tally_pdf_map pages; /**< object → number of the page that it is */
	struct tally_pdf_map places; /**< hash of the name of a place in the document → number of its page */
	struct tally_hasher *hasher;
	unsigned char head[4]; /**< the first bytes of what was digested last */
	struct tally_key key;  /**< of the hasher, whose other digest is the one that is used */
};

/** Push a fact; nothing where it has no value. */
void tally_pdf_fact(struct tally_pdf *p, const char *name, const char *value, const char *by,
                    const char *where);

/** See whether qpdf was out of memory: then `starved`, and no more nodes. */
void tally_pdf_check_memory(struct tally_pdf *p);

/** One more node? Says no once there were too many, or the sink wants no more. */
bool tally_pdf_go_on(struct tally_pdf *p);

static inline qpdf_oh tally_pdf_key(const struct tally_pdf *p, qpdf_oh dict, const char *name)
{
	return PDF(qpdf_oh_get_key)(p->q, dict, name);
}

/** Number and generation of an object; 0 for one that has none. */
static inline uint64_t tally_pdf_id(const struct tally_pdf *p, qpdf_oh o)
{
	uint64_t id = (uint32_t)PDF(qpdf_oh_get_object_id)(p->q, o);

	return id ? id << 32 | (uint32_t)PDF(qpdf_oh_get_generation)(p->q, o) : 0;
}

/** Items of an array; 0 for anything else, which qpdf would warn of. */
static inline int tally_pdf_items(const struct tally_pdf *p, qpdf_oh array)
{
	return PDF(qpdf_oh_is_array)(p->q, array) ? PDF(qpdf_oh_get_array_n_items)(p->q, array) : 0;
}

static inline qpdf_oh tally_pdf_item(const struct tally_pdf *p, qpdf_oh array, int i)
{
	return PDF(qpdf_oh_get_array_item)(p->q, array, i);
}

/** A string in UTF-8, valid until the next one is asked for; NULL: it is none. */
const char *tally_pdf_text(const struct tally_pdf *p, qpdf_oh o);
/** What the document's properties say under @key ("/Author"), likewise. */
const char *tally_pdf_info(struct tally_pdf *p, const char *key);
/** The same as tally_pdf_text, yours to tally_free; NULL as well where there is no memory, and then nothing may go on. */
char *tally_pdf_text_copy(struct tally_pdf *p, qpdf_oh o);
/** A copy of any text; NULL: no memory, and then nothing may go on. */
char *tally_pdf_copy(struct tally_pdf *p, const char *text);
/** There was no memory: nothing may go on. */
void tally_pdf_no_memory(struct tally_pdf *p);
/** A name with its "/", valid likewise; NULL: it is none. */
const char *tally_pdf_name(const struct tally_pdf *p, qpdf_oh o);

/** What a stream holds. */
struct tally_pdf_bytes {
	unsigned char *bytes; /**< to tally_pdf_bytes_release */
	size_t len;
	bool unpacked; /**< as its writer packed it, otherwise: its filters say how */
	bool foreign;  /**< memory of qpdf */
};

/**
 * Unpacked where that is cheap and safe (zlib, or little), otherwise as it is.
 * @most  bytes it may have unpacked
 * @return false: it cannot be read, or is more
 */
bool tally_pdf_stream(struct tally_pdf *p, qpdf_oh stream, size_t most, struct tally_pdf_bytes *out);
void tally_pdf_bytes_release(struct tally_pdf_bytes *b);

/** The digest of what a stream holds, and its size. @return false: it cannot be read */
bool tally_pdf_digest(struct tally_pdf *p, qpdf_oh stream, struct tally_sha256 *out,
                      uint64_t *bytes, bool *unpacked);

#endif
