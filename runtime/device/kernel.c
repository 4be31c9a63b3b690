// SPDX-License-Identifier: MIT
/* The kernel transport: devices, buffers and queues through the driver's ioctls. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xf86drm.h>

#include "discover.h"
#include "kernel.h"

struct kernel_buffer {
	struct rill_buffer base;
	uint32_t handle;
};

static struct kernel_device *to_kernel(struct rill_device *device)
{
	return container_of(device, struct kernel_device, base);
}

static struct kernel_buffer *to_kernel_buffer(struct rill_buffer *buffer)
{
	return container_of(buffer, struct kernel_buffer, base);
}

static struct kernel_queue *to_kernel_queue(struct rill_queue_handle *queue)
{
	return container_of(queue, struct kernel_queue, base);
}

/* --- queries --- */

/* A driver that knows less than we do is too old, one that knows more is fine. */
static int query(struct kernel_device *kernel, enum drm_rill_query_type type, const char *what,
		 void *to, size_t bytes)
{
	struct drm_rill_dev_query args = {
		.type = type, .size = bytes, .pointer = (uintptr_t)to,
	};

	if (drmIoctl(kernel->fd, DRM_IOCTL_RILL_DEV_QUERY, &args))
		return rill_error(&kernel->base, -errno, "cannot query %s: %s", what,
				  strerror(errno));
	if (args.size < bytes)
		return rill_error(&kernel->base, -EPROTO,
				  "the driver is too old: it tells %u bytes of %s, not %zu",
				  args.size, what, bytes);
	return 0;
}

static int kernel_counters(struct rill_device *device, struct drm_rill_counters *counters)
{
	return query(to_kernel(device), DRM_RILL_QUERY_COUNTERS, "counters", counters,
		     sizeof(*counters));
}

static int kernel_links(struct rill_device *device, struct drm_rill_link_info *links)
{
	return query(to_kernel(device), DRM_RILL_QUERY_LINKS, "links", links,
		     device->chip.links * sizeof(*links));
}

static int kernel_chiplets(struct rill_device *device, struct drm_rill_chiplet_info *chiplets)
{
	return query(to_kernel(device), DRM_RILL_QUERY_CHIPLETS, "chiplets", chiplets,
		     device->chip.rows * device->chip.cols * sizeof(*chiplets));
}

static int kernel_channels(struct rill_device *device, struct drm_rill_channel_info *channels)
{
	return query(to_kernel(device), DRM_RILL_QUERY_CHANNELS, "channels", channels,
		     device->chip.channels * sizeof(*channels));
}

static int kernel_link_set(struct rill_device *device, const struct drm_rill_link_set *set)
{
	struct drm_rill_link_set args = *set;

	if (!drmIoctl(to_kernel(device)->fd, DRM_IOCTL_RILL_LINK_SET, &args))
		return 0;
	return rill_error(device, -errno, "cannot set link %u: %s", set->link,
			  errno == EPERM ? "it takes CAP_SYS_ADMIN" : strerror(errno));
}

/* --- devices --- */

static int create_context(struct kernel_device *kernel, uint64_t chiplet_mask)
{
	struct drm_rill_ctx_create args = { .chiplet_mask = chiplet_mask };
	uint32_t chiplets = kernel->base.chip.rows * kernel->base.chip.cols;

	if (chiplets < 64 && chiplet_mask >> chiplets)
		return rill_error(&kernel->base, -EINVAL, "chiplet mask %#llx: the chip has %u",
				  (unsigned long long)chiplet_mask, chiplets);
	if (drmIoctl(kernel->fd, DRM_IOCTL_RILL_CTX_CREATE, &args))
		return rill_error(&kernel->base, -errno, "cannot create a context: %s",
				  errno == ENOSPC ? "all of the chip's are in use" :
						    strerror(errno));
	kernel->ctx_id = args.ctx_id;
	return 0;
}

/* The context, buffers and queues belong to the file and go with it. */
static void kernel_close(struct rill_device *device)
{
	struct kernel_device *kernel = to_kernel(device);

	close(kernel->fd);
	free(kernel);
}

