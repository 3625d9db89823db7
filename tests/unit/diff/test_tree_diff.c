/* Comparing trees: every kind and fate, ties, cycles, absences, folds, hazards and the ledger. */
#include <criterion/criterion.h>

#include "support/faults.h"
#include "support/random.h"
#include "support/tree_laws.h"
#include "support/tree_text.h"

static struct tally_tree *before, *after;
static struct tally_tree_diff *d;
static struct tally_buf out;
static struct tally_tree_diff_options options;

static void begin(void)
{
	options = (struct tally_tree_diff_options)TALLY_TREE_DIFF_OPTIONS_INIT;
	tally_buf_init(&out, 1 << 24);
}

static void end(void)
{
	tally_tree_diff_free(d);
	tally_tree_free(before);
	tally_tree_free(after);
	tally_buf_release(&out);
	d = NULL;
	before = after = NULL;
}

TestSuite(tree_diff, .init = begin, .fini = end);

static void start(const char *b, const char *a)
{
	struct tally_err err;

	end();
	before = tree_from_text(b);
	after = tree_from_text(a);
	cr_assert_eq(tally_tree_diff_new(&d, before, after, &options, &err), TALLY_OK);
}

static void finish(void)
{
	struct tally_err err;

	cr_assert_eq(tally_tree_diff_finish(d, &err), TALLY_OK, "%s", err.message);
}

static void same_text(const char *is, const char *should)
{
	cr_assert_str_eq(is ? is : "", should, "is:\n%s\nshould be:\n%s", is ? is : "", should);
}

static void changes(const char *should)
{
	tally_buf_clear(&out);
	diff_text_changes(&out, d, before, after);
	same_text(out.bytes, should);
}

static void folds(const char *should)
{
	tally_buf_clear(&out);
	diff_text_folds(&out, d, before, after);
	same_text(out.bytes, should);
}

static void compare(const char *b, const char *a, const char *should)
{
	start(b, a);
	finish();
	changes(should);
}

static uint64_t fate(enum tally_fate f)
{
	return tally_tree_diff_contents(d, false)->by_fate[f];
}

/* ---- same path ---- */

static uint32_t opposite(enum tally_side side, const char *path)
{
	const struct tally_tree *mine = side == TALLY_BEFORE ? before : after;

	return tally_tree_diff_opposite(d, side, tally_tree_find(mine, path, strlen(path)));
}

Test(tree_diff, what_stands_at_one_path_is_found_from_either_side)
{
	start("edited = 1\nexcluded ! excluded\ngone = 2\nmeta mode=600 = 3\nstay = 4\n",
	      "edited = 5\nmeta mode=644 = 3\nnew = 2\nstay = 4\n");
	for (uint32_t i = 0; i < after->entry_count; i++) {
		const char *name = after->entries[i].name;
		uint32_t there = tally_tree_find(before, name, strlen(name));

		cr_assert_eq(opposite(TALLY_AFTER, name), there, "%s", name);
		cr_assert(there == TALLY_NO_INDEX || opposite(TALLY_BEFORE, name) == i, "%s", name);
		cr_assert_eq(tally_tree_diff_differs(d, TALLY_AFTER, i),
		             name[0] == 'e' || name[0] == 'n', "%s", name);
	}
	cr_assert_eq(opposite(TALLY_BEFORE, "gone"), TALLY_NO_INDEX);
	cr_assert_eq(opposite(TALLY_BEFORE, "excluded"), TALLY_NO_INDEX);
}

Test(tree_diff, a_tree_against_itself_is_empty)
{
	const char *text = "a/x = one\na/y = one\nb/e =\nl -> x\np |\nE/\ne/\n";

	compare(text, text, "");
	folds("");
	cr_assert_eq(tally_tree_diff_balance(d, false)->unchanged, 3u);
	cr_assert_eq(tally_tree_diff_balance(d, true)->unchanged, 6u);
	cr_assert_eq(tally_tree_diff_contents(d, false)->before, 1u, "empty files have no content");
	cr_assert_eq(fate(TALLY_FATE_SAME_PLACE), 1u);
	cr_assert_eq(tally_tree_diff_contents(d, true)->before, 3u);
	cr_assert_eq(tally_tree_diff_hazards(d, &(size_t){ 0 }), NULL);
}

Test(tree_diff, empty_trees_compare)
{
	compare("", "", "");
	compare("", "a = 1\n", "added a\n");
	compare("a = 1\n", "", "deleted a lost sole\n");
}

Test(tree_diff, the_plain_kinds)
{
	compare("gone = 1\nmeta = 2\nmod mtime=1 = 3\nstay = 4\n",
	        "meta mode=600 uid=9 mtime=8 xattrs=1 = 2\nmod mtime=2 = 33\nnew = 5\nstay = 4\n",
	        "deleted gone lost sole\n"
	        "metadata meta +mode +owner +mtime +xattrs\n"
	        "modified mod edited sole +mtime\n"
	        "added new\n");
	cr_assert_eq(tally_tree_diff_contents(d, false)->new_contents, 2u);
	cr_assert_eq(tally_tree_diff_balance(d, true)->grown, 1);
}

Test(tree_diff, other_content_under_the_same_size_and_time_is_silent)
{
	compare("a mtime=5 = abc\nb mtime=5 = abc1\n", "a mtime=5 = abd\nb mtime=6 = abd1\n",
	        "modified a edited silent sole\nmodified b edited sole +mtime\n");
}

Test(tree_diff, emptied_and_kept_are_told)
{
	compare("a kept=1 = abc\nb =\n", "a =\nb = x\n",
	        "modified a edited emptied kept sole\nmodified b\n");
}

