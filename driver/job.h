/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_JOB_H
#define RILL_JOB_H

#include <linux/types.h>

#include <rill_accel.h>
#include <rill_hw.h>

struct dma_fence;
struct drm_device;
struct drm_file;
struct io_uring_cmd;
struct rill_queue;

/* Where jobs come from: an io_uring command, or else the ioctl. */
struct rill_origin {
	struct io_uring_cmd *cmd;
	struct dma_fence *fence;	/* of the last job, or NULL; the reference is taken over */
	u64 seqno;			/* out: of the first job */
};

/* A job in flight. */
struct rill_job {
	struct io_uring_cmd *cmd;
	struct dma_fence *fence;
	u64 seqno;			/* of the ioctl, or 0 */
	u64 index;			/* counted from the first job of the queue */
	u32 tag;			/* index in the queue's array, a generation above it */
	u16 opcode;
	bool live;
	bool aborting;			/* by its command's cancellation */
};

/* How a job ended. */
struct rill_end {
	u64 start_ps;
	u64 end_ps;
	u64 detail;
	u32 status;
	int error;
};

struct rill_result {
	u64 seqno;
	bool done;
	struct drm_rill_job_result result;
};

int rill_job_errno(u32 status);
bool rill_job_runnable(const struct rill_job *job);
int rill_job_check(const struct drm_rill_job *job);
void rill_job_end(struct rill_queue *q, struct rill_job *job, const struct rill_end *end);

int rill_submit_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int rill_wait_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
