// SPDX-License-Identifier: GPL-2.0-or-later
#include "vectorise.h"
#include "int4.h"
#include "rill_stream.h"

#include <stdbool.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define GROUP_BYTES	(RILL_INT4_GROUP / 2)
#define AHEAD		4096	/* bytes that are fetched in advance: a slice comes from memory */

static unsigned int scale_of(const uint8_t *scales, size_t group)
{
	return scales[group / 2] >> (group % 2 * 4) & 0xf;
}

static inline __attribute__((always_inline)) int8_t signed_nibble(uint8_t nibble)
{
	return (int8_t)(nibble << 4) >> 4;
}

RILL_CLONES static void expand_group(const uint8_t *from, int8_t scale, int8_t *to)
{
	size_t i;

	for (i = 0; i < GROUP_BYTES; i++) {
		to[2 * i] = signed_nibble(from[i] & 0xf) * scale;
		to[2 * i + 1] = signed_nibble(from[i] >> 4) * scale;
	}
}

#if defined(__x86_64__)

#define AVX512	__attribute__((target("avx512f,avx512bw")))

/* What each of 16 nibbles is worth under a scale, in each lane */
AVX512 static __m512i values_of(unsigned int scale)
{
	const __m128i weights = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1);
	__m256i values = _mm256_mullo_epi16(_mm256_cvtepi8_epi16(weights), _mm256_set1_epi16(scale));

	return _mm512_broadcast_i32x4(_mm_packs_epi16(_mm256_castsi256_si128(values),
						      _mm256_extracti128_si256(values, 1)));
}

/* A shuffle looks the nibbles of a group up. */
AVX512 static void expand_avx512(const uint8_t *from, const uint8_t *scales, size_t groups,
				 int8_t *to)
{
	__m512i values[16];
	size_t i;

	for (i = 0; i < 16; i++)
		values[i] = values_of(i);
	for (i = 0; i < groups; i++, from += GROUP_BYTES, to += RILL_INT4_GROUP) {
		__m512i pairs = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)from));
		__m512i nibbles = _mm512_or_si512(pairs, _mm512_slli_epi16(pairs, 4));

		_mm_prefetch(from + AHEAD, _MM_HINT_T0);
		nibbles = _mm512_and_si512(nibbles, _mm512_set1_epi8(0xf));
		_mm512_storeu_si512(to, _mm512_shuffle_epi8(values[scale_of(scales, i)], nibbles));
	}
}

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

#else

static void expand_avx512(const uint8_t *from, const uint8_t *scales, size_t groups, int8_t *to)
{
}

static bool has_avx512(void)
{
	return false;
}

#endif

void rill_int4_expand(const uint8_t *record, size_t hidden, int8_t *to)
{
	size_t groups = 3 * hidden / RILL_INT4_GROUP, i;
	const uint8_t *scales = record + groups * GROUP_BYTES;

	if (has_avx512()) {
		expand_avx512(record, scales, groups, to);
		return;
	}
	for (i = 0; i < groups; i++)
		expand_group(record + i * GROUP_BYTES, scale_of(scales, i), to + i * RILL_INT4_GROUP);
}
