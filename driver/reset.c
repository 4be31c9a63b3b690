// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include "ctx.h"
#include "drv.h"
#include "queue.h"
#include "reset.h"

static unsigned int rill_timeout_ms = 10000;
module_param_named(timeout_ms, rill_timeout_ms, uint, 0644);
MODULE_PARM_DESC(timeout_ms,
		 "Abort a queue whose running job has made no progress for so long; 0: never (10000)");

/* A job gets aborted once it has not moved for timeout_ms to that and a quarter. */
static unsigned long rill_watchdog_period(void)
{
	unsigned int ms = READ_ONCE(rill_timeout_ms);

	return msecs_to_jiffies(ms ? clamp(ms / 4, 10U, 1000U) : 1000);
}

/* From when a job is pushed until none is in flight, the watchdog runs. */
void rill_watchdog_kick(struct rill_device *rdev)
{
	schedule_delayed_work(&rdev->watchdog, rill_watchdog_period());
}

/*
 * Sorts the queues, with a reference to each that has not moved for long. True if
 * any has jobs.
 */
static bool rill_watchdog_look(struct rill_device *rdev, unsigned long timeout,
			       struct rill_queue **hung, struct rill_queue **waiting)
{
	bool busy = false;

	guard(mutex)(&rdev->lock);
	for (u32 i = 1; i <= rdev->info.max_queues && !rdev->stopped; i++) {
		struct rill_queue *q = rdev->queues[i];
		enum rill_queue_state state;

		if (!q || !READ_ONCE(q->in_flight))
			continue;
		busy = true;
		state = rill_queue_watch(q, timeout);
		if (state == RILL_QUEUE_FINE)
			continue;
		kref_get(&q->ref);
		if (state == RILL_QUEUE_HUNG)
			hung[i] = q;
		else
			waiting[i] = q;
	}
	return busy;
}

static unsigned int rill_watchdog_abort(struct rill_device *rdev, struct rill_queue **queues,
					bool guilty)
{
	unsigned int n = 0;

	for (u32 i = 1; i <= rdev->info.max_queues; i++) {
		if (!queues[i])
			continue;
		if (guilty) {
			drm_warn(&rdev->drm, "queue %u: no progress for %u ms, aborting its jobs\n",
				 i, rill_timeout_ms);
			atomic64_inc(&rdev->stats.timeouts);
			rill_queue_time_out(queues[i]);
			n++;
		}
		rill_queue_put(queues[i]);
	}
	return n;
}

/*
 * Progress counts, not time: a job may take as long as it wants. A queue is to blame
 * if the chip has begun its jobs. If nobody is to blame and nothing at all
 * moves, the chip does not fetch jobs, and those who wait for it are aborted.
 */
static void rill_watchdog_work(struct work_struct *work)
{
	struct rill_device *rdev = container_of(to_delayed_work(work), struct rill_device,
						watchdog);
	unsigned long timeout = msecs_to_jiffies(READ_ONCE(rill_timeout_ms));
	struct rill_queue *hung[RILL_MAX_QUEUES] = {}, *waiting[RILL_MAX_QUEUES] = {};
	bool busy, stuck;
	unsigned int n;

	busy = rill_watchdog_look(rdev, timeout, hung, waiting);
	stuck = time_after_eq(jiffies, rdev->moved + timeout);
	n = rill_watchdog_abort(rdev, hung, true);
	rill_watchdog_abort(rdev, waiting, stuck && !n);
	if (busy)
		rill_watchdog_kick(rdev);
}

/* Has the chip reset soon. Any context. */
void rill_reset_schedule(struct rill_device *rdev, const char *why)
{
	if (queue_work(system_unbound_wq, &rdev->reset_work))
		drm_warn(&rdev->drm, "resetting the chip: %s\n", why);
}

/*
 * To be called, without the device's lock, where an admin command failed that was to make
 * the chip forget something: when it returns, a reset has made it do so. That is the work's,
 * or that of somebody who took commands away with the lock held.
 */
void rill_reset_wait(struct rill_device *rdev)
{
	flush_work(&rdev->reset_work);
	mutex_lock(&rdev->lock);
	mutex_unlock(&rdev->lock);
}

