/**
 * What the stages of a tree comparison share: every entry's kind, the files that are not simply the same, and contents.
 * Private to diff/tree_*.c.
 *
 *   kind[side][entry]   what became of it (enum tally_change_kind)
 *   slot[side][entry]   unchanged, metadata, believed: the entry on the other side; otherwise the number of its item
 *   items[side]         one for each entry with another kind, ascending by entry
 *   contents            one for each distinct content of such files
 *
 * Ties are broken by entry numbers and names alone, never by digests or addresses, so that the secret of a session does not
 * show in its results.
 */
#ifndef TALLY_DIFF_TREE_STATE_H
#define TALLY_DIFF_TREE_STATE_H

#include "core/arena.h"
#include "diff/tree_diff.h"

/** An entry that is not simply the same on both sides. */
struct tree_item {
	uint32_t entry;
	uint32_t other; /**< the entry at the same path on the other side, or TALLY_NO_INDEX */
	uint32_t mate; /**< the entry of the other side that it was paired with (copies: their source), or none */
	uint32_t content; /**< number of its content, or none: not a file, empty, unread */
	uint32_t group;
	uint32_t cycle;
	uint32_t member; /**< copied out of an archive: number of the member, or none */
	uint16_t similarity;
	uint8_t kind; /**< the same as kind[side][entry] */
	uint8_t evidence;
	uint8_t reason;
	uint8_t side;
	uint8_t fate;
	bool unpacked; /**< an archive that went, and all that it held is out in the folder */
	bool open; /**< before: its content may have moved; after: where it came from is not known yet */
};

struct tree_items {
	struct tree_item *at;
	size_t count, cap;
};

/** A content that some item has or had. */
struct tree_content {
	uint32_t entry;             /**< one entry that has it … */
	uint8_t side;               /**< … and its side */
	uint8_t fate;               /**< settled at the end */
	bool missing;               /**< a before-content that is nowhere on the after side */
	bool moved;                 /**< somebody moved with it */
	bool packed;                /**< it lay in an archive of the before side */
	uint32_t stay, stays;       /**< hits: before entries that kept it in place */
	uint32_t trust, trusts;     /**< hits: before entries that are believed to have kept it */
	uint32_t had, hads;         /**< holders[BEFORE]: items */
	uint32_t has, hases;        /**< holders[AFTER]: items that were read */
	uint32_t claim, claims;     /**< holders[AFTER]: items that are believed to have it */
	uint32_t inside;            /**< members of archives of the after side */
	struct tally_places places; /**< where it is on the after side */
	uint8_t reason;             /**< unproven: why */
};

/** A member of an archive that matters to somebody. */
struct tree_member {
	uint32_t content;
	uint32_t archive;
	const char *path;
	size_t path_len;
};

struct tree_members {
	struct tree_member *at;
	size_t count, cap;
};

/** What an archive of the before side held that is gone: pieces of tally_tree_diff.listed. */
struct tree_listing {
	uint32_t archive;
	size_t first, count;
	uint64_t files; /**< empty ones included */
	bool done;
	bool doubtful; /**< there is something in it of which nobody knows whether it is elsewhere */
	bool whole;    /**< all that it held is known */
};

struct tree_listed {
	struct tally_digest digest;
	uint64_t size;
	bool found; /**< a file of the after side has it */
};

/** A sketch that was handed in. */
struct tree_sketch {
	uint32_t entry;
	struct tally_sketch sketch; /**< pieces in the arena */
};

struct tree_sketches {
	struct tree_sketch *at;
	size_t count, cap;
};

/** An archive of the after side that could not be searched. */
struct tree_unsearched {
	uint64_t ratio;
	uint32_t archive;
	uint8_t reason;
};

/** What could not be looked into, and may hold what is missing. */
struct tree_hideouts {
	struct tree_hideout {
		uint64_t size;
		uint8_t reason;
	} * at; /* files of the after side that nobody could read, by size */
	size_t count, cap;
	uint8_t anywhere; /* a reason why it may be anywhere, or none */
};

struct tree_list {
	uint32_t *at;
	size_t count, cap;
};

/**
 * One more kind, private to the comparison: the same as before by size and times, and not read. Such files are only counted
 * (a million of them must cost no more than a million unchanged ones), as unverified.
 */
enum { TREE_BELIEVED = TALLY_CHANGE_KINDS };

struct tally_tree_diff {
	const struct tally_tree *tree[2];
	struct tally_tree_diff_options options;
	struct tally_limits limits;
	struct tally_arena arena;
	bool finished;

