// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VNNI adds four products of an unsigned and a signed byte to an int32. Weights are made unsigned
 * by adding 128, which adds 128 times the sum of the other side's row to a product: that is
 * taken away at the end. No sum leaves int32: |255 * 128 * k| < 2^31 for k up to 2^16.
 */
#include "gemm_vnni.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <string.h>

#define VNNI		__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define INLINE		static inline __attribute__((always_inline)) VNNI
#define LANES		64	/* bytes of a vector */
#define NT_ROWS		6	/* of a at a time */
#define NT_COLUMNS	8	/* rows of b at a time, at most */
#define NT_TOKENS	64	/* rows of a that meet a row of b while that is in the first cache */
#define NN_ROWS		6	/* of a in registers */
#define NN_DEPTH	128	/* rows of b that are packed at a time: they stay in the first cache */
#define NN_TOKENS	64	/* rows of a for which they are packed once */
#define NN_AHEAD	128	/* bytes of a row of b that are fetched in advance */

/* The first `count` bytes of a vector; the rest is zero and is not touched. */
INLINE __mmask64 first_bytes(size_t count)
{
	return count >= LANES ? ~0ULL : (1ULL << count) - 1;
}

INLINE __m512i load(const int8_t *from, __mmask64 mask)
{
	return _mm512_maskz_loadu_epi8(mask, from);
}

INLINE __m512i load_unsigned(const int8_t *from, __mmask64 mask)
{
	return _mm512_xor_si512(load(from, mask), _mm512_set1_epi8(-128));
}

/* _mm512_dpbusd_epi32(), with which gcc 12 copies sums until it runs out of registers. */
INLINE __m512i add_products(__m512i sum, __m512i unsigned_bytes, __m512i signed_bytes)
{
	__asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(unsigned_bytes), "v"(signed_bytes));
	return sum;
}

/* 128 times the sum of a row; four sums at a time, for each waits for the one before. */
VNNI static int32_t excess(const int8_t *row, size_t k)
{
	__m512i ones = _mm512_set1_epi8(1), sum[4];
	size_t i;
	int j;

	for (j = 0; j < 4; j++)
		sum[j] = _mm512_setzero_si512();
	for (i = 0; i + 4 * LANES <= k; i += 4 * LANES)
#pragma GCC unroll 4
		for (j = 0; j < 4; j++)
			sum[j] = add_products(sum[j], ones, load(row + i + j * LANES, ~0ULL));
	for (; i < k; i += LANES)
		sum[0] = add_products(sum[0], ones, load(row + i, first_bytes(k - i)));
	sum[0] = _mm512_add_epi32(_mm512_add_epi32(sum[0], sum[1]),
				  _mm512_add_epi32(sum[2], sum[3]));
	return 128 * _mm512_reduce_add_epi32(sum[0]);
}

/* --- rows of a times rows of b --- */

/* Sums of the lanes of four vectors */
INLINE __m128i add_lanes(__m512i s0, __m512i s1, __m512i s2, __m512i s3)
{
	__m512i t0 = _mm512_add_epi32(_mm512_unpacklo_epi32(s0, s1), _mm512_unpackhi_epi32(s0, s1));
	__m512i t1 = _mm512_add_epi32(_mm512_unpacklo_epi32(s2, s3), _mm512_unpackhi_epi32(s2, s3));
	__m512i t = _mm512_add_epi32(_mm512_unpacklo_epi64(t0, t1), _mm512_unpackhi_epi64(t0, t1));
	__m256i u = _mm256_add_epi32(_mm512_castsi512_si256(t), _mm512_extracti64x4_epi64(t, 1));

	return _mm_add_epi32(_mm256_castsi256_si128(u), _mm256_extracti128_si256(u, 1));
}

