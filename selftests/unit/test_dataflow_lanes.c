// SPDX-License-Identifier: MIT
/* What is cut into lanes and what is not, by patterns made by hand. */
#include "dataflow_rig.h"

#include <string.h>

#include "rill_dataflow_map.h"

#define NO RILL_NDF_NO_INPUT
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const uint64_t words[8] = { 10, 11, 12, 13, 14, 15, 16, 17 };

/* A source on each data input, `switches` on the switch, a QUIET sink on each output */
static void connect(struct rill_graph *graph, uint32_t where, uint32_t inputs, uint32_t outputs,
		    const uint64_t *switches, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < inputs; i++)
		rill_graph_arc(graph, rill_graph_source(graph, NULL, words, 8), 0, where, i, 0);
	for (i = 0; i < outputs; i++)
		rill_graph_arc(graph, where, i, rill_graph_sink(graph, NULL, RILL_NDF_SINK_QUIET, 0), 0, 0);
	if (switches)
		rill_graph_arc(graph, rill_graph_source(graph, NULL, switches, count), 0, where, RILL_PORT_LAST, 0);
}

static struct rill_map_stats map(struct rill_graph *graph, enum rill_map_lanes lanes)
{
	struct rill_map_options options = { .chiplets = RILL_MAP_ALL, .lanes = lanes };
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_map_stats stats;

	rill_array_default(&options.array, 2, 2);
	if (rill_graph_map(graph, &options, &stats, error))
		fail_msg("%s", error);
	return stats;
}

/* Sinks of both, and how they end; returns the host's end of the first. */
static enum rill_ndf_end same(struct rill_graph *whole, struct rill_graph *cut)
{
	const uint64_t *a, *b;
	uint32_t i, mode;
	const char *name;
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *one = rill_run_new(whole, 0, error), *other = rill_run_new(cut, 0, error);
	size_t n, m;
	int end;

	assert_non_null(one);
	assert_non_null(other);
	end = rill_run_go(one, 100000, UINT64_MAX);
	assert_int_equal(rill_run_go(other, 100000, UINT64_MAX), end);
	for (i = 0; end != RILL_NDF_FAULT && (a = rill_run_sink(one, i, &name, &mode, &n)); i++) {
		b = rill_run_sink(other, i, &name, &mode, &m);
		assert_int_equal(n, m);
		assert_memory_equal(a, b, 8 * n);
	}
	rill_run_free(one);
	rill_run_free(other);
	return end;
}

struct table {
	uint32_t inputs, outputs, count;
	struct rill_where_pattern patterns[4];
	uint32_t lanes;			/* 0: it is not cut */
};

static struct rill_graph *of_table(const struct table *t, enum rill_ndf_where_mode mode)
{
	static const uint64_t switches[8] = { 0, 1, 0, 1, 1, 0, 0, 1 };
	struct rill_graph *graph = rill_graph_new("t");
	uint32_t where = rill_graph_where(graph, "w", mode, t->inputs, t->outputs, t->patterns, t->count);

	connect(graph, where, t->inputs, t->outputs, mode ? switches : NULL, 8);
	return graph;
}

static void check_tables(const struct table *tables, size_t count, enum rill_ndf_where_mode mode)
{
	struct rill_map_stats stats;
	size_t i;

	for (i = 0; i < count; i++) {
		struct rill_graph *whole = of_table(&tables[i], mode), *cut = of_table(&tables[i], mode);

		stats = map(cut, RILL_LANES_UNTRIED);
		assert_int_equal(stats.lanes, tables[i].lanes);
		assert_int_equal(stats.cut_wheres, tables[i].lanes ? 1 : 0);
		same(whole, cut);
		rill_graph_free(whole);
		rill_graph_free(cut);
	}
}

