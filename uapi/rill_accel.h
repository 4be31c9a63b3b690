/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note OR MIT */
#ifndef RILL_ACCEL_H
#define RILL_ACCEL_H

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * DOC: Rill userspace interface
 *
 * Rules:
 *  - Structures are made of naturally aligned, fixed-size fields and are a
 *    multiple of 8 bytes; there are no unions and no implicit padding.
 *  - Padding and reserved fields, and unknown flags, must be zero: -EINVAL else.
 *  - Flags and query types are added, never removed; every addition raises the
 *    driver's minor version.
 *  - Pointers travel as __u64.
 *
 * A file holds contexts (an address space on the chip, confined to a set of
 * chiplets), buffers (GEM handles) that are bound into a context's address
 * space, and queues, each bound to a context. A job is (opcode, flags, addr), see
 * rill_stream.h: its block is read by the chip through the context's page table.
 * Jobs of a queue run in order. They are submitted with io_uring
 * (RILL_URING_JOB, RILL_URING_JOBS) or, where io_uring is forbidden, with
 * DRM_IOCTL_RILL_SUBMIT and DRM_IOCTL_RILL_WAIT.
 *
 * How a job ended travels as a negative errno, with the chip's own status code
 * (enum rill_status) and detail beside it:
 *
 *  -EINVAL: a malformed block; -EFAULT: an address that is not mapped so;
 *  -ENOSPC: SRAM too small; -ENETUNREACH: links down; -EOVERFLOW: gate weights;
 *  -EPROTO: a pass's rules failed, or a program faulted; -EDEADLK: a program stands still;
 *  -EDQUOT: a program fired as often as it may;
 *  -ECANCELED: aborted, or another job of the pass failed; -ETIME: no progress, so the driver
 *  aborted it; -EIO: anything else; -ENODEV: the device is gone.
 */

#define DRM_RILL_DEV_QUERY		0x00
#define DRM_RILL_BO_CREATE		0x01
#define DRM_RILL_BO_INFO		0x02
#define DRM_RILL_CTX_CREATE		0x03
#define DRM_RILL_CTX_DESTROY		0x04
#define DRM_RILL_VM_BIND		0x05
#define DRM_RILL_QUEUE_CREATE		0x06
#define DRM_RILL_QUEUE_DESTROY		0x07
#define DRM_RILL_SUBMIT			0x08
#define DRM_RILL_WAIT			0x09
#define DRM_RILL_LINK_SET		0x0a

#define DRM_IOCTL_RILL_DEV_QUERY \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_RILL_DEV_QUERY, struct drm_rill_dev_query)
#define DRM_IOCTL_RILL_BO_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_RILL_BO_CREATE, struct drm_rill_bo_create)
#define DRM_IOCTL_RILL_BO_INFO \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_RILL_BO_INFO, struct drm_rill_bo_info)
#define DRM_IOCTL_RILL_CTX_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_RILL_CTX_CREATE, struct drm_rill_ctx_create)
#define DRM_IOCTL_RILL_CTX_DESTROY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_RILL_CTX_DESTROY, struct drm_rill_ctx_destroy)
#define DRM_IOCTL_RILL_VM_BIND \
	DRM_IOW(DRM_COMMAND_BASE + DRM_RILL_VM_BIND, struct drm_rill_vm_bind)
#define DRM_IOCTL_RILL_QUEUE_CREATE \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_RILL_QUEUE_CREATE, struct drm_rill_queue_create)
#define DRM_IOCTL_RILL_QUEUE_DESTROY \
	DRM_IOW(DRM_COMMAND_BASE + DRM_RILL_QUEUE_DESTROY, struct drm_rill_queue_destroy)
#define DRM_IOCTL_RILL_SUBMIT \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_RILL_SUBMIT, struct drm_rill_submit)
#define DRM_IOCTL_RILL_WAIT \
	DRM_IOWR(DRM_COMMAND_BASE + DRM_RILL_WAIT, struct drm_rill_wait)
#define DRM_IOCTL_RILL_LINK_SET \
	DRM_IOW(DRM_COMMAND_BASE + DRM_RILL_LINK_SET, struct drm_rill_link_set)

/** enum drm_rill_query_type - what DRM_IOCTL_RILL_DEV_QUERY can tell */
enum drm_rill_query_type {
	/** @DRM_RILL_QUERY_CHIP: struct drm_rill_chip_info */
	DRM_RILL_QUERY_CHIP = 0,
	/** @DRM_RILL_QUERY_COUNTERS: struct drm_rill_counters, of the whole device */
	DRM_RILL_QUERY_COUNTERS = 1,
	/** @DRM_RILL_QUERY_LINKS: struct drm_rill_link_info, one for each directed link */
	DRM_RILL_QUERY_LINKS = 2,
	/** @DRM_RILL_QUERY_CHIPLETS: struct drm_rill_chiplet_info, one for each chiplet */
	DRM_RILL_QUERY_CHIPLETS = 3,
	/** @DRM_RILL_QUERY_CHANNELS: struct drm_rill_channel_info, one for each DDR channel */
	DRM_RILL_QUERY_CHANNELS = 4,
};

