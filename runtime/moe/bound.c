// SPDX-License-Identifier: MIT
/* The bound of a pass; rill_moe.h defines it. */
#include <string.h>

#include "sites.h"

#define PS_PER_SECOND 1000000000000ULL

/* amount / (units * rate) in picoseconds, rounded up */
static uint64_t time_ps(uint64_t amount, uint64_t units, uint64_t rate)
{
	__uint128_t divisor = (__uint128_t)units * rate;

	return ((__uint128_t)amount * PS_PER_SECOND + divisor - 1) / divisor;
}

/* Weights of the selected experts, each once */
static uint64_t weight_bytes(const struct rill_layer *layer)
{
	struct rill_plan_counts counts;
	uint64_t records = 0;

	rill_plan_count(layer, &counts);
	for (uint32_t e = 0; e < counts.experts; e++)
		if (counts.n[e])
			records += rill_layer_width(layer, e);
	return records * rill_record_bytes(layer);
}

static uint64_t busiest_home(const struct rill_layer *layer, const struct rill_plan *plan)
{
	uint64_t macs[RILL_MAX_CHIPLETS] = { 0 }, worst = 0;

	for (uint32_t t = 0; t < layer->tokens; t++)
		macs[plan->homes[t]] += rill_token_macs(layer, t);
	for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++)
		if (macs[c] > worst)
			worst = macs[c];
	return worst;
}

static uint64_t busiest_link(const struct rill_pass_report *report)
{
	uint64_t worst = 0;

	for (uint32_t i = 0; report && i < RILL_MAX_LINKS; i++)
		if (le64toh(report->link[i].bytes) > worst)
			worst = le64toh(report->link[i].bytes);
	return worst;
}

static uint32_t allowed_channels(const struct rill_plan_chip *chip)
{
	struct rill_plan_array array;

	return rill_plan_array(chip, &array, NULL) ? 1 : array.channels;
}

void rill_plan_bound(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		     const struct rill_plan *plan, const struct rill_pass_report *report,
		     struct rill_plan_bound *bound)
{
	memset(bound, 0, sizeof(*bound));
	bound->ddr_ps = time_ps(weight_bytes(layer), allowed_channels(chip),
				chip->ddr_bytes_per_second);
	bound->mac_ps = time_ps(busiest_home(layer, plan), 1, chip->mac_per_second);
	bound->link_ps = time_ps(busiest_link(report), 1, chip->link_bytes_per_second);
	bound->ps = bound->ddr_ps;
	bound->by = RILL_BOUND_DDR;
	if (bound->mac_ps > bound->ps) {
		bound->ps = bound->mac_ps;
		bound->by = RILL_BOUND_MAC;
	}
	if (bound->link_ps > bound->ps) {
		bound->ps = bound->link_ps;
		bound->by = RILL_BOUND_LINK;
	}
}
