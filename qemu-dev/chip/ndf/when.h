/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WHEN: membrane, decoding, and the firing of a PRED. */
#ifndef RILL_CHIP_NDF_WHEN_H
#define RILL_CHIP_NDF_WHEN_H

#include "alu.h"
#include "fifo.h"

/* Right shifts of negative integers are arithmetic with every compiler that has __int128. */
typedef __int128 ndf_wide_int;

struct ndf_spikes {
	uint64_t fired;			/* dimensions */
	uint64_t id;
	uint8_t q;
	bool emit;
};

/* when.c */
void ndf_decode_ranked(const struct ndf_when *when, const int64_t *v, const int64_t *theta,
		       struct ndf_spikes *spikes);
void ndf_reset(const struct ndf_when *when, int64_t *v, const int64_t *theta, uint64_t fired);
/* plastic.c */
void ndf_record(const struct ndf_when *when, struct ndf_when_run *run, const int64_t *x, uint64_t fired);
void ndf_learn(const struct ndf_when *when, struct ndf_when_run *run, uint64_t lesson);
size_t ndf_history_words(const struct ndf_when *when);

NDF_INLINE int64_t ndf_saturate(ndf_wide_int v, unsigned int width)
{
	int64_t max = (int64_t)(ndf_low_bits(width) >> 1), min = -max - 1;

	if (NDF_UNLIKELY(v > max))
		return max;
	return NDF_UNLIKELY(v < min) ? min : (int64_t)v;
}

NDF_INLINE void ndf_decode(const struct ndf_when *when, unsigned int q, const int64_t *v, const int64_t *theta,
			   struct ndf_spikes *spikes)
{
	const struct ndf_entry *entry;
	uint64_t s = 0;
	unsigned int k;

	spikes->q = (uint8_t)q;
	if (when->decode != RILL_NDF_DECODE_TABLE) {
		ndf_decode_ranked(when, v, theta, spikes);
		return;
	}
	for (k = 0; k < when->dims; k++)
		s |= (uint64_t)(v[k] >= theta[k]) << k;
	entry = &when->table[(uint64_t)q << when->dims | s];
	*spikes = (struct ndf_spikes){ .fired = s, .id = entry->id, .q = entry->next, .emit = entry->emit };
}

/* Take one token of each input in `taken`: v = sat(v - (v >> leak) + (x^T W >> x_frac) + b) */
NDF_INLINE void ndf_integrate(struct rill_ndf_engine *engine, struct ndf_node *n, const struct ndf_when *when,
			      const struct ndf_when_run *run, uint64_t taken, int64_t *v, int64_t *x,
			      const bool hooked)
{
	unsigned int dims = when->dims, k;
	ndf_wide_int sum[RILL_NDF_MAX_DIMS];

	for (k = 0; k < dims; k++)
		sum[k] = 0;
	for (; taken; taken &= taken - 1) {
		unsigned int i = (unsigned int)__builtin_ctzll(taken);
		int64_t word = ndf_signed(ndf_pop(engine, n, ndf_input(engine, n, i), hooked));
		const int32_t *weights = run->weights + (size_t)i * dims;

		if (x)
			x[i] = word;
		for (k = 0; k < dims; k++)
			sum[k] += (ndf_wide_int)word * weights[k];
	}
	for (k = 0; k < dims; k++) {
		sum[k] = (sum[k] >> when->x_frac) + run->bias[k];
		if (!when->plain)
			sum[k] += (ndf_wide_int)run->v[k] - (when->leak ? run->v[k] >> when->leak : 0);
		v[k] = ndf_saturate(sum[k], when->width);
	}
}

/* What a PRED waits for in its state, or for a lesson */
NDF_INLINE uint32_t ndf_when_want(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_when *when,
				  const struct ndf_when_run *run)
{
	struct ndf_node *n = &engine->nodes[node];
	bool lesson = n->code == NDF_CODE_LESSON;
	uint64_t need = lesson ? 0 : when->need[run->q];

	if (NDF_UNLIKELY(n->fan == NDF_WIDE)) {
		struct ndf_wide *wide = &engine->wide[engine->wide_at[node]];

		wide->want = need;
		wide->want_extra = lesson;
		wide->want_out = !lesson;
		wide->want_own = lesson ? 0 : ndf_own_inputs(engine->program, node, 1) & ~need;
		return 0;
	}
	if (lesson)
		return 1u << when->inputs;
	if (NDF_UNLIKELY(n->shape & NDF_SHAPE_OWN))
		return (uint32_t)need | ndf_port_bits(engine->program, node, 1, need);
	return (uint32_t)need | (uint32_t)(ndf_low_bits(n->fan) << engine->program->nodes[node].inputs);
}

NDF_INLINE void ndf_emit(struct rill_ndf_engine *engine, uint32_t node, uint64_t id, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	uint32_t fan = n->fan == NDF_WIDE ? ndf_fan(engine->program, node) : n->fan;

	ndf_push_range(engine, n, n->out, n->out + fan, id, hooked);
}

NDF_INLINE void ndf_fire_when(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_when *when = &engine->program->whens[n->in2];
	struct ndf_when_run *run = &engine->whens[n->in2];
	int64_t x[RILL_NDF_MAX_PORTS], v[RILL_NDF_MAX_DIMS];
	struct ndf_spikes spikes;

	ndf_begin(n);
	engine->when++;
	if (when->plastic)
		memset(x, 0, sizeof(x));
	ndf_integrate(engine, n, when, run, when->need[run->q], v, when->plastic ? x : NULL, hooked);
	ndf_decode(when, run->q, v, run->theta, &spikes);
	run->q = spikes.q;
	if (!when->plain) {
		memcpy(run->v, v, when->dims * sizeof(*v));
		if (when->plastic)
			ndf_record(when, run, x, spikes.fired);
		ndf_reset(when, run->v, run->theta, spikes.fired);
		if (when->plastic && when->plastic->rule && run->samples >= when->plastic->history)
			n->code = NDF_CODE_LESSON;
	}
	ndf_emit(engine, node, spikes.id, hooked);
	ndf_finish(engine, node, ndf_when_want(engine, node, when, run), hooked);
}

NDF_INLINE void ndf_fire_lesson(struct rill_ndf_engine *engine, uint32_t node, const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_when *when = &engine->program->whens[n->in2];
	struct ndf_when_run *run = &engine->whens[n->in2];

	ndf_begin(n);
	engine->lessons++;
	ndf_learn(when, run, ndf_pop(engine, n, ndf_input(engine, n, when->inputs), hooked));
	n->code = NDF_CODE_WHEN;
	ndf_finish(engine, node, ndf_when_want(engine, node, when, run), hooked);
}

/* when.c: EVENT */
void ndf_event_snapshot(struct rill_ndf_engine *engine, uint32_t node);
void ndf_fire_event(struct rill_ndf_engine *engine, uint32_t node);

#endif
