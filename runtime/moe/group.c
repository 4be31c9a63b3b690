// SPDX-License-Identifier: MIT
/*
 * Spatial grouping. An expert with few tokens, spread over many chiplets, streams past all of them for little
 * computation. Its tokens are gathered on a few chiplets instead, if that moves fewer bytes over links,
 * leaves no chiplet with more to compute than the pass takes anyway, and fills no more than half of any SRAM.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sites.h"

struct load {
	double macs[RILL_MAX_CHIPLETS];
	uint32_t held[RILL_MAX_CHIPLETS];	/* tokens, at home and copies */
};

struct group {
	const struct rill_sites_input *in;
	struct rill_sites *sites;
	uint64_t *copies;		/* [tokens]: chiplets that have the token's activations */
	uint32_t *tokens;		/* [count] of the expert at hand */
	uint32_t count;
	struct load load;
	double limit;			/* that no chiplet's macs may come to exceed */
	uint32_t room;			/* nor its tokens */
	uint64_t chosen;		/* chiplets, of the expert at hand */
};

static double expert_macs(const struct group *g, uint32_t expert)
{
	return (double)rill_layer_width(g->in->layer, expert) * rill_record_macs(g->in->layer);
}

static void list_tokens(struct group *g, uint32_t expert)
{
	int32_t weight;

	g->count = 0;
	for (uint32_t t = 0; t < g->in->layer->tokens; t++)
		if (rill_plan_selects(g->in->layer, t, expert, &weight))
			g->tokens[g->count++] = t;
}

/* Of the chiplets not yet chosen, the one with most of the expert's tokens; of several, the least busy. */
static uint32_t best_chiplet(const struct group *g, const uint32_t *tokens)
{
	const struct rill_plan_array *array = g->in->array;
	uint32_t best = UINT32_MAX;

	for (uint32_t i = 0; i < array->chiplets; i++) {
		uint32_t c = array->chiplet[i];

		if (g->chosen >> c & 1)
			continue;
		if (best == UINT32_MAX || tokens[c] > tokens[best] ||
		    (tokens[c] == tokens[best] && g->load.macs[c] < g->load.macs[best]))
			best = c;
	}
	return best;
}

/* The chiplets that the expert needs so far; then those that it is to be gathered on. */
static uint64_t choose_chiplets(struct group *g)
{
	uint32_t tokens[RILL_MAX_CHIPLETS] = { 0 };
	uint64_t need = 0;

	for (uint32_t i = 0; i < g->count; i++) {
		tokens[g->sites->at[g->tokens[i]]]++;
		need |= 1ULL << g->sites->at[g->tokens[i]];
	}
	g->chosen = 0;
	for (uint32_t i = 0; i < g->in->options->group && i < g->in->array->chiplets; i++)
		g->chosen |= 1ULL << best_chiplet(g, tokens);
	return need;
}

/* Where a token of the expert goes: it stays if it can, else to the nearest, of several the least busy. */
static uint32_t destination(const struct group *g, uint32_t t, const double *macs)
{
	uint32_t at = g->sites->at[t], best = at;
	uint32_t least = UINT32_MAX;

	if (g->chosen >> at & 1)
		return at;
	for (uint64_t rest = g->chosen; rest; rest &= rest - 1) {
		uint32_t c = __builtin_ctzll(rest), hops = rill_plan_hops(g->in->chip, at, c);

		if (hops < least || (hops == least && macs[c] < macs[best])) {
			best = c;
			least = hops;
		}
	}
	return best;
}

/* Bytes over links to stream the expert past these chiplets */
static double streamed_bytes(const struct group *g, uint32_t expert, uint64_t need)
{
	const struct rill_plan_array *array = g->in->array;
	double bytes = (double)rill_layer_width(g->in->layer, expert) * rill_record_bytes(g->in->layer);
	uint32_t entries = 0;

	for (uint32_t d = 0; d < array->channels; d++)
		entries += need >> g->in->chip->channel_chiplet[array->channel[d]] & 1;
	return bytes * (__builtin_popcountll(need) - (double)entries / array->channels);
}

