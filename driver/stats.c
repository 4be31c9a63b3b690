// SPDX-License-Identifier: GPL-2.0
#include <linux/math64.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "drv.h"
#include "queue.h"
#include "stats.h"

static void rill_query_hw_counters(struct rill_device *rdev, struct drm_rill_counters *c)
{
	guard(mutex)(&rdev->lock);
	for (u32 i = 1; i <= rdev->info.max_queues; i++) {
		u32 base = RILL_QUEUE_BASE + i * RILL_QUEUE_STRIDE;

		if (!rdev->queues[i])
			continue;
		c->hw_doorbells += rill_hw_read64(rdev, base + RILL_QUEUE_DOORBELLS);
		c->hw_interrupts += rill_hw_read64(rdev, base + RILL_QUEUE_INTERRUPTS);
		c->hw_fetched += rill_hw_read64(rdev, base + RILL_QUEUE_FETCHED);
		c->hw_completed += rill_hw_read64(rdev, base + RILL_QUEUE_COMPLETED);
	}
	c->hw_time_ps = rill_hw_read64(rdev, RILL_REG_TIME_PS);
}

static void rill_query_chip(struct rill_device *rdev, void *to)
{
	*(struct drm_rill_chip_info *)to = rdev->info;
}

static void rill_query_counters(struct rill_device *rdev, void *to)
{
	struct rill_stats *stats = &rdev->stats;
	struct drm_rill_counters *c = to;

	c->jobs_submitted = atomic64_read(&stats->submitted);
	c->jobs_completed = atomic64_read(&stats->completed);
	c->jobs_failed = atomic64_read(&stats->failed);
	c->doorbells = atomic64_read(&stats->doorbells);
	c->interrupts = atomic64_read(&stats->interrupts);
	c->uring_cmds = atomic64_read(&stats->uring_cmds);
	c->submit_ioctls = atomic64_read(&stats->submit_ioctls);
	c->cancels = atomic64_read(&stats->cancels);
	c->timeouts = atomic64_read(&stats->timeouts);
	rill_query_hw_counters(rdev, c);
}

static void rill_query_links(struct rill_device *rdev, void *to)
{
	struct drm_rill_link_info *info = to;

	for (u32 i = 0; i < rdev->info.links; i++)
		rill_d2d_read(rdev, i, &info[i]);
}

static void rill_query_chiplets(struct rill_device *rdev, void *to)
{
	struct drm_rill_chiplet_info *info = to;

	for (u32 i = 0; i < rill_chiplets(rdev); i++) {
		u32 base = RILL_CHIPLET_BASE + i * RILL_CHIPLET_STRIDE;

		info[i].mac_busy_ps = rill_hw_read64(rdev, base + RILL_CHIPLET_MAC_BUSY_PS);
		info[i].macs = rill_hw_read64(rdev, base + RILL_CHIPLET_MACS);
		info[i].sram_peak = rill_hw_read64(rdev, base + RILL_CHIPLET_SRAM_PEAK);
		info[i].slices = rill_hw_read64(rdev, base + RILL_CHIPLET_SLICES);
	}
}

static void rill_query_channels(struct rill_device *rdev, void *to)
{
	struct drm_rill_channel_info *info = to;

	for (u32 i = 0; i < rdev->info.channels; i++) {
		u32 base = RILL_CHANNEL_BASE + i * RILL_CHANNEL_STRIDE;

		info[i].chiplet = rill_hw_read(rdev, base + RILL_CHANNEL_CHIPLET);
		info[i].bytes = rill_hw_read64(rdev, base + RILL_CHANNEL_BYTES_DONE);
		info[i].busy_ps = rill_hw_read64(rdev, base + RILL_CHANNEL_BUSY_PS);
		info[i].free_bytes = rill_ddr_free_bytes(rdev, i);
	}
}

struct rill_query {
	size_t size;
	void (*fill)(struct rill_device *rdev, void *to);
};

static int rill_query_find(struct rill_device *rdev, u32 type, struct rill_query *query)
{
	switch (type) {
	case DRM_RILL_QUERY_CHIP:
		query->size = sizeof(struct drm_rill_chip_info);
		query->fill = rill_query_chip;
		return 0;
	case DRM_RILL_QUERY_COUNTERS:
		query->size = sizeof(struct drm_rill_counters);
		query->fill = rill_query_counters;
		return 0;
	case DRM_RILL_QUERY_LINKS:
		query->size = rdev->info.links * sizeof(struct drm_rill_link_info);
		query->fill = rill_query_links;
		return 0;
	case DRM_RILL_QUERY_CHIPLETS:
		query->size = rill_chiplets(rdev) * sizeof(struct drm_rill_chiplet_info);
		query->fill = rill_query_chiplets;
		return 0;
	case DRM_RILL_QUERY_CHANNELS:
		query->size = rdev->info.channels * sizeof(struct drm_rill_channel_info);
		query->fill = rill_query_channels;
		return 0;
	default:
		return -EINVAL;
	}
}

static int rill_query_copy(struct rill_device *rdev, const struct rill_query *query,
			   const struct drm_rill_dev_query *args)
{
	void *answer;
	int idx, ret = -ENODEV;

	answer = kvzalloc(query->size, GFP_KERNEL_ACCOUNT);
	if (!answer)
		return -ENOMEM;
	if (drm_dev_enter(&rdev->drm, &idx)) {
		query->fill(rdev, answer);
		drm_dev_exit(idx);
		ret = copy_to_user(u64_to_user_ptr(args->pointer), answer,
				   min_t(size_t, args->size, query->size)) ? -EFAULT : 0;
	}
	kvfree(answer);
	return ret;
}

int rill_dev_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct rill_device *rdev = to_rill_device(drm);
	struct drm_rill_dev_query *args = data;
	struct rill_query query;
	int ret;

	ret = rill_query_find(rdev, args->type, &query);
	if (ret)
		return ret;
	if (args->pointer && query.size) {
		ret = rill_query_copy(rdev, &query, args);
		if (ret)
			return ret;
	}
	args->size = query.size;
	return 0;
}

/* For /proc/PID/fdinfo: utilisation, in device time. */
void rill_stats_show(struct drm_printer *p, struct drm_file *file_priv)
{
	struct rill_file *file = file_priv->driver_priv;
	u64 busy_ps = atomic64_read(&file->busy_ps);

	drm_printf(p, "drm-engine-chip:\t%llu ns\n", div_u64(busy_ps, 1000));
	drm_show_memory_stats(p, file_priv);
}
