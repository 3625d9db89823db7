/* Readings of a path as it was typed: see cli/where_path.h. */
#include "cli/where_path.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "core/escape.h"
#include "core/mem.h"
#include "core/path.h"

static const char open_quote[] = "\u2018", close_quote[] = "\u2019";

/* What is being looked for. */
struct search {
	const struct tally_tree *roots;
	cli_path_known known;
	const void *payload;
	struct tally_buf found;
	bool has, failed;
};

/* Forget the last part. @return false: there is none */
static bool drop_part(struct tally_buf *path)
{
	if (path->len == 0)
		return false;
	path->len = tally_path_dir_len(path->bytes, path->len);
	path->bytes[path->len] = '\0';
	return true;
}

/* Append the parts of a path, taking "." and ".." by their words alone. @return false: it leads out of the top, or no memory */
static bool add_parts(struct tally_buf *out, const char *path)
{
	for (const char *p = path; *p;) {
		size_t n = strcspn(p, "/");

		if (n == 2 && p[0] == '.' && p[1] == '.') {
			if (!drop_part(out))
				return false;
		} else if (n > 0 && !(n == 1 && p[0] == '.')) {
			if ((out->len && !tally_buf_byte(out, '/')) || !tally_buf_add(out, p, n))
				return false;
		}
		p += n + (p[n] == '/');
	}
	return true;
}

static void offer(struct search *s, const char *path, size_t len)
{
	if (s->has || !tally_path_valid(path, len) || !s->known(s->payload, path, len))
		return;
	s->has = tally_buf_add(&s->found, path, len);
	s->failed |= !s->has;
}

/* ---- as on the receipt ---- */

static void try_receipt(struct search *s, const char *given)
{
	struct tally_buf path;

	tally_buf_init(&path, SIZE_MAX / 2);
	if (given[0] != '/' && add_parts(&path, given))
		offer(s, path.bytes ? path.bytes : "", path.len);
	tally_buf_release(&path);
}

/* ---- in the file system ---- */

/* An absolute path without its first slash, below one of the roots? */
static void try_root(struct search *s, const struct tally_root *root, const struct tally_buf *full)
{
	const char *top = root->path + 1, *bytes = full->bytes ? full->bytes : "";
	size_t len = strlen(top), label = strlen(root->label);
	size_t at = root->is_file ? tally_path_base(top, len) : len;
	struct tally_buf path;

	if (!tally_path_below(bytes, full->len, top, len) || (root->is_file && full->len != len))
		return;
	while (at < full->len && bytes[at] == '/')
		at++;
	tally_buf_init(&path, SIZE_MAX / 2);
	if (at == full->len ? tally_buf_add(&path, root->label, label)
	                    : tally_path_join(&path, root->label, label, bytes + at, full->len - at))
		offer(s, path.bytes ? path.bytes : "", path.len);
	tally_buf_release(&path);
}

static void try_full(struct search *s, const struct tally_buf *full)
{
	for (uint32_t i = 0; i < s->roots->root_count && !s->has; i++)
		try_root(s, &s->roots->roots[i], full);
}

/* The same with the first @n bytes, a folder, as the system resolves them; the rest stays, since it may be gone. */
static void try_resolved(struct search *s, const struct tally_buf *full, size_t n)
{
	struct tally_buf head, path;
	char *real = NULL;

	tally_buf_init(&head, SIZE_MAX / 2);
	tally_buf_init(&path, SIZE_MAX / 2);
	if (tally_buf_byte(&head, '/') && tally_buf_add(&head, full->bytes, n))
		real = realpath(head.bytes, NULL);
	if (real && add_parts(&path, real) && add_parts(&path, full->bytes + n))
		try_full(s, &path);
	free(real);
	tally_buf_release(&head);
	tally_buf_release(&path);
}

static void try_absolute(struct search *s, const char *dir, const char *given)
{
	struct tally_buf full;
	size_t len;

	tally_buf_init(&full, SIZE_MAX / 2);
	if (dir && add_parts(&full, dir) && add_parts(&full, given)) {
		try_full(s, &full);
		len = full.len;
		for (size_t i = 0; i < len && !s->has; i++)
			if (full.bytes[i] == '/')
				try_resolved(s, &full, i);
	}
	tally_buf_release(&full);
}

