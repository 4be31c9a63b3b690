// SPDX-License-Identifier: MIT
#include "pass_run.h"
#include "kept_rules.h"
#include "pass_result.h"
#include "pass_weights.h"
#include "plan_input.h"
#include "submit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define QUEUE_DEPTH	(RILL_MAX_STREAMS + 2)
#define DDR_ROOM	(2ULL << 20)	/* a buffer's alignment may cost as much */

struct part {
	struct rill_plan plan;
	struct rill_encoded encoded;
	struct rill_buffer *buffer;
	uint64_t va[RILL_MAX_CHANNELS];
	uint32_t first_job;
};

struct run {
	struct rill_device *device;
	const struct options *options;
	const struct pass_set *set;
	struct rill_plan_chip chip;
	struct rill_trial *trial;
	struct rill_queue_handle *queue;
	struct kept_rules kept;
	struct part *parts;
	/* Of the group of passes that is in DDR */
	struct pass_weights weights;
	struct drm_rill_job *jobs;
	struct drm_rill_job_result *results;
	uint32_t job_count;
};

static double seconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/*
 * Slices of shared experts that go to the head of each channel's order. All tokens compute them, so with more
 * than one a MAC array that has about as much to do as DDR is busy with them while nothing else is loaded, and
 * where they move they fill slots that others are to stream through. Where DDR has much more to do, and they
 * stay, there may be as many as there are slots.
 */
static uint32_t known_ahead(const struct run *run, const struct rill_layer *layer, const struct rill_plan *plan)
{
	struct rill_plan_bound bound;

	rill_plan_bound(layer, &run->chip, plan, NULL, &bound);
	return plan->streams[0].flags & RILL_STREAM_PINNED && bound.mac_ps < bound.ddr_ps / 4 ? plan->slots : 1;
}

static int make_plans(struct run *run, const char *strategy, struct pass_result *result)
{
	char error[RILL_ERROR_BYTES];
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < run->set->count; i++) {
		const struct pass_job *job = &run->set->jobs[i];
		struct rill_plan *plan = &run->parts[i].plan;

		ret = plan_input(run->options, job->layer, &run->chip, run->trial, strategy, plan);
		result->trials += plan->trials;
		if (ret || !job->follows)
			continue;
		ret = rill_plan_known(job->layer, plan, known_ahead(run, job->layer, plan), error);
		if (ret)
			fprintf(stderr, "rill: %s: %s\n", strategy, error);
	}
	return ret;
}

static uint64_t page_up(uint64_t bytes)
{
	return (bytes + 4095) / 4096 * 4096;
}

/*
 * Passes whose weights lie in DDR at the same time: as many as fit, one after the other. Without
 * arithmetic nobody looks at weights, and all passes share the same place. Returns the end of the group.
 */
static unsigned int place_group(struct run *run, unsigned int first, uint64_t *channel_bytes)
{
	uint64_t room = rill_device_chip(run->device)->channel_bytes - DDR_ROOM;
	bool share = run->options->timing_only, fits = true;
	unsigned int i, c;

	memset(channel_bytes, 0, RILL_MAX_CHANNELS * sizeof(*channel_bytes));
	for (i = first; i < run->set->count; i++) {
		const uint64_t *bytes = run->parts[i].plan.channel_bytes;

		for (c = 0; c < RILL_MAX_CHANNELS; c++)
			fits &= share || channel_bytes[c] + page_up(bytes[c]) <= room;
		if (!fits && i > first)
			break;
		for (c = 0; c < RILL_MAX_CHANNELS; c++) {
			run->parts[i].va[c] = share ? 0 : channel_bytes[c];
			if (share && bytes[c] > channel_bytes[c])
				channel_bytes[c] = bytes[c];
			if (!share)
				channel_bytes[c] += page_up(bytes[c]);
		}
	}
	return i;
}

