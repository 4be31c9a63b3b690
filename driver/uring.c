// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/string.h>

#include "drv.h"
#include "job.h"
#include "queue.h"
#include "rill_compat.h"
#include "uring.h"

/*
 * State of a command, in the request. From issue until its last job has ended it
 * is protected by the queue's lock, then it belongs to the task work.
 */
struct rill_uring_pdu {
	struct rill_queue *queue;	/* a reference */
	u64 extra1;			/* first start, or status */
	u64 extra2;			/* last end, or detail */
	s32 res;
	u32 pending;			/* jobs that have not ended */
};

static struct rill_uring_pdu *rill_uring_pdu(struct io_uring_cmd *cmd)
{
	return io_uring_cmd_to_pdu(cmd, struct rill_uring_pdu);
}

static void rill_uring_work(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	struct rill_uring_pdu pdu = *rill_uring_pdu(cmd);

	rill_compat_uring_done(cmd, pdu.res, pdu.extra1, pdu.extra2, issue_flags);
	rill_queue_put(pdu.queue);
}

/*
 * The first failure counts. But PASS_FAILED only says that another job of the
 * pass is to blame, so that one replaces it.
 */
static void rill_uring_fail(struct rill_uring_pdu *pdu, const struct rill_end *end)
{
	if (pdu->res && pdu->extra1 != RILL_PASS_FAILED)
		return;
	pdu->res = end->error;
	pdu->extra1 = end->status;
	pdu->extra2 = end->detail;
}

/* A job of the command has ended. Under the queue's lock, maybe in an interrupt. */
void rill_uring_end(struct io_uring_cmd *cmd, const struct rill_end *end)
{
	struct rill_uring_pdu *pdu = rill_uring_pdu(cmd);

	if (end->error) {
		rill_uring_fail(pdu, end);
	} else if (!pdu->res) {
		pdu->extra1 = min(pdu->extra1, end->start_ps);
		pdu->extra2 = max(pdu->extra2, end->end_ps);
	}
	if (!--pdu->pending)
		io_uring_cmd_do_in_task_lazy(cmd, rill_uring_work);
}

/* A doorbell to be rung when the task's plug is flushed. */
struct rill_uring_plug {
	struct blk_plug_cb cb;
	struct rill_queue *queue;	/* a reference: it may be destroyed meanwhile */
};

/* At the end of io_uring_enter(), or when the task is about to sleep: must not sleep. */
static void rill_uring_unplug(struct blk_plug_cb *cb, bool from_schedule)
{
	struct rill_uring_plug *plug = container_of(cb, struct rill_uring_plug, cb);

	rill_queue_ring(plug->queue);
	rill_queue_put(plug->queue);
	kfree(plug);
}

/*
 * io_uring plugs the task for a batch of more than two. If it did, have the
 * queue rung once at its end and return true. The caller must not sleep between this
 * and rill_queue_push(): that would flush the plug too early.
 */
static bool rill_uring_plug(struct rill_queue *q)
{
	struct blk_plug_cb *cb = rill_compat_plug(rill_uring_unplug, q,
						  sizeof(struct rill_uring_plug));
	struct rill_uring_plug *plug;

	if (!cb)
		return false;
	plug = container_of(cb, struct rill_uring_plug, cb);
	if (!plug->queue) {
		kref_get(&q->ref);
		plug->queue = q;
	}
	return true;
}

/*
 * Takes over the reference to the queue. From io_uring_cmd_mark_cancelable() on,
 * the command can only be ended through io_uring_cmd_done(); and it must be marked
 * before its jobs can end, since that may happen at once in another task.
 */
static int rill_uring_push(struct io_uring_cmd *cmd, struct rill_queue *q,
			   const struct drm_rill_job *jobs, u32 count, unsigned int issue_flags)
{
	struct rill_origin origin = { .cmd = cmd };
	struct rill_device *rdev = q->rdev;
	int ret;

	*rill_uring_pdu(cmd) = (struct rill_uring_pdu) {
		.queue = q,
		.extra1 = U64_MAX,
		.pending = count,
	};
	io_uring_cmd_mark_cancelable(cmd, issue_flags);
	ret = rill_queue_push(q, jobs, count, &origin, !rill_uring_plug(q));
	if (ret) {
		io_uring_cmd_done(cmd, ret, 0, issue_flags);
		rill_queue_put(q);
	} else {
		atomic64_inc(&rdev->stats.uring_cmds);
	}
	return -EIOCBQUEUED;
}

/*
 * The same for a device that may be gone. All that is the user's has been read: a page of his that
 * he does not let come must not keep the device from being removed.
 */
static int rill_uring_submit(struct io_uring_cmd *cmd, struct rill_queue *q,
			     const struct drm_rill_job *jobs, u32 count, unsigned int issue_flags)
{
	int idx, ret;

	if (!drm_dev_enter(&q->rdev->drm, &idx)) {
		rill_queue_put(q);
		return -ENODEV;
	}
	ret = rill_uring_push(cmd, q, jobs, count, issue_flags);
	drm_dev_exit(idx);
	return ret;
}

static int rill_uring_job(struct io_uring_cmd *cmd, struct rill_file *file,
			  unsigned int issue_flags)
{
	const struct drm_rill_job *from = io_uring_sqe_cmd(cmd->sqe);
	struct drm_rill_job job = {
		.opcode = READ_ONCE(from->opcode),
		.flags = READ_ONCE(from->flags),
		.addr = READ_ONCE(from->addr),
	};
	struct rill_queue *q;
	int ret;

	ret = rill_job_check(&job);
	if (ret)
		return ret;
	q = rill_queue_get(file, READ_ONCE(from->queue_id));
	if (!q)
		return -ENOENT;
	return rill_uring_submit(cmd, q, &job, 1, issue_flags);
}

