// SPDX-License-Identifier: GPL-2.0
/* Jobs as io_uring commands, on rings of all kinds. */
#include "rill_uring.h"

#include <pthread.h>
#include <sys/wait.h>

#define DEPTH		127
#define ENTRIES		128
#define LAYER		66	/* streams of a layer with 64 routed and 2 shared experts */
#define COALESCE	16	/* completions of one interrupt, at least while there is more to do */
#define BO_BYTES	(1ULL << 20)
#define SEED		0xfeedULL
#define UNMAPPED	(1ULL << 45)

FIXTURE(uring)
{
	struct rill r;
	struct rill_buf buf;
	struct io_uring ring;
};

FIXTURE_VARIANT(uring)
{
	unsigned int flags;
	__u8 sqe_flags;		/* of every command */
};

FIXTURE_VARIANT_ADD(uring, plain) { .flags = 0 };
FIXTURE_VARIANT_ADD(uring, cqe32) { .flags = IORING_SETUP_CQE32 };
FIXTURE_VARIANT_ADD(uring, sqe128) { .flags = IORING_SETUP_SQE128 | IORING_SETUP_CQE32 };
FIXTURE_VARIANT_ADD(uring, defer_taskrun) {
	.flags = IORING_SETUP_CQE32 | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
};
FIXTURE_VARIANT_ADD(uring, coop_taskrun) {
	.flags = IORING_SETUP_CQE32 | IORING_SETUP_COOP_TASKRUN,
};
/* A kernel thread submits. */
FIXTURE_VARIANT_ADD(uring, sqpoll) { .flags = IORING_SETUP_CQE32 | IORING_SETUP_SQPOLL };
/* A worker thread submits, without the ring's lock. */
FIXTURE_VARIANT_ADD(uring, async) {
	.flags = IORING_SETUP_CQE32, .sqe_flags = IOSQE_ASYNC,
};

static int ring_init(struct io_uring *ring, unsigned int flags)
{
	struct io_uring_params params = { .flags = flags, .sq_thread_idle = 50 };

	return io_uring_queue_init_params(ENTRIES, ring, &params);
}

FIXTURE_SETUP(uring)
{
	ASSERT_EQ(0, rill_setup(&self->r, DEPTH));
	ASSERT_EQ(0, rill_buf_new(&self->r, DRM_RILL_DDR, 0, BO_BYTES, &self->buf));
	ASSERT_EQ(0, ring_init(&self->ring, variant->flags));
}

FIXTURE_TEARDOWN(uring)
{
	io_uring_queue_exit(&self->ring);
	rill_teardown(&self->r);
}

#define BIG	(variant->flags & IORING_SETUP_CQE32)
#define SQPOLL	(variant->flags & IORING_SETUP_SQPOLL)
#define ASYNC	(variant->sqe_flags & IOSQE_ASYNC)

/* Submit the only SQE and expect this end of it. */
#define EXPECT_END(wanted_res, status, detail, sqe) do {			\
	struct rill_end _end = { .res = 1 };				\
	(sqe)->flags |= variant->sqe_flags;				\
	EXPECT_EQ(0, rill_uring_one(&self->ring, &_end));		\
	EXPECT_EQ(wanted_res, _end.res);				\
	if (BIG && (wanted_res)) {					\
		EXPECT_EQ(status, _end.extra1);				\
		EXPECT_EQ(detail, _end.extra2);				\
	}								\
} while (0)

#define SQE_JOB(job) rill_sqe_job(&self->ring, self->r.fd, self->r.queue, job, 0)

TEST_F(uring, job)
{
	struct drm_rill_job job = rill_job_fill(&self->r, self->buf.va, BO_BYTES, SEED, 0);
	struct rill_end end, last = { 0 };
	struct io_uring_sqe *sqe;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		sqe = rill_sqe_job(&self->ring, self->r.fd, self->r.queue, job, i + 100);
		sqe->flags |= variant->sqe_flags;
		ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
		EXPECT_EQ(i + 100, end.user_data);
		EXPECT_EQ(0, end.res);
		if (BIG) {
			EXPECT_LT(end.extra1, end.extra2);
			EXPECT_GE(end.extra1, last.extra2);
		}
		last = end;
	}
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(self->buf.map, BO_BYTES, SEED, 0));
}

