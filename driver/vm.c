// SPDX-License-Identifier: GPL-2.0
#include <linux/dma-mapping.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>

#include "ctx.h"
#include "drv.h"
#include "gem.h"
#include "reset.h"
#include "vm.h"

#define RILL_PT_ENTRIES		BIT(RILL_PT_BITS)
#define RILL_PT_ROOT_LEVEL	(RILL_PT_LEVELS - 1)

/* Mappings are found by address in a maple tree, whose index is a long. */
static_assert(BITS_PER_LONG > RILL_VA_BITS);

/* A page table, and what the driver knows of it. */
struct rill_pt {
	__le64 *entries;
	dma_addr_t dma;
	unsigned int used;
	struct list_head free;		/* unlinked; the chip may still hold its address */
	struct rill_pt *child[];	/* none at level 0 */
};

struct rill_mapping {
	u64 va;
	u64 size;
	u64 bo_offset;
	u64 flags;
	struct rill_bo *bo;
};

static u64 rill_pt_span(unsigned int level)
{
	return 1ULL << (RILL_PAGE_SHIFT + level * RILL_PT_BITS);
}

static unsigned int rill_pt_index(u64 va, unsigned int level)
{
	return (va >> (RILL_PAGE_SHIFT + level * RILL_PT_BITS)) % RILL_PT_ENTRIES;
}

static struct rill_pt *rill_pt_alloc(struct rill_device *rdev, unsigned int level)
{
	struct rill_pt *pt;

	pt = kzalloc(struct_size(pt, child, level ? RILL_PT_ENTRIES : 0), GFP_KERNEL_ACCOUNT);
	if (!pt)
		return NULL;
	pt->entries = dma_alloc_coherent(rdev->drm.dev, RILL_PT_ENTRIES * sizeof(*pt->entries),
					 &pt->dma, GFP_KERNEL_ACCOUNT);
	if (!pt->entries) {
		kfree(pt);
		return NULL;
	}
	return pt;
}

static void rill_pt_free(struct rill_device *rdev, struct rill_pt *pt)
{
	dma_free_coherent(rdev->drm.dev, RILL_PT_ENTRIES * sizeof(*pt->entries), pt->entries,
			  pt->dma);
	kfree(pt);
}

static void rill_pt_free_list(struct rill_device *rdev, struct list_head *list)
{
	struct rill_pt *pt, *next;

	list_for_each_entry_safe(pt, next, list, free)
		rill_pt_free(rdev, pt);
}

static void rill_pt_set(struct rill_pt *pt, unsigned int i, u64 entry)
{
	WRITE_ONCE(pt->entries[i], cpu_to_le64(entry));
}

static struct rill_pt *rill_pt_child(struct rill_device *rdev, struct rill_pt *pt,
				     unsigned int i, unsigned int level)
{
	if (!pt->child[i]) {
		pt->child[i] = rill_pt_alloc(rdev, level - 1);
		if (!pt->child[i])
			return NULL;
		dma_wmb(); /* the table's zeroes before the pointer to it */
		rill_pt_set(pt, i, pt->child[i]->dma | RILL_PTE_VALID);
		pt->used++;
	}
	return pt->child[i];
}

/* May this part of a mapping be one entry of a table of that level? */
static bool rill_pt_is_leaf(const struct rill_pt *pt, unsigned int i, unsigned int level,
			    u64 bytes, u64 addr)
{
	u64 span = rill_pt_span(level);

	if (!level)
		return true;
	return level == 1 && !pt->child[i] && bytes == span && IS_ALIGNED(addr, span);
}

/* Maps a free range; after a failure part of it may be mapped. */
static int rill_pt_map(struct rill_device *rdev, struct rill_pt *pt, unsigned int level,
		       u64 va, u64 end, u64 addr, u64 flags)
{
	u64 next;

	for (; va < end; addr += next - va, va = next) {
		unsigned int i = rill_pt_index(va, level);
		struct rill_pt *child;
		int ret;

		next = min((va | (rill_pt_span(level) - 1)) + 1, end);
		if (rill_pt_is_leaf(pt, i, level, next - va, addr)) {
			rill_pt_set(pt, i, addr | flags);
			pt->used++;
			continue;
		}
		child = rill_pt_child(rdev, pt, i, level);
		if (!child)
			return -ENOMEM;
		ret = rill_pt_map(rdev, child, level - 1, va, next, addr, flags);
		if (ret)
			return ret;
	}
	return 0;
}

