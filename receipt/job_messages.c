/* The messages of a mail or mailbox by their IDs: see receipt/job_messages.h. */
#include "receipt/job_messages.h"

#include <stdio.h>
#include <string.h>

#include "core/hash.h"
#include "core/mem.h"
#include "formats/format.h"
#include "receipt/json_util.h"

struct message {
	json_t *id, *about;
	uint64_t digest; /* of its text, and of what is attached, in any order */
};

struct box {
	struct message *at;
	size_t count, cap;
	uint64_t seed, attached; /* of the message that is read */
};

/* ---- reading ---- */

/* "offer.pdf in <1@example.org>": what it is called */
static size_t name_len(const char *where)
{
	const char *end = NULL;

	for (const char *at = strstr(where, " in "); at; at = strstr(at + 1, " in "))
		end = at;
	return end ? (size_t)(end - where) : strlen(where);
}

static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct box *b = payload;
	const char *where = fact->where ? fact->where : "";
	struct message *m;

	if (strcmp(fact->name, "message") != 0) {
		uint64_t name = tally_hash64(where, name_len(where), b->seed);

		if (strcmp(fact->name, "part") != 0)
			b->attached += tally_hash64(fact->value, strlen(fact->value), name);
		return TALLY_OK;
	}
	if (!tally_grow(&b->at, &b->cap, b->count, sizeof *b->at))
		return tally_err_nomem(err);
	m = &b->at[b->count++];
	*m = (struct message){ tally_json_text(where, strlen(where)),
		               tally_json_text(fact->value, strlen(fact->value)), b->attached };
	b->attached = 0;
	return m->id && m->about ? TALLY_OK : tally_err_nomem(err);
}

/* Behind all facts, by their place in the mailbox. */
static enum tally_status on_block(void *payload, const struct tally_block *block,
                                  struct tally_err *err)
{
	struct box *b = payload;

	(void)err;
	if (block->n && block->n <= b->count)
		b->at[block->n - 1].digest += tally_hash64(block->text, block->len, b->seed);
	return TALLY_OK;
}

/* ---- the answer ---- */

static json_t *messages_json(struct box *b)
{
	json_t *list = json_array();
	bool ok = true;

	for (size_t i = 0; i < b->count && ok; i++) {
		struct message *m = &b->at[i];
		char digest[24];

		snprintf(digest, sizeof digest, "%016llx", (unsigned long long)m->digest);
		tally_json_add(list, json_pack("[O, O, s]", m->id, m->about, digest), &ok);
	}
	if (ok)
		return list;
	json_decref(list);
	return NULL;
}

static bool is_mail(const struct tally_format *format)
{
	return format && (!strcmp(format->name, "eml") || !strcmp(format->name, "mbox"));
}

static enum tally_status read(struct box *b, int fd, const char *name,
                              const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	const struct tally_sink sink = { .payload = b, .block = on_block, .fact = on_fact };
	const struct tally_format *format = NULL;
	struct tally_source *src = NULL;
	enum tally_status st = tally_source_fd(&src, fd, name, err);

	options.limits = limits;
	options.boxed = true;
	if (st >= 0)
		st = tally_format_find(&format, NULL, src, err);
	if (st >= 0 && is_mail(format))
		st = format->read(src, &options, &sink, err);
	else if (st >= 0)
		st = tally_err_set(err, TALLY_SKIP, TALLY_REASON_FORMAT_UNKNOWN, "no mail");
	tally_source_free(src);
	return st;
}

enum tally_status tally_job_messages_do(const json_t *request, const int *fds,
                                        const struct tally_limits *limits, json_t *answer,
                                        struct tally_err *err)
{
	const char *name = json_string_value(json_array_get(json_object_get(request, "names"), 0));
	struct box b = { 0 };
	struct tally_key key;
	enum tally_status st;
	bool ok = true;

	if (!tally_json_unhex(json_object_get(request, "secret"), key.secret, sizeof key.secret))
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED, "no secret");
	b.seed = tally_hash64(key.secret, sizeof key.secret, 0);
	st = read(&b, fds[0], name ? name : "", limits, err);
	if (st == TALLY_PARTIAL)
		tally_json_set(answer, "partial", json_true(), &ok);
	if (st >= TALLY_PARTIAL)
		tally_json_set(answer, "messages", messages_json(&b), &ok);
	for (size_t i = 0; i < b.count; i++) {
		json_decref(b.at[i].id);
		json_decref(b.at[i].about);
	}
	tally_free(b.at);
	return ok ? st : tally_err_nomem(err);
}
