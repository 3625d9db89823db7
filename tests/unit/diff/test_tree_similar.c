/* Contents that are nowhere as they were: similar ones, those in archives, and those of which nothing is known. */
#include "support/trees.h"

TestSuite(tree_similar, .init = trees_begin, .fini = trees_end);

/* ---- similarity ---- */

static void wanted(enum tally_side side, const char *should)
{
	size_t count;
	const uint32_t *w = tally_tree_diff_wanted(d, side, &count);

	tally_buf_clear(&out);
	for (size_t i = 0; i < count; i++) {
		diff_text_path(&out, side == TALLY_BEFORE ? before : after, w[i]);
		tally_buf_byte(&out, ' ');
	}
	same_text(out.bytes, should);
}

Test(tree_similar, unexplained_files_are_wanted)
{
	start("gone = aaaa\nmoved = bbbb\nstay = cccc\ne =\n",
	      "new = dddd\nhere = bbbb\nstay = cccc\nf =\n");
	wanted(TALLY_BEFORE, "gone ");
	wanted(TALLY_AFTER, "new ");
	start("gone = aaaa\n", "");
	wanted(TALLY_BEFORE, "");
	start("gone size=1000000 = a\n", "new size=10 = b\n");
	wanted(TALLY_BEFORE, "");
}

Test(tree_similar, a_file_made_from_another_name_wants_that_one)
{
	start("report.docx = aaaa\nother.docx = b\n",
	      "report.docx = aaaa\nother.docx = b\nreport_v2.docx = cccc\nreport.docx.bak = dddd\nzzz.docx = e\n");
	wanted(TALLY_BEFORE, "report.docx ");
	wanted(TALLY_AFTER, "report.docx.bak report_v2.docx ");
	sketch(TALLY_BEFORE, "report.docx", 1, 100);
	sketch(TALLY_AFTER, "report_v2.docx", 3, 100);
	sketch(TALLY_AFTER, "report.docx.bak", 1000, 100);
	finish();
	changes("added report.docx.bak\n"
	        "copied_edited report_v2.docx from report.docx by bytes\n"
	        "added zzz.docx\n");
}

