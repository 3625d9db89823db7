/**
 * Comparing two trees: what became of every entry and of every content.
 *
 * Pure memory, in stages, because some evidence has to be read from files by somebody else:
 *
 *   new ──► (caller reads) add_member ──► wanted ──► add_sketch ──► finish ──► changes, folds, balance
 *
 *   new      walks both sorted trees once: same path; then same content elsewhere (moves, copies, cycles)
 *   wanted   names the files that are still unexplained, whose sketches could explain them; and the archives in which
 *            lost contents may survive
 *   finish   pairs by similarity, settles fates, folds folders, draws up the balance and checks it
 *
 * The result is the same for the same input, whatever the order in which evidence was added.
 */
#ifndef TALLY_DIFF_TREE_DIFF_H
#define TALLY_DIFF_TREE_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/limits.h"
#include "core/sink.h"
#include "core/sketch.h"
#include "core/tree.h"

enum tally_side { TALLY_BEFORE, TALLY_AFTER };

enum tally_change_kind {
	TALLY_CHANGE_UNCHANGED, /**< never listed, only counted */
	TALLY_CHANGE_MODIFIED,
	TALLY_CHANGE_METADATA,
	TALLY_CHANGE_ADDED,
	TALLY_CHANGE_COPIED,
	TALLY_CHANGE_COPIED_EDITED,
	TALLY_CHANGE_MOVED,
	TALLY_CHANGE_MOVED_EDITED,
	TALLY_CHANGE_OVERWRITTEN, /**< only as `overwrote` of another change */
	TALLY_CHANGE_DELETED,
	TALLY_CHANGE_DUPLICATE_REMOVED,
	TALLY_CHANGE_TYPE_CHANGED,
	TALLY_CHANGE_LINK_RETARGETED,
	TALLY_CHANGE_UNVERIFIED, /**< could not be compared: unreadable, excluded or not reached on a side */
	TALLY_CHANGE_KINDS
};

/** The words of RECEIPT.md: "modified", "metadata", … */
const char *tally_change_name(enum tally_change_kind kind);

/** What became of a before-content. */
enum tally_fate {
	TALLY_FATE_NONE, /**< does not apply (folders, empty files without claim, added files) */
	TALLY_FATE_SAME_PLACE,
	TALLY_FATE_MOVED,
	TALLY_FATE_COPY_ELSEWHERE,
	TALLY_FATE_INSIDE_ARCHIVE,
	TALLY_FATE_UNPACKED, /**< an archive that went, and all of whose members are out in the folder */
	TALLY_FATE_EDITED,
	TALLY_FATE_LOST,
	TALLY_FATE_UNPROVEN,
	TALLY_FATES
};

const char *tally_fate_name(enum tally_fate fate);

enum tally_evidence {
	TALLY_EVIDENCE_NONE,
	TALLY_EVIDENCE_INODE,
	TALLY_EVIDENCE_MEMBERS,
	TALLY_EVIDENCE_TEXT,
	TALLY_EVIDENCE_BYTES,
	TALLY_EVIDENCE_PIXELS,
};

/** "inode", "members", "text", "bytes", "pixels"; "" for none. */
const char *tally_evidence_name(enum tally_evidence evidence);

/** Differences in metadata, as bits of tally_change.fields. */
enum {
	TALLY_FIELD_MODE = 1 << 0,
	TALLY_FIELD_OWNER = 1 << 1,
	TALLY_FIELD_GROUP = 1 << 2,
	TALLY_FIELD_MTIME = 1 << 3,
	TALLY_FIELD_XATTRS = 1 << 4,
	TALLY_FIELD_NLINK = 1 << 5,
	TALLY_FIELD_SIZE = 1 << 6, /**< of files that were not read: otherwise what the content says is told */
};