	uint8_t *kind[2];
	uint32_t *slot[2];
	struct tree_items items[2];

	/* folders: the same path on the other side, regular files directly in each, end of the subtree, order of both sides */
	uint32_t *twin[2];
	uint32_t *files_in[2];
	uint32_t *end[2];
	uint32_t *rank[2]; /* place in the path order of both sides together */
	uint32_t rank_count;
	bool *odd_names; /* by after folder: it has a new name, and one that folding may change */

	/* files that kept their content in place (before entries), until contents are paired */
	struct tree_stay {
		uint64_t key;
		uint32_t entry;
	} * stay;
	size_t stay_count;
	uint64_t believed; /* files of kind TREE_BELIEVED */

	struct tree_content *contents;
	size_t content_count, content_cap;
	struct tree_slot {
		uint32_t content; /* number + 1, 0 is free */
		uint32_t tag;     /* upper half of the hash */
	} * table;                /* open addressing */
	size_t table_mask;
	uint32_t *hits; /* before entries by content */
	uint32_t *holders[2];

	struct tree_list map; /* by before folder: the after folder that most of its files went to, or none */

	struct tree_list wanted[2];
	struct tree_list extra[2]; /* of those, what only files that may have changed places are compared with */
	bool covers; /* among what is wanted is what a file may have moved over, so that its old content is sought as well */
	struct tree_list stems; /* after entry, before entry that it may be an edited copy of, … */
	struct tree_sketches sketches[2];
	bool similar_cut; /* the search for similar files met its limit */
	struct tree_members members[2];
	bool members_done;
	struct tree_listing *listings;
	size_t listing_count, listing_cap;
	struct tree_listed *listed;
	size_t listed_count, listed_cap;
	struct tree_unsearched *unsearched; /* each archive once */
	size_t unsearched_count, unsearched_cap;

	struct tally_group *groups;
	size_t group_count, group_cap;
	uint32_t cycle_count;

	struct tally_change *changes;
	size_t change_count;
	struct tally_fold *folds;
	size_t fold_count, fold_cap;
	struct tally_hazard *hazards;
	size_t hazard_count, hazard_cap;
	struct tally_balance balance[2]; /* files, bytes */
	struct tally_contents contents_by_fate[2];
};

static inline enum tally_side tree_other(enum tally_side side)
{
	return side == TALLY_BEFORE ? TALLY_AFTER : TALLY_BEFORE;
}

static inline const struct tally_entry *tree_entry(const struct tally_tree_diff *d,
                                                   enum tally_side side, uint32_t entry)
{
	return &d->tree[side]->entries[entry];
}

/** Has this entry an item (and not just a partner in slot)? */
static inline bool tree_has_item(const struct tally_tree_diff *d, enum tally_side side, uint32_t entry)
{
	return d->kind[side][entry] > TALLY_CHANGE_UNCHANGED &&
	       d->kind[side][entry] != TALLY_CHANGE_METADATA &&
	       d->kind[side][entry] != TREE_BELIEVED;
}

static inline struct tree_item *tree_item_of(const struct tally_tree_diff *d, enum tally_side side,
                                             uint32_t entry)
{
	return tree_has_item(d, side, entry) ? &d->items[side].at[d->slot[side][entry]] : NULL;
}

static inline void tree_set_kind(struct tally_tree_diff *d, enum tally_side side,
                                 struct tree_item *item, enum tally_change_kind kind)
{
	item->kind = (uint8_t)kind;
	d->kind[side][item->entry] = (uint8_t)kind;
}

/** A regular file whose content is known. */
static inline bool tree_known_file(const struct tally_entry *e)
{
	return e->type == TALLY_TYPE_FILE && e->proof != TALLY_PROOF_NONE &&
	       tally_digest_known(&e->digest);
}

/** tally_tree_unread, quick for the many files that were read. */
static inline enum tally_reason tree_unread(const struct tally_tree_diff *d, enum tally_side side,
                                            uint32_t entry)
{
	return tree_known_file(tree_entry(d, side, entry)) ? TALLY_REASON_NONE
	                                                   : tally_tree_unread(d->tree[side], entry);
}

/** A file whose digest was taken over from an earlier snapshot: nobody read it. */
static inline bool tree_believed(const struct tally_entry *e)
{
	return e->type == TALLY_TYPE_FILE && e->proof == TALLY_PROOF_STAT;
}

/** Is this content on the after side as far as anybody believes, if not proves? */
static inline bool tree_content_believed(const struct tree_content *c)
{
	return c->trusts || c->claims;
}

