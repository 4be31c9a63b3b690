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

static struct rill_layer *make_layer(const struct rill_model *model, uint32_t tokens, uint64_t seed)
{
	struct rill_routing routing;
	struct rill_layer *layer;

	assert_int_equal(rill_routing_zipf(model, 0, tokens, 0.8, seed, &routing, error), 0);
	assert_int_equal(rill_layer_create(model, 0, &routing, seed, &layer, error), 0);
	return layer;
}

/* Byte i of expert e's records */
static int weight(const struct rill_layer *layer, uint32_t e, uint64_t i)
{
	return (int8_t)(rill_pattern(rill_layer_expert_seed(layer, e), i / 8) >> 8 * (i % 8));
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

		g += x * weight(layer, e, (uint64_t)j * 3 * d + n);
		u += x * weight(layer, e, (uint64_t)j * 3 * d + d + n);
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
				out[n] += (int64_t)m * h *
					  weight(layer, e, (uint64_t)j * 3 * d + 2 * d + n);
		}
	}
	for (uint32_t n = 0; n < d; n++)
		out[n] = round_even(out[n], layer->out_shift);
}

static void compare(const struct rill_model *model, uint32_t tokens, uint64_t seed)
{
	struct rill_layer *layer = make_layer(model, tokens, seed);
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
			compare(&models[i], tokens, 7 * i + tokens);
}

/* A few tokens, in any order and twice, are the same as in the whole. */
static void test_subset(void **state)
{
	static const struct rill_model model = {
		.name = "tiny", .hidden = 32, .width = 20, .experts = 8, .top_k = 2,
		.shared = 1, .shared_width = 12,
	};
	static const uint32_t tokens[] = { 9, 0, 4, 9 };
	struct rill_layer *layer = make_layer(&model, 10, 3);
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
static void check_kernel(const struct rill_kernel *k, uint32_t count, uint32_t rows, int extreme)
{
	int16_t *a = malloc(count * sizeof(*a)), *w = malloc((size_t)rows * count * sizeof(*w));
	int32_t *p = malloc(count * sizeof(*p)), dot = 0;
	int16_t h[64];

	for (uint32_t i = 0; i < count; i++)
		a[i] = extreme ? -128 : (int8_t)rill_pattern(1, i);
	for (uint32_t i = 0; i < rows * count; i++)
		w[i] = extreme ? (extreme > 0 ? 127 : -128) : (int8_t)rill_pattern(2, i);
	for (uint32_t j = 0; j < rows; j++)
		h[j] = extreme ? -128 : (int8_t)rill_pattern(3, j);
	for (uint32_t i = 0; i < count; i++)
		dot += a[i] * w[i];
	assert_int_equal(k->dot(a, w, count), dot);
	k->down(p, h, w, rows, count);
	for (uint32_t i = 0; i < count; i++) {
		int32_t sum = 0;

		for (uint32_t j = 0; j < rows; j++)
			sum += h[j] * w[j * count + i];
		assert_int_equal(p[i], sum);
	}
	free(a);
	free(w);
	free(p);
}

static void check_bytes(const struct rill_kernel *k, uint32_t words)
{
	uint64_t *to = malloc(words * sizeof(*to));
	int16_t *wide = malloc(words * 8 * sizeof(*wide));

	k->pattern(to, 5, 1000, words);
	k->widen(wide, (const int8_t *)to, words * 8);
	for (uint32_t i = 0; i < words * 8; i++)
		assert_int_equal(wide[i],
				 (int8_t)(rill_pattern(5, 1000 + i / 8) >> 8 * (i % 8)));
	free(to);
	free(wide);
}

static void test_kernels(void **state)
{
	const struct rill_kernel *kernel;

	(void)state;
	for (unsigned int i = 0; (kernel = rill_kernel_at(i)); i++) {
		for (uint32_t count = 8; count < 300; count += 8) {
			check_bytes(kernel, count);
			for (int extreme = -1; extreme < 2; extreme++)
				check_kernel(kernel, count, count % 64 + 1, extreme);
		}
		check_kernel(kernel, RILL_MAX_HIDDEN, 64, -1);
		check_kernel(kernel, RILL_MAX_HIDDEN, 64, 1);
	}
}

/* g, u and h are to use int8 well: neither always 0 nor always saturated. */
static void test_ranges(void **state)
{
	static const struct rill_model model = {
		.name = "range", .hidden = 1024, .width = 64, .experts = 1, .top_k = 1,
	};
	struct rill_layer *layer = make_layer(&model, 8, 1);
	int saturated = 0;
	double square = 0;

	(void)state;
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
	for (uint32_t i = 0; i < 64; i++)
		routing.weight[i] = i & 1 ? 1000 : -1000;
	assert_int_equal(rill_layer_create(&wide, 0, &routing, 1, &layer, error), -EOVERFLOW);
	assert_non_null(strstr(error, "token 0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernels),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_subset),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_layer_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
