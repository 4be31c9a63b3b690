// SPDX-License-Identifier: GPL-2.0
/*
 * A chip that hangs, loses interrupts or completes what it was never given. Whoever runs the guest injects
 * that: selftests/vm/faults.sh, which the file "inject" in the working folder tells what to do,
 * and which takes the file away when it is done. With timeout_ms=500.
 */
#include "rill_uring.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/klog.h>

#define DEPTH		63
#define RESETS		60
#define BYTES		(64 * RILL_PAGE)
#define SYSLOG_READ_ALL	3

static int inject(const char *what, unsigned int value)
{
	__s64 end = rill_now() + RILL_PATIENCE;
	FILE *f = fopen("inject.new", "w");

	if (!f)
		return -errno;
	fprintf(f, "%s %u\n", what, value);
	if (fclose(f) || rename("inject.new", "inject"))
		return -errno;
	while (!access("inject", F_OK)) {
		if (rill_now() > end)
			return -ETIME;
		rill_sleep_ms(5);
	}
	return 0;
}

/* How often the kernel's log says so */
static unsigned int logged(const char *text)
{
	static char log[1 << 20];
	int n = klogctl(SYSLOG_READ_ALL, log, sizeof(log) - 1);
	const char *at = log;
	unsigned int times;

	log[n < 0 ? 0 : n] = 0;
	for (times = 0; (at = strstr(at, text)); times++)
		at += strlen(text);
	return times;
}

FIXTURE(faults)
{
	struct rill r;
	struct io_uring ring;
	struct drm_rill_counters before;
	unsigned int resets, untrusted;
};

FIXTURE_SETUP(faults)
{
	ASSERT_EQ(0, rill_setup(&self->r, DEPTH));
	ASSERT_EQ(0, io_uring_queue_init(DEPTH + 1, &self->ring, 0));
	ASSERT_EQ(0, rill_counters(self->r.fd, &self->before));
	self->resets = logged("resetting the chip");
	self->untrusted = logged("a completion for no job");
}

/* Whatever it was, it is over, and nothing is lost. */
FIXTURE_TEARDOWN(faults)
{
	EXPECT_EQ(0, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));
	EXPECT_TRUE(rill_balanced(self->r.fd));
	EXPECT_EQ(0, logged("out of use"));
	io_uring_queue_exit(&self->ring);
	rill_teardown(&self->r);
}

static int renew_queue(struct rill *r)
{
	int err = rill_queue_destroy(r->fd, r->queue);

	return err ? err : rill_queue_create(r->fd, r->ctx, DEPTH, &r->queue);
}

TEST_F_TIMEOUT(faults, hung_jobs, 60)
{
	struct drm_rill_counters after;
	struct rill_end ends[2];

	ASSERT_EQ(0, inject("fault-hung-jobs", 1));
	rill_sqe_job(&self->ring, self->r.fd, self->r.queue, rill_job(RILL_OP_NOP, 0), 0);
	rill_sqe_job(&self->ring, self->r.fd, self->r.queue, rill_job(RILL_OP_NOP, 0), 1);
	ASSERT_EQ(0, rill_uring_submit(&self->ring, 2));
	ASSERT_EQ(0, rill_reap(&self->ring, ends, 2));
	EXPECT_EQ(-ETIME, ends[0].res);
	EXPECT_EQ(-ETIME, ends[1].res);
	ASSERT_EQ(0, rill_counters(self->r.fd, &after));
	EXPECT_EQ(1, after.timeouts - self->before.timeouts);
	EXPECT_EQ(self->resets, logged("resetting the chip"));
	ASSERT_EQ(0, inject("fault-hung-jobs", 0));
}

static void *create_ctx(void *arg)
{
	struct rill *r = arg;
	__u32 ctx;
	int err = rill_ctx_create(r->fd, 0, &ctx);

	return (void *)(intptr_t)err;
}

/* The watchdog's abort and somebody else's command wait for it together: one reset is enough. */
TEST_F_TIMEOUT(faults, hung_chip, 120)
{
	struct rill_end end;
	pthread_t thread;
	void *err;
	int i;

	ASSERT_EQ(0, inject("fault-hung-chip", 1));
	ASSERT_EQ(0, pthread_create(&thread, NULL, create_ctx, &self->r));
	rill_sqe_job(&self->ring, self->r.fd, self->r.queue, rill_job(RILL_OP_NOP, 0), 0);
	ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
	EXPECT_EQ(-EIO, end.res);
	ASSERT_EQ(0, pthread_join(thread, &err));
	EXPECT_EQ(-EIO, (intptr_t)err);
	EXPECT_ERRNO(EIO, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, renew_queue(&self->r));
		EXPECT_EQ(0, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));
	}
	EXPECT_EQ(self->resets + 1, logged("resetting the chip"));
}

TEST_F_TIMEOUT(faults, lost_interrupts, 60)
{
	struct rill_end ends[3];
	unsigned int i;

	ASSERT_EQ(0, inject("fault-lost-interrupts", 1));
	for (i = 0; i < 3; i++)
		rill_sqe_job(&self->ring, self->r.fd, self->r.queue, rill_job(RILL_OP_NOP, 0), i);
	ASSERT_EQ(0, rill_uring_submit(&self->ring, 3));
	ASSERT_EQ(0, rill_reap(&self->ring, ends, 3));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, ends[i].res);
	ASSERT_EQ(0, inject("fault-lost-interrupts", 0));
}

