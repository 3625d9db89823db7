/* Contents of columns that changed places under their headers. */
#include "diff/table_columns.h"

/* The columns whose contents their name does not promise. */
static size_t find_strange(const struct tally_contents *x, size_t *strange, size_t cap)
{
	size_t count = 0;

	for (size_t k = 0; k < x->count[0] && count < cap; k++) {
		const struct tally_column_sketch *a = &x->sketch[0].of[k], *b = &x->sketch[1].of[k];

		if (a->filled >= 3 && b->filled >= 3 &&
		    tally_column_similarity(a, b) < TALLY_COLUMN_STRANGE)
			strange[count++] = k;
	}
	return count;
}

enum { STRANGE_MOST = 64 };

/* @return index into strange of the one column that has these contents now, or SIZE_MAX */
static size_t where_now(const struct tally_contents *x, const size_t *strange, size_t count, size_t k)
{
	unsigned best = 0, second = 0;
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < count; i++) {
		unsigned similar = i == k ? 0
		                          : tally_column_similarity(&x->sketch[0].of[strange[k]],
		                                                    &x->sketch[1].of[strange[i]]);

		if (similar > best) {
			second = best;
			best = similar;
			found = i;
		} else if (similar > second) {
			second = similar;
		}
	}
	return best >= TALLY_COLUMN_SURE && best >= second + TALLY_COLUMN_MARGIN ? found : SIZE_MAX;
}

enum tally_status tally_match_swapped(struct tally_matching *m, struct tally_err *err)
{
	size_t strange[STRANGE_MOST], now[STRANGE_MOST], from[STRANGE_MOST];
	struct tally_contents x;
	enum tally_status st = tally_contents_init(&x, m, TALLY_COLUMNS_MATCHED, TALLY_GLANCE_ROWS,
	                                           TALLY_GLANCE_CELLS, err);
	size_t count = st == TALLY_OK && x.count[0] ? find_strange(&x, strange, STRANGE_MOST) : 0;

	for (size_t k = 0; k < count; k++)
		from[k] = SIZE_MAX;
	for (size_t k = 0; k < count; k++) {
		now[k] = where_now(&x, strange, count, k);
		if (now[k] != SIZE_MAX)
			from[now[k]] = from[now[k]] == SIZE_MAX ? k : SIZE_MAX - 1;
	}
	for (size_t k = 0; k < count; k++) {
		size_t at = k, steps = 0;

		/* only whole cycles: each one's contents must be in another of them */
		while (steps <= count && now[at] != SIZE_MAX && from[now[at]] == at) {
			at = now[at];
			steps++;
			if (at == k)
				break;
		}
		if (at == k && steps > 1)
			m->content[x.list[0][strange[k]]] = x.list[1][strange[now[k]]];
	}
	tally_contents_release(&x);
	return st;
}