Test(tree_diff, times_and_owners_can_be_ignored)
{
	options.ignore_times = options.ignore_owner = true;
	compare("a mtime=1 uid=1 = x\nb mtime=2 = y\n", "a mtime=2 uid=2 = x\nb mtime=2 = z\n",
	        "modified b edited sole\n");
}

Test(tree_diff, a_folder_s_time_is_its_content_s)
{
	compare("d/ mtime=1\ne/ mtime=1\n", "d/ mtime=2\ne/ mtime=2 mode=700\n",
	        "metadata e +mode +mtime\n");
}

Test(tree_diff, folders_links_and_pipes)
{
	compare("d/\nl -> a\ng -> b\np |\n", "e/\nl -> b\nh -> c\nq |\n",
	        "deleted d\nadded e\ndeleted g\nadded h\nlink_retargeted l\ndeleted p\nadded q\n");
}

Test(tree_diff, links_that_leave_the_root_are_flagged)
{
	compare("d/a -> x\nd/b -> x\nd/c -> x\nd/e -> x\n",
	        "d/a -> /etc\nd/b -> ../y\nd/c -> ../../y\nd/e -> ./z/../../../d/e\nd/n -> ../..\n",
	        "link_retargeted d/a leaves_root\n"
	        "link_retargeted d/b\n"
	        "link_retargeted d/c leaves_root\n"
	        "link_retargeted d/e leaves_root\n"
	        "added d/n leaves_root\n");
}

/* ---- types ---- */

Test(tree_diff, a_type_change_accounts_for_the_content)
{
	compare("a = lost\nb = kept\nd/f = in\nl -> x\n", "a/\nb -> c\nc = kept\nd = new\nl = file\n",
	        "type_changed a lost sole\n"
	        "type_changed b\n"
	        "moved c from b\n"
	        "type_changed d\n"
	        "deleted d/f lost sole\n"
	        "type_changed l\n");
}

/* ---- content elsewhere ---- */

Test(tree_diff, the_same_content_elsewhere_has_moved)
{
	compare("a = one\nd/b = two\n", "d/b2 = two\ne/a = one\n",
	        "moved d/b2 from d/b\nadded e\nmoved e/a from a\n");
	cr_assert_eq(fate(TALLY_FATE_MOVED), 2u);
	cr_assert_eq(fate(TALLY_FATE_LOST), 0u);
}

Test(tree_diff, a_copy_has_its_source)
{
	compare("a = one\n", "a = one\nb = one\n", "copied b from a\n");
	compare("a = one\n", "b = one\nc = one\n",
	        "moved b from a group 1\ncopied c from a group 1\n");
}

Test(tree_diff, a_duplicate_removed_names_the_survivors)
{
	compare("a = one\nb = one\nc = one\n", "b = one\nc = one\n",
	        "duplicate_removed a copy_elsewhere at b,c\n");
	cr_assert_eq(tally_tree_diff_balance(d, false)->duplicate_removed, 1u);
	cr_assert_eq(fate(TALLY_FATE_SAME_PLACE), 1u);
}

Test(tree_diff, a_hard_link_removed_leaves_the_content)
{
	compare("a inode=5 nlink=2 = one\nb inode=5 nlink=2 = one\n", "b inode=5 nlink=1 = one\n",
	        "duplicate_removed a copy_elsewhere at b\nmetadata b +nlink\n");
}

Test(tree_diff, many_survivors_are_counted)
{
	static struct tally_limits limits = TALLY_LIMITS_INIT;

	limits.sibling_names = 2;
	options.limits = &limits;
	compare("a = 1\nb = 1\nc = 1\nd = 1\n", "b = 1\nc = 1\nd = 1\n",
	        "duplicate_removed a copy_elsewhere at b,c,(3)\n");
}

Test(tree_diff, an_edited_file_whose_old_content_lives_elsewhere)
{
	compare("a = old\n", "a = new\na.bak = old\n",
	        "modified a copy_elsewhere at a.bak silent\ncopied a.bak from a\n");
}

Test(tree_diff, a_move_over_another_file_names_the_victim)
{
	compare("draft = D\nfinal kept=1 = F\n", "final = D\n",
	        "moved final from draft over final lost sole\n");
	cr_assert_eq(tally_tree_diff_balance(d, false)->overwritten, 1u);
	cr_assert_eq(fate(TALLY_FATE_LOST), 1u);
}

Test(tree_diff, the_victim_s_twin_survives)
{
	compare("draft = D\nfinal = F\ntwin = F\n", "final = D\ntwin = F\n",
	        "moved final from draft over final copy_elsewhere at twin\n");
}

Test(tree_diff, a_copy_over_another_file)
{
	compare("a = A\nb = B\n", "a = A\nb = A\n", "copied b from a over b lost sole\n");
}

Test(tree_diff, a_chain_of_moves_has_one_victim)
{
	compare("log.1 = 1\nlog.2 = 2\nlog.3 = 3\n", "log.2 = 1\nlog.3 = 2\n",
	        "moved log.2 from log.1\nmoved log.3 from log.2 over log.3 lost sole\n");
}

Test(tree_diff, a_rotated_log_was_copied_and_goes_on)
{
	compare("log = L\nlog.1 = 1\n", "log = N\nlog.1 = L\nlog.2 = 1\n",
	        "modified log copy_elsewhere at log.1 silent\n"
	        "copied log.1 from log\n"
	        "moved log.2 from log.1\n");
}

