// SPDX-License-Identifier: GPL-2.0
/*
 * Work in flight whose ring, file, queue, thread or process goes away. An open
 * pass is such work: its streams wait for a PASS_END that does not come.
 */
#include "rill_moe.h"
#include "rill_ndf_prog.h"
#include "rill_uring.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define DEPTH		63
#define STREAMS		10	/* in flight */
#define BUSY_BYTES	(512ULL << 20)

FIXTURE(cancel)
{
	int watch;		/* stays open, sees the counters */
	struct rill r;
	struct moe m;
	struct io_uring ring;
	struct drm_rill_counters before;
	__u64 free_bytes;
};

FIXTURE_VARIANT(cancel)
{
	unsigned int flags;
};

FIXTURE_VARIANT_ADD(cancel, plain) { 0 };
FIXTURE_VARIANT_ADD(cancel, defer_taskrun) {
	IORING_SETUP_CQE32 | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN
};
FIXTURE_VARIANT_ADD(cancel, sqpoll) { IORING_SETUP_SQPOLL };

static int ring_init(struct io_uring *ring, unsigned int flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = 50 };

	return io_uring_queue_init_params(DEPTH + 1, ring, &params);
}

static int setup(struct rill *r, struct moe *m)
{
	int err = rill_setup(r, DEPTH);

	if (!err)
		err = moe_init(m, r);
	m->slices = 4;
	if (!err)
		moe_build(m, r);
	return err;
}

FIXTURE_SETUP(cancel)
{
	self->watch = rill_open();
	ASSERT_LE(0, self->watch);
	self->free_bytes = rill_free_bytes(self->watch, 0);
	ASSERT_EQ(0, setup(&self->r, &self->m));
	ASSERT_EQ(0, ring_init(&self->ring, variant->flags));
	ASSERT_EQ(0, rill_counters(self->watch, &self->before));
}

static void unmap_all(struct rill *r, struct moe *m)
{
	unsigned int c;

	for (c = 0; c < r->chip.channels; c++)
		munmap(m->ddr[c].map, m->ddr[c].size);
	munmap(r->arena.map, r->arena.size);
}

/* The end of a test that still has its file and ring */
static void drop(struct rill *r, struct moe *m, struct io_uring *ring)
{
	if (ring)
		io_uring_queue_exit(ring);
	unmap_all(r, m);
	close(r->fd);
}

/* Nothing is lost, nothing is left, and the device works. */
FIXTURE_TEARDOWN(cancel)
{
	struct drm_rill_job_result results[MOE_JOBS];
	struct drm_rill_counters after;
	__s64 end = rill_now() + RILL_PATIENCE;
	struct moe *m = calloc(1, sizeof(*m));
	struct rill r;

	EXPECT_TRUE(rill_balanced(self->watch));
	ASSERT_NE(NULL, m);
	ASSERT_EQ(0, setup(&r, m));
	EXPECT_EQ(0, rill_run(&r, m->jobs, MOE_JOBS, results));
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(m));
	EXPECT_EQ(0, rill_counters(self->watch, &after));
	EXPECT_EQ(after.jobs_submitted, after.jobs_completed);
	EXPECT_EQ(self->before.timeouts, after.timeouts);
	drop(&r, m, NULL);

	/* All buffers come back once the last user of the file is gone. */
	while (rill_free_bytes(self->watch, 0) < self->free_bytes && rill_now() < end)
		rill_sleep_ms(10);
	EXPECT_EQ(self->free_bytes, rill_free_bytes(self->watch, 0));
	free(m);
	close(self->watch);
}

/* A pass with so many streams in flight, as commands 1 to n; its begin has completed as command 0. */
static int open_pass(struct rill *r, struct moe *m, struct io_uring *ring, unsigned int n)
{
	struct rill_end end;
	unsigned int i;
	int err;

	rill_sqe_job(ring, r->fd, r->queue, m->jobs[0], 0);
	err = rill_uring_one(ring, &end);
	if (err || end.res)
		return err ? err : end.res;
	for (i = 1; i <= n; i++)
		rill_sqe_job(ring, r->fd, r->queue, m->jobs[1], i);
	return rill_uring_submit(ring, n);
}

