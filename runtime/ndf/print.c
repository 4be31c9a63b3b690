// SPDX-License-Identifier: MIT
/* A graph as text, in the form that parse_graph.c reads: `graph NAME` and one statement a node and arc. */
#include "graph.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "words.h"

struct printer {
	const struct rill_graph *graph;
	FILE *file;
};

static void print_text(FILE *file, const char *text)
{
	const char *p;

	if (rill_graph_plain_name(text)) {
		fputs(text, file);
		return;
	}
	fputc('"', file);
	for (p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			fprintf(file, "\\%c", *p);
		else if ((unsigned char)*p < ' ' || (unsigned char)*p > '~')
			fprintf(file, "\\x%02x", (unsigned char)*p);
		else
			fputc(*p, file);
	}
	fputc('"', file);
}

static void print_declared(const struct printer *out, const char *kind, uint32_t i)
{
	fprintf(out->file, "%s ", kind);
	if (out->graph->nodes[i].name)
		print_text(out->file, out->graph->nodes[i].name);
	else
		fputc('@', out->file);
}

/* By name if that is unique, else by number */
static void print_node(const struct printer *out, uint32_t i)
{
	const char *name = out->graph->nodes[i].name;

	if (name && rill_graph_find(out->graph, name) == i)
		print_text(out->file, name);
	else
		fprintf(out->file, "@%u", i);
}

/* Numbers with sign: those of addresses and bits are as readable, and -1 is more so. */
static void print_words(FILE *file, const uint64_t *words, uint64_t count)
{
	uint64_t i;

	fputs("{", file);
	for (i = 0; i < count; i++)
		fprintf(file, "%s%s%" PRId64, i ? "," : "", i && i % 16 == 0 ? "\n\t" : " ", (int64_t)words[i]);
	fputs(" }", file);
}

static void print_memory(const struct printer *out)
{
	const struct rill_graph *graph = out->graph;
	uint32_t i, words = graph->data_bytes / 8;
	uint64_t word;

	if (!graph->memory_bytes)
		return;
	fprintf(out->file, "memory %" PRIu64, graph->memory_bytes);
	if (words) {
		fputs(" {", out->file);
		for (i = 0; i < words; i++) {
			memcpy(&word, graph->data + 8 * i, sizeof(word));
			fprintf(out->file, "%s%s%" PRId64, i ? "," : "", i && i % 16 == 0 ? "\n\t" : " ",
				(int64_t)le64toh(word));
		}
		fputs(" }", out->file);
	}
	if (graph->data_bytes % 8) {
		fputs(" bytes {", out->file);
		for (i = words * 8; i < graph->data_bytes; i++)
			fprintf(out->file, "%s %u", i > words * 8 ? "," : "", graph->data[i]);
		fputs(" }", out->file);
	}
	fputs("\n\n", out->file);
}

static void print_op(const struct printer *out, uint32_t i)
{
	const struct graph_node *node = &out->graph->nodes[i];
	const struct rill_op_info *info = rill_op_info(node->mode);
	uint32_t imm = node->flags & RILL_NDF_OP_IMM_MASK;

	print_declared(out, "op", i);
	fprintf(out->file, " %s %u -> %u", info->name, node->inputs, node->outputs);
	if (imm)
		fprintf(out->file, " imm %c %" PRId64, 'a' + (int)imm - 1, (int64_t)node->imm);
	if (info->memory) {
		fprintf(out->file, " size %u", 1u << (node->flags >> RILL_NDF_MEM_SIZE_SHIFT & 3));
		if (node->flags & RILL_NDF_MEM_SIGNED)
			fputs(" signed", out->file);
		if (node->flags & RILL_NDF_MEM_SCALED)
			fputs(" scaled", out->file);
	}
	if (node->param)
		fprintf(out->file, " param %" PRId32, (int32_t)node->param);
	fputs("\n", out->file);
}

