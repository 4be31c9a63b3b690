// SPDX-License-Identifier: MIT
/* Dataflow: runs. Ends, limits, steps, capacities, order of firing, a scheduler of one's own. */
#include <stdlib.h>
#include <string.h>

#include "ndf_programs.h"
#include "ndf_timed.h"

#include "ndf/internal.h"

static const uint64_t gcd_a[] = { 252, 7, 1071, 12, 100 }, gcd_b[] = { 105, 7, 462, 18, 1 };

static void test_programs(void **state)
{
	static const uint32_t capacities[] = { 0, 1, 2, 4, 100 };
	size_t c, i;

	for (c = 0; c < COUNT(capacities); c++) {
		struct rig rig;

		rig_begin(&rig);
		rig.options.capacity = capacities[c];
		program_gcd(&rig, gcd_a, gcd_b, COUNT(gcd_a));
		assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
		EXPECT(&rig, 0, 21, 7, 21, 6, 1);
		rig_end(&rig);

		rig_begin(&rig);
		rig.options.capacity = capacities[c];
		program_sum_memory(&rig, 20);
		for (i = 0; i < 20; i++)
			rig.memory[8 * i] = (uint8_t)i;
		assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
		EXPECT(&rig, 1, 190);
		rig_end(&rig);
	}
}

/* The fused loop of gcd(252, 105): 6 tests of which 5 go round; each takes WHEN, WHERE, SUB in turn. */
static void test_counts(void **state)
{
	struct rill_ndf_stats stats;
	struct rig rig;

	rig_begin(&rig);
	program_gcd(&rig, gcd_a, gcd_b, 1);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	rill_ndf_stats(rig.engine, &stats);
	assert_int_equal(stats.when, 6);
	assert_int_equal(stats.where, 6);
	assert_int_equal(stats.op, 5);
	assert_int_equal(stats.source, 2);
	assert_int_equal(stats.sink, 1);
	assert_int_equal(stats.firings, 20);
	assert_int_equal(stats.steps, 1 + 5 * 3 + 2 + 1);
	assert_int_equal(stats.tokens, 0);
	/* SUB's two results go back on two arcs, each carries 5 tokens. */
	assert_int_equal(rill_ndf_arc_tokens(rig.engine, 1), 5);
	rig_end(&rig);
}

/* Three adders behind one another: a step fires each that was enabled when it began, once. */
static void test_steps(void **state)
{
	struct rill_ndf_stats stats;
	struct rig rig;
	uint32_t node, last = 0, i;

	rig_begin(&rig);
	for (i = 0; i < 3; i++) {
		node = build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
		if (i)
			build_arc(&rig.b, last, 0, node, 0);
		last = node;
	}
	FEED(&rig, 0, 0, 1, 2, 3, 4);
	rig_drain(&rig, last, 0);
	rig_load(&rig);
	for (i = 1; i <= 8; i++) {
		assert_int_equal(rill_ndf_run(rig.engine, 1000, 1), i < 8 ? RILL_NDF_LIMIT : RILL_NDF_FINISHED);
		rill_ndf_stats(rig.engine, &stats);
		assert_int_equal(stats.steps, i);
		/* A diagonal wave: source in steps 1-4, adders in 2-5, 3-6, 4-7, sink in 5-8 */
		assert_int_equal(stats.source, i < 4 ? i : 4);
		assert_int_equal(stats.sink, i < 5 ? 0 : i - 4);
	}
	EXPECT(&rig, 0, 4, 5, 6, 7);
	rig_end(&rig);
}

