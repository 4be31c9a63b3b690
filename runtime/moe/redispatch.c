// SPDX-License-Identifier: MIT
/*
 * Token re-dispatch. Where homes are uneven, tokens of the busiest chiplet are computed on the least busy one,
 * one after the other, as far as the estimate of the pass's time falls: a smooth maximum of DDR, MAC and links
 * (where two take alike, they wait for each other now and then), plus sending accumulators back at the end.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "sites.h"

#define SMOOTH		10.0		/* two equal terms count for 1.07 of one */
#define WORTH		0.999		/* of the time: what is won must be more than nothing */

struct redispatch {
	const struct rill_sites_input *in;
	uint16_t *at;
	uint32_t (*count)[RILL_MAX_CHIPLETS];	/* tokens of an expert computed on a chiplet */
	uint32_t *moved;		/* tokens, in the order of moving */
	uint32_t moves;
	double macs[RILL_MAX_CHIPLETS];
	double sent[RILL_MAX_CHIPLETS];	/* accumulators' bytes that a chiplet sends back */
	double ddr;			/* seconds; the others are bytes */
	double streamed, carried;	/* over all links: of weights, of tokens */
	double links;			/* directed, between allowed chiplets */
};

static double expert_bytes(const struct redispatch *r, uint32_t expert)
{
	return (double)rill_layer_width(r->in->layer, expert) * rill_record_bytes(r->in->layer);
}

/* Bytes over links for an expert: a slice goes from its entry through all chiplets that need it. */
static double streamed_bytes(const struct redispatch *r, uint32_t expert)
{
	const struct rill_plan_array *array = r->in->array;
	uint32_t visits = 0, entries = 0;

	for (uint32_t i = 0; i < array->chiplets; i++)
		visits += r->count[expert][array->chiplet[i]] != 0;
	for (uint32_t d = 0; d < array->channels; d++)
		entries += r->count[expert][r->in->chip->channel_chiplet[array->channel[d]]] != 0;
	return visits ? expert_bytes(r, expert) * (visits - (double)entries / array->channels) : 0;
}

static double estimate(const struct redispatch *r)
{
	const struct rill_plan_chip *chip = r->in->chip;
	double mac = 0, sent = 0, link;

	for (uint32_t c = 0; c < RILL_MAX_CHIPLETS; c++) {
		mac = r->macs[c] > mac ? r->macs[c] : mac;
		sent = r->sent[c] > sent ? r->sent[c] : sent;
	}
	mac /= chip->mac_per_second;
	link = (r->streamed + r->carried) / r->links / chip->link_bytes_per_second;
	return pow(pow(r->ddr, SMOOTH) + pow(mac, SMOOTH) + pow(link, SMOOTH), 1 / SMOOTH) +
	       sent / chip->link_bytes_per_second;
}

static void add_token(struct redispatch *r, uint32_t t, uint32_t chiplet, int sign)
{
	for (uint32_t i = 0; i < rill_layer_picks(r->in->layer, t); i++) {
		uint32_t expert;
		int32_t weight;

		rill_layer_select(r->in->layer, t, i, &expert, &weight);
		r->streamed -= streamed_bytes(r, expert);
		r->count[expert][chiplet] += sign;
		r->streamed += streamed_bytes(r, expert);
	}
	r->macs[chiplet] += sign * (double)rill_token_macs(r->in->layer, t);
}

/* Compute t on another chiplet: from home, or back to it. */
static void move(struct redispatch *r, uint32_t t, uint32_t to)
{
	uint32_t home = r->in->homes[t], away = to == home ? r->at[t] : to;
	int sign = to == home ? -1 : 1;
	double bytes = rill_moved_bytes(r->in->layer) * rill_plan_hops(r->in->chip, home, away);

	add_token(r, t, r->at[t], -1);
	r->at[t] = to;
	add_token(r, t, to, 1);
	r->carried += sign * bytes;
	r->sent[away] += sign * (double)(rill_moved_bytes(r->in->layer) - r->in->layer->model->hidden);
}

