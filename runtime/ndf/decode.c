// SPDX-License-Identifier: MIT
/* A binary as a graph. It is validated first, so that all below can trust it. */
#include "graph.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "ndf/ndf.h"

struct in {
	const uint8_t *base;
	struct rill_ndf_header header;
	struct rill_graph *graph;
};

static uint32_t get32(const uint8_t *p)
{
	uint32_t word;

	memcpy(&word, p, sizeof(word));
	return le32toh(word);
}

static uint64_t get64(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

/* `count` words from p, from malloc(); NULL: out of memory. */
static void *get64s(const uint8_t *p, uint64_t count)
{
	uint64_t i, *words = malloc((count + 1) * sizeof(*words));

	for (i = 0; words && i < count; i++)
		words[i] = get64(p + 8 * i);
	return words;
}

static void *get32s(const uint8_t *p, uint64_t count)
{
	uint32_t *words = malloc((count + 1) * sizeof(*words));
	uint64_t i;

	for (i = 0; words && i < count; i++)
		words[i] = get32(p + 4 * i);
	return words;
}

static struct rill_when_entry *get_table(const uint8_t *p, uint64_t count)
{
	struct rill_when_entry *table = malloc(count * sizeof(*table));
	uint64_t i;

	for (i = 0; table && i < count; i++, p += sizeof(struct rill_ndf_entry))
		table[i] = (struct rill_when_entry){ .id = get32(p), .next = p[4], .emit = p[5] };
	return table;
}

#define GET32(p, field) get32((p) + offsetof(struct rill_ndf_plastic, field))
#define GET64(p, field) get64((p) + offsetof(struct rill_ndf_plastic, field))

static void get_plastic(const uint8_t *p, struct rill_plastic *to)
{
	*to = (struct rill_plastic){
		.rule = p[0], .history = p[1], .trace = p[2], .rate = p[3],
		.eta = GET32(p, eta), .psi_min = GET32(p, psi_min), .miss = (int32_t)GET32(p, miss),
		.weight_min = (int32_t)GET32(p, weight_min), .weight_max = (int32_t)GET32(p, weight_max),
		.bias_min = (int64_t)GET64(p, bias_min), .bias_max = (int64_t)GET64(p, bias_max),
		.theta_min = (int64_t)GET64(p, theta_min), .theta_max = (int64_t)GET64(p, theta_max),
		.theta_eta = GET32(p, theta_eta), .target = GET32(p, target),
		.first = GET64(p, first), .length = GET64(p, length), .period = GET64(p, period),
	};
}

/* Offsets within a block follow struct rill_ndf_when's comment. */
static void get_when(struct in *in, const uint8_t *p, const struct rill_ndf_node *node)
{
	bool taught = le16toh(node->flags) & RILL_NDF_WHEN_TEACHER;
	struct rill_when_spec spec = { .mode = node->mode, .inputs = node->inputs - (taught ? 1u : 0u) };
	uint64_t states, dims, weights, entries;
	void *need, *bias, *theta, *weight, *table = NULL;
	struct rill_plastic plastic;

	memcpy(&spec.when, p, sizeof(spec.when));
	p += sizeof(spec.when);
	states = spec.when.states;
	dims = spec.when.dims;
	weights = spec.inputs * dims;
	entries = spec.when.decode == RILL_NDF_DECODE_TABLE ? states << dims : 0;
	spec.need = need = get64s(p, states);
	spec.bias = bias = get64s(p + 8 * states, dims);
	spec.theta = theta = get64s(p + 8 * (states + dims), dims);
	p += 8 * states + 16 * dims;
	spec.weights = weight = get32s(p, weights);
	p += (4 * weights + 7) & ~7ULL;
	if (entries)
		spec.table = table = get_table(p, entries);
	p += entries * sizeof(struct rill_ndf_entry);
	if (le16toh(node->flags) & RILL_NDF_WHEN_PLASTIC) {
		get_plastic(p, &plastic);
		spec.plastic = &plastic;
	}
	if (need && bias && theta && weight && (table || !entries))
		rill_graph_when(in->graph, NULL, &spec);
	else
		rill_graph_no_memory(in->graph);
	free(need);
	free(bias);
	free(theta);
	free(weight);
	free(table);
}

static void get_where(struct in *in, const uint8_t *p, const struct rill_ndf_node *node)
{
	uint32_t i, count = get32(p), inputs = node->inputs - (node->mode != RILL_NDF_STATIC);
	size_t from = (node->outputs + 7u) & ~7u;
	struct rill_where_pattern *patterns;

	p += sizeof(struct rill_ndf_where);
	if (node->mode > RILL_NDF_TABLE) {
		rill_graph_where_rows(in->graph, NULL, node->mode, inputs, node->outputs, p, count,
				      le16toh(node->flags) & RILL_NDF_WHERE_PACKED);
		return;
	}
	patterns = calloc(count, sizeof(*patterns));
	if (!patterns) {
		rill_graph_no_memory(in->graph);
		return;
	}
	for (i = 0; i < count; i++, p += sizeof(struct rill_ndf_pattern) + from) {
		patterns[i].need = get64(p);
		patterns[i].cons = get64(p + 8);
		memset(patterns[i].from, RILL_NDF_NO_INPUT, sizeof(patterns[i].from));
		memcpy(patterns[i].from, p + sizeof(struct rill_ndf_pattern), node->outputs);
	}
	rill_graph_where(in->graph, NULL, node->mode, inputs, node->outputs, patterns, count);
	free(patterns);
}

static void get_op(struct in *in, const struct rill_ndf_node *node)
{
	uint32_t op = rill_graph_op(in->graph, NULL, node->mode, node->inputs, node->outputs);

	if (op == RILL_NDF_NONE)
		return;
	in->graph->nodes[op].flags = le16toh(node->flags);
	in->graph->nodes[op].param = le32toh(node->param);
	in->graph->nodes[op].imm = le64toh(node->imm);
}

static void get_source(struct in *in, const uint8_t *p, bool words)
{
	uint32_t count = words ? get32(p) : 0;
	uint64_t *copy = words ? get64s(p + sizeof(struct rill_ndf_source), count) : NULL;

	if (words && !copy)
		rill_graph_no_memory(in->graph);
	else
		rill_graph_source(in->graph, NULL, copy, count);
	free(copy);
}

static void get_node(struct in *in, uint32_t i)
{
	const uint8_t *params = in->base + le32toh(in->header.params);
	const uint8_t *names = in->base + le32toh(in->header.names);
	struct rill_ndf_node node;
	const char *name;
	uint32_t at;

	memcpy(&node, in->base + le32toh(in->header.nodes) + i * sizeof(node), sizeof(node));
	at = le32toh(node.param);
	name = node.name == htole32(RILL_NDF_NONE) ? NULL : (const char *)names + le32toh(node.name);
	switch (node.kind) {
	case RILL_NDF_OP:
		get_op(in, &node);
		break;
	case RILL_NDF_WHEN:
		get_when(in, params + at, &node);
		break;
	case RILL_NDF_WHERE:
		get_where(in, params + at, &node);
		break;
	case RILL_NDF_SOURCE:
		get_source(in, params + at, le16toh(node.flags) & RILL_NDF_SOURCE_WORDS);
		break;
	case RILL_NDF_SINK:
		rill_graph_sink(in->graph, NULL, node.mode, le64toh(node.imm));
		break;
	}
	if (in->graph->failed)
		return;
	in->graph->nodes[i].chiplet = le16toh(node.chiplet);
	if (name)
		rill_graph_name_node(in->graph, i, name, true);
}

static void get_arcs(struct in *in)
{
	const uint8_t *p = in->base + le32toh(in->header.arcs);
	uint32_t i;

	for (i = 0; i < le32toh(in->header.arc_count); i++, p += sizeof(struct rill_ndf_arc))
		rill_graph_arc(in->graph, get32(p), p[8], get32(p + 4), p[9], p[10] | (uint32_t)p[11] << 8);
	p = in->base + le32toh(in->header.tokens);
	for (i = 0; i < le32toh(in->header.token_count); i++, p += sizeof(struct rill_ndf_token))
		rill_graph_token(in->graph, get32(p), get64(p + 8));
}

struct rill_graph *rill_graph_decode(const void *binary, size_t bytes, char *error)
{
	struct in in = { .base = binary };
	struct rill_ndf_verdict verdict;
	const char *name = NULL;
	uint32_t i;

	if (!rill_ndf_validate(binary, bytes, &verdict)) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s (%s %llu)", rill_ndf_code_text(le32toh(verdict.code)),
			 rill_ndf_unit_text(le32toh(verdict.unit)), (unsigned long long)le64toh(verdict.position));
		return NULL;
	}
	memcpy(&in.header, binary, sizeof(in.header));
	if (in.header.name != htole32(RILL_NDF_NONE))
		name = (const char *)in.base + le32toh(in.header.names) + le32toh(in.header.name);
	in.graph = rill_graph_new(name);
	if (!in.graph) {
		snprintf(error, RILL_GRAPH_ERROR_BYTES, "out of memory");
		return NULL;
	}
	rill_graph_memory(in.graph, le64toh(in.header.memory_bytes), in.base + le32toh(in.header.data),
			  le32toh(in.header.data_bytes));
	for (i = 0; i < le32toh(in.header.node_count) && !in.graph->failed; i++)
		get_node(&in, i);
	get_arcs(&in);
	if (!in.graph->failed)
		return in.graph;
	snprintf(error, RILL_GRAPH_ERROR_BYTES, "%s", in.graph->error);
	rill_graph_free(in.graph);
	return NULL;
}
