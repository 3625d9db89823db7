/* Roots: resolved by the system, compared as paths, labelled by their last part. */
#include "snap/roots.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/escape.h"
#include "core/mem.h"
#include "core/path.h"

/* One path as it was given. */
struct given {
	const char *path; /* absolute */
	size_t len;
	bool is_file;
	int sys;
	bool twice;                  /* an earlier one is the same */
	bool gone;                   /* was a root earlier, is not there as such any more */
	enum tally_root_state state; /* what is there instead */
	uint32_t folder;             /* index into folders */
};

/* What does not exist keeps the path it would have, without empty parts and dots. */
static char *absolute(const char *path, struct tally_arena *arena)
{
	char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0);
	char *out = tally_arena_printf(arena, "%s/%s", cwd ? cwd : "", path);
	size_t len = 0;

	free(cwd); /* from the C library */
	for (const char *p = out; p && *p;) {
		size_t n = strcspn(p + 1, "/");

		if (n > 0 && !(n == 1 && p[1] == '.')) {
			memmove(out + len, p, n + 1);
			len += n + 1;
		}
		p += n + 1;
	}
	if (out)
		out[len] = '\0';
	return out;
}

static enum tally_status look(struct given *g, const char *path, struct tally_arena *arena,
                              struct tally_err *err)
{
	char *real = realpath(path, NULL);
	struct stat s;

	if (!real || stat(real, &s))
		g->sys = errno;
	else
		g->is_file = !S_ISDIR(s.st_mode);
	g->path = real ? tally_arena_dup(arena, real, strlen(real)) : absolute(path, arena);
	free(real);
	if (!g->path)
		return tally_err_nomem(err);
	g->len = strlen(g->path);
	if (!g->sys || path[0])
		return TALLY_OK;
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE, "an empty path is no folder");
}

static const struct tally_root *find_earlier(const struct tally_tree *earlier, const char *path)
{
	for (uint32_t i = 0; earlier && i < earlier->root_count; i++)
		if (strcmp(earlier->roots[i].path, path) == 0)
			return &earlier->roots[i];
	return NULL;
}

static enum tally_root_state state_of(const struct stat *s)
{
	return S_ISDIR(s->st_mode)   ? TALLY_ROOT_FOLDER
	       : S_ISREG(s->st_mode) ? TALLY_ROOT_FILE
	       : S_ISLNK(s->st_mode) ? TALLY_ROOT_LINK
	                             : TALLY_ROOT_OTHER;
}

/*
 * Was this a root earlier? Then it is what it was: with nothing at its path, or something else, the folder is gone. A file is
 * looked at in its folder, where it may have become anything.
 */
static enum tally_status settle_gone(struct given *g, const char *path,
                                     const struct tally_tree *earlier, struct tally_arena *arena,
                                     struct tally_err *err)
{
	const char *plain = earlier ? absolute(path, arena) : NULL;
	const struct tally_root *root = plain ? find_earlier(earlier, plain) : NULL;
	struct stat s;

	if (earlier && !plain)
		return tally_err_nomem(err);
	if (!root)
		return TALLY_OK;
	if (lstat(plain, &s)) {
		if (errno != ENOENT && errno != ENOTDIR)
			return TALLY_OK;
		g->state = TALLY_ROOT_GONE;
	} else {
		g->state = root->is_file ? TALLY_ROOT_FOLDER : state_of(&s);
	}
	if (g->state == TALLY_ROOT_FOLDER && !root->is_file)
		return TALLY_OK;
	g->gone = g->state != TALLY_ROOT_FOLDER;
	g->is_file = root->is_file;
	g->path = plain;
	g->len = strlen(plain);
	g->sys = 0;
	return TALLY_OK;
}

static int compare_given(const void *a, const void *b)
{
	const struct given *x = *(const struct given *const *)a, *y = *(const struct given *const *)b;
	int c = tally_path_compare(x->path, x->len, y->path, y->len);

	return c ? c : (x > y) - (x < y);
}

static bool inside(const struct given *outer, const struct given *inner)
{
	if (outer->is_file || outer->sys)
		return false;
	return outer->len == 1 || tally_path_below(inner->path, inner->len, outer->path, outer->len);
}

static enum tally_status refuse_inside(const struct given *outer, const struct given *inner,
                                       struct tally_err *err)
{
	char a[200], b[200];

	tally_escape_into(a, sizeof a, inner->path, inner->len);
	tally_escape_into(b, sizeof b, outer->path, outer->len);
	return tally_err_set(err, TALLY_FATAL, TALLY_REASON_NONE,
	                     "'%s' lies inside '%s', which is given as well: leave one out", a, b);
}

/* In path order whatever lies inside a folder follows it directly, so neighbours are all there is to look at. */
static enum tally_status check_overlap(struct given *given, size_t count, struct tally_err *err)
{
	struct given **sorted = tally_alloc(count * sizeof *sorted);
	enum tally_status st = TALLY_OK;

	if (!sorted)
		return tally_err_nomem(err);
	for (size_t i = 0; i < count; i++)
		sorted[i] = &given[i];
	qsort(sorted, count, sizeof *sorted, compare_given);
	for (size_t i = 1; st == TALLY_OK && i < count; i++) {
		if (strcmp(sorted[i - 1]->path, sorted[i]->path) == 0)
			sorted[i]->twice = true;
		else if (inside(sorted[i - 1], sorted[i]))
			st = refuse_inside(sorted[i - 1], sorted[i], err);
	}
	tally_free(sorted);
	return st;
}

