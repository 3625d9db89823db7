/* Comparing trees: every kind and fate, ties, cycles, absences, folds, hazards and the ledger. */
#include "support/trees.h"

TestSuite(tree_diff, .init = trees_begin, .fini = trees_end);

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

/* ---- absences ---- */

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

Test(tree_diff, what_nobody_knows_of_an_entry_is_no_difference)
{
	compare("a mode=0 nlink=0 ! permission\nb mtime=5 = 1234\n",
	        "a mtime=5 = 12\nb mode=0 nlink=0 ! excluded\n",
	        "unverified a unproven because permission side 1\n"
	        "unverified b unproven because excluded side 2\n");
	cr_assert_eq(tally_tree_diff_balance(d, true)->unsized[TALLY_BEFORE], 1u);
	cr_assert_eq(tally_tree_diff_balance(d, true)->unsized[TALLY_AFTER], 1u);
	cr_assert_eq(tally_tree_diff_balance(d, false)->unsized[TALLY_BEFORE], 0u);
	compare("a = 12345\n", "x mode=0 nlink=0 ! permission\n",
	        "deleted a unproven because permission sole\n"
	        "unverified x because permission side 2\n");
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
