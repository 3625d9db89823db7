/* OpenDocument spreadsheets in packages (.ods, and templates .ots). */
#include <string.h>

#include "formats/archive.h"
#include "formats/format.h"
#include "formats/ods.h"

static const char *const suffixes[] = { ".ods", ".ots", NULL };

/* ---- which packages are spreadsheets ---- */

enum {
	LOCAL_HEADER = 30, /* bytes of a zip's local header in front of the name */
	NAME_LEN = 26,     /* where the name's length stands in it */
	EXTRA_LEN = 28,
	BITS_MIMETYPE = 200, /* a magic and a name and a text of 46 bytes */
	BITS_HINT = 8,       /* more than a plain zip has */
	TYPE_MOST = 64,
};

static const char spreadsheet[] = "application/vnd.oasis.opendocument.spreadsheet";

/* "mimetype" is the first member, stored, and says what the package is (OpenDocument 1.3, part 2, 3.3). */
static bool begins_with_type(const unsigned char *bytes, size_t len)
{
	static const char type[] = "mimetype";
	size_t at;

	if (len < LOCAL_HEADER || bytes[NAME_LEN] != sizeof type - 1 || bytes[NAME_LEN + 1])
		return false;
	at = LOCAL_HEADER + sizeof type - 1 + bytes[EXTRA_LEN] + ((size_t)bytes[EXTRA_LEN + 1] << 8);
	return len >= at + sizeof spreadsheet - 1 &&
	       !memcmp(bytes + LOCAL_HEADER, type, sizeof type - 1) &&
	       !memcmp(bytes + at, spreadsheet, sizeof spreadsheet - 1);
}

/* Other writers put it elsewhere, or leave it out. */
static int ods_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	int bits, named = tally_archive_named(name, suffixes);

	(void)size;
	if (tally_archive_probe(bytes, len, &bits) != TALLY_ARCHIVE_ZIP)
		return 0;
	if (begins_with_type(bytes, len))
		return BITS_MIMETYPE;
	return named ? bits + BITS_HINT : 0;
}

struct type {
	char text[TYPE_MOST];
	size_t len;
};

static enum tally_status take_type(void *payload, const void *bytes, size_t len, struct tally_err *err)
{
	struct type *t = payload;
	size_t room = sizeof t->text - t->len;

	(void)err;
	memcpy(t->text + t->len, bytes, len < room ? len : room);
	t->len += len < room ? len : room;
	return TALLY_OK;
}

static enum tally_status take_root(void *payload, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	const struct tally_xml_attr *path = tally_xml_attr(e, TALLY_XML_MANIFEST, "full-path");
	const struct tally_xml_attr *type = tally_xml_attr(e, TALLY_XML_MANIFEST, "media-type");

	return path && type && path->len == 1 && path->value[0] == '/'
	               ? take_type(payload, type->value, type->len, err)
	               : TALLY_OK;
}

static enum tally_status find_type(struct tally_package *p, struct type *type, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .payload = type, .start = take_root };

	if (tally_package_has(p, "mimetype"))
		return tally_package_read(p, "mimetype", take_type, type, err);
	if (tally_package_has(p, "META-INF/manifest.xml"))
		return tally_package_xml(p, "META-INF/manifest.xml", &handler, err);
	return TALLY_OK;
}

static enum tally_status ods_confirm(struct tally_source *src, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct tally_package *p = NULL;
	struct type type = { .len = 0 };
	const unsigned char *bytes;
	size_t len;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	if (st < 0 || begins_with_type(bytes, len))
		return st;
	st = tally_package_open(&p, src, &defaults, err);
	if (st >= 0)
		st = find_type(p, &type, err);
	tally_package_close(p);
	if (st == TALLY_FATAL)
		return st;
	/* one that cannot be opened is what its name says: its reader tells what is wrong with it */
	if (st == TALLY_SKIP)
		return TALLY_OK;
	return type.len >= sizeof spreadsheet - 1 &&
	                       !memcmp(type.text, spreadsheet, sizeof spreadsheet - 1)
	               ? TALLY_OK
	               : TALLY_END;
}

/* ---- encryption ---- */

static enum tally_status on_manifest(void *payload, const struct tally_xml_start *e,
                                     struct tally_err *err)
{
	(void)payload;
	if (!tally_xml_is(&e->name, TALLY_XML_MANIFEST, "encryption-data"))
		return TALLY_OK;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_ENCRYPTED, "its parts are encrypted");
}

/* The manifest says which parts are encrypted; in a package, it is all or none of those with cells. */
static enum tally_status check_manifest(struct tally_package *p, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .start = on_manifest };
	const char *part = "META-INF/manifest.xml";

	return tally_package_has(p, part) ? tally_package_xml(p, part, &handler, err) : TALLY_OK;
}

/* ---- reading ---- */

static enum tally_status note_part(struct tally_ods *o, const char *part,
                                   const struct tally_err *why, struct tally_err *err)
{
	const struct tally_note note = { .reason = why->reason,
		                         .detail = why->message,
		                         .where = part,
		                         .about = TALLY_NOTE_MEMBER };

	o->partial = true;
	return o->sink->note ? o->sink->note(o->sink->payload, &note, err) : TALLY_OK;
}

/* A part that a table can be read without. */
static enum tally_status read_side(struct tally_ods *o, struct tally_package *p, const char *part,
                                   struct tally_err *err)
{
	struct tally_err why = { 0 };
	enum tally_status st;

	if (!tally_package_has(p, part))
		return TALLY_OK;
	st = tally_package_xml(p, part, tally_ods_handler(o), &why);
	if (st >= 0)
		return st;
	if (st != TALLY_FATAL)
		return note_part(o, part, &why, err);
	if (err)
		*err = why;
	return st;
}

static enum tally_status read_package(struct tally_ods *o, struct tally_package *p,
                                      struct tally_err *err)
{
	enum tally_status st = check_manifest(p, err);

	o->common_only = true;
	if (st >= 0)
		st = read_side(o, p, "styles.xml", err);
	o->common_only = false;
	if (st >= 0)
		st = tally_package_xml(p, "content.xml", tally_ods_handler(o), err);
	if (st >= 0 && !o->seen_sheets)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                   "no sheet in its content.xml");
	if (st >= 0)
		st = read_side(o, p, "meta.xml", err);
	return st < 0 ? st : tally_ods_facts_package(o, p, err);
}

static enum tally_status ods_read(struct tally_source *src, const struct tally_read_options *options,
                                  const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct tally_package *p = NULL;
	struct tally_ods *o = NULL;
	enum tally_status st = tally_package_open(&p, src, limits, err);

	if (st >= 0)
		st = tally_ods_new(&o, "ods", sink, options, err);
	if (st >= 0)
		st = read_package(o, p, err);
	if (st >= 0 && o->partial)
		st = TALLY_PARTIAL;
	tally_ods_free(o);
	tally_package_close(p);
	return st;
}

const struct tally_format tally_format_ods = {
	.version = TALLY_FORMAT_VERSION,
	.name = "ods",
	.suffixes = suffixes,
	.caps = TALLY_CAP_ROWS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = ods_probe,
	.confirm = ods_confirm,
	.read = ods_read,
};
