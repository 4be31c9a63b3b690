// SPDX-License-Identifier: MIT
/* The dense reference against three plain loops, in the words of rill_stream.h. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "moe/kernel.h"
#include "rill_moe.h"

static char error[RILL_ERROR_BYTES];

static struct rill_layer *make_layer(const struct rill_model *model, uint32_t tokens, uint64_t seed,
				     enum rill_weight_format weights)
{
	struct rill_routing routing;
	struct rill_layer *layer;

	assert_int_equal(rill_routing_zipf(model, 0, tokens, 0.8, seed, &routing, error), 0);
	assert_int_equal(rill_layer_create_with(model, 0, &routing, seed, weights, &layer, error),
			 0);
	return layer;
}

/* Byte i of expert e's records */
static int byte(const struct rill_layer *layer, uint32_t e, uint64_t i)
{
	return rill_pattern(rill_layer_expert_seed(layer, e), i / 8) >> 8 * (i % 8) & 255;
}

static int int4_weight(const struct rill_layer *layer, uint32_t e, uint32_t j, uint32_t n)
{
	uint32_t d = layer->model->hidden, pad = (8 - (3 * d / 2 + (3 * d / 64 + 1) / 2) % 8) % 8;
	uint64_t record = (uint64_t)j * (3 * d / 2 + (3 * d / 64 + 1) / 2 + pad);
	uint64_t scales = record + 3 * d / 2;
	int low = byte(layer, e, record + n / 2) >> n % 2 * 4 & 15;
	int scale = byte(layer, e, scales + n / 64 / 2) >> n / 64 % 2 * 4 & 15;

	return (low < 8 ? low : low - 16) * scale;
}

/* Weight n of the 3 * hidden of expert e's record j */
static int weight(const struct rill_layer *layer, uint32_t e, uint32_t j, uint32_t n)
{
	if (layer->weights == RILL_WEIGHTS_INT4)
		return int4_weight(layer, e, j, n);
	return (int8_t)byte(layer, e, (uint64_t)j * 3 * layer->model->hidden + n);
}

static int64_t round_even(__int128 v, unsigned int shift)
{
	__int128 one = (__int128)1 << shift, floor = v >> shift, rest = v - floor * one;

	return floor + (2 * rest > one || (2 * rest == one && (floor & 1)));
}

static int clamp(int64_t v)
{
	return v > 127 ? 127 : v < -128 ? -128 : v;
}

static int naive_h(const struct rill_layer *layer, uint32_t t, uint32_t e, uint32_t j)
{
	const struct rill_requant *q = &layer->requant[e];
	uint32_t d = layer->model->hidden;
	int64_t g = 0, u = 0;

	for (uint32_t n = 0; n < d; n++) {
		int x = layer->x[t * d + n];

		g += x * weight(layer, e, j, n);
		u += x * weight(layer, e, j, d + n);
	}
	g = clamp(round_even((__int128)g * q->gate_mult, q->gate_shift));
	u = clamp(round_even((__int128)u * q->up_mult, q->up_shift));
	return clamp(round_even((__int128)layer->silu[g + 128] * u * q->act_mult, q->act_shift));
}

static void naive(const struct rill_layer *layer, uint32_t t, int64_t *out)
{
	uint32_t d = layer->model->hidden, e;
	int32_t m;

	memset(out, 0, d * sizeof(*out));
	for (uint32_t i = 0; i < layer->model->top_k + layer->model->shared; i++) {
		rill_layer_select(layer, t, i, &e, &m);
		for (uint32_t j = 0; j < rill_layer_width(layer, e); j++) {
			int h = naive_h(layer, t, e, j);

			for (uint32_t n = 0; n < d; n++)
				out[n] += (int64_t)m * h * weight(layer, e, j, 2 * d + n);
		}
	}
	for (uint32_t n = 0; n < d; n++)
		out[n] = round_even(out[n], layer->out_shift);
}

static void compare(const struct rill_model *model, uint32_t tokens, uint64_t seed,
		    enum rill_weight_format weights)
{
	struct rill_layer *layer = make_layer(model, tokens, seed, weights);
	size_t d = model->hidden;
	int64_t *want = malloc(tokens * d * sizeof(*want)), *got = malloc(tokens * d * sizeof(*got));

