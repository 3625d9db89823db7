/* tally show: a receipt again. */
#include <stdio.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "cli/find_session.h"
#include "cli/output.h"

static struct cli_output output;

const struct cli_option cmd_show_options[] = {
	CLI_OUTPUT_OPTIONS(output),
	{ 0, "exit-code", CLI_FLAG, &output.exit_code, NULL,
	  "status 1 when something differs or could not be verified", NULL },
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_show_help(void)
{
	puts("usage: tally show [SESSION] [--format text|json] [-o FILE] [--all]\n\n"
	     "Prints the receipt of a session again, after checking that it is the one that was\n"
	     "stored. Without SESSION it is the newest receipt of the folder you are in, otherwise\n"
	     "the newest of all.\n");
	cli_print_options(cmd_show_options);
}

int cmd_show(const struct cli_list *operands)
{
	struct tally_session *s = NULL;
	struct tally_receipt *receipt = NULL;
	struct tally_err err = { 0 };
	enum tally_status st;
	int status;

	if (operands->count > 1) {
		cli_complain("one session at most");
		return CLI_TROUBLE;
	}
	st = cli_find_session(&s, operands->count ? operands->items[0] : NULL, CLI_SESSION_CLOSED,
	                      &err);
	if (st >= 0)
		st = tally_session_load_receipt(s, &receipt, &err);
	status = st < 0 ? cli_trouble(&err) : cli_show(receipt, &output);
	tally_receipt_free(receipt);
	tally_session_free(s);
	return status;
}
