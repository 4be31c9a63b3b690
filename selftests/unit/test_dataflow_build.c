// SPDX-License-Identifier: MIT
/* The builders, without text: graphs node by node, flows, and what their errors say. */
#include "dataflow_rig.h"

#include <stdlib.h>
#include <string.h>

static uint64_t run_graph(struct rill_graph *graph, uint32_t sink, size_t *count)
{
	char error[RILL_GRAPH_ERROR_BYTES];
	struct rill_run *run = rill_run_new(graph, 0, error);
	const uint64_t *words;
	const char *name;
	uint32_t mode;
	uint64_t word;

	if (!run)
		fail_msg("%s", error);
	assert_int_equal(rill_run_go(run, 1000000, 1000000), RILL_NDF_FINISHED);
	words = rill_run_sink(run, sink, &name, &mode, count);
	word = *count ? words[*count - 1] : 0;
	rill_run_free(run);
	return word;
}

/* 1 + 2 through an ADD whose b is immediate, and an arc with tokens of its own */
static void by_hand(void **state)
{
	const uint64_t words[] = { 1, 5 };
	struct rill_graph *graph = rill_graph_new("by hand");
	uint32_t source = rill_graph_source(graph, "x", words, 2), arc;
	uint32_t add = rill_graph_op(graph, "add", RILL_NDF_ADD, 1, 1);
	uint32_t sink = rill_graph_sink(graph, "y", RILL_NDF_SINK_COUNT, 3);
	size_t count;

	rill_graph_op_imm(graph, add, 1, 2);
	arc = rill_graph_arc(graph, source, 0, add, 0, 3);
	rill_graph_token(graph, arc, 40);
	rill_graph_arc(graph, add, 0, sink, 0, 0);
	rill_graph_place(graph, add, 7);
	assert_null(rill_graph_error(graph));
	assert_int_equal(run_graph(graph, 0, &count), 7);
	assert_int_equal(count, 3);
	rill_graph_free(graph);
}

/* `where` INDEX, steered by a `when` of two dimensions that takes the greater */
static void by_hand_route(void **state)
{
	const uint64_t left[] = { 3, 9, 4 }, right[] = { 5, 2, 4 };
	const int32_t weights[] = { 1, 0, 0, 1 };
	const uint8_t rows[] = { 0, 0 };
	const struct rill_when_spec spec = {
		.when = { .decode = RILL_NDF_DECODE_WTA, .dims = 2, .states = 1, .width = 64 },
		.inputs = 2, .weights = weights,
	};
	struct rill_graph *graph = rill_graph_new("route");
	uint32_t a = rill_graph_source(graph, "a", left, 3), b = rill_graph_source(graph, "b", right, 3);
	uint32_t when = rill_graph_when(graph, "which", &spec);
	uint32_t where = rill_graph_where_rows(graph, "to", RILL_NDF_INDEX, 1, 2, rows, 2, false);
	uint32_t low = rill_graph_sink(graph, "low", RILL_NDF_SINK_COUNT, 2);
	uint32_t high = rill_graph_sink(graph, "high", RILL_NDF_SINK_COUNT, 1);
	size_t count;

	rill_graph_arc(graph, a, 0, when, 0, 0);
	rill_graph_arc(graph, b, 0, when, 1, 0);
	rill_graph_arc(graph, a, 0, where, 0, 0);
	rill_graph_arc(graph, when, 0, where, RILL_PORT_LAST, 0);
	rill_graph_arc(graph, where, 0, low, 0, 0);
	rill_graph_arc(graph, where, 1, high, 0, 0);
	assert_int_equal(run_graph(graph, 0, &count), 4);
	assert_int_equal(run_graph(graph, 1, &count), 3);
	rill_graph_free(graph);
}

static void graph_errors(void **state)
{
	struct rill_graph *graph = rill_graph_new("wrong");
	uint32_t sink = rill_graph_sink(graph, "s", RILL_NDF_SINK_COUNT, 1);
	void *binary;
	size_t bytes;

	assert_int_equal(rill_graph_arc(graph, sink, 0, sink, 0, 0), RILL_NDF_NONE);
	assert_string_equal(rill_graph_error(graph), "an arc from port 0 of 's', which has 0 outputs");
	/* The first error stays, and nothing else happens. */
	assert_int_equal(rill_graph_sink(graph, "t", RILL_NDF_SINK_COUNT, 1), RILL_NDF_NONE);
	assert_string_equal(rill_graph_error(graph), "an arc from port 0 of 's', which has 0 outputs");
	assert_int_not_equal(rill_graph_encode(graph, &binary, &bytes), 0);
	assert_null(binary);
	rill_graph_free(graph);

	graph = rill_graph_new("wrong");
	rill_graph_memory(graph, RILL_NDF_MAX_MEMORY + 1, NULL, 0);
	assert_non_null(strstr(rill_graph_error(graph), "the limit is 4294967296 bytes"));
	rill_graph_free(graph);

	graph = rill_graph_new("wrong");
	rill_graph_sink(graph, "s", RILL_NDF_SINK_COUNT, 1);
	assert_int_not_equal(rill_graph_encode(graph, &binary, &bytes), 0);
	assert_string_equal(rill_graph_error(graph), "node 's': port without an arc");
	rill_graph_free(graph);
}

