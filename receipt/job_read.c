/* Reading one side of a job: finds the format, collects what it pushes. */
#include "receipt/job_read.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/source.h"
#include "receipt/json_util.h"

struct collector {
	struct tally_reading *r;
	struct tally_member_tree *tree;
	bool unread; /* nothing is known of the members: an empty list would say something else */
};

static enum tally_status on_part(void *payload, struct tally_part *part, struct tally_err *err)
{
	struct tally_reading *r = ((struct collector *)payload)->r;

	if (!tally_grow(&r->parts, &r->part_cap, r->part_count, sizeof(struct tally_part *))) {
		tally_part_free(part);
		return tally_err_nomem(err);
	}
	r->parts[r->part_count++] = part;
	return TALLY_OK;
}

static enum tally_status on_member(void *payload, const struct tally_member *member,
                                   struct tally_err *err)
{
	struct collector *c = payload;

	return tally_member_tree_add(c->tree, member, err);
}

static enum tally_status add_note(struct tally_reading *r, enum tally_reason reason,
                                  const char *detail, const char *where, bool whole,
                                  struct tally_err *err)
{
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "reason", json_string_nocheck(tally_reason_id(reason)), &ok);
	tally_json_set(o, "detail", detail ? tally_json_text(detail, strlen(detail)) : json_null(),
	               &ok);
	tally_json_set(o, "part", where ? tally_json_text(where, strlen(where)) : json_null(), &ok);
	tally_json_set(o, "level", json_string_nocheck(whole ? "model" : "part"), &ok);
	tally_json_add(r->notes, o, &ok);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

static enum tally_status on_block(void *payload, const struct tally_block *block,
                                  struct tally_err *err)
{
	return tally_text_add(&((struct collector *)payload)->r->blocks, block, err);
}

/* Too many facts are no reason not to read the rest. */
static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct tally_reading *r = ((struct collector *)payload)->r;
	enum tally_status st = r->facts_cut ? TALLY_OK : tally_facts_add(&r->facts, fact, err);

	if (st != TALLY_SKIP)
		return st;
	r->facts_cut = true;
	return add_note(r, TALLY_REASON_LIMIT,
	                "facts_bytes: it has more comments, names and other facts, so they were not "
	                "compared",
	                NULL, false, err);
}

static enum tally_status add_unread(struct tally_reading *r, const char *sheet, struct tally_err *err)
{
	char *copy;

	if (!tally_grow(&r->unread, &r->unread_cap, r->unread_count, sizeof *r->unread))
		return tally_err_nomem(err);
	copy = tally_dup(sheet, strlen(sheet));
	if (!copy)
		return tally_err_nomem(err);
	r->unread[r->unread_count++] = copy;
	return TALLY_OK;
}

static enum tally_status on_picture(void *payload, const struct tally_picture *picture,
                                    struct tally_err *err)
{
	struct tally_reading *r = ((struct collector *)payload)->r;

	if (r->picture)
		tally_picture_drop(r->picture);
	else
		r->picture = tally_alloc(sizeof *r->picture);
	return r->picture ? tally_picture_copy(r->picture, picture, err) : tally_err_nomem(err);
}

enum {
	FACTS = 0
#define TALLY_FACT(id, kind, one, many) +1
#include "core/facts.def"
#undef TALLY_FACT
};

static_assert(FACTS < 64, "a fact's rank, and that of an unknown one, are bits");

/* What may stand in a part of this kind; of other kinds, anything. A name without a folder is a sheet's. */
static uint64_t facts_of(const char *part)
{
	static const struct {
		const char *part, *facts[8];
	} kinds[] = {
		{ "omments", { "comment" } },
		{ "persons", { "comment" } },
		{ "vmlDrawing", { "comment", "shape", "form_field" } },
		{ "/charts/", { "chart" } },
		{ "/diagrams/", { "shape" } },
		{ "/drawings/", { "chart", "image", "shape" } },
		{ "Object ", { "chart", "embedded_file" } },
		{ "/embeddings/", { "embedded_file" } },
		{ "/media/", { "image" } },
		{ "/tables/", { "table" } },
		{ "/pivot", { "pivot_table", "pivot_cache" } },
		{ "/externalLinks/", { "external_target" } },
		{ "connections", { "connection" } },
		{ "vbaProject", { "macro" } },
		{ "docProps/",
		  { "author", "last_modified_by", "title", "created", "modified", "property",
		    "custom_property" } },
		{ "meta.xml",
		  { "author", "last_modified_by", "title", "created", "modified", "property",
		    "custom_property" } },
	};
	uint64_t mask = 0;

	if (!strpbrk(part, "/."))
		return UINT64_C(1) << tally_fact_rank("conditional_format");
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds && !mask; i++)
		for (size_t k = 0; strstr(part, kinds[i].part) && !strstr(part, "_rels/") &&
		                   k < 8 && kinds[i].facts[k];
		     k++)
			mask |= UINT64_C(1) << tally_fact_rank(kinds[i].facts[k]);
	return mask ? mask : UINT64_MAX;
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct collector *c = payload;

	c->unread |= note->whole && note->about == TALLY_NOTE_LIST;
	if (note->sheet && add_unread(c->r, note->sheet, err) < 0)
		return TALLY_FATAL;
	if (note->about == TALLY_NOTE_MEMBER && note->where && !note->sheet && !note->whole)
		c->r->facts_unread |= facts_of(note->where);
	return add_note(c->r, note->reason, note->detail, note->where, note->whole, err);
}

