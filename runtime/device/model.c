// SPDX-License-Identifier: MIT
/* The model transport: a chip in this process, its memory, and what the driver does at probe. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "model.h"

/* Reserved, not used: pages come when they are touched. */
#define ARENA_BYTES	(1ULL << 36)
#define ARENA_LEAST	(1ULL << 30)
#define CONTEXT		0

struct model_buffer {
	struct rill_buffer base;
	uint64_t addr;			/* DMA address, or offset into the DDR */
};

static struct model_buffer *to_model_buffer(struct rill_buffer *buffer)
{
	return container_of(buffer, struct model_buffer, base);
}

/* --- registers --- */

uint64_t model_read(struct model_device *model, uint64_t reg)
{
	return rill_chip_read(model->chip, reg, 8);
}

uint32_t model_read32(struct model_device *model, uint64_t reg)
{
	return rill_chip_read(model->chip, reg, 4);
}

void model_write(struct model_device *model, uint64_t reg, uint64_t value)
{
	rill_chip_write(model->chip, reg, value, 8);
}

void model_write32(struct model_device *model, uint64_t reg, uint32_t value)
{
	rill_chip_write(model->chip, reg, value, 4);
}

/* --- what the chip asks of its host --- */

/* The first page is not memory, so that a zero is no address. */
static bool is_memory(const struct model_device *model, uint64_t addr, size_t len)
{
	return addr >= RILL_PAGE_BYTES && addr <= model->arena_bytes &&
	       len <= model->arena_bytes - addr;
}

static bool host_dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	struct model_device *model = opaque;

	if (!is_memory(model, addr, len))
		return false;
	memcpy(buf, model->arena + addr, len);
	return true;
}

static bool host_dma_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
	struct model_device *model = opaque;

	if (!is_memory(model, addr, len))
		return false;
	memcpy(model->arena + addr, buf, len);
	return true;
}

static void host_interrupt(void *opaque, unsigned int vector)
{
	model_interrupt(opaque, vector);
}

static void host_wake(void *opaque)
{
}

static void host_log(void *opaque, enum rill_log_level level, const char *message)
{
	struct model_device *model = opaque;

	if (level != RILL_LOG_TRACE)
		snprintf(model->log, sizeof(model->log), "%s", message);
}

/* --- memory --- */

static uint8_t *reserve(uint64_t bytes)
{
	void *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return NULL;
	madvise(map, bytes, MADV_HUGEPAGE);
	return map;
}

static void release(uint8_t *map, uint64_t bytes)
{
	if (map)
		munmap(map, bytes);
}

int model_dma_alloc(struct model_device *model, uint64_t bytes, uint64_t align, uint64_t *addr)
{
	return rill_va_alloc(&model->dma, rill_align_up(bytes, RILL_PAGE_BYTES), align, addr);
}

void model_dma_free(struct model_device *model, uint64_t addr, uint64_t bytes)
{
	bytes = rill_align_up(bytes, RILL_PAGE_BYTES);
	madvise(model->arena + addr, bytes, MADV_DONTNEED);
	rill_va_free(&model->dma, addr, bytes);
}

static int reserve_arena(struct model_device *model)
{
	for (model->arena_bytes = ARENA_BYTES; model->arena_bytes >= ARENA_LEAST;
	     model->arena_bytes /= 2) {
		model->arena = reserve(model->arena_bytes);
		if (model->arena)
			return rill_va_init(&model->dma, RILL_PAGE_BYTES,
					    model->arena_bytes - RILL_PAGE_BYTES);
	}
	return -ENOMEM;
}

static int reserve_ddr(struct model_device *model, const struct rill_chip_config *config)
{
	uint64_t bytes = config->channel_bytes;

	model->ddr_bytes = config->channels * bytes;
	model->ddr = reserve(model->ddr_bytes);
	if (!model->ddr)
		return -ENOMEM;
	for (; model->channel_count < config->channels; model->channel_count++)
		if (rill_va_init(&model->channels[model->channel_count],
				 model->channel_count * bytes, bytes))
			return -ENOMEM;
	return 0;
}

/* --- devices --- */

/* 0 leaves the default. */
static void set32(uint32_t *to, uint32_t value)
{
	if (value)
		*to = value;
}

static void set64(uint64_t *to, uint64_t value)
{
	if (value)
		*to = value;
}

