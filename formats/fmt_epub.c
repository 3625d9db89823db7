/* Books in EPUB 2 and 3: chapters in the order of reading, what the book says of itself, pictures by content. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "formats/epub_package.h"
#include "formats/format.h"
#include "formats/html.h"
#include "formats/odf_file.h"
#include "formats/office_shown.h"
#include "formats/text_file.h"
#include "formats/xhtml.h"

static const char *const suffixes[] = { ".epub", NULL };

static const char type[] = "application/epub+zip";

static int epub_probe(const unsigned char *bytes, size_t len, uint64_t size, const char *name)
{
	(void)size;
	return tally_odf_probe(bytes, len, name, suffixes,
	                       type); /* the same rule for the first member */
}

static enum tally_status epub_confirm(struct tally_source *src, struct tally_err *err)
{
	return tally_odf_confirm(src, type, err);
}

struct book {
	struct tally_epub epub;
	struct tally_office_facts facts;
	const struct tally_read_options *options;
	struct tally_office_pointers images; /* id: the part */
	uint32_t chapter;
	const char *part; /* that is read */
	uint64_t rest;    /* what pages say in no block and no fact */
};

/* ---- chapters ---- */

static void chapter_name(const struct book *b, char out[32])
{
	snprintf(out, 32, "chapter %u", b->chapter);
}

static bool leads_outside(const char *target)
{
	const char *colon = strchr(target, ':'), *slash = strchr(target, '/');

	return colon && (!slash || colon < slash);
}

static enum tally_status pass(struct book *b, const struct tally_fact *fact, struct tally_err *err)
{
	const struct tally_sink *sink = &b->facts.guarded;

	return sink->fact ? sink->fact(sink->payload, fact, err) : TALLY_OK;
}

/* Told without the number of the chapter, which is another one behind each that came or went. */
static enum tally_status say(struct book *b, const char *value, const char *where,
                             struct tally_err *err)
{
	return pass(b, &(struct tally_fact){ .name = "property", .value = value, .where = where },
	            err);
}

/* Pictures are told by their contents, once a chapter has been read; words in their place at once. */
static enum tally_status on_image(struct book *b, const struct tally_fact *fact, struct tally_err *err)
{
	struct tally_xml_attr part = { .value = NULL };
	char where[32];
	enum tally_status st = TALLY_OK;

	chapter_name(b, where);
	if (strcmp(fact->where, where) != 0)
		st = say(b, fact->where, "words in place of a picture", err);
	if (st >= 0)
		st = tally_package_target(&part.value, b->facts.p, b->part, fact->value,
		                          strlen(fact->value), err);
	if (st < 0)
		return st;
	part.len = strlen(part.value);
	return tally_office_point_to(&b->facts, &b->images, TALLY_POINTER_IMAGE, &part, where, err);
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct book *b = payload;

	if (!strcmp(fact->name, "title"))
		return say(b, fact->value, "title of a chapter", err);
	if (!strcmp(fact->name, "author"))
		return say(b, fact->value, "author of a chapter", err);
	if (strcmp(fact->name, "image") != 0 || leads_outside(fact->value))
		return pass(b, fact, err);
	return on_image(b, fact, err);
}

static enum tally_status on_block(void *payload, const struct tally_block *block,
                                  struct tally_err *err)
{
	struct book *b = payload;
	const struct tally_sink *sink = &b->facts.guarded;

	return sink->block ? sink->block(sink->payload, block, err) : TALLY_OK;
}

static enum tally_status read_html(struct book *b, const struct tally_text_file *file,
                                   struct tally_err *err)
{
	const struct tally_sink sink = { .payload = b, .block = on_block, .fact = on_fact };
	struct tally_html_place place = { .area = TALLY_AREA_BODY };
	struct tally_buf html;
	enum tally_status st;
	char where[32];

	chapter_name(b, where);
	place.where = where;
	place.rest = &b->rest;
	place.limits = b->facts.limits;
	tally_buf_init(&html, file->len * 4 + 1);
	st = tally_xhtml_as_html(&html, file->bytes, file->len) ? TALLY_OK : tally_err_nomem(err);
	if (st >= 0)
		st = tally_html_read(html.len ? html.bytes : "", html.len, &place, &sink, err);
	tally_buf_release(&html);
	return st;
}

