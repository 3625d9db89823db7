/* The review list: the rules about tables. */
#include "review_checks.h"

TestSuite(review_tables, .init = begin, .fini = end);

Test(review_tables, rows_deleted_by_share)
{
	TABLE("\"rows\": {\"before\": 100, \"deleted\": 9, \"after\": 91}, \"row_changes\": "
	      "[{\"kind\": \"deleted\", \"row_before\": 4, \"key\": [\"K1\"]}, "
	      "{\"kind\": \"deleted\", \"row_before\": 5, \"key\": null}]");
	sample_end(&s);
	FIRES("rows_deleted", MEDIUM, "9 of 100 rows were deleted from ‘t.csv’: ‘K1’, row 5 …");
	cr_assert_str_eq(s.r->verdict.text, "No file is lost, but in ‘t.csv’ 9 rows were deleted; "
	                                    "everything else was read and compared.");
	end();
	begin();
	TABLE("\"rows\": {\"before\": 100, \"deleted\": 10, \"after\": 90}");
	sample_end(&s);
	cr_assert_eq(item("rows_deleted")->severity, TALLY_SEVERITY_HIGH);
}

Test(review_tables, rows_that_are_still_there_weigh_less)
{
	TABLE("\"rows\": {\"before\": 10, \"deleted\": 2, \"added\": 3, \"after\": 11}, \"row_changes\": "
	      "[{\"kind\": \"deleted\", \"row_before\": 4, \"equal_row\": 3}, "
	      "{\"kind\": \"deleted\", \"row_before\": 5, \"equal_row\": 3}, "
	      "{\"kind\": \"added\", \"row\": 9, \"equal_row\": 2}]");
	sample_end(&s);
	FIRES("rows_deleted", MEDIUM,
	      "2 of 10 rows were deleted from ‘t.csv’: row 4, row 5; each of them equals a row that is still "
	      "there");
	FIRES("rows_doubled", LOW, "1 of 3 rows added to ‘t.csv’ equals a row that was there before");
}

Test(review_tables, what_stands_above_the_rows)
{
	TABLE("\"properties\": [{\"property\": \"header_row\", \"old\": \"1\", \"new\": \"none\"}]");
	sample_end(&s);
	FIRES("heading_changed", MEDIUM,
	      "‘t.csv’ has no row with the names of its columns any more; it was row 1");
	end();
	begin();
	TABLE("\"cells\": [{\"row\": 1, \"row_before\": 1, \"column\": \"cell 1\", \"old\": \"2024\", "
	      "\"new\": \"2025\", \"nature\": \"value\"}, {\"row\": 4, \"row_before\": 4, \"column\": "
	      "\"cell 1\", \"key\": null, \"old\": \"a\", \"new\": \"b\", \"nature\": \"value\"}]");
	sample_end(&s);
	FIRES("heading_changed", LOW,
	      "What stands above the rows of ‘t.csv’ changed, ‘2024’ → ‘2025’ in row 1");
	cr_assert_eq(item("heading_changed")->how_many, 1);
}

Test(review_tables, rows_read_without_certainty_are_not_the_whole_table)
{
	sample_gap(&s, "t.csv", 2, TALLY_REASON_MALFORMED, TALLY_LEVEL_PART)->part = "row 7 and 2 more";
	sample_end(&s);
	cr_assert(strstr(s.r->verdict.text, "3 rows of tables could not be read with certainty"));
	FIRES("unread_meaning", LOW,
	      "‘t.csv’ was compared, but has a row that could not be read with certainty (malformed: part of it "
	      "could not be read with certainty)");
}

Test(review_tables, rows_of_sheets_read_without_certainty_are_not_the_whole_workbook)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "b.xlsx");
	sample_gap(&s, "b.xlsx", 2, TALLY_REASON_MALFORMED, TALLY_LEVEL_PART)
		->part = "sheet 'a', row 3 and', row 5";
	sample_end(&s);
	cr_assert_str_eq(s.r->verdict.text, "Nothing was lost; 1 row of a table could not be read with "
	                                    "certainty.");
	FIRES("unread_meaning", LOW,
	      "‘b.xlsx’ was compared, but has a row that could not be read with certainty (malformed: part of "
	      "it could not be read with certainty)");
}

