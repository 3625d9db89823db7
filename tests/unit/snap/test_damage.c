/* Files that are not whole, altered, or made to hurt: refused with words that name them, and never a crash. */
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include "support/scratch.h"
#include "support/snaps.h"

#include "snap/pack.h"
#include "snap/store.h"

static struct scratch s;
static const char *path; /* a whole snapshot */
static const char *hurt; /* the one under test */
static char *whole;      /* its bytes */
static size_t whole_size;
static struct tally_snapshot *original;

static void begin(void)
{
	struct tally_snap_options o = snaps_options(TALLY_KEEP_ALL);
	char *noise, name[64];

	scratch_make(&s);
	scratch_mkdirs(&s, "out");
	noise = snaps_noise(70000, 4);
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "root/folder %d/file %d.csv", i % 7, i);
		scratch_write(&s, name, noise + i, (size_t)i * 1000);
	}
	scratch_write(&s, "root/noise", noise, 70000);
	free(noise);
	path = scratch_path(&s, "out/whole");
	hurt = scratch_path(&s, "out/hurt");
	original = snaps_take(scratch_path(&s, "root"), path, &o);
	whole = scratch_slurp(path, &whole_size);
}

static void end(void)
{
	tally_snapshot_close(original);
	free(whole);
	scratch_remove(&s);
}

TestSuite(damage, .init = begin, .fini = end);

static void count_problem(void *payload, const char *message)
{
	int *n = payload;

	cr_assert(message[0]);
	++*n;
}

/* Is everything in there what it was? */
static bool as_it_was(const struct tally_snapshot *snap)
{
	if (!snaps_same_tree(snap->tree, original->tree) || snap->kept_count != original->kept_count ||
	    memcmp(&snap->meta, &original->meta, sizeof snap->meta) != 0)
		return false;
	for (size_t i = 0; i < snap->kept_count; i++)
		if (!tally_store_find(snap, &original->kept[i].digest))
			return false;
	return true;
}

/* @return whether the damage was seen; what was not seen must not matter */
static bool seen(const char *what, size_t at)
{
	struct tally_snapshot *snap = NULL;
	struct tally_err err = { 0 };
	enum tally_status st = tally_snapshot_open(&snap, hurt, &err);
	int problems = 0;

	if (st < 0) {
		cr_assert_eq(st, TALLY_SKIP, "%s %zu: %s", what, at, err.message);
		cr_assert_eq(err.reason, TALLY_REASON_DAMAGED, "%s %zu: %s", what, at, err.message);
		cr_assert(strstr(err.message, "hurt"), "%s %zu: '%s' names no file", what, at,
		          err.message);
	} else {
		cr_assert(as_it_was(snap), "%s %zu was not seen", what, at);
	}
	tally_snapshot_close(snap);
	if (tally_snapshot_verify(hurt, count_problem, &problems, &err) == TALLY_OK)
		return false;
	cr_assert_gt(problems, 0);
	return true;
}

static void write_hurt(const void *bytes, size_t size)
{
	scratch_write(&s, "out/hurt", bytes, size);
}

Test(damage, whole_file_is_whole)
{
	write_hurt(whole, whole_size);
	cr_assert_not(seen("nothing", 0));
}

Test(damage, cut_file_is_refused)
{
	for (size_t size = 0; size < whole_size; size += size < 300 ? 7 : 5003) {
		struct tally_snapshot *snap = NULL;

		write_hurt(whole, size);
		cr_assert_eq(tally_snapshot_open(&snap, hurt, NULL), TALLY_SKIP, "cut at %zu", size);
		cr_assert(seen("cut at", size));
	}
}

Test(damage, lengthened_file_is_refused)
{
	write_hurt(whole, whole_size);
	scratch_append(&s, "out/hurt", "more");
	cr_assert(seen("longer by", 4));
}

Test(damage, every_flip_that_matters_is_seen)
{
	size_t found = 0, tried = 0;

	for (size_t at = 0; at < whole_size; at += at < 16384 ? 61 : 997, tried++) {
		whole[at] ^= (char)(1 << tried % 8);
		write_hurt(whole, whole_size);
		found += seen("flip at", at);
		whole[at] ^= (char)(1 << tried % 8);
	}
	/* a third of so small a file is free space in its pages */
	cr_assert_gt(found * 10, tried * 6, "%zu of %zu", found, tried);
}

