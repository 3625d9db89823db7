/**
 * JSON written to a descriptor as it comes, through a buffer of fixed size: the whole is never in memory.
 *
 * Layout: two blanks of indent; an object or array opened with `line` stands on one line, so that a list has one item a
 * line. Errors stick: write on, and ask at the end. Hidden characters (controls, bidirectional and invisible ones) are
 * written as \u escapes, so that the raw bytes are harmless on a terminal; bytes that are not UTF-8 become the text \xHH.
 */
#ifndef TALLY_RECEIPT_JSON_OUT_H
#define TALLY_RECEIPT_JSON_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/** Put it on the stack; private. */
struct tally_jout {
	int fd;
	char *bytes;
	size_t len;
	unsigned depth; /**< open brackets */
	unsigned line;  /**< open brackets since the one that keeps to one line, itself included */
	bool first;     /**< nothing stands behind the last opening bracket yet */
	bool keyed;     /**< a key was written, its value comes */
	enum tally_status status;
	struct tally_err *err;
};

/** @err  filled at the first failure; may be NULL */
void tally_jout_init(struct tally_jout *o, int fd, struct tally_err *err);

/** Write what is buffered and free it. @return the first failure, or TALLY_OK */
enum tally_status tally_jout_finish(struct tally_jout *o);

/** @bracket  '{' or '['; @line: all of it on one line */
void tally_jout_open(struct tally_jout *o, char bracket, bool line);
void tally_jout_close(struct tally_jout *o, char bracket);

/** A key of plain ASCII. */
void tally_jout_key(struct tally_jout *o, const char *key);

void tally_jout_bytes(struct tally_jout *o, const void *bytes, size_t len);
/** NULL is null. */
void tally_jout_text(struct tally_jout *o, const char *text);
/** "68656c6c6f" */
void tally_jout_hex(struct tally_jout *o, const void *bytes, size_t len);
/** TALLY_UNKNOWN is null; what no signed 64 bits hold is written as the largest number that they hold. */
void tally_jout_number(struct tally_jout *o, uint64_t n);
void tally_jout_integer(struct tally_jout *o, int64_t n);
/** The shortest form that reads back as the same; not a number is null. */
void tally_jout_real(struct tally_jout *o, double d);
void tally_jout_bool(struct tally_jout *o, bool b);
void tally_jout_null(struct tally_jout *o);
/** RFC 3339 in UTC with nanoseconds; 0 is null (not known). */
void tally_jout_time(struct tally_jout *o, int64_t ns);
/** Any value; NULL is null. Lists of objects get a line for each. */
void tally_jout_value(struct tally_jout *o, json_t *value);

#endif
