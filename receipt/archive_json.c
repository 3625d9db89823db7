/* Archives compared as trees of members: the tree diff does the work, here it becomes JSON. */
#include "receipt/archive_json.h"

#include "core/buf.h"
#include "diff/tree_diff.h"
#include "receipt/json_util.h"

enum { PATH_MOST = 1 << 20 };

static bool set_path(json_t *o, const char *field, const struct tally_tree *tree, uint32_t entry,
                     struct tally_buf *path, bool *ok)
{
	if (entry == TALLY_NO_INDEX)
		return true;
	if (!tally_tree_path(tree, entry, path))
		return *ok = false;
	return tally_json_set_bytes(o, field, path->bytes, path->len, ok);
}

static json_t *member_json(const struct tally_change *c, const struct tally_tree *before,
                           const struct tally_tree *after, struct tally_buf *path, bool *ok)
{
	json_t *o = json_object();
	bool moved = c->before != TALLY_NO_INDEX && c->after != TALLY_NO_INDEX &&
	             c->kind != TALLY_CHANGE_MODIFIED && c->kind != TALLY_CHANGE_METADATA &&
	             c->kind != TALLY_CHANGE_TYPE_CHANGED &&
	             c->kind != TALLY_CHANGE_LINK_RETARGETED && c->kind != TALLY_CHANGE_UNVERIFIED;

	tally_json_set(o, "kind",
	               json_string_nocheck(tally_change_name((enum tally_change_kind)c->kind)), ok);
	if (c->after != TALLY_NO_INDEX)
		set_path(o, "member", after, c->after, path, ok);
	else
		set_path(o, "member", before, c->before, path, ok);
	if (moved)
		set_path(o, "from", before, c->before, path, ok);
	if (c->before != TALLY_NO_INDEX && before->entries[c->before].type == TALLY_TYPE_FILE)
		tally_json_set(o, "bytes_before",
		               json_integer((json_int_t)before->entries[c->before].size), ok);
	if (c->after != TALLY_NO_INDEX && after->entries[c->after].type == TALLY_TYPE_FILE)
		tally_json_set(o, "bytes_after",
		               json_integer((json_int_t)after->entries[c->after].size), ok);
	if (c->kind == TALLY_CHANGE_UNVERIFIED)
		tally_json_set(o, "reason",
		               json_string_nocheck(tally_reason_id((enum tally_reason)c->reason)),
		               ok);
	return o;
}

static bool counts(const struct tally_change *c)
{
	/* modes and times of members are the packer's affair: they are told by nobody as a change of content */
	return c->kind != TALLY_CHANGE_METADATA && c->kind != TALLY_CHANGE_UNCHANGED;
}

enum tally_status tally_archive_json(const struct tally_tree *before,
                                     const struct tally_tree *after, json_t *answer,
                                     const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_tree_diff_options options = TALLY_TREE_DIFF_OPTIONS_INIT;
	struct tally_tree_diff *d = NULL;
	json_t *archive = json_object(), *members = json_array();
	const struct tally_change *changes;
	const struct tally_balance *files;
	struct tally_buf path;
	enum tally_status st;
	bool ok = true;
	size_t n = 0;

	tally_buf_init(&path, PATH_MOST);
	options.limits = limits;
	options.same_disk = false;
	options.ignore_times = true;
	options.ignore_owner = true;
	st = tally_tree_diff_new(&d, before, after, &options, err);
	if (st >= 0)
		st = tally_tree_diff_finish(d, err);
	if (st < 0)
		goto out;
	changes = tally_tree_diff_changes(d, &n);
	for (size_t i = 0; i < n && ok; i++)
		if (counts(&changes[i]))
			tally_json_add(members, member_json(&changes[i], before, after, &path, &ok),
			               &ok);
	files = tally_tree_diff_balance(d, false);
	tally_json_set(archive, "repacked", json_boolean(json_array_size(members) == 0), &ok);
	tally_json_set(archive, "same",
	               json_integer((json_int_t)(files->unchanged + files->metadata)), &ok);
	tally_json_set(archive, "members", json_incref(members), &ok);
	tally_json_set(answer, "archive", json_incref(archive), &ok);
	if (!ok)
		st = tally_err_nomem(err);
out:
	json_decref(members);
	json_decref(archive);
	tally_buf_release(&path);
	tally_tree_diff_free(d);
	return st;
}
