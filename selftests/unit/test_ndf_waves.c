// SPDX-License-Identifier: MIT
/* Dataflow on an array: its end is found by messages, never before it has come and always after. */
#include <stdio.h>
#include <string.h>

#include "ndf/mapped.h"
#include "ndf_programs.h"
#include "ndf_rig.h"

#define FIRINGS	20000u
#define EVENTS	77u			/* in a step: runs must go on where they stopped */

static const struct rill_ndf_array plain = {
	.op_ps = 1250, .when_ps = 1250, .where_ps = 1250, .memory_ps = 20000, .hop_ps = 20000, .token_ps = 167,
	.waves = true,
};

static struct rill_ndf_array array_of(uint32_t rows, uint32_t cols)
{
	struct rill_ndf_array array = plain;

	array.rows = rows;
	array.cols = cols;
	return array;
}

static enum rill_ndf_end run(struct rill_ndf_mapped *mapped)
{
	enum rill_ndf_end end;
	uint32_t steps = 0;

	do {
		end = rill_ndf_mapped_step(mapped, EVENTS);
		assert_in_range(steps++, 0, 1000000);
	} while (end == RILL_NDF_LIMIT && !rill_ndf_mapped_spent(mapped));
	return end;
}

/* Load what was built; on the array */
static struct rill_ndf_mapped *map(struct rig *rig, const struct rill_ndf_array *array)
{
	struct rill_ndf_mapped_error error;
	struct rill_ndf_mapped *mapped;
	char text[200];

	if (!rig->program)
		rig_load(rig);
	mapped = rill_ndf_mapped_create(rig->program, rig->binary, &rig->options, array, &error);
	if (!mapped) {
		rill_ndf_mapped_error_text(&error, text, sizeof(text));
		fail_msg("%s", text);
	}
	assert_int_equal(error.code, RILL_NDF_MAPPED_OK);
	return mapped;
}

static void same_sinks(const struct rig *rig, const struct rill_ndf_mapped *mapped)
{
	const uint64_t *words_a, *words_b;
	size_t count_a, count_b;
	uint32_t i;

	for (i = 0; i < rill_ndf_program_sinks(rig->program); i++) {
		words_a = rill_ndf_sink_words(rig->engine, i, &count_a);
		words_b = rill_ndf_sink_words(rill_ndf_mapped_engine((struct rill_ndf_mapped *)mapped), i, &count_b);
		assert_int_equal(count_a, count_b);
		if (count_a)
			assert_memory_equal(words_a, words_b, 8 * count_a);
	}
}

static void scatter(struct rig *rig, uint32_t chiplets, uint64_t *random)
{
	uint32_t i;

	for (i = 0; i < rig->b.nodes_count; i++)
		rig->b.nodes[i].chiplet = (uint16_t)(rig_random(random) % chiplets);
}

/* ---- what it costs ---- */

/* Of a program that has nothing to do: two waves, each down and up the tree, one after another. */
static void test_nothing_to_do(void **state)
{
	struct rill_ndf_detection found;
	uint32_t rows, cols;

	for (rows = 1; rows <= 8; rows++) {
		for (cols = 1; cols <= 8; cols++) {
			struct rill_ndf_array array = array_of(rows, cols);
			uint64_t link = array.token_ps + array.hop_ps, depth = rows + cols - 2;
			struct rill_ndf_mapped *mapped;
			struct rig rig;

			rig_begin(&rig);
			rig_drain(&rig, build_source(&rig.b, NULL, 0), 0);
			mapped = map(&rig, &array);
			assert_int_equal(run(mapped), RILL_NDF_FINISHED);
			rill_ndf_mapped_detection(mapped, &found);
			assert_int_equal(found.waves, 2);
			assert_int_equal(found.messages, 2 * 2 * (rows * cols - 1));
			assert_int_equal(found.settled_ps, 0);
			assert_int_equal(rill_ndf_mapped_time(mapped), 2 * 2 * depth * link);
			rill_ndf_mapped_free(mapped);
			rig_end(&rig);
		}
	}
}

/* One chiplet knows at once, and says nothing to anybody. */
static void test_one_chiplet(void **state)
{
	static const uint64_t a[] = { 252, 12, 7 }, b[] = { 105, 18, 7 };
	struct rill_ndf_array with = array_of(1, 1), without = with;
	struct rill_ndf_detection found;
	struct rill_ndf_mapped *mapped[2];
	struct rig rig;
	int i;

	without.waves = false;
	rig_begin(&rig);
	program_gcd(&rig, a, b, COUNT(a));
	mapped[0] = map(&rig, &without);
	mapped[1] = map(&rig, &with);
	for (i = 0; i < 2; i++)
		assert_int_equal(run(mapped[i]), RILL_NDF_FINISHED);
	assert_int_equal(rill_ndf_mapped_time(mapped[0]), rill_ndf_mapped_time(mapped[1]));
	rill_ndf_mapped_detection(mapped[1], &found);
	assert_int_equal(found.messages, 0);
	assert_int_equal(found.settled_ps, rill_ndf_mapped_time(mapped[1]));
	for (i = 0; i < 2; i++)
		rill_ndf_mapped_free(mapped[i]);
	rig_end(&rig);
}

