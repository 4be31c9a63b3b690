// SPDX-License-Identifier: MIT
/* The bound against figures worked out by hand. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "rill_moe.h"

/* 3 * 16 bytes a record: a routed expert has 480 bytes, a shared one 960 */
static const struct rill_model model = {
	.name = "tiny", .hidden = 16, .width = 10, .experts = 4, .top_k = 1,
	.shared = 1, .shared_width = 20,
};

static char error[RILL_ERROR_BYTES];

struct fixture {
	struct rill_plan_chip chip;
	struct rill_layer *layer;
	struct rill_plan plan;
	struct rill_pass_report *report;
};

/* Five tokens: experts 0, 0, 0, 2, 2 */
static int setup(void **state)
{
	static const uint16_t expert[5] = { 0, 0, 0, 2, 2 };
	struct rill_plan_options options = { .slices = 2 };
	struct fixture *f = calloc(1, sizeof(*f));
	struct rill_routing routing = { .tokens = 5, .top_k = 1 };

	f->chip = (struct rill_plan_chip){
		.rows = 2, .cols = 2, .channels = 4, .channel_chiplet = { 0, 1, 2, 3 },
		.sram_bytes = 1 << 20, .mac_per_second = 1000, .ddr_bytes_per_second = 100,
		.link_bytes_per_second = 7,
	};
	f->report = calloc(1, sizeof(*f->report));
	routing.expert = malloc(sizeof(expert));
	memcpy(routing.expert, expert, sizeof(expert));
	routing.weight = calloc(5, sizeof(*routing.weight));
	assert_int_equal(rill_layer_create(&model, 0, &routing, 1, &f->layer, error), 0);
	assert_int_equal(rill_strategy_find("fse-dp")->plan(f->layer, &f->chip, &options,
							    &f->plan, error), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	rill_plan_free(&f->plan);
	rill_layer_free(f->layer);
	free(f->report);
	free(f);
	return 0;
}

/* 480 + 480 + 960 bytes over 400 bytes/s; two tokens of 1440 MACs at one chiplet */
static void test_ddr(void **state)
{
	struct fixture *f = *state;
	struct rill_plan_bound bound;

	rill_plan_bound(f->layer, &f->chip, &f->plan, NULL, &bound);
	assert_int_equal(bound.ddr_ps, 4800000000000);
	assert_int_equal(bound.mac_ps, 2880000000000);
	assert_int_equal(bound.link_ps, 0);
	assert_int_equal(bound.by, RILL_BOUND_DDR);
	assert_int_equal(bound.ps, bound.ddr_ps);
}

static void test_mac(void **state)
{
	struct fixture *f = *state;
	struct rill_plan_bound bound;

	f->chip.mac_per_second = 7;
	rill_plan_bound(f->layer, &f->chip, &f->plan, NULL, &bound);
	assert_int_equal(bound.mac_ps, 411428571428572);	/* rounded up */
	assert_int_equal(bound.by, RILL_BOUND_MAC);
	assert_int_equal(bound.ps, bound.mac_ps);
}

static void test_link(void **state)
{
	struct fixture *f = *state;
	struct rill_plan_bound bound;

	f->report->link[3].bytes = 70;
	f->report->link[5].bytes = 69;
	rill_plan_bound(f->layer, &f->chip, &f->plan, f->report, &bound);
	assert_int_equal(bound.link_ps, 10000000000000);
	assert_int_equal(bound.by, RILL_BOUND_LINK);
	assert_int_equal(bound.ps, bound.link_ps);
}

/* hidden 64: 104 bytes a record instead of 192, and 192 MACs as ever */
static void test_int4(void **state)
{
	static const struct rill_model wide = {
		.name = "wide", .hidden = 64, .width = 10, .experts = 1, .top_k = 1,
	};
	struct fixture *f = *state;
	struct rill_routing routing;
	struct rill_plan_bound bound;
	struct rill_layer *layer;
	struct rill_plan plan;

	assert_int_equal(rill_routing_zipf(&wide, 0, 4, 0, 1, &routing, error), 0);
	assert_int_equal(rill_layer_create_with(&wide, 0, &routing, 1, RILL_WEIGHTS_INT4, &layer,
						error), 0);
	assert_int_equal(rill_strategy_find("fse-dp")->plan(layer, &f->chip,
							    &(struct rill_plan_options){ 0 },
							    &plan, error), 0);
	rill_plan_bound(layer, &f->chip, &plan, NULL, &bound);
	assert_int_equal(bound.ddr_ps, 2600000000000);
	assert_int_equal(bound.mac_ps, 1920000000000);
	rill_plan_free(&plan);
	rill_layer_free(layer);
}

/* Confined to one chiplet, only its channel counts. */
static void test_confined(void **state)
{
	struct fixture *f = *state;
	struct rill_plan_bound bound;

	f->chip.chiplet_mask = 1 << 2;
	rill_plan_bound(f->layer, &f->chip, &f->plan, NULL, &bound);
	assert_int_equal(bound.ddr_ps, 19200000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ddr, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mac, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_int4, setup, teardown),
		cmocka_unit_test_setup_teardown(test_confined, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
