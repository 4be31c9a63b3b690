// SPDX-License-Identifier: MIT
/*
 * Combine by a gate's mask. Up to 64 experts: one `where`. More: how many of a part's experts are chosen is not
 * known, so each part gives top_k tokens, fillers first, and pairs of such lists become one until none is a filler.
 */
#include "gate.h"

#include <stdlib.h>

#define PARTS	(RILL_GATE_EXPERTS / 16)

/* top_k tokens at outputs first .. first + top_k - 1 of where; the last `count` (a node's token) are chosen ones. */
struct list {
	uint32_t where, first, count;
};

static bool whole(struct rill_graph *graph, const char *name, const struct rill_gate_ports *gate,
		  struct rill_combine_ports *ports)
{
	uint8_t rows[RILL_GATE_WORD];
	uint32_t e, j, where;

	for (e = 0; e < gate->experts; e++)
		rows[e] = (uint8_t)e;
	where = rill_graph_where_rows(graph, name, RILL_NDF_MASK, gate->experts, gate->top_k, rows, gate->experts,
				      true);
	rill_graph_arc(graph, gate->mask[0], 0, where, RILL_PORT_LAST, 0);
	for (e = 0; e < gate->experts; e++)
		ports->expert[e] = (struct rill_port){ .node = where, .port = e };
	for (j = 0; j < gate->top_k; j++)
		ports->chosen[j] = (struct rill_port){ .node = where, .port = j };
	return !rill_graph_error(graph);
}

/* Rows: top_k + 1 of the filler, of which there is one that comes back by output 0; then the experts */
static uint32_t part_where(struct rill_graph *graph, const char *name, uint32_t experts, uint32_t top_k)
{
	uint8_t rows[RILL_NDF_MAX_PORTS];
	uint32_t where, i;

	for (i = 0; i <= top_k; i++)
		rows[i] = (uint8_t)experts;
	for (i = 0; i < experts; i++)
		rows[top_k + 1 + i] = (uint8_t)i;
	where = rill_graph_where_rows(graph, name, RILL_NDF_MASK, experts + 1, top_k + 1, rows, top_k + 1 + experts,
				      true);
	rill_graph_token(graph, rill_graph_arc(graph, where, 0, where, experts, 0), 0);
	return where;
}

/* The bits of `experts` from `first` on; there are none above the last expert's. */
static uint32_t part_mask(struct rill_graph *graph, const struct rill_gate_ports *gate, uint32_t first,
			  uint32_t experts)
{
	uint32_t mask = gate->mask[first / RILL_GATE_WORD], shift = first % RILL_GATE_WORD;

	if (shift)
		mask = rill_gate_op_word(graph, RILL_NDF_SHR, mask, shift);
	if (shift + experts < RILL_GATE_WORD && first + experts < gate->experts)
		mask = rill_gate_op_word(graph, RILL_NDF_AND, mask, (1ULL << experts) - 1);
	return mask;
}

static struct list part(struct rill_graph *graph, const char *name, const struct rill_gate_ports *gate,
			uint32_t first, uint32_t experts, struct rill_combine_ports *ports)
{
	uint32_t mask = part_mask(graph, gate, first, experts), fillers, rows, e;
	struct list list = { .where = part_where(graph, name, experts, gate->top_k), .first = 1 };

	list.count = rill_graph_op(graph, NULL, RILL_NDF_POPCNT, 1, 1);
	rill_graph_arc(graph, mask, 0, list.count, 0, 0);
	fillers = rill_graph_op(graph, NULL, RILL_NDF_SHR, 1, 1);
	rill_graph_op_imm(graph, fillers, 0, (1ULL << (gate->top_k + 1)) - 1);
	rill_graph_arc(graph, list.count, 0, fillers, 0, 0);
	rows = rill_gate_op_word(graph, RILL_NDF_SHL, mask, gate->top_k + 1);
	rill_graph_arc(graph, rill_gate_op_two(graph, RILL_NDF_OR, rows, fillers), 0, list.where, RILL_PORT_LAST, 0);
	for (e = 0; e < experts; e++)
		ports->expert[first + e] = (struct rill_port){ .node = list.where, .port = e };
	return list;
}

