/* Taking, looking, opening: what ties the walker, the store and the keeper together. */
#include "snap/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "core/escape.h"
#include "core/mem.h"
#include "core/path.h"
#include "core/parallel.h"
#include "snap/keep.h"
#include "snap/store.h"
#include "snap/walk.h"

/* ---- the struct ---- */

struct tally_snapshot *tally_snapshot_blank(void)
{
	struct tally_snapshot *s = tally_alloc_zero(1, sizeof *s);

	if (s)
		pthread_mutex_init(&s->lock, NULL);
	return s;
}

void tally_snapshot_close(struct tally_snapshot *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->chunk);
	sqlite3_close(s->db);
	tally_tree_free(s->tree);
	tally_free(s->kept);
	tally_free(s->kept_by);
	tally_free(s->slots);
	tally_free(s->path);
	pthread_mutex_destroy(&s->lock);
	tally_free(s);
}

const struct tally_tree *tally_snapshot_tree(const struct tally_snapshot *s)
{
	return s->tree;
}

const struct tally_key *tally_snapshot_key(const struct tally_snapshot *s)
{
	return s->kept_by ? &s->by_key : &s->meta.key;
}

const struct tally_snap_info *tally_snapshot_info(const struct tally_snapshot *s)
{
	return &s->info;
}

static void count_file(struct tally_store_meta *meta, const struct tally_entry *e)
{
	meta->files++;
	/* sizes come from the file; a sum that wraps is as wrong as any other */
	meta->bytes = (int64_t)((uint64_t)meta->bytes + e->size);
	meta->hashed += e->proof >= TALLY_PROOF_EXTENT;
	meta->stat += e->proof == TALLY_PROOF_STAT;
	meta->unread += e->proof == TALLY_PROOF_NONE;
}

static bool is_kept(const struct tally_snapshot *s, const struct tally_entry *e)
{
	if (e->type != TALLY_TYPE_FILE || e->proof == TALLY_PROOF_NONE)
		return false;
	return e->size == 0 || (s->kept_count && tally_store_find(s, &e->digest));
}

void tally_snapshot_survey(struct tally_snapshot *s, struct tally_store_meta *meta)
{
	meta->entries = (int64_t)s->tree->entry_count;
	meta->files = meta->folders = meta->bytes = meta->hashed = meta->stat = meta->unread = 0;
	for (uint32_t i = 0; i < s->tree->entry_count; i++) {
		struct tally_entry *e = &s->tree->entries[i];

		e->flags &= (uint8_t)~TALLY_ENTRY_KEPT;
		if (is_kept(s, e))
			e->flags |= TALLY_ENTRY_KEPT;
		if (e->reason == TALLY_REASON_EXCLUDED)
			continue;
		meta->folders += e->type == TALLY_TYPE_DIR;
		if (e->type == TALLY_TYPE_FILE)
			count_file(meta, e);
	}
}

void tally_snapshot_settle(struct tally_snapshot *s)
{
	const struct tally_store_meta *m = &s->meta;

	s->info = (struct tally_snap_info){
		.taken_at_ns = m->taken_at_ns,
		.seconds = m->seconds,
		.host = m->host,
		.user = m->user,
		.filesystem = m->filesystem,
		.entries = (uint64_t)m->entries,
		.files = (uint64_t)m->files,
		.folders = (uint64_t)m->folders,
		.bytes = (uint64_t)m->bytes,
		.hashed = (uint64_t)m->hashed,
		.stat = (uint64_t)m->stat,
		.unread = (uint64_t)m->unread,
		.kept_files = (uint64_t)m->kept_files,
		.kept_bytes = (uint64_t)m->kept_bytes,
		.sha256 = m->sha256 != 0,
		.quick = m->quick != 0,
		.session = m->session,
		.by_sha256 = s->kept_by != NULL,
		.digest = m->digest,
	};
}

enum tally_status tally_snapshot_open(struct tally_snapshot **out, const char *path,
                                      struct tally_err *err)
{
	const struct tally_store_place place = { .path = path, .shown = path };

	return tally_store_load(out, &place, err);
}

struct two {
	struct tally_snapshot **out;
	const char *const *paths;
};

static enum tally_status open_one(void *payload, size_t index, struct tally_err *err)
{
	struct two *two = payload;

	return tally_snapshot_open(&two->out[index], two->paths[index], err);
}

enum tally_status tally_snapshot_open_two(struct tally_snapshot *out[2], const char *const paths[2],
                                          struct tally_err *err)
{
	struct two two = { out, paths };
	enum tally_status st;

	out[0] = out[1] = NULL;
	st = tally_parallel(2, 2, open_one, &two, err);
	for (int i = 0; i < 2 && st < 0; i++) {
		tally_snapshot_close(out[i]);
		out[i] = NULL;
	}
	return st;
}

