// SPDX-License-Identifier: GPL-2.0
#include <linux/capability.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include <drm/drm_managed.h>

#include "d2d.h"
#include "drv.h"

#define RILL_LINK_RATE_MAX	1000

struct rill_link {
	struct kobject kobj;
	struct rill_device *rdev;
	u32 index;
	u16 src;
	u16 dst;
	u16 up;				/* as last seen */
	u16 rate;
	u16 set_up;			/* as set by software, to be set again after a reset */
	u16 set_rate;
};

static u32 rill_link_reg(const struct rill_link *link, u32 reg)
{
	return RILL_LINK_BASE + link->index * RILL_LINK_STRIDE + reg;
}

static u32 rill_link_read(const struct rill_link *link, u32 reg)
{
	return rill_hw_read(link->rdev, rill_link_reg(link, reg));
}

static u64 rill_link_read64(const struct rill_link *link, u32 reg)
{
	return rill_hw_read64(link->rdev, rill_link_reg(link, reg));
}

static void rill_link_write(const struct rill_link *link, u16 up, u16 rate)
{
	rill_hw_write(link->rdev, rill_link_reg(link, RILL_LINK_RATE), rate);
	rill_hw_write(link->rdev, rill_link_reg(link, RILL_LINK_CTRL), up ? RILL_LINK_UP : 0);
}

static void rill_link_report(const struct rill_link *link)
{
	char index[24], up[24], *env[3] = { index, up };

	drm_info(&link->rdev->drm, "link %u (%u to %u) is %s, at %u permille\n", link->index,
		 link->src, link->dst, link->up ? "up" : "down", link->rate);
	snprintf(index, sizeof(index), "RILL_LINK=%u", link->index);
	snprintf(up, sizeof(up), "RILL_LINK_UP=%u", link->up);
	kobject_uevent_env(&link->rdev->drm.dev->kobj, KOBJ_CHANGE, env);
}

/* Reports what has changed since it was last seen, whoever changed it. */
static void rill_link_refresh(struct rill_link *link)
{
	u16 up = !!(rill_link_read(link, RILL_LINK_CTRL) & RILL_LINK_UP);
	u16 rate = rill_link_read(link, RILL_LINK_RATE);

	if (up == link->up && rate == link->rate)
		return;
	link->up = up;
	link->rate = rate;
	rill_link_report(link);
}

/* What is negative stays as it is. */
static int rill_link_set(struct rill_link *link, int up, int rate)
{
	int idx;

	if (!drm_dev_enter(&link->rdev->drm, &idx))
		return -ENODEV;
	scoped_guard(mutex, &link->rdev->d2d.lock) {
		link->set_up = up < 0 ? link->up : up;
		link->set_rate = rate < 0 ? link->rate : rate;
		rill_link_write(link, link->set_up, link->set_rate);
		rill_link_refresh(link);
	}
	drm_dev_exit(idx);
	return 0;
}

static void rill_d2d_work(struct work_struct *work)
{
	struct rill_device *rdev = container_of(work, struct rill_device, d2d.work);
	int idx;

	if (!drm_dev_enter(&rdev->drm, &idx))
		return;
	scoped_guard(mutex, &rdev->d2d.lock)
		for (u32 i = 0; i < rdev->info.links; i++)
			rill_link_refresh(rdev->d2d.links[i]);
	drm_dev_exit(idx);
}

/* After a reset, when all links are up. */
void rill_d2d_restore(struct rill_device *rdev)
{
	guard(mutex)(&rdev->d2d.lock);
	for (u32 i = 0; i < rdev->info.links; i++) {
		struct rill_link *link = rdev->d2d.links[i];

		if (!link->set_up || link->set_rate != RILL_LINK_RATE_MAX)
			rill_link_write(link, link->set_up, link->set_rate);
		rill_link_refresh(link);
	}
}

/* The device must be there. */
void rill_d2d_read(struct rill_device *rdev, u32 index, struct drm_rill_link_info *info)
{
	const struct rill_link *link = rdev->d2d.links[index];

	info->src = link->src;
	info->dst = link->dst;
	info->up = !!(rill_link_read(link, RILL_LINK_CTRL) & RILL_LINK_UP);
	info->rate_permille = rill_link_read(link, RILL_LINK_RATE);
	info->bytes = rill_link_read64(link, RILL_LINK_BYTES);
	info->busy_ps = rill_link_read64(link, RILL_LINK_BUSY_PS);
	info->stall_ps = rill_link_read64(link, RILL_LINK_STALL_PS);
	info->transfers = rill_link_read64(link, RILL_LINK_TRANSFERS);
}

int rill_d2d_set_ioctl(struct drm_device *drm, void *data, struct drm_file *file)
{
	struct rill_device *rdev = to_rill_device(drm);
	struct drm_rill_link_set *args = data;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (args->link >= rdev->info.links || args->up > 1 || !args->rate_permille ||
	    args->rate_permille > RILL_LINK_RATE_MAX)
		return -EINVAL;
	return rill_link_set(rdev->d2d.links[args->link], args->up, args->rate_permille);
}

struct rill_link_attr {
	struct attribute attr;
	u64 (*read)(const struct drm_rill_link_info *info);
	int (*write)(struct rill_link *link, u16 value);
};

static int rill_link_write_up(struct rill_link *link, u16 value)
{
	if (value > 1)
		return -EINVAL;
	return rill_link_set(link, value, -1);
}

static int rill_link_write_rate(struct rill_link *link, u16 value)
{
	if (!value || value > RILL_LINK_RATE_MAX)
		return -EINVAL;
	return rill_link_set(link, -1, value);
}

static u64 rill_link_src(const struct drm_rill_link_info *info)
{
	return info->src;
}

