/* Office files of Office Open XML among the zip containers: see office_file.h. */
#include "formats/office_file.h"

#include <string.h>

#include "core/limits.h"
#include "formats/archive.h"

enum {
	LOCAL_SIZE = 30, /* header of a member in a zip, without its name */
	BITS_HINT = 8,   /* more than a plain zip has */
};

/* The name of the member whose header begins here. @return its length */
static size_t member_name(const unsigned char *p, size_t left, const char **name)
{
	size_t len;

	if (left < LOCAL_SIZE || memcmp(p, "PK\3\4", 4) != 0)
		return 0;
	len = (size_t)(p[26] | p[27] << 8);
	*name = (const char *)p + LOCAL_SIZE;
	return len <= left - LOCAL_SIZE ? len : 0;
}

static bool begins(const char *name, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && !memcmp(name, with, n);
}

/* Is there a member in the first bytes with one of these names, or in one of these folders? */
static bool has_member(const unsigned char *bytes, size_t len, const char *const *names)
{
	const unsigned char *p = bytes, *end = bytes + len;
	const char *name;

	while ((p = memchr(p, 'P', (size_t)(end - p))) != NULL) {
		size_t n = member_name(p, (size_t)(end - p), &name);

		for (const char *const *with = names; n && *with; with++)
			if (begins(name, n, *with))
				return true;
		p++;
	}
	return false;
}

int tally_office_probe(const unsigned char *bytes, size_t len, const char *name,
                       const char *const *suffixes, const char *folder)
{
	const char *const hints[] = { "[Content_Types].xml", "_rels/",     folder,
		                      "docProps/",           "customXml/", NULL };
	bool named = tally_archive_named(name, suffixes);
	int bits;

	if (tally_archive_probe(bytes, len, &bits) != TALLY_ARCHIVE_ZIP)
		return 0;
	return named || has_member(bytes, len, hints) ? bits + BITS_HINT + named : 0;
}

enum tally_status tally_office_main(struct tally_package *p, const char **main, const char **type,
                                    struct tally_err *err)
{
	const struct tally_relation *relations, *r;
	size_t count;
	enum tally_status st = tally_package_relations(p, "", &relations, &count, err);

	*main = *type = NULL;
	if (st < 0)
		return st;
	st = tally_package_types(p, err);
	r = tally_relation_of_type(relations, count, "officeDocument");
	if (st < 0 || !r || r->external)
		return st;
	*main = r->target;
	*type = tally_package_content_type(p, r->target);
	return TALLY_OK;
}

/* a zip that cannot be opened, but is called one or has parts of one */
static bool looks_like_it(struct tally_source *src, const char *const *suffixes, const char *folder)
{
	const char *const parts[] = { folder, NULL };
	const unsigned char *bytes;
	size_t len;

	if (tally_archive_named(tally_source_name(src), suffixes))
		return true;
	return tally_source_peek(src, &bytes, &len, NULL) == TALLY_OK &&
	       has_member(bytes, len, parts);
}

bool tally_office_is_one_of(const char *text, const char *const *list)
{
	for (; text && *list; list++)
		if (!strcmp(text, *list))
			return true;
	return false;
}

enum tally_status tally_office_confirm(struct tally_source *src, const char *const *types,
                                       const char *const *suffixes, const char *folder,
                                       struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	struct tally_package *p = NULL;
	const char *main, *type = NULL;
	bool known = false;
	enum tally_status st = tally_package_open(&p, src, &defaults, err);

	if (st >= 0)
		st = tally_office_main(p, &main, &type, err);
	if (st >= 0)
		known = tally_office_is_one_of(type, types);
	tally_package_close(p);
	if (st == TALLY_SKIP)
		return looks_like_it(src, suffixes, folder) ? TALLY_OK : TALLY_END;
	return st < 0 ? st : known ? TALLY_OK : TALLY_END;
}
