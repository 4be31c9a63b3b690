// SPDX-License-Identifier: GPL-2.0-or-later
/* FILL and COPY: bytes are moved in pieces, and take the time of the busiest channel. */
#include "vectorise.h"
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#define PIECE_BYTES	(4u << 20)
#define BOUNCE_BYTES	(64u << 10)
#define MAX_BYTES	(4ULL << 30)
#define PS_PER_US	1000000ULL

RILL_CLONES static void pattern(uint8_t *to, uint64_t words, uint64_t seed, uint64_t counter)
{
	uint64_t i, *word = (uint64_t *)to;	/* DDR and bounce buffers are 8-byte aligned */

	for (i = 0; i < words; i++)
		word[i] = rill_pattern(seed, counter + i);
}

static enum rill_status fail(const struct rill_fault *fault, uint64_t *detail)
{
	*detail = fault->detail;
	return fault->status;
}

static enum rill_status check_range(const struct rill_fill_range *range)
{
	if (range->dst % 8 || range->bytes % 8 || range->bytes > MAX_BYTES)
		return RILL_BAD_FIELD;
	return RILL_OK;
}

static enum rill_status begin_fill(struct rill_chip *chip, struct rill_context *ctx,
				   uint64_t addr, uint64_t *detail)
{
	struct rill_transfer *transfer = &chip->engine->transfer;
	struct rill_fault fault;
	struct rill_fill block;
	uint32_t i;

	if (!rill_mmu_read(chip, ctx, addr, &block, sizeof(block), &fault))
		return fail(&fault, detail);
	*detail = offsetof(struct rill_fill, flags);
	if (block.flags & ~RILL_FILL_ZERO)
		return RILL_BAD_FIELD;
	*detail = offsetof(struct rill_fill, count);
	if (!block.count || block.count > RILL_MAX_FILL_RANGES)
		return RILL_BAD_FIELD;
	transfer->ranges = calloc(block.count, sizeof(*transfer->ranges));
	if (!transfer->ranges)
		return RILL_INTERNAL;
	transfer->range_count = block.count;
	transfer->zero = block.flags & RILL_FILL_ZERO;
	if (!rill_mmu_read(chip, ctx, block.ranges, transfer->ranges,
			   block.count * sizeof(*transfer->ranges), &fault))
		return fail(&fault, detail);
	for (i = 0; i < block.count; i++) {
		*detail = (uint64_t)i << 16 | offsetof(struct rill_fill, ranges);
		if (check_range(&transfer->ranges[i]))
			return RILL_BAD_FIELD;
	}
	return RILL_OK;
}

static enum rill_status begin_copy(struct rill_chip *chip, struct rill_context *ctx,
				   uint64_t addr, uint64_t *detail)
{
	struct rill_copy *copy = &chip->engine->transfer.copy;
	struct rill_fault fault;
	uint64_t apart;

	if (!rill_mmu_read(chip, ctx, addr, copy, sizeof(*copy), &fault))
		return fail(&fault, detail);
	*detail = offsetof(struct rill_copy, bytes);
	if (!copy->bytes || copy->bytes > MAX_BYTES)
		return RILL_BAD_FIELD;
	*detail = offsetof(struct rill_copy, reserved);
	if (copy->reserved)
		return RILL_BAD_RESERVED;
	apart = copy->dst > copy->src ? copy->dst - copy->src : copy->src - copy->dst;
	*detail = offsetof(struct rill_copy, dst);
	return apart < copy->bytes ? RILL_BAD_FIELD : RILL_OK;
}

enum rill_status rill_transfer_begin(struct rill_chip *chip, const struct rill_job *job,
				     uint64_t *detail)
{
	struct rill_transfer *transfer = &chip->engine->transfer;
	struct rill_context *ctx = rill_queue_context(chip, job->queue);
	enum rill_status status;

	*transfer = (struct rill_transfer){ .job = *job, .start_ps = chip->now_ps };
	status = job->opcode == RILL_OP_FILL ? begin_fill(chip, ctx, job->addr, detail) :
					       begin_copy(chip, ctx, job->addr, detail);
	transfer->active = !status;
	if (status)
		rill_transfer_clear(transfer);
	return status;
}

void rill_transfer_clear(struct rill_transfer *transfer)
{
	free(transfer->ranges);
	*transfer = (struct rill_transfer){ 0 };
}

/* --- moving --- */

static void count(struct rill_chip *chip, const uint8_t *ddr, uint64_t bytes)
{
	unsigned int channel = RILL_MAX_CHANNELS;

	if (ddr)
		channel = (ddr - chip->ddr) / chip->config.channel_bytes;
	chip->engine->transfer.moved[channel] += bytes;
}

static bool fill_system(struct rill_chip *chip, uint64_t dma, uint64_t bytes,
			const struct rill_fill_range *range, uint64_t offset)
{
	uint64_t page[(1 << RILL_PAGE_SHIFT) / 8];

	if (chip->engine->transfer.zero)
		memset(page, 0, bytes);
	else
		pattern((uint8_t *)page, bytes / 8, range->seed, range->counter + offset / 8);
	return chip->host.dma_write(chip->host.opaque, dma, page, bytes);
}

