// SPDX-License-Identifier: MIT
/*
 * FSE-DP (arXiv 2603.27624; the rules here are our reconstruction, see docs/fse-dp.rst). Tokens
 * stay at home. An expert is cut into micro-slices, striped over all DDR channels, that visit
 * every chiplet with tokens of it. Slices of hot and cold experts are loaded in turn, see load_order.c,
 * so that computing the ones overlaps with loading the others.
 */
#include <errno.h>
#include <stdlib.h>

#include "sites.h"

#define SLOTS		8
#define BALANCED_SLOTS	12
#define CUT_LOADS	4		/* see parts_of() */
#define SPARE_COMPUTE	0.6
#define MIN_SLOTS	3		/* one to fill, one for transit, and the escape slot */

struct fse_dp {
	const struct rill_layer *layer;
	const struct rill_plan_chip *chip;
	const struct rill_plan_options *options;
	struct rill_plan_array array;
	struct rill_plan_counts counts;
	double intensity;
	uint16_t offset[RILL_MAX_EXPERTS];	/* slice s lies behind channel (s + offset) mod D */
	uint64_t load[RILL_MAX_CHANNELS];	/* records of all experts, selected or not */
	struct rill_sites sites;
	uint32_t resident;		/* tokens on the chiplet that holds most */
	uint32_t most[RILL_MAX_EXPERTS];	/* of an expert's tokens, at the chiplet that computes most */
};

static uint32_t slices_of(const struct fse_dp *f, uint32_t expert)
{
	return rill_plan_stripes(f->layer, expert, f->array.channels, f->options->slices);
}

static uint64_t worst_load(const struct fse_dp *f, uint32_t expert, uint32_t offset)
{
	uint32_t channels = f->array.channels, count = slices_of(f, expert);
	uint64_t load[RILL_MAX_CHANNELS] = { 0 }, worst = 0;
	struct rill_plan_slice slice;

	for (uint32_t s = 0; s < count; s++) {
		rill_plan_cut(&slice, s, count, rill_layer_width(f->layer, expert));
		load[(s + offset) % channels] += slice.records;
	}
	for (uint32_t d = 0; d < channels; d++)
		if (worst < load[d] + f->load[d])
			worst = load[d] + f->load[d];
	return worst;
}

static void add_load(struct fse_dp *f, uint32_t expert)
{
	uint32_t count = slices_of(f, expert);
	struct rill_plan_slice slice;

	for (uint32_t s = 0; s < count; s++) {
		rill_plan_cut(&slice, s, count, rill_layer_width(f->layer, expert));
		f->load[(s + f->offset[expert]) % f->array.channels] += slice.records;
	}
}

/*
 * Weights are placed before anybody knows the routing, so offsets balance all experts of the
 * layer. Starting the search at e mod D spreads what is left over.
 */
static void stripe(struct fse_dp *f)
{
	uint32_t channels = f->array.channels;

	for (uint32_t e = 0; e < f->counts.experts; e++) {
		uint64_t best = UINT64_MAX;

		for (uint32_t i = 0; i < channels; i++) {
			uint64_t worst = worst_load(f, e, (e + i) % channels);

			if (worst < best) {
				best = worst;
				f->offset[e] = (e + i) % channels;
			}
		}
		add_load(f, e);
	}
}

/* Hottest, coldest, second hottest, second coldest, ... */
static uint32_t pair_experts(const struct fse_dp *f, uint32_t *order)
{
	uint32_t sorted[RILL_MAX_EXPERTS];
	uint32_t count = rill_plan_hottest(f->layer, &f->counts, sorted);

	for (uint32_t i = 0; i < count; i++)
		order[i] = sorted[i & 1 ? count - 1 - i / 2 : i / 2];
	return count;
}

/*
 * Where DDR and MAC arrays take about equally long, more slots smooth what each expert asks of
 * them, as long as all is well below what a whole expert takes. Fewer where they would not fit.
 */
static uint32_t default_slots(const struct fse_dp *f)
{
	uint32_t fit;
	uint64_t bytes = 1, expert = 0, wanted = SLOTS;

	for (uint32_t e = 0; e < f->counts.experts; e++) {
		uint64_t width = rill_layer_width(f->layer, e), count = slices_of(f, e);
		uint64_t record = rill_record_bytes(f->layer);

		if (f->counts.n[e] && (width + count - 1) / count * record > bytes)
			bytes = (width + count - 1) / count * record;
		if (f->counts.n[e] && width * record > expert)
			expert = width * record;
	}
	if (f->intensity > SPARE_COMPUTE && f->intensity < 1 / SPARE_COMPUTE)
		wanted = expert * 2 / 5 / bytes;
	wanted = wanted < SLOTS ? SLOTS : wanted > BALANCED_SLOTS ? BALANCED_SLOTS : wanted;
	fit = rill_plan_fit(f->layer, f->chip, f->resident, bytes);
	return fit > wanted ? wanted : fit < MIN_SLOTS ? MIN_SLOTS : fit;
}

/* Multiply-accumulates of a token with a byte of weights */
static double byte_macs(const struct fse_dp *f)
{
	return (double)rill_record_macs(f->layer) / rill_record_bytes(f->layer);
}

