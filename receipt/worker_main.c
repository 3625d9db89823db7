/* The worker's side: takes requests from the socket, handles them behind the sandbox, sends answers. */
#include "receipt/worker_proto.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/io.h"
#include "core/library.h"
#include "core/mem.h"
#include "formats/archive.h"
#include "formats/mail.h"
#include "receipt/sandbox.h"

struct received {
	uint64_t addresses, memory;
	int fds[TALLY_WORKER_FDS];
	json_t *json;
};

/* exit codes that tell the pool what happened; anything else is a crash */
enum { EXIT_DONE = 0, EXIT_BROKEN_SOCKET = 3 };

static bool read_all(int fd, void *buf, size_t len)
{
	char *p = buf;

	while (len > 0) {
		ssize_t n = tally_io_read(fd, p, len);

		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* the header and the descriptors that ride on it */
static bool receive_head(int sock, unsigned char *head, int *fds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * TALLY_WORKER_FDS)];
	} control;
	struct iovec part = { head, TALLY_WORKER_REQUEST_HEAD };
	struct msghdr message = { .msg_iov = &part,
		                  .msg_iovlen = 1,
		                  .msg_control = &control,
		                  .msg_controllen = sizeof control };
	struct cmsghdr *c;
	ssize_t n;

	for (int i = 0; i < TALLY_WORKER_FDS; i++)
		fds[i] = -1;
	do {
		n = recvmsg(sock, &message, 0);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return false;
	c = CMSG_FIRSTHDR(&message);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		memcpy(fds, CMSG_DATA(c),
		       (count < TALLY_WORKER_FDS ? count : TALLY_WORKER_FDS) * sizeof(int));
	}
	return read_all(sock, head + n, TALLY_WORKER_REQUEST_HEAD - (size_t)n);
}

/* Descriptors come without gaps; each goes to its place. */
static void put_in_place(int *fds, uint32_t which)
{
	int come[TALLY_WORKER_FDS];
	size_t n = 0;

	memcpy(come, fds, sizeof come);
	for (size_t i = 0; i < TALLY_WORKER_FDS; i++)
		fds[i] = which >> i & 1 ? come[n++] : -1;
}

static bool receive(int sock, struct received *r)
{
	unsigned char head[TALLY_WORKER_REQUEST_HEAD] = { 0 };
	struct tally_bytes b = tally_bytes_of(head, sizeof head);
	uint32_t len;
	char *text;

	if (!receive_head(sock, head, r->fds) || tally_bytes_u32(&b) != TALLY_WORKER_REQUEST_MAGIC)
		return false;
	len = tally_bytes_u32(&b);
	r->addresses = tally_bytes_u64(&b);
	r->memory = tally_bytes_u64(&b);
	put_in_place(r->fds, tally_bytes_u32(&b));
	if (len > TALLY_WORKER_JSON_MOST)
		return false;
	text = tally_alloc(len);
	if (!text)
		return false;
	r->json = read_all(sock, text, len) ? json_loadb(text, len, 0, NULL) : NULL;
	tally_free(text);
	return r->json != NULL;
}

/* No memory is taken. @blob  may be NULL */
static bool send_answer(int sock, enum tally_worker_status st, enum tally_sandbox sandbox,
                        const char *json, size_t json_len, const struct tally_buf *blob)
{
	unsigned char head[TALLY_WORKER_ANSWER_HEAD] = { 0 };
	uint64_t blob_len = blob ? blob->len : 0;

	for (unsigned i = 0; i < 4; i++) {
		head[i] = (unsigned char)((uint32_t)TALLY_WORKER_ANSWER_MAGIC >> 8 * i);
		head[4 + i] = (unsigned char)((uint32_t)json_len >> 8 * i);
	}
	for (unsigned i = 0; i < 8; i++)
		head[8 + i] = (unsigned char)(blob_len >> 8 * i);
	head[16] = (unsigned char)st;
	head[17] = (unsigned char)sandbox;
	return tally_io_write_all(sock, head, sizeof head) == 0 &&
	       tally_io_write_all(sock, json, json_len) == 0 &&
	       (!blob_len || tally_io_write_all(sock, blob->bytes, blob->len) == 0);
}

static const char no_memory[] = "{\"reason\":\"no_memory\",\"message\":\"\"}";