enum {
	TALLY_CHANGE_SILENT = 1 << 0, /**< other content under the same size and modification time */
	TALLY_CHANGE_CASE_ONLY = 1 << 1, /**< moved: names differ in letter case (or Unicode form) only */
	TALLY_CHANGE_FORM_ONLY = 1 << 13, /**< … in Unicode form only: the same letters, composed in another way */
	TALLY_CHANGE_LEAVES_ROOT = 1 << 2, /**< a link that now points outside of its root */
	TALLY_CHANGE_EMPTIED = 1 << 3,     /**< modified: 0 bytes now */
	TALLY_CHANGE_TRUNCATED = 1 << 4, /**< modified: what is left is the beginning of the old content (set by the receipt, which has the bytes) */
	TALLY_CHANGE_APPENDED = 1 << 5, /**< modified: the old content is the beginning of the new one (set by the receipt) */
	TALLY_CHANGE_NUL_TAIL = 1 << 6, /**< modified: ends in NUL bytes that were not there (set by the receipt) */
	TALLY_CHANGE_KEPT = 1 << 7,      /**< the before-content was kept: restorable */
	TALLY_CHANGE_SOLE_COPY = 1 << 8, /**< the content that went was the only copy */
	TALLY_CHANGE_REPLACED = 1 << 10, /**< modified: nothing of the old content is in the new one (set by the receipt) */
	TALLY_CHANGE_OPAQUE = 1 << 11, /**< … as far as bytes tell, for neither is text: it may have been saved anew */
	TALLY_CHANGE_UNSOUGHT = 1 << 12, /**< not all archives could be searched for the before-content (modified), or were looked at for
	                                      where it came from (added) */
	TALLY_CHANGE_ROOT = 1 << 9, /**< a watched folder itself (set by the receipt: a root has no entry) */
};

/** A place of a content: an entry of the after side, or a member of an archive there. */
struct tally_place {
	uint32_t entry;     /**< index in the after tree */
	const char *member; /**< path inside it, or NULL for the entry's own content */
	size_t member_len;
};

/** A list of places inside the diff's pool. total may be larger than count (limits.sibling_names). */
struct tally_places {
	const struct tally_place *places;
	uint32_t count;
	uint32_t total;
};

/** What a move or copy covered. */
struct tally_victim {
	uint32_t before; /**< entry of the before tree whose path was taken, or TALLY_NO_INDEX: nothing was covered */
	enum tally_fate fate;
	struct tally_places survives_at;
};

/** One path that is not unchanged. */
struct tally_change {
	uint8_t kind; /**< enum tally_change_kind */
	uint8_t fate; /**< enum tally_fate of the before-content (deleted, modified, type_changed …) */
	uint8_t evidence; /**< enum tally_evidence, for …_edited */
	uint8_t fields; /**< TALLY_FIELD_…: metadata that differs (also for moved and modified) */
	uint8_t reason; /**< unverified: enum tally_reason */
	uint8_t side; /**< unverified: on which side it could not be read (bit 0 before, bit 1 after) */
	uint16_t flags;      /**< TALLY_CHANGE_… bits */
	uint16_t similarity; /**< …_edited: thousandths */
	uint32_t before; /**< entry of the before tree (source of moves and copies), or TALLY_NO_INDEX */
	uint32_t after; /**< entry of the after tree, or TALLY_NO_INDEX */
	uint32_t group; /**< moved, copied: number of its ambiguous group from 1, or 0 when the source is certain */
	uint32_t cycle; /**< moved: number of its swap or ring from 1, or 0 */
	struct tally_victim overwrote;
	struct tally_places survives_at; /**< deleted, duplicate_removed, modified: where the before-content still is; with the fate
	                                      unproven: where it is believed to be */
	const char *from_member; /**< added or copied out of an archive: path inside `archive`; otherwise NULL */
	size_t from_member_len;
	uint32_t archive; /**< with from_member: entry of the before tree. Added: it is gone, copied: what it held is still there */
};

/** Equal contents whose sources and targets cannot be told apart: sources[i] may have become any of targets[j]. */
struct tally_group {
	const uint32_t *sources; /**< entries of the before tree */
	const uint32_t *targets; /**< entries of the after tree */
	uint32_t source_count, target_count;
};

enum tally_fold_kind {
	TALLY_FOLD_MOVED, /**< most of its files went to one folder that was not there (or was empty) */
	TALLY_FOLD_MERGED, /**< most of its files went into a folder that had others */
	TALLY_FOLD_SPLIT,  /**< its files went to several folders, none of which got most */
	TALLY_FOLD_ADDED,
	TALLY_FOLD_DELETED,
};

/** "folder_moved" … */
const char *tally_fold_name(enum tally_fold_kind kind);

/** One line that stands for many changes. Every path is still in the changes. */
struct tally_fold {
	uint8_t kind;
	uint32_t before; /**< folder of the before tree (index into dirs), or TALLY_NO_INDEX */
	uint32_t after;  /**< folder of the after tree, or TALLY_NO_INDEX */
	uint32_t files;  /**< files that this line stands for */
	uint32_t of; /**< files the folder had (added: has), its subfolders included; split: without them */
	uint32_t left; /**< of those, still where they were (98 of 100 moved, 1 edited, 1 left behind) */
	const uint32_t *changes; /**< the changes that it stands for (indices) */
	uint32_t change_count;
	const uint32_t *exceptions; /**< changes below the folder that did something else */
	uint32_t exception_count;
};

