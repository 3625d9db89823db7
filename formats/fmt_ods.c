/* OpenDocument spreadsheets in packages (.ods, and templates .ots). */
#include <string.h>

#include "formats/archive.h"
#include "formats/format.h"
#include "formats/ods.h"

static const char *const suffixes[] = { ".ods", ".ots", NULL };

enum {
	LOCAL_HEADER = 30, /* bytes of a zip's local header in front of the name */
	NAME_LEN = 26,     /* where the name's length stands in it */
	EXTRA_LEN = 28,
	BITS_MIMETYPE = 200, /* a magic and a name and a text of 46 bytes */
};

/* "mimetype" is the first member, stored, and says what the package is (OpenDocument 1.3, part 2, 3.3). */
static int ods_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	static const char type[] = "mimetype",
			  content[] = "application/vnd.oasis.opendocument.spreadsheet";
	size_t at;
	int bits;

	(void)size;
	(void)name;
	if (tally_archive_probe(bytes, len, &bits) != TALLY_ARCHIVE_ZIP || len < LOCAL_HEADER)
		return 0;
	at = LOCAL_HEADER + sizeof type - 1 + bytes[EXTRA_LEN] + ((size_t)bytes[EXTRA_LEN + 1] << 8);
	if (bytes[NAME_LEN] != sizeof type - 1 || bytes[NAME_LEN + 1] ||
	    len < at + sizeof content - 1 || memcmp(bytes + LOCAL_HEADER, type, sizeof type - 1) != 0)
		return 0;
	return memcmp(bytes + at, content, sizeof content - 1) ? 0 : BITS_MIMETYPE;
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
		                   "no spreadsheet in its content.xml");
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
		st = tally_ods_new(&o, "ods", sink, limits, err);
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
	.caps = TALLY_CAP_ROWS | TALLY_CAP_FACTS,
	.probe = ods_probe,
	.read = ods_read,
};