/* Clears a range, holes or not. Tables that became empty go to the list. */
static void rill_pt_clear(struct rill_pt *pt, unsigned int level, u64 va, u64 end,
			  struct list_head *list)
{
	u64 next;

	for (; va < end; va = next) {
		unsigned int i = rill_pt_index(va, level);
		struct rill_pt *child = level ? pt->child[i] : NULL;

		next = min((va | (rill_pt_span(level) - 1)) + 1, end);
		if (!pt->entries[i])
			continue;
		if (child) {
			rill_pt_clear(child, level - 1, va, next, list);
			if (child->used)
				continue;
			pt->child[i] = NULL;
			list_add(&child->free, list);
		}
		rill_pt_set(pt, i, 0);
		pt->used--;
	}
}

static int rill_vm_map_run(struct rill_vm *vm, u64 va, u64 size, u64 addr, u64 flags)
{
	if (addr & ~RILL_PTE_ADDR_MASK)
		return -EFAULT;
	return rill_pt_map(vm->rdev, vm->root, RILL_PT_ROOT_LEVEL, va, va + size, addr, flags);
}

/* Maps what of the scatter list lies in the mapping, neighbours together. */
static int rill_vm_map_system(struct rill_vm *vm, const struct rill_mapping *mapping)
{
	u64 start = mapping->bo_offset, end = start + mapping->size;
	u64 at = 0, run_va = mapping->va, run_addr = 0, run = 0;
	struct scatterlist *sg;
	unsigned int i;
	int ret;

	for_each_sgtable_dma_sg(rill_bo_sgt(mapping->bo), sg, i) {
		u64 from = max(at, start), to = min(at + sg_dma_len(sg), end);
		u64 addr = sg_dma_address(sg) + (from - at);

		at += sg_dma_len(sg);
		if (from >= to)
			continue;
		if (!run || addr != run_addr + run) {
			ret = rill_vm_map_run(vm, run_va, run, run_addr, mapping->flags);
			if (ret)
				return ret;
			run_va += run;
			run_addr = addr;
			run = 0;
		}
		run += to - from;
	}
	if (run_va + run != mapping->va + mapping->size)
		return -EFAULT;
	return rill_vm_map_run(vm, run_va, run, run_addr, mapping->flags);
}

static int rill_vm_map_bo(struct rill_vm *vm, const struct rill_mapping *mapping)
{
	if (mapping->bo->placement == DRM_RILL_SYSTEM)
		return rill_vm_map_system(vm, mapping);
	return rill_vm_map_run(vm, mapping->va, mapping->size,
			       mapping->bo->node.start + mapping->bo_offset,
			       mapping->flags | RILL_PTE_DDR);
}

/* When it returns, the chip reaches neither the memory nor the tables that were freed. */
static void rill_vm_clear(struct rill_vm *vm, const struct rill_mapping *mapping)
{
	struct rill_ctx *ctx = container_of(vm, struct rill_ctx, vm);
	LIST_HEAD(list);

	rill_pt_clear(vm->root, RILL_PT_ROOT_LEVEL, mapping->va, mapping->va + mapping->size,
		      &list);
	if (rill_admin(vm->rdev, RILL_ADMIN_CONTEXT_INVALIDATE, ctx->hw_id))
		rill_reset_wait(vm->rdev);
	rill_pt_free_list(vm->rdev, &list);
}

static void rill_mapping_free(struct rill_mapping *mapping)
{
	rill_bo_dma_put(mapping->bo);
	drm_gem_object_put(&mapping->bo->shmem.base);
	kfree(mapping);
}

static struct rill_mapping *rill_mapping_alloc(struct drm_file *file,
					       const struct drm_rill_vm_bind *args)
{
	struct rill_mapping *mapping = kzalloc(sizeof(*mapping), GFP_KERNEL_ACCOUNT);
	struct drm_gem_object *obj;
	int ret;

	if (!mapping)
		return ERR_PTR(-ENOMEM);
	obj = drm_gem_object_lookup(file, args->handle);
	if (!obj) {
		ret = -ENOENT;
		goto err_free;
	}
	mapping->bo = to_rill_bo(obj);
	mapping->va = args->va;
	mapping->size = args->size;
	mapping->bo_offset = args->bo_offset;
	mapping->flags = RILL_PTE_VALID | RILL_PTE_LEAF;
	if (!(args->flags & DRM_RILL_BIND_READONLY))
		mapping->flags |= RILL_PTE_WRITE;
	ret = -EINVAL;
	if (args->bo_offset > obj->size || args->size > obj->size - args->bo_offset)
		goto err_put_obj;
	ret = rill_bo_dma_get(mapping->bo);
	if (ret)
		goto err_put_obj;
	return mapping;

err_put_obj:
	drm_gem_object_put(obj);
err_free:
	kfree(mapping);
	return ERR_PTR(ret);
}