static int kernel_open(const struct rill_device_options *options, struct rill_device **device,
		       char *error)
{
	struct kernel_device *kernel = calloc(1, sizeof(*kernel));
	int err;

	if (!kernel)
		return rill_open_error(error, -ENOMEM, "out of memory");
	kernel->path = options->path;
	kernel->fd = rill_discover(&rill_discover_system, options->node, error);
	if (kernel->fd < 0) {
		err = kernel->fd;
		free(kernel);
		return err;
	}
	err = query(kernel, DRM_RILL_QUERY_CHIP, "the chip", &kernel->base.chip,
		    sizeof(kernel->base.chip));
	if (!err)
		err = create_context(kernel, options->chiplet_mask);
	if (err) {
		memcpy(error, kernel->base.error, sizeof(kernel->base.error));
		kernel_close(&kernel->base);
		return err;
	}
	*device = &kernel->base;
	return 0;
}

/* --- buffers --- */

static uint64_t free_bytes(struct rill_device *device, uint32_t channel)
{
	struct drm_rill_channel_info channels[RILL_MAX_CHANNELS] = { 0 };

	if (device->chip.channels > RILL_MAX_CHANNELS || kernel_channels(device, channels))
		return 0;
	return channels[channel].free_bytes;
}

static int explain_create(const struct rill_buffer *request, int err)
{
	unsigned long long size = request->size;

	if (err == -ENOSPC)
		return rill_error(request->device, err,
				  "a buffer of %llu bytes does not fit DDR channel %u: %llu are free",
				  size, request->channel, (unsigned long long)
				  free_bytes(request->device, request->channel));
	return rill_error(request->device, err, "cannot create a buffer of %llu bytes in %s: %s",
			  size, request->placement == DRM_RILL_DDR ? "DDR" : "system memory",
			  strerror(-err));
}

static int kernel_buffer_create(const struct rill_buffer *request, struct rill_buffer **buffer)
{
	struct drm_rill_bo_create args = {
		.size = request->size, .placement = request->placement,
		.channel = request->channel,
	};
	struct kernel_buffer *made = calloc(1, sizeof(*made));

	if (!made)
		return rill_error(request->device, -ENOMEM, "out of memory");
	if (drmIoctl(to_kernel(request->device)->fd, DRM_IOCTL_RILL_BO_CREATE, &args)) {
		int err = -errno;

		free(made);
		return explain_create(request, err);
	}
	made->base = *request;
	made->handle = args.handle;
	*buffer = &made->base;
	return 0;
}

static void kernel_buffer_destroy(struct rill_buffer *buffer)
{
	struct kernel_buffer *own = to_kernel_buffer(buffer);
	struct drm_gem_close args = { .handle = own->handle };

	if (buffer->map)
		munmap(buffer->map, buffer->size);
	drmIoctl(to_kernel(buffer->device)->fd, DRM_IOCTL_GEM_CLOSE, &args);
	free(own);
}

static int bind_op(struct rill_buffer *buffer, enum drm_rill_bind_op op)
{
	struct kernel_device *kernel = to_kernel(buffer->device);
	struct drm_rill_vm_bind args = {
		.ctx_id = kernel->ctx_id, .op = op, .va = buffer->va, .size = buffer->size,
		.handle = op == DRM_RILL_BIND_MAP ? to_kernel_buffer(buffer)->handle : 0,
	};

	if (!drmIoctl(kernel->fd, DRM_IOCTL_RILL_VM_BIND, &args))
		return 0;
	return rill_error(buffer->device, -errno, "cannot %s %llu bytes at %#llx: %s",
			  op == DRM_RILL_BIND_MAP ? "bind" : "unbind",
			  (unsigned long long)buffer->size, (unsigned long long)buffer->va,
			  strerror(errno));
}

static int kernel_buffer_bind(struct rill_buffer *buffer)
{
	return bind_op(buffer, DRM_RILL_BIND_MAP);
}

static int kernel_buffer_unbind(struct rill_buffer *buffer)
{
	return bind_op(buffer, DRM_RILL_BIND_UNMAP);
}

