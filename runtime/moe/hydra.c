// SPDX-License-Identifier: MIT
/*
 * Hydra-like: expert parallelism with experts placed by popularity. What popularity is was measured on
 * other tokens than the pass's. Experts are dealt from the most popular on, each to the chiplet that is
 * expected to be through soonest with it; then chiplets exchange all they hold where that brings experts
 * nearer to the homes of their tokens.
 *
 *  hydra         whole experts, as ep
 *  hydra-sliced  micro-slices, as ep-sliced
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "pinned.h"

#define SWAP_ROUNDS	8		/* more changed nothing any more */

/* What a chiplet or a channel is expected to do, seconds */
struct load {
	double ddr, mac, longer;
	uint32_t experts;
};

struct hydra {
	struct rill_pinned p;
	struct load expert[RILL_MAX_EXPERTS];
	struct load chiplet[RILL_MAX_CHIPLETS];		/* by position in the array */
	struct load channel[RILL_MAX_CHANNELS];
	/* From the homes of their tokens to the experts at a position, if they were at another one */
	double hops[RILL_MAX_CHIPLETS][RILL_MAX_CHIPLETS];
};

/*
 * Of an expert for a pass of so many tokens: it is loaded if any of them selects it, and computes with each that
 * does. One that nobody was seen to select gets half a token.
 */
static void expect(struct hydra *h, uint32_t expert)
{
	const struct rill_layer *layer = h->p.layer;
	const struct rill_popularity *popularity = h->p.options->popularity;
	double picks = popularity->picks[expert] ? popularity->picks[expert] : 0.5;
	double chance = picks < popularity->tokens ? picks / popularity->tokens : 1;
	double records = rill_layer_width(layer, expert);
	struct load *load = &h->expert[expert];

	load->ddr = (1 - pow(1 - chance, layer->tokens)) * records * rill_record_bytes(layer) /
		    h->p.chip->ddr_bytes_per_second;
	load->mac = chance * layer->tokens * records * rill_record_macs(layer) / h->p.chip->mac_per_second;
	load->longer = load->ddr > load->mac ? load->ddr : load->mac;
}

static void add(struct load *to, const struct load *load)
{
	to->ddr += load->ddr;
	to->mac += load->mac;
	to->longer += load->longer;
	to->experts++;
}

/* A double buffer of whole experts overlaps the load of one with the computation of another. */
static double through(const struct hydra *h, const struct load *load)
{
	if (h->p.whole)
		return load->longer;
	return load->ddr > load->mac ? load->ddr : load->mac;
}

/* When a position would be through with the expert too: itself, or the channel that it would load from */
static double cost(const struct hydra *h, uint32_t expert, uint32_t position)
{
	const struct rill_near *near = &h->p.near[position];
	struct load load = h->chiplet[position];
	double time, channel = 0;

	add(&load, &h->expert[expert]);
	time = through(h, &load);
	for (uint32_t i = 0; i < near->count; i++)
		channel += h->channel[near->channel[i]].ddr / near->count;
	channel += h->expert[expert].ddr;
	return time > channel ? time : channel;
}

static void put(struct hydra *h, uint32_t expert, uint32_t position)
{
	const struct rill_near *near = &h->p.near[position];

	h->p.at[expert] = position;
	add(&h->chiplet[position], &h->expert[expert]);
	for (uint32_t i = 0; i < near->count; i++)
		h->channel[near->channel[i]].ddr += h->expert[expert].ddr / near->count;
}

/* Chiplets hold no more experts than they must: weights take DDR, popular or not. */
static void deal(struct hydra *h, uint32_t expert)
{
	uint32_t chiplets = h->p.array.chiplets, experts = h->p.layer->model->experts, best = 0;
	uint32_t most = (experts + chiplets - 1) / chiplets;
	double least = INFINITY;

	for (uint32_t i = 0; i < chiplets; i++) {
		double time = cost(h, expert, i);

		if (h->chiplet[i].experts < most && time < least) {
			least = time;
			best = i;
		}
	}
	put(h, expert, best);
}

/* Most popular first, then by number */
static void deal_all(struct hydra *h)
{
	uint32_t experts = h->p.layer->model->experts, order[RILL_MAX_EXPERTS];
	const uint32_t *picks = h->p.options->popularity->picks;

	for (uint32_t e = 0; e < experts; e++) {
		uint32_t at = e;

		expect(h, e);
		for (; at && picks[e] > picks[order[at - 1]]; at--)
			order[at] = order[at - 1];
		order[at] = e;
	}
	for (uint32_t i = 0; i < experts; i++)
		deal(h, order[i]);
}

/* --- affinity --- */