/* ---- walking ---- */

/* One run of take or look. */
struct take {
	const struct tally_snap_options *options;
	struct tally_key key;
	struct timespec began;
	struct tally_walked *walked;
	struct tally_store_meta meta;
	struct tally_store_writer *writer;
};

static double seconds_since(const struct timespec *began)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

static enum tally_status choose_key(struct take *t, struct tally_err *err)
{
	const struct tally_snap_options *o = t->options;

	if (!o->key && !o->earlier)
		return tally_key_random(&t->key, err);
	t->key = o->key ? *o->key : o->earlier->meta.key;
	return TALLY_OK;
}

static enum tally_status begin(struct take *t, const struct tally_snap_options *options,
                               struct tally_err *err)
{
	static const struct tally_snap_options defaults = TALLY_SNAP_OPTIONS_INIT;

	*t = (struct take){ .options = options ? options : &defaults };
	assert(t->options->version == TALLY_SNAP_OPTIONS_VERSION);
	clock_gettime(CLOCK_MONOTONIC, &t->began);
	return choose_key(t, err);
}

static void end(struct take *t)
{
	tally_store_writer_free(t->writer);
	tally_walked_free(t->walked);
}

static enum tally_status walk(struct take *t, const char *const *roots, size_t count,
                              struct tally_err *err)
{
	const struct tally_snapshot *before = t->options->earlier;
	struct tally_walk_earlier earlier;
	bool comparable = before && memcmp(&before->meta.key, &t->key, sizeof t->key) == 0;

	if (comparable)
		earlier = (struct tally_walk_earlier){ .tree = before->tree,
			                               .taken_at_ns = before->meta.taken_at_ns };
	return tally_walk(roots, count, t->options, &t->key, comparable ? &earlier : NULL,
	                  &t->walked, err);
}

/* Control characters and the like are escaped where they are shown; here only the length is bounded. */
static void set_word(char *out, const char *word)
{
	snprintf(out, TALLY_STORE_WORD, "%s", word && word[0] ? word : "unknown");
}

static void name_host_and_user(struct tally_store_meta *meta)
{
	struct utsname system;
	struct passwd entry, *found = NULL;
	char space[4096], number[32];

	set_word(meta->host, uname(&system) < 0 ? NULL : system.nodename);
	if (getpwuid_r(geteuid(), &entry, space, sizeof space, &found) == 0 && found) {
		set_word(meta->user, found->pw_name);
		return;
	}
	snprintf(number, sizeof number, "%ld", (long)geteuid());
	set_word(meta->user, number);
}

static void describe(struct take *t)
{
	struct tally_store_meta *m = &t->meta;
	const struct tally_walk_totals *totals = &t->walked->totals;

	m->taken_at_ns = t->walked->began_ns;
	m->entries = (int64_t)totals->entries;
	m->files = (int64_t)totals->files;
	m->folders = (int64_t)totals->folders;
	m->bytes = (int64_t)totals->bytes;
	m->hashed = (int64_t)totals->hashed;
	m->stat = (int64_t)totals->stat;
	m->unread = (int64_t)totals->unread;
	m->sha256 = t->options->sha256;
	m->quick = t->options->quick && t->options->earlier;
	m->key = t->key;
	if (t->options->session)
		m->session = *t->options->session;
	set_word(m->filesystem, t->walked->filesystem);
	name_host_and_user(m);
	m->seconds = seconds_since(&t->began);
}

enum tally_status tally_snapshot_look(struct tally_snapshot **out, const char *const *roots,
                                      size_t root_count, const struct tally_snap_options *options,
                                      struct tally_err *err)
{
	struct take t;
	struct tally_snapshot *s = NULL;
	enum tally_status st = begin(&t, options, err);

	if (st == TALLY_OK)
		st = walk(&t, roots, root_count, err);
	if (st < 0)
		goto out;
	describe(&t);
	st = tally_rows_digest(t.walked, &t.key, &t.meta.digest, err);
	if (st < 0)
		goto out;
	s = tally_snapshot_blank();
	st = s ? tally_walked_tree(t.walked, &s->tree, err) : tally_err_nomem(err);
	if (st < 0)
		goto out;
	s->meta = t.meta;
	tally_snapshot_survey(s, &s->meta);
	tally_snapshot_settle(s);
	*out = s;
	s = NULL;
out:
	tally_snapshot_close(s);
	end(&t);
	return st;
}