/* ---- folders ---- */

static size_t parent_len(const struct given *g)
{
	size_t len = g->is_file ? tally_path_dir_len(g->path, g->len) : g->len;

	return len ? len : 1; /* "/" itself */
}

static struct tally_root_folder *find_files_folder(struct tally_roots *r, const char *path, size_t len)
{
	for (uint32_t i = 0; i < r->folder_count; i++)
		if (r->folders[i].files && strlen(r->folders[i].path) == len &&
		    memcmp(r->folders[i].path, path, len) == 0)
			return &r->folders[i];
	return NULL;
}

static enum tally_status add_folder(struct tally_roots *r, struct given *g,
                                    struct tally_arena *arena, struct tally_err *err)
{
	static const char *no_names[1];
	size_t len = parent_len(g);
	struct tally_root_folder *f = g->is_file ? find_files_folder(r, g->path, len) : NULL;

	if (!f) {
		f = &r->folders[r->folder_count++];
		f->sys = g->sys;
		f->gone = true;
		f->files = g->is_file ? no_names : NULL; /* room for them when their number is known */
		f->path = tally_arena_dup(arena, g->path, len);
		if (!f->path)
			return tally_err_nomem(err);
	}
	f->gone &= g->gone;
	f->state = g->state;
	f->file_count += g->is_file && !g->gone;
	g->folder = (uint32_t)(f - r->folders);
	return TALLY_OK;
}

static enum tally_status add_files(struct tally_roots *r, const struct given *given, size_t count,
                                   struct tally_arena *arena, struct tally_err *err)
{
	for (uint32_t i = 0; i < r->folder_count; i++) {
		struct tally_root_folder *f = &r->folders[i];

		if (f->files)
			f->files = tally_arena_zero(arena, f->file_count, sizeof *f->files);
		if (f->file_count && !f->files)
			return tally_err_nomem(err);
		f->file_count = 0;
	}
	for (size_t i = 0; i < count; i++) {
		const struct given *g = &given[i];
		struct tally_root_folder *f = &r->folders[g->folder];

		if (g->is_file && !g->twice && !g->gone)
			f->files[f->file_count++] = g->path + tally_path_base(g->path, g->len);
	}
	return TALLY_OK;
}

static bool label_taken(const struct tally_roots *r, uint32_t count, const char *label)
{
	for (uint32_t i = 0; i < count; i++)
		if (strcmp(r->folders[i].label, label) == 0)
			return true;
	return false;
}

static enum tally_status label_folders(struct tally_roots *r, struct tally_arena *arena,
                                       struct tally_err *err)
{
	for (uint32_t i = 0; i < r->folder_count; i++) {
		struct tally_root_folder *f = &r->folders[i];
		size_t len = strlen(f->path);
		const char *name = f->path + tally_path_base(f->path, len);

		if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
			name = "root";
		f->label = r->folder_count == 1 ? "" : name;
		for (unsigned n = 2; r->folder_count > 1 && label_taken(r, i, f->label); n++) {
			f->label = tally_arena_printf(arena, "%s (%u)", name, n);
			if (!f->label)
				return tally_err_nomem(err);
		}
	}
	return TALLY_OK;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum tally_status collect(struct tally_roots *r, struct given *given, size_t count,
                                 struct tally_arena *arena, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	r->folders = tally_arena_zero(arena, count, sizeof *r->folders);
	r->roots = tally_arena_zero(arena, count, sizeof *r->roots);
	if (!r->folders || !r->roots)
		return tally_err_nomem(err);
	for (size_t i = 0; st == TALLY_OK && i < count; i++)
		if (!given[i].twice)
			st = add_folder(r, &given[i], arena, err);
	if (st == TALLY_OK)
		st = add_files(r, given, count, arena, err);
	if (st == TALLY_OK)
		st = label_folders(r, arena, err);
	for (size_t i = 0; st == TALLY_OK && i < count; i++)
		if (!given[i].twice)
			r->roots[r->root_count++] = (struct tally_root){
				given[i].path, r->folders[given[i].folder].label, given[i].is_file
			};
	for (uint32_t i = 0; i < r->folder_count; i++)
		if (r->folders[i].file_count > 1)
			qsort(r->folders[i].files, r->folders[i].file_count,
			      sizeof *r->folders[i].files, compare_names);
	return st;
}

enum tally_status tally_roots_resolve(struct tally_roots *out, const char *const *paths,
                                      size_t count, const struct tally_tree *earlier,
                                      struct tally_arena *arena, struct tally_err *err)
{
	struct given *given;
	enum tally_status st = TALLY_OK;
	size_t missing = 0;

	assert(count > 0);
	*out = (struct tally_roots){ .roots = NULL };
	given = tally_alloc_zero(count, sizeof *given);
	if (!given)
		return tally_err_nomem(err);
	for (size_t i = 0; st == TALLY_OK && i < count; i++) {
		st = look(&given[i], paths[i], arena, err);
		if (st == TALLY_OK)
			st = settle_gone(&given[i], paths[i], earlier, arena, err);
		missing += given[i].sys != 0;
	}
	if (st == TALLY_OK && missing == count)
		st = tally_err_sys(err, TALLY_FATAL, "opening", paths[0], given[0].sys);
	if (st == TALLY_OK)
		st = check_overlap(given, count, err);
	if (st == TALLY_OK)
		st = collect(out, given, count, arena, err);
	tally_free(given);
	return st;
}
