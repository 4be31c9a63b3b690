/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_GEM_H
#define RILL_GEM_H

#include <linux/mutex.h>

#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_mm.h>

#include <rill_hw.h>

struct rill_device;

/* The chip's DDR. Its allocators work with offsets into the DDR BAR. */
struct rill_ddr {
	struct mutex lock;		/* protects channels */
	struct drm_mm channels[RILL_MAX_CHANNELS];
};

/* A buffer. For one in DDR only shmem.base is used; for others node is unused. */
struct rill_bo {
	struct drm_gem_shmem_object shmem;
	u32 placement;
	u32 channel;
	struct drm_mm_node node;
	struct mutex lock;		/* protects dma_users and sgt */
	unsigned int dma_users;
	struct sg_table *sgt;		/* while there are users, of memory of our own */
};

static inline struct rill_bo *to_rill_bo(struct drm_gem_object *obj)
{
	return container_of(to_drm_gem_shmem_obj(obj), struct rill_bo, shmem);
}

int rill_ddr_init(struct rill_device *rdev);
u64 rill_ddr_free_bytes(struct rill_device *rdev, u32 channel);

int rill_bo_dma_get(struct rill_bo *bo);
void rill_bo_dma_put(struct rill_bo *bo);
struct sg_table *rill_bo_sgt(struct rill_bo *bo);

struct drm_gem_object *rill_bo_create_object(struct drm_device *drm, size_t size);
int rill_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int rill_bo_info_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
