/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic under way, and its memory. One pass runs at a time, so one of these serves all,
 * and what was allocated for one pass is there for the next.
 */
#ifndef RILL_CHIP_MAC_WORK_H
#define RILL_CHIP_MAC_WORK_H

#include "engine.h"
#include "pass.h"
#include "tile.h"

struct rill_spare;

/* A slice that passes tokens: some routes of its stream, whose results are added to one group. */
struct rill_mac_work {
	struct rill_slice_state *slice;	/* NULL: idle */
	struct rill_group *group;
	bool first, last;		/* slice of the group */
	uint32_t route_first, route_count;
	uint32_t tokens_done, records_done;

	size_t hidden;			/* what follows is sized for */
	struct rill_spare *accumulators, *blocks;	/* that are not in use */
	uint64_t accumulator_bytes;	/* of those that are not in use */
	uint64_t block_bytes;		/* of all blocks */
	int8_t *expanded;		/* [RILL_TILE_RECORDS][3 * hidden]: INT4 weights as int8 */
	struct rill_tile tile;
};

/* NULL: out of memory */
struct rill_mac_work *rill_mac_work_take(struct rill_engine *engine, size_t hidden);

/* An accumulator, int64_t[hidden], zeroed */
int64_t *rill_mac_accumulator_take(struct rill_mac_work *work);
void rill_mac_accumulator_put(struct rill_mac_work *work, int64_t *acc);

/*
 * A block of results, int32_t[RILL_TILE_TOKENS][hidden]. There is a limit to all of them, so NULL is
 * no failure: without one the arithmetic is slower.
 */
int32_t *rill_mac_block_take(struct rill_mac_work *work);
void rill_mac_block_put(struct rill_mac_work *work, int32_t *block);

#endif
