/* The members of an archive as a snapshot: see receipt/archive_snapshot.h. */
#include "receipt/archive_snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "receipt/job.h"
#include "receipt/member_tree.h"
#include "receipt/worker.h"

struct opening {
	struct tally_member_tree *members;
	const char *path;
	enum tally_status status;
	struct tally_err why;
};

static enum tally_status on_member(void *payload, const struct tally_member *member,
                                   struct tally_err *err)
{
	return tally_member_tree_add(((struct opening *)payload)->members, member, err);
}

static enum tally_status on_note(void *payload, const struct tally_note *note, struct tally_err *err)
{
	struct opening *o = payload;

	(void)err;
	/* members that were not read are entries with their reason */
	if (note->about != TALLY_NOTE_LIST)
		return TALLY_OK;
	/* "no reader" is kept for what is no archive at all */
	o->status = tally_err_set(
		&o->why, TALLY_FATAL,
		note->reason == TALLY_REASON_FORMAT_UNKNOWN ? TALLY_REASON_NONE : note->reason,
		"'%s' cannot be read as a whole: %s%s%s", o->path, tally_reason_words(note->reason),
		note->detail ? ": " : "", note->detail ? note->detail : "");
	return TALLY_OK;
}

static enum tally_status on_answer(void *payload, const struct tally_answer *answer,
                                   struct tally_err *err)
{
	struct opening *o = payload;
	const struct tally_sink sink = { .payload = o, .member = on_member, .note = on_note };

	if (answer->status < TALLY_PARTIAL) {
		o->status = tally_err_set(&o->why, TALLY_FATAL, answer->err->reason, "'%s': %s",
		                          o->path, answer->err->message);
		return TALLY_OK;
	}
	return tally_job_members_answer(answer, &sink, err);
}

static enum tally_status ask(struct opening *o, int fd, uint64_t size, const struct tally_key *key,
                             const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_request q = { .json = tally_job_members(o->path, key, false),
		                   .fds = { fd, -1 },
		                   .bytes = size };
	struct tally_workers *pool = NULL;
	enum tally_status st = q.json ? tally_workers_new(&pool, tally_job_handle, 1, limits, err)
	                              : tally_err_nomem(err);

	if (st >= 0)
		st = tally_workers_run(pool, &q, on_answer, o, err);
	else
		close(fd);
	if (st >= 0)
		st = tally_workers_wait(pool, err);
	json_decref(q.json);
	tally_workers_free(pool);
	if (st >= 0 && o->status < 0) {
		if (err)
			*err = o->why;
		st = o->status;
	}
	return st;
}

enum tally_status tally_archive_snapshot(struct tally_snapshot **out, const char *path,
                                         const struct tally_key *key,
                                         const struct tally_limits *limits, struct tally_err *err)
{
	struct opening o = { .path = path };
	struct tally_tree *tree = NULL;
	struct tally_key own;
	struct stat st_file;
	enum tally_status st = TALLY_OK;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, &st_file) != 0)
		return tally_err_sys(err, TALLY_FATAL, "opening", path, errno);
	if (!key) {
		st = tally_key_random(&own, err);
		key = &own;
	}
	if (st >= 0)
		st = tally_member_tree_new(&o.members, limits, err);
	if (st >= 0)
		st = ask(&o, fd, (uint64_t)st_file.st_size, key, limits, err);
	else
		close(fd);
	if (st >= 0)
		st = tally_member_tree_finish(o.members, &tree, err);
	tally_member_tree_free(o.members);
	return st < 0 ? st : tally_snapshot_wrap(out, tree, key, err);
}
