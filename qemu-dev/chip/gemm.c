// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Matrix products: kernels of our own where there are some for this processor. Else plain C that
 * the compiler vectorises, and oneDNN where that is faster (measured: from 16 rows on if b is
 * transposed, from 2 rows on if not). oneDNN is loaded at run time: it is large, and a guest does
 * without it.
 */
#include "vectorise.h"
#include "gemm.h"
#include "gemm_vnni.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NT_LIBRARY_ROWS	16
#define NN_LIBRARY_ROWS	2
#define PROBE		64

typedef int gemm_s8s8s32(char transa, char transb, char offset, int64_t m, int64_t n, int64_t k,
			 float alpha, const int8_t *a, int64_t lda, int8_t ao, const int8_t *b,
			 int64_t ldb, int8_t bo, float beta, int32_t *c, int64_t ldc,
			 const int32_t *co);

struct rill_gemm {
	const struct rill_gemm_kernel *kernel;	/* NULL: library or plain C */
	void *library;
	gemm_s8s8s32 *call;
	void (*set_threads)(int threads);
};

RILL_CLONES static void widen(size_t n, const int8_t *from, int16_t *to)
{
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = from[i];
}

RILL_CLONES static int32_t dot(size_t k, const int16_t *a, const int16_t *b)
{
	int32_t sum = 0;
	size_t i;

	for (i = 0; i < k; i++)
		sum += (int32_t)a[i] * b[i];
	return sum;
}

/* Four rows of a at a time use each value of b four times. */
RILL_CLONES static void dot4(size_t k, const int16_t *a, const int16_t *b, int32_t *sum)
{
	const int16_t *a1 = a + k, *a2 = a1 + k, *a3 = a2 + k;
	int32_t s0 = 0, s1 = 0, s2 = 0, s3 = 0;
	size_t i;

	for (i = 0; i < k; i++) {
		s0 += (int32_t)a[i] * b[i];
		s1 += (int32_t)a1[i] * b[i];
		s2 += (int32_t)a2[i] * b[i];
		s3 += (int32_t)a3[i] * b[i];
	}
	sum[0] = s0;
	sum[1] = s1;
	sum[2] = s2;
	sum[3] = s3;
}

static void plain_nt_row(size_t m, size_t n, size_t k, const int16_t *a, const int16_t *b,
			 int32_t *c)
{
	int32_t sum[4];
	size_t i;

	for (; m >= 4; m -= 4, a += 4 * k, c += 4 * n) {
		dot4(k, a, b, sum);
		for (i = 0; i < 4; i++)
			c[i * n] = sum[i];
	}
	for (; m; m--, a += k, c += n)
		*c = dot(k, a, b);
}

static bool plain_nt(size_t m, size_t n, size_t k, const int8_t *a, const int8_t *b, size_t ldb,
		     int32_t *c)
{
	int16_t *wide = malloc((m + 1) * k * sizeof(*wide)), *row = wide + m * k;
	size_t j;

	if (!wide)
		return false;
	widen(m * k, a, wide);
	for (j = 0; j < n; j++) {
		widen(k, b + j * ldb, row);
		plain_nt_row(m, n, k, wide, row, c + j);
	}
	free(wide);
	return true;
}

/* A product of two bytes fits 16 bits: |a * b| <= 2^14. */
RILL_CLONES static void add_scaled(size_t n, int16_t a, const int8_t *b, int32_t *c)
{
	size_t i;

	for (i = 0; i < n; i++)
		c[i] += (int16_t)(a * (int16_t)b[i]);
}

static void plain_nn(size_t m, size_t n, size_t k, const int8_t *a, const int8_t *b, size_t ldb,
		     bool add, int32_t *c)
{
	size_t t, i;

	if (!add)
		memset(c, 0, m * n * sizeof(*c));
	for (i = 0; i < k; i++)
		for (t = 0; t < m; t++)
			if (a[t * k + i])
				add_scaled(n, a[t * k + i], b + i * ldb, c + t * n);
}

static void library_call(const struct rill_gemm *gemm, bool transposed, size_t m, size_t n,
			 size_t k, const int8_t *a, const int8_t *b, size_t ldb, bool add,
			 int32_t *c)
{
	const int32_t zero = 0;

	if (gemm->set_threads)
		gemm->set_threads(1);	/* the caller's thread only: others have work of their own */
	gemm->call('N', transposed ? 'T' : 'N', 'F', m, n, k, 1.0f, a, k, 0, b, ldb, 0,
		   add, c, n, &zero);
}