static enum tally_status read_bytes(struct book *b, const char *bytes, size_t len,
                                    struct tally_err *err)
{
	struct tally_text_file file;
	struct tally_source *src;
	enum tally_status st = tally_source_memory(&src, bytes, len, err);

	if (st < 0)
		return st;
	st = tally_text_file_load(&file, src, b->options, err);
	tally_source_free(src);
	if (st < 0)
		return st;
	st = read_html(b, &file, err);
	tally_text_file_release(&file);
	return st;
}

static enum tally_status not_read(struct tally_err *err, const char *what)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_MALFORMED, "%s", what);
}

static enum tally_status read_chapter(struct book *b, const struct tally_epub_item *item,
                                      struct tally_err *err)
{
	struct tally_zip *zip = tally_package_zip(b->facts.p);
	const struct tally_zip_member *member;
	char *bytes;
	size_t len;
	enum tally_status st = tally_zip_part(&member, zip, item->part, err);

	if (st == TALLY_END)
		return not_read(err, "a chapter that is not there");
	if (st >= 0 && member->begun)
		return not_read(err, "a chapter that stands twice in the order of reading");
	if (st >= 0)
		st = tally_zip_load(zip, member, b->facts.limits->text_bytes, 1, &bytes, &len, err);
	if (st < 0)
		return st;
	b->part = item->part;
	st = read_bytes(b, bytes, len, err);
	tally_free(bytes);
	return st;
}

static bool is_page(const struct tally_epub_item *item)
{
	return !strcmp(item->type, "application/xhtml+xml") || !strcmp(item->type, "text/html") ||
	       !strcmp(item->type, "text/x-oeb1-document");
}

static enum tally_status read_chapters(struct book *b, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < b->epub.spine_count && st >= 0; i++) {
		const struct tally_epub_item *item = tally_epub_by_id(&b->epub, b->epub.spine[i]);
		struct tally_err why = { 0 };

		b->chapter++;
		if (item && is_page(item))
			st = read_chapter(b, item, &why);
		else
			st = not_read(&why, item ? "a chapter that is no page of text"
			                         : "a chapter that is not there");
		st = tally_office_outcome(&b->facts, st, &why, item ? item->part : b->epub.spine[i],
		                          err);
	}
	return st;
}

/* ---- pictures and other parts ---- */

static int by_part(const void *a, const void *b)
{
	return strcmp(((const struct tally_office_pointer *)a)->id,
	              ((const struct tally_office_pointer *)b)->id);
}

/* @return whether it was missing; that is said, and is no picture */
static bool missing(struct book *b, const char *part, enum tally_status *st, struct tally_err *err)
{
	struct tally_office_facts *f = &b->facts;

	if (tally_package_has(f->p, part))
		return false;
	tally_fact_text_put(tally_office_begin(f), part);
	tally_fact_text_put(&f->where, "pictures that are missing");
	*st = tally_office_push(f, "property", NULL, err);
	return true;
}

/* Each is unpacked once, however many places show it. */
static enum tally_status push_images(struct book *b, struct tally_err *err)
{
	struct tally_office_facts *f = &b->facts;
	struct tally_office_pointers *list = &b->images;
	struct tally_fact_text digest;
	enum tally_status st = TALLY_OK;

	if (list->count > 1)
		qsort(list->items, list->count, sizeof *list->items, by_part);
	tally_fact_text_init(&digest);
	for (size_t i = 0; i < list->count && st >= 0; i++) {
		const struct tally_office_pointer *p = &list->items[i];
		bool readable = true;

		if (missing(b, p->id, &st, err))
			continue;
		if (!i || strcmp(p->id, p[-1].id) != 0) {
			tally_office_begin(f);
			st = tally_office_digest(f, p->id, &readable, err);
			tally_fact_text_clear(&digest);
			tally_fact_text_join(&digest, &f->value);
		}
		if (st < 0 || !digest.buf.len)
			continue;
		tally_fact_text_join(tally_office_begin(f), &digest);
		tally_fact_text_put(&f->where, p->where);
		st = tally_office_push(f, "image", NULL, err);
	}
	tally_fact_text_release(&digest);
	return st;
}

