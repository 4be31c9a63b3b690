// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rill, a multi-chiplet accelerator for Mixture-of-Experts models: PCI device.
 *
 *   -device rill,rows=4,cols=4,pace=virtual
 *
 * docs/device.rst is its specification.
 */
#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "qapi/error.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci.h"
#include "hw/qdev-properties.h"
#include "hw/resettable.h"
#include "migration/vmstate.h"

#include "rill.h"
#include "rill_hw.h"
#include "trace.h"

#define RILL_PCIE_CAP 0x80

/* --- registers --- */

static uint64_t rill_mmio_read(void *opaque, hwaddr addr, unsigned int size)
{
	RillState *s = opaque;
	uint64_t value;

	rill_lock(s);
	value = rill_chip_read(s->chip, addr, size);
	rill_unlock(s);
	trace_rill_mmio_read(addr, value, size);
	return value;
}

static void rill_mmio_write(void *opaque, hwaddr addr, uint64_t value, unsigned int size)
{
	RillState *s = opaque;

	trace_rill_mmio_write(addr, value, size);
	rill_lock(s);
	rill_chip_write(s->chip, addr, value, size);
	rill_unlock(s);
	rill_deliver(s);
}

static const MemoryRegionOps rill_mmio_ops = {
	.read = rill_mmio_read,
	.write = rill_mmio_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = { .min_access_size = 4, .max_access_size = 8 },
	.impl = { .min_access_size = 4, .max_access_size = 8 },
};

static void rill_log_message(void *opaque, enum rill_log_level level, const char *message)
{
	switch (level) {
	case RILL_LOG_ERROR:
		warn_report("rill: %s", message);
		break;
	case RILL_LOG_GUEST:
		trace_rill_err_guest(message);
		qemu_log_mask(LOG_GUEST_ERROR, "rill: %s\n", message);
		break;
	default:
		trace_rill_chip(message);
	}
}

/* --- life --- */

static bool rill_check_properties(RillState *s, Error **errp)
{
	const char *wrong = rill_chip_config_check(&s->config);

	if (wrong) {
		error_setg(errp, "rill: %s", wrong);
		return false;
	}
	s->virtual_pace = !g_strcmp0(s->pace, "virtual");
	if (!s->virtual_pace && g_strcmp0(s->pace, "fast")) {
		error_setg(errp, "rill: pace: fast or virtual");
		return false;
	}
	return true;
}

static bool rill_init_bars(RillState *s, Error **errp)
{
	uint64_t ddr_bytes = pow2ceil(s->config.channels * s->config.channel_bytes);
	PCIDevice *pdev = &s->pdev;

	memory_region_init_io(&s->regs, OBJECT(s), &rill_mmio_ops, s, "rill-regs",
			      RILL_BAR_REGS_BYTES);
	/* Most of it is never touched: the host needs memory for the rest only. */
	if (!memory_region_init_ram_flags_nomigrate(&s->ddr, OBJECT(s), "rill-ddr", ddr_bytes,
						    RAM_NORESERVE, errp))
		return false;
	pci_register_bar(pdev, RILL_BAR_REGS,
			 PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64, &s->regs);
	pci_register_bar(pdev, RILL_BAR_DDR,
			 PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64 |
				 PCI_BASE_ADDRESS_MEM_PREFETCH,
			 &s->ddr);
	return true;
}

static bool rill_init_pci(RillState *s, Error **errp)
{
	PCIDevice *pdev = &s->pdev;
	unsigned int i;

	if (!rill_init_bars(s, errp))
		return false;
	if (pcie_endpoint_cap_init(pdev, RILL_PCIE_CAP) < 0) {
		error_setg(errp, "rill: no room for the PCI Express capability");
		return false;
	}
	pcie_cap_flr_init(pdev);
	if (msix_init_exclusive_bar(pdev, s->config.queues, RILL_BAR_MSIX, errp)) {
		pcie_cap_exit(pdev);
		return false;
	}
	for (i = 0; i < s->config.queues; i++)
		msix_vector_use(pdev, i);
	return true;
}

static void rill_exit_pci(RillState *s)
{
	msix_uninit_exclusive_bar(&s->pdev);
	pcie_cap_exit(&s->pdev);
}

static struct rill_chip *rill_new_chip(RillState *s)
{
	const struct rill_chip_host host = {
		.opaque = s,
		.dma_read = rill_dma_read,
		.dma_write = rill_dma_write,
		.interrupt = rill_raise,
		.wake = rill_wake,
		.log = rill_log_message,
	};

	return rill_chip_new(&s->config, &host, memory_region_get_ram_ptr(&s->ddr));
}