static int open_pass_ioctl(struct rill *r, struct moe *m, unsigned int n, __u64 *seqno)
{
	struct drm_rill_job jobs[DEPTH];
	struct drm_rill_job_result result;
	unsigned int i;
	int err = rill_run(r, m->jobs, 1, &result);

	for (i = 0; i < n; i++)
		jobs[i] = m->jobs[1];
	return err ? err : rill_submit(r->fd, r->queue, jobs, n, seqno);
}

/* True once so many jobs more than before have been submitted, and not completed */
static bool in_flight(int fd, unsigned int n)
{
	struct drm_rill_counters c;
	__s64 end = rill_now() + RILL_PATIENCE;

	do {
		if (!rill_counters(fd, &c) && c.jobs_submitted - c.jobs_completed == n)
			return true;
		rill_sleep_ms(5);
	} while (rill_now() < end);
	return false;
}

/* True once io_uring has had a command cancelled since `before`, which it may do after a ring's exit. */
static bool cancelled(int fd, const struct drm_rill_counters *before)
{
	struct drm_rill_counters c;
	__s64 end = rill_now() + RILL_PATIENCE;

	do {
		if (!rill_counters(fd, &c) && c.cancels != before->cancels)
			return true;
		rill_sleep_ms(5);
	} while (rill_now() < end);
	return false;
}

/*
 * Kernels up to 6.12 cannot cancel a command by request, only those of a ring or task that goes.
 * Either way: the request tells the truth, and the command ends once.
 */
TEST_F(cancel, by_request)
{
	struct rill_end ends[2], *answer, *command;
	struct io_uring_sqe *sqe;

	ASSERT_EQ(0, open_pass(&self->r, &self->m, &self->ring, 1));
	sqe = io_uring_get_sqe(&self->ring);
	ASSERT_NE(NULL, sqe);
	io_uring_prep_cancel64(sqe, 1, 0);
	sqe->user_data = 99;
	ASSERT_EQ(0, rill_uring_submit(&self->ring, 1));
	ASSERT_EQ(0, rill_reap(&self->ring, &ends[0], 1));
	if (ends[0].user_data == 99 && ends[0].res) {
		EXPECT_TRUE(ends[0].res == -ENOENT || ends[0].res == -EALREADY);
		EXPECT_TRUE(in_flight(self->watch, 1));
		rill_sqe_job(&self->ring, self->r.fd, self->r.queue, self->m.jobs[MOE_END], 2);
		ASSERT_EQ(0, rill_uring_submit(&self->ring, 1));
		ASSERT_EQ(0, rill_reap(&self->ring, ends, 2));
		EXPECT_EQ(0, ends[0].res);
		EXPECT_EQ(0, ends[1].res);
	} else {
		ASSERT_EQ(0, rill_reap(&self->ring, &ends[1], 1));
		answer = ends[0].user_data == 99 ? &ends[0] : &ends[1];
		command = ends[0].user_data == 99 ? &ends[1] : &ends[0];
		EXPECT_EQ(0, answer->res);
		EXPECT_EQ(1, command->user_data);
		EXPECT_EQ(-ECANCELED, command->res);
	}
	EXPECT_ERRNO(ETIME, rill_reap_for(&self->ring, ends, 1, RILL_SECOND / 20));
	drop(&self->r, &self->m, &self->ring);
}

/* The ring goes; file and queue stay, and serve the next ring. */
TEST_F(cancel, ring_exit)
{
	struct drm_rill_job_result results[MOE_JOBS];
	struct drm_rill_counters after;
	__s64 end = rill_now() + RILL_PATIENCE;

	ASSERT_EQ(0, open_pass(&self->r, &self->m, &self->ring, STREAMS));
	ASSERT_TRUE(in_flight(self->watch, STREAMS));
	io_uring_queue_exit(&self->ring);
	EXPECT_TRUE(in_flight(self->watch, 0));
	/* The cancelling is counted when it is through, which may be after its effect. */
	do {
		ASSERT_EQ(0, rill_counters(self->watch, &after));
	} while (after.cancels == self->before.cancels && rill_now() < end);
	EXPECT_EQ(STREAMS, after.jobs_failed - self->before.jobs_failed);
	EXPECT_LE(1, after.cancels - self->before.cancels);
	EXPECT_GE(STREAMS, after.cancels - self->before.cancels);

	/* The pass went with its streams; the queue is as good as new. */
	ASSERT_EQ(0, rill_run(&self->r, self->m.jobs, MOE_JOBS, results));
	EXPECT_EQ(0, results[0].error);
	EXPECT_EQ(0, results[MOE_END].error);
	EXPECT_TRUE(moe_correct(&self->m));
	drop(&self->r, &self->m, NULL);
}