/* ---- never early, always ---- */

static void check_end(struct rig *rig, const struct rill_ndf_array *array, enum rill_ndf_end want, bool quiet)
{
	struct rill_ndf_mapped *mapped = map(rig, array);
	enum rill_ndf_end end = run(mapped);
	uint64_t others = array->rows * array->cols - 1, reach, known;
	struct rill_ndf_detection found;

	rill_ndf_mapped_detection(mapped, &found);
	assert_int_equal(end, want);
	same_sinks(rig, mapped);
	if (quiet)
		assert_int_equal(found.pending, 0);
	assert_int_equal(found.messages, 2 * others * found.waves);
	/* The wave that was under way, one that may be in vain, and two; messages may meet on a link with tokens. */
	known = rill_ndf_mapped_time(mapped);
	assert_true(found.settled_ps <= known);
	reach = 2 * (array->rows + array->cols - 2) * (2 * array->token_ps + array->hop_ps + array->jitter_ps);
	if (quiet && array->token_ps <= 167)
		assert_in_range(known - found.settled_ps, 0, 4 * reach + array->wave_gap_ps + array->op_ps + 1);
	rill_ndf_mapped_free(mapped);
}

/* Links and nodes of any speed; a link now and then takes long */
static struct rill_ndf_array adverse(uint64_t *random)
{
	static const uint64_t times[] = { 0, 1, 167, 1250, 20000, 300000 };
	struct rill_ndf_array array = array_of(1 + (uint32_t)rig_random(random) % 4,
					       1 + (uint32_t)(rig_random(random) >> 8) % 4);

	array.op_ps = times[rig_random(random) % COUNT(times)];
	array.where_ps = times[rig_random(random) % COUNT(times)];
	array.when_ps = times[rig_random(random) % COUNT(times)];
	array.hop_ps = times[rig_random(random) % COUNT(times)];
	array.token_ps = times[rig_random(random) % 4];
	array.wave_gap_ps = rig_random(random) % 2 ? times[rig_random(random) % COUNT(times)] : 0;
	array.jitter_ps = rig_random(random) % 3 ? times[rig_random(random) % COUNT(times)] * 10 : 0;
	array.jitter_seed = rig_random(random);
	return array;
}

static void test_random_programs(void **state)
{
	static const uint32_t capacities[] = { 0, 1, 2, 4 };
	unsigned int endless = 0, arrays = 0;
	uint64_t seed, random = 5;

	for (seed = 1; seed <= 200; seed++) {
		enum rill_ndf_end end;
		struct rig rig;
		int i;

		rig_begin(&rig);
		rig.options.capacity = capacities[seed % COUNT(capacities)];
		program_random(&rig, seed, false);
		scatter(&rig, 1, &random);
		rig_load(&rig);
		end = rill_ndf_run(rig.engine, FIRINGS, UINT64_MAX);
		for (i = 0; end != RILL_NDF_LIMIT && i < 6; i++, arrays++) {
			struct rill_ndf_array array = adverse(&random);
			struct rill_ndf_node *nodes = (void *)(rig.binary + sizeof(struct rill_ndf_header));
			uint32_t n;

			for (n = 0; n < rig.b.nodes_count; n++)
				nodes[n].chiplet = (uint16_t)(rig_random(&random) % (array.rows * array.cols));
			check_end(&rig, &array, end, true);
		}
		endless += end == RILL_NDF_LIMIT;
		rig_end(&rig);
	}
	assert_in_range(endless, 0, 80);
	assert_true(arrays >= 700);
}

/* Pairs and their gcd: the end comes with the COUNT sink. */
static void test_count(void **state)
{
	static const uint64_t a[] = { 252, 12, 7, 100, 1 }, b[] = { 105, 18, 7, 75, 9 };
	uint64_t random = 9;
	int i;

	for (i = 0; i < 300; i++) {
		struct rill_ndf_array array = adverse(&random);
		struct rig rig;

		rig_begin(&rig);
		rig.options.capacity = (uint32_t)i % 4;
		program_gcd(&rig, a, b, COUNT(a));
		scatter(&rig, array.rows * array.cols, &random);
		assert_int_equal(rig_run(&rig), RILL_NDF_FINISHED);
		check_end(&rig, &array, RILL_NDF_FINISHED, false);
		rig_end(&rig);
	}
}