Test(tree_diff, a_swap_is_a_cycle)
{
	compare("x = X\ny = Y\n", "x = Y\ny = X\n",
	        "moved x from y cycle 1\nmoved y from x cycle 1\n");
}

Test(tree_diff, rings_are_cycles)
{
	compare("a = 1\nb = 2\nc = 3\np = 4\nq = 5\n", "a = 3\nb = 1\nc = 2\np = 5\nq = 4\n",
	        "moved a from c cycle 1\nmoved b from a cycle 1\nmoved c from b cycle 1\n"
	        "moved p from q cycle 2\nmoved q from p cycle 2\n");
}

/* ---- ties ---- */

Test(tree_diff, equal_sources_and_targets_are_one_group)
{
	size_t count;
	const struct tally_group *g;

	compare("a1 = s\na2 = s\na3 = s\n", "b1 = s\nb2 = s\n",
	        "duplicate_removed a3 copy_elsewhere at b1,b2 group 1\n"
	        "moved b1 from a1 group 1\n"
	        "moved b2 from a2 group 1\n");
	g = tally_tree_diff_groups(d, &count);
	cr_assert_eq(count, 1u);
	cr_assert_eq(g->source_count, 3u);
	cr_assert_eq(g->target_count, 2u);
	cr_assert_eq(fate(TALLY_FATE_MOVED), 1u);
	cr_assert_eq(fate(TALLY_FATE_LOST), 0u);
}

Test(tree_diff, an_inode_tells_equal_files_apart)
{
	const char *b = "a1 inode=1 = s\na2 inode=2 = s\na3 inode=3 = s\n";
	const char *a = "b1 inode=3 = s\nb2 inode=1 = s\n";

	compare(b, a,
	        "duplicate_removed a2 copy_elsewhere at b1,b2\nmoved b1 from a3\nmoved b2 from a1\n");
	options.same_disk = false;
	compare(b, a,
	        "duplicate_removed a3 copy_elsewhere at b1,b2 group 1\n"
	        "moved b1 from a1 group 1\nmoved b2 from a2 group 1\n");
}

Test(tree_diff, names_tell_equal_files_apart)
{
	compare("x/LICENSE = s\nx/COPY = s\n", "y/COPY = s\ny/LICENSE = s\n",
	        "moved y from x\nmoved y/COPY from x/COPY\nmoved y/LICENSE from x/LICENSE\n");
}

Test(tree_diff, the_folder_tells_equal_files_apart)
{
	compare("x/a = s\ny/a = s\n", "x/b = s\ny/b = s\n",
	        "moved x/b from x/a\nmoved y/b from y/a\n");
	/* x became p: the licence went along */
	compare("x/1 = 1\nx/LICENSE = s\ny/2 = 2\ny/LICENSE = s\n",
	        "p/1 = 1\np/LICENSE = s\nq/2 = 2\nq/LICENSE = s\n",
	        "moved p from x\nmoved p/1 from x/1\nmoved p/LICENSE from x/LICENSE\n"
	        "moved q from y\nmoved q/2 from y/2\nmoved q/LICENSE from y/LICENSE\n");
}

Test(tree_diff, a_copy_of_several_equal_files_is_doubtful)
{
	compare("a = s\nb = s\n", "a = s\nb = s\nc = s\n", "copied c from a group 1\n");
	compare("x/a = s\ny/b = s\n", "x/a = s\ny/b = s\ny/c = s\n", "copied y/c from y/b\n");
}

/* ---- empty files ---- */

Test(tree_diff, empty_files_are_not_paired)
{
	char b[2000] = "", a[2000] = "";
	size_t count;

	for (int i = 0; i < 50; i++) {
		sprintf(b + strlen(b), "old%02d =\n", i);
		sprintf(a + strlen(a), "new%02d =\n", i);
	}
	start(b, a);
	finish();
	tally_tree_diff_changes(d, &count);
	cr_assert_eq(count, 100u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->moved, 0u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->deleted, 50u);
	cr_assert_eq(fate(TALLY_FATE_LOST), 0u, "nothing was in them");
}

Test(tree_diff, empty_files_pair_by_inode_name_or_folder)
{
	compare("a inode=1 =\nb inode=2 =\n", "c inode=2 =\n", "deleted a\nmoved c from b\n");
	compare("a inode=1 mtime=1 =\n", "c inode=1 mtime=2 =\n", "deleted a\nadded c\n");
	compare("x/init =\ny/e =\n", "y/e =\nz/init =\n",
	        "deleted x\nadded z\nmoved z/init from x/init\n");
	compare("x/1 = 1\nx/e =\nx/f =\n", "y/1 = 1\ny/e =\ny/f =\n",
	        "moved y from x\nmoved y/1 from x/1\nmoved y/e from x/e\nmoved y/f from x/f\n");
}

Test(tree_diff, links_and_folders_follow_their_folder)
{
	compare("x/1 = 1\nx/l -> 1\nx/m -> 2\nx/d/\n", "y/1 = 1\ny/l -> 1\ny/m -> 3\ny/d/\n",
	        "deleted x/m\nmoved y from x\nmoved y/1 from x/1\nmoved y/d from x/d\n"
	        "moved y/l from x/l\nadded y/m\n");
}

/* ---- letter case and Unicode ---- */

Test(tree_diff, renames_of_case_and_form_only_are_flagged)
{
	compare("Report.txt = 1\nD/x = 2\n\\x65\\xcc\\x81 = 3\na = 4\n",
	        "report.TXT = 1\nd/x = 2\n\\xc3\\xa9 = 3\nab = 4\n",
	        "moved ab from a\n"
	        "moved d from D case_only\n"
	        "moved d/x from D/x case_only\n"
	        "moved report.TXT from Report.txt case_only\n"
	        "moved \xc3\xa9 from e\xcc\x81 case_only\n");
}

