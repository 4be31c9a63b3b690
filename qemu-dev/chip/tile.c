// SPDX-License-Identifier: GPL-2.0-or-later
#include "vectorise.h"
#include "tile.h"

/*
 * value >> shift, rounded half to even: half of the last place less one bit is added, and that bit
 * too where the result would else be odd. No branch, and nothing but sums and shifts, for the loops.
 */
struct rounding {
	unsigned int shift;
	int64_t add, odd;
};

static struct rounding rounding(unsigned int shift)
{
	return (struct rounding){ shift, shift ? (1LL << (shift - 1)) - 1 : 0, shift ? 1 : 0 };
}

static inline __attribute__((always_inline)) int64_t shift_even(int64_t value, struct rounding r)
{
	return (value + r.add + (value >> r.shift & r.odd)) >> r.shift;
}

static inline __attribute__((always_inline)) int8_t requant(int32_t value, int32_t mult,
							    struct rounding r)
{
	int64_t q = shift_even((int64_t)value * mult, r);

	return q < INT8_MIN ? INT8_MIN : q > INT8_MAX ? INT8_MAX : q;
}

RILL_CLONES static void requant_all(size_t n, const int32_t *sums, int32_t mult, struct rounding r,
				    int8_t *to)
{
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = requant(sums[i], mult, r);
}

static void look_up(size_t n, const int8_t *silu, int8_t *g)
{
	size_t i;

	for (i = 0; i < n; i++)
		g[i] = silu[g[i] + 128];
}

RILL_CLONES static void multiply(size_t n, const int8_t *g, const int8_t *u, int32_t mult,
				 struct rounding r, int8_t *h)
{
	size_t i;

	for (i = 0; i < n; i++)
		h[i] = requant(g[i] * u[i], mult, r);
}

void rill_tile_compute(struct rill_tile *tile, const struct rill_gemm *gemm,
		       const struct rill_stream *stream, const int8_t *silu, size_t hidden,
		       size_t tokens, size_t records, const int8_t *weights, bool add, int32_t *out)
{
	const int8_t *up = weights + hidden, *down = weights + 2 * hidden;
	size_t n = tokens * records;

	rill_gemm_nt(gemm, tokens, records, hidden, tile->x, weights, 3 * hidden, tile->sums);
	requant_all(n, tile->sums, stream->gate_mult, rounding(stream->gate_shift), tile->g);
	rill_gemm_nt(gemm, tokens, records, hidden, tile->x, up, 3 * hidden, tile->sums);
	requant_all(n, tile->sums, stream->up_mult, rounding(stream->up_shift), tile->u);
	look_up(n, silu, tile->g);
	multiply(n, tile->g, tile->u, stream->act_mult, rounding(stream->act_shift), tile->h);
	rill_gemm_nn(gemm, tokens, hidden, records, tile->h, down, 3 * hidden, add, out);
}

RILL_CLONES void rill_tile_accumulate(size_t n, const int32_t *out, int32_t weight, int64_t *acc)
{
	size_t i;

	for (i = 0; i < n; i++)
		acc[i] += (int64_t)out[i] * weight;
}

RILL_CLONES static void shift_all(size_t n, const int64_t *acc, struct rounding r, int64_t *to)
{
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = shift_even(acc[i], r);
}

void rill_tile_output(size_t n, const int64_t *acc, unsigned int shift, int64_t *to)
{
	shift_all(n, acc, rounding(shift), to);
}