/* ---- flows ---- */

struct square_loop {
	uint32_t i, n;
};

static bool below_n(struct rill_flow *flow, void *opaque, struct rill_decision *decision)
{
	const struct square_loop *loop = opaque;

	return rill_decision_compare(decision, RILL_NDF_LT, rill_flow_get(flow, loop->i),
				     rill_flow_get(flow, loop->n));
}

/* s = 0 + 1 + .. + n - 1, times 2 if that is odd */
static struct rill_graph *build_flow(enum rill_form form, uint32_t *control)
{
	struct rill_flow *flow = rill_flow_new("flow", form);
	uint32_t i = rill_flow_var(flow, "i"), s = rill_flow_var(flow, "s"), n = rill_flow_var(flow, "n");
	const uint32_t vars[] = { i, s };
	struct square_loop loop = { i, n };
	struct rill_decision decision;
	struct rill_graph *graph;

	rill_flow_set(flow, n, rill_flow_input(flow, "n", (const uint64_t[]){ 7 }, 1, false));
	rill_flow_set(flow, i, rill_flow_const(0));
	rill_flow_set(flow, s, rill_flow_const(0));
	rill_flow_while(flow, NULL, vars, 2, below_n, &loop, false);
	rill_flow_set(flow, s, rill_flow_op(flow, RILL_NDF_ADD, rill_flow_get(flow, s), rill_flow_get(flow, i),
					    RILL_NO_VALUE));
	rill_flow_set(flow, i, rill_flow_op(flow, RILL_NDF_ADD, rill_flow_get(flow, i), rill_flow_const(1),
					    RILL_NO_VALUE));
	rill_flow_end_while(flow);
	assert_true(rill_decision_compare(&decision, RILL_NDF_NE,
					  rill_flow_op(flow, RILL_NDF_AND, rill_flow_get(flow, s),
						       rill_flow_const(1), RILL_NO_VALUE), rill_flow_const(0)));
	rill_flow_if(flow, "odd", &decision);
	rill_flow_set(flow, s, rill_flow_op(flow, RILL_NDF_MUL, rill_flow_get(flow, s), rill_flow_const(2),
					    RILL_NO_VALUE));
	rill_flow_end_if(flow);
	rill_flow_output(flow, "s", rill_flow_get(flow, s));
	graph = rill_flow_finish(flow);
	if (!graph)
		fail_msg("%s", rill_flow_error(flow));
	*control = rill_flow_control_nodes(flow);
	rill_flow_free(flow);
	return graph;
}

static void flows(void **state)
{
	/* while: 2, 3, or (decider, 2 merges and gates, n's merge and gate, s's way out); if: 3, or 1 + 2 + 1 */
	static const uint32_t expected[RIG_FORMS] = { 5, 6, 12 };
	struct rill_graph *graph;
	uint32_t control;
	size_t count;
	int form;

	for (form = 0; form < RIG_FORMS; form++) {
		graph = build_flow(form, &control);
		assert_int_equal(control, expected[form]);
		assert_int_equal(run_graph(graph, 0, &count), 42);
		rill_graph_free(graph);
	}
}

static uint32_t control_of(const char *text, enum rill_form form)
{
	struct rig rig;
	uint32_t control;

	if (!rig_parse(&rig, text))
		fail_msg("%s", rig.error);
	rig_build(&rig, form, 0, 0);
	rig_finish(&rig);
	control = rig.control_nodes;
	rig_free(&rig);
	return control;
}

