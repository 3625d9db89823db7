/* Pictures inside documents that differ: see receipt/job_pictures.h. */
#include "receipt/job_pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "diff/picture_diff.h"
#include "formats/inner_pictures.h"
#include "receipt/document_unread.h"
#include "receipt/json_util.h"
#include "receipt/picture_json.h"
#include "receipt/unread_json.h"

enum {
	COMPARED_MOST = 10000, /* pairs that are compared for whether they look the same */
	KEY_MOST = 24,
};

struct key {
	char text[KEY_MOST]; /* "": it is like no other */
};

struct known {
	struct tally_inner_picture *list; /* by value */
	struct key *keys; /* of each; those of both sides that show the same share one */
	size_t count;
};

struct tally_job_pictures {
	struct tally_reading *side;
	struct known known[2];
};

/* ---- pictures that are not on the other side ---- */

struct values {
	const char **list;
	size_t count;
};

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* @return false: no memory */
static bool gather(struct values *v, const struct tally_facts *facts)
{
	size_t cap = 0;

	*v = (struct values){ NULL, 0 };
	for (size_t i = 0; i < facts->count; i++) {
		if (!tally_inner_picture_is(&facts->facts[i]))
			continue;
		if (!tally_grow(&v->list, &cap, v->count, sizeof *v->list))
			return false;
		v->list[v->count++] = facts->facts[i].value;
	}
	if (v->count > 1)
		qsort(v->list, v->count, sizeof *v->list, by_text);
	return true;
}

/* How many from @at on are equal */
static size_t run(const struct values *v, size_t at)
{
	size_t n = at;

	while (n < v->count && !strcmp(v->list[n], v->list[at]))
		n++;
	return n - at;
}

/* Each value that one side has more of than the other one, once, to the front of that side's. */
static void keep_surplus(struct values v[2], size_t kept[2])
{
	size_t at[2] = { 0, 0 };

	kept[0] = kept[1] = 0;
	while (at[0] < v[0].count || at[1] < v[1].count) {
		int c = at[0] == v[0].count   ? 1
		        : at[1] == v[1].count ? -1
		                              : strcmp(v[0].list[at[0]], v[1].list[at[1]]);
		size_t m = c <= 0 ? run(&v[0], at[0]) : 0, n = c >= 0 ? run(&v[1], at[1]) : 0;

		if (m > n)
			v[0].list[kept[0]++] = v[0].list[at[0]];
		if (n > m)
			v[1].list[kept[1]++] = v[1].list[at[1]];
		at[0] += m;
		at[1] += n;
	}
}

static enum tally_status prepare(struct known *k, const struct values *v, size_t count,
                                 struct tally_err *err)
{
	k->list = tally_alloc_zero(count, sizeof *k->list);
	k->keys = tally_alloc_zero(count, sizeof *k->keys);
	if (!k->list || !k->keys)
		return tally_err_nomem(err);
	k->count = count;
	for (size_t i = 0; i < count; i++)
		k->list[i].value = v->list[i];
	return TALLY_OK;
}

/* Only where both sides have some can one be the other, saved again. */
static enum tally_status find_differing(struct tally_job_pictures *p, struct tally_err *err)
{
	struct values v[2] = { { NULL, 0 }, { NULL, 0 } };
	size_t kept[2] = { 0, 0 };
	enum tally_status st = TALLY_OK;

	if (!gather(&v[0], &p->side[0].facts) || (v[0].count && !gather(&v[1], &p->side[1].facts)))
		st = tally_err_nomem(err);
	else if (v[1].count)
		keep_surplus(v, kept);
	for (int i = 0; i < 2 && st >= 0 && kept[0] && kept[1]; i++)
		st = prepare(&p->known[i], &v[i], kept[i], err);
	tally_free(v[0].list);
	tally_free(v[1].list);
	return st;
}

static enum tally_status look(struct tally_job_pictures *p, int side, struct tally_err *err)
{
	const struct tally_reading *r = &p->side[side];
	struct known *k = &p->known[side];
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_fd(&src, r->fd, r->name, err);

	if (st >= 0) {
		tally_source_set_scratch(src, r->scratch);
		st = tally_inner_pictures_look(k->list, k->count, src, r->format, r->options, err);
	}
	tally_source_free(src);
	return st;
}

/* ---- which of the one side is which of the other ---- */

static bool same_pixels(const struct tally_inner_picture *a, const struct tally_inner_picture *b)
{
	return a->picture && b->picture &&
	       !memcmp(&a->picture->pixels, &b->picture->pixels, sizeof a->picture->pixels);
}

/* The one before that looks most like it; @return the number of all: none looks the same */
static size_t most_alike(const struct known *before, const struct tally_inner_picture *after)
{
	uint32_t least = UINT32_MAX;
	size_t found = before->count;

	for (size_t k = 0; k < before->count && after->picture; k++) {
		struct tally_picture_diff d;

		if (!before->list[k].picture)
			continue;
		tally_picture_compare(&d, before->list[k].picture, after->picture);
		if (d.kin > TALLY_PICTURE_NEAR || d.mean_tenths >= least)
			continue;
		least = d.mean_tenths;
		found = k;
	}
	return found;
}

