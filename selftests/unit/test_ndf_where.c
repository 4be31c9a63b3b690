// SPDX-License-Identifier: MIT
/* Dataflow: what a WHERE does with its tokens, in each mode. */
#include <stdlib.h>

#include "ndf_rig.h"

static uint32_t held(struct rig *rig, uint32_t arc)
{
	return rill_ndf_arc_held(rig->engine, rig->b.arc_at[arc]);
}

/* A WHERE of two inputs and two outputs, fed with 1 2 3 and 10 20 30 */
static void run_table(struct rig *rig, const struct pattern *patterns, uint32_t count, const uint64_t *switches,
		      uint32_t switch_count, uint32_t *inputs)
{
	uint32_t where;

	rig_begin(rig);
	where = build_where(&rig->b, RILL_NDF_TABLE, 2, 2, patterns, count);
	inputs[0] = FEED(rig, where, 0, 1, 2, 3);
	inputs[1] = FEED(rig, where, 1, 10, 20, 30);
	rig_feed(rig, where, 2, switches, switch_count);
	rig_drain(rig, where, 0);
	rig_drain(rig, where, 1);
	rig_run(rig);
}

static void test_move_leave(void **state)
{
	/* what a merge does */
	static const struct pattern patterns[2] = { { 1, 1, { 0, NO } }, { 2, 2, { 1, NO } } };
	static const uint64_t switches[] = { 0, 1, 1, 0 };
	uint32_t in[2];
	struct rig rig;

	run_table(&rig, patterns, 2, switches, 4, in);
	EXPECT(&rig, 0, 1, 10, 20, 2);
	assert_int_equal(held(&rig, in[0]), 1);
	assert_int_equal(held(&rig, in[1]), 1);
	assert_int_equal(rill_ndf_arc_word(rig.engine, rig.b.arc_at[in[1]], 0), 30);
	rig_end(&rig);
}

static void test_broadcast_swap(void **state)
{
	static const struct pattern patterns[2] = { { 1, 1, { 0, 0 } }, { 3, 3, { 1, 0 } } };
	static const uint64_t switches[] = { 0, 1 };
	uint32_t in[2];
	struct rig rig;

	run_table(&rig, patterns, 2, switches, 2, in);
	EXPECT(&rig, 0, 1, 10);
	EXPECT(&rig, 1, 1, 2);
	assert_int_equal(held(&rig, in[0]), 1);
	assert_int_equal(held(&rig, in[1]), 2);
	rig_end(&rig);
}

static void test_discard(void **state)
{
	/* what a closed gate does */
	static const struct pattern patterns[2] = { { 1, 1, { NO, NO } }, { 3, 3, { 0, NO } } };
	static const uint64_t switches[] = { 0, 1, 0 };
	uint32_t in[2];
	struct rig rig;

	run_table(&rig, patterns, 2, switches, 3, in);
	EXPECT(&rig, 0, 2);
	assert_int_equal(held(&rig, in[0]), 0);
	assert_int_equal(held(&rig, in[1]), 2);
	rig_end(&rig);
}

static void test_peek(void **state)
{
	/* what a loop invariant needs: copy input 1 and keep it, until pattern 1 drops it */
	static const struct pattern patterns[2] = { { 3, 1, { 0, 1 } }, { 2, 2, { NO, NO } } };
	static const uint64_t switches[] = { 0, 0, 1, 0 };
	uint32_t in[2];
	struct rig rig;

	run_table(&rig, patterns, 2, switches, 4, in);
	EXPECT(&rig, 0, 1, 2, 3);
	EXPECT(&rig, 1, 10, 10, 20);
	assert_int_equal(held(&rig, in[1]), 2);
	rig_end(&rig);
}

static void test_static(void **state)
{
	static const struct pattern swap = { 3, 3, { 1, 0, 0 } };
	struct rig rig;
	uint32_t where;

	rig_begin(&rig);
	where = build_where(&rig.b, RILL_NDF_STATIC, 2, 3, &swap, 1);
	FEED(&rig, where, 0, 1, 2);
	FEED(&rig, where, 1, 10, 20, 30);
	rig_drain(&rig, where, 0);
	rig_drain(&rig, where, 1);
	rig_drain(&rig, where, 2);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 10, 20);
	EXPECT(&rig, 1, 1, 2);
	EXPECT(&rig, 2, 1, 2);
	rig_end(&rig);
}

static void test_index(void **state)
{
	static const uint8_t one_to_many[] = { 0, 0, 0 }, many_to_many[] = { 1, 0 };
	struct rig rig;
	uint32_t where;

	rig_begin(&rig);
	where = build_rows(&rig.b, RILL_NDF_INDEX, false, 1, 3, one_to_many, 3);
	FEED(&rig, where, 0, 5, 6, 7, 8);
	FEED(&rig, where, 1, 2, 0, 2, 1);
	rig_drain(&rig, where, 0);
	rig_drain(&rig, where, 1);
	rig_drain(&rig, where, 2);
	where = build_rows(&rig.b, RILL_NDF_INDEX, false, 2, 2, many_to_many, 2);
	FEED(&rig, where, 0, 1, 2);
	FEED(&rig, where, 1, 10, 20);
	FEED(&rig, where, 2, 0, 1, 0);
	rig_drain(&rig, where, 0);
	rig_drain(&rig, where, 1);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 6);
	EXPECT(&rig, 1, 8);
	EXPECT(&rig, 2, 5, 7);
	EXPECT(&rig, 3, 10, 20);
	EXPECT(&rig, 4, 1);
	rig_end(&rig);
}

