/* Laws of comparing tables, over random tables and random edits; and allocations that fail. */
#include <criterion/criterion.h>

#include "core/buf.h"
#include "support/faults.h"
#include "support/table_laws.h"
#include "support/text_part.h"

static unsigned seed;

static unsigned below(unsigned n)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % n;
}

enum { MOST = 200 };

struct row {
	char cells[4][16];
};

struct table {
	struct row rows[2 * MOST];
	int count;
};

static void fill_row(struct row *r, int id, unsigned kinds)
{
	snprintf(r->cells[0], sizeof r->cells[0], "%d", id);
	for (int k = 1; k < 4; k++)
		snprintf(r->cells[k], sizeof r->cells[k], "%c%u", "xyz "[below(4)], below(kinds));
}

static void make(struct table *t, bool keyed, unsigned kinds)
{
	t->count = (int)below(MOST);
	for (int i = 0; i < t->count; i++)
		fill_row(&t->rows[i], keyed ? i : (int)below(kinds), kinds);
}

static void edit(struct table *t, unsigned kinds)
{
	for (unsigned edits = below(12); edits > 0 && t->count > 1; edits--) {
		int at = (int)below((unsigned)t->count), to = (int)below((unsigned)t->count);
		struct row one = t->rows[at];

		switch (below(4)) {
		case 0:
			snprintf(t->rows[at].cells[1 + below(3)], 16, "e%u", below(1000));
			break;
		case 1:
			memmove(&t->rows[at], &t->rows[at + 1],
			        (size_t)(t->count - at - 1) * sizeof *t->rows);
			t->count--;
			break;
		case 2:
			memmove(&t->rows[at + 1], &t->rows[at],
			        (size_t)(t->count - at) * sizeof *t->rows);
			fill_row(&t->rows[at], 1000 + (int)below(1000), kinds);
			t->count++;
			break;
		default:
			memmove(&t->rows[at], &t->rows[at + 1],
			        (size_t)(t->count - at - 1) * sizeof *t->rows);
			memmove(&t->rows[to + 1], &t->rows[to],
			        (size_t)(t->count - to - 1) * sizeof *t->rows);
			t->rows[to] = one;
			break;
		}
	}
}

/* Whole rows, and some of their cells, are cleared in their places. */
static void clear(struct table *t)
{
	for (unsigned rows = below(5); rows > 0 && t->count > 0; rows--) {
		struct row *r = &t->rows[below((unsigned)t->count)];
		unsigned cells = below(3) ? 15 : below(16);

		for (int k = 0; k < 4; k++)
			if (cells >> k & 1)
				r->cells[k][0] = '\0';
	}
}

static struct tally_part *part_from(const struct table *t)
{
	struct tally_buf text;
	struct tally_part *part;

	tally_buf_init(&text, 1 << 20);
	tally_buf_text(&text, "id,a,b,c\n");
	for (int i = 0; i < t->count; i++)
		for (int k = 0; k < 4; k++)
			tally_buf_printf(&text, "%s%c", t->rows[i].cells[k], k < 3 ? ',' : '\n');
	part = text_part(text.bytes);
	tally_buf_release(&text);
	return part;
}

static void rounds(int count, bool keyed, const char *key, bool no_key)
{
	static struct table t;

	for (int round = 0; round < count; round++) {
		struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
		unsigned kinds = 2 + below(round % 2 ? 5 : 200);
		struct tally_part *before, *after;

		seed = (unsigned)round * 7919;
		make(&t, keyed, kinds);
		before = part_from(&t);
		edit(&t, kinds);
		after = part_from(&t);
		options.key = &key;
		options.key_count = key != NULL;
		options.no_key = no_key;
		laws_all(before, after, options);
		tally_part_free(before);
		tally_part_free(after);
	}
}

Test(table_laws, hold_with_a_key_given)
{
	rounds(400, true, "id", false);
}

Test(table_laws, hold_with_duplicate_keys)
{
	rounds(400, false, "id", false);
}

Test(table_laws, hold_with_an_inferred_key)
{
	rounds(400, true, NULL, false);
}