/** Names that will collide on another system, at least one of which was not there before. */
struct tally_hazard {
	uint32_t first, second; /**< entries of the after tree, in one folder */
	enum tally_clash {
		TALLY_CLASH_FORM, /**< equal but for Unicode normal form: they look the same */
		TALLY_CLASH_CASE, /**< equal but for letter case */
		TALLY_CLASH_LETTERS, /**< equal for systems that take "\u00df" and "ss", "\ufb01" and "fi" for one */
	} clash;
};

/** Files by what became of them; a file is a regular file. Bytes alike. All sums are checked by finish. */
struct tally_balance {
	uint64_t before, unchanged, metadata, modified, moved, moved_edited, deleted,
		duplicate_removed, overwritten, type_changed, unverified;
	uint64_t added,
		copied; /**< copied_edited counts as copied; files that came of another type count as added */
	uint64_t unverified_after; /**< after-files that cannot be matched because their side or the other was not read */
	uint64_t after;
	/** Bytes only: what modified and moved_edited files gained (or lost) by their edits; all other fields but added, copied
	 *  and unverified_after count bytes of the before side, so that after = their sum + grown. Always 0 for files. */
	int64_t grown;
	/** Bytes only, by enum tally_side: files whose size nobody knows, which these sums leave out (see tally_entry_seen) */
	uint64_t unsized[2];
};

/** Distinct before-contents by fate. Empty files have none; a file that was not read counts as one of its own, unproven. */
struct tally_contents {
	uint64_t before;
	uint64_t by_fate[TALLY_FATES];
	uint64_t new_contents; /**< distinct after-contents that were not there before */
};

struct tally_tree_diff_options {
	int version; /**< TALLY_TREE_DIFF_OPTIONS_VERSION */
	const struct tally_limits *limits;
	unsigned similarity; /**< thousandths from which two contents count as one edited; default 500 */
	bool ignore_times; /**< a different mtime alone is not a change (comparing unrelated folders) */
	bool ignore_owner;
	bool same_disk; /**< inode numbers of both sides speak of one file system */
	/** How many bytes a before file takes at least when it is packed fast by itself (see tally_archive_may_hold); 0: not
	 *  known. NULL: never known */
	uint64_t (*packed)(void *payload, uint32_t before);
	void *packed_payload;
};

enum { TALLY_TREE_DIFF_OPTIONS_VERSION = 1 };
#define TALLY_TREE_DIFF_OPTIONS_INIT                                                       \
	{                                                                                  \
		TALLY_TREE_DIFF_OPTIONS_VERSION, NULL, 500, false, false, true, NULL, NULL \
	}

struct tally_tree_diff;

/**
 * Compare by path and by content. The trees are borrowed until the diff is freed; their digests must come from one secret.
 */
enum tally_status tally_tree_diff_new(struct tally_tree_diff **out, const struct tally_tree *before,
                                      const struct tally_tree *after,
                                      const struct tally_tree_diff_options *options,
                                      struct tally_err *err);
void tally_tree_diff_free(struct tally_tree_diff *d);

/** The entry at the same path on the other side, or TALLY_NO_INDEX; none of an entry that is excluded on one side only. */
uint32_t tally_tree_diff_opposite(const struct tally_tree_diff *d, enum tally_side side,
                                  uint32_t entry);

/** Is there anything but metadata to tell about this entry? False for what is only believed to be as it was. */
bool tally_tree_diff_differs(const struct tally_tree_diff *d, enum tally_side side, uint32_t entry);

/** Files of a side that no stage so far could explain and whose sketch may: ascending, borrowed until finish. */
const uint32_t *tally_tree_diff_wanted(const struct tally_tree_diff *d, enum tally_side side,
                                       size_t *count);

/**
 * Is this wanted file only asked for to see whether files that stand where they stood changed places? Nothing is left open
 * where it cannot be read.
 */
bool tally_tree_diff_extra(const struct tally_tree_diff *d, enum tally_side side, uint32_t entry);

/** Are there before-contents that are nowhere on the after side, so that searching archives is worth it? */
bool tally_tree_diff_has_missing(const struct tally_tree_diff *d);