/* A loop that never stops on one chiplet; on another a sink that has all it wants after a while. */
static void test_busy_for_ever(void **state)
{
	uint32_t sink_at, loop_at;

	for (sink_at = 0; sink_at < 6; sink_at++) {
		for (loop_at = 0; loop_at < 6; loop_at++) {
			struct rill_ndf_array array = array_of(2, 3);
			struct rill_ndf_detection found;
			struct rill_ndf_mapped *mapped;
			uint32_t loop, add, sink;
			struct rig rig;

			rig_begin(&rig);
			loop = build_op_imm(&rig.b, RILL_NDF_ADD, 1, 1);
			build_token(&rig.b, build_arc(&rig.b, loop, 0, loop, 0), 0);
			add = build_op_imm(&rig.b, RILL_NDF_ADD, 1, 3);
			build_token(&rig.b, build_arc(&rig.b, add, 0, add, 0), 0);
			sink = build_sink(&rig.b, RILL_NDF_SINK_COUNT, 10);
			build_arc(&rig.b, add, 0, sink, 0);
			rig.b.nodes[loop].chiplet = (uint16_t)loop_at;
			rig.b.nodes[sink].chiplet = (uint16_t)sink_at;
			array.firing_limit = 100000;
			mapped = map(&rig, &array);
			assert_int_equal(run(mapped), RILL_NDF_FINISHED);
			rill_ndf_mapped_detection(mapped, &found);
			assert_true(found.pending > 0);
			assert_int_equal(found.messages, 2 * 5 * found.waves);
			/* One wave that began too early, and one more */
			assert_in_range(rill_ndf_mapped_time(mapped) - found.settled_ps, 0,
					2 * 2 * 3 * (2 * array.token_ps + array.hop_ps) + array.op_ps);
			rill_ndf_mapped_free(mapped);
			rig_end(&rig);
		}
	}
}

/* A step ends early where few events cause very many. */
static void test_many_consumers(void **state)
{
	enum { CONSUMERS = 5000, WORDS = 4, STEP = 64, MOST = 64 * STEP + CONSUMERS };
	static const uint64_t words[WORDS] = { 1, 2, 3, 4 };
	struct rill_ndf_array array = array_of(1, 2);
	struct rill_ndf_detection before, after = { 0 };
	struct rill_ndf_mapped *mapped;
	uint32_t source, sink, i;
	enum rill_ndf_end end;
	struct rig rig;

	rig_begin(&rig);
	source = build_source(&rig.b, words, WORDS);
	for (i = 0; i < CONSUMERS; i++) {
		sink = build_sink(&rig.b, RILL_NDF_SINK_QUIET, 0);
		build_arc(&rig.b, source, 0, sink, 0);
		rig.b.nodes[sink].chiplet = 1;
	}
	mapped = map(&rig, &array);
	do {
		before = after;
		end = rill_ndf_mapped_step(mapped, STEP);
		rill_ndf_mapped_detection(mapped, &after);
		assert_true(after.pending <= before.pending + MOST);
	} while (end == RILL_NDF_LIMIT);
	assert_int_equal(end, RILL_NDF_FINISHED);
	assert_int_equal(rill_ndf_mapped_firings(mapped, 1), CONSUMERS * WORDS);
	rill_ndf_mapped_free(mapped);
	rig_end(&rig);
}

/* More for a SOURCE after the end, or while waves look for it, is work again. */
static void test_more_work(void **state)
{
	static const uint64_t words[] = { 1, 2, 3 };
	uint64_t events;

	for (events = 0; events < 4 * 60; events++) {
		struct rill_ndf_array array = array_of(2, 2);
		struct rill_ndf_detection found;
		struct rill_ndf_mapped *mapped;
		uint32_t source, sink;
		struct rig rig;
		size_t count;

		rig_begin(&rig);
		source = build_source(&rig.b, words, COUNT(words));
		sink = build_sink(&rig.b, RILL_NDF_SINK_QUIET, 0);
		build_arc(&rig.b, source, 0, sink, 0);
		rig.b.nodes[source].chiplet = events % 4;
		rig.b.nodes[sink].chiplet = 3 - events % 4;
		mapped = map(&rig, &array);
		rill_ndf_mapped_step(mapped, events / 4);
		assert_true(rill_ndf_source_push(rill_ndf_mapped_engine(mapped), 0, words, COUNT(words)));
		assert_int_equal(run(mapped), RILL_NDF_FINISHED);
		rill_ndf_mapped_detection(mapped, &found);
		assert_int_equal(found.pending, 0);
		assert_int_equal(found.messages, 2 * 3 * found.waves);
		rill_ndf_sink_words(rill_ndf_mapped_engine(mapped), 0, &count);
		assert_int_equal(count, 6);
		rill_ndf_mapped_free(mapped);
		rig_end(&rig);
	}
}