Test(table_laws, hold_without_a_key)
{
	rounds(400, true, NULL, true);
}

Test(table_laws, hold_without_a_key_for_rows_that_stand_there_twice)
{
	rounds(400, false, NULL, true);
}

Test(table_laws, hold_for_sheets_whose_cells_were_cleared)
{
	static struct table t;

	for (int round = 0; round < 800; round++) {
		struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
		unsigned kinds = 2 + below(round % 2 ? 5 : 200);
		struct tally_part *before, *after;

		seed = (unsigned)round * 104729;
		make(&t, round % 4 > 1, kinds);
		t.count = round % 3 ? t.count % 12 : t.count;
		clear(&t);
		before = part_from(&t);
		clear(&t);
		if (round % 5)
			edit(&t, kinds);
		after = part_from(&t);
		before->sheet = after->sheet = true;
		laws_all(before, after, options);
		tally_part_free(before);
		tally_part_free(after);
	}
}

/* Large enough for several chunks, parts and threads. */
Test(table_laws, hold_for_large_tables)
{
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;
	struct tally_buf a, b;
	struct tally_part *before, *after;

	tally_buf_init(&a, 64 << 20);
	tally_buf_init(&b, 64 << 20);
	tally_buf_text(&a, "id,v,w\n");
	tally_buf_text(&b, "id,v,w\n");
	for (unsigned i = 0; i < 90000; i++) {
		unsigned j = i ^ (i % 900 == 7 ? 64 : 0);

		tally_buf_printf(&a, "%u,v%u,%u\n", i, i % 977, i * 3);
		if (i % 5000 != 4)
			tally_buf_printf(&b, "%u,v%u,%u\n", j, j % 977, i % 3000 == 1 ? 1 : j * 3);
	}
	before = text_part(a.bytes);
	after = text_part(b.bytes);
	laws_all(before, after, options);
	options.no_key = true;
	laws_all(before, after, options);
	tally_part_free(before);
	tally_part_free(after);
	tally_buf_release(&a);
	tally_buf_release(&b);
}

static void fail_allocations(const char *old, const char *now, const char *key)
{
	struct text_part_options semicolons = { .delimiter = ';', .quoting = "all" };
	struct tally_part *before = text_part(old), *after = text_part(now), *other;
	char *in_semicolons = laws_copy(now, strlen(now));
	struct tally_table_options options = TALLY_TABLE_OPTIONS_INIT;

	options.key = &key;
	options.key_count = key != NULL;
	options.threads = 1;
	for (char *p = in_semicolons; *p; p++)
		*p = *p == ',' ? ';' : *p;
	other = text_part_of(in_semicolons, strlen(now), &semicolons);
	for (int round = 0; round < 2; round++) {
		FAULTS_EACH(f, TALLY_FAULT_ALLOC)
		{
			struct tally_table_diff *d = NULL;
			enum tally_status st = tally_table_diff(&d, before, round ? other : after,
			                                        &options, NULL);

			cr_assert_eq(st, faults_fired(&f) ? TALLY_FATAL : TALLY_OK,
			             "allocation %ld", f.nth);
			tally_table_diff_free(d);
		}
	}
	tally_part_free(before);
	tally_part_free(after);
	tally_part_free(other);
	free(in_semicolons);
}

Test(table_laws, allocations_that_fail_are_reported)
{
	const char *old = "id,a,b,gone\n1,x,1.5,p\n1,y,2.5,q\n3,z,3.5,r\n4,u,4.5,s\n5,v,5,t\n6,w,6,u\n";
	const char *now = "id,a,c,new\n4,u,4.5,k\n1,X,1.5,l\n1,y,2,m\n3,z,30.5,n\n7,v,5,o\n";

	fail_allocations(old, now, "id");
	fail_allocations(old, now, NULL);
	fail_allocations("id,n\n1,5\n2,4\n3,3\n4,2\n5,1\n", "id,n\n5,1\n4,2\n3,3\n2,4\n1,5\n", NULL);
	fail_allocations("id,n\n1,5\n2,4\n3,3\n4,2\n5,1\n", "id,n\n1,1\n2,2\n3,3\n4,4\n5,5\n", "id");
}
