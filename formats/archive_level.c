/* What the archive readers have in common: members, digests, limits, notes and archives in archives. */
#include "formats/archive_level.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/ascii.h"
#include "core/mem.h"
#include "formats/unzip.h"

enum {
	HEAD = 512,          /* a tar is known by its first block, the others by less */
	HEAD_ISO = 34 << 10, /* an image by its first volume descriptor */
	SMALLEST = 22,       /* an empty zip; nothing shorter is an archive with a member */
	PATH_MOST = 1 << 20, /* all names on the way to a member, one behind the other */
};

static const struct {
	enum tally_reason reason;
	enum tally_note_about about;
	const char *one, *many;
} troubles[TALLY_TROUBLES] = {
	[TALLY_TROUBLE_ENCRYPTED] = { TALLY_REASON_ENCRYPTED, TALLY_NOTE_MEMBER,
	                              "member is encrypted", "members are encrypted" },
	[TALLY_TROUBLE_DAMAGED] = { TALLY_REASON_DAMAGED, TALLY_NOTE_MEMBER, "member is damaged",
	                            "members are damaged" },
	[TALLY_TROUBLE_METHOD] = { TALLY_REASON_FORMAT_UNKNOWN, TALLY_NOTE_MEMBER,
	                           "member is packed in a way that has no reader",
	                           "members are packed in a way that has no reader" },
	[TALLY_TROUBLE_TWICE] = { TALLY_REASON_AMBIGUOUS_CONTAINER, TALLY_NOTE_LIST,
	                          "member has the name of one before, and another content",
	                          "members have names of others before, and other contents" },
	[TALLY_TROUBLE_DEEP] = { TALLY_REASON_LIMIT, TALLY_NOTE_MEMBER,
	                         "archive in it lies below archive_depth and was not opened",
	                         "archives in it lie below archive_depth and were not opened" },
	[TALLY_TROUBLE_OTHER] = { TALLY_REASON_FORMAT_UNKNOWN, TALLY_NOTE_MEMBER,
	                          "archive in it is of a kind that is not opened",
	                          "archives in it are of kinds that are not opened" },
	[TALLY_TROUBLE_LARGE] = { TALLY_REASON_LIMIT, TALLY_NOTE_MEMBER,
	                          "archive in it is larger than archive_memory and was not opened",
	                          "archives in it are larger than archive_memory and were not opened" },
	[TALLY_TROUBLE_NAMELESS] = { TALLY_REASON_MALFORMED, TALLY_NOTE_LIST,
	                             "member has a name that cannot be read",
	                             "members have names that cannot be read" },
	[TALLY_TROUBLE_ASTRAY] = { TALLY_REASON_MALFORMED, TALLY_NOTE_MEMBER,
	                           "hard link leads to nothing that came before it",
	                           "hard links lead to nothing that came before them" },
	[TALLY_TROUBLE_ODD] = { TALLY_REASON_MALFORMED, TALLY_NOTE_MEMBER,
	                        "member has a malformed header", "members have malformed headers" },
	[TALLY_TROUBLE_LEAVES] = { TALLY_REASON_UNSAFE_NAMES, TALLY_NOTE_REMARK,
	                           "member has a name that leads out of the folder",
	                           "members have names that lead out of the folder" },
};

void tally_archive_level_init(struct tally_archive_level *level, struct tally_archive_job *job,
                              struct tally_source *src, uint32_t depth)
{
	*level = (struct tally_archive_level){ .job = job, .src = src, .depth = depth };
	tally_buf_init(&level->path, PATH_MOST);
	tally_buf_init(&level->bytes, (size_t)job->limits->archive_memory);
}

void tally_archive_level_release(struct tally_archive_level *level)
{
	tally_buf_release(&level->path);
	tally_buf_release(&level->bytes);
	tally_free(level->names);
	for (int i = 0; i < TALLY_TROUBLES; i++)
		tally_free(level->counts[i].first);
}

/* ---- notes ---- */

