/**
 * What the verbs share: exit statuses, messages, the table of verbs.
 */
#ifndef TALLY_CLI_CLI_H
#define TALLY_CLI_CLI_H

#include "core/err.h"

/** Exit statuses. The same for every verb; `diff` (and others with --exit-code) use all three. */
enum cli_exit {
	CLI_OK = 0,      /**< done; `diff`: nothing differs and all was verified */
	CLI_DIFFERS = 1, /**< something differs, or could not be verified */
	CLI_TROUBLE = 2, /**< could not be done; the message says why */
};

/** A verb. */
struct cli_verb {
	const char *name;
	const char *summary;               /**< one line for the list of verbs */
	int (*run)(int argc, char **argv); /**< argv[0] is the verb's name */
	void (*help)(void);                /**< prints the verb's help to standard output */
};

/** All verbs, a row with a NULL name at the end. */
extern const struct cli_verb cli_verbs[];

/** The verb with this name, or NULL. */
const struct cli_verb *cli_verb_find(const char *name);

/** "tally: MESSAGE" on standard error. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** A remark on standard error, unless -q was given. */
void cli_remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Complain about an error and return CLI_TROUBLE. */
int cli_trouble(const struct tally_err *err);

/** Set by -q: no remarks, no progress. */
extern int cli_quiet;

int cmd_before(int argc, char **argv);
void cmd_before_help(void);
int cmd_after(int argc, char **argv);
void cmd_after_help(void);
int cmd_diff(int argc, char **argv);
void cmd_diff_help(void);
int cmd_snap(int argc, char **argv);
void cmd_snap_help(void);
int cmd_list(int argc, char **argv);
void cmd_list_help(void);
int cmd_show(int argc, char **argv);
void cmd_show_help(void);
int cmd_log(int argc, char **argv);
void cmd_log_help(void);
int cmd_where(int argc, char **argv);
void cmd_where_help(void);
int cmd_verify(int argc, char **argv);
void cmd_verify_help(void);
int cmd_version(int argc, char **argv);
void cmd_version_help(void);
int cmd_help(int argc, char **argv);
void cmd_help_help(void);

#endif
