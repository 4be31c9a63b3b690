// SPDX-License-Identifier: MIT
#include "pass_weights.h"
#include "submit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int pass_weights_create(struct rill_device *device, const uint64_t *channel_bytes,
			struct pass_weights *weights)
{
	unsigned int channels = rill_device_chip(device)->channels, c;
	int ret;

	*weights = (struct pass_weights){ .device = device };
	for (c = 0; c < channels; c++) {
		if (!channel_bytes[c])
			continue;
		ret = rill_buffer_create(device, channel_bytes[c], DRM_RILL_DDR, c, &weights->buffer[c]);
		if (ret) {
			pass_weights_destroy(weights);
			return device_complain(device, "weights", ret);
		}
		weights->va[c] = rill_buffer_va(weights->buffer[c]);
	}
	return 0;
}

void pass_weights_destroy(struct pass_weights *weights)
{
	unsigned int c;

	for (c = 0; c < RILL_MAX_CHANNELS; c++)
		if (weights->buffer[c])
			rill_buffer_destroy(weights->buffer[c]);
	memset(weights, 0, sizeof(*weights));
}

/* One FILL job for each block of ranges that the chip takes at a time. */
static int fill_some(struct rill_device *device, struct rill_queue_handle *queue,
		     const struct rill_fill_range *ranges, uint32_t count)
{
	struct rill_fill fill = { .count = count };
	struct drm_rill_job job = { .opcode = RILL_OP_FILL };
	struct drm_rill_job_result result = { 0 };
	struct rill_buffer *buffer;
	uint8_t *map;
	int ret;

	ret = rill_buffer_create(device, sizeof(fill) + count * sizeof(*ranges), DRM_RILL_SYSTEM, 0,
				 &buffer);
	if (ret)
		return device_complain(device, "fill", ret);
	map = rill_buffer_map(buffer);
	job.addr = rill_buffer_va(buffer);
	fill.ranges = job.addr + sizeof(fill);
	if (map) {
		memcpy(map, &fill, sizeof(fill));
		memcpy(map + sizeof(fill), ranges, count * sizeof(*ranges));
		ret = submit(device, queue, &job, 1, &result);
	} else {
		ret = device_complain(device, "fill", -ENOMEM);
	}
	rill_buffer_destroy(buffer);
	return ret;
}

int pass_weights_write(struct rill_device *device, struct rill_queue_handle *queue,
		       const struct rill_layer *layer, const struct rill_plan *plan, const uint64_t *va)
{
	size_t count = rill_plan_fill_count(plan), done, piece;
	struct rill_fill_range *ranges = calloc(count, sizeof(*ranges));
	int ret = ranges ? 0 : -ENOMEM;

	if (ranges)
		rill_plan_fill(layer, plan, va, ranges);
	for (done = 0; !ret && done < count; done += piece) {
		piece = count - done < RILL_MAX_FILL_RANGES ? count - done : RILL_MAX_FILL_RANGES;
		ret = fill_some(device, queue, ranges + done, piece);
	}
	free(ranges);
	return ret;
}