static enum tally_status push_note(struct tally_archive_job *job, const struct tally_note *note,
                                   struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	job->partial = true;
	if (job->sink->note)
		st = job->sink->note(job->sink->payload, note, err);
	job->refused |= st < 0;
	return st;
}

enum tally_status tally_archive_note_about(struct tally_archive_level *level,
                                           enum tally_note_about about, enum tally_reason reason,
                                           const char *detail, struct tally_err *err)
{
	struct tally_note note = { .reason = reason, .detail = detail, .about = about };
	enum tally_status st;
	char *where = NULL;

	if (level->prefix > 0) {
		where = tally_dup(level->path.bytes, level->prefix - 1);
		if (!where)
			return tally_err_nomem(err);
		note.where = where;
	}
	note.whole = level->depth == 0 && level->job->members == 0 && about != TALLY_NOTE_REMARK;
	/* of a nested archive nothing is missing in the list of the outermost, unless a limit ended all */
	if (level->depth > 0 && about == TALLY_NOTE_LIST && !level->job->stopped)
		note.about = TALLY_NOTE_MEMBER;
	st = push_note(level->job, &note, err);
	tally_free(where);
	return st;
}

enum tally_status tally_archive_note(struct tally_archive_level *level, enum tally_reason reason,
                                     const char *detail, struct tally_err *err)
{
	return tally_archive_note_about(level, TALLY_NOTE_LIST, reason, detail, err);
}

enum tally_status tally_archive_note_troubles(struct tally_archive_level *level, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < TALLY_TROUBLES && st >= 0; i++) {
		const struct tally_archive_count *c = &level->counts[i];
		char detail[160];

		if (c->members == 0)
			continue;
		snprintf(detail, sizeof detail, "%" PRIu64 " %s", c->members,
		         c->members == 1 ? troubles[i].one : troubles[i].many);
		st = push_note(level->job,
		               &(struct tally_note){ .reason = troubles[i].reason,
		                                     .detail = detail,
		                                     .where = c->first,
		                                     .about = level->depth && troubles[i].about ==
		                                                                      TALLY_NOTE_LIST
		                                                      ? TALLY_NOTE_MEMBER
		                                                      : troubles[i].about },
		               err);
	}
	return st;
}

enum tally_status tally_archive_trouble(struct tally_archive_level *level,
                                        enum tally_archive_trouble what, struct tally_err *err)
{
	struct tally_archive_count *c = &level->counts[what];

	if (!c->first) {
		c->first = tally_dup(level->path.bytes, level->path.len);
		if (!c->first)
			return tally_err_nomem(err);
	}
	c->members++;
	return TALLY_OK;
}

/* a limit ends the whole job */
static enum tally_status stop(struct tally_archive_level *level, const char *limit, uint64_t value,
                              const char *what, struct tally_err *err)
{
	char detail[160];
	enum tally_status st;

	level->job->stopped = true;
	snprintf(detail, sizeof detail, "%s: more than %" PRIu64 " %s", limit, value, what);
	st = tally_archive_note(level, TALLY_REASON_LIMIT, detail, err);
	return st < 0 ? st : TALLY_END;
}

static enum tally_status check_bytes(struct tally_archive_level *level, uint64_t unpacked,
                                     struct tally_err *err)
{
	const struct tally_archive_job *job = level->job;
	const char *limit = tally_unpack_limit(job->limits, unpacked, job->packed);

	if (!limit)
		return TALLY_OK;
	if (unpacked > job->limits->archive_bytes)
		return stop(level, limit, job->limits->archive_bytes, "bytes unpacked", err);
	return stop(level, limit, job->limits->archive_ratio, "times its packed size", err);
}

enum tally_status tally_archive_streamed(struct tally_archive_level *level, size_t len,
                                         struct tally_err *err)
{
	level->job->streamed += len;
	return check_bytes(level, level->job->streamed, err);
}

/* ---- names ---- */

