/**
 * Showing a receipt: format, destination, colour and exit status, the same for every verb that shows one.
 */
#ifndef TALLY_CLI_OUTPUT_H
#define TALLY_CLI_OUTPUT_H

#include <stdbool.h>

#include "receipt/receipt.h"

enum cli_format { CLI_FORMAT_TEXT, CLI_FORMAT_JSON };

/** Filled by the options of CLI_OUTPUT_OPTIONS. */
struct cli_output {
	int format; /**< enum cli_format */
	bool json;  /**< --json: the same as --format json */
	bool all;
	bool exit_code;   /**< status as of `diff` */
	const char *file; /**< NULL: standard output */
};

extern const char *const cli_format_words[];

/* clang-format off */
#define CLI_OUTPUT_OPTIONS(out)                                                                                              \
	{ 0, "format", CLI_CHOICE, &(out).format, "text|json", "how to show the receipt", cli_format_words },                \
	{ 0, "json", CLI_FLAG, &(out).json, NULL, "short for --format json", NULL },                                         \
	{ 'o', "output", CLI_TEXT, &(out).file, "FILE", "write to FILE instead of standard output", NULL },                  \
	{ 'a', "all", CLI_FLAG, &(out).all, NULL, "list every change (long lists are cut otherwise,\nbut never losses)", NULL }
/* clang-format on */

/** Write a receipt. @return CLI_OK, CLI_TROUBLE, or with exit_code CLI_DIFFERS where it says that something differs */
int cli_show(const struct tally_receipt *r, const struct cli_output *out);

#endif