static int rill_vm_insert(struct rill_vm *vm, struct rill_mapping *mapping)
{
	int ret;

	guard(mutex)(&vm->lock);
	if (!vm->root)
		return -ENODEV;
	ret = mtree_insert_range(&vm->mappings, mapping->va, mapping->va + mapping->size - 1,
				 mapping, GFP_KERNEL_ACCOUNT);
	if (ret)
		return ret;
	ret = rill_vm_map_bo(vm, mapping);
	if (ret) {
		rill_vm_clear(vm, mapping);
		mtree_erase(&vm->mappings, mapping->va);
	}
	return ret;
}

static int rill_vm_map(struct rill_vm *vm, struct drm_file *file,
		       const struct drm_rill_vm_bind *args)
{
	struct rill_mapping *mapping = rill_mapping_alloc(file, args);
	int ret;

	if (IS_ERR(mapping))
		return PTR_ERR(mapping);
	ret = rill_vm_insert(vm, mapping);
	if (ret)
		rill_mapping_free(mapping);
	return ret;
}

static int rill_vm_unmap(struct rill_vm *vm, u64 va, u64 size)
{
	struct rill_mapping *mapping;

	guard(mutex)(&vm->lock);
	if (!vm->root)
		return -ENODEV;
	mapping = mtree_load(&vm->mappings, va);
	if (!mapping || mapping->va != va || mapping->size != size)
		return -ENOENT;
	rill_vm_clear(vm, mapping);
	mtree_erase(&vm->mappings, va);
	rill_mapping_free(mapping);
	return 0;
}

static int rill_vm_bind_check(const struct drm_rill_vm_bind *args)
{
	u64 end;

	if (!args->va || !args->size ||
	    !IS_ALIGNED(args->va | args->size | args->bo_offset, SZ_4K))
		return -EINVAL;
	if (check_add_overflow(args->va, args->size, &end) || end > BIT_ULL(RILL_VA_BITS))
		return -EINVAL;
	switch (args->op) {
	case DRM_RILL_BIND_MAP:
		return args->flags & ~DRM_RILL_BIND_READONLY ? -EINVAL : 0;
	case DRM_RILL_BIND_UNMAP:
		return args->flags || args->handle || args->bo_offset ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

int rill_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct drm_rill_vm_bind *args = data;
	struct rill_ctx *ctx;
	int idx, ret;

	ret = rill_vm_bind_check(args);
	if (ret)
		return ret;
	ctx = rill_ctx_get(file->driver_priv, args->ctx_id);
	if (!ctx)
		return -ENOENT;
	ret = -ENODEV;
	if (drm_dev_enter(drm, &idx)) {
		if (args->op == DRM_RILL_BIND_MAP)
			ret = rill_vm_map(&ctx->vm, file, args);
		else
			ret = rill_vm_unmap(&ctx->vm, args->va, args->size);
		drm_dev_exit(idx);
	}
	rill_ctx_put(ctx);
	return ret;
}

int rill_vm_init(struct rill_vm *vm, struct rill_device *rdev)
{
	vm->rdev = rdev;
	vm->root = rill_pt_alloc(rdev, RILL_PT_ROOT_LEVEL);
	if (!vm->root)
		return -ENOMEM;
	mutex_init(&vm->lock);
	mt_init(&vm->mappings);
	return 0;
}

dma_addr_t rill_vm_root(struct rill_vm *vm)
{
	return vm->root->dma;
}

/* Unmaps all and frees the tables. The chip no longer uses them; may be called twice. */
void rill_vm_fini(struct rill_vm *vm)
{
	struct rill_mapping *mapping;
	unsigned long index = 0;
	LIST_HEAD(list);

	guard(mutex)(&vm->lock);
	if (!vm->root)
		return;
	mt_for_each(&vm->mappings, mapping, index, ULONG_MAX) {
		rill_pt_clear(vm->root, RILL_PT_ROOT_LEVEL, mapping->va,
			      mapping->va + mapping->size, &list);
		rill_mapping_free(mapping);
	}
	mtree_destroy(&vm->mappings);
	rill_pt_free_list(vm->rdev, &list);
	rill_pt_free(vm->rdev, vm->root);
	vm->root = NULL;
}
