// SPDX-License-Identifier: MIT
/* Page tables as the chip walks them, in the arena. */
#include <endian.h>
#include <errno.h>

#include "model.h"

#define PT_ENTRIES	(1ULL << RILL_PT_BITS)

static uint64_t index_of(uint64_t va, unsigned int level)
{
	return va >> (RILL_PAGE_SHIFT + level * RILL_PT_BITS) & (PT_ENTRIES - 1);
}

static __le64 *entry_of(struct model_device *model, uint64_t table, uint64_t va, unsigned int level)
{
	return (__le64 *)(model->arena + table) + index_of(va, level);
}

static bool add_table(struct model_device *model, __le64 *entry)
{
	uint64_t table;

	if (model_dma_alloc(model, RILL_PAGE_BYTES, RILL_PAGE_BYTES, &table))
		return false;
	*entry = htole64(table | RILL_PTE_VALID);
	return true;
}

/* The entry for va at a level; tables on the way are made. NULL: out of memory. */
static __le64 *walk(struct model_device *model, uint64_t va, unsigned int level)
{
	unsigned int at = RILL_PT_LEVELS - 1;
	__le64 *entry = entry_of(model, model->root, va, at);

	for (; at > level; at--) {
		if (!*entry && !add_table(model, entry))
			return NULL;
		entry = entry_of(model, le64toh(*entry) & RILL_PTE_ADDR_MASK, va, at - 1);
	}
	return entry;
}

/* May the next part be one large page? A table that was there stays there. */
static bool is_large(const __le64 *entry, uint64_t va, uint64_t bytes, uint64_t addr)
{
	return !*entry && bytes >= RILL_LARGE_PAGE_BYTES &&
	       !((va | addr) % RILL_LARGE_PAGE_BYTES);
}

int model_pt_map(struct model_device *model, uint64_t va, uint64_t bytes, uint64_t addr,
		 uint64_t flags)
{
	uint64_t done, step;

	flags |= RILL_PTE_VALID | RILL_PTE_LEAF;
	for (done = 0; done < bytes; done += step) {
		__le64 *entry = walk(model, va + done, 1);

		step = RILL_LARGE_PAGE_BYTES;
		if (entry && !is_large(entry, va + done, bytes - done, addr + done)) {
			step = RILL_PAGE_BYTES;
			entry = walk(model, va + done, 0);
		}
		if (!entry) {
			model_pt_unmap(model, va, done);
			return -ENOMEM;
		}
		*entry = htole64((addr + done) | flags);
	}
	return 0;
}

/* Exactly what was mapped. Tables stay until the device is closed. */
void model_pt_unmap(struct model_device *model, uint64_t va, uint64_t bytes)
{
	uint64_t done, step;

	for (done = 0; done < bytes; done += step) {
		__le64 *entry = walk(model, va + done, 1);

		step = RILL_LARGE_PAGE_BYTES;
		if (!(le64toh(*entry) & RILL_PTE_LEAF)) {
			step = RILL_PAGE_BYTES;
			entry = walk(model, va + done, 0);
		}
		*entry = 0;
	}
}
