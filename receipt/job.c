/* Requests to workers and the handler behind the sandbox: see receipt/job.h. */
#include "receipt/job.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/cpu.h"
#include "core/library.h"
#include "core/mem.h"
#include "formats/archive.h"
#include "formats/encoding.h"
#include "formats/sketch_file.h"
#include "formats/sketch_picture.h"
#include "formats/sketch_text.h"
#include "receipt/archive_json.h"
#include "receipt/converter.h"
#include "receipt/straighten.h"
#include "receipt/job_alike.h"
#include "receipt/job_document.h"
#include "receipt/job_members.h"
#include "receipt/job_messages.h"
#include "receipt/job_passages.h"
#include "receipt/job_read.h"
#include "receipt/job_tables.h"
#include "receipt/json_util.h"
#include "receipt/scope.h"

enum {
	PIECE_BYTES = 12,
	PDF_MEMORY = 224 << 20, /* honest ones take less; and for each byte of the file */
	PDF_FACTOR = 6,
};

bool tally_wishes_encoding_known(const char *name)
{
	enum tally_encoding encoding;

	return tally_encoding_by_name(&encoding, name);
}

/* ---- requests (parent) ---- */

static json_t *names_of(const char *a, const char *b)
{
	json_t *names = json_array();
	bool ok = true;

	tally_json_add(names, tally_json_text(a, strlen(a)), &ok);
	if (b)
		tally_json_add(names, tally_json_text(b, strlen(b)), &ok);
	return names;
}

static json_t *secret_of(const struct tally_key *key)
{
	return key ? tally_json_hex(key->secret, sizeof key->secret) : json_null();
}

static json_t *finished(json_t *request, bool ok)
{
	if (ok)
		return request;
	json_decref(request);
	return NULL;
}

static json_t *wishes_json(const struct tally_table_wishes *wishes, unsigned threads)
{
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "threads", json_integer(threads), &ok);
	if (wishes && wishes->key_count) {
		json_t *key = json_array();

		for (size_t i = 0; i < wishes->key_count; i++)
			tally_json_add(key, json_string(wishes->key[i]), &ok);
		tally_json_set(o, "key", key, &ok);
	}
	if (wishes && wishes->no_key)
		tally_json_set(o, "no_key", json_true(), &ok);
	if (wishes && wishes->encoding)
		tally_json_set(o, "encoding", json_string(wishes->encoding), &ok);
	if (wishes && wishes->delimiter)
		tally_json_set(o, "delimiter", json_integer((unsigned char)wishes->delimiter), &ok);
	if (wishes && wishes->header >= 0)
		tally_json_set(o, "header", json_integer(wishes->header), &ok);
	if (wishes)
		tally_json_set(o, "allow", tally_scope_json(&wishes->allow), &ok);
	return finished(o, ok);
}

/* A worker without the library that unpacks would have to be replaced by one with it. */
static void load_ahead(const char *name)
{
	static const char *const pngs[] = { ".png", NULL }, *const jpegs[] = { ".jpg", ".jpeg", NULL };
	static const char *const mails[] = { ".eml", ".mbox", NULL };

	if (tally_archive_named_document(name))
		tally_library_load(TALLY_LIBRARY_ZLIB, NULL);
	if (tally_archive_named(name, pngs))
		tally_library_load(TALLY_LIBRARY_PNG, NULL);
	if (tally_archive_named(name, jpegs))
		tally_library_load(TALLY_LIBRARY_JPEG, NULL);
	if (tally_archive_named(name, mails)) {
		tally_library_load(TALLY_LIBRARY_GMIME, NULL);
		tally_library_load(TALLY_LIBRARY_GUMBO, NULL); /* most have a form in HTML */
	}
}

