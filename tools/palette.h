/* SPDX-License-Identifier: MIT */
/* Colours of experts, from the hottest to the coldest. */
#ifndef RILL_TOOLS_PALETTE_H
#define RILL_TOOLS_PALETTE_H

#include "rill_moe.h"

#define PALETTE_SHARED	"#8c8c8c"	/* an expert that every token selects */
#define PALETTE_TOKENS	"#101010"	/* activations and accumulators on their way */

/* position 0 (hottest) .. 1 (coldest); text has room for 8 characters */
void palette_heat(double position, char *text);

/*
 * Rank of each routed expert by its tokens, 0 the hottest, those without tokens last. *used is how
 * many have tokens. The caller frees; NULL: no memory.
 */
uint32_t *palette_ranks(const struct rill_layer *layer, const uint32_t *tokens, uint32_t *used);

#endif
