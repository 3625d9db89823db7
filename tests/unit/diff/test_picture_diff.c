/* Two pictures at their grids of points: the same, nearly, in part, turned, another. */
#include <criterion/criterion.h>
#include <string.h>

#include "diff/picture_diff.h"

enum { GRID = TALLY_PICTURE_GRID };

static struct tally_picture a, b;
static struct tally_picture_diff d;

static void fill(struct tally_picture *p, unsigned seed)
{
	*p = (struct tally_picture){ .width = 400, .height = 300, .turn = 1 };
	p->pixels.bytes[0] = (unsigned char)seed;
	for (unsigned y = 0; y < GRID; y++)
		for (unsigned x = 0; x < GRID; x++)
			for (unsigned c = 0; c < TALLY_PICTURE_CHANNELS; c++)
				p->points[y][x][c] = (uint8_t)((x * 7 + y * 13 * seed + c * 31) &
				                               0xff);
}

static void both(void)
{
	fill(&a, 1);
	fill(&b, 1);
	b.pixels.bytes[0] = 2;
}

TestSuite(picture_diff, .init = both);

Test(picture_diff, only_the_digest_makes_two_the_same)
{
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_NEAR);
	b.pixels = a.pixels;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_SAME);
	cr_expect_str_eq(tally_picture_kin_name(d.kin), "same");
}

Test(picture_diff, a_little_everywhere_is_near_and_much_at_a_few_points_is_in_part)
{
	for (unsigned i = 0; i < GRID; i++)
		b.points[i][i][0] ^= 4;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_NEAR);
	cr_expect_eq(d.most, 4);
	b.points[3][4][1] ^= 0x80;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_PARTLY);
	cr_expect_eq(d.points, 1);
	cr_expect_eq(d.most, 128);
}

/* a saving with loss changes a little everywhere, and more of single pixels */
Test(picture_diff, in_a_small_picture_losses_may_be_larger)
{
	for (unsigned i = 0; i < GRID * GRID; i++)
		b.points[i / GRID][i % GRID][0] ^= 1;
	b.points[3][4][1] ^= 0x10;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_NEAR);
	b.points[3][4][1] ^= 0x70;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_PARTLY);
	cr_expect_eq(d.points, 1);

	both();
	for (unsigned i = 0; i < GRID * GRID; i++)
		b.points[i / GRID][i % GRID][0] ^= 1;
	b.points[3][4][1] ^= 0x10;
	a.width = b.width = 4000;
	a.height = b.height = 3000;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_PARTLY);
}

Test(picture_diff, what_is_as_it_was_at_most_points_was_edited)
{
	b.points[3][4][1] ^= 0x10;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_PARTLY);
}

Test(picture_diff, another_picture)
{
	fill(&b, 3);
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_OTHER);
}

Test(picture_diff, another_shape_is_another_picture_and_another_size_is_not)
{
	b.width = 800;
	b.height = 600;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_NEAR);
	cr_expect(d.resized);
	b.height = 700;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_OTHER);
}

Test(picture_diff, one_colour_all_over_is_no_part_of_another_picture)
{
	memset(a.points, 255, sizeof a.points);
	memset(b.points, 255, sizeof b.points);
	b.points[3][4][1] = 0;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_OTHER);
}

/* what is stored, turned to what is shown, is the first picture again */
static void store_turned(unsigned turn)
{
	const unsigned last = GRID - 1;

	b = a;
	b.turn = (uint8_t)turn;
	b.pixels.bytes[0] = 9;
	if (turn > 4) {
		b.width = a.height;
		b.height = a.width;
	}
	for (unsigned y = 0; y < GRID; y++)
		for (unsigned x = 0; x < GRID; x++) {
			const unsigned at[9][2] = { { 0, 0 },        { y, x },
				                    { y, last - x }, { last - y, last - x },
				                    { last - y, x }, { x, y },
				                    { last - x, y }, { last - x, last - y },
				                    { x, last - y } };

			memcpy(b.points[at[turn][0]][at[turn][1]], a.points[y][x],
			       TALLY_PICTURE_CHANNELS);
		}
}

Test(picture_diff, pictures_are_compared_as_they_are_shown)
{
	for (unsigned turn = 1; turn <= TALLY_PICTURE_TURNS; turn++) {
		store_turned(turn);
		tally_picture_compare(&d, &a, &b);
		cr_expect_eq(d.kin, TALLY_PICTURE_NEAR, "%u", turn);
		cr_expect_eq(d.most, 0, "%u", turn);
		cr_expect(!d.resized, "%u", turn);
	}
}

Test(picture_diff, the_same_pixels_may_be_shown_another_way_round)
{
	b.pixels = a.pixels;
	b.turn = 6;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_TURNED);
}

/* ---- squares ---- */

enum { SQUARES = 40 }; /* from side to side */

static uint8_t light[2][SQUARES][SQUARES];

/* Two pages with a line of letters, whose points are equal. */
static void two_pages(void)
{
	for (int i = 0; i < 2; i++) {
		struct tally_picture *p = i ? &b : &a;

		memset(light[i], 255, sizeof light[i]);
		for (unsigned x = 5; x < 30; x += 3)
			light[i][10][x] = light[i][11][x] = 20;
		p->width = p->height = SQUARES * 4 - 1;
		p->squares = (struct tally_picture_squares){ 4, SQUARES, SQUARES, light[i][0] };
	}
}

Test(picture_diff, a_letter_that_no_point_shows_is_found_where_it_is)
{
	two_pages();
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_NEAR);
	cr_expect(d.closely);
	cr_expect_eq(d.area.width, 0);
	for (unsigned y = 20; y < 23; y++)
		light[1][y][39] = 0;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_PARTLY);
	cr_expect_eq(d.most, 255);
	cr_expect(d.points >= 1);
	cr_expect(d.area.x == 156 && d.area.y == 80 && d.area.width == 3 && d.area.height == 12,
	          "%u %u %u %u", d.area.x, d.area.y, d.area.width, d.area.height);
}

Test(picture_diff, a_letter_that_went_is_found_as_well)
{
	two_pages();
	for (unsigned y = 20; y < 23; y++)
		light[0][y][7] = 0;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_PARTLY);
	cr_expect_eq(d.area.x, 28);
}

Test(picture_diff, edges_that_fall_on_the_next_square_and_single_ones_are_noise)
{
	two_pages();
	memmove(light[1][0] + SQUARES, light[1][0], sizeof light[1] - SQUARES); /* one lower */
	light[1][30][30] = 0;
	light[1][35][5] = 0;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_NEAR);
}

Test(picture_diff, another_size_or_way_round_is_not_compared_closely)
{
	two_pages();
	for (unsigned y = 20; y < 23; y++)
		light[1][y][39] = 0;
	b.width = b.height = 2 * a.width;
	tally_picture_compare(&d, &a, &b);
	cr_expect_eq(d.kin, TALLY_PICTURE_NEAR);
	cr_expect_not(d.closely);
	b.width = b.height = a.width;
	b.turn = 2;
	tally_picture_compare(&d, &a, &b);
	cr_expect_not(d.closely);
}