json_t *tally_job_pair(const char *name_before, const char *name_after,
                       const struct tally_table_wishes *wishes, const struct tally_key *key)
{
	json_t *o = json_object();
	bool ok = true;

	load_ahead(name_before);
	load_ahead(name_after);
	tally_json_set(o, "do", json_string_nocheck("pair"), &ok);
	tally_json_set(o, "names", names_of(name_before, name_after), &ok);
	/* processors are counted here, in the parent: the sandbox lets no worker look */
	tally_json_set(o, "options", wishes_json(wishes, tally_threads(0)), &ok);
	tally_json_set(o, "secret", secret_of(key), &ok);
	return finished(o, ok);
}

static json_t *why_json(const struct tally_err *why)
{
	return why->reason ? json_pack("{s:s, s:s}", "reason", tally_reason_id(why->reason),
	                               "message", why->message)
	                   : json_null();
}

bool tally_job_convert(struct tally_request *pair, int texts[TALLY_REQUEST_FDS],
                       const struct tally_limits *limits)
{
	struct tally_conversion begun[2] = { { 0 }, { 0 } };
	struct tally_converted made[2];
	static const struct tally_limits usual = TALLY_LIMITS_INIT;
	int straight[2];
	json_t *why = json_array();
	bool ok = true;

	tally_straighten(pair->fds, straight);
	for (int i = 0; i < 2; i++) {
		if (pair->fds[i] >= 0 && tally_convertible(pair->fds[i])) {
			tally_convert_begin(&begun[i],
			                    straight[i] >= 0 ? straight[i] : pair->fds[i], limits);
			pair->texts = texts;
		}
		if (straight[i] >= 0)
			close(straight[i]);
	}
	if (pair->texts) { /* meanwhile, what a worker will need */
		if (begun[0].begun && begun[1].begun && limits->worker_memory <= usual.worker_memory)
			pair->memory = PDF_MEMORY + pair->bytes * PDF_FACTOR;
		tally_library_load(TALLY_LIBRARY_QPDF, NULL);
		tally_library_load(TALLY_LIBRARY_ZLIB, NULL);
	}
	tally_convert_end_both(begun, made);
	for (int i = 0; i < 2; i++) {
		texts[i] = made[i].text;
		tally_json_add(why, why_json(&made[i].why), &ok);
	}
	tally_json_set(pair->json, "no_text", why, &ok);
	for (int i = 0; i < 2 && !ok; i++)
		if (texts[i] >= 0)
			close(texts[i]);
	return ok;
}

json_t *tally_job_sketch(const char *name, bool plain, bool picture)
{
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "plain", json_boolean(plain), &ok);
	if (picture)
		load_ahead(name);
	tally_json_set(o, "picture", json_boolean(picture), &ok);
	tally_json_set(o, "do", json_string_nocheck("sketch"), &ok);
	tally_json_set(o, "names", names_of(name, NULL), &ok);
	return finished(o, ok);
}

bool tally_job_pair_alone(json_t *pair)
{
	return json_object_set_new(json_object_get(pair, "options"), "threads", json_integer(1)) == 0;
}

bool tally_job_pair_passages(json_t *pair, bool gone)
{
	bool ok = pair != NULL;

	tally_json_set(pair, "passages", json_true(), &ok);
	tally_json_set(pair, "gone", json_boolean(gone), &ok);
	return ok;
}

json_t *tally_job_words(const char *name, bool gone, const struct tally_key *key)
{
	json_t *o = json_object();
	bool ok = true;

	load_ahead(name);
	tally_json_set(o, "do", json_string_nocheck("words"), &ok);
	tally_json_set(o, "names", names_of(name, NULL), &ok);
	tally_json_set(o, "gone", json_boolean(gone), &ok);
	tally_json_set(o, "secret", secret_of(key), &ok);
	return finished(o, ok);
}

json_t *tally_job_messages(const char *name, const struct tally_key *key)
{
	json_t *o = json_object();
	bool ok = true;

	load_ahead(name);
	tally_json_set(o, "do", json_string_nocheck("messages"), &ok);
	tally_json_set(o, "names", names_of(name, NULL), &ok);
	tally_json_set(o, "secret", secret_of(key), &ok);
	return finished(o, ok);
}

