/* Table options from the command line: see cli/table_args.h. */
#include "cli/table_args.h"

#include <string.h>

#include "cli/cli.h"

const char *const cli_header_words[] = { "auto", "yes", "no", NULL };

bool cli_table_wishes(struct tally_table_wishes *wishes, const struct cli_table_args *args)
{
	*wishes = (struct tally_table_wishes){ .key = args->key.items,
		                               .key_count = args->key.count,
		                               .no_key = args->no_key,
		                               .encoding = args->encoding,
		                               .header = args->header == 0 ? -1 : args->header == 1 };
	if (!args->delimiter)
		return true;
	if (!strcmp(args->delimiter, "tab") || !strcmp(args->delimiter, "\\t")) {
		wishes->delimiter = '\t';
		return true;
	}
	if (strlen(args->delimiter) != 1 || args->delimiter[0] == '"' ||
	    (unsigned char)args->delimiter[0] < ' ') {
		cli_complain("--delimiter takes one character, or 'tab'");
		return false;
	}
	wishes->delimiter = args->delimiter[0];
	return true;
}

void cli_table_args_release(struct cli_table_args *args)
{
	cli_list_release(&args->key);
}
