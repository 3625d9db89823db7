/* Content types and relationships of Office Open XML packages (ECMA-376 part 2, 10.1.2 and 9.3). See package.h. */
#include <stdlib.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/package_parts.h"

enum { NAME_MOST = 1024 }; /* bytes of a part's name that are looked at */

void tally_package_forget(struct tally_package *p)
{
	size_t count = p->relations ? tally_zip_members(p->zip)->count : 0;

	for (size_t i = 0; i < count; i++) {
		if (p->relations[i])
			tally_free(p->relations[i]->items);
		tally_free(p->relations[i]);
	}
	tally_free(p->relations);
	tally_free(p->overrides.items);
	tally_free(p->defaults.items);
}

static enum tally_status too_many(struct tally_err *err)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "archive_memory: more content types and relationships");
}

static bool arena_full(const struct tally_arena *arena, size_t more)
{
	return arena->max - arena->used <= more;
}

static enum tally_status keep_text(struct tally_package *p, const char **out, const char *text,
                                   size_t len, struct tally_err *err)
{
	*out = tally_arena_dup(&p->arena, text, len);
	if (*out)
		return TALLY_OK;
	return arena_full(&p->arena, len) ? too_many(err) : tally_err_nomem(err);
}

/* ---- content types ---- */

static void make_lower(char *text)
{
	for (; *text; text++)
		*text = tally_lower(*text);
}

static enum tally_status add_type(struct tally_package *p, struct tally_package_types *list,
                                  const struct tally_xml_attr *name,
                                  const struct tally_xml_attr *type, struct tally_err *err)
{
	struct tally_package_type item = { .order = list->count };
	size_t skip = name && name->len && name->value[0] == '/';
	enum tally_status st;

	if (!name || !type)
		return TALLY_OK;
	st = keep_text(p, &item.name, name->value + skip, name->len - skip, err);
	if (st >= 0)
		st = keep_text(p, &item.type, type->value, type->len, err);
	if (st < 0)
		return st;
	make_lower((char *)(uintptr_t)item.name);
	if (arena_full(&p->arena, list->count * sizeof item))
		return too_many(err);
	if (!tally_grow(&list->items, &list->cap, list->count, sizeof item))
		return tally_err_nomem(err);
	list->items[list->count++] = item;
	return TALLY_OK;
}

static enum tally_status type_start(void *payload, const struct tally_xml_start *e,
                                    struct tally_err *err)
{
	struct tally_package *p = payload;
	const struct tally_xml_attr *type = tally_xml_attr(e, TALLY_XML_NONE, "ContentType");

	if (e->depth != 2 || e->name.ns != TALLY_XML_CONTENT_TYPES)
		return TALLY_OK;
	if (tally_xml_is(&e->name, TALLY_XML_CONTENT_TYPES, "Override"))
		return add_type(p, &p->overrides, tally_xml_attr(e, TALLY_XML_NONE, "PartName"),
		                type, err);
	if (tally_xml_is(&e->name, TALLY_XML_CONTENT_TYPES, "Default"))
		return add_type(p, &p->defaults, tally_xml_attr(e, TALLY_XML_NONE, "Extension"),
		                type, err);
	return TALLY_OK;
}

static int by_name(const void *a, const void *b)
{
	const struct tally_package_type *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->order > y->order) - (x->order < y->order);
}

static void sort_types(struct tally_package_types *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof *list->items, by_name);
}

static enum tally_status read_types(struct tally_package *p)
{
	const struct tally_xml_handler handler = { .payload = p, .start = type_start };
	enum tally_status st = tally_package_xml(p, "[Content_Types].xml", &handler, &p->types_err);

	if (st < 0)
		p->overrides.count = p->defaults.count = 0;
	sort_types(&p->overrides);
	sort_types(&p->defaults);
	p->types_err.status = st;
	p->types_read = st != TALLY_FATAL; /* another time there may be memory */
	return st;
}

enum tally_status tally_package_types(struct tally_package *p, struct tally_err *err)
{
	enum tally_status st = p->types_read ? p->types_err.status : read_types(p);

	if (st < 0 && err)
		*err = p->types_err;
	return st;
}

