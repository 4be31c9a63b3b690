// SPDX-License-Identifier: MIT
/* A gate run in this process. */
#include "gate.h"

#include <errno.h>
#include <stdlib.h>

struct choice {
	const struct rill_gate *gate;
	const int64_t *logits;
	uint32_t tokens;
	struct rill_gate_ports ports;
	char *error;
};

/* The OPs of a wide gate wrap, where a `when` saturates. */
static bool sums_fit(const struct choice *c)
{
	int64_t most = c->gate->balance ? c->gate->most : 0, sum;
	uint32_t t, e;

	for (t = 0; c->ports.words > 1 && t < c->tokens; t++) {
		for (e = 0; e < c->gate->experts; e++) {
			int64_t bias = c->gate->bias ? c->gate->bias[e] : 0;

			if (!__builtin_add_overflow(c->logits[(size_t)t * c->gate->experts + e], bias, &sum) &&
			    sum <= INT64_MAX - most && sum >= INT64_MIN + most)
				continue;
			snprintf(c->error, RILL_GRAPH_ERROR_BYTES,
				 "gate: logits: token %u, expert %u: with bias and threshold it is not in 64 bits", t,
				 e);
			return false;
		}
	}
	return true;
}

static int feed(const struct choice *c, struct rill_graph *graph)
{
	uint64_t *words = calloc((size_t)c->tokens + 1, sizeof(*words));
	uint32_t e, t, w, sink;

	for (e = 0; words && e < c->gate->experts; e++) {
		for (t = 0; t < c->tokens; t++)
			words[t] = (uint64_t)c->logits[(size_t)t * c->gate->experts + e];
		rill_graph_arc(graph, rill_graph_source(graph, "logit", words, c->tokens), 0,
			       c->ports.logit[e].node, c->ports.logit[e].port, 0);
	}
	for (w = 0; w < c->ports.words; w++) {
		sink = rill_graph_sink(graph, "mask", RILL_NDF_SINK_COUNT, c->tokens);
		rill_graph_arc(graph, c->ports.mask[w], 0, sink, 0, 0);
	}
	free(words);
	return words ? 0 : -ENOMEM;
}

static int run(const struct choice *c, struct rill_graph *graph, uint64_t *masks)
{
	struct rill_run *run = rill_run_new(graph, 0, c->error);
	const uint64_t *words;
	uint32_t w, t, mode;
	const char *name;
	size_t count;
	int ret = 0;

	if (!run)
		return -EINVAL;
	if (rill_run_go(run, UINT64_MAX, UINT64_MAX) != RILL_NDF_FINISHED)
		ret = -ENOMEM;
	for (w = 0; !ret && w < c->ports.words; w++) {
		words = rill_run_sink(run, w, &name, &mode, &count);
		for (t = 0; t < c->tokens; t++)
			masks[(size_t)t * c->ports.words + w] = words[t];
	}
	rill_run_free(run);
	return ret;
}

int rill_gate_choose(const struct rill_gate *gate, const int64_t *logits, uint32_t tokens, uint64_t *masks,
		     char *error)
{
	struct choice c = { .gate = gate, .logits = logits, .tokens = tokens, .error = error };
	struct rill_graph *graph = rill_graph_new("gate");
	int ret = -ENOMEM;

	snprintf(error, RILL_GRAPH_ERROR_BYTES, "gate: out of memory");
	if (graph && !rill_gate_nodes(graph, "gate", gate, &c.ports)) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s", rill_graph_error(graph));
		ret = -EINVAL;
	} else if (graph) {
		ret = sums_fit(&c) ? feed(&c, graph) : -EINVAL;
		ret = ret ? ret : run(&c, graph, masks);
	}
	rill_graph_free(graph);
	return ret;
}