static void test_table(void **state)
{
	static const struct table tables[] = {
		/* side by side */
		{ 2, 2, 2, { { 3, 3, { 0, 1 } }, { 3, 3, { 0, NO } } }, 2 },
		/* an output that both may go to */
		{ 2, 2, 2, { { 3, 3, { 0, 1 } }, { 3, 3, { 1, 0 } } }, 0 },
		/* a broadcast holds outputs together */
		{ 1, 2, 2, { { 1, 1, { 0, NO } }, { 1, 1, { NO, 0 } } }, 0 },
		/* an input that is only discarded, and an output that nothing goes to, go with the first */
		{ 3, 3, 2, { { 7, 7, { 0, 1, NO } }, { 7, 7, { 0, 1, NO } } }, 2 },
		/* the first and the last input are one lane, the one between another */
		{ 3, 2, 2, { { 7, 7, { 0, 1 } }, { 7, 7, { 2, 1 } } }, 2 },
		/* a peek beside a move */
		{ 2, 2, 2, { { 3, 1, { 0, 1 } }, { 3, 3, { 0, NO } } }, 2 },
		/* three, of which each pattern has some to do */
		{ 3, 3, 2, { { 1, 1, { 0, NO, NO } }, { 6, 6, { NO, 1, 2 } } }, 3 },
	};

	check_tables(tables, COUNT(tables), RILL_NDF_TABLE);
}

static void test_static(void **state)
{
	static const struct table tables[] = {
		{ 2, 2, 1, { { 3, 3, { 0, 1 } } }, 2 },
		{ 2, 3, 1, { { 3, 3, { 0, 1, 0 } } }, 2 },
		/* A lane that consumes nothing would never stop. */
		{ 2, 2, 1, { { 3, 1, { 0, 1 } } }, 0 },
		{ 3, 3, 1, { { 7, 5, { 0, 1, 2 } } }, 2 },
	};

	check_tables(tables, COUNT(tables), RILL_NDF_STATIC);
}

/* Rows become tables; what is no row is still a fault. */
static void test_rows(void **state)
{
	static const struct {
		enum rill_ndf_where_mode mode;
		bool packed;
		uint32_t inputs, outputs, rows;
		uint8_t from[9];
		uint32_t lanes;
		uint64_t wrong;
	} cases[] = {
		{ RILL_NDF_INDEX, false, 2, 4, 4, { 0, 1, 1, 0 }, 2, 4 },
		{ RILL_NDF_INDEX, false, 1, 3, 3, { 0, 0, 0 }, 0, 3 },
		{ RILL_NDF_MASK, false, 3, 4, 4, { 0, 1, 1, 2 }, 3, 16 },
		{ RILL_NDF_MASK, false, 2, 8, 8, { 0, 0, 0, 0, 1, 1, 1, 1 }, 2, 256 },
		{ RILL_NDF_MASK, false, 2, 9, 9, { 0, 0, 0, 0, 0, 1, 1, 1, 1 }, 0, 512 },
		{ RILL_NDF_MASK, true, 3, 1, 3, { 0, 1, 2 }, 0, 3 },
	};
	size_t i, k, bad;

	for (i = 0; i < COUNT(cases); i++) {
		for (bad = 0; bad < 2; bad++) {
			struct rill_graph *graph[2];
			uint64_t switches[5] = { 1, 2, 1, 3, 1 };

			if (cases[i].packed)
				switches[3] = 4;
			if (bad)
				switches[4] = cases[i].wrong;

			for (k = 0; k < 2; k++) {
				uint32_t where;

				graph[k] = rill_graph_new("t");
				where = rill_graph_where_rows(graph[k], "w", cases[i].mode, cases[i].inputs,
							      cases[i].outputs, cases[i].from, cases[i].rows,
							      cases[i].packed);
				if (cases[i].mode == RILL_NDF_INDEX)
					switches[3] = cases[i].rows - 1;
				connect(graph[k], where, cases[i].inputs, cases[i].outputs, switches, 5);
			}
			assert_int_equal(map(graph[1], RILL_LANES_UNTRIED).lanes, cases[i].lanes);
			assert_int_equal(same(graph[0], graph[1]), bad ? RILL_NDF_FAULT : RILL_NDF_FINISHED);
			for (k = 0; k < 2; k++)
				rill_graph_free(graph[k]);
		}
	}
}

/*
 * Two values that change places in arcs to the where itself, which are full: a whole where needs no room in
 * them, lanes of it would wait for each other.
 */
