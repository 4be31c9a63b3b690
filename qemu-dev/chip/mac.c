// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The arithmetic of a slice that passes tokens, exactly as rill_stream.h states
 * it. It is done in tiles, so that the caller gets the chip back in between.
 */
#include "engine.h"
#include "int4.h"
#include "pass.h"
#include "tile.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MACS	(1u << 25)
#define PRODUCT_BYTES	(64ull << 20)	/* that slices may keep from visit to visit */

struct spare {
	struct spare *next;
};

/* A slice that passes tokens: some routes of its stream, whose results are added to one group. */
struct rill_mac_work {
	struct rill_slice_state *slice;	/* NULL: idle */
	const struct rill_group *group;
	uint32_t route_first, route_count;
	uint32_t tokens_done, records_done;
	struct spare *accumulators, *products;	/* that are not in use: memory is touched as little as can be */
	uint64_t product_bytes;			/* of all products, in use or not */
	int8_t *expanded;		/* [RILL_TILE_RECORDS][3 * hidden]: INT4 weights as int8 */
	struct rill_tile tile;
};

enum rill_status rill_mac_load(struct rill_pass_state *pass, uint64_t *detail)
{
	size_t bytes = (size_t)pass->block.tokens * pass->block.hidden;
	struct rill_fault fault;

	if (pass->block.flags & RILL_PASS_TIMING_ONLY)
		return RILL_OK;
	pass->x = malloc(bytes);
	pass->work = calloc(1, sizeof(*pass->work));
	if (!pass->x || !pass->work)
		return RILL_INTERNAL;
	if (rill_mmu_read(pass->chip, pass->ctx, pass->block.x, pass->x, bytes, &fault) &&
	    rill_mmu_read(pass->chip, pass->ctx, pass->block.silu, pass->silu,
			  sizeof(pass->silu), &fault))
		return RILL_OK;
	*detail = fault.detail;
	return fault.status;
}

static struct rill_copy_state *copy_at(struct rill_pass_state *pass, uint32_t route)
{
	return &pass->copies[pass->routes[route].copy];
}

/* --- accumulators --- */

static void *take_spare(struct spare **list)
{
	struct spare *spare = *list;

	if (spare)
		*list = spare->next;
	return spare;
}

static void add_spare(struct spare **list, void *memory)
{
	struct spare *spare = memory;

	spare->next = *list;
	*list = spare;
}

static void free_spares(struct spare **list)
{
	void *memory;

	while ((memory = take_spare(list)))
		free(memory);
}

static int64_t *take_accumulator(struct rill_pass_state *pass)
{
	size_t bytes = pass->block.hidden * sizeof(int64_t);
	int64_t *acc = take_spare(&pass->work->accumulators);

	return acc ? memset(acc, 0, bytes) : calloc(1, bytes);
}

/* Results of routes first .. first + count - 1 */
static void accumulate(struct rill_pass_state *pass, uint32_t first, uint32_t count,
		       const int32_t *results)
{
	size_t hidden = pass->block.hidden;
	uint32_t i;

	for (i = first; i < first + count; i++, results += hidden) {
		struct rill_copy_state *copy = copy_at(pass, i);

		if (!copy->acc)
			copy->acc = take_accumulator(pass);
		if (!copy->acc) {
			pass->broken = true;
			return;
		}
		rill_tile_accumulate(hidden, results, pass->routes[i].weight, copy->acc);
	}
}

void rill_mac_reduce(struct rill_pass_state *pass, struct rill_copy_state *from)
{
	uint32_t home_copy = rill_pass_copy(pass, from->token, pass->homes[from->token]);
	struct rill_copy_state *home = &pass->copies[home_copy];
	size_t n;

	if (!from->acc)
		return;
	if (!home->acc) {
		home->acc = from->acc;
		from->acc = NULL;
		return;
	}
	for (n = 0; n < pass->block.hidden; n++)
		home->acc[n] += from->acc[n];
	add_spare(&pass->work->accumulators, from->acc);
	from->acc = NULL;
}

/* --- what a slice keeps from visit to visit --- */

static int32_t *take_products(struct rill_pass_state *pass)
{
	uint64_t bytes = (uint64_t)RILL_TILE_TOKENS * pass->block.hidden * sizeof(int32_t);
	int32_t *products = take_spare(&pass->work->products);

	if (products || bytes > PRODUCT_BYTES - pass->work->product_bytes)
		return products;
	products = malloc(bytes);
	if (products)
		pass->work->product_bytes += bytes;
	return products;
}

/*
 * A slice is multiplied once, on its first visit, with the tokens of all chiplets that it will
 * visit; each visit adds the results of its own tokens. With many tokens that gains nothing.
 */
static void keep_products(struct rill_pass_state *pass, struct rill_slice_state *slice)
{
	const struct rill_stream_state *stream = &pass->streams[slice->stream];

	if (slice->computes_left == 1 || stream->block.route_count > RILL_TILE_TOKENS)
		return;
	slice->products = take_products(pass);
	if (!slice->products)
		return;
	pass->work->route_first = stream->route_first;
	pass->work->route_count = stream->block.route_count;
}