/* Time on the MAC arrays for the time of loading: of the whole pass */
static double intensity(const struct fse_dp *f)
{
	double bytes = 0, macs = 0, chip_rate = (double)f->chip->mac_per_second * f->array.chiplets;
	double ddr_rate = (double)f->chip->ddr_bytes_per_second * f->array.channels;

	for (uint32_t e = 0; e < f->counts.experts; e++) {
		double expert = (double)rill_layer_width(f->layer, e) * rill_record_bytes(f->layer);

		bytes += f->counts.n[e] ? expert : 0;
		macs += expert * byte_macs(f) * f->counts.n[e];
	}
	return bytes ? macs / chip_rate / (bytes / ddr_rate) : 0;
}

/*
 * What lies together in DDR may be cut further once the routing is known. A slice with many tokens
 * holds its slot long while others wait behind it: cut where computing it takes longer than loading
 * CUT_LOADS slices on all channels does. And where the MAC arrays have time for the start-ups,
 * smaller slices need less SRAM.
 */
static uint32_t parts_of(const struct fse_dp *f, uint32_t expert)
{
	uint32_t count = slices_of(f, expert), most = rill_layer_width(f->layer, expert) / count / 4;
	double compute = f->most[expert] * byte_macs(f) / f->chip->mac_per_second;
	double load = 1.0 / ((double)f->chip->ddr_bytes_per_second * f->array.channels);
	uint32_t parts = compute / (CUT_LOADS * load) + 1;

	if (f->options->slices)
		return 1;
	if (parts < 2 && f->intensity < SPARE_COMPUTE)
		parts = 2;
	if (most > RILL_MAX_SLICES / count)
		most = RILL_MAX_SLICES / count;
	return !most ? 1 : parts < most ? parts : most;
}

static void cut(const struct fse_dp *f, struct rill_plan_stream *stream, uint32_t count,
		uint32_t parts)
{
	uint32_t width = rill_layer_width(f->layer, stream->expert);

	for (uint32_t s = 0; s < count * parts; s++) {
		struct rill_plan_slice *slice = &stream->slices[s], whole, part;

		rill_plan_cut(&whole, s / parts, count, width);
		rill_plan_cut(&part, s % parts, parts, whole.records);
		slice->first = whole.first + part.first;
		slice->records = part.records;
		slice->pin = RILL_NO_PIN;
		slice->channel = f->array.channel[(s / parts + f->offset[stream->expert]) %
						  f->array.channels];
	}
}

static int add_stream(const struct fse_dp *f, struct rill_plan *plan, uint32_t expert, char *error)
{
	uint32_t count = slices_of(f, expert), parts = parts_of(f, expert);
	struct rill_plan_stream *stream;
	int32_t weight;

	stream = rill_plan_stream(plan, expert, count * parts, f->counts.n[expert]);
	if (!stream)
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	cut(f, stream, count, parts);
	for (uint32_t t = 0; t < f->layer->tokens; t++)
		if (rill_plan_selects(f->layer, t, expert, &weight))
			rill_plan_route(stream, t, rill_site(&f->sites, expert, t), weight);
	return 0;
}

/* For each expert the tokens at the chiplet that computes most of them */
static int measure_most(struct fse_dp *f)
{
	uint32_t (*tokens)[RILL_MAX_CHIPLETS] = calloc(f->counts.experts, sizeof(*tokens));

	for (uint32_t t = 0; tokens && t < f->layer->tokens; t++)
		for (uint32_t i = 0; i < rill_layer_picks(f->layer, t); i++) {
			uint32_t expert, here;
			int32_t weight;

			rill_layer_select(f->layer, t, i, &expert, &weight);
			here = ++tokens[expert][rill_site(&f->sites, expert, t)];
			if (here > f->most[expert])
				f->most[expert] = here;
		}
	free(tokens);
	return tokens ? 0 : -ENOMEM;
}

static int choose_sites(struct fse_dp *f, const struct rill_plan *plan, char *error)
{
	const struct rill_sites_input in = {
		.layer = f->layer, .chip = f->chip, .array = &f->array, .counts = &f->counts,
		.options = f->options, .homes = plan->homes,
	};

	if (rill_sites_choose(&in, &f->sites) || measure_most(f))
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	f->resident = rill_sites_resident(&in, &f->sites);
	return 0;
}

static int build(struct fse_dp *f, struct rill_plan *plan, char *error)
{
	uint32_t order[RILL_MAX_EXPERTS], count = pair_experts(f, order);
	int err = rill_plan_homes(f->layer, &f->array, plan, error);

	if (!err)
		err = choose_sites(f, plan, error);
	if (!err)
		err = rill_plan_streams(&f->counts, plan, error);
	plan->slots = f->options->slots ? f->options->slots : default_slots(f);
	for (uint32_t i = 0; i < count && !err; i++)
		err = add_stream(f, plan, order[i], error);
	if (!err && f->options->order == RILL_ORDER_LOOKAHEAD && rill_plan_mix_loads(&f->array, plan))
		err = rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	if (!err)
		err = rill_plan_place(f->layer, f->chip, plan, error);
	return err;
}

static int plan_fse_dp(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		       const struct rill_plan_options *options, struct rill_plan *plan, char *error)
{
	struct fse_dp f = { .layer = layer, .chip = chip, .options = options };
	int err = rill_plan_array(chip, &f.array, error);

	*plan = (struct rill_plan){ .strategy = "fse-dp" };
	if (err)
		return err;
	rill_plan_count(layer, &f.counts);
	f.intensity = intensity(&f);
	stripe(&f);
	err = build(&f, plan, error);
	rill_sites_free(&f.sites);
	if (err)
		rill_plan_free(plan);
	return err;
}

const struct rill_strategy rill_strategy_fse_dp = { .name = "fse-dp", .plan = plan_fse_dp };