/* A vector in flight ends as one command. */
TEST_F(cancel, ring_exit_with_vector)
{
	struct drm_rill_job jobs[STREAMS + 1];
	unsigned int i;

	for (i = 0; i <= STREAMS; i++)
		jobs[i] = self->m.jobs[i ? 1 : 0];
	rill_sqe_jobs(&self->ring, self->r.fd, self->r.queue, jobs, STREAMS + 1, 0);
	ASSERT_EQ(0, rill_uring_submit(&self->ring, 1));
	ASSERT_TRUE(in_flight(self->watch, STREAMS));
	io_uring_queue_exit(&self->ring);
	EXPECT_TRUE(in_flight(self->watch, 0));
	drop(&self->r, &self->m, NULL);
}

/* Cancelling one stream takes the whole pass with it, also what came through another ring. */
TEST_F(cancel, rest_of_the_pass)
{
	struct io_uring other;
	struct rill_end end;

	ASSERT_EQ(0, ring_init(&other, IORING_SETUP_CQE32));
	ASSERT_EQ(0, open_pass(&self->r, &self->m, &self->ring, 1));
	/* The second of the two must come later, even with SQPOLL. */
	ASSERT_TRUE(in_flight(self->watch, 1));
	rill_sqe_job(&other, self->r.fd, self->r.queue, self->m.jobs[2], 5);
	ASSERT_EQ(0, rill_uring_submit(&other, 1));
	ASSERT_TRUE(in_flight(self->watch, 2));
	io_uring_queue_exit(&self->ring);
	ASSERT_EQ(0, rill_reap(&other, &end, 1));
	EXPECT_EQ(5, end.user_data);
	EXPECT_EQ(-ECANCELED, end.res);
	EXPECT_EQ(RILL_PASS_FAILED, end.extra1);
	rill_sqe_job(&other, self->r.fd, self->r.queue, self->m.jobs[MOE_END], 6);
	ASSERT_EQ(0, rill_uring_one(&other, &end));
	EXPECT_EQ(-ECANCELED, end.res);
	drop(&self->r, &self->m, &other);
}

/* Something that keeps the chip busy for a while */
static int start_long_job(struct rill *r, struct rill_buf *buf, __u64 *seqno)
{
	struct rill other = *r;
	struct drm_rill_job job;
	int err = rill_buf_new(r, DRM_RILL_DDR, 0, BUSY_BYTES, buf);

	if (!err)
		err = rill_queue_create(r->fd, r->ctx, 1, &other.queue);
	job = rill_job_fill(r, buf->va, buf->size, 1, 1);
	return err ? err : rill_submit(r->fd, other.queue, &job, 1, seqno);
}

/*
 * The same while the chip has not come to these jobs yet: what is lost leaves a hole in its pass,
 * whether its begin is among it or not, and a pass with a hole must not end well.
 */
