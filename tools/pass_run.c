// SPDX-License-Identifier: MIT
#include "pass_run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUE_DEPTH	(RILL_MAX_STREAMS + 2)

struct run {
	struct rill_device *device;
	const struct options *options;
	const struct rill_layer *layer;
	struct rill_plan plan;
	struct rill_plan_chip chip;
	struct rill_queue_handle *queue;
	struct rill_buffer *weights[RILL_MAX_CHANNELS], *pass;
	uint64_t weights_va[RILL_MAX_CHANNELS];
	struct rill_encoded encoded;
	struct drm_rill_job *jobs;
	struct drm_rill_job_result *results;
};

static int complain(const struct run *run, const char *what, int ret)
{
	fprintf(stderr, "rill: %s: %s\n", what, rill_device_error(run->device));
	return ret;
}

static int describe_chip(struct run *run)
{
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	int ret = rill_device_channels(run->device, channels);

	if (ret)
		return complain(run, "channels", ret);
	rill_plan_chip_describe(rill_device_chip(run->device), channels,
				run->options->device.chiplet_mask, &run->chip);
	return 0;
}

static int make_plan(struct run *run, const char *name)
{
	const struct rill_strategy *strategy = rill_strategy_find(name);
	struct rill_plan_options options = {
		.slices = run->options->slices, .slots = run->options->slots,
	};
	char error[RILL_ERROR_BYTES] = "";
	size_t i;
	int ret;

	if (!strategy) {
		fprintf(stderr, "rill: strategy: there is no '%s'; there are:", name);
		for (i = 0; rill_strategy_at(i); i++)
			fprintf(stderr, " %s", rill_strategy_at(i)->name);
		fputc('\n', stderr);
		return -EINVAL;
	}
	ret = strategy->plan(run->layer, &run->chip, &options, &run->plan, error);
	if (!ret)
		ret = rill_plan_check(run->layer, &run->chip, &run->plan, error);
	if (ret)
		fprintf(stderr, "rill: %s: %s\n", name, error);
	return ret;
}

static int allocate(struct run *run)
{
	struct rill_encode_options encode = {
		.timing_only = run->options->timing_only,
		.timeline = run->options->timeline || run->options->svg || run->options->profile,
	};
	unsigned int c;
	int ret;

	for (c = 0; c < run->chip.channels; c++) {
		if (!run->plan.channel_bytes[c])
			continue;
		ret = rill_buffer_create(run->device, run->plan.channel_bytes[c], DRM_RILL_DDR, c,
					 &run->weights[c]);
		if (ret)
			return complain(run, "weights", ret);
		run->weights_va[c] = rill_buffer_va(run->weights[c]);
	}
	rill_plan_measure(run->layer, &run->plan, &encode, &run->encoded);
	ret = rill_buffer_create(run->device, run->encoded.bytes, DRM_RILL_SYSTEM, 0, &run->pass);
	if (ret)
		return complain(run, "pass", ret);
	run->jobs = calloc(run->encoded.job_count, sizeof(*run->jobs));
	run->results = calloc(run->encoded.job_count, sizeof(*run->results));
	if (!run->jobs || !run->results || !rill_buffer_map(run->pass))
		return complain(run, "pass", -ENOMEM);
	rill_plan_encode(run->layer, &run->plan, &encode, &run->encoded,
			 rill_buffer_map(run->pass), rill_buffer_va(run->pass), run->weights_va,
			 run->jobs);
	return 0;
}

static int submit(struct run *run, const struct drm_rill_job *jobs, uint32_t count,
		  struct drm_rill_job_result *results)
{
	char text[256];
	uint32_t failed = 0;
	int ret = rill_queue_run(run->queue, jobs, count, results, &failed);

	if (!ret)
		return 0;
	if (results[failed].error)
		fprintf(stderr, "rill: job %u of %u: %s\n", failed, count,
			rill_result_text(&jobs[failed], &results[failed], text, sizeof(text)));
	else
		complain(run, "submit", ret);
	return ret;
}