/* With room for one token, a node and its consumer take turns. */
static void test_capacity_one(void **state)
{
	struct rill_ndf_stats stats;
	struct rig rig;

	rig_begin(&rig);
	rig.b.capacity = 1;
	build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
	FEED(&rig, 0, 0, 1, 2, 3, 4);
	rig_drain(&rig, 0, 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	rill_ndf_stats(rig.engine, &stats);
	assert_int_equal(stats.steps, 3 + 2 * 3);
	rig.options.capacity = 2;
	rig_again(&rig);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	rill_ndf_stats(rig.engine, &stats);
	assert_int_equal(stats.steps, 3 + 3);
	rig_end(&rig);
}

static void test_firing_limit(void **state)
{
	struct rill_ndf_stats stats;
	struct rig rig;
	unsigned int i;

	rig_begin(&rig);
	program_gcd(&rig, gcd_a, gcd_b, COUNT(gcd_a));
	rig_load(&rig);
	for (i = 1; rill_ndf_run(rig.engine, 1, UINT64_MAX) == RILL_NDF_LIMIT; i++) {
		rill_ndf_stats(rig.engine, &stats);
		assert_int_equal(stats.firings, i);
		assert_in_range(i, 1, 1000);
	}
	EXPECT(&rig, 0, 21, 7, 21, 6, 1);
	assert_int_equal(rill_ndf_run(rig.engine, 0, 0), RILL_NDF_FINISHED);
	rig_end(&rig);
}

static void test_endless(void **state)
{
	struct rill_ndf_stats stats;
	struct rig rig;

	rig_begin(&rig);
	build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
	build_token(&rig.b, build_arc(&rig.b, 0, 0, 0, 0), 0);
	build_arc(&rig.b, 0, 0, build_sink(&rig.b, RILL_NDF_SINK_IGNORE, 0), 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_LIMIT);
	rill_ndf_stats(rig.engine, &stats);
	assert_int_equal(stats.firings, 1000000);
	rig_end(&rig);
}

static void test_sinks(void **state)
{
	struct rig rig;
	uint32_t source, until;

	rig_begin(&rig);
	source = build_source(&rig.b, (const uint64_t[]){ 1, 2, 3, 4, 5, 6, 7, 8, 9 }, 9);
	until = build_source(&rig.b, (const uint64_t[]){ 5, 6, 99, 7, 8 }, 5);
	build_arc(&rig.b, source, 0, build_sink(&rig.b, RILL_NDF_SINK_COUNT, 3), 0);
	build_arc(&rig.b, until, 0, build_sink(&rig.b, RILL_NDF_SINK_UNTIL, 99), 0);
	build_arc(&rig.b, until, 0, build_sink(&rig.b, RILL_NDF_SINK_IGNORE, 0), 0);
	rig_load(&rig);
	assert_false(rill_ndf_sink_satisfied(rig.engine, 0));
	assert_false(rill_ndf_sink_satisfied(rig.engine, 1));
	assert_true(rill_ndf_sink_satisfied(rig.engine, 2));
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 1, 2, 3);
	EXPECT(&rig, 1, 5, 6, 99);
	rig_expect(&rig, 2, NULL, 0);
	/* Expecting nothing is satisfied at once, so only the second one decides. */
	rig_again(&rig);
	rill_ndf_sink_expect(rig.engine, 0, 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	rig_expect(&rig, 0, NULL, 0);
	rig_again(&rig);
	rill_ndf_sink_expect(rig.engine, 0, 10);
	assert_int_equal(rig_run(&rig), RILL_NDF_DEADLOCK);
	EXPECT(&rig, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	rig_end(&rig);
}

static void test_quiescent(void **state)
{
	struct rig rig;

	rig_begin(&rig);
	build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
	FEED(&rig, 0, 0, 1);
	build_arc(&rig.b, 0, 0, build_sink(&rig.b, RILL_NDF_SINK_IGNORE, 0), 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_QUIESCENT);
	rig_end(&rig);
}

static void test_sink_limit(void **state)
{
	struct rill_ndf_fault_report report;
	struct rig rig;

	rig_begin(&rig);
	rig.options.sink_tokens = 2;
	build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
	FEED(&rig, 0, 0, 1, 2, 3);
	rig_drain(&rig, 0, 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_FAULT);
	rill_ndf_fault(rig.engine, &report);
	assert_int_equal(report.fault, RILL_NDF_FAULT_SINKS);
	EXPECT(&rig, 0, 2, 3);
	rig_end(&rig);
}

/* More words for a SOURCE, before and between runs */
static void test_push(void **state)
{
	static const uint64_t first[] = { 10, 20 }, more[] = { 30 };
	struct rig rig;

	rig_begin(&rig);
	build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
	FEED(&rig, 0, 0, 1, 2, 3);
	rig_drain(&rig, 0, 0);
	rig_load(&rig);
	assert_true(rill_ndf_source_push(rig.engine, 0, first, 2));
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 11, 21);
	assert_true(rill_ndf_source_push(rig.engine, 0, more, 1));
	assert_true(rill_ndf_source_push(rig.engine, 0, NULL, 0));
	assert_true(rill_ndf_source_push(rig.engine, 0, first, 2));
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	EXPECT(&rig, 0, 11, 21, 31, 11, 21);
	/* No words at all: nothing comes. */
	rig_again(&rig);
	assert_true(rill_ndf_source_push(rig.engine, 0, NULL, 0));
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	rig_expect(&rig, 0, NULL, 0);
	rig_end(&rig);
}

/* One that never runs dry takes no more memory than what waits: words that are gone leave room. */
static void test_push_for_long(void **state)
{
	uint64_t word, count = 4000;
	const uint64_t *words;
	struct rig rig;
	size_t taken;

	rig_begin(&rig);
	build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
	FEED(&rig, 0, 0, 1);
	rig_drain(&rig, 0, 0);
	rig_load(&rig);
	for (word = 0; word < count; word++) {
		assert_true(rill_ndf_source_push(rig.engine, 0, &word, 1));
		if (word < 50)
			continue;
		rill_ndf_run(rig.engine, 3, UINT64_MAX);
		assert_in_range(rill_ndf_source_left(rig.engine, 0), 1, 50);
	}
	assert_true(rig.engine->sources[0].room <= 256);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	words = rill_ndf_sink_words(rig.engine, 0, &taken);
	assert_int_equal(taken, count);
	for (word = 0; word < count; word++)
		assert_int_equal(words[word], word + 1);
	rig_end(&rig);
}

/* A SOURCE that still has words of its own, in the middle of a run, enabled or waiting for room */
static void test_push_early(void **state)
{
	static const uint64_t more[] = { 9, 10 };
	unsigned int steps;

	for (steps = 1; steps < 12; steps++) {
		struct rig rig;

		rig_begin(&rig);
		rig.options.capacity = 1 + steps % 2;
		build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
		FEED(&rig, 0, 0, 1, 2, 3, 4);
		rig_drain(&rig, 0, 0);
		rig_load(&rig);
		rill_ndf_run(rig.engine, 1000, steps);
		assert_true(rill_ndf_source_push(rig.engine, 0, NULL, 0));
		assert_true(rill_ndf_source_push(rig.engine, 0, more, 2));
		assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
		EXPECT(&rig, 0, 2, 3, 4, 5, 10, 11);
		rig_end(&rig);
	}
}

/* An arc from a node to itself */
static void test_accumulator(void **state)
{
	static const uint32_t capacities[] = { 1, 2, 4 };
	size_t c;

	for (c = 0; c < COUNT(capacities); c++) {
		struct rig rig;

		rig_begin(&rig);
		rig.options.capacity = capacities[c];
		build_op(&rig.b, RILL_NDF_ADD);
		FEED(&rig, 0, 0, 1, 2, 3, 4);
		build_token(&rig.b, build_arc(&rig.b, 0, 0, 0, 1), 100);
		rig_drain(&rig, 0, 0);
		assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
		EXPECT(&rig, 0, 101, 103, 106, 110);
		rig_end(&rig);
	}
}

/* Also where the node is wide, and where a loop's WHERE feeds itself */
static void test_own_arcs(void **state)
{
	static const struct pattern patterns[2] = { { 1, 1, { 0, NO } }, { 2, 2, { 1, 1 } } };
	struct rig rig;
	uint32_t where, i;

	rig_begin(&rig);
	rig.options.capacity = 1;
	build_op(&rig.b, RILL_NDF_ADD);
	FEED(&rig, 0, 0, 1, 2, 3, 4);
	build_token(&rig.b, build_arc(&rig.b, 0, 0, 0, 1), 100);
	for (i = 0; i < 40; i++)
		rig_drain(&rig, 0, 0);
	/* Pattern 0 puts a token into the arc to input 1, pattern 1 goes round with it. */
	where = build_where(&rig.b, RILL_NDF_TABLE, 2, 2, patterns, 2);
	FEED(&rig, where, 0, 7);
	build_arc(&rig.b, where, 0, where, 1);
	FEED(&rig, where, 2, 0, 1, 1, 1);
	rig_drain(&rig, where, 1);
	assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
	for (i = 0; i < 40; i++)
		EXPECT(&rig, i, 101, 103, 106, 110);
	EXPECT(&rig, 40, 7, 7, 7);
	rig_end(&rig);
}

static bool has_block(struct rig *rig, const struct rill_ndf_block *blocks, size_t count, uint32_t arc, bool full)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (blocks[i].arc == rig->b.arc_at[arc] && blocks[i].full == full)
			return true;
	}
	return false;
}

