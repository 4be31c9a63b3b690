/* SPDX-License-Identifier: MIT */
/*
 * The reference's inner loops, one set for each kind of processor. A set has its own layout of
 * weights and of x; a column of weights is `count` elements, x is `count` elements of a few tokens
 * at once.
 */
#ifndef RILL_KERNEL_H
#define RILL_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#define RILL_KERNEL_TOKENS	3	/* that any set takes at once */
#define RILL_KERNEL_DOTS	4	/* columns that dot() takes */

/* One value for each token that is taken at once */
struct rill_sums {
	int32_t token[RILL_KERNEL_TOKENS];
};

struct rill_hs {
	int16_t token[RILL_KERNEL_TOKENS];
};

struct rill_kernel {
	const char *name;
	uint32_t tokens;		/* taken at once */
	size_t weight_bytes, x_bytes;	/* of an element */
	/* Bytes of rill_pattern(seed, counter ...) as weights; counts are multiples of 8 */
	void (*weights)(void *to, uint64_t seed, uint64_t counter, uint32_t count);
	/* The same of int8 that are there already */
	void (*take)(void *to, const int8_t *from, uint32_t count);
	/* x of `tokens` tokens, at most as many as are taken at once; the others become 0 */
	void (*pack)(void *to, const int8_t *const *x, uint32_t tokens, uint32_t count);
	/* sums[column].token[t] = x of token t . column; RILL_KERNEL_DOTS columns */
	void (*dot)(struct rill_sums *sums, const void *x, const void *const *columns,
		    uint32_t count);
	/* p[t][n] = sum over j < rows of h[j].token[t] * w[j][n]; w's rows are stride elements apart */
	void (*down)(int32_t *p, const struct rill_hs *h, const void *w, size_t stride,
		     uint32_t rows, uint32_t count);
};

/* The sets that this processor runs, NULL past the end; and the one to use. */
const struct rill_kernel *rill_kernel_at(unsigned int index);
const struct rill_kernel *rill_kernel_best(void);

extern const struct rill_kernel rill_kernel_packed;

#endif
