/* SPDX-License-Identifier: MIT */
/*
 * The model transport: the chip in this process, and the part of the driver played
 * by us. Memory of the system is an arena: a DMA address is an offset into it.
 */
#ifndef RILL_MODEL_H
#define RILL_MODEL_H

#include "rill_chip.h"
#include "transport.h"

struct model_queue;

struct model_ring {
	uint64_t sq, cq;		/* DMA addresses */
	uint32_t id, entries;
	uint16_t tail, head, phase;
};

struct model_device {
	struct rill_device base;
	struct rill_chip *chip;
	uint8_t *arena, *ddr;
	uint64_t arena_bytes, ddr_bytes;
	struct rill_va dma;		/* of the arena */
	struct rill_va channels[RILL_MAX_CHANNELS];
	uint32_t channel_count;		/* of these, initialised */
	uint64_t root;			/* DMA address of the context's page table */
	struct model_ring admin;
	struct model_queue *queues[RILL_MAX_QUEUES];
	struct drm_rill_counters stats;	/* the driver's part */
	char log[256];			/* the last complaint of the chip */
};

static inline struct model_device *to_model(struct rill_device *device)
{
	return container_of(device, struct model_device, base);
}

uint64_t model_read(struct model_device *model, uint64_t reg);
uint32_t model_read32(struct model_device *model, uint64_t reg);
void model_write(struct model_device *model, uint64_t reg, uint64_t value);
void model_write32(struct model_device *model, uint64_t reg, uint32_t value);

/* Zeroed memory of the arena; align: a power of two */
int model_dma_alloc(struct model_device *model, uint64_t bytes, uint64_t align, uint64_t *addr);
void model_dma_free(struct model_device *model, uint64_t addr, uint64_t bytes);

/* model_pt.c: flags are RILL_PTE_WRITE and RILL_PTE_DDR */
int model_pt_map(struct model_device *model, uint64_t va, uint64_t bytes, uint64_t addr,
		 uint64_t flags);
void model_pt_unmap(struct model_device *model, uint64_t va, uint64_t bytes);

/* model_queue.c */
int model_admin_start(struct model_device *model);
int model_admin(struct model_device *model, enum rill_admin_opcode opcode, const uint64_t *args,
		unsigned int count);
void model_interrupt(struct model_device *model, unsigned int vector);
int model_queue_create(struct rill_device *device, uint32_t depth,
		       struct rill_queue_handle **queue);
void model_queue_destroy(struct rill_queue_handle *queue);
int model_run(struct rill_queue_handle *queue, const struct drm_rill_job *jobs, uint32_t count,
	      struct drm_rill_job_result *results);

#endif
