/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_D2D_H
#define RILL_D2D_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct drm_device;
struct drm_file;
struct drm_rill_link_info;
struct kobject;
struct rill_device;
struct rill_link;

/* The die-to-die links. */
struct rill_d2d {
	struct mutex lock;		/* protects the links' state, and their control registers */
	struct rill_link **links;
	struct kobject *dir;
	struct work_struct work;	/* a link changed */
};

int rill_d2d_init(struct rill_device *rdev);
void rill_d2d_fini(struct rill_device *rdev);
void rill_d2d_restore(struct rill_device *rdev);
void rill_d2d_read(struct rill_device *rdev, u32 link, struct drm_rill_link_info *info);
int rill_d2d_set_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
