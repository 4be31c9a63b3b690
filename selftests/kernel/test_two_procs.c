// SPDX-License-Identifier: GPL-2.0
/* Two processes at once, each with a file, contexts and queues of its own. */
#include "rill_moe.h"
#include "rill_uring.h"

#include <signal.h>
#include <sys/wait.h>

#define DEPTH		63
#define ROUNDS		60
#define BO_BYTES	(256ULL << 10)
#define SHARED_VA	(1ULL << 42)	/* the same address in both */

FIXTURE(two)
{
	int watch;
	struct drm_rill_counters before;
};

FIXTURE_SETUP(two)
{
	self->watch = rill_open();
	ASSERT_LE(0, self->watch);
	ASSERT_EQ(0, rill_counters(self->watch, &self->before));
}

FIXTURE_TEARDOWN(two)
{
	struct drm_rill_counters after;

	EXPECT_TRUE(rill_balanced(self->watch));
	EXPECT_EQ(0, rill_counters(self->watch, &after));
	EXPECT_EQ(self->before.timeouts, after.timeouts);
	close(self->watch);
}

/* A process: 0, or where it went wrong. All are at the same addresses of their contexts. */
static int setup(struct rill *r, struct moe *m, struct io_uring *ring)
{
	if (rill_setup(r, DEPTH) || moe_init(m, r))
		return __LINE__;
	if (io_uring_queue_init(DEPTH + 1, ring, IORING_SETUP_CQE32))
		return __LINE__;
	return 0;
}

/* Fill, copy to and fro, look at every byte: by turns through io_uring and through the ioctl. */
static int round_of_memory(struct rill *r, struct io_uring *ring, const struct rill_buf *a,
			   const struct rill_buf *b, __u64 seed, unsigned int round)
{
	struct drm_rill_job_result results[3];
	struct rill_end ends[3];
	struct drm_rill_job jobs[3];
	unsigned int i;

	rill_arena_reset(r);
	jobs[0] = rill_job_fill(r, a->va, BO_BYTES, seed, round);
	jobs[1] = rill_job_copy(r, b->va, a->va, BO_BYTES);
	jobs[2] = rill_job_copy(r, a->va + BO_BYTES / 2, b->va, BO_BYTES / 2);
	if (round % 2) {
		if (rill_run(r, jobs, 3, results))
			return __LINE__;
		for (i = 0; i < 3; i++)
			if (results[i].error)
				return __LINE__;
	} else {
		if (rill_uring_run(ring, r->fd, r->queue, jobs, 3, ends))
			return __LINE__;
		for (i = 0; i < 3; i++)
			if (ends[i].res)
				return __LINE__;
	}
	if (rill_pattern_bytes(a->map, BO_BYTES / 2, seed, round) != BO_BYTES / 2 ||
	    rill_pattern_bytes(b->map, BO_BYTES, seed, round) != BO_BYTES ||
	    memcmp((char *)a->map + BO_BYTES / 2, b->map, BO_BYTES / 2))
		return __LINE__;
	return 0;
}

static int round_of_pass(struct rill *r, struct io_uring *ring, struct moe *m, unsigned int round,
			 __u64 *took)
{
	static const __u32 slices[] = { 1, 2, 4, 8 };
	struct rill_end ends[MOE_JOBS];

	m->slices = slices[round % 4];
	m->away = round / 4 % 2;
	m->flags = round / 8 % 2 ? RILL_STREAM_PINNED : 0;
	moe_build(m, r);
	if (rill_uring_run(ring, r->fd, r->queue, m->jobs, MOE_JOBS, ends))
		return __LINE__;
	if (ends[MOE_END].res || !moe_correct(m))
		return __LINE__;
	/* A pass has the chip to itself: its device time does not depend on the other process. */
	if (took[round % 16] &&
	    took[round % 16] != ends[MOE_END].extra2 - ends[MOE_END].extra1)
		return __LINE__;
	took[round % 16] = ends[MOE_END].extra2 - ends[MOE_END].extra1;
	return 0;
}

static int process(__u64 seed, bool memory, bool passes)
{
	struct moe *m = calloc(1, sizeof(*m));
	struct rill_buf a, b;
	struct io_uring ring;
	__u64 took[16] = { 0 };
	struct rill r;
	unsigned int round;
	int err = m ? setup(&r, m, &ring) : __LINE__;

	if (!err && (rill_buf_new(&r, DRM_RILL_DDR, seed % r.chip.channels, BO_BYTES, &a) ||
		     rill_buf_new(&r, DRM_RILL_SYSTEM, 0, BO_BYTES, &b)))
		err = __LINE__;
	for (round = 0; round < ROUNDS && !err; round++) {
		if (memory)
			err = round_of_memory(&r, &ring, &a, &b, seed, round);
		if (passes && !err)
			err = round_of_pass(&r, &ring, m, round, took);
		if (err)
			fprintf(stderr, "# process %llu, round %u: failed at line %d\n", seed,
				round, err);
	}
	free(m);
	return err;
}

