// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Virtual addresses. Page tables lie in system memory and are the guest's: it
 * may write anything there, at any time. So an entry is read once and believed
 * only after it was checked, and what is cached is what was checked.
 */
#include "context.h"

#include <stdlib.h>
#include <string.h>

#define TLB_SMALL	256
#define TLB_LARGE	64
#define RUN_PAGES	512	/* looked up for one run, to bound it */

#define PAGE_BYTES	(1ULL << RILL_PAGE_SHIFT)
#define PTE_BITS	(RILL_PTE_VALID | RILL_PTE_WRITE | RILL_PTE_LEAF | RILL_PTE_DDR)

struct rill_translation {
	bool valid;
	uint64_t page;		/* virtual page number, in pages of its size */
	uint64_t pte;
};

struct rill_tlb {
	struct rill_translation small[TLB_SMALL], large[TLB_LARGE];
};

/* Where a byte lies, and how far it goes on from there. */
struct rill_place {
	bool ddr;
	uint64_t addr;		/* DMA address, or offset in DDR */
	uint64_t bytes;		/* to the end of the page, or of the channel */
};

struct rill_tlb *rill_tlb_new(void)
{
	return calloc(1, sizeof(struct rill_tlb));
}

void rill_tlb_free(struct rill_tlb *tlb)
{
	free(tlb);
}

void rill_mmu_invalidate(struct rill_context *ctx)
{
	if (ctx->tlb)
		memset(ctx->tlb, 0, sizeof(*ctx->tlb));
	ctx->epoch++;
}

static struct rill_translation *tlb_slot(struct rill_tlb *tlb, uint64_t va, unsigned int level)
{
	if (level)
		return &tlb->large[(va >> RILL_LARGE_PAGE_SHIFT) % TLB_LARGE];
	return &tlb->small[(va >> RILL_PAGE_SHIFT) % TLB_SMALL];
}

static unsigned int page_shift(unsigned int level)
{
	return RILL_PAGE_SHIFT + RILL_PT_BITS * level;
}

static bool tlb_find(struct rill_tlb *tlb, uint64_t va, uint64_t *pte, unsigned int *level)
{
	for (*level = 0; *level < 2; ++*level) {
		const struct rill_translation *slot = tlb_slot(tlb, va, *level);

		if (slot->valid && slot->page == va >> page_shift(*level)) {
			*pte = slot->pte;
			return true;
		}
	}
	return false;
}

static void tlb_keep(struct rill_tlb *tlb, uint64_t va, uint64_t pte, unsigned int level)
{
	*tlb_slot(tlb, va, level) = (struct rill_translation){
		.valid = true, .page = va >> page_shift(level), .pte = pte,
	};
}

static bool fail(struct rill_fault *fault, enum rill_status status, uint64_t detail)
{
	fault->status = status;
	fault->detail = detail;
	return false;
}

static bool fail_access(struct rill_fault *fault, enum rill_access access, uint64_t va)
{
	return fail(fault, access == RILL_ACCESS_WRITE ? RILL_FAULT_WRITE : RILL_FAULT_READ, va);
}

static bool table_is_good(uint64_t pte)
{
	return !(pte & ~(RILL_PTE_VALID | RILL_PTE_ADDR_MASK));
}

static bool leaf_is_good(const struct rill_chip *chip, uint64_t pte, unsigned int level)
{
	uint64_t addr = pte & RILL_PTE_ADDR_MASK, bytes = 1ULL << page_shift(level);

	if (level > 1 || pte & ~(PTE_BITS | RILL_PTE_ADDR_MASK) || addr % bytes)
		return false;
	return !(pte & RILL_PTE_DDR) ||
	       (bytes <= chip->ddr_bytes && addr <= chip->ddr_bytes - bytes);
}

/* The leaf for va, and its level. */
static bool walk(struct rill_chip *chip, struct rill_context *ctx, uint64_t va,
		 enum rill_access access, uint64_t *pte, unsigned int *level,
		 struct rill_fault *fault)
{
	uint64_t table = ctx->root;

	for (*level = RILL_PT_LEVELS - 1;; --*level) {
		uint64_t index = va >> page_shift(*level) & ((1 << RILL_PT_BITS) - 1);
		uint64_t addr = table + index * sizeof(*pte);

		if (!chip->host.dma_read(chip->host.opaque, addr, pte, sizeof(*pte)))
			return fail(fault, RILL_DMA_ERROR, addr);
		if (!(*pte & RILL_PTE_VALID))
			return fail_access(fault, access, va);
		if (*pte & RILL_PTE_LEAF && leaf_is_good(chip, *pte, *level))
			return true;
		if (*pte & RILL_PTE_LEAF || !*level || !table_is_good(*pte)) {
			rill_log(chip, RILL_LOG_GUEST, "bad page table entry %#llx at %#llx",
				 (unsigned long long)*pte, (unsigned long long)addr);
			return fail_access(fault, access, va);
		}
		table = *pte & RILL_PTE_ADDR_MASK;
	}
}