/* Of a's tokens the last `of_a` are chosen ones, of both lists' `of_both`; b's follow a's. */
static void merge_pattern(struct rill_where_pattern *pattern, uint32_t top_k, uint32_t of_a, uint32_t of_both)
{
	uint32_t of_b = of_both - of_a, j;

	pattern->need = 2 * top_k < 64 ? (1ULL << 2 * top_k) - 1 : ~0ULL;
	pattern->cons = pattern->need;
	for (j = 0; j < top_k; j++)
		pattern->from[j] = (uint8_t)(j < top_k - of_both ? 0 : j < top_k - of_b ? j + of_b : top_k + j);
}

/* Pattern (count of both - least) (top_k + 1) + count of a: counts that cannot be are a fault. */
static uint32_t merge_where(struct rill_graph *graph, const char *name, uint32_t top_k, uint32_t least)
{
	uint32_t count = (top_k + 1) * (top_k + 1 - least), where, p;
	struct rill_where_pattern *patterns = calloc(count, sizeof(*patterns));

	if (!patterns) {
		rill_graph_no_memory(graph);
		return RILL_NDF_NONE;
	}
	for (p = 0; p < count; p++) {
		uint32_t of_both = least + p / (top_k + 1), of_a = p % (top_k + 1);

		merge_pattern(&patterns[p], top_k, of_a < of_both ? of_a : of_both, of_both);
	}
	where = rill_graph_where(graph, name, RILL_NDF_TABLE, 2 * top_k, top_k, patterns, count);
	free(patterns);
	return where;
}

static struct list merge(struct rill_graph *graph, const char *name, uint32_t top_k, const struct list *a,
			 const struct list *b, bool last)
{
	struct list both = { .where = merge_where(graph, name, top_k, last ? top_k : 0) };
	uint32_t over, j;

	for (j = 0; j < top_k; j++) {
		rill_graph_arc(graph, a->where, a->first + j, both.where, j, 0);
		rill_graph_arc(graph, b->where, b->first + j, both.where, top_k + j, 0);
	}
	both.count = rill_gate_op_two(graph, RILL_NDF_ADD, a->count, b->count);
	over = last ? rill_gate_op_word(graph, RILL_NDF_SUB, both.count, top_k) : both.count;
	over = rill_gate_op_word(graph, RILL_NDF_MUL, over, top_k + 1);
	rill_graph_arc(graph, rill_gate_op_two(graph, RILL_NDF_ADD, over, a->count), 0, both.where, RILL_PORT_LAST,
		       0);
	return both;
}

bool rill_combine_nodes(struct rill_graph *graph, const char *name, const struct rill_gate_ports *gate,
			struct rill_combine_ports *ports)
{
	uint32_t step = gate->top_k + 33 <= RILL_NDF_MAX_PORTS ? 32 : 16, count = 0, first, i, j;
	struct list lists[PARTS];

	if (gate->words == 1)
		return whole(graph, name, gate, ports);
	for (first = 0; first < gate->experts; first += step) {
		uint32_t left = gate->experts - first;

		lists[count++] = part(graph, name, gate, first, left < step ? left : step, ports);
	}
	for (; count > 1; count = (count + 1) / 2) {
		for (i = 0; i + 1 < count; i += 2)
			lists[i / 2] = merge(graph, name, gate->top_k, &lists[i], &lists[i + 1], count == 2);
		if (i < count)
			lists[i / 2] = lists[i];
	}
	for (j = 0; j < gate->top_k; j++)
		ports->chosen[j] = (struct rill_port){ .node = lists[0].where, .port = j };
	return !rill_graph_error(graph);
}
