// SPDX-License-Identifier: MIT
/* Submission without io_uring: one call to submit, one to wait. */
#include <errno.h>
#include <string.h>

#include <xf86drm.h>

#include "kernel.h"

static int submit(struct kernel_queue *queue, struct drm_rill_submit *submit)
{
	queue->base.stats.syscalls++;
	queue->base.stats.submit_syscalls++;
	if (!drmIoctl(queue->device->fd, DRM_IOCTL_RILL_SUBMIT, submit))
		return 0;
	return rill_error(&queue->device->base, -errno, "cannot submit %u jobs: %s",
			  submit->job_count, strerror(errno));
}

static int wait_for(struct kernel_queue *queue, struct drm_rill_wait *wait)
{
	queue->base.stats.syscalls++;
	if (!drmIoctl(queue->device->fd, DRM_IOCTL_RILL_WAIT, wait))
		return 0;
	return rill_error(&queue->device->base, -errno, "cannot wait for %u jobs: %s",
			  wait->job_count, strerror(errno));
}

int kernel_ioctl_run(struct kernel_queue *queue, const struct drm_rill_job *jobs, uint32_t count,
		     struct drm_rill_job_result *results)
{
	struct drm_rill_submit args = {
		.queue_id = queue->id, .job_count = count, .jobs = (uintptr_t)jobs,
	};
	struct drm_rill_wait wait = {
		.queue_id = queue->id, .job_count = count, .timeout_ns = -1,
		.results = (uintptr_t)results,
	};
	int err = submit(queue, &args);

	if (err)
		return err;
	wait.seqno = args.seqno;
	return wait_for(queue, &wait);
}
