// SPDX-License-Identifier: GPL-2.0-or-later
/* WHEN: decoding by rank, resets, and the firing of an EVENT. */
#include "when.h"

static bool better(const int64_t *v, const int64_t *theta, unsigned int k, unsigned int than)
{
	return (ndf_wide_int)v[k] - theta[k] > (ndf_wide_int)v[than] - theta[than];
}

/* The greatest v - theta among `left`, the lowest of equals */
static unsigned int winner(const int64_t *v, const int64_t *theta, uint64_t left)
{
	unsigned int best = (unsigned int)__builtin_ctzll(left);

	for (left &= left - 1; left; left &= left - 1) {
		unsigned int k = (unsigned int)__builtin_ctzll(left);

		if (better(v, theta, k, best))
			best = k;
	}
	return best;
}

void ndf_decode_ranked(const struct ndf_when *when, const int64_t *v, const int64_t *theta,
		       struct ndf_spikes *spikes)
{
	unsigned int rounds = when->decode == RILL_NDF_DECODE_WTA ? 1 : when->top, k = 0;
	uint64_t left = ndf_low_bits(when->dims), chosen = 0;

	for (; rounds; rounds--) {
		k = winner(v, theta, left);
		left &= ~(1ULL << k);
		if (!when->event || v[k] >= theta[k])
			chosen |= 1ULL << k;
	}
	spikes->fired = chosen;
	spikes->emit = chosen != 0;
	spikes->id = when->decode == RILL_NDF_DECODE_WTA ? k : chosen;
}

void ndf_reset(const struct ndf_when *when, int64_t *v, const int64_t *theta, uint64_t fired)
{
	if (when->reset == RILL_NDF_RESET_NONE)
		return;
	if (when->reset == RILL_NDF_RESET_ALL) {
		memset(v, 0, when->dims * sizeof(*v));
		return;
	}
	for (; fired; fired &= fired - 1) {
		unsigned int k = (unsigned int)__builtin_ctzll(fired);

		v[k] = when->reset == RILL_NDF_RESET_HARD ? 0 :
		       ndf_saturate((ndf_wide_int)v[k] - theta[k], when->width);
	}
}

/* In a step, what an EVENT takes is what was there when it began. */
void ndf_event_snapshot(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];

	wide->taken = wide->have;
	wide->want_extra = wide->have_extra && engine->whens[engine->nodes[node].in2].waiting;
}

static void fire_prediction(struct rill_ndf_engine *engine, uint32_t node, struct ndf_wide *wide)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_when *when = &engine->program->whens[n->in2];
	struct ndf_when_run *run = &engine->whens[n->in2];
	int64_t x[RILL_NDF_MAX_PORTS] = { 0 };
	struct ndf_spikes spikes, again;

	engine->when++;
	ndf_integrate(engine, n, when, run, wide->taken, run->v, x, engine->hooked);
	ndf_decode(when, run->q, run->v, run->theta, &spikes);
	run->q = spikes.q;
	if (when->plastic)
		ndf_record(when, run, x, spikes.fired);
	wide->ripe = false;
	if (!spikes.emit)
		return;
	ndf_reset(when, run->v, run->theta, spikes.fired);
	ndf_emit(engine, node, spikes.id, engine->hooked);
	ndf_decode(when, run->q, run->v, run->theta, &again);
	wide->ripe = again.emit && again.fired && when->reset != RILL_NDF_RESET_NONE;
}

void ndf_fire_event(struct rill_ndf_engine *engine, uint32_t node)
{
	struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];
	struct ndf_node *n = &engine->nodes[node];

	if (wide->want_extra) {
		const struct ndf_when *when = &engine->program->whens[n->in2];
		struct ndf_arc *teacher = ndf_input(engine, n, when->inputs);

		engine->lessons++;
		ndf_learn(when, &engine->whens[n->in2], ndf_pop(engine, n, teacher, engine->hooked));
	} else {
		fire_prediction(engine, node, wide);
	}
	ndf_finish(engine, node, 0, engine->hooked);
}
