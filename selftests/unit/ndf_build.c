// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "ndf_build.h"

static size_t room_for(size_t bytes)
{
	size_t room = 64;

	while (room < bytes)
		room *= 2;
	return room;
}

static void *grow(void *p, size_t used, size_t more)
{
	if (p && room_for(used) == room_for(used + more))
		return p;
	p = realloc(p, room_for(used + more));
	if (!p)
		abort();
	return p;
}

#define ADD(array, count) \
	((array) = grow(array, (count) * sizeof(*(array)), sizeof(*(array))), &(array)[(count)++])

void build_begin(struct build *b)
{
	*b = (struct build){ .capacity = 4 };
}

void build_end(struct build *b)
{
	free(b->nodes);
	free(b->arcs);
	free(b->arc_at);
	free(b->tokens);
	free(b->params);
	free(b->names);
	*b = (struct build){ 0 };
}

uint32_t build_node(struct build *b, const struct rill_ndf_node *node)
{
	*ADD(b->nodes, b->nodes_count) = *node;
	return b->nodes_count - 1;
}

uint32_t build_block(struct build *b, const void *bytes, size_t size)
{
	uint32_t at = b->params_bytes;
	size_t padded = (size + 7) / 8 * 8;

	b->params = grow(b->params, b->params_bytes, padded);
	if (size)
		memcpy(b->params + at, bytes, size);
	memset(b->params + at + size, 0, padded - size);
	b->params_bytes += (uint32_t)padded;
	return at;
}

static unsigned int operands(unsigned int op)
{
	if (op < RILL_NDF_THEN || op == RILL_NDF_LOAD)
		return 1;
	return op == RILL_NDF_SELECT ? 3 : 2;
}

uint32_t build_op(struct build *b, unsigned int op)
{
	return build_node(b, &(struct rill_ndf_node){
		.kind = RILL_NDF_OP, .mode = (uint8_t)op, .inputs = (uint8_t)operands(op), .outputs = 1,
		.name = RILL_NDF_NONE,
	});
}

uint32_t build_op_imm(struct build *b, unsigned int op, unsigned int operand, uint64_t imm)
{
	uint32_t node = build_op(b, op);

	b->nodes[node].inputs--;
	b->nodes[node].flags = (uint16_t)RILL_NDF_OP_IMM(operand);
	b->nodes[node].imm = imm;
	return node;
}

uint32_t build_source(struct build *b, const uint64_t *words, uint32_t count)
{
	struct rill_ndf_node node = { .kind = RILL_NDF_SOURCE, .outputs = 1, .name = RILL_NDF_NONE };
	struct rill_ndf_source block = { .count = count };

	if (count) {
		node.flags = RILL_NDF_SOURCE_WORDS;
		node.param = build_block(b, &block, sizeof(block));
		build_block(b, words, 8ULL * count);
	}
	return build_node(b, &node);
}

uint32_t build_sink(struct build *b, unsigned int mode, uint64_t expected)
{
	return build_node(b, &(struct rill_ndf_node){
		.kind = RILL_NDF_SINK, .mode = (uint8_t)mode, .inputs = 1, .imm = expected,
		.name = RILL_NDF_NONE,
	});
}

static uint32_t add_where(struct build *b, unsigned int mode, bool packed, unsigned int inputs,
			  unsigned int outputs, uint32_t count)
{
	struct rill_ndf_where block = { .count = count };

	return build_node(b, &(struct rill_ndf_node){
		.kind = RILL_NDF_WHERE, .mode = (uint8_t)mode, .outputs = (uint8_t)outputs,
		.inputs = (uint8_t)(inputs + (mode != RILL_NDF_STATIC)), .name = RILL_NDF_NONE,
		.flags = packed ? RILL_NDF_WHERE_PACKED : 0, .param = build_block(b, &block, sizeof(block)),
	});
}

uint32_t build_where(struct build *b, unsigned int mode, unsigned int inputs, unsigned int outputs,
		     const struct pattern *patterns, uint32_t count)
{
	uint32_t node = add_where(b, mode, false, inputs, outputs, count), k;

	for (k = 0; k < count; k++) {
		struct rill_ndf_pattern pattern = { .need = patterns[k].need, .cons = patterns[k].cons };

		build_block(b, &pattern, sizeof(pattern));
		build_block(b, patterns[k].from, outputs);
	}
	return node;
}

uint32_t build_rows(struct build *b, unsigned int mode, bool packed, unsigned int inputs, unsigned int outputs,
		    const uint8_t *from, uint32_t count)
{
	uint32_t node = add_where(b, mode, packed, inputs, outputs, count);

	build_block(b, from, count);
	return node;
}

uint32_t build_when(struct build *b, const struct neuron *n)
{
	bool teacher = n->plastic && n->plastic->rule != RILL_NDF_RULE_NONE;
	static const int64_t zero[RILL_NDF_MAX_DIMS];
	uint64_t all = n->mode == RILL_NDF_EVENT ? 0 : (1ULL << n->inputs) - 1;
	struct rill_ndf_node node = {
		.kind = RILL_NDF_WHEN, .mode = (uint8_t)n->mode, .outputs = 1, .name = RILL_NDF_NONE,
		.inputs = (uint8_t)(n->inputs + teacher),
		.flags = (n->plastic ? RILL_NDF_WHEN_PLASTIC : 0) | (teacher ? RILL_NDF_WHEN_TEACHER : 0),
	};
	unsigned int q;

	node.param = build_block(b, &n->head, sizeof(n->head));
	for (q = 0; q < n->head.states; q++)
		build_block(b, n->need ? &n->need[q] : &all, 8);
	build_block(b, n->bias ? n->bias : zero, 8u * n->head.dims);
	build_block(b, n->theta ? n->theta : zero, 8u * n->head.dims);
	build_block(b, n->weights, 4u * n->inputs * n->head.dims);
	if (n->head.decode == RILL_NDF_DECODE_TABLE)
		build_block(b, n->table, (size_t)n->head.states * sizeof(*n->table) << n->head.dims);
	if (n->plastic)
		build_block(b, n->plastic, sizeof(*n->plastic));
	b->flags |= n->mode == RILL_NDF_EVENT ? RILL_NDF_HAS_EVENT : 0;
	b->flags |= n->plastic ? RILL_NDF_HAS_PLASTIC : 0;
	return build_node(b, &node);
}

