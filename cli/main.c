/* The program: finds the verb and runs it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/cli.h"

enum { OUTPUT_BUFFER = 1 << 16 };

static int run(const struct cli_verb *verb, int argc, char **argv)
{
	struct cli_list operands = { NULL, 0, 0 };
	int status = CLI_TROUBLE;

	if (cli_parse(argc, argv, verb->options, &operands)) {
		if (cli_help)
			verb->help();
		status = cli_help ? CLI_OK : verb->run(&operands);
	}
	cli_list_release(&operands);
	return status;
}

int main(int argc, char **argv)
{
	static char help[] = "help", version[] = "version";
	const struct cli_verb *verb;

	/* whatever fits is written at the end, where a failure has its reason */
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, NULL, _IOFBF, OUTPUT_BUFFER);
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
	return cli_finish(run(verb, argc - 1, argv + 1));
}