static void print_plastic(const struct printer *out, const struct rill_plastic *p)
{
	fprintf(out->file, "\tplastic {\n\t\trule %s\n", rill_ndf_rules[p->rule]);
	fprintf(out->file, "\t\thistory %u\n\t\ttrace %u\n\t\trate %u\n", p->history, p->trace, p->rate);
	fprintf(out->file, "\t\teta %u\n\t\tpsi_min %u\n\t\tmiss %" PRId32 "\n", p->eta, p->psi_min, p->miss);
	fprintf(out->file, "\t\tweight_min %" PRId32 "\n\t\tweight_max %" PRId32 "\n", p->weight_min, p->weight_max);
	fprintf(out->file, "\t\tbias_min %" PRId64 "\n\t\tbias_max %" PRId64 "\n", p->bias_min, p->bias_max);
	fprintf(out->file, "\t\ttheta_min %" PRId64 "\n\t\ttheta_max %" PRId64 "\n", p->theta_min, p->theta_max);
	fprintf(out->file, "\t\ttheta_eta %u\n\t\ttarget %u\n", p->theta_eta, p->target);
	fprintf(out->file, "\t\tfirst %" PRIu64 "\n\t\tlength %" PRIu64 "\n\t\tperiod %" PRIu64 "\n\t}\n", p->first,
		p->length, p->period);
}

static void print_table(const struct printer *out, const struct graph_when *when)
{
	uint64_t k, entries = (uint64_t)when->scalar.states << when->scalar.dims;

	fputs("\ttable {", out->file);
	for (k = 0; k < entries; k++) {
		fprintf(out->file, "%s%s", k ? "," : "", k && k % 8 == 0 ? "\n\t\t" : " ");
		if (when->table[k].emit)
			fprintf(out->file, "%u", when->table[k].id);
		else
			fputs("none", out->file);
		if (when->scalar.states > 1)
			fprintf(out->file, " -> %u", when->table[k].next);
	}
	fputs(" }\n", out->file);
}

static void print_when_fields(const struct printer *out, const struct graph_when *when)
{
	const struct rill_ndf_when *w = &when->scalar;

	fprintf(out->file, "\tdims %u\n\tdecode %s", w->dims, rill_ndf_decodes[w->decode]);
	if (w->decode == RILL_NDF_DECODE_TOPK)
		fprintf(out->file, " %u", w->top);
	fprintf(out->file, "\n\treset %s\n", rill_ndf_resets[w->reset]);
	if (w->states > 1)
		fprintf(out->file, "\tstates %u from %u\n", w->states, w->state);
	if (w->frac || w->x_frac)
		fprintf(out->file, "\tfrac %u\n\tx_frac %u\n", w->frac, w->x_frac);
	if (w->leak)
		fprintf(out->file, "\tleak %u\n", w->leak);
	fprintf(out->file, "\twidth %u\n", w->width);
}

static void print_when(const struct printer *out, uint32_t i)
{
	const struct graph_node *node = &out->graph->nodes[i];
	const struct graph_when *when = &node->when;
	uint32_t k, weights = rill_graph_data_inputs(node) * when->scalar.dims;

	print_declared(out, "when", i);
	fprintf(out->file, " %s %u {\n", node->mode == RILL_NDF_PRED ? "pred" : "event",
		rill_graph_data_inputs(node));
	print_when_fields(out, when);
	if (node->mode == RILL_NDF_PRED) {
		fputs("\tneed ", out->file);
		print_words(out->file, when->need, when->scalar.states);
		fputs("\n", out->file);
	}
	fputs("\tbias ", out->file);
	print_words(out->file, (const uint64_t *)when->bias, when->scalar.dims);
	fputs("\n\ttheta ", out->file);
	print_words(out->file, (const uint64_t *)when->theta, when->scalar.dims);
	fputs("\n\tweights {", out->file);
	for (k = 0; k < weights; k++)
		fprintf(out->file, "%s%s%" PRId32, k ? "," : "", k && k % 16 == 0 ? "\n\t\t" : " ",
			when->weights[k]);
	fputs(" }\n", out->file);
	if (when->scalar.decode == RILL_NDF_DECODE_TABLE)
		print_table(out, when);
	if (when->plastic)
		print_plastic(out, when->plastic);
	fputs("}\n", out->file);
}

