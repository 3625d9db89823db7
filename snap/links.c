/* Hard links: a hash table of inodes, chained, under one mutex; see snap/links.h. */
#include "snap/links.h"

#include <pthread.h>
#include <string.h>

#include "core/mem.h"

enum { BUCKETS_FIRST = 1024 };

/* Those that wait for a content that somebody is reading. */
struct queue {
	struct tally_work *items;
	size_t count, cap;
};

/* What all names of a content share, and the numbers it goes with. Many may be alive at a time: kept small. */
struct outcome {
	struct tally_digest digest;
	uint64_t xattr_digest;
	uint64_t size;
	int64_t mtime_ns, ctime_ns;
	struct tally_sha256 *sha256;
	uint8_t proof, reason, flags;
};

struct record {
	struct record *next;
	uint64_t device, inode;
	struct queue *waiting; /* NULL: none yet */
	struct outcome outcome;
	uint32_t seen; /* names so far */
	bool done;
};

struct tally_links {
	pthread_mutex_t lock;
	struct record **buckets;
	size_t bucket_count, count;
};

enum tally_status tally_links_new(struct tally_links **out, struct tally_err *err)
{
	struct tally_links *l = tally_alloc_zero(1, sizeof *l);

	if (!l)
		return tally_err_nomem(err);
	pthread_mutex_init(&l->lock, NULL);
	*out = l;
	return TALLY_OK;
}

static void record_free(struct record *r)
{
	if (r->waiting)
		tally_free(r->waiting->items);
	tally_free(r->waiting);
	tally_free(r->outcome.sha256);
	tally_free(r);
}

void tally_links_free(struct tally_links *links)
{
	if (!links)
		return;
	for (size_t i = 0; i < links->bucket_count; i++) {
		struct record *r = links->buckets[i];

		while (r) {
			struct record *next = r->next;

			record_free(r);
			r = next;
		}
	}
	tally_free(links->buckets);
	pthread_mutex_destroy(&links->lock);
	tally_free(links);
}

static size_t bucket_of(const struct tally_links *l, uint64_t device, uint64_t inode)
{
	uint64_t h = (inode ^ device << 40) * UINT64_C(0x9E3779B97F4A7C15);

	return (size_t)(h >> 20) & (l->bucket_count - 1);
}

static bool grow(struct tally_links *l)
{
	size_t old_count = l->bucket_count;
	struct record **old = l->buckets, **buckets;

	if (l->count < old_count)
		return true;
	buckets = tally_alloc_zero(old_count ? old_count * 2 : BUCKETS_FIRST,
	                           sizeof(struct record *));
	if (!buckets)
		return old_count > 0; /* slower, but right */
	l->buckets = buckets;
	l->bucket_count = old_count ? old_count * 2 : BUCKETS_FIRST;
	for (size_t i = 0; i < old_count; i++) {
		struct record *r = old[i];

		while (r) {
			struct record *next = r->next;
			size_t at = bucket_of(l, r->device, r->inode);

			r->next = buckets[at];
			buckets[at] = r;
			r = next;
		}
	}
	tally_free(old);
	return true;
}

/* The link that points to the record, or to NULL at the end of its chain. */
static struct record **find(struct tally_links *l, const struct tally_filestat *stat)
{
	struct record **at = &l->buckets[bucket_of(l, stat->device, stat->inode)];

	while (*at && ((*at)->device != stat->device || (*at)->inode != stat->inode))
		at = &(*at)->next;
	return at;
}

static void copy_outcome(const struct record *r, struct tally_entry *entry,
                         struct tally_sha256 *sha256)
{
	entry->digest = r->outcome.digest;
	entry->xattr_digest = r->outcome.xattr_digest;
	entry->proof = r->outcome.proof;
	entry->reason = r->outcome.reason;
	entry->flags = r->outcome.flags;
	if (sha256 && r->outcome.sha256)
		*sha256 = *r->outcome.sha256;
}

static bool same_file(const struct record *r, const struct tally_filestat *stat)
{
	return r->outcome.size == stat->size && r->outcome.mtime_ns == stat->mtime_ns &&
	       r->outcome.ctime_ns == stat->ctime_ns;
}

static enum tally_status ask_new(struct tally_links *l, struct record **at,
                                 const struct tally_filestat *stat, enum tally_links_answer *answer,
                                 struct tally_err *err)
{
	struct record *r = tally_alloc_zero(1, sizeof *r);

