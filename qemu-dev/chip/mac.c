// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The arithmetic of a slice that passes tokens, exactly as rill_stream.h states
 * it. It is done in tiles, so that the caller gets the chip back in between.
 */
#include "engine.h"
#include "gemm.h"
#include "pass.h"

#include <stdlib.h>
#include <string.h>

#define TILE_TOKENS	64
#define TILE_RECORDS	128
#define TILE_MACS	(1u << 25)

struct rill_mac_work {
	const struct rill_group *group;
	const struct rill_slice_state *slice;
	uint32_t tokens_done, records_done;
	int8_t x[TILE_TOKENS * RILL_MAX_HIDDEN];
	int8_t h[TILE_TOKENS * TILE_RECORDS];
	int32_t gate[TILE_TOKENS * TILE_RECORDS];
	int32_t up[TILE_TOKENS * TILE_RECORDS];
	int32_t out[TILE_TOKENS * RILL_MAX_HIDDEN];
};

/* value >> shift, rounded half to even */
static int64_t shift_even(int64_t value, unsigned int shift)
{
	int64_t floor, rest, half;

	if (!shift)
		return value;
	floor = value >> shift;
	rest = value & ((1LL << shift) - 1);
	half = 1LL << (shift - 1);
	return floor + (rest > half || (rest == half && (floor & 1)));
}

static int8_t requant(int32_t value, uint32_t mult, unsigned int shift)
{
	int64_t q = shift_even((int64_t)value * mult, shift);

	return q < INT8_MIN ? INT8_MIN : q > INT8_MAX ? INT8_MAX : q;
}

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

void rill_mac_begin(struct rill_pass_state *pass, uint32_t group, uint32_t slice)
{
	if (!pass->work)
		return;
	pass->work->group = &pass->groups[group];
	pass->work->slice = &pass->slices[slice];
	pass->work->tokens_done = 0;
	pass->work->records_done = 0;
}

static struct rill_copy_state *copy_at(struct rill_pass_state *pass, uint32_t route)
{
	return &pass->copies[pass->routes[pass->work->group->route_first + route].copy];
}

static void gather(struct rill_pass_state *pass, uint32_t tokens)
{
	struct rill_mac_work *work = pass->work;
	size_t hidden = pass->block.hidden;
	uint32_t i;

	for (i = 0; i < tokens; i++)
		memcpy(work->x + i * hidden,
		       pass->x + copy_at(pass, work->tokens_done + i)->token * hidden, hidden);
}

static void activate(struct rill_pass_state *pass, size_t count)
{
	struct rill_mac_work *work = pass->work;
	const struct rill_stream *b = &pass->streams[work->group->stream].block;
	size_t i;

	for (i = 0; i < count; i++) {
		int8_t g = requant(work->gate[i], b->gate_mult, b->gate_shift);
		int8_t u = requant(work->up[i], b->up_mult, b->up_shift);

		work->h[i] = requant(pass->silu[g + 128] * u, b->act_mult, b->act_shift);
	}
}

static bool accumulate(struct rill_pass_state *pass, uint32_t tokens)
{
	struct rill_mac_work *work = pass->work;
	size_t hidden = pass->block.hidden, n;
	uint32_t i;

	for (i = 0; i < tokens; i++) {
		uint32_t route = work->tokens_done + i;
		struct rill_copy_state *copy = copy_at(pass, route);
		int64_t weight = pass->routes[work->group->route_first + route].weight;
		const int32_t *out = work->out + i * hidden;

		if (!copy->acc)
			copy->acc = calloc(hidden, sizeof(*copy->acc));
		if (!copy->acc)
			return false;
		for (n = 0; n < hidden; n++)
			copy->acc[n] += out[n] * weight;
	}
	return true;
}

static void compute_tile(struct rill_pass_state *pass, uint32_t tokens, uint32_t records)
{
	const struct rill_gemm *gemm = pass->chip->engine->gemm;
	struct rill_mac_work *work = pass->work;
	size_t d = pass->block.hidden;
	const int8_t *w = (const int8_t *)work->slice->weights + work->records_done * 3 * d;

	gather(pass, tokens);
	rill_gemm_nt(gemm, tokens, records, d, work->x, w, 3 * d, work->gate);
	rill_gemm_nt(gemm, tokens, records, d, work->x, w + d, 3 * d, work->up);
	activate(pass, (size_t)tokens * records);
	rill_gemm_nn(gemm, tokens, d, records, work->h, w + 2 * d, 3 * d, work->out);
	if (!accumulate(pass, tokens))
		pass->broken = true;
}

bool rill_mac_step(struct rill_pass_state *pass)
{
	struct rill_mac_work *work = pass->work;
	uint32_t tokens, records, fit;

	if (!work || !work->group)
		return false;
	tokens = work->group->route_count - work->tokens_done;
	if (tokens > TILE_TOKENS)
		tokens = TILE_TOKENS;
	records = work->slice->records - work->records_done;
	fit = TILE_MACS / (3 * pass->block.hidden * tokens);
	if (fit > TILE_RECORDS)
		fit = TILE_RECORDS;
	if (records > fit)
		records = fit ? fit : 1;
	compute_tile(pass, tokens, records);
	work->records_done += records;
	if (work->records_done < work->slice->records)
		return true;
	work->records_done = 0;
	work->tokens_done += tokens;
	if (work->tokens_done == work->group->route_count)
		work->group = NULL;
	return work->group;
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
	free(from->acc);
	from->acc = NULL;
}

bool rill_mac_output(struct rill_pass_state *pass, uint32_t token, struct rill_fault *fault)
{
	const struct rill_copy_state *home;
	size_t hidden = pass->block.hidden, n;
	int64_t out[RILL_MAX_HIDDEN];

	home = &pass->copies[rill_pass_copy(pass, token, pass->homes[token])];
	for (n = 0; n < hidden; n++)
		out[n] = home->acc ? shift_even(home->acc[n], pass->block.out_shift) : 0;
	return rill_mmu_write(pass->chip, pass->ctx,
			      pass->block.out + token * hidden * sizeof(*out), out,
			      hidden * sizeof(*out), fault);
}

void rill_mac_clear(struct rill_pass_state *pass)
{
	size_t i;

	for (i = 0; i < pass->copy_count; i++)
		free(pass->copies[i].acc);
	free(pass->work);
	pass->work = NULL;
}
