/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The arithmetic of rill_stream.h for some records of a slice and some tokens at a time:
 * everything but the tokens' accumulators, which are the pass's.
 */
#ifndef RILL_CHIP_TILE_H
#define RILL_CHIP_TILE_H

#include "gemm.h"
#include "rill_stream.h"

#define RILL_TILE_TOKENS	64
#define RILL_TILE_RECORDS	128

struct rill_tile {
	int8_t x[RILL_TILE_TOKENS * RILL_MAX_HIDDEN];	/* [tokens][hidden], filled by the caller */
	int8_t h[RILL_TILE_TOKENS * RILL_TILE_RECORDS];
	int8_t g[RILL_TILE_TOKENS * RILL_TILE_RECORDS];
	int8_t u[RILL_TILE_TOKENS * RILL_TILE_RECORDS];
	int32_t sums[RILL_TILE_TOKENS * RILL_TILE_RECORDS];
	int32_t out[RILL_TILE_TOKENS * RILL_MAX_HIDDEN];	/* [tokens][hidden], for the caller */
};

/* out[tokens][hidden] = h . W_down over the records, or is added to; silu has 256 entries. */
void rill_tile_compute(struct rill_tile *tile, const struct rill_gemm *gemm,
		       const struct rill_stream *stream, const int8_t *silu, size_t hidden,
		       size_t tokens, size_t records, const int8_t *weights, bool add, int32_t *out);
/* acc[n] += out[n] * weight */
void rill_tile_accumulate(size_t n, const int32_t *out, int32_t weight, int64_t *acc);
/* to[n] = acc[n] >> shift, rounded half to even */
void rill_tile_output(size_t n, const int64_t *acc, unsigned int shift, int64_t *to);

#endif
