/* Comparing two sets of facts: see diff/facts_diff.h. */
#include "diff/facts_diff.h"

#include <stdlib.h>
#include <string.h>

#include "core/address.h"
#include "core/arena.h"
#include "core/ascii.h"
#include "core/mem.h"
#include "diff/facts_places.h"

enum {
	ADDRESSES_MOST = 64 << 20
}; /* bytes of one fact; readers cut what is longer than a few KiB */

/* A fact, with what it is compared by. */
struct item {
	const struct tally_fact *fact;
	const char *where; /* as the after side would call it; "" where there is none */
	const char *value;
	const char *alike; /* known by this as well; NULL: it is not */
	/* the two are one of these; on the after side all are alike */
	struct tally_fact_expectation expected; /* addresses that moved along */
	const char *written;                    /* the place as it is written */
	size_t rank;
	struct item *other; /* its pair, once there is one */
	bool equal;         /* the pair counts as the same */
	bool after;
};

struct side {
	struct item *items;
	struct item **left; /* of which no pair is known yet */
	size_t count, left_count;
};

struct work {
	struct side side[2];
	struct tally_arena arena; /* of places with other names, and of addresses */
	struct tally_buf scratch;
	bool addresses; /* some are expected elsewhere */
	bool alikes;    /* some are known by more than their value */
	struct tally_facts_diff *out;
	size_t counts_cap;
	struct item **listed; /* one for each change */
};

/* ---- order ---- */

/* Numbers of any length: the longer one is more, once zeros in front are gone. Steps over both. */
static int by_number(const char **a, const char **b)
{
	size_t m, n;

	while (**a == '0' && tally_is_digit((*a)[1]))
		++*a;
	while (**b == '0' && tally_is_digit((*b)[1]))
		++*b;
	for (m = 0; tally_is_digit((*a)[m]);)
		m++;
	for (n = 0; tally_is_digit((*b)[n]);)
		n++;
	if (m == n) {
		int c = strncmp(*a, *b, n);

		*a += n;
		*b += n;
		return c;
	}
	return m < n ? -1 : 1;
}

/* C2 before C10 */
static int by_place(const char *a, const char *b)
{
	const char *x = a, *y = b;

	while (*x && *y) {
		int c = tally_is_digit(*x) && tally_is_digit(*y)
		                ? by_number(&x, &y)
		                : (unsigned char)*x++ - (unsigned char)*y++;

		if (c)
			return c;
	}
	return *x || *y ? (*x != '\0') - (*y != '\0') : strcmp(a, b);
}

static int by_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int by_name(const struct item *a, const struct item *b)
{
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return strcmp(a->fact->name, b->fact->name);
}

static int same_thing(const struct item *a, const struct item *b)
{
	int c = by_name(a, b);

	if (!c)
		c = by_text(a->value, b->value);
	return c ? c : by_text(a->fact->by, b->fact->by);
}

static int by_value(const void *left, const void *right)
{
	const struct item *a = *(struct item *const *)left, *b = *(struct item *const *)right;
	int c = same_thing(a, b);

	return c ? c : by_place(a->where, b->where);
}

static int same_place(const struct item *a, const struct item *b)
{
	int c = by_name(a, b);

	return c ? c : by_place(a->where, b->where);
}

static int by_where(const void *left, const void *right)
{
	const struct item *a = *(struct item *const *)left, *b = *(struct item *const *)right;
	int c = same_place(a, b);

	if (!c)
		c = by_text(a->fact->by, b->fact->by);
	if (!c)
		c = by_text(a->value, b->value);
	return c ? c : a->after - b->after;
}

static void sort(struct side *s, int (*order)(const void *, const void *))
{
	if (s->left_count > 1)
		qsort(s->left, s->left_count, sizeof *s->left, order);
}

/* ---- places in parts that were renamed ---- */

/* @return what follows the part's name ("" or "!C17"), or NULL: it is not in that part */
static const char *behind(const char *where, const char *part)
{
	size_t n = strlen(part);

	if (strncmp(where, part, n) != 0 || (where[n] != '\0' && where[n] != '!'))
		return NULL;
	return where + n;
}

static const char *renamed(struct work *w, const struct tally_facts_options *options,
                           const char *where)
{
	for (size_t i = 0; options && i < options->rename_count; i++) {
		const struct tally_fact_rename *r = &options->renames[i];
		const char *rest = behind(where, r->old);

		if (rest)
			return tally_arena_printf(&w->arena, "%s%s", r->now, rest);
	}
	return where;
}

