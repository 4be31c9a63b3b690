// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-mapping.h>
#include <linux/log2.h>

#include "ctx.h"
#include "drv.h"
#include "queue.h"
#include "reset.h"
#include "trace.h"

/* Completions for which the chip raises one interrupt, unless it has nothing else to do. */
#define RILL_QUEUE_COALESCE	16

/*
 * A tag is an index into rill_queue.jobs with a generation above it, so an abort
 * that comes late, or a bad completion, does not hit the job that came after.
 */
#define RILL_TAG_INDEX		(RILL_MAX_QUEUE_DEPTH - 1)
#define RILL_TAG_STEP		RILL_MAX_QUEUE_DEPTH

static void rill_queue_release(struct kref *ref)
{
	struct rill_queue *q = container_of(ref, struct rill_queue, ref);

	rill_ctx_put(q->ctx);
	mutex_destroy(&q->admin_lock);
	kvfree_rcu(q, rcu);
}

void rill_queue_put(struct rill_queue *q)
{
	kref_put(&q->ref, rill_queue_release);
}

struct rill_queue *rill_queue_get(struct rill_file *file, u32 id)
{
	struct rill_queue *q;

	xa_lock(&file->queues);
	q = xa_load(&file->queues, id);
	if (q)
		kref_get(&q->ref);
	xa_unlock(&file->queues);
	return q;
}

static void rill_queue_write(struct rill_queue *q, u32 doorbell, u32 value)
{
	rill_hw_write(q->rdev, RILL_DOORBELL_BASE + q->hw_id * RILL_DOORBELL_STRIDE + doorbell,
		      value);
}

static u64 rill_queue_counter(struct rill_queue *q, u32 counter)
{
	return rill_hw_read64(q->rdev, RILL_QUEUE_BASE + q->hw_id * RILL_QUEUE_STRIDE + counter);
}

static void rill_queue_ring_locked(struct rill_queue *q)
{
	lockdep_assert_held(&q->lock);
	if (q->error || q->sq_rung == q->sq_tail)
		return;
	q->sq_rung = q->sq_tail;
	q->rung = q->pushed;
	/* Orders the entries before the doorbell. */
	rill_queue_write(q, RILL_DOORBELL_SQ_TAIL, q->sq_tail);
	atomic64_inc(&q->rdev->stats.doorbells);
	trace_rill_doorbell(q->hw_id, q->sq_tail);
}

/* Tells the chip of the jobs pushed. */
void rill_queue_ring(struct rill_queue *q)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	rill_queue_ring_locked(q);
	spin_unlock_irqrestore(&q->lock, flags);
}

static struct rill_job *rill_queue_push_one(struct rill_queue *q, const struct drm_rill_job *from,
					    const struct rill_origin *origin)
{
	struct rill_job *job = &q->jobs[q->free[q->depth - ++q->in_flight]];
	struct rill_hw_sqe *sqe = &q->sq[q->sq_tail];

	job->cmd = origin->cmd;
	job->fence = NULL;
	job->index = q->pushed++;
	job->opcode = from->opcode;
	job->live = true;
	job->aborting = false;
	q->runnable += rill_job_runnable(job);

	sqe->opcode = cpu_to_le16(from->opcode);
	sqe->flags = cpu_to_le16(from->flags);
	sqe->tag = cpu_to_le32(job->tag);
	sqe->addr = cpu_to_le64(from->addr);
	q->sq_tail = (q->sq_tail + 1) % q->entries;
	trace_rill_submit(q->hw_id, job->tag, from->opcode, from->addr);
	return job;
}

static void rill_queue_expect_result(struct rill_queue *q, struct rill_job *job)
{
	struct rill_result *result;

	job->seqno = q->next_seqno++;
	result = &q->results[job->seqno % (2 * q->depth)];
	result->seqno = job->seqno;
	result->done = false;
}

static void rill_queue_push_all(struct rill_queue *q, const struct drm_rill_job *jobs, u32 count,
				struct rill_origin *origin, bool ring)
{
	u32 was_runnable = q->runnable, was_in_flight = q->in_flight;
	struct rill_job *job = NULL;

