// SPDX-License-Identifier: MIT
#include "pass_result.h"

#include <errno.h>
#include <stdlib.h>

int pass_result_init(const char *strategy, unsigned int passes, struct pass_result *result)
{
	*result = (struct pass_result){ .strategy = strategy, .passes = passes };
	result->steps = calloc(passes, sizeof(*result->steps));
	result->report = calloc(1, sizeof(*result->report));
	return result->steps && result->report ? 0 : -ENOMEM;
}

void pass_result_free(struct pass_result *result)
{
	free(result->report);
	free(result->intervals);
	free(result->steps);
	*result = (struct pass_result){ 0 };
}

static void raise(uint64_t *most, uint64_t value)
{
	if (value > *most)
		*most = value;
}

static void make_step(struct pass_step *step, const struct rill_layer *layer,
		      const struct rill_plan_chip *chip, const struct rill_plan *plan,
		      const struct rill_pass_report *report)
{
	unsigned int i;

	step->layer = layer->layer;
	step->tokens = layer->tokens;
	step->finish_ps = report->end_ps - report->start_ps;
	step->prefetched_bytes = report->prefetched_bytes;
	for (i = 0; i < RILL_MAX_CHIPLETS; i++) {
		raise(&step->peak_sram, report->chiplet[i].sram_peak);
		raise(&step->peak_sram_weights_tokens, report->chiplet[i].sram_peak_weights_tokens);
	}
	for (i = 0; i < RILL_MAX_CHANNELS; i++)
		step->ddr_bytes += report->channel[i].bytes;
	for (i = 0; i < RILL_MAX_LINKS; i++)
		step->d2d_bytes += report->link[i].bytes;
	rill_plan_bound(layer, chip, plan, report, &step->bound);
}

static void add_chiplet(struct rill_chiplet_report *sum, const struct rill_chiplet_report *c)
{
	uint64_t peak[] = { sum->sram_peak, sum->sram_peak_weights_tokens, sum->sram_peak_weights,
			    sum->sram_peak_tokens, sum->sram_peak_accumulators };

	raise(&peak[0], c->sram_peak);
	raise(&peak[1], c->sram_peak_weights_tokens);
	raise(&peak[2], c->sram_peak_weights);
	raise(&peak[3], c->sram_peak_tokens);
	raise(&peak[4], c->sram_peak_accumulators);
	*sum = (struct rill_chiplet_report){
		.mac_busy_ps = sum->mac_busy_ps + c->mac_busy_ps, .macs = sum->macs + c->macs,
		.sram_peak = peak[0], .sram_peak_weights_tokens = peak[1],
		.sram_peak_weights = peak[2], .sram_peak_tokens = peak[3],
		.sram_peak_accumulators = peak[4],
	};
}

static void add_units(struct rill_pass_report *sum, const struct rill_pass_report *r)
{
	unsigned int i;

	for (i = 0; i < RILL_MAX_CHANNELS; i++) {
		sum->channel[i].bytes += r->channel[i].bytes;
		sum->channel[i].busy_ps += r->channel[i].busy_ps;
	}
	for (i = 0; i < RILL_MAX_CHIPLETS; i++)
		add_chiplet(&sum->chiplet[i], &r->chiplet[i]);
	for (i = 0; i < RILL_MAX_LINKS; i++) {
		sum->link[i].bytes += r->link[i].bytes;
		sum->link[i].busy_ps += r->link[i].busy_ps;
		sum->link[i].stall_ps += r->link[i].stall_ps;
		sum->link[i].transfers += r->link[i].transfers;
	}
}

/* Device time goes on from pass to pass; what ran in between (weights being written) is left out. */
static void add_report(struct rill_pass_report *sum, const struct rill_pass_report *r, bool first)
{
	uint64_t slot_bytes = sum->slot_bytes, slots = sum->slots, smallest = sum->smallest_sram;

	if (first)
		sum->start_ps = sum->end_ps = r->start_ps;
	sum->end_ps += r->end_ps - r->start_ps;
	sum->slices_loaded += r->slices_loaded;
	sum->slices_computed += r->slices_computed;
	sum->scatters += r->scatters;
	sum->reduces += r->reduces;
	sum->escapes += r->escapes;
	sum->timeline_total += r->timeline_total;
	sum->events += r->events;
	sum->prefetched_bytes += r->prefetched_bytes;
	sum->rule_decisions += r->rule_decisions;
	sum->rule_firings += r->rule_firings;
	raise(&slot_bytes, r->slot_bytes);
	raise(&slots, r->slots);
	raise(&smallest, r->smallest_sram);
	sum->slot_bytes = slot_bytes;
	sum->slots = slots;
	sum->smallest_sram = smallest;
	add_units(sum, r);
}

/* Of several passes: sums, and the term that is largest in them */
static void add_bound(struct rill_plan_bound *sum, const struct rill_plan_bound *bound)
{
	sum->ps += bound->ps;
	sum->ddr_ps += bound->ddr_ps;
	sum->mac_ps += bound->mac_ps;
	sum->link_ps += bound->link_ps;
	sum->by = sum->mac_ps > sum->ddr_ps ? RILL_BOUND_MAC : RILL_BOUND_DDR;
	if (sum->link_ps > sum->ddr_ps && sum->link_ps > sum->mac_ps)
		sum->by = RILL_BOUND_LINK;
}

void pass_result_add(struct pass_result *result, unsigned int pass, const struct rill_layer *layer,
		     const struct rill_plan_chip *chip, const struct rill_plan *plan,
		     const struct rill_pass_report *report)
{
	struct pass_step *step = &result->steps[pass];
	unsigned int i;

	make_step(step, layer, chip, plan, report);
	add_report(result->report, report, !pass);
	add_bound(&result->bound, &step->bound);
	result->finish_ps += step->finish_ps;
	result->ddr_bytes += step->ddr_bytes;
	result->d2d_bytes += step->d2d_bytes;
	raise(&result->peak_sram, step->peak_sram);
	raise(&result->peak_sram_weights_tokens, step->peak_sram_weights_tokens);
	result->streams += plan->stream_count;
	for (i = 0; i < plan->stream_count; i++)
		if (plan->streams[i].slice_count > result->slices)
			result->slices = plan->streams[i].slice_count;
}