/* Those that show the same get one key: by their pixels first, then by how they look. */
static void find_keys(struct tally_job_pictures *p)
{
	struct known *b = &p->known[0], *a = &p->known[1];
	bool few = b->count <= COMPARED_MOST / a->count;

	for (size_t i = 0; i < b->count; i++) {
		size_t k = 0;

		while (k < i && few && !same_pixels(&b->list[k], &b->list[i]))
			k++;
		if (k < i && few)
			b->keys[i] = b->keys[k];
		else
			snprintf(b->keys[i].text, KEY_MOST, "%zu", i);
	}
	for (size_t i = 0; i < a->count && few; i++) {
		size_t k = 0;

		while (k < b->count && !same_pixels(&b->list[k], &a->list[i]))
			k++;
		if (k == b->count)
			k = most_alike(b, &a->list[i]);
		if (k < b->count)
			a->keys[i] = b->keys[k];
	}
}

static const char *key_of(const void *pictures, const struct tally_fact *fact, bool after)
{
	const struct tally_job_pictures *p = pictures;
	const struct known *k = &p->known[after];
	const struct tally_inner_picture *found;

	if (!tally_inner_picture_is(fact))
		return NULL;
	found = tally_inner_picture_find(k->list, k->count, fact->value);
	return found && *k->keys[found - k->list].text ? k->keys[found - k->list].text : NULL;
}

enum tally_status tally_job_pictures_new(struct tally_job_pictures **out,
                                         struct tally_reading side[2], struct tally_err *err)
{
	struct tally_job_pictures *p = tally_alloc_zero(1, sizeof *p);
	enum tally_status st = p ? TALLY_OK : tally_err_nomem(err);

	*out = NULL;
	if (st < 0)
		return st;
	p->side = side;
	st = find_differing(p, err);
	for (int i = 0; i < 2 && st >= 0 && p->known[0].count; i++)
		st = look(p, i, err);
	if (st < 0 || !p->known[0].count) {
		tally_job_pictures_free(p);
		return st < 0 ? st : TALLY_OK;
	}
	find_keys(p);
	*out = p;
	return TALLY_OK;
}

void tally_job_pictures_free(struct tally_job_pictures *p)
{
	if (!p)
		return;
	for (int i = 0; i < 2; i++) {
		tally_inner_pictures_release(p->known[i].list, p->known[i].count);
		tally_free(p->known[i].list);
		tally_free(p->known[i].keys);
	}
	tally_free(p);
}

/* ---- pictures that changed ---- */

struct pair {
	const struct tally_inner_picture *before,
		*after; /* NULL: there is none, or nobody looked for it */
};

static const struct tally_inner_picture *picture_of(const struct tally_job_pictures *p, int side,
                                                    const struct tally_fact *fact)
{
	const struct known *k = &p->known[side];

	return fact && tally_inner_picture_is(fact)
	               ? tally_inner_picture_find(k->list, k->count, fact->value)
	               : NULL;
}

static struct pair pair_of(const struct tally_job_pictures *p, const struct tally_fact_change *c)
{
	return (struct pair){ picture_of(p, 0, c->before), picture_of(p, 1, c->after) };
}

/* @return false: they were not both decoded */
static bool compare(struct tally_picture_diff *d, const struct pair *pair)
{
	if (!pair->before || !pair->after || !pair->before->picture || !pair->after->picture)
		return false;
	tally_picture_compare(d, pair->before->picture, pair->after->picture);
	return true;
}

json_t *tally_job_pictures_json(const struct tally_job_pictures *p,
                                const struct tally_fact_change *change)
{
	struct tally_picture_diff d;
	struct pair pair;

	if (!p || change->kind != TALLY_FACT_CHANGED)
		return NULL;
	pair = pair_of(p, change);
	return compare(&d, &pair) ? tally_picture_json(&d, pair.before->picture, pair.after->picture)
	                          : NULL;
}

/* ---- what they say of themselves ---- */

/* That of two that are one picture, at the place where it is now. */
static enum tally_status add_own(struct tally_facts *out, const struct tally_inner_picture *picture,
                                 const char *where, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	struct tally_buf place;

	tally_buf_init(&place, SIZE_MAX / 2);
	for (size_t i = 0; i < picture->facts.count && st >= 0; i++) {
		struct tally_fact f = picture->facts.facts[i];

		if (f.where && !strcmp(f.where, "format"))
			continue; /* its value begins with it */
		tally_buf_clear(&place);
		if (!tally_buf_printf(&place, "%s%spicture%s%s", f.where ? f.where : "",
		                      f.where ? ", " : "", where ? " at " : "", where ? where : ""))
			st = tally_err_nomem(err);
		f.where = place.bytes;
		if (st >= 0)
			st = tally_facts_add(out, &f, err);
	}
	tally_buf_release(&place);
	return st;
}