/* A sink that waits for an adder, one of whose inputs ends too early while the other one is full */
static void test_deadlock(void **state)
{
	struct rill_ndf_block blocks[8];
	uint32_t add, neg, short_arc, long_arc, neg_arc, out, other;
	struct rig rig;

	rig_begin(&rig);
	add = build_op(&rig.b, RILL_NDF_ADD);
	neg = build_op(&rig.b, RILL_NDF_NEG);
	short_arc = FEED(&rig, neg, 0, 1, 2);
	neg_arc = build_arc(&rig.b, neg, 0, add, 0);
	long_arc = FEED(&rig, add, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9);
	out = build_arc(&rig.b, add, 0, build_sink(&rig.b, RILL_NDF_SINK_COUNT, 3), 0);
	/* Another part of the program is well and must not be named. */
	other = build_op(&rig.b, RILL_NDF_NEG);
	FEED(&rig, other, 0, 1);
	other = build_arc(&rig.b, other, 0, build_sink(&rig.b, RILL_NDF_SINK_COUNT, 1), 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_DEADLOCK);
	assert_int_equal(rill_ndf_blocks(rig.engine, blocks, COUNT(blocks)), 3);
	assert_int_equal(blocks[0].arc, rig.b.arc_at[out]);
	assert_true(has_block(&rig, blocks, 3, neg_arc, false));
	assert_true(has_block(&rig, blocks, 3, short_arc, false));
	assert_int_equal(rill_ndf_blocks(rig.engine, blocks, 1), 3);
	assert_int_equal(rill_ndf_arc_held(rig.engine, rig.b.arc_at[long_arc]), 4);
	rig_end(&rig);
}