/* The next LANES bytes of rows x columns dot products; both are constants, columns 1..4 or 8 */
INLINE void dots_step(const int rows, const int columns, __mmask64 mask, const int8_t *a,
		      size_t lda, const int8_t *b, size_t ldb, __m512i sum[][NT_COLUMNS])
{
	__m512i w[NT_COLUMNS];
	int r, j;

#pragma GCC unroll 8
	for (j = 0; j < columns; j++) {
		if (rows > 1)	/* the next block; a single row of a is done before that helps */
			_mm_prefetch(b + (j + columns) * ldb, _MM_HINT_T0);
		w[j] = load_unsigned(b + j * ldb, mask);
	}
#pragma GCC unroll 8
	for (r = 0; r < rows; r++) {
		__m512i x = load(a + r * lda, mask);

#pragma GCC unroll 8
		for (j = 0; j < columns; j++)
			sum[r][j] = add_products(sum[r][j], w[j], x);
	}
}

/* The sums of up to four vectors, next to each other */
INLINE void store_sums(const __m512i *sum, const int count, int32_t minus, int32_t *c)
{
	__m512i none = _mm512_setzero_si512();
	__m128i s = add_lanes(sum[0], count > 1 ? sum[1] : none, count > 2 ? sum[2] : none,
			      count > 3 ? sum[3] : none);

	s = _mm_sub_epi32(s, _mm_set1_epi32(minus));
	_mm_mask_storeu_epi32(c, count < 4 ? (1 << count) - 1 : 0xf, s);
}

INLINE void dots(const int rows, const int columns, size_t k, const int8_t *a, const int8_t *b,
		 size_t ldb, const int32_t *minus, int32_t *c, size_t ldc)
{
	__m512i sum[NT_ROWS][NT_COLUMNS];
	size_t i;
	int r, j;

#pragma GCC unroll 8
	for (r = 0; r < rows; r++)
#pragma GCC unroll 8
		for (j = 0; j < columns; j++)
			sum[r][j] = _mm512_setzero_si512();
	for (i = 0; i + LANES <= k; i += LANES)
		dots_step(rows, columns, ~0ULL, a + i, k, b + i, ldb, sum);
	if (i < k)
		dots_step(rows, columns, first_bytes(k - i), a + i, k, b + i, ldb, sum);
#pragma GCC unroll 8
	for (r = 0; r < rows; r++)
#pragma GCC unroll 2
		for (j = 0; j < columns; j += 4)
			store_sums(&sum[r][j], columns - j, minus[r], c + r * ldc + j);
}

#define DOTS(rows, columns) \
VNNI static void dots_##rows##_##columns(size_t k, const int8_t *a, const int8_t *b, size_t ldb, \
					 const int32_t *minus, int32_t *c, size_t ldc) \
{ \
	dots(rows, columns, k, a, b, ldb, minus, c, ldc); \
}

#define DOTS_ROWS(rows) \
DOTS(rows, 1) \
DOTS(rows, 2) \
DOTS(rows, 3) \
DOTS(rows, 4)

DOTS_ROWS(1)
DOTS_ROWS(2)
DOTS_ROWS(3)
DOTS_ROWS(4)
DOTS_ROWS(5)
DOTS_ROWS(6)
DOTS(1, 8)

#define BY_COLUMNS(rows) { dots_##rows##_1, dots_##rows##_2, dots_##rows##_3, dots_##rows##_4 }

/* By rows - 1 and columns - 1 */
static void (*const dots_of[NT_ROWS][4])(size_t k, const int8_t *a, const int8_t *b, size_t ldb,
					 const int32_t *minus, int32_t *c, size_t ldc) = {
	BY_COLUMNS(1), BY_COLUMNS(2), BY_COLUMNS(3), BY_COLUMNS(4), BY_COLUMNS(5), BY_COLUMNS(6),
};

/* At most NT_TOKENS rows of a */
VNNI static void nt_tile(size_t m, size_t n, size_t k, const int8_t *a, const int8_t *b, size_t ldb,
			 int32_t *c)
{
	int32_t minus[NT_TOKENS];
	size_t t, j = 0, rows, columns;

	for (t = 0; t < m; t++)
		minus[t] = excess(a + t * k, k);
	for (; m == 1 && j + NT_COLUMNS <= n; j += NT_COLUMNS)
		dots_1_8(k, a, b + j * ldb, ldb, minus, c + j, n);
	for (; j < n; j += columns) {
		columns = n - j < 4 ? n - j : 4;
		for (t = 0; t < m; t += rows) {
			rows = m - t < NT_ROWS ? m - t : NT_ROWS;
			dots_of[rows - 1][columns - 1](k, a + t * k, b + j * ldb, ldb, minus + t,
						       c + t * n + j, n);
		}
	}
}

