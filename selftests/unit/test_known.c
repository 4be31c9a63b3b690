// SPDX-License-Identifier: MIT
/* Slices that are known before the gate, loaded in the time that the pass before left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sequence_rig.h"

#define HIDDEN		1024u
#define SLICES		8u		/* of an expert */
#define RECORDS		32u		/* of a slice */
#define SLICE_BYTES	(3ULL * HIDDEN * RECORDS)
#define LATENCY_PS	60000u

static char error[RILL_ERROR_BYTES];

/* One routed and one shared expert: every token selects both. */
static const struct rill_model two = {
	.name = "two", .hidden = HIDDEN, .width = SLICES * RECORDS, .experts = 1, .top_k = 1,
	.shared = 1, .shared_width = SLICES * RECORDS, .layers = 2,
};

static uint64_t up(uint64_t a, uint64_t b)
{
	return (a + b - 1) / b;
}

static uint64_t ddr_ps(void)
{
	return up(SLICE_BYTES * 1000000, 25600);
}

static uint64_t mac_ps(uint64_t tokens)
{
	return up((up(tokens * SLICE_BYTES, 2048) + 64) * 1000000000, 800000);
}

static struct rill_layer *make_layer(const struct rill_model *model, uint32_t tokens, uint64_t seed)
{
	struct rill_routing routing;
	struct rill_layer *layer;

	assert_int_equal(rill_routing_zipf(model, 0, tokens, 0.8, seed, &routing, error), 0);
	assert_int_equal(rill_layer_create(model, 0, &routing, seed, &layer, error), 0);
	return layer;
}

struct pair {
	struct sequence_rig rig;
	struct rill_layer *layer;
	struct sequence_pass pass[2];
};

/* Two equal passes on a chip of one chiplet. */
static void open_pair(struct pair *pair, uint32_t tokens, uint32_t slots, bool known)
{
	const struct rill_plan_options options = { .slices = SLICES, .slots = slots };

	sequence_rig_open(&pair->rig, &(struct rill_model_chip){ .rows = 1, .cols = 1 });
	pair->layer = make_layer(&two, tokens, 1);
	for (unsigned int i = 0; i < 2; i++) {
		pair->pass[i].layer = pair->layer;
		pair->pass[i].plan = sequence_rig_plan(&pair->rig, pair->layer, "fse-dp", &options);
		if (known && i)
			assert_int_equal(rill_plan_known(pair->layer, pair->pass[i].plan, slots,
							 error), 0);
	}
}

static void close_pair(struct pair *pair)
{
	sequence_rig_plan_free(pair->pass[0].plan);
	sequence_rig_plan_free(pair->pass[1].plan);
	rill_layer_free(pair->layer);
	sequence_rig_close(&pair->rig);
}

static void run_pair(uint32_t tokens, uint32_t slots, bool known, enum between between,
		     struct sequence_pass *passes)
{
	struct pair pair;

	open_pair(&pair, tokens, slots, known);
	sequence_rig_run(&pair.rig, pair.pass, 2, true, between);
	memcpy(passes, pair.pass, sizeof(pair.pass));
	close_pair(&pair);
}

/* DDR goes on at the boundary as if there was none: the computation of the last slice hides nothing more. */
static void test_ddr_bound(void **state)
{
	uint64_t ddr = 2 * SLICES * ddr_ps();
	struct sequence_pass passes[2];

	assert_true(mac_ps(1) < ddr_ps());
	run_pair(1, 4, true, BETWEEN_NOTHING, passes);
	assert_int_equal(sequence_pass_ps(&passes[0]), LATENCY_PS + ddr + mac_ps(1));
	assert_int_equal(sequence_pass_ps(&passes[1]), ddr);
	assert_int_equal(passes[0].report.prefetched_bytes, 0);
	assert_int_equal(passes[1].report.prefetched_bytes, SLICE_BYTES);
	assert_int_equal(passes[1].report.channel[0].bytes, 2 * SLICES * SLICE_BYTES);
	assert_int_equal(passes[1].report.channel[0].busy_ps, ddr - mac_ps(1));
}

