// SPDX-License-Identifier: GPL-2.0
#include "ctx.h"
#include "drv.h"
#include "reset.h"

static void rill_ctx_release(struct kref *ref)
{
	struct rill_ctx *ctx = container_of(ref, struct rill_ctx, ref);

	mutex_destroy(&ctx->vm.lock);
	kfree(ctx);
}

void rill_ctx_put(struct rill_ctx *ctx)
{
	kref_put(&ctx->ref, rill_ctx_release);
}

struct rill_ctx *rill_ctx_get(struct rill_file *file, u32 id)
{
	struct rill_ctx *ctx;

	xa_lock(&file->ctxs);
	ctx = xa_load(&file->ctxs, id);
	if (ctx)
		kref_get(&ctx->ref);
	xa_unlock(&file->ctxs);
	return ctx;
}

static struct rill_ctx *rill_ctx_alloc(struct rill_device *rdev, u64 chiplets)
{
	struct rill_ctx *ctx = kzalloc(sizeof(*ctx), GFP_KERNEL_ACCOUNT);
	int ret;

	if (!ctx)
		return ERR_PTR(-ENOMEM);
	kref_init(&ctx->ref);
	ctx->rdev = rdev;
	ctx->chiplets = chiplets;
	ret = rill_vm_init(&ctx->vm, rdev);
	if (ret) {
		kfree(ctx);
		return ERR_PTR(ret);
	}
	return ctx;
}

/* Tells the chip; also after a reset, when it has forgotten. Under the device's lock. */
int rill_ctx_restore(struct rill_ctx *ctx)
{
	return rill_admin(ctx->rdev, RILL_ADMIN_CONTEXT_CREATE, ctx->hw_id,
			  rill_vm_root(&ctx->vm), ctx->chiplets);
}

static int rill_ctx_number(struct rill_ctx *ctx)
{
	struct rill_device *rdev = ctx->rdev;

	for (u32 i = 0; i < rdev->info.max_contexts; i++) {
		if (!rdev->ctxs[i]) {
			rdev->ctxs[i] = ctx;
			ctx->hw_id = i;
			return 0;
		}
	}
	return -ENOSPC;
}

static void rill_ctx_unnumber(struct rill_ctx *ctx)
{
	struct rill_device *rdev = ctx->rdev;

	guard(mutex)(&rdev->lock);
	if (rdev->ctxs[ctx->hw_id] == ctx)
		rdev->ctxs[ctx->hw_id] = NULL;
}

/* The device is going: frees what the chip used, the rest stays with its file. */
void rill_ctx_revoke_all(struct rill_device *rdev)
{
	for (u32 i = 0; i < rdev->info.max_contexts; i++) {
		struct rill_ctx *ctx;

		scoped_guard(mutex, &rdev->lock) {
			ctx = rdev->ctxs[i];
			if (ctx)
				kref_get(&ctx->ref);
			rdev->ctxs[i] = NULL;
		}
		if (ctx) {
			rill_vm_fini(&ctx->vm);
			rill_ctx_put(ctx);
		}
	}
}

/* Takes it off the chip; it stays allocated until the last reference is put. */
void rill_ctx_destroy(struct rill_ctx *ctx)
{
	struct rill_device *rdev = ctx->rdev;
	int idx;

	/* A reset must not bring it back. */
	scoped_guard(mutex, &rdev->lock)
		ctx->dying = true;
	if (drm_dev_enter(&rdev->drm, &idx)) {
		if (rill_admin(rdev, RILL_ADMIN_CONTEXT_DELETE, ctx->hw_id))
			rill_reset_wait(rdev);
		drm_dev_exit(idx);
	} else {
		rill_reset_stop(rdev);
	}
	/* As long as it has a number, rill_ctx_revoke_all() waits for this. */
	rill_vm_fini(&ctx->vm);
	rill_ctx_unnumber(ctx);
	rill_ctx_put(ctx);
}

static struct rill_ctx *rill_ctx_create(struct rill_device *rdev, u64 chiplets)
{
	struct rill_ctx *ctx = rill_ctx_alloc(rdev, chiplets);
	bool numbered;
	int ret;

	if (IS_ERR(ctx))
		return ctx;
	scoped_guard(mutex, &rdev->lock) {
		ret = rill_ctx_number(ctx);
		numbered = !ret;
		if (numbered)
			ret = rill_ctx_restore(ctx);
	}
	if (!ret)
		return ctx;
	if (numbered) {
		rill_ctx_destroy(ctx);
	} else {
		rill_vm_fini(&ctx->vm);
		rill_ctx_put(ctx);
	}
	return ERR_PTR(ret);
}

int rill_ctx_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file_priv)
{
	struct rill_device *rdev = to_rill_device(drm);
	struct rill_file *file = file_priv->driver_priv;
	struct drm_rill_ctx_create *args = data;
	u64 all = GENMASK_ULL(rill_chiplets(rdev) - 1, 0);
	struct rill_ctx *ctx;
	int idx, ret;

	if (args->flags || args->chiplet_mask & ~all)
		return -EINVAL;
	if (!drm_dev_enter(drm, &idx))
		return -ENODEV;
	ctx = rill_ctx_create(rdev, args->chiplet_mask ?: all);
	ret = PTR_ERR_OR_ZERO(ctx);
	if (!ret) {
		ret = xa_alloc(&file->ctxs, &args->ctx_id, ctx, xa_limit_31b, GFP_KERNEL_ACCOUNT);
		if (ret)
			rill_ctx_destroy(ctx);
	}
	drm_dev_exit(idx);
	return ret;
}

int rill_ctx_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file_priv)
{
	struct rill_file *file = file_priv->driver_priv;
	struct drm_rill_ctx_destroy *args = data;
	struct rill_ctx *ctx;

	if (args->pad)
		return -EINVAL;
	guard(mutex)(&file->lock);
	ctx = xa_load(&file->ctxs, args->ctx_id);
	if (!ctx)
		return -ENOENT;
	if (ctx->queues)
		return -EBUSY;
	xa_erase(&file->ctxs, args->ctx_id);
	rill_ctx_destroy(ctx);
	return 0;
}