/* What is expected of a fact of the before side. @return false: no memory */
static bool expect(struct work *w, struct item *item, const struct tally_facts_options *options)
{
	struct tally_fact_expectation *e = &item->expected;

	if (!options)
		return true;
	if (!tally_fact_expect(e, item->fact, options, &w->arena, &w->scratch))
		return false;
	w->addresses |= strcmp(e->where.text, item->written) || e->value.text != item->fact->value;
	item->written = renamed(w, options, item->written);
	e->where.text = renamed(w, options, e->where.text);
	return item->written && e->where.text;
}

static void use_written(struct item *item)
{
	item->where = item->written;
	item->value = item->fact->value;
}

static void use_expected(struct item *item)
{
	item->where = item->expected.where.text;
	item->value = item->expected.value.text;
}

static void use(struct work *w, void (*texts)(struct item *))
{
	for (size_t i = 0; i < w->side[0].count; i++)
		texts(&w->side[0].items[i]);
}

/* @return false: no memory */
static bool take(struct work *w, int side, const struct tally_facts *facts,
                 const struct tally_facts_options *options)
{
	struct side *s = &w->side[side];

	s->count = s->left_count = facts->count;
	s->items = tally_alloc_zero(facts->count, sizeof *s->items);
	s->left = tally_alloc_zero(facts->count, sizeof(struct item *));
	if (!s->items || !s->left)
		return false;
	for (size_t i = 0; i < facts->count; i++) {
		struct item *item = &s->items[i];

		item->fact = &facts->facts[i];
		item->after = side == 1;
		item->written = item->fact->where ? item->fact->where : "";
		item->expected.where.text = item->written;
		item->expected.value.text = item->fact->value;
		/* facts come in bunches of one name */
		item->rank = i && !strcmp(item->fact->name, item[-1].fact->name)
		                     ? item[-1].rank
		                     : tally_fact_rank(item->fact->name);
		if (side == 0 && !expect(w, item, options))
			return false;
		use_expected(item);
		if (options && options->alike)
			item->alike = options->alike(options->alikes, item->fact, item->after);
		w->alikes |= item->alike != NULL;
		s->left[i] = item;
	}
	return true;
}

/* ---- pairing ---- */

static void pair(struct item *a, struct item *b, bool equal)
{
	a->other = b;
	b->other = a;
	a->equal = b->equal = equal;
}

static void drop_paired(struct side *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->left_count; i++)
		if (!s->left[i]->other)
			s->left[n++] = s->left[i];
	s->left_count = n;
}

/* how many from @at on are of one group */
static size_t group(const struct side *s, size_t at,
                    int (*order)(const struct item *, const struct item *))
{
	size_t n = at;

	while (n < s->left_count && order(s->left[at], s->left[n]) == 0)
		n++;
	return n - at;
}

/*
 * Walks both lists, sorted, group by group.
 * @join  gets the groups that both sides have
 */
static void walk(struct work *w, int (*order)(const struct item *, const struct item *),
                 void (*join)(struct item **a, size_t m, struct item **b, size_t n))
{
	struct side *x = &w->side[0], *y = &w->side[1];

	for (size_t i = 0, k = 0; i < x->left_count && k < y->left_count;) {
		int c = order(x->left[i], y->left[k]);
		size_t m = group(x, i, order), n = group(y, k, order);

		if (c == 0)
			join(&x->left[i], m, &y->left[k], n);
		i += c <= 0 ? m : 0;
		k += c >= 0 ? n : 0;
	}
	drop_paired(x);
	drop_paired(y);
}

static int wholly(const struct item *a, const struct item *b)
{
	int c = same_thing(a, b);

	return c ? c : by_place(a->where, b->where);
}

static void join_equal(struct item **a, size_t m, struct item **b, size_t n)
{
	for (size_t i = 0; i < m && i < n; i++)
		pair(a[i], b[i], false); /* as it is written it may mean something else */
}

/* The same value at other places, in order */
static void join_moved(struct item **a, size_t m, struct item **b, size_t n)
{
	const struct tally_fact_info *info = tally_fact_info(a[0]->rank);

	if (info && info->named)
		return;
	for (size_t i = 0; i < m && i < n; i++)
		pair(a[i], b[i], false);
}

/* Names and formulas know no letter case, but for their strings. */
static bool is_but_case(const struct item *a, const struct item *b)
{
	return !strcmp(a->fact->name, "defined_name") && a->value && b->value &&
	       tally_address_same_words(a->value, strlen(a->value), b->value, strlen(b->value));
}

/* Other values at one place; without a place they are one thing only where there is one on either side */
static void join_changed(struct item **a, size_t m, struct item **b, size_t n)
{
	if (m != n || (m > 1 && !*a[0]->where))
		return;
	for (size_t i = 0; i < m; i++)
		pair(a[i], b[i], is_but_case(a[i], b[i]));
}