TEST_F_TIMEOUT(cancel, rest_of_a_pass_to_come, 60)
{
	struct drm_rill_job_result results[MOE_JOBS];
	struct drm_rill_counters before;
	struct io_uring other, ring;
	struct rill_buf buf;
	struct rill_end end;
	unsigned int begun;
	__u64 seqno;

	io_uring_queue_exit(&self->ring);
	ASSERT_EQ(0, ring_init(&other, IORING_SETUP_CQE32));
	for (begun = 0; begun < 2; begun++) {
		ASSERT_EQ(0, ring_init(&ring, variant->flags));
		if (begun)
			ASSERT_EQ(0, open_pass(&self->r, &self->m, &ring, 0));
		ASSERT_EQ(0, start_long_job(&self->r, &buf, &seqno));
		if (!begun)
			rill_sqe_job(&ring, self->r.fd, self->r.queue, self->m.jobs[0], 0);
		rill_sqe_job(&ring, self->r.fd, self->r.queue, self->m.jobs[1], 1);
		ASSERT_EQ(0, rill_uring_submit(&ring, 2 - begun));
		/* Those two, or that one, and the long one */
		ASSERT_TRUE(in_flight(self->watch, 3 - begun));
		rill_sqe_job(&other, self->r.fd, self->r.queue, self->m.jobs[2], 5);
		ASSERT_EQ(0, rill_uring_submit(&other, 1));
		ASSERT_EQ(0, rill_counters(self->watch, &before));
		io_uring_queue_exit(&ring);
		/* Only then the end, or the pass could be over before. */
		ASSERT_TRUE(cancelled(self->watch, &before));
		rill_sqe_job(&other, self->r.fd, self->r.queue, self->m.jobs[MOE_END], 6);
		ASSERT_EQ(0, rill_uring_submit(&other, 1));
		ASSERT_EQ(0, rill_reap(&other, &end, 1));
		EXPECT_EQ(5, end.user_data);
		EXPECT_EQ(-ECANCELED, end.res);
		EXPECT_EQ(RILL_PASS_FAILED, end.extra1);
		ASSERT_EQ(0, rill_reap(&other, &end, 1));
		EXPECT_EQ(6, end.user_data);
		EXPECT_EQ(-ECANCELED, end.res);
		EXPECT_EQ(RILL_PASS_FAILED, end.extra1);
		ASSERT_EQ(0, rill_run(&self->r, self->m.jobs, MOE_JOBS, results));
		EXPECT_EQ(0, results[MOE_END].error);
		EXPECT_TRUE(moe_correct(&self->m));
		ASSERT_EQ(0, rill_buf_free(&self->r, &buf));
	}
	drop(&self->r, &self->m, &other);
}

/* The file is closed, the ring stays: its commands hold the file and live on. */
TEST_F(cancel, close_with_ring)
{
	struct rill_end ends[STREAMS];

	ASSERT_EQ(0, open_pass(&self->r, &self->m, &self->ring, STREAMS));
	ASSERT_TRUE(in_flight(self->watch, STREAMS));
	unmap_all(&self->r, &self->m);
	ASSERT_EQ(0, close(self->r.fd));
	rill_sleep_ms(50);
	EXPECT_TRUE(in_flight(self->watch, STREAMS));
	EXPECT_ERRNO(ETIME, rill_reap_for(&self->ring, ends, 1, RILL_SECOND / 20));
	io_uring_queue_exit(&self->ring);
	EXPECT_TRUE(in_flight(self->watch, 0));
}

/* Jobs of the ioctl do not hold the file: they end with it, before close() is over. */
TEST_F(cancel, close_with_ioctl_jobs)
{
	struct drm_rill_counters after;
	__u64 seqno;

	ASSERT_EQ(0, open_pass_ioctl(&self->r, &self->m, STREAMS, &seqno));
	ASSERT_TRUE(in_flight(self->watch, STREAMS));
	drop(&self->r, &self->m, &self->ring);
	ASSERT_EQ(0, rill_counters(self->watch, &after));
	EXPECT_EQ(after.jobs_submitted, after.jobs_completed);
	EXPECT_EQ(STREAMS, after.jobs_failed - self->before.jobs_failed);
}

TEST_F(cancel, queue_destroy)
{
	struct rill_end ends[STREAMS];
	unsigned int i;

	ASSERT_EQ(0, open_pass(&self->r, &self->m, &self->ring, STREAMS));
	ASSERT_TRUE(in_flight(self->watch, STREAMS));
	ASSERT_EQ(0, rill_queue_destroy(self->r.fd, self->r.queue));
	ASSERT_EQ(0, rill_reap(&self->ring, ends, STREAMS));
	for (i = 0; i < STREAMS; i++) {
		EXPECT_EQ(-ECANCELED, ends[i].res);
		EXPECT_TRUE(ends[i].user_data >= 1 && ends[i].user_data <= STREAMS);
		if (variant->flags & IORING_SETUP_CQE32)
			EXPECT_EQ(RILL_ABORTED, ends[i].extra1);
	}
	EXPECT_EQ(0, rill_ctx_destroy(self->r.fd, self->r.ctx));
	drop(&self->r, &self->m, &self->ring);
}

struct waiter {
	struct rill *r;
	__u64 seqno;
	struct drm_rill_job_result results[STREAMS];
	int err;
};

static void *wait_for_ever(void *arg)
{
	struct waiter *w = arg;

	w->err = rill_wait(w->r->fd, w->r->queue, w->seqno, STREAMS, -1, w->results);
	return NULL;
}