static void print_pattern(const struct printer *out, const struct graph_node *node, uint32_t k)
{
	const struct rill_where_pattern *p = &node->where.patterns[k];
	uint64_t copied = 0;
	const char *comma = "";
	uint32_t i, o;

	fputs("\t{", out->file);
	for (o = 0; o < node->outputs; o++) {
		i = p->from[o];
		if (i == RILL_NDF_NO_INPUT)
			continue;
		fprintf(out->file, "%s %s%u -> %u", comma, p->cons >> i & 1 ? "" : "keep ", i, o);
		copied |= 1ULL << i;
		comma = ",";
	}
	for (i = 0; i < rill_graph_data_inputs(node); i++) {
		if (p->cons >> i & ~(copied >> i) & 1) {
			fprintf(out->file, "%s drop %u", comma, i);
			comma = ",";
		}
	}
	fprintf(out->file, " }%s\n", k + 1 < node->where.count ? "," : "");
}

static void print_where(const struct printer *out, uint32_t i)
{
	const struct graph_node *node = &out->graph->nodes[i];
	uint32_t k;

	print_declared(out, "where", i);
	fprintf(out->file, " %s %u -> %u", rill_ndf_where_modes[node->mode], rill_graph_data_inputs(node),
		node->outputs);
	if (node->flags & RILL_NDF_WHERE_PACKED)
		fputs(" packed", out->file);
	fputs(" {", out->file);
	if (node->mode > RILL_NDF_TABLE) {
		for (k = 0; k < node->where.count; k++)
			fprintf(out->file, "%s %u", k ? "," : "", node->where.rows[k]);
		fputs(" }\n", out->file);
		return;
	}
	fputs("\n", out->file);
	for (k = 0; k < node->where.count; k++)
		print_pattern(out, node, k);
	fputs("}\n", out->file);
}

static void print_any(const struct printer *out, uint32_t i)
{
	const struct graph_node *node = &out->graph->nodes[i];

	switch (node->kind) {
	case RILL_NDF_OP:
		print_op(out, i);
		break;
	case RILL_NDF_WHEN:
		print_when(out, i);
		break;
	case RILL_NDF_WHERE:
		print_where(out, i);
		break;
	case RILL_NDF_SOURCE:
		print_declared(out, "source", i);
		fputs(" ", out->file);
		print_words(out->file, node->source.words, node->source.count);
		fputs("\n", out->file);
		break;
	case RILL_NDF_SINK:
		print_declared(out, "sink", i);
		fprintf(out->file, " %s", rill_ndf_sink_modes[node->mode]);
		if (node->mode <= RILL_NDF_SINK_UNTIL)
			fprintf(out->file, " %" PRId64, (int64_t)node->imm);
		fputs("\n", out->file);
		break;
	}
	if (node->chiplet) {
		fprintf(out->file, "place ");
		print_node(out, i);
		fprintf(out->file, " %u\n", node->chiplet);
	}
}

static void print_arc(const struct printer *out, const struct graph_arc *arc)
{
	const struct graph_node *dst = &out->graph->nodes[arc->dst];
	uint32_t port = rill_graph_arc_port(out->graph, arc);

	fputs("arc ", out->file);
	print_node(out, arc->src);
	fprintf(out->file, ":%u -> ", arc->src_port);
	print_node(out, arc->dst);
	if (port != dst->inputs - 1 || rill_graph_data_inputs(dst) == dst->inputs)
		fprintf(out->file, ":%u", port);
	else
		fputs(dst->kind == RILL_NDF_WHERE ? ":switch" : ":teacher", out->file);
	fprintf(out->file, " capacity %u", arc->capacity);
	if (arc->token_count) {
		fputs(" ", out->file);
		print_words(out->file, arc->tokens, arc->token_count);
	}
	fputs("\n", out->file);
}

int rill_graph_print(const struct rill_graph *graph, FILE *file)
{
	const struct printer out = { graph, file };
	uint32_t i, *order = rill_graph_arc_order(graph);

	if (!order)
		return -ENOMEM;
	fputs("graph ", file);
	if (graph->name)
		print_text(file, graph->name);
	else
		fputs("@", file);
	fputs("\n\n", file);
	print_memory(&out);
	for (i = 0; i < graph->node_count; i++)
		print_any(&out, i);
	fputs("\n", file);
	for (i = 0; i < graph->arc_count; i++)
		print_arc(&out, &graph->arcs[order[i]]);
	free(order);
	return ferror(file) ? -EIO : 0;
}
