// SPDX-License-Identifier: GPL-2.0-or-later
#include "clock.h"

#include <stdlib.h>

#define ARITY 4				/* shallower than binary, and a node's children share a cache line */

/* As one number of 128 bits: compared without a branch, which would often be guessed wrongly. */
static inline bool before(const struct rill_event *a, const struct rill_event *b)
{
	return ((__uint128_t)a->at_ps << 64 | a->sequence) < ((__uint128_t)b->at_ps << 64 | b->sequence);
}

void rill_clock_free(struct rill_clock *clock)
{
	free(clock->heap);
	*clock = (struct rill_clock){ 0 };
}

static bool grow(struct rill_clock *clock)
{
	size_t capacity = clock->capacity ? clock->capacity * 2 : 256;
	struct rill_event *heap = realloc(clock->heap, capacity * sizeof(*heap));

	if (!heap) {
		clock->out_of_memory = true;
		return false;
	}
	clock->heap = heap;
	clock->capacity = capacity;
	return true;
}

void rill_clock_push(struct rill_clock *clock, uint64_t at_ps, uint32_t kind, uint32_t index)
{
	struct rill_event event = {
		.at_ps = at_ps, .sequence = clock->sequence++, .kind = kind, .index = index,
	};
	size_t i, parent;

	if (clock->count == clock->capacity && !grow(clock))
		return;
	for (i = clock->count++; i; i = parent) {
		parent = (i - 1) / ARITY;
		if (!before(&event, &clock->heap[parent]))
			break;
		clock->heap[i] = clock->heap[parent];
	}
	clock->heap[i] = event;
}

static size_t earliest_child(const struct rill_clock *clock, size_t i)
{
	size_t child = i * ARITY + 1, end = child + ARITY, best = child;

	if (end > clock->count)
		end = clock->count;
	while (++child < end)
		best = before(&clock->heap[child], &clock->heap[best]) ? child : best;
	return best;
}

bool rill_clock_pop(struct rill_clock *clock, struct rill_event *event)
{
	struct rill_event last;
	size_t i, child;

	if (!clock->count)
		return false;
	*event = clock->heap[0];
	last = clock->heap[--clock->count];
	for (i = 0; i * ARITY + 1 < clock->count; i = child) {
		child = earliest_child(clock, i);
		if (!before(&clock->heap[child], &last))
			break;
		clock->heap[i] = clock->heap[child];
	}
	clock->heap[i] = last;
	return true;
}
