/*
 * Keeping contents.
 *
 *   choose   one job a distinct content, in the order of the tree; the budget says which are done
 *   units    as many small files as fill a MiB, or one MiB of a large file, in the order of the jobs
 *   workers  claim the next unit, read, hash (small files) and pack it into a slot
 *   writer   (the caller's thread) takes the slots in order, hashes large files as their pieces pass, and stores
 *
 * Slots are few, so memory is bounded, and nothing that is written depends on which worker was faster.
 */
#include "snap/keep.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#include "core/io.h"
#include "core/mem.h"
#include "snap/live.h"

enum {
	WORKERS_MOST = 8, /* a slot holds 2 MiB; the writer keeps up with no more than that */
	SLOTS_MORE = 6,   /* slots beyond one a worker: the writer's head start */
	UNIT_FILES = 256, /* small files in a unit */
	ZSTD_LEVEL = 1,   /* 3 packs 0.3 to 4 % smaller and takes half as long again */
	SAMPLE = TALLY_STORE_SAMPLE,
	SMALLEST = 64, /* shorter ones do not shrink */
};

/* One content to keep. */
struct job {
	uint32_t entry; /* where it is read */
	uint32_t other; /* further places + 1: see keeper.others; 0 is none */
	bool first;     /* one of its names is comparable */
	bool earlier;   /* the earlier snapshot has it */
	bool chosen;    /* within the budget */
};

/* Another place of the same content, in case the first one is not what it was. */
struct other {
	uint32_t entry;
	uint32_t next;
};

/* One file of a unit, or one piece of a large one. */
struct packed {
	uint32_t job;
	const unsigned char *bytes; /* in the slot; NULL: could not be read as it was */
	size_t len;
};

struct slot {
	bool done;
	uint32_t first, count; /* of round.order */
	uint64_t offset;       /* of a large file's piece */
	unsigned char *plain, *room;
	size_t plain_len; /* of a piece */
	struct packed files[UNIT_FILES];
};

struct keeper {
	const struct tally_tree *tree;
	const struct tally_key *key;
	const struct tally_snap_options *options;
	struct tally_store_writer *writer;
	struct tally_keep_result result;
	struct job *jobs;
	size_t job_count, job_cap;
	struct other *others;
	size_t other_count, other_cap;
	uint32_t *slots_of_digest; /* hash table: job + 1 */
	size_t digest_mask;
	uint64_t next_chunk;
	/* this round: jobs in order, and how far they are claimed */
	uint32_t *order;
	uint32_t order_count;
	uint32_t claim_at;
	uint64_t claim_offset;
	uint64_t claimed, written; /* units */
	bool give_up;
	pthread_mutex_t lock;
	pthread_cond_t freed, filled;
	struct slot *slots;
	unsigned slot_count;
	/* the large file whose pieces are passing */
	struct tally_hasher *hasher;
	uint64_t piece_count, piece_stored;
	bool piece_good;
	/* progress */
	struct tally_progress progress;
	struct timespec told;
};

static const struct tally_entry *entry_of(const struct keeper *k, const struct job *job)
{
	return &k->tree->entries[job->entry];
}

/* ---- choosing ---- */

static bool worth(const struct tally_entry *e)
{
	return e->type == TALLY_TYPE_FILE && e->size > 0 &&
	       (e->proof == TALLY_PROOF_HASHED || e->proof == TALLY_PROOF_STAT) &&
	       tally_digest_known(&e->digest);
}

static bool make_table(struct keeper *k)
{
	size_t files = 0, size = 16;

	for (uint32_t i = 0; i < k->tree->entry_count; i++)
		files += worth(&k->tree->entries[i]);
	while (size < 2 * files)
		size *= 2;
	k->slots_of_digest = tally_alloc_zero(size, sizeof *k->slots_of_digest);
	k->digest_mask = size - 1;
	return k->slots_of_digest != NULL;
}

static uint32_t *find_digest(struct keeper *k, const struct tally_digest *digest)
{
	size_t at = (size_t)tally_digest_low(digest) & k->digest_mask;

	while (k->slots_of_digest[at] &&
	       !tally_digest_equal(&entry_of(k, &k->jobs[k->slots_of_digest[at] - 1])->digest, digest))
		at = (at + 1) & k->digest_mask;
	return &k->slots_of_digest[at];
}

