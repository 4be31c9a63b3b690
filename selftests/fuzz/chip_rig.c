// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip_rig.h"

#define PAGE		(1ULL << RILL_PAGE_SHIFT)
#define LARGE		(1ULL << RILL_LARGE_PAGE_SHIFT)
#define CHANGE_ONE_IN	24

enum table { ROOT, LEVEL2, SYSTEM1, DDR1, SCRAPS1, SYSTEM0, SCRAPS0 };

bool chip_rig_is_ram(uint64_t dma, uint64_t bytes)
{
	return dma >= RIG_RAM && bytes <= RIG_RAM_BYTES && dma - RIG_RAM <= RIG_RAM_BYTES - bytes;
}

/* --- the chip's host --- */

/* Another processor of the guest writes: to what has just been read, or to a table. */
static void change_behind(struct chip_rig *rig, uint64_t dma, size_t bytes)
{
	uint8_t *at = rig->ram + (dma - RIG_RAM) + rig_draw(rig, bytes);

	if (rig_chance(rig, 4))
		at = rig->ram + (RIG_ROOT - RIG_RAM) + rig_draw(rig, RIG_TABLES * PAGE);
	if (rig_chance(rig, 2))
		*at ^= 1u << rig_draw(rig, 8);
	else
		*at = (uint8_t)rig_draw(rig, 256);
}

static bool dma_read(void *opaque, uint64_t addr, void *buf, size_t len)
{
	struct chip_rig *rig = opaque;

	rig->reads++;
	REQUIRE(rig, len);
	if (!chip_rig_is_ram(addr, len))
		return false;
	memcpy(buf, rig->ram + (addr - RIG_RAM), len);
	if (rig->hostile && rig_chance(rig, CHANGE_ONE_IN))
		change_behind(rig, addr, len);
	return true;
}

static bool dma_write(void *opaque, uint64_t addr, const void *buf, size_t len)
{
	struct chip_rig *rig = opaque;

	REQUIRE(rig, len);
	if (!chip_rig_is_ram(addr, len))
		return false;
	memcpy(rig->ram + (addr - RIG_RAM), buf, len);
	return true;
}

static void interrupt(void *opaque, unsigned int vector)
{
	struct chip_rig *rig = opaque;

	REQUIRE(rig, vector < rig->config.queues);
}

static void wake(void *opaque)
{
	(void)opaque;
}

static void complain(void *opaque, enum rill_log_level level, const char *message)
{
	struct chip_rig *rig = opaque;

	if (level == RILL_LOG_ERROR)
		fprintf(stderr, "number %llu: %s\n", (unsigned long long)rig->number, message);
	REQUIRE(rig, level != RILL_LOG_ERROR);
}

void chip_rig_open(struct chip_rig *rig, uint32_t rows, uint32_t cols, uint64_t sram_bytes)
{
	const struct rill_chip_host host = {
		.opaque = rig, .dma_read = dma_read, .dma_write = dma_write, .interrupt = interrupt, .wake = wake,
		.log = complain,
	};
	uint64_t i;

	rill_chip_config_default(&rig->config);
	rig->config.rows = rows;
	rig->config.cols = cols;
	rig->config.sram_bytes = sram_bytes;
	rig->config.channel_bytes = RIG_CHANNEL_BYTES;
	REQUIRE(rig, !rill_chip_config_check(&rig->config));
	rig->ram = malloc(RIG_RAM_BYTES);
	rig->ddr = malloc(rig->config.channels * RIG_CHANNEL_BYTES);
	REQUIRE(rig, rig->ram && rig->ddr);
	for (i = 0; i < rig->config.channels * RIG_CHANNEL_BYTES / 8; i++)
		((uint64_t *)rig->ddr)[i] = rill_pattern(1, i);
	rig->chip = rill_chip_new(&rig->config, &host, rig->ddr);
	REQUIRE(rig, rig->chip);
}

void chip_rig_close(struct chip_rig *rig)
{
	rill_chip_free(rig->chip);
	free(rig->ram);
	free(rig->ddr);
}

/* --- tables --- */

static uint64_t *table_at(struct chip_rig *rig, enum table table)
{
	return (uint64_t *)(rig->ram + (RIG_ROOT - RIG_RAM) + table * PAGE);
}

static void set_table(struct chip_rig *rig, enum table table, uint64_t index, enum table below)
{
	table_at(rig, table)[index] = (RIG_ROOT + below * PAGE) | RILL_PTE_VALID;
}

uint64_t *chip_rig_pte(struct chip_rig *rig, uint64_t va)
{
	if (va >= RIG_SCRAPS)
		return &table_at(rig, SCRAPS0)[(va - RIG_SCRAPS) / PAGE % 512];
	if (va >= RIG_DDR)
		return &table_at(rig, DDR1)[(va - RIG_DDR) / LARGE % 512];
	return &table_at(rig, SYSTEM0)[(va - RIG_SYSTEM) / PAGE % 512];
}