bool tally_job_pair_boxed(json_t *pair)
{
	return json_object_set_new(json_object_get(pair, "options"), "boxed", json_true()) == 0;
}

json_t *tally_job_members(const char *name, const struct tally_key *key, bool by_sha256)
{
	json_t *o = json_object();
	bool ok = true;

	tally_json_set(o, "do", json_string_nocheck("members"), &ok);
	tally_json_set(o, "names", names_of(name, NULL), &ok);
	tally_json_set(o, "secret", secret_of(key), &ok);
	tally_json_set(o, "by_sha256", json_boolean(by_sha256), &ok);
	return finished(o, ok);
}

/* ---- answers (parent): checked like any input ---- */

enum tally_status tally_job_sketch_answer(struct tally_sketch *out,
                                          const struct tally_answer *answer, struct tally_err *err)
{
	struct tally_bytes b = tally_bytes_of(answer->blob, answer->blob_len);
	size_t count = answer->blob_len / PIECE_BYTES;
	json_int_t kind = json_integer_value(json_object_get(answer->json, "kind"));
	struct tally_piece *pieces;

	if (answer->blob_len % PIECE_BYTES || count > TALLY_SKETCH_MOST ||
	    kind < TALLY_SKETCH_BYTES || kind > TALLY_SKETCH_PICTURE)
		return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED,
		                     "its reader sent a malformed sketch");
	pieces = tally_alloc_zero(count, sizeof *pieces);
	if (!pieces)
		return tally_err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		pieces[i].hash = tally_bytes_u64(&b);
		pieces[i].bytes = tally_bytes_u32(&b);
		if (i > 0 && pieces[i].hash <= pieces[i - 1].hash) {
			tally_free(pieces);
			return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED,
			                     "its reader sent a malformed sketch");
		}
	}
	*out = (struct tally_sketch){ .kind = (uint8_t)kind,
		                      .sampled = json_is_true(
					      json_object_get(answer->json, "sampled")),
		                      .count = (uint32_t)count,
		                      .total = tally_json_count(answer->json, "total"),
		                      .pieces = pieces };
	return TALLY_OK;
}

/* ---- the handler (worker) ---- */

static const char *name_at(const json_t *request, size_t i)
{
	const char *name = json_string_value(json_array_get(json_object_get(request, "names"), i));

	return name ? name : "";
}

static bool secret_from(const json_t *request, struct tally_key *key)
{
	return tally_json_unhex(json_object_get(request, "secret"), key->secret, sizeof key->secret);
}

/* From its text, if it is a document that can be read, or its pixels; otherwise from its bytes. */
static enum tally_status sketch_of(struct tally_sketch *out, const json_t *request, const int *fds,
                                   const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_source *src = NULL, *text = NULL;
	bool plain = json_is_true(json_object_get(request, "plain"));
	const char *name = name_at(request, 0);
	int fd = fds[0], text_fd = fds[TALLY_WORKER_TEXTS];
	enum tally_status st = tally_source_fd(&src, fd, name, err);

	if (st >= 0 && text_fd >= 0)
		st = tally_source_fd(&text, text_fd, name, err);
	if (st >= 0)
		st = tally_sketch_text(out, src, text, plain, limits, err);
	tally_source_free(text);
	if (st == TALLY_END && json_is_true(json_object_get(request, "picture"))) {
		tally_source_free(src);
		st = tally_source_fd(&src, fd, name, err);
		if (st >= 0)
			st = tally_sketch_picture(out, src, limits, err);
	}
	if (st == TALLY_END) {
		tally_source_free(src);
		st = tally_source_fd(&src, fd, name, err);
		if (st >= 0)
			st = tally_sketch_file(out, src, limits, err);
	}
	tally_source_free(src);
	return st;
}