Test(review_tables, table_emptied)
{
	TABLE("\"part\": \"Sheet 1\", \"rows\": {\"before\": 100, \"deleted\": 100, \"after\": 0}");
	sample_end(&s);
	FIRES("table_emptied", HIGH, "‘t.csv’ (‘Sheet 1’) had 100 rows and has none now");
	cr_assert_str_eq(item("table_emptied")->where, "Sheet 1");
	SILENT("rows_deleted");
}

Test(review_tables, columns_removed_and_swapped)
{
	TABLE("\"columns\": [{\"kind\": \"removed\", \"name\": \"notes\"}, {\"kind\": "
	      "\"contents_swapped\", \"name\": \"b\", \"name_before\": \"a\"}, {\"kind\": \"added\", "
	      "\"name\": \"c\"}]");
	sample_end(&s);
	FIRES("column_removed", HIGH, "The column ‘notes’ was removed from ‘t.csv’");
	FIRES("contents_swapped", HIGH,
	      "In ‘t.csv’, the values that stood under ‘a’ stand under ‘b’ now");
	cr_assert_eq(s.r->review_count, 2);
}

Test(review_tables, lossy_rewrites_of_cells_and_of_columns)
{
	TABLE("\"rewrites\": [{\"column\": \"zip\", \"nature\": \"leading_zeros_lost\", \"count\": 12, "
	      "\"lossless\": false, \"examples\": [{\"row\": 2, \"old\": \"01\", \"new\": \"1\"}]}, "
	      "{\"column\": \"d\", \"nature\": \"date_reformatted\", \"count\": 12}], "
	      "\"cells\": [{\"row\": 2, \"column\": \"zip\", \"nature\": \"leading_zeros_lost\", "
	      "\"old\": \"01\", \"new\": \"1\"}, {\"row\": 5, \"column\": \"id\", \"nature\": "
	      "\"scientific_notation\", \"old\": {\"value\": \"123456\"}, \"new\": \"1.2E5\"}, "
	      "{\"row\": 6, \"column\": \"id\", \"nature\": \"scientific_notation\", \"old\": \"7\", "
	      "\"new\": \"7E0\"}, {\"row\": 6, \"column\": \"n\", \"nature\": \"value\"}]");
	sample_end(&s);
	cr_assert_eq(items("lossy_rewrite"), 2);
	FIRES("lossy_rewrite", HIGH,
	      "In ‘t.csv’, column ‘zip’, 12 cells: leading zeros lost, as ‘01’ → ‘1’ in row 2");
	cr_assert_str_eq(s.r->review[1].what, "In ‘t.csv’, column ‘id’, 2 cells: number turned into "
	                                      "scientific notation, as ‘123456’ → ‘1.2E5’ in row 5");
}

Test(review_tables, what_is_stored_as_text_is_looked_at_whatever_else_changed)
{
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"number_to_text\", \"count\": 30, "
	      "\"lossless\": true, \"examples\": [{\"ref\": \"B2\", \"old\": \"10\", \"new\": \"10\"}]}], "
	      "\"cells\": [{\"ref\": \"C4\", \"column\": \"d\", \"nature\": \"date_value_changed\", "
	      "\"type_before\": \"date\", \"type\": \"text\", \"old\": \"2024-01-10\", \"new\": "
	      "\"2024-01-11\"}, {\"ref\": \"C5\", \"column\": \"d\", \"nature\": \"date_to_text\", "
	      "\"old\": \"2024-01-12\", \"new\": \"2024-01-12\"}, {\"ref\": \"D2\", \"column\": \"e\", "
	      "\"nature\": \"value\", \"type_before\": \"text\", \"type\": \"number\", \"old\": \"1\", "
	      "\"new\": \"2\"}, {\"ref\": \"D3\", \"column\": \"e\", \"nature\": \"recalculated\", "
	      "\"type_before\": \"number\", \"type\": \"text\", \"old\": \"1\", \"new\": \"a\"}]");
	sample_end(&s);
	cr_assert_eq(items("stored_as_text"), 2);
	cr_assert_str_eq(s.r->review[1].what,
	                 "In ‘t.csv’, column ‘d’, 2 cells: date stored as text, as ‘2024-01-10’ → "
	                 "‘2024-01-11’ in C4");
	cr_assert_str_eq(s.r->review[0].what,
	                 "In ‘t.csv’, column ‘n’, 30 cells: number stored as text, as ‘10’ in B2");
	cr_assert_eq(item("stored_as_text")->severity, TALLY_SEVERITY_MEDIUM);
}

