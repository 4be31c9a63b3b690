// SPDX-License-Identifier: MIT
/* gate -> dispatch -> experts -> combine: who gets what, in which order it comes out, and its sum. */
#include "gate_rig.h"

#define TOKENS	10
#define TELLS	512	/* an expert gives token x TELLS + its number, which tells both */

/* Expert e of the layer */
static void add_expert(struct rill_graph *graph, const struct rill_port *from, const struct rill_port *to, uint32_t e)
{
	uint32_t product = rill_graph_op(graph, "expert", RILL_NDF_MUL, 1, 1);
	uint32_t number = rill_graph_op(graph, NULL, RILL_NDF_ADD, 1, 1);

	rill_graph_op_imm(graph, product, 1, TELLS);
	rill_graph_op_imm(graph, number, 1, e);
	rill_graph_arc(graph, from->node, from->port, product, 0, 0);
	rill_graph_arc(graph, product, 0, number, 0, 0);
	rill_graph_arc(graph, number, 0, to->node, to->port, 0);
}

static void add_sink(struct rill_graph *graph, const char *name, uint32_t node, uint32_t port)
{
	rill_graph_arc(graph, node, port, rill_graph_sink(graph, name, RILL_NDF_SINK_QUIET, 0), 0, 0);
}

/* Sinks after those of the gate: chosen[j], then the sum */
static void build_layer(struct gate_rig *rig, const struct rill_gate *gate, const uint64_t *tokens)
{
	uint32_t source = rill_graph_source(rig->graph, "tokens", tokens, TOKENS), sum, op, e, j;
	struct rill_dispatch_ports dispatch;
	struct rill_combine_ports combine;

	assert_true(rill_dispatch_nodes(rig->graph, "dispatch", &rig->ports, &dispatch));
	assert_true(rill_combine_nodes(rig->graph, "combine", &rig->ports, &combine));
	rill_graph_arc(rig->graph, source, 0, dispatch.token.node, dispatch.token.port, 0);
	for (e = 0; e < gate->experts; e++)
		add_expert(rig->graph, &dispatch.expert[e], &combine.expert[e], e);
	for (j = 0; j < gate->top_k; j++)
		add_sink(rig->graph, "chosen", combine.chosen[j].node, combine.chosen[j].port);
	sum = rill_graph_op(rig->graph, "sum", RILL_NDF_COPY, 1, 1);
	rill_graph_arc(rig->graph, combine.chosen[0].node, combine.chosen[0].port, sum, 0, 0);
	for (j = 1; j < gate->top_k; j++, sum = op) {
		op = rill_graph_op(rig->graph, "sum", RILL_NDF_ADD, 2, 1);
		rill_graph_arc(rig->graph, sum, 0, op, 0, 0);
		rill_graph_arc(rig->graph, combine.chosen[j].node, combine.chosen[j].port, op, 1, 0);
	}
	add_sink(rig->graph, "sum", sum, 0);
}

static void expect_token(const struct gate_rig *rig, const struct rill_gate *gate, struct plain_gate *plain,
			 const int64_t *logits, uint32_t t, uint64_t token)
{
	uint64_t mask[GATE_RIG_WORDS], sum = 0;
	uint32_t e, j = 0;

	plain_choose(gate, plain, logits, mask);
	for (e = 0; e < gate->experts; e++) {
		if (!(mask[e / 64] >> e % 64 & 1))
			continue;
		assert_int_equal(gate_rig_sink(rig, rig->ports.words + j)[t], token * TELLS + e);
		sum += token * TELLS + e;
		j++;
	}
	assert_int_equal(gate_rig_sink(rig, rig->ports.words + gate->top_k)[t], sum);
}

static void layer(const struct rill_gate *gate, int64_t range, uint32_t capacity, uint64_t order_seed)
{
	static int64_t logits[TOKENS * RILL_GATE_EXPERTS];
	struct gate_draw draw = { .seed = gate->experts * 64 + gate->top_k };
	struct plain_gate plain = { 0 };
	uint64_t tokens[TOKENS];
	struct gate_rig rig;
	uint32_t t;

	gate_draw_many(&draw, logits, TOKENS * gate->experts, range);
	for (t = 0; t < TOKENS; t++)
		tokens[t] = (uint64_t)gate_draw(&draw, 1000);
	gate_rig_build(&rig, gate, logits, TOKENS, 0);
	build_layer(&rig, gate, tokens);
	rill_graph_capacity(rig.graph, capacity);
	gate_rig_run(&rig, order_seed);
	for (t = 0; t < TOKENS; t++)
		expect_token(&rig, gate, &plain, logits + t * gate->experts, t, tokens[t]);
	gate_rig_free(&rig);
}

static void all_sizes(void **unused)
{
	gate_rig_all_sizes(layer);
}

/* All the same: the lowest of each are chosen, so most words of a mask are 0. */
static void all_equal(void **unused)
{
	uint32_t i;

	for (i = 0; i < GATE_RIG_SIZES; i++)
		layer(&(struct rill_gate){ .experts = gate_rig_sizes[i], .top_k = 1 }, 0, 1, 0);
}

static void any_order_of_firings(void **unused)
{
	static const uint32_t sizes[] = { 8, 64, 65, 100 };
	uint32_t i, seed;

	for (i = 0; i < 4; i++)
		for (seed = 1; seed <= 4; seed++)
			layer(&(struct rill_gate){ .experts = sizes[i], .top_k = 1 + seed }, 20, seed, seed);
}

