// SPDX-License-Identifier: MIT
/* Token buffering: nothing is lost, budget and age are kept, the sums have the bits of the dense reference. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sequence_rig.h"

#define BATCHES	12

static char error[RILL_ERROR_BYTES];

struct sequence {
	struct rill_model model;
	uint32_t tokens;
	struct rill_layer *batch[BATCHES];
	struct rill_buffering_options options;
	struct rill_buffering *buffering;
};

static void make_batches(struct sequence *s, uint64_t seed)
{
	for (uint32_t b = 0; b < BATCHES; b++) {
		struct rill_routing routing;

		assert_int_equal(rill_routing_calibrated(&s->model, 0, b * s->tokens, s->tokens, seed,
							 &routing, error), 0);
		assert_int_equal(rill_layer_create(&s->model, 0, &routing, seed, &s->batch[b], error), 0);
		assert_int_equal(rill_layer_renumber(s->batch[b], b * s->tokens), 0);
	}
}

static void open_sequence(struct sequence *s, uint64_t seed)
{
	make_batches(s, seed);
	if (rill_buffering_create(s->batch, BATCHES, &s->options, &s->buffering, error))
		fail_msg("%s", error);
}

static void close_sequence(struct sequence *s)
{
	rill_buffering_free(s->buffering);
	for (uint32_t b = 0; b < BATCHES; b++)
		rill_layer_free(s->batch[b]);
}

static struct sequence small(uint32_t percent, uint32_t age, double slack)
{
	return (struct sequence){
		.model = { .name = "small", .hidden = 64, .width = 32, .experts = 32, .top_k = 4,
			   .shared = 1, .shared_width = 24, .layers = 1 },
		.tokens = 20,
		.options = { .percent = percent, .age = age, .slack = slack, .seed = 5 },
	};
}

/* Every selection of every batch, how often it was computed and in which pass. */
struct tally {
	uint8_t *times;			/* [batch][token][expert] */
	uint32_t experts;
};

static void count_pass(const struct sequence *s, uint32_t p, struct tally *tally)
{
	const struct rill_buffering_pass *pass = &s->buffering->passes[p];

	for (uint32_t row = 0; row < pass->layer->tokens; row++) {
		struct rill_buffering_row from = pass->rows[row];

		assert_in_range(from.batch, p < s->options.age ? 0 : p - s->options.age, p);
		assert_true(rill_layer_picks(pass->layer, row) > 0);
		assert_memory_equal(pass->layer->x + row * s->model.hidden,
				    s->batch[from.batch]->x + from.token * s->model.hidden, s->model.hidden);
		for (uint32_t i = 0; i < rill_layer_picks(pass->layer, row); i++) {
			uint32_t expert;
			int32_t weight;

			rill_layer_select(pass->layer, row, i, &expert, &weight);
			tally->times[(from.batch * s->tokens + from.token) * tally->experts + expert]++;
			/* Shared experts do not wait */
			assert_true(expert < s->model.experts || from.batch == p);
			assert_true(s->buffering->done[from.batch][from.token] >= p);
		}
	}
}

static void check_token(const struct sequence *s, const struct tally *tally, uint32_t batch, uint32_t t)
{
	const uint8_t *times = tally->times + (size_t)(batch * s->tokens + t) * tally->experts;
	uint32_t computed = 0;

	for (uint32_t i = 0; i < rill_layer_picks(s->batch[batch], t); i++) {
		uint32_t expert;
		int32_t weight;

		rill_layer_select(s->batch[batch], t, i, &expert, &weight);
		assert_int_equal(times[expert], 1);
	}
	for (uint32_t e = 0; e < tally->experts; e++)
		computed += times[e];
	assert_int_equal(computed, rill_layer_picks(s->batch[batch], t));
	assert_in_range(s->buffering->done[batch][t], batch, batch + s->options.age);
}

static uint32_t waiting_after(const struct sequence *s, uint32_t pass)
{
	uint32_t waiting = 0;

	for (uint32_t b = 0; b <= pass; b++)
		for (uint32_t t = 0; t < s->tokens; t++)
			waiting += s->buffering->done[b][t] > pass;
	return waiting;
}

static void check_sequence(const struct sequence *s)
{
	struct tally tally = { .experts = rill_layer_experts(s->batch[0]) };

	tally.times = calloc((size_t)BATCHES * s->tokens * tally.experts, 1);
	assert_non_null(tally.times);
	for (uint32_t p = 0; p < BATCHES; p++)
		count_pass(s, p, &tally);
	for (uint32_t b = 0; b < BATCHES; b++)
		for (uint32_t t = 0; t < s->tokens; t++)
			check_token(s, &tally, b, t);
	for (uint32_t p = 0; p < BATCHES; p++) {
		assert_int_equal(waiting_after(s, p), s->buffering->passes[p].waiting);
		assert_true(waiting_after(s, p) <= s->tokens * s->options.percent / 100);
	}
	assert_int_equal(waiting_after(s, BATCHES - 1), 0);
	free(tally.times);
}

static void test_all_computed(void **state)
{
	for (uint32_t percent = 0; percent <= 100; percent += 10)
		for (uint32_t age = 1; age <= 5; age++) {
			struct sequence s = small(percent, age, percent % 20 ? 1 : 0.6);

			open_sequence(&s, 1 + percent + age);
			check_sequence(&s);
			assert_true(percent < 20 || s.buffering->deferred > 0);
			close_sequence(&s);
		}
}

