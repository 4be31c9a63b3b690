// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The chip's access to guest memory, from its worker thread.
 *
 * An address is a guest's to choose, so it may be that of a register: of another
 * device, or of this one. An ordinary DMA would dispatch it, which takes
 * the big lock while the chip's lock is held (a deadlock: an MMIO handler holds
 * them the other way round), or comes back to this chip's own registers. So only
 * memory will do, and the look-up and the access must be one: between two,
 * another vCPU can move a BAR there.
 */
#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/main-loop.h"
#include "exec/memory.h"

#include "rill.h"
#include "trace.h"

/*
 * Without an IOMMU. A cache resolves the address once and keeps what it found
 * alive; it has no pointer for what is not RAM (or is ROM, for a write). With bus
 * mastering off there is nothing to find at all.
 */
static bool copy_piece(AddressSpace *as, hwaddr addr, uint8_t *buf, hwaddr *len, bool is_write)
{
	MemoryRegionCache cache;

	*len = address_space_cache_init(&cache, as, addr, *len, is_write);
	if (cache.ptr && *len) {
		if (!is_write) {
			memcpy(buf, cache.ptr, *len);
		} else {
			/* In one piece, as the guest polls for the last word of a completion. */
			if (*len == 8 && QEMU_PTR_IS_ALIGNED(cache.ptr, 8))
				qatomic_set((uint64_t *)cache.ptr, ldq_he_p(buf));
			else
				memcpy(cache.ptr, buf, *len);
			/* The guest may have run code from there. */
			address_space_cache_invalidate(&cache, 0, *len);
		}
	} else {
		*len = 0;
	}
	address_space_cache_destroy(&cache);
	return *len;
}

static bool copy(AddressSpace *as, hwaddr addr, uint8_t *buf, hwaddr len, bool is_write)
{
	hwaddr piece;

	for (; len; len -= piece, addr += piece, buf += piece) {
		piece = len;
		if (!copy_piece(as, addr, buf, &piece, is_write))
			return false;
	}
	return true;
}

/*
 * Behind an IOMMU the worker holds the big lock already: translation may report
 * a fault by an interrupt. So nothing moves under our feet, and QEMU refuses for us.
 */
static bool copy_translated(AddressSpace *as, hwaddr addr, uint8_t *buf, hwaddr len, bool is_write)
{
	const MemTxAttrs attrs = { .memory = 1 };

	return address_space_rw(as, addr, attrs, buf, len, is_write) == MEMTX_OK;
}

static bool rill_dma(RillState *s, hwaddr addr, uint8_t *buf, hwaddr len, bool is_write)
{
	AddressSpace *as = pci_get_address_space(&s->pdev);
	bool ok = addr + len >= addr;

	if (ok && s->step_with_bql)
		ok = copy_translated(as, addr, buf, len, is_write);
	else if (ok)
		ok = copy(as, addr, buf, len, is_write);
	if (!ok)
		trace_rill_err_dma(is_write ? "write" : "read", addr, len);
	return ok;
}

bool rill_dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	return rill_dma(opaque, addr, buf, len, false);
}

bool rill_dma_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
	/* Writes are seen in the order in which the chip made them. */
	smp_wmb();
	return rill_dma(opaque, addr, (uint8_t *)buf, len, true);
}
