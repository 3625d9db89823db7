/* Office files as packages of parts: opening, looking up, unpacking, parsing. See package.h. */
#include "formats/package_parts.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "formats/unzip.h"

enum tally_status tally_package_open(struct tally_package **out, struct tally_source *src,
                                     const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_package *p = tally_alloc_zero(1, sizeof *p);
	enum tally_status st;

	if (!p)
		return tally_err_nomem(err);
	p->limits = limits;
	tally_arena_init(&p->arena, limits->archive_memory < SIZE_MAX ? (size_t)limits->archive_memory
	                                                              : SIZE_MAX);
	st = tally_zip_open(&p->zip, src, limits, err);
	if (st < 0) {
		tally_package_close(p);
		return st;
	}
	*out = p;
	return TALLY_OK;
}

void tally_package_close(struct tally_package *p)
{
	if (!p)
		return;
	tally_package_forget(p);
	tally_zip_free(p->zip);
	tally_arena_release(&p->arena);
	tally_free(p);
}

struct tally_zip *tally_package_zip(struct tally_package *p)
{
	return p->zip;
}

bool tally_package_has(const struct tally_package *p, const char *part)
{
	const struct tally_zip_member *member;

	return tally_zip_part(&member, p->zip, part, NULL) == TALLY_OK;
}

/* ---- unpacking ---- */

/* The zip counts all parts together; a bomb beside honest parts is told by its own ratio. */
static enum tally_status check_ratio(const struct tally_package *p,
                                     const struct tally_zip_member *member, uint64_t unpacked,
                                     struct tally_err *err)
{
	struct tally_limits part = *p->limits;
	const char *limit;

	part.archive_ratio = part.part_ratio;
	limit = tally_unpack_limit(&part, unpacked, member->packed);
	if (!limit)
		return TALLY_OK;
	if (!strcmp(limit, "archive_ratio"))
		limit = "part_ratio";
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT, "%s: part '%.*s' unpacks to more",
	                     limit, member->name_len < 100 ? member->name_len : 100, member->name);
}

/* What a part says of its size is enough to refuse it; one that has more than it says is damaged. */
static enum tally_status read_member(struct tally_package *p, const struct tally_zip_member *member,
                                     tally_part_bytes_fn *fn, void *payload, struct tally_err *err)
{
	enum tally_status st = check_ratio(p, member, member->size, err);
	const void *bytes;
	size_t len;

	if (st == TALLY_OK)
		st = tally_zip_begin(p->zip, member, err);
	while (st == TALLY_OK && (st = tally_zip_next(p->zip, &bytes, &len, err)) == TALLY_OK)
		st = fn(payload, bytes, len, err);
	return st == TALLY_END ? TALLY_OK : st;
}

enum tally_status tally_package_read(struct tally_package *p, const char *part,
                                     tally_part_bytes_fn *fn, void *payload, struct tally_err *err)
{
	const struct tally_zip_member *member;
	enum tally_status st = tally_zip_part(&member, p->zip, part, err);

	if (st == TALLY_END)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_DAMAGED,
		                     "its part '%.100s' is missing", part);
	return st < 0 ? st : read_member(p, member, fn, payload, err);
}

/* ---- parsing ---- */

static enum tally_status feed(void *payload, const void *bytes, size_t len, struct tally_err *err)
{
	return tally_xml_feed(payload, bytes, len, err);
}

/* what is wrong with an XML document says in which part, unless it does already */
static void name_part(struct tally_err *err, const char *part)
{
	size_t len;

	if (!err || strstr(err->message, part))
		return;
	len = strlen(err->message);
	snprintf(err->message + len, sizeof err->message - len, " (%.100s)", part);
}

enum tally_status tally_package_xml(struct tally_package *p, const char *part,
                                    const struct tally_xml_handler *handler, struct tally_err *err)
{
	struct tally_xml *xml = NULL;
	enum tally_status st = tally_xml_new(&xml, handler, p->limits, TALLY_XML_AUTO, err);

	if (st >= 0)
		st = tally_package_read(p, part, feed, xml, err);
	if (st >= 0)
		st = tally_xml_finish(xml, err);
	if (st == TALLY_SKIP)
		name_part(err, part);
	tally_xml_free(xml);
	return st;
}
