// SPDX-License-Identifier: MIT
#include "submit.h"

#include <stdio.h>

int device_complain(const struct rill_device *device, const char *what, int ret)
{
	fprintf(stderr, "rill: %s: %s\n", what, rill_device_error(device));
	return ret;
}

int submit(struct rill_device *device, struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
	   uint32_t count, struct drm_rill_job_result *results)
{
	char text[256];
	uint32_t failed = 0;
	int ret = rill_queue_run(queue, jobs, count, results, &failed);

	if (!ret)
		return 0;
	if (results[failed].error)
		fprintf(stderr, "rill: job %u of %u: %s\n", failed, count,
			rill_result_text(&jobs[failed], &results[failed], text, sizeof(text)));
	else
		device_complain(device, "submit", ret);
	return ret;
}
