/* The similarity sketch of a document, from its text: see sketch_text.h. */
#include "formats/sketch_text.h"

#include <inttypes.h>
#include <string.h>

#include "core/hash.h"
#include "formats/format.h"

enum { TOKEN_SIZE = 48 /* of what counts by its digest; as long as an average piece */ };

struct job {
	struct tally_sketcher *sketcher;
	const struct tally_limits *limits;
	uint64_t bytes;
	bool words;    /* there is text: pictures alone are compared as bytes */
	bool too_much; /* a reader may word an error of its own for it */
};

static enum tally_status count(struct job *job, uint64_t bytes, struct tally_err *err)
{
	job->bytes += bytes;
	if (job->bytes <= job->limits->sketch_bytes)
		return TALLY_OK;
	job->too_much = true;
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_LIMIT,
	                     "sketch_bytes: more than %" PRIu64 " bytes of text",
	                     job->limits->sketch_bytes);
}

/*
 * One format ends a line where the next one goes on, and pages break paragraphs: so only words count, and where pieces end is
 * for the words to say, one in six, and every one that ends a sentence.
 */
static bool ends_piece(const char *word, size_t len)
{
	return strchr(".!?", word[len - 1]) || tally_hash64(word, len, 0) % 6 == 0;
}

static enum tally_status add_word(struct job *job, const char *word, size_t len, struct tally_err *err)
{
	enum tally_status st = tally_sketcher_add(job->sketcher, word, len, err);

	if (st >= 0)
		st = tally_sketcher_add(job->sketcher, " ", 1, err);
	if (st >= 0 && ends_piece(word, len))
		st = tally_sketcher_cut(job->sketcher, err);
	return st;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static enum tally_status on_block(void *payload, const struct tally_block *block,
                                  struct tally_err *err)
{
	struct job *job = payload;
	enum tally_status st = count(job, (uint64_t)block->len + 1, err);
	const char *at = block->text, *end = at + block->len;

	while (st >= 0 && at < end) {
		const char *word = at;

		while (at < end && !is_blank(*at))
			at++;
		if (at > word) {
			st = add_word(job, word, (size_t)(at - word), err);
			job->words = true;
		}
		while (at < end && is_blank(*at))
			at++;
	}
	return st;
}

static bool counts(const char *fact)
{
	static const char *const names[] = { "image", "attachment", "embedded_file" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(fact, names[i]))
			return true;
	return false;
}

/* Stands for the content of something that is no text: a line's worth of bytes, made from its digest. */
static enum tally_status on_fact(void *payload, const struct tally_fact *fact, struct tally_err *err)
{
	struct job *job = payload;
	unsigned char token[TOKEN_SIZE];
	enum tally_status st;
	uint64_t seed;

	if (!counts(fact->name) || !fact->value)
		return TALLY_OK;
	seed = tally_hash64(fact->value, strlen(fact->value), 0);
	for (size_t i = 0; i < TOKEN_SIZE; i += 8) {
		uint64_t h = tally_hash64(&(unsigned char){ (unsigned char)i }, 1, seed);

		for (size_t k = 0; k < 8; k++)
			token[i + k] = (unsigned char)(h >> 8 * k);
	}
	st = count(job, TOKEN_SIZE, err);
	if (st >= 0)
		st = tally_sketcher_cut(job->sketcher, err);
	if (st >= 0)
		st = tally_sketcher_add(job->sketcher, token, sizeof token, err);
	return st < 0 ? st : tally_sketcher_cut(job->sketcher, err);
}

enum tally_status tally_sketch_text(struct tally_sketch *out, struct tally_source *src,
                                    struct tally_source *text, bool plain,
                                    const struct tally_limits *limits, struct tally_err *err)
{
	struct tally_read_options options = TALLY_READ_OPTIONS_INIT;
	struct job job = { .limits = limits };
	const struct tally_sink sink = { .payload = &job, .block = on_block, .fact = on_fact };
	const struct tally_format *format;
	enum tally_status st = tally_format_find(&format, NULL, src, err);

	if (st == TALLY_FATAL)
		return st;
	if (st < 0 || !format || !(format->caps & TALLY_CAP_BLOCKS) ||
	    (format->caps & TALLY_CAP_PICTURE) || (!plain && (format->caps & TALLY_CAP_PLAIN)))
		return TALLY_END;
	options.limits = limits;
	options.text = text;
	st = tally_sketcher_new(&job.sketcher, TALLY_SKETCH_TEXT, err);
	if (st >= 0)
		st = format->read(src, &options, &sink, err);
	if (st >= TALLY_PARTIAL && job.words)
		st = tally_sketcher_finish(job.sketcher, out, err);
	else if (st >= TALLY_PARTIAL || (st == TALLY_SKIP && !job.too_much))
		st = TALLY_END;
	tally_sketcher_free(job.sketcher);
	return st;
}
