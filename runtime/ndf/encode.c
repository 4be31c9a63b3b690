// SPDX-License-Identifier: MIT
/* A graph as a binary (uapi/rill_ndf.h). */
#include "graph.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ndf/ndf.h"
#include "verdict.h"

struct out {
	uint8_t *base;
	uint64_t at;
};

static uint64_t pad8(uint64_t bytes)
{
	return (bytes + 7) & ~7ULL;
}

static void put(struct out *out, const void *from, uint64_t bytes)
{
	if (bytes)
		memcpy(out->base + out->at, from, bytes);
	out->at += bytes;
}

static void align(struct out *out)
{
	out->at = pad8(out->at);	/* the binary was zeroed */
}

static void put32(struct out *out, uint32_t word)
{
	word = htole32(word);
	put(out, &word, 4);
}

static void put64(struct out *out, uint64_t word)
{
	word = htole64(word);
	put(out, &word, 8);
}

static void put64s(struct out *out, const void *words, uint64_t count)
{
	const uint64_t *from = words;
	uint64_t i;

	for (i = 0; i < count; i++)
		put64(out, from[i]);
}

static uint64_t when_bytes(const struct graph_node *node)
{
	const struct rill_ndf_when *w = &node->when.scalar;
	uint64_t bytes = sizeof(*w) + 8ULL * w->states + 16ULL * w->dims +
			 pad8(4ULL * rill_graph_data_inputs(node) * w->dims);

	if (w->decode == RILL_NDF_DECODE_TABLE)
		bytes += ((uint64_t)w->states << w->dims) * sizeof(struct rill_ndf_entry);
	return bytes + (node->flags & RILL_NDF_WHEN_PLASTIC ? sizeof(struct rill_ndf_plastic) : 0);
}

uint64_t rill_graph_block_bytes(const struct graph_node *node)
{
	switch (node->kind) {
	case RILL_NDF_SOURCE:
		return node->source.count ? sizeof(struct rill_ndf_source) + 8ULL * node->source.count : 0;
	case RILL_NDF_WHEN:
		return when_bytes(node);
	case RILL_NDF_WHERE:
		if (node->mode > RILL_NDF_TABLE)
			return sizeof(struct rill_ndf_where) + pad8(node->where.count);
		return sizeof(struct rill_ndf_where) +
		       node->where.count * (sizeof(struct rill_ndf_pattern) + pad8(node->outputs));
	default:
		return 0;
	}
}

static void put_plastic(struct out *out, const struct rill_plastic *p)
{
	put(out, (const uint8_t[]){ p->rule, p->history, p->trace, p->rate }, 4);
	put32(out, p->eta);
	put32(out, p->psi_min);
	put32(out, (uint32_t)p->miss);
	put32(out, (uint32_t)p->weight_min);
	put32(out, (uint32_t)p->weight_max);
	put64(out, (uint64_t)p->bias_min);
	put64(out, (uint64_t)p->bias_max);
	put64(out, (uint64_t)p->theta_min);
	put64(out, (uint64_t)p->theta_max);
	put32(out, p->theta_eta);
	put32(out, p->target);
	put64(out, p->first);
	put64(out, p->length);
	put64(out, p->period);
}

static void put_when(struct out *out, const struct graph_node *node)
{
	const struct graph_when *when = &node->when;
	const struct rill_ndf_when *w = &when->scalar;
	uint64_t i, weights = (uint64_t)rill_graph_data_inputs(node) * w->dims;

	put(out, w, sizeof(*w));
	put64s(out, when->need, w->states);
	put64s(out, when->bias, w->dims);
	put64s(out, when->theta, w->dims);
	for (i = 0; i < weights; i++)
		put32(out, (uint32_t)when->weights[i]);
	align(out);
	for (i = 0; w->decode == RILL_NDF_DECODE_TABLE && i < (uint64_t)w->states << w->dims; i++) {
		put32(out, when->table[i].id);
		put32(out, when->table[i].next | (uint32_t)when->table[i].emit << 8);
	}
	if (when->plastic)
		put_plastic(out, when->plastic);
}

static void put_where(struct out *out, const struct graph_node *node)
{
	uint32_t i;

	put32(out, node->where.count);
	put32(out, 0);
	if (node->mode > RILL_NDF_TABLE) {
		put(out, node->where.rows, node->where.count);
		align(out);
		return;
	}
	for (i = 0; i < node->where.count; i++) {
		put64(out, node->where.patterns[i].need);
		put64(out, node->where.patterns[i].cons);
		put(out, node->where.patterns[i].from, node->outputs);
		align(out);
	}
}

static void put_blocks(struct out *out, const struct rill_graph *graph)
{
	uint32_t i;

	for (i = 0; i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];

		if (node->kind == RILL_NDF_WHEN) {
			put_when(out, node);
		} else if (node->kind == RILL_NDF_WHERE) {
			put_where(out, node);
		} else if (node->kind == RILL_NDF_SOURCE && node->source.count) {
			put32(out, node->source.count);
			put32(out, 0);
			put64s(out, node->source.words, node->source.count);
		}
	}
}

static void put_nodes(struct out *out, const struct rill_graph *graph)
{
	uint32_t i, name = graph->name ? (uint32_t)strlen(graph->name) + 1 : 0, block = 0;

	for (i = 0; i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];
		uint64_t bytes = rill_graph_block_bytes(node);
		uint16_t flags = node->flags;

		if (node->kind == RILL_NDF_SOURCE && bytes)
			flags |= RILL_NDF_SOURCE_WORDS;
		put32(out, node->kind | node->mode << 8 | node->inputs << 16 | node->outputs << 24);
		put32(out, flags | (uint32_t)node->chiplet << 16);
		put32(out, bytes ? block : node->param);
		put32(out, node->name ? name : RILL_NDF_NONE);
		put64(out, node->imm);
		block += (uint32_t)bytes;
		name += node->name ? (uint32_t)strlen(node->name) + 1 : 0;
	}
}

