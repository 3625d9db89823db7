/* OpenDocument spreadsheets in packages (.ods, and templates .ots). */
#include "formats/format.h"
#include "formats/odf_file.h"
#include "formats/ods.h"

static const char *const suffixes[] = { ".ods", ".ots", NULL };

static const char spreadsheet[] = "application/vnd.oasis.opendocument.spreadsheet";

static int ods_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	return tally_odf_probe(bytes, len, name, suffixes, spreadsheet);
}

static enum tally_status ods_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_odf_confirm(src, spreadsheet, err);
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
	enum tally_status st = tally_odf_check_manifest(p, err);

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
