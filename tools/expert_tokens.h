/* SPDX-License-Identifier: MIT */
#ifndef RILL_TOOLS_EXPERT_TOKENS_H
#define RILL_TOOLS_EXPERT_TOKENS_H

#include "rill_moe.h"

/* Tokens that select each expert, rill_layer_experts() of them; the caller frees. NULL: no memory. */
uint32_t *expert_tokens(const struct rill_layer *layer);

#endif