static uint64_t fill_run(struct rill_chip *chip, struct rill_context *ctx,
			 const struct rill_fill_range *range, uint64_t offset, uint64_t bytes,
			 struct rill_fault *fault)
{
	uint64_t dma, run;
	uint8_t *ddr;

	run = rill_mmu_run(chip, ctx, range->dst + offset, bytes, RILL_ACCESS_WRITE, &ddr, &dma,
			   fault);
	if (!run)
		return 0;
	if (!ddr && run > 1 << RILL_PAGE_SHIFT)
		run = 1 << RILL_PAGE_SHIFT;
	count(chip, ddr, run);
	if (ddr && chip->engine->transfer.zero)
		memset(ddr, 0, run);
	else if (ddr)
		pattern(ddr, run / 8, range->seed, range->counter + offset / 8);
	if (ddr || fill_system(chip, dma, run, range, offset))
		return run;
	*fault = (struct rill_fault){ RILL_DMA_ERROR, dma };
	return 0;
}

/* One run of the current range; the bytes done, or 0 on a fault or at the end. */
static uint64_t fill_some(struct rill_chip *chip, struct rill_context *ctx,
			  struct rill_fault *fault)
{
	struct rill_transfer *transfer = &chip->engine->transfer;
	const struct rill_fill_range *range;
	uint64_t run, left;

	for (; transfer->range < transfer->range_count; transfer->range++, transfer->offset = 0) {
		range = &transfer->ranges[transfer->range];
		left = range->bytes - transfer->offset;
		if (!left)
			continue;
		run = fill_run(chip, ctx, range, transfer->offset,
			       left < PIECE_BYTES ? left : PIECE_BYTES, fault);
		transfer->offset += run;
		return run;
	}
	return 0;
}

static uint64_t copy_some(struct rill_chip *chip, struct rill_context *ctx,
			  struct rill_fault *fault)
{
	struct rill_transfer *transfer = &chip->engine->transfer;
	uint64_t src = transfer->copy.src + transfer->offset, dma, from, to;
	uint64_t dst = transfer->copy.dst + transfer->offset;
	uint64_t left = transfer->copy.bytes - transfer->offset;
	uint8_t bounce[BOUNCE_BYTES], *ddr_from, *ddr_to;

	if (left > sizeof(bounce))
		left = sizeof(bounce);
	if (!left)
		return 0;
	from = rill_mmu_run(chip, ctx, src, left, RILL_ACCESS_READ, &ddr_from, &dma, fault);
	to = rill_mmu_run(chip, ctx, dst, left, RILL_ACCESS_WRITE, &ddr_to, &dma, fault);
	if (!from || !to)
		return 0;
	left = from < to ? from : to;
	if (!rill_mmu_read(chip, ctx, src, bounce, left, fault) ||
	    !rill_mmu_write(chip, ctx, dst, bounce, left, fault))
		return 0;
	count(chip, ddr_from, left);
	count(chip, ddr_to, left);
	transfer->offset += left;
	return left;
}

/* Channels work side by side; system memory moves at the rate of one of them. */
static uint64_t duration(struct rill_chip *chip)
{
	struct rill_transfer *transfer = &chip->engine->transfer;
	uint64_t longest = 0, ps;
	unsigned int i;

	for (i = 0; i <= RILL_MAX_CHANNELS; i++) {
		ps = ((rill_wide)transfer->moved[i] * PS_PER_US + chip->config.ddr_mbps - 1) /
			chip->config.ddr_mbps;
		if (i < chip->config.channels) {
			chip->channels[i].bytes += transfer->moved[i];
			chip->channels[i].busy_ps += ps;
		}
		if (ps > longest)
			longest = ps;
	}
	return chip->config.ddr_latency_ps + longest;
}

static void end(struct rill_chip *chip, const struct rill_fault *fault)
{
	struct rill_transfer *transfer = &chip->engine->transfer;

	transfer->end_ps = transfer->start_ps + duration(chip);
	transfer->done = true;
	if (!fault->status)
		return;
	rill_queue_complete(chip, transfer->job.queue, transfer->job.tag, fault->status,
			    fault->detail, transfer->start_ps, transfer->end_ps);
	chip->now_ps = transfer->end_ps;
	rill_transfer_clear(transfer);
}

bool rill_transfer_step(struct rill_chip *chip)
{
	struct rill_transfer *transfer = &chip->engine->transfer;
	struct rill_context *ctx = rill_queue_context(chip, transfer->job.queue);
	struct rill_fault fault = { 0 };
	uint64_t moved = 0, piece;

	while (moved < PIECE_BYTES) {
		piece = transfer->ranges ? fill_some(chip, ctx, &fault) :
					   copy_some(chip, ctx, &fault);
		if (!piece) {
			end(chip, &fault);
			return false;
		}
		moved += piece;
		rill_queue_progress(chip, transfer->job.queue);
	}
	return true;
}
