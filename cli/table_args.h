/**
 * The options of every verb that compares tables.
 */
#ifndef TALLY_CLI_TABLE_ARGS_H
#define TALLY_CLI_TABLE_ARGS_H

#include "cli/args.h"
#include "receipt/job.h"

/** Filled by the options of CLI_SCOPE_OPTIONS. */
struct cli_scope_args {
	struct cli_list columns, sheets;
	const char *rows;
};

/** Filled by the options of CLI_TABLE_OPTIONS. */
struct cli_table_args {
	struct cli_list key;
	bool no_key;
	const char *encoding;
	const char *delimiter; /**< one character, "tab", or NULL */
	int header;            /**< 0 find out, 1 yes, 2 no */
	struct cli_scope_args allow;
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

#define CLI_SCOPE_OPTIONS(args)                                                                                              \
	{ 0, "allow-columns", CLI_NAMES, &(args).columns, "COLUMN,…", "only these columns of tables may change; what else did is listed\nfirst", NULL }, \
	{ 0, "allow-rows", CLI_TEXT, &(args).rows, "WHICH", "only these rows may change: 'id = 7', 'id != 7', 'id in 3,7,9',\n'day between 2026-01-01 and 2026-01-31'", NULL }, \
	{ 0, "allow-sheets", CLI_NAMES, &(args).sheets, "SHEET,…", "only these sheets of workbooks may change", NULL }
/* clang-format on */

/** Wishes from the arguments: borrowed pointers into @args. @return false: wrong, the message was printed */
bool cli_table_wishes(struct tally_table_wishes *wishes, const struct cli_table_args *args);

/** What may change, from the arguments: borrowed pointers. @return false: it cannot be understood, the message was printed */
bool cli_scope_words(struct tally_scope_words *words, const struct cli_scope_args *args);
void cli_scope_args_release(struct cli_scope_args *args);

void cli_table_args_release(struct cli_table_args *args);

#endif
