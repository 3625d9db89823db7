/* Verifying: everything that opening checks, and every kept content unpacked and hashed. */
#include <stdio.h>
#include <string.h>

#include "core/escape.h"
#include "core/mem.h"
#include "snap/store.h"

struct verify {
	void (*problem)(void *payload, const char *message);
	void *payload;
	struct tally_err first; /* what is returned */
	uint64_t count;
};

static void report(struct verify *v, const struct tally_err *what)
{
	if (v->count++ == 0)
		v->first = *what;
	if (v->problem)
		v->problem(v->payload, what->message);
}

/* A digest says nothing to people: name a file that had this content. */
static void name_content(const struct tally_snapshot *s, const struct tally_kept *kept,
                         struct tally_err *err)
{
	char shown[200], message[TALLY_ERR_MESSAGE_MAX];
	struct tally_buf path;
	uint32_t i = 0;

	while (i < s->tree->entry_count &&
	       !tally_digest_equal(&s->tree->entries[i].digest, &kept->digest))
		i++;
	if (i == s->tree->entry_count)
		return;
	tally_buf_init(&path, SIZE_MAX / 2);
	if (tally_tree_path(s->tree, i, &path)) {
		tally_escape_into(shown, sizeof shown, path.bytes, path.len);
		snprintf(message, sizeof message, "%.280s (it was '%s')", err->message, shown);
		memcpy(err->message, message, sizeof message);
	}
	tally_buf_release(&path);
}

/* @return negative only when checking itself cannot go on */
static enum tally_status check_contents(struct verify *v, const struct tally_snapshot *s,
                                        struct tally_err *err)
{
	struct tally_unpacker *u = NULL;
	enum tally_status st = tally_unpacker_new(&u, &s->meta.key, false, err);

	for (size_t i = 0; i < s->kept_count && st == TALLY_OK; i++) {
		struct tally_err found = { 0 };
		enum tally_status one;

		if (s->kept[i].method == TALLY_KEPT_EARLIER)
			continue;
		one = tally_unpacker_run(u, s, &s->kept[i], -1, NULL, &found);
		if (one == TALLY_FATAL) {
			*err = found;
			st = one;
		} else if (one < 0) {
			name_content(s, &s->kept[i], &found);
			report(v, &found);
		}
	}
	tally_unpacker_free(u);
	return st;
}

enum tally_status tally_store_verify(const struct tally_store_place *place,
                                     void (*problem)(void *payload, const char *message),
                                     void *payload, struct tally_err *err)
{
	struct verify v = { .problem = problem, .payload = payload };
	struct tally_snapshot *s = NULL;
	struct tally_err found = { 0 };
	enum tally_status st = tally_store_load(&s, place, &found);

	if (st == TALLY_SKIP && found.reason == TALLY_REASON_DAMAGED)
		report(&v, &found);
	else if (st == TALLY_OK)
		st = check_contents(&v, s, &found);
	else
		st = TALLY_FATAL; /* not there, or not readable: nothing is known about it */
	tally_snapshot_close(s);
	if (v.count > 0 && st != TALLY_FATAL) {
		st = TALLY_SKIP;
		found = v.first;
	}
	if (err && st < 0) {
		*err = found;
		err->status = st;
	}
	return st;
}

enum tally_status tally_snapshot_verify(const char *path,
                                        void (*problem)(void *payload, const char *message),
                                        void *payload, struct tally_err *err)
{
	const struct tally_store_place place = { .path = path, .shown = path };

	return tally_store_verify(&place, problem, payload, err);
}