	origin->seqno = q->next_seqno;
	for (u32 i = 0; i < count; i++) {
		job = rill_queue_push_one(q, &jobs[i], origin);
		job->seqno = 0;
		if (!origin->cmd)
			rill_queue_expect_result(q, job);
	}
	job->fence = origin->fence;
	if (ring)
		rill_queue_ring_locked(q);

	atomic64_add(count, &q->rdev->stats.submitted);
	if (!was_runnable)
		q->moved = jiffies;
	if (!was_in_flight)
		rill_watchdog_kick(q->rdev);
}

/*
 * Puts all jobs onto the ring, or none. With @ring the chip is told at once, else
 * by a later rill_queue_ring(). Once it returned 0 an io_uring command may have ended.
 */
int rill_queue_push(struct rill_queue *q, const struct drm_rill_job *jobs, u32 count,
		    struct rill_origin *origin, bool ring)
{
	unsigned long flags;
	int ret;

	spin_lock_irqsave(&q->lock, flags);
	ret = q->error;
	if (!ret && count > q->depth - q->in_flight)
		ret = -EBUSY;
	if (!ret)
		rill_queue_push_all(q, jobs, count, origin, ring);
	spin_unlock_irqrestore(&q->lock, flags);
	return ret;
}

static void rill_queue_end_job(struct rill_queue *q, struct rill_job *job,
			       const struct rill_end *end)
{
	job->live = false;
	q->runnable -= rill_job_runnable(job);
	q->free[q->depth - q->in_flight--] = job - q->jobs;
	rill_job_end(q, job, end);
	job->tag += RILL_TAG_STEP;
}

static int rill_queue_errno(struct rill_queue *q, u32 status)
{
	int error = rill_job_errno(status);

	return error == -ECANCELED && q->timed_out ? -ETIME : error;
}

static void rill_queue_complete(struct rill_queue *q, const struct rill_hw_cqe *cqe, u32 status)
{
	struct rill_end end = {
		.start_ps = le64_to_cpu(cqe->start_ps),
		.end_ps = le64_to_cpu(cqe->end_ps),
		.detail = le64_to_cpu(cqe->detail),
		.status = status,
		.error = rill_queue_errno(q, status),
	};
	u32 tag = le32_to_cpu(READ_ONCE(cqe->tag)), i = tag & RILL_TAG_INDEX;

	if (i >= q->depth || !q->jobs[i].live || q->jobs[i].tag != tag) {
		drm_warn(&q->rdev->drm, "queue %u: a completion for no job, tag %#x\n",
			 q->hw_id, tag);
		q->untrusted = true;
		rill_reset_schedule(q->rdev, "it cannot be trusted");
		return;
	}
	rill_queue_end_job(q, &q->jobs[i], &end);
}

static unsigned int rill_queue_harvest_locked(struct rill_queue *q)
{
	unsigned int n = 0;

	lockdep_assert_held(&q->lock);
	if (q->dead)
		return 0;
	for (; n < q->entries && !q->untrusted; n++) {
		struct rill_hw_cqe *cqe = &q->cq[q->cq_head];
		u16 status_phase = le16_to_cpu(READ_ONCE(cqe->status_phase));

		if ((status_phase & RILL_CQE_PHASE) != q->cq_phase)
			break;
		dma_rmb(); /* the phase before the rest of the entry */
		rill_queue_complete(q, cqe, RILL_CQE_STATUS(status_phase));
		q->cq_head = (q->cq_head + 1) % q->entries;
		if (!q->cq_head)
			q->cq_phase ^= RILL_CQE_PHASE;
	}
	if (n) {
		rill_queue_write(q, RILL_DOORBELL_CQ_HEAD, q->cq_head);
		wake_up_all(&q->wait);
	}
	return n;
}

static unsigned int rill_queue_harvest(struct rill_queue *q)
{
	unsigned long flags;
	unsigned int n;

	spin_lock_irqsave(&q->lock, flags);
	n = rill_queue_harvest_locked(q);
	spin_unlock_irqrestore(&q->lock, flags);
	return n;
}

/* Queue i interrupts on vector 1 + (i - 1) % (vectors - 1), or on the only one. */
static unsigned int rill_queue_vector(struct rill_device *rdev, u32 hw_id)
{
	return rdev->vectors > 1 ? 1 + (hw_id - 1) % (rdev->vectors - 1) : 0;
}

