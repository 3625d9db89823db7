/*
 * A stack of work behind one mutex. Pieces are worth tens of microseconds at least (a folder, a run of files), so the lock is
 * hardly felt; what would be felt is waking threads for nothing, hence one wake-up a piece and only where somebody sleeps.
 */
#include "snap/pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "core/mem.h"

enum { TICK_NS = 100000000 };

struct tally_pool {
	struct tally_pool_options o;
	pthread_mutex_t lock;
	pthread_cond_t work; /* something was put on the stack, or it is over */
	pthread_cond_t over;
	struct tally_work *stack;
	size_t top, cap;
	unsigned started, ended, idle; /* threads: ever started, ended, asleep */
	bool done;
	atomic_bool halted;
	struct tally_err err; /* of the first failure */
	pthread_t *threads;
};

enum tally_status tally_pool_new(struct tally_pool **out, const struct tally_pool_options *options,
                                 struct tally_err *err)
{
	struct tally_pool *p = tally_alloc_zero(1, sizeof *p);

	if (!p)
		return tally_err_nomem(err);
	p->o = *options;
	p->threads = tally_alloc_zero(options->threads, sizeof *p->threads);
	if (!p->threads) {
		tally_free(p);
		return tally_err_nomem(err);
	}
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->work, NULL);
	pthread_cond_init(&p->over, NULL);
	*out = p;
	return TALLY_OK;
}

void tally_pool_free(struct tally_pool *pool)
{
	if (!pool)
		return;
	pthread_cond_destroy(&pool->over);
	pthread_cond_destroy(&pool->work);
	pthread_mutex_destroy(&pool->lock);
	tally_free(pool->stack);
	tally_free(pool->threads);
	tally_free(pool);
}

const atomic_bool *tally_pool_halted(const struct tally_pool *pool)
{
	return &pool->halted;
}

/* With the lock held: it is over, for better or worse. */
static void finish(struct tally_pool *p)
{
	p->done = true;
	pthread_cond_broadcast(&p->work);
	pthread_cond_signal(&p->over);
}

/* With the lock held: the first failure wins. */
static void fail(struct tally_pool *p, const struct tally_err *err)
{
	if (!atomic_exchange(&p->halted, true))
		p->err = *err;
	finish(p);
}

/* With the lock held: the next piece, or false when it is over. */
static bool take(struct tally_pool *p, struct tally_work *piece)
{
	while (!p->done && p->top == 0) {
		p->idle++;
		if (p->idle == p->started - p->ended) {
			finish(p); /* nobody is left who could bring more */
			return false;
		}
		pthread_cond_wait(&p->work, &p->lock);
		p->idle--;
	}
	if (p->done)
		return false;
	*piece = p->stack[--p->top];
	return true;
}

static void work_off(struct tally_pool *p, void *worker)
{
	struct tally_work piece;
	struct tally_err err = { .status = TALLY_OK };

	pthread_mutex_lock(&p->lock);
	while (take(p, &piece)) {
		enum tally_status st;

		pthread_mutex_unlock(&p->lock);
		st = p->o.work(p->o.payload, worker, &piece, &err);
		pthread_mutex_lock(&p->lock);
		if (st == TALLY_FATAL)
			fail(p, &err);
	}
	pthread_mutex_unlock(&p->lock);
}

static void *reader(void *payload)
{
	struct tally_pool *p = payload;
	struct tally_err err = { .status = TALLY_OK };
	void *worker = NULL;
	enum tally_status st = p->o.begin(p->o.payload, &worker, &err);

	if (st >= 0)
		work_off(p, worker);
	p->o.end(p->o.payload, worker);
	pthread_mutex_lock(&p->lock);
	if (st < 0)
		fail(p, &err);
	p->ended++;
	pthread_cond_signal(&p->over);
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* With the lock held: one thread more, if the system gives one. Signals are the main thread's business. */
static bool start(struct tally_pool *p)
{
	sigset_t all, old;
	bool ok;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	ok = !pthread_create(&p->threads[p->started], NULL, reader, p);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	p->started += ok;
	return ok;
}

/* With the lock held: hands for what was put on the stack, sleeping ones first. */
static void call_hands(struct tally_pool *p, size_t count)
{
	size_t wake = count < p->idle ? count : p->idle;

	for (size_t i = 0; i < wake; i++)
		pthread_cond_signal(&p->work);
	/* one more at a time is enough: it brings work and hands of its own */
	if (wake < count && p->started > 0 && p->started < p->o.threads)
		start(p);
}

enum tally_status tally_pool_push(struct tally_pool *pool, const struct tally_work *pieces,
                                  size_t count, struct tally_err *err)
{
	bool ok = true;

	if (count == 0)
		return TALLY_OK;
	pthread_mutex_lock(&pool->lock);
	for (size_t i = 0; ok && i < count; i++) {
		ok = tally_grow(&pool->stack, &pool->cap, pool->top, sizeof *pool->stack);
		if (ok)
			pool->stack[pool->top++] = pieces[i];
	}
	call_hands(pool, count);
	pthread_mutex_unlock(&pool->lock);
	return ok ? TALLY_OK : tally_err_nomem(err);
}

/* With the lock held: until something ends or it is time for a tick. @return true: time for a tick */
static bool wait_a_little(struct tally_pool *p)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += TICK_NS;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	return pthread_cond_timedwait(&p->over, &p->lock, &until) == ETIMEDOUT;
}

static void watch(struct tally_pool *p)
{
	struct tally_err err = { .status = TALLY_OK };

	while (p->ended < p->started) {
		enum tally_status st = TALLY_OK;

		if (!wait_a_little(p) || !p->o.tick)
			continue;
		pthread_mutex_unlock(&p->lock);
		st = p->o.tick(p->o.payload, &err);
		pthread_mutex_lock(&p->lock);
		if (st == TALLY_FATAL)
			fail(p, &err);
	}
}

enum tally_status tally_pool_run(struct tally_pool *pool, struct tally_err *err)
{
	bool alone;

	pthread_mutex_lock(&pool->lock);
	alone = !start(pool);
	pool->started += alone;
	if (!alone)
		watch(pool);
	pthread_mutex_unlock(&pool->lock);
	if (alone)
		reader(pool); /* no threads to be had: slow, but it works */
	else
		for (unsigned i = 0; i < pool->started; i++)
			pthread_join(pool->threads[i], NULL);
	if (!atomic_load(&pool->halted))
		return TALLY_OK;
	if (err)
		*err = pool->err;
	return TALLY_FATAL;
}
