/* The program: finds the verb and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

int main(int argc, char **argv)
{
	static char help[] = "help", version[] = "version";
	const struct cli_verb *verb;

	if (argc < 2) {
		fputs("usage: tally VERB …; 'tally help' lists the verbs\n", stderr);
		return CLI_TROUBLE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		argv[1] = help;
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		argv[1] = version;
	verb = cli_verb_find(argv[1]);
	if (!verb) {
		cli_complain("no verb '%s'; 'tally help' lists them", argv[1]);
		return CLI_TROUBLE;
	}
	return verb->run(argc - 1, argv + 1);
}