/* One FILL job for each block of ranges that the chip takes at a time. */
static int fill_some(struct run *run, const struct rill_fill_range *ranges, uint32_t count)
{
	struct rill_fill fill = { .count = count };
	struct drm_rill_job job = { .opcode = RILL_OP_FILL };
	struct drm_rill_job_result result = { 0 };
	struct rill_buffer *buffer;
	uint8_t *map;
	int ret;

	ret = rill_buffer_create(run->device, sizeof(fill) + count * sizeof(*ranges),
				 DRM_RILL_SYSTEM, 0, &buffer);
	if (ret)
		return complain(run, "fill", ret);
	map = rill_buffer_map(buffer);
	job.addr = rill_buffer_va(buffer);
	fill.ranges = job.addr + sizeof(fill);
	if (map) {
		memcpy(map, &fill, sizeof(fill));
		memcpy(map + sizeof(fill), ranges, count * sizeof(*ranges));
		ret = submit(run, &job, 1, &result);
	} else {
		ret = complain(run, "fill", -ENOMEM);
	}
	rill_buffer_destroy(buffer);
	return ret;
}

static int write_weights(struct run *run)
{
	size_t count = rill_plan_fill_count(&run->plan), done, piece;
	struct rill_fill_range *ranges = calloc(count, sizeof(*ranges));
	int ret = ranges ? 0 : -ENOMEM;

	if (ranges)
		rill_plan_fill(run->layer, &run->plan, run->weights_va, ranges);
	for (done = 0; !ret && done < count; done += piece) {
		piece = count - done < RILL_MAX_FILL_RANGES ? count - done : RILL_MAX_FILL_RANGES;
		ret = fill_some(run, ranges + done, piece);
	}
	free(ranges);
	return ret;
}

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static void count_pass(const struct drm_rill_counters *before,
		       const struct drm_rill_counters *after,
		       const struct rill_queue_stats *stats_before, struct pass_result *result)
{
	result->doorbells = after->doorbells - before->doorbells;
	result->interrupts = after->interrupts - before->interrupts;
	result->hw_doorbells = after->hw_doorbells - before->hw_doorbells;
	result->hw_interrupts = after->hw_interrupts - before->hw_interrupts;
	result->completions = after->jobs_completed - before->jobs_completed;
	result->submit.syscalls -= stats_before->syscalls;
	result->submit.submit_syscalls -= stats_before->submit_syscalls;
	result->submit.jobs -= stats_before->jobs;
}

static int run_pass(struct run *run, struct pass_result *result)
{
	struct drm_rill_counters before = { 0 }, after = { 0 };
	struct rill_queue_stats stats;
	double start, cpu_start;
	int ret;

	rill_device_counters(run->device, &before);
	rill_queue_stats(run->queue, &stats);
	start = seconds(CLOCK_MONOTONIC);
	cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	ret = submit(run, run->jobs, run->encoded.job_count, run->results);
	result->host_seconds = seconds(CLOCK_MONOTONIC) - start;
	result->cpu_seconds = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
	if (ret)
		return ret;
	rill_device_counters(run->device, &after);
	rill_queue_stats(run->queue, &result->submit);
	result->path = rill_queue_path(run->queue);
	count_pass(&before, &after, &stats, result);
	return 0;
}

static void summarise(struct run *run, struct pass_result *result)
{
	const struct rill_pass_report *report = result->report;
	unsigned int i;

	result->finish_ps = report->end_ps - report->start_ps;
	result->streams = run->plan.stream_count;
	for (i = 0; i < run->plan.stream_count; i++)
		if (run->plan.streams[i].slice_count > result->slices)
			result->slices = run->plan.streams[i].slice_count;
	for (i = 0; i < RILL_MAX_CHIPLETS; i++) {
		const struct rill_chiplet_report *c = &report->chiplet[i];

		if (c->sram_peak > result->peak_sram)
			result->peak_sram = c->sram_peak;
		if (c->sram_peak_weights_tokens > result->peak_sram_weights_tokens)
			result->peak_sram_weights_tokens = c->sram_peak_weights_tokens;
	}
	for (i = 0; i < RILL_MAX_CHANNELS; i++)
		result->ddr_bytes += report->channel[i].bytes;
	for (i = 0; i < RILL_MAX_LINKS; i++)
		result->d2d_bytes += report->link[i].bytes;
	rill_plan_bound(run->layer, &run->chip, &run->plan, report, &result->bound);
}