void rill_gemm_nt(const struct rill_gemm *gemm, size_t m, size_t n, size_t k,
		  const int8_t *a, const int8_t *b, size_t ldb, int32_t *c)
{
	size_t t, j;

	if (gemm->kernel) {
		gemm->kernel->nt(m, n, k, a, b, ldb, c);
		return;
	}
	if (gemm->call && m >= NT_LIBRARY_ROWS) {
		library_call(gemm, true, m, n, k, a, b, ldb, false, c);
		return;
	}
	if (plain_nt(m, n, k, a, b, ldb, c))
		return;
	for (t = 0; t < m; t++) {	/* no memory: slow, but right */
		for (j = 0; j < n; j++) {
			int32_t sum = 0;
			size_t i;

			for (i = 0; i < k; i++)
				sum += a[t * k + i] * b[j * ldb + i];
			c[t * n + j] = sum;
		}
	}
}

void rill_gemm_nn(const struct rill_gemm *gemm, size_t m, size_t n, size_t k,
		  const int8_t *a, const int8_t *b, size_t ldb, bool add, int32_t *c)
{
	if (gemm->kernel)
		gemm->kernel->nn(m, n, k, a, b, ldb, add, c);
	else if (gemm->call && m >= NN_LIBRARY_ROWS)
		library_call(gemm, false, m, n, k, a, b, ldb, add, c);
	else
		plain_nn(m, n, k, a, b, ldb, add, c);
}

/*
 * On processors without VNNI, oneDNN adds pairs of products in 16 bits and
 * saturates. Extreme values show it. c starts beyond what a float holds.
 */
static bool library_is_exact(const struct rill_gemm *gemm)
{
	static const int8_t extremes[] = { -128, 127, -128, -128, 127, 127, 0, 1 };
	int8_t a[PROBE * PROBE], b[PROBE * PROBE];
	int32_t got[PROBE * PROBE], want[PROBE * PROBE];
	size_t i;

	for (i = 0; i < PROBE * PROBE; i++) {
		a[i] = extremes[i * 7 / 3 % 8];
		b[i] = extremes[i * 5 / 2 % 8];
	}
	library_call(gemm, true, PROBE, PROBE, PROBE, a, b, PROBE, false, got);
	if (!plain_nt(PROBE, PROBE, PROBE, a, b, PROBE, want) || memcmp(got, want, sizeof(got)))
		return false;
	for (i = 0; i < PROBE * PROBE; i++)
		got[i] = want[i] = (1 << 28) + i;
	library_call(gemm, false, PROBE, PROBE, PROBE, a, b, PROBE, true, got);
	plain_nn(PROBE, PROBE, PROBE, a, b, PROBE, true, want);
	return !memcmp(got, want, sizeof(got));
}

static bool load_library(struct rill_gemm *gemm)
{
	static const char *const names[] = { "libdnnl.so.3", "libdnnl.so.2" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]) && !gemm->library; i++)
		gemm->library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!gemm->library)
		return false;
	*(void **)&gemm->call = dlsym(gemm->library, "dnnl_gemm_s8s8s32");
	*(void **)&gemm->set_threads = dlsym(gemm->library, "omp_set_num_threads");
	return gemm->call && library_is_exact(gemm);
}

static bool is_usable(struct rill_gemm *gemm, enum rill_gemm_kind kind)
{
	switch (kind) {
	case RILL_GEMM_VNNI:
		gemm->kernel = rill_gemm_vnni();
		return gemm->kernel;
	case RILL_GEMM_LIBRARY:
		return load_library(gemm);
	default:
		return kind == RILL_GEMM_PLAIN;
	}
}

struct rill_gemm *rill_gemm_new_kind(enum rill_gemm_kind kind)
{
	struct rill_gemm *gemm = calloc(1, sizeof(*gemm));

	if (gemm && !is_usable(gemm, kind)) {
		free(gemm);
		return NULL;
	}
	return gemm;
}

struct rill_gemm *rill_gemm_new(void)
{
	struct rill_gemm *gemm = NULL;
	int kind;

	for (kind = 0; !gemm && kind < RILL_GEMM_KINDS; kind++)
		gemm = rill_gemm_new_kind(kind);
	return gemm;
}

/* The library stays loaded: its threads may not be unloaded under them. */
void rill_gemm_free(struct rill_gemm *gemm)
{
	free(gemm);
}

const char *rill_gemm_name(const struct rill_gemm *gemm)
{
	return gemm->kernel ? gemm->kernel->name : gemm->call ? "oneDNN" : "plain C";
}
