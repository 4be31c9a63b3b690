// SPDX-License-Identifier: MIT
/*
 * Three tokens in one 64-bit word, 21 bits each: one scalar multiplication by a weight serves them
 * all. A product is within 2^14, so 32 of them add up within 2^19 and a field cannot run into the
 * next. For processors where vector instructions are slow.
 */
#include <endian.h>
#include <string.h>

#include "kernel.h"
#include "rill_stream.h"

#define FIELD	21
#define RUN	32	/* products before fields are unpacked */

/* Fields are signed: a negative one has borrowed from the next, which giving it back mends. */
static inline int64_t take_field(uint64_t *word)
{
	int64_t field = (int64_t)(*word << (64 - FIELD)) >> (64 - FIELD);

	*word = (int64_t)(*word - (uint64_t)field) >> FIELD;
	return field;
}

static inline uint64_t pack_fields(int64_t a, int64_t b, int64_t c)
{
	return (uint64_t)a + ((uint64_t)b << FIELD) + ((uint64_t)c << 2 * FIELD);
}

static inline uint64_t pack_h(const struct rill_hs *h)
{
	return pack_fields(h->token[0], h->token[1], h->token[2]);
}

static inline uint64_t weight(uint64_t word)
{
	return (uint64_t)(int64_t)(int8_t)word;
}

static void weights_packed(void *to, uint64_t seed, uint64_t counter, uint32_t count)
{
	uint64_t *words = to;

	for (uint32_t i = 0; i < count / 8; i++)
		words[i] = rill_pattern(seed, counter + i);
}

static void take_packed(void *to, const int8_t *from, uint32_t count)
{
	uint64_t *words = to;

	memcpy(words, from, count);
	for (uint32_t i = 0; i < count / 8; i++)
		words[i] = le64toh(words[i]);
}

static void pack_packed(void *to, const int8_t *const *x, uint32_t tokens, uint32_t count)
{
	const int8_t *a = x[0], *b = tokens > 1 ? x[1] : NULL, *c = tokens > 2 ? x[2] : NULL;
	uint64_t *words = to;

	for (uint32_t i = 0; i < count; i++)
		words[i] = pack_fields(a[i], b ? b[i] : 0, c ? c[i] : 0);
}

static void add_fields(struct rill_sums *sums, uint64_t word)
{
	for (int t = 0; t < RILL_KERNEL_TOKENS; t++)
		sums->token[t] += take_field(&word);
}

static void dot_run(struct rill_sums *sums, const uint64_t *x,
		    const uint64_t *const *w, uint32_t first, uint32_t words)
{
	uint64_t a0 = 0, a1 = 0, a2 = 0, a3 = 0;

	for (uint32_t i = first; i < first + words; i++) {
		uint64_t w0 = w[0][i], w1 = w[1][i], w2 = w[2][i], w3 = w[3][i];

#pragma GCC unroll 8
		for (int k = 0; k < 8; k++) {
			uint64_t v = x[8 * i + k];

			a0 += v * weight(w0 >> 8 * k);
			a1 += v * weight(w1 >> 8 * k);
			a2 += v * weight(w2 >> 8 * k);
			a3 += v * weight(w3 >> 8 * k);
		}
	}
	add_fields(&sums[0], a0);
	add_fields(&sums[1], a1);
	add_fields(&sums[2], a2);
	add_fields(&sums[3], a3);
}

static void dot_packed(struct rill_sums *sums, const void *x,
		       const void *const *columns, uint32_t count)
{
	const uint64_t *w[RILL_KERNEL_DOTS] = { columns[0], columns[1], columns[2], columns[3] };
	uint32_t words = count / 8;

	memset(sums, 0, RILL_KERNEL_DOTS * sizeof(*sums));
	for (uint32_t i = 0; i < words; i += RUN / 8)
		dot_run(sums, x, w, i, words - i < RUN / 8 ? words - i : RUN / 8);
}

/* Eight elements of p, over a run of rows */
static void down_run(int32_t *p, const uint64_t *h, const uint64_t *w, size_t stride, uint32_t rows,
		     uint32_t count)
{
	uint64_t a[8] = { 0 };

	for (uint32_t j = 0; j < rows; j++) {
		uint64_t word = w[j * stride], v = h[j];

#pragma GCC unroll 8
		for (int k = 0; k < 8; k++)
			a[k] += v * weight(word >> 8 * k);
	}
	for (int k = 0; k < 8; k++)
		for (int t = 0; t < RILL_KERNEL_TOKENS; t++)
			p[(size_t)t * count + k] += take_field(&a[k]);
}

static void down_packed(int32_t *p, const struct rill_hs *h, const void *w,
			size_t stride, uint32_t rows, uint32_t count)
{
	const uint64_t *words = w;
	uint64_t packed[RUN];

	memset(p, 0, RILL_KERNEL_TOKENS * (size_t)count * sizeof(*p));
	for (uint32_t j = 0; j < rows; j += RUN) {
		uint32_t run = rows - j < RUN ? rows - j : RUN;

		for (uint32_t i = 0; i < run; i++)
			packed[i] = pack_h(&h[j + i]);
		for (uint32_t n = 0; n < count; n += 8)
			down_run(p + n, packed, words + (j * stride + n) / 8, stride / 8, run,
				 count);
	}
}

const struct rill_kernel rill_kernel_packed = {
	.name = "packed", .tokens = RILL_KERNEL_TOKENS,
	.weight_bytes = 1, .x_bytes = sizeof(uint64_t),
	.weights = weights_packed, .take = take_packed, .pack = pack_packed, .dot = dot_packed, .down = down_packed,
};
