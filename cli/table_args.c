/* Table options from the command line: see cli/table_args.h. */
#include "cli/table_args.h"

#include <string.h>

#include "cli/cli.h"
#include "receipt/scope.h"

const char *const cli_header_words[] = { "auto", "yes", "no", NULL };

/* Do the options go together, and is what they name known? */
static bool sensible(const struct cli_table_args *args)
{
	if (args->encoding && !tally_wishes_encoding_known(args->encoding)) {
		cli_complain("--encoding takes utf-8, utf-16, utf-16le, utf-16be, windows-1252 or latin-1; "
		             "not '%s'",
		             args->encoding);
		return false;
	}
	if (args->key.count > TALLY_WISHES_KEYS) {
		cli_complain("--key takes at most %d columns", TALLY_WISHES_KEYS);
		return false;
	}
	if (args->key.count && args->no_key) {
		cli_complain("--key and --no-key do not go together: give one of them");
		return false;
	}
	return true;
}

bool cli_scope_words(struct tally_scope_words *words, const struct cli_scope_args *args)
{
	struct tally_err err = { 0 };

	*words = (struct tally_scope_words){ .columns = args->columns.items,
		                             .column_count = args->columns.count,
		                             .sheets = args->sheets.items,
		                             .sheet_count = args->sheets.count,
		                             .rows = args->rows };
	if (tally_scope_check(words, &err) >= 0)
		return true;
	cli_trouble(&err);
	return false;
}

void cli_scope_args_release(struct cli_scope_args *args)
{
	cli_list_release(&args->columns);
	cli_list_release(&args->sheets);
}

bool cli_table_wishes(struct tally_table_wishes *wishes, const struct cli_table_args *args)
{
	*wishes = (struct tally_table_wishes){ .key = args->key.items,
		                               .key_count = args->key.count,
		                               .no_key = args->no_key,
		                               .encoding = args->encoding,
		                               .header = args->header == 0 ? -1 : args->header == 1 };
	if (!sensible(args) || !cli_scope_words(&wishes->allow, &args->allow))
		return false;
	if (!args->delimiter)
		return true;
	if (!strcmp(args->delimiter, "tab") || !strcmp(args->delimiter, "\\t") ||
	    !strcmp(args->delimiter, "\t")) {
		wishes->delimiter = '\t';
		return true;
	}
	if (strlen(args->delimiter) != 1 || args->delimiter[0] == '"' ||
	    (unsigned char)args->delimiter[0] < ' ' || (unsigned char)args->delimiter[0] > '~') {
		cli_complain(
			"--delimiter takes one ASCII character that is no quote, or 'tab'; not '%s'",
			args->delimiter);
		return false;
	}
	wishes->delimiter = args->delimiter[0];
	return true;
}

void cli_table_args_release(struct cli_table_args *args)
{
	cli_list_release(&args->key);
	cli_scope_args_release(&args->allow);
}
