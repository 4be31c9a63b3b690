// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-fence.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <drm/drm_syncobj.h>

#include <rill_stream.h>

#include "ctx.h"
#include "drv.h"
#include "job.h"
#include "queue.h"
#include "trace.h"
#include "uring.h"

int rill_job_errno(u32 status)
{
	switch (status) {
	case RILL_OK:
		return 0;
	case RILL_BAD_OPCODE:
	case RILL_BAD_FLAGS:
	case RILL_BAD_FIELD:
	case RILL_BAD_RESERVED:
	case RILL_BAD_PLACEMENT:
	case RILL_NO_PASS:
	case RILL_PASS_OPEN:
	case RILL_BAD_PROGRAM:
		return -EINVAL;
	case RILL_FAULT_READ:
	case RILL_FAULT_WRITE:
		return -EFAULT;
	case RILL_PASS_FAILED:
	case RILL_ABORTED:
		return -ECANCELED;
	case RILL_SRAM_TOO_SMALL:
		return -ENOSPC;
	case RILL_UNREACHABLE:
		return -ENETUNREACH;
	case RILL_OVERFLOW:
		return -EOVERFLOW;
	case RILL_BAD_RULES:
	case RILL_PROGRAM_FAULT:
		return -EPROTO;
	case RILL_DEADLOCK:
		return -EDEADLK;
	case RILL_FIRING_LIMIT:
		return -EDQUOT;
	default:
		return -EIO;
	}
}

/* A pass runs when its PASS_END has come; until then its other jobs wait for userspace. */
bool rill_job_runnable(const struct rill_job *job)
{
	return job->opcode != RILL_OP_PASS_BEGIN && job->opcode != RILL_OP_STREAM;
}

int rill_job_check(const struct drm_rill_job *job)
{
	return job->flags || job->queue_id ? -EINVAL : 0;
}

static void rill_job_report(struct rill_queue *q, struct rill_job *job, const struct rill_end *end)
{
	bool write = end->status == RILL_FAULT_WRITE;

	if (write || end->status == RILL_FAULT_READ)
		trace_rill_fault(q->ctx->hw_id, q->hw_id, job->tag, end->detail, write);
	if (end->status == RILL_INTERNAL || end->status == RILL_DMA_ERROR)
		dev_warn_ratelimited(q->rdev->drm.dev,
				     "queue %u: a job of opcode %u ended with status %u, detail %#llx\n",
				     q->hw_id, job->opcode, end->status, end->detail);
}

static void rill_job_account(struct rill_queue *q, const struct rill_end *end)
{
	u64 start = max(end->start_ps, q->busy_until_ps);

	atomic64_inc(&q->rdev->stats.completed);
	if (end->error)
		atomic64_inc(&q->rdev->stats.failed);
	if (end->end_ps > start) {
		atomic64_add(end->end_ps - start, &q->file->busy_ps);
		q->busy_until_ps = end->end_ps;
	}
}

static void rill_job_keep_result(struct rill_queue *q, struct rill_job *job,
				 const struct rill_end *end)
{
	struct rill_result *result = &q->results[job->seqno % (2 * q->depth)];

	/* Overwritten if this job waited for its pass while others came and failed. */
	if (result->seqno != job->seqno)
		return;
	result->result.start_ps = end->start_ps;
	result->result.end_ps = end->end_ps;
	result->result.detail = end->detail;
	result->result.status = end->status;
	result->result.error = end->error;
	result->done = true;
}

/* The job is off its queue's list already. Under the queue's lock, maybe in an interrupt. */
void rill_job_end(struct rill_queue *q, struct rill_job *job, const struct rill_end *end)
{
	trace_rill_complete(q->hw_id, job->tag, end->status, end->error, end->detail,
			    end->start_ps, end->end_ps);
	rill_job_report(q, job, end);
	rill_job_account(q, end);
	if (job->cmd)
		rill_uring_end(job->cmd, end);
	else
		rill_job_keep_result(q, job, end);
	if (job->fence) {
		if (end->error)
			dma_fence_set_error(job->fence, end->error);
		dma_fence_signal(job->fence);
		dma_fence_put(job->fence);
	}
}