static u64 rill_link_dst(const struct drm_rill_link_info *info)
{
	return info->dst;
}

static u64 rill_link_up(const struct drm_rill_link_info *info)
{
	return info->up;
}

static u64 rill_link_rate_permille(const struct drm_rill_link_info *info)
{
	return info->rate_permille;
}

static u64 rill_link_bytes(const struct drm_rill_link_info *info)
{
	return info->bytes;
}

static u64 rill_link_busy_ps(const struct drm_rill_link_info *info)
{
	return info->busy_ps;
}

static u64 rill_link_stall_ps(const struct drm_rill_link_info *info)
{
	return info->stall_ps;
}

static u64 rill_link_transfers(const struct drm_rill_link_info *info)
{
	return info->transfers;
}

#define RILL_LINK_ATTR(_name, _mode, _write) \
	static struct rill_link_attr rill_link_attr_##_name = { \
		.attr = { .name = #_name, .mode = _mode }, \
		.read = rill_link_##_name, \
		.write = _write, \
	}

RILL_LINK_ATTR(src, 0444, NULL);
RILL_LINK_ATTR(dst, 0444, NULL);
RILL_LINK_ATTR(up, 0644, rill_link_write_up);
RILL_LINK_ATTR(rate_permille, 0644, rill_link_write_rate);
RILL_LINK_ATTR(bytes, 0444, NULL);
RILL_LINK_ATTR(busy_ps, 0444, NULL);
RILL_LINK_ATTR(stall_ps, 0444, NULL);
RILL_LINK_ATTR(transfers, 0444, NULL);

static struct attribute *rill_link_attrs[] = {
	&rill_link_attr_src.attr,
	&rill_link_attr_dst.attr,
	&rill_link_attr_up.attr,
	&rill_link_attr_rate_permille.attr,
	&rill_link_attr_bytes.attr,
	&rill_link_attr_busy_ps.attr,
	&rill_link_attr_stall_ps.attr,
	&rill_link_attr_transfers.attr,
	NULL
};
ATTRIBUTE_GROUPS(rill_link);

static ssize_t rill_link_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	struct rill_link *link = container_of(kobj, struct rill_link, kobj);
	struct rill_link_attr *own = container_of(attr, struct rill_link_attr, attr);
	struct drm_rill_link_info info;
	int idx;

	if (!drm_dev_enter(&link->rdev->drm, &idx))
		return -ENODEV;
	rill_d2d_read(link->rdev, link->index, &info);
	drm_dev_exit(idx);
	return sysfs_emit(buf, "%llu\n", own->read(&info));
}

static ssize_t rill_link_store(struct kobject *kobj, struct attribute *attr, const char *buf,
			       size_t count)
{
	struct rill_link *link = container_of(kobj, struct rill_link, kobj);
	struct rill_link_attr *own = container_of(attr, struct rill_link_attr, attr);
	u16 value;
	int ret;

	/* The file's mode is not enough: it may have been opened and passed on. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = kstrtou16(buf, 0, &value);
	if (!ret)
		ret = own->write(link, value);
	return ret ?: count;
}

static const struct sysfs_ops rill_link_ops = {
	.show = rill_link_show,
	.store = rill_link_store,
};

static void rill_link_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct rill_link, kobj));
}

static const struct kobj_type rill_link_type = {
	.release = rill_link_release,
	.sysfs_ops = &rill_link_ops,
	.default_groups = rill_link_groups,
};

static int rill_link_add(struct rill_device *rdev, u32 index)
{
	struct rill_link *link = kzalloc(sizeof(*link), GFP_KERNEL);
	int ret;

	if (!link)
		return -ENOMEM;
	link->rdev = rdev;
	link->index = index;
	link->src = rill_link_read(link, RILL_LINK_SRC);
	link->dst = rill_link_read(link, RILL_LINK_DST);
	link->up = !!(rill_link_read(link, RILL_LINK_CTRL) & RILL_LINK_UP);
	link->rate = rill_link_read(link, RILL_LINK_RATE);
	link->set_up = 1;
	link->set_rate = RILL_LINK_RATE_MAX;
	ret = kobject_init_and_add(&link->kobj, &rill_link_type, rdev->d2d.dir, "link%u", index);
	if (ret) {
		kobject_put(&link->kobj);
		return ret;
	}
	rdev->d2d.links[index] = link;
	return 0;
}

int rill_d2d_init(struct rill_device *rdev)
{
	struct rill_d2d *d2d = &rdev->d2d;
	int ret;

	INIT_WORK(&d2d->work, rill_d2d_work);
	ret = drmm_mutex_init(&rdev->drm, &d2d->lock);
	if (ret)
		return ret;
	d2d->links = drmm_kcalloc(&rdev->drm, rdev->info.links, sizeof(*d2d->links), GFP_KERNEL);
	d2d->dir = kobject_create_and_add("d2d", &rdev->drm.dev->kobj);
	if (!d2d->links || !d2d->dir)
		return -ENOMEM;
	for (u32 i = 0; i < rdev->info.links; i++) {
		ret = rill_link_add(rdev, i);
		if (ret)
			return ret;
	}
	return 0;
}

/* Nobody comes from userspace or from the reset any more, but through sysfs, which this ends. */
void rill_d2d_fini(struct rill_device *rdev)
{
	struct rill_d2d *d2d = &rdev->d2d;

	disable_work_sync(&d2d->work);
	for (u32 i = 0; d2d->links && i < rdev->info.links; i++) {
		if (!d2d->links[i])
			break;
		kobject_del(&d2d->links[i]->kobj);
		kobject_put(&d2d->links[i]->kobj);
	}
	kobject_put(d2d->dir);
}
