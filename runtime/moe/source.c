// SPDX-License-Identifier: MIT
/* Routing from wherever a user wants it, and how skewed it is. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

int rill_routing_from(const struct rill_routing_source *source, const struct rill_model *model,
		      uint32_t layer, uint32_t first, uint32_t tokens,
		      struct rill_routing *routing, char *error)
{
	if (source->trace)
		return rill_routing_load(source->trace, model, layer, first, tokens, routing, error);
	if (source->zipf)
		return rill_zipf_from(model, layer, first, tokens, source->exponent, source->seed,
				      routing, error);
	return rill_routing_calibrated(model, layer, first, tokens, source->seed, routing, error);
}

static int descending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x < y) - (x > y);
}

void rill_routing_skew(const struct rill_routing *routing, uint32_t experts, uint32_t chiplets,
		       struct rill_routing_skew *skew)
{
	uint32_t count[RILL_MAX_EXPERTS] = { 0 }, load[RILL_MAX_CHIPLETS] = { 0 };
	size_t picks = (size_t)routing->tokens * routing->top_k;
	uint32_t tenth = (experts + 5) / 10, most = 0;

	memset(skew, 0, sizeof(*skew));
	for (size_t i = 0; i < picks; i++) {
		count[routing->expert[i]]++;
		load[routing->expert[i] % chiplets]++;
	}
	for (uint32_t c = 0; c < chiplets; c++)
		most = load[c] > most ? load[c] : most;
	qsort(count, experts, sizeof(*count), descending);
	for (uint32_t e = 0; e < experts; e++) {
		skew->distinct += count[e] > 0;
		if (e < (tenth ? tenth : 1))
			skew->tenth += (double)count[e] / picks;
	}
	skew->hottest = (double)count[0] * experts / picks;
	skew->chiplet = (double)most * chiplets / picks;
}
