// SPDX-License-Identifier: MIT
/* Plans on a chip's model of one's own, without arithmetic: nothing is in its memory but what a pass needs. */
#include <errno.h>
#include <stdlib.h>

#include "internal.h"
#include "rill_device.h"

#define QUEUE_DEPTH	(RILL_MAX_STREAMS + 2)

struct rill_trial {
	struct rill_device *device, *model;	/* the model: opened for the first plan */
	uint64_t chiplet_mask;
	struct rill_queue_handle *queue;
	struct rill_buffer *weights[RILL_MAX_CHANNELS];
	uint64_t weights_va[RILL_MAX_CHANNELS];
};

static int open_model(struct rill_trial *trial, char *error)
{
	const struct drm_rill_chip_info *info = rill_device_chip(trial->device);
	const struct rill_device_options options = {
		.transport = RILL_TRANSPORT_MODEL, .chiplet_mask = trial->chiplet_mask,
		.chip = {
			.rows = info->rows, .cols = info->cols, .channels = info->channels,
			.channel_bytes = info->channel_bytes, .sram_bytes = info->sram_bytes,
			.mac_per_cycle = info->mac_per_cycle, .mac_khz = info->mac_khz,
			.mac_startup = info->mac_startup, .ddr_mbps = info->ddr_mbps,
			.ddr_latency_ps = info->ddr_latency_ps, .link_mbps = info->link_mbps,
			.link_hop_ps = info->link_hop_ps,
		},
	};
	const char *why;
	int err = rill_device_open(&options, &trial->model, &why);

	return err ? rill_moe_error(error, err, "no model of the chip to try plans on: %s", why) : 0;
}

static int copy_links(struct rill_trial *trial)
{
	struct drm_rill_link_info links[RILL_MAX_LINKS];
	int err = rill_device_links(trial->device, links);

	for (uint32_t i = 0; !err && i < rill_device_chip(trial->device)->links; i++)
		if (!links[i].up || links[i].rate_permille != 1000)
			err = rill_device_link_set(trial->model, i, links[i].up, links[i].rate_permille);
	return err;
}

/* All of the channels: a plan's weights lie somewhere in them. */
static int bind_weights(struct rill_trial *trial)
{
	const struct drm_rill_chip_info *info = rill_device_chip(trial->model);
	int err = 0;

	for (uint32_t c = 0; !err && c < info->channels; c++) {
		err = rill_buffer_create(trial->model, info->channel_bytes, DRM_RILL_DDR, c, &trial->weights[c]);
		if (!err)
			trial->weights_va[c] = rill_buffer_va(trial->weights[c]);
	}
	return err;
}

static void close_model(struct rill_trial *trial)
{
	if (trial->queue)
		rill_queue_destroy(trial->queue);
	for (uint32_t c = 0; c < RILL_MAX_CHANNELS; c++)
		if (trial->weights[c])
			rill_buffer_destroy(trial->weights[c]);
	if (trial->model)
		rill_device_close(trial->model);
	*trial = (struct rill_trial){ .device = trial->device, .chiplet_mask = trial->chiplet_mask };
}

static int begin(struct rill_trial *trial, char *error)
{
	int err = open_model(trial, error);

	if (err)
		return err;
	err = copy_links(trial);
	if (!err)
		err = bind_weights(trial);
	if (!err)
		err = rill_queue_create(trial->model, QUEUE_DEPTH, &trial->queue);
	if (err) {
		rill_moe_error(error, err, "no model of the chip to try plans on: %s",
			       rill_device_error(trial->model));
		close_model(trial);
	}
	return err;
}

struct rill_trial *rill_trial_create(struct rill_device *device, uint64_t chiplet_mask)
{
	struct rill_trial *trial = calloc(1, sizeof(*trial));

	if (trial)
		*trial = (struct rill_trial){ .device = device, .chiplet_mask = chiplet_mask };
	return trial;
}

void rill_trial_free(struct rill_trial *trial)
{
	if (trial)
		close_model(trial);
	free(trial);
}

static int run(struct rill_trial *trial, const struct rill_layer *layer, const struct rill_plan *plan,
	       const struct rill_encoded *encoded, struct rill_buffer *buffer, struct rill_pass_report *report)
{
	const struct rill_encode_options options = { .timing_only = true };
	struct drm_rill_job *jobs = calloc(encoded->job_count, sizeof(*jobs));
	uint8_t *map = rill_buffer_map(buffer);
	int err = -ENOMEM;

	if (jobs && map) {
		rill_plan_encode(layer, plan, &options, encoded, map, rill_buffer_va(buffer), trial->weights_va,
				 jobs);
		err = rill_queue_run(trial->queue, jobs, encoded->job_count, NULL, NULL);
		if (!err)
			*report = *(const struct rill_pass_report *)(map + encoded->report);
	}
	free(jobs);
	return err;
}

int rill_trial_run(void *opaque, const struct rill_layer *layer, const struct rill_plan *plan,
		   struct rill_plan_cost *cost, char *error)
{
	const struct rill_encode_options options = { .timing_only = true };
	struct rill_trial *trial = opaque;
	struct rill_pass_report report;
	struct rill_encoded encoded;
	struct rill_buffer *buffer;
	int err = trial->queue ? 0 : begin(trial, error);

	if (err)
		return err;
	rill_plan_measure(layer, plan, &options, &encoded);
	err = rill_buffer_create(trial->model, encoded.bytes, DRM_RILL_SYSTEM, 0, &buffer);
	if (!err) {
		err = run(trial, layer, plan, &encoded, buffer, &report);
		rill_buffer_destroy(buffer);
	}
	if (err)
		return rill_moe_error(error, err, "a plan cannot be tried: %s", rill_device_error(trial->model));
	*cost = (struct rill_plan_cost){ .ps = report.end_ps - report.start_ps };
	for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++)
		if (report.chiplet[c].sram_peak_weights_tokens > cost->sram_bytes)
			cost->sram_bytes = report.chiplet[c].sram_peak_weights_tokens;
	return 0;
}