/* "./a/" and "a" are one name. An attacker must not know which names fall together: keyed where there is a key. */
static uint64_t name_hash(const struct tally_archive_level *level, const char *name, size_t len)
{
	const struct tally_key *key = level->job->key;
	struct tally_digest d;
	uint64_t hash;

	while (len >= 2 && name[0] == '.' && name[1] == '/') {
		name += 2;
		len -= 2;
	}
	while (len > 0 && name[len - 1] == '/')
		len--;
	if (key) {
		tally_digest_of(&d, key, name, len);
		hash = tally_digest_low(&d);
	} else {
		hash = tally_hash64(name, len, 0);
	}
	return hash ? hash : 1;
}

static struct tally_archive_name *name_slot(struct tally_archive_name *names, size_t cap,
                                            uint64_t hash)
{
	size_t i = (size_t)hash & (cap - 1);

	while (names[i].hash != 0 && names[i].hash != hash)
		i = (i + 1) & (cap - 1);
	return &names[i];
}

/* at most half full */
static bool names_grow(struct tally_archive_level *level)
{
	size_t cap = level->name_cap ? level->name_cap * 2 : 64;
	struct tally_archive_name *names;

	if (level->name_count * 2 < level->name_cap)
		return true;
	names = tally_alloc_zero(cap, sizeof *names);
	if (!names)
		return false;
	for (size_t i = 0; i < level->name_cap; i++)
		if (level->names[i].hash)
			*name_slot(names, cap, level->names[i].hash) = level->names[i];
	tally_free(level->names);
	level->names = names;
	level->name_cap = cap;
	return true;
}

/* Remember the present member. Later ones of its name replace it, as they do when the archive is unpacked. */
static enum tally_status remember(struct tally_archive_level *level, struct tally_err *err)
{
	const struct tally_member *m = &level->member;
	const char *name = level->path.bytes + level->prefix;
	struct tally_archive_name *slot;
	struct tally_archive_name now = { .hash = name_hash(level, name,
		                                            level->path.len - level->prefix),
		                          .size = m->size,
		                          .digest = m->digest,
		                          .type = (uint8_t)m->type,
		                          .reason = (uint8_t)m->reason };
	bool twice;

	if (!names_grow(level))
		return tally_err_nomem(err);
	slot = name_slot(level->names, level->name_cap, now.hash);
	/* folders come twice as they please; the same content twice says nothing new */
	twice = slot->hash &&
	        (slot->type != now.type || (now.type != TALLY_TYPE_DIR &&
	                                    (slot->size != now.size || now.reason || slot->reason ||
	                                     !tally_digest_equal(&slot->digest, &now.digest))));
	level->name_count += slot->hash == 0;
	*slot = now;
	return twice ? tally_archive_trouble(level, TALLY_TROUBLE_TWICE, err) : TALLY_OK;
}

void tally_archive_follow(struct tally_archive_level *level, const char *target, size_t len)
{
	const struct tally_archive_name *slot = NULL;

	if (level->name_cap)
		slot = name_slot(level->names, level->name_cap, name_hash(level, target, len));
	if (!slot || !slot->hash) {
		level->member.reason = TALLY_REASON_NOT_REACHED;
		return;
	}
	level->followed = true;
	level->member.type = (enum tally_entry_type)slot->type; /* links and pipes have second names, too */
	if (slot->type == TALLY_TYPE_SYMLINK)
		level->member.target = NULL; /* that was the first name, not where the link leads */
	level->member.size = slot->size;
	level->member.digest = slot->digest;
	level->member.reason = slot->reason;
}

/* ".." in it, or absolute, for programs of Unix or Windows */
static bool leads_out(const char *name, size_t len)
{
	size_t start = 0;

	if (len > 0 && (name[0] == '/' || name[0] == '\\'))
		return true;
	if (len > 1 && name[1] == ':' && tally_is_letter(name[0]))
		return true;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && name[i] != '/' && name[i] != '\\')
			continue;
		if (i - start == 2 && name[start] == '.' && name[start + 1] == '.')
			return true;
		start = i + 1;
	}
	return false;
}

/* ---- a member ---- */

