// SPDX-License-Identifier: MIT
/*
 * Submission through io_uring: one command a job, and one io_uring_enter() that both
 * submits a whole batch and waits for it. io_uring tells the driver of the
 * batch, so the chip's doorbell is rung once. Big completions bring device time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <liburing.h>

#include "kernel.h"

#define RING_LEAST	8

/* liburing counts head and tail from its own memory, so these calls cost no system call. */
struct kernel_ring {
	struct io_uring uring;
	uint32_t pending;		/* commands without a completion */
};

/* From what new kernels do best to what any kernel with uring_cmd can do. */
static const unsigned int setups[] = {
	IORING_SETUP_CQE32 | IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER |
		IORING_SETUP_DEFER_TASKRUN,
	IORING_SETUP_CQE32 | IORING_SETUP_SUBMIT_ALL,
	IORING_SETUP_CQE32,
};

static int init_ring_of(struct kernel_ring *ring, uint32_t entries)
{
	int err = -EINVAL;

	for (size_t i = 0; i < sizeof(setups) / sizeof(setups[0]) && err == -EINVAL; i++)
		err = io_uring_queue_init(entries, &ring->uring, setups[i]);
	return err;
}

/* Where memory is short, a shorter ring than the queue will do: batches take more calls. */
static int init_ring(struct kernel_ring *ring, uint32_t depth)
{
	uint32_t entries = depth;
	int err = init_ring_of(ring, entries);

	for (; err == -ENOMEM && entries > RING_LEAST; entries /= 2)
		err = init_ring_of(ring, entries / 2);
	return err;
}

static const char *explain_setup(int err)
{
	switch (err) {
	case -EPERM:
		return "forbidden here (sysctl kernel.io_uring_disabled, or a container's seccomp filter)";
	case -ENOSYS:
		return "this kernel has none";
	case -EINVAL:
		return "this kernel's has no big completions (5.19 and later have)";
	case -ENOMEM:
		return "no memory for the ring (see ulimit -l)";
	default:
		return strerror(-err);
	}
}

int kernel_uring_open(struct kernel_queue *queue, uint32_t depth)
{
	struct kernel_ring *ring = calloc(1, sizeof(*ring));
	int err;

	if (!ring)
		return rill_error(&queue->device->base, -ENOMEM, "out of memory");
	err = init_ring(ring, depth);
	if (err) {
		free(ring);
		return rill_error(&queue->device->base, err, "io_uring: %s", explain_setup(err));
	}
	queue->ring = ring;
	return 0;
}

void kernel_uring_close(struct kernel_queue *queue)
{
	io_uring_queue_exit(&queue->ring->uring);
	free(queue->ring);
}

/* --- completions --- */

static void take(const struct io_uring_cqe *cqe, struct drm_rill_job_result *result)
{
	memset(result, 0, sizeof(*result));
	result->error = cqe->res < 0 ? cqe->res : 0;
	if (!result->error) {
		result->start_ps = cqe->big_cqe[0];
		result->end_ps = cqe->big_cqe[1];
	} else {
		result->status = cqe->big_cqe[0];
		result->detail = cqe->big_cqe[1];
	}
}

/* Takes what is there, without a system call. */
static void reap(struct kernel_ring *ring, struct drm_rill_job_result *results)
{
	struct io_uring_cqe *cqe;
	unsigned int head, count = 0;

	io_uring_for_each_cqe(&ring->uring, head, cqe) {
		take(cqe, &results[cqe->user_data]);
		count++;
	}
	io_uring_cq_advance(&ring->uring, count);
	ring->pending -= count;
}

/* --- system calls --- */

static int explain_enter(struct kernel_queue *queue, int err)
{
	return rill_error(&queue->device->base, err, "io_uring_enter: %s", strerror(-err));
}

/* Submits what the ring holds and waits for `wait` completions. */
static int enter(struct kernel_queue *queue, uint32_t wait, struct drm_rill_job_result *results)
{
	struct io_uring *uring = &queue->ring->uring;
	int err;

	queue->base.stats.syscalls++;
	if (io_uring_sq_ready(uring))
		queue->base.stats.submit_syscalls++;
	err = io_uring_submit_and_wait(uring, wait);
	reap(queue->ring, results);
	if (err < 0 && err != -EINTR && err != -EAGAIN && err != -EBUSY)
		return explain_enter(queue, err);
	return 0;
}

/* All that is in the ring has gone to the driver, and all completions have come. */
static int finish(struct kernel_queue *queue, struct drm_rill_job_result *results)
{
	int err = 0;

	while (!err && (queue->ring->pending || io_uring_sq_ready(&queue->ring->uring)))
		err = enter(queue, queue->ring->pending, results);
	return err;
}

/* An entry; a ring shorter than the batch is emptied first. */
static struct io_uring_sqe *next_sqe(struct kernel_queue *queue,
				     struct drm_rill_job_result *results, int *err)
{
	struct io_uring_sqe *sqe = NULL;

	*err = 0;
	while (!*err && !(sqe = io_uring_get_sqe(&queue->ring->uring)))
		*err = enter(queue, 0, results);
	return sqe;
}

static void prepare(struct kernel_queue *queue, struct io_uring_sqe *sqe,
		    enum drm_rill_uring_op op, const void *command, size_t bytes, uint64_t index)
{
	io_uring_prep_rw(IORING_OP_URING_CMD, sqe, queue->device->fd, NULL, 0, 0);
	sqe->cmd_op = op;
	sqe->user_data = index;
	memcpy((char *)sqe + offsetof(struct io_uring_sqe, cmd), command, bytes);
	queue->ring->pending++;
}

int kernel_uring_run(struct kernel_queue *queue, const struct drm_rill_job *jobs, uint32_t count,
		     struct drm_rill_job_result *results)
{
	struct io_uring_sqe *sqe;
	int err;

	for (uint32_t i = 0; i < count; i++) {
		struct drm_rill_job job = jobs[i];

		job.queue_id = queue->id;
		sqe = next_sqe(queue, results, &err);
		if (err)
			return err;
		prepare(queue, sqe, RILL_URING_JOB, &job, sizeof(job), i);
	}
	return finish(queue, results);
}

int kernel_uring_run_vector(struct kernel_queue *queue, const struct drm_rill_job *jobs,
			    uint32_t count, struct drm_rill_job_result *result)
{
	const struct drm_rill_uring_jobs command = {
		.queue_id = queue->id, .job_count = count, .jobs = (uintptr_t)jobs,
	};
	struct io_uring_sqe *sqe;
	int err;

	sqe = next_sqe(queue, result, &err);
	if (err)
		return err;
	prepare(queue, sqe, RILL_URING_JOBS, &command, sizeof(command), 0);
	return finish(queue, result);
}
