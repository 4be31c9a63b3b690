// SPDX-License-Identifier: MIT
/* The public interface: what both transports have in common. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport.h"

/* The lowest 4 GiB stay free, so that small numbers are never addresses. */
#define VA_START	(1ULL << 32)
#define VA_SIZE		((1ULL << (RILL_VA_BITS - 1)) - VA_START)

/* --- errors --- */

int rill_error(struct rill_device *device, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(device->error, sizeof(device->error), format, args);
	va_end(args);
	return code;
}

int rill_open_error(char *error, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(error, RILL_ERROR_MAX, format, args);
	va_end(args);
	return code;
}

const char *rill_device_error(const struct rill_device *device)
{
	return device->error;
}

/* --- devices --- */

static const struct rill_transport *transport_of(enum rill_transport_kind kind)
{
	return kind == RILL_TRANSPORT_MODEL ? &rill_transport_model : &rill_transport_kernel;
}

int rill_device_open(const struct rill_device_options *options, struct rill_device **device,
		     const char **error)
{
	static _Thread_local char sentence[RILL_ERROR_MAX];
	const struct rill_transport *transport = transport_of(options->transport);
	int err;

	*error = sentence;
	sentence[0] = '\0';
	err = transport->open(options, device, sentence);
	if (err)
		return err;
	(*device)->transport = transport;
	if (!rill_va_init(&(*device)->va, VA_START, VA_SIZE))
		return 0;
	transport->close(*device);
	return rill_open_error(sentence, -ENOMEM, "out of memory");
}

void rill_device_close(struct rill_device *device)
{
	if (!device)
		return;
	rill_va_fini(&device->va);
	device->transport->close(device);
}

const struct drm_rill_chip_info *rill_device_chip(const struct rill_device *device)
{
	return &device->chip;
}

int rill_device_counters(struct rill_device *device, struct drm_rill_counters *counters)
{
	return device->transport->counters(device, counters);
}

int rill_device_links(struct rill_device *device, struct drm_rill_link_info *links)
{
	return device->transport->links(device, links);
}

int rill_device_chiplets(struct rill_device *device, struct drm_rill_chiplet_info *chiplets)
{
	return device->transport->chiplets(device, chiplets);
}

int rill_device_channels(struct rill_device *device, struct drm_rill_channel_info *channels)
{
	return device->transport->channels(device, channels);
}

int rill_device_link_set(struct rill_device *device, uint32_t link, bool up, uint16_t rate_permille)
{
	const struct drm_rill_link_set set = {
		.link = link, .up = up, .rate_permille = rate_permille,
	};

	if (link >= device->chip.links)
		return rill_error(device, -EINVAL, "link %u: there are %u", link,
				  device->chip.links);
	if (!rate_permille || rate_permille > 1000)
		return rill_error(device, -EINVAL, "rate of %u permille: 1 to 1000", rate_permille);
	return device->transport->link_set(device, &set);
}

/* --- buffers --- */

static int check_buffer(struct rill_device *device, const struct rill_buffer *request)
{
	if (!request->size || request->size > 1ULL << (RILL_VA_BITS - 1))
		return rill_error(device, -EINVAL, "a buffer of %llu bytes: 1 to 2^47",
				  (unsigned long long)request->size);
	if (request->placement != DRM_RILL_SYSTEM && request->placement != DRM_RILL_DDR)
		return rill_error(device, -EINVAL, "buffer placement %u: system memory or DDR",
				  request->placement);
	if (request->placement == DRM_RILL_SYSTEM && request->channel)
		return rill_error(device, -EINVAL, "channel %u: 0 for system memory",
				  request->channel);
	if (request->channel >= device->chip.channels)
		return rill_error(device, -EINVAL, "DDR channel %u: the chip has %u",
				  request->channel, device->chip.channels);
	return 0;
}

static int bind_buffer(struct rill_buffer *buffer)
{
	struct rill_device *device = buffer->device;
	uint64_t align = RILL_PAGE_BYTES;
	int err;

	if (buffer->size >= RILL_LARGE_PAGE_BYTES)
		align = RILL_LARGE_PAGE_BYTES;
	err = rill_va_alloc(&device->va, buffer->size, align, &buffer->va);
	if (err)
		return rill_error(device, err, "no address for a buffer of %llu bytes",
				  (unsigned long long)buffer->size);
	err = device->transport->buffer_bind(buffer);
	if (err)
		rill_va_free(&device->va, buffer->va, buffer->size);
	return err;
}