static void configure(const struct rill_model_chip *from, struct rill_chip_config *config)
{
	rill_chip_config_default(config);
	set32(&config->rows, from->rows);
	set32(&config->cols, from->cols);
	set32(&config->channels, from->channels);
	set64(&config->channel_bytes, from->channel_bytes);
	set64(&config->sram_bytes, from->sram_bytes);
	set32(&config->mac_per_cycle, from->mac_per_cycle);
	set32(&config->mac_khz, from->mac_khz);
	set32(&config->mac_startup, from->mac_startup);
	set32(&config->ddr_mbps, from->ddr_mbps);
	set32(&config->ddr_latency_ps, from->ddr_latency_ps);
	set32(&config->link_mbps, from->link_mbps);
	set32(&config->link_hop_ps, from->link_hop_ps);
}

static void read_info(struct model_device *model)
{
	model->base.chip = (struct drm_rill_chip_info){
		.hw_version = model_read32(model, RILL_REG_VERSION),
		.rows = model_read32(model, RILL_REG_ROWS),
		.cols = model_read32(model, RILL_REG_COLS),
		.channels = model_read32(model, RILL_REG_CHANNELS),
		.features = model_read(model, RILL_REG_FEATURES),
		.channel_bytes = model_read(model, RILL_REG_CHANNEL_BYTES),
		.sram_bytes = model_read(model, RILL_REG_SRAM_BYTES),
		.mac_per_cycle = model_read32(model, RILL_REG_MAC_PER_CYCLE),
		.mac_khz = model_read32(model, RILL_REG_MAC_KHZ),
		.mac_startup = model_read32(model, RILL_REG_MAC_STARTUP),
		.ddr_mbps = model_read32(model, RILL_REG_DDR_MBPS),
		.ddr_latency_ps = model_read32(model, RILL_REG_DDR_LATENCY_PS),
		.link_mbps = model_read32(model, RILL_REG_LINK_MBPS),
		.link_hop_ps = model_read32(model, RILL_REG_LINK_HOP_PS),
		.links = model_read32(model, RILL_REG_LINKS),
		.max_queues = model_read32(model, RILL_REG_QUEUES) - 1,
		.max_queue_depth = model_read32(model, RILL_REG_QUEUE_DEPTH),
		.max_contexts = model_read32(model, RILL_REG_CONTEXTS),
	};
}

static int start_chip(struct model_device *model, const struct rill_chip_config *config)
{
	const struct rill_chip_host host = {
		.opaque = model,
		.dma_read = host_dma_read,
		.dma_write = host_dma_write,
		.interrupt = host_interrupt,
		.wake = host_wake,
		.log = host_log,
	};

	model->chip = rill_chip_new(config, &host, model->ddr);
	if (!model->chip)
		return rill_error(&model->base, -ENOMEM, "out of memory for the chip");
	read_info(model);
	return model_admin_start(model);
}

static int create_context(struct model_device *model, uint64_t chiplet_mask)
{
	uint32_t chiplets = model->base.chip.rows * model->base.chip.cols;
	uint64_t all = chiplets < 64 ? (1ULL << chiplets) - 1 : UINT64_MAX;
	uint64_t args[] = { CONTEXT, 0, chiplet_mask ? chiplet_mask : all };

	if (chiplet_mask & ~all)
		return rill_error(&model->base, -EINVAL, "chiplet mask %#llx: the chip has %u",
				  (unsigned long long)chiplet_mask, chiplets);
	if (model_dma_alloc(model, RILL_PAGE_BYTES, RILL_PAGE_BYTES, &model->root))
		return rill_error(&model->base, -ENOMEM, "no memory for a page table");
	args[1] = model->root;
	return model_admin(model, RILL_ADMIN_CONTEXT_CREATE, args, 3);
}

static void model_close(struct rill_device *device)
{
	struct model_device *model = to_model(device);

	rill_chip_free(model->chip);
	while (model->channel_count)
		rill_va_fini(&model->channels[--model->channel_count]);
	rill_va_fini(&model->dma);
	release(model->ddr, model->ddr_bytes);
	release(model->arena, model->arena_bytes);
	free(model);
}

static int build(struct model_device *model, const struct rill_device_options *options)
{
	struct rill_chip_config config;
	const char *wrong;
	int err;

	configure(&options->chip, &config);
	wrong = rill_chip_config_check(&config);
	if (wrong)
		return rill_error(&model->base, -EINVAL, "the chip's %s", wrong);
	err = reserve_arena(model);
	if (!err)
		err = reserve_ddr(model, &config);
	if (err)
		return rill_error(&model->base, err,
				  "cannot reserve %llu bytes of address space for the chip's memory",
				  (unsigned long long)config.channels * config.channel_bytes);
	err = start_chip(model, &config);
	if (!err)
		err = create_context(model, options->chiplet_mask);
	return err;
}