enum tally_status tally_snapshot_wrap(struct tally_snapshot **out, struct tally_tree *tree,
                                      const struct tally_key *key, struct tally_err *err)
{
	struct tally_snapshot *s = tally_snapshot_blank();

	if (!s) {
		tally_tree_free(tree);
		return tally_err_nomem(err);
	}
	s->tree = tree;
	s->meta.key = *key;
	tally_snapshot_survey(s, &s->meta);
	tally_snapshot_settle(s);
	*out = s;
	return TALLY_OK;
}

/* ---- taking ---- */

static enum tally_status keep(struct take *t, struct tally_err *err)
{
	struct tally_tree *tree = NULL;
	enum tally_status st;

	if (t->options->keep == TALLY_KEEP_NONE)
		return TALLY_OK;
	st = tally_walked_tree(t->walked, &tree, err);
	if (st == TALLY_OK)
		st = tally_keep(t->writer, tree, &t->key, t->options, NULL, err);
	tally_tree_free(tree);
	return st;
}

static enum tally_status check_stop(const struct take *t, struct tally_err *err)
{
	if (t->options->stop && *t->options->stop)
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_STOPPED, "stopped");
	return TALLY_OK;
}

/* What has served goes before the new file is read back, so that less is in memory at a time. */
static void let_go(struct take *t)
{
	struct tally_snapshot **earlier = t->options->earlier_to_close;

	tally_walked_free(t->walked);
	t->walked = NULL;
	if (earlier) {
		tally_snapshot_close(*earlier);
		*earlier = NULL;
	}
}

/* The sealed file, made to last and read back side by side. */
struct sealed {
	const struct tally_store_writer *writer;
	struct tally_store_place at;
	struct tally_snapshot *snapshot;
};

static enum tally_status sync_or_load(void *payload, size_t index, struct tally_err *err)
{
	struct sealed *s = payload;

	return index == 0 ? tally_store_sync(s->writer, err)
	                  : tally_store_load(&s->snapshot, &s->at, err);
}

/* The new file is opened under its temporary name: what cannot be read back never takes a place. */
static enum tally_status place(struct take *t, const char *path, struct tally_snapshot **out,
                               struct tally_err *err)
{
	struct sealed s = { .writer = t->writer,
		            .at = { .path = tally_store_temporary(t->writer), .shown = path } };
	enum tally_status st = tally_parallel(2, out ? 2 : 1, sync_or_load, &s, err);

	if (st < 0)
		st = TALLY_FATAL;
	else
		st = tally_store_place(t->writer, !t->options->keep_existing, err);
	if (st < 0) {
		if (err)
			err->status = st;
		tally_snapshot_close(s.snapshot);
		return st;
	}
	if (out)
		*out = s.snapshot;
	return TALLY_OK;
}

static uint64_t size_of(const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* A snapshot that found no room says where it was going and how far it came. */
static void explain_full(const struct take *t, const char *path, struct tally_err *err)
{
	size_t len = tally_path_dir_len(path, strlen(path));
	uint64_t written = t->writer ? size_of(tally_store_temporary(t->writer)) : 0;
	char folder[200], why[64], needs[64] = "";
	int sys = err ? err->sys : 0;

	if (sys != ENOSPC && sys != EDQUOT && sys != EFBIG)
		return;
	tally_escape_into(folder, sizeof folder,
	                  len              ? path
	                  : path[0] == '/' ? "/"
	                                   : ".",
	                  len ? len : 1);
	snprintf(why, sizeof why, "%s",
	         sys == ENOSPC   ? "its file system is full"
	         : sys == EDQUOT ? "your quota is used up"
	                         : "no file may be that large");
	if (written)
		snprintf(needs, sizeof needs, "; it needs more than %" PRIu64 " bytes", written);
	tally_err_set(err, err->status, err->reason, "no room for the snapshot in '%s': %s%s",
	              folder, why, needs);
	err->sys = sys;
}

enum tally_status tally_snapshot_take(struct tally_snapshot **out, const char *const *roots,
                                      size_t root_count, const char *path,
                                      const struct tally_snap_options *options, struct tally_err *err)
{
	struct take t;
	enum tally_status st = begin(&t, options, err);

	if (st == TALLY_OK)
		st = tally_store_probe(path, err);
	if (st == TALLY_OK)
		st = walk(&t, roots, root_count, err);
	if (st == TALLY_OK)
		st = tally_store_create(&t.writer, path, &t.key, err);
	if (st == TALLY_OK)
		st = tally_store_entries(t.writer, t.walked, err);
	if (st == TALLY_OK)
		st = keep(&t, err);
	if (st == TALLY_OK)
		st = check_stop(&t, err);
	if (st == TALLY_OK) {
		describe(&t);
		let_go(&t);
		st = tally_store_seal(t.writer, &t.meta, err);
	}
	if (st == TALLY_OK)
		st = place(&t, path, out, err);
	if (st < 0)
		explain_full(&t, path, err);
	end(&t);
	return st;
}
