// SPDX-License-Identifier: MIT
/* Programs mapped to arrays of 1 to 64 chiplets give what they give on the host; placement, limits, errors. */
#include "dataflow_rig.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rill_dataflow_map.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const uint32_t arrays[][2] = { { 1, 1 }, { 2, 2 }, { 4, 4 }, { 8, 8 } };
static const uint32_t capacities[] = { 1, 2, 4 };

static struct rill_map_options options_for(uint32_t rows, uint32_t cols)
{
	struct rill_map_options options = { .chiplets = RILL_MAP_ALL };

	rill_array_default(&options.array, rows, cols);
	return options;
}

static struct rill_graph *build(const struct rig *rig, uint32_t capacity)
{
	struct rill_build_options options = { .capacity = capacity };
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_graph *graph = rill_program_build(rig->program, &options, NULL, error);

	if (!graph)
		fail_msg("%s", error);
	return graph;
}

static struct rill_run *run_on(struct rill_graph *graph, const struct rill_array *array)
{
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run = array ? rill_run_new_on_array(graph, array, error) : rill_run_new(graph, 0, error);

	if (!run)
		fail_msg("%s", error);
	assert_int_equal(rill_run_go(run, RIG_FIRINGS, UINT64_MAX), RILL_NDF_FINISHED);
	return run;
}

static void same_results(struct rill_run *a, struct rill_run *b)
{
	const uint64_t *words_a, *words_b;
	uint64_t bytes_a, bytes_b;
	uint32_t i, mode;
	const char *name;
	size_t n, m;

	for (i = 0; (words_a = rill_run_sink(a, i, &name, &mode, &n)); i++) {
		words_b = rill_run_sink(b, i, &name, &mode, &m);
		assert_non_null(words_b);
		assert_int_equal(n, m);
		assert_memory_equal(words_a, words_b, 8 * n);
	}
	assert_true(i > 0);
	assert_null(rill_run_sink(b, i, &name, &mode, &m));
	assert_non_null(rill_run_memory(a, &bytes_a));
	assert_memory_equal(rill_run_memory(a, &bytes_a), rill_run_memory(b, &bytes_b), bytes_a);
	assert_int_equal(bytes_a, bytes_b);
}

/* What was said of the mapping is what is there, and the run's counts fit it. */
static void check_counts(const struct rill_graph *graph, struct rill_run *run, const struct rill_map_options *options,
			 const struct rill_map_stats *stats)
{
	uint32_t i, nodes = 0, chiplets = options->array.rows * options->array.cols;
	struct rill_run_counts counts;
	struct rill_array_counts array;
	uint64_t firings = 0;

	assert_true(rill_run_array_counts(run, &array));
	rill_run_count(run, &counts);
	for (i = 0; i < RILL_NDF_MAX_CHIPLETS; i++) {
		const struct rill_map_chiplet *c = &stats->chiplet[i];

		nodes += c->whens + c->wheres + c->others;
		firings += array.chiplet[i].firings;
		assert_true(i < chiplets || !(c->whens + c->wheres + c->others));
	}
	assert_int_equal(nodes, stats->nodes);
	assert_int_equal(firings, counts.firings);
	assert_true(stats->traffic <= stats->first_traffic);
	assert_int_equal(array.messages, array.waves * 2 * (chiplets - 1));
	assert_true(array.settled_ps <= array.time_ps);
	if (chiplets == 1)
		assert_int_equal(stats->traffic + stats->cut_arcs + stats->raised, 0);
}

static void compare(const struct rig *rig, uint32_t rows, uint32_t cols, uint32_t capacity)
{
	struct rill_map_options options = options_for(rows, cols);
	struct rill_graph *own = build(rig, capacity), *graph = build(rig, capacity);
	struct rill_run *host = run_on(own, NULL), *mapped;
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_map_stats stats;
	int again;

	if (rill_graph_map(graph, &options, &stats, error))
		fail_msg("%s", error);
	assert_true(stats.tried);
	for (again = 0; again < 2; again++) {
		mapped = run_on(graph, &options.array);
		same_results(host, mapped);
		check_counts(graph, mapped, &options, &stats);
		rill_run_free(mapped);
		/* Once more, without more room between chiplets */
		rill_graph_capacity(graph, capacity);
	}
	rill_run_free(host);
	rill_graph_free(own);
	rill_graph_free(graph);
}

