// SPDX-License-Identifier: MIT
/* A graph for graphviz: control in two shapes of its own, switches dashed, initial tokens as labels. */
#include "graph.h"

#include <errno.h>
#include <inttypes.h>

#include "words.h"

static void print_quoted(FILE *file, const char *text)
{
	fputc('"', file);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', file);
		if ((unsigned char)*text >= ' ')
			fputc(*text, file);
	}
	fputc('"', file);
}

/* "a + 1" is more readable than "add", but names say what for: both. */
static void label(const struct rill_graph *graph, uint32_t i, char *text, size_t size)
{
	const struct graph_node *node = &graph->nodes[i];
	const char *name = rill_graph_node_name(graph, i), *what = "";
	uint32_t imm = node->flags & RILL_NDF_OP_IMM_MASK;

	switch (node->kind) {
	case RILL_NDF_OP:
		what = rill_op_info(node->mode)->name;
		if (imm) {
			snprintf(text, size, "%s: %s %c=%" PRId64, name, what, 'a' + (int)imm - 1,
				 (int64_t)node->imm);
			return;
		}
		break;
	case RILL_NDF_WHEN:
		what = node->mode == RILL_NDF_EVENT ? "event" : "when";
		if (node->flags & RILL_NDF_WHEN_PLASTIC)
			what = "plastic";
		break;
	case RILL_NDF_WHERE:
		snprintf(text, size, "%s: %s %ux%u", name, rill_ndf_where_modes[node->mode],
			 rill_graph_data_inputs(node), node->outputs);
		return;
	case RILL_NDF_SOURCE:
		if (node->source.count == 1) {
			snprintf(text, size, "%s: %" PRId64, name, (int64_t)node->source.words[0]);
			return;
		}
		break;
	case RILL_NDF_SINK:
		what = rill_ndf_sink_modes[node->mode];
		break;
	}
	snprintf(text, size, *what ? "%s: %s" : "%s%s", name, what);
}

static const char *style(const struct graph_node *node)
{
	switch (node->kind) {
	case RILL_NDF_WHEN:
		return "shape=diamond, style=filled, fillcolor=\"#fde6c8\"";
	case RILL_NDF_WHERE:
		return "shape=box, style=filled, fillcolor=\"#d5e5f7\"";
	case RILL_NDF_SOURCE:
		return "shape=invhouse";
	case RILL_NDF_SINK:
		return "shape=house";
	default:
		return "shape=ellipse";
	}
}

static void print_arc(const struct rill_graph *graph, const struct graph_arc *arc, FILE *file)
{
	const struct graph_node *dst = &graph->nodes[arc->dst];
	uint32_t port = rill_graph_arc_port(graph, arc);
	bool control = port == dst->inputs - 1 && rill_graph_data_inputs(dst) != dst->inputs;
	bool ported = graph->nodes[arc->src].outputs > 1 || dst->inputs > 1;
	uint32_t i;

	fprintf(file, "\tn%u -> n%u [", arc->src, arc->dst);
	if (control)
		fputs("style=dashed, ", file);
	if (ported && graph->nodes[arc->src].outputs > 1)
		fprintf(file, "taillabel=\"%u\", ", arc->src_port);
	if (ported && dst->inputs > 1 && !control)
		fprintf(file, "headlabel=\"%u\", ", port);
	if (arc->token_count) {
		fputs("label=\"", file);
		for (i = 0; i < arc->token_count; i++)
			fprintf(file, "%s%" PRId64, i ? "," : "", (int64_t)arc->tokens[i]);
		fputs("\", ", file);
	}
	fprintf(file, "tooltip=\"capacity %u\"]\n", arc->capacity);
}

static void print_node(const struct rill_graph *graph, uint32_t i, FILE *file)
{
	char text[256];

	label(graph, i, text, sizeof(text));
	fprintf(file, "\tn%u [%s, label=", i, style(&graph->nodes[i]));
	print_quoted(file, text);
	fputs("]\n", file);
}

/* A box for each chiplet, if there are several */
static void print_chiplets(const struct rill_graph *graph, FILE *file)
{
	uint64_t used = 0;
	uint32_t i, c;

	for (i = 0; i < graph->node_count; i++)
		used |= 1ULL << graph->nodes[i].chiplet;
	if (!(used & (used - 1)))
		return;
	for (c = 0; c < RILL_NDF_MAX_CHIPLETS; c++) {
		if (!(used >> c & 1))
			continue;
		fprintf(file, "\tsubgraph cluster_%u {\n\tgraph [label=\"chiplet %u\", style=filled, ", c, c);
		fprintf(file, "fillcolor=\"%.3f 0.12 0.97\"]\n",
			(c * 29 % RILL_NDF_MAX_CHIPLETS) / (double)RILL_NDF_MAX_CHIPLETS);
		for (i = 0; i < graph->node_count; i++) {
			if (graph->nodes[i].chiplet == c)
				fprintf(file, "\tn%u\n", i);
		}
		fputs("\t}\n", file);
	}
}

int rill_graph_dot(const struct rill_graph *graph, FILE *file)
{
	uint32_t i;

	fputs("digraph ", file);
	print_quoted(file, graph->name ? graph->name : "graph");
	fputs(" {\n\tnode [fontname=\"Helvetica\", fontsize=10]\n\tedge [fontname=\"Helvetica\", fontsize=8]\n", file);
	for (i = 0; i < graph->node_count; i++)
		print_node(graph, i, file);
	print_chiplets(graph, file);
	for (i = 0; i < graph->arc_count; i++)
		print_arc(graph, &graph->arcs[i], file);
	fputs("}\n", file);
	return ferror(file) ? -EIO : 0;
}