Test(damage, flip_in_a_kept_content_is_seen_when_it_is_read)
{
	const struct tally_entry *e = snaps_entry(original, "noise");
	struct tally_snapshot *snap;
	struct tally_err err = { 0 };
	int problems = 0;
	size_t n, at = whole_size;
	char *noise = snaps_noise(70000, 4);

	/* noise is stored as it is; its middle part lies in one piece */
	for (size_t i = 0; i + 64 < whole_size && at == whole_size; i++)
		if (memcmp(whole + i, noise + 40000, 64) == 0)
			at = i;
	cr_assert_lt(at, whole_size);
	whole[at] ^= 1;
	write_hurt(whole, whole_size);
	snap = snaps_open(hurt);
	cr_assert_null(snaps_content(snap, "noise", &n, &err));
	cr_assert_eq(err.reason, TALLY_REASON_DAMAGED);
	cr_assert(tally_snapshot_keeps(snap, &e->digest));
	cr_assert_eq(tally_snapshot_verify(hurt, count_problem, &problems, &err), TALLY_SKIP);
	cr_assert_eq(problems, 1);
	cr_assert(strstr(err.message, "'noise'"), "%s", err.message);
	tally_snapshot_close(snap);
	free(noise);
}

Test(damage, missing_file_cannot_be_verified)
{
	struct tally_snapshot *snap = NULL;
	struct tally_err err = { 0 };

	cr_assert_eq(tally_snapshot_verify(scratch_path(&s, "none"), NULL, NULL, &err), TALLY_FATAL);
	cr_assert_eq(tally_snapshot_open(&snap, scratch_path(&s, "none"), &err), TALLY_SKIP);
	cr_assert_eq(err.reason, TALLY_REASON_VANISHED);
	cr_assert_eq(tally_snapshot_open(&snap, scratch_path(&s, "root"), &err), TALLY_SKIP);
	cr_assert_eq(mkfifo(scratch_path(&s, "pipe"), 0600), 0);
	cr_assert_eq(tally_snapshot_open(&snap, scratch_path(&s, "pipe"), &err), TALLY_SKIP,
	             "and nobody waited");
}

/* ---- hostile databases: a whole snapshot, altered by SQL ---- */

static enum tally_status alter(const char *sql, struct tally_err *err)
{
	struct tally_snapshot *snap = NULL;
	sqlite3 *db;
	char *why = NULL;
	enum tally_status st;

	write_hurt(whole, whole_size);
	cr_assert_eq(sqlite3_open(hurt, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &why), SQLITE_OK, "%s: %s", sql, why);
	sqlite3_close(db);
	st = tally_snapshot_open(&snap, hurt, err);
	tally_snapshot_close(snap);
	return st;
}