static void test_thirteen(void **state)
{
	size_t a, c;
	struct rig rig;
	int i;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		for (a = 0; a < COUNT(arrays); a++) {
			for (c = 0; c < COUNT(capacities); c++)
				compare(&rig, arrays[a][0], arrays[a][1], capacities[c]);
		}
		rig_free(&rig);
	}
}

static void test_learned(void **state)
{
	static const char *const programs[] = { "learned_branch", "learned_threshold", "learned_route" };
	struct rig rig;
	size_t i, a;

	for (i = 0; i < COUNT(programs); i++) {
		rig_parse_file(&rig, programs[i]);
		for (a = 0; a < COUNT(arrays); a++)
			compare(&rig, arrays[a][0], arrays[a][1], capacities[(a + i) % COUNT(capacities)]);
		rig_free(&rig);
	}
}

/* All of the thirteen are cut wherever they can be. */
static void test_thirteen_lanes(void **state)
{
	static const uint32_t lanes[RIG_PROGRAMS][2] = {
		/* wheres that are cut, into lanes; as docs/ndf-mapping.rst has them */
		{ 3, 6 }, { 1, 2 }, { 1, 2 }, { 1, 2 }, { 1, 2 }, { 2, 6 }, { 4, 14 }, { 3, 9 }, { 2, 7 }, { 3, 10 },
		{ 3, 9 }, { 3, 8 }, { 5, 16 },
	};
	struct rill_map_options options = options_for(2, 2);
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_map_stats stats;
	struct rill_graph *graph;
	struct rig rig;
	int i;

	for (i = 0; i < RIG_PROGRAMS; i++) {
		rig_parse_file(&rig, rig_programs[i]);
		graph = build(&rig, 4);
		assert_int_equal(rill_graph_map(graph, &options, &stats, error), 0);
		assert_null(stats.whole);
		assert_int_equal(stats.candidates, lanes[i][0]);
		assert_int_equal(stats.cut_wheres, lanes[i][0]);
		assert_int_equal(stats.lanes, lanes[i][1]);
		rill_graph_free(graph);
		rig_free(&rig);
	}
}

/* ---- placement ---- */

/* `pairs` chains of SOURCE -> NOT -> SINK, dealt out badly */
static struct rill_graph *chains(uint32_t pairs, uint32_t words)
{
	struct rill_graph *graph = rill_graph_new("chains");
	uint64_t *data = calloc(words + 1, sizeof(*data));
	uint32_t i;

	for (i = 0; i < pairs; i++)
		rill_graph_source(graph, NULL, data, words);
	for (i = 0; i < pairs; i++)
		rill_graph_op(graph, NULL, RILL_NDF_NOT, 1, 1);
	for (i = 0; i < pairs; i++)
		rill_graph_sink(graph, NULL, RILL_NDF_SINK_QUIET, 0);
	for (i = 0; i < pairs; i++) {
		rill_graph_arc(graph, i, 0, pairs + i, 0, 0);
		rill_graph_arc(graph, pairs + i, 0, 2 * pairs + i, 0, 0);
	}
	free(data);
	return graph;
}

/* Chains that have nothing to do with each other need no link, and all chiplets get as many. */
static void test_independent(void **state)
{
	size_t a;

	for (a = 0; a < COUNT(arrays); a++) {
		uint32_t chiplets = arrays[a][0] * arrays[a][1], i;
		struct rill_map_options options = options_for(arrays[a][0], arrays[a][1]);
		struct rill_graph *graph = chains(4 * chiplets, 10);
		char error[RILL_GRAPH_ERROR_BYTES];
		struct rill_map_stats stats;

		assert_int_equal(rill_graph_map(graph, &options, &stats, error), 0);
		assert_int_equal(stats.traffic, 0);
		assert_int_equal(stats.cut_arcs, 0);
		for (i = 0; i < chiplets; i++) {
			assert_int_equal(stats.chiplet[i].others, 12);
			assert_int_equal(stats.chiplet[i].firings, 120);
		}
		rill_graph_free(graph);
	}
}