static void rill_reset_freeze_all(struct rill_device *rdev, int error)
{
	for (u32 i = 1; i <= rdev->info.max_queues; i++)
		if (rdev->queues[i])
			rill_queue_freeze(rdev->queues[i], error);
}

static void rill_reset_kill_all(struct rill_device *rdev, int error)
{
	for (u32 i = 1; i <= rdev->info.max_queues; i++)
		if (rdev->queues[i])
			rill_queue_kill(rdev->queues[i], error);
}

static int rill_reset_restore(struct rill_device *rdev)
{
	int ret = rill_hw_start(rdev);

	for (u32 i = 0; i < rdev->info.max_contexts && !ret; i++)
		if (rdev->ctxs[i] && !rdev->ctxs[i]->dying)
			ret = rill_ctx_restore(rdev->ctxs[i]);
	if (!ret)
		rill_d2d_restore(rdev);
	return ret;
}

/* No DMA after this, however broken the chip is. */
static int rill_reset_quiesce(struct rill_device *rdev)
{
	int ret = -ENODEV;

	rill_admin_down(rdev);
	rill_reset_freeze_all(rdev, -EIO);
	if (!rill_hw_gone(rdev))
		ret = rill_hw_reset(rdev);
	if (ret)
		pci_clear_master(to_rill_pdev(rdev));
	return ret;
}

/* Queues do not survive; contexts and the contents of memory do. */
static void rill_reset_all(struct rill_device *rdev)
{
	int ret = rill_reset_quiesce(rdev);

	rill_reset_kill_all(rdev, ret == -ENODEV ? -ENODEV : -EIO);
	if (!ret)
		ret = rill_reset_restore(rdev);
	if (!ret) {
		drm_info(&rdev->drm, "the chip was reset: queues are lost, contexts were restored\n");
		return;
	}
	rill_admin_down(rdev);
	pci_clear_master(to_rill_pdev(rdev));
	drm_err(&rdev->drm, "the chip %s: it is out of use until the driver is bound anew\n",
		ret == -ENODEV ? "is gone" : "cannot be reset");
}

static void rill_reset_work(struct work_struct *work)
{
	struct rill_device *rdev = container_of(work, struct rill_device, reset_work);

	/* Whoever waits for the chip lets go of the lock then. */
	rill_admin_down(rdev);
	guard(mutex)(&rdev->lock);
	if (!rdev->stopped)
		rill_reset_all(rdev);
}

/* Ends DMA for good, if it was not done before. */
void rill_reset_stop(struct rill_device *rdev)
{
	guard(mutex)(&rdev->lock);
	if (rdev->stopped)
		return;
	rill_reset_quiesce(rdev);
	pci_clear_master(to_rill_pdev(rdev));
	rdev->stopped = true;
}

void rill_reset_init(struct rill_device *rdev)
{
	INIT_WORK(&rdev->reset_work, rill_reset_work);
	INIT_DELAYED_WORK(&rdev->watchdog, rill_watchdog_work);
}

void rill_reset_fini(struct rill_device *rdev)
{
	disable_delayed_work_sync(&rdev->watchdog);
	disable_work_sync(&rdev->reset_work);
}

/* The PCI core resets the function, on someone's request; the lock is held meanwhile. */
static void rill_reset_prepare(struct pci_dev *pdev)
{
	struct rill_device *rdev = pci_get_drvdata(pdev);

	/* Commands go on until the lock is held: see rill_reset_wait(). */
	mutex_lock(&rdev->lock);
	rill_reset_quiesce(rdev);
	rill_reset_kill_all(rdev, -EIO);
}

static void rill_reset_done(struct pci_dev *pdev)
{
	struct rill_device *rdev = pci_get_drvdata(pdev);

	pci_set_master(pdev);
	if (!rdev->stopped)
		rill_reset_all(rdev);
	mutex_unlock(&rdev->lock);
}

const struct pci_error_handlers rill_reset_handlers = {
	.reset_prepare = rill_reset_prepare,
	.reset_done = rill_reset_done,
};