Test(damage, altered_rows_are_refused)
{
	static const char *const tries[] = {
		"DELETE FROM meta WHERE name='closing'",
		"DELETE FROM meta",
		"DELETE FROM meta WHERE name='host'",
		"INSERT INTO meta VALUES('zzz',1)",
		"UPDATE meta SET value='x' WHERE name='entries'",
		"UPDATE meta SET value=9223372036854775807 WHERE name='entries'",
		"UPDATE meta SET value=4000000000 WHERE name='entries'",
		"UPDATE meta SET value=-1 WHERE name='bytes'",
		"UPDATE meta SET value=1e999 WHERE name='seconds'",
		"UPDATE meta SET value=NULL WHERE name='seconds'",
		"UPDATE meta SET value=zeroblob(100000000) WHERE name='host'",
		"UPDATE meta SET value=printf('%.*c',100000,'x') WHERE name='host'",
		"UPDATE meta SET value='another' WHERE name='host'",
		"UPDATE meta SET value=1 WHERE name='taken_at_ns'",
		"UPDATE meta SET value=zeroblob(192) WHERE name='key'",
		"UPDATE meta SET value=zeroblob(191) WHERE name='key'",
		"UPDATE meta SET value=zeroblob(32) WHERE name='closing'",
		"UPDATE meta SET value=zeroblob(32) WHERE name='digest'",
		"DELETE FROM folder",
		"UPDATE folder SET body=NULL",
		"UPDATE folder SET body=7",
		"UPDATE folder SET body=zeroblob(100)",
		"UPDATE folder SET body=substr(body,1,length(body)-1)",
		"UPDATE folder SET body=body||x'00'",
		"UPDATE folder SET more=1",
		"UPDATE folder SET more='x'",
		"UPDATE folder SET id=2",
		"UPDATE folder SET id=0",
		"INSERT INTO folder VALUES(2,0,zeroblob(10))",
		"INSERT INTO folder SELECT 2,0,body FROM folder",
		"DELETE FROM root",
		"UPDATE root SET path=x'2f6500'",
		"UPDATE root SET path='text'",
		"UPDATE root SET path=x'2f65'",
		"UPDATE root SET is_file=1",
		"UPDATE root SET is_file='x'",
		"INSERT INTO root VALUES(2,x'2f65',x'65',0)",
		"INSERT INTO pattern VALUES(1,x'2a',x'2a',1,0)",
		"INSERT INTO pattern VALUES(1,1,2,3,0)",
		"INSERT INTO pattern VALUES(1,x'',x'2a',0,250)",
		"DELETE FROM content",
		"UPDATE content SET body=x'00'",
		"UPDATE content SET body=body||body",
		"DELETE FROM chunk",
		"DELETE FROM chunk WHERE id=(SELECT max(id) FROM chunk)",
		"INSERT INTO chunk VALUES(1000000,x'00')",
	};

	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		struct tally_err err = { 0 };

		cr_expect_eq(alter(tries[i], &err), TALLY_SKIP, "%s", tries[i]);
		cr_expect_eq(err.reason, TALLY_REASON_DAMAGED, "%s: %s", tries[i], err.message);
		cr_expect(strstr(err.message, "hurt"), "%s: %s", tries[i], err.message);
	}
}

Test(damage, altered_tables_are_refused)
{
	static const char endless_view[] = "DROP TABLE folder; CREATE VIEW folder AS "
					   "WITH RECURSIVE c(id) AS (SELECT 1 UNION ALL SELECT id+1 FROM c) "
					   "SELECT id,0 AS more,zeroblob(1000000) AS body FROM c";
	static const char *const tries[] = {
		"CREATE TABLE more(x)",
		"CREATE INDEX i ON chunk(body)",
		"CREATE VIEW v AS SELECT 1",
		"CREATE TRIGGER t AFTER INSERT ON meta BEGIN DELETE FROM chunk; END",
		"DROP TABLE pattern",
		"DROP TABLE chunk; CREATE TABLE chunk(id INTEGER PRIMARY KEY,body TEXT)",
		endless_view,
		"DROP TABLE folder; CREATE VIRTUAL TABLE folder USING fts5(id,more,body)",
		"DROP TABLE meta; CREATE VIEW meta AS SELECT 'closing' AS name,randomblob(32) AS value",
		"PRAGMA application_id=7",
		"PRAGMA user_version=0",
		"PRAGMA user_version=2",
		"PRAGMA encoding='UTF-16'; VACUUM; DROP TABLE meta",
	};

	for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
		struct tally_err err = { 0 };

		cr_expect_eq(alter(tries[i], &err), TALLY_SKIP, "%s", tries[i]);
		cr_expect_eq(err.reason, TALLY_REASON_DAMAGED, "%s: %s", tries[i], err.message);
	}
}

Test(damage, newer_format_is_told)
{
	struct tally_err err = { 0 };

	cr_assert_eq(alter("PRAGMA user_version=2", &err), TALLY_SKIP);
	cr_assert(strstr(err.message, "newer version"), "%s", err.message);
}

Test(damage, journal_beside_the_file_is_not_believed)
{
	struct tally_snapshot *snap;

	write_hurt(whole, whole_size);
	scratch_puts(&s, "out/hurt-journal", "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 and so on");
	scratch_puts(&s, "out/hurt-wal", "something");
	snap = snaps_open(hurt);
	cr_assert(as_it_was(snap));
	tally_snapshot_close(snap);
	cr_assert(scratch_exists(&s, "out/hurt-journal"));
	cr_assert_not(scratch_exists(&s, "out/hurt-shm"));
}