void rill_queue_irq(struct rill_device *rdev, unsigned int vector)
{
	unsigned int step = max(rdev->vectors, 2U) - 1, n = 0;

	/* First: who is woken up by a completion may ask at once. */
	atomic64_inc(&rdev->stats.interrupts);
	for (u32 i = max(vector, 1U); i <= rdev->info.max_queues; i += step) {
		/* Pairs with rill_queue_publish(). */
		struct rill_queue *q = smp_load_acquire(&rdev->queues[i]);

		if (q)
			n += rill_queue_harvest(q);
	}
	trace_rill_irq(vector, n);
}

/* Before the chip is reset: a doorbell of a queue that it does not know is fatal to it. */
void rill_queue_freeze(struct rill_queue *q, int error)
{
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	if (!q->error)
		q->error = error;
	q->dead = true;
	spin_unlock_irqrestore(&q->lock, flags);
}

/* Ends all jobs, without the chip: it must have been reset or have deleted the queue. */
void rill_queue_kill(struct rill_queue *q, int error)
{
	struct rill_end end = { .status = RILL_ABORTED, .error = error };

	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	q->error = error;
	q->dead = true;
	for (u32 i = 0; i < q->depth; i++)
		if (q->jobs[i].live)
			rill_queue_end_job(q, &q->jobs[i], &end);
	wake_up_all(&q->wait);
	spin_unlock_irqrestore(&q->lock, flags);
}

static void rill_queue_free_rings(struct rill_queue *q)
{
	struct device *dev = q->rdev->drm.dev;

	dma_free_coherent(dev, q->entries * sizeof(*q->cq), q->cq, q->cq_dma);
	dma_free_coherent(dev, q->entries * sizeof(*q->sq), q->sq, q->sq_dma);
	q->cq = NULL;
	q->sq = NULL;
}

static void rill_queue_publish(struct rill_queue *q)
{
	/* Pairs with rill_queue_irq(): a handler sees the queue complete. */
	smp_store_release(&q->rdev->queues[q->hw_id], q);
}

/* Frees the rings of a queue that was killed, and its number. */
static void rill_queue_forget(struct rill_queue *q)
{
	struct rill_device *rdev = q->rdev;

	lockdep_assert_held(&rdev->lock);
	WRITE_ONCE(rdev->queues[q->hw_id], NULL);
	rill_hw_irq_sync(rdev, q->vector);
	rill_queue_free_rings(q);
}

/* The device is going: frees what the chip used, the rest stays with its file. */
void rill_queue_revoke_all(struct rill_device *rdev)
{
	guard(mutex)(&rdev->lock);
	for (u32 i = 1; i <= rdev->info.max_queues; i++) {
		struct rill_queue *q = rdev->queues[i];

		if (!q)
			continue;
		rill_queue_kill(q, -ENODEV);
		rill_queue_forget(q);
	}
}

/*
 * Aborts jobs by tag, or all with ~0. When it returns 0, those that the chip had
 * have ended; else a reset will end them.
 */
int rill_queue_abort(struct rill_queue *q, u64 tag)
{
	int ret;

	guard(mutex)(&q->admin_lock);
	if (READ_ONCE(q->dead))
		return -EIO;
	ret = rill_admin(q->rdev, RILL_ADMIN_ABORT, q->hw_id, tag);
	rill_queue_harvest(q);
	return ret;
}

static bool rill_queue_has_older(struct rill_queue *q, u64 index)
{
	for (u32 i = 0; i < q->depth; i++)
		if (q->jobs[i].live && q->jobs[i].index < index)
			return true;
	return false;
}

/* Ends a hung queue's jobs with -ETIME. It is as good as new after that. */
void rill_queue_time_out(struct rill_queue *q)
{
	unsigned long flags;
	u64 rung;
	bool left;

	spin_lock_irqsave(&q->lock, flags);
	q->timed_out = true;
	rung = q->rung;
	spin_unlock_irqrestore(&q->lock, flags);

	/* One reset is enough. */
	if (rill_queue_abort(q, U64_MAX))
		rill_reset_wait(q->rdev);

	spin_lock_irqsave(&q->lock, flags);
	q->timed_out = false;
	left = rill_queue_has_older(q, rung);
	spin_unlock_irqrestore(&q->lock, flags);
	if (left)
		rill_reset_schedule(q->rdev, "jobs survived their abortion");
}

