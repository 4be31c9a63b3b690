// SPDX-License-Identifier: MIT
#include "expert_tokens.h"

#include <stdlib.h>

uint32_t *expert_tokens(const struct rill_layer *layer)
{
	uint32_t experts = rill_layer_experts(layer), t, i, expert;
	uint32_t *count = calloc(experts, sizeof(*count));
	int32_t weight;

	for (t = 0; count && t < layer->tokens; t++) {
		for (i = 0; i < rill_layer_picks(layer, t); i++) {
			rill_layer_select(layer, t, i, &expert, &weight);
			if (expert < experts)
				count[expert]++;
		}
	}
	return count;
}