/* The slots come free one by one, each is filled again, and the MAC array never waits. */
static void test_mac_bound(void **state)
{
	struct sequence_pass passes[2];

	assert_true(mac_ps(256) > 2 * ddr_ps());
	run_pair(256, 4, true, BETWEEN_NOTHING, passes);
	assert_int_equal(sequence_pass_ps(&passes[0]), LATENCY_PS + ddr_ps() + 2 * SLICES * mac_ps(256));
	assert_int_equal(sequence_pass_ps(&passes[1]), 2 * SLICES * mac_ps(256));
	/* One slot came free too late: when the last slice had been computed. */
	assert_int_equal(passes[1].report.prefetched_bytes, 3 * SLICE_BYTES);
	assert_int_equal(passes[1].report.chiplet[0].sram_peak_weights, 4 * SLICE_BYTES);
}

/* The first pass is one of few slices; those of the next lie beside them. */
static void test_peak(void **state)
{
	const struct rill_plan_options options = { .slices = 1, .slots = 8 };
	struct pair pair;
	struct rill_plan *plan;

	open_pair(&pair, 256, 8, true);
	plan = sequence_rig_plan(&pair.rig, pair.layer, "fse-dp", &options);
	sequence_rig_plan_free(pair.pass[0].plan);
	pair.pass[0].plan = plan;
	sequence_rig_run(&pair.rig, pair.pass, 2, true, BETWEEN_NOTHING);
	assert_int_equal(pair.pass[0].report.chiplet[0].sram_peak_weights, 2 * SLICES * SLICE_BYTES);
	/* Six slots are left from the start, and one more when the first large slice has been computed. */
	assert_int_equal(pair.pass[1].report.prefetched_bytes, 7 * SLICE_BYTES);
	assert_int_equal(pair.pass[1].report.chiplet[0].sram_peak_weights, (2 * SLICES + 6) * SLICE_BYTES);
	assert_int_equal(pair.pass[1].report.chiplet[0].sram_peak,
			 (2 * SLICES + 6) * SLICE_BYTES + 256 * 7 * HIDDEN);
	close_pair(&pair);
}

static void test_not_declared(void **state)
{
	struct sequence_pass passes[2];

	run_pair(256, 4, false, BETWEEN_NOTHING, passes);
	assert_int_equal(sequence_pass_ps(&passes[0]), sequence_pass_ps(&passes[1]));
	assert_int_equal(passes[1].report.prefetched_bytes, 0);
}

static void test_between(void **state)
{
	struct sequence_pass passes[2];

	run_pair(256, 4, true, BETWEEN_NOP, passes);
	assert_int_equal(passes[1].report.prefetched_bytes, 3 * SLICE_BYTES);
	run_pair(256, 4, true, BETWEEN_FILL, passes);
	assert_int_equal(passes[1].report.prefetched_bytes, 0);
	assert_int_equal(sequence_pass_ps(&passes[0]), sequence_pass_ps(&passes[1]));
}

/* One submission for both passes or one for each: the same picoseconds */
static void test_arrival(void **state)
{
	struct sequence_pass together[2];
	struct pair pair;

	run_pair(200, 5, true, BETWEEN_NOTHING, together);
	open_pair(&pair, 200, 5, true);
	sequence_rig_run(&pair.rig, &pair.pass[0], 1, true, BETWEEN_NOTHING);
	sequence_rig_run(&pair.rig, &pair.pass[1], 1, true, BETWEEN_NOTHING);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(sequence_pass_ps(&pair.pass[i]), sequence_pass_ps(&together[i]));
	assert_int_equal(pair.pass[1].report.prefetched_bytes, together[1].report.prefetched_bytes);
	assert_true(together[1].report.prefetched_bytes > 0);
	close_pair(&pair);
}