static enum tally_status do_sketch(const json_t *request, const int *fds,
                                   const struct tally_limits *limits, json_t *answer,
                                   struct tally_buf *blob, struct tally_err *err)
{
	struct tally_sketch sketch = { 0 };
	enum tally_status st = sketch_of(&sketch, request, fds, limits, err);
	bool ok = true;

	if (st < 0)
		return st;
	for (uint32_t i = 0; i < sketch.count && ok; i++) {
		unsigned char p[PIECE_BYTES];

		for (unsigned k = 0; k < 8; k++)
			p[k] = (unsigned char)(sketch.pieces[i].hash >> 8 * k);
		for (unsigned k = 0; k < 4; k++)
			p[8 + k] = (unsigned char)(sketch.pieces[i].bytes >> 8 * k);
		ok = tally_buf_add(blob, p, sizeof p);
	}
	tally_json_set(answer, "kind", json_integer(sketch.kind), &ok);
	tally_json_set(answer, "sampled", json_boolean(sketch.sampled), &ok);
	tally_json_set(answer, "total", json_integer((json_int_t)sketch.total), &ok);
	tally_sketch_release(&sketch);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

/* ---- pairs ---- */

struct pair {
	const struct tally_limits *limits;
	json_t *answer;
	struct tally_table_options table;
	const char *key_names[TALLY_WISHES_KEYS];
	struct tally_reading side[2];
	struct tally_read_options options[2];
	struct tally_key key;
	struct tally_err no_text[2]; /* why a side has no text, where another program was to make it */
	struct tally_scope *scope; /* NULL: everything may change */
	struct tally_scratch *scratch[2];
	struct tally_buf *passages; /* NULL: nobody asks for them */
	bool gone;
};

static void pair_options(struct pair *p, const json_t *request)
{
	const json_t *o = json_object_get(request, "options"), *key = json_object_get(o, "key");
	const char *encoding = tally_json_string(o, "encoding");
	unsigned long long threads = tally_json_get_count(o, "threads", 1);

	p->table = (struct tally_table_options)TALLY_TABLE_OPTIONS_INIT;
	p->table.limits = p->limits;
	p->table.threads = threads < 1 ? 1 : (unsigned)threads;
	p->table.no_key = json_is_true(json_object_get(o, "no_key"));
	for (size_t i = 0; i < json_array_size(key) && i < TALLY_WISHES_KEYS; i++) {
		const char *name = json_string_value(json_array_get(key, i));

		p->key_names[p->table.key_count++] = name ? name : "";
	}
	p->table.key = p->table.key_count ? p->key_names : NULL;
	for (int i = 0; i < 2; i++) {
		p->options[i] = (struct tally_read_options)TALLY_READ_OPTIONS_INIT;
		p->options[i].limits = p->limits;
		p->options[i].encoding = encoding;
		p->options[i].delimiter = (char)tally_json_count(o, "delimiter");
		p->options[i].header = json_is_integer(json_object_get(o, "header"))
		                               ? (int)tally_json_count(o, "header")
		                               : -1;
		/* the two files are read beside each other */
		p->options[i].threads = p->table.threads > 1 ? p->table.threads / 2 : 1;
		p->options[i].key = secret_from(request, &p->key) ? &p->key : NULL;
		p->options[i].boxed = json_is_true(json_object_get(o, "boxed"));
	}
}

static void *run_reading(void *reading)
{
	tally_reading_run(reading);
	return NULL;
}

static bool is_of(const struct tally_reading *r, const char *format)
{
	return r->format && !strcmp(r->format->name, format);
}

/* Beside a mailbox a mail is one with nothing else in it, so that its message is known by its ID. */
static void box_mails(struct pair *p)
{
	for (int i = 0; i < 2; i++) {
		struct tally_reading *r = &p->side[i];

		if (!is_of(r, "eml"))
			continue;
		if (!p->options[i].boxed && is_of(&p->side[!i], "mbox")) {
			p->options[i].boxed = true;
			tally_reading_reset(r);
			tally_reading_run(r);
		}
		if (p->options[i].boxed && is_of(r, "eml"))
			r->format = tally_format_by_name("mbox"); /* what it says is that */
	}
}

static void read_both(struct pair *p)
{
	pthread_t thread;
	bool threaded = p->table.threads > 1 &&
	                pthread_create(&thread, NULL, run_reading, &p->side[0]) == 0;

	if (!threaded)
		tally_reading_run(&p->side[0]);
	tally_reading_run(&p->side[1]);
	if (threaded)
		pthread_join(thread, NULL);
	box_mails(p);
}

static const char *property_of(const struct tally_part *part, const char *name)
{
	for (size_t i = 0; i < part->property_count; i++)
		if (!strcmp(part->properties[i].name, name))
			return part->properties[i].value;
	return NULL;
}

/* a delimiter as the property names it: the character itself, "tab", or "none" (one column) */
static char delimiter_of(const char *value)
{
	if (!value || !strcmp(value, "none"))
		return 0;
	return !strcmp(value, "tab") ? '\t' : value[0];
}

static bool differ(const struct tally_part *a, const struct tally_part *b, const char *property)
{
	const char *x = property_of(a, property), *y = property_of(b, property);

	return (x || y) && (!x || !y || strcmp(x, y) != 0);
}

/*
 * Dialect and encoding are those of the before side as far as they fit. Both sides found theirs alone, to be read at one time;
 * where they disagree, the after side is asked again with what the before side found.
 */
static void settle_dialect(struct pair *p)
{
	struct tally_reading *a = &p->side[0], *b = &p->side[1];
	struct tally_part *x, *y;

	if (a->part_count != 1 || b->part_count != 1 || p->options[1].encoding ||
	    p->options[1].delimiter)
		return;
	x = a->parts[0];
	y = b->parts[0];
	if (!differ(x, y, "delimiter") && !differ(x, y, "encoding") &&
	    (x->header_row == TALLY_NO_HEADER) == (y->header_row == TALLY_NO_HEADER))
		return;
	p->options[1].delimiter = delimiter_of(property_of(x, "delimiter"));
	p->options[1].encoding = property_of(x, "encoding");
	p->options[1].prefer_encoding = true;
	if (p->options[1].header < 0 && x->header_row == 0 && y->header_row == TALLY_NO_HEADER)
		p->options[1].header = 1;
	tally_reading_reset(b);
	tally_reading_run(b);
}

/* @related  set where rows or sheets of both sides are the same ones */
static enum tally_status compare_tables(struct pair *p, json_t *tables, bool *related,
                                        struct tally_err *err)
{
	struct tally_job_tables job = {
		.side = p->side, .options = &p->table, .limits = p->limits, .tables = tables
	};
	enum tally_status st = tally_job_tables(&job, err);