static int encode(struct run *run, unsigned int i)
{
	const struct rill_encode_options options = {
		.timing_only = run->options->timing_only,
		.timeline = run->options->timeline || run->options->svg || run->options->profile,
		.rules = run->options->rules, .rules_bytes = run->options->rules_bytes,
		.rules_kept = run->kept.va,
	};
	const struct rill_layer *layer = run->set->jobs[i].layer;
	struct part *part = &run->parts[i];
	unsigned int c;
	int ret;

	for (c = 0; c < RILL_MAX_CHANNELS; c++)
		part->va[c] += run->weights.va[c];
	rill_plan_measure(layer, &part->plan, &options, &part->encoded);
	ret = rill_buffer_create(run->device, part->encoded.bytes, DRM_RILL_SYSTEM, 0, &part->buffer);
	if (ret)
		return device_complain(run->device, "pass", ret);
	if (!rill_buffer_map(part->buffer))
		return device_complain(run->device, "pass", -ENOMEM);
	rill_plan_encode(layer, &part->plan, &options, &part->encoded, rill_buffer_map(part->buffer),
			 rill_buffer_va(part->buffer), part->va, run->jobs + part->first_job);
	return 0;
}

static int allocate_jobs(struct run *run, unsigned int first, unsigned int end)
{
	unsigned int i;

	run->job_count = 0;
	for (i = first; i < end; i++) {
		run->parts[i].first_job = run->job_count;
		run->job_count += run->parts[i].plan.stream_count + 2;
	}
	run->jobs = calloc(run->job_count, sizeof(*run->jobs));
	run->results = calloc(run->job_count, sizeof(*run->results));
	return run->jobs && run->results ? 0 : -ENOMEM;
}

static int load_group(struct run *run, unsigned int first, unsigned int end,
		      const uint64_t *channel_bytes)
{
	unsigned int i;
	int ret = pass_weights_create(run->device, channel_bytes, &run->weights);

	if (!ret)
		ret = allocate_jobs(run, first, end);
	for (i = first; !ret && i < end; i++)
		ret = encode(run, i);
	for (i = first; !ret && !run->options->timing_only && i < end; i++)
		ret = pass_weights_write(run->device, run->queue, run->set->jobs[i].layer,
					 &run->parts[i].plan, run->parts[i].va);
	return ret;
}

static void unload_group(struct run *run, unsigned int first, unsigned int end)
{
	unsigned int i;

	for (i = first; i < end; i++)
		if (run->parts[i].buffer)
			rill_buffer_destroy(run->parts[i].buffer);
	pass_weights_destroy(&run->weights);
	free(run->jobs);
	free(run->results);
	run->jobs = NULL;
	run->results = NULL;
}

static void count_passes(const struct drm_rill_counters *before, const struct drm_rill_counters *after,
			 const struct rill_queue_stats *stats_before,
			 const struct rill_queue_stats *stats, struct pass_result *result)
{
	result->doorbells += after->doorbells - before->doorbells;
	result->interrupts += after->interrupts - before->interrupts;
	result->hw_doorbells += after->hw_doorbells - before->hw_doorbells;
	result->hw_interrupts += after->hw_interrupts - before->hw_interrupts;
	result->completions += after->jobs_completed - before->jobs_completed;
	result->submit.syscalls += stats->syscalls - stats_before->syscalls;
	result->submit.submit_syscalls += stats->submit_syscalls - stats_before->submit_syscalls;
	result->submit.jobs += stats->jobs - stats_before->jobs;
}

static int submit_group(struct run *run, struct pass_result *result)
{
	struct drm_rill_counters before = { 0 }, after = { 0 };
	struct rill_queue_stats stats_before, stats;
	double start, cpu_start;
	int ret;

	rill_device_counters(run->device, &before);
	rill_queue_stats(run->queue, &stats_before);
	start = seconds(CLOCK_MONOTONIC);
	cpu_start = seconds(CLOCK_PROCESS_CPUTIME_ID);
	ret = submit(run->device, run->queue, run->jobs, run->job_count, run->results);
	result->host_seconds += seconds(CLOCK_MONOTONIC) - start;
	result->cpu_seconds += seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu_start;
	if (ret)
		return ret;
	rill_device_counters(run->device, &after);
	rill_queue_stats(run->queue, &stats);
	result->path = rill_queue_path(run->queue);
	count_passes(&before, &after, &stats_before, &stats, result);
	return 0;
}

