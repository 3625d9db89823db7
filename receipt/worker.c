/* The pool's side: forks workers, hands out requests, gathers answers with a deadline each, and buries the dead. */
#include "receipt/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/bytes.h"
#include "core/cpu.h"
#include "core/io.h"
#include "core/library.h"
#include "core/mem.h"
#include "receipt/content.h"
#include "receipt/json_util.h"
#include "receipt/sandbox.h"
#include "receipt/worker_proto.h"

enum {
	WORKERS_MOST = 8,
	READ_AT_ONCE = 1 << 18,
	BYTES_A_SECOND = 16 << 20, /* that even a busy machine reads and compares */
	SCRATCH_LEAST = 4 << 20, /* bytes of a request from which a scratch file is worth making: what is packed may grow */
};

struct worker {
	pid_t pid; /* 0: none */
	int sock;
	bool busy;
	unsigned libraries;  /* bits: those that were loaded when it was forked */
	uint64_t jobs;       /* requests it has had */
	int64_t deadline_ms; /* of the one under way */
	char *text; /* of the one under way, in case it has to be sent again; json_dumps made it */
	uint64_t addresses, memory; /* that it may have for what it does */
	int fds[TALLY_WORKER_FDS];
	struct tally_buf in; /* its answer so far */
	tally_answer_fn *fn;
	void *payload;
};

struct tally_workers {
	tally_handler_fn *handler;
	struct tally_limits limits;
	unsigned count;
	char *scratch_in; /* a folder, or NULL */
	int sandbox; /* enum tally_sandbox as the workers report it; the weakest counts; -1: not known yet */
	struct worker workers[WORKERS_MOST];
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

enum tally_status tally_workers_new(struct tally_workers **out, tally_handler_fn *handler,
                                    unsigned count, const struct tally_limits *limits,
                                    struct tally_err *err)
{
	struct tally_workers *pool = tally_alloc_zero(1, sizeof *pool);

	if (!pool)
		return tally_err_nomem(err);
	count = tally_threads(count);
	pool->handler = handler;
	pool->limits = *limits;
	pool->count = count < WORKERS_MOST ? count : WORKERS_MOST;
	pool->sandbox = -1;
	for (unsigned i = 0; i < WORKERS_MOST; i++) {
		pool->workers[i].sock = -1;
		for (size_t k = 0; k < TALLY_WORKER_FDS; k++)
			pool->workers[i].fds[k] = -1;
		tally_buf_init(&pool->workers[i].in,
		               (size_t)limits->worker_output + TALLY_WORKER_ANSWER_HEAD);
	}
	*out = pool;
	return TALLY_OK;
}

enum tally_status tally_workers_scratch_in(struct tally_workers *pool, const char *folder,
                                           struct tally_err *err)
{
	char *copy = tally_dup(folder, strlen(folder));

