/**
 * A mail while it is read; private to formats/mail*.c.
 *
 *   mail.c          parts, one by one
 *   mail_headers.c  headers as facts
 *   mail_parts.c    headers of parts, and what they are called by
 *   mail_alike.c    do the text and the HTML of a mail say the same
 */
#ifndef TALLY_FORMATS_MAIL_WORK_H
#define TALLY_FORMATS_MAIL_WORK_H

#include "core/buf.h"
#include "formats/mail.h"
#include "formats/mail_lib.h"

/* What the HTML of a mail says, to be compared with its plain text. */
struct tally_mail_alike {
	struct tally_buf html;  /**< its words, a blank before and behind each */
	struct tally_buf links; /**< its targets, a line each */
	size_t at;              /**< behind what was found of the plain text so far */
	uint64_t steps;         /**< bytes searched */
};

/* A part's Content-ID, borrowed. */
struct tally_mail_id {
	const char *id;
	size_t n;  /* of the parts that have one, from 1 */
	bool used; /* something in the mail calls it so */
};

struct tally_mail_ids {
	struct tally_mail_id *list; /* sorted */
	size_t count, cap;
	bool known; /* they were gathered */
	char called[48];
};

/* Lines of headers, borrowed: in whatever order they stand, they say the same. */
struct tally_mail_line {
	const char *name, *value;
	size_t at;
};

struct tally_mail_lines {
	struct tally_mail_line *list;
	size_t count, cap;
};

struct tally_mail {
	const struct tally_sink *sink;
	struct tally_err *err;
	const struct tally_limits *limits; /**< of web pages in it; NULL: the defaults */
	bool boxed;                        /**< it is from a mailbox */
	uint32_t n;     /**< of the mail that is read: 0, or that of an attached one from 2 on */
	uint32_t mails; /**< so far */
	bool partial;
	bool alternative;       /**< what follows are two forms of one text */
	bool has_html;          /**< and its HTML was read */
	struct tally_buf plain; /**< of its plain text, what is not pushed yet: lines */
	struct tally_mail_alike alike;
	struct tally_buf value, where; /**< of facts */
	struct tally_mail_ids ids;
	uint64_t stray; /**< sum of lines among its headers that are none; 0: there are none */
	uint64_t rest;  /**< of what its HTML says in no block and no fact; 0: there is none */
};

void tally_mail_init(struct tally_mail *m, const struct tally_sink *sink, struct tally_err *err);
void tally_mail_release(struct tally_mail *m);

enum tally_status tally_mail_fact(struct tally_mail *m, const char *name, const char *value,
                                  const char *where);
enum tally_status tally_mail_note(struct tally_mail *m, enum tally_reason reason, const char *detail);

/** "From" of the mail itself, "From (mail 2)" of another; in m->where. @return NULL: no memory */
const char *tally_mail_place(struct tally_mail *m, const char *what);

/** ", 1,234 bytes, sha256:0123456789abcdef" behind m->value. */
enum tally_status tally_mail_digest(struct tally_mail *m, const void *bytes, size_t len);

enum tally_status tally_mail_headers(struct tally_mail *m, GMimeObject *message);

/** The sum of lines among the headers that are none, and that nobody shows. 0: there are none */
uint64_t tally_mail_stray(const char *bytes, size_t len);

/** A value in one line: a fold is a blank, and so are several. @return false: no memory */
bool tally_mail_unfolded(struct tally_buf *out, const char *value);

/** Keep a line. @return false: no memory */
bool tally_mail_lines_add(struct tally_mail_lines *lines, const char *name, const char *value);
/** All of them behind @out, those of one name in their order; they are gone then. @return false: no memory */
bool tally_mail_lines_end(struct tally_mail_lines *lines, struct tally_buf *out);

/** Is it the text of a mail, and no attachment? */
bool tally_mail_is_text(GMimeObject *o);

/** Before anything is read: what parts are called by. */
enum tally_status tally_mail_parts_begin(struct tally_mail *m, GMimeMessage *mail);
/** "picture 2 of the mail" for a Content-ID, valid until the next call; NULL: no part is called so */
const char *tally_mail_part_called(struct tally_mail *m, const char *id);
/** Behind everything: what was not told, as sums. */
enum tally_status tally_mail_parts_end(struct tally_mail *m, GMimeMessage *mail);

/** What its HTML says in no block and no fact, as a sum. */
enum tally_status tally_mail_rest(struct tally_mail *m);

/** A line as a block. */
enum tally_status tally_mail_line(struct tally_mail *m, const char *line, size_t len);

/** HTML in UTF-8; where it is one of two forms, it is kept to be compared with the other one. */
enum tally_status tally_mail_html(struct tally_mail *m, const struct tally_buf *text);

/** The sink for the HTML: passes all on to m->sink, and keeps what is needed to compare. */
struct tally_sink tally_mail_alike_sink(struct tally_mail *m);

/** The plain text against the HTML: says which words only one of them has. Plain text alone is pushed. */
enum tally_status tally_mail_alike_end(struct tally_mail *m);

#endif