/* As many as a gate can choose: parts of another size, and lists as long as a where allows */
static void as_many_as_can_be(void **unused)
{
	static const uint32_t sizes[] = { 64, 65, 128, 129, 192, 256 };
	uint32_t i, top_k;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		top_k = 64 / RILL_GATE_WORDS(sizes[i]);
		layer(&(struct rill_gate){ .experts = sizes[i], .top_k = top_k }, 9, 1, 0);
		layer(&(struct rill_gate){ .experts = sizes[i], .top_k = top_k - 1 }, 9, 1, 0);
	}
}

static void balanced(void **unused)
{
	static const uint32_t sizes[] = { 60, 65, 128 };
	uint32_t i, c;

	for (i = 0; i < 3; i++) {
		const struct rill_gate gate = {
			.experts = sizes[i], .top_k = 4, .balance = 1 << 15, .most = 1 << 17, .rate = 2,
		};

		for (c = 0; c < 3; c++)
			layer(&gate, 1 << 16, gate_rig_capacities[c], c);
	}
}

/* ---- masks that are not a gate's ---- */

/* What ends a run of combine alone, with every expert's token there */
static int combine_by(const uint64_t *mask, uint32_t experts, uint32_t top_k)
{
	struct rill_gate_ports gate = { .experts = experts, .top_k = top_k, .words = RILL_GATE_WORDS(experts) };
	struct rill_graph *graph = rill_graph_new("combine");
	char error[RILL_GRAPH_ERROR_BYTES] = "";
	struct rill_combine_ports combine;
	struct rill_run *run;
	uint32_t i;
	int end;

	for (i = 0; i < gate.words; i++)
		gate.mask[i] = rill_graph_source(graph, "mask", &mask[i], 1);
	assert_true(rill_combine_nodes(graph, "combine", &gate, &combine));
	for (i = 0; i < experts; i++)
		rill_graph_arc(graph, rill_graph_source(graph, "expert", &(uint64_t){ i }, 1), 0,
			       combine.expert[i].node, combine.expert[i].port, 0);
	for (i = 0; i < top_k; i++)
		add_sink(graph, "chosen", combine.chosen[i].node, combine.chosen[i].port);
	run = rill_run_new(graph, 0, error);
	assert_string_equal(error, "");
	end = rill_run_go(run, 100000, UINT64_MAX);
	rill_run_free(run);
	rill_graph_free(graph);
	return end;
}

static void wrong_masks(void **unused)
{
	static const uint64_t good[4] = { 1, 1, 1 }, few[4] = { 1, 1 }, many[4] = { 1, 1, 1, 1 }, none[4] = { 0 };
	static const uint64_t one_part[4] = { 0xf };

	assert_int_equal(combine_by(good, 256, 3), RILL_NDF_FINISHED);
	assert_int_equal(combine_by(few, 256, 3), RILL_NDF_FAULT);
	assert_int_equal(combine_by(many, 256, 3), RILL_NDF_FAULT);
	assert_int_equal(combine_by(none, 256, 3), RILL_NDF_FAULT);
	assert_int_equal(combine_by(one_part, 256, 3), RILL_NDF_FAULT);
	assert_int_equal(combine_by(one_part, 64, 4), RILL_NDF_FINISHED);
	assert_int_equal(combine_by(one_part, 64, 3), RILL_NDF_FAULT);
}

/* ---- sizes, as docs/ndf-rules.rst tells them ---- */

struct size {
	uint32_t whens, wheres, ops;
};

static void expect_size(struct rill_graph *graph, struct size *so_far, const struct size *more)
{
	struct rill_graph_counts counts;

	rill_graph_count(graph, &counts);
	assert_int_equal(counts.whens - so_far->whens, more->whens);
	assert_int_equal(counts.wheres - so_far->wheres, more->wheres);
	assert_int_equal(counts.ops - so_far->ops, more->ops);
	*so_far = (struct size){ counts.whens, counts.wheres, counts.ops };
}

static void sizes(void **unused)
{
	static const struct {
		uint32_t experts, balance;
		struct size gate, dispatch, combine;
	} known[] = {
		{ 64, 0, { 1, 0, 0 }, { 0, 1, 0 }, { 0, 1, 0 } },
		{ 64, 1, { 1, 0, 0 }, { 0, 1, 0 }, { 0, 1, 0 } },
		{ 128, 0, { 3, 130, 492 }, { 0, 3, 4 }, { 0, 7, 30 } },
		{ 128, 1, { 3, 130, 2284 }, { 0, 3, 4 }, { 0, 7, 30 } },
		{ 256, 0, { 5, 260, 984 }, { 0, 5, 10 }, { 0, 15, 62 } },
		{ 256, 1, { 5, 260, 4568 }, { 0, 5, 10 }, { 0, 15, 62 } },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		const struct rill_gate gate = {
			.experts = known[i].experts, .top_k = 8, .balance = known[i].balance,
		};
		struct rill_graph *graph = rill_graph_new("gate");
		struct rill_dispatch_ports dispatch;
		struct rill_combine_ports combine;
		struct rill_gate_ports ports;
		struct size so_far = { 0 };

		assert_true(rill_gate_nodes(graph, "gate", &gate, &ports));
		expect_size(graph, &so_far, &known[i].gate);
		assert_true(rill_dispatch_nodes(graph, "dispatch", &ports, &dispatch));
		expect_size(graph, &so_far, &known[i].dispatch);
		assert_true(rill_combine_nodes(graph, "combine", &ports, &combine));
		expect_size(graph, &so_far, &known[i].combine);
		rill_graph_free(graph);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sizes),
		cmocka_unit_test(all_equal),
		cmocka_unit_test(any_order_of_firings),
		cmocka_unit_test(as_many_as_can_be),
		cmocka_unit_test(balanced),
		cmocka_unit_test(wrong_masks),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
