// SPDX-License-Identifier: GPL-2.0-or-later
/* A program's memory lies in the context of its job, and each access goes through the MMU. */
#include "ndf_job.h"

#include <string.h>

#define PS_PER_US	1000000ULL

static void count(struct rill_chip *chip, const uint8_t *ddr, unsigned int bytes)
{
	struct rill_channel_state *channel = &chip->channels[(ddr - chip->ddr) / chip->config.channel_bytes];

	channel->bytes += bytes;
	channel->busy_ps += (bytes * PS_PER_US + chip->config.ddr_mbps - 1) / chip->config.ddr_mbps;
}

/* An access is aligned to its size and `memory` to 8 bytes, so it lies in one page. */
struct place {
	uint8_t *ddr;
	uint64_t dma;
};

static bool find(struct rill_ndf_task *task, uint64_t addr, unsigned int bytes, enum rill_access access,
		 struct place *place)
{
	task->accesses++;
	if (rill_mmu_run(task->chip, rill_ndf_job_context(task), task->block.memory + addr, bytes, access,
			 &place->ddr, &place->dma, &task->fault) != bytes)
		return false;
	if (place->ddr)
		count(task->chip, place->ddr, bytes);
	return true;
}

static bool dma_failed(struct rill_ndf_task *task, const struct place *place)
{
	task->fault = (struct rill_fault){ RILL_DMA_ERROR, place->dma };
	return false;
}

static bool get(struct rill_ndf_task *task, const struct place *place, unsigned int bytes, uint64_t *word)
{
	const struct rill_chip_host *host = &task->chip->host;

	*word = 0;
	if (place->ddr)
		memcpy(word, place->ddr, bytes);
	else if (!host->dma_read(host->opaque, place->dma, word, bytes))
		return dma_failed(task, place);
	return true;
}

static bool put(struct rill_ndf_task *task, const struct place *place, unsigned int bytes, uint64_t word)
{
	const struct rill_chip_host *host = &task->chip->host;

	if (place->ddr)
		memcpy(place->ddr, &word, bytes);
	else if (!host->dma_write(host->opaque, place->dma, &word, bytes))
		return dma_failed(task, place);
	return true;
}

static bool load(void *opaque, uint64_t addr, unsigned int bytes, uint64_t *word)
{
	struct place place;

	return find(opaque, addr, bytes, RILL_ACCESS_READ, &place) && get(opaque, &place, bytes, word);
}

static bool store(void *opaque, uint64_t addr, unsigned int bytes, uint64_t word)
{
	struct place place;

	return find(opaque, addr, bytes, RILL_ACCESS_WRITE, &place) && put(opaque, &place, bytes, word);
}

static bool atomic_add(void *opaque, uint64_t addr, unsigned int bytes, uint64_t addend, uint64_t *old)
{
	struct place place;

	return find(opaque, addr, bytes, RILL_ACCESS_WRITE, &place) && get(opaque, &place, bytes, old) &&
	       put(opaque, &place, bytes, *old + addend);
}

/* The stream engine serves the rules of a pass only. */
static enum rill_ndf_stream_answer stream(void *opaque, struct rill_ndf_stream_op *op)
{
	(void)opaque;
	op->results[0] = RILL_NO_PASS;
	return RILL_NDF_STREAM_REFUSED;
}

const struct rill_ndf_host rill_ndf_job_host = {
	.load = load,
	.store = store,
	.atomic_add = atomic_add,
	.stream = stream,
};