static void measure_hops(struct hydra *h)
{
	const struct rill_plan_array *array = &h->p.array;

	for (uint32_t e = 0; e < h->p.layer->model->experts; e++)
		for (uint32_t i = 0; i < array->chiplets; i++) {
			const uint32_t *home = h->p.options->popularity->home[e];
			double *hops = &h->hops[h->p.at[e]][i];

			for (uint32_t k = 0; k < array->chiplets; k++)
				*hops += (double)home[array->chiplet[k]] *
					 rill_plan_hops(h->p.chip, array->chiplet[k], array->chiplet[i]);
		}
}

/* Exchange what two positions hold if that saves hops. what[i]: number of the group at position i. */
static bool exchange(const struct hydra *h, uint16_t *what, uint32_t i, uint32_t j)
{
	uint16_t a = what[i], b = what[j];

	if (h->p.near[i].count != h->p.near[j].count ||
	    h->hops[a][j] + h->hops[b][i] >= h->hops[a][i] + h->hops[b][j])
		return false;
	what[i] = b;
	what[j] = a;
	return true;
}

/*
 * Groups of experts change places. Where a channel serves several chiplets, only such as load from one channel
 * too, so that channels stay level.
 */
static bool may_exchange(const struct hydra *h, uint32_t i, uint32_t j)
{
	return h->p.array.chiplets <= h->p.array.channels ||
	       h->p.near[i].channel[0] == h->p.near[j].channel[0];
}

static void bring_near(struct hydra *h)
{
	uint16_t what[RILL_MAX_CHIPLETS], where[RILL_MAX_CHIPLETS];
	uint32_t chiplets = h->p.array.chiplets;
	bool changed = true;

	measure_hops(h);
	for (uint32_t i = 0; i < chiplets; i++)
		what[i] = i;
	for (uint32_t round = 0; round < SWAP_ROUNDS && changed; round++) {
		changed = false;
		for (uint32_t i = 0; i < chiplets; i++)
			for (uint32_t j = 0; j < i; j++)
				if (may_exchange(h, i, j))
					changed |= exchange(h, what, i, j);
	}
	for (uint32_t i = 0; i < chiplets; i++)
		where[what[i]] = i;
	for (uint32_t e = 0; e < h->p.layer->model->experts; e++)
		h->p.at[e] = where[h->p.at[e]];
}

/* --- plans --- */

static int check(const struct rill_layer *layer, const struct rill_plan_options *options,
		 const char *name, char *error)
{
	const struct rill_popularity *popularity = options->popularity;

	if (!popularity)
		return rill_moe_error(error, -EINVAL, "popularity: %s places experts by it", name);
	if (popularity->experts != layer->model->experts)
		return rill_moe_error(error, -EINVAL, "popularity: of %u experts, not the layer's %u",
				      popularity->experts, layer->model->experts);
	if (!popularity->tokens)
		return rill_moe_error(error, -EINVAL, "popularity: no tokens were counted");
	return 0;
}

static int plan_placed(const char *name, bool whole, const struct rill_layer *layer,
		       const struct rill_plan_chip *chip, const struct rill_plan_options *options,
		       struct rill_plan *plan, char *error)
{
	struct hydra *h;
	int err = check(layer, options, name, error);

	*plan = (struct rill_plan){ .strategy = name };
	if (err)
		return err;
	h = calloc(1, sizeof(*h));
	if (!h)
		return rill_moe_error(error, -ENOMEM, "out of memory for a plan");
	h->p = (struct rill_pinned){
		.name = name, .layer = layer, .chip = chip, .options = options, .whole = whole,
	};
	err = rill_pinned_begin(&h->p, error);
	if (!err) {
		deal_all(h);
		bring_near(h);
		err = rill_pinned_plan(&h->p, plan, error);
	}
	free(h);
	return err;
}

static int plan_hydra(const struct rill_layer *layer, const struct rill_plan_chip *chip,
		      const struct rill_plan_options *options, struct rill_plan *plan, char *error)
{
	return plan_placed("hydra", true, layer, chip, options, plan, error);
}

static int plan_hydra_sliced(const struct rill_layer *layer, const struct rill_plan_chip *chip,
			     const struct rill_plan_options *options, struct rill_plan *plan,
			     char *error)
{
	return plan_placed("hydra-sliced", false, layer, chip, options, plan, error);
}

const struct rill_strategy rill_strategy_hydra = {
	.name = "hydra", .wants_popularity = true, .plan = plan_hydra,
};

const struct rill_strategy rill_strategy_hydra_sliced = {
	.name = "hydra-sliced", .wants_popularity = true, .plan = plan_hydra_sliced,
};