/* What people wrote is the same in every format. */
static bool is_written(const char *name)
{
	static const char *const names[] = { "author",  "last_modified_by", "title",
		                             "comment", "hidden_sheet",     "custom_property" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

/* Some are told in one way, whatever the format: at one place they are one thing. */
static void join_alike(struct item **a, size_t m, struct item **b, size_t n)
{
	const char *name = a[0]->fact->name;
	bool alike = !strcmp(name, "defined_name") || !strcmp(name, "data_validation");

	/* other files are numbers in one format, and addresses in the other */
	for (size_t i = 0; i < m && alike; i++)
		alike = !strstr(a[i]->fact->value, "file:///") && a[i]->fact->value[0] != '[';
	for (size_t i = 0; i < n && alike; i++)
		alike = !strstr(b[i]->fact->value, "file:///") && b[i]->fact->value[0] != '[';
	if (alike)
		join_changed(a, m, b, n);
}

static void join_by_number(struct item **a, size_t m, struct item **b, size_t n)
{
	if (is_written(a[0]->fact->name))
		return;
	for (size_t i = 0; i < m && i < n; i++)
		pair(a[i], b[i], true);
}

static void sort_all(struct work *w, int (*order)(const void *, const void *))
{
	for (int i = 0; i < 2; i++)
		sort(&w->side[i], order);
}

static void pair_equal(struct work *w)
{
	sort_all(w, by_value);
	walk(w, wholly, join_equal);
}

static void pair_moved(struct work *w)
{
	sort_all(w, by_value);
	walk(w, same_thing, join_moved);
}

static void pair_changed(struct work *w)
{
	sort_all(w, by_where);
	walk(w, same_place, join_changed);
}

/* As it is expected first, then as it is written */
static void pair_twice(struct work *w, void (*how)(struct work *))
{
	how(w);
	if (!w->addresses)
		return;
	use(w, use_written);
	how(w);
	use(w, use_expected);
}

/* What is known by more than its value: at the same place first. */
static void pair_alike(struct work *w)
{
	if (!w->alikes)
		return;
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < w->side[side].left_count; i++)
			if (w->side[side].left[i]->alike)
				w->side[side].left[i]->value = w->side[side].left[i]->alike;
	pair_equal(w);
	pair_moved(w);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < w->side[side].count; i++)
			use_expected(&w->side[side].items[i]);
}

/* ---- what a pair is ---- */

enum fit { FIT_SAME, FIT_STRAYED, FIT_OTHER };

static enum fit fit(const struct tally_fact_expected *expected, const char *written, const char *now)
{
	if (!by_text(expected->text, now))
		return FIT_SAME;
	if (by_text(written, now))
		return FIT_OTHER;
	return expected->strays ? FIT_STRAYED : FIT_SAME;
}

struct fits {
	enum fit value, where;
	bool by; /* the same who */
};

static struct fits fits_of(const struct item *item)
{
	const struct item *a = item->after ? item->other : item, *b = a->other;

	return (struct fits){ fit(&a->expected.value, a->fact->value, b->fact->value),
		              fit(&a->expected.where, a->written, b->written),
		              by_text(a->fact->by, b->fact->by) == 0 };
}

static void settle(struct work *w)
{
	for (size_t i = 0; i < w->side[0].count; i++) {
		struct item *item = &w->side[0].items[i];
		struct fits f;

		if (!item->other || item->equal)
			continue;
		f = fits_of(item);
		item->equal = item->other->equal = f.value == FIT_SAME && f.where == FIT_SAME && f.by;
	}
}

static void pair_all(struct work *w, bool other_format)
{
	pair_twice(w, pair_equal);
	if (other_format) {
		sort_all(w, by_where);
		walk(w, same_place, join_alike);
		sort_all(w, by_value);
		walk(w, by_name, join_by_number);
	}
	pair_twice(w, pair_moved);
	pair_alike(w);
	pair_twice(w, pair_changed);
	settle(w);
	use(w, use_written);
}

/* ---- what came out ---- */

static enum tally_fact_kind kind_of(const struct item *item)
{
	struct fits f;

	if (!item->other)
		return item->after ? TALLY_FACT_ADDED : TALLY_FACT_REMOVED;
	f = fits_of(item);
	if (!f.by || f.value == FIT_OTHER)
		return TALLY_FACT_CHANGED;
	if (f.value == FIT_STRAYED || f.where == FIT_STRAYED)
		return TALLY_FACT_STRAYED;
	return TALLY_FACT_MOVED;
}