enum tally_status tally_archive_begin(struct tally_archive_level *level,
                                      const struct tally_member *member, struct tally_err *err)
{
	struct tally_archive_job *job = level->job;

	level->path.len = level->prefix;
	if (job->members >= job->limits->archive_members)
		return stop(level, "archive_members", job->limits->archive_members, "members", err);
	if (member->path_len > PATH_MOST - level->prefix - 1)
		return stop(level, "archive_memory", PATH_MOST, "bytes in one path", err);
	if (!tally_buf_add(&level->path, member->path, member->path_len))
		return tally_err_nomem(err);
	level->member = *member;
	level->member.depth = level->depth;
	level->got = 0;
	level->followed = false;
	tally_buf_release(&level->bytes);
	level->maybe_archive = member->type == TALLY_TYPE_FILE;
	if (job->hasher)
		tally_hasher_start(job->hasher);
	return !level->flat && leads_out(member->path, member->path_len)
	               ? tally_archive_trouble(level, TALLY_TROUBLE_LEAVES, err)
	               : TALLY_OK;
}

static bool may_be_archive(const unsigned char *bytes, size_t len)
{
	return tally_archive_probe(bytes, len, NULL) != TALLY_ARCHIVE_NONE ||
	       (len >= 2 && memcmp(bytes, "MZ", 2) == 0);
}

/* how many of the first bytes tell whether it is one; an image has its mark far behind */
static size_t head_of(const struct tally_archive_level *level)
{
	static const char *const images[] = { ".iso", NULL };

	return tally_archive_named(level->path.bytes, images) ? HEAD_ISO : HEAD;
}

/* Keep what may turn out to be an archive; after the first bytes it is known whether it may. */
static enum tally_status keep(struct tally_archive_level *level, const void *bytes, size_t len,
                              struct tally_err *err)
{
	size_t room = level->bytes.max - level->bytes.len, head = head_of(level);
	bool undecided = level->bytes.len < head;

	if (undecided && level->bytes.len == 0 && len >= head && !may_be_archive(bytes, len)) {
		level->maybe_archive = false; /* the common case, without a copy */
		return TALLY_OK;
	}
	if (len > room) {
		level->maybe_archive = false;
		tally_buf_release(&level->bytes);
		return tally_archive_trouble(level, TALLY_TROUBLE_LARGE, err);
	}
	if (!tally_buf_add(&level->bytes, bytes, len))
		return tally_err_nomem(err);
	if (undecided && level->bytes.len >= head &&
	    !may_be_archive((const unsigned char *)level->bytes.bytes, level->bytes.len))
		level->maybe_archive = false;
	return TALLY_OK;
}

enum tally_status tally_archive_bytes(struct tally_archive_level *level, const void *bytes,
                                      size_t len, struct tally_err *err)
{
	struct tally_archive_job *job = level->job;
	enum tally_status st;

	job->unpacked += len;
	level->got += len;
	st = check_bytes(level, job->unpacked, err);
	if (st == TALLY_OK && job->hasher)
		tally_hasher_add(job->hasher, bytes, len);
	if (st == TALLY_OK && level->maybe_archive)
		st = keep(level, bytes, len, err);
	return st;
}

enum tally_status tally_archive_zeros(struct tally_archive_level *level, uint64_t len,
                                      struct tally_err *err)
{
	struct tally_archive_job *job = level->job;
	uint64_t most = job->limits->archive_bytes;
	enum tally_status st;

	if (len == 0)
		return TALLY_OK;
	level->maybe_archive = false;
	/* a hole may claim any size: what passes the limit is not counted byte by byte */
	job->unpacked = len > most - (job->unpacked < most ? job->unpacked : most)
	                        ? most + 1
	                        : job->unpacked + len;
	st = check_bytes(level, job->unpacked, err);
	if (st == TALLY_OK && job->hasher)
		tally_hasher_add_zeros(job->hasher, len);
	level->got += len;
	return st;
}

