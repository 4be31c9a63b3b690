// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The arithmetic of a slice that passes tokens, exactly as rill_stream.h states
 * it. It is done in tiles, so that the caller gets the chip back in between.
 */
#include "int4.h"
#include "mac_work.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MACS	(1u << 25)
#define LOAD_BYTES	(4u << 20)	/* of activations in a step */
#define EFFORT_SHIFT	4		/* of elements that are added up */

enum rill_status rill_mac_load(struct rill_pass_state *pass, bool *done, uint64_t *detail)
{
	size_t bytes = (size_t)pass->block.tokens * pass->block.hidden, piece = bytes - pass->x_loaded;
	struct rill_fault fault;

	*done = pass->block.flags & RILL_PASS_TIMING_ONLY || pass->x_loaded == bytes;
	if (*done)
		return RILL_OK;
	if (!pass->x)
		pass->x = malloc(bytes);
	if (!pass->work)
		pass->work = rill_mac_work_take(pass->chip->engine, pass->block.hidden);
	if (!pass->x || !pass->work)
		return RILL_INTERNAL;
	if (piece > LOAD_BYTES)
		piece = LOAD_BYTES;
	if (rill_mmu_read(pass->chip, pass->ctx, pass->block.x + pass->x_loaded, pass->x + pass->x_loaded, piece,
			  &fault)) {
		pass->x_loaded += piece;
		*done = pass->x_loaded == bytes;
		if (!*done || rill_mmu_read(pass->chip, pass->ctx, pass->block.silu, pass->silu, sizeof(pass->silu),
					    &fault))
			return RILL_OK;
	}
	*detail = fault.detail;
	return fault.status;
}

static struct rill_copy_state *copy_at(struct rill_pass_state *pass, uint32_t route)
{
	return &pass->copies[pass->routes[route].copy];
}

/* --- accumulators --- */

