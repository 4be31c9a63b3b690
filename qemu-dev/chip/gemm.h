/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact products of signed bytes into int32. Matrices are row major. */
#ifndef RILL_CHIP_GEMM_H
#define RILL_CHIP_GEMM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rill_gemm;

enum rill_gemm_kind {
	RILL_GEMM_VNNI,			/* our own kernels for AVX-512 VNNI */
	RILL_GEMM_LIBRARY,		/* oneDNN where it is faster than plain C */
	RILL_GEMM_PLAIN,
	RILL_GEMM_KINDS
};

/* The first kind that there is here and that is exact on this processor. */
struct rill_gemm *rill_gemm_new(void);
/* That kind: NULL if there is none here, or no memory. */
struct rill_gemm *rill_gemm_new_kind(enum rill_gemm_kind kind);
void rill_gemm_free(struct rill_gemm *gemm);
const char *rill_gemm_name(const struct rill_gemm *gemm);

/* c[m][n] = a[m][k] . b[n][k]^T, rows of b are ldb apart */
void rill_gemm_nt(const struct rill_gemm *gemm, size_t m, size_t n, size_t k,
		  const int8_t *a, const int8_t *b, size_t ldb, int32_t *c);
/* c[m][n] = a[m][k] . b[k][n], or c += that; rows of b are ldb apart */
void rill_gemm_nn(const struct rill_gemm *gemm, size_t m, size_t n, size_t k,
		  const int8_t *a, const int8_t *b, size_t ldb, bool add, int32_t *c);

#endif
