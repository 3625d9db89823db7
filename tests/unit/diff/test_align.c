/* The sequence aligner: what comes out is valid, is short where that is affordable, and ends in time. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"
#include "diff/align.h"
#include "support/faults.h"

static unsigned seed = 1;

static unsigned below(unsigned n)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % n;
}

static struct tally_align_input input(const uint64_t *a, size_t na, const uint64_t *b, size_t nb)
{
	return (struct tally_align_input){
		.before = a, .after = b, .before_count = na, .after_count = nb
	};
}

/* Rising on both sides, equal elements only. @return elements matched */
static size_t check_runs(const struct tally_runs *r, const struct tally_align_input *in)
{
	size_t sum = 0, i = 0, j = 0;

	for (size_t k = 0; k < r->count; k++) {
		const struct tally_run *run = &r->runs[k];

		cr_assert(run->count > 0 && run->before >= i && run->after >= j);
		cr_assert(k == 0 || run->before > i || run->after > j, "runs that touch are one");
		i = run->before + run->count;
		j = run->after + run->count;
		cr_assert(i <= in->before_count && j <= in->after_count);
		for (size_t n = 0; n < run->count; n++)
			cr_assert_eq(in->before[run->before + n], in->after[run->after + n]);
		sum += run->count;
	}
	return sum;
}

static size_t longest_common(const uint64_t *a, size_t na, const uint64_t *b, size_t nb)
{
	size_t table[64][64] = { { 0 } };

	for (size_t i = 0; i < na; i++)
		for (size_t j = 0; j < nb; j++)
			table[i + 1][j + 1] = a[i] == b[j]                        ? table[i][j] + 1
			                      : table[i][j + 1] > table[i + 1][j] ? table[i][j + 1]
			                                                          : table[i + 1][j];
	return table[na][nb];
}

static size_t align(const struct tally_align_input *in, struct tally_runs *runs)
{
	cr_assert_eq(tally_align(runs, in, NULL), TALLY_OK);
	return check_runs(runs, in);
}

Test(align, equal_and_empty_sequences)
{
	uint64_t a[] = { 1, 2, 3 };
	struct tally_align_input in = input(a, 3, a, 3);
	struct tally_runs runs;

	cr_assert_eq(align(&in, &runs), 3);
	cr_assert_eq(runs.count, 1);
	tally_runs_release(&runs);
	in = input(a, 0, a, 3);
	cr_assert_eq(align(&in, &runs), 0);
	tally_runs_release(&runs);
	in = input(NULL, 0, NULL, 0);
	cr_assert_eq(align(&in, &runs), 0);
	tally_runs_release(&runs);
}

Test(align, small_sequences_are_aligned_at_their_longest)
{
	for (int round = 0; round < 20000; round++) {
		uint64_t a[12], b[12];
		size_t na = below(13), nb = below(13);
		unsigned kinds = 1 + below(6);
		struct tally_align_input in = input(a, na, b, nb);
		struct tally_runs runs;

		for (size_t i = 0; i < na; i++)
			a[i] = below(kinds);
		for (size_t i = 0; i < nb; i++)
			b[i] = below(kinds);
		cr_assert_eq(align(&in, &runs), longest_common(a, na, b, nb), "round %d", round);
		cr_assert_not(runs.approximate);
		tally_runs_release(&runs);
	}
}

Test(align, random_edits_keep_what_was_not_edited)
{
	for (int round = 0; round < 200; round++) {
		uint64_t a[1000], b[2000];
		size_t nb = 0, kept = 0;
		struct tally_runs runs;
		struct tally_align_input in;

		for (size_t i = 0; i < 1000; i++) {
			a[i] = below(400);
			if (below(20) == 0)
				continue;
			if (below(20) == 0)
				b[nb++] = 1000 + below(1000);
			b[nb++] = a[i];
			kept++;
		}
		in = input(a, 1000, b, nb);
		cr_assert_geq(align(&in, &runs) + 10, kept, "round %d", round);
		tally_runs_release(&runs);
	}
}

static bool odd_ones(void *payload, size_t before, size_t after)
{
	(void)after;
	++*(int *)payload;
	return before % 2;
}

Test(align, equality_is_verified_once_a_pair)
{
	uint64_t a[] = { 1, 2, 3, 4, 5 };
	int asked = 0;
	struct tally_align_input in = input(a, 5, a, 5);
	struct tally_runs runs;

	in.equal = odd_ones;
	in.payload = &asked;
	cr_assert_eq(align(&in, &runs), 2);
	cr_assert_eq(runs.count, 2);
	cr_assert_eq(asked, 5);
	tally_runs_release(&runs);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

Test(align, time_does_not_grow_faster_than_a_long_sequence_of_few_values)
{
	enum { N = 600000 };
	uint64_t *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b);
	double start = seconds();
	struct tally_align_input in = input(a, N, b, N);
	struct tally_runs runs;

	for (size_t i = 0; i < N; i++) {
		a[i] = below(50);
		b[i] = below(50);
	}
	cr_assert_gt(align(&in, &runs), N / 10);
	tally_runs_release(&runs);
	cr_assert_lt(seconds() - start, 18);
	free(a);
	free(b);
}

/* Sequences without anchors, made to be slow. */
Test(align, the_worst_ends_in_time_and_says_that_it_is_approximate)
{
	enum { N = 100000 };
	uint64_t *a = malloc(N * sizeof *a), *b = malloc(N * sizeof *b);
	double start = seconds();
	struct tally_align_input in = input(a, N, b, N);
	struct tally_runs runs;

	for (size_t i = 0; i < N; i++) {
		a[i] = below(50);
		b[i] = below(50);
	}
	cr_assert_gt(align(&in, &runs), N / 10);
	cr_assert(runs.approximate);
	tally_runs_release(&runs);
	for (size_t i = 0; i < N; i++) {
		a[i] = i;
		b[i] = N - i;
	}
	cr_assert_geq(align(&in, &runs), 1);
	tally_runs_release(&runs);
	cr_assert_lt(seconds() - start, 20);
	free(a);
	free(b);
}

Test(align, longest_rising_is_longest)
{
	for (int round = 0; round < 5000; round++) {
		uint32_t v[10];
		uint8_t in[10];
		size_t n = below(11), best = 0, got = 0;
		uint32_t last = 0;

		for (size_t i = 0; i < n; i++)
			v[i] = 1 + below(12);
		for (unsigned set = 0; set < 1U << n; set++) {
			size_t count = 0;
			uint32_t top = 0;

			for (size_t i = 0; i < n; i++) {
				if (!(set >> i & 1))
					continue;
				count = v[i] > top ? count + 1 : 0;
				top = v[i] > top ? v[i] : UINT32_MAX;
			}
			best = count > best && top != UINT32_MAX ? count : best;
		}
		cr_assert_eq(tally_longest_rising(v, n, in, NULL), TALLY_OK);
		for (size_t i = 0; i < n; i++) {
			cr_assert(!in[i] || v[i] > last);
			last = in[i] ? v[i] : last;
			got += in[i];
		}
		cr_assert_eq(got, best);
	}
}

Test(align, allocations_that_fail_are_reported)
{
	uint64_t a[100], b[100];

	for (size_t i = 0; i < 100; i++) {
		a[i] = i;
		b[i] = i * 7 % 100;
	}
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_align_input in = input(a, 100, b, 100);
		struct tally_runs runs;
		enum tally_status st = tally_align(&runs, &in, NULL);

		cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK);
		if (st == TALLY_OK)
			tally_runs_release(&runs);
	}
}
