// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * SRAM accounting: what is held, by kind, and the peaks. rill_pass_prepare() has
 * made sure that slots, tokens and accumulators fit together, so nothing overflows.
 */
#include "pass.h"

static void raise(uint64_t *peak, uint64_t value)
{
	if (value > *peak)
		*peak = value;
}

void rill_sram_hold(struct rill_pass_state *pass, unsigned int chiplet, enum rill_sram_kind kind,
		    uint64_t bytes)
{
	struct rill_chiplet_run *run = &pass->chiplets[chiplet];
	uint64_t weights_tokens, all;

	run->held[kind] += bytes;
	weights_tokens = run->held[RILL_SRAM_WEIGHTS] + run->held[RILL_SRAM_TOKENS];
	all = weights_tokens + run->held[RILL_SRAM_ACCUMULATORS];
	raise(&run->peak[kind], run->held[kind]);
	raise(&run->peak_weights_tokens, weights_tokens);
	raise(&run->peak_all, all);
	if (run->tail.on)
		rill_tail_held(run);
	if (all > pass->chip->config.sram_bytes)
		pass->broken = true;
}

void rill_sram_drop(struct rill_pass_state *pass, unsigned int chiplet, enum rill_sram_kind kind,
		    uint64_t bytes)
{
	pass->chiplets[chiplet].held[kind] -= bytes;
}
