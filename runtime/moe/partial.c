// SPDX-License-Identifier: MIT
/* Sums of partial accumulators, and the rounding that a pass leaves out with out_shift 0. */
#include "internal.h"

void rill_buffering_add(const struct rill_buffering *buffering, uint32_t pass, const int64_t *out,
			int64_t *const *sums)
{
	const struct rill_buffering_pass *part = &buffering->passes[pass];
	uint32_t hidden = part->layer->model->hidden;

	for (uint32_t row = 0; row < part->layer->tokens; row++) {
		int64_t *sum = sums[part->rows[row].batch] + (size_t)part->rows[row].token * hidden;

		for (uint32_t n = 0; n < hidden; n++)
			sum[n] += out[(size_t)row * hidden + n];
	}
}

/* value / 2^shift, rounded half to even */
static int64_t round_shift(int64_t value, uint32_t shift)
{
	int64_t half = shift ? 1LL << (shift - 1) : 0, floor = value >> shift;
	int64_t rest = value - floor * (1LL << shift);

	return floor + (shift && (rest > half || (rest == half && floor & 1)));
}

void rill_buffering_round(const struct rill_layer *batch, int64_t *sums)
{
	size_t elements = (size_t)batch->tokens * batch->model->hidden;

	for (size_t i = 0; i < elements; i++)
		sums[i] = round_shift(sums[i], batch->out_shift);
}
