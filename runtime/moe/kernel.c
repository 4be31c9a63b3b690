// SPDX-License-Identifier: MIT
/*
 * Plain C that compilers vectorise, one token at a time in int16, built once for each
 * instruction set: the bodies are inlined into functions with a target attribute, and the
 * processor is asked at run time.
 */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")	/* at O2 gcc leaves these loops scalar */
#endif

#include <endian.h>
#include <stdbool.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "kernel.h"
#include "rill_stream.h"

#define INLINE		static inline __attribute__((always_inline))
#define CHUNK		64	/* words */
#define DOWN_ROWS	8

INLINE void widen(int16_t *restrict to, const int8_t *restrict from, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		to[i] = from[i];
}

INLINE void weights_body(int16_t *to, uint64_t seed, uint64_t counter, uint32_t count)
{
	uint64_t words[CHUNK];

	for (uint32_t at = 0; at < count; at += 8 * CHUNK) {
		uint32_t n = (count - at) / 8 < CHUNK ? (count - at) / 8 : CHUNK;

		for (uint32_t i = 0; i < n; i++)
			words[i] = htole64(rill_pattern(seed, counter + at / 8 + i));
		widen(to + at, (const int8_t *)words, 8 * n);
	}
}

INLINE int32_t dot_one(const int16_t *restrict a, const int16_t *restrict b, uint32_t count)
{
	int32_t sum = 0;

	for (uint32_t i = 0; i < count; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Products of int8 values fit int16. */
INLINE int32_t product(int16_t h, int16_t w)
{
	return (int16_t)(h * w);
}

/* Eight rows at once, so that p is loaded and stored an eighth as often. */
INLINE void down_rows(int32_t *restrict p, const struct rill_hs *h,
		      const int16_t *restrict w, size_t stride, uint32_t count)
{
	const int16_t *w0 = w, *w1 = w0 + stride, *w2 = w1 + stride, *w3 = w2 + stride;
	const int16_t *w4 = w3 + stride, *w5 = w4 + stride, *w6 = w5 + stride, *w7 = w6 + stride;
	const int16_t h0 = h[0].token[0], h1 = h[1].token[0], h2 = h[2].token[0], h3 = h[3].token[0];
	const int16_t h4 = h[4].token[0], h5 = h[5].token[0], h6 = h[6].token[0], h7 = h[7].token[0];

	for (uint32_t n = 0; n < count; n++)
		p[n] += product(h0, w0[n]) + product(h1, w1[n]) + product(h2, w2[n]) +
			product(h3, w3[n]) + product(h4, w4[n]) + product(h5, w5[n]) +
			product(h6, w6[n]) + product(h7, w7[n]);
}

INLINE void down_row(int32_t *restrict p, int16_t h, const int16_t *restrict w, uint32_t count)
{
	for (uint32_t n = 0; n < count; n++)
		p[n] += product(h, w[n]);
}

INLINE void down_body(int32_t *p, const struct rill_hs *h, const int16_t *w,
		      size_t stride, uint32_t rows, uint32_t count)
{
	uint32_t j = 0;

	memset(p, 0, count * sizeof(*p));
	for (; j + DOWN_ROWS <= rows; j += DOWN_ROWS)
		down_rows(p, h + j, w + j * stride, stride, count);
	for (; j < rows; j++)
		down_row(p, h[j].token[0], w + j * stride, count);
}

#define KERNEL(set, attributes) \
attributes static void weights_##set(void *to, uint64_t seed, uint64_t counter, uint32_t count) \
{ \
	weights_body(to, seed, counter, count); \
} \
attributes static void take_##set(void *to, const int8_t *from, uint32_t count) \
{ \
	widen(to, from, count); \
} \
attributes static void pack_##set(void *to, const int8_t *const *x, uint32_t tokens, \
				  uint32_t count) \
{ \
	(void)tokens; \
	widen(to, x[0], count); \
} \
attributes static void dot_##set(struct rill_sums *sums, const void *x, \
				 const void *const *columns, uint32_t count) \
{ \
	for (int i = 0; i < RILL_KERNEL_DOTS; i++) \
		sums[i].token[0] = dot_one(x, columns[i], count); \
} \
attributes static void down_##set(int32_t *p, const struct rill_hs *h, \
				  const void *w, size_t stride, uint32_t rows, uint32_t count) \
{ \
	down_body(p, h, w, stride, rows, count); \
} \
static const struct rill_kernel kernel_##set = { \
	.name = #set, .tokens = 1, .weight_bytes = sizeof(int16_t), .x_bytes = sizeof(int16_t), \
	.weights = weights_##set, .take = take_##set, .pack = pack_##set, .dot = dot_##set, \
	.down = down_##set, \
}

#define ANY_PROCESSOR
KERNEL(plain, ANY_PROCESSOR);

#if defined(__x86_64__)

KERNEL(avx2, __attribute__((target("avx2"))));
KERNEL(avx512, __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))));

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
	       __builtin_cpu_supports("avx512vl");
}

const struct rill_kernel *rill_kernel_at(unsigned int index)
{
	switch (index) {
	case 0:
		return &rill_kernel_packed;
	case 1:
		return &kernel_plain;
	case 2:
		return __builtin_cpu_supports("avx2") ? &kernel_avx2 : NULL;
	case 3:
		return has_avx512() ? &kernel_avx512 : NULL;
	}
	return NULL;
}

/* QEMU translates scalar code well and emulates most vector instructions with calls. */
static bool is_emulated(void)
{
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c >> 31))
		return false;
	__cpuid(0x40000000, a, b, c, d);
	return b == 0x54474354 && c == 0x43544743 && d == 0x47435447;	/* TCGTCGTCGTCG */
}

#else

const struct rill_kernel *rill_kernel_at(unsigned int index)
{
	return index == 0 ? &rill_kernel_packed : index == 1 ? &kernel_plain : NULL;
}

static bool is_emulated(void)
{
	return false;
}

#endif

const struct rill_kernel *rill_kernel_best(void)
{
	const struct rill_kernel *kernel = rill_kernel_at(0), *next;

	if (is_emulated())
		return kernel;
	for (unsigned int i = 1; (next = rill_kernel_at(i)); i++)
		kernel = next;
	return kernel;
}
