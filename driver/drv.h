/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_DRV_H
#define RILL_DRV_H

#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include <drm/drm_device.h>
#include <drm/drm_drv.h>
#include <drm/drm_file.h>
#include <drm/drm_print.h>

#include <rill_accel.h>
#include <rill_hw.h>

#include "d2d.h"
#include "gem.h"
#include "hw.h"
#include "stats.h"

#define RILL_DRIVER_NAME	"rill"
#define RILL_DRIVER_MAJOR	1
#define RILL_DRIVER_MINOR	0

struct rill_ctx;
struct rill_queue;

struct rill_device {
	struct drm_device drm;
	void __iomem *regs;
	resource_size_t ddr_base;
	struct drm_rill_chip_info info;
	unsigned int vectors;
	struct rill_admin admin;
	struct rill_ddr ddr;
	struct rill_d2d d2d;
	struct rill_stats stats;

	/*
	 * Serialises the creation and removal of chip objects with each other and
	 * with a reset; protects ctxs, queues and stopped. Interrupt handlers read queues
	 * without it: see rill_queue_forget().
	 */
	struct mutex lock;
	struct rill_ctx *ctxs[RILL_MAX_CONTEXTS];
	struct rill_queue *queues[RILL_MAX_QUEUES];
	bool stopped;			/* the chip does no DMA and will not again */

	struct work_struct reset_work;
	struct delayed_work watchdog;
	unsigned long moved;		/* jiffies when any queue moved; for the watchdog alone */
};

struct rill_file {
	struct rill_device *rdev;
	struct mutex lock;		/* serialises creation and destruction of ctxs and queues */
	struct xarray ctxs;
	struct xarray queues;
	atomic64_t busy_ps;
};

static inline struct rill_device *to_rill_device(struct drm_device *drm)
{
	return container_of(drm, struct rill_device, drm);
}

static inline struct pci_dev *to_rill_pdev(struct rill_device *rdev)
{
	return to_pci_dev(rdev->drm.dev);
}

static inline u32 rill_chiplets(const struct rill_device *rdev)
{
	return rdev->info.rows * rdev->info.cols;
}

#endif
