/* SPDX-License-Identifier: MIT */
/* The kernel transport: a device node, and two ways to submit. */
#ifndef RILL_KERNEL_H
#define RILL_KERNEL_H

#include "transport.h"

struct kernel_ring;

struct kernel_device {
	struct rill_device base;
	enum rill_submit_path path;
	int fd;
	uint32_t ctx_id;
};

struct kernel_queue {
	struct rill_queue_handle base;
	struct kernel_device *device;
	uint32_t id;
	struct kernel_ring *ring;	/* NULL: by ioctl */
};

/* A ring for the queue. -EPERM, -ENOSYS, -EINVAL: io_uring is not to be had here. */
int kernel_uring_open(struct kernel_queue *queue, uint32_t depth);
void kernel_uring_close(struct kernel_queue *queue);
int kernel_uring_run(struct kernel_queue *queue, const struct drm_rill_job *jobs, uint32_t count,
		     struct drm_rill_job_result *results);
int kernel_uring_run_vector(struct kernel_queue *queue, const struct drm_rill_job *jobs,
			    uint32_t count, struct drm_rill_job_result *result);

int kernel_ioctl_run(struct kernel_queue *queue, const struct drm_rill_job *jobs, uint32_t count,
		     struct drm_rill_job_result *results);

#endif
