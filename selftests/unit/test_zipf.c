// SPDX-License-Identifier: MIT
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rill_moe.h"

#define TOKENS 1024

static char error[RILL_ERROR_BYTES];

static const struct rill_model *deepseek(void)
{
	return rill_model_find("deepseek-v2-lite");
}

static void generate(uint32_t layer, double s, uint64_t seed, struct rill_routing *routing)
{
	assert_int_equal(rill_routing_zipf(deepseek(), layer, TOKENS, s, seed, routing, error), 0);
}

static size_t picks(const struct rill_routing *routing)
{
	return (size_t)routing->tokens * routing->top_k;
}

static bool same(const struct rill_routing *a, const struct rill_routing *b)
{
	return !memcmp(a->expert, b->expert, picks(a) * sizeof(*a->expert)) &&
	       !memcmp(a->weight, b->weight, picks(a) * sizeof(*a->weight));
}

static void test_deterministic(void **state)
{
	struct rill_routing a, b, other_seed, other_layer;

	(void)state;
	generate(3, 0.7, 11, &a);
	generate(3, 0.7, 11, &b);
	generate(3, 0.7, 12, &other_seed);
	generate(4, 0.7, 11, &other_layer);
	assert_true(same(&a, &b));
	assert_false(same(&a, &other_seed));
	assert_false(same(&a, &other_layer));
	rill_routing_free(&a);
	rill_routing_free(&b);
	rill_routing_free(&other_seed);
	rill_routing_free(&other_layer);
}

/* More tokens only add tokens */
static void test_prefix(void **state)
{
	struct rill_routing few, many;

	(void)state;
	generate(1, 1.0, 5, &many);
	assert_int_equal(rill_routing_zipf(deepseek(), 1, 16, 1.0, 5, &few, error), 0);
	assert_memory_equal(few.expert, many.expert, picks(&few) * sizeof(*few.expert));
	rill_routing_free(&few);
	rill_routing_free(&many);
}

static void check_token(const struct rill_routing *routing, uint32_t t)
{
	const uint16_t *expert = routing->expert + (size_t)t * routing->top_k;
	const float *weight = routing->weight + (size_t)t * routing->top_k;
	float sum = 0;

	for (uint32_t i = 0; i < routing->top_k; i++) {
		assert_in_range(expert[i], 0, 63);
		for (uint32_t j = 0; j < i; j++)
			assert_int_not_equal(expert[i], expert[j]);
		assert_true(weight[i] > 0);
		assert_true(!i || weight[i] <= weight[i - 1]);
		sum += weight[i];
	}
	assert_true(sum > 0.999f && sum < 1.001f);
}

static void test_tokens_are_sane(void **state)
{
	struct rill_routing routing;

	(void)state;
	generate(1, 1.0, 5, &routing);
	for (uint32_t t = 0; t < TOKENS; t++)
		check_token(&routing, t);
	assert_string_equal(routing.source, "zipf(1), seed 5");
	rill_routing_free(&routing);
}

/* The hottest expert's tokens over the mean */
static double skew(double s)
{
	uint32_t count[64] = { 0 }, most = 0;
	struct rill_routing routing;

	generate(1, s, 5, &routing);
	for (size_t i = 0; i < picks(&routing); i++)
		if (++count[routing.expert[i]] > most)
			most = count[routing.expert[i]];
	rill_routing_free(&routing);
	return most / (TOKENS * 6 / 64.0);
}

static void test_distribution(void **state)
{
	double uniform = skew(0), middle = skew(0.7), steep = skew(1.5);

	(void)state;
	assert_true(uniform > 1.0 && uniform < 1.5);
	assert_true(middle > 3.0 && middle < 6.5);
	assert_true(steep > middle);
	assert_true(steep <= 64 / 6.0 + 0.01);
}

static void test_bad_input(void **state)
{
	struct rill_routing routing;

	(void)state;
	assert_int_equal(rill_routing_zipf(deepseek(), 1, 16, -1, 0, &routing, error), -EINVAL);
	assert_non_null(strstr(error, "exponent"));
	assert_int_equal(rill_routing_zipf(deepseek(), 1, 0, 1, 0, &routing, error), -EINVAL);
	assert_non_null(strstr(error, "tokens"));
	assert_int_equal(rill_routing_zipf(deepseek(), 1, RILL_MAX_TOKENS + 1, 1, 0, &routing,
					   error), -EINVAL);
}

/* The sample that the product ships is the generator's own output. */
static void test_sample(void **state)
{
	const char *path = getenv("RILL_SAMPLE") ? getenv("RILL_SAMPLE") : "runtime/data/sample.csv";
	struct rill_routing sample, made;

	(void)state;
	assert_int_equal(rill_routing_load(path, deepseek(), 9, 0, 64, &sample, error), 0);
	assert_int_equal(rill_routing_zipf(deepseek(), 9, 64, 0.6, 1, &made, error), 0);
	assert_true(same(&sample, &made));
	rill_routing_free(&sample);
	rill_routing_free(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_prefix),
		cmocka_unit_test(test_tokens_are_sane),
		cmocka_unit_test(test_distribution),
		cmocka_unit_test(test_bad_input),
		cmocka_unit_test(test_sample),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
