/* SPDX-License-Identifier: MIT */
/* Weights of plans in the chip's DDR. */
#ifndef RILL_TOOLS_PASS_WEIGHTS_H
#define RILL_TOOLS_PASS_WEIGHTS_H

#include "rill_device.h"
#include "rill_moe.h"

struct pass_weights {
	struct rill_device *device;
	struct rill_buffer *buffer[RILL_MAX_CHANNELS];
	uint64_t va[RILL_MAX_CHANNELS];	/* 0: nothing in that channel */
};

int pass_weights_create(struct rill_device *device, const uint64_t *channel_bytes,
			struct pass_weights *weights);
void pass_weights_destroy(struct pass_weights *weights);
/* Write a plan's weights: those of channel c lie at va[c]. */
int pass_weights_write(struct rill_device *device, struct rill_queue_handle *queue,
		       const struct rill_layer *layer, const struct rill_plan *plan, const uint64_t *va);

#endif