static void vnni_nt(size_t m, size_t n, size_t k, const int8_t *a, const int8_t *b, size_t ldb,
		    int32_t *c)
{
	size_t t;

	for (t = 0; t < m; t += NT_TOKENS)
		nt_tile(m - t < NT_TOKENS ? m - t : NT_TOKENS, n, k, a + t * k, b, ldb, c + t * n);
}

/* --- rows of a times columns of b --- */

struct block {
	size_t depth;			/* rows of b, a multiple of 4 */
	__m512i w[NN_DEPTH / 4][4];	/* four rows interleaved; vector i: columns 16 l + 4 i + 0..3 */
};

/* 64 columns of `depth` rows of b */
VNNI static void pack(struct block *block, size_t depth, const int8_t *b, size_t ldb,
		      __mmask64 mask)
{
	size_t j;
	int i;

	block->depth = (depth + 3) / 4 * 4;
	for (j = 0; j < block->depth; j += 4, b += 4 * ldb) {
		__m512i row[4], half[4];

#pragma GCC unroll 4
		for (i = 0; i < 4; i++) {
			row[i] = load_unsigned(b + i * ldb, j + i < depth ? mask : 0);
			_mm_prefetch(b + i * ldb + NN_AHEAD, _MM_HINT_T0);
		}
		half[0] = _mm512_unpacklo_epi8(row[0], row[1]);
		half[1] = _mm512_unpackhi_epi8(row[0], row[1]);
		half[2] = _mm512_unpacklo_epi8(row[2], row[3]);
		half[3] = _mm512_unpackhi_epi8(row[2], row[3]);
		block->w[j / 4][0] = _mm512_unpacklo_epi16(half[0], half[2]);
		block->w[j / 4][1] = _mm512_unpackhi_epi16(half[0], half[2]);
		block->w[j / 4][2] = _mm512_unpacklo_epi16(half[1], half[3]);
		block->w[j / 4][3] = _mm512_unpackhi_epi16(half[1], half[3]);
	}
}

/* Four bytes of each row of a at a time, as they meet four rows of b; and what is to be taken away. */
struct quads {
	int32_t quad[NN_DEPTH / 4][NN_TOKENS];
	int32_t minus[NN_TOKENS];
};

static void take_quads(struct quads *q, size_t m, size_t depth, const int8_t *a, size_t lda)
{
	size_t t, j;

	for (t = 0; t < m; t++, a += lda) {
		int32_t sum = 0;

		for (j = 0; j < depth; j += 4) {
			int8_t four[4] = { 0 };
			size_t i;

			for (i = 0; i < 4 && j + i < depth; i++) {
				four[i] = a[j + i];
				sum += four[i];
			}
			memcpy(&q->quad[j / 4][t], four, sizeof(four));
		}
		q->minus[t] = 128 * sum;
	}
}

/* Lane l of vector i goes to lane i of vector l. */
INLINE void transpose_lanes(__m512i *v)
{
	__m512i low01 = _mm512_shuffle_i32x4(v[0], v[1], 0x44);
	__m512i low23 = _mm512_shuffle_i32x4(v[2], v[3], 0x44);
	__m512i high01 = _mm512_shuffle_i32x4(v[0], v[1], 0xee);
	__m512i high23 = _mm512_shuffle_i32x4(v[2], v[3], 0xee);

	v[0] = _mm512_shuffle_i32x4(low01, low23, 0x88);
	v[1] = _mm512_shuffle_i32x4(low01, low23, 0xdd);
	v[2] = _mm512_shuffle_i32x4(high01, high23, 0x88);
	v[3] = _mm512_shuffle_i32x4(high01, high23, 0xdd);
}

