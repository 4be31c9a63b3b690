// SPDX-License-Identifier: GPL-2.0-or-later
#include "context.h"

bool rill_context_create(struct rill_context *ctx, uint64_t root, uint64_t chiplets)
{
	ctx->tlb = rill_tlb_new();
	if (!ctx->tlb)
		return false;
	ctx->root = root;
	ctx->chiplets = chiplets;
	ctx->queues = 0;
	ctx->valid = true;
	rill_mmu_invalidate(ctx);
	return true;
}

void rill_context_delete(struct rill_context *ctx)
{
	rill_mmu_invalidate(ctx);
	rill_tlb_free(ctx->tlb);
	ctx->tlb = NULL;
	ctx->valid = false;
}