/* One vector, one completion; device times are those of its first and last. */
TEST_F(uring, jobs)
{
	struct drm_rill_job jobs[DEPTH];
	struct rill_end before, end, after;
	struct io_uring_sqe *sqe;
	unsigned int i;

	for (i = 0; i < DEPTH; i++)
		jobs[i] = i ? rill_job_copy(&self->r, self->buf.va + i * 512,
					    self->buf.va + (i - 1) * 512, 512) :
			      rill_job_fill(&self->r, self->buf.va, 512, SEED, 0);
	SQE_JOB(rill_job(RILL_OP_NOP, 0));
	ASSERT_EQ(0, rill_uring_one(&self->ring, &before));
	sqe = rill_sqe_jobs(&self->ring, self->r.fd, self->r.queue, jobs, DEPTH, 7);
	sqe->flags |= variant->sqe_flags;
	ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
	EXPECT_EQ(0, end.res);
	EXPECT_EQ(7, end.user_data);
	EXPECT_ERRNO(ETIME, rill_reap_for(&self->ring, &after, 1, RILL_SECOND / 20));
	for (i = 0; i < DEPTH; i++)
		EXPECT_EQ(512, rill_pattern_bytes((char *)self->buf.map + i * 512, 512, SEED, 0));
	if (BIG) {
		SQE_JOB(rill_job(RILL_OP_NOP, 0));
		ASSERT_EQ(0, rill_uring_one(&self->ring, &after));
		EXPECT_LE(before.extra2, end.extra1);
		EXPECT_LT(end.extra1, end.extra2);
		EXPECT_LE(end.extra2, after.extra1);
	}
}

/* More commands than one io_uring_enter() or the queue holds, in many rounds */
TEST_F_TIMEOUT(uring, many, 60)
{
	struct rill_end end, last = { 0 };
	unsigned int done = 0, sent = 0, total = 10 * DEPTH;
	struct io_uring_sqe *sqe;

	while (done < total) {
		for (; sent < total && sent - done < 100; sent++) {
			struct drm_rill_job job;

			if (sent % 100 == 0)
				rill_arena_reset(&self->r);
			job = rill_job_fill(&self->r, self->buf.va + sent % 1024 * 64, 64, sent, 0);
			sqe = rill_sqe_job(&self->ring, self->r.fd, self->r.queue, job, sent);
			sqe->flags |= variant->sqe_flags;
		}
		ASSERT_LE(0, io_uring_submit(&self->ring));
		for (; done < sent; done++) {
			ASSERT_EQ(0, rill_reap(&self->ring, &end, 1));
			ASSERT_EQ(0, end.res);
			/* Workers may overtake each other, before the queue puts them in order. */
			if (ASYNC)
				continue;
			ASSERT_EQ(done, end.user_data);
			if (BIG)
				ASSERT_LE(last.extra2, end.extra1);
			last = end;
		}
	}
	for (done = total - 1024; done < total; done++)
		EXPECT_EQ(64, rill_pattern_bytes((char *)self->buf.map + done % 1024 * 64, 64,
						 done, 0));
}

/* A job that depends on the one before, 100 times in one batch: order is kept. */
TEST_F(uring, order)
{
	struct drm_rill_job jobs[100];
	struct rill_end ends[100];
	unsigned int i;

	if (ASYNC)
		SKIP(return, "workers may overtake each other");
	for (i = 0; i < ARRAY_SIZE(jobs); i++)
		jobs[i] = i ? rill_job_copy(&self->r, self->buf.va + i * 512,
					    self->buf.va + (i - 1) * 512, 512) :
			      rill_job_fill(&self->r, self->buf.va, 512, SEED, 9);
	ASSERT_EQ(0, rill_uring_run(&self->ring, self->r.fd, self->r.queue, jobs,
				    ARRAY_SIZE(jobs), ends));
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		EXPECT_EQ(0, ends[i].res);
		if (BIG && i)
			EXPECT_LE(ends[i - 1].extra2, ends[i].extra1);
		EXPECT_EQ(512, rill_pattern_bytes((char *)self->buf.map + i * 512, 512, SEED, 9));
	}
}