static enum tally_status own_facts(struct tally_facts out[2], const struct tally_job_pictures *p,
                                   const struct tally_facts_diff *diff, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < diff->count && st >= 0; i++) {
		const struct tally_fact_change *c = &diff->changes[i];
		struct pair pair = pair_of(p, c);
		struct tally_picture_diff d;

		if (!compare(&d, &pair) || d.kin == TALLY_PICTURE_OTHER)
			continue;
		st = add_own(&out[0], pair.before, c->after->where, err);
		if (st >= 0)
			st = add_own(&out[1], pair.after, c->after->where, err);
	}
	return st;
}

static enum tally_status append(struct tally_facts *to, const struct tally_facts *from,
                                struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < from->count && st >= 0; i++)
		st = tally_facts_add(to, &from->facts[i], err);
	return st;
}

/* ---- those that could not be looked into ---- */

static bool is_unknown(const struct tally_inner_picture *picture)
{
	return picture && (!picture->picture || picture->why.reason);
}

static const char *words_of(const struct tally_inner_picture *picture)
{
	switch (picture->why.reason) {
	case TALLY_REASON_FORMAT_UNKNOWN:
		return "pixels of pictures that are no PNG or JPEG";
	case TALLY_REASON_LIMIT:
	case TALLY_REASON_TOO_LARGE:
	case TALLY_REASON_NO_MEMORY:
		return "pixels of pictures beyond a limit (picture_pixels, picture_bytes)";
	case TALLY_REASON_DAMAGED:
		return "pixels of damaged pictures";
	case TALLY_REASON_LIBRARY_MISSING:
		return "pixels of pictures whose library is missing";
	default:
		return "pixels of pictures";
	}
}

/* Are some gone, and others came? They may be the same ones, saved again in another place. */
static bool any_unpaired(const struct tally_job_pictures *p, const struct tally_facts_diff *diff)
{
	bool gone = false, came = false;

	for (size_t i = 0; i < diff->count; i++) {
		struct pair pair = pair_of(p, &diff->changes[i]);

		gone |= diff->changes[i].kind == TALLY_FACT_REMOVED && pair.before;
		came |= diff->changes[i].kind == TALLY_FACT_ADDED && pair.after;
	}
	return gone && came;
}

void tally_job_pictures_unread(const struct tally_job_pictures *p,
                               const struct tally_facts_diff *diff, json_t *list,
                               const char *places, bool *ok)
{
	static const struct tally_fact none = { .name = "unread" };
	static const struct tally_fact_change changed = { TALLY_FACT_CHANGED, &none, &none, false };
	bool elsewhere = p && any_unpaired(p, diff);

	for (size_t i = 0; p && i < diff->count && *ok; i++) {
		const struct tally_fact_change *c = &diff->changes[i];
		const char *where = (c->after ? c->after : c->before)->where, *what;
		struct pair pair = pair_of(p, c);
		struct tally_picture_diff d;

		if (!strcmp(places, "places") && compare(&d, &pair))
			tally_document_picture_unread(list, &d, where, ok);
		if ((!is_unknown(pair.before) && !is_unknown(pair.after)) ||
		    (c->kind != TALLY_FACT_CHANGED && !elsewhere))
			continue;
		what = words_of(is_unknown(pair.after) ? pair.after : pair.before);
		if (where)
			tally_json_add(json_object_get(tally_unread_entry(list, what, strlen(what),
			                                                  &changed, places, ok),
			                               places),
			               tally_json_text(where, strcspn(where, "!")), ok);
		else
			tally_unread_entry(list, what, strlen(what), &changed, places, ok);
	}
}

/* ---- all of it ---- */

enum tally_status tally_job_pictures_diff(struct tally_facts_diff **out,
                                          const struct tally_job_pictures *p,
                                          struct tally_facts_options *options, struct tally_err *err)
{
	struct tally_facts *before = &p->side[0].facts, *after = &p->side[1].facts, own[2];
	enum tally_status st;

	options->alike = key_of;
	options->alikes = p;
	st = tally_facts_diff(out, before, after, options, err);
	if (st < 0)
		return st;
	for (int i = 0; i < 2; i++)
		tally_facts_init(&own[i], before->arena.max);
	st = own_facts(own, p, *out, err);
	if (st >= 0 && (own[0].count || own[1].count)) {
		tally_facts_diff_free(*out);
		*out = NULL;
		st = append(before, &own[0], err);
		if (st >= 0)
			st = append(after, &own[1], err);
		if (st >= 0)
			st = tally_facts_diff(out, before, after, options, err);
	}
	tally_facts_release(&own[0]);
	tally_facts_release(&own[1]);
	return st;
}
