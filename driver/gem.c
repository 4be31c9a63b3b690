// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sizes.h>

#include <drm/drm_gem.h>
#include <drm/drm_managed.h>

#include "drv.h"
#include "gem.h"

/* Cleared with one command each, so that none takes long. */
#define RILL_DDR_CLEAR_BYTES	SZ_64M
/* Pages mapped by one fault. */
#define RILL_DDR_FAULT_PAGES	512UL

static void rill_ddr_fini(struct drm_device *drm, void *arg)
{
	struct rill_device *rdev = arg;

	for (u32 i = 0; i < rdev->info.channels; i++)
		drm_mm_takedown(&rdev->ddr.channels[i]);
}

int rill_ddr_init(struct rill_device *rdev)
{
	u64 bytes = rdev->info.channel_bytes;
	int ret;

	ret = drmm_mutex_init(&rdev->drm, &rdev->ddr.lock);
	if (ret)
		return ret;
	for (u32 i = 0; i < rdev->info.channels; i++)
		drm_mm_init(&rdev->ddr.channels[i], i * bytes, bytes);
	/* Not fatal: the CPU's accesses are slower then. */
	devm_arch_io_reserve_memtype_wc(rdev->drm.dev, rdev->ddr_base,
					rdev->info.channels * bytes);
	return drmm_add_action_or_reset(&rdev->drm, rill_ddr_fini, rdev);
}

u64 rill_ddr_free_bytes(struct rill_device *rdev, u32 channel)
{
	struct drm_mm *mm = &rdev->ddr.channels[channel];
	struct drm_mm_node *hole;
	u64 bytes = 0, start, end;

	guard(mutex)(&rdev->ddr.lock);
	drm_mm_for_each_hole(hole, mm, start, end)
		bytes += end - start;
	return bytes;
}

static int rill_ddr_alloc(struct rill_device *rdev, struct rill_bo *bo, u64 size)
{
	u64 align = size >= SZ_2M ? SZ_2M : SZ_4K;

	guard(mutex)(&rdev->ddr.lock);
	return drm_mm_insert_node_generic(&rdev->ddr.channels[bo->channel], &bo->node, size,
					  align, 0, DRM_MM_INSERT_BEST);
}

static int rill_ddr_clear(struct rill_device *rdev, u64 offset, u64 size)
{
	int ret = 0;

	while (size && !ret) {
		u64 bytes = min_t(u64, size, RILL_DDR_CLEAR_BYTES);

		ret = rill_admin(rdev, RILL_ADMIN_DDR_CLEAR, offset, bytes);
		offset += bytes;
		size -= bytes;
	}
	return ret;
}

static void rill_bo_ddr_free(struct drm_gem_object *obj)
{
	struct rill_device *rdev = to_rill_device(obj->dev);
	struct rill_bo *bo = to_rill_bo(obj);

	if (drm_mm_node_allocated(&bo->node)) {
		guard(mutex)(&rdev->ddr.lock);
		drm_mm_remove_node(&bo->node);
	}
	drm_gem_object_release(obj);
	kfree(bo);
}

static struct dma_buf *rill_bo_ddr_export(struct drm_gem_object *obj, int flags)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static int rill_bo_ddr_mmap(struct drm_gem_object *obj, struct vm_area_struct *vma)
{
	if (is_cow_mapping(vma->vm_flags))
		return -EINVAL;
	vm_flags_set(vma, VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_page_prot = pgprot_writecombine(vm_get_page_prot(vma->vm_flags));
	return 0;
}

static vm_fault_t rill_bo_ddr_insert(struct vm_fault *vmf, struct drm_gem_object *obj)
{
	struct rill_device *rdev = to_rill_device(obj->dev);
	struct vm_area_struct *vma = vmf->vma;
	unsigned long page = vmf->pgoff - drm_vma_node_start(&obj->vma_node);
	unsigned long pfn = PHYS_PFN(rdev->ddr_base + to_rill_bo(obj)->node.start) + page;
	unsigned long pages = min3(RILL_DDR_FAULT_PAGES, (obj->size >> PAGE_SHIFT) - page,
				   (vma->vm_end - vmf->address) >> PAGE_SHIFT);
	vm_fault_t ret = VM_FAULT_SIGBUS;

	for (unsigned long i = 0; i < pages; i++) {
		vm_fault_t more = vmf_insert_pfn(vma, vmf->address + i * PAGE_SIZE, pfn + i);

		if (!i)
			ret = more;
		if (more != VM_FAULT_NOPAGE)
			break;
	}
	return ret;
}

static vm_fault_t rill_bo_ddr_fault(struct vm_fault *vmf)
{
	struct drm_gem_object *obj = vmf->vma->vm_private_data;
	vm_fault_t ret;
	int idx;

	/* Gone with the device. */
	if (!drm_dev_enter(obj->dev, &idx))
		return VM_FAULT_SIGBUS;
	ret = rill_bo_ddr_insert(vmf, obj);
	drm_dev_exit(idx);
	return ret;
}

static const struct vm_operations_struct rill_bo_ddr_vm_ops = {
	.fault = rill_bo_ddr_fault,
	.open = drm_gem_vm_open,
	.close = drm_gem_vm_close,
};

static const struct drm_gem_object_funcs rill_bo_ddr_funcs = {
	.free = rill_bo_ddr_free,
	.export = rill_bo_ddr_export,
	.mmap = rill_bo_ddr_mmap,
	.vm_ops = &rill_bo_ddr_vm_ops,
};

/* For the shmem helpers: their object is embedded in ours. */
struct drm_gem_object *rill_bo_create_object(struct drm_device *drm, size_t size)
{
	struct rill_bo *bo = kzalloc(sizeof(*bo), GFP_KERNEL_ACCOUNT);

