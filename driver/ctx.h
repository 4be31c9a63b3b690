/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_CTX_H
#define RILL_CTX_H

#include <linux/kref.h>

#include "vm.h"

struct drm_device;
struct drm_file;
struct rill_device;
struct rill_file;

struct rill_ctx {
	struct kref ref;
	struct rill_device *rdev;
	struct rill_vm vm;
	u64 chiplets;
	u32 hw_id;
	bool dying;			/* under the device's lock */
	unsigned int queues;		/* bound to it; under the file's lock */
};

struct rill_ctx *rill_ctx_get(struct rill_file *file, u32 id);
void rill_ctx_put(struct rill_ctx *ctx);
void rill_ctx_destroy(struct rill_ctx *ctx);
int rill_ctx_restore(struct rill_ctx *ctx);
void rill_ctx_revoke_all(struct rill_device *rdev);

int rill_ctx_create_ioctl(struct drm_device *drm, void *data, struct drm_file *file);
int rill_ctx_destroy_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
