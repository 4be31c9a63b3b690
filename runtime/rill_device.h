/* SPDX-License-Identifier: MIT */
/*
 * librill, devices: find a chip, bind memory, submit jobs.
 *
 * A chip is reached through a transport: RILL_TRANSPORT_KERNEL (the device node,
 * io_uring, or ioctls where io_uring is forbidden) or RILL_TRANSPORT_MODEL (the
 * chip's model linked into this process). The same jobs go through both and the same bits and
 * the same device time come back.
 *
 * Every function that can fail returns a negative errno; rill_device_error()
 * has a sentence that names the field and the limit. One thread per device.
 */
#ifndef RILL_DEVICE_H
#define RILL_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rill_accel.h"
#include "rill_stream.h"

struct rill_device;
struct rill_buffer;
struct rill_queue_handle;

enum rill_transport_kind {
	RILL_TRANSPORT_KERNEL,
	RILL_TRANSPORT_MODEL,
};

enum rill_submit_path {
	RILL_SUBMIT_AUTO,		/* io_uring, else ioctl */
	RILL_SUBMIT_URING,
	RILL_SUBMIT_IOCTL,
};

/* What RILL_TRANSPORT_MODEL is to model; 0 means the default. Units as in drm_rill_chip_info. */
struct rill_model_chip {
	uint32_t rows, cols, channels;
	uint64_t channel_bytes, sram_bytes;
	uint32_t mac_per_cycle, mac_khz, mac_startup;
	uint32_t ddr_mbps, ddr_latency_ps, link_mbps, link_hop_ps;
};

struct rill_device_options {
	enum rill_transport_kind transport;
	enum rill_submit_path path;	/* kernel only */
	const char *node;		/* kernel only: device node; NULL: the first Rill under /dev/accel */
	uint64_t chiplet_mask;		/* of the context; 0: all */
	struct rill_model_chip chip;	/* model only */
};

/*
 * Opens the chip and one context. On failure *error (static or of the thread) says why: -ENODEV: no chip, no
 * driver, or no node of it; -EACCES: no permission; -EPROTO: a driver with another interface; -EINVAL: a figure
 * of the chip to be modelled, or chiplet_mask.
 */
int rill_device_open(const struct rill_device_options *options, struct rill_device **device,
		     const char **error);
void rill_device_close(struct rill_device *device);
const char *rill_device_error(const struct rill_device *device);
const struct drm_rill_chip_info *rill_device_chip(const struct rill_device *device);
int rill_device_counters(struct rill_device *device, struct drm_rill_counters *counters);
/* Arrays of chip->links, rows * cols and channels elements. */
int rill_device_links(struct rill_device *device, struct drm_rill_link_info *links);
int rill_device_chiplets(struct rill_device *device, struct drm_rill_chiplet_info *chiplets);
int rill_device_channels(struct rill_device *device, struct drm_rill_channel_info *channels);
/* rate: 1..1000. From the next pass on. -EPERM: the kernel wants CAP_SYS_ADMIN */
int rill_device_link_set(struct rill_device *device, uint32_t link, bool up, uint16_t rate_permille);

/*
 * A zeroed buffer of `size` bytes, which are rounded up to pages of 4 KiB, bound into the context's address
 * space at an address of the library's choice. DDR buffers are contiguous in their channel and aligned to 2 MiB
 * when they are at least that large. -ENOSPC: the DDR channel is full.
 */
int rill_buffer_create(struct rill_device *device, uint64_t size, enum drm_rill_placement placement,
		       uint32_t channel, struct rill_buffer **buffer);
void rill_buffer_destroy(struct rill_buffer *buffer);
uint64_t rill_buffer_va(const struct rill_buffer *buffer);
uint64_t rill_buffer_size(const struct rill_buffer *buffer);
/* CPU mapping, made at the first call; NULL if that fails. */
void *rill_buffer_map(struct rill_buffer *buffer);

/* depth: jobs in flight at most, 1 .. max_queue_depth - 1. -ENOSPC: all of the chip's queues are in use */
int rill_queue_create(struct rill_device *device, uint32_t depth, struct rill_queue_handle **queue);
void rill_queue_destroy(struct rill_queue_handle *queue);

/* What submitting cost, of this queue. */
struct rill_queue_stats {
	uint64_t syscalls;		/* io_uring_enter() or ioctl() to submit and to wait */
	uint64_t submit_syscalls;	/* of these, to submit */
	uint64_t jobs;
};

/*
 * Submit jobs in order with one system call and wait for all of them. results
 * (one for each job) may be NULL. Returns 0, or the first failing job's errno with its index in *failed
 * (if not NULL).
 */
int rill_queue_run(struct rill_queue_handle *queue, const struct drm_rill_job *jobs, uint32_t count,
		   struct drm_rill_job_result *results, uint32_t *failed);
/* The same as one vectored command; *result is the vector's (kernel with io_uring; else like run). */
int rill_queue_run_vector(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
			  uint32_t count, struct drm_rill_job_result *result);
void rill_queue_stats(const struct rill_queue_handle *queue, struct rill_queue_stats *stats);
/* How this queue submits: "io_uring", "ioctl" or "model". */
const char *rill_queue_path(const struct rill_queue_handle *queue);

/* A sentence for a failed job: names the field of the block and its limit. */
const char *rill_result_text(const struct drm_rill_job *job, const struct drm_rill_job_result *result,
			     char *buffer, size_t size);

#endif
