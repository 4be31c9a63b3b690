// SPDX-License-Identifier: GPL-2.0-or-later
#include "mac_work.h"

#include <stdlib.h>
#include <string.h>

#define ACCUMULATOR_BYTES	(64ull << 20)	/* kept for the next pass */
#define BLOCK_BYTES		(64ull << 20)	/* of all blocks */

struct rill_spare {
	struct rill_spare *next;
};

static void *take_spare(struct rill_spare **list)
{
	struct rill_spare *spare = *list;

	if (spare)
		*list = spare->next;
	return spare;
}

static void add_spare(struct rill_spare **list, void *memory)
{
	struct rill_spare *spare = memory;

	spare->next = *list;
	*list = spare;
}

static void free_spares(struct rill_spare **list)
{
	void *memory;

	while ((memory = take_spare(list)))
		free(memory);
}

static void free_sized(struct rill_mac_work *work)
{
	free_spares(&work->accumulators);
	free_spares(&work->blocks);
	free(work->expanded);
	work->expanded = NULL;
	work->accumulator_bytes = 0;
	work->block_bytes = 0;
}

void rill_mac_work_free(struct rill_mac_work *work)
{
	if (work)
		free_sized(work);
	free(work);
}

struct rill_mac_work *rill_mac_work_take(struct rill_engine *engine, size_t hidden)
{
	if (!engine->mac_work)
		engine->mac_work = calloc(1, sizeof(*engine->mac_work));
	if (!engine->mac_work)
		return NULL;
	if (engine->mac_work->hidden != hidden)
		free_sized(engine->mac_work);
	engine->mac_work->hidden = hidden;
	return engine->mac_work;
}

int64_t *rill_mac_accumulator_take(struct rill_mac_work *work)
{
	size_t bytes = work->hidden * sizeof(int64_t);
	int64_t *acc = take_spare(&work->accumulators);

	if (!acc)
		return calloc(1, bytes);
	work->accumulator_bytes -= bytes;
	return memset(acc, 0, bytes);
}

void rill_mac_accumulator_put(struct rill_mac_work *work, int64_t *acc)
{
	size_t bytes = work->hidden * sizeof(*acc);

	if (work->accumulator_bytes + bytes > ACCUMULATOR_BYTES) {
		free(acc);
		return;
	}
	add_spare(&work->accumulators, acc);
	work->accumulator_bytes += bytes;
}

int32_t *rill_mac_block_take(struct rill_mac_work *work)
{
	uint64_t bytes = RILL_TILE_TOKENS * work->hidden * sizeof(int32_t);
	int32_t *block = take_spare(&work->blocks);

	if (block || work->block_bytes + bytes > BLOCK_BYTES)
		return block;
	block = malloc(bytes);
	if (block)
		work->block_bytes += bytes;
	return block;
}

void rill_mac_block_put(struct rill_mac_work *work, int32_t *block)
{
	add_spare(&work->blocks, block);
}
