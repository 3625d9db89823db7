/* tally version. */
#include <stdio.h>

#include "cli/args.h"
#include "cli/cli.h"

const struct cli_option cmd_version_options[] = {
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_version_help(void)
{
	puts("usage: tally version\n\nPrints the version.\n");
	cli_print_options(cmd_version_options);
}

int cmd_version(const struct cli_list *operands)
{
	(void)operands;
	puts("tally " TALLY_VERSION);
	return CLI_OK;
}
