// SPDX-License-Identifier: GPL-2.0
#include <linux/module.h>

#include <drm/drm_accel.h>
#include <drm/drm_gem.h>
#include <drm/drm_gem_shmem_helper.h>
#include <drm/drm_ioctl.h>
#include <drm/drm_managed.h>

#include "ctx.h"
#include "drv.h"
#include "job.h"
#include "queue.h"
#include "reset.h"
#include "rill_compat.h"
#include "uring.h"
#include "vm.h"

static int rill_open(struct drm_device *drm, struct drm_file *file_priv)
{
	struct rill_file *file = kzalloc(sizeof(*file), GFP_KERNEL_ACCOUNT);

	if (!file)
		return -ENOMEM;
	file->rdev = to_rill_device(drm);
	mutex_init(&file->lock);
	xa_init_flags(&file->ctxs, XA_FLAGS_ALLOC1);
	xa_init_flags(&file->queues, XA_FLAGS_ALLOC1);
	file_priv->driver_priv = file;
	return 0;
}

/* An io_uring command holds its file, so only jobs of the ioctl can be in flight here. */
static void rill_postclose(struct drm_device *drm, struct drm_file *file_priv)
{
	struct rill_file *file = file_priv->driver_priv;
	struct rill_queue *q;
	struct rill_ctx *ctx;
	unsigned long id;

	xa_for_each(&file->queues, id, q)
		rill_queue_destroy(q);
	xa_for_each(&file->ctxs, id, ctx)
		rill_ctx_destroy(ctx);
	xa_destroy(&file->queues);
	xa_destroy(&file->ctxs);
	mutex_destroy(&file->lock);
	kfree(file);
}

static const struct drm_ioctl_desc rill_ioctls[] = {
	DRM_IOCTL_DEF_DRV(RILL_DEV_QUERY, rill_dev_query_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_BO_CREATE, rill_bo_create_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_BO_INFO, rill_bo_info_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_CTX_CREATE, rill_ctx_create_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_CTX_DESTROY, rill_ctx_destroy_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_VM_BIND, rill_vm_bind_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_QUEUE_CREATE, rill_queue_create_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_QUEUE_DESTROY, rill_queue_destroy_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_SUBMIT, rill_submit_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_WAIT, rill_wait_ioctl, 0),
	DRM_IOCTL_DEF_DRV(RILL_LINK_SET, rill_d2d_set_ioctl, 0),
};

static const struct file_operations rill_fops = {
	.owner = THIS_MODULE,
	DRM_ACCEL_FOPS,
	.show_fdinfo = drm_show_fdinfo,
	.uring_cmd = rill_uring_cmd,
};

static const struct drm_driver rill_drm_driver = {
	.driver_features = DRIVER_COMPUTE_ACCEL | DRIVER_GEM | DRIVER_SYNCOBJ,
	.open = rill_open,
	.postclose = rill_postclose,
	.gem_create_object = rill_bo_create_object,
	.gem_prime_import_sg_table = drm_gem_shmem_prime_import_sg_table,
	.show_fdinfo = rill_stats_show,
	.ioctls = rill_ioctls,
	.num_ioctls = ARRAY_SIZE(rill_ioctls),
	.fops = &rill_fops,
	.name = RILL_DRIVER_NAME,
	.desc = "Rill multi-chiplet accelerator",
	RILL_COMPAT_DRIVER_DATE
	.major = RILL_DRIVER_MAJOR,
	.minor = RILL_DRIVER_MINOR,
};

/* What does not need the chip to run. */
static int rill_device_prepare(struct rill_device *rdev)
{
	int ret;

	ret = drmm_mutex_init(&rdev->drm, &rdev->lock);
	if (ret)
		return ret;
	rdev->moved = jiffies;
	rill_reset_init(rdev);
	ret = rill_hw_init(rdev);
	if (ret)
		return ret;
	return rill_ddr_init(rdev);
}

static int rill_device_start(struct rill_device *rdev)
{
	int ret;

	ret = rill_hw_reset(rdev);
	if (ret)
		return ret;
	/* Not before: it may be what keeps a chip that could not be reset from old rings. */
	pci_set_master(to_rill_pdev(rdev));
	ret = rill_hw_irq_init(rdev);
	if (ret)
		return ret;
	return rill_hw_start(rdev);
}

/* Nobody enters any more. What open files still hold is freed with them. */
static void rill_device_fini(struct rill_device *rdev)
{
	rill_reset_fini(rdev);
	rill_reset_stop(rdev);
	rill_queue_revoke_all(rdev);
	rill_ctx_revoke_all(rdev);
	rill_d2d_fini(rdev);
	rill_admin_fini(rdev);
}

static int rill_device_init(struct rill_device *rdev)
{
	int ret;

	ret = rill_device_prepare(rdev);
	if (ret)
		return ret;
	ret = rill_admin_init(rdev);
	if (ret)
		return ret;
	/* Before the first interrupt, which may report a link. */
	ret = rill_d2d_init(rdev);
	if (ret)
		goto err_device_fini;
	ret = rill_device_start(rdev);
	if (ret)
		goto err_device_fini;
	ret = drm_dev_register(&rdev->drm, 0);
	if (ret) {
		drm_err(&rdev->drm, "cannot register the device: %d\n", ret);
		goto err_device_fini;
	}
	return 0;

err_device_fini:
	rill_device_fini(rdev);
	return ret;
}

static int rill_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct rill_device *rdev;
	int ret;

	rdev = devm_drm_dev_alloc(&pdev->dev, &rill_drm_driver, struct rill_device, drm);
	if (IS_ERR(rdev))
		return PTR_ERR(rdev);
	pci_set_drvdata(pdev, rdev);
	ret = rill_device_init(rdev);
	if (ret)
		return ret;
	drm_info(&rdev->drm, "%ux%u chiplets, %u DDR channels of %llu MiB, %u queues, %u vectors\n",
		 rdev->info.rows, rdev->info.cols, rdev->info.channels,
		 rdev->info.channel_bytes >> 20, rdev->info.max_queues, rdev->vectors);
	return 0;
}

static void rill_remove(struct pci_dev *pdev)
{
	struct rill_device *rdev = pci_get_drvdata(pdev);

	drm_dev_unplug(&rdev->drm);
	rill_device_fini(rdev);
}

static void rill_shutdown(struct pci_dev *pdev)
{
	rill_reset_stop(pci_get_drvdata(pdev));
}

static const struct pci_device_id rill_pci_ids[] = {
	{ PCI_DEVICE(RILL_PCI_VENDOR_ID, RILL_PCI_DEVICE_ID) },
	{ }
};
MODULE_DEVICE_TABLE(pci, rill_pci_ids);

static struct pci_driver rill_pci_driver = {
	.name = RILL_DRIVER_NAME,
	.id_table = rill_pci_ids,
	.probe = rill_probe,
	.remove = rill_remove,
	.shutdown = rill_shutdown,
	.err_handler = &rill_reset_handlers,
};
module_pci_driver(rill_pci_driver);

MODULE_DESCRIPTION("Rill multi-chiplet accelerator");
MODULE_LICENSE("GPL");
MODULE_VERSION("1.0");