/* The consumer of a full arc waits for what its producer cannot give for lack of room. */
static void test_deadlock_full(void **state)
{
	static const struct pattern both = { 1, 1, { 0, 0 } };
	struct rill_ndf_block blocks[8];
	uint32_t where, add, neg, late, early, out, feed;
	struct rig rig;

	rig_begin(&rig);
	rig.options.capacity = 1;
	where = build_where(&rig.b, RILL_NDF_STATIC, 1, 2, &both, 1);
	feed = FEED(&rig, where, 0, 1, 2, 3, 4);
	add = build_op(&rig.b, RILL_NDF_ADD);
	neg = build_where(&rig.b, RILL_NDF_STATIC, 2, 1, &(struct pattern){ 3, 3, { 0 } }, 1);
	early = build_arc(&rig.b, where, 0, add, 0);
	build_arc(&rig.b, where, 1, neg, 0);
	late = build_arc(&rig.b, build_source(&rig.b, NULL, 0), 0, neg, 1);
	build_arc(&rig.b, neg, 0, add, 1);
	out = build_arc(&rig.b, add, 0, build_sink(&rig.b, RILL_NDF_SINK_COUNT, 1), 0);
	assert_int_equal(rig_run(&rig), RILL_NDF_DEADLOCK);
	assert_int_equal(rill_ndf_blocks(rig.engine, blocks, COUNT(blocks)), 3);
	assert_true(has_block(&rig, blocks, 3, out, false));
	assert_true(has_block(&rig, blocks, 3, late, false));
	assert_false(has_block(&rig, blocks, 3, early, true));
	/* From a sink that hangs on `where` itself, it is seen. */
	build_arc(&rig.b, where, 0, build_sink(&rig.b, RILL_NDF_SINK_COUNT, 4), 0);
	rill_ndf_engine_free(rig.engine);
	rill_ndf_program_free(rig.program);
	free(rig.binary);
	rig.engine = NULL;
	assert_int_equal(rig_run(&rig), RILL_NDF_DEADLOCK);
	assert_in_range(rill_ndf_blocks(rig.engine, blocks, COUNT(blocks)), 5, 8);
	assert_true(has_block(&rig, blocks, 8, early, true));
	assert_false(has_block(&rig, blocks, 8, feed, false));
	rig_end(&rig);
}