/* the first of this name */
static const char *find_type(const struct tally_package_types *list, const char *name)
{
	size_t low = 0, high = list->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(list->items[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < list->count && !strcmp(list->items[low].name, name) ? list->items[low].type
	                                                                 : NULL;
}

const char *tally_package_content_type(struct tally_package *p, const char *part)
{
	char name[NAME_MOST];
	const char *type, *dot;
	size_t len = strlen(part);

	if (len >= sizeof name || tally_package_types(p, NULL) < 0)
		return NULL;
	memcpy(name, part, len + 1);
	make_lower(name);
	type = find_type(&p->overrides, name);
	dot = strrchr(name, '.');
	return type || !dot || strchr(dot, '/') ? type : find_type(&p->defaults, dot + 1);
}

/* ---- relationships ---- */

/* "xl/workbook.xml" has its relationships in "xl/_rels/workbook.xml.rels" */
static bool rels_name(char out[NAME_MOST], const char *part)
{
	const char *slash = strrchr(part, '/');
	size_t folder = slash ? (size_t)(slash + 1 - part) : 0;
	size_t len = strlen(part);

	if (len + sizeof "_rels/.rels" > NAME_MOST)
		return false;
	memcpy(out, part, folder);
	memcpy(out + folder, "_rels/", 6);
	memcpy(out + folder + 6, part + folder, len - folder);
	memcpy(out + len + 6, ".rels", 6);
	return true;
}

struct rels_reading {
	struct tally_package *p;
	struct tally_package_relations *list;
	const char *part;
};

/* Takes the last step off a folder's name, slash and all. */
static size_t step_up(const char *name, size_t len)
{
	if (len)
		len--;
	while (len && name[len - 1] != '/')
		len--;
	return len;
}

/* Goes one step of a target. @return the new length of *name */
static size_t go(char *name, size_t len, const char *step, size_t n)
{
	if (n == 2 && step[0] == '.' && step[1] == '.')
		return step_up(name, len);
	if (n == 0 || (n == 1 && step[0] == '.'))
		return len;
	memcpy(name + len, step, n);
	name[len + n] = '/';
	return len + n + 1;
}

static bool is_slash(char c)
{
	return c == '/' || c == '\\'; /* some writers take the other one */
}

/* A target from where its part is. @out  room for strlen(part) + len + 2 bytes */
static void resolve(char *out, const char *part, const char *target, size_t len)
{
	const char *slash = strrchr(part, '/');
	size_t n = slash && !(len && is_slash(target[0])) ? (size_t)(slash + 1 - part) : 0;
	const char *hash = memchr(target, '#', len);
	size_t end = hash ? (size_t)(hash - target) : len;

	memcpy(out, part, n);
	for (size_t at = 0, step; at < end; at += step + 1) {
		for (step = 0; at + step < end && !is_slash(target[at + step]);)
			step++;
		n = go(out, n, target + at, step);
	}
	out[n ? n - 1 : 0] = '\0';
}

/* "a%20b" is "a b" where only a part of this name is there */
static void decode_percent(const struct tally_package *p, char *name)
{
	char plain[NAME_MOST];
	size_t n = 0;

	if (!strchr(name, '%') || strlen(name) >= sizeof plain || tally_package_has(p, name))
		return;
	for (const char *at = name; *at; at++, n++) {
		int high = *at == '%' ? tally_hex_value(at[1]) : -1,
		    low = high >= 0 ? tally_hex_value(at[2]) : -1;

		plain[n] = (char)(low >= 0 ? high << 4 | low : *at);
		at += low >= 0 ? 2 : 0;
	}
	plain[n] = '\0';
	if (strlen(plain) == n && tally_package_has(p, plain))
		memcpy(name, plain, n + 1);
}

enum tally_status tally_package_target(const char **out, struct tally_package *p, const char *part,
                                       const char *target, size_t len, struct tally_err *err)
{
	char *name = tally_arena_bytes(&p->arena, strlen(part) + len + 2);

	if (!name)
		return arena_full(&p->arena, len) ? too_many(err) : tally_err_nomem(err);
	resolve(name, part, target, len);
	decode_percent(p, name);
	*out = name;
	return TALLY_OK;
}

static enum tally_status set_target(struct rels_reading *r, struct tally_relation *relation,
                                    const struct tally_xml_attr *target, struct tally_err *err)
{
	size_t len = target ? target->len : 0;

	/* a place in the part itself ("#Sheet1!A1") is no part */
	if (relation->external || !len || target->value[0] == '#')
		return keep_text(r->p, &relation->target, len ? target->value : "", len, err);
	return tally_package_target(&relation->target, r->p, r->part, target->value, len, err);
}

static enum tally_status set_type(struct tally_package *p, struct tally_relation *relation,
                                  const struct tally_xml_attr *type, struct tally_err *err)
{
	const char *text = type ? type->value : "";
	size_t len = type ? type->len : 0, at = len;

	while (at > 0 && text[at - 1] != '/')
		at--;
	return keep_text(p, &relation->type, text + at, len - at, err);
}

static enum tally_status relation_start(void *payload, const struct tally_xml_start *e,
                                        struct tally_err *err)
{
	struct rels_reading *r = payload;
	const struct tally_xml_attr *id = tally_xml_attr(e, TALLY_XML_NONE, "Id");
	const struct tally_xml_attr *mode = tally_xml_attr(e, TALLY_XML_NONE, "TargetMode");
	struct tally_relation relation = { 0 };
	enum tally_status st;

	if (!tally_xml_is(&e->name, TALLY_XML_RELATIONSHIPS, "Relationship"))
		return TALLY_OK;
	relation.external = mode && mode->len == 8 && !memcmp(mode->value, "External", 8);
	st = keep_text(r->p, &relation.id, id ? id->value : "", id ? id->len : 0, err);
	if (st >= 0)
		st = set_type(r->p, &relation, tally_xml_attr(e, TALLY_XML_NONE, "Type"), err);
	if (st >= 0)
		st = set_target(r, &relation, tally_xml_attr(e, TALLY_XML_NONE, "Target"), err);
	if (st < 0)
		return st;
	if (arena_full(&r->p->arena, r->list->count * sizeof relation))
		return too_many(err);
	if (!tally_grow(&r->list->items, &r->list->cap, r->list->count, sizeof relation))
		return tally_err_nomem(err);
	r->list->items[r->list->count++] = relation;
	return TALLY_OK;
}

/* @return the slot of a .rels part, made when it is not there yet; NULL: no memory */
static struct tally_package_relations *slot_of(struct tally_package *p,
                                               const struct tally_zip_member *member)
{
	const struct tally_zip_directory *dir = tally_zip_members(p->zip);
	struct tally_package_relations **slot;

	if (!p->relations)
		p->relations = tally_alloc_zero(dir->count, sizeof *p->relations);
	if (!p->relations)
		return NULL;
	slot = &p->relations[member - dir->members];
	if (!*slot)
		*slot = tally_alloc_zero(1, sizeof **slot);
	return *slot;
}

static int by_id(const void *a, const void *b)
{
	const struct tally_relation *const *x = a, *const *y = b;
	int c = strcmp((*x)->id, (*y)->id);

	return c ? c : (*x > *y) - (*x < *y);
}

/* @return false: no memory */
static bool order_by_id(struct tally_package_relations *list)
{
	const struct tally_relation **order = tally_alloc_zero(list->count, sizeof *order);

	if (!order)
		return false;
	for (size_t i = 0; i < list->count; i++)
		order[i] = &list->items[i];
	qsort(order, list->count, sizeof *order, by_id);
	for (size_t i = 0; i < list->count; i++)
		list->items[i].nth = (uint32_t)(order[i] - list->items);
	tally_free(order);
	return true;
}

static enum tally_status read_relations(struct tally_package *p, struct tally_package_relations *list,
                                        const char *part, const char *rels, struct tally_err *err)
{
	struct rels_reading r = { p, list, part };
	const struct tally_xml_handler handler = { .payload = &r, .start = relation_start };
	enum tally_status st = tally_package_xml(p, rels, &handler, &list->err);

	if (st == TALLY_FATAL) { /* another time there may be memory */
		list->count = 0;
		if (err)
			*err = list->err;
		return st;
	}
	list->read = true;
	if (st < 0)
		list->count = 0;
	if (!order_by_id(list)) {
		list->read = false;
		list->count = 0;
		return tally_err_nomem(err);
	}
	list->err.status = st;
	return TALLY_OK;
}

enum tally_status tally_package_relations(struct tally_package *p, const char *part,
                                          const struct tally_relation **out, size_t *count,
                                          struct tally_err *err)
{
	const struct tally_zip_member *member;
	struct tally_package_relations *list;
	char rels[NAME_MOST];
	enum tally_status st;

	*out = NULL;
	*count = 0;
	if (!rels_name(rels, part))
		return TALLY_OK;
	st = tally_zip_part(&member, p->zip, rels, err);
	if (st != TALLY_OK)
		return st == TALLY_END ? TALLY_OK : st;
	list = slot_of(p, member);
	if (!list)
		return tally_err_nomem(err);
	if (!list->read)
		st = read_relations(p, list, part, rels, err);
	if (st < 0)
		return st;
	if (list->err.status < 0 && err)
		*err = list->err;
	*out = list->items;
	*count = list->count;
	return list->err.status < 0 ? list->err.status : TALLY_OK;
}

const struct tally_relation *tally_relation_of_type(const struct tally_relation *relations,
                                                    size_t count, const char *type)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(relations[i].type, type))
			return &relations[i];
	return NULL;
}

const struct tally_relation *tally_relation_by_id(const struct tally_relation *relations,
                                                  size_t count, const char *id, size_t len)
{
	size_t low = 0, high = count;

	while (low < high) { /* up to low they are smaller, from high on they are not */
		size_t mid = low + (high - low) / 2;

		if (strncmp(relations[relations[mid].nth].id, id, len) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == count)
		return NULL;
	relations += relations[low].nth;
	return strlen(relations->id) == len && !memcmp(relations->id, id, len) ? relations : NULL;
}
