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
void ndf_fire_pred(struct rill_ndf_engine *engine, uint32_t node);
void ndf_fire_lesson(struct rill_ndf_engine *engine, uint32_t node);
/* What a PRED waits for in its state, or for a lesson */
uint32_t ndf_when_want(struct rill_ndf_engine *engine, uint32_t node);
/* v = sat(x^T W + b) of a quick WHEN */
void ndf_sum_exactly(const struct ndf_when *when, uint64_t taken, const int64_t *x, int64_t *v);
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

/* v = x^T W + b of a quick WHEN. False: the sum went out of 64 bits on its way. */
NDF_INLINE bool ndf_sum_quickly(struct rill_ndf_engine *engine, struct ndf_node *n, const struct ndf_when *when,
				const unsigned int dims, int64_t *v, int64_t *x, const bool hooked)
{
	uint64_t taken = when->need[n->op];
	uint32_t lost = 0;
	bool over = false;
	unsigned int k;

	for (k = 0; k < dims; k++)
		v[k] = when->bias[k];
	for (; taken; taken &= taken - 1) {
		unsigned int i = (unsigned int)__builtin_ctzll(taken);
		const int32_t *weights = when->weights + (size_t)i * dims;

		x[i] = ndf_signed(ndf_take(engine, ndf_input(engine, n, i), &lost, hooked));
		for (k = 0; k < dims; k++) {
			int64_t product;

			over |= __builtin_mul_overflow(x[i], (int64_t)weights[k], &product);
			over |= __builtin_add_overflow(v[k], product, &v[k]);
		}
	}
	n->have &= ~lost;
	return !over;
}

/* What fires of a quick WHEN. With one and two dimensions, which are most, their number is a constant. */
NDF_INLINE uint64_t ndf_spikes_quickly(struct rill_ndf_engine *engine, struct ndf_node *n,
				       const struct ndf_when *when, const unsigned int dims, const bool hooked)
{
	int64_t x[RILL_NDF_MAX_PORTS], v[RILL_NDF_MAX_DIMS];
	uint64_t s = 0;
	unsigned int k;

	if (NDF_UNLIKELY(!ndf_sum_quickly(engine, n, when, dims, v, x, hooked)))
		ndf_sum_exactly(when, when->need[n->op], x, v);
	for (k = 0; k < dims; k++)
		s |= (uint64_t)(v[k] >= when->theta[k]) << k;
	return s;
}

NDF_INLINE void ndf_fire_quickly(struct rill_ndf_engine *engine, uint32_t node, const struct ndf_when *when,
				 const bool hooked)
{
	struct ndf_node *n = &engine->nodes[node];
	const struct ndf_entry *entry;
	uint64_t s;

	engine->when++;
	n->want = UINT32_MAX;
	if (when->dims == 1)
		s = ndf_spikes_quickly(engine, n, when, 1, hooked);
	else if (when->dims == 2)
		s = ndf_spikes_quickly(engine, n, when, 2, hooked);
	else
		s = ndf_spikes_quickly(engine, n, when, when->dims, hooked);
	entry = &when->table[(uint64_t)n->op << when->dims | s];
	n->op = entry->next;
	ndf_give_all(engine, n, entry->id, hooked);
	ndf_finish_narrow(engine, node, when->wants[entry->next], hooked);
}

/* when.c: EVENT */
void ndf_event_snapshot(struct rill_ndf_engine *engine, uint32_t node);
void ndf_fire_event(struct rill_ndf_engine *engine, uint32_t node);

#endif