/** The two entries stand at one path and are of different types. */
static inline bool tree_retyped(const struct tally_tree_diff *d, const struct tree_item *after)
{
	return after->other != TALLY_NO_INDEX &&
	       tree_entry(d, TALLY_AFTER, after->entry)->type !=
	               tree_entry(d, TALLY_BEFORE, after->other)->type;
}

/** Spread a hash over all bits (fixed; digests of tests may differ in a few bits only). */
static inline uint64_t tree_mix(uint64_t x)
{
	x = (x ^ (x >> 32)) * UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 29)) * UINT64_C(0xbf58476d1ce4e5b9);
	return x ^ (x >> 32);
}

bool tree_list_add(struct tree_list *list, uint32_t value);

/** May folding letters or Unicode forms change this name? Lower-case ASCII folds to itself. */
bool tree_odd_name(const char *name, size_t len);

/** Which metadata differs between two entries, as TALLY_FIELD_… bits; what the options ignore is left out. */
unsigned tree_fields(const struct tally_tree_diff *d, const struct tally_entry *before,
                     const struct tally_entry *after);

/* The stages, about in this order; each in the file of its name. */
enum tally_status tree_walk(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_contents_pair(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_similar_wanted(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_similar_pair(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_follow(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_fates(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_rows(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_folds(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_hazards(struct tally_tree_diff *d, struct tally_err *err);
enum tally_status tree_balance(struct tally_tree_diff *d, struct tally_err *err);

/** The first member with this content, or NULL; *count (may be NULL) says how many there are. Once the members are sorted. */
const struct tree_member *tree_members_of(const struct tree_members *m, uint32_t content,
                                          size_t *count);

/** The first archive that could not be searched and may hold the content of a before entry, or NULL. */
const struct tree_unsearched *tree_in_unsearched(const struct tally_tree_diff *d, uint32_t before);

/** May this archive hold the content of a before entry? */
bool tree_may_hold(const struct tally_tree_diff *d, const struct tree_unsearched *u, uint32_t before);

bool tree_hideouts_find(const struct tally_tree_diff *d, struct tree_hideouts *h);
void tree_hideouts_release(struct tree_hideouts *h);

/** Why the content of a before entry may be there all the same, or TALLY_REASON_NONE. */
uint8_t tree_hidden_because(const struct tally_tree_diff *d, const struct tree_hideouts *h,
                            uint32_t before);

/** Is this before folder a root that lies on another file system now? */
bool tree_root_elsewhere(const struct tally_tree_diff *d, uint32_t before);

/** The content with this digest and size, or TALLY_NO_INDEX. */
uint32_t tree_content_find(const struct tally_tree_diff *d, const struct tally_digest *digest,
                           uint64_t size);

/**
 * Where most of the files of each before folder went, from the pairs found so far (d->map). Folders without files of their
 * own get what the folders in them say.
 */
enum tally_status tree_map_folders(struct tally_tree_diff *d, struct tally_err *err);

/** Pair two items as moved; the after one may have been TYPE_CHANGED or the before one OVERWRITTEN until now. */
void tree_pair(struct tally_tree_diff *d, struct tree_item *before, struct tree_item *after,
               enum tally_change_kind kind);

/** The sketch that was handed in of this entry, or NULL; once they are sorted. */
const struct tally_sketch *tree_sketch_of(const struct tally_tree_diff *d, enum tally_side side,
                                          uint32_t entry);
uint8_t tree_evidence_of(const struct tally_sketch *sketch);
/** From how many thousandths on contents like this one count as one, edited. */
unsigned tree_least_similarity(const struct tally_tree_diff *d, const struct tally_sketch *sketch);

/** Pair two items as moved and edited; an after file as an edited copy of a before entry. */
void tree_pair_edited(struct tally_tree_diff *d, struct tree_item *before, struct tree_item *after,
                      unsigned similarity, uint8_t evidence);
void tree_copy_edited(struct tally_tree_diff *d, struct tree_item *after, uint32_t before,
                      unsigned similarity, uint8_t evidence);

/** Files that were modified where they stand, and may be others than they were, are wanted as well (d->extra). @return false: no memory */
bool tree_exchange_wanted(struct tally_tree_diff *d);
/** Pair those that are. @any  there were some */
bool tree_exchange_pair(struct tally_tree_diff *d, bool *any);

/** Do these paths differ in letter case or Unicode form only, or even (*form) in the latter only? @return false: no memory */
bool tree_case_only(const struct tally_tree_diff *d, uint32_t before, uint32_t after, bool *only,
                    bool *form);

#endif