static bool computes_all_at_once(const struct sequence *s)
{
	for (uint32_t p = 0; p < BATCHES; p++)
		if (s->buffering->passes[p].waiting || s->buffering->passes[p].layer->tokens != s->tokens)
			return false;
	return !s->buffering->deferred;
}

static void test_nobody_can_wait(void **state)
{
	struct sequence budget = small(0, 3, 1), slack = small(50, 3, 0);

	open_sequence(&budget, 1);
	assert_true(computes_all_at_once(&budget));
	close_sequence(&budget);
	open_sequence(&slack, 1);
	assert_true(computes_all_at_once(&slack));
	close_sequence(&slack);
}

/* Only tokens with slack wait, and a share of 0.3 of them has it. */
static void test_slack(void **state)
{
	struct sequence s = small(100, 4, 0.3);
	uint32_t late = 0;

	open_sequence(&s, 3);
	check_sequence(&s);
	for (uint32_t b = 0; b < BATCHES; b++)
		for (uint32_t t = 0; t < s.tokens; t++)
			late += s.buffering->done[b][t] > b;
	assert_in_range(late, 1, BATCHES * s.tokens * 45 / 100);
	close_sequence(&s);
}

/* Experts loaded, over all passes */
static uint32_t loads(const struct sequence *s)
{
	uint32_t sum = 0;

	for (uint32_t p = 0; p < BATCHES; p++) {
		const struct rill_layer *layer = s->buffering->passes[p].layer;
		bool used[64] = { false };

		for (uint32_t t = 0; t < layer->tokens; t++)
			for (uint32_t i = 0; i < rill_layer_picks(layer, t); i++) {
				uint32_t expert;
				int32_t weight;

				rill_layer_select(layer, t, i, &expert, &weight);
				sum += !used[expert];
				used[expert] = true;
			}
	}
	return sum;
}

static void test_saves_loads(void **state)
{
	uint32_t last = UINT32_MAX;

	for (uint32_t percent = 0; percent <= 30; percent += 10) {
		struct sequence s = small(percent, 3, 1);

		open_sequence(&s, 7);
		print_message("%u %%: %u loads, %lu pairs waited\n", percent, loads(&s),
			      (unsigned long)s.buffering->deferred);
		assert_true(loads(&s) < last);
		last = loads(&s);
		close_sequence(&s);
	}
}

static void check_outputs(const struct sequence *s, int64_t *const *sums)
{
	size_t bytes = (size_t)s->tokens * s->model.hidden * sizeof(int64_t);
	int64_t *want = malloc(bytes);

	for (uint32_t b = 0; b < BATCHES; b++) {
		rill_buffering_round(s->batch[b], sums[b]);
		assert_int_equal(rill_reference(s->batch[b], NULL, s->tokens, 1, want), 0);
		assert_memory_equal(sums[b], want, bytes);
	}
	free(want);
}

static void run_bits(struct sequence *s, const char *strategy)
{
	struct sequence_pass passes[BATCHES] = { 0 };
	const struct rill_plan_options options = { 0 };
	int64_t *sums[BATCHES];
	struct sequence_rig rig;

	sequence_rig_open(&rig, &(struct rill_model_chip){ .rows = 2, .cols = 2, .channel_bytes = 64 << 20 });
	for (uint32_t p = 0; p < BATCHES; p++) {
		passes[p].layer = s->buffering->passes[p].layer;
		passes[p].plan = sequence_rig_plan(&rig, passes[p].layer, strategy, &options);
		sums[p] = calloc((size_t)s->tokens * s->model.hidden, sizeof(**sums));
	}
	sequence_rig_run(&rig, passes, BATCHES, false, BETWEEN_NOTHING);
	for (uint32_t p = 0; p < BATCHES; p++) {
		rill_buffering_add(s->buffering, p, passes[p].out, sums);
		free(passes[p].out);
		sequence_rig_plan_free(passes[p].plan);
	}
	check_outputs(s, sums);
	for (uint32_t p = 0; p < BATCHES; p++)
		free(sums[p]);
	sequence_rig_close(&rig);
}

static void test_bits(void **state)
{
	for (uint32_t percent = 0; percent <= 60; percent += 20) {
		struct sequence s = small(percent, 3, 1);

		open_sequence(&s, percent);
		run_bits(&s, "fse-dp");
		run_bits(&s, "ep");
		close_sequence(&s);
	}
}

static void refuse(uint32_t percent, uint32_t age, double slack, const char *names)
{
	struct sequence s = small(percent, age, slack);

	make_batches(&s, 1);
	assert_int_equal(rill_buffering_create(s.batch, BATCHES, &s.options, &s.buffering, error), -22);
	assert_non_null(strstr(error, names));
	close_sequence(&s);
}

static void test_refused(void **state)
{
	refuse(101, 1, 1, "buffer");
	refuse(10, 0, 1, "age");
	refuse(10, 1, 1.5, "slack");
	refuse(10, 1, -0.5, "slack");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_computed),
		cmocka_unit_test(test_nobody_can_wait),
		cmocka_unit_test(test_slack),
		cmocka_unit_test(test_saves_loads),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