/* ---- snapshots whose seals are right, made by a program that means harm ---- */

static enum tally_status craft(const struct tally_walked *walked, const struct tally_kept *kept,
                               const void *chunk, size_t len, const struct tally_store_meta *counts,
                               struct tally_snapshot **out)
{
	struct tally_store_meta meta = *counts;
	struct tally_store_writer *w = NULL;

	meta.key = snaps_key;
	strcpy(meta.host, "h");
	strcpy(meta.user, "u");
	strcpy(meta.filesystem, "f");
	cr_assert_eq(tally_store_create(&w, hurt, &snaps_key, NULL), TALLY_OK);
	cr_assert_eq(tally_store_entries(w, walked, NULL), TALLY_OK);
	if (chunk)
		cr_assert_eq(tally_store_chunk(w, chunk, len, NULL), TALLY_OK);
	if (kept)
		cr_assert_eq(tally_store_kept(w, kept, NULL), TALLY_OK);
	cr_assert_eq(tally_store_seal(w, &meta, NULL), TALLY_OK);
	cr_assert_eq(tally_store_place(w, true, NULL), TALLY_OK);
	tally_store_writer_free(w);
	return tally_snapshot_open(out, hurt, NULL);
}

static struct tally_walked_dir packed_dir(const char *name, struct tally_entry *entries,
                                          uint32_t count, struct tally_buf *buf)
{
	struct tally_walked_dir d = {
		.dir = { .path = name, .path_len = (uint32_t)strlen(name), .count = count }
	};

	tally_buf_init(buf, 1 << 20);
	cr_assert_eq(tally_pack_encode(buf, entries, count, NULL), TALLY_OK);
	d.packed = (unsigned char *)buf->bytes;
	d.packed_len = buf->len;
	return d;
}

Test(damage, crafted_names_are_refused)
{
	static const char *const names[] = { "..", ".", "a/b", "/etc", "" };
	static const char *const folders[] = { "..", "a//b", "/a", "a/", "x/../y" };
	const struct tally_store_meta counts = { .entries = 1, .files = 1, .hashed = 1 };
	struct tally_root root = { .path = "/r", .label = "" };
	struct tally_walked walked = { .dir_count = 1, .roots = &root, .root_count = 1 };
	struct tally_snapshot *snap = NULL;
	struct tally_walked_dir dir;
	struct tally_buf buf;

	for (size_t i = 0; i < 10; i++) {
		struct tally_entry e = { .name = i < 5 ? names[i] : "fine",
			                 .type = TALLY_TYPE_FILE,
			                 .proof = TALLY_PROOF_HASHED };

		e.name_len = (uint16_t)strlen(e.name);
		dir = packed_dir(i < 5 ? "" : folders[i - 5], &e, 1, &buf);
		walked.dirs = &dir;
		cr_expect_eq(craft(&walked, NULL, NULL, 0, &counts, &snap), TALLY_SKIP, "%zu", i);
		tally_buf_release(&buf);
	}
}

Test(damage, crafted_counts_are_refused)
{
	struct tally_store_meta counts = { .entries = 1, .files = 1, .hashed = 1 };
	struct tally_entry e = {
		.name = "a", .name_len = 1, .type = TALLY_TYPE_FILE, .proof = TALLY_PROOF_HASHED
	};
	struct tally_root root = { .path = "/r", .label = "" };
	struct tally_buf buf;
	struct tally_walked_dir dir = packed_dir("", &e, 1, &buf);
	struct tally_walked walked = { .dirs = &dir, .dir_count = 1, .roots = &root, .root_count = 1 };
	struct tally_snapshot *snap = NULL;

	cr_assert_eq(craft(&walked, NULL, NULL, 0, &counts, &snap), TALLY_OK);
	tally_snapshot_close(snap);
	counts.files = 2;
	cr_assert_eq(craft(&walked, NULL, NULL, 0, &counts, &snap), TALLY_SKIP);
	counts.files = 1;
	counts.entries = 2;
	cr_assert_eq(craft(&walked, NULL, NULL, 0, &counts, &snap), TALLY_SKIP);
	dir.dir.count = 2;
	cr_assert_eq(craft(&walked, NULL, NULL, 0, &counts, &snap), TALLY_SKIP);
	tally_buf_release(&buf);
}