	if (!copy)
		return tally_err_nomem(err);
	tally_free(pool->scratch_in);
	pool->scratch_in = copy;
	return TALLY_OK;
}

static void close_fds(const int *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static void forget_request(struct worker *w)
{
	close_fds(w->fds, TALLY_WORKER_FDS);
	for (size_t i = 0; i < TALLY_WORKER_FDS; i++)
		w->fds[i] = -1;
	free(w->text);
	w->text = NULL;
}

static void bury(struct worker *w, bool kill_it, int *wait_status)
{
	int status = 0;

	if (w->sock >= 0)
		close(w->sock);
	if (w->pid > 0) {
		if (kill_it)
			kill(w->pid, SIGKILL);
		while (waitpid(w->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	w->pid = 0;
	w->sock = -1;
	w->jobs = 0;
	if (wait_status)
		*wait_status = status;
}

void tally_workers_free(struct tally_workers *pool)
{
	if (!pool)
		return;
	for (unsigned i = 0; i < WORKERS_MOST; i++) {
		bury(&pool->workers[i], true, NULL);
		forget_request(&pool->workers[i]);
		tally_buf_release(&pool->workers[i].in);
	}
	tally_free(pool->scratch_in);
	tally_free(pool);
}

const char *tally_workers_sandbox(const struct tally_workers *pool)
{
	return pool->sandbox < 0 ? NULL : tally_sandbox_name((enum tally_sandbox)pool->sandbox);
}

static enum tally_status no_worker(struct tally_err *err, const char *what, int sys)
{
	return tally_err_set(err, TALLY_SKIP, TALLY_REASON_READER_FAILED, "%s: %s", what,
	                     strerror(sys));
}

static unsigned libraries_loaded(void)
{
	unsigned bits = 0;

	for (int i = 0; i < TALLY_LIBRARIES; i++)
		bits |= (unsigned)tally_library_loaded((enum tally_library)i) << i;
	return bits;
}

static enum tally_status start(struct tally_workers *pool, struct worker *w, struct tally_err *err)
{
	int pair[2];
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return no_worker(err, "making a socket for a worker", errno);
	fflush(NULL); /* or the child would write our buffers again */
	pid = fork();
	if (pid < 0) {
		int sys = errno;

		close(pair[0]);
		close(pair[1]);
		return no_worker(err, "starting a worker", sys);
	}
	if (pid == 0) {
		close(pair[0]);
		tally_worker_main(pair[1], pool->handler, &pool->limits);
	}
	close(pair[1]);
	fcntl(pair[0], F_SETFD, FD_CLOEXEC);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	w->pid = pid;
	w->sock = pair[0];
	w->jobs = 0;
	w->libraries = libraries_loaded();
	return TALLY_OK;
}

/* ---- sending ---- */

static bool send_head(int sock, const unsigned char *head, const int *fds, size_t fd_count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * TALLY_WORKER_FDS)];
	} control;
	struct iovec part = { (void *)(uintptr_t)head, TALLY_WORKER_REQUEST_HEAD };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	if (fd_count > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof control);
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * fd_count);
	}
	do {
		n = sendmsg(sock, &message, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	/* so few bytes into an empty socket go whole or not at all */
	return n == TALLY_WORKER_REQUEST_HEAD;
}

/* the socket is not blocking; requests are small, but a worker that does not read must not hang us */
static bool send_bytes(int sock, const char *p, size_t len, int64_t deadline)
{
	while (len > 0) {
		ssize_t n = send(sock, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
			struct pollfd fd = { .fd = sock, .events = POLLOUT };
			int64_t left = deadline - now_ms();

			if (left <= 0 || poll(&fd, 1, (int)(left < 1000000 ? left : 1000000)) == 0)
				return false;
			continue;
		}
		if (n < 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

static bool send_request(struct worker *w)
{
	unsigned char head[TALLY_WORKER_REQUEST_HEAD];
	size_t len = strlen(w->text), fd_count = 0;
	int fds[TALLY_WORKER_FDS];
	uint32_t which = 0;

	for (size_t i = 0; i < TALLY_WORKER_FDS; i++) {
		if (w->fds[i] < 0)
			continue;
		which |= UINT32_C(1) << i;
		fds[fd_count++] = w->fds[i];
	}
	for (unsigned i = 0; i < 4; i++) {
		head[i] = (unsigned char)((uint32_t)TALLY_WORKER_REQUEST_MAGIC >> 8 * i);
		head[4 + i] = (unsigned char)(len >> 8 * i);
		head[24 + i] = (unsigned char)(which >> 8 * i);
	}
	for (unsigned i = 0; i < 8; i++) {
		head[8 + i] = (unsigned char)(w->addresses >> 8 * i);
		head[16 + i] = (unsigned char)(w->memory >> 8 * i);
	}
	return len <= TALLY_WORKER_JSON_MOST && send_head(w->sock, head, fds, fd_count) &&
	       send_bytes(w->sock, w->text, len, w->deadline_ms);
}

/* ---- answers ---- */

static enum tally_status deliver(struct worker *w, const struct tally_answer *answer,
                                 struct tally_err *err)
{
	tally_answer_fn *fn = w->fn;
	void *payload = w->payload;

	w->busy = false;
	w->fn = NULL;
	forget_request(w);
	return fn(payload, answer, err);
}

static enum tally_status deliver_failure(struct worker *w, enum tally_reason reason,
                                         const char *message, struct tally_err *err)
{
	struct tally_err why = { 0 };
	struct tally_answer answer = { .status = TALLY_SKIP, .err = &why };

	tally_err_set(&why, TALLY_SKIP, reason, "%s", message);
	tally_buf_clear(&w->in);
	return deliver(w, &answer, err);
}

/* the worker closed its end or broke the protocol: what did it die of? */
static enum tally_status deliver_death(struct worker *w, bool kill_it, struct tally_err *err)
{
	char message[96] = "its reader broke the protocol";
	int status;

	bury(w, kill_it, &status);
	if (!kill_it && WIFSIGNALED(status))
		snprintf(message, sizeof message, "its reader was ended by signal %d",
		         WTERMSIG(status));
	else if (!kill_it)
		snprintf(message, sizeof message, "its reader ended with status %d",
		         WEXITSTATUS(status));
	return deliver_failure(w, TALLY_REASON_READER_FAILED, message, err);
}

static bool empty_scratch(const struct worker *w)
{
	for (size_t i = TALLY_WORKER_SCRATCH; i < TALLY_WORKER_TEXTS; i++)
		if (w->fds[i] >= 0 && ftruncate(w->fds[i], 0) != 0)
			return false;
	return true;
}

/*
 * A worker can load nothing. What it asks for is loaded here, where no hostile bytes are, and its request goes to a new one
 * within the same time. Only a library that it has not got can be asked for, so this happens once for each at most.
 */
static enum tally_status again(struct tally_workers *pool, struct worker *w,
                               enum tally_library library, struct tally_err *err)
{
	struct tally_err why = { 0 };
	enum tally_status st;

	if (library == TALLY_LIBRARIES || (w->libraries >> library & 1))
		return deliver_death(w, true, err);
	bury(w, true, NULL);
	tally_buf_clear(&w->in);
	st = tally_library_load(library, &why);
	if (st == TALLY_OK)
		st = start(pool, w, &why);
	if (st < 0)
		return deliver_failure(w, why.reason, why.message, err);
	w->jobs++;
	return empty_scratch(w) && send_request(w) ? TALLY_OK : deliver_death(w, true, err);
}

/* a complete answer stands in w->in: take it apart, checking everything */
static enum tally_status deliver_answer(struct tally_workers *pool, struct worker *w,
                                        uint32_t json_len, uint8_t status, uint8_t sandbox,
                                        struct tally_err *err)
{
	struct tally_err why = { 0 };
	struct tally_answer answer = { .err = &why };
	const char *text = w->in.bytes + TALLY_WORKER_ANSWER_HEAD;
	enum tally_status st;

	answer.json = json_loadb(text, json_len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	if (!json_is_object(answer.json) || sandbox > TALLY_SANDBOX_FULL ||
	    status >= TALLY_WORKER_STATUSES) {
		json_decref(answer.json);
		return deliver_death(w, true, err);
	}
	if (pool->sandbox < 0 || sandbox < pool->sandbox)
		pool->sandbox = sandbox;
	if (status == TALLY_WORKER_LACKS) {
		const char *id = tally_json_string(answer.json, "library");
		enum tally_library library = tally_library_from_id(id);

		json_decref(answer.json);
		return again(pool, w, library, err);
	}
	answer.status = status == TALLY_WORKER_OK        ? TALLY_OK
	                : status == TALLY_WORKER_PARTIAL ? TALLY_PARTIAL
	                                                 : TALLY_SKIP;
	if (answer.status == TALLY_SKIP) {
		const char *id = tally_json_string(answer.json, "reason");
		const char *message = tally_json_string(answer.json, "message");
		enum tally_reason reason = id ? tally_reason_from_id(id) : TALLY_REASON_READER_FAILED;

		tally_err_set(&why, TALLY_SKIP, reason, "%s", message ? message : "");
	}
	answer.blob = (const unsigned char *)text + json_len;
	answer.blob_len = w->in.len - TALLY_WORKER_ANSWER_HEAD - json_len;
	st = deliver(w, &answer, err);
	json_decref(answer.json);
	tally_buf_clear(&w->in);
	if (answer.status == TALLY_SKIP && why.reason == TALLY_REASON_NO_MEMORY)
		bury(w, true, NULL); /* its heap may be in pieces */
	return st;
}

/* take in what has arrived */
static enum tally_status take_in(struct tally_workers *pool, struct worker *w, struct tally_err *err)
{
	struct tally_bytes head;
	uint32_t json_len;
	uint64_t blob_len;
	uint8_t status, sandbox;
	ssize_t n;

	if (!tally_buf_reserve(&w->in, READ_AT_ONCE)) {
		size_t room = w->in.max - w->in.len;

		if (room == 0 || !tally_buf_reserve(&w->in, room)) {
			bury(w, true, NULL);
			return deliver_failure(w, TALLY_REASON_LIMIT,
			                       "its reader sent more than limit worker_output", err);
		}
	}
	n = tally_io_read(w->sock, w->in.bytes + w->in.len, w->in.cap - 1 - w->in.len);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return TALLY_OK;
	if (n <= 0)
		return deliver_death(w, false, err);
	w->in.len += (size_t)n;
	if (w->in.len < TALLY_WORKER_ANSWER_HEAD)
		return TALLY_OK;
	head = tally_bytes_of(w->in.bytes, TALLY_WORKER_ANSWER_HEAD);
	if (tally_bytes_u32(&head) != TALLY_WORKER_ANSWER_MAGIC)
		return deliver_death(w, true, err);
	json_len = tally_bytes_u32(&head);
	blob_len = tally_bytes_u64(&head);
	status = tally_bytes_u8(&head);
	sandbox = tally_bytes_u8(&head);
	if (blob_len > w->in.max || json_len + blob_len + TALLY_WORKER_ANSWER_HEAD > w->in.max) {
		bury(w, true, NULL);
		return deliver_failure(w, TALLY_REASON_LIMIT,
		                       "its reader sent more than limit worker_output", err);
	}
	if (w->in.len < json_len + blob_len + TALLY_WORKER_ANSWER_HEAD)
		return TALLY_OK;
	if (w->in.len > json_len + blob_len + TALLY_WORKER_ANSWER_HEAD)
		return deliver_death(w, true, err);
	return deliver_answer(pool, w, json_len, status, sandbox, err);
}

/* wait until something arrives or a deadline passes; deliver what came */
static enum tally_status turn(struct tally_workers *pool, struct tally_err *err)
{
	struct pollfd fds[WORKERS_MOST];
	struct worker *who[WORKERS_MOST];
	int64_t now = now_ms(), next = INT64_MAX;
	nfds_t n = 0;

	for (unsigned i = 0; i < pool->count; i++) {
		struct worker *w = &pool->workers[i];

		if (!w->busy)
			continue;
		if (w->deadline_ms < next)
			next = w->deadline_ms;
		who[n] = w;
		fds[n++] = (struct pollfd){ .fd = w->sock, .events = POLLIN };
	}
	if (n == 0)
		return TALLY_OK;
	if (poll(fds, n, next > now ? (int)(next - now < 1000000 ? next - now : 1000000) : 0) < 0 &&
	    errno != EINTR)
		return tally_err_sys(err, TALLY_FATAL, "waiting for workers", NULL, errno);
	now = now_ms();
	for (nfds_t i = 0; i < n; i++) {
		enum tally_status st = TALLY_OK;

		if (fds[i].revents) {
			st = take_in(pool, who[i], err);
		} else if (now >= who[i]->deadline_ms) {
			bury(who[i], true, NULL);
			st = deliver_failure(who[i], TALLY_REASON_TIMED_OUT,
			                     "its reader ran into limit worker_seconds", err);
		}
		if (st < 0)
			return st;
	}
	return TALLY_OK;
}

/* ---- requests ---- */

/* a worker that is free, started if need be; waits for one */
static enum tally_status find_worker(struct tally_workers *pool, struct worker **out,
                                     struct tally_err *err)
{
	for (;;) {
		struct worker *idle = NULL;
		enum tally_status st;

		for (unsigned i = 0; i < pool->count; i++) {
			struct worker *w = &pool->workers[i];

			if (!w->busy && (!idle || (w->pid && !idle->pid)))
				idle = w;
		}
		if (!idle) {
			st = turn(pool, err);
			if (st < 0)
				return st;
			continue;
		}
		/* one that lacks a library would only ask for it */
		if (idle->pid && (idle->jobs >= pool->limits.worker_jobs ||
		                  idle->libraries != libraries_loaded()))
			bury(idle, true, NULL);
		st = idle->pid ? TALLY_OK : start(pool, idle, err);
		*out = idle;
		return st;
	}
}

/* Where none can be made, readers keep all they need in memory. */
static void add_scratch(const struct tally_workers *pool, struct worker *w,
                        const struct tally_request *request)
{
	uint64_t least = pool->limits.table_memory < SCRATCH_LEAST ? pool->limits.table_memory
	                                                           : SCRATCH_LEAST;
	int *files = w->fds + TALLY_WORKER_SCRATCH;

	if (!request->scratch || request->bytes < least || w->fds[0] < 0 || w->fds[1] < 0)
		return;
	files[0] = tally_scratch_disk(pool->scratch_in);
	files[1] = files[0] < 0 ? -1 : tally_scratch_disk(pool->scratch_in);
	if (files[0] >= 0 && files[1] < 0) {
		close(files[0]);
		files[0] = -1;
	}
}

/* What is large takes longer on any machine. */
static uint64_t seconds_for(const struct tally_workers *pool, const struct tally_request *request)
{
	uint64_t seconds = request->seconds ? request->seconds : pool->limits.worker_seconds;

	return seconds + request->bytes / BYTES_A_SECOND;
}

static uint64_t addresses_for(const struct tally_request *request)
{
	uint64_t memory;

	/* heaps of threads are laid out in addresses that are not in use yet */
	if (request->memory)
		return request->memory + TALLY_WORKER_MEMORY_BASE;
	if (__builtin_mul_overflow(request->bytes, TALLY_WORKER_MEMORY_FACTOR, &memory) ||
	    __builtin_add_overflow(memory, TALLY_WORKER_MEMORY_BASE, &memory))
		memory = UINT64_MAX;
	return memory;
}

enum tally_status tally_workers_run(struct tally_workers *pool, const struct tally_request *request,
                                    tally_answer_fn *fn, void *payload, struct tally_err *err)
{
	uint64_t seconds = seconds_for(pool, request);
	char *text = json_dumps(request->json, JSON_COMPACT);
	struct worker *w = NULL;
	enum tally_status st;

	st = text ? find_worker(pool, &w, err) : tally_err_nomem(err);
	if (st < 0) {
		struct tally_answer none = { .status = TALLY_SKIP, .err = err };

		close_fds(request->fds, TALLY_REQUEST_FDS);
		if (request->texts)
			close_fds(request->texts, TALLY_REQUEST_FDS);
		free(text);
		/* the system gives us no process: this one file goes unread, the run goes on */
		return st == TALLY_SKIP ? fn(payload, &none, err) : st;
	}
	w->busy = true;
	w->jobs++;
	w->fn = fn;
	w->payload = payload;
	w->text = text;
	w->addresses = addresses_for(request);
	w->memory = request->memory ? request->memory : w->addresses;
	memcpy(w->fds, request->fds, sizeof request->fds);
	if (request->texts)
		memcpy(w->fds + TALLY_WORKER_TEXTS, request->texts, sizeof request->fds);
	add_scratch(pool, w, request);
	w->deadline_ms = now_ms() + (int64_t)(seconds < 1000000 ? seconds : 1000000) * 1000;
	return send_request(w) ? TALLY_OK : deliver_death(w, true, err);
}

enum tally_status tally_workers_wait(struct tally_workers *pool, struct tally_err *err)
{
	for (;;) {
		bool busy = false;
		enum tally_status st;

		for (unsigned i = 0; i < pool->count; i++)
			busy |= pool->workers[i].busy;
		if (!busy)
			return TALLY_OK;
		st = turn(pool, err);
		if (st < 0)
			return st;
	}
}
