/* SPDX-License-Identifier: MIT */
/*
 * What the files of runtime/device share: a device is reached through a table of
 * functions, the transport. device.c owns the public interface, the address space
 * and the order of jobs; a transport only does what it is told.
 */
#ifndef RILL_TRANSPORT_H
#define RILL_TRANSPORT_H

#include "rill_device.h"
#include "va.h"

#define RILL_PAGE_BYTES		(1ULL << RILL_PAGE_SHIFT)
#define RILL_LARGE_PAGE_BYTES	(1ULL << RILL_LARGE_PAGE_SHIFT)
#define RILL_ERROR_MAX		512

#define container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

struct rill_device {
	const struct rill_transport *transport;
	struct drm_rill_chip_info chip;
	struct rill_va va;		/* of the context */
	char error[RILL_ERROR_MAX];
};

struct rill_buffer {
	struct rill_device *device;
	uint64_t size, va;
	enum drm_rill_placement placement;
	uint32_t channel;
	void *map;			/* NULL: not mapped yet */
};

struct rill_queue_handle {
	struct rill_device *device;
	uint32_t depth;
	struct rill_queue_stats stats;
};

/*
 * All return 0 or a negative errno after rill_error(). Objects are allocated by the
 * transport, around the structures above; device.c has filled in these before bind().
 */
struct rill_transport {
	int (*open)(const struct rill_device_options *options, struct rill_device **device,
		    char *error);
	void (*close)(struct rill_device *device);
	int (*counters)(struct rill_device *device, struct drm_rill_counters *counters);
	int (*links)(struct rill_device *device, struct drm_rill_link_info *links);
	int (*chiplets)(struct rill_device *device, struct drm_rill_chiplet_info *chiplets);
	int (*channels)(struct rill_device *device, struct drm_rill_channel_info *channels);
	int (*link_set)(struct rill_device *device, const struct drm_rill_link_set *set);

	/* A zeroed buffer of request's device, size, placement and channel */
	int (*buffer_create)(const struct rill_buffer *request, struct rill_buffer **buffer);
	void (*buffer_destroy)(struct rill_buffer *buffer);
	int (*buffer_bind)(struct rill_buffer *buffer);
	int (*buffer_unbind)(struct rill_buffer *buffer);
	int (*buffer_map)(struct rill_buffer *buffer);

	int (*queue_create)(struct rill_device *device, uint32_t depth,
			    struct rill_queue_handle **queue);
	void (*queue_destroy)(struct rill_queue_handle *queue);
	const char *(*queue_path)(const struct rill_queue_handle *queue);
	/* At most depth jobs, and all of their passes end: returns when they have, with all results. */
	int (*run)(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
		   uint32_t count, struct drm_rill_job_result *results);
	/* -EOPNOTSUPP, without a sentence: there are no vectors */
	int (*run_vector)(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
			  uint32_t count, struct drm_rill_job_result *result);
};

extern const struct rill_transport rill_transport_kernel;
extern const struct rill_transport rill_transport_model;

/* Keep a sentence for rill_device_error() and return code. */
int rill_error(struct rill_device *device, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* The same into a buffer of RILL_ERROR_MAX, while there is no device. */
int rill_open_error(char *error, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The errno that the driver gives for a status. */
int rill_status_errno(uint32_t status);
/* "read fault": NULL if there is no such status */
const char *rill_status_name(uint32_t status);

static inline uint64_t rill_align_up(uint64_t value, uint64_t alignment)
{
	return (value + alignment - 1) & ~(alignment - 1);
}

#endif
