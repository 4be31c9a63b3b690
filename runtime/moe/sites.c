// SPDX-License-Identifier: MIT
#include "sites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

uint64_t rill_token_macs(const struct rill_layer *layer, uint32_t t)
{
	uint64_t records = 0;

	for (uint32_t i = 0; i < rill_layer_picks(layer, t); i++) {
		uint32_t expert;
		int32_t weight;

		rill_layer_select(layer, t, i, &expert, &weight);
		records += rill_layer_width(layer, expert);
	}
	return records * rill_record_macs(layer);
}

int rill_sites_choose(const struct rill_sites_input *in, struct rill_sites *sites)
{
	uint32_t tokens = in->layer->tokens;
	int err = 0;

	*sites = (struct rill_sites){ .tokens = tokens, .at = malloc(tokens * sizeof(*sites->at)) };
	if (!sites->at)
		return -ENOMEM;
	memcpy(sites->at, in->homes, tokens * sizeof(*sites->at));
	if (in->options->redispatch)
		err = rill_sites_redispatch(in, sites);
	if (!err && in->options->group)
		err = rill_sites_group(in, sites);
	return err;
}

void rill_sites_free(struct rill_sites *sites)
{
	free(sites->at);
	free(sites->gathered);
	free(sites->gathers);
	memset(sites, 0, sizeof(*sites));
}
