/* tally list: the entries of a snapshot, for people, as CSV, as JSON lines, or NUL-separated paths. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/args.h"
#include "cli/cli.h"
#include "core/escape.h"
#include "receipt/json_util.h"
#include "receipt/words.h"
#include "snap/snapshot.h"

enum { LIST_TEXT, LIST_CSV, LIST_JSON };

static const char *const formats[] = { "text", "csv", "json", NULL };
static int format;
static bool nul;

const struct cli_option cmd_list_options[] = {
	{ 0, "format", CLI_CHOICE, &format, "text|csv|json",
	  "rows for people, CSV, or one JSON object a line", formats },
	{ '0', "null", CLI_FLAG, &nul, NULL, "paths only, each with a NUL behind it, byte for byte",
	  NULL },
	CLI_COMMON,
	{ 0, NULL, CLI_FLAG, NULL, NULL, NULL, NULL },
};

void cmd_list_help(void)
{
	puts("usage: tally list SNAPSHOT [--format text|csv|json] [-0]\n\n"
	     "Lists the entries of a snapshot file in path order.\n");
	cli_print_options(cmd_list_options);
}

static const char *digest_of(const struct tally_entry *e, char text[TALLY_DIGEST_TEXT_MAX])
{
	text[0] = '\0';
	if (e->sha256)
		tally_sha256_text(text, e->sha256);
	else if (e->type == TALLY_TYPE_FILE && e->proof != TALLY_PROOF_NONE)
		tally_digest_text(text, &e->digest);
	return text;
}

/* RFC 4180: quotes around, quotes inside doubled */
static void put_csv(const char *bytes, size_t len)
{
	putchar('"');
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '"')
			putchar('"');
		putchar(bytes[i]);
	}
	putchar('"');
}

static bool put_text(const struct tally_entry *e, const struct tally_buf *path)
{
	char size[TALLY_COUNT_MAX], digest[TALLY_DIGEST_TEXT_MAX];
	struct tally_buf shown;
	bool ok;

	tally_buf_init(&shown, SIZE_MAX / 2);
	ok = tally_escape_add(&shown, path->bytes, path->len);
	if (ok)
		printf("%-7s %15s  %.18s  %s%s%s%s\n",
		       tally_type_name((enum tally_entry_type)e->type),
		       e->type == TALLY_TYPE_FILE ? tally_words_count(size, e->size) : "",
		       *digest_of(e, digest) ? digest : "-", shown.bytes ? shown.bytes : "",
		       e->reason ? "  (" : "",
		       e->reason ? tally_reason_words((enum tally_reason)e->reason) : "",
		       e->reason ? ")" : "");
	tally_buf_release(&shown);
	return ok;
}

static bool put_row(const struct tally_entry *e, const struct tally_buf *path)
{
	char digest[TALLY_DIGEST_TEXT_MAX], mtime[TALLY_TIME_MAX];

	put_csv(path->bytes, path->len);
	printf(",%s,%" PRIu64 ",%04o,%s,%s,%s\r\n", tally_type_name((enum tally_entry_type)e->type),
	       e->size, (unsigned)e->mode, tally_words_time(mtime, e->mtime_ns),
	       digest_of(e, digest), e->reason ? tally_reason_id((enum tally_reason)e->reason) : "");
	return true;
}

static bool put_json(const struct tally_entry *e, const struct tally_buf *path)
{
	char digest[TALLY_DIGEST_TEXT_MAX], mtime[TALLY_TIME_MAX];
	json_t *o = json_object();
	bool ok = true;
	char *text;

	tally_json_set_bytes(o, "path", path->bytes, path->len, &ok);
	tally_json_set(o, "type", json_string(tally_type_name((enum tally_entry_type)e->type)), &ok);
	tally_json_set(o, "bytes", json_integer((json_int_t)e->size), &ok);
	tally_json_set(o, "mode", json_integer(e->mode), &ok);
	tally_json_set(o, "mtime", json_string(tally_words_time(mtime, e->mtime_ns)), &ok);
	tally_json_set(o, "digest", *digest_of(e, digest) ? json_string(digest) : json_null(), &ok);
	tally_json_set(o, "reason",
	               e->reason ? json_string(tally_reason_id((enum tally_reason)e->reason))
	                         : json_null(),
	               &ok);
	text = ok ? json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	json_decref(o);
	if (!text)
		return false;
	puts(text);
	free(text);
	return true;
}

static bool put_all(const struct tally_tree *tree)
{
	struct tally_buf path;
	bool ok = true;

	tally_buf_init(&path, SIZE_MAX / 2);
	if (format == LIST_CSV && !nul)
		printf("path,type,bytes,mode,mtime,digest,reason\r\n");
	for (uint32_t i = 0; i < tree->entry_count && ok && !ferror(stdout); i++) {
		const struct tally_entry *e = &tree->entries[i];

		ok = tally_tree_path(tree, i, &path);
		if (ok && nul)
			fwrite(path.bytes, 1, path.len + 1, stdout);
		else if (ok)
			ok = format == LIST_TEXT  ? put_text(e, &path)
			     : format == LIST_CSV ? put_row(e, &path)
			                          : put_json(e, &path);
	}
	tally_buf_release(&path);
	return ok;
}

int cmd_list(const struct cli_list *operands)
{
	struct tally_snapshot *s = NULL;
	struct tally_err err = { 0 };
	int status = CLI_OK;

	if (operands->count != 1) {
		cli_complain("list takes one snapshot: tally list SNAPSHOT");
		return CLI_TROUBLE;
	}
	if (tally_snapshot_open(&s, operands->items[0], &err) < 0)
		status = cli_trouble(&err);
	else if (!put_all(tally_snapshot_tree(s))) {
		cli_complain("out of memory");
		status = CLI_TROUBLE;
	}
	tally_snapshot_close(s);
	return status;
}