Test(review_tables, a_shift_names_its_direction_and_what_fell_off)
{
	TABLE("\"rewrites\": [{\"column\": \"v\", \"nature\": \"shifted\", \"count\": 20, "
	      "\"lossless\": false, \"shifted_by\": 2, \"shifted_off\": [{\"ref\": \"D20\", \"old\": \"7\", "
	      "\"new\": \"1\"}, {\"ref\": \"D21\", \"old\": \"50\", \"new\": \"2\"}], "
	      "\"examples\": [{\"ref\": \"D4\", \"old\": \"5\", \"new\": \"2.5\"}]}]");
	sample_end(&s);
	FIRES("broken_values", HIGH,
	      "In ‘t.csv’, column ‘v’, 20 cells: shifted down by 2 cells, as ‘5’ → ‘2.5’ in D4; ‘7’, ‘50’ "
	      "are gone");
}

Test(review_tables, days_and_months_that_were_exchanged_can_be_put_right)
{
	TABLE("\"rewrites\": [{\"column\": \"d\", \"nature\": \"day_month_exchanged\", \"count\": 30, "
	      "\"lossless\": false, \"examples\": [{\"ref\": \"D4\", \"old\": \"2024-01-02\", \"new\": "
	      "\"2024-02-01\"}]}]");
	sample_end(&s);
	SILENT("lossy_rewrite");
	FIRES("broken_values", HIGH,
	      "In ‘t.csv’, column ‘d’, 30 cells: day and month exchanged, as ‘2024-01-02’ → ‘2024-02-01’ "
	      "in D4");
}

Test(review_tables, a_number_that_gave_way_to_a_text_is_no_number_stored_as_text)
{
	TABLE("\"cells\": [{\"ref\": \"C3\", \"column\": \"qty\", \"nature\": \"value\", "
	      "\"type_before\": \"number\", \"type\": \"text\", \"old\": \"2\", \"new\": "
	      "\"unknown 3\"}, {\"ref\": \"C4\", \"column\": \"qty\", \"nature\": \"value\", "
	      "\"type_before\": \"number\", \"type\": \"text\", \"old\": \"2\", \"new\": \"3\"}]");
	sample_end(&s);
	FIRES("replaced_by_text", MEDIUM,
	      "In ‘t.csv’, column ‘qty’, 1 cell: number replaced by text, ‘2’ → ‘unknown 3’ in C3");
	FIRES("stored_as_text", MEDIUM,
	      "In ‘t.csv’, column ‘qty’, 1 cell: number stored as text, ‘2’ → ‘3’ in C4");
}

Test(review_tables, sums_that_are_not_known_are_named)
{
	TABLE("\"invariants\": [{\"column\": \"qty\", \"sum\": {\"before\": \"210\", \"after\": null}, "
	      "\"too_large\": {\"before\": 0, \"after\": 1}}]");
	sample_end(&s);
	FIRES("sum_changed", LOW,
	      "Sums of ‘t.csv’: ‘qty’ 210 → not known, since a number is too large");
}

Test(review_tables, an_id_that_stands_twice_now)
{
	TABLE("\"problems\": [{\"what\": \"no_longer_unique\", \"side\": \"after\", \"row\": 8, "
	      "\"count\": 2, \"detail\": \"id: K003 in rows 4 and 8\"}]");
	sample_end(&s);
	FIRES("key_duplicates", MEDIUM,
	      "In ‘t.csv’, values that were all different are not any more: ‘id: K003 in rows 4 and 8’ "
	      "and 1 more");
}

Test(review_tables, a_column_without_values_is_no_loss)
{
	TABLE("\"columns\": [{\"kind\": \"removed\", \"name\": null, \"name_before\": \"note\", "
	      "\"index\": null, \"index_before\": 3, \"filled\": 0, \"first\": []}]");
	sample_end(&s);
	SILENT("column_removed");
	FIRES("heading_changed", LOW, "The empty column ‘note’ was removed from ‘t.csv’");
}

Test(review_tables, column_sorted_alone_and_signs)
{
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"permuted\", \"count\": 40}], \"cells\": "
	      "[{\"row\": 5, \"column\": \"m\", \"nature\": \"sign_changed\", \"old\": \"5\", \"new\": "
	      "\"-5\"}]");
	sample_end(&s);
	FIRES("column_sorted_alone", HIGH,
	      "In ‘t.csv’, column ‘n’, 40 cells: same values, other rows");
	FIRES("sign_changed", MEDIUM,
	      "In ‘t.csv’, column ‘m’, 1 cell: sign changed, ‘5’ → ‘-5’ in row 5");
}

