/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tail of a pass: what its DDR channels and slots leave unused at its end. Slices of KNOWN streams
 * at the head of the next pass's load order may have been loaded in it.
 */
#ifndef RILL_CHIP_TAIL_H
#define RILL_CHIP_TAIL_H

#include "pass.h"

/* What the queue's last pass left. Times are relative to its start. */
struct rill_tail {
	bool kept;
	unsigned int queue;
	uint64_t end_ps;
	uint32_t slots;			/* per chiplet, that loads may take */
	uint64_t slot_bytes;
	uint64_t request_ps[RILL_MAX_CHANNELS];	/* a channel may take a request from then on */
	uint64_t free_ps[RILL_MAX_CHANNELS];
	struct rill_tail_run chiplet[RILL_MAX_CHIPLETS];
};

/* A pass has ended well: its tail replaces the one before. */
void rill_tail_keep(struct rill_tail *tail, struct rill_pass_state *pass);
void rill_tail_clear(struct rill_tail *tail);
/* A pass begins: load what the tail had room for. The tail is used up. */
void rill_tail_take(struct rill_tail *tail, struct rill_pass_state *pass);

#endif
