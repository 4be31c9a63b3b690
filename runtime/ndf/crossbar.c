// SPDX-License-Identifier: MIT
/* A `where` that grows with what is routed through it. */
#include "flow.h"

#include <stdlib.h>

void rill_crossbar_new(struct rill_flow *flow, struct flow_crossbar *crossbar, const char *label, const char *part,
		       uint32_t patterns)
{
	char name[128];

	if (flow->graph->failed || crossbar->node != FLOW_NONE)
		return;
	snprintf(name, sizeof(name), "%.100s.%s", label, part);
	crossbar->node = rill_graph_where(flow->graph, name, RILL_NDF_TABLE, 0, 0, NULL, patterns);
}

uint32_t rill_crossbar_input(struct rill_flow *flow, struct flow_crossbar *crossbar, struct rill_value value)
{
	struct rill_value from = value.kind == VALUE_CONST ? rill_flow_literal(flow, value.word) : value;
	uint32_t i, input;

	for (i = 0; i < crossbar->count; i++) {
		if (rill_value_same(&crossbar->inputs[i].value, &value))
			return crossbar->inputs[i].input;
	}
	input = rill_graph_where_input(flow->graph, crossbar->node);
	if (!rill_flow_room(flow, &crossbar->inputs, &crossbar->room, crossbar->count + 1,
			    sizeof(*crossbar->inputs)))
		return 0;
	rill_flow_connect(flow, from, crossbar->node, input);
	crossbar->inputs[crossbar->count++] = (struct flow_crossbar_input){ value, input };
	return input;
}

void rill_crossbar_route(struct rill_flow *flow, struct flow_crossbar *crossbar, uint32_t pattern,
			 struct rill_value value, uint32_t output)
{
	uint32_t input;

	if (flow->graph->failed || value.kind == VALUE_NONE)
		return;
	input = rill_crossbar_input(flow, crossbar, value);
	rill_graph_where_copy(flow->graph, crossbar->node, pattern, output, input);
	if (value.kind == VALUE_PORT)
		rill_graph_where_take(flow->graph, crossbar->node, pattern, input);
}

void rill_crossbar_free(struct flow_crossbar *crossbar)
{
	free(crossbar->inputs);
}
