// SPDX-License-Identifier: GPL-2.0
/*
 * work_in_flight ERRNO: for test_module.sh. Has work of all kinds in flight and says so on
 * standard output, then sees it end with ERRNO, and the device gone if that is ENODEV. Exit status 0
 * if all was as it should be.
 */
#include "rill_moe.h"
#include "rill_uring.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>

#define DEPTH	31
#define STREAMS	8

static sigjmp_buf bus;

static void on_bus(int sig)
{
	siglongjmp(bus, sig);
}

static int faults(const void *at)
{
	int sig;

	signal(SIGBUS, on_bus);
	sig = sigsetjmp(bus, 1);
	if (!sig)
		(void)*(const volatile char *)at;
	signal(SIGBUS, SIG_DFL);
	return sig;
}

static int failures;

#define CHECK(condition) do {						\
	if (!(condition)) {						\
		printf("work_in_flight.c:%d: %s\n", __LINE__, #condition); \
		failures++;						\
	}								\
} while (0)

struct waiter {
	struct rill r;
	__u64 seqno;
	struct drm_rill_job_result results[STREAMS];
	int err;
};

static void *wait_for_ever(void *arg)
{
	struct waiter *w = arg;

	w->err = rill_wait(w->r.fd, w->r.queue, w->seqno, STREAMS, -1, w->results);
	return NULL;
}

/* Streams of a pass without an end, on a queue of their own, by ioctl, and somebody who waits */
static int start_ioctl(struct waiter *w, struct moe *m, pthread_t *thread)
{
	struct drm_rill_job jobs[STREAMS];
	struct drm_rill_job_result result;
	unsigned int i;
	int err = rill_queue_create(w->r.fd, w->r.ctx, DEPTH, &w->r.queue);

	for (i = 0; i < STREAMS; i++)
		jobs[i] = m->jobs[1];
	if (!err)
		err = rill_run(&w->r, m->jobs, 1, &result);
	if (!err)
		err = rill_submit(w->r.fd, w->r.queue, jobs, STREAMS, &w->seqno);
	return err ? err : -pthread_create(thread, NULL, wait_for_ever, w);
}

static int start_uring(struct rill *r, struct moe *m, struct io_uring *ring)
{
	unsigned int i;

	rill_sqe_job(ring, r->fd, r->queue, m->jobs[0], 0);
	for (i = 1; i <= STREAMS; i++)
		rill_sqe_job(ring, r->fd, r->queue, m->jobs[1], i);
	return rill_uring_submit(ring, STREAMS + 1);
}

/* The file is of a device that is gone. */
static void check_gone(struct rill *r, struct moe *m, struct io_uring *ring)
{
	struct drm_rill_counters counters;
	struct rill_end end = { 0 };
	void *map;
	__u32 id;

	CHECK(rill_counters(r->fd, &counters) == -ENODEV);
	CHECK(rill_ctx_create(r->fd, 0, &id) == -ENODEV);
	CHECK(rill_bo_create(r->fd, DRM_RILL_SYSTEM, 0, RILL_PAGE, &id) == -ENODEV);
	CHECK(rill_queue_destroy(r->fd, r->queue) == -ENODEV);
	CHECK(rill_bo_map(r->fd, r->arena.handle, RILL_PAGE, &map) == -ENODEV);
	rill_sqe_job(ring, r->fd, r->queue, rill_job(RILL_OP_NOP, 0), 1);
	CHECK(rill_uring_one(ring, &end) == 0);
	CHECK(end.res == -ENODEV);
	/* System memory stays, DDR does not. */
	CHECK(!faults(r->arena.map));
	CHECK(faults(m->ddr[0].map) == SIGBUS);
}

/* The chip forgot the queues, not the contexts or what memory holds. */
static void check_reset(struct rill *r, struct moe *m)
{
	struct drm_rill_job_result results[MOE_JOBS];

	CHECK(rill_submit(r->fd, r->queue, m->jobs, 1, NULL) == -EIO);
	CHECK(rill_queue_destroy(r->fd, r->queue) == 0);
	CHECK(rill_queue_create(r->fd, r->ctx, DEPTH, &r->queue) == 0);
	CHECK(rill_run(r, m->jobs, MOE_JOBS, results) == 0);
	CHECK(results[MOE_END].error == 0);
	CHECK(moe_correct(m));
}

int main(int argc, char **argv)
{
	int err, error = argc > 1 ? -atoi(argv[1]) : -ENODEV;
	static struct rill_end ends[STREAMS + 1];
	static struct waiter w;
	static struct moe m;
	struct io_uring ring;
	unsigned int i;
	pthread_t thread;
	struct rill r;

	err = rill_setup(&r, DEPTH);
	if (!err)
		err = moe_init(&m, &r);
	m.slices = 4;
	if (!err) {
		moe_build(&m, &r);
		err = io_uring_queue_init(DEPTH, &ring, 0);
	}
	w.r = r;
	if (!err)
		err = start_ioctl(&w, &m, &thread);
	if (!err)
		err = start_uring(&r, &m, &ring);
	/* Its begin is over at once. */
	if (!err)
		err = rill_reap(&ring, ends, 1);
	if (err) {
		printf("cannot start: %s\n", strerror(-err));
		return 1;
	}
	/* So that the mapping's pages are there, and must be taken away */
	CHECK(!faults(m.ddr[0].map));
	printf("ready\n");
	fflush(stdout);

	CHECK(rill_reap(&ring, ends, STREAMS) == 0);
	for (i = 0; i < STREAMS; i++)
		CHECK(ends[i].res == error);
	CHECK(pthread_join(thread, NULL) == 0);
	/* The call began before the device went, so it may still tell the results. */
	CHECK(!w.err || w.err == error);
	for (i = 0; i < STREAMS && !w.err; i++)
		CHECK(w.results[i].error == error);
	if (error == -ENODEV)
		check_gone(&r, &m, &ring);
	else
		check_reset(&r, &m);
	io_uring_queue_exit(&ring);
	rill_teardown(&r);
	return failures ? 1 : 0;
}
