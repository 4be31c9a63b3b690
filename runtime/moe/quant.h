/* SPDX-License-Identifier: MIT */
/* The rounding of rill_stream.h, written once more so that the reference owes the chip nothing. */
#ifndef RILL_QUANT_H
#define RILL_QUANT_H

#include <stdint.h>

/* v / 2^shift, rounded to nearest, ties to even. */
static inline int64_t rill_round_shift(int64_t v, unsigned int shift)
{
	uint64_t rest, half;
	int64_t floor;

	if (!shift)
		return v;
	floor = v >> shift;
	rest = (uint64_t)v & ((1ULL << shift) - 1);
	half = 1ULL << (shift - 1);
	return floor + (rest > half || (rest == half && (floor & 1)));
}

static inline int8_t rill_saturate(int64_t v)
{
	return v > INT8_MAX ? INT8_MAX : v < INT8_MIN ? INT8_MIN : v;
}

/* mult is at most 2^31 - 1, so the product fits 64 bits. */
static inline int8_t rill_requantise(int32_t v, uint32_t mult, unsigned int shift)
{
	return rill_saturate(rill_round_shift((int64_t)v * mult, shift));
}

#endif