/* The folder one is in by the way one came, as the shell shows it; NULL where that is not known. */
static const char *logical_folder(void)
{
	const char *pwd = getenv("PWD");
	struct stat a, b;

	if (!pwd || pwd[0] != '/' || stat(pwd, &a) != 0 || stat(".", &b) != 0)
		return NULL;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino ? pwd : NULL;
}

static void try_files(struct search *s, const char *given)
{
	char *here;

	if (given[0] == '/') {
		try_absolute(s, "/", given);
		return;
	}
	here = getcwd(NULL, 0);
	try_absolute(s, here, given);
	if (!s->has)
		try_absolute(s, logical_folder(), given);
	free(here);
}

/* ---- which of them ---- */

static bool looks_like_file_system(const char *given)
{
	size_t dots = given[0] == '.' ? (given[1] == '.' ? 2 : 1) : 0;

	return given[0] == '/' || (dots && (given[dots] == '/' || given[dots] == '\0'));
}

static void begin(struct search *s, const struct search *like)
{
	*s = *like;
	tally_buf_init(&s->found, SIZE_MAX / 2);
	s->has = s->failed = false;
}

static bool same_path(const struct search *a, const struct search *b)
{
	return a->found.len == b->found.len &&
	       (a->found.len == 0 || memcmp(a->found.bytes, b->found.bytes, a->found.len) == 0);
}

/* One way to write it (as typed, or with its escapes undone), read in both ways. */
static void read_both(struct search *s, const char *given)
{
	struct search file;

	if (looks_like_file_system(given)) {
		try_files(s, given);
		if (!s->has)
			try_receipt(s, given);
		return;
	}
	begin(&file, s);
	try_receipt(s, given);
	try_files(&file, given);
	if (s->has && file.has && !same_path(s, &file))
		cli_remark("'%s' is taken as it stands on the receipt; write './%s' for the one in this folder",
		           given, given);
	if (!s->has && file.has) {
		s->has = tally_buf_add(&s->found, file.found.bytes ? file.found.bytes : "",
		                       file.found.len);
		s->failed |= !s->has;
	}
	s->failed |= file.failed;
	tally_buf_release(&file.found);
}

/* @return a copy without the receipt's quotes and escapes, yours to tally_free; NULL: it has none, or is none of ours */
static char *plain_of(const char *given)
{
	size_t len = strlen(given), open = sizeof open_quote - 1, close = sizeof close_quote - 1;
	struct tally_buf plain;
	bool quoted = len >= open + close && !memcmp(given, open_quote, open) &&
	              !memcmp(given + len - close, close_quote, close);

	if (!quoted && !strchr(given, '\\'))
		return NULL;
	tally_buf_init(&plain, SIZE_MAX / 2);
	if (!tally_unescape_add(&plain, given + (quoted ? open : 0),
	                        quoted ? len - open - close : len) ||
	    !plain.bytes || memchr(plain.bytes, '\0', plain.len)) {
		tally_buf_release(&plain);
		return NULL;
	}
	return tally_buf_take(&plain, NULL);
}

static enum tally_status two_readings(const struct search *a, const struct search *b,
                                      struct tally_err *err)
{
	char first[160], second[160];

	tally_escape_into(first, sizeof first, a->found.bytes, a->found.len);
	tally_escape_into(second, sizeof second, b->found.bytes, b->found.len);
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
	                     "that may be '%s' or '%s': write it as it stands here", first, second);
}

enum tally_status cli_where_path(struct tally_buf *out, const char *given,
                                 const struct tally_tree *roots, cli_path_known known,
                                 const void *payload, struct tally_err *err)
{
	const struct search nothing = { .roots = roots, .known = known, .payload = payload };
	struct search typed, undone;
	char *plain = plain_of(given);
	enum tally_status st = TALLY_OK;

	begin(&typed, &nothing);
	begin(&undone, &nothing);
	read_both(&typed, given);
	if (plain)
		read_both(&undone, plain);
	if (typed.failed || undone.failed)
		st = tally_err_nomem(err);
	else if (typed.has && undone.has && !same_path(&typed, &undone))
		st = two_readings(&typed, &undone, err);
	else if (!typed.has && !undone.has)
		st = TALLY_END;
	else if (!tally_buf_add(out, (typed.has ? &typed : &undone)->found.bytes,
	                        (typed.has ? &typed : &undone)->found.len))
		st = tally_err_nomem(err);
	tally_buf_release(&typed.found);
	tally_buf_release(&undone.found);
	tally_free(plain);
	return st;
}