/* Runs n of them at once and expects all to end well. */
static bool all_well(unsigned int n, bool memory, bool passes, bool odd_passes)
{
	pid_t pids[8];
	unsigned int i;
	bool well = true;
	int status;

	for (i = 0; i < n; i++) {
		bool odd = i % 2;

		pids[i] = fork();
		if (!pids[i])
			_exit(process(i + 1, memory && !(odd && odd_passes),
				      passes || (odd && odd_passes)) ? 1 : 0);
	}
	for (i = 0; i < n; i++)
		if (pids[i] < 0 || waitpid(pids[i], &status, 0) != pids[i] || status)
			well = false;
	return well;
}

TEST_F_TIMEOUT(two, memory, 120)
{
	EXPECT_TRUE(all_well(2, true, false, false));
}

TEST_F_TIMEOUT(two, passes, 120)
{
	EXPECT_TRUE(all_well(2, false, true, false));
}

/* One moves memory while the other computes. */
TEST_F_TIMEOUT(two, memory_and_passes, 120)
{
	EXPECT_TRUE(all_well(2, true, false, true));
}

TEST_F_TIMEOUT(two, five_of_all, 240)
{
	EXPECT_TRUE(all_well(5, true, true, false));
}

/* --- one cannot reach the other --- */

FIXTURE(isolation)
{
	struct rill mine, other;
	struct rill_buf secret;		/* the other's */
	struct io_uring ring;
};

FIXTURE_SETUP(isolation)
{
	ASSERT_EQ(0, rill_setup(&self->mine, DEPTH));
	ASSERT_EQ(0, rill_setup(&self->other, DEPTH));
	ASSERT_EQ(0, rill_buf_new(&self->other, DRM_RILL_DDR, 0, BO_BYTES, &self->secret));
	ASSERT_EQ(0, io_uring_queue_init(8, &self->ring, IORING_SETUP_CQE32));
	rill_pattern_write(self->secret.map, BO_BYTES, 42, 0);
	ASSERT_EQ(0, rill_map(self->other.fd, self->other.ctx, self->secret.handle, 0, SHARED_VA,
			      0, BO_BYTES));
}

FIXTURE_TEARDOWN(isolation)
{
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(self->secret.map, BO_BYTES, 42, 0));
	io_uring_queue_exit(&self->ring);
	rill_teardown(&self->mine);
	rill_teardown(&self->other);
}

static struct drm_rill_job_result run_one(struct rill *r, struct drm_rill_job job)
{
	struct drm_rill_job_result result = { .error = 1 };

	rill_run(r, &job, 1, &result);
	return result;
}

/* What is mapped in one context is not in the other, whichever used the address last. */
TEST_F(isolation, address)
{
	struct drm_rill_job_result result;
	struct drm_rill_job theirs, mine;
	unsigned int i;

	theirs = rill_job_copy(&self->other, self->other.arena.va + RILL_PAGE, SHARED_VA, 64);
	mine = rill_job_copy(&self->mine, self->mine.arena.va + RILL_PAGE, SHARED_VA, 64);
	for (i = 0; i < 10; i++) {
		EXPECT_EQ(0, rill_run_job(&self->other, theirs));
		result = run_one(&self->mine, mine);
		EXPECT_EQ(-EFAULT, result.error);
		EXPECT_EQ(RILL_FAULT_READ, result.status);
		EXPECT_EQ(SHARED_VA, result.detail);
	}
	result = run_one(&self->mine, rill_job_fill(&self->mine, SHARED_VA, 64, 1, 1));
	EXPECT_EQ(RILL_FAULT_WRITE, result.status);
	EXPECT_EQ(SHARED_VA, result.detail);
	EXPECT_EQ(64, rill_pattern_bytes((char *)self->other.arena.map + RILL_PAGE, 64, 42, 0));
	EXPECT_EQ(64, rill_same_bytes((char *)self->mine.arena.map + RILL_PAGE, 64, 0));
}