/* Large enough that the engine fetches ahead: 30000 adders behind one another, and a wide one among them */
static void test_large(void **state)
{
	uint64_t words[50];
	uint32_t i, last, node;
	struct rig rig;

	for (i = 0; i < COUNT(words); i++)
		words[i] = i * i;
	rig_begin(&rig);
	last = build_source(&rig.b, words, COUNT(words));
	for (i = 0; i < 30000; i++) {
		node = build_op_imm(&rig.b, RILL_NDF_ADD, i % 2, i);
		build_arc(&rig.b, last, 0, node, 0);
		if (i == 15000) {
			for (last = 0; last < 40; last++)
				build_arc(&rig.b, node, 0, build_sink(&rig.b, RILL_NDF_SINK_IGNORE, 0), 0);
		}
		last = node;
	}
	build_arc(&rig.b, last, 0, build_sink(&rig.b, RILL_NDF_SINK_COUNT, COUNT(words)), 0);
	rig_load(&rig);
	assert_int_equal(rill_ndf_run(rig.engine, 100000000, UINT64_MAX), RILL_NDF_FINISHED);
	for (i = 0; i < COUNT(words); i++)
		words[i] += 30000ULL * 29999 / 2;
	rig_expect(&rig, 40, words, COUNT(words));
	rig_end(&rig);
}

/* ---- order ---- */

static uint64_t hash(uint64_t h, uint64_t word)
{
	return (h ^ word) * 0x9e3779b97f4a7c15ULL + 1;
}

/* Of all that a run gave: its end, every sink, every arc */
static uint64_t outcome(struct rig *rig, enum rill_ndf_end end)
{
	uint64_t h = hash(0, end);
	size_t count, i;
	uint32_t s, a;

	for (s = 0; s < rill_ndf_program_sinks(rig->program); s++) {
		const uint64_t *words = rill_ndf_sink_words(rig->engine, s, &count);

		h = hash(h, count);
		for (i = 0; i < count; i++)
			h = hash(h, words[i]);
	}
	for (a = 0; a < rill_ndf_program_arcs(rig->program); a++) {
		h = hash(h, rill_ndf_arc_tokens(rig->engine, a));
		h = hash(h, rill_ndf_arc_held(rig->engine, a));
	}
	return h;
}

static enum rill_ndf_end run_timed(struct rig *rig, uint64_t seed)
{
	return timed_run(&rig->engine, rig->program, &rig->options, seed, 200000);
}

static void test_determinism(void **state)
{
	unsigned int endless = 0;
	uint64_t seed, order;

	for (seed = 1; seed <= 300; seed++) {
		static const uint32_t capacities[] = { 0, 1, 2, 3 };
		struct rig rig;
		uint64_t want;

		rig_begin(&rig);
		rig.options.capacity = capacities[seed % COUNT(capacities)];
		program_random(&rig, seed, false);
		rig_load(&rig);
		if (rill_ndf_run(rig.engine, 20000, UINT64_MAX) == RILL_NDF_LIMIT) {
			endless++;
			rig_end(&rig);
			continue;
		}
		want = outcome(&rig, rill_ndf_end(rig.engine, true));
		for (order = 1; order <= 5; order++) {
			rig.options.order_seed = order * 77 + seed;
			rig_again(&rig);
			if (outcome(&rig, rig_run(&rig)) != want)
				fail_msg("program %u, order %u", (unsigned int)seed, (unsigned int)order);
		}
		rig.options.order_seed = 0;
		if (seed % 4 == 0 && outcome(&rig, run_timed(&rig, seed)) != want)
			fail_msg("program %u, timed", (unsigned int)seed);
		rig_end(&rig);
	}
	assert_in_range(endless, 0, 100);
}

static void test_timed_programs(void **state)
{
	uint32_t capacity;

	for (capacity = 1; capacity <= 4; capacity *= 2) {
		struct rig rig;

		rig_begin(&rig);
		rig.options.capacity = capacity;
		program_gcd(&rig, gcd_a, gcd_b, COUNT(gcd_a));
		rig_load(&rig);
		assert_int_equal(run_timed(&rig, capacity), RILL_NDF_FINISHED);
		EXPECT(&rig, 0, 21, 7, 21, 6, 1);
		rig_end(&rig);
	}
}

static enum rill_ndf_end run_some(struct rig *rig)
{
	rig_again(rig);
	return rill_ndf_run(rig->engine, 5000, UINT64_MAX);
}

/* With EVENT nodes a run is repeated exactly, in steps and in one random order. */
static void test_replay(void **state)
{
	uint64_t seed, want;

	for (seed = 1; seed <= 200; seed++) {
		struct rig rig;

		rig_begin(&rig);
		program_random(&rig, seed, true);
		rig_load(&rig);
		want = outcome(&rig, run_some(&rig));
		assert_true(outcome(&rig, run_some(&rig)) == want);
		rig.options.order_seed = seed;
		want = outcome(&rig, run_some(&rig));
		assert_true(outcome(&rig, run_some(&rig)) == want);
		rig_end(&rig);
	}
}