Test(review_tables, rows_written_in_another_way_are_not_many_edits)
{
	TABLE("\"rows\": {\"before\": 25, \"edited\": 25, \"notation\": 25, \"after\": 25}");
	sample_end(&s);
	SILENT("many_cells_changed");
	end();
	begin();
	TABLE("\"rows\": {\"before\": 30, \"edited\": 30, \"notation\": 5, \"after\": 30}");
	sample_end(&s);
	FIRES("many_cells_changed", MEDIUM, "25 of 30 rows were edited in ‘t.csv’");
}

Test(review_tables, changes_that_are_counted_and_not_listed_are_no_unknown)
{
	sample_add(&s, TALLY_CHANGE_MODIFIED, "t.csv");
	sample_gap(&s, "t.csv", 3, TALLY_REASON_LIMIT, TALLY_LEVEL_PART);
	s.r->unverified[0].detail = TALLY_UNLISTED ": 4 rows are counted and not listed";
	sample_end(&s);
	SILENT("unread_meaning");
	cr_assert_str_eq(s.r->verdict.text,
	                 "Nothing was lost; everything was read and compared, but not "
	                 "all changes of 1 table are listed.");
	cr_assert_not(s.r->verdict.complete);
}

Test(review_tables, many_findings_about_one_table_name_it_once)
{
	TABLE("\"columns\": [{\"kind\": \"removed\", \"name\": \"a\"}, {\"kind\": \"removed\", "
	      "\"name\": \"b\"}, {\"kind\": \"removed\", \"name\": \"c\"}, {\"kind\": \"removed\", "
	      "\"name\": \"d\"}, {\"kind\": \"removed\", \"name\": \"e\"}]");
	sample_end(&s);
	cr_assert_eq(items("column_removed"), 4);
	cr_assert_str_eq(s.r->review[3].what, "2 more like this in ‘t.csv’");
	cr_assert_eq(s.r->review[3].how_many, 2);
	cr_assert_str_eq(s.r->verdict.text, "No file is lost, but in ‘t.csv’ 5 columns were removed; "
	                                    "everything else was read and compared.");
}

Test(review_tables, one_swap_is_one_pair)
{
	TABLE("\"columns\": [{\"kind\": \"contents_swapped\", \"name\": \"b\", \"name_before\": \"a\", "
	      "\"index\": 2, \"index_before\": 1}, {\"kind\": \"contents_swapped\", \"name\": \"a\", "
	      "\"name_before\": \"b\", \"index\": 1, \"index_before\": 2}], \"rewrites\": [{\"column\": "
	      "\"n\", \"nature\": \"permuted\", \"count\": 19}]");
	sample_end(&s);
	cr_assert_eq(items("contents_swapped"), 1);
	FIRES("contents_swapped", HIGH, "In ‘t.csv’, the values under ‘a’ and ‘b’ changed places");
	cr_assert_str_eq(s.r->verdict.text,
	                 "No file is lost, but in ‘t.csv’ 1 pair of columns was "
	                 "swapped and 1 column was sorted alone; everything else was "
	                 "read and compared.");
}

Test(review_tables, a_ring_of_columns_is_told_column_by_column)
{
	TABLE("\"columns\": [{\"kind\": \"contents_swapped\", \"name\": \"b\", \"name_before\": \"a\", "
	      "\"index\": 2, \"index_before\": 1}, {\"kind\": \"contents_swapped\", \"name\": \"c\", "
	      "\"name_before\": \"b\", \"index\": 3, \"index_before\": 2}, {\"kind\": "
	      "\"contents_swapped\", \"name\": \"a\", \"name_before\": \"c\", \"index\": 1, "
	      "\"index_before\": 3}]");
	sample_end(&s);
	cr_assert_eq(items("contents_swapped"), 3);
	cr_assert_str_eq(s.r->verdict.text, "No file is lost, but in ‘t.csv’ 3 columns changed places; "
	                                    "everything else was read and compared.");
}

