/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Rill chip as a PCI device. The chip itself is hw/rill/chip; here it gets
 * its bus (rill.c), a thread to run in (worker.c) and memory to reach (dma.c).
 */
#ifndef HW_RILL_PCI_RILL_H
#define HW_RILL_PCI_RILL_H

#include "hw/pci/pci_device.h"
#include "qemu/thread.h"
#include "qemu/timer.h"
#include "qom/object.h"
#include "system/runstate.h"

#include "rill_chip.h"

#define TYPE_RILL "rill"
OBJECT_DECLARE_SIMPLE_TYPE(RillState, RILL)

struct RillState {
	PCIDevice pdev;

	MemoryRegion regs;
	MemoryRegion ddr;
	struct rill_chip_config config;
	char *pace;

	/*
	 * The big QEMU lock is taken before this one, never after. All that
	 * follows is protected by it, but for what is said to be atomic.
	 */
	QemuMutex lock;
	struct rill_chip *chip;
	bool idle;		/* the chip said so, and nobody woke it */
	bool vm_running;
	bool step_with_bql;	/* there is an IOMMU */
	bool stopping;		/* written with the big lock held as well */

	unsigned int accesses;	/* atomic: threads at rill_lock() or past it */
	uint64_t raised;	/* atomic: bitmap of vectors */
	QemuCond work;
	QemuThread thread;
	bool virtual_pace;	/* constant */
	QEMUTimer *timer;
	VMChangeStateEntry *vm_change;
};

/* worker.c */
void rill_worker_start(RillState *s);
void rill_worker_stop(RillState *s);
/* For all threads but the worker: they go first. With the big lock held. */
void rill_lock(RillState *s);
void rill_unlock(RillState *s);
void rill_wake(void *opaque);
void rill_raise(void *opaque, unsigned int vector);
/* With the big lock held, but not the chip's. */
void rill_deliver(RillState *s);

/* fault.c */
void rill_fault_class_init(ObjectClass *class);

/* dma.c */
bool rill_dma_read(void *opaque, uint64_t addr, void *buf, size_t len);
bool rill_dma_write(void *opaque, uint64_t addr, const void *buf, size_t len);

#endif