static int model_open(const struct rill_device_options *options, struct rill_device **device,
		      char *error)
{
	struct model_device *model = calloc(1, sizeof(*model));
	int err;

	if (!model)
		return rill_open_error(error, -ENOMEM, "out of memory");
	err = build(model, options);
	if (err) {
		memcpy(error, model->base.error, sizeof(model->base.error));
		model_close(&model->base);
		return err;
	}
	*device = &model->base;
	return 0;
}

/* --- queries --- */

static void add_queue(struct model_device *model, uint32_t id, struct drm_rill_counters *counters)
{
	uint64_t base = RILL_QUEUE_BASE + id * RILL_QUEUE_STRIDE;

	counters->hw_doorbells += model_read(model, base + RILL_QUEUE_DOORBELLS);
	counters->hw_interrupts += model_read(model, base + RILL_QUEUE_INTERRUPTS);
	counters->hw_fetched += model_read(model, base + RILL_QUEUE_FETCHED);
	counters->hw_completed += model_read(model, base + RILL_QUEUE_COMPLETED);
}

static int model_counters(struct rill_device *device, struct drm_rill_counters *counters)
{
	struct model_device *model = to_model(device);

	*counters = model->stats;
	for (uint32_t id = 1; id <= device->chip.max_queues; id++)
		if (model->queues[id])
			add_queue(model, id, counters);
	counters->hw_time_ps = model_read(model, RILL_REG_TIME_PS);
	return 0;
}

static int model_links(struct rill_device *device, struct drm_rill_link_info *links)
{
	struct model_device *model = to_model(device);

	for (uint32_t i = 0; i < device->chip.links; i++) {
		uint64_t base = RILL_LINK_BASE + i * RILL_LINK_STRIDE;

		links[i] = (struct drm_rill_link_info){
			.src = model_read32(model, base + RILL_LINK_SRC),
			.dst = model_read32(model, base + RILL_LINK_DST),
			.up = !!(model_read32(model, base + RILL_LINK_CTRL) & RILL_LINK_UP),
			.rate_permille = model_read32(model, base + RILL_LINK_RATE),
			.bytes = model_read(model, base + RILL_LINK_BYTES),
			.busy_ps = model_read(model, base + RILL_LINK_BUSY_PS),
			.stall_ps = model_read(model, base + RILL_LINK_STALL_PS),
			.transfers = model_read(model, base + RILL_LINK_TRANSFERS),
		};
	}
	return 0;
}

static int model_chiplets(struct rill_device *device, struct drm_rill_chiplet_info *chiplets)
{
	struct model_device *model = to_model(device);

	for (uint32_t i = 0; i < device->chip.rows * device->chip.cols; i++) {
		uint64_t base = RILL_CHIPLET_BASE + i * RILL_CHIPLET_STRIDE;

		chiplets[i] = (struct drm_rill_chiplet_info){
			.mac_busy_ps = model_read(model, base + RILL_CHIPLET_MAC_BUSY_PS),
			.macs = model_read(model, base + RILL_CHIPLET_MACS),
			.sram_peak = model_read(model, base + RILL_CHIPLET_SRAM_PEAK),
			.slices = model_read(model, base + RILL_CHIPLET_SLICES),
		};
	}
	return 0;
}

static int model_channels(struct rill_device *device, struct drm_rill_channel_info *channels)
{
	struct model_device *model = to_model(device);

	for (uint32_t i = 0; i < device->chip.channels; i++) {
		uint64_t base = RILL_CHANNEL_BASE + i * RILL_CHANNEL_STRIDE;

		channels[i] = (struct drm_rill_channel_info){
			.chiplet = model_read32(model, base + RILL_CHANNEL_CHIPLET),
			.bytes = model_read(model, base + RILL_CHANNEL_BYTES_DONE),
			.busy_ps = model_read(model, base + RILL_CHANNEL_BUSY_PS),
			.free_bytes = rill_va_free_bytes(&model->channels[i]),
		};
	}
	return 0;
}

