// SPDX-License-Identifier: MIT
#include "rules_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "rules rig: %s\n", what);
	abort();
}

static unsigned int draw(uint64_t seed, uint64_t *state, unsigned int below)
{
	return rill_pattern(seed, (*state)++) % below;
}

struct rules_trial rules_trial_draw(uint64_t number)
{
	uint64_t s = 0;
#define DRAW(below) draw(number + 77000, &s, below)
	struct rules_trial t = {
		.model = {
			.name = "tiny", .hidden = 8 * (1 + DRAW(12)), .width = 1 + DRAW(70),
			.experts = 2 + DRAW(9), .shared = DRAW(3), .layers = 1,
		},
		.rows = 1 + DRAW(4), .cols = 1 + DRAW(4), .tokens = 1 + DRAW(60),
		.slices = DRAW(3) ? 1 + DRAW(20) : 0, .slots = DRAW(2) ? 2 + DRAW(6) : 0,
		.seed = DRAW(1000), .link_down = DRAW(3) ? -1 : (int)DRAW(48),
		.link_slow = DRAW(3) ? -1 : (int)DRAW(48),
		.channel_bytes = 64 << 20, .routing = { .zipf = true, .exponent = 0.7 },
	};

	t.strategy = DRAW(4) ? "fse-dp" : "ep";
	t.model.shared_width = t.model.shared ? 1 + DRAW(40) : 0;
	t.model.top_k = 1 + DRAW(t.model.experts < 4 ? t.model.experts : 4);
	/* ONE_EXPERT does not go with a load order of one's own, which plans of FSE-DP have */
	if (!DRAW(2))
		t.pass_flags = DRAW(RILL_PASS_ABLATIONS + 1) & RILL_PASS_ABLATIONS & ~RILL_PASS_ONE_EXPERT;
	if (!DRAW(8))
		t.tokens = 65 + DRAW(150);
#undef DRAW
	return t;
}

static void open_device(struct rules_rig *rig, const struct rules_trial *t)
{
	struct rill_device_options options = {
		.transport = RILL_TRANSPORT_MODEL,
		.chip = { .rows = t->rows, .cols = t->cols, .channel_bytes = t->channel_bytes,
			  .link_mbps = t->link_mbps },
	};
	uint32_t links, slow = t->slow_permille ? t->slow_permille : 300;
	const char *error;

	must(!rill_device_open(&options, &rig->device, &error), "device");
	links = rill_device_chip(rig->device)->links;
	if (t->link_slow >= 0 && (uint32_t)t->link_slow < links)
		must(!rill_device_link_set(rig->device, t->link_slow, true, slow), "link");
	if (t->link_slow_too && t->link_slow_too <= links)
		must(!rill_device_link_set(rig->device, t->link_slow_too - 1, true, slow), "link");
	if (t->link_down >= 0 && (uint32_t)t->link_down < links)
		must(!rill_device_link_set(rig->device, t->link_down, false, 1000), "link");
	must(!rill_queue_create(rig->device, RILL_MAX_STREAMS + 2, &rig->queue), "queue");
}

void rules_rig_open(struct rules_rig *rig, const struct rules_trial *t)
{
	struct rill_plan_options options = { .slices = t->slices, .slots = t->slots };
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS];
	struct rill_routing_source source = t->routing;
	char error[RILL_ERROR_BYTES] = "";
	struct rill_routing routing;
	struct rill_plan_chip chip;
	unsigned int c;

	memset(rig, 0, sizeof(*rig));
	rig->model = t->model;
	open_device(rig, t);
	must(!rill_device_channels(rig->device, channels), "channels");
	rill_plan_chip_describe(rill_device_chip(rig->device), channels, 0, &chip);
	source.seed = t->seed;
	must(!rill_routing_from(&source, &rig->model, t->layer, t->first, t->tokens, &routing, error), error);
	must(!rill_layer_create(&rig->model, t->layer, &routing, t->seed, &rig->layer, error), error);
	must(!rill_strategy_find(t->strategy)->plan(rig->layer, &chip, &options, &rig->plan, error), error);
	rig->plan.pass_flags |= t->pass_flags;
	for (c = 0; c < RILL_MAX_CHANNELS; c++) {
		if (!rig->plan.channel_bytes[c])
			continue;
		must(!rill_buffer_create(rig->device, rig->plan.channel_bytes[c], DRM_RILL_DDR, c,
					 &rig->weights[c]), "weights");
		rig->va[c] = rill_buffer_va(rig->weights[c]);
	}
}

