/* SPDX-License-Identifier: MIT */
/* A product by oneDNN's matmul primitive, for versions 2 and 3 of its interface. */
#ifndef DNNL_PRODUCT_H
#define DNNL_PRODUCT_H

#include <stdbool.h>
#include <stddef.h>

#include <oneapi/dnnl/dnnl.h>

/* dst[m][n] = src[m][k] . weights[k][n], in the types of one kind of product */
struct dnnl_product {
	dnnl_primitive_t primitive;
	dnnl_memory_t src, dst;
	dnnl_memory_t *weights;		/* several, which lie one after the other */
	size_t weights_count;
};

/*
 * False if oneDNN has none. s8: int8 to int32, else float to float. As many weights as fit the
 * arena. (Giving a memory object other data while it is in use costs time: oneDNN clears its padding.)
 */
bool dnnl_product_create(struct dnnl_product *p, dnnl_engine_t engine, bool s8, size_t m, size_t n,
			 size_t k, void *arena, size_t arena_bytes);
void dnnl_product_destroy(struct dnnl_product *p);
void dnnl_product_run(const struct dnnl_product *p, dnnl_stream_t stream, size_t weights);
/* From rows of n to the primitive's own form: the first weights */
bool dnnl_product_reorder(const struct dnnl_product *p, dnnl_engine_t engine, dnnl_stream_t stream,
			  bool s8, size_t n, size_t k, void *plain);

#endif