static void test_own_arcs(void **state)
{
	static const struct rill_where_pattern pattern = { 7, 7, { 0, 1, 2 } };
	struct rill_graph *graph[2];
	int i;

	for (i = 0; i < 2; i++) {
		uint32_t where, arc;

		graph[i] = rill_graph_new("swap");
		where = rill_graph_where(graph[i], "w", RILL_NDF_STATIC, 3, 3, &pattern, 1);
		arc = rill_graph_arc(graph[i], where, 0, where, 1, 1);
		rill_graph_token(graph[i], arc, 5);
		arc = rill_graph_arc(graph[i], where, 1, where, 0, 1);
		rill_graph_token(graph[i], arc, 6);
		rill_graph_arc(graph[i], where, 0, rill_graph_sink(graph[i], NULL, RILL_NDF_SINK_COUNT, 8), 0, 1);
		rill_graph_arc(graph[i], rill_graph_source(graph[i], NULL, words, 8), 0, where, 2, 1);
		rill_graph_arc(graph[i], where, 2, rill_graph_sink(graph[i], NULL, RILL_NDF_SINK_COUNT, 8), 0, 1);
	}
	assert_int_equal(map(graph[1], RILL_LANES_UNTRIED).lanes, 2);
	assert_int_equal(same(graph[0], graph[1]), RILL_NDF_FINISHED);
	rill_graph_free(graph[0]);
	rill_graph_free(graph[1]);
}

/* One input has less than the other: the whole where stops, a lane goes on. */
static struct rill_graph *starving(void)
{
	static const struct rill_where_pattern pattern = { 3, 3, { 0, 1 } };
	struct rill_graph *graph = rill_graph_new("starving");
	uint32_t where = rill_graph_where(graph, "w", RILL_NDF_STATIC, 2, 2, &pattern, 1);

	rill_graph_arc(graph, rill_graph_source(graph, NULL, words, 8), 0, where, 0, 0);
	rill_graph_arc(graph, rill_graph_source(graph, NULL, words, 3), 0, where, 1, 0);
	rill_graph_arc(graph, where, 0, rill_graph_sink(graph, NULL, RILL_NDF_SINK_QUIET, 0), 0, 0);
	rill_graph_arc(graph, where, 1, rill_graph_sink(graph, NULL, RILL_NDF_SINK_QUIET, 0), 0, 0);
	return graph;
}

static void test_starving(void **state)
{
	struct rill_graph *whole = starving(), *tried = starving(), *untried = starving();
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_map_stats stats;
	struct rill_run *run;
	const char *name;
	uint32_t mode;
	size_t count;

	stats = map(tried, RILL_LANES_TRIED);
	assert_int_equal(stats.candidates, 1);
	assert_int_equal(stats.cut_wheres, 0);
	assert_string_equal(stats.whole, "a sink would get more with lanes");
	same(whole, tried);
	assert_int_equal(map(untried, RILL_LANES_UNTRIED).lanes, 2);
	run = rill_run_new(untried, 0, error);
	assert_int_equal(rill_run_go(run, 1000, UINT64_MAX), RILL_NDF_FINISHED);
	assert_memory_equal(rill_run_sink(run, 0, &name, &mode, &count), words, sizeof(words));
	assert_int_equal(count, 8);	/* 3 in the whole one, and the same ones */
	rill_run_free(run);
	rill_graph_free(whole);
	rill_graph_free(tried);
	rill_graph_free(untried);
}

/* ---- order ---- */

static const struct rill_where_pattern both = { 3, 3, { 0, 1 } };

static uint32_t store(struct rill_graph *graph, bool threaded)
{
	uint32_t op = rill_graph_op(graph, NULL, RILL_NDF_STORE, threaded ? 2 : 1, 1);

	rill_graph_op_param(graph, op, 3u << RILL_NDF_MEM_SIZE_SHIFT, 0);
	rill_graph_op_imm(graph, op, 0, 8);
	return op;
}

