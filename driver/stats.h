/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_STATS_H
#define RILL_STATS_H

#include <linux/atomic.h>

struct drm_device;
struct drm_file;
struct drm_printer;

/* Where no comment says else, as in struct drm_rill_counters. */
struct rill_stats {
	atomic64_t submitted;
	atomic64_t completed;
	atomic64_t failed;
	atomic64_t doorbells;
	atomic64_t interrupts;
	atomic64_t uring_cmds;
	atomic64_t submit_ioctls;
	atomic64_t cancels;
	atomic64_t timeouts;
};

int rill_dev_query_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
void rill_stats_show(struct drm_printer *p, struct drm_file *file);

#endif