	*related = job.related;
	return st;
}

static json_t *digest_json(const struct tally_reading *r)
{
	char text[TALLY_DIGEST_TEXT_MAX];

	if (!r->has_digest)
		return json_null();
	tally_digest_text(text, &r->seen);
	return json_string_nocheck(text);
}

static void describe_sides(struct pair *p, bool *ok)
{
	json_t *formats = json_array(), *digests = json_array(), *notes = json_array(),
	       *mismatch = json_array();

	for (int i = 0; i < 2; i++) {
		struct tally_reading *r = &p->side[i];

		tally_json_add(formats,
		               r->format ? json_string_nocheck(r->format->name) : json_null(), ok);
		tally_json_add(digests, digest_json(r), ok);
		tally_json_add(notes, json_incref(r->notes), ok);
		tally_json_add(mismatch, json_boolean(r->mismatch), ok);
	}
	tally_json_set(p->answer, "formats", formats, ok);
	tally_json_set(p->answer, "digests", digests, ok);
	tally_json_set(p->answer, "notes", notes, ok);
	tally_json_set(p->answer, "mismatch", mismatch, ok);
}

static bool has_digests_equal(const struct pair *p)
{
	return p->side[0].has_digest && p->side[1].has_digest &&
	       tally_digest_equal(&p->side[0].seen, &p->side[1].seen);
}

static enum tally_status compare_documents(struct pair *p, bool *related, struct tally_err *err)
{
	struct tally_job_document job = { .side = p->side,
		                          .limits = p->limits,
		                          .passages = p->passages,
		                          .gone = p->gone,
		                          .key = &p->key,
		                          .answer = p->answer };
	enum tally_status st = tally_job_document(&job, err);
	bool ok = true;