static bool same_key(const struct keeper *k)
{
	const struct tally_snapshot *earlier = k->options->earlier;

	return earlier && memcmp(tally_snapshot_key(earlier), k->key, sizeof *k->key) == 0;
}

static bool add_job(struct keeper *k, uint32_t entry, uint32_t *slot)
{
	const struct tally_entry *e = &k->tree->entries[entry];

	if (!tally_grow(&k->jobs, &k->job_cap, k->job_count, sizeof *k->jobs))
		return false;
	k->jobs[k->job_count] = (struct job){ .entry = entry };
	k->jobs[k->job_count].earlier = same_key(k) &&
	                                tally_snapshot_keeps(k->options->earlier, &e->digest);
	*slot = (uint32_t)++k->job_count;
	return true;
}

static bool add_other(struct keeper *k, uint32_t entry, struct job *job)
{
	if (!tally_grow(&k->others, &k->other_cap, k->other_count, sizeof *k->others))
		return false;
	k->others[k->other_count] = (struct other){ entry, job->other };
	job->other = (uint32_t)++k->other_count;
	return true;
}

static bool collect(struct keeper *k)
{
	const struct tally_snap_options *o = k->options;

	if (!make_table(k))
		return false;
	for (uint32_t i = 0; i < k->tree->entry_count; i++) {
		const struct tally_entry *e = &k->tree->entries[i];
		uint32_t *slot;
		struct job *job;

		if (!worth(e))
			continue;
		slot = find_digest(k, &e->digest);
		if (!*slot ? !add_job(k, i, slot) : !add_other(k, i, &k->jobs[*slot - 1]))
			return false;
		job = &k->jobs[*slot - 1];
		if (!job->first && o->comparable && o->comparable(e->name, e->name_len))
			job->first = true;
	}
	tally_free(k->slots_of_digest);
	k->slots_of_digest = NULL;
	return true;
}

/* For the budget: what can be compared, then what is small, then by place. */
struct rank {
	uint64_t size;
	uint32_t job;
	bool first;
};

static int by_rank(const void *a, const void *b)
{
	const struct rank *x = a, *y = b;

	if (x->first != y->first)
		return x->first ? -1 : 1;
	if (x->size != y->size)
		return x->size < y->size ? -1 : 1;
	return x->job < y->job ? -1 : 1;
}

static uint64_t budget_of(const struct tally_snap_options *o)
{
	static const struct tally_limits defaults = TALLY_LIMITS_INIT;

	if (o->keep == TALLY_KEEP_ALL)
		return UINT64_MAX;
	return o->limits ? o->limits->keep_budget : defaults.keep_budget;
}

static bool choose(struct keeper *k)
{
	struct rank *ranks = tally_alloc_zero(k->job_count, sizeof *ranks);
	uint64_t left = budget_of(k->options);

	if (!ranks)
		return false;
	for (size_t i = 0; i < k->job_count; i++)
		ranks[i] = (struct rank){ entry_of(k, &k->jobs[i])->size, (uint32_t)i,
			                  k->jobs[i].first };
	qsort(ranks, k->job_count, sizeof *ranks, by_rank);
	for (size_t i = 0; i < k->job_count; i++) {
		struct job *job = &k->jobs[ranks[i].job];

		if (job->earlier) {
			k->result.earlier++;
		} else if (ranks[i].size <= left) {
			job->chosen = true;
			left -= ranks[i].size;
			k->progress.files_total++;
			k->progress.bytes_total += ranks[i].size;
		} else {
			k->result.over_budget++;
		}
	}
	tally_free(ranks);
	return true;
}

/* ---- units ---- */

static uint64_t size_at(const struct keeper *k, uint32_t at)
{
	return entry_of(k, &k->jobs[k->order[at]])->size;
}

static void claim_piece(struct keeper *k, struct slot *slot)
{
	slot->offset = k->claim_offset;
	slot->count = 1;
	k->claim_offset += TALLY_STORE_CHUNK;
	if (k->claim_offset >= size_at(k, k->claim_at)) {
		k->claim_offset = 0;
		k->claim_at++;
	}
}

