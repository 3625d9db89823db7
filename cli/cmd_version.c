/* tally version. */
#include <stdio.h>

#include "cli/args.h"
#include "cli/cli.h"

static const struct cli_option options[] = {
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_version_help(void)
{
	puts("usage: tally version\n\nPrints the version.\n");
	cli_print_options(options);
}

int cmd_version(int argc, char **argv)
{
	struct cli_list operands = { NULL, 0, 0 };

	if (!cli_parse(argc, argv, options, &operands))
		return CLI_TROUBLE;
	if (cli_help_flag)
		cmd_version_help();
	else
		puts("tally " TALLY_VERSION);
	cli_list_release(&operands);
	return CLI_OK;
}