/* Who waits for jobs of a queue that is destroyed is told of their end. */
TEST_F(cancel, queue_destroy_with_waiter)
{
	struct waiter w = { .r = &self->r };
	pthread_t thread;
	unsigned int i;

	ASSERT_EQ(0, open_pass_ioctl(&self->r, &self->m, STREAMS, &w.seqno));
	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_for_ever, &w));
	rill_sleep_ms(100);
	ASSERT_EQ(0, rill_queue_destroy(self->r.fd, self->r.queue));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(0, w.err);
	for (i = 0; i < STREAMS; i++)
		EXPECT_EQ(-ECANCELED, w.results[i].error);
	EXPECT_ERRNO(ENOENT, rill_wait(self->r.fd, self->r.queue, w.seqno, 1, 0, w.results));
	drop(&self->r, &self->m, &self->ring);
}

/* A fence signals, come what may. */
TEST_F(cancel, queue_destroy_with_fence)
{
	struct drm_syncobj_create create = { 0 };
	struct drm_syncobj_wait wait = { .count_handles = 1 };
	struct drm_rill_submit submit = { .job_count = 1, .queue_id = self->r.queue };
	struct drm_rill_job endless = prog_endless_job(&self->r);

	ASSERT_EQ(0, rill_ioctl(self->r.fd, DRM_IOCTL_SYNCOBJ_CREATE, &create));
	submit.jobs = rill_ptr(&endless);
	submit.out_syncobj = create.handle;
	ASSERT_EQ(0, rill_ioctl(self->r.fd, DRM_IOCTL_RILL_SUBMIT, &submit));
	wait.handles = rill_ptr(&create.handle);
	EXPECT_ERRNO(ETIME, rill_ioctl(self->r.fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait));
	ASSERT_EQ(0, rill_queue_destroy(self->r.fd, self->r.queue));
	wait.timeout_nsec = rill_now() + RILL_PATIENCE;
	EXPECT_EQ(0, rill_ioctl(self->r.fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait));
	drop(&self->r, &self->m, &self->ring);
}

/* --- threads and processes that go --- */

struct leaver {
	struct rill *r;
	struct moe *m;
	struct io_uring *ring;
	int err;
};

static void *submit_and_leave(void *arg)
{
	struct leaver *l = arg;

	l->err = open_pass(l->r, l->m, l->ring, STREAMS);
	return NULL;
}

/*
 * The thread that submitted exits, its process and the ring live on. Kernels up to 6.12 leave
 * the commands alone then, and their ends must find the way without that thread.
 */
TEST_F(cancel, thread_exit)
{
	struct leaver l = { &self->r, &self->m, &self->ring, 0 };
	struct drm_rill_job_result result;
	struct rill_end ends[STREAMS];
	int expected = -ECANCELED;
	pthread_t thread;
	unsigned int i;

	if (variant->flags & IORING_SETUP_SINGLE_ISSUER)
		SKIP(drop(&self->r, &self->m, &self->ring); return, "such a ring has one submitter");
	ASSERT_EQ(0, pthread_create(&thread, NULL, submit_and_leave, &l));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(0, l.err);
	rill_sleep_ms(100);
	if (in_flight(self->watch, STREAMS)) {
		ASSERT_EQ(0, rill_run(&self->r, &self->m.jobs[MOE_END], 1, &result));
		EXPECT_EQ(0, result.error);
		expected = 0;
	}
	ASSERT_EQ(0, rill_reap(&self->ring, ends, STREAMS));
	for (i = 0; i < STREAMS; i++)
		EXPECT_EQ(expected, ends[i].res);
	drop(&self->r, &self->m, &self->ring);
}

/* What a child does until it is killed, or exits */
static void child_works(unsigned int flags, bool uring, bool leave)
{
	struct io_uring ring;
	struct moe *m = calloc(1, sizeof(*m));
	struct rill r;
	__u64 seqno;

	if (!m || setup(&r, m))
		_exit(1);
	if (uring && (ring_init(&ring, flags) || open_pass(&r, m, &ring, STREAMS)))
		_exit(1);
	if (!uring && open_pass_ioctl(&r, m, STREAMS, &seqno))
		_exit(1);
	if (leave)
		_exit(0);
	if (uring) {
		struct rill_end end;

		rill_reap(&ring, &end, 1);
	} else {
		struct drm_rill_job_result results[STREAMS];

		rill_wait(r.fd, r.queue, seqno, STREAMS, -1, results);
	}
	_exit(1);
}