/* Only where there is one pass */
static int collect_timeline(const struct part *part, const uint8_t *map, struct pass_result *result)
{
	size_t bytes;

	result->interval_total = result->report->timeline_total;
	result->interval_count = part->encoded.timeline_entries;
	if (result->interval_count > result->interval_total)
		result->interval_count = result->interval_total;
	bytes = (result->interval_count + 1) * sizeof(*result->intervals);
	result->intervals = malloc(bytes);
	if (!result->intervals)
		return -ENOMEM;
	memcpy(result->intervals, map + part->encoded.timeline,
	       result->interval_count * sizeof(*result->intervals));
	return 0;
}

static int collect(struct run *run, unsigned int i, struct pass_result *result)
{
	const struct part *part = &run->parts[i];
	const uint8_t *map = rill_buffer_map(part->buffer);
	struct rill_pass_report *report = malloc(sizeof(*report));
	int ret = 0;

	if (!report)
		return -ENOMEM;
	memcpy(report, map + part->encoded.report, sizeof(*report));
	pass_result_add(result, i, run->set->jobs[i].layer, &run->chip, &part->plan, report);
	free(report);
	if (part->encoded.timeline)
		ret = collect_timeline(part, map, result);
	if (!ret && run->set->check)
		ret = run->set->check(run->set->opaque, i, (const int64_t *)(map + part->encoded.out),
				      result);
	return ret;
}

static int run_group(struct run *run, unsigned int first, unsigned int end,
		     const uint64_t *channel_bytes, struct pass_result *result)
{
	double start = seconds(CLOCK_MONOTONIC);
	unsigned int i;
	int ret = load_group(run, first, end, channel_bytes);

	result->setup_seconds += seconds(CLOCK_MONOTONIC) - start;
	if (!ret)
		ret = submit_group(run, result);
	for (i = first; !ret && i < end; i++)
		ret = collect(run, i, result);
	unload_group(run, first, end);
	return ret;
}

static int run_set(struct run *run, const char *strategy, struct pass_result *result)
{
	uint64_t channel_bytes[RILL_MAX_CHANNELS];
	double start = seconds(CLOCK_MONOTONIC);
	unsigned int first, end;
	int ret;

	if (!run->options->no_trials)
		run->trial = rill_trial_create(run->device, run->options->device.chiplet_mask);
	ret = make_plans(run, strategy, result);
	rill_trial_free(run->trial);
	result->plan_seconds = seconds(CLOCK_MONOTONIC) - start;
	if (ret)
		return ret;
	ret = rill_queue_create(run->device, QUEUE_DEPTH, &run->queue);
	if (ret)
		return device_complain(run->device, "queue", ret);
	if (run->options->keep_weights)
		ret = kept_rules_open(run->device, run->options, &run->kept);
	result->went_on = run->kept.went_on;
	for (first = 0; !ret && first < run->set->count; first = end) {
		end = place_group(run, first, channel_bytes);
		ret = run_group(run, first, end, channel_bytes, result);
	}
	if (!ret && run->options->keep_weights)
		ret = kept_rules_write(&run->kept);
	kept_rules_close(&run->kept);
	rill_queue_destroy(run->queue);
	return ret;
}

int pass_run(struct rill_device *device, const struct options *options, const struct pass_set *set,
	     const char *strategy, struct pass_result *result)
{
	struct run run = { .device = device, .options = options, .set = set };
	unsigned int i;
	int ret = pass_result_init(strategy, set->count, result);

	run.parts = calloc(set->count, sizeof(*run.parts));
	if (ret || !run.parts)
		return -ENOMEM;
	ret = plan_chip_input(device, options, &run.chip);
	if (!ret)
		ret = run_set(&run, strategy, result);
	for (i = 0; i < set->count; i++)
		rill_plan_free(&run.parts[i].plan);
	free(run.parts);
	return ret;
}
