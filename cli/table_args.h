/**
 * The options of every verb that compares tables.
 */
#ifndef TALLY_CLI_TABLE_ARGS_H
#define TALLY_CLI_TABLE_ARGS_H

#include "cli/args.h"
#include "receipt/job.h"

/** Filled by the options of CLI_TABLE_OPTIONS. */
struct cli_table_args {
	struct cli_list key;
	bool no_key;
	const char *encoding;
	const char *delimiter; /**< one character, "tab", or NULL */
	int header;            /**< 0 find out, 1 yes, 2 no */
};

#define CLI_TABLE_ARGS_INIT \
	{                   \
		.header = 0 \
	}

extern const char *const cli_header_words[];

/* clang-format off */
#define CLI_TABLE_OPTIONS(args)                                                                                              \
	{ 'k', "key", CLI_NAMES, &(args).key, "COLUMN,…", "columns that say which row is which (found out otherwise)", NULL }, \
	{ 0, "no-key", CLI_FLAG, &(args).no_key, NULL, "tables have no key: pair rows by place and likeness", NULL },        \
	{ 0, "encoding", CLI_TEXT, &(args).encoding, "NAME", "of text tables: utf-8, utf-16, windows-1252, latin-1", NULL }, \
	{ 0, "delimiter", CLI_TEXT, &(args).delimiter, "CHAR", "of text tables: one character, or 'tab'", NULL },            \
	{ 0, "header", CLI_CHOICE, &(args).header, "auto|yes|no", "do text tables have a row of column names?", cli_header_words }
/* clang-format on */

/** Wishes from the arguments: borrowed pointers into @args. @return false: wrong, the message was printed */
bool cli_table_wishes(struct tally_table_wishes *wishes, const struct cli_table_args *args);

void cli_table_args_release(struct cli_table_args *args);

#endif
