// SPDX-License-Identifier: MIT
/*
 * Homeostasis of a gate of several whens, of OPs: which experts are chosen none of the whens knows alone, and what is
 * a threshold inside of one no other can compare with. The thresholds are in the program's memory.
 */
#include "gate.h"

static uint32_t access(struct rill_graph *graph, enum rill_ndf_op op, uint64_t address)
{
	uint32_t node = rill_graph_op(graph, NULL, op, 1, 1);

	rill_graph_op_imm(graph, node, 0, address);
	rill_graph_op_param(graph, node, 3u << RILL_NDF_MEM_SIZE_SHIFT, 0);
	return node;
}

/* An arc that holds a token from the beginning */
static void arc_with(struct rill_graph *graph, uint32_t src, uint32_t dst, uint32_t port, uint64_t word)
{
	rill_graph_token(graph, rill_graph_arc(graph, src, 0, dst, port, 0), word);
}

/* Bit `bit` of the mask, as 0 or 65536 */
static uint32_t spike(struct rill_graph *graph, uint32_t mask, uint32_t bit)
{
	uint32_t moved = bit < 16 ? rill_gate_op_word(graph, RILL_NDF_SHL, mask, 16 - bit) :
				    rill_gate_op_word(graph, RILL_NDF_SHR, mask, bit - 16);

	return rill_gate_op_word(graph, RILL_NDF_AND, moved, 65536);
}

/* rate += (spike - rate) >> shift, beginning with 0 */
static uint32_t rate(struct rill_graph *graph, uint32_t spikes, uint32_t shift)
{
	uint32_t off = rill_graph_op(graph, NULL, RILL_NDF_SUB, 2, 1);
	uint32_t sum = rill_graph_op(graph, NULL, RILL_NDF_ADD, 2, 1);

	rill_graph_arc(graph, spikes, 0, off, 0, 0);
	rill_graph_arc(graph, rill_gate_op_word(graph, RILL_NDF_SAR, off, shift), 0, sum, 0, 0);
	arc_with(graph, sum, off, 1, 0);
	arc_with(graph, sum, sum, 1, 0);
	return sum;
}

/* balance x (rate - target), to nearest, half up: what a threshold moves by */
static uint32_t step(struct rill_graph *graph, const struct rill_gate *gate, uint32_t from)
{
	int64_t target = 65536 * gate->top_k / gate->experts;
	uint32_t moved = rill_gate_op_word(graph, RILL_NDF_MUL, from, gate->balance);

	moved = rill_gate_op_word(graph, RILL_NDF_ADD, moved, (uint64_t)((1 << 15) - gate->balance * target));
	return rill_gate_op_word(graph, RILL_NDF_SAR, moved, 16);
}

static void add_expert(struct rill_graph *graph, const struct rill_gate *gate, uint32_t logit, uint32_t spikes,
		       uint64_t address)
{
	uint32_t load = access(graph, RILL_NDF_LOAD, address), store = access(graph, RILL_NDF_STORE, address);
	uint32_t sum = rill_gate_op_two(graph, RILL_NDF_ADD, load,
					step(graph, gate, rate(graph, spikes, gate->rate)));
	uint32_t most = rill_gate_op_word(graph, RILL_NDF_MIN, sum, (uint64_t)gate->most);

	rill_graph_arc(graph, load, 0, logit, 1, 0);
	rill_graph_arc(graph, rill_gate_op_word(graph, RILL_NDF_MAX, most, (uint64_t)-gate->most), 0, store, 0, 0);
	arc_with(graph, store, load, 0, 0);
}

void rill_gate_homeostasis(struct rill_graph *graph, const struct rill_gate *gate, const uint32_t *logit,
			   struct rill_gate_ports *ports)
{
	uint32_t e;

	ports->thresholds = rill_graph_more_memory(graph, 8 * gate->experts);
	for (e = 0; e < gate->experts; e++)
		add_expert(graph, gate, logit[e], spike(graph, ports->mask[e / RILL_GATE_WORD], e % RILL_GATE_WORD),
			   ports->thresholds + 8 * e);
}