static void use_products(struct rill_pass_state *pass, struct rill_slice_state *slice,
			 const struct rill_group *group)
{
	uint32_t row = group->route_first - pass->streams[slice->stream].route_first;

	accumulate(pass, group->route_first, group->route_count,
		   slice->products + row * pass->block.hidden);
	if (slice->computes_left > 1)
		return;
	add_spare(&pass->work->products, slice->products);
	slice->products = NULL;
}

/* --- slices --- */

void rill_mac_begin(struct rill_pass_state *pass, uint32_t group, uint32_t slice)
{
	struct rill_mac_work *work = pass->work;

	if (!work)
		return;
	if (pass->slices[slice].products) {
		use_products(pass, &pass->slices[slice], &pass->groups[group]);
		return;
	}
	work->slice = &pass->slices[slice];
	work->group = &pass->groups[group];
	work->route_first = work->group->route_first;
	work->route_count = work->group->route_count;
	work->tokens_done = 0;
	work->records_done = 0;
	keep_products(pass, work->slice);
}

static void gather(struct rill_pass_state *pass, uint32_t tokens)
{
	struct rill_mac_work *work = pass->work;
	uint32_t first = work->route_first + work->tokens_done, i;
	size_t hidden = pass->block.hidden;

	for (i = 0; i < tokens; i++)
		memcpy(work->tile.x + i * hidden,
		       pass->x + copy_at(pass, first + i)->token * hidden, hidden);
}

/* The next records as int8; NULL if out of memory */
static const int8_t *weights(const struct rill_pass_state *pass, uint32_t records)
{
	struct rill_mac_work *work = pass->work;
	const struct rill_stream *stream = &pass->streams[work->slice->stream].block;
	size_t hidden = pass->block.hidden, bytes = rill_pass_record_bytes(pass, stream);
	const uint8_t *from = work->slice->weights + work->records_done * bytes;
	uint32_t i;

	if (!(stream->flags & RILL_STREAM_INT4))
		return (const int8_t *)from;
	if (!work->expanded)
		work->expanded = malloc(RILL_TILE_RECORDS * 3 * hidden);
	for (i = 0; work->expanded && i < records; i++)
		rill_int4_expand(from + i * bytes, hidden, work->expanded + i * 3 * hidden);
	return work->expanded;
}

static void compute_tile(struct rill_pass_state *pass, uint32_t tokens, uint32_t records)
{
	struct rill_mac_work *work = pass->work;
	const struct rill_stream *stream = &pass->streams[work->slice->stream].block;
	const int8_t *w = weights(pass, records);

	if (!w) {
		pass->broken = true;
		return;
	}
	if (!work->records_done)
		gather(pass, tokens);
	rill_tile_compute(&work->tile, pass->chip->engine->gemm, stream, pass->silu,
			  pass->block.hidden, tokens, records, w, work->records_done,
			  work->slice->products ? work->slice->products : work->tile.out);
}

/* All records have met these tokens. */
static void end_tokens(struct rill_pass_state *pass, uint32_t tokens)
{
	struct rill_mac_work *work = pass->work;

	if (!work->slice->products)
		accumulate(pass, work->route_first + work->tokens_done, tokens, work->tile.out);
	work->records_done = 0;
	work->tokens_done += tokens;
	if (work->tokens_done < work->route_count)
		return;
	if (work->slice->products)
		use_products(pass, work->slice, work->group);
	work->slice = NULL;
}

bool rill_mac_step(struct rill_pass_state *pass)
{
	struct rill_mac_work *work = pass->work;
	uint32_t tokens, records, fit;

	if (!work || !work->slice)
		return false;
	tokens = work->route_count - work->tokens_done;
	if (tokens > RILL_TILE_TOKENS)
		tokens = RILL_TILE_TOKENS;
	records = work->slice->records - work->records_done;
	fit = STEP_MACS / (3 * pass->block.hidden * tokens);
	if (fit > RILL_TILE_RECORDS)
		fit = RILL_TILE_RECORDS;
	if (records > fit)
		records = fit ? fit : 1;
	compute_tile(pass, tokens, records);
	work->records_done += records;
	if (work->records_done == work->slice->records)
		end_tokens(pass, tokens);
	return work->slice;
}

bool rill_mac_output(struct rill_pass_state *pass, uint32_t token, struct rill_fault *fault)
{
	const struct rill_copy_state *home;
	size_t hidden = pass->block.hidden;
	int64_t out[RILL_MAX_HIDDEN] = { 0 };

	home = &pass->copies[rill_pass_copy(pass, token, pass->homes[token])];
	if (home->acc)
		rill_tile_output(hidden, home->acc, pass->block.out_shift, out);
	return rill_mmu_write(pass->chip, pass->ctx,
			      pass->block.out + token * hidden * sizeof(*out), out,
			      hidden * sizeof(*out), fault);
}

void rill_mac_clear(struct rill_pass_state *pass)
{
	size_t i;

	for (i = 0; i < pass->copy_count; i++)
		free(pass->copies[i].acc);
	for (i = 0; i < pass->slice_count; i++)
		free(pass->slices[i].products);
	if (pass->work) {
		free_spares(&pass->work->accumulators);
		free_spares(&pass->work->products);
		free(pass->work->expanded);
	}
	free(pass->work);
	pass->work = NULL;
}