TEST_F(cancel, process_killed)
{
	unsigned int uring;
	int status;
	pid_t pid;

	drop(&self->r, &self->m, &self->ring);
	for (uring = 0; uring < 2; uring++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			child_works(variant->flags, uring, false);
		EXPECT_TRUE(in_flight(self->watch, STREAMS));
		rill_sleep_ms(50);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		EXPECT_TRUE(in_flight(self->watch, 0));
	}
}

TEST_F(cancel, process_exits)
{
	unsigned int uring;
	int status;
	pid_t pid;

	drop(&self->r, &self->m, &self->ring);
	for (uring = 0; uring < 2; uring++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			child_works(variant->flags, uring, true);
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		EXPECT_TRUE(in_flight(self->watch, 0));
	}
}

/* Full use of the chip: fills of many pages, whole passes, one after another */
static void child_is_busy(unsigned int flags)
{
	struct moe *m = calloc(1, sizeof(*m));
	struct rill_buf buf;
	struct io_uring ring;
	struct rill r;

	if (!m || setup(&r, m) || ring_init(&ring, flags) ||
	    rill_buf_new(&r, DRM_RILL_DDR, 0, 32 << 20, &buf))
		_exit(1);
	for (;;) {
		struct rill_end ends[2 * MOE_JOBS];
		unsigned int i;

		moe_build(m, &r);
		rill_sqe_job(&ring, r.fd, r.queue, rill_job_fill(&r, buf.va, buf.size, 1, 1), 0);
		for (i = 0; i < MOE_JOBS; i++)
			rill_sqe_job(&ring, r.fd, r.queue, m->jobs[i], i);
		if (io_uring_submit(&ring) < 0 || rill_reap(&ring, ends, MOE_JOBS + 1))
			_exit(1);
		for (i = 0; i <= MOE_JOBS; i++)
			if (ends[i].res)
				_exit(1);
	}
}

/* Killed at any moment */
TEST_F_TIMEOUT(cancel, killed_while_busy, 90)
{
	unsigned int round;
	int status;
	pid_t pid;

	drop(&self->r, &self->m, &self->ring);
	srand(1);
	for (round = 0; round < 12; round++) {
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			child_is_busy(variant->flags);
		usleep(20000 + rand() % 100000);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_TRUE(WIFSIGNALED(status));
		EXPECT_TRUE(rill_balanced(self->watch));
	}
}

/* A queue is destroyed under the chip's hands. */
TEST_F_TIMEOUT(cancel, queue_destroy_while_busy, 60)
{
	struct rill_buf buf;
	struct rill_end ends[20];
	unsigned int round, i, done;

	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_DDR, 0, 16 << 20, &buf));
	for (round = 0; round < 10; round++) {
		struct drm_rill_job job = rill_job_fill(&self->r, buf.va, buf.size, round, 0);

		for (i = 0; i < ARRAY_SIZE(ends); i++)
			rill_sqe_job(&self->ring, self->r.fd, self->r.queue, job, i);
		ASSERT_EQ(0, rill_uring_submit(&self->ring, ARRAY_SIZE(ends)));
		usleep(round * 1000);
		ASSERT_EQ(0, rill_queue_destroy(self->r.fd, self->r.queue));
		ASSERT_EQ(0, rill_reap(&self->ring, ends, ARRAY_SIZE(ends)));
		for (i = 0, done = 0; i < ARRAY_SIZE(ends); i++) {
			/* ENOENT: the kernel thread of SQPOLL had not come to it yet. */
			EXPECT_TRUE(!ends[i].res || ends[i].res == -ECANCELED ||
				    ((variant->flags & IORING_SETUP_SQPOLL) &&
				     ends[i].res == -ENOENT)) {
				TH_LOG("res %d", ends[i].res);
			}
			done += !ends[i].res;
		}
		/* In order: what is done is done before what is not. */
		for (i = 0; i < done; i++)
			EXPECT_EQ(0, ends[i].res);
		ASSERT_EQ(0, rill_queue_create(self->r.fd, self->r.ctx, DEPTH, &self->r.queue));
		EXPECT_EQ(0, rill_run_job(&self->r, rill_job(RILL_OP_NOP, 0)));
	}
	munmap(buf.map, buf.size);
	drop(&self->r, &self->m, &self->ring);
}

TEST_HARNESS_MAIN
