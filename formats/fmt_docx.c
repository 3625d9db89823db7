/* Documents of Office Open XML: .docx, .docm and their templates (ECMA-376, strict and transitional). */
#include <string.h>

#include "core/mem.h"
#include "formats/docx_facts.h"
#include "formats/docx_story.h"
#include "formats/format.h"
#include "formats/office_facts.h"
#include "formats/office_file.h"

static const char *const suffixes[] = { ".docx", ".docm", ".dotx", ".dotm", NULL };

static const char *const types[] = {
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
	"application/vnd.ms-word.document.macroEnabled.main+xml",
	"application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
	NULL,
};

static int docx_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	return tally_office_probe(bytes, len, name, suffixes, "word/");
}

static enum tally_status docx_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_office_confirm(src, types, suffixes, "word/", err);
}

struct docx_reading {
	struct tally_docx doc;
	struct tally_office_facts facts;
	const char *main;
	const struct tally_relation *relations; /* of the main part */
	size_t relation_count;
};

static void begin(struct docx_reading *r, const struct tally_sink *sink,
                  const struct tally_limits *limits, struct tally_package *package)
{
	*r = (struct docx_reading){ .main = NULL };
	tally_office_facts_init(&r->facts, package, sink, limits);
	r->doc.package = package;
	r->doc.text.sink = &r->facts.guarded;
	r->doc.facts = &r->facts;
}

static void end(struct docx_reading *r)
{
	tally_docx_styles_release(&r->doc.styles);
	tally_free(r->doc.pointers.items);
	tally_free(r->doc.comments.items);
	tally_free(r->doc.margins.items);
	tally_office_facts_release(&r->facts);
}

/* ---- the way through the parts ---- */

static const char *related(const struct docx_reading *r, const char *type)
{
	const struct tally_relation *found = tally_relation_of_type(r->relations, r->relation_count,
	                                                            type);

	return found && !found->external ? found->target : NULL;
}

/* A story and what it shows; one besides the body that cannot be read costs a note. */
static enum tally_status read_story(struct docx_reading *r, const char *part, enum tally_area area,
                                    uint32_t n, struct tally_err *err)
{
	const struct tally_block diagram = { .area = TALLY_AREA_TEXT_BOX,
		                             .n = r->doc.text.text_boxes + 1 };
	struct tally_err why = { 0 };
	enum tally_status st = tally_docx_story(&r->doc, part, area, n, &why);

	if (st < 0 && area != TALLY_AREA_BODY)
		return tally_office_outcome(&r->facts, st, &why, part, err);
	if (st < 0) {
		if (err)
			*err = why;
		return st;
	}
	return tally_office_shown(&r->facts, part, &r->doc.pointers, &diagram, err);
}

/* Headers and footers, each once, numbered in the order of the sections. */
static enum tally_status read_margins(struct docx_reading *r, struct tally_err *err)
{
	bool *seen = tally_alloc_zero(r->relation_count, sizeof *seen);
	uint32_t numbers[2] = { 0, 0 };
	enum tally_status st = seen ? TALLY_OK : tally_err_nomem(err);

	for (size_t i = 0; i < r->doc.margins.count && st >= 0; i++) {
		const struct tally_office_pointer *p = &r->doc.margins.items[i];
		bool footer = p->kind == TALLY_POINTER_FOOTER;
		const struct tally_relation *to = tally_relation_by_id(
			r->relations, r->relation_count, p->id, strlen(p->id));

		if (!to || to->external || seen[to - r->relations])
			continue;
		seen[to - r->relations] = true;
		st = read_story(r, to->target, footer ? TALLY_AREA_FOOTER : TALLY_AREA_HEADER,
		                ++numbers[footer], err);
	}
	tally_free(seen);
	return st;
}

static enum tally_status read_stories(struct docx_reading *r, struct tally_err *err)
{
	static const struct {
		const char *type;
		enum tally_area area;
	} notes[] = {
		{ "footnotes", TALLY_AREA_FOOTNOTE },
		{ "endnotes", TALLY_AREA_ENDNOTE },
	};
	enum tally_status st = read_story(r, r->main, TALLY_AREA_BODY, 0, err);

	if (st >= 0)
		st = read_margins(r, err);
	for (size_t i = 0; i < sizeof notes / sizeof *notes && st >= 0; i++)
		if (related(r, notes[i].type))
			st = read_story(r, related(r, notes[i].type), notes[i].area, 0, err);
	return st;
}

/* What nobody reads on a receipt, so that it can be said that it differs. */
static enum tally_status read_looks(struct docx_reading *r, struct tally_err *err)
{
	struct tally_office_facts *f = &r->facts;
	enum tally_status st = tally_office_unread(f, "styles", r->doc.styles.looks, err);

	if (st >= 0)
		st = tally_office_unread(f, "set-up of pages", r->doc.pages, err);
	if (st >= 0)
		st = tally_office_unread(f, "looks and layout", r->doc.rest, err);
	if (st >= 0)
		st = tally_office_unread(f, "dates of comments and tracked changes",
		                         r->doc.text.dates, err);
	if (st >= 0)
		st = tally_office_unread(f, "looks of comments and tracked changes", r->doc.remarks,
		                         err);
	return st < 0 ? st : tally_office_other_parts(f, err);
}

static enum tally_status read_facts(struct docx_reading *r, struct tally_err *err)
{
	struct tally_office_facts *f = &r->facts;
	const char *comments = related(r, "comments"), *settings = related(r, "settings"),
		   *macros = related(r, "vbaProject");
	enum tally_status st = TALLY_OK;

	if (comments)
		st = tally_docx_comments(&r->doc, f, comments, related(r, "commentsExtended"), err);
	if (st >= 0 && settings)
		st = tally_docx_settings(f, settings, err);
	if (st >= 0 && macros)
		st = tally_office_macros(f, macros, err);
	if (st >= 0)
		st = tally_office_signature(f, err);
	if (st >= 0)
		st = tally_office_about(f, err);
	return st < 0 ? st : read_looks(r, err);
}

static enum tally_status read_document(struct docx_reading *r, struct tally_err *err)
{
	struct tally_err why = { 0 };
	const char *type;
	enum tally_status st = tally_office_main(r->doc.package, &r->main, &type, err);

	if (st >= 0 && !tally_office_is_one_of(type, types))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN,
		                     "a package that is no document");
	if (st >= 0)
		st = tally_package_relations(r->doc.package, r->main, &r->relations,
		                             &r->relation_count, err);
	if (st < 0)
		return st;
	st = tally_docx_styles_read(&r->doc.styles, r->doc.package, related(r, "styles"), &why);
	st = tally_office_outcome(&r->facts, st, &why, related(r, "styles"), err);
	if (st >= 0)
		st = read_stories(r, err);
	if (st >= 0 && r->doc.text.sink->fact)
		st = read_facts(r, err);
	return st;
}

static enum tally_status docx_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct tally_package *package;
	struct docx_reading r;
	enum tally_status st = tally_package_open(&package, src, limits, err);

	if (st < 0)
		return st;
	begin(&r, sink, limits, package);
	st = read_document(&r, err);
	if (st >= 0)
		st = r.facts.result;
	end(&r);
	tally_package_close(package);
	return st;
}

const struct tally_format tally_format_docx = {
	.version = TALLY_FORMAT_VERSION,
	.name = "docx",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = docx_probe,
	.confirm = docx_confirm,
	.read = docx_read,
};
