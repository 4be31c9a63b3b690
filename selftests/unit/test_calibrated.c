// SPDX-License-Identifier: MIT
/* Calibrated routing against what was measured of real models. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "rill_moe.h"

#define TOKENS	4096
#define SEEDS	5
#define LAYERS	4

static const uint32_t sizes[] = { 16, 64, 256, 1024 };

static char error[RILL_ERROR_BYTES];

static void generate(const struct rill_model *model, uint32_t layer, uint32_t first, uint32_t tokens,
		     uint64_t seed, struct rill_routing *routing)
{
	assert_int_equal(rill_routing_calibrated(model, layer, first, tokens, seed, routing, error), 0);
}

static void add(struct rill_routing_skew *sum, const struct rill_routing_skew *skew, double times)
{
	sum->distinct += skew->distinct * times;
	sum->hottest += skew->hottest * times;
	sum->tenth += skew->tenth * times;
	sum->chiplet += skew->chiplet * times;
}

/* Mean over batches of this many tokens */
static void measure(const struct rill_model *model, const struct rill_routing *all, uint32_t tokens,
		    struct rill_routing_skew *mean)
{
	uint32_t batches = all->tokens / tokens;

	memset(mean, 0, sizeof(*mean));
	for (uint32_t b = 0; b < batches; b++) {
		struct rill_routing batch = *all;
		struct rill_routing_skew skew;

		batch.tokens = tokens;
		batch.expert += (size_t)b * tokens * all->top_k;
		rill_routing_skew(&batch, model->experts, 4, &skew);
		add(mean, &skew, 1.0 / batches);
	}
}

/* Over the four layers that the real trace of the model has */
static void measure_seed(const struct rill_model *model, const uint32_t *layers, uint64_t seed,
			 struct rill_routing_skew *mean)
{
	memset(mean, 0, 4 * sizeof(*mean));
	for (uint32_t l = 0; l < LAYERS; l++) {
		struct rill_routing_skew skew;
		struct rill_routing all;

		generate(model, layers[l], 0, TOKENS, seed, &all);
		for (uint32_t i = 0; i < 4; i++) {
			measure(model, &all, sizes[i], &skew);
			add(&mean[i], &skew, 1.0 / LAYERS);
		}
		rill_routing_free(&all);
	}
}

static void near(const char *what, uint32_t tokens, double value, double target, double tolerance)
{
	if (fabs(value / target - 1) > tolerance)
		fail_msg("%s at %u tokens: %.3f, real %.3f", what, tokens, value, target);
}

/* Each column of each seed within 10 %, the mean of five seeds within 6 % */
static void check_family(const char *name, const uint32_t *layers)
{
	const struct rill_model *model = rill_model_find(name);
	struct rill_routing_skew mean[4] = { 0 }, skew[4];

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		measure_seed(model, layers, seed, skew);
		for (uint32_t i = 0; i < 4; i++) {
			const struct rill_routing_skew *real = rill_routing_target(model, sizes[i]);

			near("distinct", sizes[i], skew[i].distinct, real->distinct, 0.10);
			near("hottest", sizes[i], skew[i].hottest, real->hottest, 0.10);
			near("tenth", sizes[i], skew[i].tenth, real->tenth, 0.10);
			near("chiplet", sizes[i], skew[i].chiplet, real->chiplet, 0.10);
			add(&mean[i], &skew[i], 1.0 / SEEDS);
		}
	}
	for (uint32_t i = 0; i < 4; i++) {
		const struct rill_routing_skew *real = rill_routing_target(model, sizes[i]);

		print_message("%-17s %4u: distinct %5.1f (%5.1f) hottest %.2f (%.2f) ", name,
			      sizes[i], mean[i].distinct, real->distinct, mean[i].hottest,
			      real->hottest);
		print_message("tenth %.3f (%.2f) chiplet %.3f (%.2f)\n", mean[i].tenth,
			      real->tenth, mean[i].chiplet, real->chiplet);
		near("mean distinct", sizes[i], mean[i].distinct, real->distinct, 0.06);
		near("mean hottest", sizes[i], mean[i].hottest, real->hottest, 0.06);
		near("mean tenth", sizes[i], mean[i].tenth, real->tenth, 0.06);
		near("mean chiplet", sizes[i], mean[i].chiplet, real->chiplet, 0.06);
	}
}

