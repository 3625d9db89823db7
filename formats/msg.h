/**
 * Items of Outlook (.msg) as property by property: a compound file with a stream for each text and one for the numbers. Format:
 * [MS-OXMSG], names of properties after [MS-OXPROPS]; private to formats/fmt_msg.c.
 */
#ifndef TALLY_FORMATS_MSG_H
#define TALLY_FORMATS_MSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/limits.h"
#include "formats/mail_work.h"
#include "formats/ole_file.h"

enum tally_msg_property {
	TALLY_MSG_CLASS = 0x001A,
	TALLY_MSG_SUBJECT = 0x0037,
	TALLY_MSG_SENT = 0x0039,
	TALLY_MSG_FOR_NAME = 0x0042, /**< in whose name it was sent */
	TALLY_MSG_FOR_ADDRESS = 0x0065,
	TALLY_MSG_TRANSPORT = 0x007D,
	TALLY_MSG_RECIPIENT = 0x0C15, /**< which kind of */
	TALLY_MSG_SENDER_NAME = 0x0C1A,
	TALLY_MSG_SENDER_ADDRESS = 0x0C1F,
	TALLY_MSG_DELIVERED = 0x0E06,
	TALLY_MSG_TEXT = 0x1000,
	TALLY_MSG_RTF = 0x1009,
	TALLY_MSG_HTML = 0x1013,
	TALLY_MSG_ID = 0x1035,
	TALLY_MSG_REFERENCES = 0x1039,
	TALLY_MSG_REPLY_TO = 0x1042,
	TALLY_MSG_NAME = 0x3001,
	TALLY_MSG_ADDRESS = 0x3003,
	TALLY_MSG_DATA = 0x3701,
	TALLY_MSG_FILE = 0x3704,
	TALLY_MSG_METHOD = 0x3705,
	TALLY_MSG_LONG_FILE = 0x3707,
	TALLY_MSG_LINKED = 0x3708,
	TALLY_MSG_TYPE = 0x370E,
	TALLY_MSG_SMTP = 0x39FE,
	TALLY_MSG_SMTP_FOR = 0x5D02,
	TALLY_MSG_SMTP_SENDER = 0x5D01,
	TALLY_MSG_TEXT_PAGE = 0x3FFD, /**< code page of texts, */
	TALLY_MSG_HTML_PAGE = 0x3FDE, /**< and of the HTML */
	TALLY_MSG_LOCALE = 0x3FF1,
};

/** A file, and the storage in it that is read. */
struct tally_msg {
	struct tally_ole_file *file;
	const struct tally_limits *limits;
	struct tally_mail mail;
	struct tally_buf path; /**< of an entry, while it is looked for */
	char *numbers;         /**< the stream of numbers of @storage; NULL: none */
	size_t number_count;   /**< bytes */
	uint32_t text_page;    /**< of the whole file; 0: not told */
};

/**
 * Take up a storage, and forget the one before.
 * @storage  "" or "__attach_version1.0_#00000000/", with its slash; borrowed while it is read
 * @head     bytes in front of its numbers
 */
enum tally_status tally_msg_open(struct tally_msg *m, const char *storage, size_t head);
void tally_msg_close(struct tally_msg *m);

/** A number of the storage taken up. @return false: it has none */
bool tally_msg_number(const struct tally_msg *m, unsigned property, unsigned type, uint64_t *out);

/** A text, as UTF-8 behind what is in @out. @return TALLY_END: there is none, or it could not be read, which cost a note */
enum tally_status tally_msg_text(struct tally_msg *m, const char *storage, unsigned property,
                                 struct tally_buf *out);

/** Bytes, yours to tally_free. @return TALLY_END: as above */
enum tally_status tally_msg_bytes(struct tally_msg *m, const char *storage, unsigned property,
                                  char **bytes, size_t *len);

/** The code page of texts that are not in Unicode, from the numbers of the storage taken up. */
uint32_t tally_msg_page(const struct tally_msg *m);

/** What mails call a code page of Windows; "" for 0. */
void tally_msg_charset(char out[24], uint32_t page);

/** Everything that none of these asked for, in one number. @count  how many there are */
enum tally_status tally_msg_rest(struct tally_msg *m, uint64_t *digest, uint64_t *count);

#endif
