/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The event clock: a priority queue of (device time, sequence number). */
#ifndef RILL_CHIP_CLOCK_H
#define RILL_CHIP_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rill_event {
	uint64_t at_ps;
	uint64_t sequence;		/* ties are broken by age, so a run repeats to the bit */
	uint32_t kind;
	uint32_t index;
};

struct rill_clock {
	struct rill_event *heap;
	size_t count, capacity;
	uint64_t sequence;
	bool out_of_memory;		/* an event was lost: the run is void */
};

void rill_clock_free(struct rill_clock *clock);
void rill_clock_push(struct rill_clock *clock, uint64_t at_ps, uint32_t kind, uint32_t index);
bool rill_clock_pop(struct rill_clock *clock, struct rill_event *event);

static inline uint64_t rill_clock_next(const struct rill_clock *clock)
{
	return clock->count ? clock->heap[0].at_ps : UINT64_MAX;
}

#endif