/* Tokens and credits that were counted on links are twice what the placement was said to cost. */
static void test_links(void **state)
{
	uint64_t chiplets;

	for (chiplets = 3; chiplets < 512; chiplets = 2 * chiplets + 1) {
		struct rill_map_options options = options_for(3, 3);
		struct rill_graph *graph = chains(7, 33);
		char error[RILL_GRAPH_ERROR_BYTES];
		struct rill_array_counts counts;
		struct rill_map_stats stats;
		struct rill_run *run;
		/* As few as there must be, so that chains are torn */
		uint32_t i, way, places = (uint32_t)__builtin_popcountll(chiplets), limit = (21 + places - 1) / places;
		uint64_t moved = 0;

		options.chiplets = chiplets;
		options.others = limit;
		assert_int_equal(rill_graph_map(graph, &options, &stats, error), 0);
		run = run_on(graph, &options.array);
		assert_true(rill_run_array_counts(run, &counts));
		for (i = 0; i < 9; i++) {
			assert_true(chiplets >> i & 1 || !stats.chiplet[i].others);
			assert_in_range(stats.chiplet[i].others, 0, limit);
			for (way = 0; way < 4; way++)
				moved += counts.chiplet[i].link[way];
		}
		assert_int_equal(moved, 2 * stats.traffic);
		assert_true(moved > 0 || places * (limit / 3) >= 7);
		rill_run_free(run);
		rill_graph_free(graph);
	}
}

/* The same seed gives the same binary. */
static void test_repeats(void **state)
{
	struct rill_map_options options = options_for(4, 4);
	void *binary, *mapped[2];
	char error[RILL_GRAPH_ERROR_BYTES];
	size_t bytes, size[2];
	struct rill_graph *graph;
	struct rig rig;
	int i;

	options.seed = 77;
	rig_parse_file(&rig, "minsky");
	graph = build(&rig, 4);
	assert_int_equal(rill_graph_encode(graph, &binary, &bytes), 0);
	for (i = 0; i < 2; i++)
		assert_int_equal(rill_ndf_map(binary, bytes, &options, &mapped[i], &size[i], NULL, error), 0);
	assert_int_equal(size[0], size[1]);
	assert_memory_equal(mapped[0], mapped[1], size[0]);
	for (i = 0; i < 2; i++)
		free(mapped[i]);
	free(binary);
	rill_graph_free(graph);
	rig_free(&rig);
}

/* SOURCE on chiplet 0 -> SINK on the last; only the arc's capacity differs. Gives the time. */
static uint64_t stream_time(const struct rill_map_options *options, uint32_t capacity, struct rill_map_stats *stats)
{
	struct rill_graph *graph = rill_graph_new("stream");
	uint32_t last = options->array.rows * options->array.cols - 1;
	uint64_t words[1000] = { 0 };
	struct rill_array_counts counts;
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run;

	rill_graph_source(graph, NULL, words, COUNT(words));
	rill_graph_sink(graph, NULL, RILL_NDF_SINK_QUIET, 0);
	rill_graph_arc(graph, 0, 0, 1, 0, 0);
	if (stats && rill_graph_map(graph, options, stats, error))
		fail_msg("%s", error);
	rill_graph_place(graph, 0, 0);
	rill_graph_place(graph, 1, last);
	if (capacity)
		rill_graph_capacity(graph, capacity);
	run = run_on(graph, &options->array);
	assert_true(rill_run_array_counts(run, &counts));
	rill_run_free(run);
	rill_graph_free(graph);
	return counts.settled_ps;
}

