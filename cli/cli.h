/**
 * What the verbs share: exit statuses, messages, the table of verbs.
 */
#ifndef TALLY_CLI_CLI_H
#define TALLY_CLI_CLI_H

#include "cli/args.h"
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
	const char *summary; /**< one line for the list of verbs */
	const struct cli_option *options;
	int (*run)(const struct cli_list *operands); /**< @return enum cli_exit */
	void (*help)(void); /**< prints the verb's help to standard output */
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

/** A name, escaped, on standard output. Where there is no memory for it, cli_finish tells. */
void cli_put_name(const char *bytes, size_t len);

/** "  LABEL    TEXT", escaped, as a line of standard output. */
void cli_put_field(const char *label, const char *text);

/**
 * The end of what a verb printed: a full disk is told here, whichever verb met it.
 * @status  the verb's own
 * @return @status, or CLI_TROUBLE where not all of it was written
 */
int cli_finish(int status);

extern const struct cli_option cmd_before_options[];
int cmd_before(const struct cli_list *operands);
void cmd_before_help(void);
extern const struct cli_option cmd_after_options[];
int cmd_after(const struct cli_list *operands);
void cmd_after_help(void);
extern const struct cli_option cmd_diff_options[];
int cmd_diff(const struct cli_list *operands);
void cmd_diff_help(void);
extern const struct cli_option cmd_snap_options[];
int cmd_snap(const struct cli_list *operands);
void cmd_snap_help(void);
extern const struct cli_option cmd_list_options[];
int cmd_list(const struct cli_list *operands);
void cmd_list_help(void);
extern const struct cli_option cmd_show_options[];
int cmd_show(const struct cli_list *operands);
void cmd_show_help(void);
extern const struct cli_option cmd_log_options[];
int cmd_log(const struct cli_list *operands);
void cmd_log_help(void);
extern const struct cli_option cmd_where_options[];
int cmd_where(const struct cli_list *operands);
void cmd_where_help(void);
extern const struct cli_option cmd_verify_options[];
int cmd_verify(const struct cli_list *operands);
void cmd_verify_help(void);
extern const struct cli_option cmd_forget_options[];
int cmd_forget(const struct cli_list *operands);
void cmd_forget_help(void);
extern const struct cli_option cmd_version_options[];
int cmd_version(const struct cli_list *operands);
void cmd_version_help(void);
extern const struct cli_option cmd_help_options[];
int cmd_help(const struct cli_list *operands);
void cmd_help_help(void);

#endif