static int rill_uring_vector(struct io_uring_cmd *cmd, struct rill_queue *q, u64 addr, u32 count,
			     unsigned int issue_flags)
{
	struct drm_rill_job *jobs;
	int ret = 0;

	if (!count || count > q->depth) {
		ret = -EINVAL;
		goto err_put_queue;
	}
	jobs = vmemdup_array_user(u64_to_user_ptr(addr), count, sizeof(*jobs));
	if (IS_ERR(jobs)) {
		ret = PTR_ERR(jobs);
		goto err_put_queue;
	}
	for (u32 i = 0; i < count && !ret; i++)
		ret = rill_job_check(&jobs[i]);
	if (ret)
		goto err_free_jobs;
	ret = rill_uring_submit(cmd, q, jobs, count, issue_flags);
	kvfree(jobs);
	return ret;

err_free_jobs:
	kvfree(jobs);
err_put_queue:
	rill_queue_put(q);
	return ret;
}

static int rill_uring_jobs(struct io_uring_cmd *cmd, struct rill_file *file,
			   unsigned int issue_flags)
{
	const struct drm_rill_uring_jobs *from = io_uring_sqe_cmd(cmd->sqe);
	struct rill_queue *q = rill_queue_get(file, READ_ONCE(from->queue_id));

	if (!q)
		return -ENOENT;
	return rill_uring_vector(cmd, q, READ_ONCE(from->jobs), READ_ONCE(from->job_count),
				 issue_flags);
}

/* What a command does not use must be zero. */
static int rill_uring_check(const struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	const struct io_uring_sqe *sqe = cmd->sqe;
	const u64 *more = (const u64 *)(sqe + 1);

	BUILD_BUG_ON(sizeof(struct drm_rill_job) != 16);
	BUILD_BUG_ON(sizeof(struct drm_rill_uring_jobs) != 16);
	if (cmd->flags & IORING_URING_CMD_MASK)
		return -EINVAL;
	if (READ_ONCE(sqe->addr) || READ_ONCE(sqe->len) || READ_ONCE(sqe->buf_index) ||
	    READ_ONCE(sqe->file_index))
		return -EINVAL;
	if (issue_flags & IO_URING_F_SQE128)
		for (unsigned int i = 0; i < sizeof(*sqe) / sizeof(*more); i++)
			if (READ_ONCE(more[i]))
				return -EINVAL;
	return 0;
}

static int rill_uring_issue(struct io_uring_cmd *cmd, struct rill_file *file,
			    unsigned int issue_flags)
{
	int ret = rill_uring_check(cmd, issue_flags);

	if (ret)
		return ret;
	switch (cmd->cmd_op) {
	case RILL_URING_JOB:
		return rill_uring_job(cmd, file, issue_flags);
	case RILL_URING_JOBS:
		return rill_uring_jobs(cmd, file, issue_flags);
	default:
		return -EOPNOTSUPP;
	}
}

/* The tag of a job of the command that is not being aborted yet, or U64_MAX. */
static u64 rill_uring_next_tag(struct rill_queue *q, struct io_uring_cmd *cmd)
{
	unsigned long flags;
	u64 tag = U64_MAX;

	spin_lock_irqsave(&q->lock, flags);
	for (u32 i = 0; i < q->depth && tag == U64_MAX; i++) {
		struct rill_job *job = &q->jobs[i];

		if (job->live && job->cmd == cmd && !job->aborting) {
			job->aborting = true;
			tag = job->tag;
		}
	}
	spin_unlock_irqrestore(&q->lock, flags);
	return tag;
}

/*
 * Called by io_uring, under the ring's lock and again and again as long as the command has
 * not completed, when the ring or the task that submitted it goes away.
 *
 * It has the chip abort the command's jobs, each once, and leaves the rest to the
 * normal way: their completions say ABORTED, the last one has the task work run that
 * ends the command with -ECANCELED. So there is one place where a command ends, and
 * the races are
 *  - with completion: a job that ended meanwhile is not found here, or the chip does
 *    not find its tag, which carries a generation and is not soon used again;
 *  - with the doorbell: the task's plug is flushed before it can get here, but another task's
 *    may not be, as with IORING_SETUP_SQPOLL. So ring first: the chip must know what
 *    it is to abort;
 *  - with the queue's destruction: that ends all commands, and after it
 *    rill_queue_abort() does nothing. The pdu's reference keeps the queue: the
 *    command cannot be freed while the ring's lock is held;
 *  - with issue in a worker, which does not hold the ring's lock: jobs not pushed yet
 *    are not found. The next call finds them;
 *  - with a reset or removal of the device: these end all commands themselves.
 */
static void rill_uring_cancel(struct io_uring_cmd *cmd)
{
	struct rill_queue *q = rill_uring_pdu(cmd)->queue;
	bool aborted = false;
	u64 tag;
	int idx;

	if (!drm_dev_enter(&q->rdev->drm, &idx))
		return;
	rill_queue_ring(q);
	for (tag = rill_uring_next_tag(q, cmd); tag != U64_MAX; tag = rill_uring_next_tag(q, cmd)) {
		rill_queue_abort(q, tag);
		aborted = true;
	}
	if (aborted)
		atomic64_inc(&q->rdev->stats.cancels);
	drm_dev_exit(idx);
}

/* This way skips drm_ioctl() and its checks. */
int rill_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	struct drm_file *file_priv = cmd->file->private_data;
	struct rill_file *file = file_priv->driver_priv;

	if (issue_flags & IO_URING_F_CANCEL) {
		rill_uring_cancel(cmd);
		return 0;
	}
	if (drm_dev_is_unplugged(&file->rdev->drm))
		return -ENODEV;
	return rill_uring_issue(cmd, file, issue_flags);
}