Test(tree_similar, moved_and_edited_by_similarity)
{
	size_t count;

	start("a = aaaa\nb = bbbb\n", "p/x = cccc\np/y = dddd\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 60, 100);  /* 40 shared with a */
	sketch(TALLY_AFTER, "p/x", 50, 100); /* half of a, nine tenths of b */
	sketch(TALLY_AFTER, "p/y", 500, 100);
	finish();
	changes("deleted a lost sole\nadded p\nmoved_edited p/x from b edited by bytes\nadded p/y\n");
	cr_assert_eq(tally_tree_diff_changes(d, &count)[2].similarity, 900u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->moved_edited, 1u);
}

Test(tree_similar, the_best_similarity_goes_first)
{
	start("a = aaaa\nb = bbbb\n", "x = cccc\ny = dddd\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 20, 100);
	sketch(TALLY_AFTER, "x", 10, 100); /* 90 % of both */
	sketch(TALLY_AFTER, "y", 22, 100); /* 78 % of a, 98 % of b */
	finish();
	changes("moved_edited x from a edited by bytes\nmoved_edited y from b edited by bytes\n");
}

Test(tree_similar, a_second_edited_copy_is_a_copy)
{
	start("a = aaaa\n", "x = cccc\ny = dddd\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_AFTER, "x", 10, 100);
	sketch(TALLY_AFTER, "y", 20, 100);
	finish();
	changes("moved_edited x from a edited by bytes\ncopied_edited y from a by bytes\n");
}

Test(tree_similar, below_the_threshold_it_is_lost)
{
	options.similarity = 600;
	start("a = aaaa\n", "x = cccc\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_AFTER, "x", 41, 100);
	finish();
	changes("deleted a lost sole\nadded x\n");
}

Test(tree_similar, an_inode_is_a_hint_that_needs_more)
{
	/* not sketched: the name must speak for it */
	compare("a.txt inode=9 = aaaa\n", "d/a.txt inode=9 = cccc\n",
	        "added d\nmoved_edited d/a.txt from a.txt edited by inode\n");
	compare("a.txt inode=9 = aaaa\n", "d/b.txt inode=9 = cccc\n",
	        "deleted a.txt lost sole\nadded d\nadded d/b.txt\n");
}

Test(tree_similar, a_reused_inode_proves_nothing)
{
	start("a.txt inode=9 = aaaa\n", "b.txt inode=9 = cccc\n");
	sketch(TALLY_BEFORE, "a.txt", 0, 100);
	sketch(TALLY_AFTER, "b.txt", 95, 100);
	finish();
	changes("deleted a.txt lost sole\nadded b.txt\n");
	start("a.txt inode=9 = aaaa\n", "b.txt inode=9 = cccc\n");
	sketch(TALLY_BEFORE, "a.txt", 0, 100);
	sketch(TALLY_AFTER, "b.txt", 80, 100);
	finish();
	changes("moved_edited b.txt from a.txt edited by inode\n");
	compare("a.txt inode=9 = aaaa\n", "b.pdf inode=9 = cccc\n",
	        "deleted a.txt lost sole\nadded b.pdf\n");
}

Test(tree_similar, a_file_moved_over_another_and_edited)
{
	start("draft inode=1 = aaaa\nfinal inode=2 = bbbb\n", "final inode=1 = aaab\n");
	wanted(TALLY_BEFORE, "draft final ");
	wanted(TALLY_AFTER, "final ");
	sketch(TALLY_BEFORE, "draft", 0, 100);
	sketch(TALLY_BEFORE, "final", 500, 100);
	sketch(TALLY_AFTER, "final", 5, 100);
	finish();
	changes("moved_edited final from draft edited by inode over final lost sole\n");
}

static void picture(enum tally_side side, const char *path, uint32_t first)
{
	struct tally_piece pieces[100];
	struct tally_sketch s = { TALLY_SKETCH_PICTURE, false, 100, 1000, pieces };

	for (uint32_t i = 0; i < 100; i++)
		pieces[i] = (struct tally_piece){ first + i + 1, 10 };
	cr_assert_eq(tally_tree_diff_add_sketch(d, side,
	                                        tally_tree_find(side == TALLY_BEFORE ? before : after,
	                                                        path, strlen(path)),
	                                        &s, NULL),
	             TALLY_OK);
}

Test(tree_similar, a_picture_has_to_be_more_alike_than_paper)
{
	start("a.png = aaaa\nb.png = bbbb\n", "x.png = cccc\ny.png = dddd\n");
	picture(TALLY_BEFORE, "a.png", 0);
	picture(TALLY_BEFORE, "b.png", 1000);
	picture(TALLY_AFTER, "x.png", 30);
	picture(TALLY_AFTER, "y.png", 1020);
	finish();
	changes("deleted a.png lost sole\nadded x.png\nmoved_edited y.png from b.png edited by pixels\n");
}

/* ---- files that changed places ---- */

Test(tree_similar, a_file_renamed_over_a_deleted_one_and_edited)
{
	start("a = aaaa\nb = bbbb\n", "a = cccc\n");
	wanted(TALLY_BEFORE, "a b ");
	wanted(TALLY_AFTER, "a ");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 500, 100);
	sketch(TALLY_AFTER, "a", 510, 100);
	finish();
	changes("moved_edited a from b edited by bytes over a lost sole\n");
}

Test(tree_similar, a_swap_with_one_of_the_two_edited)
{
	start("a = aaaa\nb = bbbb\n", "a = bbbb\nb = cccc\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 500, 100);
	sketch(TALLY_AFTER, "b", 10, 100);
	finish();
	changes("moved a from b cycle 1\nmoved_edited b from a edited by bytes cycle 1\n");
}

Test(tree_similar, a_ring_with_all_of_them_edited)
{
	start("a = aaaa\nb = bbbb\nc = cccc\n", "a = dddd\nb = eeee\nc = ffff\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 500, 100);
	sketch(TALLY_BEFORE, "c", 900, 100);
	sketch(TALLY_AFTER, "b", 10, 100);
	sketch(TALLY_AFTER, "c", 510, 100);
	sketch(TALLY_AFTER, "a", 910, 100);
	finish();
	changes("moved_edited a from c edited by bytes cycle 1\nmoved_edited b from a edited by bytes "
	        "cycle 1\nmoved_edited c from b edited by bytes cycle 1\n");
}

Test(tree_similar, what_was_covered_is_found_where_it_went)
{
	start("a = aaaa\nb = bbbb\n", "a = cccc\nnew = dddd\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 500, 100);
	sketch(TALLY_AFTER, "a", 510, 100);
	sketch(TALLY_AFTER, "new", 10, 100);
	finish();
	changes("moved_edited a from b edited by bytes\nmoved_edited new from a edited by bytes\n");
}

Test(tree_similar, an_edited_copy_over_another_file)
{
	start("a = aaaa\nb = bbbb\nz size=1000000 = zzzz\n", "a = cccc\nb = dddd\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 500, 100);
	sketch(TALLY_AFTER, "a", 510, 100);
	sketch(TALLY_AFTER, "b", 501, 100);
	finish();
	changes("copied_edited a from b by bytes over a lost sole\nmodified b edited silent sole\n"
	        "deleted z lost sole\n");
}

/* Archives were not searched, so that nobody knows whether it is lost. */
Test(tree_similar, where_nothing_went_a_path_keeps_its_file)
{
	start("a = aaaa\nb = bbbb\n", "a = cccc\nb = dddd\n");
	cr_assert_not(tally_tree_diff_has_missing(d));
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 500, 100);
	sketch(TALLY_AFTER, "a", 510, 100);
	sketch(TALLY_AFTER, "b", 501, 100);
	finish();
	changes("modified a edited silent sole\nmodified b edited silent sole\n");
}

Test(tree_similar, a_file_stays_at_its_path_unless_another_is_far_nearer)
{
	start("a = aaaa\nb = bbbb\n", "a = cccc\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 30, 100);
	sketch(TALLY_AFTER, "a", 17, 100); /* 83 % of what it was, 87 % of the other */
	finish();
	changes("modified a edited silent sole\ndeleted b lost sole\n");
}

Test(tree_similar, of_many_modified_files_only_hinted_ones_are_wanted)
{
	struct tally_buf from, to;

	tally_buf_init(&from, SIZE_MAX / 2);
	tally_buf_init(&to, SIZE_MAX / 2);
	for (unsigned i = 100; i < 200; i++) {
		tally_buf_printf(&from, "f%u size=%u = a%u\n", i, i * 100, i);
		tally_buf_printf(&to, "f%u size=%u = b%u\n", i,
		                 i == 120   ? 18001
		                 : i == 180 ? 12003
		                            : i * 100 + 2,
		                 i);
	}
	cr_assert(tally_buf_byte(&from, '\0') && tally_buf_byte(&to, '\0'));
	start(from.bytes, to.bytes);
	wanted(TALLY_BEFORE, "f120 f180 ");
	wanted(TALLY_AFTER, "f120 f180 ");
	tally_buf_release(&from);
	tally_buf_release(&to);
}

Test(tree_similar, a_broken_sketch_is_refused)
{
	struct tally_piece pieces[2] = { { 5, 1 }, { 4, 1 } };
	struct tally_sketch s = { TALLY_SKETCH_BYTES, false, 2, 2, pieces };

	start("a = aaaa\n", "x = cccc\n");
	cr_assert_eq(tally_tree_diff_add_sketch(d, TALLY_BEFORE, 0, &s, NULL), TALLY_SKIP);
	pieces[1].hash = 6;
	cr_assert_eq(tally_tree_diff_add_sketch(d, TALLY_BEFORE, 7, &s, NULL), TALLY_SKIP);
	cr_assert_eq(tally_tree_diff_add_sketch(d, TALLY_BEFORE, 0, &s, NULL), TALLY_OK);
}

/* ---- archives ---- */

Test(tree_similar, what_was_packed_and_deleted_survives_inside)
{
	start("a = aaaa\nb = bbbb\nm = mmmm\n", "m = nnnn\nz.zip = zzzz\n");
	cr_assert(tally_tree_diff_has_missing(d));
	member(TALLY_AFTER, "z.zip", "in/a", "aaaa");
	member(TALLY_AFTER, "z.zip", "old/m", "mmmm");
	member(TALLY_AFTER, "z.zip", "other", "unrelated");
	finish();
	changes("deleted a inside_archive at z.zip:in/a\n"
	        "deleted b lost sole\n"
	        "modified m inside_archive at z.zip:old/m silent\n"
	        "added z.zip\n");
	cr_assert_eq(fate(TALLY_FATE_INSIDE_ARCHIVE), 2u);
}

Test(tree_similar, what_was_unpacked_came_from_the_archive)
{
	start("z.zip = zzzz\n", "a = aaaa\nb = bbbb\nz.zip = zzzz\n");
	cr_assert_not(tally_tree_diff_has_missing(d));
	member(TALLY_BEFORE, "z.zip", "in/a", "aaaa");
	finish();
	changes("copied a from z.zip:in/a\nadded b\n");
}

static void listed(const char *archive, bool whole)
{
	uint32_t entry = tally_tree_find(before, archive, strlen(archive));

	cr_assert_eq(tally_tree_diff_listed(d, entry, whole, NULL), TALLY_OK);
}

Test(tree_similar, what_lies_whole_in_an_archive_became_no_other_file)
{
	size_t count;

	start("a = aaaaaaaa\n", "b = bbbbbbbb\nz.zip = zzzzzzzz\n");
	member(TALLY_AFTER, "z.zip", "in/a", "aaaaaaaa");
	cr_assert_eq(tally_tree_diff_members_done(d, NULL), TALLY_OK);
	tally_tree_diff_wanted(d, TALLY_BEFORE, &count);
	cr_assert_eq(count, 0u);
	sketch(TALLY_BEFORE, "a", 1, 100);
	sketch(TALLY_AFTER, "b", 1, 100);
	finish();
	changes("deleted a inside_archive at z.zip:in/a\nadded b\nadded z.zip\n");
}

Test(tree_similar, what_is_unlike_all_others_pairs_with_none)
{
	start("a = aaaaaaaa\n", "x.tar = xxxxxxxx\n");
	tally_tree_diff_unlike(d, TALLY_AFTER, 0);
	sketch(TALLY_BEFORE, "a", 1, 100);
	sketch(TALLY_AFTER, "x.tar", 1, 100);
	finish();
	changes("deleted a lost sole\nadded x.tar\n");
}

Test(tree_similar, an_archive_that_went_once_all_was_out_is_not_lost)
{
	start("a = aaaa\nz.zip = zzzz\n", "a = aaaa\nb = bbbb\n");
	cr_assert(tally_tree_diff_is_gone(d, 1));
	member(TALLY_BEFORE, "z.zip", "a", "aaaa");
	member(TALLY_BEFORE, "z.zip", "in/b", "bbbb");
	member(TALLY_BEFORE, "z.zip", "empty", "");
	listed("z.zip", true);
	finish();
	changes("added b from z.zip:in/b\ndeleted z.zip unpacked\n");
	cr_assert_eq(fate(TALLY_FATE_UNPACKED), 1u);
	cr_assert_eq(tally_tree_diff_contents(d, false)->new_contents, 0u);
}

Test(tree_similar, an_archive_that_went_with_what_is_not_out_is_lost)
{
	const char *gone = "added b from z.zip:b\ndeleted z.zip lost sole\n";

	start("z.zip = zzzz\n", "b = bbbb\n");
	member(TALLY_BEFORE, "z.zip", "b", "bbbb");
	member(TALLY_BEFORE, "z.zip", "c", "cccc");
	listed("z.zip", true);
	finish();
	changes(gone);
	start("z.zip = zzzz\n", "b = bbbb\n");
	member(TALLY_BEFORE, "z.zip", "b", "bbbb");
	listed("z.zip", false); /* there may be more in it */
	finish();
	changes(gone);
	start("z.zip = zzzz\n", "b = bbbb\n");
	listed("z.zip", true);
	finish();
	changes("added b\ndeleted z.zip lost sole\n");
}

Test(tree_similar, what_came_out_is_a_copy_as_long_as_its_content_is_in_an_archive)
{
	start("y.zip = yyyy\nz.zip = zzzz\n", "b = bbbb\nz.zip = zzzz\n");
	member(TALLY_BEFORE, "y.zip", "b", "bbbb");
	member(TALLY_BEFORE, "z.zip", "b", "bbbb");
	finish();
	changes("copied b from z.zip:b\ndeleted y.zip lost sole\n");
	start("z.zip = zzzz\n", "b = bbbb\nz.zip = yyyy\n");
	member(TALLY_BEFORE, "z.zip", "b", "bbbb");
	member(TALLY_AFTER, "z.zip", "b", "bbbb");
	finish();
	changes("copied b from z.zip:b\nmodified z.zip edited silent sole\n");
}

Test(tree_similar, replaced_content_may_be_in_an_archive_that_was_not_searched)
{
	size_t count;

	start("m = mmmm\nz.zip = zzzz\n", "m = nnnn\nz.zip = zzzz\n");
	cr_assert_not(tally_tree_diff_has_missing(d));
	cr_assert(tally_tree_diff_has_new(d));
	cr_assert_eq(tally_tree_diff_unsearched(d, 1, TALLY_REASON_ENCRYPTED, 0, NULL), TALLY_OK);
	finish();
	cr_assert(tally_tree_diff_changes(d, &count)[0].flags & TALLY_CHANGE_UNSOUGHT);
	cr_assert_eq(fate(TALLY_FATE_EDITED), 1u);
}

Test(tree_similar, an_archive_that_was_not_searched_leaves_it_open)
{
	struct tally_digest digest;

	start("a = aaaa\n", "y.zip = y\nz.zip = zzzz\n");
	digest = before->entries[0].digest;
	cr_assert(tally_tree_diff_is_missing(d, &digest, 4));
	cr_assert_not(tally_tree_diff_is_missing(d, &digest, 5));
	cr_assert_eq(tally_tree_diff_unsearched(d, 1, TALLY_REASON_ENCRYPTED, 0, NULL), TALLY_OK);
	cr_assert_eq(tally_tree_diff_unsearched(d, 0, TALLY_REASON_DAMAGED, 0, NULL), TALLY_OK);
	finish();
	changes("deleted a unproven because damaged sole\nadded y.zip\nadded z.zip\n");
}

Test(tree_similar, an_archive_holds_only_what_fits)
{
	const uint64_t gb = 1000000000, most = UINT64_MAX;

	cr_assert(tally_archive_may_hold(100, 0, gb, 0), "nothing is known of it");
	cr_assert(tally_archive_may_hold(1000, 1032, 1032000, 0));
	cr_assert_not(tally_archive_may_hold(1000, 1032, 1034000, 0));
	cr_assert(tally_archive_may_hold(most, 10000, most, 0));
	cr_assert_not(tally_archive_may_hold(1, 10000, most, 0));
	cr_assert(tally_archive_may_hold(1000, 0, gb, 4000), "a quarter of what a fast packer needs");
	cr_assert_not(tally_archive_may_hold(999, 0, gb, 4000));
	cr_assert_not(tally_archive_may_hold(999, 10000, 5000, 4000));
	cr_assert(tally_archive_may_hold(0, 0, 0, 0));
}

static uint64_t packed_size(void *payload, uint32_t entry)
{
	(void)payload;
	return before->entries[entry].size;
}

Test(tree_similar, an_archive_too_small_for_it_leaves_nothing_open)
{
	options.packed = packed_size;
	start("a size=400 = aaaa\nb size=4000 = bbbb\n", "y.zip size=100 = y\nz.zip size=50 = z\n");
	cr_assert(tally_tree_diff_may_hide(d, 0, 1032));
	cr_assert_not(tally_tree_diff_may_hide(d, 1, 1032));
	cr_assert_eq(tally_tree_diff_unsearched(d, 0, TALLY_REASON_ENCRYPTED, 1032, NULL), TALLY_OK);
	cr_assert_eq(tally_tree_diff_unsearched(d, 1, TALLY_REASON_DAMAGED, 1032, NULL), TALLY_OK);
	finish();
	changes("deleted a unproven because encrypted sole\ndeleted b lost sole\nadded y.zip\nadded z.zip\n");
}

Test(tree_similar, on_another_disk_or_behind_a_link_nothing_is_known_to_be_lost)
{
	struct tally_err err;

	for (int i = 0; i < 3; i++) {
		trees_end();
		options.same_disk = i < 2;
		before = tree_from_text("a = 1\n");
		after = tree_from_text("");
		before->dirs[0].device = 5;
		after->dirs[0].device = i == 1 ? 0 : 6;
		after->dirs[0].state = i == 1 ? TALLY_ROOT_LINK : TALLY_ROOT_FOLDER;
		cr_assert_eq(tally_tree_diff_new(&d, before, after, &options, &err), TALLY_OK);
		finish();
		cr_assert_eq(tally_tree_diff_root_elsewhere(d, 0), i == 0);
		changes(i == 0   ? "deleted a unproven because other_mount sole\n"
		        : i == 1 ? "deleted a unproven because not_reached sole\n"
		                 : "deleted a lost sole\n");
	}
}

Test(tree_similar, an_unread_file_of_another_size_shows_it)
{
	compare("a size=4 mode=644 ! permission\n", "a size=12 mode=0 ! permission\n",
	        "unverified a unproven because permission side 3 +mode\n");
	cr_assert(tally_tree_diff_changes(d, &(size_t){ 0 })[0].fields & TALLY_FIELD_SIZE);
}