static void claim_files(struct keeper *k, struct slot *slot)
{
	uint64_t room = TALLY_STORE_CHUNK;

	slot->offset = 0;
	slot->count = 0;
	while (k->claim_at < k->order_count && slot->count < UNIT_FILES &&
	       size_at(k, k->claim_at) <= room) {
		room -= size_at(k, k->claim_at++);
		slot->count++;
	}
}

/* Wait for a free slot and take the next unit. @return NULL: nothing is left to do */
static struct slot *claim(struct keeper *k)
{
	struct slot *slot = NULL;

	pthread_mutex_lock(&k->lock);
	while (!k->give_up && k->claim_at < k->order_count && k->claimed - k->written >= k->slot_count)
		pthread_cond_wait(&k->freed, &k->lock);
	if (!k->give_up && k->claim_at < k->order_count) {
		slot = &k->slots[k->claimed++ % k->slot_count];
		slot->first = k->claim_at;
		if (size_at(k, k->claim_at) > TALLY_STORE_CHUNK)
			claim_piece(k, slot);
		else
			claim_files(k, slot);
	}
	pthread_mutex_unlock(&k->lock);
	return slot;
}

/* ---- workers ---- */

struct worker {
	struct keeper *k;
	pthread_t thread;
	ZSTD_CCtx *zstd;
	int dir_fd;
	uint32_t dir; /* whose folder is open, or TALLY_NO_INDEX */
};

static bool enter(struct worker *w, uint32_t dir)
{
	if (w->dir == dir)
		return w->dir_fd >= 0;
	if (w->dir_fd >= 0)
		close(w->dir_fd);
	w->dir_fd = -1;
	w->dir = dir;
	return tally_live_dir(w->k->tree, dir, &w->dir_fd, NULL) == TALLY_OK;
}