/* Nodes that each construct takes: fused, not fused, classic */
static void costs(void **state)
{
	static const struct {
		const char *text;
		uint32_t control[RIG_FORMS];
	} constructs[] = {
		/* if with a merge; with nothing to merge; with nothing in the arms to route in */
		{ "program t\ninput a = 1\nx = a\nif a > 0 { x = x * 3 }\noutput r = x", { 3, 3, 4 } },
		{ "program t\narray m[1]\ninput a = 1\nif a > 0 { m[0] = a }", { 3, 3, 5 } },
		{ "program t\ninput a = 1\ninput b = 2\nif a > b { a, b = b, a }\noutput r = a\noutput q = b",
		  { 2, 2, 7 } },
		/* a case of three arms, and a route */
		{ "program t\ninput a = 1\nx = a\n"
		  "case a { 0: { x = a * 2 } 1: { x = a * 3 } else: { x = a * 4 } }\noutput r = x",
		  { 3, 3, 8 } },
		{ "program t\ninput a = 1\nx = a\nroute a { 0: { x = a * 2 } 1: { x = a * 3 } }\noutput r = x",
		  { 2, 2, 4 } },
		/* a loop with one variable; with an invariant, which classic sends round */
		{ "program t\ninput a = 9\nwhile a > 0 { a = a - 2 }\noutput r = a", { 2, 3, 4 } },
		{ "program t\ninput a = 9\ninput b = 2\nwhile a > 0 { a = a - b }\noutput r = a", { 2, 3, 6 } },
		/* two callers: arbiter, call, return; classic a merge, and a gate for each */
		{ "program t\nfunc f(x) -> (y) { y = x * x }\ninput a = 9\noutput r = f(a) + f(a + 1)", { 3, 3, 4 } },
		/* one caller: no call at all */
		{ "program t\nfunc f(x) -> (y) { y = x * x }\ninput a = 9\noutput r = f(a)", { 0, 0, 0 } },
	};
	size_t i;
	int form;

	for (i = 0; i < sizeof(constructs) / sizeof(constructs[0]); i++) {
		for (form = 0; form < RIG_FORMS; form++) {
			if (control_of(constructs[i].text, form) != constructs[i].control[form])
				fail_msg("%s, form %d: %u control nodes, not %u", constructs[i].text, form,
					 control_of(constructs[i].text, form), constructs[i].control[form]);
		}
	}
}

static void flow_errors(void **state)
{
	struct rill_flow *flow = rill_flow_new("wrong", RILL_FUSED);
	struct rill_decision decision;
	uint32_t i, x = rill_flow_var(flow, "x");

	rill_flow_get(flow, x);
	assert_string_equal(rill_flow_error(flow), "'x' has no value here");
	assert_null(rill_flow_finish(flow));
	rill_flow_free(flow);

	flow = rill_flow_new("wrong", RILL_FUSED);
	rill_flow_else(flow);
	assert_string_equal(rill_flow_error(flow), "else where none is open");
	rill_flow_free(flow);

	flow = rill_flow_new("wrong", RILL_FUSED);
	assert_true(rill_decision_compare(&decision, RILL_NDF_EQ, rill_flow_const(1), rill_flow_const(2)));
	for (i = 0; i <= RILL_FLOW_MAX_DEPTH; i++)
		rill_flow_if(flow, NULL, &decision);
	assert_string_equal(rill_flow_error(flow), "control nested deeper than the limit of 64");
	rill_flow_free(flow);

	flow = rill_flow_new("wrong", RILL_FUSED);
	rill_flow_if(flow, NULL, &decision);
	assert_null(rill_flow_finish(flow));
	assert_string_equal(rill_flow_error(flow), "the program ends inside a control construct or function");
	rill_flow_free(flow);
}

/* A run that stops says over what. */
static void explanations(void **state)
{
	struct rill_graph *graph = rill_graph_new("stuck");
	uint32_t source = rill_graph_source(graph, "few", (const uint64_t[]){ 1 }, 1);
	uint32_t sink = rill_graph_sink(graph, "many", RILL_NDF_SINK_COUNT, 2);
	char error[RILL_GRAPH_ERROR_BYTES], *text;
	struct rill_run *run;
	size_t length;
	FILE *file;

	rill_graph_arc(graph, source, 0, sink, 0, 0);
	run = rill_run_new(graph, 0, error);
	assert_int_equal(rill_run_go(run, 100, 100), RILL_NDF_DEADLOCK);
	file = open_memstream(&text, &length);
	rill_run_explain(run, RILL_NDF_DEADLOCK, file);
	fclose(file);
	assert_string_equal(text, "'many' waits for a token: arc few:0 -> many:0 holds 0 of 4\n");
	free(text);
	rill_run_free(run);
	rill_graph_free(graph);
}

static void weights(void **state)
{
	const char *text = "plastic p frac 8 x_frac 6 inputs 1 dims 2\n\tweights { 1, -2 }\n"
			   "\tbias { 3, 4 }\n\ttheta { 5, 6 }\n";
	char error[RILL_GRAPH_ERROR_BYTES], *written;
	struct rill_weights *w = rill_weights_parse("w", text, strlen(text), error);
	size_t length;
	FILE *file;

	assert_non_null(w);
	file = open_memstream(&written, &length);
	assert_int_equal(rill_weights_write(w, file), 0);
	fclose(file);
	assert_string_equal(written, text);
	free(written);
	rill_weights_free(w);
	assert_null(rill_weights_parse("w", "plastic p frac 99", 17, error));
	assert_string_equal(error, "w:1:16: frac: 99 is not in 0..30");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_hand),
		cmocka_unit_test(by_hand_route),
		cmocka_unit_test(graph_errors),
		cmocka_unit_test(flows),
		cmocka_unit_test(costs),
		cmocka_unit_test(flow_errors),
		cmocka_unit_test(explanations),
		cmocka_unit_test(weights),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