/* The index of the oldest job that does not wait for a PASS_END. */
static u64 rill_queue_oldest_runnable(struct rill_queue *q)
{
	u64 oldest = U64_MAX;

	for (u32 i = 0; i < q->depth; i++)
		if (q->jobs[i].live && rill_job_runnable(&q->jobs[i]))
			oldest = min(oldest, q->jobs[i].index);
	return oldest;
}

static enum rill_queue_state rill_queue_watch_locked(struct rill_queue *q, unsigned long timeout,
						     u64 progress, u64 fetched)
{
	if (rill_queue_harvest_locked(q))
		drm_dbg(&q->rdev->drm, "queue %u: completions without an interrupt\n", q->hw_id);
	if (progress != q->seen_progress || fetched != q->seen_fetched) {
		q->seen_progress = progress;
		q->seen_fetched = fetched;
		q->moved = jiffies;
		q->rdev->moved = jiffies;
	}
	if (!timeout || q->dead || !q->runnable || time_before(jiffies, q->moved + timeout))
		return RILL_QUEUE_FINE;
	return rill_queue_oldest_runnable(q) < fetched ? RILL_QUEUE_HUNG : RILL_QUEUE_WAITING;
}

/* Looks whether the queue moved. An open pass is not a hang: it is userspace's turn. */
enum rill_queue_state rill_queue_watch(struct rill_queue *q, unsigned long timeout)
{
	u64 progress = rill_queue_counter(q, RILL_QUEUE_PROGRESS);
	u64 fetched = rill_queue_counter(q, RILL_QUEUE_FETCHED);
	enum rill_queue_state state;
	unsigned long flags;

	spin_lock_irqsave(&q->lock, flags);
	state = rill_queue_watch_locked(q, timeout, progress, fetched);
	spin_unlock_irqrestore(&q->lock, flags);
	return state;
}

static struct rill_queue *rill_queue_alloc_jobs(u32 depth)
{
	struct rill_queue *q;
	size_t jobs = struct_size(q, jobs, depth);
	size_t results = array_size(2 * depth, sizeof(*q->results));

	q = kvzalloc(jobs + results + array_size(depth, sizeof(*q->free)), GFP_KERNEL_ACCOUNT);
	if (!q)
		return NULL;
	q->depth = depth;
	q->results = (void *)q + jobs;
	q->free = (void *)q->results + results;
	for (u32 i = 0; i < depth; i++) {
		q->jobs[i].tag = i;
		q->free[i] = i;
	}
	return q;
}

static int rill_queue_alloc_rings(struct rill_queue *q)
{
	struct device *dev = q->rdev->drm.dev;

	q->sq = dma_alloc_coherent(dev, q->entries * sizeof(*q->sq), &q->sq_dma,
				   GFP_KERNEL_ACCOUNT);
	if (!q->sq)
		return -ENOMEM;
	q->cq = dma_alloc_coherent(dev, q->entries * sizeof(*q->cq), &q->cq_dma,
				   GFP_KERNEL_ACCOUNT);
	if (!q->cq) {
		dma_free_coherent(dev, q->entries * sizeof(*q->sq), q->sq, q->sq_dma);
		return -ENOMEM;
	}
	return 0;
}

static struct rill_queue *rill_queue_alloc(struct rill_file *file, struct rill_ctx *ctx, u32 depth)
{
	struct rill_queue *q = rill_queue_alloc_jobs(depth);
	int ret;

	if (!q)
		return ERR_PTR(-ENOMEM);
	kref_init(&q->ref);
	kref_get(&ctx->ref);
	q->ctx = ctx;
	q->rdev = file->rdev;
	q->file = file;
	q->entries = roundup_pow_of_two(depth + 1);
	q->cq_phase = RILL_CQE_PHASE;
	q->next_seqno = 1;
	mutex_init(&q->admin_lock);
	spin_lock_init(&q->lock);
	init_waitqueue_head(&q->wait);

	ret = rill_queue_alloc_rings(q);
	if (ret) {
		rill_queue_put(q);
		return ERR_PTR(ret);
	}
	return q;
}