Test(tree_diff, names_that_will_collide_are_hazards)
{
	size_t count;
	const struct tally_hazard *h;

	start("d/Report.txt = 1\nd/same = x\nd/SAME = y\n",
	      "d/Report.txt = 1\nd/report.TXT = 2\nd/\\xc3\\xa9 = 3\nd/\\x65\\xcc\\x81 = 4\nd/same = x\nd/SAME = y\n"
	      "d/bad\\xff = 5\nd/BAD\\xff = 6\nc/plain = 7\nf/fin = 8\nf/\\xef\\xac\\x81n = 9\n");
	finish();
	h = tally_tree_diff_hazards(d, &count);
	cr_assert_eq(count, 4u, "%zu", count);
	cr_assert_eq(h[0].clash, TALLY_CLASH_CASE);
	cr_assert_eq(h[0].first, tally_tree_find(after, "d/BAD\xff", 6));
	cr_assert_eq(h[1].clash, TALLY_CLASH_CASE);
	cr_assert_eq(h[1].first, tally_tree_find(after, "d/Report.txt", 12));
	cr_assert_eq(h[1].second, tally_tree_find(after, "d/report.TXT", 12));
	cr_assert_eq(h[2].clash, TALLY_CLASH_FORM);
	cr_assert_eq(h[3].clash, TALLY_CLASH_LETTERS);
}

/* ---- absences ---- */

/* ---- believed for size and times ---- */

Test(tree_diff, a_believed_file_is_unverified_and_its_content_unproven)
{
	compare("a = x\nb = x\nc = yy\ne =\n",
	        "a believed=1 = x\nb believed=1 = x\nc = yy\ne believed=1 =\n", "");
	cr_assert_eq(tally_tree_diff_believed(d), 3u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->unchanged, 1u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->unverified, 3u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->unverified_after, 3u);
	cr_assert_eq(tally_tree_diff_balance(d, true)->unverified, 2u);
	cr_assert_eq(fate(TALLY_FATE_UNPROVEN), 1u);
	cr_assert_eq(fate(TALLY_FATE_SAME_PLACE), 1u);
	cr_assert_eq(tally_tree_diff_contents(d, true)->by_fate[TALLY_FATE_UNPROVEN], 1u);
	cr_assert_eq(tally_tree_diff_contents(d, true)->by_fate[TALLY_FATE_SAME_PLACE], 2u);
}

Test(tree_diff, a_content_that_was_read_at_one_place_is_proven)
{
	compare("a = x\nb = x\n", "a believed=1 = x\nb = x\n", "");
	cr_assert_eq(fate(TALLY_FATE_UNPROVEN), 0u);
	cr_assert_eq(fate(TALLY_FATE_SAME_PLACE), 1u);
	compare("a = x\nb = x\nc = x\n", "a believed=1 = x\nb = x\n",
	        "duplicate_removed c copy_elsewhere at b\n");
	compare("a = x\n", "a believed=1 = x\nb = x\n", "copied b from a\n");
	cr_assert_eq(fate(TALLY_FATE_COPY_ELSEWHERE), 1u);
	cr_assert_eq(fate(TALLY_FATE_UNPROVEN), 0u);
}

Test(tree_diff, a_deleted_file_whose_only_copy_is_believed_is_unproven)
{
	compare("a = x\nb = x\n", "b believed=1 = x\n",
	        "deleted a unproven at b because stat_only\n");
	cr_assert_eq(tally_tree_diff_balance(d, false)->deleted, 1u);
	cr_assert_eq(fate(TALLY_FATE_UNPROVEN), 1u);
	compare("a = x\n", "b believed=1 = x\n",
	        "deleted a unproven at b because stat_only sole\n"
	        "unverified b because stat_only side 2\n");
	compare("a = x\nb = x\nc = y\n", "b believed=1 = x\nc = x1\n",
	        "deleted a unproven at b because stat_only\nmodified c edited sole\n");
	compare("a = x\nb = x\n", "a = z\nb believed=1 = x\n", "modified a unproven at b silent\n");
}

Test(tree_diff, a_believed_file_with_other_metadata_is_listed)
{
	compare("a = x\n", "a mode=600 believed=1 = x\n",
	        "unverified a unproven at a because stat_only side 2 +mode\n");
	compare("a = x\n", "a believed=1 = y\n", "unverified a unproven because stat_only side 2\n");
	compare("a believed=1 = x\n", "a = y\n", "modified a edited silent sole\n");
	compare("a believed=1 = x\n", "a = x\n", "");
	cr_assert_eq(tally_tree_diff_balance(d, false)->unverified, 1u);
	compare("a/ \n", "a believed=1 = x\n", "type_changed a\n");
}

Test(tree_diff, an_unreadable_file_is_unverified)
{
	compare("a = 1\nb ! permission\nc ! permission\n", "a ! permission\nb = 2\nc ! read_error\n",
	        "unverified a unproven because permission side 2\n"
	        "unverified b unproven because permission side 1\n"
	        "unverified c unproven because read_error side 3\n");
	cr_assert_eq(tally_tree_diff_balance(d, false)->unverified, 3u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->unverified_after, 3u);
	cr_assert_eq(fate(TALLY_FATE_UNPROVEN), 3u);
}

