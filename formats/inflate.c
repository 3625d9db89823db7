/* zlib, loaded late, for raw deflate: see inflate.h. */
#include "formats/inflate.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>

#include "core/library.h"
#include "core/mem.h"

enum { RAW = -15 }; /* the largest window, no header */

static struct calls {
#define TALLY_CALL(name) __typeof__(name) *name;
#include "formats/inflate_calls.def"
#undef TALLY_CALL
} calls;

static const char *const names[] = {
#define TALLY_CALL(name) #name,
#include "formats/inflate_calls.def"
#undef TALLY_CALL
};

static struct tally_library_calls library = {
	.library = TALLY_LIBRARY_ZLIB,
	.names = names,
	.count = sizeof names / sizeof *names,
	.table = &calls,
};

struct tally_inflate {
	z_stream stream;
};

/* ---- streams ---- */

static void *take(void *payload, unsigned count, unsigned size)
{
	(void)payload;
	return tally_alloc_zero(count, size);
}

static void give_back(void *payload, void *p)
{
	(void)payload;
	tally_free(p);
}

enum tally_status tally_inflate_new(struct tally_inflate **out, struct tally_err *err)
{
	enum tally_status st = tally_library_fill(&library, err);
	struct tally_inflate *f;

	if (st < 0)
		return st;
	f = tally_alloc_zero(1, sizeof *f);
	if (!f)
		return tally_err_nomem(err);
	f->stream.zalloc = take;
	f->stream.zfree = give_back;
	if (calls.inflateInit2_(&f->stream, RAW, ZLIB_VERSION, (int)sizeof f->stream) != Z_OK) {
		tally_free(f);
		return tally_err_nomem(err);
	}
	*out = f;
	return TALLY_OK;
}

void tally_inflate_free(struct tally_inflate *f)
{
	if (!f)
		return;
	calls.inflateEnd(&f->stream);
	tally_free(f);
}

void tally_inflate_start(struct tally_inflate *f)
{
	calls.inflateReset(&f->stream);
}

static unsigned fit(size_t len)
{
	return len < UINT_MAX ? (unsigned)len : UINT_MAX;
}

enum tally_status tally_inflate_step(struct tally_inflate *f, const unsigned char **in,
                                     size_t *in_len, unsigned char *out, size_t *out_len)
{
	z_stream *z = &f->stream;
	unsigned given = fit(*in_len), room = fit(*out_len);
	int rc;

	z->next_in = (unsigned char *)(uintptr_t)*in; /* zlib reads from there only */
	z->avail_in = given;
	z->next_out = out;
	z->avail_out = room;
	rc = calls.inflate(z, Z_NO_FLUSH);
	*in += given - z->avail_in;
	*in_len -= given - z->avail_in;
	*out_len = room - z->avail_out;
	if (rc == Z_STREAM_END)
		return TALLY_END;
	if (rc == Z_OK || rc == Z_BUF_ERROR)
		return TALLY_OK;
	return rc == Z_MEM_ERROR ? TALLY_FATAL : TALLY_SKIP;
}
