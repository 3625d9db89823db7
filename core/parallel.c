/* Threads that take tasks from a counter until there are none left. */
#include "core/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "core/cpu.h"

struct pool {
	atomic_size_t next;
	atomic_bool failed;
	size_t count;
	tally_task run;
	void *payload;
	pthread_mutex_t lock; /* guards the three below */
	size_t worst;
	enum tally_status status;
	struct tally_err err;
};

static void note_failure(struct pool *p, size_t index, enum tally_status st,
                         const struct tally_err *err)
{
	pthread_mutex_lock(&p->lock);
	if (p->status == TALLY_OK || index < p->worst) {
		p->worst = index;
		p->status = st;
		p->err = *err;
	}
	pthread_mutex_unlock(&p->lock);
	atomic_store(&p->failed, true);
}

static void *work(void *arg)
{
	struct pool *p = arg;
	struct tally_err err;

	while (!atomic_load_explicit(&p->failed, memory_order_relaxed)) {
		size_t index = atomic_fetch_add_explicit(&p->next, 1, memory_order_relaxed);
		enum tally_status st;

		if (index >= p->count)
			break;
		err = (struct tally_err){ 0 };
		st = p->run(p->payload, index, &err);
		if (st < 0)
			note_failure(p, index, st, &err);
	}
	return NULL;
}

enum tally_status tally_parallel(unsigned threads, size_t count, tally_task run, void *payload,
                                 struct tally_err *err)
{
	struct pool p = { .count = count, .run = run, .payload = payload, .status = TALLY_OK };
	pthread_t others[TALLY_THREADS_MOST];
	unsigned started = 0;

	pthread_mutex_init(&p.lock, NULL);
	while (started + 1 < threads && started + 1 < count && started + 1 < TALLY_THREADS_MOST &&
	       pthread_create(&others[started], NULL, work, &p) == 0)
		started++;
	work(&p);
	for (unsigned i = 0; i < started; i++)
		pthread_join(others[i], NULL);
	pthread_mutex_destroy(&p.lock);
	if (p.status < 0 && err)
		*err = p.err;
	return p.status;
}