/* What one pass leaves to the next on another queue is nothing. */
static void test_other_queue(void **state)
{
	struct rill_queue_handle *first, *second;
	struct pair pair;

	open_pair(&pair, 256, 4, true);
	first = pair.rig.queue;
	assert_int_equal(rill_queue_create(pair.rig.device, 64, &second), 0);
	sequence_rig_run(&pair.rig, &pair.pass[0], 1, true, BETWEEN_NOTHING);
	pair.rig.queue = second;
	sequence_rig_run(&pair.rig, &pair.pass[1], 1, true, BETWEEN_NOTHING);
	assert_int_equal(pair.pass[1].report.prefetched_bytes, 0);
	pair.rig.queue = first;
	sequence_rig_run(&pair.rig, &pair.pass[1], 1, true, BETWEEN_NOTHING);
	assert_int_equal(pair.pass[1].report.prefetched_bytes, 0);
	rill_queue_destroy(second);
	close_pair(&pair);
}

static uint64_t drawn;

static unsigned int draw(unsigned int below)
{
	return rill_pattern(99, drawn++) % below;
}

struct trial {
	struct rill_model model;
	struct rill_model_chip chip;
	struct sequence_rig rig;
	struct rill_layer *layer[4];
	struct sequence_pass pass[4];
};

static void open_trial(struct trial *t)
{
	struct rill_plan_options options = { .slices = 1 + draw(12), .slots = draw(2) ? 3 + draw(6) : 0 };
	const char *strategy = draw(3) ? "fse-dp" : "ep";

	*t = (struct trial){
		.model = { .name = "tiny", .hidden = 64, .width = 16 + draw(60), .experts = 2 + draw(6),
			   .top_k = 2, .shared = 1 + draw(2), .shared_width = 16 + draw(60), .layers = 1 },
		.chip = { .rows = 1 + draw(3), .cols = 1 + draw(3), .channel_bytes = 64 << 20,
			  .sram_bytes = 65536 },
	};
	sequence_rig_open(&t->rig, &t->chip);
	for (unsigned int i = 0; i < 4; i++) {
		t->layer[i] = make_layer(&t->model, 1 + draw(60), i);
		t->pass[i].layer = t->layer[i];
		t->pass[i].plan = sequence_rig_plan(&t->rig, t->layer[i], strategy, &options);
		if (i)
			assert_int_equal(rill_plan_known(t->layer[i], t->pass[i].plan, draw(6),
							 error), 0);
		assert_int_equal(rill_plan_check(t->layer[i], &t->rig.chip, t->pass[i].plan, error), 0);
	}
}

static void test_bits(void **state)
{
	uint64_t prefetched = 0;

	for (unsigned int i = 0; i < 100; i++) {
		struct trial t;

		open_trial(&t);
		sequence_rig_run(&t.rig, t.pass, 4, false, BETWEEN_NOTHING);
		for (unsigned int p = 0; p < 4; p++) {
			sequence_pass_check(&t.pass[p]);
			prefetched += t.pass[p].report.prefetched_bytes;
			for (unsigned int c = 0; c < RILL_MAX_CHIPLETS; c++)
				assert_true(t.pass[p].report.chiplet[c].sram_peak <= t.rig.chip.sram_bytes);
			free(t.pass[p].out);
			sequence_rig_plan_free(t.pass[p].plan);
			rill_layer_free(t.layer[p]);
		}
		sequence_rig_close(&t.rig);
	}
	assert_true(prefetched > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ddr_bound),
		cmocka_unit_test(test_mac_bound),
		cmocka_unit_test(test_peak),
		cmocka_unit_test(test_not_declared),
		cmocka_unit_test(test_between),
		cmocka_unit_test(test_arrival),
		cmocka_unit_test(test_other_queue),
		cmocka_unit_test(test_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