static void test_deadlock(void **state)
{
	struct rill_ndf_array array = array_of(3, 3);
	struct rill_ndf_mapped *mapped;
	uint32_t sink;
	struct rig rig;

	rig_begin(&rig);
	sink = build_sink(&rig.b, RILL_NDF_SINK_COUNT, 4);
	FEED(&rig, sink, 0, 1, 2, 3);
	rig.b.nodes[sink].chiplet = 8;
	mapped = map(&rig, &array);
	assert_int_equal(run(mapped), RILL_NDF_DEADLOCK);
	assert_int_equal(run(mapped), RILL_NDF_DEADLOCK);
	rill_ndf_mapped_free(mapped);
	rig_end(&rig);
}

static unsigned int refusals;

static enum rill_ndf_stream_answer not_yet(void *opaque, struct rill_ndf_stream_op *op)
{
	op->results[0] = op->operands[0] + 1;
	return refusals-- ? RILL_NDF_STREAM_BUSY : RILL_NDF_STREAM_DONE;
}

/* While the stream engine lets it wait, a program has not ended; no wave may say so. */
static void test_stream(void **state)
{
	uint32_t op, busy = 0, place;

	for (place = 0; place < 4; place++) {
		struct rill_ndf_array array = array_of(2, 2);
		struct rill_ndf_mapped *mapped;
		enum rill_ndf_end end;
		struct rig rig;

		rig_begin(&rig);
		rig.options.host.stream = not_yet;
		op = build_node(&rig.b, &(struct rill_ndf_node){
			.kind = RILL_NDF_OP, .mode = RILL_NDF_STREAM, .inputs = 1, .outputs = 1,
			.chiplet = (uint16_t)place, .name = RILL_NDF_NONE });
		FEED(&rig, op, 0, 41);
		rig_drain(&rig, op, 0);
		mapped = map(&rig, &array);
		refusals = 50;
		for (busy = 0; (end = run(mapped)) == RILL_NDF_BUSY; busy++)
			assert_in_range(busy, 0, 49);
		assert_int_equal(busy, 50);
		assert_int_equal(end, RILL_NDF_FINISHED);
		assert_int_equal(*rill_ndf_sink_words(rill_ndf_mapped_engine(mapped), 0, &(size_t){ 0 }), 42);
		rill_ndf_mapped_free(mapped);
		rig_end(&rig);
	}
}

/* ---- errors ---- */

static void refused(struct rig *rig, const struct rill_ndf_array *array, const char *want)
{
	struct rill_ndf_mapped_error error;
	char text[200];

	assert_null(rill_ndf_mapped_create(rig->program, rig->binary, &rig->options, array, &error));
	rill_ndf_mapped_error_text(&error, text, sizeof(text));
	assert_string_equal(text, want);
	assert_null(rill_ndf_mapped_new(rig->program, rig->binary, &rig->options, array));
}

static void test_errors(void **state)
{
	const struct rill_ndf_hooks hooks = { 0 };
	struct rill_ndf_array array = array_of(0, 1);
	struct rig rig;

	rig_begin(&rig);
	rig_drain(&rig, build_source(&rig.b, NULL, 0), 0);
	rig.b.nodes[1].chiplet = 4;
	rig_load(&rig);
	refused(&rig, &array, "rows: 0 is not in 1..64");
	array = array_of(65, 1);
	refused(&rig, &array, "rows: 65 is not in 1..64");
	array = array_of(8, 9);
	refused(&rig, &array, "cols: 9 is not in 1..8");
	array = array_of(1, 0);
	refused(&rig, &array, "cols: 0 is not in 1..64");
	array = array_of(2, 2);
	refused(&rig, &array, "chiplet: node 1 is on 4, and the array has 0..3");
	array.token_ps = RILL_NDF_MAX_PS + 1;
	refused(&rig, &array, "token_ps: 1000000000001 is not in 0..1000000000000");
	array = array_of(2, 3);
	rig.options.hooks = &hooks;
	refused(&rig, &array, "hooks: the array has its own, so there must be none");
	rig_end(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_to_do),
		cmocka_unit_test(test_one_chiplet),
		cmocka_unit_test(test_random_programs),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_busy_for_ever),
		cmocka_unit_test(test_many_consumers),
		cmocka_unit_test(test_more_work),
		cmocka_unit_test(test_deadlock),
		cmocka_unit_test(test_stream),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