/* Results of routes first .. first + count - 1 */
static void accumulate(struct rill_pass_state *pass, uint32_t first, uint32_t count,
		       const int32_t *results)
{
	size_t hidden = pass->block.hidden;
	uint32_t i;

	pass->effort += count * hidden >> EFFORT_SHIFT;
	for (i = first; i < first + count; i++, results += hidden) {
		struct rill_copy_state *copy = copy_at(pass, i);

		if (!copy->acc)
			copy->acc = rill_mac_accumulator_take(pass->work);
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
	pass->effort += pass->block.hidden >> EFFORT_SHIFT;
	for (n = 0; n < pass->block.hidden; n++)
		home->acc[n] += from->acc[n];
	rill_mac_accumulator_put(pass->work, from->acc);
	from->acc = NULL;
}

/* --- results that are kept --- */

/*
 * From visit to visit: a slice is multiplied once, on its first one, with the tokens of all
 * chiplets that it will visit; each visit adds the results of its own tokens. With many tokens that
 * gains nothing.
 */
static bool shares_products(const struct rill_pass_state *pass, const struct rill_slice_state *slice)
{
	return slice->need & (slice->need - 1) &&
	       pass->streams[slice->stream].block.route_count <= RILL_TILE_TOKENS;
}

static void keep_products(struct rill_pass_state *pass, struct rill_slice_state *slice)
{
	const struct rill_stream_state *stream = &pass->streams[slice->stream];

	if (slice->computes_left == 1)
		return;
	slice->products = rill_mac_block_take(pass->work);
	if (!slice->products)
		return;
	pass->work->route_first = stream->route_first;
	pass->work->route_count = stream->block.route_count;
}

static void use_products(struct rill_pass_state *pass, const struct rill_slice_state *slice,
			 const struct rill_group *group)
{
	uint32_t row = group->route_first - pass->streams[slice->stream].route_first;

	accumulate(pass, group->route_first, group->route_count,
		   slice->products + row * pass->block.hidden);
}

static void put_products(struct rill_mac_work *work, struct rill_slice_state *slice)
{
	if (slice->products)
		rill_mac_block_put(work, slice->products);
	slice->products = NULL;
}

static void put_sums(struct rill_mac_work *work, struct rill_group *group)
{
	uint32_t i;

	for (i = 0; group->sums && i * RILL_TILE_TOKENS < group->route_count; i++)
		if (group->sums[i])
			rill_mac_block_put(work, group->sums[i]);
	free(group->sums);
	group->sums = NULL;
}

/*
 * From slice to slice, in streams that do not share products: results for a group are added up in
 * int32, which holds those of a whole expert, and go to the accumulators at the end.
 */
static void keep_sums(struct rill_mac_work *work, struct rill_group *group)
{
	uint32_t blocks = (group->route_count + RILL_TILE_TOKENS - 1) / RILL_TILE_TOKENS, i;

	group->sums = calloc(blocks, sizeof(*group->sums));
	for (i = 0; group->sums && i < blocks; i++) {
		group->sums[i] = rill_mac_block_take(work);
		if (!group->sums[i])
			put_sums(work, group);
	}
}

/* --- slices --- */

/* A visit after the first: the results are there already. */
static void visit_again(struct rill_pass_state *pass, const struct rill_group *group,
			struct rill_slice_state *slice)
{
	use_products(pass, slice, group);
	if (slice->computes_left == 1)
		put_products(pass->work, slice);
}

/* Called before what is left is counted down; the steps come after. */
void rill_mac_begin(struct rill_pass_state *pass, uint32_t group, uint32_t slice)
{
	struct rill_mac_work *work = pass->work;
	struct rill_group *g = &pass->groups[group];

	if (!work)
		return;
	if (pass->slices[slice].products) {
		visit_again(pass, g, &pass->slices[slice]);
		return;
	}
	work->slice = &pass->slices[slice];
	work->group = g;
	work->first = g->left == g->slices_here;
	work->last = g->left == 1;
	work->route_first = g->route_first;
	work->route_count = g->route_count;
	work->tokens_done = 0;
	work->records_done = 0;
	if (shares_products(pass, work->slice))
		keep_products(pass, work->slice);
	else if (work->first && !work->last)
		keep_sums(work, g);
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
	int32_t *out = work->tile.out;
	bool add = work->records_done;

	if (!w) {
		pass->broken = true;
		return;
	}
	if (work->slice->products) {
		out = work->slice->products;
	} else if (work->group->sums) {
		out = work->group->sums[work->tokens_done / RILL_TILE_TOKENS];
		add |= !work->first;
	}
	if (!work->records_done)
		gather(pass, tokens);
	rill_tile_compute(&work->tile, pass->chip->engine->gemm, stream, pass->silu,
			  pass->block.hidden, tokens, records, w, add, out);
}

/* All records of the slice have met these tokens. */
static void end_tokens(struct rill_pass_state *pass, uint32_t tokens)
{
	struct rill_mac_work *work = pass->work;
	uint32_t first = work->route_first + work->tokens_done;
	int32_t **sums = work->group->sums;

	if (!work->slice->products && !sums)
		accumulate(pass, first, tokens, work->tile.out);
	else if (!work->slice->products && work->last)
		accumulate(pass, first, tokens, sums[work->tokens_done / RILL_TILE_TOKENS]);
	work->records_done = 0;
	work->tokens_done += tokens;
	if (work->tokens_done < work->route_count)
		return;
	if (work->slice->products)
		use_products(pass, work->slice, work->group);
	if (work->last)
		put_sums(work, work->group);
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
	int64_t out[RILL_MAX_HIDDEN];

	home = &pass->copies[rill_pass_copy(pass, token, pass->homes[token])];
	if (home->acc)
		rill_tile_output(hidden, home->acc, pass->block.out_shift, out);
	else
		memset(out, 0, hidden * sizeof(*out));
	return rill_mmu_write(pass->chip, pass->ctx,
			      pass->block.out + token * hidden * sizeof(*out), out,
			      hidden * sizeof(*out), fault);
}

void rill_mac_clear(struct rill_pass_state *pass)
{
	struct rill_mac_work *work = pass->work;
	size_t i;

	if (!work)
		return;
	for (i = 0; i < pass->copy_count; i++)
		if (pass->copies[i].acc)
			rill_mac_accumulator_put(work, pass->copies[i].acc);
	for (i = 0; i < pass->slice_count; i++)
		put_products(work, &pass->slices[i]);
	for (i = 0; i < pass->group_count; i++)
		put_sums(work, &pass->groups[i]);
	work->slice = NULL;
	pass->work = NULL;
}