static void make_tables(struct chip_rig *rig)
{
	const uint64_t leaf = RILL_PTE_VALID | RILL_PTE_LEAF | RILL_PTE_WRITE;
	uint64_t at, va;

	set_table(rig, ROOT, 0, LEVEL2);
	for (va = RIG_SYSTEM; va <= RIG_SCRAPS; va += 1ULL << 30)
		set_table(rig, LEVEL2, va >> 30, SYSTEM1 + (va - RIG_SYSTEM) / (1ULL << 30));
	set_table(rig, SYSTEM1, 0, SYSTEM0);
	set_table(rig, SCRAPS1, 0, SCRAPS0);
	for (at = 0; at < RIG_SYSTEM_BYTES; at += PAGE)
		*chip_rig_pte(rig, RIG_SYSTEM + at) = (RIG_SYSTEM_DMA + at) | leaf;
	for (at = 0; at < rig->config.channels * RIG_CHANNEL_BYTES; at += LARGE)
		*chip_rig_pte(rig, RIG_DDR + at) = at | leaf | RILL_PTE_DDR;
	for (at = 0; at < RIG_SCRAPS_BYTES; at += PAGE)
		*chip_rig_pte(rig, RIG_SCRAPS + at) = at | leaf | RILL_PTE_DDR;
}

void *chip_rig_at(struct chip_rig *rig, uint64_t va)
{
	REQUIRE(rig, va - RIG_SYSTEM < RIG_SYSTEM_BYTES);
	return rig->ram + (RIG_SYSTEM_DMA - RIG_RAM) + (va - RIG_SYSTEM);
}

/* --- rings --- */

bool chip_rig_push(struct chip_rig *rig, unsigned int q, const struct rill_hw_sqe *sqe)
{
	struct rill_hw_sqe *ring = (struct rill_hw_sqe *)(rig->ram + (RIG_SQ(q) - RIG_RAM));
	struct rig_queue *queue = &rig->queues[q];

	if ((queue->tail + 1) % RIG_DEPTH == queue->head)
		return false;
	ring[queue->tail] = *sqe;
	queue->tail = (queue->tail + 1) % RIG_DEPTH;
	return true;
}

void chip_rig_ring(struct chip_rig *rig, unsigned int q)
{
	rill_chip_write(rig->chip, RILL_DOORBELL_BASE + q * RILL_DOORBELL_STRIDE, rig->queues[q].tail, 4);
}

/* As many entries are pushed as completions taken, so one head does for both rings. */
bool chip_rig_take(struct chip_rig *rig, unsigned int q, struct rill_hw_cqe *cqe)
{
	const struct rill_hw_cqe *ring = (const struct rill_hw_cqe *)(rig->ram + (RIG_CQ(q) - RIG_RAM));
	struct rig_queue *queue = &rig->queues[q];

	*cqe = ring[queue->head];
	if ((cqe->status_phase & RILL_CQE_PHASE) != queue->phase)
		return false;
	queue->head = (queue->head + 1) % RIG_DEPTH;
	if (!queue->head)
		queue->phase ^= RILL_CQE_PHASE;
	rill_chip_write(rig->chip, RILL_DOORBELL_BASE + q * RILL_DOORBELL_STRIDE + RILL_DOORBELL_CQ_HEAD, queue->head,
			4);
	return true;
}

/* --- life --- */

static void command(struct chip_rig *rig, const struct rill_hw_sqe *sqe)
{
	struct rill_hw_cqe cqe;

	REQUIRE(rig, chip_rig_push(rig, 0, sqe));
	chip_rig_ring(rig, 0);
	while (rill_chip_step(rig->chip, UINT64_MAX))
		;
	REQUIRE(rig, chip_rig_take(rig, 0, &cqe) && !RILL_CQE_STATUS(cqe.status_phase));
}

static void create_context(struct chip_rig *rig, uint64_t id, uint64_t chiplets)
{
	const struct rill_hw_sqe sqe = {
		.opcode = RILL_ADMIN_CONTEXT_CREATE, .arg = { id, RIG_ROOT, chiplets },
	};

	command(rig, &sqe);
}

static void create_queue(struct chip_rig *rig, uint64_t id)
{
	const struct rill_hw_sqe sqe = {
		.opcode = RILL_ADMIN_QUEUE_CREATE,
		.arg = { id, RIG_SQ(id), RIG_CQ(id), RIG_DEPTH, id == RIG_QUEUES - 1, id | id << 16 },
	};

	command(rig, &sqe);
}

void chip_rig_start(struct chip_rig *rig)
{
	const uint64_t all = ~0ULL >> (64 - rig->chip->chiplet_count);
	unsigned int i;

	rig->hostile = false;
	rill_chip_write(rig->chip, RILL_REG_CTRL, RILL_CTRL_RESET, 4);
	memset(rig->ram, 0, RIG_RAM_BYTES);
	make_tables(rig);
	for (i = 0; i < RIG_QUEUES; i++)
		rig->queues[i] = (struct rig_queue){ .phase = RILL_CQE_PHASE, .created = true };
	rill_chip_write(rig->chip, RILL_REG_ADMIN_DEPTH, RIG_DEPTH, 4);
	rill_chip_write(rig->chip, RILL_REG_ADMIN_SQ, RIG_SQ(0), 8);
	rill_chip_write(rig->chip, RILL_REG_ADMIN_CQ, RIG_CQ(0), 8);
	rill_chip_write(rig->chip, RILL_REG_CTRL, RILL_CTRL_ENABLE, 4);
	for (i = 0; i < 2; i++)
		create_context(rig, i, i ? 1 : all);
	for (i = 1; i < RIG_QUEUES; i++)
		create_queue(rig, i);
}