/* An arc gets just as much room as its producer needs never to wait; with less it is slower, with more no faster. */
static void test_capacity(void **state)
{
	uint32_t cols;

	/* Two chiplets may be used, the first and the last, and each can have one node. */
	for (cols = 2; cols <= 8; cols++) {
		struct rill_map_options options = options_for(1, cols);
		struct rill_map_stats stats;
		uint64_t time;

		options.others = 1;
		options.chiplets = 1 | 1ULL << (cols - 1);
		time = stream_time(&options, 0, &stats);
		assert_int_equal(stats.raised, 1);
		assert_int_equal(stats.short_arcs, 0);
		assert_int_equal(stream_time(&options, 4096, NULL), time);
		assert_int_equal(stream_time(&options, (uint32_t)stats.slots, NULL), time);
		assert_true(stream_time(&options, (uint32_t)stats.slots - 1, NULL) > time);
		options.capacity = (uint32_t)stats.slots - 1;
		stream_time(&options, 0, &stats);
		assert_int_equal(stats.short_arcs, 1);
		assert_int_equal(stats.slots, options.capacity);
	}
}

/* ---- errors ---- */

static void refused(const struct rill_map_options *options, const char *want)
{
	struct rill_graph *graph = chains(2, 1);
	char error[RILL_GRAPH_ERROR_BYTES] = "";

	assert_int_equal(rill_graph_map(graph, options, NULL, error), -EINVAL);
	assert_string_equal(error, want);
	rill_graph_free(graph);
}

static void test_errors(void **state)
{
	struct rill_map_options options = options_for(0, 4);

	refused(&options, "rows: 0 is not in 1..64");
	options = options_for(65, 1);
	refused(&options, "rows: 65 is not in 1..64");
	options = options_for(8, 9);
	refused(&options, "cols: 9 is not in 1..8, with 8 rows");
	options = options_for(2, 2);
	options.chiplets = 0;
	refused(&options, "chiplets: none is given of 0..3");
	options.chiplets = 0x32;
	refused(&options, "chiplets: 4 is not in 0..3");
	options = options_for(2, 2);
	options.others = 1;
	refused(&options, "others: 1 on a chiplet are not enough for 6 on 4");
	options = options_for(2, 2);
	options.capacity = 4097;
	refused(&options, "capacity: 4097 is not in 1..4096");
	options = options_for(2, 2);
	options.lanes = 3;
	refused(&options, "lanes: 3 is not in 0..2");
	options = options_for(2, 2);
	options.firings = 1ULL << 41;
	refused(&options, "firings: 2199023255552 is not in 1..1099511627776");
	options = options_for(2, 2);
	options.array.hop_ps = RILL_MAP_MAX_PS + 1;
	refused(&options, "hop_ps: 1000000000001 is not in 0..1000000000000");
}

/* A binary that is none; a graph that is not whole; a run on an array that is too small */
static void test_bad_programs(void **state)
{
	struct rill_map_options options = options_for(1, 2);
	struct rill_graph *graph = rill_graph_new("bad");
	char error[RILL_GRAPH_ERROR_BYTES] = "";
	void *mapped;
	size_t bytes;

	assert_int_equal(rill_ndf_map("none", 4, &options, &mapped, &bytes, NULL, error), -EINVAL);
	assert_null(mapped);
	rill_graph_op(graph, "add", RILL_NDF_ADD, 2, 1);
	assert_int_equal(rill_graph_map(graph, &options, NULL, error), -EINVAL);
	assert_non_null(strstr(error, "add"));
	rill_graph_free(graph);
	graph = chains(1, 1);
	rill_graph_place(graph, 2, 2);
	assert_null(rill_run_new_on_array(graph, &options.array, error));
	assert_string_equal(error, "chiplet: node 2 is on 2, and the array has 0..1");
	rill_graph_free(graph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thirteen),
		cmocka_unit_test(test_learned),
		cmocka_unit_test(test_thirteen_lanes),
		cmocka_unit_test(test_independent),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_repeats),
		cmocka_unit_test(test_capacity),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_bad_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