/* Try it: the sites go into `to`, what chiplets have then into `load`; the bytes that copies of tokens cost. */
static double gather(const struct group *g, uint32_t expert, uint8_t *to, struct load *load)
{
	double bytes = 0;

	for (uint32_t i = 0; i < g->count; i++) {
		uint32_t t = g->tokens[i], c = destination(g, t, load->macs);

		load->macs[g->sites->at[t]] -= expert_macs(g, expert);
		load->macs[c] += expert_macs(g, expert);
		to[t] = c;
		if (g->copies[t] >> c & 1)
			continue;
		load->held[c]++;
		bytes += rill_moved_bytes(g->in->layer) *
			 rill_plan_hops(g->in->chip, g->in->homes[t], c);
	}
	return bytes;
}

static bool overloads(const struct group *g, const struct load *load)
{
	for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++)
		if ((load->macs[c] > g->limit && load->macs[c] > g->load.macs[c]) ||
		    (load->held[c] > g->room && load->held[c] > g->load.held[c]))
			return true;
	return false;
}

static void try_expert(struct group *g, uint32_t expert)
{
	uint8_t *to = g->sites->gathered + (size_t)expert * g->sites->tokens;
	struct load load = g->load;
	uint64_t need;
	double moved;

	list_tokens(g, expert);
	need = choose_chiplets(g);
	if ((uint32_t)__builtin_popcountll(need) <= g->in->options->group)
		return;
	moved = gather(g, expert, to, &load);
	if (moved >= streamed_bytes(g, expert, need) - streamed_bytes(g, expert, g->chosen) ||
	    overloads(g, &load))
		return;
	g->load = load;
	for (uint32_t i = 0; i < g->count; i++)
		g->copies[g->tokens[i]] |= 1ULL << to[g->tokens[i]];
	g->sites->gathers[expert] = true;
}

/* A pass takes at least as long as DDR, and as the busiest chiplet so far. */
static void start(struct group *g)
{
	const struct rill_sites_input *in = g->in;
	double bytes = 0;

	for (uint32_t t = 0; t < in->layer->tokens; t++) {
		g->load.macs[g->sites->at[t]] += rill_token_macs(in->layer, t);
		g->copies[t] = 1ULL << in->homes[t] | 1ULL << g->sites->at[t];
		g->load.held[in->homes[t]]++;
		g->load.held[g->sites->at[t]] += g->sites->at[t] != in->homes[t];
	}
	for (uint32_t e = 0; e < in->counts->experts; e++)
		if (in->counts->n[e])
			bytes += (double)rill_layer_width(in->layer, e) * rill_record_bytes(in->layer);
	g->limit = bytes / in->array->channels / in->chip->ddr_bytes_per_second * in->chip->mac_per_second;
	for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++)
		g->limit = g->load.macs[c] > g->limit ? g->load.macs[c] : g->limit;
	g->room = in->chip->sram_bytes / 2 / rill_moved_bytes(in->layer);
}

/* Tokens on a chiplet for which a slice takes as long to compute as to load */
static double balance(const struct rill_sites_input *in)
{
	double load = (double)rill_record_bytes(in->layer) / in->array->channels /
		      in->chip->ddr_bytes_per_second;

	return load * in->chip->mac_per_second / rill_record_macs(in->layer);
}

int rill_sites_group(const struct rill_sites_input *in, struct rill_sites *sites)
{
	struct group g = { .in = in, .sites = sites };
	double most = balance(in) * in->options->group;
	size_t tokens = in->layer->tokens;
	bool room;

	sites->gathered = calloc(in->counts->experts, tokens);
	sites->gathers = calloc(in->counts->experts, sizeof(*sites->gathers));
	g.copies = calloc(tokens, sizeof(*g.copies));
	g.tokens = calloc(tokens, sizeof(*g.tokens));
	room = sites->gathered && sites->gathers && g.copies && g.tokens;
	if (room) {
		start(&g);
		for (uint32_t e = 0; e < in->counts->experts; e++)
			if (in->counts->n[e] > 1 && in->counts->n[e] <= most)
				try_expert(&g, e);
	}
	free(g.copies);
	free(g.tokens);
	return room ? 0 : -ENOMEM;
}