Test(review_tables, dates_that_moved_say_by_how_much)
{
	TABLE("\"rewrites\": [{\"column\": \"d\", \"nature\": \"dates_moved\", \"count\": 40, "
	      "\"moved_by_seconds\": -126316800}, {\"column\": \"e\", \"nature\": \"dates_moved\", "
	      "\"count\": 3, \"moved_by_seconds\": 3600}]");
	sample_end(&s);
	cr_assert_eq(items("dates_moved"), 2);
	FIRES("dates_moved", MEDIUM,
	      "In ‘t.csv’, column ‘d’, 40 cells: 1,462 days earlier, by which the date systems of 1900 "
	      "and 1904 differ");
	cr_assert_str_eq(s.r->review[1].what, "In ‘t.csv’, column ‘e’, 3 cells: 1 hour later");
}

Test(review_tables, what_can_be_put_right_is_not_called_lost)
{
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"mojibake\", \"count\": 30}, "
	      "{\"column\": \"o\", \"nature\": \"mojibake_repaired\", \"count\": 30}, "
	      "{\"column\": \"p\", \"nature\": \"numbered_anew\", \"count\": 30}, "
	      "{\"column\": \"q\", \"nature\": \"scale_unsure\", \"count\": 2}]");
	sample_end(&s);
	FIRES("broken_values", HIGH,
	      "In ‘t.csv’, column ‘n’, 30 cells: broken characters, which can be repaired");
	FIRES("scale_unsure", MEDIUM,
	      "In ‘t.csv’, column ‘q’, 2 cells: a mark for decimals or for thousands: may be 1,000 times "
	      "as much");
	cr_assert_eq(s.r->review_count, 2);
	cr_assert(strstr(s.r->verdict.text, "30 texts have broken characters"));
}

Test(review_tables, line_one_names_one_or_two_kinds_of_damage)
{
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"leading_zeros_lost\", \"count\": 20}, "
	      "{\"column\": \"o\", \"nature\": \"formula_to_constant\", \"count\": 1}]");
	sample_end(&s);
	cr_assert(strstr(s.r->verdict.text,
	                 "20 values lost their leading zeros and 1 formula became a constant"));
	end();
	begin();
	TABLE("\"rewrites\": [{\"column\": \"n\", \"nature\": \"leading_zeros_lost\", \"count\": 20}, "
	      "{\"column\": \"o\", \"nature\": \"formula_to_constant\", \"count\": 1}, "
	      "{\"column\": \"p\", \"nature\": \"time_lost\", \"count\": 2}]");
	sample_end(&s);
	cr_assert(strstr(s.r->verdict.text, "23 values were damaged"));
}

Test(review_tables, a_column_without_a_name_is_named_by_its_number)
{
	TABLE("\"columns\": [{\"kind\": \"removed\", \"name\": \"\", \"name_before\": \"\", "
	      "\"index_before\": 4}], \"rewrites\": [{\"column\": \"\", \"column_index\": 2, "
	      "\"nature\": \"sign_changed\", \"count\": 3}]");
	sample_end(&s);
	FIRES("column_removed", HIGH, "The column number 4 (no name) was removed from ‘t.csv’");
	FIRES("sign_changed", MEDIUM, "In ‘t.csv’, column number 2 (no name), 3 cells: sign changed");
}

Test(review_tables, total_mismatch_says_what_is_shown_and_what_it_should_be)
{
	TABLE("\"total_rows\": [{\"row\": 9, \"row_before\": 10, \"label\": \"Total\", \"column\": \"n\","
	      "\"before\": {\"shown\": \"6\", \"sum\": \"6\"},"
	      "\"after\": {\"shown\": \"6\", \"sum\": \"5\"}}]");
	sample_end(&s);
	FIRES("total_mismatch", MEDIUM,
	      "In ‘t.csv’, row 9 (‘Total’) shows ‘6’ under ‘n’, and the rows above it add up to ‘5’; before, "
	      "they agreed");
}

Test(review_tables, alignment_doubtful)
{
	TABLE("\"aligned_by\": {\"how\": \"rows\", \"doubtful\": true}");
	sample_gap(&s, "t.csv", 3, TALLY_REASON_ALIGNMENT_DOUBTFUL, TALLY_LEVEL_PART);
	sample_end(&s);
	cr_assert_eq(items("alignment_doubtful"), 1);
	SILENT("unread_meaning");
}

Test(review_tables, alignment_doubtful_by_its_row_alone)
{
	sample_gap(&s, "t.csv", 3, TALLY_REASON_ALIGNMENT_DOUBTFUL, TALLY_LEVEL_PART);
	sample_end(&s);
	cr_assert_eq(items("alignment_doubtful"), 1);
}