Test(tree_diff, below_an_unreadable_folder_nothing_is_deleted)
{
	compare("d/a = 1\nd/s/b = 2\nx = 3\n", "d/ ! permission\nx = 3\n",
	        "unverified d because permission side 2\n"
	        "unverified d/a unproven because permission side 2\n"
	        "unverified d/s because permission side 2\n"
	        "unverified d/s/b unproven because permission side 2\n");
	cr_assert_eq(tally_tree_diff_balance(d, false)->unverified, 2u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->deleted, 0u);
	folds("");
}

Test(tree_diff, the_four_absences_are_four_things)
{
	compare("deleted/a = 1\nexcluded/a = 2\nlocked/a = 3\nunreached/a = 4\n",
	        "excluded/ ! excluded\nlocked/ ! permission\nunreached/ ! not_reached\n",
	        "deleted deleted\n"
	        "deleted deleted/a lost sole\n"
	        "unverified excluded because excluded side 2\n"
	        "unverified excluded/a unproven because excluded side 2\n"
	        "unverified locked because permission side 2\n"
	        "unverified locked/a unproven because permission side 2\n"
	        "unverified unreached because not_reached side 2\n"
	        "unverified unreached/a unproven because not_reached side 2\n");
}

Test(tree_diff, a_list_that_is_not_whole_proves_no_deletion)
{
	compare("d/a = 1\nd/b = 2\n", "d/ ? read_error\nd/a = 1\n",
	        "unverified d because read_error side 2\n"
	        "unverified d/b unproven because read_error side 2\n");
	compare("d/ ? read_error\nd/a = 1\n", "d/a = 1\nd/b = 2\n",
	        "unverified d because read_error side 1\nunverified d/b because read_error side 1\n");
}

Test(tree_diff, what_both_sides_excluded_is_not_compared)
{
	compare("a ! excluded\nd/ ! excluded\n", "a ! excluded\nd/ ! excluded\n", "");
	cr_assert_eq(tally_tree_diff_balance(d, false)->before, 0u);
	compare("d/ ! permission\n", "d/ ! permission\n", "unverified d because permission side 3\n");
}

Test(tree_diff, an_unverified_content_may_survive_elsewhere)
{
	compare("d/a = 1\n", "b = 1\nd/ ! permission\n",
	        "copied b from d/a\n"
	        "unverified d because permission side 2\n"
	        "unverified d/a copy_elsewhere at b because permission side 2\n");
}

Test(tree_diff, an_unread_file_that_is_gone_is_gone_but_unproven)
{
	compare("a ! permission\n", "", "deleted a unproven because permission side 1\n");
}

Test(tree_diff, what_may_hide_in_an_unread_file_is_not_called_lost)
{
	compare("a = 12345\nb = 1\n", "locked size=5 ! permission\n",
	        "deleted a unproven because permission sole\n"
	        "deleted b lost sole\n"
	        "unverified locked because permission side 2\n");
	compare("a = 12345\n", "new/ ! permission\n",
	        "deleted a unproven because permission sole\nunverified new because permission side 2\n");
}

/* ---- similarity ---- */

static struct tally_sketch sketch_of(uint64_t first, uint32_t count)
{
	static struct tally_piece pieces[4][1000];
	static int turn;
	struct tally_piece *p = pieces[turn++ & 3];

	for (uint32_t i = 0; i < count; i++)
		p[i] = (struct tally_piece){ (first + i) << 40, 10 };
	return (struct tally_sketch){ TALLY_SKETCH_BYTES, false, count, count * 10, p };
}

static void sketch(enum tally_side side, const char *path, uint64_t first, uint32_t count)
{
	const struct tally_tree *t = side == TALLY_BEFORE ? before : after;
	struct tally_sketch s = sketch_of(first, count);

	cr_assert_eq(tally_tree_diff_add_sketch(d, side, tally_tree_find(t, path, strlen(path)), &s,
	                                        NULL),
	             TALLY_OK);
}

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

Test(tree_diff, unexplained_files_are_wanted)
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

Test(tree_diff, a_file_made_from_another_name_wants_that_one)
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

Test(tree_diff, moved_and_edited_by_similarity)
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

