/* Parts of an office file that no other fact stands for, and contents that differ or not, but are not looked into. */
#include "formats/office_facts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/hash.h"
#include "core/mem.h"

static const char IGNORED[] = ""; /* made anew by whoever saves, from what is compared */

/* Kinds of parts, by the end of their content type. */
static const struct {
	const char *end;
	const char *part; /* what to call one; NULL: its facts are told, or it carries nothing of its own */
	const char *rest; /* what of them is not looked into; NULL: all is told */
	bool told; /* by whoever reads such a part: only those that nobody reads are not looked into */
} kinds[] = {
	{ "12", NULL, "workbooks behind charts", true },
	{ "activeX+xml", "ActiveX control", "ActiveX controls", false },
	{ "attachedToolbars", "toolbar", "toolbars", false },
	{ "authors+xml", NULL, NULL, false },
	{ "calcChain+xml", NULL, IGNORED, false },
	{ "changesInfo+xml", NULL, IGNORED, false },
	{ "chart+xml", NULL, "charts", false },
	{ "chartcolorstyle+xml", NULL, "charts", false },
	{ "chartex+xml", NULL, "charts", false },
	{ "chartshapes+xml", "shapes in a chart", "charts", false },
	{ "chartsheet+xml", "chart sheet", "chart sheets", false },
	{ "chartstyle+xml", NULL, "charts", false },
	{ "classificationlabels+xml", "sensitivity label", "sensitivity labels", false },
	{ "commentAuthors+xml", NULL, NULL, false },
	{ "comments+xml", NULL, NULL, false },
	{ "commentsExtended+xml", NULL, "threads of comments", true },
	{ "commentsExtensible+xml", NULL, IGNORED, false },
	{ "commentsIds+xml", NULL, IGNORED, false },
	{ "connections+xml", NULL, "connections", false },
	{ "controlproperties+xml", "form control", "form controls", false },
	{ "core-properties+xml", NULL, NULL, false },
	{ "custom-properties+xml", NULL, NULL, false },
	{ "customXmlProperties+xml", "data in XML", "data in XML", false },
	{ "diagramColors+xml", NULL, "diagrams", false },
	{ "diagramData+xml", NULL, "diagrams", false },
	{ "diagramDrawing+xml", NULL, "diagrams", false },
	{ "diagramLayout+xml", NULL, "diagrams", false },
	{ "diagramStyle+xml", NULL, "diagrams", false },
	{ "dialogsheet+xml", "dialog sheet", "dialog sheets", false },
	{ "digital-signature-origin", NULL, IGNORED, false },
	{ "digital-signature-xmlsignature+xml", NULL, "signatures", false },
	{ "drawing+xml", NULL, "drawings", false },
	{ "endnotes+xml", NULL, NULL, false },
	{ "extended-properties+xml", NULL, NULL, false },
	{ "externalLink+xml", NULL, "values kept of other workbooks", false },
	{ "fontTable+xml", NULL, "list of fonts", false },
	{ "footer+xml", NULL, "headers and footers that no page shows", true },
	{ "footnotes+xml", NULL, NULL, false },
	{ "glossary+xml", NULL, "building blocks", false },
	{ "handoutMaster+xml", NULL, "layouts of notes", false },
	{ "header+xml", NULL, "headers and footers that no page shows", true },
	{ "inkml+xml", NULL, "drawings by hand", false },
	{ "keyMapCustomizations+xml", NULL, "toolbars", false },
	{ "macrosheet+xml", NULL, "macro sheets", false },
	{ "main+xml", NULL, NULL, false },
	{ "notesMaster+xml", NULL, "layouts of notes", false },
	{ "notesSlide+xml", NULL, "notes of slides that are not shown", true },
	{ "numbering+xml", NULL, "numbers and bullets of lists", false },
	{ "obfuscatedFont", NULL, "fonts in the file", false },
	{ "oleObject", NULL, NULL, false },
	{ "people+xml", NULL, IGNORED, false },
	{ "person+xml", NULL, NULL, false },
	{ "pivotCacheDefinition+xml", NULL, "pivot tables", false },
	{ "pivotCacheRecords+xml", NULL, "records of pivot tables", false },
	{ "pivotTable+xml", NULL, "pivot tables", false },
	{ "presProps+xml", NULL, "settings of the show", false },
	{ "printerSettings", NULL, "printer settings", false },
	{ "queryTable+xml", "query", "queries", false },
	{ "rdrichvalue+xml", "rich values", "rich values", false },
	{ "relationships+xml", NULL, IGNORED, false },
	{ "revisionHeaders+xml", "list of tracked changes", "tracked changes", false },
	{ "revisioninfo+xml", NULL, IGNORED, false },
	{ "revisionLog+xml", "tracked changes", "tracked changes", false },
	{ "settings+xml", NULL, "settings", true },
	{ "sharedStrings+xml", NULL, NULL, false },
	{ "sheet", NULL, "workbooks behind charts", true },
	{ "sheetMetadata+xml", NULL, "metadata of cells", false },
	{ "slicer+xml", "slicer", "slicers", false },
	{ "slicerCache+xml", NULL, "slicers", false },
	{ "slide+xml", NULL, "slides that are not shown", true },
	{ "slideLayout+xml", NULL, "layouts of slides", false },
	{ "slideMaster+xml", NULL, "layouts of slides", false },
	{ "styles+xml", NULL, "styles", true },
	{ "stylesWithEffects+xml", NULL, "styles", false },
	{ "table+xml", NULL, "tables with names", false },
	{ "tableSingleCells+xml", "cells mapped to XML", "cells mapped to XML", false },
	{ "tableStyles+xml", NULL, "styles of tables", false },
	{ "tags+xml", NULL, "tags", false },
	{ "theme+xml", NULL, "theme", false },
	{ "themeOverride+xml", NULL, "theme", false },
	{ "threadedcomments+xml", NULL, NULL, false },
	{ "timeline+xml", "timeline", "timelines", false },
	{ "timelineCache+xml", NULL, "timelines", false },
	{ "userNames+xml", NULL, IGNORED, false },
	{ "vbaData+xml", NULL, "settings of macros", false },
	{ "vbaProject", NULL, NULL, false },
	{ "vbaProjectSignature", NULL, NULL, false },
	{ "viewProps+xml", NULL, IGNORED, false },
	{ "vmlDrawing", NULL, "drawings", false },
	{ "volatileDependencies+xml", NULL, IGNORED, false },
	{ "webSettings+xml", NULL, "settings for web pages", false },
	{ "worksheet+xml", NULL, NULL, false },
	{ "x-fontdata", NULL, "fonts in the file", false },
	{ "xml", NULL, "data in XML", true },
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* "…spreadsheetml.queryTable+xml" ends in ".queryTable+xml" */
static bool ends_in(const char *type, const char *end)
{
	size_t n = strlen(type), m = strlen(end);

	return n > m && !strcasecmp(type + n - m, end) && strchr("./-", type[n - m - 1]);
}

/* @return KINDS: another one */
static size_t find_kind(const char *type)
{
	size_t i = 0;

	while (i < KINDS && !ends_in(type, kinds[i].end))
		i++;
	return i;
}

static const char *kind_of(const char *type)
{
	size_t kind = find_kind(type);

	if (!strncasecmp(type, "image/", 6))
		return NULL;
	if (kind < KINDS)
		return kinds[kind].part;
	/* documents in the document are embedded files */
	return strstr(type, "opendocument") || strstr(type, "officedocument") ||
	                       strstr(type, "msword") || strstr(type, "ms-excel") ||
	                       strstr(type, "ms-powerpoint")
	               ? NULL
	               : type;
}

/* A member's name with an end; NULL: it is no part */
static const char *part_name(const struct tally_zip_member *m, char *name, size_t room)
{
	if (!m->name_len || m->name_len >= room || m->name[m->name_len - 1] == '/')
		return NULL;
	memcpy(name, m->name, m->name_len);
	name[m->name_len] = '\0';
	return name;
}

/* ---- counting those without facts of their own ---- */

/* @return NULL: nothing to count */
static const char *kind_of_member(struct tally_office_facts *f, const struct tally_zip_member *m,
                                  char *name, size_t room)
{
	const char *type = part_name(m, name, room) ? tally_package_content_type(f->p, name) : NULL;

	return type ? kind_of(type) : NULL;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum tally_status push_kinds(struct tally_office_facts *f, const char **list, size_t count,
                                    struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	if (count > 1)
		qsort(list, count, sizeof *list, by_text);
	for (size_t i = 0, n; i < count && st >= 0; i += n) {
		for (n = 1; i + n < count && !strcmp(list[i], list[i + n]);)
			n++;
		tally_fact_text_number(tally_office_begin(f), n);
		tally_fact_text_put(&f->where, list[i]);
		st = tally_office_push(f, "part", NULL, err);
	}
	return st;
}

static enum tally_status count_parts(struct tally_office_facts *f, struct tally_err *err)
{
	const struct tally_zip_directory *dir = tally_zip_members(tally_package_zip(f->p));
	const char **list = tally_alloc_zero(dir->count, sizeof *list);
	size_t count = 0;
	char name[1024];
	enum tally_status st = list ? tally_package_types(f->p, err) : tally_err_nomem(err);

	if (st == TALLY_FATAL) { /* without types there is nothing to count, and whoever reads the sheets says so */
		tally_free(list);
		return st;
	}
	for (size_t i = 0; i < dir->count; i++) {
		const char *kind = kind_of_member(f, &dir->members[i], name, sizeof name);

		if (kind)
			list[count++] = kind;
	}
	st = push_kinds(f, list, count, err);
	tally_free(list);
	return st;
}

/* ---- what is not looked into ---- */

/* Contents of one kind together: equal where all of them are, in any order and under any names. */
struct contents {
	const char *what;
	bool unknown; /* one part, of no known kind */
	uint64_t parts, bytes, sum[2];
};

/* What a part holds. */
struct content {
	uint64_t bytes, sum[2];
};

static void add_content(struct contents *c, const struct content *one)
{
	c->parts++;
	c->bytes += one->bytes;
	c->sum[0] += one->sum[0];
	c->sum[1] += one->sum[1];
}

/* ---- XML: quotes, prefixes and the order of attributes do not count, and blanks between elements neither ---- */

enum {
	XML_MOST = 4 << 20 /* bytes of a part that are parsed; larger ones are known by their bytes */
};

static void mix(struct content *c, const void *bytes, size_t len, uint64_t with)
{
	c->sum[0] = tally_hash64(bytes, len, c->sum[0] + with);
	c->sum[1] = tally_hash64(bytes, len, c->sum[1] ^ with);
}

static enum tally_status xml_start(void *payload, const struct tally_xml_start *e,
                                   struct tally_err *err)
{
	struct content *c = payload;
	uint64_t attributes = 0;

	(void)err;
	for (size_t i = 0; i < e->attr_count; i++) {
		const struct tally_xml_attr *a = &e->attrs[i];

		attributes += tally_hash64(a->value, a->len,
		                           tally_hash64(a->name.local, a->name.len, a->name.ns));
	}
	mix(c, e->name.local, e->name.len, attributes + e->depth + ((uint64_t)e->name.ns << 32));
	return TALLY_OK;
}

/* Texts come in portions: byte by byte they are the same. */
static enum tally_status xml_text(void *payload, const char *text, size_t len, struct tally_err *err)
{
	struct content *c = payload;

	(void)err;
	for (size_t i = 0; i < len; i++) {
		if (strchr(" \t\n", text[i]) && text[i])
			continue;
		c->sum[0] = (c->sum[0] ^ (unsigned char)text[i]) * 0x100000001B3;
		c->sum[1] = (c->sum[1] + (unsigned char)text[i]) * 0x9E3779B97F4A7C15;
	}
	return TALLY_OK;
}

static bool is_xml(const char *type)
{
	size_t n = type ? strlen(type) : 0;

	return n > 4 && (!strcasecmp(type + n - 4, "+xml") || !strcasecmp(type + n - 4, "/xml"));
}

/* @readable  false: it could not be read, which was told */
static enum tally_status read_content(struct tally_office_facts *f,
                                      const struct tally_zip_member *m, const char *name,
                                      struct content *out, bool *readable, struct tally_err *err)
{
	const struct tally_xml_handler handler = { .payload = out,
		                                   .start = xml_start,
		                                   .text = xml_text };
	struct tally_sha256 sha256;
	enum tally_status st;

	*out = (struct content){ 0 };
	*readable = true;
	if (m->size <= XML_MOST && is_xml(tally_package_content_type(f->p, name))) {
		struct tally_err why = { 0 };

		st = tally_package_xml(f->p, name, &handler, &why);
		if (st >= 0)
			return TALLY_OK;
		if (st == TALLY_FATAL) {
			if (err)
				*err = why;
			return st;
		}
	}
	st = tally_office_sha256(f, name, &sha256, &out->bytes, readable, err);
	if (st >= 0 && *readable)
		memcpy(out->sum, sha256.bytes, sizeof out->sum);
	return st;
}

static enum tally_status push_contents(struct tally_office_facts *f, const struct contents *c,
                                       struct tally_err *err)
{
	struct tally_fact_text *t = tally_office_begin(f);
	char sum[40];

	snprintf(sum, sizeof sum, ", %016" PRIx64 "%016" PRIx64, c->sum[0], c->sum[1]);
	tally_fact_text_number(t, c->parts);
	tally_fact_text_put(t, c->parts == 1 ? " part, " : " parts, ");
	tally_fact_text_number(t, c->bytes);
	tally_fact_text_put(t, " bytes");
	tally_fact_text_put(t, sum);
	tally_fact_text_put(&f->where, c->what);
	return tally_office_push(f, "unread", c->unknown ? "unknown" : NULL, err);
}

enum unread {
	READ,   /* all that it says is told */
	UNREAD, /* told as one of its kind */
	UNKNOWN, /* told by its name: of no known kind, or nobody asked for it, though such parts are read */
};

/* Is it made by whoever saves, or followed by whoever reads? */
static bool is_furniture(const char *name)
{
	static const char thumbnail[] = "docProps/thumbnail.";
	size_t n = strlen(name);

	return (n > 5 && !strcasecmp(name + n - 5, ".rels")) ||
	       !strcmp(name, "[Content_Types].xml") ||
	       !strncasecmp(name, thumbnail, sizeof thumbnail - 1);
}

/* @what  what of this part is not looked into: a kind of contents, or its name */
static enum unread unread_of(struct tally_office_facts *f, const struct tally_zip_member *m,
                             const char *name, const char **what)
{
	const char *type = tally_package_content_type(f->p, name);
	size_t kind = type ? find_kind(type) : KINDS;

	*what = name;
	if (is_furniture(name))
		return READ;
	if (!m->begun && strstr(name, "/glossary/")) {
		*what = "building blocks";
		return UNREAD;
	}
	if (type && !strncasecmp(type, "image/", 6)) {
		*what = "pictures elsewhere (in layouts, charts)";
		return m->begun ? READ : UNREAD;
	}
	if (kind == KINDS || !kinds[kind].rest)
		return m->begun ? READ : UNKNOWN;
	*what = kinds[kind].rest;
	return kinds[kind].rest == IGNORED || (m->begun && kinds[kind].told) ? READ : UNREAD;
}

static enum tally_status gather(struct tally_office_facts *f, struct contents *list, size_t *count,
                                struct tally_err *err)
{
	const struct tally_zip_directory *dir = tally_zip_members(tally_package_zip(f->p));
	enum tally_status st = TALLY_OK;
	char name[1024];

	for (size_t i = 0; i < dir->count && st >= 0; i++) {
		const char *what = NULL;
		enum unread how = part_name(&dir->members[i], name, sizeof name)
		                          ? unread_of(f, &dir->members[i], name, &what)
		                          : READ;
		struct content content;
		bool readable;
		size_t at = 0;

		if (how == READ)
			continue;
		st = read_content(f, &dir->members[i], name, &content, &readable, err);
		if (st < 0 || !readable)
			continue;
		/* kinds are few; the unknown ones have names of their own, and may be many */
		while (at < *count && (what == name || list[at].what != what))
			at = what == name ? *count : at + 1;
		if (at == *count) {
			list[at].what = what == name ? tally_arena_dup(&f->arena, name, strlen(name))
			                             : what;
			list[at].unknown = how == UNKNOWN;
			if (!list[at].what)
				return tally_err_nomem(err);
			++*count;
		}
		add_content(&list[at], &content);
	}
	return st;
}

static enum tally_status unread_parts(struct tally_office_facts *f, struct tally_err *err)
{
	const struct tally_zip_directory *dir = tally_zip_members(tally_package_zip(f->p));
	struct contents *list = tally_alloc_zero(dir->count, sizeof *list);
	size_t count = 0;
	enum tally_status st = list ? gather(f, list, &count, err) : tally_err_nomem(err);

	for (size_t i = 0; i < count && st >= 0; i++)
		st = push_contents(f, &list[i], err);
	tally_free(list);
	return st;
}

enum tally_status tally_office_other_parts(struct tally_office_facts *f, struct tally_err *err)
{
	enum tally_status st = count_parts(f, err);

	return st < 0 ? st : unread_parts(f, err);
}