/**
 * struct drm_rill_dev_query - read facts about the device
 *
 * With @pointer zero only @size is filled in. Else min(@size, what there is)
 * bytes are copied and @size becomes the number that there are.
 */
struct drm_rill_dev_query {
	/** @type: enum drm_rill_query_type */
	__u32 type;
	/** @size: in: bytes at @pointer; out: bytes available */
	__u32 size;
	/** @pointer: where to copy to, or 0 */
	__u64 pointer;
};

/** struct drm_rill_chip_info - the chip's configuration */
struct drm_rill_chip_info {
	/** @hw_version: major << 16 | minor */
	__u32 hw_version;
	/** @rows: rows of the chiplet mesh; chiplet = row * cols + column */
	__u32 rows;
	/** @cols: columns of the chiplet mesh */
	__u32 cols;
	/** @channels: DDR channels */
	__u32 channels;
	/** @features: RILL_FEATURE_* of rill_hw.h */
	__u64 features;
	/** @channel_bytes: bytes behind each DDR channel */
	__u64 channel_bytes;
	/** @sram_bytes: SRAM of each chiplet */
	__u64 sram_bytes;
	/** @mac_per_cycle: multiply-accumulates a cycle and chiplet */
	__u32 mac_per_cycle;
	/** @mac_khz: clock of the MAC arrays */
	__u32 mac_khz;
	/** @mac_startup: cycles added to every slice */
	__u32 mac_startup;
	/** @ddr_mbps: 10^6 bytes per second and DDR channel */
	__u32 ddr_mbps;
	/** @ddr_latency_ps: from a request to its first byte */
	__u32 ddr_latency_ps;
	/** @link_mbps: 10^6 bytes per second, D2D link and direction */
	__u32 link_mbps;
	/** @link_hop_ps: latency of a hop */
	__u32 link_hop_ps;
	/** @links: directed D2D links */
	__u32 links;
	/** @max_queues: I/O queues of the chip */
	__u32 max_queues;
	/** @max_queue_depth: entries of the deepest queue; one less is usable */
	__u32 max_queue_depth;
	/** @max_contexts: contexts of the chip */
	__u32 max_contexts;
	/** @pad: zero */
	__u32 pad;
};

/**
 * struct drm_rill_counters - since the module was loaded or the chip reset
 *
 * The hw_ figures are the chip's own, summed over the I/O queues alive; the
 * others are the driver's.
 */
struct drm_rill_counters {
	/** @jobs_submitted: jobs written to I/O queues */
	__u64 jobs_submitted;
	/** @jobs_completed: jobs completed, well or not */
	__u64 jobs_completed;
	/** @jobs_failed: of these, not well */
	__u64 jobs_failed;
	/** @doorbells: submission doorbells rung on I/O queues */
	__u64 doorbells;
	/** @interrupts: interrupts taken for I/O queues */
	__u64 interrupts;
	/** @uring_cmds: io_uring commands accepted */
	__u64 uring_cmds;
	/** @submit_ioctls: DRM_IOCTL_RILL_SUBMIT calls accepted */
	__u64 submit_ioctls;
	/** @cancels: commands that io_uring asked to cancel */
	__u64 cancels;
	/** @timeouts: queues aborted for want of progress */
	__u64 timeouts;
	/** @hw_doorbells: doorbell writes that the chip saw */
	__u64 hw_doorbells;
	/** @hw_interrupts: interrupts that the chip raised */
	__u64 hw_interrupts;
	/** @hw_fetched: submission entries that the chip read */
	__u64 hw_fetched;
	/** @hw_completed: completion entries that the chip wrote */
	__u64 hw_completed;
	/** @hw_time_ps: device time now */
	__u64 hw_time_ps;
};

/** struct drm_rill_link_info - a directed D2D link */
struct drm_rill_link_info {
	/** @src: chiplet that sends */
	__u16 src;
	/** @dst: chiplet that receives */
	__u16 dst;
	/** @up: 1 if in use */
	__u16 up;
	/** @rate_permille: bandwidth, of drm_rill_chip_info.link_mbps */
	__u16 rate_permille;
	/** @bytes: moved */
	__u64 bytes;
	/** @busy_ps: time in transfer */
	__u64 busy_ps;
	/** @stall_ps: time that ready transfers waited for the link */
	__u64 stall_ps;
	/** @transfers: transfers made */
	__u64 transfers;
};

