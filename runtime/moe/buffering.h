/* SPDX-License-Identifier: MIT */
/* While passes are put together one after the other. */
#ifndef RILL_MOE_BUFFERING_H
#define RILL_MOE_BUFFERING_H

#include "internal.h"

struct buffering_pair {
	uint32_t batch, token;
	struct rill_pick pick;
	bool slack;			/* it may wait */
};

/* Of the pairs at hand in a pass */
struct buffering_expert {
	uint32_t pairs;
	uint32_t passes_left;		/* that its oldest pair may still wait */
	bool needed;			/* by a pair that cannot wait */
	bool fresh;			/* tokens of the pass's own batch select it */
	bool left_out;
};

struct buffering {
	struct rill_layer *const *batches;
	const struct rill_buffering_options *options;
	uint32_t count, pass, expert_count;
	struct buffering_pair *pairs;	/* at hand: what waits, then the pass's batch */
	uint32_t pair_count, pair_capacity;
	struct buffering_expert *experts;
	uint32_t *passes_with;		/* passes so far whose batch had tokens of the expert */
	bool **waits;			/* [batch][token], of the pairs at hand */
};

#endif