	for (uint32_t t = 0; t < tokens; t++)
		naive(layer, t, want + t * d);
	for (unsigned int threads = 0; threads < 4; threads++) {
		memset(got, 0xff, tokens * d * sizeof(*got));
		assert_int_equal(rill_reference(layer, NULL, 0, threads, got), 0);
		assert_memory_equal(got, want, tokens * d * sizeof(*got));
	}
	free(want);
	free(got);
	rill_layer_free(layer);
}

static void test_shapes(void **state)
{
	static const struct rill_model models[] = {
		{ .name = "smallest", .hidden = 8, .width = 1, .experts = 1, .top_k = 1 },
		{ .name = "odd", .hidden = 24, .width = 7, .experts = 5, .top_k = 3 },
		{ .name = "shared", .hidden = 40, .width = 63, .experts = 4, .top_k = 2,
		  .shared = 2, .shared_width = 65 },
		{ .name = "blocks", .hidden = 72, .width = 130, .experts = 3, .top_k = 1,
		  .shared = 1, .shared_width = 128 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		for (uint32_t tokens = 1; tokens < 14; tokens += 4)
			compare(&models[i], tokens, 7 * i + tokens, RILL_WEIGHTS_INT8);
}

static void test_int4_shapes(void **state)
{
	static const struct rill_model models[] = {
		{ .name = "smallest", .hidden = 64, .width = 1, .experts = 1, .top_k = 1 },
		{ .name = "odd", .hidden = 192, .width = 7, .experts = 5, .top_k = 3 },
		{ .name = "shared", .hidden = 128, .width = 66, .experts = 4, .top_k = 2,
		  .shared = 2, .shared_width = 65 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		for (uint32_t tokens = 1; tokens < 8; tokens += 3)
			compare(&models[i], tokens, 7 * i + tokens, RILL_WEIGHTS_INT4);
}

/* A few tokens, in any order and twice, are the same as in the whole. */
static void test_subset(void **state)
{
	static const struct rill_model model = {
		.name = "tiny", .hidden = 32, .width = 20, .experts = 8, .top_k = 2,
		.shared = 1, .shared_width = 12,
	};
	static const uint32_t tokens[] = { 9, 0, 4, 9 };
	struct rill_layer *layer = make_layer(&model, 10, 3, RILL_WEIGHTS_INT8);
	int64_t all[10][32], some[4][32];
	uint32_t bad = 10;

	(void)state;
	assert_int_equal(rill_reference(layer, NULL, 0, 2, all[0]), 0);
	assert_int_equal(rill_reference(layer, tokens, 4, 2, some[0]), 0);
	for (int i = 0; i < 4; i++)
		assert_memory_equal(some[i], all[tokens[i]], sizeof(some[i]));
	assert_int_equal(rill_reference(layer, &bad, 1, 1, some[0]), -EINVAL);
	assert_int_equal(rill_reference(layer, tokens, 0, 1, some[0]), 0);
	rill_layer_free(layer);
}

/* Every set of kernels, at lengths that leave remainders, and at the extremes of int8 */
struct kernel_test {
	const struct rill_kernel *kernel;
	uint32_t count, rows;
	int extreme;			/* -1: all -128; 1: weights 127; 0: any */
	int8_t *x, *w;			/* [RILL_KERNEL_TOKENS][count], [rows][count] */
	void *packed_x, *packed_w;
};

/* Weights come out of the pattern only; turn them into what the test wants. */
static void kernel_weights(struct kernel_test *t)
{
	uint32_t elements = t->rows * t->count;

	t->kernel->weights(t->packed_w, 5, 1000, elements);
	for (uint32_t i = 0; i < elements; i++) {
		t->w[i] = rill_pattern(5, 1000 + i / 8) >> 8 * (i % 8);
		if (t->extreme)
			t->w[i] = t->extreme > 0 ? 127 : -128;
		if (t->kernel->weight_bytes == 2 && !t->extreme)
			assert_int_equal(((int16_t *)t->packed_w)[i], t->w[i]);
		else if (t->kernel->weight_bytes == 2)
			((int16_t *)t->packed_w)[i] = t->w[i];
		else
			((int8_t *)t->packed_w)[i] = t->w[i];
	}
}

/* int8 that are there already are taken as those of the pattern are. */
static void kernel_take(const struct kernel_test *t)
{
	uint32_t elements = t->rows * t->count;
	size_t bytes = elements * t->kernel->weight_bytes;
	void *taken = malloc(bytes);
	int8_t *from = malloc(elements);

	for (uint32_t i = 0; i < elements; i++)
		from[i] = rill_pattern(5, 1000 + i / 8) >> 8 * (i % 8);
	t->kernel->weights(t->packed_w, 5, 1000, elements);
	t->kernel->take(taken, from, elements);
	assert_memory_equal(taken, t->packed_w, bytes);
	free(taken);
	free(from);
}

static void kernel_x(struct kernel_test *t)
{
	const int8_t *x[RILL_KERNEL_TOKENS];

	for (uint32_t i = 0; i < RILL_KERNEL_TOKENS; i++)
		x[i] = t->x + i * t->count;
	for (uint32_t i = 0; i < RILL_KERNEL_TOKENS * t->count; i++)
		t->x[i] = t->extreme ? -128 : (int8_t)rill_pattern(6, i);
	t->kernel->pack(t->packed_x, x, t->kernel->tokens, t->count);
}

static void kernel_dot(const struct kernel_test *t)
{
	struct rill_sums sums[RILL_KERNEL_DOTS];
	const void *columns[RILL_KERNEL_DOTS];

	for (uint32_t i = 0; i < RILL_KERNEL_DOTS; i++)
		columns[i] = (char *)t->packed_w +
			     i % t->rows * t->count * t->kernel->weight_bytes;
	t->kernel->dot(sums, t->packed_x, columns, t->count);
	for (uint32_t i = 0; i < RILL_KERNEL_DOTS; i++)
		for (uint32_t k = 0; k < t->kernel->tokens; k++) {
			int32_t want = 0;

			for (uint32_t n = 0; n < t->count; n++)
				want += t->x[k * t->count + n] * t->w[i % t->rows * t->count + n];
			assert_int_equal(sums[i].token[k], want);
		}
}

static void kernel_down(const struct kernel_test *t)
{
	int32_t *p = malloc(RILL_KERNEL_TOKENS * t->count * sizeof(*p));
	struct rill_hs h[64];

	for (uint32_t j = 0; j < t->rows; j++)
		for (uint32_t k = 0; k < RILL_KERNEL_TOKENS; k++)
			h[j].token[k] = t->extreme ? -128 : (int8_t)rill_pattern(7 + k, j);
	t->kernel->down(p, h, t->packed_w, t->count, t->rows, t->count);
	for (uint32_t k = 0; k < t->kernel->tokens; k++)
		for (uint32_t n = 0; n < t->count; n++) {
			int32_t want = 0;

			for (uint32_t j = 0; j < t->rows; j++)
				want += h[j].token[k] * t->w[j * t->count + n];
			assert_int_equal(p[k * t->count + n], want);
		}
	free(p);
}

static void check_kernel(const struct rill_kernel *kernel, uint32_t count, uint32_t rows,
			 int extreme)
{
	struct kernel_test t = { .kernel = kernel, .count = count, .rows = rows,
				 .extreme = extreme };

	t.x = malloc(RILL_KERNEL_TOKENS * count);
	t.w = malloc(rows * count);
	t.packed_x = malloc(count * kernel->x_bytes);
	t.packed_w = malloc(rows * count * kernel->weight_bytes);
	kernel_take(&t);
	kernel_weights(&t);
	kernel_x(&t);
	kernel_dot(&t);
	kernel_down(&t);
	free(t.x);
	free(t.w);
	free(t.packed_x);
	free(t.packed_w);
}

static void test_kernels(void **state)
{
	const struct rill_kernel *kernel;

	(void)state;
	for (unsigned int i = 0; (kernel = rill_kernel_at(i)); i++) {
		for (uint32_t count = 8; count < 300; count += 8)
			for (int extreme = -1; extreme < 2; extreme++)
				check_kernel(kernel, count, count % 64 + 1, extreme);
		check_kernel(kernel, RILL_MAX_HIDDEN, 64, -1);
		check_kernel(kernel, RILL_MAX_HIDDEN, 64, 1);
	}
}

/* A group that is not full computes no token that is not there. */
static void test_partial_groups(void **state)
{
	const struct rill_kernel *kernel;

	(void)state;
	for (unsigned int i = 0; (kernel = rill_kernel_at(i)); i++) {
		int8_t one[8] = { 1, -1, 1, -1, 1, -1, 1, -128 }, *x[] = { one, NULL, NULL };
		struct rill_sums sums[RILL_KERNEL_DOTS];
		uint64_t packed[8], w[8];
		const void *columns[] = { w, w, w, w };

		kernel->weights(w, 1, 1, 8);
		kernel->pack(packed, (const int8_t *const *)x, 1, 8);
		kernel->dot(sums, packed, columns, 8);
		for (uint32_t t = 1; t < kernel->tokens; t++)
			assert_int_equal(sums[0].token[t], 0);
	}
}

/* g, u and h are to use int8 well: neither always 0 nor always saturated. */
static void check_ranges(enum rill_weight_format weights)
{
	static const struct rill_model model = {
		.name = "range", .hidden = 1024, .width = 64, .experts = 1, .top_k = 1,
	};
	struct rill_layer *layer = make_layer(&model, 8, 1, weights);
	int saturated = 0;
	double square = 0;

	for (uint32_t t = 0; t < 8; t++)
		for (uint32_t j = 0; j < 64; j++) {
			int h = naive_h(layer, t, 0, j);

			saturated += h == 127 || h == -128;
			square += h * h;
		}
	assert_in_range(square / (8 * 64), 20 * 20, 45 * 45);
	assert_in_range(saturated, 0, 8 * 64 / 20);
	rill_layer_free(layer);
}

static void test_ranges(void **state)
{
	(void)state;
	check_ranges(RILL_WEIGHTS_INT8);
	check_ranges(RILL_WEIGHTS_INT4);
}

static void test_layer_limits(void **state)
{
	static const struct rill_model odd = {
		.name = "odd", .hidden = 12, .width = 4, .experts = 2, .top_k = 1,
	};
	static const struct rill_model wide = {
		.name = "wide", .hidden = 8, .width = RILL_MAX_WIDTH, .experts = 64, .top_k = 64,
	};
	struct rill_routing routing;
	struct rill_layer *layer;

	(void)state;
	assert_int_equal(rill_routing_zipf(&odd, 0, 1, 0, 1, &routing, error), 0);
	assert_int_equal(rill_layer_create(&odd, 0, &routing, 1, &layer, error), -EINVAL);
	assert_non_null(strstr(error, "multiple of 8"));
	assert_int_equal(rill_routing_zipf(&wide, 0, 1, 0, 1, &routing, error), 0);
	assert_int_equal(rill_layer_create_with(&wide, 0, &routing, 1, RILL_WEIGHTS_INT4, &layer,
						error), -EINVAL);
	assert_non_null(strstr(error, "hidden: 8 is not a multiple of 64"));
	assert_int_equal(rill_routing_zipf(&wide, 0, 1, 0, 1, &routing, error), 0);
	assert_int_equal(rill_layer_create_with(&wide, 0, &routing, 1, RILL_WEIGHTS, &layer, error),
			 -EINVAL);
	assert_non_null(strstr(error, "weights"));
	assert_int_equal(rill_routing_zipf(&wide, 0, 1, 0, 1, &routing, error), 0);
	for (uint32_t i = 0; i < 64; i++)
		routing.weight[i] = i & 1 ? 1000 : -1000;
	assert_int_equal(rill_layer_create(&wide, 0, &routing, 1, &layer, error), -EOVERFLOW);
	assert_non_null(strstr(error, "token 0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernels),
		cmocka_unit_test(test_partial_groups),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_int4_shapes),
		cmocka_unit_test(test_subset),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_layer_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
