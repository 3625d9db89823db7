/* --limit NAME=VALUE: which limits there are, and which values make sense. */
#include <inttypes.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "core/limits.h"

/* Seconds become milliseconds and time_t on their way; nobody waits for ten years. */
#define SECONDS_MOST (UINT64_C(3600) * 24 * 365 * 10)

static const struct tally_limit_info *info_of(const char *name)
{
	const struct tally_limit_info *info;

	for (unsigned i = 0; (info = tally_limit_info(i)) != NULL; i++)
		if (!strcmp(info->name, name))
			return info;
	return NULL;
}

/* Limits of which nothing at all is a sensible wish; with 0 for any other one nothing could be done. */
static bool may_be_zero(const char *name)
{
	static const char *const names[] = { "read_retries",     "hole_bytes",
		                             "keep_budget",      "archive_depth",
		                             "sketch_bytes",     "similarity_steps",
		                             "similarity_texts", "similarity_pictures",
		                             "sibling_names" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

static bool set_limit(struct tally_limits *limits, const struct tally_limit_info *info,
                      const char *text)
{
	uint64_t most = strcmp(info->unit, "seconds") ? (uint64_t)INT64_MAX : SECONDS_MOST;
	uint64_t least = may_be_zero(info->name) ? 0 : 1, value;

	if (cli_parse_size(text, &value) && value >= least && value <= most) {
		*tally_limit_field(limits, info->name) = value;
		return true;
	}
	cli_complain("--limit %s takes a number of %s from %" PRIu64 " to %" PRIu64 "; not '%s'",
	             info->name, info->unit, least, most, text);
	return false;
}

bool cli_parse_limit(struct tally_limits *limits, char *text)
{
	char *equals = strchr(text, '=');
	const struct tally_limit_info *info;

	if (!equals) {
		cli_complain("--limit takes NAME=VALUE, not '%s'; 'tally help limits' lists the names",
		             text);
		return false;
	}
	*equals = '\0';
	info = info_of(text);
	if (!info)
		cli_complain("--limit knows no limit '%s'; 'tally help limits' lists them", text);
	*equals = '=';
	return info && set_limit(limits, info, equals + 1);
}
