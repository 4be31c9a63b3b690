// SPDX-License-Identifier: MIT
/* What a plan holds on the fullest chiplet: as the chip counts it before a pass, so neither is ever surprised. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "internal.h"

/* Tokens at home and copies of others, all at the same time */
static uint32_t most_tokens(const struct rill_layer *layer, const struct rill_plan *plan, uint64_t *at)
{
	uint32_t count[RILL_MAX_CHIPLETS] = { 0 }, most = 0;

	for (uint32_t t = 0; t < layer->tokens; t++)
		at[t] = 1ULL << plan->homes[t];
	for (uint32_t i = 0; i < plan->stream_count; i++)
		for (uint32_t r = 0; r < plan->streams[i].route_count; r++)
			at[le16toh(plan->streams[i].routes[r].token)] |=
				1ULL << le16toh(plan->streams[i].routes[r].chiplet);
	for (uint32_t t = 0; t < layer->tokens; t++)
		for (; at[t]; at[t] &= at[t] - 1)
			count[__builtin_ctzll(at[t])]++;
	for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++)
		if (count[c] > most)
			most = count[c];
	return most;
}

uint64_t rill_plan_slot_bytes(const struct rill_layer *layer, const struct rill_plan *plan)
{
	uint32_t most = 0;

	for (uint32_t i = 0; i < plan->stream_count; i++)
		for (uint32_t s = 0; s < plan->streams[i].slice_count; s++)
			if (plan->streams[i].slices[s].records > most)
				most = plan->streams[i].slices[s].records;
	return most * rill_record_bytes(layer);
}

uint64_t rill_plan_sram_needed(const struct rill_layer *layer, const struct rill_plan *plan)
{
	uint64_t *at = calloc(layer->tokens, sizeof(*at)), held;

	if (!at)
		return UINT64_MAX;
	held = (uint64_t)most_tokens(layer, plan, at) * layer->model->hidden * RILL_TOKEN_BYTES;
	free(at);
	return held + plan->slots * rill_plan_slot_bytes(layer, plan);
}

int rill_plan_check_sram(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			 const struct rill_plan *plan, char *error)
{
	uint64_t needed = rill_plan_sram_needed(layer, plan);

	if (needed <= chip->sram_bytes)
		return 0;
	return rill_moe_error(error, -ENOSPC, "%s needs %u slots of %" PRIu64 " bytes on each chiplet, %" PRIu64
			      " with tokens and accumulators; its SRAM has %" PRIu64, plan->strategy, plan->slots,
			      rill_plan_slot_bytes(layer, plan), needed, chip->sram_bytes);
}
