/* SPDX-License-Identifier: MIT */
/*
 * The reference's inner loops, one set for each kind of processor. A set has its own layout of
 * weights and of x; a column of weights is `count` elements, x is `count` elements of a few tokens at once.
 */
#ifndef RILL_KERNEL_H
#define RILL_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define RILL_KERNEL_TOKENS	3	/* that any set takes at once */
#define RILL_KERNEL_DOTS	4	/* columns that dot() takes */

struct rill_kernel {
	const char *name;
	uint32_t tokens;		/* taken at once */
	size_t weight_bytes, x_bytes;	/* of an element */
	/* Bytes of rill_pattern(seed, counter ...) as weights; count is a multiple of 8, as below */
	void (*weights)(void *to, uint64_t seed, uint64_t counter, uint32_t count);
	/* x of `tokens` tokens, at most as many as are taken at once; the others become 0 */
	void (*pack)(void *to, const int8_t *const *x, uint32_t tokens, uint32_t count);
	/* sum[column][token] = x of token . column; columns are RILL_KERNEL_DOTS */
	void (*dot)(int32_t (*sum)[RILL_KERNEL_TOKENS], const void *x, const void *const *columns,
		    uint32_t count);
	/* p[token][n] = sum over j < rows of h[j][token] * w[j][n]; rows of w are stride elements apart */
	void (*down)(int32_t *p, const int16_t (*h)[RILL_KERNEL_TOKENS], const void *w,
		     size_t stride, uint32_t rows, uint32_t count);
};

/* The sets that this processor runs, NULL past the end; and the one to use. */
const struct rill_kernel *rill_kernel_at(unsigned int index);
const struct rill_kernel *rill_kernel_best(void);

extern const struct rill_kernel rill_kernel_packed;

#endif