/*
 * A layer's worth of jobs in one io_uring_enter() is one doorbell and at most one interrupt for
 * 16 completions, if one counts in the driver and if one counts in the chip.
 */
TEST_F(uring, one_doorbell)
{
	unsigned int most = (LAYER + COALESCE - 1) / COALESCE, i;
	struct drm_rill_counters a, b;
	struct drm_rill_job jobs[LAYER];
	struct rill_end ends[LAYER];

	if (SQPOLL || ASYNC)
		SKIP(return, "no io_uring_enter() of ours submits these");
	for (i = 0; i < LAYER; i++)
		jobs[i] = rill_job_fill(&self->r, self->buf.va + i * RILL_PAGE, RILL_PAGE, i, 0);
	ASSERT_EQ(0, rill_counters(self->r.fd, &a));
	ASSERT_EQ(0, rill_uring_run(&self->ring, self->r.fd, self->r.queue, jobs, LAYER, ends));
	ASSERT_EQ(0, rill_counters(self->r.fd, &b));
	for (i = 0; i < LAYER; i++)
		EXPECT_EQ(0, ends[i].res);
	EXPECT_EQ(LAYER, b.uring_cmds - a.uring_cmds);
	EXPECT_EQ(LAYER, b.jobs_submitted - a.jobs_submitted);
	EXPECT_EQ(LAYER, b.jobs_completed - a.jobs_completed);
	EXPECT_EQ(LAYER, b.hw_fetched - a.hw_fetched);
	EXPECT_EQ(LAYER, b.hw_completed - a.hw_completed);
	EXPECT_EQ(1, b.doorbells - a.doorbells);
	EXPECT_EQ(1, b.hw_doorbells - a.hw_doorbells);
	EXPECT_LE(1, b.interrupts - a.interrupts);
	EXPECT_GE(most, b.interrupts - a.interrupts);
	EXPECT_LE(1, b.hw_interrupts - a.hw_interrupts);
	EXPECT_GE(most, b.hw_interrupts - a.hw_interrupts);
	EXPECT_EQ(0, b.submit_ioctls - a.submit_ioctls);
	EXPECT_EQ(0, b.jobs_failed - a.jobs_failed);
}

/* The same as one vector */
TEST_F(uring, one_doorbell_vector)
{
	unsigned int most = (LAYER + COALESCE - 1) / COALESCE;
	struct drm_rill_job jobs[LAYER] = { 0 };
	struct drm_rill_counters a, b;
	struct io_uring_sqe *sqe;
	struct rill_end end;

	ASSERT_EQ(0, rill_counters(self->r.fd, &a));
	sqe = rill_sqe_jobs(&self->ring, self->r.fd, self->r.queue, jobs, LAYER, 0);
	sqe->flags |= variant->sqe_flags;
	ASSERT_EQ(0, rill_uring_one(&self->ring, &end));
	ASSERT_EQ(0, rill_counters(self->r.fd, &b));
	EXPECT_EQ(0, end.res);
	EXPECT_EQ(1, b.uring_cmds - a.uring_cmds);
	EXPECT_EQ(LAYER, b.jobs_completed - a.jobs_completed);
	EXPECT_EQ(1, b.doorbells - a.doorbells);
	EXPECT_EQ(1, b.hw_doorbells - a.hw_doorbells);
	EXPECT_GE(most, b.interrupts - a.interrupts);
	EXPECT_GE(most, b.hw_interrupts - a.hw_interrupts);
}

/* --- bad input --- */

TEST_F(uring, bad_cmd_op)
{
	const __u32 ops[] = { RILL_URING_JOBS + 1, 0x100, INT32_MAX, UINT32_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ops); i++)
		EXPECT_END(-EOPNOTSUPP, 0, 0, rill_sqe(&self->ring, self->r.fd, ops[i], 0));
}

TEST_F(uring, bad_queue)
{
	const __u32 queues[] = { 0, self->r.queue + 1, INT32_MAX, UINT32_MAX };
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(queues); i++) {
		EXPECT_END(-ENOENT, 0, 0,
			   rill_sqe_job(&self->ring, self->r.fd, queues[i], nop, 0));
		EXPECT_END(-ENOENT, 0, 0,
			   rill_sqe_jobs(&self->ring, self->r.fd, queues[i], &nop, 1, 0));
	}
}