static bool ends(const char *name, const char *suffix)
{
	const char *const list[] = { suffix, NULL };

	return tally_text_suffix(name, list);
}

/* What of a part is not looked into: a kind of contents, or its own name. NULL: it says nothing */
static const char *unread_of(const struct book *b, const char *name)
{
	static const char *const fonts[] = { ".ttf", ".otf", ".woff", ".woff2", NULL };
	const struct tally_epub_item *item = tally_epub_by_part(&b->epub, name);

	if (!strcmp(name, "mimetype"))
		return NULL;
	if (item && item->contents)
		return "table of contents";
	if (item && is_page(item))
		return "pages that are not in the order of reading";
	if (ends(name, ".css"))
		return "looks (style sheets)";
	if (tally_text_suffix(name, fonts))
		return "fonts";
	return name;
}

static enum tally_status push_part(struct book *b, const char *name, struct tally_err *err)
{
	struct tally_office_facts *f = &b->facts;
	const char *what = unread_of(b, name);
	const struct tally_epub_item *item = tally_epub_by_part(&b->epub, name);
	bool readable, image = item && !strncmp(item->type, "image/", strlen("image/"));
	enum tally_status st;

	if (!what)
		return TALLY_OK;
	tally_office_begin(f);
	st = tally_office_digest(f, name, &readable, err);
	if (st < 0 || !readable)
		return st;
	tally_fact_text_put(&f->where, what);
	return tally_office_push(f, image ? "image" : "unread",
	                         !image && what == name ? "unknown" : NULL, err);
}

static enum tally_status push_parts(struct book *b, struct tally_err *err)
{
	const struct tally_zip_directory *dir = tally_zip_members(tally_package_zip(b->facts.p));
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < dir->count && st >= 0; i++) {
		const struct tally_zip_member *m = &dir->members[i];
		char *name;

		if (m->begun || m->type != TALLY_TYPE_FILE || memchr(m->name, 0, m->name_len))
			continue;
		name = tally_dup(m->name, m->name_len);
		st = name ? push_part(b, name, err) : tally_err_nomem(err);
		tally_free(name);
	}
	return st;
}

/* ---- the book ---- */

static enum tally_status read_book(struct book *b, struct tally_err *err)
{
	enum tally_status st = tally_epub_open(&b->epub, err);

	if (st >= 0)
		st = read_chapters(b, err);
	if (st >= 0 && b->facts.sink->fact)
		st = push_images(b, err);
	if (st >= 0 && b->facts.sink->fact)
		st = push_parts(b, err);
	if (st >= 0)
		st = tally_office_unread(&b->facts, "looks and layout", b->rest, err);
	return st < 0 ? st : b->facts.result;
}

static enum tally_status epub_read(struct tally_source *src, const struct tally_read_options *options,
                                   const struct tally_sink *sink, struct tally_err *err)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;
	const struct tally_limits *limits = options->limits ? options->limits : &defaults;
	struct book b = { .options = options };
	struct tally_package *package;
	enum tally_status st = tally_package_open(&package, src, limits, err);

	if (st < 0)
		return st;
	tally_office_facts_init(&b.facts, package, sink, limits);
	b.epub.facts = &b.facts;
	st = read_book(&b, err);
	tally_epub_release(&b.epub);
	tally_free(b.images.items);
	tally_office_facts_release(&b.facts);
	tally_package_close(package);
	return st;
}

const struct tally_format tally_format_epub = {
	.version = TALLY_FORMAT_VERSION,
	.name = "epub",
	.suffixes = suffixes,
	.caps = TALLY_CAP_BLOCKS | TALLY_CAP_FACTS | TALLY_CAP_PLACES,
	.probe = epub_probe,
	.confirm = epub_confirm,
	.read = epub_read,
};