/* Signals when a job has ended. It holds the module, whose code others may call through it. */
struct rill_fence {
	struct dma_fence base;
	spinlock_t lock;		/* for base */
};

static const char *rill_fence_get_driver_name(struct dma_fence *fence)
{
	return RILL_DRIVER_NAME;
}

static const char *rill_fence_get_timeline_name(struct dma_fence *fence)
{
	return "job";
}

static void rill_fence_release(struct dma_fence *fence)
{
	dma_fence_free(fence);
	module_put(THIS_MODULE);
}

static const struct dma_fence_ops rill_fence_ops = {
	.get_driver_name = rill_fence_get_driver_name,
	.get_timeline_name = rill_fence_get_timeline_name,
	.release = rill_fence_release,
};

/* Jobs need not end in order, so each fence is a timeline of its own. */
static struct dma_fence *rill_fence_create(void)
{
	struct rill_fence *fence = kzalloc(sizeof(*fence), GFP_KERNEL_ACCOUNT);

	if (!fence)
		return NULL;
	__module_get(THIS_MODULE);
	spin_lock_init(&fence->lock);
	dma_fence_init(&fence->base, &rill_fence_ops, &fence->lock, dma_fence_context_alloc(1), 1);
	return &fence->base;
}

static int rill_submit_wait(struct drm_file *file, u32 handle)
{
	struct dma_fence *fence;
	long ret;

	ret = drm_syncobj_find_fence(file, handle, 0, 0, &fence);
	if (ret)
		return ret;
	ret = dma_fence_wait(fence, true);
	dma_fence_put(fence);
	return ret;
}

static int rill_submit_push(struct rill_queue *q, const struct drm_rill_job *jobs, u32 count,
			    struct rill_origin *origin)
{
	int idx, ret;

	if (!drm_dev_enter(&q->rdev->drm, &idx))
		return -ENODEV;
	ret = rill_queue_push(q, jobs, count, origin, true);
	if (!ret)
		atomic64_inc(&q->rdev->stats.submit_ioctls);
	drm_dev_exit(idx);
	return ret;
}

/* Pushes the jobs with a fence for the last one. */
static int rill_submit_fenced(struct rill_queue *q, const struct drm_rill_job *jobs, u32 count,
			      struct rill_origin *origin, struct drm_syncobj *out)
{
	struct dma_fence *fence = rill_fence_create();
	int ret;

	if (!fence)
		return -ENOMEM;
	origin->fence = dma_fence_get(fence);
	ret = rill_submit_push(q, jobs, count, origin);
	if (ret)
		dma_fence_put(fence);
	else
		drm_syncobj_replace_fence(out, fence);
	dma_fence_put(fence);
	return ret;
}

static int rill_submit(struct rill_queue *q, const struct drm_rill_job *jobs,
		       struct drm_rill_submit *args, struct drm_file *file)
{
	struct rill_origin origin = {};
	struct drm_syncobj *out = NULL;
	int ret = 0;

	if (args->out_syncobj) {
		out = drm_syncobj_find(file, args->out_syncobj);
		if (!out)
			return -ENOENT;
	}
	if (args->in_syncobj)
		ret = rill_submit_wait(file, args->in_syncobj);
	if (!ret && out)
		ret = rill_submit_fenced(q, jobs, args->job_count, &origin, out);
	else if (!ret)
		ret = rill_submit_push(q, jobs, args->job_count, &origin);
	if (out)
		drm_syncobj_put(out);
	args->seqno = origin.seqno;
	return ret;
}

/* A fence must signal in finite time. A STREAM waits for a PASS_END, which may never come. */
static bool rill_job_signals(const struct drm_rill_job *job)
{
	return job->opcode != RILL_OP_STREAM;
}

static int rill_submit_jobs(struct rill_queue *q, struct drm_rill_submit *args,
			    struct drm_file *file)
{
	struct drm_rill_job *jobs;
	int ret = 0;

