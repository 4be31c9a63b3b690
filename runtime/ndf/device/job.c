// SPDX-License-Identifier: MIT
/* One job: its buffer, the submission, and how it ended. */
#include "job.h"

#include <errno.h>
#include <inttypes.h>

#include "device/transport.h"

/* A program that is refused was found good here, so it is a chiplet that the context does not have. */
static int refused(struct chip_run *chip, const struct drm_rill_job_result *result, const char *text)
{
	uint32_t code = (uint32_t)(result->detail >> 48), node = (uint32_t)result->detail;
	const struct rill_graph *graph = chip->run.graph;

	if (result->status != RILL_BAD_PROGRAM || code != RILL_NDF_BAD_CHIPLET || node >= graph->node_count)
		return chip_run_fail(chip, result->error, "%s", text);
	return chip_run_fail(chip, result->error, "node %u '%s' is on chiplet %u, which the context lacks", node,
			     rill_graph_node_name(graph, node), graph->nodes[node].chiplet);
}

/* enum rill_ndf_end, or -1: the job did not run, or not to an end of its program */
static int end_of(const struct chip_run *chip, const struct drm_rill_job_result *result)
{
	switch (result->status) {
	case RILL_OK:
		return chip->report.end == RILL_NDF_QUIESCENT ? RILL_NDF_QUIESCENT : RILL_NDF_FINISHED;
	case RILL_DEADLOCK:
		return RILL_NDF_DEADLOCK;
	case RILL_FIRING_LIMIT:
		return RILL_NDF_LIMIT;
	case RILL_PROGRAM_FAULT:
		return RILL_NDF_FAULT;
	default:
		return -1;
	}
}

static int finish(struct chip_run *chip, const struct chip_layout *layout, const uint8_t *at,
		  const struct drm_rill_job *job, const struct drm_rill_job_result *result)
{
	char text[256];
	int end, ret;

	end = end_of(chip, result);
	if (end < 0)
		return refused(chip, result, rill_result_text(job, result, text, sizeof(text)));
	chip_run_read_report(chip, at + layout->report);
	end = end_of(chip, result);
	ret = chip_run_read(chip, layout, at);
	if (!ret && (end == RILL_NDF_FINISHED || end == RILL_NDF_QUIESCENT))
		ret = chip_run_check_room(chip);
	return ret ? ret : end;
}

static int device_failed(struct chip_run *chip, int ret)
{
	return chip_run_fail(chip, ret, "%s", rill_device_error(chip->queue->device));
}

/* The buffer is kept for further jobs as long as it is large enough. */
static int get_buffer(struct chip_run *chip, uint64_t bytes)
{
	int ret;

	if (chip->job && rill_buffer_size(chip->job) >= bytes)
		return 0;
	rill_buffer_destroy(chip->job);
	chip->job = NULL;
	ret = rill_buffer_create(chip->queue->device, bytes, DRM_RILL_SYSTEM, 0, &chip->job);
	if (ret)
		return device_failed(chip, ret);
	return rill_buffer_map(chip->job) ? 0 : device_failed(chip, -ENOMEM);
}

int chip_run_job(struct chip_run *chip, uint64_t firings)
{
	struct drm_rill_job_result result = { 0 };
	struct drm_rill_job job = { .opcode = RILL_OP_NDF };
	struct chip_layout layout;
	uint8_t *at;
	int ret;

	chip->reported = false;
	chip_run_lay_out(chip, &layout);
	ret = get_buffer(chip, layout.bytes);
	if (ret)
		return ret;
	at = rill_buffer_map(chip->job);
	job.addr = rill_buffer_va(chip->job) + layout.block;
	chip_run_write(chip, &layout, firings, rill_buffer_va(chip->job), at);
	ret = rill_queue_run(chip->queue, &job, 1, &result, NULL);
	/* Not a result of the job's: it was not accepted. */
	if (ret && !result.status)
		return device_failed(chip, ret);
	return finish(chip, &layout, at, &job, &result);
}