static int collect(struct run *run, struct pass_result *result)
{
	const uint8_t *map = rill_buffer_map(run->pass);
	size_t bytes;

	result->report = malloc(sizeof(*result->report));
	if (!result->report)
		return -ENOMEM;
	memcpy(result->report, map + run->encoded.report, sizeof(*result->report));
	summarise(run, result);
	if (!run->encoded.timeline)
		return 0;
	result->interval_total = result->report->timeline_total;
	result->interval_count = run->encoded.timeline_entries;
	if (result->interval_count > result->interval_total)
		result->interval_count = result->interval_total;
	bytes = (result->interval_count + 1) * sizeof(*result->intervals);
	result->intervals = malloc(bytes);
	if (!result->intervals)
		return -ENOMEM;
	memcpy(result->intervals, map + run->encoded.timeline,
	       result->interval_count * sizeof(*result->intervals));
	return 0;
}

/* Every bit of the outputs of a token; the first that differs is named. */
static bool token_matches(const struct run *run, const struct pass_result *result, uint32_t token,
			  const int64_t *want)
{
	uint32_t hidden = run->layer->model->hidden, n;
	const uint8_t *map = rill_buffer_map(run->pass);
	const int64_t *got = (const int64_t *)(map + run->encoded.out) + (size_t)token * hidden;

	for (n = 0; n < hidden && got[n] == want[n]; n++)
		;
	if (n < hidden && !result->verify_failed)
		fprintf(stderr, "rill: %s: token %u, element %u: got %" PRId64 ", want %" PRId64 "\n",
			result->strategy, token, n, got[n], want[n]);
	return n == hidden;
}

static int verify(const struct run *run, const uint32_t *sample, unsigned int count,
		  const int64_t *want, struct pass_result *result)
{
	uint32_t hidden = run->layer->model->hidden;
	unsigned int i;

	for (i = 0; want && i < count; i++) {
		if (token_matches(run, result, sample ? sample[i] : i, want + (size_t)i * hidden))
			result->verified++;
		else
			result->verify_failed++;
	}
	return result->verify_failed ? -EBADMSG : 0;
}

static void release(struct run *run)
{
	unsigned int c;

	if (run->queue)
		rill_queue_destroy(run->queue);
	for (c = 0; c < RILL_MAX_CHANNELS; c++)
		if (run->weights[c])
			rill_buffer_destroy(run->weights[c]);
	if (run->pass)
		rill_buffer_destroy(run->pass);
	free(run->jobs);
	free(run->results);
	rill_plan_free(&run->plan);
}

int pass_run(struct rill_device *device, const struct options *options,
	     const struct rill_layer *layer, const char *strategy, const uint32_t *sample,
	     unsigned int sample_count, const int64_t *want, struct pass_result *result)
{
	struct run run = { .device = device, .options = options, .layer = layer };
	int ret;

	*result = (struct pass_result){ .strategy = strategy };
	ret = describe_chip(&run);
	if (!ret)
		ret = make_plan(&run, strategy);
	if (!ret)
		ret = allocate(&run);
	if (!ret) {
		ret = rill_queue_create(device, QUEUE_DEPTH, &run.queue);
		if (ret)
			complain(&run, "queue", ret);
	}
	if (!ret && !options->timing_only)
		ret = write_weights(&run);
	if (!ret)
		ret = run_pass(&run, result);
	if (!ret)
		ret = collect(&run, result);
	if (!ret)
		ret = verify(&run, sample, sample_count, want, result);
	release(&run);
	return ret;
}

void pass_result_free(struct pass_result *result)
{
	free(result->report);
	free(result->intervals);
	*result = (struct pass_result){ 0 };
}