/* Bytes more that are streamed if t is computed there */
static double move_cost(const struct redispatch *r, uint32_t t, uint32_t to)
{
	double bytes = 0;

	for (uint32_t i = 0; i < rill_layer_picks(r->in->layer, t); i++) {
		uint32_t expert;
		int32_t weight;

		rill_layer_select(r->in->layer, t, i, &expert, &weight);
		bytes += r->count[expert][to] ? 0 : expert_bytes(r, expert);
		bytes -= r->count[expert][r->at[t]] == 1 ? expert_bytes(r, expert) : 0;
	}
	return bytes;
}

static void busiest_and_least(const struct redispatch *r, uint32_t *from, uint32_t *to)
{
	const struct rill_plan_array *array = r->in->array;

	*from = *to = array->chiplet[0];
	for (uint32_t i = 1; i < array->chiplets; i++) {
		uint32_t c = array->chiplet[i];

		*from = r->macs[c] > r->macs[*from] ? c : *from;
		*to = r->macs[c] < r->macs[*to] ? c : *to;
	}
}

/* A token to move, or UINT32_MAX. */
static uint32_t cheapest(const struct redispatch *r, uint32_t from, uint32_t to)
{
	uint32_t best = UINT32_MAX;
	double least = 0;

	for (uint32_t t = 0; t < r->in->layer->tokens; t++) {
		double cost;

		if (r->at[t] != from || r->in->homes[t] != from ||
		    r->macs[to] + rill_token_macs(r->in->layer, t) >= r->macs[from])
			continue;
		cost = move_cost(r, t, to);
		if (best == UINT32_MAX || cost < least) {
			best = t;
			least = cost;
		}
	}
	return best;
}

/* Move tokens while there is anything to win, then take back what did not pay. */
static void redispatch(struct redispatch *r)
{
	double best = estimate(r);
	uint32_t worth = 0, from, to, t;

	while (r->moves < r->in->layer->tokens) {
		double time;

		busiest_and_least(r, &from, &to);
		t = cheapest(r, from, to);
		if (t == UINT32_MAX)
			break;
		move(r, t, to);
		r->moved[r->moves++] = t;
		time = estimate(r);
		if (time >= best * WORTH)
			continue;
		best = time;
		worth = r->moves;
	}
	while (r->moves > worth) {
		t = r->moved[--r->moves];
		move(r, t, r->in->homes[t]);
	}
}

static void start(struct redispatch *r)
{
	const struct rill_plan_array *array = r->in->array;
	double bytes = 0;

	for (uint32_t t = 0; t < r->in->layer->tokens; t++)
		add_token(r, t, r->at[t], 1);
	for (uint32_t e = 0; e < r->in->counts->experts; e++)
		bytes += r->in->counts->n[e] ? expert_bytes(r, e) : 0;
	r->ddr = bytes / array->channels / r->in->chip->ddr_bytes_per_second;
	for (uint32_t i = 0; i < array->chiplets; i++)
		for (uint32_t j = 0; j < array->chiplets; j++)
			r->links += rill_plan_hops(r->in->chip, array->chiplet[i], array->chiplet[j]) == 1;
}

int rill_sites_redispatch(const struct rill_sites_input *in, struct rill_sites *sites)
{
	struct redispatch r = { .in = in, .at = sites->at };
	bool room;

	if (in->array->chiplets < 2)
		return 0;
	r.count = calloc(in->counts->experts, sizeof(*r.count));
	r.moved = calloc(in->layer->tokens, sizeof(*r.moved));
	room = r.count && r.moved;
	if (room) {
		start(&r);
		if (r.links > 0)	/* else the allowed chiplets are not neighbours */
			redispatch(&r);
	}
	free(r.moved);
	free(r.count);
	return room ? 0 : -ENOMEM;
}