int rill_buffer_create(struct rill_device *device, uint64_t size, enum drm_rill_placement placement,
		       uint32_t channel, struct rill_buffer **buffer)
{
	struct rill_buffer request = {
		.device = device, .size = size, .placement = placement, .channel = channel,
	};
	int err = check_buffer(device, &request);

	if (err)
		return err;
	request.size = rill_align_up(size, RILL_PAGE_BYTES);
	err = device->transport->buffer_create(&request, buffer);
	if (err)
		return err;
	err = bind_buffer(*buffer);
	if (err)
		device->transport->buffer_destroy(*buffer);
	return err;
}

/* What could not be unbound keeps its address, so that nobody else gets it. */
void rill_buffer_destroy(struct rill_buffer *buffer)
{
	struct rill_device *device;

	if (!buffer)
		return;
	device = buffer->device;
	if (!device->transport->buffer_unbind(buffer))
		rill_va_free(&device->va, buffer->va, buffer->size);
	device->transport->buffer_destroy(buffer);
}

uint64_t rill_buffer_va(const struct rill_buffer *buffer)
{
	return buffer->va;
}

uint64_t rill_buffer_size(const struct rill_buffer *buffer)
{
	return buffer->size;
}

void *rill_buffer_map(struct rill_buffer *buffer)
{
	if (!buffer->map && buffer->device->transport->buffer_map(buffer))
		return NULL;
	return buffer->map;
}

/* --- queues --- */

int rill_queue_create(struct rill_device *device, uint32_t depth, struct rill_queue_handle **queue)
{
	int err;

	if (!depth || depth >= device->chip.max_queue_depth)
		return rill_error(device, -EINVAL, "a queue of %u jobs: 1 to %u", depth,
				  device->chip.max_queue_depth - 1);
	err = device->transport->queue_create(device, depth, queue);
	if (err)
		return err;
	(*queue)->device = device;
	(*queue)->depth = depth;
	return 0;
}

void rill_queue_destroy(struct rill_queue_handle *queue)
{
	if (queue)
		queue->device->transport->queue_destroy(queue);
}

const char *rill_queue_path(const struct rill_queue_handle *queue)
{
	return queue->device->transport->queue_path(queue);
}

void rill_queue_stats(const struct rill_queue_handle *queue, struct rill_queue_stats *stats)
{
	*stats = queue->stats;
}

/* --- running jobs --- */

/*
 * How many of the jobs may be in flight together: at most depth, cut where no STREAM waits
 * for its PASS_END, as that would wait for ever. 0 if there is no such place.
 */
static uint32_t next_chunk(const struct drm_rill_job *jobs, uint32_t count, uint32_t depth)
{
	uint32_t chunk = 0;
	bool open = false;

	for (uint32_t i = 0; i < count && i < depth; i++) {
		if (jobs[i].opcode == RILL_OP_STREAM)
			open = true;
		else if (jobs[i].opcode == RILL_OP_PASS_END)
			open = false;
		if (!open)
			chunk = i + 1;
	}
	return chunk;
}

static int explain_chunk(struct rill_device *device, const struct drm_rill_job *jobs, uint32_t first,
			 uint32_t count, uint32_t depth)
{
	for (uint32_t i = first; i < count; i++)
		if (jobs[i].opcode == RILL_OP_PASS_END)
			return rill_error(device, -EINVAL,
					  "jobs %u to %u are one pass, more than the queue's depth of %u",
					  first, i, depth);
	return rill_error(device, -EINVAL, "job %u: a STREAM, and no PASS_END follows it", first);
}

/* Before anything runs: can all of it? */
static int check_chunks(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
			uint32_t count)
{
	uint32_t at, chunk;

	if (!count)
		return rill_error(queue->device, -EINVAL, "no jobs to run");
	for (at = 0; at < count; at += chunk) {
		chunk = next_chunk(jobs + at, count - at, queue->depth);
		if (!chunk)
			return explain_chunk(queue->device, jobs, at, count, queue->depth);
	}
	return 0;
}