/* What a command does not use must be zero, in the SQE and in the job. */
TEST_F(uring, bad_sqe)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	struct io_uring_sqe *sqe;
	unsigned int bit, i;

	for (bit = 0; bit < 16; bit++) {
		nop.flags = 1U << bit;
		EXPECT_END(-EINVAL, 0, 0, SQE_JOB(nop));
	}
	nop.flags = 0;
	sqe = SQE_JOB(nop);
	sqe->addr = 8;
	EXPECT_END(-EINVAL, 0, 0, sqe);
	sqe = SQE_JOB(nop);
	sqe->len = 1;
	EXPECT_END(-EINVAL, 0, 0, sqe);
	sqe = SQE_JOB(nop);
	sqe->buf_index = 1;
	EXPECT_END(-EINVAL, 0, 0, sqe);
	sqe = SQE_JOB(nop);
	sqe->file_index = 1;
	EXPECT_END(-EINVAL, 0, 0, sqe);
	/* The half beside cmd_op, and unknown flags, are io_uring's own to refuse. */
	sqe = SQE_JOB(nop);
	sqe->__pad1 = 1;
	EXPECT_END(-EINVAL, 0, 0, sqe);
	sqe = SQE_JOB(nop);
	sqe->rw_flags = 1 << 20;
	EXPECT_END(-EINVAL, 0, 0, sqe);

	for (i = 16; (variant->flags & IORING_SETUP_SQE128) && i < 80; i++) {
		sqe = SQE_JOB(nop);
		memset(sqe + 1, 0, sizeof(*sqe));
		((__u8 *)sqe->cmd)[i] = 1;
		EXPECT_END(-EINVAL, 0, 0, sqe);
		((__u8 *)sqe->cmd)[i] = 0;
	}
	EXPECT_END(0, 0, 0, SQE_JOB(nop));
}

#define SQE_JOBS(jobs, n) rill_sqe_jobs(&self->ring, self->r.fd, self->r.queue, jobs, n, 0)

TEST_F(uring, bad_jobs)
{
	struct drm_rill_job jobs[DEPTH + 1] = { 0 };
	struct drm_rill_counters a, b;

	ASSERT_EQ(0, rill_counters(self->r.fd, &a));
	EXPECT_END(-EINVAL, 0, 0, SQE_JOBS(jobs, 0));
	EXPECT_END(-EINVAL, 0, 0, SQE_JOBS(jobs, DEPTH + 1));
	EXPECT_END(-EINVAL, 0, 0, SQE_JOBS(jobs, UINT32_MAX));
	EXPECT_END(-EFAULT, 0, 0, SQE_JOBS(NULL, 1));
	EXPECT_END(-EFAULT, 0, 0, SQE_JOBS((void *)(1UL << 63), DEPTH));
	/* All or none */
	jobs[3].flags = 1;
	EXPECT_END(-EINVAL, 0, 0, SQE_JOBS(jobs, 4));
	jobs[3].flags = 0;
	jobs[0].queue_id = self->r.queue;
	EXPECT_END(-EINVAL, 0, 0, SQE_JOBS(jobs, 4));
	ASSERT_EQ(0, rill_counters(self->r.fd, &b));
	EXPECT_EQ(a.jobs_submitted, b.jobs_submitted);
	EXPECT_EQ(a.uring_cmds, b.uring_cmds);
	EXPECT_EQ(a.doorbells, b.doorbells);
}

