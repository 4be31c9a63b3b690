/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The binary, read field by field: little-endian and at any alignment. */
#ifndef RILL_CHIP_NDF_LAYOUT_H
#define RILL_CHIP_NDF_LAYOUT_H

#include "ndf.h"

static inline uint16_t ndf_le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t ndf_le32(const uint8_t *p)
{
	return ndf_le16(p) | (uint32_t)ndf_le16(p + 2) << 16;
}

static inline uint64_t ndf_le64(const uint8_t *p)
{
	return ndf_le32(p) | (uint64_t)ndf_le32(p + 4) << 32;
}

#define NDF_LE16(p, type, field) ndf_le16((p) + offsetof(struct type, field))
#define NDF_LE32(p, type, field) ndf_le32((p) + offsetof(struct type, field))
#define NDF_LE64(p, type, field) ndf_le64((p) + offsetof(struct type, field))

static inline uint64_t ndf_pad8(uint64_t bytes)
{
	return (bytes + 7) & ~7ULL;
}

/* The n lowest bits, n up to 64 */
static inline uint64_t ndf_low_bits(unsigned int n)
{
	return n >= 64 ? ~0ULL : (1ULL << n) - 1;
}

struct ndf_view {
	const uint8_t *base;
	uint32_t bytes, flags;
	uint32_t node_count, arc_count, token_count;
	uint32_t nodes, arcs, tokens, params, params_bytes, data, data_bytes, names, names_bytes, name;
	uint64_t memory_bytes;
};

struct ndf_node_desc {
	uint8_t kind, mode, inputs, outputs;
	uint16_t flags, chiplet;
	uint32_t param, name;
	uint64_t imm;
};

struct ndf_arc_desc {
	uint32_t src, dst;
	uint8_t src_port, dst_port;
	uint16_t capacity;
	uint32_t reserved;
};

static inline struct ndf_node_desc ndf_view_node(const struct ndf_view *view, uint32_t i)
{
	const uint8_t *p = view->base + view->nodes + (size_t)i * sizeof(struct rill_ndf_node);

	return (struct ndf_node_desc){
		.kind = p[offsetof(struct rill_ndf_node, kind)],
		.mode = p[offsetof(struct rill_ndf_node, mode)],
		.inputs = p[offsetof(struct rill_ndf_node, inputs)],
		.outputs = p[offsetof(struct rill_ndf_node, outputs)],
		.flags = NDF_LE16(p, rill_ndf_node, flags),
		.chiplet = NDF_LE16(p, rill_ndf_node, chiplet),
		.param = NDF_LE32(p, rill_ndf_node, param),
		.name = NDF_LE32(p, rill_ndf_node, name),
		.imm = NDF_LE64(p, rill_ndf_node, imm),
	};
}

static inline struct ndf_arc_desc ndf_view_arc(const struct ndf_view *view, uint32_t i)
{
	const uint8_t *p = view->base + view->arcs + (size_t)i * sizeof(struct rill_ndf_arc);

	return (struct ndf_arc_desc){
		.src = NDF_LE32(p, rill_ndf_arc, src),
		.dst = NDF_LE32(p, rill_ndf_arc, dst),
		.src_port = p[offsetof(struct rill_ndf_arc, src_port)],
		.dst_port = p[offsetof(struct rill_ndf_arc, dst_port)],
		.capacity = NDF_LE16(p, rill_ndf_arc, capacity),
		.reserved = NDF_LE32(p, rill_ndf_arc, reserved),
	};
}

static inline const uint8_t *ndf_view_token(const struct ndf_view *view, uint32_t i)
{
	return view->base + view->tokens + (size_t)i * sizeof(struct rill_ndf_token);
}

static inline const uint8_t *ndf_view_block(const struct ndf_view *view, const struct ndf_node_desc *node)
{
	return view->base + view->params + node->param;
}

static inline bool ndf_has_switch(const struct ndf_node_desc *node)
{
	return node->kind == RILL_NDF_WHERE && node->mode != RILL_NDF_STATIC;
}

static inline bool ndf_is_memory_op(unsigned int op)
{
	return op == RILL_NDF_LOAD || op == RILL_NDF_STORE || op == RILL_NDF_ATOMIC_ADD;
}

/* Operands of an OP without memory token; 0: no such OP, or a STREAM, which says itself. */
static inline unsigned int ndf_op_operands(unsigned int op)
{
	if (op >= RILL_NDF_COPY && op <= RILL_NDF_F2I)
		return 1;
	if ((op >= RILL_NDF_THEN && op <= RILL_NDF_MULH) || (op >= RILL_NDF_EQ && op <= RILL_NDF_GEU) ||
	    (op >= RILL_NDF_FADD && op <= RILL_NDF_FGE))
		return 2;
	if (op == RILL_NDF_SELECT)
		return 3;
	if (op == RILL_NDF_LOAD)
		return 1;
	return op == RILL_NDF_STORE || op == RILL_NDF_ATOMIC_ADD ? 2 : 0;
}

/* Layout of a WHEN's block: byte offsets from its start. Its states and dims must be in range. */
struct ndf_when_layout {
	uint64_t need, bias, theta, weight, table, plastic, end;
	unsigned int inputs;		/* without the teacher's */
};

static inline struct ndf_when_layout ndf_when_layout(const uint8_t *block, const struct ndf_node_desc *node)
{
	uint64_t states = block[offsetof(struct rill_ndf_when, states)];
	uint64_t dims = block[offsetof(struct rill_ndf_when, dims)];
	struct ndf_when_layout at = { .inputs = node->inputs };

	if (node->flags & RILL_NDF_WHEN_TEACHER)
		at.inputs--;
	at.need = sizeof(struct rill_ndf_when);
	at.bias = at.need + 8 * states;
	at.theta = at.bias + 8 * dims;
	at.weight = at.theta + 8 * dims;
	at.table = at.weight + ndf_pad8(4 * at.inputs * dims);
	at.plastic = at.table;
	if (block[offsetof(struct rill_ndf_when, decode)] == RILL_NDF_DECODE_TABLE)
		at.plastic += (states << dims) * sizeof(struct rill_ndf_entry);
	at.end = at.plastic;
	if (node->flags & RILL_NDF_WHEN_PLASTIC)
		at.end += sizeof(struct rill_ndf_plastic);
	return at;
}

#endif