	if (!args->job_count || args->job_count > q->depth)
		return -EINVAL;
	jobs = vmemdup_array_user(u64_to_user_ptr(args->jobs), args->job_count, sizeof(*jobs));
	if (IS_ERR(jobs))
		return PTR_ERR(jobs);
	for (u32 i = 0; i < args->job_count && !ret; i++)
		ret = rill_job_check(&jobs[i]);
	if (!ret && args->out_syncobj && !rill_job_signals(&jobs[args->job_count - 1]))
		ret = -EINVAL;
	if (!ret)
		ret = rill_submit(q, jobs, args, file);
	kvfree(jobs);
	return ret;
}

int rill_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_rill_submit *args = data;
	struct rill_queue *q = rill_queue_get(file->driver_priv, args->queue_id);
	int ret;

	if (!q)
		return -ENOENT;
	ret = rill_submit_jobs(q, args, file);
	rill_queue_put(q);
	return ret;
}

/* 0 if all of these jobs have ended, -EAGAIN if not yet, -ENOENT if their results are not kept. */
static int rill_wait_state_locked(struct rill_queue *q, u64 seqno, u32 count)
{
	u64 end;

	if (!seqno || check_add_overflow(seqno, (u64)count, &end) || end > q->next_seqno)
		return -ENOENT;
	if (q->next_seqno - seqno > 2 * q->depth)
		return -ENOENT;
	for (; seqno < end; seqno++)
		if (!q->results[seqno % (2 * q->depth)].done)
			return -EAGAIN;
	return 0;
}

static int rill_wait_state(struct rill_queue *q, u64 seqno, u32 count)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&q->lock, flags);
	ret = rill_wait_state_locked(q, seqno, count);
	spin_unlock_irqrestore(&q->lock, flags);
	return ret;
}

static int rill_wait_results(struct rill_queue *q, u64 seqno, u32 count,
			     struct drm_rill_job_result *results)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&q->lock, flags);
	ret = rill_wait_state_locked(q, seqno, count);
	for (u32 i = 0; i < count && !ret; i++)
		results[i] = q->results[(seqno + i) % (2 * q->depth)].result;
	spin_unlock_irqrestore(&q->lock, flags);
	return ret;
}

static int rill_wait_copy(struct rill_queue *q, const struct drm_rill_wait *args)
{
	struct drm_rill_job_result *results;
	int ret;

	results = kvcalloc(args->job_count, sizeof(*results), GFP_KERNEL_ACCOUNT);
	if (!results)
		return -ENOMEM;
	ret = rill_wait_results(q, args->seqno, args->job_count, results);
	if (!ret && copy_to_user(u64_to_user_ptr(args->results), results,
				 args->job_count * sizeof(*results)))
		ret = -EFAULT;
	kvfree(results);
	return ret;
}

static unsigned long rill_wait_jiffies(s64 timeout_ns)
{
	if (timeout_ns < 0)
		return MAX_SCHEDULE_TIMEOUT;
	if (!timeout_ns)
		return 0;
	return min_t(u64, nsecs_to_jiffies64(timeout_ns) + 1, MAX_SCHEDULE_TIMEOUT - 1);
}

/* The call will be restarted, with what is left of its time. */
static void rill_wait_interrupted(struct drm_rill_wait *args, ktime_t start)
{
	s64 passed = ktime_to_ns(ktime_sub(ktime_get(), start));

	if (args->timeout_ns > 0)
		args->timeout_ns = max(args->timeout_ns - passed, 0LL);
}

static int rill_wait(struct rill_queue *q, struct drm_rill_wait *args)
{
	u32 count = args->job_count;
	ktime_t start = ktime_get();
	int state;
	long left;

	if (!count || count > q->depth)
		return -EINVAL;
	left = wait_event_interruptible_timeout(q->wait,
						(state = rill_wait_state(q, args->seqno, count)) !=
						-EAGAIN, rill_wait_jiffies(args->timeout_ns));
	if (left < 0) {
		rill_wait_interrupted(args, start);
		return left;
	}
	if (state == -EAGAIN)
		return -ETIME;
	return state ?: rill_wait_copy(q, args);
}

int rill_wait_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_rill_wait *args = data;
	struct rill_queue *q = rill_queue_get(file->driver_priv, args->queue_id);
	int ret;

	if (!q)
		return -ENOENT;
	ret = rill_wait(q, args);
	rill_queue_put(q);
	return ret;
}