Test(damage, crafted_contents_stay_within_their_size)
{
	const struct tally_store_meta none = { 0 };
	const struct tally_walked walked = { 0 };
	struct tally_kept kept = { .method = TALLY_KEPT_ZSTD };
	struct tally_snapshot *snap = NULL;
	char bomb[64], *zeros = calloc(1, 1 << 20);
	FILE *file = tmpfile();
	struct stat st;
	/* zstd frame of many zeros (RLE blocks), with no size in its header */
	static const unsigned char frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00,
		                               0x58, 0x03, 0x00, 0x10, 0x00 };

	memcpy(bomb, frame, sizeof frame);
	kept.size = 100;
	kept.stored = sizeof frame;
	tally_digest_of(&kept.digest, &snaps_key, zeros, 100);
	cr_assert_eq(craft(&walked, &kept, bomb, sizeof frame, &none, &snap), TALLY_OK);
	cr_assert_eq(tally_snapshot_content(snap, &kept.digest, fileno(file), NULL, NULL),
	             TALLY_SKIP);
	tally_snapshot_close(snap);
	cr_assert_eq(fstat(fileno(file), &st), 0);
	cr_assert_eq(st.st_size, 0);

	/* larger than what is said */
	cr_assert_eq(craft(&walked, &kept, zeros, 101, &none, &snap), TALLY_OK);
	cr_assert_eq(tally_snapshot_content(snap, &kept.digest, fileno(file), NULL, NULL),
	             TALLY_SKIP);
	tally_snapshot_close(snap);

	/* more chunks than there are */
	kept.size = UINT64_MAX;
	cr_assert_eq(craft(&walked, &kept, zeros, 100, &none, &snap), TALLY_SKIP);
	kept.size = 3 << 20;
	cr_assert_eq(craft(&walked, &kept, zeros, 100, &none, &snap), TALLY_SKIP);

	/* right in all but the digest */
	kept.size = kept.stored = 100;
	zeros[5] = 1;
	cr_assert_eq(craft(&walked, &kept, zeros, 100, &none, &snap), TALLY_OK);
	cr_assert_eq(tally_snapshot_content(snap, &kept.digest, fileno(file), NULL, NULL),
	             TALLY_SKIP);
	tally_snapshot_close(snap);
	fclose(file);
	free(zeros);
}

Test(damage, long_folder_is_cut_into_rows_and_put_together_again)
{
	enum { COUNT = 1500000 };
	struct tally_entry *entries = calloc(COUNT, sizeof *entries);
	struct tally_store_meta counts = { .entries = COUNT, .files = COUNT, .hashed = COUNT };
	struct tally_root root = { .path = "/r", .label = "" };
	struct tally_walked walked = { .dir_count = 1, .roots = &root, .root_count = 1 };
	struct tally_snapshot *snap = NULL;
	struct tally_walked_dir dir = { .dir = { .path = "", .count = COUNT } };
	struct tally_buf buf;
	char *names = malloc(COUNT * 48);

	for (size_t i = 0; i < COUNT; i++) {
		entries[i] = (struct tally_entry){ .name = names + i * 48,
			                           .name_len = 40,
			                           .type = TALLY_TYPE_FILE,
			                           .proof = TALLY_PROOF_HASHED,
			                           .size = 5 };
		sprintf(names + i * 48, "%040zu", i);
		counts.bytes += 5;
	}
	tally_buf_init(&buf, 1 << 30);
	cr_assert_eq(tally_pack_encode(&buf, entries, COUNT, NULL), TALLY_OK);
	cr_assert_gt(buf.len, (size_t)TALLY_ROW_MOST);
	dir.packed = (unsigned char *)buf.bytes;
	dir.packed_len = buf.len;
	walked.dirs = &dir;
	cr_assert_eq(craft(&walked, NULL, NULL, 0, &counts, &snap), TALLY_OK);
	cr_assert_eq(snap->tree->entry_count, COUNT);
	cr_assert_str_eq(snap->tree->entries[COUNT - 1].name, names + (COUNT - 1) * (size_t)48);
	tally_snapshot_close(snap);
	tally_buf_release(&buf);
	free(entries);
	free(names);
}
