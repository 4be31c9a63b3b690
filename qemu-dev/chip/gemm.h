/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact products of signed bytes into int32. Matrices are row major. */
#ifndef RILL_CHIP_GEMM_H
#define RILL_CHIP_GEMM_H

#include <stddef.h>
#include <stdint.h>

struct rill_gemm;

/* Uses oneDNN where it is installed and exact on this processor, else plain C alone. */
struct rill_gemm *rill_gemm_new(void);
void rill_gemm_free(struct rill_gemm *gemm);
const char *rill_gemm_name(const struct rill_gemm *gemm);

/* c[m][n] = a[m][k] . b[n][k]^T, rows of b are ldb apart */
void rill_gemm_nt(const struct rill_gemm *gemm, size_t m, size_t n, size_t k,
		  const int8_t *a, const int8_t *b, size_t ldb, int32_t *c);
/* c[m][n] = a[m][k] . b[k][n], rows of b are ldb apart */
void rill_gemm_nn(const struct rill_gemm *gemm, size_t m, size_t n, size_t k,
		  const int8_t *a, const int8_t *b, size_t ldb, int32_t *c);

#endif