/** Is there a content that was not there before, or that was replaced at its path, so that archives may say where it comes from or is? */
bool tally_tree_diff_has_new(const struct tally_tree_diff *d);

/** Is there such a before-content that this archive of the after side may hold, by its size? (see tally_archive_may_hold) */
bool tally_tree_diff_may_hide(const struct tally_tree_diff *d, uint32_t archive, uint64_t ratio);

/** Is this digest (and size) one of the missing before-contents? Lets the caller skip members that matter to nobody. */
bool tally_tree_diff_is_missing(const struct tally_tree_diff *d, const struct tally_digest *digest,
                                uint64_t size);

/** The sketch of a file; copied. */
enum tally_status tally_tree_diff_add_sketch(struct tally_tree_diff *d, enum tally_side side,
                                             uint32_t entry, const struct tally_sketch *sketch,
                                             struct tally_err *err);

/**
 * What was found in an archive of that side (path and digest copied). Members of the before side explain added files; all of
 * those of one archive come one behind the other, so that it is known what an archive held that is gone.
 */
enum tally_status tally_tree_diff_add_member(struct tally_tree_diff *d, enum tally_side side,
                                             uint32_t archive, const struct tally_member *member,
                                             struct tally_err *err);

/** Did this file of the before side go, and are its bytes nowhere any more (as far as is known before finish)? */
bool tally_tree_diff_is_gone(const struct tally_tree_diff *d, uint32_t before);

/** The members of an archive of the before side were all handed in. @whole  and they are all that it held */
enum tally_status tally_tree_diff_listed(struct tally_tree_diff *d, uint32_t archive, bool whole,
                                         struct tally_err *err);

/**
 * All archives were read. What was found in one needs no sketch: wanted becomes shorter. To be called before sketches are made.
 */
enum tally_status tally_tree_diff_members_done(struct tally_tree_diff *d, struct tally_err *err);

/** This file cannot be like one of the other side (an archive where the other side has none, say). */
void tally_tree_diff_unlike(struct tally_tree_diff *d, enum tally_side side, uint32_t entry);

/**
 * An archive of the after side that could not be searched: what is missing and fits may be inside, so it is unproven, not lost.
 * @ratio  how many times its own size a content in it may have at most; 0: any
 */
enum tally_status tally_tree_diff_unsearched(struct tally_tree_diff *d, uint32_t archive,
                                             enum tally_reason reason, uint64_t ratio,
                                             struct tally_err *err);

/**
 * Can a content be inside an archive, by their sizes?
 * @ratio   no archive of this kind holds more than so many times its own size; 0: not known
 * @packed  bytes that the content takes when it is packed fast by itself; 0: not known. Packing harder, or together with
 *          others, saves much, but never three quarters
 */
bool tally_archive_may_hold(uint64_t archive, uint64_t ratio, uint64_t content, uint64_t packed);

/**
 * Settle everything.
 * @return TALLY_FATAL with a message when the books do not balance, which is an error of this program, not of the files
 */
enum tally_status tally_tree_diff_finish(struct tally_tree_diff *d, struct tally_err *err);

/** After finish. Changes ascend by the path they are listed under (after, or before where there is no after). */
const struct tally_change *tally_tree_diff_changes(const struct tally_tree_diff *d, size_t *count);
const struct tally_group *tally_tree_diff_groups(const struct tally_tree_diff *d, size_t *count);
const struct tally_fold *tally_tree_diff_folds(const struct tally_tree_diff *d, size_t *count);
const struct tally_hazard *tally_tree_diff_hazards(const struct tally_tree_diff *d, size_t *count);
const struct tally_balance *tally_tree_diff_balance(const struct tally_tree_diff *d, bool bytes);
const struct tally_contents *tally_tree_diff_contents(const struct tally_tree_diff *d, bool bytes);

/** Files that are as before by size and times and were not read: counted as unverified, and not listed as changes. */
uint64_t tally_tree_diff_believed(const struct tally_tree_diff *d);

/** Which metadata differs, as TALLY_FIELD_… bits; what the options ignore is left out. */
unsigned tally_tree_diff_fields(const struct tally_tree_diff *d, const struct tally_entry *before,
                                const struct tally_entry *after);

/** Does this root of the before side (index into its dirs) lie on another file system on the after side? */
bool tally_tree_diff_root_elsewhere(const struct tally_tree_diff *d, uint32_t dir);

#endif