Test(review_tables, malformed_rows_and_duplicate_keys_weigh_by_what_is_new)
{
	TABLE("\"problems\": [{\"what\": \"ragged_row\", \"side\": \"after\", \"row\": 7, \"count\": 2}, "
	      "{\"what\": \"unclosed_quote\", \"side\": \"before\", \"row\": 7, \"count\": 1}, "
	      "{\"what\": \"unclosed_quote\", \"side\": \"after\", \"row\": 7, \"count\": 1}, "
	      "{\"what\": \"duplicate_key\", \"side\": \"after\", \"row\": 9, \"count\": 3, \"detail\": "
	      "\"A-1\"}]");
	sample_end(&s);
	cr_assert_eq(items("malformed_rows"), 1);
	FIRES("malformed_rows", MEDIUM,
	      "‘t.csv’ has 2 rows with too many or too few cells, first in row 7; before, it had "
	      "none");
	cr_assert_eq(item("key_duplicates")->severity, TALLY_SEVERITY_MEDIUM);
	cr_assert_str_eq(
		item("key_duplicates")->what,
		"The key of ‘t.csv’ stands in several rows: ‘A-1’ for one (3 rows; before, none)");
}

Test(review_tables, malformed_rows_and_duplicate_keys_as_before_are_no_finding)
{
	TABLE("\"problems\": [{\"what\": \"header_repeated\", \"side\": \"before\", \"row\": 7, "
	      "\"count\": 2}, {\"what\": \"header_repeated\", \"side\": \"after\", \"row\": 7, "
	      "\"count\": 2}, {\"what\": \"duplicate_key\", \"side\": \"before\", \"row\": 9, "
	      "\"count\": 3}, {\"what\": \"duplicate_key\", \"side\": \"after\", \"row\": 9, "
	      "\"count\": 3}]");
	sample_end(&s);
	SILENT("malformed_rows");
	SILENT("key_duplicates");
}

Test(review_tables, as_many_malformed_rows_and_duplicate_keys_as_before_but_others_are_a_finding)
{
	TABLE("\"problems\": [{\"what\": \"ragged_row\", \"side\": \"before\", \"row\": 7, "
	      "\"count\": 1, \"others\": true}, {\"what\": \"ragged_row\", \"side\": \"after\", "
	      "\"row\": 9, \"count\": 1, \"others\": true}, {\"what\": \"duplicate_key\", "
	      "\"side\": \"before\", \"row\": 9, \"count\": 2, \"others\": true}, {\"what\": "
	      "\"duplicate_key\", \"side\": \"after\", \"row\": 9, \"count\": 2, \"detail\": "
	      "\"B\", \"others\": true}]");
	sample_end(&s);
	FIRES("malformed_rows", LOW,
	      "‘t.csv’ has 1 row with too many or too few cells, row 9; before, it had as many, but not the same");
	FIRES("key_duplicates", MEDIUM,
	      "The key of ‘t.csv’ stands in several rows: ‘B’ for one (2 rows; before, as many, but not the same)");
}

Test(review_tables, many_cells_changed_and_sums)
{
	TABLE("\"rows\": {\"before\": 40, \"edited\": 20, \"after\": 40}, \"invariants\": [{\"column\": "
	      "\"price\", \"sum\": {\"before\": \"10\", \"after\": \"12.5\"}}, {\"column\": \"n\", "
	      "\"count\": {\"before\": 1, \"after\": 2}}]");
	sample_end(&s);
	FIRES("many_cells_changed", MEDIUM, "20 of 40 rows were edited in ‘t.csv’");
	FIRES("sum_changed", LOW, "Sums of ‘t.csv’: ‘price’ 10 → 12.5");
}

/* Three hundred tables with the same trouble are three items and one for the rest. */
Test(review_tables, equal_findings_about_tables_are_merged)
{
	char json[200];

	for (int i = 0; i < 300; i++) {
		snprintf(json, sizeof json,
		         "{\"path\": \"t%03d.csv\", \"columns\": [{\"kind\": \"removed\", \"name\": "
		         "\"x\"}]}",
		         i);
		sample_table(&s, json);
	}
	sample_end(&s);
	cr_assert_eq(s.r->review_count, 4);
	cr_assert_str_eq(s.r->review[3].what,
	                 "297 more like this: ‘t003.csv’, ‘t004.csv’, ‘t005.csv’ …");
	cr_assert_eq(s.r->review[3].how_many, 297);
}
