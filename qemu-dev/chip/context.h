/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef RILL_CHIP_CONTEXT_H
#define RILL_CHIP_CONTEXT_H

#include "internal.h"

/* False if out of memory. The context must not be valid, the rest have been checked. */
bool rill_context_create(struct rill_context *ctx, uint64_t root, uint64_t chiplets);
/* No queue may be bound to it. */
void rill_context_delete(struct rill_context *ctx);

/* mmu.c */
struct rill_tlb *rill_tlb_new(void);
void rill_tlb_free(struct rill_tlb *tlb);

#endif