/* Read @len bytes of a file. @return false: it is not as large as it was, or cannot be read */
static bool read_file(struct worker *w, const struct tally_entry *e, uint64_t offset,
                      unsigned char *out, size_t len)
{
	struct tally_filestat seen;
	size_t got = 0;
	int fd = -1;

	if (!enter(w, e->dir) || tally_live_file(w->dir_fd, e->name, &fd, &seen, NULL) < 0)
		return false;
	while (seen.size == e->size && got < len) {
		ssize_t n = tally_io_pread(fd, out + got, len - got, offset + got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	close(fd);
	return seen.size == e->size && got == len;
}

static bool shrinks(size_t packed, size_t plain)
{
	return !ZSTD_isError(packed) && packed < plain - plain / 100 * 3 - (plain < 100);
}

/* Pack, or leave as it is where that gains too little. */
static void pack(struct worker *w, struct packed *out, const unsigned char *plain, size_t len,
                 unsigned char *room, size_t room_len)
{
	size_t n;

	out->bytes = plain;
	out->len = len;
	if (len < SMALLEST)
		return;
	if (len > 2 * SAMPLE &&
	    !shrinks(ZSTD_compressCCtx(w->zstd, room, room_len, plain, SAMPLE, ZSTD_LEVEL), SAMPLE))
		return;
	n = ZSTD_compressCCtx(w->zstd, room, room_len, plain, len, ZSTD_LEVEL);
	if (!shrinks(n, len))
		return;
	out->bytes = room;
	out->len = n;
}

static size_t room_size(void)
{
	return ZSTD_compressBound(TALLY_STORE_CHUNK) + SAMPLE;
}

static void fill_piece(struct worker *w, struct slot *slot)
{
	const struct tally_entry *e = entry_of(w->k, &w->k->jobs[slot->files[0].job]);
	uint64_t left = e->size - slot->offset;

	slot->plain_len = left < TALLY_STORE_CHUNK ? (size_t)left : TALLY_STORE_CHUNK;
	if (read_file(w, e, slot->offset, slot->plain, slot->plain_len))
		pack(w, &slot->files[0], slot->plain, slot->plain_len, slot->room, room_size());
}

static void fill_files(struct worker *w, struct slot *slot)
{
	unsigned char *plain = slot->plain, *room = slot->room;
	size_t left = room_size();

	for (uint32_t i = 0; i < slot->count; i++) {
		struct packed *file = &slot->files[i];
		const struct tally_entry *e = entry_of(w->k, &w->k->jobs[file->job]);
		struct tally_digest digest;

		if (!read_file(w, e, 0, plain, (size_t)e->size))
			continue;
		tally_digest_of(&digest, w->k->key, plain, (size_t)e->size);
		if (!tally_digest_equal(&digest, &e->digest))
			continue;
		pack(w, file, plain, (size_t)e->size, room, left);
		plain += e->size;
		if (file->bytes == room) {
			room += file->len;
			left -= file->len;
		}
	}
}

static bool stopped(const struct keeper *k)
{
	return k->options->stop && *k->options->stop;
}

static void fill(struct worker *w, struct slot *slot)
{
	for (uint32_t i = 0; i < slot->count; i++)
		slot->files[i] = (struct packed){ .job = w->k->order[slot->first + i] };
	if (stopped(w->k))
		return;
	if (entry_of(w->k, &w->k->jobs[slot->files[0].job])->size > TALLY_STORE_CHUNK)
		fill_piece(w, slot);
	else
		fill_files(w, slot);
}

static void *work(void *payload)
{
	struct worker *w = payload;
	struct slot *slot;

	while ((slot = claim(w->k))) {
		fill(w, slot);
		pthread_mutex_lock(&w->k->lock);
		slot->done = true;
		pthread_cond_signal(&w->k->filled);
		pthread_mutex_unlock(&w->k->lock);
	}
	/* whoever waits for work that is not coming must look again */
	pthread_mutex_lock(&w->k->lock);
	pthread_cond_broadcast(&w->k->freed);
	pthread_mutex_unlock(&w->k->lock);
	if (w->dir_fd >= 0)
		close(w->dir_fd);
	return NULL;
}

/* ---- the writer ---- */

static void tell(struct keeper *k, bool now)
{
	struct timespec at;
	double passed;

	if (!k->options->progress)
		return;
	clock_gettime(CLOCK_MONOTONIC, &at);
	passed = (double)(at.tv_sec - k->told.tv_sec) + (double)(at.tv_nsec - k->told.tv_nsec) / 1e9;
	if (!now && passed < 0.1)
		return;
	k->told = at;
	k->options->progress(k->options->payload, &k->progress);
}

static enum tally_status list(struct keeper *k, const struct job *job, uint64_t stored,
                              struct tally_err *err)
{
	const struct tally_entry *e = entry_of(k, job);
	struct tally_kept kept = { .digest = e->digest, .size = e->size, .stored = stored };

	kept.method = stored < e->size ? TALLY_KEPT_ZSTD : TALLY_KEPT_RAW;
	k->result.contents++;
	k->result.bytes += e->size;
	return tally_store_kept(k->writer, &kept, err);
}

/* The content is not there any more: another of its places may be tried in the next round. */
static void failed(struct keeper *k, struct job *job)
{
	const struct other *other = job->other ? &k->others[job->other - 1] : NULL;

	job->chosen = other != NULL;
	if (!other) {
		k->result.changed++;
		return;
	}
	job->entry = other->entry;
	job->other = other->next;
}

static void succeeded(struct keeper *k, struct job *job)
{
	job->chosen = false; /* done */
	k->progress.files++;
}

static enum tally_status store_files(struct keeper *k, const struct slot *slot, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (uint32_t i = 0; i < slot->count && st == TALLY_OK; i++) {
		const struct packed *file = &slot->files[i];
		struct job *job = &k->jobs[file->job];

		k->progress.bytes += entry_of(k, job)->size;
		if (!file->bytes) {
			failed(k, job);
			continue;
		}
		st = tally_store_chunk(k->writer, file->bytes, file->len, err);
		if (st == TALLY_OK)
			st = list(k, job, file->len, err);
		succeeded(k, job);
	}
	return st;
}

static enum tally_status end_pieces(struct keeper *k, struct job *job, struct tally_err *err)
{
	struct tally_digest digest;

	tally_hasher_finish(k->hasher, &digest, NULL);
	if (k->piece_good && tally_digest_equal(&digest, &entry_of(k, job)->digest)) {
		enum tally_status st = list(k, job, k->piece_stored, err);

		succeeded(k, job);
		return st;
	}
	failed(k, job);
	return tally_store_drop(k->writer, k->piece_count, err);
}

static enum tally_status store_piece(struct keeper *k, const struct slot *slot, struct tally_err *err)
{
	const struct packed *piece = &slot->files[0];
	struct job *job = &k->jobs[piece->job];
	uint64_t size = entry_of(k, job)->size;
	enum tally_status st = TALLY_OK;

	if (slot->offset == 0) {
		tally_hasher_start(k->hasher);
		k->piece_count = k->piece_stored = 0;
		k->piece_good = true;
	}
	k->piece_good = k->piece_good && piece->bytes;
	k->progress.bytes += slot->plain_len;
	if (k->piece_good) {
		tally_hasher_add(k->hasher, slot->plain, slot->plain_len);
		st = tally_store_chunk(k->writer, piece->bytes, piece->len, err);
		k->piece_count++;
		k->piece_stored += piece->len;
	}
	if (st == TALLY_OK && slot->offset + slot->plain_len >= size)
		st = end_pieces(k, job, err);
	return st;
}

static enum tally_status store_slot(struct keeper *k, const struct slot *slot, struct tally_err *err)
{
	if (stopped(k))
		return tally_err_set(err, TALLY_FATAL, TALLY_REASON_STOPPED, "stopped");
	if (entry_of(k, &k->jobs[slot->files[0].job])->size > TALLY_STORE_CHUNK)
		return store_piece(k, slot, err);
	return store_files(k, slot, err);
}

/* The next slot in order, when it is filled. @return NULL: all is written */
static struct slot *next_slot(struct keeper *k)
{
	struct slot *slot = &k->slots[k->written % k->slot_count];

	pthread_mutex_lock(&k->lock);
	while (!slot->done && (k->claim_at < k->order_count || k->written < k->claimed))
		pthread_cond_wait(&k->filled, &k->lock);
	if (!slot->done)
		slot = NULL;
	pthread_mutex_unlock(&k->lock);
	return slot;
}

static void free_slot(struct keeper *k, struct slot *slot)
{
	pthread_mutex_lock(&k->lock);
	slot->done = false;
	k->written++;
	pthread_cond_broadcast(&k->freed);
	pthread_mutex_unlock(&k->lock);
}

static enum tally_status write_all(struct keeper *k, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	struct slot *slot;

	while (st == TALLY_OK && (slot = next_slot(k))) {
		st = store_slot(k, slot, err);
		free_slot(k, slot);
		tell(k, false);
	}
	return st;
}

/* ---- a round: all chosen jobs once ---- */

static bool set_order(struct keeper *k)
{
	tally_free(k->order);
	k->order = tally_alloc_zero(k->job_count, sizeof *k->order);
	k->order_count = 0;
	k->claim_at = 0;
	k->claim_offset = 0;
	k->claimed = k->written = 0;
	for (size_t i = 0; k->order && i < k->job_count; i++) {
		if (k->jobs[i].chosen)
			k->order[k->order_count++] = (uint32_t)i;
	}
	return k->order != NULL;
}

static unsigned worker_count(const struct tally_snap_options *o)
{
	long n = o->readers ? (long)o->readers : sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 2)
		n = o->readers == 1 ? 1 : 2;
	return n < WORKERS_MOST ? (unsigned)n : WORKERS_MOST;
}

static enum tally_status start(struct worker *w, struct keeper *k, struct tally_err *err)
{
	int sys;

	*w = (struct worker){ .k = k, .dir_fd = -1, .dir = TALLY_NO_INDEX };
	w->zstd = ZSTD_createCCtx();
	if (!w->zstd)
		return tally_err_nomem(err);
	sys = pthread_create(&w->thread, NULL, work, w);
	if (sys == 0)
		return TALLY_OK;
	ZSTD_freeCCtx(w->zstd);
	return tally_err_sys(err, TALLY_FATAL, "starting a thread", NULL, sys);
}

static void give_up(struct keeper *k)
{
	pthread_mutex_lock(&k->lock);
	k->give_up = true;
	pthread_cond_broadcast(&k->freed);
	pthread_mutex_unlock(&k->lock);
}

static enum tally_status run_round(struct keeper *k, struct tally_err *err)
{
	struct worker workers[WORKERS_MOST];
	unsigned wanted = worker_count(k->options), running = 0;
	enum tally_status st = TALLY_OK;

	while (running < wanted && st == TALLY_OK) {
		st = start(&workers[running], k, err);
		running += st == TALLY_OK;
	}
	if (running > 0) /* fewer than wanted do as well */
		st = write_all(k, err);
	if (st < 0)
		give_up(k);
	for (unsigned i = 0; i < running; i++) {
		pthread_join(workers[i].thread, NULL);
		ZSTD_freeCCtx(workers[i].zstd);
	}
	return st;
}

static enum tally_status run_rounds(struct keeper *k, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	do {
		if (!set_order(k))
			return tally_err_nomem(err);
		if (k->order_count > 0)
			st = run_round(k, err);
	} while (st == TALLY_OK && k->order_count > 0);
	return st;
}

/* What the earlier snapshot holds is listed too, so that its entries can be told to be kept. */
static enum tally_status list_earlier(struct keeper *k, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (size_t i = 0; i < k->job_count && st == TALLY_OK; i++) {
		const struct tally_entry *e = entry_of(k, &k->jobs[i]);
		struct tally_kept kept = { .digest = e->digest,
			                   .size = e->size,
			                   .method = TALLY_KEPT_EARLIER };

		if (k->jobs[i].earlier)
			st = tally_store_kept(k->writer, &kept, err);
	}
	return st;
}

/* ---- all of it ---- */

static bool make_slots(struct keeper *k)
{
	k->slot_count = worker_count(k->options) + SLOTS_MORE;
	k->slots = tally_alloc_zero(k->slot_count, sizeof *k->slots);
	for (unsigned i = 0; k->slots && i < k->slot_count; i++) {
		k->slots[i].plain = tally_alloc(TALLY_STORE_CHUNK);
		k->slots[i].room = tally_alloc(room_size());
		if (!k->slots[i].plain || !k->slots[i].room)
			return false;
	}
	return k->slots != NULL;
}

static void release(struct keeper *k)
{
	for (unsigned i = 0; k->slots && i < k->slot_count; i++) {
		tally_free(k->slots[i].plain);
		tally_free(k->slots[i].room);
	}
	tally_free(k->slots);
	tally_free(k->jobs);
	tally_free(k->others);
	tally_free(k->order);
	tally_free(k->slots_of_digest);
	tally_hasher_free(k->hasher);
	pthread_mutex_destroy(&k->lock);
	pthread_cond_destroy(&k->freed);
	pthread_cond_destroy(&k->filled);
}

enum tally_status tally_keep(struct tally_store_writer *w, const struct tally_tree *tree,
                             const struct tally_key *key, const struct tally_snap_options *options,
                             struct tally_keep_result *result, struct tally_err *err)
{
	struct keeper k = { .tree = tree, .key = key, .options = options, .writer = w };
	enum tally_status st = TALLY_OK;

	assert(options->keep != TALLY_KEEP_NONE);
	pthread_mutex_init(&k.lock, NULL);
	pthread_cond_init(&k.freed, NULL);
	pthread_cond_init(&k.filled, NULL);
	k.progress = (struct tally_progress){ .phase = "keeping contents" };
	k.progress.entries = tree->entry_count;
	if (!collect(&k) || !choose(&k) || !make_slots(&k))
		st = tally_err_nomem(err);
	if (st == TALLY_OK)
		st = tally_hasher_new(&k.hasher, key, false, err);
	tell(&k, st == TALLY_OK);
	if (st == TALLY_OK)
		st = run_rounds(&k, err);
	if (st == TALLY_OK)
		st = list_earlier(&k, err);
	tell(&k, st == TALLY_OK);
	if (result)
		*result = k.result;
	release(&k);
	return st;
}