/* A store, then through a where with another value, then another store: is memory ordered by a token? */
static void check_order(bool first, bool second, uint32_t tokens, const char *want)
{
	struct rill_graph *graph = rill_graph_new("order");
	uint32_t where, a, b;
	const char *whole;

	rill_graph_memory(graph, 64, NULL, 0);
	a = store(graph, first);
	b = store(graph, second);
	where = rill_graph_where(graph, "w", RILL_NDF_STATIC, 2, 2, &both, 1);
	rill_graph_arc(graph, rill_graph_source(graph, NULL, words, 2), 0, a, 0, 0);
	if (first)
		rill_graph_arc(graph, rill_graph_source(graph, NULL, words, tokens), 0, a, 1, 0);
	rill_graph_arc(graph, a, 0, where, 0, 0);
	rill_graph_arc(graph, rill_graph_source(graph, NULL, words, 2), 0, where, 1, 0);
	if (second)
		rill_graph_arc(graph, where, 0, b, 1, 0);
	else
		rill_graph_arc(graph, where, 0, rill_graph_sink(graph, NULL, RILL_NDF_SINK_QUIET, 0), 0, 0);
	rill_graph_arc(graph, where, 1, b, 0, 0);
	rill_graph_arc(graph, b, 0, rill_graph_sink(graph, NULL, RILL_NDF_SINK_QUIET, 0), 0, 0);
	whole = map(graph, RILL_LANES_UNTRIED).whole;
	if (want)
		assert_string_equal(whole, want);
	else
		assert_null(whole);
	rill_graph_free(graph);
}

static void test_memory(void **state)
{
	static const char not_one[] = "memory is not ordered by one token";

	check_order(true, true, 1, NULL);
	check_order(true, true, 2, not_one);
	check_order(true, false, 1, not_one);
	check_order(false, false, 1, not_one);
	check_order(false, true, 1, not_one);
}

static void test_event_and_stream(void **state)
{
	static const struct rill_when_entry table[2] = { { 0, 0, 0 }, { 1, 0, 1 } };
	static const int32_t weight = 1;
	static const int64_t zero;
	const struct rill_when_spec spec = {
		.when = { .dims = 1, .states = 1, .width = 64 }, .mode = RILL_NDF_EVENT, .inputs = 1,
		.bias = &zero, .theta = &zero, .weights = &weight, .table = table,
	};
	struct rill_graph *graph = rill_graph_new("event");
	uint32_t node;

	node = rill_graph_where(graph, "w", RILL_NDF_STATIC, 2, 2, &both, 1);
	connect(graph, node, 2, 2, NULL, 0);
	node = rill_graph_when(graph, "e", &spec);
	rill_graph_arc(graph, rill_graph_source(graph, NULL, words, 1), 0, node, 0, 0);
	rill_graph_arc(graph, node, 0, rill_graph_sink(graph, NULL, RILL_NDF_SINK_IGNORE, 0), 0, 0);
	assert_string_equal(map(graph, RILL_LANES_UNTRIED).whole, "an EVENT when sees in what order tokens come");
	rill_graph_free(graph);

	graph = rill_graph_new("stream");
	node = rill_graph_where(graph, "w", RILL_NDF_STATIC, 2, 2, &both, 1);
	connect(graph, node, 2, 2, NULL, 0);
	node = rill_graph_op(graph, "s", RILL_NDF_STREAM, 1, 0);
	rill_graph_arc(graph, rill_graph_source(graph, NULL, words, 1), 0, node, 0, 0);
	assert_string_equal(map(graph, RILL_LANES_UNTRIED).whole, "the stream engine sees in what order it is called");
	rill_graph_free(graph);
}

/* A program that needs input does not run by itself; then nothing is cut unless asked for, and rates are not known. */
static void test_no_trial(void **state)
{
	struct rill_graph *graph = rill_graph_new("input");
	uint32_t where = rill_graph_where(graph, "w", RILL_NDF_STATIC, 2, 2, &both, 1), i;
	struct rill_map_stats stats;

	for (i = 0; i < 2; i++) {
		rill_graph_arc(graph, rill_graph_source(graph, NULL, NULL, 0), 0, where, i, 0);
		rill_graph_arc(graph, where, i, rill_graph_sink(graph, NULL, RILL_NDF_SINK_COUNT, 4), 0, 0);
	}
	stats = map(graph, RILL_LANES_TRIED);
	assert_false(stats.tried);
	assert_int_equal(stats.tokens, 4);
	assert_string_equal(stats.whole, "the program does not run to an end by itself");
	rill_graph_free(graph);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_own_arcs),
		cmocka_unit_test(test_starving),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_event_and_stream),
		cmocka_unit_test(test_no_trial),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