uint32_t build_threshold(struct build *b, int64_t theta)
{
	static const struct rill_ndf_entry table[2] = { { .id = 0, .emit = 1 }, { .id = 1, .emit = 1 } };
	static const int32_t one = 1;

	return build_when(b, &(struct neuron){
		.head = { .dims = 1, .states = 1, .width = 64 },
		.inputs = 1, .theta = &theta, .weights = &one, .table = table,
	});
}

uint32_t build_arc(struct build *b, uint32_t src, unsigned int src_port, uint32_t dst, unsigned int dst_port)
{
	*ADD(b->arcs, b->arcs_count) = (struct rill_ndf_arc){
		.src = src, .src_port = (uint8_t)src_port, .dst = dst, .dst_port = (uint8_t)dst_port,
		.capacity = b->capacity,
	};
	return b->arcs_count - 1;
}

void build_token(struct build *b, uint32_t arc, uint64_t word)
{
	*ADD(b->tokens, b->tokens_count) = (struct rill_ndf_token){ .arc = arc, .word = word };
}

struct key {
	uint64_t order;			/* what to sort by, then the old number */
	uint32_t number;
};

static int compare_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static struct key *new_keys(size_t count)
{
	struct key *keys = calloc(count + 1, sizeof(*keys));

	if (!keys)
		abort();
	return keys;
}

static void sort_arcs(struct build *b, struct rill_ndf_arc *out)
{
	struct key *keys = new_keys(b->arcs_count);
	uint32_t i;

	b->arc_at = grow(NULL, 0, (b->arcs_count + 1) * sizeof(*b->arc_at));
	for (i = 0; i < b->arcs_count; i++)
		keys[i] = (struct key){ (uint64_t)b->arcs[i].src << 8 | b->arcs[i].src_port, i };
	qsort(keys, b->arcs_count, sizeof(*keys), compare_keys);
	for (i = 0; i < b->arcs_count; i++) {
		out[i] = b->arcs[keys[i].number];
		b->arc_at[keys[i].number] = i;
	}
	free(keys);
}

static void sort_tokens(struct build *b, struct rill_ndf_token *out)
{
	struct key *keys = new_keys(b->tokens_count);
	uint32_t i;

	for (i = 0; i < b->tokens_count; i++)
		keys[i] = (struct key){ b->arc_at[b->tokens[i].arc], i };
	qsort(keys, b->tokens_count, sizeof(*keys), compare_keys);
	for (i = 0; i < b->tokens_count; i++) {
		out[i] = b->tokens[keys[i].number];
		out[i].arc = b->arc_at[out[i].arc];
	}
	free(keys);
}

/* CRC-32 bit by bit, so that it shares nothing with the code under test */
void build_crc(uint8_t *binary, size_t size)
{
	struct rill_ndf_header *header = (struct rill_ndf_header *)binary;
	uint32_t crc = ~0u;
	size_t i;
	int k;

	header->crc = 0;
	for (i = 0; i < size; i++) {
		crc ^= binary[i];
		for (k = 0; k < 8; k++)
			crc = (crc >> 1) ^ (0xedb88320u & -(crc & 1));
	}
	header->crc = ~crc;
}

uint8_t *build_binary(struct build *b, size_t *size)
{
	struct rill_ndf_header h = {
		.magic = RILL_NDF_MAGIC, .version = RILL_NDF_VERSION, .header_bytes = sizeof(h),
		.flags = b->flags, .node_count = b->nodes_count, .arc_count = b->arcs_count,
		.token_count = b->tokens_count, .nodes = sizeof(h), .name = RILL_NDF_NONE,
		.params_bytes = b->params_bytes, .names_bytes = b->names_bytes,
		.memory_bytes = b->memory_bytes,
	};
	uint8_t *binary;

	h.arcs = h.nodes + b->nodes_count * (uint32_t)sizeof(*b->nodes);
	h.tokens = h.arcs + b->arcs_count * (uint32_t)sizeof(*b->arcs);
	h.params = h.tokens + b->tokens_count * (uint32_t)sizeof(*b->tokens);
	h.data = h.params + h.params_bytes;
	h.names = h.data;
	h.bytes = h.names + (h.names_bytes + 7) / 8 * 8;
	binary = calloc(1, h.bytes);
	if (!binary)
		abort();
	memcpy(binary, &h, sizeof(h));
	memcpy(binary + h.nodes, b->nodes, b->nodes_count * sizeof(*b->nodes));
	free(b->arc_at);
	sort_arcs(b, (struct rill_ndf_arc *)(binary + h.arcs));
	sort_tokens(b, (struct rill_ndf_token *)(binary + h.tokens));
	if (b->params_bytes)
		memcpy(binary + h.params, b->params, b->params_bytes);
	if (b->names_bytes)
		memcpy(binary + h.names, b->names, b->names_bytes);
	build_crc(binary, h.bytes);
	*size = h.bytes;
	return binary;
}
