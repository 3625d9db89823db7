/* Which session a verb means: see cli/find_session.h. */
#include "cli/find_session.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "core/path.h"

static bool watches(const struct tally_session *s, const char *dir)
{
	for (size_t i = 0; i < s->root_count; i++)
		if (tally_path_below(dir, strlen(dir), s->roots[i], strlen(s->roots[i])))
			return true;
	return false;
}

static void on_broken(void *payload, const char *id, const char *message)
{
	(void)payload;
	cli_remark("session %s is left out: %s", id, message);
}

static enum tally_status none_fits(enum cli_session_state state, size_t others, struct tally_err *err)
{
	if (state == CLI_SESSION_CLOSED)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
		                     "no receipt yet; 'tally after' makes one");
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
	                     "no open session; 'tally before' opens one%s",
	                     others ? ", 'tally after --again' makes the newest receipt anew" : "");
}

static enum tally_status pick(struct tally_session **out, enum cli_session_state state,
                              struct tally_err *err)
{
	struct tally_session **list = NULL;
	size_t count = 0, fit = 0, newest = SIZE_MAX, here = SIZE_MAX;
	char *dir = realpath(".", NULL);
	enum tally_status st = tally_session_list(&list, &count, on_broken, NULL, err);

	for (size_t i = 0; i < count && st >= 0; i++) {
		if ((list[i]->ended_at_ns != 0) != (state == CLI_SESSION_CLOSED))
			continue;
		fit++;
		newest = i;
		if (dir && watches(list[i], dir))
			here = i;
	}
	if (st >= 0 && fit == 0)
		st = none_fits(state, count, err);
	if (st >= 0) {
		size_t at = here != SIZE_MAX ? here : newest;

		if (fit > 1 && state == CLI_SESSION_OPEN)
			cli_remark("session %s (%zu are open; 'tally log' lists them)",
			           list[at]->id, fit);
		*out = list[at];
		list[at] = NULL;
	}
	tally_session_list_free(list, count);
	free(dir);
	return st;
}

enum tally_status cli_find_session(struct tally_session **out, const char *id,
                                   enum cli_session_state state, struct tally_err *err)
{
	return id ? tally_session_open(out, id, err) : pick(out, state, err);
}
