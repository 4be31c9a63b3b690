// SPDX-License-Identifier: GPL-2.0-or-later
/* The timeline: intervals collected here and written to the context's memory in pieces. */
#include "pass.h"

#include <stdlib.h>

#define PIECE 1024

void rill_timeline_add(struct rill_pass_state *pass, enum rill_interval_kind kind,
		       unsigned int unit, uint64_t start, uint64_t end, uint32_t expert,
		       unsigned int slice, uint64_t bytes)
{
	size_t room = pass->block.timeline_entries - pass->intervals_written;
	size_t capacity;

	pass->interval_total++;
	if (!pass->block.timeline || pass->interval_count >= room)
		return;
	capacity = pass->interval_count;
	if (!(capacity & (PIECE - 1)) || !pass->intervals) {
		struct rill_interval *grown = realloc(pass->intervals,
						      (capacity + PIECE) * sizeof(*grown));

		if (!grown) {
			pass->broken = true;
			return;
		}
		pass->intervals = grown;
	}
	pass->intervals[pass->interval_count++] = (struct rill_interval){
		.start_ps = start, .end_ps = end, .expert = expert, .slice = slice,
		.kind = kind, .unit = unit, .bytes = bytes,
	};
}

bool rill_timeline_flush(struct rill_pass_state *pass, struct rill_fault *fault)
{
	uint64_t va = pass->block.timeline + pass->intervals_written * sizeof(*pass->intervals);

	if (!pass->interval_count)
		return true;
	if (!rill_mmu_write(pass->chip, pass->ctx, va, pass->intervals,
			    pass->interval_count * sizeof(*pass->intervals), fault))
		return false;
	pass->intervals_written += pass->interval_count;
	pass->interval_count = 0;
	free(pass->intervals);
	pass->intervals = NULL;
	return true;
}
