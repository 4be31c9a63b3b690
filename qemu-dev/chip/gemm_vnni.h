/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Products of gemm.h, written for one kind of processor. Exact for k up to 2^16. */
#ifndef RILL_CHIP_GEMM_VNNI_H
#define RILL_CHIP_GEMM_VNNI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rill_gemm_kernel {
	const char *name;
	void (*nt)(size_t m, size_t n, size_t k, const int8_t *a, const int8_t *b, size_t ldb,
		   int32_t *c);
	void (*nn)(size_t m, size_t n, size_t k, const int8_t *a, const int8_t *b, size_t ldb,
		   bool add, int32_t *c);
};

/* For AVX-512 VNNI; NULL if this processor lacks it. */
const struct rill_gemm_kernel *rill_gemm_vnni(void);

#endif
