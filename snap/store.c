/* What writer and reader of a snapshot file share: the tables, and the rows of meta. */
#include "snap/store.h"

#include <string.h>

#define FIELD(type, name, member)                                      \
	{                                                              \
		name, type, offsetof(struct tally_store_meta, member), \
			sizeof((struct tally_store_meta *)0)->member   \
	}

const struct tally_store_field tally_store_fields[] = {
	FIELD(SQLITE_INTEGER, "bytes", bytes),
	FIELD(SQLITE_INTEGER, "chunks", chunks),
	FIELD(SQLITE_BLOB, "digest", digest),
	FIELD(SQLITE_INTEGER, "entries", entries),
	FIELD(SQLITE_INTEGER, "files", files),
	FIELD(SQLITE_TEXT, "filesystem", filesystem),
	FIELD(SQLITE_INTEGER, "folders", folders),
	FIELD(SQLITE_INTEGER, "hashed", hashed),
	FIELD(SQLITE_TEXT, "host", host),
	FIELD(SQLITE_INTEGER, "kept_bytes", kept_bytes),
	FIELD(SQLITE_INTEGER, "kept_files", kept_files),
	FIELD(SQLITE_BLOB, "key", key),
	FIELD(SQLITE_INTEGER, "listed", listed),
	FIELD(SQLITE_INTEGER, "quick", quick),
	FIELD(SQLITE_FLOAT, "seconds", seconds),
	FIELD(SQLITE_BLOB, "session", session),
	FIELD(SQLITE_INTEGER, "sha256", sha256),
	FIELD(SQLITE_INTEGER, "stat", stat),
	FIELD(SQLITE_INTEGER, "taken_at_ns", taken_at_ns),
	FIELD(SQLITE_INTEGER, "unread", unread),
	FIELD(SQLITE_TEXT, "user", user),
	{ NULL, 0, 0, 0 },
};

const char *const tally_store_schema[] = {
	"CREATE TABLE meta(name TEXT PRIMARY KEY,value)WITHOUT ROWID",
	"CREATE TABLE root(id INTEGER PRIMARY KEY,path BLOB,label BLOB,is_file INTEGER)",
	"CREATE TABLE pattern(id INTEGER PRIMARY KEY,text BLOB,origin BLOB,entries INTEGER,reason INTEGER)",
	"CREATE TABLE folder(id INTEGER PRIMARY KEY,more INTEGER,body BLOB)",
	"CREATE TABLE content(id INTEGER PRIMARY KEY,more INTEGER,body BLOB)",
	"CREATE TABLE chunk(id INTEGER PRIMARY KEY,body BLOB)",
	NULL,
};

void tally_store_seal_field(struct tally_seal *seal, const struct tally_store_field *field,
                            const struct tally_store_meta *meta)
{
	const char *at = (const char *)meta + field->offset;
	uint64_t number = 0;

	tally_seal_text(seal, field->name);
	switch (field->type) {
	case SQLITE_TEXT:
		tally_seal_text(seal, at);
		break;
	case SQLITE_BLOB:
		tally_seal_bytes(seal, at, field->size);
		break;
	default: /* whole numbers and doubles alike: by their 64 bits */
		memcpy(&number, at, sizeof number);
		tally_seal_number(seal, number);
	}
}