static enum tally_status count_reason(struct tally_archive_level *level, enum tally_reason reason,
                                      struct tally_err *err)
{
	switch (reason) {
	case TALLY_REASON_ENCRYPTED:
		return tally_archive_trouble(level, TALLY_TROUBLE_ENCRYPTED, err);
	case TALLY_REASON_DAMAGED:
		return tally_archive_trouble(level, TALLY_TROUBLE_DAMAGED, err);
	case TALLY_REASON_FORMAT_UNKNOWN:
		return tally_archive_trouble(level, TALLY_TROUBLE_METHOD, err);
	case TALLY_REASON_NOT_REACHED:
		return tally_archive_trouble(level, TALLY_TROUBLE_ASTRAY, err);
	default:
		return TALLY_OK;
	}
}

static enum tally_status read_inner(struct tally_archive_level *level, struct tally_source *src,
                                    struct tally_err *err)
{
	struct tally_archive_level inner;
	enum tally_status st;

	tally_archive_level_init(&inner, level->job, src, level->depth + 1);
	if (!tally_buf_add(&inner.path, level->path.bytes, level->path.len) ||
	    !tally_buf_byte(&inner.path, '/')) {
		st = tally_err_nomem(err);
	} else {
		inner.prefix = inner.path.len;
		tally_source_set_name(src, level->path.bytes + level->prefix);
		st = tally_archive_level_read(&inner, err);
	}
	tally_archive_level_release(&inner);
	return st;
}

/* The present member is an archive itself: read it as the next level. What is broken in it is its own affair. */
static enum tally_status open_nested(struct tally_archive_level *level, struct tally_err *err)
{
	struct tally_archive_place place;
	struct tally_source *src = NULL;
	enum tally_status st;

	st = tally_source_memory(&src, level->bytes.bytes, level->bytes.len, err);
	if (st < 0)
		return st;
	st = tally_archive_find(&place, src, err);
	if (st >= 0 && place.kind == TALLY_ARCHIVE_OTHER)
		st = tally_archive_trouble(level,
		                           place.reason == TALLY_REASON_ENCRYPTED
		                                   ? TALLY_TROUBLE_ENCRYPTED
		                                   : TALLY_TROUBLE_OTHER,
		                           err);
	else if (st >= 0 && place.kind != TALLY_ARCHIVE_NONE)
		st = level->depth + 1 > level->job->limits->archive_depth
		             ? tally_archive_trouble(level, TALLY_TROUBLE_DEEP, err)
		             : read_inner(level, src, err);
	tally_source_free(src);
	return st;
}

static bool holds_archive(const struct tally_archive_level *level)
{
	const struct tally_buf *b = &level->bytes;

	return level->maybe_archive && level->member.reason == TALLY_REASON_NONE &&
	       b->len >= SMALLEST && may_be_archive((const unsigned char *)b->bytes, b->len);
}

enum tally_status tally_archive_end(struct tally_archive_level *level, enum tally_reason reason,
                                    struct tally_err *err)
{
	struct tally_archive_job *job = level->job;
	const struct tally_sink *sink = job->sink;
	struct tally_member *m = &level->member;
	struct tally_sha256 sha256;
	enum tally_status st;

	m->path = level->path.bytes;
	m->path_len = level->path.len;
	if (reason != TALLY_REASON_NONE)
		m->reason = reason;
	if (m->type == TALLY_TYPE_FILE && m->reason == TALLY_REASON_NONE && !level->followed) {
		m->size = level->got;
		if (job->hasher)
			tally_hasher_finish(job->hasher, &m->digest, &sha256);
		if (job->hasher && job->by_sha256)
			tally_digest_by_sha256(&m->digest, job->key, &sha256);
	}
	if (m->type == TALLY_TYPE_SYMLINK && m->target) {
		m->size = strlen(m->target);
		if (job->key)
			tally_digest_of(&m->digest, job->key, m->target, (size_t)m->size);
	}
	job->members++;
	st = sink->member ? sink->member(sink->payload, m, err) : TALLY_OK;
	job->refused |= st < 0;
	if (st >= 0)
		st = count_reason(level, m->reason, err);
	if (st >= 0)
		st = remember(level, err);
	if (st >= 0 && holds_archive(level))
		st = open_nested(level, err);
	tally_buf_release(&level->bytes);
	return st < 0 ? st : job->stopped ? TALLY_END : TALLY_OK;
}
