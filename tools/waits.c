// SPDX-License-Identifier: MIT
#include "waits.h"

#include <errno.h>
#include <stdlib.h>

struct wait {
	uint64_t ps;
	uint32_t passes;
};

static int shorter(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	return (x->ps > y->ps) - (x->ps < y->ps);
}

static int fewer(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	return (x->passes > y->passes) - (x->passes < y->passes);
}

static uint32_t list_waits(const struct work *work, const struct pass_result *result, struct wait *waits)
{
	uint32_t count = 0, t, p;
	unsigned int b;

	for (b = 0; b < work->layers.count; b++)
		for (t = 0; t < work->layers.layer[b]->tokens; t++) {
			uint32_t done = work->buffering->done[b][t];

			if (done == b)
				continue;
			waits[count] = (struct wait){ .passes = done - b };
			for (p = b + 1; p <= done; p++)
				waits[count].ps += result->steps[p].finish_ps;
			count++;
		}
	return count;
}

int waits_measure(const struct work *work, struct pass_result *result)
{
	struct pass_waits *all = &result->waits;
	struct wait *waits;
	unsigned int b;

	for (b = 0; b < work->layers.count; b++)
		all->tokens += work->layers.layer[b]->tokens;
	all->pairs = work->buffering->deferred;
	waits = calloc(all->tokens + 1, sizeof(*waits));
	if (!waits)
		return -ENOMEM;
	all->waited = list_waits(work, result, waits);
	if (all->waited) {
		qsort(waits, all->waited, sizeof(*waits), fewer);
		all->median_passes = waits[all->waited / 2].passes;
		all->worst_passes = waits[all->waited - 1].passes;
		qsort(waits, all->waited, sizeof(*waits), shorter);
		all->median_ps = waits[all->waited / 2].ps;
		all->worst_ps = waits[all->waited - 1].ps;
	}
	free(waits);
	return 0;
}