/* A run stays in its DDR channel. */
static uint64_t to_end_of_channel(const struct rill_chip *chip, uint64_t offset)
{
	return chip->config.channel_bytes - offset % chip->config.channel_bytes;
}

static bool translate(struct rill_chip *chip, struct rill_context *ctx, uint64_t va,
		      enum rill_access access, struct rill_place *place, struct rill_fault *fault)
{
	unsigned int level;
	uint64_t pte, offset;

	if (va >> RILL_VA_BITS || !ctx->valid)
		return fail_access(fault, access, va);
	if (!ctx->tlb || !tlb_find(ctx->tlb, va, &pte, &level)) {
		if (!walk(chip, ctx, va, access, &pte, &level, fault))
			return false;
		if (ctx->tlb)
			tlb_keep(ctx->tlb, va, pte, level);
	}
	if (access == RILL_ACCESS_WRITE && !(pte & RILL_PTE_WRITE))
		return fail_access(fault, access, va);

	offset = va & ((1ULL << page_shift(level)) - 1);
	place->ddr = pte & RILL_PTE_DDR;
	place->addr = (pte & RILL_PTE_ADDR_MASK) + offset;
	place->bytes = (1ULL << page_shift(level)) - offset;
	if (place->ddr && place->bytes > to_end_of_channel(chip, place->addr))
		place->bytes = to_end_of_channel(chip, place->addr);
	return true;
}

/* Extends a place in DDR by the pages that follow, while they go on where it ends. */
static void extend(struct rill_chip *chip, struct rill_context *ctx, uint64_t va, uint64_t len,
		   enum rill_access access, struct rill_place *place)
{
	uint64_t end = to_end_of_channel(chip, place->addr);
	struct rill_fault ignored;
	struct rill_place next;
	unsigned int i;

	for (i = 0; i < RUN_PAGES && place->bytes < len && place->bytes < end; i++) {
		if (!translate(chip, ctx, va + place->bytes, access, &next, &ignored) ||
		    !next.ddr || next.addr != place->addr + place->bytes)
			return;
		place->bytes += next.bytes;
	}
}

uint64_t rill_mmu_run(struct rill_chip *chip, struct rill_context *ctx, uint64_t va,
		      uint64_t len, enum rill_access access, uint8_t **ddr, uint64_t *dma,
		      struct rill_fault *fault)
{
	struct rill_place place;

	*ddr = NULL;
	*dma = 0;
	if (!translate(chip, ctx, va, access, &place, fault))
		return 0;
	if (place.ddr) {
		*ddr = chip->ddr + place.addr;
		extend(chip, ctx, va, len, access, &place);
	} else {
		*dma = place.addr;
	}
	return place.bytes < len ? place.bytes : len;
}

bool rill_mmu_read(struct rill_chip *chip, struct rill_context *ctx, uint64_t va,
		   void *buf, uint64_t len, struct rill_fault *fault)
{
	uint64_t done, run, dma;
	uint8_t *ddr, *to = buf;

	for (done = 0; done < len; done += run) {
		run = rill_mmu_run(chip, ctx, va + done, len - done, RILL_ACCESS_READ, &ddr, &dma,
				   fault);
		if (!run)
			return false;
		if (ddr)
			memcpy(to + done, ddr, run);
		else if (!chip->host.dma_read(chip->host.opaque, dma, to + done, run))
			return fail(fault, RILL_DMA_ERROR, dma);
	}
	return true;
}

bool rill_mmu_write(struct rill_chip *chip, struct rill_context *ctx, uint64_t va,
		    const void *buf, uint64_t len, struct rill_fault *fault)
{
	const uint8_t *from = buf;
	uint64_t done, run, dma;
	uint8_t *ddr;

	for (done = 0; done < len; done += run) {
		run = rill_mmu_run(chip, ctx, va + done, len - done, RILL_ACCESS_WRITE, &ddr, &dma,
				   fault);
		if (!run)
			return false;
		if (ddr)
			memcpy(ddr, from + done, run);
		else if (!chip->host.dma_write(chip->host.opaque, dma, from + done, run))
			return fail(fault, RILL_DMA_ERROR, dma);
	}
	return true;
}
