/* tally help: the list of verbs, help on one, the limits. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "core/limits.h"

const struct cli_option cmd_help_options[] = {
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_help_help(void)
{
	puts("usage: tally help [VERB|limits]\n\nLists the verbs, explains one, or lists the limits.\n");
	cli_print_options(cmd_help_options);
}

static void overview(void)
{
	puts("Tally takes a snapshot of folders before somebody works on them, another one after, and\n"
	     "prints a receipt: what became of every file, row and paragraph, what could not be\n"
	     "verified, and what to look at before you approve.\n\n"
	     "  tally before ~/Documents --task \"Sort the invoices by year\"\n"
	     "  ... somebody or something works there ...\n"
	     "  tally after\n\n"
	     "Verbs:");
	for (const struct cli_verb *v = cli_verbs; v->name; v++)
		printf("  %-9s %s\n", v->name, v->summary);
	puts("\n'tally help VERB' explains one, 'tally help limits' lists the limits.");
}

static void limits(void)
{
	const struct tally_limit_info *info;

	puts("Limits, with their defaults. Raise one with --limit NAME=VALUE (bytes take K, M, G, T).\n"
	     "What meets a limit is never passed over: it stands on the receipt with the limit's name.\n");
	for (unsigned i = 0; (info = tally_limit_info(i)) != NULL; i++)
		printf("  %-22s %13" PRIu64 " %-8s %s\n", info->name, info->value, info->unit,
		       info->why);
}

int cmd_help(const struct cli_list *operands)
{
	const struct cli_verb *verb;
	int status = CLI_OK;

	if (operands->count == 0)
		overview();
	else if (!strcmp(operands->items[0], "limits"))
		limits();
	else if ((verb = cli_verb_find(operands->items[0])) != NULL)
		verb->help();
	else {
		cli_complain("no verb '%s'; 'tally help' lists them", operands->items[0]);
		status = CLI_TROUBLE;
	}
	return status;
}