static void put_arcs(struct out *out, const struct rill_graph *graph, const uint32_t *order)
{
	uint32_t i;

	for (i = 0; i < graph->arc_count; i++) {
		const struct graph_arc *arc = &graph->arcs[order[i]];

		put32(out, arc->src);
		put32(out, arc->dst);
		put32(out, arc->src_port | rill_graph_arc_port(graph, arc) << 8 | arc->capacity << 16);
		put32(out, 0);
	}
}

static void put_tokens(struct out *out, const struct rill_graph *graph, const uint32_t *order)
{
	uint32_t i, k;

	for (i = 0; i < graph->arc_count; i++) {
		const struct graph_arc *arc = &graph->arcs[order[i]];

		for (k = 0; k < arc->token_count; k++) {
			put32(out, i);
			put32(out, 0);
			put64(out, arc->tokens[k]);
		}
	}
}

static void put_names(struct out *out, const struct rill_graph *graph)
{
	uint32_t i;

	if (graph->name)
		put(out, graph->name, strlen(graph->name) + 1);
	for (i = 0; i < graph->node_count; i++) {
		if (graph->nodes[i].name)
			put(out, graph->nodes[i].name, strlen(graph->nodes[i].name) + 1);
	}
}

/* Where a section of that size begins; *at is where the next one does. */
static __le32 section(uint64_t *at, uint64_t size)
{
	__le32 begin = htole32((uint32_t)*at);

	*at = pad8(*at + size);
	return begin;
}

/* Where the sections are. False: too large for any field. */
static bool lay_out(struct rill_graph *graph, struct rill_ndf_header *h)
{
	uint64_t params = 0, tokens = 0, names = graph->name ? strlen(graph->name) + 1 : 0, at = sizeof(*h);
	uint32_t i, flags = 0;

	for (i = 0; i < graph->node_count; i++) {
		const struct graph_node *node = &graph->nodes[i];

		params += rill_graph_block_bytes(node);
		names += node->name ? strlen(node->name) + 1 : 0;
		if (node->kind != RILL_NDF_WHEN)
			continue;
		flags |= node->mode == RILL_NDF_EVENT ? RILL_NDF_HAS_EVENT : 0;
		flags |= node->flags & RILL_NDF_WHEN_PLASTIC ? RILL_NDF_HAS_PLASTIC : 0;
	}
	for (i = 0; i < graph->arc_count; i++)
		tokens += graph->arcs[i].token_count;
	*h = (struct rill_ndf_header){ .magic = htole32(RILL_NDF_MAGIC), .version = htole16(RILL_NDF_VERSION),
		.header_bytes = htole16(sizeof(*h)), .flags = htole32(flags),
		.node_count = htole32(graph->node_count), .arc_count = htole32(graph->arc_count),
		.token_count = htole32((uint32_t)tokens), .memory_bytes = htole64(graph->memory_bytes),
		.name = htole32(graph->name ? 0 : RILL_NDF_NONE) };
	h->nodes = section(&at, graph->node_count * sizeof(struct rill_ndf_node));
	h->arcs = section(&at, graph->arc_count * sizeof(struct rill_ndf_arc));
	h->tokens = section(&at, tokens * sizeof(struct rill_ndf_token));
	h->params = section(&at, params);
	h->params_bytes = htole32((uint32_t)params);
	h->data = section(&at, graph->data_bytes);
	h->data_bytes = htole32(graph->data_bytes);
	h->names = section(&at, names);
	h->names_bytes = htole32((uint32_t)names);
	h->bytes = htole32((uint32_t)at);
	if (at > RILL_NDF_MAX_BYTES)
		return rill_graph_fail(graph, "the binary would be %llu bytes; the limit is %u",
				       (unsigned long long)at, RILL_NDF_MAX_BYTES);
	return true;
}

static void fill(struct out *out, const struct rill_graph *graph, const uint32_t *order,
		 const struct rill_ndf_header *header)
{
	uint32_t crc;

	put(out, header, sizeof(*header));
	put_nodes(out, graph);
	put_arcs(out, graph, order);
	put_tokens(out, graph, order);
	put_blocks(out, graph);
	put(out, graph->data, graph->data_bytes);
	align(out);
	put_names(out, graph);
	align(out);
	crc = htole32(rill_ndf_crc32(out->base, out->at));
	memcpy(out->base + offsetof(struct rill_ndf_header, crc), &crc, sizeof(crc));
}

int rill_graph_encode(struct rill_graph *graph, void **binary, size_t *bytes)
{
	struct rill_ndf_header header;
	struct rill_ndf_verdict verdict;
	struct out out = { 0 };
	uint32_t *order;

	*binary = NULL;
	if (graph->failed || !lay_out(graph, &header))
		return -EINVAL;
	order = rill_graph_arc_order(graph);
	out.base = calloc(1, le32toh(header.bytes));
	if (order && out.base) {
		fill(&out, graph, order, &header);
		if (!rill_ndf_validate(out.base, out.at, &verdict))
			rill_graph_blame(graph, &verdict, order, out.base);
	} else {
		rill_graph_no_memory(graph);
	}
	free(order);
	if (graph->failed) {
		free(out.base);
		return -EINVAL;
	}
	*binary = out.base;
	*bytes = out.at;
	return 0;
}
