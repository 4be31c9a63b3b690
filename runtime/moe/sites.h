/* SPDX-License-Identifier: MIT */
/* Where tokens are computed: at home, unless a planner finds it worth its while to send them elsewhere. */
#ifndef RILL_MOE_SITES_H
#define RILL_MOE_SITES_H

#include "internal.h"

struct rill_sites {
	uint32_t tokens;
	uint16_t *at;			/* [tokens] */
	uint8_t *gathered;		/* [experts][tokens], where an expert has chiplets of its own; or NULL */
	bool *gathers;			/* [experts] */
};

struct rill_sites_input {
	const struct rill_layer *layer;
	const struct rill_plan_chip *chip;
	const struct rill_plan_array *array;
	const struct rill_plan_counts *counts;
	const struct rill_plan_options *options;
	const uint16_t *homes;
};

int rill_sites_choose(const struct rill_sites_input *in, struct rill_sites *sites);
void rill_sites_free(struct rill_sites *sites);

static inline uint32_t rill_site(const struct rill_sites *sites, uint32_t expert, uint32_t t)
{
	if (sites->gathers && sites->gathers[expert])
		return sites->gathered[(size_t)expert * sites->tokens + t];
	return sites->at[t];
}

/* redispatch.c: from sites->at as it is. */
int rill_sites_redispatch(const struct rill_sites_input *in, struct rill_sites *sites);
/* group.c: after that. */
int rill_sites_group(const struct rill_sites_input *in, struct rill_sites *sites);

/* Multiply-accumulates of a token's experts */
uint64_t rill_token_macs(const struct rill_layer *layer, uint32_t t);
/* Bytes that a token computed away from home moves over each link on the way: activations, accumulator */
static inline uint64_t rill_moved_bytes(const struct rill_layer *layer)
{
	return (uint64_t)layer->model->hidden * RILL_TOKEN_BYTES;
}

#endif
