/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RILL_VM_H
#define RILL_VM_H

#include <linux/maple_tree.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct drm_device;
struct drm_file;
struct rill_ctx;
struct rill_device;
struct rill_pt;

/* An address space on the chip. */
struct rill_vm {
	struct rill_device *rdev;
	struct mutex lock;		/* protects all below */
	struct rill_pt *root;		/* NULL once it is gone */
	struct maple_tree mappings;	/* struct rill_mapping by address */
};

int rill_vm_init(struct rill_vm *vm, struct rill_device *rdev);
void rill_vm_fini(struct rill_vm *vm);
dma_addr_t rill_vm_root(struct rill_vm *vm);
int rill_vm_bind_ioctl(struct drm_device *drm, void *data, struct drm_file *file);

#endif