void rules_rig_close(struct rules_rig *rig)
{
	unsigned int c;

	for (c = 0; c < RILL_MAX_CHANNELS; c++)
		if (rig->weights[c])
			rill_buffer_destroy(rig->weights[c]);
	rill_plan_free(&rig->plan);
	rill_layer_free(rig->layer);
	rill_queue_destroy(rig->queue);
	rill_device_close(rig->device);
}

static void collect(const uint8_t *map, const struct rill_encoded *encoded,
		    const struct drm_rill_job_result *results, bool foreign, struct rules_outcome *outcome)
{
	uint32_t i;

	for (i = 0; i < encoded->job_count; i++) {
		if (!results[i].status || results[i].status == RILL_PASS_FAILED || outcome->status)
			continue;
		outcome->status = results[i].status;
		outcome->detail = results[i].detail;
	}
	if (outcome->status)
		return;
	memcpy(&outcome->report, map + encoded->report, sizeof(outcome->report));
	outcome->interval_count = outcome->report.timeline_total;
	/* The bound is that of shortest ways; rules of others may move slices more often. */
	if (outcome->interval_count > encoded->timeline_entries) {
		must(foreign, "more intervals than the plan's bound");
		outcome->interval_count = encoded->timeline_entries;
	}
	outcome->intervals = malloc((outcome->interval_count + 1) * sizeof(*outcome->intervals));
	must(outcome->intervals, "memory");
	memcpy(outcome->intervals, map + encoded->timeline,
	       outcome->interval_count * sizeof(*outcome->intervals));
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

void rules_rig_go_on(struct rules_rig *rig, const void *rules, size_t bytes, void *weights, size_t weights_bytes,
		     struct rules_outcome *outcome)
{
	struct rill_encode_options options = {
		.timing_only = true, .timeline = true, .rules = rules, .rules_bytes = bytes,
		.rules_weights = weights, .rules_weights_bytes = weights_bytes,
	};
	struct drm_rill_job_result *results;
	struct rill_encoded encoded;
	struct rill_buffer *buffer;
	struct drm_rill_job *jobs;
	double start;

	memset(outcome, 0, sizeof(*outcome));
	rill_plan_measure(rig->layer, &rig->plan, &options, &encoded);
	must(!rill_buffer_create(rig->device, encoded.bytes, DRM_RILL_SYSTEM, 0, &buffer), "buffer");
	jobs = calloc(encoded.job_count, sizeof(*jobs));
	results = calloc(encoded.job_count, sizeof(*results));
	must(jobs && results, "memory");
	rill_plan_encode(rig->layer, &rig->plan, &options, &encoded, rill_buffer_map(buffer),
			 rill_buffer_va(buffer), rig->va, jobs);
	start = cpu_seconds();
	rill_queue_run(rig->queue, jobs, encoded.job_count, results, NULL);
	outcome->seconds = cpu_seconds() - start;
	collect(rill_buffer_map(buffer), &encoded, results, rules, outcome);
	if (weights)
		memcpy(weights, (uint8_t *)rill_buffer_map(buffer) + encoded.rules_weights, weights_bytes);
	free(jobs);
	free(results);
	rill_buffer_destroy(buffer);
}

void rules_rig_run(struct rules_rig *rig, const void *rules, size_t bytes, struct rules_outcome *outcome)
{
	rules_rig_go_on(rig, rules, bytes, NULL, 0, outcome);
}

void rules_outcome_free(struct rules_outcome *outcome)
{
	free(outcome->intervals);
	memset(outcome, 0, sizeof(*outcome));
}

static struct rill_pass_report comparable(const struct rill_pass_report *report)
{
	struct rill_pass_report same = *report;

	same.end_ps -= same.start_ps;
	same.start_ps = 0;
	same.rule_decisions = same.rule_firings = 0;
	return same;
}

bool rules_outcome_same(const struct rules_outcome *a, const struct rules_outcome *b)
{
	struct rill_pass_report ra = comparable(&a->report), rb = comparable(&b->report);

	return a->status == b->status && a->detail == b->detail && a->interval_count == b->interval_count &&
	       !memcmp(&ra, &rb, sizeof(ra)) &&
	       !memcmp(a->intervals, b->intervals, a->interval_count * sizeof(*a->intervals));
}