/* For the one that answers in the midst of its work. */
static struct {
	int sock;
	enum tally_sandbox sandbox;
	atomic_flag answered;
} ending = { .answered = ATOMIC_FLAG_INIT };

static void end_without_memory(void)
{
	if (atomic_flag_test_and_set(&ending.answered))
		return;
	send_answer(ending.sock, TALLY_WORKER_SKIP, ending.sandbox, no_memory, sizeof no_memory - 1,
	            NULL);
	_exit(EXIT_DONE);
}

static enum tally_worker_status status_of(enum tally_status st)
{
	if (tally_library_wanted() != TALLY_LIBRARIES)
		return TALLY_WORKER_LACKS; /* whatever came out without it */
	return st >= TALLY_OK        ? TALLY_WORKER_OK
	       : st == TALLY_PARTIAL ? TALLY_WORKER_PARTIAL
	                             : TALLY_WORKER_SKIP;
}

static char *lacks_text(void)
{
	json_t *o = json_pack("{s:s}", "library", tally_library_id(tally_library_wanted()));
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	return text;
}

/* a skip's JSON; falls back to a constant when there is no memory even for that */
static char *skip_text(const json_t *answer, const struct tally_err *err)
{
	json_t *o = json_pack("{s:s, s:s, s:O*}", "reason", tally_reason_id(err->reason), "message",
	                      err->message, "failed_sides", json_object_get(answer, "failed_sides"));
	char *text = o ? json_dumps(o, JSON_COMPACT) : NULL;

	json_decref(o);
	return text;
}

static bool serve_one(int sock, tally_handler_fn *handler, const struct tally_limits *limits,
                      enum tally_sandbox sandbox, struct received *r)
{
	struct tally_err err = { 0 };
	struct tally_buf blob;
	json_t *answer = json_object();
	enum tally_worker_status st;
	char *text = NULL;
	bool ok;

	tally_buf_init(&blob, (size_t)limits->worker_output);
	st = status_of(answer ? handler(r->json, r->fds, limits, answer, &blob, &err)
	                      : tally_err_nomem(&err));
	if (st >= TALLY_WORKER_SKIP)
		tally_buf_clear(&blob);
	text = st == TALLY_WORKER_LACKS  ? lacks_text()
	       : st == TALLY_WORKER_SKIP ? skip_text(answer, &err)
	                                 : json_dumps(answer, JSON_COMPACT);
	if (!text)
		st = TALLY_WORKER_SKIP;
	json_decref(answer);
	ok = send_answer(sock, st, sandbox, text ? text : no_memory,
	                 text ? strlen(text) : sizeof no_memory - 1, &blob);
	free(text);
	tally_buf_release(&blob);
	return ok;
}

_Noreturn void tally_worker_main(int sock, tally_handler_fn *handler,
                                 const struct tally_limits *limits)
{
	enum tally_sandbox sandbox;

	/* a signal to the whole group (Ctrl-C) is the parent's to handle; it ends us by closing the socket */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ,
	       SIG_IGN); /* a scratch file that grows too large is an error to tell, not a death */
	if (tally_library_loaded(TALLY_LIBRARY_ARCHIVE))
		tally_archive_prepare();
	if (tally_library_loaded(TALLY_LIBRARY_GMIME))
		tally_mail_prepare();
	tally_library_seal();
	sandbox = tally_sandbox_enter(sock, limits->worker_memory, limits->scratch_bytes);
	ending.sock = sock;
	ending.sandbox = sandbox;
	tally_mem_on_end(end_without_memory);
	for (;;) {
		struct received r = { 0 };
		bool ok;

		if (!receive(sock, &r))
			_exit(EXIT_DONE);
		tally_sandbox_memory(r.addresses, r.memory);
		tally_sandbox_files(r.fds[TALLY_WORKER_SCRATCH] >= 0 ? limits->scratch_bytes : 0);
		ok = serve_one(sock, handler, limits, sandbox, &r);
		json_decref(r.json);
		for (int i = 0; i < TALLY_WORKER_FDS; i++)
			if (r.fds[i] >= 0)
				close(r.fds[i]);
		if (!ok)
			_exit(EXIT_BROKEN_SOCKET);
	}
}