/** struct drm_rill_chiplet_info - a chiplet's counters */
struct drm_rill_chiplet_info {
	/** @mac_busy_ps: time in which the MAC array was busy */
	__u64 mac_busy_ps;
	/** @macs: multiply-accumulates done */
	__u64 macs;
	/** @sram_peak: most bytes of SRAM ever held */
	__u64 sram_peak;
	/** @slices: micro-slices computed */
	__u64 slices;
};

/** struct drm_rill_channel_info - a DDR channel */
struct drm_rill_channel_info {
	/** @chiplet: that it hangs off */
	__u32 chiplet;
	/** @pad: zero */
	__u32 pad;
	/** @bytes: moved */
	__u64 bytes;
	/** @busy_ps: time in transfer */
	__u64 busy_ps;
	/** @free_bytes: not allocated to buffers */
	__u64 free_bytes;
};

/** enum drm_rill_placement - where a buffer lives */
enum drm_rill_placement {
	/** @DRM_RILL_SYSTEM: host memory */
	DRM_RILL_SYSTEM = 0,
	/** @DRM_RILL_DDR: the chip's memory, contiguous in one channel */
	DRM_RILL_DDR = 1,
};

/** struct drm_rill_bo_create - a new buffer, zeroed */
struct drm_rill_bo_create {
	/** @size: bytes; out: rounded up to pages */
	__u64 size;
	/** @placement: enum drm_rill_placement */
	__u32 placement;
	/** @channel: DDR channel; 0 for system memory */
	__u32 channel;
	/** @flags: none yet */
	__u32 flags;
	/** @handle: out: GEM handle */
	__u32 handle;
};

/** struct drm_rill_bo_info - facts about a buffer */
struct drm_rill_bo_info {
	/** @handle: GEM handle */
	__u32 handle;
	/** @placement: out: enum drm_rill_placement */
	__u32 placement;
	/** @channel: out: DDR channel */
	__u32 channel;
	/** @pad: must be zero */
	__u32 pad;
	/** @size: out: bytes */
	__u64 size;
	/** @mmap_offset: out: for mmap() on the device node */
	__u64 mmap_offset;
};

/** struct drm_rill_ctx_create - a new address space on the chip */
struct drm_rill_ctx_create {
	/** @chiplet_mask: chiplets that its jobs may use; 0: all */
	__u64 chiplet_mask;
	/** @flags: none yet */
	__u32 flags;
	/** @ctx_id: out: of this file, from 1 */
	__u32 ctx_id;
};

/** struct drm_rill_ctx_destroy - the context must have no queue: -EBUSY else */
struct drm_rill_ctx_destroy {
	/** @ctx_id: context */
	__u32 ctx_id;
	/** @pad: must be zero */
	__u32 pad;
};

/** enum drm_rill_bind_op - what DRM_IOCTL_RILL_VM_BIND does */
enum drm_rill_bind_op {
	/** @DRM_RILL_BIND_MAP: map; the range must be free: -EEXIST else */
	DRM_RILL_BIND_MAP = 0,
	/**
	 * @DRM_RILL_BIND_UNMAP: unmap exactly one earlier mapping, @handle and
	 * @bo_offset zero: -ENOENT if there is none at @va of @size. When
	 * the call returns the chip can no longer reach the memory.
	 */
	DRM_RILL_BIND_UNMAP = 1,
};

/**
 * struct drm_rill_vm_bind - change a context's address space, at once
 *
 * The address space holds a reference to the buffer as long as it is mapped. 2 MiB
 * pages are used where alignment allows.
 */
struct drm_rill_vm_bind {
	/** @ctx_id: context */
	__u32 ctx_id;
	/** @op: enum drm_rill_bind_op */
	__u32 op;
	/** @handle: GEM handle */
	__u32 handle;
	/** @flags: DRM_RILL_BIND_READONLY or 0 */
	__u32 flags;
#define DRM_RILL_BIND_READONLY		(1 << 0)
	/** @va: address on the chip, a multiple of 4 KiB, not 0, below 2^48 */
	__u64 va;
	/** @bo_offset: bytes, a multiple of 4 KiB */
	__u64 bo_offset;
	/** @size: bytes, a multiple of 4 KiB */
	__u64 size;
};

/** struct drm_rill_queue_create - a new queue pair */
struct drm_rill_queue_create {
	/** @ctx_id: context that its jobs run in */
	__u32 ctx_id;
	/** @depth: jobs in flight at most: 1 .. max_queue_depth - 1 */
	__u32 depth;
	/** @flags: none yet */
	__u32 flags;
	/** @queue_id: out: of this file, from 1 */
	__u32 queue_id;
};

