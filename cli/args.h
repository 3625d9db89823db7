/**
 * Command lines: a table of options says what a verb takes, the parser fills it in, the help prints it. One table serves all
 * three, so that they cannot disagree.
 *
 * Long options take their value as --name=VALUE or --name VALUE, short ones as -xVALUE or -x VALUE; short flags can be joined.
 * "--" ends the options. Options and operands can be mixed.
 */
#ifndef TALLY_CLI_ARGS_H
#define TALLY_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/limits.h"

enum cli_option_kind {
	CLI_FLAG, /**< bool *: set to true */
	CLI_TEXT, /**< const char **: the value, never empty */
	CLI_LIST, /**< struct cli_list *: the value is appended, never empty */
	CLI_NAMES, /**< struct cli_list *: the value is split at commas and appended ("\," is a comma), none empty */
	CLI_NUMBER, /**< struct cli_number *: a whole number within its bounds */
	CLI_SIZE,   /**< uint64_t *: bytes, with K, M, G, T (powers of 1024) */
	CLI_CHOICE, /**< int *: number of the word in choices */
	CLI_LIMIT,  /**< struct tally_limits *: NAME=VALUE, checked by cli_parse_limit */
};

struct cli_option {
	char letter;      /**< 0: none */
	const char *name; /**< without dashes; NULL ends the table */
	enum cli_option_kind kind;
	void *to;
	const char *value; /**< what the value is called in the help ("DIR"); NULL for flags */
	const char *help;  /**< one or two lines, broken by \n */
	const char *const *choices; /**< CLI_CHOICE: words, NULL at the end */
};

/** A whole number that may be given, and between which bounds it makes sense. */
struct cli_number {
	uint64_t value, least, most;
};

/** Strings in the order given; the strings belong to argv or to the list. */
struct cli_list {
	const char **items;
	size_t count, cap;
};

void cli_list_release(struct cli_list *list);

/** Options that every verb has: put CLI_COMMON in front of a verb's own rows. */
#define CLI_COMMON                                                                     \
	{ 'q', "quiet", CLI_FLAG, &cli_quiet, NULL, "no remarks, no progress", NULL }, \
	{                                                                              \
		'h', "help", CLI_FLAG, &cli_help, NULL, "this help", NULL              \
	}

/** Set by -q (no remarks, no progress) and by -h. */
extern bool cli_quiet, cli_help;

/**
 * Take the options out of argv.
 * @operands  what is left, in order
 * @return false when the command line is wrong; the message was printed
 */
bool cli_parse(int argc, char **argv, const struct cli_option *options, struct cli_list *operands);

/** Print the rows of a table for a help text. */
void cli_print_options(const struct cli_option *options);

/** "NAME=VALUE" into its field. @return false: wrong, the message was printed */
bool cli_parse_limit(struct tally_limits *limits, char *text);

/** Bytes with an optional suffix. @return false when it is not that */
bool cli_parse_size(const char *text, uint64_t *out);

#endif