static int model_link_set(struct rill_device *device, const struct drm_rill_link_set *set)
{
	struct model_device *model = to_model(device);
	uint64_t base = RILL_LINK_BASE + set->link * RILL_LINK_STRIDE;

	model_write32(model, base + RILL_LINK_RATE, set->rate_permille);
	model_write32(model, base + RILL_LINK_CTRL, set->up ? RILL_LINK_UP : 0);
	return 0;
}

/* --- buffers --- */

static int allocate(struct model_device *model, const struct rill_buffer *request, uint64_t *addr)
{
	uint64_t align = RILL_PAGE_BYTES;
	int err;

	if (request->size >= RILL_LARGE_PAGE_BYTES)
		align = RILL_LARGE_PAGE_BYTES;
	if (request->placement == DRM_RILL_SYSTEM) {
		err = model_dma_alloc(model, request->size, align, addr);
		if (!err)
			return 0;
		return rill_error(&model->base, -ENOMEM,
				  "no system memory for a buffer of %llu bytes",
				  (unsigned long long)request->size);
	}
	err = rill_va_alloc(&model->channels[request->channel], request->size, align, addr);
	if (!err)
		return 0;
	return rill_error(&model->base, err,
			  "a buffer of %llu bytes does not fit DDR channel %u: %llu are free",
			  (unsigned long long)request->size, request->channel, (unsigned long long)
			  rill_va_free_bytes(&model->channels[request->channel]));
}

static int model_buffer_create(const struct rill_buffer *request, struct rill_buffer **buffer)
{
	struct model_buffer *made = calloc(1, sizeof(*made));
	int err;

	if (!made)
		return rill_error(request->device, -ENOMEM, "out of memory");
	err = allocate(to_model(request->device), request, &made->addr);
	if (err) {
		free(made);
		return err;
	}
	made->base = *request;
	*buffer = &made->base;
	return 0;
}

static uint8_t *memory_of(struct rill_buffer *buffer)
{
	struct model_device *model = to_model(buffer->device);

	return (buffer->placement == DRM_RILL_DDR ? model->ddr : model->arena) +
	       to_model_buffer(buffer)->addr;
}

/* Pages that are given back are zero when they come again. */
static void model_buffer_destroy(struct rill_buffer *buffer)
{
	struct model_device *model = to_model(buffer->device);
	struct model_buffer *own = to_model_buffer(buffer);

	if (buffer->placement == DRM_RILL_SYSTEM) {
		model_dma_free(model, own->addr, buffer->size);
	} else {
		madvise(memory_of(buffer), buffer->size, MADV_DONTNEED);
		rill_va_free(&model->channels[buffer->channel], own->addr, buffer->size);
	}
	free(own);
}

static int model_buffer_bind(struct rill_buffer *buffer)
{
	uint64_t flags = RILL_PTE_WRITE;

	if (buffer->placement == DRM_RILL_DDR)
		flags |= RILL_PTE_DDR;
	if (!model_pt_map(to_model(buffer->device), buffer->va, buffer->size,
			  to_model_buffer(buffer)->addr, flags))
		return 0;
	return rill_error(buffer->device, -ENOMEM, "no memory for page tables");
}

static int model_buffer_unbind(struct rill_buffer *buffer)
{
	struct model_device *model = to_model(buffer->device);
	uint64_t context = CONTEXT;

	model_pt_unmap(model, buffer->va, buffer->size);
	return model_admin(model, RILL_ADMIN_CONTEXT_INVALIDATE, &context, 1);
}

static int model_buffer_map(struct rill_buffer *buffer)
{
	buffer->map = memory_of(buffer);
	return 0;
}

/* --- queues --- */

static const char *model_queue_path(const struct rill_queue_handle *queue)
{
	return "model";
}

static int model_run_vector(struct rill_queue_handle *queue, const struct drm_rill_job *jobs,
			    uint32_t count, struct drm_rill_job_result *result)
{
	return -EOPNOTSUPP;
}

const struct rill_transport rill_transport_model = {
	.open = model_open,
	.close = model_close,
	.counters = model_counters,
	.links = model_links,
	.chiplets = model_chiplets,
	.channels = model_channels,
	.link_set = model_link_set,
	.buffer_create = model_buffer_create,
	.buffer_destroy = model_buffer_destroy,
	.buffer_bind = model_buffer_bind,
	.buffer_unbind = model_buffer_unbind,
	.buffer_map = model_buffer_map,
	.queue_create = model_queue_create,
	.queue_destroy = model_queue_destroy,
	.queue_path = model_queue_path,
	.run = model_run,
	.run_vector = model_run_vector,
};