static int rill_queue_number(struct rill_queue *q)
{
	struct rill_device *rdev = q->rdev;

	for (u32 i = 1; i <= rdev->info.max_queues; i++) {
		if (!rdev->queues[i]) {
			q->hw_id = i;
			q->vector = rill_queue_vector(rdev, i);
			rill_queue_publish(q);
			return 0;
		}
	}
	return -ENOSPC;
}

static struct rill_queue *rill_queue_create(struct rill_file *file, struct rill_ctx *ctx,
					    u32 depth)
{
	struct rill_queue *q = rill_queue_alloc(file, ctx, depth);
	bool numbered;
	int ret;

	if (IS_ERR(q))
		return q;
	scoped_guard(mutex, &q->rdev->lock) {
		ret = rill_queue_number(q);
		numbered = !ret;
		if (numbered)
			ret = rill_admin(q->rdev, RILL_ADMIN_QUEUE_CREATE, q->hw_id, q->sq_dma,
					 q->cq_dma, q->entries, ctx->hw_id,
					 q->vector | RILL_QUEUE_COALESCE << 16);
	}
	if (!ret)
		return q;
	if (numbered) {
		rill_queue_destroy(q);
	} else {
		rill_queue_free_rings(q);
		rill_queue_put(q);
	}
	return ERR_PTR(ret);
}

/* Takes the queue off the chip: aborts its jobs, then deletes it. */
static void rill_queue_delete(struct rill_queue *q)
{
	struct rill_device *rdev = q->rdev;
	unsigned long flags;
	int idx;

	spin_lock_irqsave(&q->lock, flags);
	if (!q->error)
		q->error = -ECANCELED;
	spin_unlock_irqrestore(&q->lock, flags);

	rill_queue_abort(q, U64_MAX);
	guard(mutex)(&q->admin_lock);
	if (drm_dev_enter(&rdev->drm, &idx)) {
		if (READ_ONCE(q->dead) || rill_admin(rdev, RILL_ADMIN_QUEUE_DELETE, q->hw_id))
			rill_reset_wait(rdev);
		drm_dev_exit(idx);
	} else {
		rill_reset_stop(rdev);
	}
	rill_queue_kill(q, -ECANCELED);
}

/* The queue must be in no file's table any more; the last reference may be put later. */
void rill_queue_destroy(struct rill_queue *q)
{
	struct rill_device *rdev = q->rdev;

	rill_queue_delete(q);
	scoped_guard(mutex, &rdev->lock)
		if (rdev->queues[q->hw_id] == q)
			rill_queue_forget(q);
	rill_queue_put(q);
}

static int rill_queue_add(struct rill_file *file, struct drm_rill_queue_create *args)
{
	struct rill_ctx *ctx;
	struct rill_queue *q;
	int ret;

	guard(mutex)(&file->lock);
	ctx = xa_load(&file->ctxs, args->ctx_id);
	if (!ctx)
		return -ENOENT;
	q = rill_queue_create(file, ctx, args->depth);
	if (IS_ERR(q))
		return PTR_ERR(q);
	ret = xa_alloc(&file->queues, &args->queue_id, q, xa_limit_31b, GFP_KERNEL_ACCOUNT);
	if (ret) {
		rill_queue_destroy(q);
		return ret;
	}
	ctx->queues++;
	return 0;
}

int rill_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file_priv)
{
	struct rill_device *rdev = to_rill_device(drm);
	struct drm_rill_queue_create *args = data;
	int idx, ret;

	if (args->flags || !args->depth || args->depth >= rdev->info.max_queue_depth)
		return -EINVAL;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	ret = rill_queue_add(file_priv->driver_priv, args);
	drm_dev_exit(idx);
	return ret;
}

int rill_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file_priv)
{
	struct rill_file *file = file_priv->driver_priv;
	struct drm_rill_queue_destroy *args = data;
	struct rill_queue *q;

	if (args->pad)
		return -EINVAL;
	guard(mutex)(&file->lock);
	q = xa_erase(&file->queues, args->queue_id);
	if (!q)
		return -ENOENT;
	q->ctx->queues--;
	rill_queue_destroy(q);
	return 0;
}