TEST_F(uring, failures)
{
	struct drm_rill_job jobs[5] = { 0 };

	EXPECT_END(-EINVAL, RILL_BAD_OPCODE, 0xffff, SQE_JOB(rill_job(0xffff, 0)));
	EXPECT_END(-EINVAL, RILL_BAD_FIELD, RILL_FIELD_ADDR, SQE_JOB(rill_job(RILL_OP_NOP, 8)));
	EXPECT_END(-EINVAL, RILL_NO_PASS, 0, SQE_JOB(rill_job(RILL_OP_PASS_END, 0)));
	EXPECT_END(-EFAULT, RILL_FAULT_READ, UNMAPPED, SQE_JOB(rill_job(RILL_OP_COPY, UNMAPPED)));
	EXPECT_END(-EFAULT, RILL_FAULT_WRITE, UNMAPPED,
		   SQE_JOB(rill_job_fill(&self->r, UNMAPPED, 8, 1, 1)));

	/* Of a vector, the first that failed is told; those after it run. */
	jobs[1] = rill_job_fill(&self->r, UNMAPPED + 64, 8, 1, 1);
	jobs[2] = rill_job(0xabc, 0);
	jobs[4] = rill_job_fill(&self->r, self->buf.va, BO_BYTES, SEED, 3);
	EXPECT_END(-EFAULT, RILL_FAULT_WRITE, UNMAPPED + 64, SQE_JOBS(jobs, 5));
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(self->buf.map, BO_BYTES, SEED, 3));
}

/* A bad command does not take its neighbours in the batch with it. */
TEST_F(uring, failures_are_alone)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0), bad = nop;
	struct rill_end ends[30];
	unsigned int i;

	bad.flags = 1;
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		struct io_uring_sqe *sqe;

		switch (i % 3) {
		case 0:
			sqe = rill_sqe_job(&self->ring, self->r.fd, self->r.queue, nop, i);
			break;
		case 1:
			sqe = rill_sqe_job(&self->ring, self->r.fd, self->r.queue, bad, i);
			break;
		default:
			sqe = rill_sqe_job(&self->ring, self->r.fd, 4711, nop, i);
		}
		sqe->flags |= variant->sqe_flags;
	}
	ASSERT_EQ(0, rill_uring_submit(&self->ring, ARRAY_SIZE(ends)));
	ASSERT_EQ(0, rill_reap(&self->ring, ends, ARRAY_SIZE(ends)));
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		EXPECT_EQ(ends[i].user_data % 3 == 0 ? 0 :
			  ends[i].user_data % 3 == 1 ? -EINVAL : -ENOENT, ends[i].res);
}

/* A queue that is full refuses, and goes on. */
TEST_F(uring, busy_when_full)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0), two[2] = { nop, nop };
	struct rill_end ends[100];
	unsigned int i, busy = 0;
	__u32 queue;

	ASSERT_EQ(0, rill_queue_create(self->r.fd, self->r.ctx, 1, &queue));
	EXPECT_END(-EINVAL, 0, 0, rill_sqe_jobs(&self->ring, self->r.fd, queue, two, 2, 0));
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		struct io_uring_sqe *sqe = rill_sqe_job(&self->ring, self->r.fd, queue, nop, i);

		sqe->flags |= variant->sqe_flags;
	}
	ASSERT_EQ(0, rill_uring_submit(&self->ring, ARRAY_SIZE(ends)));
	ASSERT_EQ(0, rill_reap(&self->ring, ends, ARRAY_SIZE(ends)));
	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		EXPECT_TRUE(!ends[i].res || ends[i].res == -EBUSY);
		busy += ends[i].res == -EBUSY;
	}
	/* With one doorbell for all, the first must still be in flight when the others come. */
	if (!SQPOLL && !ASYNC)
		EXPECT_EQ(ARRAY_SIZE(ends) - 1, busy);
	EXPECT_NE(ARRAY_SIZE(ends), busy);
	EXPECT_END(0, 0, 0, rill_sqe_job(&self->ring, self->r.fd, queue, nop, 0));
}

/* --- how commands get here --- */

TEST_F(uring, registered_file)
{
	struct drm_rill_job job = rill_job_fill(&self->r, self->buf.va, BO_BYTES, SEED, 4);
	struct io_uring_sqe *sqe;
	int other = memfd_create("other", 0), files[3] = { -1, self->r.fd, other };

	ASSERT_LE(0, other);
	ASSERT_EQ(0, io_uring_register_files(&self->ring, files, 3));
	sqe = rill_sqe_job(&self->ring, 1, self->r.queue, job, 0);
	sqe->flags |= IOSQE_FIXED_FILE;
	EXPECT_END(0, 0, 0, sqe);
	EXPECT_EQ(BO_BYTES, rill_pattern_bytes(self->buf.map, BO_BYTES, SEED, 4));
	/* Not a file of ours, and none */
	sqe = rill_sqe_job(&self->ring, 2, self->r.queue, job, 0);
	sqe->flags |= IOSQE_FIXED_FILE;
	EXPECT_END(-EOPNOTSUPP, 0, 0, sqe);
	sqe = rill_sqe_job(&self->ring, 0, self->r.queue, job, 0);
	sqe->flags |= IOSQE_FIXED_FILE;
	EXPECT_END(-EBADF, 0, 0, sqe);
	close(other);
}

