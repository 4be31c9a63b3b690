// SPDX-License-Identifier: MIT
/*
 * Plain C that compilers vectorise, built once for each instruction set: the bodies are
 * inlined into functions with a target attribute, and the processor is asked at run time.
 */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")	/* at O2 gcc leaves these loops scalar */
#endif

#include <endian.h>
#include <stddef.h>

#include "kernel.h"
#include "rill_stream.h"

#define INLINE static inline __attribute__((always_inline))

INLINE void pattern_body(uint64_t *words, uint64_t seed, uint64_t counter, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		words[i] = htole64(rill_pattern(seed, counter + i));
}

INLINE void widen_body(int16_t *restrict to, const int8_t *restrict from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		to[i] = from[i];
}

INLINE int32_t dot_body(const int16_t *restrict a, const int16_t *restrict b, uint32_t count)
{
	int32_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += a[i] * b[i];
	return sum;
}

#define DOWN_ROWS 8

/* Products of int8 values fit int16. */
INLINE int32_t product(int16_t h, int16_t w)
{
	return (int16_t)(h * w);
}

/* Eight rows at once, so that p is loaded and stored an eighth as often. */
INLINE void down_rows(int32_t *restrict p, const int16_t *restrict h, const int16_t *restrict w,
		      uint32_t count)
{
	const int16_t *w0 = w, *w1 = w0 + count, *w2 = w1 + count, *w3 = w2 + count;
	const int16_t *w4 = w3 + count, *w5 = w4 + count, *w6 = w5 + count, *w7 = w6 + count;

	for (uint32_t n = 0; n < count; n++)
		p[n] += product(h[0], w0[n]) + product(h[1], w1[n]) + product(h[2], w2[n]) +
			product(h[3], w3[n]) + product(h[4], w4[n]) + product(h[5], w5[n]) +
			product(h[6], w6[n]) + product(h[7], w7[n]);
}

INLINE void down_body(int32_t *restrict p, const int16_t *restrict h, const int16_t *restrict w,
		      uint32_t rows, uint32_t count)
{
	uint32_t j = 0;

	for (uint32_t n = 0; n < count; n++)
		p[n] = 0;
	for (; j + DOWN_ROWS <= rows; j += DOWN_ROWS)
		down_rows(p, h + j, w + (size_t)j * count, count);
	for (; j < rows; j++)
		for (uint32_t n = 0; n < count; n++)
			p[n] += product(h[j], w[(size_t)j * count + n]);
}

#define KERNEL(set, attributes) \
attributes static void pattern_##set(uint64_t *words, uint64_t seed, uint64_t counter, \
				     uint32_t count) \
{ \
	pattern_body(words, seed, counter, count); \
} \
attributes static void widen_##set(int16_t *to, const int8_t *from, uint32_t count) \
{ \
	widen_body(to, from, count); \
} \
attributes static int32_t dot_##set(const int16_t *a, const int16_t *b, uint32_t count) \
{ \
	return dot_body(a, b, count); \
} \
attributes static void down_##set(int32_t *p, const int16_t *h, const int16_t *w, \
				  uint32_t rows, uint32_t count) \
{ \
	down_body(p, h, w, rows, count); \
} \
static const struct rill_kernel kernel_##set = { \
	.name = #set, .pattern = pattern_##set, .widen = widen_##set, .dot = dot_##set, \
	.down = down_##set, \
}

KERNEL(plain, );

#if defined(__x86_64__)

#define AVX512 "avx512f,avx512bw,avx512dq,avx512vl"

KERNEL(avx2, __attribute__((target("avx2"))));
KERNEL(avx512, __attribute__((target(AVX512))));

const struct rill_kernel *rill_kernel_at(unsigned int index)
{
	if (index == 0)
		return &kernel_plain;
	if (index == 1 && __builtin_cpu_supports("avx2"))
		return &kernel_avx2;
	if (index == 2 && __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
		return &kernel_avx512;
	return NULL;
}

#else

const struct rill_kernel *rill_kernel_at(unsigned int index)
{
	return index ? NULL : &kernel_plain;
}

#endif

const struct rill_kernel *rill_kernel_best(void)
{
	const struct rill_kernel *kernel = rill_kernel_at(0), *next;

	for (unsigned int i = 1; (next = rill_kernel_at(i)); i++)
		kernel = next;
	return kernel;
}
