/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_QUEUE_H
#define RILL_QUEUE_H

#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include <rill_accel.h>
#include <rill_hw.h>

#include "job.h"

struct drm_device;
struct drm_file;
struct rill_ctx;
struct rill_device;
struct rill_file;

enum rill_queue_state {
	RILL_QUEUE_FINE,
	RILL_QUEUE_WAITING,		/* for long, but the chip has not begun its jobs */
	RILL_QUEUE_HUNG,
};

/* In one piece with its arrays, to be freed by RCU: the last put may be where none may sleep. */
struct rill_queue {
	struct kref ref;
	struct rcu_head rcu;
	struct rill_device *rdev;
	struct rill_ctx *ctx;
	struct rill_file *file;		/* valid while jobs are in flight */
	u32 hw_id;
	u32 depth;			/* jobs in flight at most */
	u32 entries;			/* of each ring: a power of two, above depth */
	unsigned int vector;

	/* Serialises admin commands for the queue: none after it was deleted. */
	struct mutex admin_lock;

	/* Protects all below, and the order of doorbells. Taken in interrupt handlers. */
	spinlock_t lock;
	int error;			/* why it takes no more jobs; not rung any more then */
	bool dead;			/* no doorbell: the chip may not know it */
	bool untrusted;			/* completed what is no job: the reset ends what it has */
	bool timed_out;			/* aborted by the watchdog, just now */
	struct rill_hw_sqe *sq;
	struct rill_hw_cqe *cq;
	dma_addr_t sq_dma;
	dma_addr_t cq_dma;
	u16 sq_tail;
	u16 sq_rung;			/* the tail that the chip knows */
	u16 cq_head;
	u16 cq_phase;
	u64 pushed;			/* jobs so far */
	u64 rung;			/* of these, known to the chip */
	u32 in_flight;
	u32 runnable;			/* of these, all that do not wait for a PASS_END */
	u16 *free;			/* stack of unused jobs */
	struct rill_result *results;	/* of the last 2 * depth ioctl jobs */
	u64 next_seqno;
	u64 busy_until_ps;
	u64 seen_progress;		/* by the watchdog */
	u64 seen_fetched;
	unsigned long moved;		/* jiffies when it did, or when jobs became runnable */

	wait_queue_head_t wait;		/* for results */
	struct rill_job jobs[];		/* depth of them; the index is part of the tag */
};

struct rill_queue *rill_queue_get(struct rill_file *file, u32 id);
void rill_queue_put(struct rill_queue *q);
int rill_queue_push(struct rill_queue *q, const struct drm_rill_job *jobs, u32 count,
		    struct rill_origin *origin, bool ring);
void rill_queue_ring(struct rill_queue *q);
int rill_queue_abort(struct rill_queue *q, u64 tag);
void rill_queue_time_out(struct rill_queue *q);
enum rill_queue_state rill_queue_watch(struct rill_queue *q, unsigned long timeout);
void rill_queue_freeze(struct rill_queue *q, int error);
void rill_queue_kill(struct rill_queue *q, int error);
void rill_queue_revoke_all(struct rill_device *rdev);
void rill_queue_destroy(struct rill_queue *q);
void rill_queue_irq(struct rill_device *rdev, unsigned int vector);

int rill_queue_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int rill_queue_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