/* Linked commands run one after another, and a failure ends the chain. */
TEST_F(uring, links)
{
	struct drm_rill_job jobs[] = {
		rill_job_fill(&self->r, self->buf.va, 64, SEED, 0),
		rill_job_copy(&self->r, self->buf.va + 64, self->buf.va, 64),
		rill_job(0xffff, 0),
		rill_job_copy(&self->r, self->buf.va + 128, self->buf.va, 64),
	};
	struct rill_end end;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		struct io_uring_sqe *sqe = rill_sqe_job(&self->ring, self->r.fd, self->r.queue,
							jobs[i], i);

		sqe->flags |= variant->sqe_flags | (i < 3 ? IOSQE_IO_LINK : 0);
	}
	ASSERT_EQ(0, rill_uring_submit(&self->ring, ARRAY_SIZE(jobs)));
	for (i = 0; i < ARRAY_SIZE(jobs); i++) {
		ASSERT_EQ(0, rill_reap(&self->ring, &end, 1));
		EXPECT_EQ(end.user_data < 2 ? 0 : end.user_data == 2 ? -EINVAL : -ECANCELED,
			  end.res);
	}
	EXPECT_EQ(64, rill_pattern_bytes((char *)self->buf.map + 64, 64, SEED, 0));
	EXPECT_EQ(64, rill_same_bytes((char *)self->buf.map + 128, 64, 0));
}

struct submitter {
	struct rill *r;
	struct io_uring *ring;		/* the shared one, or NULL */
	unsigned int number, flags;
	__u64 va;
};

/* A ring of its own, on the shared file and queue */
static void *submit_in_thread(void *arg)
{
	struct submitter *s = arg;
	struct rill_end end;
	struct io_uring ring;
	unsigned int i;
	long err = ring_init(&ring, s->flags);

	for (i = 0; i < 50 && !err; i++) {
		struct rill_fill_range range = { s->va, 4096, s->number, i };
		struct rill_fill fill = { .count = 1 };
		struct drm_rill_job job;
		char *block = (char *)s->r->arena.map + s->number * 256;
		__u64 at = s->r->arena.va + s->number * 256;

		memcpy(block + 64, &range, sizeof(range));
		fill.ranges = at + 64;
		memcpy(block, &fill, sizeof(fill));
		job = rill_job(RILL_OP_FILL, at);
		rill_sqe_job(&ring, s->r->fd, s->r->queue, job, i);
		err = rill_uring_one(&ring, &end);
		if (!err)
			err = end.res;
		if (!err && end.user_data != i)
			err = -EPROTO;
	}
	io_uring_queue_exit(&ring);
	return (void *)err;
}

/* Threads with rings of their own share a queue. */
TEST_F_TIMEOUT(uring, threads, 60)
{
	struct submitter s[4];
	pthread_t threads[4];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s); i++) {
		s[i] = (struct submitter){
			.r = &self->r, .number = i, .flags = variant->flags,
			.va = self->buf.va + i * RILL_PAGE,
		};
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, submit_in_thread, &s[i]));
	}
	for (i = 0; i < ARRAY_SIZE(s); i++) {
		void *err;

		ASSERT_EQ(0, pthread_join(threads[i], &err));
		EXPECT_EQ(0, (long)err);
		EXPECT_EQ(RILL_PAGE, rill_pattern_bytes((char *)self->buf.map + i * RILL_PAGE,
							RILL_PAGE, i, 49));
	}
}

/* The child of a fork submits on the file and queue that it inherits, through a ring of its own. */
TEST_F(uring, child_process)
{
	struct submitter s = {
		.r = &self->r, .flags = variant->flags, .va = self->buf.va, .number = 3,
	};
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(submit_in_thread(&s) ? 1 : 0);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(RILL_PAGE, rill_pattern_bytes(self->buf.map, RILL_PAGE, 3, 49));
	/* And the parent goes on. */
	EXPECT_END(0, 0, 0, SQE_JOB(rill_job(RILL_OP_NOP, 0)));
}