/* A text that another program made of the file goes to its reader. */
static enum tally_status read_format(struct tally_reading *r, struct tally_source *src,
                                     const struct tally_sink *sink)
{
	struct tally_read_options options = *r->options;
	enum tally_status st = TALLY_OK;

	options.no_text = r->no_text;
	if (r->text_fd >= 0)
		st = tally_source_fd(&options.text, r->text_fd, r->name, &r->err);
	if (st >= 0)
		st = r->format->read(src, &options, sink, &r->err);
	tally_source_free(options.text);
	return st;
}

static enum tally_status read_members_and_parts(struct tally_reading *r, struct tally_source *src)
{
	struct collector c = { .r = r };
	struct tally_sink sink = {
		.payload = &c, .part = on_part, .block = on_block, .fact = on_fact, .note = on_note
	};
	bool containers = (r->format->caps & TALLY_CAP_MEMBERS) != 0;
	enum tally_status st = TALLY_OK;

	sink.picture = on_picture;
	if (containers) {
		st = tally_member_tree_new(&c.tree, r->options->limits, &r->err);
		sink.member = on_member;
	}
	if (st >= 0)
		st = read_format(r, src, &sink);
	if (containers && st >= TALLY_PARTIAL && !c.unread) {
		enum tally_status end = tally_member_tree_finish(c.tree, &r->members, &r->err);

		r->repeated = tally_member_tree_repeated(c.tree);
		if (end < 0)
			st = end;
	}
	tally_member_tree_free(c.tree);
	return st;
}

static enum tally_status read_source(struct tally_reading *r, struct tally_source *src)
{
	struct tally_hasher *hasher = NULL;
	enum tally_status st = tally_format_find(&r->format, &r->mismatch, src, &r->err);

	if (st < 0 || !r->format)
		return st;
	if (r->digest && r->options->key &&
	    (r->format->caps & (TALLY_CAP_ROWS | TALLY_CAP_BLOCKS | TALLY_CAP_PICTURE))) {
		st = tally_hasher_new(&hasher, r->options->key, false, &r->err);
		if (st < 0)
			return st;
		/* a digest is of what was read, all of it: a tap alone would miss what a reader passes over */
		if (r->format->caps & TALLY_CAP_PLACES)
			st = tally_source_pin(src, hasher, r->options->key, &r->err);
		else
			tally_source_tap(src, hasher);
	}
	if (st >= 0)
		st = read_members_and_parts(r, src);
	if (hasher && st >= TALLY_PARTIAL) {
		tally_hasher_finish(hasher, &r->seen, NULL);
		r->has_digest = true;
	}
	tally_hasher_free(hasher);
	return st;
}

static size_t at_most(uint64_t limit)
{
	return limit < SIZE_MAX ? (size_t)limit : SIZE_MAX;
}

const struct tally_err *tally_reading_no_text(struct tally_err *why, const json_t *request,
                                              size_t side)
{
	const json_t *o = json_array_get(json_object_get(request, "no_text"), side);
	const char *message = tally_json_string(o, "message"),
		   *reason = tally_json_string(o, "reason");

	if (!json_is_object(o))
		return NULL;
	tally_err_set(why, TALLY_SKIP, reason ? tally_reason_from_id(reason) : TALLY_REASON_NONE,
	              "%s", message ? message : "");
	return why;
}

void tally_reading_run(struct tally_reading *r)
{
	struct tally_source *src = NULL;

	r->notes = json_array();
	tally_facts_init(&r->facts, at_most(r->options->limits->facts_bytes));
	tally_text_init(&r->blocks, at_most(r->options->limits->text_bytes));
	r->status = r->notes ? tally_source_fd(&src, r->fd, r->name, &r->err)
	                     : tally_err_nomem(&r->err);
	if (r->status >= 0) {
		tally_source_set_scratch(src, r->scratch);
		r->status = read_source(r, src);
	}
	tally_source_free(src);
}

/* ---- sheets that could not be read ---- */

