/* tally log: all sessions, newest first. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "receipt/json_util.h"
#include "receipt/session.h"
#include "receipt/words.h"

static bool as_json;

const struct cli_option cmd_log_options[] = {
	{ 0, "json", CLI_FLAG, &as_json, NULL, "one JSON object a line", NULL },
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_log_help(void)
{
	puts("usage: tally log [--json]\n\nLists the sessions, the newest first.\n");
	cli_print_options(cmd_log_options);
}

static void put_text(const struct tally_session *s)
{
	char began[TALLY_TIME_MAX];

	tally_words_time(began, s->began_at_ns);
	printf("%s  %.10s %.8s UTC  %s\n", s->id, began, began + 11,
	       s->ended_at_ns ? "done" : "open");
	if (s->task)
		cli_put_field("task", s->task);
	for (size_t i = 0; i < s->root_count; i++)
		cli_put_field("folder", s->roots[i]);
	if (s->verdict)
		cli_put_field("receipt", s->verdict);
}

static bool put_json(const struct tally_session *s)
{
	char time[TALLY_TIME_MAX];
	json_t *o = json_object(), *roots = json_array();
	bool ok = true;
	char *text;

	tally_json_set(o, "id", json_string(s->id), &ok);
	tally_json_set(o, "task", s->task ? tally_json_text(s->task, strlen(s->task)) : json_null(),
	               &ok);
	for (size_t i = 0; i < s->root_count; i++)
		tally_json_add(roots, tally_json_text(s->roots[i], strlen(s->roots[i])), &ok);
	tally_json_set(o, "roots", roots, &ok);
	tally_json_set(o, "began_at", json_string(tally_words_time(time, s->began_at_ns)), &ok);
	tally_json_set(o, "ended_at",
	               s->ended_at_ns ? json_string(tally_words_time(time, s->ended_at_ns))
	                              : json_null(),
	               &ok);
	tally_json_set(o, "verdict", s->verdict ? json_string(s->verdict) : json_null(), &ok);
	text = ok ? json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(o);
	if (text)
		puts(text);
	free(text);
	return text != NULL;
}

static void on_broken(void *payload, const char *id, const char *message)
{
	*(int *)payload = CLI_DIFFERS;
	cli_complain("session %s: %s", id, message);
}

/* what interrupted runs left */
struct left {
	char id[TALLY_SESSION_ID_MAX];
	uint64_t dead, alive, damaged;
};

static void on_unfinished(void *payload, const struct tally_unfinished *what)
{
	struct left *left = payload;

	if (what->holds && !what->alive) {
		cli_complain("session %s has no session.json, but holds other files: it is damaged "
		             "('tally forget %s --force' removes it)",
		             what->id, what->id);
		left->damaged++;
		return;
	}
	if (what->alive)
		left->alive++;
	else
		left->dead++;
	if (!what->alive && left->dead == 1)
		snprintf(left->id, sizeof left->id, "%s", what->id);
}

static int remark_unfinished(void)
{
	struct left left = { .dead = 0 };
	struct tally_err err = { 0 };

	if (tally_session_unfinished(false, on_unfinished, &left, &err) < 0)
		return cli_trouble(&err);
	if (left.dead == 1)
		cli_remark("session %s was interrupted before it was whole; the next 'tally before' clears it away",
		           left.id);
	else if (left.dead)
		cli_remark("%" PRIu64
		           " sessions were interrupted before they were whole; the next 'tally before' "
		           "clears them away",
		           left.dead);
	if (left.alive)
		cli_remark("being begun right now: %" PRIu64, left.alive);
	return left.damaged ? CLI_DIFFERS : CLI_OK;
}

int cmd_log(const struct cli_list *operands)
{
	struct tally_session **list = NULL;
	struct tally_err err = { 0 };
	size_t count = 0;
	int status = CLI_OK;

	if (operands->count) {
		cli_complain("log takes no operands");
		return CLI_TROUBLE;
	}
	if (tally_session_list(&list, &count, on_broken, &status, &err) < 0)
		status = cli_trouble(&err);
	else if (count == 0)
		cli_remark("no sessions yet; 'tally before' opens one");
	for (size_t i = count; i > 0; i--) {
		if (!as_json)
			put_text(list[i - 1]);
		else if (!put_json(list[i - 1]))
			status = CLI_TROUBLE;
	}
	tally_session_list_free(list, count);
	return status == CLI_OK ? remark_unfinished() : status;
}