static void test_gpt_oss(void **state)
{
	check_family("gpt-oss-20b", (const uint32_t[]){ 0, 8, 16, 23 });
}

static void test_deepseek(void **state)
{
	check_family("deepseek-v2-lite", (const uint32_t[]){ 1, 9, 18, 26 });
}

/* What the counts of about 205,000 tokens say: the hottest expert, and the hottest tenth */
static void check_counts(const char *name, double hottest, double tenth)
{
	const struct rill_model *model = rill_model_find(name);
	struct rill_routing_skew sum = { 0 }, skew;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct rill_routing all;

		generate(model, 0, 0, TOKENS, seed, &all);
		rill_routing_skew(&all, model->experts, 4, &skew);
		add(&sum, &skew, 1.0 / SEEDS);
		rill_routing_free(&all);
	}
	print_message("%-17s %u: hottest %.2f (%.2f) tenth %.3f (%.3f)\n", name, TOKENS, sum.hottest,
		      hottest, sum.tenth, tenth);
	near("hottest", TOKENS, sum.hottest, hottest, 0.10);
	near("tenth", TOKENS, sum.tenth, tenth, 0.10);
}

static void test_counts(void **state)
{
	check_counts("olmoe-1b-7b", 4.75, 0.286);
	check_counts("mixtral-8x7b", 1.18, 0.148);
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

/* A batch may start anywhere: it is a piece of the same endless one. */
static void test_windows(void **state)
{
	const struct rill_model *model = rill_model_find("deepseek-v2-lite");
	struct rill_routing all, part, other;

	generate(model, 5, 0, 512, 3, &all);
	for (uint32_t first = 0; first < 512; first += 64) {
		struct rill_routing want = all;

		want.expert += (size_t)first * all.top_k;
		want.weight += (size_t)first * all.top_k;
		want.tokens = 64;
		generate(model, 5, first, 64, 3, &part);
		assert_true(same(&part, &want));
		rill_routing_free(&part);
	}
	generate(model, 5, 0, 512, 4, &other);
	assert_false(same(&all, &other));
	rill_routing_free(&other);
	generate(model, 6, 0, 512, 3, &other);
	assert_false(same(&all, &other));
	rill_routing_free(&other);
	rill_routing_free(&all);
}

static void check_token(const struct rill_model *model, const struct rill_routing *routing, uint32_t t)
{
	const uint16_t *expert = routing->expert + (size_t)t * routing->top_k;

	for (uint32_t i = 0; i < routing->top_k; i++) {
		assert_in_range(expert[i], 0, model->experts - 1);
		for (uint32_t j = 0; j < i; j++)
			assert_int_not_equal(expert[i], expert[j]);
	}
}

/* Any model, listed or not, in any layer, from any token on */
static void test_models(void **state)
{
	struct rill_model odd = { .name = "odd", .hidden = 8, .width = 8, .experts = 1, .top_k = 1 };
	const struct rill_model *model;
	struct rill_routing routing;

	for (size_t i = 0; (model = rill_model_at(i)); i++) {
		assert_non_null(rill_model_find(rill_routing_family(model)));
		generate(model, model->first_layer + model->layers - 1, UINT32_MAX, 70, 9, &routing);
		for (uint32_t t = 0; t < 70; t++)
			check_token(model, &routing, t);
		rill_routing_free(&routing);
	}
	generate(&odd, 1000, 0, 3, 1, &routing);
	assert_int_equal(routing.expert[2], 0);
	rill_routing_free(&routing);
	odd.experts = 0;
	assert_int_equal(rill_routing_calibrated(&odd, 0, 0, 3, 1, &routing, error), -22);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gpt_oss),
		cmocka_unit_test(test_deepseek),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_models),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
