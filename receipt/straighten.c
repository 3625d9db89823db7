/* Copies of PDFs whose pages are not turned: see receipt/straighten.h. */
#include "receipt/straighten.h"

#include <string.h>
#include <unistd.h>

#include "core/io.h"
#include "core/mem.h"
#include "formats/pdf_turn.h"
#include "receipt/content.h"
#include "receipt/converter.h"

enum {
	STEP = 1 << 20,
	LONGEST = 256,        /* bytes of what must be seen as a whole */
	FILE_MOST = 64 << 20, /* bytes; of larger files it would take too long */
};

/* @out  -1: only look. @return false: it is too large, or cannot be read or written */
static bool go_through(int fd, int out, char *bytes, struct tally_pdf_turns *turns)
{
	size_t len = 0;
	ssize_t n = 1;

	for (off_t at = 0; n > 0; at += n) {
		size_t done;

		n = at < FILE_MOST ? tally_io_pread(fd, bytes + len, STEP, at) : -1;
		if (n < 0)
			return false;
		len += (size_t)n;
		/* what begins near the end is looked at together with what follows */
		done = n == 0 ? len : len > LONGEST ? len - LONGEST : 0;
		tally_pdf_turns(bytes, len, done, out >= 0, turns);
		if (out >= 0 && tally_io_write_all(out, bytes, done) != 0)
			return false;
		memmove(bytes, bytes + done, len - done);
		len -= done;
	}
	return true;
}

static int copy_of(int fd, char *bytes)
{
	struct tally_pdf_turns unused = { 0 };
	int out = tally_scratch_disk(NULL);

	if (out >= 0 && !go_through(fd, out, bytes, &unused)) {
		close(out);
		return -1;
	}
	return out;
}

void tally_straighten(const int fds[2], int out[2])
{
	struct tally_pdf_turns turns[2] = { { 0 }, { 0 } };
	char *bytes;
	bool ok = fds[0] >= 0 && fds[1] >= 0 && tally_convertible(fds[0]) &&
	          tally_convertible(fds[1]);

	out[0] = out[1] = -1;
	bytes = ok ? tally_alloc(STEP + LONGEST) : NULL;
	for (int i = 0; i < 2 && bytes && ok; i++)
		ok = go_through(fds[i], -1, bytes, &turns[i]);
	if (bytes && ok && !turns[0].packed && !turns[1].packed && turns[0].sum != turns[1].sum) {
		for (int i = 0; i < 2 && ok; i++)
			if (turns[i].sum) {
				out[i] = copy_of(fds[i], bytes);
				ok = out[i] >= 0;
			}
		for (int i = 0; i < 2 && !ok; i++)
			if (out[i] >= 0) {
				close(out[i]);
				out[i] = -1;
			}
	}
	tally_free(bytes);
}
