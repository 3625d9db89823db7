/* Command lines: see cli/args.h. */
#include "cli/args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/mem.h"
#include "receipt/words.h"

enum { HELP_COLUMN = 28 };

bool cli_quiet, cli_help;

void cli_list_release(struct cli_list *list)
{
	tally_free(list->items);
	*list = (struct cli_list){ NULL, 0, 0 };
}

static bool append(struct cli_list *list, const char *item)
{
	if (!tally_grow(&list->items, &list->cap, list->count, sizeof *list->items)) {
		cli_complain("out of memory");
		return false;
	}
	list->items[list->count++] = item;
	return true;
}

/* splits in place: the text is argv's own, which is ours to write to */
static bool append_names(struct cli_list *list, char *text)
{
	char *out = text, *start = text;

	for (char *p = text;; p++) {
		if (p[0] == '\\' && p[1] == ',') {
			*out++ = *++p;
			continue;
		}
		if (*p == ',' || *p == '\0') {
			bool end = *p == '\0';

			*out++ = '\0';
			if (!*start)
				return false;
			if (!append(list, start))
				return false;
			start = out;
			if (end)
				return true;
			continue;
		}
		*out++ = *p;
	}
}

static bool parse_number(const char *text, struct cli_number *number)
{
	uint64_t n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || n < number->least || n > number->most)
		return false;
	number->value = n;
	return true;
}

bool cli_parse_size(const char *text, uint64_t *out)
{
	static const char letters[] = "KMGT";
	uint64_t n;
	const char *at;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno)
		return false;
	at = *end ? strchr(letters, *end & ~0x20) : NULL;
	if (at && !strcmp(end + 1, "iB"))
		end += 2;
	if (*end && (!at || end[1]))
		return false;
	for (ptrdiff_t i = at ? at - letters : -1; i >= 0; i--)
		if (__builtin_mul_overflow(n, UINT64_C(1024), &n))
			return false;
	*out = n;
	return true;
}

static bool parse_choice(const struct cli_option *o, const char *text)
{
	for (int i = 0; o->choices[i]; i++) {
		if (!strcmp(o->choices[i], text)) {
			*(int *)o->to = i;
			return true;
		}
	}
	return false;
}

static bool take_value(const struct cli_option *o, char *text)
{
	switch (o->kind) {
	case CLI_FLAG:
		*(bool *)o->to = true;
		return true;
	case CLI_TEXT:
		*(const char **)o->to = text;
		return *text != '\0';
	case CLI_LIST:
		return *text && append(o->to, text);
	case CLI_NAMES:
		return append_names(o->to, text);
	case CLI_NUMBER:
		return parse_number(text, o->to);
	case CLI_SIZE:
		return cli_parse_size(text, o->to);
	case CLI_CHOICE:
		return parse_choice(o, text);
	case CLI_LIMIT:
		return cli_parse_limit(o->to, text);
	}
	return false;
}

/* what the option takes, in words */
static void refuse(const struct cli_option *o, const char *text)
{
	const struct cli_number *number = o->to;

	switch (o->kind) {
	case CLI_LIMIT: /* has told it */
		break;
	case CLI_CHOICE:
		cli_complain("--%s takes one of %s; not '%s'", o->name, o->value, text);
		break;
	case CLI_NUMBER:
		cli_complain("--%s takes a whole number from %" PRIu64 " to %" PRIu64 "; not '%s'",
		             o->name, number->least, number->most, text);
		break;
	case CLI_SIZE:
		cli_complain("--%s takes a number of bytes, or of K, M, G or T; not '%s'", o->name,
		             text);
		break;
	case CLI_NAMES:
		cli_complain("--%s takes names with commas between them, none of them empty (%s)",
		             o->name, o->value);
		break;
	default:
		cli_complain("--%s wants a value that is not empty (%s)", o->name, o->value);
	}
}

static bool set_option(const struct cli_option *o, char *text)
{
	if (take_value(o, text))
		return true;
	refuse(o, text);
	return false;
}

static const struct cli_option *find_long(const struct cli_option *options, const char *name,
                                          size_t len)
{
	for (; options->name; options++)
		if (strlen(options->name) == len && !strncmp(options->name, name, len))
			return options;
	return NULL;
}

static const struct cli_option *find_letter(const struct cli_option *options, char letter)
{
	for (; options->name; options++)
		if (options->letter && options->letter == letter)
			return options;
	return NULL;
}

/* one argument that begins with "--"; may take the next one as its value. @return arguments used, 0: wrong */
static int parse_long(char **argv, const struct cli_option *options)
{
	char *name = argv[0] + 2, *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	const struct cli_option *o = find_long(options, name, len);

	if (!o) {
		cli_complain("unknown option '--%.*s'; --help lists them", (int)len, name);
		return 0;
	}
	if (o->kind == CLI_FLAG) {
		if (equals) {
			cli_complain("--%s takes no value", o->name);
			return 0;
		}
		return set_option(o, NULL) ? 1 : 0;
	}
	if (equals)
		return set_option(o, equals + 1) ? 1 : 0;
	if (!argv[1]) {
		cli_complain("--%s wants a value (%s)", o->name, o->value);
		return 0;
	}
	return set_option(o, argv[1]) ? 2 : 0;
}

/* one argument of short options */
static int parse_short(char **argv, const struct cli_option *options)
{
	for (char *p = argv[0] + 1; *p; p++) {
		const struct cli_option *o = find_letter(options, *p);

		if (!o) {
			cli_complain("unknown option '-%c'; --help lists them", *p);
			return 0;
		}
		if (o->kind == CLI_FLAG) {
			set_option(o, NULL);
			continue;
		}
		if (p[1])
			return set_option(o, p + 1) ? 1 : 0;
		if (!argv[1]) {
			cli_complain("-%c wants a value (%s)", *p, o->value);
			return 0;
		}
		return set_option(o, argv[1]) ? 2 : 0;
	}
	return 1;
}

bool cli_parse(int argc, char **argv, const struct cli_option *options, struct cli_list *operands)
{
	for (int i = 1; i < argc;) {
		int used = 1;

		if (!strcmp(argv[i], "--")) {
			for (i++; i < argc; i++)
				if (!append(operands, argv[i]))
					return false;
			break;
		}
		if (argv[i][0] == '-' && argv[i][1] == '-')
			used = parse_long(argv + i, options);
		else if (argv[i][0] == '-' && argv[i][1])
			used = parse_short(argv + i, options);
		else if (!append(operands, argv[i]))
			return false;
		if (used == 0)
			return false;
		i += used;
	}
	return true;
}

/* @return the columns it takes */
static int put_shown(const char *text)
{
	printf(" %s", text);
	return (int)tally_words_width(text, strlen(text));
}

void cli_print_options(const struct cli_option *options)
{
	for (; options->name; options++) {
		const char *help = options->help, *line;
		int at;

		at = options->letter ? printf("  -%c, --%s", options->letter, options->name)
		                     : printf("      --%s", options->name);
		if (options->value)
			at += 1 + put_shown(options->value);
		if (at >= HELP_COLUMN - 1) {
			putchar('\n');
			at = 0;
		}
		for (;;) {
			line = strchr(help, '\n');
			printf("%*s%.*s\n", HELP_COLUMN - at, "",
			       line ? (int)(line - help) : (int)strlen(help), help);
			if (!line)
				break;
			help = line + 1;
			at = 0;
		}
	}
}