Test(tree_diff, the_best_similarity_goes_first)
{
	start("a = aaaa\nb = bbbb\n", "x = cccc\ny = dddd\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_BEFORE, "b", 20, 100);
	sketch(TALLY_AFTER, "x", 10, 100); /* 90 % of both */
	sketch(TALLY_AFTER, "y", 22, 100); /* 78 % of a, 98 % of b */
	finish();
	changes("moved_edited x from a edited by bytes\nmoved_edited y from b edited by bytes\n");
}

Test(tree_diff, a_second_edited_copy_is_a_copy)
{
	start("a = aaaa\n", "x = cccc\ny = dddd\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_AFTER, "x", 10, 100);
	sketch(TALLY_AFTER, "y", 20, 100);
	finish();
	changes("moved_edited x from a edited by bytes\ncopied_edited y from a by bytes\n");
}

Test(tree_diff, below_the_threshold_it_is_lost)
{
	options.similarity = 600;
	start("a = aaaa\n", "x = cccc\n");
	sketch(TALLY_BEFORE, "a", 0, 100);
	sketch(TALLY_AFTER, "x", 41, 100);
	finish();
	changes("deleted a lost sole\nadded x\n");
}

Test(tree_diff, an_inode_is_a_hint_that_needs_more)
{
	/* not sketched: the name must speak for it */
	compare("a.txt inode=9 = aaaa\n", "d/a.txt inode=9 = cccc\n",
	        "added d\nmoved_edited d/a.txt from a.txt edited by inode\n");
	compare("a.txt inode=9 = aaaa\n", "d/b.txt inode=9 = cccc\n",
	        "deleted a.txt lost sole\nadded d\nadded d/b.txt\n");
}

Test(tree_diff, a_reused_inode_proves_nothing)
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

Test(tree_diff, a_file_moved_over_another_and_edited)
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

Test(tree_diff, a_broken_sketch_is_refused)
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

static void member(enum tally_side side, const char *archive, const char *path, const char *content)
{
	const struct tally_tree *t = side == TALLY_BEFORE ? before : after;
	struct tally_member m = { .path = path, .path_len = strlen(path), .size = strlen(content) };
	struct tally_key key;

	tally_key_from_seed(&key, tree_text_seed);
	tally_digest_of(&m.digest, &key, content, strlen(content));
	cr_assert_eq(tally_tree_diff_add_member(
			     d, side, tally_tree_find(t, archive, strlen(archive)), &m, NULL),
	             TALLY_OK);
}

Test(tree_diff, what_was_packed_and_deleted_survives_inside)
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

Test(tree_diff, what_was_unpacked_came_from_the_archive)
{
	start("z.zip = zzzz\n", "a = aaaa\nb = bbbb\nz.zip = zzzz\n");
	cr_assert_not(tally_tree_diff_has_missing(d));
	member(TALLY_BEFORE, "z.zip", "in/a", "aaaa");
	finish();
	changes("copied a from z.zip:in/a\nadded b\n");
}

Test(tree_diff, an_archive_that_was_not_searched_leaves_it_open)
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

Test(tree_diff, an_archive_holds_only_what_fits)
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

Test(tree_diff, an_archive_too_small_for_it_leaves_nothing_open)
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

Test(tree_diff, on_another_disk_or_behind_a_link_nothing_is_known_to_be_lost)
{
	struct tally_err err;

	for (int i = 0; i < 3; i++) {
		end();
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

Test(tree_diff, an_unread_file_of_another_size_shows_it)
{
	compare("a size=4 mode=644 ! permission\n", "a size=12 mode=0 ! permission\n",
	        "unverified a unproven because permission side 3 +mode\n");
	cr_assert(tally_tree_diff_changes(d, &(size_t){ 0 })[0].fields & TALLY_FIELD_SIZE);
}

/* ---- folds ---- */

static char *files(const char *folder, int from, int to)
{
	static char text[8][20000];
	static int turn;
	char *t = text[turn++ & 7];

	t[0] = '\0';
	for (int i = from; i < to; i++)
		sprintf(t + strlen(t), "%s/f%03d = content %d\n", folder, i, i);
	return t;
}

static const char *join(const char *a, const char *b)
{
	static char text[4][50000];
	static int turn;
	char *t = text[turn++ & 3];
	size_t n = strlen(a), m = strlen(b);

	cr_assert_lt(n + m, sizeof text[0]);
	memmove(t, a, n);
	memmove(t + n, b, m + 1);
	return t;
}

Test(tree_diff, a_folder_of_a_hundred_moves_in_one_line)
{
	start(files("old", 0, 100), files("new/deep", 0, 100));
	finish();
	folds("folder_moved old to new/deep: 100 of 100 files, 0 left, 101 changes, 0 exceptions\n");
	cr_assert_eq(fate(TALLY_FATE_LOST), 0u);
}

Test(tree_diff, a_moved_folder_has_its_exceptions)
{
	start(files("old", 0, 100),
	      join(files("new", 0, 98), "new/f098 = content 98 edited\nold/f099 = content 99\n"));
	sketch(TALLY_BEFORE, "old/f098", 0, 100);
	sketch(TALLY_AFTER, "new/f098", 2, 100);
	finish();
	folds("folder_moved old to new: 98 of 100 files, 1 left, 99 changes, 1 exceptions\n");
}

Test(tree_diff, folds_reach_the_topmost_folder)
{
	start(join(join(files("p/old/a", 0, 3), files("p/old/b/c", 3, 6)),
	           "p/old/d/e/\np/old/l -> x\n"),
	      join(join(files("q/new/a", 0, 3), files("q/new/b/c", 3, 6)),
	           "q/new/d/e/\nq/new/l -> x\n"));
	finish();
	folds("folder_moved p/old to q/new: 6 of 6 files, 0 left, 13 changes, 0 exceptions\n");
}

Test(tree_diff, a_folder_moved_on_its_own_is_not_its_parent)
{
	start(join(files("a/x", 0, 5), files("a/y", 5, 10)),
	      join(files("b/x", 0, 5), files("a/y", 5, 10)));
	finish();
	folds("folder_moved a/x to b/x: 5 of 5 files, 0 left, 6 changes, 0 exceptions\n");
}

Test(tree_diff, two_folders_merge_with_a_clash)
{
	start("A/1 = 1\nA/2 = 2\nA/x = ax\nB/3 = 3\nB/4 = 4\nB/x = bx\n",
	      "C/1 = 1\nC/2 = 2\nC/3 = 3\nC/4 = 4\nC/x = ax\n");
	finish();
	folds("folder_merged A to C: 3 of 3 files, 0 left, 5 changes, 0 exceptions\n"
	      "folder_merged B to C: 2 of 3 files, 0 left, 3 changes, 1 exceptions\n");
	changes("deleted A\ndeleted B\ndeleted B/x lost sole\nadded C\n"
	        "moved C/1 from A/1\nmoved C/2 from A/2\nmoved C/3 from B/3\nmoved C/4 from B/4\n"
	        "moved C/x from A/x\n");
}

Test(tree_diff, a_folder_merged_into_one_that_had_others)
{
	start(join(files("in", 0, 4), "out/have = h\n"), join(files("out", 0, 4), "out/have = h\n"));
	finish();
	folds("folder_merged in to out: 4 of 4 files, 0 left, 5 changes, 0 exceptions\n");
}

Test(tree_diff, a_folder_split_over_several)
{
	start(join(files("in", 0, 9), "in/stay = s\n"),
	      join(join(files("2021", 0, 3), files("2022", 3, 6)),
	           join(files("2023", 6, 9), "in/stay = s\n")));
	finish();
	folds("folder_split in to -: 9 of 10 files, 1 left, 9 changes, 0 exceptions\n");
}

Test(tree_diff, whole_folders_added_and_deleted)
{
	start(join(files("gone/a", 0, 3), files("gone/b", 3, 6)),
	      join(files("new/a", 10, 13), "new/b/c/\none/\n"));
	finish();
	folds("folder_added - to new: 3 of 3 files, 0 left, 7 changes, 0 exceptions\n"
	      "folder_deleted gone to -: 6 of 6 files, 0 left, 9 changes, 0 exceptions\n");
}

Test(tree_diff, a_file_that_left_a_deleted_folder_is_its_exception)
{
	start(files("gone", 0, 5), "saved = content 2\n");
	finish();
	folds("folder_deleted gone to -: 4 of 5 files, 0 left, 5 changes, 1 exceptions\n");
}

/* ---- order ---- */

Test(tree_diff, changes_ascend_by_path)
{
	size_t count;
	const struct tally_change *c;
	struct tally_buf last, path;

	start("a/b/c/x = 1\na/z = 2\na-b = 3\nb = 4\na/b/y = 5\na/c = 6\n",
	      "a/b/c/d/x = 11\na/b-b = 12\na-b = 13\nb/c = 14\n");
	finish();
	c = tally_tree_diff_changes(d, &count);
	tally_buf_init(&last, 1000);
	tally_buf_init(&path, 1000);
	for (size_t i = 0; i < count; i++) {
		bool is_after = c[i].after != TALLY_NO_INDEX;

		cr_assert(tally_tree_path(is_after ? after : before,
		                          is_after ? c[i].after : c[i].before, &path));
		if (i)
			cr_assert_lt(tally_path_compare(last.bytes, last.len, path.bytes, path.len),
			             0, "%s after %s", path.bytes, last.bytes);
		tally_buf_clear(&last);
		tally_buf_add(&last, path.bytes, path.len);
	}
	tally_buf_release(&last);
	tally_buf_release(&path);
}

/* ---- laws ---- */

static uint64_t state = RANDOM_SEED;

Test(tree_diff, the_laws_hold_for_random_trees)
{
	for (int round = 0; round < 3000; round++) {
		uint8_t bytes[300];
		struct tree_bytes first = { bytes, bytes + 150 },
				  second = { bytes + 150, bytes + 300 };
		struct tally_tree *a, *b;

		for (size_t i = 0; i < sizeof bytes; i++)
			bytes[i] = (uint8_t)(random_next(&state) >> 20);
		if (round % 2) /* nearly equal sides */
			memcpy(bytes + 150, bytes, 100 + random_next(&state) % 50);
		a = tree_from_bytes(&first);
		b = tree_from_bytes(&second);
		tally_tree_diff_free(tree_laws_compare(a, b, round % 3 == 0));
		tree_laws_self(a);
		tally_tree_free(a);
		tally_tree_free(b);
	}
}

/* One comparison with everything in it, as text. */
static char *whole_story(uint64_t seed, bool reversed)
{
	static const char *const sketches[] = { "e1", "e2", "e3" };

	tree_text_seed = seed;
	start("a1 = s\na2 = s\na3 = s\nx/1 = 1\nx/2 = 2\ny/1 = 3\nswap = p\npaws = q\ndraft = D\nfinal = F\n"
	      "e1 = aaaa\ne2 = bbbb\ne3 = cccc\nd1 = t\nd2 = t\nzip = z\nlost = lost\npacked = packed\n",
	      "b1 = s\nb2 = s\nz/1 = 1\nz/2 = 2\nz/3 = 3\nswap = q\npaws = p\nfinal = D\n"
	      "f1 = dddd\nf2 = eeee\nf3 = ffff\nd1 = t\nd2 = t\nd3 = t\nd4 = t\nzip = z\n");
	for (unsigned i = 0; i < 3; i++) {
		unsigned n = reversed ? 2 - i : i;
		char name[3] = { 'f', (char)('1' + n), '\0' };

		sketch(TALLY_AFTER, name, n * 10 + 5, 100);
		sketch(TALLY_BEFORE, sketches[n], n * 10, 100);
		member(TALLY_AFTER, "zip", reversed == (i == 0) ? "p/2" : "p/1", "packed");
	}
	finish();
	tally_buf_clear(&out);
	diff_text_changes(&out, d, before, after);
	diff_text_folds(&out, d, before, after);
	tree_text_seed = 1;
	return tally_dup(out.bytes, out.len);
}

Test(tree_diff, neither_the_secret_nor_the_order_of_evidence_shows)
{
	char *first = whole_story(1, false);

	cr_assert(strstr(first, "inside_archive at zip:p/1,zip:p/2"), "%s", first);
	for (uint64_t seed = 2; seed < 40; seed++) {
		char *other = whole_story(seed, seed % 2);

		same_text(other, first);
		tally_free(other);
	}
	tally_free(first);
}

/* Without paths that changed their content, every kind has its mirror image. */
Test(tree_diff, swapped_sides_mirror)
{
	const char *b = "a/x = 1\na/y = 2\ngone = 3\ndup = 4\nstay = 4\nmod = 5\nlink -> a\n";
	const char *a = "b/x = 1\na/y = 2\nnew = 6\nstay = 4\nmod = 7\nlink -> b\n";
	struct tally_balance there, back;

	compare(b, a,
	        "added b\nmoved b/x from a/x\nduplicate_removed dup copy_elsewhere at stay\n"
	        "deleted gone lost sole\nlink_retargeted link\nmodified mod edited silent sole\nadded new\n");
	there = *tally_tree_diff_balance(d, false);
	compare(a, b,
	        "moved a/x from b/x\ndeleted b\ncopied dup from stay\nadded gone\n"
	        "link_retargeted link\nmodified mod edited silent sole\ndeleted new lost sole\n");
	back = *tally_tree_diff_balance(d, false);
	cr_assert_eq(there.before, back.after);
	cr_assert_eq(there.deleted, back.added);
	cr_assert_eq(there.duplicate_removed, back.copied);
	cr_assert_eq(there.moved, back.moved);
	cr_assert_eq(there.modified, back.modified);
}

enum { SCRIPT_FILES = 2000 };

/* A known script of edits: the balance must say exactly what was done. */
Test(tree_diff, the_balance_is_the_script)
{
	static char b[200000], a[200000];
	uint64_t moved = 0, deleted = 0, modified = 0, same = 0, copied = 0, added = 0, meta = 0;
	const struct tally_balance *is;
	size_t at_b = 0, at_a = 0;

	for (int i = 0; i < SCRIPT_FILES; i++) {
		char path[64];
		const char *kept = path;

		snprintf(path, sizeof path, "d%02d/f%04d", (int)(random_next(&state) % 40), i);
		at_b += (size_t)sprintf(b + at_b, "%s = content %d\n", path, i);
		switch (random_next(&state) % 12) {
		case 0:
			deleted++;
			continue;
		case 1:
			at_a += (size_t)sprintf(a + at_a, "%s = other %d\n", kept, i);
			modified++;
			continue;
		case 2:
			at_a += (size_t)sprintf(a + at_a, "m%d/g%04d = content %d\n", i % 7, i, i);
			moved++;
			continue;
		case 3:
			at_a += (size_t)sprintf(a + at_a, "c%d/%04d = content %d\n", i % 3, i, i);
			copied++;
			break;
		case 4:
			at_a += (size_t)sprintf(a + at_a, "%s mode=600 = content %d\n", kept, i);
			meta++;
			continue;
		case 5:
			at_a += (size_t)sprintf(a + at_a, "%s.new = new %d\n", kept, i);
			added++;
			break;
		default:
			break;
		}
		at_a += (size_t)sprintf(a + at_a, "%s = content %d\n", kept, i);
		same++;
	}
	start(b, a);
	finish();
	is = tally_tree_diff_balance(d, false);
	cr_assert_eq(is->before, (uint64_t)SCRIPT_FILES);
	cr_assert_eq(is->unchanged, same);
	cr_assert_eq(is->metadata, meta);
	cr_assert_eq(is->modified, modified);
	cr_assert_eq(is->moved, moved);
	cr_assert_eq(is->deleted, deleted);
	cr_assert_eq(is->copied, copied);
	cr_assert_eq(is->added, added);
	cr_assert_eq(fate(TALLY_FATE_LOST), deleted);
	cr_assert_eq(fate(TALLY_FATE_EDITED), modified);
	tree_laws_check(d, before, after);
}

Test(tree_diff, every_failed_allocation_is_survived)
{
	struct tally_tree *b = tree_from_text(
		"x/1 = 1\nx/2 = 2\nx/e =\nx/LICENSE = s\ny/LICENSE = s\n"
		"a = aaaa\nb = bbbb\nz.zip = z\nm1 = t\nm2 = t\nRead = r\n");
	struct tally_tree *a = tree_from_text(
		"q/1 = 1\nq/2 = 2\nq/e =\nq/LICENSE = s\nw/LICENSE = s\n"
		"a2 = cccc\nb = a\nz.zip = z\nn1 = t\nn2 = t\nREAD = r\n");

	before = b;
	after = a;
	FAULTS_EACH(f, TALLY_FAULT_ALLOC)
	{
		struct tally_tree_diff *x = NULL;
		struct tally_sketch s = sketch_of(1, 50);
		struct tally_member m = { .path = "p", .path_len = 1, .size = 4 };
		enum tally_status st;

		m.digest = b->entries[tally_tree_find(b, "a", 1)].digest;
		st = tally_tree_diff_new(&x, b, a, &options, NULL);
		if (st == TALLY_OK)
			st = tally_tree_diff_add_sketch(x, TALLY_BEFORE, tally_tree_find(b, "a", 1),
			                                &s, NULL);
		if (st == TALLY_OK)
			st = tally_tree_diff_add_sketch(x, TALLY_AFTER, tally_tree_find(a, "a2", 2),
			                                &s, NULL);
		if (st == TALLY_OK)
			st = tally_tree_diff_add_member(x, TALLY_AFTER,
			                                tally_tree_find(a, "z.zip", 5), &m, NULL);
		if (st == TALLY_OK)
			st = tally_tree_diff_finish(x, NULL);
		if (faults_fired(&f))
			cr_assert_eq(st, TALLY_FATAL, "allocation %ld", f.nth);
		else
			cr_assert_eq(st, TALLY_OK);
		tally_tree_diff_free(x);
	}
}
