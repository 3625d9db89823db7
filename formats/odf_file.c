/* What all OpenDocument packages have: see odf_file.h. */
#include "formats/odf_file.h"

#include <string.h>

#include "formats/archive.h"

/* ---- which package is what ---- */

enum {
	LOCAL_HEADER = 30, /* bytes of a zip's local header in front of the name */
	NAME_LEN = 26,     /* where the name's length stands in it */
	EXTRA_LEN = 28,
	BITS_MIMETYPE = 200, /* a magic and a name and a text of 46 bytes */
	BITS_HINT = 8,       /* more than a plain zip has */
	TYPE_MOST = 64,
};

/* "mimetype" is the first member, stored, and says what the package is (OpenDocument 1.3, part 2, 3.3). */
static bool begins_with_type(const unsigned char *bytes, size_t len, const char *type)
{
	static const char name[] = "mimetype";
	size_t at;

	if (len < LOCAL_HEADER || bytes[NAME_LEN] != sizeof name - 1 || bytes[NAME_LEN + 1])
		return false;
	at = LOCAL_HEADER + sizeof name - 1 + bytes[EXTRA_LEN] + ((size_t)bytes[EXTRA_LEN + 1] << 8);
	return len >= at + strlen(type) && !memcmp(bytes + LOCAL_HEADER, name, sizeof name - 1) &&
	       !memcmp(bytes + at, type, strlen(type));
}

/* Other writers put it elsewhere, or leave it out. */
int tally_odf_probe(const unsigned char *bytes, size_t len, const char *name,
                    const char *const *suffixes, const char *type)
{
	int bits, named = tally_archive_named(name, suffixes);

	if (tally_archive_probe(bytes, len, &bits) != TALLY_ARCHIVE_ZIP)
		return 0;
	if (begins_with_type(bytes, len, type))
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

enum tally_status tally_odf_confirm(struct tally_source *src, const char *type, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct tally_package *p = NULL;
	struct type found = { .len = 0 };
	const unsigned char *bytes;
	size_t len;
	enum tally_status st = tally_source_peek(src, &bytes, &len, err);

	if (st < 0 || begins_with_type(bytes, len, type))
		return st;
	st = tally_package_open(&p, src, &defaults, err);
	if (st >= 0)
		st = find_type(p, &found, err);
	tally_package_close(p);
	if (st == TALLY_FATAL)
		return st;
	/* one that cannot be opened is what its name says: its reader tells what is wrong with it */
	if (st == TALLY_SKIP)
		return TALLY_OK;
	return found.len >= strlen(type) && !memcmp(found.text, type, strlen(type)) ? TALLY_OK
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
enum tally_status tally_odf_check_manifest(struct tally_package *p, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .start = on_manifest };
	const char *part = "META-INF/manifest.xml";

	return tally_package_has(p, part) ? tally_package_xml(p, part, &handler, err) : TALLY_OK;
}

/* ---- properties ---- */

static const struct {
	enum tally_xml_ns ns;
	const char *local, *fact;
} properties[] = {
	{ TALLY_XML_DC, "title", "title" },
	{ TALLY_XML_META, "initial-creator", "author" },
	{ TALLY_XML_DC, "creator", "last_modified_by" },
	{ TALLY_XML_META, "creation-date", "created" },
	{ TALLY_XML_DC, "date", "modified" },
	{ TALLY_XML_META, "generator", "property" },
};

const char *tally_odf_property(const struct tally_xml_name *name)
{
	for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
		if (tally_xml_is(name, properties[i].ns, properties[i].local))
			return properties[i].fact;
	return NULL;
}

void tally_odf_property_tidy(const char *fact, char *value)
{
	/* "LibreOffice/7.4.7.2$Linux …"; parts of a second of a time */
	value[strcspn(value, !strcmp(fact, "property") ? "/$" : "")] = '\0';
	if (!strcmp(fact, "created") || !strcmp(fact, "modified"))
		value[strcspn(value, ".")] = '\0';
}

/* ---- parts ---- */

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

static bool ends(const char *name, const char *with)
{
	return strlen(name) >= strlen(with) && !strcmp(name + strlen(name) - strlen(with), with);
}

/* What a part of this name is, or NULL. Module lists and dialogs of Basic are in every library, used or not. */
const char *tally_odf_part_fact(const char *name)
{
	if (begins(name, "Pictures/") && !ends(name, "/"))
		return "image";
	if (begins(name, "Basic/") && ends(name, ".xml") && !ends(name, "/script-lb.xml") &&
	    !ends(name, "/script-lc.xml") && !ends(name, "/dialog-lb.xml") &&
	    !ends(name, "/dialog-lc.xml"))
		return "macro";
	if (begins(name, "Scripts/") && !ends(name, "/"))
		return "script";
	if (!strcmp(name, "META-INF/documentsignatures.xml"))
		return "signature";
	return NULL;
}

/* Made anew by whoever saves, from what is compared; or read by name. */
static bool is_furniture(const char *name)
{
	static const char *const whole[] = { "mimetype",     "content.xml",
		                             "styles.xml",   "meta.xml",
		                             "settings.xml", "META-INF/manifest.xml",
		                             "layout-cache", "manifest.rdf" };
	static const char *const folders[] = { "Thumbnails/", "ObjectReplacements/", "Basic/" };

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		if (!strcmp(name, whole[i]))
			return true;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (begins(name, folders[i]))
			return true;
	return ends(name, "/");
}

/* What of a part is not looked into, or NULL; the part's own name where it is of no known kind */
const char *tally_odf_part_unread(const char *name)
{
	if (is_furniture(name))
		return NULL;
	if (begins(name, "Object "))
		return "charts and other objects";
	return begins(name, "Configurations2/") ? "toolbars and menus" : name;
}