static void rill_realize(PCIDevice *pdev, Error **errp)
{
	RillState *s = RILL(pdev);

	if (!rill_check_properties(s, errp) || !rill_init_pci(s, errp))
		return;
	s->chip = rill_new_chip(s);
	if (!s->chip) {
		error_setg(errp, "rill: out of memory");
		rill_exit_pci(s);
		return;
	}
	rill_worker_start(s);
}

static void rill_exit(PCIDevice *pdev)
{
	RillState *s = RILL(pdev);

	rill_worker_stop(s);
	rill_exit_pci(s);
}

static void rill_reset_hold(Object *obj, ResetType type)
{
	RillState *s = RILL(obj);

	trace_rill_reset();
	rill_lock(s);
	rill_chip_reset(s->chip);
	qatomic_set(&s->raised, 0);
	/* See dma.c. Not in realize: the IOMMU may come after this device. */
	s->step_with_bql = pci_device_iommu_address_space(&s->pdev) != &address_space_memory;
	rill_unlock(s);
}

static void rill_write_config(PCIDevice *pdev, uint32_t addr, uint32_t value, int len)
{
	pci_default_write_config(pdev, addr, value, len);
	pcie_cap_flr_write_config(pdev, addr, value, len);
}

static void rill_instance_init(Object *obj)
{
	RillState *s = RILL(obj);

	rill_chip_config_default(&s->config);
	s->pace = g_strdup("fast");
	qemu_mutex_init(&s->lock);
	qemu_cond_init(&s->work);
}

/* Only now can no access be under way any more: they hold references. */
static void rill_instance_finalize(Object *obj)
{
	RillState *s = RILL(obj);

	rill_chip_free(s->chip);
	qemu_cond_destroy(&s->work);
	qemu_mutex_destroy(&s->lock);
}

/* Defaults are the chip's: rill_instance_init(). */
#define RILL_PROP_U32(name, field) \
	DEFINE_PROP_UNSIGNED_NODEFAULT(name, RillState, config.field, qdev_prop_uint32, uint32_t)
#define RILL_PROP_SIZE(name, field) \
	DEFINE_PROP_UNSIGNED_NODEFAULT(name, RillState, config.field, qdev_prop_size, uint64_t)

static const Property rill_properties[] = {
	RILL_PROP_U32("rows", rows),
	RILL_PROP_U32("cols", cols),
	RILL_PROP_U32("channels", channels),
	RILL_PROP_SIZE("channel-bytes", channel_bytes),
	RILL_PROP_SIZE("sram-bytes", sram_bytes),
	RILL_PROP_U32("mac-per-cycle", mac_per_cycle),
	RILL_PROP_U32("mac-khz", mac_khz),
	RILL_PROP_U32("mac-startup", mac_startup),
	RILL_PROP_U32("ddr-mbps", ddr_mbps),
	RILL_PROP_U32("ddr-latency-ps", ddr_latency_ps),
	RILL_PROP_U32("link-mbps", link_mbps),
	RILL_PROP_U32("link-hop-ps", link_hop_ps),
	RILL_PROP_U32("queues", queues),
	DEFINE_PROP_STRING("pace", RillState, pace),
};

/* A worker in the middle of a pass, gigabytes of DDR: it cannot move to another host. */
static const VMStateDescription rill_vmstate = {
	.name = TYPE_RILL,
	.unmigratable = 1,
};

static void rill_class_init(ObjectClass *class, void *data)
{
	DeviceClass *dc = DEVICE_CLASS(class);
	PCIDeviceClass *pc = PCI_DEVICE_CLASS(class);
	ResettableClass *rc = RESETTABLE_CLASS(class);

	pc->realize = rill_realize;
	pc->exit = rill_exit;
	pc->config_write = rill_write_config;
	pc->vendor_id = RILL_PCI_VENDOR_ID;
	pc->device_id = RILL_PCI_DEVICE_ID;
	pc->class_id = RILL_PCI_CLASS;
	pc->revision = RILL_HW_VERSION >> 16;
	rc->phases.hold = rill_reset_hold;
	dc->desc = "Rill multi-chiplet Mixture-of-Experts accelerator";
	dc->vmsd = &rill_vmstate;
	set_bit(DEVICE_CATEGORY_MISC, dc->categories);
	device_class_set_props(dc, rill_properties);
	rill_fault_class_init(class);
}

static const TypeInfo rill_types[] = {
	{
		.name = TYPE_RILL,
		.parent = TYPE_PCI_DEVICE,
		.instance_size = sizeof(RillState),
		.instance_init = rill_instance_init,
		.instance_finalize = rill_instance_finalize,
		.class_init = rill_class_init,
		.interfaces = (InterfaceInfo[]) {
			{ INTERFACE_PCIE_DEVICE },
			{},
		},
	},
};

DEFINE_TYPES(rill_types)