/* The first one is enough to know that the rest is worth nothing. */
TEST_F_TIMEOUT(faults, bad_completions, 60)
{
	struct drm_rill_job jobs[DEPTH] = { 0 };
	struct drm_rill_counters after;
	struct rill_end end;
	unsigned int i;

	for (i = 0; i < DEPTH; i++)
		jobs[i] = rill_job(RILL_OP_NOP, 0);
	ASSERT_EQ(0, inject("fault-bad-completions", DEPTH));
	rill_sqe_jobs(&self->ring, self->r.fd, self->r.queue, jobs, DEPTH, 0);
	ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
	EXPECT_EQ(-EIO, end.res);
	ASSERT_EQ(0, renew_queue(&self->r));
	EXPECT_EQ(0, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));
	ASSERT_EQ(0, rill_counters(self->r.fd, &after));
	EXPECT_LT(self->untrusted, logged("a completion for no job"));
	EXPECT_GE(after.interrupts - self->before.interrupts,
		  logged("a completion for no job") - self->untrusted);
	EXPECT_EQ(self->resets + 1, logged("resetting the chip"));
}

/* --- resets while others have the driver talk to the chip all the time --- */

struct worker {
	const char *wrong;
	int err;
};

static atomic_bool over;

/* True if it was done. A reset may end it with EIO, nothing else may go wrong. */
static bool done(struct worker *w, const char *what, int err)
{
	if (err && err != -EIO) {
		w->wrong = what;
		w->err = err;
	}
	return !err;
}

/* Buffers in DDR: the chip clears them. */
static void *allocate(void *arg)
{
	struct worker *w = arg;
	int fd = rill_open();
	__u32 handle;

	while (!over && !w->wrong)
		if (done(w, "BO_CREATE", rill_bo_create(fd, DRM_RILL_DDR, 0, RILL_PAGE, &handle)))
			done(w, "GEM_CLOSE", rill_bo_close(fd, handle));
	close(fd);
	return NULL;
}

static void *create(void *arg)
{
	struct worker *w = arg;
	int fd = rill_open();
	__u32 ctx, queue;

	while (!over && !w->wrong) {
		if (!done(w, "CTX_CREATE", rill_ctx_create(fd, 0, &ctx)))
			continue;
		if (done(w, "QUEUE_CREATE", rill_queue_create(fd, ctx, DEPTH, &queue)))
			done(w, "QUEUE_DESTROY", rill_queue_destroy(fd, queue));
		done(w, "CTX_DESTROY", rill_ctx_destroy(fd, ctx));
	}
	close(fd);
	return NULL;
}

/* Jobs that fill the buffer, again and again, on a queue that may be lost */
static void fill_all(struct worker *w, struct rill *r, struct rill_buf *buf)
{
	struct drm_rill_job jobs[8];
	unsigned int i;
	int err;

	rill_arena_reset(r);
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = rill_job_fill(r, buf->va, BYTES, i + 1, 1);
	err = rill_submit(r->fd, r->queue, jobs, ARRAY_SIZE(jobs), NULL);
	if (err != -EBUSY)
		done(w, "SUBMIT", err);
	if (err == -EIO)
		while (!over && !done(w, "a new queue", renew_queue(r)))
			;
}

/* What is unmapped is out of the chip's reach, also if it is a reset that takes it away. */
static void *unmap(void *arg)
{
	struct worker *w = arg;
	struct rill_buf buf;
	struct rill r;

	if (!done(w, "setup", rill_setup(&r, DEPTH)))
		return NULL;
	done(w, "buffer", rill_buf_new(&r, DRM_RILL_SYSTEM, 0, BYTES, &buf));
	while (!over && !w->wrong) {
		fill_all(w, &r, &buf);
		done(w, "unmap", rill_unmap(r.fd, r.ctx, buf.va, BYTES));
		memset(buf.map, 0, BYTES);
		rill_sleep_ms(1);
		if (rill_same_bytes(buf.map, BYTES, 0) != BYTES)
			done(w, "written to after it was unmapped", -EFAULT);
		while (!w->wrong && !done(w, "map", rill_map(r.fd, r.ctx, buf.handle, 0, buf.va, 0, BYTES)))
			;
	}
	rill_teardown(&r);
	return NULL;
}

TEST_F_TIMEOUT(faults, resets_while_busy, 300)
{
	void *(*const work[])(void *) = { allocate, allocate, allocate, create, unmap };
	struct worker workers[ARRAY_SIZE(work)] = { 0 };
	pthread_t threads[ARRAY_SIZE(work)];
	unsigned int i;

	over = false;
	for (i = 0; i < ARRAY_SIZE(work); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, work[i], &workers[i]));
	for (i = 0; i < RESETS; i++) {
		ASSERT_EQ(0, inject("fault-bad-completions", 1));
		/* It may be another queue's that is the bad one. */
		while (logged("the chip was reset") == i + self->resets)
			rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0));
		while (rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0))) {
			ASSERT_EQ(0, logged("out of use"));
			renew_queue(&self->r);
		}
	}
	over = true;
	for (i = 0; i < ARRAY_SIZE(work); i++) {
		EXPECT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(NULL, workers[i].wrong) {
			TH_LOG("%s: %d", workers[i].wrong, workers[i].err);
		}
	}
	ASSERT_EQ(0, inject("fault-bad-completions", 0));
	/* The last one may have been theirs. */
	while (rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)))
		ASSERT_EQ(0, renew_queue(&self->r));
}

TEST_HARNESS_MAIN