/** struct drm_rill_queue_destroy - aborts what is in flight: it completes with -ECANCELED */
struct drm_rill_queue_destroy {
	/** @queue_id: queue */
	__u32 queue_id;
	/** @pad: must be zero */
	__u32 pad;
};

/** struct drm_rill_job - one job, also the command of RILL_URING_JOB */
struct drm_rill_job {
	/** @opcode: enum rill_opcode of rill_stream.h */
	__u16 opcode;
	/** @flags: none yet */
	__u16 flags;
	/** @queue_id: queue with RILL_URING_JOB; else zero */
	__u32 queue_id;
	/** @addr: of the job's block, in the queue's context */
	__u64 addr;
};

/** struct drm_rill_job_result - how a job ended */
struct drm_rill_job_result {
	/** @start_ps: device time at which it started */
	__u64 start_ps;
	/** @end_ps: device time at which it ended */
	__u64 end_ps;
	/** @detail: as enum rill_status says */
	__u64 detail;
	/** @status: enum rill_status of rill_hw.h */
	__u32 status;
	/** @error: 0 or a negative errno */
	__s32 error;
};

/**
 * struct drm_rill_submit - submit jobs without io_uring
 *
 * All of @jobs are accepted, or none: -EBUSY if the queue has no room for
 * them, -EINVAL if there are more than its depth.
 */
struct drm_rill_submit {
	/** @queue_id: queue */
	__u32 queue_id;
	/** @job_count: 1 .. depth */
	__u32 job_count;
	/** @jobs: struct drm_rill_job[] */
	__u64 jobs;
	/** @in_syncobj: waited for before anything is submitted, or 0 */
	__u32 in_syncobj;
	/** @out_syncobj: gets a fence that signals when the last job, no STREAM, has ended, or 0 */
	__u32 out_syncobj;
	/** @seqno: out: of the first job; those that follow are consecutive */
	__u64 seqno;
};

/**
 * struct drm_rill_wait - wait for submitted jobs and fetch their results
 *
 * The results of the last 2 * depth ioctl jobs of a queue are kept: -ENOENT for older ones
 * and for those not submitted yet; -ETIME if not all ended in time.
 */
struct drm_rill_wait {
	/** @queue_id: queue */
	__u32 queue_id;
	/** @job_count: 1 .. depth */
	__u32 job_count;
	/** @seqno: of the first job */
	__u64 seqno;
	/** @timeout_ns: relative; 0 polls; negative waits for ever */
	__s64 timeout_ns;
	/** @results: struct drm_rill_job_result[] */
	__u64 results;
};

/** struct drm_rill_link_set - configure a directed D2D link; needs CAP_SYS_ADMIN */
struct drm_rill_link_set {
	/** @link: index into DRM_RILL_QUERY_LINKS */
	__u32 link;
	/** @up: 0 or 1 */
	__u16 up;
	/** @rate_permille: 1 .. 1000 */
	__u16 rate_permille;
};

/**
 * DOC: io_uring commands (IORING_OP_URING_CMD on the device node)
 *
 * The ring may be a plain one; with IORING_SETUP_CQE32 a completion also tells the device time.
 * cqe.res is 0 or a negative errno. In the big CQE, if res is 0: extra1 is
 * start_ps and extra2 is end_ps; else extra1 is enum rill_status (0 if
 * the driver refused the command) and extra2 its detail. Commands are
 * submitted to a queue in the order in which the ring holds them, and one
 * io_uring_enter() of three or more rings a queue's doorbell once (io_uring does not tell
 * the driver of smaller batches). A full queue is -EBUSY: the caller knows how
 * much it has in flight.
 *
 * A command whose ring or process goes away is aborted on the chip and completes
 * with -ECANCELED; in a pass it takes the pass with it. IORING_OP_ASYNC_CANCEL does
 * not do that.
 */
enum drm_rill_uring_op {
	/** @RILL_URING_JOB: sqe.cmd is struct drm_rill_job */
	RILL_URING_JOB = 0,
	/**
	 * @RILL_URING_JOBS: sqe.cmd is struct drm_rill_uring_jobs: a vector of jobs
	 * with one completion: res is 0, or the first failure's errno; extra1 the
	 * first start (or the status), extra2 the last end (or the detail)
	 */
	RILL_URING_JOBS = 1,
};

/** struct drm_rill_uring_jobs - command of RILL_URING_JOBS; all are accepted or none */
struct drm_rill_uring_jobs {
	/** @queue_id: queue */
	__u32 queue_id;
	/** @job_count: 1 .. depth */
	__u32 job_count;
	/** @jobs: struct drm_rill_job[], queue_id zero in each */
	__u64 jobs;
};

#if defined(__cplusplus)
}
#endif

#endif