/* A change is listed once: by the item of the after side where it has one */
static bool is_listed(const struct item *item)
{
	return !item->equal && (item->after || !item->other);
}

static struct tally_fact_change change_of(const struct item *item)
{
	enum tally_fact_kind kind = kind_of(item);

	return (struct tally_fact_change){
		.kind = kind,
		.elsewhere = kind == TALLY_FACT_CHANGED && fits_of(item).where != FIT_SAME,
		.before = item->after ? item->other ? item->other->fact : NULL : item->fact,
		.after = item->after ? item->fact : NULL
	};
}

static enum tally_status list_changes(struct work *w, struct tally_err *err)
{
	struct tally_facts_diff *d = w->out;
	size_t all = w->side[0].count + w->side[1].count, n = 0;

	w->listed = tally_alloc_zero(all, sizeof(struct item *));
	if (!w->listed)
		return tally_err_nomem(err);
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < w->side[side].count; i++)
			if (is_listed(&w->side[side].items[i]))
				w->listed[n++] = &w->side[side].items[i];
	if (n > 1)
		qsort(w->listed, n, sizeof *w->listed, by_where);
	d->changes = tally_alloc_zero(n, sizeof *d->changes);
	if (!d->changes)
		return tally_err_nomem(err);
	for (d->count = 0; d->count < n; d->count++)
		d->changes[d->count] = change_of(w->listed[d->count]);
	return TALLY_OK;
}

static void count(struct tally_fact_count *c, const struct item *item)
{
	c->before += !item->after;
	c->after += item->after;
	if (!is_listed(item))
		return;
	switch (kind_of(item)) {
	case TALLY_FACT_ADDED:
		c->added++;
		break;
	case TALLY_FACT_REMOVED:
		c->removed++;
		break;
	case TALLY_FACT_CHANGED:
	case TALLY_FACT_STRAYED:
		c->changed++;
		break;
	case TALLY_FACT_MOVED:
		c->moved++;
		break;
	}
}

static int by_name_only(const void *left, const void *right)
{
	return by_name(*(struct item *const *)left, *(struct item *const *)right);
}

static enum tally_status count_names(struct work *w, struct tally_err *err)
{
	struct tally_facts_diff *d = w->out;
	size_t all = w->side[0].count + w->side[1].count, n = 0;
	struct item **list = tally_alloc_zero(all, sizeof(struct item *));
	const struct item *last = NULL;
	enum tally_status st = TALLY_OK;

	for (int side = 0; list && side < 2; side++)
		for (size_t i = 0; i < w->side[side].count; i++)
			list[n++] = &w->side[side].items[i];
	if (list && n > 1)
		qsort(list, n, sizeof *list, by_name_only);
	for (size_t i = 0; list && i < n && st == TALLY_OK; last = list[i++]) {
		if (!last || by_name(last, list[i]) != 0) {
			if (!tally_grow(&d->counts, &w->counts_cap, d->count_count,
			                sizeof *d->counts)) {
				st = tally_err_nomem(err);
				break;
			}
			d->counts[d->count_count++] = (struct tally_fact_count){
				.name = list[i]->fact->name
			};
		}
		count(&d->counts[d->count_count - 1], list[i]);
	}
	tally_free(list);
	return list ? st : tally_err_nomem(err);
}

enum tally_status tally_facts_diff(struct tally_facts_diff **out, const struct tally_facts *before,
                                   const struct tally_facts *after,
                                   const struct tally_facts_options *options, struct tally_err *err)
{
	struct work w = { .out = tally_alloc_zero(1, sizeof *w.out) };
	enum tally_status st = TALLY_OK;

	tally_arena_init(&w.arena, 0);
	tally_buf_init(&w.scratch, ADDRESSES_MOST);
	if (!w.out || !take(&w, 0, before, options) || !take(&w, 1, after, options))
		st = tally_err_nomem(err);
	if (st == TALLY_OK) {
		pair_all(&w, options && options->other_format);
		st = list_changes(&w, err);
	}
	if (st == TALLY_OK)
		st = count_names(&w, err);
	for (int i = 0; i < 2; i++) {
		tally_free(w.side[i].items);
		tally_free(w.side[i].left);
	}
	tally_free(w.listed);
	tally_buf_release(&w.scratch);
	tally_arena_release(&w.arena);
	if (st < 0) {
		tally_facts_diff_free(w.out);
		return st;
	}
	*out = w.out;
	return TALLY_OK;
}

void tally_facts_diff_free(struct tally_facts_diff *diff)
{
	if (!diff)
		return;
	tally_free(diff->changes);
	tally_free(diff->counts);
	tally_free(diff);
}