static int kernel_buffer_map(struct rill_buffer *buffer)
{
	struct drm_rill_bo_info info = { .handle = to_kernel_buffer(buffer)->handle };
	int fd = to_kernel(buffer->device)->fd;
	void *map;

	if (drmIoctl(fd, DRM_IOCTL_RILL_BO_INFO, &info))
		return rill_error(buffer->device, -errno, "cannot ask for a buffer's offset: %s",
				  strerror(errno));
	map = mmap(NULL, buffer->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, info.mmap_offset);
	if (map == MAP_FAILED)
		return rill_error(buffer->device, -errno, "cannot map a buffer of %llu bytes: %s",
				  (unsigned long long)buffer->size, strerror(errno));
	buffer->map = map;
	return 0;
}

/* --- queues --- */

/* AUTO falls back where io_uring is not to be had; anything else is an error. */
static int open_path(struct kernel_queue *queue, uint32_t depth)
{
	enum rill_submit_path path = queue->device->path;
	int err;

	if (path == RILL_SUBMIT_IOCTL)
		return 0;
	err = kernel_uring_open(queue, depth);
	if (path == RILL_SUBMIT_URING)
		return err;
	return err == -EPERM || err == -EACCES || err == -ENOSYS || err == -EINVAL ? 0 : err;
}

static void destroy_queue(struct kernel_queue *queue)
{
	struct drm_rill_queue_destroy args = { .queue_id = queue->id };

	drmIoctl(queue->device->fd, DRM_IOCTL_RILL_QUEUE_DESTROY, &args);
	if (queue->ring)
		kernel_uring_close(queue);
	free(queue);
}

static int create_queue(struct kernel_queue *queue, uint32_t depth)
{
	struct drm_rill_queue_create args = { .ctx_id = queue->device->ctx_id, .depth = depth };

	if (drmIoctl(queue->device->fd, DRM_IOCTL_RILL_QUEUE_CREATE, &args))
		return rill_error(&queue->device->base, -errno,
				  "cannot create a queue of %u jobs: %s", depth,
				  errno == ENOSPC ? "all of the chip's are in use" :
						    strerror(errno));
	queue->id = args.queue_id;
	return 0;
}

static int kernel_queue_create(struct rill_device *device, uint32_t depth,
			       struct rill_queue_handle **queue)
{
	struct kernel_queue *made = calloc(1, sizeof(*made));
	int err;

	if (!made)
		return rill_error(device, -ENOMEM, "out of memory");
	made->device = to_kernel(device);
	err = create_queue(made, depth);
	if (err) {
		free(made);
		return err;
	}
	err = open_path(made, depth);
	if (err) {
		destroy_queue(made);
		return err;
	}
	*queue = &made->base;
	return 0;
}

static void kernel_queue_destroy(struct rill_queue_handle *queue)
{
	destroy_queue(to_kernel_queue(queue));
}

static const char *kernel_queue_path(const struct rill_queue_handle *queue)
{
	return container_of(queue, const struct kernel_queue, base)->ring ? "io_uring" : "ioctl";
}

static int kernel_run(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
		      uint32_t count, struct drm_rill_job_result *results)
{
	struct kernel_queue *own = to_kernel_queue(queue);

	if (own->ring)
		return kernel_uring_run(own, jobs, count, results);
	return kernel_ioctl_run(own, jobs, count, results);
}

static int kernel_run_vector(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
			     uint32_t count, struct drm_rill_job_result *result)
{
	struct kernel_queue *own = to_kernel_queue(queue);

	if (!own->ring)
		return -EOPNOTSUPP;
	return kernel_uring_run_vector(own, jobs, count, result);
}

const struct rill_transport rill_transport_kernel = {
	.open = kernel_open,
	.close = kernel_close,
	.counters = kernel_counters,
	.links = kernel_links,
	.chiplets = kernel_chiplets,
	.channels = kernel_channels,
	.link_set = kernel_link_set,
	.buffer_create = kernel_buffer_create,
	.buffer_destroy = kernel_buffer_destroy,
	.buffer_bind = kernel_buffer_bind,
	.buffer_unbind = kernel_buffer_unbind,
	.buffer_map = kernel_buffer_map,
	.queue_create = kernel_queue_create,
	.queue_destroy = kernel_queue_destroy,
	.queue_path = kernel_queue_path,
	.run = kernel_run,
	.run_vector = kernel_run_vector,
};