	if (!r)
		return tally_err_nomem(err);
	r->device = stat->device;
	r->inode = stat->inode;
	r->seen = 1;
	*at = r;
	l->count++;
	*answer = TALLY_LINKS_READ;
	return TALLY_OK;
}

static void forget(struct tally_links *l, struct record **at)
{
	struct record *r = *at;

	*at = r->next;
	l->count--;
	record_free(r);
}

static enum tally_status wait_for(struct record *r, const struct tally_work *work,
                                  struct tally_err *err)
{
	struct queue *q = r->waiting;

	if (!q)
		q = r->waiting = tally_alloc_zero(1, sizeof *q);
	if (!q || !tally_grow(&q->items, &q->cap, q->count, sizeof *q->items))
		return tally_err_nomem(err);
	q->items[q->count++] = *work;
	return TALLY_OK;
}

static enum tally_status ask_known(struct tally_links *l, struct record **at,
                                   const struct tally_filestat *stat, const struct tally_work *work,
                                   struct tally_entry *entry, struct tally_sha256 *sha256,
                                   enum tally_links_answer *answer, struct tally_err *err)
{
	struct record *r = *at;

	if (!r->done) {
		*answer = TALLY_LINKS_WAIT;
		return wait_for(r, work, err);
	}
	*answer = same_file(r, stat) ? TALLY_LINKS_KNOWN : TALLY_LINKS_ALONE;
	if (*answer == TALLY_LINKS_KNOWN)
		copy_outcome(r, entry, sha256);
	if (++r->seen >= stat->nlink)
		forget(l, at);
	return TALLY_OK;
}

enum tally_status tally_links_ask(struct tally_links *links, const struct tally_filestat *stat,
                                  const struct tally_work *work, struct tally_entry *entry,
                                  struct tally_sha256 *sha256, enum tally_links_answer *answer,
                                  struct tally_err *err)
{
	enum tally_status st;
	struct record **at;

	pthread_mutex_lock(&links->lock);
	if (!grow(links)) {
		st = tally_err_nomem(err);
	} else {
		at = find(links, stat);
		st = *at ? ask_known(links, at, stat, work, entry, sha256, answer, err)
		         : ask_new(links, at, stat, answer, err);
	}
	pthread_mutex_unlock(&links->lock);
	return st;
}

/* Can other names expect the same? Not where only this name had the trouble. */
static bool holds_for_all(const struct tally_entry *entry)
{
	return entry->reason == TALLY_REASON_NONE || entry->reason == TALLY_REASON_READ_ERROR ||
	       entry->reason == TALLY_REASON_CLOUD_PLACEHOLDER;
}

/* @return false: no memory, the next name will have to read it again */
static bool keep_outcome(struct outcome *o, const struct tally_entry *entry,
                         const struct tally_sha256 *sha256)
{
	*o = (struct outcome){
		.digest = entry->digest,
		.xattr_digest = entry->xattr_digest,
		.size = entry->size,
		.mtime_ns = entry->mtime_ns,
		.ctime_ns = entry->ctime_ns,
		.proof = entry->proof,
		.reason = entry->reason,
		.flags = entry->flags,
	};
	if (!sha256 || !(entry->flags & TALLY_ENTRY_HAS_SHA256))
		return true;
	o->sha256 = tally_alloc(sizeof *o->sha256);
	if (o->sha256)
		*o->sha256 = *sha256;
	return o->sha256;
}

void tally_links_done(struct tally_links *links, const struct tally_filestat *stat,
                      const struct tally_entry *entry, const struct tally_sha256 *sha256,
                      struct tally_work **waiting, size_t *count)
{
	struct record **at, *r;

	*waiting = NULL;
	*count = 0;
	pthread_mutex_lock(&links->lock);
	at = find(links, stat);
	r = *at;
	if (r->waiting) {
		*waiting = r->waiting->items;
		*count = r->waiting->count;
		tally_free(r->waiting);
		r->waiting = NULL;
	}
	r->done = true;
	if (!holds_for_all(entry) || r->seen >= stat->nlink ||
	    !keep_outcome(&r->outcome, entry, sha256))
		forget(links, at);
	pthread_mutex_unlock(&links->lock);
}