/* PASS_FAILED only says that another job is to blame. */
static uint32_t first_failure(const struct drm_rill_job_result *results, uint32_t count)
{
	uint32_t failed = count;

	for (uint32_t i = 0; i < count; i++) {
		if (!results[i].error)
			continue;
		if (results[i].status != RILL_PASS_FAILED)
			return i;
		if (failed == count)
			failed = i;
	}
	return failed;
}

static int report_failure(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
			  const struct drm_rill_job_result *results, uint32_t count,
			  uint32_t *failed)
{
	uint32_t i = first_failure(results, count);
	char text[256];

	if (i == count)
		return 0;
	if (failed)
		*failed = i;
	return rill_error(queue->device, results[i].error, "job %u: %s", i,
			  rill_result_text(&jobs[i], &results[i], text, sizeof(text)));
}

static int run_chunks(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
		      uint32_t count, struct drm_rill_job_result *results)
{
	uint32_t at, chunk;
	int err = 0;

	for (at = 0; at < count && !err; at += chunk) {
		chunk = next_chunk(jobs + at, count - at, queue->depth);
		err = queue->device->transport->run(queue, jobs + at, chunk, results + at);
	}
	return err;
}

static int run(struct rill_queue_handle *queue, const struct drm_rill_job *jobs, uint32_t count,
	       struct drm_rill_job_result *results, uint32_t *failed)
{
	int err = check_chunks(queue, jobs, count);

	if (!err)
		err = run_chunks(queue, jobs, count, results);
	if (err)
		return err;
	queue->stats.jobs += count;
	return report_failure(queue, jobs, results, count, failed);
}

int rill_queue_run(struct rill_queue_handle *queue, const struct drm_rill_job *jobs, uint32_t count,
		   struct drm_rill_job_result *results, uint32_t *failed)
{
	struct drm_rill_job_result *own = NULL;
	int err;

	if (failed)
		*failed = 0;
	if (!results) {
		own = calloc(count ? count : 1, sizeof(*own));
		if (!own)
			return rill_error(queue->device, -ENOMEM, "out of memory");
	}
	err = run(queue, jobs, count, results ? results : own, failed);
	free(own);
	return err;
}

/* What a vectored command would tell. */
static void merge(const struct drm_rill_job_result *results, uint32_t count,
		  struct drm_rill_job_result *result)
{
	uint32_t failed = first_failure(results, count);

	*result = results[failed < count ? failed : 0];
	for (uint32_t i = 0; failed == count && i < count; i++) {
		if (results[i].start_ps < result->start_ps)
			result->start_ps = results[i].start_ps;
		if (results[i].end_ps > result->end_ps)
			result->end_ps = results[i].end_ps;
	}
}

static int run_merged(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
		      uint32_t count, struct drm_rill_job_result *result)
{
	struct drm_rill_job_result *results = calloc(count, sizeof(*results));
	int err;

	if (!results)
		return rill_error(queue->device, -ENOMEM, "out of memory");
	err = queue->device->transport->run(queue, jobs, count, results);
	if (!err)
		merge(results, count, result);
	free(results);
	return err;
}

int rill_queue_run_vector(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
			  uint32_t count, struct drm_rill_job_result *result)
{
	const struct rill_transport *transport = queue->device->transport;
	char text[256];
	int err;

	memset(result, 0, sizeof(*result));
	if (!count || next_chunk(jobs, count, queue->depth) != count)
		return rill_error(queue->device, -EINVAL,
				  "a vector of %u jobs: 1 to the queue's depth of %u, with whole passes",
				  count, queue->depth);
	err = transport->run_vector(queue, jobs, count, result);
	if (err == -EOPNOTSUPP)
		err = run_merged(queue, jobs, count, result);
	if (err)
		return err;
	queue->stats.jobs += count;
	if (!result->error)
		return 0;
	return rill_error(queue->device, result->error, "vector of %u jobs: %s", count,
			  rill_result_text(NULL, result, text, sizeof(text)));
}