static void test_mask(void **state)
{
	static const uint8_t dispatch[] = { 0, 0, 0, 0 };
	struct rig rig;
	uint32_t where;

	rig_begin(&rig);
	where = build_rows(&rig.b, RILL_NDF_MASK, false, 1, 4, dispatch, 4);
	FEED(&rig, where, 0, 5, 6, 7);
	FEED(&rig, where, 1, 0x5, 0, 0xf, 0x8);
	rig_drain(&rig, where, 0);
	rig_drain(&rig, where, 1);
	rig_drain(&rig, where, 2);
	rig_drain(&rig, where, 3);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 5, 6);
	EXPECT(&rig, 1, 6);
	EXPECT(&rig, 2, 5, 6);
	EXPECT(&rig, 3, 6, 7);
	rig_end(&rig);
}

/* Combining needs the chosen inputs and no others. */
static void test_packed(void **state)
{
	static const uint8_t rows[] = { 0, 1, 2, 3 };
	uint32_t where, left;
	struct rig rig;

	rig_begin(&rig);
	where = build_rows(&rig.b, RILL_NDF_MASK, true, 4, 2, rows, 4);
	FEED(&rig, where, 0, 1, 2);
	left = FEED(&rig, where, 1, 10);
	FEED(&rig, where, 2, 100, 200);
	build_arc(&rig.b, build_source(&rig.b, NULL, 0), 0, where, 3);
	FEED(&rig, where, 4, 0x5, 0x5, 0x3, 0xa);
	rig_drain(&rig, where, 0);
	rig_drain(&rig, where, 1);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 1, 2);
	EXPECT(&rig, 1, 100, 200);
	assert_int_equal(held(&rig, left), 1);
	rig_end(&rig);
}

static void expect_switch_fault(unsigned int mode, bool packed, uint64_t token)
{
	static const uint8_t rows[] = { 0, 0 };
	static const struct pattern patterns[2] = { { 1, 1, { 0, NO } }, { 1, 1, { NO, 0 } } };
	struct rill_ndf_fault_report report;
	struct rig rig;
	uint32_t where;

	rig_begin(&rig);
	where = mode == RILL_NDF_TABLE ? build_where(&rig.b, mode, 1, 2, patterns, 2) :
		build_rows(&rig.b, mode, packed, 1, packed ? 1 : 2, rows, 2);
	FEED(&rig, where, 0, 1, 2);
	FEED(&rig, where, 1, 1, token);
	rig_drain(&rig, where, 0);
	if (!packed)
		rig_drain(&rig, where, 1);
	assert_int_equal(rig_run(&rig), RILL_NDF_FAULT);
	rill_ndf_fault(rig.engine, &report);
	assert_int_equal(report.fault, RILL_NDF_FAULT_SWITCH);
	assert_int_equal(report.node, where);
	assert_int_equal(report.word, token);
	rig_end(&rig);
}

static void test_bad_switch(void **state)
{
	expect_switch_fault(RILL_NDF_TABLE, false, 2);
	expect_switch_fault(RILL_NDF_TABLE, false, UINT64_MAX);
	expect_switch_fault(RILL_NDF_INDEX, false, 2);
	expect_switch_fault(RILL_NDF_INDEX, false, 1ULL << 32);
	expect_switch_fault(RILL_NDF_MASK, false, 4);
	expect_switch_fault(RILL_NDF_MASK, true, 3);
	expect_switch_fault(RILL_NDF_MASK, true, 0);
}

/* 64 inputs to 64 outputs: more arc ends than a node record has bits for */
static void test_wide(void **state)
{
	uint8_t rows[64];
	struct rig rig;
	uint32_t i, where;

	for (i = 0; i < 64; i++)
		rows[i] = (uint8_t)(63 - i);
	rig_begin(&rig);
	where = build_rows(&rig.b, RILL_NDF_MASK, false, 64, 64, rows, 64);
	for (i = 0; i < 64; i++)
		FEED(&rig, where, i, i, 100 + i);
	FEED(&rig, where, 64, UINT64_MAX, 1ULL << 63 | 1, 0, 2);
	for (i = 0; i < 64; i++)
		rig_drain(&rig, where, i);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 63, 163);
	EXPECT(&rig, 1, 62, 162);
	EXPECT(&rig, 63, 0, 100);
	for (i = 2; i < 63; i++)
		EXPECT(&rig, i, 63 - i);
	rig_end(&rig);
}

/* One output port with 200 arcs, some of them slow: a firing needs room on all of them. */
static void test_fan_out(void **state)
{
	static const struct pattern move = { 1, 1, { 0 } };
	uint32_t i, where, slow;
	struct rig rig;

	rig_begin(&rig);
	where = build_where(&rig.b, RILL_NDF_STATIC, 1, 1, &move, 1);
	FEED(&rig, where, 0, 1, 2, 3, 4, 5, 6, 7, 8);
	for (i = 0; i < 200; i++)
		rig_drain(&rig, where, 0);
	slow = build_op(&rig.b, RILL_NDF_ADD);
	build_arc(&rig.b, where, 0, slow, 0);
	FEED(&rig, slow, 1, 10, 20);
	rig_drain(&rig, slow, 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	/* Two got through, four wait in the FIFO. */
	for (i = 0; i < 200; i++)
		EXPECT(&rig, i, 1, 2, 3, 4, 5, 6);
	EXPECT(&rig, 200, 11, 22);
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_move_leave),
		cmocka_unit_test(test_broadcast_swap),
		cmocka_unit_test(test_discard),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_mask),
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_bad_switch),
		cmocka_unit_test(test_wide),
		cmocka_unit_test(test_fan_out),
	};

	return cmocka_run_group_tests_name("ndf where", tests, NULL, NULL);
}