/* The same through the parent's ring: its vector is read from the child's memory. */
TEST_F(uring, child_on_this_ring)
{
	struct drm_rill_job job = rill_job(0xffff, 0);
	struct rill_end end;
	int status;
	pid_t pid;

	if (variant->flags & (IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_SQPOLL))
		SKIP(return, "such a ring has one submitter");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct io_uring_sqe *sqe;

		job = rill_job_fill(&self->r, self->buf.va, RILL_PAGE, SEED, 6);
		sqe = rill_sqe_jobs(&self->ring, self->r.fd, self->r.queue, &job, 1, 11);
		sqe->flags |= variant->sqe_flags;
		_exit(rill_uring_one(&self->ring, &end) || end.res || end.user_data != 11);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(RILL_PAGE, rill_pattern_bytes(self->buf.map, RILL_PAGE, SEED, 6));
}

/* --- rings that cannot work --- */

FIXTURE(refused)
{
	struct rill r;
};

FIXTURE_SETUP(refused)
{
	ASSERT_EQ(0, rill_setup(&self->r, DEPTH));
}

FIXTURE_TEARDOWN(refused)
{
	rill_teardown(&self->r);
}

/* A polled ring is refused command by command; nothing reaches the chip. */
TEST_F(refused, iopoll)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	struct drm_rill_counters a, b;
	struct io_uring ring;
	struct rill_end end;
	unsigned int i;

	ASSERT_EQ(0, rill_counters(self->r.fd, &a));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, ring_init(&ring, IORING_SETUP_IOPOLL | (i ? IORING_SETUP_CQE32 : 0)));
		rill_sqe_job(&ring, self->r.fd, self->r.queue, nop, 0);
		ASSERT_EQ(0, rill_uring_one(&ring, &end));
		EXPECT_EQ(-EOPNOTSUPP, end.res);
		rill_sqe_jobs(&ring, self->r.fd, self->r.queue, &nop, 1, 0);
		ASSERT_EQ(0, rill_uring_one(&ring, &end));
		EXPECT_EQ(-EOPNOTSUPP, end.res);
		io_uring_queue_exit(&ring);
	}
	ASSERT_EQ(0, rill_counters(self->r.fd, &b));
	EXPECT_EQ(a.jobs_submitted, b.jobs_submitted);
	EXPECT_EQ(a.uring_cmds, b.uring_cmds);
}

/* Other requests on the node are not commands. */
TEST_F(refused, not_a_command)
{
	struct io_uring_sqe *sqe;
	struct rill_end end;
	struct io_uring ring;

	ASSERT_EQ(0, ring_init(&ring, 0));
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_fsync(sqe, self->r.fd, 0);
	ASSERT_EQ(0, rill_uring_one(&ring, &end));
	EXPECT_EQ(-EINVAL, end.res);
	io_uring_queue_exit(&ring);
}

/* A queue can go while its commands' ring stays, and the reverse. */
TEST_F(refused, queue_is_gone)
{
	struct drm_rill_job nop = rill_job(RILL_OP_NOP, 0);
	struct io_uring ring;
	struct rill_end end;

	ASSERT_EQ(0, ring_init(&ring, 0));
	rill_sqe_job(&ring, self->r.fd, self->r.queue, nop, 0);
	ASSERT_EQ(0, rill_uring_one(&ring, &end));
	EXPECT_EQ(0, end.res);
	ASSERT_EQ(0, rill_queue_destroy(self->r.fd, self->r.queue));
	rill_sqe_job(&ring, self->r.fd, self->r.queue, nop, 0);
	ASSERT_EQ(0, rill_uring_one(&ring, &end));
	EXPECT_EQ(-ENOENT, end.res);
	io_uring_queue_exit(&ring);
	ASSERT_EQ(0, rill_queue_create(self->r.fd, self->r.ctx, 1, &self->r.queue));
	EXPECT_EQ(0, rill_run_job(&self->r, nop));
}

TEST_HARNESS_MAIN
