/* The members of an archive as a snapshot: see receipt/archive_snapshot.h. */
#include "receipt/archive_snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
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

/* The index of the folder (into dirs) that is all there is at the top, or TALLY_NO_INDEX. */
static uint32_t only_folder(const struct tally_tree *tree)
{
	const struct tally_entry *e = tree->entries;

	if (tree->dir_count < 2 || tree->dirs[0].path_len || tree->dirs[0].count != 1)
		return TALLY_NO_INDEX;
	e += tree->dirs[0].first;
	return e->type == TALLY_TYPE_DIR ? e->subdir : TALLY_NO_INDEX;
}

static bool has_folder(const struct tally_tree *tree, const struct tally_dir *dir)
{
	return tally_tree_find_dir(tree, dir->path, dir->path_len) != TALLY_NO_INDEX;
}

/* Everything below a folder, as a tree of its own. */
static enum tally_status cut_out(struct tally_tree **out, const struct tally_tree *tree,
                                 uint32_t top, struct tally_err *err)
{
	size_t prefix = tree->dirs[top].path_len;
	struct tally_tree_builder *b = NULL;
	enum tally_status st = tally_tree_builder_new(&b, err);

	for (uint32_t i = 0; i < tree->root_count && st >= 0; i++)
		st = tally_tree_builder_root(b, &tree->roots[i], err);
	for (uint32_t i = top; i < tree->dir_count && st >= 0; i++) {
		struct tally_dir d = tree->dirs[i];
		size_t cut = prefix + (d.path_len > prefix);

		d.path += cut;
		d.path_len -= (uint32_t)cut;
		st = tally_tree_builder_dir(b, &d, err);
		for (uint32_t k = 0; k < d.count && st >= 0; k++)
			st = tally_tree_builder_entry(b, &tree->entries[d.first + k], err);
	}
	if (st >= 0)
		st = tally_tree_builder_finish(b, out, err);
	tally_tree_builder_free(b);
	return st;
}

enum tally_status tally_archive_enter(struct tally_snapshot **archive,
                                      const struct tally_snapshot *other, char **below,
                                      struct tally_err *err)
{
	const struct tally_tree *tree = tally_snapshot_tree(*archive);
	struct tally_snapshot *inside = NULL;
	struct tally_tree *cut = NULL;
	uint32_t top = only_folder(tree);
	enum tally_status st;

	*below = NULL;
	if (top == TALLY_NO_INDEX || has_folder(tally_snapshot_tree(other), &tree->dirs[top]))
		return TALLY_OK;
	st = cut_out(&cut, tree, top, err);
	if (st >= 0)
		st = tally_snapshot_wrap(&inside, cut, tally_snapshot_key(*archive), err);
	if (st < 0)
		return st;
	*below = tally_dup(tree->dirs[top].path, tree->dirs[top].path_len);
	tally_snapshot_close(*archive);
	*archive = inside;
	return *below ? TALLY_OK : tally_err_nomem(err);
}