	if (!bo)
		return ERR_PTR(-ENOMEM);
	mutex_init(&bo->lock);
	return &bo->shmem.base;
}

static struct drm_gem_object *rill_bo_create_ddr(struct rill_device *rdev, u64 size, u32 channel)
{
	struct drm_gem_object *obj = rill_bo_create_object(&rdev->drm, size);
	struct rill_bo *bo;
	int ret;

	if (IS_ERR(obj))
		return obj;
	bo = to_rill_bo(obj);
	bo->placement = DRM_RILL_DDR;
	bo->channel = channel;
	obj->funcs = &rill_bo_ddr_funcs;
	drm_gem_private_object_init(&rdev->drm, obj, size);

	ret = rill_ddr_alloc(rdev, bo, size);
	if (!ret)
		ret = rill_ddr_clear(rdev, bo->node.start, size);
	if (!ret)
		ret = drm_gem_create_mmap_offset(obj);
	if (ret) {
		drm_gem_object_put(obj);
		return ERR_PTR(ret);
	}
	return obj;
}

static struct drm_gem_object *rill_bo_create_system(struct rill_device *rdev, u64 size)
{
	struct drm_gem_shmem_object *shmem;

	if (size >> PAGE_SHIFT > min(totalram_pages(), SZ_1G / sizeof(struct page *)))
		return ERR_PTR(-ENOMEM);
	shmem = drm_gem_shmem_create(&rdev->drm, size);
	return IS_ERR(shmem) ? ERR_CAST(shmem) : &shmem->base;
}

static struct drm_gem_object *rill_bo_create(struct rill_device *rdev,
					     const struct drm_rill_bo_create *args)
{
	u64 size = PAGE_ALIGN(args->size);

	if (!args->size || size < args->size || args->flags)
		return ERR_PTR(-EINVAL);
	switch (args->placement) {
	case DRM_RILL_SYSTEM:
		if (args->channel)
			return ERR_PTR(-EINVAL);
		return rill_bo_create_system(rdev, size);
	case DRM_RILL_DDR:
		if (args->channel >= rdev->info.channels)
			return ERR_PTR(-EINVAL);
		return rill_bo_create_ddr(rdev, size, args->channel);
	default:
		return ERR_PTR(-EINVAL);
	}
}

int rill_bo_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_rill_bo_create *args = data;
	struct drm_gem_object *obj;
	int idx, ret;

	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	obj = rill_bo_create(to_rill_device(drm), args);
	drm_dev_exit(idx);
	if (IS_ERR(obj))
		return PTR_ERR(obj);

	args->size = obj->size;
	ret = drm_gem_handle_create(file, obj, &args->handle);
	drm_gem_object_put(obj);
	return ret;
}

int rill_bo_info_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_rill_bo_info *args = data;
	struct drm_gem_object *obj;

	if (args->pad)
		return -EINVAL;
	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj)
		return -ENOENT;
	args->placement = to_rill_bo(obj)->placement;
	args->channel = to_rill_bo(obj)->channel;
	args->size = obj->size;
	args->mmap_offset = drm_vma_node_offset_addr(&obj->vma_node);
	drm_gem_object_put(obj);
	return 0;
}

static int rill_bo_map_dma(struct rill_bo *bo)
{
	struct drm_gem_shmem_object *shmem = &bo->shmem;
	struct sg_table *sgt;
	int ret;

	ret = drm_gem_shmem_pin(shmem);
	if (ret)
		return ret;
	sgt = drm_gem_shmem_get_sg_table(shmem);
	if (IS_ERR(sgt)) {
		ret = PTR_ERR(sgt);
		goto err_unpin;
	}
	ret = dma_map_sgtable(shmem->base.dev->dev, sgt, DMA_BIDIRECTIONAL, 0);
	if (ret)
		goto err_free_sgt;
	bo->sgt = sgt;
	return 0;

err_free_sgt:
	sg_free_table(sgt);
	kfree(sgt);
err_unpin:
	drm_gem_shmem_unpin(shmem);
	return ret;
}

static void rill_bo_unmap_dma(struct rill_bo *bo)
{
	struct drm_gem_shmem_object *shmem = &bo->shmem;

	dma_unmap_sgtable(shmem->base.dev->dev, bo->sgt, DMA_BIDIRECTIONAL, 0);
	sg_free_table(bo->sgt);
	kfree(bo->sgt);
	bo->sgt = NULL;
	drm_gem_shmem_unpin(shmem);
}

static bool rill_bo_needs_dma(struct rill_bo *bo)
{
	return bo->placement == DRM_RILL_SYSTEM && !bo->shmem.base.import_attach;
}

/*
 * System memory is pinned and mapped for DMA as long as a context maps it, and
 * not as long as the buffer lives: nothing must be left when the driver is unbound.
 */
int rill_bo_dma_get(struct rill_bo *bo)
{
	int ret = 0;

	if (!rill_bo_needs_dma(bo))
		return 0;
	guard(mutex)(&bo->lock);
	if (!bo->dma_users)
		ret = rill_bo_map_dma(bo);
	if (!ret)
		bo->dma_users++;
	return ret;
}

void rill_bo_dma_put(struct rill_bo *bo)
{
	if (!rill_bo_needs_dma(bo))
		return;
	guard(mutex)(&bo->lock);
	if (!--bo->dma_users)
		rill_bo_unmap_dma(bo);
}

/* Of a buffer in system memory, between rill_bo_dma_get() and _put(). */
struct sg_table *rill_bo_sgt(struct rill_bo *bo)
{
	return bo->shmem.base.import_attach ? bo->shmem.sgt : bo->sgt;
}
