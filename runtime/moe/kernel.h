/* SPDX-License-Identifier: MIT */
/* The reference's inner loops, one set for each instruction set worth telling apart. */
#ifndef RILL_KERNEL_H
#define RILL_KERNEL_H

#include <stdint.h>

struct rill_kernel {
	const char *name;
	/* words[i] = rill_pattern(seed, counter + i), little-endian */
	void (*pattern)(uint64_t *words, uint64_t seed, uint64_t counter, uint32_t count);
	void (*widen)(int16_t *to, const int8_t *from, uint32_t count);
	/* Elements are int8 values in int16 */
	int32_t (*dot)(const int16_t *a, const int16_t *b, uint32_t count);
	/* p[n] = sum over j of h[j] * w[j][n]; w is [rows][count] */
	void (*down)(int32_t *p, const int16_t *h, const int16_t *w, uint32_t rows, uint32_t count);
};

/* Sets that this processor runs, plain C first; NULL past the end. */
const struct rill_kernel *rill_kernel_at(unsigned int index);
const struct rill_kernel *rill_kernel_best(void);

#endif