bool tally_reading_lacks(const struct tally_reading *r, const char *sheet)
{
	for (size_t i = 0; i < r->unread_count; i++)
		if (!strcmp(r->unread[i], sheet))
			return true;
	return false;
}

/* Is the fact one that stands in the sheet, "Sheet1" or "Sheet1!C17"? What the workbook says of it is known. */
static bool is_of_sheet(const struct tally_fact *fact, const char *sheet)
{
	size_t len = strlen(sheet);

	return fact->where && !strncmp(fact->where, sheet, len) &&
	       (!fact->where[len] || fact->where[len] == '!') &&
	       strcmp(fact->name, "hidden_sheet") != 0 && strcmp(fact->name, "defined_name") != 0;
}

static bool is_of_unread(const struct tally_fact *fact, const struct tally_reading *r)
{
	for (size_t i = 0; i < r->unread_count; i++)
		if (is_of_sheet(fact, r->unread[i]))
			return true;
	return false;
}

void tally_reading_leave_out(struct tally_reading *r, const struct tally_reading *other)
{
	size_t parts = 0, facts = 0;

	if (!r->unread_count && !other->unread_count)
		return;
	for (size_t i = 0; i < r->part_count; i++) {
		if (tally_reading_lacks(other, r->parts[i]->name))
			tally_part_free(r->parts[i]);
		else
			r->parts[parts++] = r->parts[i];
	}
	r->part_count = parts;
	for (size_t i = 0; i < r->facts.count; i++)
		if (!is_of_unread(&r->facts.facts[i], r) && !is_of_unread(&r->facts.facts[i], other))
			r->facts.facts[facts++] = r->facts.facts[i];
	r->facts.count = facts;
}

static bool has_part(const struct tally_reading *r, const char *name)
{
	for (size_t i = 0; i < r->part_count; i++)
		if (!strcmp(r->parts[i]->name, name))
			return true;
	return false;
}

void tally_reading_strangers(struct tally_reading side[2])
{
	for (int i = 0; i < 2; i++) {
		struct tally_reading *r = &side[i];

		for (size_t k = 0; k < r->unread_count && !r->stranger; k++)
			if (!has_part(&side[1 - i], r->unread[k]) &&
			    !tally_reading_lacks(&side[1 - i], r->unread[k]))
				r->stranger = r->unread[k];
	}
}

enum tally_status tally_reading_doubt(struct tally_reading *r, const char *sheet,
                                      struct tally_err *err)
{
	char detail[160], where[160];
	enum tally_status st = add_unread(r, sheet, err);

	snprintf(where, sizeof where, "sheet '%.120s'", r->stranger);
	snprintf(detail, sizeof detail,
	         "it may be '%.60s' under another name, of which nothing is known then", sheet);
	return st < 0 ? st : add_note(r, TALLY_REASON_MALFORMED, detail, where, false, err);
}

/* Facts that the other format does not tell, or in other words, are neither gone nor new. */
static void keep_facts(struct tally_reading *r, const char *const *names)
{
	size_t n = 0;

	for (size_t i = 0; i < r->facts.count; i++) {
		size_t k = 0;

		while (names[k] && strcmp(names[k], r->facts.facts[i].name) != 0)
			k++;
		if (names[k])
			r->facts.facts[n++] = r->facts.facts[i];
	}
	r->facts.count = n;
}

void tally_reading_common_facts(struct tally_reading side[2])
{
	const struct tally_format *a = side[0].format, *b = side[1].format;

	if (a == b || !a || !b || !(a->caps & b->caps & TALLY_CAP_FACTS))
		return;
	for (int i = 0; i < 2; i++) {
		const char *const *names = i ? b->facts : a->facts;

		if (!names)
			continue;
		keep_facts(&side[0], names);
		keep_facts(&side[1], names);
	}
}

void tally_reading_reset(struct tally_reading *r)
{
	for (size_t i = 0; i < r->part_count; i++)
		tally_part_free(r->parts[i]);
	tally_free(r->parts);
	for (size_t i = 0; i < r->unread_count; i++)
		tally_free(r->unread[i]);
	tally_free(r->unread);
	tally_tree_free(r->members);
	tally_facts_release(&r->facts);
	tally_text_release(&r->blocks);
	if (r->picture)
		tally_picture_drop(r->picture);
	tally_free(r->picture);
	r->picture = NULL;
	json_decref(r->notes);
	r->parts = NULL;
	r->part_count = r->part_cap = 0;
	r->unread = NULL;
	r->stranger = NULL;
	r->unread_count = r->unread_cap = 0;
	r->members = NULL;
	r->notes = NULL;
	r->format = NULL;
	r->has_digest = false;
	r->facts_cut = false;
	r->facts_unread = 0;
	r->err = (struct tally_err){ 0 };
}