/* rows x 64 columns of c; rows is a constant */
INLINE void sum_columns(const int rows, const struct block *block, const struct quads *q, size_t t,
			bool add, __mmask64 mask, int32_t *c, size_t ldc)
{
	__m512i sum[NN_ROWS][4];
	size_t j;
	int r, i;

#pragma GCC unroll 8
	for (r = 0; r < rows; r++)
#pragma GCC unroll 4
		for (i = 0; i < 4; i++)
			sum[r][i] = _mm512_set1_epi32(-q->minus[t + r]);
	for (j = 0; j < block->depth / 4; j++) {
#pragma GCC unroll 8
		for (r = 0; r < rows; r++) {
			__m512i four = _mm512_set1_epi32(q->quad[j][t + r]);

#pragma GCC unroll 4
			for (i = 0; i < 4; i++)
				sum[r][i] = add_products(sum[r][i], block->w[j][i], four);
		}
	}
#pragma GCC unroll 8
	for (r = 0; r < rows; r++) {
		transpose_lanes(sum[r]);
#pragma GCC unroll 4
		for (i = 0; i < 4; i++) {
			int32_t *to = c + r * ldc + 16 * i;
			__mmask16 some = mask >> 16 * i;

			if (add)
				sum[r][i] = _mm512_add_epi32(sum[r][i],
							     _mm512_maskz_loadu_epi32(some, to));
			_mm512_mask_storeu_epi32(to, some, sum[r][i]);
		}
	}
}

#define COLUMNS(rows) \
VNNI static void columns_##rows(const struct block *block, const struct quads *q, size_t t, \
				bool add, __mmask64 mask, int32_t *c, size_t ldc) \
{ \
	sum_columns(rows, block, q, t, add, mask, c, ldc); \
}

COLUMNS(1)
COLUMNS(2)
COLUMNS(3)
COLUMNS(4)
COLUMNS(5)
COLUMNS(6)

typedef void columns_function(const struct block *block, const struct quads *q, size_t t,
			      bool add, __mmask64 mask, int32_t *c, size_t ldc);

static columns_function *const columns_by_rows[] = {
	NULL, columns_1, columns_2, columns_3, columns_4, columns_5, columns_6,
};

/* At most NN_TOKENS rows of a, NN_DEPTH rows of b */
VNNI static void nn_tile(size_t m, size_t n, size_t depth, const int8_t *a, size_t lda,
			 const int8_t *b, size_t ldb, bool add, int32_t *c)
{
	struct block block;
	struct quads q;
	size_t t, i, rows;

	take_quads(&q, m, depth, a, lda);
	for (i = 0; i < n; i += LANES) {
		__mmask64 mask = first_bytes(n - i);

		pack(&block, depth, b + i, ldb, mask);
		for (t = 0; t < m; t += rows) {
			rows = m - t < NN_ROWS ? m - t : NN_ROWS;
			columns_by_rows[rows](&block, &q, t, add, mask, c + t * n + i, n);
		}
	}
}

static void vnni_nn(size_t m, size_t n, size_t k, const int8_t *a, const int8_t *b, size_t ldb,
		    bool add, int32_t *c)
{
	size_t t, j;

	for (t = 0; t < m; t += NN_TOKENS)
		for (j = 0; j < k; j += NN_DEPTH)
			nn_tile(m - t < NN_TOKENS ? m - t : NN_TOKENS, n,
				k - j < NN_DEPTH ? k - j : NN_DEPTH, a + t * k + j, k,
				b + j * ldb, ldb, add || j, c + t * n);
}

static const struct rill_gemm_kernel vnni = { "AVX-512 VNNI", vnni_nt, vnni_nn };

const struct rill_gemm_kernel *rill_gemm_vnni(void)
{
	return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512bw") &&
	       __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") ?
	       &vnni : NULL;
}

#else

const struct rill_gemm_kernel *rill_gemm_vnni(void)
{
	return NULL;
}

#endif