	if (st >= 0)
		tally_json_set(p->answer, "document", job.entry, &ok);
	*related |= job.related;
	return ok ? st : tally_err_nomem(err);
}

static enum tally_status compare_models(struct pair *p, json_t *tables, bool *related,
                                        struct tally_err *err)
{
	const struct tally_reading *a = &p->side[0], *b = &p->side[1];

	if (!a->format || !b->format)
		return TALLY_OK;
	if ((a->format->caps & TALLY_CAP_ROWS) && (b->format->caps & TALLY_CAP_ROWS))
		return has_digests_equal(p) ? TALLY_OK : compare_tables(p, tables, related, err);
	if (a->format->caps & b->format->caps & (TALLY_CAP_BLOCKS | TALLY_CAP_PICTURE))
		return has_digests_equal(p) ? TALLY_OK : compare_documents(p, related, err);
	if (a->members && b->members)
		return tally_archive_json(a->members, b->members, p->answer, p->limits, err);
	return TALLY_OK;
}

/* Rows that are the same, or were edited, say that the one came from the other; so do members of archives. */
static bool is_compared(const struct pair *p, const json_t *tables, bool related)
{
	const struct tally_reading *a = &p->side[0], *b = &p->side[1];

	if (a->members && b->members)
		return true;
	if (!a->format || !b->format)
		return false;
	if (a->format->caps & b->format->caps & (TALLY_CAP_BLOCKS | TALLY_CAP_PICTURE))
		return related || has_digests_equal(p);
	if (!(a->format->caps & b->format->caps & TALLY_CAP_ROWS))
		return false;
	return related || json_array_size(tables) == 0; /* they say the same */
}

static enum tally_status look_for_rest(struct pair *p, const json_t *tables, bool related,
                                       const int *fds, struct tally_err *err)
{
	struct tally_alike alike;
	enum tally_status st;
	bool ok = true;

	if (is_compared(p, tables, related))
		return TALLY_OK;
	st = tally_job_alike(&alike, fds, err);
	if (st < 0 || alike.share < 0)
		return st;
	tally_json_set(p->answer, "alike", json_integer(alike.share), &ok);
	tally_json_set(p->answer, "text", json_boolean(alike.text), &ok);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

static json_t *sheets_missing(const struct pair *p)
{
	const struct tally_reading *a = &p->side[0], *b = &p->side[1];

	return tally_scope_sheets_missing(p->scope,
	                                  (struct tally_part *const *[]){ a->parts, b->parts },
	                                  (const size_t[]){ a->part_count, b->part_count });
}

static enum tally_status prepare_sides(struct pair *p, const json_t *request, const int *fds,
                                       struct tally_err *err)
{
	enum tally_status st = TALLY_OK;

	for (int i = 0; i < 2 && st >= 0; i++)
		if (fds[TALLY_WORKER_SCRATCH + i] >= 0)
			st = tally_scratch_new(&p->scratch[i], fds[TALLY_WORKER_SCRATCH + i],
			                       p->limits->scratch_bytes, err);
	for (size_t i = 0; i < 2; i++) {
		p->side[i].fd = fds[i];
		p->side[i].name = name_at(request, i);
		p->side[i].options = &p->options[i];
		p->side[i].digest = true;
		p->side[i].scratch = p->scratch[i];
		p->side[i].text_fd = fds[TALLY_WORKER_TEXTS + i];
		p->side[i].no_text = tally_reading_no_text(&p->no_text[i], request, i);
	}
	return st;
}

/* The sides that could not be read are told one by one, whichever error ends the job. */
static enum tally_status read_sides(struct pair *p, bool *ok, struct tally_err *err)
{
	enum tally_status st = TALLY_OK;
	unsigned failed = 0;

	read_both(p);
	for (int i = 0; i < 2; i++) {
		if (p->side[i].status >= TALLY_PARTIAL)
			continue;
		failed |= 1U << i;
		*err = p->side[i].err;
		st = p->side[i].status;
	}
	if (failed)
		tally_json_set(p->answer, "failed_sides", json_integer(failed), ok);
	if (st < TALLY_PARTIAL)
		return st;
	settle_dialect(p);
	if (p->side[1].status < TALLY_PARTIAL) {
		*err = p->side[1].err;
		st = p->side[1].status;
	}
	return st;
}

static enum tally_status do_pair(const json_t *request, const int *fds,
                                 const struct tally_limits *limits, json_t *answer,
                                 struct tally_buf *blob, struct tally_err *err)
{
	struct pair p = { .limits = limits, .answer = answer };
	enum tally_status st;
	json_t *tables = json_array();
	bool ok = true, related = false;

	pair_options(&p, request);
	p.gone = json_is_true(json_object_get(request, "gone"));
	if (json_is_true(json_object_get(request, "passages")) && p.options[0].key)
		p.passages = blob;
	st = prepare_sides(&p, request, fds, err);
	if (st >= 0)
		st = tally_scope_from_json(
			&p.scope, json_object_get(json_object_get(request, "options"), "allow"), err);
	p.table.scope = p.scope;
	if (st >= 0)
		st = read_sides(&p, &ok, err);
	tally_json_set(answer, "sheets_missing", sheets_missing(&p), &ok);
	/* what one side could not read is not gone, and did not come */
	tally_reading_strangers(p.side);
	tally_reading_leave_out(&p.side[0], &p.side[1]);
	tally_reading_leave_out(&p.side[1], &p.side[0]);
	tally_reading_common_facts(p.side);
	if (st >= TALLY_PARTIAL)
		st = compare_models(&p, tables, &related, err);
	if (st >= TALLY_PARTIAL) {
		enum tally_status rest = look_for_rest(&p, tables, related, fds, err);

		st = rest < 0 ? rest : st;
	}
	if (st >= TALLY_PARTIAL)
		describe_sides(&p, &ok);
	tally_json_set(answer, "equal", json_boolean(has_digests_equal(&p)), &ok);
	tally_json_set(answer, "tables", tables, &ok);
	tally_reading_reset(&p.side[0]);
	tally_reading_reset(&p.side[1]);
	tally_scope_free(p.scope);
	tally_scratch_free(p.scratch[0]);
	tally_scratch_free(p.scratch[1]);
	return ok ? st : tally_err_nomem(err);
}

enum tally_status tally_job_handle(const json_t *request, const int *fds,
                                   const struct tally_limits *limits, json_t *answer,
                                   struct tally_buf *blob, struct tally_err *err)
{
	const char *what = tally_json_string(request, "do");

	if (what && !strcmp(what, "pair"))
		return do_pair(request, fds, limits, answer, blob, err);
	if (what && !strcmp(what, "sketch"))
		return do_sketch(request, fds, limits, answer, blob, err);
	if (what && !strcmp(what, "members"))
		return tally_job_members_do(request, fds, limits, answer, blob, err);
	if (what && !strcmp(what, "words"))
		return tally_job_words_do(request, fds, limits, answer, blob, err);
	if (what && !strcmp(what, "messages"))
		return tally_job_messages_do(request, fds, limits, answer, err);
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED, "unknown request");
}