/* The same address, mapped in both, is memory of each. */
TEST_F(isolation, same_address)
{
	struct rill_buf own;

	ASSERT_EQ(0, rill_buf_new(&self->mine, DRM_RILL_DDR, 0, BO_BYTES, &own));
	ASSERT_EQ(0, rill_map(self->mine.fd, self->mine.ctx, own.handle, 0, SHARED_VA, 0,
			      BO_BYTES));
	ASSERT_EQ(0, rill_run_job(&self->other, rill_job_copy(&self->other,
							      self->other.arena.va + RILL_PAGE,
							      SHARED_VA, 64)));
	ASSERT_EQ(0, rill_run_job(&self->mine, rill_job_fill(&self->mine, SHARED_VA, BO_BYTES, 7,
							     0)));
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(own.map, BO_BYTES, 7, 0));
}

/* The same between two contexts of one file: a queue works in its own. */
TEST_F(isolation, contexts_of_a_file)
{
	struct rill second = self->other;
	struct drm_rill_job_result result;

	ASSERT_EQ(0, rill_ctx_create(second.fd, 0, &second.ctx));
	ASSERT_EQ(0, rill_queue_create(second.fd, second.ctx, 1, &second.queue));
	result = run_one(&second, rill_job(RILL_OP_COPY, second.arena.va));
	EXPECT_EQ(RILL_FAULT_READ, result.status);
	EXPECT_EQ(second.arena.va, result.detail);
	ASSERT_EQ(0, rill_map(second.fd, second.ctx, second.arena.handle, 0, second.arena.va, 0,
			      second.arena.size));
	result = run_one(&second, rill_job_fill(&second, SHARED_VA, 64, 1, 1));
	EXPECT_EQ(RILL_FAULT_WRITE, result.status);
}

/* A queue of another file, by each way to name it */
TEST_F(isolation, queue_ids)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	struct drm_rill_job_result result;
	struct rill_end end;
	__u32 theirs;
	__u64 seqno;

	ASSERT_EQ(0, rill_queue_create(self->other.fd, self->other.ctx, 1, &theirs));
	ASSERT_NE(self->mine.queue, theirs);
	ASSERT_EQ(0, rill_submit(self->other.fd, theirs, &nop, 1, &seqno));
	ASSERT_EQ(0, rill_wait(self->other.fd, theirs, seqno, 1, RILL_PATIENCE, &result));
	EXPECT_ERRNO(ENOENT, rill_submit(self->mine.fd, theirs, &nop, 1, NULL));
	EXPECT_ERRNO(ENOENT, rill_wait(self->mine.fd, theirs, seqno, 1, 0, &result));
	EXPECT_ERRNO(ENOENT, rill_queue_destroy(self->mine.fd, theirs));
	rill_sqe_job(&self->ring, self->mine.fd, theirs, nop, 0);
	ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
	EXPECT_EQ(-ENOENT, end.res);
	/* It is still there for its owner. */
	rill_sqe_job(&self->ring, self->other.fd, theirs, nop, 0);
	ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
	EXPECT_EQ(0, end.res);
}

/* Handles are of a file, too. */
TEST_F(isolation, handles)
{
	__u32 handle = self->secret.handle;
	struct drm_rill_bo_info info;

	ASSERT_EQ(0, rill_bo_create(self->other.fd, DRM_RILL_DDR, 0, RILL_PAGE, &handle));
	EXPECT_ERRNO(ENOENT, rill_bo_info(self->mine.fd, handle, &info));
	EXPECT_ERRNO(ENOENT, rill_map(self->mine.fd, self->mine.ctx, handle, 0, SHARED_VA, 0,
				      RILL_PAGE));
	EXPECT_ERRNO(EINVAL, rill_bo_close(self->mine.fd, handle));
	EXPECT_EQ(0, rill_bo_info(self->other.fd, handle, &info));
}

/* What faults in one does not disturb the other: its process dies, this one goes on. */
TEST_F(isolation, the_other_dies)
{
	struct drm_rill_job job = rill_job_fill(&self->mine, self->mine.arena.va + RILL_PAGE, 64,
						1, 1);
	unsigned int i;
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		struct rill r;

		if (rill_setup(&r, DEPTH))
			_exit(1);
		for (;;)
			if (rill_run_job(&r, rill_job(RILL_OP_COPY, SHARED_VA)) != -EFAULT)
				_exit(1);
	}
	for (i = 0; i < 200; i++)
		EXPECT_EQ(0, rill_run_job(&self->mine, job));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(0, rill_run_job(&self->mine, job));
}

TEST_HARNESS_MAIN
