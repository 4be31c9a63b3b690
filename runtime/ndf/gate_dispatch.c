// SPDX-License-Identifier: MIT
/* Dispatch by a gate's mask: a `where`, or one over the words of the mask and one for each of them. */
#include "gate.h"

static uint32_t to_all(struct rill_graph *graph, const char *name, uint32_t outputs)
{
	static const uint8_t rows[RILL_NDF_MAX_PORTS];

	return rill_graph_where_rows(graph, name, RILL_NDF_MASK, 1, outputs, rows, outputs, false);
}

/* Bit w: the w-th word is not 0 */
static uint32_t words_used(struct rill_graph *graph, const struct rill_gate_ports *gate)
{
	uint32_t all = RILL_NDF_NONE, used, w;

	for (w = 0; w < gate->words; w++) {
		used = rill_gate_op_word(graph, RILL_NDF_NE, gate->mask[w], 0);
		if (w)
			used = rill_gate_op_word(graph, RILL_NDF_SHL, used, w);
		all = w ? rill_gate_op_two(graph, RILL_NDF_OR, all, used) : used;
	}
	return all;
}

bool rill_dispatch_nodes(struct rill_graph *graph, const char *name, const struct rill_gate_ports *gate,
			 struct rill_dispatch_ports *ports)
{
	uint32_t first = RILL_NDF_NONE, where, w, e;

	if (gate->words > 1) {
		first = to_all(graph, name, gate->words);
		rill_graph_arc(graph, words_used(graph, gate), 0, first, RILL_PORT_LAST, 0);
		ports->token = (struct rill_port){ .node = first };
	}
	for (w = 0; w < gate->words; w++) {
		uint32_t experts = rill_gate_experts_of(gate->experts, w);

		where = to_all(graph, name, experts);
		rill_graph_arc(graph, gate->mask[w], 0, where, RILL_PORT_LAST, 0);
		if (gate->words > 1)
			rill_graph_arc(graph, first, w, where, 0, 0);
		else
			ports->token = (struct rill_port){ .node = where };
		for (e = 0; e < experts; e++)
			ports->expert[w * RILL_GATE_WORD + e] = (struct rill_port){ .node = where, .port = e };
	}
	return !rill_graph_error(graph);
}