/* EVENT `late` gets 1 from `first` in the same step as from its source, whichever node is numbered first. */
static void run_events(struct rig *rig, bool swapped)
{
	static const struct rill_ndf_entry pass[2] = { { .emit = 0 }, { .id = 1, .emit = 1 } };
	static const int32_t one = 1, weights[2] = { 1, 1 };
	static const int64_t theta = 1, two = 2;
	const struct neuron first = {
		.head = { .dims = 1, .states = 1, .width = 64 },
		.mode = RILL_NDF_EVENT, .inputs = 1, .theta = &theta, .weights = &one, .table = pass,
	}, late = {
		.head = { .dims = 1, .states = 1, .width = 64 },
		.mode = RILL_NDF_EVENT, .inputs = 2, .theta = &two, .weights = weights, .table = pass,
	};
	uint32_t a, b;

	rig_begin(rig);
	a = build_when(&rig->b, swapped ? &late : &first);
	b = build_when(&rig->b, swapped ? &first : &late);
	FEED(rig, swapped ? b : a, 0, 1);
	FEED(rig, swapped ? a : b, 1, 0, 1);
	build_arc(&rig->b, swapped ? b : a, 0, swapped ? a : b, 0);
	rig_drain(rig, swapped ? a : b, 0);
	assert_int_equal(rig_run(rig), RILL_NDF_FINISHED);
}

static void test_event_steps(void **state)
{
	struct rill_ndf_stats one, two;
	struct rig rig;

	run_events(&rig, false);
	rill_ndf_stats(rig.engine, &one);
	EXPECT(&rig, 0, 1);
	rig_end(&rig);
	run_events(&rig, true);
	rill_ndf_stats(rig.engine, &two);
	EXPECT(&rig, 0, 1);
	assert_int_equal(one.steps, two.steps);
	assert_int_equal(one.when, two.when);
	assert_int_equal(one.when, 3);
	rig_end(&rig);
}

/* An EVENT puts no more into an arc to itself than there is room, also while the token in it is on its way. */
static void test_event_to_itself(void **state)
{
	static const struct rill_ndf_entry always[2] = { { .emit = 1 }, { .emit = 1 } };
	static const uint64_t words[100];
	static const int32_t weights[2];
	const struct neuron event = {
		.head = { .dims = 1, .states = 1, .width = 64 },
		.mode = RILL_NDF_EVENT, .inputs = 2, .weights = weights, .table = always,
	};
	uint32_t node, own;

	for (uint64_t seed = 1; seed <= 50; seed++) {
		struct rig rig;

		rig_begin(&rig);
		rig.b.capacity = 1 + seed % 3;
		node = build_when(&rig.b, &event);
		rig_feed(&rig, node, 0, words, COUNT(words));
		own = build_arc(&rig.b, node, 0, node, 1);
		rig_drain(&rig, node, 0);
		rig_load(&rig);
		assert_int_equal(timed_run(&rig.engine, rig.program, &rig.options, seed, 500),
				 RILL_NDF_LIMIT);
		assert_in_range(rill_ndf_arc_held(rig.engine, rig.b.arc_at[own]), 0, 1 + seed % 3);
		rig_end(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_programs),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_capacity_one),
		cmocka_unit_test(test_firing_limit),
		cmocka_unit_test(test_endless),
		cmocka_unit_test(test_sinks),
		cmocka_unit_test(test_quiescent),
		cmocka_unit_test(test_sink_limit),
		cmocka_unit_test(test_push),
		cmocka_unit_test(test_push_for_long),
		cmocka_unit_test(test_push_early),
		cmocka_unit_test(test_accumulator),
		cmocka_unit_test(test_own_arcs),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_deadlock),
		cmocka_unit_test(test_deadlock_full),
		cmocka_unit_test(test_determinism),
		cmocka_unit_test(test_timed_programs),
		cmocka_unit_test(test_replay),
		cmocka_unit_test(test_event_steps),
		cmocka_unit_test(test_event_to_itself),
	};

	return cmocka_run_group_tests_name("ndf run", tests, NULL, NULL);
}
