/* SPDX-License-Identifier: GPL-2.0 */
/* Jobs through io_uring, for the tests of rill.ko. Needs liburing. */
#ifndef RILL_URING_H
#define RILL_URING_H

#include <liburing.h>

#include "rill_test.h"

/* A completion, with what a big CQE adds to it */
struct rill_end {
	__u64 user_data;
	__u64 extra1, extra2;
	__s32 res;
};

/* The next SQE as a command whose payload is still to be filled in */
static inline struct io_uring_sqe *rill_sqe(struct io_uring *ring, int fd, __u32 op,
					    __u64 user_data)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	if (!sqe)
		abort();	/* the test's ring is too small */
	io_uring_prep_rw(IORING_OP_URING_CMD, sqe, fd, NULL, 0, 0);
	sqe->cmd_op = op;
	sqe->user_data = user_data;
	memset(sqe->cmd, 0, 16);
	return sqe;
}

static inline struct io_uring_sqe *rill_sqe_job(struct io_uring *ring, int fd, __u32 queue,
						struct drm_rill_job job, __u64 user_data)
{
	struct io_uring_sqe *sqe = rill_sqe(ring, fd, RILL_URING_JOB, user_data);

	job.queue_id = queue;
	memcpy(sqe->cmd, &job, sizeof(job));
	return sqe;
}

static inline struct io_uring_sqe *rill_sqe_jobs(struct io_uring *ring, int fd, __u32 queue,
						 const struct drm_rill_job *jobs, __u32 n,
						 __u64 user_data)
{
	struct drm_rill_uring_jobs cmd = {
		.queue_id = queue, .job_count = n, .jobs = rill_ptr(jobs),
	};
	struct io_uring_sqe *sqe = rill_sqe(ring, fd, RILL_URING_JOBS, user_data);

	memcpy(sqe->cmd, &cmd, sizeof(cmd));
	return sqe;
}

/* The next n completions in their order; -ETIME if they do not come. */
static inline int rill_reap_for(struct io_uring *ring, struct rill_end *ends, unsigned int n,
				__s64 timeout_ns)
{
	struct __kernel_timespec ts = {
		.tv_sec = timeout_ns / RILL_SECOND, .tv_nsec = timeout_ns % RILL_SECOND,
	};
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct io_uring_cqe *cqe;
		int err;

		do
			err = io_uring_wait_cqe_timeout(ring, &cqe, &ts);
		while (err == -EINTR);
		if (err)
			return err;
		ends[i] = (struct rill_end){ .user_data = cqe->user_data, .res = cqe->res };
		if (ring->flags & IORING_SETUP_CQE32) {
			ends[i].extra1 = cqe->big_cqe[0];
			ends[i].extra2 = cqe->big_cqe[1];
		}
		io_uring_cqe_seen(ring, cqe);
	}
	return 0;
}

static inline int rill_reap(struct io_uring *ring, struct rill_end *ends, unsigned int n)
{
	return rill_reap_for(ring, ends, n, RILL_PATIENCE);
}

/* All SQEs that were made, n of them */
static inline int rill_uring_submit(struct io_uring *ring, unsigned int n)
{
	int got = io_uring_submit(ring);

	/* With SQPOLL it tells what the kernel's thread has not taken yet. */
	if (got < 0 || (ring->flags & IORING_SETUP_SQPOLL))
		return got < 0 ? got : 0;
	return got == (int)n ? 0 : -EPROTO;
}

/* One command from its SQE to its end */
static inline int rill_uring_one(struct io_uring *ring, struct rill_end *end)
{
	int err = rill_uring_submit(ring, 1);

	return err ? err : rill_reap(ring, end, 1);
}

/* Jobs as commands of one io_uring_enter(); ends[] in the order of the jobs. */
static inline int rill_uring_run(struct io_uring *ring, int fd, __u32 queue,
				 const struct drm_rill_job *jobs, unsigned int n,
				 struct rill_end *ends)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++)
		rill_sqe_job(ring, fd, queue, jobs[i], i);
	err = rill_uring_submit(ring, n);
	for (i = 0; i < n && !err; i++) {
		struct rill_end end;

		err = rill_reap(ring, &end, 1);
		if (!err && end.user_data >= n)
			err = -EPROTO;
		if (!err)
			ends[end.user_data] = end;
	}
	return err;
}

#endif
