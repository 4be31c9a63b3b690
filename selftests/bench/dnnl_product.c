// SPDX-License-Identifier: MIT
#include "dnnl_product.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PAGE	4096

struct formats {
	dnnl_data_type_t from, to;
};

static struct formats formats_of(bool s8)
{
	return s8 ? (struct formats){ dnnl_s8, dnnl_s32 } : (struct formats){ dnnl_f32, dnnl_f32 };
}

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t make_memory(dnnl_memory_t *memory, dnnl_engine_t engine, size_t rows,
				 size_t columns, dnnl_data_type_t type, void *data)
{
	dnnl_dims_t dims = { rows, columns };
	dnnl_memory_desc_t desc;
	dnnl_status_t status = dnnl_memory_desc_create_with_tag(&desc, 2, dims, type, dnnl_ab);

	if (status)
		return status;
	status = dnnl_memory_create(memory, desc, engine, data);
	dnnl_memory_desc_destroy(desc);
	return status;
}

static dnnl_status_t make_primitive(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
				    struct formats f, size_t m, size_t n, size_t k)
{
	dnnl_dims_t src = { m, k }, weights = { k, n }, dst = { m, n };
	dnnl_memory_desc_t s = NULL, w = NULL, d = NULL;
	dnnl_status_t status = dnnl_memory_desc_create_with_tag(&s, 2, src, f.from, dnnl_ab);

	if (!status)
		status = dnnl_memory_desc_create_with_tag(&w, 2, weights, f.from,
							  dnnl_format_tag_any);
	if (!status)
		status = dnnl_memory_desc_create_with_tag(&d, 2, dst, f.to, dnnl_ab);
	if (!status)
		status = dnnl_matmul_primitive_desc_create(pd, engine, s, w, NULL, d, NULL);
	dnnl_memory_desc_destroy(s);
	dnnl_memory_desc_destroy(w);
	dnnl_memory_desc_destroy(d);
	return status;
}

#else

typedef const dnnl_memory_desc_t *const_dnnl_memory_desc_t;

static dnnl_status_t make_memory(dnnl_memory_t *memory, dnnl_engine_t engine, size_t rows,
				 size_t columns, dnnl_data_type_t type, void *data)
{
	dnnl_dims_t dims = { rows, columns };
	dnnl_memory_desc_t desc;
	dnnl_status_t status = dnnl_memory_desc_init_by_tag(&desc, 2, dims, type, dnnl_ab);

	return status ? status : dnnl_memory_create(memory, &desc, engine, data);
}

static dnnl_status_t make_primitive(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
				    struct formats f, size_t m, size_t n, size_t k)
{
	dnnl_dims_t src = { m, k }, weights = { k, n }, dst = { m, n };
	dnnl_memory_desc_t s, w, d;
	dnnl_matmul_desc_t matmul;
	dnnl_status_t status = dnnl_memory_desc_init_by_tag(&s, 2, src, f.from, dnnl_ab);

	if (!status)
		status = dnnl_memory_desc_init_by_tag(&w, 2, weights, f.from, dnnl_format_tag_any);
	if (!status)
		status = dnnl_memory_desc_init_by_tag(&d, 2, dst, f.to, dnnl_ab);
	if (!status)
		status = dnnl_matmul_desc_init(&matmul, &s, &w, NULL, &d);
	return status ? status : dnnl_primitive_desc_create(pd, &matmul, NULL, engine, NULL);
}

#endif

static dnnl_status_t make_weights(struct dnnl_product *p, dnnl_engine_t engine,
				  dnnl_primitive_desc_t pd, uint8_t *arena, size_t arena_bytes)
{
	const_dnnl_memory_desc_t desc = dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0);
	size_t bytes = (dnnl_memory_desc_get_size(desc) + PAGE - 1) / PAGE * PAGE;
	dnnl_status_t status = dnnl_success;
	size_t count = arena_bytes / bytes;

	p->weights = calloc(count + 1, sizeof(*p->weights));
	if (!count || !p->weights)
		return dnnl_out_of_memory;
	while (!status && p->weights_count < count) {
		size_t i = p->weights_count;

		status = dnnl_memory_create(&p->weights[i], desc, engine, arena + i * bytes);
		p->weights_count += !status;
	}
	return status;
}

bool dnnl_product_create(struct dnnl_product *p, dnnl_engine_t engine, bool s8, size_t m, size_t n,
			 size_t k, void *arena, size_t arena_bytes)
{
	struct formats f = formats_of(s8);
	dnnl_primitive_desc_t pd;
	dnnl_status_t status;

	memset(p, 0, sizeof(*p));
	if (make_primitive(&pd, engine, f, m, n, k))
		return false;
	status = dnnl_primitive_create(&p->primitive, pd);
	if (!status)
		status = make_weights(p, engine, pd, arena, arena_bytes);
	if (!status)
		status = make_memory(&p->src, engine, m, k, f.from, DNNL_MEMORY_ALLOCATE);
	if (!status)
		status = make_memory(&p->dst, engine, m, n, f.to, DNNL_MEMORY_ALLOCATE);
	dnnl_primitive_desc_destroy(pd);
	if (!status)
		return true;
	dnnl_product_destroy(p);
	return false;
}

void dnnl_product_destroy(struct dnnl_product *p)
{
	while (p->weights_count)
		dnnl_memory_destroy(p->weights[--p->weights_count]);
	free(p->weights);
	dnnl_memory_destroy(p->src);
	dnnl_memory_destroy(p->dst);
	dnnl_primitive_destroy(p->primitive);
	memset(p, 0, sizeof(*p));
}

void dnnl_product_run(const struct dnnl_product *p, dnnl_stream_t stream, size_t weights)
{
	const dnnl_exec_arg_t args[] = {
		{ DNNL_ARG_SRC, p->src }, { DNNL_ARG_WEIGHTS, p->weights[weights] },
		{ DNNL_ARG_DST, p->dst },
	};

	dnnl_primitive_execute(p->primitive, stream, 3, args);
	dnnl_stream_wait(stream);
}

bool dnnl_product_reorder(const struct dnnl_product *p, dnnl_engine_t engine, dnnl_stream_t stream,
			  bool s8, size_t n, size_t k, void *plain)
{
	dnnl_primitive_desc_t pd = NULL;
	dnnl_primitive_t reorder = NULL;
	const_dnnl_memory_desc_t from, to;
	dnnl_memory_t rows = NULL;
	dnnl_status_t status = make_memory(&rows, engine, k, n, formats_of(s8).from, plain);

	if (!status)
		status = dnnl_memory_get_memory_desc(rows, &from);
	if (!status)
		status = dnnl_memory_get_memory_desc(p->weights[0], &to);
	if (!status)
		status = dnnl_reorder_primitive_desc_create(&pd, from, engine, to, engine, NULL);
	if (!status)
		status = dnnl_primitive_create(&reorder, pd);
	if (!status) {
		const dnnl_exec_arg_t args[] = {
			{ DNNL_ARG_FROM, rows }, { DNNL_ARG_TO, p->weights[0] },
		};

		status = dnnl_primitive_execute(reorder, stream, 2, args);
		dnnl_stream_wait(stream);
	}
	dnnl_primitive_destroy(reorder);
	dnnl_primitive_desc_destroy(pd);
	dnnl_memory_destroy(rows);
	return !status;
}
