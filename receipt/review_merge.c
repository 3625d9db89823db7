/* Many findings of one rule: those that say the same are told once, with how many there are; an odd one among them stands first. */
#include "receipt/review.h"

#include <stdlib.h>
#include <string.h>

enum {
	MERGE_AT = 4,   /* findings of one rule and severity from which they are merged … */
	MERGE_KEPT = 3, /* … but for the first ones, */
	ODD_KEPT = 100, /* and of those that say what no others say */
};

int tally_path_order(const struct tally_name *a, const struct tally_name *b)
{
	size_t n = a->len < b->len ? a->len : b->len;
	int c = n ? memcmp(a->bytes, b->bytes, n) : 0;

	return c ? c : (a->len > b->len) - (a->len < b->len);
}

static bool same_kind(const struct tally_finding *a, const struct tally_finding *b)
{
	return a->item.severity == b->item.severity && !strcmp(a->item.rule, b->item.rule);
}

/* Is this path named by one of the findings before? */
static bool named_before(const struct tally_finding *f, size_t at)
{
	for (size_t i = 0; i < at && i < 2 * TALLY_EXAMPLES; i++)
		if (f[i].item.path.bytes && tally_path_order(&f[i].item.path, &f[at].item.path) == 0)
			return true;
	return false;
}

/* Are all of them about one file? */
static bool one_path(const struct tally_finding *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!f[i].item.path.bytes || f[i].rule == TALLY_RULE_name_collision ||
		    tally_path_order(&f[i].item.path, &f->item.path) != 0)
			return false;
	return true;
}

/* ": ‘a’, ‘b’, ‘c’ …", each file once */
static void name_examples(struct tally_reviewer *v, const struct tally_finding *f, size_t n)
{
	size_t named = 0, left = 0;

	for (size_t i = 0; i < n; i++) {
		bool again = f[i].rule != TALLY_RULE_name_collision && named_before(f, i);

		if (again)
			continue;
		if (!f[i].item.path.bytes || named >= TALLY_EXAMPLES) {
			left++;
			continue;
		}
		tally_say(v, named++ ? ", " : ": ");
		tally_say_name(v, &f[i].item.path);
		if (f[i].rule == TALLY_RULE_name_collision && f[i].item.where) {
			tally_say(v, " and ");
			tally_say_text(v, f[i].item.where);
		}
	}
	if (named && left)
		tally_say(v, " \u2026");
}

/* Findings behind the first of one rule become one: "497 more like this: ‘a’, ‘b’, ‘c’ …", "3 more like this in ‘a’" */
static void merge_rest(struct tally_reviewer *v, struct tally_finding *f, size_t n, const char *like)
{
	uint64_t how_many = 0;
	bool one = one_path(f, n);

	for (size_t i = 0; i < n; i++)
		how_many += f[i].item.how_many;
	tally_say_count(v, n);
	tally_say(v, like);
	tally_say(v, one ? " in " : "");
	if (one)
		tally_say_name(v, &f->item.path);
	else
		name_examples(v, f, n);
	f->item.what = tally_arena_dup(&v->r->arena, v->what.bytes, v->what.len);
	if (!f->item.what && v->status == TALLY_OK)
		v->status = tally_err_nomem(v->err);
	if (!one)
		f->item.path = (struct tally_name){ NULL, 0 };
	f->item.where = NULL;
	f->item.how_many = how_many;
	tally_buf_clear(&v->what);
}

/* Put findings behind those that are kept, the rest of @n as one. */
static void keep(struct tally_reviewer *v, size_t *out, size_t from, size_t n, size_t most,
                 const char *like)
{
	size_t kept = n > most + 1 ? most : n;

	if (kept < n)
		merge_rest(v, &v->findings[from + kept], n - kept, like);
	kept += kept < n;
	memmove(&v->findings[*out], &v->findings[from], kept * sizeof *v->findings);
	*out += kept;
}

/* ---- those that say the same ---- */

static int by_change(const void *a, const void *b)
{
	const struct tally_finding *x = a, *y = b;

	if (x->change != y->change)
		return x->change < y->change ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static int by_difference(const void *a, const void *b)
{
	const struct tally_finding *x = a, *y = b;

	if (x->difference != y->difference)
		return x->difference < y->difference ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

/* Odd ones (change 0) first, then those that say the same, in the order of the first of them; inside, as they were ranked. */
static int by_group(const void *a, const void *b)
{
	const struct tally_finding *x = a, *y = b;

	if (x->change != y->change)
		return x->change < y->change ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

static size_t same_until(const struct tally_finding *f, size_t n, size_t from,
                         int (*order)(const void *, const void *))
{
	uint64_t change = f[from].change, difference = f[from].difference;
	size_t end = from;

	while (end < n &&
	       (order == by_change ? f[end].change == change : f[end].difference == difference))
		end++;
	return end;
}

/* Where enough of them say the same they get one number, above 0: that of the first of them. */
static void number(struct tally_finding *f, size_t n, int (*order)(const void *, const void *))
{
	qsort(f, n, sizeof *f, order);
	for (size_t i = 0, end; i < n; i = end) {
		size_t first = SIZE_MAX;

		end = same_until(f, n, i, order);
		if (end - i < MERGE_AT || (order == by_difference && !f[i].difference))
			continue;
		for (size_t k = i; k < end; k++)
			first = f[k].rank < first ? f[k].rank : first;
		for (size_t k = i; k < end; k++)
			f[k].group = first + 1;
	}
}

/* @return how many are odd */
static size_t sort_groups(struct tally_finding *f, size_t n)
{
	size_t odd = 0, rest;

	for (size_t i = 0; i < n; i++)
		f[i].rank = i;
	number(f, n, by_change);
	for (size_t i = rest = 0; i < n; i++)
		if (!f[i].group) {
			struct tally_finding moved = f[i];

			f[i] = f[rest];
			f[rest++] = moved;
		}
	if (rest)
		number(f, rest, by_difference);
	for (size_t i = 0; i < n; i++) {
		f[i].change = f[i].group;
		odd += !f[i].group;
	}
	qsort(f, n, sizeof *f, by_group);
	return odd;
}

/* Of changes inside of texts. */
static void merge_changes(struct tally_reviewer *v, size_t *out, size_t from, size_t n)
{
	size_t odd = sort_groups(&v->findings[from], n), end;

	keep(v, out, from, odd, ODD_KEPT, " more of this kind");
	for (size_t i = from + odd; i < from + n; i = end) {
		for (end = i; end < from + n && v->findings[end].change == v->findings[i].change;)
			end++;
		keep(v, out, i, end - i, MERGE_KEPT, " more like this");
	}
}

void tally_review_merge(struct tally_reviewer *v)
{
	size_t out = 0;

	for (size_t i = 0, n; i < v->count; i += n) {
		for (n = 1; i + n < v->count && same_kind(&v->findings[i], &v->findings[i + n]); n++)
			;
		if (v->findings[i].change && n > MERGE_AT)
			merge_changes(v, &out, i, n);
		else
			keep(v, &out, i, n, MERGE_KEPT, " more like this");
	}
	v->count = out;
}
