/* SPDX-License-Identifier: MIT */
/* Jobs to the chip, with a sentence on standard error for what fails. */
#ifndef RILL_TOOLS_SUBMIT_H
#define RILL_TOOLS_SUBMIT_H

#include "rill_device.h"

/* Prints what the device says of it and returns ret. */
int device_complain(const struct rill_device *device, const char *what, int ret);
/* results: one for each job */
int submit(struct rill_device *device, struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
	   uint32_t count, struct drm_rill_job_result *results);

#endif
